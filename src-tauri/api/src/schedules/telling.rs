//! Telling a person of what came of schedules: once each, whoever tells; not while they want to hear nothing, and then all of it at
//! once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Time, tz::TimeZone};
use store::Firing;

use super::views::state;
use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    wire::{FiringState, Settings},
};

/// What a person is told of the program, rather than of a run that they look at. Plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    /// Its first line.
    pub title: String,
    /// What it says.
    pub text: String,
    /// It stays until somebody has seen it.
    pub urgent: bool,
    /// The run that it speaks of; none where it speaks of several, or of none.
    pub run: Option<String>,
}

/// Shows a notification where a person is.
pub trait Notifier: Send + Sync {
    /// Shows it. May take seconds.
    ///
    /// # Errors
    /// One sentence: why nobody shows it.
    fn show(&self, telling: &Telling) -> Result<(), String>;
}

/// The notifications of the person's session.
pub struct SessionNotifier;

impl Notifier for SessionNotifier {
    fn show(&self, Telling { title, text, urgent, .. }: &Telling) -> Result<(), String> {
        let notification = access::Notification { title, text, urgent: *urgent, ..access::Notification::default() };
        let shown = access::Notifications::connect().and_then(|service| service.show(notification));
        shown.map(drop).map_err(|error| format!("The notification could not be shown: {error}."))
    }
}

/// Hours of the day in which nothing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quiet {
    from: Time,
    until: Time,
}

impl Quiet {
    /// Reads `22:00-07:00`.
    ///
    /// # Errors
    /// One sentence without a full stop.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let time = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let read =
            text.split_once('-').and_then(|(from, until)| Some(Self { from: time(from)?, until: time(until)? }));
        read.filter(|quiet| quiet.from != quiet.until).ok_or_else(|| {
            format!("\"{text}\" are no hours of the day: write two different times such as \"22:00-07:00\"")
        })
    }

    /// Whether a time of the day lies within; over midnight too.
    fn holds(self, time: Time) -> bool {
        if self.from < self.until {
            self.from <= time && time < self.until
        } else {
            time >= self.from || time < self.until
        }
    }
}

/// A firing that is to be told.
struct Told {
    schedule: String,
    state: FiringState,
    firing: Firing,
}

impl App {
    /// Tells a person of what came of schedules since that was done last: what failed, what waits, what was missed or refused.
    /// What passed is not told. In the quiet hours of the settings nothing is shown but failures, where the person wants those;
    /// after them one notification says all of it.
    ///
    /// # Errors
    /// When the settings or the store cannot be read, or what was told cannot be kept.
    pub fn schedule_tell(&self, now: Timestamp, notifier: &dyn Notifier) -> Result<(), ApiError> {
        self.schedule_tell_at(now, &TimeZone::system(), notifier)
    }

    /// The same, with the day as it is in a time zone.
    ///
    /// # Errors
    /// As for [`App::schedule_tell`].
    pub fn schedule_tell_at(&self, now: Timestamp, zone: &TimeZone, notifier: &dyn Notifier) -> Result<(), ApiError> {
        let waiting = self.store.firings_not_told()?;
        if waiting.is_empty() {
            return Ok(());
        }
        let settings = self.settings_read(Nothing {})?;
        let quiet = is_quiet(&settings, now, zone)?;
        let rows = self.rows_of(&waiting)?;
        let schedules = self.store.schedules()?;
        // Somebody drives it still: how it ends is not known.
        let mut under_way = BTreeSet::new();
        for one in schedules.iter().filter(|one| one.driven) {
            under_way.extend(self.store.last_begun(&one.id)?.map(|last| (last.schedule, last.due)));
        }
        let names: BTreeMap<String, String> = schedules.into_iter().map(|one| (one.id, one.name)).collect();
        let mut told = Vec::new();
        for firing in waiting {
            let row = firing.run.as_ref().and_then(|run| rows.get(run));
            let state = state(&firing, row);
            let urgent = is_urgent(state);
            let held_back = quiet && !(urgent && settings.quiet_failures);
            let key = (firing.schedule.clone(), firing.due.clone());
            if state == FiringState::Running || under_way.contains(&key) || (held_back && is_told(state)) {
                continue;
            }
            if self.store.tell_of_firing(&firing.schedule, &firing.due)? && is_told(state) {
                let schedule = names.get(&firing.schedule).cloned().unwrap_or_default();
                told.push(Told { schedule, state, firing });
            }
        }
        if told.is_empty() || !settings.notifications {
            return Ok(());
        }
        let urgent = told.iter().any(|one| is_urgent(one.state));
        let (title, text) = match told.as_slice() {
            [one] => (one.schedule.clone(), sentence(one)),
            all => (summed_up(all), all.iter().map(line).collect::<Vec<_>>().join("\n")),
        };
        let run = match told.as_slice() {
            [one] => one.firing.run.as_ref().map(|run| run.0.clone()),
            _ => None,
        };
        let telling = Telling { title: self.mask(&title), text: self.mask(&text), urgent, run };
        if let Err(why) = notifier.show(&telling) {
            tracing::warn!(%why, "nobody shows notifications");
        }
        Ok(())
    }
}

