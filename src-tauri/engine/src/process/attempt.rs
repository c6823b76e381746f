//! The app's side of an attempt: opens the terminal, starts the supervisor, passes on what comes and what is typed.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt, net::UnixStream, process::ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::Errno,
    pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt},
    termios::{
        InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Winsize, tcgetattr, tcsetattr, tcsetwinsize,
    },
};

use super::{
    Ending, Exit, Happening, InputError, Launch, LaunchError, dump,
    lost::{halted, lost, without_supervisor},
    pipe::Pipe,
    supervisor::signal_name,
    tree,
    wire::{Inbox, Order, Report, Start, write_message},
};

/// The largest piece of output handed on at once.
const PIECE: usize = 64 * 1024;

/// Output that comes faster than somebody types is gathered for so long, so that it travels in large pieces.
const GATHER: Duration = Duration::from_millis(4);

/// From so many bytes on output is gathered.
const BUSY: usize = 1024;

/// How long the end of the terminal's output is waited for when nothing is left that could write to it.
const DRAIN: Duration = Duration::from_millis(200);

/// How long the supervisor may take to read what it is to do.
const HANDOVER: Duration = Duration::from_secs(10);

/// The most that waits to be typed into a command that does not read.
const TYPED_AHEAD: usize = 1 << 20;

/// The variable whose value no other attempt has: the file for variables (FORMAT.md, "Variables").
const MARK: &str = "ALLGOOD_ENV";

/// A command under way. Dropping it ends everything that it started; that goes on after the drop, and after the end
/// of this program too.
#[derive(Debug)]
pub struct Attempt {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The terminal's side of the person: what is written is typed, what is read was printed. Never blocks.
    keyboard: OwnedFd,
    control: Mutex<UnixStream>,
    /// Typed, but not yet taken by the terminal.
    typed: Mutex<VecDeque<u8>>,
    /// Wakes the reader when there is something to type.
    wake: OwnedFd,
    ended: AtomicBool,
    gone: Mutex<bool>,
    all_gone: Condvar,
}

/// Starts a command under its supervisor and returns at once. `sink` is called from a thread of its own, in order, with
/// [`Happening::Ended`] as the last; while it blocks, at most one piece of output is in memory and the command waits.
///
/// # Errors
/// When there is no terminal or no supervisor, or a variable cannot be passed. That a shell or folder is missing is
/// no such error: it is an [`Exit::NotStarted`].
pub fn launch(launch: Launch, sink: impl FnMut(Happening) + Send + 'static) -> Result<Attempt, LaunchError> {
    check_variables(&launch)?;
    let mut launch = launch;
    launch.scratch = std::path::absolute(&launch.scratch).map_err(LaunchError::Terminal)?;
    launch.cwd = std::path::absolute(&launch.cwd).map_err(LaunchError::Terminal)?;
    let (keyboard, terminal) = open_terminal(launch.size).map_err(LaunchError::Terminal)?;
    let (ours, theirs) = UnixStream::pair().map_err(LaunchError::Terminal)?;
    ours.set_write_timeout(Some(HANDOVER)).map_err(LaunchError::Terminal)?;
    let reading = ours.try_clone().map_err(LaunchError::Terminal)?;
    let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
        .map_err(|error| LaunchError::Terminal(error.into()))?;
    let echo = keyboard.try_clone().map_err(LaunchError::Terminal)?;
    // Nothing here may run between fork and exec: then std starts it by `posix_spawn`, which costs a large process
    // no more than a small one.
    let child = Command::new(&launch.supervisor.program)
        .args(&launch.supervisor.arguments)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::from(terminal))
        .stderr(Stdio::from(echo))
        .spawn()
        .map_err(|source| LaunchError::Supervisor { program: launch.supervisor.program.clone(), source })?;
    let shared = Arc::new(Shared {
        keyboard,
        control: Mutex::new(ours),
        typed: Mutex::default(),
        wake,
        ended: AtomicBool::new(false),
        gone: Mutex::new(false),
        all_gone: Condvar::new(),
    });
    // From here on a drop ends what has been started.
    let attempt = Attempt { shared: Arc::clone(&shared) };
    let pipe = match launch.captured {
        true => {
            let folder = launch.scratch.clone();
            Some(Pipe::make(&folder).map_err(|source| LaunchError::Pipe { folder, source })?)
        }
        false => None,
    };
    let mark =
        launch.environment.get(OsStr::new(MARK)).map(|value| [MARK.as_bytes(), b"=", value.as_bytes()].concat());
    let mut start = Start::from(launch);
    start.pipe = pipe.as_ref().map(|pipe| pipe.path().as_os_str().into());
    let start = Order::Start(Box::new(start));
    // The lock keeps a stop behind the start.
    let first = lock(&attempt.shared.control).try_clone().map_err(LaunchError::Terminal)?;
    let (ready, is_ready) = std::sync::mpsc::channel();
    thread::Builder::new()
        .name("attempt".to_owned())
        .spawn(move || {
            let sending = Arc::clone(&shared);
            let guard = lock(&sending.control);
            let _ = ready.send(());
            let mut first = first;
            // When the supervisor does not read it, it is gone or no supervisor: the reader says so.
            let sent = write_message(&mut first, &start);
            drop((guard, start));
            if sent.is_err() {
                let _ = first.shutdown(std::net::Shutdown::Write);
            }
            Reader::new(shared, child, reading, pipe, mark, Box::new(sink)).run();
        })
        .map_err(LaunchError::Terminal)?;
    let _ = is_ready.recv();
    Ok(attempt)
}

