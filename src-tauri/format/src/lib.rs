//! The runbook format: Markdown text in, a [`Runbook`] with byte spans and problems out.
//!
//! This room owns what the text means. It does no I/O, reads no clock and no environment, and never fails: what
//! needs the world comes in as data.

mod ansible;
mod assemble;
mod attributes;
mod blocks;
mod check;
mod compare;
mod document;
mod durations;
mod edit;
mod edited;
mod expectations;
mod exports;
mod fill;
mod fixed;
mod fleet;
mod from_html;
mod from_session;
mod front_matter;
mod headings;
mod json;
mod languages;
mod library_file;
mod linked;
mod links;
mod meant;
pub mod measure;
mod merge;
mod model;
mod nesting;
mod options;
mod outline;
mod problems;
mod programs;
mod prompts;
mod prose;
mod render;
mod search;
mod sections;
mod shell;
mod slug;
mod snippets;
mod source;
mod spelling;
mod steps;
mod targets;
mod templates;
mod text_blocks;
mod variable_uses;
mod variables;
pub mod vocabulary;
mod words;
mod world;

#[cfg(test)]
mod tests;

pub use ansible::{Ansible, ansible, rehearses};
pub use check::{asks, check, only_looks};
pub use compare::{DiffKind, DiffLine, DiffPart, around_changes, difference, word_diff};
pub use edit::{EditError, apply, apply_text};
pub use edited::{edited, rewritten};
pub use exports::{Export, exports};
pub use fill::{FillError, fill, fill_input, show_input};
pub use fleet::{Fleet, MaxFail, hosts};
pub use from_html::from_html;
pub use from_session::from_session;
pub use front_matter::{
    About, AboutLink, Responder, ScheduleProposal, UpdateEvery, front_matter_set, read_cron, unreadable_schedule,
};
pub use headings::phase_of_numbered;
pub use json::show_json;
pub use library_file::{Environment, EnvironmentKind, LibraryFile, parse_library_file};
pub use linked::{LinkedPart, LinkedRunbook, linked_part};
pub use links::{Target, anchors, has_anchor, relink, resolve, resolve_named, target};
pub use meant::{command_name, meant_step};
pub use measure::{Measure, Measured, MeasuredVerdict, Order};
pub use merge::{Conflict, Merge, merge};
pub use model::*;
pub use outline::{Heading, headings};
pub use programs::{Programs, programs};
pub use prose::{html, html_with};
pub use render::{Page, PageSection, PageStep, Part, page, page_with};
pub use search::{SearchText, plain_text};
pub use slug::{Taken, slug};
pub use snippets::{Snippet, snippets};
pub use targets::On;
pub use templates::{Guidance, Template, file_name, guidance, new_runbook, templates, with_title};
pub use variables::{LinkError, RUN_END, RUN_START, Variables, declared, fill_link, fill_text, is_run_time};
pub use world::{Place, World};

/// What a library knows besides the file (`allgood.toml`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// `[library] commands`: words that also begin a command in a fence without a language.
    pub commands: Vec<String>,
}

impl From<&LibraryFile> for Knowledge {
    fn from(file: &LibraryFile) -> Self {
        Self { commands: file.commands.clone() }
    }
}

/// Reads a runbook from the bytes of a file. Never fails; what cannot be read is a problem.
#[must_use]
pub fn parse(path: &str, bytes: &[u8]) -> Runbook {
    parse_with(path, bytes, &Knowledge::default())
}

/// Reads a runbook with what its library knows besides.
#[must_use]
pub fn parse_with(path: &str, bytes: &[u8], knowledge: &Knowledge) -> Runbook {
    assemble::runbook(path, bytes, knowledge)
}
