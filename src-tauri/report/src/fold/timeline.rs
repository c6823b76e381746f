//! Every event of a journal in words. A kind of event that is new does not compile until it is told here.

use engine::{
    Event, Fact,
    event::{AttemptState, FinishState, LinkedState},
};

use super::{Fold, frame::mode, items::attempt_number};
use crate::{
    model::{Moment, Shape},
    text::{counted, cut, listed},
    times::{clock, day, spoken, stamp},
};

/// Characters of a value in the timeline; the record has all of it.
const VALUE: usize = 200;

/// What an event says.
struct Told {
    kind: &'static str,
    shape: Shape,
    notable: bool,
    text: String,
    detail: Option<String>,
}

fn told(kind: &'static str, shape: Shape, text: impl Into<String>) -> Told {
    Told { kind, shape, notable: true, text: text.into(), detail: None }
}

impl Told {
    fn minor(self) -> Self {
        Self { notable: false, ..self }
    }

    fn saying(self, detail: impl Into<Option<String>>) -> Self {
        Self { detail: detail.into().filter(|text| !text.trim().is_empty()), ..self }
    }
}

/// All moments, oldest first. Pieces of one attempt's output that follow each other are one.
pub(crate) fn moments(fold: &Fold<'_>) -> Vec<Moment> {
    let mut moments = Vec::new();
    let mut printed: Option<(u64, &Event)> = None;
    for event in &fold.record.events {
        if let Fact::Output { item, attempt, length, .. } = &event.fact {
            match &mut printed {
                Some((sum, first)) if is_of(first, item, *attempt) => *sum += length,
                before => {
                    moments.extend(before.take().map(|(sum, first)| output(fold, first, sum)));
                    *before = Some((*length, event));
                }
            }
            continue;
        }
        moments.extend(printed.take().map(|(sum, first)| output(fold, first, sum)));
        moments.push(moment(fold, event, tell(fold, &event.fact)));
    }
    moments.extend(printed.take().map(|(sum, first)| output(fold, first, sum)));
    moments
}

fn is_of(event: &Event, of: &str, number: u64) -> bool {
    matches!(&event.fact, Fact::Output { item, attempt, .. } if item == of && *attempt == number)
}

fn output(fold: &Fold<'_>, first: &Event, bytes: u64) -> Moment {
    let text = format!("printed {}", counted(bytes, "byte", "bytes"));
    moment(fold, first, told("output", Shape::Minor, text).minor())
}

fn moment(fold: &Fold<'_>, event: &Event, told: Told) -> Moment {
    Moment {
        seq: event.seq,
        at: event.at.clone(),
        day: day(&event.at),
        clock: clock(&event.at),
        actor: fold.door.line(&event.actor),
        kind: told.kind,
        shape: told.shape,
        item: event.fact.item().map(|id| fold.label(id)),
        text: fold.door.line(&told.text),
        detail: told.detail.map(|detail| fold.door.text(detail.trim_end())),
        notable: told.notable,
    }
}

fn with(text: &str, note: Option<&String>) -> String {
    match note.map(|note| note.trim()).filter(|note| !note.is_empty()) {
        Some(note) => format!("{text}: {note}"),
        None => text.to_owned(),
    }
}

