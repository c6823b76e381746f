//! Schedules, as they cross to a face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a failure of a scheduled run leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleFailure {
    /// The run ends as failed.
    #[default]
    Stop,
    /// What was done is undone.
    Rollback,
}

/// What becomes of a time at which nothing drove the schedules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleMissed {
    /// It is said, and not made up for.
    #[default]
    Skip,
    /// It is made up for once, however many were missed.
    Once,
}

/// A new schedule. What is left out is as the runbook proposes it, else as it is usual.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct NewSchedule {
    /// The runbook's file.
    pub runbook: String,
    /// What it is called; else the runbook's title.
    pub name: Option<String>,
    /// When: a cron expression of five fields, or `@daily` and its like.
    pub cron: Option<String>,
    /// A time zone of the IANA database; else that of this machine.
    pub zone: Option<String>,
    /// An environment of the library's file.
    pub environment: Option<String>,
    /// Values by name. Never a secret.
    pub values: BTreeMap<String, String>,
    /// What a failure leads to.
    pub on_failure: Option<ScheduleFailure>,
    /// What becomes of a missed time.
    pub missed: Option<ScheduleMissed>,
    /// The revision that was on screen: no other is accepted. Left out, the file as it is now is.
    pub revision: Option<String>,
}

/// What is to be changed of a schedule; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct EditSchedule {
    /// Which: its id or its name.
    pub schedule: String,
    /// What it is to be called.
    pub name: Option<String>,
    /// When.
    pub cron: Option<String>,
    /// In which time zone.
    pub zone: Option<String>,
    /// In which environment; an empty text takes it away.
    pub environment: Option<String>,
    /// Values by name, in place of those that are there.
    pub values: Option<BTreeMap<String, String>>,
    /// What a failure leads to.
    pub on_failure: Option<ScheduleFailure>,
    /// What becomes of a missed time.
    pub missed: Option<ScheduleMissed>,
    /// Whether none of its times counts for now.
    pub paused: Option<bool>,
    /// Accepts the runbook as it is now, if it is this revision; an empty text accepts whichever it is.
    pub accept: Option<String>,
}

/// Names a schedule.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ScheduleArgument {
    /// Its id or its name.
    pub schedule: String,
}

/// A cron expression that is to be looked at.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct PreviewSchedule {
    /// The expression.
    pub cron: String,
    /// The time zone; else that of this machine.
    pub zone: Option<String>,
}

/// What a cron expression means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduleTimes {
    /// In words: `At 03:30, every day`.
    pub words: String,
    /// The time zone.
    pub zone: String,
    /// The next five times.
    pub next: Vec<String>,
}

/// Every schedule, and what runbooks propose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduleList {
    /// By name.
    pub schedules: Vec<ScheduleView>,
    /// What runbooks of the library propose that is no schedule yet, by title.
    pub proposals: Vec<ScheduleProposalView>,
}

/// A schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduleView {
    /// Its name for programs; never changes.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The runbook's file.
    pub runbook: String,
    /// When.
    pub cron: String,
    /// The same in words.
    pub words: String,
    /// In which time zone.
    pub zone: String,
    /// In which environment.
    pub environment: Option<String>,
    /// Values by name.
    pub values: BTreeMap<String, String>,
    /// What a failure leads to.
    pub on_failure: ScheduleFailure,
    /// What becomes of a missed time.
    pub missed: ScheduleMissed,
    /// None of its times counts for now.
    pub paused: bool,
    /// The revision that a person accepted.
    pub revision: String,
    /// When they did.
    pub accepted_at: String,
    /// When it was added.
    pub added_at: String,
    /// Why nothing of it would be run now, if nothing would: one sentence.
    pub problem: Option<String>,
    /// The file has changed since it was accepted: until that is accepted too, nothing is run.
    pub changed: bool,
    /// What a run of it would wait for a person at, each as a phrase; none where it goes through by itself unless something fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub stops: Vec<String>,
    /// Its next five times; none while it is paused.
    pub next: Vec<String>,
    /// Its times on each of the coming seven days that has some, as days are on this machine; none while it is paused.
    pub week: Vec<ScheduleDay>,
    /// How long its runbook usually takes, where one passed.
    pub usual_ms: Option<u64>,
    /// What became of its last times, the latest first.
    pub firings: Vec<FiringView>,
}

/// The times of a schedule on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduleDay {
    /// The day: `2026-11-29`.
    pub day: String,
    /// The first of them.
    pub first: String,
    /// How many there are; 25 where there are that many or more.
    pub count: u64,
}

/// The schedule whose time comes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NextUp {
    /// Which.
    pub schedule: String,
    /// What it is called.
    pub name: String,
    /// Its next time.
    pub at: String,
}

/// What became of a time of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FiringView {
    /// When it was due; of several that were missed the last.
    pub due: String,
    /// How many times it stands for.
    pub times: u64,
    /// When that was settled; of a run, when it was begun.
    pub at: String,
    /// A person started it.
    pub by_hand: bool,
    /// How it stands.
    pub state: FiringState,
    /// The run.
    pub run: Option<String>,
    /// When that ended.
    pub ended_at: Option<String>,
    /// Why there is no run, or why it is late: one sentence.
    pub why: Option<String>,
}

/// How a time of a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FiringState {
    /// Its run is under way.
    Running,
    /// Its run is put aside, until a person goes on with it.
    Waits,
    /// Its run has passed.
    Passed,
    /// Its run has failed.
    Failed,
    /// Its run failed and was undone.
    RolledBack,
    /// A person gave its run up.
    Abandoned,
    /// A person handed its run over.
    HandedOver,
    /// The process that drove its run is gone.
    Interrupted,
    /// Nothing was run.
    Missed,
    /// It was due, and could not be started.
    Refused,
}

/// What a runbook proposes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduleProposalView {
    /// The runbook's file.
    pub runbook: String,
    /// Its title.
    pub title: String,
    /// When.
    pub cron: String,
    /// The same in words.
    pub words: String,
    /// In which time zone.
    pub zone: String,
    /// In which environment.
    pub environment: Option<String>,
    /// What a failure is to lead to.
    pub on_failure: ScheduleFailure,
    /// What is to become of a missed time.
    pub missed: ScheduleMissed,
    /// Its next five times.
    pub next: Vec<String>,
    /// Why it cannot be accepted as it is, if it cannot: one sentence.
    pub problem: Option<String>,
}

/// Something that came of a schedule just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FiringTold {
    /// The schedule's name.
    pub schedule: String,
    /// When it was due.
    pub due: String,
    /// How that stands.
    pub state: FiringState,
    /// The run.
    pub run: Option<String>,
    /// One sentence.
    pub sentence: String,
    /// How the run stands that kept it from beginning, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub behind: Option<FiringState>,
}
