//! Arguments of the commands around the text of a runbook: its history, its drafts, and trying a piece of it.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::parameter::parse_parameter;

/// Arguments of `history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    /// The runbook
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Print a JSON array of {revision, number, at, origin, actor, message, summary, size, runs, failed}
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The runbook
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The older revision: its number, or the beginning of its hash; without one, the revision before the newest
    #[arg(value_name = "REV")]
    pub(crate) from: Option<String>,
    /// The newer one; without it, the file as it is now
    #[arg(value_name = "REV")]
    pub(crate) to: Option<String>,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// The runbook
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The revision: its number, or the beginning of its hash
    #[arg(value_name = "REV")]
    pub(crate) revision: String,
    /// Show what would change, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Arguments of `drafts`.
#[derive(Debug, Args)]
pub(crate) struct DraftsArguments {
    /// Throw away what was typed into this file and not saved
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "json")]
    pub(crate) drop: Option<PathBuf>,
    /// Print a JSON array of {path, title, at}
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `try`.
#[derive(Debug, Args)]
pub(crate) struct TryArguments {
    /// The runbook
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The command, probe or undo, by its id as `allgood show` prints it
    #[arg(value_name = "ITEM")]
    pub(crate) item: String,
    /// A value for a parameter, placeholder or variable; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Try it in this environment of the library's allgood.toml
    #[arg(long, visible_alias = "env", value_name = "NAME")]
    pub(crate) environment: Option<String>,
}