fn tell(fold: &Fold<'_>, fact: &Fact) -> Told {
    match fact {
        Fact::RunStarted { mode: driven, environment, step, parent, schedule, .. } => {
            let environment = environment.as_ref().map(|name| format!(", in {name}")).unwrap_or_default();
            let step = step.as_ref().map(|step| format!(", only step \"{step}\"")).unwrap_or_default();
            let part = parent.as_ref().map(|parent| format!(", as part of run {}", parent.run)).unwrap_or_default();
            let by = schedule.as_ref().map(|name| format!(", by schedule \"{name}\"")).unwrap_or_default();
            told("run_started", Shape::Start, format!("started, {}{environment}{step}{part}{by}", mode(*driven)))
        }
        Fact::ParameterSet { name, value, from } => {
            let value = value.as_ref().map_or("kept out of every record".to_owned(), |value| cut(value, VALUE));
            told("parameter_set", Shape::Minor, format!("{name} = {value} (from: {from})")).minor()
        }
        Fact::ItemReady { needs, .. } => told("item_ready", Shape::Ready, with("its turn", needs.as_ref())).minor(),
        Fact::AttemptStarted { attempt, target, cwd, background, host, .. } => {
            let beside = if *background { ", in the background" } else { "" };
            let number = if host.is_some() { "begun".to_owned() } else { attempt_number(*attempt) };
            let text = format!("{number} on {target}, in {cwd}{beside}");
            told("attempt_started", Shape::Running, text).minor()
        }
        // Told where pieces that follow each other are put together.
        Fact::Output { length, .. } => {
            told("output", Shape::Minor, format!("printed {}", counted(*length, "byte", "bytes"))).minor()
        }
        Fact::Expectation { expected, observed, holds, .. } => {
            let shape = if *holds { Shape::Passed } else { Shape::Failed };
            told("expectation", shape, format!("expected {expected}, observed {observed}")).minor()
        }
        Fact::AttemptEnded { .. } => attempt_ended(fold, fact),
        Fact::HostsStarted { hosts, .. } if hosts.is_empty() => {
            told("hosts_started", Shape::Running, "asks Ansible on which hosts".to_owned()).minor()
        }
        Fact::HostsStarted { hosts, at_once, .. } => {
            let text = format!("on {}, {at_once} at once", counted(hosts.len() as u64, "host", "hosts"));
            told("hosts_started", Shape::Running, text)
        }
        Fact::HostsEnded { .. } => hosts_ended(fact),
        Fact::CheckTicked { note, .. } => told("check_ticked", Shape::Passed, with("ticked", note.as_ref())),
        Fact::CheckUnticked { note, .. } => {
            told("check_unticked", Shape::Pending, with("not done after all", note.as_ref()))
        }
        Fact::CheckFailed { note, .. } => told("check_failed", Shape::Failed, with("does not hold", note.as_ref())),
        Fact::Confirmed { item, what } => {
            let of = if item.is_some() { "confirmed" } else { "confirmed for the environment" };
            told("confirmed", Shape::Mark, format!("{of}: {what}"))
        }
        Fact::InputSent { .. } => {
            told("input_sent", Shape::Minor, "something was typed into it; what is never recorded").minor()
        }
        Fact::MessageSent { text, .. } => told("message_sent", Shape::Passed, "sent").saying(text.clone()),
        Fact::LinkOpened { url, .. } => told("link_opened", Shape::Link, format!("opened {url}")),
        Fact::Note { text, .. } => told("note", Shape::Note, "note").saying(text.clone()),
        Fact::LinkedRun { child, state, .. } => {
            let (shape, word) = match state {
                LinkedState::Opened => (Shape::Start, "opened"),
                LinkedState::Passed => (Shape::Passed, "passed"),
                LinkedState::Failed => (Shape::Failed, "failed"),
                LinkedState::Abandoned => (Shape::Abandoned, "given up"),
                LinkedState::RolledBack => (Shape::Undone, "rolled back"),
            };
            told("linked_run", shape, format!("run {child} of this check: {word}"))
        }
        Fact::Marked { .. } => {
            let text = engine::incident::words(fact, |at| format!("{} UTC", stamp(at))).unwrap_or_default();
            told("marked", Shape::Mark, text)
        }
        Fact::Branched { to, again, .. } => {
            let to = step_title(fold, to);
            let again: Vec<String> = again.iter().map(|id| fold.label(id)).collect();
            let more = if again.is_empty() { String::new() } else { format!("; once more: {}", listed(&again)) };
            told("branched", Shape::Mark, format!("went to \"{to}\"{more}"))
        }
        Fact::Skipped { reason, .. } => {
            let told = told("skipped", Shape::Skipped, format!("skipped: {reason}"));
            // The branch itself was told.
            if reason == "branch" { told.minor() } else { told }
        }
        Fact::Overridden { reason, .. } => told("overridden", Shape::Overridden, format!("taken as done: {reason}")),
        Fact::Deviation { reason, text, .. } => {
            let why = Some(reason).filter(|reason| !reason.trim().is_empty());
            told("deviation", Shape::Mark, with("edited for this run alone", why)).saying(text.clone())
        }
        Fact::VariablesSet { .. } => variables_set(fact),
        Fact::RollbackStarted { plan } => {
            told("rollback_started", Shape::Undone, format!("began to roll back: {}", names(fold, plan)))
        }
        Fact::PlanChosen { plan } => {
            told("plan_chosen", Shape::Undone, format!("chose what is undone: {}", names(fold, plan)))
        }
        Fact::Undone { note, .. } => told("undone", Shape::Undone, with("undone", note.as_ref())),
        Fact::Paused { reason } => told("paused", Shape::Paused, with("put aside", reason.as_ref())),
        Fact::Resumed { mode: driven, lost, taken_up } => {
            let text = if *taken_up { "taken up" } else { "goes on" };
            let driven = driven.map(|driven| format!(", {}", mode(driven))).unwrap_or_default();
            let lost = match lost.as_slice() {
                [] => String::new(),
                lost => format!("; kept in memory alone and lost: {}", listed(lost)),
            };
            told("resumed", Shape::Start, format!("{text}{driven}{lost}"))
        }
        Fact::Interrupted { item } => {
            let text = match item {
                Some(_) => "interrupted: the process that drove the run is gone, nobody knows how this ended",
                None => "interrupted: the process that drove the run is gone",
            };
            told("interrupted", Shape::Interrupted, text)
        }
        Fact::Stopped { item, reason } => {
            let text = if item.is_some() { "stopped" } else { "everything that ran was stopped" };
            told("stopped", Shape::Failed, with(text, reason.as_ref()))
        }
        Fact::HandedOver { to } => told("handed_over", Shape::HandedOver, format!("handed over to {to}")),
        Fact::RunFinished { state, reason } => {
            let (shape, word) = match state {
                FinishState::Passed => (Shape::Passed, "passed"),
                FinishState::Failed => (Shape::Failed, "failed"),
                FinishState::RolledBack => (Shape::Undone, "rolled back"),
                FinishState::Abandoned => (Shape::Abandoned, "given up"),
                FinishState::HandedOver => (Shape::HandedOver, "handed over"),
            };
            told("run_finished", shape, with(&format!("the run ended: {word}"), reason.as_ref()))
        }
    }
}

