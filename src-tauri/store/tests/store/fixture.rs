//! A store in a temporary folder, and runs in it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use engine::{
    Event, Fact, Journal as _, RunId,
    event::{AttemptState, FinishState, Mode},
};
use store::{NewRun, RunLock, Store, revision_of};
use tempfile::TempDir;

pub(crate) const AT: &str = "2026-11-22T15:04:05.123Z";
pub(crate) const ACTOR: &str = "ada@lovelace";
pub(crate) const REVISION: &[u8] = b"# Drain a node\n";

/// A folder and the store in it.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("data")).unwrap();
        Self { folder, store }
    }

    /// With two whole runs in it, `run-1` and `run-2`: a copy of one that is made once.
    pub(crate) fn with_two_runs() -> Self {
        static MADE: OnceLock<Vec<u8>> = OnceLock::new();
        let bytes = MADE.get_or_init(|| {
            let home = Self::new();
            whole_run(&home, "run-1");
            whole_run(&home, "run-2");
            let Self { folder, store } = home;
            // Closed, the store is one file.
            drop(store);
            fs::read(folder.path().join("data/allgood.db")).unwrap()
        });
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("allgood.db"), bytes).unwrap();
        let store = Store::open(&data).unwrap();
        Self { folder, store }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Looks into the file beside the store, as somebody who tampers with it would.
    pub(crate) fn tamper(&self, sql: &str) -> usize {
        let file = rusqlite::Connection::open(self.data().join("allgood.db")).unwrap();
        file.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        file.execute(sql, []).unwrap()
    }

    pub(crate) fn begin(&self, id: &str) -> (RunId, RunLock) {
        begin(&self.store, id)
    }
}

pub(crate) fn new_run(id: &str) -> NewRun {
    NewRun {
        id: RunId(id.to_owned()),
        path: "/runbooks/drain.md".to_owned(),
        library: None,
        title: "Drain a node".to_owned(),
        revision: revision_of(REVISION),
        mode: Mode::Hand,
        environment: None,
        actor: ACTOR.to_owned(),
        items: 3,
        started_at: AT.to_owned(),
        parent: None,
    }
}

pub(crate) fn begin(store: &Store, id: &str) -> (RunId, RunLock) {
    let run = new_run(id);
    store.put_revision(REVISION).unwrap();
    let lock = store.begin_run(&run).unwrap();
    append(store, &run.id, started());
    (run.id, lock)
}

pub(crate) fn append(store: &Store, run: &RunId, fact: Fact) -> Event {
    store.append(run, AT, ACTOR, fact).unwrap()
}

pub(crate) fn append_output(store: &Store, run: &RunId, item: &str, offset: u64, bytes: &[u8]) -> Event {
    store.append_output(run, AT, ACTOR, output(item, offset, bytes), bytes).unwrap()
}

/// A run of one command that printed 200,000 bytes, one ticked check, and a note, finished.
pub(crate) fn whole_run(home: &Home, id: &str) -> RunId {
    let (run, _lock) = home.begin(id);
    append(&home.store, &run, attempt_started("drain"));
    append_output(&home.store, &run, "drain", 0, &noise(200_000));
    append(&home.store, &run, attempt_ended("drain", AttemptState::Passed));
    append(&home.store, &run, Fact::CheckTicked { item: "look".to_owned(), note: Some("grün".to_owned()) });
    append(&home.store, &run, finished(FinishState::Passed));
    run
}

pub(crate) fn started() -> Fact {
    Fact::RunStarted {
        path: "drain.md".to_owned(),
        title: "Drain a node".to_owned(),
        revision: revision_of(REVISION),
        mode: Mode::Hand,
        environment: None,
        version: "0.1.0".to_owned(),
        step: None,
        commit: None,
        differs: false,
        parent: None,
        schedule: None,
    }
}

pub(crate) fn attempt_started(item: &str) -> Fact {
    Fact::AttemptStarted {
        item: item.to_owned(),
        attempt: 1,
        command: "kubectl drain web1".to_owned(),
        target: "local".to_owned(),
        cwd: "/tmp".to_owned(),
        of: None,
        background: false,
        host: None,
    }
}

pub(crate) fn attempt_ended(item: &str, state: AttemptState) -> Fact {
    Fact::AttemptEnded {
        item: item.to_owned(),
        attempt: 1,
        state,
        exit: Some(0),
        signal: None,
        note: None,
        again: false,
        duration_ms: 12_400,
        host: None,
    }
}

pub(crate) fn finished(state: FinishState) -> Fact {
    Fact::RunFinished { state, reason: None }
}

pub(crate) fn output(item: &str, offset: u64, bytes: &[u8]) -> Fact {
    Fact::Output {
        item: item.to_owned(),
        attempt: 1,
        offset,
        length: bytes.len() as u64,
        sha256: revision_of(bytes),
        left_out: None,
        whole_sha256: None,
    }
}

pub(crate) fn note(text: &str) -> Fact {
    Fact::Note { text: text.to_owned(), item: None }
}

/// Bytes of every value, the same each time.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(next).collect()
}

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
