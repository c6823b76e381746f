//! Files of other formats: what they are, what is otherwise in a runbook, and what of a runbook has no place in them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A file of another format among those that come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormatReport {
    /// Its path in the source.
    pub file: String,
    /// Whose format it is: `CACAO 2.0`, `Runme`, `xc`, `mask`.
    pub format: String,
    /// Whether it is written anew as a runbook; else it comes as it is, and runs so.
    pub converted: bool,
    /// What is otherwise here.
    pub differences: Vec<FormatDifference>,
}

/// Something that is otherwise in one format than in the other, or has no place there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormatDifference {
    /// Where: `line 12`, or the name of a step. Empty: the whole of it.
    pub place: String,
    /// What, in a sentence. What stands between backticks is as it stands in a file.
    pub sentence: String,
}

/// What a file becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConvertTo {
    /// A runbook.
    Runbook,
    /// A CACAO playbook, version 2.0.
    Cacao,
}

/// Asks for a file in another format.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConvertArgument {
    /// The file's absolute path.
    pub path: String,
    /// What it becomes. Left out: a runbook becomes a CACAO playbook, anything else a runbook.
    #[serde(default)]
    #[ts(optional)]
    pub to: Option<ConvertTo>,
    /// The absolute path of a new file that it is written to, never over another. Left out: nothing is written.
    #[serde(default)]
    #[ts(optional)]
    pub file: Option<String>,
}

/// A file in another format.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Converted {
    /// What the file is: `runbook`, `CACAO 2.0`, `Runme`, `xc`, `mask`.
    pub format: String,
    /// What it became.
    pub to: ConvertTo,
    /// A name that fits it.
    pub file_name: String,
    /// Its text.
    pub text: String,
    /// What is otherwise, or has no place.
    pub differences: Vec<FormatDifference>,
}
