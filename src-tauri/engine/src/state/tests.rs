use super::*;
use crate::event::{Event, RunId};

fn fold(facts: Vec<Fact>) -> RunState {
    let events = facts.into_iter().zip(1..).map(|(fact, seq)| Event {
        run: RunId("r".to_owned()),
        seq,
        at: format!("2026-11-22T15:00:00.{seq:03}Z"),
        actor: "ada@box".to_owned(),
        fact,
        hash: String::new(),
    });
    events.fold(RunState::default(), |state, event| state.apply(&event))
}

fn resumed() -> Fact {
    Fact::Resumed { mode: None, lost: Vec::new(), taken_up: false }
}

fn x() -> String {
    "x".to_owned()
}

fn begun() -> Fact {
    Fact::RunStarted {
        path: "p".to_owned(),
        title: "t".to_owned(),
        revision: "r".to_owned(),
        mode: Mode::Hand,
        environment: None,
        version: "v".to_owned(),
        step: None,
        commit: None,
        differs: false,
        parent: None,
        schedule: None,
    }
}

fn started(attempt: u64) -> Fact {
    Fact::AttemptStarted {
        item: x(),
        attempt,
        command: "c".to_owned(),
        target: "t".to_owned(),
        cwd: "/".to_owned(),
        of: None,
        background: false,
        host: None,
    }
}

fn ended(attempt: u64, state: AttemptState, again: bool) -> Fact {
    Fact::AttemptEnded {
        item: x(),
        attempt,
        state,
        exit: Some(0),
        signal: None,
        note: None,
        again,
        duration_ms: 5,
        host: None,
    }
}

fn finished(state: FinishState) -> Fact {
    Fact::RunFinished { state, reason: None }
}

fn marked(what: &str) -> Fact {
    Fact::Marked { what: what.to_owned(), value: None, when: None, role: None, reason: None, withdrawn: false }
}

/// Every state of RUNS.md's two tables, and what leads to it.
#[test]
fn each_event_leads_to_its_state() {
    use ItemStatus as I;
    use RunStatus as R;
    let linked = |state| Fact::LinkedRun { item: x(), child: crate::event::RunId("r".to_owned()), state };
    let tick = || Fact::CheckTicked { item: x(), note: None };
    let paused = || Fact::Paused { reason: Some("why".to_owned()) };
    let ready = |needs: Option<&str>| Fact::ItemReady { item: x(), needs: needs.map(str::to_owned) };
    let table: Vec<(&str, Vec<Fact>, I, R)> = vec![
        ("nothing", vec![], I::Pending, R::Waiting),
        ("its turn", vec![ready(None)], I::Ready, R::Waiting),
        ("a person is needed", vec![ready(Some("tick"))], I::Waiting, R::Waiting),
        ("running", vec![started(1)], I::Running, R::Running),
        ("passed", vec![started(1), ended(1, AttemptState::Passed, false)], I::Passed, R::Waiting),
        ("failed", vec![started(1), ended(1, AttemptState::Failed, false)], I::Failed, R::Waiting),
        ("stopped", vec![started(1), ended(1, AttemptState::Stopped, false)], I::Failed, R::Waiting),
        ("between tries", vec![started(1), ended(1, AttemptState::Failed, true)], I::Running, R::Running),
        (
            "tries stopped",
            vec![started(1), ended(1, AttemptState::Failed, true), Fact::Stopped { item: Some(x()), reason: None }],
            I::Failed,
            R::Waiting,
        ),
        (
            "rescued",
            vec![
                started(1),
                ended(1, AttemptState::Failed, false),
                started(2),
                ended(2, AttemptState::Passed, false),
            ],
            I::Passed,
            R::Waiting,
        ),
        ("ticked", vec![tick()], I::Passed, R::Waiting),
        ("unticked", vec![tick(), Fact::CheckUnticked { item: x(), note: None }], I::Pending, R::Waiting),
        ("judged", vec![Fact::CheckFailed { item: x(), note: None }], I::Failed, R::Waiting),
        ("sent", vec![Fact::MessageSent { item: x(), text: String::new() }], I::Passed, R::Waiting),
        ("its run", vec![tick(), linked(LinkedState::Opened)], I::Waiting, R::Waiting),
        (
            "its run ended",
            vec![linked(LinkedState::Opened), linked(LinkedState::Passed), tick()],
            I::Passed,
            R::Waiting,
        ),
        ("skipped", vec![Fact::Skipped { item: x(), reason: "r".to_owned() }], I::Skipped, R::Waiting),
        ("overridden", vec![Fact::Overridden { item: x(), reason: "r".to_owned() }], I::Overridden, R::Waiting),
        ("undone", vec![tick(), Fact::Undone { item: x(), note: None }], I::Undone, R::Waiting),
        ("interrupted", vec![started(1), Fact::Interrupted { item: None }], I::Interrupted, R::Interrupted),
        ("named", vec![started(1), Fact::Interrupted { item: Some(x()) }], I::Interrupted, R::Interrupted),
        ("resumed", vec![started(1), Fact::Interrupted { item: None }, resumed()], I::Interrupted, R::Waiting),
        ("paused", vec![paused()], I::Pending, R::Paused),
        ("paused, then ticked", vec![paused(), tick()], I::Passed, R::Paused),
        ("taken up", vec![paused(), resumed()], I::Pending, R::Waiting),
        ("stopping", vec![started(1), Fact::Stopped { item: None, reason: None }], I::Running, R::Running),
        ("run passed", vec![tick(), finished(FinishState::Passed)], I::Passed, R::Passed),
        ("run failed", vec![finished(FinishState::Failed)], I::Pending, R::Failed),
        ("run given up", vec![finished(FinishState::Abandoned)], I::Pending, R::Abandoned),
        ("run undone", vec![finished(FinishState::RolledBack)], I::Pending, R::RolledBack),
        ("handed over", vec![Fact::HandedOver { to: "bo".to_owned() }], I::Pending, R::HandedOver),
        ("failed, resumed", vec![finished(FinishState::Failed), resumed()], I::Pending, R::Waiting),
        (
            "the last end counts",
            vec![finished(FinishState::Failed), resumed(), finished(FinishState::Passed)],
            I::Pending,
            R::Passed,
        ),
        (
            "passed, rolled back",
            vec![finished(FinishState::Passed), Fact::RollbackStarted { plan: vec![] }],
            I::Pending,
            R::Waiting,
        ),
        ("noted after the end", vec![finished(FinishState::Passed), marked("detected")], I::Pending, R::Passed),
        ("an end without a start", vec![ended(3, AttemptState::Passed, false)], I::Passed, R::Waiting),
    ];
    for (name, mut facts, item, run) in table {
        facts.insert(0, begun());
        let count = facts.len() as u64;
        let state = fold(facts);
        assert_eq!((state.item("x"), state.status), (item, run), "{name}");
        let ends = !matches!(run, R::Waiting | R::Running | R::Paused | R::Interrupted);
        assert_eq!(state.is_finished(), ends, "{name}");
        assert_eq!(state.last_seq, count, "{name}");
    }
}

