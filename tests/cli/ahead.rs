//! What is known of a run before it starts: all of it by `--plan`, and briefly before the first item in a terminal.

use crate::{support::Home, terminal::Person};

const BOOK: &str = "---\nparams:\n  HOST: {prompt: which host, pattern: '[a-z]+-\\d+', default: web-1}\n---\n\n# Move it\n\n## Steps\n\n\
    1. Make room\n\n   ```sh {name=room}\n   touch made && no-such-tool-here <queue>\n   ```\n\n   ```sh {undo}\n   rm made\n   ```\n\n\
    2. Switch\n\n   ```sh {name=switch undo=none}\n   echo \"$HOST\"\n   ```\n";

#[test]
fn the_plan_says_what_a_run_needs_and_how_far_it_can_be_taken_back_and_starts_nothing() {
    let home = Home::new();
    home.file("move.md", BOOK);
    let shown = home.expect(0, &["run", "move.md", "--plan"]).out;
    for part in [
        "Move it",
        "none yet",
        "web-1 by default",
        "not found on this machine; room",
        "<queue>",
        "1 of 2 steps can be undone, 1 by hand",
        "a point of no return",
    ] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    let plan = home.expect(0, &["run", "move.md", "--plan", "--json", "--param", "HOST=Web"]).json();
    assert_eq!(plan["way_back"][0]["way"], "undo");
    assert_eq!(plan["way_back"][1]["way"], "by_hand");
    assert_eq!(plan["asked"][0]["name"], "queue");
    assert!(plan["unfit"]["HOST"].as_str().unwrap().contains("does not match"), "{plan}");
    assert!(!home.path("made").exists());
    assert!(home.runs().is_empty(), "nothing is recorded of a plan");
    assert!(home.expect(2, &["run", "move.md", "--plan", "--environment", "moon"]).err.contains("\"moon\""));
}

#[test]
fn what_cannot_be_run_as_it_is_written_is_said_before_anything_is_done() {
    let home = Home::new();
    let book = "# Switch\n\n## Steps\n\n1. Stop\n\n   ```sh {name=stop}\n   touch stopped\n   ```\n\n   \
        ```sh {undo name=back tiemout=5m}\n   rm stopped\n   ```\n\n2. Start\n\n   ```sh {name=start tiemout=5m}\n   touch started\n   \
        ```\n\n## Notes\n\n```sh {name=aside tiemout=5m}\necho aside\n```\n";
    home.file("switch.md", book);
    let shown = home.expect(0, &["run", "switch.md", "--plan"]).out;
    for part in [
        "start (line 17) cannot be run",
        "tiemout",
        "back (line 11, on the way back)",
        "its undo cannot be run",
        "0 of 2",
    ] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    assert!(!shown.contains("aside"), "it is no part of the run: {shown}");
    let plan = home.expect(0, &["run", "switch.md", "--plan", "--json", "--step", "Stop"]).json();
    assert_eq!((&plan["cannot"][0]["item"], plan["cannot"].as_array().unwrap().len()), (&"back".into(), 1));
    assert_eq!(plan["way_back"][0]["way"], "refused");
    // In a terminal before the first item.
    let mut person = Person::types(&home, "run switch.md");
    person.sees("start (line 17) cannot be run");
    person.sees("help");
    person.puts_the_run_aside();
    assert!(!home.path("stopped").exists());
}

#[test]
fn the_plan_of_one_step_is_of_that_alone() {
    let home = Home::new();
    home.file("move.md", BOOK);
    let shown = home.expect(0, &["run", "move.md", "--plan", "--step", "switch"]).out;
    for (part, there) in [
        ("Switch", true),
        ("0 of 1 step can be undone, 1 by hand", true),
        ("no-such-tool-here", false),
        ("<queue>", false),
        ("Make room", false),
    ] {
        assert_eq!(shown.contains(part), there, "{part:?} in\n{shown}");
    }
    let plan = home.expect(0, &["run", "move.md", "--plan", "--json", "--step", "Make room"]).json();
    assert_eq!((&plan["items"], plan["way_back"].as_array().unwrap().len()), (&1.into(), 1));
    let done = home.expect(2, &["run", "move.md", "--plan", "--step", "nowhere"]);
    assert!(done.err.contains("\"nowhere\"") && done.err.contains("make-room, switch"), "{done:?}");
    // A plan without its step would be one of another run.
    assert_eq!(home.expect(2, &["run", "move.md", "--auto", "--step", "nowhere"]).err, done.err);
}

#[test]
fn the_next_plan_offers_what_the_last_run_was_given_and_says_how_it_went() {
    let home = Home::new();
    let book = BOOK.replace("no-such-tool-here <queue>", "true");
    home.file("move.md", &book);
    home.expect(0, &["run", "move.md", "--auto", "--param", "HOST=db-7"]);
    let shown = home.expect(0, &["run", "move.md", "--plan"]).out;
    for part in ["db-7 in the last run", "the last run passed"] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
}

#[test]
fn in_a_terminal_what_has_to_be_known_stands_before_the_first_item() {
    let home = Home::new();
    home.file("move.md", &BOOK.replace(", default: web-1", ""));
    let mut person = Person::types(&home, "run move.md --param HOST=web-1");
    person.sees("Move it");
    person.sees("1 of 2 steps can be undone, 1 by hand");
    person.sees("asks on the way for <queue>");
    person.sees("no-such-tool-here is not found on this machine");
    person.sees("Make room");
    // What is typed before the keys are offered is thrown away.
    person.sees("help");
    person.puts_the_run_aside();
}
