//! The record: it verifies, shows what happened, and a change to it shows.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

use crate::support::{Home, root, text};

#[test]
fn the_shipped_examples_pass_their_check_run_to_passed_and_their_records_verify() {
    let mut examples = 0;
    for entry in fs::read_dir(root().join("runbooks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        examples += 1;
        let home = Home::new();
        let file = path.to_str().unwrap();
        let checked = home.expect(0, &["check", file, "--json"]).json();
        let worse: Vec<&Value> = checked[0]["problems"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|problem| text(problem, "severity") != "hint")
            .collect();
        assert!(worse.is_empty(), "{file}: {worse:?}");
        home.expect(0, &["run", file, "--auto", "--yes"]);
        let run = home.only_run();
        assert_eq!(text(&run, "state"), "passed", "{file}");
        home.expect(0, &["verify", text(&run, "id")]);
        home.expect(0, &["show-run", text(&run, "id"), "--output"]);
    }
    assert!(examples >= 3, "{examples} examples");
}

/// The store's file with everything in it, for somebody who changes bytes behind Allgood's back.
fn store(home: &Home) -> (PathBuf, Vec<u8>) {
    let file = home.path("data/allgood.db");
    let done = Command::new("sqlite3").arg(&file).arg("PRAGMA wal_checkpoint(TRUNCATE)").output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let bytes = fs::read(&file).unwrap();
    (file, bytes)
}

#[test]
fn one_changed_byte_in_the_stored_journal_makes_verify_fail_and_names_the_event() {
    let home = Home::new();
    home.file(
        "p.md",
        "---\nparams:\n  ticket: {required: true}\n---\n# P\n\n## Steps\n\n```sh {name=say}\necho hello\n```\n",
    );
    home.expect(0, &["run", "p.md", "--auto", "--param", "ticket=needle-4711"]);
    let run = text(&home.only_run(), "id").to_owned();
    home.expect(0, &["verify", &run]);
    let events: Vec<Value> = home.journal(&run).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let touched = events.iter().find(|event| event["value"] == "needle-4711").unwrap();

    let (store, mut bytes) = store(&home);
    let needle = b"needle-4711";
    let places: Vec<usize> =
        bytes.windows(needle.len()).enumerate().filter(|(_, window)| window == needle).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 1, "the value stands in the event alone");
    bytes[places[0] + needle.len() - 1] = b'2';
    fs::write(&store, bytes).unwrap();

    let done = home.expect(1, &["verify", &run]);
    assert!(done.out.contains(&format!("event {}", touched["seq"])), "{done:?}");
    let told = home.expect(1, &["verify", &run, "--json"]).json();
    assert_eq!((&told["holds"], &told["seq"]), (&false.into(), &touched["seq"]));
    let shown = home.expect(0, &["show-run", &run]).out;
    assert!(shown.contains(&format!("event {}", touched["seq"])), "the record says that it does not hold: {shown}");
}

#[test]
fn one_changed_byte_of_stored_output_makes_verify_fail_too() {
    let home = Home::new();
    home.file("p.md", "# P\n\n## Steps\n\n```sh {name=say}\nprintf 'needle-%s\\n' $((4000 + 711))\n```\n");
    home.expect(0, &["run", "p.md", "--auto"]);
    let run = text(&home.only_run(), "id").to_owned();
    let (store, mut bytes) = store(&home);
    let needle = b"needle-4711";
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[at] = b'N';
    fs::write(&store, bytes).unwrap();
    let done = home.expect(1, &["verify", &run]);
    assert!(done.out.contains("event"), "{done:?}");
}

