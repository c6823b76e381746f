//! Times and durations, as a report says them. All times are UTC.

use std::time::Duration;

use jiff::Timestamp;

/// How much longer than measured something may have lasted by the clock, in milliseconds: clocks are set right by less all
/// the time, and a record is written a moment after what it tells of.
const LEAP: u64 = 5_000;

/// A duration as a clock shows it: `0:06`, `25:41`, `1:02:03`. From milliseconds.
#[must_use]
pub fn took(milliseconds: u64) -> String {
    let seconds = milliseconds.saturating_add(500) / 1000;
    match seconds {
        0..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3600, seconds % 3600 / 60, seconds % 60),
    }
}

/// A duration as a person says it: `0.3 s`, `12.4 s`, `2 min 5 s`, `1 h 2 min`. From milliseconds.
#[must_use]
pub fn spoken(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..60 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Milliseconds from one time of a record to a later one; none where a clock was set back between them.
pub(crate) fn between(from: &str, to: &str) -> Option<u64> {
    let from: Timestamp = from.parse().ok()?;
    let to: Timestamp = to.parse().ok()?;
    u64::try_from(to.as_millisecond().checked_sub(from.as_millisecond())?).ok()
}

/// So many milliseconds after a time of a record.
pub(crate) fn after(at: &str, milliseconds: u64) -> Option<String> {
    let at: Timestamp = at.parse().ok()?;
    Some(format!("{:.3}", at.checked_add(Duration::from_millis(milliseconds)).ok()?))
}

/// A time of a record to the second: `2026-11-22 15:04:05`. One that is none is given as it is.
pub(crate) fn stamp(at: &str) -> String {
    match at.split_once('T') {
        Some((day, clock)) => format!("{day} {}", clock.get(..8).unwrap_or(clock)),
        None => at.to_owned(),
    }
}

/// The time to which something lasted that began at another, to the second. Where it is the earlier one, the clock was set back
/// in between, and that is said.
pub(crate) fn until(from: &str, to: &str) -> String {
    let back = match (from.parse::<Timestamp>(), to.parse::<Timestamp>()) {
        (Ok(from), Ok(to)) => to < from,
        _ => false,
    };
    if back { format!("{} (by a clock that was set back)", stamp(to)) } else { stamp(to) }
}

/// As [`until`], for something whose length was measured apart from the clock. Where the clock went on for more than
/// [`LEAP`] longer than that, it was set ahead or the machine slept, and that is said.
pub(crate) fn until_measured(from: &str, to: &str, measured: Option<u64>) -> String {
    let by_clock = between(from, to);
    match by_clock.zip(measured) {
        Some((by_clock, measured)) if by_clock > measured.saturating_add(LEAP) => {
            format!("{} (the clock was set ahead, or the machine slept, in between)", stamp(to))
        }
        _ => until(from, to),
    }
}

/// Its clock: `15:04:05`.
pub(crate) fn clock(at: &str) -> String {
    at.split_once('T').and_then(|(_, clock)| clock.get(..8)).unwrap_or(at).to_owned()
}

/// Its day: `2026-11-22`.
pub(crate) fn day(at: &str) -> String {
    at.split_once('T').map_or_else(String::new, |(day, _)| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_a_clock_shows_them_and_as_a_person_says_them() {
        for (milliseconds, clock, person) in [
            (0, "0:00", "0.0 s"),
            (340, "0:00", "0.3 s"),
            (12_400, "0:12", "12.4 s"),
            (125_000, "2:05", "2 min 5 s"),
            (1_541_000, "25:41", "25 min 41 s"),
            (3_723_000, "1:02:03", "1 h 2 min"),
        ] {
            assert_eq!((took(milliseconds).as_str(), spoken(milliseconds).as_str()), (clock, person));
        }
    }

    #[test]
    fn times_are_taken_from_the_record_as_they_stand_there() {
        let at = "2026-11-22T15:04:05.123Z";
        assert_eq!(
            (stamp(at), clock(at), day(at)),
            ("2026-11-22 15:04:05".into(), "15:04:05".into(), "2026-11-22".into())
        );
        assert_eq!(between(at, "2026-11-22T15:04:06.000Z"), Some(877));
        assert_eq!(between("2026-11-22T15:04:06.000Z", at), None);
        assert_eq!(after(at, 877).as_deref(), Some("2026-11-22T15:04:06.000Z"));
        assert_eq!(until(at, "2026-11-22T15:04:06.000Z"), "2026-11-22 15:04:06");
        assert_eq!(until(at, "2026-11-22T14:04:06.000Z"), "2026-11-22 14:04:06 (by a clock that was set back)");
        assert_eq!(until_measured(at, "2026-11-22T15:04:06.000Z", Some(800)), "2026-11-22 15:04:06");
        assert_eq!(
            until_measured(at, "2026-11-22T16:04:06.000Z", Some(800)),
            "2026-11-22 16:04:06 (the clock was set ahead, or the machine slept, in between)"
        );
        assert_eq!(until("never", at), "2026-11-22 15:04:05");
        assert_eq!((stamp("never"), between("never", at)), ("never".into(), None));
    }
}
