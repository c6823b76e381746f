//! Every state of RUNS.md's two tables against every kind of event: where it leads, and what it leaves alone.
//!
//! Nothing is an error in `apply`: it is total, so that a journal that another version wrote, or somebody damaged, can
//! still be read (`allgood verify` says that it does not hold). What a person must not do is refused before an event comes
//! of it; `by_hand.rs`, `rolling_back.rs` and `taking_up.rs` hold that.

use std::collections::BTreeSet;

use engine::{Event, Fact, RunId, RunState, RunStatus, event::FinishState, state::ItemStatus};
use serde_json::{Value, json};

/// Pending, ready, running, waiting, passed, failed, skipped, overridden, undone, interrupted.
const ITEM: &str = ".o*?+X-/<!";
/// Waiting, running, paused, passed, failed, rolled back, abandoned, handed over, interrupted.
const RUN: &str = "?*=+X<#>!";

const ITEMS: [ItemStatus; 10] = [
    ItemStatus::Pending,
    ItemStatus::Ready,
    ItemStatus::Running,
    ItemStatus::Waiting,
    ItemStatus::Passed,
    ItemStatus::Failed,
    ItemStatus::Skipped,
    ItemStatus::Overridden,
    ItemStatus::Undone,
    ItemStatus::Interrupted,
];

const RUNS: [RunStatus; 9] = [
    RunStatus::Waiting,
    RunStatus::Running,
    RunStatus::Paused,
    RunStatus::Passed,
    RunStatus::Failed,
    RunStatus::RolledBack,
    RunStatus::Abandoned,
    RunStatus::HandedOver,
    RunStatus::Interrupted,
];

/// A new state does not compile here until it has a letter, and does not pass until it has a column.
fn item_letter(status: ItemStatus) -> char {
    match status {
        ItemStatus::Pending => '.',
        ItemStatus::Ready => 'o',
        ItemStatus::Running => '*',
        ItemStatus::Waiting => '?',
        ItemStatus::Passed => '+',
        ItemStatus::Failed => 'X',
        ItemStatus::Skipped => '-',
        ItemStatus::Overridden => '/',
        ItemStatus::Undone => '<',
        ItemStatus::Interrupted => '!',
    }
}

fn run_letter(status: RunStatus) -> char {
    match status {
        RunStatus::Waiting => '?',
        RunStatus::Running => '*',
        RunStatus::Paused => '=',
        RunStatus::Passed => '+',
        RunStatus::Failed => 'X',
        RunStatus::RolledBack => '<',
        RunStatus::Abandoned => '#',
        RunStatus::HandedOver => '>',
        RunStatus::Interrupted => '!',
    }
}

fn finishes(status: RunStatus) -> bool {
    match status {
        RunStatus::Passed
        | RunStatus::Failed
        | RunStatus::RolledBack
        | RunStatus::Abandoned
        | RunStatus::HandedOver => true,
        RunStatus::Waiting | RunStatus::Running | RunStatus::Paused | RunStatus::Interrupted => false,
    }
}

/// The number of a kind of event. A new kind does not compile here until it is counted, and does not pass until the table
/// has a row for it.
fn kind(fact: &Fact) -> usize {
    match fact {
        Fact::RunStarted { .. } => 0,
        Fact::ParameterSet { .. } => 1,
        Fact::ItemReady { .. } => 2,
        Fact::AttemptStarted { .. } => 3,
        Fact::Output { .. } => 4,
        Fact::Expectation { .. } => 5,
        Fact::AttemptEnded { .. } => 6,
        Fact::CheckTicked { .. } => 7,
        Fact::CheckUnticked { .. } => 8,
        Fact::CheckFailed { .. } => 9,
        Fact::Confirmed { .. } => 10,
        Fact::InputSent { .. } => 11,
        Fact::MessageSent { .. } => 12,
        Fact::LinkOpened { .. } => 13,
        Fact::Note { .. } => 14,
        Fact::Marked { .. } => 15,
        Fact::Branched { .. } => 16,
        Fact::Skipped { .. } => 17,
        Fact::Overridden { .. } => 18,
        Fact::Deviation { .. } => 19,
        Fact::VariablesSet { .. } => 20,
        Fact::RollbackStarted { .. } => 21,
        Fact::Undone { .. } => 22,
        Fact::PlanChosen { .. } => 23,
        Fact::Paused { .. } => 24,
        Fact::Resumed { .. } => 25,
        Fact::Interrupted { .. } => 26,
        Fact::Stopped { .. } => 27,
        Fact::HandedOver { .. } => 28,
        Fact::RunFinished { .. } => 29,
        Fact::LinkedRun { .. } => 30,
        Fact::HostsStarted { .. } => 31,
        Fact::HostsEnded { .. } => 32,
    }
}

