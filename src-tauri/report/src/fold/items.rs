//! Steps, items and attempts.

use engine::{
    ItemStatus,
    event::AttemptState,
    state::{Attempt as Tried, Host, HostStatus, ItemState},
};
use format::ItemKind;

use super::{Fold, seen::ItemSeen};
use crate::{
    model::{Attempt, Edit, Expected, HostRow, Item, Shape, Step},
    text::{counted, cut, listed},
    times::{after, between, clock, spoken, stamp, took, until, until_measured},
};

/// Stands for a person where the machine looked by itself.
const SENSED: &str = "sensed";
/// Characters of a result that is to be read at a glance.
const GLANCE: usize = 100;
/// So many hosts are named at a glance; more are counted.
const MOST_NAMED: usize = 4;

impl From<ItemStatus> for Shape {
    fn from(status: ItemStatus) -> Self {
        match status {
            ItemStatus::Pending => Self::Pending,
            ItemStatus::Ready => Self::Ready,
            ItemStatus::Running => Self::Running,
            ItemStatus::Waiting => Self::Waiting,
            ItemStatus::Passed => Self::Passed,
            ItemStatus::Failed => Self::Failed,
            ItemStatus::Skipped => Self::Skipped,
            ItemStatus::Overridden => Self::Overridden,
            ItemStatus::Undone => Self::Undone,
            ItemStatus::Interrupted => Self::Interrupted,
        }
    }
}

/// From when to when, as the record has it.
struct Span {
    from: Option<String>,
    to: Option<String>,
}

/// What one attempt that was all of an item lasted, in milliseconds: measured, whatever the clock was set to meanwhile.
fn measured(state: &ItemState, to: &str, seen: &ItemSeen) -> Option<u64> {
    let [only] = state.attempts.as_slice() else { return None };
    only.duration_ms.filter(|_| seen.ended.get(&only.number).is_some_and(|ended| ended == to))
}

