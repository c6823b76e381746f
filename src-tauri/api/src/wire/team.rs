//! A library in git: how it stands, what is taken in, joined, committed and handed on.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Makes a folder of the library out of a git repository.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CloneLibrary {
    /// `https://…`, `ssh://…`, `user@host:path`, `file://…` or a whole path.
    pub url: String,
    /// The whole path of the folder that is made. It is not there yet, or empty.
    pub folder: String,
}

/// How a folder of the library stands in git, as far as was fetched last.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamState {
    /// The folder's id.
    pub library: i64,
    /// Its path.
    pub path: String,
    /// The repository's folder.
    pub root: String,
    /// The branch; none where the head is on no branch.
    pub branch: Option<String>,
    /// What the branch follows, `origin/main`; none where it follows nothing.
    pub upstream: Option<String>,
    /// The address of the remote, without a password.
    pub remote: Option<String>,
    /// Commits that are here and not there.
    pub ahead: u64,
    /// Commits that are there and not here.
    pub behind: u64,
    /// When the remote last answered. UTC, RFC 3339.
    pub fetched_at: Option<String>,
    /// What is not committed of this folder, by path.
    pub changes: Vec<TeamFile>,
    /// What `behind` changes of this folder, by path, 1000 at most.
    pub incoming: Vec<TeamFile>,
    /// How many of those that come are runbooks that were run from here, or are pinned.
    pub used: u64,
    /// How records of runs are shared.
    pub records: TeamRecords,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TeamChange {
    /// It is new.
    Added,
    /// It is different.
    Changed,
    /// It is gone.
    Removed,
    /// A merge that was begun elsewhere left it in conflict.
    Conflict,
}

/// A file of a folder that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TeamFile {
    /// Within the folder of the library.
    pub path: String,
    /// The whole path.
    pub file: String,
    /// How.
    pub change: TeamChange,
    /// Of a runbook: its title.
    pub title: Option<String>,
    /// It was run from here, or is pinned.
    pub used: bool,
}

/// Commits files of a folder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamCommit {
    /// The folder.
    pub library: i64,
    /// Which files, within it: at least one.
    pub files: Vec<String>,
    /// The message; none for the one that is suggested.
    pub message: Option<String>,
    /// Who commits, where git does not know it: it is kept in the repository's configuration.
    pub author: Option<TeamAuthor>,
}

/// Who commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TeamAuthor {
    /// As in `Ada Lovelace`.
    pub name: String,
    /// As in `ada@example.org`.
    pub email: String,
}

/// What is asked before a commit.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamFiles {
    /// The folder.
    pub library: i64,
    /// Which files, within it.
    pub files: Vec<String>,
}

/// What a commit would say.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamSuggestion {
    /// The message.
    pub message: String,
    /// As whom; none where git does not know it.
    pub author: Option<TeamAuthor>,
}

/// What was committed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamCommitted {
    /// The commit's short name.
    pub commit: String,
    /// Its message.
    pub message: String,
    /// How many files.
    pub files: u64,
}

/// Takes in what is upstream.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamPull {
    /// The folder.
    pub library: i64,
    /// With decisions: what they were made on, as it was answered. Nothing is fetched then.
    pub between: Option<String>,
    /// What a person decided of the conflicts that were answered.
    pub decisions: Vec<Decision>,
}

/// What a person decided of one file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Decision {
    /// The file, as the conflict named it.
    pub path: String,
    /// What becomes of it.
    pub take: Decided,
}

/// What becomes of a file that both sides changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Decided {
    /// As it is here.
    Mine,
    /// As it is there.
    Theirs,
    /// Place by place, in their order.
    Places {
        /// One for each place.
        choices: Vec<PlaceChoice>,
    },
    /// This text.
    Text {
        /// The whole file.
        text: String,
    },
}

/// What becomes of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlaceChoice {
    /// The lines that are here.
    Mine,
    /// The lines that are there.
    Theirs,
    /// Those that are here, then those that are there.
    Both,
}

/// What came of a pull.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamPullDone {
    /// Of the files.
    pub files: TeamPulled,
    /// Of the records of others, where they are taken in here.
    pub records: Option<RecordsTaken>,
}

