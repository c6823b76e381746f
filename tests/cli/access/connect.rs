//! Connecting from the command line: to a real sshd with a kept key, with a kept password, and by a command; what is kept is
//! seen nowhere.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use testkit::Sshd;

use super::session::Session;
use crate::{
    support::{Done, until},
    terminal::Person,
};

/// A program of that name, in a folder that comes before the system's.
fn program(session: &Session, name: &str, script: &str) -> PathBuf {
    let folder = session.home.path("stand-ins");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Whether a process has these bytes among its arguments.
fn is_an_argument(bytes: &[u8]) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut lines = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.any(|line| line.windows(bytes.len()).any(|part| part == bytes))
}

/// The processes of that name that have these bytes in their environment or arguments.
fn processes_with(name: &str, bytes: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is = |path: &PathBuf| {
        let called = fs::read_to_string(path.join("comm")).unwrap_or_default();
        let parts = ["environ", "cmdline"].map(|part| fs::read(path.join(part)).unwrap_or_default());
        called.trim() == name
            && parts.iter().any(|part| part.windows(bytes.len()).any(|part| part == bytes.as_bytes()))
    };
    processes.filter(is).count()
}

/// Gives the session the entry `there`, and the server another key than the person has, with this passphrase.
fn kept_key(session: &Session, sshd: &Sshd, passphrase: &str) -> String {
    let key = sshd.path("kept");
    let mut made = Command::new("ssh-keygen");
    assert!(made.args(["-q", "-t", "ed25519", "-N", passphrase, "-f"]).arg(&key).status().unwrap().success());
    let private = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    fs::remove_file(sshd.path("id")).unwrap();
    fs::rename(sshd.path("kept.pub"), sshd.path("id.pub")).unwrap();
    fs::copy(sshd.path("id.pub"), sshd.path("authorized_keys")).unwrap();
    session.given(0, &private, &["access", "add", "there", "--kind", "ssh", "--secret", "key"]);
    private
}

#[test]
fn a_kept_key_opens_a_real_ssh_session_whose_status_is_passed_on_and_is_seen_nowhere() {
    const PASSPHRASE: &str = "canary-of-the-kept-key";
    let (session, sshd) = (Session::new(), Sshd::start());
    let private = kept_key(&session, &sshd, PASSPHRASE);
    session.given(0, PASSPHRASE, &["access", "edit", "there", "--secret", "passphrase"]);
    let mut person = Person::with_programs(&session, &sshd.path("bin"), "access connect there");
    // What is typed before the other side reads is kept by the terminal.
    person.presses("stty size; echo \"on $((40+2))\"\r");
    person.sees("40 100");
    person.sees("on 42");
    let agents = || processes_with("ssh-agent", &session.home.path("").display().to_string());
    assert_eq!(agents(), 1, "an agent of its own");
    for secret in [private.lines().nth(2).unwrap(), PASSPHRASE] {
        assert!(!is_an_argument(secret.as_bytes()));
        assert_eq!(session.files_with(secret.as_bytes()), [""; 0]);
    }
    person.presses("exit 7\r");
    person.leaves(7);
    until("the agent ends with the connection", || agents() == 0);
    assert_eq!(session.expect(0, &["access", "show", "there", "--json"]).json()["uses"], 1);
    assert_eq!(sshd.connections(), 1);
}

#[test]
fn the_passphrase_of_a_kept_key_is_asked_of_the_person_where_it_is_not_kept() {
    const PASSPHRASE: &str = "canary-that-is-typed";
    let (session, sshd) = (Session::new(), Sshd::start());
    kept_key(&session, &sshd, PASSPHRASE);
    let mut person = Person::with_programs(&session, &sshd.path("bin"), "access connect there -- echo over there");
    person.sees("assphrase");
    person.presses(&format!("{PASSPHRASE}\r"));
    person.sees("over there");
    person.leaves(0);
    assert_eq!(session.files_with(PASSPHRASE.as_bytes()), [""; 0]);
}

