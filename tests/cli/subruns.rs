//! Checks that stand for a run of another runbook: without a terminal driven in the same process, told with their own id; in one
//! asked for what they need.

use std::fs;

use serde_json::Value;

use crate::{
    support::{Home, text},
    terminal::Person,
};

const CHILD: &str = "# Restore\n\n## Steps\n\n```sh {name=copy}\necho copy >> log\n```\n\n\
                     ```sh {name=back undo}\necho back >> log\n```\n";

fn home(parent: &str, child: &str) -> Home {
    let home = Home::new();
    home.file("a.md", parent);
    home.file("db/restore.md", child);
    home
}

fn log(home: &Home) -> String {
    fs::read_to_string(home.path("db/log")).unwrap_or_default()
}

/// The run of the parent and that of the child, by the parent's first event.
fn two(events: &[Value]) -> (String, String) {
    let parent = text(&events[0], "run").to_owned();
    let child = events.iter().map(|event| text(event, "run")).find(|run| *run != parent).unwrap().to_owned();
    (parent, child)
}

fn of<'a>(events: &'a [Value], run: &str) -> Vec<&'a str> {
    events.iter().filter(|event| text(event, "run") == run).map(|event| text(event, "kind")).collect()
}

const PLAIN: &str =
    "# Failover\n\n## Steps\n\n- [ ] [Restore](db/restore.md)\n\n```sh {name=after}\necho after >> db/log\n```\n";

#[test]
fn a_linked_run_goes_in_the_same_process_and_its_events_have_its_own_id() {
    let home = home(PLAIN, CHILD);
    let events = home.expect(0, &["run", "a.md", "--auto", "--json"]).events();
    let (parent, child) = two(&events);
    assert_eq!(log(&home), "copy\nafter\n");
    assert!(of(&events, &parent).starts_with(&["run_started", "linked_run"]), "{:?}", of(&events, &parent));
    let started = events.iter().find(|event| text(event, "run") == child).unwrap();
    assert_eq!(text(&started["parent"], "run"), parent);
    assert_eq!(of(&events, &child).last(), Some(&"run_finished"));
    let ticked = events.iter().find(|event| text(event, "kind") == "check_ticked").unwrap();
    assert_eq!(
        (text(ticked, "run"), text(ticked, "note")),
        (parent.as_str(), format!("passed by run {child}").as_str())
    );
    for run in [&parent, &child] {
        home.expect(0, &["verify", run]);
        let told: Vec<String> =
            events.iter().filter(|event| text(event, "run") == *run).map(Value::to_string).collect();
        assert_eq!(home.journal(run).len(), told.len(), "what was told is what is kept");
    }
    let listed = home.runs();
    let row = listed.iter().find(|row| text(row, "id") == child).unwrap();
    assert_eq!(text(&row["parent"], "run"), parent);
    assert!(home.expect(0, &["runs"]).out.contains("for a check of Failover"));
    assert!(home.expect(0, &["show-run", &child]).out.contains(&parent));
    let report = home.expect(0, &["report", &parent, "--format", "md"]).out;
    assert!(report.contains(&child) && report.contains("Runs of its checks"), "{report}");
    let report = home.expect(0, &["report", &child, "--format", "md"]).out;
    assert!(report.contains(&parent), "{report}");
    let log = home.expect(0, &["run", "a.md", "--auto", "--yes"]).out;
    assert!(log.contains("OF Restore") && log.contains("passed by run"), "{log}");
}

#[test]
fn each_way_a_linked_run_ends_has_its_exit_status() {
    let failing = CHILD.replace("echo copy >> log", "echo copy >> log; exit 3");
    let asking = format!("- [ ] look first\n\n{}", CHILD.trim_start_matches("# Restore\n\n## Steps\n\n"));
    for (child, status, state) in [
        (failing.as_str(), 1, "failed"),
        (&format!("# Restore\n\n## Steps\n\n{asking}"), 4, "paused"),
        ("---\nparams: {region: {required: true}}\n---\n\n# Restore\n\n## Steps\n\n- [ ] x\n", 4, "paused"),
    ] {
        let home = home(PLAIN, child);
        let done = home.expect(status, &["run", "a.md", "--auto"]);
        let parent = home.runs().into_iter().find(|row| text(row, "runbook").ends_with("a.md")).unwrap();
        assert_eq!(text(&parent, "state"), state, "{done:?}");
        assert!(!log(&home).contains("after"));
    }
    // It undid itself, and there was nothing else to undo.
    let home = home(PLAIN, &failing);
    home.expect(1, &["run", "a.md", "--auto", "--on-failure", "rollback"]);
    assert_eq!(log(&home), "copy\nback\n");
}

