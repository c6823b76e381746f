//! A runbook's text for the search index.

use pulldown_cmark::{Event, Tag};

use crate::document::{Document, collapse};
use crate::front_matter::{self, FrontMatter};
use crate::model::{ItemKind, Runbook};
use crate::problems::Problems;
use crate::source::Source;

/// Plain texts of one runbook, each for a column of the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText {
    /// The title.
    pub title: String,
    /// Headings, one a line.
    pub headings: String,
    /// Prose without markup, one block a line, with the summary and outcome of the front matter.
    pub body: String,
    /// Scripts and other code, one block after the other.
    pub commands: String,
    /// Tags of the front matter, with severity, kind and owner.
    pub tags: Vec<String>,
}

/// What a search should find; `bytes` are those that the runbook was read from.
#[must_use]
pub fn plain_text(runbook: &Runbook, bytes: &[u8]) -> SearchText {
    let source = Source::new(bytes);
    let mut problems = Problems::new(&source);
    let body = FrontMatter::read(&source, &mut problems).body;
    let document = Document::new(&source.text, body);
    let mut text = SearchText { title: runbook.title.clone(), tags: tags(runbook), ..SearchText::default() };
    for key in ["summary", "outcome"] {
        if let Some(value) = runbook.front_matter.get(key).and_then(front_matter::scalar) {
            push_line(&mut text.body, &value);
        }
    }
    let mut line = String::new();
    let mut node = 0;
    while node < document.len() {
        match document.event(node) {
            Some(Event::Start(Tag::Heading { .. })) => {
                push_line(&mut text.headings, &document.plain(document.inside(node)));
                node = document.next(node);
                continue;
            }
            Some(Event::Start(Tag::CodeBlock(_))) => {
                push_line(&mut text.commands, document.code(node).trim_end());
                node = document.next(node);
                continue;
            }
            Some(Event::Text(part) | Event::Code(part)) => line.push_str(part),
            Some(Event::SoftBreak | Event::HardBreak) => line.push(' '),
            Some(Event::Start(tag)) if crate::document::is_block(tag) => flush(&mut text.body, &mut line),
            Some(Event::End(end)) if crate::document::is_block_end(end) => flush(&mut text.body, &mut line),
            _ => {}
        }
        node += 1;
    }
    flush(&mut text.body, &mut line);
    for (_, _, item) in runbook.items().filter(|(_, _, item)| item.kind == ItemKind::Message) {
        push_line(&mut text.body, &item.text);
    }
    text
}

fn tags(runbook: &Runbook) -> Vec<String> {
    let mut tags = front_matter::list(runbook.front_matter.get("tags"));
    for key in ["category", "severity", "kind", "owner"] {
        tags.extend(front_matter::list(runbook.front_matter.get(key)));
    }
    tags
}

fn flush(to: &mut String, line: &mut String) {
    let plain = collapse(&std::mem::take(line));
    if !plain.is_empty() {
        push_line(to, &plain);
    }
}

fn push_line(to: &mut String, line: &str) {
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(line);
}
