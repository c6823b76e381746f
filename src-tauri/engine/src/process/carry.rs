//! What a shell leaves to the next one: its variables before and after, compared (RUNS.md, "Carrying").

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs, io,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

use super::{
    Carried,
    dump::{self, Value},
};

/// The longest value that carries (RUNS.md, "Carrying").
pub(super) const LONGEST_VALUE: usize = 100 * 1024;

/// How a shell prints its variables into the attempt's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `export -p`, `readonly -p` and `set`, each to a file of its own.
    Posix,
    /// Name, kind and value of each in turn, a NUL after each; the kind holds words such as `export`, `readonly`,
    /// `array`, `local`.
    Listed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    value: Value,
    exported: bool,
    read_only: bool,
}

/// A shell's variables at one moment.
#[derive(Debug, Default)]
struct Snapshot {
    variables: BTreeMap<String, Variable>,
    /// Hidden behind a function's own: what stands behind them cannot be seen.
    hidden: BTreeSet<String>,
}

/// The files that a shell writes at `moment` (`before`, `after`), made beforehand so that their mode is ours.
pub(super) fn files(folder: &Path, moment: &str) -> Vec<PathBuf> {
    ["exported", "readonly", "all", "local", "cwd"]
        .iter()
        .map(|part| folder.join(format!("{moment}.{part}")))
        .collect()
}

/// The file whose presence says that the shell wrote all it has to say.
pub(super) fn done_file(folder: &Path) -> PathBuf {
    folder.join("after.done")
}

/// Reads what the shell wrote and compares. `given` are the plain variables that it was started with.
///
/// # Errors
/// One sentence when it could not write it, or wrote what cannot be read.
pub(super) fn read(folder: &Path, style: Style, given: &BTreeMap<String, String>) -> Result<Carried, String> {
    if !done_file(folder).exists() {
        // What it had to write is larger than this: if not even this fits, that is why.
        if fs::write(folder.join("room"), [0; 4096]).is_err_and(|error| error.kind() == io::ErrorKind::StorageFull) {
            let folder = folder.parent().unwrap_or(folder).display();
            return Err(format!("its variables and directory could not be read: there is no space left in {folder}"));
        }
        let also = match style {
            Style::Posix => "",
            // zsh 5.9 then leaves out its EXIT trap.
            Style::Listed => ", or a function of it failed",
        };
        return Err(format!(
            "its variables and directory could not be read: it replaced its shell (exec), set an EXIT trap of its own{also}"
        ));
    }
    let unreadable =
        || "its variables could not be read: the shell printed them in a form that is not understood".to_owned();
    let before = snapshot(folder, "before", style).ok_or_else(unreadable)?;
    let after = snapshot(folder, "after", style).ok_or_else(unreadable)?;
    let mut carried = compare(&before, &after, given);
    carried.cwd = fs::read(folder.join("after.cwd")).ok().and_then(|mut path| {
        if path.last() == Some(&b'\n') {
            path.pop();
        }
        let path = PathBuf::from(OsString::from_vec(path));
        path.is_absolute().then_some(path)
    });
    Ok(carried)
}

fn snapshot(folder: &Path, moment: &str, style: Style) -> Option<Snapshot> {
    let part = |name: &str| fs::read(folder.join(format!("{moment}.{name}"))).ok();
    match style {
        Style::Posix => {
            let exported = dump::variables(&part("exported")?)?;
            let read_only = dump::variables(&part("readonly")?)?;
            let hidden = dump::variables(&part("local")?)?.into_keys().collect();
            let variables = dump::variables(&part("all")?)?
                .into_iter()
                .map(|(name, value)| {
                    let (exported, read_only) = (exported.contains_key(&name), read_only.contains_key(&name));
                    (name, Variable { value, exported, read_only })
                })
                .collect();
            Some(Snapshot { variables, hidden })
        }
        Style::Listed => listed(&part("all")?),
    }
}

fn listed(print: &[u8]) -> Option<Snapshot> {
    let mut found = Snapshot::default();
    let mut fields = print.split(|byte| *byte == 0);
    while let Some(name) = fields.next().filter(|name| !name.is_empty()) {
        let (kind, value) = (fields.next()?, fields.next()?);
        let kind = std::str::from_utf8(kind).ok()?;
        let is = |word: &str| kind.split(['-', ' ']).any(|part| part == word);
        if !dump::is_name(name) {
            continue;
        }
        let name = std::str::from_utf8(name).ok()?.to_owned();
        if is("local") {
            found.hidden.insert(name);
            continue;
        }
        if is("special") && !is("export") {
            continue;
        }
        let compound = is("array") || is("association");
        let value = if compound { Value::Compound } else { Value::Scalar(value.to_vec()) };
        found.variables.insert(name, Variable { value, exported: is("export"), read_only: is("readonly") });
    }
    Some(found)
}

