//! Schedules: runbooks that run by themselves at certain times, as both faces can ask of them.
//!
//! A schedule runs the bytes that a person accepted, and no others; it answers no guard, no question and no trust. What a runbook
//! proposes in its front matter is no schedule until a person accepts it.

mod begun;
mod driving;
mod firing;
mod stops;
mod telling;
mod times;
mod views;

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;
use store::Schedule;
use uuid::Uuid;

pub(crate) use self::telling::Quiet;
use self::times::{Times, zone_here};
pub use self::{
    begun::Scheduled,
    firing::Teller,
    telling::{Notifier, SessionNotifier, Telling},
};
use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    entries::nearest,
    library::Opened,
    live::refused,
    wire::{
        EditSchedule, NewSchedule, NextUp, PreviewSchedule, ScheduleArgument, ScheduleFailure, ScheduleList,
        ScheduleMissed, ScheduleTimes, ScheduleView,
    },
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 120;
/// How many firings a view shows.
const SHOWN_FIRINGS: u64 = 30;

impl App {
    /// Every schedule, and what runbooks propose.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn schedule_list(&self, _: Nothing) -> Result<ScheduleList, ApiError> {
        let all = self.store.schedules()?;
        let now = self.clock_now();
        let schedules =
            all.iter().map(|one| self.schedule_view(one, now, SHOWN_FIRINGS)).collect::<Result<Vec<_>, _>>()?;
        Ok(ScheduleList { proposals: self.proposals(&all, now)?, schedules })
    }

    /// One schedule.
    ///
    /// # Errors
    /// When there is none of that name, or the store cannot be read.
    pub fn schedule_show(&self, argument: ScheduleArgument) -> Result<ScheduleView, ApiError> {
        self.schedule_view(&self.schedule(&argument.schedule)?, self.clock_now(), SHOWN_FIRINGS)
    }

    /// What a cron expression means.
    ///
    /// # Errors
    /// When it is none, or there is no such time zone.
    pub fn schedule_preview(&self, asked: PreviewSchedule) -> Result<ScheduleTimes, ApiError> {
        let zone = asked.zone.filter(|zone| !zone.trim().is_empty()).unwrap_or_else(zone_here);
        let times = Times::new(&asked.cron, &zone)?;
        let next = times.next(self.clock_now()).into_iter().map(text).collect();
        Ok(ScheduleTimes { words: times.words(), zone, next })
    }

    /// What a new schedule would be, kept nowhere: everything is looked at as [`App::schedule_add`] does.
    ///
    /// # Errors
    /// As for [`App::schedule_add`].
    pub fn schedule_plan(&self, new: NewSchedule) -> Result<ScheduleView, ApiError> {
        let schedule = self.planned(new)?;
        self.schedule_view(&schedule, self.clock_now(), 0)
    }

    /// Adds a schedule: a person accepts what the runbook's file holds now.
    ///
    /// # Errors
    /// When the runbook is in no trusted folder of the library or is not what was shown, its time, zone, environment or a value
    /// cannot be so, or there is one of that name.
    pub fn schedule_add(&self, new: NewSchedule) -> Result<ScheduleView, ApiError> {
        let schedule = self.planned(new)?;
        self.store.put_schedule(&schedule, true).map_err(crate::entries::taken)?;
        self.schedule_view(&schedule, self.clock_now(), 0)
    }

    /// Changes what was named of a schedule. A new time, a new zone and the end of a pause begin anew: what was due before is
    /// not made up for.
    ///
    /// # Errors
    /// As for [`App::schedule_add`], and when there is none of that name.
    pub fn schedule_edit(&self, edit: EditSchedule) -> Result<ScheduleView, ApiError> {
        let mut schedule = self.schedule(&edit.schedule)?;
        let before = schedule.clone();
        let now = self.clock_now();
        if let Some(name) = &edit.name {
            schedule.name = name_of(name)?;
        }
        if let Some(cron) = edit.cron {
            cron.trim().clone_into(&mut schedule.cron);
        }
        if let Some(zone) = edit.zone {
            zone.trim().clone_into(&mut schedule.zone);
        }
        if let Some(environment) = edit.environment {
            schedule.environment = Some(environment).filter(|name| !name.trim().is_empty());
        }
        if let Some(values) = edit.values {
            schedule.values = values;
        }
        if let Some(on_failure) = edit.on_failure {
            schedule.on_failure = views::word(on_failure);
        }
        if let Some(missed) = edit.missed {
            schedule.missed = views::word(missed);
        }
        if let Some(paused) = edit.paused {
            schedule.paused = paused;
        }
        let times = Times::of(&schedule)?;
        let same = |one: &Schedule| (one.environment.clone(), one.values.clone(), one.revision.clone());
        if let Some(shown) = edit.accept {
            let opened = self.schedulable(&schedule.path)?;
            accepted(&opened, Some(shown).filter(|shown| !shown.is_empty()).as_deref())?;
            schedule.revision.clone_from(&opened.runbook.revision);
            schedule.accepted_at = text(now);
            self.fits(&opened, &schedule)?;
        } else if same(&schedule) != same(&before) {
            self.fits(&self.schedulable(&schedule.path)?, &schedule)?;
        }
        let moved = (&schedule.cron, &schedule.zone) != (&before.cron, &before.zone);
        let anew = moved || (before.paused && !schedule.paused);
        if anew {
            comes(&times, now, &schedule.cron)?;
            schedule.after = text(now);
        }
        schedule.changed_at = text(now);
        self.store.put_schedule(&schedule, anew).map_err(crate::entries::taken)?;
        self.schedule_view(&schedule, now, SHOWN_FIRINGS)
    }

    /// Removes a schedule. A run of it that is under way goes on, and the records of its runs stay.
    ///
    /// # Errors
    /// When there is none of that name, or the store cannot be written.
    pub fn schedule_remove(&self, argument: ScheduleArgument) -> Result<(), ApiError> {
        Ok(self.store.remove_schedule(&self.schedule(&argument.schedule)?.id)?)
    }

    /// The schedule whose time comes next, with it; none where none will.
    pub(crate) fn next_up(&self) -> Result<Option<NextUp>, ApiError> {
        let now = self.clock_now();
        let all = self.store.schedules()?;
        let coming = all.iter().filter(|one| !one.paused);
        let coming = coming.filter_map(|one| Some((Times::of(one).ok()?.after(now)?, one)));
        let next = coming.min_by_key(|(at, _)| *at);
        Ok(next.map(|(at, one)| NextUp { schedule: one.id.clone(), name: one.name.clone(), at: text(at) }))
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        self.engine.clock.now().parse().unwrap_or_else(|_| Timestamp::now())
    }

    /// The schedule of that id or name.
    fn schedule(&self, name: &str) -> Result<Schedule, ApiError> {
        if let Some(found) = self.store.schedule(name.trim())? {
            return Ok(found);
        }
        let all = self.store.schedules()?;
        let near = nearest(name, all.iter().map(|one| one.name.as_str()));
        let hint = match near {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "`allgood schedule list` shows those there are.".to_owned(),
        };
        Err(ApiError::new(ErrorCode::NotFound, format!("There is no schedule \"{}\": {hint}", name.trim())))
    }

    /// A new schedule, with everything of it looked at.
    fn planned(&self, new: NewSchedule) -> Result<Schedule, ApiError> {
        let opened = self.schedulable(&new.runbook)?;
        accepted(&opened, new.revision.as_deref())?;
        let proposed = opened.runbook.about.schedule.clone();
        let from = |own: Option<String>, pick: fn(&format::ScheduleProposal) -> Option<String>| {
            let own = own.map(|own| own.trim().to_owned()).filter(|own| !own.is_empty());
            own.or_else(|| proposed.as_ref().and_then(pick))
        };
        let cron = from(new.cron, |one| Some(one.cron.clone())).ok_or_else(|| {
            let path = opened.path.display();
            let wrong = format::unreadable_schedule(&opened.runbook).or(opened.runbook.settings.refused.clone());
            let why = wrong.unwrap_or_else(|| "its front matter proposes no `schedule`".to_owned());
            let sentence = format!(
                "Nothing says when {path} is to run: {why}. Say it: --cron '30 3 * * *' is every day at 3:30."
            );
            ApiError::new(ErrorCode::BadInput, sentence)
        })?;
        let zone = from(new.zone, |one| one.zone.clone()).unwrap_or_else(zone_here);
        let environment = from(new.environment, |one| one.environment.clone());
        let on_failure = new.on_failure.map(views::word).or_else(|| from(None, |one| one.on_failure.clone()));
        let missed = new.missed.map(views::word).or_else(|| from(None, |one| one.missed.clone()));
        let name = match new.name.as_deref().filter(|name| !name.trim().is_empty()) {
            Some(name) => name_of(name)?,
            None => cut(&opened.runbook.title),
        };
        let now = self.clock_now();
        let times = Times::new(&cron, &zone)?;
        comes(&times, now, &cron)?;
        let now = text(now);
        let schedule = Schedule {
            id: Uuid::now_v7().to_string(),
            name,
            path: opened.path.display().to_string(),
            cron,
            zone,
            environment,
            values: new.values,
            on_failure: on_failure.unwrap_or_else(|| views::word(ScheduleFailure::default())),
            missed: missed.unwrap_or_else(|| views::word(ScheduleMissed::default())),
            paused: false,
            revision: opened.runbook.revision.clone(),
            accepted_at: now.clone(),
            added_at: now.clone(),
            changed_at: now.clone(),
            after: now,
            driven: false,
        };
        self.fits(&opened, &schedule)?;
        self.store.may_be_called(&schedule).map_err(crate::entries::taken)?;
        Ok(schedule)
    }

    /// A runbook that a schedule may run: in a trusted folder of the library, and one that can be read.
    fn schedulable(&self, path: &str) -> Result<Opened, ApiError> {
        let opened = self.opened(Path::new(path))?;
        self.trusted(&opened.path, engine::event::Mode::Auto)?;
        Ok(opened)
    }

    /// Whether its environment is there and its values fit what the runbook asks for; none of them is a secret.
    fn fits(&self, opened: &Opened, schedule: &Schedule) -> Result<(), ApiError> {
        if let Some(name) = &schedule.environment {
            self.environment(&opened.path, name)?;
        }
        not_secret(&opened.runbook, &schedule.values)?;
        if let Some(name) =
            schedule.values.iter().find(|(_, value)| self.mask(value) != **value).map(|(name, _)| name)
        {
            return Err(secret(name));
        }
        self.engine.check(&opened.runbook, &schedule.values, None).map_err(refused)
    }
}

