//! Connections of the window: terminals of the app, each with a number. What they print passes the masker.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc},
    time::Duration,
};

use engine::{
    Mask, Secrets as _,
    process::{Attempt, Exit, Happening, Launch, launch},
};

use super::connecting::Connecting;
use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    desktop::Connected,
    wire::{ConnectAccess, TerminalArgument, TerminalEnd, TerminalKeys, TerminalSize, TerminalTaken},
};

/// The masker lets go of what need not be held back any longer after this silence (ACCESS.md, "Masking").
const SILENCE: Duration = Duration::from_millis(100);
/// Pieces of output on their way to the masker; a program that prints faster waits for its terminal.
const PIECES: usize = 4;
/// The most bytes on their way to the page; then the program waits for its terminal.
const UNDER_WAY: u64 = 512 * 1024;
/// How much is remembered of what was shown last, to say why a connection ended.
const REMEMBERED: usize = 2048;

/// Where a terminal tells what comes. Called from a thread of its own; may block, and the connection waits then.
pub trait TerminalSink: Send {
    /// Masked bytes for a terminal.
    fn output(&mut self, bytes: Vec<u8>);
    /// It is over; the last call.
    fn ended(&mut self, end: &TerminalEnd);
}

/// Every terminal of the window.
#[derive(Default)]
pub(crate) struct Terminals {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: u64,
    open: BTreeMap<u64, Open>,
}

struct Open {
    name: String,
    since: String,
    attempt: Arc<Attempt>,
    pace: Arc<Pace>,
}

/// How much the page has still to draw.
#[derive(Default)]
struct Pace {
    state: Mutex<Drawn>,
    changed: Condvar,
}

#[derive(Default)]
struct Drawn {
    under_way: u64,
    /// Nobody draws any more.
    closed: bool,
    /// The connection has ended.
    over: bool,
}

impl Pace {
    /// Waits until there is room for more; whether anybody draws it.
    fn begins(&self, bytes: u64) -> bool {
        let state = lock(&self.state);
        let full = |state: &mut Drawn| state.under_way >= UNDER_WAY && !state.closed;
        let mut state = self.changed.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
        state.under_way += bytes;
        !state.closed
    }

    fn change(&self, change: impl FnOnce(&mut Drawn)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    fn is_over(&self) -> bool {
        lock(&self.state).over
    }
}

impl Terminals {
    fn get<T>(&self, number: u64, what: impl FnOnce(&Open) -> T) -> Result<T, ApiError> {
        let state = lock(&self.state);
        let found = state.open.get(&number).map(what);
        found.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "This terminal is closed."))
    }

    /// Those that are connected.
    pub(crate) fn open(&self) -> Vec<Connected> {
        let state = lock(&self.state);
        let open = state.open.values().filter(|open| !open.pace.is_over());
        open.map(|open| Connected { name: open.name.clone(), since: open.since.clone() }).collect()
    }

    /// Ends all of them.
    pub(crate) fn end(&self) {
        let all = std::mem::take(&mut lock(&self.state).open);
        all.into_values().for_each(Open::end);
    }
}

impl Open {
    fn end(self) {
        self.pace.change(|drawn| drawn.closed = true);
        self.attempt.stop();
    }
}

/// What shows a connection until its end, in a thread of its own.
struct Shown {
    told: mpsc::Receiver<Happening>,
    masker: Box<dyn Mask>,
    sink: Box<dyn TerminalSink>,
    pace: Arc<Pace>,
    /// Answers ssh, and holds a kept key, as long as the connection lasts.
    connecting: Connecting,
    last: Vec<u8>,
}

impl Shown {
    fn give(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.last.extend_from_slice(&bytes);
        let over = self.last.len().saturating_sub(REMEMBERED);
        self.last.drain(..over);
        if self.pace.begins(bytes.len() as u64) {
            self.sink.output(bytes);
        }
    }

