//! The pipe that takes a command's standard output where that is captured: a named one, so that the supervisor can open
//! its other end, in a folder for its owner alone.

use std::{
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{fs::OFlags, io::Errno};

use super::shell::attempt_folder;

/// Its name, in its folder.
const PIPE: &str = "output";

/// The reading end, and the folder that the name stands in.
pub(super) struct Pipe {
    folder: tempfile::TempDir,
    reading: OwnedFd,
}

impl Pipe {
    /// Makes it in a folder of its own, and opens it for reading.
    pub(super) fn make(scratch: &Path) -> io::Result<Self> {
        let folder = attempt_folder(scratch)?;
        let path = folder.path().join(PIPE);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::from_bits_truncate(0o600))?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reading = rustix::fs::open(&path, flags, rustix::fs::Mode::empty())?;
        Ok(Self { folder, reading })
    }

    /// Where it is.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(PIPE)
    }

    /// To wait on.
    pub(super) fn reading(&self) -> &OwnedFd {
        &self.reading
    }

    /// What has come, at most so many bytes, without waiting; nothing where nothing has, or nobody writes any more.
    pub(super) fn read(&self, most: usize) -> Option<Vec<u8>> {
        let mut piece = vec![0; most];
        match rustix::io::read(&self.reading, &mut piece[..]) {
            Ok(count) if count > 0 => {
                piece.truncate(count);
                Some(piece)
            }
            Err(Errno::INTR) => Some(Vec::new()),
            _ => None,
        }
    }
}
