//! Where a link's address stands in the text, so that a rename can change the address alone.

use std::borrow::Cow;

use pulldown_cmark::{Event, LinkType, Parser, Tag};

use crate::document::{Document, Node};
use crate::model::Span;
use crate::source::Source;

/// The address of a link or a picture; `None` where it cannot be told for certain.
pub(super) fn of(document: &Document<'_>, source: &Source, node: Node) -> Option<Span> {
    let (kind, url) = match document.tag(node)? {
        Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. } => (*link_type, dest_url),
        _ => return None,
    };
    let span = document.span(node);
    let found = match kind {
        LinkType::Inline => {
            // Behind the text nothing stands before the `](` of the address.
            let behind = document.inside(node).last().map_or(span.start, |last| document.span(last).end);
            let rest = source.slice(Span { start: behind.max(span.start), end: span.end });
            destination(rest, rest.find("](")? + 2, behind.max(span.start))
        }
        LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut => {
            let definition = document.definition(node)?;
            let text = source.slice(definition);
            destination(text, behind_label(text)?, definition.start)
        }
        LinkType::Autolink => Some(Span { start: span.start + 1, end: span.end.saturating_sub(1) }),
        _ => None,
    }?;
    (read(source, found) == *url.as_ref()).then_some(found)
}

/// Where the address begins in a definition `[label]: address`.
fn behind_label(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => return text.get(index + 1..)?.starts_with(':').then_some(index + 2),
            _ => {}
        }
    }
    None
}

/// An address from `at` on (CommonMark 0.31, 6.3), within its `<…>` where it has them. `start` is where `text` stands.
fn destination(text: &str, at: usize, start: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    // A quote's mark may stand at the beginning of the next line.
    let mut from = at;
    let mut line_begins = false;
    for letter in rest.chars() {
        match letter {
            ' ' | '\t' => {}
            '\n' | '\r' => line_begins = true,
            '>' if line_begins => {}
            _ => break,
        }
        from += letter.len_utf8();
    }
    let rest = text.get(from..)?;
    let (from, end) = match rest.strip_prefix('<') {
        Some(inside) => (from + 1, from + 1 + ending(inside, |letter, _| letter == '>')?),
        None => {
            let ends = |letter: char, depth: usize| {
                letter.is_ascii_whitespace() || letter.is_ascii_control() || (letter == ')' && depth == 0)
            };
            (from, from + ending(rest, ends).unwrap_or(rest.len()))
        }
    };
    Some(Span { start: start + from, end: start + end })
}

fn ending(text: &str, ends: impl Fn(char, usize) -> bool) -> Option<usize> {
    let mut escaped = false;
    let mut depth = 0_usize;
    for (index, letter) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        if ends(letter, depth) {
            return Some(index);
        }
        match letter {
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// What CommonMark makes of an address as it is written: backslashes and character references are taken off.
fn read(source: &Source, span: Span) -> Cow<'_, str> {
    let raw = source.slice(span);
    if !raw.contains(['\\', '&']) {
        return Cow::Borrowed(raw);
    }
    let link = format!("[x](<{raw}>)");
    let url = Parser::new(&link).find_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
        _ => None,
    });
    url.map_or(Cow::Borrowed(raw), Cow::Owned)
}
