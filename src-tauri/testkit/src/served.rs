//! Servers of Debian's packages, started for one test: as nobody where the tests run as root, on a port that is free, in a folder
//! that goes with them.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::sshd::user;

/// Far beyond what anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// `nobody` of Debian.
const NOBODY: u32 = 65534;

/// A folder that the servers may write into.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("allgood-served-").tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    hand_over(folder.path());
    folder
}

/// Makes a file that of who runs the servers.
pub(crate) fn hand_over(path: &Path) {
    if user() == "root" {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// A program of a server, as who runs it.
pub(crate) fn program(name: &str) -> Command {
    let mut command = if user() == "root" {
        let mut command = Command::new("setpriv");
        let nobody = NOBODY.to_string();
        command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups", "--pdeathsig", "KILL", name]);
        command
    } else {
        Command::new(name)
    };
    // Where servers are, which is on the path of root alone.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/local/sbin:/usr/sbin:/sbin"));
    command.stdin(Stdio::null()).env_remove("LC_ALL").env("LANG", "C.UTF-8");
    command
}

/// Runs one to its end.
pub(crate) fn done(command: &mut Command) -> String {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error} (`.ci/setup test` installs it)"));
    assert!(output.status.success(), "{command:?}: {output:?} (`.ci/setup test` installs what is missing)");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A port of the loopback that nobody has just now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that runs. Ends when dropped.
pub(crate) struct Served {
    folder: tempfile::TempDir,
    pub(crate) port: u16,
    child: Child,
}

impl Served {
    /// Starts what `command` says for a port, until its log holds `ready`; where that port was taken meanwhile, on another.
    pub(crate) fn start(folder: tempfile::TempDir, ready: &str, command: impl Fn(u16) -> Command) -> Self {
        let log = folder.path().join("log");
        for _ in 0..20 {
            let port = free_port();
            let file = fs::File::create(&log).unwrap();
            let mut child = command(port)
                .stdout(file.try_clone().unwrap())
                .stderr(file)
                .spawn()
                .unwrap_or_else(|error| panic!("{error} (`.ci/setup test` installs it)"));
            let said = || fs::read_to_string(&log).unwrap_or_default();
            let until = Instant::now() + PATIENCE;
            while child.try_wait().unwrap().is_none() {
                if said().contains(ready) {
                    return Self { folder, port, child };
                }
                assert!(Instant::now() < until, "it does not begin: {}", said());
                thread::sleep(Duration::from_millis(10));
            }
            assert!(said().to_lowercase().contains("address already in use"), "{}", said());
        }
        panic!("no port was to be had");
    }

    /// Halts its process, which answers nobody then.
    pub(crate) fn halt(&self) {
        done(Command::new("kill").args(["-STOP", &self.child.id().to_string()]));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
