//! When a schedule is due: a cron expression in a time zone, by croner and the system's time zone database.

use croner::Cron;
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use store::Schedule;

use crate::{ApiError, ErrorCode};

/// How many of its next times are shown.
pub(super) const SHOWN: usize = 5;
/// Later than this a time counts as missed: whoever drives the schedules looks each minute.
pub(super) const ON_TIME: SignedDuration = SignedDuration::from_mins(5);
/// Of more times than this nobody wants to know the number.
pub(super) const COUNTED: u64 = 1_000;

/// How many days a week has.
const DAYS: usize = 7;
/// Of more times a day nobody wants to know the number.
const DAILY: u64 = 25;

/// The times of a cron expression in a time zone.
pub(super) struct Times {
    cron: Cron,
    zone: TimeZone,
}

/// The times that have come and are not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// The last of them.
    pub(super) last: Timestamp,
    /// How many there are; 1,000 where there are that many or more.
    pub(super) times: u64,
}

/// The time zone of this machine, by its name; UTC where it has none.
pub(super) fn zone_here() -> String {
    TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}

impl Times {
    /// # Errors
    /// When the expression is none, or there is no such time zone.
    pub(super) fn new(cron: &str, zone: &str) -> Result<Self, ApiError> {
        let cron = format::read_cron(cron).map_err(|why| ApiError::new(ErrorCode::BadInput, format!("{why}.")))?;
        let zone = TimeZone::get(zone).map_err(|_| {
            let sentence = format!(
                "There is no time zone \"{zone}\": write one of the IANA database, such as Europe/Berlin or UTC (--zone)."
            );
            ApiError::new(ErrorCode::BadInput, sentence)
        })?;
        Ok(Self { cron, zone })
    }

    /// Those of a schedule.
    pub(super) fn of(schedule: &Schedule) -> Result<Self, ApiError> {
        Self::new(&schedule.cron, &schedule.zone)
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        self.cron.describe().trim_end_matches('.').to_owned()
    }

    /// The first time after another; `None` where there is none in the next thousands of years (`0 0 30 2 *`).
    pub(super) fn after(&self, at: Timestamp) -> Option<Timestamp> {
        let found = self.cron.find_next_occurrence(&at.to_zoned(self.zone.clone()), false).ok()?.timestamp();
        // Nothing that comes of a time is before it.
        (found > at).then_some(found)
    }

    /// The next times, [`SHOWN`] at most.
    pub(super) fn next(&self, at: Timestamp) -> Vec<Timestamp> {
        let mut found = Vec::new();
        let mut at = at;
        while found.len() < SHOWN
            && let Some(next) = self.after(at)
        {
            found.push(next);
            at = next;
        }
        found
    }

    /// The coming days that have times, seven at most, as days are in a time zone: each with its first time and how many there are.
    pub(super) fn week(&self, at: Timestamp, zone: &TimeZone) -> Vec<(Date, Timestamp, u64)> {
        let today = at.to_zoned(zone.clone()).date();
        let mut days = Vec::new();
        for day in today.series(1.day()).take(DAYS) {
            let start = day.to_zoned(zone.clone()).map(|start| start.timestamp());
            let end = day.tomorrow().and_then(|next| next.to_zoned(zone.clone())).map(|end| end.timestamp());
            let (Ok(start), Ok(end)) = (start, end) else { break };
            // The first moment of the day belongs to it.
            let mut last = start.checked_sub(1.second()).unwrap_or(start).max(at);
            let mut found: Option<(Date, Timestamp, u64)> = None;
            while let Some(next) = self.after(last).filter(|next| *next < end) {
                let (_, first, count) = found.unwrap_or((day, next, 0));
                found = Some((day, first, count + 1));
                last = next;
                if count + 1 == DAILY {
                    break;
                }
            }
            days.extend(found);
        }
        days
    }

