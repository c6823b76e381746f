//! Marking an incident, also in a run that is over or that nobody drives, and when its next status update is due.
//!
//! Whoever drives a run writes its journal. What is marked in one that nobody drives is written under its lock, and the
//! run stays as it is: it is not taken up by that. One that another process drives is left alone.

use std::{path::Path, sync::PoisonError};

use engine::{
    Command, Fact, RunId, RunState,
    incident::{Intervals, mark},
};
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    commands::RunArgument,
    live::refused,
    wire::{MarkRun, Marking, RunView, SendUpdate, UpdateMinutes},
};

/// The longest that the next update is put off.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(24);

/// That a status update of a run that this process drives is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateDue {
    /// Which run.
    pub run: String,
    /// The title of its runbook.
    pub title: String,
    /// How bad it is, where that is known.
    pub severity: Option<String>,
    /// When it is, or was, due: UTC, RFC 3339.
    pub due: String,
}

impl App {
    /// Marks a moment or a fact of an incident; gives the run as it is then.
    ///
    /// # Errors
    /// When there is no such run, another process drives it, the mark says nothing or contradicts what stands, its time
    /// cannot be read or lies in the future, or the store does not keep it.
    pub fn run_mark(&self, request: MarkRun) -> Result<RunView, ApiError> {
        let id = self.row(&request.run)?.start.id;
        let marking = marking(request.mark, &self.now()?)?;
        if !self.tell(&id, |_| Command::Mark(Box::new(marking.clone())))? {
            self.append_at_rest(&id, |runbook, state| mark(runbook, state, &marking).map_err(refused))?;
        }
        self.run_view(RunArgument { run: id.0 })
    }

    /// Says that a status update was sent: the message of the runbook that it was made from is sent by that, a text of
    /// one's own is marked. In a run that is over both are marked: nothing of its items changes any more.
    ///
    /// # Errors
    /// As [`App::run_mark`], and when the runbook has no such message.
    pub fn run_update(&self, request: SendUpdate) -> Result<RunView, ApiError> {
        let id = self.row(&request.run)?.start.id;
        if request.text.trim().is_empty() {
            return Err(ApiError::new(ErrorCode::BadInput, "The update is empty: write what was sent."));
        }
        let said = engine::incident::Marking {
            what: "update".to_owned(),
            value: Some(request.text.clone()),
            ..engine::incident::Marking::default()
        };
        let command = |state: &RunState| match &request.item {
            Some(item) if !state.is_finished() => {
                Command::MessageSent { item: item.clone(), text: request.text.clone() }
            }
            _ => Command::Mark(Box::new(said.clone())),
        };
        if !self.tell(&id, command)? {
            self.append_at_rest(&id, |runbook, state| {
                let Some(item) = &request.item else { return mark(runbook, state, &said).map_err(refused) };
                match runbook.item(item) {
                    None => Err(refused(engine::Refusal::UnknownItem(item.clone()))),
                    Some((_, _, found)) if found.kind != format::ItemKind::Message => {
                        Err(ApiError::new(ErrorCode::BadInput, format!("\"{item}\" is no message.")))
                    }
                    Some(_) if state.is_finished() => mark(runbook, state, &said).map_err(refused),
                    Some(_) => Ok(Fact::MessageSent { item: item.clone(), text: request.text.clone() }),
                }
            })?;
        }
        self.run_view(RunArgument { run: id.0 })
    }

    /// The status updates that are, or will be, due in the runs that this process drives, the earliest first: what a face
    /// reminds of while its window is not in front. Cheap enough to be asked every second.
    #[must_use]
    pub fn updates_due(&self) -> Vec<UpdateDue> {
        let live: Vec<_> = lock(&self.live).values().cloned().collect();
        let mut due: Vec<UpdateDue> = live.iter().filter_map(|live| live.update_due()).collect();
        due.sort_by(|one, other| one.due.cmp(&other.due).then_with(|| one.run.cmp(&other.run)));
        due
    }

