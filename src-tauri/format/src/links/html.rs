//! Tags and their attributes within the HTML of a document, with their places: enough to find links, pictures and
//! anchors (HTML Living Standard, 13.2.5, without its error recovery).

use std::borrow::Cow;
use std::ops::Range;

/// A tag that begins an element.
#[derive(Debug)]
pub(crate) struct Tag {
    /// Lower case.
    pub(crate) name: String,
    /// From `<` to behind `>`.
    pub(crate) span: Range<usize>,
}

/// The tags that begin elements, in order, without those in comments.
pub(crate) fn tags(text: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        let rest = text.get(open..).unwrap_or_default();
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(text.len(), |end| open + end + 3);
            continue;
        }
        let name: String = rest
            .chars()
            .skip(1)
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
            .flat_map(char::to_lowercase)
            .collect();
        let Some(end) = end_of_tag(rest).filter(|_| name.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        else {
            at = open + 1;
            continue;
        };
        at = open + end;
        tags.push(Tag { name, span: open..at });
    }
    tags
}

/// Where a tag ends; a `>` within quotes does not end it.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(index + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// A tag's attributes: the name as written, and where the value stands, without its quotes.
pub(crate) fn attributes<'t>(text: &'t str, tag: &Tag) -> Vec<(&'t str, Range<usize>)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let end = tag.span.end.saturating_sub(1);
    let mut at = tag.span.start + 1 + tag.name.len();
    let is_blank = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    while at < end {
        while at < end && (is_blank(at) || bytes.get(at) == Some(&b'/')) {
            at += 1;
        }
        let start = at;
        while at < end && !is_blank(at) && !matches!(bytes.get(at), Some(b'=' | b'/')) {
            at += 1;
        }
        let name = start..at;
        while at < end && is_blank(at) {
            at += 1;
        }
        if bytes.get(at) != Some(&b'=') || at >= end {
            at += usize::from(name.is_empty());
            continue;
        }
        at += 1;
        while at < end && is_blank(at) {
            at += 1;
        }
        let value = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let from = at + 1;
                let to = (from..end).find(|at| bytes.get(*at) == Some(quote)).unwrap_or(end);
                at = (to + 1).min(end);
                from.min(to)..to
            }
            _ => {
                let from = at;
                while at < end && !is_blank(at) {
                    at += 1;
                }
                from..at
            }
        };
        if let Some(name) = text.get(name).filter(|name| !name.is_empty()) {
            found.push((name, value));
        }
    }
    found
}

/// Where an attribute's value stands.
pub(crate) fn attribute(text: &str, tag: &Tag, wanted: &str) -> Option<Range<usize>> {
    attributes(text, tag).into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// The text of HTML, without its tags.
pub(crate) fn text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    decoded(&text).into_owned()
}

/// A value with its character references replaced: those of HTML's own marks, and those by number.
pub(crate) fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        plain.push_str(before);
        let end = reference.bytes().take(12).position(|byte| byte == b';');
        let letter = end.and_then(|end| reference.get(1..end)).and_then(letter);
        match (letter, end) {
            (Some(letter), Some(end)) => {
                plain.push(letter);
                rest = reference.get(end + 1..).unwrap_or_default();
            }
            _ => {
                plain.push('&');
                rest = reference.get(1..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn letter(reference: &str) -> Option<char> {
    if let Some(number) = reference.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(number);
    }
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_as_they_are_written() {
        for (text, expected) in [
            ("<a href=\"x.md\">", Some("x.md")),
            ("<A\n  class=b HREF = 'x y' >", Some("x y")),
            ("<a href=x/y title=\"z\">", Some("x/y")),
            ("<a data-href=no href=yes>", Some("yes")),
            ("<a title=\"href=no > \" href=yes>", Some("yes")),
            ("<a disabled href>", None),
            ("<a href=\"\">", Some("")),
            ("<a =x href=y/>", Some("y/")),
            ("<a", None),
            ("</a href=x>", None),
            ("<!-- <a href=x> -->", None),
        ] {
            let found = tags(text).iter().find_map(|tag| attribute(text, tag, "href")).map(|range| &text[range]);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn character_references_are_read() {
        assert_eq!(decoded("a&amp;b&#35;&#x23;&nope;&"), "a&b##&nope;&");
    }
}