/// What came of taking in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum TeamPulled {
    /// Nothing was new.
    Current,
    /// It is here.
    Taken {
        /// How many commits came.
        commits: u64,
        /// What they changed of this folder, by path, 1000 at most.
        files: Vec<TeamFile>,
        /// Both sides had commits: one was made that holds both.
        joined: bool,
        /// The files that both sides changed, within the repository.
        both: Vec<String>,
    },
    /// Both sides changed the same places: nothing was changed until a person decides.
    Conflicts {
        /// What the decisions are made on.
        between: String,
        /// File by file.
        files: Vec<TeamConflict>,
    },
}

/// A file that both sides changed so that a person has to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TeamConflict {
    /// Within the repository.
    pub path: String,
    /// The whole path.
    pub file: String,
    /// Of a runbook: its title here.
    pub title: Option<String>,
    /// The text that both began with; none where it is no text or was not there.
    pub base: Option<String>,
    /// The text here; none where it is no text or is gone.
    pub mine: Option<String>,
    /// The text there; none where it is no text or is gone.
    pub theirs: Option<String>,
    /// It is not there any more here.
    pub removed_here: bool,
    /// It is not there any more there.
    pub removed_there: bool,
    /// Where it cannot be joined; none where the file can only be taken as a whole.
    pub places: Vec<TeamPlace>,
}

/// A place that both sides changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TeamPlace {
    /// Its first line in the text here, from 1.
    pub line: u64,
    /// What both began with.
    pub base: String,
    /// What is here.
    pub mine: String,
    /// What is there.
    pub theirs: String,
}

/// What was handed on.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamPushed {
    /// How many commits; none where the other side had them all.
    pub commits: u64,
    /// Where they are now: `origin/main`.
    pub upstream: String,
}

/// Whether records of runs are shared with whoever can read the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RecordsMode {
    /// None are taken in, and none leave this machine.
    #[default]
    Off,
    /// Those of others are taken in; of one's own those leave that a person names.
    Named,
    /// Those of others are taken in; each run that finishes is shared.
    Finished,
}

/// How records of runs are shared in a folder of the library.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamRecords {
    /// What a person chose.
    pub mode: RecordsMode,
    /// Where they are, or would be: `origin/allgood-records`; none where the repository has no remote.
    pub upstream: Option<String>,
    /// The address of that remote, without a password.
    pub address: Option<String>,
    /// How many runs were shared from here.
    pub shared: u64,
    /// How many runs of others are here.
    pub taken: u64,
    /// How many finished runs are to be shared and are not yet.
    pub due: u64,
    /// What others shared and is not taken in.
    pub refused: Vec<RefusedRecord>,
}

/// A record that is not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefusedRecord {
    /// The run that its name speaks of.
    pub run: String,
    /// Who put it there, as git says.
    pub who: Option<String>,
    /// Why, in one sentence.
    pub why: String,
}

/// Chooses how records of runs are shared in a folder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ChooseRecords {
    /// The folder.
    pub library: i64,
    /// How.
    pub mode: RecordsMode,
}

/// Shares runs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ShareRuns {
    /// Their ids, or beginnings of ids that no other run has: all of one folder of the library.
    pub runs: Vec<String>,
}

/// What was shared.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunsShared {
    /// The runs that were not in the records before, or not as far.
    pub runs: Vec<String>,
    /// How many were there already, whole.
    pub known: u64,
    /// Where they are now: `origin/allgood-records`.
    pub upstream: String,
}

/// What came of the records of others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecordsTaken {
    /// Runs that are new here.
    pub new: u64,
    /// Runs of which more came.
    pub longer: u64,
    /// What was refused now.
    pub refused: Vec<RefusedRecord>,
    /// Why they could not be looked at, if they could not.
    pub problem: Option<String>,
}

/// What was fetched of a runbook and not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpstreamChange {
    /// The folder.
    pub library: i64,
    /// How many commits change its file.
    pub commits: u64,
    /// Where they are: `origin/main`.
    pub upstream: String,
    /// When the remote last answered. UTC, RFC 3339.
    pub fetched_at: Option<String>,
}

/// Holds a file's change beside what was before.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TeamCompare {
    /// The folder.
    pub library: i64,
    /// The file, within it.
    pub path: String,
    /// What would come by a pull; else what is not committed.
    pub incoming: bool,
}