const KINDS: usize = 33;

/// What happens, what becomes of the item `x` from each of its states, and of the run from each of its own.
fn table() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let attempt = |state: &str, again: bool| json!({"kind": "attempt_ended", "item": "x", "attempt": 1, "state": state, "again": again, "duration_ms": 1});
    let started = |background: bool| {
        json!({
            "kind": "attempt_started", "item": "x", "attempt": 1, "command": "c", "target": "t", "cwd": "/",
            "background": background,
        })
    };
    let on_host = || json!({"kind": "attempt_ended", "item": "x", "attempt": 1, "state": "failed", "host": "a", "duration_ms": 1});
    let hosts_ended = |state: &str, again: bool| json!({"kind": "hosts_ended", "item": "x", "state": state, "passed": 0, "again": again, "duration_ms": 1});
    let finished = |state: &str| json!({"kind": "run_finished", "state": state});
    let linked = |state: &str| json!({"kind": "linked_run", "item": "x", "child": "c", "state": state});
    vec![
        // A run begins once; whatever stands before is taken for a run under way.
        (
            "run started",
            json!({"kind": "run_started", "path": "p", "title": "t", "revision": "r", "mode": "hand", "version": "v"}),
            ITEM,
            "?*???????",
        ),
        ("a value is given", json!({"kind": "parameter_set", "name": "n", "from": "person"}), ITEM, RUN),
        ("its turn", json!({"kind": "item_ready", "item": "x"}), "oooooooooo", RUN),
        ("a person is needed", json!({"kind": "item_ready", "item": "x", "needs": "n"}), "??????????", RUN),
        // What was put aside, is over or was cut off stays so, whatever an event that does not fit may say.
        ("an attempt starts", started(false), "**********", "**=+X<#>!"),
        ("an attempt starts in the background", started(true), "**********", RUN),
        (
            "output",
            json!({"kind": "output", "item": "x", "attempt": 1, "offset": 0, "length": 1, "sha256": ""}),
            ITEM,
            RUN,
        ),
        (
            "expected against observed",
            json!({"kind": "expectation", "item": "x", "attempt": 1, "expected": "", "observed": "", "holds": false}),
            ITEM,
            RUN,
        ),
        ("an attempt passes", attempt("passed", false), "++++++++++", RUN),
        ("an attempt fails", attempt("failed", false), "XXXXXXXXXX", RUN),
        ("an attempt is stopped", attempt("stopped", false), "XXXXXXXXXX", RUN),
        ("a try fails and another follows", attempt("failed", true), "**********", "**=+X<#>!"),
        // Of several hosts the end of all of them says how the item stands.
        (
            "it begins on its hosts",
            json!({"kind": "hosts_started", "item": "x", "hosts": ["a"], "at_once": 10}),
            "**********",
            "**=+X<#>!",
        ),
        ("an attempt on one of them ends", on_host(), ITEM, RUN),
        ("it passes on all of them", hosts_ended("passed", false), "++++++++++", RUN),
        ("it fails on some of them", hosts_ended("failed", false), "XXXXXXXXXX", RUN),
        ("it is stopped on its hosts", hosts_ended("stopped", false), "XXXXXXXXXX", RUN),
        ("it is tried again on some of them", hosts_ended("failed", true), "**********", "**=+X<#>!"),
        ("a check is ticked", json!({"kind": "check_ticked", "item": "x"}), "++++++++++", RUN),
        ("a tick is taken back", json!({"kind": "check_unticked", "item": "x"}), "..........", RUN),
        ("a check does not hold", json!({"kind": "check_failed", "item": "x"}), "XXXXXXXXXX", RUN),
        ("a question is answered", json!({"kind": "confirmed", "item": "x", "what": "yes"}), ITEM, RUN),
        ("a guard is answered", json!({"kind": "confirmed", "what": "yes"}), ITEM, RUN),
        ("something is typed", json!({"kind": "input_sent", "item": "x", "attempt": 1}), ITEM, RUN),
        ("a message is sent", json!({"kind": "message_sent", "item": "x", "text": ""}), "++++++++++", RUN),
        ("a link is opened", json!({"kind": "link_opened", "url": "u", "item": "x"}), ITEM, RUN),
        ("a note", json!({"kind": "note", "text": "n", "item": "x"}), ITEM, RUN),
        ("a mark", json!({"kind": "marked", "what": "detected"}), ITEM, RUN),
        ("a branch forward", json!({"kind": "branched", "item": "x", "to": "y"}), ITEM, RUN),
        ("a branch back over it", json!({"kind": "branched", "to": "x", "again": ["x"]}), "..........", RUN),
        // How it ends is said of the check by an event of its own.
        ("its run is opened", linked("opened"), "??????????", RUN),
        ("its run has ended", linked("passed"), ITEM, RUN),
        ("skipped", json!({"kind": "skipped", "item": "x", "reason": "r"}), "----------", RUN),
        ("overridden", json!({"kind": "overridden", "item": "x", "reason": "r"}), "//////////", RUN),
        ("edited", json!({"kind": "deviation", "item": "x", "reason": "r", "text": "t"}), ITEM, RUN),
        ("variables carry", json!({"kind": "variables_set", "item": "x", "values": {}}), ITEM, RUN),
        // Going on and rolling back open what was over: the last end counts.
        ("a rollback begins", json!({"kind": "rollback_started", "plan": ["x"]}), ITEM, "?*???????"),
        ("its plan is chosen", json!({"kind": "plan_chosen", "plan": ["x"]}), ITEM, RUN),
        ("undone", json!({"kind": "undone", "item": "x"}), "<<<<<<<<<<", RUN),
        ("put aside", json!({"kind": "paused"}), ITEM, "===+X<#>="),
        ("it goes on", json!({"kind": "resumed"}), ITEM, "?*???????"),
        ("its process is gone", json!({"kind": "interrupted"}), ".o!?+X-/<!", "!!!+X<#>!"),
        (
            "its process is gone, with the item",
            json!({"kind": "interrupted", "item": "x"}),
            "!!!!!!!!!!",
            "!!!+X<#>!",
        ),
        ("all is stopped", json!({"kind": "stopped"}), ITEM, RUN),
        ("it is stopped between tries", json!({"kind": "stopped", "item": "x"}), "XXXXXXXXXX", RUN),
        ("handed over", json!({"kind": "handed_over", "to": "b"}), ITEM, ">>>>>>>>>"),
        ("the run has passed", finished("passed"), ITEM, "+++++++++"),
        ("the run has failed", finished("failed"), ITEM, "XXXXXXXXX"),
        ("the run is rolled back", finished("rolled_back"), ITEM, "<<<<<<<<<"),
        ("the run is given up", finished("abandoned"), ITEM, "#########"),
        ("the run goes on elsewhere", finished("handed_over"), ITEM, ">>>>>>>>>"),
    ]
}

