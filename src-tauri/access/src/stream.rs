//! Masks a stream that arrives in pieces: a secret split over any number of them is still masked.
//!
//! Bytes are held back only while they could be the beginning of a secret. What is held is looked at anew with each
//! piece; `shown` and `marked` say how much of it the reader has seen already, as it is or as a mark.

use zeroize::Zeroizing;

use crate::patterns::Patterns;

/// What stands in the place of a secret.
pub(crate) const MARK: &str = "•••";
/// The most that is shown of what could be a secret's beginning, after a silence, so that a prompt is not delayed.
const SHOWN_AFTER_SILENCE: usize = 3;

/// A stream on its way.
#[derive(Default)]
pub(crate) struct Stream {
    /// The end of what came so far that could be the beginning of a secret.
    held: Zeroizing<Vec<u8>>,
    /// How many bytes of `held` the reader has seen, in whatever form. Never less than `marked`.
    shown: usize,
    /// How many bytes of `held` belong to a mark that the reader has seen: a secret that begins among them is under
    /// the same mark.
    marked: usize,
}

impl Stream {
    /// Takes a piece, gives what can be shown.
    pub(crate) fn push(&mut self, patterns: &Patterns, bytes: &[u8]) -> Vec<u8> {
        if patterns.is_empty() && self.held.is_empty() {
            return bytes.to_vec();
        }
        self.held.extend_from_slice(bytes);
        let until = patterns.open_end(&self.held);
        self.show(patterns, until)
    }

    /// Gives what is held, if it is so little that it tells nothing.
    pub(crate) fn silence(&mut self) -> Vec<u8> {
        if self.held.len() > SHOWN_AFTER_SILENCE {
            return Vec::new();
        }
        let shown = self.held[self.shown..].to_vec();
        self.shown = self.held.len();
        shown
    }

    /// Gives the rest.
    pub(crate) fn finish(&mut self, patterns: &Patterns) -> Vec<u8> {
        let all = self.held.len();
        self.show(patterns, all)
    }

    /// Shows what is held up to `until`, and forgets it. No secret that is still to come begins before that.
    fn show(&mut self, patterns: &Patterns, until: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(until);
        let mut marked = self.marked;
        for (start, end) in patterns.find(&self.held) {
            // Decided with what follows: it may begin another secret that overlaps this one.
            if start >= until {
                break;
            }
            if start >= marked {
                self.plain(&mut out, marked, start);
                out.extend_from_slice(MARK.as_bytes());
            }
            marked = marked.max(end);
        }
        self.plain(&mut out, marked, until);
        self.shown = self.shown.max(marked).saturating_sub(until);
        self.marked = marked.saturating_sub(until);
        let rest = Zeroizing::new(self.held[until..].to_vec());
        self.held = rest;
        out
    }

    /// What stands between marks, but for what has been shown.
    fn plain(&self, out: &mut Vec<u8>, from: usize, to: usize) {
        let from = from.max(self.shown);
        if from < to {
            out.extend_from_slice(&self.held[from..to]);
        }
    }
}
