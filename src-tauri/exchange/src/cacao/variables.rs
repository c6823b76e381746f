//! Variables: `__name__:value` in a playbook, `$name` in a command and `{{name}}` in prose here.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use super::{
    ids,
    quoting::{Place, Reading},
};
use crate::markdown;

/// A reference to a variable (section 10.18 of the specification).
static REFERENCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"__([A-Za-z][A-Za-z0-9_-]{0,199}?)__:value").ok());

/// The most letters that a name has: 250 with what stands around it in a reference, and the rest of a line.
const LONGEST: usize = 200;

/// Names that mean something to a shell or a program before any runbook sets them.
const TAKEN: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "SHELL",
    "IFS",
    "PWD",
    "OLDPWD",
    "TERM",
    "LANG",
    "TMPDIR",
    "CDPATH",
    "ENV",
    "SHELLOPTS",
    "PROMPT_COMMAND",
    "PS1",
    "PS2",
    "PS4",
    "LD_PRELOAD",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "UID",
    "EUID",
    "PPID",
    "GROUPS",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "SRANDOM",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "HISTCMD",
    "DIRSTACK",
    "FUNCNAME",
    "PIPESTATUS",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "SHLVL",
    "MACHTYPE",
    "HOSTTYPE",
    "OSTYPE",
    "_",
    "HISTFILE",
    "DISPLAY",
];

/// What a variable of a runbook is called in a playbook (section 10.18): letters of ASCII, digits, `-` and `_`, a letter first.
/// A name that is none of these, or could be taken for another there, gets a hash of what it is, so that no two are one.
pub(super) fn key(name: &str) -> String {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('_')
        && name.chars().all(letters)
        && name.len() <= LONGEST;
    if plain {
        return format!("__{name}__");
    }
    let near: String = name.chars().map(|letter| if letters(letter) { letter } else { '_' }).collect();
    let near: String = near.trim_matches('_').chars().take(LONGEST / 2).collect();
    let first = if near.starts_with(|first: char| first.is_ascii_alphabetic()) { "" } else { "v" };
    format!("__{first}{near}-{}__", &ids::hash(name)[..8])
}

/// The names of a playbook's variables, and what they are called here.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    by_key: BTreeMap<String, String>,
    taken: format::Taken,
}

