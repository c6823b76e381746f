//! The state of a run, derived from its events by one pure function that both drives and replays.

mod hosts;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{AttemptState, Event, Fact, FinishState, LinkedState, Mode, Parent, RunId};

pub use self::hosts::{Host, HostStatus, Hosts};

/// The state of an item (RUNS.md, "States").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"States\"")]
pub enum ItemStatus {
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
}

/// The state of a run (RUNS.md, "States").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"States\"")]
pub enum RunStatus {
    #[default]
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

/// What is known of a run: the fold of its events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunState {
    /// The run's own state.
    pub status: RunStatus,
    /// How it is driven.
    pub mode: Option<Mode>,
    /// What happened to each item that anything happened to.
    pub items: BTreeMap<String, ItemState>,
    /// The last event folded in; 0 before the first.
    pub last_seq: u64,
    /// How it finished, if it did; the last `run_finished` counts.
    pub finished: Option<FinishState>,
    /// Why it was paused or given up, or what was said when it finished.
    pub reason: Option<String>,
    /// Values given or chosen by default, by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// What the next command finds.
    pub carried: Carry,
    /// The environment that it runs in.
    pub environment: Option<String>,
    /// The guard of its environment was answered.
    pub environment_confirmed: bool,
    /// The one step that is run, by id or title.
    pub step: Option<String>,
    /// The run that it is a part of.
    pub parent: Option<Parent>,
    /// The rollback that was begun, if one was: the run never goes forward again.
    pub rollback: Option<Rollback>,
    /// When it began; empty before.
    pub started_at: String,
    /// Marks of an incident, in order, each with its time.
    pub marks: Vec<Mark>,
    /// Messages that were sent, in order.
    pub sent: Vec<Sent>,
}

/// A rollback: what is done, and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollback {
    /// When it began.
    pub at: String,
    /// What is done, in order: ids as in the event `plan_chosen`.
    pub plan: Vec<String>,
    /// What of it is done, or was left out or taken as done with a reason.
    pub settled: BTreeSet<String>,
    /// What of it was tried and failed.
    pub failed: BTreeSet<String>,
}

/// A mark of an incident, as the event `marked` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its event.
    pub seq: u64,
    /// When it was marked.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// One of the words of `incident.rs`.
    pub what: String,
    /// Which, or who.
    pub value: Option<String>,
    /// The moment that is meant, where that is another.
    pub when: Option<String>,
    /// In which role.
    pub role: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// It does not hold after all.
    pub withdrawn: bool,
}

/// A message that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Its event.
    pub seq: u64,
    /// When.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// Which.
    pub item: String,
}

/// A value for a parameter, a placeholder, a doubt or a variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// The value (masked); `None` when it is kept in memory alone.
    pub value: Option<String>,
    /// Who gave it: `command line`, `person`, `default`.
    pub from: String,
}

/// What carries from command to command (RUNS.md, "Processes").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carry {
    /// Exported variables.
    pub exported: BTreeMap<String, String>,
    /// Variables that are set and not exported.
    pub plain: BTreeMap<String, String>,
    /// Inherited variables that a command has unset.
    pub unset: BTreeSet<String>,
    /// The directory; `None` until a command has left the one it started in.
    pub cwd: Option<String>,
    /// The same of each target that a command has left one of.
    pub elsewhere: BTreeMap<String, String>,
    /// Names whose values are in memory alone: a crash loses them.
    pub in_memory: BTreeSet<String>,
}

/// What is known of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemState {
    /// Its state.
    pub status: ItemStatus,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
    /// When its state last changed.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// The note of a tick, the reason of a skip or an override.
    pub remark: Option<String>,
    /// It runs, or ran last, beside the path.
    pub background: bool,
    /// The event by which it began last: an attempt, a tick, a judgement. 0 before, and after it was undone.
    pub begun: u64,
    /// The text that ran in its place in this run alone, and why: the last edit.
    pub deviation: Option<Deviation>,
    /// Its hosts, where it runs on several: how it stands on each, in order.
    pub hosts: Vec<Host>,
    /// One sentence about their end, where exit statuses do not say it all.
    pub hosts_note: Option<String>,
    /// Milliseconds that it took on all of them, rounds that followed by themselves or by a person together.
    pub hosts_took: Option<u64>,
    /// The run that was opened for it last, of a check that stands for one.
    pub linked: Option<LinkedRun>,
}

