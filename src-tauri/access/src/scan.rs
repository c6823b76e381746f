//! Finds secrets in a stream of a terminal as it comes.
//!
//! A stream is read in two ways. As a terminal shows it: without control characters and the sequences that it obeys, so
//! that colours within a secret do not hide it. And as it came, without control characters alone, so that a secret in a
//! window's title is found too. In both, encoded forms are looked for without white space, since encoders wrap lines.
//! While no sequence is about the two readings are the same, and made once.

use zeroize::Zeroizing;

use crate::{
    glance::{Glance, control_sequence},
    patterns::{Finder, Finders, Track},
    sequences::{KINDS, Kind, LEAD, Place, follows_lead, is_control},
};

/// How many bytes that are not read (sequences, wraps) may stand between two characters of a form. Bounds what is held
/// back.
pub(crate) const WIDEST_GAP: usize = 1024;

/// From one place of the stream to another, in bytes since its beginning; the second is the first behind it.
pub(crate) type Span = (usize, usize);

/// Bytes of a stream, and where the first of them stands in it.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    pub(crate) from: usize,
}

impl Held {
    pub(crate) fn end(&self) -> usize {
        self.from + self.bytes.len()
    }

    pub(crate) fn get(&self, (from, to): Span) -> &[u8] {
        self.bytes.get(from.saturating_sub(self.from)..to.saturating_sub(self.from)).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at.checked_sub(self.from)?).copied()
    }
}

/// How far forms have come in one reading.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reading {
    pub(crate) written: Track,
    pub(crate) coded: Track,
    /// The byte behind the last one that was read, for each.
    pub(crate) written_end: usize,
    pub(crate) coded_end: usize,
}

/// The reading as it came, while it differs from the one as shown.
#[derive(Clone, Copy)]
pub(crate) struct Raw {
    pub(crate) reading: Reading,
    /// How many bytes of each sort both have read since the last sequence.
    pub(crate) written_same: usize,
    pub(crate) coded_same: usize,
}

/// How to go back over what was read: like which reading, and how far at most.
#[derive(Clone, Copy)]
struct Back {
    skip_space: bool,
    skip_sequences: bool,
    until: usize,
}

/// What was found so far in what is held.
#[derive(Default)]
pub(crate) struct Scan {
    /// Up to where it was read.
    end: usize,
    /// Where the byte after what is held stands.
    place: Place,
    /// The last byte may be the first of a control character.
    lead: bool,
    shown: Reading,
    raw: Option<Raw>,
    /// After how many bytes of each sort the next one is looked at; see [`Finder::stride`].
    left: (u32, u32),
    /// Sequences that have ended, in order.
    pub(crate) sequences: Vec<Span>,
    /// Where the sequence under way began.
    under_way: usize,
    /// Where secrets stand, overlapping ones merged, in order.
    pub(crate) found: Vec<Span>,
    /// Those that a sequence could be a part of.
    touching: Vec<Span>,
}

impl Scan {
    /// Reads on to the end of what is held.
    pub(crate) fn read(&mut self, finders: &Finders, held: &Held) {
        while self.end < held.end() {
            let shallow = self.shown.is_shallow() && self.raw.as_ref().is_none_or(|raw| raw.reading.is_shallow());
            if shallow && self.place == Place::Text && !self.lead {
                self.run(finders, held);
            }
            let Some(byte) = held.byte(self.end) else { break };
            self.end += 1;
            self.step(finders, held, byte);
        }
    }

    /// Nothing more comes: what could have been the first byte of a control character is text.
    pub(crate) fn finish(&mut self, finders: &Finders, held: &Held) {
        if std::mem::take(&mut self.lead) {
            self.take(finders, held, self.end - 1, LEAD);
        }
    }

    /// Reads on while nothing is found, and stands before the byte with which something could have begun. Nearly everything
    /// that is printed is read here, colours among it.
    fn run(&mut self, finders: &Finders, held: &Held) {
        let bytes = held.bytes.as_slice();
        let mut glance = Glance::new(self.shown, self.raw.take(), self.left);
        let mut at = self.end;
        loop {
            at = glance.run(finders, bytes, at, held.from);
            let sequence = control_sequence(bytes, at - held.from).map(|end| end + held.from);
            match sequence {
                Some(end) if glance.sequence(finders, held.get((at, end)), at) => self.sequences.push((at, end)),
                _ => break,
            }
            at = sequence.unwrap_or(at);
        }
        (self.shown, self.raw, self.left) = (glance.shown, glance.raw(), glance.left);
        self.end = at;
    }

