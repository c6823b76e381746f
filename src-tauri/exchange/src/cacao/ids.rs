//! Identifiers: `type--UUID`. The same runbook has the same ones each time, so that two exports of it can be compared.

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
}
