//! An item that runs, on the path or in the background: its attempts, one after another, and what each of them came to.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use format::On;
use tempfile::NamedTempFile;

use super::{
    ansible::Lookup,
    attempt::{Attempt, assignments, name_leftovers},
    carrying::{Left, worth_keeping},
    driver::Driver,
    fleet::Round,
    measuring::{Measuring, measured_by_itself, read_up_to},
    patience::Tries,
    prepare::{Prepared, THIS_MACHINE, cannot_fetch},
    processes::Process,
};
use crate::{
    event::{AttemptState, Fact},
    expect::{Tester, exit_verdict},
    journal::{JournalError, Reached},
    output::{Output, Pieces, Shown},
    process::{Carried, Ending, Exit, Happening, Reach, Target},
};

/// The most of `$ALLGOOD_ENV` that is read, in bytes.
const LARGEST_ENV: u64 = 1024 * 1024;

/// An item that runs.
pub(crate) struct Live {
    pub(super) prepared: Prepared,
    /// Its last attempt.
    pub(super) number: u64,
    /// Those of this start.
    pub(super) tries: Tries,
    /// Those under way, by number: one, but for several hosts.
    pub(super) trying: BTreeMap<u64, Trying>,
    /// When it is tried again, while nothing is tried.
    pub(super) next_try: Option<Instant>,
    /// How far it is with its hosts, where it runs on several.
    pub(super) round: Option<Round>,
    /// Ansible is being asked which hosts there are.
    pub(super) lookup: Option<Lookup>,
    /// It is being stopped because the run ends.
    ending: bool,
}

/// An attempt under way.
pub(crate) struct Trying {
    pub(super) process: Option<Box<dyn Process>>,
    /// Which of several hosts it runs on.
    pub(super) host: Option<String>,
    /// By which its process is listened to.
    pub(super) process_number: u64,
    pub(super) attempt: Attempt,
    pub(super) began: Instant,
    /// The file `$ALLGOOD_ENV`.
    pub(super) env_file: Option<NamedTempFile>,
    /// Where a block that measures has its verdicts put.
    pub(super) measuring: Option<Measuring>,
    /// The probe's time ran out while it was tried.
    pub(super) out_of_time: bool,
}

/// What a new process comes with.
pub(super) struct Started {
    tester: Tester,
    process: Box<dyn Process>,
    env_file: NamedTempFile,
    measuring: Option<Measuring>,
    /// What a person should know of the secrets that it was given: one sentence each.
    warnings: Vec<String>,
}

impl Driver {
    /// Starts the first attempt, or another one, of an item.
    pub(crate) fn launch(&mut self, prepared: Prepared) -> Result<(), JournalError> {
        let attempts = self.state.items.get(&prepared.item).map_or(&[][..], |item| &item.attempts);
        let number = attempts.last().map_or(0, |attempt| attempt.number);
        let tries = Tries::new(prepared.patience, Instant::now());
        let item = prepared.item.clone();
        let (trying, next_try) = (BTreeMap::new(), None);
        let through_ansible = prepared.ansible.is_some();
        let many = prepared.hosts.is_some() || through_ansible;
        let (round, lookup) = (None, None);
        let live = Live { prepared, number, tries, trying, next_try, round, lookup, ending: false };
        self.lives.insert(item.clone(), live);
        let acts = self.acts;
        let tried = match (through_ansible, many) {
            (true, _) => self.look_up_hosts(&item),
            (false, true) => self.try_on_hosts(&item),
            (false, false) => self.try_once(&item),
        };
        // What has begun on some hosts goes on by itself when the journal keeps facts again.
        if tried.is_err() && (!many || self.acts == acts) {
            self.lives.remove(&item);
        }
        tried
    }

