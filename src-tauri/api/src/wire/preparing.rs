//! What is known of a run before it starts, as it crosses to a face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{EnvironmentView, GitState, UpstreamChange, Usual};

/// Asks what a run would need. Nothing is run, and nothing is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct PrepareRun {
    /// Absolute path of the runbook.
    pub path: String,
    /// The environment of the library's file that it would be in, by name.
    #[serde(default)]
    #[ts(optional)]
    pub environment: Option<String>,
    /// The one step that would be run, by id or title; without one all of its path.
    #[serde(default)]
    #[ts(optional)]
    pub step: Option<String>,
    /// Values for parameters as they are being given, by name: whether they fit.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// What is known of a run before it starts.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunPreparation {
    /// Absolute path of the runbook.
    pub path: String,
    /// SHA-256 of its bytes now.
    pub revision: String,
    /// The environment that was asked about.
    pub environment: Option<EnvironmentView>,
    /// The last run of this runbook in this environment that was no rehearsal, and the values of parameters that it was
    /// given and that still fit; never a secret.
    pub remembered: Option<RememberedValues>,
    /// Of the values that were sent, those that do not fit, by name, each with the sentence that a start would refuse it with.
    pub unfit: BTreeMap<String, String>,
    /// What of it cannot be run as it is written, in the order of the document: of its path, and of its way back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<CannotRun>>", optional)]
    pub cannot: Vec<CannotRun>,
    /// Access entries that it refers to.
    pub access: Vec<NeededAccess>,
    /// Where its commands run that do not run on this machine, in the order of the document.
    pub targets: Vec<NeededTarget>,
    /// Programs that its commands call by name, in the order of the document.
    pub tools: Vec<NeededTool>,
    /// A command of it changes where programs are looked for: what is missing now may be there then.
    pub tools_uncertain: bool,
    /// Values that will be asked for on the way, beside its parameters.
    pub asked: Vec<AskedValue>,
    /// How each step of the path that changes something is taken back, in order.
    pub way_back: Vec<StepWayBack>,
    /// It has a rollback phase.
    pub rollback_phase: bool,
    /// Items that auto stops before: checks, messages, guesses, and what asks first. Of how many items of the path.
    pub needs_person: u64,
    /// Items of the path.
    pub items: u64,
    /// What its last runs teach; none where there is none. Where one step would be run, `median_ms` is of that alone.
    pub usual: Option<Usual>,
    /// The day of its next review, `2027-02-20`, if it says one.
    pub review_due: Option<String>,
    /// Days until then; negative when it is over.
    pub review_days: Option<i64>,
    /// Where its file stands in git: only of a trusted folder.
    pub git: Option<GitState>,
    /// What others pushed of it and is not taken in, as far as it was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub upstream: Option<UpstreamChange>,
}

/// What the last run was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RememberedValues {
    /// The run.
    pub run: String,
    /// When it started.
    pub started_at: String,
    /// By name.
    pub values: BTreeMap<String, String>,
}

/// A variable whose value comes from an access entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NeededAccess {
    /// The variable.
    pub name: String,
    /// What it refers to, as written: `keychain://orders-db/password`.
    pub reference: String,
    /// The entry that this means in the run's environment, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub entry: Option<String>,
    /// Why it cannot be fetched, and what to do; none where it can.
    pub problem: Option<String>,
    /// What is not as it should be all the same: its secrets are past their date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub warning: Option<String>,
    /// The runbook's library has not used the entry yet: a person is asked before the run starts.
    #[serde(default)]
    pub asks: bool,
    /// The vault that it is in has to be opened first.
    #[serde(default)]
    pub vault_locked: bool,
}

/// A target that commands run on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NeededTarget {
    /// As its blocks name it: `web1`, `docker:web`.
    pub target: String,
    /// The items that run there, by id.
    pub items: Vec<String>,
    /// The access entry that this means in the run's environment, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub entry: Option<String>,
    /// Where it leads, where that says more than its name: `web1 (ann@10.0.0.1:2222)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub place: Option<String>,
    /// Why it cannot be reached, and what to do, as far as that is known before anybody goes there.
    pub problem: Option<String>,
    /// What is not as it should be all the same: its secrets are past their date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub warning: Option<String>,
    /// The runbook's library has not used the entry yet: a person is asked before the run starts.
    #[serde(default)]
    pub asks: bool,
    /// The vault that its secrets are in has to be opened first.
    #[serde(default)]
    pub vault_locked: bool,
}

/// A block that cannot be run as it is written, which a run would stop at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CannotRun {
    /// Its item, by id.
    pub item: String,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Why: one sentence, without a full stop.
    pub why: String,
    /// It is met on the way back alone.
    pub way_back: bool,
}

/// A program that commands call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NeededTool {
    /// Its name, or its absolute path.
    pub name: String,
    /// Where it is on this machine; none where it is missing.
    pub path: Option<String>,
    /// The items that call it, by id.
    pub items: Vec<String>,
}

/// A value that is asked for on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedValue {
    /// The first item that asks for it.
    pub item: String,
    /// What kind.
    pub kind: AskedKind,
    /// Its name.
    pub name: String,
}

/// What kind of answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AskedKind {
    /// `<name>` in a command.
    Placeholder,
    /// Something that may be meant as it stands.
    Doubt,
    /// A variable that nothing sets.
    Variable,
}

/// How a step is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StepWayBack {
    /// The step.
    pub step: String,
    /// Its title.
    pub title: String,
    /// The number that the document gives it, if any.
    pub number: Option<String>,
    /// How.
    pub way: WayBack,
}

/// How a step is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WayBack {
    /// Its undo blocks are run.
    Undo,
    /// A point of no return (`undo=none`): a person takes it back.
    ByHand,
    /// Its undo cannot be run as it is written: a rollback stops there.
    Refused,
    /// The text says nothing of how it is taken back.
    Unsaid,
}
