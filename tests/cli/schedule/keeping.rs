//! Adding, showing, changing and removing schedules, and what runbooks propose.

use std::fs;

use super::{SAVE, Shop, book};
use crate::{
    support::{Home, text},
    terminal::Person,
};

#[test]
fn a_schedule_is_shown_before_it_is_kept_and_changed_and_removed() {
    let shop = Shop::new(&book(SAVE));
    let home = &shop.home;
    let add = ["schedule", "add", "books/backup.md", "--cron", "30 3 * * MON-FRI", "--zone", "Europe/Berlin"];
    let plan = home.expect(0, &[&add[..], &["--plan"]].concat()).out;
    assert!(plan.contains("At 03:30") && plan.contains("Monday"), "{plan}");
    assert_eq!(plan.matches(" 03:30 CE").count(), 5, "its next five times: {plan}");
    let unasked = home.expect(4, &add);
    assert!(unasked.err.contains("Nothing was kept") && unasked.err.contains("--yes"), "{unasked:?}");
    assert_eq!(home.expect(0, &["schedule", "list", "--json"]).json()["schedules"].as_array().unwrap().len(), 0);
    let kept = home.expect(0, &[&add[..], &["--yes"]].concat());
    assert!(kept.err.contains("allgood schedule install"), "{kept:?}");
    let shown = home.expect(0, &["schedule", "show", "back up", "--json"]).json();
    assert_eq!(text(&shown, "name"), "Back up");
    assert_eq!((text(&shown, "on_failure"), text(&shown, "missed")), ("stop", "skip"));
    assert_eq!(shown["next"].as_array().unwrap().len(), 5);
    home.refused(&[&add[..], &["--yes"]].concat(), "There is a schedule \"Back up\" already");
    home.expect(
        0,
        &["schedule", "edit", "Back up", "--name", "Nightly", "--missed", "once", "--on-failure", "rollback"],
    );
    let shown = shop.show();
    assert_eq!((text(&shown, "on_failure"), text(&shown, "missed")), ("rollback", "once"));
    assert_eq!(text(&shown, "cron"), "30 3 * * MON-FRI");
    let paused = home.expect(0, &["schedule", "pause", "Nightly"]).out;
    assert!(paused.contains("Nightly is paused"), "{paused}");
    assert!(home.expect(0, &["schedule", "list"]).out.contains("paused"));
    home.expect(0, &["schedule", "resume", "Nightly"]);
    home.expect(0, &["schedule", "remove", "Nightly"]);
    home.refused(&["schedule", "show", "Nightly"], "There is no schedule");
}

#[test]
fn what_its_runs_would_wait_for_a_person_at_is_said_before_a_schedule_is_kept_and_in_the_list() {
    let front = "---\nparams:\n  ROOM: {prompt: Room}\n---\n";
    let text = book("save <queue>").replace("```sh", "- [ ] The disk is mounted\n\n```sh");
    let shop = Shop::new(&format!("{front}{text}"));
    let home = &shop.home;
    home.file("books/allgood.toml", "[environments.prod]\nguard = true\n");
    let add =
        ["schedule", "add", "books/backup.md", "--cron", "@daily", "--environment", "prod", "--param", "ROOM=5"];
    let plan = home.expect(0, &[&add[..], &["--plan"]].concat()).out.split_whitespace().collect::<Vec<_>>().join(" ");
    let waits = "Its runs wait for a person: items that a person does (the-disk-is-mounted), \
                 values that nobody has given (<queue>), the guard of prod.";
    assert!(plan.contains(waits), "{plan}");
    home.expect(0, &[&add[..], &["--yes"]].concat());
    assert!(home.expect(0, &["schedule", "list"]).out.contains("waits for a person"));
    // What goes by itself waits for nobody.
    let free = Shop::new(&book(SAVE));
    let plan = free.home.expect(0, &["schedule", "add", "books/backup.md", "--cron", "@daily", "--plan"]).out;
    assert!(!plan.contains("wait for a person"), "{plan}");
}

#[test]
fn a_person_is_asked_before_a_schedule_is_kept() {
    let shop = Shop::new(&book(SAVE));
    for (key, status, kept) in [("n", 130, 0), ("y", 0, 1)] {
        let mut person = Person::types(&shop.home, "schedule add books/backup.md --cron @daily");
        person.sees("Keep this schedule, and accept the runbook as it is now?");
        person.sees("y/N");
        person.presses(key);
        person.leaves(status);
        let list = shop.home.expect(0, &["schedule", "list", "--json"]).json();
        assert_eq!(list["schedules"].as_array().unwrap().len(), kept);
    }
}

