//! Runs, as a face sees them.

use engine::{
    Event, Fact, ItemStatus, RunStatus,
    event::{AttemptState, LinkedState, Mode},
    state::{Attempt, HostStatus, ItemState},
};
use format::Runbook;

use crate::wire;

/// A run's state.
pub(crate) fn run_status(status: RunStatus) -> wire::RunStatus {
    match status {
        RunStatus::Waiting => wire::RunStatus::Waiting,
        RunStatus::Running => wire::RunStatus::Running,
        RunStatus::Paused => wire::RunStatus::Paused,
        RunStatus::Passed => wire::RunStatus::Passed,
        RunStatus::Failed => wire::RunStatus::Failed,
        RunStatus::RolledBack => wire::RunStatus::RolledBack,
        RunStatus::Abandoned => wire::RunStatus::Abandoned,
        RunStatus::HandedOver => wire::RunStatus::HandedOver,
        RunStatus::Interrupted => wire::RunStatus::Interrupted,
    }
}

/// A run's state, as the engine has it.
pub(crate) fn engine_status(status: wire::RunStatus) -> RunStatus {
    match status {
        wire::RunStatus::Waiting => RunStatus::Waiting,
        wire::RunStatus::Running => RunStatus::Running,
        wire::RunStatus::Paused => RunStatus::Paused,
        wire::RunStatus::Passed => RunStatus::Passed,
        wire::RunStatus::Failed => RunStatus::Failed,
        wire::RunStatus::RolledBack => RunStatus::RolledBack,
        wire::RunStatus::Abandoned => RunStatus::Abandoned,
        wire::RunStatus::HandedOver => RunStatus::HandedOver,
        wire::RunStatus::Interrupted => RunStatus::Interrupted,
    }
}

/// How a run is driven.
pub(crate) fn mode(mode: Mode) -> wire::Mode {
    match mode {
        Mode::Hand => wire::Mode::Hand,
        Mode::Auto => wire::Mode::Auto,
        Mode::Rehearse => wire::Mode::Rehearse,
    }
}

/// How a run is to be driven.
pub(crate) fn engine_mode(mode: wire::Mode) -> Mode {
    match mode {
        wire::Mode::Hand => Mode::Hand,
        wire::Mode::Auto => Mode::Auto,
        wire::Mode::Rehearse => Mode::Rehearse,
    }
}

/// The state of an item.
pub(crate) fn item_status(status: ItemStatus) -> wire::ItemStatus {
    match status {
        ItemStatus::Pending => wire::ItemStatus::Pending,
        ItemStatus::Ready => wire::ItemStatus::Ready,
        ItemStatus::Running => wire::ItemStatus::Running,
        ItemStatus::Waiting => wire::ItemStatus::Waiting,
        ItemStatus::Passed => wire::ItemStatus::Passed,
        ItemStatus::Failed => wire::ItemStatus::Failed,
        ItemStatus::Skipped => wire::ItemStatus::Skipped,
        ItemStatus::Overridden => wire::ItemStatus::Overridden,
        ItemStatus::Undone => wire::ItemStatus::Undone,
        ItemStatus::Interrupted => wire::ItemStatus::Interrupted,
    }
}

/// How an attempt ended.
pub(crate) fn attempt_state(state: AttemptState) -> wire::AttemptState {
    match state {
        AttemptState::Passed => wire::AttemptState::Passed,
        AttemptState::Failed => wire::AttemptState::Failed,
        AttemptState::Stopped => wire::AttemptState::Stopped,
    }
}

fn host_status(status: HostStatus) -> wire::HostStatus {
    match status {
        HostStatus::Waiting => wire::HostStatus::Waiting,
        HostStatus::Running => wire::HostStatus::Running,
        HostStatus::Passed => wire::HostStatus::Passed,
        HostStatus::Failed => wire::HostStatus::Failed,
        HostStatus::Stopped => wire::HostStatus::Stopped,
        HostStatus::NotReached => wire::HostStatus::NotReached,
        HostStatus::Interrupted => wire::HostStatus::Interrupted,
    }
}

/// Expected against observed.
pub(crate) fn expectations(attempt: &Attempt) -> Vec<wire::Expected> {
    let told = |expected: &engine::state::Expected| wire::Expected {
        expected: expected.expected.clone(),
        observed: expected.observed.clone(),
        holds: expected.holds,
    };
    attempt.expectations.iter().map(told).collect()
}