fn fact(value: &Value) -> Fact {
    serde_json::from_value(value.clone()).unwrap()
}

fn then(state: RunState, value: &Value) -> RunState {
    let event = Event {
        run: RunId("r".to_owned()),
        seq: state.last_seq + 1,
        at: format!("2026-11-22T15:00:00.{:03}Z", state.last_seq + 1),
        actor: "ada@box".to_owned(),
        fact: fact(value),
        hash: String::new(),
    };
    state.apply(&event)
}

fn begun() -> RunState {
    let started =
        json!({"kind": "run_started", "path": "p", "title": "t", "revision": "r", "mode": "hand", "version": "v"});
    let other = json!({"kind": "check_ticked", "item": "other"});
    [started, other].iter().fold(RunState::default(), then)
}

/// How an item comes into a state.
fn item_in(status: ItemStatus, item: &str) -> Vec<Value> {
    let about = |kind: &str| json!({"kind": kind, "item": item, "reason": "r"});
    let started =
        json!({"kind": "attempt_started", "item": item, "attempt": 1, "command": "", "target": "", "cwd": ""});
    match status {
        ItemStatus::Pending => vec![],
        ItemStatus::Ready => vec![about("item_ready")],
        ItemStatus::Running => vec![started],
        ItemStatus::Waiting => vec![json!({"kind": "item_ready", "item": item, "needs": "a tick"})],
        ItemStatus::Passed => vec![about("check_ticked")],
        ItemStatus::Failed => vec![about("check_failed")],
        ItemStatus::Skipped => vec![about("skipped")],
        ItemStatus::Overridden => vec![about("overridden")],
        ItemStatus::Undone => vec![about("undone")],
        ItemStatus::Interrupted => vec![started, json!({"kind": "interrupted"}), json!({"kind": "resumed"})],
    }
}