/// A run that was opened for a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedRun {
    /// Its name.
    pub run: RunId,
    /// How it stands, as far as the run knows that opened it.
    pub state: LinkedState,
}

/// An edit of a command for one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The command (masked).
    pub text: String,
    /// Why.
    pub reason: String,
}

/// One try of one item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// From 1.
    pub number: u64,
    /// Which of the item's hosts it runs on, where there are several.
    pub host: Option<String>,
    /// When it started.
    pub started_at: String,
    /// The exact command (masked).
    pub command: String,
    /// The number of the last attempt that may follow by itself (`retry`).
    pub of: Option<u64>,
    /// Where it ran.
    pub target: String,
    /// The directory it started in.
    pub cwd: String,
    /// How it ended; `None` while it runs.
    pub state: Option<AttemptState>,
    /// Exit status.
    pub exit: Option<i64>,
    /// Signal.
    pub signal: Option<String>,
    /// A sentence about its end.
    pub note: Option<String>,
    /// Milliseconds from start to end.
    pub duration_ms: Option<u64>,
    /// Another one followed by itself. That of a probe is not a failure of its own.
    pub again: bool,
    /// Bytes of output so far, those left out included.
    pub output_bytes: u64,
    /// Expected against observed.
    pub expectations: Vec<Expected>,
    /// Whether something was typed into it.
    pub typed: bool,
}

/// Expected against observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the event `expectation`")]
pub struct Expected {
    pub expected: String,
    pub observed: String,
    pub holds: bool,
}

