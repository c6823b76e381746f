//! Entries that come from elsewhere: hosts of ssh's configuration, tables of password managers. Read here, kept by nobody yet.

mod ssh;
mod table;

use std::collections::BTreeSet;

use crate::{EntryKind, Secret, check_entry_name};

pub use ssh::ssh_hosts;
pub use table::table;

/// An entry on its way in.
#[derive(Debug)]
pub struct Incoming {
    /// What it would be called: a name that an entry can have, and that no other one of the same source has.
    pub name: String,
    /// What it leads to.
    pub kind: EntryKind,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// A host, or an address of the web.
    pub address: Option<String>,
    /// The name that one signs in with.
    pub user: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// Its secrets, by field.
    pub secrets: Vec<(String, Secret)>,
}

/// Why nothing could be read. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotReadable(pub(crate) String);

/// Makes names that entries can have, each once.
#[derive(Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// The name, as near as can be.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let plain: String =
            wanted.chars().map(|c| if c.is_control() || "/:\"\\".contains(c) { '-' } else { c }).take(90).collect();
        let plain = plain.trim();
        let plain = if check_entry_name(plain).is_ok() { plain } else { "entry" };
        let mut name = plain.to_owned();
        let mut number = 2;
        while !self.0.insert(name.to_lowercase()) {
            name = format!("{plain} {number}");
            number += 1;
        }
        name
    }
}
