//! Runs that nobody drives, taken up without a terminal: after a kill, a failure, a pause; and rolled back.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{
    crash::{Chance, rounds},
    support::{Home, processes_of, text, until},
};

/// Three steps that say in a file what they did, each with an undo that does so too. The third fails while `fail` is there.
pub(crate) const MOVE: &str = "# Move\n\n## Steps\n\n\
    ### One\n\n```sh {name=one}\necho one >> log\n```\n\n```sh {name=undo-one undo}\necho not one >> log\n```\n\n\
    ### Two\n\n```sh {name=two}\necho two >> log\n```\n\n```sh {name=undo-two undo}\necho not two >> log; test ! -e stuck\n```\n\n\
    ### Three\n\n```sh {name=three}\necho three >> log; test ! -e fail\n```\n\n```sh {name=undo-three undo}\necho not three >> log\n```\n";

impl Home {
    /// What the commands of [`MOVE`] did, in order.
    pub(crate) fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// The id of the only run.
    pub(crate) fn id(&self) -> String {
        text(&self.only_run(), "id").to_owned()
    }

    /// Starts a run whose item `stuck` does not end, and kills the program while it runs.
    pub(crate) fn killed_while(&self, file: &str, item: &str) -> String {
        self.killed_by(&["run", file, "--auto", "--json"], item)
    }

    /// The same, however it is started.
    pub(crate) fn killed_by(&self, arguments: &[&str], item: &str) -> String {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !(line.contains("attempt_started") && line.contains(&format!("\"item\":\"{item}\""))) {
            line.clear();
            assert!(reader.read_line(&mut line).unwrap() > 0);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        self.id()
    }
}

/// Lets the program print so many events, then a little time, then kills it; what it printed whole.
pub(crate) fn killed_after(home: &Home, arguments: &[&str], chance: &mut Chance, most: u64) -> Vec<String> {
    let mut child = home.command(arguments).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut printed = String::new();
    for _ in 0..=chance.below(most) {
        if reader.read_line(&mut printed).unwrap() == 0 {
            break;
        }
    }
    let moment = Instant::now() + Duration::from_micros(chance.below(20_000));
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    reader.read_to_string(&mut printed).unwrap();
    child.wait().unwrap();
    printed.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
}

#[test]
fn killed_at_any_moment_a_run_is_resumed_and_finishes_and_no_command_runs_twice_unasked() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let mut chance = Chance(seed);
    let (mut interrupted, mut asked) = (0, 0);
    for round in 0..rounds() {
        let home = Home::new();
        let steps: String = (1..=12)
            .map(|n| format!("```sh {{name=n{n} expect=line}}\necho n{n} >> log; echo line {n}\n```\n\n"))
            .collect();
        home.file("long.md", &format!("# Long\n\n## Steps\n\n{steps}"));
        let mut printed = killed_after(&home, &["run", "long.md", "--auto", "--json"], &mut chance, 50);
        let place = format!("round {round}, seed {seed}");
        let Some(first) = printed.first() else { panic!("nothing was printed: {place}") };
        let run = text(&serde_json::from_str::<Value>(first).unwrap(), "run").to_owned();
        let mut again = Vec::new();
        let mut kills = chance.below(3);
        loop {
            home.is_left(&run);
            let stored = home.journal(&run);
            let begins = stored.iter().position(|line| Some(line) == printed.first());
            let begins = printed
                .first()
                .map_or(0, |_| begins.unwrap_or_else(|| panic!("what was printed is not stored: {place}")));
            assert_eq!(stored[begins..begins + printed.len()], printed, "{place}");
            home.expect(0, &["verify", &run]);
            let state = home.only_run();
            if text(&state, "state") == "passed" {
                break;
            }
            assert_eq!(text(&state, "state"), "interrupted", "{place}");
            interrupted += 1;
            let last: Value = serde_json::from_str(home.journal(&run).last().unwrap()).unwrap();
            let mut arguments = vec!["resume", &run, "--json"];
            if let Some(item) = last["item"].as_str() {
                asked += 1;
                let before = home.log();
                let done = home.expect(4, &["resume", &run, "--json"]);
                assert!(done.err.contains(item) && done.err.contains("--again"), "{place}: {done:?}");
                assert_eq!(home.log(), before, "nothing ran before it was said: {place}");
                match chance.below(3) {
                    0 => arguments.extend(["--done", "it is there"]),
                    1 => arguments.extend(["--skip", "not needed"]),
                    _ => {
                        again.push(item.to_owned());
                        arguments.push("--again");
                    }
                }
            }
            if kills > 0 {
                kills -= 1;
                printed = killed_after(&home, &arguments, &mut chance, 30);
            } else {
                printed = home.expect(0, &arguments).out.lines().map(str::to_owned).collect();
            }
        }
        let log = home.log();
        let started = |item: &str| {
            let start = format!("\"kind\":\"attempt_started\",\"item\":\"{item}\"");
            home.journal(&run).iter().filter(|line| line.contains(&start)).count()
        };
        for item in (1..=12).map(|n| format!("n{n}")) {
            let ran = log.iter().filter(|line| **line == item).count();
            let starts = started(&item);
            let asked_for = again.iter().filter(|one| **one == item).count();
            assert!(ran <= starts && starts <= 1 + asked_for, "{item} ran {ran} times, {starts} starts: {place}");
        }
    }
    println!("{interrupted} interruptions, {asked} of them with an item that ran");
    assert!(interrupted >= rounds() / 2, "only {interrupted} kills came in the middle of a run, seed {seed}");
}

