//! Every exit status of RUNS.md, "The command line", and how each comes about.

use std::{fs, io::Write as _, os::unix::fs::symlink, process::Stdio};

use crate::support::{Home, text};

const PASSES: &str = "# Fine\n\n## Steps\n\n```sh {name=one}\necho one\n```\n";

/// What is tried, the runbook, the arguments, the exit status, and the run's state where one is recorded.
type Case<'a> = (&'a str, &'a str, &'a [&'a str], i32, Option<&'a str>);

#[test]
fn each_way_a_run_ends_has_its_exit_status() {
    let placeholder = "# P\n\n## Steps\n\n```sh {name=look}\necho <pod name>\n```\n";
    let required =
        "---\nparams:\n  ticket: {required: true}\n---\n# Q\n\n## Steps\n\n```sh {name=t}\necho $ticket\n```\n";
    let variable = "# V\n\n## Steps\n\n```sh {name=look}\necho \"$NOBODY_SET_THIS\"\n```\n";
    let checks = "# C\n\n## Steps\n\n- [ ] The lamp is green\n\n```sh {name=two}\necho two\n```\n";
    let fails = "# F\n\n## Steps\n\n```sh {name=bad}\nexit 3\n```\n\n```sh {name=never}\necho never\n```\n";
    let expects = "# E\n\n## Steps\n\n```sh {name=bad expect=blue}\necho red\n```\n";
    let optional = "# O\n\n## Steps\n\n```sh {name=bad optional}\nexit 3\n```\n\n```sh {name=good}\ntrue\n```\n";
    let guessed = "# G\n\n## Steps\n\n```\nls /\n```\n";
    let refused = "# R\n\n## Steps\n\n```sh {name=careful confrim=yes}\ntouch ran\n```\n";
    let message = "# M\n\n## Steps\n\n```message {to=team}\nWe begin.\n```\n";
    let confirm = "# K\n\n## Steps\n\n```sh {name=drop confirm}\ntrue\n```\n";
    let typed = "# T\n\n## Steps\n\n```sh {name=drop confirm=prod}\ntouch ran\n```\n";
    let retried =
        "# R\n\n## Steps\n\n```sh {name=again retry=1 every=1ms}\ntest -e once || { : > once; exit 1; }\n```\n";
    let where_it_is = "# W\n\n## Steps\n\n```sh {name=where}\ntest \"$CLUSTER\" = stg-1\n```\n";
    let undone = "# U\n\n## Steps\n\n### One\n\n```sh {name=one}\ntrue\n```\n\n```sh {undo name=back}\ntrue\n```\n\n\
        ### Two\n\n```sh {name=two}\nexit 3\n```\n";
    let stuck = undone.replace("{undo name=back}\ntrue", "{undo name=back}\nexit 4");
    let by_hand =
        "# H\n\n## Steps\n\n```sh {name=one undo=none}\ntrue\n```\n\n### Two\n\n```sh {name=two}\nexit 3\n```\n";
    let killed = "# S\n\n## Steps\n\n```sh {name=one}\nkill -KILL $$\n```\n";
    let slow = "# T\n\n## Steps\n\n```sh {name=one timeout=100ms}\nsleep 1000\n```\n";
    let missing = "# X\n\n## Steps\n\n```nosuchshell {name=one interpreter=/nowhere/at/all}\ntrue\n```\n";
    let probes = "# R\n\n## Steps\n\n```sh {name=one}\ntouch ran\n```\n\n```sh {name=seen probe every=1ms within=30s}\ntest ! -e ran\n```\n";
    let no_probe = probes.replace("test ! -e ran", "false").replace("within=30s", "within=1ms");
    let changes = "# W\n\n## Steps\n\n```sh {name=where}\ntouch ran\n```\n";
    let cases: &[Case<'_>] = &[
        ("a failure is rolled back", undone, &["--auto", "--on-failure", "rollback"], 3, Some("rolled_back")),
        ("a rollback that fails", &stuck, &["--auto", "--on-failure", "rollback"], 1, Some("failed")),
        ("a rollback needs a person", by_hand, &["--auto", "--on-failure", "rollback"], 4, Some("paused")),
        ("a failure stops", undone, &["--auto", "--on-failure", "stop"], 1, Some("failed")),
        ("a command is killed", killed, &["--auto"], 1, Some("failed")),
        ("a command takes too long", slow, &["--auto"], 1, Some("failed")),
        ("a program that is not there", missing, &["--auto"], 1, Some("failed")),
        ("a rehearsal executes nothing", probes, &["--rehearse"], 0, Some("passed")),
        ("a rehearsal in which probes run", probes, &["--rehearse", "--probes"], 0, Some("passed")),
        ("a probe of a rehearsal that does not hold", &no_probe, &["--rehearse", "--probes"], 1, Some("failed")),
        ("probes are asked for in a rehearsal alone", probes, &["--auto", "--probes"], 2, None),
        ("--yes answers a confirmation", confirm, &["--auto", "--yes"], 0, Some("passed")),
        ("a confirmation needs a person", confirm, &["--auto"], 4, Some("paused")),
        ("--yes types nothing", typed, &["--auto", "--yes"], 4, Some("paused")),
        ("a second attempt passes", retried, &["--auto"], 0, Some("passed")),
        ("in an environment", where_it_is, &["--auto", "--environment", "stg"], 0, Some("passed")),
        ("a guard needs a person", changes, &["--auto", "--yes", "--env", "prod"], 4, Some("paused")),
        ("no such environment", PASSES, &["--auto", "--environment", "nowhere"], 2, None),
        ("an environment that cannot be read", PASSES, &["--auto", "--environment", "odd"], 2, None),
        ("passes", PASSES, &["--auto"], 0, Some("passed")),
        ("a check is ticked by --yes", checks, &["--auto", "--yes"], 0, Some("passed")),
        ("an optional failure", optional, &["--auto"], 0, Some("passed")),
        ("a value was given", placeholder, &["--auto", "--param", "pod name=web-1"], 0, Some("passed")),
        ("only one step", checks, &["--auto", "--yes", "--step", "Steps"], 0, Some("passed")),
        ("a command fails", fails, &["--auto"], 1, Some("failed")),
        ("an expectation does not hold", expects, &["--auto", "--yes"], 1, Some("failed")),
        ("no such step", PASSES, &["--auto", "--step", "nowhere"], 2, None),
        ("by hand nobody starts anything", PASSES, &[], 4, Some("paused")),
        ("by hand --yes starts no command", PASSES, &["--yes"], 4, Some("paused")),
        ("a check needs a person", checks, &["--auto"], 4, Some("paused")),
        ("a placeholder needs a person", placeholder, &["--auto", "--yes"], 4, Some("paused")),
        ("a required parameter is missing", required, &["--auto", "--yes"], 4, Some("paused")),
        ("a required parameter is given", required, &["--auto", "--param", "ticket=T-1"], 0, Some("passed")),
        ("a variable that nobody set", variable, &["--auto", "--yes"], 4, Some("paused")),
        ("a guess needs a person", guessed, &["--auto", "--yes"], 4, Some("paused")),
        ("a guard that is misspelt is never passed", refused, &["--auto", "--yes"], 4, Some("paused")),
        ("a message is for a person to send", message, &["--auto"], 4, Some("paused")),
    ];
    for (what, runbook, arguments, status, state) in cases {
        let home = Home::new();
        let file = home.file("runbook.md", runbook);
        home.file(
            "allgood.toml",
            "[environments.stg]\nvars = { CLUSTER = \"stg-1\" }\n[environments.prod]\nguard = true\n[environments.odd]\ngaurd = true\n",
        );
        let mut all = vec!["run", file.to_str().unwrap()];
        all.extend(*arguments);
        let done = home.allgood(&all);
        assert_eq!(done.status, Some(*status), "{what}: {done:?}");
        match state {
            Some(state) => assert_eq!(text(&home.only_run(), "state"), *state, "{what}"),
            None => assert!(home.runs().is_empty(), "{what}: nothing may be recorded"),
        }
        assert_eq!(*status == 0, done.err.is_empty(), "{what}: a message tells why, and only then: {done:?}");
        assert!(!home.path("ran").exists(), "{what}");
    }
}

