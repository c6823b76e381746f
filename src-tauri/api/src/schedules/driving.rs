//! The program behind the window runs what is due while it is open.

use std::{
    sync::{
        Arc, Weak,
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use jiff::Timestamp;

use super::Teller;
use crate::{App, app::lock, wire::FiringTold};

/// How often it is looked, by a clock that stands while the machine sleeps: what is due is decided by the wall clock.
const LOOK: Duration = Duration::from_secs(10);

impl App {
    /// Runs what is due from now on, and tells of it, until the program is closed. Runs are driven here, as those that a person
    /// starts.
    pub fn schedule_drive(self: &Arc<Self>) {
        if self.store.only_reads() {
            return;
        }
        let (sender, closed) = mpsc::channel();
        let app: Weak<Self> = Arc::downgrade(self);
        let drive = move || {
            loop {
                let Some(app) = app.upgrade() else { return };
                app.schedule_look();
                drop(app);
                if closed.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        match std::thread::Builder::new().name("schedules".to_owned()).spawn(drive) {
            Ok(_) => *lock(&self.schedules) = Some(sender),
            Err(error) => tracing::error!(%error, "nothing drives the schedules"),
        }
    }

    fn schedule_look(self: &Arc<Self>) {
        let app = Arc::downgrade(self);
        let teller: Teller = Arc::new(move |told: &FiringTold| {
            tracing::info!(schedule = told.schedule, sentence = told.sentence, "a schedule");
            if let Some(app) = app.upgrade() {
                app.schedule_say();
            }
        });
        // Each is followed by a thread of its own.
        if let Err(error) = self.schedule_run_due(Timestamp::now(), &teller) {
            tracing::warn!(message = %error.message, "the schedules cannot be read");
        }
        self.schedule_say();
        // What comes next may have changed by itself.
        self.desktop.look();
    }

    fn schedule_say(&self) {
        if let Err(error) = self.schedule_tell(Timestamp::now(), &*self.desktop) {
            tracing::warn!(message = %error.message, "what came of schedules was not told");
        }
    }
}
