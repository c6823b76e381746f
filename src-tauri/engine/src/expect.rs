//! Whether the output and the exit status of a command are what its block expects (FORMAT.md, "Fence attributes").
//!
//! Pure: text in, verdicts out. It is tested as it comes, in bounded memory, so that an output of any size can be
//! tested whole. What decides is the unmasked text; what is quoted to a person comes from the masked one alone, so
//! that not even a piece of a secret is.

use std::{collections::VecDeque, fmt::Write as _};

use format::{Comparison, Expectation, Pattern};
use regex::Regex;

use crate::{
    process::Exit,
    text::{Lines, Piece},
};

/// Characters of a line that are quoted.
const QUOTED: usize = 120;

/// Expected against observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) expected: String,
    pub(crate) observed: String,
    pub(crate) holds: bool,
}

/// The expectations of one block, tested on the output of one attempt.
pub(crate) struct Tester {
    raw: Reader,
    masked: Reader,
}

struct Reader {
    lines: Lines,
    seen: Seen,
}

struct Seen {
    checks: Vec<Check>,
    /// The last lines, as many as the longest text of several lines needs.
    window: VecDeque<String>,
    /// The last line that is not blank.
    end: String,
}

enum Check {
    Contains { wanted: Matcher, line: Option<u64> },
    Absent { unwanted: Matcher, line: Option<(u64, String)> },
    Each { wanted: Matcher, lines: u64, held: u64, this: bool, blank: bool, bad: Option<(u64, String)> },
    Number { comparison: Comparison, limit: f64, last: String },
}

enum Matcher {
    /// Text, and how many line feeds are in it.
    Text(String, usize),
    Expression(Regex),
}

impl Tester {
    /// Gets the expectations ready.
    ///
    /// # Errors
    /// One sentence, when an expression cannot be used: the command must not start then.
    pub(crate) fn new(expectations: &[Expectation]) -> Result<Self, String> {
        Ok(Self { raw: Reader::new(expectations)?, masked: Reader::new(expectations)? })
    }

    /// Whether nothing is expected of the output.
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.seen.checks.is_empty()
    }

    /// Takes the next bytes as they came.
    pub(crate) fn push_raw(&mut self, bytes: &[u8]) {
        self.raw.push(bytes);
    }

    /// Takes the next bytes as they are shown.
    pub(crate) fn push_masked(&mut self, bytes: &[u8]) {
        self.masked.push(bytes);
    }

    /// The output has ended: one verdict for each expectation, in order.
    pub(crate) fn finish(mut self) -> Vec<Verdict> {
        self.raw.finish();
        self.masked.finish();
        let end = &self.masked.seen.end;
        let end = if end.is_empty() {
            "no output".to_owned()
        } else {
            format!("the output ended with \"{}\"", shorten_front(end))
        };
        let pairs = self.raw.seen.checks.iter().zip(&self.masked.seen.checks);
        pairs.map(|(raw, masked)| raw.verdict(masked, &end)).collect()
    }
}

impl Reader {
    fn new(expectations: &[Expectation]) -> Result<Self, String> {
        let checks = expectations.iter().map(Check::new).collect::<Result<_, _>>()?;
        Ok(Self { lines: Lines::new(), seen: Seen { checks, window: VecDeque::new(), end: String::new() } })
    }

    fn push(&mut self, bytes: &[u8]) {
        let Self { lines, seen } = self;
        lines.push(bytes, &mut |piece| seen.take(piece));
    }

    fn finish(&mut self) {
        let Self { lines, seen } = self;
        lines.finish(&mut |piece| seen.take(piece));
    }
}

impl Seen {
    fn take(&mut self, piece: &Piece<'_>) {
        if !piece.text.trim().is_empty() {
            self.end.clear();
            self.end.push_str(piece.text);
        }
        for check in &mut self.checks {
            check.take(piece, &self.window);
        }
        let longest = self.checks.iter().map(Check::line_feeds).max().unwrap_or(0);
        if piece.last && longest > 0 {
            self.window.push_back(piece.text.to_owned());
            if self.window.len() > longest {
                self.window.pop_front();
            }
        }
    }
}

