//! The record of a run for programs (`allgood show-run --json`): fields are added, and never change their meaning.

use std::collections::BTreeMap;

use api::wire::{ItemProgress, ItemStatus, RunView, Verdict};
use serde_json::{Value, json};

/// Everything that is known of a run, but for its output.
pub(crate) fn of(view: &RunView, verdict: &Verdict) -> Value {
    let run = &view.run;
    let progress: BTreeMap<&str, &ItemProgress> =
        view.progress.iter().map(|progress| (progress.item.as_str(), progress)).collect();
    let mut items = Vec::new();
    for section in &view.runbook.sections {
        for step in &section.steps {
            for item in step.items.iter().filter_map(|id| view.runbook.items.get(id)) {
                let known = progress.get(item.id.as_str()).copied();
                items.push(json!({
                    "item": item.id,
                    "step": step.id,
                    "title": step.title,
                    "phase": section.phase,
                    "kind": item.kind,
                    "text": item.text,
                    "script": item.script,
                    "on_path": item.on_path,
                    "status": known.map_or(ItemStatus::Pending, |known| known.status),
                    "at": known.map(|known| &known.at).filter(|at| !at.is_empty()),
                    "actor": known.map(|known| &known.actor).filter(|actor| !actor.is_empty()),
                    "remark": known.and_then(|known| known.remark.as_ref()),
                    "edited": known.and_then(|known| known.edited.as_ref()),
                    "linked": known.and_then(|known| known.linked.as_ref()),
                    "hosts": known.map_or(&[][..], |known| &known.hosts),
                    "hosts_note": known.and_then(|known| known.hosts_note.as_ref()),
                    "attempts": known.map_or(&[][..], |known| &known.attempts),
                }));
            }
        }
    }
    json!({
        "id": run.id,
        "runbook": run.runbook,
        "title": run.title,
        "revision": run.revision,
        "moved_on": view.moved_on,
        "state": run.state,
        "mode": run.mode,
        "environment": view.environment.as_ref().map(|environment| &environment.name),
        "actor": run.actor,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "parent": run.parent,
        "done": run.done,
        "total": run.total,
        "rescued": run.rescued,
        "hand": view.hand,
        "parameters": view.parameters,
        "items": items,
        "rollback": view.rollback,
        "marks": view.marks,
        "timeline": view.timeline,
        "record": { "holds": verdict.holds, "events": verdict.events, "seq": verdict.seq, "sentence": verdict.sentence },
    })
}