impl RunState {
    /// The state after one more event. Pure: the same events give the same state, live or replayed. Total: an event
    /// that does not fit (an end without a start) changes only what it names.
    #[must_use]
    pub fn apply(mut self, event: &Event) -> Self {
        self.last_seq = event.seq;
        match &event.fact {
            Fact::RunStarted { mode, environment, step, parent, .. } => {
                self.started_at.clone_from(&event.at);
                self.step.clone_from(step);
                self.parent.clone_from(parent);
                self.mode = Some(*mode);
                self.environment.clone_from(environment);
                self.reopen();
            }
            Fact::ParameterSet { name, value, from } => {
                let parameter = Parameter { value: value.clone(), from: from.clone() };
                self.parameters.insert(name.clone(), parameter);
            }
            Fact::ItemReady { item, needs } => {
                let status = if needs.is_some() { ItemStatus::Waiting } else { ItemStatus::Ready };
                self.settle(item, event, status, needs.as_deref());
            }
            Fact::AttemptStarted { item, attempt, command, target, cwd, of, background, host } => {
                self.items.entry(item.clone()).or_default().background = *background;
                self.settle(item, event, ItemStatus::Running, None);
                let started = self.attempt(item, *attempt);
                started.started_at.clone_from(&event.at);
                started.of = *of;
                started.command.clone_from(command);
                started.target.clone_from(target);
                started.cwd.clone_from(cwd);
                started.host.clone_from(host);
                self.host(item, host.as_deref(), *attempt, HostStatus::Running);
            }
            Fact::HostsStarted { item, hosts, .. } => {
                let known = self.items.entry(item.clone()).or_default();
                known.background = false;
                known.hosts_begin(hosts);
                self.settle(item, event, ItemStatus::Running, None);
            }
            Fact::HostsEnded { item, state, not_reached, note, again, duration_ms, .. } => {
                let known = self.items.entry(item.clone()).or_default();
                known.hosts_ended(not_reached, note.as_deref(), *again, *duration_ms);
                let status = match state {
                    _ if *again => ItemStatus::Running,
                    AttemptState::Passed => ItemStatus::Passed,
                    AttemptState::Failed | AttemptState::Stopped => ItemStatus::Failed,
                };
                self.settle(item, event, status, None);
            }
            Fact::Output { item, attempt, offset, length, .. } => {
                let attempt = self.attempt(item, *attempt);
                attempt.output_bytes = attempt.output_bytes.max(offset.saturating_add(*length));
            }
            Fact::Expectation { item, attempt, expected, observed, holds } => {
                let (expected, observed) = (expected.clone(), observed.clone());
                self.attempt(item, *attempt).expectations.push(Expected { expected, observed, holds: *holds });
            }
            Fact::AttemptEnded { item, attempt, state, exit, signal, note, again, host, duration_ms } => {
                let ended = self.attempt(item, *attempt);
                ended.state = Some(*state);
                ended.exit = *exit;
                ended.signal.clone_from(signal);
                ended.note.clone_from(note);
                ended.again = *again;
                ended.duration_ms = Some(*duration_ms);
                if host.is_some() {
                    self.host(item, host.as_deref(), *attempt, HostStatus::from(*state));
                    return self;
                }
                let beside = self.items.get(item).is_some_and(|item| item.background);
                let status = match state {
                    _ if *again => ItemStatus::Running,
                    AttemptState::Passed => ItemStatus::Passed,
                    // What runs beside the path is stopped when it is needed no longer.
                    AttemptState::Stopped if beside => ItemStatus::Passed,
                    AttemptState::Failed | AttemptState::Stopped => ItemStatus::Failed,
                };
                self.settle(item, event, status, None);
            }
            Fact::CheckTicked { item, note } => self.settle(item, event, ItemStatus::Passed, note.as_deref()),
            Fact::CheckUnticked { item, note } => self.settle(item, event, ItemStatus::Pending, note.as_deref()),
            Fact::CheckFailed { item, note } => self.settle(item, event, ItemStatus::Failed, note.as_deref()),
            Fact::MessageSent { item, .. } => {
                let (at, actor, item) = (event.at.clone(), event.actor.clone(), item.clone());
                self.settle(&item, event, ItemStatus::Passed, None);
                self.sent.push(Sent { seq: event.seq, at, actor, item });
            }
            Fact::Skipped { item, reason } => self.settle(item, event, ItemStatus::Skipped, Some(reason)),
            Fact::Overridden { item, reason } => self.settle(item, event, ItemStatus::Overridden, Some(reason)),
            Fact::Undone { item, note } => self.settle(item, event, ItemStatus::Undone, note.as_deref()),
            Fact::InputSent { item, attempt } => self.attempt(item, *attempt).typed = true,
            Fact::VariablesSet { values, plain, unset, cwd, target, in_memory, .. } => {
                self.carried.set(values, plain, unset, in_memory);
                match (cwd, target) {
                    (Some(cwd), Some(target)) => drop(self.carried.elsewhere.insert(target.clone(), cwd.clone())),
                    (Some(cwd), None) => self.carried.cwd = Some(cwd.clone()),
                    (None, _) => {}
                }
            }
            Fact::Stopped { item, reason } => {
                if let Some(item) = item {
                    self.settle(item, event, ItemStatus::Failed, reason.as_deref());
                }
            }
            // What is over is neither put aside nor cut off.
            Fact::Paused { .. } | Fact::Interrupted { .. } if self.finished.is_some() => {}
            Fact::Paused { reason } => {
                self.status = RunStatus::Paused;
                self.reason.clone_from(reason);
            }
            Fact::Resumed { mode, lost, taken_up } => {
                self.mode = mode.or(self.mode);
                self.environment_confirmed &= !taken_up;
                for name in lost {
                    self.carried.in_memory.remove(name);
                }
                self.reopen();
            }
            Fact::RollbackStarted { plan } => {
                let rollback = Rollback { at: event.at.clone(), plan: plan.clone(), ..Rollback::default() };
                self.rollback = Some(rollback);
                self.reopen();
            }
            Fact::PlanChosen { plan } => self.rollback.get_or_insert_default().plan.clone_from(plan),
            Fact::Branched { again, .. } => {
                for item in again {
                    self.settle(item, event, ItemStatus::Pending, None);
                }
            }
            Fact::Deviation { item, reason, text } => {
                let deviation = Deviation { text: text.clone(), reason: reason.clone() };
                self.items.entry(item.clone()).or_default().deviation = Some(deviation);
            }
            Fact::Marked { what, value, when, role, reason, withdrawn } => self.marks.push(Mark {
                seq: event.seq,
                at: event.at.clone(),
                actor: event.actor.clone(),
                what: what.clone(),
                value: value.clone(),
                when: when.clone(),
                role: role.clone(),
                reason: reason.clone(),
                withdrawn: *withdrawn,
            }),
            Fact::Interrupted { item } => {
                let running = self.items.iter().filter(|(_, state)| state.status == ItemStatus::Running);
                let running: BTreeSet<String> = running.map(|(id, _)| id.clone()).chain(item.clone()).collect();
                for item in running {
                    self.settle(&item, event, ItemStatus::Interrupted, None);
                    self.items.entry(item).or_default().hosts_cut_off();
                }
                self.status = RunStatus::Interrupted;
            }
            Fact::HandedOver { .. } => self.finish(FinishState::HandedOver, None),
            Fact::RunFinished { state, reason } => self.finish(*state, reason.clone()),
            Fact::LinkedRun { item, child, state } => {
                let opened = *state == LinkedState::Opened;
                if opened {
                    self.settle(item, event, ItemStatus::Waiting, None);
                }
                let known = self.items.entry(item.clone()).or_default();
                if opened {
                    known.begun = event.seq;
                }
                known.linked = Some(LinkedRun { run: child.clone(), state: *state });
            }
            Fact::Confirmed { item: None, .. } => self.environment_confirmed = true,
            Fact::Confirmed { .. } | Fact::LinkOpened { .. } | Fact::Note { .. } => {}
        }
        self
    }

