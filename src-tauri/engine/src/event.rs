//! Facts of a run and the chain that binds them (RUNS.md, "The journal").

mod chain;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

pub(crate) use chain::hexadecimal;
pub use chain::{FIRST_PREVIOUS, SealError, Tail, VerifyError, seal, verify, verify_records};

/// Names a run: a UUID version 7 in its usual form, so that ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One fact in a run's journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Which run.
    pub run: RunId,
    /// From 1, without gaps.
    pub seq: u64,
    /// UTC, RFC 3339 with milliseconds and `Z`.
    pub at: String,
    /// `user@host`.
    pub actor: String,
    /// What happened: `kind` and its fields.
    #[serde(flatten)]
    pub fact: Fact,
    /// Lower-case hexadecimal SHA-256 over the hash of the event before (64 zeros for the first), a line feed, and
    /// this event's JSON without `hash` in the canonical form of RFC 8785.
    pub hash: String,
}

/// How a run is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A person starts each item.
    Hand,
    /// Consecutive commands and probes run by themselves until a person is needed.
    Auto,
    /// Nothing is executed.
    Rehearse,
}

/// The check of another run that a run was started for (a runbook whose check is a link to a runbook).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The other run.
    pub run: RunId,
    /// Its check.
    pub item: String,
}

/// How a run stands that was opened for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkedState {
    /// It is under way, or about to begin.
    Opened,
    /// It has passed.
    Passed,
    /// It has failed, or never began.
    Failed,
    /// It was given up.
    Abandoned,
    /// It was undone.
    RolledBack,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Exit status and expectations hold.
    Passed,
    /// They do not, or it timed out or could not be started.
    Failed,
    /// A person stopped it.
    Stopped,
}

/// How a run finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishState {
    /// Every item of the path is settled, none failed.
    Passed,
    /// An item failed and nobody chose otherwise.
    Failed,
    /// Undone.
    RolledBack,
    /// A person gave it up.
    Abandoned,
    /// Goes on elsewhere.
    HandedOver,
}