    /// Starts an attempt of an item.
    fn try_once(&mut self, item: &str) -> Result<(), JournalError> {
        let Some(live) = self.lives.get_mut(item) else { return Ok(()) };
        live.number += 1;
        live.tries.begin();
        live.next_try = None;
        let (item, number) = (live.prepared.item.clone(), live.number);
        // Looked up first: the record says where it leads.
        let reached = self.lives.get(&item).and_then(|live| self.way(&live.prepared)).transpose();
        let (reached, unreached) = match reached {
            Ok(reached) => (reached, None),
            Err(sentence) => (None, Some(sentence)),
        };
        let Some(live) = self.lives.get_mut(&item) else { return Ok(()) };
        let place = match (&reached, &live.prepared.on, &live.prepared.asks) {
            (Some(reached), ..) => reached.place.clone(),
            (None, Some(on), _) => on.to_string(),
            (None, None, Some(entry)) => entry.clone(),
            (None, None, None) => THIS_MACHINE.to_owned(),
        };
        let start = Fact::AttemptStarted {
            item: item.clone(),
            attempt: number,
            command: live.prepared.script.clone(),
            target: place,
            cwd: live.prepared.cwd.to_string_lossy().into_owned(),
            of: live.tries.left().map(|left| number + left),
            background: live.prepared.background,
            host: None,
        };
        self.shared.set_busy(true);
        let before = self.before();
        self.keep(start);
        if let Err(error) = self.flush() {
            self.take_back(before, &error);
            if let Some(live) = self.lives.get_mut(&item) {
                live.tries.take_back();
                (live.number, live.next_try) = (live.number - 1, Some(Instant::now()));
            }
            return Err(error);
        }
        let failure = self.start_attempt(&item, number, None, unreached.map_or(Ok(reached), Err));
        failure.map_or(Ok(()), |sentence| self.ended(&item, number, not_started(sentence)))
    }

    /// Starts what an attempt whose start is on disk consists of; gives one sentence where it cannot be started.
    pub(super) fn start_attempt(
        &mut self,
        item: &str,
        number: u64,
        host: Option<String>,
        reached: Result<Option<Reached>, String>,
    ) -> Option<String> {
        self.acts += 1;
        let began = Instant::now();
        self.started += 1;
        let process_number = self.started;
        let mut warned = Vec::new();
        let started = reached.and_then(|reached| self.start_process(item, process_number, reached, host.as_deref()));
        let (tester, process, env_file, measuring, failure) = match started {
            Ok(Started { tester, process, env_file, measuring, warnings }) => {
                warned = warnings;
                (Some(tester), Some(process), Some(env_file), measuring, None)
            }
            Err(sentence) => (None, None, None, None, Some(sentence)),
        };
        // Made now, so that it knows what was fetched for this very start; nothing that was printed has been looked at yet.
        let mask = self.engine.secrets.masker();
        let output = match host {
            None => Output::new(item, number, mask),
            Some(_) => Output::of_a_host(item, number, mask),
        };
        if let Some(live) = self.lives.get_mut(item) {
            let tester = tester.filter(|tester| !tester.is_empty());
            let attempt = Attempt::new(output, tester, live.prepared.piped);
            let out_of_time = false;
            let trying = Trying { process, host, process_number, attempt, began, env_file, measuring, out_of_time };
            live.trying.insert(number, trying);
        }
        self.warn(item, warned);
        failure
    }

    /// What a person should know, once in a run.
    pub(super) fn warn(&mut self, item: &str, sentences: Vec<String>) {
        for text in sentences {
            if self.memory.warned.insert(text.clone()) {
                self.keep(Fact::Note { text, item: Some(item.to_owned()) });
            }
        }
    }

