//! The report: Markdown, generated, the same parts in the same order.

use std::{fmt::Write as _, time::Duration};

use crate::machine::Machine;

/// A part of the report.
pub(crate) struct Part {
    /// Its heading.
    pub(crate) title: String,
    /// What was done.
    pub(crate) text: String,
    /// The figures.
    pub(crate) rows: Vec<Row>,
}

/// A line of a table.
pub(crate) struct Row {
    what: String,
    floor: String,
    allgood: String,
    ratio: String,
}

impl Row {
    /// A line of a table; an empty cell is one that makes no sense.
    pub(crate) fn new(what: &str, floor: String, allgood: String, ratio: String) -> Self {
        Self { what: what.to_owned(), floor, allgood, ratio }
    }
}

/// The whole report.
pub(crate) fn markdown(machine: &Machine, rounds: usize, parts: &[Part]) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `make bench`; not edited by hand. Every figure stands beside the floor: the same work \
         without Allgood, in the same run on the same machine, in turn. A ratio says more than a time, which belongs to its \
         machine.\n\n## Where and how\n\n",
    );
    for (name, value) in &machine.facts {
        let _ = writeln!(text, "- {name}: {value}");
    }
    let _ = writeln!(
        text,
        "- release builds; medians of {rounds} rounds after one to fill the caches (parsing: {})\n\nTo repeat it: \
         `make bench`, on a machine that does nothing else; some ten minutes. One part alone, printed and not written: \
         `make bench ONLY=parsing` (`steps`, `output`, `parsing`, `library`, `window`).",
        rounds * 4
    );
    for part in parts {
        let _ = writeln!(text, "\n## {}\n\n{}\n", part.title, part.text);
        text.push_str("| | floor | Allgood | ratio |\n| --- | ---: | ---: | ---: |\n");
        for row in &part.rows {
            let _ = writeln!(text, "| {} | {} | {} | {} |", row.what, row.floor, row.allgood, row.ratio);
        }
    }
    text
}

/// Seconds with two decimals.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Milliseconds with as many decimals as say something.
pub(crate) fn milliseconds(time: Duration) -> String {
    let value = time.as_secs_f64() * 1e3;
    if value < 1.0 { format!("{value:.3} ms") } else { format!("{value:.1} ms") }
}

/// How many times the floor.
pub(crate) fn ratio(ours: Duration, floor: Duration) -> String {
    format!("{:.2}", ours.as_secs_f64() / floor.as_secs_f64().max(f64::MIN_POSITIVE))
}
