//! Killed at any moment: what was shown as done is on disk (PRODUCT.md, promise 3).

use std::{
    io::{BufRead as _, BufReader, Read as _},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::support::{Home, processes_of, text};

/// A small generator of numbers (xorshift64*): a seed that is printed makes a failure repeatable.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }
}

/// How many rounds; `make soak` asks for more.
pub(crate) fn rounds() -> u64 {
    std::env::var("ALLGOOD_KILLS").ok().map_or(20, |kills| kills.parse().unwrap())
}

#[test]
fn killed_at_random_moments_every_printed_event_is_in_the_store_and_none_is_half_written() {
    let home = Home::new();
    let steps: String = (1..=40)
        .map(|n| {
            format!(
                "```sh {{name=n{n} expect=line}}\nfor i in 1 2 3 4 5 6 7 8; do echo \"line $i of {n}\"; done\n```\n\n"
            )
        })
        .collect();
    home.file("long.md", &format!("# Long\n\n## Steps\n\n{steps}"));
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let mut chance = Chance(seed);
    let mut cut_short = 0;
    for round in 0..rounds() {
        let mut child = home.command(&["run", "long.md", "--auto", "--json"]).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        for _ in 0..=chance.below(160) {
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
        let whole: Vec<&str> = printed.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).collect();
        let first: Value = serde_json::from_str(whole[0]).unwrap();
        let run = text(&first, "run").to_owned();
        home.is_left(&run);

        let state = home.expect(0, &["show-run", &run, "--json"]).json();
        let finished = whole.last().is_some_and(|line| line.contains("\"kind\":\"run_finished\""));
        let stored = home.journal(&run);
        assert_eq!(stored[..whole.len()], whole, "round {round}, seed {seed}");
        let kinds: Vec<Value> = stored.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = text(kinds.last().unwrap(), "kind").to_owned();
        if finished {
            assert_eq!(text(&state, "state"), "passed");
        } else if last == "interrupted" {
            cut_short += 1;
            assert_eq!(text(&state, "state"), "interrupted", "round {round}, seed {seed}");
        } else {
            // The last event was on disk, and the process was killed before it could print it.
            assert_eq!(
                (last.as_str(), text(&state, "state")),
                ("run_finished", "passed"),
                "round {round}, seed {seed}"
            );
        }
        home.expect(0, &["verify", &run]);
    }
    assert!(cut_short >= rounds() / 2, "only {cut_short} kills came in the middle of a run, seed {seed}");
}

#[test]
fn a_killed_run_is_interrupted_at_the_next_start_and_so_is_the_item_that_was_running() {
    let home = Home::new();
    home.file(
        "stuck.md",
        "# S\n\n## Steps\n\n```sh {name=first}\ntrue\n```\n\n```sh {name=stuck}\nsleep 1000\n```\n",
    );
    let mut child = home.command(&["run", "stuck.md", "--auto", "--json"]).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !(line.contains("attempt_started") && line.contains("stuck\",\"attempt")) {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let printed: Value = serde_json::from_str(&line).unwrap();
    home.is_left(text(&printed, "run"));
    let run = home.only_run();
    assert_eq!(text(&run, "state"), "interrupted");
    let id = text(&run, "id");
    let last: Value = serde_json::from_str(home.journal(id).last().unwrap()).unwrap();
    assert_eq!((text(&last, "kind"), text(&last, "item")), ("interrupted", "stuck"));
    let shown = home.expect(0, &["show-run", id]).out;
    assert!(shown.lines().any(|line| line.contains("stuck") && line.contains("interrupted")), "{shown}");
    assert!(processes_of(id).is_empty(), "the command that outlived it is ended");
}
