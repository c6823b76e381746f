//! `allgood show-run`, `verify` and `report`: the record of a run.

use std::collections::{BTreeMap, BTreeSet};

use api::{
    App,
    commands::{ExportArgument, OutputArgument, RunArgument},
    wire::{
        self, AttemptView, HostStatus, HostView, ItemKind, ItemProgress, ItemStatus, ItemView, OutputHeader, RunView,
        WriteReport,
    },
};

use crate::{
    arguments::{ReportArguments, ReportFormat, ShowRunArguments, VerifyArguments},
    look::{BOLD, DIM, FAIL, GOOD, clock, counted, cut, duration, one_line, size, styled, time, visible, word},
    out::Out,
    status::{Failure, Status},
};

/// How many of the last lines of an output are shown where not all of it is wanted.
const LAST_LINES: usize = 12;
/// How much output is read at once.
const PIECE: u64 = 1024 * 1024;

/// Whether a record holds: 0 if so, 1 if not.
pub(crate) fn verify(app: &App, out: &mut Out, arguments: &VerifyArguments) -> Result<Status, Failure> {
    let verdict = app.run_verify(RunArgument { run: arguments.run.clone() })?;
    let status = if verdict.holds { Status::Good } else { Status::Bad };
    if arguments.json {
        out.json(&verdict)?;
        return Ok(status);
    }
    let style = if verdict.holds { GOOD } else { FAIL };
    let shape =
        out.look.run(if verdict.holds { api::wire::RunStatus::Passed } else { api::wire::RunStatus::Failed }).0;
    out.line(&format!("{} {}", styled(style, shape), visible(&verdict.sentence)));
    Ok(status)
}

/// Writes a report.
pub(crate) fn report(app: &App, out: &mut Out, arguments: &ReportArguments) -> Result<Status, Failure> {
    let format = match (arguments.format, &arguments.output) {
        (ReportFormat::Jsonl, Some(file)) => {
            app.run_export(ExportArgument { run: arguments.run.clone(), path: file.display().to_string() })?;
            return Ok(Status::Good);
        }
        (ReportFormat::Jsonl, None) => {
            app.journal_lines(&arguments.run, &mut Lines(out))?;
            return Ok(Status::Good);
        }
        (ReportFormat::Md, _) => wire::ReportFormat::Md,
        (ReportFormat::Html, _) => wire::ReportFormat::Html,
        (ReportFormat::Junit, _) => wire::ReportFormat::Junit,
    };
    let path = arguments.output.as_ref().map(|file| file.display().to_string());
    let written = app.run_report(WriteReport { run: arguments.run.clone(), format, path })?;
    if let Some(text) = written.text {
        // Past the stripping of colours: a report has none, and its bytes are those of its file.
        out.raw(text.as_bytes());
    }
    Ok(Status::Good)
}

/// Standard output as a place to write to. A reader that went away takes nothing more, and that is no failure.
struct Lines<'a>(&'a mut Out);

