//! Signals from outside stop the run in order: what runs is ended, the run is left paused, the terminal as it was.

use std::{
    fs, io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use api::{LiveRun, wire::RunAction};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH},
    iterator::Signals,
};

use super::{
    feed::{Feed, Told},
    terminal,
};
use crate::status::Status;

/// How long the one that shows the run may take to say its last words before the process ends without them.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What the thread of signals and the one that shows the run know of each other.
#[derive(Default)]
pub(crate) struct Watch {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    live: Option<LiveRun>,
    /// The person is being asked something: nobody would notice that the run has stopped.
    asking: bool,
    /// The signal that came.
    signal: Option<&'static str>,
    ended: bool,
}

impl Watch {
    /// Listens from now on. A signal that whoever started this process had ignored (`nohup`) stays ignored.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn listen(feed: Arc<Feed>) -> io::Result<Arc<Self>> {
        let watch = Arc::new(Self::default());
        let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal));
        let mut signals = Signals::new(wanted.chain([SIGWINCH]))?;
        let listener = watch.clone();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                match signal {
                    SIGWINCH => feed.tell(Told::Resized),
                    signal => listener.came(name(signal)),
                }
            }
        })?;
        Ok(watch)
    }

    /// The run that is to be stopped.
    pub(crate) fn guard(&self, live: LiveRun) {
        let stopped = {
            let mut state = self.lock();
            state.live = Some(live.clone());
            state.signal
        };
        if let Some(signal) = stopped {
            stop(&live, signal);
        }
    }

    /// Asks the person something, unless a signal has come.
    pub(crate) fn asking<T>(&self, ask: impl FnOnce() -> T) -> Option<T> {
        {
            let mut state = self.lock();
            if state.signal.is_some() {
                return None;
            }
            state.asking = true;
        }
        let answer = ask();
        let mut state = self.lock();
        state.asking = false;
        state.signal.is_none().then_some(answer)
    }

    /// The signal that came, if one has.
    pub(crate) fn signal(&self) -> Option<&'static str> {
        self.lock().signal
    }

    /// The last words were said.
    pub(crate) fn ended(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    fn came(self: &Arc<Self>, signal: &'static str) {
        let (live, again) = {
            let mut state = self.lock();
            (state.live.clone(), state.signal.replace(signal).is_some())
        };
        let Some(live) = live else { leave(None) };
        if again {
            // Asked twice: no more waiting. The supervisor ends every process when this one is gone.
            leave(Some(&live));
        }
        let watch = self.clone();
        let stopping = thread::Builder::new().name("stop".to_owned()).spawn(move || {
            stop(&live, signal);
            let _ = live.wait();
            watch.give_time_for_last_words(&live);
        });
        if let Err(error) = stopping {
            tracing::error!(%error, "the run could not be stopped in order");
            leave(None);
        }
    }

    /// The one that shows the run says how it ended and ends the process, unless it waits for a key.
    fn give_time_for_last_words(&self, live: &LiveRun) {
        let state = self.lock();
        let patience = if state.asking { Duration::ZERO } else { LAST_WORDS };
        let waited = self.changed.wait_timeout_while(state, patience, |state| !state.ended);
        let ended = waited.unwrap_or_else(PoisonError::into_inner).0.ended;
        if !ended {
            leave(Some(live));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stop(live: &LiveRun, signal: &str) {
    let reason = Some(format!("stopped by {signal}"));
    if let Err(error) = live.act(RunAction::StopRun { reason }) {
        tracing::info!(%error, "there was nothing to stop");
    }
}

/// Ends the process at once, with the terminal as it was found.
fn leave(live: Option<&LiveRun>) -> ! {
    terminal::give_back();
    match live {
        Some(live) => crate::out::message(&format!("\nRun {} was stopped and is put aside.", live.id())),
        None => crate::out::message("\nStopped before anything ran."),
    }
    std::process::exit(i32::from(Status::Stopped.number()))
}

fn name(signal: i32) -> &'static str {
    match signal {
        SIGHUP => "SIGHUP",
        SIGINT => "SIGINT",
        _ => "SIGTERM",
    }
}

/// Whether a signal is ignored from the start, as the kernel tells; not so where it does not.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0);
    ignored & (1 << (signal - 1)) != 0
}
