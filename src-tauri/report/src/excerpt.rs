//! How much of what commands printed is taken into a report: enough to read, never so much that nobody could open it.

use std::collections::BTreeMap;

use engine::{Event, Fact, RunState, event::AttemptState};

/// Output up to this many bytes stands in a report whole.
const WHOLE: u64 = 64 * 1024;
/// Of more than that, this many bytes from its beginning,
const FIRST: u64 = 16 * 1024;
/// and this many from its end, where a failure usually says why.
const LAST: u64 = 32 * 1024;
/// The most bytes of all attempts together.
const ALL: u64 = 8 * 1024 * 1024;

/// A range of an attempt's output that a report wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Which item.
    pub item: String,
    /// Which attempt.
    pub attempt: u64,
    /// Where it begins.
    pub offset: u64,
    /// How many bytes at most.
    pub limit: u64,
}

/// What a report of these events wants of the output. What failed comes first where not all of it has room.
#[must_use]
pub fn excerpts(events: &[Event]) -> Vec<Excerpt> {
    let state = events.iter().fold(RunState::default(), RunState::apply);
    let mut attempts: Vec<(bool, &str, u64, u64)> = Vec::new();
    for (id, item) in &state.items {
        for attempt in item.attempts.iter().filter(|attempt| attempt.output_bytes > 0) {
            let passed = attempt.state == Some(AttemptState::Passed);
            attempts.push((passed, id, attempt.number, attempt.output_bytes));
        }
    }
    let order = order(events);
    let place = |item: &str, attempt: u64| order.get(&(item, attempt)).copied().unwrap_or(u64::MAX);
    attempts.sort_by_key(|(passed, item, attempt, _)| (*passed, place(item, *attempt)));
    let mut room = ALL;
    let mut wanted = Vec::new();
    for (_, item, attempt, bytes) in attempts {
        let ranges = if bytes <= WHOLE { vec![(0, bytes)] } else { vec![(0, FIRST), (bytes - LAST, LAST)] };
        let needed: u64 = ranges.iter().map(|(_, limit)| limit).sum();
        let Some(left) = room.checked_sub(needed) else { continue };
        room = left;
        let excerpt = |(offset, limit)| Excerpt { item: item.to_owned(), attempt, offset, limit };
        wanted.extend(ranges.into_iter().map(excerpt));
    }
    wanted
}

/// Where each attempt began, by its event.
fn order(events: &[Event]) -> BTreeMap<(&str, u64), u64> {
    let started = events.iter().filter_map(|event| match &event.fact {
        Fact::AttemptStarted { item, attempt, .. } => Some(((item.as_str(), *attempt), event.seq)),
        _ => None,
    });
    started.collect()
}

#[cfg(test)]
mod tests {
    use engine::RunId;

    use super::*;

    fn event(seq: u64, fact: Fact) -> Event {
        Event { run: RunId("r".into()), seq, at: String::new(), actor: String::new(), fact, hash: String::new() }
    }

    fn attempt(events: &mut Vec<Event>, item: &str, length: u64, state: AttemptState) {
        let (item, attempt) = (item.to_owned(), 1);
        let (command, target, cwd) = (String::new(), String::new(), String::new());
        let facts = [
            Fact::AttemptStarted {
                item: item.clone(),
                attempt,
                command,
                target,
                cwd,
                of: None,
                background: false,
                host: None,
            },
            Fact::Output {
                item: item.clone(),
                attempt,
                offset: 0,
                length,
                sha256: String::new(),
                left_out: None,
                whole_sha256: None,
            },
            Fact::AttemptEnded {
                item,
                attempt,
                state,
                exit: None,
                signal: None,
                note: None,
                again: false,
                duration_ms: 1,
                host: None,
            },
        ];
        for fact in facts {
            events.push(event(events.len() as u64 + 1, fact));
        }
    }

    #[test]
    fn short_output_is_wanted_whole_and_of_long_output_both_ends() {
        let mut events = Vec::new();
        attempt(&mut events, "short", 100, AttemptState::Passed);
        attempt(&mut events, "long", 1_000_000, AttemptState::Passed);
        attempt(&mut events, "silent", 0, AttemptState::Passed);
        let found: Vec<_> = excerpts(&events).into_iter().map(|one| (one.item, one.offset, one.limit)).collect();
        let expected = [("short", 0, 100), ("long", 0, FIRST), ("long", 1_000_000 - LAST, LAST)];
        assert_eq!(found, expected.map(|(item, offset, limit)| (item.to_owned(), offset, limit)));
    }

    #[test]
    fn all_of_it_is_bounded_and_what_failed_comes_first() {
        let mut events = Vec::new();
        for number in 0..400 {
            attempt(&mut events, &format!("item-{number}"), WHOLE, AttemptState::Passed);
        }
        attempt(&mut events, "bad", WHOLE, AttemptState::Failed);
        let found = excerpts(&events);
        assert_eq!(found[0].item, "bad");
        assert_eq!(found.iter().map(|one| one.limit).sum::<u64>(), ALL);
    }
}
