//! A secret on the clipboard: marked as secret, so that clipboard managers skip it, and taken off again only while it is still
//! there (ACCESS.md, "Access entries").

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

#[cfg(all(unix, not(target_os = "macos")))]
use arboard::SetExtLinux as _;
use zeroize::Zeroizing;

use crate::Secret;

/// How long a secret stays on the clipboard.
pub const CLEARED_AFTER: Duration = Duration::from_secs(30);
/// How often it is looked whether something else was copied since.
const LOOK: Duration = Duration::from_millis(250);

/// Why nothing was copied. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipboardError {
    /// No display, or one that does not let us.
    #[error(
        "there is no clipboard that can be reached here ({0}): on a machine without a display, `allgood access reveal` \
         prints the secret"
    )]
    Absent(String),
    /// It is no text.
    #[error("the secret is no text, so it cannot be on the clipboard")]
    NoText,
}

/// How a secret left the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It was taken off.
    Cleared,
    /// Something else had been copied meanwhile, and was left alone.
    Replaced,
}

/// A secret that is on the clipboard. Dropping it takes it off.
pub struct Copied {
    board: arboard::Clipboard,
    text: Zeroizing<String>,
    gone: bool,
}

impl Copied {
    /// Puts a secret on the clipboard.
    ///
    /// # Errors
    /// When there is no clipboard, or the secret is no text.
    pub fn new(secret: &Secret) -> Result<Self, ClipboardError> {
        let text = std::str::from_utf8(secret.expose()).map_err(|_| ClipboardError::NoText)?;
        let text = Zeroizing::new(text.to_owned());
        let absent = |error: arboard::Error| ClipboardError::Absent(error.to_string());
        let mut board = arboard::Clipboard::new().map_err(absent)?;
        let set = board.set();
        #[cfg(all(unix, not(target_os = "macos")))]
        let set = set.exclude_from_history();
        set.text(text.as_str()).map_err(absent)?;
        Ok(Self { board, text, gone: false })
    }

    /// Whether it is still there. Where the clipboard cannot be read, it is not.
    fn is_there(&mut self) -> bool {
        self.board.get_text().is_ok_and(|now| Zeroizing::new(now).as_str() == self.text.as_str())
    }

    /// Waits so long, or until `stop` says something, is gone, or something else was copied; then takes it off if it is still
    /// there.
    pub fn wait(mut self, patience: Duration, stop: &Receiver<()>) -> Gone {
        let until = Instant::now() + patience;
        while self.is_there() {
            let left = until.saturating_duration_since(Instant::now());
            let step = left.min(LOOK);
            if step.is_zero() || !matches!(stop.recv_timeout(step), Err(RecvTimeoutError::Timeout)) {
                return self.clear();
            }
        }
        self.gone = true;
        Gone::Replaced
    }

    /// Takes it off if it is still there.
    pub fn clear(&mut self) -> Gone {
        self.gone = true;
        if !self.is_there() {
            return Gone::Replaced;
        }
        // What could not be cleared goes with the process that holds it.
        if let Err(error) = self.board.clear() {
            tracing::warn!(%error, "the clipboard was not cleared");
        }
        Gone::Cleared
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        if !self.gone {
            self.clear();
        }
    }
}

impl std::fmt::Debug for Copied {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Copied(<redacted>)")
    }
}
