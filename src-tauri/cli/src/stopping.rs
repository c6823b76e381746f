//! A signal stops what git does with a remote in order: git ends, and nothing of what it began is left.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use api::App;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    run,
    status::{Failure, Status},
};

/// Does something that a signal may stop. Where git speaks with nobody just then it is over at once, as it would be without this.
pub(crate) fn stoppable(app: &Arc<App>, work: impl FnOnce() -> Result<Status, Failure>) -> Result<Status, Failure> {
    let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !run::is_ignored(*signal));
    let mut signals = match Signals::new(wanted) {
        Ok(signals) => signals,
        Err(error) => {
            tracing::warn!(%error, "signals cannot be heard");
            return work();
        }
    };
    let (handle, came) = (signals.handle(), Arc::<AtomicBool>::default());
    let (listener, came_there) = (Arc::clone(app), Arc::clone(&came));
    let listening = thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            came_there.store(true, Ordering::Relaxed);
            if !listener.remotes_stop() {
                process::exit(i32::from(Status::Stopped.number()));
            }
        }
    });
    let done = work();
    handle.close();
    if let Err(error) = listening {
        tracing::warn!(%error, "signals were not heard");
    }
    let stopped = came.load(Ordering::Relaxed);
    done.map_err(|failure| if stopped { Failure { status: Status::Stopped, ..failure } } else { failure })
}
