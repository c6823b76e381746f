//! How long outputs are kept: done when the program starts and once a day while it runs.

use std::{
    sync::{Arc, Weak, mpsc},
    time::Duration,
};

use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    settings::DAYS,
    wire::{OutputSpace, SpaceQuery},
};

/// Remembers for which day and setting it was done.
const DONE: &str = "output_removed";
/// How often it is looked whether a day has passed.
const LOOK: Duration = Duration::from_hours(1);

impl App {
    /// Removes the outputs that are older than the person wants them kept (`keep_output_days` of the settings), and gives
    /// how many bytes those were. The events that speak of them stay, with their hashes. Done again on the same day with
    /// the same setting, it does nothing.
    ///
    /// # Errors
    /// When the settings cannot be read, or the store cannot be written.
    pub fn apply_retention(&self) -> Result<u64, ApiError> {
        let Some(days) = self.settings_read(Nothing {})?.keep_output_days else { return Ok(0) };
        let now = self.engine.clock.now();
        let today = now.split('T').next().unwrap_or_default().to_owned();
        let done = Some((today, days));
        if self.store.setting::<(String, u32)>(DONE).unwrap_or_default() == done {
            return Ok(0);
        }
        let removed = self.store.remove_output(&days_before(&now, days), &now)?;
        if removed.attempts > 0 {
            tracing::info!(
                runs = removed.runs,
                attempts = removed.attempts,
                bytes = removed.bytes,
                days,
                "outputs removed"
            );
        }
        self.store.set_setting(DONE, &done)?;
        Ok(removed.bytes)
    }

    /// How much space outputs take, and what would be removed if they were kept for so many days.
    ///
    /// # Errors
    /// When it is no number of days that they can be kept for, or the store cannot be read.
    pub fn output_space(&self, query: SpaceQuery) -> Result<OutputSpace, ApiError> {
        if let Some(days) = query.days.filter(|days| !DAYS.contains(days)) {
            let sentence = format!("Outputs cannot be kept for {days} days: say 1 to {}.", DAYS.end());
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        let before = query.days.map(|days| days_before(&self.engine.clock.now(), days));
        let space = self.store.output_space(before.as_deref())?;
        Ok(OutputSpace {
            bytes: space.bytes,
            runs: space.runs,
            due_bytes: space.due_bytes,
            due_runs: space.due_runs,
            removed_bytes: space.removed_bytes,
        })
    }
}

/// The moment so many days ago; an empty text, which no time is before, where there is none.
fn days_before(now: &str, days: u32) -> String {
    let age = jiff::SignedDuration::from_hours(24 * i64::from(days));
    let before = now.parse::<jiff::Timestamp>().and_then(|now| now.checked_sub(age));
    before.map(|before| format!("{before:.3}")).unwrap_or_default()
}

/// Does it now and then every day, beside whatever is being done, until the other end of what it gives is dropped.
pub(crate) fn keep_doing(app: &Arc<App>) -> mpsc::Sender<()> {
    let (sender, closed) = mpsc::channel();
    let app: Weak<App> = Arc::downgrade(app);
    let work = move || {
        loop {
            let Some(app) = app.upgrade() else { return };
            if let Err(error) = app.apply_retention() {
                tracing::error!(%error, "old outputs stay");
            }
            drop(app);
            if closed.recv_timeout(LOOK) != Err(mpsc::RecvTimeoutError::Timeout) {
                return;
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("retention".to_owned()).spawn(work) {
        tracing::error!(%error, "old outputs stay");
    }
    sender
}
