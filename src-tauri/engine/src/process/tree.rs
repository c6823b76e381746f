//! The processes below this one, as `/proc` shows them. Under a child subreaper everything that was started ends up
//! here, also what forked twice and led a session of its own.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use rustix::{
    io::Errno,
    process::{Pid, PidfdFlags, Signal},
};

/// A living process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) parent: i32,
    pub(super) group: i32,
    session: i32,
    /// Stopped by a signal: a terminate alone would not reach it.
    pub(super) halted: bool,
    /// Clock ticks since the machine's start: with the number, a process's true name.
    started: u64,
    pub(super) name: String,
}

/// Reads one line of `/proc/PID/stat`; `None` when it is a zombie or cannot be read.
fn parse_stat(text: &[u8]) -> Option<Process> {
    // The name stands in brackets and may hold brackets, blanks and line ends itself.
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let pid = std::str::from_utf8(text.get(..open)?).ok()?.trim().parse().ok().and_then(Pid::from_raw)?;
    let name = String::from_utf8_lossy(text.get(open + 1..close)?).into_owned();
    let rest = std::str::from_utf8(text.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let state = *fields.first()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        halted: state == "T",
        started: fields.get(19)?.parse().ok()?,
        name,
    })
}

fn look_up(pid: i32) -> Option<Process> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Every living process below `root`, parents before their children.
pub(super) fn descendants(root: Pid) -> Vec<Process> {
    let mut children: HashMap<i32, Vec<Process>> = HashMap::new();
    let mut parents_of_the_dead: HashMap<i32, i32> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        match look_up(pid) {
            Some(process) => children.entry(process.parent).or_default().push(process),
            // A zombie that was a thread group's leader can still have children of its other threads.
            None => {
                if let Some(parent) = parent_of_any(pid) {
                    parents_of_the_dead.insert(pid, parent);
                }
            }
        }
    }
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![root.as_raw_pid()];
    while let Some(parent) = open.pop() {
        if !seen.insert(parent) {
            continue;
        }
        open.extend(parents_of_the_dead.iter().filter(|(_, above)| **above == parent).map(|(pid, _)| *pid));
        for process in children.remove(&parent).unwrap_or_default() {
            open.push(process.pid.as_raw_pid());
            found.push(process);
        }
    }
    found
}

/// Rounds in which a session is looked for again, since what was about to fork may have done so.
const SESSION_ROUNDS: usize = 16;

/// Kills what is left of a session whose leader is gone, and with it the one that knew its descendants. The number
/// cannot have been given to another session as long as a process of this one lives.
/// Gives those that it has killed.
pub(super) fn kill_session(leader: u32) -> Vec<Process> {
    kill_all(|process| u32::try_from(process.session) == Ok(leader))
}

/// Kills what was started with this variable (`NAME=value`) in its environment, wherever it went since: also what leads a
/// session of its own and lost its parent. Gives those that it has killed.
pub(super) fn kill_marked(mark: &[u8]) -> Vec<Process> {
    kill_all(|process| {
        let environment = fs::read(format!("/proc/{}/environ", process.pid.as_raw_pid())).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark)
    })
}

fn kill_all(is_meant: impl Fn(&Process) -> bool) -> Vec<Process> {
    let mut killed: Vec<Process> = Vec::new();
    for _ in 0..SESSION_ROUNDS {
        let mut found = false;
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            let Some(process) = pid.and_then(look_up) else { continue };
            if is_meant(&process) && signal(&process, Signal::KILL).is_ok() {
                found = true;
                if killed.iter().all(|before| before.pid != process.pid) {
                    killed.push(process);
                }
            }
        }
        if !found {
            break;
        }
    }
    killed
}

fn parent_of_any(pid: i32) -> Option<i32> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    std::str::from_utf8(text.get(close + 1..)?).ok()?.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Sends a signal to exactly this process, never to a later one that was given its number.
///
/// # Errors
/// `PERM` when it belongs to somebody else. One that is gone is no error.
pub(super) fn signal(process: &Process, signal: Signal) -> Result<(), Errno> {
    let sent = match rustix::process::pidfd_open(process.pid, PidfdFlags::empty()) {
        Ok(handle) => match look_up(process.pid.as_raw_pid()) {
            Some(now) if now.started == process.started => rustix::process::pidfd_send_signal(&handle, signal),
            _ => Ok(()),
        },
        // Kernels before 5.3, and sandboxes that know no such handles.
        Err(Errno::NOSYS | Errno::PERM) => match look_up(process.pid.as_raw_pid()) {
            Some(now) if now.started == process.started => rustix::process::kill_process(process.pid, signal),
            _ => Ok(()),
        },
        Err(error) => Err(error),
    };
    match sent {
        Err(Errno::SRCH) => Ok(()),
        other => other,
    }
}

/// Whether we may signal it at all.
pub(super) fn may_signal(process: &Process) -> bool {
    !matches!(rustix::process::test_kill_process(process.pid), Err(Errno::PERM))
}

/// Whether it ignores interrupts, as what a shell starts in the background does.
pub(super) fn ignores_interrupt(process: &Process) -> bool {
    let Ok(status) = fs::read_to_string(format!("/proc/{}/status", process.pid.as_raw_pid())) else {
        return false;
    };
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & (1 << (Signal::INT.as_raw() - 1)) != 0)
}

/// Whether it has the terminal open, so that more of its output may come. What cannot be looked into counts as so.
pub(super) fn holds(process: &Process, terminal: &Path) -> bool {
    match fs::read_dir(format!("/proc/{}/fd", process.pid.as_raw_pid())) {
        Ok(entries) => entries.flatten().any(|entry| {
            fs::read_link(entry.path())
                .is_ok_and(|target| target.as_os_str().as_bytes() == terminal.as_os_str().as_bytes())
        }),
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let tail = " 1 77 77 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
        for (name, state, halted) in [("sleep", "S", false), (") S 1 (", "R", false), ("a b\nc", "T", true)] {
            let process = parse_stat(format!("12 ({name}) {state}{tail}").as_bytes()).unwrap();
            assert_eq!((process.pid.as_raw_pid(), process.parent, process.group), (12, 1, 77));
            assert_eq!((process.name.as_str(), process.halted, process.started), (name, halted, 4242));
        }
        assert_eq!(parse_stat(format!("12 (gone) Z{tail}").as_bytes()), None);
        assert_eq!(parse_stat(b""), None);
    }
}