/// What happened to an item.
pub(crate) fn progress(id: &str, state: &ItemState) -> wire::ItemProgress {
    wire::ItemProgress {
        item: id.to_owned(),
        status: item_status(state.status),
        at: state.at.clone(),
        actor: state.actor.clone(),
        remark: state.remark.clone(),
        background: state.background,
        hosts: state
            .hosts
            .iter()
            .map(|host| wire::HostView {
                name: host.name.clone(),
                status: host_status(host.status),
                attempt: host.attempt,
            })
            .collect(),
        hosts_note: state.hosts_note.clone(),
        hosts_took_ms: state.hosts_took,
        linked: state.linked.as_ref().map(|linked| wire::LinkedRun {
            run: linked.run.0.clone(),
            state: match linked.state {
                LinkedState::Opened => wire::LinkedState::Opened,
                LinkedState::Passed => wire::LinkedState::Passed,
                LinkedState::Failed => wire::LinkedState::Failed,
                LinkedState::Abandoned => wire::LinkedState::Abandoned,
                LinkedState::RolledBack => wire::LinkedState::RolledBack,
            },
        }),
        edited: state
            .deviation
            .as_ref()
            .map(|deviation| wire::Edited { text: deviation.text.clone(), reason: deviation.reason.clone() }),
        attempts: state
            .attempts
            .iter()
            .map(|attempt| wire::AttemptView {
                number: attempt.number,
                host: attempt.host.clone(),
                started_at: attempt.started_at.clone(),
                command: attempt.command.clone(),
                target: attempt.target.clone(),
                cwd: attempt.cwd.clone(),
                state: attempt.state.map(attempt_state),
                exit: attempt.exit,
                signal: attempt.signal.clone(),
                note: attempt.note.clone(),
                duration_ms: attempt.duration_ms,
                of: attempt.of,
                output_bytes: attempt.output_bytes,
                expectations: expectations(attempt),
                typed: attempt.typed,
            })
            .collect(),
    }
}

/// A line of the timeline, or nothing for output and turns, which would drown it.
pub(crate) fn timeline(event: &Event) -> Option<wire::TimelineEntry> {
    if matches!(event.fact, Fact::Output { .. } | Fact::ItemReady { .. }) {
        return None;
    }
    let fields = serde_json::to_value(&event.fact).ok()?;
    let text = |key: &str| fields.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
    let number = |key: &str| fields.get(key).and_then(serde_json::Value::as_u64);
    let said = match &event.fact {
        Fact::RunStarted { mode, .. } => serde_json::to_value(mode).ok()?.as_str().map(str::to_owned),
        Fact::ParameterSet { name, value, .. } => {
            Some(value.as_ref().map_or_else(|| name.clone(), |value| format!("{name} = {value}")))
        }
        Fact::Expectation { expected, observed, .. } => Some(format!("{expected}: {observed}")),
        Fact::AttemptStarted { command, .. } => Some(command.clone()),
        Fact::AttemptEnded { state, host: Some(host), .. } => {
            let state = serde_json::to_value(state).ok()?.as_str().map(str::to_owned)?;
            Some(format!("{host}: {}", text("note").or_else(|| text("signal")).unwrap_or(state)))
        }
        // No exit status says that what was measured holds.
        Fact::AttemptEnded { state: AttemptState::Passed, exit: None, note: Some(note), .. } => {
            Some(format!("passed; {note}"))
        }
        Fact::AttemptEnded { state, note, signal, .. } => note
            .clone()
            .or_else(|| signal.clone())
            .or_else(|| serde_json::to_value(state).ok()?.as_str().map(str::to_owned)),
        Fact::HostsStarted { hosts, .. } if hosts.is_empty() => Some("asks Ansible on which hosts".to_owned()),
        Fact::HostsStarted { hosts, .. } => Some(hosts.join(", ")),
        Fact::HostsEnded { passed, failed, not_reached, note, .. } => {
            let all = *passed + (failed.len() + not_reached.len()) as u64;
            let said = (all > 0).then(|| format!("passed on {passed} of {all}"));
            let failed = (!failed.is_empty()).then(|| format!("failed on {}", failed.join(", ")));
            Some([said, failed, note.clone()].into_iter().flatten().collect::<Vec<_>>().join("; "))
        }
        Fact::VariablesSet { values, .. } => Some(values.keys().cloned().collect::<Vec<_>>().join(", ")),
        Fact::Marked { .. } => engine::incident::words(&event.fact, str::to_owned),
        Fact::LinkedRun { child, .. } => {
            Some(format!("{} {child}", text("state").unwrap_or_default().replace('_', " ")))
        }
        Fact::RollbackStarted { plan } | Fact::PlanChosen { plan } => Some(plan.join(", ")),
        Fact::Resumed { mode, lost, .. } => {
            let mode = mode.and_then(|mode| serde_json::to_value(mode).ok()?.as_str().map(str::to_owned));
            let lost = (!lost.is_empty()).then(|| format!("without {}", lost.join(", ")));
            let said: Vec<String> = mode.into_iter().chain(lost).collect();
            (!said.is_empty()).then(|| said.join(", "))
        }
        _ => ["note", "reason", "text", "url", "what", "state", "to"].into_iter().find_map(text),
    };
    Some(wire::TimelineEntry {
        seq: event.seq,
        at: event.at.clone(),
        actor: event.actor.clone(),
        kind: text("kind").unwrap_or_default(),
        item: text("item"),
        attempt: number("attempt"),
        text: said,
        exit: fields.get("exit").and_then(serde_json::Value::as_i64),
        duration_ms: number("duration_ms"),
        mark: mark(event),
    })
}

