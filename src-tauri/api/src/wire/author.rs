//! Writing runbooks: the text, its drafts, its history and what makes new ones, as they cross to a face.
//!
//! Offsets into a text count UTF-16 units, as JavaScript counts them. A text holds every byte of its file: line ends
//! and a byte order mark are characters of it, and a byte `b` that is not UTF-8 stands as the character
//! U+10FF00 + `b`, one of U+10FF80 to U+10FFFF.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{RunbookView, Severity};

/// The text of a runbook, to be edited.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SourceView {
    /// Absolute path.
    pub path: String,
    /// Path within its library folder, or the file's name.
    pub relative: String,
    /// Which folder, if any.
    pub library: Option<i64>,
    /// Whether it may be run.
    pub trusted: bool,
    /// SHA-256 of the bytes on disk; none when there is no such file (any more), only a draft of it.
    pub revision: Option<String>,
    /// The file as it is on disk; empty when it is not there.
    pub text: String,
    /// What ends most of its lines: `\n` or `\r\n`.
    pub line_end: String,
    /// When the file was last changed; none when it is not there.
    pub modified: Option<String>,
    /// Why it cannot be saved here, if it cannot.
    pub read_only: Option<String>,
    /// What was typed and not saved.
    pub draft: Option<DraftView>,
    /// How many revisions are kept.
    pub revisions: u64,
}

/// Text that was typed and not saved.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// The revision it was begun from; none for a file that was not there.
    pub base: Option<String>,
    /// The text.
    pub text: String,
    /// When it was last kept.
    pub at: String,
    /// Whether the file on disk is no longer the revision it was begun from.
    pub file_changed: bool,
}

/// A draft in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftRow {
    /// Absolute path of the file.
    pub path: String,
    /// Its title, as typed.
    pub title: String,
    /// When it was last kept.
    pub at: String,
}

/// Keeps what was typed. It is on disk when this answers.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KeepDraft {
    /// Absolute path of the file.
    pub path: String,
    /// The revision it was begun from.
    pub base: Option<String>,
    /// The whole text.
    pub text: String,
}

/// A text as it is being written, to be looked at.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LookAt {
    /// Absolute path of the file it is or will be.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The environment whose variables are shown, if any.
    pub environment: Option<String>,
    /// Whether the page is asked for: of a text of a megabyte it is several.
    pub page: bool,
    /// Of a long text only what stands around this line is given as the page; none asks for all of it.
    pub around: Option<u64>,
}

/// What a text means.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Looked {
    /// SHA-256 of the text's bytes: as a file's revision would be.
    pub revision: String,
    /// Its title.
    pub title: String,
    /// Exactly what a runner would see; none when it was not asked for.
    pub view: Option<RunbookView>,
    /// The lines that the page shows, where that is not all of the text.
    pub shown: Option<ShownLines>,
    /// Its items, in order: what can be tried in place.
    pub items: Vec<ItemMark>,
    /// What the check finds, in the order of the text.
    pub problems: Vec<TextProblem>,
    /// Headings and steps, in order, for the outline and for folding.
    pub outline: Vec<OutlineEntry>,
    /// Where variables `{{name}}` stand.
    pub variables: Vec<VariableMark>,
    /// Guidance of a template.
    pub guidance: Vec<GuidanceMark>,
    /// The environments of its library's file.
    pub environments: Vec<EnvironmentView>,
}

/// Lines of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShownLines {
    /// The first, from 1.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// How many the text has.
    pub all: u64,
}

/// A problem with its place in the text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TextProblem {
    /// A code of FORMAT.md's table.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// One sentence that says what to do.
    pub message: String,
    /// Line, from 1.
    pub line: u64,
    /// First unit.
    pub from: u64,
    /// One past the last.
    pub to: u64,
    /// The ways to mend it, the likeliest first.
    pub fixes: Vec<FixView>,
}

/// A way to mend a problem.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FixView {
    /// As a button says it.
    pub title: String,
    /// The changes, in order.
    pub edits: Vec<TextEdit>,
}

/// A change of one span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextEdit {
    /// First unit.
    pub from: u64,
    /// One past the last.
    pub to: u64,
    /// What comes in its place.
    pub text: String,
}

/// A heading or a step in the outline.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OutlineEntry {
    /// Plain text.
    pub title: String,
    /// The number that the document gives it.
    pub number: Option<String>,
    /// Which phase.
    pub phase: super::Phase,
    /// Level of the heading; 0 for a step that no heading opens.
    pub level: u8,
    /// The id of the step, if it is one.
    pub step: Option<String>,
    /// Line, from 1.
    pub line: u64,
    /// First unit.
    pub from: u64,
    /// One past the last unit of all that belongs to it.
    pub to: u64,
}