#[test]
fn without_a_terminal_what_a_block_lacks_is_named() {
    let prompted = "# P\n\n## Steps\n\n```console {name=look}\n$ echo '<pod name>'\nweb-1 <none of this>\n```\n";
    let session = "# P\n\n## Steps\n\n```console {name=in}\n$ bash --norc\n$ echo <pod name>\n$ exit\n```\n";
    for (runbook, arguments) in
        [(prompted, &["--auto"][..]), (prompted, &[]), (session, &["--auto"]), (session, &["--auto", "--yes"])]
    {
        let home = Home::new();
        let file = home.file("runbook.md", runbook);
        let done = home.expect(4, &[&["run", file.to_str().unwrap()], arguments].concat());
        assert!(done.err.contains("<pod name>") && !done.err.contains("none of this"), "{arguments:?}: {done:?}");
    }
    let home = Home::new();
    let file = home.file("runbook.md", prompted);
    let value = "pod name=it's $(touch ran) `touch ran`\n\"";
    let done = home.expect(0, &["run", file.to_str().unwrap(), "--auto", "--json", "--param", value]);
    assert!(!home.path("ran").exists(), "{done:?}");
}

#[test]
fn bad_input_ends_with_2_and_names_what_is_wrong() {
    let home = Home::new();
    let good = home.file("good.md", PASSES);
    let good = good.to_str().unwrap();
    fs::create_dir(home.path("folder")).unwrap();
    fs::write(home.path("binary.md"), b"\x7fELF\0\0\0\x01").unwrap();
    symlink(home.path("nowhere"), home.path("dangling.md")).unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["run", "missing.md"], "missing.md"),
        (&["run", "folder"], "folder"),
        (&["run", "binary.md"], "binary"),
        (&["run", "dangling.md"], "dangling.md"),
        (&["run", good, "--param", "novalue"], "NAME=VALUE"),
        (&["run", good, "--auto", "--param", "the colour=blue"], "the colour"),
        (&["run", good, "--auto", "--rehearse"], "--rehearse"),
        (&["run"], "FILE"),
        (&["run", good, "--junit", good], "good.md"),
        (&["show", "missing.md"], "missing.md"),
        (&["show", "binary.md", "--json"], "binary"),
        (&["check", "missing.md"], "missing.md"),
        (&["verify", "no-such-run"], "no-such-run"),
        (&["show-run", "no-such-run"], "no-such-run"),
        (&["report", "no-such-run", "--format", "jsonl"], "no-such-run"),
        (&["library", "add", "missing"], "missing"),
        (&["library", "add", "good.md"], "good.md"),
        (&["library", "remove", "folder"], "folder"),
        (&["library", "trust", "folder"], "folder"),
        (&["resume", "no-such-run"], "no-such-run"),
        (&["resume", "x", "--again", "--skip", "y"], "--skip"),
        (&["rollback", "no-such-run"], "no-such-run"),
        (&["rollback", "x", "--took-effect", "perhaps"], "perhaps"),
        (&["run", good, "--on-failure", "retry"], "retry"),
        (&["export", "no-such-run", "-o", "x"], "no-such-run"),
        (&["take", "missing.allgood-run"], "missing.allgood-run"),
        (&["take", good], "good.md"),
        (&["man", "nonsense"], "nonsense"),
        (&["completions", "tcsh"], "tcsh"),
        (&[], "Usage"),
    ];
    for (arguments, names) in cases {
        let done = home.allgood(arguments);
        assert_eq!(done.status, Some(2), "{arguments:?}: {done:?}");
        assert!(done.err.contains(names), "{arguments:?} does not name {names}: {done:?}");
        assert!(done.out.is_empty(), "{arguments:?}: a message is no result: {done:?}");
    }
    assert!(home.runs().is_empty(), "none of these has started anything");
    let done = home.expect(2, &["check", "missing.md", good, "--json"]);
    assert!(done.err.contains("missing.md"), "{done:?}");
    assert_eq!(done.json().as_array().unwrap().len(), 1, "what can be read is checked all the same");
}

