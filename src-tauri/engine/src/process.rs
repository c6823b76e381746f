//! One process tree in one pseudo-terminal, under a supervisor (RUNS.md, "Processes").
//!
//! Knows nothing of runs, journals or masks: bytes in, bytes out, and how it ended.
//!
//! The app opens the terminal and starts the supervisor by `posix_spawn`; the two talk over a socket pair. The
//! supervisor leads the session, is a child subreaper, starts the shell in a process group of its own in the
//! foreground, and outlives the app for as long as it takes to end what the app had started.
//!
//! Bytes are kept as the terminal gives them. A terminal turns a line feed into carriage return and line feed, and it
//! does so here too, with a person or without one: a terminal emulator needs it, and one command gives one record.

pub mod ansible;
mod askpass;
mod attempt;
mod carry;
mod dump;
mod errors;
mod ladder;
mod lost;
mod pipe;
mod shell;
mod supervisor;
mod targets;
mod tree;
mod wire;

pub use askpass::{Asked, Reply, is_askpass};
pub use attempt::{Attempt, launch};
pub use errors::{InputError, LaunchError};
pub use supervisor::{SUPERVISOR_ARGUMENT, supervisor_main};
pub use targets::{Kept, Links, Login, Reach, Session, Target, login_words};

use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf, time::Duration};

use format::Program;

/// How to call the supervisor: this program, or a small one beside it, with an argument that makes it one.
/// The program's `main` passes control to [`supervisor_main`] when it sees that argument.
#[derive(Clone, Debug)]
pub struct Supervisor {
    /// Its file.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// What to start. Its `Debug` leaves out every value, since there are secrets among them.
#[derive(Clone)]
pub struct Launch {
    /// The supervisor to start it under.
    pub supervisor: Supervisor,
    /// A folder only its owner can read, in memory where there is one, for the script and what is carried.
    pub scratch: PathBuf,
    /// What runs the script.
    pub program: Program,
    /// The exact text; reaches the program as a file, never as an argument or on standard input.
    pub script: String,
    /// A program and its arguments, which is started as it is, instead of a script.
    pub client: Option<Vec<OsString>>,
    /// Where it runs, if not on this machine: [`Links::start`] starts it then.
    pub target: Option<Box<Target>>,
    /// The whole environment of the child: nothing is inherited beside it. On a target, what is set there beside what a
    /// login finds.
    pub environment: BTreeMap<OsString, OsString>,
    /// Variables that the shell sets without exporting them.
    pub shell_variables: BTreeMap<String, String>,
    /// Where it starts; on a target a directory there, [`THERE`] for where it begins.
    pub cwd: PathBuf,
    /// Ends it, with all its processes, after this.
    pub timeout: Option<Duration>,
    /// A person is there: standard input is the terminal. Else it is empty and pagers are `cat`.
    pub interactive: bool,
    /// Standard output is a pipe, and comes as [`Happening::Captured`]. Everything else stays on the terminal.
    pub captured: bool,
    /// Columns and rows of the terminal; [`HIDDEN_SIZE`] when it is not shown.
    pub size: (u16, u16),
    /// How long things may take at the end.
    pub patience: Patience,
}

impl fmt::Debug for Launch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Launch")
            .field("program", &self.program)
            .field("client", &self.client)
            .field("target", &self.target)
            .field("environment", &self.environment.keys())
            .field("shell_variables", &self.shell_variables.keys())
            .field("cwd", &self.cwd)
            .field("timeout", &self.timeout)
            .field("interactive", &self.interactive)
            .field("captured", &self.captured)
            .field("size", &self.size)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// The directory in which a target begins.
pub const THERE: &str = "~";

/// Columns and rows of a terminal that nobody sees (RUNS.md, "Processes").
pub const HIDDEN_SIZE: (u16, u16) = (120, 30);

/// How long to wait at each step of an end. The default is RUNS.md's; tests take shorter ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the interrupt to the terminate.
    pub terminate: Duration,
    /// From the terminate to the kill.
    pub kill: Duration,
    /// From the kill to the report of what could not be killed. On a busy machine even what is killed takes a while to go.
    pub survive: Duration,
    /// After the shell's exit, for what it left behind to leave the terminal.
    pub drain: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs(5);
        Self { terminate: seconds, kill: seconds, survive: seconds, drain: Duration::from_millis(200) }
    }
}

/// What happens to it, in order; [`Happening::Ended`] is the last.
#[derive(Debug)]
pub enum Happening {
    /// Bytes from the terminal.
    Output(Vec<u8>),
    /// Bytes from the pipe of [`Launch::captured`], as the program wrote them.
    Captured(Vec<u8>),
    /// Bytes of what leads to a target, not of the command: shown and kept, and tested by nothing.
    Beside(Vec<u8>),
    /// What a target's command wrote to its standard output, where that is captured; it has been shown already.
    Collected(Vec<u8>),
    /// It was halted, by itself or by somebody, and nothing brings it back by itself: one sentence.
    Halted(String),
    /// It has ended and the terminal has been drained.
    Ended(Ending),
}

/// How it ended.
#[derive(Debug)]
pub struct Ending {
    /// Exit status or signal, or why it could not start.
    pub exit: Exit,
    /// The time ran out.
    pub timed_out: bool,
    /// It was told to stop.
    pub stopped: bool,
    /// From the start of the shell to its exit.
    pub duration: Duration,
    /// What the shell left behind to carry on, or one sentence why that was not possible. A program that is no shell
    /// has nothing to carry, and that is no failure.
    pub carried: Result<Carried, String>,
    /// Processes that the shell left running; they live until [`Attempt::end_leftovers`], or the drop of the attempt.
    pub left_running: Vec<Leftover>,
}

/// The end of the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It exited.
    Status(i32),
    /// A signal ended it, by its name (`SIGKILL`).
    Signal(String),
    /// It could not be started: one sentence (the shell is missing, the folder is gone).
    NotStarted(String),
    /// It was lost from sight, and nobody knows how it ended: one sentence (its supervisor was killed).
    Lost(String),
}

/// What carries to the next command (FORMAT.md, "Variables"; RUNS.md, "Carrying").
///
/// To bring a set of variables up to date: take off every name in `unset`, then put in `exported` and `plain`. A name
/// that is now exported and was not, or the other way round, is in `unset` too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Exported variables that were set or changed, against the environment at its start.
    pub exported: BTreeMap<String, String>,
    /// Variables assigned at the top level and not exported, those of [`Launch::shell_variables`] among them.
    pub plain: BTreeMap<String, String>,
    /// Variables that were there at its start and are gone, or are no longer of the kind that they were.
    pub unset: Vec<String>,
    /// The directory it ended in.
    pub cwd: Option<PathBuf>,
    /// Names that were set but not carried: over 100 KiB, an array, read-only, or not text.
    pub left_out: Vec<String>,
}

/// A process that outlived its shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Its number.
    pub pid: u32,
    /// Its name.
    pub name: String,
}
