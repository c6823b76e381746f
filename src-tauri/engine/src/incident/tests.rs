use std::time::Duration;

use format::parse;

use super::*;
use crate::event::{Event, Fact, FinishState, Mode, RunId};

const BOOK: &str = "---\nkind: incident\nseverity: SEV2\nresponders:\n  - {role: incident lead, who: on call, contact: pager}\n  \
    - {role: speaks, who: Bo}\n---\n# Disk\n\n```message {name=tell}\nWe look\n```\n\n## Steps\n\n- [ ] look\n";

/// A run that began at 03:00:00, with facts at minutes after that.
struct Told {
    book: Runbook,
    events: Vec<Event>,
}

fn run_of(book: &str, mode: Mode) -> Told {
    let told = Told { book: parse("x.md", book.as_bytes()), events: Vec::new() };
    told.at(
        0,
        Fact::RunStarted {
            path: String::new(),
            title: String::new(),
            revision: String::new(),
            mode,
            environment: None,
            version: String::new(),
            step: None,
            commit: None,
            parent: None,
            schedule: None,
            differs: false,
        },
    )
}

fn begun() -> Told {
    run_of(BOOK, Mode::Hand)
}

impl Told {
    fn at(mut self, minute: u64, fact: Fact) -> Self {
        self.events.push(Event {
            run: RunId("r".to_owned()),
            seq: self.events.len() as u64 + 1,
            at: clock(minute),
            actor: "mk@box".to_owned(),
            fact,
            hash: String::new(),
        });
        self
    }

    fn state(&self) -> RunState {
        self.events.iter().fold(RunState::default(), RunState::apply)
    }

    /// Marks as a person does, and fails where that is refused.
    fn mark(self, minute: u64, marking: Marking) -> Self {
        let fact = mark(&self.book, &self.state(), &marking).unwrap();
        self.at(minute, fact)
    }

    fn refused(&self, marking: Marking) -> String {
        mark(&self.book, &self.state(), &marking).unwrap_err().to_string()
    }

    fn incident(&self) -> Incident {
        Incident::of(&self.book, &self.state()).unwrap()
    }

    fn due(&self) -> Option<String> {
        self.incident().due(&self.book, &Intervals::default())
    }
}

fn clock(minute: u64) -> String {
    format!("2026-11-22T{:02}:{:02}:00.000Z", 3 + minute / 60, minute % 60)
}

fn what(what: &str) -> Marking {
    Marking { what: what.to_owned(), ..Marking::default() }
}

fn of(word: &str, value: &str) -> Marking {
    Marking { value: Some(value.to_owned()), ..what(word) }
}

fn when(word: &str, when: &str) -> Marking {
    Marking { when: Some(when.to_owned()), ..what(word) }
}

fn because(marking: Marking) -> Marking {
    Marking { reason: Some("it grows".to_owned()), ..marking }
}

fn in_role(marking: Marking, role: &str) -> Marking {
    Marking { role: Some(role.to_owned()), ..marking }
}

fn not(marking: Marking) -> Marking {
    Marking { withdrawn: true, ..marking }
}

#[test]
fn a_run_has_the_frame_of_an_incident_only_where_it_is_one() {
    let frame = |told: Told| Incident::of(&told.book, &told.state()).is_some();
    assert!(frame(begun()));
    assert!(frame(run_of("---\nseverity: high\n---\n# X\n", Mode::Hand)));
    assert!(!frame(run_of("# X\n", Mode::Hand)));
    assert!(!frame(run_of("---\nkind: routine\nseverity: SEV1\n---\n# X\n", Mode::Hand)));
    assert!(frame(run_of("# X\n", Mode::Hand).mark(1, what("detected"))));
}