    /// Asks it of a run that this process drives; whether it does.
    fn tell(&self, id: &RunId, command: impl FnOnce(&RunState) -> Command) -> Result<bool, ApiError> {
        let Some(live) = self.live_run(id) else { return Ok(false) };
        let state = live.handle.state();
        // One that is over is being let go of.
        if state.is_finished() {
            return Ok(false);
        }
        live.send(command(&state)).map(|()| true)
    }

    /// Appends a fact to the journal of a run that nobody drives.
    pub(crate) fn append_at_rest(
        &self,
        id: &RunId,
        fact: impl FnOnce(&format::Runbook, &RunState) -> Result<Fact, ApiError>,
    ) -> Result<(), ApiError> {
        self.is_own(&self.store.run(id)?)?;
        let Some(_held) = self.free(id)? else {
            let sentence = format!(
                "Run {id} is driven by another process of Allgood, which writes its record: mark it there, or put it aside \
                 there first."
            );
            return Err(ApiError::new(ErrorCode::State, sentence));
        };
        self.store.interrupt(id, &self.engine.clock.now(), &self.engine.settings.actor)?;
        let row = self.store.run(id)?;
        let bytes = self.store.revision(&row.start.revision)?;
        let runbook = self.parse(&row.start.path, &bytes, Path::new(&row.start.path));
        let fact = fact(&runbook, &self.store.run_state(id)?)?.map_text(|text| self.mask(text));
        let (at, actor) = (self.engine.clock.now(), self.mask(&self.engine.settings.actor));
        let kept = self.engine.journal.append(id, &at, &actor, fact);
        kept.map(|_| ()).map_err(|error| ApiError::new(ErrorCode::Store, error.to_string()))
    }

