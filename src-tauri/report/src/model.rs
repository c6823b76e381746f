//! What a report says, before it is written in any form. Every text in it has passed the door.

use serde::Serialize;

pub use format::ItemKind as Kind;

/// The shape that stands beside something: a state of an item or a run, or what sort of moment it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"States\"; the last ones name the sort of a moment")]
pub enum Shape {
    #[default]
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
    Paused,
    Abandoned,
    HandedOver,
    Start,
    Note,
    Link,
    Mark,
    Minor,
}

impl Shape {
    /// Its word: `passed`, `rolled back`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "not begun",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Waiting => "waiting for a person",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Overridden => "taken as done",
            Self::Undone => "undone",
            Self::Interrupted => "interrupted",
            Self::Paused => "paused",
            Self::Abandoned => "abandoned",
            Self::HandedOver => "handed over",
            Self::Start => "started",
            Self::Note => "note",
            Self::Link => "link",
            Self::Mark => "mark",
            Self::Minor => "detail",
        }
    }

    /// Its name for a machine: `handed_over`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Overridden => "overridden",
            Self::Undone => "undone",
            Self::Interrupted => "interrupted",
            Self::Paused => "paused",
            Self::Abandoned => "abandoned",
            Self::HandedOver => "handed_over",
            Self::Start => "start",
            Self::Note => "note",
            Self::Link => "link",
            Self::Mark => "mark",
            Self::Minor => "minor",
        }
    }

    /// Whether nothing is left to do of it.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(self, Self::Passed | Self::Skipped | Self::Overridden | Self::Undone)
    }
}

/// A report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The run's id.
    pub run: String,
    /// The runbook's title.
    pub title: String,
    /// How it ended, or stands.
    pub verdict: Verdict,
    /// The frame of an incident, where it is one.
    pub incident: Option<Incident>,
    /// Runbook, revision, commit, who, where, when.
    pub facts: Vec<Named>,
    /// Values given, in the order in which they were.
    pub parameters: Vec<Parameter>,
    /// Names of secrets that it could use. Their values are in no record.
    pub secrets: Vec<String>,
    /// What was done, in the document's order.
    pub sections: Vec<Section>,
    /// What was undone, where a rollback was begun.
    pub rollback: Option<Rollback>,
    /// Everything that happened, oldest first.
    pub timeline: Vec<Moment>,
    /// What commands printed.
    pub evidence: Vec<Evidence>,
    /// Items of the path that are not done.
    pub left: Vec<Left>,
    /// What they are called together: left to do, or never begun where nothing goes on.
    pub left_heading: &'static str,
    /// Whether the journal holds.
    pub verification: Checked,
    /// How many events the journal has.
    pub events: u64,
}

/// How a run ended, or stands.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Its shape.
    pub shape: Shape,
    /// `All good`, `Failed`, `Rolled back`, …
    pub heading: String,
    /// What was achieved, in how much time, and what did not go by itself.
    pub sentence: String,
    /// Why this report is not the last word, where the run is not finished: a sentence.
    pub partial: Option<String>,
    /// From start to end, in milliseconds, where it is finished.
    pub took_ms: Option<u64>,
    /// [`took_ms`](Self::took_ms) as a clock shows it.
    pub took: Option<String>,
}

/// A name and what stands at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// `Revision`
    pub name: String,
    /// What it is.
    pub value: String,
    /// Written by or for a machine.
    pub literal: bool,
}

/// A value that was given.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The value; `None` for one that no record holds.
    pub value: Option<String>,
    /// Who gave it.
    pub from: String,
}

/// The frame of an incident.
#[derive(Clone, Debug, Serialize)]
pub struct Incident {
    /// Which one, where that was said.
    pub name: Option<String>,
    /// How bad.
    pub severity: Option<String>,
    /// That it was raised or lowered in the run: from what, when, by whom, why.
    pub changed: Option<String>,
    /// Who takes part, in which role.
    pub responders: Vec<String>,
    /// Detected, mitigated, verified.
    pub times: Vec<Timing>,
    /// How many status updates were sent, and when the last was.
    pub updates: Option<String>,
}

