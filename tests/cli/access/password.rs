//! A password by the system's own ssh: the server is not OpenSSH's, whose passwords are those of the machine's accounts, and it
//! stands behind a jump host that is.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use testkit::Sshd;

use super::session::Session;
use crate::terminal::Person;

const SECRET: &str = "word-of-the-server-77";

/// Lets `app` in by that password, says so, runs what is typed as one line, and ends with 7.
const SERVER: &str = r#"
import asyncio, asyncssh, os

class Server(asyncssh.SSHServer):
    def begin_auth(self, username): return True
    def password_auth_supported(self): return True
    def validate_password(self, username, password):
        print("tried", username, password == os.environ["EXPECTED"], flush=True)
        return username == "app" and password == os.environ["EXPECTED"]

async def session(process):
    process.stdout.write("welcome to db1\n")
    line = await process.stdin.readline()
    process.stdout.write("read " + line.strip() + "\n")
    process.exit(7)

async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=Server, server_host_keys=[key], process_factory=session)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"#;

struct Server {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start(session: &Session, password: &str) -> (Self, String) {
        let file = session.home.file("server.py", SERVER);
        // The system's own, for which Debian's packages are.
        let mut child = Command::new("/usr/bin/python3")
            .args(["-W", "ignore"])
            .arg(file)
            .env("EXPECTED", password)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3-asyncssh is installed (`.ci/setup test` installs it)");
        let mut this = Self { said: BufReader::new(child.stdout.take().unwrap()), child };
        let port = this.says();
        (this, port.strip_prefix("port ").expect("the server begins").to_owned())
    }

    fn says(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_kept_password_gets_the_systems_ssh_through_a_jump_host_and_a_wrong_one_is_asked_about() {
    let (session, jump) = (Session::new(), Sshd::start());
    let (mut server, port) = Server::start(&session, SECRET);
    jump.configure(&format!(
        "Host db1\n  HostName 127.0.0.1\n  Port {port}\n  ProxyJump there\n  UserKnownHostsFile {}\n  \
         GlobalKnownHostsFile /dev/null\n  PubkeyAuthentication no\n",
        session.home.path("known").display()
    ));
    let add = ["access", "add", "db", "--kind", "ssh", "--address", "db1", "--user", "app", "--secret", "password"];
    session.given(0, SECRET, &add);
    let mut person = Person::with_programs(&session, &jump.path("bin"), "access connect db");
    person.sees("(yes/no/[fingerprint])? ");
    person.presses("yes\r");
    person.sees("welcome to db1");
    assert_eq!(server.says(), "tried app True");
    person.presses("hello\r");
    person.sees("read hello");
    person.leaves(7);
    assert_eq!(jump.connections(), 1, "through the jump host");

    // Another password since: what is kept is tried once, then a person is asked.
    session.given(0, "of-last-year", &["access", "edit", "db", "--secret", "password"]);
    let mut person = Person::with_programs(&session, &jump.path("bin"), "access connect db");
    person.sees("(app@127.0.0.1) Password:");
    assert_eq!(server.says(), "tried app False");
    person.presses(&format!("{SECRET}\r"));
    let before = person.reads_up_to("welcome to db1");
    assert!(!before.contains(SECRET), "what is typed is not shown: {before}");
    assert_eq!(server.says(), "tried app True");
    person.presses("\r");
    person.leaves(7);
    assert_eq!(session.files_with(b"of-last-year"), [""; 0]);
    assert!(fs::read_to_string(session.home.path("known")).unwrap().contains("ssh-ed25519"));
}
