//! The ladder by which things end: interrupt, terminate, kill; first the foreground, then everything that is left
//! (RUNS.md, "Processes").

use std::{
    collections::{HashMap, HashSet},
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    process::{Pid, Signal},
    termios::{LocalModes, SpecialCodeIndex},
};

use super::{
    Patience,
    tree::{self, Process},
};

/// How often to look while something is being ended: grandchildren end without a signal to us.
const LOOK: Duration = Duration::from_millis(20);

/// Rounds in which everything is halted before it is killed, so that what forks quickly cannot outrun the kill.
const ROUNDS: usize = 16;

/// Whom the signals go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The terminal's foreground group and the shell's.
    Foreground,
    /// Every descendant.
    Everything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    Interrupt,
    Terminate,
    Kill,
}

/// An end under way.
#[derive(Debug)]
pub(super) struct Ladder {
    patience: Patience,
    reach: Reach,
    rung: Rung,
    /// The signals of this rung have been sent.
    sent: bool,
    until: Instant,
    /// Since when each has been under the last kill: what forks quickly is new each time, and no survivor.
    killed: HashMap<Pid, Instant>,
}

/// How far it has come.
#[derive(Debug)]
pub(super) enum Progress {
    /// Look again then, or when a child ends.
    Wait(Instant),
    /// These do not die; it goes on all the same.
    Survivors(Vec<Process>, Instant),
    /// Nothing is left.
    Done,
}

/// What it works on.
pub(super) struct Ground<'a> {
    pub(super) root: Pid,
    pub(super) shell: Pid,
    pub(super) terminal: Option<&'a OwnedFd>,
    pub(super) keyboard: &'a OwnedFd,
}

impl Ladder {
    /// Ends the command and then all that belongs to it.
    pub(super) fn all(patience: Patience, now: Instant) -> Self {
        Self {
            patience,
            reach: Reach::Foreground,
            rung: Rung::Interrupt,
            sent: false,
            until: now,
            killed: HashMap::new(),
        }
    }

    /// Ends what a shell left running.
    pub(super) fn leftovers(patience: Patience, now: Instant) -> Self {
        Self { reach: Reach::Everything, ..Self::all(patience, now) }
    }

    /// Does what is due. Call it again when it says, and whenever a child has ended.
    pub(super) fn climb(&mut self, ground: &Ground<'_>, now: Instant) -> Progress {
        loop {
            let all = tree::descendants(ground.root);
            if all.is_empty() {
                return Progress::Done;
            }
            if (self.reach, self.rung) == (Reach::Everything, Rung::Kill) {
                return self.kill_all(ground.root, all, now);
            }
            let reached = match self.reach {
                Reach::Foreground => foreground(ground, &all),
                Reach::Everything => all,
            };
            if reached.is_empty() {
                (self.reach, self.rung, self.sent) = (Reach::Everything, Rung::Interrupt, false);
                continue;
            }
            if !self.sent {
                self.send(ground, &reached);
                self.sent = true;
                self.until =
                    now + if self.rung == Rung::Interrupt { self.patience.terminate } else { self.patience.kill };
            }
            let unheard = self.rung == Rung::Interrupt
                && reached.iter().all(|process| process.pid != ground.shell && tree::ignores_interrupt(process));
            if unheard {
                // Nobody is left who would act on it, as with what a shell puts into the background.
                self.until = now;
            }
            if now < self.until {
                return Progress::Wait(self.until.min(now + LOOK));
            }
            self.sent = false;
            (self.reach, self.rung) = match (self.reach, self.rung) {
                (reach, Rung::Interrupt) => (reach, Rung::Terminate),
                (reach, Rung::Terminate) => (reach, Rung::Kill),
                (_, Rung::Kill) => (Reach::Everything, Rung::Interrupt),
            };
        }
    }

    /// The last rung, until nothing is left. What is there again and again is new each time, and no survivor.
    fn kill_all(&mut self, root: Pid, mut all: Vec<Process>, now: Instant) -> Progress {
        kill(root);
        self.killed.retain(|pid, _| all.iter().any(|process| process.pid == *pid));
        all.retain(|process| {
            let since = *self.killed.entry(process.pid).or_insert(now);
            now.saturating_duration_since(since) >= self.patience.survive
        });
        if all.is_empty() {
            Progress::Wait(now + LOOK)
        } else {
            Progress::Survivors(all, now + Duration::from_secs(1))
        }
    }

    fn send(&self, ground: &Ground<'_>, reached: &[Process]) {
        let what = match self.rung {
            Rung::Interrupt => Signal::INT,
            Rung::Terminate => Signal::TERM,
            Rung::Kill => Signal::KILL,
        };
        if self.reach == Reach::Foreground && self.rung == Rung::Interrupt {
            let group = front(ground);
            let in_front: Vec<&Process> = reached.iter().filter(|process| Some(process.group) == group).collect();
            // `sudo` and what it starts belong to somebody else: the terminal may interrupt them, we may not.
            if !in_front.iter().all(|process| tree::may_signal(process)) && type_interrupt(ground.keyboard) {
                return;
            }
            for process in if in_front.is_empty() { reached.iter().collect() } else { in_front } {
                deliver(process, what);
            }
            return;
        }
        for process in reached {
            deliver(process, what);
        }
    }
}

fn deliver(process: &Process, what: Signal) {
    // One that is not ours is found again on the next look, and named at the end.
    let _ = tree::signal(process, what);
    if process.halted && what != Signal::KILL {
        let _ = tree::signal(process, Signal::CONT);
    }
}

/// The terminal's foreground group.
fn front(ground: &Ground<'_>) -> Option<i32> {
    let group = rustix::termios::tcgetpgrp(ground.terminal?).ok()?;
    (group != ground.root).then(|| group.as_raw_pid())
}

fn foreground(ground: &Ground<'_>, all: &[Process]) -> Vec<Process> {
    let front = front(ground);
    let shell = ground.shell.as_raw_pid();
    all.iter().filter(|process| Some(process.group) == front || process.group == shell).cloned().collect()
}

/// Types the terminal's interrupt character, where the terminal makes a signal of it.
fn type_interrupt(keyboard: &OwnedFd) -> bool {
    let Ok(modes) = rustix::termios::tcgetattr(keyboard) else {
        return false;
    };
    let key = modes.special_codes[SpecialCodeIndex::VINTR];
    modes.local_modes.contains(LocalModes::ISIG) && key != 0 && rustix::io::write(keyboard, &[key]).is_ok()
}

/// Kills everything below `root`: halts it first, until no new process appears.
fn kill(root: Pid) {
    let mut refused = HashSet::new();
    for _ in 0..ROUNDS {
        let mut fresh = false;
        for process in tree::descendants(root) {
            if process.halted || refused.contains(&process.pid) {
                continue;
            }
            if tree::signal(&process, Signal::STOP).is_ok() {
                fresh = true;
            } else {
                refused.insert(process.pid);
            }
        }
        if !fresh {
            break;
        }
    }
    for process in tree::descendants(root) {
        let _ = tree::signal(&process, Signal::KILL);
    }
}