/// An item in the text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ItemMark {
    /// Its id.
    pub id: String,
    /// What kind.
    pub kind: super::ItemKind,
    /// To be sent back to try it: what was on screen.
    pub hash: String,
    /// Why it cannot be run, if a guard cannot be honoured.
    pub refused: Option<String>,
    /// Line, from 1.
    pub line: u64,
    /// First unit of its fence or list entry.
    pub from: u64,
    /// One past the last.
    pub to: u64,
}

/// A variable in the text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct VariableMark {
    /// Its name.
    pub name: String,
    /// Its value, if it has one here.
    pub value: Option<String>,
    /// First unit.
    pub from: u64,
    /// One past the last.
    pub to: u64,
}

/// Guidance of a template, which the page does not show.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GuidanceMark {
    /// What it says.
    pub text: String,
    /// Takes it out, with its line.
    pub remove: TextEdit,
    /// Whether something was written there, so that it may go.
    pub answered: bool,
    /// First unit.
    pub from: u64,
    /// One past the last.
    pub to: u64,
}

/// An environment of a library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct EnvironmentView {
    /// As a person chooses it.
    pub name: String,
    /// `production`, `staging`, `development`, or none.
    pub kind: Option<String>,
    /// A run asks to type its name.
    pub guard: bool,
}

/// Saves a text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveText {
    /// Absolute path.
    pub path: String,
    /// The revision that the text was made from; none for a file that must not exist yet.
    pub base: Option<String>,
    /// The whole text.
    pub text: String,
    /// What changed, for the history.
    pub message: Option<String>,
}

/// What came of saving.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Saved {
    /// The file holds the text.
    Saved {
        /// SHA-256 of its bytes.
        revision: String,
        /// Its number in the history.
        number: u64,
        /// When.
        at: String,
        /// What was saved but not all right, in a sentence: the history could not be kept, for example.
        notice: Option<String>,
    },
    /// The file was changed meanwhile: nothing was written.
    Changed {
        /// SHA-256 of the bytes on disk now; none when the file is gone.
        revision: Option<String>,
        /// What is on disk now.
        theirs: String,
        /// Both changes in one text; none where they touch, or where the base is not known.
        merged: Option<String>,
        /// How many places both changed.
        conflicts: u64,
    },
}

/// A kept revision of a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RevisionRow {
    /// SHA-256 of its bytes.
    pub revision: String,
    /// From 1, per file; 0 for a commit that this program never saw on disk.
    pub number: u64,
    /// When it was saved or seen.
    pub at: String,
    /// `here`, `outside` or `git`.
    pub origin: String,
    /// Who, if known.
    pub actor: Option<String>,
    /// What was said of it.
    pub message: Option<String>,
    /// What changed against the one before, in a few words: `2 steps changed`.
    pub summary: String,
    /// Bytes.
    pub size: u64,
    /// Runs of it.
    pub runs: u64,
    /// Those that failed.
    pub failed: u64,
}

/// A page of the history of a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryQuery {
    /// Absolute path.
    pub path: String,
    /// Skips so many.
    pub offset: u64,
    /// At most so many, 200 at most.
    pub limit: u64,
}

/// The history of a file, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryPage {
    /// The rows.
    pub rows: Vec<RevisionRow>,
    /// How many there are in all.
    pub total: u64,
}

/// Two texts to hold beside each other.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompareTexts {
    /// Absolute path.
    pub path: String,
    /// The older revision.
    pub from: String,
    /// The newer revision; none for `text`.
    pub to: Option<String>,
    /// The text being written, where there is no `to`.
    pub text: Option<String>,
}

/// What differs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Comparison {
    /// Lines, with three of context around each change.
    pub lines: Vec<DiffLine>,
    /// Lines that came.
    pub added: u64,
    /// Lines that went.
    pub removed: u64,
    /// The changes that turn the newer text into the older one: restoring.
    pub restore: Vec<TextEdit>,
}

/// A line of a comparison.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DiffLine {
    /// `same`, `added`, `removed`, or `gap` for lines left out.
    pub kind: DiffKind,
    /// Line in the older text, from 1.
    pub old: Option<u64>,
    /// Line in the newer text, from 1.
    pub new: Option<u64>,
    /// The line in pieces; a piece is marked where the words differ.
    pub parts: Vec<DiffPart>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they say it")]
pub enum DiffKind {
    Same,
    Added,
    Removed,
    Gap,
}

/// A piece of a line.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DiffPart {
    /// The text.
    pub text: String,
    /// Whether these words differ.
    pub changed: bool,
}

