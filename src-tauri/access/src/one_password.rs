//! Secrets of 1Password, through its own command `op` (`op read`): it knows where they are, and who may have them.

use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    fs,
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::{Asking, Secret};

/// The command.
const PROGRAM: &str = "op";
/// How long it may take where nobody is there to answer its questions.
const QUICK: Duration = Duration::from_secs(15);
/// How long a person may take.
const PATIENT: Duration = Duration::from_secs(120);

/// 1Password's command in an environment.
pub struct OnePassword {
    environment: BTreeMap<OsString, OsString>,
}

impl OnePassword {
    /// As that environment finds it.
    #[must_use]
    pub fn new(environment: BTreeMap<OsString, OsString>) -> Self {
        Self { environment }
    }

    /// Whether it is installed. Starts nothing.
    ///
    /// # Errors
    /// One sentence, when it is not.
    pub fn is_there(&self) -> Result<(), String> {
        self.program().map(drop)
    }

    fn program(&self) -> Result<PathBuf, String> {
        let search = self.environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
        let found = env::split_paths(&search).map(|folder| folder.join(PROGRAM)).find(|file| {
            fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        });
        found.ok_or_else(|| {
            "1Password's command `op` is not installed on this machine: install it and sign in".to_owned()
        })
    }

    /// Reads the secret that a reference (`op://vault/item/field`) names. The reference is no secret; what it names passes a
    /// pipe.
    ///
    /// # Errors
    /// One sentence: it is not installed, does not answer, or says why not.
    pub fn read(&self, reference: &str, asking: Asking) -> Result<Secret, String> {
        let patience = if asking == Asking::Allowed { PATIENT } else { QUICK };
        let started = Command::new(self.program()?)
            .args(["read", "--no-newline", reference])
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = started.map_err(|error| format!("1Password's command cannot be started: {error}"))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (told, heard) = mpsc::channel();
        let also = told.clone();
        let spawned = thread::Builder::new().name("op-out".to_owned()).spawn(move || {
            let mut bytes = Vec::new();
            let read = out.map(|mut out| out.read_to_end(&mut bytes));
            // Whoever waited may have given up.
            let _ = told.send((true, read.and_then(Result::ok).map(|_| bytes).unwrap_or_default()));
        });
        let spawned = spawned.and_then(|_| {
            thread::Builder::new().name("op-err".to_owned()).spawn(move || {
                let mut bytes = Vec::new();
                let read = err.map(|err| err.take(64 * 1024).read_to_end(&mut bytes));
                let _ = also.send((false, read.and_then(Result::ok).map(|_| bytes).unwrap_or_default()));
            })
        });
        let (mut secret, mut says) = (None, Vec::new());
        while spawned.is_ok() && (secret.is_none() || says.is_empty()) {
            match heard.recv_timeout(patience) {
                Ok((true, bytes)) => secret = Some(Secret::new(bytes)),
                Ok((false, bytes)) => says = [bytes, b" ".to_vec()].concat(),
                Err(_) => break,
            }
        }
        let Some(secret) = secret else {
            // It is given up: whether it was there still does not matter.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!(
                "1Password's command did not answer within {patience:?}: sign in to it, and try again"
            ));
        };
        let ended = child.wait().map_err(|error| format!("1Password's command was lost: {error}"))?;
        if ended.success() && !secret.expose().is_empty() {
            return Ok(secret);
        }
        let says = String::from_utf8_lossy(&says).split_whitespace().collect::<Vec<_>>().join(" ");
        let why = if says.is_empty() { ended.to_string() } else { says };
        Err(format!("1Password's command could not read it: {why}"))
    }
}
