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
mod read;
mod targets;
mod variables;
mod write;

#[cfg(test)]
mod tests;

pub use read::{id, is_playbook, read};
pub use write::{Facts, write};

/// What the front matter calls what a runbook has no words for and a playbook does.
const KEY: &str = "cacao";

/// Properties of a playbook that a runbook keeps as they are under [`KEY`], so that they are there when it is given back.
const KEPT: &[&str] = &[
    "id",
    "created",
    "modified",
    "created_by",
    "playbook_types",
    "playbook_activities",
    "valid_from",
    "valid_until",
    "derived_from",
    "related_to",
    "priority",
    "impact",
    "industry_sectors",
    "markings",
    "data_marking_definitions",
];
