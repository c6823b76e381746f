//! Files of other formats: playbooks become runbooks that run, files of other runners run as they are, a runbook becomes a
//! playbook; what is otherwise is said, and nothing is lost.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Home, text};

const FIRST: &str = "playbook--11111111-1111-4111-8111-111111111111";
const SECOND: &str = "playbook--22222222-2222-4222-8222-222222222222";

/// A playbook with one command, and one that runs the other playbook.
fn playbook(id: &str, name: &str, command: &Value, other: &str) -> String {
    let (look, run) =
        ("action--00000001-0000-4000-8000-000000000000", "playbook-action--00000002-0000-4000-8000-000000000000");
    json!({
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": id,
        "name": name,
        "created_by": "identity--11111111-1111-4111-8111-111111111112",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-02T00:00:00.000Z",
        "playbook_variables": { "__who__": { "type": "string", "value": "it's $HOME", "external": false } },
        "workflow_start": "start--1",
        "workflow": {
            "start--1": { "type": "start", "on_completion": look },
            look: { "type": "action", "name": "Look", "agent": "linux--1", "commands": [command], "on_completion": run },
            run: { "type": "playbook-action", "name": "The other one", "playbook_id": other, "on_completion": "end--1" },
            "end--1": { "type": "end" },
        },
        "agent_definitions": { "linux--1": { "type": "linux", "name": "Here", "address": { "dname": ["localhost"] } } },
        "authentication_info_definitions": {
            "user-auth--1": { "type": "user-auth", "username": "root", "password": "correct-horse-battery" },
        },
    })
    .to_string()
}

/// A folder of files of others beside an empty library.
fn others() -> Home {
    let home = Home::new();
    let bash = json!({ "type": "bash", "command": "echo 'for __who__:value' __who__:value" });
    let wrong = json!({ "type": "yara", "command": "rule x" });
    home.file("from/soc/first.json", &playbook(FIRST, "First", &bash, SECOND));
    home.file(
        "from/second.json",
        &playbook(SECOND, "Second", &wrong, "playbook--33333333-3333-4333-8333-333333333333"),
    );
    home.file("from/package.json", "{\"name\": \"no playbook\"}");
    home.file("from/old.json", "{\"type\": \"playbook\", \"spec_version\": \"1.1\", \"workflow\": {}}");
    home.file(
        "from/README.md",
        "# Project\n\n## Tasks\n\n### build\n\nRequires: lint\nInputs: WHAT\n\n```sh\necho \"built $WHAT\"\n```\n",
    );
    home.file(
        "from/tools/maskfile.md",
        "# Tasks\n\n## greet (name)\n\n```sh\necho \"hello $name\"\n```\n\n## count\n\n```py\nprint(40 + 2)\n```\n",
    );
    home.file("team/start.md", "# Start\n");
    home.expect(0, &["library", "add", "team"]);
    home
}

#[test]
fn files_of_other_formats_come_with_what_is_otherwise_and_the_plan_says_the_same() {
    let home = others();
    let plan = home.expect(0, &["import", "from", "--plan"]);
    assert!(plan.out.contains("4 runbooks"), "{plan:?}");
    let done = home.expect(0, &["import", "from"]);
    let written: Vec<&str> = done.out.lines().collect();
    assert_eq!(written, ["README.md", "second.md", "soc/first.md", "tools/maskfile.md"]);
    for said in [
        "README.md is a file of xc; it comes as it is and runs so",
        "line 7: xc runs `lint` before `build`",
        "tools/maskfile.md is a file of mask",
        "soc/first.json is a playbook of CACAO 2.0; it becomes a runbook",
        "so that no secret comes into a file",
        "second.json is a playbook of CACAO 2.0",
        "Look: a command of the kind `yara` is not run here",
        "The other one: it runs another playbook, `playbook--33333333",
        "old.json was not taken: it is a CACAO playbook of version `1.1`",
    ] {
        assert!(done.err.contains(said) && plan.err.contains(said), "{said}: {done:?}");
    }
    assert!(!done.err.contains("package.json"), "{done:?}");
    assert_eq!(fs::read(home.path("team/README.md")).unwrap(), fs::read(home.path("from/README.md")).unwrap());
    for file in ["team/soc/first.md", "team/second.md"] {
        let brought = fs::read_to_string(home.path(file)).unwrap();
        assert!(!brought.contains("correct-horse"), "{brought}");
        home.expect(0, &["check", file]);
    }
    let again = home.expect(0, &["import", "from", "--plan"]);
    assert!(again.out.contains("0 runbooks"), "{again:?}");
}

#[test]
fn a_playbook_runs_with_its_values_as_text_and_leads_to_the_other() {
    let home = others();
    home.expect(0, &["import", "from"]);
    home.trust("team");
    let page = home.expect(0, &["show", "team/soc/first.md", "--json"]).json();
    let linked = page.to_string();
    assert!(linked.contains("../second.md"), "{linked}");
    let done = home.expect(0, &["run", "team/soc/first.md", "--step", "look", "--auto", "--yes"]);
    assert!(done.out.contains("for it's $HOME it's $HOME"), "{done:?}");
}

