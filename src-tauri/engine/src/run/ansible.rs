//! Items that Ansible carries out: which hosts it is about is asked of it first, and one start of it serves all hosts of a
//! batch. Apart from that they are items of several hosts like any other (`fleet`).

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use format::Fleet;

use super::{
    attempt::Attempt,
    driver::Driver,
    prepare::{Prepared, cannot_fetch},
    processes::Process,
    trying::{Trying, not_started},
};
use crate::{
    event::{AttemptState, Fact},
    expect::Tester,
    journal::JournalError,
    output::Output,
    process::{Ending, Exit, Happening, Launch, ansible},
    state::{Host, HostStatus},
};

/// The most that is read of the list of hosts, in bytes.
const LARGEST_LIST: usize = 16 * 1024 * 1024;

/// How much is remembered of what is said meanwhile.
const REMEMBERED: usize = 16 * 1024;

/// What Ansible is to do for an item.
#[derive(Clone, Debug)]
pub(crate) struct Through {
    /// Its pattern of hosts; `None` for a playbook.
    pub(crate) pattern: Option<String>,
    pub(crate) inventory: Option<String>,
    /// A rehearsal: it says what it would change.
    pub(crate) check: bool,
}

impl Through {
    /// What of an item goes through Ansible.
    pub(crate) fn of(item: &format::Item, check: bool) -> Option<Self> {
        let pattern = match format::ansible(item)? {
            format::Ansible::Pattern(pattern) => Some(pattern.to_owned()),
            format::Ansible::Playbook => None,
        };
        // A script would do nothing there, and seem to have passed.
        let check = check && pattern.is_none();
        Some(Self { pattern, inventory: item.options.inventory.clone(), check })
    }

    fn play<'a>(&'a self, folder: &'a Path) -> ansible::Play<'a> {
        ansible::Play {
            pattern: self.pattern.as_deref(),
            inventory: self.inventory.as_deref(),
            folder,
            check: self.check,
        }
    }
}

/// Ansible is being asked which hosts it is about.
pub(super) struct Lookup {
    process: Option<Box<dyn Process>>,
    process_number: u64,
    began: Instant,
    printed: Vec<u8>,
    said: Vec<u8>,
    _files: Option<ansible::Files>,
}

impl Lookup {
    pub(super) fn is(&self, process: u64) -> bool {
        self.process_number == process
    }

    pub(super) fn stop(&mut self) {
        if let Some(process) = &mut self.process {
            process.stop();
        }
    }
}

/// One process that serves several hosts: it is stopped once, and ends when none of them needs it any more.
#[derive(Clone)]
struct Shared(Arc<Mutex<(Box<dyn Process>, bool)>>);

impl Process for Shared {
    // Nobody types into it.
    fn input(&mut self, _: &[u8]) {}

    fn resize(&mut self, _: u16, _: u16) {}

    fn stop(&mut self) {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut shared.1, true) {
            shared.0.stop();
        }
    }

    fn end_leftovers(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.end_leftovers();
    }
}

/// A start of Ansible, ready but for its words.
struct Made {
    files: ansible::Files,
    launch: Launch,
    /// What a person should know of the secrets that it was given: one sentence each.
    warnings: Vec<String>,
}

impl Driver {
    /// Asks Ansible on which hosts an item works. That it has begun is in the record before that.
    pub(super) fn look_up_hosts(&mut self, item: &str) -> Result<(), JournalError> {
        let Some(live) = self.lives.get(item) else { return Ok(()) };
        let fleet = live.prepared.fleet;
        let before = self.before();
        self.keep(Fact::HostsStarted {
            item: item.to_owned(),
            hosts: Vec::new(),
            at_once: u64::from(fleet.at_once.unwrap_or(Fleet::AT_ONCE)),
            batch: fleet.batch.map(u64::from),
            max_fail: None,
        });
        self.shared.set_busy(true);
        if let Err(error) = self.flush() {
            self.take_back(before, &error);
            return Err(error);
        }
        self.acts += 1;
        let began = Instant::now();
        self.started += 1;
        let process_number = self.started;
        let started = self.start_looking(item, process_number);
        let (process, files, failure) = match started {
            Ok((process, files)) => (Some(process), Some(files), None),
            Err(sentence) => (None, None, Some(sentence)),
        };
        if let Some(live) = self.lives.get_mut(item) {
            let (printed, said) = (Vec::new(), Vec::new());
            live.lookup = Some(Lookup { process, process_number, began, printed, said, _files: files });
        }
        match failure {
            None => Ok(()),
            Some(sentence) => self.looked_up(item, &not_started(sentence)),
        }
    }

