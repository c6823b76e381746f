//! How each shell is started: which program, which files, which arguments; and what it runs before and after the
//! script.
//!
//! The script is a file that the shell reads with `.`, so that its text, its lines' numbers, `$0`, `$#`, `exit`,
//! `return` and `set -e` mean what they mean in a script. Nothing of it is ever an argument. The order is:
//! the file `script.start` puts the carried variables in place, writes down what is there, sets a trap for the end and
//! turns `set -e` on; then comes `script`; the trap reads `script.end`, which writes down what is there then.
//!
//! What cannot be had: zsh reads `/etc/zshenv` whatever it is told; fish has no `set -e`; in dash, and in bash for all
//! but the innermost function, a function's own variables are still in sight when the script exits from inside it.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use super::{
    carry::{self, Style},
    dump,
    wire::Runner,
};

/// Where programs are looked for when the environment names no place.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Pagers wait for a person (RUNS.md, "Processes").
const PAGERS: &[&str] =
    &["PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER", "AWS_PAGER", "GH_PAGER", "PSQL_PAGER", "BAT_PAGER"];

/// Files that a shell would read first if it were told of them here.
const START_UP: &[&str] = &["BASH_ENV", "ENV"];

/// What to execute.
pub(super) struct Recipe {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: BTreeMap<OsString, OsString>,
    /// How it tells what carries; `None` where nothing does.
    pub(super) carries: Option<Style>,
}

/// What a recipe is made from.
pub(super) struct Order<'a> {
    pub(super) runner: &'a Runner,
    pub(super) script: &'a str,
    pub(super) environment: BTreeMap<OsString, OsString>,
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) cwd: &'a Path,
    pub(super) interactive: bool,
    /// The attempt's own, empty.
    pub(super) folder: &'a Path,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tongue {
    /// dash, busybox, or whatever `sh` is.
    Sh,
    Bash,
    Ksh,
    Zsh,
    Fish,
    PowerShell,
}

/// Writes the files and says what to execute.
///
/// # Errors
/// One sentence: the shell or folder is missing, or the files cannot be written.
pub(super) fn prepare(order: Order<'_>) -> Result<Recipe, String> {
    check_folder(order.cwd)?;
    let mut environment = order.environment;
    settle(&mut environment, order.interactive, order.cwd);
    let (tongue, program) = match order.runner {
        Runner::Interpreter(words) => {
            return interpreter(words, order.script, order.folder, environment);
        }
        runner => find_shell(runner, environment.get(OsStr::new("PATH")))?,
    };
    let kept = take_start_up(&mut environment);
    let composed = compose(tongue, order.script, &kept, order.variables, order.folder);
    let before = |error: io::Error| {
        format!("the files for the command cannot be written in {}: {error}", order.folder.display())
    };
    for file in ["before", "after"].iter().flat_map(|moment| carry::files(order.folder, moment)) {
        write(&file, b"").map_err(before)?;
    }
    for (name, bytes) in &composed.files {
        write(&order.folder.join(name), bytes).map_err(before)?;
    }
    Ok(Recipe { program, arguments: composed.arguments, environment, carries: Some(composed.carries) })
}

/// What is to be written to which file, and how the shell is called with them.
pub(super) struct Composed {
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) arguments: Vec<OsString>,
    pub(super) carries: Style,
}

/// The variables that name start-up files, taken out of an environment.
fn take_start_up(environment: &mut BTreeMap<OsString, OsString>) -> Vec<(&'static str, OsString)> {
    let taken = |name: &&'static str| environment.remove(OsStr::new(name)).map(|value| (*name, value));
    START_UP.iter().filter_map(taken).collect()
}

