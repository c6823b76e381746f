//! Arguments of what takes up, rolls back and hands on runs.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::parameter::parse_parameter;

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub(crate) struct ResumeArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Run what was interrupted or has failed once more
    #[arg(long, conflicts_with_all = ["done", "skip"])]
    pub(crate) again: bool,
    /// Take what was interrupted or has failed as done, and say why
    #[arg(long, value_name = "REASON", conflicts_with = "skip")]
    pub(crate) done: Option<String>,
    /// Leave out what was interrupted or has failed, and say why
    #[arg(long, value_name = "REASON")]
    pub(crate) skip: Option<String>,
    /// A value, for what was kept in memory alone or is missing; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// From now on run commands and probes by themselves until a person is needed
    #[arg(long, conflicts_with = "hand")]
    pub(crate) auto: bool,
    /// From now on start each item by hand
    #[arg(long)]
    pub(crate) hand: bool,
    /// Tick checks and answer confirmations, as for `run`
    #[arg(long)]
    pub(crate) yes: bool,
    /// What a failure leads to where nobody can be asked
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = OnFailureArgument::Stop)]
    pub(crate) on_failure: OnFailureArgument,
    /// Print one event a line, from the one by which it is taken up; nobody is asked anything
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `rollback`.
#[derive(Debug, Args)]
pub(crate) struct RollbackArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Leave this item of the plan out; may be given more than once
    #[arg(long, value_name = "ITEM")]
    pub(crate) leave_out: Vec<String>,
    /// Whether the step that failed took effect in part: with `no` it is not undone
    #[arg(long, value_enum, value_name = "yes|no")]
    pub(crate) took_effect: Option<YesNo>,
    /// Print the plan, and do nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// A value, for what was kept in memory alone or is missing; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Begin without asking; tick checks and answer confirmations, as for `run`
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one event a line, or with --plan one JSON object; nobody is asked anything
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// The file to make; it must not exist yet
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// Hand the run over to somebody: from then on it is finished here, and goes on there
    #[arg(long, value_name = "TO")]
    pub(crate) hand_over: Option<String>,
    /// What whoever goes on with it should know; kept in the record
    #[arg(long, value_name = "TEXT", requires = "hand_over")]
    pub(crate) note: Option<String>,
}

/// Arguments of `take`.
#[derive(Debug, Args)]
pub(crate) struct TakeArguments {
    /// The file that `allgood export` wrote
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Where the run's runbook is on this machine: its commands start in that folder
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) runbook: Option<PathBuf>,
    /// Say what the file holds, and take nothing in
    #[arg(long)]
    pub(crate) look: bool,
    /// Write the runbook that the file holds to this new file, to be read, and take nothing in
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["look", "runbook"])]
    pub(crate) save_runbook: Option<PathBuf>,
}

/// What a failure leads to where nobody can be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnFailureArgument {
    /// The run ends as failed
    #[default]
    Stop,
    /// What was done is undone
    Rollback,
}

impl From<OnFailureArgument> for api::OnFailure {
    fn from(what: OnFailureArgument) -> Self {
        match what {
            OnFailureArgument::Stop => Self::Stop,
            OnFailureArgument::Rollback => Self::Rollback,
        }
    }
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    // The words say it.
    Yes,
    No,
}

impl From<YesNo> for bool {
    fn from(answer: YesNo) -> Self {
        answer == YesNo::Yes
    }
}