    /// How often incidents are told about, as the person has chosen.
    pub(crate) fn intervals(&self) -> Intervals {
        *self.intervals.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time, where this machine is.
    pub(crate) fn now(&self) -> Result<Zoned, ApiError> {
        let now = self.engine.clock.now().parse::<Timestamp>();
        let now = now.map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?;
        Ok(now.to_zoned(jiff::tz::TimeZone::system()))
    }
}

/// A mark as the engine takes it: its time is read.
pub(crate) fn marking(marking: Marking, now: &Zoned) -> Result<engine::incident::Marking, ApiError> {
    let Marking { what, value, when, role, reason, withdrawn } = marking;
    let said = when.as_deref().map(str::trim).filter(|when| !when.is_empty());
    let when = said.map(|when| if what == "snoozed" { until(when, now) } else { moment(when, now) });
    let when = when.transpose()?.map(|when| format!("{when:.3}"));
    Ok(engine::incident::Marking { what, value, when, role, reason, withdrawn })
}

/// A moment that has been: of a clock time the last one, of a length of time so long ago.
fn moment(text: &str, now: &Zoned) -> Result<Timestamp, ApiError> {
    let day_before = |at: Zoned| if at > *now { at.yesterday() } else { Ok(at) };
    let ago = text.trim_start_matches('-').trim_end_matches("ago").trim();
    let read = written(text, now)
        .or_else(|| Some(day_before(clock(text, now)?).ok()?.timestamp()))
        .or_else(|| Some(now.checked_sub(ago.parse::<jiff::Span>().ok()?.abs()).ok()?.timestamp()));
    match read {
        Some(at) if at > now.timestamp() => {
            let sentence = format!("\"{text}\" lies in the future: mark it when it has come.");
            Err(ApiError::new(ErrorCode::BadInput, sentence))
        }
        Some(at) => Ok(at),
        None => Err(unreadable(text, "how long ago (15m)")),
    }
}

/// A time to come: of a clock time the next one, of a length of time so long from now.
fn until(text: &str, now: &Zoned) -> Result<Timestamp, ApiError> {
    let day_after = |at: Zoned| if at <= *now { at.tomorrow() } else { Ok(at) };
    let read = written(text, now)
        .or_else(|| Some(day_after(clock(text, now)?).ok()?.timestamp()))
        .or_else(|| Some(now.checked_add(text.parse::<jiff::Span>().ok()?).ok()?.timestamp()));
    let Some(at) = read else { return Err(unreadable(text, "for how long (10m)")) };
    let gone = at.duration_since(now.timestamp());
    if gone <= SignedDuration::ZERO || gone > PUT_OFF {
        let sentence =
            format!("\"{text}\" is not within the next 24 hours: an update is put off no longer than that.");
        return Err(ApiError::new(ErrorCode::BadInput, sentence));
    }
    Ok(at)
}

/// A day with its time: of RFC 3339, or where this machine is.
fn written(text: &str, now: &Zoned) -> Option<Timestamp> {
    let here = || {
        let at = text.parse::<jiff::civil::DateTime>().ok().filter(|_| text.contains('-') && text.contains(':'))?;
        Some(at.to_zoned(now.time_zone().clone()).ok()?.timestamp())
    };
    text.parse().ok().or_else(here)
}

/// A time of today.
fn clock(text: &str, now: &Zoned) -> Option<Zoned> {
    let time = text.parse::<jiff::civil::Time>().ok().filter(|_| text.contains(':'))?;
    now.date().to_datetime(time).to_zoned(now.time_zone().clone()).ok()
}

fn unreadable(text: &str, or: &str) -> ApiError {
    let sentence =
        format!("\"{text}\" is no time: write a clock time (02:47), with its day (2026-11-22 02:47), or {or}.");
    ApiError::new(ErrorCode::BadInput, sentence)
}

/// Minutes as the engine takes them.
pub(crate) fn intervals(minutes: UpdateMinutes) -> Intervals {
    let every = |minutes: u32| (minutes > 0).then(|| std::time::Duration::from_secs(u64::from(minutes) * 60));
    let UpdateMinutes { sev1, sev2, sev3, sev4, other } = minutes;
    Intervals { levels: [sev1, sev2, sev3, sev4].map(every), other: every(other) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 03:10 on a Sunday, two hours ahead of UTC.
    fn now() -> Zoned {
        "2026-11-22T03:10:30+02:00[+02:00]".parse().unwrap()
    }

    #[test]
    fn a_moment_is_read_as_a_person_says_it_and_never_lies_in_the_future() {
        for (text, expected) in [
            ("02:47", Some("2026-11-22T00:47:00Z")),
            ("03:10", Some("2026-11-22T01:10:00Z")),
            ("23:50", Some("2026-11-21T21:50:00Z")),
            ("02:47:05", Some("2026-11-22T00:47:05Z")),
            ("2026-11-21 22:00", Some("2026-11-21T20:00:00Z")),
            ("2026-11-21T22:00", Some("2026-11-21T20:00:00Z")),
            ("2026-11-22T00:47:00Z", Some("2026-11-22T00:47:00Z")),
            ("15m", Some("2026-11-22T00:55:30Z")),
            ("1h 30min ago", Some("2026-11-21T23:40:30Z")),
            ("-5m", Some("2026-11-22T01:05:30Z")),
            ("2026-11-22 03:20", None),
            ("2027-01-01T00:00:00Z", None),
            ("soon", None),
            ("25:00", None),
            ("2026-11-22", None),
        ] {
            let found = moment(text, &now()).map(|at| at.to_string());
            assert_eq!(found.as_deref().ok(), expected, "{text}: {found:?}");
        }
    }

    #[test]
    fn an_update_is_put_off_by_a_time_to_come_within_a_day() {
        for (text, expected) in [
            ("10m", Some("2026-11-22T01:20:30Z")),
            ("04:00", Some("2026-11-22T02:00:00Z")),
            ("02:00", Some("2026-11-23T00:00:00Z")),
            ("2026-11-22T02:00:00Z", Some("2026-11-22T02:00:00Z")),
            ("2026-11-22 02:00", None),
            ("3 days", None),
            ("0m", None),
            ("later", None),
        ] {
            let found = until(text, &now()).map(|at| at.to_string());
            assert_eq!(found.as_deref().ok(), expected, "{text}: {found:?}");
        }
    }

    #[test]
    fn what_the_settings_say_without_a_choice_is_what_the_engine_takes() {
        assert_eq!(intervals(UpdateMinutes::default()), Intervals::default());
    }
}
