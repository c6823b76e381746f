//! What a run's own thread and its handles share: the state, as of the last event that was kept.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::{
    event::Event,
    journal::JournalError,
    state::{RunState, RunStatus},
};

#[derive(Default)]
struct Now {
    state: RunState,
    /// Something of it runs.
    busy: bool,
    /// The last event is being told: whoever waits for the end must have heard of everything before it.
    telling: bool,
    /// The journal did not keep a fact, and the run goes no further: one sentence.
    trouble: Option<String>,
    /// The journal keeps no fact at present, and the run waits for it: one sentence.
    held: Option<String>,
    /// Its thread is gone.
    gone: bool,
    /// Values given in this process, those that are kept in memory alone among them.
    given: BTreeMap<String, String>,
}

#[derive(Default)]
pub(crate) struct Shared {
    now: Mutex<Now>,
    changed: Condvar,
}

impl Shared {
    /// What is shared of a run that stands so.
    pub(crate) fn new(state: RunState) -> Self {
        Self { now: Mutex::new(Now { state, ..Now::default() }), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    pub(crate) fn apply(&self, event: &Event) {
        self.change(|now| {
            now.state = std::mem::take(&mut now.state).apply(event);
            now.telling = true;
        });
    }

    /// The event that was applied last has been told.
    pub(crate) fn told(&self) {
        self.change(|now| now.telling = false);
    }

    pub(crate) fn set_busy(&self, busy: bool) {
        self.change(|now| now.busy = busy);
    }

    pub(crate) fn set_trouble(&self, error: &JournalError) {
        self.change(|now| {
            now.trouble = Some(error.to_string());
            now.held = None;
        });
    }

    pub(crate) fn set_held(&self, sentence: Option<String>) {
        self.change(|now| now.held = sentence);
    }

    pub(crate) fn held(&self) -> Option<String> {
        self.lock().held.clone()
    }

    pub(crate) fn set_gone(&self) {
        self.change(|now| now.gone = true);
    }

    pub(crate) fn with_state<T>(&self, read: impl FnOnce(&RunState) -> T) -> T {
        read(&self.lock().state)
    }

    pub(crate) fn remember(&self, name: &str, value: &str) {
        self.lock().given.insert(name.to_owned(), value.to_owned());
    }

    /// Every value that was given or chosen, as far as it is known here.
    pub(crate) fn given(&self) -> BTreeMap<String, String> {
        let now = self.lock();
        let recorded = now.state.parameters.iter();
        let mut given: BTreeMap<String, String> =
            recorded.filter_map(|(name, known)| Some((name.clone(), known.value.clone()?))).collect();
        given.extend(now.given.clone());
        given
    }

    pub(crate) fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    /// Waits until nothing runs, and the run is finished, or paused where that is enough, or goes no further.
    pub(crate) fn wait(&self, paused_is_enough: bool) -> RunState {
        let rests = |now: &Now| {
            let paused = paused_is_enough && now.state.status == RunStatus::Paused;
            now.gone || (!now.busy && !now.telling && (now.trouble.is_some() || now.state.is_finished() || paused))
        };
        let now = self.changed.wait_while(self.lock(), |now| !rests(now));
        now.unwrap_or_else(PoisonError::into_inner).state.clone()
    }
}
