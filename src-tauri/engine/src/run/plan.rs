//! The path of a run and where its items stand (RUNS.md: "The path of a run is the order of the document, without the
//! reference and rollback phases"). Undo blocks are never on it.

use std::{collections::BTreeMap, sync::Arc};

use format::{Item, ItemKind, Runbook, Section, Step};

use super::Refusal;
use crate::state::{ItemStatus, RunState};

/// So many steps are named to whoever asked for one that is not there.
const NAMED: usize = 12;

/// The ids of the items on the path of a runbook, in order.
#[must_use]
pub fn path(runbook: &Runbook) -> Vec<&str> {
    let items = runbook.items().filter(|(section, _, item)| section.phase.on_path() && item.kind != ItemKind::Undo);
    items.map(|(_, _, item)| item.id.as_str()).collect()
}

/// What a run goes through, in order: the path of a runbook, or of one step of it, by id or title, in whatever phase that stands.
///
/// # Errors
/// When there is no such step, or nothing to do.
pub fn run_items<'a>(
    runbook: &'a Runbook,
    step: Option<&str>,
) -> Result<Vec<(&'a Section, &'a Step, &'a Item)>, Refusal> {
    let items = runbook.items().filter(|(_, _, item)| item.kind != ItemKind::Undo);
    let items: Vec<_> = match step {
        None => items.filter(|(section, _, _)| section.phase.on_path()).collect(),
        Some(wanted) => {
            let wanted = runbook.step_meant(wanted).ok_or_else(|| Refusal::Value(no_step(runbook, wanted)))?;
            items.filter(|(_, step, _)| std::ptr::eq(*step, wanted)).collect()
        }
    };
    if items.is_empty() {
        return Err(Refusal::Value(match step {
            Some(step) => format!("step \"{step}\" holds nothing to do on the way forward"),
            None => "this runbook has nothing to do on its path: name a step of it to run that".to_owned(),
        }));
    }
    Ok(items)
}

/// A runbook, its items by id, and the path through it.
pub(crate) struct Plan {
    runbook: Arc<Runbook>,
    places: BTreeMap<String, (usize, usize, usize)>,
    path: Vec<String>,
}

impl Plan {
    /// Plans a run of the whole path, or of one step, by id or title, in whatever phase it stands.
    pub(crate) fn new(runbook: Arc<Runbook>, step: Option<&str>) -> Result<Self, Refusal> {
        let path = run_items(&runbook, step)?.into_iter().map(|(_, _, item)| item.id.clone()).collect();
        let mut places = BTreeMap::new();
        for (a, section) in runbook.phases.iter().enumerate() {
            for (b, step) in section.steps.iter().enumerate() {
                for (c, item) in step.items.iter().enumerate() {
                    places.insert(item.id.clone(), (a, b, c));
                }
            }
        }
        Ok(Self { runbook, places, path })
    }

    pub(crate) fn runbook(&self) -> &Runbook {
        &self.runbook
    }

    pub(crate) fn place(&self, id: &str) -> Option<(&Section, &Step, &Item)> {
        let (a, b, c) = *self.places.get(id)?;
        let section = self.runbook.phases.get(a)?;
        let step = section.steps.get(b)?;
        Some((section, step, step.items.get(c)?))
    }

    pub(crate) fn item(&self, id: &str) -> Result<&Item, Refusal> {
        self.place(id).map(|(_, _, item)| item).ok_or_else(|| Refusal::UnknownItem(id.to_owned()))
    }

    /// The items of the path, each with its step.
    pub(crate) fn on_path(&self) -> impl Iterator<Item = (&Step, &Item)> {
        self.path.iter().filter_map(|id| self.place(id)).map(|(_, step, item)| (step, item))
    }

    /// The first item of the path that is not settled; of a rollback, the first of its plan.
    pub(crate) fn in_hand(&self, state: &RunState) -> Option<&Item> {
        if let Some(rollback) = state.rolling_back() {
            return self.item(rollback.next()?).ok();
        }
        self.on_path().map(|(_, item)| item).find(|item| !is_settled(item, state.item(&item.id)))
    }
}

/// Whether the way forward goes on after it: done, left out, running beside it, or failed where that does not matter.
pub(crate) fn is_settled(item: &Item, status: ItemStatus) -> bool {
    match status {
        ItemStatus::Passed | ItemStatus::Skipped | ItemStatus::Overridden | ItemStatus::Undone => true,
        ItemStatus::Failed => item.options.optional,
        ItemStatus::Running => item.options.background,
        ItemStatus::Pending | ItemStatus::Ready | ItemStatus::Waiting | ItemStatus::Interrupted => false,
    }
}

fn no_step(runbook: &Runbook, wanted: &str) -> String {
    let steps = runbook.phases.iter().flat_map(|section| &section.steps);
    let mut ids: Vec<&str> = steps.filter(|step| !step.items.is_empty()).map(|step| step.id.as_str()).collect();
    let more = ids.len().saturating_sub(NAMED);
    ids.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("this runbook has no step \"{wanted}\"; its steps are {}{more}", ids.join(", "))
}

/// How an item is named to a person: `command "promote" (line 24)`.
pub(crate) fn label(item: &Item) -> String {
    let kind = match item.kind {
        ItemKind::Check => "check",
        ItemKind::Probe => "probe",
        ItemKind::Command => "command",
        ItemKind::Undo => "undo",
        ItemKind::Message => "message",
    };
    format!("{kind} \"{}\" (line {})", item.id, item.line)
}
