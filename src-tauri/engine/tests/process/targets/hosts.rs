//! A host over ssh: what a command is given, what it gives back, how many connections it takes, and why there is none.

use std::{fs, path::Path};

use engine::process::{Kept, Launch, Reach};
use format::Program;

use testkit::{Sshd, user};

use super::{There, bash};
use crate::Case;

#[test]
fn a_command_on_a_host_prints_exits_and_carries_as_one_here_does() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let script = "echo \"hello $NAME\"; echo oops >&2; export SENT='a b' NAME=changed\nplain=1\ncd /usr/lib\n\
                  echo FILED=yes >>\"$ALLGOOD_ENV\"";
    let case = bash(script).variable("given", "it's");
    let mut running = there.start_with(case, |launch| {
        launch.environment.insert("NAME".into(), "ann \u{e9} \t 'x'\n$HOME".into());
    });
    running.end();
    running.prints("hello ann \u{e9} \t 'x'\n$HOME\noops\n");
    let carried = running.ending.as_ref().unwrap().carried.as_ref().unwrap();
    assert_eq!(carried.exported["SENT"], "a b");
    assert_eq!(carried.exported["NAME"], "changed");
    assert_eq!((carried.plain["plain"].as_str(), carried.plain["given"].as_str()), ("1", "it's"));
    assert_eq!(carried.cwd.as_deref(), Some(Path::new("/usr/lib")));
    assert_eq!(carried.exported.len(), 2, "{carried:?}");
    assert_eq!(fs::read_to_string(running.folder.path().join("env")).unwrap(), "FILED=yes\n");
    assert_eq!(there.run(bash("exit 7")).status(), 7);
    assert_eq!(there.run(bash("false; echo not-here")).text(), "");
}

#[test]
fn the_commands_of_a_run_share_one_connection_which_ends_with_it() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    for number in 0..3 {
        there.run(bash(&format!("echo {number}"))).prints(&format!("{number}\n"));
    }
    assert_eq!(sshd.connections(), 1);
    there.links.close();
    crate::wait_for("the connection goes", || {
        fs::read_to_string(sshd.path("sshd.log")).unwrap().contains("isconnect")
    });
    there.run(bash("echo again")).prints("again\n");
    assert_eq!(sshd.connections(), 2);
}

#[test]
fn every_shell_and_interpreter_runs_there() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    for (program, script) in [
        (Program::Sh, "X=1; export Y=2; echo ok"),
        (Program::AnyShell, "X=1; export Y=2; echo ok"),
        (Program::Zsh, "X=1; export Y=2; echo ok"),
        (Program::Ksh, "X=1; export Y=2; echo ok"),
        (Program::Fish, "set -g X 1; set -gx Y 2; echo ok"),
        (Program::Interpreter(vec!["python3".to_owned()]), "import sys\nprint('ok')"),
    ] {
        let running = there.run(Case::new(program.clone(), script));
        running.prints("ok\n");
        let carried = running.ending.as_ref().unwrap().carried.as_ref().unwrap();
        let expected = if matches!(program, Program::Interpreter(_)) { None } else { Some("2") };
        assert_eq!(carried.exported.get("Y").map(String::as_str), expected, "{program:?}");
    }
    let missing = there.run(Case::new(Program::PowerShell, "ok"));
    assert!(missing.sentence().contains("there has no `pwsh`"), "{}", missing.sentence());
}

#[test]
fn nothing_of_the_environment_here_is_sent() {
    let sshd = Sshd::start();
    sshd.configure("  SendEnv LC_*\n");
    There::ssh(&sshd).run(bash("echo \"[${LC_INHERITED-}]\"")).prints("[]\n");
}

#[test]
fn captured_output_comes_by_itself_and_is_shown_as_it_comes() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let mut running = there.start_with(bash("echo out; echo err >&2; test -t 1 || echo piped"), |launch| {
        launch.captured = true;
    });
    running.end();
    assert_eq!(String::from_utf8_lossy(&running.collected), "out\npiped\n");
    let text = running.text();
    assert!(text.contains("out\n") && text.contains("err\n"), "{}", running.all());
}

