//! Access entries as they cross to a face. No secret is in any of these.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::FacetValue;

/// Asks for entries.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct AccessQuery {
    /// Words that must all stand in its name, kind, group, tags, address, user or note, without regard to case.
    pub words: String,
    /// Only of this group; empty for those without one.
    pub group: Option<String>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only those whose secrets are past their expiry date, or will be within so many days (0 for past alone).
    pub expires_within: Option<u32>,
}

/// The entries that were asked for, and what else could be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccessList {
    /// By name.
    pub entries: Vec<AccessRow>,
    /// How many there are in all.
    pub all: u64,
    /// Every kind, in the order in which they are listed, and how many entries are of it.
    pub kinds: Vec<FacetValue>,
    /// Every group there is, and how many entries are in it.
    pub groups: Vec<FacetValue>,
    /// Every tag there is, and how many entries have it.
    pub tags: Vec<FacetValue>,
}

/// An entry in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccessRow {
    /// Never changes; its secrets are kept under it.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// `ssh`, `database`, `token`, `web`, `container` or `note`.
    pub kind: String,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// Sorted.
    pub tags: Vec<String>,
    /// A host, or an address of the web.
    pub address: Option<String>,
    /// 1 to 65,535.
    pub port: Option<u16>,
    /// The name that one signs in with.
    pub user: Option<String>,
    /// What connects to it.
    pub command: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// The last day on which its secrets hold, `2027-02-20`.
    pub expires: Option<String>,
    /// Days until then; negative when it is over.
    pub expires_days: Option<i64>,
    /// What connecting to it runs, as a person would type it; none where nothing connects to it.
    pub connects: Option<String>,
    /// Its secret fields, by name.
    pub secrets: Vec<SecretFieldView>,
    /// When a secret of it was used last. UTC, RFC 3339.
    pub used_at: Option<String>,
    /// How often.
    pub uses: u64,
}

/// That a secret is kept, and where; never what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SecretFieldView {
    /// Its name.
    pub name: String,
    /// `keychain` or `vault`.
    pub place: String,
    /// When it was last set. UTC, RFC 3339.
    pub set_at: String,
}

/// An entry with what is around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccessView {
    /// The entry.
    #[serde(flatten)]
    pub entry: AccessRow,
    /// UTC, RFC 3339.
    pub added_at: String,
    /// UTC, RFC 3339.
    pub changed_at: String,
    /// Which runbooks of the library refer to it.
    pub used_by: Vec<AccessUse>,
    /// Who may use it in runs without being asked again.
    pub grants: Vec<AccessGrant>,
}

/// A runbook that refers to an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccessUse {
    /// Its absolute path.
    pub path: String,
    /// Its title.
    pub title: String,
    /// What it refers to, as written: `DB_PASSWORD: keychain://db/password`, or `on=web1`.
    pub written: String,
    /// The environment in which that means this entry, where the name is not the entry's own.
    pub environment: Option<String>,
}

/// Who may use an entry in runs without being asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccessGrant {
    /// A library's folder, or one runbook's file.
    pub scope: String,
    /// Since when. UTC, RFC 3339.
    pub granted_at: String,
}

/// Names an entry.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct AccessArgument {
    /// Its name.
    pub entry: String,
}

/// A new entry. Its secrets are set one by one.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct NewAccess {
    /// What it is called.
    pub name: String,
    /// `ssh`, `database`, `token`, `web`, `container` or `note`.
    pub kind: String,
    /// The rest.
    #[serde(flatten)]
    pub details: AccessDetails,
}

/// What of an entry is to be changed. What is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct EditAccess {
    /// Its name.
    pub entry: String,
    /// What it is to be called; runbooks that name it by the old name have to follow.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// Another kind.
    #[serde(default)]
    #[ts(optional)]
    pub kind: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub details: AccessDetails,
}

/// Everything of an entry but its name, its kind and its secrets. An empty text takes away what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct AccessDetails {
    /// The group that it is listed in.
    #[ts(optional)]
    pub group: Option<String>,
    /// All its tags.
    #[ts(optional)]
    pub tags: Option<Vec<String>>,
    /// A host, or an address of the web.
    #[ts(optional)]
    pub address: Option<String>,
    /// 1 to 65,535; 0 takes it away.
    #[ts(optional)]
    pub port: Option<u16>,
    /// The name that one signs in with.
    #[ts(optional)]
    pub user: Option<String>,
    /// What connects to it; its secrets are in the environment of this command.
    #[ts(optional)]
    pub command: Option<String>,
    /// Anything else.
    #[ts(optional)]
    pub note: Option<String>,
    /// The last day on which its secrets hold, `2027-02-20`.
    #[ts(optional)]
    pub expires: Option<String>,
}

/// An entry that would come from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccessImportRow {
    /// What it would be called.
    pub name: String,
    /// What it leads to.
    pub kind: String,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// A host, or an address of the web.
    pub address: Option<String>,
    /// The name that one signs in with.
    pub user: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    /// Why it would be left out, if it would.
    pub left: Option<String>,
}

/// A secret field of an entry.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct AccessField {
    /// The entry's name.
    pub entry: String,
    /// The field; the one that is usual for the entry's kind where none is named, or the only one there is.
    #[serde(default)]
    #[ts(optional)]
    pub field: Option<String>,
}

/// Lets a library, or a runbook outside of any, use entries in runs; or takes that back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct GrantAccess {
    /// The entries' names.
    pub entries: Vec<String>,
    /// A runbook's file or a library's folder: all runbooks of its library are meant, else the file alone.
    pub path: String,
    /// Whether it may.
    pub allowed: bool,
}

/// Whether a keychain can be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeychainStanding {
    /// It can.
    Open,
    /// It has to be unlocked first.
    Locked,
    /// There is none.
    Absent,
    /// It does not answer, fails, or lets nobody in.
    Failing,
}

/// Where secrets are kept, and whether they can be had now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeeperView {
    /// `keychain` or `vault`: where new secrets go.
    pub keeper: String,
    /// Whether the keychain can be used now.
    pub keychain: KeychainStanding,
    /// Why it cannot, if it cannot.
    pub keychain_problem: Option<String>,
    /// Where the vault is, or would be.
    pub vault: String,
    /// Whether it is there.
    pub vault_exists: bool,
    /// Whether it is open in this program.
    pub vault_open: bool,
    /// Secrets that are in the keychain.
    pub in_keychain: u64,
    /// Secrets that are in the vault.
    pub in_vault: u64,
}
