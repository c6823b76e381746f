//! Text whose steps get their numbers when all of it is written.

use std::{collections::BTreeMap, fmt};

/// Text, and places where a step's number stands or it is named.
#[derive(Debug, Default)]
pub(super) struct Numbered<'a> {
    parts: Vec<Part<'a>>,
    length: usize,
}

#[derive(Debug)]
enum Part<'a> {
    Text(String),
    /// The number of a step, in its heading.
    Heading(&'a str),
    /// A step that is elsewhere.
    Reference(&'a str),
}

impl fmt::Write for Numbered<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.length += text.len();
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
        Ok(())
    }
}

impl<'a> Numbered<'a> {
    /// How long it is, in bytes, as far as it is known.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn heading(&mut self, id: &'a str) {
        self.parts.push(Part::Heading(id));
    }

    pub(super) fn reference(&mut self, id: &'a str) {
        // What stands there is short, and there is little around it.
        self.length += 100;
        self.parts.push(Part::Reference(id));
    }

    /// The text with the numbers of its steps, in the order in which they stand in it. `named` gives a step's name as Markdown.
    pub(super) fn finish(self, named: impl Fn(&str) -> String) -> String {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for part in &self.parts {
            if let Part::Heading(id) = part {
                let next = numbers.len() + 1;
                numbers.entry(id).or_insert(next);
            }
        }
        let mut out = String::with_capacity(self.length);
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Heading(id) => out.push_str(&numbers.get(id).copied().unwrap_or_default().to_string()),
                Part::Reference(id) => match numbers.get(id) {
                    Some(number) => out.push_str(&format!("step {number}, “{}”", named(id))),
                    None => out.push_str(&format!("“{}”", named(id))),
                },
            }
        }
        out
    }
}