#[test]
fn a_command_behind_dashes_runs_there_and_a_host_with_another_key_is_not_connected_to() {
    let (session, sshd) = (Session::new(), Sshd::start());
    session.expect(0, &["access", "add", "there", "--kind", "ssh"]);
    let connect = |more: &[&str]| -> Done {
        let mut command = session.command(&[&["access", "connect", "there"], more].concat());
        let path =
            command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap().to_owned();
        let path = format!("{}:{}", sshd.path("bin").display(), path.to_string_lossy());
        command.env("PATH", path).output().unwrap().into()
    };
    let done = connect(&["--", "echo", "over", "there;", "exit", "3"]);
    assert_eq!((done.status, done.out.as_str()), (Some(3), "over there\n"), "{done:?}");
    sshd.another_key();
    sshd.know("other_key.pub");
    let refused = connect(&["--", "true"]);
    assert_eq!(refused.status, Some(255), "{refused:?}");
    assert!(refused.err.contains("REMOTE HOST IDENTIFICATION HAS CHANGED"), "{refused:?}");
    assert_eq!(sshd.connections(), 1);
}

/// In place of ssh: asks by `SSH_ASKPASS` as it does, for a jump host first.
const ASKS: &str = "case \"$1\" in -G) printf 'user app\\nhostname db1.example.com\\n'; exit ;; esac\n\
    known=$(\"$SSH_ASKPASS\" \"Are you sure you want to continue connecting (yes/no/[fingerprint])? \")\n\
    echo \"known: $known\"\n\
    first=$(\"$SSH_ASKPASS\" \"mk@bastion's password: \")\n\
    echo \"bastion got $first\"\n\
    phrase=$(\"$SSH_ASKPASS\" \"Enter passphrase for key '/home/app/.ssh/id': \")\n\
    echo \"phrase of ${#phrase}\"\n\
    second=$(\"$SSH_ASKPASS\" \"app@db1.example.com's password: \")\n\
    echo \"db1 got ${#second}\"\n\
    third=$(\"$SSH_ASKPASS\" \"app@db1.example.com's password: \")\n\
    echo \"again it got $third, called with $*\"\nexit 4\n";

#[test]
fn a_kept_password_answers_its_own_host_once_and_a_person_answers_the_rest() {
    const SECRET: &str = "canary-of-the-password";
    let session = Session::new();
    let add = ["access", "add", "db", "--kind", "ssh", "--address", "db1", "--user", "app", "--secret", "password"];
    session.given(0, SECRET, &add);
    session.given(0, "12345", &["access", "edit", "db", "--secret", "passphrase"]);
    let folder = program(&session, "ssh", ASKS);
    let mut person = Person::with_programs(&session, &folder, "access connect db");
    // Whether a host's key is the right one is never answered by what is kept.
    person.sees("(yes/no/[fingerprint])? ");
    person.presses("yes\r");
    person.sees("known: yes");
    person.sees("mk@bastion's password: ");
    person.presses("of-the-bastion\r");
    let unseen = person.reads_up_to("bastion got ");
    assert!(!unseen.contains("of-the-bastion"), "{unseen}");
    person.sees("of-the-bastion");
    person.sees("phrase of 5");
    person.sees(&format!("db1 got {}", SECRET.len()));
    person.sees("app@db1.example.com's password: ");
    assert!(!is_an_argument(SECRET.as_bytes()));
    person.presses("typed\r");
    person.sees("again it got typed, called with -l app -- db1");
    person.leaves(4);
    assert_eq!(session.files_with(SECRET.as_bytes()), [""; 0]);
    // A question that is broken off leaves the terminal as it was.
    let mut person = Person::with_programs(&session, &folder, "access connect db");
    person.sees("(yes/no/[fingerprint])? ");
    person.presses("no\r");
    person.sees("mk@bastion's password: ");
    person.presses("\u{3}");
    person.leaves(130);
}

