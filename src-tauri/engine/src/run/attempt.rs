//! One attempt while it runs: its output on the way to the journal and the watchers, and the test of what it expects.

use std::{collections::BTreeMap, time::Instant};

use crate::{
    expect::{Tester, Verdict},
    output::{Output, Pieces, Shown},
    process::Leftover,
    text::{Collected, Lines},
};

/// The largest output that becomes a variable, in bytes (RUNS.md, "Carrying").
const LARGEST_VALUE: usize = 100 * 1024;

/// An attempt and its output.
pub(crate) struct Attempt {
    output: Output,
    tester: Option<Tester>,
    lines: Lines,
    collected: Collected,
    /// Only what came through the pipe becomes a variable.
    piped: bool,
}

/// What an output came to.
pub(crate) struct Tested {
    pub(crate) verdicts: Vec<Verdict>,
    /// The output as text, trimmed; `None` when it is too large to be a variable.
    pub(crate) text: Option<String>,
}

impl Attempt {
    pub(crate) fn new(output: Output, tester: Option<Tester>, piped: bool) -> Self {
        Self { output, tester, lines: Lines::new(), collected: Collected::new(LARGEST_VALUE), piped }
    }

    /// Takes bytes from the pipe of a block whose output is captured. They are shown as a terminal would show them.
    pub(crate) fn push_captured(&mut self, bytes: &[u8], now: Instant) {
        self.collect(bytes);
        let mut shown = Vec::with_capacity(bytes.len() + bytes.len() / 32);
        for byte in bytes {
            if *byte == b'\n' {
                shown.push(b'\r');
            }
            shown.push(*byte);
        }
        self.show(&shown, now);
    }

    /// Takes bytes of the terminal as they came.
    pub(crate) fn push(&mut self, bytes: &[u8], now: Instant) {
        if !self.piped {
            self.collect(bytes);
        }
        self.show(bytes, now);
    }

    /// Takes bytes of what leads to a target: nothing tests them.
    pub(crate) fn push_beside(&mut self, bytes: &[u8], now: Instant) {
        drop(self.output.push(bytes, now));
    }

    /// Takes what a target's command wrote to its standard output; it has been shown already.
    pub(crate) fn collect(&mut self, bytes: &[u8]) {
        let Self { lines, collected, .. } = self;
        if !collected.is_over() {
            lines.push(bytes, &mut |piece| collected.take(piece));
        }
    }

    fn show(&mut self, bytes: &[u8], now: Instant) {
        let masked = self.output.push(bytes, now);
        if let Some(tester) = &mut self.tester {
            tester.push_raw(bytes);
            tester.push_masked(&masked);
        }
    }

    /// When something is to be done next, if nothing comes before.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.output.due()
    }

    /// What is to be shown and kept by now.
    pub(crate) fn on_time(&mut self, now: Instant) -> (Option<Shown>, Pieces) {
        let masked = self.output.quiet(now);
        self.masked(&masked);
        (self.output.take_shown(now, false), self.output.take_kept(now, false))
    }

    /// The output has ended: what is still to be shown and kept, and what it came to.
    pub(crate) fn end(mut self, now: Instant) -> (Option<Shown>, Pieces, Tested) {
        let masked = self.output.end(now);
        self.masked(&masked);
        let shown = self.output.take_shown(now, true);
        let mut kept = self.output.take_kept(now, true);
        kept.extend(self.output.rest());
        let Self { lines, collected, tester, .. } = &mut self;
        lines.finish(&mut |piece| collected.take(piece));
        let text = collected.trimmed().map(str::to_owned);
        let verdicts = tester.take().map(Tester::finish).unwrap_or_default();
        (shown, kept, Tested { verdicts, text })
    }

    fn masked(&mut self, masked: &[u8]) {
        if let Some(tester) = &mut self.tester {
            tester.push_masked(masked);
        }
    }
}

/// `NAME=value` lines, as a command writes them to `$ALLGOOD_ENV` (FORMAT.md, "Variables"); other lines say nothing.
pub(crate) fn assignments(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .map(|(name, value)| (name.trim(), value))
        .filter(|(name, value)| super::values::is_identifier(name) && value.len() <= LARGEST_VALUE)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Names what a shell left running: `left running: sleep (123)`.
pub(crate) fn name_leftovers(leftovers: &[Leftover]) -> Option<String> {
    let names: Vec<String> = leftovers.iter().map(|left| format!("{} ({})", left.name, left.pid)).collect();
    (!names.is_empty()).then(|| format!("left running until the run ends: {}", names.join(", ")))
}
