//! Arguments of what is done with the files of the library, and with files of other formats.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// Examples of `import`.
pub(super) const IMPORT: &str = "Examples:
  allgood import ~/wiki-export --into ~/runbooks/wiki
  allgood import export.zip --plan           say what would come, and write nothing
  allgood import https://example.org/team/runbooks.git --into ~/runbooks/team
  allgood import isolate-host.json --into ~/runbooks/security

Markdown files come, with the pictures and files that they show. What is there and the same is left; what is
there and different stays, and the file that comes is put beside it under another name.

CACAO 2.0 playbooks (.json) become runbooks. Files of Runme, xc and mask come as they are, and run so. What is
otherwise here than there is said, on standard error.";

/// Examples of `convert`.
pub(super) const CONVERT: &str = "Examples:
  allgood convert disk.md > disk.json        a runbook as a CACAO 2.0 playbook
  allgood convert isolate-host.json -o isolate-host.md
  allgood convert maskfile.md --to runbook --json | jq -r '.differences[].sentence'

What does not fit is said on standard error, a sentence each. Nothing is run, and no file is overwritten. Secrets
and access entries never go along.";

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// A file, a folder, a zip archive, or the address of a git repository
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    pub(crate) source: String,
    /// The folder of the library, or one within it, that they go into; made if need be
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) into: Option<PathBuf>,
    /// Say what would come, and write nothing
    #[arg(long)]
    pub(crate) plan: bool,
}

/// Arguments of `move`.
#[derive(Debug, Args)]
pub(crate) struct MoveArguments {
    /// The runbook or folder
    #[arg(value_name = "FROM", value_hint = ValueHint::AnyPath)]
    pub(crate) from: PathBuf,
    /// Its new path; a folder that is there takes it in
    #[arg(value_name = "TO", value_hint = ValueHint::AnyPath)]
    pub(crate) to: PathBuf,
    /// Say which links would follow, and change nothing
    #[arg(long)]
    pub(crate) plan: bool,
}

/// Arguments of `remove`.
#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// The runbook or folder
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
}

/// Arguments of `pin`.
#[derive(Debug, Args)]
pub(crate) struct PinArguments {
    /// The runbook
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Take the pin away
    #[arg(long)]
    pub(crate) off: bool,
}

/// Arguments of `convert`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    /// A runbook (.md), or a CACAO playbook (.json)
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// What it becomes; a runbook becomes a CACAO playbook, and the other way round
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: Option<ConvertFormat>,
    /// The file to make; it must not exist yet. Without it the text is printed
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Print {format, to, file_name, text, differences} as JSON
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,
}

/// What a file can become.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ConvertFormat {
    /// A CACAO playbook, version 2.0 (OASIS)
    Cacao,
    /// A runbook
    Runbook,
}
