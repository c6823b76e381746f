//! Variables: `__name__:value` in a playbook, `$name` in a command and `{{name}}` in prose here.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

/// A reference to a variable (section 10.18 of the specification).
static REFERENCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"__([A-Za-z][A-Za-z0-9_-]{0,199}?)__:value").ok());

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
    "ENV",
    "BASH_ENV",
    "PS1",
    "PS2",
    "PS4",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "UID",
    "EUID",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "HISTFILE",
    "DISPLAY",
];

/// What a variable of a runbook is called in a playbook.
pub(super) fn key(name: &str) -> String {
    // One that begins with underscores would begin with three there, and be read back as another.
    let bare = name.trim_start_matches('_').trim_end_matches('_');
    let bare = if bare.starts_with(|first: char| first.is_ascii_alphabetic()) {
        bare.to_owned()
    } else {
        format!("v{bare}")
    };
    format!("__{}__", bare.chars().take(200).collect::<String>())
}

/// The names of a playbook's variables, and what they are called here.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// What `__ip-addr__` is called here; the same each time, and no two the same.
    pub(super) fn of(&mut self, key: &str) -> String {
        if let Some(known) = self.0.get(key) {
            return known.clone();
        }
        let bare = key.trim_start_matches('_').trim_end_matches('_');
        let mut name: String = bare.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert_str(0, "value_");
        }
        if TAKEN.contains(&name.as_str()) || name.starts_with("ALLGOOD_") || name.starts_with("LC_") {
            name.insert_str(0, "cacao_");
        }
        let mut free = name.clone();
        let mut number = 2;
        while self.0.values().any(|other| *other == free) {
            free = format!("{name}_{number}");
            number += 1;
        }
        self.0.insert(key.to_owned(), free.clone());
        free
    }

    fn known(&self, bare: &str) -> Option<&str> {
        self.0.get(&format!("__{bare}__")).map(String::as_str)
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

    /// The text with `{{name}}`.
    pub(super) fn in_prose(&self, text: &str) -> String {
        self.put(text, |name| format!("{{{{{name}}}}}"))
    }

    /// A script of a shell with `${name}`. Between single quotes nothing is looked at, so they are left and entered again
    /// around it. `false` beside it: it stands in a here-document whose delimiter is quoted, where nothing can be put in.
    pub(super) fn in_shell(&self, script: &str) -> (String, bool) {
        let Some(reference) = REFERENCE.as_ref() else { return (script.to_owned(), true) };
        let mut out = String::with_capacity(script.len());
        let (mut last, mut fits) = (0, true);
        for found in reference.captures_iter(script) {
            let (Some(whole), Some(name)) = (found.get(0), self.known(&found[1])) else { continue };
            let before = &script[..whole.start()];
            if in_quoted_document(before) {
                fits = false;
                continue;
            }
            out.push_str(&script[last..whole.start()]);
            match quotes(before) {
                Quotes::Single => out.push_str(&format!("'\"${{{name}}}\"'")),
                Quotes::Double | Quotes::None => out.push_str(&format!("${{{name}}}")),
            }
            last = whole.end();
        }
        out.push_str(&script[last..]);
        (out, fits)
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// The quotes that are open where a text ends.
fn quotes(text: &str) -> Quotes {
    let mut open = Quotes::None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (open, character) {
            (Quotes::None | Quotes::Double, '\\') => {
                characters.next();
            }
            (Quotes::None, '\'') => open = Quotes::Single,
            (Quotes::Single, '\'') | (Quotes::Double, '"') => open = Quotes::None,
            (Quotes::None, '"') => open = Quotes::Double,
            _ => {}
        }
    }
    open
}

/// Whether a text ends within a here-document whose delimiter is quoted.
fn in_quoted_document(text: &str) -> bool {
    static BEGIN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"<<-?\s*(?:'([^'\n]+)'|"([^"\n]+)"|\\([A-Za-z0-9_]+))"#).ok());
    let Some(begin) = BEGIN.as_ref() else { return true };
    let mut end: Option<String> = None;
    for line in text.lines() {
        match &end {
            Some(delimiter) if line.trim_start_matches('\t') == delimiter => end = None,
            Some(_) => {}
            None => {
                let found = begin.captures(line);
                end = found.and_then(|found| (1..=3).find_map(|at| found.get(at)).map(|one| one.as_str().to_owned()));
            }
        }
    }
    end.is_some()
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
    fn a_variable_that_nobody_has_stays_as_it_is() {
        let names = names();
        assert_eq!(names.in_prose("at __ip__:value and __x__:value"), "at {{ip}} and __x__:value");
        assert_eq!(names.unknown("__ip__:value __x__:value").as_deref(), Some("__x__"));
    }

    #[test]
    fn names_that_mean_something_to_a_shell_are_others_and_no_two_are_one() {
        let mut names = Names::default();
        assert_eq!(names.of("__PATH__"), "cacao_PATH");
        assert_eq!(names.of("__a-b__"), "a_b");
        assert_eq!(names.of("__a_b__"), "a_b_2");
        assert_eq!(names.of("__a-b__"), "a_b");
    }
}