    /// The state of an item; pending when nothing has happened to it.
    #[must_use]
    pub fn item(&self, id: &str) -> ItemStatus {
        self.items.get(id).map_or(ItemStatus::Pending, |item| item.status)
    }

    /// The item that is running on the path, and the number of its last attempt; what runs in the background is none.
    #[must_use]
    pub fn running(&self) -> Option<(&str, u64)> {
        let mut items = self.items.iter();
        let running = items.find(|(_, state)| state.status == ItemStatus::Running && !state.background);
        running.map(|(id, state)| (id.as_str(), state.attempts.last().map_or(0, |attempt| attempt.number)))
    }

    /// Whether it is being rolled back: it was begun, and the run is under way.
    #[must_use]
    pub fn rolling_back(&self) -> Option<&Rollback> {
        self.rollback.as_ref().filter(|_| self.finished.is_none())
    }

    /// Whether it has finished, in whatever way.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.finished.is_some()
    }

    fn settle(&mut self, id: &str, event: &Event, status: ItemStatus, remark: Option<&str>) {
        self.items.entry(id.to_owned()).or_default().settle(event, status, remark);
        if let Some(rollback) = self.rollback.as_mut().filter(|rollback| rollback.plan.iter().any(|item| item == id))
        {
            rollback.settle(id, status);
        }
        self.follow_items();
    }

    fn reopen(&mut self) {
        self.finished = None;
        self.reason = None;
        self.status = RunStatus::Waiting;
        self.follow_items();
    }

    /// A run under way runs while one of its items does, and else waits; one that was put aside stays so.
    fn follow_items(&mut self) {
        if matches!(self.status, RunStatus::Running | RunStatus::Waiting) {
            let running = self.running().is_some();
            self.status = if running { RunStatus::Running } else { RunStatus::Waiting };
        }
    }

    fn finish(&mut self, state: FinishState, reason: Option<String>) {
        self.finished = Some(state);
        self.reason = reason;
        self.status = match state {
            FinishState::Passed => RunStatus::Passed,
            FinishState::Failed => RunStatus::Failed,
            FinishState::RolledBack => RunStatus::RolledBack,
            FinishState::Abandoned => RunStatus::Abandoned,
            FinishState::HandedOver => RunStatus::HandedOver,
        };
    }

    /// How it stands on a host of an item that has several.
    fn host(&mut self, item: &str, host: Option<&str>, attempt: u64, status: HostStatus) {
        if let Some(host) = host {
            hosts::set(&mut self.items.entry(item.to_owned()).or_default().hosts, host, attempt, status);
        }
    }

    fn attempt(&mut self, item: &str, number: u64) -> &mut Attempt {
        let attempts = &mut self.items.entry(item.to_owned()).or_default().attempts;
        // The attempt in question is nearly always the last one.
        let at = attempts.iter().rposition(|attempt| attempt.number == number).unwrap_or_else(|| {
            attempts.push(Attempt { number, ..Attempt::default() });
            attempts.len() - 1
        });
        &mut attempts[at]
    }
}

