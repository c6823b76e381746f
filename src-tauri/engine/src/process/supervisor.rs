//! The supervisor: leads the session, starts the shell, reaps what it leaves, and ends everything when told to, when
//! the time is up, or when the app is gone.
//!
//! It has one thread. Standard input is the control socket, standard output the terminal, standard error the
//! terminal's other side (the keyboard), so that the terminal does not hang up when the app dies.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{fs::OpenOptionsExt, net::UnixStream, process::CommandExt},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nix::sys::{
    signal::{SigSet, Signal},
    signalfd::{SfdFlags, SignalFd},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, WaitOptions, WaitStatus},
};

use super::{
    Carried,
    carry::{self, Style},
    ladder::{Ground, Ladder, Progress},
    shell,
    tree::{self, Process},
    wire::{Ended, Inbox, Order, Report, Start, write_message},
};

/// The argument by which a program is told to be the supervisor.
pub const SUPERVISOR_ARGUMENT: &str = "__supervise";

/// How often to look, after the shell's exit, whether what it left has let go of the terminal.
const LOOK: Duration = Duration::from_millis(5);

/// Is the supervisor until everything has ended, then exits. Call it first of all: it takes over this process, its
/// standard streams and every open descriptor.
pub fn supervisor_main() -> ! {
    if let Some(status) = super::askpass::answer() {
        std::process::exit(status);
    }
    let status = match supervise() {
        Ok(()) => 0,
        Err(error) => {
            // The app shows what stands on the terminal.
            eprintln!("allgood-supervisor: {error} (this program is started by Allgood, not by hand)");
            1
        }
    };
    std::process::exit(status)
}

fn supervise() -> io::Result<()> {
    close_inherited();
    let mut control = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let terminal = io::stdout().as_fd().try_clone_to_owned()?;
    let keyboard = io::stderr().as_fd().try_clone_to_owned()?;
    let null = OwnedFd::from(File::options().read(true).write(true).open("/dev/null")?);
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stderr(&terminal)?;
    let terminal_path = std::fs::read_link("/proc/self/fd/1")?;

    let mut signals = SigSet::empty();
    for signal in Signal::iterator().filter(|signal| !is_fault(*signal)) {
        signals.add(signal);
    }
    signals.thread_block()?;
    let signals = SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;

    let root = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(root))?;
    rustix::process::setsid()?;
    rustix::process::ioctl_tiocsctty(&terminal)?;

    let mut inbox = Inbox::default();
    let start = loop {
        match inbox.take::<Order>()? {
            Some(Order::Start(start)) => break start,
            Some(_) => return Ok(()),
            None if inbox.read_once(&mut control)? => {}
            None => return Ok(()),
        }
    };
    let started = match Shell::start(*start, &terminal, &null, &mut control) {
        Ok(shell) => shell,
        Err(sentence) => return write_message(&mut control, &Report::NotStarted(sentence)),
    };
    let handle = rustix::process::pidfd_open(started.pid, rustix::process::PidfdFlags::empty()).ok();
    let mut supervisor = Supervisor {
        root,
        handle,
        control,
        inbox,
        terminal: Some(terminal),
        terminal_path,
        keyboard,
        null,
        signals,
        shell: started,
        ladder: None,
        timed_out: false,
        stopped: false,
        app_gone: false,
        reported: false,
    };
    while let Some(until) = supervisor.go_on() {
        supervisor.wait(until)?;
    }
    Ok(())
}

/// Signals that mean a fault in this program: they end it.
fn is_fault(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::SIGSEGV
            | Signal::SIGBUS
            | Signal::SIGILL
            | Signal::SIGFPE
            | Signal::SIGABRT
            | Signal::SIGTRAP
            | Signal::SIGSYS
    )
}

/// Closes everything but the standard streams: what the app had open is not for its commands.
#[expect(unsafe_code, reason = "there is no safe call for it")]
fn close_inherited() {
    // SAFETY: this is the first thing that the process does; nothing in it owns a descriptor above 2 yet.
    unsafe {
        nix::libc::close_range(3, nix::libc::c_uint::MAX, 0);
    }
}

/// The shell and its files.
struct Shell {
    pid: Pid,
    started: Instant,
    deadline: Option<Instant>,
    patience: super::Patience,
    /// Gone when what carries has been read.
    folder: Option<tempfile::TempDir>,
    carries: Option<Style>,
    given: BTreeMap<String, String>,
    end: Option<End>,
}

/// The shell's end.
struct End {
    at: Instant,
    status: Option<i32>,
    signal: Option<i32>,
    carried: Result<Carried, String>,
}

