//! Blocks that Ansible carries out, through the command line: a real Ansible, real sshd on the loopback, and the record.

use std::process::Stdio;

use serde_json::Value;
use testkit::Sshd;

use crate::{
    support::{Done, Home, processes_of, text, until},
    targets::with_ssh,
};

/// Servers `h1`, `h2`, …, and a folder whose `ansible.cfg` names them in an inventory.
struct Team {
    home: Home,
    servers: Vec<Sshd>,
}

impl Team {
    fn new(count: usize) -> Self {
        let home = Home::new();
        let servers: Vec<Sshd> = (1..=count).map(|number| Sshd::at(&format!("127.0.2.{number}"))).collect();
        let all: String = (1..).zip(&servers).map(|(number, sshd)| sshd.host(&format!("h{number}"))).collect();
        servers[0].configure(&format!("{all}Host *\n  ConnectTimeout 5\n"));
        let names: String = (1..=count).map(|number| format!("h{number}\n")).collect();
        home.file("hosts.ini", &format!("[web]\n{names}\n[web:vars]\nansible_python_interpreter=/usr/bin/python3\n"));
        let at = |name: &str| servers[0].path(name).display().to_string();
        // No connection outlives a test.
        let config = format!(
            "[defaults]\ninventory = hosts.ini\nremote_tmp = {}\nlocal_tmp = {}\n[ssh_connection]\nssh_args = -o ControlMaster=no\n",
            at("remote"),
            at("local")
        );
        home.file("ansible.cfg", &config);
        Self { home, servers }
    }

    fn book(&self, text: &str) {
        self.home.file("use.md", &format!("---\nenv: {{GREETING: hello}}\n---\n# Use\n\n## Steps\n\n{text}\n"));
    }

    fn ran(&self, arguments: &[&str]) -> Done {
        with_ssh(&self.home, &self.servers[0], arguments).output().unwrap().into()
    }
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["kind"] == kind).collect()
}

fn hosts<'a>(events: &'a [Value], kind: &str) -> Vec<&'a str> {
    let mut hosts: Vec<&str> = of(events, kind).into_iter().filter_map(|event| event["host"].as_str()).collect();
    hosts.sort_unstable();
    hosts
}

fn note<'a>(events: &'a [Value], host: &str) -> &'a str {
    of(events, "attempt_ended").iter().find(|event| event["host"] == host).map_or("", |event| text(event, "note"))
}

#[test]
fn a_script_goes_to_the_hosts_of_the_team_s_inventory_and_each_has_its_own_end() {
    let mut team = Team::new(3);
    team.book(
        "```sh {name=set}\nexport GREETING=\"it's me\"\n```\n\n```bash {name=all on=ansible:web expect=/^it.s.me.on.[12]$/}\n\
         set -- $SSH_CONNECTION\nn=${3##*.}\n[[ $n != 2 || -e again ]] || exit 7\necho \"$GREETING on $n\"\n```",
    );
    drop(team.servers.remove(2));
    let done = team.ran(&["run", "use.md", "--auto", "--json"]);
    assert_eq!(done.status, Some(1), "{done:?}");
    let events = done.events();
    let started = of(&events, "hosts_started");
    // It is in the record before Ansible is asked, and then again with what it said.
    assert_eq!(started[0]["hosts"], serde_json::json!([]));
    assert_eq!(started[1]["hosts"], serde_json::json!(["h1", "h2", "h3"]));
    assert_eq!(of(&events, "hosts_ended")[0]["passed"], 1, "{events:?}");
    let exit = of(&events, "attempt_ended").into_iter().find(|event| event["host"] == "h2").unwrap();
    assert_eq!(exit["exit"], 7, "{exit}");
    assert!(note(&events, "h3").contains("h3: Ansible does not reach it"), "{}", note(&events, "h3"));
    let run = text(&team.home.only_run(), "id").to_owned();
    team.home.expect(0, &["verify", &run]);
    let shown = team.home.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains("it's me on 1"), "{shown}");
    let report = team.home.expect(0, &["report", &run, "--format", "md"]).out;
    assert!(report.contains("passed on 1 of 3 hosts, failed on h2 and h3"), "{report}");
    // Tried again it goes to those alone on which it has not passed.
    let again = team.ran(&["resume", &run, "--again", "--yes", "--json"]);
    assert_eq!(again.status, Some(1), "{again:?}");
    assert_eq!(hosts(&again.events(), "attempt_started"), ["h2", "h3"]);
    team.home.expect(0, &["verify", &run]);
}

