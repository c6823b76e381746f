//! The runbook as reading matter: sanitised HTML with the items in their places.

pub(crate) mod sanitise;
pub(crate) mod variables;
pub(crate) mod writer;

use std::collections::HashSet;
use std::rc::Rc;

use pulldown_cmark::Tag;
use serde::Serialize;

use crate::document::{Document, Node};
use crate::front_matter::FrontMatter;
use crate::problems::Problems;
use crate::source::Source;
use crate::{Phase, Runbook, Section, Span, Step, Values, Variables};
use writer::{Items, Writer};

/// A runbook to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// In the order of [`Runbook::phases`].
    pub sections: Vec<PageSection>,
}

/// A section to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageSection {
    /// Which phase.
    pub phase: Phase,
    /// The heading as sanitised HTML, without its tag; empty before the first heading.
    pub heading: String,
    /// Level of the heading, 0 before the first.
    pub level: u8,
    /// Line of the heading, from 1.
    pub line: usize,
    /// What stands before the first step.
    pub intro: Vec<Part>,
    /// The steps.
    pub steps: Vec<PageStep>,
    /// What stands after the last step.
    pub outro: Vec<Part>,
}

/// A step to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageStep {
    /// The step's id.
    pub id: String,
    /// Its prose and items in order; the title is not repeated where it came from a heading.
    pub body: Vec<Part>,
}

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "part", content = "value")]
pub enum Part {
    /// Sanitised HTML. Remote images are held back: `data-src` instead of `src`.
    Html(String),
    /// The item of that id stands here.
    Item(String),
}

/// Renders a runbook; `bytes` are those it was read from. Variables stay as they are written.
#[must_use]
pub fn page(runbook: &Runbook, bytes: &[u8]) -> Page {
    page_with(runbook, bytes, &Variables::default())
}

/// Renders a runbook with its variables: one that has a value is `<span class="var" data-name="x">value</span>`, one
/// that is declared and has none `<span class="var unset" data-name="x">{{x}}</span>`. A link whose address needs a value
/// that it does not have, or must not have, is `<a class="var unset" data-name="x">` without an address. Titles and items
/// are the runbook's: [`fill_text`](crate::fill_text) fills them.
#[must_use]
pub fn page_with(runbook: &Runbook, bytes: &[u8], variables: &Variables) -> Page {
    let source = Source::new(bytes);
    let mut problems = Problems::new(&source);
    let body = FrontMatter::read(&source, &mut problems).body;
    let document = Document::new(&source.text, body);
    let items = runbook.items().map(|(_, _, item)| ((item.span.start, item.span.end), item.id.as_str())).collect();
    let mut pager = Pager { source: &source, document: &document, items: Rc::new(items), variables, at: 0 };
    let sections = runbook.phases.iter().map(|section| pager.section(section)).collect();
    Page { sections }
}

/// Walks the document's blocks once, section by section.
struct Pager<'a> {
    source: &'a Source,
    document: &'a Document<'a>,
    items: Items<'a>,
    variables: &'a Variables,
    /// The next top-level node.
    at: Node,
}

/// The page's section that is being written.
struct Open<'a, 's> {
    section: &'s Section,
    page: PageSection,
    /// The step that is being written, as an index into the section's.
    step: Option<usize>,
    writer: Writer<'a>,
}

impl<'a> Pager<'a> {
    fn span(&self, node: Node) -> Span {
        self.source.file_span(self.document.span(node))
    }

