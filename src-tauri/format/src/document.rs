//! The Markdown events of a document with their spans, walked as a tree without recursion: a document may nest its
//! blocks as deeply as it likes.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use crate::model::Span;

/// GFM as CommonMark's reference gives its blocks: footnotes stay off, because they would change which fences exist.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM
}

/// All events of a text.
pub(crate) struct Document<'a> {
    /// The text that was parsed, from its start.
    pub(crate) text: &'a str,
    events: Vec<(Event<'a>, Span)>,
    /// For each start event the index of its end event; for all others their own.
    close: Vec<usize>,
    /// Where the definition of a link or a picture by reference stands.
    definitions: HashMap<Node, Span>,
}

/// Texts that stand one behind the other.
pub(crate) struct Run<'d> {
    pub(crate) text: String,
    /// Where each text begins, here and in the source.
    parts: Vec<(usize, usize)>,
    source: &'d str,
}

impl Run<'_> {
    /// Where a part of the text stands in the source; `None` where it is written otherwise there.
    pub(crate) fn span(&self, range: &Range<usize>) -> Option<Span> {
        let part = self.parts.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
        let (start, source) = *self.parts.get(part)?;
        // A text begins behind the backslash that takes its first letter's meaning away.
        if range.start == start && self.source.get(..source).is_some_and(|before| before.ends_with('\\')) {
            return None;
        }
        let start = source + (range.start - start);
        let span = Span { start, end: start + range.len() };
        (self.source.get(span.start..span.end) == self.text.get(range.clone())).then_some(span)
    }
}

/// Index of an event: a node of the tree.
pub(crate) type Node = usize;

