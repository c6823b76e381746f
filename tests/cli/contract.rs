//! What other programs are written against: `--json`, streams, help, completions.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use serde_json::Value;

use crate::support::{Home, processes_of, root, text, until};

const TWO: &str = "---\nparams:\n  region: {default: eu-1}\n---\n# Two\n\n## Steps\n\n\
    - [ ] The lamp is green\n\n```sh {name=one expect=/^region/}\necho \"region $region\"\n```\n";

#[test]
fn json_prints_the_journal_as_it_is_stored_and_nothing_else() {
    let home = Home::new();
    home.file("two.md", TWO);
    let done = home.expect(0, &["run", "two.md", "--auto", "--yes", "--json", "--param", "region=us-2"]);
    assert_eq!(done.err, "");
    let printed: Vec<&str> = done.out.lines().collect();
    let run = text(&home.only_run(), "id").to_owned();
    assert_eq!(printed, home.journal(&run), "what is printed is what is stored");
    let events = done.events();
    for (place, event) in events.iter().enumerate() {
        assert_eq!(text(event, "run"), run);
        assert_eq!(event["seq"], place + 1);
        let at = text(event, "at");
        assert!(at.len() == 24 && at.ends_with('Z') && at.as_bytes()[19] == b'.', "{at}");
        assert!(text(event, "actor").contains('@'));
        assert_eq!(text(event, "hash").len(), 64);
    }
    let kinds: Vec<&str> = events.iter().map(|event| text(event, "kind")).collect();
    assert_eq!(kinds[0], "run_started");
    assert_eq!(kinds.last(), Some(&"run_finished"));
    let ended = events.iter().find(|event| text(event, "kind") == "attempt_ended").unwrap();
    assert_eq!(
        (text(ended, "item"), &ended["attempt"], text(ended, "state"), &ended["exit"]),
        ("one", &Value::from(1), "passed", &Value::from(0))
    );
    assert!(ended["duration_ms"].is_u64());
    let ticked = events.iter().find(|event| text(event, "kind") == "check_ticked").unwrap();
    assert!(text(ticked, "note").contains("--yes"), "attested by --yes, and the record says so: {ticked}");
}

#[test]
fn runs_json_has_the_fields_that_it_promises() {
    let home = Home::new();
    let file = home.file("two.md", TWO);
    assert_eq!(home.expect(0, &["runs", "--json"]).json(), serde_json::json!([]));
    home.expect(0, &["run", "two.md", "--auto", "--yes"]);
    home.expect(4, &["run", "two.md"]);
    let runs = home.runs();
    assert_eq!(runs.len(), 2);
    for run in &runs {
        let fields: Vec<&String> = run.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["id", "runbook", "revision", "state", "mode", "started_at", "ended_at"]);
        assert_eq!(text(run, "runbook"), file.to_str().unwrap());
        assert_eq!(text(run, "revision").len(), 64);
    }
    let told: Vec<_> = runs.iter().map(|run| (text(run, "state"), text(run, "mode"))).collect();
    assert_eq!(told, [("paused", "hand"), ("passed", "auto")], "newest first");
    assert!(runs[0]["ended_at"].is_null() && runs[1]["ended_at"].is_string());
}

#[test]
fn show_json_is_what_the_format_describes() {
    let home = Home::new();
    let runbook = "---\ntitle: Failover\nkind: incident\n---\n\n## Procedure\n\n### Promote the standby\n\n\
        See the [dashboard](https://grafana.example/d/1).\n\n\
        ```sh {name=promote expect=promoted}\n$ pg_ctl promote -D <data dir>\nserver promoted\n```\n\n\
        ```sh {undo}\necho demote\n```\n";
    home.file("failover.md", runbook);
    let shown = home.expect(0, &["show", "failover.md", "--json"]).json();
    assert_eq!(
        (text(&shown, "path"), text(&shown, "title"), text(&shown, "kind")),
        ("failover.md", "Failover", "incident")
    );
    assert_eq!(shown["front_matter"]["kind"], "incident");
    let step =
        &shown["phases"].as_array().unwrap().iter().find(|phase| phase["phase"] == "steps").unwrap()["steps"][0];
    assert_eq!(
        (text(step, "id"), text(step, "title"), &step["line"], &step["can_undo"]),
        ("promote-the-standby", "Promote the standby", &Value::from(8), &Value::from(true))
    );
    let item = &step["items"][0];
    assert_eq!((text(item, "id"), text(item, "kind"), text(item, "language")), ("promote", "command", "sh"));
    assert_eq!(text(item, "script").trim_end(), "pg_ctl promote -D <data dir>");
    assert_eq!(item["placeholders"], serde_json::json!(["data dir"]));
    assert_eq!(text(item, "expect"), "promoted");
    let (start, end) = (item["span"][0].as_u64().unwrap() as usize, item["span"][1].as_u64().unwrap() as usize);
    assert!(
        runbook[start..end].starts_with("```sh {name=promote") && runbook[start..end].trim_end().ends_with("```")
    );
    assert_eq!(shown["blocks"][0]["info"], "sh {name=promote expect=promoted}");
    assert_eq!(shown["blocks"][0]["text"], "$ pg_ctl promote -D <data dir>\nserver promoted\n");
    assert_eq!(shown["links"][0]["url"], "https://grafana.example/d/1");
    assert!(shown["problems"].as_array().unwrap().iter().all(|problem| problem.get("fix").is_some()));
}

