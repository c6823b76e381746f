//! What other formats mean: their files become runbooks, a runbook becomes theirs, and what does not fit is said.
//!
//! Text comes in and text goes out. Nothing is read from the disk, no clock is asked, nothing is run.

pub mod cacao;
mod dialects;
mod markdown;

pub use dialects::{Dialect, dialect};

/// Something that is otherwise there than here, or has no place: for whoever brings a file in, or gives one away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: `line 12`, or the name of a step. Empty for the whole of it.
    pub place: String,
    /// What, in one sentence.
    pub sentence: String,
}

impl Difference {
    fn new(place: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { place: place.into(), sentence: sentence.into() }
    }
}

/// A runbook that was made of a file of another format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// What it is called.
    pub title: String,
    /// Its text, as Markdown.
    pub text: String,
    /// What has no place in a runbook, or is otherwise; it stands at the end of the text too.
    pub differences: Vec<Difference>,
}

/// A runbook as another format says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The text of the file.
    pub text: String,
    /// What of the runbook has no place in it, or is otherwise.
    pub differences: Vec<Difference>,
}
