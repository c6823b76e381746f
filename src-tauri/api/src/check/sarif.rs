//! SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"): what code hosts and editors read.

use std::path::Path;

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

pub(super) fn log(report: &CheckReport) -> Value {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|(code, severity, what)| {
            json!({
                "id": code,
                "shortDescription": { "text": what },
                "defaultConfiguration": { "level": level(*severity) },
            })
        })
        .collect();
    let results: Vec<Value> = report.files.iter().flat_map(results).collect();
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
            "invocations": [{
                "executionSuccessful": report.unread.is_empty(),
                "toolExecutionNotifications": unread,
            }],
            "results": results,
        }],
    })
}

fn results(checked: &Checked) -> Vec<Value> {
    let lines = Lines::new(&checked.bytes);
    let uri = uri(&checked.path);
    let artifact = json!({ "uri": uri });
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

/// A path as a URI reference: relative ones stay relative, to be resolved where the program was called.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    let text = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let text = text.strip_prefix("./").unwrap_or(&text);
    if text.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
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
    fn a_path_is_a_uri() {
        for (path, expected) in
            [("./a b/ä.md", "a%20b/%C3%A4.md"), ("/x/y.md", "file:///x/y.md"), ("a#b.md", "a%23b.md")]
        {
            assert_eq!(uri(Path::new(path)), expected);
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
