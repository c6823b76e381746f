//! What crosses between the engine and a face. TypeScript types are generated from here.
//!
//! Times are UTC, RFC 3339 with milliseconds; durations are milliseconds; sizes are bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod access;
mod acting;
mod author;
mod connecting;
mod exchange;
mod handing;
mod incident;
mod learning;
mod linked;
mod links;
mod list;
mod outside;
mod palette;
mod preparing;
mod record;
mod recorded;
mod runs;
mod schedules;
mod secrets;
mod team;

pub use access::*;
pub use acting::*;
pub use author::*;
pub use connecting::*;
pub use exchange::*;
pub use handing::*;
pub use incident::*;
pub use learning::*;
pub use linked::*;
pub use links::*;
pub use list::*;
pub use outside::*;
pub use palette::*;
pub use preparing::*;
pub use record::*;
pub use recorded::*;
pub use runs::*;
pub use schedules::*;
pub use secrets::*;
pub use team::*;

/// The state of the whole program, for the frame around every screen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AppState {
    /// Of this program.
    pub version: String,
    /// Where the store is.
    pub data: String,
    /// `user@host`, as it stands in records.
    pub actor: String,
    /// Nothing has ever been added: the first start.
    pub first_start: bool,
    /// Whether the shipped examples can be added from here.
    pub examples_offered: bool,
    /// How many runbooks the library holds.
    pub runbooks: u64,
    /// How many runs are recorded.
    pub runs: u64,
    /// How many access entries there are.
    pub entries: u64,
    /// How many links are kept.
    pub links: u64,
    /// How many schedules there are.
    pub schedules: u64,
    /// The one of them whose time comes next.
    pub next_up: Option<NextUp>,
    /// Runs under way, paused or interrupted, newest first.
    pub open_runs: Vec<RunSummary>,
    /// Something the person should know about the store at this start (a damaged store set aside, for example).
    pub notice: Option<String>,
}

/// A folder of the library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LibraryFolder {
    /// Names it in other calls.
    pub id: i64,
    /// Its absolute path.
    pub path: String,
    /// The last part of the path.
    pub name: String,
    /// Whether its runbooks may be run.
    pub trusted: bool,
    /// How many runbooks were found in it.
    pub runbooks: u64,
    /// Why it cannot be read, if it cannot.
    pub problem: Option<String>,
    /// The number of the reading that is under way, or comes next: `runbooks` is what was known before it, and
    /// [`News::Read`] tells when it is over. None when nothing is left to be read.
    pub reading: Option<u64>,
    /// Why changes outside are seen late, if they are; it can be read and used as any other.
    pub late: Option<String>,
    /// Where it stands in git, as far as it is known by now: of a trusted folder in a repository.
    pub git: Option<GitState>,
}

/// What a person sees before trusting a folder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Survey {
    /// The folder.
    pub folder: LibraryFolder,
    /// How many commands its runbooks hold.
    pub commands: u64,
    /// The first words of commands and how often each stands there, most frequent first, at most 20.
    pub programs: Vec<(String, u64)>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "FORMAT.md, \"The completeness check\"")]
pub enum Severity {
    Hint,
    Warning,
    Error,
}

/// A problem of a runbook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Problem {
    /// A code of FORMAT.md's table.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// Line, from 1.
    pub line: u64,
    /// One sentence.
    pub message: String,
}

/// A runbook in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunbookRow {
    /// Absolute path; names it in other calls.
    pub path: String,
    /// Path within its library folder.
    pub relative: String,
    /// Which folder.
    pub library: i64,
    /// Its title.
    pub title: String,
    /// `incident`, `routine`, or none.
    pub kind: Option<String>,
    /// As written.
    pub severity: Option<String>,
    /// As written.
    pub owner: Option<String>,
    /// As written.
    pub tags: Vec<String>,
    /// Steps on the path.
    pub steps: u64,
    /// Whether its folder is trusted.
    pub trusted: bool,
    /// Errors and warnings of the check.
    pub errors: u64,
    /// Errors and warnings of the check.
    pub warnings: u64,
    /// When its review is due, a date.
    pub review_due: Option<String>,
    /// Days until then; negative when it is over.
    pub review_days: Option<i64>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether something was typed in it and not saved.
    pub draft: bool,
    /// It changes something and says no way back.
    pub no_rollback: bool,
    /// How often it is done, for a routine: `nightly`, as its tags or schedule say it.
    pub cadence: Option<String>,
    /// `modified`, `untracked`, … as [`GitState`] says it; none where it is clean, not in git, or not
    /// looked at yet.
    pub git: Option<String>,
    /// The file cannot be read: why.
    pub problem: Option<String>,
    /// Its last runs, newest first, at most four.
    pub last_runs: Vec<RunSummary>,
    /// How its last runs ended; none where none finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outcomes: Option<Outcomes>,
    /// With a search: where it was found, with `\u{2}` before and `\u{3}` after each hit.
    pub snippet: Option<String>,
}

