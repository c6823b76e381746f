//! The thread of one run: carries out what [`super::decide`] decided. Keeps facts, starts processes, waits.
//!
//! Order is everything here. A fact is on disk before anyone is told of it; an attempt's start is on disk before its
//! process exists; once the journal refuses a fact the run stops, and claims nothing more.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use super::{
    Command, Engine, Refusal, RunSpec,
    carrying::Left,
    decide::{Effect, EndAs, World, decide, next},
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
    pub(crate) live: Option<Live>,
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
            environment: None,
            version: self.engine.settings.version.clone(),
        })?;
        chosen.into_iter().try_for_each(|Chosen { name, value, from }| self.remember(name, value, from))
    }

    /// Drives the run until nobody is there to ask anything of it.
    pub(crate) fn run(mut self) {
        loop {
            if let Err(error) = self.proceed() {
                self.break_down(error);
            }
            self.shared.set_busy(self.live.is_some());
            let result = match self.inbox.take(self.due()) {
                Taken::Command(command, reply) => self.command(&command, &reply),
                Taken::Happening(happening) => self.happening(happening),
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

    /// What happens by itself now.
    fn proceed(&mut self) -> Result<(), JournalError> {
        while self.trouble.is_none() {
            self.end_if_idle()?;
            let effects = self.shared.with_state(|state| next(&self.world(state)));
            if effects.is_empty() {
                break;
            }
            self.carry_out_all(effects)?;
        }
        Ok(())
    }

    fn command(&mut self, command: &Command, reply: &Reply) -> Result<(), JournalError> {
        if let Some(trouble) = &self.trouble {
            let _ = reply.send(Err(Refusal::Journal(trouble.to_string())));
            return Ok(());
        }
        let decided = self.shared.with_state(|state| decide(&self.world(state), command));
        let (answer, result) = match decided.map(|effects| self.carry_out_all(effects)) {
            Ok(Ok(())) => (Ok(()), Ok(())),
            Ok(Err(error)) => (Err(Refusal::Journal(error.to_string())), Err(error)),
            Err(refusal) => (Err(refusal), Ok(())),
        };
        // Whoever asked may have gone.
        let _ = reply.send(answer);
        result
    }

    fn carry_out_all(&mut self, effects: Vec<Effect>) -> Result<(), JournalError> {
        effects.into_iter().try_for_each(|effect| self.carry_out(effect))?;
        self.end_if_idle()
    }

    /// Ends the run, or puts it aside, if that was asked for and nothing runs in the foreground any more.
    fn end_if_idle(&mut self) -> Result<(), JournalError> {
        match self.end_as.take_if(|_| self.live.is_none()) {
            Some(end) => self.end(end),
            None => Ok(()),
        }
    }

    fn world<'a>(&'a self, state: &'a crate::RunState) -> World<'a> {
        World {
            plan: &self.plan,
            spec: &self.spec,
            settings: &self.engine.settings,
            state,
            memory: &self.memory,
            ending: self.end_as.is_some(),
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), JournalError> {
        match effect {
            Effect::Keep(fact) => {
                if let Fact::RunFinished { .. } = fact {
                    self.end_leftovers();
                }
                self.keep(fact)?;
            }
            Effect::Remember { name, value } => self.remember(name, value, "person")?,
            Effect::Launch(prepared) => self.launch(*prepared)?,
            Effect::Type(bytes) => {
                if let Some(process) = self.process() {
                    process.input(&bytes);
                }
            }
            Effect::Resize(columns, rows) => {
                self.spec.size = (columns, rows);
                if let Some(process) = self.process() {
                    process.resize(columns, rows);
                }
            }
            Effect::Stop => self.stop(),
            Effect::Carry(item) => {
                if let Some(left) = self.left_by_failed.remove(&item) {
                    self.carry(&item, left)?;
                }
            }
            Effect::End(end) => self.end_as = Some(end),
        }
        Ok(())
    }

    fn process(&mut self) -> Option<&mut Box<dyn Process>> {
        self.live.as_mut()?.trying.as_mut()?.process.as_mut()
    }

    fn stop(&mut self) {
        match self.process() {
            Some(process) => process.stop(),
            // Between two tries nothing has to be ended.
            None => self.live = None,
        }
    }

    /// Masks a fact, keeps it, and tells of it.
    pub(crate) fn keep(&mut self, fact: Fact) -> Result<Event, JournalError> {
        self.keep_with(fact, None)
    }

    pub(crate) fn keep_with(&mut self, fact: Fact, bytes: Option<&[u8]>) -> Result<Event, JournalError> {
        let Engine { settings, journal, secrets, clock } = &self.engine;
        let fact = fact.map_text(|text| secrets.mask_text(text));
        let actor = secrets.mask_text(&settings.actor);
        let event = match bytes {
            None => journal.append(&self.spec.id, &clock.now(), &actor, fact)?,
            Some(bytes) => journal.append_output(&self.spec.id, &clock.now(), &actor, fact, bytes)?,
        };
        self.shared.apply(&event);
        self.observer.event(&event);
        self.shared.told();
        Ok(event)
    }

    pub(crate) fn is_declared_secret(&self, name: &str) -> bool {
        let settings = &self.plan.runbook().settings;
        settings.params.iter().any(|param| param.secret && param.name == name)
            || settings.access.iter().any(|(access, _)| access == name)
    }

    /// Remembers a value for the rest of the run; one that is secret in memory alone.
    fn remember(&mut self, name: String, value: String, from: &str) -> Result<(), JournalError> {
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
        self.keep(Fact::ParameterSet { name, value: kept, from: from.to_owned() })?;
        Ok(())
    }

    /// Ends the run, or puts it aside; nothing runs in the foreground any more.
    fn end(&mut self, end: EndAs) -> Result<(), JournalError> {
        self.end_leftovers();
        self.keep(match end {
            EndAs::Paused(reason) => Fact::Paused { reason },
            EndAs::Abandoned(reason) => Fact::RunFinished { state: FinishState::Abandoned, reason },
        })?;
        Ok(())
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
        self.stop();
        if self.live.as_ref().is_some_and(|live| live.trying.is_none()) {
            self.live = None;
        }
        self.end_leftovers();
        self.shared.set_trouble(&error);
        self.trouble = Some(error);
    }
}
