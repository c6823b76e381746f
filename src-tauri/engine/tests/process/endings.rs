//! How attempts end: by themselves, stopped, out of time, or with the app.

use super::*;

#[test]
fn exit_statuses_and_signals_are_told_apart() {
    let table = [
        ("true", Exit::Status(0)),
        ("", Exit::Status(0)),
        ("exit 7", Exit::Status(7)),
        ("false\necho not reached", Exit::Status(1)),
        ("kill -KILL $$", Exit::Signal("SIGKILL".into())),
        ("kill -TERM $$", Exit::Signal("SIGTERM".into())),
        ("sh -c 'kill -9 $$'", Exit::Status(137)),
        ("no-such-command", Exit::Status(127)),
    ];
    for (script, expected) in table {
        let finished = Case::bash(script).run();
        assert_eq!(finished.ending.exit, expected, "{script}: {}", finished.text());
        assert!(!finished.ending.timed_out && !finished.ending.stopped);
    }
}

#[test]
fn a_missing_shell_folder_or_program_is_a_sentence() {
    let shell = Case::bash("true").env("PATH", "/nowhere").run();
    assert_eq!(shell.sentence(), "the program `bash` is not installed: it is in no folder of PATH (/nowhere)");
    assert!(shell.ending.carried.is_err());

    let mut case = Case::bash("true");
    case.launch.cwd = "/no/such/folder".into();
    assert!(case.run().sentence().contains("/no/such/folder: there is no such folder"));

    let mut case = Case::bash("true");
    case.launch.cwd = "/etc/passwd".into();
    assert!(case.run().sentence().contains("it is not a folder"));

    let mut case = Case::bash("true");
    case.launch.scratch = "/no/such/scratch".into();
    let (sender, happenings) = mpsc::channel();
    let _attempt = launch(case.launch, move |happening| drop(sender.send(happening))).unwrap();
    let Ok(Happening::Ended(ending)) = happenings.recv_timeout(PATIENCE) else { panic!("no end") };
    assert!(format!("{:?}", ending.exit).contains("cannot be made in /no/such/scratch"), "{ending:?}");

    let program = Case::new(Program::Interpreter(vec!["no-such-interpreter".into()]), "1").run();
    assert!(program.sentence().contains("`no-such-interpreter` is not installed"));
}

#[test]
fn shell_is_sh_where_there_is_no_bash() {
    let bin = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/bin/sh", bin.path().join("sh")).unwrap();
    Case::new(Program::AnyShell, "echo ${BASH_VERSION:-none}").env("PATH", bin.path()).run().prints("none\n");
    let with = Case::new(Program::AnyShell, "echo ${BASH_VERSION:-none}").run();
    assert_ne!(with.text(), "none\n");
}

#[test]
fn an_environment_too_large_for_the_system_is_a_sentence() {
    let mut case = Case::bash("true");
    for number in 0..40 {
        case = case.env(&format!("PART_{number}"), "x".repeat(100_000));
    }
    let finished = case.env("HUGE", "x".repeat(5_000_000)).run();
    assert!(finished.sentence().contains("the largest variable is HUGE with 4883 KiB"), "{}", finished.sentence());
}

#[test]
fn a_variable_that_cannot_be_passed_is_refused_by_name() {
    for (name, value) in [("", "x"), ("A=B", "x"), ("A", "a\0b")] {
        let case = Case::bash("true").env(name, value);
        let error = launch(case.launch, |_| ()).unwrap_err();
        assert!(error.to_string().contains(&format!("the variable {name:?} cannot be passed")), "{error}");
    }
    let error = launch(Case::bash("true").variable("no-name", "x").launch, |_| ()).unwrap_err();
    assert!(error.to_string().contains("\"no-name\""));
}