impl Matcher {
    fn new(pattern: &Pattern) -> Result<Self, String> {
        match pattern {
            Pattern::Text(text) => {
                let text = text.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
                let feeds = text.matches('\n').count();
                Ok(Self::Text(text, feeds))
            }
            Pattern::Expression(expression) => Regex::new(expression)
                .map(Self::Expression)
                .map_err(|_| format!("the expression /{expression}/ cannot be used: mend it before this can start")),
        }
    }

    fn matches(&self, text: &str, before: &VecDeque<String>) -> bool {
        match self {
            Self::Expression(expression) => expression.is_match(text),
            Self::Text(wanted, 0) => text.contains(wanted),
            Self::Text(wanted, feeds) => {
                let mut joined = String::new();
                for line in before.range(before.len().saturating_sub(*feeds)..) {
                    let _ = writeln!(joined, "{line}");
                }
                joined.push_str(text);
                joined.contains(wanted)
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Text(text, _) => text.clone(),
            Self::Expression(expression) => format!("/{expression}/"),
        }
    }
}

impl Check {
    fn new(expectation: &Expectation) -> Result<Self, String> {
        Ok(match expectation {
            Expectation::Contains(pattern) => Self::Contains { wanted: Matcher::new(pattern)?, line: None },
            Expectation::Absent(pattern) => Self::Absent { unwanted: Matcher::new(pattern)?, line: None },
            Expectation::Each(pattern) => {
                Self::Each { wanted: Matcher::new(pattern)?, lines: 0, held: 0, this: false, blank: true, bad: None }
            }
            Expectation::Number(comparison, limit) => {
                Self::Number { comparison: *comparison, limit: *limit, last: String::new() }
            }
        })
    }

    fn line_feeds(&self) -> usize {
        match self {
            Self::Contains { wanted: Matcher::Text(_, feeds), .. }
            | Self::Absent { unwanted: Matcher::Text(_, feeds), .. } => *feeds,
            _ => 0,
        }
    }

    fn take(&mut self, piece: &Piece<'_>, before: &VecDeque<String>) {
        match self {
            Self::Contains { wanted, line } => {
                if line.is_none() && wanted.matches(piece.text, before) {
                    *line = Some(piece.line);
                }
            }
            Self::Absent { unwanted, line } => {
                if line.is_none() && unwanted.matches(piece.text, before) {
                    *line = Some((piece.line, piece.text.to_owned()));
                }
            }
            Self::Each { wanted, lines, held, this, blank, bad } => {
                *blank &= piece.text.trim().is_empty();
                *this |= wanted.matches(piece.text, before);
                if piece.last {
                    if !*blank {
                        *lines += 1;
                        if *this {
                            *held += 1;
                        } else if bad.is_none() {
                            *bad = Some((piece.line, piece.text.to_owned()));
                        }
                    }
                    (*this, *blank) = (false, true);
                }
            }
            Self::Number { last, .. } => {
                if piece.text.bytes().any(|byte| byte.is_ascii_digit()) && last_number(piece.text).is_some() {
                    last.clear();
                    last.push_str(piece.text);
                }
            }
        }
    }