/// A fact, by kind. Fields that do not apply are left out of the JSON. Every text field has been masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the table in RUNS.md, \"The journal\", says what each field holds")]
pub enum Fact {
    RunStarted {
        path: String,
        title: String,
        revision: String,
        mode: Mode,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        environment: Option<String>,
        version: String,
        /// The one step that is run, by id or title, where it is not the whole path.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// The commit that the runbook's repository stood at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
        /// What is run is not what stands in that commit.
        #[serde(default, skip_serializing_if = "is_false")]
        differs: bool,
        /// The run that this one is a part of, and the check of it that stands for this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<Parent>,
        /// The schedule that started it, by its name then; none where a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schedule: Option<String>,
    },
    ParameterSet {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        from: String,
    },
    ItemReady {
        item: String,
        /// What a person is asked for: present when the item waits for a person, absent when it can just be started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needs: Option<String>,
    },
    AttemptStarted {
        item: String,
        attempt: u64,
        command: String,
        target: String,
        cwd: String,
        /// The number of the last attempt that may follow by itself, where `retry` asks for more than one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<u64>,
        /// The path goes on while it runs.
        #[serde(default, skip_serializing_if = "is_false")]
        background: bool,
        /// Which of the item's hosts it runs on, where there are several. Other attempts run beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<String>,
    },
    /// A command, undo or probe of several hosts begins: on these, of which each gets an attempt of its own.
    HostsStarted {
        item: String,
        hosts: Vec<String>,
        /// How many of them at the same time.
        at_once: u64,
        /// So many, and the next when those have ended well enough.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<u64>,
        /// When more than so many have failed nothing further is started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_fail: Option<u64>,
    },
    /// It has ended on all of them, or nothing further is started.
    HostsEnded {
        item: String,
        state: AttemptState,
        /// On how many of the item's hosts it has passed by now.
        passed: u64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failed: Vec<String>,
        /// Those on which it was never begun.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        not_reached: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// It is tried again by itself on those that did not pass.
        #[serde(default, skip_serializing_if = "is_false")]
        again: bool,
        duration_ms: u64,
    },
    Output {
        item: String,
        attempt: u64,
        offset: u64,
        length: u64,
        sha256: String,
        /// Bytes that were left out before this piece (RUNS.md: beyond 8 MiB only the last 8 MiB are kept).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<u64>,
        /// SHA-256 of the whole output of the attempt, on the last piece of one that left something out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whole_sha256: Option<String>,
    },
    Expectation {
        item: String,
        attempt: u64,
        expected: String,
        observed: String,
        holds: bool,
    },
    AttemptEnded {
        item: String,
        attempt: u64,
        state: AttemptState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exit: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<String>,
        /// One sentence, where exit status or signal do not say it all: a timeout, a shell that is missing,
        /// processes left running, values that could not be carried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Another try of the probe, or another attempt that `retry` asks for, follows by itself.
        #[serde(default, skip_serializing_if = "is_false")]
        again: bool,
        /// Which of the item's hosts it ran on, where there are several: the end of the item is `hosts_ended` then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<String>,
        duration_ms: u64,
    },
    CheckTicked {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    CheckUnticked {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    CheckFailed {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A question was answered with yes; without an item it was the guard of the run's environment.
    Confirmed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        what: String,
    },
    InputSent {
        item: String,
        attempt: u64,
    },
    MessageSent {
        item: String,
        text: String,
    },
    LinkOpened {
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
    Note {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
    /// A mark of an incident (`incident.rs` has its words). The last of a kind counts, those before stay in the record.
    Marked {
        what: String,
        /// Which severity, who, which incident, what was said; beside a moment: what is known of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// The moment that is meant, where that is not when it was marked; of `snoozed`, when the next update is due.
        /// UTC, written as `at`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        when: Option<String>,
        /// In which role, of a responder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        /// Why: of another severity, of what was put off or taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// It does not hold after all; of a responder: they left, or, with a role, handed that back.
        #[serde(default, skip_serializing_if = "is_false")]
        withdrawn: bool,
    },
    /// A branch was followed: the path goes on at `to`. What it passed over is skipped with the reason `branch`; `again`
    /// is what is to be done once more, where it leads back.
    Branched {
        /// The item in hand, where there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        to: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        again: Vec<String>,
    },
    /// A run was opened for a check, or came to its end. What that means for the check is an event of its own.
    LinkedRun {
        item: String,
        /// The run that was opened; `run` is the one that the event belongs to.
        child: RunId,
        state: LinkedState,
    },
    Skipped {
        item: String,
        reason: String,
    },
    Overridden {
        item: String,
        reason: String,
    },
    Deviation {
        item: String,
        reason: String,
        text: String,
    },
    VariablesSet {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        /// Every name with its value, but for those in `in_memory`.
        values: BTreeMap<String, String>,
        /// Which of `values` the shell had not exported.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        plain: Vec<String>,
        /// Variables that are gone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unset: Vec<String>,
        /// The directory that the next command starts in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cwd: Option<String>,
        /// The target that this directory belongs to, where that is not this machine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
        /// Names whose values are kept in memory alone (ACCESS.md, "Secrets that come back").
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        in_memory: Vec<String>,
    },
    /// A rollback began; `plan` is all that could be done, in order: the ids of undo blocks, of commands that say
    /// `undo=none` (done by hand), and of the items of the rollback phase.
    RollbackStarted {
        plan: Vec<String>,
    },
    /// An item of the way forward is undone: by the undo blocks of its step, or by hand.
    Undone {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// What of the plan is done, in order.
    PlanChosen {
        plan: Vec<String>,
    },
    Paused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// It goes on, in whatever process.
    Resumed {
        /// How it is driven from now on, where that changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<Mode>,
        /// Names whose values were kept in memory alone, in a process that is gone: they are asked for again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lost: Vec<String>,
        /// In another process than before: the guard of the environment is asked again.
        #[serde(default, skip_serializing_if = "is_false")]
        taken_up: bool,
    },
    /// The process that drove the run is gone; `item` was running.
    Interrupted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
    Stopped {
        /// Only this item was stopped, between two tries; without it, all of the run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    HandedOver {
        to: String,
    },
    RunFinished {
        state: FinishState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Fact {
    /// Whether it must be synced before anyone is told: everything but output (RUNS.md, "The journal").
    #[must_use]
    pub fn is_decision(&self) -> bool {
        !matches!(self, Self::Output { .. })
    }

    /// The same fact with every text field changed by `change`: the one way by which a fact is masked.
    ///
    /// Not changed are names that hold the journal together: ids of items, hashes, and the names of variables.
    /// Whoever builds a fact makes sure that none of those holds a secret.
    #[must_use]
    pub fn map_text(mut self, change: impl Fn(&str) -> String) -> Self {
        let one = |text: &mut String| *text = change(text);
        let maybe = |text: &mut Option<String>| {
            if let Some(text) = text {
                *text = change(text);
            }
        };
        match &mut self {
            Self::RunStarted { path, title, environment, version, step, commit, schedule, .. } => {
                one(path);
                one(title);
                maybe(environment);
                one(version);
                maybe(step);
                maybe(commit);
                maybe(schedule);
            }
            Self::ParameterSet { value, from, .. } => {
                maybe(value);
                one(from);
            }
            Self::ItemReady { needs, .. } => maybe(needs),
            Self::AttemptStarted { command, target, cwd, .. } => {
                one(command);
                one(target);
                one(cwd);
            }
            Self::Expectation { expected, observed, .. } => {
                one(expected);
                one(observed);
            }
            Self::AttemptEnded { signal, note, .. } => {
                maybe(signal);
                maybe(note);
            }
            Self::CheckTicked { note, .. } | Self::CheckUnticked { note, .. } | Self::CheckFailed { note, .. } => {
                maybe(note);
            }
            Self::Confirmed { what, .. } => one(what),
            Self::Marked { what, value, role, reason, .. } => {
                one(what);
                maybe(value);
                maybe(role);
                maybe(reason);
            }
            Self::Undone { note, .. } | Self::HostsEnded { note, .. } => maybe(note),
            Self::MessageSent { text, .. } | Self::Note { text, .. } => one(text),
            Self::LinkOpened { url, .. } => one(url),
            Self::Skipped { reason, .. } | Self::Overridden { reason, .. } => one(reason),
            Self::Deviation { reason, text, .. } => {
                one(reason);
                one(text);
            }
            Self::VariablesSet { values, cwd, target, .. } => {
                values.values_mut().for_each(one);
                maybe(cwd);
                maybe(target);
            }
            Self::Paused { reason } | Self::Stopped { reason, .. } | Self::RunFinished { reason, .. } => {
                maybe(reason)
            }
            Self::HandedOver { to } => one(to),
            Self::Output { .. }
            | Self::HostsStarted { .. }
            | Self::InputSent { .. }
            | Self::LinkedRun { .. }
            | Self::RollbackStarted { .. }
            | Self::PlanChosen { .. }
            | Self::Branched { .. }
            | Self::Resumed { .. }
            | Self::Interrupted { .. } => {}
        }
        self
    }
}

impl RunId {
    /// A new name: a UUID version 7.
    #[must_use]
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }
}

impl Default for RunId {
    fn default() -> Self {
        Self::new()
    }
}

impl Fact {
    /// The item that it is about, if it is about one.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::ItemReady { item, .. }
            | Self::AttemptStarted { item, .. }
            | Self::Output { item, .. }
            | Self::Expectation { item, .. }
            | Self::AttemptEnded { item, .. }
            | Self::HostsStarted { item, .. }
            | Self::HostsEnded { item, .. }
            | Self::CheckTicked { item, .. }
            | Self::CheckUnticked { item, .. }
            | Self::CheckFailed { item, .. }
            | Self::InputSent { item, .. }
            | Self::MessageSent { item, .. }
            | Self::LinkedRun { item, .. }
            | Self::Skipped { item, .. }
            | Self::Overridden { item, .. }
            | Self::Deviation { item, .. }
            | Self::Undone { item, .. } => Some(item),
            Self::Confirmed { item, .. }
            | Self::LinkOpened { item, .. }
            | Self::Note { item, .. }
            | Self::VariablesSet { item, .. }
            | Self::Branched { item, .. }
            | Self::Interrupted { item }
            | Self::Stopped { item, .. } => item.as_deref(),
            Self::RunStarted { .. }
            | Self::ParameterSet { .. }
            | Self::Marked { .. }
            | Self::RollbackStarted { .. }
            | Self::PlanChosen { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::HandedOver { .. }
            | Self::RunFinished { .. } => None,
        }
    }
}