    /// Starts the process of an item, with the file `$ALLGOOD_ENV`.
    ///
    /// # Errors
    /// One sentence, when it cannot be started, or its output not be tested.
    fn start_process(
        &self,
        item: &str,
        number: u64,
        reached: Option<Reached>,
        host: Option<&str>,
    ) -> Result<Started, String> {
        let Some(live) = self.lives.get(item) else { return Err("nothing is to be started".to_owned()) };
        let tester = Tester::new(&live.prepared.expectations)?;
        let settings = &self.engine.settings;
        let env_file = tempfile::Builder::new()
            .prefix("env-")
            .tempfile_in(&settings.scratch)
            .map_err(|error| format!("nothing can be written to {}: {error}", settings.scratch.display()))?;
        let mut launch = settings.launch(&self.spec, &live.prepared, env_file.path());
        let measuring = Measuring::begin(&live.prepared, reached.as_ref(), self.times(), &mut launch)?;
        let mut warnings = Vec::new();
        if measuring.is_some() {
            warnings.extend(reached.iter().flat_map(|reached| reached.warnings.iter().cloned()));
        }
        if let (Some(reached), Some(on)) = (reached, &live.prepared.on) {
            launch.target = Some(Box::new(Target {
                name: host.map_or_else(|| on.to_string(), str::to_owned),
                reach: reached.reach,
                around: settings.environment.clone(),
                folder: self.spec.folder.clone(),
                attended: self.spec.attended && host.is_none(),
            }));
            warnings.extend(reached.warnings);
        }
        for (name, reference) in &live.prepared.access {
            let access = self.spec.access.as_ref().ok_or_else(|| cannot_fetch(name, reference))?;
            let fetched = access.fetch(name, reference)?;
            warnings.extend(fetched.warning);
            launch.environment.insert(name.into(), fetched.value);
        }
        self.inbox.listen_to(number);
        let inbox = Arc::clone(&self.inbox);
        let process = self.processes.start(launch, Box::new(move |happening| inbox.happening(number, happening)))?;
        Ok(Started { tester, process, env_file, measuring, warnings })
    }

    /// How a target is reached.
    pub(super) fn reach(&self, on: &On) -> Result<Reached, String> {
        let reach = match on {
            On::Entry(entry) => {
                return match &self.spec.access {
                    Some(access) => access.reach(entry),
                    None => Err(format!("{entry} cannot be reached: there are no access entries here")),
                };
            }
            // Each of them is one.
            On::Hosts(_) | On::Ansible(_) => return Err(format!("{on} cannot be reached as one host")),
            On::Docker(name) => Reach::Docker(name.clone()),
            On::Podman(name) => Reach::Podman(name.clone()),
            On::Pod { namespace, pod } => Reach::Pod { namespace: namespace.clone(), pod: pod.clone() },
        };
        Ok(Reached { reach, place: on.to_string(), warnings: Vec::new() })
    }

    pub(crate) fn happening(&mut self, process: u64, happening: Happening) -> Result<(), JournalError> {
        let looking = |live: &Live| live.lookup.as_ref().is_some_and(|lookup| lookup.is(process));
        if let Some(item) = self.lives.iter().find(|(_, live)| looking(live)).map(|(item, _)| item.clone()) {
            return self.heard_of_hosts(&item, happening);
        }
        let of = |live: &Live| live.trying.iter().find(|(_, one)| one.process_number == process).map(|(at, _)| *at);
        let found = self.lives.iter().find_map(|(item, live)| Some((item.clone(), of(live)?)));
        let Some((item, number)) = found else { return Ok(()) };
        match happening {
            Happening::Ended(_) if self.trouble.is_some() => {
                self.inbox.forget(process);
                if let Some(live) = self.lives.get_mut(&item) {
                    live.trying.remove(&number);
                }
                self.lives.retain(|_, live| live.is_tried());
                Ok(())
            }
            _ if self.trouble.is_some() => Ok(()),
            Happening::Halted(text) => {
                self.keep(Fact::Note { text, item: Some(item) });
                self.flush()
            }
            Happening::Ended(ending) => self.ended(&item, number, ending),
            Happening::Output(bytes) => self.printed(&item, number, |attempt, now| attempt.push(&bytes, now)),
            Happening::Captured(bytes) => {
                self.printed(&item, number, |attempt, now| attempt.push_captured(&bytes, now))
            }
            Happening::Beside(bytes) => self.printed(&item, number, |attempt, now| attempt.push_beside(&bytes, now)),
            Happening::Collected(bytes) => self.printed(&item, number, |attempt, _| attempt.collect(&bytes)),
        }
    }

