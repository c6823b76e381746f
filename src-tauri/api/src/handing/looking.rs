//! What the file of a run holds, looked at before anything of it is taken in. Nothing is kept, nothing is run.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use engine::{Event, Fact, RunState};
use format::Runbook;

use super::file::Arrived;
use crate::{
    ApiError, App, ErrorCode,
    runs::new_file,
    views,
    wire::{KnownHere, RunFilePlace, RunFileView, SaveRunbook, TakeRun},
};

/// The most files and steps that are named.
const MOST: usize = 20;

/// What the journal of a file tells of it.
#[derive(Default)]
struct Story {
    state: RunState,
    last: Option<(String, String)>,
    to: Option<String>,
    /// The last note, and by whom.
    note: Option<(String, String)>,
    /// The note that goes along with the last handing over.
    said: Option<String>,
    /// The hash of the event at which the record that is known here ends.
    hash: Option<String>,
}

impl App {
    /// What a file holds, and whether it can be taken in from the window as things are.
    ///
    /// # Errors
    /// When the file cannot be read, is no run, or does not hold.
    pub fn run_take_look(&self, request: TakeRun) -> Result<RunFileView, ApiError> {
        let file = Path::new(&request.path);
        let arrived = Arrived::verified(file)?;
        let row = self.store.run(&arrived.run).ok();
        let here = row.as_ref().map_or(0, |row| row.events);
        let story = told(&arrived, here)?;
        let known = match &row {
            None => KnownHere::New,
            Some(row) if arrived.tail.count < row.events => {
                let same = self.store.event_hash(&arrived.run, arrived.tail.count)?;
                if same.as_deref() == Some(&arrived.tail.last_hash) { KnownHere::Known } else { KnownHere::Parted }
            }
            Some(row) if story.hash.as_deref() != Some(&row.last_hash) => KnownHere::Parted,
            Some(row) if arrived.tail.count == row.events => KnownHere::Known,
            Some(_) => KnownHere::Longer,
        };
        let files = self.places_of(&arrived, request.runbook.as_deref())?;
        let may_be = files.iter().find(|place| place.same && place.trusted);
        let place = row.as_ref().map(|row| row.start.path.clone()).or_else(|| may_be.map(|place| place.path.clone()));
        let refused = match known {
            KnownHere::Parted => Some(format!(
                "Run {} went on here and elsewhere: the two records part, and neither is taken into the other.",
                arrived.run
            )),
            KnownHere::Known => Some(format!("Run {} is here already, and nothing of the file is new.", arrived.run)),
            KnownHere::Longer | KnownHere::New if place.is_some() => None,
            KnownHere::Longer | KnownHere::New => Some(unplaced(&arrived, &files)),
        };
        let book = self.parse(&arrived.path, &arrived.revision, Path::new(&arrived.path));
        let progress = engine::run::progress(&book, &story.state);
        let (last_at, last_by) = story.last.unwrap_or_default();
        Ok(RunFileView {
            run: arrived.run.0.clone(),
            left: left(&book, &story.state),
            title: arrived.title,
            runbook: arrived.path,
            revision: arrived.hash,
            state: views::run_status(story.state.status),
            mode: views::mode(arrived.mode),
            environment: arrived.environment,
            started_by: arrived.actor,
            started_at: arrived.started_at,
            last_by,
            last_at,
            to: story.to,
            note: story.said,
            done: progress.done,
            total: progress.total,
            events: arrived.tail.count,
            known,
            new_events: arrived.tail.count.saturating_sub(here),
            files,
            place,
            refused,
        })
    }

    /// Writes the runbook of a run that came as a file to a new file, to be read before anything of it is run.
    ///
    /// # Errors
    /// When the file is no run or does not hold, or the new one is there already or cannot be written.
    pub fn run_take_runbook(&self, request: SaveRunbook) -> Result<(), ApiError> {
        let arrived = Arrived::verified(Path::new(&request.path))?;
        let to = Path::new(&request.to);
        let mut file = new_file(to)?;
        file.write_all(&arrived.revision).and_then(|()| file.sync_all()).map_err(|error| {
            let _ = fs::remove_file(to);
            ApiError::new(ErrorCode::File, format!("{} could not be written: {error}.", to.display()))
        })
    }

