//! Errors as they cross to a face: a stable code, a sentence, and what would help.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why something was not done. Stable: faces and scripts may tell cases apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// What was asked for makes no sense: a missing file, a parameter that does not fit.
    BadInput,
    /// No such runbook, run, item or library folder.
    NotFound,
    /// Values must be given first: [`ApiError::needs`] says which.
    NeedsValues,
    /// A question must be answered first: [`ApiError::confirm`] says which.
    NeedsConfirmation,
    /// A guard that cannot be honoured, or front matter that cannot be read.
    Guard,
    /// The library folder is not trusted yet.
    NotTrusted,
    /// The item or file has changed since it was shown.
    Stale,
    /// Not in this state: something else runs, the run is over.
    State,
    /// A rollback of which nothing would be done.
    NothingToUndo,
    /// The run is driven by another process.
    Locked,
    /// An address with a scheme that is not allowed.
    Scheme,
    /// A person has to allow first that runbooks use access entries: [`ApiError::grants`] says which.
    NeedsGrant,
    /// What keeps secrets cannot be had: no keychain, locked, failing.
    Keychain,
    /// The vault has to be unlocked first, with its passphrase.
    VaultLocked,
    /// The store could not keep or read something: disk full, locked, damaged.
    Store,
    /// A file or folder could not be read or written.
    File,
    /// Allgood itself failed.
    Internal,
}

/// Values that a person has to give before an item can start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Needs {
    /// Names of placeholders, without the brackets.
    pub placeholders: Vec<String>,
    /// Doubts, as they stand in the command; the same text as value means "as it stands".
    pub doubts: Vec<String>,
    /// Environment variables that nobody set; may be given empty on purpose.
    pub variables: Vec<String>,
}

/// A question that a person has to answer before an item can start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Question {
    /// The text that has to be typed; none where a yes is enough.
    pub typed: Option<String>,
    /// The guard of the run's environment asks, not the item.
    pub environment: bool,
}

/// A first use of access entries, which a person has to allow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GrantsNeeded {
    /// The entries, by name.
    pub entries: Vec<String>,
    /// Whose runbooks would use them: a library's folder, or the one runbook's file that is in none.
    pub scope: String,
}

/// Why something was not done, for a person and for a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// Stable.
    pub code: ErrorCode,
    /// One sentence that names the thing, what is wrong and what to do.
    pub message: String,
    /// With [`ErrorCode::NeedsValues`]: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub needs: Option<Box<Needs>>,
    /// With [`ErrorCode::NeedsConfirmation`]: what is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub confirm: Option<Box<Question>>,
    /// With [`ErrorCode::NeedsGrant`]: what has to be allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub grants: Option<Box<GrantsNeeded>>,
}

impl ApiError {
    /// An error of that code with that sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), needs: None, confirm: None, grants: None }
    }
}
