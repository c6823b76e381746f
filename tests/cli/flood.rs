//! Whatever a command prints, memory stays bounded and the record says what was left out.

use std::{
    fs,
    io::{Read as _, sink},
};

use serde_json::Value;

use crate::support::{Home, text, until};

/// RUNS.md has 1 GB; a fifth of it takes the same way and keeps the test short.
const PRINTED: u64 = 200_000_000;
/// The bound, in kilobytes.
const BOUND: u64 = 150_000;

#[test]
fn a_command_that_prints_two_hundred_megabytes_keeps_the_process_small() {
    let home = Home::new();
    let flood = format!("head -c {PRINTED} /dev/zero | tr '\\0' x | fold -w 99");
    let wait = "touch printed\nwhile [ ! -e measured ]; do sleep 0.05; done";
    home.file(
        "flood.md",
        &format!("# F\n\n## Steps\n\n```sh {{name=flood}}\n{flood}\n```\n\n```sh {{name=wait}}\n{wait}\n```\n"),
    );
    for json in [true, false] {
        let _ = fs::remove_file(home.path("printed"));
        let _ = fs::remove_file(home.path("measured"));
        let arguments: &[&str] =
            if json { &["run", "flood.md", "--auto", "--json"] } else { &["run", "flood.md", "--auto"] };
        let mut child = home.command(arguments).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || std::io::copy(&mut out.by_ref(), &mut sink()).unwrap());
        until("all is printed", || home.path("printed").exists());
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        home.file("measured", "");
        assert!(child.wait().unwrap().success());
        reader.join().unwrap();
        assert!(peak < BOUND, "{peak} kB at the most");
        let run = text(&home.runs()[0], "id").to_owned();
        home.expect(0, &["verify", &run]);
        let events: Vec<Value> = home.journal(&run).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let pieces: Vec<&Value> = events.iter().filter(|event| text(event, "kind") == "output").collect();
        let kept: u64 = pieces.iter().map(|piece| piece["length"].as_u64().unwrap()).sum();
        let left_out: u64 = pieces.iter().filter_map(|piece| piece["left_out"].as_u64()).sum();
        assert!(kept <= 17 * 1024 * 1024, "{kept} bytes kept");
        assert!(kept + left_out > PRINTED, "{kept} kept and {left_out} left out");
        assert!(pieces.iter().any(|piece| piece.get("whole_sha256").is_some()), "the hash of all of it is recorded");
    }
}