impl Shell {
    fn start(order: Start, terminal: &OwnedFd, null: &OwnedFd, control: &mut UnixStream) -> Result<Self, String> {
        let patience = order.patience();
        let scratch = PathBuf::from(order.scratch);
        let folder = shell::attempt_folder(&scratch)
            .map_err(|error| format!("a folder for the command cannot be made in {}: {error}", scratch.display()))?;
        // When the app is gone by now, the first read says so.
        let _ = write_message(control, &Report::Folder(folder.path().as_os_str().into()));
        let environment: BTreeMap<OsString, OsString> =
            order.environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let cwd = PathBuf::from(order.cwd);
        let recipe = match order.client {
            Some(words) => shell::client(words.into_iter().map(OsString::from), environment)?,
            None => shell::prepare(shell::Order {
                runner: &order.runner,
                script: &order.script,
                environment,
                variables: &order.shell_variables,
                cwd: &cwd,
                interactive: order.interactive,
                folder: folder.path(),
            })?,
        };
        let same = |fd: &OwnedFd| fd.try_clone().map_err(|error| format!("the command cannot be started: {error}"));
        let input = if order.interactive { same(terminal)? } else { same(null)? };
        let output = match order.pipe {
            Some(pipe) => open_pipe(&PathBuf::from(pipe))?,
            None => same(terminal)?,
        };
        let mut command = Command::new(&recipe.program);
        command
            .args(&recipe.arguments)
            .env_clear()
            .envs(&recipe.environment)
            .current_dir(&cwd)
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(output))
            .stderr(Stdio::from(same(terminal)?));
        in_the_foreground(&mut command, same(terminal)?);
        let started = Instant::now();
        let child = command.spawn().map_err(|error| cannot_start(&error, &recipe, &cwd))?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok(Self {
            pid: pid.ok_or("the system gave the command no process number")?,
            started,
            deadline: order.timeout.and_then(|timeout| started.checked_add(timeout)),
            patience,
            folder: Some(folder),
            carries: recipe.carries,
            given: order.shell_variables,
            end: None,
        })
    }

    /// Reads what carries, and removes the attempt's folder.
    fn ended(&mut self, status: WaitStatus, forced: Option<&str>) {
        let folder = self.folder.take();
        let carried = match (self.carries, forced) {
            (None, _) => Ok(Carried::default()),
            (Some(_), Some(why)) => Err(why.to_owned()),
            (Some(_), None) if !status.exited() => {
                Err("its variables and directory could not be read: a signal ended it".to_owned())
            }
            (Some(style), None) => folder.as_ref().map_or_else(
                || Err("its folder is gone".to_owned()),
                |folder| carry::read(folder.path(), style, &self.given),
            ),
        };
        self.end = Some(End {
            at: Instant::now(),
            status: status.exit_status(),
            signal: status.terminating_signal(),
            carried,
        });
    }
}

/// The end of a named pipe that is written to. Nobody is waited for: where the app is gone nobody reads it.
fn open_pipe(path: &Path) -> Result<OwnedFd, String> {
    let wrong = |error: io::Error| format!("the command's output cannot be captured ({}): {error}", path.display());
    let open = File::options().write(true).custom_flags(nix::libc::O_NONBLOCK).open(path).map_err(wrong)?;
    let flags = rustix::fs::fcntl_getfl(&open).map_err(|error| wrong(error.into()))?;
    rustix::fs::fcntl_setfl(&open, flags - rustix::fs::OFlags::NONBLOCK).map_err(|error| wrong(error.into()))?;
    Ok(open.into())
}

/// Gives the child a process group of its own in the terminal's foreground, and the signals as they are by default.
#[expect(unsafe_code, reason = "code between fork and exec")]
fn in_the_foreground(command: &mut Command, terminal: OwnedFd) {
    let prepare = move || {
        // A background group that takes the terminal is stopped, unless it ignores this.
        // SAFETY: setting a disposition to one of the two constants is async-signal-safe and touches no memory of ours.
        unsafe { nix::libc::signal(nix::libc::SIGTTOU, nix::libc::SIG_IGN) };
        rustix::process::setpgid(None, None)?;
        rustix::termios::tcsetpgrp(&terminal, rustix::process::getpid())?;
        // If somebody kills this supervisor the shell does not run on unseen.
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        for signal in 1..=nix::libc::SIGRTMAX() {
            // SAFETY: as above; numbers that may not be changed are refused without harm.
            unsafe { nix::libc::signal(signal, nix::libc::SIG_DFL) };
        }
        Ok(SigSet::empty().thread_set_mask()?)
    };
    // SAFETY: the closure runs in the child of a process with one thread, and makes system calls only: no allocation,
    // no lock. Its errors are made of a number.
    unsafe { command.pre_exec(prepare) };
}

