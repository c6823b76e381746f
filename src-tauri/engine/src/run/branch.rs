//! Branches: a link to a heading of the same file inside a step ("if the disk is full, go to …") moves the path (RUNS.md,
//! "Going forward"). Pure.
//!
//! Chosen here, where RUNS.md leaves it open: what lies between is skipped with the reason `branch`, unless it is settled.
//! A link back makes everything from there to the item in hand to be done once more; what had been done stays in the
//! record. A link into a phase that is not on the path is followed by reading it: nothing moves.

use format::Item;

use super::{
    Refusal,
    decide::{Effect, World},
    plan::is_settled,
};
use crate::{event::Fact, state::ItemStatus};

/// The reason of what a branch passed over.
pub(crate) const BRANCH: &str = "branch";

/// Follows a branch to a step, by id, or to the step that an item stands in.
///
/// # Errors
/// When there is no such step on the path, or something on the path runs.
pub(crate) fn follow(world: &World<'_>, to: &str) -> Result<Vec<Effect>, Refusal> {
    if world.state.running().is_some() {
        return Err(Refusal::State(
            "something is running: wait for it, or stop it, before you follow a branch".into(),
        ));
    }
    if world.state.rolling_back().is_some() {
        return Err(Refusal::State("the run is being rolled back: branches are of the way forward".into()));
    }
    let path: Vec<(&str, &Item)> = world.plan.on_path().map(|(step, item)| (step.id.as_str(), item)).collect();
    let target = path.iter().position(|(step, item)| *step == to || item.id == to);
    let Some(target) = target else {
        return Err(Refusal::Value(format!("the path of this run has no step \"{to}\" to go to")));
    };
    let hand = world.plan.in_hand(world.state).map(|item| item.id.clone());
    let at = hand.as_ref().and_then(|id| path.iter().position(|(_, item)| item.id == *id)).unwrap_or(path.len());
    let between = |from: usize, to: usize| path.get(from..to).unwrap_or_default().iter().map(|(_, item)| *item);
    let mut effects = Vec::new();
    let again: Vec<String> = between(target, at)
        .filter(|item| !matches!(world.state.item(&item.id), ItemStatus::Pending | ItemStatus::Running))
        .map(|item| item.id.clone())
        .collect();
    effects.push(Effect::Keep(Fact::Branched { item: hand, to: to.to_owned(), again }));
    let passed_over = between(at, target).filter(|item| !is_settled(item, world.state.item(&item.id)));
    effects.extend(
        passed_over.map(|item| Effect::Keep(Fact::Skipped { item: item.id.clone(), reason: BRANCH.to_owned() })),
    );
    Ok(effects)
}
