//! Arguments of `access`: entries and their secrets. A secret is never an argument: it is typed unseen, or comes on standard
//! input.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Subcommand, ValueHint};

pub(crate) const EXAMPLES: &str = "Examples:
  allgood access add orders-db --kind database --address db1.example.com --user app --secret password
  allgood access list orders                 those that hold the word
  allgood access copy orders-db              to the clipboard, for 30 seconds
  allgood access code github                 the one-time code
  allgood access connect web1                in this terminal

A secret is never an argument. It is typed unseen, or comes on standard input. It is kept in this machine's
keychain; where there is none, in an encrypted file that you choose: allgood access vault create";

/// What to do with access entries.
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Add an entry; its secrets are typed unseen, or one comes on standard input
    #[command(after_help = "Examples:
  allgood access add orders-db --kind database --address db1.example.com --user app --secret password
  allgood access add web1 --address web1.example.com --user deploy --secret key < ~/.ssh/id_ed25519
  allgood access add github --kind token --secret token --secret totp --expires 2027-02-20
  allgood access add shop --kind database --command 'psql \"host=db1 user=app\"' --secret PGPASSWORD")]
    Add(AccessAdd),
    /// List entries, by name
    #[command(after_help = "Examples:
  allgood access list                        all of them
  allgood access list orders prod            those that hold both words
  allgood access list --tag prod --kind ssh
  allgood access list --expired              those whose secrets are past their date
  allgood access list --json | jq -r '.[].name'")]
    List(AccessList),
    /// Show an entry, which runbooks use it, and who may; never its secrets
    #[command(after_help = "Examples:
  allgood access show orders-db
  allgood access show orders-db --json")]
    Show(AccessShow),
    /// Change an entry: what is named, and nothing else
    #[command(after_help = "Examples:
  allgood access edit orders-db --address db2.example.com --expires 2027-02-20
  allgood access edit orders-db --secret password      type it anew
  allgood access edit orders-db --forget totp          its secret totp is removed
  allgood access edit orders-db --group ''             an empty text takes away what is there")]
    Edit(AccessEdit),
    /// Give an entry another name; its secrets stay, and runbooks that name it are listed
    #[command(after_help = "Example:
  allgood access rename orders-db orders-prod-db")]
    Rename(AccessRename),
    /// Remove an entry and its secrets, after asking
    #[command(after_help = "Examples:
  allgood access remove orders-db
  allgood access remove orders-db --yes")]
    Remove(AccessRemove),
    /// Put a secret on the clipboard for 30 seconds; stays until it is taken off
    #[command(after_help = "Examples:
  allgood access copy orders-db              the secret that is usual for its kind, or its only one
  allgood access copy web1 passphrase

It is taken off only if it is still there, and marked as a secret, so that clipboard managers skip it.
Ctrl-C takes it off at once.")]
    Copy(AccessSecret),
    /// Show a secret: in a terminal for 15 seconds, elsewhere it is printed
    #[command(after_help = "Examples:
  allgood access reveal orders-db            any key hides it
  PGPASSWORD=$(allgood access reveal orders-db) psql -h db1")]
    Reveal(AccessSecret),
    /// Print the one-time code of an entry's seed (RFC 6238)
    #[command(after_help = "Examples:
  allgood access code github
  allgood access code github | wl-copy

The seed is a secret called totp: allgood access edit github --secret totp")]
    Code(AccessShow),
    /// Open an entry's address in the browser
    #[command(after_help = "Example:
  allgood access open grafana")]
    Open(AccessName),
    /// Connect to an entry in this terminal: by ssh, into a container, or by the entry's command
    #[command(after_help = "Examples:
  allgood access connect web1                ssh, with your own configuration, agent and jump hosts
  allgood access connect web1 -- uptime      what stands behind -- is run there
  allgood access connect orders-db           its command, with its secrets in the environment
  allgood access connect web1 --print        what would be run; no secret is fetched

