//! The encrypted file for a machine without a keychain (a server over ssh): age with a passphrase, so that `age --decrypt`
//! opens it too. Made only where the person says so; never plain text.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use age::secrecy::SecretString;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use nix::fcntl::{Flock, FlockArg};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::{Account, Asking, Keychain, KeychainError};
use crate::Secret;

/// scrypt's work, as a power of two: 2^17 blocks of 1 KiB, a third of a second and 128 MiB (OWASP's recommendation).
const WORK: u8 = 17;
/// The most work that is done for a file that says it needs it: 16 s. A hostile file must not keep the machine busy.
const MOST_WORK: u8 = 22;
/// The fewest characters of a passphrase.
const SHORTEST: usize = 8;
/// The largest vault that is read, in bytes; none is written that comes near it.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What the vault holds: by account, in base64.
type Kept = BTreeMap<String, Zeroizing<String>>;

/// Device, number, time of change and size of a file: whether it is the one that was read.
type Version = (u64, u64, Option<SystemTime>, u64);

/// One encrypted file.
pub struct Vault {
    path: PathBuf,
    open: Mutex<Option<Open>>,
}

struct Open {
    passphrase: SecretString,
    version: Version,
    kept: Kept,
}

impl Vault {
    /// The vault at that place, whether there is one or not; locked.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path, open: Mutex::new(None) }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// Makes an empty one, open.
    ///
    /// # Errors
    /// When there is one, the passphrase is too short, or the file cannot be written.
    pub fn create(&self, passphrase: &Secret) -> Result<(), KeychainError> {
        let passphrase = self.passphrase(passphrase)?;
        let _held = self.hold()?;
        if self.exists() {
            return Err(KeychainError::VaultIsThere(self.path.clone()));
        }
        self.write(&passphrase, Kept::new())
    }

    /// Opens it for as long as this program runs.
    ///
    /// # Errors
    /// When there is none, the passphrase is wrong, or the file is damaged.
    pub fn unlock(&self, passphrase: &Secret) -> Result<(), KeychainError> {
        let passphrase = text(passphrase).ok_or_else(|| KeychainError::WrongPassphrase(self.path.clone()))?;
        let (version, kept) = self.read(&passphrase)?;
        *self.opened() = Some(Open { passphrase, version, kept });
        Ok(())
    }

    /// Closes it: its passphrase and what it holds are wiped from memory.
    pub fn lock(&self) {
        *self.opened() = None;
    }

    /// Gives it another passphrase.
    ///
    /// # Errors
    /// When it is locked, the new one is too short, or the file cannot be written.
    pub fn change_passphrase(&self, new: &Secret) -> Result<(), KeychainError> {
        let new = self.passphrase(new)?;
        let _held = self.hold()?;
        self.refresh()?;
        let kept = self.opened().take().map(|open| open.kept).unwrap_or_default();
        self.write(&new, kept)
    }

    fn passphrase(&self, given: &Secret) -> Result<SecretString, KeychainError> {
        let long_enough = |passphrase: &SecretString| passphrase.expose_secret().chars().count() >= SHORTEST;
        text(given).filter(long_enough).ok_or(KeychainError::ShortPassphrase(SHORTEST))
    }

    fn opened(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self, error: &io::Error) -> KeychainError {
        match error.kind() {
            io::ErrorKind::NotFound => KeychainError::NoVault(self.path.clone()),
            _ => KeychainError::VaultFile(self.path.clone(), error.to_string()),
        }
    }

