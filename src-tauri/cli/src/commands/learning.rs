//! `allgood compare` and `propose`: two runs side by side, and what a run suggests to change in its runbook.

use api::{
    App,
    commands::RunArgument,
    wire::{CompareRuns, ItemComparison, ItemSide, Proposal, ProposalKind, RunComparison, RunSummary, Saved},
};

use super::{history, lines, table};
use crate::{
    arguments::{CompareArguments, ProposeArguments},
    look::{BOLD, DIM, FAIL, counted, duration, one_line, styled, time, visible, word},
    out::{Out, message},
    status::{Failure, Status},
};

/// So much of an id names a run to a person.
const SHORT: usize = 13;

/// Holds two runs beside each other.
pub(crate) fn compare(app: &App, out: &mut Out, arguments: &CompareArguments) -> Result<Status, Failure> {
    let found = app.run_compare(CompareRuns { one: arguments.one.clone(), other: arguments.other.clone() })?;
    if arguments.json {
        out.json(&found)?;
        return Ok(Status::Good);
    }
    head(out, &found);
    let shown: Vec<&ItemComparison> =
        found.items.iter().filter(|item| arguments.all || !item.differs.is_empty()).collect();
    let same = found.items.len() - shown.len();
    if !shown.is_empty() {
        out.line("");
        let mut table = table(out.look, &["item", short(&found.one), short(&found.other), "differs"]);
        for item in &shown {
            let [one, other] = &item.sides;
            let name = if item.text.is_empty() { &item.item } else { &item.text };
            table.add_row([one_line(name), side(one.as_ref()), side(other.as_ref()), item.differs.join(", ")]);
        }
        lines(&table).iter().for_each(|line| out.line(line));
    }
    for item in &shown {
        observed(out, item);
        if let Some(command) = &item.command {
            out.line("");
            let names = (short(&found.one).to_owned(), short(&found.other).to_owned());
            history::print(out, &item.item, &names, command);
        }
    }
    if same > 0 {
        out.line("");
        let same = counted(same as u64, "item", "items");
        out.line(&styled(DIM, format!("{same} went the same way; --all shows them.")));
    }
    Ok(Status::Good)
}

fn head(out: &mut Out, found: &RunComparison) {
    out.line(&styled(BOLD, one_line(&found.other.title)));
    let [one_took, other_took] = found.duration_ms.map(|took| took.map_or_else(|| "-".to_owned(), duration));
    let environment = |place: usize| found.environment[place].as_deref().map_or_else(|| "-".to_owned(), one_line);
    let mut table = table(out.look, &["", short(&found.one), short(&found.other)]);
    let look = out.look;
    let state = |run: &RunSummary| {
        let (shape, style) = look.run(run.state);
        format!("{} {}", styled(style, shape), word(run.state))
    };
    let revision = |run: &RunSummary| run.revision.get(..8).unwrap_or_default().to_owned();
    for (name, one, other) in [
        ("state", state(&found.one), state(&found.other)),
        ("started (UTC)", time(&found.one.started_at), time(&found.other.started_at)),
        ("took", one_took, other_took),
        ("by", one_line(&found.one.actor), one_line(&found.other.actor)),
        ("mode", word(found.one.mode), word(found.other.mode)),
        ("environment", environment(0), environment(1)),
        ("revision", revision(&found.one), revision(&found.other)),
    ] {
        table.add_row([name.to_owned(), one, other]);
    }
    for parameter in &found.parameters {
        let [one, other] =
            [0, 1].map(|place: usize| parameter.values[place].as_deref().map_or_else(|| "-".to_owned(), one_line));
        table.add_row([one_line(&parameter.name), one, other]);
    }
    lines(&table).iter().for_each(|line| out.line(line));
}

fn side(side: Option<&ItemSide>) -> String {
    let Some(side) = side else { return "not there".to_owned() };
    let exit = side.exit.map(|exit| format!(", exit {exit}")).unwrap_or_default();
    let took = side.duration_ms.map(|took| format!(", {}", duration(took))).unwrap_or_default();
    let tries = if side.attempts > 1 { format!(", {} tries", side.attempts) } else { String::new() };
    format!("{}{exit}{took}{tries}", word(side.status))
}

/// What was expected and came, where that differs.
fn observed(out: &mut Out, item: &ItemComparison) {
    if !item.differs.iter().any(|what| what == "observed") {
        return;
    }
    out.line("");
    out.line(&styled(BOLD, one_line(&item.item)));
    for side in item.sides.iter().flatten() {
        for expected in &side.expectations {
            let came = one_line(&expected.observed);
            let came = if expected.holds { came } else { styled(FAIL, came) };
            out.line(&format!("  expected {}, observed {came}", one_line(&expected.expected)));
        }
    }
}

/// Shows what a run suggests, or does it.
pub(crate) fn propose(app: &App, out: &mut Out, arguments: &ProposeArguments) -> Result<Status, Failure> {
    let found = app.run_proposals(RunArgument { run: arguments.run.clone() })?;
    if arguments.json {
        out.json(&found)?;
        return Ok(Status::Good);
    }
    if found.proposals.is_empty() {
        message("This run suggests nothing: no command was edited and passed, and nothing was taken as done.");
        return Ok(Status::Good);
    }
    for proposal in &found.proposals {
        self::proposal(out, &found.path, proposal);
    }
    if !arguments.apply {
        return Ok(Status::Good);
    }
    match app.apply_proposals(&arguments.run)? {
        Some(Saved::Saved { revision, notice, .. }) => {
            message(&format!(
                "Saved {} as revision {}.",
                one_line(&found.path),
                revision.get(..8).unwrap_or_default()
            ));
            if let Some(notice) = notice {
                message(&visible(&notice));
            }
            Ok(Status::Good)
        }
        Some(Saved::Changed { .. }) => Err(Failure::new(
            Status::Bad,
            format!("{} was changed meanwhile, and nothing was written: look at it, then try again.", found.path),
        )),
        None => {
            message("Nothing of this can be put into the file as it is.");
            Ok(Status::Bad)
        }
    }
}

fn proposal(out: &mut Out, path: &str, proposal: &Proposal) {
    let line = proposal.line.map(|line| format!(" (line {line})")).unwrap_or_default();
    let what = match proposal.kind {
        ProposalKind::Edited => "was edited for the run, and passed",
        ProposalKind::Overridden => "was taken as done in spite of the machine",
    };
    out.line(&format!("{}{line} {what}", styled(BOLD, one_line(&proposal.item))));
    let reason = format!("{}, {} UTC: {}", one_line(&proposal.actor), time(&proposal.at), visible(&proposal.reason));
    out.look.wrapped(&reason, 2).iter().for_each(|line| out.line(line));
    for expected in &proposal.expectations {
        out.line(&format!("  expected {}, observed {}", one_line(&expected.expected), one_line(&expected.observed)));
    }
    if let Some(refused) = &proposal.refused {
        out.look.wrapped(&visible(refused), 2).iter().for_each(|line| out.line(line));
        for line in proposal.ran.iter().flat_map(|ran| ran.lines()) {
            out.line(&format!("    {}", visible(line)));
        }
    }
    if let Some(comparison) = &proposal.comparison {
        history::print(out, path, &("as it is".to_owned(), "as it ran".to_owned()), comparison);
    }
    out.line("");
}

fn short(run: &RunSummary) -> &str {
    run.id.get(..SHORT).unwrap_or(&run.id)
}