A kept password or passphrase answers ssh's own question for it, and that host's alone; a kept key
goes to an agent that ends with the connection. Whatever else is asked, whether a host's key is the
right one too, is asked of you. The exit status is that of what was run; 128 more than its number
where a signal ended it.

What is shown is not masked: the terminal is the other side's. In the window it is.")]
    Connect(AccessConnect),
    /// Let the runbooks of a library use entries in runs, without being asked the first time
    #[command(after_help = "Examples:
  allgood access allow orders-db ~/runbooks
  allgood access allow orders-db web1 ~/runbooks/failover.md
  allgood access allow --all ~/runbooks/restart-fleet.md   whatever a run of it asks for

A run whose library has not used an entry yet asks a person; --yes never answers that. A runbook that is in no
library is allowed by itself.")]
    #[command(allow_missing_positional = true)]
    Allow(AccessAllow),
    /// Take that back: the next run asks again
    #[command(after_help = "Example:
  allgood access forbid orders-db ~/runbooks")]
    Forbid(AccessGrants),
    /// Bring entries in from ssh's configuration or a password manager's CSV, each shown before it is kept
    #[command(after_help = "Examples:
  allgood access import --ssh                the hosts of ~/.ssh/config
  allgood access import passwords.csv        a table: name,url,username,password
  allgood access import passwords.csv --plan show what would come, and keep nothing

Secrets go straight to the keychain. An entry of a name that is taken stays as it is. Nothing is run.")]
    Import(AccessImport),
    /// Print all entries as CSV, without any secret
    #[command(after_help = "Examples:
  allgood access export > entries.csv
  allgood access export -o entries.csv")]
    Export(AccessExport),
    /// The encrypted file for a machine without a keychain
    #[command(
        subcommand,
        after_help = "Examples:
  allgood access vault status                where secrets are, and whether they can be had
  allgood access vault create                choose a passphrase; new secrets go there from then on

Without a terminal the passphrase is read from the file that $ALLGOOD_VAULT_PASSPHRASE_FILE names, which nobody
else may be able to read."
    )]
    Vault(VaultCommand),
}

/// Arguments of `access add`.
#[derive(Debug, Args)]
pub(crate) struct AccessAdd {
    /// What it is called: runbooks name it so, as in keychain://NAME/password and on=NAME
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What it leads to: ssh, database, token, web, container or note
    #[arg(long, value_name = "KIND", default_value = "ssh")]
    pub(crate) kind: String,
    #[command(flatten)]
    pub(crate) details: AccessChanges,
}

/// Arguments of `access edit`.
#[derive(Debug, Args)]
pub(crate) struct AccessEdit {
    /// The entry
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What it leads to
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) details: AccessChanges,
    /// Remove this secret; may be given several times
    #[arg(long, value_name = "FIELD")]
    pub(crate) forget: Vec<String>,
}

/// What can be said of an entry.
#[derive(Debug, Args)]
pub(crate) struct AccessChanges {
    /// A host, or an address of the web
    #[arg(long, value_name = "HOST|URL")]
    pub(crate) address: Option<String>,
    /// The port; 0 takes it away
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// The name that you sign in with
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// What connects to it; its secrets are in the environment of this command
    #[arg(long, value_name = "COMMAND")]
    pub(crate) command: Option<String>,
    /// The group that it is listed in
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// A tag; may be given several times, and replaces those that are there
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Anything else
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// The last day on which its secrets hold
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) expires: Option<String>,
    /// Set this secret (password, passphrase, key, token, totp, any name): typed unseen, or read from standard input
    #[arg(long, value_name = "FIELD")]
    pub(crate) secret: Vec<String>,
}

