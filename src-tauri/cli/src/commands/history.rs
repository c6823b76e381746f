//! `allgood history`, `diff`, `restore` and `drafts`: what is kept of the text of a runbook.

use std::path::Path;

use anstyle::{AnsiColor, Style};
use api::{
    App,
    commands::{Nothing, PathArgument},
    wire::{CompareTexts, Comparison, DiffKind, DiffLine, HistoryQuery, RevisionRow, Saved},
};

use super::{files::whole, lines, table};
use crate::{
    arguments::{DiffArguments, DraftsArguments, HistoryArguments, RestoreArguments},
    look::{DIM, counted, one_line, styled, time, visible},
    out::{Out, message},
    status::{Failure, Status},
};

/// Rows that are asked for at once.
const PAGE: u64 = 200;
/// Signs of a hash that are shown.
const SHORT: usize = 8;

const GONE: Style = AnsiColor::Red.on_default();
const CAME: Style = AnsiColor::Green.on_default();

/// Lists the revisions of a file.
pub(crate) fn history(app: &App, out: &mut Out, arguments: &HistoryArguments) -> Result<Status, Failure> {
    let path = path_of(&arguments.file)?;
    let rows = kept(app, &path)?;
    if rows.is_empty() && std::fs::symlink_metadata(&path).is_err() {
        let name = one_line(&path);
        return Err(Failure::new(
            Status::Input,
            format!("There is no {name}, and nothing is kept of it: look at how it is spelt."),
        ));
    }
    if arguments.json {
        out.json(&rows)?;
        return Ok(Status::Good);
    }
    if rows.is_empty() {
        message(&format!(
            "Nothing is kept of {}: its history begins when it is first opened or saved in Allgood.",
            one_line(&path)
        ));
        return Ok(Status::Good);
    }
    let mut table = table(out.look, &["", "HASH", "WHEN", "BY", "CHANGED", "RUNS"]);
    for row in &rows {
        let number = if row.number > 0 { row.number.to_string() } else { String::new() };
        let by = row.actor.as_deref().map_or_else(
            || row.origin.clone(),
            |actor| if row.origin == "here" { actor.to_owned() } else { format!("{actor} ({})", row.origin) },
        );
        let changed =
            row.message.as_ref().map_or_else(|| row.summary.clone(), |said| format!("{said} ({})", row.summary));
        let runs = match (row.runs, row.failed) {
            (0, _) => String::new(),
            (runs, 0) => runs.to_string(),
            (runs, failed) => format!("{runs}, {failed} failed"),
        };
        table.add_row([number, short(row), time(&row.at), one_line(&by), one_line(&changed), runs]);
    }
    lines(&table).iter().for_each(|line| out.line(line));
    Ok(Status::Good)
}

/// Shows what changed between two revisions.
pub(crate) fn diff(app: &App, out: &mut Out, arguments: &DiffArguments) -> Result<Status, Failure> {
    let path = path_of(&arguments.file)?;
    // What another program wrote since then is noted by this, so that the newest row is the file.
    let rows = kept(app, &path)?;
    let from = match &arguments.from {
        Some(name) => app.revision_named(&path, name)?,
        None => rows.get(1).cloned().ok_or_else(|| {
            let path = one_line(&path);
            Failure::new(
                Status::Input,
                format!("There is nothing to compare: fewer than two revisions of {path} are kept."),
            )
        })?,
    };
    let (to, named) = match (&arguments.from, &arguments.to) {
        (_, Some(name)) => {
            let row = app.revision_named(&path, name)?;
            let named = title(&row);
            (
                CompareTexts { path: path.clone(), from: from.revision.clone(), to: Some(row.revision), text: None },
                named,
            )
        }
        (None, None) => {
            let row = rows.first().cloned().unwrap_or_else(|| from.clone());
            let named = title(&row);
            (
                CompareTexts { path: path.clone(), from: from.revision.clone(), to: Some(row.revision), text: None },
                named,
            )
        }
        (Some(_), None) => {
            let text = Some(app.source(PathArgument { path: path.clone() })?.text);
            (
                CompareTexts { path: path.clone(), from: from.revision.clone(), to: None, text },
                "as it is now".to_owned(),
            )
        }
    };
    let found = app.compare(to)?;
    print(out, &path, &(title(&from), named), &found);
    Ok(Status::Good)
}

/// Puts a revision back.
pub(crate) fn restore(app: &App, out: &mut Out, arguments: &RestoreArguments) -> Result<Status, Failure> {
    let path = path_of(&arguments.file)?;
    kept(app, &path)?;
    let row = app.revision_named(&path, &arguments.revision)?;
    let name = one_line(&path);
    if arguments.dry_run {
        // A file that is gone would come back whole.
        let text = if Path::new(&path).exists() {
            app.source(PathArgument { path: path.clone() })?.text
        } else {
            String::new()
        };
        let found = app.compare_with(&text, &row.revision)?;
        print(out, &path, &("as it is now".to_owned(), title(&row)), &found);
        return Ok(Status::Good);
    }
    match app.restore_revision(&path, &row)? {
        Saved::Saved { number, notice, .. } => {
            out.line(&format!("{name} is as it was in {}; this is revision {number}.", title(&row)));
            if let Some(notice) = notice {
                message(&visible(&notice));
            }
            if app.drafts(Nothing {})?.iter().any(|draft| draft.path == path) {
                message(&format!("What was typed into {name} and not saved is still there, as a draft."));
            }
            Ok(Status::Good)
        }
        Saved::Changed { .. } => Err(Failure::new(
            Status::Input,
            format!("{name} was written by another program in this moment: nothing was changed. Try again."),
        )),
    }
}

