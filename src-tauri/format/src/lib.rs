//! The runbook format: Markdown text in, a [`Runbook`] with byte spans and problems out.
//!
//! This room owns what the text means. It does no I/O, reads no clock and no environment, and never fails: what
//! needs the world comes in as data.

mod model;
mod render;

pub use model::*;
pub use render::{Page, PageSection, PageStep, Part, page};

/// Reads a runbook from the bytes of a file. Never fails; what cannot be read is a problem.
#[must_use]
pub fn parse(path: &str, bytes: &[u8]) -> Runbook {
    let _ = bytes;
    Runbook {
        path: path.to_owned(),
        revision: String::new(),
        title: String::new(),
        kind: None,
        front_matter: serde_json::Map::new(),
        settings: Settings::default(),
        phases: Vec::new(),
        blocks: Vec::new(),
        links: Vec::new(),
        problems: Vec::new(),
    }
}
