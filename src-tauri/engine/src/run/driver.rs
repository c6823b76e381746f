//! The thread of one run: carries out what [`super::decide`] decided. Keeps facts, starts processes, waits.
//!
//! Order is everything here. A fact is on disk before anyone is told of it; an attempt's start is on disk before its
//! process exists; once the journal refuses a fact the run stops, and claims nothing more.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;

use super::{
    Command, Engine, Refusal, RunSpec,
    attempt::{Attempt, assignments, name_leftovers},
    carrying::{Left, worth_keeping},
    decide::{Effect, EndAs, World, decide, next},
    inbox::{Inbox, Reply, Taken},
    plan::Plan,
    prepare::{Prepared, THIS_MACHINE},
    processes::{Process, Processes},
    shared::Shared,
    values::{Chosen, Memory, says_secret},
};
use crate::{
    event::{AttemptState, Event, Fact, FinishState},
    expect::{Tester, exit_verdict},
    journal::{JournalError, Observer},
    output::{Pieces, Shown},
    process::{Ending, Exit, HIDDEN_SIZE, Happening, Launch},
};

/// The most of `$ALLGOOD_ENV` that is read, in bytes.
const LARGEST_ENV: u64 = 1024 * 1024;

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

/// The item that runs.
pub(crate) struct Live {
    prepared: Prepared,
    /// Its last attempt.
    number: u64,
    trying: Option<Trying>,
    /// When a probe is tried again, while nothing is tried.
    next_try: Option<Instant>,
    /// When a probe is given up.
    give_up: Option<Instant>,
    began: Instant,
}