fn compare(before: &Snapshot, after: &Snapshot, given: &BTreeMap<String, String>) -> Carried {
    let mut carried = Carried::default();
    let passed_over = |name: &str| is_shells_own(name) || after.hidden.contains(name);
    for (name, now) in after.variables.iter().filter(|(name, _)| !passed_over(name)) {
        let was = before.variables.get(name);
        let changed = was != Some(now);
        match text(now) {
            Some(Ok(value)) if now.exported => {
                if changed {
                    carried.exported.insert(name.clone(), value);
                }
                if was.is_some_and(|was| !was.exported) {
                    carried.unset.push(name.clone());
                }
            }
            Some(Ok(value)) => {
                if changed || given.contains_key(name) {
                    carried.plain.insert(name.clone(), value);
                }
                if was.is_some_and(|was| was.exported) {
                    carried.unset.push(name.clone());
                }
            }
            Some(Err(NotCarried)) if changed => {
                carried.left_out.push(name.clone());
                if was.is_some() {
                    carried.unset.push(name.clone());
                }
            }
            // Exported, but without a value: nobody sees it.
            None if was.is_some_and(|was| was.value != Value::Nothing) => carried.unset.push(name.clone()),
            Some(Err(NotCarried)) | None => {}
        }
    }
    let gone = before.variables.iter().filter(|(name, was)| {
        was.value != Value::Nothing && !passed_over(name) && !after.variables.contains_key(*name)
    });
    carried.unset.extend(gone.map(|(name, _)| name.clone()));
    carried.unset.sort_unstable();
    carried
}

struct NotCarried;

fn text(variable: &Variable) -> Option<Result<String, NotCarried>> {
    match &variable.value {
        Value::Nothing => None,
        Value::Scalar(bytes) if !variable.read_only && bytes.len() <= LONGEST_VALUE => {
            Some(String::from_utf8(bytes.clone()).map_err(|_| NotCarried))
        }
        Value::Scalar(_) | Value::Compound => Some(Err(NotCarried)),
    }
}

/// Whether a shell keeps this variable for itself: it is neither read from one nor set in another.
pub(super) fn is_shells_own(name: &str) -> bool {
    const OWN: &[&str] = &[
        "_",
        "IFS",
        "PPID",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "OPTIND",
        "OPTARG",
        "OPTERR",
        "REPLY",
        "RANDOM",
        "SRANDOM",
        "SECONDS",
        "LINENO",
        "EPOCHSECONDS",
        "EPOCHREALTIME",
        "HISTCMD",
        "FUNCNAME",
        "PIPESTATUS",
        "DIRSTACK",
        "GROUPS",
        "UID",
        "EUID",
        "GID",
        "EGID",
        "HOSTTYPE",
        "MACHTYPE",
        "OSTYPE",
        "SHELLOPTS",
        "COLUMNS",
        "LINES",
        "COPROC",
        "COPROC_PID",
        "JOBMAX",
        "KSH_VERSION",
        "TTYIDLE",
        "ERRNO",
        "POSIXLY_CORRECT",
        "BASH",
        "BASHOPTS",
        "BASHPID",
    ];
    OWN.contains(&name) || name.starts_with("BASH_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(table: &[(&str, &str, bool)]) -> Snapshot {
        let variable = |value: &str, exported| Variable {
            value: Value::Scalar(value.as_bytes().to_vec()),
            exported,
            read_only: false,
        };
        Snapshot {
            variables: table
                .iter()
                .map(|(name, value, exported)| ((*name).to_owned(), variable(value, *exported)))
                .collect(),
            hidden: BTreeSet::new(),
        }
    }

    fn map(table: &[(&str, &str)]) -> BTreeMap<String, String> {
        table.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_changed_carries() {
        let before = shell(&[
            ("SAME", "1", true),
            ("NEW", "1", true),
            ("GONE", "1", true),
            ("GIVEN", "g", false),
            ("PS4", "+", false),
        ]);
        let after = shell(&[
            ("SAME", "1", true),
            ("NEW", "2", true),
            ("GIVEN", "g", false),
            ("PS4", "+", false),
            ("made", "m", false),
        ]);
        let carried = compare(&before, &after, &map(&[("GIVEN", "g")]));
        assert_eq!(carried.exported, map(&[("NEW", "2")]));
        assert_eq!(carried.plain, map(&[("GIVEN", "g"), ("made", "m")]));
        assert_eq!(carried.unset, ["GONE"]);
        assert_eq!(carried.left_out, [""; 0]);
    }

    #[test]
    fn a_variable_that_changes_its_kind_is_taken_off_first() {
        let before = shell(&[("A", "1", true), ("B", "1", false)]);
        let after = shell(&[("A", "1", false), ("B", "1", true)]);
        let carried = compare(&before, &after, &BTreeMap::new());
        assert_eq!((carried.plain, carried.exported), (map(&[("A", "1")]), map(&[("B", "1")])));
        assert_eq!(carried.unset, ["A", "B"]);
    }

    #[test]
    fn a_value_of_one_hundred_kibibytes_carries_and_one_byte_more_does_not() {
        let (fits, too_long) = ("x".repeat(LONGEST_VALUE), "x".repeat(LONGEST_VALUE + 1));
        let after = shell(&[("FITS", &fits, true), ("LONG", &too_long, true)]);
        let carried = compare(&Snapshot::default(), &after, &BTreeMap::new());
        assert_eq!(carried.exported.keys().collect::<Vec<_>>(), ["FITS"]);
        assert_eq!(carried.left_out, ["LONG"]);
    }
}