#[test]
fn a_value_that_nothing_asks_for_is_named() {
    let home = Home::new();
    home.file(
        "v.md",
        "---\nparams: {region: {}}\n---\n# V\n\n## Steps\n\n```sh {name=v}\necho <pod name> \"${LEVEL:-1}\" $NOBODY\n```\n",
    );
    let all = ["run", "v.md", "--auto", "--param", "pod name=x", "--param", "LEVEL=2", "--param", "NOBODY=3"];
    let done = home.expect(0, &[&all[..], &["--param", "region=eu", "--param", "regoin=eu"]].concat());
    assert_eq!(done.err.lines().count(), 1, "{done:?}");
    assert!(done.err.contains("asks for \"regoin\""), "{done:?}");
    assert!(home.expect(0, &[&all[..], &["--param", "region=eu"]].concat()).err.is_empty());
}

#[test]
fn an_empty_file_has_nothing_to_run() {
    let home = Home::new();
    home.file("empty.md", "");
    home.expect(2, &["run", "empty.md", "--auto"]);
    home.expect(0, &["show", "empty.md"]);
    assert_eq!(home.expect(0, &["show", "empty.md", "--json"]).json()["blocks"], serde_json::json!([]));
    home.expect(0, &["check", "empty.md"]);
}

#[test]
fn a_store_that_cannot_be_opened_ends_with_5() {
    let home = Home::new();
    home.file("good.md", PASSES);
    home.file("data", "this is a file, not a folder");
    for arguments in [&["runs"][..], &["run", "good.md", "--auto"], &["list"]] {
        let done = home.expect(5, arguments);
        assert!(done.err.contains("data"), "{done:?}");
    }
}

