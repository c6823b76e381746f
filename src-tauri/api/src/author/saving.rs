//! Saving: the whole new text or the whole old one, never over what somebody else wrote (ACCESS.md, "Keeping data").
//!
//! A file is replaced by exchanging it with a finished one beside it, which is undone when what came out is not what was
//! to be replaced. What remains: a program that opened the old file before the exchange and writes into it after the look
//! writes into a file that has no name any more. Where the file system knows no exchange, the file is looked at right
//! before it is replaced, and a change in that instant is lost.

use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};
use store::{NewRevision, Origin, revision_of};

use super::{
    drafts::unfaithful,
    place::Spot,
    replacing::{Replaced, replace},
    text::{bytes_of, text_of},
};
use crate::{
    ApiError, App, ErrorCode,
    wire::{SaveText, Saved},
};

/// How long another process may take to save the same file.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many files lock against each other by name.
const LOCKS: usize = 64;
/// What a runbook may have, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;
/// Within so many bytes a NUL makes a file binary.
const BINARY: usize = 8192;

/// What is to be written, and what it was made from.
pub(crate) struct Writing<'a> {
    pub(crate) base: Option<&'a str>,
    pub(crate) bytes: &'a [u8],
    pub(crate) message: Option<&'a str>,
}

impl App {
    /// Puts a text into its file, if that is still what the text was made from.
    ///
    /// # Errors
    /// When nothing may be written there, or the system does not write it: what was typed is kept as a draft then.
    pub fn save(&self, request: SaveText) -> Result<Saved, ApiError> {
        let spot = self.spot(Path::new(&request.path))?;
        let bytes = bytes_of(&request.text);
        let message = request.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
        self.write(&spot, &Writing { base: request.base.as_deref(), bytes: &bytes, message })
    }

    /// As [`App::save`], of bytes.
    pub(crate) fn write(&self, spot: &Spot, writing: &Writing<'_>) -> Result<Saved, ApiError> {
        let before = self.store.draft(&spot.path)?;
        let before = before.as_ref();
        match self.write_file(spot, writing) {
            Ok(Saved::Saved { revision, number, at, notice }) => {
                let kept = self.settle_draft(spot, writing, before, &revision);
                let trouble = kept.err().map(|error| format!("The draft could not be cleared: {error}."));
                Ok(Saved::Saved { revision, number, at, notice: notice.or(trouble) })
            }
            Ok(changed) => {
                self.keep_typed(spot, writing, before)?;
                Ok(changed)
            }
            Err(mut error) => {
                error.message.push_str(match self.keep_typed(spot, writing, before) {
                    Ok(()) => " What was typed is kept as a draft.",
                    Err(_) => " What was typed could not be kept as a draft either: leave it open until it is saved.",
                });
                Err(error)
            }
        }
    }

    /// Writes the file alone, and leaves drafts as they are.
    pub(crate) fn write_file(&self, spot: &Spot, writing: &Writing<'_>) -> Result<Saved, ApiError> {
        let path = spot.open()?;
        let _alone = self.alone(path)?;
        self.write_alone(spot, path, writing)
    }