    /// Keeps other processes from writing it until this is dropped.
    fn hold(&self) -> Result<Flock<File>, KeychainError> {
        let path = self.path.with_extension("lock");
        let opened = fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| KeychainError::VaultFile(path.clone(), error.to_string()))?;
        Flock::lock(file, FlockArg::LockExclusive)
            .map_err(|(_, error)| KeychainError::VaultFile(path, error.to_string()))
    }

    fn version(&self) -> Result<Version, KeychainError> {
        let found = fs::metadata(&self.path).map_err(|error| self.trouble(&error))?;
        Ok((found.dev(), found.ino(), found.modified().ok(), found.len()))
    }

    /// Reads what another process wrote since.
    fn refresh(&self) -> Result<(), KeychainError> {
        let version = self.version()?;
        let mut open = self.opened();
        let Some(known) = open.as_mut() else { return Err(KeychainError::VaultLocked(self.path.clone())) };
        if known.version != version {
            let read = self.read(&known.passphrase);
            match read {
                Ok((version, kept)) => (known.version, known.kept) = (version, kept),
                Err(error) => {
                    *open = None;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn read(&self, passphrase: &SecretString) -> Result<(Version, Kept), KeychainError> {
        let version = self.version()?;
        let mut bytes = Vec::new();
        let file = File::open(&self.path).map_err(|error| self.trouble(&error))?;
        file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| self.trouble(&error))?;
        let mut identity = age::scrypt::Identity::new(passphrase.clone());
        identity.set_max_work_factor(MOST_WORK);
        let damaged = |why: String| KeychainError::VaultDamaged(self.path.clone(), why);
        let text = Zeroizing::new(age::decrypt(&identity, &bytes).map_err(|error| match error {
            age::DecryptError::DecryptionFailed
            | age::DecryptError::NoMatchingKeys
            | age::DecryptError::KeyDecryptionFailed => KeychainError::WrongPassphrase(self.path.clone()),
            other => damaged(other.to_string()),
        })?);
        let kept: BTreeMap<String, String> = serde_json::from_slice(&text)
            .map_err(|_| damaged("what it holds is not what Allgood wrote".to_owned()))?;
        Ok((version, kept.into_iter().map(|(account, value)| (account, Zeroizing::new(value))).collect()))
    }

    /// Writes it whole, in place of what is there, and keeps it open.
    fn write(&self, passphrase: &SecretString, kept: Kept) -> Result<(), KeychainError> {
        let failed = |error: &dyn std::fmt::Display| KeychainError::VaultFile(self.path.clone(), error.to_string());
        let plain: BTreeMap<&str, &str> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let text = Zeroizing::new(serde_json::to_vec(&plain).map_err(|error| failed(&error))?);
        // What is around it takes far less.
        if text.len() as u64 > LARGEST - LARGEST / 16 {
            return Err(KeychainError::VaultFull(self.path.clone()));
        }
        let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
        recipient.set_work_factor(WORK);
        let bytes = age::encrypt(&recipient, &text).map_err(|error| failed(&error))?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new()
            .prefix(".vault-")
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(folder)
            .map_err(|error| failed(&error))?;
        file.write_all(&bytes).and_then(|()| file.as_file().sync_all()).map_err(|error| failed(&error))?;
        file.persist(&self.path).map_err(|error| failed(&error.error))?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed(&error))?;
        *self.opened() = Some(Open { passphrase: passphrase.clone(), version: self.version()?, kept });
        Ok(())
    }

    /// Changes what it holds, beside nobody else.
    fn change(&self, work: impl FnOnce(&mut Kept)) -> Result<(), KeychainError> {
        self.version()?;
        let _held = self.hold()?;
        self.refresh()?;
        let Some(Open { passphrase, mut kept, .. }) = self.opened().take() else {
            return Err(KeychainError::VaultLocked(self.path.clone()));
        };
        work(&mut kept);
        let written = self.write(&passphrase, kept);
        if written.is_err() {
            // What is on disk is what holds.
            if let Ok((version, kept)) = self.read(&passphrase) {
                *self.opened() = Some(Open { passphrase, version, kept });
            }
        }
        written
    }
}

impl Keychain for Vault {
    fn get(&self, account: &Account, _: Asking) -> Result<Option<Secret>, KeychainError> {
        self.refresh()?;
        let open = self.opened();
        let kept = open.as_ref().and_then(|open| open.kept.get(&account.to_string()));
        let decoded = kept.map(|value| STANDARD.decode(value.as_bytes()).map(Secret::new)).transpose();
        decoded.map_err(|error| KeychainError::VaultDamaged(self.path.clone(), error.to_string()))
    }

    fn has(&self, account: &Account) -> Result<bool, KeychainError> {
        self.refresh()?;
        Ok(self.opened().as_ref().is_some_and(|open| open.kept.contains_key(&account.to_string())))
    }

    fn set(&self, account: &Account, secret: &Secret, label: &str) -> Result<(), KeychainError> {
        self.set_all(&[(account.clone(), secret, label.to_owned())])
    }

    fn remove(&self, account: &Account) -> Result<(), KeychainError> {
        self.remove_all(std::slice::from_ref(account))
    }

    // The file is written whole, and each time its key is made anew with much work: that is done once.
    fn set_all(&self, secrets: &[(Account, &Secret, String)]) -> Result<(), KeychainError> {
        let values = secrets
            .iter()
            .map(|(account, secret, _)| (account.to_string(), Zeroizing::new(STANDARD.encode(secret.expose()))));
        let values: Vec<_> = values.collect();
        if values.is_empty() { Ok(()) } else { self.change(|kept| kept.extend(values)) }
    }

    fn remove_all(&self, accounts: &[Account]) -> Result<(), KeychainError> {
        if accounts.is_empty() {
            return Ok(());
        }
        self.change(|kept| accounts.iter().for_each(|account| drop(kept.remove(&account.to_string()))))
    }

    fn state(&self) -> Result<(), KeychainError> {
        self.refresh()
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Vault").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A passphrase as text; `None` where it is none.
fn text(secret: &Secret) -> Option<SecretString> {
    std::str::from_utf8(secret.expose()).ok().map(|text| SecretString::from(text.to_owned()))
}
