//! How things look in a terminal: state shapes, leader dots, widths, times. Shapes say everything; colour confirms.

use std::{fmt::Display, io::IsTerminal};

use anstyle::{AnsiColor, Style};
use api::wire::{ItemKind, ItemStatus, RunStatus};
use unicode_width::UnicodeWidthStr;

/// Checked and good.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Needs a person.
pub(crate) const NEED: Style = AnsiColor::Yellow.on_default();
/// Failed.
pub(crate) const FAIL: Style = AnsiColor::Red.on_default();
/// Labels and what is over.
pub(crate) const DIM: Style = Style::new().dimmed();
/// What is in hand.
pub(crate) const BOLD: Style = Style::new().bold();
/// Nothing needs anybody.
pub(crate) const PLAIN: Style = Style::new();

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// More than ASCII.
    pub(crate) unicode: bool,
    /// Columns to use.
    pub(crate) width: usize,
}

impl Look {
    /// That of standard output.
    pub(crate) fn of_this_terminal() -> Self {
        let stdout = std::io::stdout();
        let columns = if stdout.is_terminal() { crossterm::terminal::size().ok() } else { None };
        let width = columns.map_or(100, |(columns, _)| usize::from(columns)).clamp(40, 100);
        Self { unicode: supports_unicode::on(supports_unicode::Stream::Stdout), width }
    }

    /// The shape of an item's state, one column wide, and its colour.
    pub(crate) fn item(self, status: ItemStatus) -> (&'static str, Style) {
        let (shape, ascii, style) = match status {
            ItemStatus::Pending => ("◌", ".", DIM),
            ItemStatus::Ready => ("○", "o", PLAIN),
            ItemStatus::Running => ("◉", "*", PLAIN),
            ItemStatus::Waiting => ("◆", "?", NEED),
            ItemStatus::Passed => ("✔", "+", GOOD),
            ItemStatus::Failed => ("☒", "X", FAIL),
            ItemStatus::Skipped => ("⊖", "-", DIM),
            ItemStatus::Overridden => ("◐", "/", PLAIN),
            ItemStatus::Undone => ("↺", "<", PLAIN),
            ItemStatus::Interrupted => ("≠", "!", NEED),
        };
        (if self.unicode { shape } else { ascii }, style)
    }

    /// The shape of a run's state, one column wide, and its colour.
    pub(crate) fn run(self, status: RunStatus) -> (&'static str, Style) {
        let (shape, ascii, style) = match status {
            RunStatus::Waiting => ("◆", "?", NEED),
            RunStatus::Running => ("◉", "*", PLAIN),
            RunStatus::Paused => ("‖", "=", PLAIN),
            RunStatus::Passed => ("✔", "+", GOOD),
            RunStatus::Failed => ("☒", "X", FAIL),
            RunStatus::RolledBack => ("↺", "<", PLAIN),
            RunStatus::Abandoned => ("⊗", "#", DIM),
            RunStatus::HandedOver => ("→", ">", PLAIN),
            RunStatus::Interrupted => ("≠", "!", NEED),
        };
        (if self.unicode { shape } else { ascii }, style)
    }

