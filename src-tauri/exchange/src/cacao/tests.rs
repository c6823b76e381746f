//! A playbook and its runbook beside each other.

use format::{ItemKind, Phase, Program, Runbook};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Brought;

mod paths;
mod rules;

use rules::breaches;

const ID: &str = "playbook--11111111-1111-4111-8111-111111111111";

fn step(kind: &str, number: u8) -> String {
    format!("{kind}--{number:08}-0000-4000-8000-000000000000")
}

/// A playbook with these steps; the first begins it.
fn playbook(steps: &[(String, Value)]) -> Value {
    let mut workflow = serde_json::Map::new();
    workflow.insert("start--1".to_owned(), json!({ "type": "start", "on_completion": steps[0].0 }));
    for (id, step) in steps {
        workflow.insert(id.clone(), step.clone());
    }
    workflow.insert("end--1".to_owned(), json!({ "type": "end" }));
    json!({
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": ID,
        "name": "Isolate a host",
        "description": "What to do first.\n# Not a heading",
        "playbook_types": ["mitigation"],
        "created_by": "identity--11111111-1111-4111-8111-111111111112",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-02T00:00:00.000Z",
        "severity": 80,
        "labels": ["edr"],
        "external_references": [{ "name": "Guide", "url": "https://guide.example" }],
        "playbook_variables": {
            "__ip__": { "type": "ipv4-addr", "description": "Which host", "external": true },
            "__api__": { "type": "uri", "value": "https://api.example" },
            "__verdict__": { "type": "string", "value": null },
        },
        "workflow_start": "start--1",
        "workflow": workflow,
        "agent_definitions": {
            "linux--a": { "type": "linux", "name": "Runner", "address": { "dname": ["localhost"] } },
        },
        "target_definitions": {
            "ssh--a": { "type": "ssh", "name": "Fire Wall", "address": { "ipv4": ["10.0.0.4"] }, "port": "2222" },
            "http-api--a": {
                "type": "http-api", "name": "EDR", "address": { "url": ["https://edr.example/"] },
                "authentication_info": "http-basic--a",
            },
        },
        "authentication_info_definitions": {
            "http-basic--a": { "type": "http-basic", "user_id": "bot", "password": "hunter22hunter22" },
        },
    })
}

fn action(name: &str, command: Value, next: &str) -> Value {
    json!({
        "type": "action", "name": name, "agent": "linux--a", "commands": [command], "on_completion": next,
    })
}

fn brought(playbook: &Value) -> (Brought, Runbook) {
    let brought = read(playbook.to_string().as_bytes(), &|_| None).unwrap();
    let runbook = format::parse("a.md", brought.text.as_bytes());
    (brought, runbook)
}

/// Title, kind, script or text, and attributes of each item, with the phase it stands in.
fn items(runbook: &Runbook) -> Vec<(Phase, String, ItemKind, String)> {
    let mut all = Vec::new();
    for section in &runbook.phases {
        for step in &section.steps {
            for item in &step.items {
                let said = if item.script.is_empty() { &item.text } else { &item.script };
                all.push((section.phase, step.title.clone(), item.kind, said.trim_end().to_owned()));
            }
        }
    }
    all
}

fn said(brought: &Brought, part: &str) -> bool {
    brought.differences.iter().any(|one| format!("{}: {}", one.place, one.sentence).contains(part))
}

