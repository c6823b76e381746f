//! What a rollback does and in which order (RUNS.md, "When something fails"). Pure: the runbook and the state in, the
//! plan out.
//!
//! Chosen here, where RUNS.md leaves it open:
//! - A step has begun when something of it was started, ticked, judged or taken as done, and it has not been undone
//!   since. Latest first is by what began last, whatever the order of the document.
//! - What is undone by hand is named by the command that says `undo=none`; the rest by the undo block, or by the item of
//!   the rollback phase.
//! - The plan was shown and chosen as a whole: its commands start by themselves, one after another, unless one asks to
//!   be confirmed. What a person does is waited for.
//! - A step whose undo was left out is not undone; one whose undo was taken as done is.

use std::collections::BTreeSet;

use format::{Item, ItemKind, Phase, Runbook, Step};

use super::{
    Refusal,
    decide::{Effect, World},
    linked,
    plan::label,
};
use crate::{
    event::{Fact, LinkedState, RunId},
    state::{ItemStatus, LinkedRun, RunState},
};

/// What can be rolled back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollbackPlan {
    /// In order.
    pub entries: Vec<PlanEntry>,
    /// Steps (by id) whose commands have begun, may have changed something, and say nothing of how they are undone: nothing is
    /// done for them.
    pub without: Vec<String>,
}

/// One thing that a rollback does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEntry {
    /// The undo block, the command that says `undo=none`, or the item of the rollback phase.
    pub item: String,
    /// Its step.
    pub step: String,
    /// How it is done.
    pub how: Undoing,
    /// Its step failed, or nobody knows how it ended: it may have taken effect in part.
    pub in_part: bool,
    /// The run that was opened for it, where that is what is to be rolled back.
    pub run: Option<RunId>,
}

/// How an entry of a plan is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undoing {
    /// An undo block is run.
    Undo,
    /// A person does it: the step's command says `undo=none`.
    ByHand,
    /// An item of the rollback phase.
    Phase,
    /// A run that was opened for a check: it is rolled back, by a person where there is one.
    Run,
}

/// What a rollback of a run in this state would do, latest step first, then the rollback phase.
#[must_use]
pub fn rollback_plan(runbook: &Runbook, state: &RunState) -> RollbackPlan {
    let mut begun: Vec<_> =
        steps(runbook).filter_map(|(phase, step)| Some((begun(step, state)?, phase, step))).collect();
    begun.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut plan = RollbackPlan::default();
    for (_, phase, step) in begun {
        let in_part = is_uncertain(step, state);
        let before = plan.entries.len();
        for item in &step.items {
            let linked = opened(item, state);
            let how = match item.kind {
                ItemKind::Undo => Undoing::Undo,
                _ if is_by_hand(item, state) => Undoing::ByHand,
                _ if linked.is_some() => Undoing::Run,
                _ => continue,
            };
            let in_part = in_part || linked.is_some_and(|linked| linked.state != LinkedState::Passed);
            let run = linked.map(|linked| linked.run.clone());
            plan.entries.push(PlanEntry { item: item.id.clone(), step: step.id.clone(), how, in_part, run });
        }
        // What only looks has left nothing behind.
        let changed =
            |item: &Item| item.kind == ItemKind::Command && has_begun(item, state) && !format::only_looks(item);
        if plan.entries.len() == before && phase.changes_something() && step.items.iter().any(changed) {
            plan.without.push(step.id.clone());
        }
    }
    let last =
        runbook.phases.iter().filter(|section| section.phase == Phase::Rollback).flat_map(|phase| &phase.steps);
    for step in last {
        let items = step.items.iter().filter(|item| item.kind != ItemKind::Undo);
        plan.entries.extend(items.map(|item| PlanEntry {
            item: item.id.clone(),
            step: step.id.clone(),
            how: Undoing::Phase,
            in_part: false,
            run: None,
        }));
    }
    plan
}

fn steps(runbook: &Runbook) -> impl Iterator<Item = (Phase, &Step)> {
    let before = runbook.phases.iter().filter(|section| section.phase != Phase::Rollback);
    before.flat_map(|section| section.steps.iter().map(|step| (section.phase, step)))
}

fn has_begun(item: &Item, state: &RunState) -> bool {
    item.kind != ItemKind::Undo && state.items.get(&item.id).is_some_and(|item| item.begun > 0)
}

/// The event by which something of a step began last.
fn begun(step: &Step, state: &RunState) -> Option<u64> {
    let items = step.items.iter().filter(|item| has_begun(item, state));
    items.filter_map(|item| state.items.get(&item.id)).map(|item| item.begun).max()
}

/// The run that was opened for an item and is not rolled back.
fn opened<'a>(item: &Item, state: &'a RunState) -> Option<&'a LinkedRun> {
    let linked = state.items.get(&item.id)?.linked.as_ref()?;
    (has_begun(item, state) && linked.state != LinkedState::RolledBack).then_some(linked)
}

fn is_by_hand(item: &Item, state: &RunState) -> bool {
    item.options.no_return && has_begun(item, state)
}

