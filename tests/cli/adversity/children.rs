//! Commands that close their terminal, flood it, halt, fork, take all signals, and leave a mess.

use nix::sys::signal::Signal;

use super::{Going, book};
use crate::support::{Home, processes_of, text, until};

/// Runs one command and gives what was printed of it.
fn run(script: &str) -> (Home, Option<i32>, String) {
    let home = Home::new();
    home.file("book.md", &book(&[("bash {name=a}", script), ("sh {name=next}", "echo next >> log")]));
    let (status, out, _) = Going::start(home.command(&["run", "book.md", "--auto"])).ends();
    home.expect(0, &["verify", &home.id()]);
    (home, status, out)
}

#[test]
fn a_command_that_closes_its_terminal_goes_on_and_its_end_counts() {
    let (home, status, out) = run("echo before; exec >&- 2>&- <&-; sleep 0.1; : > worked; exit 9");
    assert_eq!(status, Some(1));
    assert!(home.path("worked").exists() && out.contains("before") && out.contains("exit 9"), "{out}");
}

#[test]
fn binary_output_is_kept_byte_for_byte_and_does_no_harm_to_who_reads_it() {
    let script = r"printf '\000\001\377\376\033]0;title\007\033[2J\033[31mred\033[0m\303 caf\303\251\n'";
    let (home, status, out) = run(script);
    assert_eq!(status, Some(0));
    assert!(out.contains("red") && out.contains("café"), "{out:?}");
    assert!(!out.contains('\u{1b}') && !out.contains('\0') && !out.contains('\u{7}'), "{out:?}");
    let run = home.id();
    let bytes = b"\x00\x01\xff\xfe\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m\xc3 caf\xc3\xa9\r\n";
    let store = store::Store::open(&home.path("data")).unwrap();
    let id = store.runs(&store::RunFilter::default()).unwrap().0.remove(0).start.id;
    assert_eq!(store.output(&id, "a", 1, 0, 1000).unwrap().bytes, bytes);
    for format in ["md", "html", "junit"] {
        let report = home.command(&["report", &run, "--format", format]).output().unwrap();
        assert!(!report.stdout.contains(&0x1b) && !report.stdout.contains(&0), "{format}");
        assert!(String::from_utf8(report.stdout).unwrap().contains("red"), "{format}");
    }
}

#[test]
fn a_run_that_is_stopped_in_the_midst_of_a_flood_stops_and_its_record_holds() {
    let home = Home::new();
    for script in ["yes", "tr '\\0' x < /dev/zero", "cat /dev/urandom"] {
        home.file("flood.md", &book(&[("sh {name=flood}", &format!("touch begun; {script}"))]));
        let going = Going::start(home.command(&["run", "flood.md", "--auto"]));
        until("it has begun", || home.path("begun").exists());
        going.signal(Signal::SIGTERM);
        let (status, _, said) = going.ends();
        assert_eq!(status, Some(130), "{script}: {said}");
        let newest = home.runs()[0].clone();
        assert_eq!(text(&newest, "state"), "paused", "{script}");
        assert_eq!(processes_of(text(&newest, "id")), Vec::<u32>::new(), "{script}");
        home.expect(0, &["verify", text(&newest, "id")]);
        std::fs::remove_file(home.path("begun")).unwrap();
    }
}

#[test]
fn what_forks_detaches_and_ignores_is_named_and_ends_with_the_run() {
    let script = "(setsid sh -c 'trap \"\" INT TERM HUP; sleep 1000; sleep 1000' > /dev/null 2>&1 &)\n\
        (setsid sh -c '(sleep 1001 > /dev/null 2>&1 &)')\nnohup sleep 1002 > /dev/null 2>&1 &\necho left";
    let (home, status, out) = run(script);
    assert_eq!(status, Some(0), "{out}");
    let told = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("left running until the run ends:") && told.contains("sleep ("), "{told}");
    until("nothing is left", || processes_of(&home.id()).is_empty());
    assert_eq!(home.log(), ["next"]);
}

