//! The program behind the window asks remotes now and then while it is open, so that what others pushed is known before
//! something is run, and shares what finished and could not be shared when it did.

use std::{
    collections::HashMap,
    sync::{
        Arc, Weak,
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use store::LibraryId;

use super::pulling::follows;
use crate::{App, app::lock, commands::Nothing};

/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_secs(20);

impl App {
    /// Fetches the trusted folders that follow a remote, at the interval of the settings, until the program is closed. No file
    /// of a folder changes by it. What fails is tried again an interval later, and said nowhere: being offline is no news.
    pub fn team_follow(self: &Arc<Self>) {
        if self.store.only_reads() {
            return;
        }
        let (sender, closed) = mpsc::channel();
        let app: Weak<Self> = Arc::downgrade(self);
        let follow = move || {
            let mut asked = HashMap::new();
            loop {
                let Some(app) = app.upgrade() else { return };
                app.team_share_quietly();
                app.team_fetch_due(Instant::now(), &mut asked);
                drop(app);
                if closed.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        match std::thread::Builder::new().name("team".to_owned()).spawn(follow) {
            Ok(_) => *lock(&self.following) = Some(sender),
            Err(error) => tracing::error!(%error, "nothing is fetched by itself"),
        }
    }

    fn team_share_quietly(&self) {
        for shared in self.team_share_finished() {
            if let Err(error) = shared {
                tracing::info!(message = %error.message, "records of runs are not shared yet");
            }
        }
    }

    /// Fetches the trusted folders whose interval is over at a moment; `asked` is when each was asked last. What fails is said
    /// nowhere.
    pub fn team_fetch_due(&self, now: Instant, asked: &mut HashMap<LibraryId, Instant>) {
        let minutes = self.settings_read(Nothing {}).map(|settings| settings.fetch_minutes).unwrap_or_default();
        let interval = Duration::from_secs(60 * u64::from(minutes));
        if minutes == 0 {
            return;
        }
        for library in self.store.libraries().unwrap_or_default() {
            let due = asked.get(&library.id).is_none_or(|at| now.saturating_duration_since(*at) >= interval);
            if !due || !library.is_trusted() {
                continue;
            }
            asked.insert(library.id, now);
            if let Err(error) = self.fetch_quietly(library.id) {
                tracing::debug!(message = %error.message, "not fetched");
            }
        }
    }

    fn fetch_quietly(&self, library: LibraryId) -> Result<(), crate::ApiError> {
        let repository = self.repository(library.0)?;
        let (_, upstream) = follows(&repository)?;
        let _alone = self.alone_at_once(&repository)?;
        let before = repository.commit(&upstream.here)?;
        self.fetch_upstream(&repository, &upstream, &self.quiet)?;
        if repository.commit(&upstream.here)? != before {
            self.look_at_git(library);
        }
        Ok(())
    }
}
