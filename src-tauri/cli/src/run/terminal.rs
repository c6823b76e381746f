//! The person's terminal: how its keys arrive, and that it is left as it was found, whatever happens.

use std::{
    io::{self, Write},
    os::fd::AsFd,
    panic,
    sync::{Mutex, PoisonError},
};

use nix::sys::termios::{self, OutputFlags, SetArg, SpecialCharacterIndices, Termios};

/// How the terminal was before Allgood changed it.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

/// Undoes what a program may have left on when it was stopped: colours, a hidden cursor, mouse and paste reports.
const TIDY: &[u8] = b"\x1b[0m\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b>";
/// Leaves the alternate screen.
const LEAVE: &[u8] = b"\x1b[?1049l";

/// The terminal while a run uses it; dropped, it is as it was found.
///
/// Between commands each key arrives at once and none makes a signal: Ctrl-C is a key like the others, so that a
/// signal can only have come from outside.
pub(crate) struct Terminal {
    keys: Termios,
    raw: Termios,
}

impl Terminal {
    /// Takes the terminal over, and sees to it that a panic gives it back.
    ///
    /// # Errors
    /// When standard input is no terminal.
    pub(crate) fn take() -> io::Result<Self> {
        let found = termios::tcgetattr(io::stdin().as_fd())?;
        let mut raw = found.clone();
        termios::cfmakeraw(&mut raw);
        raw.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        raw.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        let mut keys = raw.clone();
        keys.output_flags |= OutputFlags::OPOST | OutputFlags::ONLCR;
        *FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        let terminal = Self { keys, raw };
        terminal.keys()?;
        Ok(terminal)
    }

    /// For Allgood's own prompts.
    pub(crate) fn keys(&self) -> io::Result<()> {
        Ok(termios::tcsetattr(io::stdin().as_fd(), SetArg::TCSADRAIN, &self.keys)?)
    }

    /// For another program that a person works in, as it was found.
    pub(crate) fn cooked(&self) -> io::Result<()> {
        let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match found {
            Some(found) => Ok(termios::tcsetattr(io::stdin().as_fd(), SetArg::TCSADRAIN, &found)?),
            None => Ok(()),
        }
    }

    /// For a running command, whose own terminal does all there is to do.
    pub(crate) fn raw(&self) -> io::Result<()> {
        Ok(termios::tcsetattr(io::stdin().as_fd(), SetArg::TCSADRAIN, &self.raw)?)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Makes the terminal what it was before [`Terminal::take`]. Nothing happens when it was not taken.
pub(crate) fn give_back() {
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(found) = found {
        // The terminal may be gone, which is why this is called.
        let _ = termios::tcsetattr(io::stdin().as_fd(), SetArg::TCSANOW, &found);
        let mut stdout = io::stdout();
        let _ = stdout.write_all(TIDY).and_then(|()| stdout.flush());
    }
}

/// What a command's output has left of the screen.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    tail: Vec<u8>,
    alternate: bool,
    midline: bool,
}

impl Screen {
    /// Takes note of output that was shown.
    pub(crate) fn shown(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.midline = *last != b'\n';
        self.tail.extend_from_slice(bytes);
        let switches = [(b"\x1b[?1049h".as_slice(), true), (LEAVE, false)];
        let latest = switches.into_iter().filter_map(|(switch, on)| Some((last_at(&self.tail, switch)?, on))).max();
        if let Some((_, on)) = latest {
            self.alternate = on;
        }
        let keep = self.tail.len().min(LEAVE.len() - 1);
        self.tail.drain(..self.tail.len() - keep);
    }

    /// What makes the screen usable again after the command: its bytes are written as they are.
    pub(crate) fn tidy(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if std::mem::take(&mut self.alternate) {
            bytes.extend_from_slice(LEAVE);
        }
        bytes.extend_from_slice(TIDY);
        if std::mem::take(&mut self.midline) {
            bytes.extend_from_slice(b"\r\n");
        }
        self.tail.clear();
        bytes
    }
}

fn last_at(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|window| window == needle)
}

/// Takes the whole characters off the front; what is left is the beginning of one.
pub(crate) fn whole(bytes: &mut Vec<u8>) -> String {
    let keep = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => bytes.len(),
    };
    let rest = bytes.split_off(keep);
    String::from_utf8_lossy(&std::mem::replace(bytes, rest)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_arrives_in_two_reads_is_passed_on_whole() {
        let mut bytes = "a\u{e9}".as_bytes()[..2].to_vec();
        assert_eq!(whole(&mut bytes), "a");
        bytes.extend_from_slice(&"\u{e9}".as_bytes()[1..]);
        assert_eq!(whole(&mut bytes), "\u{e9}");
        assert!(bytes.is_empty());
    }

    #[test]
    fn a_program_stopped_in_the_alternate_screen_is_led_out_of_it() {
        let cases: [(&[&[u8]], bool); 5] = [
            (&[b"plain\r\n"], false),
            (&[b"\x1b[?1049hvim"], true),
            (&[b"\x1b[?1049hvim", b"bye\x1b[?1049l"], false),
            (&[b"\x1b[?10", b"49h split over two reads"], true),
            (&[b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?1049h"], true),
        ];
        for (pieces, expected) in cases {
            let mut screen = Screen::default();
            pieces.iter().for_each(|piece| screen.shown(piece));
            assert_eq!(screen.tidy().starts_with(LEAVE), expected, "{pieces:?}");
        }
    }

    #[test]
    fn what_comes_after_output_without_a_line_end_begins_on_a_new_line() {
        let mut screen = Screen::default();
        screen.shown(b"no end");
        assert!(screen.tidy().ends_with(b"\r\n"));
        screen.shown(b"an end\r\n");
        assert!(!screen.tidy().ends_with(b"\r\n"));
    }
}