/// Nothing is accepted but what was shown.
fn accepted(opened: &Opened, shown: Option<&str>) -> Result<(), ApiError> {
    if shown.is_none_or(|shown| shown == opened.runbook.revision) {
        return Ok(());
    }
    let name = opened.path.display();
    let sentence = format!("{name} has changed since it was shown: read it again before you accept it.");
    Err(ApiError::new(ErrorCode::Stale, sentence))
}

fn not_secret(runbook: &format::Runbook, values: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let params = &runbook.settings.params;
    match params.iter().find(|param| param.secret && values.contains_key(&param.name)) {
        Some(param) => Err(secret(&param.name)),
        None => Ok(()),
    }
}

fn secret(name: &str) -> ApiError {
    let sentence = format!(
        "The value of \"{name}\" is a secret, and a schedule keeps none: let the runbook fetch it by reference (`access:` in its \
         front matter)."
    );
    ApiError::new(ErrorCode::BadInput, sentence)
}

/// A time that never comes is no schedule.
fn comes(times: &Times, now: Timestamp, cron: &str) -> Result<(), ApiError> {
    if times.after(now).is_some() {
        return Ok(());
    }
    let sentence = format!("\"{cron}\" never comes, for no day is so: mend the day or the month.");
    Err(ApiError::new(ErrorCode::BadInput, sentence))
}

fn name_of(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    if name.is_empty() || name.chars().any(char::is_control) || name.chars().count() > LONGEST_NAME {
        let sentence = format!(
            "A schedule cannot be called \"{}\": write 1 to {LONGEST_NAME} characters on one line.",
            cut(name)
        );
        return Err(ApiError::new(ErrorCode::BadInput, sentence));
    }
    Ok(name.to_owned())
}

/// A title as a name.
fn cut(title: &str) -> String {
    let line: String = title.chars().map(|one| if one.is_control() { ' ' } else { one }).take(LONGEST_NAME).collect();
    line.trim().to_owned()
}

/// A time as the store keeps it.
fn text(at: Timestamp) -> String {
    format!("{at:.3}")
}