/// Arguments of `access list`.
#[derive(Debug, Args)]
pub(crate) struct AccessList {
    /// Words that all stand in its name, kind, group, tags, address, user or note
    #[arg(value_name = "WORDS")]
    pub(crate) words: Vec<String>,
    /// Only of this group
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// Only with this tag
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// Only of this kind
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Only those whose secrets are past their date
    #[arg(long)]
    pub(crate) expired: bool,
    /// Only those whose secrets are past their date, or will be within so many days
    #[arg(long, value_name = "DAYS", conflicts_with = "expired")]
    pub(crate) expires_within: Option<u32>,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Names an entry.
#[derive(Debug, Args)]
pub(crate) struct AccessName {
    /// The entry
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// Arguments of `access connect`.
#[derive(Debug, Args)]
pub(crate) struct AccessConnect {
    /// The entry
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Show what would be run, and run nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// Show that as JSON
    #[arg(long, requires = "print")]
    pub(crate) json: bool,
    /// A command for the other side; for an entry with a command of its own, more arguments of that
    #[arg(value_name = "COMMAND", last = true)]
    pub(crate) more: Vec<OsString>,
}

/// Names an entry of which something is shown.
#[derive(Debug, Args)]
pub(crate) struct AccessShow {
    /// The entry
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Names a secret of an entry.
#[derive(Debug, Args)]
pub(crate) struct AccessSecret {
    /// The entry
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Which of its secrets; the usual one of its kind, or its only one, where none is named
    #[arg(value_name = "FIELD")]
    pub(crate) field: Option<String>,
}

/// Arguments of `access allow` and `access forbid`.
#[derive(Debug, Args)]
pub(crate) struct AccessGrants {
    /// The entries
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// A folder of the library, or a runbook
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
}

/// Arguments of `access allow`.
#[derive(Debug, Args)]
pub(crate) struct AccessAllow {
    /// The entries
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) names: Vec<String>,
    /// A folder of the library, or a runbook
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath, required = true)]
    pub(crate) path: PathBuf,
    /// All entries that a run of this runbook asks for, after naming them
    #[arg(long)]
    pub(crate) all: bool,
    /// The environment that such a run is in
    #[arg(long, visible_alias = "env", value_name = "NAME", requires = "all")]
    pub(crate) environment: Option<String>,
}

/// Arguments of `access import`.
#[derive(Debug, Args)]
pub(crate) struct AccessImport {
    /// A CSV with a line of headings; with --ssh another configuration than your own
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "ssh")]
    pub(crate) file: Option<PathBuf>,
    /// The hosts of ssh's configuration
    #[arg(long)]
    pub(crate) ssh: bool,
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

/// Arguments of `access export`.
#[derive(Debug, Args)]
pub(crate) struct AccessExport {
    /// The file to write; nothing is overwritten
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// Arguments of `access rename`.
#[derive(Debug, Args)]
pub(crate) struct AccessRename {
    /// The entry
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What it is to be called
    #[arg(value_name = "NEW_NAME")]
    pub(crate) new_name: String,
}

/// Arguments of `access remove`.
#[derive(Debug, Args)]
pub(crate) struct AccessRemove {
    /// The entry
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What to do with the vault.
#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Say where secrets are kept, and whether they can be had now
    #[command(after_help = "Examples:
  allgood access vault status
  allgood access vault status --json")]
    Status(VaultStatus),
    /// Make the vault, with a passphrase; new secrets go there from then on
    #[command(after_help = "Example:
  allgood access vault create

Whoever has the file and the passphrase has the secrets; without the passphrase nobody has. It is a file of age
(age-encryption.org): age --decrypt opens it too.")]
    Create,
    /// Give the vault another passphrase
    #[command(after_help = "Example:
  allgood access vault passphrase")]
    Passphrase,
    /// Move every secret into the vault, or to the keychain, where new ones go from then on
    #[command(after_help = "Examples:
  allgood access vault move --to vault
  allgood access vault move --to keychain")]
    Move(VaultMove),
}

/// Arguments of `access vault status`.
#[derive(Debug, Args)]
pub(crate) struct VaultStatus {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `access vault move`.
#[derive(Debug, Args)]
pub(crate) struct VaultMove {
    /// Where to
    #[arg(long, value_name = "KEEPER", value_parser = ["keychain", "vault"])]
    pub(crate) to: String,
}
