//! Commands on several hosts at once, through the command line: eight real sshd on the loopback, each a server of its own.

use std::process::{Command, Stdio};

use serde_json::Value;
use testkit::Sshd;

use crate::{
    support::{Done, Home, processes_of, text, until},
    targets::with_ssh,
    terminal::Person,
};

/// Servers `h1`, `h2`, …, of which each is an access entry that every runbook of the home may use.
struct Farm {
    home: Home,
    servers: Vec<Sshd>,
}

impl Farm {
    fn new(count: usize) -> Self {
        let home = Home::new();
        home.file("use.md", "# Nothing yet\n");
        let servers: Vec<Sshd> = (1..=count).map(|number| Sshd::at(&format!("127.0.1.{number}"))).collect();
        let all: String = (1..).zip(&servers).map(|(number, sshd)| sshd.host(&format!("h{number}"))).collect();
        servers[0].configure(&format!("{all}Host *\n  ConnectTimeout 5\n"));
        for number in 1..=count {
            home.expect(0, &["access", "add", &format!("h{number}"), "--kind", "ssh", "--user", &testkit::user()]);
        }
        Self { home, servers }
    }

    fn allow(&self, names: &[&str]) {
        for name in names {
            self.home.expect(0, &["access", "allow", name, "use.md"]);
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        with_ssh(&self.home, &self.servers[0], arguments)
    }

    fn ran(&self, arguments: &[&str]) -> Done {
        self.command(arguments).output().unwrap().into()
    }

    /// A runbook of one command, whose `$n` is the number of the host that it runs on.
    fn book(&self, attributes: &str, script: &str) {
        self.home.file(
            "use.md",
            &format!(
                "# Use\n\n## Steps\n\n```sh {{name=all {attributes}}}\nset -- $SSH_CONNECTION\nn=${{3##*.}}\n{script}\n```\n"
            ),
        );
    }
}

const ALL: [&str; 8] = ["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8"];

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["kind"] == kind).collect()
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().map_or_else(Vec::new, |names| names.iter().filter_map(Value::as_str).collect())
}

fn hosts<'a>(events: &'a [Value], kind: &str) -> Vec<&'a str> {
    let mut hosts: Vec<&str> = of(events, kind).into_iter().filter_map(|event| event["host"].as_str()).collect();
    hosts.sort_unstable();
    hosts
}

/// Ends the server's own process of this connection, as a machine that goes down does.
const GOES_DOWN: &str = "p=$$; while [ \"$p\" -gt 1 ]; do case \"$(cat /proc/$p/comm)\" in sshd*) kill -9 $p; sleep 300;; esac; \
                         p=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$p/status); done";