#[test]
fn what_cannot_be_a_schedule_is_refused_in_words() {
    let secret = "---\nparams:\n  TOKEN:\n    prompt: Token\n    secret: true\n    required: false\n---\n";
    let shop = Shop::new(&format!("{secret}{}", book(SAVE)));
    let home = &shop.home;
    home.file("other/a.md", &book(SAVE));
    home.file("loose.md", &book(SAVE));
    home.expect(0, &["library", "add", "other"]);
    let add = |file: &'static str, more: &[&'static str]| [&["schedule", "add", file, "--yes"][..], more].concat();
    home.refused(&add("books/backup.md", &[]), "proposes no `schedule`");
    home.refused(&add("books/backup.md", &["--cron", "61 * * * *"]), "is no cron expression");
    home.refused(&add("books/backup.md", &["--cron", "0 0 30 2 *"]), "never comes");
    home.refused(&add("books/backup.md", &["--cron", "@daily", "--zone", "Mars/Olympus"]), "no time zone");
    home.refused(&add("books/backup.md", &["--cron", "@daily", "--environment", "prod"]), "no environment \"prod\"");
    home.refused(&add("books/backup.md", &["--cron", "@daily", "--param", "TOKEN=x"]), "is a secret");
    home.refused(&add("books/none.md", &["--cron", "@daily"]), "none.md");
    for (file, why) in [("other/a.md", "not trusted"), ("loose.md", "in no folder of the library")] {
        let done = home.expect(4, &add(file, &["--cron", "@daily"]));
        assert!(done.err.contains(why), "{done:?}");
    }
    home.refused(&["schedule", "edit", "Nightly", "--cron", "@daily"], "There is no schedule");
    assert_eq!(home.expect(0, &["schedule", "list", "--json"]).json()["schedules"].as_array().unwrap().len(), 0);
}

#[test]
fn what_a_runbook_proposes_is_shown_and_runs_nothing_until_a_person_accepts_it() {
    let proposes = "---\nschedule: {cron: '30 3 * * *', zone: Asia/Tokyo, missed: once, on_failure: rollback}\n---\n";
    let shop = Shop::new(&format!("{proposes}{}", book(SAVE)));
    let home = &shop.home;
    let list = home.expect(0, &["schedule", "list"]).out;
    assert!(list.contains("not accepted") && list.contains("30 3 * * * Asia/Tokyo"), "{list}");
    home.expect(0, &["schedule", "run-due"]);
    assert_eq!(home.runs().len(), 0);
    home.expect(0, &["schedule", "add", "books/backup.md", "--name", "Nightly", "--yes"]);
    let shown = shop.show();
    for (field, is) in
        [("cron", "30 3 * * *"), ("zone", "Asia/Tokyo"), ("missed", "once"), ("on_failure", "rollback")]
    {
        assert_eq!(text(&shown, field), is);
    }
    assert!(!home.expect(0, &["schedule", "list"]).out.contains("not accepted"));
    for (written, says) in [
        ("schedule: at noon", "is no cron expression"),
        ("schedule: {zone: UTC}", "says no time"),
        ("schedule: {cron: '@daily', on_failure: pray}", "`stop` or `rollback`"),
        ("schedule: {cron: '@daily', when: now}", "unknown key `when`"),
        ("schedule: [1]", "wrong type"),
        ("schedule: '0 0 30 2 *'", "never comes"),
        ("schedule: '*/90 * * * *'", "an hour has 60"),
        ("schedule: {cron: '@daily', zone: Berlin}", "no time zone: write Europe/Berlin"),
    ] {
        home.file("books/wrong.md", &format!("---\n{written}\n---\n{}", book(SAVE)));
        let check = home.expect(1, &["check", "books/wrong.md"]);
        let said = format!("{}{}", check.out, check.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(says), "{written}: {said}");
        // Whoever would accept it is told the same.
        let why = if says.contains("no time zone") { "no time zone \"Berlin\"" } else { says };
        home.refused(&["schedule", "add", "books/wrong.md", "--yes"], why);
    }
    let list = home.expect(0, &["schedule", "list"]).out;
    assert!(list.contains("@daily Berlin\n") && list.contains("no time zone \"Berlin\""), "{list}");
}

#[test]
fn a_schedule_follows_its_runbook_when_that_is_moved() {
    let shop = Shop::nightly(&book(SAVE), 1, 0, &[]);
    shop.home.expect(0, &["move", "books/backup.md", "books/routine/save.md"]);
    assert!(text(&shop.show(), "runbook").ends_with("books/routine/save.md"));
    shop.run_due(0);
    assert_eq!(shop.saved(), 1);
}

#[test]
fn every_command_of_schedules_tells_how_it_is_used_with_an_example() {
    let home = Home::new();
    for name in ["add", "list", "show", "edit", "pause", "resume", "remove", "run", "run-due", "install", "uninstall"]
    {
        let help = home.expect(0, &["schedule", name, "--help"]).out;
        assert!(help.contains("Example") && help.contains(&format!("allgood schedule {name}")), "{help}");
    }
    assert!(fs::metadata(home.path("data/allgood.db")).is_err(), "help opens nothing");
}
