//! What a runbook becomes is a playbook by the rules of the specification, also where the runbook is an odd one.

use super::*;

/// What the specification asks of a playbook and its parts (sections 3, 4, 5, 7 and 10 of it), one sentence for each breach.
pub(super) fn breaches(playbook: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for key in
        ["type", "spec_version", "id", "name", "created_by", "created", "modified", "workflow_start", "workflow"]
    {
        if playbook.get(key).is_none() {
            found.push(format!("{key} is missing"));
        }
    }
    for key in ["created", "modified"] {
        let time = playbook[key].as_str().unwrap_or_default();
        let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if shape != "0000-00-00T00:00:00.000Z" {
            found.push(format!("{key} is no time with three digits: {time}"));
        }
    }
    if playbook["modified"].as_str() < playbook["created"].as_str() {
        found.push("modified is before created".to_owned());
    }
    if playbook.get("playbook_types").is_some() && playbook.get("playbook_activities").is_none() {
        found.push("there are types and no activity".to_owned());
    }
    for (key, kind) in [("id", "playbook"), ("created_by", "identity")] {
        if !playbook[key].as_str().is_some_and(|id| ids::is_one(id, &[kind])) {
            found.push(format!("{key} is no identifier of {kind}"));
        }
    }
    let workflow = playbook["workflow"].as_object().unwrap();
    for (kind, least) in [("start", 1), ("action", 1), ("end", 1)] {
        if workflow.values().filter(|step| step["type"] == kind).count() < least {
            found.push(format!("there is no {kind}"));
        }
    }
    if workflow.get(playbook["workflow_start"].as_str().unwrap()).is_none_or(|step| step["type"] != "start") {
        found.push("workflow_start is no start".to_owned());
    }
    let defined =
        |id: &str| ["agent_definitions", "target_definitions"].iter().any(|key| playbook[*key].get(id).is_some());
    let well_formed = |id: &str| {
        id.split_once("--").is_some_and(|(kind, uuid)| {
            !kind.is_empty()
                && uuid::Uuid::parse_str(uuid).is_ok_and(|uuid| (1..=5).contains(&uuid.get_version_num()))
        })
    };
    let mut seen = std::collections::BTreeSet::new();
    for (id, step) in workflow {
        let kind = step["type"].as_str().unwrap_or_default();
        if !well_formed(id) || !id.starts_with(&format!("{kind}--")) {
            found.push(format!("{id} is no identifier of {kind}"));
        }
        if !seen.insert(id.split_once("--").unwrap().1.to_owned()) {
            found.push(format!("the UUID of {id} stands twice"));
        }
        for key in ["on_completion", "on_success", "on_failure"] {
            if let Some(next) = step[key].as_str()
                && !workflow.contains_key(next)
            {
                found.push(format!("{id} leads to {next}, which is not there"));
            }
        }
        if step.get("on_completion").is_some()
            && (step.get("on_success").is_some() || step.get("on_failure").is_some())
        {
            found.push(format!("{id} has on_completion beside others"));
        }
        if kind == "end" && step.as_object().unwrap().keys().any(|key| key.starts_with("on_")) {
            found.push(format!("{id} leads on"));
        }
        if kind == "action" {
            for command in step["commands"].as_array().into_iter().flatten() {
                let text = json::encoded(command, "command", "command_b64").unwrap().unwrap_or_default();
                if text.trim().is_empty() {
                    found.push(format!("a command of {id} holds nothing"));
                }
            }
            if step["commands"].as_array().is_none_or(Vec::is_empty) {
                found.push(format!("{id} has no commands"));
            }
            for id in step["targets"].as_array().into_iter().flatten().chain([&step["agent"]]) {
                let id = id.as_str().unwrap_or_default();
                if !defined(id) || !well_formed(id) {
                    found.push(format!("{id} is not defined"));
                }
            }
            for key in ["in_args", "out_args"] {
                for name in step[key].as_array().into_iter().flatten() {
                    if playbook["playbook_variables"].get(name.as_str().unwrap()).is_none() {
                        found.push(format!("{name} is no variable"));
                    }
                }
            }
        }
    }
    for (name, variable) in json::members(playbook, "playbook_variables") {
        let bare = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")).unwrap_or_default();
        let letters = bare.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-'));
        let named = bare.starts_with(|first: char| first.is_ascii_alphabetic()) && letters && bare.len() <= 200;
        if !named || variable.get("type").is_none() {
            found.push(format!("{name} is no name of a variable"));
        }
    }
    found
}

