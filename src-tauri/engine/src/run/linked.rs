//! Checks that stand for a run of another runbook (FORMAT.md, "Items": a check whose text is one link to a runbook). Pure:
//! who opens such a run is told to the engine by [`LinkedRuns`], and tells the engine how it went.
//!
//! Chosen here, where RUNS.md leaves it open:
//! - While its run is under way such a check waits; the path does not go on past it, and nothing of it counts as running.
//! - A run that passed ticks its check. One that failed, was given up or was rolled back fails it, also where it had passed
//!   before. What a person decided about the check in the meantime stays.
//! - By itself (auto, and in the plan of a rollback) a run is opened without asking. Where it then needs a person and there
//!   is none, the run that opened it is put aside with it.
//! - A person can tick such a check without a run of it, and says why. `--yes` does not: it opens the run.
//! - A rollback has an entry for each run that was opened and is not rolled back. With a person that is done by hand; without
//!   one it is done in the same process.

use std::{collections::BTreeSet, sync::Arc};

use format::{Item, Phase};

use super::{
    Refusal,
    decide::{Effect, EndAs, World},
    plan::label,
};
use crate::{
    event::{Fact, LinkedState, Mode, RunId},
    state::{ItemStatus, LinkedRun},
};

/// The checks of a run that open runs of their own, and who opens them.
#[derive(Clone)]
pub struct Linked {
    /// The checks, by id.
    pub items: BTreeSet<String>,
    /// Who opens.
    pub runs: Arc<dyn LinkedRuns>,
}

/// Opens runs for checks. Asked from the thread of the run: it must return at once, and answer by a command.
pub trait LinkedRuns: Send + Sync {
    /// Something is to be done for a check.
    fn ask(self: Arc<Self>, item: &str, what: LinkedAsk);
}

/// What is to be done for a check that stands for a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkedAsk {
    /// Open a run: answered by [`super::Command::OpenLinked`] or [`super::Command::LinkedWaits`].
    Open,
    /// Go on with the run that was opened, as far as that is possible; answered when it is over, or waits.
    GoOn(RunId),
    /// Roll that run back; answered when it is rolled back, or waits.
    RollBack(RunId),
}

/// Whether a check opens a run.
pub(crate) fn opens(world: &World<'_>, item: &Item) -> bool {
    world.spec.linked.as_ref().is_some_and(|linked| linked.items.contains(&item.id))
}

/// The run that was opened for an item last.
fn of<'a>(world: &World<'a>, item: &Item) -> Option<&'a LinkedRun> {
    world.state.items.get(&item.id)?.linked.as_ref()
}

/// Whether what is to be done for an item was asked, and is not answered yet.
pub(crate) fn is_asked(world: &World<'_>, item: &Item) -> bool {
    world.asked.iter().any(|(id, _)| *id == item.id)
}

/// What becomes of an item in hand whose run is under way; none where it has no such run.
pub(crate) fn under_way(world: &World<'_>, item: &Item) -> Option<Vec<Effect>> {
    let linked = of(world, item).filter(|linked| linked.state == LinkedState::Opened)?;
    let waits = matches!(world.state.item(&item.id), ItemStatus::Pending | ItemStatus::Ready | ItemStatus::Waiting);
    if !waits || world.spec.linked.is_none() {
        return None;
    }
    let alone = !world.spec.attended || world.spec.mode == Mode::Auto;
    let go_on = || Effect::Ask(item.id.clone(), LinkedAsk::GoOn(linked.run.clone()));
    Some(if alone { vec![go_on()] } else { Vec::new() })
}

/// What an item that opens a run leads to without a person; else what a person is needed for.
pub(crate) fn by_itself(world: &World<'_>, item: &Item) -> Result<Vec<Effect>, Option<String>> {
    let rehearsed = world.spec.mode == Mode::Rehearse && !world.spec.attended;
    let alone = world.spec.mode == Mode::Auto || rehearsed || world.state.rolling_back().is_some();
    let fresh = matches!(world.state.item(&item.id), ItemStatus::Pending | ItemStatus::Ready);
    if alone && (fresh || !world.spec.attended) {
        return Ok(vec![Effect::Ask(item.id.clone(), LinkedAsk::Open)]);
    }
    let url = item.linked.as_ref().map_or("", |linked| linked.url.as_str());
    Err(Some(format!("{} stands for a run of {url}: a person opens it", label(item))))
}

