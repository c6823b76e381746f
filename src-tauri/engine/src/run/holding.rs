//! A journal that keeps no facts for a while: a full disk, a store that somebody keeps locked, one that was moved away.
//!
//! The run waits. What is true and not on disk yet stays in memory, in order; nothing new is started; a command that runs
//! goes on, and is held up on its terminal once nobody takes what it prints. When the journal keeps facts again, the run
//! goes on as if nothing had been. A person can stop what runs at any moment.

use std::time::{Duration, Instant};

use super::{
    Command, Refusal,
    driver::Driver,
    inbox::{Reply, Taken},
    values::Memory,
};
use crate::{
    event::Event,
    journal::{JournalError, Keeping},
    state::RunState,
};

/// How often it is tried again.
const AGAIN: Duration = Duration::from_millis(500);

impl super::Settings {
    /// A usual value for [`Settings::holds_for`](super::Settings::holds_for): time enough to free some space, and an end for
    /// a job that nobody sees.
    pub const HOLDS_FOR: Duration = Duration::from_secs(600);
}

/// A wait for the journal.
pub(crate) struct Held {
    error: JournalError,
    again: Instant,
    /// When nobody is there it ends at some time.
    give_up: Option<Instant>,
}

/// What a step may have changed beside the state.
pub(crate) struct Before {
    memory: Memory,
    end_as: Option<super::decide::EndAs>,
    acts: u64,
    kept: u64,
    /// How many facts waited for the journal.
    waiting: u64,
}

impl Driver {
    /// Remembers how things stand before something that is to happen as a whole or not at all.
    pub(crate) fn before(&self) -> Before {
        let (memory, end_as) = (self.memory.clone(), self.end_as.clone());
        Before { memory, end_as, acts: self.acts, kept: self.kept, waiting: self.pending.len() as u64 }
    }

    /// Takes back what was to happen and the journal did not keep, where nothing has come of it yet: then nothing has
    /// happened. What was true before still waits for the journal. Whether that was so.
    pub(crate) fn take_back(&mut self, before: Before, error: &JournalError) -> bool {
        // What had waited may have been kept since: nothing after it was.
        let still_waiting = before.waiting.checked_sub(self.kept - before.kept);
        let Some(still_waiting) = still_waiting.filter(|_| error.may_pass && self.acts == before.acts) else {
            return false;
        };
        self.pending.truncate(usize::try_from(still_waiting).unwrap_or(usize::MAX));
        let kept = self.shared.with_state(RunState::clone);
        let waiting: Vec<Event> = self.pending.iter().map(|pending| self.event(pending)).collect();
        self.state = waiting.into_iter().fold(kept, |state, mut event| {
            event.seq = state.last_seq + 1;
            state.apply(&event)
        });
        (self.memory, self.end_as) = (before.memory, before.end_as);
        true
    }

    /// The journal did not keep a fact: waits for it where that may help, else stops everything.
    pub(crate) fn not_kept(&mut self, error: JournalError) {
        if !error.may_pass {
            return self.break_down(error);
        }
        tracing::warn!(run = %self.spec.id, "the journal does not keep a fact, the run waits: {error}");
        let now = Instant::now();
        let give_up = if self.spec.attended { None } else { now.checked_add(self.engine.settings.holds_for) };
        let sentence = format!("{error}. The run waits, and goes on by itself when its record can be kept again.");
        self.held = Some(Held { error, again: now + AGAIN, give_up });
        self.shared.set_held(Some(sentence.clone()));
        self.observer.keeping(&Keeping::Waits(sentence));
    }

    /// Takes the next thing while the journal keeps nothing: what people ask for, and the time.
    pub(crate) fn while_held(&mut self, held: Held) {
        match self.inbox.take(Some(held.again), false) {
            Taken::Command(command, reply) => self.command_while_held(held, &command, &reply),
            Taken::Time => self.try_again(held),
            // Nothing else comes now; nobody being left is found on the next look.
            Taken::Happening(..) | Taken::Closed => self.held = Some(held),
        }
    }

    fn command_while_held(&mut self, held: Held, command: &Command, reply: &Reply) {
        let mut answer = Err(Refusal::Journal(held.error.to_string()));
        match command {
            // Its record stays behind: it says what was so until then.
            Command::StopRun { .. } => self.break_down(held.error),
            Command::Stop { item } if self.lives.contains_key(item) => {
                self.stop(item);
                answer = Ok(());
                self.held = Some(held);
            }
            _ => self.held = Some(held),
        }
        let _ = reply.send(answer);
    }

    fn try_again(&mut self, held: Held) {
        match self.proceed() {
            Ok(()) => {
                tracing::info!(run = %self.spec.id, "the journal keeps facts again");
                self.shared.set_held(None);
                self.observer.keeping(&Keeping::Kept);
            }
            Err(error) => {
                let now = Instant::now();
                if error.may_pass && held.give_up.is_none_or(|give_up| now < give_up) {
                    self.held = Some(Held { error, again: now + AGAIN, ..held });
                } else {
                    self.break_down(error);
                }
            }
        }
    }
}
