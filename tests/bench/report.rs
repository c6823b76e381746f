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

/// A part as it stands in the report: its title and what follows its heading, to the next.
pub(crate) type Section = (String, String);

/// A part that was measured.
pub(crate) fn section(part: &Part, circumstances: &str, took: Duration) -> Section {
    let mut text = format!(
        "{}\n\nMeasured {circumstances}; it took {:.0} s.\n\n| | floor | Allgood | ratio |\n| --- | ---: | ---: | ---: |\n",
        part.text,
        took.as_secs_f64()
    );
    for row in &part.rows {
        let _ = writeln!(text, "| {} | {} | {} | {} |", row.what, row.floor, row.allgood, row.ratio);
    }
    (part.title.clone(), text)
}

/// A part that could not be measured.
pub(crate) fn failed(title: &str, error: &str, circumstances: &str) -> Section {
    (title.to_owned(), format!("Not measured {circumstances}: {}\n", error.trim()))
}

/// The sections of a report that was written before.
pub(crate) fn sections(report: &str) -> Vec<Section> {
    let parts = report.split("\n## ").skip(1);
    parts
        .filter_map(|part| part.split_once('\n'))
        .map(|(title, text)| (title.trim().to_owned(), format!("{}\n", text.trim())))
        .collect()
}

/// The whole report, its sections in the order of `titles`; others are left out.
pub(crate) fn markdown(machine: &Machine, titles: &[&str], sections: &[Section]) -> String {
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
        "- release builds; medians of the rounds that each part names, after one to fill the caches (parsing: four times as \
         many); the load of a machine that does nothing else is below 1. This is the machine of the last measurement: each \
         part names its own\n\nTo repeat it: `make bench`, on a machine that does nothing else; a quarter of an \
         hour. A part alone: `make bench ONLY=parsing`; it takes the place of that part in this report, the others stay. \
         The parts are `{}`.",
        titles.join("`, `").to_lowercase()
    );
    for title in titles {
        if let Some((_, section)) = sections.iter().find(|(name, _)| name == title) {
            let _ = write!(text, "\n## {title}\n\n{section}");
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

/// Bytes as megabytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

/// How many times the floor, of sizes.
pub(crate) fn share(ours: u64, floor: u64) -> String {
    format!("{:.2}", ours as f64 / floor.max(1) as f64)
}

/// How many times the floor.
pub(crate) fn ratio(ours: Duration, floor: Duration) -> String {
    format!("{:.2}", ours.as_secs_f64() / floor.as_secs_f64().max(f64::MIN_POSITIVE))
}
