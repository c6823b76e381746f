//! SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"): what code hosts and editors read.

use std::path::{Component, Path, PathBuf};

use format::{Severity, Span};
use serde_json::{Value, json};

use super::{CheckReport, Checked};

/// Each code: how bad it is, and what it means.
pub(crate) const RULES: &[(&str, Severity, &str)] = &[
    ("front-matter", Severity::Error, "The front matter is not valid, or a key has the wrong type."),
    ("encoding", Severity::Error, "The file holds bytes that are not UTF-8."),
    ("unclosed-fence", Severity::Error, "A fence runs to the end of the file."),
    ("attributes", Severity::Error, "The attributes of a fence cannot be read."),
    (
        "attribute-refused",
        Severity::Error,
        "An attribute that guards a block cannot be kept, so the block does not run.",
    ),
    ("duplicate-name", Severity::Error, "Two blocks have one name."),
    ("unknown-variable", Severity::Error, "A variable is defined nowhere."),
    ("unknown-access", Severity::Error, "A reference leads to an access entry that does not exist."),
    ("bad-expression", Severity::Error, "An expectation is not a valid expression."),
    ("bad-playbook", Severity::Error, "A playbook of Ansible that is to be run is none."),
    ("bad-request", Severity::Error, "A block that measures cannot be sent as it is written."),
    ("secret-in-text", Severity::Error, "A value in the text looks like a credential."),
    ("dead-link", Severity::Warning, "A relative link or anchor leads nowhere."),
    ("no-validation", Severity::Warning, "The runbook changes something and never says how success looks."),
    ("no-rollback", Severity::Warning, "The runbook changes something and says no way back."),
    ("review-overdue", Severity::Warning, "The review date has passed."),
    ("guidance", Severity::Hint, "A part is written, and the template's guidance still stands in it."),
    ("no-preconditions", Severity::Hint, "The runbook does not say what must hold before the first step."),
    ("no-outcome", Severity::Hint, "The runbook does not say what success looks like."),
    ("no-owner", Severity::Hint, "The runbook does not say who keeps it."),
    ("no-severity", Severity::Hint, "The runbook does not say how bad the incident is."),
    ("no-responders", Severity::Hint, "The runbook does not say who responds."),
    ("no-links", Severity::Hint, "The runbook does not say where to look."),
    ("placeholder", Severity::Hint, "A command needs a value that could be a parameter."),
    ("mixed-prompt", Severity::Hint, "A block mixes commands and output."),
    ("other-prompt", Severity::Hint, "A block is meant for another shell."),
    ("not-a-command", Severity::Hint, "A block is marked as shell and holds no command."),
    ("guessed", Severity::Hint, "A block without a language is taken for a command."),
    ("no-timeout", Severity::Hint, "A probe, or a command on another machine, does not say when it ends."),
    ("unknown-attribute", Severity::Hint, "An attribute or key is unknown and has no effect."),
];

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

/// Relative addresses are those within the folder that the program was called in: code hosts take it for their checkout.
const ROOT: &str = "%SRCROOT%";

/// The log of a check that was called in the folder `called_in`.
pub(super) fn log(report: &CheckReport, called_in: &Path) -> Value {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|(code, severity, what)| {
            let help = format!("{what} `allgood check --code {code}` shows each place and the ways to mend it.");
            let mut rule = json!({
                "id": code,
                "name": name(code),
                "shortDescription": { "text": what },
                "fullDescription": { "text": what },
                "help": { "text": help.replace('`', "\""), "markdown": help },
                "defaultConfiguration": { "level": level(*severity) },
                "properties": { "tags": ["runbook"], "precision": "high", "problem.severity": github(*severity) },
            });
            if *code == "secret-in-text" {
                // What GitHub sorts findings of security by: high, from 7.0 to 8.9.
                rule["properties"]["tags"] = json!(["runbook", "security"]);
                rule["properties"]["security-severity"] = json!("8.0");
            }
            rule
        })
        .collect();
    let results: Vec<Value> = report.files.iter().flat_map(|file| results(file, called_in)).collect();
    let unread: Vec<Value> =
        report.unread.iter().map(|error| json!({ "level": "error", "message": { "text": error.message } })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "allgood",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "The folder that allgood was called in." } } },
            "automationDetails": { "id": "allgood/check/" },
            "invocations": [{
                "executionSuccessful": report.unread.is_empty(),
                "toolExecutionNotifications": unread,
            }],
            "results": results,
        }],
    })
}