/// A runbook to read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunbookView {
    /// Absolute path.
    pub path: String,
    /// Path within its library folder, or the file's name.
    pub relative: String,
    /// Which folder, if any.
    pub library: Option<i64>,
    /// Whether it may be run.
    pub trusted: bool,
    /// SHA-256 of its bytes.
    pub revision: String,
    /// Its title.
    pub title: String,
    /// `incident`, `routine`, or none.
    pub kind: Option<String>,
    /// As written in the front matter.
    pub severity: Option<String>,
    /// What it is for.
    pub summary: Option<String>,
    /// What success looks like.
    pub outcome: Option<String>,
    /// Who keeps it.
    pub owner: Option<String>,
    /// As written.
    pub tags: Vec<String>,
    /// When it was last reviewed, as written.
    pub reviewed: Option<String>,
    /// Why none of it can be run, if its front matter cannot be honoured.
    pub refused: Option<String>,
    /// What to ask at the start.
    pub params: Vec<ParamView>,
    /// The environments of its library's file.
    pub environments: Vec<EnvironmentView>,
    /// Its sections in the document's order.
    pub sections: Vec<SectionView>,
    /// Its items by id.
    pub items: BTreeMap<String, ItemView>,
    /// The links of the front matter and the text, each address once, in order.
    pub links: Vec<LinkView>,
    /// What the check finds.
    pub problems: Vec<Problem>,
    /// Its last runs, newest first, at most four.
    pub last_runs: Vec<RunSummary>,
    /// How many runs of it are recorded.
    pub runs: u64,
    /// What its last runs teach; left out of the page of a run, which has its own, and of a text being written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub usual: Option<Usual>,
}

/// A value asked for when a run starts.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ParamView {
    /// The variable's name.
    pub name: String,
    /// What to ask.
    pub prompt: Option<String>,
    /// Used when nothing is given.
    pub default: Option<String>,
    /// The only values allowed, when there are any.
    pub choices: Vec<String>,
    /// A regular expression (Rust's `regex` syntax) that the whole value must match.
    pub pattern: Option<String>,
    /// Whether a run may start without it.
    pub required: bool,
    /// Whether its value is kept out of every record.
    pub secret: bool,
}

/// A section: heading, prose and steps.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SectionView {
    /// `reference`, `preconditions`, `diagnosis`, `steps`, `validation` or `rollback`.
    pub phase: Phase,
    /// The heading as sanitised HTML; empty before the first heading.
    pub heading: String,
    /// Level of the heading, 0 before the first.
    pub level: u8,
    /// Line of the heading, from 1.
    pub line: u64,
    /// What stands before the first step.
    pub intro: Vec<Part>,
    /// The steps.
    pub steps: Vec<StepView>,
    /// What stands after the last step.
    pub outro: Vec<Part>,
}

/// The part of a runbook that a section belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "FORMAT.md, \"Phases and steps\"")]
pub enum Phase {
    Reference,
    Preconditions,
    Diagnosis,
    Steps,
    Validation,
    Rollback,
}

/// A step to read and do.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StepView {
    /// Its id.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// The number that the document gives it, if any.
    pub number: Option<String>,
    /// Line, from 1.
    pub line: u64,
    /// Whether it holds an undo.
    pub can_undo: bool,
    /// A point of no return (`undo=none`).
    pub no_return: bool,
    /// Advice for when it fails, as sanitised HTML.
    pub if_it_fails: Option<String>,
    /// Prose and items in order.
    pub body: Vec<Part>,
    /// Ids of its items in order.
    pub items: Vec<String>,
}

/// A piece of a page.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "part", content = "value")]
pub enum Part {
    /// Sanitised HTML. Remote images carry `data-src` instead of `src`.
    Html(String),
    /// The item of that id stands here.
    Item(String),
}

/// What kind of thing an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "PRODUCT.md, \"The words we use\"")]
pub enum ItemKind {
    Check,
    Probe,
    Command,
    Undo,
    Message,
}

