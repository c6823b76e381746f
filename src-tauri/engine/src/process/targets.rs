//! Commands that run somewhere else: on a host over ssh, in a container, in a pod (FORMAT.md, `on`; RUNS.md, "Processes").
//!
//! The program that leads there (`ssh`, `docker`, `podman`, `kubectl`) is started in a pseudo-terminal under a supervisor, as
//! any command is, with one constant command for the other side ([`bootstrap`]). `conversation` tells apart what comes from
//! there, `session` drives it, `ssh` holds the one connection that the commands of a run share.

mod bootstrap;
mod container;
mod conversation;
mod ending;
mod login;
mod session;
mod ssh;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use self::ssh::Connection;
pub use self::{
    login::{Login, words as login_words},
    session::Session,
};

/// A place that commands run in, and how it is reached.
#[derive(Clone)]
pub struct Target {
    /// What it is called, in sentences and in the record: `web1`, `docker:web`.
    pub name: String,
    /// How it is reached.
    pub reach: Reach,
    /// The environment of the program that leads there. Nothing of it is sent.
    pub around: BTreeMap<OsString, OsString>,
    /// Where that program is started.
    pub folder: PathBuf,
    /// A person can be asked: for a password, or whether a host's key is the right one.
    pub attended: bool,
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reach = &self.reach;
        formatter.debug_struct("Target").field("name", &self.name).field("reach", reach).finish_non_exhaustive()
    }
}

/// How a target is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By the system's OpenSSH.
    Ssh {
        /// The host, or a name that the person's configuration of ssh knows. Begins with no dash.
        destination: String,
        /// The name to sign in with, if not that of the configuration.
        user: Option<String>,
        /// The port, if not that of the configuration.
        port: Option<u16>,
        /// Secrets that were kept for it.
        kept: Kept,
    },
    /// A container of Docker, by name.
    Docker(String),
    /// A container of Podman, by name.
    Podman(String),
    /// A pod of Kubernetes.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        pod: String,
    },
    /// A server that is asked: nothing runs there.
    Server {
        /// What is known of it.
        server: format::measure::Server,
        /// The secret that opens it, as its password.
        kept: Kept,
    },
}

/// Secrets that were kept for a host. Its `Debug` shows none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The password.
    pub password: Option<OsString>,
    /// A private key, as its file would hold it.
    pub key: Option<OsString>,
    /// What opens a private key.
    pub passphrase: Option<OsString>,
}

impl Kept {
    fn is_empty(&self) -> bool {
        self.password.is_none() && self.key.is_none() && self.passphrase.is_none()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Kept(<redacted>)")
    }
}

/// The longest path of a socket's folder: the system takes 108 bytes for all of it, and ssh puts some behind the name.
const LONGEST_FOLDER: usize = 70;

/// The connections of one run. Dropping it closes them.
#[derive(Debug, Default)]
pub struct Links {
    folder: OnceLock<tempfile::TempDir>,
    /// By destination, user and port.
    connections: Mutex<BTreeMap<String, Arc<Mutex<Option<Connection>>>>>,
}

impl Links {
    /// Closes every connection, and with it what still runs over it.
    pub fn close(&self) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A folder for sockets, for its owner alone.
    fn folder(&self, scratch: &Path) -> io::Result<&Path> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder.path());
        }
        // Its name is the shorter the better.
        let short = scratch.as_os_str().len() <= LONGEST_FOLDER;
        let place = if short { scratch } else { Path::new("/tmp") };
        let made = tempfile::Builder::new()
            .prefix("ssh-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(place)?;
        Ok(self.folder.get_or_init(|| made).path())
    }

    fn connection(&self, key: &str) -> Arc<Mutex<Option<Connection>>> {
        let mut all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(key.to_owned()).or_default())
    }
}

/// The last words of a program, without colours: up to so many characters of its last line that says something.
pub(super) fn last_line(text: &str) -> Option<String> {
    let plain = crate::text::plain_text(text.as_bytes());
    let line = plain.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    let line: String = line.chars().filter(|c| !c.is_control()).take(300).collect();
    Some(line.trim_end_matches('.').to_owned()).filter(|line| !line.is_empty())
}
