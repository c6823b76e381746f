//! Lengths of time as people write them: `5s`, `2m`, `1h30m`, `500ms`, `90d`; a bare number is seconds.

use std::time::Duration;

/// The longest that is taken: more is a slip of the pen, and sums of them must not overflow.
const LONGEST: Duration = Duration::from_secs(3660 * 24 * 3600);

/// Reads a length of time; `None` where it is not one, is nothing, or is longer than ten years.
pub(crate) fn read(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return bounded(Duration::try_from_secs_f64(text.parse().ok()?).ok()?);
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match rest.get(..end)? {
            "ms" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            "w" | "week" | "weeks" => 604_800.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * unit).ok()?)?;
        rest = rest.get(end..)?.trim_start();
    }
    bounded(total)
}

fn bounded(duration: Duration) -> Option<Duration> {
    (!duration.is_zero() && duration <= LONGEST).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, milliseconds) in [
            ("5s", Some(5000)),
            ("500ms", Some(500)),
            ("1h30m", Some(5_400_000)),
            ("1.5s", Some(1500)),
            ("2 min", Some(120_000)),
            ("90d", Some(7_776_000_000)),
            ("30", Some(30_000)),
            ("0", None),
            ("0s", None),
            ("", None),
            ("-5s", None),
            ("5x", None),
            ("s", None),
            ("five", None),
            ("1e9d", None),
            ("99999999999d", None),
            ("5s later", None),
        ] {
            assert_eq!(read(text), milliseconds.map(Duration::from_millis), "{text}");
        }
    }
}