fn cannot_start(error: &io::Error, recipe: &shell::Recipe, cwd: &Path) -> String {
    let program = recipe.program.display();
    match error.raw_os_error() {
        Some(nix::libc::E2BIG) => {
            let sizes = recipe.environment.iter().map(|(name, value)| (name.len() + value.len() + 2, name));
            let total: usize = sizes.clone().map(|(size, _)| size).sum();
            let largest = sizes.max().map_or_else(String::new, |(size, name)| {
                format!("; the largest variable is {} with {} KiB", name.to_string_lossy(), size.div_ceil(1024))
            });
            format!(
                "the environment of the command is larger than the system allows ({} KiB in all{largest}): make it smaller",
                total.div_ceil(1024)
            )
        }
        Some(nix::libc::EAGAIN | nix::libc::ENOMEM) => {
            format!("{program} cannot be started: the system has no room for another process ({error})")
        }
        _ => format!("{program} cannot be started in {}: {error}", cwd.display()),
    }
}

struct Supervisor {
    root: Pid,
    control: UnixStream,
    inbox: Inbox,
    /// Closed before the report when nothing is left that could write to it.
    terminal: Option<OwnedFd>,
    terminal_path: PathBuf,
    keyboard: OwnedFd,
    null: OwnedFd,
    signals: SignalFd,
    shell: Shell,
    /// Tells the shell's end also where `SIGCHLD` is lost: a program that links large libraries may have threads that
    /// they started before `main`, which do not block it.
    handle: Option<OwnedFd>,
    ladder: Option<Ladder>,
    timed_out: bool,
    stopped: bool,
    app_gone: bool,
    reported: bool,
}

impl Supervisor {
    /// Does what is due and says until when to wait; `None` when there is nothing left to do.
    fn go_on(&mut self) -> Option<Option<Instant>> {
        let children = self.reap();
        let now = Instant::now();
        self.take_orders(now);
        if self.app_gone && self.ladder.is_none() {
            self.ladder = Some(self.ladder(now));
        }
        let overdue = self.shell.end.is_none() && self.shell.deadline.is_some_and(|deadline| deadline <= now);
        if overdue && self.ladder.is_none() {
            self.timed_out = true;
            self.ladder = Some(self.ladder(now));
        }
        if let Some(ladder) = &mut self.ladder {
            let ground = Ground {
                root: self.root,
                shell: self.shell.pid,
                terminal: self.terminal.as_ref(),
                keyboard: &self.keyboard,
            };
            return match ladder.climb(&ground, now) {
                Progress::Wait(until) => Some(Some(until)),
                // What has died since has not been reaped yet: look again at once.
                Progress::Done if self.reap() => Some(Some(now + LOOK)),
                Progress::Done => {
                    self.report(&[]);
                    None
                }
                Progress::Survivors(left, until) => {
                    self.report(&left);
                    // When this process goes, the system hangs up the terminal: it reaches those who are not ours.
                    if left.iter().all(|process| !tree::may_signal(process)) { None } else { Some(Some(until)) }
                }
            };
        }
        let Some(end) = &self.shell.end else {
            return Some(self.shell.deadline);
        };
        let left = if children { tree::descendants(self.root) } else { Vec::new() };
        let drained = end.at + self.shell.patience.drain;
        if left.is_empty() && children && now < drained {
            // It has ended since, and its end will be seen on the next look.
            return Some(Some(now + LOOK));
        }
        if left.is_empty() {
            self.report(&[]);
            // What `/proc` does not show to us cannot be named.
            return children.then_some(None);
        }
        if !self.reported && now < drained && left.iter().any(|process| tree::holds(process, &self.terminal_path)) {
            return Some(Some(drained.min(now + LOOK)));
        }
        self.report(&left);
        Some(None)
    }