impl<'a> Document<'a> {
    /// Parses `text` from the byte `start` on; spans count from the beginning of `text`.
    pub(crate) fn new(text: &'a str, start: usize) -> Self {
        let body = text.get(start..).unwrap_or_default();
        let mut events = Vec::new();
        let mut close = Vec::new();
        let mut open = Vec::new();
        let mut definitions = HashMap::new();
        let mut parser = Parser::new_ext(body, options()).into_offset_iter();
        while let Some((event, range)) = parser.next() {
            let index = events.len();
            if let Event::Start(Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. }) = &event
                && matches!(link_type, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut)
                && let Some(definition) = parser.reference_definitions().get(id)
            {
                definitions.insert(index, span_of(definition.span.clone(), start));
            }
            close.push(index);
            match &event {
                Event::Start(_) => open.push(index),
                Event::End(_) => {
                    if let Some(slot) = open.pop().and_then(|started: usize| close.get_mut(started)) {
                        *slot = index;
                    }
                }
                _ => {}
            }
            events.push((event, span_of(range, start)));
        }
        Self { text, events, close, definitions }
    }

    /// The event of a node.
    pub(crate) fn event(&self, node: Node) -> Option<&Event<'a>> {
        self.events.get(node).map(|(event, _)| event)
    }

    /// The tag, where the node is an element.
    pub(crate) fn tag(&self, node: Node) -> Option<&Tag<'a>> {
        match self.event(node) {
            Some(Event::Start(tag)) => Some(tag),
            _ => None,
        }
    }

    /// Where the node stands.
    pub(crate) fn span(&self, node: Node) -> Span {
        self.events.get(node).map(|(_, span)| *span).unwrap_or_default()
    }

    /// Where the definition stands of a link or a picture by reference.
    pub(crate) fn definition(&self, node: Node) -> Option<Span> {
        self.definitions.get(&node).copied()
    }

    /// Number of events.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// The node after the whole of this one.
    pub(crate) fn next(&self, node: Node) -> Node {
        self.close.get(node).map_or(node + 1, |close| close + 1)
    }

    /// Everything within a node, in order, as nodes.
    pub(crate) fn inside(&self, node: Node) -> Range<Node> {
        match self.close.get(node) {
            Some(close) if *close > node => node + 1..*close,
            _ => node..node,
        }
    }

    /// The nodes directly within a range of nodes.
    pub(crate) fn children(&self, range: Range<Node>) -> impl Iterator<Item = Node> + '_ {
        let mut at = range.start;
        std::iter::from_fn(move || {
            (at < range.end).then(|| {
                let node = at;
                at = self.next(node);
                node
            })
        })
    }

    /// The plain text of a range of nodes: without markup, with images' descriptions left out.
    pub(crate) fn plain(&self, range: Range<Node>) -> String {
        let mut text = String::new();
        let mut node = range.start;
        while node < range.end {
            match self.event(node) {
                Some(Event::Text(part) | Event::Code(part)) => text.push_str(part),
                Some(Event::SoftBreak | Event::HardBreak) => text.push(' '),
                Some(Event::Start(Tag::Image { .. })) => {
                    node = self.next(node);
                    continue;
                }
                Some(Event::End(end)) if is_block_end(end) && !text.is_empty() => text.push(' '),
                _ => {}
            }
            node += 1;
        }
        collapse(&text)
    }

    /// The text of a run of texts, and where a part of it stands in the source, if it stands there as it is read:
    /// `\{\{x}}` is read as `{{x}}` and does not.
    pub(crate) fn run(&self, range: Range<Node>) -> Run<'_> {
        let mut run = Run { text: String::new(), parts: Vec::new(), source: self.text };
        for node in range {
            if let Some(Event::Text(text)) = self.event(node) {
                run.parts.push((run.text.len(), self.span(node).start));
                run.text.push_str(text);
            }
        }
        run
    }

    /// The level of a heading, from 1.
    pub(crate) fn heading_level(&self, node: Node) -> Option<u8> {
        match self.tag(node) {
            Some(Tag::Heading { level, .. }) => Some(match level {
                HeadingLevel::H1 => 1,
                HeadingLevel::H2 => 2,
                HeadingLevel::H3 => 3,
                HeadingLevel::H4 => 4,
                HeadingLevel::H5 => 5,
                HeadingLevel::H6 => 6,
            }),
            _ => None,
        }
    }

    /// The text of a code block, as CommonMark gives it.
    pub(crate) fn code(&self, node: Node) -> String {
        self.inside(node)
            .filter_map(|inner| match self.event(inner) {
                Some(Event::Text(text)) => Some(text.as_ref()),
                _ => None,
            })
            .collect::<String>()
    }

    /// The info string of a fence; `None` where the node is not a fence.
    pub(crate) fn fence_info(&self, node: Node) -> Option<&str> {
        match self.tag(node) {
            Some(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => Some(info),
            _ => None,
        }
    }

    /// Whether an entry of a list begins with `[ ]` or `[x]`.
    pub(crate) fn is_task(&self, entry: Node) -> bool {
        // A tight entry holds the marker itself, a loose one holds it in its first paragraph.
        let first = entry + 1;
        match self.event(first) {
            Some(Event::TaskListMarker(_)) => true,
            Some(Event::Start(Tag::Paragraph)) => matches!(self.event(first + 1), Some(Event::TaskListMarker(_))),
            _ => false,
        }
    }

    /// The number that an ordered list's entry writes, such as `3`.
    pub(crate) fn written_number(&self, entry: Node) -> Option<u64> {
        let span = self.span(entry);
        let text = self.text.get(span.start..span.end)?.trim_start();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        text.get(..digits)?.parse().ok()
    }

    /// The nodes of an entry's first paragraph: what names it. Empty where it begins with something else.
    pub(crate) fn lead(&self, entry: Node) -> Range<Node> {
        let inside = self.inside(entry);
        if matches!(self.tag(inside.start), Some(Tag::Paragraph | Tag::Heading { .. })) {
            return self.inside(inside.start);
        }
        let end =
            self.children(inside.clone()).find(|node| self.tag(*node).is_some_and(is_block)).unwrap_or(inside.end);
        inside.start..end
    }
}

fn span_of(range: Range<usize>, start: usize) -> Span {
    Span { start: range.start + start, end: range.end + start }
}

/// Whether the tag begins a block, as against something within a line.
pub(crate) fn is_block(tag: &Tag<'_>) -> bool {
    is_block_end(&tag.to_end())
}

pub(crate) fn is_block_end(end: &TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
    )
}

/// Runs of blanks become one; none at the ends.
pub(crate) fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}
