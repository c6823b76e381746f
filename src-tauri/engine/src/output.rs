//! The output of one attempt on its way from the process to the journal and to whoever watches: masked first, then
//! hashed, then kept and shown, the same bytes everywhere (RUNS.md, "The journal").
//!
//! Pure but for the masker: the time comes in, and what is to be kept or shown comes out.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

use crate::{
    event::{Fact, hexadecimal},
    journal::Mask,
};

/// So many bytes of an attempt's output are kept as they come; of what follows the last 8 MiB are kept when it ends.
pub const KEPT_AT_ONCE: u64 = 8 * 1024 * 1024;
/// The ring: the last bytes of a long output.
pub(crate) const RING: usize = 8 * 1024 * 1024;
/// The largest piece that is kept as one event.
pub(crate) const PIECE: usize = 256 * 1024;
/// The same of each of many hosts, and as much of its end: so many of them must stay bounded together.
pub const KEPT_OF_A_HOST: u64 = 512 * 1024;
/// A watcher gets what has gathered for this long, or [`SHOWN`] bytes.
const SHOW_AFTER: Duration = Duration::from_millis(16);
/// See [`SHOW_AFTER`].
const SHOWN: usize = 64 * 1024;
/// The journal gets it after this: within the 50 ms that RUNS.md allows, the writing included.
const KEEP_AFTER: Duration = Duration::from_millis(35);
/// The masker lets go of what need not be held back any longer after this silence (ACCESS.md, "Masking").
const SILENCE: Duration = Duration::from_millis(100);

/// Bytes at their place in the output of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
}

/// Events of output, each with its bytes.
pub(crate) type Pieces = Vec<(Fact, Vec<u8>)>;

/// The output of one attempt.
pub(crate) struct Output {
    item: String,
    attempt: u64,
    mask: Box<dyn Mask>,
    /// All masked bytes so far.
    total: u64,
    whole: Sha256,
    show: Gathered,
    keep: Gathered,
    ring: VecDeque<u8>,
    /// So many bytes are kept as they come, and as many of the end.
    kept_at_once: u64,
    quiet_at: Option<Instant>,
}

/// Bytes that wait to be passed on.
#[derive(Default)]
struct Gathered {
    bytes: Vec<u8>,
    /// Where the first of them stands.
    offset: u64,
    due: Option<Instant>,
}

