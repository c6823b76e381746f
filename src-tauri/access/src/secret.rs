//! A secret in memory: cannot be printed, serialised or cloned by accident, and is wiped after use.

use secrecy::{ExposeSecret as _, SecretSlice};
use zeroize::Zeroizing;

use crate::sequences::{between_any, without_controls};

/// The fewest characters that can be masked: shorter ones stand everywhere by chance (ACCESS.md, "Masking").
pub(crate) const FEWEST_CHARACTERS: usize = 4;

/// A secret's bytes. Its `Debug` says nothing of it, there is no `Display`, no `Serialize` and no `Clone`, and its
/// memory is wiped when it is dropped.
///
/// ```compile_fail
/// let secret = access::Secret::new(b"hunter22".to_vec());
/// let copy = secret.clone();
/// ```
///
/// ```compile_fail
/// println!("{}", access::Secret::new(b"hunter22".to_vec()));
/// ```
pub struct Secret(SecretSlice<u8>);

impl Secret {
    /// Takes the bytes over. Copies that the caller has are not wiped by this.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for the moment of use.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Whether it can be masked in what is printed.
    ///
    /// # Errors
    /// When it is too short, with a sentence for a person.
    pub fn maskable(&self) -> Result<(), Unmaskable> {
        // White space around it is often not printed with it, and what is shown is looked at without control characters, so
        // that colours within a secret do not hide it.
        let value = self.expose().trim_ascii();
        let seen = || characters(between_any(&Zeroizing::new(without_controls(value))));
        match characters(value) {
            0 => Err(Unmaskable::Empty),
            few if few < FEWEST_CHARACTERS => Err(Unmaskable::Short(few)),
            _ => match seen() {
                few if few < FEWEST_CHARACTERS => Err(Unmaskable::Unseen(few)),
                _ => Ok(()),
            },
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(<redacted>)")
    }
}

/// Why a secret cannot be masked. It can be used all the same: whoever saves or uses it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmaskable {
    /// There is nothing to mask.
    #[error("the secret is empty: there is nothing to mask")]
    Empty,
    /// One to three characters.
    #[error(
        "the secret has only {0} characters, and fewer than 4 cannot be masked: it will be seen wherever a command \
         prints it"
    )]
    Short(usize),
    /// Four or more, but with control characters left out one to three, or none.
    #[error(
        "of the secret's characters only {0} can be seen, and fewer than 4 cannot be masked: they will be seen wherever a \
         command prints them"
    )]
    Unseen(usize),
}

/// How many characters; of what is no UTF-8, each wrong byte counts as one.
pub(crate) fn characters(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = Secret::new(b"hunter22".to_vec());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(<redacted>) Some(Secret(<redacted>))");
        assert_eq!(secret.expose(), b"hunter22");
    }

    #[test]
    fn a_short_secret_says_that_it_cannot_be_masked() {
        for (bytes, expected) in [
            ("", Err(Unmaskable::Empty)),
            ("a", Err(Unmaskable::Short(1))),
            ("äöü", Err(Unmaskable::Short(3))),
            ("äöüß", Ok(())),
            ("abcd", Ok(())),
            (" \t\n", Err(Unmaskable::Empty)),
            (" abc\n", Err(Unmaskable::Short(3))),
            (" abcd\n", Ok(())),
            ("a\u{1e}\u{1}te", Err(Unmaskable::Unseen(3))),
            ("\u{1}\u{1}\u{1}\u{1}", Err(Unmaskable::Unseen(0))),
            ("a\u{1e}test", Ok(())),
        ] {
            assert_eq!(Secret::new(bytes.into()).maskable(), expected, "{bytes:?}");
        }
        assert_eq!(Secret::new(b"\x9aabc\xc2".to_vec()).maskable(), Err(Unmaskable::Unseen(3)));
        assert!(Unmaskable::Short(3).to_string().contains("3 characters"));
    }
}
