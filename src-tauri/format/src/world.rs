//! What a check of the whole needs to know of the world; it comes in as data.

use std::collections::{BTreeMap, BTreeSet};

use crate::LibraryFile;

/// What is known. What is not said here is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Today, `2026-11-22`: whether a review is due.
    pub today: Option<String>,
    /// What stands at the places that the runbook's links name.
    pub places: BTreeMap<String, Place>,
    /// Every file of the library, as the places are named: for links that name a page wherever it is, and for what may
    /// be meant by one that leads nowhere.
    pub pages: Option<BTreeSet<String>>,
    /// The access entries there are, by name.
    pub access: Option<BTreeSet<String>>,
    /// The time zones that are known, by the names of the IANA database: that of the runbook's `schedule` alone where it is one
    /// of them.
    pub zones: Option<BTreeSet<String>>,
    /// The library's file.
    pub library: LibraryFile,
}

/// What stands where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing.
    Nothing,
    /// A file or folder.
    Here,
    /// A Markdown file with these anchors.
    Page(BTreeSet<String>),
}
