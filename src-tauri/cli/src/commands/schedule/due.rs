//! `allgood schedule run-due`: what is due is run, and followed to its end.

use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use api::{
    App, SessionNotifier, Teller,
    wire::{FiringState, FiringTold},
};
use jiff::Timestamp;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    look::{one_line, visible},
    out::{Out, message},
    status::{Failure, Status},
};

/// How often it is looked what else is due, while something runs.
const LOOK: Duration = Duration::from_secs(20);

enum Heard {
    Told(FiringTold),
    Signal,
}

/// Runs what is due, and stays until it is over.
pub(super) fn run_due(app: &Arc<App>, out: &mut Out, json: bool) -> Result<Status, Failure> {
    let (sender, heard) = mpsc::channel();
    listen(sender.clone())?;
    let teller: Teller = Arc::new(move |told: &FiringTold| {
        // Nobody listens any more when the program ends.
        drop(sender.send(Heard::Told(told.clone())));
    });
    let mut worst = Status::Good;
    let (mut begun, mut over) = (Vec::new(), 0);
    let mut look = Instant::now();
    let mut stopped = false;
    loop {
        if !stopped && Instant::now() >= look {
            begun.extend(app.schedule_run_due(Timestamp::now(), &teller)?);
            tell(app);
            look = Instant::now() + LOOK;
        }
        let patience =
            if over < begun.len() { look.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
        match heard.recv_timeout(patience) {
            Ok(Heard::Told(told)) => {
                worst = worse(worst, &told);
                if is_end(&told) {
                    over += 1;
                    tell(app);
                }
                if json {
                    let mut line = serde_json::to_string(&told)?;
                    line.push('\n');
                    out.raw(line.as_bytes());
                } else {
                    out.line(&format!("{}: {}", one_line(&told.schedule), visible(&told.sentence)));
                    out.flush();
                }
            }
            Ok(Heard::Signal) => {
                // What runs is ended in order, and its runs wait for a person; told as ever.
                stopped = true;
                let app = Arc::clone(app);
                let close = std::thread::Builder::new().name("stop".to_owned()).spawn(move || app.close());
                close
                    .map_err(|error| Failure::new(Status::Broken, format!("The runs cannot be stopped: {error}.")))?;
            }
            Err(RecvTimeoutError::Timeout) if over < begun.len() && !stopped => {}
            Err(RecvTimeoutError::Timeout) if over < begun.len() => look = Instant::now() + LOOK,
            Err(_) => break,
        }
    }
    begun.into_iter().for_each(api::Scheduled::wait);
    Ok(if stopped { Status::Stopped } else { worst })
}

/// Tells the person of what came of it, where anybody shows notifications.
fn tell(app: &App) {
    if let Err(error) = app.schedule_tell(Timestamp::now(), &SessionNotifier) {
        message(&visible(&format!("Nobody was notified: {}", error.message)));
    }
}

fn listen(sender: Sender<Heard>) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::new(Status::Broken, format!("Signals cannot be heard: {error}."));
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(cannot)?;
    let hear = move || {
        for _ in signals.forever() {
            if sender.send(Heard::Signal).is_err() {
                break;
            }
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(hear).map(drop).map_err(cannot)
}

/// Whether a run that was begun is over by that, or put aside.
fn is_end(told: &FiringTold) -> bool {
    told.run.is_some() && told.state != FiringState::Running
}

fn worse(before: Status, told: &FiringTold) -> Status {
    // What stands still behind a run is no better than that run.
    match told.behind.unwrap_or(told.state) {
        FiringState::Failed
        | FiringState::RolledBack
        | FiringState::Abandoned
        | FiringState::Refused
        | FiringState::Interrupted => Status::Bad,
        FiringState::Waits if before != Status::Bad => Status::Person,
        _ => before,
    }
}