#[test]
fn a_record_reads_as_what_happened() {
    let home = Home::new();
    home.file(
        "r.md",
        "# Rotate\n\n## Preconditions\n\n- [ ] The team knows\n\n## Steps\n\n### Rotate it\n\n\
         ```sh {name=rotate expect=rotated}\necho \"rotated $((40 + 2))\"\n```\n\n\
         ```sh {name=settle expect_number=\"< 5\"}\necho 9\n```\n",
    );
    home.expect(1, &["run", "r.md", "--auto", "--yes"]);
    let run = text(&home.only_run(), "id").to_owned();
    let shown = home.expect(0, &["show-run", &run]).out;
    for part in
        ["Rotate", "failed", "The team knows", "--yes", "rotated 42", "expected", "observed", "try 1", "holds"]
    {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    let beginning = &run[..13];
    assert_eq!(home.expect(0, &["show-run", beginning]).out, shown, "the beginning of an id is enough");
    assert!(home.expect(2, &["show-run", ""]).err.len() > 10);
}

#[test]
fn a_report_goes_into_a_new_file_and_never_over_an_old_one() {
    let home = Home::new();
    home.file("p.md", "# P\n\n## Steps\n\n```sh {name=say}\necho hello\n```\n");
    home.expect(0, &["run", "p.md", "--auto"]);
    let run = text(&home.only_run(), "id").to_owned();
    let done = home.expect(0, &["report", &run, "--format", "jsonl", "-o", "run.jsonl"]);
    assert_eq!(done.out, "");
    let written = fs::read_to_string(home.path("run.jsonl")).unwrap();
    assert_eq!(written.lines().collect::<Vec<_>>(), home.journal(&run));
    home.expect(2, &["report", &run, "--format", "jsonl", "-o", "run.jsonl"]);
    assert_eq!(fs::read_to_string(home.path("run.jsonl")).unwrap(), written);
}

#[test]
fn a_report_in_every_form_says_what_was_done_and_is_written_over_nothing() {
    let home = Home::new();
    home.file(
        "r.md",
        "# Rotate\n\n## Steps\n\n### 1. Rotate it\n\n```sh {name=rotate expect=rotated}\n\
         printf '\\033[31mrotated\\033[0m %sb>%s\\n' '<' $((40 + 2))\n```\n\n- [ ] It is quiet\n",
    );
    home.expect(0, &["run", "r.md", "--auto", "--yes"]);
    let run = text(&home.only_run(), "id").to_owned();
    let markdown = home.expect(0, &["report", &run]).out;
    let revision = text(&home.only_run(), "revision").to_owned();
    for part in
        ["# All good: Rotate", "rotated <b>42", "exit 0", "found, line 1", "--yes", "holds", revision.as_str()]
    {
        assert!(markdown.contains(part), "no {part:?} in\n{markdown}");
    }
    assert!(!markdown.contains('\u{1b}'));
    for (format, begins, file) in
        [("md", "# All good", "r1.md"), ("html", "<!doctype html>", "r.html"), ("junit", "<?xml", "r.xml")]
    {
        let printed = home.expect(0, &["report", &run, "--format", format]).out;
        assert!(printed.trim_start().starts_with(begins), "{printed}");
        let done = home.expect(0, &["report", &run, "--format", format, "-o", file]);
        assert_eq!(done.out, "");
        assert_eq!(fs::read_to_string(home.path(file)).unwrap(), printed);
        let again = home.expect(2, &["report", &run, "--format", format, "-o", file]);
        assert!(again.err.contains("is there already") && again.err.contains("choose another name"), "{again:?}");
        assert_eq!(fs::read_to_string(home.path(file)).unwrap(), printed);
    }
    let page = fs::read_to_string(home.path("r.html")).unwrap();
    assert!(page.contains("&lt;b&gt;42") && !page.contains("<b>"), "what was printed is text");
}

#[test]
fn a_run_writes_its_junit_report_also_when_it_fails_or_is_put_aside() {
    let home = Home::new();
    home.file("ok.md", "# Ok\n\n## Steps\n\n```sh {name=say}\necho hello\n```\n");
    home.file("bad.md", "# Bad\n\n## Steps\n\n```sh {name=say}\nexit 3\n```\n");
    home.file("person.md", "# Person\n\n## Steps\n\n- [ ] Look\n");
    for (file, status, said) in
        [("ok", 0, "failures=\"0\""), ("bad", 1, "observed exit 3"), ("person", 4, "This report is partial")]
    {
        let report = format!("{file}.xml");
        home.expect(status, &["run", &format!("{file}.md"), "--auto", "--junit", &report]);
        let xml = fs::read_to_string(home.path(&report)).unwrap();
        assert!(xml.contains(said), "{said} is not in {xml}");
    }
    let runs = home.runs().len();
    let done = home.expect(2, &["run", "ok.md", "--auto", "--junit", "ok.xml"]);
    assert!(done.err.contains("is there already"), "{done:?}");
    assert_eq!(home.runs().len(), runs, "nothing was run");
}

#[test]
fn what_looks_like_a_secret_in_the_runbook_is_in_no_report() {
    let home = Home::new();
    let token = format!("ghp_{}", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5");
    home.file(
        "s.md",
        &format!("# S\n\n## Steps\n\n```sh {{name=say}}\necho {token}\n```\n\n- [ ] The token {token} works\n"),
    );
    home.expect(0, &["run", "s.md", "--auto", "--yes"]);
    let run = text(&home.only_run(), "id").to_owned();
    for format in ["md", "html", "junit"] {
        let report = home.expect(0, &["report", &run, "--format", format]).out;
        assert!(report.contains("•••") && !report.contains(&token), "{report}");
    }
}

#[test]
fn nothing_of_a_rehearsal_is_executed() {
    let home = Home::new();
    home.file("p.md", "# P\n\n## Steps\n\n```sh {name=touch}\ntouch was-executed\n```\n");
    let done = home.expect(0, &["run", "p.md", "--rehearse"]);
    assert!(done.out.contains("touch was-executed"), "what would run is shown: {done:?}");
    assert!(!home.path("was-executed").exists());
    assert_eq!(text(&home.only_run(), "mode"), "rehearse");
}

#[test]
fn a_run_names_the_commit_of_its_runbook_and_the_report_says_whether_the_file_was_as_in_it() {
    let home = Home::new();
    let book = "# P\n\n## Steps\n\n```sh {name=say}\necho hello\n```\n";
    home.file("team/p.md", book);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments);
        let done = command.current_dir(home.path("team")).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=one"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let first = || -> serde_json::Value {
        let events = home.expect(0, &["run", "team/p.md", "--auto", "--json"]).events();
        events.into_iter().next().unwrap()
    };
    home.expect(0, &["library", "add", "team"]);
    assert_eq!(first().get("commit"), None, "git is not asked about a folder that is not trusted");
    home.trust("team");
    let started = first();
    assert_eq!((started["commit"].as_str(), started.get("differs")), (Some(commit.as_str()), None));
    home.file("team/p.md", &book.replace("hello", "hello there"));
    let started = first();
    assert_eq!((started["commit"].as_str(), started["differs"].as_bool()), (Some(commit.as_str()), Some(true)));
    let reports: Vec<String> = home
        .runs()
        .iter()
        .take(2)
        .map(|run| home.expect(0, &["report", text(run, "id"), "--format", "md"]).out)
        .collect();
    assert!(reports.iter().all(|report| report.contains(&commit)));
    assert!(reports[0].contains("not as in that commit") && !reports[1].contains("not as in that commit"));
}
