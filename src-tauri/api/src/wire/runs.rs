//! Runs, as they cross to a face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Edited, EnvironmentView, IncidentView, LinkedRun, MarkView, PartOf, RunbookView, TimeLeft, Usual};

/// A run in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunSummary {
    /// Its id.
    pub id: String,
    /// The runbook's title.
    pub title: String,
    /// The runbook's path.
    pub runbook: String,
    /// SHA-256 of the bytes it runs.
    pub revision: String,
    /// Its state.
    pub state: RunStatus,
    /// `hand`, `auto` or `rehearse`.
    pub mode: Mode,
    /// Who started it.
    pub actor: String,
    /// When it started.
    pub started_at: String,
    /// When it finished, if it has.
    pub ended_at: Option<String>,
    /// Items of the path that are settled.
    pub done: u64,
    /// Items of the path.
    pub total: u64,
    /// Title of the step in hand, or of the one that failed.
    pub step: Option<String>,
    /// A failure was rescued on the way: it passed after another try or an override.
    pub rescued: bool,
    /// This process drives it.
    pub live: bool,
    /// This process drives it, and its item in hand has failed: it waits for a choice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub failing: bool,
    /// This process drives it, and its record cannot be kept: it stands still.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub held: bool,
    /// The environment that it is in, by name, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub environment: Option<String>,
    /// The run that it is a part of, if it was opened for a check of another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub parent: Option<PartOf>,
    /// Who shared it, of a run of somebody else: as git names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub shared_by: Option<String>,
}

/// How a run is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"Going forward\"")]
pub enum Mode {
    Hand,
    Auto,
    Rehearse,
}

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"States\"")]
pub enum RunStatus {
    Waiting,
    Running,
    Paused,
    Passed,
    Failed,
    RolledBack,
    Abandoned,
    HandedOver,
    Interrupted,
}

/// The state of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"States\"")]
pub enum ItemStatus {
    Pending,
    Ready,
    Running,
    Waiting,
    Passed,
    Failed,
    Skipped,
    Overridden,
    Undone,
    Interrupted,
}

/// What happened to an item in a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ItemProgress {
    /// Which item.
    pub item: String,
    /// Its state.
    pub status: ItemStatus,
    /// When its state last changed; empty before.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// The note of a tick, the reason of a skip or an override.
    pub remark: Option<String>,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptView>,
    /// Its hosts, where it runs on several, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<HostView>,
    /// Why it was not begun on some of them, or what else their exit statuses do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hosts_note: Option<String>,
    /// Milliseconds that it took on all of them together: many run at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hosts_took_ms: Option<u64>,
    /// It runs, or ran last, beside the path.
    pub background: bool,
    /// The text that ran in its place in this run alone: the last edit.
    pub edited: Option<Edited>,
    /// The run that was opened for it last, of a check that stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub linked: Option<LinkedRun>,
}

/// How an item stands on one of its hosts.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HostView {
    /// The access entry.
    pub name: String,
    /// How it stands there.
    pub status: HostStatus,
    /// The last attempt there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub attempt: Option<u64>,
}

/// How an item stands on one of its hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HostStatus {
    /// Not begun yet.
    Waiting,
    /// It runs there.
    Running,
    /// It has passed there.
    Passed,
    /// It has failed there.
    Failed,
    /// It was stopped there.
    Stopped,
    /// It was never begun there, and is not by itself.
    NotReached,
    /// Nobody knows how it ended there.
    Interrupted,
}

/// One try of one item.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AttemptView {
    /// From 1.
    pub number: u64,
    /// Which of the item's hosts it runs on, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host: Option<String>,
    /// When it started.
    pub started_at: String,
    /// The exact command, masked.
    pub command: String,
    /// Where it ran.
    pub target: String,
    /// The directory it started in.
    pub cwd: String,
    /// How it ended; none while it runs.
    pub state: Option<AttemptState>,
    /// Exit status.
    pub exit: Option<i64>,
    /// Signal.
    pub signal: Option<String>,
    /// A sentence about its end.
    pub note: Option<String>,
    /// From start to end.
    pub duration_ms: Option<u64>,
    /// The number of the last attempt that may follow by itself (`retry`).
    pub of: Option<u64>,
    /// Bytes of output so far.
    pub output_bytes: u64,
    /// Expected against observed.
    pub expectations: Vec<Expected>,
    /// Something was typed into it.
    pub typed: bool,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md")]
pub enum AttemptState {
    Passed,
    Failed,
    Stopped,
}

/// Expected against observed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[expect(missing_docs, reason = "RUNS.md, the event `expectation`")]
pub struct Expected {
    pub expected: String,
    pub observed: String,
    pub holds: bool,
}

/// A line of the timeline: an event, without its output and its hash.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TimelineEntry {
    /// Sequence number of the event.
    pub seq: u64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// The event's kind (RUNS.md).
    pub kind: String,
    /// Which item, if one.
    pub item: Option<String>,
    /// Which attempt, if one.
    pub attempt: Option<u64>,
    /// Note, reason, address, state: what the event says, if it is text.
    pub text: Option<String>,
    /// Exit status, if one.
    pub exit: Option<i64>,
    /// How long, if it says.
    pub duration_ms: Option<u64>,
    /// The mark of an incident, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mark: Option<MarkView>,
}