/// The mark of an incident, where the event is one.
fn mark(event: &Event) -> Option<wire::MarkView> {
    let Fact::Marked { what, value, when, role, reason, withdrawn } = event.fact.clone() else { return None };
    Some(wire::MarkView {
        at: event.at.clone(),
        actor: event.actor.clone(),
        what,
        value,
        when,
        role,
        reason,
        withdrawn,
    })
}

/// An environment, as the engine has it.
pub(crate) fn engine_environment(chosen: &format::Environment) -> engine::run::Environment {
    let format::Environment { name, guard, vars, .. } = chosen;
    engine::run::Environment { name: name.clone(), guard: *guard, vars: vars.clone() }
}

/// What a rollback does, or would do now. One that is over stays as it was.
pub(crate) fn rollback(runbook: &Runbook, state: &engine::RunState) -> wire::RollbackView {
    rollback_of(runbook, state, state.rollback.as_ref())
}

/// What a rollback that begins now would do; of one that is under way, what it does.
pub(crate) fn rollback_now(runbook: &Runbook, state: &engine::RunState) -> wire::RollbackView {
    rollback_of(runbook, state, state.rolling_back())
}

fn rollback_of(
    runbook: &Runbook,
    state: &engine::RunState,
    begun: Option<&engine::state::Rollback>,
) -> wire::RollbackView {
    let planned = engine::run::rollback_plan(runbook, state);
    let title = |id: &String| {
        let mut steps = runbook.phases.iter().flat_map(|section| &section.steps);
        steps.find(|step| step.id == *id).map_or_else(|| id.clone(), |step| step.title.clone())
    };
    let without = planned.without.iter().map(title).collect();
    let Some(begun) = begun else {
        let entries = planned.entries.into_iter().filter_map(|entry| {
            let how = (entry.how, entry.in_part);
            rollback_entry(runbook, state, &entry.item, Some(how), None)
        });
        return wire::RollbackView { at: None, entries: entries.collect(), without };
    };
    let how = |id: &str| {
        let found = planned.entries.iter().find(|entry| entry.item == id);
        found.map(|entry| (entry.how, entry.in_part))
    };
    let entries = begun.plan.iter().filter_map(|id| rollback_entry(runbook, state, id, how(id), Some(begun)));
    wire::RollbackView { at: Some(begun.at.clone()), entries: entries.collect(), without }
}

fn rollback_entry(
    runbook: &Runbook,
    state: &engine::RunState,
    id: &str,
    how: Option<(engine::run::Undoing, bool)>,
    begun: Option<&engine::state::Rollback>,
) -> Option<wire::RollbackEntry> {
    use engine::run::Undoing;
    let (section, step, item) = runbook.item(id)?;
    let linked = state.items.get(id).and_then(|item| item.linked.as_ref());
    let (how, in_part) = how.unwrap_or_else(|| {
        let how = match item.kind {
            format::ItemKind::Undo => Undoing::Undo,
            _ if section.phase == format::Phase::Rollback => Undoing::Phase,
            _ if linked.is_some() => Undoing::Run,
            _ => Undoing::ByHand,
        };
        (how, false)
    });
    let text = if item.text.is_empty() { item.script.lines().next().unwrap_or_default() } else { &item.text };
    Some(wire::RollbackEntry {
        item: item.id.clone(),
        step: step.id.clone(),
        title: step.title.clone(),
        text: text.to_owned(),
        how: match how {
            Undoing::Undo => wire::Undoing::Undo,
            Undoing::ByHand => wire::Undoing::ByHand,
            Undoing::Phase => wire::Undoing::Phase,
            Undoing::Run => wire::Undoing::Run,
        },
        in_part,
        settled: begun.is_some_and(|begun| begun.settled.contains(id)),
        failed: begun.is_some_and(|begun| begun.failed.contains(id)),
        run: linked.filter(|_| how == Undoing::Run).map(|linked| linked.run.0.clone()),
    })
}
