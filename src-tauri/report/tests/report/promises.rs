//! What a report promises: nothing that happened is left out, no secret is in it, and it says when it is not the last word.

use std::collections::{BTreeMap, BTreeSet};

use engine::{
    Fact,
    event::{AttemptState, FinishState, Mode, Parent},
};
use report::{Part, Report, Shape, Verification, html, junit, markdown};

use crate::{
    books,
    journal::{JONAS, Journal, MARA, RUN},
};

/// One fact of each kind, each with a text that stands in no other.
fn each() -> Vec<Fact> {
    let item = || "promote".to_owned();
    vec![
        Fact::RunStarted {
            path: "told-path.md".into(),
            title: "told-title".into(),
            revision: "told-revision".into(),
            mode: Mode::Auto,
            environment: Some("told-environment".into()),
            version: "told-version".into(),
            step: None,
            commit: Some("told-commit".into()),
            differs: true,
            parent: Some(Parent { run: engine::RunId("told-parent".into()), item: "told-check".into() }),
            schedule: Some("told-schedule".into()),
        },
        Fact::ParameterSet { name: "told-name".into(), value: Some("told-value".into()), from: "told-from".into() },
        Fact::ItemReady { item: item(), needs: Some("told-needs".into()) },
        Fact::AttemptStarted {
            item: item(),
            attempt: 1,
            command: "told-command".into(),
            target: "told-target".into(),
            cwd: "/told-cwd".into(),
            of: Some(2),
            background: false,
            host: None,
        },
        Fact::InputSent { item: item(), attempt: 1 },
        Fact::Output {
            item: item(),
            attempt: 1,
            offset: 0,
            length: 4711,
            sha256: "told-sha".into(),
            left_out: None,
            whole_sha256: None,
        },
        Fact::Expectation {
            item: item(),
            attempt: 1,
            expected: "told-expected".into(),
            observed: "told-observed".into(),
            holds: false,
        },
        Fact::AttemptEnded {
            item: item(),
            attempt: 1,
            state: AttemptState::Failed,
            exit: None,
            signal: Some("SIGTOLD".into()),
            note: Some("told-ending".into()),
            again: false,
            duration_ms: 99_000,
            host: None,
        },
        Fact::HostsStarted {
            item: item(),
            hosts: vec!["told-host".into(), "told-other".into(), "told-left".into()],
            at_once: 2,
            batch: None,
            max_fail: Some(0),
        },
        Fact::HostsEnded {
            item: item(),
            state: AttemptState::Failed,
            passed: 0,
            failed: vec!["told-host".into(), "told-other".into()],
            not_reached: vec!["told-left".into()],
            note: Some("told-hosts".into()),
            again: false,
            duration_ms: 1_000,
        },
        Fact::CheckTicked { item: item(), note: Some("told-tick".into()) },
        Fact::CheckUnticked { item: item(), note: Some("told-untick".into()) },
        Fact::CheckFailed { item: item(), note: Some("told-failed".into()) },
        Fact::Confirmed { item: None, what: "told-confirmed".into() },
        Fact::MessageSent { item: "announce".into(), text: "told-message".into() },
        Fact::LinkOpened { url: "told-link".into(), item: None },
        Fact::Note { text: "told-note".into(), item: None },
        Fact::Marked {
            what: "told-mark".into(),
            value: Some("told-mark-value".into()),
            when: Some("2026-11-22T01:02:03.000Z".into()),
            role: None,
            reason: Some("told-mark-reason".into()),
            withdrawn: false,
        },
        Fact::Marked {
            what: "responder".into(),
            value: Some("told-person".into()),
            when: None,
            role: Some("told-role".into()),
            reason: None,
            withdrawn: true,
        },
        Fact::Branched { item: None, to: "told-branch".into(), again: vec!["told-again".into()] },
        Fact::LinkedRun {
            item: item(),
            child: engine::RunId("told-linked".into()),
            state: engine::event::LinkedState::Opened,
        },
        Fact::Skipped { item: "jobs".into(), reason: "told-skip".into() },
        Fact::Overridden { item: "repoint".into(), reason: "told-override".into() },
        Fact::Deviation { item: item(), reason: "told-why".into(), text: "told-edit".into() },
        Fact::VariablesSet {
            item: None,
            values: BTreeMap::from([("TOLD_VARIABLE".to_owned(), "told-carried".to_owned())]),
            plain: Vec::new(),
            unset: vec!["TOLD_UNSET".into()],
            cwd: Some("/told-next".into()),
            target: Some("told-elsewhere".into()),
            in_memory: vec!["TOLD_SECRET".into()],
        },
        Fact::RollbackStarted { plan: vec!["told-plan".into()] },
        Fact::PlanChosen { plan: vec!["told-chosen".into()] },
        Fact::Undone { item: item(), note: Some("told-undone".into()) },
        Fact::Paused { reason: Some("told-pause".into()) },
        Fact::Resumed { mode: Some(Mode::Hand), lost: vec!["told-lost".into()], taken_up: true },
        Fact::Interrupted { item: None },
        Fact::Stopped { item: None, reason: Some("told-stop".into()) },
        Fact::HandedOver { to: "told-receiver".into() },
        Fact::RunFinished { state: FinishState::Abandoned, reason: Some("told-end".into()) },
    ]
}