    fn write_alone(&self, spot: &Spot, path: &Path, writing: &Writing<'_>) -> Result<Saved, ApiError> {
        let name = path.display();
        let bytes = writing.bytes;
        if bytes.len() > LARGEST {
            let sentence = format!("{name} would be larger than 16 MiB: split it into several files.");
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        if bytes.iter().take(BINARY).any(|byte| *byte == 0) {
            let sentence = format!("{name} would hold a NUL character, which no Markdown file does: take it out.");
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        let found = now(path)?;
        if let Some(sentence) = found.as_deref().and_then(|found| unfaithful(path, found)) {
            return Err(ApiError::new(ErrorCode::File, sentence));
        }
        if found.as_deref() == Some(bytes) {
            // Saved before, and the answer was lost.
            return Ok(self.saved(spot, writing));
        }
        if found.as_deref().map(revision_of).as_deref() != writing.base {
            return Ok(self.changed(writing, found.as_deref()));
        }
        if let Some(found) = &found {
            self.note_outside(spot, found);
        }
        match replace(path, found.as_deref(), bytes).map_err(|error| not_written(path, &error))? {
            Replaced::Done => Ok(self.saved(spot, writing)),
            Replaced::Changed(theirs) => {
                if let Some(displaced) = &theirs.displaced {
                    self.note_outside(spot, displaced);
                }
                Ok(self.changed(writing, theirs.bytes.as_deref()))
            }
        }
    }

    /// The file holds the text: the history and the index follow. That they do not is said, and no failure to save.
    fn saved(&self, spot: &Spot, writing: &Writing<'_>) -> Saved {
        let revision = revision_of(writing.bytes);
        let at = self.engine.clock.now();
        let noted = self.store.note_revision(
            &NewRevision {
                path: spot.path.clone(),
                hash: revision.clone(),
                at: at.clone(),
                origin: Origin::Here,
                actor: Some(self.engine.settings.actor.clone()),
                message: writing.message.map(str::to_owned),
                parent: writing.base.map(str::to_owned),
            },
            writing.bytes,
        );
        let newest = || self.store.history(&spot.path, 1, 0).ok()?.0.first().map(|row| row.number);
        let (number, trouble) = match noted {
            Ok(number) => (number.or_else(newest).unwrap_or_default(), None),
            Err(error) => (0, Some(format!("The file is saved, but its history could not be kept: {error}."))),
        };
        let indexed = self.reindex(&spot.path);
        let notice = trouble.or_else(|| {
            indexed
                .err()
                .map(|error| format!("The file is saved, but the list does not know it yet: {}", error.message))
        });
        Saved::Saved { revision, number, at, notice }
    }

    fn changed(&self, writing: &Writing<'_>, theirs: Option<&[u8]>) -> Saved {
        let text = theirs.map(text_of).unwrap_or_default();
        let base = writing.base.filter(|_| theirs.is_some()).and_then(|base| self.store.revision(base).ok());
        let merge = base.map(|base| format::merge(&text_of(&base), &text_of(writing.bytes), &text));
        Saved::Changed {
            revision: theirs.map(revision_of),
            theirs: text,
            conflicts: merge.as_ref().map_or(0, |merge| merge.conflicts.len() as u64),
            merged: merge.filter(|merge| merge.conflicts.is_empty()).map(|merge| merge.text),
        }
    }

    /// After a save the draft goes, unless more was typed meanwhile: that stands on the new revision now.
    fn settle_draft(
        &self,
        spot: &Spot,
        writing: &Writing<'_>,
        before: Option<&store::Draft>,
        revision: &str,
    ) -> Result<(), store::StoreError> {
        let Some(draft) = self.store.draft(&spot.path)? else { return Ok(()) };
        if Some(&draft) == before || draft.bytes == writing.bytes {
            return self.store.draft_drop(&spot.path);
        }
        self.store.draft_keep(&spot.path, Some(revision), &draft.bytes, &draft.at)
    }

    /// What was not saved is kept, unless more was typed meanwhile.
    fn keep_typed(
        &self,
        spot: &Spot,
        writing: &Writing<'_>,
        before: Option<&store::Draft>,
    ) -> Result<(), store::StoreError> {
        if self.store.draft(&spot.path)?.as_ref() != before {
            return Ok(());
        }
        self.store.draft_keep(&spot.path, writing.base, writing.bytes, &self.engine.clock.now())
    }

    /// Nobody who uses this store saves this file while it is held.
    pub(super) fn alone(&self, path: &Path) -> Result<Flock<fs::File>, ApiError> {
        let trouble = |error: io::Error| {
            let name = path.display();
            ApiError::new(ErrorCode::Store, format!("{name} could not be locked for saving: {error}."))
        };
        let folder = self.data.join("saving");
        fs::create_dir_all(&folder).map_err(trouble)?;
        let slot = revision_of(path.as_os_str().as_encoded_bytes());
        let slot = usize::from_str_radix(slot.get(..4).unwrap_or_default(), 16).unwrap_or_default() % LOCKS;
        let file = folder.join(format!("{slot}.lock"));
        let until = Instant::now() + PATIENCE;
        loop {
            let opened =
                fs::OpenOptions::new().create(true).truncate(false).write(true).open(&file).map_err(trouble)?;
            match Flock::lock(opened, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Ok(lock),
                Err((_, Errno::EWOULDBLOCK)) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(5))
                }
                Err((_, Errno::EWOULDBLOCK)) => {
                    let sentence = format!("{} is being saved by another process: try again.", path.display());
                    return Err(ApiError::new(ErrorCode::Locked, sentence));
                }
                Err((_, errno)) => return Err(trouble(errno.into())),
            }
        }
    }
}

/// What the file holds, if it is there.
fn now(path: &Path) -> Result<Option<Vec<u8>>, ApiError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(crate::library::unreadable(path, &error)),
    }
}

/// Why the system did not write a file.
pub(crate) fn not_written(path: &Path, error: &io::Error) -> ApiError {
    let name = path.display();
    let folder = path.parent().unwrap_or(path).display();
    let sentence = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("{name} was not saved: there is no space left in {folder}. Free some, then save again.")
        }
        io::ErrorKind::NotFound => {
            format!("{name} was not saved: the folder {folder} is gone. Put it back, or save elsewhere.")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("{name} was not saved: the folder {folder} is read-only. Change its mode, or save elsewhere.")
        }
        io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
            format!(
                "{name} was not saved: something is mounted at this very file, so that it cannot be replaced as a whole. \
                 Change it where it comes from, or save elsewhere."
            )
        }
        _ => format!("{name} was not saved: {error}."),
    };
    ApiError::new(ErrorCode::File, sentence)
}
