//! Being ended: by whoever stops the run, or because it took too long. A statement is ended on its server too, which would
//! otherwise go on with it.

use std::{
    process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

type Way = Box<dyn Fn() + Send>;

/// How long a server may take to end a statement: less than until this program is ended by force. One that hangs never does.
const ENDING: Duration = Duration::from_secs(4);

/// How what goes on elsewhere is ended with this program.
#[derive(Default)]
pub(crate) struct Ending {
    way: Mutex<Option<Way>>,
    /// Somebody has what is handed over in hand: the one who measures, or the one who gave it up.
    settled: AtomicBool,
}

impl Ending {
    /// Waits in a thread of its own for a signal, or until the time is over; `late` is done then.
    ///
    /// # Errors
    /// When signals cannot be waited for.
    pub(crate) fn watched(
        limit: Option<Duration>,
        late: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Arc<Self>> {
        let ending = Arc::new(Self::default());
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let (told, tell) = mpsc::channel();
        thread::spawn(move || {
            let came = signals.forever().next().unwrap_or(SIGTERM);
            let _ = told.send(came);
        });
        let own = Arc::clone(&ending);
        thread::spawn(move || {
            let came = match limit {
                Some(limit) => tell.recv_timeout(limit),
                None => tell.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match came {
                Ok(signal) => {
                    own.end();
                    process::exit(128 + signal);
                }
                Err(RecvTimeoutError::Timeout) if own.settle() => {
                    late();
                    own.end();
                    process::exit(1);
                }
                Err(_) => {}
            }
        });
        Ok(ending)
    }

    /// From now on it is ended so.
    pub(crate) fn by(&self, way: impl Fn() + Send + 'static) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(way));
    }

    /// Whether the caller is the one who hands something over. For who is not the program is about to end.
    pub(crate) fn settle(&self) -> bool {
        !self.settled.swap(true, Ordering::SeqCst)
    }

    fn end(&self) {
        let Some(way) = self.way.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            way();
            let _ = done.send(());
        });
        let _ = is_done.recv_timeout(ENDING);
    }
}
