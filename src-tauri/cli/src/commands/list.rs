//! `allgood list`, `search` and `runs`: tables of what there is.

use api::{
    App,
    commands::Nothing,
    wire::{ListPage, ListQuery, ListSort, RunFilter, RunSummary, RunbookRow},
};
use serde::Serialize;

use super::{history::path_of, lines, table};
use crate::{
    arguments::{ListArguments, RunsArguments, SearchArguments, SortBy},
    look::{BOLD, DIM, FAIL, Look, counted, cut, one_line, styled, time, word},
    out::{Out, message},
    status::{Failure, Status},
};

/// How many runs are read at once.
const PAGE: u64 = 500;
/// How many hits a search prints.
const HITS: u64 = 100;
/// So much of an id names one run of a millisecond.
const SHORTEST_ID: usize = 13;

/// Lists the runbooks of the library, as their files are now.
pub(crate) fn list(app: &App, out: &mut Out, arguments: &ListArguments) -> Result<Status, Failure> {
    let folders = app.library_rescan(Nothing {})?;
    let query = ListQuery {
        kind: arguments.kind.clone(),
        tag: arguments.tag.clone(),
        owner: arguments.owner.clone(),
        severity: arguments.severity.clone(),
        review: arguments.review.clone(),
        problem: arguments.problem.clone(),
        folder: arguments.folder.clone(),
        pinned: arguments.pinned,
        sort: match arguments.sort {
            SortBy::Path => ListSort::Path,
            SortBy::Title => ListSort::Title,
            SortBy::Kind => ListSort::Best,
            SortBy::LastRun => ListSort::LastRun,
            SortBy::Review => ListSort::Review,
            SortBy::Opened => ListSort::Opened,
        },
        limit: PAGE,
        ..ListQuery::default()
    };
    let page = all(app, query)?;
    let rows = page.rows;
    if arguments.json {
        out.json(&rows)?;
        return Ok(Status::Good);
    }
    if folders.is_empty() {
        message("The library is empty. Add a folder of Markdown files: allgood library add PATH");
        return Ok(Status::Good);
    }
    if rows.is_empty() && page.all > 0 {
        message(&format!("None of {} runbooks is so.", page.all));
        return Ok(Status::Good);
    }
    for folder in &folders {
        let trust = if folder.trusted { "" } else { " (not trusted)" };
        out.line(&styled(DIM, format!("{}{trust}", one_line(&folder.path))));
        if let Some(problem) = &folder.problem {
            out.line(&styled(FAIL, one_line(problem)));
        }
        let mine: Vec<&RunbookRow> = rows.iter().filter(|row| row.library == folder.id).collect();
        print(out, &mine);
        out.line("");
    }
    Ok(Status::Good)
}

/// Finds runbooks by words.
pub(crate) fn search(app: &App, out: &mut Out, arguments: &SearchArguments) -> Result<Status, Failure> {
    app.library_rescan(Nothing {})?;
    let words = arguments.words.join(" ");
    let page = app.library_list(ListQuery { words: words.clone(), limit: HITS, ..ListQuery::default() })?;
    for (typed, used) in &page.corrected {
        let used = used.iter().map(|word| format!("\"{}\"", one_line(word))).collect::<Vec<_>>().join(" or ");
        message(&format!("Nothing holds \"{}\": searched for {used}.", one_line(typed)));
    }
    let rows = page.rows;
    if arguments.json {
        out.json(&rows)?;
        return Ok(Status::Good);
    }
    if rows.is_empty() {
        message(&format!("No runbook of the library holds: {}", one_line(&words)));
        return Ok(Status::Good);
    }
    for row in &rows {
        out.line(&format!("{}  {}", styled(BOLD, one_line(&row.title)), styled(DIM, one_line(&row.path))));
        // What was found in the title alone has no text around it.
        let snippet = row.snippet.as_ref().map(|snippet| hits(snippet));
        if let Some(snippet) = snippet.filter(|snippet| !snippet.trim().is_empty()) {
            out.line(&format!("  {snippet}"));
        }
    }
    if page.total > rows.len() as u64 {
        message(&format!("The best {} of {}: more words say more closely what is meant.", rows.len(), page.total));
    }
    Ok(Status::Good)
}

/// Every page of a list.
fn all(app: &App, mut query: ListQuery) -> Result<ListPage, Failure> {
    let mut whole = app.library_list(query.clone())?;
    while (whole.rows.len() as u64) < whole.total {
        query.offset = whole.rows.len() as u64;
        let page = app.library_list(query.clone())?;
        if page.rows.is_empty() {
            break;
        }
        whole.rows.extend(page.rows);
    }
    Ok(whole)
}

