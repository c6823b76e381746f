//! Rollbacks that do not just run through: killed in their midst, stopped by an undo that fails or that wants a person.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    time::{SystemTime, UNIX_EPOCH},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::{
    crash::{Chance, rounds},
    support::{Home, text, until},
    taking::{MOVE, killed_after},
    terminal::Person,
};

/// Steps that each say in a file what they did, with an undo that does so too; the last one fails. Then a rollback phase.
fn long(steps: usize) -> String {
    let steps: String = (1..=steps)
        .map(|n| {
            let fails = if n == steps { "; exit 3" } else { "" };
            format!(
                "### Step {n}\n\n```sh {{name=n{n}}}\necho n{n} >> log{fails}\n```\n\n\
                 ```sh {{name=u{n} undo}}\necho u{n} >> log; echo undone {n}\n```\n\n"
            )
        })
        .collect();
    format!("# Long\n\n## Steps\n\n{steps}## Rollback\n\n```sh {{name=clean}}\necho clean >> log\n```\n")
}

/// The items whose attempts have started, in the order of the journal, from the beginning of the rollback on.
fn started_undoing(journal: &[String]) -> Vec<String> {
    let events = journal.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let undoing = events.skip_while(|event| text(event, "kind") != "rollback_started");
    undoing
        .filter(|event| text(event, "kind") == "attempt_started")
        .map(|event| text(&event, "item").to_owned())
        .collect()
}

#[test]
fn killed_at_any_moment_of_a_rollback_it_goes_on_in_order_and_no_undo_runs_twice_unasked() {
    const STEPS: usize = 8;
    let order: Vec<String> = (1..=STEPS).rev().map(|n| format!("u{n}")).chain(["clean".to_owned()]).collect();
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let mut chance = Chance(seed);
    let (mut interrupted, mut asked) = (0, 0);
    for round in 0..rounds() {
        let place = format!("round {round}, seed {seed}");
        let home = Home::new();
        home.file("long.md", &long(STEPS));
        home.expect(1, &["run", "long.md", "--auto"]);
        let run = home.id();
        let mut printed = killed_after(&home, &["rollback", &run, "--json"], &mut chance, 36);
        let (mut again, mut left_out) = (Vec::new(), BTreeSet::new());
        let mut kills = chance.below(3);
        loop {
            home.is_left(&run);
            let stored = home.journal(&run);
            if let Some(first) = printed.first() {
                let begins = stored.iter().position(|line| line == first);
                let begins = begins.unwrap_or_else(|| panic!("what was printed is not stored: {place}"));
                assert_eq!(stored[begins..begins + printed.len()], printed, "{place}");
            }
            home.expect(0, &["verify", &run]);
            let state = text(&home.only_run(), "state").to_owned();
            let begun = stored.iter().any(|line| line.contains("\"kind\":\"plan_chosen\""));
            let mut arguments = vec![if begun { "resume" } else { "rollback" }, &run, "--json"];
            match state.as_str() {
                "rolled_back" => break,
                // It was killed before it began.
                "failed" => {}
                "interrupted" => {
                    interrupted += 1;
                    let last: Value = serde_json::from_str(home.journal(&run).last().unwrap()).unwrap();
                    if let Some(item) = last["item"].as_str() {
                        asked += 1;
                        let before = home.log();
                        let done = home.expect(4, &["resume", &run, "--json"]);
                        assert!(done.err.contains(item) && done.err.contains("--again"), "{place}: {done:?}");
                        assert_eq!(home.log(), before, "nothing ran before it was said: {place}");
                        match chance.below(3) {
                            0 => arguments.extend(["--done", "it is undone"]),
                            1 => {
                                left_out.insert(item.to_owned());
                                arguments.extend(["--skip", "not needed"]);
                            }
                            _ => {
                                again.push(item.to_owned());
                                arguments.push("--again");
                            }
                        }
                    }
                }
                other => panic!("a rollback that was killed is {other}: {place}"),
            }
            if kills > 0 {
                kills -= 1;
                printed = killed_after(&home, &arguments, &mut chance, 24);
            } else {
                printed = home.expect(3, &arguments).out.lines().map(str::to_owned).collect();
            }
        }
        let started = started_undoing(&home.journal(&run));
        let mut firsts = started.clone();
        firsts.dedup();
        assert_eq!(firsts, order, "in the order of the plan, each once, or again at its place: {place}");
        let log = home.log();
        for item in &order {
            let ran = log.iter().filter(|line| *line == item).count();
            let starts = started.iter().filter(|one| *one == item).count();
            let asked_for = again.iter().filter(|one| *one == item).count();
            assert!(ran <= starts && starts <= 1 + asked_for, "{item} ran {ran} times, {starts} starts: {place}");
            assert!(ran == 1 + asked_for || starts > asked_for, "{item}: {place}");
        }
        let undone = home.expect(0, &["show-run", &run, "--json"]).json();
        for item in undone["items"].as_array().unwrap() {
            let id = text(item, "item");
            if let Some(undo) = id.strip_prefix('n').map(|n| format!("u{n}")).filter(|undo| order.contains(undo)) {
                let stays = left_out.contains(&undo);
                assert_eq!(text(item, "status") != "undone", stays, "{id}: {place}");
            }
        }
    }
    println!("{interrupted} interruptions, {asked} of them with an undo that ran");
    assert!(interrupted >= rounds() / 2, "only {interrupted} kills came in the middle of a rollback, seed {seed}");
}