fn compose(
    tongue: Tongue,
    text: &str,
    kept: &[(&str, OsString)],
    variables: &BTreeMap<String, String>,
    folder: &Path,
) -> Composed {
    let (start, end) = match tongue {
        Tongue::Sh | Tongue::Bash | Tongue::Ksh => posix(tongue, folder, kept, variables),
        Tongue::Zsh => zsh(folder, kept, variables),
        Tongue::Fish => fish(folder, kept, variables),
        Tongue::PowerShell => powershell(folder, kept),
    };
    let windows = tongue == Tongue::PowerShell;
    let (script_name, start_name) = if windows { ("script.ps1", "start.ps1") } else { ("script", "script.start") };
    let (script, start_file) = (folder.join(script_name), folder.join(start_name));
    let bootstrap = r#". "$0.start"; . "$0""#;
    let arguments: Vec<OsString> = match tongue {
        Tongue::Sh | Tongue::Ksh => vec!["-c".into(), bootstrap.into(), script.into()],
        Tongue::Bash => vec!["--noprofile".into(), "--norc".into(), "-c".into(), bootstrap.into(), script.into()],
        Tongue::Zsh => vec!["-f".into(), "-c".into(), bootstrap.into(), script.into()],
        Tongue::Fish => {
            let mut source = OsString::from("--init-command=source ");
            source.push(OsStr::from_bytes(&fish_quote(start_file.as_os_str().as_bytes())));
            vec!["--no-config".into(), source, script.into()]
        }
        Tongue::PowerShell => vec!["-NoLogo".into(), "-NoProfile".into(), "-File".into(), start_file.into()],
    };
    let carries = match tongue {
        Tongue::Sh | Tongue::Bash | Tongue::Ksh => Style::Posix,
        Tongue::Zsh | Tongue::Fish | Tongue::PowerShell => Style::Listed,
    };
    let files = vec![
        (script_name.to_owned(), text.as_bytes().to_vec()),
        (start_name.to_owned(), start),
        ("script.end".to_owned(), end),
    ];
    Composed { files, arguments, carries }
}

/// A command for another place: what it is called by there, its files, and how it tells what carries.
pub(super) struct Elsewhere {
    pub(super) words: Vec<OsString>,
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) carries: Option<Style>,
}

/// Makes one for a place that has these shells, with its files in that folder there. What the environment needs beside what
/// it has is put in.
///
/// # Errors
/// One sentence, which follows the name of the place: there is no such shell.
pub(super) fn elsewhere(
    (runner, script): (&Runner, &str),
    environment: &mut BTreeMap<OsString, OsString>,
    variables: &BTreeMap<String, String>,
    interactive: bool,
    (shells, folder): (&[String], &Path),
) -> Result<Elsewhere, String> {
    settle_terminal(environment, interactive);
    if let Runner::Interpreter(words) = runner {
        let name = file_for(words);
        let words = words.iter().map(OsString::from).chain([folder.join(name).into_os_string()]).collect();
        return Ok(Elsewhere { words, files: vec![(name.to_owned(), script.as_bytes().to_vec())], carries: None });
    }
    let known = candidates(runner);
    let found = known.iter().find(|(_, name)| shells.iter().any(|shell| shell == name));
    let Some((tongue, name)) = found else {
        let wanted = known.first().map_or("", |(_, name)| name);
        return Err(format!("has no `{wanted}` on its PATH: install it there, or name another shell"));
    };
    let kept = take_start_up(environment);
    let composed = compose(*tongue, script, &kept, variables, folder);
    let words = [OsString::from(*name)].into_iter().chain(composed.arguments).collect();
    Ok(Elsewhere { words, files: composed.files, carries: Some(composed.carries) })
}

/// A program that leads to another place, as it is: no script, and nothing carries.
///
/// # Errors
/// One sentence: it is missing.
pub(super) fn client(
    mut words: impl Iterator<Item = OsString>,
    mut environment: BTreeMap<OsString, OsString>,
) -> Result<Recipe, String> {
    settle_terminal(&mut environment, true);
    let name = words.next().unwrap_or_default();
    let path = environment.get(OsStr::new("PATH"));
    let program = find(&name, path).ok_or_else(|| missing(&name.to_string_lossy(), path))?;
    Ok(Recipe { program, arguments: words.collect(), environment, carries: None })
}