    /// Passes on what comes, masked, until the end.
    fn run(mut self) {
        let mut quiet = true;
        let exit = loop {
            let next = match quiet {
                true => self.told.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
                false => self.told.recv_timeout(SILENCE),
            };
            match next {
                Ok(Happening::Output(bytes)) => {
                    let shown = self.masker.push(&bytes);
                    self.give(shown);
                    quiet = false;
                }
                Ok(Happening::Ended(ending)) => break ending.exit,
                Ok(_) => {}
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let shown = self.masker.silence();
                    self.give(shown);
                    quiet = true;
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    break Exit::Lost("nobody knows how it ended".to_owned());
                }
            }
        };
        let shown = self.masker.finish();
        self.give(shown);
        self.pace.change(|drawn| drawn.over = true);
        let end = self.end(&exit);
        self.sink.ended(&end);
    }

    fn end(&self, exit: &Exit) -> TerminalEnd {
        let said = String::from_utf8_lossy(&self.last);
        let why = |status| self.connecting.login.as_ref().and_then(|login| login.explain(status, &said));
        let name = &self.connecting.entry.name;
        let (status, says) = match exit {
            Exit::Status(0) => (Some(0), "The connection has ended.".to_owned()),
            Exit::Status(status) => {
                let says = why(*status).map_or_else(
                    || format!("The connection has ended with status {status}."),
                    |why| format!("{why}."),
                );
                (Some(*status), says)
            }
            Exit::Signal(signal) => (None, format!("The connection was ended by {signal}.")),
            Exit::NotStarted(why) => (None, format!("{name} is not connected to: {why}.")),
            Exit::Lost(why) => (None, format!("The connection was lost: {why}.")),
        };
        let of_itself = matches!(exit, Exit::Status(0..=127) | Exit::Signal(_));
        TerminalEnd { status, says, failed: !of_itself }
    }
}

impl App {
    /// Connects to an entry in a terminal of the window, whose page gets what is to be drawn. Gives the terminal's number.
    ///
    /// # Errors
    /// As for [`App::access_connecting`], and when there is no terminal.
    pub fn access_connect(&self, asked: ConnectAccess, page: Box<dyn TerminalSink>) -> Result<u64, ApiError> {
        let connecting = self.access_connecting(&asked.entry, &[], (true, false))?;
        let failed = |error: &dyn std::fmt::Display| ApiError::new(ErrorCode::Internal, error.to_string());
        let Connecting { words, environment, folder, .. } = &connecting;
        let start = self.connection(words.clone(), environment.clone(), folder.clone());
        let start = Launch { size: (asked.columns.max(1), asked.rows.max(1)), ..start };
        let (name, since) = (connecting.entry.name.clone(), self.engine.clock.now());
        let (tells, told) = mpsc::sync_channel(PIECES);
        let pace = Arc::new(Pace::default());
        let (masker, last) = (self.secrets.masker(), Vec::new());
        let shown = Shown { told, masker, sink: page, pace: Arc::clone(&pace), connecting, last };
        std::thread::Builder::new()
            .name("terminal".to_owned())
            .spawn(move || shown.run())
            .map_err(|error| failed(&error))?;
        // Whoever shows it lives until the end is told.
        let attempt = launch(start, move |happening| drop(tells.send(happening))).map_err(|error| failed(&error))?;
        let mut state = lock(&self.terminals.state);
        state.last += 1;
        let number = state.last;
        state.open.insert(number, Open { name, since, attempt: Arc::new(attempt), pace });
        Ok(number)
    }

    /// Types into a terminal.
    ///
    /// # Errors
    /// When its connection is over, or does not read and 1 MiB waits already.
    pub fn terminal_input(&self, keys: TerminalKeys) -> Result<(), ApiError> {
        let attempt = self.terminals.get(keys.terminal, |open| Arc::clone(&open.attempt))?;
        attempt.input(keys.text.as_bytes()).map_err(|error| ApiError::new(ErrorCode::State, error.to_string()))
    }

    /// Gives a terminal another size.
    ///
    /// # Errors
    /// When it is closed, or the system refuses it.
    pub fn terminal_resize(&self, size: TerminalSize) -> Result<(), ApiError> {
        let attempt = self.terminals.get(size.terminal, |open| Arc::clone(&open.attempt))?;
        let resized = attempt.resize(size.columns.max(1), size.rows.max(1));
        resized.map_err(|error| ApiError::new(ErrorCode::State, error.to_string()))
    }

    /// The page has drawn so much of a terminal: more may come.
    ///
    /// # Errors
    /// When it is closed.
    pub fn terminal_taken(&self, taken: TerminalTaken) -> Result<(), ApiError> {
        let pace = self.terminals.get(taken.terminal, |open| Arc::clone(&open.pace))?;
        pace.change(|drawn| drawn.under_way = drawn.under_way.saturating_sub(taken.bytes));
        Ok(())
    }

    /// Closes a terminal, and ends what runs in it: an interrupt, after 5 seconds terminate, after another 5 kill.
    ///
    /// # Errors
    /// None so far: one that is closed stays so.
    pub fn terminal_close(&self, argument: TerminalArgument) -> Result<(), ApiError> {
        if let Some(open) = lock(&self.terminals.state).open.remove(&argument.terminal) {
            open.end();
        }
        Ok(())
    }

    /// Closes every terminal: the page that showed them is gone.
    pub fn terminals_end(&self) {
        self.terminals.end();
    }
}