impl Fold<'_> {
    pub(crate) fn step(&self, heading: &str, step: &format::Step, items: Vec<Item>) -> Step {
        let shape = together(&items);
        // Some of it is done and the rest is not: nothing of it runs.
        let begun = shape == Shape::Running && items.iter().all(|item| item.shape != Shape::Running);
        let shape = if begun { Shape::Ready } else { shape };
        // How long a step took says nothing of how long it was there before it was undone.
        let forward = items.iter().filter(|item| item.kind != ItemKind::Undo || shape != Shape::Undone);
        let ids: Vec<&str> = forward.map(|item| item.id.as_str()).collect();
        let spans: Vec<Span> = ids.iter().map(|id| self.span(id)).collect();
        // Times of a record have one form, so that their order is that of their text.
        let from = spans.iter().filter_map(|span| span.from.as_deref()).min();
        let to = spans.iter().filter_map(|span| span.to.as_deref()).max();
        let over = items.iter().all(|item| item.shape != Shape::Running) && shape != Shape::Skipped;
        // A clock that was set back in the midst of it measures nothing.
        let set_back = spans.iter().any(|span| span.to.is_some() && span.from > span.to);
        let took_ms = from.zip(to).filter(|_| over && !set_back).and_then(|(from, to)| between(from, to));
        let mut who: Vec<String> = Vec::new();
        for name in items.iter().flat_map(|item| &item.who) {
            if !who.contains(name) {
                who.push(name.clone());
            }
        }
        if who.len() > 1 {
            who.retain(|name| name != SENSED);
        }
        Step {
            number: step.number.as_deref().map(|number| self.door.line(number)),
            title: self.door.line(&self.filled(&step.title)),
            titled: step.number.is_some() || step.title.trim() != heading.trim(),
            shape,
            state: if begun { "begun, not finished" } else { shape.word() },
            who,
            took_ms,
            took: took_ms.map(took),
            result: cut(&result_of(&items, shape), GLANCE),
            items,
        }
    }

    pub(crate) fn item(&self, item: &format::Item, number: usize) -> Item {
        let nothing = (ItemState::default(), ItemSeen::default());
        let state = self.state.items.get(&item.id).unwrap_or(&nothing.0);
        let seen = self.seen.items.get(&item.id).unwrap_or(&nothing.1);
        let shape = Shape::from(state.status);
        let span = self.span(&item.id);
        let took_ms = match (span.from.as_deref(), span.to.as_deref()) {
            // What was left out took no time, whenever it was said.
            (Some(from), Some(to)) if !matches!(shape, Shape::Running | Shape::Skipped) => {
                measured(state, to, seen).or_else(|| between(from, to))
            }
            _ => None,
        };
        let remark = state.remark.as_deref().map(|remark| self.door.text(remark)).filter(|remark| !remark.is_empty());
        let remark = remark.filter(|_| !matches!(shape, Shape::Pending | Shape::Ready | Shape::Waiting));
        let attempts = self.attempts(&item.id, state, seen);
        let script = match item.kind {
            ItemKind::Check | ItemKind::Message => item.text.as_str(),
            _ => item.script.as_str(),
        };
        let untold = match item.kind {
            ItemKind::Check => false,
            ItemKind::Message => seen.sent.is_none(),
            _ => attempts.is_empty(),
        };
        Item {
            id: self.door.line(&item.id),
            anchor: format!("item-{number}"),
            kind: item.kind,
            label: self.label(&item.id),
            line: item.line,
            shape,
            state: shape.word(),
            who: self.who(item.kind, state, seen),
            started: span.from.as_deref().map(stamp),
            ended: span
                .to
                .as_deref()
                .filter(|_| shape != Shape::Running)
                .map(|to| until(span.from.as_deref().unwrap_or(to), to)),
            took_ms,
            took: took_ms.map(took),
            result: cut(&self.result(item.kind, state, remark.as_deref()), GLANCE),
            remark,
            confirmed: seen.confirmed.iter().map(|what| self.door.line(what)).collect(),
            edits: seen
                .edits
                .iter()
                .map(|edit| Edit {
                    at: stamp(&edit.at),
                    by: self.door.line(&edit.actor),
                    reason: self.door.line(&edit.reason),
                    text: self.door.text(&edit.text),
                })
                .collect(),
            sent: seen.sent.as_deref().map(|text| self.door.text(text)),
            script: (untold && !script.trim().is_empty()).then(|| self.door.text(&self.shown(item.kind, script))),
            hosts: self.hosts(state),
            attempts,
        }
    }

    /// A message is shown with the values that the run had; a command as it stands in the revision.
    fn shown(&self, kind: ItemKind, text: &str) -> String {
        if kind == ItemKind::Message { self.filled(text) } else { text.to_owned() }
    }

    fn who(&self, kind: ItemKind, state: &ItemState, seen: &ItemSeen) -> Vec<String> {
        if matches!(state.status, ItemStatus::Pending | ItemStatus::Ready | ItemStatus::Waiting) {
            return Vec::new();
        }
        if kind == ItemKind::Probe && !matches!(state.status, ItemStatus::Skipped | ItemStatus::Overridden) {
            return vec![SENSED.to_owned()];
        }
        seen.actors.iter().map(|actor| self.door.line(actor)).collect()
    }

    /// From when to when something was done to an item: its attempts; of a check, from its turn to its answer.
    fn span(&self, id: &str) -> Span {
        let seen = self.seen.items.get(id);
        let state = self.state.items.get(id);
        let settled = seen.and_then(|seen| seen.settled_at.clone());
        let tried = state.and_then(|state| state.attempts.first());
        let from = match tried {
            Some(first) => Some(first.started_at.clone()),
            None => seen.and_then(|seen| seen.ready_at.clone()).filter(|_| settled.is_some()).or(settled.clone()),
        };
        let last = state.and_then(|state| state.attempts.last());
        let ended = last.and_then(|last| seen.and_then(|seen| seen.ended.get(&last.number).cloned()));
        Span { from, to: ended.max(settled) }
    }

    /// A row for each of its hosts, those first that did not pass.
    fn hosts(&self, state: &ItemState) -> Vec<HostRow> {
        let mut rows: Vec<HostRow> = state.hosts.iter().map(|host| self.host(state, host)).collect();
        rows.sort_by_key(|row| row.shape == Shape::Passed);
        rows
    }

    fn host(&self, state: &ItemState, host: &Host) -> HostRow {
        let (shape, word) = match host.status {
            HostStatus::Waiting => (Shape::Pending, "not begun"),
            HostStatus::NotReached => (Shape::Pending, "not reached"),
            HostStatus::Running => (Shape::Running, "running"),
            HostStatus::Passed => (Shape::Passed, "passed"),
            HostStatus::Failed => (Shape::Failed, "failed"),
            HostStatus::Stopped => (Shape::Failed, "stopped"),
            HostStatus::Interrupted => (Shape::Interrupted, "interrupted"),
        };
        let begun = !matches!(host.status, HostStatus::Waiting | HostStatus::NotReached);
        let tried = state.attempts.iter().find(|tried| begun && Some(tried.number) == host.attempt);
        HostRow {
            name: self.door.line(&host.name),
            shape,
            state: word,
            exit: tried.map(exit).unwrap_or_default(),
            took: tried.and_then(|tried| tried.duration_ms).map(spoken),
            attempt: host.attempt,
        }
    }

    fn attempts(&self, id: &str, state: &ItemState, seen: &ItemSeen) -> Vec<Attempt> {
        let mut before: Option<&str> = None;
        let mut attempts = Vec::new();
        for tried in &state.attempts {
            let shape = match tried.state {
                Some(AttemptState::Passed) => Shape::Passed,
                Some(AttemptState::Stopped) if state.background => Shape::Passed,
                // A try of a probe that was followed by another by itself has not failed.
                Some(AttemptState::Failed) if tried.again && tried.of.is_none() => Shape::Pending,
                Some(AttemptState::Failed | AttemptState::Stopped) => Shape::Failed,
                None if state.status == ItemStatus::Running => Shape::Running,
                None => Shape::Interrupted,
            };
            let ended = seen.ended.get(&tried.number).cloned();
            let ended = ended.or_else(|| after(&tried.started_at, tried.duration_ms?));
            attempts.push(Attempt {
                number: tried.number,
                host: tried.host.as_deref().map(|host| self.door.line(host)),
                started: stamp(&tried.started_at),
                ended: ended.as_deref().map(|to| until_measured(&tried.started_at, to, tried.duration_ms)),
                took: tried.duration_ms.map(spoken),
                command: self.door.text(&tried.command),
                same_command: before == Some(tried.command.as_str()),
                target: self.door.line(&tried.target),
                cwd: self.door.line(&tried.cwd),
                shape,
                state: match shape {
                    Shape::Pending => "not yet",
                    _ if tried.state == Some(AttemptState::Stopped) => "stopped",
                    _ => shape.word(),
                },
                exit: exit(tried),
                note: tried.note.as_deref().map(|note| self.door.text(note)),
                expectations: tried
                    .expectations
                    .iter()
                    .map(|one| Expected {
                        expected: self.door.line(&one.expected),
                        observed: self.door.line(&one.observed),
                        holds: one.holds,
                    })
                    .collect(),
                typed: tried.typed,
                background: state.background,
                output: self.output(id, tried, seen),
            });
            before = Some(&tried.command);
        }
        attempts
    }

    /// What came of an item of several hosts: `passed on 6 of 8 hosts, failed on web3 and db1`.
    fn on_hosts(&self, state: &ItemState) -> String {
        let count = state.hosts_count();
        let named = |of: &dyn Fn(HostStatus) -> bool| -> String {
            let names: Vec<String> =
                state.hosts.iter().filter(|host| of(host.status)).map(|host| self.door.line(&host.name)).collect();
            if names.len() > MOST_NAMED { counted(names.len() as u64, "host", "hosts") } else { listed(&names) }
        };
        let mut said = vec![format!("passed on {} of {}", count.passed, counted(count.all, "host", "hosts"))];
        if count.failed > 0 {
            let failed = named(&|status| matches!(status, HostStatus::Failed | HostStatus::Stopped));
            said.push(format!("failed on {failed}"));
        }
        if count.interrupted > 0 {
            said.push(format!("nobody knows how it ended on {}", named(&|status| status == HostStatus::Interrupted)));
        }
        if count.open > 0 {
            let open = named(&|status| matches!(status, HostStatus::Waiting | HostStatus::NotReached));
            said.push(format!("not begun on {open}"));
        }
        let undone = (state.status == ItemStatus::Undone).then(|| "its step was rolled back".to_owned());
        said.into_iter().chain(undone).collect::<Vec<_>>().join(", ")
    }

    /// What came of an item, in a few words.
    fn result(&self, kind: ItemKind, state: &ItemState, remark: Option<&str>) -> String {
        if !state.hosts.is_empty() && !matches!(state.status, ItemStatus::Skipped | ItemStatus::Overridden) {
            return self.on_hosts(state);
        }
        // It was never known on which hosts.
        if let (true, ItemStatus::Failed, Some(note)) = (state.hosts.is_empty(), state.status, &state.hosts_note) {
            return self.door.line(note);
        }
        let last = state.attempts.last();
        match state.status {
            ItemStatus::Pending | ItemStatus::Ready => String::new(),
            ItemStatus::Waiting => "waits for a person".to_owned(),
            ItemStatus::Interrupted => "nobody knows how it ended".to_owned(),
            ItemStatus::Running => last.map_or_else(String::new, |last| attempt_number(last.number)),
            ItemStatus::Undone => {
                let how = remark.map(|remark| format!(": {}", self.door.line(remark))).unwrap_or_default();
                let failed = last.filter(|last| last.state == Some(AttemptState::Failed));
                let before = failed.map(|last| format!("failed ({}), then ", self.door.line(&went_wrong(last))));
                let before = before.unwrap_or_default();
                format!("{before}its step was rolled back at {} UTC{how}", clock(&state.at))
            }
            ItemStatus::Skipped | ItemStatus::Overridden => {
                remark.map(|remark| self.door.line(remark)).unwrap_or_default()
            }
            ItemStatus::Passed | ItemStatus::Failed => match last {
                Some(last) => {
                    let said = if state.status == ItemStatus::Passed { came(last) } else { went_wrong(last) };
                    let said = self.door.line(&said);
                    let tries = if last.number > 1 { attempt_number(last.number) } else { String::new() };
                    [tries, said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
                }
                None if kind == ItemKind::Message => "sent".to_owned(),
                None => remark.map(|remark| self.door.line(remark)).unwrap_or_default(),
            },
        }
    }
}

