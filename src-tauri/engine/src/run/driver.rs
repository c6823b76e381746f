//! The thread of one run: carries out what [`super::decide`] decided. Keeps facts, starts processes, waits.
//!
//! Order is everything here. A fact is on disk before anyone is told of it; an attempt's start is on disk before its
//! process exists; once the journal refuses a fact the run stops, and claims nothing more.
//!
//! Facts that become true together are kept together: the driver's own state is ahead of the journal by those that
//! wait in `pending`, and nobody else sees that state. What others see is what was flushed.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use super::{
    Command, Engine, Refusal, RunSpec,
    carrying::Left,
    decide::{Effect, EndAs, World, decide, environment_confirmed, next},
    inbox::{Inbox, Reply, Taken},
    plan::Plan,
    processes::{Process, Processes},
    shared::Shared,
    trying::Live,
    values::{Chosen, Memory, says_secret},
};
use crate::{
    event::{Event, Fact, FinishState},
    journal::{JournalError, Observer},
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
    /// Facts that are true and not on disk yet, with their times.
    pub(crate) pending: Vec<(String, Fact)>,
    /// What runs, by item: one on the path at most, any number in the background.
    pub(crate) lives: BTreeMap<String, Live>,
    pub(crate) end_as: Option<EndAs>,
    /// Processes whose attempts have ended, and that left something running.
    pub(crate) leftovers: Vec<Box<dyn Process>>,
    /// What the last failed attempt of an item left behind: carries when it is overridden.
    pub(crate) left_by_failed: BTreeMap<String, Left>,
    /// How many processes were started.
    pub(crate) started: u64,
    pub(crate) trouble: Option<JournalError>,
}