/// Makes a folder for one attempt in `scratch`, for its owner alone.
///
/// # Errors
/// When it cannot be made.
pub(super) fn attempt_folder(scratch: &Path) -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("attempt-").permissions(fs::Permissions::from_mode(0o700)).tempdir_in(scratch)
}

fn check_folder(cwd: &Path) -> Result<(), String> {
    match fs::metadata(cwd) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(format!("the command cannot start in {}: it is not a folder", cwd.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(format!(
            "the command cannot start in {}: there is no such folder; make it, or change `cwd`",
            cwd.display()
        )),
        Err(error) => Err(format!("the command cannot start in {}: {error}", cwd.display())),
    }
}

/// What every child sees beside what the caller gives it.
fn settle(environment: &mut BTreeMap<OsString, OsString>, interactive: bool, cwd: &Path) {
    settle_terminal(environment, interactive);
    // The shell then keeps the path by which a person came here, symbolic links and all.
    environment.insert("PWD".into(), cwd.into());
}

/// Pagers and the terminal's kind, as they fit whether somebody is there.
pub(super) fn settle_terminal(environment: &mut BTreeMap<OsString, OsString>, interactive: bool) {
    if !interactive {
        environment.extend(PAGERS.iter().map(|name| (OsString::from(name), OsString::from("cat"))));
    }
    let term = environment.get(OsStr::new("TERM")).filter(|term| !term.is_empty());
    let usable = term.is_some_and(|term| !interactive || term != "dumb");
    if !usable {
        // Nobody sees colours and moving bars where nobody is; where somebody is, it is xterm.js or better.
        environment.insert("TERM".into(), if interactive { "xterm-256color" } else { "dumb" }.into());
    }
}

/// What a shell may be called, the best first.
fn candidates(runner: &Runner) -> &'static [(Tongue, &'static str)] {
    match runner {
        Runner::Sh => &[(Tongue::Sh, "sh")],
        Runner::Bash => &[(Tongue::Bash, "bash")],
        Runner::AnyShell => &[(Tongue::Bash, "bash"), (Tongue::Sh, "sh")],
        Runner::Zsh => &[(Tongue::Zsh, "zsh")],
        Runner::Fish => &[(Tongue::Fish, "fish")],
        Runner::Ksh => &[(Tongue::Ksh, "ksh"), (Tongue::Ksh, "ksh93"), (Tongue::Ksh, "mksh")],
        Runner::PowerShell => &[(Tongue::PowerShell, "pwsh"), (Tongue::PowerShell, "powershell")],
        Runner::Interpreter(_) => &[],
    }
}

fn find_shell(runner: &Runner, path: Option<&OsString>) -> Result<(Tongue, PathBuf), String> {
    let candidates = candidates(runner);
    candidates
        .iter()
        .find_map(|(tongue, name)| find(OsStr::new(name), path).map(|program| (*tongue, program)))
        .ok_or_else(|| missing(candidates.first().map_or("", |(_, name)| name), path))
}

pub(super) fn missing(name: &str, path: Option<&OsString>) -> String {
    if name.contains('/') {
        return match fs::metadata(name) {
            Ok(found) if found.is_dir() => format!("`{name}` is a folder and no program: name the program in it"),
            Ok(_) => {
                format!("the program `{name}` may not be executed: make it executable (chmod +x), or name another")
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                format!("there is no program `{name}`: install it, or name another")
            }
            Err(error) => format!("the program `{name}` cannot be executed: {error}"),
        };
    }
    let path = path.map_or_else(|| USUAL_PATH.into(), |path| path.to_string_lossy());
    if path.is_empty() {
        return format!("the program `{name}` cannot be found, because PATH is empty: set it");
    }
    format!("the program `{name}` is not installed: it is in no folder of PATH ({path})")
}