/// The state of a step is that of the item that says most about it.
fn together(items: &[Item]) -> Shape {
    let worst = [Shape::Failed, Shape::Interrupted, Shape::Running, Shape::Waiting, Shape::Ready];
    let has = |shape: &Shape| items.iter().any(|item| item.shape == *shape);
    if let Some(shape) = worst.into_iter().find(has) {
        return shape;
    }
    let forward: Vec<Shape> =
        items.iter().filter(|item| item.kind != ItemKind::Undo).map(|item| item.shape).collect();
    let all = |wanted: Shape| !forward.is_empty() && forward.iter().all(|shape| *shape == wanted);
    if all(Shape::Pending) && !items.iter().any(|item| item.shape == Shape::Passed) {
        Shape::Pending
    } else if forward.contains(&Shape::Undone) {
        Shape::Undone
    } else if all(Shape::Skipped) {
        Shape::Skipped
    } else if forward.contains(&Shape::Pending) {
        Shape::Running
    } else if forward.contains(&Shape::Overridden) {
        Shape::Overridden
    } else {
        Shape::Passed
    }
}

/// What came of a step: that of its only item, or of the one that failed; else how many commands there were.
fn result_of(items: &[Item], shape: Shape) -> String {
    let first = |wanted: Shape| items.iter().find(|item| item.shape == wanted).map(|item| item.result.clone());
    match (items, shape) {
        ([only], _) => only.result.clone(),
        (_, Shape::Failed | Shape::Interrupted | Shape::Skipped | Shape::Overridden | Shape::Waiting) => {
            first(shape).unwrap_or_default()
        }
        _ => {
            let commands = items.iter().filter(|item| matches!(item.kind, ItemKind::Command | ItemKind::Probe));
            let said: Vec<&Item> = commands.filter(|item| !item.attempts.is_empty()).collect();
            let most = said.iter().max_by_key(|item| item.attempts.len());
            match (most, said.len()) {
                (Some(item), 1) => item.result.clone(),
                (Some(item), count) => format!("{}, {}", item.result, counted(count as u64, "command", "commands")),
                (None, _) => String::new(),
            }
        }
    }
}

