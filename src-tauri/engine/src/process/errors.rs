//! Why a command cannot be started, or nothing be typed into it.

use std::{ffi::OsString, io, path::PathBuf};

/// Why nothing could be started. One sentence each.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The system gives no pseudo-terminal, or no means to talk to the supervisor.
    #[error("no terminal can be opened for the command: {0}")]
    Terminal(#[source] io::Error),
    /// The supervisor's program is missing or cannot be executed.
    #[error("the supervisor {program} cannot be started: {source}; install Allgood again", program = .program.display())]
    Supervisor {
        /// Its file.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The pipe for captured output cannot be made.
    #[error("the command's output cannot be captured: no pipe can be made in {folder}: {source}", folder = .folder.display())]
    Pipe {
        /// Where.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A variable that no process can be given.
    #[error("the variable {0:?} cannot be passed to a command: its name or value holds what no variable can hold")]
    Variable(OsString),
}

/// Why nothing was typed.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It has ended.
    #[error("the command has ended: nothing can be typed into it")]
    Ended,
    /// Too much waits already.
    #[error("the command does not read what is typed: {waiting} bytes are waiting already, so nothing was added")]
    NotRead {
        /// Bytes that wait.
        waiting: usize,
    },
    /// The terminal does not take it.
    #[error("the command's terminal does not take what is typed: {0}")]
    Terminal(#[source] io::Error),
}
