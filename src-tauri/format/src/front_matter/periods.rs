//! Days, and the periods between two reviews: `90d`, `2 weeks`, `6 months`, `1y`.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

use crate::durations;

/// A day such as `2026-11-22`; a time behind it is left off.
pub(crate) fn date(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    let behind = text.get(10..)?.chars().next();
    let ends = behind.is_none_or(|letter| letter == 'T' || letter == ' ');
    (ends && day.as_bytes().get(4) == Some(&b'-')).then(|| day.parse().ok())?
}

/// Whether it is a period.
pub(super) fn is_period(text: &str) -> bool {
    period(text).is_some()
}

/// The day that lies a period behind another; part of a day counts as one.
pub(crate) fn after(date: Date, text: &str) -> Option<Date> {
    date.checked_add(period(text)?).ok()
}

/// Months and years are periods too, though no lengths of time.
fn period(text: &str) -> Option<Span> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: i32 = if digits == 0 { 0 } else { number.parse().ok()? };
    match unit.trim() {
        "" if digits > 0 => None,
        "mo" | "month" | "months" if (1..=120).contains(&number) => Some(number.months()),
        "y" | "yr" | "year" | "years" if (1..=10).contains(&number) => Some(number.years()),
        _ => {
            const DAY: u64 = 24 * 3600;
            let length: Duration = durations::read(text)?;
            let days = length.as_secs().div_ceil(DAY).max(1);
            Some(i64::try_from(days).ok()?.days())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_due_a_period_after_the_last() {
        for (reviewed, every, due) in [
            ("2026-11-22", "90d", Some("2027-02-20")),
            ("2026-11-22", "2 weeks", Some("2026-12-06")),
            ("2026-11-22", "6mo", Some("2027-05-22")),
            ("2026-08-31", "6 months", Some("2027-02-28")),
            ("2024-02-29", "1y", Some("2025-02-28")),
            ("2026-11-22T10:00:00Z", "1d12h", Some("2026-11-24")),
            ("2026-11-22", "often", None),
            ("2026-11-22", "90", None),
            ("2026-11-22", "0d", None),
            ("2026-11-22", "1000y", None),
            ("2026-02-30", "90d", None),
            ("22.11.2026", "90d", None),
            ("2026-11-2", "90d", None),
            ("9999-12-31", "90d", None),
        ] {
            let found = date(reviewed).and_then(|date| after(date, every)).map(|date| date.to_string());
            assert_eq!(found.as_deref(), due, "{reviewed} {every}");
        }
    }
}