/// How a run comes into a state.
fn run_in(status: RunStatus) -> Vec<Value> {
    let finished = |state: FinishState| vec![json!({"kind": "run_finished", "state": state})];
    match status {
        RunStatus::Waiting => vec![],
        RunStatus::Running => item_in(ItemStatus::Running, "another"),
        RunStatus::Paused => vec![json!({"kind": "paused"})],
        RunStatus::Passed => finished(FinishState::Passed),
        RunStatus::Failed => finished(FinishState::Failed),
        RunStatus::RolledBack => finished(FinishState::RolledBack),
        RunStatus::Abandoned => finished(FinishState::Abandoned),
        RunStatus::HandedOver => vec![json!({"kind": "handed_over", "to": "b"})],
        RunStatus::Interrupted => vec![json!({"kind": "interrupted"})],
    }
}

#[test]
fn the_table_has_a_column_for_each_state_and_a_row_for_each_kind_of_event() {
    assert_eq!(ITEMS.map(item_letter).iter().collect::<String>(), ITEM);
    assert_eq!(RUNS.map(run_letter).iter().collect::<String>(), RUN);
    let rows: BTreeSet<usize> = table().iter().map(|(_, value, ..)| kind(&fact(value))).collect();
    assert_eq!(rows, (0..KINDS).collect(), "a kind of event has no row");
    for status in ITEMS {
        let state = item_in(status, "x").iter().fold(begun(), then);
        assert_eq!(state.item("x"), status);
    }
    for status in RUNS {
        assert_eq!(run_in(status).iter().fold(begun(), then).status, status);
    }
}

#[test]
fn each_event_leads_each_item_where_the_table_says_while_the_run_is_under_way() {
    for (name, value, items, _) in table() {
        for (status, expected) in ITEMS.into_iter().zip(items.chars()) {
            for run in RUNS.into_iter().filter(|run| !finishes(*run)) {
                let before = run_in(run).iter().fold(begun(), then);
                let before = item_in(status, "x").iter().fold(before, then);
                let after = then(before.clone(), &value);
                assert_eq!(item_letter(after.item("x")), expected, "{name}: from {status:?}, the run {run:?}");
                assert_eq!(after.item("other"), ItemStatus::Passed, "{name}: another item is left alone");
                assert_eq!(after.last_seq, before.last_seq + 1, "{name}");
            }
        }
    }
}

#[test]
fn each_event_leads_each_run_where_the_table_says_and_its_end_and_its_state_never_disagree() {
    for (name, value, _, runs) in table() {
        for (status, expected) in RUNS.into_iter().zip(runs.chars()) {
            let before = run_in(status).iter().fold(begun(), then);
            let after = then(before, &value);
            assert_eq!(run_letter(after.status), expected, "{name}: from {status:?}");
            assert_eq!(after.is_finished(), finishes(after.status), "{name}: from {status:?}");
        }
    }
}

#[test]
fn what_ran_beside_the_path_has_passed_when_it_is_stopped() {
    let started = json!({
        "kind": "attempt_started", "item": "x", "attempt": 1, "command": "", "target": "", "cwd": "", "background": true,
    });
    for (ended, expected) in
        [("stopped", ItemStatus::Passed), ("passed", ItemStatus::Passed), ("failed", ItemStatus::Failed)]
    {
        let ended = json!({"kind": "attempt_ended", "item": "x", "attempt": 1, "state": ended, "duration_ms": 1});
        let state = [started.clone(), ended].iter().fold(begun(), then);
        assert_eq!(state.item("x"), expected);
        assert_eq!(state.status, RunStatus::Waiting);
    }
}

#[test]
fn each_state_of_an_entry_says_how_far_a_rollback_is() {
    for status in ITEMS {
        let begun = then(begun(), &json!({"kind": "rollback_started", "plan": ["x", "y"]}));
        let state = item_in(status, "x").iter().fold(begun, then);
        let rollback = state.rolling_back().unwrap();
        let settled = match status {
            ItemStatus::Passed | ItemStatus::Skipped | ItemStatus::Overridden | ItemStatus::Undone => true,
            ItemStatus::Pending
            | ItemStatus::Ready
            | ItemStatus::Running
            | ItemStatus::Waiting
            | ItemStatus::Failed
            | ItemStatus::Interrupted => false,
        };
        let failed = matches!(status, ItemStatus::Failed | ItemStatus::Interrupted);
        assert_eq!(rollback.settled.contains("x"), settled, "{status:?}");
        assert_eq!(rollback.failed.contains("x"), failed, "{status:?}");
        assert_eq!(rollback.next(), Some(if settled { "y" } else { "x" }), "{status:?}");
        let over = then(state, &json!({"kind": "run_finished", "state": "rolled_back"}));
        assert!(over.rolling_back().is_none(), "what is over is not being rolled back");
    }
}
