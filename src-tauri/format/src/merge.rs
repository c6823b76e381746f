//! Two changes of one text in one: what does not touch is joined, what does is left to a person. No markers are ever
//! written.

use crate::compare::{line_hunks, lines};
use crate::model::Span;

/// What came of joining two changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The text with both changes; where they are in conflict it holds `ours`.
    pub text: String,
    /// Where both changed the same lines, or lines that touch, in a different way.
    pub conflicts: Vec<Conflict>,
}

/// A place that both sides changed: whole lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Bytes of [`Merge::text`].
    pub merged: Span,
    /// Bytes of the text that both began from.
    pub base: Span,
    /// Bytes of our text.
    pub ours: Span,
    /// Bytes of their text.
    pub theirs: Span,
}

/// Lines `[start, end)` of the base that a side has replaced by lines of its own.
struct Change {
    base: std::ops::Range<usize>,
    own: std::ops::Range<usize>,
}

/// One side: its lines, where they begin, and what it changed.
struct Side<'t> {
    text: &'t str,
    starts: Vec<usize>,
    changes: Vec<Change>,
    /// The next change to look at.
    next: usize,
    /// Lines of its own minus lines of the base, before `next`.
    shift: isize,
}

impl<'t> Side<'t> {
    fn new(text: &'t str, base: &[&str]) -> Self {
        let own = lines(text);
        let changes = line_hunks(base, &own).into_iter().map(|(base, own)| Change { base, own }).collect::<Vec<_>>();
        Self { text, starts: starts(&own), changes, next: 0, shift: 0 }
    }

    /// The change that is to be looked at, if it begins at or before that line of the base.
    fn change(&self, at_most: usize) -> Option<&Change> {
        self.changes.get(self.next).filter(|change| change.base.start <= at_most)
    }

    fn take(&mut self) {
        if let Some(change) = self.changes.get(self.next) {
            self.shift = change.own.end.cast_signed() - change.base.end.cast_signed();
            self.next += 1;
        }
    }

    /// A line of the base that this side has not changed, in its own count.
    fn own(&self, line: usize) -> usize {
        line.saturating_add_signed(self.shift)
    }

    fn span(&self, from: usize, to: usize) -> Span {
        span(&self.starts, from, to)
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }
}

/// Joins two changes of one text, by lines, each with its own end, so that line ends and a missing last one stay.
///
/// What only one side changed is taken, what both changed in the same way too. Changes that touch are a conflict.
#[must_use]
pub fn merge(base: &str, ours: &str, theirs: &str) -> Merge {
    let base_lines = lines(base);
    let base_starts = starts(&base_lines);
    let mut ours = Side::new(ours, &base_lines);
    let mut theirs = Side::new(theirs, &base_lines);
    let mut merged = Merge { text: String::with_capacity(ours.text.len().max(theirs.text.len())), conflicts: vec![] };
    let mut done = 0;
    loop {
        let first = [&ours, &theirs].into_iter().filter_map(|side| side.change(usize::MAX)).map(|one| one.base.start);
        let Some(start) = first.min() else { break };
        merged.text.push_str(slice(base, span(&base_starts, done, start)));
        // All changes of both sides that touch one another, one group.
        let (our_start, their_start) = (ours.own(start), theirs.own(start));
        let (our_first, their_first) = (ours.next, theirs.next);
        let mut end = start;
        loop {
            let before = (ours.next, theirs.next);
            for side in [&mut ours, &mut theirs] {
                while let Some(reach) = side.change(end).map(|change| change.base.end) {
                    end = end.max(reach);
                    side.take();
                }
            }
            if before == (ours.next, theirs.next) {
                break;
            }
        }
        let our_span = ours.span(our_start, ours.own(end));
        let their_span = theirs.span(their_start, theirs.own(end));
        let (our_text, their_text) = (ours.slice(our_span), theirs.slice(their_span));
        let at = merged.text.len();
        if ours.next == our_first {
            merged.text.push_str(their_text);
        } else {
            merged.text.push_str(our_text);
            if theirs.next != their_first && our_text != their_text {
                merged.conflicts.push(Conflict {
                    merged: Span { start: at, end: merged.text.len() },
                    base: span(&base_starts, start, end),
                    ours: our_span,
                    theirs: their_span,
                });
            }
        }
        done = end;
    }
    merged.text.push_str(slice(base, span(&base_starts, done, base_lines.len())));
    merged
}

fn starts(lines: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let mut starts = vec![0];
    starts.extend(lines.iter().map(|line| {
        at += line.len();
        at
    }));
    starts
}

fn span(starts: &[usize], from: usize, to: usize) -> Span {
    let at = |line: usize| starts.get(line).or(starts.last()).copied().unwrap_or_default();
    Span { start: at(from), end: at(to) }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