#[test]
fn a_command_connects_with_the_secrets_in_its_environment_alone() {
    const SECRET: &str = "canary-of-the-database";
    let session = Session::new();
    let command = "printf '%s' \"$PGPASSWORD\" | wc -c; echo \"with $*\"; read -r line; echo \"read $line\"; exit 9;";
    session.given(
        0,
        SECRET,
        &["access", "add", "db", "--kind", "database", "--command", command, "--secret", "PGPASSWORD"],
    );
    session.given(0, "JBSWY3DPEHPK3PXP", &["access", "edit", "db", "--secret", "totp"]);
    let printed = session.expect(0, &["access", "connect", "db", "--print"]);
    assert!(printed.out.starts_with("sh -c 'printf "), "{printed:?}");
    assert!(printed.err.contains("PGPASSWORD is in its environment, as $PGPASSWORD."), "{printed:?}");
    assert!(!printed.err.contains("totp"), "a seed is for its codes alone: {printed:?}");
    assert_eq!(session.expect(0, &["access", "show", "db", "--json"]).json()["uses"], 0, "nothing was fetched");
    let plan = session.expect(0, &["access", "connect", "db", "--print", "--json"]).json();
    assert_eq!(plan["secrets"][0]["variable"], "PGPASSWORD");
    assert_eq!(plan["words"][2], command);
    let mut person = Person::in_session(&session, "access connect db");
    person.sees(&SECRET.len().to_string());
    person.sees("with ");
    assert!(!is_an_argument(SECRET.as_bytes()));
    // A key that interrupts is for what connects: it ends, and its end is passed on.
    person.presses("\u{3}");
    person.leaves(130);
    let mut person = Person::in_session(&session, "access connect db");
    person.sees("with ");
    person.presses("yes\r");
    person.sees("read yes");
    person.leaves(9);
    assert_eq!(session.files_with(SECRET.as_bytes()), [""; 0]);
}

#[test]
fn what_ends_the_program_ends_the_connection() {
    let session = Session::new();
    session.expect(0, &["access", "add", "db", "--kind", "database", "--command", "exec sleep 300"]);
    let mut child = session.command(&["access", "connect", "db"]).stdin(Stdio::null()).spawn().unwrap();
    let home = session.home.path("").display().to_string();
    until("it is connected", || processes_with("sleep", &home) == 1);
    let own = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(own, nix::sys::signal::Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(processes_with("sleep", &home), 0);
}

#[test]
fn what_cannot_be_connected_to_says_why_and_what_is_past_its_date_is_said_before() {
    let session = Session::new();
    session.expect(0, &["access", "add", "page", "--kind", "web", "--address", "https://example.com"]);
    session.expect(0, &["access", "add", "door", "--kind", "note"]);
    session.expect(0, &["access", "add", "api", "--kind", "token"]);
    for (name, words) in [
        ("page", "allgood access open page"),
        ("door", "is a note"),
        ("api", "--command"),
        ("nobody", "There is no access entry"),
    ] {
        for more in [&[][..], &["--print"][..]] {
            let arguments = [&["access", "connect", name], more].concat();
            let done = session.expect(2, &arguments);
            assert!(done.err.contains(words) && done.out.is_empty(), "{arguments:?}: {done:?}");
        }
    }
    let old = ["access", "add", "old", "--kind", "token", "--command", "true", "--expires", "2020-01-31"];
    session.given(0, "long-over", &[&old[..], &["--secret", "token"]].concat());
    let done = session.expect(0, &["access", "connect", "old"]);
    assert!(done.err.contains("were to hold until 2020-01-31 and are past that day"), "{done:?}");
    let missing = ["access", "add", "gone", "--kind", "token", "--command", "no-such-program-here"];
    session.expect(0, &missing);
    assert_eq!(session.expect(127, &["access", "connect", "gone"]).out, "");
    session.lock();
    let locked = session.expect(4, &["access", "connect", "old"]);
    assert!(locked.err.contains("keychain is locked"), "{locked:?}");
}
