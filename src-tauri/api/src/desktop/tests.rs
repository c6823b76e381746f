use engine::event::{AttemptState, FinishState, Mode};

use super::*;

const BOOK: &str = "# Fail over\n\n## Steps\n\n### Drain\n\n```sh {name=drain}\ntrue\n```\n\n```sh {name=drain-undo undo}\ntrue\n```\n\n\
    ### Promote\n\n- [ ] The lag is zero\n\n```sh {name=promote expect=promoted confirm}\ntrue\n```\n\n\
    ```sh {name=tidy optional}\ntrue\n```\n\n```sh {name=cut undo=none}\ntrue\n```\n\n### Settle\n\n```sh {name=settled probe every=1s within=1m}\ntrue\n```\n\n\
    ```message {name=news}\nIt is done.\n```\n";

fn book() -> Runbook {
    format::parse("fail-over.md", BOOK.as_bytes())
}

fn begun(mode: Mode) -> Fact {
    serde_json::from_value(serde_json::json!({
        "kind": "run_started", "path": "fail-over.md", "title": "Fail over", "revision": "r", "mode": mode, "version": "v"
    }))
    .unwrap()
}

fn started(item: &str, attempt: u64) -> Fact {
    let (command, target, cwd) = ("cat SECRET".to_owned(), "here".to_owned(), "/SECRET".to_owned());
    Fact::AttemptStarted {
        item: item.to_owned(),
        attempt,
        command,
        target,
        cwd,
        of: None,
        background: false,
        host: None,
    }
}

fn ended(item: &str, attempt: u64, state: AttemptState, exit: i64) -> Fact {
    let note = Some("SECRET".to_owned());
    let (exit, again) = (Some(exit), false);
    Fact::AttemptEnded {
        item: item.to_owned(),
        attempt,
        state,
        exit,
        signal: None,
        note,
        again,
        duration_ms: 1,
        host: None,
    }
}

fn again(item: &str, attempt: u64) -> Fact {
    let Fact::AttemptEnded { item, attempt, state, exit, signal, note, duration_ms, .. } =
        ended(item, attempt, AttemptState::Failed, 1)
    else {
        unreachable!()
    };
    Fact::AttemptEnded { item, attempt, state, exit, signal, note, again: true, duration_ms, host: None }
}

fn ready(item: &str, needs: Option<&str>) -> Fact {
    Fact::ItemReady { item: item.to_owned(), needs: needs.map(str::to_owned) }
}

/// The events at those seconds after noon, folded; the occasion of the last.
fn last(facts: Vec<(u64, Fact)>) -> (Option<Occasion>, RunState) {
    let runbook = book();
    let mut state = RunState::default();
    let mut occasion = None;
    for ((second, fact), seq) in facts.into_iter().zip(1..) {
        let at = format!("2026-11-22T12:{:02}:{:02}.000Z", second / 60, second % 60);
        let event =
            Event { run: RunId("r".to_owned()), seq, at, actor: "ada@box".to_owned(), fact, hash: String::new() };
        state = state.apply(&event);
        occasion = occasions::of(&event, &state, &runbook);
    }
    (occasion, state)
}

fn plan(items: &[&str]) -> Vec<(u64, Fact)> {
    let plan: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
    vec![(0, Fact::RollbackStarted { plan: plan.clone() }), (0, Fact::PlanChosen { plan })]
}

