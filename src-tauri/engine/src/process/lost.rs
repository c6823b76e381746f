//! Commands that were lost from sight, or never ran.

use std::time::Duration;

use super::{Ending, Exit, tree::Process};

/// What is said of a command that does not go on.
pub(super) fn halted(process: u32, signal: &str) -> String {
    format!("halted by {signal}: nothing of it goes on until it is stopped, or continued with `kill -CONT {process}`")
}

/// How a command ended whose supervisor was killed by somebody.
pub(super) fn without_supervisor(signal: &str, ended: &[Process]) -> String {
    let named: Vec<String> =
        ended.iter().map(|process| format!("{} ({})", process.name, process.pid.as_raw_pid())).collect();
    let and = if named.is_empty() {
        "; nothing of it is left".to_owned()
    } else {
        format!("; what was left of it was ended too: {}", named.join(", "))
    };
    format!("its supervisor was ended by {signal} from outside, and nobody knows what the command came to{and}")
}

/// The ending of what never ran, or of what was lost from sight.
pub(super) fn lost(exit: Exit) -> Ending {
    let carried = match &exit {
        Exit::NotStarted(_) => "it did not start",
        _ => "its supervisor was ended from outside",
    };
    Ending {
        exit,
        timed_out: false,
        stopped: false,
        duration: Duration::ZERO,
        carried: Err(carried.to_owned()),
        left_running: Vec::new(),
    }
}
