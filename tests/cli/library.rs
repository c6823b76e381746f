//! The library on the command line: lists with filters, searches that forgive, files that are moved, pinned and brought in.

use std::fs;

use crate::support::{Home, text};

/// A library of three runbooks, added.
fn stocked() -> Home {
    let home = Home::new();
    for (path, written) in [
        (
            "team/failover.md",
            "---\nkind: incident\nseverity: SEV1\nowner: dba\ntags: [database]\nreviewed: 2020-01-01\nreview_every: 90d\n---\n# Fail over\n\n- [ ] See [backup](routine/backup.md)\n",
        ),
        (
            "team/routine/backup.md",
            "---\nkind: routine\ntags: [database]\n---\n# Nightly backup\n\n- [ ] Copy the certificate\n",
        ),
        ("team/notes.md", "# Notes\n\nA word.\n"),
    ] {
        home.file(path, written);
    }
    home.expect(0, &["library", "add", "team"]);
    home
}

fn listed(home: &Home, filters: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["list", "--json", "--sort", "title"].iter().chain(filters).copied().collect();
    let rows = home.expect(0, &arguments).json();
    rows.as_array().unwrap().iter().map(|row| text(row, "title").to_owned()).collect()
}

#[test]
fn the_shipped_examples_are_added_and_an_edited_one_stays() {
    let home = Home::new();
    home.expect(0, &["library", "examples"]);
    let folder = home.expect(0, &["library", "list", "--json"]).json().as_array().unwrap()[0].clone();
    assert_eq!((&folder["trusted"], &folder["runbooks"]), (&true.into(), &4.into()));
    let file = home.path("data/examples/backup-sqlite.md");
    let edited = format!("{}\nMine.\n", fs::read_to_string(&file).unwrap());
    fs::write(&file, &edited).unwrap();
    home.expect(0, &["library", "examples"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);
}

#[test]
fn a_list_leaves_what_its_filters_say() {
    let home = stocked();
    for (filters, expected) in [
        (&[][..], &["Fail over", "Nightly backup", "Notes"][..]),
        (&["--kind", "incident"], &["Fail over"]),
        (&["--kind", "none"], &["Notes"]),
        (&["--tag", "database", "--kind", "routine"], &["Nightly backup"]),
        (&["--owner", "dba"], &["Fail over"]),
        (&["--severity", "SEV1"], &["Fail over"]),
        (&["--review", "overdue"], &["Fail over"]),
        (&["--review", "30"], &[]),
        (&["--folder", "routine"], &["Nightly backup"]),
        (&["--pinned"], &[]),
    ] {
        assert_eq!(listed(&home, filters), expected, "{filters:?}");
    }
    assert!(home.expect(2, &["list", "--review", "soon"]).err.contains("number of days"));
    assert!(home.expect(0, &["list", "--review", "30"]).err.contains("None of 3 runbooks"));
    home.expect(0, &["pin", "team/notes.md"]);
    assert_eq!(listed(&home, &["--pinned"]), ["Notes"]);
    home.expect(0, &["pin", "team/notes.md", "--off"]);
    assert_eq!(listed(&home, &["--pinned"]), [""; 0]);
}

#[test]
fn a_search_says_what_it_took_a_misspelt_word_for() {
    let home = stocked();
    let done = home.expect(0, &["search", "certficate"]);
    assert!(done.out.contains("Nightly backup"), "{}", done.out);
    assert!(done.err.contains("Nothing holds \"certficate\": searched for \"certificate\""), "{}", done.err);
}

#[test]
fn a_move_is_planned_done_and_taken_back_with_the_links() {
    let home = stocked();
    let failover = home.file("probe.md", "").with_file_name("team").join("failover.md");
    let before = fs::read(&failover).unwrap();
    let plan = home.expect(0, &["move", "team/routine/backup.md", "team/save.md", "--plan"]);
    assert!(plan.out.contains("1 link in failover.md"), "{}", plan.out);
    assert_eq!(fs::read(&failover).unwrap(), before);
    home.expect(0, &["move", "team/routine/backup.md", "team/save.md"]);
    assert!(fs::read_to_string(&failover).unwrap().contains("[backup](save.md)"));
    assert!(home.expect(2, &["move", "team/save.md", "team/notes.md"]).err.contains("Nothing is overwritten"));
    assert!(home.expect(2, &["move", "team/save.md", "elsewhere.md"]).err.contains("in no folder of the library"));
    // A folder that is there takes it in, as `mv` does it.
    home.expect(0, &["move", "team/save.md", "team/routine"]);
    home.expect(0, &["move", "team/routine/save.md", "team/routine/backup.md"]);
    home.expect(0, &["move", "team/routine/backup.md", "team/save.md"]);
    home.expect(0, &["move", "team/save.md", "team/routine/backup.md"]);
    assert_eq!(fs::read(&failover).unwrap(), before);
}

#[test]
fn an_import_is_planned_and_done_and_overwrites_nothing() {
    let home = stocked();
    home.file("wiki/notes.md", "# Other notes\n\n![p](p.png)\n");
    home.file("wiki/p.png", "a picture");
    let plan = home.expect(0, &["import", "wiki", "--plan"]);
    assert!(plan.out.contains("notes.md is there and different: it comes as notes-2.md"), "{}", plan.out);
    assert_eq!(listed(&home, &[]).len(), 3);
    let done = home.expect(0, &["import", "wiki", "--into", "team/from wiki"]);
    assert_eq!(done.out.lines().collect::<Vec<_>>(), ["from wiki/notes.md", "from wiki/p.png"]);
    assert_eq!(listed(&home, &["--folder", "from wiki"]), ["Other notes"]);
    assert!(home.expect(2, &["import", "ext::sh -c evil"]).err.contains("is not fetched"));
}
