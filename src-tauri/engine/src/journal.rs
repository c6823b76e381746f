//! What the engine asks of the world, as plain data in and out.

use format::Measure;

use crate::{
    event::{Event, Fact, RunId},
    process::Reach,
};

/// Why a fact could not be kept.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct JournalError {
    /// What is wrong and what to do: a sentence for a person.
    pub sentence: String,
    /// It may be over soon: space is freed, a lock is let go, a disk comes back. A run waits for that; anything else ends
    /// it.
    pub may_pass: bool,
}

impl JournalError {
    /// One that no waiting mends.
    pub fn lasting(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), may_pass: false }
    }

    /// One that may be over soon.
    pub fn passing(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), may_pass: true }
    }
}

/// Where facts are kept.
///
/// An event that was returned is on disk. Every fact but [`Fact::Output`] is synced before the call returns.
pub trait Journal: Send + Sync {
    /// Appends one fact: gives it its sequence number, time, actor and hash, and keeps it.
    ///
    /// # Errors
    /// When the store cannot take it (disk full, locked, gone). Nothing was kept then.
    fn append(&self, run: &RunId, at: &str, actor: &str, fact: Fact) -> Result<Event, JournalError>;

    /// Appends facts that became true together, each with its time, in one transaction where the store has those: all
    /// of them or none. None of them is an [`Fact::Output`].
    ///
    /// # Errors
    /// As for `append`.
    fn append_all(&self, run: &RunId, actor: &str, facts: Vec<(String, Fact)>) -> Result<Vec<Event>, JournalError> {
        facts.into_iter().map(|(at, fact)| self.append(run, &at, actor, fact)).collect()
    }

    /// Appends an [`Fact::Output`] and its (masked) bytes, which stand beside it.
    ///
    /// # Errors
    /// As for `append`.
    fn append_output(
        &self,
        run: &RunId,
        at: &str,
        actor: &str,
        fact: Fact,
        bytes: &[u8],
    ) -> Result<Event, JournalError>;
}

/// Who is told, after it is on disk. Called from the run's own threads: must return soon.
pub trait Observer: Send + Sync {
    /// An event was kept.
    fn event(&self, event: &Event);

    /// Masked output of a running attempt, in order, before or after it was kept; `offset` counts the bytes of the
    /// attempt. What a view of a running command shows. Never slows the command: an observer that cannot follow
    /// skips.
    fn output(&self, item: &str, attempt: u64, offset: u64, bytes: &[u8]);

    /// Facts cannot be kept any more, or can be kept again.
    fn keeping(&self, keeping: &Keeping) {
        let _ = keeping;
    }
}

/// Whether the facts of a run can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// As it should be: what could not be kept for a while is on disk now.
    Kept,
    /// Not at present: one sentence. The run waits for it, and goes on by itself.
    Waits(String),
    /// Not any more: one sentence. What ran was stopped; the run goes no further in this process.
    GivenUp(String),
}

/// Where secrets come from, and what hides them.
pub trait Secrets: Send + Sync {
    /// A masker that knows every secret in use, for one stream of bytes or one text.
    fn masker(&self) -> Box<dyn Mask>;

    /// Masks one whole text.
    fn mask_text(&self, text: &str) -> String {
        let mut masker = self.masker();
        let mut bytes = masker.push(text.as_bytes());
        bytes.extend(masker.finish());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// From now on this value is a secret too: it came back from a command, or was given for a parameter that is
    /// `secret: true` (ACCESS.md, "Secrets that come back"). Maskers that were made before need not know it.
    ///
    /// Gives one sentence where it cannot be masked: whoever uses it must be told.
    fn learn(&self, value: &str) -> Option<String> {
        let _ = value;
        None
    }
}

/// Where the values of one run come from that its front matter refers to by `access` (FORMAT.md).
pub trait Access: Send + Sync {
    /// The value of a variable, fetched for one start of one command. Asks nobody, and takes some seconds at most. From
    /// then on every new masker knows it.
    ///
    /// # Errors
    /// One sentence: why it cannot be had, and what to do.
    fn fetch(&self, name: &str, reference: &str) -> Result<Fetched, String>;

    /// How the target is reached that a block names by an access entry (`on=web1`), for one start of one command. Asks
    /// nobody, and takes some seconds at most. Its secrets are known to every new masker from then on.
    ///
    /// # Errors
    /// One sentence: why there is no way there, and what to do.
    fn reach(&self, entry: &str) -> Result<Reached, String> {
        Err(format!("{entry} cannot be reached: there are no access entries here"))
    }

    /// How a server is reached that a block asks (`sql {on=orders-db}`), for one start of it, as [`Reach::Server`]. Asks
    /// nobody, and takes some seconds at most. Its secret is known to every new masker from then on.
    ///
    /// # Errors
    /// One sentence: why there is no way there, and what to do.
    fn server(&self, entry: &str, measure: Measure) -> Result<Reached, String> {
        let what = measure.language();
        Err(format!("{entry} cannot be asked by an `{what}` block: there are no access entries here"))
    }

    /// The access entries that names stand for, each once, in order: those of a group, or the name itself. Asks nobody.
    ///
    /// # Errors
    /// One sentence: which name stands for nothing certain.
    fn hosts(&self, names: &[String]) -> Result<Vec<String>, String> {
        Ok(names.to_vec())
    }
}

/// A target that is an access entry.
#[derive(Debug)]
pub struct Reached {
    /// How it is reached.
    pub reach: Reach,
    /// Where that leads, for the record: `web1 (ann@10.0.0.1:2222)`.
    pub place: String,
    /// What a person should know of its secrets: one sentence each.
    pub warnings: Vec<String>,
}

/// A secret on its way into the environment of one command.
pub struct Fetched {
    /// What the variable is set to.
    pub value: std::ffi::OsString,
    /// Why it cannot be masked in what the command prints, if it cannot: one sentence.
    pub warning: Option<String>,
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Fetched(<redacted>)")
    }
}

/// Masks a stream of bytes that arrives in pieces.
pub trait Mask: Send {
    /// Takes the next piece, gives what can be shown so far.
    fn push(&mut self, bytes: &[u8]) -> Vec<u8>;

    /// Nothing has come for 100 ms: gives what need not be held back any longer (ACCESS.md, "Masking").
    fn silence(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// The stream has ended: gives the rest.
    fn finish(&mut self) -> Vec<u8>;
}

/// The time.
pub trait Clock: Send + Sync {
    /// Now, UTC, RFC 3339 with milliseconds and `Z`.
    fn now(&self) -> String;
}