/// Lists what was typed and not saved, or throws it away.
pub(crate) fn drafts(app: &App, out: &mut Out, arguments: &DraftsArguments) -> Result<Status, Failure> {
    let drafts = app.drafts(Nothing {})?;
    if let Some(file) = &arguments.drop {
        let path = path_of(file)?;
        let name = one_line(&path);
        if !drafts.iter().any(|draft| draft.path == path) {
            return Err(Failure::new(
                Status::Input,
                format!("There is no draft of {name}: `allgood drafts` lists those there are."),
            ));
        }
        app.draft_drop(PathArgument { path })?;
        out.line(&format!("The draft of {name} is gone; the file is as it was."));
        return Ok(Status::Good);
    }
    if arguments.json {
        out.json(&drafts)?;
        return Ok(Status::Good);
    }
    if drafts.is_empty() {
        message("Nothing is typed and not saved.");
        return Ok(Status::Good);
    }
    let mut table = table(out.look, &["FILE", "TITLE", "TYPED"]);
    for draft in &drafts {
        table.add_row([one_line(&draft.path), one_line(&draft.title), time(&draft.at)]);
    }
    lines(&table).iter().for_each(|line| out.line(line));
    Ok(Status::Good)
}

/// The whole history of a file; what another program wrote is noted on the way.
fn kept(app: &App, path: &str) -> Result<Vec<RevisionRow>, Failure> {
    let mut rows = Vec::new();
    loop {
        let page = app.history(HistoryQuery { path: path.to_owned(), offset: rows.len() as u64, limit: PAGE })?;
        let done = page.rows.is_empty();
        rows.extend(page.rows);
        if done || rows.len() as u64 >= page.total {
            return Ok(rows);
        }
    }
}

/// The file that is meant: the one that symbolic links lead to, as the history knows it.
pub(super) fn path_of(file: &Path) -> Result<String, Failure> {
    Ok(match std::fs::canonicalize(file) {
        Ok(real) => real,
        Err(_) => whole(file)?,
    }
    .display()
    .to_string())
}

fn short(row: &RevisionRow) -> String {
    row.revision.chars().take(SHORT).collect()
}

fn title(row: &RevisionRow) -> String {
    let number = if row.number > 0 { format!("{} ", row.number) } else { String::new() };
    format!("revision {number}({}, {})", short(row), time(&row.at))
}

pub(super) fn print(out: &mut Out, path: &str, (from, to): &(String, String), found: &Comparison) {
    if found.added + found.removed == 0 {
        message("Nothing differs.");
        return;
    }
    let path = one_line(path);
    out.line(&styled(GONE, format!("--- {path} {from}")));
    out.line(&styled(CAME, format!("+++ {path} {to}")));
    let colours = out.has_colours();
    let mut before = DiffKind::Gap;
    for line in &found.lines {
        if before == DiffKind::Gap && line.kind != DiffKind::Gap {
            let number = line.new.or(line.old).unwrap_or(1);
            out.line(&styled(DIM, format!("@@ line {number}")));
        }
        before = line.kind;
        if line.kind != DiffKind::Gap {
            out.line(&told(line, colours));
        }
    }
    let (added, removed) = (counted(found.added, "line", "lines"), counted(found.removed, "line", "lines"));
    out.line(&styled(DIM, format!("{added} came, {removed} went")));
}

/// A line with its mark, and the words that differ in colour, or between signs where there is none.
fn told(line: &DiffLine, colours: bool) -> String {
    let (mark, style, open, close) = match line.kind {
        DiffKind::Added => ('+', CAME, "{+", "+}"),
        DiffKind::Removed => ('-', GONE, "[-", "-]"),
        DiffKind::Same | DiffKind::Gap => (' ', Style::new(), "", ""),
    };
    // A line that came or went as a whole needs no marks in it.
    let mixed = line.parts.iter().any(|part| part.changed) && line.parts.iter().any(|part| !part.changed);
    let mut told = styled(style, mark);
    for part in &line.parts {
        // A carriage return is part of the line's end, and not to be seen.
        let text = visible(part.text.trim_end_matches(['\r', '\n']));
        told += &match (part.changed && mixed, colours) {
            (true, true) => styled(style.bold().underline(), text),
            (true, false) => format!("{open}{text}{close}"),
            (false, _) => styled(style, text),
        };
    }
    told
}
