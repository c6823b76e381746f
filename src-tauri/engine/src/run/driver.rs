//! The thread of one run: carries out what [`super::decide`] decided. Keeps facts, starts processes, waits.
//!
//! Order is everything here. A fact is on disk before anyone is told of it; an attempt's start is on disk before its
//! process exists; once the journal refuses a fact for good the run stops, and claims nothing more (`holding` has what may
//! pass).
//!
//! Facts that become true together are kept together: the driver's own state is ahead of the journal by those that
//! wait in `pending`, and nobody else sees that state. What others see is what was flushed.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Instant,
};

use super::{
    Command, Engine, Refusal, RunSpec,
    carrying::Left,
    confirming::environment_confirmed,
    decide::{Effect, EndAs, World, decide, next},
    holding::Held,
    inbox::{Inbox, Reply, Taken},
    linked::LinkedAsk,
    plan::Plan,
    processes::{Process, Processes},
    shared::Shared,
    trying::Live,
    values::{Chosen, Memory},
};
use crate::{
    event::{Event, Fact, FinishState},
    journal::{JournalError, Keeping, Observer},
    state::RunState,
};

pub(crate) struct Driver {
    pub(crate) engine: Engine,
    pub(crate) spec: RunSpec,
    pub(crate) plan: Plan,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) processes: Arc<dyn Processes>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) memory: Memory,
    /// The state with every fact so far, those that are not on disk yet among them.
    pub(crate) state: RunState,
    /// Facts that are true and not on disk yet.
    pub(crate) pending: VecDeque<Pending>,
    /// What runs, by item: one on the path at most, any number in the background.
    pub(crate) lives: BTreeMap<String, Live>,
    pub(crate) end_as: Option<EndAs>,
    /// Processes whose attempts have ended, and that left something running.
    pub(crate) leftovers: Vec<Box<dyn Process>>,
    /// What the last failed attempt of an item left behind: carries when it is overridden.
    pub(crate) left_by_failed: BTreeMap<String, Left>,
    /// How many processes were started.
    pub(crate) started: u64,
    /// Counts what was done to processes: it cannot be taken back.
    pub(crate) acts: u64,
    /// Counts the facts that went to disk.
    pub(crate) kept: u64,
    /// The journal keeps nothing at present.
    pub(crate) held: Option<Held>,
    /// The journal kept nothing, and the run has given up.
    /// What was asked of who opens runs, and is not answered yet.
    pub(crate) asked: BTreeSet<(String, LinkedAsk)>,
    pub(crate) trouble: Option<JournalError>,
}

/// A fact that is true and not on disk yet.
pub(crate) struct Pending {
    at: String,
    fact: Fact,
    /// Of an [`Fact::Output`].
    bytes: Vec<u8>,
}

impl Driver {
    /// Keeps the start of the run and the values that it begins with.
    pub(crate) fn begin(&mut self, chosen: Vec<Chosen>) -> Result<(), JournalError> {
        // Before the first fact, so that not even it shows one of them.
        self.learn(chosen.iter().map(|chosen| (chosen.name.as_str(), chosen.value.as_str())));
        let runbook = self.plan.runbook();
        self.keep(Fact::RunStarted {
            path: runbook.path.clone(),
            title: runbook.title.clone(),
            revision: runbook.revision.clone(),
            mode: self.spec.mode,
            environment: self.spec.environment.as_ref().map(|environment| environment.name.clone()),
            version: self.engine.settings.version.clone(),
            step: self.spec.step.clone(),
            commit: self.spec.commit.as_ref().map(|commit| commit.id.clone()),
            differs: self.spec.commit.as_ref().is_some_and(|commit| commit.differs),
            parent: self.spec.parent.clone(),
            schedule: self.spec.schedule.clone(),
        });
        if let (Some(environment), Some(_)) = (&self.spec.environment, &self.spec.environment_typed)
            && environment.guard
        {
            self.keep(match &self.spec.parent {
                None => environment_confirmed(&environment.name.clone()),
                Some(parent) => {
                    let what = format!("answered for run {}: \"{}\"", parent.run, environment.name);
                    Fact::Confirmed { item: None, what }
                }
            });
        }
        let inherited = self.spec.parent.as_ref().map(|parent| format!("run {}", parent.run));
        for Chosen { name, value, from } in chosen {
            let given = from != "default";
            self.remember(name, value, inherited.as_deref().filter(|_| given).unwrap_or(from));
        }
        self.flush()
    }

