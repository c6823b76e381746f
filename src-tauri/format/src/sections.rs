//! The sections of a document: which heading each stands under, and in which phase (FORMAT.md, "Phases and steps").

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::document::{Document, Node, is_block};
use crate::headings;
use crate::model::{Item, ItemKind, Phase, Span};
use crate::words::{begins_with_a_verb, is_known_command};

/// A heading and what stands under it, up to the next heading.
#[derive(Debug)]
pub(crate) struct Part {
    /// The heading; `None` for what stands before the first.
    pub(crate) node: Option<Node>,
    /// 1 to 6, or 0 before the first heading.
    pub(crate) level: u8,
    /// The heading's plain text.
    pub(crate) heading: String,
    /// Its text without a number.
    pub(crate) title: String,
    /// Its number as written.
    pub(crate) number: Option<String>,
    /// The only level-1 heading.
    pub(crate) is_title: bool,
    /// The nodes under it.
    pub(crate) body: Range<Node>,
    /// Heading and body.
    pub(crate) span: Span,
    /// Which phase it stands in.
    pub(crate) phase: Phase,
    /// Whether its own heading names that phase.
    pub(crate) names_phase: bool,
    /// Indexes of the parts whose headings stand above it, outermost first.
    pub(crate) ancestors: Vec<usize>,
}

/// Which nodes have something to do in them.
pub(crate) struct Doings {
    /// For each node, how many nodes before it are items' blocks, task entries or entries of ordered lists.
    before: Vec<usize>,
    /// Entries of ordered lists, by node.
    ordered: Vec<bool>,
}

impl Doings {
    pub(crate) fn new(document: &Document<'_>, blocks: &HashMap<Node, Item>) -> Self {
        let mut before = Vec::with_capacity(document.len() + 1);
        let mut ordered = vec![false; document.len()];
        let mut lists = Vec::new();
        let mut count = 0;
        for node in 0..document.len() {
            before.push(count);
            match document.event(node) {
                Some(Event::Start(Tag::List(start))) => lists.push(start.is_some()),
                Some(Event::End(pulldown_cmark::TagEnd::List(_))) => {
                    lists.pop();
                }
                Some(Event::Start(Tag::Item)) => {
                    let is_ordered = lists.last() == Some(&true);
                    if let Some(slot) = ordered.get_mut(node) {
                        *slot = is_ordered;
                    }
                    count += usize::from(is_ordered || document.is_task(node));
                }
                _ => count += usize::from(blocks.contains_key(&node)),
            }
        }
        before.push(count);
        Self { before, ordered }
    }

    /// Whether anything to do stands within a range of nodes.
    pub(crate) fn any(&self, range: Range<Node>) -> bool {
        self.before.get(range.end) > self.before.get(range.start)
    }

    /// Whether the node is an entry of an ordered list.
    pub(crate) fn is_ordered(&self, node: Node) -> bool {
        self.ordered.get(node).copied().unwrap_or(false)
    }
}

/// Splits a document at its headings, and judges the phase of each part.
pub(crate) fn split(
    document: &Document<'_>,
    blocks: &HashMap<Node, Item>,
    doings: &Doings,
    start: usize,
) -> Vec<Part> {
    let tops: Vec<Node> = document.children(0..document.len()).collect();
    let heads: Vec<(Node, u8)> =
        tops.iter().filter_map(|node| document.heading_level(*node).map(|level| (*node, level))).collect();
    let only_title = heads.iter().filter(|(_, level)| *level == 1).count() == 1;
    let mut parts = Vec::new();
    let first = heads.first().map_or(document.len(), |(node, _)| *node);
    if first > 0 {
        let end = heads.first().map_or(document.text.len(), |(node, _)| document.span(*node).start);
        parts.push(Part {
            node: None,
            level: 0,
            heading: String::new(),
            title: String::new(),
            number: None,
            is_title: false,
            body: 0..first,
            span: Span { start: document.span(0).start.max(start), end },
            phase: Phase::Reference,
            names_phase: false,
            ancestors: Vec::new(),
        });
    }
    let mut open: Vec<usize> = Vec::new();
    for (index, (node, level)) in heads.iter().enumerate() {
        let next = heads.get(index + 1).map(|(node, _)| *node);
        let heading = document.plain(document.inside(*node));
        let is_title = only_title && *level == 1;
        let read = headings::read(&heading);
        while open.last().and_then(|above| parts.get(*above)).is_some_and(|above: &Part| above.level >= *level) {
            open.pop();
        }
        let own = read.phase.filter(|_| !is_title);
        let number = read.number.filter(|_| !is_title).map(str::to_owned);
        let title = if is_title || read.text.is_empty() { heading.clone() } else { read.text.to_owned() };
        let named = own.or_else(|| {
            open.iter()
                .rev()
                .filter_map(|above| parts.get(*above))
                .find(|above| above.names_phase)
                .map(|above| above.phase)
        });
        let mut part = Part {
            node: Some(*node),
            level: *level,
            title,
            is_title,
            body: document.next(*node)..next.unwrap_or(document.len()),
            span: Span {
                start: document.span(*node).start,
                end: next.map_or(document.text.len(), |next| document.span(next).start),
            },
            phase: named.unwrap_or(Phase::Reference),
            names_phase: own.is_some(),
            ancestors: open.clone(),
            number,
            heading,
        };
        if named.is_none() {
            part.phase = if part.number.is_some() { Phase::Steps } else { unnamed(document, blocks, doings, &part) };
        }
        open.push(parts.len());
        parts.push(part);
    }
    if let Some(part) = parts.first_mut().filter(|part| part.node.is_none()) {
        part.phase = unnamed(document, blocks, doings, part);
    }
    parts
}

