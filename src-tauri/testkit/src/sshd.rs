//! A real sshd on the loopback, as whoever runs the tests, with keys of its own.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use engine::process::{Kept, Reach};

/// Far beyond what anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server, and a home whose configuration of ssh knows it as `there`. Ends when dropped.
pub struct Sshd {
    folder: tempfile::TempDir,
    address: String,
    port: u16,
    child: Child,
}

fn keygen(file: &Path) {
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(file).status().unwrap();
    assert!(made.success());
}

/// A port that nobody has just now.
fn free_port(address: &str) -> u16 {
    TcpListener::bind((address, 0)).unwrap().local_addr().unwrap().port()
}

/// Who runs the tests.
#[must_use]
pub fn user() -> String {
    let done = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

impl Sshd {
    /// One that lets in whoever has the key `id` of its folder, and that is known here.
    #[must_use]
    pub fn start() -> Self {
        Self::at("127.0.0.1")
    }

    /// The same, which listens on that address of the loopback.
    #[must_use]
    pub fn at(address: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("home/.ssh")).unwrap();
        for key in ["host_key", "id"] {
            keygen(&at(key));
        }
        fs::copy(at("id.pub"), at("authorized_keys")).unwrap();
        if user() == "root" {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let (child, port) = Self::serve(folder.path(), address);
        let sshd = Self { folder, address: address.to_owned(), port, child };
        sshd.know("host_key.pub");
        sshd.configure("");
        sshd
    }

    /// Another may take the port in the meantime: then it is tried with the next one.
    fn serve(folder: &Path, address: &str) -> (Child, u16) {
        let at = |name: &str| folder.join(name).display().to_string();
        for _ in 0..20 {
            let port = free_port(address);
            let config = format!(
                "Port {port}\nListenAddress {address}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\n\
                 StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
                 AllowTcpForwarding yes\nMaxStartups 100\nMaxSessions 100\nAcceptEnv *\n",
                at("host_key"),
                at("authorized_keys"),
            );
            fs::write(folder.join("sshd_config"), config).unwrap();
            let mut child = Command::new("/usr/sbin/sshd")
                .args(["-D", "-e", "-f", &at("sshd_config")])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(fs::File::create(folder.join("sshd.log")).unwrap())
                .spawn()
                .expect("openssh-server is installed (`.ci/setup test` installs it)");
            let log = || fs::read_to_string(folder.join("sshd.log")).unwrap_or_default();
            let until = Instant::now() + PATIENCE;
            while child.try_wait().unwrap().is_none() {
                if log().contains("Server listening") {
                    return (child, port);
                }
                assert!(Instant::now() < until, "sshd does not begin: {}", log());
                thread::sleep(Duration::from_millis(5));
            }
            assert!(log().contains("Address already in use"), "{}", log());
        }
        panic!("no port was to be had");
    }

    /// A file of its folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The number of the server's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Takes the key of that file for the host's.
    pub fn know(&self, key: &str) {
        let key = fs::read_to_string(self.path(key)).unwrap();
        fs::write(self.path("home/.ssh/known_hosts"), format!("[{}]:{} {key}", self.address, self.port)).unwrap();
    }

    /// The configuration of the person, who calls the host `there`.
    pub fn configure(&self, more: &str) {
        let text = format!("{}{more}", self.host("there"));
        fs::write(self.path("ssh_config"), text).unwrap();
        // ssh looks for a person's home in the list of users, whatever `HOME` says.
        let ssh = format!("#!/bin/sh\nexec /usr/bin/ssh -F '{}' \"$@\"\n", self.path("ssh_config").display());
        let file = self.path("bin/ssh");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // One that is being written cannot be started: it is put in place whole.
        let fresh = self.path("bin/ssh.new");
        fs::write(&fresh, ssh).unwrap();
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(fresh, file).unwrap();
    }

    /// What a configuration of ssh says of this server, under that name.
    #[must_use]
    pub fn host(&self, name: &str) -> String {
        format!(
            "Host {name}\n  HostName {}\n  Port {}\n  User {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  \
             UserKnownHostsFile {}\n  GlobalKnownHostsFile /dev/null\n",
            self.address,
            self.port,
            user(),
            self.path("id").display(),
            self.path("home/.ssh/known_hosts").display(),
        )
    }

    /// A new key for the host, which nobody knows.
    pub fn another_key(&self) {
        keygen(&self.path("other_key"));
    }

    /// How a host of that name is reached, without anything kept.
    #[must_use]
    pub fn reach(&self, destination: &str) -> Reach {
        Reach::Ssh { destination: destination.to_owned(), user: None, port: None, kept: Kept::default() }
    }

    /// The environment of a person with that configuration.
    #[must_use]
    pub fn around(&self) -> BTreeMap<OsString, OsString> {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        BTreeMap::from([
            ("PATH".into(), path.into()),
            ("HOME".into(), self.path("home").into()),
            ("LC_INHERITED".into(), "must-not-arrive".into()),
        ])
    }

    /// How many connections were let in.
    #[must_use]
    pub fn connections(&self) -> usize {
        fs::read_to_string(self.path("sshd.log")).unwrap().matches("Accepted publickey").count()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