impl Names {
    /// What `__ip-addr__` is called here; the same each time, and no two the same.
    pub(super) fn of(&mut self, key: &str) -> String {
        if let Some(known) = self.by_key.get(key) {
            return known.clone();
        }
        let bare = key.trim_start_matches('_').trim_end_matches('_');
        let mut name: String =
            bare.chars().take(LONGEST).map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert_str(0, "value_");
        }
        let taken = ["ALLGOOD_", "LC_", "BASH"].iter().any(|start| name.starts_with(start));
        if taken || TAKEN.contains(&name.as_str()) {
            name.insert_str(0, "cacao_");
        }
        let mut free = name.clone();
        while !self.taken.take(&free) {
            // A hyphen stands in no name.
            free = self.taken.take_numbered(&name).replace('-', "_");
        }
        self.by_key.insert(key.to_owned(), free.clone());
        free
    }

    fn known(&self, bare: &str) -> Option<&str> {
        self.by_key.get(&format!("__{bare}__")).map(String::as_str)
    }

    /// The text with each reference to a known variable in this form. Others stay: a playbook says that they do.
    pub(super) fn put(&self, text: &str, form: impl Fn(&str) -> String) -> String {
        let Some(reference) = REFERENCE.as_ref() else { return text.to_owned() };
        let put = reference.replace_all(text, |found: &regex::Captures<'_>| match self.known(&found[1]) {
            Some(name) => form(name),
            None => found[0].to_owned(),
        });
        put.into_owned()
    }

    /// The text of a request, with `{{name}}`.
    pub(super) fn in_request(&self, text: &str) -> String {
        self.put(text, |name| format!("{{{{{name}}}}}"))
    }

    /// What of a text would be taken for a variable in a request here, though it is none of the playbook.
    pub(super) fn read_as_variable(text: &str) -> Option<&str> {
        static BRACES: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\{\{[ \t]?[A-Za-z_][A-Za-z0-9_]*[ \t]?\}\}").ok());
        BRACES.as_ref().and_then(|braces| braces.find(text)).map(|found| found.as_str())
    }

    /// Prose for [`markdown::paragraphs`], which knows variables by what stands around them.
    pub(super) fn in_prose(&self, text: &str) -> String {
        let plain = text.replace([markdown::OPEN, markdown::CLOSE], " ");
        let put = self.put(&plain, |name| format!("{}{name}{}", markdown::OPEN, markdown::CLOSE));
        // A brace more would make it another thing.
        put.replace(&format!("{{{}", markdown::OPEN), &format!("{{ {}", markdown::OPEN))
            .replace(&format!("{}}}", markdown::CLOSE), &format!("{} }}", markdown::CLOSE))
    }

    /// A script of a shell with `${name}`. Between single quotes nothing is looked at, so they are left and entered again
    /// around it. `false` beside it: it stands in a here-document whose delimiter is quoted, where nothing can be put in.
    pub(super) fn in_shell(&self, script: &str) -> (String, bool) {
        let Some(reference) = REFERENCE.as_ref() else { return (script.to_owned(), true) };
        let script = self.without_settings(script);
        let mut out = String::with_capacity(script.len());
        let (mut last, mut fits) = (0, true);
        let mut reading = Reading::default();
        for found in reference.captures_iter(script) {
            let (Some(whole), Some(name)) = (found.get(0), self.known(&found[1])) else { continue };
            let before = &script[last..whole.start()];
            reading.read(before);
            out.push_str(before);
            last = whole.end();
            match reading.place() {
                Place::Nowhere => {
                    fits = false;
                    out.push_str(whole.as_str());
                }
                Place::Single => out.push_str(&format!("'\"${{{name}}}\"'")),
                Place::Ansi => out.push_str(&format!("'\"${{{name}}}\"$'")),
                Place::Open => out.push_str(&format!("${{{name}}}")),
            }
            reading.read("x");
        }
        out.push_str(&script[last..]);
        (out, fits)
    }

    /// A script without the lines at its beginning by which an export sets what the shell has anyway:
    /// `export NAME="__NAME__:value"`.
    fn without_settings<'t>(&self, script: &'t str) -> &'t str {
        let mut rest = script;
        while let Some((line, after)) = rest.split_once('\n') {
            let set = line.strip_prefix("export ").or_else(|| line.strip_prefix("$env:"));
            let Some((name, value)) = set.and_then(|set| set.split_once('=')) else { break };
            let bare = value.trim().strip_prefix('"').and_then(|value| value.strip_suffix("__:value\""));
            let known = bare.and_then(|value| value.strip_prefix("__")).and_then(|bare| self.known(bare));
            if known != Some(name.trim()) {
                break;
            }
            rest = after;
        }
        rest
    }

    /// A script of PowerShell.
    pub(super) fn in_powershell(&self, script: &str) -> String {
        self.put(self.without_settings(script), |name| format!("${{env:{name}}}"))
    }

    /// The known variables that a text refers to, in order, each once.
    pub(super) fn used(&self, text: &str) -> Vec<&str> {
        let Some(reference) = REFERENCE.as_ref() else { return Vec::new() };
        let mut used: Vec<&str> = Vec::new();
        for name in reference.captures_iter(text).filter_map(|found| self.known(found.get(1)?.as_str())) {
            if !used.contains(&name) {
                used.push(name);
            }
        }
        used
    }

    /// Whether a text refers to a variable that the playbook does not have.
    pub(super) fn unknown(&self, text: &str) -> Option<String> {
        let reference = REFERENCE.as_ref()?;
        let mut found = reference.captures_iter(text).filter(|found| self.known(&found[1]).is_none());
        found.next().map(|found| format!("__{}__", &found[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        names.of("__ip__");
        names.of("__net-mask__");
        names
    }

    #[test]
    fn a_variable_stands_where_its_value_would_have_been_pasted() {
        let names = names();
        let (script, fits) =
            names.in_shell("ping __ip__:value \"__ip__:value\" 'a __ip__:value b' __net-mask__:value");
        assert_eq!(script, "ping ${ip} \"${ip}\" 'a '\"${ip}\"' b' ${net_mask}");
        assert!(fits);
    }

    #[test]
    fn a_quoted_here_document_takes_none_and_says_so() {
        let (script, fits) = names().in_shell("cat <<'E'\n__ip__:value\nE\necho __ip__:value\n");
        assert_eq!(script, "cat <<'E'\n__ip__:value\nE\necho ${ip}\n");
        assert!(!fits);
    }

    #[test]
    fn braces_around_a_variable_in_prose_leave_it_one() {
        let names = names();
        let prose = |text: &str| markdown::paragraphs(&names.in_prose(text));
        assert_eq!(prose("{__ip__:value} (__ip__:value)"), "{ {{ip}} } ({{ip}})");
    }

    #[test]
    fn a_variable_that_nobody_has_stays_as_it_is() {
        let names = names();
        assert_eq!(names.in_request("at __ip__:value and __x__:value"), "at {{ip}} and __x__:value");
        assert_eq!(names.unknown("__ip__:value __x__:value").as_deref(), Some("__x__"));
    }

    #[test]
    fn names_that_mean_something_to_a_shell_are_others_and_no_two_are_one() {
        let mut names = Names::default();
        for taken in ["PATH", "PPID", "BASHOPTS", "SHELLOPTS", "LD_AUDIT", "SECONDS", "ALLGOOD_RUN", "LC_ALL"] {
            assert_eq!(names.of(&format!("__{taken}__")), format!("cacao_{taken}"));
        }
        assert_eq!(names.of("__a-b__"), "a_b");
        assert_eq!(names.of("__a_b__"), "a_b_2");
        assert_eq!(names.of("__a-b__"), "a_b");
        assert_eq!(
            (names.of("__c_2__"), names.of("__c__"), names.of("__-c__")),
            ("c_2".into(), "c".into(), "_c".into())
        );
        assert_eq!(
            (names.of("__d_2__"), names.of("__d.x__"), names.of("__d_x__")),
            ("d_2".into(), "d_x".into(), "d_x_2".into())
        );
    }

    #[test]
    fn every_name_has_a_key_of_the_specification_and_no_two_have_one() {
        let names =
            ["X", "_X", "X_", "__X__", "x", "1x", "v1x", "a.b", "a b", "é", "", "_", &"long".repeat(99), "a-b"];
        let mut keys = std::collections::BTreeSet::new();
        let rule = Regex::new("^__[a-zA-Z][a-zA-Z0-9_-]{0,199}__$").unwrap();
        for name in names {
            let key = key(name);
            assert!(rule.is_match(&key), "{name}: {key}");
            assert_eq!(REFERENCE.as_ref().unwrap().find(&format!("{key}:value")).unwrap().len(), key.len() + 6);
            assert!(keys.insert(key), "{name}");
        }
        assert!(keys.contains("__X__") && keys.contains("__a-b__"));
    }

    #[test]
    fn what_an_export_sets_first_is_not_set_twice() {
        let names = names();
        let script = "export ip=\"__ip__:value\"\nexport other=\"__ip__:value\"\nls";
        assert_eq!(names.in_shell(script).0, "export other=\"${ip}\"\nls");
        assert_eq!(names.in_powershell("$env:ip = \"__ip__:value\"\nls"), "ls");
    }
}
