//! Every text of every kind of event passes the masker (ACCESS.md, "Masking").

use std::collections::BTreeMap;

use engine::{
    Fact, RunId,
    event::{AttemptState, FinishState, LinkedState, Mode, Parent},
};
use serde_json::Value;

const CANARY: &str = "canary9876543";

/// What is written as it is: ids, hashes, times, and names of variables and of access entries. Whoever writes one makes sure that it holds no
/// secret: a runbook with one in a name is not started, and such a variable does not carry.
const AS_THEY_ARE: &[&str] = &[
    "run_started.revision",
    "run_started.parent.run",
    "run_started.parent.item",
    "parameter_set.name",
    "attempt_started.host",
    "output.sha256",
    "output.whole_sha256",
    "attempt_ended.host",
    "hosts_started.hosts",
    "hosts_ended.failed",
    "hosts_ended.not_reached",
    "marked.when",
    "branched.to",
    "branched.again",
    "linked_run.child",
    "variables_set.values",
    "variables_set.plain",
    "variables_set.unset",
    "variables_set.in_memory",
    "rollback_started.plan",
    "plan_chosen.plan",
    "resumed.lost",
];

/// One of each kind, the canary in every text. A new kind does not compile here until it has its row, a new field until
/// it is named.
fn facts() -> Vec<Fact> {
    let text = || CANARY.to_owned();
    let some = || Some(text());
    let all = || vec![text()];
    let facts = vec![
        Fact::RunStarted {
            path: text(),
            title: text(),
            revision: text(),
            mode: Mode::Auto,
            environment: some(),
            version: text(),
            step: some(),
            commit: some(),
            differs: true,
            parent: Some(Parent { run: RunId(text()), item: text() }),
            schedule: some(),
        },
        Fact::ParameterSet { name: text(), value: some(), from: text() },
        Fact::ItemReady { item: text(), needs: some() },
        Fact::AttemptStarted {
            item: text(),
            attempt: 1,
            command: text(),
            target: text(),
            cwd: text(),
            of: None,
            background: false,
            host: some(),
        },
        Fact::Output {
            item: text(),
            attempt: 1,
            offset: 0,
            length: 0,
            sha256: text(),
            left_out: None,
            whole_sha256: some(),
        },
        Fact::Expectation { item: text(), attempt: 1, expected: text(), observed: text(), holds: false },
        Fact::AttemptEnded {
            item: text(),
            attempt: 1,
            state: AttemptState::Failed,
            exit: None,
            signal: some(),
            note: some(),
            again: false,
            duration_ms: 0,
            host: some(),
        },
        Fact::HostsStarted { item: text(), hosts: all(), at_once: 1, batch: None, max_fail: None },
        Fact::HostsEnded {
            item: text(),
            state: AttemptState::Failed,
            passed: 0,
            failed: all(),
            not_reached: all(),
            note: some(),
            again: false,
            duration_ms: 0,
        },
        Fact::CheckTicked { item: text(), note: some() },
        Fact::CheckUnticked { item: text(), note: some() },
        Fact::CheckFailed { item: text(), note: some() },
        Fact::Confirmed { item: some(), what: text() },
        Fact::InputSent { item: text(), attempt: 1 },
        Fact::MessageSent { item: text(), text: text() },
        Fact::LinkOpened { url: text(), item: some() },
        Fact::Note { text: text(), item: some() },
        Fact::Marked { what: text(), value: some(), when: some(), role: some(), reason: some(), withdrawn: false },
        Fact::Branched { item: some(), to: text(), again: all() },
        Fact::LinkedRun { item: text(), child: RunId(text()), state: LinkedState::Opened },
        Fact::Skipped { item: text(), reason: text() },
        Fact::Overridden { item: text(), reason: text() },
        Fact::Deviation { item: text(), reason: text(), text: text() },
        Fact::VariablesSet {
            item: some(),
            values: BTreeMap::from([(format!("NAME_{CANARY}"), text())]),
            plain: all(),
            unset: all(),
            cwd: some(),
            target: Some(text()),
            in_memory: all(),
        },
        Fact::RollbackStarted { plan: all() },
        Fact::Undone { item: text(), note: some() },
        Fact::PlanChosen { plan: all() },
        Fact::Paused { reason: some() },
        Fact::Resumed { mode: None, lost: all(), taken_up: false },
        Fact::Interrupted { item: some() },
        Fact::Stopped { item: some(), reason: some() },
        Fact::HandedOver { to: text() },
        Fact::RunFinished { state: FinishState::Failed, reason: some() },
    ];
    for fact in &facts {
        match fact {
            Fact::RunStarted { .. }
            | Fact::ParameterSet { .. }
            | Fact::ItemReady { .. }
            | Fact::AttemptStarted { .. }
            | Fact::Output { .. }
            | Fact::Expectation { .. }
            | Fact::AttemptEnded { .. }
            | Fact::HostsStarted { .. }
            | Fact::HostsEnded { .. }
            | Fact::CheckTicked { .. }
            | Fact::CheckUnticked { .. }
            | Fact::CheckFailed { .. }
            | Fact::Confirmed { .. }
            | Fact::InputSent { .. }
            | Fact::MessageSent { .. }
            | Fact::LinkOpened { .. }
            | Fact::Note { .. }
            | Fact::Marked { .. }
            | Fact::Branched { .. }
            | Fact::LinkedRun { .. }
            | Fact::Skipped { .. }
            | Fact::Overridden { .. }
            | Fact::Deviation { .. }
            | Fact::VariablesSet { .. }
            | Fact::RollbackStarted { .. }
            | Fact::Undone { .. }
            | Fact::PlanChosen { .. }
            | Fact::Paused { .. }
            | Fact::Resumed { .. }
            | Fact::Interrupted { .. }
            | Fact::Stopped { .. }
            | Fact::HandedOver { .. }
            | Fact::RunFinished { .. } => {}
        }
    }
    facts
}

/// Where the canary still stands: `kind.field`, without the ids of items.
fn left(place: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(CANARY) => found.push(place.to_owned()),
        Value::Array(values) => values.iter().for_each(|value| left(place, value, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name.contains(CANARY) {
                    found.push(place.to_owned());
                    left(place, value, found);
                } else {
                    left(&format!("{place}.{name}"), value, found);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_text_of_every_kind_of_event_is_masked_but_for_names_and_hashes() {
    let mut found = Vec::new();
    let mut kinds = Vec::new();
    for fact in facts() {
        let value = serde_json::to_value(fact.map_text(|text| text.replace(CANARY, "mark"))).unwrap();
        let kind = value["kind"].as_str().unwrap().to_owned();
        left(&kind, &value, &mut found);
        kinds.push(kind);
    }
    found.retain(|place| !place.ends_with(".item") || place.ends_with(".parent.item"));
    assert_eq!(found, AS_THEY_ARE);
    let count = kinds.len();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), count, "one of each kind");
}