#[test]
fn a_person_types_and_the_size_of_the_terminal_reaches_the_command() {
    let sshd = Sshd::start();
    let there = There { attended: true, ..There::ssh(&sshd) };
    let script = "stty size; read -r -p 'name? ' name; echo \"hello $name\"; trap 'stty size; exit' WINCH; echo waiting\n\
                  while :; do sleep 0.1; done";
    let mut running = there.start_with(bash(script).interactive(), |launch| launch.size = (91, 33));
    running.until("33 91").until("name? ");
    running.session.input(b"ann\n");
    running.until("hello ann").until("waiting");
    running.session.resize(70, 20);
    running.until("20 70").end();
    assert_eq!(running.status(), 0);
}

#[test]
fn what_is_typed_before_the_command_can_read_reaches_it_and_not_what_leads_there() {
    let sshd = Sshd::start();
    let there = There { attended: true, ..There::ssh(&sshd) };
    // While a connection is made, what is typed answers ssh; then it is the command's, however early.
    there.run(bash("true"));
    let mut running = there.start(bash("read -r line; echo \"got $line\"").interactive());
    running.session.input(b"early\n");
    running.until("got early").end();
    assert_eq!(running.status(), 0);
}

#[test]
fn without_a_person_standard_input_is_empty_and_the_terminal_is_there() {
    let sshd = Sshd::start();
    There::ssh(&sshd).run(bash("cat; test -t 1 && echo \"$TERM $PAGER\"")).prints("dumb cat\n");
}

#[test]
fn the_block_s_directory_is_one_there() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let at = |cwd: &str| {
        let cwd = cwd.to_owned();
        let mut running = there.start_with(bash("pwd"), move |launch: &mut Launch| launch.cwd = cwd.into());
        running.end();
        running
    };
    at("/usr").prints("/usr\n");
    assert!(at("/no/such/place").sentence().contains("no directory /no/such/place there"));
}

#[test]
fn a_script_of_one_mebibyte_runs_there() {
    let sshd = Sshd::start();
    let script = format!("{}echo done\n", ": 'filling up the script'\n".repeat(44_000));
    assert!(script.len() > 1 << 20);
    There::ssh(&sshd).run(bash(&script)).prints("done\n");
}

#[test]
fn neither_the_script_nor_a_variable_is_an_argument_on_either_side() {
    let sshd = Sshd::start();
    let there = There::ssh(&sshd);
    let mut running =
        there.start_with(bash("echo begun; : canary-of-the-script; read -r x <\"$FIFO\"").interactive(), {
            let fifo = sshd.path("fifo");
            nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
            move |launch| {
                launch.environment.insert("TOKEN".into(), "canary-of-a-variable".into());
                launch.environment.insert("FIFO".into(), fifo.into());
            }
        });
    running.until("begun");
    for process in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        assert!(!line.contains("canary-of-"), "{process:?}: {line}");
    }
    fs::write(sshd.path("fifo"), "go on\n").unwrap();
    running.end();
    assert_eq!(running.status(), 0);
}

#[test]
fn a_jump_host_of_the_configuration_is_gone_through() {
    let by_command = |config: String| format!("ProxyCommand /usr/bin/ssh -F {config} -W %h:%p jump");
    for way in [by_command, |_| "ProxyJump jump".to_owned()] {
        let sshd = Sshd::start();
        sshd.configure(&format!(
            "  {}\nHost jump\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n",
            way(sshd.path("ssh_config").display().to_string()),
            sshd.port(),
            user(),
            sshd.path("id").display(),
            sshd.path("home/.ssh/known_hosts").display(),
        ));
        There::ssh(&sshd).run(bash("echo through")).prints("through\n");
        assert_eq!(sshd.connections(), 2, "one to the jump host, one through it");
    }
}

