//! When a schedule is due: a cron expression in a time zone, by croner and the system's time zone database.

use croner::{Cron, CronComponent};
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
/// What comes more often in a day repeats, however it is written; so does what comes in each of the hours.
const FIXED: usize = 24;
/// How many hours a day has on the clock.
const HOURS: usize = 24;
/// How many minutes an hour has.
const MINUTES: usize = 60;

/// The times of a cron expression in a time zone.
pub(super) struct Times {
    cron: Cron,
    /// What is asked for its times: each fixed time by itself, since croner knows only single ones as fixed; else the expression.
    each: Vec<Cron>,
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
        let refused = |why| ApiError::new(ErrorCode::BadInput, format!("{why}."));
        let cron = format::read_cron(cron).map_err(refused)?;
        let each = fixed(&cron).unwrap_or_else(|| Ok(vec![cron.clone()])).map_err(refused)?;
        let zone = TimeZone::get(zone).map_err(|_| {
            let sentence = format!(
                "There is no time zone \"{zone}\": write one of the IANA database, such as Europe/Berlin or UTC (--zone)."
            );
            ApiError::new(ErrorCode::BadInput, sentence)
        })?;
        Ok(Self { cron, each, zone })
    }

    /// Those of a schedule.
    pub(super) fn of(schedule: &Schedule) -> Result<Self, ApiError> {
        Self::new(&schedule.cron, &schedule.zone)
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let mut said = self.cron.clone();
        let pattern = &mut said.pattern;
        // croner says "every 5 hours" of whatever has such a step: where it goes on otherwise the values themselves are said.
        for field in [&mut pattern.minutes, &mut pattern.hours, &mut pattern.months] {
            if !goes_on(field) {
                field.step = 1;
            }
        }
        // "Every minute past of every 2 hours" are no words.
        if pattern.minutes.values().len() == MINUTES {
            pattern.hours.step = 1;
        }
        said.describe().trim_end_matches('.').to_owned()
    }

    /// The first time after another; `None` where there is none in the next thousands of years (`0 0 30 2 *`).
    pub(super) fn after(&self, at: Timestamp) -> Option<Timestamp> {
        self.coming(at).next()
    }

    /// The next times, [`SHOWN`] at most.
    pub(super) fn next(&self, at: Timestamp) -> Vec<Timestamp> {
        self.coming(at).take(SHOWN).collect()
    }

    /// The times after one, in their order, each once.
    fn coming(&self, at: Timestamp) -> impl Iterator<Item = Timestamp> {
        let after = |cron: &Cron, at: Timestamp| {
            let found = cron.find_next_occurrence(&at.to_zoned(self.zone.clone()), false).ok()?.timestamp();
            // Nothing that comes of a time is before it.
            (found > at).then_some(found)
        };
        // All have the same days: where one never comes, none does.
        let first: Option<Vec<Timestamp>> = self.each.iter().map(|cron| after(cron, at)).collect();
        let mut coming: Vec<(&Cron, Timestamp)> = self.each.iter().zip(first.unwrap_or_default()).collect();
        std::iter::from_fn(move || {
            let next = coming.iter().map(|(_, at)| *at).min()?;
            coming.retain_mut(|(cron, at)| {
                let following = if *at == next { after(cron, next) } else { Some(*at) };
                *at = following.unwrap_or(next);
                following.is_some()
            });
            Some(next)
        })
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
            let last = start.checked_sub(1.second()).unwrap_or(start).max(at);
            let mut found = self.coming(last).take_while(|next| *next < end);
            days.extend(found.next().map(|first| (day, first, 1 + (1..DAILY).zip(found).map(|_| 1).sum::<u64>())));
        }
        days
    }

    /// What has come after `settled`, up to now. Where the clock was set back before `settled`, nothing has.
    pub(super) fn due(&self, settled: Timestamp, now: Timestamp) -> Option<Due> {
        let mut due: Option<Due> = None;
        for (times, last) in (1..=COUNTED).zip(self.coming(settled).take_while(|next| *next <= now)) {
            due = Some(Due { last, times });
        }
        let mut due = due?;
        if due.times == COUNTED {
            let here = now.to_zoned(self.zone.clone());
            let before = |cron: &Cron| Some(cron.find_previous_occurrence(&here, true).ok()?.timestamp());
            let last = self.each.iter().filter_map(before).filter(|last| *last <= now).max();
            due.last = last.map_or(due.last, |last| last.max(due.last));
        }
        Some(due)
    }
}

/// Whether the step of a field leads through all of it, and from its end to its beginning as everywhere else.
fn goes_on(field: &CronComponent) -> bool {
    let (all, step) = (field.min..=field.max, usize::from(field.step.max(1)));
    all.len().is_multiple_of(step) && field.values().into_iter().eq(all.step_by(step))
}

