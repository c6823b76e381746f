//! Whatever a command prints, memory stays bounded and the record says what was left out.

use std::{
    fs,
    io::{Read as _, sink},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{Home, text};

/// A fifth of a gigabyte takes the same way as ten of them and keeps the test short; `make soak` prints ten.
fn printed() -> u64 {
    std::env::var("ALLGOOD_FLOOD").map_or(200_000_000, |bytes| bytes.parse().unwrap())
}
/// The bound, in kilobytes.
const BOUND: u64 = 150_000;

#[test]
fn whatever_a_command_prints_the_process_stays_small_and_the_hash_of_all_of_it_is_right() {
    let printed = printed();
    let home = Home::new();
    let flood = format!("head -c {printed} /dev/zero | tr '\\0' x | fold -w 99; echo");
    let sum = Command::new("sh").args(["-c", &format!("({flood}) | sed 's/$/\r/' | sha256sum")]).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap().split(' ').next().unwrap().to_owned();
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
        let began = Instant::now();
        let mut child = home.command(arguments).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || std::io::copy(&mut out.by_ref(), &mut sink()).unwrap());
        // Of what `make soak` prints nobody knows how long it takes.
        while !home.path("printed").exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended before all was printed");
            std::thread::sleep(Duration::from_millis(5));
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        home.file("measured", "");
        assert!(child.wait().unwrap().success());
        reader.join().unwrap();
        println!("{printed} bytes in {:.1} s, {peak} kB at the most", began.elapsed().as_secs_f64());
        assert!(peak < BOUND, "{peak} kB at the most");
        let run = text(&home.runs()[0], "id").to_owned();
        home.expect(0, &["verify", &run]);
        let events: Vec<Value> = home.journal(&run).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let pieces: Vec<&Value> = events.iter().filter(|event| text(event, "kind") == "output").collect();
        let kept: u64 = pieces.iter().map(|piece| piece["length"].as_u64().unwrap()).sum();
        let left_out: u64 = pieces.iter().filter_map(|piece| piece["left_out"].as_u64()).sum();
        assert!(kept <= 17 * 1024 * 1024, "{kept} bytes kept");
        assert!(kept + left_out > printed, "{kept} kept and {left_out} left out");
        let whole = pieces.iter().find_map(|piece| piece.get("whole_sha256")).unwrap();
        assert_eq!(whole, sum.as_str(), "the hash of all of it is recorded");
    }
}

#[test]
fn one_line_without_an_end_is_bounded_too_also_where_it_is_tested_and_captured() {
    let home = Home::new();
    let size = 60_000_000;
    let script = format!("head -c {size} /dev/zero | tr '\\0' x");
    let measure = "echo measured; grep VmHWM /proc/$(ps -o ppid= -p $PPID | tr -d ' ')/status > peak";
    home.file(
        "line.md",
        &format!(
            "# L\n\n## Steps\n\n```sh {{name=line expect=/^x+$/}}\n{script}\n```\n\n```sh {{name=taken capture=TAKEN}}\n{script}\n```\n\n\
             ```sh {{name=measure}}\n{measure}\n```\n"
        ),
    );
    let done = home.command(&["run", "line.md", "--auto", "--json"]).output().unwrap();
    let peak = fs::read_to_string(home.path("peak")).unwrap_or_default();
    let peak: u64 = peak.split_whitespace().nth(1).unwrap_or_default().parse().unwrap_or(u64::MAX);
    assert!(peak < BOUND, "{peak} kB at the most: {}", String::from_utf8_lossy(&done.stderr));
    let run = text(&home.runs()[0], "id").to_owned();
    home.expect(0, &["verify", &run]);
}
