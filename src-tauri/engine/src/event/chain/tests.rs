use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::event::{Fact, FinishState, Mode};

fn run() -> RunId {
    RunId("0193551e-0000-7000-8000-000000000001".to_owned())
}

fn facts() -> Vec<Fact> {
    vec![
        Fact::RunStarted {
            path: "disk.md".to_owned(),
            title: "Disk almost full: \u{e9}t\u{e9} \u{1f600} \"quoted\"\u{7}".to_owned(),
            revision: "ab".repeat(32),
            mode: Mode::Auto,
            environment: None,
            version: "0.1.0".to_owned(),
            step: None,
            commit: None,
            differs: false,
            parent: None,
            schedule: None,
        },
        Fact::AttemptEnded {
            item: "df".to_owned(),
            attempt: 1,
            state: crate::event::AttemptState::Failed,
            exit: Some(-1),
            signal: None,
            note: None,
            again: false,
            duration_ms: 12_400,
            host: None,
        },
        Fact::Note { text: "line one\nline two\t\\ / \u{2028}".to_owned(), item: None },
        Fact::RunFinished { state: FinishState::Failed, reason: None },
    ]
}

fn chain(facts: Vec<Fact>) -> Vec<Event> {
    let mut previous = FIRST_PREVIOUS.to_owned();
    facts
        .into_iter()
        .zip(1..)
        .map(|(fact, seq)| {
            let mut event = Event {
                run: run(),
                seq,
                at: format!("2026-11-22T15:04:05.{seq:03}Z"),
                actor: "ada@box".to_owned(),
                fact,
                hash: String::new(),
            };
            event.hash = seal(&previous, &event).unwrap();
            previous.clone_from(&event.hash);
            event
        })
        .collect()
}

fn tail(events: &[Event]) -> Tail {
    Tail { count: events.len() as u64, last_hash: events.last().unwrap().hash.clone() }
}

/// The rule again, without the canonicaliser: keys sorted, and strings and integers written by hand.
fn independent(previous: &str, value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(fields) => {
                let mut keys: Vec<&String> = fields.keys().collect();
                keys.sort();
                let parts: Vec<String> = keys
                    .into_iter()
                    .map(|key| {
                        let mut part = format!("\"{key}\":");
                        write(&fields[key], &mut part);
                        part
                    })
                    .collect();
                *out += &format!("{{{}}}", parts.join(","));
            }
            Value::String(text) => {
                out.push('"');
                for c in text.chars() {
                    match c {
                        '"' => *out += "\\\"",
                        '\\' => *out += "\\\\",
                        '\n' => *out += "\\n",
                        '\r' => *out += "\\r",
                        '\t' => *out += "\\t",
                        '\u{8}' => *out += "\\b",
                        '\u{c}' => *out += "\\f",
                        c if c < ' ' => *out += &format!("\\u{:04x}", c as u32),
                        c => out.push(c),
                    }
                }
                out.push('"');
            }
            Value::Array(values) => {
                let parts: Vec<String> = values
                    .iter()
                    .map(|value| {
                        let mut part = String::new();
                        write(value, &mut part);
                        part
                    })
                    .collect();
                *out += &format!("[{}]", parts.join(","));
            }
            other => *out += &other.to_string(),
        }
    }
    let mut value = value.clone();
    value.as_object_mut().unwrap().remove("hash");
    let mut text = format!("{previous}\n");
    write(&value, &mut text);
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_chain_is_what_an_independent_dozen_lines_compute() {
    let mut previous = FIRST_PREVIOUS.to_owned();
    for event in chain(facts()) {
        let value = serde_json::to_value(&event).unwrap();
        assert_eq!(event.hash, independent(&previous, &value), "event {}", event.seq);
        previous = event.hash;
    }
}

/// For other implementations. In a shell: `printf '%064d\n%s' 0 CANONICAL | sha256sum`, where CANONICAL is
/// `{"actor":"ada@box","at":"2026-11-22T15:04:05.123Z","kind":"note","run":"r1","seq":1,"text":"é \"q\"\nü"}`
/// with the line feed written `\n` as JSON has it.
#[test]
fn a_known_event_has_its_known_hash() {
    let event = Event {
        run: RunId("r1".to_owned()),
        seq: 1,
        at: "2026-11-22T15:04:05.123Z".to_owned(),
        actor: "ada@box".to_owned(),
        fact: Fact::Note { text: "\u{e9} \"q\"\n\u{fc}".to_owned(), item: None },
        hash: String::new(),
    };
    assert_eq!(
        seal(FIRST_PREVIOUS, &event).unwrap(),
        "3a138b452a889e656abc6fabb7289d355c36202526bca7c91268e7cc3617f784"
    );
}

