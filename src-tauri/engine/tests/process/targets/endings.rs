//! How a command on a host ends that does not end by itself: stopped, out of time, cut off, left behind.

use std::{fs, time::Duration};

use engine::process::Exit;

use testkit::Sshd;

use super::{There, bash, hurried};
use crate::{PATIENCE, runs, wait_for};

/// Prints its number, and those of what it starts.
const STUBBORN: &str = "trap '' INT TERM HUP; sleep 300 & echo \"child=$!\"; setsid sleep 300 & echo \"own=$!\"; echo \"pid=$$\"\n\
                        while :; do sleep 0.1; done";

fn number(text: &str, name: &str) -> u32 {
    let rest = text.split(&format!("{name}=")).nth(1).unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn an_interrupt_reaches_the_command_first() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let mut running = there.start(bash("trap 'echo tidied; exit 4' INT; echo begun; while :; do sleep 0.1; done"));
    running.until("begun");
    running.session.stop();
    running.end();
    assert!(running.text().contains("tidied"), "{}", running.all());
    let ending = running.ending.as_ref().unwrap();
    assert_eq!((&ending.exit, ending.stopped), (&Exit::Status(4), true));
}

#[test]
fn stop_leaves_nothing_there_of_a_command_that_refuses_to_end() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let mut running = there.start_with(bash(STUBBORN), hurried);
    running.until("pid=");
    let text = running.text();
    running.session.stop();
    running.end();
    assert!(running.ending.as_ref().unwrap().stopped);
    assert!(
        !matches!(running.ending.as_ref().unwrap().exit, Exit::Lost(_)),
        "it is known to have ended: {}",
        running.all()
    );
    for name in ["child", "own", "pid"] {
        assert!(!runs(number(&text, name)), "{name} still runs");
    }
    // The connection is there for the next one.
    there.run(bash("echo next")).prints("next\n");
    assert_eq!(sshd.connections(), 1);
}

#[test]
fn a_timeout_ends_a_command_there() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    there.run(bash("true"));
    let running = there.run(bash("echo begun; sleep 300").timeout(Duration::from_secs(3)));
    let ending = running.ending.as_ref().unwrap();
    assert!(ending.timed_out && !ending.stopped, "{}", running.all());
}

#[test]
fn what_a_command_leaves_running_there_is_named_and_lives_until_it_is_ended() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    // It is named by what it has become, which it is a moment after it was started.
    let script = "setsid sleep 300 </dev/null >/dev/null 2>&1 &\nuntil grep -qx sleep /proc/$!/comm; do :; done\n\
        echo \"own=$!\"";
    let running = there.run(bash(script));
    let left = &running.ending.as_ref().unwrap().left_running;
    assert_eq!(left.iter().map(|left| left.name.as_str()).collect::<Vec<_>>(), ["sleep"], "{}", running.all());
    let own = left[0].pid;
    assert!(runs(own));
    assert!(running.session.end_leftovers(PATIENCE));
    wait_for("it is gone", || !runs(own));
}

#[test]
fn a_lost_connection_is_said_to_be_lost_and_leaves_nothing_there() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let mut running = there.start(bash(STUBBORN));
    running.until("pid=");
    let text = running.text();
    // The server's own process for this connection is cut off.
    for child in sessions_of(sshd.pid()) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(child), nix::sys::signal::Signal::SIGKILL).unwrap();
    }
    running.end();
    let Exit::Lost(sentence) = &running.ending.as_ref().unwrap().exit else { panic!("{}", running.all()) };
    assert!(
        sentence.contains("the connection was lost") && sentence.contains("could not be confirmed"),
        "{sentence}"
    );
    for name in ["child", "own", "pid"] {
        wait_for("what it had started there is ended", || !runs(number(&text, name)));
    }
    // The next command makes a new one.
    there.run(bash("echo next")).prints("next\n");
    assert_eq!(sshd.connections(), 2);
}

#[test]
fn dropping_a_command_ends_it_there() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let mut running = there.start_with(bash("echo \"pid=$$\"; sleep 300"), hurried);
    running.until("pid=");
    let pid = number(&running.text(), "pid");
    drop(running);
    wait_for("it is ended", || !runs(pid));
}

/// The processes of a server that are one connection each, and what they have started in their name.
fn sessions_of(server: u32) -> Vec<i32> {
    let mut found = Vec::new();
    let mut parents = vec![i32::try_from(server).unwrap()];
    while let Some(parent) = parents.pop() {
        for entry in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            let above = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse::<i32>().ok());
            if above == Some(parent) && stat.contains("(sshd") {
                found.push(pid);
                parents.push(pid);
            }
        }
    }
    found
}