    /// Drives the run until nobody is there to ask anything of it.
    pub(crate) fn run(mut self) {
        loop {
            if let Some(held) = self.held.take() {
                if self.inbox.is_closed() {
                    break;
                }
                self.while_held(held);
                self.shared.set_busy(!self.lives.is_empty());
                continue;
            }
            if let Err(error) = self.proceed() {
                self.not_kept(error);
            }
            self.shared.set_busy(!self.lives.is_empty());
            if self.held.is_some() {
                continue;
            }
            let result = match self.inbox.take(self.due(), true) {
                Taken::Command(command, reply) => self.command(&command, &reply),
                Taken::Happening(process, happening) => self.happening(process, happening),
                Taken::Time => self.on_time(Instant::now()),
                Taken::Closed => break,
            };
            if let Err(error) = result {
                self.not_kept(error);
            }
        }
        // Dropping the processes ends them, and what they left running.
        self.inbox.deafen();
    }

    /// What happens by itself now; after it every fact is on disk.
    pub(crate) fn proceed(&mut self) -> Result<(), JournalError> {
        while self.trouble.is_none() {
            self.end_if_idle()?;
            let effects = next(&self.world());
            if effects.is_empty() {
                break;
            }
            let before = self.before();
            if let Err(error) = self.carry_out_all(effects) {
                self.take_back(before, &error);
                return Err(error);
            }
        }
        self.flush()
    }

    fn command(&mut self, command: &Command, reply: &Reply) -> Result<(), JournalError> {
        if let Some(trouble) = &self.trouble {
            let _ = reply.send(Err(Refusal::Journal(trouble.to_string())));
            return Ok(());
        }
        let decided = decide(&self.world(), command);
        let before = self.before();
        let (answer, result) = match decided.map(|effects| self.carry_out_all(effects).and_then(|()| self.flush())) {
            Ok(Ok(())) => (Ok(()), Ok(())),
            Ok(Err(error)) => {
                let answer = Err(Refusal::Journal(error.to_string()));
                if matches!(command, Command::StopRun { .. }) {
                    // Whoever puts it aside does not wait for a disk.
                    self.break_down(error);
                    (answer, Ok(()))
                } else if self.take_back(before, &error) {
                    (answer, Ok(()))
                } else {
                    (answer, Err(error))
                }
            }
            Err(refusal) => (Err(refusal.masked(&*self.engine.secrets)), Ok(())),
        };
        // Whoever asked may have gone.
        let _ = reply.send(answer);
        result
    }

    pub(crate) fn carry_out_all(&mut self, effects: Vec<Effect>) -> Result<(), JournalError> {
        // What is given with a secret may hold it too.
        self.learn(effects.iter().filter_map(|effect| match effect {
            Effect::Remember { name, value } => Some((name.as_str(), value.as_str())),
            _ => None,
        }));
        effects.into_iter().try_for_each(|effect| self.carry_out(effect))?;
        self.end_if_idle()
    }

    /// Ends the run, or puts it aside, if that was asked for and nothing runs in the foreground any more.
    fn end_if_idle(&mut self) -> Result<(), JournalError> {
        let on_path = self.lives.values().any(|live| !live.is_background());
        if self.end_as.is_none() || on_path {
            return Ok(());
        }
        // Nothing of a run outlives it; the end of each is recorded first.
        if !self.lives.is_empty() {
            self.lives.values_mut().for_each(Live::end_with_run);
            return Ok(());
        }
        // While what was before it is not kept the end is still to come.
        self.flush()?;
        self.end_as.take().map_or(Ok(()), |end| self.end(end))
    }

    pub(crate) fn world(&self) -> World<'_> {
        World {
            plan: &self.plan,
            spec: &self.spec,
            settings: &self.engine.settings,
            state: &self.state,
            memory: &self.memory,
            ending: self.end_as.is_some(),
            asked: &self.asked,
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), JournalError> {
        match effect {
            Effect::Keep(fact) => self.keep(fact),
            Effect::Remember { name, value } => self.remember(name, value, "person"),
            Effect::Launch(prepared) => self.launch(*prepared)?,
            Effect::Type(item, bytes) => {
                // That something was typed is on disk before it is.
                self.flush()?;
                self.acts += 1;
                if let Some(process) = self.process(&item) {
                    process.input(&bytes);
                }
            }
            Effect::Resize(item, columns, rows) => {
                self.spec.size = (columns, rows);
                if let Some(process) = self.process(&item) {
                    process.resize(columns, rows);
                }
            }
            Effect::Stop(item) => {
                self.flush()?;
                self.stop(&item);
            }
            Effect::Carry(item) => {
                if let Some(left) = self.left_by_failed.get(&item).cloned() {
                    self.carry(&item, left);
                }
            }
            Effect::Ask(item, what) => {
                // What it is asked for is on disk before anybody begins.
                self.flush()?;
                self.asked.insert((item.clone(), what.clone()));
                if let Some(linked) = &self.spec.linked {
                    Arc::clone(&linked.runs).ask(&item, what);
                }
            }
            Effect::Asked(item, run) => drop(self.asked.insert((item, LinkedAsk::GoOn(run)))),
            Effect::Forget(item) => self.asked.retain(|(id, _)| *id != item),
            Effect::End(end) => self.end_as = Some(end),
        }
        Ok(())
    }