#[test]
fn a_playbook_that_is_a_path_becomes_one_that_runs() {
    let (one, two, three, four) = (step("action", 1), step("action", 2), step("action", 3), step("action", 4));
    let mut second = action("Block it", json!({ "type": "ssh", "command": "block __ip__:value" }), &three);
    second["targets"] = json!(["ssh--a"]);
    second["timeout"] = json!(5000);
    let mut third = action(
        "Ask the sensor",
        json!({
            "type": "http-api", "command": "POST /hosts/__ip__:value HTTP/1.1",
            "headers": { "Content-Type": ["application/json"] }, "content": "{\"ip\": \"__ip__:value\"}",
        }),
        &four,
    );
    third["targets"] = json!(["http-api--a"]);
    third["out_args"] = json!(["__verdict__"]);
    let script = "echo 'host __ip__:value'\nuname -a";
    let (brought, runbook) = brought(&playbook(&[
        (one, action("Look", json!({ "type": "bash", "command_b64": json::base64(script) }), &two)),
        (two, second),
        (three, third),
        (four, action("Tell", json!({ "type": "manual", "command": "Call the owner of __ip__:value" }), "end--1")),
    ]));
    assert_eq!(runbook.problems, [], "{}", brought.text);
    assert_eq!(
        items(&runbook),
        [
            (Phase::Steps, "Look".into(), ItemKind::Command, "echo 'host '\"${ip}\"''\nuname -a".into()),
            (Phase::Steps, "Block it".into(), ItemKind::Command, "block ${ip}".into()),
            (
                Phase::Steps,
                "Ask the sensor".into(),
                ItemKind::Command,
                "POST https://edr.example/hosts/{{ip}}\nContent-Type: application/json\n\n{\"ip\": \"{{ip}}\"}"
                    .into()
            ),
            (Phase::Steps, "Tell".into(), ItemKind::Check, "Call the owner of {{ip}}".into()),
        ],
        "{}",
        brought.text
    );
    let all: Vec<_> = runbook.phases.iter().flat_map(|one| &one.steps).flat_map(|one| &one.items).collect();
    assert_eq!(all[1].options.on.as_ref().unwrap().to_string(), "fire-wall");
    assert_eq!(all[1].options.timeout, Some(std::time::Duration::from_secs(5)));
    assert_eq!((&all[2].program, all[2].options.capture.as_deref()), {
        (&Program::Measure(format::Measure::Http), Some("verdict"))
    });
    assert!(said(
        &brought,
        "`on=fire-wall` needs an access entry of that name that leads by ssh to `10.0.0.4`, port 2222"
    ));
    assert_eq!((runbook.title.as_str(), runbook.kind), ("Isolate a host", Some(format::Kind::Incident)));
    assert_eq!(runbook.about.severity.as_deref(), Some("80"));
    assert_eq!(runbook.about.tags, ["edr", "mitigation"]);
    let names: Vec<&str> = runbook.settings.params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!((names, &runbook.settings.env), (vec!["ip"], &vec![("api".into(), "https://api.example".into())]));
}

#[test]
fn how_others_sign_in_never_comes_into_the_file() {
    let one = step("action", 1);
    let (brought, _) =
        brought(&playbook(&[(one, action("Look", json!({ "type": "bash", "command": "id" }), "end--1"))]));
    assert!(!brought.text.contains("hunter22"), "{}", brought.text);
    assert!(said(&brought, "no secret comes into a file"));
}

#[test]
fn what_is_done_only_if_something_is_so_is_started_by_a_person() {
    let (choice, yes, no, after) = (step("if-condition", 1), step("action", 2), step("action", 3), step("action", 4));
    let (end_yes, end_no) = (step("end", 8), step("end", 9));
    let run = |text: &str| json!({ "type": "bash", "command": text });
    let (brought, runbook) = brought(&playbook(&[
        (
            choice.clone(),
            json!({
                "type": "if-condition", "name": "Is it bad", "condition": "__verdict__:value = 'bad'",
                "on_true": yes, "on_false": no, "on_completion": after,
            }),
        ),
        (yes, action("Wipe", run("wipe"), &end_yes)),
        (no, action("Release", run("release"), &end_no)),
        (after, action("Report", run("report"), "end--1")),
        (end_yes, json!({ "type": "end" })),
        (end_no, json!({ "type": "end" })),
    ]));
    let all: Vec<_> = runbook.phases.iter().flat_map(|one| &one.steps).flat_map(|one| &one.items).collect();
    let by_hand: Vec<_> = all.iter().map(|item| (item.script.trim_end(), item.options.by_hand)).collect();
    assert_eq!(by_hand, [("", false), ("wipe", true), ("release", true), ("report", false)], "{}", brought.text);
    assert_eq!(all[0].text, "Decide whether verdict = 'bad' is so (verdict is “{{verdict}}”)");
    assert!(brought.text.contains("**Only if** `verdict = 'bad'` is not so; else skip it."), "{}", brought.text);
}

