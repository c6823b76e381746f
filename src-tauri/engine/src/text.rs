//! What a person would read in the bytes of a terminal: lines of text, colours and other sequences taken off.
//!
//! Works as the bytes come, in bounded memory: a line over [`LONGEST`] bytes is given in overlapping pieces. A line
//! ends with a line feed, or with a carriage return that overwrites it (a progress bar): nothing that was printed is
//! lost to an expectation. Bytes that are no UTF-8 become U+FFFD.

/// Bytes of text after which a line is given in pieces.
pub(crate) const LONGEST: usize = 64 * 1024;

/// Bytes that a piece shares with the one before it.
pub(crate) const OVERLAP: usize = 8 * 1024;

/// A line of text, or a part of a very long one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// Which line, from 1.
    pub(crate) line: u64,
    /// Its text, without the line end.
    pub(crate) text: &'a str,
    /// Where in `text` begins what no piece before had.
    pub(crate) fresh: usize,
    /// Whether the line ends with it.
    pub(crate) last: bool,
}

/// Cuts a stream of bytes into lines of text.
pub(crate) struct Lines {
    parser: vte::Parser,
    line: Line,
    /// The first bytes of a character whose others have not come. Held back here because the parser, when it has to
    /// put a character together from two pieces, can lose the one that follows it.
    held: Vec<u8>,
}

#[derive(Default)]
struct Line {
    number: u64,
    text: String,
    fresh: usize,
    returned: bool,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self { parser: vte::Parser::new(), line: Line { number: 1, ..Line::default() }, held: Vec::new() }
    }

    /// Takes the next bytes, and gives each piece that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8], give: &mut dyn FnMut(&Piece<'_>)) {
        let joined;
        let bytes = if self.held.is_empty() {
            bytes
        } else {
            self.held.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.held);
            &joined
        };
        let (whole, begun) = bytes.split_at(bytes.len() - begun(bytes));
        self.held.extend_from_slice(begun);
        self.parser.advance(&mut Performer { line: &mut self.line, give }, whole);
    }

    /// The stream has ended: gives a line that had no end.
    pub(crate) fn finish(&mut self, give: &mut dyn FnMut(&Piece<'_>)) {
        let held = std::mem::take(&mut self.held);
        self.parser.advance(&mut Performer { line: &mut self.line, give }, &held);
        if !self.line.text.is_empty() {
            self.line.end(give);
        }
    }
}

/// How many bytes at the end begin a character of UTF-8 without completing it: 0 to 3.
fn begun(bytes: &[u8]) -> usize {
    let tail = bytes.iter().rev().take(3).enumerate();
    for (after, byte) in tail {
        let length = match byte {
            0x80..=0xBF => continue,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return 0,
        };
        return if after + 1 < length { after + 1 } else { 0 };
    }
    0
}

impl Line {
    fn take(&mut self, c: char, give: &mut dyn FnMut(&Piece<'_>)) {
        if std::mem::take(&mut self.returned) && !self.text.is_empty() {
            self.end(give);
        }
        self.text.push(c);
        if self.text.len() >= LONGEST {
            self.give(false, give);
            let keep = (self.text.len() - OVERLAP..).find(|at| self.text.is_char_boundary(*at));
            self.text.drain(..keep.unwrap_or(0));
            self.fresh = self.text.len();
        }
    }

    fn end(&mut self, give: &mut dyn FnMut(&Piece<'_>)) {
        self.give(true, give);
        *self = Self { number: self.number + 1, text: std::mem::take(&mut self.text), ..Self::default() };
        self.text.clear();
    }

    fn give(&self, last: bool, give: &mut dyn FnMut(&Piece<'_>)) {
        give(&Piece { line: self.number, text: &self.text, fresh: self.fresh, last });
    }
}

struct Performer<'a> {
    line: &'a mut Line,
    give: &'a mut dyn FnMut(&Piece<'_>),
}

impl vte::Perform for Performer<'_> {
    fn print(&mut self, c: char) {
        // Control characters of two bytes (U+0080 to U+009F) are no text.
        if !c.is_control() {
            self.line.take(c, self.give);
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.line.end(self.give),
            b'\r' => self.line.returned = true,
            b'\t' => self.line.take('\t', self.give),
            _ => {}
        }
    }
}