    fn start_looking(&self, item: &str, number: u64) -> Result<(Box<dyn Process>, ansible::Files), String> {
        let (prepared, through) = self.through(item)?;
        let Made { files, launch, .. } = self.ansible(prepared, through, false)?;
        let launch = files.looking(launch, &through.play(&prepared.folder));
        self.inbox.listen_to(number);
        let inbox = Arc::clone(&self.inbox);
        let sink = Box::new(move |happening| inbox.happening(number, happening));
        Ok((self.processes.start(launch, sink)?, files))
    }

    fn through(&self, item: &str) -> Result<(&Prepared, &Through), String> {
        let prepared = self.lives.get(item).map(|live| &live.prepared);
        let both = prepared.and_then(|prepared| Some((prepared, prepared.ansible.as_ref()?)));
        both.ok_or_else(|| "nothing is to be started".to_owned())
    }

    /// Writes what Ansible reads. Where it `acts` it is given the secrets that the item asks for.
    fn ansible(&self, prepared: &Prepared, through: &Through, acts: bool) -> Result<Made, String> {
        let settings = &self.engine.settings;
        let mut launch = settings.launch(&self.spec, prepared, Path::new(""));
        let mut warnings = Vec::new();
        for (name, reference) in prepared.access.iter().filter(|_| acts) {
            let access = self.spec.access.as_ref().ok_or_else(|| cannot_fetch(name, reference))?;
            let fetched = access.fetch(name, reference)?;
            warnings.extend(fetched.warning);
            launch.environment.insert(name.into(), fetched.value);
        }
        if through.pattern.is_none() {
            // What earlier commands assigned and did not export is a variable of the playbook too.
            for (name, value) in std::mem::take(&mut launch.shell_variables) {
                launch.environment.entry(name.into()).or_insert_with(|| value.into());
            }
        }
        let files = ansible::Files::write(&launch, &through.play(&prepared.folder))?;
        if through.pattern.is_some() {
            // The script has what is meant for the hosts.
            launch.environment.clone_from(&settings.environment);
        }
        Ok(Made { files, launch, warnings })
    }

    /// Something happened to the process that was asked for hosts.
    pub(super) fn heard_of_hosts(&mut self, item: &str, happening: Happening) -> Result<(), JournalError> {
        let Some(lookup) = self.lives.get_mut(item).and_then(|live| live.lookup.as_mut()) else { return Ok(()) };
        match happening {
            Happening::Captured(bytes) if lookup.printed.len() + bytes.len() <= LARGEST_LIST => {
                lookup.printed.extend_from_slice(&bytes);
                Ok(())
            }
            Happening::Output(bytes) | Happening::Beside(bytes) => {
                lookup.said.extend_from_slice(&bytes);
                let over = lookup.said.len().saturating_sub(REMEMBERED);
                lookup.said.drain(..over);
                Ok(())
            }
            Happening::Ended(ending) => self.looked_up(item, &ending),
            _ => Ok(()),
        }
    }

