//! The steps of a section and the items of each (FORMAT.md, "Phases and steps").

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::document::{Document, Node};
use crate::model::{Item, ItemKind, Section, Span, Step};
use crate::sections::{Doings, Part, is_block_node, says_something};
use crate::source::Source;

/// Makes sections with steps out of the parts of a document.
pub(crate) struct Builder<'a, 'b> {
    pub(crate) source: &'a Source,
    pub(crate) document: &'b Document<'a>,
    pub(crate) doings: &'b Doings,
    pub(crate) blocks: HashMap<Node, Item>,
    /// Names steps that stand under no heading.
    pub(crate) title: &'b str,
}

/// What a part's steps come from.
enum Group {
    /// An entry of a top-level ordered list, with what belongs to it behind it, and its number.
    Entry(Node, Range<Node>, u64),
    /// What stands between, before or after the lists.
    Loose(Range<Node>),
}

impl Builder<'_, '_> {
    /// The sections in the document's order. A sub-section that is one step joins the section above it.
    pub(crate) fn sections(&mut self, parts: &[Part]) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        let mut last: Option<usize> = None;
        for (index, part) in parts.iter().enumerate() {
            let lists = self.has_ordered_list(part);
            let steps = self.steps(part, lists);
            if part.is_title && part.body.is_empty() && steps.is_empty() && same_words(&part.heading, self.title) {
                continue;
            }
            let joins = !lists
                && steps.len() == 1
                && last.is_some_and(|last| {
                    part.ancestors.contains(&last)
                        && parts.get(last).is_some_and(|above| !above.is_title && above.phase == part.phase)
                });
            if let Some(section) = sections.last_mut().filter(|_| joins) {
                section.span.end = part.span.end;
                section.steps.extend(steps);
                continue;
            }
            last = Some(index);
            sections.push(Section {
                phase: part.phase,
                heading: part.heading.clone(),
                line: self.source.line(part.span.start),
                level: part.level,
                span: part.span,
                steps,
            });
        }
        sections
    }

    fn is_ordered_list(&self, node: Node) -> bool {
        matches!(self.document.tag(node), Some(Tag::List(Some(_))))
    }

    fn has_ordered_list(&self, part: &Part) -> bool {
        self.document.children(part.body.clone()).any(|node| self.is_ordered_list(node))
    }

    fn steps(&mut self, part: &Part, lists: bool) -> Vec<Step> {
        if !lists {
            return self.whole(part).into_iter().collect();
        }
        let mut steps = Vec::new();
        for group in self.groups(part) {
            match group {
                Group::Entry(entry, behind, number) => steps.extend(self.entry(part, entry, behind, number)),
                Group::Loose(range) => steps.extend(self.loose(part, range)),
            }
        }
        steps
    }

    /// A section without an ordered list is one step.
    fn whole(&mut self, part: &Part) -> Option<Step> {
        let mut items = self.collect(part.body.clone(), part.phase.on_path());
        let title = if part.title.is_empty() { self.title.to_owned() } else { part.title.clone() };
        if items.is_empty() {
            if !part.phase.on_path() || !says_something(self.document, part.body.clone()) {
                return None;
            }
            let span = part.node.map_or(part.span, |node| self.document.span(node));
            items.push(self.check(span, title.clone()));
        }
        let advice = self.advice(part.body.clone());
        Some(self.step(title, part.number.clone(), part.span, items, advice))
    }

    fn groups(&self, part: &Part) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut between: Option<Range<Node>> = None;
        for node in self.document.children(part.body.clone()) {
            if !self.is_ordered_list(node) {
                let end = self.document.next(node);
                between = Some(between.map_or(node..end, |range| range.start..end));
                continue;
            }
            let entries: Vec<Node> = self.document.children(self.document.inside(node)).collect();
            let first = entries.first().and_then(|entry| self.document.written_number(*entry)).unwrap_or(1);
            let goes_on = self.goes_on(&groups, first);
            if let Some(range) = between.take() {
                self.place(&mut groups, range, goes_on.is_some());
            }
            let start = goes_on.unwrap_or(first);
            for (number, entry) in (start..).zip(entries) {
                let end = self.document.next(entry);
                groups.push(Group::Entry(entry, end..end, number));
            }
        }
        if let Some(range) = between {
            self.place(&mut groups, range, false);
        }
        groups
    }

    /// The number of a list's first entry, if it goes on where the last list ended, or both write `1.`.
    fn goes_on(&self, groups: &[Group], first: u64) -> Option<u64> {
        let (entry, number) = groups.iter().rev().find_map(|group| match group {
            Group::Entry(entry, _, number) => Some((*entry, *number)),
            Group::Loose(_) => None,
        })?;
        let written = self.document.written_number(entry).unwrap_or(number);
        let next = number.checked_add(1)?;
        let goes_on = first == next || Some(first) == written.checked_add(1) || (first == 1 && written == 1);
        goes_on.then_some(next)
    }

    /// Gives what stands behind an entry to it, as far as it belongs to it.
    fn place(&self, groups: &mut Vec<Group>, range: Range<Node>, all: bool) {
        let mut rest = range.clone();
        if let Some(Group::Entry(entry, behind, _)) = groups.last_mut() {
            if all {
                *behind = range;
                return;
            }
            let mut end = self.document.span(*entry).end;
            for node in self.document.children(range.clone()) {
                let span = self.document.span(node);
                if !self.is_directly_behind(end, span.start) {
                    break;
                }
                end = span.end;
                *behind = range.start..self.document.next(node);
                rest.start = behind.end;
            }
        }
        if !rest.is_empty() {
            groups.push(Group::Loose(rest));
        }
    }

    /// Whether no blank line stands between.
    fn is_directly_behind(&self, end: usize, start: usize) -> bool {
        let text = &self.source.text;
        let before = text.get(..end.min(text.len())).map_or(0, |text| text.trim_end().len());
        let between = text.get(before..start).unwrap_or_default();
        between.replace("\r\n", "\n").matches(['\n', '\r']).count() <= 1
    }

    fn entry(&mut self, part: &Part, entry: Node, behind: Range<Node>, number: u64) -> Option<Step> {
        let inside = self.document.inside(entry);
        let mut title = self.document.plain(self.document.lead(entry));
        if title.is_empty() {
            title.clone_from(if part.title.is_empty() { &part.heading } else { &part.title });
        }
        if title.is_empty() {
            title.clone_from(&self.title.to_owned());
        }
        let mut items = Vec::new();
        if self.document.is_task(entry) {
            items.push(self.check(self.document.span(entry), title.clone()));
        }
        items.extend(self.collect(inside.clone(), part.phase.on_path()));
        items.extend(self.collect(behind.clone(), part.phase.on_path()));
        if items.is_empty() {
            if !part.phase.on_path()
                || !(says_something(self.document, inside.clone()) || holds_a_link(self.document, inside.clone()))
            {
                return None;
            }
            items.push(self.check(self.document.span(entry), title.clone()));
        }
        let mut span = self.document.span(entry);
        if !behind.is_empty() {
            span.end = self.end(behind.clone()).max(span.end);
        }
        let advice = self.advice(inside).or_else(|| self.advice(behind));
        Some(self.step(title, Some(number.to_string()), span, items, advice))
    }

    /// What stands beside the lists is a step when there is something to do in it.
    fn loose(&mut self, part: &Part, range: Range<Node>) -> Option<Step> {
        let items = self.collect(range.clone(), part.phase.on_path());
        let first = items.first()?.span.start;
        let named = self
            .document
            .children(range.clone())
            .take_while(|node| self.document.span(*node).start < first)
            .filter(|node| matches!(self.document.tag(*node), Some(Tag::Paragraph)))
            .last()
            .map(|node| self.document.plain(self.document.inside(node)))
            .filter(|text| !text.is_empty());
        let title =
            named.unwrap_or_else(|| if part.title.is_empty() { self.title.to_owned() } else { part.title.clone() });
        let span = Span { start: self.document.span(range.start).start, end: self.end(range.clone()) };
        let advice = self.advice(range);
        Some(self.step(title, None, span, items, advice))
    }

    fn end(&self, range: Range<Node>) -> usize {
        self.document.children(range).map(|node| self.document.span(node).end).max().unwrap_or_default()
    }

    /// The items within a range of nodes, in order.
    fn collect(&mut self, range: Range<Node>, on_path: bool) -> Vec<Item> {
        let mut items = Vec::new();
        if !self.doings.any(range.clone()) {
            return items;
        }
        for node in range {
            if let Some(item) = self.blocks.remove(&node) {
                items.push(item);
            } else if matches!(self.document.event(node), Some(Event::Start(Tag::Item))) {
                let nothing_else = self.doings.is_ordered(node) && !self.doings.any(self.document.inside(node));
                let text = self.document.plain(self.document.lead(node));
                if (self.document.is_task(node) || (on_path && nothing_else)) && !text.is_empty() {
                    items.push(self.check(self.document.span(node), text));
                }
            }
        }
        items
    }

    fn check(&self, span: Span, text: String) -> Item {
        Item { kind: ItemKind::Check, line: self.source.line(span.start), span, text, ..Item::default() }
    }

    fn step(
        &self,
        title: String,
        number: Option<String>,
        span: Span,
        items: Vec<Item>,
        if_it_fails: Option<String>,
    ) -> Step {
        Step {
            id: String::new(),
            title,
            line: self.source.line(span.start),
            can_undo: items.iter().any(|item| item.kind == ItemKind::Undo),
            no_return: items.iter().any(|item| item.options.no_return),
            number,
            span,
            if_it_fails,
            items,
        }
    }

    /// The paragraph that begins with bold `If it fails`, as Markdown.
    fn advice(&self, range: Range<Node>) -> Option<String> {
        let mut blocks = range.filter(|node| is_block_node(self.document, *node));
        let paragraph = blocks.find(|node| {
            matches!(self.document.tag(*node), Some(Tag::Paragraph))
                && matches!(self.document.tag(node + 1), Some(Tag::Strong))
                && self.document.plain(self.document.inside(node + 1)).to_lowercase().starts_with("if it fails")
        })?;
        let text = self.source.slice(self.document.span(paragraph));
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        Some(lines.join("\n"))
    }
}

/// Whether two titles differ in blanks, case and punctuation only.
fn same_words(one: &str, other: &str) -> bool {
    let letters = |text: &str| {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    letters(one) == letters(other)
}

fn holds_a_link(document: &Document<'_>, mut range: Range<Node>) -> bool {
    range.any(|node| matches!(document.tag(node), Some(Tag::Link { .. })))
}
