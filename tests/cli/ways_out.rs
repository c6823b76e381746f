//! What a person in a terminal does with a run that does not just go on: taken up after a kill, after a failure, rolled
//! back, led to another part.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::{
    support::{Home, text},
    taking::MOVE,
    terminal::Person,
};

#[test]
fn a_run_that_was_killed_is_shown_and_its_item_asked_about() {
    let home = Home::new();
    home.file(
        "s.md",
        "# Stuck\n\n## Steps\n\n### First\n\n```sh {name=first}\necho first >> log\n```\n\n### Second\n\nRead this.\n\n\
         ```sh {name=stuck}\ntest -e go || sleep 1000; echo second >> log\n```\n\n- [ ] The end is seen\n",
    );
    let run = home.killed_while("s.md", "stuck");
    let mut person = Person::types(&home, &format!("resume {run}"));
    person.sees("SO FAR");
    person.sees("first");
    person.sees("passed");
    person.sees("interrupted");
    person.sees("nobody knows how it ended");
    person.sees("Read this.");
    person.sees("run again");
    person.puts_the_run_aside();
    assert_eq!(home.log(), ["first"]);
    home.is_left(&run);
    home.file("go", "");
    let mut person = Person::types(&home, &format!("resume {run} --hand"));
    person.sees("run again");
    person.presses("\r");
    person.sees("passed");
    person.sees("The end is seen");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
    assert_eq!(home.log(), ["first", "second"]);
}

#[test]
fn a_failed_command_is_edited_with_a_reason_and_tried_again() {
    let home = Home::new();
    home.file("f.md", "# F\n\n## Steps\n\n```sh {name=copy}\necho to <where>; exit 7\n```\n");
    let editor = home.file(
        "my editor.sh",
        "#!/bin/sh\nstat -c %a \"$1\" >> modes\nif test -e edited; then exit 0; fi\ntouch edited\nsed -i 's/exit 7/true/' \"$1\"\n",
    );
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    home.file(".bashrc", "");
    let mut person =
        Person::types(&home, &format!("--version; export EDITOR=\"'{}'\"; allgood run f.md", editor.display()));
    person.sees("help");
    person.presses("\r");
    person.sees("<where>");
    person.presses("tower\r");
    person.sees("exit 7");
    person.sees("edit and try again");
    person.sees("help");
    person.presses("e");
    person.sees("Why is it changed");
    person.presses("seven is no end\r");
    person.sees("changed for this run");
    person.sees("runs as:");
    person.sees("true");
    person.sees("passed");
    person.leaves(0);
    assert_eq!(fs::read_to_string(home.path("modes")).unwrap(), "600\n");
    let journal = home.journal(&home.id()).concat();
    assert!(journal.contains("\"kind\":\"deviation\"") && journal.contains("seven is no end"), "{journal}");
    assert!(fs::read_to_string(home.path("f.md")).unwrap().contains("exit 7"), "the file is not touched");
}

#[test]
fn a_failure_is_rolled_back_in_the_checklist_by_the_plan_that_was_shown() {
    let home = Home::new();
    home.file("fail", "");
    home.file("move.md", MOVE);
    let mut person = Person::types(&home, "run move.md --auto");
    person.sees("failed");
    person.sees("roll back");
    person.sees("help");
    person.presses("r");
    person.sees("ROLLBACK PLAN");
    person.sees("undo-three");
    person.sees("in part");
    person.sees("undo-two");
    person.sees("undo-one");
    person.sees("take effect in part?");
    person.presses("\r");
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("ROLLING BACK");
    person.sees("undo-one");
    person.sees("rolled back");
    person.leaves(3);
    assert_eq!(home.log()[3..], ["not three", "not two", "not one"]);
}

#[test]
fn what_took_no_effect_stays_and_an_undo_that_fails_waits_for_the_person() {
    let home = Home::new();
    home.file("fail", "");
    home.file("stuck", "");
    home.file("move.md", MOVE);
    home.expect(1, &["run", "move.md", "--auto"]);
    let run = home.id();
    let mut person = Person::types(&home, &format!("rollback {run}"));
    person.sees("ROLLBACK PLAN");
    person.sees("take effect in part?");
    person.presses("\u{1b}[B\r");
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("failed");
    person.sees("try again");
    person.sees("help");
    fs::remove_file(home.path("stuck")).unwrap();
    person.presses("\r");
    person.sees("rolled back");
    person.leaves(3);
    assert_eq!(home.log()[3..], ["not two", "not two", "not one"]);
}

#[test]
fn a_plan_is_shortened_or_thought_better_of() {
    let home = Home::new();
    home.file("move.md", MOVE);
    home.expect(0, &["run", "move.md", "--auto"]);
    let run = home.id();
    let mut person = Person::types(&home, &format!("rollback {run}"));
    person.sees("Roll back?");
    person.presses("\u{1b}[B\u{1b}[B\r");
    person.sees("Nothing was rolled back");
    person.leaves(130);
    assert_eq!(text(&home.only_run(), "state"), "passed");
    let mut person = Person::types(&home, &format!("rollback {run}"));
    person.sees("Roll back?");
    person.presses("\u{1b}[B\r");
    person.sees("What is undone?");
    person.presses(" \r");
    person.sees("rolled back");
    person.leaves(3);
    assert_eq!(home.log()[3..], ["not two", "not one"]);
}

#[test]
fn what_nothing_undoes_waits_until_it_is_said_to_be_undone() {
    let home = Home::new();
    home.file("drop.md", "# D\n\n## Steps\n\n### Drop\n\n```sh {name=drop undo=none}\necho dropped >> log\n```\n");
    home.expect(0, &["run", "drop.md", "--auto"]);
    let mut person = Person::types(&home, &format!("rollback {}", home.id()));
    person.sees("by hand");
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("undo it by hand");
    person.sees("it is undone");
    person.sees("help");
    person.presses("\r");
    person.sees("What was done?");
    person.presses("restored from the copy\r");
    person.sees("rolled back");
    person.leaves(3);
}

#[test]
fn a_branch_is_followed_and_moments_are_marked() {
    let home = Home::new();
    home.file(
        "b.md",
        "# B\n\n## Steps\n\n### Look\n\nIf it is full, go to [Make room](#make-room).\n\n- [ ] It is not full\n\n\
         ### Wait\n\n- [ ] Nobody waits\n\n### Make room\n\n- [ ] There is room\n",
    );
    let mut person = Person::types(&home, "run b.md");
    person.sees("It is not full");
    person.sees("go to");
    person.sees("help");
    person.presses("i");
    person.sees("Mark what?");
    person.presses("\r");
    person.sees("When?");
    person.presses("\r");
    person.sees("detected");
    person.sees("help");
    person.presses("g");
    person.sees("Go where?");
    person.presses("\r");
    person.sees("goes on at");
    person.sees("Make room");
    person.sees("There is room");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
    let shown = home.expect(0, &["show-run", &home.id(), "--json"]).json();
    assert_eq!(text(&shown["marks"][0], "what"), "detected");
    let skipped = shown["items"].as_array().unwrap().iter().filter(|item| item["status"] == "skipped").count();
    assert_eq!(skipped, 2);
}
