//! The file of a run that goes to a team, and those that come from one: they are shown here, and go on elsewhere.

use std::{
    fs::File,
    path::{Component, Path, PathBuf},
};

use engine::{RunId, RunState};
use store::TakenIn;

use super::file::{Arrived, Most, refuse, write};
use crate::{ApiError, App, ErrorCode, author::place::is_markdown};

/// How much is read of what others shared, in bytes: it is taken in without a person looking at each.
const SHARED: Most = Most { journal: 64 * 1024 * 1024, output: 256 * 1024 * 1024 };

/// What a file that was shared holds, of which all was checked.
pub(crate) struct SharedFile {
    arrived: Arrived,
    /// Where the file is, as long as it is read.
    _held: Option<tempfile::TempDir>,
}

impl SharedFile {
    /// Reads one that is said to be of a run.
    ///
    /// # Errors
    /// When it does not hold, is of another run, or its run is not finished.
    pub(crate) fn verified(path: &Path, run: &RunId) -> Result<Self, ApiError> {
        let arrived = Arrived::verified_within(path, SHARED)?;
        if arrived.run != *run {
            return Err(refuse(path, &format!("it is of run {}, and its name of {run}", arrived.run)));
        }
        let state = arrived.read(|events| {
            let mut state = RunState::default();
            // What cannot be read was refused before.
            while let Ok(Some((event, _))) = events() {
                state = state.apply(&event);
            }
            state
        })?;
        if !state.is_finished() {
            return Err(refuse(path, "its run is not finished"));
        }
        Ok(Self { arrived, _held: None })
    }

    /// The same; the folder of its file goes with it.
    pub(crate) fn held_by(self, folder: tempfile::TempDir) -> Self {
        Self { _held: Some(folder), ..self }
    }

    /// How many events it has.
    pub(crate) fn events(&self) -> u64 {
        self.arrived.tail.count
    }

    /// The hash of the last.
    pub(crate) fn last_hash(&self) -> &str {
        &self.arrived.tail.last_hash
    }

    /// Where its runbook would be in a repository here; none where it does not say it, or says what is no place in one.
    pub(crate) fn place(&self, root: &Path) -> Option<PathBuf> {
        let within = Path::new(self.arrived.within.as_deref()?);
        let plain = within.components().all(|part| matches!(part, Component::Normal(_)));
        let readable = !within.as_os_str().to_string_lossy().chars().any(char::is_control);
        (plain && readable && is_markdown(within)).then(|| root.join(within))
    }

    /// Where its runbook was.
    pub(crate) fn was(&self) -> &Path {
        Path::new(&self.arrived.path)
    }
}

impl App {
    /// Writes a run of this store that is finished, for others to read.
    pub(crate) fn write_shared(&self, run: &RunId, within: Option<String>, file: &mut File) -> Result<(), ApiError> {
        let _held = self.at_rest(run, None, None)?;
        if !self.store.run_state(run)?.is_finished() {
            let sentence = format!("Run {run} is not finished: it can be shared when it is.");
            return Err(ApiError::new(ErrorCode::State, sentence));
        }
        write(self, run, within, file)
    }

    /// Keeps a run of somebody else, of the runbook at a place here.
    pub(crate) fn take_shared(&self, shared: &SharedFile, place: &Path) -> Result<TakenIn, ApiError> {
        let arrived = &shared.arrived;
        let Some(held) = self.free_or_new(&arrived.run)? else {
            let sentence = format!("Run {} is driven here.", arrived.run);
            return Err(ApiError::new(ErrorCode::Locked, sentence));
        };
        let new = self.new_run(arrived, place)?;
        let taken = arrived.read(|events| {
            self.store.take_in(&held, &new, (&arrived.tail, false), &arrived.revision, &arrived.removed, events)
        })?;
        taken.map_err(|error| match error.kind() {
            store::ErrorKind::Refused | store::ErrorKind::Damaged => {
                ApiError::new(ErrorCode::BadInput, error.to_string())
            }
            _ => error.into(),
        })
    }
}
