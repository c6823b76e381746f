//! Links that a person keeps, as they cross to a face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for links.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct LinksQuery {
    /// Words that must all stand in its title, group, tags or address, without regard to case; or the two letters of one.
    pub words: String,
    /// Only of this group; empty for those without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub group: Option<String>,
    /// Only with this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub tag: Option<String>,
    /// Only pinned ones.
    pub pinned: bool,
    /// Values for parameters, by name.
    pub values: BTreeMap<String, String>,
    /// The run whose values fill the parameters that `values` leaves open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<String>,
    /// Only those that have a tag of the run's runbook.
    pub of_runbook: bool,
}

/// The links that were asked for, and what could be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinksList {
    /// By group, those without one last; within it those that are opened most first.
    pub links: Vec<SavedLink>,
    /// How many there are in all.
    pub all: u64,
    /// Every group there is.
    pub groups: Vec<String>,
    /// Every tag there is.
    pub tags: Vec<String>,
    /// Every parameter that a link has and a person can give.
    pub parameters: Vec<LinkParameter>,
}

/// A parameter of links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkParameter {
    /// Its name.
    pub name: String,
    /// How many links have it.
    pub links: u64,
    /// Values that were given for it, the one that was used last first.
    pub used: Vec<String>,
}

/// A link that a person keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedLink {
    /// Never changes.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Where it leads, as it was written; may hold parameters.
    pub address: String,
    /// Its host, or its scheme where it has none.
    pub place: String,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// Sorted.
    pub tags: Vec<String>,
    /// Its place among the pinned ones, from 1.
    pub pin: Option<u64>,
    /// Two letters that mean it and no other link, while there are enough letters.
    pub keys: Option<String>,
    /// Its parameters, each once, in order; the times of a run are among them.
    pub parameters: Vec<String>,
    /// Those without a value now.
    pub missing: Vec<String>,
    /// The values that are filled in now, by name.
    pub filled: BTreeMap<String, String>,
    /// The address that would be opened, where it could be.
    pub opens: Option<String>,
    /// Why it cannot be opened, beside what is missing.
    pub refused: Option<String>,
    /// How often it was opened in the last 30 days.
    pub count: u64,
    /// When it was opened last. UTC, RFC 3339.
    pub opened_at: Option<String>,
    /// UTC, RFC 3339.
    pub added_at: String,
}

/// Names a link.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct SavedLinkArgument {
    /// Its id, or its title.
    pub link: String,
}

/// A new link.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct NewLink {
    /// What it is called.
    pub title: String,
    /// Where it leads.
    pub address: String,
    /// The group that it is listed in.
    #[serde(default)]
    #[ts(optional)]
    pub group: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether it is found first.
    #[serde(default)]
    pub pinned: bool,
}

/// What of a link is to be changed. What is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct EditLink {
    /// Its id, or its title.
    pub link: String,
    /// What it is to be called.
    #[serde(default)]
    #[ts(optional)]
    pub title: Option<String>,
    /// Where it is to lead.
    #[serde(default)]
    #[ts(optional)]
    pub address: Option<String>,
    /// Another group; an empty one takes it out of its own.
    #[serde(default)]
    #[ts(optional)]
    pub group: Option<String>,
    /// All its tags.
    #[serde(default)]
    #[ts(optional)]
    pub tags: Option<Vec<String>>,
    /// Whether it is found first.
    #[serde(default)]
    #[ts(optional)]
    pub pinned: Option<bool>,
}

/// Opens links, one or several at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct OpenLinks {
    /// Their ids, or titles; at most 30.
    pub links: Vec<String>,
    /// Values for parameters, by name.
    pub values: BTreeMap<String, String>,
    /// The run that they are opened from: its values fill what `values` leaves open, and it records them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<String>,
    /// The item that they are opened for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub item: Option<String>,
}

/// Opens a link that a runbook names.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct OpenRunbookLink {
    /// Absolute path of the runbook.
    pub path: String,
    /// The address as the runbook writes it.
    pub address: String,
    /// Values for its variables, by name.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// The run that it is opened from: its values come before those that the runbook gives, and it records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<String>,
}

/// A link that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenedLink {
    /// What it is called.
    pub title: String,
    /// The address that was opened.
    pub address: String,
    /// Whether a run recorded it.
    pub recorded: bool,
}

/// A file of links: the browsers' bookmarks (HTML) or a table (CSV).
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct ImportLinks {
    /// The file's absolute path.
    pub path: String,
    /// What the plan called the file's text: it is taken in only while it is still that.
    #[serde(default)]
    #[ts(optional)]
    pub seen: Option<String>,
}

/// What would come of a file of links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinksPlan {
    /// What the file's text is called.
    pub seen: String,
    /// Each link of it, in order.
    pub rows: Vec<LinkImportRow>,
}

/// A link that would come from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkImportRow {
    /// What it would be called.
    pub title: String,
    /// Where it leads.
    pub address: String,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// Sorted.
    pub tags: Vec<String>,
    /// Whether it is found first.
    pub pinned: bool,
    /// Why it would be left out, if it would.
    pub left: Option<String>,
}

/// Writes all links to a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExportLinks {
    /// The file; must not exist yet. One that ends in `.csv` becomes a table, any other the browsers' file.
    pub path: String,
    /// A table, whatever its name ends in.
    #[serde(default)]
    pub table: bool,
}

/// Whether a link answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkAnswer {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The address that was asked; none where nobody was.
    pub address: Option<String>,
    /// Whether it is there; none where nobody was asked.
    pub answers: Option<bool>,
    /// The status of HTTP.
    pub status: Option<u16>,
    /// In words.
    pub says: String,
}
