//! Arguments of `link`: addresses that a person keeps.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::parameter::parse_parameter;

pub(crate) const EXAMPLES: &str = "Examples:
  allgood link add 'Orders overview' 'https://grafana.example/d/orders?region={{region}}&from={{run.start_ms}}'
  allgood link open 'Orders overview' --param region=eu-1
  allgood link list grafana                  those that hold the word
  allgood link import bookmarks.html         what a browser has exported

A {{name}} in an address is filled in when it is opened: from --param, from a run, or by asking.";

/// What to do with links.
#[derive(Debug, Subcommand)]
pub(crate) enum LinkCommand {
    /// Add a link
    #[command(after_help = "Examples:
  allgood link add 'Alerts firing now' https://alerts.example/ --group 'On call' --pin
  allgood link add 'Disk use' 'https://grafana.example/d/disk?var-host={{host}}' --group Hosts --tag dashboard
  allgood link add Errors 'https://logs.example/?from={{run.start_ms}}&to={{run.end_ms}}'

{{run.start_ms}} and {{run.end_ms}} are the times of the run that it is opened from, in milliseconds since 1970; from no
run they are the last hour. What may be opened: https, http, mailto, and the schemes that the settings add.")]
    Add(LinkAdd),
    /// List links, by group
    #[command(after_help = "Examples:
  allgood link list                          all of them
  allgood link list orders grafana           those that hold both words
  allgood link list --tag dashboard --pinned
  allgood link list --json | jq -r '.[].address'")]
    List(LinkListArguments),
    /// Show a link, with the values that it needs
    #[command(after_help = "Examples:
  allgood link show 'Disk use'
  allgood link show hd --json                by its two letters")]
    Show(LinkShow),
    /// Change a link: what is named, and nothing else
    #[command(after_help = "Examples:
  allgood link edit 'Disk use' --address 'https://grafana.example/d/disk2?var-host={{host}}'
  allgood link edit 'Disk use' --group ''    an empty text takes away what is there")]
    Edit(LinkEdit),
    /// Give a link another title
    #[command(after_help = "Example:
  allgood link rename 'Disk use' 'Disk use by host'")]
    Rename(LinkRename),
    /// Remove a link; it can be put back for a day
    #[command(after_help = "Examples:
  allgood link remove 'Disk use'
  allgood link restore 'Disk use'")]
    Remove(LinkNames),
    /// Put a link back that was removed within the last day
    #[command(after_help = "Example:
  allgood link restore 'Disk use'")]
    Restore(LinkNames),
    /// Pin a link, so that it is found first
    #[command(after_help = "Examples:
  allgood link pin 'Disk use'
  allgood link pin 'Disk use' --off")]
    Pin(LinkPin),
    /// Open links with the system's own handler, several after showing them
    #[command(after_help = "Examples:
  allgood link open 'Disk use' --param host=web-1
  allgood link open hd                       by its two letters; what is missing is asked for
  allgood link open --tag dashboard          all with the tag, after showing them
  allgood link open --runbook failover.md    all links of a runbook
  allgood link open 'Disk use' --run 0199c2e4    filled from a run, which records it
  allgood link open 'Disk use' --param host=web-1 --print    the address alone; nothing is opened

Exit status: 0 opened, 2 bad input, 4 a person or a missing value was needed. Then nothing was opened.")]
    Open(LinkOpen),
    /// Bring links in from a browser's file of bookmarks or a CSV, each shown before it is kept
    #[command(after_help = "Examples:
  allgood link import bookmarks.html         as Firefox, Chrome, Edge and Safari export them
  allgood link import links.csv              a table: title,address,group,tags
  allgood link import bookmarks.html --plan  show what would come, and keep nothing

Folders become groups. An address that is there already is left out, and so is one that may not be opened. Nothing is
opened or fetched.")]
    Import(LinkImport),
    /// Print all links as a browser's file of bookmarks, or as CSV
    #[command(after_help = "Examples:
  allgood link export > bookmarks.html
  allgood link export --csv -o links.csv")]
    Export(LinkExport),
    /// Ask links whether they answer; done only when you say so
    #[command(after_help = "Examples:
  allgood link check                         all of them
  allgood link check 'Disk use' --param host=web-1
  allgood link check --group Hosts --json

Each is asked once, without anything of you in the request. A link that needs a value is asked with --param.

Exit status: 0 all that were asked answer, 1 one does not.")]
    Check(LinkCheck),
}