/// An item as the runbook has it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ItemView {
    /// Its id.
    pub id: String,
    /// The id of its step.
    pub step: String,
    /// What kind.
    pub kind: ItemKind,
    /// Line, from 1.
    pub line: u64,
    /// To be sent back with a start: what was on screen.
    pub hash: String,
    /// Whether it is part of the path.
    pub on_path: bool,
    /// A check's or message's text, plain.
    pub text: String,
    /// Whom a message is for, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub to: Option<String>,
    /// The fence's language.
    pub language: String,
    /// Where it runs, if not on this machine: `web1`, `docker:web`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub on: Option<String>,
    /// What would run, placeholders unfilled.
    pub script: String,
    /// Expectations in words, as written: `expect /promoted/`.
    pub expects: Vec<String>,
    /// Ends after this.
    pub timeout_ms: Option<u64>,
    /// A probe's period.
    pub every_ms: Option<u64>,
    /// A probe's patience.
    pub within_ms: Option<u64>,
    /// Its failure does not fail the run.
    pub optional: bool,
    /// Taken for a command though the fence has no language.
    pub guessed: bool,
    /// Why it cannot be run, if a guard cannot be honoured.
    pub refused: Option<String>,
    /// Names of placeholders, in its script and in the lines for its session.
    pub placeholders: Vec<String>,
    /// Doubts as they stand.
    pub doubts: Vec<String>,
    /// Variables that it uses and that neither it, the runbook nor the environment sets.
    pub variables: Vec<String>,
    /// It asks before it is started.
    pub confirm: bool,
    /// It asks to type this text.
    pub confirm_text: Option<String>,
    /// Further attempts after a failure.
    pub retry: u64,
    /// The variable that its output becomes.
    pub capture: Option<String>,
    /// The path goes on while it runs; it ends with the run.
    pub background: bool,
    /// Somebody can type into it.
    pub interactive: bool,
    /// Rows of its terminal, where the runbook says how many.
    pub terminal_rows: Option<u16>,
    /// Lines for the session that it opens; sent by the person, one at a time.
    pub session_input: Vec<String>,
    /// Sample output of the document.
    pub sample: Option<String>,
    /// The runbook that a check stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub linked: Option<LinkedBookView>,
}

/// A link of a runbook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkView {
    /// Its text.
    pub text: String,
    /// Its address.
    pub url: String,
    /// Host, or file, for the right-hand side of a row.
    pub place: String,
    /// Whether it may be opened in the system's browser.
    pub opens: bool,
}

/// The light that the window is shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they say it")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// What a person has chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// The window's light.
    pub theme: Theme,
    /// Schemes of links that may be opened beside `https`, `http` and `mailto`.
    pub link_schemes: Vec<String>,
    /// For how many days the outputs of finished runs are kept, 1 to 36,500; for ever where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub keep_output_days: Option<u32>,
    /// How often an incident is told about where its runbook does not say.
    pub update_minutes: UpdateMinutes,
    /// The keys that call the palette from wherever a person is, such as `Ctrl+Alt+Space`; none are held where none are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub find_shortcut: Option<String>,
    /// Whether a person who looks elsewhere is called by a notification of the desktop.
    pub notifications: bool,
    /// A command that passed calls somebody only when it took at least so many seconds, 1 to 86,400.
    pub notify_after_s: u32,
    /// Hours of the day in which nobody is told of schedules, such as `22:00-07:00`; afterwards all of it is told at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quiet: Option<String>,
    /// Failures of scheduled runs are told in those hours too.
    pub quiet_failures: bool,
    /// Whether the program stays in the tray when its window is closed, where there is a tray.
    pub stay: Stay,
    /// How often the remotes of trusted folders are asked what is new while the window is open, in minutes, 1 to 1440; 0 for
    /// never.
    pub fetch_minutes: u32,
}

/// When the program stays in the tray after its window is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stay {
    /// While there is a schedule that is not paused.
    #[default]
    Schedules,
    /// Always.
    Always,
    /// Never: closing the window ends the program.
    Never,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            link_schemes: Vec::new(),
            keep_output_days: None,
            find_shortcut: None,
            update_minutes: UpdateMinutes::default(),
            notifications: true,
            notify_after_s: 30,
            quiet: None,
            quiet_failures: false,
            stay: Stay::default(),
            fetch_minutes: 15,
        }
    }
}
