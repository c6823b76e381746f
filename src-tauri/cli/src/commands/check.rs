//! `allgood check`: problems, pointing into the text.

use std::collections::BTreeMap;

use api::{App, CheckQuery, CheckReport, Checked, wire::Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use serde::Serialize;

use crate::{
    arguments::{CheckArguments, Least},
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
    let query = CheckQuery {
        paths: arguments.paths.clone(),
        codes: arguments.codes.clone(),
        severity: arguments.severity.map(|least| match least {
            Least::Hint => Severity::Hint,
            Least::Warning => Severity::Warning,
            Least::Error => Severity::Error,
        }),
    };
    if let Some(code) = query.codes.iter().find(|code| !CheckReport::knows(code)) {
        let code = visible(code);
        return Err(Failure::new(
            Status::Input,
            format!("No problem has the code {code}: docs/check.md lists them."),
        ));
    }
    let mut report = app.check(&query)?;
    let mut unwritten = false;
    if arguments.fix {
        unwritten = !mend(app, out, arguments, &report)?;
        if !arguments.dry_run {
            report = app.check(&query)?;
        }
    }
    let counts = report.counts();
    report.unread.iter().for_each(|error| message(&visible(&error.message)));
    if arguments.json {
        let file = |one: &Checked| one.path.display().to_string();
        let files: Vec<_> =
            report.files.iter().map(|one| File { path: file(one), problems: &one.problems }).collect();
        out.json(&files)?;
    } else if arguments.sarif {
        let called_in = std::env::current_dir().map_err(|error| {
            Failure::new(Status::Input, format!("The folder that this was called in cannot be read: {error}."))
        })?;
        out.json(&report.sarif(&called_in))?;
    } else {
        if !arguments.dry_run {
            report.files.iter().for_each(|one| print(out, one));
        }
        out.flush();
        // Where nothing could be read, that was said.
        if !report.files.is_empty() || report.unread.is_empty() {
            summary(&report, counts);
        }
    }
    let bad = counts[0] > 0 || (arguments.strict && counts[1] > 0);
    Ok(match () {
        () if !report.unread.is_empty() || unwritten => Status::Input,
        () if bad => Status::Bad,
        () => Status::Good,
    })
}

/// How many problems of what there are.
fn summary(report: &CheckReport, [errors, warnings, hints]: [u64; 3]) {
    message(&format!(
        "{}, {}, {} in {}.",
        counted(errors, "error", "errors"),
        counted(warnings, "warning", "warnings"),
        counted(hints, "hint", "hints"),
        counted(report.files.len() as u64, "file", "files"),
    ));
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    for problem in report.files.iter().flat_map(|file| &file.problems) {
        *codes.entry(problem.code).or_default() += 1;
    }
    if codes.len() > 1 && report.files.len() > 1 {
        let mut codes: Vec<(&str, u64)> = codes.into_iter().collect();
        codes.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        let codes: Vec<String> = codes.into_iter().map(|(code, count)| format!("{count} {code}")).collect();
        message(&codes.join(", "));
    }
}

/// Mends what can be, or shows it. `false` where a file could not be written.
fn mend(app: &App, out: &mut Out, arguments: &CheckArguments, report: &CheckReport) -> Result<bool, Failure> {
    let mut all = true;
    let mut fixes = 0;
    for mended in report.files.iter().filter_map(|one| app.mended(one)) {
        let name = visible(&mended.path.display().to_string());
        if arguments.dry_run {
            mended.diff().lines().for_each(|line| out.line(&visible(line)));
        } else {
            match app.write_mended(&mended) {
                Ok(true) => {}
                Ok(false) => {
                    all = false;
                    message(&format!("{name} was changed meanwhile and stays as it is: check it again."));
                    continue;
                }
                Err(error) => {
                    all = false;
                    message(&visible(&error.message));
                    continue;
                }
            }
        }
        for (line, code, title) in &mended.fixes {
            fixes += 1;
            message(&format!("{name}:{line}: {code}: {}", visible(title)));
        }
    }
    let verb = if arguments.dry_run { "would be mended" } else { "mended" };
    message(&format!("{} {verb}.", counted(fixes, "problem", "problems")));
    Ok(all)
}

fn print(out: &mut Out, checked: &Checked) {
    // What is shown may end in a log: secrets in the lines are covered.
    let text = safe(&checked.masked());
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
        let ways: Vec<&str> = problem.fixes.iter().map(|fix| fix.title.as_str()).collect();
        let diagnostic = if ways.is_empty() {
            diagnostic
        } else {
            let safe = problem.fixes.iter().any(|fix| fix.safe);
            let how = if safe { "--fix does" } else { "to mend it" };
            diagnostic.with_help(visible(&format!("{how}: {}", ways.join(", or: "))))
        };
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
