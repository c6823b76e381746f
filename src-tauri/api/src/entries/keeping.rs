//! Which keychain keeps which secret, and which one new secrets go to.

use std::{ffi::OsStr, fs, os::unix::fs::MetadataExt as _, path::PathBuf};

use access::{Account, Keychain, KeychainError, Secret, Vault};

use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    wire::{KeeperView, KeychainStanding},
};

/// The name of the system's keychain where it is written down.
pub(crate) const KEYCHAIN: &str = "keychain";
/// The name of the vault there.
pub(crate) const VAULT: &str = "vault";
/// The setting that says where new secrets go.
const SETTING: &str = "access.keeper";
/// The vault's file, in the folder of the store.
const FILE: &str = "vault.age";

/// The variable of the environment that names the file with the vault's passphrase, where nobody can type it.
pub const PASSPHRASE_FILE: &str = "ALLGOOD_VAULT_PASSPHRASE_FILE";

/// What was typed in one line, without the line end that `echo` and editors add; text of several lines (a key) as it is.
#[must_use]
pub fn without_line_end(mut bytes: Vec<u8>) -> Vec<u8> {
    let one_line = bytes.iter().position(|byte| *byte == b'\n').is_some_and(|at| at + 1 == bytes.len());
    if one_line {
        bytes.pop();
        bytes.pop_if(|byte| *byte == b'\r');
    }
    bytes
}

/// Everything that secrets are kept in.
pub(crate) struct Keepers {
    system: Box<dyn Keychain>,
    pub(crate) vault: Vault,
}

impl Keepers {
    /// The system's keychain, and the vault beside the store.
    pub(crate) fn new(system: Box<dyn Keychain>, data: &std::path::Path) -> Self {
        Self { system, vault: Vault::at(data.join(FILE)) }
    }

    /// The keeper of that name.
    pub(crate) fn of(&self, place: &str) -> &dyn Keychain {
        if place == VAULT { &self.vault } else { &*self.system }
    }
}

/// Why a keychain did not do something, with a sentence that names what.
pub(crate) fn refused(error: &KeychainError, sentence: String) -> ApiError {
    let code = match error {
        KeychainError::VaultLocked(_) => ErrorCode::VaultLocked,
        KeychainError::ShortPassphrase(_) | KeychainError::VaultIsThere(_) | KeychainError::NoVault(_) => {
            ErrorCode::BadInput
        }
        _ => ErrorCode::Keychain,
    };
    ApiError::new(code, sentence)
}

fn plainly(error: &KeychainError) -> ApiError {
    refused(error, error.to_string())
}