    /// The mark of a kind of item: a box for what a person ticks, none for what the machine does.
    pub(crate) fn kind(self, kind: ItemKind) -> &'static str {
        match (kind, self.unicode) {
            (ItemKind::Check, true) => "☐",
            (ItemKind::Check, false) => "[]",
            (ItemKind::Probe, true) => "◎",
            (ItemKind::Probe, false) => "~",
            (ItemKind::Command, true) => "▸",
            (ItemKind::Command, false) => ">",
            (ItemKind::Undo, true) => "↺",
            (ItemKind::Undo, false) => "<",
            (ItemKind::Message, true) => "✉",
            (ItemKind::Message, false) => "@",
        }
    }

    /// A piece of the look that has an ASCII form.
    pub(crate) fn or<'a>(self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.unicode { unicode } else { ascii }
    }

    /// Challenge and response on one line: the left side, leader dots, the answer at the right edge. Styles inside the
    /// texts do not count. A left side that is too long pushes the answer, never hides it.
    pub(crate) fn row(self, left: &str, right: &str) -> String {
        if width(right) == 0 {
            return left.to_owned();
        }
        let used = width(left) + width(right) + 2;
        let dots = self.width.saturating_sub(used).max(3);
        let dot = self.or("·", ".");
        format!("{left} {DIM}{}{DIM:#} {right}", dot.repeat(dots))
    }

    /// A rule across the page, with a word in it.
    pub(crate) fn rule(self, word: &str) -> String {
        let line = self.or("─", "-");
        let word = if word.is_empty() { String::new() } else { format!(" {word} ") };
        let rest = self.width.saturating_sub(width(&word) + 2);
        format!("{DIM}{}{word}{}{DIM:#}", line.repeat(2), line.repeat(rest))
    }

    /// A command as it is read: each line behind a bar; what does not fit goes on behind another kind of bar, so that the
    /// ends of lines can be told from the edge of the terminal.
    pub(crate) fn script(self, text: &str) -> Vec<String> {
        let (bar, more) = if self.unicode { ("│", "┆") } else { ("|", ":") };
        let lines = visible(text);
        let folded = lines.lines().flat_map(|line| {
            let pieces = folded(self, line, 6);
            pieces
                .into_iter()
                .enumerate()
                .map(|(at, piece)| format!("    {} {piece}", if at == 0 { bar } else { more }))
        });
        folded.collect()
    }

    /// Plain text wrapped into the page, each line indented by that many columns.
    pub(crate) fn wrapped(self, text: &str, indent: usize) -> Vec<String> {
        let room = self.width.saturating_sub(indent).max(20);
        let pad = " ".repeat(indent);
        textwrap::wrap(text, room).into_iter().map(|line| format!("{pad}{line}").trim_end().to_owned()).collect()
    }
}

/// A text in a style.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A line in pieces that leave so many columns of the page free; a tab is four blanks.
pub(crate) fn folded(look: Look, line: &str, free: usize) -> Vec<String> {
    let room = look.width.saturating_sub(free + 1).max(20);
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for character in line.replace('\t', "    ").chars() {
        let columns = unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        if used + columns > room {
            pieces.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

/// Columns that a text takes, its styles aside.
pub(crate) fn width(text: &str) -> usize {
    let bare = anstream::adapter::strip_str(text).to_string();
    UnicodeWidthStr::width(bare.as_str())
}

/// A text from a file, safe to show: control characters and those that change the direction of writing are spelt
/// out, so that what is read is what is there. Line ends and tabs stay.
pub(crate) fn visible(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => safe.push(character),
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                safe.extend(character.escape_unicode());
            }
            _ if character.is_control() => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
    }
    safe
}

/// The same on one line.
pub(crate) fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text cut to that many columns, with a mark where it was cut.
pub(crate) fn cut(look: Look, text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mark = look.or("…", "..");
    let room = columns.saturating_sub(width(mark));
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|character| {
            used += unicode_width::UnicodeWidthChar::width(*character).unwrap_or(0);
            used <= room
        })
        .collect();
    format!("{}{mark}", kept.trim_end())
}

/// A duration as a person says it: `0.3 s`, `11 s`, `2 min 5 s`, `1 h 2 min`.
pub(crate) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..10 => format!("{}.{} s", seconds, milliseconds % 1000 / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A time that somebody chose or that is usual, without what is nought: `1 s`, `1.5 s`, `10 min`, `1 h 30 min`.
pub(crate) fn span(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    match seconds {
        0 => format!("{rest} ms"),
        1..60 if rest >= 100 && seconds < 10 => format!("{seconds}.{} s", rest / 100),
        1..60 => format!("{seconds} s"),
        60..3600 if seconds % 60 == 0 => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ if seconds % 3600 / 60 == 0 => format!("{} h", seconds / 3600),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A size as a person says it, in powers of 1000.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes % 1_000_000_000 / 100_000_000),
    }
}

/// A time of the record (`2026-11-22T15:04:05.123Z`) to the second, still UTC.
pub(crate) fn time(at: &str) -> String {
    match at.split_once('T') {
        Some((date, clock)) => format!("{date} {}", clock.get(..8).unwrap_or(clock)),
        None => at.to_owned(),
    }
}

/// The clock of a time of the record, to the second, UTC.
pub(crate) fn clock(at: &str) -> String {
    at.split_once('T').and_then(|(_, clock)| clock.get(..8)).unwrap_or(at).to_owned()
}

/// The clock of a time of the record where this machine is, to the second: what somebody who is at work reads.
pub(crate) fn local_clock(at: &str) -> String {
    let local = at.parse::<jiff::Timestamp>().map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    local.map_or_else(|_| clock(at), |local| local.strftime("%H:%M:%S").to_string())
}

