//! What every keychain promises, asked of each that needs no session; the Secret Service is asked by the journeys.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::*;

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

fn held(keychain: &dyn Keychain, account: &Account) -> Option<Vec<u8>> {
    keychain.get(account, Asking::Never).unwrap().map(|secret| secret.expose().to_vec())
}

/// Everything that whoever uses a keychain relies on.
fn keeps_its_promises(keychain: &dyn Keychain) {
    let (one, other) = (Account::new("1", "password"), Account::new("1", "key"));
    assert_eq!(one.to_string(), "1/password");
    assert_eq!(held(keychain, &one), None);
    assert!(!keychain.has(&one).unwrap());
    keychain.remove(&one).unwrap();
    keychain.set(&one, &secret("first"), "label").unwrap();
    keychain.set(&one, &secret("second"), "label").unwrap();
    keychain.set(&other, &Secret::new(vec![0, 255, b'\n']), "label").unwrap();
    assert_eq!(held(keychain, &one).unwrap(), b"second");
    assert_eq!(held(keychain, &other).unwrap(), [0, 255, b'\n']);
    assert!(keychain.has(&other).unwrap());
    keychain.remove(&one).unwrap();
    assert_eq!(held(keychain, &one), None);
    assert_eq!(held(keychain, &other).unwrap(), [0, 255, b'\n']);
    let (first, second) = (secret("of-many"), secret("of-them"));
    keychain
        .set_all(&[(one.clone(), &first, "label".to_owned()), (other.clone(), &second, "label".to_owned())])
        .unwrap();
    assert_eq!(
        (held(keychain, &one).unwrap(), held(keychain, &other).unwrap()),
        (b"of-many".to_vec(), b"of-them".to_vec())
    );
    keychain.remove_all(&[one.clone(), Account::new("2", "nothing")]).unwrap();
    keychain.set_all(&[(other.clone(), &Secret::new(vec![0, 255, b'\n']), "label".to_owned())]).unwrap();
    assert_eq!(held(keychain, &one), None);
    keychain.state().unwrap();
}

#[test]
fn a_vault_keeps_several_or_none_and_is_never_written_larger_than_it_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::at(folder.path().join("vault.age"));
    vault.create(&secret("correct horse")).unwrap();
    let (small, large) = (secret("small"), Secret::new(vec![b'x'; 13 * 1024 * 1024]));
    let [one, other] = ["1", "2"].map(|entry| Account::new(entry, "key"));
    let refused = vault.set_all(&[(one.clone(), &small, String::new()), (other, &large, String::new())]);
    assert_eq!(refused, Err(KeychainError::VaultFull(vault.path().to_owned())));
    assert_eq!(held(&vault, &one), None);
    vault.set(&one, &small, "").unwrap();
    assert_eq!(held(&vault, &one).unwrap(), b"small");
}

#[test]
fn a_keychain_in_memory_keeps_what_it_is_given_and_fails_as_it_is_told() {
    let keychain = MemoryKeychain::new();
    keeps_its_promises(&keychain);
    keychain.fail(Some(KeychainError::Locked));
    assert_eq!(keychain.state(), Err(KeychainError::Locked));
    assert!(keychain.get(&Account::new("1", "key"), Asking::Allowed).is_err());
}

#[test]
fn a_vault_keeps_what_it_is_given_also_for_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.age");
    let vault = Vault::at(path.clone());
    assert_eq!(vault.state(), Err(KeychainError::NoVault(path.clone())));
    vault.create(&secret("correct horse")).unwrap();
    keeps_its_promises(&vault);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = Vault::at(path.clone());
    assert_eq!(again.state(), Err(KeychainError::VaultLocked(path.clone())));
    assert_eq!(again.unlock(&secret("wrong horse")), Err(KeychainError::WrongPassphrase(path.clone())));
    again.unlock(&secret("correct horse")).unwrap();
    assert_eq!(held(&again, &Account::new("1", "key")).unwrap(), [0, 255, b'\n']);
    // What one writes the other one has.
    again.set(&Account::new("2", "token"), &secret("from-there"), "").unwrap();
    assert_eq!(held(&vault, &Account::new("2", "token")).unwrap(), b"from-there");
    again.change_passphrase(&secret("another horse")).unwrap();
    assert_eq!(vault.state(), Err(KeychainError::WrongPassphrase(path.clone())));
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "), "any program for age opens it");
    assert!(!bytes.windows(10).any(|part| part == b"from-there"));
}

#[test]
fn a_vault_is_never_written_over_nor_made_with_a_short_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.age");
    let vault = Vault::at(path.clone());
    assert_eq!(vault.create(&secret("short")), Err(KeychainError::ShortPassphrase(8)));
    assert!(!path.exists());
    fs::write(&path, "something else").unwrap();
    assert_eq!(vault.create(&secret("correct horse")), Err(KeychainError::VaultIsThere(path.clone())));
    assert!(matches!(vault.unlock(&secret("correct horse")), Err(KeychainError::VaultDamaged(..))));
    assert_eq!(fs::read(&path).unwrap(), b"something else");
}

#[test]
fn each_way_a_keychain_fails_says_the_cause_and_what_to_do() {
    let path = PathBuf::from("/data/vault.age");
    for (error, cause, remedy) in [
        (KeychainError::Absent("no bus".to_owned()), "no bus", "allgood access vault create"),
        (KeychainError::Locked, "is locked", "unlock it"),
        (KeychainError::Dismissed, "not answered", "try again"),
        (KeychainError::NoAnswer(Duration::from_secs(3)), "3s", "answer it"),
        (KeychainError::Denied("no".to_owned()), "does not let", "allow it"),
        (KeychainError::Failed("it broke".to_owned()), "it broke", "start it anew"),
        (KeychainError::NoVault(path.clone()), "/data/vault.age", "vault create"),
        (KeychainError::VaultLocked(path.clone()), "is locked", "passphrase"),
        (KeychainError::VaultDamaged(path, "cut off".to_owned()), "cut off", "put a copy of it back"),
    ] {
        let sentence = error.to_string();
        assert!(sentence.contains(cause) && sentence.contains(remedy), "{sentence}");
    }
}
