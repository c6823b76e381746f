//! Arguments of `find`: the palette, on the command line.

use clap::Args;

pub(crate) const EXAMPLES: &str = "Examples:
  allgood find ord                           whatever is called so, the best first
  allgood find fail orders                   both words, in any order
  allgood find @db                           access entries only; '#database' what has such a tag
  allgood find --go ord                      open the best hit if it is a link, show it if it is anything else
  allgood find --json ord | jq -r '.[0].id'
  allgood find --forget                      forget what was learnt from choices

What is chosen with --go, and in the window's palette, comes earlier the next time for the same letters.";

/// Arguments of `find`.
#[derive(Debug, Args)]
pub(crate) struct FindArguments {
    /// A few letters of it: the beginnings of words, or letters of one in their order. With @ before it only access entries, with
    /// # only what has such a tag. Without any, what was chosen last
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// At most so many hits, 1 to 100
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) limit: u64,
    /// Open the best hit if it is a link, show it if it is anything else
    #[arg(long, conflicts_with = "json")]
    pub(crate) go: bool,
    /// Forget what was learnt from choices, and do nothing else
    #[arg(long, conflicts_with_all = ["text", "json", "go"])]
    pub(crate) forget: bool,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