/// How long something of an incident took.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    /// `Time to mitigate`
    pub name: String,
    /// In milliseconds, where it was marked and no clock was set back.
    pub took_ms: Option<u64>,
    /// `25:41 after it was detected`; `not marked`.
    pub text: String,
    /// When it was, UTC.
    pub at: Option<String>,
    /// Who marked it.
    pub by: Option<String>,
    /// That it was marked later, or corrected.
    pub remark: Option<String>,
}

/// A section of the runbook.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Its phase, as a heading: `Preconditions`.
    pub phase: String,
    /// The document's heading, where it says something else.
    pub heading: Option<String>,
    /// Its steps that belong to the run.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Its number, as the document gives it.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// It has a title of its own; else it is that of its section, and its items stand for themselves.
    pub titled: bool,
    /// The state of all its items together.
    pub shape: Shape,
    /// The shape's word.
    pub state: &'static str,
    /// Who did something in it, or `sensed`.
    pub who: Vec<String>,
    /// From the first thing that began to the last one that ended, in milliseconds.
    pub took_ms: Option<u64>,
    /// [`took_ms`](Self::took_ms) as a clock shows it.
    pub took: Option<String>,
    /// In a few words: `second try, exit 0`; the reason of a skip.
    pub result: String,
    /// Its items.
    pub items: Vec<Item>,
}

/// An item.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Where it can be linked to within a report: `item-3`.
    pub anchor: String,
    /// What sort of thing to do.
    pub kind: Kind,
    /// What it is called: a check's text, else its name.
    pub label: String,
    /// The line of the file that it stands at.
    pub line: usize,
    /// Its state.
    pub shape: Shape,
    /// The shape's word.
    pub state: &'static str,
    /// Who did it, or `sensed`.
    pub who: Vec<String>,
    /// When it began, UTC to the second.
    pub started: Option<String>,
    /// When it ended.
    pub ended: Option<String>,
    /// In milliseconds.
    pub took_ms: Option<u64>,
    /// [`took_ms`](Self::took_ms) as a clock shows it.
    pub took: Option<String>,
    /// In a few words.
    pub result: String,
    /// The note of a tick, the reason of a skip or an override.
    pub remark: Option<String>,
    /// Questions that were answered before it began.
    pub confirmed: Vec<String>,
    /// What was changed for this run alone.
    pub edits: Vec<Edit>,
    /// The text that was sent.
    pub sent: Option<String>,
    /// What would have run, of an item that never did.
    pub script: Option<String>,
    /// Its hosts, where it ran on several: those first that did not pass.
    pub hosts: Vec<HostRow>,
    /// Its attempts.
    pub attempts: Vec<Attempt>,
}

/// How an item stands on one of its hosts.
#[derive(Clone, Debug, Serialize)]
pub struct HostRow {
    /// The access entry.
    pub name: String,
    /// Its state there.
    pub shape: Shape,
    /// In a word or two.
    pub state: &'static str,
    /// How the last attempt there ended.
    pub exit: String,
    /// How long that took, as a person says it.
    pub took: Option<String>,
    /// Its number, where there was one.
    pub attempt: Option<u64>,
}

impl Item {
    /// The attempt that says most of how it stands: the last; on several hosts one that failed.
    #[must_use]
    pub fn telling(&self) -> Option<&Attempt> {
        let failed = self.hosts.iter().find(|host| host.shape == Shape::Failed).and_then(|host| host.attempt);
        match failed {
            Some(number) => self.attempts.iter().find(|attempt| attempt.number == number),
            None => self.attempts.last(),
        }
    }

    /// How often it was tried; on several hosts, how often on the one where that was most often.
    #[must_use]
    pub fn tries(&self) -> usize {
        let on = |host: &HostRow| self.attempts.iter().filter(|one| one.host.as_ref() == Some(&host.name)).count();
        self.hosts.iter().map(on).max().unwrap_or(self.attempts.len())
    }
}

/// Another text that ran in an item's place.
#[derive(Clone, Debug, Serialize)]
pub struct Edit {
    /// When, UTC to the second.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The text.
    pub text: String,
}