/// Lists runs, newest first.
pub(crate) fn runs(app: &App, out: &mut Out, arguments: &RunsArguments) -> Result<Status, Failure> {
    let mut runs: Vec<RunSummary> = Vec::new();
    let most = arguments.limit.unwrap_or(u64::MAX);
    let filter = filter(arguments)?;
    loop {
        let limit = PAGE.min(most - runs.len() as u64);
        let page = app.runs(RunFilter { offset: runs.len() as u64, limit, ..filter.clone() })?;
        let full = page.runs.len() as u64 == limit;
        runs.extend(page.runs);
        if !full || runs.len() as u64 >= most {
            break;
        }
    }
    if arguments.json {
        out.json(&runs.iter().map(Recorded::of).collect::<Vec<_>>())?;
        return Ok(Status::Good);
    }
    if runs.is_empty() {
        let any = app.runs(RunFilter { limit: 1, ..RunFilter::default() })?.total;
        message(&match any {
            0 => "Nothing was run yet. Begin with: allgood run FILE".to_owned(),
            any => format!("None of {} is so.", counted(any, "run", "runs")),
        });
        return Ok(Status::Good);
    }
    let shown = telling(&runs);
    let mut table = table(out.look, &["run", "state", "done", "started (UTC)", "runbook"]);
    for run in &runs {
        let (shape, style) = out.look.run(run.state);
        let mode = if word(run.mode) == "rehearse" { " (rehearsal)" } else { "" };
        table.add_row([
            run.id.get(..shown).unwrap_or(&run.id).to_owned(),
            format!("{} {}{mode}", styled(style, shape), word(run.state)),
            format!("{} of {}", run.done, run.total),
            time(&run.started_at),
            match (&run.shared_by, &run.parent) {
                (Some(who), _) => format!("{}, shared by {}", one_line(&run.title), one_line(who)),
                (None, None) => one_line(&run.title),
                (None, Some(parent)) => {
                    let title = parent.title.as_ref().map_or_else(|| parent.run.clone(), |title| one_line(title));
                    format!("{}, for a check of {title}", one_line(&run.title))
                }
            },
        ]);
    }
    lines(&table).iter().for_each(|line| out.line(line));
    Ok(Status::Good)
}

/// What is asked for.
fn filter(arguments: &RunsArguments) -> Result<RunFilter, Failure> {
    Ok(RunFilter {
        runbook: arguments.runbook.as_deref().map(path_of).transpose()?,
        states: arguments.states.iter().map(|name| named(name)).collect::<Result<_, _>>()?,
        environment: arguments.environment.clone(),
        mode: arguments.mode.as_ref().map(|name| named(name)).transpose()?,
        actor: arguments.actor.clone(),
        since: arguments.since.clone(),
        until: arguments.until.clone(),
        failures: arguments.failures,
        words: arguments.words.clone(),
        ..RunFilter::default()
    })
}

/// The variant of that name, of an enum of the wire.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::Value::from(name))
}

/// A run as `runs --json` has it (RUNS.md, "The command line").
#[derive(Serialize)]
struct Recorded<'a> {
    id: &'a str,
    runbook: &'a str,
    revision: &'a str,
    state: api::wire::RunStatus,
    mode: api::wire::Mode,
    started_at: &'a str,
    ended_at: Option<&'a str>,
    /// The run and the check that it was opened for.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a api::wire::PartOf>,
    /// Who shared it, of a run of somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_by: Option<&'a str>,
}

impl<'a> Recorded<'a> {
    fn of(run: &'a RunSummary) -> Self {
        Self {
            id: &run.id,
            runbook: &run.runbook,
            revision: &run.revision,
            state: run.state,
            mode: run.mode,
            started_at: &run.started_at,
            ended_at: run.ended_at.as_deref(),
            parent: run.parent.as_ref(),
            shared_by: run.shared_by.as_deref(),
        }
    }
}

fn print(out: &mut Out, rows: &[&RunbookRow]) {
    let look = out.look;
    let mut table = table(look, &["runbook", "steps", "check", "last run", "file"]);
    for row in rows {
        let check = match (row.errors, row.warnings) {
            (0, 0) => String::new(),
            (0, warnings) => format!("{warnings} to mend"),
            (errors, _) => styled(FAIL, format!("{errors} wrong")),
        };
        table.add_row([
            cut(look, &one_line(&row.title), 44),
            row.steps.to_string(),
            check,
            last_run(look, row),
            one_line(&row.relative),
        ]);
    }
    lines(&table).iter().for_each(|line| out.line(line));
}

fn last_run(look: Look, row: &RunbookRow) -> String {
    row.last_runs.first().map_or_else(String::new, |run| {
        let (shape, style) = look.run(run.state);
        let day = run.started_at.split('T').next().unwrap_or_default().to_owned();
        format!("{} {} {day}", styled(style, shape), word(run.state))
    })
}

/// A snippet with its hits in bold, whatever else is in it spelt out.
pub(super) fn hits(snippet: &str) -> String {
    let mut text = String::new();
    let mut hit = false;
    for part in snippet.split_inclusive(['\u{2}', '\u{3}']) {
        let plain = one_line(part.trim_end_matches(['\u{2}', '\u{3}']));
        let before = if part.starts_with(char::is_whitespace) { " " } else { "" };
        let after = if part.trim_end_matches(['\u{2}', '\u{3}']).ends_with(char::is_whitespace) { " " } else { "" };
        let plain = if plain.is_empty() { before.to_owned() } else { format!("{before}{plain}{after}") };
        text.push_str(&if hit { styled(BOLD, plain) } else { plain });
        hit = part.ends_with('\u{2}');
    }
    text
}

/// How much of the ids tells them apart.
fn telling(runs: &[RunSummary]) -> usize {
    let mut ids: Vec<&str> = runs.iter().map(|run| run.id.as_str()).collect();
    ids.sort_unstable();
    let same = |pair: &[&str]| pair[0].bytes().zip(pair[1].bytes()).take_while(|(one, other)| one == other).count();
    ids.windows(2).map(same).max().map_or(SHORTEST_ID, |same| (same + 1).max(SHORTEST_ID))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_marked_and_control_characters_of_the_file_are_not_passed_on() {
        let shown = hits("renew the \u{2}certificate\u{3} \u{1b}[2Jnow");
        assert_eq!(anstream::adapter::strip_str(&shown).to_string(), "renew the certificate \\u{1b}[2Jnow");
        assert!(shown.contains(&styled(BOLD, "certificate")));
    }
}
