//! Reads the library file. Reading never fails: what is wrong is a problem, and an environment with something wrong in it
//! is refused.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Environment, EnvironmentKind, LibraryFile};
use crate::model::{Problem, Span};
use crate::options::misspelt;
use crate::problems::Problems;
use crate::source::Source;

/// The code of every problem of the library file.
pub(super) const CODE: &str = "library-file";

/// Deepest nesting of brackets that is read: no key of ours needs three.
const DEEPEST: usize = 64;

/// Reads `allgood.toml`. Lines of the problems count from 1, their spans are byte offsets into `text`.
#[must_use]
pub fn parse_library_file(text: &str) -> (LibraryFile, Vec<Problem>) {
    let source = Source::new(text.as_bytes());
    let mut reader = Reader { text: &source.text, problems: Problems::new(&source), file: LibraryFile::default() };
    reader.read();
    (reader.file, reader.problems.finish())
}

pub(super) type Key<'i> = Spanned<DeString<'i>>;
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) problems: Problems<'a>,
    file: LibraryFile,
}

impl Reader<'_> {
    fn read(&mut self) {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let skipped = self.text.len() - text.len();
        if text.trim().is_empty() {
            return;
        }
        if depth(text) > DEEPEST {
            self.unreadable(Span { start: 0, end: 0 }, "its brackets are nested too deeply");
            return;
        }
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let span = error.span().map_or(Span::default(), |span| at(&span, skipped));
                let reason = error.message().lines().next().unwrap_or_default().trim_end_matches(['.', ':']);
                self.unreadable(span, reason);
                return;
            }
        };
        for (key, value) in ordered(table.get_ref()) {
            let span = at(&key.span(), skipped);
            match key.get_ref().as_ref() {
                "environments" => self.environments(span, value, skipped),
                "groups" => self.file.groups = self.groups(None, value, span, skipped).unwrap_or_default(),
                "library" => self.library(span, value, skipped),
                other => {
                    let hint = unknown(other, &["environments", "groups", "library"], "the library file");
                    // A misspelt `environments` would lose the guards of them all.
                    if misspelt(other, &["environments"]).is_some() {
                        self.file.refused.get_or_insert_with(|| hint.clone());
                        self.problems.error(CODE, span, hint);
                    } else {
                        self.problems.hint(CODE, span, hint);
                    }
                }
            }
        }
    }

    fn unreadable(&mut self, span: Span, reason: &str) {
        let message = format!("`allgood.toml` cannot be read: {reason}; mend this line");
        self.file.refused = Some(
            "`allgood.toml` cannot be read, and may hold guards of this environment: mend the file first".to_owned(),
        );
        self.problems.error(CODE, span, message);
    }

    fn environments(&mut self, span: Span, value: &Value<'_>, skipped: usize) {
        let DeValue::Table(table) = value.get_ref() else {
            let message =
                "`environments` has the wrong type: write a table `[environments.NAME]` for each".to_owned();
            self.file.refused.get_or_insert_with(|| message.clone());
            self.problems.error(CODE, span, message);
            return;
        };
        for (key, value) in ordered(table) {
            let environment = self.environment(key, value, skipped);
            self.file.environments.push(environment);
        }
    }

    fn environment(&mut self, key: &Key<'_>, value: &Value<'_>, skipped: usize) -> Environment {
        let name = key.get_ref().to_string();
        let mut environment = Environment { name: name.clone(), ..Environment::default() };
        let span = at(&key.span(), skipped);
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            self.refuse(
                &mut environment,
                span,
                "an environment has no name that a person could type: give it one".to_owned(),
            );
        }
        let DeValue::Table(table) = value.get_ref() else {
            let message =
                format!("the environment `{name}` has the wrong type: write a table `[environments.{name}]`");
            self.refuse(&mut environment, span, message);
            return environment;
        };
        for (key, value) in ordered(table) {
            let span = at(&key.span(), skipped);
            match key.get_ref().as_ref() {
                "kind" => match value.get_ref().as_str().map(str::to_lowercase).as_deref() {
                    Some("production") => environment.kind = Some(EnvironmentKind::Production),
                    Some("staging") => environment.kind = Some(EnvironmentKind::Staging),
                    Some("development") => environment.kind = Some(EnvironmentKind::Development),
                    _ => {
                        let message = format!(
                            "the kind of the environment `{name}` is unknown: write `production`, `staging` or `development`"
                        );
                        self.refuse(&mut environment, span, message);
                    }
                },
                "guard" => match value.get_ref().as_bool() {
                    Some(guard) => environment.guard = guard,
                    None => {
                        let message = format!(
                            "`guard` of the environment `{name}` is no truth: write `guard = true` or remove it"
                        );
                        self.refuse(&mut environment, span, message);
                    }
                },
                "vars" => self.vars(&mut environment, span, value, skipped),
                "groups" => {
                    // Elsewhere the group has other hosts: they must not be taken instead.
                    match self.groups(Some(&name), value, span, skipped) {
                        Ok(groups) => environment.groups = groups,
                        Err(sentence) => drop(environment.refused.get_or_insert(sentence)),
                    }
                }
                "access" => self.access(&mut environment, span, value, skipped),
                other => {
                    const OURS: &[&str] = &["kind", "guard", "vars", "access", "groups"];
                    let message = unknown(other, OURS, &format!("the environment `{name}`"));
                    // A misspelt guard must not be lost.
                    if misspelt(other, OURS).is_some() {
                        self.refuse(&mut environment, span, message);
                    } else {
                        self.problems.hint(CODE, span, message);
                    }
                }
            }
        }
        environment
    }

    fn vars(&mut self, environment: &mut Environment, span: Span, value: &Value<'_>, skipped: usize) {
        let name = environment.name.clone();
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!(
                "`vars` of the environment `{name}` has the wrong type: write `vars = {{ NAME = \"value\" }}`"
            );
            self.refuse(environment, span, message);
            return;
        };
        for (key, value) in ordered(table) {
            let span = at(&key.span(), skipped);
            let variable = key.get_ref().to_string();
            if variable.is_empty() || variable.contains(['=', '\0']) {
                let message = format!(
                    "the environment `{name}` names a variable `{variable}`, which no command can be given: use letters, digits and `_`"
                );
                self.refuse(environment, span, message);
                continue;
            }
            match self.written(value, skipped) {
                Some(text) if !text.contains('\0') => environment.vars.push((variable, text)),
                _ => {
                    let message = format!(
                        "the variable `{variable}` of the environment `{name}` has the wrong type: write text"
                    );
                    self.refuse(environment, span, message);
                }
            }
        }
    }

    fn access(&mut self, environment: &mut Environment, span: Span, value: &Value<'_>, skipped: usize) {
        let name = environment.name.clone();
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!(
                "`access` of the environment `{name}` has the wrong type: write `access = {{ db = \"orders-prod-db\" }}`"
            );
            self.refuse(environment, span, message);
            return;
        };
        for (key, value) in ordered(table) {
            let entry = key.get_ref().to_string();
            match value.get_ref().as_str().map(str::trim) {
                Some(there) if !there.is_empty() => environment.access.push((entry, there.to_owned())),
                _ => {
                    let message = format!(
                        "the environment `{name}` does not say which access entry `{entry}` is there: write its name as text"
                    );
                    self.refuse(environment, at(&key.span(), skipped), message);
                }
            }
        }
    }

    fn library(&mut self, span: Span, value: &Value<'_>, skipped: usize) {
        let DeValue::Table(table) = value.get_ref() else {
            self.problems.error(CODE, span, "`library` has the wrong type: write a table `[library]`");
            return;
        };
        for (key, value) in ordered(table) {
            let span = at(&key.span(), skipped);
            match key.get_ref().as_ref() {
                "ignore" => self.file.ignore = self.texts("ignore", "[\"drafts/**\"]", span, value, skipped),
                "commands" => self.file.commands = self.texts("commands", "[\"acmectl\"]", span, value, skipped),
                other => self.problems.hint(CODE, span, unknown(other, &["ignore", "commands"], "`[library]`")),
            }
        }
    }

    /// A list of texts; what is none is a problem and left out.
    fn texts(&mut self, key: &str, example: &str, span: Span, value: &Value<'_>, skipped: usize) -> Vec<String> {
        let DeValue::Array(values) = value.get_ref() else {
            let message = format!("`{key}` of `[library]` has the wrong type: write a list such as `{example}`");
            self.problems.error(CODE, span, message);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in values.iter() {
            match value.get_ref().as_str().map(str::trim) {
                Some(text) if !text.is_empty() => texts.push(text.to_owned()),
                _ => {
                    let message =
                        format!("an entry of `{key}` is no text: write each as in `{example}`, or remove it");
                    self.problems.error(CODE, at(&value.span(), skipped), message);
                }
            }
        }
        texts
    }

    /// Text, or a number, truth or date as it is written: `1.10` stays `1.10`.
    fn written(&self, value: &Value<'_>, skipped: usize) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                let span = at(&value.span(), skipped);
                self.text.get(span.start..span.end).map(str::to_owned)
            }
            DeValue::Array(_) | DeValue::Table(_) => None,
        }
    }

    fn refuse(&mut self, environment: &mut Environment, span: Span, message: String) {
        environment.refused.get_or_insert_with(|| message.clone());
        self.problems.error(CODE, span, message);
    }
}

fn unknown(key: &str, ours: &[&str], place: &str) -> String {
    match misspelt(key, ours) {
        Some(meant) => format!("the key `{key}` of {place} is unknown: write `{meant}` if that is meant"),
        None => format!("the key `{key}` of {place} is unknown and has no effect: remove it"),
    }
}

pub(super) fn at(span: &Range<usize>, skipped: usize) -> Span {
    Span { start: span.start + skipped, end: span.end + skipped }
}

/// A table's keys in the file's order.
pub(super) fn ordered<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Key<'i>, &'t Value<'i>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// How deeply brackets stand in each other at most; those within texts count too, which does no harm.
fn depth(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests;
