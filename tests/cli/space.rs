//! How much space outputs take, and for how long they are kept: `allgood space`.

use std::fs;

use rusqlite::Connection;

use crate::{
    support::{Home, text},
    terminal::Person,
};

/// Two runs that printed a thousand bytes each, the first of them long ago.
fn home() -> Home {
    let home = Home::new();
    home.file("p.md", "# P\n\n## Steps\n\n```sh {name=p}\nhead -c 1000 /dev/zero | tr '\\0' x\n```\n");
    for _ in 0..2 {
        home.expect(0, &["run", "p.md", "--auto"]);
    }
    let store = Connection::open(home.path("data/allgood.db")).unwrap();
    let old = home.runs()[1]["id"].as_str().unwrap().to_owned();
    store.execute("UPDATE runs SET ended_at = '2020-01-01T00:00:00.000Z' WHERE id = ?1", [&old]).unwrap();
    home
}

fn settings(home: &Home) -> String {
    fs::read_to_string(home.path(".config/allgood/config.toml")).unwrap_or_default()
}

#[test]
fn the_space_of_outputs_is_told_and_what_a_number_of_days_would_remove() {
    let home = home();
    let told = home.expect(0, &["space", "--json"]).json();
    assert_eq!((&told["bytes"], &told["runs"]), (&2000.into(), &2.into()));
    assert!(told["keep_output_days"].is_null() && told["due_bytes"] == 0);
    let told = home.expect(0, &["space", "--days", "30", "--json"]).json();
    assert_eq!((&told["due_bytes"], &told["due_runs"]), (&1000.into(), &1.into()));
    let shown = home.expect(0, &["space", "--days", "30"]).out;
    for part in ["2.0 kB, of 2 runs", "ever", "removed if kept for 30 days", "1.0 kB, of 1 run"] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    assert_eq!(home.expect(0, &["space", "--json"]).json()["bytes"], 2000, "a look removes nothing");
    for (arguments, words) in [
        (&["space", "--days", "0"][..], "0 days"),
        (&["space", "--keep", "soon"], "forever"),
        (&["space", "--keep", "40000"], "40000 days"),
        (&["space", "--days", "3", "--keep", "3"], "--keep"),
    ] {
        home.refused(arguments, words);
    }
}

#[test]
fn how_long_outputs_are_kept_is_chosen_and_nothing_is_removed_unasked() {
    let home = home();
    let done = home.expect(4, &["space", "--keep", "30"]);
    assert!(done.err.contains("1.0 kB") && done.err.contains("--yes"), "{done:?}");
    assert!(!settings(&home).contains("keep_output_days"));
    let told = home.expect(0, &["space", "--keep", "30", "--yes", "--json"]).json();
    assert_eq!((&told["bytes"], &told["removed_bytes"]), (&1000.into(), &1000.into()));
    assert!(settings(&home).contains("keep_output_days = 30"), "{}", settings(&home));
    let old = home.runs().remove(1);
    let holds = home.expect(0, &["verify", text(&old, "id")]).out;
    assert!(holds.contains("removed"), "{holds}");
    // Where nothing is removed, nothing is asked.
    home.expect(0, &["space", "--keep", "forever"]);
    assert!(!settings(&home).contains("keep_output_days"));
}

#[test]
fn in_a_terminal_a_person_is_asked_before_outputs_are_removed() {
    let home = home();
    let mut person = Person::types(&home, "space --keep 30");
    person.sees("would be removed now");
    person.sees("30 days only?");
    person.presses("n");
    person.sees("Nothing was changed");
    person.leaves(130);
    assert_eq!(home.expect(0, &["space", "--json"]).json()["bytes"], 2000);
    let mut person = Person::types(&home, "space --keep 30");
    person.sees("30 days only?");
    person.presses("y");
    person.sees("removed before");
    person.leaves(0);
    assert_eq!(home.expect(0, &["space", "--json"]).json()["bytes"], 1000);
}
