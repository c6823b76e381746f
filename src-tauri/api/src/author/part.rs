//! The page of a long text: only what stands around the line that is being written, because a window that draws a
//! megabyte of page is busy for many seconds after each pause of the typing.

use std::collections::HashSet;

use format::Runbook;

use crate::wire::{RunbookView, ShownLines};

/// A text of so many bytes is shown whole.
const WHOLE: usize = 96 * 1024;
/// Of a longer one, so many bytes before and after the line.
const AROUND: usize = 20 * 1024;

/// Takes from a page what does not stand near the line, and says what is left. Sections and steps are kept or left out as
/// a whole, and always the one in which the line stands.
pub(super) fn keep(view: &mut RunbookView, runbook: &Runbook, bytes: &[u8], line: u64) -> Option<ShownLines> {
    if bytes.len() <= WHOLE {
        return None;
    }
    // Where lines begin.
    let starts: Vec<usize> = std::iter::once(0)
        .chain(bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1))
        .filter(|at| *at < bytes.len())
        .collect();
    let all = starts.len() as u64;
    let line = line.clamp(1, all);
    let here = usize::try_from(line - 1).ok().and_then(|at| starts.get(at)).copied().unwrap_or_default();
    let line_at = |byte: usize| starts.partition_point(|start| *start <= byte) as u64;
    let (from, to) = (line_at(here.saturating_sub(AROUND)), line_at((here + AROUND).min(bytes.len())));
    // A step or a piece of prose reaches to the next; so the window opens where one begins and ends where one ends.
    let begins = |(section, step): (u64, Option<u64>)| step.unwrap_or(section);
    let mut places: Vec<u64> = runbook
        .phases
        .iter()
        .flat_map(|section| {
            let own = (section.line as u64, None);
            std::iter::once(own).chain(section.steps.iter().map(move |step| (own.0, Some(step.line as u64))))
        })
        .map(begins)
        .collect();
    places.sort_unstable();
    let first = places.iter().rev().find(|place| **place <= from).copied().unwrap_or(1);
    let last = places.iter().find(|place| **place > to).map_or(all, |next| next - 1);
    let inside = |at: u64| (first..=last).contains(&at);
    let mut kept = HashSet::new();
    for (section, read) in view.sections.iter_mut().zip(&runbook.phases) {
        if !inside(section.line) {
            section.intro.clear();
        }
        if !read.steps.last().map_or_else(|| inside(section.line), |step| inside(step.line as u64)) {
            section.outro.clear();
        }
        section.steps.retain(|step| inside(step.line));
        kept.extend(section.steps.iter().map(|step| step.id.clone()));
    }
    view.sections.retain(|section| {
        inside(section.line) || !(section.steps.is_empty() && section.intro.is_empty() && section.outro.is_empty())
    });
    view.items.retain(|_, item| kept.contains(&item.step));
    view.problems.clear();
    Some(ShownLines { first, last, all })
}
