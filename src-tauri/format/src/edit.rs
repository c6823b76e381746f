//! Edits: changes of spans that leave all other bytes alone (FORMAT.md, "Writing touches only the span that changed").

use std::fmt;

use crate::model::{Edit, Span};

/// Why edits were not applied. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// A span leaves the text, or ends before it begins.
    OutOfRange {
        /// The span.
        span: Span,
        /// Bytes of the text.
        length: usize,
    },
    /// Two edits change the same bytes.
    Overlap {
        /// The one that begins first.
        first: Span,
        /// The other.
        second: Span,
    },
    /// A span begins or ends within a character.
    WithinCharacter {
        /// The span.
        span: Span,
        /// The offset that is within a character.
        offset: usize,
    },
}

impl fmt::Display for EditError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { span, length } => write!(
                out,
                "the edit of bytes {} to {} is not within the text, which has {length}: read the file again",
                span.start, span.end
            ),
            Self::Overlap { first, second } => write!(
                out,
                "the edits of bytes {} to {} and {} to {} change the same text: apply one, then look again",
                first.start, first.end, second.start, second.end
            ),
            Self::WithinCharacter { span, offset } => write!(
                out,
                "the edit of bytes {} to {} would cut the character at byte {offset} in two: read the file again",
                span.start, span.end
            ),
        }
    }
}

impl std::error::Error for EditError {}

/// Applies edits to the bytes of a file. They may come in any order and may touch; those that insert at one place
/// come in the order given. All bytes outside their spans stay, also those that are not UTF-8.
///
/// # Errors
/// When an edit leaves the text, cuts a character in two, or changes what another changes.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut result = Vec::with_capacity(bytes.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut last = Span::default();
    for edit in sorted {
        let span = edit.span;
        let outside = || EditError::OutOfRange { span, length: bytes.len() };
        if span.start > span.end || span.end > bytes.len() {
            return Err(outside());
        }
        for offset in [span.start, span.end] {
            if within_character(bytes, offset) {
                return Err(EditError::WithinCharacter { span, offset });
            }
        }
        if span.start < last.end {
            return Err(EditError::Overlap { first: last, second: span });
        }
        result.extend_from_slice(bytes.get(last.end..span.start).ok_or_else(outside)?);
        result.extend_from_slice(edit.text.as_bytes());
        last = span;
    }
    result.extend_from_slice(bytes.get(last.end..).unwrap_or_default());
    Ok(result)
}

/// Applies edits to a text, as [`apply`] does to bytes.
///
/// # Errors
/// As [`apply`].
pub fn apply_text(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    // Text with whole characters replaced by text is text.
    apply(text.as_bytes(), edits).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether the offset is inside a character of valid UTF-8; stray bytes have no inside.
fn within_character(bytes: &[u8], offset: usize) -> bool {
    (1..=3).any(|back| {
        let Some(start) = offset.checked_sub(back) else { return false };
        let Some(length) = bytes.get(start).map(|byte| match byte {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        }) else {
            return false;
        };
        length > back && bytes.get(start..start + length).is_some_and(|one| std::str::from_utf8(one).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { span: Span { start, end }, text: text.to_owned() }
    }

    #[test]
    fn edits_change_their_spans_and_nothing_else() {
        for (text, edits, expected) in [
            ("", vec![edit(0, 0, "a")], "a"),
            ("abc", vec![], "abc"),
            ("abc", vec![edit(1, 2, "X")], "aXc"),
            ("abc", vec![edit(2, 3, "Z"), edit(0, 1, "A")], "AbZ"),
            ("abc", vec![edit(1, 1, "1"), edit(1, 1, "2")], "a12bc"),
            ("abc", vec![edit(1, 2, "X"), edit(1, 1, "+")], "a+Xc"),
            ("abc", vec![edit(0, 1, ""), edit(1, 2, "")], "c"),
            ("aé€c\r\n", vec![edit(1, 3, "e"), edit(9, 9, "x")], "ae€c\r\nx"),
        ] {
            assert_eq!(apply_text(text, &edits).as_deref(), Ok(expected), "{text:?} {edits:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_stay_as_they_are() {
        assert_eq!(apply(b"a\xff\x80b\xe2\x82", &[edit(3, 4, "B")]), Ok(b"a\xff\x80B\xe2\x82".to_vec()));
        assert_eq!(apply(b"a\xff\x80b", &[edit(2, 3, "")]), Ok(b"a\xffb".to_vec()));
    }

    #[test]
    fn an_edit_that_cannot_be_applied_is_refused_with_a_sentence() {
        for (text, edits, words) in [
            ("abc", vec![edit(2, 4, "")], "bytes 2 to 4 is not within the text, which has 3"),
            ("abc", vec![edit(2, 1, "")], "bytes 2 to 1 is not within"),
            ("abc", vec![edit(0, 2, ""), edit(1, 3, "")], "0 to 2 and 1 to 3 change the same text"),
            ("abc", vec![edit(0, 2, ""), edit(1, 1, "x")], "change the same text"),
            ("aé", vec![edit(2, 2, "")], "cut the character at byte 2"),
            ("€", vec![edit(0, 2, "")], "cut the character at byte 2"),
            ("😀", vec![edit(3, 4, "")], "cut the character at byte 3"),
        ] {
            let error = apply_text(text, &edits).expect_err("is refused").to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }
}