#[test]
fn the_last_mark_of_a_moment_counts_and_time_runs_from_the_one_before_it() {
    let after = |minutes: u64, since| Took::After(minutes * 60_000, since);
    let before = |minutes: u64, since| Took::Before(minutes * 60_000, since);
    type Marked = Option<(Took, u64)>;
    let cases: Vec<(&str, Told, [Marked; 4])> = vec![
        ("nothing is marked", begun(), [None; 4]),
        (
            "each from the one before",
            begun().mark(5, what("detected")).mark(30, what("mitigated")).mark(40, what("verified")),
            [
                None,
                Some((after(5, Since::Run), 0)),
                Some((after(25, Since::Detected), 0)),
                Some((after(35, Since::Detected), 0)),
            ],
        ),
        (
            "detected before the run began",
            begun().mark(5, when("detected", "2026-11-22T02:47:00Z")).mark(10, what("mitigated")),
            [None, Some((before(13, Since::Run), 0)), Some((after(23, Since::Detected), 0)), None],
        ),
        (
            "a beginning is known",
            begun()
                .mark(5, when("began", "2026-11-22T02:31:00+00:00"))
                .mark(6, when("detected", "2026-11-22T02:47:00Z")),
            [Some((Took::Nothing, 0)), Some((after(16, Since::Began), 0)), None, None],
        ),
        (
            "corrected: the later one counts",
            begun().mark(5, what("detected")).mark(6, when("detected", "2026-11-22T03:02:00Z")),
            [None, Some((after(2, Since::Run), 1)), None, None],
        ),
        ("taken back", begun().mark(5, what("mitigated")).mark(6, not(what("mitigated"))), [None, None, None, None]),
        (
            "taken back, and marked again",
            begun().mark(5, what("mitigated")).mark(6, not(what("mitigated"))).mark(9, what("mitigated")),
            [None, None, Some((after(9, Since::Run), 2)), None],
        ),
        (
            "before it was detected",
            begun().mark(5, what("detected")).mark(9, when("mitigated", "2026-11-22T03:01:00Z")),
            [None, Some((after(5, Since::Run), 0)), Some((before(4, Since::Detected), 0)), None],
        ),
    ];
    for (name, told, expected) in cases {
        let incident = told.incident();
        let found = MOMENTS.map(|what| incident.moment(what).map(|moment| (moment.took, moment.corrected)));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_severity_is_that_of_the_runbook_until_it_is_changed_with_a_reason() {
    let severity = |told: &Told| told.incident().severity.unwrap();
    assert_eq!(severity(&begun()), Severity { value: "SEV2".to_owned(), set: None });
    let raised = begun().mark(4, because(of("severity", "SEV1"))).mark(9, because(of("severity", "SEV3")));
    let Severity { value, set } = severity(&raised);
    let set = set.unwrap();
    assert_eq!((value.as_str(), set.before.as_deref()), ("SEV3", Some("SEV1")));
    assert_eq!((set.at, set.reason.as_deref()), (clock(9), Some("it grows")));
    assert_eq!(begun().refused(of("severity", "SEV1")), "say why the severity changes from SEV2 to SEV1");
    assert_eq!(begun().refused(because(of("severity", "sev2"))), "the severity is SEV2 already");
    assert_eq!(begun().refused(because(what("severity"))), "say which severity it is");
    // The first one needs no reason.
    assert_eq!(severity(&run_of("# X\n", Mode::Hand).mark(1, of("severity", "P1"))).value, "P1");
}

#[test]
fn severities_are_compared_by_their_level() {
    for (text, expected) in [
        ("SEV1", Some(1)),
        ("SEV-2", Some(2)),
        ("sev 0", Some(1)),
        ("P3", Some(3)),
        ("S9", Some(4)),
        ("4711", Some(4)),
        ("Critical", Some(1)),
        ("high", Some(2)),
        ("MAJOR outage", Some(2)),
        ("medium", Some(3)),
        ("low", Some(4)),
        ("highway", None),
        ("", None),
    ] {
        assert_eq!(level(text), expected, "{text}");
    }
    for (before, now, moved) in
        [("SEV2", "SEV1", Some("raised")), ("high", "low", Some("lowered")), ("SEV2", "P2", None), ("x", "P1", None)]
    {
        assert_eq!(Severity::moved(before, now), moved, "{before} {now}");
    }
    for (known, all) in [
        (None, "SEV1 SEV2 SEV3 SEV4"),
        (Some("SEV-2"), "SEV-1 SEV-2 SEV-3 SEV-4"),
        (Some("P1"), "P1 P2 P3 P4"),
        (Some("critical"), "critical high medium low"),
        (Some("High"), "Critical High Medium Low"),
        (Some("all of it is down"), "SEV1 SEV2 SEV3 SEV4"),
    ] {
        assert_eq!(ladder(known).join(" "), all, "{known:?}");
    }
}

#[test]
fn people_join_take_roles_hand_them_back_and_leave() {
    let lines = |told: Told| {
        let Incident { responders, left, .. } = told.incident();
        let line = |one: &Responding| {
            let who = one.who.as_deref().unwrap_or("-");
            format!("{}: {who}", one.role.as_deref().unwrap_or("also"))
        };
        let here: Vec<String> = responders.iter().map(line).collect();
        let gone: Vec<String> = left.iter().map(|one| one.who.clone().unwrap()).collect();
        format!("{}; left {}", here.join(", "), gone.join(" "))
    };
    let joins = |who: &str| of("responder", who);
    let leads = |who: &str| in_role(joins(who), "Incident Lead");
    for (told, expected) in [
        (begun(), "incident lead: -, speaks: -; left "),
        (begun().mark(1, leads("MK")), "incident lead: MK, speaks: -; left "),
        (begun().mark(1, leads("MK")).mark(2, leads("JT")), "incident lead: JT, speaks: -; left "),
        (begun().mark(1, joins("MK")).mark(2, leads("mk")), "incident lead: mk, speaks: -; left "),
        (begun().mark(1, joins("bo")), "incident lead: -, speaks: bo; left "),
        (begun().mark(1, joins("JT")), "incident lead: -, speaks: -, also: JT; left "),
        (begun().mark(1, joins("JT")).mark(2, not(joins("jt"))), "incident lead: -, speaks: -; left jt"),
        (begun().mark(1, leads("MK")).mark(2, not(joins("MK"))), "incident lead: -, speaks: -; left MK"),
        (begun().mark(1, leads("MK")).mark(2, not(leads("MK"))), "incident lead: -, speaks: -, also: MK; left "),
        (
            begun().mark(1, in_role(joins("Di"), "scribe")).mark(2, not(joins("Di"))),
            "incident lead: -, speaks: -; left Di",
        ),
        (
            begun().mark(1, joins("JT")).mark(2, not(joins("JT"))).mark(3, joins("JT")),
            "incident lead: -, speaks: -, also: JT; left ",
        ),
    ] {
        assert_eq!(lines(told), expected);
    }
    let told = begun().mark(1, leads("MK"));
    assert_eq!(told.refused(leads("mk")), "mk is Incident Lead already");
    assert_eq!(told.refused(joins("MK")), "MK takes part already");
    assert_eq!(told.refused(not(joins("JT"))), "JT does not take part");
    assert_eq!(told.refused(not(in_role(joins("MK"), "scribe"))), "MK is not scribe");
    assert_eq!(told.refused(what("responder")), "say who responds");
}

#[test]
fn the_next_update_is_due_an_interval_after_the_last_and_none_once_all_is_told() {
    let sent = || Fact::MessageSent { item: "tell".to_owned(), text: "t".to_owned() };
    let put_off = || because(when("snoozed", "2026-11-22T04:10:00Z"));
    let ends = |state| Fact::RunFinished { state, reason: None };
    for (name, told, expected) in [
        ("from the start", begun(), Some(30)),
        ("after a message", begun().at(10, sent()), Some(40)),
        ("after the last of them", begun().at(10, sent()).at(25, sent()), Some(55)),
        ("after what was said otherwise", begun().mark(12, of("update", "said by phone")), Some(42)),
        ("a graver severity is told about more often", begun().mark(5, because(of("severity", "SEV1"))), Some(15)),
        ("a slight one is not", begun().mark(5, because(of("severity", "SEV4"))), None),
        ("put off", begun().mark(29, put_off()), Some(70)),
        ("put off, then sent", begun().mark(29, put_off()).at(35, sent()), Some(65)),
        ("put off, then not", begun().mark(29, put_off()).mark(30, not(what("snoozed"))), Some(30)),
        ("verified: once more", begun().at(10, sent()).mark(20, what("verified")), Some(40)),
        ("verified and told", begun().mark(20, what("verified")).at(22, sent()), None),
        (
            "not verified after all",
            begun().mark(20, what("verified")).at(22, sent()).mark(24, not(what("verified"))),
            Some(52),
        ),
        ("put aside", begun().at(1, Fact::Paused { reason: None }), None),
        ("over", begun().at(1, ends(FinishState::Passed)), None),
        ("rehearsed", run_of(BOOK, Mode::Rehearse), None),
    ] {
        assert_eq!(told.due(), expected.map(clock), "{name}");
    }
    let told = begun().mark(12, of("update", "x")).at(13, sent());
    assert_eq!((told.incident().updates.sent, told.incident().updates.last.unwrap().0), (2, clock(13)));
}

#[test]
fn the_runbook_says_how_often_before_the_person_does() {
    let minutes = |minutes: u64| Some(Duration::from_secs(minutes * 60));
    for (written, severity, expected) in [
        ("", "SEV1", minutes(15)),
        ("", "SEV3", minutes(60)),
        ("", "SEV4", None),
        ("", "bad", minutes(30)),
        ("update_every: 20m", "SEV1", minutes(20)),
        ("update_every: never", "SEV1", None),
        ("update_every: {SEV1: 5m, SEV2: never}", "sev1", minutes(5)),
        ("update_every: {SEV1: 5m, SEV2: never}", "SEV2", None),
        ("update_every: {SEV1: 5m}", "critical", minutes(5)),
        ("update_every: {SEV1: 5m}", "SEV3", minutes(60)),
    ] {
        let told = run_of(&format!("---\nseverity: {severity}\n{written}\n---\n# X\n"), Mode::Hand);
        assert_eq!(told.incident().every(&told.book, &Intervals::default()), expected, "{written} {severity}");
    }
}

#[test]
fn what_cannot_be_marked_is_refused_with_a_sentence() {
    let told = begun();
    for (marking, sentence) in [
        (what(" "), "say what is marked"),
        (what("detcted"), "\"detcted\" cannot be marked: say one of began, detected"),
        (when("detected", "soon"), "\"soon\" is no time"),
        (not(what("mitigated")), "mitigated is not marked"),
        (what("update"), "say what was told"),
        (what("incident"), "say which incident it is"),
        (because(what("snoozed")), "say until when"),
        (when("snoozed", "2026-11-22T04:10:00Z"), "say why the next update is put off"),
        (not(what("snoozed")), "the next update is not put off"),
        (not(of("severity", "SEV2")), "a severity is not taken back"),
    ] {
        let said = told.refused(marking.clone());
        assert!(said.starts_with(sentence), "{marking:?}: {said}");
    }
    let gone = begun().at(3, Fact::HandedOver { to: "bo".to_owned() });
    assert!(gone.refused(what("detected")).starts_with("the run was handed over"));
}
