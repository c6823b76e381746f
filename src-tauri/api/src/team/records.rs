//! Records of runs that a team shares: which leave this machine, and which of others are kept here. They lie as files of
//! runs (`docs/runs.md`) in a branch of their own, so that no work tree and no commit of a person ever holds one.
//!
//! Nothing is published that a person did not allow for this folder and this remote, and nothing in a repository can allow
//! it. What others put there is verified like any file of a run; what does not hold is refused, and nothing of it is kept.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use engine::RunId;
use serde::{Deserialize, Serialize};
use store::{Library, RunRow, SharedRun};

use super::{
    branch::{Branch, Entry},
    repository::Repository,
};
use crate::{
    ApiError, App, ErrorCode,
    commands::IdArgument,
    handing::SharedFile,
    library::remote::SILENCE,
    wire::{ChooseRecords, RecordsMode, RecordsTaken, RefusedRecord, RunsShared, ShareRuns, TeamRecords},
};

/// How large a shared file may be, in bytes: it stays in git for ever.
pub(super) const LARGEST: u64 = 32 * 1024 * 1024;
/// How often a push is tried again that somebody else was faster than.
const TRIES: usize = 5;
/// After a run nobody waits longer for a remote that says nothing.
const AFTER_A_RUN: Duration = Duration::from_secs(10);

/// What a person chose for a folder.
#[derive(Serialize, Deserialize)]
struct Choice {
    mode: RecordsMode,
    /// For this remote alone: another address is another public.
    address: String,
    /// What began before is shared only by name.
    since: String,
}

impl App {
    /// How records of runs are shared in a folder.
    ///
    /// # Errors
    /// When the folder is not trusted or in no repository.
    pub fn team_records(&self, argument: IdArgument) -> Result<TeamRecords, ApiError> {
        self.records_of(&self.repository(argument.id)?)
    }

    /// Chooses how records of runs are shared in a folder, from now on. What was shared stays shared.
    ///
    /// # Errors
    /// When the folder is not trusted, in no repository, or that has no remote.
    pub fn team_records_choose(&self, argument: ChooseRecords) -> Result<TeamRecords, ApiError> {
        let repository = self.repository(argument.library)?;
        let name = setting(&repository.library);
        if argument.mode == RecordsMode::Off {
            self.store.remove_setting(&name)?;
        } else {
            let remote = repository.records_remote()?;
            let address = repository.address(&remote).unwrap_or(remote);
            let before = self.choice(&repository.library)?.filter(|before| before.mode == argument.mode);
            let since = before.map_or_else(|| self.engine.clock.now(), |before| before.since);
            self.store.set_setting(&name, &Choice { mode: argument.mode, address, since })?;
        }
        self.tell_folder(repository.library.id);
        self.records_of(&repository)
    }