pub(super) fn check_variables(launch: &Launch) -> Result<(), LaunchError> {
    for (name, value) in &launch.environment {
        let (name_bytes, value) = (name.as_bytes(), value.as_bytes());
        if name_bytes.is_empty() || name_bytes.contains(&b'=') || name_bytes.contains(&0) || value.contains(&0) {
            return Err(LaunchError::Variable(name.clone()));
        }
    }
    for (name, value) in &launch.shell_variables {
        if !dump::is_name(name.as_bytes()) || value.contains('\0') {
            return Err(LaunchError::Variable(name.into()));
        }
    }
    Ok(())
}

/// Both sides of a new pseudo-terminal: the person's, which does not block, and the command's.
fn open_terminal(size: (u16, u16)) -> io::Result<(OwnedFd, OwnedFd)> {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&keyboard)?;
    unlockpt(&keyboard)?;
    let terminal = ioctl_tiocgptpeer(&keyboard, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    tcsetwinsize(&keyboard, window(size))?;
    let mut modes = tcgetattr(&terminal)?;
    // So that a backspace takes off a character, not a byte.
    modes.input_modes |= InputModes::IUTF8;
    tcsetattr(&terminal, OptionalActions::Now, &modes)?;
    fcntl_setfl(&keyboard, fcntl_getfl(&keyboard)? | OFlags::NONBLOCK)?;
    Ok((keyboard, terminal))
}