#[test]
fn a_supervisor_that_is_missing_or_none_is_a_sentence() {
    let mut case = Case::bash("true");
    case.launch.supervisor.program = "/no/such/supervisor".into();
    assert!(launch(case.launch, |_| ()).unwrap_err().to_string().contains("/no/such/supervisor cannot be started"));

    let mut case = Case::bash("true");
    case.launch.supervisor.program = "/bin/true".into();
    assert!(case.run().sentence().contains("ended (exit status: 0) without a word"));
}

/// Ignores what can be ignored, and leaves a session of its own, a double fork, and a child that is in the way.
const STUBBORN: &str = r#"
    trap '' INT TERM HUP
    setsid sh -c 'trap "" INT TERM HUP; echo far=$$; while :; do sleep 1000; done' &
    (setsid sh -c 'trap "" INT TERM; (sh -c "echo deep=\$\$; while :; do sleep 1000; done" &) ; exit') &
    sleep 1000 &
    echo near=$!
    echo ready=$$
    while :; do sleep 1000; done
"#;

fn stubborn(case: Case) -> (Running, Vec<u32>) {
    let mut running = case.start();
    let pids = ["far", "deep", "near", "ready"].iter().map(|name| running.number(name)).collect();
    (running, pids)
}

#[test]
fn stop_leaves_nothing_of_a_command_that_refuses_to_end() {
    let (running, pids) = stubborn(Case::bash(STUBBORN).hurried());
    assert!(pids.iter().all(|pid| runs(*pid)));
    running.attempt.stop();
    let finished = running.finish();
    assert_eq!(finished.ending.exit, Exit::Signal("SIGKILL".into()));
    assert!(finished.ending.stopped && !finished.ending.timed_out);
    assert_eq!(finished.ending.left_running, []);
    assert_eq!(
        finished.ending.carried.as_ref().unwrap_err(),
        "its variables and directory could not be read: it was stopped"
    );
    assert_eq!(pids.iter().filter(|pid| runs(**pid)).collect::<Vec<_>>(), Vec::<&u32>::new());
}

#[test]
fn a_timeout_leaves_nothing_of_a_command_that_refuses_to_end() {
    let (running, pids) = stubborn(Case::bash(STUBBORN).hurried().timeout(Duration::from_secs(2)));
    let finished = running.finish();
    assert!(finished.ending.timed_out && !finished.ending.stopped);
    assert!(finished.ending.duration >= Duration::from_secs(2));
    assert_eq!(pids.iter().filter(|pid| runs(**pid)).collect::<Vec<_>>(), Vec::<&u32>::new());
}

#[test]
fn a_command_that_is_done_in_time_does_not_time_out() {
    let finished = Case::bash("echo done").timeout(PATIENCE).run();
    finished.prints("done\n");
    assert!(!finished.ending.timed_out && finished.ending.duration < PATIENCE);
}

#[test]
fn stop_interrupts_first_so_that_a_command_can_clean_up() {
    // With the times of RUNS.md: nothing may be terminated before its clean-up is over.
    for (program, script) in [
        // A shell may lose an interrupt while it starts a long command: these start short ones.
        (Program::Bash, "trap 'echo cleaned; exit 3' INT\necho ready\nwhile :; do sleep 0.05; done"),
        (Program::Sh, "trap 'echo cleaned; exit 3' INT\necho ready\nwhile :; do sleep 0.05; done"),
    ] {
        let mut running = Case::new(program, script).start();
        running.until("ready");
        running.attempt.stop();
        let finished = running.finish();
        assert_eq!(finished.ending.exit, Exit::Status(3));
        assert!(finished.text().contains("cleaned"), "{}", finished.text());
        assert!(finished.ending.stopped);
    }
}

#[test]
fn a_stop_reaches_what_has_been_halted() {
    let mut running = Case::bash("echo ready\nkill -STOP $$").hurried().start();
    running.until("ready");
    running.attempt.stop();
    let finished = running.finish();
    assert!(finished.ending.stopped, "{:?}", finished.ending);
}