#[test]
fn a_command_that_halts_is_said_to_be_halted_and_goes_on_when_it_is_continued() {
    let home = Home::new();
    home.file("book.md", &book(&[("bash {name=a}", "echo $$ > shell; kill -STOP $$; echo on >> log")]));
    let going = Going::start(home.command(&["run", "book.md", "--auto", "--json"]));
    let told = || home.path("data/allgood.db").exists() && !home.runs().is_empty();
    until("there is a run", told);
    let run = home.id();
    until("it is said", || home.journal(&run).iter().any(|line| line.contains("halted by SIGSTOP")));
    let shell: i32 = std::fs::read_to_string(home.path("shell")).unwrap().trim().parse().unwrap();
    let note = home.journal(&run).join("\n");
    assert!(note.contains(&format!("kill -CONT {shell}")), "{note}");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(shell), Signal::SIGCONT).unwrap();
    assert_eq!(going.ends().0, Some(0));
    assert_eq!(home.log(), ["on"]);
}

#[test]
fn a_terminal_that_is_left_raw_by_what_died_does_not_reach_the_next_command() {
    let home = Home::new();
    let state = "stty -a < /dev/tty | tr ' ' '\\n' | grep -E '^-?(icanon|echo);?$' | tr '\\n' ' '";
    home.file(
        "raw.md",
        &book(&[
            ("bash {name=a expect_exit=any}", "stty raw -echo < /dev/tty; kill -KILL $$"),
            ("bash {name=b expect=\"icanon echo\"}", state),
        ]),
    );
    let (status, out, _) = Going::start(home.command(&["run", "raw.md", "--auto"])).ends();
    assert_eq!(status, Some(0), "{out}");
}

#[test]
fn a_command_that_finds_no_room_for_another_process_fails_by_itself_and_the_run_is_in_order() {
    // Root is held to no limit: there the command becomes nobody first.
    let bomb = "ulimit -u 2; for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait";
    let script = format!(
        "if [ \"$(id -u)\" = 0 ]; then exec setpriv --reuid=65534 --regid=65534 --clear-groups bash -ec '{bomb}'\n\
         else exec bash -ec '{bomb}'; fi"
    );
    let (home, status, out) = run(&script);
    assert_eq!(status, Some(1), "{out}");
    assert!(out.contains("fork") && out.contains("Resource temporarily unavailable"), "{out}");
    until("nothing is left", || processes_of(&home.id()).is_empty());
    assert!(home.log().is_empty(), "what follows is not begun");
}

#[test]
fn an_environment_that_is_too_large_is_named_with_its_largest_variable() {
    let script = "large=$(head -c 90000 /dev/zero | tr '\\0' x)\n\
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do export V$i=$large W$i=$large; done\necho set";
    let (home, status, out) = run(script);
    let told = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(status, Some(1), "{told}");
    assert!(told.contains("the environment of the command is larger than the system allows"), "{told}");
    assert!(told.contains("the largest variable is ") && told.contains("make it smaller"), "{told}");
    assert!(home.log().is_empty());
}

#[test]
fn a_here_document_of_one_megabyte_reaches_its_command_whole() {
    let line = "0123456789abcdef".repeat(4);
    let lines = format!("{line}\n").repeat(16_132);
    let script = format!("wc -c <<'END'\n{lines}END");
    for shell in ["sh", "bash"] {
        let home = Home::new();
        let info = format!("{shell} {{name=a expect={}}}", lines.len());
        home.file("large.md", &book(&[(&info, &script)]));
        home.expect(0, &["run", "large.md", "--auto"]);
        home.expect(0, &["verify", &home.id()]);
    }
}

#[test]
fn a_command_that_is_silent_for_long_is_told_of_when_it_ends_and_stopped_by_its_timeout() {
    let home = Home::new();
    home.file("quiet.md", &book(&[("sh {name=a timeout=1s}", "exec sleep 1000")]));
    let done = home.expect(1, &["run", "quiet.md", "--auto"]);
    assert!(done.out.contains("ended by its timeout of 1s"), "{done:?}");
    until("nothing is left", || processes_of(&home.id()).is_empty());
}
