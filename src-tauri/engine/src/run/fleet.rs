//! A command, undo or probe on several hosts at once: which hosts, how many at a time, and what their ends come to.
//!
//! Each host gets an attempt of its own, with its own output, time-out and expectations; what is said here is when each
//! begins. Nothing that a host exports carries on, as each might export something else.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use format::{Fleet, Item, On};

use super::{
    Refusal,
    decide::World,
    driver::Driver,
    plan::label,
    trying::{Live, not_started},
};
use crate::{
    event::{AttemptState, Fact},
    journal::JournalError,
    state::HostStatus,
};

/// So many hosts are named in a sentence.
const NAMED: usize = 5;

/// The access entries that an item runs on, where it may be several.
///
/// # Errors
/// When a name of its `on` stands for nothing certain.
pub(crate) fn hosts(world: &World<'_>, item: &Item) -> Result<Option<Vec<String>>, Refusal> {
    let Some(On::Hosts(names)) = &item.options.on else { return Ok(None) };
    let found = match &world.spec.access {
        Some(access) => access.hosts(names),
        None => Ok(names.clone()),
    };
    found.map(Some).map_err(|sentence| Refusal::Guard(format!("{}: {sentence}", label(item))))
}

/// ` on 12 hosts (web1, web2, web3, web4, web5 and 7 more)`.
pub(crate) fn on_hosts(hosts: &[String]) -> String {
    let named = some_of(hosts);
    match hosts.len() {
        1 => format!(" on 1 host ({named})"),
        count => format!(" on {count} hosts ({named})"),
    }
}

/// The first of some names, and how many more there are.
fn some_of(names: &[String]) -> String {
    let shown = names.get(..NAMED).unwrap_or(names).join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// One go at several hosts.
#[derive(Debug)]
pub(crate) struct Round {
    began: Instant,
    waiting: VecDeque<String>,
    running: Vec<String>,
    failed: Vec<String>,
    at_once: usize,
    /// One process serves all hosts of a batch, and sees to `at_once` itself.
    together: bool,
    batch: Option<usize>,
    /// How many more of the batch under way may begin.
    left_in_batch: usize,
    /// More failures than this, and nothing further begins.
    tolerates: Option<usize>,
    stopped: bool,
    out_of_time: bool,
}

impl Round {
    /// None of `hosts` has begun; `all` is how many the item has, those that passed before among them.
    pub(crate) fn new(hosts: Vec<String>, all: usize, fleet: &Fleet, began: Instant) -> Self {
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            began,
            waiting: hosts.into(),
            running: Vec::new(),
            failed: Vec::new(),
            at_once: number(fleet.at_once.unwrap_or(Fleet::AT_ONCE)),
            together: false,
            batch: fleet.batch.map(number),
            left_in_batch: 0,
            tolerates: fleet.tolerates(all),
            stopped: false,
            out_of_time: false,
        }
    }

    /// Nothing further begins, since a person said so.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Nothing further begins, since the time is over.
    pub(crate) fn out_of_time(&mut self) {
        self.out_of_time = true;
    }

    fn has_failed_too_often(&self) -> bool {
        self.tolerates.is_some_and(|most| self.failed.len() > most)
    }

    fn goes_on(&self) -> bool {
        !self.stopped && !self.out_of_time && !self.has_failed_too_often()
    }

    /// The hosts on which it begins now.
    fn begin(&mut self) -> Vec<String> {
        let mut begin = Vec::new();
        while self.goes_on() && (self.together || self.running.len() < self.at_once) {
            if self.left_in_batch == 0 {
                if !self.running.is_empty() {
                    break;
                }
                self.left_in_batch = self.batch.unwrap_or(usize::MAX);
            }
            let Some(host) = self.waiting.pop_front() else { break };
            self.left_in_batch -= 1;
            self.running.push(host.clone());
            begin.push(host);
        }
        begin
    }

    /// It did not begin there after all.
    fn put_back(&mut self, hosts: Vec<String>) {
        self.running.retain(|host| !hosts.contains(host));
        self.left_in_batch = self.left_in_batch.saturating_add(hosts.len());
        for host in hosts.into_iter().rev() {
            self.waiting.push_front(host);
        }
    }

    fn ended(&mut self, host: &str, passed: bool) {
        self.running.retain(|running| running != host);
        if !passed {
            self.failed.push(host.to_owned());
        }
    }

    fn is_over(&self) -> bool {
        self.running.is_empty() && (self.waiting.is_empty() || !self.goes_on())
    }

    fn state(&self) -> AttemptState {
        match (self.stopped, self.failed.is_empty() && self.waiting.is_empty()) {
            (_, true) => AttemptState::Passed,
            (true, false) => AttemptState::Stopped,
            (false, false) => AttemptState::Failed,
        }
    }

    /// Why it was not begun on some.
    fn why_not_all(&self) -> Option<String> {
        let waiting: Vec<String> = self.waiting.iter().cloned().collect();
        let left = match waiting.len() {
            0 => return None,
            count => format!("not begun on {count} ({})", some_of(&waiting)),
        };
        Some(match self.tolerates.filter(|_| self.has_failed_too_often()) {
            _ if self.stopped => format!("stopped: {left}"),
            Some(most) => format!("it failed on {}, and {most} may fail: {left}", self.failed.len()),
            None => left,
        })
    }
}