impl ItemState {
    /// Whether a failure of it was rescued: by another attempt, or an override. Tries of a probe that were followed by
    /// another by themselves are no failures, nor is the stop of what ran in the background.
    #[must_use]
    pub fn was_rescued(&self) -> bool {
        match self.status {
            ItemStatus::Overridden => true,
            ItemStatus::Passed => self.attempts.iter().any(|attempt| self.is_failure(attempt)),
            _ => false,
        }
    }

    /// Whether it failed at any time in this run, whatever became of it afterwards.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.status == ItemStatus::Failed || self.attempts.iter().any(|attempt| self.is_failure(attempt))
    }

    fn is_failure(&self, attempt: &Attempt) -> bool {
        match attempt.state {
            Some(AttemptState::Failed) => !attempt.again || attempt.of.is_some(),
            Some(AttemptState::Stopped) => !self.background,
            Some(AttemptState::Passed) | None => false,
        }
    }

    fn settle(&mut self, event: &Event, status: ItemStatus, remark: Option<&str>) {
        self.status = status;
        self.at.clone_from(&event.at);
        self.actor.clone_from(&event.actor);
        self.remark = remark.map(str::to_owned);
        match status {
            ItemStatus::Undone => self.begun = 0,
            ItemStatus::Running | ItemStatus::Passed | ItemStatus::Failed | ItemStatus::Overridden => {
                self.begun = event.seq;
            }
            // Not begun yet, left out, or as it was before.
            _ => {}
        }
    }
}

impl Rollback {
    /// What of the plan is left to be done, in order.
    pub fn left(&self) -> impl Iterator<Item = &str> {
        self.plan.iter().map(String::as_str).filter(|item| !self.settled.contains(*item))
    }

    /// The first of the plan that is left to be done.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.left().next()
    }

    /// Whether an item is of the plan, and left to be done.
    #[must_use]
    pub fn awaits(&self, item: &str) -> bool {
        self.left().any(|left| left == item)
    }

    fn settle(&mut self, item: &str, status: ItemStatus) {
        self.failed.remove(item);
        match status {
            ItemStatus::Passed | ItemStatus::Skipped | ItemStatus::Overridden | ItemStatus::Undone => {
                self.settled.insert(item.to_owned());
            }
            ItemStatus::Failed | ItemStatus::Interrupted => {
                self.settled.remove(item);
                self.failed.insert(item.to_owned());
            }
            _ => drop(self.settled.remove(item)),
        }
    }
}

impl Carry {
    fn set(&mut self, values: &BTreeMap<String, String>, plain: &[String], unset: &[String], in_memory: &[String]) {
        for name in values.keys().chain(unset).chain(in_memory) {
            self.exported.remove(name);
            self.plain.remove(name);
            self.unset.remove(name);
            self.in_memory.remove(name);
        }
        for (name, value) in values {
            let kept = if plain.contains(name) { &mut self.plain } else { &mut self.exported };
            kept.insert(name.clone(), value.clone());
        }
        self.unset.extend(unset.iter().filter(|name| !values.contains_key(*name)).cloned());
        self.in_memory.extend(in_memory.iter().cloned());
    }
}

#[cfg(test)]
mod tests;
