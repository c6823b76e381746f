//! The frame of an incident: marks, who takes part, when the next status update is due.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A mark of an incident, as a person makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Marking {
    /// `began`, `detected`, `mitigated`, `verified`, `severity`, `responder`, `update`, `snoozed` or `incident`.
    pub what: String,
    /// Which severity, who, which incident, what was said; beside a moment what is known of it.
    #[serde(default)]
    #[ts(optional)]
    pub value: Option<String>,
    /// When, where that is not now: a clock time where this machine is (`02:47`, `2026-11-22 02:47`), a time of RFC 3339,
    /// or how long ago (`15m`); of `snoozed`, until when or for how long.
    #[serde(default)]
    #[ts(optional)]
    pub when: Option<String>,
    /// In which role, of a responder.
    #[serde(default)]
    #[ts(optional)]
    pub role: Option<String>,
    /// Why.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
    /// It does not hold after all; of a responder: they leave, or, with a role, hand that back.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub withdrawn: bool,
}

/// Marks something in a run: one that this process drives, or that nobody drives.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MarkRun {
    /// Which.
    pub run: String,
    /// What.
    pub mark: Marking,
}

/// Says that a status update was sent: in a run that this process drives, or that nobody drives.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SendUpdate {
    /// Which run.
    pub run: String,
    /// The message of the runbook that it was made from; none of a text of one's own.
    #[serde(default)]
    #[ts(optional)]
    pub item: Option<String>,
    /// What was sent.
    pub text: String,
}

/// A mark that stands in the record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MarkView {
    /// When it was marked.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// As [`Marking::what`].
    pub what: String,
    /// Which, or who.
    pub value: Option<String>,
    /// The moment that is meant, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub when: Option<String>,
    /// In which role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub role: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// It does not hold after all.
    #[serde(default)]
    pub withdrawn: bool,
}

/// The frame of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IncidentView {
    /// Which one, where that was marked.
    pub name: Option<String>,
    /// How bad.
    pub severity: Option<IncidentSeverity>,
    /// The severities to choose from, the worst first.
    pub severities: Vec<String>,
    /// Who takes part: the roles of the runbook with who has them, then others.
    pub responders: Vec<ResponderView>,
    /// Who took part and left; `at` is when they did.
    pub left: Vec<ResponderView>,
    /// The moments that are marked: of `began`, `detected`, `mitigated`, `verified`, in that order.
    pub moments: Vec<MomentView>,
    /// What was told, and when the next word is due.
    pub updates: UpdatesView,
}

/// How bad an incident is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IncidentSeverity {
    /// As it was written.
    pub value: String,
    /// What it was before; none where it was not changed in this run.
    pub before: Option<String>,
    /// `raised` or `lowered`, where that can be told.
    pub moved: Option<String>,
    /// When it was set in this run.
    pub at: Option<String>,
    /// By whom.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Somebody who takes part, or a role that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResponderView {
    /// The role; none of somebody who just takes part.
    pub role: Option<String>,
    /// Who has it in this run; none where nobody has taken it.
    pub who: Option<String>,
    /// Whom the runbook names for it.
    pub written: Option<String>,
    /// How the runbook says that they are reached.
    pub contact: Option<String>,
    /// Since when.
    pub at: Option<String>,
}

/// A moment that is marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MomentView {
    /// `began`, `detected`, `mitigated` or `verified`.
    pub what: String,
    /// When it was.
    pub when: String,
    /// When it was marked.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// What was said of it.
    pub note: Option<String>,
    /// How often it was marked before, or taken back.
    pub corrected: u64,
    /// How long it took, from `since`; none where it was before that.
    pub took_ms: Option<u64>,
    /// What `took_ms` counts from: `began`, `detected` or `run`, the start of the run.
    pub since: Option<String>,
}

/// The status updates of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpdatesView {
    /// How many were sent.
    pub sent: u64,
    /// When the last was.
    pub last_at: Option<String>,
    /// By whom.
    pub last_by: Option<String>,
    /// How long after one the next is due, at this severity; none where nobody is reminded.
    pub every_ms: Option<u64>,
    /// When the next is due; none where none is: nobody is reminded at this severity, the run is not under way, is only
    /// rehearsed, or it was told that the incident is over.
    pub due: Option<String>,
    /// The next one was put off until `due`.
    pub snoozed: bool,
    /// Why.
    pub snoozed_reason: Option<String>,
    /// The messages of the runbook that an update can be made from. Their text is in the run's `messages`.
    pub templates: Vec<UpdateTemplate>,
}

/// A message that an update can be made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpdateTemplate {
    /// Which.
    pub item: String,
    /// Whom it is for, where it says so.
    pub to: Option<String>,
    /// How often it was sent in this run.
    pub sent: u64,
}

/// How often an incident is told about where its runbook does not say, in minutes, 0 to 1,440; 0 reminds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct UpdateMinutes {
    /// The worst: SEV1, P1, critical.
    pub sev1: u32,
    /// SEV2, P2, high.
    pub sev2: u32,
    /// SEV3, P3, medium.
    pub sev3: u32,
    /// SEV4 and beyond, P4, low.
    pub sev4: u32,
    /// Any other severity, and none.
    pub other: u32,
}

impl Default for UpdateMinutes {
    fn default() -> Self {
        Self { sev1: 15, sev2: 30, sev3: 60, sev4: 0, other: 30 }
    }
}
