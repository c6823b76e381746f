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
