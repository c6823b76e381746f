//! Blocks that run somewhere else, through the command line: on a host by a real sshd, and the record of it.

use std::{fs, process::Command, process::Stdio};

use testkit::Sshd;

use crate::support::{Done, Home, processes_of, text, until};

/// Gives a home the access entry `there`, the host of that server.
pub(crate) fn host(home: &Home, sshd: &Sshd) {
    home.expect(0, &["access", "add", "there", "--kind", "ssh", "--user", &testkit::user()]);
    home.file("loud.md", "# Nothing yet\n");
    home.file("use.md", "# Nothing yet\n");
    assert!(sshd.path("bin/ssh").is_file());
}

/// The program, where `ssh` has that server's configuration.
pub(crate) fn with_ssh(home: &Home, sshd: &Sshd, arguments: &[&str]) -> Command {
    let mut command = home.command(arguments);
    let binaries = crate::support::binary().parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{binaries}:{path}", sshd.path("bin").display()));
    command
}

fn ran(mut command: Command) -> Done {
    command.output().unwrap().into()
}

const BOOK: &str = "# Use\n\n## Steps\n\n```sh {name=one on=there}\ncd /usr; export MADE=there\n```\n\n\
                    ```sh {name=two}\ntest \"$MADE\" = there; test \"$PWD\" != /usr\n```\n\n\
                    ```sh {name=three on=there expect=\"/usr there\"}\necho \"$PWD $MADE\"\n```\n";

#[test]
fn a_run_goes_to_a_host_and_back_and_its_record_says_what_ran_where() {
    let (home, sshd) = (Home::new(), Sshd::start());
    host(&home, &sshd);
    home.file("use.md", BOOK);
    let plan = home.expect(0, &["run", "use.md", "--plan"]).out;
    assert!(plan.contains("TARGETS") && plan.contains("one, three"), "{plan}");
    assert!(plan.contains("its library has not used this entry yet"), "{plan}");
    let asked = ran(with_ssh(&home, &sshd, &["run", "use.md", "--auto", "--yes"]));
    assert_eq!(asked.status, Some(4), "{asked:?}");
    assert!(asked.err.contains("access allow there"), "{asked:?}");
    home.expect(0, &["access", "allow", "there", "use.md"]);
    let done = ran(with_ssh(&home, &sshd, &["run", "use.md", "--auto", "--json"]));
    assert_eq!(done.status, Some(0), "{done:?}");
    assert_eq!(sshd.connections(), 1, "the commands share one connection");
    let place = format!("there ({}@there)", testkit::user());
    let events = done.events();
    let targets: Vec<&str> =
        events.iter().filter(|event| event["kind"] == "attempt_started").map(|event| text(event, "target")).collect();
    assert_eq!(targets, [place.as_str(), "this machine", place.as_str()]);
    let run = text(&home.only_run(), "id").to_owned();
    for (format, says) in [("md", "on there (".to_owned()), ("html", place.clone()), ("jsonl", place.clone())] {
        let report = home.expect(0, &["report", &run, "--format", format]).out;
        assert!(report.contains(&says), "{format}: {report}");
    }
    home.expect(0, &["verify", &run]);
    assert_eq!(home.expect(0, &["access", "show", "there", "--json"]).json()["uses"], 2);
}

#[test]
fn what_no_entry_is_called_starts_nothing_and_says_so() {
    let home = Home::new();
    home.file("use.md", "# Use\n\n## Steps\n\n```sh {name=one on=nowhere}\ntrue\n```\n");
    let refused = home.expect(2, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("there is no access entry \"nowhere\""), "{refused:?}");
    assert_eq!(home.runs().len(), 0);
    home.expect(0, &["access", "add", "nowhere", "--kind", "token"]);
    let refused = home.expect(2, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("of the kind token, and nothing can run there"), "{refused:?}");
    // Rehearsing goes nowhere.
    let rehearsed = home.expect(0, &["run", "use.md", "--rehearse", "--json"]);
    assert!(rehearsed.out.contains("it would run on nowhere"), "{rehearsed:?}");
}

#[test]
fn a_host_that_cannot_be_reached_is_a_failed_item_that_says_why() {
    let (home, sshd) = (Home::new(), Sshd::start());
    host(&home, &sshd);
    home.file("use.md", BOOK);
    home.expect(0, &["access", "allow", "there", "use.md"]);
    sshd.another_key();
    sshd.know("other_key.pub");
    let done = ran(with_ssh(&home, &sshd, &["run", "use.md", "--auto", "--json"]));
    assert_eq!(done.status, Some(1), "{done:?}");
    let events = done.events();
    let ended = events.iter().find(|event| event["kind"] == "attempt_ended").unwrap();
    assert!(text(ended, "note").contains("is not the one that is known here"), "{ended}");
    assert_eq!(sshd.connections(), 0);
}

#[test]
fn nothing_outlives_an_app_that_is_killed_on_a_host_either() {
    let (home, sshd) = (Home::new(), Sshd::start());
    host(&home, &sshd);
    home.file(
        "use.md",
        "# Use\n\n## Steps\n\n```sh {name=one on=there}\ntrap '' HUP INT TERM\nsetsid sleep 300 &\nsleep 300\n```\n",
    );
    home.expect(0, &["access", "allow", "there", "use.md"]);
    let mut command = with_ssh(&home, &sshd, &["run", "use.md", "--auto", "--json"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let run = || home.runs().first().map(|run| text(run, "id").to_owned());
    until("the command runs there", || run().is_some_and(|run| sleeps(&run) == 2));
    let run = run().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    until("nothing of it is left", || processes_of(&run).is_empty());
    let shown = home.expect(0, &["runs", "--json"]).json();
    assert_eq!(shown[0]["state"], "interrupted");
}

/// How many of the processes of a run sleep.
fn sleeps(run: &str) -> usize {
    let name = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    processes_of(run).iter().filter(|pid| name(pid).trim() == "sleep").count()
}