#[test]
fn the_library_is_listed_searched_and_left() {
    let home = Home::new();
    home.file("team/renew.md", "# Renew the certificate\n\n## Steps\n\n```sh\nopenssl version\n```\n");
    home.file("team/other.md", "# Something else\n\nText.\n");
    home.expect(0, &["library", "add", "team"]);
    let listed = home.expect(0, &["list", "--json"]).json();
    let titles: BTreeSet<&str> = listed.as_array().unwrap().iter().map(|row| text(row, "title")).collect();
    assert_eq!(titles, BTreeSet::from(["Renew the certificate", "Something else"]));
    home.file("team/new.md", "# Added later\n");
    assert_eq!(home.expect(0, &["list", "--json"]).json().as_array().unwrap().len(), 3, "files are the truth");
    let found = home.expect(0, &["search", "--json", "certificate"]).json();
    assert_eq!(
        found.as_array().unwrap().iter().map(|row| text(row, "title")).collect::<Vec<_>>(),
        ["Renew the certificate"]
    );
    assert!(home.expect(0, &["search", "openssl"]).out.contains("Renew the certificate"));
    assert_eq!(home.expect(0, &["search", "nowhere-to-be-found"]).out, "");
    home.expect(0, &["library", "remove", "team"]);
    assert_eq!(home.expect(0, &["list", "--json"]).json(), serde_json::json!([]));
    assert!(home.path("team/renew.md").exists(), "its files are untouched");
}

#[test]
fn every_command_has_help_with_an_example() {
    let home = Home::new();
    let commands: &[&[&str]] = &[
        &[],
        &["library"],
        &["library", "add"],
        &["library", "list"],
        &["library", "remove"],
        &["library", "trust"],
        &["list"],
        &["search"],
        &["show"],
        &["check"],
        &["run"],
        &["resume"],
        &["rollback"],
        &["export"],
        &["take"],
        &["runs"],
        &["show-run"],
        &["verify"],
        &["report"],
        &["completions"],
        &["man"],
    ];
    for command in commands {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let done = home.expect(0, &arguments);
        assert!(done.out.contains("Example") && done.out.contains("  allgood "), "{command:?}: {}", done.out);
    }
    assert!(!home.path("data").exists(), "asking for help makes no store");
}

#[test]
fn completions_and_manual_pages_are_generated() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.expect(0, &["completions", shell]).out;
        for word in ["allgood", "rollback", "on-failure", "took-effect", "library"] {
            assert!(script.contains(word), "{shell} does not complete {word}");
        }
    }
    // What completes must at least be a script of its shell, where that is here.
    for (shell, check) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let script = home.file(&format!("completion.{shell}"), &home.expect(0, &["completions", shell]).out);
        match std::process::Command::new(shell).args(check).arg(&script).output() {
            Ok(done) => assert!(done.status.success(), "{shell}: {}", String::from_utf8_lossy(&done.stderr)),
            Err(error) => assert!(shell != "bash", "bash is here: {error}"),
        }
    }
    // And bash really offers what there is.
    let asked = "source completion.bash; COMP_WORDS=(allgood run --on-failure ''); COMP_CWORD=3; COMP_LINE='allgood run --on-failure '; \
                 COMP_POINT=${#COMP_LINE}; _allgood allgood '' --on-failure; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = std::process::Command::new("bash");
    home.dress(&mut bash);
    let offered = bash.args(["--norc", "-c", asked]).output().unwrap();
    let offered = String::from_utf8(offered.stdout).unwrap();
    assert_eq!(offered.lines().collect::<Vec<_>>(), ["stop", "rollback"]);
    assert!(home.expect(0, &["man"]).out.contains(".TH allgood 1"));
    let page = home.expect(0, &["man", "run"]).out;
    assert!(page.contains(".TH allgood-run 1") && page.contains("rehearse"), "{page}");
    home.expect(0, &["man", "library", "add"]);
}

