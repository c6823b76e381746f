//! A journal in memory, a clock that steps, an observer that remembers.

use std::sync::{
    Condvar, Mutex,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use engine::{
    Clock, Event, Fact, Journal, JournalError, Keeping, Observer, RunId,
    event::{FIRST_PREVIOUS, seal},
};

/// Output that was kept, with the sequence number of its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Of its event.
    pub seq: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Keeps one run's facts in memory; can be told to refuse them, as a full disk does.
#[derive(Debug)]
pub struct MemoryJournal {
    events: Mutex<Vec<Event>>,
    output: Mutex<Vec<Kept>>,
    room: AtomicUsize,
    may_pass: AtomicBool,
    commits: AtomicUsize,
}

impl Default for MemoryJournal {
    fn default() -> Self {
        Self {
            events: Mutex::default(),
            output: Mutex::default(),
            room: AtomicUsize::new(usize::MAX),
            may_pass: AtomicBool::new(false),
            commits: AtomicUsize::new(0),
        }
    }
}

impl MemoryJournal {
    /// Refuses everything after so many events.
    #[must_use]
    pub fn with_room_for(events: usize) -> Self {
        Self { room: AtomicUsize::new(events), ..Self::default() }
    }

    /// Refuses everything after so many events, until it is given room, as a disk that somebody may free.
    pub fn leave_room_for(&self, events: usize) {
        self.may_pass.store(true, Ordering::SeqCst);
        self.room.store(events, Ordering::SeqCst);
    }

    fn full(&self) -> JournalError {
        let sentence = "the disk is full: free some space, then resume the run".to_owned();
        JournalError { sentence, may_pass: self.may_pass.load(Ordering::SeqCst) }
    }

    /// One that holds these events already: a run of it can be taken up.
    #[must_use]
    pub fn holding(events: Vec<Event>) -> Self {
        Self { events: Mutex::new(events), ..Self::default() }
    }

    /// How many times decisions were kept: each is one synced commit of a store.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }

    /// What was kept.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// The facts that were kept.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        self.events().into_iter().map(|event| event.fact).collect()
    }

    /// The output that was kept.
    #[must_use]
    pub fn output(&self) -> Vec<Kept> {
        self.output.lock().unwrap().clone()
    }

    /// The output that was kept, as one text.
    #[must_use]
    pub fn output_text(&self) -> String {
        let bytes: Vec<u8> = self.output().into_iter().flat_map(|kept| kept.bytes).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn keep(&self, run: &RunId, at: &str, actor: &str, fact: Fact, bytes: &[u8]) -> Result<Event, JournalError> {
        let mut events = self.events.lock().unwrap();
        if events.len() >= self.room.load(Ordering::SeqCst) {
            return Err(self.full());
        }
        let seq = events.len() as u64 + 1;
        let (run, at, actor) = (run.clone(), at.to_owned(), actor.to_owned());
        let mut event = Event { run, seq, at, actor, fact, hash: String::new() };
        let previous = events.last().map_or(FIRST_PREVIOUS, |event| event.hash.as_str());
        event.hash = seal(previous, &event).map_err(|error| JournalError::lasting(error.to_string()))?;
        if let Fact::Output { .. } = event.fact {
            self.output.lock().unwrap().push(Kept { seq, bytes: bytes.to_vec() });
        }
        events.push(event.clone());
        Ok(event)
    }
}

impl Journal for MemoryJournal {
    fn append(&self, run: &RunId, at: &str, actor: &str, fact: Fact) -> Result<Event, JournalError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.keep(run, at, actor, fact, &[])
    }

    fn append_all(&self, run: &RunId, actor: &str, facts: Vec<(String, Fact)>) -> Result<Vec<Event>, JournalError> {
        if self.events.lock().unwrap().len() + facts.len() > self.room.load(Ordering::SeqCst) {
            return Err(self.full());
        }
        self.commits.fetch_add(1, Ordering::SeqCst);
        facts.into_iter().map(|(at, fact)| self.keep(run, &at, actor, fact, &[])).collect()
    }

    fn append_output(
        &self,
        run: &RunId,
        at: &str,
        actor: &str,
        fact: Fact,
        bytes: &[u8],
    ) -> Result<Event, JournalError> {
        self.keep(run, at, actor, fact, bytes)
    }
}

/// A clock that goes on by a millisecond each time it is looked at, from 2026-11-22T15:00:00.000Z.
#[derive(Debug, Default)]
pub struct StepClock(AtomicU64);

impl Clock for StepClock {
    fn now(&self) -> String {
        let at = self.0.fetch_add(1, Ordering::SeqCst);
        let (minutes, seconds, milliseconds) = (at / 60_000 % 60, at / 1000 % 60, at % 1000);
        format!("2026-11-22T15:{minutes:02}:{seconds:02}.{milliseconds:03}Z")
    }
}

/// Remembers what it was told, and lets a test wait for it.
#[derive(Debug, Default)]
pub struct Watcher {
    seen: Mutex<Seen>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    events: Vec<Event>,
    output: Vec<u8>,
    keeping: Vec<Keeping>,
}

impl Watcher {
    /// The events that it was told of.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.seen.lock().unwrap().events.clone()
    }

    /// All output that it was told of.
    #[must_use]
    pub fn output(&self) -> Vec<u8> {
        self.seen.lock().unwrap().output.clone()
    }

    /// Waits until it was told of a fact that is meant.
    pub fn until(&self, meant: impl Fn(&Fact) -> bool) {
        let seen = self.seen.lock().unwrap();
        drop(self.more.wait_while(seen, |seen| !seen.events.iter().any(|event| meant(&event.fact))).unwrap());
    }

    /// What it was told of whether facts can be kept.
    #[must_use]
    pub fn keeping(&self) -> Vec<Keeping> {
        self.seen.lock().unwrap().keeping.clone()
    }

    /// Waits until it was told so often whether facts can be kept.
    pub fn until_keeping(&self, times: usize) {
        let seen = self.seen.lock().unwrap();
        drop(self.more.wait_while(seen, |seen| seen.keeping.len() < times).unwrap());
    }

    /// Waits until the output holds a text.
    pub fn until_output(&self, text: &str) {
        let seen = self.seen.lock().unwrap();
        let shown = |seen: &mut Seen| !String::from_utf8_lossy(&seen.output).contains(text);
        drop(self.more.wait_while(seen, shown).unwrap());
    }
}

impl Observer for Watcher {
    fn event(&self, event: &Event) {
        self.seen.lock().unwrap().events.push(event.clone());
        self.more.notify_all();
    }

    fn output(&self, _item: &str, _attempt: u64, _offset: u64, bytes: &[u8]) {
        self.seen.lock().unwrap().output.extend_from_slice(bytes);
        self.more.notify_all();
    }

    fn keeping(&self, keeping: &Keeping) {
        self.seen.lock().unwrap().keeping.push(keeping.clone());
        self.more.notify_all();
    }
}