/// One attempt of an item.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// From 1.
    pub number: u64,
    /// Which of the item's hosts it ran on, where there are several.
    pub host: Option<String>,
    /// When it started, UTC to the second.
    pub started: String,
    /// When it ended.
    pub ended: Option<String>,
    /// As a person says it.
    pub took: Option<String>,
    /// The exact command, masked.
    pub command: String,
    /// The command of the attempt before.
    pub same_command: bool,
    /// Where it ran.
    pub target: String,
    /// The directory it started in.
    pub cwd: String,
    /// Its state.
    pub shape: Shape,
    /// The shape's word.
    pub state: &'static str,
    /// `exit 0`, `ended by SIGTERM`, `not ended`; empty where something was measured: its verdicts are the expectations.
    pub exit: String,
    /// A sentence about its end.
    pub note: Option<String>,
    /// Expected against observed.
    pub expectations: Vec<Expected>,
    /// Something was typed into it; what is never recorded.
    pub typed: bool,
    /// It ran beside the path.
    pub background: bool,
    /// What it printed.
    pub output: Option<Output>,
}

/// Expected against observed.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields of the event `expectation`")]
pub struct Expected {
    pub expected: String,
    pub observed: String,
    pub holds: bool,
}

/// What an attempt printed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Output {
    /// Text, and sentences about what was left out between.
    pub parts: Vec<Part>,
    /// How many bytes it was in all.
    pub bytes: u64,
}

/// A piece of output in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Text that was printed.
    Text(String),
    /// What is not here, and why.
    LeftOut(String),
}

/// A rollback.
#[derive(Clone, Debug, Serialize)]
pub struct Rollback {
    /// When it began, UTC to the second.
    pub at: String,
    /// By whom.
    pub by: String,
    /// What could be undone, in order.
    pub entries: Vec<Undo>,
    /// Steps whose commands have begun and that say nothing of how they are undone.
    pub without: Vec<String>,
}

/// One thing of a rollback's plan.
#[derive(Clone, Debug, Serialize)]
pub struct Undo {
    /// What it is called.
    pub label: String,
    /// Its step.
    pub step: String,
    /// `by its undo block`, `by hand`, `rollback phase`.
    pub how: &'static str,
    /// How it stands.
    pub shape: Shape,
    /// In words: `undone`, `left out of the plan`, `not done`.
    pub state: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// Of the (first) event.
    pub seq: u64,
    /// When, as in the record.
    pub at: String,
    /// Its day, UTC.
    pub day: String,
    /// Its clock, UTC.
    pub clock: String,
    /// By whom.
    pub actor: String,
    /// The event's kind.
    pub kind: &'static str,
    /// What stands beside it.
    pub shape: Shape,
    /// What the item is called, where it is about one.
    pub item: Option<String>,
    /// What happened, on one line.
    pub text: String,
    /// What a person wrote, or a command's text: may have several lines.
    pub detail: Option<String>,
    /// Worth a line where not everything is told.
    pub notable: bool,
}

/// What an attempt printed, as evidence.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// `promote.log`, `repoint.2.log`.
    pub name: String,
    /// Which item.
    pub item: String,
    /// Where that stands in a report.
    pub anchor: String,
    /// Which attempt.
    pub attempt: u64,
    /// How many bytes it printed.
    pub bytes: u64,
    /// How many lines, where all of it is in this report.
    pub lines: Option<u64>,
    /// SHA-256 of all that it printed, masked, where the journal has it in one piece.
    pub sha256: Option<String>,
}

/// An item of the path that is not done.
#[derive(Clone, Debug, Serialize)]
pub struct Left {
    /// What it is called.
    pub label: String,
    /// Its step.
    pub step: String,
    /// How it stands.
    pub shape: Shape,
    /// The shape's word.
    pub state: &'static str,
    /// Why it was left out, where it was.
    pub reason: Option<String>,
}

/// Whether the journal holds.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// It does.
    pub holds: bool,
    /// One sentence.
    pub sentence: String,
    /// The hash of the last event, where it does.
    pub last_hash: Option<String>,
}
