//! Runs, from a command of a person to the journal, with scripted processes and with real ones (RUNS.md).

#![expect(clippy::unwrap_used, clippy::panic, reason = "this whole crate is a test")]

mod attributes;
mod auto;
mod branches;
mod by_hand;
mod environments;
mod facts;
mod fleets;
mod holding;
mod journal;
mod linked;
mod prefixes;
mod probes;
mod properties;
mod real;
mod rolling_back;
mod runme;
mod secrets;
mod sessions;
mod shipped;
mod taking_up;
mod transitions;
mod values;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use engine::{
    Command, Engine, Event, Fact, Refusal, RunHandle, RunId, RunSpec, RunState, Settings,
    event::{FinishState, Mode},
    process::Supervisor,
    run::{Environment, Processes, TakeUp},
};
use format::Runbook;
use testkit::{Book, MemoryJournal, Scripted, StepClock, Watcher, Words};

/// How a run is to be started.
struct Rig {
    book: Arc<Runbook>,
    mode: Mode,
    attended: bool,
    yes: bool,
    probes: bool,
    step: Option<String>,
    values: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    words: Words,
    journal: Arc<MemoryJournal>,
    processes: Option<Arc<dyn Processes>>,
    chosen: Option<Environment>,
    typed: Option<String>,
    on_failure: engine::run::OnFailure,
    taking: Option<TakeUp>,
    holds_for: Duration,
    linked: Option<engine::run::Linked>,
    access: Option<Arc<dyn engine::Access>>,
}

impl Rig {
    /// A run by hand, with a person, of scripted processes.
    fn hand(book: Book) -> Self {
        Self {
            book: book.build(),
            mode: Mode::Hand,
            attended: true,
            yes: false,
            probes: false,
            step: None,
            values: BTreeMap::new(),
            environment: BTreeMap::new(),
            words: Words::default(),
            journal: Arc::default(),
            processes: Some(Scripted::by_script()),
            chosen: None,
            typed: None,
            on_failure: engine::run::OnFailure::Stop,
            taking: None,
            holds_for: Settings::HOLDS_FOR,
            linked: None,
            access: None,
        }
    }

    /// By itself, without a person.
    fn auto(book: Book) -> Self {
        Self { mode: Mode::Auto, attended: false, ..Self::hand(book) }
    }

    /// A run by hand, with a person, of a runbook that was read.
    fn read(book: Arc<Runbook>) -> Self {
        Self { book, ..Self::hand(Book::new()) }
    }

    /// By itself, without a person.
    fn by_itself(self) -> Self {
        self.mode(Mode::Auto).unattended()
    }

    fn chosen(self, environment: Environment) -> Self {
        Self { chosen: Some(environment), ..self }
    }

    fn typed(self, typed: &str) -> Self {
        Self { typed: Some(typed.to_owned()), ..self }
    }

    /// Takes up the run of a journal instead of starting one.
    fn taking_up(self, journal: &MemoryJournal, how: TakeUp) -> Self {
        self.journal(MemoryJournal::holding(journal.events())).taking(how)
    }

    fn taking(self, how: TakeUp) -> Self {
        Self { taking: Some(how), ..self }
    }

    fn rolling_back_by_itself(self) -> Self {
        Self { on_failure: engine::run::OnFailure::Rollback, ..self }
    }

    fn holds_for(self, holds_for: Duration) -> Self {
        Self { holds_for, ..self }
    }

    fn attended(self) -> Self {
        Self { attended: true, ..self }
    }

    fn unattended(self) -> Self {
        Self { attended: false, ..self }
    }

    fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    fn yes(self) -> Self {
        Self { yes: true, ..self }
    }

    fn step(self, step: &str) -> Self {
        Self { step: Some(step.to_owned()), ..self }
    }