    fn process(&mut self, item: &str) -> Option<&mut Box<dyn Process>> {
        self.lives.get_mut(item)?.process()
    }

    pub(crate) fn stop(&mut self, item: &str) {
        self.acts += 1;
        match self.lives.get_mut(item) {
            Some(live) if live.is_tried() => live.stop(),
            // Between two tries nothing has to be ended.
            _ => drop(self.lives.remove(item)),
        }
    }

    /// Masks a fact and takes it as true; it is on disk, and told, after the next [`Driver::flush`].
    pub(crate) fn keep(&mut self, fact: Fact) {
        let secrets = &self.engine.secrets;
        let fact = fact.map_text(|text| secrets.mask_text(text));
        self.wait_for_flush(fact, Vec::new());
    }

    /// Takes a piece of output as printed; it is on disk, and told, after the next [`Driver::flush`].
    pub(crate) fn keep_output(&mut self, fact: Fact, bytes: Vec<u8>) {
        self.wait_for_flush(fact, bytes);
    }

    fn wait_for_flush(&mut self, fact: Fact, bytes: Vec<u8>) {
        let pending = Pending { at: self.engine.clock.now(), fact, bytes };
        let event = self.event(&pending);
        self.state = std::mem::take(&mut self.state).apply(&event);
        self.pending.push_back(pending);
    }

    /// A fact as the state takes it, as the next event.
    pub(crate) fn event(&self, pending: &Pending) -> Event {
        Event {
            run: self.spec.id.clone(),
            seq: self.state.last_seq + 1,
            at: pending.at.clone(),
            actor: self.actor(),
            fact: pending.fact.clone(),
            hash: String::new(),
        }
    }

    fn actor(&self) -> String {
        self.engine.secrets.mask_text(&self.engine.settings.actor)
    }

    /// Keeps everything that is true by now, decisions that follow one another in one transaction, and tells of it. What the
    /// journal does not keep waits for the next time.
    pub(crate) fn flush(&mut self) -> Result<(), JournalError> {
        while let Some(first) = self.pending.front() {
            let (journal, run, actor) = (&self.engine.journal, &self.spec.id, self.actor());
            let events = if first.bytes.is_empty() {
                let together = self.pending.iter().take_while(|pending| pending.bytes.is_empty());
                let facts = together.map(|pending| (pending.at.clone(), pending.fact.clone())).collect();
                journal.append_all(run, &actor, facts)?
            } else {
                vec![journal.append_output(run, &first.at, &actor, first.fact.clone(), &first.bytes)?]
            };
            for event in events {
                self.kept += 1;
                self.pending.pop_front();
                self.tell_of(&event);
            }
        }
        Ok(())
    }

    fn tell_of(&self, event: &Event) {
        self.shared.apply(event);
        self.observer.event(event);
        self.shared.told();
    }

    /// Ends the run, or puts it aside; nothing runs in the foreground any more.
    fn end(&mut self, end: EndAs) -> Result<(), JournalError> {
        self.end_leftovers();
        self.processes.run_over();
        self.keep(match end {
            EndAs::Paused(reason) => Fact::Paused { reason },
            EndAs::Abandoned(reason) => Fact::RunFinished { state: FinishState::Abandoned, reason },
            EndAs::Finished(state) => Fact::RunFinished { state, reason: None },
        });
        self.flush()
    }

    fn end_leftovers(&mut self) {
        self.acts += u64::from(!self.leftovers.is_empty());
        for mut process in self.leftovers.drain(..) {
            process.end_leftovers();
        }
    }

    /// The journal does not take a fact: everything stops, and nothing more is claimed.
    pub(crate) fn break_down(&mut self, error: JournalError) {
        tracing::error!(run = %self.spec.id, "the journal did not keep a fact, the run goes no further: {error}");
        self.end_as = None;
        self.pending.clear();
        self.lives.retain(|_, live| live.is_tried());
        self.lives.values_mut().for_each(Live::stop);
        self.end_leftovers();
        self.shared.set_trouble(&error);
        self.observer.keeping(&Keeping::GivenUp(error.to_string()));
        self.trouble = Some(error);
    }
}
