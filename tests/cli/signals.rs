//! Stopping: in order, with nothing left running.

use std::{
    io::{BufRead as _, BufReader},
    process::Child,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{Home, processes_of, text, until};

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

#[test]
fn a_signal_from_outside_stops_the_run_leaves_it_paused_and_ends_with_130() {
    for (number, name) in [(Signal::SIGTERM, "SIGTERM"), (Signal::SIGINT, "SIGINT"), (Signal::SIGHUP, "SIGHUP")] {
        let home = Home::new();
        home.file("wait.md", "# W\n\n## Steps\n\n```sh {name=wait}\nsleep 1000\n```\n");
        let mut child = home.command(&["run", "wait.md", "--auto", "--json"]).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.contains("attempt_started") {
            assert!(reader.read_line(&mut printed).unwrap() > 0, "{printed}");
        }
        signal(&child, number);
        while reader.read_line(&mut printed).unwrap() > 0 {}
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(130), "{name}: {said}");
        assert!(said.contains(name), "{name} is named: {said}");
        let run = home.only_run();
        assert_eq!(text(&run, "state"), "paused", "{name}");
        let kinds: Vec<&str> = printed.lines().collect();
        assert!(kinds.iter().any(|line| line.contains("\"kind\":\"paused\"")), "{name}: {printed}");
        assert!(!printed.contains("run_finished"), "{name}: a paused run has not finished");
        assert_eq!(kinds, home.journal(text(&run, "id")), "{name}: the last words were printed too");
        until("its processes are gone", || processes_of(text(&run, "id")).is_empty());
    }
}

#[test]
fn stopping_a_command_that_ignores_interrupts_and_has_forked_grandchildren_leaves_no_process() {
    let home = Home::new();
    let script = "trap '' INT TERM HUP\n\
        (trap '' INT TERM HUP; (trap '' INT TERM HUP; sleep 1000; sleep 1000) & sleep 1000; sleep 1000) &\n\
        setsid sh -c 'trap \"\" INT TERM HUP; sleep 1000; sleep 1000' &\n\
        touch ready\nwhile :; do sleep 1000; done";
    home.file("stubborn.md", &format!("# Stubborn\n\n## Steps\n\n```sh {{name=stubborn}}\n{script}\n```\n"));
    let child = home.command(&["run", "stubborn.md", "--auto"]).spawn().unwrap();
    until("it runs", || home.path("ready").exists());
    let run = text(&home.only_run(), "id").to_owned();
    until("its grandchildren run", || processes_of(&run).len() >= 6);
    signal(&child, Signal::SIGTERM);
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(130), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(processes_of(&run), Vec::<u32>::new(), "nothing is left when it says that it has stopped");
    assert_eq!(text(&home.only_run(), "state"), "paused");
}

#[test]
fn a_command_left_in_the_background_ends_with_the_run() {
    let home = Home::new();
    home.file("leave.md", "# L\n\n## Steps\n\n```sh {name=leave}\nsleep 1000 > /dev/null 2>&1 &\necho left\n```\n");
    home.expect(0, &["run", "leave.md", "--auto"]);
    let run = home.only_run();
    until("it has ended", || processes_of(text(&run, "id")).is_empty());
}
