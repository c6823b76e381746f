//! The text to be edited, and what was typed into it and not saved.

use std::{
    fs,
    path::{Path, PathBuf},
};

use store::{NewRevision, Origin, revision_of};

use super::{
    place::Spot,
    text::{ambiguous, bytes_of, line_end, text_of},
};
use crate::{
    ApiError, App, ErrorCode,
    commands::{Nothing, PathArgument},
    library,
    wire::{DraftRow, DraftView, KeepDraft, SourceView},
};

impl App {
    /// A file as text, with what was typed into it and not saved. One that is gone is given when there is a draft of it.
    ///
    /// # Errors
    /// When there is neither a file that can be read nor a draft.
    pub fn source(&self, argument: PathArgument) -> Result<SourceView, ApiError> {
        let spot = self.spot(Path::new(&argument.path))?;
        let draft = self.store.draft(&spot.path)?;
        let found = match self.read_noting(&spot) {
            Ok(bytes) => Some(bytes),
            Err(_) if draft.is_some() => None,
            Err(error) => return Err(spot.closed.map_or(error, |why| ApiError::new(ErrorCode::File, why))),
        };
        let revision = found.as_deref().map(revision_of);
        self.store.opened(&spot.path, &self.engine.clock.now())?;
        let text = found.as_deref().map(text_of).unwrap_or_default();
        let draft = draft.map(|draft| DraftView {
            text: text_of(&draft.bytes),
            file_changed: draft.base != revision,
            base: draft.base,
            at: draft.at,
        });
        let shown = draft.as_ref().filter(|_| found.is_none()).map_or(&text, |draft| &draft.text);
        let modified = fs::metadata(&spot.path).and_then(|found| found.modified()).ok();
        Ok(SourceView {
            path: spot.path.display().to_string(),
            relative: spot.relative(),
            library: spot.library.as_ref().map(|library| library.id.0),
            trusted: spot.library.as_ref().is_some_and(store::Library::is_trusted),
            revision,
            line_end: line_end(shown).to_owned(),
            modified: modified.and_then(|at| jiff::Timestamp::try_from(at).ok()).map(|at| format!("{at:.3}")),
            read_only: spot
                .closed
                .clone()
                .or_else(|| found.as_deref().and_then(|bytes| unfaithful(&spot.path, bytes))),
            draft,
            revisions: self.store.history(&spot.path, 0, 0)?.1,
            text,
        })
    }

    /// Keeps what was typed. It is on disk when this answers.
    ///
    /// # Errors
    /// When the store cannot be written: the draft before it stays then.
    pub fn draft_keep(&self, draft: KeepDraft) -> Result<(), ApiError> {
        let spot = self.spot(Path::new(&draft.path))?;
        let now = self.engine.clock.now();
        Ok(self.store.draft_keep(&spot.path, draft.base.as_deref(), &bytes_of(&draft.text), &now)?)
    }

    /// Throws away what was typed, if there is anything.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn draft_drop(&self, argument: PathArgument) -> Result<(), ApiError> {
        Ok(self.store.draft_drop(&self.spot(Path::new(&argument.path))?.path)?)
    }

    /// Keeps in the history of its file a text that will not be saved (it was discarded, or the file's own was taken
    /// instead), and throws its draft away. What the file holds stays the newest revision.
    ///
    /// # Errors
    /// When the store cannot be written: the draft stays then.
    pub fn set_aside(&self, text: KeepDraft) -> Result<(), ApiError> {
        let spot = self.spot(Path::new(&text.path))?;
        let bytes = bytes_of(&text.text);
        let revision = NewRevision {
            path: spot.path.clone(),
            hash: revision_of(&bytes),
            at: self.engine.clock.now(),
            origin: Origin::Here,
            actor: Some(self.engine.settings.actor.clone()),
            message: Some("Set aside, never saved".to_owned()),
            parent: text.base,
        };
        self.store.note_revision(&revision, &bytes)?;
        // One that cannot be read has nothing to be noted.
        drop(self.read_noting(&spot));
        Ok(self.store.draft_drop(&spot.path)?)
    }

    /// Every draft, the one that was kept last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn drafts(&self, _: Nothing) -> Result<Vec<DraftRow>, ApiError> {
        let title = |path: &PathBuf| -> Result<String, ApiError> {
            let kept = self.store.draft(path)?.map(|draft| draft.bytes).unwrap_or_default();
            Ok(format::parse(&path.display().to_string(), &kept).title)
        };
        let rows = self.store.drafts()?.into_iter();
        rows.map(|row| Ok(DraftRow { title: title(&row.path)?, path: row.path.display().to_string(), at: row.at }))
            .collect()
    }

    /// Notes what another program wrote into a file whose history is known already: one that was opened or saved here.
    /// Waits until nobody saves it here, so that what is saved here is not taken for somebody else's.
    pub(crate) fn note_seen(&self, path: &Path) {
        let known = self.store.history(path, 0, 0).is_ok_and(|(_, total)| total > 0);
        if !known {
            return;
        }
        if let Ok(spot) = self.spot(path) {
            drop(self.read_noting(&spot));
        }
    }

    /// Reads a file, and notes in its history what another program wrote into it. Waits until nobody saves it here: what
    /// was read before a save must not be noted after it.
    pub(crate) fn read_noting(&self, spot: &Spot) -> Result<Vec<u8>, ApiError> {
        let alone = spot.library.is_some().then(|| self.alone(&spot.path));
        let (_, bytes) = library::read(&spot.path)?;
        if let Some(Ok(_alone)) = alone {
            self.note_outside(spot, &bytes);
        }
        Ok(bytes)
    }

    /// Keeps bytes that another program wrote in the history of their file. That they could not be kept is no reason not
    /// to show them.
    pub(super) fn note_outside(&self, spot: &Spot, bytes: &[u8]) {
        if spot.library.is_none() {
            return;
        }
        let revision = NewRevision {
            path: spot.path.clone(),
            hash: revision_of(bytes),
            at: self.engine.clock.now(),
            origin: Origin::Outside,
            actor: None,
            message: None,
            parent: None,
        };
        if let Err(error) = self.store.note_revision(&revision, bytes) {
            tracing::warn!(path = %spot.path.display(), %error, "the history was not kept");
        }
    }
}

/// Why a file cannot be told from its text, if it cannot.
pub(crate) fn unfaithful(path: &Path, bytes: &[u8]) -> Option<String> {
    ambiguous(bytes).then(|| {
        format!(
            "{} holds characters between U+10FF80 and U+10FFFF, which stand for bytes here: edit it in another program.",
            path.display()
        )
    })
}