    /// Files here that its runbook may be: one that was named, where it was there, and what the library knows.
    fn places_of(&self, arrived: &Arrived, named: Option<&str>) -> Result<Vec<RunFilePlace>, ApiError> {
        let mut paths: Vec<PathBuf> = named.into_iter().chain([arrived.path.as_str()]).map(PathBuf::from).collect();
        let listed = self.store.files_like(&arrived.hash, &arrived.title, MOST)?;
        paths.extend(listed.into_iter().map(PathBuf::from));
        let mut places: Vec<RunFilePlace> = Vec::new();
        for path in paths {
            let Some(path) = path.is_absolute().then(|| fs::canonicalize(&path).ok()).flatten() else { continue };
            let shown = path.display().to_string();
            if places.iter().any(|place| place.path == shown) {
                continue;
            }
            // The index may be behind: what counts is what the file says now.
            let Ok(bytes) = fs::read(&path) else { continue };
            let trusted = self.trusted(&path, arrived.mode).is_ok();
            places.push(RunFilePlace { path: shown, trusted, same: bytes == arrived.revision });
        }
        places.sort_by_key(|place| (!place.same, !place.trusted));
        places.truncate(MOST);
        Ok(places)
    }
}

/// Reads all of it once.
fn told(arrived: &Arrived, here: u64) -> Result<Story, ApiError> {
    arrived.read(|events| {
        let mut story = Story::default();
        // What cannot be read was refused before.
        while let Ok(Some((event, _))) = events() {
            story.take(&event, here);
        }
        story
    })
}

impl Story {
    fn take(&mut self, event: &Event, here: u64) {
        match &event.fact {
            Fact::Note { item: None, text } => self.note = Some((event.actor.clone(), text.clone())),
            Fact::HandedOver { to } => {
                self.to = Some(to.clone());
                self.said = self.note.take().filter(|(by, _)| *by == event.actor).map(|(_, text)| text);
            }
            // A note belongs to a handing over where nothing was done between the two.
            Fact::Paused { .. } | Fact::Interrupted { .. } | Fact::Output { .. } | Fact::Stopped { .. } => {}
            _ => self.note = None,
        }
        if event.seq == here {
            self.hash = Some(event.hash.clone());
        }
        self.last = Some((event.at.clone(), event.actor.clone()));
        self.state = std::mem::take(&mut self.state).apply(event);
    }
}

/// What is to be done, once the run goes on: a run that was handed over is finished only here.
fn left(book: &Runbook, state: &RunState) -> Vec<String> {
    let over = [engine::RunStatus::Passed, engine::RunStatus::RolledBack, engine::RunStatus::Abandoned];
    if over.contains(&state.status) {
        return Vec::new();
    }
    let mut titles: Vec<String> = Vec::new();
    let path: Vec<&str> = engine::run::path(book);
    for (_, step, item) in book.items() {
        let status = state.item(&item.id);
        let done = matches!(
            status,
            engine::ItemStatus::Passed | engine::ItemStatus::Skipped | engine::ItemStatus::Overridden
        );
        if path.contains(&item.id.as_str()) && !done && titles.last() != Some(&step.title) {
            titles.push(step.title.clone());
        }
    }
    titles.truncate(MOST);
    titles
}

/// Why there is no place that it may go on from.
fn unplaced(arrived: &Arrived, files: &[RunFilePlace]) -> String {
    let title = &arrived.title;
    match files {
        [RunFilePlace { path, same: true, .. }, ..] => {
            format!(
                "Its runbook is here, {path}, but in no folder that is trusted: add that folder, or look at it and trust it."
            )
        }
        [RunFilePlace { path, .. }, ..] => format!(
            "{path} has another text than the one that was run: save the runbook of this run beside it, read it, and \
             take the run in with that."
        ),
        [] => format!(
            "\"{title}\" is in no folder here: save the runbook of this run into a folder that is trusted, read it, and \
             take the run in with that."
        ),
    }
}