    /// Reads one byte, the last before `end`.
    fn step(&mut self, finders: &Finders, held: &Held, byte: u8) {
        let at = self.end - 1;
        if std::mem::take(&mut self.lead) {
            if follows_lead(byte) {
                let place = self.place.after_control(byte);
                return self.enter(place, at - 1, at + 1);
            }
            self.take(finders, held, at - 1, LEAD);
        }
        if byte == LEAD {
            self.lead = true;
        } else {
            self.take(finders, held, at, byte);
        }
    }

    /// The next byte stands in `place`, by a control character from `at` to `end`.
    fn enter(&mut self, place: Place, at: usize, end: usize) {
        let before = std::mem::replace(&mut self.place, place);
        if before == Place::Text && place != Place::Text {
            self.under_way = at;
            self.differ();
        } else if before != Place::Text && place == Place::Text {
            self.sequences.push((self.under_way, end));
        }
    }

    /// From now on the two readings differ.
    fn differ(&mut self) {
        let reading = self.shown;
        let raw = self.raw.get_or_insert(Raw { reading, written_same: 0, coded_same: 0 });
        (raw.written_same, raw.coded_same) = (0, 0);
    }

    fn take(&mut self, finders: &Finders, held: &Held, at: usize, byte: u8) {
        let before = self.place;
        let place = before.after(byte);
        if byte == 0x1B {
            // Also in the midst of another sequence, which it ends.
            if before != Place::Text {
                self.sequences.push((self.under_way, at));
            }
            (self.place, self.under_way) = (place, at);
            return self.differ();
        }
        self.enter(place, at, at + 1);
        if is_control(byte) {
            return;
        }
        let space = KINDS[usize::from(byte)] == Kind::Space;
        if before == Place::Text {
            let ended = self.shown.take(finders, at, byte, space);
            self.left = (finders.written.stride, if space { self.left.1 } else { finders.coded.stride });
            if ended != (0, 0) {
                self.note(held, ended, at + 1, true);
            }
        }
        let Some(raw) = &mut self.raw else { return };
        let ended = raw.reading.take(finders, at, byte, space);
        if before == Place::Text {
            raw.written_same += 1;
            raw.coded_same += usize::from(!space);
            if raw.is_same(finders, &self.shown) {
                self.raw = None;
            }
        }
        if ended != (0, 0) {
            self.note(held, ended, at + 1, false);
        }
    }

    /// Forms of these lengths end before `end`: one as it is, and an encoded one.
    fn note(&mut self, held: &Held, (written, coded): (usize, usize), end: usize, shown: bool) {
        let lengths = [(written, false), (coded, true)];
        for (length, skip_space) in lengths.into_iter().filter(|(length, _)| *length > 0) {
            let back = Back { skip_space, skip_sequences: shown, until: held.from };
            let span = (self.back(held, length, end, back).0, end);
            merge(&mut self.found, span);
            if !shown {
                merge(&mut self.touching, span);
            }
        }
    }

    /// Where the last `count` bytes begin that were read before `end`, and how many of them stand before `until`.
    fn back(
        &self,
        held: &Held,
        count: usize,
        end: usize,
        Back { skip_space, skip_sequences, until }: Back,
    ) -> (usize, usize) {
        let mut sequences = self.sequences.iter().rev().peekable();
        let (mut at, mut left) = (end, count);
        if skip_sequences && self.place != Place::Text {
            at = at.min(self.under_way);
        }
        while left > 0 && at > until.max(held.from) {
            if skip_sequences {
                while sequences.next_if(|(from, _)| *from >= at).is_some() {}
                if let Some((from, _)) = sequences.next_if(|(_, to)| *to >= at) {
                    at = *from;
                    continue;
                }
            }
            at -= 1;
            let Some(byte) = held.byte(at) else { break };
            let second = follows_lead(byte) && at > held.from && held.byte(at - 1) == Some(LEAD);
            if second {
                at -= 1;
            } else {
                let passed = is_control(byte) || (skip_space && KINDS[usize::from(byte)] == Kind::Space);
                left -= usize::from(!passed);
            }
        }
        (at, left)
    }

