//! Taking up a run that nobody drives: after a pause, a crash, a failure, on another machine (RUNS.md, "After a crash" and
//! "Handing over"), or to roll it back.
//!
//! Chosen here, where RUNS.md leaves it open: the guard of an environment is asked again of whoever takes a run up, unless
//! it is answered with it. A value that was kept in memory alone is named as lost, and asked for by the next command that
//! needs it.

use format::ItemKind;

use super::{
    Command, Refusal,
    confirming::{environment_confirmed, is_typed},
    decide::{Effect, check_guards, check_way, decide, unasked},
    driver::Driver,
    linked::{self, LinkedAsk},
    plan::label,
    rollback,
};
use crate::{
    event::{Fact, FinishState, Mode},
    state::{ItemStatus, RunState, RunStatus},
};

/// How a run that is driven by nobody is taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeUp {
    /// It goes on: paused, interrupted, failed, or handed over to here.
    Resume,
    /// It goes on, and what was interrupted or failed is decided about first: by who cannot be asked later.
    Decided {
        /// The item in hand.
        item: String,
        /// What is to become of it.
        choice: Choice,
    },
    /// It is rolled back: also one that passed. `leave_out` shortens the plan; `took_effect` says whether a step that
    /// failed took effect in part (without a person: yes).
    Rollback {
        /// Entries of the plan, by item.
        leave_out: Vec<String>,
        /// Whether what failed took effect in part.
        took_effect: Option<bool>,
    },
}

/// What is to become of an item that was interrupted or has failed (RUNS.md, "After a crash").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is started once more.
    Again,
    /// It is taken as done, with a reason; what nothing undoes by itself was undone by a person.
    Done(String),
    /// It is left out, with a reason.
    Skip(String),
}

/// Whether a run in this state is taken up in this way.
pub(crate) fn check(state: &RunState, how: &TakeUp) -> Result<(), Refusal> {
    let refuse = |sentence: &str| Err(Refusal::State(sentence.to_owned()));
    match (how, state.finished) {
        (TakeUp::Resume | TakeUp::Decided { .. }, None | Some(FinishState::Failed | FinishState::HandedOver)) => {}
        (TakeUp::Rollback { .. }, None | Some(FinishState::Failed | FinishState::Passed)) => {}
        (_, Some(FinishState::RolledBack)) => return refuse("the run was rolled back: start another one"),
        (_, Some(FinishState::Abandoned)) => return refuse("the run was given up: start another one"),
        (TakeUp::Resume | TakeUp::Decided { .. }, Some(FinishState::Passed)) => {
            return refuse("the run has passed: there is nothing left of it to be done");
        }
        (TakeUp::Rollback { .. }, Some(FinishState::HandedOver)) => {
            return refuse("the run was handed over: it goes on elsewhere");
        }
    }
    match state.status {
        RunStatus::Running | RunStatus::Waiting if state.finished.is_none() => {
            refuse("the run is under way: it was not put aside, and its record does not say that it was interrupted")
        }
        _ => Ok(()),
    }
}

