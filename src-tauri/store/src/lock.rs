//! Who drives a run holds its lock, `runs/ID.lock`. Process numbers decide nothing (RUNS.md, "The journal").

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use engine::RunId;
use nix::fcntl::FlockArg;

use crate::{
    ErrorKind, Store,
    error::StoreError,
    files::{self, FileLock},
};

/// The right to drive a run, until it is dropped or the process ends, however it ends.
///
/// Its file is closed on exec, so that no command of the run keeps the lock alive.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    /// Let go after its file was removed.
    _lock: FileLock,
}

impl RunLock {
    /// Takes the lock of a run in the folder `runs/`; `None` when somebody else holds it.
    ///
    /// # Errors
    /// When the id is no id, or the folder cannot be written.
    pub fn take(runs: &Path, run: &RunId) -> Result<Option<Self>, StoreError> {
        let plain = !run.0.is_empty() && run.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain {
            return Err(StoreError::new(ErrorKind::Refused, format!("\"{run}\" is not the id of a run")));
        }
        let path = runs.join(format!("{run}.lock"));
        loop {
            let Some(lock) = files::lock(&path, FlockArg::LockExclusiveNonblock)? else { return Ok(None) };
            // Its last holder may have removed the file after it was opened here: then another may lock a new one.
            if is_still_at(&lock, &path)? {
                return Ok(Some(Self { path, _lock: lock }));
            }
        }
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Only while it is held: so that nobody's lock but this one loses its file.
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the file of a run's lock stays behind");
        }
    }
}

impl Store {
    /// Takes the lock of a run; `None` when somebody else drives it.
    ///
    /// # Errors
    /// As for [`RunLock::take`].
    pub fn lock_run(&self, run: &RunId) -> Result<Option<RunLock>, StoreError> {
        RunLock::take(&self.folder.join(files::RUNS), run)
    }
}

fn is_still_at(file: &File, path: &Path) -> Result<bool, StoreError> {
    let wrong = |error: io::Error| StoreError::io(path, &error);
    let held = file.metadata().map_err(wrong)?;
    match fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(wrong(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_and_free_again_after() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunId("0193-a".into());
        let held = RunLock::take(folder.path(), &run).unwrap().expect("free");
        assert!(folder.path().join("0193-a.lock").exists());
        assert!(RunLock::take(folder.path(), &run).unwrap().is_none());
        assert!(RunLock::take(folder.path(), &RunId("0193-b".into())).unwrap().is_some());
        drop(held);
        assert!(RunLock::take(folder.path(), &run).unwrap().is_some());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no files are left behind");
    }

    #[test]
    fn a_lock_cannot_be_led_out_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        for id in ["", "../x", "a/b", "a.b", "a\0b"] {
            assert!(RunLock::take(folder.path(), &RunId(id.into())).is_err(), "{id:?}");
        }
    }

    #[test]
    fn a_lock_is_not_handed_to_a_child() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunId("0193-a".into());
        let held = RunLock::take(folder.path(), &run).unwrap().expect("free");
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        drop(held);
        assert!(RunLock::take(folder.path(), &run).unwrap().is_some());
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
