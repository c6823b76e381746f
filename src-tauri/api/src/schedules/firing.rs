//! What is due is run, once: by whoever looks first, whether that is the window, a second one, or `schedule run-due`.
//!
//! Whoever looks at a schedule holds its lock (`runs/schedule-ID.lock`), and holds it until the run that it began is over; each
//! time is claimed in one transaction, together with the time up to which all is settled. A clock that is set back brings no time
//! a second time; one that is set ahead, and a machine that slept, are times that were missed.

use std::sync::Arc;

use engine::{RunId, RunStatus};
use jiff::Timestamp;
use store::{Claim, Firing, Outcome, RunLock, RunRow, Schedule};

use super::{
    begun::{NotRun, Scheduled},
    text,
    times::{COUNTED, Due, ON_TIME, Times},
    views::choice,
};
use crate::{
    ApiError, App, ErrorCode,
    live::RunObserver,
    wire::{FiringState, FiringTold, RunSummary, ScheduleArgument, ScheduleMissed},
};

/// Is told of what comes of schedules, from several threads.
pub type Teller = Arc<dyn Fn(&FiringTold) + Send + Sync>;

impl App {
    /// Runs what is due, each schedule at most once, and tells of it. Gives the runs that it began, which go on; their ends are
    /// told too. What fails of one schedule is told, and the others go on.
    ///
    /// `now` is the wall clock. To be called each minute, and after the machine woke.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn schedule_run_due(self: &Arc<Self>, now: Timestamp, teller: &Teller) -> Result<Vec<Scheduled>, ApiError> {
        let mut begun = Vec::new();
        for schedule in self.store.schedules()? {
            match self.look_at(&schedule, now, teller) {
                Ok(started) => begun.extend(started),
                Err(error) => {
                    tracing::warn!(schedule = schedule.name, message = %error.message, "a schedule could not be run");
                    let sentence = format!("nothing was started: {}", self.mask(&error.message));
                    let state = FiringState::Refused;
                    teller(&FiringTold {
                        schedule: schedule.name,
                        due: text(now),
                        state,
                        run: None,
                        sentence,
                        behind: None,
                    });
                }
            }
        }
        Ok(begun)
    }

    /// Starts a schedule now, as it would be when it is due: a person asked for it. A pause does not stand in the way.
    ///
    /// # Errors
    /// When there is none of that name, a run of it is not finished, its runbook is not what was accepted, or it cannot be started.
    pub fn schedule_run(
        self: &Arc<Self>,
        argument: &ScheduleArgument,
        observer: Option<Arc<dyn RunObserver>>,
        teller: &Teller,
    ) -> Result<Scheduled, ApiError> {
        let schedule = self.schedule(&argument.schedule)?;
        let state = |sentence: String| ApiError::new(ErrorCode::State, sentence);
        let held = self.store.lock_run(&lock_of(&schedule))?.ok_or_else(|| {
            let name = &schedule.name;
            state(format!("A run of \"{name}\" is under way, and one runs at a time: `allgood runs` shows it."))
        })?;
        self.settle_gone(&schedule)?;
        let schedule = self.schedule(&schedule.id)?;
        if let Some((_, why)) = self.unfinished(&schedule)? {
            return Err(state(format!("Nothing was started: {why}.")));
        }
        let opened = self.accepted_book(&schedule).map_err(|NotRun { sentence, changed }| {
            ApiError::new(if changed { ErrorCode::Stale } else { ErrorCode::NotTrusted }, sentence)
        })?;
        let (now, run) = (text(self.clock_now()), RunId::new());
        let firing = Firing {
            schedule: schedule.id.clone(),
            due: now.clone(),
            times: 1,
            at: now,
            by_hand: true,
            outcome: Outcome::Begun,
            run: Some(run.clone()),
            why: None,
        };
        let claim = Claim { known: &schedule.after, after: &schedule.after, firing: &firing };
        if !self.store.settle_time(claim)? {
            return Err(state(format!("\"{}\" has just been started by somebody else.", schedule.name)));
        }
        // The person who started it knows.
        self.store.tell_of_firing(&schedule.id, &firing.due)?;
        self.begin_scheduled((&schedule, &firing, run), opened, observer, held, Arc::clone(teller))
    }

    /// Starts a schedule now from the window, and gives the run.
    ///
    /// # Errors
    /// As for [`App::schedule_run`].
    pub fn schedule_start(self: &Arc<Self>, argument: ScheduleArgument) -> Result<RunSummary, ApiError> {
        let teller: Teller = Arc::new(|_| {});
        Ok(self.schedule_run(&argument, None, &teller)?.live.view().run)
    }

    fn look_at(
        self: &Arc<Self>,
        schedule: &Schedule,
        now: Timestamp,
        teller: &Teller,
    ) -> Result<Option<Scheduled>, ApiError> {
        let is_due = !schedule.paused && due(schedule, now)?.is_some();
        if !is_due && !schedule.driven {
            return Ok(None);
        }
        let Some(held) = self.store.lock_run(&lock_of(schedule))? else {
            // Somebody drives a run of it, or is about to decide what is decided here.
            let Some(schedule) = self.store.schedule(&schedule.id)?.filter(|one| one.driven && !one.paused) else {
                return Ok(None);
            };
            if let Some(due) = due(&schedule, now)? {
                self.settle_due(&schedule, due, now, (Outcome::Missed, UNDER_WAY.to_owned(), None), teller)?;
            }
            return Ok(None);
        };
        self.settle_gone(schedule)?;
        // What was read before the lock was had may be settled by now.
        let Some(schedule) = self.store.schedule(&schedule.id)?.filter(|one| !one.paused) else { return Ok(None) };
        let Some(due) = due(&schedule, now)? else { return Ok(None) };
        self.decide((&schedule, due), now, held, teller)
    }

    /// With the lock of a schedule that is due.
    fn decide(
        self: &Arc<Self>,
        (schedule, due): (&Schedule, Due),
        now: Timestamp,
        held: RunLock,
        teller: &Teller,
    ) -> Result<Option<Scheduled>, ApiError> {
        let missed = |why: String, behind: Option<FiringState>| {
            self.settle_due(schedule, due, now, (Outcome::Missed, why, behind), teller).map(|()| None)
        };
        if let Some((state, why)) = self.unfinished(schedule)? {
            return missed(why, Some(state));
        }
        if self.ran_over(schedule, due.last)? {
            return missed(UNDER_WAY.to_owned(), None);
        }
        let late = now.duration_since(due.last) > ON_TIME;
        if late && choice::<ScheduleMissed>(&schedule.missed) == ScheduleMissed::Skip {
            return missed(NOBODY.to_owned(), None);
        }
        let opened = match self.accepted_book(schedule) {
            Ok(opened) => opened,
            Err(NotRun { sentence, .. }) => {
                self.settle_due(schedule, due, now, (Outcome::Refused, sentence, None), teller)?;
                return Ok(None);
            }
        };
        let why = match (late, due.times) {
            (true, 1) => Some("made up for: nothing drove the schedules when it was due".to_owned()),
            (true, times) => Some(format!("made up for once: {times} times were missed")),
            (false, 1) => None,
            (false, times) => Some(format!("{} times before it were missed", times - 1)),
        };
        let run = RunId::new();
        let firing =
            Firing { run: Some(run.clone()), why: why.clone(), ..firing(schedule, due, now, Outcome::Begun) };
        let claim = Claim { known: &schedule.after, after: &firing.due, firing: &firing };
        if !self.store.settle_time(claim)? {
            return Ok(None);
        }
        let begun = self.begin_scheduled((schedule, &firing, run), opened, None, held, Arc::clone(teller))?;
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        let id = begun.live.id().to_owned();
        let sentence = format!("run {id} has begun{why}");
        let (schedule, due) = (schedule.name.clone(), firing.due);
        teller(&FiringTold { schedule, due, state: FiringState::Running, run: Some(id), sentence, behind: None });
        Ok(Some(begun))
    }

    /// Says of times that are due that nothing was run.
    fn settle_due(
        &self,
        schedule: &Schedule,
        due: Due,
        now: Timestamp,
        (outcome, why, behind): (Outcome, String, Option<FiringState>),
        teller: &Teller,
    ) -> Result<(), ApiError> {
        let why = self.mask(&why);
        let firing = Firing { why: Some(why.clone()), ..firing(schedule, due, now, outcome) };
        let claim = Claim { known: &schedule.after, after: &firing.due, firing: &firing };
        if self.store.settle_time(claim)? {
            let (state, what) = match outcome {
                Outcome::Refused => (FiringState::Refused, "refused".to_owned()),
                _ if due.times == 1 => (FiringState::Missed, "missed".to_owned()),
                _ if due.times >= COUNTED => (FiringState::Missed, format!("missed {COUNTED} times or more")),
                _ => (FiringState::Missed, format!("missed {} times", due.times)),
            };
            let sentence = format!("{what}: {}", why.trim_end_matches('.'));
            let (schedule, due) = (schedule.name.clone(), firing.due);
            teller(&FiringTold { schedule, due, state, run: None, sentence, behind });
        }
        Ok(())
    }

    /// With the lock of a schedule that somebody is said to drive: they are gone. What they claimed and did not begin says so.
    fn settle_gone(&self, schedule: &Schedule) -> Result<(), ApiError> {
        if !self.store.schedule(&schedule.id)?.is_some_and(|one| one.driven) {
            return Ok(());
        }
        if let Some(last) = self.store.last_begun(&schedule.id)?
            && self.begun_row(&last)?.is_none()
        {
            let why = "the program was ended before the run could begin";
            self.store.refuse_firing(&schedule.id, &last.due, why)?;
        }
        Ok(self.store.let_go_of_schedule(&schedule.id)?)
    }

    /// Why the last run of a schedule keeps the next one from beginning, if it does, and how it stands: it is not finished.
    fn unfinished(&self, schedule: &Schedule) -> Result<Option<(FiringState, String)>, ApiError> {
        let Some(last) = self.store.last_begun(&schedule.id)? else { return Ok(None) };
        let Some(row) = self.begun_row(&last)? else { return Ok(None) };
        let run = &row.start.id;
        Ok(match row.state {
            RunStatus::Running => Some((FiringState::Running, format!("run {run} is under way"))),
            RunStatus::Waiting | RunStatus::Paused => {
                Some((FiringState::Waits, format!("run {run} waits for a person (`allgood resume {run}`)")))
            }
            RunStatus::Interrupted => {
                let why = format!("run {run} was cut off and is not finished (`allgood resume {run}`)");
                Some((FiringState::Interrupted, why))
            }
            _ => None,
        })
    }

    /// Whether the run before was still under way at a time.
    fn ran_over(&self, schedule: &Schedule, due: Timestamp) -> Result<bool, ApiError> {
        let Some(last) = self.store.last_begun(&schedule.id)? else { return Ok(false) };
        let Some(row) = self.begun_row(&last)? else { return Ok(false) };
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let ended = row.ended_at.as_deref().and_then(at);
        Ok(ended.is_some_and(|ended| ended > due) && at(&row.start.started_at).is_some_and(|began| began < due))
    }

    fn begun_row(&self, firing: &Firing) -> Result<Option<RunRow>, ApiError> {
        let Some(run) = &firing.run else { return Ok(None) };
        Ok(self.store.runs_named(std::slice::from_ref(run))?.into_iter().next())
    }
}

