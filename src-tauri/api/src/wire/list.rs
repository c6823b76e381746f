//! The library as a list, and what is done with its files, as they cross to a face.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{FormatReport, RunbookRow};

/// What to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ListQuery {
    /// Words to search for; empty lists everything.
    pub words: String,
    /// Only this folder of the library.
    pub library: Option<i64>,
    /// Only what lies in this folder within the library, with `/`.
    pub folder: Option<String>,
    /// `incident`, `routine`, or `none`.
    pub kind: Option<String>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only of this owner.
    pub owner: Option<String>,
    /// Only of this severity.
    pub severity: Option<String>,
    /// Only those whose review is `overdue`, or due within `7`, `30`, `90` days.
    pub review: Option<String>,
    /// Only with problems: a code of FORMAT.md's table, or `errors`, `warnings`.
    pub problem: Option<String>,
    /// Only the pinned.
    pub pinned: bool,
    /// In which order.
    pub sort: ListSort,
    /// The other way round.
    pub descending: bool,
    /// Skips so many.
    pub offset: u64,
    /// At most so many, 500 at most.
    pub limit: u64,
    /// With words: what there is at once, for somebody who types. [`ListPage::cut`] says whether to ask again without.
    pub quick: bool,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ListSort {
    /// With words the best first, else by kind and last run.
    #[default]
    Best,
    /// By title.
    Title,
    /// By path.
    Path,
    /// By last run.
    LastRun,
    /// By when the review is due.
    Review,
    /// By when it was last opened.
    Opened,
}

/// A page of the list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ListPage {
    /// The rows.
    pub rows: Vec<RunbookRow>,
    /// How many there are in all.
    pub total: u64,
    /// How many there would be without any filter and words.
    pub all: u64,
    /// Counts of what else could be chosen.
    pub facets: Facets,
    /// Words that were taken for others that are spelt nearly so: as typed, and what was searched for instead.
    pub corrected: Vec<(String, Vec<String>)>,
    /// Something was left out to answer at once: hits may be missing, and not all are counted.
    pub cut: bool,
}

/// Counts under the filters that are set, each without its own; most frequent first, at most 100 of each.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct Facets {
    /// Kinds.
    pub kinds: Vec<FacetValue>,
    /// Tags.
    pub tags: Vec<FacetValue>,
    /// Owners.
    pub owners: Vec<FacetValue>,
    /// Severities.
    pub severities: Vec<FacetValue>,
    /// `overdue`, `7`, `30`, `90`.
    pub review: Vec<FacetValue>,
    /// Codes of problems, and `errors`, `warnings`.
    pub problems: Vec<FacetValue>,
    /// Folders within the libraries, two levels.
    pub folders: Vec<FacetValue>,
    /// How many are pinned.
    pub pinned: u64,
}

/// A value and how often it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// How often.
    pub count: u64,
}

/// Pins a runbook, or takes the pin away.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PinArgument {
    /// Absolute path.
    pub path: String,
    /// Whether it is pinned from now on.
    pub pinned: bool,
}

/// A link in a runbook's text that leads to another runbook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FollowLink {
    /// Absolute path of the runbook that holds it.
    pub path: String,
    /// The address as it stands, or a wiki link in its brackets: `[[name#heading]]`.
    pub link: String,
}

/// Renames or moves a file or folder within its library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MoveArgument {
    /// Absolute path.
    pub path: String,
    /// Where to, within the same folder of the library, with `/`.
    pub to: String,
}

/// What moving would change, or has changed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MovePlan {
    /// Absolute path afterwards.
    pub path: String,
    /// Files whose links follow, as paths within the library, and how many links of each.
    pub links: Vec<FacetValue>,
    /// Why it cannot be done, if it cannot.
    pub refused: Option<String>,
}

/// A new folder in the library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderArgument {
    /// Which folder of the library.
    pub library: i64,
    /// Path within it, with `/`.
    pub relative: String,
}

/// Brings runbooks in from elsewhere. Nothing of them is run, and none of what is there is overwritten.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportArgument {
    /// Where from.
    pub source: ImportFrom,
    /// Which folder of the library they go into.
    pub library: i64,
    /// The folder within it, with `/`; empty for its top.
    pub folder: String,
}

/// Where runbooks come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum ImportFrom {
    /// A folder of this machine: its Markdown files and the images they show are copied.
    Folder {
        /// Absolute path.
        path: String,
    },
    /// One file: a runbook with the images it shows, or a CACAO playbook, which becomes a runbook.
    File {
        /// Absolute path.
        path: String,
    },
    /// A zip archive.
    Zip {
        /// Absolute path.
        path: String,
    },
    /// A git repository, cloned with the system's git.
    Git {
        /// The address.
        url: String,
    },
}

/// What an import would bring.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportPlan {
    /// Markdown files, as paths in the source; at most 1,000 are named.
    pub files: Vec<String>,
    /// How many Markdown files would come: not those that are there and the same.
    pub runbooks: u64,
    /// How many images and other files that they show would come.
    pub others: u64,
    /// What is already there and the same.
    pub same: Vec<String>,
    /// What is already there and different: it is put beside it under another name.
    pub renamed: Vec<(String, String)>,
    /// What is not taken, and why, a sentence each.
    pub refused: Vec<String>,
    /// Which of them are files of other formats, and what is otherwise here; at most 1,000.
    pub formats: Vec<FormatReport>,
}

/// What an import brought.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Imported {
    /// Files that were written, as paths within the library.
    pub written: Vec<String>,
    /// What was not taken, and why, a sentence each.
    pub refused: Vec<String>,
    /// Which of them were files of other formats, and what is otherwise here; at most 1,000.
    pub formats: Vec<FormatReport>,
}

/// Something that happened outside a run, for whoever shows the library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "news")]
pub enum News {
    /// Files of a folder of the library came, went or changed; absolute paths, empty when there are too many to name.
    Library {
        /// Which folder.
        library: i64,
        /// Which files.
        paths: Vec<String>,
    },
    /// A folder of the library has been read as a whole, or was taken off before it was; told whether or not anything
    /// in it was different.
    Read {
        /// Which folder.
        library: i64,
        /// The number of the reading; none when the folder was taken off, and no reading of it will ever be over.
        reading: Option<u64>,
    },
    /// Long work is under way.
    Work {
        /// Names this piece of work.
        id: u64,
        /// What, in a few words: `Reading runbooks`.
        title: String,
        /// So many are done.
        done: u64,
        /// Of so many; 0 when nobody knows.
        total: u64,
        /// It is over.
        over: bool,
    },
    /// What `access_secret_copy` or `access_code_copy` put on the clipboard is there no longer.
    Copied {
        /// The number of that copy.
        copy: u64,
        /// Something else was copied meanwhile, and was left alone.
        replaced: bool,
    },
    /// A person answered a call of a run: the page goes there.
    Show {
        /// Which run.
        run: String,
    },
    /// A person answered what was told of schedules: the page goes there.
    Schedules,
    /// The palette was called from elsewhere: the page opens it.
    Find,
    /// An address came from outside: the page asks for it.
    Outside,
}
