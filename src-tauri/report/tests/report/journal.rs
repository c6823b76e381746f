//! A record made by hand: facts with their times, and what was printed.

use std::collections::BTreeMap;

use engine::{
    Event, Fact, Journal as _, RunId,
    event::{AttemptState, FinishState, Mode, Tail, verify},
};
use report::{Fragment, Record, Report, Verification};
use testkit::MemoryJournal;

pub(crate) const RUN: &str = "01936f3c-5a1e-7c3e-9d55-2f8f4b1f0a11";
pub(crate) const MARA: &str = "mara@depot-desk";
pub(crate) const JONAS: &str = "jonas@laptop";

/// Collects facts.
pub(crate) struct Journal {
    book: String,
    journal: MemoryJournal,
    output: BTreeMap<(String, u64), Vec<Fragment>>,
    actor: String,
    /// Seconds since 2026-11-22 03:02:00 UTC.
    now: u64,
    pub(crate) hide: Vec<String>,
}

impl Journal {
    pub(crate) fn of(book: &str) -> Self {
        let (journal, output) = (MemoryJournal::default(), BTreeMap::new());
        Self { book: book.to_owned(), journal, output, actor: MARA.to_owned(), now: 0, hide: Vec::new() }
    }

    /// A run that was started, in this environment.
    pub(crate) fn started(book: &str, mode: Mode, environment: Option<&str>) -> Self {
        let title = format::parse("book.md", book.as_bytes()).title;
        Self::of(book).fact(Fact::RunStarted {
            path: "/home/mara/runbooks/failover.md".to_owned(),
            title,
            revision: "7d".repeat(32),
            mode,
            environment: environment.map(str::to_owned),
            version: "0.1.0".to_owned(),
            step: None,
            commit: Some("4f0c2a9d8e7b6a5f4e3d2c1b0a99887766554433".to_owned()),
            differs: false,
            parent: None,
            schedule: None,
        })
    }

    /// So many seconds later.
    pub(crate) fn later(mut self, seconds: u64) -> Self {
        self.now += seconds;
        self
    }

    pub(crate) fn by(mut self, actor: &str) -> Self {
        actor.clone_into(&mut self.actor);
        self
    }

    pub(crate) fn fact(self, fact: Fact) -> Self {
        self.journal.append(&RunId(RUN.to_owned()), &at(self.now), &self.actor, fact).unwrap();
        self
    }

    pub(crate) fn ready(self, item: &str) -> Self {
        self.fact(Fact::ItemReady { item: item.to_owned(), needs: None })
    }

    pub(crate) fn tick(self, item: &str, note: Option<&str>) -> Self {
        self.fact(Fact::CheckTicked { item: item.to_owned(), note: note.map(str::to_owned) })
    }

    pub(crate) fn note(self, text: &str) -> Self {
        self.fact(Fact::Note { text: text.to_owned(), item: None })
    }

    pub(crate) fn mark(self, what: &str, value: Option<&str>) -> Self {
        let (what, value) = (what.to_owned(), value.map(str::to_owned));
        self.fact(Fact::Marked { what, value, when: None, role: None, reason: None, withdrawn: false })
    }

    pub(crate) fn begin(self, item: &str, attempt: u64, command: &str) -> Self {
        self.fact(Fact::AttemptStarted {
            item: item.to_owned(),
            attempt,
            command: command.to_owned(),
            target: "this machine".to_owned(),
            cwd: "/home/mara/runbooks".to_owned(),
            of: None,
            background: false,
            host: None,
        })
    }

    pub(crate) fn print(mut self, item: &str, attempt: u64, bytes: &[u8]) -> Self {
        let offset = self
            .output
            .get(&(item.to_owned(), attempt))
            .and_then(|all| all.last())
            .map_or(0, |last| last.offset + last.bytes.len() as u64);
        let fragment = Fragment { offset, bytes: bytes.to_vec() };
        self.output.entry((item.to_owned(), attempt)).or_default().push(fragment);
        self.fact(Fact::Output {
            item: item.to_owned(),
            attempt,
            offset,
            length: bytes.len() as u64,
            sha256: "a1".repeat(32),
            left_out: None,
            whole_sha256: None,
        })
    }

    pub(crate) fn expect(self, item: &str, attempt: u64, expected: &str, observed: &str, holds: bool) -> Self {
        let (item, expected, observed) = (item.to_owned(), expected.to_owned(), observed.to_owned());
        self.fact(Fact::Expectation { item, attempt, expected, observed, holds })
    }

    pub(crate) fn end(self, item: &str, attempt: u64, state: AttemptState, exit: i64, duration_ms: u64) -> Self {
        self.ended(item, attempt, state, exit, duration_ms, false)
    }

    /// It ended, and another try follows by itself.
    pub(crate) fn not_yet(self, item: &str, attempt: u64, duration_ms: u64) -> Self {
        self.ended(item, attempt, AttemptState::Failed, 0, duration_ms, true)
    }

    fn ended(self, item: &str, attempt: u64, state: AttemptState, exit: i64, duration_ms: u64, again: bool) -> Self {
        self.fact(Fact::AttemptEnded {
            item: item.to_owned(),
            attempt,
            state,
            exit: Some(exit),
            signal: None,
            note: None,
            again,
            duration_ms,
            host: None,
        })
    }

    pub(crate) fn skip(self, item: &str, reason: &str) -> Self {
        self.fact(Fact::Skipped { item: item.to_owned(), reason: reason.to_owned() })
    }

    pub(crate) fn finish(self, state: FinishState) -> Self {
        self.fact(Fact::RunFinished { state, reason: None })
    }

    pub(crate) fn hiding(mut self, text: &str) -> Self {
        self.hide.push(text.to_owned());
        self
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.journal.events()
    }

    pub(crate) fn record(self) -> Record {
        let run = RunId(RUN.to_owned());
        let events = self.journal.events();
        let tail: Tail = verify(&run, &events, None).unwrap();
        let verification = Verification {
            holds: true,
            events: tail.count,
            last_hash: Some(tail.last_hash),
            sentence: format!("The record of run {RUN} holds: {} events, none changed, none missing.", tail.count),
        };
        let runbook = format::parse("failover.md", self.book.as_bytes());
        Record { run, runbook, events, output: self.output, removed: BTreeMap::new(), verification, hide: self.hide }
    }

    pub(crate) fn report(self) -> Report {
        Report::of(&self.record())
    }
}

/// So many seconds after 2026-11-22 03:02:00 UTC.
fn at(seconds: u64) -> String {
    let (hours, minutes, seconds) = (3 + (seconds + 120) / 3600, (seconds + 120) % 3600 / 60, seconds % 60);
    format!("2026-11-22T{hours:02}:{minutes:02}:{seconds:02}.000Z")
}