#[test]
fn an_undo_that_failed_is_decided_about_by_a_word_and_the_rollback_goes_on_behind_it() {
    for (word, log, undone) in [
        (&["--done", "done on the console"][..], &["not one"][..], true),
        (&["--skip", "it does no harm"], &["not one"], false),
        (&["--again"], &["not two", "not one"], true),
    ] {
        let home = Home::new();
        home.file("stuck", "");
        home.file("move.md", MOVE);
        home.expect(0, &["run", "move.md", "--auto"]);
        let run = home.id();
        home.expect(1, &["rollback", &run]);
        let before = home.log().len();
        if word == ["--again"] {
            fs::remove_file(home.path("stuck")).unwrap();
        }
        // What is undone by then is in no plan any more.
        let plan = home.expect(0, &["rollback", &run, "--plan", "--json"]).json();
        let left: Vec<&str> = plan["entries"].as_array().unwrap().iter().map(|entry| text(entry, "item")).collect();
        assert_eq!(left, ["undo-two", "undo-one"]);
        home.expect(3, &[&["resume", &run], word].concat());
        assert_eq!(home.log()[before..], *log, "{word:?}");
        let shown = home.expect(0, &["show-run", &run, "--json"]).json();
        let two = shown["items"].as_array().unwrap().iter().find(|item| item["item"] == "two").unwrap().clone();
        assert_eq!(text(&two, "status") == "undone", undone, "{word:?}");
    }
}

#[test]
fn an_undo_that_asks_to_be_confirmed_waits_for_a_person_or_yes_and_never_takes_yes_for_a_text() {
    let book = |confirm: &str| {
        format!(
            "# C\n\n## Steps\n\n```sh {{name=one}}\necho one >> log\n```\n\n\
             ```sh {{name=back undo {confirm}}}\necho back >> log\n```\n"
        )
    };
    for (confirm, yes, status) in
        [("confirm", false, 4), ("confirm", true, 3), ("confirm=orders", false, 4), ("confirm=orders", true, 4)]
    {
        let home = Home::new();
        home.file("c.md", &book(confirm));
        home.expect(0, &["run", "c.md", "--auto"]);
        let run = home.id();
        let arguments = if yes { vec!["rollback", &run, "--yes"] } else { vec!["rollback", &run] };
        home.expect(status, &arguments);
        let state = if status == 3 { "rolled_back" } else { "paused" };
        assert_eq!(text(&home.only_run(), "state"), state, "{confirm} {yes}");
        assert_eq!(home.log().len(), if status == 3 { 2 } else { 1 }, "{confirm} {yes}");
    }
}

#[test]
fn a_rollback_phase_with_something_to_attest_waits_for_a_person_after_its_undos() {
    let home = Home::new();
    home.file("m.md", &format!("{MOVE}\n## Rollback\n\n- [ ] Everybody knows\n"));
    home.expect(0, &["run", "m.md", "--auto"]);
    let run = home.id();
    let done = home.expect(4, &["rollback", &run]);
    assert!(done.err.contains("everybody-knows"), "{done:?}");
    assert_eq!(home.log()[3..], ["not three", "not two", "not one"]);
    home.expect(3, &["resume", &run, "--yes"]);
}

#[test]
fn a_run_that_was_taken_up_rolls_back_by_itself_where_that_was_asked_for() {
    let home = Home::new();
    home.file("fail", "");
    home.file("move.md", &MOVE.replace("### Two\n", "### Look\n\n- [ ] look\n\n### Two\n"));
    home.expect(4, &["run", "move.md", "--auto"]);
    let run = home.id();
    home.expect(3, &["resume", &run, "--yes", "--on-failure", "rollback"]);
    assert_eq!(home.log(), ["one", "two", "three", "not three", "not two", "not one"]);
    assert_eq!(text(&home.only_run(), "state"), "rolled_back");
}

#[test]
fn what_began_last_is_undone_first_also_across_a_pause_and_a_repeated_step() {
    let home = Home::new();
    home.file("move.md", &MOVE.replace("### Two\n", "### Look\n\n- [ ] look\n\n### Two\n"));
    home.expect(4, &["run", "move.md", "--auto"]);
    let run = home.id();
    // The first step is run once more after the last one: it is undone first.
    let mut person = Person::types(&home, &format!("resume {run} --hand"));
    person.sees("look");
    person.sees("help");
    person.presses("\r");
    person.sees("two");
    person.sees("help");
    person.presses("\r");
    person.sees("three");
    person.sees("help");
    person.presses("g");
    person.sees("Go where?");
    person.presses("one");
    person.sees("one");
    person.presses("\r");
    person.sees("It has passed already");
    person.sees("help");
    person.presses("\r");
    person.sees("three");
    person.sees("help");
    person.presses("r");
    person.sees("ROLLBACK PLAN");
    person.sees("undo-one");
    person.sees("undo-two");
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("rolled back");
    person.leaves(3);
    assert_eq!(home.log(), ["one", "two", "one", "not one", "not two"]);
}