    /// Takes leave of every child that has ended. Whether there are any left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG | WaitOptions::UNTRACED) {
                Ok(Some((pid, status))) if status.stopped() => {
                    // Nobody could bring it back: there is no job control here.
                    let signal = status.stopping_signal();
                    if pid == self.shell.pid && signal == Some(nix::libc::SIGTSTP) {
                        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::CONT);
                    } else if let (true, None, Some(signal)) = (pid == self.shell.pid, &self.ladder, signal) {
                        // Somebody may have meant it: it is told, and left as it is.
                        let report =
                            Report::Halted { process: pid.as_raw_pid().unsigned_abs(), signal: signal_name(signal) };
                        let _ = write_message(&mut self.control, &report);
                    }
                }
                Ok(Some((pid, status))) => {
                    if pid == self.shell.pid && self.shell.end.is_none() {
                        let forced = if self.timed_out {
                            Some("its variables and directory could not be read: its time ran out")
                        } else if self.stopped || self.app_gone {
                            Some("its variables and directory could not be read: it was stopped")
                        } else {
                            None
                        };
                        self.shell.ended(status, forced);
                    }
                }
                Ok(None) => return true,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    fn take_orders(&mut self, now: Instant) {
        loop {
            match self.inbox.take::<Order>() {
                Ok(Some(Order::Stop)) => {
                    if self.shell.end.is_none() && self.ladder.is_none() {
                        self.stopped = true;
                    }
                    if self.ladder.is_none() {
                        self.ladder = Some(self.ladder(now));
                    }
                }
                Ok(Some(Order::EndLeftovers)) => {
                    if self.reported && self.ladder.is_none() {
                        self.ladder = Some(self.ladder(now));
                    }
                }
                Ok(Some(Order::Start(_))) => {}
                Ok(None) => return,
                Err(_) => {
                    self.app_gone = true;
                    return;
                }
            }
        }
    }

    fn ladder(&self, now: Instant) -> Ladder {
        match self.shell.end {
            None => Ladder::all(self.shell.patience, now),
            Some(_) => Ladder::leftovers(self.shell.patience, now),
        }
    }

    fn report(&mut self, left: &[Process]) {
        if self.reported {
            return;
        }
        self.reported = true;
        if left.is_empty() {
            // The last hold on the terminal: the app now reads to its end.
            self.terminal = None;
            let _ = rustix::stdio::dup2_stdout(&self.null);
            let _ = rustix::stdio::dup2_stderr(&self.null);
        }
        let survived = self.shell.end.is_none();
        let end = self.shell.end.take().unwrap_or_else(|| End {
            at: Instant::now(),
            status: None,
            signal: Some(nix::libc::SIGKILL),
            carried: Err("it could not be ended".to_owned()),
        });
        let report = Report::Ended(Box::new(Ended {
            status: end.status,
            signal: end.signal.map(signal_name),
            timed_out: self.timed_out,
            stopped: self.stopped || self.app_gone,
            duration: end.at.saturating_duration_since(self.shell.started),
            carried: end.carried.as_ref().map(|carried| carried.clone().into()).map_err(Clone::clone),
            left_running: left
                .iter()
                .map(|process| (process.pid.as_raw_pid().unsigned_abs(), process.name.clone()))
                .collect(),
        }));
        if !survived {
            self.shell.end = Some(end);
        }
        if write_message(&mut self.control, &report).is_err() {
            self.app_gone = true;
        }
    }

    /// Waits for an order, a child's end, or the time.
    fn wait(&mut self, until: Option<Instant>) -> io::Result<()> {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        let (orders, child, flood) = {
            let mut waiting = vec![PollFd::new(&self.signals, PollFlags::IN)];
            if self.app_gone {
                // Nobody reads the terminal any more: what still writes must not block on it.
                waiting.push(PollFd::new(&self.keyboard, PollFlags::IN));
            } else {
                waiting.push(PollFd::new(&self.control, PollFlags::IN));
            }
            if let Some(handle) = self.handle.as_ref().filter(|_| self.shell.end.is_none()) {
                waiting.push(PollFd::new(handle, PollFlags::IN));
            }
            match poll(&mut waiting, timeout.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let ready = |at: usize| waiting.get(at).is_some_and(|one| !one.revents().is_empty());
            (ready(1) && !self.app_gone, ready(0), ready(1) && self.app_gone)
        };
        if child {
            while let Ok(Some(signal)) = self.signals.read_signal() {
                // Somebody ends this process: it takes along what it has started.
                if i32::try_from(signal.ssi_signo) == Ok(nix::libc::SIGTERM) {
                    self.app_gone = true;
                }
            }
        }
        if orders && !matches!(self.inbox.read_once(&mut self.control), Ok(true)) {
            self.app_gone = true;
        }
        if flood {
            let mut waste = [0; 4096];
            let _ = rustix::io::read(&self.keyboard, &mut waste);
        }
        Ok(())
    }
}

/// A signal's name: `SIGKILL`.
pub(super) fn signal_name(number: i32) -> String {
    Signal::try_from(number).map_or_else(
        |_| match number - nix::libc::SIGRTMIN() {
            0 => "SIGRTMIN".to_owned(),
            above if above > 0 => format!("SIGRTMIN+{above}"),
            _ => format!("signal {number}"),
        },
        |signal| signal.as_str().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names() {
        for (number, name) in [(9, "SIGKILL"), (2, "SIGINT"), (11, "SIGSEGV"), (nix::libc::SIGRTMIN(), "SIGRTMIN")] {
            assert_eq!(signal_name(number), name);
        }
        assert_eq!(signal_name(nix::libc::SIGRTMIN() + 3), "SIGRTMIN+3");
    }
}
