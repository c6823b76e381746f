//! CACAO Security Playbooks, version 2.0 (OASIS, <https://docs.oasis-open.org/cacao/security-playbooks/v2.0/>): workflows of
//! steps in JSON that lead to each other.
//!
//! A runbook is a path with a way back; a playbook is a graph. What is a path in it becomes the path; what only sometimes
//! happens is started by a person; and what has no place is said.

mod attributes;
mod commands;
mod flow;
mod ids;
mod items;
mod json;
mod kept;
mod numbered;
mod quoting;
mod read;
mod servers;
mod targets;
mod variables;
mod write;

#[cfg(test)]
mod tests;

pub use read::{id, is_playbook, read};
pub use write::{Facts, write};

/// The file of another playbook by its `id`, where that one comes along.
pub type Known<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The largest text that a playbook becomes, in bytes: a step that many lead to is named by each, so that a small file could
/// become a large one.
const LARGEST: usize = 16 << 20;

/// The most variables: as many as a front matter is read with, and some more lines.
const MOST_VARIABLES: usize = 20_000;

/// The heading of what is otherwise here, which no export gives back.
const NOTES: &str = "Notes on the playbook";