#[test]
fn eight_hosts_of_which_one_refuses_one_hangs_and_one_goes_down_are_told_apart_and_tried_again_alone() {
    let mut farm = Farm::new(8);
    farm.home.file("allgood.toml", "[groups]\nweb = [\"h1\", \"h2\", \"h3\", \"h4\"]\n");
    farm.allow(&ALL);
    farm.book(
        "on=ssh:web,h5,h6,h7,h8 expect=/^I am [1-8]$/",
        &format!(
            "echo \"I am $n\"\nif [ \"$n\" = 6 ] && [ ! -e '{0}' ]; then\ntouch '{0}'\n{GOES_DOWN}\nfi",
            farm.home.path("went-down").display()
        ),
    );
    // The seventh is not there; the eighth takes a connection and never says a word.
    drop(farm.servers.remove(6));
    let eighth = farm.servers[6].pid().to_string();
    assert!(Command::new("kill").args(["-STOP", &eighth]).status().unwrap().success());
    let done = farm.ran(&["run", "use.md", "--auto", "--json"]);
    assert!(Command::new("kill").args(["-CONT", &eighth]).status().unwrap().success());
    assert_eq!(done.status, Some(1), "{done:?}");
    let events = done.events();
    assert_eq!(names(&of(&events, "hosts_started")[0]["hosts"]), ALL);
    let ended = of(&events, "hosts_ended")[0];
    assert_eq!(ended["passed"], 5, "{ended}");
    let mut failed = names(&ended["failed"]);
    failed.sort_unstable();
    assert_eq!(failed, ["h6", "h7", "h8"]);
    let note = |host: &str| {
        let ends = of(&events, "attempt_ended");
        text(ends.iter().find(|event| event["host"] == host).unwrap(), "note").to_owned()
    };
    assert!(note("h6").contains("could not be confirmed") || note("h6").contains("lost"), "{}", note("h6"));
    assert!(note("h7").contains("h7"), "{}", note("h7"));
    assert!(note("h8").contains("h8"), "{}", note("h8"));
    // Each host's output is its own, and stands with it in the record.
    let run = text(&farm.home.only_run(), "id").to_owned();
    farm.home.expect(0, &["verify", &run]);
    let shown = farm.home.expect(0, &["show-run", &run, "--output"]).out;
    for said in ["I am 1", "I am 5", "h7", "failed"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let report = farm.home.expect(0, &["report", &run, "--format", "md"]).out;
    assert!(report.contains("passed on 5 of 8 hosts, failed on h6, h7 and h8"), "{report}");
    assert!(report.contains("h8: **failed**") && report.contains("h1: **passed**, exit 0"), "{report}");
    assert!(farm.home.expect(0, &["report", &run, "--format", "html"]).out.contains("<td>h8</td>"));
    let junit = farm.home.expect(0, &["report", &run, "--format", "junit"]).out;
    assert!(junit.contains("name=\"all on h3\"") && junit.contains("failures=\"4\""), "{junit}");
    // A person tries it again: it goes to those three alone. The seventh stays away.
    let again = farm.ran(&["resume", &run, "--again", "--yes", "--json"]);
    assert_eq!(again.status, Some(1), "{again:?}");
    assert_eq!(hosts(&again.events(), "attempt_started"), ["h6", "h7", "h8"]);
    assert_eq!(of(&again.events(), "hosts_ended")[0]["passed"], 7, "{again:?}");
    farm.home.expect(0, &["verify", &run]);
}

#[test]
fn a_batch_after_another_stops_when_more_fail_than_may_and_says_where_it_was_not_begun() {
    let farm = Farm::new(6);
    farm.allow(&ALL[..6]);
    farm.book("on=ssh:h1,h2,h3,h4,h5,h6 batch=2 max_fail=1", "case $n in 2|3) echo no disk; exit 7;; esac");
    let done = farm.ran(&["run", "use.md", "--auto"]);
    assert_eq!(done.status, Some(1), "{done:?}");
    for said in ["on 6 hosts, 10 at once, 2 after 2", "exit 7", "| no disk", "passed on 2 of 6 hosts"] {
        assert!(done.out.contains(said), "{said}: {done:?}");
    }
    assert!(done.out.contains("not begun on 2 (h5, h6)"), "{done:?}");
    let run = text(&farm.home.only_run(), "id").to_owned();
    let record = farm.home.expect(0, &["show-run", &run, "--json"]).json();
    let stands: Vec<&str> =
        record["items"][0]["hosts"].as_array().unwrap().iter().map(|host| host["status"].as_str().unwrap()).collect();
    assert_eq!(stands, ["passed", "failed", "failed", "passed", "not_reached", "not_reached"]);
}

#[test]
fn each_host_is_looked_at_and_allowed_before_anything_starts() {
    let farm = Farm::new(2);
    farm.home.file("allgood.toml", "[groups]\nweb = [\"h1\", \"h2\"]\n[environments.small.groups]\nweb = [\"h2\"]\n");
    farm.book("on=ssh:web", "echo \"I am $n\"");
    let plan = farm.home.expect(0, &["run", "use.md", "--plan"]).out;
    assert!(plan.contains("h1") && plan.contains("h2"), "{plan}");
    farm.allow(&["h1"]);
    let asked = farm.ran(&["run", "use.md", "--auto", "--yes"]);
    assert_eq!(asked.status, Some(4), "{asked:?}");
    assert!(asked.err.contains("access allow h2"), "{asked:?}");
    farm.allow(&["h2"]);
    // An environment may give a group other hosts.
    let small = farm.ran(&["run", "use.md", "--auto", "--json", "--env", "small"]);
    assert_eq!(small.status, Some(0), "{small:?}");
    assert_eq!(hosts(&small.events(), "attempt_started"), ["h2"]);
    let whole = farm.ran(&["run", "use.md", "--auto", "--json"]);
    assert_eq!(hosts(&whole.events(), "attempt_started"), ["h1", "h2"]);
    // Rehearsing goes nowhere, and says where it would.
    let connections = farm.servers[0].connections();
    let rehearsed = farm.ran(&["run", "use.md", "--rehearse", "--json"]);
    assert!(rehearsed.out.contains("it would run on 2 hosts (h1, h2)"), "{rehearsed:?}");
    assert_eq!(farm.servers[0].connections(), connections);
}

#[test]
fn a_name_that_stands_for_nothing_or_for_two_things_starts_nothing() {
    let home = Home::new();
    home.file("allgood.toml", "[groups]\nweb = [\"h1\"]\n");
    home.file("use.md", "# Use\n\n## Steps\n\n```sh {name=one on=ssh:wbe}\ntrue\n```\n");
    let refused = home.expect(2, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("\"wbe\" is neither a group of `allgood.toml` nor an access entry"), "{refused:?}");
    home.file("use.md", "# Use\n\n## Steps\n\n```sh {name=one on=ssh:web}\ntrue\n```\n");
    let refused = home.expect(2, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("there is no access entry \"h1\""), "{refused:?}");
    for name in ["h1", "web"] {
        home.expect(0, &["access", "add", name, "--kind", "ssh"]);
    }
    let refused = home.expect(2, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("\"web\" is both a group"), "{refused:?}");
    assert_eq!(home.runs().len(), 0);
}

#[test]
fn killed_in_the_middle_it_is_known_which_hosts_had_ended_and_only_the_others_are_run_again() {
    let farm = Farm::new(3);
    farm.allow(&ALL[..3]);
    let wait = farm.home.path("go");
    farm.book(
        "on=ssh:h1,h2,h3 at_once=2",
        &format!("echo \"I am $n\"; [ $n = 1 ] || while [ ! -e '{}' ]; do sleep 0.1; done", wait.display()),
    );
    let mut command = farm.command(&["run", "use.md", "--auto", "--json"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let run = || farm.home.runs().first().map(|run| text(run, "id").to_owned());
    let events = |run: &str| -> Vec<Value> {
        farm.home.journal(run).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    until("the first has ended and the third has begun", || {
        run().is_some_and(|run| {
            let events = events(&run);
            hosts(&events, "attempt_ended") == ["h1"] && hosts(&events, "attempt_started") == ["h1", "h2", "h3"]
        })
    });
    let run = run().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    until("nothing of it is left", || processes_of(&run).is_empty());
    let record = farm.home.expect(0, &["show-run", &run, "--json"]).json();
    let stands: Vec<&str> =
        record["items"][0]["hosts"].as_array().unwrap().iter().map(|host| text(host, "status")).collect();
    assert_eq!(stands, ["passed", "interrupted", "interrupted"]);
    let shown = farm.home.expect(0, &["show-run", &run]).out;
    assert!(shown.contains("interrupted"), "{shown}");
    farm.home.file("go", "");
    let done = farm.ran(&["resume", &run, "--again", "--yes", "--json"]);
    assert_eq!(done.status, Some(0), "{done:?}");
    assert_eq!(hosts(&done.events(), "attempt_started"), ["h2", "h3"]);
    farm.home.expect(0, &["verify", &run]);
}

#[test]
fn one_ctrl_c_stops_it_on_every_host_and_begins_nowhere_else() {
    let farm = Farm::new(4);
    farm.allow(&ALL[..4]);
    let began = farm.home.path("began");
    farm.book(
        "on=ssh:h1,h2,h3,h4 at_once=2",
        &format!("[ $n = 1 ] && exit 0; touch '{}'-$n; sleep 600", began.display()),
    );
    let mut person = Person::types_with(&farm.home, &farm.servers[0].path("bin"), "run use.md");
    person.sees("help");
    person.presses("\r");
    // By the time that this is shown keys are those of what runs.
    person.sees("passed");
    let has_begun = |number: usize| farm.home.path(&format!("began-{number}")).exists();
    until("it runs on two of the others", || has_begun(2) && has_begun(3));
    person.presses("\u{3}");
    person.sees("stopped, passed on 1 of 4 hosts");
    // It waits for a choice, as after any command that was stopped.
    person.sees("help");
    person.presses("q");
    person.sees("Put this run aside?");
    person.presses("y");
    person.sees("put aside");
    person.leaves(130);
    let run = text(&farm.home.only_run(), "id").to_owned();
    let record = farm.home.expect(0, &["show-run", &run, "--json"]).json();
    let stands: Vec<&str> =
        record["items"][0]["hosts"].as_array().unwrap().iter().map(|host| text(host, "status")).collect();
    assert_eq!(stands, ["passed", "stopped", "stopped", "not_reached"]);
    assert!(!has_begun(4));
}

#[test]
fn the_hosts_that_run_stand_at_the_foot_of_the_terminal_with_what_they_said_last_until_they_have_ended() {
    let farm = Farm::new(3);
    farm.allow(&ALL[..3]);
    let go = farm.home.path("go");
    farm.book(
        "on=ssh:h1,h2,h3 at_once=3",
        &format!(
            "[ $n = 1 ] && exit 3; echo \"halfway of $n\"; while [ ! -e '{}' ]; do sleep 0.1; done",
            go.display()
        ),
    );
    let mut person = Person::types_with(&farm.home, &farm.servers[0].path("bin"), "run use.md");
    person.sees("help");
    person.presses("\r");
    person.sees("of 3 have ended");
    person.sees("failed, exit 3");
    // The lines are drawn anew below it, and the count last of them.
    let above = person.reads_up_to("1 of 3 have ended, 1 failed; Ctrl-C stops it on all");
    assert!(above.contains("h2") && above.contains("h3") && !above.contains("h1"), "{above:?}");
    person.sees("halfway of 2");
    farm.home.file("go", "");
    let last = person.reads_up_to("passed on 2 of 3 hosts");
    let foot = last.rfind("have ended").unwrap();
    assert!(last[foot..].contains("\u{1b}[J"), "nothing of it is left: {last:?}");
    person.sees("help");
    person.puts_the_run_aside();
}

#[test]
fn what_a_fleet_asks_for_is_named_in_short_and_allowed_by_one_command() {
    let farm = Farm::new(7);
    farm.book("on=ssh:h1,h2,h3,h4,h5,h6,h7", "echo ok");
    let asked = farm.ran(&["run", "use.md", "--auto"]);
    assert_eq!(asked.status, Some(4), "{asked:?}");
    assert!(asked.err.contains("have not used h1, h2, h3, h4, h5 and 2 more entries yet"), "{}", asked.err);
    let allow = format!("access allow --all {}", farm.home.path("use.md").display());
    assert!(asked.err.contains(&format!("`allgood {allow}`")), "{}", asked.err);
    // What is there to be pasted is a word of the shell, whatever a file is called.
    farm.home.file("a $(b).md", &std::fs::read_to_string(farm.home.path("use.md")).unwrap());
    let odd = farm.ran(&["run", "a $(b).md", "--auto"]);
    assert!(odd.err.contains(&format!("--all '{}'`", farm.home.path("a $(b).md").display())), "{}", odd.err);
    let allowed = farm.home.expect(0, &allow.split(' ').collect::<Vec<_>>()).out;
    assert!(allowed.contains("may use h1, h2, h3, h4, h5, h6, h7 from now on"), "{allowed}");
    assert_eq!(farm.ran(&["run", "use.md", "--auto"]).status, Some(0));
    let again = farm.home.expect(0, &allow.split(' ').collect::<Vec<_>>());
    assert!(again.err.contains("asks for no entry that it may not use already"), "{again:?}");
    // Names and --all are two ways of saying it.
    assert_eq!(farm.ran(&["access", "allow", "h1", "--all", "use.md"]).status, Some(2));
    assert_eq!(farm.ran(&["access", "allow", "use.md"]).status, Some(2));
}
