//! What a playbook leads to, and where it is run: what is not said is not guessed.

use super::*;

fn run(text: &str) -> Value {
    json!({ "type": "bash", "command": text })
}

/// The items of a runbook that run something: script, where, and whether a person starts it.
fn blocks(runbook: &Runbook) -> Vec<(String, String, bool)> {
    let items = runbook.phases.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items);
    let told = items.filter(|item| !item.script.is_empty()).map(|item| {
        let on = item.options.on.as_ref().map(ToString::to_string).unwrap_or_default();
        (item.script.trim_end().to_owned(), on, item.options.by_hand)
    });
    told.collect()
}

#[test]
fn a_step_that_several_branches_lead_to_stands_after_all_of_them() {
    let (choice, yes, no, both) = (step("if-condition", 1), step("action", 2), step("action", 3), step("action", 4));
    let (brought, runbook) = brought(&playbook(&[
        (choice, json!({ "type": "if-condition", "name": "Can you patch?", "on_true": yes, "on_false": no })),
        (yes, action("Patch", run("patch"), &both)),
        (no, action("Mitigate", run("mitigate"), &both)),
        (both, action("Report", run("report"), "end--1")),
    ]));
    let order: Vec<String> = blocks(&runbook).into_iter().map(|(script, ..)| script).collect();
    assert_eq!(order, ["patch", "mitigate", "report"]);
    let text = &brought.text;
    assert_eq!(text.matches("Then go on with step 4, “Report”.").count(), 2, "{text}");
    assert!(text.contains("### 4. Report\n\n**Only if** a step before leads here; else skip it."), "{text}");
    // Nothing says by what it is decided: the name of the step asks.
    assert!(text.contains("- [ ] Decide: Can you patch?\n"), "{text}");
    assert!(text.contains("**Only if** “Can you patch?” is answered with no; else skip it."), "{text}");
    assert!(said(&brought, "Can you patch?: the playbook does not say by what it is decided."));
    assert_eq!(brought.differences.iter().filter(|one| one.sentence.contains("from several places")).count(), 1);
}

#[test]
fn a_step_that_branches_lead_to_in_any_case_is_one_of_the_path() {
    let (parallel, a, b, both) = (step("parallel", 1), step("action", 2), step("action", 3), step("action", 4));
    let (brought, runbook) = brought(&playbook(&[
        (parallel, json!({ "type": "parallel", "name": "Both", "next_steps": [a, b] })),
        (a, action("One", run("one"), &both)),
        (b, action("Two", run("two"), &both)),
        (both, action("Report", run("report"), "end--1")),
    ]));
    let told: Vec<_> = blocks(&runbook).into_iter().map(|(script, _, by_hand)| (script, by_hand)).collect();
    assert_eq!(told, [("one".into(), false), ("two".into(), false), ("report".into(), false)], "{}", brought.text);
}

#[test]
fn a_step_is_one_of_the_path_whatever_it_is_called() {
    let names = [
        "Escalation",
        "Rollback",
        "If it fails",
        "Notes",
        "Triage",
        "Why",
        "Preconditions",
        "Done ##",
        "12",
        "Verify",
    ];
    let ids: Vec<String> = (1..=names.len()).map(|number| step("action", u8::try_from(number).unwrap())).collect();
    let next = |at: usize| ids.get(at + 1).map_or("end--1", String::as_str);
    let steps: Vec<(String, Value)> =
        names.iter().enumerate().map(|(at, name)| (ids[at].clone(), action(name, run("true"), next(at)))).collect();
    let (brought, runbook) = brought(&playbook(&steps));
    for section in &runbook.phases {
        let expected = match section.steps.first().map(|step| step.title.as_str()) {
            Some("Verify") => Phase::Validation,
            Some(_) => Phase::Steps,
            None => continue,
        };
        assert_eq!(section.phase, expected, "{}\n{}", section.heading, brought.text);
    }
    let titles: Vec<&str> =
        runbook.phases.iter().flat_map(|one| &one.steps).map(|step| step.title.as_str()).collect();
    assert_eq!(titles[1..3], ["Step “Rollback”", "Step “If it fails”"]);
    assert_eq!(titles[7..], ["Done ##", "12", "Verify"]);
}

