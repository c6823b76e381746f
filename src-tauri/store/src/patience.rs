//! How long somebody waits: what a statement has given by then is taken, and it is said that there may be more.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Params, Row, Statement, Transaction, ffi};

use crate::error::StoreError;

/// How often what still works after the end is interrupted: a statement that began right then is met too.
const AGAIN: Duration = Duration::from_millis(5);

/// Until when somebody waits, if not for ever.
#[derive(Default)]
pub(crate) struct Patience {
    until: Option<Instant>,
    cut: AtomicBool,
}

impl Patience {
    /// Does something with statements that are interrupted after so long. None: they never are.
    pub(crate) fn within<T>(view: &Transaction<'_>, most: Option<Duration>, work: impl FnOnce(&Self) -> T) -> T {
        let Some(most) = most else { return work(&Self::default()) };
        let patience = Self { until: Instant::now().checked_add(most), cut: AtomicBool::new(false) };
        let handle = view.get_interrupt_handle();
        let (done, waiting) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut wait = most;
                while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    handle.interrupt();
                    wait = AGAIN;
                }
            });
            let result = work(&patience);
            drop(done);
            result
        })
    }

    /// Whether nobody waits any more.
    pub(crate) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Whether something was left out.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Something is left out.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    /// The rows of a statement, or those that it gave in time.
    pub(crate) fn take<T>(
        &self,
        statement: &mut Statement<'_>,
        parameters: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let mut rows = statement.query(parameters)?;
        loop {
            match rows.next() {
                Ok(Some(row)) => found.push(read(row)?),
                Ok(None) => return Ok(found),
                Err(error) if is_interrupted(&error) => {
                    self.cut();
                    return Ok(found);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn is_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_INTERRUPT)
}