fn window((columns, rows): (u16, u16)) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Attempt {
    /// Types bytes into the terminal: all of them or none. It never waits: what the command does not read yet is kept,
    /// up to 1 MiB.
    ///
    /// # Errors
    /// When the command has ended, or does not read and too much waits already.
    pub fn input(&self, bytes: &[u8]) -> Result<(), InputError> {
        let mut typed = self.keyboard_queue()?;
        if typed.len() + bytes.len() > TYPED_AHEAD {
            return Err(InputError::NotRead { waiting: typed.len() });
        }
        let mut rest = bytes;
        if typed.is_empty() {
            rest = self.shared.type_now(rest)?;
        }
        typed.extend(rest);
        self.shared.wake();
        Ok(())
    }

    /// Types Ctrl-C, ahead of everything that waits to be typed: it reaches the terminal's foreground group, or the
    /// program that reads keys by itself.
    ///
    /// # Errors
    /// When the command has ended.
    pub fn interrupt(&self) -> Result<(), InputError> {
        let mut typed = self.keyboard_queue()?;
        let key =
            tcgetattr(&self.shared.keyboard).map_or(3, |modes| match modes.special_codes[SpecialCodeIndex::VINTR] {
                0 => 3,
                key => key,
            });
        for byte in self.shared.type_now(&[key])? {
            typed.push_front(*byte);
        }
        self.shared.wake();
        Ok(())
    }

    fn keyboard_queue(&self) -> Result<MutexGuard<'_, VecDeque<u8>>, InputError> {
        if self.shared.ended.load(Ordering::Acquire) {
            return Err(InputError::Ended);
        }
        Ok(lock(&self.shared.typed))
    }

    /// Types bytes, however many: what a target's command is started with.
    pub(super) fn hand_over(&self, bytes: &[u8]) {
        lock(&self.shared.typed).extend(bytes);
        self.shared.wake();
    }

    /// Whether the terminal passes on what is typed as it is, and echoes nothing.
    pub(super) fn is_raw(&self) -> bool {
        let cooked = LocalModes::ICANON | LocalModes::ECHO;
        tcgetattr(&self.shared.keyboard).is_ok_and(|modes| !modes.local_modes.intersects(cooked))
    }

    /// Gives the terminal another size; programs in its foreground are told.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn resize(&self, columns: u16, rows: u16) -> io::Result<()> {
        Ok(tcsetwinsize(&self.shared.keyboard, window((columns, rows)))?)
    }

    /// Ends the command and everything that belongs to it by the ladder of RUNS.md, and returns at once;
    /// [`Happening::Ended`] comes when nothing is left. After the end it does as [`Attempt::end_leftovers`].
    pub fn stop(&self) {
        self.shared.order(&Order::Stop);
    }

    /// Ends, by the same ladder, what the shell left running, and returns at once. Before the end it does nothing.
    pub fn end_leftovers(&self) {
        self.shared.order(&Order::EndLeftovers);
    }

    /// Waits until no process of this attempt is left, at most so long. Whether it is so.
    #[must_use]
    pub fn wait_until_gone(&self, patience: Duration) -> bool {
        let gone = lock(&self.shared.gone);
        let (gone, _) = self
            .shared
            .all_gone
            .wait_timeout_while(gone, patience, |gone| !*gone)
            .unwrap_or_else(PoisonError::into_inner);
        *gone
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // The supervisor takes the end of this stream for the end of the app.
        let _ = lock(&self.shared.control).shutdown(std::net::Shutdown::Write);
    }
}

impl Shared {
    fn order(&self, order: &Order) {
        // When it cannot be said nobody is left to hear it.
        let _ = write_message(&mut *lock(&self.control), order);
    }

    fn wake(&self) {
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    /// Types as much as the terminal takes at once; gives back the rest.
    fn type_now<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], InputError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(&self.keyboard, rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(error) if rest.len() == bytes.len() => {
                    return Err(InputError::Terminal(error.into()));
                }
                // It broke on the way; the end of the command will tell.
                Err(_) => return Ok(&[]),
            }
        }
        Ok(rest)
    }

    fn type_waiting(&self) {
        let mut typed = lock(&self.typed);
        let waiting = typed.make_contiguous();
        let rest = self.type_now(waiting).map_or(0, <[u8]>::len);
        let taken = waiting.len() - rest;
        typed.drain(..taken);
    }
}

/// What a look at the terminal gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Some,
    Nothing,
    /// Nobody has the terminal open any more.
    Closed,
}

