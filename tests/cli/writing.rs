//! The text of a runbook on the command line: its history, what changed, putting it back, drafts, and trying a piece.

use std::fs;

use serde_json::Value;

use crate::support::{Home, text};

const FIRST: &str = "# Disk\n\n## Steps\n\n- [ ] Look at the old disk\n- [ ] Tell the team\n";
const SECOND: &str = "# Disk\n\n## Steps\n\n- [ ] Look at the new disk\n- [ ] Tell the team\n- [ ] Rest\n";

/// A library with one runbook that was seen in two revisions.
fn twice() -> Home {
    let home = Home::new();
    home.file("team/disk.md", FIRST);
    home.expect(0, &["library", "add", "team"]);
    home.expect(0, &["history", "team/disk.md"]);
    home.file("team/disk.md", SECOND);
    home
}

fn rows(home: &Home) -> Vec<Value> {
    home.expect(0, &["history", "team/disk.md", "--json"]).json().as_array().unwrap().clone()
}

#[test]
fn the_history_has_what_other_programs_wrote_newest_first() {
    let home = twice();
    let rows = rows(&home);
    let told: Vec<_> = rows.iter().map(|row| (row["number"].as_u64().unwrap(), text(row, "origin"))).collect();
    assert_eq!(told, [(2, "outside"), (1, "outside")]);
    let shown = home.expect(0, &["history", "team/disk.md"]).out;
    let hash = text(&rows[0], "revision");
    assert!(shown.contains(&hash[..8]) && shown.contains(text(&rows[0], "summary")), "{shown}");
}