#[test]
fn every_damage_is_named_with_its_event() {
    let good = chain(facts());
    let all = tail(&good);
    assert_eq!(verify(&run(), &good, Some(&all)), Ok(all.clone()));

    type Damage = fn(&mut Vec<Event>);
    let table: &[(&str, Damage, u64, &str)] = &[
        ("a changed text", |e| e[2].fact = Fact::Note { text: "no".to_owned(), item: None }, 3, "changed"),
        ("a changed time", |e| e[0].at = "2026-11-22T15:04:05.002Z".to_owned(), 1, "changed"),
        ("a changed actor", |e| e[1].actor = "eve@box".to_owned(), 2, "changed"),
        ("a changed hash", |e| e[1].hash = "0".repeat(64), 2, "changed"),
        ("a gap", |e| drop(e.remove(1)), 2, "event 2 is missing: event 3"),
        ("two swapped", |e| e.swap(1, 2), 2, "event 2 is missing"),
        ("one twice", |e| e.insert(2, e[1].clone()), 3, "event 2 stands where event 3"),
        ("another run's", |e| e[1].run = RunId("other".to_owned()), 2, "another run, other"),
        ("shortened", |e| drop(e.pop()), 4, "event 4 is missing: the journal ends with event 3"),
        ("emptied", Vec::clear, 1, "event 1 is missing"),
    ];
    for (name, damage, seq, words) in table {
        let mut events = good.clone();
        damage(&mut events);
        let error = verify(&run(), &events, Some(&all)).expect_err(name);
        assert_eq!(error.seq, *seq, "{name}: {error}");
        assert!(error.sentence.contains(words), "{name}: {error}");
    }
}

#[test]
fn a_rewritten_tail_of_the_same_length_shows_against_the_runs_own_row() {
    let good = chain(facts());
    let mut forged = facts();
    forged[3] = Fact::RunFinished { state: FinishState::Passed, reason: None };
    let error = verify(&run(), chain(forged), Some(&tail(&good))).unwrap_err();
    assert_eq!(error.seq, 4);
    let mut longer = facts();
    longer.push(Fact::Note { text: "more".to_owned(), item: None });
    assert_eq!(verify(&run(), chain(longer), Some(&tail(&good))).unwrap_err().seq, 5);
}

#[test]
fn a_field_that_was_added_to_a_stored_record_shows() {
    let mut records: Vec<Value> = chain(facts()).iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    records[1]["extra"] = json!("x");
    assert_eq!(verify_records(&run(), records, None).unwrap_err().seq, 2);
}

#[test]
fn numbers_and_keys_that_readers_would_disagree_on_are_not_sealed() {
    let table = [
        (json!({"n": 9_007_199_254_740_991_u64}), true),
        (json!({"n": -9_007_199_254_740_991_i64}), true),
        (json!({"n": 9_007_199_254_740_992_u64}), false),
        (json!({"n": u64::MAX}), false),
        (json!({"n": 1.5}), false),
        (json!({"a": [{"\u{e9}": 1}]}), false),
    ];
    for (value, sealed) in table {
        assert_eq!(seal_record(FIRST_PREVIOUS, value.clone()).is_ok(), sealed, "{value}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_the_hash_of_the_independent_rule(text in any::<String>(), seq in 1_u64..1_000_000) {
        let event = Event {
            run: run(),
            seq,
            at: "2026-11-22T15:04:05.123Z".to_owned(),
            actor: text.clone(),
            fact: Fact::Note { text, item: None },
            hash: String::new(),
        };
        let value = serde_json::to_value(&event).unwrap();
        prop_assert_eq!(seal(FIRST_PREVIOUS, &event).unwrap(), independent(FIRST_PREVIOUS, &value));
        let mut sealed = event;
        sealed.hash = seal(FIRST_PREVIOUS, &sealed).unwrap();
        let back: Event = serde_json::from_str(&serde_json::to_string(&sealed).unwrap()).unwrap();
        prop_assert_eq!(back, sealed);
    }
}