fn is_quiet(settings: &Settings, now: Timestamp, zone: &TimeZone) -> Result<bool, ApiError> {
    let Some(written) = &settings.quiet else { return Ok(false) };
    let quiet = Quiet::read(written).map_err(|why| ApiError::new(ErrorCode::File, format!("{why}.")))?;
    Ok(quiet.holds(now.to_zoned(zone.clone()).time()))
}

/// Whether it is told at all: what passed, or what a person did, is not.
fn is_told(state: FiringState) -> bool {
    !matches!(state, FiringState::Running | FiringState::Passed | FiringState::Abandoned | FiringState::HandedOver)
}

/// Something went wrong with what was run.
fn is_urgent(state: FiringState) -> bool {
    matches!(state, FiringState::Failed | FiringState::RolledBack | FiringState::Interrupted)
}

fn word(state: FiringState) -> &'static str {
    match state {
        FiringState::Running => "runs",
        FiringState::Waits => "waits for a person",
        FiringState::Passed => "passed",
        FiringState::Failed => "failed",
        FiringState::RolledBack => "failed and was rolled back",
        FiringState::Abandoned => "was given up",
        FiringState::HandedOver => "was handed over",
        FiringState::Interrupted => "was cut off and is not finished",
        FiringState::Missed => "was missed",
        FiringState::Refused => "was not started",
    }
}

fn sentence(told: &Told) -> String {
    let times = match told.firing.times {
        1 => String::new(),
        times if told.state == FiringState::Missed => format!(" {times} times"),
        _ => String::new(),
    };
    let what = format!("The scheduled run {}{times}", word(told.state));
    match (&told.firing.why, &told.firing.run) {
        (Some(why), None) => format!("{what}: {}.", why.trim_end_matches('.')),
        (_, Some(run)) if matches!(told.state, FiringState::Waits | FiringState::Interrupted) => {
            format!("{what}: allgood resume {run}")
        }
        _ => format!("{what}."),
    }
}

fn line(told: &Told) -> String {
    let times = if told.firing.times > 1 { format!(" ({} times)", told.firing.times) } else { String::new() };
    format!("{}: {}{times}", told.schedule, word(told.state))
}

/// `3 scheduled runs: 1 failed, 2 were missed`.
fn summed_up(all: &[Told]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for one in all {
        match counts.iter_mut().find(|(known, _)| *known == word(one.state)) {
            Some((_, count)) => *count += 1,
            None => counts.push((word(one.state), 1)),
        }
    }
    let many = |word: &str, count: usize| match count {
        1 => word.to_owned(),
        _ => word.replace("was ", "were ").replace("waits", "wait").replace("is not", "are not"),
    };
    let each: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {}", many(word, *count))).collect();
    format!("Schedules: {}", each.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight_and_end_when_they_say() {
        let at = |hour, minute| Time::new(hour, minute, 0, 0).unwrap();
        let night = Quiet::read("22:00-07:00").unwrap();
        for (hour, minute, quiet) in [(21, 59, false), (22, 0, true), (0, 0, true), (6, 59, true), (7, 0, false)] {
            assert_eq!(night.holds(at(hour, minute)), quiet, "{hour}:{minute}");
        }
        let lunch = Quiet::read(" 12:00 - 13:30 ").unwrap();
        assert!(lunch.holds(at(13, 29)) && !lunch.holds(at(13, 30)) && !lunch.holds(at(1, 0)));
        for wrong in ["", "22:00", "22-07", "25:00-07:00", "7:00-7:00", "night"] {
            assert!(Quiet::read(wrong).unwrap_err().contains("22:00-07:00"), "{wrong}");
        }
    }
}