#[test]
fn loops_branches_and_failures_are_told_and_never_started_by_themselves() {
    let (loops, body, parallel, a, b, other) = (
        step("while-condition", 1),
        step("action", 2),
        step("parallel", 3),
        step("action", 4),
        step("action", 5),
        step("playbook-action", 6),
    );
    let (mend, lonely) = (step("action", 7), step("action", 8));
    let run = |text: &str| json!({ "type": "bash", "command": text });
    let mut first = action("One", run("one"), "end--1");
    first.as_object_mut().unwrap().remove("on_completion");
    first["on_success"] = json!("end--1");
    first["on_failure"] = json!(mend);
    let known = "playbook--22222222-2222-4222-8222-222222222222";
    let playbook = playbook(&[
        (
            loops.clone(),
            json!({
                "type": "while-condition", "name": "Until it is quiet", "condition": "__verdict__:value != 'ok'",
                "on_true": body, "on_completion": parallel,
            }),
        ),
        (body, action("Again", run("again"), "end--1")),
        (parallel, json!({ "type": "parallel", "name": "Both", "next_steps": [a, b], "on_completion": other })),
        (a, first),
        (b, action("Two", run("two"), "end--1")),
        (
            other,
            json!({
                "type": "playbook-action", "name": "The other", "playbook_id": known, "on_completion": "end--1",
            }),
        ),
        (mend, action("Mend", run("mend"), "end--1")),
        (lonely, action("Lonely", run("lonely"), "end--1")),
    ]);
    let brought = read(playbook.to_string().as_bytes(), &|id| (id == known).then(|| "other.md".to_owned())).unwrap();
    let runbook = format::parse("a.md", brought.text.as_bytes());
    let told: Vec<_> = items(&runbook).into_iter().map(|(phase, _, _, said)| (phase, said)).collect();
    assert_eq!(
        told,
        [
            (Phase::Steps, "Decide whether verdict != 'ok' is so (verdict is “{{verdict}}”)".to_owned()),
            (Phase::Steps, "again".to_owned()),
            (Phase::Steps, "one".to_owned()),
            (Phase::Steps, "two".to_owned()),
            (Phase::Steps, "The other".to_owned()),
            (Phase::Reference, "mend".to_owned()),
            (Phase::Reference, "lonely".to_owned()),
        ],
        "{}",
        brought.text
    );
    let step = |title: &str| {
        runbook.phases.iter().flat_map(|section| &section.steps).find(|step| step.title == title).unwrap()
    };
    assert!(step("Again").items[0].options.by_hand);
    assert_eq!(step("One").if_it_fails.as_deref(), Some("**If it fails**: go on with step 6, “Mend”."));
    assert!(step("The other").items[0].linked.is_some());
    for part in ["repeats its steps by itself", "2 branches are done at the same time", "leads to Lonely"] {
        assert!(said(&brought, part), "{part}: {:?}", brought.differences);
    }
}

#[test]
fn steps_that_lead_back_to_each_other_are_written_once() {
    let (one, two) = (step("action", 1), step("action", 2));
    let run = json!({ "type": "bash", "command": "true" });
    let (brought, runbook) =
        brought(&playbook(&[(one.clone(), action("One", run.clone(), &two)), (two, action("Two", run, &one))]));
    assert_eq!(items(&runbook).len(), 2, "{}", brought.text);
    assert!(brought.text.contains("Then go on with step 1, “One”."));
}

#[test]
fn what_is_named_and_not_there_makes_no_empty_part_and_a_group_that_fails_says_nothing_of_its_last_step() {
    let (parallel, one) = (step("parallel", 1), step("action", 2));
    let run = json!({ "type": "bash", "command": "true" });
    let mut playbook = playbook(&[
        (
            parallel,
            json!({ "type": "parallel", "name": "Both", "next_steps": [one, "end--1"], "on_failure": "end--1" }),
        ),
        (one.clone(), action("One", run, "end--1")),
    ]);
    playbook["workflow_exception"] = json!("action--gone");
    let (brought, runbook) = brought(&playbook);
    assert!(!brought.text.contains("Additional") && !brought.text.contains("If it fails"), "{}", brought.text);
    assert!(said(&brought, "`action--gone` is named and not there"));
    assert!(said(&brought, "Both: the playbook says what follows where one of its steps fails"));
    assert_eq!(items(&runbook).len(), 1);
}