/// Arguments of `link add`.
#[derive(Debug, Args)]
pub(crate) struct LinkAdd {
    /// What it is called
    #[arg(value_name = "TITLE")]
    pub(crate) title: String,
    /// Where it leads; may hold parameters {{name}}
    #[arg(value_name = "ADDRESS", value_hint = ValueHint::Url)]
    pub(crate) address: String,
    /// The group that it is listed in
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// A tag; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Found first
    #[arg(long)]
    pub(crate) pin: bool,
}

/// Which links.
#[derive(Debug, Args)]
pub(crate) struct LinkFilter {
    /// Only of this group
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// Only with this tag
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
}

/// Arguments of `link list`.
#[derive(Debug, Args)]
pub(crate) struct LinkListArguments {
    /// Words that all stand in its title, group, tags or address
    #[arg(value_name = "WORDS")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) filter: LinkFilter,
    /// Only pinned ones
    #[arg(long)]
    pub(crate) pinned: bool,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `link show`.
#[derive(Debug, Args)]
pub(crate) struct LinkShow {
    /// The link: its title, or its two letters
    #[arg(value_name = "LINK")]
    pub(crate) link: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `link edit`.
#[derive(Debug, Args)]
pub(crate) struct LinkEdit {
    /// The link: its title, or its two letters
    #[arg(value_name = "LINK")]
    pub(crate) link: String,
    /// Where it is to lead
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::Url)]
    pub(crate) address: Option<String>,
    /// The group that it is listed in
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// A tag; may be given several times, and replaces those that are there; an empty one takes them away
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
}

/// Arguments of `link rename`.
#[derive(Debug, Args)]
pub(crate) struct LinkRename {
    /// The link
    #[arg(value_name = "LINK")]
    pub(crate) link: String,
    /// What it is to be called
    #[arg(value_name = "NEW_TITLE")]
    pub(crate) new_title: String,
}

/// Names links.
#[derive(Debug, Args)]
pub(crate) struct LinkNames {
    /// The links: their titles, or their two letters
    #[arg(value_name = "LINK", required = true)]
    pub(crate) links: Vec<String>,
}

/// Arguments of `link pin`.
#[derive(Debug, Args)]
pub(crate) struct LinkPin {
    /// The link: its title, or its two letters
    #[arg(value_name = "LINK")]
    pub(crate) link: String,
    /// Take it from the pinned ones
    #[arg(long)]
    pub(crate) off: bool,
}

/// Arguments of `link open`.
#[derive(Debug, Args)]
pub(crate) struct LinkOpen {
    /// The links: their titles, or their two letters
    #[arg(value_name = "LINK", required_unless_present_any = ["group", "tag", "runbook"])]
    pub(crate) links: Vec<String>,
    #[command(flatten)]
    pub(crate) filter: LinkFilter,
    /// All links of this runbook
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["links", "group", "tag"])]
    pub(crate) runbook: Option<PathBuf>,
    /// A value for a parameter; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// The run whose values fill what is left open, and which records it
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// Print the addresses, and open nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// Open several without asking
    #[arg(long, conflicts_with = "print")]
    pub(crate) yes: bool,
}

/// Arguments of `link import`.
#[derive(Debug, Args)]
pub(crate) struct LinkImport {
    /// A browser's file of bookmarks, or a CSV with a line of headings
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Show what would come, and keep nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// Keep it without asking
    #[arg(long, conflicts_with = "plan")]
    pub(crate) yes: bool,
    /// Print what comes as a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `link export`.
#[derive(Debug, Args)]
pub(crate) struct LinkExport {
    /// A table instead of a browser's file
    #[arg(long)]
    pub(crate) csv: bool,
    /// The file to write; nothing is overwritten
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// Arguments of `link check`.
#[derive(Debug, Args)]
pub(crate) struct LinkCheck {
    /// The links: their titles, or their two letters; all of them where none is named
    #[arg(value_name = "LINK")]
    pub(crate) links: Vec<String>,
    #[command(flatten)]
    pub(crate) filter: LinkFilter,
    /// A value for a parameter; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
