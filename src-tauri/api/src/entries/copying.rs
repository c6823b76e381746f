//! A secret that the window copied: it stays on the clipboard until its time is over, something else is copied, a person has it
//! taken off, or the program ends. The page takes no part in it, so that it may fail.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
};

use access::{CLEARED_AFTER, Copied, Gone, Secret};

use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    commands::Nothing,
    wire::{CopiedSecret, News},
};

/// What stands on the clipboard now.
#[derive(Default)]
pub(crate) struct Copying {
    /// One copy begins at a time: the second takes off the first.
    turn: Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: u64,
    held: Option<Held>,
}

/// Whoever waits beside a copy: dropping `stop` has it taken off.
struct Held {
    stop: mpsc::Sender<()>,
    waits: JoinHandle<()>,
}

impl Copying {
    /// Takes off what is there, if it is still there; returns when it is gone.
    pub(crate) fn take_off(&self) {
        let held = lock(&self.state).held.take();
        if let Some(Held { stop, waits }) = held {
            drop(stop);
            if waits.join().is_err() {
                tracing::error!("what waited beside the clipboard failed");
            }
        }
    }
}

impl App {
    /// Puts a secret on the clipboard in place of the one before, and has it taken off in time.
    pub(crate) fn copy_for_a_while(self: &Arc<Self>, secret: &Secret) -> Result<CopiedSecret, ApiError> {
        let failed = |error: &dyn std::fmt::Display| ApiError::new(ErrorCode::Keychain, error.to_string());
        let _turn = lock(&self.copying.turn);
        // The same text twice: the end of the first copy must not be the end of the second.
        self.copying.take_off();
        let copied = Copied::new(secret).map_err(|error| failed(&error))?;
        let mut state = lock(&self.copying.state);
        state.last += 1;
        let copy = state.last;
        let (stop, stopped) = mpsc::channel();
        let app = Arc::downgrade(self);
        let waits = std::thread::Builder::new().name("clipboard".to_owned()).spawn(move || {
            let replaced = copied.wait(CLEARED_AFTER, &stopped) == Gone::Replaced;
            if let Some(app) = app.upgrade() {
                app.news.tell(&News::Copied { copy, replaced });
            }
        });
        // Where nobody can wait beside it, dropping it has taken it off again.
        state.held = Some(Held { stop, waits: waits.map_err(|error| failed(&error))? });
        Ok(CopiedSecret { copy, seconds: CLEARED_AFTER.as_secs() })
    }

    /// Takes what was copied off the clipboard now, if it is still there.
    ///
    /// # Errors
    /// None so far.
    pub fn access_copied_clear(&self, _: Nothing) -> Result<(), ApiError> {
        self.copying.take_off();
        Ok(())
    }
}