#[test]
fn a_step_off_the_path_is_not_brought_onto_it_by_its_name() {
    let (one, mend) = (step("action", 1), step("action", 2));
    let mut first = action("One", run("one"), "end--1");
    first.as_object_mut().unwrap().remove("on_completion");
    first["on_success"] = json!("end--1");
    first["on_failure"] = json!(mend);
    let (brought, runbook) =
        brought(&playbook(&[(one, first), (mend, action("Remediation", run("mend"), "end--1"))]));
    let told: Vec<_> = items(&runbook).into_iter().map(|(phase, _, _, said)| (phase, said)).collect();
    assert_eq!(told, [(Phase::Steps, "one".into()), (Phase::Reference, "mend".into())], "{}", brought.text);
}

#[test]
fn every_command_is_one_that_runs_and_holds_what_it_held() {
    let scripts = ["NAME  READY\npod  1/1", "apiVersion: v1", "{\"a\": 1}", "a\u{1}b\u{2}\n```\nc\n```"];
    let ids: Vec<String> = (1..=scripts.len()).map(|number| step("action", u8::try_from(number).unwrap())).collect();
    let next = |at: usize| ids.get(at + 1).map_or("end--1", String::as_str);
    let steps: Vec<(String, Value)> = scripts
        .iter()
        .enumerate()
        .map(|(at, script)| (ids[at].clone(), action("Same", run(script), next(at))))
        .collect();
    let (_, runbook) = brought(&playbook(&steps));
    assert_eq!(blocks(&runbook).into_iter().map(|(script, ..)| script).collect::<Vec<_>>(), scripts);
    let names: Vec<&str> = runbook
        .phases
        .iter()
        .flat_map(|one| &one.steps)
        .flat_map(|one| &one.items)
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(names, ["same", "same-2", "same-3", "same-4"]);
}

#[test]
fn a_command_that_would_be_another_in_a_runbook_is_run_by_a_person() {
    for script in ["> output", "$ ls", "ssh host\nwhoami", "# nothing"] {
        let (brought, runbook) = brought(&playbook(&[(step("action", 1), action("Do", run(script), "end--1"))]));
        assert_eq!(blocks(&runbook), [], "{script}");
        assert!(
            brought.text.contains(&format!("- [ ] Run this by hand:\n\n```text\n{script}\n```\n")),
            "{}",
            brought.text
        );
        assert!(said(&brought, "would be something else in a runbook"));
    }
}

#[test]
fn what_holds_a_nul_is_no_text_and_none_comes_into_the_file() {
    let post =
        json!({ "type": "http-api", "command": "POST /a HTTP/1.1", "headers": { "A\0": ["b\0c"] }, "content": "x" });
    for command in [
        run("a\0b"),
        json!({ "type": "bash", "command_b64": json::base64("a\0b") }),
        json!({ "command": "a\0b" }),
        post,
    ] {
        let (brought, runbook) =
            brought(&playbook(&[(step("action", 1), action("Do\0", command.clone(), "end--1"))]));
        assert!(!brought.text.contains('\0'), "{:?}", brought.text);
        assert_eq!((blocks(&runbook), items(&runbook).len()), (Vec::new(), 1), "{command}\n{}", brought.text);
    }
}

/// The one command of a playbook, by this agent on these targets.
fn placed(command: &Value, agent: &str, targets: &[&str]) -> (Vec<(String, String, bool)>, Brought) {
    let one = step("action", 1);
    let mut playbook = playbook(&[(one.clone(), action("Do", command.clone(), "end--1"))]);
    playbook["workflow"][&one]["agent"] = json!(agent);
    playbook["workflow"][&one]["targets"] = json!(targets);
    let agents = &mut playbook["agent_definitions"];
    agents["group--a"] = json!({ "type": "group", "name": "SOC" });
    agents["soarca--a"] = json!({ "type": "soarca", "name": "soarca-ssh" });
    agents["linux--b"] = json!({ "type": "linux", "name": "Jump host", "address": { "dname": ["jump.example"] } });
    let targets = &mut playbook["target_definitions"];
    targets["organization--a"] = json!({ "type": "organization", "name": "ACME" });
    targets["organization--b"] = json!({ "type": "organization", "name": "Fire Wall" });
    targets["linux--d"] = json!({ "type": "linux", "name": "Somewhere" });
    targets["ssh--b"] =
        json!({ "type": "ssh", "name": "Container", "address": { "ipv4": ["127.0.0.1"] }, "port": "2222" });
    targets["ssh--c"] = json!({ "type": "ssh", "name": "Here", "address": { "ipv4": ["127.0.0.1"] } });
    targets["linux--c"] = json!({ "type": "linux", "name": "Asked", "address": { "ipv4": ["__ip__:value"] } });
    targets["net-address--a"] =
        json!({ "type": "net-address", "name": "Windows", "address": { "ipv4": ["10.0.0.9"] } });
    let (brought, runbook) = brought(&playbook);
    (blocks(&runbook), brought)
}