    fn printed(
        &mut self,
        item: &str,
        number: u64,
        take: impl FnOnce(&mut Attempt, Instant),
    ) -> Result<(), JournalError> {
        let now = Instant::now();
        if let Some(trying) = self.lives.get_mut(item).and_then(|live| live.trying.get_mut(&number)) {
            take(&mut trying.attempt, now);
        }
        self.pass_on(item, number, now)
    }

    /// When something has to be done, if nothing comes before.
    pub(crate) fn due(&self) -> Option<Instant> {
        if self.trouble.is_some() {
            return None;
        }
        self.lives.values().filter_map(Live::due).min()
    }

    pub(crate) fn on_time(&mut self, now: Instant) -> Result<(), JournalError> {
        let due = self.lives.iter().filter(|(_, live)| live.due().is_some_and(|due| due <= now));
        let items: Vec<String> = due.map(|(item, _)| item.clone()).collect();
        for item in items {
            let numbers: Vec<u64> = self.lives.get(&item).map_or_else(Vec::new, Live::numbers);
            for number in numbers {
                self.pass_on(&item, number, now)?;
            }
            let Some(live) = self.lives.get_mut(&item) else { continue };
            if live.tries.cuts_short().is_some_and(|at| at <= now) {
                live.out_of_time();
            }
            if live.next_try.is_some_and(|at| at <= now) {
                live.next_try = None;
                match (live.round.is_some(), live.prepared.hosts.is_some()) {
                    (true, _) => self.go_on_with_hosts(&item)?,
                    (false, true) => self.try_on_hosts(&item)?,
                    (false, false) => self.try_once(&item)?,
                }
            }
        }
        Ok(())
    }

    /// Shows and keeps what has gathered for long enough.
    fn pass_on(&mut self, item: &str, number: u64, now: Instant) -> Result<(), JournalError> {
        let Some(live) = self.lives.get_mut(item) else { return Ok(()) };
        let Some(trying) = live.trying.get_mut(&number) else { return Ok(()) };
        let (shown, kept) = trying.attempt.on_time(now);
        self.tell(item, number, shown, kept)
    }

    fn tell(&mut self, item: &str, number: u64, shown: Option<Shown>, kept: Pieces) -> Result<(), JournalError> {
        if let Some(Shown { offset, bytes }) = shown {
            self.observer.output(item, number, offset, &bytes);
        }
        for (fact, bytes) in kept {
            self.keep_output(fact, bytes);
        }
        self.flush()
    }

    /// An attempt has ended: what it came to, in the order of the facts.
    fn ended(&mut self, item: &str, number: u64, ending: Ending) -> Result<(), JournalError> {
        self.attempt_ended(item, number, ending);
        match self.lives.get(item).is_some_and(|live| live.round.is_some()) {
            true => self.go_on_with_hosts(item),
            false => Ok(()),
        }
    }