/// `second try`, `third try`, `4th try`.
pub(crate) fn attempt_number(number: u64) -> String {
    let word = match number {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        _ => {
            let ending = match (number % 100, number % 10) {
                (11..=13, _) => "th",
                (_, 1) => "st",
                (_, 2) => "nd",
                (_, 3) => "rd",
                _ => "th",
            };
            format!("{number}{ending}")
        }
    };
    format!("{word} try")
}

/// How an attempt ended, by its status or signal.
fn exit(tried: &Tried) -> String {
    match (&tried.signal, tried.exit, tried.state) {
        (Some(signal), _, _) => format!("ended by {signal}"),
        (None, Some(status), _) => format!("exit {status}"),
        (None, None, None) => "not ended".to_owned(),
        // What was measured has verdicts in the place of an exit status.
        (None, None, Some(_)) if measured_only(tried) => String::new(),
        (None, None, Some(_)) => "no exit status".to_owned(),
    }
}

fn measured_only(tried: &Tried) -> bool {
    !tried.expectations.is_empty() && tried.expectations.iter().all(|one| !is_status(&one.expected))
}

/// Whether that is expected of an exit status, as against what was printed or measured.
fn is_status(expected: &str) -> bool {
    let codes = |codes: &str| codes.split(" or ").all(|code| code.parse::<i32>().is_ok());
    expected == "any exit" || expected.strip_prefix("exit ").is_some_and(codes)
}