/// Whether nobody knows how much of it took effect.
fn is_uncertain(step: &Step, state: &RunState) -> bool {
    let mut commands = step.items.iter().filter(|item| item.kind == ItemKind::Command && has_begun(item, state));
    commands.any(|item| matches!(state.item(&item.id), ItemStatus::Failed | ItemStatus::Interrupted))
}

/// Begins a rollback: what of the plan is done, and what was answered about a step that failed.
///
/// # Errors
/// When something runs on the path, there is nothing to undo, or it was not said whether what failed took effect in part.
pub(crate) fn begin(
    world: &World<'_>,
    leave_out: &[String],
    took_effect: Option<bool>,
) -> Result<Vec<Effect>, Refusal> {
    if world.state.rolling_back().is_some() {
        return Err(Refusal::State("the run is being rolled back already".to_owned()));
    }
    // What runs may still change what there is to undo.
    if let Some((running, _)) = world.state.running() {
        let running = label(world.plan.item(running)?);
        let sentence = format!("{running} is running: stop it, or wait for it, before the run is rolled back");
        return Err(Refusal::State(sentence));
    }
    let plan = rollback_plan(world.plan.runbook(), world.state);
    if let Some(unknown) = leave_out.iter().find(|id| !plan.entries.iter().any(|entry| entry.item == **id)) {
        return Err(Refusal::Value(format!("\"{unknown}\" is not in the plan: it cannot be left out of it")));
    }
    let in_part = plan.entries.iter().filter(|entry| entry.in_part && !leave_out.contains(&entry.item));
    let in_part: BTreeSet<&str> = in_part.map(|entry| entry.step.as_str()).collect();
    let took_effect = match took_effect {
        Some(said) => said,
        None if in_part.is_empty() || !world.spec.attended => true,
        None => {
            let sentence = "say whether the step that failed took effect in part: then it is undone as well";
            return Err(Refusal::State(sentence.to_owned()));
        }
    };
    let chosen = |entry: &&PlanEntry| !leave_out.contains(&entry.item) && (took_effect || !entry.in_part);
    let chosen: Vec<String> = plan.entries.iter().filter(chosen).map(|entry| entry.item.clone()).collect();
    if chosen.is_empty() {
        return Err(Refusal::NothingToUndo);
    }
    let all = plan.entries.iter().map(|entry| entry.item.clone()).collect();
    let mut effects = vec![Effect::Keep(Fact::RollbackStarted { plan: all })];
    for step in in_part {
        let said = if took_effect { "took effect in part: it is undone as well" } else { "took no effect" };
        let item = plan.entries.iter().find(|entry| entry.step == step).map(|entry| entry.item.clone());
        effects.push(Effect::Keep(Fact::Note { text: format!("step \"{step}\", which failed, {said}"), item }));
    }
    effects.push(Effect::Keep(Fact::PlanChosen { plan: chosen }));
    Ok(effects)
}

/// Whether an entry of a plan is done by a person, without anything to start or to tick.
pub(crate) fn by_hand(world: &World<'_>, item: &Item) -> bool {
    item.kind != ItemKind::Undo && (item.options.no_return || linked::undone_by_hand(world, item))
}

/// What is undone by now and was not said to be: of each step whose undo blocks in the plan are all done, what had begun.
pub(crate) fn undone(world: &World<'_>) -> Vec<Effect> {
    let Some(rollback) = world.state.rolling_back() else { return Vec::new() };
    let mut effects = Vec::new();
    for (_, step) in steps(world.plan.runbook()) {
        let planned = |item: &&Item| rollback.plan.contains(&item.id);
        let mut undos = step.items.iter().filter(|item| item.kind == ItemKind::Undo).filter(planned).peekable();
        let done = |item: &Item| {
            rollback.settled.contains(&item.id)
                && matches!(state_of(world, item), ItemStatus::Passed | ItemStatus::Overridden)
        };
        if undos.peek().is_none() || !undos.all(done) {
            continue;
        }
        let begun = step.items.iter().filter(|item| has_begun(item, world.state) && !by_hand(world, item));
        effects.extend(begun.map(|item| Effect::Keep(Fact::Undone { item: item.id.clone(), note: None })));
    }
    effects
}

fn state_of(world: &World<'_>, item: &Item) -> ItemStatus {
    world.state.item(&item.id)
}

/// A person says that what nothing undoes by itself is undone.
///
/// # Errors
/// When it is not in the plan of a rollback under way, or done already.
pub(crate) fn undone_by_hand(world: &World<'_>, item: &Item, note: Option<String>) -> Result<Vec<Effect>, Refusal> {
    let planned =
        world.state.rolling_back().is_some_and(|rollback| rollback.awaits(&item.id) && by_hand(world, item));
    if !planned {
        return Err(Refusal::State(format!("{} is not waiting to be undone by hand", label(item))));
    }
    Ok(vec![Effect::Keep(Fact::Undone { item: item.id.clone(), note })])
}
