//! Arguments of what marks an incident and tells about it.

use clap::Args;

/// Arguments of `mark`.
#[derive(Debug, Args)]
pub(crate) struct MarkArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// What is marked; without it the incident as it stands is printed
    #[arg(value_name = "WHAT", value_parser = api::MARKS, hide_possible_values = true)]
    pub(crate) what: Option<String>,
    /// Which severity, who responds, which incident, what was said
    #[arg(value_name = "VALUE", requires = "what")]
    pub(crate) value: Option<String>,
    /// When it was, if that is not now: 02:47, '2026-11-22 02:47', 15m (ago); of snoozed, until when or for how long
    #[arg(long, value_name = "TIME", requires = "what")]
    pub(crate) at: Option<String>,
    /// In which role, of a responder
    #[arg(long, value_name = "ROLE", requires = "what")]
    pub(crate) role: Option<String>,
    /// Why; has to be said of another severity and of an update that is put off
    #[arg(long, value_name = "WHY", requires = "what")]
    pub(crate) reason: Option<String>,
    /// It does not hold after all; of a responder: they leave, or hand their role back
    #[arg(long, requires = "what")]
    pub(crate) withdraw: bool,
    /// Print the incident as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `update`.
#[derive(Debug, Args)]
pub(crate) struct UpdateArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// A message of the runbook; without it they are listed
    #[arg(value_name = "MESSAGE")]
    pub(crate) message: Option<String>,
    /// It was sent as it is printed
    #[arg(long, requires = "message", conflicts_with = "text")]
    pub(crate) sent: bool,
    /// This was sent; with - what comes on standard input
    #[arg(long, value_name = "TEXT|-")]
    pub(crate) text: Option<String>,
}
