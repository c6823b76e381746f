//! Writes a range of the document as parts: HTML, cut where an item stands.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd, html};

use super::{Part, sanitise, variables};
use crate::Variables;
use crate::document::{Document, Node, is_block};
use crate::links::{addresses, wiki_links};
use crate::source::Source;
use crate::variables::uses;

/// Deepest nesting of lists and quotes that a page shows; what is deeper is shown less deep.
const DEEPEST: usize = 40;

/// A list, an entry or a quote around what is written.
struct Container<'a> {
    tag: Tag<'a>,
    /// It has been opened before an item and closed again.
    begun: bool,
    /// Number of the next entry of an ordered list.
    number: u64,
}

/// What of a text is more than text.
enum Mark {
    /// A bare address.
    Address,
    /// A wiki link's address and its text.
    Wiki(String, String),
    /// A variable's name.
    Variable(String),
}

/// Items by the span of their node in the file.
pub(super) type Items<'a> = Rc<HashMap<(usize, usize), &'a str>>;

/// Writes parts.
pub(super) struct Writer<'a> {
    source: &'a Source,
    document: &'a Document<'a>,
    items: Items<'a>,
    parts: Vec<Part>,
    events: Vec<Event<'a>>,
    containers: Vec<Container<'a>>,
    /// How many of the containers are open in the HTML that is being written.
    opened: usize,
    /// How many elements of the document's own HTML are open.
    elements: usize,
    variables: &'a Variables,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        source: &'a Source,
        document: &'a Document<'a>,
        items: Items<'a>,
        variables: &'a Variables,
    ) -> Self {
        Self {
            source,
            document,
            items,
            parts: Vec::new(),
            events: Vec::new(),
            containers: Vec::new(),
            opened: 0,
            elements: 0,
            variables,
        }
    }

    /// Ends the writing.
    pub(super) fn finish(mut self) -> Vec<Part> {
        self.flush();
        self.parts
    }

    /// Writes whole blocks.
    pub(super) fn blocks(&mut self, range: Range<Node>) {
        let mut node = range.start;
        while node < range.end {
            node = self.node(node);
        }
    }

    /// Writes what an entry of a list holds, without the list around it.
    pub(super) fn entry(&mut self, entry: Node) {
        let rest = if self.item_of(entry).is_some() { self.check(entry) } else { self.lead(entry) };
        self.blocks(rest);
    }

    /// Writes an entry as an entry of an ordered list of its own.
    pub(super) fn numbered_entry(&mut self, entry: Node) {
        let number = self.document.written_number(entry).unwrap_or(1);
        self.containers.push(container(Tag::List(Some(number)), number));
        self.containers.push(container(Tag::Item, 1));
        self.blocks(self.document.inside(entry));
        self.end_container();
        self.end_container();
    }

    /// The first paragraph of a tight entry has no tag of its own.
    fn lead(&mut self, entry: Node) -> Range<Node> {
        let inside = self.document.inside(entry);
        let lead = self.document.lead(entry);
        if lead.start == inside.start && !lead.is_empty() {
            self.push(Event::Start(Tag::Paragraph));
            self.inline(lead.clone());
            self.push(Event::End(TagEnd::Paragraph));
            return lead.end..inside.end;
        }
        inside
    }

    fn item_of(&self, node: Node) -> Option<&'a str> {
        let span = self.source.file_span(self.document.span(node));
        self.items.get(&(span.start, span.end)).copied()
    }

    /// Writes an entry's item; gives what of the entry is still to be written.
    fn check(&mut self, entry: Node) -> Range<Node> {
        if let Some(id) = self.item_of(entry) {
            self.item(id);
        }
        let inside = self.document.inside(entry);
        let lead = self.document.lead(entry);
        // Its text is on the item; where it leads and what it shows is not.
        let mut shown = Vec::new();
        let mut node = lead.start;
        while node < lead.end {
            if matches!(self.document.tag(node), Some(Tag::Link { .. } | Tag::Image { .. })) {
                shown.push(node..self.document.next(node));
                node = self.document.next(node);
            } else {
                node += 1;
            }
        }
        if !shown.is_empty() {
            self.push(Event::Html(CowStr::Borrowed("<p class=\"item-links\">")));
            for range in shown {
                self.inline(range);
                self.push(Event::Text(CowStr::Borrowed(" ")));
            }
            self.push(Event::Html(CowStr::Borrowed("</p>\n")));
        }
        let after = if matches!(self.document.tag(inside.start), Some(Tag::Paragraph | Tag::Heading { .. })) {
            lead.end + 1
        } else {
            lead.end
        };
        after..inside.end
    }

    /// Writes one node; gives the next.
    fn node(&mut self, node: Node) -> Node {
        let next = self.document.next(node);
        match self.document.event(node) {
            Some(Event::Start(Tag::CodeBlock(_))) => match self.item_of(node) {
                Some(id) => self.item(id),
                None => self.copy(node..next),
            },
            Some(Event::Start(Tag::Item | Tag::List(_) | Tag::BlockQuote(_))) if self.containers.len() >= DEEPEST => {
                // Shown without its container, and without a call for each level.
                if let Some(id) = self.item_of(node) {
                    self.item(id);
                }
                return node + 1;
            }
            Some(Event::End(_)) => {}
            Some(Event::Start(Tag::Item)) => {
                self.containers.push(container(Tag::Item, 1));
                if self.item_of(node).is_some() {
                    // The entry itself is the item: what else it holds is indented below it.
                    if let Some(entry) = self.containers.last_mut() {
                        entry.begun = true;
                    }
                    let rest = self.check(node);
                    self.blocks(rest);
                } else {
                    let lead = self.document.lead(node);
                    let inside = self.document.inside(node);
                    if lead.start == inside.start {
                        self.inline(lead.clone());
                        self.blocks(lead.end..inside.end);
                    } else {
                        self.blocks(inside);
                    }
                }
                self.end_container();
                if let Some(list) = self.containers.last_mut() {
                    list.number = list.number.saturating_add(1);
                }
            }
            Some(Event::Start(tag @ (Tag::List(_) | Tag::BlockQuote(_)))) => {
                let number = if let Tag::List(Some(number)) = tag { *number } else { 1 };
                self.containers.push(container(tag.clone(), number));
                self.blocks(self.document.inside(node));
                self.end_container();
            }
            Some(Event::Start(Tag::HtmlBlock)) => {
                let text: String = self
                    .document
                    .inside(node)
                    .filter_map(|inner| match self.document.event(inner) {
                        Some(Event::Html(html)) => Some(html.as_ref()),
                        _ => None,
                    })
                    .collect();
                let shown = variables::html(&sanitise::raw_block(&text, &mut self.elements), self.variables);
                self.push(Event::Html(CowStr::from(shown)));
            }
            Some(Event::Start(tag)) if is_block(tag) => {
                self.push(Event::Start(tag.clone()));
                self.inline(self.document.inside(node));
                self.push(Event::End(tag.to_end()));
            }
            Some(_) => self.inline(node..next),
            None => {}
        }
        next
    }

    /// Writes inline content.
    fn inline(&mut self, range: Range<Node>) {
        let mut node = range.start;
        // For each open link whether its address is there.
        let mut links: Vec<bool> = Vec::new();
        while node < range.end {
            match self.document.event(node) {
                Some(Event::Start(Tag::Image { dest_url, .. })) => {
                    let alt = self.document.plain(self.document.inside(node));
                    // A picture whose address is not known yet is shown by its description.
                    let address = variables::address(dest_url, self.variables).unwrap_or_default();
                    let picture = format!("<img data-src=\"{}\" alt=\"{}\">", attribute(&address), attribute(&alt));
                    self.push(Event::InlineHtml(CowStr::from(picture)));
                    node = self.document.next(node);
                    continue;
                }
                Some(Event::Text(_)) => {
                    let end = crate::links::text_end(self.document, node).min(range.end);
                    self.text(node..end, links.is_empty());
                    node = end;
                    continue;
                }
                Some(Event::Code(code)) => match variables::code(code, self.variables) {
                    Some(shown) => self.push(Event::InlineHtml(CowStr::from(shown))),
                    None => self.push(Event::Code(code.clone())),
                },
                Some(Event::InlineHtml(tag) | Event::Html(tag)) => {
                    // A tag that no page may hold is shown as it is written.
                    let shown = sanitise::raw(tag, &mut self.elements);
                    self.push(Event::InlineHtml(CowStr::from(shown)));
                }
                Some(Event::Start(Tag::Link { link_type, dest_url, title, id })) => {
                    match variables::address(dest_url, self.variables) {
                        Ok(address) => {
                            links.push(true);
                            self.push(Event::Start(Tag::Link {
                                link_type: *link_type,
                                dest_url: CowStr::from(address.into_owned()),
                                title: title.clone(),
                                id: id.clone(),
                            }));
                        }
                        Err(name) => {
                            links.push(false);
                            let open = format!("<a class=\"var unset\" data-name=\"{}\">", attribute(&name));
                            self.push(Event::InlineHtml(CowStr::from(open)));
                        }
                    }
                }
                Some(Event::End(TagEnd::Link)) => match links.pop() {
                    Some(false) => self.push(Event::InlineHtml(CowStr::Borrowed("</a>"))),
                    _ => self.push(Event::End(TagEnd::Link)),
                },
                Some(Event::TaskListMarker(_)) | None => {}
                Some(event) => self.push(event.clone()),
            }
            node += 1;
        }
    }

    /// Text with its variables and, outside of links, its bare addresses and wiki links.
    fn text(&mut self, range: Range<Node>, links: bool) {
        let run = self.document.run(range);
        let mut marks: Vec<(Range<usize>, Mark)> = Vec::new();
        if links {
            marks.extend(addresses(&run.text).into_iter().map(|range| (range, Mark::Address)));
            for link in wiki_links(&run.text).into_iter().filter(|link| !link.is_picture) {
                if run.span(&link.range).is_some() {
                    let address = run.text.get(link.address.clone()).unwrap_or_default().to_owned();
                    marks.push((link.range, Mark::Wiki(address, link.text)));
                }
            }
        }
        for (range, name) in uses(&run.text) {
            if self.variables.is_variable(name) && run.span(&range).is_some() {
                marks.push((range, Mark::Variable(name.to_owned())));
            }
        }
        // Of two that overlap the one that begins first is meant: an address holds its variables.
        marks.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut from = 0;
        for (range, mark) in marks {
            if range.start < from {
                continue;
            }
            let text = run.text.get(range.clone()).unwrap_or_default();
            self.push(Event::Text(CowStr::from(run.text.get(from..range.start).unwrap_or_default().to_owned())));
            match mark {
                Mark::Address => {
                    let target = if text.starts_with("www.") { format!("http://{text}") } else { text.to_owned() };
                    let shown = match variables::address(&target, self.variables) {
                        Ok(address) => {
                            let text = if address == target { text } else { &address };
                            format!("<a href=\"{}\">{}</a>", attribute(&address), attribute(text))
                        }
                        Err(name) => format!(
                            "<a class=\"var unset\" data-name=\"{}\">{}</a>",
                            attribute(&name),
                            attribute(text)
                        ),
                    };
                    self.push(Event::InlineHtml(CowStr::from(shown)));
                }
                Mark::Wiki(address, text) => {
                    let shown =
                        format!("<a class=\"wiki\" data-wiki=\"{}\">{}</a>", attribute(&address), attribute(&text));
                    self.push(Event::InlineHtml(CowStr::from(shown)));
                }
                Mark::Variable(name) => {
                    let shown = variables::shown(&name, text, self.variables);
                    self.push(Event::InlineHtml(CowStr::from(shown)));
                }
            }
            from = range.end;
        }
        self.push(Event::Text(CowStr::from(run.text.get(from..).unwrap_or_default().to_owned())));
    }

    fn copy(&mut self, range: Range<Node>) {
        for node in range {
            if let Some(event) = self.document.event(node) {
                self.push(event.clone());
            }
        }
    }

    /// Writes an event, opening the containers around it that are not open.
    fn push(&mut self, event: Event<'a>) {
        while let Some(container) = self.containers.get_mut(self.opened) {
            self.opened += 1;
            let begun = std::mem::replace(&mut container.begun, true);
            self.events.push(match &container.tag {
                Tag::List(Some(_)) if begun || container.number != 1 => {
                    let class = if begun { " class=\"continued\"" } else { "" };
                    Event::Html(CowStr::from(format!("<ol start=\"{}\"{class}>\n", container.number)))
                }
                Tag::List(None) if begun => Event::Html(CowStr::Borrowed("<ul class=\"continued\">\n")),
                Tag::Item if begun => Event::Html(CowStr::Borrowed("<li class=\"continued\">\n")),
                tag => Event::Start(tag.clone()),
            });
        }
        self.events.push(event);
    }

    fn end_container(&mut self) {
        let Some(container) = self.containers.pop() else { return };
        if self.opened > self.containers.len() {
            self.opened = self.containers.len();
            self.events.push(Event::End(container.tag.to_end()));
        }
    }

    fn item(&mut self, id: &str) {
        self.flush();
        self.parts.push(Part::Item(id.to_owned()));
    }

    fn flush(&mut self) {
        let open = self.containers.get(..self.opened).unwrap_or_default();
        self.events.extend(open.iter().rev().map(|container| Event::End(container.tag.to_end())));
        self.opened = 0;
        self.elements = 0;
        let mut written = String::new();
        html::push_html(&mut written, self.events.drain(..));
        let clean = sanitise::clean(&written);
        if !clean.trim().is_empty() {
            self.parts.push(Part::Html(clean));
        }
    }
}

fn container(tag: Tag<'_>, number: u64) -> Container<'_> {
    Container { tag, begun: false, number }
}

/// The inline content of a heading.
pub(super) fn heading<'a>(
    source: &'a Source,
    document: &'a Document<'a>,
    node: Node,
    variables: &'a Variables,
) -> String {
    let mut writer = Writer::new(source, document, Rc::default(), variables);
    writer.inline(document.inside(node));
    let html: String = writer
        .finish()
        .into_iter()
        .map(|part| match part {
            Part::Html(html) | Part::Item(html) => html,
        })
        .collect();
    html.trim().to_owned()
}

pub(crate) fn attribute(value: &str) -> String {
    value.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
