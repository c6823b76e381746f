//! The system's keychain, through `keyring`: on Linux the Secret Service of the session's D-Bus.

use std::{sync::mpsc, thread, time::Duration};

use super::{Account, Asking, Keychain, KeychainError};
use crate::Secret;

/// How long an answer may take that needs no person.
const QUICK: Duration = Duration::from_secs(15);
/// How long a person may take to answer the system's own question.
const PATIENT: Duration = Duration::from_secs(180);

/// The keychain of this person's session. Asked anew each time: it may come, go and be locked while Allgood runs.
#[derive(Debug, Default)]
pub struct SystemKeychain;

impl SystemKeychain {
    /// The one there is.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Keychain for SystemKeychain {
    fn get(&self, account: &Account, asking: Asking) -> Result<Option<Secret>, KeychainError> {
        let account = account.to_string();
        bounded(asking, move || {
            if asking == Asking::Never {
                platform::must_be_open(&account)?;
            }
            platform::get(&account)
        })
    }

    fn has(&self, account: &Account) -> Result<bool, KeychainError> {
        let account = account.to_string();
        bounded(Asking::Never, move || platform::has(&account))
    }

    fn set(&self, account: &Account, secret: &Secret, label: &str) -> Result<(), KeychainError> {
        let (account, label, secret) = (account.to_string(), label.to_owned(), Secret::new(secret.expose().to_vec()));
        bounded(Asking::Allowed, move || platform::set(&account, &secret, &label))
    }

    fn remove(&self, account: &Account) -> Result<(), KeychainError> {
        let account = account.to_string();
        bounded(Asking::Allowed, move || platform::remove(&account))
    }

    fn state(&self) -> Result<(), KeychainError> {
        bounded(Asking::Never, platform::state)
    }

    fn unlock(&self) -> Result<(), KeychainError> {
        bounded(Asking::Allowed, platform::unlock)
    }
}

