//! What the window asks of entries and their secrets, as it crosses the wire. A secret is in the answer of a reveal and of a code
//! alone; what is copied does not come to the page at all.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use access::{Incoming, Secret};
use sha2::{Digest as _, Sha256};

use super::using::SecretSet;
use crate::{
    ApiError, App, ErrorCode,
    commands::{Nothing, PathArgument},
    places,
    wire::{
        AccessArgument, AccessField, AccessView, AddAccess, BringAccess, BringFrom, BringPlan, CopiedSecret,
        GrantAccess, KeeperView, KeptAccess, MoveSecrets, RevealedSecret, SecretText, SetSecret, ShownCode,
        VaultPassphrase,
    },
};

/// For how many seconds the window shows a secret.
const SHOWN_FOR: u64 = 15;

impl App {
    /// Adds an entry with its secrets: all of it or nothing.
    ///
    /// # Errors
    /// As for [`App::access_create`].
    pub fn access_new(&self, new: AddAccess) -> Result<KeptAccess, ApiError> {
        let secrets: Vec<(String, Secret)> =
            new.secrets.into_iter().map(|one| (one.field, one.value.into_secret())).collect();
        let (view, set) = self.access_create(new.entry, &secrets)?;
        Ok(KeptAccess { view, warnings: set.into_iter().filter_map(warning).collect() })
    }

    /// Keeps a secret of an entry, in place of the one that is there.
    ///
    /// # Errors
    /// As for [`App::access_set`].
    pub fn access_secret_set(&self, set: SetSecret) -> Result<KeptAccess, ApiError> {
        let field = AccessField { entry: set.entry.clone(), field: Some(set.field) };
        let kept = self.access_set(&field, set.value.secret())?;
        let view = self.access_view(AccessArgument { entry: set.entry })?;
        Ok(KeptAccess { view, warnings: warning(kept).into_iter().collect() })
    }

    /// Forgets a secret of an entry.
    ///
    /// # Errors
    /// As for [`App::access_forget`].
    pub fn access_secret_forget(&self, field: AccessField) -> Result<AccessView, ApiError> {
        self.access_forget(&field)?;
        self.access_view(AccessArgument { entry: field.entry })
    }

    /// A secret for the eyes of the person at the window.
    ///
    /// # Errors
    /// As for [`App::access_reveal`], and when it is no text.
    pub fn access_secret_reveal(&self, field: AccessField) -> Result<RevealedSecret, ApiError> {
        let secret = self.access_reveal(&field)?;
        let text = SecretText::shown(secret).ok_or_else(|| {
            let named = field.field.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
            let sentence = format!(
                "A secret of {} is no text, so it cannot be shown: `allgood access reveal \"{}\"{named}` prints it as it \
                 is into a pipe or a file.",
                field.entry, field.entry
            );
            ApiError::new(ErrorCode::BadInput, sentence)
        })?;
        Ok(RevealedSecret { text, seconds: SHOWN_FOR })
    }

    /// Puts a secret on the clipboard for 30 seconds.
    ///
    /// # Errors
    /// As for [`App::access_reveal`], and when there is no clipboard.
    pub fn access_secret_copy(self: &Arc<Self>, field: AccessField) -> Result<CopiedSecret, ApiError> {
        let secret = self.access_reveal(&field)?;
        self.copy_for_a_while(&secret)
    }

    /// The one-time code of this moment.
    ///
    /// # Errors
    /// As for [`App::access_code`].
    pub fn access_code_show(&self, argument: AccessArgument) -> Result<ShownCode, ApiError> {
        let now = self.access_code(&argument)?.code;
        let code = SecretText::from(Secret::new(now.digits.as_bytes().to_vec()));
        Ok(ShownCode { code, seconds_left: now.seconds_left, period: now.period })
    }

    /// Puts the one-time code of this moment on the clipboard for 30 seconds.
    ///
    /// # Errors
    /// As for [`App::access_code`], and when there is no clipboard.
    pub fn access_code_copy(self: &Arc<Self>, argument: AccessArgument) -> Result<CopiedSecret, ApiError> {
        let now = self.access_code(&argument)?.code;
        self.copy_for_a_while(&Secret::new(now.digits.as_bytes().to_vec()))
    }

    /// Lets runbooks use entries in runs, or takes that back; gives whose runbooks were meant.
    ///
    /// # Errors
    /// As for [`App::access_grant`].
    pub fn access_allow(&self, grant: GrantAccess) -> Result<String, ApiError> {
        self.access_grant(&grant)
    }