/// The file that a name stands for, as `execvp` would find it.
pub(super) fn find(name: &OsStr, path: Option<&OsString>) -> Option<PathBuf> {
    let runs = |file: &Path| {
        fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    if name.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(name)).filter(|file| runs(file));
    }
    let path = path.map_or(OsStr::new(USUAL_PATH), OsString::as_os_str);
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| runs(file))
}

fn interpreter(
    words: &[String],
    script: &str,
    folder: &Path,
    environment: BTreeMap<OsString, OsString>,
) -> Result<Recipe, String> {
    let Some((name, arguments)) = words.split_first() else {
        return Err("the block names no program to run it with".to_owned());
    };
    let path = environment.get(OsStr::new("PATH"));
    let program = find(OsStr::new(name), path).ok_or_else(|| missing(name, path))?;
    let file = folder.join(file_for(words));
    write(&file, script.as_bytes())
        .map_err(|error| format!("the script cannot be written to {}: {error}", file.display()))?;
    let arguments = arguments.iter().map(OsString::from).chain([file.into_os_string()]).collect();
    Ok(Recipe { program, arguments, environment, carries: None })
}

/// What the script of an interpreter is called.
fn file_for(words: &[String]) -> &'static str {
    // These decide by a file's name what language it holds; TypeScript takes in JavaScript.
    let typed = ["deno", "tsx", "ts-node", "bun"].iter().any(|runner| words.iter().any(|word| word == runner));
    if typed { "script.ts" } else { "script" }
}

fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?.write_all(bytes)
}

/// Text put together for a shell; paths and values may be any bytes.
#[derive(Default)]
struct Text(Vec<u8>);

impl Text {
    fn add(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.0.extend_from_slice(text.as_ref());
        self
    }

    fn file(&mut self, folder: &Path, name: &str) -> &mut Self {
        let quoted = quote(folder.join(name).as_os_str().as_bytes());
        self.add(quoted)
    }
}