/// Where a file stands in its git repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GitState {
    /// The repository's folder.
    pub root: String,
    /// The branch, or the commit's short name where the head is detached.
    pub branch: String,
    /// `clean`, `modified`, `staged`, `untracked`, `ignored` or `conflict`.
    pub state: String,
    /// Commits that the branch has and its upstream has not; none without an upstream.
    pub ahead: Option<u64>,
    /// Commits that the upstream has and the branch has not.
    pub behind: Option<u64>,
}

/// Commits files.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct GitCommit {
    /// Absolute paths, in one repository.
    pub paths: Vec<String>,
    /// The message.
    pub message: String,
}

/// Tries one block in a scratch run that is not kept among the runs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TryBlock {
    /// Absolute path of the file.
    pub path: String,
    /// The text as it is being written.
    pub text: String,
    /// The id of the item in that text.
    pub item: String,
    /// Its hash, as [`Looked`] gave it.
    pub hash: String,
    /// Values of parameters and placeholders.
    pub values: std::collections::BTreeMap<String, String>,
    /// The environment, if any.
    pub environment: Option<String>,
    /// What was typed to answer the guard of that environment.
    #[serde(default)]
    #[ts(optional)]
    pub environment_typed: Option<String>,
    /// The answer to the block's `confirm`: the text that was typed, or anything where a yes is enough.
    #[serde(default)]
    #[ts(optional)]
    pub confirmed: Option<String>,
}

/// An image to be kept beside a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KeepImage {
    /// Absolute path of the Markdown file.
    pub path: String,
    /// The name that it came with; empty for one from the clipboard.
    pub name: String,
    /// Its bytes in base64; PNG, JPEG, GIF, WebP or SVG, 10 MiB at most.
    pub data: String,
}

/// An image that was kept.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct KeptImage {
    /// As a link from the file: `images/disk.png`.
    pub link: String,
}

/// An image of a runbook, to be shown.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReadImage {
    /// Absolute path of the Markdown file.
    pub path: String,
    /// The address in it.
    pub link: String,
}

/// An image's bytes.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImageData {
    /// A `data:` address.
    pub url: String,
}

/// What can be written where the caret stands.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Vocabulary {
    /// Keys of the front matter.
    pub keys: Vec<Word>,
    /// Attributes of a fence.
    pub attributes: Vec<Word>,
    /// Languages of a fence that run.
    pub languages: Vec<Word>,
    /// Headings that open a phase.
    pub headings: Vec<Word>,
    /// Variables that are declared here.
    pub variables: Vec<Word>,
    /// Access entries, by name.
    pub access: Vec<Word>,
    /// Groups of access entries, by name, with their members.
    pub groups: Vec<Word>,
    /// Owners, tags and severities in use in the library.
    pub owners: Vec<String>,
    /// Tags in use.
    pub tags: Vec<String>,
    /// Severities in use.
    pub severities: Vec<String>,
    /// Environments.
    pub environments: Vec<EnvironmentView>,
    /// Markdown files and images of the library, as links from this file, at most 5,000.
    pub files: Vec<Word>,
    /// What `/` inserts.
    pub snippets: Vec<Snippet>,
}

/// A word to choose.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Word {
    /// What is written.
    pub word: String,
    /// What it means, in a few words.
    pub hint: String,
    /// Its possible values, where they are few.
    pub values: Vec<String>,
}

/// A piece of text to insert.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Snippet {
    /// What is typed after `/`.
    pub name: String,
    /// As the menu says it.
    pub title: String,
    /// What it is for.
    pub hint: String,
    /// The text; `${name}` are fields to fill, `${}` is where the caret ends.
    pub text: String,
}

/// A template for a new runbook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TemplateView {
    /// Names it in other calls.
    pub name: String,
    /// As a person reads it.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// `incident`, `routine`, or none.
    pub kind: Option<String>,
}

/// What a new runbook is made from.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum MakeFrom {
    /// A template.
    Template {
        /// Its name.
        name: String,
    },
    /// What was copied from a terminal.
    Session {
        /// The text.
        text: String,
    },
    /// What was copied from a page.
    Page {
        /// HTML.
        html: String,
    },
}

/// Asks for the text of a new runbook; nothing is written.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MakeText {
    /// What from.
    pub source: MakeFrom,
    /// Its title; empty leaves the template's or takes what the text says.
    pub title: String,
    /// Who keeps it; none, or an empty one, leaves what the text says.
    #[serde(default)]
    #[ts(optional)]
    pub owner: Option<String>,
}

/// The text of a new runbook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MadeText {
    /// The text.
    pub text: String,
    /// Its title.
    pub title: String,
    /// A file name that fits it: `disk-almost-full.md`.
    pub file_name: String,
}

/// Makes a new file with this text, never over another.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NewRunbook {
    /// Which folder of the library.
    pub library: i64,
    /// Path within it, with `/`.
    pub relative: String,
    /// The text.
    pub text: String,
}