#[test]
fn no_output_carries_colours_where_nobody_wants_them() {
    let home = Home::new();
    home.file("two.md", TWO);
    home.file("open.md", "# Open\n\n```sh\nnever closed\n");
    for arguments in
        [&["run", "two.md", "--auto", "--yes"][..], &["runs"], &["show", "two.md"], &["check", "open.md"]]
    {
        let done = home.allgood(arguments);
        assert!(!done.out.contains('\u{1b}') && !done.err.contains('\u{1b}'), "{arguments:?}: {done:?}");
    }
}

#[test]
fn control_characters_of_a_runbook_do_not_reach_the_terminal() {
    let home = Home::new();
    home.file(
        "evil.md",
        "# A\u{1b}]0;owned\u{7} title\n\n## Steps\n\n- [ ] tick\u{1b}[2J me\n\n```sh {name=x}\necho\n```\n",
    );
    home.expect(0, &["library", "add", "."]);
    home.expect(4, &["run", "evil.md"]);
    let run = text(&home.only_run(), "id").to_owned();
    for arguments in [&["show", "evil.md"][..], &["check", "evil.md"], &["list"], &["runs"], &["show-run", &run]] {
        let done = home.allgood(arguments);
        assert!(!done.out.contains('\u{1b}') && !done.err.contains('\u{1b}'), "{arguments:?}: {done:?}");
    }
}

#[test]
fn a_reader_that_goes_away_loses_neither_the_run_nor_its_record() {
    for json in [true, false] {
        let home = Home::new();
        let steps: String = (1..=30).map(|n| format!("```sh {{name=n{n}}}\nprintf '%05000d' {n}\n```\n\n")).collect();
        home.file("long.md", &format!("# Long\n\n## Steps\n\n{steps}"));
        let arguments: &[&str] =
            if json { &["run", "long.md", "--auto", "--json"] } else { &["run", "long.md", "--auto"] };
        let mut child = home.command(arguments).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut String::new()).unwrap();
        drop(reader);
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(0), "{said}");
        assert!(said.contains("Nobody reads") && !said.contains("panick"), "{said}");
        let run = home.only_run();
        assert_eq!(text(&run, "state"), "passed");
        home.expect(0, &["verify", text(&run, "id")]);
    }
    let home = Home::new();
    let mut child = home.command(&["completions", "bash"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
}

#[test]
fn two_runs_at_once_share_one_store() {
    let home = Home::new();
    let steps: String = (1..=15).map(|n| format!("```sh {{name=n{n}}}\necho {n}\n```\n\n")).collect();
    home.file("long.md", &format!("# Long\n\n## Steps\n\n{steps}"));
    let children: Vec<_> =
        (0..3).map(|_| home.command(&["run", "long.md", "--auto", "--json"]).spawn().unwrap()).collect();
    for child in children {
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let runs = home.runs();
    assert_eq!(runs.iter().map(|run| text(run, "state")).collect::<Vec<_>>(), ["passed"; 3]);
    for run in &runs {
        home.expect(0, &["verify", text(run, "id")]);
    }
}

#[test]
fn looking_at_a_run_that_another_process_drives_leaves_it_alone() {
    let home = Home::new();
    home.file("wait.md", "# W\n\n## Steps\n\n```sh {name=wait}\nwhile [ ! -e go ]; do sleep 0.05; done\n```\n");
    let child = home.command(&["run", "wait.md", "--auto"]).spawn().unwrap();
    let run = || home.runs().first().map(|run| text(run, "id").to_owned());
    until("the run is recorded", || run().is_some_and(|run| !processes_of(&run).is_empty()));
    let now = home.only_run();
    assert_eq!(text(&now, "state"), "running");
    home.expect(0, &["show-run", text(&now, "id")]);
    home.file("go", "");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(text(&home.only_run(), "state"), "passed");
}

#[test]
fn the_page_of_the_command_line_is_what_help_prints() {
    let home = Home::new();
    let page = std::fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let section = regex::Regex::new(r"(?ms)^## `allgood ?([^`]*)`\n\n```text\n(.*?)^```$").unwrap();
    let mut sections = 0;
    for one in section.captures_iter(&page) {
        sections += 1;
        let mut arguments: Vec<&str> = one[1].split_whitespace().collect();
        arguments.push("--help");
        let printed = home.expect(0, &arguments).out;
        assert_eq!(one[2].trim_end(), printed.trim_end(), "docs/cli.md, `allgood {}`", &one[1]);
    }
    assert!(sections >= 12, "{sections} sections were found");
}