#[test]
fn what_cannot_be_run_is_a_check_with_what_it_says() {
    let one = step("action", 1);
    let rule = json!({ "type": "yara", "command_b64": json::base64("rule a { condition: true }") });
    let (brought, runbook) = brought(&playbook(&[(one, action("Scan", rule, "end--1"))]));
    let all = items(&runbook);
    assert_eq!((all.len(), all[0].2, all[0].3.as_str()), (1, ItemKind::Check, "Do this with yara by hand:"));
    assert!(brought.text.contains("rule a { condition: true }"));
    assert!(said(&brought, "`yara` is not run here"));
}

#[test]
fn what_is_no_playbook_is_refused_with_what_it_is() {
    let refused = |text: &str| read(text.as_bytes(), &|_| None).unwrap_err();
    assert!(refused("{").contains("no JSON"));
    assert!(refused("{}").contains("`type` is not `playbook`"));
    assert!(refused(r#"{"type": "playbook", "spec_version": "1.1", "workflow": {}}"#).contains("version `1.1`"));
    assert!(refused(r#"{"type": "playbook", "spec_version": "cacao-2.0", "workflow": {}}"#).contains("no steps"));
    assert!(!is_playbook(b"{\"name\": \"x\"}"));
}

const RUNBOOK: &str = r#"---
title: Orders disk
kind: incident
severity: "70"
owner: Orders team
tags: [disk]
params: {HOST: {prompt: Which host, default: web1}}
env: {LIMIT: "90"}
access: {TOKEN: "keychain://api/token"}
links: [{title: Board, url: "https://board.example"}]
---

# Orders disk

## Overview

Why it fills up.

## Steps

### 1. Look

- [ ] The board is red

```bash {name=usage on=db1 timeout=10s expect="ok"}
df -h "$HOST"
```

### 2. Clean

**Only if** it is full; else skip it.

```bash {name=clean confirm}
rm /var/log/<file>
```

```bash {undo}
restore
```

### 3. Tell

```http {name=tell capture=TICKET}
POST https://tickets.example/new
Authorization: Bearer {{TOKEN}}

{"host": "{{HOST}}"}
```

```python {name=count}
print(1)
```

## Rollback

1. Put it back.
"#;

fn facts() -> Facts {
    Facts { now: "2026-11-29T10:00:00.000Z".to_owned(), by: "ada".to_owned() }
}

fn given(text: &str) -> (Value, Vec<crate::Difference>) {
    let runbook = format::parse("a.md", text.as_bytes());
    let given = write(&runbook, text, &facts());
    (serde_json::from_str(&given.text).unwrap(), given.differences)
}

#[test]
fn a_runbook_becomes_a_playbook_of_the_specification_and_says_what_it_loses() {
    let (playbook, differences) = given(RUNBOOK);
    assert_eq!(breaches(&playbook), Vec::<String>::new(), "{playbook:#}");
    let names: Vec<&str> =
        json::members(&playbook, "workflow").filter_map(|(_, step)| json::text(step, "name")).collect();
    assert_eq!(names, ["Look (1)", "Look (2)", "Clean", "Tell (1)", "Tell (2)"]);
    let described: Vec<&str> =
        json::members(&playbook, "workflow").filter_map(|(_, step)| json::text(step, "description")).collect();
    assert_eq!(
        described,
        ["expect: ok", "**Only if** it is full; else skip it.\n\nconfirm\n\nUndo:\nrestore"],
        "what a step says goes along"
    );
    let commands: Vec<&Value> =
        json::members(&playbook, "workflow").filter_map(|(_, step)| step["commands"].get(0)).collect();
    let kinds: Vec<&str> = commands.iter().filter_map(|command| command["type"].as_str()).collect();
    assert_eq!(kinds, ["manual", "ssh", "bash", "http-api", "manual"]);
    assert_eq!(
        json::encoded(commands[1], "command", "command_b64").unwrap().unwrap(),
        "export HOST=\"__HOST__:value\"\ndf -h \"$HOST\""
    );
    assert_eq!(commands[2]["command"], "rm /var/log/__file__:value");
    assert_eq!(commands[3]["headers"]["Authorization"][0], "Bearer __TOKEN__:value");
    let secret = &playbook["playbook_variables"]["__TOKEN__"];
    assert_eq!((&secret["value"], &secret["external"]), (&Value::Null, &json!(true)));
    assert!(!playbook.to_string().contains("keychain"), "{playbook:#}");
    let sentences: Vec<&str> = differences.iter().map(|one| one.sentence.as_str()).collect();
    for part in [
        "`expect=ok`",
        "`confirm`",
        "no way back: its undo",
        "`python3`",
        "where the secrets `TOKEN`",
        "Rollback is a way back",
    ] {
        assert!(sentences.iter().any(|sentence| sentence.contains(part)), "{part}: {sentences:#?}");
    }
}

#[test]
fn what_was_brought_in_goes_back_as_the_same_playbook() {
    let one = step("action", 1);
    let mut original = playbook(&[(one, action("Look", json!({ "type": "bash", "command": "id" }), "end--1"))]);
    original["impact"] = json!(40);
    let (brought, _) = brought(&original);
    let (playbook, _) = given(&brought.text);
    for key in [
        "id",
        "name",
        "created",
        "created_by",
        "playbook_types",
        "severity",
        "labels",
        "impact",
        "external_references",
    ] {
        assert_eq!(playbook[key], original[key], "{key}");
    }
    assert_eq!(breaches(&playbook), Vec::<String>::new());
}

#[test]
fn two_exports_of_one_runbook_differ_in_nothing() {
    let runbook = format::parse("a.md", RUNBOOK.as_bytes());
    assert_eq!(write(&runbook, RUNBOOK, &facts()).text, write(&runbook, RUNBOOK, &facts()).text);
}

fn json_like() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(action|end|if-condition|while-condition|parallel|switch-condition|start|bash|manual|ssh|http-api|x)(--[0-9])?"
            .prop_map(Value::from),
        r#"[ \n`#*_'"$<>\[\]{}a-z:-]{0,40}"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let key = prop_oneof![
            Just("type"),
            Just("name"),
            Just("description"),
            Just("commands"),
            Just("command"),
            Just("command_b64"),
            Just("on_completion"),
            Just("on_success"),
            Just("on_failure"),
            Just("on_true"),
            Just("on_false"),
            Just("cases"),
            Just("next_steps"),
            Just("condition"),
            Just("headers"),
            Just("content"),
            Just("action--1"),
            Just("parallel--2"),
            Just("if-condition--3"),
            Just("targets"),
            Just("agent"),
            Just("out_args"),
            Just("__a__"),
            Just("address"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6).prop_map(|pairs| Value::Object(
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn any_playbook_is_read_to_its_end_and_gives_a_runbook_without_errors(
        workflow in json_like(), variables in json_like(), targets in json_like(),
    ) {
        let playbook = json!({
            "type": "playbook", "spec_version": "cacao-2.0", "name": "x", "workflow": workflow,
            "playbook_variables": variables, "target_definitions": targets, "workflow_start": "action--1",
        });
        if let Ok(brought) = read(playbook.to_string().as_bytes(), &|_| None) {
            let runbook = format::parse("a.md", brought.text.as_bytes());
            // Only what is unclosed, or front matter that nobody reads, would change what the whole text means.
            let broken: Vec<_> = runbook.problems.iter().filter(|problem| matches!(problem.code, "unclosed-fence" | "front-matter")).collect();
            prop_assert!(broken.is_empty(), "{broken:?}\n{}", brought.text);
            prop_assert_eq!(runbook.title, "x");
        }
    }

    #[test]
    fn any_runbook_becomes_a_playbook_of_the_specification(
        title in "[a-zA-Z *_#-]{1,20}", script in r#"[ -~\n]{0,60}"#, check in r"[a-z <>`*]{1,30}",
    ) {
        let text = format!("# {title}\n\n## Steps\n\n### 1. Do\n\n- [ ] {check}\n\n~~~~~bash {{name=a}}\n{script}\n~~~~~\n");
        let (playbook, _) = given(&text);
        prop_assert_eq!(breaches(&playbook), Vec::<String>::new());
    }
}
