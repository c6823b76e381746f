//! Handing over: a run goes on in another store and comes back; what was tampered with is not taken.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
};

use serde_json::Value;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::support::{Home, text, until};

const BOOK: &str = "# Move\n\n## Steps\n\n```sh {name=one}\nexport WHERE=here; printf 'caf\\303\\251 \\377\\n'; echo one >> log\n```\n\n\
    - [ ] The other site is told\n\n```sh {name=two}\ntest \"$WHERE\" = here; echo two >> log\n```\n\n\
    ```sh {name=undo-two undo}\necho not two >> log\n```\n";

/// A person with a run that waits for a check.
fn paused() -> (Home, String) {
    let home = Home::new();
    home.file("move.md", BOOK);
    home.expect(4, &["run", "move.md", "--auto"]);
    let run = home.id();
    (home, run)
}

/// Carries a file from one person to the other.
fn carry(from: &Home, to: &Home, name: &str) {
    fs::copy(from.path(name), to.path(name)).unwrap();
}

#[test]
fn a_run_is_handed_over_goes_on_there_and_comes_back() {
    let (here, run) = paused();
    let done = here.expect(0, &["export", &run, "-o", "move.run", "--hand-over", "bob@ops"]);
    assert!(done.out.contains("bob@ops") && done.out.contains("allgood take"), "{done:?}");
    assert_eq!(fs::metadata(here.path("move.run")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(text(&here.only_run(), "state"), "handed_over");
    assert_eq!(here.expect(2, &["export", &run, "-o", "move.run"]).out, "", "nothing is overwritten");

    let there = Home::new();
    there.file("books/move.md", BOOK);
    carry(&here, &there, "move.run");
    let taken = there.expect(0, &["take", "move.run", "--runbook", "books/move.md"]);
    assert!(taken.out.contains("taken in") && taken.err.is_empty(), "{taken:?}");
    assert_eq!(there.journal(&run), here.journal(&run), "the record is the same to the letter");
    assert_eq!(there.only_run()["runbook"], there.path("books/move.md").to_str().unwrap());
    there.expect(0, &["verify", &run]);
    assert!(there.expect(0, &["show-run", &run]).out.contains("café"));
    there.expect(0, &["resume", &run, "--yes"]);
    assert_eq!(fs::read_to_string(there.path("books/log")).unwrap(), "two\n");
    there.expect(0, &["export", &run, "-o", "back.run"]);

    carry(&there, &here, "back.run");
    let back = here.expect(0, &["import", "back.run"]);
    assert!(back.out.contains("came back"), "{back:?}");
    assert_eq!(here.journal(&run), there.journal(&run));
    assert_eq!(text(&here.only_run(), "state"), "passed");
    here.expect(0, &["verify", &run]);
    assert!(here.expect(0, &["take", "back.run"]).out.contains("nothing of it is new"));
    assert!(
        here.expect(0, &["take", "move.run"]).out.contains("nothing of it is new"),
        "an older file takes nothing away"
    );
    here.expect(3, &["rollback", &run]);
    assert!(fs::read_to_string(here.path("log")).unwrap().ends_with("not two\n"));
}

#[test]
fn a_run_that_went_on_in_both_places_is_taken_by_neither() {
    let (here, run) = paused();
    here.expect(0, &["export", &run, "-o", "copy.run"]);
    assert_eq!(text(&here.only_run(), "state"), "paused", "a copy changes nothing");
    let there = Home::new();
    there.file("move.md", BOOK);
    carry(&here, &there, "copy.run");
    there.expect(0, &["take", "copy.run", "--runbook", "move.md"]);
    there.expect(0, &["resume", &run, "--yes"]);
    here.expect(0, &["resume", &run, "--yes"]);
    there.expect(0, &["export", &run, "-o", "there.run"]);
    carry(&there, &here, "there.run");
    let before = here.journal(&run);
    let refused = here.expect(2, &["take", "there.run"]);
    assert!(refused.err.contains("went on here and elsewhere"), "{refused:?}");
    assert_eq!(here.journal(&run), before);
}

#[test]
fn where_the_runbook_is_not_on_this_machine_that_is_said_and_nothing_runs() {
    let (here, run) = paused();
    here.expect(0, &["export", &run, "-o", "move.run", "--hand-over", "bob"]);
    let there = Home::new();
    carry(&here, &there, "move.run");
    let folder = here.path("");
    drop(here);
    assert!(!folder.exists());
    let taken = there.expect(0, &["take", "move.run"]);
    assert!(taken.err.contains("--runbook"), "{taken:?}");
    there.expect(1, &["resume", &run, "--yes"]);
    assert!(!there.path("log").exists());
    // Its runbook comes out of the file, over nothing that is there.
    there.expect(0, &["take", "move.run", "--save-runbook", "move.md"]);
    assert_eq!(fs::read_to_string(there.path("move.md")).unwrap(), BOOK);
    there.refused(&["take", "move.run", "--save-runbook", "move.md"], "move.md");
    there.expect(0, &["take", "move.run", "--runbook", "move.md"]);
    there.expect(0, &["resume", &run, "--again", "--yes"]);
    assert_eq!(there.log(), ["two"]);
}

#[test]
fn what_is_over_or_under_way_is_not_handed_over() {
    let home = Home::new();
    home.file("p.md", "# P\n\n## Steps\n\n```sh {name=one}\ntrue\n```\n");
    home.expect(0, &["run", "p.md", "--auto"]);
    let run = home.id();
    assert!(home.expect(2, &["export", &run, "-o", "x.run", "--hand-over", "bob"]).err.contains("is over"));
    assert!(!home.path("x.run").exists());
    home.expect(2, &["export", &run, "-o", "x.run", "--hand-over", " "]);
    home.expect(0, &["export", &run, "-o", "x.run"]);
    home.expect(2, &["export", &run, "-o", "nowhere/x.run"]);
}

/// The entries of a file of a run, each to be changed.
fn unpacked(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut read = |name: &String| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        (name.clone(), bytes)
    };
    names.iter().map(&mut read).collect()
}

fn packed(path: &Path, entries: &[(String, Vec<u8>)]) {
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(name.as_str(), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

type Entries = Vec<(String, Vec<u8>)>;

fn change(entries: &mut Entries, at: usize, from: &str, to: &str) {
    let before = String::from_utf8_lossy(&entries[at].1).into_owned();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "{from} is in {}", entries[at].0);
    entries[at].1 = after.into_bytes();
}

#[test]
fn a_file_that_was_tampered_with_is_refused_and_nothing_of_it_is_kept() {
    let (here, run) = paused();
    here.expect(0, &["export", &run, "-o", "good.run"]);
    let good = unpacked(&here.path("good.run"));
    let names: Vec<&str> = good.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["allgood-run.json", "revision.md", "journal.jsonl", "output.bin"]);
    type Tamper = fn(&mut Entries);
    let cases: &[(&str, Tamper, &str)] = &[
        ("an event changed", |all| change(all, 2, "echo one", "echo won"), "was changed"),
        ("a time that is none", |all| change(all, 2, "\"at\":\"2", "\"at\":\"x"), "no time"),
        (
            "an event gone",
            |all| {
                let text = String::from_utf8(all[2].1.clone()).unwrap();
                all[2].1 = text
                    .lines()
                    .enumerate()
                    .filter(|(at, _)| *at != 1)
                    .flat_map(|(_, line)| [line, "\n"])
                    .collect::<String>()
                    .into_bytes();
            },
            "missing",
        ),
        (
            "the end gone",
            |all| {
                let text = String::from_utf8(all[2].1.clone()).unwrap();
                let count = text.lines().count();
                all[2].1 =
                    text.lines().take(count - 1).flat_map(|line| [line, "\n"]).collect::<String>().into_bytes();
            },
            "missing",
        ),
        (
            "a line cut off",
            |all| {
                all[2].1.pop();
            },
            "cut off",
        ),
        ("a field nobody knows", |all| change(all, 2, "\"kind\":", "\"extra\":1,\"kind\":"), "newer"),
        ("a kind nobody knows", |all| change(all, 2, "\"kind\":\"run_started\"", "\"kind\":\"run_dreamt\""), "newer"),
        ("no JSON", |all| all[2].1 = b"{\n".to_vec(), "no event"),
        (
            "output changed",
            |all| {
                let last = all[3].1.len() - 2;
                all[3].1[last] ^= 1;
            },
            "not what was printed",
        ),
        (
            "output gone",
            |all| {
                all[3].1.pop();
            },
            "not what was printed",
        ),
        ("more output", |all| all[3].1.push(b'x'), "no event speaks of"),
        ("another runbook", |all| change(all, 1, "echo two", "rm -rf two"), "not the one that was run"),
        ("a newer file", |all| change(all, 0, "\"version\": 1", "\"version\": 3"), "newer version"),
        ("another format", |all| change(all, 0, "allgood-run", "something"), "does not say"),
        (
            "an id that leads out",
            |all| {
                let about: Value = serde_json::from_slice(&all[0].1).unwrap();
                let run = about["run"].as_str().unwrap().to_owned();
                change(all, 0, &run, "../../../../../../../../../tmp/owned/x");
            },
            "no id of a run",
        ),
        ("an entry that leads out", |all| all[1].0 = "../revision.md".to_owned(), "entries"),
        ("an entry too many", |all| all.push(("x".to_owned(), Vec::new())), "entries"),
        (
            "an entry too few",
            |all| {
                all.pop();
            },
            "entries",
        ),
        ("a description that never ends", |all| all[0].1 = vec![b' '; 80 * 1024 * 1024], "larger than"),
        ("one line that never ends", |all| all[2].1 = vec![b'{'; 80 * 1024 * 1024], "longer than any event"),
    ];
    for (what, tamper, says) in cases {
        let there = Home::new();
        let mut entries = good.clone();
        tamper(&mut entries);
        packed(&there.path("bad.run"), &entries);
        let refused = there.expect(2, &["take", "bad.run"]);
        assert!(refused.err.contains("bad.run is not taken in") && refused.err.contains(says), "{what}: {refused:?}");
        assert!(there.runs().is_empty(), "{what}: nothing is kept");
    }
    let there = Home::new();
    there.file("text.run", "no archive");
    assert!(there.expect(2, &["take", "text.run"]).err.contains("text.run"));
    fs::write(there.path("half.run"), &fs::read(here.path("good.run")).unwrap()[..700]).unwrap();
    there.expect(2, &["take", "half.run"]);
    here.refused(&["export", &run, "-o", "nowhere/x.run"], "there is no folder");
    packed(&there.path("again.run"), &good);
    there.expect(0, &["take", "again.run"]);
}

/// A passed run whose output the retention setting removed.
fn without_output() -> (Home, String) {
    let home = Home::new();
    home.file("move.md", "# Move\n\n## Steps\n\n```sh {name=say}\necho needle-4711\n```\n");
    home.expect(0, &["run", "move.md", "--auto"]);
    let run = home.id();
    let long_ago = "UPDATE runs SET ended_at = '2020-01-01T00:00:00.000Z'";
    let done = Command::new("sqlite3").arg(home.path("data/allgood.db")).arg(long_ago).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    home.file(".config/allgood/config.toml", "[runs]\nkeep_output_days = 30\n");
    until("the output is gone", || home.expect(0, &["verify", &run]).out.contains("retention setting"));
    (home, run)
}

#[test]
fn a_run_whose_output_was_removed_is_written_and_taken_with_its_hashes_and_says_what_is_missing() {
    let (here, run) = without_output();
    here.expect(0, &["export", &run, "-o", "move.run"]);
    let there = Home::new();
    there.file("move.md", "# Move\n\n## Steps\n\n```sh {name=say}\necho needle-4711\n```\n");
    carry(&here, &there, "move.run");
    there.expect(0, &["take", "move.run", "--runbook", "move.md"]);
    assert_eq!(there.journal(&run), here.journal(&run), "lengths and hashes of what is gone are there to the letter");
    let told = there.expect(0, &["verify", &run]).out;
    assert!(told.contains("holds") && told.contains("the output of 1 attempt was removed on 20"), "{told}");
    let shown = there.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains("of output were removed on 20"), "{shown}");
    there.expect(0, &["export", &run, "-o", "on.run"]);
    here.expect(0, &["take", &there.path("on.run").display().to_string()]);

    // What a file says of itself does not excuse a byte: more, less, or another time.
    let about = |change: &dyn Fn(&mut Value)| {
        let mut entries = unpacked(&here.path("move.run"));
        let mut value: Value = serde_json::from_slice(&entries[0].1).unwrap();
        change(&mut value);
        entries[0].1 = serde_json::to_vec(&value).unwrap();
        packed(&here.path("tampered.run"), &entries);
        let elsewhere = Home::new();
        carry(&here, &elsewhere, "tampered.run");
        elsewhere.allgood(&["take", "tampered.run"])
    };
    assert_eq!(about(&|_| {}).status, Some(0));
    let refused = about(&|value| value["removed"] = serde_json::json!([]));
    assert!(refused.status == Some(2) && refused.err.contains("is not what was printed"), "{refused:?}");
    let refused = about(&|value| value["removed"][0]["at"] = "yesterday".into());
    assert!(refused.status == Some(2) && refused.err.contains("when output was removed"), "{refused:?}");
}