#[test]
fn what_was_interrupted_needs_a_word_and_each_word_does_what_it_says() {
    for (word, log, state) in [
        (&["--again"][..], &["before", "stuck", "stuck", "after"][..], "passed"),
        (&["--done", "it is there"], &["before", "stuck", "after"], "overridden"),
        (&["--skip", "not needed"], &["before", "stuck", "after"], "skipped"),
    ] {
        let home = Home::new();
        home.file("once", "");
        home.file(
            "s.md",
            "# S\n\n## Steps\n\n```sh {name=before}\necho before >> log\nexport WHERE=here\n```\n\n\
             ```sh {name=stuck}\necho stuck >> log\nif test -e once; then rm once; touch ready; sleep 1000; fi\n```\n\n\
             ```sh {name=after}\ntest \"$WHERE\" = here && echo after >> log\n```\n",
        );
        let child = home.command(&["run", "s.md", "--auto", "--json"]).spawn().unwrap();
        until("it is stuck", || home.path("ready").exists());
        let mut child = child;
        child.kill().unwrap();
        child.wait().unwrap();
        let run = home.id();
        let done = home.expect(4, &["resume", &run]);
        for part in ["stuck", "--again", "--done", "--skip", "allgood rollback"] {
            assert!(done.err.contains(part), "no {part} in {done:?}");
        }
        assert_eq!(text(&home.only_run(), "state"), "interrupted", "nothing was changed");
        home.expect(0, &[&["resume", &run], word].concat());
        assert_eq!(home.log(), log, "{word:?}");
        let shown = home.expect(0, &["show-run", &run, "--json"]).json();
        let items = shown["items"].as_array().unwrap();
        let stuck = items.iter().find(|item| item["item"] == "stuck").unwrap();
        assert_eq!((text(stuck, "status"), text(&shown, "state")), (state, "passed"), "{word:?}");
        home.expect(2, &["resume", &run]);
    }
}

#[test]
fn a_run_that_failed_goes_on_from_there_and_a_word_where_nothing_failed_is_refused() {
    let home = Home::new();
    home.file("fail", "");
    home.file("move.md", MOVE);
    home.expect(1, &["run", "move.md", "--auto"]);
    let run = home.id();
    assert!(home.expect(4, &["resume", &run]).err.contains("has failed"));
    home.expect(1, &["resume", &run, "--again"]);
    fs::remove_file(home.path("fail")).unwrap();
    let done = home.expect(0, &["resume", &run, "--again", "--json"]);
    let first = done.events().remove(0);
    assert_eq!((text(&first, "kind"), &first["taken_up"]), ("resumed", &Value::from(true)));
    assert_eq!(home.log(), ["one", "two", "three", "three", "three"]);
    let other = Home::new();
    other.file("c.md", "# C\n\n## Steps\n\n- [ ] The lamp is green\n\n```sh {name=two}\necho two >> log\n```\n");
    other.expect(4, &["run", "c.md", "--auto"]);
    let run = other.id();
    assert!(other.expect(2, &["resume", &run, "--again"]).err.contains("without --again"));
    other.expect(4, &["resume", &run]);
    other.expect(0, &["resume", &run, "--yes"]);
    assert_eq!(other.log(), ["two"]);
}

