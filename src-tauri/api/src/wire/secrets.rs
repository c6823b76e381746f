//! Secrets as they cross between the page and the program: typed by a person on their way into a keychain, or shown to one who
//! asked to see them. Nothing else on the wire holds any.

use std::fmt;

use access::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use ts_rs::TS;

use super::{AccessImportRow, AccessView, NewAccess};

/// A secret as text. Wiped when it is dropped, and says nothing of itself where it is printed.
pub struct SecretText(Secret);

impl SecretText {
    /// A secret on its way to the page of whoever asked to see it; `None` where it is no text.
    pub(crate) fn shown(secret: Secret) -> Option<Self> {
        std::str::from_utf8(secret.expose()).is_ok().then_some(Self(secret))
    }

    /// What was typed.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    pub(crate) fn into_secret(self) -> Secret {
        self.0
    }
}

impl From<Secret> for SecretText {
    fn from(secret: Secret) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(<redacted>)")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The words of serde's own error would hold what was typed.
        let text = String::deserialize(deserializer).map_err(|_| de::Error::custom("a secret is a text"))?;
        Ok(Self(Secret::new(text.into_bytes())))
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(self.0.expose()).map_err(|_| ser::Error::custom("the secret is no text"))?;
        serializer.serialize_str(text)
    }
}

/// A new entry, with its secrets: all of it is kept, or nothing.
#[derive(Debug, Deserialize, TS)]
pub struct AddAccess {
    /// The entry.
    pub entry: NewAccess,
    /// Its secrets.
    pub secrets: Vec<TypedSecret>,
}

/// A secret that a person typed.
#[derive(Debug, Deserialize, TS)]
pub struct TypedSecret {
    /// Its field.
    pub field: String,
    /// What was typed.
    #[ts(type = "string")]
    pub value: SecretText,
}

/// An entry of which secrets were kept.
#[derive(Clone, Debug, Serialize, TS)]
pub struct KeptAccess {
    /// The entry as it is now.
    pub view: AccessView,
    /// What a person should know of its secrets, a sentence each: that one is too short to be masked.
    pub warnings: Vec<String>,
}

/// Keeps a secret, in place of the one that is there.
#[derive(Debug, Deserialize, TS)]
pub struct SetSecret {
    /// The entry's name.
    pub entry: String,
    /// The field.
    pub field: String,
    /// What was typed.
    #[ts(type = "string")]
    pub value: SecretText,
}

/// A secret for the eyes of the person who asked.
#[derive(Debug, Serialize, TS)]
pub struct RevealedSecret {
    /// The secret.
    #[ts(type = "string")]
    pub text: SecretText,
    /// For how many seconds it is to be shown.
    pub seconds: u64,
}

/// A secret that is on the clipboard now.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct CopiedSecret {
    /// The number of this copy, which the news of its end names.
    pub copy: u64,
    /// Seconds until it is taken off.
    pub seconds: u64,
}

/// A one-time code for the eyes of the person who asked.
#[derive(Debug, Serialize, TS)]
pub struct ShownCode {
    /// Six to eight digits.
    #[ts(type = "string")]
    pub code: SecretText,
    /// Seconds that it holds from now on.
    pub seconds_left: u64,
    /// Seconds that each code holds.
    pub period: u64,
}

/// Where entries come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum BringFrom {
    /// The hosts of ssh's configuration.
    Ssh {
        /// The file; the person's own `~/.ssh/config` where none is named.
        path: Option<String>,
    },
    /// A table (CSV) of a password manager.
    Table {
        /// The file.
        path: String,
    },
}

/// Asks what entries a file would bring, or for them to be kept.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct BringAccess {
    /// Where they come from.
    pub source: BringFrom,
    /// [`BringPlan::revision`], once it was shown: what is kept is what was shown.
    #[serde(default)]
    #[ts(optional)]
    pub revision: Option<String>,
    /// The names of those that are not wanted.
    #[serde(default)]
    pub leave_out: Vec<String>,
}

/// What entries a file would bring. Nothing is kept yet.
#[derive(Clone, Debug, Serialize, TS)]
pub struct BringPlan {
    /// The file that was read.
    pub path: String,
    /// Names what was read in it.
    pub revision: String,
    /// The entries, in its order.
    pub rows: Vec<AccessImportRow>,
}

/// The passphrase of the vault.
#[derive(Debug, Deserialize, TS)]
pub struct VaultPassphrase {
    /// What was typed; 8 characters at least for a new one.
    #[ts(type = "string")]
    pub passphrase: SecretText,
}

/// Moves every secret.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct MoveSecrets {
    /// `keychain` or `vault`.
    pub to: String,
}