#[test]
fn files_of_other_runners_run_as_they_are() {
    let home = others();
    home.expect(0, &["import", "from"]);
    home.trust("team");
    let built = home.expect(0, &["run", "team/README.md", "--auto", "--yes", "--param", "WHAT=all"]);
    assert!(built.out.contains("built all"), "{built:?}");
    let masked = home.expect(0, &["run", "team/tools/maskfile.md", "--auto", "--yes", "--param", "name=ada"]);
    assert!(masked.out.contains("hello ada") && masked.out.contains("42"), "{masked:?}");
    let greet = ["run", "team/tools/maskfile.md", "--step", "greet", "--param", "name=ada"];
    let plan = home.expect(0, &[&greet[..], &["--plan"]].concat());
    assert!(plan.out.contains("greet (name)") && !plan.out.contains("count"), "{plan:?}");
    let one = home.expect(0, &[&greet[..], &["--auto", "--yes"]].concat());
    assert!(one.out.contains("hello ada") && !one.out.contains("42"), "{one:?}");
    let runs = home.runs();
    let report = home.expect(0, &["report", text(&runs[0], "id"), "--format", "md"]).out;
    assert!(report.contains("hello ada") && !report.contains("count"), "{report}");
}

#[test]
fn one_file_comes_with_the_pictures_that_it_shows_and_none_from_elsewhere() {
    let home = Home::new();
    home.file("from/a.md", "# A\n\n![p](pics/p.png) ![q](../secret.png) ![r](link.png)\n");
    home.file("from/pics/p.png", "a picture");
    home.file("secret.png", "not shown");
    std::os::unix::fs::symlink(home.path("secret.png"), home.path("from/link.png")).unwrap();
    home.file("from/b.md", "# B\n");
    home.file("from/none.json", "{\"name\": \"no playbook\"}");
    home.file("team/start.md", "# Start\n");
    home.expect(0, &["library", "add", "team"]);
    let done = home.expect(0, &["import", "from/a.md"]);
    assert_eq!(done.out.lines().collect::<Vec<_>>(), ["a.md", "pics/p.png"]);
    let none = home.expect(0, &["import", "from/none.json"]);
    assert!(none.err.contains("none.json was not taken: it is no CACAO playbook"), "{none:?}");
    home.refused(&["import", "team/start.md"], "is in that folder of the library already");
}

const RUNBOOK: &str = "---\ntitle: Disk\naccess: {TOKEN: \"keychain://vault-entry/token\"}\n---\n\n# Disk\n\n## Steps\n\n\
    1. Look\n\n   ```bash {name=look expect=ok}\n   echo \"ok $TOKEN\"\n   ```\n\n   ```bash {undo}\n   back\n   ```\n";

#[test]
fn a_runbook_becomes_a_playbook_and_comes_back() {
    let home = Home::new();
    home.file("disk.md", RUNBOOK);
    let printed = home.expect(0, &["convert", "disk.md"]);
    let playbook: Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!((text(&playbook, "spec_version"), text(&playbook, "name")), ("cacao-2.0", "Disk"));
    assert!(!printed.out.contains("vault-entry"), "{printed:?}");
    for said in
        ["`expect=ok` has no place in a playbook", "no way back: its undo", "where the secrets `TOKEN` are kept"]
    {
        assert!(printed.err.contains(said), "{said}: {printed:?}");
    }
    let made = home.expect(0, &["convert", "disk.md", "-o", "disk.json"]);
    assert!(made.out.contains("disk.json was made."), "{made:?}");
    home.refused(&["convert", "disk.md", "-o", "disk.json"], "nothing is written over it");
    home.expect(0, &["convert", "disk.json", "-o", "again.md"]);
    let again = fs::read_to_string(home.path("again.md")).unwrap();
    assert!(again.contains("echo \"ok $TOKEN\"") && again.contains(text(&playbook, "id")), "{again}");
    let as_json = home.expect(0, &["convert", "disk.md", "--json"]).json();
    assert_eq!((text(&as_json, "to"), text(&as_json, "file_name")), ("cacao", "disk.json"));
}

#[test]
fn what_cannot_be_converted_is_refused_with_what_it_is() {
    let home = Home::new();
    home.file("a.json", "{");
    home.file("disk.md", RUNBOOK);
    home.refused(&["convert", "a.json"], "it is no JSON that can be read");
    home.refused(&["convert", "missing.md"], "missing.md cannot be read");
    home.refused(&["convert", "a.json", "--to", "cacao"], "is no runbook: its name does not end in .md");
    home.file("b.json", &playbook(FIRST, "First", &json!({ "type": "bash", "command": "true" }), SECOND));
    home.refused(&["convert", "b.json", "-o", "b.txt"], "is no name of a runbook");
    assert!(!home.path("b.txt").exists());
}
