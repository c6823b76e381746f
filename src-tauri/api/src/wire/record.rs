//! The record of a run to be read, and its report.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{EnvironmentView, ItemKind, ItemStatus, Mode, RunStatus, Usual};

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// Markdown.
    Md,
    /// One page of HTML that needs nothing beside it.
    Html,
    /// The journal itself, one event a line.
    Jsonl,
    /// JUnit XML.
    Junit,
}

/// Asks for a report.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WriteReport {
    /// Which run: its id, or the beginning of one that no other run has.
    pub run: String,
    /// In which form.
    pub format: ReportFormat,
    /// The file to write, which must not exist yet; without it the text is answered.
    #[serde(default)]
    #[ts(optional)]
    pub path: Option<String>,
}

/// A report.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WrittenReport {
    /// What its file may be called: `run-0199c2e4.html`.
    pub name: String,
    /// Its text, where it was not written to a file.
    pub text: Option<String>,
}

/// The record of a run, as the screen of its report shows it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordView {
    /// The run.
    pub run: String,
    /// The runbook's title.
    pub title: String,
    /// Absolute path of the runbook's file, where it was when the run started.
    pub runbook: String,
    /// How it ended, or stands.
    pub state: RunStatus,
    /// `hand`, `auto` or `rehearse`.
    pub mode: Mode,
    /// When it started.
    pub started_at: String,
    /// When it finished, if it has.
    pub ended_at: Option<String>,
    /// `All good`, `Failed`, `Rolled back`, …
    pub heading: String,
    /// What was achieved, in how much time, and what did not go by itself.
    pub sentence: String,
    /// Why this is not the last word, where the run is not finished: a sentence.
    pub partial: Option<String>,
    /// From start to end, where it is finished.
    pub took_ms: Option<u64>,
    /// What its items took, added up.
    pub items_ms: u64,
    /// The environment that it ran in, if any.
    pub environment: Option<EnvironmentView>,
    /// Runbook, revision, who, where, when.
    pub facts: Vec<RecordFact>,
    /// The frame of an incident, where it is one.
    pub incident: Option<RecordIncident>,
    /// What was done, in the document's order.
    pub phases: Vec<RecordPhase>,
    /// Values that were given, with where each came from.
    pub parameters: Vec<RecordFact>,
    /// Everything that happened, oldest first.
    pub timeline: Vec<RecordMoment>,
    /// How many events the journal has.
    pub events: u64,
    /// What commands printed; `output_read` gives it.
    pub evidence: Vec<RecordEvidence>,
    /// Names of the secrets that it could use. No value of them is in the record.
    pub secrets: Vec<String>,
    /// Items of the path that are not done.
    pub left: Vec<RecordLeft>,
    /// What the other runs of this runbook teach; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub usual: Option<Usual>,
}

/// A name and what stands at it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordFact {
    /// `Revision`
    pub name: String,
    /// What it is.
    pub value: String,
    /// Written by or for a machine.
    pub literal: bool,
}

/// The frame of an incident.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordIncident {
    /// Which one, where that was said.
    pub name: Option<String>,
    /// How bad.
    pub severity: Option<String>,
    /// That it was raised or lowered in the run: from what, when, by whom, why.
    pub changed: Option<String>,
    /// Who takes part, in which role.
    pub responders: Vec<String>,
    /// Time to detect, to mitigate, to verify.
    pub times: Vec<RecordTiming>,
    /// How many status updates were sent, and when the last was.
    pub updates: Option<String>,
}

/// How long something of an incident took.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordTiming {
    /// `Time to mitigate`
    pub name: String,
    /// Where it was marked.
    pub took_ms: Option<u64>,
    /// `25:41 after it was detected`; `not marked`.
    pub text: String,
    /// When it was, UTC, to be read.
    pub at: Option<String>,
    /// Who marked it.
    pub by: Option<String>,
    /// That it was marked later, or corrected.
    pub remark: Option<String>,
}

/// A section of the runbook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordPhase {
    /// Its phase, as a heading: `Preconditions`.
    pub phase: String,
    /// The document's heading, where it says something else.
    pub heading: Option<String>,
    /// Its steps that belong to the run.
    pub steps: Vec<RecordStep>,
}

/// A step.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordStep {
    /// Its number, as the document gives it.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// It has a title of its own; else it is that of its section, and its items stand for themselves.
    pub titled: bool,
    /// The state of all its items together.
    pub state: ItemStatus,
    /// Who did something in it (`user@host`), or `sensed`.
    pub who: Vec<String>,
    /// From the first thing that began to the last one that ended.
    pub took_ms: Option<u64>,
    /// In a few words: `second try, exit 0`; the reason of a skip.
    pub result: String,
    /// Its items.
    pub items: Vec<RecordItem>,
}

/// An item.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordItem {
    /// Its id.
    pub item: String,
    /// What kind.
    pub kind: ItemKind,
    /// A check's text, else its name.
    pub label: String,
    /// Its state.
    pub state: ItemStatus,
    /// Who did it (`user@host`), or `sensed`.
    pub who: Vec<String>,
    /// How long it took.
    pub took_ms: Option<u64>,
    /// In a few words.
    pub result: String,
    /// How many attempts it had.
    pub attempts: u64,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordMoment {
    /// Of the (first) event.
    pub seq: u64,
    /// When.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// The event's kind (RUNS.md).
    pub kind: String,
    /// What stands beside it: a state of an item or a run, or `start`, `note`, `link`, `mark`.
    pub shape: String,
    /// Which item, as it is called, where it is about one.
    pub item: Option<String>,
    /// What happened, on one line.
    pub text: String,
    /// What a person wrote, or a command's text: may have several lines.
    pub detail: Option<String>,
    /// Worth a line where not everything is told.
    pub notable: bool,
}

/// What an attempt printed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordEvidence {
    /// `promote.log`, `repoint.2.log`.
    pub name: String,
    /// Which item.
    pub item: String,
    /// Which attempt.
    pub attempt: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many lines, where it is short enough to be counted.
    pub lines: Option<u64>,
}

/// An item of the path that is not done.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordLeft {
    /// What it is called.
    pub label: String,
    /// The title of its step.
    pub step: String,
    /// How it stands.
    pub state: ItemStatus,
    /// Why it was left out, where it was.
    pub reason: Option<String>,
}