    fn value(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn words(self, words: Words) -> Self {
        Self { words, ..self }
    }

    fn journal(self, journal: MemoryJournal) -> Self {
        Self { journal: Arc::new(journal), ..self }
    }

    fn processes(self, processes: Arc<dyn Processes>) -> Self {
        Self { processes: Some(processes), ..self }
    }

    /// Real processes.
    fn real(mut self) -> Self {
        self.processes = None;
        self.env("PATH", &std::env::var("PATH").unwrap()).env("LC_ALL", "C.UTF-8")
    }

    fn start(self) -> Ran {
        self.try_start().unwrap_or_else(|refusal| panic!("it did not start: {refusal}"))
    }

    fn try_start(self) -> Result<Ran, Refusal> {
        let folder = tempfile::tempdir().unwrap();
        let (home, scratch) = (folder.path().join("home"), folder.path().join("scratch"));
        std::fs::create_dir(&home).unwrap();
        std::fs::create_dir(&scratch).unwrap();
        let environment = self.environment.iter().map(|(name, value)| (name.into(), value.into()));
        let engine = Engine {
            settings: Settings {
                supervisor: Supervisor {
                    program: env!("CARGO_BIN_EXE_allgood-supervisor").into(),
                    arguments: Vec::new(),
                },
                scratch,
                environment: environment.collect(),
                actor: "ada@box".to_owned(),
                version: "0.1.0".to_owned(),
                holds_for: self.holds_for,
            },
            journal: self.journal.clone(),
            secrets: Arc::new(self.words.clone()),
            clock: Arc::new(StepClock::default()),
        };
        let spec = RunSpec {
            id: RunId::new(),
            runbook: Arc::clone(&self.book),
            folder: home,
            mode: self.mode,
            attended: self.attended,
            yes: self.yes,
            probes: self.probes,
            step: self.step,
            values: self.values,
            size: (80, 24),
            environment: self.chosen,
            environment_typed: self.typed,
            on_failure: self.on_failure,
            commit: None,
            parent: None,
            schedule: None,
            linked: self.linked,
            access: self.access,
        };
        let watcher = Arc::new(Watcher::default());
        let handle = match (self.processes, self.taking) {
            (Some(processes), None) => engine.start_with(spec, watcher.clone(), processes)?,
            (None, None) => engine.start(spec, watcher.clone())?,
            (processes, Some(how)) => {
                let events = self.journal.events();
                let spec = RunSpec { id: events[0].run.clone(), ..spec };
                let processes = processes.unwrap_or_else(|| Scripted::by_script());
                engine.take_up_with(spec, replay(&events), &how, watcher.clone(), processes)?
            }
        };
        Ok(Ran { handle, watcher, journal: self.journal, book: self.book, folder })
    }
}

/// A runbook, read from Markdown.
fn read(text: &str) -> Arc<Runbook> {
    Arc::new(format::parse("book.md", text.as_bytes()))
}

/// A run that was started.
struct Ran {
    handle: RunHandle,
    watcher: Arc<Watcher>,
    journal: Arc<MemoryJournal>,
    book: Arc<Runbook>,
    folder: tempfile::TempDir,
}

impl Ran {
    fn start(&self, item: &str) -> Result<(), Refusal> {
        self.start_with(item, &[])
    }

    fn start_with(&self, item: &str, values: &[(&str, &str)]) -> Result<(), Refusal> {
        let hash = self.book.item(item).map_or(String::new(), |(_, _, item)| item.hash.clone());
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.handle.send(Command::Start { item: item.to_owned(), hash, values, confirmed: None, edited: None })
    }

    /// Starts an item and waits until its attempt, or all tries of its probe, have ended.
    fn run(&self, item: &str) -> &Self {
        let before = self.ended(item);
        self.start(item).unwrap();
        self.until_ended(item, before + 1);
        self
    }

    fn ended(&self, item: &str) -> usize {
        self.watcher.events().iter().filter(|event| is_end(&event.fact, item)).count()
    }

    fn until_ended(&self, item: &str, times: usize) {
        loop {
            let seen = self.watcher.events().len();
            if self.ended(item) >= times {
                return;
            }
            let count = std::cell::Cell::new(0);
            self.watcher.until(|_| {
                count.set(count.get() + 1);
                let more = count.get() > seen;
                if more {
                    count.set(0);
                }
                more
            });
        }
    }

    fn tick(&self, item: &str) -> Result<(), Refusal> {
        self.handle.send(Command::Tick { item: item.to_owned(), note: None })
    }

    fn skip(&self, item: &str, reason: &str) -> Result<(), Refusal> {
        self.handle.send(Command::Skip { item: item.to_owned(), reason: reason.to_owned() })
    }

    fn r#override(&self, item: &str, reason: &str) -> Result<(), Refusal> {
        self.handle.send(Command::Override { item: item.to_owned(), reason: reason.to_owned() })
    }

    /// Waits until something holds that events lead to.
    fn waits_for(&self, holds: impl Fn() -> bool) {
        let began = std::time::Instant::now();
        while !holds() {
            assert!(began.elapsed() < std::time::Duration::from_secs(60), "it never came");
            std::thread::yield_now();
        }
    }

    fn finished(&self) -> Option<FinishState> {
        self.handle.wait().finished
    }

    /// What the journal holds, a line an event: its kind, item and what is particular to it.
    fn story(&self) -> Vec<String> {
        self.journal.facts().iter().filter(|fact| fact.is_decision()).map(tell).collect()
    }

    fn replayed(&self) -> RunState {
        replay(&self.journal.events())
    }
}

fn is_end(fact: &Fact, id: &str) -> bool {
    match fact {
        Fact::AttemptEnded { item, again, .. } => item == id && !again,
        Fact::CheckTicked { item, .. } => item == id,
        Fact::Stopped { item, .. } => item.as_deref() == Some(id),
        _ => false,
    }
}

fn replay(events: &[Event]) -> RunState {
    events.iter().fold(RunState::default(), |state, event| state.apply(event))
}

/// One line that says what a test wants to know of a fact.
fn tell(fact: &Fact) -> String {
    let value = serde_json::to_value(fact).unwrap();
    let text = |key: &str| value.get(key).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
    let mut words = vec![text("kind").unwrap()];
    for key in ["item", "name", "value", "state", "exit", "signal", "expected", "observed", "holds", "again"] {
        words.extend(text(key).filter(|word| word != "null"));
    }
    words.extend(text("reason").or(text("note")).or(text("needs")).map(|said| format!("({said})")));
    words.join(" ")
}

fn state_refusal(result: Result<(), Refusal>) -> String {
    match result {
        Err(Refusal::State(sentence)) => sentence,
        other => panic!("not refused because of the state: {other:?}"),
    }
}
