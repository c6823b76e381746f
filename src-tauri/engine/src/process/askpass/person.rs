//! A question of OpenSSH that nobody has kept an answer for, asked at the terminal as OpenSSH would have asked it.

use std::{
    ffi::OsStr,
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::fd::AsFd as _,
    os::unix::fs::OpenOptionsExt as _,
};

use nix::sys::{
    signal::{SigSet, Signal},
    signalfd::SignalFd,
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr},
};

/// What ends a question: the terminal is as it was then.
const ENDING: [Signal; 4] = [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGHUP];

/// The terminal without its echo; as it was when dropped.
struct Asking<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Asking<'a> {
    fn begin(terminal: &'a File, seen: bool) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut now = before.clone();
        if !seen {
            now.local_modes &= !LocalModes::ECHO;
            now.local_modes |= LocalModes::ECHONL;
        }
        // Whoever suspended this would have a terminal without echo.
        now.special_codes[SpecialCodeIndex::VSUSP] = 0;
        tcsetattr(terminal, OptionalActions::Flush, &now)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        // One that is gone needs nothing given back.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Asks, unseen unless it is a yes or no. `None` when nothing was said.
pub(super) fn ask(question: &OsStr) -> io::Result<Option<Vec<u8>>> {
    let noctty = nix::libc::O_NOCTTY;
    let mut terminal = OpenOptions::new().read(true).write(true).custom_flags(noctty).open("/dev/tty")?;
    let question = question.to_string_lossy();
    let sort = std::env::var("SSH_ASKPASS_PROMPT").unwrap_or_default();
    if sort == "none" {
        // A message ("touch the key"): OpenSSH ends this process when it is out of date.
        writeln!(terminal, "{question}\r")?;
        loop {
            std::thread::park();
        }
    }
    let signals: SigSet = ENDING.into_iter().collect();
    signals.thread_block()?;
    let signals = SignalFd::new(&signals)?;
    let asking = Asking::begin(&terminal, question.contains("(yes/no") || sort == "confirm")?;
    (&terminal).write_all(question.as_bytes())?;
    let said = line(&terminal, &signals);
    drop(asking);
    said
}

/// A line without its end; `None` when a signal comes first, or the terminal ends.
fn line(mut terminal: &File, signals: &SignalFd) -> io::Result<Option<Vec<u8>>> {
    let mut typed = Vec::new();
    loop {
        let mut waiting =
            [PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN), PollFd::new(terminal, PollFlags::IN)];
        match poll(&mut waiting, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [signal, key] = waiting.map(|one| !one.revents().is_empty());
        if signal {
            return Ok(None);
        }
        if !key {
            continue;
        }
        let mut byte = [0];
        match terminal.read(&mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) if byte == *b"\n" || byte == *b"\r" => return Ok(Some(typed)),
            Ok(_) => typed.extend_from_slice(&byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
