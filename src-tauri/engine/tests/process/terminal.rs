//! The terminal: what comes, what is typed, and what is not passed on.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::*;

#[test]
fn output_is_seen_before_the_end() {
    let mut running = Case::bash("echo first\nread -r line\necho got $line").interactive().start();
    running.until("first");
    assert!(running.ending.is_none());
    running.type_in("typed\n");
    assert!(running.finish().text().ends_with("got typed\n"));
}

#[test]
fn a_password_prompt_works_and_echoes_nothing() {
    let script = "stty -echo </dev/tty\nprintf 'Password: ' >/dev/tty\nread -r secret </dev/tty\nstty echo </dev/tty\n\
                  echo; echo \"length ${#secret}\"";
    for (program, _) in BOURNE {
        let mut running = Case::new(program.clone(), script).interactive().start();
        running.until("Password: ");
        running.type_in("hunter2\n");
        let finished = running.finish();
        assert_eq!(finished.text(), "Password: \nlength 7\n", "{program:?}");
    }
}

#[test]
fn standard_input_is_the_terminal_only_when_somebody_is_there() {
    let script = "if [ -t 0 ]; then echo terminal; else cat; echo empty; fi; [ -t 1 ] && [ -t 2 ]";
    Case::bash(script).run().prints("empty\n");
    Case::bash(script).interactive().run().prints("terminal\n");
}

#[test]
fn pagers_are_cat_when_nobody_is_there() {
    let script = "echo $PAGER $GIT_PAGER $MANPAGER $SYSTEMD_PAGER $TERM";
    Case::bash(script).env("PAGER", "less").run().prints("cat cat cat cat dumb\n");
    Case::bash(script).env("PAGER", "less").interactive().run().prints("less xterm-256color\n");
}

#[test]
fn the_terminal_has_the_size_it_is_given_and_is_told_of_a_new_one() {
    Case::bash("stty size </dev/tty").run().prints("30 120\n");
    let script = "trap 'stty size; exit' WINCH\nstty size\nwhile :; do read -r -t 1 line || :; done";
    let mut running = Case::bash(script).interactive().start();
    running.until("30 120");
    running.attempt.resize(77, 11).unwrap();
    assert!(running.finish().text().ends_with("11 77\n"));
}

#[test]
fn the_shell_leads_the_foreground_group_of_a_session_of_its_own() {
    let script = "read -r _ _ _ parent group session _ tpgid _ </proc/$$/stat\n\
                  [ $group = $$ ] && [ $tpgid = $$ ] && [ $session = $parent ] && [ $parent = $PPID ]";
    for (program, _) in BOURNE {
        assert_eq!(Case::new(program.clone(), script).run().status(), 0, "{program:?}");
    }
}

#[test]
fn ctrl_c_reaches_the_foreground_group_and_no_other() {
    let script = "set +e\nset -m\n(trap '' INT; exec sleep 1000) &\necho back=$!\n\
                  bash -c 'trap \"echo fore; exit 5\" INT; echo ready; while :; do sleep 0.05; done'\n\
                  echo status=$?\nkill -0 $! && echo alive\nkill -KILL $!";
    let mut running = Case::bash(script).interactive().start();
    let back = running.number("back");
    running.until("ready");
    running.attempt.interrupt().unwrap();
    running.until("status=5");
    running.until("alive");
    running.end();
    wait_for("the end of the background job", || !runs(back));
}

#[test]
fn ctrl_c_ends_a_command_that_does_nothing_against_it() {
    let mut running = Case::bash("echo ready; exec sleep 1000").start();
    running.until("ready");
    running.attempt.interrupt().unwrap();
    let finished = running.finish();
    assert_eq!(finished.ending.exit, Exit::Signal("SIGINT".into()));
    assert!(!finished.ending.stopped, "it was typed, not told");
}

#[test]
fn ctrl_z_does_not_halt_a_command_that_nobody_could_bring_back() {
    let mut running = Case::bash("echo ready\nread -r line\necho got $line").interactive().start();
    running.until("ready");
    running.type_in("\u{1a}");
    running.until("^Z");
    running.type_in("on\n");
    assert!(running.finish().text().ends_with("got on\n"));
}

#[test]
fn typing_into_a_command_that_does_not_read_never_blocks() {
    let mut running =
        Case::bash("stty raw -echo </dev/tty; echo ready; while :; do sleep 1; done").interactive().hurried().start();
    running.until("ready");
    let piece = vec![b'x'; 64 * 1024];
    let mut refused = None;
    for _ in 0..64 {
        if let Err(error) = running.attempt.input(&piece) {
            refused = Some(error.to_string());
            break;
        }
    }
    assert!(refused.unwrap().contains("the command does not read what is typed"));
    running.attempt.stop();
    running.end();
    assert!(running.attempt.input(b"x").unwrap_err().to_string().contains("has ended"));
}

