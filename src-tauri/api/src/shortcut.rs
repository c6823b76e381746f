//! Keys that call the palette from wherever a person is. Which program on the desktop gets a key is the desktop's affair: the
//! window's host holds them, here is what was chosen and what came of it.

use std::sync::{Mutex, atomic::Ordering};

use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    commands::Nothing,
    wire::{News, ShortcutView},
};

/// Who holds keys of the desktop.
pub trait ShortcutSink: Send {
    /// Holds these keys from now on, such as `Ctrl+Alt+Space`, and lets go of those before; of none where none are given. Those
    /// before stay held where these cannot be.
    ///
    /// # Errors
    /// One sentence: why it cannot hold them, and what to do.
    fn hold(&mut self, keys: Option<&str>) -> Result<(), String>;
}

/// The shortcut, as far as this process has it.
#[derive(Default)]
pub(crate) struct Shortcut {
    sink: Mutex<Option<Box<dyn ShortcutSink>>>,
    /// The keys that are held.
    held: Mutex<Option<String>>,
    /// Why the keys that were chosen are not held, or none can be.
    trouble: Mutex<Option<String>>,
}

impl App {
    /// Has the keys that were chosen held from now on: the window's host calls it once. None can be where there is no `sink`:
    /// `why` says it in one sentence.
    pub fn hold_shortcut(&self, sink: Result<Box<dyn ShortcutSink>, String>) {
        let chosen = self.settings_read(Nothing {}).ok().and_then(|settings| settings.find_shortcut);
        let trouble = match sink {
            Ok(mut sink) => {
                let held = sink.hold(chosen.as_deref());
                *lock(&self.shortcut.held) = chosen.clone().filter(|_| held.is_ok());
                *lock(&self.shortcut.sink) = Some(sink);
                held.err()
            }
            Err(why) => Some(why),
        };
        if let (Some(trouble), Some(_)) = (&trouble, &chosen) {
            tracing::warn!(trouble, "the palette's keys are not held");
        }
        *lock(&self.shortcut.trouble) = trouble;
    }

    /// Holds other keys than before, or none; gives those that were held.
    ///
    /// # Errors
    /// Why they cannot be held; those before are as they were.
    pub(crate) fn change_shortcut(&self, keys: Option<&str>) -> Result<Option<String>, ApiError> {
        let mut sink = lock(&self.shortcut.sink);
        let Some(sink) = sink.as_mut() else {
            let trouble = lock(&self.shortcut.trouble).clone();
            return match (keys, trouble) {
                (Some(_), Some(why)) => Err(ApiError::new(ErrorCode::BadInput, why)),
                // Nobody holds keys here: the window will, when it is opened.
                _ => Ok(None),
            };
        };
        sink.hold(keys).map_err(|why| ApiError::new(ErrorCode::BadInput, why))?;
        *lock(&self.shortcut.trouble) = None;
        Ok(std::mem::replace(&mut *lock(&self.shortcut.held), keys.map(str::to_owned)))
    }

    /// Whether keys can be held here, and why those that were chosen are not.
    ///
    /// # Errors
    /// None is known.
    pub fn shortcut_read(&self, _: Nothing) -> Result<ShortcutView, ApiError> {
        let possible = lock(&self.shortcut.sink).is_some();
        Ok(ShortcutView { possible, trouble: lock(&self.shortcut.trouble).clone() })
    }

    /// Has the page open its palette: somebody pressed the keys, or started the window a second time with `--find`.
    pub fn find(&self) {
        self.finding.store(true, Ordering::Relaxed);
        self.news.tell(&News::Find);
    }

    /// Whether the palette was called and has not been opened since. It is asked once.
    ///
    /// # Errors
    /// None is known.
    pub fn find_next(&self, _: Nothing) -> Result<bool, ApiError> {
        Ok(self.finding.swap(false, Ordering::Relaxed))
    }
}