/// The commands of all steps, in order, each with its text.
fn commands(playbook: &Value) -> Vec<(String, String)> {
    let steps =
        json::members(playbook, "workflow").flat_map(|(_, step)| step["commands"].as_array().into_iter().flatten());
    let told = steps.map(|command| {
        let text = json::encoded(command, "command", "command_b64").unwrap().unwrap_or_default();
        (command["type"].as_str().unwrap().to_owned(), text)
    });
    told.collect()
}

#[test]
fn a_playbook_has_an_action_at_least() {
    for text in ["", "# Only a title\n\nText.\n", "# R\n\n## Rollback\n\n```sh\nback\n```\n"] {
        let (playbook, differences) = given(text);
        assert_eq!(breaches(&playbook), Vec::<String>::new(), "{text}");
        let kinds: Vec<&str> =
            json::members(&playbook, "workflow").filter_map(|(_, step)| step["type"].as_str()).collect();
        assert_eq!(kinds, ["start", "action", "end"], "{text}");
        assert!(differences.iter().any(|one| one.sentence.contains("nothing to do in it")), "{text}");
    }
}

#[test]
fn every_variable_is_its_own_whatever_it_is_called() {
    let (playbook, _) = given(
        "---\nenv: {_X: a, X: b, X_: c, Größe: d, a b: e, 1x: f, v1x: g}\nparams: {_Y: {}}\n---\n# V\n\n## Steps\n\n```bash {name=a \
         capture=_OUT}\necho $_X $X $X_ $_Y <pod name> <ä>\n```\n\n```bash {name=b capture=OUT}\necho $_OUT\n```\n",
    );
    assert_eq!(breaches(&playbook), Vec::<String>::new(), "{playbook:#}");
    let values: std::collections::BTreeSet<&str> = json::members(&playbook, "playbook_variables")
        .filter_map(|(_, variable)| variable["value"].as_str())
        .collect();
    assert_eq!(values.into_iter().collect::<String>(), "abcdefg");
    for (_, step) in json::members(&playbook, "workflow") {
        let used = json::texts(step, "in_args");
        let each: std::collections::BTreeSet<_> = used.iter().collect();
        assert_eq!(used.len(), each.len(), "{step:#}");
    }
}

#[test]
fn what_the_front_matter_keeps_is_given_back_where_it_is_as_the_specification_says_and_said_where_not() {
    let (playbook, differences) = given(
        "---\ncacao: {id: playbook--nonsense, created: yesterday, created_by: somebody, playbook_types: [remediation], \
         playbook_activities: [], derived_from: [], priority: 500, impact: 40, markings: [x]}\n---\n# K\n\n- [ ] x\n",
    );
    assert_eq!(breaches(&playbook), Vec::<String>::new(), "{playbook:#}");
    assert_eq!((&playbook["impact"], playbook.get("priority"), playbook.get("markings")), (&json!(40), None, None));
    // A playbook with types of the vocabulary has an activity at least (section 3.1).
    assert_eq!(playbook["playbook_activities"], json!(["step-sequence"]));
    let said: Vec<&str> = differences.iter().map(|one| one.sentence.as_str()).collect();
    for key in ["id", "created", "created_by", "priority", "markings"] {
        assert!(said.iter().any(|one| one.starts_with(&format!("`{key}` under `cacao`"))), "{key}: {said:?}");
    }
}

#[test]
fn a_version_is_no_older_than_the_first_and_its_times_have_three_digits() {
    let created = |created: &str| given(&format!("---\ncacao: {{created: \"{created}\"}}\n---\n# T\n\n- [ ] x\n")).0;
    let text = |playbook: &Value, key: &str| playbook[key].as_str().unwrap().to_owned();
    let old = created("2023-11-20T15:56:00.123456Z");
    assert_eq!(
        [text(&old, "created"), text(&old, "modified")],
        ["2023-11-20T15:56:00.123Z", "2026-11-29T10:00:00.000Z"]
    );
    let future = created("2099-01-01T00:00:00Z");
    assert_eq!([text(&future, "created"), text(&future, "modified")], ["2099-01-01T00:00:00.000Z"; 2]);
}

#[test]
fn what_a_person_starts_here_no_playbook_starts() {
    let (playbook, differences) = given(
        "# H\n\n## Steps\n\n```bash {name=a excludeFromRunAll=true on=db1}\nwipe\n```\n\n```\n$ kubectl delete pod x\n```\n\n```bash \
         {name=b}\nls\n```\n",
    );
    let told = commands(&playbook);
    assert_eq!(
        told,
        [
            ("manual".into(), "Run on db1, if it is needed:\nwipe".into()),
            ("manual".into(), "Run, if it is needed:\nkubectl delete pod x".into()),
            ("bash".into(), "ls".into()),
        ]
    );
    assert_eq!(
        differences.iter().filter(|one| one.sentence.contains("a person starts it, if it is needed")).count(),
        2
    );
}