const UNDER_WAY: &str = "the run before it was still under way";
const NOBODY: &str = "nothing drove the schedules at that time";

/// The name of a schedule's lock, beside those of runs.
fn lock_of(schedule: &Schedule) -> RunId {
    RunId(format!("schedule-{}", schedule.id))
}

fn due(schedule: &Schedule, now: Timestamp) -> Result<Option<Due>, ApiError> {
    let settled = schedule.after.parse::<Timestamp>().map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("\"{}\" is settled up to no time: {error}.", schedule.name))
    })?;
    Ok(Times::of(schedule)?.due(settled, now))
}

fn firing(schedule: &Schedule, due: Due, now: Timestamp, outcome: Outcome) -> Firing {
    Firing {
        schedule: schedule.id.clone(),
        due: text(due.last),
        times: due.times,
        at: text(now),
        by_hand: false,
        outcome,
        run: None,
        why: None,
    }
}

/// What is told of a run that is over or put aside.
pub(super) fn ended(schedule: &str, due: &str, run: &RunSummary, trouble: Option<String>) -> FiringTold {
    use crate::wire::RunStatus as Status;
    let id = &run.id;
    let (state, sentence) = match run.state {
        _ if trouble.is_some() => {
            let why = trouble.unwrap_or_default();
            (FiringState::Interrupted, format!("run {id} goes no further: {}", why.trim_end_matches('.')))
        }
        Status::Passed => (FiringState::Passed, format!("run {id} passed")),
        Status::Failed => (FiringState::Failed, format!("run {id} failed")),
        Status::RolledBack => (FiringState::RolledBack, format!("run {id} failed and was rolled back")),
        Status::Abandoned => (FiringState::Abandoned, format!("run {id} was given up")),
        Status::HandedOver => (FiringState::HandedOver, format!("run {id} was handed over")),
        Status::Waiting | Status::Paused => {
            let at = run.step.as_ref().map(|step| format!(" at \"{step}\"")).unwrap_or_default();
            (FiringState::Waits, format!("run {id} waits for a person{at}: allgood resume {id}"))
        }
        Status::Running | Status::Interrupted => {
            (FiringState::Interrupted, format!("run {id} was cut off: allgood resume {id}"))
        }
    };
    FiringTold {
        schedule: schedule.to_owned(),
        due: due.to_owned(),
        state,
        run: Some(id.clone()),
        sentence,
        behind: None,
    }
}
