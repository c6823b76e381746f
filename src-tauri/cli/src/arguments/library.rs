//! Arguments of what concerns the library: its folders and its list.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

/// What to do with the library.
#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Add a folder; its runbooks are listed at once, nothing in it is run
    #[command(after_help = "Example:
  allgood library add ~/runbooks")]
    Add(LibraryAdd),
    /// List the folders
    #[command(after_help = "Examples:
  allgood library list
  allgood library list --json")]
    List(LibraryList),
    /// Take a folder off the list; its files and the records of its runs stay
    #[command(after_help = "Example:
  allgood library remove ~/runbooks")]
    Remove(LibraryPath),
    /// Add the shipped examples, which run and clean up after themselves; their folder is trusted
    #[command(after_help = "Example:
  allgood library examples                   then: allgood list

Files of that folder that were edited stay as they are.")]
    Examples,
    /// Allow the runbooks of a folder to be run, after showing what is in it
    #[command(after_help = "Example:
  allgood library trust ~/runbooks

A person answers this in a terminal: without one it ends with status 4 and trusts nothing.")]
    Trust(LibraryPath),
    /// Clone a git repository into a new folder and add that; nothing in it is run
    #[command(after_help = "Examples:
  allgood library clone https://example.org/team/runbooks.git
  allgood library clone git@example.org:team/runbooks.git ~/runbooks    then: allgood library trust ~/runbooks

The system's git does it, with its own credential helpers and the ssh agent; nothing is ever asked.")]
    Clone(LibraryClone),
    /// Show how folders stand in git: what is not committed, what is ahead, what was fetched and not taken in
    #[command(after_help = "Examples:
  allgood library status
  allgood library status ~/runbooks --fetch

Nothing is fetched without --fetch. Of folders that are not trusted git is not asked.")]
    Status(LibraryStatus),
    /// Take in what others pushed; where both changed the same lines, you decide
    #[command(after_help = "Examples:
  allgood library pull
  allgood library pull ~/runbooks --conflicts theirs

What is not committed stays as it is and is never written over. Runbooks that both sides changed are joined line by line;
where that cannot be, each place is shown and asked for. Without a terminal it ends with status 4 then and changes nothing,
unless --conflicts says what to take.")]
    Pull(LibraryPull),
    /// Commit files, or all that changed in a folder
    #[command(after_help = "Examples:
  allgood library commit ~/runbooks
  allgood library commit ~/runbooks/disk.md ~/runbooks/img/disk.png -m \"Say where the logs are\"

Without -m the message says what changed; in a terminal it can be edited. The hooks of the repository run.")]
    Commit(LibraryCommit),
    /// Push what is committed
    #[command(after_help = "Example:
  allgood library push ~/runbooks

Nothing that others pushed is written over: it says to pull first. The hooks of the repository run.")]
    Push(LibraryOne),
    /// Show or choose whether records of runs are shared with the team, in a branch of the repository
    #[command(after_help = "Examples:
  allgood library records ~/runbooks
  allgood library records ~/runbooks --share named      take in those of others; share with: allgood share RUN
  allgood library records ~/runbooks --share finished   share each run that finishes, too
  allgood library records ~/runbooks --share off

A person allows it in a terminal: without one it ends with status 4 and changes nothing. What was shared stays shared.")]
    Records(LibraryRecords),
}

/// Arguments of `library records`.
#[derive(Debug, Args)]
pub(crate) struct LibraryRecords {
    /// The folder; the only one in git unless said
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: Option<PathBuf>,
    /// What is shared from now on
    #[arg(long, value_name = "off|named|finished", value_enum, conflicts_with = "json")]
    pub(crate) share: Option<ShareWhat>,
    /// Print one JSON object: {mode, upstream, address, shared, taken, due, refused}
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which runs are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShareWhat {
    /// None, and none of others are taken in
    Off,
    /// Those that you name; those of others are taken in by a pull
    Named,
    /// Each that finishes; those of others are taken in by a pull
    Finished,
}

/// Arguments of `share`.
#[derive(Debug, Args)]
pub(crate) struct ShareArguments {
    /// Ids of runs, or beginnings of ids that no other run has; all of one folder of the library
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<String>,
}

/// Arguments of `library clone`.
#[derive(Debug, Args)]
pub(crate) struct LibraryClone {
    /// The address: https, ssh, user@host:path, file, or a path
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// The new folder; named after the repository unless said
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) folder: Option<PathBuf>,
}

/// Arguments of `library status`.
#[derive(Debug, Args)]
pub(crate) struct LibraryStatus {
    /// The folder; all in git unless said
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: Option<PathBuf>,
    /// Ask the remote first
    #[arg(long)]
    pub(crate) fetch: bool,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `library pull`.
#[derive(Debug, Args)]
pub(crate) struct LibraryPull {
    /// The folder; the only one in git unless said
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: Option<PathBuf>,
    /// What to take where both sides changed the same lines
    #[arg(long, value_name = "mine|theirs|both", value_enum)]
    pub(crate) conflicts: Option<TakeSide>,
}

/// Whose lines are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TakeSide {
    /// Those that are here
    Mine,
    /// Those that others pushed
    Theirs,
    /// Those that are here, then the others
    Both,
}

/// Arguments of `library commit`.
#[derive(Debug, Args)]
pub(crate) struct LibraryCommit {
    /// Files, or a folder for all that changed in it
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// The message
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
}

/// A folder of the library, where there is more than one.
#[derive(Debug, Args)]
pub(crate) struct LibraryOne {
    /// The folder; the only one in git unless said
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: Option<PathBuf>,
}

/// Arguments of `library add`.
#[derive(Debug, Args)]
pub(crate) struct LibraryAdd {
    /// The folder
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
}

/// Arguments of `library list`.
#[derive(Debug, Args)]
pub(crate) struct LibraryList {
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// A folder of the library.
#[derive(Debug, Args)]
pub(crate) struct LibraryPath {
    /// The folder, as it was added
    #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only of this kind
    #[arg(long, value_name = "KIND", value_parser = ["incident", "routine", "none"])]
    pub(crate) kind: Option<String>,
    /// Only with this tag
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Only of this owner, as it is written
    #[arg(long, value_name = "OWNER")]
    pub(crate) owner: Option<String>,
    /// Only of this severity, as it is written
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) severity: Option<String>,
    /// Only those whose review is `overdue`, or due within so many days
    #[arg(long, value_name = "overdue|DAYS")]
    pub(crate) review: Option<String>,
    /// Only those with a problem of this code, or with `errors` or `warnings`
    #[arg(long, value_name = "CODE")]
    pub(crate) problem: Option<String>,
    /// Only what lies in this folder within the library
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<String>,
    /// Only those that are pinned
    #[arg(long)]
    pub(crate) pinned: bool,
    /// In which order
    #[arg(long, value_enum, default_value_t = SortBy::Path)]
    pub(crate) sort: SortBy,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortBy {
    /// By path
    Path,
    /// By title
    Title,
    /// Incidents, routines, then the others; in each the last run first
    Kind,
    /// The last run first
    LastRun,
    /// The review that is due first
    Review,
    /// What was opened last first
    Opened,
}

/// Arguments of `open`.
#[derive(Debug, Args)]
pub(crate) struct OpenArguments {
    /// The address: allgood://open/RUNBOOK?NAME=VALUE&…
    pub(crate) address: String,
    /// Print one JSON object: {asked, runbooks: [{path, title, relative, values, left_out}]}
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// The runbook
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