    /// What has come after `settled`, up to now. Where the clock was set back before `settled`, nothing has.
    pub(super) fn due(&self, settled: Timestamp, now: Timestamp) -> Option<Due> {
        let mut due = Due { last: self.after(settled).filter(|first| *first <= now)?, times: 1 };
        while due.times < COUNTED
            && let Some(next) = self.after(due.last).filter(|next| *next <= now)
        {
            due = Due { last: next, times: due.times + 1 };
        }
        if due.times == COUNTED {
            let here = now.to_zoned(self.zone.clone());
            let last = self.cron.find_previous_occurrence(&here, true).ok().map(|last| last.timestamp());
            due.last = last.filter(|last| *last > due.last && *last <= now).unwrap_or(due.last);
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(cron: &str, zone: &str) -> Times {
        Times::new(cron, zone).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn next(cron: &str, zone: &str, after: &str) -> Vec<String> {
        times(cron, zone).next(at(after)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_time_is_that_of_its_zone() {
        assert_eq!(next("30 3 * * *", "UTC", "2026-11-29T03:30:00Z")[0], "2026-11-30T03:30:00Z");
        assert_eq!(next("30 3 * * *", "Asia/Tokyo", "2026-11-29T03:30:00Z")[0], "2026-11-29T18:30:00Z");
        assert_eq!(next("0 9 * * MON-FRI", "Europe/Berlin", "2026-11-27T12:00:00Z")[0], "2026-11-30T08:00:00Z");
        assert_eq!(next("@daily", "UTC", "2026-11-29T03:30:00Z")[0], "2026-11-30T00:00:00Z");
        assert_eq!(next("0 0 30 2 *", "UTC", "2026-11-29T03:30:00Z"), [""; 0]);
    }

    #[test]
    fn an_hour_that_is_left_out_or_comes_twice_neither_loses_nor_doubles_a_fixed_time() {
        // In Berlin 2:00 to 3:00 is left out on 29 March 2026, and comes twice on 25 October.
        let spring = next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z");
        assert_eq!(spring[..2], ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
        let autumn = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z");
        assert_eq!(autumn[..2], ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        // What repeats goes on in each hour that there is.
        let hourly = next("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z");
        assert_eq!(hourly[..3], ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]);
    }

    #[test]
    fn what_is_due_is_counted_and_nothing_is_due_before_what_is_settled() {
        let daily = times("0 3 * * *", "UTC");
        let due = |settled: &str, now: &str| daily.due(at(settled), at(now));
        assert_eq!(due("2026-11-01T03:00:00Z", "2026-11-02T02:59:59Z"), None);
        let one = Some(Due { last: at("2026-11-02T03:00:00Z"), times: 1 });
        assert_eq!(due("2026-11-01T03:00:00Z", "2026-11-02T03:00:00Z"), one);
        let four = Some(Due { last: at("2026-11-05T03:00:00Z"), times: 4 });
        assert_eq!(due("2026-11-01T03:00:00Z", "2026-11-05T23:00:00Z"), four);
        assert_eq!(due("2026-11-01T03:00:00Z", "2020-01-01T00:00:00Z"), None, "a clock that was set back");
        let always = times("* * * * *", "UTC").due(at("2020-01-01T00:00:00Z"), at("2026-11-05T23:00:30Z"));
        assert_eq!(always, Some(Due { last: at("2026-11-05T23:00:00Z"), times: 1_000 }));
    }

    #[test]
    fn a_week_has_each_day_with_its_first_time_and_how_many_there_are() {
        let now = at("2026-11-27T12:00:00Z");
        let week = |cron: &str| -> Vec<(String, String, u64)> {
            let days = times(cron, "UTC").week(now, &TimeZone::UTC);
            days.into_iter().map(|(day, first, count)| (day.to_string(), first.to_string(), count)).collect()
        };
        let weekday = week("0 9 * * MON-FRI");
        assert_eq!(weekday.len(), 4, "today's is over, and a weekend lies between: {weekday:?}");
        assert_eq!(weekday[0], ("2026-11-30".to_owned(), "2026-11-30T09:00:00Z".to_owned(), 1));
        let midnight = week("0 0 * * *");
        assert_eq!(midnight[0], ("2026-11-28".to_owned(), "2026-11-28T00:00:00Z".to_owned(), 1));
        let hourly: Vec<u64> = week("0 * * * *").into_iter().map(|(_, _, count)| count).collect();
        assert_eq!(hourly, [11, 24, 24, 24, 24, 24, 24]);
        assert_eq!(week("* * * * *")[1].2, DAILY);
    }

    #[test]
    fn what_is_no_expression_or_no_zone_is_said() {
        for (cron, zone, says) in [
            ("61 * * * *", "UTC", "is no cron expression"),
            ("* * * *", "UTC", "minute, hour, day"),
            ("* * * * * *", "UTC", "is no cron expression"),
            ("at noon", "UTC", "30 3 * * *"),
            ("", "UTC", "is no cron expression"),
            ("@daily", "Mars/Olympus", "Europe/Berlin"),
        ] {
            let error = Times::new(cron, zone).err().unwrap_or_else(|| panic!("{cron} {zone} is taken"));
            assert!(error.message.contains(says), "{cron} {zone}: {}", error.message);
        }
    }
}