/// In single quotes, for every shell of the Bourne family.
pub(super) fn quote(bytes: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for byte in bytes {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

fn fish_quote(bytes: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for byte in bytes {
        if matches!(byte, b'\'' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted.push(b'\'');
    quoted
}

/// The variables that can be set: a name that this shell keeps for itself would end it.
fn settable<'a>(
    variables: &'a BTreeMap<String, String>,
    taken: &'static [&'static str],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| dump::is_name(name.as_bytes()) && !carry::is_shells_own(name) && !taken.contains(name))
}

fn posix(
    tongue: Tongue,
    folder: &Path,
    kept: &[(&str, OsString)],
    variables: &BTreeMap<String, String>,
) -> (Vec<u8>, Vec<u8>) {
    let mut start = Text::default();
    for (name, value) in kept {
        start.add("export ").add(name).add("=").add(quote(value.as_bytes())).add("\n");
    }
    for (name, value) in settable(variables, &[]) {
        start.add(name).add("=").add(quote(value.as_bytes())).add("\n");
    }
    // In POSIX mode bash prints variables without functions; in a subshell, since the mode changes other options.
    let posix = if tongue == Tongue::Bash { "set -o posix; " } else { "" };
    start.add("( ").add(posix);
    for (command, part) in [("export -p", "exported"), ("readonly -p", "readonly"), ("set", "all")] {
        start.add(command).add(" >|").file(folder, &format!("before.{part}")).add("; ");
    }
    start.add(")\n");
    let mut trap = Text::default();
    // What watches the script is not to watch this.
    let unwatched = if tongue == Tongue::Bash { "trap - DEBUG ERR; " } else { "" };
    trap.add("{ set +exv; ").add(unwatched).add("} 2>/dev/null; . ").file(folder, "script.end");
    start.add("trap ").add(quote(&trap.0)).add(" EXIT\n");
    start.add(match tongue {
        Tongue::Bash => "set -e -o pipefail\n",
        _ => "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi\nset -e\n",
    });

    let mut end = Text::default();
    end.add(posix);
    if tongue == Tongue::Bash {
        end.add("local >|").file(folder, "after.local").add(" 2>/dev/null || :\n");
    }
    for (command, part) in [("export -p", "exported"), ("readonly -p", "readonly"), ("set", "all")] {
        end.add(command).add(" >|").file(folder, &format!("after.{part}")).add(" && ");
    }
    end.add("{ pwd >|")
        .file(folder, "after.cwd")
        .add(" 2>/dev/null || :; } && : >|")
        .file(folder, "after.done")
        .add("\n");
    (start.0, end.0)
}

fn zsh(folder: &Path, kept: &[(&str, OsString)], variables: &BTreeMap<String, String>) -> (Vec<u8>, Vec<u8>) {
    let list = |moment: &str| {
        let mut list = Text::default();
        list.add("() {\n  emulate -L zsh\n  local allgood_name\n  for allgood_name in ${(k)parameters}; do\n");
        list.add("    [[ ${parameters[$allgood_name]} == *(array|association|local)* || ");
        list.add("( ${parameters[$allgood_name]} == *special* && ${parameters[$allgood_name]} != *export* ) ]] &&\n");
        list.add("      print -rN -- \"$allgood_name\" \"${parameters[$allgood_name]}\" '' && continue\n");
        list.add("    print -rN -- \"$allgood_name\" \"${parameters[$allgood_name]}\" \"${(P)allgood_name}\"\n");
        list.add("  done\n} >|").file(folder, &format!("{moment}.all"));
        list.0
    };
    let mut start = Text::default();
    for (name, value) in kept {
        start.add("export ").add(name).add("=").add(quote(value.as_bytes())).add("\n");
    }
    for (name, value) in settable(variables, &[]) {
        // `path`, `status` and others are zsh's own, though they look like anybody's.
        start.add("[[ ${(t)").add(name).add("} == *special* ]] || ");
        start.add(name).add("=").add(quote(value.as_bytes())).add("\n");
    }
    // The first look makes zsh load modules, which bring variables of their own: only the second is the truth.
    start.add(list("before")).add("\n").add(list("before")).add("\n");
    let mut trap = Text::default();
    trap.add("{ set +exv; } 2>/dev/null; . ").file(folder, "script.end");
    start.add("trap ").add(quote(&trap.0)).add(" EXIT\nset -e -o pipefail\n");

    let mut end = Text::default();
    end.add(list("after")).add(" && pwd >|").file(folder, "after.cwd");
    end.add(" && : >|").file(folder, "after.done").add("\n");
    (start.0, end.0)
}

fn fish(folder: &Path, kept: &[(&str, OsString)], variables: &BTreeMap<String, String>) -> (Vec<u8>, Vec<u8>) {
    const TAKEN: &[&str] = &[
        "status",
        "argv",
        "pipestatus",
        "history",
        "hostname",
        "version",
        "umask",
        "dirprev",
        "dirnext",
        "CMD_DURATION",
    ];
    let file = |name: &str| fish_quote(folder.join(name).as_os_str().as_bytes());
    let mut start = Text::default();
    for (name, value) in kept {
        start.add("set -gx ").add(name).add(" ").add(fish_quote(value.as_bytes())).add("\n");
    }
    for (name, value) in settable(variables, TAKEN) {
        start.add("set -g ").add(name).add(" ").add(fish_quote(value.as_bytes())).add("\n");
    }
    start.add("function __allgood_list\n");
    start.add("  for __allgood_name in (set --names --global --export)\n");
    start.add("    printf '%s\\0%s\\0%s\\0' $__allgood_name export \"$$__allgood_name\"\n  end\n");
    start.add("  for __allgood_name in (set --names --global --unexport)\n");
    start.add("    string match -qr '^(__)?fish_' -- $__allgood_name; and continue\n");
    start.add("    contains -- $__allgood_name ").add(TAKEN.join(" ")).add("; and continue\n");
    start.add("    if test (count $$__allgood_name) -eq 1\n");
    start.add("      printf '%s\\0%s\\0%s\\0' $__allgood_name scalar \"$$__allgood_name\"\n    else\n");
    start.add("      printf '%s\\0%s\\0%s\\0' $__allgood_name array ''\n    end\n  end\nend\n");
    start.add("__allgood_list > ").add(file("before.all")).add("\n");
    start.add("function __allgood_end --on-event fish_exit\n");
    start.add("  __allgood_list > ").add(file("after.all"));
    start.add("; and pwd > ").add(file("after.cwd"));
    start.add("; and echo -n > ").add(file("after.done")).add("\nend\n");
    (start.0, Vec::new())
}

/// Exported variables and the directory; PowerShell's own variables do not carry.
fn powershell(folder: &Path, kept: &[(&str, OsString)]) -> (Vec<u8>, Vec<u8>) {
    let text = |bytes: &[u8]| format!("'{}'", String::from_utf8_lossy(bytes).replace('\'', "''"));
    let file = |name: &str| text(folder.join(name).as_os_str().as_bytes());
    let list = |moment: &str| {
        format!(
            "[IO.File]::WriteAllText({}, -join ([Environment]::GetEnvironmentVariables().GetEnumerator() | \
             ForEach-Object {{ \"$($_.Key)`0export`0$($_.Value)`0\" }}))\n",
            file(&format!("{moment}.all"))
        )
    };
    let mut start = String::new();
    for (name, value) in kept {
        start += &format!("$env:{name} = {}\n", text(value.as_bytes()));
    }
    start += &list("before");
    start += "$ErrorActionPreference = 'Stop'\n$PSNativeCommandUseErrorActionPreference = $true\ntry {\n";
    start += &format!("  . {}\n}} finally {{\n", file("script.ps1"));
    start += &list("after");
    start += &format!("  [IO.File]::WriteAllText({}, (Get-Location).ProviderPath)\n", file("after.cwd"));
    start += &format!("  [IO.File]::WriteAllText({}, '')\n}}\n", file("after.done"));
    (start.into_bytes(), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_as_the_shell_would_find_it() {
        let path = OsString::from("/nowhere:relative:/usr/bin:/bin");
        assert!(find(OsStr::new("sh"), Some(&path)).is_some_and(|file| file.is_absolute()));
        assert!(find(OsStr::new("sh"), None).is_some());
        assert_eq!(find(OsStr::new("no-such-program"), Some(&path)), None);
        assert_eq!(find(OsStr::new("/etc/passwd"), None), None, "it cannot be executed");
    }

    #[test]
    fn terminals_and_pagers_fit_whether_somebody_is_there() {
        let table: &[(Option<&str>, bool, &str)] = &[
            (None, true, "xterm-256color"),
            (Some("dumb"), true, "xterm-256color"),
            (Some("screen"), true, "screen"),
            (None, false, "dumb"),
            (Some("xterm"), false, "xterm"),
            (Some(""), false, "dumb"),
        ];
        for (given, interactive, expected) in table {
            let mut environment: BTreeMap<OsString, OsString> =
                given.iter().map(|term| ("TERM".into(), term.into())).collect();
            environment.insert("PAGER".into(), "less".into());
            settle(&mut environment, *interactive, Path::new("/tmp"));
            assert_eq!(environment[OsStr::new("TERM")], *expected, "{given:?} {interactive}");
            assert_eq!(environment[OsStr::new("PAGER")], if *interactive { "less" } else { "cat" });
            assert_eq!(environment[OsStr::new("PWD")], "/tmp");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_quoted_is_read_back_as_it_was(value in proptest::collection::vec(1_u8.., 0..80)) {
            let print = [b"A=", quote(&value).as_slice(), b"\nB=b\n"].concat();
            let found = dump::variables(&print).unwrap();
            assert_eq!(found["A"], dump::Value::Scalar(value));
            assert_eq!(found["B"], dump::Value::Scalar(b"b".to_vec()));
        }
    }
}