/// A time of the record where this machine is, to the second.
pub(crate) fn local_time(at: &str) -> String {
    let local = at.parse::<jiff::Timestamp>().map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    local.map_or_else(|_| format!("{} UTC", time(at)), |local| local.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// `1 step`, `2 steps`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The word of a value that serialises as one: `rolled_back` is `rolled back`.
pub(crate) fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { unicode: true, width: 40 };

    #[test]
    fn every_state_has_its_own_shape_one_column_wide_in_unicode_and_in_ascii() {
        let states = [
            ItemStatus::Pending,
            ItemStatus::Ready,
            ItemStatus::Running,
            ItemStatus::Waiting,
            ItemStatus::Passed,
            ItemStatus::Failed,
            ItemStatus::Skipped,
            ItemStatus::Overridden,
            ItemStatus::Undone,
            ItemStatus::Interrupted,
        ];
        for unicode in [true, false] {
            let look = Look { unicode, width: 80 };
            let shapes: std::collections::BTreeSet<&str> = states.iter().map(|state| look.item(*state).0).collect();
            assert_eq!(shapes.len(), states.len());
            assert!(shapes.iter().all(|shape| width(shape) == 1 && (unicode || shape.is_ascii())));
        }
    }

    #[test]
    fn a_row_ends_at_the_right_edge_whatever_its_styles() {
        let row = LOOK.row(&styled(BOLD, "Check the disk"), &styled(GOOD, "passed"));
        assert_eq!(width(&row), 40);
        assert!(anstream::adapter::strip_str(&row).to_string().starts_with("Check the disk ····"));
        let long = LOOK.row(&"x".repeat(60), "passed");
        assert!(long.contains("passed"));
    }

    #[test]
    fn control_characters_of_a_file_never_reach_the_terminal() {
        let cases = [
            ("plain ünïcode ✔", "plain ünïcode ✔"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("one\r\ntwo\t3", "one\\u{d}\ntwo\t3"),
            ("\u{9b}31m", "\\u{9b}31m"),
        ];
        for (text, expected) in cases {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn durations_and_sizes_read_as_a_person_says_them() {
        let durations =
            [(0, "0.0 s"), (340, "0.3 s"), (11_900, "11 s"), (125_000, "2 min 5 s"), (3_725_000, "1 h 2 min")];
        for (milliseconds, expected) in durations {
            assert_eq!(duration(milliseconds), expected);
        }
        for (bytes, expected) in [(12, "12 bytes"), (1_500, "1.5 kB"), (200_000_000, "200.0 MB")] {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn times_that_somebody_chose_read_without_what_is_nought() {
        let spans = [
            (0, "0 ms"),
            (250, "250 ms"),
            (1_000, "1 s"),
            (1_500, "1.5 s"),
            (11_900, "11 s"),
            (600_000, "10 min"),
            (90_000, "1 min 30 s"),
            (3_600_000, "1 h"),
            (5_400_000, "1 h 30 min"),
        ];
        for (milliseconds, expected) in spans {
            assert_eq!(span(milliseconds), expected);
        }
    }

    #[test]
    fn a_long_line_of_a_command_is_folded_and_nothing_of_it_is_lost() {
        let long = format!("echo \t{}", "wörd ".repeat(30));
        for look in [LOOK, Look { unicode: false, width: 60 }] {
            let shown = look.script(&format!("short\n{long}\n\nlast"));
            assert!(shown.iter().all(|line| width(line) < look.width), "{shown:?}");
            let bars: Vec<char> = shown.iter().map(|line| line.chars().nth(4).unwrap()).collect();
            let whole = if look.unicode { '│' } else { '|' };
            assert_eq!(bars.iter().filter(|bar| **bar == whole).count(), 4, "each line begins once: {shown:?}");
            let text: String = shown.iter().map(|line| line.chars().skip(6).collect::<String>()).collect();
            assert_eq!(text, format!("short{}last", long.replace('\t', "    ")));
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_with_a_mark() {
        assert_eq!(cut(LOOK, "short", 10), "short");
        assert_eq!(cut(LOOK, "much too long", 8), "much to…");
        assert_eq!(cut(Look { unicode: false, width: 40 }, "much too long", 8), "much t..");
    }
}
