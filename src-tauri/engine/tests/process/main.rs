//! Processes, for real: a real supervisor, real shells, real pseudo-terminals (RUNS.md, "Processes").

#![expect(clippy::unwrap_used, clippy::panic, reason = "this whole crate is a test")]

mod carrying;
mod endings;
mod shells;
mod targets;
mod terminal;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use engine::process::{Attempt, Ending, Exit, HIDDEN_SIZE, Happening, Launch, Patience, Supervisor, launch};
use format::Program;

/// Far beyond what anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn supervisor() -> Supervisor {
    Supervisor { program: env!("CARGO_BIN_EXE_allgood-supervisor").into(), arguments: Vec::new() }
}

/// What to run, with everything usual filled in.
struct Case {
    launch: Launch,
    /// Where its supervisor keeps its files, and where it starts.
    folder: tempfile::TempDir,
}

impl Case {
    fn new(program: Program, script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let scratch = folder.path().join("scratch");
        fs::create_dir(&home).unwrap();
        fs::create_dir(&scratch).unwrap();
        let environment = BTreeMap::from([
            ("PATH".into(), std::env::var_os("PATH").unwrap()),
            ("HOME".into(), home.clone().into_os_string()),
            ("LC_ALL".into(), "C.UTF-8".into()),
        ]);
        let launch = Launch {
            supervisor: supervisor(),
            scratch,
            program,
            script: script.to_owned(),
            client: None,
            target: None,
            environment,
            shell_variables: BTreeMap::new(),
            cwd: home,
            timeout: None,
            interactive: false,
            captured: false,
            size: HIDDEN_SIZE,
            patience: Patience::default(),
        };
        Self { launch, folder }
    }

    fn bash(script: &str) -> Self {
        Self::new(Program::Bash, script)
    }

    fn interactive(mut self) -> Self {
        self.launch.interactive = true;
        self
    }

    fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.launch.environment.insert(name.into(), value.into());
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.launch.shell_variables.insert(name.into(), value.into());
        self
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.launch.timeout = Some(timeout);
        self
    }

    /// Short times between the rungs of the ladder.
    fn hurried(mut self) -> Self {
        let short = Duration::from_millis(100);
        self.launch.patience = Patience { terminate: short, kill: short, ..Patience::default() };
        self
    }

    fn start(self) -> Running {
        let (sender, happenings) = mpsc::channel();
        let scratch = self.launch.scratch.clone();
        let attempt = launch(self.launch, move |happening| drop(sender.send(happening))).unwrap();
        Running {
            attempt,
            happenings,
            output: Vec::new(),
            ending: None,
            halted: Vec::new(),
            scratch,
            folder: self.folder,
        }
    }

    fn run(self) -> Finished {
        self.start().finish()
    }
}

struct Running {
    attempt: Attempt,
    happenings: Receiver<Happening>,
    output: Vec<u8>,
    ending: Option<Ending>,
    halted: Vec<String>,
    scratch: PathBuf,
    folder: tempfile::TempDir,
}

impl Running {
    /// Reads until the output holds `text`.
    fn until(&mut self, text: &str) -> &mut Self {
        self.read_until(text, |output| String::from_utf8_lossy(output).contains(text));
        self
    }

    fn read_until(&mut self, what: &str, mut holds: impl FnMut(&[u8]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(&self.output) {
            assert!(self.ending.is_none(), "it ended before {what:?}: {self:?}");
            self.next(deadline, what);
        }
    }

    fn next(&mut self, deadline: Instant, what: &str) {
        match self.happenings.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(
                Happening::Output(bytes)
                | Happening::Captured(bytes)
                | Happening::Beside(bytes)
                | Happening::Collected(bytes),
            ) => self.output.extend(bytes),
            Ok(Happening::Halted(sentence)) => self.halted.push(sentence),
            Ok(Happening::Ended(ending)) => self.ending = Some(ending),
            Err(RecvTimeoutError::Timeout) => panic!("waited too long for {what:?}: {self:?}"),
            Err(RecvTimeoutError::Disconnected) => panic!("it vanished before {what:?}: {self:?}"),
        }
    }

    fn type_in(&self, text: &str) -> &Self {
        self.attempt.input(text.as_bytes()).unwrap();
        self
    }

    /// What is said when it is halted, the next time that it is.
    fn halted(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        while self.halted.is_empty() {
            assert!(self.ending.is_none(), "it ended before it was halted: {self:?}");
            self.next(deadline, "a halt");
        }
        self.halted.remove(0)
    }

    fn end(&mut self) -> &Ending {
        let deadline = Instant::now() + PATIENCE;
        while self.ending.is_none() {
            self.next(deadline, "the end");
        }
        assert!(self.happenings.try_recv().is_err(), "the end is the last that happens");
        self.ending.as_ref().unwrap()
    }

    fn finish(mut self) -> Finished {
        self.end();
        let Self { attempt, output, ending, scratch, folder, .. } = self;
        let ending = ending.unwrap();
        if ending.left_running.is_empty() {
            assert!(attempt.wait_until_gone(PATIENCE), "the supervisor stays though nothing is left");
        }
        assert_eq!(files_in(&scratch), Vec::<PathBuf>::new(), "nothing may stay in the scratch folder");
        Finished { output, ending, folder }
    }

    /// The number in the last line of the form `name=123`.
    fn number(&mut self, name: &str) -> u32 {
        let key = format!("{name}=");
        let find = move |output: &[u8]| {
            let text = String::from_utf8_lossy(output).into_owned();
            let at = text.rfind(&key)? + key.len();
            let (digits, _) = text.get(at..)?.split_once('\r')?;
            digits.parse().ok()
        };
        self.read_until(name, |output| find(output).is_some());
        find(&self.output).unwrap()
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tail = self.output.len().saturating_sub(2000);
        write!(formatter, "output {:?}, ending {:?}", String::from_utf8_lossy(&self.output[tail..]), self.ending)
    }
}

struct Finished {
    output: Vec<u8>,
    ending: Ending,
    folder: tempfile::TempDir,
}

impl Finished {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).replace("\r\n", "\n")
    }

    fn status(&self) -> i32 {
        match self.ending.exit {
            Exit::Status(status) => status,
            _ => panic!("{:?} after {:?}", self.ending, self.text()),
        }
    }

    /// Checks the output and a passing end.
    fn prints(&self, expected: &str) {
        assert_eq!((self.text().as_str(), self.status()), (expected, 0));
    }

    fn sentence(&self) -> &str {
        match &self.ending.exit {
            Exit::NotStarted(sentence) => sentence,
            _ => panic!("it started: {:?}", self.ending),
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Whether a process runs; a zombie does not.
fn runs(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| stat.rsplit(')').next().map(|rest| !rest.trim_start().starts_with(['Z', 'X'])))
        .unwrap_or(false)
}

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited too long: {what}");
        std::thread::yield_now();
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The shells that carry in full.
const BOURNE: &[(Program, &str)] =
    &[(Program::Sh, "sh"), (Program::Bash, "bash"), (Program::Zsh, "zsh"), (Program::Ksh, "ksh")];

/// Says clearly what a machine lacks; `.ci/run` installs it.
fn need(shell: &str) {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).any(|folder| folder.join(shell).exists());
    assert!(found, "this test needs the package `{shell}`: install it as .ci/run does");
}

#[test]
fn a_launch_cannot_be_printed_with_its_secrets() {
    let case = Case::bash("true").env("TOKEN", "hunter2").variable("carried", "hunter3");
    let shown = format!("{:?}", case.launch);
    assert!(shown.contains("TOKEN") && shown.contains("carried") && !shown.contains("hunter"), "{shown}");
}
