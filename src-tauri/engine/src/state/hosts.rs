//! An item of several hosts: how it stands on each of them.

use serde::{Deserialize, Serialize};

use super::ItemState;
use crate::event::AttemptState;

/// How an item stands on one of its hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostStatus {
    /// Not begun yet.
    #[default]
    Waiting,
    /// It runs there.
    Running,
    /// It has passed there.
    Passed,
    /// It has failed there.
    Failed,
    /// It was stopped there.
    Stopped,
    /// It was never begun there, and is not by itself: too many had failed, or it was stopped.
    NotReached,
    /// It ran there when the process that drove the run was gone: nobody knows how it ended.
    Interrupted,
}

/// One of the hosts of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// The access entry.
    pub name: String,
    /// How it stands there.
    pub status: HostStatus,
    /// The last attempt there.
    pub attempt: Option<u64>,
}

/// How many hosts of an item stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// All of them.
    pub all: u64,
    /// It runs there.
    pub running: u64,
    /// It has passed there.
    pub passed: u64,
    /// It has failed there, or was stopped.
    pub failed: u64,
    /// It has not begun there.
    pub open: u64,
    /// Nobody knows how it ended there.
    pub interrupted: u64,
}

impl From<AttemptState> for HostStatus {
    fn from(state: AttemptState) -> Self {
        match state {
            AttemptState::Passed => Self::Passed,
            AttemptState::Failed => Self::Failed,
            AttemptState::Stopped => Self::Stopped,
        }
    }
}

/// How it stands on one of them.
pub(super) fn set(known: &mut Vec<Host>, name: &str, attempt: u64, status: HostStatus) {
    let at = known.iter().position(|host| host.name == name).unwrap_or_else(|| {
        known.push(Host { name: name.to_owned(), ..Host::default() });
        known.len() - 1
    });
    if let Some(host) = known.get_mut(at) {
        (host.status, host.attempt) = (status, Some(attempt));
    }
}

impl ItemState {
    /// It begins on these hosts. Where it is not begun anew, others keep their place if it has passed on them.
    pub(super) fn hosts_begin(&mut self, hosts: &[String]) {
        self.hosts_note = None;
        if hosts.is_empty() && self.goes_on_with_hosts() {
            // It is being asked which hosts there are.
            return;
        }
        if !self.goes_on_with_hosts() {
            self.hosts.clear();
            self.hosts_took = None;
        }
        self.hosts.retain(|host| host.status == HostStatus::Passed || hosts.contains(&host.name));
        for name in hosts {
            match self.hosts.iter_mut().find(|host| host.name == *name) {
                Some(host) => host.status = HostStatus::Waiting,
                None => self.hosts.push(Host { name: name.clone(), ..Host::default() }),
            }
        }
    }

    /// Whether a start of it now is one of the hosts on which it has not passed, and not anew.
    #[must_use]
    pub fn goes_on_with_hosts(&self) -> bool {
        use super::ItemStatus::{Failed, Interrupted, Running};
        matches!(self.status, Failed | Interrupted | Running)
    }

    /// How often it was tried; on several hosts, how often on the one where that was most often.
    #[must_use]
    pub fn tries(&self) -> usize {
        let on = |host: &Host| self.attempts.iter().filter(|one| one.host.as_ref() == Some(&host.name)).count();
        self.hosts.iter().map(on).max().unwrap_or(self.attempts.len())
    }

    /// How many of its hosts stand how; of an item that has not several, none.
    #[must_use]
    pub fn hosts_count(&self) -> Hosts {
        let mut count = Hosts { all: self.hosts.len() as u64, ..Hosts::default() };
        for host in &self.hosts {
            *match host.status {
                HostStatus::Running => &mut count.running,
                HostStatus::Passed => &mut count.passed,
                HostStatus::Failed | HostStatus::Stopped => &mut count.failed,
                HostStatus::Waiting | HostStatus::NotReached => &mut count.open,
                HostStatus::Interrupted => &mut count.interrupted,
            } += 1;
        }
        count
    }

    /// The last attempt on each of its hosts that failed, or else the last of all.
    #[must_use]
    pub fn telling(&self) -> Option<&super::Attempt> {
        let failed = self.hosts.iter().find(|host| matches!(host.status, HostStatus::Failed | HostStatus::Stopped));
        let number = failed.and_then(|host| host.attempt);
        self.attempts.iter().rev().find(|attempt| number.is_none_or(|number| attempt.number == number))
    }

    pub(super) fn hosts_ended(&mut self, not_reached: &[String], note: Option<&str>, again: bool, duration_ms: u64) {
        self.hosts_note = note.map(str::to_owned);
        self.hosts_took = Some(self.hosts_took.unwrap_or(0).saturating_add(duration_ms));
        for host in &mut self.hosts {
            if not_reached.contains(&host.name) {
                host.status = HostStatus::NotReached;
            }
            // What is tried again by itself is known only now.
            if again
                && host.status == HostStatus::Failed
                && let Some(attempt) = self.attempts.iter_mut().rev().find(|one| Some(one.number) == host.attempt)
            {
                attempt.again = true;
            }
        }
    }

    pub(super) fn hosts_cut_off(&mut self) {
        for host in self.hosts.iter_mut().filter(|host| host.status == HostStatus::Running) {
            host.status = HostStatus::Interrupted;
        }
    }
}
