//! How a command on a target ends: what it left behind, and the ladder by which it is ended when it does not end by itself.

pub(super) mod ender;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::process::{
    Carried, Ending, Exit, Leftover, Patience,
    carry::{self, Style},
    shell::attempt_folder,
};

/// The end of the command there.
pub(super) struct End {
    status: i32,
    duration: Duration,
    carried: Result<Carried, String>,
    pub(super) left_running: Vec<Leftover>,
}

impl End {
    pub(super) fn new(status: i32, begun: Option<Instant>) -> Self {
        Self {
            status,
            duration: begun.map(|begun| begun.elapsed()).unwrap_or_default(),
            carried: Err("its variables and directory could not be read: they did not arrive whole".to_owned()),
            left_running: Vec::new(),
        }
    }

    /// Reads what came back.
    pub(super) fn read(
        &mut self,
        files: &BTreeMap<String, Vec<u8>>,
        style: Option<Style>,
        scratch: &Path,
        given: &BTreeMap<String, String>,
    ) {
        self.carried = match style {
            None => Ok(Carried::default()),
            Some(style) => carried(files, style, scratch, given),
        };
        let left = files.get("left").map(|left| String::from_utf8_lossy(left).into_owned()).unwrap_or_default();
        let left = left.lines().filter_map(|line| {
            let (pid, name) = line.split_once(' ')?;
            Some(Leftover { pid: pid.parse().ok()?, name: name.chars().filter(|c| !c.is_control()).collect() })
        });
        self.left_running = left.collect();
    }

    /// The ending as it is told.
    pub(super) fn ending(&self, stopping: &Stopping) -> Ending {
        let carried = match (stopping.timed_out, stopping.stopped) {
            (true, _) => Err("its variables and directory could not be read: its time ran out".to_owned()),
            (_, true) => Err("its variables and directory could not be read: it was stopped".to_owned()),
            _ => self.carried.clone(),
        };
        Ending {
            exit: Exit::Status(self.status),
            timed_out: stopping.timed_out,
            stopped: stopping.stopped,
            duration: self.duration,
            carried,
            left_running: self.left_running.clone(),
        }
    }
}

fn carried(
    files: &BTreeMap<String, Vec<u8>>,
    style: Style,
    scratch: &Path,
    given: &BTreeMap<String, String>,
) -> Result<Carried, String> {
    let wrong = |error: std::io::Error| format!("its variables could not be read: {}: {error}", scratch.display());
    let folder = attempt_folder(scratch).map_err(wrong)?;
    // Nothing of a name that comes from there leads anywhere.
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '.');
    for (name, bytes) in files.iter().filter(|(name, _)| plain(name) && name.contains('.')) {
        fs::write(folder.path().join(name), bytes).map_err(wrong)?;
    }
    let mut carried = carry::read(folder.path(), style, given)?;
    // Where it stayed in the directory that it began in, there is nothing to carry.
    if files.get("before.cwd") == files.get("after.cwd") {
        carried.cwd = None;
    }
    Ok(carried)
}

/// Where an end stands that somebody wants: interrupt, then the ender, then the program that leads there.
pub(super) struct Stopping {
    patience: Patience,
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    pub(super) timed_out: bool,
    pub(super) stopped: bool,
    rung: Rung,
    /// Whether nothing of the command was left there, as far as that could be looked at.
    confirmed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    None,
    /// Somebody wants it; nothing has been done yet.
    Wanted,
    /// Interrupted; the ender follows then.
    Interrupted(Instant),
    /// The ender is at work; it says when it is done.
    Ending,
    /// The program that leads there is let go of then.
    Waiting(Instant),
    Over,
}

impl Stopping {
    pub(super) fn new(patience: Patience, timeout: Option<Duration>) -> Self {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let (timed_out, stopped, rung, confirmed) = (false, false, Rung::None, false);
        Self { patience, timeout, deadline, timed_out, stopped, rung, confirmed }
    }

    /// The timeout, when its time is over.
    pub(super) fn overdue(&self, now: Instant) -> Option<Duration> {
        self.timeout.filter(|_| self.deadline.is_some_and(|deadline| deadline <= now))
    }

    pub(super) fn stop(&mut self) {
        if self.rung == Rung::None {
            (self.stopped, self.rung) = (true, Rung::Wanted);
        }
    }

    pub(super) fn ender_done(&mut self, done: bool) {
        self.confirmed = done;
        self.rung = Rung::Waiting(Instant::now() + self.patience.survive);
    }

    /// When something is due.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.rung {
            Rung::None => self.deadline,
            Rung::Wanted => Some(Instant::now()),
            Rung::Interrupted(at) | Rung::Waiting(at) => Some(at),
            Rung::Ending | Rung::Over => None,
        }
    }

    /// What is to be done now. What does not run there yet is let go of at once.
    pub(super) fn next(&mut self, now: Instant, running: bool) -> Option<ender::Step> {
        if self.rung == Rung::None && self.overdue(now).is_some() {
            (self.timed_out, self.rung) = (true, Rung::Wanted);
        }
        match self.rung {
            Rung::Wanted if !running => {
                self.rung = Rung::Over;
                Some(ender::Step::LetGo)
            }
            Rung::Wanted => {
                self.rung = Rung::Interrupted(now + self.patience.terminate);
                Some(ender::Step::Interrupt)
            }
            Rung::Interrupted(at) if at <= now => {
                self.rung = Rung::Ending;
                Some(ender::Step::End)
            }
            Rung::Waiting(at) if at <= now => {
                self.rung = Rung::Over;
                Some(ender::Step::LetGo)
            }
            _ => None,
        }
    }

    /// What is said of a command whose end was not seen; nothing where it was ended and that was confirmed.
    pub(super) fn lost(&self, target: &str, last: &str) -> Option<String> {
        let unknown = "whether it has ended there could not be confirmed: look there before it is run again";
        match (self.timed_out, self.stopped) {
            (true, _) | (_, true) if self.confirmed => None,
            (true, _) => Some(format!("{target}: its time ran out, and {unknown}")),
            (_, true) => Some(format!("{target}: it was stopped, and {unknown}")),
            _ => Some(format!(
                "{target}: the connection was lost while the command ran{last}: nobody knows what it came to, and {unknown}"
            )),
        }
    }
}
