//! How far a run is, for whoever shows it. Pure.

use format::{Item, ItemKind, Runbook, Step};

use super::plan::is_settled;
use crate::state::{ItemStatus, RunState};

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Of these items, those that are settled (passed, skipped, overridden; a failed optional one too).
    pub done: u64,
    /// Items of the path, or of the one step that is run.
    pub total: u64,
    /// Title of the step in hand, or of the one that failed.
    pub step: Option<String>,
    /// A failure was rescued on the way: it passed after another try or an override.
    pub rescued: bool,
}

/// How far a run is in that state. Tries of a probe that were followed by another by themselves are no failures.
#[must_use]
pub fn progress(runbook: &Runbook, state: &RunState) -> Progress {
    let mut progress = Progress::default();
    for (_, item) in to_do(runbook, state) {
        progress.total += 1;
        let status = state.item(&item.id);
        // What was undone is settled, and not done.
        progress.done += u64::from(is_settled(item, status) && status != ItemStatus::Undone);
    }
    progress.step = in_hand(runbook, state).map(|(step, _)| step.title.clone());
    progress.rescued = state.items.values().any(crate::state::ItemState::was_rescued);
    progress
}

/// The item in hand: the one that runs, was interrupted, failed or waits, else the next of the path to be done; of a
/// rollback, what runs or is to be done next.
#[must_use]
pub fn hand(runbook: &Runbook, state: &RunState) -> Option<String> {
    in_hand(runbook, state).map(|(_, item)| item.id.clone())
}

/// The items that are left to be done, in order: of the path, or of the one step that is run, or of a rollback under way.
/// None when the run is finished.
#[must_use]
pub fn remaining<'a>(runbook: &'a Runbook, state: &RunState) -> Vec<&'a Item> {
    if let Some(rollback) = state.rolling_back() {
        return rollback.left().filter_map(|id| runbook.item(id)).map(|(_, _, item)| item).collect();
    }
    if state.is_finished() {
        return Vec::new();
    }
    to_do(runbook, state).map(|(_, item)| item).filter(|item| !is_settled(item, state.item(&item.id))).collect()
}

/// What the run goes through, in order: the path, or the one step that is run, in whatever phase that stands.
fn to_do<'a>(runbook: &'a Runbook, state: &RunState) -> impl Iterator<Item = (&'a Step, &'a Item)> {
    let wanted = state.step.as_deref().and_then(|wanted| runbook.step_meant(wanted)).map(|step| step.id.as_str());
    let items = runbook.items().filter(move |(section, step, item)| {
        let is_part = wanted.map_or_else(|| section.phase.on_path(), |wanted| step.id == wanted);
        is_part && item.kind != ItemKind::Undo
    });
    items.map(|(_, step, item)| (step, item))
}

fn in_hand<'a>(runbook: &'a Runbook, state: &RunState) -> Option<(&'a Step, &'a Item)> {
    if let Some(rollback) = state.rolling_back() {
        let running = state.running().map(|(item, _)| item);
        return runbook.item(running.or_else(|| rollback.next())?).map(|(_, step, item)| (step, item));
    }
    let urgent = [ItemStatus::Running, ItemStatus::Interrupted, ItemStatus::Failed];
    let found = urgent.into_iter().find_map(|status| {
        let mut items = runbook.items();
        items.find(|(_, _, item)| {
            let beside = state.items.get(&item.id).is_some_and(|item| item.background);
            state.item(&item.id) == status
                && !(status == ItemStatus::Failed && item.options.optional)
                && !(status == ItemStatus::Running && beside)
        })
    });
    let next = || to_do(runbook, state).find(|(_, item)| !is_settled(item, state.item(&item.id)));
    found.map(|(_, step, item)| (step, item)).or_else(next)
}