#[test]
fn every_kind_of_event_is_told_with_what_it_says() {
    // A kind that is new has to be added above: the names are read where they are declared.
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/src/event.rs");
    let source = std::fs::read_to_string(path).unwrap();
    let kinds = source.split("pub enum Fact {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let declared: BTreeSet<String> = kinds
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"))
        .filter(|name| name.chars().next().is_some_and(char::is_uppercase))
        .map(snake_case)
        .collect();
    assert!(declared.len() > 25, "{declared:?}");
    let journal = each().into_iter().fold(Journal::of(books::FAILOVER), |journal, fact| journal.later(1).fact(fact));
    let facts: Vec<serde_json::Value> =
        journal.events().iter().map(|event| serde_json::to_value(&event.fact).unwrap()).collect();
    let report = journal.report();
    let told: BTreeSet<String> = report.timeline.iter().map(|moment| moment.kind.to_owned()).collect();
    assert_eq!(told, declared);
    for text in [markdown(&report), html(&report).unwrap()] {
        let text = text.replace('\\', "").replace("&#x2f;", "/");
        for fact in &facts {
            for word in words(fact) {
                assert!(text.contains(&word), "{word} of {fact} is told nowhere");
            }
        }
        for said in ["printed 4711 bytes", "something was typed", "the process that drove the run is gone"] {
            assert!(text.contains(said), "{said}");
        }
    }
}

/// The texts of a fact that stand in no other, wherever they are in it.
fn words(fact: &serde_json::Value) -> Vec<String> {
    match fact {
        serde_json::Value::String(text) => {
            let marked = text.to_lowercase().contains("told");
            if marked { vec![text.clone()] } else { Vec::new() }
        }
        serde_json::Value::Array(all) => all.iter().flat_map(words).collect(),
        serde_json::Value::Object(all) => all.values().flat_map(words).collect(),
        _ => Vec::new(),
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[test]
fn a_secret_is_in_no_report_wherever_it_stood() {
    let secret = "4711-0815";
    let book = books::FAILOVER.replace("## Steps", &format!("- [ ] The pin is {secret}\n\n## Steps {secret}"));
    let journal = Journal::started(&book, Mode::Hand, Some(secret))
        .hiding(secret)
        .fact(Fact::ParameterSet { name: "pin".into(), value: Some(secret.into()), from: "person".into() })
        .fact(Fact::ParameterSet { name: "other".into(), value: Some(format!("x{secret}y")), from: "person".into() })
        .begin("promote", 1, &format!("promote --pin {secret}"))
        .print("promote", 1, format!("pin {secret}\r\n47\u{1b}[1m11-0815\r\n").as_bytes())
        .expect("promote", 1, secret, secret, false)
        .end("promote", 1, AttemptState::Failed, 1, 5)
        .note(secret)
        .fact(Fact::Deviation { item: "promote".into(), reason: secret.into(), text: secret.into() })
        .fact(Fact::MessageSent { item: "announce".into(), text: secret.into() })
        .mark("incident", Some(secret))
        .skip("jobs", secret)
        .fact(Fact::Paused { reason: Some(secret.into()) });
    let report = journal.report();
    assert!(report.secrets.iter().any(|name| name == "pin"), "{:?}", report.secrets);
    assert!(report.secrets.iter().any(|name| name.starts_with("PGPASSWORD")), "{:?}", report.secrets);
    for text in [markdown(&report), html(&report).unwrap(), junit(&report).unwrap()] {
        assert!(!text.contains(secret) && !text.contains("4711\\-0815"), "{text}");
        assert!(text.contains("•••"));
    }
}

#[test]
fn a_stranger_is_told_what_was_done_by_whom_where_what_was_expected_and_what_came() {
    let report = books::passed().report();
    for text in [markdown(&report), html(&report).unwrap()] {
        let text = text.replace('\\', "").replace("&quot;", "\"").replace("&#x2f;", "/").replace("&#47;", "/");
        for part in [
            "Fail over the orders database",
            "All good",
            MARA,
            JONAS,
            RUN,
            "production",
            "this machine",
            "/home/mara/runbooks",
            "4f0c2a9d8e7b6a5f4e3d2c1b0a99887766554433",
            "repoint --force --to orders-db-02",
            "each line: /orders-db-02/",
            "2 of 2 lines",
            "pgbouncer-c orders-db-01",
            "none due before 06:00",
            "pgbouncer-c needs the flag",
            "order 8841207",
            "exit 0",
            "SEV-2",
            "INC-4127",
            "PGPASSWORD",
            "SESSION_TOKEN",
            "2026-11-22 03:02:00",
            "holds",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
    let sentence = &report.verdict.sentence;
    for part in ["done in 4:26", "Validation 1 of 1", "Step 2 needed a second try", "step 4 was skipped"] {
        assert!(sentence.contains(part), "{part:?} is not in {sentence}");
    }
}

#[test]
fn an_incident_starts_with_severity_responders_and_the_time_to_detect_mitigate_and_verify() {
    let report = books::passed().report();
    let incident = report.incident.as_ref().unwrap();
    assert_eq!(incident.severity.as_deref(), Some("SEV-2"));
    assert_eq!(incident.responders, ["commander, Mara K.", "Jonas T., by phone"]);
    let times: Vec<(&str, Option<u64>)> =
        incident.times.iter().map(|time| (time.name.as_str(), time.took_ms)).collect();
    let expected =
        [("Time to detect", Some(12_000)), ("Time to mitigate", Some(190_000)), ("Time to verify", Some(254_000))];
    assert_eq!(times, expected);
    for text in [markdown(&report), html(&report).unwrap()] {
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part}"));
        assert!(place("SEV") < place("Revision") && place("Time to verify") < place("Revision"));
    }
    let marks = books::interrupted().mark("severity", Some("SEV-1")).report().incident.unwrap();
    assert_eq!(marks.severity.as_deref(), Some("SEV-1"), "what was marked in the run counts");
    assert_eq!(marks.times[1].text, "not marked");
    let routine = books::FAILOVER.replace("kind: incident", "kind: routine");
    assert!(Journal::started(&routine, Mode::Hand, None).report().incident.is_none());
    assert!(Journal::started(&routine, Mode::Hand, None).mark("detected", None).report().incident.is_some());
}

#[test]
fn corrected_marks_another_severity_and_who_came_and_left_stand_in_the_frame() {
    let mark = |what: &str, value: Option<&str>, when: Option<&str>, role: Option<&str>, withdrawn| Fact::Marked {
        what: what.into(),
        value: value.map(Into::into),
        when: when.map(Into::into),
        role: role.map(Into::into),
        reason: (what == "severity").then(|| "orders are lost".into()),
        withdrawn,
    };
    let journal = books::interrupted()
        .fact(mark("detected", None, None, None, false))
        .fact(mark("detected", None, Some("2026-11-22T02:47:00.000Z"), None, false))
        .fact(mark("mitigated", None, Some("2026-11-22T03:19:00.000Z"), None, false))
        .fact(mark("verified", None, None, None, false))
        .fact(mark("verified", None, None, None, true))
        .fact(mark("severity", Some("SEV-1"), None, None, false))
        .fact(mark("responder", Some("Lena"), None, Some("commander"), false))
        .fact(mark("responder", Some("Tom"), None, None, false))
        .fact(mark("responder", Some("Tom"), None, None, true))
        .fact(mark("update", Some("We are on it"), None, None, false));
    let report = journal.report();
    let incident = report.incident.as_ref().unwrap();
    assert_eq!(incident.severity.as_deref(), Some("SEV-1"));
    let changed = incident.changed.as_deref().unwrap();
    assert!(changed.starts_with("raised from SEV-2 at ") && changed.ends_with(": orders are lost"), "{changed}");
    let texts: Vec<&str> = incident.times.iter().map(|time| time.text.as_str()).collect();
    assert_eq!(texts, ["15:00 before the run began", "32:00 after it was detected", "not marked"]);
    assert_eq!(incident.times[0].at.as_deref(), Some("2026-11-22 02:47:00"));
    let remark = incident.times[0].remark.as_deref().unwrap();
    assert!(remark.starts_with("said at 2026-11-22 ") && remark.ends_with(", corrected"), "{remark}");
    assert_eq!(incident.responders[0], "Lena, commander");
    assert!(incident.responders[1].starts_with("Tom, until "), "{:?}", incident.responders);
    assert!(incident.updates.as_deref().is_some_and(|updates| updates.starts_with("1 sent, at ")));
    for text in [markdown(&report), html(&report).unwrap()] {
        for told in ["orders are lost", "detected at 2026-11-22 02:47:00 UTC", "verified taken back", "left: Tom"] {
            assert!(text.contains(told), "{told}: {text}");
        }
    }
}

#[test]
fn a_run_that_is_not_finished_gives_a_report_that_says_so() {
    let report = books::interrupted().report();
    let partial = report.verdict.partial.as_ref().unwrap();
    assert!(partial.contains("partial") && partial.contains("Promote orders-db-02"), "{partial}");
    assert_eq!(report.verdict.shape, Shape::Interrupted);
    for text in [markdown(&report), html(&report).unwrap(), junit(&report).unwrap()] {
        assert!(text.contains("This report is partial"));
    }
    let nothing = Journal::started(books::FAILOVER, Mode::Hand, None).report();
    assert!(nothing.verdict.partial.is_some());
    assert!(books::passed().report().verdict.partial.is_none());
    // A journal without any event is no reason to fail.
    let empty = Journal::of(books::FAILOVER).report();
    assert!(markdown(&empty).contains("Not finished"));
}

#[test]
fn a_record_that_does_not_hold_says_so_first_and_last() {
    let mut record = books::passed().record();
    record.verification = Verification {
        holds: false,
        events: 3,
        last_hash: None,
        sentence: "The record does not hold at event 4: it was changed.".to_owned(),
    };
    let report = Report::of(&record);
    assert!(report.verdict.sentence.contains("The record does not hold"), "{}", report.verdict.sentence);
    assert!(markdown(&report).contains("at event 4"));
}

#[test]
fn the_rollback_shows_its_plan_what_was_left_out_and_what_came() {
    let report = books::rolled_back().report();
    let rollback = report.rollback.as_ref().unwrap();
    let entries: Vec<(&str, &str, &str)> =
        rollback.entries.iter().map(|entry| (entry.label.as_str(), entry.how, entry.state.as_str())).collect();
    let expected = [
        ("promote-back", "by its undo block", "done"),
        ("Writes are paused", "rollback phase", "left out of the plan"),
    ];
    assert_eq!(entries, expected);
    assert_eq!(report.verdict.heading, "Rolled back");
}

#[test]
fn what_is_left_out_of_long_output_is_said_where_it_is_missing() {
    let mut record = books::passed().record();
    let fragments = record.output.get_mut(&("promote".to_owned(), 1)).unwrap();
    fragments[0].bytes.truncate(4);
    let report = Report::of(&record);
    let items = report.sections.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items);
    let promote = items.clone().find(|item| item.id == "promote").unwrap();
    let parts = &promote.attempts[0].output.as_ref().unwrap().parts;
    assert!(
        matches!(parts.last(), Some(Part::LeftOut(why)) if why.contains("bytes are not in this report")),
        "{parts:?}"
    );
    let evidence = report.evidence.iter().find(|one| one.item == "promote").unwrap();
    assert_eq!((evidence.name.as_str(), evidence.lines), ("promote.log", None));
    let names: Vec<&str> =
        report.evidence.iter().filter(|one| one.item == "repoint").map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["repoint.1.log", "repoint.2.log"]);
}

#[test]
fn output_that_was_removed_as_old_says_so() {
    let mut record = books::passed().record();
    let key = ("promote".to_owned(), 1);
    record.output.remove(&key);
    record.removed.insert(key, "2027-01-01T00:00:00.000Z".to_owned());
    let text = markdown(&Report::of(&record));
    assert!(text.contains("32 bytes were removed on 2027-01-01 00:00:00"), "{text}");
}

#[test]
fn an_item_that_the_revision_does_not_know_is_told_all_the_same() {
    let journal = Journal::started(books::FAILOVER, Mode::Hand, None).begin("gone", 1, "rm -r /tmp/x");
    let text = markdown(&journal.report());
    assert!(text.contains("rm -r /tmp/x") && text.contains("Not in the revision"), "{text}");
}

#[test]
fn junit_says_of_each_item_how_it_ended() {
    let read =
        |journal: Journal| quick_junit::Report::deserialize_from_str(&junit(&journal.report()).unwrap()).unwrap();
    let counts = |report: &quick_junit::Report| (report.tests, report.failures, report.errors, report.skipped);
    assert_eq!(counts(&read(books::passed())), (7, 0, 0, 1));
    // Promoting was undone and failed before, jobs and the like were never begun.
    let rolled_back = read(books::rolled_back());
    assert_eq!((rolled_back.tests, rolled_back.errors), (8, 0));
    let interrupted = read(books::interrupted());
    assert_eq!((interrupted.failures, interrupted.errors), (0, 1), "nobody knows how it ended");
}

#[test]
fn what_was_taken_on_a_persons_word_is_not_called_all_good() {
    let book = "# B\n\n## Steps\n\n```sh {name=one}\nfalse\n```\n\n## Validation\n\n- [ ] it works\n";
    let failed = || {
        let begun = Journal::started(book, Mode::Hand, None).begin("one", 1, "false");
        begun.end("one", 1, engine::event::AttemptState::Failed, 1, 5)
    };
    let taken = |journal: Journal| {
        journal.fact(Fact::Overridden { item: "one".to_owned(), reason: "it was there".to_owned() })
    };
    let again =
        |journal: Journal| journal.begin("one", 2, "false").end("one", 2, engine::event::AttemptState::Passed, 0, 5);
    let cases = [
        (again(failed()).tick("it-works", None), "All good", "needed a second try"),
        (
            taken(failed()).tick("it-works", None),
            "Passed, with exceptions",
            "\"one\" had failed and was taken as done",
        ),
        (failed().skip("one", "no need").tick("it-works", None), "Passed, with exceptions", "was skipped"),
        (again(failed()).skip("it-works", "no time"), "Passed, with exceptions", "Validation 0 of 1."),
    ];
    for (journal, heading, sentence) in cases {
        let verdict = journal.finish(FinishState::Passed).report().verdict;
        assert_eq!(verdict.heading, heading);
        assert!(verdict.sentence.contains(sentence), "{}", verdict.sentence);
    }
}