#[test]
fn what_runs_elsewhere_in_the_playbook_is_never_run_here_by_itself() {
    let ssh = json!({ "type": "ssh", "command": "id" });
    for (command, agent, targets, on, by_hand) in [
        (run("id"), "linux--a", vec!["ssh--a"], "", false),
        (run("id"), "linux--b", vec!["ssh--a"], "jump-host", false),
        (run("id"), "soarca--a", vec!["ssh--a"], "fire-wall", false),
        (run("id"), "soarca--a", vec![], "", true),
        (run("id"), "group--a", vec!["net-address--a"], "", true),
        (run("id"), "gone--a", vec![], "", true),
        (ssh.clone(), "linux--a", vec!["ssh--a", "linux--c"], "ssh:fire-wall,asked", false),
        (ssh.clone(), "linux--b", vec![], "jump-host", false),
        (ssh.clone(), "soarca--a", vec!["ssh--b"], "container", false),
        (ssh.clone(), "soarca--a", vec!["ssh--c"], "", false),
        (ssh.clone(), "soarca--a", vec!["net-address--a"], "windows", false),
        // Nobody says where: it needs an entry, and does not run without.
        (ssh.clone(), "soarca--a", vec![], "soarca-ssh", false),
        (ssh.clone(), "gone--a", vec!["gone--b"], "host", false),
        (ssh.clone(), "linux--a", vec!["gone--b"], "host", false),
        (ssh.clone(), "linux--a", vec!["organization--a"], "acme", false),
        (ssh.clone(), "linux--a", vec!["organization--b"], "fire-wall-2", false),
        (ssh.clone(), "linux--a", vec!["gone--b", "ssh--a", "ssh--a"], "fire-wall", false),
        (ssh.clone(), "linux--a", vec![], "", false),
        // Without an address it is no more this machine than another.
        (run("id"), "linux--d", vec![], "somewhere", false),
        (ssh, "linux--a", vec!["linux--d"], "somewhere", false),
    ] {
        let (told, brought) = placed(&command, agent, &targets);
        assert_eq!(told, [("id".to_owned(), on.to_owned(), by_hand)], "{agent} {targets:?}\n{}", brought.text);
        assert!(!by_hand || said(&brought, "which machine that is, is not said"), "{:?}", brought.differences);
    }
    let (_, brought) = placed(&json!({ "type": "ssh", "command": "id" }), "soarca--a", &["linux--c"]);
    assert!(said(&brought, "`on=asked` needs an access entry of that name that leads by ssh to `{{ip}}`"));
    let (_, brought) = placed(&json!({ "type": "ssh", "command": "id" }), "gone--a", &[]);
    assert!(said(&brought, "`on=host` needs an access entry of that name: the playbook does not say where it is."));
    let (_, brought) = placed(&json!({ "type": "ssh", "command": "id" }), "linux--d", &[]);
    assert!(said(
        &brought,
        "`on=somewhere` needs an access entry of that name: the playbook does not say where it is."
    ));
    for (command, agent) in [(json!({ "type": "ssh", "command": "id" }), "linux--a"), (run("id"), "soarca--a")] {
        let (_, brought) = placed(&command, agent, &["ssh--a", "gone--b", "organization--a"]);
        assert!(said(&brought, "Do: its target `gone--b` is not defined: it is not run there."), "{agent}");
        assert!(said(&brought, "Do: the playbook does not say where its target `ACME` is: it is not run there."));
    }
    let (_, brought) = placed(&json!({ "type": "manual", "command": "x" }), "group--a", &[]);
    assert!(said(&brought, "`SOC` does it in the playbook."));
}

