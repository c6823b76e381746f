//! The links and the fences of a document, in order.

use pulldown_cmark::{Event, LinkType, Tag};

use crate::document::{Document, Node};
use crate::model::{Block, Link, Span};
use crate::source::Source;

crate::fixed::expression!(ADDRESS, r"(?:https?://|www\.)[^\s<]+");

/// Every fence, whatever its language.
pub(crate) fn blocks(document: &Document<'_>, source: &Source) -> Vec<Block> {
    (0..document.len())
        .filter_map(|node| {
            let info = document.fence_info(node)?;
            let span = document.span(node);
            let end = info.find(|letter: char| letter == '{' || letter.is_whitespace()).unwrap_or(info.len());
            Some(Block {
                line: source.line(span.start),
                language: info.get(..end).unwrap_or_default().to_owned(),
                info: info.to_owned(),
                text: document.code(node),
                span,
            })
        })
        .collect()
}

/// Every link: inline, by reference, in angle brackets, and as GFM takes them, bare addresses.
pub(crate) fn links(document: &Document<'_>, source: &Source) -> Vec<Link> {
    let mut links = Vec::new();
    let mut node = 0;
    let mut skip_until = 0;
    while node < document.len() {
        match document.event(node) {
            Some(Event::Start(Tag::Link { link_type, dest_url, .. })) => {
                let url =
                    if *link_type == LinkType::Email { format!("mailto:{dest_url}") } else { dest_url.to_string() };
                let span = document.span(node);
                links.push(Link {
                    text: document.plain(document.inside(node)),
                    url,
                    line: source.line(span.start),
                    span,
                });
                node = document.next(node);
                continue;
            }
            Some(Event::Start(Tag::CodeBlock(_) | Tag::Image { .. } | Tag::HtmlBlock)) => {
                node = document.next(node);
                continue;
            }
            Some(Event::Text(_)) if node >= skip_until => {
                // A bare address may be cut into several texts, at `_` or `&`.
                skip_until = text_end(document, node);
                let span = Span { start: document.span(node).start, end: document.span(skip_until - 1).end };
                bare(source, span, &mut links);
            }
            _ => {}
        }
        node += 1;
    }
    links
}

/// The node behind a run of texts.
pub(crate) fn text_end(document: &Document<'_>, node: Node) -> Node {
    let mut end = node + 1;
    while matches!(document.event(end), Some(Event::Text(_))) {
        end += 1;
    }
    end
}

fn bare(source: &Source, span: Span, links: &mut Vec<Link>) {
    for found in addresses(source.slice(span)) {
        let text = source.slice(span).get(found.clone()).unwrap_or_default();
        let url = if text.starts_with("www.") { format!("http://{text}") } else { text.to_owned() };
        let span = Span { start: span.start + found.start, end: span.start + found.end };
        links.push(Link { text: text.to_owned(), url, line: source.line(span.start), span });
    }
}

/// Bare addresses in a text, without the punctuation behind them (GFM 0.29, "Autolinks (extension)").
pub(crate) fn addresses(text: &str) -> Vec<std::ops::Range<usize>> {
    let Some(regex) = ADDRESS.get() else { return Vec::new() };
    regex
        .find_iter(text)
        .filter(|found| {
            let before = text.get(..found.start()).and_then(|before| before.chars().next_back());
            before.is_none_or(|letter| {
                letter.is_whitespace() || matches!(letter, '*' | '_' | '~' | '(' | '"' | '\'' | ':' | '|' | '[')
            })
        })
        .filter_map(|found| {
            let mut address = found.as_str();
            let open = address.matches('(').count();
            let mut closed = address.matches(')').count();
            loop {
                let shorter = address.trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', '"', ']', ';']);
                let shorter = match shorter.strip_suffix(')') {
                    Some(before) if closed > open => {
                        closed -= 1;
                        before
                    }
                    _ => shorter,
                };
                if shorter.len() == address.len() {
                    break;
                }
                address = shorter;
            }
            let rest = address.split_once("//").map_or(address, |(_, rest)| rest);
            (rest.len() > 1).then(|| found.start()..found.start() + address.len())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_addresses_are_links() {
        assert!(ADDRESS.get().is_some());
        for (text, expected) in [
            ("see https://a.example/x_y?z=1&w=2.", vec!["https://a.example/x_y?z=1&w=2"]),
            ("(https://a.example/x)", vec!["https://a.example/x"]),
            ("https://a.example/x_(y)", vec!["https://a.example/x_(y)"]),
            ("www.example.org, then", vec!["www.example.org"]),
            ("xhttps://a", vec![]),
            ("https://", vec![]),
        ] {
            let found: Vec<_> = addresses(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