/// A run is opened for a check: that is on disk before the run begins.
///
/// # Errors
/// When the check opens none, has passed, has one under way, or something else runs.
pub(crate) fn open(world: &World<'_>, item: &Item, run: &RunId) -> Result<Vec<Effect>, Refusal> {
    let refuse = |sentence: String| Err(Refusal::State(sentence));
    if !opens(world, item) {
        return refuse(format!("{} stands for no run", label(item)));
    }
    if world.state.rolling_back().is_some_and(|rollback| !rollback.plan.contains(&item.id))
        || undone_by_hand(world, item)
    {
        return refuse(format!("the run is being rolled back: {} is of the way forward", label(item)));
    }
    if world.state.item(&item.id) == ItemStatus::Passed {
        return refuse(format!("{} has passed already", label(item)));
    }
    if let Some(known) = of(world, item).filter(|known| known.state == LinkedState::Opened) {
        return refuse(format!("run {} is under way for {}: go on with that", known.run, label(item)));
    }
    if let Some((running, _)) = world.state.running() {
        let running = label(world.plan.item(running)?);
        return refuse(format!("{running} is running: wait for it, or stop it, before a run is opened"));
    }
    let opened = Fact::LinkedRun { item: item.id.clone(), child: run.clone(), state: LinkedState::Opened };
    Ok(vec![Effect::Forget(item.id.clone()), Effect::Keep(opened), Effect::Asked(item.id.clone(), run.clone())])
}

/// The run that was opened for a check has ended.
///
/// # Errors
/// When it is not the one that was opened last.
pub(crate) fn ended(
    world: &World<'_>,
    item: &Item,
    run: &RunId,
    state: LinkedState,
    note: &str,
) -> Result<Vec<Effect>, Refusal> {
    let Some(known) = of(world, item).filter(|known| known.run == *run && state != LinkedState::Opened) else {
        return Err(Refusal::State(format!("run {run} was not opened for {}", label(item))));
    };
    let mut effects = vec![Effect::Forget(item.id.clone())];
    if known.state == state {
        return Ok(effects);
    }
    let (id, note) = (item.id.clone(), Some(note.to_owned()));
    effects.push(Effect::Keep(Fact::LinkedRun { item: id.clone(), child: run.clone(), state }));
    let status = world.state.item(&item.id);
    let open = matches!(status, ItemStatus::Pending | ItemStatus::Ready | ItemStatus::Waiting | ItemStatus::Failed);
    // What a person decided about it stays; what its run had decided follows the run.
    let by_run = status == ItemStatus::Passed && known.state == LinkedState::Passed;
    match state {
        _ if undone_by_hand(world, item) => {
            let planned = world.state.rolling_back().is_some_and(|rollback| rollback.awaits(&item.id));
            if planned && state == LinkedState::RolledBack {
                effects.push(Effect::Keep(Fact::Undone { item: id, note }));
            }
        }
        LinkedState::Passed if open => effects.push(Effect::Keep(Fact::CheckTicked { item: id, note })),
        LinkedState::Failed | LinkedState::Abandoned | LinkedState::RolledBack
            if by_run || open && status != ItemStatus::Failed =>
        {
            effects.push(Effect::Keep(Fact::CheckFailed { item: id, note }));
        }
        _ => {}
    }
    Ok(effects)
}

/// The run of a check waits for a person, or could not be opened: without one the run that opened it waits as well.
pub(crate) fn waits(world: &World<'_>, item: &Item, note: &str) -> Vec<Effect> {
    let mut effects = vec![Effect::Forget(item.id.clone())];
    if world.ending
        || world.state.is_finished()
        || world.plan.in_hand(world.state).is_none_or(|hand| hand.id != item.id)
    {
        return effects;
    }
    if !world.spec.attended {
        effects.push(Effect::End(EndAs::Paused(Some(note.to_owned()))));
    } else if of(world, item).is_none_or(|known| known.state != LinkedState::Opened) {
        effects.push(Effect::Keep(Fact::ItemReady { item: item.id.clone(), needs: Some(note.to_owned()) }));
    }
    effects
}

/// Whether an item is, in a rollback, a run that was opened on the way forward.
pub(crate) fn undone_by_hand(world: &World<'_>, item: &Item) -> bool {
    let forward = world.plan.place(&item.id).is_some_and(|(section, _, _)| section.phase != Phase::Rollback);
    forward && world.state.rolling_back().is_some() && of(world, item).is_some()
}

/// What undoes a run that was opened on the way forward: a person, or where there is none this process.
pub(crate) fn roll_back(world: &World<'_>, item: &Item) -> Option<Vec<Effect>> {
    let linked = of(world, item).filter(|_| undone_by_hand(world, item))?;
    if world.spec.attended {
        return Some(Vec::new());
    }
    if world.spec.linked.is_some() {
        return Some(vec![Effect::Ask(item.id.clone(), LinkedAsk::RollBack(linked.run.clone()))]);
    }
    let run = &linked.run;
    let reason = format!("{} stands for run {run}: roll that back (`allgood rollback {run}`)", label(item));
    Some(vec![Effect::End(EndAs::Paused(Some(reason)))])
}