impl App {
    /// Where new secrets go.
    pub(crate) fn keeper(&self) -> Result<&'static str, ApiError> {
        let chosen: Option<String> = self.store.setting(SETTING)?;
        Ok(if chosen.as_deref() == Some(VAULT) { VAULT } else { KEYCHAIN })
    }

    /// Where secrets are kept, and whether they can be had now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn access_keeper(&self, _: Nothing) -> Result<KeeperView, ApiError> {
        let entries = self.store.access_entries()?;
        let fields = entries.iter().flat_map(|entry| entry.fields.values());
        let keychain = self.keepers.system.state();
        let (in_vault, in_keychain): (Vec<_>, Vec<_>) = fields.partition(|field| field.place == VAULT);
        Ok(KeeperView {
            keeper: self.keeper()?.to_owned(),
            keychain: standing(&keychain),
            keychain_problem: keychain.err().map(|error| error.to_string()),
            vault: self.keepers.vault.path().display().to_string(),
            vault_exists: self.keepers.vault.exists(),
            vault_open: self.keepers.vault.state().is_ok(),
            in_keychain: in_keychain.len() as u64,
            in_vault: in_vault.len() as u64,
        })
    }

    /// The person chooses the vault: makes it, and from now on new secrets go there. What is in the keychain stays there until
    /// it is moved.
    ///
    /// # Errors
    /// When there is one, the passphrase is too short, or the file cannot be written.
    pub fn vault_create(&self, passphrase: &Secret) -> Result<(), ApiError> {
        self.keepers.vault.create(passphrase).map_err(|error| plainly(&error))?;
        Ok(self.store.set_setting(SETTING, &VAULT)?)
    }

    /// Opens the vault for as long as this program runs.
    ///
    /// # Errors
    /// When there is none, or the passphrase is wrong.
    pub fn vault_unlock(&self, passphrase: &Secret) -> Result<(), ApiError> {
        self.keepers.vault.unlock(passphrase).map_err(|error| plainly(&error))
    }

    /// The passphrase in the file that the environment names; `None` where it names none.
    ///
    /// # Errors
    /// When the file cannot be read, or others can read it.
    pub fn vault_passphrase(&self) -> Result<Option<Secret>, ApiError> {
        let named = self.engine.settings.environment.get(OsStr::new(PASSPHRASE_FILE));
        let Some(path) = named.filter(|path| !path.is_empty()).map(PathBuf::from) else { return Ok(None) };
        let wrong = |why: &str| {
            let path = path.display();
            let sentence =
                format!("The passphrase of the vault cannot be taken from {path} (${PASSPHRASE_FILE}): {why}.");
            ApiError::new(ErrorCode::BadInput, sentence)
        };
        let found = fs::metadata(&path).map_err(|error| wrong(&error.to_string()))?;
        if found.mode() & 0o077 != 0 {
            return Err(wrong("others can read it; take that from them (chmod 600)"));
        }
        let bytes = fs::read(&path).map_err(|error| wrong(&error.to_string()))?;
        Ok(Some(Secret::new(without_line_end(bytes))))
    }

    /// Opens the vault by that file, where nobody is asked; whether the environment names one.
    ///
    /// # Errors
    /// As [`App::vault_passphrase`] and [`App::vault_unlock`].
    pub fn vault_unlock_unasked(&self) -> Result<bool, ApiError> {
        let Some(passphrase) = self.vault_passphrase()? else { return Ok(false) };
        self.vault_unlock(&passphrase)?;
        Ok(true)
    }

    /// Has the system ask the person to unlock the keychain, where it is locked.
    ///
    /// # Errors
    /// When it cannot be had afterwards either.
    pub fn access_unlock(&self, _: Nothing) -> Result<KeeperView, ApiError> {
        self.keepers.system.unlock().map_err(|error| plainly(&error))?;
        self.access_keeper(Nothing {})
    }

    /// Closes the vault: its passphrase has to be given again before its secrets can be had.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn access_vault_lock(&self, _: Nothing) -> Result<KeeperView, ApiError> {
        self.keepers.vault.lock();
        self.access_keeper(Nothing {})
    }

    /// Gives the vault another passphrase. It has to be open.
    ///
    /// # Errors
    /// When it is locked, or the new passphrase is too short.
    pub fn vault_change_passphrase(&self, new: &Secret) -> Result<(), ApiError> {
        self.keepers.vault.change_passphrase(new).map_err(|error| plainly(&error))
    }

    /// Whether the vault can be read.
    ///
    /// # Errors
    /// When there is none, it is locked, or it is damaged.
    pub fn vault_unlocked(&self) -> Result<(), ApiError> {
        self.keepers.vault.state().map_err(|error| plainly(&error))
    }

    /// Where the vault is, or would be.
    #[must_use]
    pub fn vault_path(&self) -> PathBuf {
        self.keepers.vault.path().to_path_buf()
    }

    /// Moves every secret to the vault or to the keychain, where new ones go from then on; each is in its old place until all
    /// are in the new one. Gives how many were moved.
    ///
    /// # Errors
    /// When one of the two cannot be had; then each is still where it was.
    pub fn access_move(&self, to: &str) -> Result<u64, ApiError> {
        if to != VAULT && to != KEYCHAIN {
            let sentence = format!("Secrets are kept in the {KEYCHAIN} or in the {VAULT}, not in \"{to}\".");
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        self.keepers.of(to).state().map_err(|error| plainly(&error))?;
        let entries = self.store.access_entries()?;
        let fields =
            entries.iter().flat_map(|entry| entry.fields.iter().map(move |(field, kept)| (entry, field, kept)));
        let mut moving = Vec::new();
        for (entry, field, kept) in fields.filter(|(.., kept)| kept.place != to) {
            let account = Account::new(&entry.id, field);
            let found = self.keepers.of(&kept.place).get(&account, access::Asking::Allowed).map_err(|error| {
                let sentence =
                    format!("The secret \"{field}\" of {} was not moved, nor any other: {error}.", entry.name);
                refused(&error, sentence)
            })?;
            moving.extend(found.map(|secret| (entry, field, kept, account, secret)));
        }
        let secrets: Vec<_> = moving
            .iter()
            .map(|(entry, field, _, account, secret)| (account.clone(), secret, label(&entry.name, field)))
            .collect();
        self.keepers
            .of(to)
            .set_all(&secrets)
            .map_err(|error| refused(&error, format!("The secrets were not moved: {error}.")))?;
        for (entry, field, kept, ..) in &moving {
            self.store.set_access_field(&entry.id, field, Some(to), &kept.set_at)?;
        }
        self.store.set_setting(SETTING, &to)?;
        let from = if to == VAULT { KEYCHAIN } else { VAULT };
        let accounts: Vec<Account> = moving.iter().map(|(.., account, _)| account.clone()).collect();
        self.keepers.of(from).remove_all(&accounts).map_err(|error| {
            refused(
                &error,
                format!("The secrets were moved, but their old copies could not all be removed: {error}."),
            )
        })?;
        Ok(moving.len() as u64)
    }
}

fn standing(state: &Result<(), KeychainError>) -> KeychainStanding {
    match state {
        Ok(()) => KeychainStanding::Open,
        Err(KeychainError::Locked | KeychainError::Dismissed) => KeychainStanding::Locked,
        Err(KeychainError::Absent(_)) => KeychainStanding::Absent,
        Err(_) => KeychainStanding::Failing,
    }
}

/// What a person sees of a secret in the system's own program.
pub(crate) fn label(entry: &str, field: &str) -> String {
    format!("Allgood: {entry}, {field}")
}
