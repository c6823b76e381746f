//! Identifiers: `type--UUID`. The same runbook has the same ones each time, so that two exports of it can be compared.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use uuid::Builder;

/// The identifier of a playbook that has none yet, by what it is called: export it again and it is the same one.
pub(super) fn playbook(name: &str) -> String {
    part("", "playbook", name)
}

/// The identifier of a part of it. They are UUIDs of version 4, as the specification asks of
/// steps; their bits are of a hash over what names the part.
pub(super) fn part(playbook: &str, kind: &str, name: &str) -> String {
    let mut hash = Sha256::new();
    for text in [playbook, kind, name] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    format!("{kind}--{}", Builder::from_random_bytes(bytes).into_uuid())
}

/// A text's SHA-256 in hexadecimal.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Whether a text is an identifier (section 10.10 of the specification) of one of these kinds; of any where none is named.
pub(super) fn is_one(text: &str, kinds: &[&str]) -> bool {
    let Some((kind, uuid)) = text.split_once("--") else { return false };
    let named = kind.len() > 2
        && kind.starts_with(|first: char| first.is_ascii_lowercase())
        && !kind.ends_with('-')
        && kind.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-');
    let is_uuid = uuid.len() == 36
        && uuid::Uuid::parse_str(uuid).is_ok_and(|uuid| {
            (1..=5).contains(&uuid.get_version_num()) && uuid.get_variant() == uuid::Variant::RFC4122
        });
    named && is_uuid && (kinds.is_empty() || kinds.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stay_and_have_the_versions_that_are_asked_for() {
        let playbook = playbook("Disk full");
        assert_eq!(playbook, super::playbook("Disk full"));
        let version = |id: &str| uuid::Uuid::parse_str(id.split_once("--").unwrap().1).unwrap().get_version_num();
        assert_eq!(version(&playbook), 4);
        let (one, other) = (part(&playbook, "action", "a"), part(&playbook, "action", "b"));
        assert_eq!((version(&one), one == other), (4, false));
        assert!(one.starts_with("action--"));
    }

    #[test]
    fn an_identifier_is_a_kind_and_a_uuid_of_versions_1_to_5() {
        let uuid = "61a6c41e-6efc-4516-a242-dfbc5c89d562";
        assert!(is_one(&format!("playbook--{uuid}"), &["playbook"]) && is_one(&format!("a1-b--{uuid}"), &[]));
        let wrong = [
            "playbook--1",
            uuid,
            "Playbook--61a6c41e-6efc-4516-a242-dfbc5c89d562",
            "playbook--61a6c41e-6efc-7516-a242-dfbc5c89d562",
            "playbook--61a6c41e-6efc-4516-0242-dfbc5c89d562",
            "playbook--61a6c41e6efc4516a242dfbc5c89d562",
            "a---61a6c41e-6efc-4516-a242-dfbc5c89d562",
        ];
        assert_eq!(wrong.iter().filter(|id| is_one(id, &[])).count(), 0);
        assert!(!is_one(&format!("action--{uuid}"), &["playbook"]));
    }
}