impl std::io::Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.raw(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Prints a record to be read.
pub(crate) fn show_run(app: &App, out: &mut Out, arguments: &ShowRunArguments) -> Result<Status, Failure> {
    let view = app.run_view(RunArgument { run: arguments.run.clone() })?;
    let verdict = app.run_verify(RunArgument { run: view.run.id.clone() })?;
    if arguments.json {
        out.json(&super::record_data::of(&view, &verdict))?;
        return Ok(Status::Good);
    }
    head(out, &view);
    let progress: BTreeMap<&str, &ItemProgress> =
        view.progress.iter().map(|progress| (progress.item.as_str(), progress)).collect();
    for section in &view.runbook.sections {
        for step in &section.steps {
            let items: Vec<&ItemView> = step
                .items
                .iter()
                .filter_map(|id| view.runbook.items.get(id))
                .filter(|item| item.on_path || progress.contains_key(item.id.as_str()))
                .collect();
            if items.is_empty() {
                continue;
            }
            out.line("");
            let number = step.number.as_ref().map(|number| format!("{}. ", one_line(number))).unwrap_or_default();
            let title = styled(BOLD, format!("{number}{}", one_line(&step.title)));
            out.line(&out.look.row(&title, &styled(DIM, word(section.phase))));
            for item in items {
                self::item(app, out, arguments, &view, item, progress.get(item.id.as_str()).copied())?;
            }
        }
    }
    remarks(out, &view);
    out.line("");
    let style = if verdict.holds { GOOD } else { FAIL };
    out.line(&styled(style, visible(&verdict.sentence)));
    Ok(Status::Good)
}

fn head(out: &mut Out, view: &RunView) {
    let look = out.look;
    let run = &view.run;
    let (shape, style) = look.run(run.state);
    let rescued = if run.rescued { ", after a failure was rescued" } else { "" };
    let state = format!("{} {}{rescued}", styled(style, shape), word(run.state));
    out.line(&look.row(&styled(BOLD, one_line(&run.title)), &state));
    let mut facts = vec![
        ("run", run.id.clone()),
        ("runbook", one_line(&run.runbook)),
        ("revision", run.revision.clone()),
        ("mode", word(run.mode)),
        ("by", one_line(&run.actor)),
        ("started", format!("{} UTC", time(&run.started_at))),
    ];
    if let Some(who) = &run.shared_by {
        facts.push(("shared by", one_line(who)));
    }
    if let Some(parent) = &run.parent {
        let title = parent.title.as_ref().map(|title| format!(" ({})", one_line(title))).unwrap_or_default();
        facts.push(("for", format!("check {} of run {}{title}", one_line(&parent.item), parent.run)));
    }
    if let Some(environment) = &view.environment {
        facts.push(("in", one_line(&environment.name)));
    }
    if let Some(ended) = &run.ended_at {
        // Times of a record are of one form: as text they stand in their order.
        let back = if *ended < run.started_at { ", by a clock that was set back" } else { "" };
        facts.push(("ended", format!("{} UTC{back}", time(ended))));
    }
    facts.push(("done", format!("{} of {}", run.done, run.total)));
    for (name, value) in &view.parameters {
        facts.push(("parameter", format!("{} = {}", one_line(name), one_line(value))));
    }
    if view.moved_on {
        facts.push(("note", "the file has changed since this run".to_owned()));
    }
    for (name, value) in facts {
        out.line(&format!("  {} {value}", styled(DIM, format!("{name:<9}"))));
    }
}

fn item(
    app: &App,
    out: &mut Out,
    arguments: &ShowRunArguments,
    view: &RunView,
    item: &ItemView,
    progress: Option<&ItemProgress>,
) -> Result<(), Failure> {
    let look = out.look;
    let status = progress.map_or(ItemStatus::Pending, |progress| progress.status);
    let (shape, style) = look.item(status);
    let label = match item.kind {
        ItemKind::Check | ItemKind::Message => one_line(&item.text),
        _ => one_line(&item.id),
    };
    let at = progress.filter(|progress| !progress.at.is_empty()).map(|progress| format!(" {}", clock(&progress.at)));
    let answer = format!("{}{}", word(status), at.unwrap_or_default());
    let label = cut(look, &label, look.width.saturating_sub(answer.len() + 10));
    out.line(&look.row(&format!("  {} {label}", styled(style, shape)), &answer));
    let Some(progress) = progress else { return Ok(()) };
    if let Some(remark) = &progress.remark {
        look.wrapped(&visible(remark), 4).iter().for_each(|line| out.line(line));
    }
    if let Some(linked) = &progress.linked {
        let line = format!("    run {}: {}", linked.run, word(linked.state));
        out.line(&styled(DIM, line));
    }
    hosts(out, progress);
    for attempt in &progress.attempts {
        self::attempt(out, attempt, item);
        output(app, out, arguments.output, &view.run.id, &item.id, attempt)?;
    }
    Ok(())
}

/// One line for each of its hosts, those first that did not pass.
fn hosts(out: &mut Out, progress: &ItemProgress) {
    let mut hosts: Vec<&HostView> = progress.hosts.iter().collect();
    hosts.sort_by_key(|host| host.status == HostStatus::Passed);
    for host in hosts {
        let attempt = progress.attempts.iter().find(|attempt| Some(attempt.number) == host.attempt);
        let took = attempt.and_then(|attempt| attempt.duration_ms).map(duration).unwrap_or_default();
        let exit = attempt.and_then(|attempt| attempt.exit).filter(|exit| *exit != 0);
        let exit = exit.map(|exit| format!(", exit {exit}")).unwrap_or_default();
        let state = word(host.status).replace('_', " ");
        out.line(&out.look.row(&format!("    {}", one_line(&host.name)), &format!("{state}{exit}  {took}")));
    }
    if let Some(note) = &progress.hosts_note {
        out.look.wrapped(&visible(note), 4).iter().for_each(|line| out.line(line));
    }
}

fn attempt(out: &mut Out, attempt: &AttemptView, item: &ItemView) {
    let look = out.look;
    let state = attempt.state.map_or_else(|| "not ended".to_owned(), word);
    let exit = attempt.exit.map(|exit| format!(", exit {exit}")).unwrap_or_default();
    let signal = attempt.signal.as_ref().map(|signal| format!(", {signal}")).unwrap_or_default();
    let took = attempt.duration_ms.map(|took| format!(", {}", duration(took))).unwrap_or_default();
    let typed = if attempt.typed { ", something was typed" } else { "" };
    // Named where it is not this machine.
    let place = if item.on.is_some() { format!(" on {}", one_line(&attempt.target)) } else { String::new() };
    let line = format!("    try {}{place}: {state}{exit}{signal}{took}{typed}", attempt.number);
    out.line(&styled(DIM, line));
    if attempt.number == 1 || attempt.command.trim_end() != item.script.trim_end() {
        for line in visible(&attempt.command).lines() {
            out.line(&format!("      $ {line}"));
        }
    }
    if let Some(note) = &attempt.note {
        look.wrapped(&visible(note), 6).iter().for_each(|line| out.line(line));
    }
    let room = look.width.saturating_sub(18);
    for expected in &attempt.expectations {
        let observed = cut(look, &one_line(&expected.observed), room);
        let observed = if expected.holds { observed } else { styled(FAIL, observed) };
        out.line(&format!("      {} {}", styled(DIM, "expected"), cut(look, &one_line(&expected.expected), room)));
        out.line(&format!("      {} {observed}", styled(DIM, "observed")));
    }
}

/// Output as text: sequences that move the cursor or colour are taken off, other control characters spelt out.
fn output(
    app: &App,
    out: &mut Out,
    whole: bool,
    run: &str,
    item: &str,
    attempt: &AttemptView,
) -> Result<(), Failure> {
    let total = attempt.output_bytes;
    if total == 0 {
        return Ok(());
    }
    let read = |offset: u64, limit: u64| -> Result<(OutputHeader, Vec<u8>), Failure> {
        let message = app.output_read(OutputArgument {
            run: run.to_owned(),
            item: item.to_owned(),
            attempt: attempt.number,
            offset,
            limit,
        })?;
        unpack(&message).ok_or_else(|| Failure {
            status: Status::Broken,
            message: format!("the output of \"{item}\" could not be unpacked"),
        })
    };
    let bar = out.look.or("│", "|");
    let first = read(total.saturating_sub(1), 1)?.0;
    if let Some(at) = &first.removed {
        let gone =
            format!("      {bar} {} of output were removed on {} by the retention setting", size(total), time(at));
        out.line(&styled(DIM, gone));
        return Ok(());
    }
    if !whole {
        let start = total.saturating_sub(16 * 1024);
        let text = plain(&read(start, 16 * 1024)?.1);
        let lines: Vec<&str> = text.lines().collect();
        let hidden = lines.len().saturating_sub(LAST_LINES);
        if hidden > 0 || start > 0 {
            let mark = out.look.or("…", "...");
            out.line(&styled(DIM, format!("      {bar} {mark} {} in all: --output prints it", size(total))));
        }
        lines.iter().skip(hidden).for_each(|line| out.line(&format!("      {bar} {line}")));
        return Ok(());
    }
    let mut offset = 0;
    let mut rest: Vec<u8> = Vec::new();
    while offset < total {
        let (header, piece) = read(offset, PIECE)?;
        if piece.is_empty() {
            break;
        }
        if header.skipped > 0 {
            let mark = out.look.or("…", "...");
            out.line(&styled(DIM, format!("      {bar} {mark} {} were not kept", size(header.skipped))));
        }
        offset = header.offset + piece.len() as u64;
        rest.extend(piece);
        let lines = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let ready: Vec<u8> = rest.drain(..lines).collect();
        plain(&ready).lines().for_each(|line| out.line(&format!("      {bar} {line}")));
    }
    plain(&rest).lines().for_each(|line| out.line(&format!("      {bar} {line}")));
    Ok(())
}

/// Takes a message of output apart: the length of the header in four bytes, little-endian, the header, the bytes.
fn unpack(message: &[u8]) -> Option<(OutputHeader, Vec<u8>)> {
    let (length, rest) = message.split_first_chunk::<4>()?;
    let (header, bytes) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    Some((serde_json::from_slice(header).ok()?, bytes.to_vec()))
}

fn plain(bytes: &[u8]) -> String {
    visible(&String::from_utf8_lossy(&strip_ansi_escapes::strip(bytes)))
}

/// What people said and did beside the items.
fn remarks(out: &mut Out, view: &RunView) {
    let kinds: BTreeSet<&str> = [
        "note",
        "link_opened",
        "paused",
        "resumed",
        "interrupted",
        "stopped",
        "marked",
        "deviation",
        "branched",
        "rollback_started",
        "undone",
        "handed_over",
    ]
    .into();
    let said: Vec<_> = view.timeline.iter().filter(|entry| kinds.contains(entry.kind.as_str())).collect();
    if said.is_empty() {
        return;
    }
    out.line("");
    out.line(&out.look.rule(&counted(said.len() as u64, "REMARK", "REMARKS")));
    for entry in said {
        let what = entry.kind.replace('_', " ");
        let item = entry.item.as_ref().map(|item| format!(" ({})", one_line(item))).unwrap_or_default();
        let text = entry.text.as_ref().map(|text| format!(": {}", visible(text))).unwrap_or_default();
        let line = format!("{} {what}{item}{text}", clock(&entry.at));
        out.look.wrapped(&line, 2).iter().for_each(|line| out.line(line));
    }
}