impl Driver {
    /// Keeps the start of the run and the values that it begins with.
    pub(crate) fn begin(&mut self, chosen: Vec<Chosen>) -> Result<(), JournalError> {
        // Before the first fact, so that not even it shows one of them.
        for Chosen { name, value, .. } in &chosen {
            if self.is_declared_secret(name) {
                self.engine.secrets.learn(value);
            }
        }
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
        });
        if let (Some(environment), Some(_)) = (&self.spec.environment, &self.spec.environment_typed)
            && environment.guard
        {
            self.keep(environment_confirmed(&environment.name.clone()));
        }
        chosen.into_iter().for_each(|Chosen { name, value, from }| self.remember(name, value, from));
        self.flush()
    }

    /// Drives the run until nobody is there to ask anything of it.
    pub(crate) fn run(mut self) {
        loop {
            if let Err(error) = self.proceed() {
                self.break_down(error);
            }
            self.shared.set_busy(!self.lives.is_empty());
            let result = match self.inbox.take(self.due()) {
                Taken::Command(command, reply) => self.command(&command, &reply),
                Taken::Happening(process, happening) => self.happening(process, happening),
                Taken::Time => self.on_time(Instant::now()),
                Taken::Closed => break,
            };
            if let Err(error) = result {
                self.break_down(error);
            }
        }
        // Dropping the processes ends them, and what they left running.
        self.inbox.deafen();
    }

    /// What happens by itself now; after it every fact is on disk.
    fn proceed(&mut self) -> Result<(), JournalError> {
        while self.trouble.is_none() {
            self.end_if_idle()?;
            let effects = next(&self.world());
            if effects.is_empty() {
                break;
            }
            self.carry_out_all(effects)?;
        }
        self.flush()
    }

    fn command(&mut self, command: &Command, reply: &Reply) -> Result<(), JournalError> {
        if let Some(trouble) = &self.trouble {
            let _ = reply.send(Err(Refusal::Journal(trouble.to_string())));
            return Ok(());
        }
        let decided = decide(&self.world(), command);
        let (answer, result) = match decided.map(|effects| self.carry_out_all(effects).and_then(|()| self.flush())) {
            Ok(Ok(())) => (Ok(()), Ok(())),
            Ok(Err(error)) => (Err(Refusal::Journal(error.to_string())), Err(error)),
            Err(refusal) => (Err(refusal), Ok(())),
        };
        // Whoever asked may have gone.
        let _ = reply.send(answer);
        result
    }

    pub(crate) fn carry_out_all(&mut self, effects: Vec<Effect>) -> Result<(), JournalError> {
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
                if let Some(left) = self.left_by_failed.remove(&item) {
                    self.carry(&item, left);
                }
            }
            Effect::End(end) => self.end_as = Some(end),
        }
        Ok(())
    }

    fn process(&mut self, item: &str) -> Option<&mut Box<dyn Process>> {
        self.lives.get_mut(item)?.process()
    }

    fn stop(&mut self, item: &str) {
        match self.process(item) {
            Some(process) => process.stop(),
            // Between two tries nothing has to be ended.
            None => drop(self.lives.remove(item)),
        }
    }

    /// Masks a fact and takes it as true; it is on disk, and told, after the next [`Driver::flush`].
    pub(crate) fn keep(&mut self, fact: Fact) {
        let Engine { settings, secrets, clock, .. } = &self.engine;
        let fact = fact.map_text(|text| secrets.mask_text(text));
        let event = Event {
            run: self.spec.id.clone(),
            seq: self.state.last_seq + 1,
            at: clock.now(),
            actor: secrets.mask_text(&settings.actor),
            fact,
            hash: String::new(),
        };
        self.state = std::mem::take(&mut self.state).apply(&event);
        self.pending.push((event.at, event.fact));
    }

    /// Keeps everything that is true by now, in one transaction, and tells of it.
    pub(crate) fn flush(&mut self) -> Result<(), JournalError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let actor = self.engine.secrets.mask_text(&self.engine.settings.actor);
        for event in self.engine.journal.append_all(&self.spec.id, &actor, pending)? {
            self.tell_of(&event);
        }
        Ok(())
    }

    /// Keeps a piece of output, after everything before it, and tells of it.
    pub(crate) fn keep_output(&mut self, fact: Fact, bytes: &[u8]) -> Result<(), JournalError> {
        self.flush()?;
        let Engine { settings, journal, secrets, clock } = &self.engine;
        let actor = secrets.mask_text(&settings.actor);
        let event = journal.append_output(&self.spec.id, &clock.now(), &actor, fact, bytes)?;
        self.state = std::mem::take(&mut self.state).apply(&event);
        self.tell_of(&event);
        Ok(())
    }

    fn tell_of(&self, event: &Event) {
        self.shared.apply(event);
        self.observer.event(event);
        self.shared.told();
    }

    pub(crate) fn is_declared_secret(&self, name: &str) -> bool {
        let settings = &self.plan.runbook().settings;
        settings.params.iter().any(|param| param.secret && param.name == name)
            || settings.access.iter().any(|(access, _)| access == name)
    }

    /// Remembers a value for the rest of the run; one that is secret in memory alone.
    pub(crate) fn remember(&mut self, name: String, value: String, from: &str) {
        let secrets = &self.engine.secrets;
        let secret = self.is_declared_secret(&name) || says_secret(&name) || secrets.mask_text(&value) != value;
        let kept = if secret {
            secrets.learn(&value);
            self.memory.values.insert(name.clone(), value);
            None
        } else {
            self.memory.values.remove(&name);
            Some(value)
        };
        self.keep(Fact::ParameterSet { name, value: kept, from: from.to_owned() });
    }

    /// Ends the run, or puts it aside; nothing runs in the foreground any more.
    fn end(&mut self, end: EndAs) -> Result<(), JournalError> {
        self.flush()?;
        self.end_leftovers();
        self.keep(match end {
            EndAs::Paused(reason) => Fact::Paused { reason },
            EndAs::Abandoned(reason) => Fact::RunFinished { state: FinishState::Abandoned, reason },
            EndAs::Finished(state) => Fact::RunFinished { state, reason: None },
        });
        self.flush()
    }

    fn end_leftovers(&mut self) {
        for mut process in self.leftovers.drain(..) {
            process.end_leftovers();
        }
    }

    /// The journal did not take a fact: everything stops, and nothing more is claimed.
    fn break_down(&mut self, error: JournalError) {
        tracing::error!(run = %self.spec.id, "the journal did not keep a fact: {error}");
        self.end_as = None;
        self.pending.clear();
        self.lives.retain(|_, live| live.trying.is_some());
        self.lives.values_mut().filter_map(Live::process).for_each(|process| process.stop());
        self.end_leftovers();
        self.shared.set_trouble(&error);
        self.trouble = Some(error);
    }
}
