//! Where a document says `{{name}}`.

use pulldown_cmark::{Event, Tag};

use crate::document::{Document, Node};
use crate::model::{Image, ItemKind, Link, Section, Span, VariablePlace, VariableUse};
use crate::source::Source;
use crate::variables::uses;

/// Keys of the front matter whose text may hold variables.
const KEYS: &[&str] = &["title", "summary", "outcome"];

/// Every one, in the text's order.
pub(crate) fn all(
    document: &Document<'_>,
    source: &Source,
    body: usize,
    phases: &[Section],
    links: &[Link],
    images: &[Image],
) -> Vec<VariableUse> {
    if !source.text.contains("{{") {
        return Vec::new();
    }
    let mut found = Vec::new();
    front_matter(source, body, &mut found);
    let mut node = 0;
    let mut heading_until = 0;
    while node < document.len() {
        let place = if node < heading_until { VariablePlace::Heading } else { VariablePlace::Prose };
        match document.event(node) {
            Some(Event::Start(Tag::Heading { .. })) => heading_until = document.next(node),
            Some(Event::Start(Tag::CodeBlock(_))) => {
                node = document.next(node);
                continue;
            }
            Some(Event::Start(Tag::HtmlBlock)) => {
                html(source, document.span(node), &mut found);
                node = document.next(node);
                continue;
            }
            Some(Event::Text(_)) => node = text(document, node, place, &mut found) - 1,
            Some(Event::Code(_)) => within(source, document.span(node), VariablePlace::Code, &mut found),
            _ => {}
        }
        node += 1;
    }
    let addresses = links
        .iter()
        .map(|link| (&link.url, link.span, link.url_span))
        .chain(images.iter().map(|image| (&image.url, image.span, image.url_span)));
    for (url, span, url_span) in addresses {
        address(source, url, span, url_span, &mut found);
    }
    for item in phases.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items) {
        if item.kind == ItemKind::Message {
            within(source, item.span, VariablePlace::Message, &mut found);
        }
    }
    found.sort_by_key(|variable| (variable.span.start, variable.place != VariablePlace::Link));
    // A bare address is text too.
    found.dedup_by(|next, last| next.span == last.span && next.name == last.name);
    found
}

fn front_matter(source: &Source, body: usize, found: &mut Vec<VariableUse>) {
    let mut start = source.start;
    for line in source.slice(Span { start, end: body }).split_inclusive('\n') {
        let key = line.trim_start_matches([' ', '\t', '"']).split([':', '=', '"', ' ']).next().unwrap_or_default();
        if KEYS.contains(&key) {
            let place = if key == "title" { VariablePlace::Heading } else { VariablePlace::Prose };
            within(source, Span { start, end: start + line.len() }, place, found);
        }
        start += line.len();
    }
}

/// A run of texts; gives the node behind it.
fn text(document: &Document<'_>, node: Node, place: VariablePlace, found: &mut Vec<VariableUse>) -> Node {
    let end = crate::links::text_end(document, node);
    let run = document.run(node..end);
    found.extend(
        uses(&run.text)
            .filter_map(|(range, name)| Some(VariableUse { name: name.to_owned(), span: run.span(&range)?, place })),
    );
    end
}

/// The text between the tags of HTML; addresses are found with the links.
fn html(source: &Source, span: Span, found: &mut Vec<VariableUse>) {
    let text = source.slice(span);
    for (range, name) in uses(text) {
        let before = text.get(..range.start).unwrap_or_default();
        if before.rfind('<').is_none_or(|open| before.rfind('>').is_some_and(|close| close > open)) {
            let span = Span { start: span.start + range.start, end: span.start + range.end };
            found.push(VariableUse { name: name.to_owned(), span, place: VariablePlace::Prose });
        }
    }
}

fn within(source: &Source, span: Span, place: VariablePlace, found: &mut Vec<VariableUse>) {
    found.extend(uses(source.slice(span)).map(|(range, name)| VariableUse {
        name: name.to_owned(),
        span: Span { start: span.start + range.start, end: span.start + range.end },
        place,
    }));
}

fn address(source: &Source, url: &str, span: Span, url_span: Option<Span>, found: &mut Vec<VariableUse>) {
    match url_span.filter(|span| source.slice(*span) == url) {
        Some(span) => within(source, span, VariablePlace::Link, found),
        None => found.extend(uses(url).map(|(_, name)| VariableUse {
            name: name.to_owned(),
            span,
            place: VariablePlace::Link,
        })),
    }
}