#[test]
fn a_command_beside_the_path_is_said_to_stand_in_the_description_alone() {
    let (playbook, differences) = given(
        "# H\n\n## Steps\n\n```sh {name=go}\ntrue\n```\n\n## Notes\n\nLook:\n\n```sh {name=ref}\nls /srv\n```\n\n```http {name=ask probe}\n\
         GET https://shop.example/\n```\n\n```text\nno command\n```\n\n## Rollback\n\n```sh {name=back}\nfalse\n```\n",
    );
    let beside: Vec<(&str, &str)> = differences
        .iter()
        .filter(|one| one.sentence.contains("in the description alone"))
        .map(|one| (one.place.as_str(), one.sentence.split_once(" is beside").map_or("", |(what, _)| what)))
        .collect();
    assert_eq!(
        beside,
        [("line 13", "the command `ref` under \"Notes\""), ("line 17", "the probe `ask` under \"Notes\"")]
    );
    assert!(playbook["description"].as_str().is_some_and(|text| text.contains("ls /srv")));
    assert!(commands(&playbook).iter().all(|(_, command)| !command.contains("ls /srv")), "no step of it runs it");
}

#[test]
fn an_entry_that_no_host_is_called_is_somewhere_that_whoever_runs_it_says() {
    let (playbook, _) = given(
        "# O\n\n## Steps\n\n```bash {name=a on=\"Orders DB\"}\nls\n```\n\n```bash {name=b on=db1.x}\nls\n```\n",
    );
    assert_eq!(breaches(&playbook), Vec::<String>::new(), "{playbook:#}");
    let addresses: Vec<&str> = json::members(&playbook, "target_definitions")
        .filter_map(|(_, target)| target["address"]["dname"][0].as_str())
        .collect();
    let key = variables::key("address of Orders DB");
    assert_eq!(addresses, [format!("{key}:value").as_str(), "db1.x"]);
    assert_eq!(playbook["playbook_variables"][&key]["external"], true);
}

#[test]
fn text_says_the_values_of_variables_and_escapes_nothing() {
    let (playbook, _) = given(
        "---\nparams: {HOST: {}}\n---\n# T\n\n## Overview\n\nOf {{HOST}}, not \\*bold\\*, and {{other}}.\n\n## Steps\n\n### 1. Do\n\nLook at \
         {{HOST}}.\n\n- [ ] {{HOST}} is `{{up}}`\n",
    );
    assert_eq!(playbook["description"], "Of __HOST__:value, not *bold*, and {{other}}.");
    let action = json::members(&playbook, "workflow").find(|(_, step)| step["type"] == "action").unwrap().1;
    assert_eq!(action["description"], "Look at __HOST__:value.");
    assert_eq!(commands(&playbook), [("manual".into(), "__HOST__:value is {{up}}".into())]);
    assert_eq!(action["in_args"], json!(["__HOST__"]));
}

#[test]
fn a_check_says_all_that_it_says_and_a_block_that_holds_nothing_is_one_too() {
    let (playbook, _) = given(
        "# C\n\n## Steps\n\n### 1. Ask\n\n- [ ] Ask\n\n      1\\. them\n      2\\. \\*us\\*\n\n  ```sh {name=a}\n  ls\n  ```\n\n```sh {name=b}\n$\n```\n",
    );
    let told = commands(&playbook);
    assert_eq!(told[0], ("manual".into(), "Ask\n\n1. them\n2. *us*".into()), "{playbook:#}");
    assert_eq!(told[1..], [("bash".into(), "ls".into()), ("manual".into(), "Ask".into())]);
    assert_eq!(breaches(&playbook), Vec::<String>::new());
}

/// Text with its blanks as one each.
fn words(value: &Value) -> Value {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        Value::Array(list) => list.iter().map(words).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), words(value))).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_goes_back_and_forth_stays() {
    let (mut playbook, _) = given(RUNBOOK);
    for round in 0..3 {
        let (brought, _) = brought(&playbook);
        let (next, _) = given(&brought.text);
        if round > 0 {
            let description = |playbook: &Value| words(&playbook["description"]);
            assert_eq!(description(&next), description(&playbook));
            assert_eq!(commands(&next), commands(&playbook));
            assert_eq!(words(&next["playbook_variables"]), words(&playbook["playbook_variables"]));
        }
        playbook = next;
    }
}