    /// Shares runs of a folder: their revision, journal and output as they are kept here, no more. One that was shared before
    /// and went on is replaced by what it is now.
    ///
    /// # Errors
    /// When a run is not finished, not of this store or of no folder in git, nobody allowed it for the folder, or the remote
    /// does not take it. Nothing was shared then.
    pub fn team_share(&self, argument: ShareRuns) -> Result<RunsShared, ApiError> {
        let rows = argument.runs.iter().map(|run| self.row(run)).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = rows.first() else {
            return Err(ApiError::new(ErrorCode::BadInput, "Name at least one run to share."));
        };
        let folder = first.start.library.ok_or_else(|| {
            let sentence =
                format!("Run {} is of no folder of the library, and is shared with nobody.", first.start.id);
            ApiError::new(ErrorCode::BadInput, sentence)
        })?;
        if let Some(other) = rows.iter().find(|row| row.start.library != Some(folder)) {
            let sentence = format!("Run {} is of another folder of the library: share it by itself.", other.start.id);
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        let repository = self.repository(folder.0)?;
        let _alone = self.alone_in(&repository)?;
        self.share(&repository, &rows, SILENCE)
    }

    /// Shares the runs that finished in folders where a person chose that each is; gives what came of each such folder that
    /// had any. A remote that says nothing is given up after ten seconds.
    pub fn team_share_finished(&self) -> Vec<Result<RunsShared, ApiError>> {
        let folders = self.store.libraries().unwrap_or_default();
        folders.into_iter().filter_map(|library| self.share_finished(&library).transpose()).collect()
    }

    fn share_finished(&self, library: &Library) -> Result<Option<RunsShared>, ApiError> {
        let Some(choice) = self.choice(library)?.filter(|choice| choice.mode == RecordsMode::Finished) else {
            return Ok(None);
        };
        let rows = self.due(library, &choice)?;
        if rows.is_empty() || !library.is_trusted() {
            return Ok(None);
        }
        let repository = self.repository(library.id.0)?;
        let _alone = self.alone_in(&repository)?;
        self.share(&repository, &rows, AFTER_A_RUN).map(Some)
    }

    /// The finished runs that are to be shared and are not yet.
    fn due(&self, library: &Library, choice: &Choice) -> Result<Vec<RunRow>, ApiError> {
        if choice.mode != RecordsMode::Finished {
            return Ok(Vec::new());
        }
        Ok(self.store.runs_named(&self.store.runs_to_share(library.id, &choice.since)?)?)
    }

    /// Shares what is due of a folder, and takes in what was fetched: a part of each pull. None where a person did not
    /// choose it.
    pub(super) fn records_pulled(&self, repository: &Repository<'_>) -> Option<RecordsTaken> {
        let problem = |error: ApiError| RecordsTaken { problem: Some(error.message), ..RecordsTaken::default() };
        match self.choice(&repository.library) {
            Ok(None) => None,
            Ok(Some(choice)) => {
                let mut taken = self.take_records(repository).unwrap_or_else(problem);
                let due = self.due(&repository.library, &choice).and_then(|rows| {
                    if rows.is_empty() { Ok(()) } else { self.share(repository, &rows, SILENCE).map(drop) }
                });
                if let Err(error) = due {
                    taken.problem.get_or_insert(error.message);
                }
                Some(taken)
            }
            Err(error) => Some(problem(error)),
        }
    }

    /// Whether records of others are fetched with the rest.
    pub(super) fn wants_records(&self, library: &Library) -> bool {
        self.choice(library).is_ok_and(|choice| choice.is_some())
    }

    fn choice(&self, library: &Library) -> Result<Option<Choice>, ApiError> {
        Ok(self.store.setting(&setting(library))?)
    }

    pub(super) fn records_of(&self, repository: &Repository<'_>) -> Result<TeamRecords, ApiError> {
        let library = &repository.library;
        let choice = self.choice(library)?;
        let remote = repository.records_remote().ok();
        let known = self.store.shared_runs(library.id)?;
        let due =
            choice.as_ref().map(|choice| self.due(library, choice)).transpose()?.unwrap_or_default().len() as u64;
        let refused = known.iter().filter_map(|one| {
            let why = one.refused.clone()?;
            Some(RefusedRecord { run: one.run.0.clone(), who: one.who.clone(), why })
        });
        Ok(TeamRecords {
            mode: choice.map(|choice| choice.mode).unwrap_or_default(),
            upstream: remote.as_ref().map(|remote| Branch::named(remote)),
            address: remote.as_ref().and_then(|remote| repository.address(remote)),
            shared: known.iter().filter(|one| one.who.is_none()).count() as u64,
            taken: known.iter().filter(|one| one.who.is_some() && one.events > 0).count() as u64,
            due,
            refused: refused.collect(),
        })
    }

    /// Puts runs into the branch and pushes it; where somebody else was faster, on top of theirs.
    fn share(&self, repository: &Repository<'_>, rows: &[RunRow], silence: Duration) -> Result<RunsShared, ApiError> {
        let library = &repository.library;
        let branch = Branch::of(repository, repository.records_remote()?);
        self.may_be_shared(repository, &branch, rows)?;
        let mut written: BTreeMap<RunId, Vec<u8>> = BTreeMap::new();
        let mut work = self.news.work("Sharing records of runs");
        for _ in 0..TRIES {
            branch.fetch(self, silence, &mut work)?;
            let there = branch.entries()?;
            let (mut new, mut known) = (Vec::new(), 0);
            for row in rows {
                let id = &row.start.id;
                let before = there.iter().find(|entry| entry.run == *id);
                if let Some(before) = before
                    && self.is_there(repository, row, before)?
                {
                    known += 1;
                    self.note_shared(library, row, &before.blob)?;
                    continue;
                }
                if !written.contains_key(id) {
                    written.insert(id.clone(), self.record_of(repository, row)?);
                }
                let blob = branch.keep(written.get(id).map(Vec::as_slice).unwrap_or_default())?;
                new.push((row, blob));
            }
            let upstream = Branch::named(&branch.remote);
            if !new.is_empty() {
                let entries = new.iter().map(|(row, blob)| (row.start.id.clone(), blob.clone())).collect();
                let commit = branch.commit(entries, &message(&new))?;
                if !branch.push(self, &commit, silence, &mut work)? {
                    continue;
                }
            }
            for (row, blob) in &new {
                self.note_shared(library, row, blob)?;
            }
            self.tell_folder(library.id);
            return Ok(RunsShared {
                runs: new.into_iter().map(|(row, _)| row.start.id.0.clone()).collect(),
                known,
                upstream,
            });
        }
        let name = Branch::named(&branch.remote);
        let sentence = format!("{name} was changed by others each time that it was pushed: share it again.");
        Err(ApiError::new(ErrorCode::State, sentence))
    }

    /// A person allowed it for this folder and this remote, and the runs are theirs to share.
    fn may_be_shared(
        &self,
        repository: &Repository<'_>,
        branch: &Branch<'_, '_>,
        rows: &[RunRow],
    ) -> Result<(), ApiError> {
        let path = repository.library.path.display();
        let Some(choice) = self.choice(&repository.library)? else {
            let sentence = format!("Records of runs are not shared in {path}: that is for a person to allow first.");
            return Err(ApiError::new(ErrorCode::NotTrusted, sentence));
        };
        let address = repository.address(&branch.remote).unwrap_or_else(|| branch.remote.clone());
        if choice.address != address {
            let sentence = format!(
                "Records of runs of {path} were allowed to go to {}, and the remote is {address} now: allow it anew.",
                choice.address
            );
            return Err(ApiError::new(ErrorCode::NotTrusted, sentence));
        }
        rows.iter().try_for_each(|row| match &row.shared_by {
            None => Ok(()),
            Some(who) => {
                let sentence = format!("Run {} was shared by {who}, and is theirs to share.", row.start.id);
                Err(ApiError::new(ErrorCode::State, sentence))
            }
        })
    }

    /// Whether the branch has all of a run already.
    fn is_there(&self, repository: &Repository<'_>, row: &RunRow, entry: &Entry) -> Result<bool, ApiError> {
        let id = &row.start.id;
        let known = self.store.shared_run(id)?;
        if known.is_some_and(|known| known.blob == entry.blob && known.events == row.events) {
            return Ok(true);
        }
        // What is there and no record of anything is written over.
        let Ok(there) = opened(repository, entry) else { return Ok(false) };
        let (events, last) = (there.events(), there.last_hash());
        if events <= row.events && self.store.event_hash(id, events)?.as_deref() == Some(last) {
            return Ok(events == row.events);
        }
        let name = Branch::named(&repository.records_remote()?);
        let sentence = format!(
            "{name} has another record of run {id}: the two part, and neither is written over the other. See who put it \
             there with git."
        );
        Err(ApiError::new(ErrorCode::State, sentence))
    }

    fn record_of(&self, repository: &Repository<'_>, row: &RunRow) -> Result<Vec<u8>, ApiError> {
        let id = &row.start.id;
        let trouble = |error: std::io::Error| {
            ApiError::new(ErrorCode::File, format!("The record of run {id} could not be written: {error}."))
        };
        let within = PathBuf::from(&row.start.path);
        let within = within.strip_prefix(&repository.root).ok().and_then(|within| within.to_str()).map(str::to_owned);
        let mut file = tempfile::NamedTempFile::new().map_err(trouble)?;
        self.write_shared(id, within, file.as_file_mut())?;
        let bytes = fs::read(file.path()).map_err(trouble)?;
        if bytes.len() as u64 > LARGEST {
            let sentence = format!(
                "The record of run {id} has {} MiB, and up to {} MiB are shared: hand it over as a file.",
                bytes.len() / (1024 * 1024),
                LARGEST / (1024 * 1024)
            );
            return Err(ApiError::new(ErrorCode::State, sentence));
        }
        Ok(bytes)
    }

    fn note_shared(&self, library: &Library, row: &RunRow, blob: &str) -> Result<(), ApiError> {
        Ok(self.store.note_shared(&SharedRun {
            run: row.start.id.clone(),
            library: library.id,
            blob: blob.to_owned(),
            who: None,
            events: row.events,
            at: self.engine.clock.now(),
            refused: None,
        })?)
    }

    /// Takes in what was fetched of others and is not here yet.
    fn take_records(&self, repository: &Repository<'_>) -> Result<RecordsTaken, ApiError> {
        let branch = Branch::of(repository, repository.records_remote()?);
        let entries = branch.entries()?;
        let mut authors = None;
        let mut taken = RecordsTaken::default();
        for entry in entries {
            let known = self.store.shared_run(&entry.run)?;
            let here = self.store.runs_named(std::slice::from_ref(&entry.run))?.pop();
            // A run of this store is what it is here.
            if known.as_ref().map_or(here.is_some(), |known| known.who.is_none()) {
                continue;
            }
            let settled = |known: &SharedRun| known.refused.is_some() || (known.events > 0 && here.is_some());
            if known.as_ref().is_some_and(|known| known.blob == entry.blob && settled(known)) {
                continue;
            }
            let authors = match &mut authors {
                Some(authors) => authors,
                None => authors.insert(branch.authors()?),
            };
            let who = authors.get(&entry.path).cloned().unwrap_or_else(|| "somebody".to_owned());
            let before = known.map_or(0, |known| known.events);
            let mut note = SharedRun {
                run: entry.run.clone(),
                library: repository.library.id,
                blob: entry.blob.clone(),
                who: Some(who.clone()),
                events: 0,
                at: self.engine.clock.now(),
                refused: None,
            };
            // Before anything is kept of it: cut off between the two, it is known whose it is.
            self.store.note_shared(&note)?;
            match self.take_record(repository, &entry) {
                Ok(events) => {
                    taken.new += u64::from(here.is_none());
                    taken.longer += u64::from(here.is_some() && events > before);
                    note.events = events;
                }
                Err(error) if matches!(error.code, ErrorCode::Store | ErrorCode::Locked) => return Err(error),
                Err(error) => {
                    let refused =
                        RefusedRecord { run: entry.run.0.clone(), who: Some(who), why: error.message.clone() };
                    taken.refused.push(refused);
                    (note.events, note.refused) = (before, Some(error.message));
                }
            }
            self.store.note_shared(&note)?;
        }
        if taken.new + taken.longer > 0 {
            self.tell_folder(repository.library.id);
        }
        Ok(taken)
    }

    /// Gives how many events it has.
    fn take_record(&self, repository: &Repository<'_>, entry: &Entry) -> Result<u64, ApiError> {
        let file = opened(repository, entry)?;
        let place = file.place(&repository.root).filter(|place| place.starts_with(&repository.library.path));
        let place = place.unwrap_or_else(|| file.was().to_path_buf());
        self.take_shared(&file, &place).map_err(|error| named(entry, error))?;
        Ok(file.events())
    }
}

impl Repository<'_> {
    /// The remote that the branch follows, else the only one.
    pub(super) fn records_remote(&self) -> Result<String, ApiError> {
        let upstream = self.branch()?.map(|branch| self.upstream(&branch)).transpose()?.flatten();
        match upstream.map(|upstream| upstream.remote).filter(|remote| remote != ".") {
            Some(remote) => Ok(remote),
            None => super::pushing::only_remote(self),
        }
    }
}