#[test]
fn an_attempt_holds_all_that_its_events_say() {
    let state = fold(vec![
        begun(),
        started(1),
        Fact::Output {
            item: x(),
            attempt: 1,
            offset: 0,
            length: 10,
            sha256: String::new(),
            left_out: None,
            whole_sha256: None,
        },
        Fact::Output {
            item: x(),
            attempt: 1,
            offset: 90,
            length: 10,
            sha256: String::new(),
            left_out: Some(80),
            whole_sha256: None,
        },
        Fact::InputSent { item: x(), attempt: 1 },
        Fact::Expectation { item: x(), attempt: 1, expected: "a".to_owned(), observed: "b".to_owned(), holds: false },
        Fact::AttemptEnded {
            item: x(),
            attempt: 1,
            state: AttemptState::Failed,
            exit: None,
            signal: Some("SIGKILL".to_owned()),
            note: Some("n".to_owned()),
            again: false,
            duration_ms: 5,
            host: None,
        },
    ]);
    let attempt = &state.items["x"].attempts[0];
    let expected = Attempt {
        of: None,
        host: None,
        number: 1,
        started_at: "2026-11-22T15:00:00.002Z".to_owned(),
        command: "c".to_owned(),
        target: "t".to_owned(),
        cwd: "/".to_owned(),
        state: Some(AttemptState::Failed),
        exit: None,
        signal: Some("SIGKILL".to_owned()),
        note: Some("n".to_owned()),
        duration_ms: Some(5),
        again: false,
        output_bytes: 100,
        expectations: vec![Expected { expected: "a".to_owned(), observed: "b".to_owned(), holds: false }],
        typed: true,
    };
    assert_eq!(*attempt, expected);
}

#[test]
fn carried_variables_are_brought_up_to_date() {
    let set = |values: &[(&str, &str)], plain: &[&str], unset: &[&str], cwd: Option<&str>, in_memory: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Fact::VariablesSet {
            item: None,
            values: values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            plain: owned(plain),
            unset: owned(unset),
            cwd: cwd.map(str::to_owned),
            target: None,
            in_memory: owned(in_memory),
        }
    };
    let state = fold(vec![
        begun(),
        set(&[("A", "1"), ("B", "1"), ("C", "1"), ("D", "1")], &["B"], &[], Some("/one"), &[]),
        set(&[("A", "2"), ("C", "2")], &["C"], &["D"], None, &["B"]),
    ]);
    let carried = state.carried;
    assert_eq!(carried.exported, BTreeMap::from([("A".to_owned(), "2".to_owned())]));
    assert_eq!(carried.plain, BTreeMap::from([("C".to_owned(), "2".to_owned())]));
    assert_eq!(carried.unset, BTreeSet::from(["D".to_owned()]));
    assert_eq!(carried.in_memory, BTreeSet::from(["B".to_owned()]));
    assert_eq!(carried.cwd.as_deref(), Some("/one"));
}
