//! When a person who looks elsewhere is called to a run, and with which words.

use engine::{
    Event, Fact, ItemStatus, RunId, RunState,
    event::{AttemptState, FinishState, Mode},
};
use format::{Item, ItemKind, Runbook, Step};

use super::{Notice, under_way::UnderWay};
use crate::{learning::duration, wire::Settings};

/// Something that may call a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occasion {
    pub(super) notice: Notice,
    /// It calls nobody who does not wait for something long: what ended took so many milliseconds.
    pub(super) took: Option<u64>,
}

impl Occasion {
    /// Whether the person wants to be called by it.
    pub(super) fn is_wanted(&self, settings: &Settings) -> bool {
        let long = u64::from(settings.notify_after_s) * 1000;
        settings.notifications && self.took.is_none_or(|took| took >= long)
    }
}

/// What an event calls a person for, if it does; `state` is the run's after it.
///
/// - Something failed, a rollback stopped: always.
/// - A run that goes on by itself needs a person, or is over: always.
/// - A probe ended where a person goes on: always. It was waited for.
/// - A command ended, or a probe in a run that goes on by itself: when it took long.
/// - Its record cannot be kept, or can be kept again: always; no event says so.
/// - A status update of an incident is due: once for each; no event says so.
/// - What a person did just now: never.
pub(super) fn of(event: &Event, state: &RunState, runbook: &Runbook) -> Option<Occasion> {
    let by_itself = state.mode == Some(Mode::Auto) || state.rolling_back().is_some();
    let at = |id: &str| runbook.item(id).map(|(_, step, item)| (step, item));
    let (text, urgent, took) = match &event.fact {
        // On several hosts it has ended when it has on all of them.
        Fact::AttemptEnded { again: true, .. } | Fact::AttemptEnded { host: Some(_), .. } => return None,
        Fact::HostsEnded { again: true, .. } => return None,
        Fact::AttemptEnded { state: AttemptState::Stopped, .. }
        | Fact::HostsEnded { state: AttemptState::Stopped, .. } => return None,
        Fact::AttemptEnded { item: id, state: AttemptState::Failed, .. }
        | Fact::HostsEnded { item: id, state: AttemptState::Failed, .. } => {
            let (step, item) = at(id)?;
            let long = time(event, state, id);
            let goes_on = item.options.optional && by_itself;
            (failed(step, item, state, long), !item.options.optional, goes_on.then_some(long))
        }
        Fact::AttemptEnded { item: id, .. } | Fact::HostsEnded { item: id, .. } => {
            let (step, item) = at(id)?;
            if let Some(waits) = undone_by_hand(state, runbook) {
                (waits, false, None)
            } else {
                let long = time(event, state, id);
                let waited_for = item.kind == ItemKind::Probe && !by_itself;
                (passed(step, item, long), false, (!waited_for).then_some(long))
            }
        }
        Fact::ItemReady { item: id, needs: Some(_) } if by_itself => {
            let (step, item) = at(id)?;
            (waits(step, item), false, None)
        }
        Fact::RollbackStarted { .. } | Fact::PlanChosen { .. } | Fact::Undone { .. } => {
            (undone_by_hand(state, runbook)?, false, None)
        }
        Fact::RunFinished { state, .. } => (over(*state)?.to_owned(), *state == FinishState::Failed, None),
        _ => return None,
    };
    let notice = Notice { run: event.run.0.clone(), title: runbook.title.clone(), text, urgent };
    Some(Occasion { notice, took })
}

/// A run whose record can no longer be written.
pub(super) fn trouble(run: &RunId, under_way: &UnderWay) -> Occasion {
    let text = "The run cannot go on: its record could not be written.".to_owned();
    let notice = Notice { run: run.0.clone(), title: under_way.title.clone(), text, urgent: true };
    Occasion { notice, took: None }
}