/// A record of the branch, of which all was checked.
fn opened(repository: &Repository<'_>, entry: &Entry) -> Result<SharedFile, ApiError> {
    if entry.size > LARGEST {
        let (size, most) = (entry.size / (1024 * 1024), LARGEST / (1024 * 1024));
        let why = format!("The record of run {} has {size} MiB, and up to {most} MiB are taken in.", entry.run);
        return Err(ApiError::new(ErrorCode::BadInput, why));
    }
    let trouble = |error: std::io::Error| ApiError::new(ErrorCode::Store, error.to_string());
    let folder = tempfile::tempdir().map_err(trouble)?;
    let file = folder.path().join(&entry.run.0);
    fs::write(&file, repository.bytes(&["cat-file", "blob", &entry.blob], &[])?).map_err(trouble)?;
    let shown = file.display().to_string();
    let checked = SharedFile::verified(&file, &entry.run).map_err(|error| {
        let message = error.message.replace(&shown, &format!("The record of run {}", entry.run));
        ApiError { message, ..error }
    });
    checked.map(|checked| checked.held_by(folder))
}

/// What the store says of it, as of what others shared.
fn named(entry: &Entry, error: ApiError) -> ApiError {
    if error.code != ErrorCode::BadInput {
        return error;
    }
    let message =
        format!("The record of run {} is not taken in: {}.", entry.run, error.message.trim_end_matches('.'));
    ApiError { message, ..error }
}

fn message(new: &[(&RunRow, String)]) -> String {
    match new {
        [(row, _)] => {
            let title: String = row.start.title.chars().filter(|sign| !sign.is_control()).take(60).collect();
            format!("Share a run of {title}\n\n{}\n", row.start.id)
        }
        many => {
            let ids: Vec<&str> = many.iter().map(|(row, _)| row.start.id.0.as_str()).collect();
            format!("Share {} runs\n\n{}\n", many.len(), ids.join("\n"))
        }
    }
}

fn setting(library: &Library) -> String {
    format!("team_records:{}", library.id.0)
}
