//! The frame of an incident, as a face sees it.

use engine::{
    RunState,
    incident::{Incident, Intervals, Moment, Responding, Severity, Since, Took, ladder},
};
use format::{ItemKind, Runbook};

use crate::wire::{IncidentSeverity, IncidentView, MarkView, MomentView, ResponderView, UpdateTemplate, UpdatesView};

/// The frame of a run, where it is one of an incident.
pub(crate) fn incident(runbook: &Runbook, state: &RunState, intervals: &Intervals) -> Option<IncidentView> {
    let found = Incident::of(runbook, state)?;
    let every = found.every(runbook, intervals);
    let due = found.due(runbook, intervals);
    let written = runbook.about.severity.as_deref();
    let (last_at, last_by) = found.updates.last.clone().unzip();
    Some(IncidentView {
        name: found.name,
        severities: ladder(found.severity.as_ref().map(|severity| severity.value.as_str()).or(written)),
        severity: found.severity.map(severity),
        responders: found.responders.into_iter().map(responder).collect(),
        left: found.left.into_iter().map(responder).collect(),
        moments: found.moments.into_iter().map(moment).collect(),
        updates: UpdatesView {
            sent: found.updates.sent,
            last_at,
            last_by,
            every_ms: every.map(|every| u64::try_from(every.as_millis()).unwrap_or(u64::MAX)),
            snoozed: due.is_some() && found.updates.snoozed.is_some(),
            snoozed_reason: found.updates.snoozed.filter(|_| due.is_some()).and_then(|snoozed| snoozed.reason),
            due,
            templates: templates(runbook, state),
        },
    })
}

/// The marks as they stand in the record.
pub(crate) fn marks(state: &RunState) -> Vec<MarkView> {
    let mark = |mark: &engine::state::Mark| MarkView {
        at: mark.at.clone(),
        actor: mark.actor.clone(),
        what: mark.what.clone(),
        value: mark.value.clone(),
        when: mark.when.clone(),
        role: mark.role.clone(),
        reason: mark.reason.clone(),
        withdrawn: mark.withdrawn,
    };
    state.marks.iter().map(mark).collect()
}

fn severity(severity: Severity) -> IncidentSeverity {
    let Severity { value, set } = severity;
    let before = set.as_ref().and_then(|set| set.before.clone());
    let moved = before.as_deref().and_then(|before| Severity::moved(before, &value)).map(str::to_owned);
    IncidentSeverity {
        moved,
        before,
        at: set.as_ref().map(|set| set.at.clone()),
        actor: set.as_ref().map(|set| set.actor.clone()),
        reason: set.and_then(|set| set.reason),
        value,
    }
}

fn responder(one: Responding) -> ResponderView {
    let Responding { role, who, written, contact, at } = one;
    ResponderView { role, who, written, contact, at }
}

fn moment(moment: Moment) -> MomentView {
    let word = |since| match since {
        Since::Began => "began",
        Since::Detected => "detected",
        Since::Run => "run",
    };
    let (took_ms, since) = match moment.took {
        Took::After(ms, since) => (Some(ms), Some(since)),
        Took::Before(_, since) => (None, Some(since)),
        Took::Nothing | Took::Unknown => (None, None),
    };
    MomentView {
        what: moment.what,
        when: moment.when,
        at: moment.at,
        actor: moment.actor,
        note: moment.note,
        corrected: moment.corrected,
        took_ms,
        since: since.map(|since| word(since).to_owned()),
    }
}

fn templates(runbook: &Runbook, state: &RunState) -> Vec<UpdateTemplate> {
    let messages = runbook.items().map(|(_, _, item)| item).filter(|item| item.kind == ItemKind::Message);
    let template = |item: &format::Item| UpdateTemplate {
        item: item.id.clone(),
        to: item.attributes.get("to").and_then(|to| to.as_str()).map(str::to_owned),
        sent: state.sent.iter().filter(|sent| sent.item == item.id).count() as u64,
    };
    messages.map(template).collect()
}