/// Each time of a day by itself where all are written out: single minutes and hours, lists and ranges of them, and not too many.
/// `None` where it repeats.
fn fixed(cron: &Cron) -> Option<Result<Vec<Cron>, String>> {
    let fields: Vec<&str> = cron.pattern.as_str().split_whitespace().collect();
    let [minute, hour, days @ ..] = fields.as_slice() else { return None };
    let (minutes, hours) = (cron.pattern.minutes.values(), cron.pattern.hours.values());
    let repeats = [minute, hour].iter().any(|field| field.contains(['*', '/']));
    if repeats || hours.len() == HOURS || minutes.len() * hours.len() > FIXED {
        return None;
    }
    let days = days.join(" ");
    let times = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| (minute, hour)));
    Some(times.map(|(minute, hour)| format::read_cron(&format!("{minute} {hour} {days}"))).collect())
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
    fn several_fixed_times_are_neither_lost_nor_doubled_where_the_clocks_change() {
        // 2:00 to 3:00 is left out from 1:00 UTC on in spring, and comes at 0:00 and at 1:00 UTC in autumn.
        let (spring, autumn) = ("2026-03-28T22:00:00Z", "2026-10-24T21:00:00Z");
        for (cron, after, expected) in [
            ("30 2,14 * * *", spring, ["29T01:00", "29T12:30", "30T00:30"]),
            ("30 2,14 * * *", autumn, ["25T00:30", "25T13:30", "26T01:30"]),
            ("15,45 2 * * *", spring, ["29T01:00", "30T00:15", "30T00:45"]),
            ("0,30 2-3 * * *", spring, ["29T01:00", "29T01:30", "30T00:00"]),
            ("15,45 2 * * SUN", autumn, ["25T00:15", "25T00:45", "01T01:15"]),
            ("0 1-3 * * *", autumn, ["24T23:00", "25T00:00", "25T02:00"]),
            // What repeats just goes on, however it is written.
            ("*/30 2,3 * * *", spring, ["29T01:00", "29T01:30", "30T00:00"]),
            ("30 */2 * * *", spring, ["28T23:30", "29T02:30", "29T04:30"]),
            ("*/30 2 * * *", autumn, ["25T00:00", "25T00:30", "25T01:00"]),
            ("30 0-23 * * *", autumn, ["24T21:30", "24T22:30", "24T23:30"]),
            ("30 0-23 * * *", "2026-10-25T00:00:00Z", ["25T00:30", "25T01:30", "25T02:30"]),
            ("0-59 2 * * *", "2026-10-25T00:58:00Z", ["25T00:59", "25T01:00", "25T01:01"]),
        ] {
            let found = next(cron, "Europe/Berlin", after);
            let found: Vec<&str> = found.iter().map(|at| &at["2026-10-".len().."2026-10-25T00:30".len()]).collect();
            assert_eq!(found[..3], expected, "{cron} after {after}");
        }
        let all = times("0-59 0-23 * * *", "Europe/Berlin");
        assert_eq!(all.each.len(), 1, "what comes each minute is asked for once");
    }

    #[test]
    fn several_fixed_times_are_counted_and_a_day_has_each_of_them() {
        let fixed = times("0,30 2,14 * * *", "Europe/Berlin");
        let week = fixed.week(at("2026-03-28T12:00:00Z"), &fixed.zone);
        let counts: Vec<u64> = week.iter().map(|(_, _, count)| *count).collect();
        assert_eq!(counts, [2, 3, 4, 4, 4, 4, 4], "2:00 and 2:30 are one time in spring");
        let due = fixed.due(at("2026-03-28T12:00:00Z"), at("2026-03-29T23:00:00Z"));
        assert_eq!(due, Some(Due { last: at("2026-03-29T12:30:00Z"), times: 5 }));
        let long = fixed.due(at("2020-01-01T00:00:00Z"), at("2026-10-25T01:40:00Z"));
        assert_eq!(long, Some(Due { last: at("2026-10-25T00:30:00Z"), times: 1_000 }), "2:30 comes once in autumn");
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
    fn the_words_say_every_so_many_only_where_it_goes_on_so() {
        for (cron, words) in [
            ("*/15 * * * *", "At every 15 minutes"),
            ("0 */6 * * *", "At minute 0, of every 6 hours"),
            ("0 */5 * * *", "At minute 0, of hour 0, 5, 10, 15, and 20"),
            ("*/40 * * * *", "At minute 0 and 40 past every hour"),
            ("*/60 * * * *", "At every 60 minutes"),
            ("5,*/20 * * * *", "At minute 0, 5, 20, and 40 past every hour"),
            ("0-30/10 * * * *", "At minute 0, 10, 20, and 30 past every hour"),
            ("* */5 * * *", "Every minute past hour 0, 5, 10, 15, and 20"),
            ("* */12 * * *", "Every minute past hour 0 and 12"),
            ("0 0 1 */5 *", "At 00:00, on day 1, in January, June, and November"),
            ("0 0 1 */3 *", "At 00:00, on day 1, in every 3 months"),
            ("0 0 */10 * *", "At 00:00, on day 1, 11, 21, and 31"),
        ] {
            assert_eq!(times(cron, "UTC").words(), words, "{cron}");
        }
    }

    #[test]
    fn what_is_no_expression_or_no_zone_is_said() {
        for (cron, zone, says) in [
            ("61 * * * *", "UTC", "is no cron expression"),
            ("* * * *", "UTC", "minute, hour, day"),
            ("* * * * * *", "UTC", "is no cron expression"),
            ("at noon", "UTC", "30 3 * * *"),
            ("", "UTC", "is no cron expression"),
            ("*/90 * * * *", "UTC", "steps by 90 minutes, and an hour has 60: write a step of 60 at most"),
            ("0 3,0-6/25 * * *", "UTC", "steps by 25 hours, and a day has 24"),
            ("0 0 */32 * *", "UTC", "steps by 32 days, and a month has 31"),
            ("0 0 1 */13 *", "UTC", "steps by 13 months, and a year has 12"),
            ("0 0 * * */8", "UTC", "steps by 8 days, and a week has 7"),
            ("@daily", "Mars/Olympus", "Europe/Berlin"),
        ] {
            let error = Times::new(cron, zone).err().unwrap_or_else(|| panic!("{cron} {zone} is taken"));
            assert!(error.message.contains(says), "{cron} {zone}: {}", error.message);
        }
    }
}
