//! `allgood check`: problems, pointing into the text.

use std::path::PathBuf;

use api::{App, Checked};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use serde::Serialize;

use crate::{
    arguments::CheckArguments,
    look::{Look, counted, visible, word},
    out::{Out, message},
    status::{Failure, Status},
};

/// A file's problems, as `check --json` prints them.
#[derive(Serialize)]
struct File<'a, P> {
    path: String,
    problems: &'a [P],
}

/// Checks files, and the Markdown files of folders. 1 if an error is found, 2 if something cannot be read.
pub(crate) fn check(app: &App, out: &mut Out, arguments: &CheckArguments) -> Result<Status, Failure> {
    let mut unread = false;
    let mut not_read = |failure: Failure| {
        unread = true;
        message(&visible(&failure.message));
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for path in &arguments.paths {
        match app.markdown_files(path) {
            Ok(found) => files.extend(found),
            Err(error) => not_read(error.into()),
        }
    }
    let mut checked: Vec<Checked> = Vec::new();
    for file in files {
        match app.check(&file) {
            Ok(one) => checked.push(one),
            Err(error) => not_read(error.into()),
        }
    }
    let mut counts = [0_u64; 3];
    for problem in checked.iter().flat_map(|one| &one.problems) {
        match word(problem.severity).as_str() {
            "error" => counts[0] += 1,
            "warning" => counts[1] += 1,
            _ => counts[2] += 1,
        }
    }
    if arguments.json {
        let files: Vec<_> = checked
            .iter()
            .map(|one| File { path: one.path.display().to_string(), problems: &one.problems })
            .collect();
        out.json(&files)?;
    } else {
        checked.iter().for_each(|one| print(out, one));
        out.flush();
        let [errors, warnings, hints] = counts;
        message(&format!(
            "{}, {}, {} in {}.",
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings"),
            counted(hints, "hint", "hints"),
            counted(checked.len() as u64, "file", "files"),
        ));
    }
    Ok(if unread {
        Status::Input
    } else if counts[0] > 0 {
        Status::Bad
    } else {
        Status::Good
    })
}

fn print(out: &mut Out, checked: &Checked) {
    let text = safe(&checked.text);
    let name = visible(&checked.path.display().to_string());
    let handler = GraphicalReportHandler::new_themed(theme(out.look)).with_width(out.look.width).with_links(false);
    for problem in &checked.problems {
        let severity = match word(problem.severity).as_str() {
            "error" => miette::Severity::Error,
            "warning" => miette::Severity::Warning,
            _ => miette::Severity::Advice,
        };
        let (start, end) = first_line(&text, problem.span.start, problem.span.end);
        let message = visible(&problem.message);
        let diagnostic = MietteDiagnostic::new(&message)
            .with_code(problem.code)
            .with_severity(severity)
            .with_label(LabeledSpan::underline(start..end));
        let report = Report::new(diagnostic).with_source_code(NamedSource::new(&name, text.clone()));
        let mut shown = String::new();
        if handler.render_report(&mut shown, report.as_ref()).is_err() {
            shown = format!("{name}:{}: {}: {message}\n", problem.line, problem.code);
        }
        out.text(&shown);
        out.line("");
    }
}

fn theme(look: Look) -> GraphicalTheme {
    if look.unicode { GraphicalTheme::unicode() } else { GraphicalTheme::ascii() }
}

/// The part of a span that stands in its first line, inside the text.
fn first_line(text: &str, start: usize, end: usize) -> (usize, usize) {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (floor(start), floor(end.max(start)));
    let line = text[start..].find('\n').map_or(text.len(), |length| start + length);
    (start, end.min(line))
}

/// The text with its control characters replaced, each byte by a question mark, so that every span stays true.
fn safe(text: &str) -> String {
    let shown = |character: char| -> String {
        if visible(character.encode_utf8(&mut [0; 4])).chars().eq([character]) {
            character.to_string()
        } else {
            "?".repeat(character.len_utf8())
        }
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_stay_true_whatever_the_text_holds() {
        let text = "a\u{1b}[2J\u{202e}b\r\nc";
        assert_eq!(safe(text), "a?[2J???b?\nc");
        assert_eq!(safe(text).len(), text.len());
    }

    #[test]
    fn a_span_over_many_lines_points_at_its_first() {
        let cases = [
            ("one\ntwo", (0, 7), (0, 3)),
            ("one\ntwo", (4, 7), (4, 7)),
            ("", (0, 0), (0, 0)),
            ("short", (3, 99), (3, 5)),
            ("äb", (1, 2), (0, 2)),
        ];
        for (text, (start, end), expected) in cases {
            assert_eq!(first_line(text, start, end), expected, "{text:?}");
        }
    }
}