#[test]
fn what_was_typed_ahead_arrives_whole_and_in_order() {
    let count = 300_000;
    let script = format!("stty raw -echo </dev/tty; echo ready; head -c {count} | sha256sum");
    let mut running = Case::bash(&script).interactive().start();
    running.until("ready");
    let bytes: Vec<u8> = (0..count).map(|at: u32| b'a' + u8::try_from(at % 26).unwrap()).collect();
    for piece in bytes.chunks(1000) {
        running.attempt.input(piece).unwrap();
    }
    let expected = std::process::Command::new("sh")
        .args(["-c", &format!("i=0; yes abcdefghijklmnopqrstuvwxyz | tr -d '\\n' | head -c {count} | sha256sum")])
        .output()
        .unwrap();
    let sum = String::from_utf8(expected.stdout).unwrap();
    assert!(running.finish().text().contains(sum.split(' ').next().unwrap()));
}

#[test]
fn any_bytes_come_as_the_terminal_gives_them() {
    let finished = Case::bash(r"printf '\000\001\377\376\033[31mred\r\n\xc3'").run();
    assert_eq!(finished.output, b"\x00\x01\xff\xfe\x1b[31mred\r\r\n\xc3");
}

#[test]
fn a_command_that_closes_its_terminal_goes_on_to_its_end() {
    let finished = Case::bash("echo before\nexec >&- 2>&- <&-\nsleep 0.05\nexit 9").run();
    assert_eq!((finished.text().as_str(), finished.status()), ("before\n", 9));
}

#[test]
fn nothing_but_the_three_streams_reaches_a_command() {
    // A descriptor that some other part of the app forgot to close.
    let leaked = fs::File::open("/dev/null").unwrap();
    nix::fcntl::fcntl(&leaked, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty())).unwrap();
    Case::new(Program::Sh, "ls /proc/self/fd | tr '\\n' ' '").run().prints("0 1 2 3 ");
    let masks = Case::new(Program::Sh, "grep -E 'Sig(Blk|Ign)' /proc/self/status").run().text();
    for line in masks.lines() {
        let mask = u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap();
        // Signals 32 and 33 are the C library's own: nobody can set them.
        assert_eq!(mask & !0x1_8000_0000, 0, "{line}");
    }
}

#[test]
fn the_environment_is_the_one_that_was_given() {
    let finished = Case::new(Program::Sh, "env | sort").env("ONLY", "this").run();
    let names: Vec<String> =
        finished.text().lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.to_owned()).collect();
    for name in &names {
        let known =
            ["PATH", "HOME", "LC_ALL", "ONLY", "PWD", "TERM", "_", "SHLVL", "OLDPWD"].contains(&name.as_str());
        assert!(known || name.ends_with("PAGER"), "{name} came from somewhere else");
    }
    assert!(names.contains(&"ONLY".to_owned()));
}

#[test]
fn a_flood_of_output_comes_whole_in_pieces_of_bounded_size() {
    const LINES: usize = 2_000_000;
    let mut case = Case::bash(&format!("set +o pipefail; yes 'a line of output' | head -n {LINES}"));
    case.launch.size = (120, 30);
    let total = Arc::new(AtomicUsize::new(0));
    let largest = Arc::new(AtomicUsize::new(0));
    let (sender, end) = mpsc::channel();
    let (seen, most) = (Arc::clone(&total), Arc::clone(&largest));
    let _attempt = launch(case.launch, move |happening| match happening {
        Happening::Output(bytes) | Happening::Captured(bytes) => {
            seen.fetch_add(bytes.len(), Ordering::Relaxed);
            most.fetch_max(bytes.len(), Ordering::Relaxed);
        }
        Happening::Halted(_) | Happening::Beside(_) | Happening::Collected(_) => {}
        Happening::Ended(ending) => drop(sender.send(ending)),
    })
    .unwrap();
    let ending = end.recv_timeout(PATIENCE * 3).unwrap();
    assert_eq!(ending.exit, Exit::Status(0), "{ending:?}");
    assert_eq!(total.load(Ordering::Relaxed), LINES * "a line of output\r\n".len());
    assert!(largest.load(Ordering::Relaxed) <= 64 * 1024);
}

#[test]
fn a_sink_that_does_not_take_output_holds_the_command_and_not_the_memory() {
    let before = peak_memory();
    let (sender, receiver) = mpsc::sync_channel(0);
    let case = Case::bash("head -c 100000000 /dev/zero; echo; echo end").hurried();
    let attempt = launch(case.launch, move |happening| drop(sender.send(happening))).unwrap();
    let first = receiver.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(first, Happening::Output(_)));
    let mut total = 0;
    loop {
        match receiver.recv_timeout(PATIENCE).unwrap() {
            Happening::Output(bytes) | Happening::Captured(bytes) => total += bytes.len(),
            Happening::Halted(sentence) => panic!("{sentence}"),
            Happening::Beside(_) | Happening::Collected(_) => panic!("it runs on this machine"),
            Happening::Ended(ending) => {
                assert_eq!(ending.exit, Exit::Status(0));
                break;
            }
        }
    }
    assert!(total >= 99_000_000);
    drop(attempt);
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < 50_000, "the peak of memory grew by {grown} KiB");
}

/// KiB.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}