impl Gathered {
    fn add(&mut self, offset: u64, bytes: &[u8], due: Instant) {
        if bytes.is_empty() {
            return;
        }
        if self.bytes.is_empty() {
            self.offset = offset;
            self.due = Some(due);
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn take(&mut self) -> Option<Shown> {
        self.due = None;
        (!self.bytes.is_empty()).then(|| Shown { offset: self.offset, bytes: std::mem::take(&mut self.bytes) })
    }

    fn is_due(&self, now: Instant, full: usize) -> bool {
        self.bytes.len() >= full || self.due.is_some_and(|due| due <= now)
    }
}

impl Output {
    pub(crate) fn new(item: &str, attempt: u64, mask: Box<dyn Mask>) -> Self {
        Self {
            item: item.to_owned(),
            attempt,
            mask,
            total: 0,
            whole: Sha256::new(),
            show: Gathered::default(),
            keep: Gathered::default(),
            ring: VecDeque::new(),
            kept_at_once: KEPT_AT_ONCE,
            quiet_at: None,
        }
    }

    /// That of one host of many: 1 MiB is kept of it, of more its two ends.
    pub(crate) fn of_a_host(item: &str, attempt: u64, mask: Box<dyn Mask>) -> Self {
        Self { kept_at_once: KEPT_OF_A_HOST, ..Self::new(item, attempt, mask) }
    }

    /// Takes bytes as they came; gives them as they may be shown, as far as that is known yet.
    pub(crate) fn push(&mut self, bytes: &[u8], now: Instant) -> Vec<u8> {
        self.quiet_at = Some(now + SILENCE);
        let masked = self.mask.push(bytes);
        self.take(&masked, now);
        masked
    }

    /// Gives what the masker lets go after a silence.
    pub(crate) fn quiet(&mut self, now: Instant) -> Vec<u8> {
        if self.quiet_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.quiet_at = None;
        let masked = self.mask.silence();
        self.take(&masked, now);
        masked
    }

    /// The output has ended: gives the last masked bytes.
    pub(crate) fn end(&mut self, now: Instant) -> Vec<u8> {
        self.quiet_at = None;
        let masked = self.mask.finish();
        self.take(&masked, now);
        masked
    }

    fn take(&mut self, masked: &[u8], now: Instant) {
        self.whole.update(masked);
        self.show.add(self.total, masked, now + SHOW_AFTER);
        let room =
            usize::try_from(self.kept_at_once.saturating_sub(self.total)).unwrap_or(usize::MAX).min(masked.len());
        let (head, rest) = masked.split_at(room);
        self.keep.add(self.total, head, now + KEEP_AFTER);
        let ring = usize::try_from(self.kept_at_once).unwrap_or(RING).min(RING);
        let rest = &rest[rest.len().saturating_sub(ring)..];
        let over = (self.ring.len() + rest.len()).saturating_sub(ring);
        self.ring.drain(..over);
        self.ring.extend(rest);
        self.total += masked.len() as u64;
    }

    /// When something is to be done next, if nothing comes before.
    pub(crate) fn due(&self) -> Option<Instant> {
        [self.show.due, self.keep.due, self.quiet_at].into_iter().flatten().min()
    }

    /// What is to be shown by now; everything that waits when `all`.
    pub(crate) fn take_shown(&mut self, now: Instant, all: bool) -> Option<Shown> {
        if all || self.show.is_due(now, SHOWN) { self.show.take() } else { None }
    }

    /// What is to be kept by now; everything that waits, but for the ring, when `all`.
    pub(crate) fn take_kept(&mut self, now: Instant, all: bool) -> Pieces {
        if !(all || self.keep.is_due(now, PIECE)) {
            return Vec::new();
        }
        let Some(Shown { offset, bytes }) = self.keep.take() else { return Vec::new() };
        self.pieces(offset, &bytes)
    }

    /// The attempt has ended: the ring, with what was left out before it.
    pub(crate) fn rest(&mut self) -> Pieces {
        let bytes = Vec::from(std::mem::take(&mut self.ring));
        let mut pieces = self.pieces(self.total - bytes.len() as u64, &bytes);
        let left = self.total.saturating_sub(self.kept_at_once + bytes.len() as u64);
        if left > 0 {
            if let Some((Fact::Output { left_out, .. }, _)) = pieces.first_mut() {
                *left_out = Some(left);
            }
            if let Some((Fact::Output { whole_sha256, .. }, _)) = pieces.last_mut() {
                *whole_sha256 = Some(hexadecimal(&self.whole.clone().finalize()));
            }
        }
        pieces
    }

    fn pieces(&self, offset: u64, bytes: &[u8]) -> Pieces {
        let places = (offset..).step_by(PIECE);
        places
            .zip(bytes.chunks(PIECE))
            .map(|(offset, bytes)| {
                let fact = Fact::Output {
                    item: self.item.clone(),
                    attempt: self.attempt,
                    offset,
                    length: bytes.len() as u64,
                    sha256: hexadecimal(&Sha256::digest(bytes)),
                    left_out: None,
                    whole_sha256: None,
                };
                (fact, bytes.to_vec())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain;

    impl Mask for Plain {
        fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
            bytes.to_vec()
        }

        fn finish(&mut self) -> Vec<u8> {
            Vec::new()
        }
    }

    /// Runs `total` bytes through in reads of `read`; gives what was kept as `(offset, bytes, left_out, whole)`.
    #[expect(clippy::type_complexity, reason = "a test's own row")]
    fn keep(total: usize, read: usize) -> (Vec<u8>, Vec<(u64, Vec<u8>, Option<u64>, Option<String>)>) {
        let all: Vec<u8> = (0..total).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
        let mut output = Output::new("x", 1, Box::new(Plain));
        let now = Instant::now();
        let mut kept = Vec::new();
        let mut shown = Vec::new();
        for bytes in all.chunks(read) {
            output.push(bytes, now);
            kept.extend(output.take_kept(now, false));
            if let Some(piece) = output.take_shown(now, false) {
                assert_eq!(piece.offset, shown.len() as u64);
                shown.extend(piece.bytes);
            }
            assert!(output.ring.len() <= RING && output.keep.bytes.len() <= PIECE + read);
        }
        output.end(now);
        shown.extend(output.take_shown(now, true).map(|piece| piece.bytes).unwrap_or_default());
        assert!(shown == all, "what is shown is all of it");
        kept.extend(output.take_kept(now, true));
        kept.extend(output.rest());
        let kept = kept
            .into_iter()
            .map(|(fact, bytes)| match fact {
                Fact::Output { offset, length, sha256, left_out, whole_sha256, .. } => {
                    assert_eq!(length, bytes.len() as u64);
                    assert_eq!(sha256, hexadecimal(&Sha256::digest(&bytes)));
                    assert!(bytes.len() <= PIECE);
                    (offset, bytes, left_out, whole_sha256)
                }
                other => panic!("{other:?}"),
            })
            .collect();
        (all, kept)
    }

    #[test]
    fn up_to_sixteen_mebibytes_are_kept_whole_and_of_more_the_first_and_the_last_eight() {
        let mebibyte = 1024 * 1024;
        let table = [
            (0, 0),
            (1, 0),
            (8 * mebibyte, 0),
            (8 * mebibyte + 1, 0),
            (16 * mebibyte, 0),
            (16 * mebibyte + 1, 1),
            (21 * mebibyte + 5, 5 * mebibyte + 5),
        ];
        for (total, left_out) in table {
            let (all, kept) = keep(total, 300_007);
            let mut at = 0;
            let mut left = 0;
            for (number, (offset, bytes, out, whole)) in kept.iter().enumerate() {
                if let Some(out) = out {
                    left += usize::try_from(*out).unwrap();
                    at += usize::try_from(*out).unwrap();
                }
                assert_eq!(*offset, at as u64, "total {total}");
                assert!(all[at..at + bytes.len()] == bytes[..], "total {total}, offset {at}");
                at += bytes.len();
                let last = number + 1 == kept.len();
                let expected = (last && left > 0).then(|| hexadecimal(&Sha256::digest(&all)));
                assert_eq!(*whole, expected, "total {total}");
            }
            assert_eq!((at, left), (total, left_out), "total {total}");
        }
    }

    #[test]
    fn one_read_that_is_larger_than_everything_is_kept_the_same_way() {
        let (all, kept) = keep(20 * 1024 * 1024, 20 * 1024 * 1024);
        let bytes: usize = kept.iter().map(|piece| piece.1.len()).sum();
        assert_eq!(bytes, 16 * 1024 * 1024);
        assert!(all.ends_with(&kept.last().unwrap().1));
    }

    #[test]
    fn nothing_waits_longer_than_its_time() {
        let mut output = Output::new("x", 1, Box::new(Plain));
        let start = Instant::now();
        output.push(b"abc", start);
        assert!(output.take_shown(start, false).is_none() && output.take_kept(start, false).is_empty());
        assert_eq!(output.due(), Some(start + SHOW_AFTER));
        assert!(output.take_shown(start + SHOW_AFTER, false).is_some());
        assert_eq!(output.due(), Some(start + KEEP_AFTER));
        assert_eq!(output.take_kept(start + KEEP_AFTER, false).len(), 1);
        assert_eq!(output.due(), Some(start + SILENCE));
        output.quiet(start + SILENCE);
        assert_eq!(output.due(), None);
    }

    /// Holds everything until it is told that nothing comes.
    #[derive(Default)]
    struct Holding(Vec<u8>);

    impl Mask for Holding {
        fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
            self.0.extend(bytes);
            Vec::new()
        }

        fn silence(&mut self) -> Vec<u8> {
            std::mem::take(&mut self.0)
        }

        fn finish(&mut self) -> Vec<u8> {
            std::mem::take(&mut self.0)
        }
    }

    #[test]
    fn what_the_masker_holds_of_a_prompt_is_shown_after_a_tenth_of_a_second_of_silence_and_not_before() {
        let mut output = Output::new("x", 1, Box::new(Holding::default()));
        let start = Instant::now();
        output.push(b"pa", start);
        let last = start + Duration::from_millis(60);
        output.push(b"s", last);
        let silent = last + Duration::from_millis(100);
        assert_eq!(output.due(), Some(silent), "it wakes by itself");
        assert_eq!(output.quiet(silent - Duration::from_millis(1)), b"");
        assert_eq!(output.quiet(silent), b"pas");
        let shown = output.take_shown(silent + SHOW_AFTER, false).unwrap();
        assert_eq!((shown.offset, shown.bytes.as_slice()), (0, &b"pas"[..]));
        assert_eq!(output.quiet(silent + SILENCE), b"", "once");
    }
}