/// What happens in a run, in seconds from its start; the sentence that somebody who looks elsewhere reads, whether it
/// stays until it was seen, and, where it depends on how long something took, on how many milliseconds.
#[test]
fn a_person_who_looks_elsewhere_is_called_when_needed_and_when_something_long_ends() {
    use AttemptState::{Failed, Passed, Stopped};
    let hand = || vec![(0, begun(Mode::Hand))];
    let auto = || vec![(0, begun(Mode::Auto))];
    let ran = |how: Vec<(u64, Fact)>, item: &str, seconds: u64, state, exit| {
        [how, vec![(0, started(item, 1)), (seconds, ended(item, 1, state, exit))]].concat()
    };
    let missed = |item: &str, holds| Fact::Expectation {
        item: item.to_owned(),
        attempt: 1,
        expected: "promoted".to_owned(),
        observed: "SECRET".to_owned(),
        holds,
    };
    let exited = |item: &str| Fact::Expectation {
        item: item.to_owned(),
        attempt: 1,
        expected: "exit 0".to_owned(),
        observed: "exit 3".to_owned(),
        holds: false,
    };
    let finished = |state| Fact::RunFinished { state, reason: Some("SECRET".to_owned()) };
    let needs = || Some("a person SECRET");
    type Called = Option<(&'static str, bool, Option<u64>)>;
    type Case = (&'static str, Vec<(u64, Fact)>, Called);
    let cases: Vec<Case> = vec![
        ("it begins", hand(), None),
        ("a command starts", [hand(), vec![(0, started("drain", 1))]].concat(), None),
        (
            "a command passes",
            ran(hand(), "drain", 125, Passed, 0),
            Some(("Drain: the command passed, after 2 min 5 s.", false, Some(125_000))),
        ),
        (
            "a command fails",
            [hand(), vec![(0, started("drain", 1)), (2, exited("drain")), (2, ended("drain", 1, Failed, 3))]]
                .concat(),
            Some(("Drain: the command failed, exit status 3, after 2.0 s.", true, None)),
        ),
        (
            "it does not verify",
            [
                hand(),
                vec![(0, started("promote", 1)), (1, missed("promote", false)), (1, ended("promote", 1, Failed, 0))],
            ]
            .concat(),
            Some(("Promote: the command did not verify, after 1.0 s.", true, None)),
        ),
        ("a person stops it", ran(hand(), "drain", 90, Stopped, 130), None),
        (
            "another try follows by itself",
            [hand(), vec![(0, started("settled", 1)), (1, again("settled", 1))]].concat(),
            None,
        ),
        (
            "a probe holds, by hand",
            ran(hand(), "settled", 1, Passed, 0),
            Some(("Settle: what it waits for holds, after 1.0 s.", false, None)),
        ),
        (
            "a probe holds at its third try, by itself: all its tries count",
            [
                auto(),
                vec![(0, started("settled", 1)), (10, again("settled", 1)), (11, started("settled", 2))],
                vec![(20, again("settled", 2)), (21, started("settled", 3)), (40, ended("settled", 3, Passed, 0))],
            ]
            .concat(),
            Some(("Settle: what it waits for holds, after 40.0 s.", false, Some(40_000))),
        ),
        (
            "a probe does not hold",
            ran(auto(), "settled", 60, Failed, 1),
            Some(("Settle: what it waits for does not hold, after 1 min 0 s.", true, None)),
        ),
        (
            "what may fail fails, and the run goes on",
            ran(auto(), "tidy", 2, Failed, 1),
            Some(("Promote: the command failed, exit status 1, after 2.0 s.", false, Some(2000))),
        ),
        ("by hand the next one is just next", [hand(), vec![(0, ready("the-lag-is-zero", needs()))]].concat(), None),
        (
            "by itself it comes to a check",
            [auto(), vec![(0, ready("the-lag-is-zero", needs()))]].concat(),
            Some(("Promote: waits for you, something is to be checked.", false, None)),
        ),
        (
            "to a command that asks",
            [auto(), vec![(0, ready("promote", needs()))]].concat(),
            Some(("Promote: waits for you, a command asks to be confirmed.", false, None)),
        ),
        (
            "to a message",
            [auto(), vec![(0, ready("news", needs()))]].concat(),
            Some(("Settle: waits for you, a message is to be sent.", false, None)),
        ),
        (
            "to a command that a person starts",
            [auto(), vec![(0, ready("drain", needs()))]].concat(),
            Some(("Drain: waits for you, a command is to be started by you.", false, None)),
        ),
        (
            "a person ticks",
            [auto(), vec![(0, Fact::CheckTicked { item: "the-lag-is-zero".to_owned(), note: None })]].concat(),
            None,
        ),
        (
            "an undo fails",
            [ran(hand(), "drain", 1, Passed, 0), plan(&["drain-undo"]), ran(vec![], "drain-undo", 1, Failed, 9)]
                .concat(),
            Some(("Drain: the undo failed, and the rollback stopped, exit status 9, after 1.0 s.", true, None)),
        ),
        (
            "an undo passes, and something is undone by hand",
            [hand(), plan(&["drain-undo", "cut"]), ran(vec![], "drain-undo", 1, Passed, 0)].concat(),
            Some(("Promote: waits for you, it is undone by hand.", false, None)),
        ),
        (
            "it passed",
            [auto(), vec![(9, finished(FinishState::Passed))]].concat(),
            Some(("The run has passed.", false, None)),
        ),
        (
            "it is rolled back",
            [auto(), vec![(9, finished(FinishState::RolledBack))]].concat(),
            Some(("The run is rolled back.", false, None)),
        ),
        ("a person gave it up", [auto(), vec![(9, finished(FinishState::Abandoned))]].concat(), None),
        ("it was put aside", [auto(), vec![(9, Fact::Paused { reason: None })]].concat(), None),
    ];
    for (what, facts, expected) in cases {
        let occasion = last(facts).0;
        let told = occasion.as_ref().map(|one| (one.notice.text.as_str(), one.notice.urgent, one.took));
        assert_eq!(told, expected, "{what}");
        if let Some(occasion) = &occasion {
            assert_eq!((occasion.notice.title.as_str(), occasion.notice.run.as_str()), ("Fail over", "r"), "{what}");
            assert!(!occasion.notice.text.contains("SECRET"), "{what}: no value, no output, no path");
        }
    }
}

#[test]
fn how_long_counts_from_the_threshold_and_notifications_can_be_off() {
    let occasion = |took| {
        let (run, title, text) = ("r".to_owned(), "t".to_owned(), "x".to_owned());
        Occasion { notice: Notice { run, title, text, urgent: false }, took }
    };
    let settings = |notifications, notify_after_s| Settings { notifications, notify_after_s, ..Settings::default() };
    for (took, chosen, wanted) in [
        (None, settings(true, 30), true),
        (Some(29_999), settings(true, 30), false),
        (Some(30_000), settings(true, 30), true),
        (Some(30_000), settings(true, 31), false),
        (Some(1_000), settings(true, 1), true),
        (None, settings(false, 30), false),
        (Some(99_000), settings(false, 30), false),
    ] {
        assert_eq!(occasion(took).is_wanted(&chosen), wanted, "{took:?} {chosen:?}");
    }
    assert!(Settings::default().notifications, "they are on unless somebody says otherwise");
}

#[test]
fn a_run_whose_record_cannot_be_kept_calls_a_person_and_so_does_its_end() {
    let run = RunId("r".to_owned());
    for (held, text) in [
        (true, "The run waits: its record cannot be kept, and nothing more is started."),
        (false, "The record is kept again, and the run goes on."),
    ] {
        let Occasion { notice, took } = occasions::keeping(&run, held, &book());
        assert_eq!((notice.text.as_str(), notice.urgent, took), (text, held, None));
        assert_eq!((notice.title.as_str(), notice.run.as_str()), ("Fail over", "r"));
    }
}

/// At a minute past noon, whether the window is in front, and when which run's next update is due; whom it calls.
#[test]
fn a_status_update_that_is_due_calls_once_for_each_time_whoever_looks_elsewhere() {
    let due = |run: &str, minute: u32| crate::incident::UpdateDue {
        run: run.to_owned(),
        title: format!("Fail {run}"),
        severity: (run == "a").then(|| "SEV1".to_owned()),
        due: format!("2026-11-22T12:{minute:02}:00.000Z"),
    };
    let mut reminders = Reminders::default();
    let sev1 = "A status update is due, SEV1.";
    for (what, minute, in_front, updates, expected) in [
        ("not yet", 9, false, vec![due("a", 10), due("b", 30)], vec![]),
        ("now", 10, false, vec![due("a", 10), due("b", 30)], vec![("Fail a", sev1)]),
        ("once", 11, false, vec![due("a", 10), due("b", 30)], vec![]),
        ("it was sent, and the next one is due later", 12, false, vec![due("a", 27), due("b", 30)], vec![]),
        ("that is due while somebody looks", 28, true, vec![due("a", 27), due("b", 30)], vec![]),
        ("who does not look any more", 29, false, vec![due("a", 27), due("b", 30)], vec![]),
        (
            "both, and one has no severity",
            45,
            false,
            vec![due("a", 42), due("b", 30)],
            vec![("Fail a", sev1), ("Fail b", "A status update is due.")],
        ),
        ("no run is under way", 46, false, vec![], vec![]),
        (
            "it is taken up again, and the update is still due",
            47,
            false,
            vec![due("b", 30)],
            vec![("Fail b", "A status update is due.")],
        ),
    ] {
        let now = format!("2026-11-22T12:{minute:02}:00Z").parse().unwrap();
        let called = reminders.due(updates, now, in_front);
        assert!(called.iter().all(|one| one.took.is_none() && !one.notice.urgent), "{what}");
        let called: Vec<_> = called.iter().map(|one| (one.notice.title.as_str(), one.notice.text.as_str())).collect();
        assert_eq!(called, expected, "{what}");
    }
}

#[test]
fn the_frame_says_what_needs_a_person_most_and_is_calm_when_nothing_is_under_way() {
    use AttemptState::{Failed, Passed};
    let under_way = |facts: Vec<(u64, Fact)>| UnderWay::of(&last(facts).1, &book());
    let hand = || vec![(0, begun(Mode::Hand))];
    let running = under_way([hand(), vec![(0, started("drain", 1))]].concat());
    let waiting = under_way([hand(), vec![(0, started("drain", 1)), (1, ended("drain", 1, Passed, 0))]].concat());
    let failed = under_way([hand(), vec![(0, started("drain", 1)), (1, ended("drain", 1, Failed, 1))]].concat());
    let back = under_way([hand(), plan(&["drain-undo"]), vec![(0, started("drain-undo", 1))]].concat());
    let stuck = under_way(
        [hand(), plan(&["drain-undo"]), vec![(0, started("drain-undo", 1)), (1, ended("drain-undo", 1, Failed, 1))]]
            .concat(),
    );
    let held = running.clone().map(|running| running.held(true));
    let paused = under_way([hand(), vec![(0, Fact::Paused { reason: None })]].concat());
    let over = Fact::RunFinished { state: FinishState::Passed, reason: None };
    let over = under_way([hand(), vec![(0, over)]].concat());
    assert_eq!((paused, over), (None, None), "neither is under way");
    let shown = |runs: &[&Option<UnderWay>]| {
        let frame = under_way::frame(runs.iter().filter_map(|run| run.as_ref()));
        (frame.title, frame.lamp, frame.percent)
    };
    for (runs, title, lamp, percent) in [
        (vec![], "Allgood", Lamp::Calm, None),
        (vec![&running], "● Fail over · running", Lamp::Running, Some(0)),
        (vec![&waiting], "◆ Fail over · waits for you", Lamp::Waiting, Some(14)),
        (vec![&failed], "■ Fail over · failed", Lamp::Failed, Some(0)),
        (vec![&back], "● Fail over · rolling back", Lamp::Running, Some(0)),
        (vec![&stuck], "■ Fail over · rollback failed", Lamp::Failed, Some(0)),
        (vec![&waiting, &held], "■ Fail over · its record cannot be kept · and 1 more", Lamp::Failed, Some(0)),
        (vec![&running, &failed, &waiting], "■ Fail over · failed · and 2 more", Lamp::Failed, Some(0)),
    ] {
        assert_eq!(shown(&runs), (title.to_owned(), lamp, percent));
    }
}

#[test]
fn closing_names_what_runs_in_which_run_since_when_and_what_it_does() {
    let running = |step: &str, since: &str| Running {
        title: "Fail over".to_owned(),
        step: step.to_owned(),
        since: since.to_owned(),
    };
    let now = "2026-11-22T12:10:00Z".parse().unwrap();
    assert_eq!(closing::question(Vec::new(), Vec::new(), now), None, "nothing is asked where nothing runs");
    let one = closing::question(vec![running("Drain", "2026-11-22T12:07:57.000Z")], Vec::new(), now).unwrap();
    assert_eq!(one.title, "A command is running. Close Allgood?");
    assert!(one.text.starts_with("Fail over: \"Drain\", since "), "{}", one.text);
    for part in ["(2 min 3 s)", "Closing stops it", "terminate", "kill", "paused", "resumed"] {
        assert!(one.text.contains(part), "{part}: {}", one.text);
    }
    let many = (0..6).map(|n| running(&format!("Step {n}"), &format!("2026-11-22T12:0{}:00.000Z", 9 - n)));
    let many = closing::question(many.collect(), Vec::new(), now).unwrap();
    assert_eq!(many.title, "6 commands are running. Close Allgood?");
    assert!(many.text.starts_with("Fail over: \"Step 5\""), "the longest running stands first: {}", many.text);
    assert!(many.text.contains("\nand 2 more\n"), "{}", many.text);
    let set_back = closing::question(vec![running("Drain", "2026-11-22T13:00:00.000Z")], Vec::new(), now).unwrap();
    assert!(!set_back.text.contains('('), "{}", set_back.text);
}

#[test]
fn closing_names_open_connections_too() {
    let now = "2026-11-22T12:10:00Z".parse().unwrap();
    let connected = || Connected { name: "db1".to_owned(), since: "2026-11-22T12:07:57.000Z".to_owned() };
    let one = closing::question(Vec::new(), vec![connected()], now).unwrap();
    assert_eq!(one.title, "A connection is open. Close Allgood?");
    assert!(one.text.starts_with("Connected to db1, since ") && one.text.contains("(2 min 3 s)"), "{}", one.text);
    assert!(one.text.contains("Closing stops it") && !one.text.contains("resumed"), "{}", one.text);
    let running = Running {
        title: "Fail over".to_owned(),
        step: "Drain".to_owned(),
        since: "2026-11-22T12:09:00.000Z".to_owned(),
    };
    let both = closing::question(vec![running], vec![connected(), connected()], now).unwrap();
    assert_eq!(both.title, "A command is running, 2 connections are open. Close Allgood?");
    assert!(
        both.text.starts_with("Fail over: \"Drain\"") && both.text.contains("Closing stops them"),
        "{}",
        both.text
    );
    assert!(both.text.contains("The run is put aside as paused"), "{}", both.text);
}

#[test]
fn what_runs_in_the_background_runs_too() {
    let Fact::AttemptStarted { item, attempt, command, target, cwd, of, .. } = started("tidy", 1) else {
        unreachable!()
    };
    let beside = Fact::AttemptStarted { item, attempt, command, target, cwd, of, background: true, host: None };
    let state = last(vec![(0, begun(Mode::Hand)), (5, beside)]).1;
    assert_eq!(
        running(&state, &book()),
        [Running {
            title: "Fail over".to_owned(),
            step: "Promote".to_owned(),
            since: "2026-11-22T12:00:05.000Z".to_owned()
        }]
    );
}
