//! Where secret fields are kept: the system's keychain, an encrypted file that the person chose, or memory in a test.
//!
//! Each secret stands under the service `allgood` and the account `ENTRY-ID/FIELD`, so that renaming an entry loses
//! nothing (ACCESS.md, "Access entries").

mod memory;
mod system;
mod vault;

use std::{fmt, path::PathBuf, time::Duration};

use crate::Secret;

pub use memory::MemoryKeychain;
pub use system::SystemKeychain;
pub use vault::Vault;

/// The service that all secrets stand under.
pub const SERVICE: &str = "allgood";

/// One secret field of one entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    entry: String,
    field: String,
}

impl Account {
    /// The field of that name of the entry of that id.
    #[must_use]
    pub fn new(entry: &str, field: &str) -> Self {
        Self { entry: entry.to_owned(), field: field.to_owned() }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.entry, self.field)
    }
}

/// Whether the person may be asked to unlock the keychain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The system may show its own question, and it is waited for.
    Allowed,
    /// Nobody is there to answer: what is locked is refused at once.
    Never,
}

/// What keeps secrets.
pub trait Keychain: Send + Sync {
    /// The secret; `None` when there is none.
    ///
    /// # Errors
    /// Why it could not be had.
    fn get(&self, account: &Account, asking: Asking) -> Result<Option<Secret>, KeychainError>;

    /// Whether there is such a secret. Never asks anybody, and does not take it into memory.
    ///
    /// # Errors
    /// When that cannot be known without asking.
    fn has(&self, account: &Account) -> Result<bool, KeychainError>;

    /// Keeps a secret in place of what was there; `label` is what a person sees of it in the system's own program.
    ///
    /// # Errors
    /// Why it could not be kept; what was there stays.
    fn set(&self, account: &Account, secret: &Secret, label: &str) -> Result<(), KeychainError>;

    /// Keeps several, each with its label: all of them or none where they are kept in one place, else up to the first that
    /// could not be kept.
    ///
    /// # Errors
    /// As for [`Keychain::set`].
    fn set_all(&self, secrets: &[(Account, &Secret, String)]) -> Result<(), KeychainError> {
        secrets.iter().try_for_each(|(account, secret, label)| self.set(account, secret, label))
    }

    /// Forgets several, in the same way.
    ///
    /// # Errors
    /// As for [`Keychain::remove`].
    fn remove_all(&self, accounts: &[Account]) -> Result<(), KeychainError> {
        accounts.iter().try_for_each(|account| self.remove(account))
    }

    /// Forgets a secret; one that is not there is forgotten already.
    ///
    /// # Errors
    /// Why it could not be forgotten.
    fn remove(&self, account: &Account) -> Result<(), KeychainError>;

    /// Whether secrets can be had now. Never asks anybody.
    ///
    /// # Errors
    /// What is in the way.
    fn state(&self) -> Result<(), KeychainError>;

    /// Has the system ask the person to unlock it, where it is locked; the answer is waited for.
    ///
    /// # Errors
    /// When secrets cannot be had afterwards either.
    fn unlock(&self) -> Result<(), KeychainError> {
        self.state()
    }
}

/// Why a keychain did not do it: the cause, and what to do. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says it")]
pub enum KeychainError {
    #[error(
        "this machine's keychain cannot be reached: {0}; sign in to a desktop that has one (GNOME Keyring, KWallet), or \
         choose an encrypted file with a passphrase instead (`allgood access vault create`)"
    )]
    Absent(String),
    #[error(
        "this machine's keychain is locked: unlock it, by signing in to the desktop or in its own program, and try again"
    )]
    Locked,
    #[error(
        "this machine's keychain is locked, and the question that would unlock it was not answered: try again and answer \
         it, or unlock it in its own program"
    )]
    Dismissed,
    #[error(
        "this machine's keychain did not answer within {0:?}: it may show a question on another screen; answer it and \
         try again, or start it anew"
    )]
    NoAnswer(Duration),
    #[error("this machine's keychain does not let Allgood have it: {0}; allow it in the keychain's own program")]
    Denied(String),
    #[error("this machine's keychain failed: {0}; try again, or start it anew")]
    Failed(String),
    #[error("there is no vault at {}: make one with `allgood access vault create`", .0.display())]
    NoVault(PathBuf),
    #[error("there is a vault at {} already: it is kept as it is", .0.display())]
    VaultIsThere(PathBuf),
    #[error("the vault {} is locked: its passphrase has to be given", .0.display())]
    VaultLocked(PathBuf),
    #[error("that is not the passphrase of the vault {}", .0.display())]
    WrongPassphrase(PathBuf),
    #[error("the vault {} is damaged: {why}; put a copy of it back, or move it away and make a new one", .0.display(), why = .1)]
    VaultDamaged(PathBuf, String),
    #[error("the vault {} cannot be read or written: {why}", .0.display(), why = .1)]
    VaultFile(PathBuf, String),
    #[error("the vault {} would become larger than 15 MiB: keep large secrets elsewhere, or remove some", .0.display())]
    VaultFull(PathBuf),
    #[error("the passphrase of a vault has at least {0} characters")]
    ShortPassphrase(usize),
}

#[cfg(test)]
mod tests;
