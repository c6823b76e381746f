//! The bytes of a file as a text that loses none of them, and places in either.
//!
//! A byte `b` that is not part of valid UTF-8 (it is at least 0x80) stands as the character U+10FF00 + `b`. Line ends and
//! a byte order mark are characters like any other.

/// The first character that stands for a byte.
const FIRST: u32 = 0x10_FF80;
/// What is added to a byte.
const BASE: u32 = 0x10_FF00;
/// How many characters lie between two marks.
const STRIDE: usize = 256;

/// The byte that a character stands for, if it stands for one.
fn stray(character: char) -> Option<u8> {
    let code = u32::from(character);
    (code >= FIRST).then(|| u8::try_from(code - BASE).ok()).flatten()
}

/// The text of these bytes.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(BASE + u32::from(*byte))));
    }
    text
}

/// The bytes of this text.
pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    // All these characters begin with the byte 0xF4, which is rare.
    while let Some(at) = rest.find(|character| stray(character).is_some()) {
        let (before, from) = rest.split_at(at);
        bytes.extend_from_slice(before.as_bytes());
        let mut characters = from.chars();
        bytes.extend(characters.next().and_then(stray));
        rest = characters.as_str();
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Whether the bytes hold a character that a text uses for a byte: such a file cannot be told from its text.
pub(crate) fn ambiguous(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| chunk.valid().contains(|character| stray(character).is_some()))
}

/// `\r\n` if most lines end so, else `\n`.
pub(crate) fn line_end(text: &str) -> &'static str {
    let (mut all, mut with_return) = (0_usize, 0_usize);
    for (at, _) in text.match_indices('\n') {
        all += 1;
        with_return += usize::from(text[..at].ends_with('\r'));
    }
    if with_return * 2 > all { "\r\n" } else { "\n" }
}

/// Places in a text: bytes of the file, bytes of the text, UTF-16 units. Made in one pass, asked in constant time.
pub(crate) struct Units<'t> {
    text: &'t str,
    /// Every character is a byte and a unit. Looked at once: at each place it would make a long text slow.
    ascii: bool,
    marks: Vec<Mark>,
}

/// One place, counted three ways.
#[derive(Clone, Copy, Default)]
struct Mark {
    text: usize,
    file: usize,
    units: u64,
}

impl Mark {
    fn pass(&mut self, character: char) {
        self.text += character.len_utf8();
        self.file += if stray(character).is_some() { 1 } else { character.len_utf8() };
        self.units += character.len_utf16() as u64;
    }
}

impl<'t> Units<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut marks = vec![Mark::default()];
        let ascii = text.is_ascii();
        if !ascii {
            let mut mark = Mark::default();
            for (count, character) in text.chars().enumerate() {
                if count > 0 && count % STRIDE == 0 {
                    marks.push(mark);
                }
                mark.pass(character);
            }
        }
        Self { text, ascii, marks }
    }

    /// The units before a byte of the file. A place inside a character is its beginning, one behind the end is the end.
    pub(crate) fn of_file(&self, offset: usize) -> u64 {
        self.find(offset, |mark| mark.file)
    }

    /// The units before a byte of the text.
    pub(crate) fn of_text(&self, offset: usize) -> u64 {
        self.find(offset, |mark| mark.text)
    }

    fn find(&self, offset: usize, count: impl Fn(&Mark) -> usize) -> u64 {
        if self.ascii {
            return offset.min(self.text.len()) as u64;
        }
        let next = self.marks.partition_point(|mark| count(mark) <= offset);
        let mut mark = next.checked_sub(1).and_then(|index| self.marks.get(index)).copied().unwrap_or_default();
        for character in self.text.get(mark.text..).unwrap_or_default().chars() {
            let mut after = mark;
            after.pass(character);
            if count(&after) > offset {
                break;
            }
            mark = after;
        }
        mark.units
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_utf_8_stands_as_one_character_a_byte() {
        for (bytes, text) in [
            (&b"a\xff\xc3b"[..], "a\u{10ffff}\u{10ffc3}b"),
            (b"\xef\xbb\xbfa\r\n", "\u{feff}a\r\n"),
            ("é€😀".as_bytes(), "é€😀"),
        ] {
            assert_eq!(text_of(bytes), text);
            assert_eq!(bytes_of(text), bytes);
        }
    }

    #[test]
    fn a_file_that_really_holds_such_characters_is_ambiguous() {
        assert!(ambiguous("a\u{10ff80}".as_bytes()));
        assert!(ambiguous("\u{10ffff}".as_bytes()));
        assert!(!ambiguous("a\u{10ff7f}\u{e000}".as_bytes()));
        assert!(!ambiguous(b"a\xff\xfe"));
    }

    #[test]
    fn the_line_end_of_most_lines_is_that_of_the_file() {
        for (text, end) in [("", "\n"), ("a", "\n"), ("a\r\nb\r\nc\n", "\r\n"), ("a\r\nb\n", "\n"), ("a\rb\r", "\n")]
        {
            assert_eq!(line_end(text), end, "{text:?}");
        }
    }

    #[test]
    fn every_file_of_the_corpus_comes_back_byte_for_byte() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
        let mut folders = vec![corpus.clone()];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else {
                panic!("there is no corpus at {}", corpus.display())
            };
            for entry in entries.map(Result::unwrap) {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    let bytes = std::fs::read(entry.path()).unwrap();
                    files += 1;
                    assert!(ambiguous(&bytes) || bytes_of(&text_of(&bytes)) == bytes, "{}", entry.path().display());
                }
            }
        }
        assert!(files > 0, "there is nothing in the corpus at {}", corpus.display());
    }

    fn slow(text: &str, offset: usize, file: bool) -> u64 {
        let (mut units, mut at) = (0, 0);
        for character in text.chars() {
            at += if file && stray(character).is_some() { 1 } else { character.len_utf8() };
            if at > offset {
                break;
            }
            units += character.len_utf16() as u64;
        }
        units
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assume!(!ambiguous(&bytes));
            prop_assert_eq!(bytes_of(&text_of(&bytes)), bytes);
        }

        #[test]
        fn places_are_counted_as_one_by_one(
            parts in proptest::collection::vec(prop_oneof!["[a-z\r\n]{0,300}", "[é€😀\u{10ff80}\u{10ffff}]{0,300}"], 0..6),
            share in 0.0..1.2_f64,
        ) {
            let text = parts.concat();
            let units = Units::new(&text);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
            let offset = (text.len() as f64 * share) as usize;
            prop_assert_eq!(units.of_file(offset), slow(&text, offset, true));
            prop_assert_eq!(units.of_text(offset), slow(&text, offset, false));
        }
    }
}