#[test]
fn a_request_goes_where_its_target_is_whatever_kind_that_is() {
    let get = json!({ "type": "http-api", "command": "GET get HTTP1.1" });
    for (targets, request, by_hand) in [
        (vec!["http-api--a"], "GET https://edr.example/get", false),
        (vec!["linux--c"], "GET https://{{ip}}/get", false),
        (vec!["net-address--a"], "GET https://10.0.0.9/get", false),
        (vec![], "GET https://SERVER/get", true),
    ] {
        let (told, brought) = placed(&get, "soarca--a", &targets);
        assert_eq!(told, [(request.to_owned(), String::new(), by_hand)], "{targets:?}\n{}", brought.text);
    }
    let (told, brought) =
        placed(&json!({ "type": "http-api", "command": "TRACE / HTTP/1.1" }), "linux--a", &["http-api--a"]);
    assert!(told.is_empty() && said(&brought, "its request cannot be sent from here"), "{}", brought.text);
    let (_, brought) = placed(&run("id"), "linux--a", &["net-address--a"]);
    assert!(!said(&brought, "does not say whether it is `http`"), "nothing asks it by HTTP");
}

#[test]
fn what_a_person_does_is_one_check_with_all_that_it_says() {
    let said = json!({ "type": "manual", "command": "Ask about __ip__:value\n\n1. the team\n- [ ] *ACME*\n" });
    let (brought, runbook) = brought(&playbook(&[(step("action", 1), action("Ask", said.clone(), "end--1"))]));
    let told: Vec<String> = items(&runbook).into_iter().map(|(.., said)| said).collect();
    assert_eq!(told, ["Ask about {{ip}} 1. the team - [ ] *ACME*"], "{}", brought.text);
    let (back, _) = given(&brought.text);
    let given = back["workflow"].as_object().unwrap().values().find(|step| step["type"] == "action").unwrap();
    let text = json::encoded(&given["commands"][0], "command", "command_b64").unwrap().unwrap();
    assert_eq!(text, "Ask about __ip__:value\n1. the team\n- [ ] *ACME*");
}

#[test]
fn what_a_person_gives_back_is_asked_for() {
    let one = step("action", 1);
    let mut playbook =
        playbook(&[(one.clone(), action("Ask", json!({ "type": "manual", "command": "Look" }), "end--1"))]);
    playbook["workflow"][&one]["out_args"] = json!(["__verdict__"]);
    let (brought, runbook) = brought(&playbook);
    let item = runbook.phases.iter().flat_map(|one| &one.steps).flat_map(|one| &one.items).nth(1).unwrap();
    assert_eq!(
        (item.options.capture.as_deref(), &item.variables[..]),
        (Some("verdict"), &["verdict".to_owned()][..]),
        "{}",
        brought.text
    );
}

#[test]
fn what_several_hosts_print_is_no_value_of_a_variable_and_what_one_does_is() {
    for (targets, captured) in [(vec!["ssh--a", "ssh--b"], None), (vec!["ssh--a", "ssh--a"], Some("verdict"))] {
        let one = step("action", 1);
        let ssh = json!({ "type": "ssh", "command": "id" });
        let mut playbook = playbook(&[(one.clone(), action("Look", ssh, "end--1"))]);
        playbook["target_definitions"]["ssh--b"] =
            json!({ "type": "ssh", "name": "Other", "address": { "ipv4": ["10.0.0.5"] } });
        playbook["workflow"][&one]["targets"] = json!(targets);
        playbook["workflow"][&one]["out_args"] = json!(["__verdict__"]);
        let (brought, runbook) = brought(&playbook);
        assert_eq!(runbook.problems, [], "{}", brought.text);
        let item = &runbook.phases.iter().flat_map(|one| &one.steps).flat_map(|one| &one.items).next().unwrap();
        assert_eq!(item.options.capture.as_deref(), captured, "{}", brought.text);
        assert_eq!(said(&brought, "nothing sets `verdict` here"), captured.is_none());
        assert_eq!(said(&brought, "`verdict` is what its last command prints"), captured.is_some());
    }
}

