//! The secrets in use, and maskers that know them (ACCESS.md, "Masking").
//!
//! Everything that a child prints, and every text field of an event, passes here before it is hashed, stored or
//! shown.

use std::sync::{Arc, PoisonError, RwLock};

use engine::{Mask, Secrets};

use crate::{
    patterns::Patterns,
    secret::{Secret, Unmaskable},
    stream::Stream,
};

/// Every secret in use. One for all runs: a secret of one is masked in the others too.
#[derive(Default)]
pub struct KnownSecrets {
    known: Arc<Known>,
}

/// What is known now; replaced as a whole when a secret is added.
type Known = RwLock<Arc<Patterns>>;

impl KnownSecrets {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Masks this secret from now on, also in streams that have begun.
    ///
    /// # Errors
    /// When it is too short to be masked: it is not, then, and whoever uses it must say so.
    pub fn register(&self, secret: &Secret) -> Result<(), Unmaskable> {
        secret.maskable()?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(more) = known.with(secret.expose()) {
            *known = Arc::new(more);
        }
        Ok(())
    }
}

impl Secrets for KnownSecrets {
    fn masker(&self) -> Box<dyn Mask> {
        Box::new(Masker { known: Arc::clone(&self.known), stream: Stream::default() })
    }

    fn learn(&self, value: &str) -> Option<String> {
        let learnt = self.register(&Secret::new(value.as_bytes().to_vec()));
        learnt.err().map(|unmaskable| unmaskable.to_string())
    }
}

impl std::fmt::Debug for KnownSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KnownSecrets(<redacted>)")
    }
}

/// Masks one stream.
struct Masker {
    known: Arc<Known>,
    stream: Stream,
}

impl Masker {
    fn patterns(&self) -> Arc<Patterns> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Mask for Masker {
    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let patterns = self.patterns();
        self.stream.push(&patterns, bytes)
    }

    fn silence(&mut self) -> Vec<u8> {
        let patterns = self.patterns();
        self.stream.silence(&patterns)
    }

    fn finish(&mut self) -> Vec<u8> {
        let patterns = self.patterns();
        self.stream.finish(&patterns)
    }
}

#[cfg(test)]
mod tests;