struct Reader {
    shared: Arc<Shared>,
    child: Child,
    control: UnixStream,
    inbox: Inbox,
    /// `None` after the end.
    sink: Option<Box<dyn FnMut(Happening) + Send>>,
    piece: Vec<u8>,
    terminal_open: bool,
    /// `None` when nobody writes into it any more.
    pipe: Option<Pipe>,
    folder: Option<PathBuf>,
    /// What tells its processes from all others, should their supervisor be killed.
    mark: Option<Vec<u8>>,
}

impl Reader {
    fn new(
        shared: Arc<Shared>,
        child: Child,
        control: UnixStream,
        pipe: Option<Pipe>,
        mark: Option<Vec<u8>>,
        sink: Box<dyn FnMut(Happening) + Send>,
    ) -> Self {
        let piece = Vec::with_capacity(PIECE);
        Self {
            shared,
            child,
            control,
            inbox: Inbox::default(),
            sink: Some(sink),
            piece,
            terminal_open: true,
            pipe,
            folder: None,
            mark,
        }
    }

    fn run(mut self) {
        while self.wait() {
            self.read_piece();
            self.pass_on();
            self.read_pipe();
        }
        let status = self.child.wait();
        let mut ended = Vec::new();
        if status.as_ref().is_ok_and(|status| !status.success()) {
            // It cannot have ended what it had started.
            ended = tree::kill_session(self.child.id());
            ended.extend(self.mark.as_deref().map(tree::kill_marked).unwrap_or_default());
        }
        if self.sink.is_some() {
            let exit = match status.map(|status| (status.signal(), status)) {
                Ok((Some(signal), _)) => Exit::Lost(without_supervisor(&signal_name(signal), &ended)),
                Ok((None, status)) => Exit::NotStarted(format!(
                    "the supervisor ended ({status}) without a word: is its program the one that belongs to this version?"
                )),
                Err(error) => Exit::NotStarted(format!("the supervisor cannot be asked how it ended: {error}")),
            };
            self.end(lost(exit));
        }
    }