#[test]
fn a_comparison_marks_the_words_that_differ() {
    let home = twice();
    let hash = text(&rows(&home)[1], "revision").to_owned();
    let expected = "-- [ ] Look at the [-old-] disk\n+- [ ] Look at the {+new+} disk\n";
    for revisions in [&[][..], &["1"], &["1", "2"], &[&hash[..6]], &[&hash[..4], "2"]] {
        let arguments: Vec<&str> = ["diff", "team/disk.md"].iter().chain(revisions).copied().collect();
        let shown = home.expect(0, &arguments).out;
        assert!(shown.contains(expected), "{revisions:?}: {shown}");
        assert!(shown.contains("+- [ ] Rest\n") && shown.contains("\n - [ ] Tell the team\n"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "colours where nobody wants them: {shown}");
    }
    let coloured = home.command(&["diff", "team/disk.md"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    let coloured = String::from_utf8(coloured.stdout).unwrap();
    assert!(coloured.contains('\u{1b}') && !coloured.contains("{+"), "{coloured}");
    assert!(home.expect(0, &["diff", "team/disk.md", "2"]).err.contains("Nothing differs"));
}

#[test]
fn a_revision_that_is_not_there_is_answered_with_a_sentence() {
    let home = twice();
    rows(&home);
    for (name, sentence) in [("7", "has no revision \"7\""), ("zzzz", "has no revision"), ("ab", "at least 4 signs")]
    {
        for command in ["diff", "restore"] {
            let said = home.expect(2, &[command, "team/disk.md", name]).err;
            assert!(said.contains(sentence), "{command} {name}: {said}");
        }
    }
    home.file("apart.md", FIRST);
    assert!(home.expect(0, &["history", "apart.md"]).err.contains("Nothing is kept"));
    assert!(home.expect(2, &["diff", "apart.md"]).err.contains("fewer than two revisions"));
    assert!(home.expect(2, &["restore", "apart.md", "1"]).err.contains("No revision of"));
}

#[test]
fn a_revision_is_restored_as_a_save_and_nothing_of_the_history_is_lost() {
    let home = twice();
    let file = home.path("team/disk.md");
    let plan = home.expect(0, &["restore", "team/disk.md", "1", "--dry-run"]).out;
    assert!(plan.contains("[-new-]") && plan.contains("{+old+}"), "{plan}");
    assert_eq!(fs::read_to_string(&file).unwrap(), SECOND);
    home.expect(0, &["restore", "team/disk.md", "1"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), FIRST);
    let kept = rows(&home);
    let told: Vec<_> = kept.iter().map(|row| (row["number"].as_u64().unwrap(), text(row, "origin"))).collect();
    assert_eq!(told, [(3, "here"), (2, "outside"), (1, "outside")]);
    assert_eq!(text(&kept[0], "message"), "restored revision 1");
    home.expect(0, &["restore", "team/disk.md", "2"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), SECOND);
    fs::remove_file(&file).unwrap();
    home.expect(0, &["restore", "team/disk.md", "1"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), FIRST);
}

#[test]
fn drafts_are_listed_and_thrown_away_by_name() {
    let home = twice();
    assert!(home.expect(0, &["drafts"]).err.contains("Nothing is typed"));
    assert_eq!(home.expect(0, &["drafts", "--json"]).json(), serde_json::json!([]));
    assert!(home.expect(2, &["drafts", "--drop", "team/disk.md"]).err.contains("There is no draft"));
    let file = home.path("team/disk.md");
    let store = store::Store::open(&home.path("data")).unwrap();
    store.draft_keep(&file, None, b"# Typed\n", "2026-11-22T10:00:00.000Z").unwrap();
    drop(store);
    let listed = home.expect(0, &["drafts"]).out;
    assert!(listed.contains("Typed") && listed.contains("disk.md"), "{listed}");
    // A restored file leaves what was typed alone, and says so.
    rows(&home);
    assert!(home.expect(0, &["restore", "team/disk.md", "1"]).err.contains("as a draft"));
    assert_eq!(text(&home.expect(0, &["drafts", "--json"]).json()[0], "title"), "Typed");
    home.expect(0, &["drafts", "--drop", "team/disk.md"]);
    assert_eq!(home.expect(0, &["drafts", "--json"]).json(), serde_json::json!([]));
    assert_eq!(fs::read_to_string(&file).unwrap(), FIRST);
}

#[test]
fn a_text_that_is_asked_for_in_vain_is_answered_with_a_sentence() {
    let home = twice();
    rows(&home);
    home.file("tried.md", TRIED);
    home.file("apart.md", FIRST);
    for (arguments, words) in [
        (&["history", "none.md"][..], "There is no"),
        (&["history", "none.md", "--json"], "nothing is kept of it"),
        (&["history"], "FILE"),
        (&["diff", "none.md"], "none.md"),
        (&["diff", "none.md", "1"], "none.md"),
        (&["diff", "team/disk.md", "7"], "has no revision \"7\""),
        (&["diff", "team/disk.md", "1", "7"], "has no revision \"7\""),
        (&["restore", "none.md", "1"], "none.md"),
        (&["restore", "team/disk.md", "7", "--dry-run"], "has no revision \"7\""),
        (&["restore", "team/disk.md"], "REV"),
        (&["drafts", "--drop", "none.md"], "There is no draft"),
        (&["drafts", "--drop", "none.md", "--json"], "cannot be used with"),
        (&["try", "none.md", "good"], "none.md"),
        (&["try", "tried.md", "none"], "choose one of"),
        (&["try", "tried.md", "good", "--param", "novalue"], "NAME=VALUE"),
        (&["try", "tried.md", "good", "--param", "nobody asks=1"], "nobody asks"),
        (&["try", "tried.md", "good", "--environment", "none"], "none"),
        (&["try", "tried.md"], "ITEM"),
    ] {
        home.refused(arguments, words);
    }
    assert_eq!(fs::read_to_string(home.path("team/disk.md")).unwrap(), SECOND);
    // What is gone and was kept is no mistake.
    fs::remove_file(home.path("team/disk.md")).unwrap();
    assert_eq!(rows(&home).len(), 2);
}

const TRIED: &str = "---\nparams:\n  region: {default: eu-1}\n---\n# Tried\n\n## Steps\n\n- [ ] A check\n\n\
    ```sh {name=good expect=/hello/}\necho \"hello $region\"\n```\n\n\
    ```sh {name=bad expect=/never/}\necho something; exit 3\n```\n\n\
    ```sh {name=asks}\necho \"pod <pod name>\"\n```\n\n```sh {name=sure confirm}\necho sure\n```\n";

#[test]
fn one_item_is_tried_and_no_list_shows_it() {
    let home = Home::new();
    home.file("tried.md", TRIED);
    let good = home.expect(0, &["try", "tried.md", "good", "--param", "region=us-2"]);
    assert!(good.out.contains("hello us-2\n") && good.out.contains("passed"), "{}", good.out);
    assert!(good.out.contains("expected") && !good.out.contains("show-run"), "{}", good.out);
    let bad = home.expect(1, &["try", "tried.md", "bad"]);
    assert!(
        bad.out.contains("something\n") && bad.out.contains("exit 3") && bad.out.contains("never"),
        "{}",
        bad.out
    );
    let asks = home.expect(0, &["try", "tried.md", "asks", "--param", "pod name=web 1"]);
    assert!(asks.out.contains("\npod web 1\n"), "{}", asks.out);
    for (status, item, sentence) in [
        (4, "asks", "pod name"),
        (4, "sure", "sure"),
        (2, "none", "choose one of"),
        (2, "a-check", "only what runs can be tried"),
    ] {
        let said = home.expect(status, &["try", "tried.md", item]).err;
        assert!(said.contains(sentence), "{item}: {said}");
    }
    assert!(home.runs().is_empty());
}