#[test]
fn values_kept_in_memory_alone_are_named_and_taken_from_the_command_line() {
    let home = Home::new();
    home.file(
        "t.md",
        "# T\n\n## Steps\n\n```sh {name=get}\nexport API_TOKEN=hun\"\"ter2-hun\"\"ter2\n```\n\n- [ ] look\n\n\
         ```sh {name=use}\ntest ${#API_TOKEN} = 15\n```\n",
    );
    home.expect(4, &["run", "t.md", "--auto"]);
    let run = home.id();
    let done = home.expect(4, &["resume", &run, "--yes"]);
    assert!(done.err.contains("API_TOKEN") && done.err.contains("--param"), "{done:?}");
    home.expect(0, &["resume", &run, "--yes", "--param", "API_TOKEN=hunter2-hunter2"]);
    assert!(!home.journal(&run).concat().contains("hunter2"));
}

#[test]
fn a_file_that_has_changed_does_not_change_the_run() {
    let home = Home::new();
    home.file("c.md", "# C\n\n## Steps\n\n- [ ] look\n\n```sh {name=say}\necho old >> log\n```\n");
    home.expect(4, &["run", "c.md", "--auto"]);
    home.file("c.md", "# C\n\n## Steps\n\n```sh {name=say}\necho new >> log\n```\n");
    let done = home.expect(0, &["resume", &home.id(), "--yes"]);
    assert!(done.err.contains("has changed"), "{done:?}");
    assert_eq!(home.log(), ["old"]);
}

#[test]
fn a_rollback_shows_its_plan_and_undoes_latest_first() {
    let home = Home::new();
    home.file("move.md", MOVE);
    home.expect(0, &["run", "move.md", "--auto"]);
    let run = home.id();
    let plan = home.expect(0, &["rollback", &run, "--plan"]).out;
    let order = ["undo-three", "undo-two", "undo-one"].map(|item| plan.find(item).unwrap());
    assert!(order.is_sorted(), "{plan}");
    let data = home.expect(0, &["rollback", &run, "--plan", "--json", "--leave-out", "undo-two"]).json();
    let chosen: Vec<bool> =
        data["entries"].as_array().unwrap().iter().map(|entry| entry["chosen"].as_bool().unwrap()).collect();
    assert_eq!(chosen, [true, false, true]);
    assert_eq!(home.log().len(), 3, "a plan does nothing");
    assert!(home.expect(2, &["rollback", &run, "--leave-out", "one"]).err.contains("undo-two"));
    let done = home.expect(3, &["rollback", &run, "--leave-out", "undo-two"]);
    assert!(done.out.contains("ROLLBACK PLAN"), "{done:?}");
    assert_eq!(home.log()[3..], ["not three", "not one"]);
    assert_eq!(text(&home.only_run(), "state"), "rolled_back");
    home.expect(2, &["rollback", &run]);
    home.expect(2, &["resume", &run]);
    home.expect(0, &["verify", &run]);
}

#[test]
fn a_failure_is_rolled_back_where_that_was_asked_for_and_else_stops() {
    for (what, status, log, state) in [
        ("stop", 1, &["one", "two", "three"][..], "failed"),
        ("rollback", 3, &["one", "two", "three", "not three", "not two", "not one"], "rolled_back"),
    ] {
        let home = Home::new();
        home.file("fail", "");
        home.file("move.md", MOVE);
        home.expect(status, &["run", "move.md", "--auto", "--on-failure", what, "--json"]);
        assert_eq!(home.log(), log, "{what}");
        assert_eq!(text(&home.only_run(), "state"), state);
    }
}

