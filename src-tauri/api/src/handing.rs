//! A run as one file: for another machine, and back (RUNS.md, "Handing over"). `docs/runs.md` describes the file.
//!
//! Whoever sends such a file may mean harm. Nothing of it names a place on this machine, nothing that it says about
//! itself is believed, and what does not hold is not taken: no part of it.

mod file;
mod looking;
mod sharing;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{Fact, RunId, RunStatus, event::FinishState};
use store::{NewRun, RunLock, TakenIn};

use self::file::{Arrived, refuse, write};
pub(crate) use self::sharing::SharedFile;
use crate::{
    ApiError, App, ErrorCode,
    commands::RunArgument,
    views,
    wire::{HandOverRun, HandedFile, RunSummary, TakeRun, TakenRun},
};

impl App {
    /// Writes a run, its revision, journal and output, to a new file that only its owner can read. Where it is said to
    /// whom, the run is finished here, as handed over; it has to be at rest: nothing of it runs.
    ///
    /// # Errors
    /// When there is no such run, it is driven by somebody, its record does not hold, it is over and cannot be handed over,
    /// or the file cannot be written.
    pub fn run_hand_over(&self, request: HandOverRun) -> Result<RunSummary, ApiError> {
        let row = self.row(&request.run)?;
        let id = row.start.id.clone();
        let path = Path::new(&request.path);
        let to = request.to.as_deref().map(str::trim);
        if to == Some("") {
            return Err(ApiError::new(ErrorCode::BadInput, "Say to whom the run is handed over."));
        }
        let unwritten = |error: &io::Error| {
            let path = path.display();
            ApiError::new(ErrorCode::File, format!("{path} cannot be written: {error}. Choose another name."))
        };
        if fs::symlink_metadata(path).is_ok() {
            return Err(unwritten(&io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let (path, folder) = (path.display(), folder.display());
            let sentence =
                format!("{path} cannot be written: there is no folder {folder}. Make it, or choose another name.");
            return Err(ApiError::new(ErrorCode::File, sentence));
        }
        let mut written = tempfile::Builder::new()
            .prefix(".allgood-run-")
            .tempfile_in(folder)
            .map_err(|error| unwritten(&error))?;
        let note = request.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
        if note.is_some() && to.is_none() {
            return Err(ApiError::new(
                ErrorCode::BadInput,
                "A note goes along with a run that is handed over: say to whom.",
            ));
        }
        if to.is_some() {
            self.is_own(&row)?;
        }
        let _held = self.at_rest(&id, to, note)?;
        let marked = |error: ApiError| match to {
            Some(_) => {
                let message = format!(
                    "{} Run {id} is marked as handed over: write its file again with `allgood export {id} -o FILE`.",
                    error.message
                );
                ApiError { message, ..error }
            }
            None => error,
        };
        write(self, &id, None, written.as_file_mut()).map_err(marked)?;
        written.persist_noclobber(path).map_err(|error| marked(unwritten(&error.error)))?;
        if to.is_some() {
            // The run is written and marked: that it cannot be said later where is no reason to call that a failure.
            if let Err(error) = self.store.set_setting(&handed(&id), &self.mask(&path.display().to_string())) {
                tracing::warn!(run = %id, %error, "where its file is was not kept");
            }
        }
        self.summary(&self.store.run(&id)?)
    }

    /// Sees to it that nobody drives a run while it is written, and marks it as handed over where it is said to whom.
    fn at_rest(&self, id: &RunId, to: Option<&str>, note: Option<&str>) -> Result<Option<RunLock>, ApiError> {
        let under_way = |what: &str| {
            let sentence = format!("Run {id} {what}: put it aside before it is written.");
            ApiError::new(ErrorCode::State, sentence)
        };
        if let Some(live) = self.live_run(id) {
            match (live.status(), to) {
                (RunStatus::Running, _) => return Err(under_way("is running")),
                (RunStatus::Waiting, None) => return Err(under_way("is under way")),
                (RunStatus::Waiting | RunStatus::Paused, Some(to)) => {
                    if let Some(note) = note {
                        live.send(engine::Command::Note { item: None, text: note.to_owned() })?;
                    }
                    // What runs in the background ends with the pause, and its end is recorded.
                    if live.status() == RunStatus::Waiting {
                        live.send(engine::Command::Pause)?;
                        live.wait();
                    }
                    live.send(engine::Command::HandOver { to: to.to_owned() })?;
                }
                // What is over, or paused, writes nothing.
                (_, Some(to)) => self.hand_over(id, to, note)?,
                (_, None) => {}
            }
            return Ok(None);
        }
        if self.store.only_reads() && to.is_none() {
            // Nobody drives a run here; as it was left it is written.
            return Ok(None);
        }
        let Some(held) = self.free(id)? else { return Err(under_way("is driven by another process")) };
        self.store.interrupt(id, &self.engine.clock.now(), &self.engine.settings.actor)?;
        if let Some(to) = to {
            self.hand_over(id, to, note)?;
        }
        Ok(Some(held))
    }

    /// Marks a run that nobody drives as handed over.
    fn hand_over(&self, id: &RunId, to: &str, note: Option<&str>) -> Result<(), ApiError> {
        let state = self.store.run_state(id)?;
        match state.finished {
            None | Some(FinishState::Failed | FinishState::HandedOver) => {}
            Some(FinishState::Passed | FinishState::RolledBack | FinishState::Abandoned) => {
                let sentence = format!(
                    "Run {id} is over: there is nothing left of it to hand over. Write it without saying to whom."
                );
                return Err(ApiError::new(ErrorCode::State, sentence));
            }
        }
        let (at, actor) = (self.engine.clock.now(), self.mask(&self.engine.settings.actor));
        let note = note.map(|note| Fact::Note { item: None, text: self.mask(note) });
        for fact in note.into_iter().chain([Fact::HandedOver { to: self.mask(to) }]) {
            let kept = self.engine.journal.append(id, &at, &actor, fact);
            kept.map_err(|error| ApiError::new(ErrorCode::Store, error.to_string()))?;
        }
        Ok(())
    }

    /// The file that a run was last handed over in from here, if it was.
    ///
    /// # Errors
    /// When there is no such run, or the store cannot be read.
    pub fn run_handed_file(&self, argument: RunArgument) -> Result<Option<HandedFile>, ApiError> {
        let id = self.row(&argument.run)?.start.id;
        let path = self.store.setting::<String>(&handed(&id))?;
        Ok(path.map(|path| HandedFile { there: Path::new(&path).is_file(), path }))
    }

    /// Takes in a run from the window: of a text that stands in a trusted folder here, word for word, or that was run here
    /// before.
    ///
    /// # Errors
    /// When the file is no run or does not hold, the run went on here as well, or its runbook is not trusted here. Nothing
    /// was kept then.
    pub fn run_take(self: &Arc<Self>, request: TakeRun) -> Result<TakenRun, ApiError> {
        self.take(Path::new(&request.path), request.runbook.as_deref().map(Path::new), true)
    }

    /// Takes in a run from the command line: naming its file is the person's own act.
    ///
    /// # Errors
    /// As [`App::run_take`], but for trust.
    pub fn take_file(&self, path: &Path, runbook: Option<&Path>) -> Result<TakenRun, ApiError> {
        self.take(path, runbook, false)
    }

    /// Whether a file is a run, as [`App::run_hand_over`] writes it.
    #[must_use]
    pub fn is_run_file(&self, path: &Path) -> bool {
        file::is_run(path)
    }

    fn take(&self, path: &Path, runbook: Option<&Path>, trusted_alone: bool) -> Result<TakenRun, ApiError> {
        let arrived = Arrived::verified(path)?;
        let id = arrived.run.clone();
        let known = self.store.run(&id).ok();
        let place = match runbook {
            Some(given) => fs::canonicalize(given).ok().filter(|path| path.is_file()).ok_or_else(|| {
                let sentence = format!("{} is no file: name the runbook of the run.", given.display());
                ApiError::new(ErrorCode::BadInput, sentence)
            })?,
            None => match &known {
                Some(row) => PathBuf::from(&row.start.path),
                None => PathBuf::from(&arrived.path),
            },
        };
        let now = place.is_absolute().then(|| fs::read(&place).ok()).flatten();
        let same = now.as_deref() == Some(arrived.revision.as_slice());
        if trusted_alone && known.is_none() {
            self.trusted(&place, arrived.mode)?;
            if !same {
                let sentence = format!(
                    "{} is not the runbook of this run, word for word. Take the run in on the command line, after reading \
                     it: `allgood take {}`.",
                    place.display(),
                    path.display()
                );
                return Err(ApiError::new(ErrorCode::NotTrusted, sentence));
            }
        }
        let Some(held) = self.free_or_new(&id)? else {
            return Err(ApiError::new(ErrorCode::State, format!("Run {id} is driven here: put it aside first.")));
        };
        let new = self.new_run(&arrived, &place)?;
        let taken = arrived.read(|events| {
            self.store.take_in(
                &held,
                &new,
                (&arrived.tail, runbook.is_some()),
                &arrived.revision,
                &arrived.removed,
                events,
            )
        })?;
        let taken = taken.map_err(|error| match error.kind() {
            store::ErrorKind::Refused | store::ErrorKind::Damaged => refuse(path, &error.to_string()),
            _ => error.into(),
        })?;
        drop(held);
        // Handed over as a file it goes on here, also where its record was shared before.
        self.store.note_own(&id)?;
        let row = self.store.run(&id)?;
        let folder = Path::new(&row.start.path).parent().unwrap_or(Path::new("/"));
        Ok(TakenRun {
            events: match taken {
                TakenIn::New => row.events,
                TakenIn::Longer(new) => new,
                TakenIn::Known => 0,
            },
            known: taken != TakenIn::New,
            missing: (!folder.is_absolute() || !folder.is_dir()).then(|| folder.display().to_string()),
            differs: now.is_some() && !same,
            run: self.summary(&row)?,
        })
    }

    /// What is kept of a run that arrived, of the runbook at a place here.
    fn new_run(&self, arrived: &Arrived, place: &Path) -> Result<NewRun, ApiError> {
        let shown = place.display().to_string();
        let book = self.parse(&shown, &arrived.revision, place);
        Ok(NewRun {
            id: arrived.run.clone(),
            path: shown,
            library: self.store.library_of(place)?.map(|library| library.id),
            title: arrived.title.clone(),
            revision: arrived.hash.clone(),
            mode: arrived.mode,
            environment: arrived.environment.clone(),
            actor: arrived.actor.clone(),
            items: views::items(&book, arrived.step.clone()),
            started_at: arrived.started_at.clone(),
            parent: arrived.parent.clone(),
        })
    }

    /// The lock of a run that may not be known yet.
    fn free_or_new(&self, id: &RunId) -> Result<Option<RunLock>, ApiError> {
        if self.live_run(id).is_some() { Ok(None) } else { Ok(self.store.lock_run(id)?) }
    }
}

/// Under which name is kept where a run was handed over.
fn handed(id: &RunId) -> String {
    format!("handed_over:{id}")
}
