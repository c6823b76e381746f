//! Connections to access entries as they cross to a face. No secret is in any of these.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What connecting to an entry would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectPlan {
    /// The entry.
    pub entry: String,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// The same as one line for a shell.
    pub line: String,
    /// What becomes of its secrets.
    pub secrets: Vec<ConnectSecret>,
    /// What to know before: its secrets are past their date.
    pub warning: Option<String>,
}

/// A secret of an entry on its way to what connects to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectSecret {
    /// Its field.
    pub field: String,
    /// How it gets there.
    pub way: SecretWay,
    /// The variable, where it is one.
    pub variable: Option<String>,
}

/// How a secret gets to what connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretWay {
    /// In the environment of the one process.
    Environment,
    /// It answers ssh's own question for it.
    Asked,
    /// In an agent of this connection's own.
    Agent,
}

/// Connects to an entry in a terminal of the window. Not in the list of commands, because it takes the channel on which the
/// output comes as bytes, and the end as [`TerminalEnd`]. Answers with the number of the terminal.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConnectAccess {
    /// The entry's name.
    pub entry: String,
    /// Of the terminal.
    pub columns: u16,
    /// Of the terminal.
    pub rows: u16,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TerminalEnd {
    /// The exit status of what connected; none where a signal ended it, or it did not start.
    pub status: Option<i32>,
    /// The same in a sentence, and what to do where that is known.
    pub says: String,
    /// It did not end as a person ends one: there is something to look at.
    pub failed: bool,
}

/// Names a terminal.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct TerminalArgument {
    /// Its number.
    pub terminal: u64,
}

/// What was typed into a terminal. Its `Debug` shows none of it.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct TerminalKeys {
    /// Its number.
    pub terminal: u64,
    /// What was typed.
    pub text: String,
}

impl std::fmt::Debug for TerminalKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TerminalKeys").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// Another size of a terminal.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct TerminalSize {
    /// Its number.
    pub terminal: u64,
    /// 1 or more.
    pub columns: u16,
    /// 1 or more.
    pub rows: u16,
}

/// The page has drawn output of a terminal: more may come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct TerminalTaken {
    /// Its number.
    pub terminal: u64,
    /// How many bytes.
    pub bytes: u64,
}