fn attempt_ended(fold: &Fold<'_>, fact: &Fact) -> Told {
    let Fact::AttemptEnded { item, attempt, state, exit, signal, note, again, duration_ms, host } = fact else {
        return told("attempt_ended", Shape::Minor, String::new()).minor();
    };
    let item = fold.state.items.get(item);
    let beside = item.is_some_and(|item| item.background);
    let (shape, word) = match state {
        AttemptState::Passed => (Shape::Passed, "passed"),
        AttemptState::Failed if *again => (Shape::Waiting, "not yet"),
        AttemptState::Failed => (Shape::Failed, "failed"),
        AttemptState::Stopped if beside => (Shape::Passed, "ended with the run"),
        AttemptState::Stopped => (Shape::Failed, "stopped"),
    };
    let mut parts = vec![match host {
        Some(host) => format!("{host} {word}"),
        None => word.to_owned(),
    }];
    let tried = item.and_then(|item| item.attempts.iter().find(|tried| tried.number == *attempt));
    let broken = tried.and_then(|tried| tried.expectations.iter().find(|one| !one.holds));
    match (broken, signal, exit) {
        (Some(one), _, _) => parts.push(format!("expected {}, observed {}", one.expected, one.observed)),
        (None, Some(signal), _) => parts.push(format!("ended by {signal}")),
        (None, None, Some(status)) => parts.push(format!("exit {status}")),
        (None, None, None) => {}
    }
    if *attempt > 1 && host.is_none() {
        parts.push(attempt_number(*attempt));
    }
    parts.push(spoken(*duration_ms));
    let ended = told("attempt_ended", shape, with(&parts.join(", "), note.as_ref()));
    if *again { ended.minor() } else { ended }
}

fn hosts_ended(fact: &Fact) -> Told {
    let Fact::HostsEnded { state, passed, failed, not_reached, note, again, duration_ms, .. } = fact else {
        return told("hosts_ended", Shape::Minor, String::new()).minor();
    };
    let all = *passed + (failed.len() + not_reached.len()) as u64;
    let mut parts = Vec::new();
    if all > 0 {
        parts.push(format!("passed on {passed} of {}", counted(all, "host", "hosts")));
    }
    if !failed.is_empty() {
        parts.push(format!("failed on {}", listed(failed)));
    }
    parts.push(spoken(*duration_ms));
    let shape = match state {
        AttemptState::Passed => Shape::Passed,
        AttemptState::Failed if *again => Shape::Waiting,
        AttemptState::Failed | AttemptState::Stopped => Shape::Failed,
    };
    told("hosts_ended", shape, with(&parts.join(", "), note.as_ref()))
}

fn variables_set(fact: &Fact) -> Told {
    let Fact::VariablesSet { values, unset, cwd, target, in_memory, .. } = fact else {
        return told("variables_set", Shape::Minor, String::new()).minor();
    };
    let set = values.iter().map(|(name, value)| format!("{name} = {}", cut(value, VALUE)));
    let gone = unset.iter().map(|name| format!("{name} is unset"));
    let kept = in_memory.iter().map(|name| format!("{name} = kept out of every record"));
    let there = target.as_ref().map(|target| format!(" on {target}")).unwrap_or_default();
    let place = cwd.iter().map(|cwd| format!("the next command{there} starts in {cwd}"));
    let all: Vec<String> = set.chain(gone).chain(kept).chain(place).collect();
    told("variables_set", Shape::Minor, format!("carries on: {}", all.join("; "))).minor()
}

fn names(fold: &Fold<'_>, plan: &[String]) -> String {
    let names: Vec<String> = plan.iter().map(|id| fold.label(id)).collect();
    if names.is_empty() { "nothing".to_owned() } else { listed(&names) }
}

/// The title of a step, by its id or that of an item in it.
fn step_title(fold: &Fold<'_>, to: &str) -> String {
    let mut steps = fold.runbook().phases.iter().flat_map(|section| &section.steps);
    let step = steps.find(|step| step.id == to);
    let step = step.or_else(|| fold.runbook().item(to).map(|(_, step, _)| step));
    step.map_or_else(|| to.to_owned(), |step| step.title.clone())
}