    /// See [`Driver::ended`]; what follows on other hosts is left to do.
    pub(super) fn attempt_ended(&mut self, item: &str, number: u64, ending: Ending) {
        let Some(mut live) = self.lives.remove(item) else { return };
        let Some(trying) = live.trying.remove(&number) else { return };
        let now = Instant::now();
        let Trying { process, host, process_number, attempt, began, env_file, measuring, out_of_time } = trying;
        self.inbox.forget(process_number);
        let (shown, kept, tested) = attempt.end(now);
        let Prepared { item, .. } = &live.prepared;
        let item = item.clone();
        if let Some(Shown { offset, bytes }) = shown {
            self.observer.output(&item, number, offset, &bytes);
        }
        for (fact, bytes) in kept {
            self.keep_output(fact, bytes);
        }
        let stopped = ending.stopped && !out_of_time;
        let mut verdicts = tested.verdicts;
        let exit = exit_verdict(live.prepared.exit.as_deref(), &ending.exit);
        let cut_short = ending.timed_out || out_of_time || stopped;
        let by_itself = measuring.is_some() && measured_by_itself(&ending.exit);
        match measuring {
            Some(measuring) if !cut_short => {
                let mask = |text: &str| self.engine.secrets.mask_text(text);
                verdicts.extend(measuring.verdicts(exit, &ending.exit, &mask));
            }
            None if !cut_short && (live.prepared.exit_written || !exit.holds) => verdicts.push(exit),
            _ => {}
        }
        let passed = !cut_short && verdicts.iter().all(|verdict| verdict.holds);
        if !stopped {
            for verdict in verdicts {
                let (expected, observed, holds) = (verdict.expected, verdict.observed, verdict.holds);
                self.keep(Fact::Expectation { item: item.clone(), attempt: number, expected, observed, holds });
            }
        }
        let settled = passed || stopped || self.end_as.is_some();
        // On several hosts it is tried again when it has ended on all of them.
        let again = if settled || host.is_some() { None } else { live.tries.next(began, now) };
        let state = match (passed, stopped) {
            (true, _) => AttemptState::Passed,
            (false, true) => AttemptState::Stopped,
            (false, false) => AttemptState::Failed,
        };
        let leftovers = name_leftovers(&ending.left_running);
        let left = self.left_behind(&live.prepared, &ending, env_file, tested.text.as_deref());
        let said = if passed { left.said.clone() } else { None };
        // Of several hosts the end of all of them says it.
        let given_up = host.is_none() && again.is_none() && state == AttemptState::Failed;
        let why = live.why(&ending, out_of_time, given_up);
        let note: Vec<String> = why.into_iter().chain(said).chain(leftovers).collect();
        self.keep(Fact::AttemptEnded {
            item: item.clone(),
            attempt: number,
            state,
            exit: match &ending.exit {
                // The status of the program that measured says nothing that the verdicts do not say.
                Exit::Status(code) if !by_itself => Some(i64::from(*code)),
                _ => None,
            },
            signal: match &ending.exit {
                Exit::Signal(name) => Some(name.clone()),
                _ => None,
            },
            note: (!note.is_empty()).then(|| note.join("; ")),
            again: again.is_some(),
            host: host.clone(),
            duration_ms: u64::try_from(ending.duration.as_millis()).unwrap_or(u64::MAX >> 11),
        });
        if !ending.left_running.is_empty() {
            self.leftovers.extend(process);
        }
        if let Some(host) = host {
            live.host_ended(&host, passed, stopped);
            self.lives.insert(item, live);
            return;
        }
        // What ends at any moment beside the others must not change what they find.
        if !live.is_background() {
            self.memory.previous = tested.text;
            if passed {
                self.left_by_failed.remove(&item);
                self.carry(&item, left);
            } else if again.is_none() {
                self.left_by_failed.insert(item.clone(), left);
            }
        }
        if again.is_some() {
            live.next_try = again;
            self.lives.insert(item, live);
        }
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
        Left::new(prepared, &ending.carried, assignments(&written), (&prepared.captures, text))
    }