    /// Ansible has said which hosts there are, or not.
    fn looked_up(&mut self, item: &str, ending: &Ending) -> Result<(), JournalError> {
        let Some(live) = self.lives.get_mut(item) else { return Ok(()) };
        let Some(lookup) = live.lookup.take() else { return Ok(()) };
        self.inbox.forget(lookup.process_number);
        if self.trouble.is_some() {
            self.lives.remove(item);
            return Ok(());
        }
        let Some(through) = &live.prepared.ansible else { return Ok(()) };
        let hosts = ansible::listed(&String::from_utf8_lossy(&lookup.printed), through.pattern.is_none());
        let found = ending.exit == Exit::Status(0) && !hosts.is_empty();
        if found && !ending.stopped && !ending.timed_out {
            live.prepared.hosts = Some(hosts);
            return self.try_on_hosts(item);
        }
        let said = String::from_utf8_lossy(&lookup.said).into_owned();
        let (state, note) = match (ending.stopped, ending.timed_out) {
            (true, _) => (AttemptState::Stopped, "stopped before it began on any host".to_owned()),
            (_, true) => (
                AttemptState::Failed,
                "Ansible did not say within the timeout on which hosts it would work".to_owned(),
            ),
            _ => (AttemptState::Failed, ansible::explain(ending, &said, through.pattern.as_deref())),
        };
        let took = lookup.began.elapsed();
        self.lives.remove(item);
        let known = self.state.items.get(item).map_or(&[][..], |item| &item.hosts);
        let (passed, open): (Vec<&Host>, Vec<&Host>) =
            known.iter().partition(|host| host.status == HostStatus::Passed);
        let passed = passed.len() as u64;
        let not_reached = open.into_iter().map(|host| host.name.clone()).collect();
        self.keep(Fact::HostsEnded {
            item: item.to_owned(),
            state,
            passed,
            failed: Vec::new(),
            not_reached,
            note: Some(note),
            again: false,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX >> 11),
        });
        self.memory.previous = None;
        self.left_by_failed.remove(item);
        self.flush()
    }

    /// Starts Ansible for hosts whose starts are on disk; gives one sentence where it cannot be started.
    pub(super) fn start_together(&mut self, item: &str, begun: &[(u64, String)]) -> Option<String> {
        self.acts += 1;
        let mut numbers = BTreeMap::new();
        for (_, host) in begun {
            self.started += 1;
            numbers.insert(host.clone(), self.started);
        }
        let started = self.start_ansible(item, &numbers);
        let (process, warnings, failure) = match started {
            Ok((process, warnings)) => (Some(process), warnings, None),
            Err(sentence) => (None, Vec::new(), Some(sentence)),
        };
        for (number, host) in begun {
            let process = process.clone().map(|shared| Box::new(shared) as Box<dyn Process>);
            let process_number = numbers.get(host).copied().unwrap_or_default();
            self.takes_part(item, *number, host, process, process_number);
        }
        self.warn(item, warnings);
        failure
    }

    /// One of several hosts that one process serves, which has been started, or could not be.
    fn takes_part(
        &mut self,
        item: &str,
        number: u64,
        host: &str,
        process: Option<Box<dyn Process>>,
        process_number: u64,
    ) {
        let output = Output::of_a_host(item, number, self.engine.secrets.masker());
        let Some(live) = self.lives.get_mut(item) else { return };
        let tester = Tester::new(&live.prepared.expectations).ok().filter(|tester| !tester.is_empty());
        let attempt = Attempt::new(output, tester, false);
        let (host, began) = (Some(host.to_owned()), Instant::now());
        let (env_file, measuring, out_of_time) = (None, None, false);
        let trying = Trying { process, host, process_number, attempt, began, env_file, measuring, out_of_time };
        live.trying.insert(number, trying);
    }

    fn start_ansible(&self, item: &str, numbers: &BTreeMap<String, u64>) -> Result<(Shared, Vec<String>), String> {
        let (prepared, through) = self.through(item)?;
        Tester::new(&prepared.expectations)?;
        let Made { files, launch, warnings } = self.ansible(prepared, through, true)?;
        let hosts: Vec<String> = numbers.keys().cloned().collect();
        let at_once = prepared.fleet.at_once.unwrap_or(Fleet::AT_ONCE);
        let launch = files.doing(launch, &through.play(&prepared.folder), &hosts, at_once)?;
        for number in numbers.values() {
            self.inbox.listen_to(*number);
        }
        let (inbox, numbers, began) = (Arc::clone(&self.inbox), numbers.clone(), Instant::now());
        let mut reader = ansible::Reader::new(hosts);
        let sink = Box::new(move |happening| {
            // Its files are there for as long as it runs.
            let _ = &files;
            let tell = |host: &str, happening| {
                if let Some(number) = numbers.get(host) {
                    inbox.happening(*number, happening);
                }
            };
            match happening {
                Happening::Captured(bytes) => {
                    for (host, heard) in reader.hear(&bytes) {
                        tell(
                            &host,
                            match heard {
                                ansible::Heard::Output(bytes) => Happening::Output(bytes),
                                ansible::Heard::Ended(exit) => {
                                    Happening::Ended(ansible::ending(exit, began.elapsed(), None))
                                }
                            },
                        );
                    }
                }
                Happening::Output(bytes) | Happening::Beside(bytes) => reader.beside(&bytes),
                Happening::Halted(text) => {
                    if let Some(host) = numbers.keys().next() {
                        tell(host, Happening::Halted(text));
                    }
                }
                Happening::Collected(_) => {}
                Happening::Ended(all) => {
                    for (host, exit, cut) in reader.finish(&all) {
                        let all = Some(&all).filter(|_| cut);
                        tell(&host, Happening::Ended(ansible::ending(exit, began.elapsed(), all)));
                    }
                }
            }
        });
        let process = self.processes.start(launch, sink)?;
        Ok((Shared(Arc::new(Mutex::new((process, false)))), warnings))
    }
}
