//! A checklist within the checklist: a check that stands for a run of another runbook, with a person in a terminal.

use std::fs;

use serde_json::Value;

use crate::{
    support::{Home, text},
    terminal::Person,
};

const PARENT: &str = "# Failover\n\n## Steps\n\n- [ ] [Restore](db/restore.md)\n\n### Switch\n\n\
    ```sh {name=switch}\necho switch >> db/log; test -e go\n```\n\n```sh {undo name=unswitch}\necho unswitch >> db/log\n```\n";
const CHILD: &str = "---\nparams: {region: {prompt: Which region, required: true}}\n---\n# Restore\n\n## Steps\n\n### Copy\n\n\
    ```sh {name=copy}\necho \"copy $region\" >> log\n```\n\n```sh {undo name=drop}\necho drop >> log\n```\n\n- [ ] The copy is whole\n";

fn home() -> Home {
    let home = Home::new();
    home.file("a.md", PARENT);
    home.file("db/restore.md", CHILD);
    home
}

fn log(home: &Home) -> Vec<String> {
    let log = fs::read_to_string(home.path("db/log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

/// The run of a runbook, by the end of its path.
fn run_of(home: &Home, end: &str) -> Value {
    home.runs().into_iter().find(|row| text(row, "runbook").ends_with(end)).unwrap()
}

/// Opens the linked run, goes through it, and is back.
fn through_the_child(person: &mut Person) {
    person.sees("stands for a run of Restore");
    person.sees("open its run");
    person.sees("help");
    person.presses("\r");
    person.sees("Which region");
    person.presses("eu-1\r");
    person.sees("ITS RUN");
    person.sees("Restore");
    person.sees("copy");
    person.sees("1 of 2");
    person.sees("help");
    person.presses("\r");
    person.sees("passed");
    person.sees("The copy is whole");
    person.sees("help");
    person.presses("\r");
    person.sees("BACK IN FAILOVER");
    person.sees("passed by run");
    person.sees("switch");
    person.sees("help");
}

#[test]
fn a_linked_run_is_opened_gone_through_and_come_back_from() {
    let home = home();
    home.file("go", "");
    let mut person = Person::types(&home, "run a.md");
    through_the_child(&mut person);
    person.presses("\r");
    person.leaves(0);
    assert_eq!(log(&home), ["copy eu-1", "switch"]);
    let (parent, child) = (run_of(&home, "a.md"), run_of(&home, "restore.md"));
    assert_eq!((text(&parent, "state"), text(&child, "state")), ("passed", "passed"));
    assert_eq!(child["parent"]["run"], parent["id"]);
}

#[test]
fn a_rollback_goes_into_the_linked_run_shows_its_plan_and_comes_back() {
    let home = home();
    let mut person = Person::types(&home, "run a.md");
    through_the_child(&mut person);
    person.presses("\r");
    person.sees("failed");
    person.sees("help");
    person.presses("r");
    person.sees("ROLLBACK PLAN");
    person.sees("unswitch");
    person.sees("its run is rolled back");
    person.sees("take effect in part?");
    person.presses("\r");
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("unswitch");
    person.sees("was opened for it");
    person.sees("roll its run back");
    person.sees("help");
    // It is thought better of, and nothing has happened.
    person.presses("\r");
    person.sees("ROLLBACK PLAN");
    person.sees("drop");
    person.sees("Roll back?");
    person.presses("\u{1b}[B\u{1b}[B\r");
    person.sees("roll its run back");
    person.sees("help");
    person.presses("\r");
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("ITS RUN");
    person.sees("drop");
    person.sees("rolled back");
    person.sees("BACK IN FAILOVER");
    person.sees("rolled back");
    person.leaves(3);
    assert_eq!(log(&home), ["copy eu-1", "switch", "unswitch", "drop"]);
    for end in ["a.md", "restore.md"] {
        let run = run_of(&home, end);
        assert_eq!(text(&run, "state"), "rolled_back", "{end}");
        home.expect(0, &["verify", text(&run, "id")]);
    }
}

#[test]
fn what_was_undone_in_another_way_is_said_to_be_and_its_run_stays() {
    let home = home();
    let mut person = Person::types(&home, "run a.md");
    through_the_child(&mut person);
    person.presses("\r");
    person.sees("help");
    person.presses("r");
    person.sees("take effect in part?");
    person.presses("\r");
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("roll its run back");
    person.sees("help");
    person.presses("t");
    person.sees("What was done?");
    person.presses("the copy was dropped by hand\r");
    person.sees("rolled back");
    person.leaves(3);
    assert_eq!(log(&home), ["copy eu-1", "switch", "unswitch"]);
    assert_eq!(text(&run_of(&home, "restore.md"), "state"), "passed");
    let shown = home.expect(0, &["show-run", text(&run_of(&home, "a.md"), "id")]).out;
    assert!(shown.contains("the copy was dropped by hand"), "{shown}");
}

#[test]
fn a_linked_run_that_is_put_aside_is_come_back_from_and_gone_on_with() {
    let home = home();
    home.file("go", "");
    let mut person = Person::types(&home, "run a.md");
    person.sees("open its run");
    person.sees("help");
    person.presses("\r");
    person.sees("Which region");
    person.presses("eu-1\r");
    person.sees("ITS RUN");
    person.sees("help");
    person.presses("p");
    person.sees("Put this run aside?");
    person.presses("y");
    person.sees("BACK IN FAILOVER");
    person.sees("go on with its run");
    person.sees("help");
    person.presses("\r");
    person.sees("ITS RUN");
    person.sees("copy");
    person.sees("help");
    person.presses("\r");
    person.sees("The copy is whole");
    person.sees("help");
    person.presses("\r");
    person.sees("BACK IN FAILOVER");
    person.sees("switch");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
    assert_eq!(log(&home), ["copy eu-1", "switch"]);
}

#[test]
fn a_linked_run_that_fails_fails_its_check_and_can_be_run_again() {
    let home = home();
    home.file("go", "");
    home.file("db/restore.md", "# Restore\n\n## Steps\n\n```sh {name=copy}\necho copy >> log; test -e ok\n```\n");
    let mut person = Person::types(&home, "run a.md");
    person.sees("help");
    person.presses("\r");
    person.sees("ITS RUN");
    person.sees("help");
    person.presses("\r");
    person.sees("failed");
    person.sees("help");
    person.presses("a");
    person.sees("Why is the run given up?");
    person.presses("no copy\r");
    person.sees("BACK IN FAILOVER");
    person.sees("was given up");
    person.sees("run it again");
    person.sees("help");
    home.file("db/ok", "");
    person.presses("\r");
    person.sees("ITS RUN");
    person.sees("help");
    person.presses("\r");
    person.sees("BACK IN FAILOVER");
    person.sees("passed by run");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
    assert_eq!(log(&home), ["copy", "copy", "switch"]);
}

#[test]
fn a_runbook_that_leads_back_to_itself_is_refused_in_words_and_ticked_by_hand() {
    let home = home();
    home.file("go", "");
    fs::create_dir(home.path(".git")).unwrap();
    home.file("db/restore.md", "# Restore\n\n## Steps\n\n- [ ] [Failover](../a.md)\n");
    let mut person = Person::types(&home, "run a.md");
    person.sees("cannot be a part of itself");
    person.sees("help");
    person.presses("\r");
    person.sees("switch");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
    assert_eq!(home.runs().len(), 1);
}
