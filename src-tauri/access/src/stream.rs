//! Masks a stream that arrives in pieces: a secret split over any number of them is still masked.
//!
//! Bytes are held back only while they could be the beginning of a secret, or of more of one. `shown` and `marked` say how
//! much of what is held the reader has seen already, as it is or as a mark.

use crate::{
    patterns::Patterns,
    scan::{Held, Scan, Span},
    sequences::Place,
};

/// What stands in the place of a secret.
pub(crate) const MARK: &str = "•••";
/// The most that is shown of what could be a secret's beginning, after a silence, so that a prompt is not delayed.
const SHOWN_AFTER_SILENCE: usize = 3;

/// A stream on its way.
#[derive(Default)]
pub(crate) struct Stream {
    /// The end of what came so far that could be the beginning of a secret.
    held: Held,
    /// Where the first byte of it stands, as a terminal sees it.
    place: Place,
    scan: Scan,
    /// How many secrets were known when it was read.
    known: usize,
    /// Everything before is seen, in whatever form.
    shown: usize,
    /// Up to here reaches the last mark that is seen: a secret that begins before is under the same mark.
    marked: usize,
}

impl Stream {
    /// Takes a piece, gives what can be shown.
    pub(crate) fn push(&mut self, patterns: &Patterns, bytes: &[u8]) -> Vec<u8> {
        if patterns.count() == 0 {
            return bytes.to_vec();
        }
        self.held.bytes.extend_from_slice(bytes);
        self.read(patterns);
        let (open, _) = self.scan.open(patterns.finders(), &self.held, self.shown);
        let mut out = Vec::with_capacity(open.saturating_sub(self.shown) + MARK.len());
        self.show(&mut out, open);
        // What ends here is a secret already, whatever more of it may come.
        if let Some((_, to)) = self.scan.found.iter().copied().find(|(from, to)| *from <= open && open < *to)
            && self.marked <= open
        {
            out.extend_from_slice(MARK.as_bytes());
            self.marked = to;
        }
        self.forget(open);
        out
    }

    /// Gives what is held, if it is so little that it tells nothing.
    pub(crate) fn silence(&mut self, patterns: &Patterns) -> Vec<u8> {
        let mut out = Vec::new();
        if patterns.count() > 0 {
            self.read(patterns);
            let (_, most) = self.scan.open(patterns.finders(), &self.held, self.shown.max(self.marked));
            if most <= SHOWN_AFTER_SILENCE {
                self.show(&mut out, self.held.end());
            }
        }
        out
    }

    /// Gives the rest.
    pub(crate) fn finish(&mut self, patterns: &Patterns) -> Vec<u8> {
        let mut out = Vec::new();
        if patterns.count() > 0 {
            self.read(patterns);
            self.scan.finish(patterns.finders(), &self.held);
            self.show(&mut out, self.held.end());
        }
        *self = Self::default();
        out
    }

    fn read(&mut self, patterns: &Patterns) {
        if std::mem::replace(&mut self.known, patterns.count()) != patterns.count() {
            self.scan.restart(&self.held, self.place);
        }
        self.scan.read(patterns.finders(), &self.held);
    }

    /// Shows what is held up to `until`. No secret that is still to come begins before that.
    fn show(&mut self, out: &mut Vec<u8>, until: usize) {
        let mut at = self.shown;
        for (from, to) in self.scan.found.iter().copied() {
            if at >= until || from >= until {
                break;
            }
            if to <= at {
                continue;
            }
            if at < from {
                out.extend_from_slice(self.held.get((at, from)));
            }
            if from >= self.marked {
                out.extend_from_slice(MARK.as_bytes());
            }
            self.marked = self.marked.max(to);
            sequences(&self.scan, &self.held, (from.max(at), to.min(until)), out);
            at = to.min(until);
        }
        if at < until {
            out.extend_from_slice(self.held.get((at, until)));
        }
        self.shown = self.shown.max(until);
    }

    fn forget(&mut self, until: usize) {
        self.place = self.scan.place_at(&self.held, self.place, until);
        self.held.bytes.drain(..until.saturating_sub(self.held.from));
        self.held.from = until;
        self.scan.forget(until);
    }
}

/// What a terminal obeys within a secret goes behind its mark, so that what follows has its colours; but for what is a part
/// of a secret itself.
fn sequences(scan: &Scan, held: &Held, (from, to): Span, out: &mut Vec<u8>) {
    for (begin, end) in scan.sequences.iter().copied() {
        if begin.max(from) < end && end <= to && from < end && !scan.touches((begin, end)) {
            out.extend_from_slice(held.get((begin.max(from), end)));
        }
    }
}
