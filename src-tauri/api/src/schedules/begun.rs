//! A run that a schedule begins, from its claim to its end.

use std::sync::Arc;

use engine::RunId;
use store::{Firing, RunLock, Schedule};

use super::{
    firing::{Teller, ended},
    views::choice,
};
use crate::{
    ApiError, App, ErrorCode, LiveRun, OnFailure,
    library::Opened,
    live::RunObserver,
    runs::RunFile,
    starting::Beginning,
    wire::{FiringTold, Mode, ScheduleFailure},
};

/// A run that a schedule began, driven here. Its end is told, and its schedule let go of, by a thread of its own.
pub struct Scheduled {
    /// The run.
    pub live: LiveRun,
    over: std::thread::JoinHandle<()>,
}

impl Scheduled {
    /// Waits until the run is over or put aside, and that is told.
    pub fn wait(self) {
        drop(self.over.join());
    }

    /// Whether that has been.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over.is_finished()
    }
}

/// Why nothing of a schedule is run.
pub(super) struct NotRun {
    pub(super) sentence: String,
    /// The file has changed since it was accepted.
    pub(super) changed: bool,
}

impl App {
    /// The runbook of a schedule, if it is what a person accepted and may be run.
    pub(super) fn accepted_book(&self, schedule: &Schedule) -> Result<Opened, NotRun> {
        let other = |error: ApiError| NotRun { sentence: error.message, changed: false };
        let opened = self.opened(schedule.path.as_ref()).map_err(other)?;
        self.trusted(&opened.path, engine::event::Mode::Auto).map_err(other)?;
        if opened.runbook.revision != schedule.revision {
            let sentence = format!(
                "{} has changed since it was accepted on {}: read it, and accept it as it is now (`allgood schedule edit {} \
                 --accept`).",
                opened.path.display(),
                schedule.accepted_at.split('T').next().unwrap_or_default(),
                crate::shell_word(&schedule.name)
            );
            return Err(NotRun { sentence, changed: true });
        }
        Ok(opened)
    }

    /// Starts the run that was claimed: as `allgood run --auto` does where nobody is there. Where it cannot be, the firing
    /// says so. `held` is kept until the run is over.
    pub(super) fn begin_scheduled(
        self: &Arc<Self>,
        (schedule, firing, run): (&Schedule, &Firing, RunId),
        opened: Opened,
        observer: Option<Arc<dyn RunObserver>>,
        held: RunLock,
        teller: Teller,
    ) -> Result<Scheduled, ApiError> {
        let request = RunFile {
            path: opened.path.clone(),
            mode: Mode::Auto,
            attended: false,
            yes: false,
            probes: false,
            step: None,
            values: schedule.values.clone(),
            size: None,
            environment: schedule.environment.clone(),
            environment_typed: None,
            on_failure: match choice(&schedule.on_failure) {
                ScheduleFailure::Stop => OnFailure::Stop,
                ScheduleFailure::Rollback => OnFailure::Rollback,
            },
        };
        let name = Some(self.mask(&schedule.name));
        let begun = self.start_as(
            opened,
            request,
            observer,
            Beginning { id: run, schedule: name, told_by_schedule: !firing.by_hand, ..Beginning::new() },
        );
        let live = match begun {
            Ok(live) => LiveRun(live),
            Err(error) => {
                let why = self.mask(&error.message);
                self.store.refuse_firing(&schedule.id, &firing.due, &why)?;
                return Err(error);
            }
        };
        let (app, schedule, due, followed) = (Arc::clone(self), schedule.clone(), firing.due.clone(), live.clone());
        let follow = move || {
            let summary = followed.wait();
            // Where that cannot be kept, whoever looks next finds that nobody holds its lock.
            if let Err(error) = app.store.let_go_of_schedule(&schedule.id) {
                tracing::warn!(schedule = schedule.name, %error, "the schedule is not marked as free");
            }
            drop(held);
            let told = ended(&schedule.name, &due, &summary, followed.trouble());
            teller(&FiringTold { sentence: app.mask(&told.sentence), ..told });
        };
        let over = std::thread::Builder::new().name("schedule".to_owned()).spawn(follow).map_err(|error| {
            let run = live.id();
            let sentence = format!("Run {run} goes on, and its end is not told of: {error}.");
            ApiError::new(ErrorCode::Internal, sentence)
        })?;
        Ok(Scheduled { live, over })
    }
}
