//! Arguments of `schedule`: runbooks that run by themselves at certain times.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::{OnFailureArgument, parameter::parse_parameter};

pub(crate) const EXAMPLES: &str = "Examples:
  allgood schedule add backup.md --cron '30 3 * * *' --zone Europe/Berlin
  allgood schedule add backup.md             as its front matter proposes (schedule: '30 3 * * *')
  allgood schedule list                      next, last, and what runbooks propose
  allgood schedule install                   run what is due each minute, without the window

A schedule runs the runbook as it was when you accepted it, and never more than one run at a time. It ticks no
check and answers no question: where a person is needed its run waits, and `allgood resume RUN` goes on with it.";

/// What to do with schedules.
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Add a schedule, after showing its next times; accepts the runbook as it is now
    #[command(after_help = "Examples:
  allgood schedule add backup.md             as its front matter proposes
  allgood schedule add backup.md --cron '30 3 * * MON-FRI' --environment prod --on-failure rollback
  allgood schedule add rotate.md --cron @weekly --missed once --param keep=8 --name 'Rotate logs'
  allgood schedule add backup.md --cron '0 4 1 * *' --plan

A cron expression is minute, hour, day of the month, month, day of the week; also @hourly, @daily, @weekly,
@monthly, @yearly. The runbook has to be in a trusted folder of the library.")]
    Add(ScheduleAdd),
    /// List schedules, and what runbooks of the library propose
    #[command(after_help = "Examples:
  allgood schedule list
  allgood schedule list --json | jq -r '.schedules[] | select(.problem) | .name'")]
    List(ScheduleListArguments),
    /// Show a schedule, its next times and what became of the last ones
    #[command(after_help = "Examples:
  allgood schedule show 'Nightly backup'
  allgood schedule show 'Nightly backup' --json | jq '.firings[0]'")]
    Show(ScheduleShow),
    /// Change a schedule: what is named, and nothing else
    #[command(after_help = "Examples:
  allgood schedule edit 'Nightly backup' --cron '0 4 * * *'
  allgood schedule edit 'Nightly backup' --accept    run the runbook as it is now, which you have read
  allgood schedule edit 'Nightly backup' --environment ''    an empty text takes it away

After a change of the time or the zone nothing that was due before is made up for.")]
    Edit(ScheduleEdit),
    /// Pause schedules: none of their times counts
    #[command(after_help = "Example:
  allgood schedule pause 'Nightly backup'")]
    Pause(ScheduleNames),
    /// Let paused schedules count again, from now on
    #[command(after_help = "Example:
  allgood schedule resume 'Nightly backup'    what was due meanwhile is not made up for")]
    Resume(ScheduleNames),
    /// Remove schedules; the records of their runs stay
    #[command(after_help = "Example:
  allgood schedule remove 'Nightly backup'")]
    Remove(ScheduleNames),
    /// Run a schedule now, as it would be when it is due
    #[command(after_help = "Examples:
  allgood schedule run 'Nightly backup'
  allgood schedule run 'Nightly backup' --json    one event a line

Exit status: as for `allgood run --auto` where nobody is there.")]
    Run(ScheduleRun),
    /// Run whatever is due, and say what became of it; for a timer that calls it each minute
    #[command(after_help = "Examples:
  allgood schedule run-due
  allgood schedule run-due --json            one object a line

It stays until what it began is over, and looks meanwhile what else is due. Any number of them,
and the window, may look at the same time: each time of a schedule is run once.

Exit status: 0 nothing failed, 1 a run failed or could not be started, 4 one waits for a person,
130 stopped.")]
    RunDue(ScheduleRunDue),
    /// Have systemd run what is due each minute, as you, also without the window
    #[command(after_help = "Examples:
  allgood schedule install                   writes the units, and starts the timer
  allgood schedule install --print           shows them, and changes nothing

The units are allgood-schedule.service and .timer in $XDG_CONFIG_HOME/systemd/user. To have them run while you are
not logged in: loginctl enable-linger")]
    Install(ScheduleInstall),
    /// Take away what install has made; schedules stay
    #[command(after_help = "Example:
  allgood schedule uninstall")]
    Uninstall,
}

/// What becomes of a time at which nothing drove the schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissedArgument {
    /// It is said, and not made up for
    Skip,
    /// It is made up for once, however many were missed
    Once,
}

/// When and how a schedule runs.
#[derive(Debug, Args)]
pub(crate) struct ScheduleChanges {
    /// When: a cron expression of five fields, or @daily and its like
    #[arg(long, value_name = "CRON")]
    pub(crate) cron: Option<String>,
    /// In which time zone, by its IANA name
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// What it is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Run in this environment of the library's allgood.toml
    #[arg(long, visible_alias = "env", value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// A value for a parameter; may be given more than once; never a secret
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// What a failure leads to
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) on_failure: Option<OnFailureArgument>,
    /// What becomes of times at which nothing drove the schedules
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) missed: Option<MissedArgument>,
}

/// Arguments of `schedule add`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleAdd {
    /// The runbook
    #[arg(value_name = "RUNBOOK", value_hint = ValueHint::FilePath)]
    pub(crate) runbook: PathBuf,
    #[command(flatten)]
    pub(crate) changes: ScheduleChanges,
    /// Keep it without asking
    #[arg(long, conflicts_with = "plan")]
    pub(crate) yes: bool,
    /// Show it, and keep nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `schedule list`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleListArguments {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `schedule show`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleShow {
    /// The schedule's name
    #[arg(value_name = "SCHEDULE")]
    pub(crate) schedule: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `schedule edit`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleEdit {
    /// The schedule's name
    #[arg(value_name = "SCHEDULE")]
    pub(crate) schedule: String,
    #[command(flatten)]
    pub(crate) changes: ScheduleChanges,
    /// Accept the runbook as it is now
    #[arg(long)]
    pub(crate) accept: bool,
}

/// Names schedules.
#[derive(Debug, Args)]
pub(crate) struct ScheduleNames {
    /// The schedules' names
    #[arg(value_name = "SCHEDULE", required = true)]
    pub(crate) schedules: Vec<String>,
}

/// Arguments of `schedule run`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleRun {
    /// The schedule's name
    #[arg(value_name = "SCHEDULE")]
    pub(crate) schedule: String,
    /// Print one event a line, as in the journal
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `schedule run-due`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleRunDue {
    /// Print one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `schedule install`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleInstall {
    /// Print the units, and change nothing
    #[arg(long)]
    pub(crate) print: bool,
}
