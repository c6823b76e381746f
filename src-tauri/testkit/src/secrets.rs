//! A masker of plain words: enough to see whether anything goes round the masker.

use std::sync::{Arc, Mutex};

use engine::{Mask, Secrets};

/// Masks each of its words, wherever a stream is cut.
#[derive(Clone, Debug, Default)]
pub struct Words(Arc<Mutex<Vec<String>>>);

impl Words {
    /// Knows these words.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(Arc::new(Mutex::new(words.into_iter().map(str::to_owned).collect())))
    }

    /// All words that it knows by now.
    #[must_use]
    pub fn known(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Secrets for Words {
    fn masker(&self) -> Box<dyn Mask> {
        Box::new(Masker { words: self.known(), held: Vec::new() })
    }

    fn learn(&self, value: &str) -> Option<String> {
        if value.len() < 4 {
            return Some(format!("{} characters are too few to be masked", value.len()));
        }
        self.0.lock().unwrap().push(value.to_owned());
        None
    }
}

struct Masker {
    words: Vec<String>,
    held: Vec<u8>,
}

impl Masker {
    /// Takes off the front what can be shown, up to where a word could still begin.
    fn give(&mut self, all: bool) -> Vec<u8> {
        let mut shown = Vec::new();
        let mut at = 0;
        while at < self.held.len() {
            let rest = &self.held[at..];
            if let Some(word) = self.words.iter().find(|word| rest.starts_with(word.as_bytes())) {
                shown.extend("\u{2022}\u{2022}\u{2022}".as_bytes());
                at += word.len();
            } else if !all && self.words.iter().any(|word| word.as_bytes().starts_with(rest)) {
                break;
            } else {
                shown.push(rest[0]);
                at += 1;
            }
        }
        self.held.drain(..at);
        shown
    }
}

impl Mask for Masker {
    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        self.give(false)
    }

    fn finish(&mut self) -> Vec<u8> {
        self.give(true)
    }
}
