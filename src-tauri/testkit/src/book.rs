//! Runbooks made by hand, for tests of what happens to them rather than of how they are read.

use std::sync::Arc;

use format::{Item, ItemKind, Options, Phase, Program, Runbook, Section, Settings, Span, Step};

/// Builds a runbook, section by section.
#[derive(Clone, Debug)]
pub struct Book(Runbook);

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Book {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self(Runbook {
            path: "book.md".to_owned(),
            revision: "ab".repeat(32),
            title: "A book".to_owned(),
            ..Runbook::default()
        })
    }

    /// Adds a section of one step, both named by the phase and their number.
    #[must_use]
    pub fn section(mut self, phase: Phase, items: impl IntoIterator<Item = Item>) -> Self {
        let number = self.0.phases.len() + 1;
        let name = format!("{phase:?} {number}");
        let first = self.0.items().count() + 1;
        let items: Vec<Item> =
            items.into_iter().zip(first..).map(|(item, line)| Item { line: line * 10, ..item }).collect();
        let step = Step {
            id: format!("step-{number}"),
            title: name.clone(),
            line: number,
            can_undo: items.iter().any(|item| item.kind == ItemKind::Undo),
            no_return: false,
            number: None,
            span: Span::default(),
            if_it_fails: None,
            items,
        };
        self.0.phases.push(Section {
            phase,
            heading: name,
            line: number,
            level: 2,
            span: Span::default(),
            steps: vec![step],
        });
        self
    }

    /// Adds a section of steps.
    #[must_use]
    pub fn steps(self, items: impl IntoIterator<Item = Item>) -> Self {
        self.section(Phase::Steps, items)
    }

    /// Changes what the front matter says.
    #[must_use]
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.0.settings);
        self
    }

    /// Changes anything.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Runbook)) -> Self {
        change(&mut self.0);
        self
    }

    /// The runbook.
    #[must_use]
    pub fn build(self) -> Arc<Runbook> {
        Arc::new(self.0)
    }
}

fn item(id: &str, kind: ItemKind) -> Item {
    Item {
        id: id.to_owned(),
        kind,
        language: "bash".to_owned(),
        program: Program::Bash,
        options: Options { exit: Some(vec![0]), ..Options::default() },
        hash: format!("hash of {id}"),
        ..Item::default()
    }
}

/// A check.
#[must_use]
pub fn check(id: &str) -> Item {
    Item { text: format!("Check {id}"), language: String::new(), ..item(id, ItemKind::Check) }
}

/// A message.
#[must_use]
pub fn message(id: &str) -> Item {
    Item { text: format!("Message {id}"), language: "message".to_owned(), ..item(id, ItemKind::Message) }
}

/// A command.
#[must_use]
pub fn command(id: &str, script: &str) -> Item {
    Item { script: script.to_owned(), ..item(id, ItemKind::Command) }
}

/// A probe.
#[must_use]
pub fn probe(id: &str, script: &str) -> Item {
    Item { script: script.to_owned(), ..item(id, ItemKind::Probe) }
}

/// An undo.
#[must_use]
pub fn undo(id: &str, script: &str) -> Item {
    Item { script: script.to_owned(), ..item(id, ItemKind::Undo) }
}