#[test]
fn a_signal_while_an_undo_runs_puts_the_rollback_aside_and_it_goes_on_there() {
    let home = Home::new();
    home.file(
        "u.md",
        "# U\n\n## Steps\n\n### One\n\n```sh {name=one}\ntrue\n```\n\n```sh {undo name=back-one}\necho one >> log\n```\n\n\
         ### Two\n\n```sh {name=two}\ntrue\n```\n\n\
         ```sh {undo name=back-two}\necho two >> log; touch begun; test -e go || exec sleep 1000\n```\n",
    );
    home.expect(0, &["run", "u.md", "--auto"]);
    let run = home.id();
    let child = home.command(&["rollback", &run]).spawn().unwrap();
    until("the undo runs", || home.path("begun").exists());
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert_eq!(text(&home.only_run(), "state"), "paused");
    home.is_left(&run);
    assert!(home.expect(4, &["resume", &run]).err.contains("back-two"), "what was stopped is asked about");
    assert_eq!(home.log(), ["two"]);
    home.file("go", "");
    home.expect(3, &["resume", &run, "--again"]);
    assert_eq!(home.log(), ["two", "two", "one"]);
}

#[test]
fn an_undo_that_fails_in_the_checklist_is_edited_with_a_reason_and_the_rollback_ends() {
    let home = Home::new();
    home.file("stuck", "");
    home.file("move.md", MOVE);
    home.expect(0, &["run", "move.md", "--auto"]);
    let editor = home.file("editor.sh", "#!/bin/sh\nsed -i 's/; test ! -e stuck//' \"$1\"\n");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let run = home.id();
    let line = format!("--version; export EDITOR='{}'; allgood rollback {run}", editor.display());
    let mut person = Person::types(&home, &line);
    person.sees("Roll back?");
    person.presses("\r");
    person.sees("undo-two");
    person.sees("failed");
    person.sees("edit and try again");
    person.sees("help");
    person.presses("e");
    person.sees("Why is it changed");
    person.presses("the lock is stale\r");
    person.sees("changed for this run");
    person.sees("undo-one");
    person.sees("rolled back");
    person.leaves(3);
    assert_eq!(home.log()[3..], ["not three", "not two", "not two", "not one"]);
    let journal = home.journal(&run).concat();
    assert!(journal.contains("\"kind\":\"deviation\"") && journal.contains("the lock is stale"), "{journal}");
}

#[test]
fn an_undo_whose_value_was_lost_with_a_process_is_given_it_again() {
    let home = Home::new();
    home.file(
        "t.md",
        "# T\n\n## Steps\n\n```sh {name=get}\nexport API_TOKEN=hun\"\"ter2-hun\"\"ter2\n```\n\n\
         ```sh {name=back undo}\ntest ${#API_TOKEN} = 15 && echo back >> log\n```\n",
    );
    home.expect(0, &["run", "t.md", "--auto"]);
    let run = home.id();
    let done = home.expect(4, &["rollback", &run]);
    assert!(done.err.contains("API_TOKEN") && done.err.contains("--param"), "{done:?}");
    assert!(home.log().is_empty());
    home.expect(3, &["resume", &run, "--param", "API_TOKEN=hunter2-hunter2"]);
    assert_eq!(home.log(), ["back"]);
    assert!(!home.journal(&run).concat().contains("hunter2"));
}

#[test]
fn what_was_handed_over_or_rolled_back_is_not_rolled_back_here() {
    let home = Home::new();
    home.file("move.md", &format!("{MOVE}\n- [ ] look\n"));
    home.expect(4, &["run", "move.md", "--auto"]);
    let run = home.id();
    home.expect(0, &["export", &run, "-o", "x.allgood-run", "--hand-over", "bob@ops"]);
    let done = home.expect(2, &["rollback", &run]);
    assert!(done.err.contains("handed over"), "{done:?}");
    assert_eq!(home.log(), ["one", "two", "three"]);
}

#[test]
fn a_failure_where_nothing_can_be_undone_has_just_failed() {
    let home = Home::new();
    home.file("f.md", "# F\n\n## Steps\n\n```sh {name=f}\nexit 3\n```\n");
    home.expect(1, &["run", "f.md", "--auto", "--on-failure", "rollback"]);
    let run = home.id();
    assert_eq!(text(&home.only_run(), "state"), "failed");
    let done = home.expect(2, &["rollback", &run]);
    assert!(done.err.contains("nothing to undo"), "{done:?}");
    assert_eq!(text(&home.only_run(), "state"), "failed", "nothing has happened");
}
