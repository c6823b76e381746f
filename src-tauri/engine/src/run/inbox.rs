//! What reaches a run: commands of people, and what happens to its process.
//!
//! Commands come first, so that a stop is heard whatever a process prints. Output waits in a bounded space: a process
//! that prints faster than the journal takes it is slowed, and memory stays flat.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc::Sender},
    time::Instant,
};

use super::{Command, Refusal};
use crate::process::Happening;

/// Bytes of output that may wait.
const WAITING: usize = 1024 * 1024;

/// Where the answer to a command goes.
pub(crate) type Reply = Sender<Result<(), Refusal>>;

/// What came next.
pub(crate) enum Taken {
    Command(Command, Reply),
    /// To a process that is listened to, by its number.
    Happening(u64, Happening),
    /// The time that was waited for.
    Time,
    /// Nobody can send a command any more.
    Closed,
}

#[derive(Default)]
struct Queues {
    commands: VecDeque<(Command, Reply)>,
    happenings: VecDeque<(u64, Happening)>,
    bytes: usize,
    /// The processes that are listened to.
    listening: BTreeSet<u64>,
    closed: bool,
    /// The run's own thread is gone.
    deaf: bool,
}

#[derive(Default)]
pub(crate) struct Inbox {
    queues: Mutex<Queues>,
    came: Condvar,
    room: Condvar,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a command on; gives it back when nobody listens any more.
    pub(crate) fn command(&self, command: Command, reply: Reply) -> Result<(), Command> {
        let mut queues = self.lock();
        if queues.deaf {
            return Err(command);
        }
        queues.commands.push_back((command, reply));
        self.came.notify_one();
        Ok(())
    }

    /// Passes on what happened to a process; waits while too much is waiting.
    pub(crate) fn happening(&self, process: u64, happening: Happening) {
        let mut queues = self.lock();
        let size = size(&happening);
        while queues.bytes > 0 && queues.bytes + size > WAITING && queues.listening.contains(&process) && !queues.deaf
        {
            queues = self.room.wait(queues).unwrap_or_else(PoisonError::into_inner);
        }
        if queues.listening.contains(&process) && !queues.deaf {
            queues.bytes += size;
            queues.happenings.push_back((process, happening));
            self.came.notify_one();
        }
    }

    /// From now on this process is listened to, beside those that are already.
    pub(crate) fn listen_to(&self, process: u64) {
        self.lock().listening.insert(process);
    }

    /// This process is listened to no longer; what it says is dropped.
    pub(crate) fn forget(&self, process: u64) {
        let mut queues = self.lock();
        queues.listening.remove(&process);
        let Queues { happenings, bytes, .. } = &mut *queues;
        happenings.retain(|(from, happening)| {
            let stays = *from != process;
            *bytes -= if stays { 0 } else { size(happening) };
            stays
        });
        self.room.notify_all();
    }

    /// Nobody is left who could send a command.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.came.notify_one();
    }

    /// Whether nobody is left who could send a command.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Nobody listens any more: whoever waits for an answer gets none.
    pub(crate) fn deafen(&self) {
        let mut queues = self.lock();
        queues.deaf = true;
        queues.commands.clear();
        queues.happenings.clear();
        self.room.notify_all();
    }

    /// The next thing, or the time. What happens to processes stays where it is unless it is `wanted`: they are held up
    /// when no more room is left for what they print.
    pub(crate) fn take(&self, until: Option<Instant>, wanted: bool) -> Taken {
        let mut queues = self.lock();
        loop {
            if let Some((command, reply)) = queues.commands.pop_front() {
                return Taken::Command(command, reply);
            }
            if queues.closed {
                return Taken::Closed;
            }
            // A flood must not keep what is due from being written.
            let late = until.is_some_and(|until| until <= Instant::now());
            if late {
                return Taken::Time;
            }
            if wanted && let Some((process, happening)) = queues.happenings.pop_front() {
                queues.bytes -= size(&happening);
                self.room.notify_all();
                return Taken::Happening(process, happening);
            }
            queues = match until {
                None => self.came.wait(queues).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    self.came.wait_timeout(queues, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

fn size(happening: &Happening) -> usize {
    match happening {
        Happening::Output(bytes)
        | Happening::Captured(bytes)
        | Happening::Beside(bytes)
        | Happening::Collected(bytes) => bytes.len(),
        Happening::Halted(_) | Happening::Ended(_) => 0,
    }
}
