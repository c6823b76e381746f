//! The bytes of a file as text, with the way back from the text to the bytes.

use crate::model::Span;

/// The first three bytes of a file that some programs put before UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A file's text. Offsets into it are *text* offsets; [`Source::file_span`] turns them into those of the file, which
/// differ only where the file holds bytes that are not UTF-8, or NUL, each of which became U+FFFD.
pub(crate) struct Source {
    /// What is parsed: valid UTF-8 without NUL.
    pub(crate) text: String,
    /// Where the runbook begins: after a byte order mark.
    pub(crate) start: usize,
    /// Offsets in `text` of the replaced bytes, with the offset in the file behind each replacement.
    replaced: Vec<(usize, usize)>,
    /// Offset in `text` of each line's first byte.
    lines: Vec<usize>,
}

impl Source {
    /// Reads the bytes. Nothing is refused: what is not UTF-8 is replaced, as CommonMark 0.31 asks for NUL.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        let mut replaced = Vec::new();
        let mut offset = 0;
        for chunk in bytes.utf8_chunks() {
            for (index, part) in chunk.valid().split('\0').enumerate() {
                if index > 0 {
                    text.push('\u{fffd}');
                    offset += 1;
                    replaced.push((text.len(), offset));
                }
                text.push_str(part);
                offset += part.len();
            }
            if !chunk.invalid().is_empty() {
                text.push('\u{fffd}');
                offset += chunk.invalid().len();
                replaced.push((text.len(), offset));
            }
        }
        let start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let lines = line_starts(&text);
        Self { text, start, replaced, lines }
    }

    /// Whether some bytes had to be replaced, and where the first stood in the text.
    pub(crate) fn first_replaced(&self) -> Option<usize> {
        self.replaced.first().map(|(text, _)| text.saturating_sub('\u{fffd}'.len_utf8()))
    }

    /// Whether bytes were replaced within the span.
    pub(crate) fn replaced_in(&self, span: Span) -> bool {
        let next = self.replaced.partition_point(|(text, _)| *text <= span.start);
        self.replaced.get(next).is_some_and(|(text, _)| *text <= span.end)
    }

    /// The line, from 1, of a text offset.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset).max(1)
    }

    /// Where a line, from 1, begins; the end of the text for a line behind the last.
    pub(crate) fn line_start(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// The span in the file's bytes of a span in the text.
    pub(crate) fn file_span(&self, span: Span) -> Span {
        if self.replaced.is_empty() {
            return span;
        }
        Span {
            start: self.file_offset(span.start),
            end: self.file_offset(span.end).max(self.file_offset(span.start)),
        }
    }

    fn file_offset(&self, offset: usize) -> usize {
        let next = self.replaced.partition_point(|(text, _)| *text <= offset);
        match next.checked_sub(1).and_then(|index| self.replaced.get(index)) {
            Some((text, file)) => file + (offset - text),
            None => offset,
        }
    }

    /// The span in the text of a span in the file's bytes.
    pub(crate) fn text_span(&self, span: Span) -> Span {
        if self.replaced.is_empty() {
            return span;
        }
        let offset = |file: usize| {
            let next = self.replaced.partition_point(|(_, replaced)| *replaced <= file);
            match next.checked_sub(1).and_then(|index| self.replaced.get(index)) {
                Some((text, replaced)) => (text + (file - replaced)).min(self.text.len()),
                None => file,
            }
        };
        let (start, end) = (offset(span.start), offset(span.end));
        let back = |at: usize| (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or_default();
        Span { start: back(start), end: back(end).max(back(start)) }
    }

    /// The text of a span; empty where the span is not within the text.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }
}

/// Where each line begins. Lines end with LF, CR LF or CR (CommonMark 0.31, "Characters and lines").
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        index += 1;
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(index) != Some(&b'\n')) {
            starts.push(index);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back_to_the_bytes_of_the_file_where_some_were_replaced() {
        let bytes = b"a\xff\xfeb\0c\nd\xc3";
        let source = Source::new(bytes);
        assert_eq!(source.text, "a\u{fffd}\u{fffd}b\u{fffd}c\nd\u{fffd}");
        for (text, file) in [("b", 3), ("c", 5), ("d", 7)] {
            let start = source.text.find(text).expect("is there");
            let span = source.file_span(Span { start, end: start + 1 });
            assert_eq!(span, Span { start: file, end: file + 1 }, "{text}");
            assert_eq!(&bytes[span.start..span.end], text.as_bytes());
            assert_eq!(source.text_span(span), Span { start, end: start + 1 }, "{text}");
        }
        assert!(source.replaced_in(Span { start: 0, end: 4 }));
        assert!(!source.replaced_in(Span { start: 7, end: 8 }));
    }

    #[test]
    fn lines_end_with_any_of_the_three_line_ends() {
        let source = Source::new(b"a\nb\r\nc\rd");
        for (text, line) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
            assert_eq!(source.line(source.text.find(text).expect("is there")), line, "{text}");
        }
    }
}
