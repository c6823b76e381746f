//! What every rule of the check looks at.

use crate::front_matter::Layout;
use crate::model::{Edit, Fix, Item, ItemKind, Runbook, Section, Span, Step};
use crate::source::Source;
use crate::world::World;

/// A runbook with the text that it was read from.
pub(super) struct Context<'a> {
    pub(super) runbook: &'a Runbook,
    pub(super) source: &'a Source,
    pub(super) layout: Option<Layout>,
    pub(super) world: &'a World,
    /// How the file ends its lines.
    newline: &'static str,
}

impl<'a> Context<'a> {
    pub(super) fn new(runbook: &'a Runbook, source: &'a Source, layout: Option<Layout>, world: &'a World) -> Self {
        let first = source.text.find('\n').map(|at| source.text.get(..at).unwrap_or_default());
        let newline = if first.is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" };
        Self { runbook, source, layout, world, newline }
    }

    /// Where the text behind the front matter begins.
    pub(super) fn body(&self) -> usize {
        self.layout.as_ref().map_or(self.source.start, |layout| layout.body)
    }

    /// The span in the text of a span in the file.
    pub(super) fn span(&self, file: Span) -> Span {
        self.source.text_span(file)
    }

    /// All of a span's text.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.source.slice(span)
    }

    /// The line that a place stands in, without its end.
    pub(super) fn line_at(&self, offset: usize) -> Span {
        let line = self.source.line(offset);
        let start = self.source.line_start(line);
        let end = self.source.line_start(line + 1).max(start);
        let text = self.slice(Span { start, end }).trim_end_matches(['\n', '\r']);
        Span { start, end: start + text.len() }
    }

    /// Items that change something (RUNS.md, "Going forward"), in the document's order; those that are known to look only
    /// are left out.
    pub(super) fn changing(&self) -> impl Iterator<Item = (&'a Section, &'a Step, &'a Item)> {
        self.runbook.items().filter(|(section, _, item)| {
            item.kind == ItemKind::Command && section.phase.changes_something() && !super::looking::only_looks(item)
        })
    }

    /// An insertion, with line ends as the file has them.
    pub(super) fn insert(&self, at: usize, text: &str) -> Edit {
        self.replace(Span { start: at, end: at }, text)
    }

    /// A replacement, with line ends as the file has them.
    pub(super) fn replace(&self, span: Span, text: &str) -> Edit {
        Edit { span, text: if self.newline == "\n" { text.to_owned() } else { text.replace('\n', self.newline) } }
    }

    /// New lines at the end of the file, a blank one before them.
    pub(super) fn append(&self, text: &str) -> Edit {
        let end = self.source.text.len();
        let so_far = self.source.text.get(self.source.start..).unwrap_or_default();
        let before = match so_far {
            "" => "",
            _ if so_far.ends_with("\n\n") || so_far.ends_with("\n\r\n") => "",
            _ if so_far.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        self.insert(end, &format!("{before}{text}"))
    }
}

/// A way to mend a problem that wants a person's word.
pub(super) fn offer(title: &str, edits: Vec<Edit>) -> Fix {
    Fix { title: title.to_owned(), edits, safe: false }
}

/// A way to mend a problem that means the same whoever applies it.
pub(super) fn safe(title: &str, edits: Vec<Edit>) -> Fix {
    Fix { title: title.to_owned(), edits, safe: true }
}

/// The word of a list that is nearest to another: at most a third of its letters differ.
pub(super) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let letters = word.chars().count();
    words
        .map(|other| (crate::options::edits(&word.to_lowercase(), &other.to_lowercase()), other))
        .filter(|(edits, other)| *edits <= letters.max(other.chars().count()) / 3)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, other)| other)
}