/// A run whose facts cannot be kept for now, and one whose facts can be kept again.
pub(super) fn keeping(run: &RunId, held: bool, runbook: &Runbook) -> Occasion {
    let text = if held {
        "The run waits: its record cannot be kept, and nothing more is started."
    } else {
        "The record is kept again, and the run goes on."
    };
    let notice = Notice { run: run.0.clone(), title: runbook.title.clone(), text: text.to_owned(), urgent: held };
    Occasion { notice, took: None }
}

/// Milliseconds from the first of the tries that followed each other by themselves to this end.
fn time(event: &Event, state: &RunState, item: &str) -> u64 {
    let attempts = state.items.get(item).map_or(&[][..], |item| &item.attempts);
    if let Some(took) = state.items.get(item).and_then(|item| item.hosts_took) {
        return took;
    }
    let Some((last, before)) = attempts.split_last() else { return 0 };
    let first = before.iter().rev().take_while(|attempt| attempt.again).last().unwrap_or(last);
    // Where the clock was set back, what the last one measured is all there is.
    duration(&first.started_at, &event.at).or(last.duration_ms).unwrap_or_default()
}

fn passed(step: &Step, item: &Item, took: u64) -> String {
    let what = match item.kind {
        ItemKind::Probe => "what it waits for holds",
        ItemKind::Undo => "undone",
        _ => "the command passed",
    };
    format!("{}: {what}, after {}.", step.title, report::spoken(took))
}

fn failed(step: &Step, item: &Item, state: &RunState, took: u64) -> String {
    if let Some(known) = state.items.get(&item.id).filter(|known| !known.hosts.is_empty()) {
        let count = known.hosts_count();
        let hosts = format!("it passed on {} of {} hosts, after {}", count.passed, count.all, report::spoken(took));
        return format!("{}: {hosts}.", step.title);
    }
    let last = state.items.get(&item.id).and_then(|item| item.attempts.last());
    // The exit status is one of the expectations, and the engine calls it so: by it alone a command did not pass.
    let verified =
        last.is_none_or(|last| last.expectations.iter().all(|one| one.holds || one.expected.starts_with("exit ")));
    let what = match (item.kind, state.rolling_back().is_some()) {
        (ItemKind::Probe, _) => "what it waits for does not hold",
        (ItemKind::Undo, _) => "the undo failed, and the rollback stopped",
        (_, true) => "the command failed, and the rollback stopped",
        _ if !verified => "the command did not verify",
        _ => "the command failed",
    };
    let how = match last {
        Some(last) if verified && item.kind != ItemKind::Probe => match (last.exit, &last.signal) {
            (Some(exit), _) => format!(", exit status {exit}"),
            (None, Some(signal)) => format!(", ended by {signal}"),
            (None, None) => String::new(),
        },
        _ => String::new(),
    };
    format!("{}: {what}{how}, after {}.", step.title, report::spoken(took))
}

fn waits(step: &Step, item: &Item) -> String {
    let what = match item.kind {
        ItemKind::Check => "something is to be checked",
        ItemKind::Message => "a message is to be sent",
        _ if item.options.confirm.is_some() => "a command asks to be confirmed",
        _ if !item.placeholders.is_empty() => "a command asks for values",
        ItemKind::Probe => "a probe is to be started by you",
        ItemKind::Command | ItemKind::Undo => "a command is to be started by you",
    };
    format!("{}: waits for you, {what}.", step.title)
}

/// A rollback that has come to what a person undoes: no event of its own says so.
fn undone_by_hand(state: &RunState, runbook: &Runbook) -> Option<String> {
    let rollback = state.rolling_back()?;
    let (_, step, item) = runbook.item(rollback.next()?)?;
    let by_hand = item.kind != ItemKind::Undo && item.options.no_return && state.running().is_none();
    (by_hand && state.item(&item.id) != ItemStatus::Undone)
        .then(|| format!("{}: waits for you, it is undone by hand.", step.title))
}

fn over(state: FinishState) -> Option<&'static str> {
    match state {
        FinishState::Passed => Some("The run has passed."),
        FinishState::Failed => Some("The run has failed."),
        FinishState::RolledBack => Some("The run is rolled back."),
        // A person did that.
        FinishState::Abandoned | FinishState::HandedOver => None,
    }
}