#[test]
fn nothing_that_forks_fast_outruns_the_kill() {
    let script =
        "trap '' INT TERM\necho ready\nf() { (sleep 0.01; f) & }\nfor i in 1 2 3 4 5 6 7 8; do f; done\nsleep 1000";
    let mut running = Case::bash(script).hurried().start();
    running.until("ready");
    running.attempt.stop();
    let finished = running.finish();
    assert_eq!(finished.ending.left_running, []);
}

#[test]
fn what_is_left_running_is_named_and_lives_until_it_is_ended() {
    // It is named by what it has become, which it is a moment after it was started.
    let script = "sleep 1000 >/dev/null 2>&1 &\nuntil grep -qx sleep /proc/$!/comm; do :; done\necho left=$!";
    let mut running = Case::bash(script).hurried().start();
    let pid = running.number("left");
    let left = running.end().left_running.clone();
    assert_eq!(left.iter().map(|left| (left.pid, left.name.as_str())).collect::<Vec<_>>(), [(pid, "sleep")]);
    assert_eq!(running.ending.as_ref().unwrap().exit, Exit::Status(0));
    assert!(runs(pid));
    assert!(!running.attempt.wait_until_gone(Duration::ZERO));
    running.attempt.end_leftovers();
    assert!(running.attempt.wait_until_gone(PATIENCE));
    assert!(!runs(pid));
}

#[test]
fn dropping_an_attempt_ends_all_of_it() {
    let (running, pids) = stubborn(Case::bash(STUBBORN).hurried());
    let Running { attempt, happenings, folder, .. } = running;
    drop(attempt);
    let ended = happenings.iter().any(|happening| matches!(happening, Happening::Ended(_)));
    assert!(ended, "the end is told even then");
    drop(folder);
    assert_eq!(pids.iter().filter(|pid| runs(**pid)).collect::<Vec<_>>(), Vec::<&u32>::new());

    let mut running = Case::bash("setsid sleep 1000 &\necho left=$!").hurried().start();
    let pid = running.number("left");
    running.end();
    drop(running);
    wait_for("the leftover's end", || !runs(pid));
}

#[test]
fn a_background_process_that_still_prints_is_heard_for_a_moment() {
    let finished = Case::bash("exec > >(sleep 0.02; cat)\necho late").run();
    finished.prints("late\n");
}

#[test]
fn a_leftover_that_prints_for_ever_does_not_keep_the_attempt() {
    let mut running = Case::bash("yes chatter &\necho left=$!").hurried().start();
    let left = running.end().left_running.clone();
    assert_eq!(left.len(), 1);
    drop(running);
    wait_for("the leftover's end", || !runs(left[0].pid));
}

#[test]
fn a_killed_supervisor_takes_along_what_it_had_started_and_nobody_claims_to_know_how_it_ended() {
    // One in its session, and one that left it and lost its parent too.
    let script = "echo boss=$PPID\n(trap '' HUP; exec sleep 1000) &\necho near=$!\n\
        (setsid sh -c 'echo far=$$; exec sleep 1001' &)\necho shell=$$\nwhile :; do sleep 0.01; done";
    let case = Case::bash(script);
    let mark = case.folder.path().join("mark").into_os_string();
    let mut running = case.env("ALLGOOD_ENV", mark).start();
    let pids: BTreeMap<&str, u32> =
        ["boss", "near", "far", "shell"].into_iter().map(|name| (name, running.number(name))).collect();
    // It has said its number before it became what it is named by.
    let name = format!("/proc/{}/comm", pids["far"]);
    wait_for("what leaves it is a sleep", || fs::read_to_string(&name).is_ok_and(|name| name.trim() == "sleep"));
    let boss = nix::unistd::Pid::from_raw(pids["boss"].cast_signed());
    nix::sys::signal::kill(boss, nix::sys::signal::SIGKILL).unwrap();
    let finished = running.finish();
    let Exit::Lost(sentence) = &finished.ending.exit else { panic!("{:?}", finished.ending) };
    assert!(sentence.contains("SIGKILL") && sentence.contains("nobody knows"), "{sentence}");
    assert!(sentence.contains(&format!("sleep ({})", pids["far"])), "what left it is named: {sentence}");
    wait_for("the end of its processes", || !pids.values().any(|pid| runs(*pid)));
}