    /// Where what could still become a secret begins; the end of what is held when nothing could. With it, how many bytes
    /// of a form have come that stand behind `seen`, at most.
    pub(crate) fn open(&self, finders: &Finders, held: &Held, seen: usize) -> (usize, usize) {
        // The first byte of what may be a control character is no text yet.
        let end = held.end() - usize::from(self.lead);
        let (mut from, mut most) = (end, usize::from(self.lead));
        let readings = [(Some(&self.shown), true), (self.raw.as_ref().map(|raw| &raw.reading), false)];
        for (reading, shown) in readings {
            let Some(reading) = reading else { continue };
            for (finder, track, last, coded) in [
                (&finders.written, &reading.written, reading.written_end, false),
                (&finders.coded, &reading.coded, reading.coded_end, true),
            ] {
                let open = if end - last > WIDEST_GAP { 0 } else { track.open(finder) };
                if open == 0 {
                    continue;
                }
                let back = Back { skip_space: coded, skip_sequences: shown, until: held.from };
                from = from.min(self.back(held, open, end, back).0);
                let (_, seen_before) = self.back(held, open, end, Back { until: seen, ..back });
                most = most.max(open - seen_before);
            }
        }
        // A sequence goes as a whole, or not yet; but for one whose beginning has gone, which is in no secret.
        let cut = self.sequences.iter().find(|(begin, end)| held.from <= *begin && *begin < from && from < *end);
        (cut.map_or(from, |(begin, _)| *begin), most)
    }

    /// Whether a part of this sequence is a part of a secret.
    pub(crate) fn touches(&self, (from, to): Span) -> bool {
        self.touching.iter().any(|(begin, end)| *begin < to && from < *end)
    }

    /// What is held now begins there: forgets what is no longer held. Gives where its first byte stands, as a terminal
    /// sees it.
    pub(crate) fn forget(&mut self, until: usize) {
        self.sequences.retain(|(_, end)| *end > until);
        self.found.retain(|(_, end)| *end > until);
        self.touching.retain(|(_, end)| *end > until);
    }

    /// Where a byte that is held stands, if the first one that is held stands in `place`.
    pub(crate) fn place_at(&self, held: &Held, place: Place, at: usize) -> Place {
        let begun = self.sequences.iter().copied().find(|(from, to)| *from < at && at < *to);
        let under_way = (self.place != Place::Text && self.under_way < at).then_some((self.under_way, at));
        match begun.or(under_way) {
            Some((from, _)) if from < held.from => place.after_all(held.get((held.from, at))),
            Some((from, _)) => Place::Text.after_all(held.get((from, at))),
            None => Place::Text,
        }
    }

    /// More is looked for than before: what is held is read anew, its first byte in `place`. What was found stays found.
    pub(crate) fn restart(&mut self, held: &Held, place: Place) {
        *self = Self {
            end: held.from,
            place,
            under_way: held.from,
            found: std::mem::take(&mut self.found),
            touching: std::mem::take(&mut self.touching),
            ..Self::default()
        };
        (self.shown.written_end, self.shown.coded_end) = (held.from, held.from);
        if place != Place::Text {
            self.differ();
        }
    }
}

impl Reading {
    fn is_shallow(&self) -> bool {
        self.written.is_shallow() && self.coded.is_shallow()
    }

    /// Reads a byte; gives the lengths of the longest forms that end with it.
    fn take(&mut self, finders: &Finders, at: usize, byte: u8, space: bool) -> (usize, usize) {
        let written = go_on(&mut self.written, &mut self.written_end, &finders.written, at, byte);
        if space {
            return (written, 0);
        }
        (written, go_on(&mut self.coded, &mut self.coded_end, &finders.coded, at, byte))
    }
}

fn go_on(track: &mut Track, end: &mut usize, finder: &Finder, at: usize, byte: u8) -> usize {
    if at - *end > WIDEST_GAP {
        *track = Track::default();
    }
    *end = at + 1;
    track.take(finder, byte)
}

impl Raw {
    /// Whether what is found from now on is the same in both readings.
    fn is_same(&self, finders: &Finders, shown: &Reading) -> bool {
        self.reading.written.agrees(&shown.written, &finders.written, self.written_same)
            && self.reading.coded.agrees(&shown.coded, &finders.coded, self.coded_same)
    }
}

/// Adds one; those that overlap become one.
fn merge(spans: &mut Vec<Span>, (from, to): Span) {
    let first = spans.partition_point(|(_, end)| *end <= from);
    let last = spans.partition_point(|(begin, _)| *begin < to);
    let from = spans.get(first).filter(|_| first < last).map_or(from, |(begin, _)| from.min(*begin));
    let to = spans[first..last].last().map_or(to, |(_, end)| to.max(*end));
    spans.splice(first..last, [(from, to)]);
}
