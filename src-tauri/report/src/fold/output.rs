//! What attempts printed, and what of it is not in the report.

use engine::state::Attempt;

use super::{Fold, seen::ItemSeen};
use crate::{
    model::{Output, Part},
    text::counted,
    times::stamp,
};

impl Fold<'_> {
    /// The output of an attempt, where it printed anything.
    pub(crate) fn output(&self, item: &str, attempt: &Attempt, seen: &ItemSeen) -> Option<Output> {
        let bytes = attempt.output_bytes;
        if bytes == 0 {
            return None;
        }
        let kept = seen.kept.get(&attempt.number).map(Vec::as_slice).unwrap_or_default();
        let fragments = self.record.output.get(&(item.to_owned(), attempt.number));
        if let Some(at) = self.record.removed.get(&(item.to_owned(), attempt.number)) {
            let what = counted(bytes, "byte was", "bytes were");
            let why = format!("{what} removed on {} as old output is; the journal keeps the hash", stamp(at));
            return Some(Output { parts: vec![Part::LeftOut(why)], bytes });
        }
        let mut parts = Vec::new();
        let mut at = 0;
        for fragment in fragments.into_iter().flatten() {
            if fragment.offset > at {
                parts.push(left_out(kept, at, fragment.offset));
            }
            let text = self.door.output(&fragment.bytes);
            if !text.is_empty() {
                parts.push(Part::Text(text));
            }
            at = at.max(fragment.offset.saturating_add(fragment.bytes.len() as u64));
        }
        if at < bytes {
            parts.push(left_out(kept, at, bytes));
        }
        Some(Output { parts, bytes })
    }
}

/// Says what is missing, and whether the record has it.
fn left_out(kept: &[(u64, u64)], from: u64, to: u64) -> Part {
    let missing = to.saturating_sub(from);
    let there: u64 = kept
        .iter()
        .map(|(offset, length)| offset.saturating_add(*length).min(to).saturating_sub((*offset).max(from)))
        .sum();
    let gone = missing.saturating_sub(there);
    let here = counted(there, "byte is", "bytes are");
    Part::LeftOut(match (there, gone) {
        (_, 0) => format!("{here} not in this report; the record has them: allgood show-run --output prints it"),
        (0, _) => format!("{} not kept, as is the rule beyond 16 MiB", counted(gone, "byte was", "bytes were")),
        _ => format!("{here} not in this report, and {gone} were not kept, as is the rule beyond 16 MiB"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_says_whether_the_record_has_it() {
        for (kept, from, to, expected) in [
            (&[(0, 100)][..], 10, 90, "80 bytes are not in this report; the record has them"),
            (&[(0, 100), (500, 100)], 100, 500, "400 bytes were not kept"),
            (&[(0, 100), (500, 100)], 50, 550, "100 bytes are not in this report, and 400 were not kept"),
        ] {
            let Part::LeftOut(said) = left_out(kept, from, to) else { panic!("a sentence") };
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