    /// Lets what an attempt left behind carry; what is secret in memory alone.
    pub(crate) fn carry(&mut self, item: &str, left: Left) {
        // A value that came with a secret may hold it too.
        self.learn(left.values());
        let secrets = Arc::clone(&self.engine.secrets);
        let declared = |name: &str| self.is_declared_secret(name);
        let holds_secret = |text: &str| secrets.mask_text(text) != text;
        let target = left.target.clone();
        let Some(change) = worth_keeping(left, &self.state, &self.memory, &holds_secret, &declared) else { return };
        for name in change.values.keys().chain(&change.unset) {
            self.memory.carried.remove(name);
        }
        let mut in_memory = Vec::new();
        for (name, (value, plain)) in change.secret {
            self.keep_secret(&name, &value);
            in_memory.push(name.clone());
            self.memory.carried.insert(name, (value, plain));
        }
        if change.cwd.is_some() || change.secret_cwd.is_some() {
            match change.secret_cwd {
                Some(cwd) => drop(self.memory.cwds.insert(target.clone(), cwd)),
                None => drop(self.memory.cwds.remove(&target)),
            }
        }
        self.keep(Fact::VariablesSet {
            item: Some(item.to_owned()),
            values: change.values,
            plain: change.plain,
            unset: change.unset,
            target: target.filter(|_| change.cwd.is_some()),
            cwd: change.cwd,
            in_memory,
        });
    }
}

impl Live {
    pub(crate) fn is_background(&self) -> bool {
        self.prepared.background
    }

    /// Its process, where it has one alone.
    pub(crate) fn process(&mut self) -> Option<&mut Box<dyn Process>> {
        let trying = self.trying.values_mut().next()?;
        trying.process.as_mut().filter(|_| trying.host.is_none())
    }

    /// Whether an attempt of it is under way.
    pub(crate) fn is_tried(&self) -> bool {
        !self.trying.is_empty() || self.lookup.is_some()
    }

    fn numbers(&self) -> Vec<u64> {
        self.trying.keys().copied().collect()
    }

    /// Stops whatever runs of it; nothing further begins.
    pub(crate) fn stop(&mut self) {
        if let Some(round) = &mut self.round {
            round.stop();
        }
        self.lookup.iter_mut().for_each(Lookup::stop);
        for trying in self.trying.values_mut() {
            if let Some(process) = &mut trying.process {
                process.stop();
            }
        }
    }

    /// Its patience is over: what still runs is ended.
    fn out_of_time(&mut self) {
        if let Some(round) = &mut self.round {
            round.out_of_time();
        }
        self.lookup.iter_mut().for_each(Lookup::stop);
        for trying in self.trying.values_mut().filter(|trying| !trying.out_of_time) {
            trying.out_of_time = true;
            if let Some(process) = &mut trying.process {
                process.stop();
            }
        }
    }

    /// The run ends: what runs beside it is stopped, once.
    pub(crate) fn end_with_run(&mut self) {
        if !std::mem::replace(&mut self.ending, true) {
            self.stop();
        }
    }

    /// When something has to be done, if nothing comes before.
    fn due(&self) -> Option<Instant> {
        let cut = self.tries.cuts_short().filter(|_| self.trying.values().any(|trying| !trying.out_of_time));
        let printed = self.trying.values().filter_map(|trying| trying.attempt.due());
        printed.chain(cut).chain(self.next_try).min()
    }

    /// One sentence about an end that exit status and signal do not tell.
    fn why(&self, ending: &Ending, out_of_time: bool, given_up: bool) -> Option<String> {
        if let Exit::NotStarted(sentence) | Exit::Lost(sentence) = &ending.exit {
            return Some(sentence.clone());
        }
        if self.ending {
            return Some("ended with the run".to_owned());
        }
        if let (Some(timeout), true) = (self.prepared.timeout, ending.timed_out) {
            return Some(format!("ended by its timeout of {timeout:?}"));
        }
        self.tries.why(out_of_time, given_up, Instant::now())
    }
}

/// The end of an attempt whose process never was.
pub(super) fn not_started(sentence: String) -> Ending {
    Ending {
        exit: Exit::NotStarted(sentence),
        timed_out: false,
        stopped: false,
        duration: Duration::ZERO,
        carried: Ok(Carried::default()),
        left_running: Vec::new(),
    }
}