/// Does it on a thread of its own, which is waited for so long and no longer: a question that nobody sees must not keep
/// the program.
fn bounded<T: Send + 'static>(
    asking: Asking,
    work: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    let patience = if asking == Asking::Allowed { PATIENT } else { QUICK };
    let (answer, answered) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
        // Whoever asked may have given up.
        let _ = answer.send(work());
    });
    spawned.map_err(|error| KeychainError::Failed(error.to_string()))?;
    match answered.recv_timeout(patience) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(KeychainError::NoAnswer(patience)),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(KeychainError::Failed("it ended in the middle of an answer".to_owned()))
        }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use std::{collections::HashMap, sync::Arc};

    use keyring_core::{Entry, Error, api::CredentialStoreApi as _};
    use secret_service::{EncryptionType, Error as ServiceError, blocking::SecretService};
    use zbus_secret_service_keyring_store::Store;

    use super::super::{KeychainError, SERVICE};
    use crate::Secret;

    /// What D-Bus answers where it lets nobody through.
    const DENIED: [&str; 2] = ["AccessDenied", "AuthFailed"];

    fn store() -> Result<Arc<Store>, KeychainError> {
        Store::new().map_err(|error| failure(&error))
    }

    fn entry(account: &str, label: &str) -> Result<Entry, KeychainError> {
        let modifiers: HashMap<&str, &str> = [("label", label)].into();
        store()?.build(SERVICE, account, Some(&modifiers)).map_err(|error| failure(&error))
    }

    fn label(account: &str) -> String {
        format!("Allgood {account}")
    }

    pub(super) fn get(account: &str) -> Result<Option<Secret>, KeychainError> {
        match entry(account, &label(account))?.get_secret() {
            Ok(secret) => Ok(Some(Secret::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    pub(super) fn set(account: &str, secret: &Secret, label: &str) -> Result<(), KeychainError> {
        entry(account, label)?.set_secret(secret.expose()).map_err(|error| failure(&error))
    }

    pub(super) fn remove(account: &str) -> Result<(), KeychainError> {
        match entry(account, &label(account))?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Looks for a secret without asking for it: how many are open, and how many are locked.
    fn look(account: &str) -> Result<(usize, usize), KeychainError> {
        let service = SecretService::connect(EncryptionType::Plain).map_err(|error| of_service(&error))?;
        let wanted: HashMap<&str, &str> = [("service", SERVICE), ("username", account)].into();
        let found = service.search_items(wanted).map_err(|error| of_service(&error))?;
        Ok((found.unlocked.len(), found.locked.len()))
    }

    pub(super) fn has(account: &str) -> Result<bool, KeychainError> {
        match look(account)? {
            (0, 0) => state().map(|()| false),
            _ => Ok(true),
        }
    }

    pub(super) fn must_be_open(account: &str) -> Result<(), KeychainError> {
        match look(account)? {
            (0, 1..) => Err(KeychainError::Locked),
            _ => Ok(()),
        }
    }

    /// Whether the default collection is there and open.
    pub(super) fn state() -> Result<(), KeychainError> {
        let service = SecretService::connect(EncryptionType::Plain).map_err(|error| of_service(&error))?;
        let collection = service.get_default_collection().map_err(|error| of_service(&error))?;
        match collection.is_locked().map_err(|error| of_service(&error))? {
            true => Err(KeychainError::Locked),
            false => Ok(()),
        }
    }

    /// Has the system ask to unlock the default collection.
    pub(super) fn unlock() -> Result<(), KeychainError> {
        let service = SecretService::connect(EncryptionType::Plain).map_err(|error| of_service(&error))?;
        let collection = service.get_default_collection().map_err(|error| of_service(&error))?;
        collection.unlock().map_err(|error| of_service(&error))
    }

    fn failure(error: &Error) -> KeychainError {
        match error {
            Error::NoStorageAccess(cause) | Error::PlatformFailure(cause) => {
                let service = cause.downcast_ref::<ServiceError>();
                service.map_or_else(|| KeychainError::Failed(cause.to_string()), of_service)
            }
            Error::Ambiguous(_) => KeychainError::Failed("it holds this secret twice".to_owned()),
            other => KeychainError::Failed(other.to_string()),
        }
    }

    fn of_service(error: &ServiceError) -> KeychainError {
        match error {
            ServiceError::Unavailable => {
                KeychainError::Absent("no program on the session's D-Bus offers one".to_owned())
            }
            ServiceError::NoResult => KeychainError::Absent("it has no default collection".to_owned()),
            ServiceError::Locked => KeychainError::Locked,
            ServiceError::Prompt => KeychainError::Dismissed,
            other => {
                let text = other.to_string().trim_start_matches("zbus error: ").to_owned();
                if DENIED.iter().any(|word| text.contains(word)) {
                    return KeychainError::Denied(text);
                }
                // No bus at all: neither an address nor the socket of a session.
                match other {
                    ServiceError::Zbus(_) | ServiceError::ZbusFdo(_) if no_bus(&text) => KeychainError::Absent(text),
                    _ => KeychainError::Failed(text),
                }
            }
        }
    }

    fn no_bus(text: &str) -> bool {
        ["ServiceUnknown", "NameHasNoOwner", "No such file", "Connection refused", "I/O error", "address"]
            .iter()
            .any(|word| text.contains(word))
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::super::KeychainError;
    use crate::Secret;

    fn absent<T>() -> Result<T, KeychainError> {
        Err(KeychainError::Absent("this version of Allgood reaches the keychains of Linux only".to_owned()))
    }

    pub(super) fn get(_: &str) -> Result<Option<Secret>, KeychainError> {
        absent()
    }

    pub(super) fn set(_: &str, _: &Secret, _: &str) -> Result<(), KeychainError> {
        absent()
    }

    pub(super) fn remove(_: &str) -> Result<(), KeychainError> {
        absent()
    }

    pub(super) fn has(_: &str) -> Result<bool, KeychainError> {
        absent()
    }

    pub(super) fn must_be_open(_: &str) -> Result<(), KeychainError> {
        absent()
    }

    pub(super) fn state() -> Result<(), KeychainError> {
        absent()
    }

    pub(super) fn unlock() -> Result<(), KeychainError> {
        absent()
    }
}