fn results(checked: &Checked, called_in: &Path) -> Vec<Value> {
    let lines = Lines::new(&checked.bytes);
    let artifact = artifact(checked, called_in);
    checked
        .problems
        .iter()
        .map(|problem| {
            let fixes: Vec<Value> = problem
                .fixes
                .iter()
                .map(|fix| {
                    let replacements: Vec<Value> = fix
                        .edits
                        .iter()
                        .map(|edit| {
                            json!({
                                "deletedRegion": lines.region(edit.span),
                                "insertedContent": { "text": edit.text },
                            })
                        })
                        .collect();
                    json!({
                        "description": { "text": fix.title },
                        "artifactChanges": [{ "artifactLocation": artifact, "replacements": replacements }],
                    })
                })
                .collect();
            let mut result = json!({
                "ruleId": problem.code,
                "level": level(problem.severity),
                "message": { "text": problem.message },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": lines.region(problem.span),
                } }],
            });
            if let Some(index) = RULES.iter().position(|(code, ..)| *code == problem.code) {
                result["ruleIndex"] = json!(index);
            }
            if !fixes.is_empty() {
                result["fixes"] = json!(fixes);
            }
            result
        })
        .collect()
}

/// `DeadLink` for `dead-link`.
fn name(code: &str) -> String {
    let words = code.split('-').filter_map(|word| word.split_at_checked(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

/// What GitHub calls how bad something is.
fn github(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "recommendation",
    }
}

/// Where a file is: within the folder that the program was called in, else absolute (SARIF 2.1.0, 3.4.4: an address with
/// a base is relative).
fn artifact(checked: &Checked, called_in: &Path) -> Value {
    let path = checked.path.strip_prefix(called_in).unwrap_or(&checked.path);
    let within = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if within {
        let names: PathBuf = path.components().filter(|part| matches!(part, Component::Normal(_))).collect();
        json!({ "uri": uri(&names), "uriBaseId": ROOT })
    } else {
        json!({ "uri": format!("file://{}", uri(&checked.file)) })
    }
}

/// A path with everything percent-encoded that has a meaning in a URI (RFC 3986, 2.3).
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// Lines and columns of a file's bytes.
struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let feeds = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        Self { bytes, starts: std::iter::once(0).chain(feeds).collect() }
    }

    /// Line and column, from 1, in characters.
    fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.bytes.get(start..offset).unwrap_or_default();
        (line, String::from_utf8_lossy(before).chars().count() + 1)
    }

    fn region(&self, span: Span) -> Value {
        let (start_line, start_column) = self.place(span.start);
        let (end_line, end_column) = self.place(span.end);
        json!({
            "startLine": start_line,
            "startColumn": start_column,
            "endLine": end_line,
            "endColumn": end_column,
            "byteOffset": span.start,
            "byteLength": span.end - span.start,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_within_the_folder_that_was_called_in_or_absolutely() {
        let base = |uri: &str| json!({ "uri": uri, "uriBaseId": ROOT });
        for (path, expected) in [
            ("./a b/ä.md", base("a%20b/%C3%A4.md")),
            ("/work/a#b.md", base("a%23b.md")),
            ("/x/y.md", json!({ "uri": "file:///true/place.md" })),
            ("../y.md", json!({ "uri": "file:///true/place.md" })),
        ] {
            let (path, file) = (PathBuf::from(path), PathBuf::from("/true/place.md"));
            let (text, problems, bytes, secrets) = (String::new(), Vec::new(), Vec::new(), Vec::new());
            let checked = Checked { path, text, problems, file, bytes, secrets };
            assert_eq!(artifact(&checked, Path::new("/work")), expected);
        }
    }

    #[test]
    fn columns_are_characters() {
        let lines = Lines::new("aä\nbéc".as_bytes());
        assert_eq!(lines.place(0), (1, 1));
        assert_eq!(lines.place(3), (1, 3));
        assert_eq!(lines.place(7), (2, 3));
    }
}
