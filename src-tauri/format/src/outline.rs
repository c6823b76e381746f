//! The headings of a document, as an outline shows them.

use crate::document::Document;
use crate::front_matter::FrontMatter;
use crate::model::Span;
use crate::problems::Problems;
use crate::source::Source;

/// A heading, and how far it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Plain text, its number with it.
    pub title: String,
    /// Line, from 1.
    pub line: usize,
    /// From the heading to the next one that does not stand under it.
    pub span: Span,
}

/// The headings of a file's bytes that stand in no quote and no list, in order: those that part it into sections.
#[must_use]
pub fn headings(bytes: &[u8]) -> Vec<Heading> {
    let source = Source::new(bytes);
    let mut problems = Problems::new(&source);
    let body = FrontMatter::read(&source, &mut problems).body;
    let document = Document::new(&source.text, body);
    let mut found: Vec<Heading> = document
        .children(0..document.len())
        .filter_map(|node| {
            let span = document.span(node);
            Some(Heading {
                level: document.heading_level(node)?,
                title: document.plain(document.inside(node)),
                line: source.line(span.start),
                span: source.file_span(span),
            })
        })
        .collect();
    // From the last to the first, the nearest heading so far of each level or above it is where this one ends.
    let mut next = [bytes.len(); 7];
    for heading in found.iter_mut().rev() {
        let level = usize::from(heading.level);
        heading.span.end = next.get(level).copied().unwrap_or(bytes.len());
        for end in next.iter_mut().skip(level) {
            *end = heading.span.start;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_reaches_to_the_next_that_does_not_stand_under_it() {
        let text = "---\ntitle: x\n---\n# A\n\n> # Quote\n\n### 1. B\nb\n## C\nC2\n---\n# D\n";
        let found: Vec<(u8, String, usize, &str)> = headings(text.as_bytes())
            .into_iter()
            .map(|heading| (heading.level, heading.title, heading.line, &text[heading.span.start..heading.span.end]))
            .collect();
        assert_eq!(
            found,
            [
                (1, "A".to_owned(), 4, "# A\n\n> # Quote\n\n### 1. B\nb\n## C\nC2\n---\n"),
                (3, "1. B".to_owned(), 8, "### 1. B\nb\n"),
                (2, "C".to_owned(), 10, "## C\n"),
                (2, "C2".to_owned(), 11, "C2\n---\n"),
                (1, "D".to_owned(), 13, "# D\n"),
            ]
        );
    }
}
