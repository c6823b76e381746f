//! What a person in a terminal does beside going on: another item first, one again, the whole run at a glance, links, a
//! message changed, the run handed over, a terminal of another size.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use crate::{
    support::{Home, text, until},
    terminal::Person,
};

const BOOK: &str = "---\nlinks:\n  - {title: Board, url: \"https://board.example/\"}\n---\n# Move the lamp\n\n## Overview\n\n\
    It hangs high, see [the plan](https://plan.example/lamp).\n\n## Steps\n\n### 1. Unplug it\n\n\
    ```sh {name=unplug}\necho unplugged\n```\n\n**If it fails** pull harder.\n\n### 2. Carry it\n\nWith both hands.\n\n\
    ```sh {name=carry}\necho carried >> log; cat log\n```\n\n### 3. Tell them\n\n\
    ```message {to=all name=tell}\nIt moved at <time>.\n```\n\n- [ ] They have read it\n";

fn script(home: &Home, name: &str, text: &str) -> PathBuf {
    let path = home.file(name, text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn an_item_is_done_before_its_turn_and_one_again_and_the_path_says_so() {
    let home = Home::new();
    home.file("lamp.md", BOOK);
    let mut person = Person::types(&home, "run lamp.md");
    person.sees("echo unplugged");
    person.sees("help");
    person.presses("g");
    person.sees("Go where?");
    person.presses("carry\r");
    person.sees("2. Carry it");
    person.sees("With both hands.");
    person.sees("It is not its turn");
    person.sees("help");
    person.presses("\u{1b}");
    person.sees("echo unplugged");
    person.sees("help");
    person.presses("g");
    person.sees("Go where?");
    person.presses("carry\r");
    person.sees("help");
    person.presses("\r");
    person.sees("carried\r\n");
    person.sees("passed");
    person.sees("echo unplugged");
    person.sees("help");
    person.presses("\r");
    person.sees("passed");
    person.sees("2. Carry it");
    person.sees("done before its turn");
    person.sees("It moved at");
    person.sees("help");
    person.presses("v");
    person.sees("STEPS");
    person.sees("carry");
    person.sees("passed");
    person.sees("tell");
    person.sees("now");
    person.sees("They have read it");
    person.sees("help");
    person.presses("g");
    person.sees("Go where?");
    person.presses("carry\r");
    person.sees("It has passed already.");
    person.sees("run again");
    person.sees("help");
    person.presses("\r");
    person.sees("carried\r\ncarried\r\n");
    person.sees("try 2");
    person.sees("It moved at");
    person.sees("help");
    person.presses("\r");
    person.sees("Was it sent so?");
    person.presses("y");
    person.sees("They have read it");
    person.sees("help");
    person.presses(" ");
    person.leaves(0);
    let shown = home.expect(0, &["show-run", &home.id(), "--json"]).json();
    let items = shown["items"].as_array().unwrap();
    let carry = items.iter().find(|item| item["item"] == "carry").unwrap();
    assert_eq!(carry["attempts"].as_array().unwrap().len(), 2);
    let started: Vec<String> = home
        .journal(&home.id())
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["kind"] == "attempt_started")
        .map(|event| text(&event, "item").to_owned())
        .collect();
    assert_eq!(started, ["carry", "unplug", "carry"]);
}

#[test]
fn a_tick_is_taken_back() {
    let home = Home::new();
    home.file("two.md", "# Two\n\n## Steps\n\n- [ ] The first holds\n- [ ] The second holds\n");
    let mut person = Person::types(&home, "run two.md");
    person.sees("The first holds");
    person.sees("help");
    person.presses("\r");
    person.sees("The second holds");
    person.sees("help");
    person.presses("g");
    person.sees("Go where?");
    person.presses("first\r");
    person.sees("not done after all");
    person.sees("help");
    person.presses(" ");
    person.sees("not done after all");
    person.sees("The first holds");
    person.sees("1 of 2");
    person.sees("help");
    person.presses("\r");
    person.sees("The second holds");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
}

#[test]
fn links_have_numbers_and_a_number_opens_one() {
    let home = Home::new();
    home.file("lamp.md", BOOK);
    let opener = script(&home, "bin/xdg-open", "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$HOME/opened\"\n");
    let bin = opener.parent().unwrap().display().to_string();
    let mut person = Person::types(&home, &format!("--version; export PATH='{bin}':\"$PATH\"; allgood run lamp.md"));
    person.sees("the plan");
    person.sees("[2]");
    person.sees("help");
    person.presses("2");
    person.sees("opened: https://plan.example/lamp");
    person.sees("help");
    person.presses("l");
    person.sees("Open which link?");
    person.sees("1 Board https://board.example/");
    person.presses("\r");
    person.sees("opened: https://board.example/");
    person.sees("help");
    person.presses("9");
    person.sees("There is no link 9: this runbook has 2.");
    person.sees("help");
    person.puts_the_run_aside();
    until("both are open", || {
        fs::read_to_string(home.path("opened")).is_ok_and(|opened| opened.lines().count() == 2)
    });
    assert_eq!(home.journal(&home.id()).iter().filter(|line| line.contains("link_opened")).count(), 2);
}

#[test]
fn a_message_is_changed_copied_and_the_record_has_what_was_sent() {
    let home = Home::new();
    home.file("tell.md", "# Tell\n\n## Steps\n\n```message {name=tell}\nIt moved at <time>.\n```\n");
    let editor = script(&home, "editor", "#!/bin/sh\nsed -i 's/<time>/14:05/' \"$1\"\n");
    let mut person =
        Person::types(&home, &format!("--version; export EDITOR='{}'; allgood run tell.md", editor.display()));
    person.sees("It moved at <time>.");
    person.sees("help");
    person.presses("e");
    person.sees("It moved at 14:05.");
    person.sees("help");
    person.presses("c");
    // "It moved at 14:05." in Base64, as OSC 52 carries it.
    person.sees("\u{1b}]52;c;SXQgbW92ZWQgYXQgMTQ6MDUu\u{7}");
    person.sees("clipboard");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
    assert!(home.journal(&home.id()).iter().any(|line| line.contains("\"text\":\"It moved at 14:05.\"")));
}

#[test]
fn a_run_is_handed_over_from_the_checklist() {
    let home = Home::new();
    home.file("lamp.md", BOOK);
    let mut person = Person::types(&home, "run lamp.md");
    person.sees("help");
    person.presses("\r");
    person.sees("passed");
    person.sees("help");
    person.presses("h");
    person.sees("Hand over to whom?");
    person.presses("bob@ops\r");
    person.sees("move-the-lamp.allgood-run");
    person.presses("\r");
    person.sees("handed over to: bob@ops");
    person.leaves(4);
    assert_eq!(text(&home.only_run(), "state"), "handed_over");
    assert!(home.path("move-the-lamp.allgood-run").is_file());
}

#[test]
fn what_has_passed_is_not_followed_by_advice_for_its_failure() {
    let home = Home::new();
    home.file("lamp.md", BOOK);
    let done = home.expect(4, &["run", "lamp.md", "--auto", "--yes"]);
    assert!(!done.out.contains("pull harder"), "{done:?}");
    let mut person = Person::types(&home, "run lamp.md");
    person.sees("help");
    person.presses("\r");
    let between = person.reads_up_to("With both hands.");
    assert!(between.contains("passed") && !between.contains("pull harder"), "{between}");
    person.sees("help");
    person.puts_the_run_aside();
}

#[test]
fn a_terminal_of_another_size_gets_lines_that_fit_it() {
    let home = Home::new();
    let long = "word ".repeat(30);
    home.file(
        "wide.md",
        &format!("# Wide\n\n## Steps\n\n- [ ] first\n\n{long}\n\n```sh {{name=long}}\necho {long}\n```\n"),
    );
    let mut person = Person::types(&home, "run wide.md");
    person.sees("first");
    person.sees("help");
    person.resizes(60, 20);
    person.sees("help");
    person.presses("\r");
    person.sees("done ");
    let shown = person.reads_up_to("help");
    let shown = String::from_utf8(strip_ansi_escapes::strip(shown)).unwrap();
    assert!(shown.contains("word") && shown.lines().all(|line| line.chars().count() <= 60), "{shown}");
    person.puts_the_run_aside();
}
