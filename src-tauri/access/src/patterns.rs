//! What is looked for: the forms of every known secret.

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind};
use zeroize::Zeroizing;

use crate::secret::{FEWEST_CHARACTERS, characters};

/// The forms of all secrets, and the automaton that finds them at once.
#[derive(Default)]
pub(crate) struct Patterns {
    forms: Vec<Zeroizing<Vec<u8>>>,
    /// `None` while there is nothing to look for.
    automaton: Option<AhoCorasick>,
    longest: usize,
}

impl Patterns {
    /// These and the forms of one more secret; `None` when all of them are known.
    pub(crate) fn with(&self, secret: &[u8]) -> Option<Self> {
        let mut forms = self.forms.clone();
        for form in forms_of(secret) {
            if !forms.iter().any(|known| known.as_slice() == form) {
                forms.push(Zeroizing::new(form.to_vec()));
            }
        }
        if forms.len() == self.forms.len() {
            return None;
        }
        // Overlapping matches are wanted, all of them, which is what the standard semantics give.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(forms.iter().map(|form| form.as_slice()))
            .ok();
        let longest = forms.iter().map(|form| form.len()).max().unwrap_or(0);
        Some(Self { forms, automaton, longest })
    }

    /// Where secrets stand in `bytes`: overlapping ones merged, in order.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<(usize, usize)> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let input = Input::new(bytes).anchored(Anchored::No);
        let mut found: Vec<(usize, usize)> =
            automaton.find_overlapping_iter(input).map(|found| (found.start(), found.end())).collect();
        found.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::with_capacity(found.len());
        for (start, end) in found {
            match merged.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        merged
    }

    /// Where the end of `bytes` begins that could become a secret with what follows; their length when there is none.
    pub(crate) fn open_end(&self, bytes: &[u8]) -> usize {
        let earliest = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        (earliest..bytes.len())
            .find(|start| {
                let end = &bytes[*start..];
                self.forms.iter().any(|form| form.len() > end.len() && form.starts_with(end))
            })
            .unwrap_or(bytes.len())
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }
}

/// The value, and each of its lines of 4 or more characters.
fn forms_of(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = secret.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    std::iter::once(secret).chain(lines).filter(|form| characters(form) >= FEWEST_CHARACTERS)
}