#[test]
fn a_changed_host_key_an_unknown_one_and_a_refused_one_are_told_apart() {
    let sshd = Sshd::start();
    sshd.another_key();
    sshd.know("other_key.pub");
    let changed = There::ssh(&sshd).run(bash("echo never"));
    assert!(changed.sentence().contains("is not the one that is known here"), "{}", changed.sentence());
    assert!(changed.sentence().contains("ssh-keygen -R there"), "{}", changed.sentence());
    fs::write(sshd.path("home/.ssh/known_hosts"), "").unwrap();
    let unknown = There::ssh(&sshd).run(bash("echo never"));
    assert!(unknown.sentence().contains("is not known here yet"), "{}", unknown.sentence());
    sshd.know("host_key.pub");
    fs::write(sshd.path("authorized_keys"), "").unwrap();
    let refused = There::ssh(&sshd).run(bash("echo never"));
    assert!(refused.sentence().contains("does not let us in"), "{}", refused.sentence());
    for running in [changed, unknown, refused] {
        assert_eq!(running.text(), "");
    }
}

#[test]
fn a_person_may_say_that_an_unknown_key_is_right() {
    let sshd = Sshd::start();
    fs::write(sshd.path("home/.ssh/known_hosts"), "").unwrap();
    let there = There { attended: true, ..There::ssh(&sshd) };
    let mut running = there.start(bash("echo in").interactive());
    running.until_beside("continue connecting");
    running.session.input(b"yes\n");
    running.end();
    running.prints("in\n");
}

#[test]
fn a_host_that_is_not_there_is_named_and_a_timeout_holds_while_it_is_waited_for() {
    let sshd = Sshd::start();
    let mut there = There::ssh(&sshd);
    there.reach = Reach::Ssh {
        destination: "127.0.0.1".to_owned(),
        user: None,
        // Nobody listens there: only root may, and it is nobody's.
        port: Some(1),
        kept: Kept::default(),
    };
    let refused = there.run(bash("echo never"));
    assert!(refused.sentence().contains("the host cannot be reached"), "{}", refused.sentence());
    // One that takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    there.reach = Reach::Ssh {
        destination: "127.0.0.1".to_owned(),
        user: None,
        port: Some(silent.local_addr().unwrap().port()),
        kept: Kept::default(),
    };
    let late = there.run(bash("echo never").timeout(std::time::Duration::from_millis(700)));
    assert!(late.sentence().contains("not reached within the timeout"), "{}", late.sentence());
    assert!(late.ending.as_ref().unwrap().timed_out);
}

#[test]
fn a_kept_key_opens_the_door_and_its_passphrase_is_never_an_argument() {
    let sshd = Sshd::start();
    let key = sshd.path("kept");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "canary-passphrase", "-f"])
        .arg(&key)
        .status()
        .unwrap();
    assert!(made.success());
    fs::copy(sshd.path("kept.pub"), sshd.path("authorized_keys")).unwrap();
    let mut there = There::ssh(&sshd);
    let refused = there.run(bash("echo never"));
    assert!(refused.sentence().contains("does not let us in"), "{}", refused.sentence());
    let text = fs::read_to_string(&key).unwrap();
    sshd.configure("  IdentitiesOnly no\n");
    fs::write(
        sshd.path("ssh_config"),
        fs::read_to_string(sshd.path("ssh_config")).unwrap().replace("  IdentitiesOnly yes\n", ""),
    )
    .unwrap();
    fs::remove_file(&key).unwrap();
    there.reach = Reach::Ssh {
        destination: "there".to_owned(),
        user: None,
        port: None,
        kept: Kept { password: None, key: Some(text.into()), passphrase: Some("canary-passphrase".into()) },
    };
    there.run(bash("echo in")).prints("in\n");
    for process in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&line).contains("canary-passphrase"));
    }
}