const PLAYBOOK: &str = "```ansible-playbook {name=play}\n- hosts: web\n  gather_facts: false\n  tasks:\n    - name: The greeting\n      \
                        ansible.builtin.copy:\n        content: \"{{ lookup('env', 'GREETING') }}\\n\"\n        dest: \"DEST-{{ \
                        inventory_hostname }}\"\n    - name: Only the first\n      ansible.builtin.command: test -e DEST-h1.stop\n      \
                        when: inventory_hostname == 'h2'\n```";

#[test]
fn a_playbook_is_rehearsed_in_check_mode_and_then_changes_each_host() {
    let team = Team::new(2);
    let dest = team.home.path("made");
    let playbook = PLAYBOOK.replace("DEST", &dest.display().to_string());
    team.book(&format!("```sh {{name=set}}\ntrue\n```\n\n{playbook}"));
    // A rehearsal by itself executes nothing; one that looks says what would change.
    let shown = team.ran(&["run", "use.md", "--rehearse", "--json"]);
    assert_eq!(shown.status, Some(0), "{shown:?}");
    assert!(of(&shown.events(), "hosts_started").is_empty(), "{shown:?}");
    let looked = team.ran(&["run", "use.md", "--rehearse", "--probes", "--json"]);
    let events = looked.events();
    assert_eq!(hosts(&events, "attempt_ended"), ["h1", "h2"], "{looked:?}");
    let rehearsal = text(of(&events, "run_started")[0], "run").to_owned();
    let output = team.home.expect(0, &["show-run", &rehearsal, "--output"]).out;
    assert!(output.contains("changed: The greeting") && output.contains("+++"), "{output}");
    assert!(!team.home.path("made-h1").exists() && !team.home.path("made-h2").exists());
    // In earnest: the second host fails at its own task, and is tried again alone.
    let done = team.ran(&["run", "use.md", "--auto", "--yes", "--json"]);
    assert_eq!(done.status, Some(1), "{done:?}");
    let events = done.events();
    for host in ["h1", "h2"] {
        assert_eq!(std::fs::read_to_string(team.home.path(&format!("made-{host}"))).unwrap(), "hello\n");
    }
    let run = text(of(&events, "run_started")[0], "run").to_owned();
    assert_eq!(of(&events, "hosts_ended")[0]["failed"], serde_json::json!(["h2"]));
    let output = team.home.expect(0, &["show-run", &run, "--output"]).out;
    assert!(output.contains("failed: Only the first") && output.contains("skipped: Only the first"), "{output}");
    team.home.file("made-h1.stop", "");
    let again = team.ran(&["resume", &run, "--again", "--yes", "--json"]);
    assert_eq!(again.status, Some(0), "{again:?}");
    assert_eq!(hosts(&again.events(), "attempt_started"), ["h2"]);
    team.home.expect(0, &["verify", &run]);
}

#[test]
fn a_pattern_that_matches_nothing_and_a_playbook_that_ansible_refuses_fail_with_what_it_says() {
    let team = Team::new(1);
    team.book("```sh {name=all on=ansible:wbe}\ntrue\n```");
    let none = team.ran(&["run", "use.md", "--auto"]);
    assert_eq!(none.status, Some(1), "{none:?}");
    assert!(none.out.contains("no host of the inventory matches `wbe`"), "{none:?}");
    team.book("```ansible-playbook\n- hosts: web\n  roles: [nobody]\n```");
    let refused = team.ran(&["run", "use.md", "--auto"]);
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(refused.out.contains("nobody"), "{refused:?}");
    team.book("```sh {on=ansible:web inventory=-x}\ntrue\n```");
    let problem = team.home.expect(1, &["check", "use.md"]);
    assert!(problem.out.contains("`inventory=-x` names no file"), "{problem:?}");
}

#[test]
fn stopped_in_the_middle_nothing_of_it_is_left_and_the_record_says_so() {
    let team = Team::new(2);
    let began = team.home.path("began");
    team.book(&format!("```sh {{name=all on=ansible:web}}\ntouch '{}'; sleep 600\n```", began.display()));
    let mut command = with_ssh(&team.home, &team.servers[0], &["run", "use.md", "--auto", "--json"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    until("it runs on a host", || began.exists());
    let run = text(&team.home.only_run(), "id").to_owned();
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
    child.wait().unwrap();
    until("nothing of it is left", || processes_of(&run).is_empty());
    let record = team.home.expect(0, &["show-run", &run, "--json"]).json();
    let stands: Vec<&str> =
        record["items"][0]["hosts"].as_array().unwrap().iter().map(|host| text(host, "status")).collect();
    assert!(stands.iter().all(|status| matches!(*status, "stopped" | "interrupted" | "failed")), "{stands:?}");
    team.home.expect(0, &["verify", &run]);
}