impl Driver {
    /// Keeps that the run goes on, or is rolled back, and what it goes on with.
    pub(crate) fn take_up(&mut self, how: &TakeUp) -> Result<(), Refusal> {
        let given = std::mem::take(&mut self.spec.values);
        self.learn(given.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let lost = self.lost().into_iter().filter(|name| !given.contains_key(name)).collect::<Vec<_>>();
        // What cannot be rolled back is refused before anything is kept.
        let plan = match how {
            TakeUp::Resume | TakeUp::Decided { .. } => Vec::new(),
            TakeUp::Rollback { leave_out, took_effect } => rollback::begin(&self.world(), leave_out, *took_effect)?,
        };
        let mode = (self.state.mode != Some(self.spec.mode)).then_some(self.spec.mode);
        self.keep(Fact::Resumed { mode, lost: lost.clone(), taken_up: true });
        if !lost.is_empty() {
            let text = format!("kept in memory alone and lost, to be given again: {}", lost.join(", "));
            self.keep(Fact::Note { text, item: None });
        }
        if let (Some(environment), Some(typed)) = (self.spec.environment.clone(), self.spec.environment_typed.clone())
            && environment.guard
        {
            is_typed(&environment.name, &typed)?;
            self.keep(environment_confirmed(&environment.name));
        }
        given.into_iter().for_each(|(name, value)| self.remember(name, value, "command line"));
        // Nothing of what was said so far is on disk: a choice that is refused leaves the run as it was.
        let plan = match how {
            TakeUp::Decided { item, choice } => self.decided(item, choice)?,
            TakeUp::Resume | TakeUp::Rollback { .. } => plan,
        };
        self.carry_out_all(plan).map_err(|error| Refusal::Journal(error.to_string()))?;
        self.flush().map_err(|error| Refusal::Journal(error.to_string()))
    }

    /// Names whose values were kept in memory alone, in a process that is gone.
    fn lost(&self) -> Vec<String> {
        let kept = |name: &&String| self.memory.values.contains_key(*name) || self.memory.carried.contains_key(*name);
        let asked = self.state.parameters.iter().filter(|(_, known)| known.value.is_none()).map(|(name, _)| name);
        asked.chain(&self.state.carried.in_memory).filter(|name| !kept(name)).cloned().collect()
    }

    /// What a choice about the item that was interrupted or has failed leads to. What was cut off beside it, in the
    /// background or in front of it, is decided about with it: one choice is about everything of which nobody knows how it
    /// ended.
    fn decided(&self, item: &str, choice: &Choice) -> Result<Vec<Effect>, Refusal> {
        let cut_off = |item: &str| self.state.item(item) == ItemStatus::Interrupted;
        let mut all: Vec<&str> = vec![item];
        if cut_off(item) && self.state.rolling_back().is_none() {
            let on_path = self.plan.on_path().map(|(_, item)| item.id.as_str());
            all = on_path.filter(|id| *id == item || cut_off(id)).collect();
            if !all.contains(&item) {
                all.push(item);
            }
        }
        let mut effects = Vec::new();
        for item in all {
            effects.extend(self.decided_about(item, choice)?);
        }
        Ok(effects)
    }

    /// What a choice about one item leads to.
    fn decided_about(&self, item: &str, choice: &Choice) -> Result<Vec<Effect>, Refusal> {
        let refuse = |sentence: String| Err(Refusal::State(sentence));
        let (world, item) = (self.world(), self.plan.item(item)?);
        let (id, name) = (item.id.clone(), label(item));
        // What failed on the way forward says nothing of its undoing.
        let (open, undone_by_hand) = match self.state.rolling_back() {
            Some(rollback) => (rollback.failed.contains(&id), rollback::by_hand(&world, item)),
            None => (matches!(self.state.item(&id), ItemStatus::Failed | ItemStatus::Interrupted), false),
        };
        match choice {
            Choice::Done(reason) if undone_by_hand => {
                rollback::undone_by_hand(&world, item, Some(reason.trim().to_owned()))
            }
            _ if !open => {
                refuse(format!("{name} has neither failed nor was it interrupted: there is nothing to decide"))
            }
            Choice::Done(reason) => decide(&world, &Command::Override { item: id, reason: reason.clone() }),
            Choice::Skip(reason) => decide(&world, &Command::Skip { item: id, reason: reason.clone() }),
            Choice::Again if linked::opens(&world, item) => Ok(vec![Effect::Ask(id, LinkedAsk::Open)]),
            Choice::Again if matches!(item.kind, ItemKind::Check | ItemKind::Message) => {
                refuse(format!("{name} is for a person and is not run again: take it as done, or skip it"))
            }
            Choice::Again if self.spec.mode == Mode::Rehearse => refuse("nothing is run in a rehearsal".to_owned()),
            Choice::Again => {
                check_guards(&world, item)?;
                check_way(&world, item)?;
                unasked(&world, item)
            }
        }
    }
}