    /// `self` saw the text as it came, `masked` as it is shown.
    fn verdict(&self, masked: &Self, end: &str) -> Verdict {
        match (self, masked) {
            (Self::Contains { wanted, line }, _) => Verdict {
                expected: wanted.words(),
                observed: line.map_or_else(|| format!("not found; {end}"), |line| format!("found, line {line}")),
                holds: line.is_some(),
            },
            (Self::Absent { unwanted, line }, Self::Absent { line: shown, .. }) => Verdict {
                expected: format!("not: {}", unwanted.words()),
                observed: line.as_ref().map_or_else(
                    || "not found".to_owned(),
                    |(line, _)| format!("found, line {line}{}", quote(shown.as_ref())),
                ),
                holds: line.is_none(),
            },
            (Self::Each { wanted, lines, held, bad, .. }, Self::Each { bad: shown, .. }) => {
                // Nothing that could match is no success: a guard does not fail open.
                let holds = bad.is_none() && *lines > 0;
                let mut observed = format!("{held} of {lines} lines");
                if let Some((line, _)) = bad {
                    let _ = write!(observed, "; not line {line}{}", quote(shown.as_ref()));
                } else if *lines == 0 {
                    let _ = write!(observed, "; {end}");
                }
                Verdict { expected: format!("each line: {}", wanted.words()), observed, holds }
            }
            (Self::Number { comparison, limit, last }, Self::Number { last: shown, .. }) => {
                let expected = format!("number {} {limit}", comparison.sign());
                match last_number(last) {
                    Some((_, text, number)) => Verdict {
                        expected,
                        observed: match last_number(shown) {
                            Some((at, same, _)) if same == text => with_unit(shown, at, same).to_owned(),
                            _ => "a number that is masked".to_owned(),
                        },
                        holds: comparison.holds(number, *limit),
                    },
                    None => Verdict { expected, observed: format!("no number; {end}"), holds: false },
                }
            }
            // Both were made from the same expectations.
            _ => Verdict { expected: String::new(), observed: String::new(), holds: false },
        }
    }
}

/// The last number in a text: `12`, `-3`, `4.5`, `.5`, `1e-3`, `1,234`, with or without a unit after it. Digits that
/// belong to a word (`web1`) are no number. The sign counts only where no word stands before it (`10-5` ends in 5).
/// Where it stands, in bytes, and what it is.
fn last_number(text: &str) -> Option<(usize, &str, f64)> {
    static NUMBER: std::sync::LazyLock<Option<Regex>> = std::sync::LazyLock::new(|| {
        let plain = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+\b)?";
        let grouped = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?\b";
        Regex::new(&format!(r"(?:^|[^\w.])([-+]?(?:{grouped}|{plain}))")).ok()
    });
    let found = NUMBER.as_ref()?.captures_iter(text).last()?.get(1)?;
    Some((found.start(), found.as_str(), found.as_str().replace(',', "").parse().ok()?))
}

/// A number of a text with the unit that stands after it, if one of the usual does: `8.2 s`, `61%`, `12 MB/s`.
fn with_unit<'a>(text: &'a str, begins: usize, number: &'a str) -> &'a str {
    static UNIT: std::sync::LazyLock<Option<Regex>> = std::sync::LazyLock::new(|| {
        let time = "ns|us|µs|ms|s|sec|min|h|d";
        let size = "(?:[kKMGTP]i?)?B|[kKMG]?bit|[kKMG]?bps";
        let others = "%|°C|[kMG]?Hz|mV|V|W|qps|rps|tps|iops|req";
        Regex::new(&format!(r"^ ?(?:{time}|{size}|{others})(?:/s|/min)?(?:$|[\s.,;:)\]])")).ok()
    });
    let ends = begins + number.len();
    let Some(unit) = UNIT.as_ref().and_then(|unit| unit.find(&text[ends..])) else { return number };
    text[begins..ends + unit.end()].trim_end_matches(|last: char| last.is_whitespace() || ".,;:)]".contains(last))
}

fn quote(line: Option<&(u64, String)>) -> String {
    line.map_or_else(String::new, |(_, text)| format!(": \"{}\"", shorten_end(text)))
}

pub(crate) fn shorten_end(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn shorten_front(text: &str) -> String {
    match text.char_indices().rev().nth(QUOTED - 1) {
        Some((at, _)) if at > 0 => format!("…{}", &text[at..]),
        _ => text.to_owned(),
    }
}

/// Whether the exit status is accepted; `accepted` is `None` for `any`. A command that did not start, or that a
/// signal ended, has no exit status: that is accepted by nothing but, for a signal, `any`.
pub(crate) fn exit_verdict(accepted: Option<&[i32]>, exit: &Exit) -> Verdict {
    let expected = accepted.map_or_else(
        || "any exit".to_owned(),
        |codes| format!("exit {}", codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")),
    );
    let (observed, holds) = match exit {
        Exit::Status(code) => (format!("exit {code}"), accepted.is_none_or(|codes| codes.contains(code))),
        Exit::Signal(name) => (format!("ended by {name}"), accepted.is_none()),
        Exit::NotStarted(why) => (format!("not started: {why}"), false),
        // Also where any exit is accepted: nobody saw one.
        Exit::Lost(_) => ("not known".to_owned(), false),
    };
    Verdict { expected, observed, holds }
}

#[cfg(test)]
mod tests;
