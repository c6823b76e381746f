//! Exit statuses (RUNS.md, "The command line") and why a command ended with one.

use std::process::ExitCode;

use api::{ApiError, ErrorCode};

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done; a run passed, a record holds, no error was found.
    Good,
    /// A run failed or was abandoned, a record does not hold, an error was found.
    Bad,
    /// What was asked for makes no sense: a missing file, a parameter that does not fit.
    Input,
    /// A run was rolled back.
    RolledBack,
    /// A person or a missing parameter was needed.
    Person,
    /// Allgood itself failed.
    Broken,
    /// Stopped by a person or a signal.
    Stopped,
    /// As a program ended that was run in this one's place.
    Its(u8),
}

impl Status {
    /// The number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Bad => 1,
            Self::Input => 2,
            Self::RolledBack => 3,
            Self::Person => 4,
            Self::Broken => 5,
            Self::Stopped => 130,
            Self::Its(number) => number,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.number())
    }
}

/// Why a command could not be done: a sentence for a person, and the exit status.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the process ends.
    pub(crate) status: Status,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl Failure {
    /// A failure with that status and sentence.
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let status = match error.code {
            ErrorCode::BadInput
            | ErrorCode::NotFound
            | ErrorCode::Guard
            | ErrorCode::Stale
            | ErrorCode::State
            | ErrorCode::NothingToUndo
            | ErrorCode::Scheme
            | ErrorCode::File => Status::Input,
            ErrorCode::NeedsValues
            | ErrorCode::NeedsConfirmation
            | ErrorCode::NotTrusted
            | ErrorCode::Keychain
            | ErrorCode::NeedsGrant
            | ErrorCode::VaultLocked => Status::Person,
            ErrorCode::Locked | ErrorCode::Store | ErrorCode::Internal => Status::Broken,
        };
        Self { status, message: error.message }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Status::Broken, format!("The result could not be written as JSON: {error}."))
    }
}