    /// What entries a file would bring. Nothing is kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn access_bring_look(&self, bring: BringAccess) -> Result<BringPlan, ApiError> {
        let (path, incoming) = self.incoming(&bring)?;
        let rows = self.access_import_plan(&incoming)?;
        Ok(BringPlan { path: path.display().to_string(), revision: named(&path, &incoming), rows })
    }

    /// Keeps the entries that a file brings, less those that are not wanted and those whose names are taken; gives how many.
    ///
    /// # Errors
    /// [`ErrorCode::Stale`] when what it brings is not what was shown; else as for [`App::access_import`].
    pub fn access_bring(&self, bring: BringAccess) -> Result<u64, ApiError> {
        let (path, mut incoming) = self.incoming(&bring)?;
        if bring.revision.is_some_and(|shown| shown != named(&path, &incoming)) {
            let sentence =
                format!("{} has changed since it was shown, so nothing was kept: look again.", path.display());
            return Err(ApiError::new(ErrorCode::Stale, sentence));
        }
        incoming.retain(|one| !bring.leave_out.contains(&one.name));
        self.access_import(&incoming)
    }

    fn incoming(&self, bring: &BringAccess) -> Result<(PathBuf, Vec<Incoming>), ApiError> {
        match &bring.source {
            BringFrom::Ssh { path } => {
                let named = path.as_deref().map(str::trim).filter(|path| !path.is_empty()).map(PathBuf::from);
                let own = || places::home().map(|home| home.join(".ssh/config"));
                let shown = named.clone().or_else(own).unwrap_or_default();
                Ok((shown, self.access_read_ssh(named.as_deref())?))
            }
            BringFrom::Table { path } => {
                let path = PathBuf::from(path.trim());
                let read = self.access_read_table(&path)?;
                Ok((path, read))
            }
        }
    }

    /// Writes all entries to a new file, as a table (CSV) without secrets.
    ///
    /// # Errors
    /// When it is there already, or cannot be written.
    pub fn access_write(&self, file: PathArgument) -> Result<(), ApiError> {
        let text = self.access_export()?;
        let path = Path::new(&file.path);
        let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
            let sentence = format!("{} cannot be written: {error}. Nothing is overwritten.", path.display());
            ApiError::new(ErrorCode::File, sentence)
        })
    }

    /// Makes the vault, where new secrets go from then on.
    ///
    /// # Errors
    /// As for [`App::vault_create`].
    pub fn access_vault_create(&self, given: VaultPassphrase) -> Result<KeeperView, ApiError> {
        self.vault_create(given.passphrase.secret())?;
        self.access_keeper(Nothing {})
    }

    /// Opens the vault for as long as this program runs.
    ///
    /// # Errors
    /// As for [`App::vault_unlock`].
    pub fn access_vault_unlock(&self, given: VaultPassphrase) -> Result<KeeperView, ApiError> {
        self.vault_unlock(given.passphrase.secret())?;
        self.access_keeper(Nothing {})
    }

    /// Gives the vault another passphrase.
    ///
    /// # Errors
    /// As for [`App::vault_change_passphrase`].
    pub fn access_vault_passphrase(&self, given: VaultPassphrase) -> Result<KeeperView, ApiError> {
        self.vault_change_passphrase(given.passphrase.secret())?;
        self.access_keeper(Nothing {})
    }

    /// Moves every secret to the keychain or to the vault, where new ones go from then on.
    ///
    /// # Errors
    /// As for [`App::access_move`].
    pub fn access_secrets_move(&self, to: MoveSecrets) -> Result<KeeperView, ApiError> {
        self.access_move(&to.to)?;
        self.access_keeper(Nothing {})
    }
}

fn warning(set: SecretSet) -> Option<String> {
    set.warning.map(|why| format!("{}: {why}", set.field))
}

/// A name of what was read: another one where the file was written since, or anything else of it is different. It goes to the
/// page, so nothing of a secret is in it.
fn named(path: &Path, incoming: &[Incoming]) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    if let Ok(found) = fs::metadata(path) {
        for number in [found.dev(), found.ino(), found.len()] {
            part(&number.to_le_bytes());
        }
        part(&found.mtime().to_le_bytes());
        part(&found.mtime_nsec().to_le_bytes());
    }
    for one in incoming {
        part(one.name.as_bytes());
        part(one.kind.name().as_bytes());
        for text in [&one.group, &one.address, &one.user, &one.note] {
            part(&[u8::from(text.is_some())]);
            part(text.as_deref().unwrap_or_default().as_bytes());
        }
        for (field, _) in &one.secrets {
            part(field.as_bytes());
        }
        part(&[]);
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