impl Live {
    /// It has ended on one of its hosts.
    pub(super) fn host_ended(&mut self, host: &str, passed: bool, stopped: bool) {
        if let Some(round) = &mut self.round {
            round.ended(host, passed);
            if stopped {
                round.stop();
            }
        }
    }
}

impl Driver {
    /// Begins a round: on the hosts on which the item has not passed yet, where it failed or was cut off, else on all.
    pub(super) fn try_on_hosts(&mut self, item: &str) -> Result<(), JournalError> {
        let Some(live) = self.lives.get(item) else { return Ok(()) };
        let mut hosts = live.prepared.hosts.clone().unwrap_or_default();
        let (all, fleet) = (hosts.len(), live.prepared.fleet);
        if let Some(known) = self.state.items.get(item)
            && known.goes_on_with_hosts()
        {
            let passed = |host: &String| {
                known.hosts.iter().any(|known| known.name == *host && known.status == HostStatus::Passed)
            };
            hosts.retain(|host| !passed(host));
        }
        let together = live.prepared.ansible.is_some();
        let round = Round { together, ..Round::new(hosts.clone(), all, &fleet, Instant::now()) };
        let number = |number: Option<usize>| number.map(|number| number as u64);
        self.keep(Fact::HostsStarted {
            item: item.to_owned(),
            hosts,
            at_once: round.at_once as u64,
            batch: number(round.batch),
            max_fail: number(round.tolerates),
        });
        if let Some(live) = self.lives.get_mut(item) {
            live.tries.begin();
            live.round = Some(round);
        }
        self.go_on_with_hosts(item)
    }

    /// Begins on as many hosts as may run now; ends the round when nothing runs and nothing is to begin.
    pub(super) fn go_on_with_hosts(&mut self, item: &str) -> Result<(), JournalError> {
        loop {
            let Some(round) = self.lives.get_mut(item).and_then(|live| live.round.as_mut()) else { return Ok(()) };
            let begin = round.begin();
            if begin.is_empty() {
                if round.is_over() {
                    self.hosts_over(item);
                }
                return Ok(());
            }
            self.begin_on(item, begin)?;
        }
    }

    /// Begins on these hosts: their starts are on disk before any process of theirs exists.
    fn begin_on(&mut self, item: &str, hosts: Vec<String>) -> Result<(), JournalError> {
        let before = self.before();
        let Some(live) = self.lives.get(item) else { return Ok(()) };
        let (first, left) = (live.number + 1, live.tries.left());
        let (command, cwd) = (live.prepared.script.clone(), live.prepared.cwd.to_string_lossy().into_owned());
        let all = live.prepared.hosts.as_ref().map_or(0, Vec::len) as u64;
        let together = live.prepared.ansible.is_some();
        let mut begun = Vec::new();
        for (number, host) in (first..).zip(hosts) {
            // Looked up first: the record says where it leads.
            let reached = match together {
                true => Ok(None),
                false => self.reach(&On::Entry(host.clone())).map(Some),
            };
            self.keep(Fact::AttemptStarted {
                item: item.to_owned(),
                attempt: number,
                command: command.clone(),
                target: match &reached {
                    Ok(Some(reached)) => reached.place.clone(),
                    Ok(None) => format!("ansible:{host}"),
                    Err(_) => host.clone(),
                },
                cwd: cwd.clone(),
                of: left.filter(|left| *left > 0).map(|left| number + left * all),
                background: false,
                host: Some(host.clone()),
            });
            begun.push((number, host, reached));
        }
        self.shared.set_busy(true);
        if let Err(error) = self.flush() {
            self.take_back(before, &error);
            let hosts = begun.into_iter().map(|(_, host, _)| host).collect();
            if let Some(live) = self.lives.get_mut(item) {
                live.next_try = Some(Instant::now());
                if let Some(round) = &mut live.round {
                    round.put_back(hosts);
                }
            }
            return Err(error);
        }
        if together {
            let begun: Vec<(u64, String)> = begun.into_iter().map(|(number, host, _)| (number, host)).collect();
            if let (Some(live), Some((last, _))) = (self.lives.get_mut(item), begun.last()) {
                live.number = *last;
            }
            if let Some(sentence) = self.start_together(item, &begun) {
                for (number, host) in begun {
                    self.attempt_ended(item, number, not_started(format!("{host}: {sentence}")));
                }
            }
            return Ok(());
        }
        for (number, host, reached) in begun {
            if let Some(live) = self.lives.get_mut(item) {
                live.number = number;
            }
            if let Some(sentence) = self.start_attempt(item, number, Some(host), reached) {
                self.attempt_ended(item, number, not_started(sentence));
            }
        }
        Ok(())
    }