#[test]
fn what_failed_is_undone_unless_it_took_no_effect() {
    for (answer, log) in [
        (&[][..], &["not three", "not two", "not one"][..]),
        (&["--took-effect", "yes"], &["not three", "not two", "not one"]),
        (&["--took-effect", "no"], &["not two", "not one"]),
    ] {
        let home = Home::new();
        home.file("fail", "");
        home.file("move.md", MOVE);
        home.expect(1, &["run", "move.md", "--auto"]);
        home.expect(3, &[&["rollback", &home.id()], answer].concat());
        assert_eq!(home.log()[3..], *log, "{answer:?}");
    }
}

#[test]
fn an_undo_that_fails_stops_the_rollback_and_it_goes_on_from_there() {
    let home = Home::new();
    home.file("stuck", "");
    home.file("move.md", MOVE);
    home.expect(0, &["run", "move.md", "--auto"]);
    let run = home.id();
    home.expect(1, &["rollback", &run]);
    assert_eq!(home.log()[3..], ["not three", "not two"], "what comes after is not skipped by itself");
    assert!(home.expect(4, &["resume", &run]).err.contains("undo-two"));
    fs::remove_file(home.path("stuck")).unwrap();
    home.expect(3, &["resume", &run, "--again"]);
    assert_eq!(home.log()[5..], ["not two", "not one"]);
}

#[test]
fn what_nothing_undoes_needs_a_person_who_says_that_it_is_undone() {
    let home = Home::new();
    home.file(
        "drop.md",
        "# D\n\n## Steps\n\n### One\n\n```sh {name=one}\necho one >> log\n```\n\n```sh {name=undo-one undo}\necho not one >> log\n```\n\n\
         ### Two\n\n```sh {name=drop undo=none}\necho dropped >> log\n```\n",
    );
    home.expect(0, &["run", "drop.md", "--auto"]);
    let run = home.id();
    let done = home.expect(4, &["rollback", &run]);
    assert!(done.err.contains("drop"), "{done:?}");
    assert_eq!(text(&home.only_run(), "state"), "paused");
    assert!(home.expect(4, &["resume", &run]).err.contains("by hand"));
    home.expect(3, &["resume", &run, "--done", "restored from the copy"]);
    assert_eq!(home.log(), ["one", "dropped", "not one"]);
    assert!(home.expect(0, &["show-run", &run]).out.contains("restored from the copy"));
}

#[test]
fn a_run_that_was_killed_and_resumed_is_undone_whole() {
    let home = Home::new();
    let book = MOVE.replace("echo two >> log\n", "echo two >> log; test -e go || sleep 1000\n");
    home.file("move.md", &book);
    let run = home.killed_while("move.md", "two");
    home.is_left(&run);
    home.file("go", "");
    home.expect(0, &["resume", &run, "--again"]);
    home.expect(3, &["rollback", &run]);
    let log = home.log();
    let undone: Vec<&String> = log.iter().filter(|line| line.starts_with("not")).collect();
    assert_eq!(undone, ["not three", "not two", "not one"]);
    let interrupted = Home::new();
    interrupted.file("move.md", &book);
    let run = interrupted.killed_while("move.md", "two");
    interrupted.expect(3, &["rollback", &run]);
    let log = interrupted.log();
    assert!(
        log.ends_with(&["not two".to_owned(), "not one".to_owned()]),
        "what was cut off is undone as well: {log:?}"
    );
}

#[test]
fn an_undo_that_was_cut_off_is_asked_about_and_run_again_only_on_a_word() {
    let home = Home::new();
    home.file(
        "u.md",
        "# U\n\n## Steps\n\n### One\n\n```sh {name=one}\ntrue\n```\n\n\
         ```sh {undo name=back}\necho back >> log; test -e go || exec sleep 1000\n```\n\n\
         ### Two\n\n```sh {name=two}\nexit 3\n```\n",
    );
    let run = home.killed_by(&["run", "u.md", "--auto", "--json", "--on-failure", "rollback"], "back");
    until("it runs no more", || processes_of(&run).is_empty());
    let begun = home.log().len();
    let done = home.expect(4, &["resume", &run]);
    assert!(done.err.contains("\"back\" was interrupted"), "{done:?}");
    assert_eq!(home.log().len(), begun, "nothing runs twice unasked");
    home.file("go", "");
    home.expect(3, &["resume", &run, "--again"]);
    assert_eq!(home.log().len(), begun + 1);
}