/// What an attempt that passed came back with: the last thing that was looked for, else its exit status.
fn came(tried: &Tried) -> String {
    let observed = tried.expectations.iter().rev().find(|one| !is_status(&one.expected));
    observed.map_or_else(|| exit(tried), |one| one.observed.clone())
}

/// What did not hold of an attempt.
pub(crate) fn went_wrong(tried: &Tried) -> String {
    let failed = tried.expectations.iter().find(|one| !one.holds);
    match (&tried.note, failed) {
        // What was measured says more than that its time was over.
        (Some(note), _) if tried.exit.is_none() && (tried.signal.is_some() || !measured_only(tried)) => note.clone(),
        (_, Some(one)) => one.observed.clone(),
        (Some(note), None) => note.clone(),
        (None, None) => exit(tried),
    }
}

#[cfg(test)]
mod tests {
    use super::is_status;

    #[test]
    fn what_is_expected_of_an_exit_status_is_told_from_a_text_that_speaks_of_one() {
        for status in ["exit 0", "exit 0 or 3", "exit -1", "any exit"] {
            assert!(is_status(status), "{status}");
        }
        for text in ["exit code", "exit 0 was seen", "/exit 0/", "exit ", "an exit"] {
            assert!(!is_status(text), "{text}");
        }
    }
}