#[test]
fn a_command_that_halts_itself_is_said_to_be_halted_and_can_be_continued_or_stopped() {
    for signal in ["STOP", "TTIN", "TTOU"] {
        let script = format!("echo shell=$$\nkill -{signal} $$\necho on\nkill -{signal} $$\necho never");
        let mut running = Case::bash(&script).hurried().start();
        let shell = running.number("shell");
        let sentence = running.halted();
        assert!(sentence.contains(&format!("SIG{signal}")), "{sentence}");
        assert!(sentence.contains(&format!("kill -CONT {shell}")), "{sentence}");
        let pid = nix::unistd::Pid::from_raw(shell.cast_signed());
        nix::sys::signal::kill(pid, nix::sys::signal::SIGCONT).unwrap();
        running.until("on");
        running.halted();
        running.attempt.stop();
        let finished = running.finish();
        assert!(finished.ending.stopped && !finished.text().contains("never"), "{:?}", finished.ending);
    }
}

#[test]
fn an_end_by_each_signal_is_named() {
    let names = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM XCPU XFSZ VTALRM PROF IO \
        PWR SYS";
    for name in names.split_ascii_whitespace() {
        let finished = Case::new(Program::Sh, &format!("ulimit -c 0; kill -{name} $$; sleep 1000")).run();
        assert_eq!(finished.ending.exit, Exit::Signal(format!("SIG{name}")));
        assert!(finished.ending.carried.is_err(), "{name}");
    }
}

#[test]
fn a_stop_right_after_the_launch_is_a_stop() {
    for _ in 0..20 {
        let running = Case::bash("sleep 1000").hurried().start();
        running.attempt.stop();
        let finished = running.finish();
        assert!(finished.ending.stopped && finished.ending.left_running.is_empty(), "{:?}", finished.ending);
    }
}

#[test]
fn the_times_of_the_ladder_are_those_of_runs_md() {
    let seconds = Duration::from_secs(5);
    let expected =
        Patience { terminate: seconds, kill: seconds, survive: seconds, drain: Duration::from_millis(200) };
    assert_eq!(Patience::default(), expected);
}

const CHILD: &str = "ALLGOOD_TEST_FOLDER";

/// Not a test of its own: the app that the next test kills.
#[test]
fn helper_an_app_that_waits_to_be_killed() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let mut case = Case::bash(&format!("exec > {}/pids 2>&1\n{STUBBORN}", folder.display())).hurried();
    case.launch.scratch = folder.join("scratch");
    let (sender, happenings) = mpsc::channel();
    let _attempt = launch(case.launch, move |happening| drop(sender.send(happening))).unwrap();
    loop {
        drop(happenings.recv());
    }
}

#[test]
fn nothing_outlives_an_app_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let scratch = folder.path().join("scratch");
    fs::create_dir(&scratch).unwrap();
    let mut app = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "endings::helper_an_app_that_waits_to_be_killed", "--nocapture"])
        .env(CHILD, folder.path())
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let written = || fs::read_to_string(folder.path().join("pids")).unwrap_or_default();
    let names = ["far=", "deep=", "near=", "ready="];
    wait_for("the command's processes", || names.iter().all(|name| written().contains(name)));
    let pids: Vec<u32> =
        written().lines().map(|line| line.split_once('=').unwrap().1.trim().parse().unwrap()).collect();
    assert!(pids.len() == 4 && pids.iter().all(|pid| runs(*pid)));
    assert_eq!(files_in(&scratch).len(), 1);
    app.kill().unwrap();
    app.wait().unwrap();
    wait_for("the end of everything", || !pids.iter().any(|pid| runs(*pid)));
    wait_for("an empty scratch folder", || files_in(&scratch).is_empty());
}