    /// Waits until there is something to read, and does what is to be done beside. `false` when the supervisor is gone.
    fn wait(&mut self) -> bool {
        let typing = !lock(&self.shared.typed).is_empty() && self.terminal_open;
        let (supervisor, woken, closed) = {
            let events = if typing { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
            let mut waiting =
                vec![PollFd::new(&self.control, PollFlags::IN), PollFd::new(&self.shared.wake, PollFlags::IN)];
            if let Some(pipe) = &self.pipe {
                waiting.push(PollFd::new(pipe.reading(), PollFlags::IN));
            }
            if self.terminal_open {
                waiting.push(PollFd::new(&self.shared.keyboard, events));
            }
            // A terminal does not always say that there is room again.
            let timeout = typing.then(|| span(Duration::from_millis(50)));
            if poll(&mut waiting, timeout.as_ref()).is_err() {
                return true;
            }
            let ready = |at: usize| waiting.get(at).is_some_and(|one| !one.revents().is_empty());
            // Before anybody has opened the other end nothing is said of it.
            let ends = PollFlags::HUP | PollFlags::IN;
            let closed = |one: &PollFd<'_>| one.revents() & ends == PollFlags::HUP;
            (ready(0), ready(1), self.pipe.is_some() && waiting.get(2).is_some_and(closed))
        };
        if closed {
            self.pipe = None;
        }
        if woken {
            let _ = rustix::io::read(&self.shared.wake, &mut [0; 8]);
        }
        if typing || woken {
            self.shared.type_waiting();
        }
        !supervisor || self.listen()
    }

    fn listen(&mut self) -> bool {
        let open = self.inbox.read_once(&mut self.control).unwrap_or(false);
        loop {
            match self.inbox.take::<Report>() {
                Ok(Some(Report::Folder(folder))) => self.folder = Some(folder.into()),
                Ok(Some(Report::Halted { process, signal })) => {
                    self.pass_on();
                    if let Some(sink) = &mut self.sink {
                        sink(Happening::Halted(halted(process, &signal)));
                    }
                }
                Ok(Some(Report::NotStarted(sentence))) => self.end(lost(Exit::NotStarted(sentence))),
                Ok(Some(Report::Ended(ended))) => self.end((*ended).into()),
                Ok(None) => return open,
                Err(_) => return false,
            }
        }
    }

    /// Reads a piece: at once when little comes, gathered when much does.
    fn read_piece(&mut self) {
        let mut until = None;
        while self.terminal_open && self.piece.len() < PIECE {
            match self.look() {
                Look::Some => {}
                Look::Closed => self.terminal_open = false,
                Look::Nothing if self.piece.len() < BUSY => return,
                Look::Nothing => {
                    let until = *until.get_or_insert_with(|| Instant::now() + GATHER);
                    if !self.wait_for_output(until) {
                        return;
                    }
                }
            }
        }
    }

    /// Reads what has come through the pipe, one piece at most. Whether there was something.
    fn read_pipe(&mut self) -> bool {
        let Some(bytes) = self.pipe.as_ref().and_then(|pipe| pipe.read(PIECE)) else { return false };
        // What leftovers print after the end is read so that they do not block.
        if let Some(sink) = self.sink.as_mut().filter(|_| !bytes.is_empty()) {
            sink(Happening::Captured(bytes));
        }
        true
    }

    fn look(&mut self) -> Look {
        let mut room = [0; 8192];
        let most = room.len().min(PIECE - self.piece.len());
        let Some(room) = room.get_mut(..most) else {
            return Look::Nothing;
        };
        match rustix::io::read(&self.shared.keyboard, &mut *room) {
            Ok(0) => Look::Closed,
            Ok(count) => {
                self.piece.extend_from_slice(room.get(..count).unwrap_or_default());
                Look::Some
            }
            Err(Errno::AGAIN | Errno::INTR) => Look::Nothing,
            Err(_) => Look::Closed,
        }
    }

    /// Whether more comes before `until`.
    fn wait_for_output(&self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let mut waiting = [PollFd::new(&self.shared.keyboard, PollFlags::IN)];
        !left.is_zero() && poll(&mut waiting, Some(&span(left))).is_ok_and(|ready| ready > 0)
    }

    fn pass_on(&mut self) {
        if self.piece.is_empty() {
            return;
        }
        match &mut self.sink {
            Some(sink) => sink(Happening::Output(std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE)))),
            // What leftovers print after the end belongs to no attempt; it is read so that they do not block.
            None => self.piece.clear(),
        }
    }

    /// Drains the terminal and tells of the end.
    fn end(&mut self, ending: Ending) {
        let until = Instant::now() + DRAIN;
        // What was printed before the shell's exit is there by now. Where nothing is left to write, all of it is read
        // up to the terminal's end; where something is, it may go on for ever.
        let endless = !ending.left_running.is_empty();
        while self.terminal_open && !(endless && Instant::now() >= until) {
            match self.look() {
                Look::Some if self.piece.len() >= PIECE => self.pass_on(),
                Look::Some => {}
                Look::Closed => self.terminal_open = false,
                Look::Nothing if endless || !self.wait_for_output(until) => break,
                Look::Nothing => {}
            }
        }
        self.pass_on();
        while self.read_pipe() && !(endless && Instant::now() >= until) {}
        self.shared.ended.store(true, Ordering::Release);
        if let Some(mut sink) = self.sink.take() {
            sink(Happening::Ended(ending));
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // The supervisor has removed it, unless somebody killed the supervisor.
        if let Some(folder) = self.folder.as_deref().filter(|folder| folder.exists()) {
            remove(folder);
        }
        self.shared.ended.store(true, Ordering::Release);
        *lock(&self.shared.gone) = true;
        self.shared.all_gone.notify_all();
    }
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!(folder = %folder.display(), %error, "a command's folder cannot be removed");
    }
}

fn span(duration: Duration) -> Timespec {
    Timespec::try_from(duration).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 })
}
