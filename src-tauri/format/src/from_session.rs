//! From a terminal session: a shell's history, or what was copied from a terminal, becomes the draft of a runbook.

mod lines;
mod repeats;
mod typed;

use std::fmt::Write as _;

use crate::templates::{in_heading, one_line};
use lines::{Entry, Session, read};
use repeats::Repeat;

/// Lines of output that are kept as a sample.
const SAMPLE: usize = 12;

/// Commands that only look or move about open no step of their own.
const LEADING: &[&str] = &["cd", "export", "pushd", "popd", "source", "set"];

/// The draft of a runbook from what was copied from a terminal: commands in their order in steps named after them, output
/// as samples, a section for each host that was entered. What was mistyped or broken off is left out and said;
/// values that look like credentials are replaced by `<password>`; those that come back in several commands become
/// parameters. It runs nothing, and passes the check.
#[must_use]
pub fn from_session(text: &str) -> String {
    let mut session = read(text);
    hide_secrets(&mut session);
    let params = repeats::parameters(&mut session.entries);
    draft(&session, &params)
}

/// What the check takes for a secret goes too: a shape that the reader of lines does not know.
fn hide_secrets(session: &mut Session) {
    // Also what the check itself asks for, to know this draft's guidance.
    if session.entries.is_empty() && session.dropped.is_empty() {
        return;
    }
    let text = draft(session, &[]);
    let runbook = crate::parse("draft.md", text.as_bytes());
    let problems = crate::check(&runbook, text.as_bytes(), &crate::World::default());
    let found = problems.iter().filter(|problem| problem.code == "secret-in-text");
    let values: Vec<&str> = found.filter_map(|problem| text.get(problem.span.start..problem.span.end)).collect();
    let hide = |text: &mut String| {
        for value in &values {
            *text = text.replace(value, "<password>");
        }
    };
    for entry in &mut session.entries {
        hide(&mut entry.command);
        entry.output.iter_mut().for_each(hide);
    }
    session.dropped.iter_mut().for_each(|(command, _)| hide(command));
}

fn draft(session: &Session, params: &[Repeat]) -> String {
    let mut draft = String::from(
        "---\ntitle: Draft from a terminal session\nkind: routine\nowner:\n# guidance: Who keeps this text true.\n\
         outcome:\n# guidance: One sentence that is true when this has worked.\n",
    );
    if !params.is_empty() {
        draft.push_str("params:\n");
        for Repeat { name, prompt, value } in params {
            let (prompt, value) = (serde_json::Value::from(prompt.as_str()), serde_json::Value::from(value.as_str()));
            let _ = writeln!(draft, "  {name}: {{prompt: {prompt}, default: {value}, required: true}}");
        }
    }
    draft.push_str(
        "---\n\n# Draft from a terminal session\n\n## Overview\n\n\
         <!-- guidance: What this does, why, and when to reach for it. -->\n\n\
         ## Preconditions\n\n<!-- guidance: What must hold before the first step. -->\n\n\
         - [ ] Each command below has been read, and is still right\n\n## Steps\n",
    );
    let mut host: Option<&str> = None;
    let mut step: Vec<&Entry> = Vec::new();
    let mut number = 0;
    for entry in &session.entries {
        if entry.host.as_deref() != host {
            number = flush(&mut draft, &mut step, number);
            host = entry.host.as_deref();
            let _ = match host {
                Some(host) => write!(draft, "\n### On host {}\n", in_heading(&one_line(host))),
                None => write!(draft, "\n### Back on this machine\n"),
            };
        }
        step.push(entry);
        if !LEADING.contains(&entry.words().0) {
            number = flush(&mut draft, &mut step, number);
        }
    }
    flush(&mut draft, &mut step, number);
    if session.entries.is_empty() {
        draft.push_str("\n<!-- guidance: No command was found in what was pasted: write the steps here. -->\n");
    }
    if !session.dropped.is_empty() {
        draft.push_str("\n<!-- Left out:\n");
        for (command, why) in &session.dropped {
            let command = one_line(command).replace("--", "- -");
            let _ = writeln!(draft, "{command}: {why}");
        }
        draft.push_str("-->\n");
    }
    draft.push_str(
        "\n## Validation\n\n<!-- guidance: How somebody else sees that it worked. -->\n\n\
         - [ ] The result is the one that was wanted\n\n\
         ## Rollback\n\n<!-- guidance: The way back, and until when it is open. -->\n\n\
         - [ ] What was changed above is taken back, the last change first\n",
    );
    draft
}

/// Writes a step; gives its number.
fn flush(draft: &mut String, step: &mut Vec<&Entry>, number: usize) -> usize {
    let Some(last) = step.last() else { return number };
    let number = number + 1;
    let (program, verb) = last.words();
    let title = match verb {
        Some(verb) => format!("{program} {verb}"),
        None => program.to_owned(),
    };
    let level = if last.host.is_some() { "####" } else { "###" };
    let _ = write!(draft, "\n{level} {number}. Run {}\n", in_heading(&one_line(&title)));
    let script: Vec<&str> = step.iter().map(|entry| entry.command.as_str()).collect();
    let script = script.join("\n");
    let fence = fence(&script);
    let _ = write!(draft, "\n{fence}{}\n{script}\n{fence}\n", last.language);
    let output: Vec<&str> = step.iter().flat_map(|entry| &entry.output).map(String::as_str).collect();
    if !output.is_empty() {
        let shown = output.get(..SAMPLE.min(output.len())).unwrap_or_default().join("\n");
        let fence = self::fence(&shown);
        let _ = write!(draft, "\nIt printed:\n\n{fence}text\n{shown}\n{fence}\n");
        if output.len() > SAMPLE {
            let _ = write!(draft, "\n{} more lines of output are left out.\n", output.len() - SAMPLE);
        }
    }
    step.clear();
    number
}

fn fence(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

#[cfg(test)]
mod tests;