#[test]
fn a_value_that_is_no_text_is_a_value_and_one_that_nobody_wrote_yet_is_asked_for() {
    let one = step("action", 1);
    let mut playbook = playbook(&[(one, action("Look", run("true"), "end--1"))]);
    playbook["playbook_variables"] = json!({
        "__empty__": { "type": "string", "value": "" },
        "__unwritten__": { "type": "string", "value": "", "constant": true },
        "__unknown__": { "type": "string", "value": null },
        "__given__": { "type": "string", "value": "x", "external": true },
    });
    let (_, runbook) = brought(&playbook);
    let asked: Vec<(&str, Option<&str>)> =
        runbook.settings.params.iter().map(|param| (param.name.as_str(), param.default.as_deref())).collect();
    assert_eq!(asked, [("unwritten", None), ("unknown", None), ("given", Some("x"))]);
    assert_eq!(runbook.settings.env, [("empty".to_owned(), String::new())]);
}

#[test]
fn a_large_playbook_takes_a_moment_and_one_that_grows_without_end_is_refused() {
    let steps = 5_000;
    let id = |number: usize| format!("action--{number:08}-0000-4000-8000-000000000000");
    let mut workflow = serde_json::Map::new();
    let mut variables = serde_json::Map::new();
    for number in 0..steps {
        // The same name each time, and a failure that leads to another.
        let mut one = action("Same", run("echo __a__:value 'x'"), &id(number + 1));
        one.as_object_mut().unwrap().remove("on_completion");
        one["on_success"] = json!(id((number + 2) % steps));
        one["on_failure"] = json!(id((number + 1) % steps));
        workflow.insert(id(number), one);
        if number < 4_000 {
            variables.insert(
                format!("__a{}b__", "-._"[number % 3..].chars().next().unwrap().to_string().repeat(number % 90)),
                json!({ "type": "string" }),
            );
        }
    }
    let mut large = playbook(&[(id(0), json!({}))]);
    large["workflow"] = Value::Object(workflow);
    large["workflow_start"] = json!(id(0));
    large["playbook_variables"] = Value::Object(variables);
    let begun = std::time::Instant::now();
    let (brought, _) = brought(&large);
    assert!(brought.text.len() > steps * 50);
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());

    let mut many = playbook(&[(id(0), action(&"n".repeat(100), run("true"), "end--1"))]);
    let body = "x".repeat(1 << 20);
    many["workflow"][id(0)]["commands"] =
        json!([{ "type": "http-api", "command": "POST / HTTP/1.1", "content": body }]);
    many["workflow"][id(0)]["targets"] = json!(vec!["http-api--a"; 1000]);
    assert!(read(many.to_string().as_bytes(), &|_| None).unwrap_err().contains("larger than 16 MiB"));
    many["playbook_variables"] =
        (0..20_001).map(|number| (format!("__v{number}__"), json!({ "type": "string" }))).collect();
    assert!(read(many.to_string().as_bytes(), &|_| None).unwrap_err().contains("more than 20000 variables"));
}

#[test]
fn many_commands_on_many_hosts_are_not_written_to_their_end() {
    let hosts: Vec<String> = (0..1_000).map(|number| format!("ssh--{number}")).collect();
    let defined = hosts.iter().map(|host| (host.clone(), json!({ "name": format!("{host} {}", "h".repeat(80)) })));
    let playbook = json!({ "target_definitions": Value::Object(defined.collect()) });
    let step = json!({ "commands": vec![json!({ "type": "ssh", "command": "id" }); 1_000], "targets": hosts });
    let names = variables::Names::default();
    let (targets, mut taken) = (targets::Targets::of(&playbook, &names), format::Taken::default());
    let written = commands::Commands::new(&names, &targets, "Do", &step, &mut taken).write(true, false);
    // Each is longer than 80 kB, and all of them may have 16 MiB.
    assert!((150..250).contains(&written.len()), "{}", written.len());
}
