//! Arguments of the commands around past runs: their list, two of them side by side, and what one suggests.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub(crate) struct RunsArguments {
    /// Only in this state; may be given more than once
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',', value_parser = [
        "waiting", "running", "paused", "passed", "failed", "rolled_back", "abandoned", "handed_over", "interrupted",
    ])]
    pub(crate) states: Vec<String>,
    /// Only in this environment; '' for none
    #[arg(long, visible_alias = "env", value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Only driven so
    #[arg(long, value_name = "MODE", value_parser = ["hand", "auto", "rehearse"])]
    pub(crate) mode: Option<String>,
    /// Only started by this person, as user@host or as user
    #[arg(long, value_name = "WHO")]
    pub(crate) actor: Option<String>,
    /// Only since then: so long ago (7d, 12h, 2w), a day (2026-11-22), or a time (2026-11-22T15:00:00Z)
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only before then
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Only of this runbook
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) runbook: Option<PathBuf>,
    /// Only of runbooks whose title or path holds this
    #[arg(long, value_name = "TEXT")]
    pub(crate) words: Option<String>,
    /// Only those in which something failed, also where that was rescued
    #[arg(long)]
    pub(crate) failures: bool,
    /// At most so many, the newest
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Print a JSON array of {id, runbook, revision, state, mode, started_at, ended_at}
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `space`.
#[derive(Debug, Args)]
pub(crate) struct SpaceArguments {
    /// What would be removed if outputs were kept for so many days; nothing is removed
    #[arg(long, value_name = "DAYS", conflicts_with = "keep")]
    pub(crate) days: Option<u32>,
    /// Keep outputs for so many days from now on, 1 to 36500, or `forever`
    #[arg(long, value_name = "DAYS|forever", value_parser = Keep::read)]
    pub(crate) keep: Option<Keep>,
    /// With --keep: remove what is older without asking
    #[arg(long, requires = "keep")]
    pub(crate) yes: bool,
    /// Print one JSON object: {keep_output_days, bytes, runs, due_bytes, due_runs, removed_bytes}
    #[arg(long)]
    pub(crate) json: bool,
}

/// For how long outputs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// For ever.
    Forever,
    /// For so many days after their run has finished.
    Days(u32),
}

impl Keep {
    fn read(text: &str) -> Result<Self, String> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        text.parse().map(Self::Days).map_err(|_| "say a number of days, or forever".to_owned())
    }

    /// As the settings have it.
    pub(crate) fn days(self) -> Option<u32> {
        match self {
            Self::Forever => None,
            Self::Days(days) => Some(days),
        }
    }
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The one run, usually the older: its id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) one: String,
    /// The other
    #[arg(value_name = "RUN")]
    pub(crate) other: String,
    /// Also the items that went the same way
    #[arg(long)]
    pub(crate) all: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `propose`.
#[derive(Debug, Args)]
pub(crate) struct ProposeArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Put the edited commands into the file
    #[arg(long, conflicts_with = "json")]
    pub(crate) apply: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
