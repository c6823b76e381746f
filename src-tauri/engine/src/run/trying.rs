//! The item that runs: its attempts, one after another, and what each of them came to.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;

use super::{
    RunSpec,
    attempt::{Attempt, assignments, name_leftovers},
    carrying::{Left, worth_keeping},
    driver::Driver,
    prepare::{Prepared, THIS_MACHINE},
    processes::Process,
};
use crate::{
    event::{AttemptState, Fact},
    expect::{Tester, exit_verdict},
    journal::JournalError,
    output::{Pieces, Shown},
    process::{Carried, Ending, Exit, HIDDEN_SIZE, Happening, Launch},
};

/// The most of `$ALLGOOD_ENV` that is read, in bytes.
const LARGEST_ENV: u64 = 1024 * 1024;

/// The item that runs.
pub(crate) struct Live {
    prepared: Prepared,
    /// Its last attempt.
    number: u64,
    pub(crate) trying: Option<Trying>,
    /// When a probe is tried again, while nothing is tried.
    next_try: Option<Instant>,
    /// When a probe is given up.
    give_up: Option<Instant>,
    began: Instant,
}

/// An attempt under way.
pub(crate) struct Trying {
    pub(crate) process: Option<Box<dyn Process>>,
    attempt: Attempt,
    began: Instant,
    /// The file `$ALLGOOD_ENV`.
    env_file: Option<NamedTempFile>,
    /// The probe's time ran out while it was tried.
    out_of_time: bool,
}

/// What a new process comes with.
struct Started {
    tester: Tester,
    process: Box<dyn Process>,
    env_file: NamedTempFile,
}

impl Driver {
    /// Starts the first attempt, or another one, of an item.
    pub(crate) fn launch(&mut self, prepared: Prepared) -> Result<(), JournalError> {
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
        tried
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
        let began = Instant::now();
        let mask = self.engine.secrets.masker();
        let (tester, process, env_file, failure) = match self.start_process() {
            Ok(Started { tester, process, env_file }) => (Some(tester), Some(process), Some(env_file), None),
            Err(sentence) => (None, None, None, Some(sentence)),
        };
        let attempt = Attempt::new(&item, number, mask, tester.filter(|tester| !tester.is_empty()));
        if let Some(live) = &mut self.live {
            live.trying = Some(Trying { process, attempt, began, env_file, out_of_time: false });
        }
        failure.map_or(Ok(()), |sentence| self.ended(not_started(sentence)))
    }

    /// Starts the process of the item in hand, with the file `$ALLGOOD_ENV`.
    ///
    /// # Errors
    /// One sentence, when it cannot be started, or its output not be tested.
    fn start_process(&mut self) -> Result<Started, String> {
        let Some(live) = &self.live else { return Err("nothing is to be started".to_owned()) };
        let tester = Tester::new(&live.prepared.expectations)?;
        let settings = &self.engine.settings;
        let env_file = tempfile::Builder::new()
            .prefix("env-")
            .tempfile_in(&settings.scratch)
            .map_err(|error| format!("nothing can be written to {}: {error}", settings.scratch.display()))?;
        let launch = settings.launch(&self.spec, &live.prepared, &env_file);
        self.started += 1;
        let number = self.started;
        self.inbox.listen_to(number);
        let inbox = Arc::clone(&self.inbox);
        let process = self.processes.start(launch, Box::new(move |happening| inbox.happening(number, happening)))?;
        Ok(Started { tester, process, env_file })
    }

    pub(crate) fn happening(&mut self, happening: Happening) -> Result<(), JournalError> {
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
    pub(crate) fn due(&self) -> Option<Instant> {
        let live = self.live.as_ref().filter(|_| self.trouble.is_none())?;
        let trying = live.trying.as_ref();
        let give_up = live.give_up.filter(|_| trying.is_some_and(|trying| !trying.out_of_time));
        [trying.and_then(|trying| trying.attempt.due()), give_up, live.next_try].into_iter().flatten().min()
    }

    pub(crate) fn on_time(&mut self, now: Instant) -> Result<(), JournalError> {
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
    pub(crate) fn carry(&mut self, item: &str, left: Left) -> Result<(), JournalError> {
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

/// The end of an attempt whose process never was.
fn not_started(sentence: String) -> Ending {
    Ending {
        exit: Exit::NotStarted(sentence),
        timed_out: false,
        stopped: false,
        duration: Duration::ZERO,
        carried: Ok(Carried::default()),
        left_running: Vec::new(),
    }
}

/// What stands at the place of a file now: programs like to replace a file rather than to write into it.
fn read_up_to(file: &NamedTempFile, limit: u64) -> String {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    // Anything but a file (a pipe would keep us waiting) was not written for us.
    let is_file = std::fs::symlink_metadata(file.path()).is_ok_and(|metadata| metadata.is_file());
    if let (true, Ok(file)) = (is_file, std::fs::File::open(file.path())) {
        let _ = file.take(limit).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl super::Settings {
    /// What is handed to the supervisor.
    fn launch(&self, spec: &RunSpec, prepared: &Prepared, env_file: &NamedTempFile) -> Launch {
        let mut environment = prepared.environment.clone();
        environment.insert("ALLGOOD_ENV".into(), env_file.path().into());
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
