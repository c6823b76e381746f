//! Reads a stream while no form has come far: not every byte is looked at, and the colours of a terminal are passed over.
//!
//! Gives up before the byte with which something could have begun; [`crate::scan`] reads that one as it does any other.

use crate::{
    patterns::{Finder, Finders, Track},
    scan::{Raw, Reading, WIDEST_GAP},
    sequences::{KINDS, Kind},
};

/// How many bytes of a form may have come before one of them is looked at.
const FURTHEST: usize = 7;

/// Both readings; where they do not differ the second one is not made.
pub(crate) struct Glance {
    pub(crate) shown: Reading,
    raw: Reading,
    differs: bool,
    same: (usize, usize),
    /// After how many bytes of each sort the next one is looked at; see [`Finder::stride`].
    pub(crate) left: (u32, u32),
}

/// The last bytes of one sort in one reading, and the place behind them.
#[derive(Clone, Copy)]
struct Last {
    history: u64,
    end: usize,
}

impl Last {
    /// As it stands before the byte at `at`.
    fn before(track: Track, end: usize, at: usize) -> Self {
        Self { history: if at - end > WIDEST_GAP { 0 } else { track.history }, end }
    }

    #[inline]
    fn with(self, byte: u8) -> u64 {
        self.history << 8 | u64::from(byte)
    }

    /// The byte at `at` was not read.
    #[inline]
    fn pass(&mut self, at: usize) {
        if at - self.end >= WIDEST_GAP {
            self.history = 0;
        }
    }
}

impl Glance {
    pub(crate) fn new(shown: Reading, raw: Option<Raw>, left: (u32, u32)) -> Self {
        let (reading, same) = raw.map_or((shown, (0, 0)), |raw| (raw.reading, (raw.written_same, raw.coded_same)));
        Self { shown, raw: reading, differs: raw.is_some(), same, left: (left.0.max(1), left.1.max(1)) }
    }

    /// The reading as it came, where it differs.
    pub(crate) fn raw(&self) -> Option<Raw> {
        let (written_same, coded_same) = self.same;
        self.differs.then_some(Raw { reading: self.raw, written_same, coded_same })
    }

    /// Reads on to the first byte that is not text, or with which something could have begun; gives where that stands.
    pub(crate) fn run(&mut self, finders: &Finders, bytes: &[u8], mut at: usize, from: usize) -> usize {
        if self.differs {
            at = self.read::<true>(finders, bytes, at, from);
            self.differs = self.same.0 < FURTHEST || self.same.1 < FURTHEST;
        }
        if self.differs { at } else { self.read::<false>(finders, bytes, at, from) }
    }

    fn read<const DIFFERS: bool>(&mut self, finders: &Finders, bytes: &[u8], mut at: usize, from: usize) -> usize {
        let Self { shown, raw, same, left, .. } = *self;
        let mut written = Last::before(shown.written, shown.written_end, at);
        let mut coded = Last::before(shown.coded, shown.coded_end, at);
        let mut raw_written = Last::before(raw.written, raw.written_end, at);
        let mut raw_coded = Last::before(raw.coded, raw.coded_end, at);
        let (mut same, mut left) = (same, left);
        let every = (finders.written.stride, finders.coded.stride);
        let may_begin =
            |finder: &Finder, shown: u64, raw: u64| finder.may_begin(shown) || (DIFFERS && finder.may_begin(raw));
        for byte in bytes.get(at - from..).unwrap_or_default() {
            let kind = KINDS[usize::from(*byte)];
            if kind == Kind::Special || (DIFFERS && same.0 >= FURTHEST && same.1 >= FURTHEST) {
                break;
            }
            if kind <= Kind::Space {
                let (next, raw_next) = (written.with(*byte), raw_written.with(*byte));
                let look = left.0 == 1;
                if look && may_begin(&finders.written, next, raw_next) {
                    break;
                }
                if kind == Kind::Text {
                    let (next, raw_next) = (coded.with(*byte), raw_coded.with(*byte));
                    let look = left.1 == 1;
                    if look && may_begin(&finders.coded, next, raw_next) {
                        break;
                    }
                    left.1 = if look { every.1 } else { left.1 - 1 };
                    coded = Last { history: next, end: at + 1 };
                    if DIFFERS {
                        raw_coded = Last { history: raw_next, end: at + 1 };
                        same.1 += 1;
                    }
                } else {
                    coded.pass(at);
                    if DIFFERS {
                        raw_coded.pass(at);
                    }
                }
                left.0 = if look { every.0 } else { left.0 - 1 };
                written = Last { history: next, end: at + 1 };
                if DIFFERS {
                    raw_written = Last { history: raw_next, end: at + 1 };
                    same.0 += 1;
                }
            } else {
                written.pass(at);
                coded.pass(at);
                if DIFFERS {
                    raw_written.pass(at);
                    raw_coded.pass(at);
                }
            }
            at += 1;
        }
        self.shown = reading(written, coded);
        if DIFFERS {
            self.raw = reading(raw_written, raw_coded);
        }
        (self.same, self.left) = (same, left);
        at
    }

    /// Reads a control sequence that begins at `at`. Gives `false`, and has not read it, where something could have begun in
    /// it.
    pub(crate) fn sequence(&mut self, finders: &Finders, sequence: &[u8], at: usize) -> bool {
        let before = if self.differs { self.raw } else { self.shown };
        let mut written = Last::before(before.written, before.written_end, at + 1);
        let mut coded = Last::before(before.coded, before.coded_end, at + 1);
        for (at, byte) in (at..).zip(sequence).skip(1) {
            written = Last { history: written.with(*byte), end: at + 1 };
            if finders.written.may_begin(written.history) {
                return false;
            }
            if *byte != b' ' {
                coded = Last { history: coded.with(*byte), end: at + 1 };
                if finders.coded.may_begin(coded.history) {
                    return false;
                }
            }
        }
        self.raw = reading(written, coded);
        (self.differs, self.same) = (true, (0, 0));
        true
    }
}

fn reading(written: Last, coded: Last) -> Reading {
    Reading {
        written: Track::shallow(written.history),
        coded: Track::shallow(coded.history),
        written_end: written.end,
        coded_end: coded.end,
    }
}

/// Where the control sequence ends that begins here, if it is one of the usual sort, and all of it is here.
pub(crate) fn control_sequence(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?.strip_prefix(b"\x1b[")?;
    let length = rest.iter().take(64).position(|byte| !(0x20..=0x3F).contains(byte))?;
    (0x40..=0x7E).contains(rest.get(length)?).then_some(from + 2 + length + 1)
}