#[test]
fn check_ends_with_1_when_an_error_is_found_and_with_0_when_none_is() {
    let home = Home::new();
    home.file("books/open.md", "# Open\n\n```sh\necho never closed\n");
    home.file("books/deep/fine.md", "# Fine\n\nText.\n");
    home.file("books/notes.txt", "```sh\nnot Markdown\n");
    let done = home.expect(1, &["check", "books"]);
    assert!(done.out.contains("unclosed-fence") && done.out.contains("open.md"), "{done:?}");
    let files = home.expect(1, &["check", "books", "--json"]).json();
    let paths: Vec<&str> = files.as_array().unwrap().iter().map(|file| text(file, "path")).collect();
    assert_eq!(paths, ["books/deep/fine.md", "books/open.md"]);
    let problems = files[1]["problems"].as_array().unwrap();
    let problem = problems.iter().find(|problem| problem["severity"] == "error").unwrap();
    assert_eq!(
        (text(problem, "code"), text(problem, "severity"), &problem["line"]),
        ("unclosed-fence", "error", &serde_json::json!(3))
    );
    home.expect(0, &["check", "books/deep/fine.md"]);
}

#[test]
fn naming_a_file_is_the_persons_own_act_and_needs_no_trust() {
    let home = Home::new();
    home.file("team/book.md", PASSES);
    home.expect(0, &["library", "add", "team"]);
    let folders = home.expect(0, &["library", "list", "--json"]).json();
    assert_eq!(folders[0]["trusted"], false);
    home.expect(0, &["run", "team/book.md", "--auto"]);
}

#[test]
fn trust_is_given_by_a_person_in_a_terminal_and_by_nobody_else() {
    let home = Home::new();
    home.file("team/book.md", PASSES);
    home.expect(0, &["library", "add", "team"]);
    let done = home.expect(4, &["library", "trust", "team"]);
    assert!(done.out.contains("echo"), "what is in the folder is shown: {done:?}");
    let mut child = home.command(&["library", "trust", "team"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"y\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(4), "a pipe that says yes is no person");
    assert_eq!(home.expect(0, &["library", "list", "--json"]).json()[0]["trusted"], false);
}

#[test]
fn the_list_counts_what_the_run_said_it_had_done() {
    let home = Home::new();
    let optional = "# O\n\n## Steps\n\n```sh {name=bad optional}\nexit 3\n```\n\n```sh {name=good}\ntrue\n```\n";
    home.file("o.md", optional);
    let done = home.expect(0, &["run", "o.md", "--auto"]);
    assert!(done.out.contains("2 of 2"), "{done:?}");
    let listed = home.expect(0, &["runs"]).out;
    assert!(listed.contains("2 of 2"), "{listed}");
}