/// What a person would read in the bytes of a terminal, each line with its end: for a report. A line that another one
/// overwrote (a progress bar) is a line of its own, so that nothing that was printed is hidden.
#[must_use]
pub fn plain_text(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut take = |piece: &Piece<'_>| {
        text.push_str(piece.text.get(piece.fresh..).unwrap_or_default());
        if piece.last {
            text.push('\n');
        }
    };
    let mut lines = Lines::new();
    lines.push(bytes, &mut take);
    lines.finish(&mut take);
    text
}

/// Keeps a text up to a limit; one that goes beyond it is not kept at all.
#[derive(Debug)]
pub(crate) struct Collected {
    text: String,
    limit: usize,
    over: bool,
}

impl Collected {
    pub(crate) fn new(limit: usize) -> Self {
        Self { text: String::new(), limit, over: false }
    }

    pub(crate) fn take(&mut self, piece: &Piece<'_>) {
        if self.over {
            return;
        }
        self.text.push_str(&piece.text[piece.fresh..]);
        if piece.last {
            self.text.push('\n');
        }
        if self.text.len() > self.limit {
            self.over = true;
            self.text = String::new();
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// The text, trimmed; `None` when it was over the limit.
    pub(crate) fn trimmed(&self) -> Option<&str> {
        (!self.over).then(|| self.text.trim())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let mut cutter = Lines::new();
        let mut found: Vec<String> = Vec::new();
        let mut take = |piece: &Piece<'_>| {
            let at = usize::try_from(piece.line).unwrap() - 1;
            found.resize(found.len().max(at + 1), String::new());
            found[at].push_str(&piece.text[piece.fresh..]);
        };
        for chunk in chunks {
            cutter.push(chunk, &mut take);
        }
        cutter.finish(&mut take);
        found
    }

    #[test]
    fn colours_and_line_ends_of_a_terminal_are_taken_off() {
        let table: &[(&[u8], &[&str])] = &[
            (b"one\r\ntwo\r\n", &["one", "two"]),
            (b"one\ntwo", &["one", "two"]),
            (b"\x1b[31mred\x1b[0m\r\n", &["red"]),
            (b"a\tb\n", &["a\tb"]),
            (b"10%\r20%\r\n", &["10%", "20%"]),
            (b"\rback\r\r\n", &["back"]),
            (b"\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link\n", &["textlink"]),
            (b"\n\nx\n", &["", "", "x"]),
            (b"\xff\xc3\xa9\n", &["\u{fffd}\u{e9}"]),
            (b"", &[]),
        ];
        for (bytes, expected) in table {
            assert_eq!(lines(&[bytes]), *expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn the_text_of_a_terminal_is_its_lines() {
        for (bytes, expected) in
            [(&b"one\r\n\x1b[31mtwo\x1b[0m"[..], "one\ntwo\n"), (b"10%\r20%\r\n\n", "10%\n20%\n\n"), (b"", "")]
        {
            assert_eq!(plain_text(bytes), expected);
        }
        assert_eq!(plain_text(&[b'x'; 200_000]).len(), 200_001, "a long line is given once");
    }

    #[test]
    fn a_line_without_an_end_is_given_in_overlapping_pieces() {
        let mut cutter = Lines::new();
        let mut fresh = 0;
        let mut pieces = 0;
        let mut take = |piece: &Piece<'_>| {
            assert!(piece.text.len() <= LONGEST + 4);
            assert_eq!(piece.line, 1);
            fresh += piece.text.len() - piece.fresh;
            pieces += 1;
        };
        for _ in 0..30 {
            cutter.push(&[b'x'; 10_000], &mut take);
        }
        cutter.finish(&mut take);
        assert_eq!(fresh, 300_000);
        assert!(pieces >= 5);
    }

    #[test]
    fn a_character_cut_in_two_does_not_take_the_next_one_with_it() {
        let text = b"a\xC2\x80 b\xF0\x9F\x98\x80c\x80d\xE2\x82";
        for at in 0..=text.len() {
            assert_eq!(lines(&[text]), lines(&[&text[..at], &text[at..]]), "cut at {at}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(lines(&[text]), lines(&bytes), "byte by byte");
    }

    proptest! {
        #[test]
        fn where_the_stream_is_cut_changes_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..200) {
            let at = at.min(bytes.len());
            prop_assert_eq!(lines(&[&bytes]), lines(&[&bytes[..at], &bytes[at..]]));
        }
    }
}
