//! A course of values, drawn with letters: it looks the same in a terminal, in the window, in a report, and in the record.

use format::{Comparison, measure::NumberTest};
use jiff::{Timestamp, tz::TimeZone};

/// Lines of a chart, less its axis.
const HEIGHT: usize = 8;
/// Columns of a chart.
const WIDTH: usize = 61;
/// Eighths of a letter.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A course, and what each of its values is to be.
pub(crate) struct Chart<'a> {
    /// Seconds since 1970, and the value.
    pub(crate) points: &'a [(f64, f64)],
    pub(crate) test: Option<NumberTest>,
}

impl Chart<'_> {
    /// From the top: the values as columns, the limit as a dashed line across them, the times below.
    pub(crate) fn lines(&self) -> Vec<String> {
        let smallest =
            self.test.is_some_and(|test| matches!(test.comparison, Comparison::More | Comparison::AtLeast));
        let columns = columns(self.points, smallest);
        let limit = self.test.map(|test| test.number);
        let all: Vec<f64> = columns.iter().copied().chain(limit).filter(|value| value.is_finite()).collect();
        if all.is_empty() {
            return Vec::new();
        }
        // Columns begin at nothing, where nothing is below it.
        let low = all.iter().copied().fold(0.0, f64::min);
        let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max).max(low);
        let share = |value: f64| if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        let at_row = |value: f64| whole(share(value) * cast(HEIGHT)).min(HEIGHT - 1);
        let line = limit.map(at_row);
        let label = |row: usize| match row {
            row if Some(row) == line => limit.map(number),
            row if row == HEIGHT - 1 => Some(number(high)),
            0 => Some(number(low)),
            _ => None,
        };
        let labels: Vec<String> = (0..HEIGHT).map(|row| label(row).unwrap_or_default()).collect();
        let margin = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
        let mut lines = Vec::new();
        for row in (0..HEIGHT).rev() {
            let is_limit = Some(row) == line;
            let cells: String = columns
                .iter()
                .map(|value| {
                    let full = if value.is_finite() { whole(share(*value) * cast(HEIGHT) * 8.0) } else { 0 };
                    match EIGHTHS.get(full.saturating_sub(row * 8).min(8)) {
                        Some(' ') | None if is_limit => '╌',
                        // Something is there, however little.
                        Some(' ') | None if row == 0 && value.is_finite() => '▁',
                        Some(letter) => *letter,
                        None => ' ',
                    }
                })
                .collect();
            let tick = if labels.get(row).is_some_and(|label| !label.is_empty()) { '┤' } else { '│' };
            let said = self.test.filter(|_| is_limit).map(|test| format!(" {}", test.in_words())).unwrap_or_default();
            let label = labels.get(row).map_or("", String::as_str);
            lines.push(format!("{label:>margin$} {tick}{cells}{said}").trim_end().to_owned());
        }
        lines.push(format!("{:margin$} └{}", "", "─".repeat(columns.len())));
        if let (Some((first, _)), Some((last, _))) = (self.points.first(), self.points.last()) {
            let between = columns.len().saturating_sub(10).max(1);
            lines.push(format!("{:margin$}  {}{}{}", "", clock(*first), " ".repeat(between), clock(*last)));
        }
        lines
    }
}

/// A course on one line.
pub(crate) fn sparkline(points: &[(f64, f64)]) -> String {
    let columns = columns(points, false);
    let numbers = || columns.iter().copied().filter(|value| value.is_finite());
    let low = numbers().fold(f64::INFINITY, f64::min);
    let high = numbers().fold(f64::NEG_INFINITY, f64::max);
    let letter = |value: f64| match value {
        value if !value.is_finite() => ' ',
        value if high > low => {
            EIGHTHS.get(1 + whole((value - low) / (high - low) * 7.0 + 0.5)).copied().unwrap_or('█')
        }
        _ => '▄',
    };
    columns.into_iter().map(letter).collect()
}

/// As many values as there are columns: of several the largest, or the smallest.
fn columns(points: &[(f64, f64)], smallest: bool) -> Vec<f64> {
    let each = points.len().div_ceil(WIDTH).max(1);
    let of = |group: &[(f64, f64)]| {
        let numbers = group.iter().map(|(_, value)| *value);
        let found = if smallest { numbers.reduce(f64::min) } else { numbers.reduce(f64::max) };
        found.unwrap_or(f64::NAN)
    };
    points.chunks(each).map(of).collect()
}

/// A number with four digits that say something.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return value.to_string();
    }
    if size >= 1e15 || size > 0.0 && size < 1e-9 {
        return format!("{value:.3e}");
    }
    let digits = match size {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        size if size >= 1.0 => 3,
        0.0 => 0,
        size => whole((-size.log10()).ceil()) + 3,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The time of day here, `10:31`, of seconds since 1970.
pub(crate) fn clock(at: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a time in seconds, far below where that matters")]
    let second = at.round() as i64;
    Timestamp::from_second(second)
        .map_or_else(|_| String::new(), |time| time.to_zoned(TimeZone::system()).strftime("%H:%M").to_string())
}

#[expect(clippy::cast_precision_loss, reason = "the size of a chart")]
fn cast(number: usize) -> f64 {
    number as f64
}

/// What is whole of a number of cells.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the size of a chart, not below 0"
)]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(values: &[f64]) -> Vec<(f64, f64)> {
        values.iter().enumerate().map(|(at, value)| (cast(at) * 60.0, *value)).collect()
    }

    #[test]
    fn the_limit_is_a_line_across_the_course_and_each_value_a_column() {
        let points = course(&[1.0, 2.0, 8.0, 4.0]);
        let test = Some(NumberTest { comparison: Comparison::Less, number: 5.0 });
        let lines = Chart { points: &points, test }.lines();
        assert_eq!(
            lines[..9],
            ["8 ┤  █", "  │  █", "5 ┤╌╌█╌ < 5", "  │  █", "  │  ██", "  │  ██", "  │ ███", "0 ┤████", "  └────",]
        );
    }

    #[test]
    fn any_course_can_be_drawn() {
        for values in
            [&[][..], &[0.0], &[f64::NAN], &[f64::INFINITY, 1.0], &[-5.0, -1.0], &[1e300, -1e300], &[3.0; 500]]
        {
            let points = course(values);
            let lines = Chart { points: &points, test: None }.lines();
            assert!(lines.iter().all(|line| line.chars().count() < 100), "{lines:?}");
            assert!(sparkline(&points).chars().count() <= WIDTH);
        }
        assert_eq!(sparkline(&course(&[0.0, 7.0, 3.5])), "▁█▅");
    }

    #[test]
    fn numbers_keep_what_says_something() {
        for (value, text) in [
            (0.0, "0"),
            (5.0, "5"),
            (0.123_456, "0.1235"),
            (0.000_123_456, "0.0001235"),
            (7.25, "7.25"),
            (12_345.678, "12346"),
            (-3.5, "-3.5"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
