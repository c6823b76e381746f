//! A keychain in memory: gone with the process. For tests, which can also say how it fails.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Account, Asking, Keychain, KeychainError};
use crate::Secret;

/// Secrets in memory.
#[derive(Default)]
pub struct MemoryKeychain {
    kept: Mutex<BTreeMap<Account, Secret>>,
    failing: Mutex<Option<KeychainError>>,
}

impl MemoryKeychain {
    /// With nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on nothing can be had or kept, for this reason; `None` ends that.
    pub fn fail(&self, why: Option<KeychainError>) {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    fn open(&self) -> Result<MutexGuard<'_, BTreeMap<Account, Secret>>, KeychainError> {
        match self.failing.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(why) => Err(why),
            None => Ok(self.kept.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

impl Keychain for MemoryKeychain {
    fn get(&self, account: &Account, _: Asking) -> Result<Option<Secret>, KeychainError> {
        Ok(self.open()?.get(account).map(|kept| Secret::new(kept.expose().to_vec())))
    }

    fn has(&self, account: &Account) -> Result<bool, KeychainError> {
        Ok(self.open()?.contains_key(account))
    }

    fn set(&self, account: &Account, secret: &Secret, _: &str) -> Result<(), KeychainError> {
        self.open()?.insert(account.clone(), Secret::new(secret.expose().to_vec()));
        Ok(())
    }

    fn remove(&self, account: &Account) -> Result<(), KeychainError> {
        self.open()?.remove(account);
        Ok(())
    }

    fn state(&self) -> Result<(), KeychainError> {
        self.open().map(drop)
    }
}