/// An attempt under way.
struct Trying {
    process: Option<Box<dyn Process>>,
    attempt: Attempt,
    began: Instant,
    /// The file `$ALLGOOD_ENV`.
    env_file: Option<NamedTempFile>,
    /// The probe's time ran out while it was tried.
    out_of_time: bool,
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
            for effect in effects {
                // What cannot be launched by itself is a question for a person.
                if let Err(refusal) = self.carry_out(effect)? {
                    self.end_as = Some(EndAs::Paused(Some(refusal.to_string())));
                }
            }
        }
        Ok(())
    }

    fn command(&mut self, command: &Command, reply: &Reply) -> Result<(), JournalError> {
        if let Some(trouble) = &self.trouble {
            let _ = reply.send(Err(Refusal::Journal(trouble.to_string())));
            return Ok(());
        }
        let decided = self.shared.with_state(|state| decide(&self.world(state), command));
        let done = match decided {
            Ok(effects) => self.carry_out_all(effects),
            Err(refusal) => Ok(Err(refusal)),
        };
        let (answer, result) = match done {
            Ok(answer) => (answer, Ok(())),
            Err(error) => (Err(Refusal::Journal(error.to_string())), Err(error)),
        };
        // Whoever asked may have gone.
        let _ = reply.send(answer);
        result
    }

    /// Stops at the first refusal.
    fn carry_out_all(&mut self, effects: Vec<Effect>) -> Result<Result<(), Refusal>, JournalError> {
        for effect in effects {
            if let Err(refusal) = self.carry_out(effect)? {
                return Ok(Err(refusal));
            }
        }
        self.end_if_idle().map(Ok)
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

    /// Carries out one effect. The inner refusal means that nothing happened.
    fn carry_out(&mut self, effect: Effect) -> Result<Result<(), Refusal>, JournalError> {
        match effect {
            Effect::Keep(fact) => {
                if let Fact::RunFinished { .. } = fact {
                    self.end_leftovers();
                }
                self.keep(fact)?;
            }
            Effect::Remember { name, value } => self.remember(name, value, "person")?,
            Effect::Launch(prepared) => return self.launch(*prepared),
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
        Ok(Ok(()))
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

    fn keep_with(&mut self, fact: Fact, bytes: Option<&[u8]>) -> Result<Event, JournalError> {
        let Engine { settings, journal, secrets, clock } = &self.engine;
        let fact = fact.map_text(|text| secrets.mask_text(text));
        let actor = secrets.mask_text(&settings.actor);
        let event = match bytes {
            None => journal.append(&self.spec.id, &clock.now(), &actor, fact)?,
            Some(bytes) => journal.append_output(&self.spec.id, &clock.now(), &actor, fact, bytes)?,
        };
        self.shared.apply(&event);
        self.observer.event(&event);
        Ok(event)
    }

    fn is_declared_secret(&self, name: &str) -> bool {
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

    fn launch(&mut self, prepared: Prepared) -> Result<Result<(), Refusal>, JournalError> {
        // The process could not be kept from starting once its start is kept: what can fail comes first.
        if let Err(sentence) = Tester::new(&prepared.expectations) {
            return Ok(Err(Refusal::Guard(sentence)));
        }
        let now = Instant::now();
        let number = self.shared.with_state(|state| {
            let attempts = state.items.get(&prepared.item).map_or(&[][..], |item| &item.attempts);
            attempts.last().map_or(0, |attempt| attempt.number)
        });
        let give_up = prepared.patience.map(|patience| now + patience.within);
        self.live = Some(Live { prepared, number, trying: None, next_try: None, give_up, began: now });
        let tried = self.try_once();
        if tried.is_err() {
            self.live = None;
        }
        tried.map(Ok)
    }

    /// Starts an attempt of the item in hand.
    fn try_once(&mut self) -> Result<(), JournalError> {
        let Some(live) = &mut self.live else { return Ok(()) };
        live.number += 1;
        live.next_try = None;
        let (item, number) = (live.prepared.item.clone(), live.number);
        let start = Fact::AttemptStarted {
            item: item.clone(),
            attempt: number,
            command: live.prepared.script.clone(),
            target: THIS_MACHINE.to_owned(),
            cwd: live.prepared.cwd.to_string_lossy().into_owned(),
        };
        self.shared.set_busy(true);
        self.keep(start)?;
        self.started += 1;
        let process_number = self.started;
        self.inbox.listen_to(process_number);
        let env_file = tempfile::Builder::new().prefix("env-").tempfile_in(&self.engine.settings.scratch);
        let Some(live) = &mut self.live else { return Ok(()) };
        // What is written to it is only for those that write it: a command need not.
        let env_file = env_file.ok();
        let launch = self.engine.settings.launch(&self.spec, &live.prepared, env_file.as_ref());
        let inbox = Arc::clone(&self.inbox);
        let sink = Box::new(move |happening| inbox.happening(process_number, happening));
        let began = Instant::now();
        let mask = self.engine.secrets.masker();
        // It was made once before: `launch` refuses what cannot be tested.
        let tester = (!live.prepared.expectations.is_empty()).then(|| Tester::new(&live.prepared.expectations));
        let attempt = Attempt::new(&item, number, mask, tester.and_then(Result::ok));
        let process = self.processes.start(launch, sink);
        let (process, failure) = match process {
            Ok(process) => (Some(process), None),
            Err(sentence) => (None, Some(sentence)),
        };
        live.trying = Some(Trying { process, attempt, began, env_file, out_of_time: false });
        if let Some(sentence) = failure {
            return self.ended(Ending {
                exit: Exit::NotStarted(sentence),
                timed_out: false,
                stopped: false,
                duration: Duration::ZERO,
                carried: Ok(crate::process::Carried::default()),
                left_running: Vec::new(),
            });
        }
        Ok(())
    }

    fn happening(&mut self, happening: Happening) -> Result<(), JournalError> {
        match happening {
            Happening::Ended(_) if self.trouble.is_some() => {
                self.live = None;
                Ok(())
            }
            Happening::Output(_) if self.trouble.is_some() => Ok(()),
            Happening::Ended(ending) => self.ended(ending),
            Happening::Output(bytes) => {
                let now = Instant::now();
                if let Some(trying) = self.live.as_mut().and_then(|live| live.trying.as_mut()) {
                    trying.attempt.push(&bytes, now);
                }
                self.pass_on(now)
            }
        }
    }

    /// When something has to be done, if nothing comes before.
    fn due(&self) -> Option<Instant> {
        let live = self.live.as_ref().filter(|_| self.trouble.is_none())?;
        let trying = live.trying.as_ref();
        let give_up = live.give_up.filter(|_| trying.is_some_and(|trying| !trying.out_of_time));
        [trying.and_then(|trying| trying.attempt.due()), give_up, live.next_try].into_iter().flatten().min()
    }

    fn on_time(&mut self, now: Instant) -> Result<(), JournalError> {
        self.pass_on(now)?;
        let Some(live) = &mut self.live else { return Ok(()) };
        let over = live.give_up.is_some_and(|at| at <= now);
        match &mut live.trying {
            Some(trying) if over && !trying.out_of_time => {
                trying.out_of_time = true;
                if let Some(process) = &mut trying.process {
                    process.stop();
                }
                Ok(())
            }
            None if live.next_try.is_some_and(|at| at <= now) => self.try_once(),
            _ => Ok(()),
        }
    }

    /// Shows and keeps what has gathered for long enough.
    fn pass_on(&mut self, now: Instant) -> Result<(), JournalError> {
        let Some(live) = &mut self.live else { return Ok(()) };
        let Some(trying) = &mut live.trying else { return Ok(()) };
        let (shown, kept) = trying.attempt.on_time(now);
        let (item, number) = (live.prepared.item.clone(), live.number);
        self.tell(&item, number, shown, kept)
    }

    fn tell(&mut self, item: &str, number: u64, shown: Option<Shown>, kept: Pieces) -> Result<(), JournalError> {
        if let Some(Shown { offset, bytes }) = shown {
            self.observer.output(item, number, offset, &bytes);
        }
        for (fact, bytes) in kept {
            self.keep_with(fact, Some(&bytes))?;
        }
        Ok(())
    }

    /// An attempt has ended: what it came to, in the order of the facts.
    fn ended(&mut self, ending: Ending) -> Result<(), JournalError> {
        let Some(mut live) = self.live.take() else { return Ok(()) };
        let Some(trying) = live.trying.take() else { return Ok(()) };
        let now = Instant::now();
        let Trying { process, attempt, began, env_file, out_of_time } = trying;
        let (shown, kept, tested) = attempt.end(now);
        let Prepared { item, .. } = &live.prepared;
        let (item, number) = (item.clone(), live.number);
        self.tell(&item, number, shown, kept)?;

        let stopped = ending.stopped && !out_of_time;
        let mut verdicts = tested.verdicts;
        let exit = exit_verdict(live.prepared.exit.as_deref(), &ending.exit);
        let cut_short = ending.timed_out || out_of_time || stopped;
        if !cut_short && (live.prepared.exit_written || !exit.holds) {
            verdicts.push(exit);
        }
        let passed = !cut_short && verdicts.iter().all(|verdict| verdict.holds);
        if !stopped {
            for verdict in verdicts {
                let (expected, observed, holds) = (verdict.expected, verdict.observed, verdict.holds);
                self.keep(Fact::Expectation { item: item.clone(), attempt: number, expected, observed, holds })?;
            }
        }
        let again = live.again(passed || stopped || self.end_as.is_some(), began, now);
        let state = match (passed, stopped) {
            (true, _) => AttemptState::Passed,
            (false, true) => AttemptState::Stopped,
            (false, false) => AttemptState::Failed,
        };
        let leftovers = name_leftovers(&ending.left_running);
        let left = self.left_behind(&live.prepared, &ending, env_file, tested.text.as_deref());
        let said = if passed { left.said.clone() } else { None };
        let why = live.why(&ending, out_of_time, again.is_none() && state == AttemptState::Failed);
        let note: Vec<String> = why.into_iter().chain(said).chain(leftovers).collect();
        self.keep(Fact::AttemptEnded {
            item: item.clone(),
            attempt: number,
            state,
            exit: match &ending.exit {
                Exit::Status(code) => Some(i64::from(*code)),
                _ => None,
            },
            signal: match &ending.exit {
                Exit::Signal(name) => Some(name.clone()),
                _ => None,
            },
            note: (!note.is_empty()).then(|| note.join("; ")),
            again: again.is_some(),
            duration_ms: u64::try_from(ending.duration.as_millis()).unwrap_or(u64::MAX >> 11),
        })?;
        if !ending.left_running.is_empty() {
            self.leftovers.extend(process);
        }
        self.memory.previous = tested.text;
        if passed {
            self.left_by_failed.remove(&item);
            self.carry(&item, left)?;
        } else if again.is_none() {
            self.left_by_failed.insert(item, left);
        }
        if again.is_some() {
            live.next_try = again;
            self.live = Some(live);
        }
        Ok(())
    }

    /// What an attempt left behind to carry on.
    fn left_behind(
        &self,
        prepared: &Prepared,
        ending: &Ending,
        env_file: Option<NamedTempFile>,
        text: Option<&str>,
    ) -> Left {
        let written = env_file.map(|file| read_up_to(&file, LARGEST_ENV)).unwrap_or_default();
        let captured = prepared.exports.as_ref().map(|name| (name.clone(), text.map(str::to_owned)));
        Left::new(prepared, &ending.carried, assignments(&written), captured)
    }

    /// Lets what an attempt left behind carry; what is secret in memory alone.
    fn carry(&mut self, item: &str, left: Left) -> Result<(), JournalError> {
        let secrets = Arc::clone(&self.engine.secrets);
        let declared = |name: &str| self.is_declared_secret(name);
        let change = self.shared.with_state(|state| {
            worth_keeping(left, state, &self.memory, &|text| secrets.mask_text(text) != text, &declared)
        });
        let Some(change) = change else { return Ok(()) };
        for name in change.values.keys().chain(&change.unset) {
            self.memory.carried.remove(name);
        }
        let mut in_memory = Vec::new();
        for (name, (value, plain)) in change.secret {
            secrets.learn(&value);
            in_memory.push(name.clone());
            self.memory.carried.insert(name, (value, plain));
        }
        if change.cwd.is_some() || change.secret_cwd.is_some() {
            self.memory.cwd = change.secret_cwd;
        }
        self.keep(Fact::VariablesSet {
            item: Some(item.to_owned()),
            values: change.values,
            plain: change.plain,
            unset: change.unset,
            cwd: change.cwd,
            in_memory,
        })?;
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

impl Live {
    /// When a probe is tried again, unless it is `settled`.
    fn again(&self, settled: bool, began: Instant, now: Instant) -> Option<Instant> {
        let (patience, give_up) = (self.prepared.patience?, self.give_up?);
        let at = (began + patience.every).max(now);
        (!settled && at < give_up).then_some(at)
    }

    /// One sentence about an end that exit status and signal do not tell.
    fn why(&self, ending: &Ending, out_of_time: bool, given_up: bool) -> Option<String> {
        if let Exit::NotStarted(sentence) = &ending.exit {
            return Some(sentence.clone());
        }
        let within = self.prepared.patience.map(|patience| format!("{:?}", patience.within));
        match (within, self.prepared.timeout) {
            (Some(within), _) if out_of_time => Some(format!("still running when {within} had passed, and ended")),
            (_, Some(timeout)) if ending.timed_out => Some(format!("ended by its timeout of {timeout:?}")),
            (Some(within), _) if given_up => {
                let spent = Duration::from_millis(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(0));
                Some(format!("did not hold within {within}: given up after {spent:?}"))
            }
            _ => None,
        }
    }
}

fn read_up_to(file: &NamedTempFile, limit: u64) -> String {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    if let Ok(file) = file.reopen() {
        // What cannot be read was not written for us.
        let _ = file.take(limit).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl super::Settings {
    /// What is handed to the supervisor.
    fn launch(&self, spec: &RunSpec, prepared: &Prepared, env_file: Option<&NamedTempFile>) -> Launch {
        let mut environment = prepared.environment.clone();
        if let Some(file) = env_file {
            environment.insert("ALLGOOD_ENV".into(), file.path().into());
        }
        Launch {
            supervisor: self.supervisor.clone(),
            scratch: self.scratch.clone(),
            program: prepared.program.clone(),
            script: prepared.script.clone(),
            environment,
            shell_variables: prepared.shell_variables.clone(),
            cwd: prepared.cwd.clone(),
            timeout: prepared.timeout,
            interactive: spec.attended,
            size: if spec.attended { spec.size } else { HIDDEN_SIZE },
            patience: crate::process::Patience::default(),
        }
    }
}