    fn writer(&self) -> Writer<'a> {
        Writer::new(self.source, self.document, Rc::clone(&self.items), self.variables)
    }

    fn section(&mut self, section: &Section) -> PageSection {
        let page = PageSection {
            phase: section.phase,
            heading: String::new(),
            level: section.level,
            line: section.line,
            intro: Vec::new(),
            steps: Vec::new(),
            outro: Vec::new(),
        };
        let mut open = Open { section, page, step: None, writer: self.writer() };
        while self.at < self.document.len() && self.span(self.at).start < section.span.end {
            let node = self.at;
            self.at = self.document.next(node);
            // The title's own section is left out where it holds nothing.
            if self.span(node).start >= section.span.start {
                self.top(&mut open, node);
            }
        }
        self.turn(&mut open, None);
        for step in section.steps.get(open.page.steps.len()..).unwrap_or_default() {
            open.page
                .steps
                .push(PageStep { id: step.id.clone(), body: complete(step, Vec::new(), &self.variables.values) });
        }
        open.page
    }

    /// Writes a top-level block to where it belongs.
    fn top(&self, open: &mut Open<'a, '_>, node: Node) {
        if self.document.heading_level(node).is_some() {
            let start = self.span(node).start;
            let own = open.section.level > 0 && start == open.section.span.start;
            if own {
                open.page.heading = writer::heading(self.source, self.document, node, self.variables);
            }
            if let Some(step) = self.step_at(open, start) {
                self.turn(open, Some(step));
                return;
            }
            if !own {
                open.writer.blocks(node..self.document.next(node));
            }
            return;
        }
        let entries: Vec<Node> = match self.document.tag(node) {
            Some(Tag::List(Some(_))) => self.document.children(self.document.inside(node)).collect(),
            _ => Vec::new(),
        };
        if entries.iter().any(|entry| self.step_at(open, self.span(*entry).start).is_some()) {
            for entry in entries {
                match self.step_at(open, self.span(entry).start) {
                    Some(step) => {
                        self.turn(open, Some(step));
                        open.writer.entry(entry);
                    }
                    None => open.writer.numbered_entry(entry),
                }
            }
            return;
        }
        match self.step_at(open, self.span(node).start) {
            Some(step) => self.turn(open, Some(step)),
            None if open.step.is_some_and(|step| step + 1 == open.section.steps.len()) => self.turn(open, None),
            None => {}
        }
        open.writer.blocks(node..self.document.next(node));
    }

    fn step_at(&self, open: &Open<'a, '_>, start: usize) -> Option<usize> {
        let steps = &open.section.steps;
        let at = steps.partition_point(|step| step.span.end <= start);
        steps.get(at).filter(|step| step.span.start <= start).map(|_| at)
    }

    /// Ends what is being written, and goes on with a step, or with what stands behind the last.
    fn turn(&self, open: &mut Open<'a, '_>, to: Option<usize>) {
        if to.is_some() && open.step == to {
            return;
        }
        let parts = std::mem::replace(&mut open.writer, self.writer()).finish();
        match open.step.and_then(|step| open.section.steps.get(step)) {
            Some(step) => open
                .page
                .steps
                .push(PageStep { id: step.id.clone(), body: complete(step, parts, &self.variables.values) }),
            None if open.page.steps.is_empty() => open.page.intro.extend(parts),
            None => open.page.outro.extend(parts),
        }
        open.step = to;
    }
}

/// The HTML without its first paragraph, where that says what the title says and nothing more. One that holds a link
/// or a picture stays.
fn without_title(step: &Step, html: &str, values: &Values) -> Option<String> {
    let (paragraph, rest) = html.trim_start().strip_prefix("<p>")?.split_once("</p>")?;
    let mut said = paragraph.to_owned();
    for tag in ["<strong>", "</strong>", "<em>", "</em>", "<code>", "</code>"] {
        said = said.replace(tag, "");
    }
    while let Some((before, rest)) = said.split_once("<span class=\"var") {
        let inside = rest.split_once('>').map_or("", |(_, inside)| inside);
        said = format!("{before}{}", inside.replacen("</span>", "", 1));
    }
    let title = crate::fill_text(&step.title, values);
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    (crate::document::collapse(&said) == title).then(|| rest.trim_start().to_owned())
}

/// Adds the items of a step that have no place of their own in its text: the check that is its title.
fn complete(step: &Step, mut parts: Vec<Part>, values: &Values) -> Vec<Part> {
    if let Some(Part::Html(first)) = parts.first_mut() {
        if let Some(rest) = without_title(step, first, values) {
            *first = rest;
        }
        if first.trim().is_empty() {
            parts.remove(0);
        }
    }
    let shown: HashSet<String> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Item(id) => Some(id.clone()),
            Part::Html(_) => None,
        })
        .collect();
    parts.extend(step.items.iter().filter(|item| !shown.contains(&item.id)).map(|item| Part::Item(item.id.clone())));
    parts
}