    /// It has ended on every host, or nothing further begins.
    fn hosts_over(&mut self, item: &str) {
        let Some(mut live) = self.lives.remove(item) else { return };
        let Some(round) = live.round.take() else { return };
        let now = Instant::now();
        let state = round.state();
        let settled = state != AttemptState::Failed || self.end_as.is_some();
        let again = if settled { None } else { live.tries.next(round.began, now) };
        let given_up = again.is_none() && state == AttemptState::Failed;
        let why = live.tries.why(round.out_of_time, given_up, now);
        let note: Vec<String> = why.into_iter().chain(round.why_not_all()).collect();
        let took = now.saturating_duration_since(round.began).max(Duration::ZERO);
        // With those on which it had passed before.
        let passed = self.state.items.get(item).map_or(0, |item| item.hosts_count().passed);
        self.keep(Fact::HostsEnded {
            item: item.to_owned(),
            state,
            passed,
            failed: round.failed,
            not_reached: round.waiting.into(),
            note: (!note.is_empty()).then(|| note.join("; ")),
            again: again.is_some(),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX >> 11),
        });
        self.memory.previous = None;
        self.left_by_failed.remove(item);
        if again.is_some() {
            live.next_try = again;
            self.lives.insert(item.to_owned(), live);
        }
    }
}

#[cfg(test)]
mod tests {
    use format::MaxFail;

    use super::*;

    fn round(hosts: usize, fleet: Fleet) -> Round {
        Round::new((1..=hosts).map(|host| format!("h{host}")).collect(), hosts, &fleet, Instant::now())
    }

    fn all_end(round: &mut Round, fails: &[&str]) {
        for host in round.running.clone() {
            round.ended(&host, !fails.contains(&host.as_str()));
        }
    }

    #[test]
    fn no_more_than_so_many_run_at_once_and_one_that_ends_makes_room_for_the_next() {
        let mut round = round(5, Fleet { at_once: Some(2), ..Fleet::default() });
        assert_eq!(round.begin(), ["h1", "h2"]);
        assert!(round.begin().is_empty());
        round.ended("h2", false);
        assert_eq!(round.begin(), ["h3"]);
        all_end(&mut round, &[]);
        assert_eq!(round.begin(), ["h4", "h5"]);
        all_end(&mut round, &[]);
        assert!(round.is_over());
        assert_eq!((round.failed.len(), round.state()), (1, AttemptState::Failed));
        assert_eq!(round.why_not_all(), None, "without a bound all are tried");
    }

    #[test]
    fn a_batch_begins_when_the_one_before_has_passed_and_not_otherwise() {
        let mut round = round(6, Fleet { batch: Some(2), ..Fleet::default() });
        assert_eq!(round.begin(), ["h1", "h2"]);
        round.ended("h1", true);
        assert!(round.begin().is_empty(), "the batch is not over");
        round.ended("h2", true);
        assert_eq!(round.begin(), ["h3", "h4"]);
        all_end(&mut round, &["h4"]);
        assert!(round.begin().is_empty() && round.is_over());
        let why = round.why_not_all().unwrap();
        assert_eq!(why, "it failed on 1, and 0 may fail: not begun on 2 (h5, h6)");
    }

    #[test]
    fn as_many_failures_as_are_tolerated_stop_nothing_and_one_more_does() {
        let fleet = Fleet { batch: Some(2), max_fail: Some(MaxFail::Hosts(1)), ..Fleet::default() };
        let mut round = round(7, fleet);
        round.begin();
        all_end(&mut round, &["h1"]);
        assert_eq!(round.begin(), ["h3", "h4"]);
        all_end(&mut round, &["h3"]);
        assert!(round.begin().is_empty() && round.is_over());
        assert_eq!((round.failed.len(), round.waiting.len()), (2, 3));
    }

    #[test]
    fn what_is_stopped_begins_nowhere_else() {
        let mut round = round(3, Fleet { at_once: Some(1), ..Fleet::default() });
        round.begin();
        round.stop();
        assert!(!round.is_over(), "one of them still runs");
        all_end(&mut round, &["h1"]);
        assert!(round.begin().is_empty() && round.is_over());
        assert_eq!(round.state(), AttemptState::Stopped);
    }

    #[test]
    fn what_the_journal_did_not_keep_begins_again_in_its_order() {
        let mut round = round(3, Fleet { batch: Some(2), ..Fleet::default() });
        let begun = round.begin();
        round.put_back(begun);
        assert_eq!(round.begin(), ["h1", "h2"]);
        all_end(&mut round, &[]);
        assert_eq!(round.begin(), ["h3"]);
    }
}