#[test]
fn a_rollback_without_a_person_rolls_back_what_was_linked() {
    let parent = PLAIN.replace("echo after >> db/log", "exit 1");
    let home = home(&parent, CHILD);
    home.expect(3, &["run", "a.md", "--auto", "--on-failure", "rollback"]);
    assert_eq!(log(&home), "copy\nback\n");
    assert!(home.runs().iter().all(|row| text(row, "state") == "rolled_back"), "{:?}", home.runs());
}

#[test]
fn a_linked_run_that_needed_a_person_is_gone_on_with_and_so_is_what_it_is_a_part_of() {
    let child = "# Restore\n\n## Steps\n\n- [ ] look first\n\n```sh {name=copy}\necho copy >> log\n```\n";
    let home = home(PLAIN, child);
    home.expect(4, &["run", "a.md", "--auto"]);
    let of = |end: &str| {
        let runs = home.runs();
        let row = runs.iter().find(|row| text(row, "runbook").ends_with(end)).unwrap();
        (text(row, "id").to_owned(), text(row, "state").to_owned())
    };
    let ((parent, _), (child, _)) = (of("a.md"), of("restore.md"));
    home.expect(0, &["resume", &child, "--yes"]);
    home.expect(0, &["resume", &parent]);
    assert_eq!((log(&home).as_str(), of("a.md").1.as_str()), ("copy\nafter\n", "passed"));
    let shown = home.expect(0, &["show-run", &parent]).out;
    assert!(shown.contains(&format!("passed by run {child}")), "{shown}");
}

#[test]
fn a_run_that_leads_back_to_itself_starts_nothing() {
    let home = home(PLAIN, "# Restore\n\n## Steps\n\n- [ ] [Failover](../a.md)\n");
    // Without a library its links lead no further than its own folder and what is below.
    fs::create_dir(home.path(".git")).unwrap();
    let done = home.expect(2, &["run", "a.md", "--auto"]);
    assert!(done.err.contains("cannot be a part of itself"), "{done:?}");
    assert!(home.runs().is_empty());
}

#[test]
fn a_link_into_a_folder_that_nobody_trusts_runs_nothing() {
    let home = home(PLAIN, CHILD);
    home.expect(0, &["library", "add", "db"]);
    let done = home.expect(4, &["run", "a.md", "--auto"]);
    assert!(done.err.contains("not trusted"), "{done:?}");
    assert_eq!(log(&home), "");
    home.trust("db");
    home.expect(0, &["run", "a.md", "--auto"]);
    assert_eq!(log(&home), "copy\nafter\n");
}

#[test]
fn an_anchor_runs_that_step_alone() {
    let child = "# Restore\n\n## Steps\n\n### Copy\n\n```sh {name=copy}\necho copy >> log\n```\n\n### Check\n\n```sh {name=check}\necho check >> log\n```\n";
    let home = home(&PLAIN.replace("restore.md", "restore.md#check"), child);
    home.expect(0, &["run", "a.md", "--auto"]);
    assert_eq!(log(&home), "check\nafter\n");
}

#[test]
fn what_a_linked_runbook_asks_for_is_asked_until_it_fits_and_a_message_with_a_gap_is_asked_about() {
    let home = Home::new();
    home.file(
        "failover.md",
        "---\nparams: {REGION: {default: mars}}\n---\n\n# Fail over\n\n## Steps\n\n- [ ] [Restore](restore.md)\n\n\
         ```message {name=tell}\nBack since <time>.\n```\n",
    );
    home.file(
        "restore.md",
        "---\nparams:\n  REGION: {prompt: Where it stands, choices: [eu-1, us-1], required: true}\n  \
         SNAPSHOT: {prompt: Which snapshot, pattern: 'snap-\\d+', required: true}\n  \
         TOKEN: {prompt: Token of the storage, secret: true, required: true}\n---\n\n# Restore\n\n## Steps\n\n\
         ```sh {name=copy}\necho \"copied $SNAPSHOT in $REGION with ${#TOKEN}\"\n```\n",
    );
    let mut person = Person::types(&home, "run failover.md --param REGION=mars");
    person.sees("stands for a run of Restore");
    person.sees("help");
    person.presses("\r");
    // The value of the same name does not fit there: it is chosen anew.
    person.sees("Where it stands");
    person.presses("\u{1b}[B\r");
    person.sees("Which snapshot");
    person.presses("yesterday\r");
    person.sees("Token of the storage");
    person.presses("a-secret\r");
    person.sees("does not match");
    person.sees("Which snapshot");
    person.presses("snap-7\r");
    person.sees("ITS RUN");
    person.sees("help");
    person.presses("\r");
    let seen = person.reads_up_to("copied snap-7 in us-1 with 8");
    assert!(!seen.contains("a-secret"), "{seen}");
    person.sees("BACK IN FAIL OVER");
    person.sees("help");
    person.presses("\r");
    person.sees("<time> is still to be filled in. Was it sent so?");
    person.presses("n");
    person.sees("help");
    person.presses("\r");
    person.sees("Was it sent so?");
    person.presses("y");
    person.leaves(0);
}
