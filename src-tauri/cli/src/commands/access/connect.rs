//! `allgood access connect`: this terminal is the other side's until the connection ends.

use std::{
    io::{self, IsTerminal as _},
    os::unix::process::ExitStatusExt as _,
    thread,
};

use api::{
    App,
    wire::{ConnectPlan, SecretWay},
};
use nix::{
    sys::{
        signal::{Signal, kill},
        termios::{SetArg, tcgetattr, tcsetattr},
    },
    unistd::Pid,
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    iterator::Signals,
};

use super::unlocked;
use crate::{
    arguments::AccessConnect,
    look::one_line,
    out::{Out, message},
    status::{Failure, Status},
};

/// Connects to an entry, or shows what would be run.
pub(super) fn connect(app: &App, out: &mut Out, arguments: &AccessConnect) -> Result<Status, Failure> {
    let (name, more) = (&arguments.name, arguments.more.as_slice());
    // That nothing connects to it is known before anybody is asked for a passphrase.
    let plan = app.access_connect_plan(name, more)?;
    if arguments.print {
        return print(out, &plan, arguments.json);
    }
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let connecting = unlocked(app, || app.access_connecting(name, more, (terminal, true)))?;
    for warning in &connecting.warnings {
        message(&format!("{}.", one_line(warning)));
    }
    out.flush();
    let broken = |what: &str, error: io::Error| Failure::new(Status::Broken, format!("{what}: {error}."));
    // A key that interrupts is for the other side; what ends this program ends the connection.
    let mut signals =
        Signals::new([SIGINT, SIGQUIT, SIGHUP, SIGTERM]).map_err(|error| broken("Signals cannot be heard", error))?;
    let hand = signals.handle();
    let before = tcgetattr(io::stdin()).ok();
    let mut child = connecting.start()?;
    let other = i32::try_from(child.id()).ok().map(Pid::from_raw);
    let hears = thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if let (SIGHUP | SIGTERM, Some(other), Ok(signal)) = (signal, other, Signal::try_from(signal)) {
                // One that has ended already is not to be told.
                let _ = kill(other, signal);
            }
        }
    });
    let ended = child.wait().map_err(|error| broken("The end of the connection cannot be waited for", error));
    hand.close();
    if let Some(before) = before {
        // What was killed in the midst of a question has not given it back. A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &before);
    }
    if hears.is_ok_and(|hears| hears.join().is_err()) {
        message("allgood: the thread that heard signals failed");
    }
    let ended = ended?;
    let number = ended.code().or_else(|| ended.signal().map(|signal| 128 + signal)).unwrap_or(255);
    Ok(Status::Its(u8::try_from(number).unwrap_or(255)))
}

/// What would be run: the line on standard output, what becomes of secrets beside it.
fn print(out: &mut Out, plan: &ConnectPlan, json: bool) -> Result<Status, Failure> {
    if json {
        out.json(plan)?;
        return Ok(Status::Good);
    }
    out.line(&one_line(&plan.line));
    out.flush();
    for secret in &plan.secrets {
        let field = one_line(&secret.field);
        message(&match (secret.way, &secret.variable) {
            (SecretWay::Environment, Some(variable)) => format!("{field} is in its environment, as ${variable}."),
            (SecretWay::Environment, None) => format!("{field} is in its environment."),
            (SecretWay::Asked, _) => format!("{field} answers ssh's own question for it."),
            (SecretWay::Agent, _) => format!("{field} is in an agent that ends with the connection."),
        });
    }
    if let Some(warning) = &plan.warning {
        message(&format!("{}.", one_line(warning)));
    }
    Ok(Status::Good)
}