/// A run to look at or to drive.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunView {
    /// The run.
    pub run: RunSummary,
    /// The runbook as it was when the run started.
    pub runbook: RunbookView,
    /// The file has changed since.
    pub moved_on: bool,
    /// The one step of the runbook that is run, by the id or title that it was asked for by; none where all of its path is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub only: Option<String>,
    /// The schedule that started it, by its name then; none where a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub schedule: Option<String>,
    /// The item in hand: the next to be done, or the one that runs, failed or waits.
    pub hand: Option<String>,
    /// Values given, by name; secret ones as `•••`.
    pub parameters: BTreeMap<String, String>,
    /// The environment that it runs in, if any.
    pub environment: Option<EnvironmentView>,
    /// The guard of that environment was answered.
    pub environment_confirmed: bool,
    /// The text of each message, by item, with the values that are known by now.
    pub messages: BTreeMap<String, String>,
    /// The lines for the session that an item opens, by item, with the values that are known by now, secret ones as
    /// `•••`; only where they hold placeholders.
    pub session_lines: BTreeMap<String, Vec<String>>,
    /// Names of the variables that commands of this run, its environment or its runbook have set: nobody is asked for them.
    pub set: Vec<String>,
    /// Names of the values that were kept in memory alone, where the process that knew them no longer drives the run:
    /// whoever takes it up can give them again.
    pub lost: Vec<String>,
    /// What happened to each item that anything happened to.
    pub progress: Vec<ItemProgress>,
    /// What a rollback would do now, or does.
    pub rollback: RollbackView,
    /// Marks of an incident, oldest first.
    pub marks: Vec<MarkView>,
    /// The frame of an incident, where the run is one.
    pub incident: Option<IncidentView>,
    /// Everything but output, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Sequence number of the last event folded in.
    pub seq: u64,
    /// The runs that were opened for its checks, the last of each, as they stand now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<RunSummary>>", optional)]
    pub linked: Vec<RunSummary>,
    /// What the other runs of this runbook teach; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub usual: Option<Usual>,
    /// How long what is left usually takes, where past runs tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left: Option<TimeLeft>,
}

/// What changed in a run. Sent for each event, in order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunUpdate {
    /// The run.
    pub run: RunSummary,
    /// The item in hand.
    pub hand: Option<String>,
    /// The guard of its environment was answered.
    pub environment_confirmed: bool,
    /// The text of each message, by item, with the values that are known by now.
    pub messages: BTreeMap<String, String>,
    /// The lines for the session that an item opens, by item, with the values that are known by now, secret ones as
    /// `•••`; only where they hold placeholders.
    pub session_lines: BTreeMap<String, Vec<String>>,
    /// The page anew, where a value that it shows has changed.
    pub runbook: Option<RunbookView>,
    /// Names of the variables that commands of this run, its environment or its runbook have set.
    pub set: Vec<String>,
    /// What a rollback would do now, or does.
    pub rollback: RollbackView,
    /// Marks of an incident, oldest first.
    pub marks: Vec<MarkView>,
    /// The frame of an incident, where the run is one.
    pub incident: Option<IncidentView>,
    /// Items that changed.
    pub progress: Vec<ItemProgress>,
    /// New lines of the timeline.
    pub timeline: Vec<TimelineEntry>,
    /// Sequence number of the last event folded in.
    pub seq: u64,
    /// The runs that were opened for its checks, the last of each, as they stand now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<RunSummary>>", optional)]
    pub linked: Vec<RunSummary>,
    /// The run cannot go on because the store does not keep its facts: one sentence.
    pub trouble: Option<String>,
    /// How long what is left usually takes, where past runs tell: in place of what was said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left: Option<TimeLeft>,
}

/// What stands before the bytes of a piece of output on a watch: four bytes, little-endian, the length of this as
/// JSON; this as JSON; the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutputHeader {
    /// Which item.
    pub item: String,
    /// Which attempt.
    pub attempt: u64,
    /// Where in the attempt's output the bytes stand.
    pub offset: u64,
    /// Bytes before them that this view skipped because it fell behind; the journal has them.
    pub skipped: u64,
    /// When the output was removed by the retention setting, if it was: there are no bytes then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub removed: Option<String>,
    /// Of an attempt that was under way when the watch began, first and without bytes: the watch tells what comes from `offset` on,
    /// and the record has, or is about to have, its bytes up to here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub joins: Option<u64>,
}

/// How an entry of a rollback is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Undoing {
    /// An undo block is run.
    Undo,
    /// A person does it: the step's command says `undo=none`.
    ByHand,
    /// An item of the rollback phase.
    Phase,
    /// A run that was opened for a check: it is rolled back, then the entry is done.
    Run,
}

/// One thing that a rollback does, or would do.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RollbackEntry {
    /// The undo block, the command that says `undo=none`, or the item of the rollback phase.
    pub item: String,
    /// Its step.
    pub step: String,
    /// The title of its step.
    pub title: String,
    /// What is done: the command's first line, or the check's text.
    pub text: String,
    /// How it is done.
    pub how: Undoing,
    /// Its step failed, or nobody knows how it ended: it may have taken effect in part.
    pub in_part: bool,
    /// It is done, was left out, or taken as done.
    pub settled: bool,
    /// It was tried and failed.
    pub failed: bool,
    /// The run that is to be rolled back for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<String>,
}

/// The rollback of a run: what would be done now, or what is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct RollbackView {
    /// When it began, if it did.
    pub at: Option<String>,
    /// In order.
    pub entries: Vec<RollbackEntry>,
    /// Titles of steps whose commands have begun and that say nothing of how they are undone.
    pub without: Vec<String>,
}
