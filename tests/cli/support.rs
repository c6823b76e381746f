//! A person's home with nothing in it, and the program run there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use nix::fcntl::{Flock, FlockArg};
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take before the test says that it never came.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The built binary. It belongs to another package, so `cargo test` does not build it: it is built here, unless
/// `ALLGOOD_BUILT` says that all of it was built just before (`make test`).
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if std::env::var_os("ALLGOOD_BUILT").is_none() {
            let built = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--package", "cli", "--package", "measure", "--bins"])
                .current_dir(root())
                .status()
                .unwrap();
            assert!(built.success(), "the binary could not be built");
        }
        let folder = std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().to_path_buf();
        let binary = folder.join("allgood");
        assert!(binary.is_file(), "there is no {}", binary.display());
        binary
    })
}

/// The project's top level.
pub(crate) fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

/// A home of its own, removed at the end.
pub(crate) struct Home {
    folder: TempDir,
}

/// What a call left.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// Standard output as JSON Lines.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Standard output as one JSON value.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("allgood-journey-").tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    /// Writes a file, with the folders that lead to it.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The environment of a person with this home.
    pub(crate) fn dress(&self, command: &mut Command) {
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "NO_COLOR", "LC_ALL"] {
            command.env_remove(name);
        }
        let binaries = binary().parent().unwrap().display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .current_dir(self.path(""))
            .env("HOME", self.path(""))
            .env("ALLGOOD_DATA", self.path("data"))
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("PATH", format!("{binaries}:{path}"));
    }

    /// The program with those arguments, not started yet; nobody sits in front of it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        self.dress(&mut command);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub(crate) fn allgood(&self, arguments: &[&str]) -> Done {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs it and insists on an exit status.
    pub(crate) fn expect(&self, status: i32, arguments: &[&str]) -> Done {
        let done = self.allgood(arguments);
        assert_eq!(done.status, Some(status), "allgood {arguments:?}: {done:?}");
        done
    }

    /// Runs it with bad input: status 2, nothing on standard output, and one sentence that holds these words. Where
    /// the arguments themselves are wrong, how they are used follows.
    pub(crate) fn refused(&self, arguments: &[&str], words: &str) {
        let done = self.expect(2, arguments);
        assert!(done.err.contains(words), "{arguments:?} does not say {words}: {done:?}");
        assert!(done.out.is_empty(), "{arguments:?}: a message is no result: {done:?}");
        let usage = done.err.starts_with("error: ") && done.err.contains("--help");
        let sentence = done.err.lines().count() == 1 && done.err.split_whitespace().count() > 4;
        assert!(usage || sentence, "{arguments:?}: {done:?}");
    }

    /// `runs --json`, newest first.
    pub(crate) fn runs(&self) -> Vec<Value> {
        self.expect(0, &["runs", "--json"]).json().as_array().unwrap().clone()
    }

    /// The only run there is.
    pub(crate) fn only_run(&self) -> Value {
        let mut runs = self.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    /// Trusts a folder that was added, as a person would in the window.
    pub(crate) fn trust(&self, folder: &str) {
        let store = store::Store::open(&self.path("data")).unwrap();
        let folder = fs::canonicalize(self.path(folder)).unwrap();
        let library = store.libraries().unwrap().into_iter().find(|library| library.path == folder).unwrap();
        store.trust_library(library.id, "2026-11-22T15:04:05.123Z").unwrap();
    }

    /// The journal of a run, as it was stored.
    pub(crate) fn journal(&self, run: &str) -> Vec<String> {
        let done = self.expect(0, &["report", run, "--format", "jsonl"]);
        done.out.lines().map(str::to_owned).collect()
    }

    /// What asks a server ends by what came, and not by an exit status: no account of a run says one.
    pub(crate) fn tells_no_exit_status(&self, run: &str) {
        for account in [
            &["show-run", run, "--output"][..],
            &["show-run", run, "--json"],
            &["report", run, "--format", "md"],
            &["report", run, "--format", "html"],
            &["report", run, "--format", "jsonl"],
            &["report", run, "--format", "junit"],
        ] {
            let told = self.expect(0, account).out;
            for said in ["exit 0", "exit 1", "\"exit\":0", "\"exit\":1", "\"exit\": 0", "\"exit\": 1"] {
                assert!(!told.contains(said), "{account:?}: {said}: {told}");
            }
        }
    }
    /// Waits until nobody drives a run any longer: no process carries its mark, and its lock is free. A process that is killed
    /// while it starts another leaves the lock to that one until it has become what it was started as.
    pub(crate) fn is_left(&self, run: &str) {
        let path = self.path("data/runs").join(format!("{run}.lock"));
        let is_free = || match fs::File::open(&path) {
            Ok(file) => Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok(),
            Err(_) => true,
        };
        until("nobody drives it", || processes_of(run).is_empty() && is_free());
    }
}

/// Asks again and again until it holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "this never came: {what}");
        std::thread::yield_now();
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Processes that carry the mark of a run in their environment.
pub(crate) fn processes_of(run: &str) -> Vec<u32> {
    let mark = format!("ALLGOOD_RUN={run}");
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes
        .filter(|pid: &u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        })
        .collect()
}

/// What a run expected of its blocks, in order: expected, observed and whether it holds.
pub(crate) fn verdicts(done: &Done) -> Vec<(String, String, bool)> {
    let events = done.events();
    let found = events.iter().filter(|event| event["kind"] == "expectation");
    let told = |event: &Value| {
        let (expected, observed) = (text(event, "expected"), text(event, "observed"));
        (expected.to_owned(), observed.to_owned(), event["holds"] == true)
    };
    found.map(told).collect()
}

/// The text of a field of an event.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text in {field}: {value}"))
}