/// The phase of a section under no heading that names one.
fn unnamed(document: &Document<'_>, blocks: &HashMap<Node, Item>, doings: &Doings, part: &Part) -> Phase {
    let mut lists: Vec<(usize, usize)> = Vec::new();
    let mut node = part.body.start;
    while node < part.body.end {
        if blocks.get(&node).is_some_and(|item| item.kind != ItemKind::Message) {
            return Phase::Steps;
        }
        match document.event(node) {
            Some(Event::Start(Tag::List(Some(_)))) => lists.push((0, 0)),
            Some(Event::End(pulldown_cmark::TagEnd::List(true)))
                if lists.pop().is_some_and(|(entries, doing)| doing > 0 && doing * 3 >= entries) =>
            {
                return Phase::Steps;
            }
            Some(Event::Start(Tag::Item)) => {
                if document.is_task(node) {
                    return Phase::Steps;
                }
                if doings.is_ordered(node)
                    && let Some((entries, doing)) = lists.last_mut()
                {
                    *entries += 1;
                    *doing += usize::from(is_something_to_do(document, node));
                }
            }
            _ => {}
        }
        node += 1;
    }
    Phase::Reference
}

/// Whether an entry begins with a verb or a command.
fn is_something_to_do(document: &Document<'_>, entry: Node) -> bool {
    let lead = document.lead(entry);
    for node in lead.clone() {
        match document.event(node) {
            Some(Event::Code(code)) => {
                let word = code.split_whitespace().next().unwrap_or_default();
                return word.starts_with("./") || is_known_command(word);
            }
            Some(Event::Text(text)) if text.trim().is_empty() => {}
            Some(Event::Text(_)) => break,
            _ => {}
        }
    }
    begins_with_a_verb(&document.plain(lead))
}

/// Whether a range of nodes says anything besides links: text, code, a table. Pictures and comments say nothing.
pub(crate) fn says_something(document: &Document<'_>, range: Range<Node>) -> bool {
    let mut node = range.start;
    while node < range.end {
        match document.event(node) {
            Some(Event::Start(Tag::Link { .. } | Tag::Image { .. })) => {
                node = document.next(node);
                continue;
            }
            Some(Event::Start(Tag::CodeBlock(_))) if !document.code(node).trim().is_empty() => return true,
            Some(Event::Code(_)) => return true,
            Some(Event::Text(text)) if text.chars().any(char::is_alphanumeric) && !is_bare_link(text) => return true,
            Some(Event::Start(Tag::HtmlBlock)) => {
                let html: String = document
                    .inside(node)
                    .filter_map(|inner| match document.event(inner) {
                        Some(Event::Html(html)) => Some(html.as_ref()),
                        _ => None,
                    })
                    .collect();
                if html_says_something(&html) {
                    return true;
                }
                node = document.next(node);
                continue;
            }
            _ => {}
        }
        node += 1;
    }
    false
}

fn is_bare_link(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(char::is_whitespace)
}

/// Whether HTML has text outside its tags and comments.
fn html_says_something(html: &str) -> bool {
    let mut rest = html;
    loop {
        let Some(open) = rest.find('<') else { return rest.chars().any(char::is_alphanumeric) };
        let (text, tag) = rest.split_at(open);
        if text.chars().any(char::is_alphanumeric) {
            return true;
        }
        let end = if tag.starts_with("<!--") {
            tag.find("-->").map(|end| end + 3)
        } else {
            tag.find('>').map(|end| end + 1)
        };
        match end.and_then(|end| tag.get(end..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
}

/// Whether the node is a block, as against a part of a line.
pub(crate) fn is_block_node(document: &Document<'_>, node: Node) -> bool {
    document.tag(node).is_some_and(is_block)
}
