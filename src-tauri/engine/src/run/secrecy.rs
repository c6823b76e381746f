//! What of a run's values is secret, and that they are masked from the moment they are known (ACCESS.md, "Masking" and
//! "Secrets that come back").

use super::{Refusal, driver::Driver, values::says_secret};
use crate::{event::Fact, journal::Secrets};

impl Driver {
    /// Whether the front matter says that this name stands for a secret.
    pub(crate) fn is_declared_secret(&self, name: &str) -> bool {
        let settings = &self.plan.runbook().settings;
        settings.params.iter().any(|param| param.secret && param.name == name)
            || settings.access.iter().any(|(access, _)| access == name)
    }

    /// Masks those of these values that are secret by their names, before any of them is looked at: one may hold another.
    pub(crate) fn learn<'a>(&self, values: impl Iterator<Item = (&'a str, &'a str)>) {
        for (name, value) in values {
            if self.is_declared_secret(name) || says_secret(name) {
                // What cannot be masked is said when the value is kept.
                let _ = self.engine.secrets.learn(value);
            }
        }
    }

    /// Masks a secret value from now on; where that cannot be, says so in the record. An empty one that nobody declared a
    /// secret is none.
    pub(crate) fn keep_secret(&mut self, name: &str, value: &str) {
        let said = self.engine.secrets.learn(value);
        let declared = self.is_declared_secret(name);
        if let Some(sentence) = said.filter(|_| declared || !value.is_empty()) {
            self.keep(Fact::Note { text: format!("{name}: {sentence}"), item: None });
        }
    }

    /// Remembers a value for the rest of the run; one that is secret in memory alone.
    pub(crate) fn remember(&mut self, name: String, value: String, from: &str) {
        self.shared.remember(&name, &value);
        let secrets = &self.engine.secrets;
        let secret = self.is_declared_secret(&name) || says_secret(&name) || secrets.mask_text(&value) != value;
        let kept = if secret {
            self.keep_secret(&name, &value);
            self.memory.values.insert(name.clone(), value);
            None
        } else {
            self.memory.values.remove(&name);
            Some(value)
        };
        self.keep(Fact::ParameterSet { name, value: kept, from: from.to_owned() });
    }
}

impl Refusal {
    /// The same with every text that a person reads masked.
    pub(crate) fn masked(self, secrets: &dyn Secrets) -> Self {
        let mask = |text: String| secrets.mask_text(&text);
        match self {
            Self::UnknownItem(item) => Self::UnknownItem(mask(item)),
            Self::Stale(item) => Self::Stale(mask(item)),
            Self::Guard(sentence) => Self::Guard(mask(sentence)),
            // The names are asked for as they stand; a runbook with a secret in one of them is not started.
            Self::Needs { sentence, placeholders, doubts, variables } => {
                Self::Needs { sentence: mask(sentence), placeholders, doubts, variables }
            }
            Self::Confirm { sentence, typed, environment } => {
                Self::Confirm { sentence: mask(sentence), typed, environment }
            }
            Self::State(sentence) => Self::State(mask(sentence)),
            Self::Value(sentence) => Self::Value(mask(sentence)),
            Self::Journal(sentence) => Self::Journal(mask(sentence)),
            Self::NothingToUndo => Self::NothingToUndo,
        }
    }
}
