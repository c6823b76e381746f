//! The folders of the library: what is in them, whether they are trusted, and finding things in them.
//!
//! The files are the truth; the index in the store is brought up to date by looking at them.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use format::Runbook;
use store::{IndexEntry, IndexText, Library, LibraryId, Listed, ProblemCounts, RunMark, Seen};
use walkdir::WalkDir;

use crate::{
    ApiError, App, ErrorCode,
    commands::{IdArgument, Nothing, PathArgument, WordsArgument},
    examples,
    settings::schemes,
    views::{self, Place},
    wire::{LibraryFolder, RunSummary, RunbookRow, RunbookView, Survey},
};

/// A file larger than this is no runbook.
const LARGEST: u64 = 16 * 1024 * 1024;
/// How many hits a search shows.
const HITS: usize = 100;
/// How many files are indexed in one transaction.
const BATCH: usize = 200;

/// A Markdown file of a library folder.
pub(crate) struct Found {
    pub(crate) seen: Seen,
    pub(crate) file: PathBuf,
}

impl App {
    /// The folders of the library, as they are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn library_folders(&self, _: Nothing) -> Result<Vec<LibraryFolder>, ApiError> {
        let libraries = self.store.libraries()?;
        libraries.iter().map(|library| self.folder(library)).collect()
    }

    /// Adds a folder and reads what is in it. Nothing in it can be run until it is trusted.
    ///
    /// # Errors
    /// When it is no folder that can be read, or lies in a folder that was added before.
    pub fn library_add(&self, argument: PathArgument) -> Result<LibraryFolder, ApiError> {
        let path = fs::canonicalize(&argument.path).map_err(|error| unreadable(Path::new(&argument.path), &error))?;
        if !path.is_dir() {
            let path = path.display();
            return Err(ApiError::new(
                ErrorCode::BadInput,
                format!("{path} is a file: a library is a folder of Markdown files. Add the folder it is in."),
            ));
        }
        fs::read_dir(&path).map_err(|error| unreadable(&path, &error))?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        let library = self.store.add_library(&path, &name, &self.engine.clock.now())?;
        self.scan(&library)?;
        self.folder(&library)
    }

    /// Takes a folder off the library. Its files and the records of its runs stay.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn library_remove(&self, argument: IdArgument) -> Result<(), ApiError> {
        Ok(self.store.remove_library(LibraryId(argument.id))?)
    }

    /// What a person sees before trusting a folder.
    ///
    /// # Errors
    /// When there is no such folder, or it cannot be read.
    pub fn library_survey(&self, argument: IdArgument) -> Result<Survey, ApiError> {
        let library = self.store.library(LibraryId(argument.id))?;
        let found = markdown_files(&library.path).map_err(|error| unreadable(&library.path, &error))?;
        let runbooks = found.iter().filter_map(|file| {
            let bytes = fs::read(&file.file).ok()?;
            Some(format::parse(&file.seen.path, &bytes))
        });
        let survey = access::survey(&runbooks.collect::<Vec<_>>());
        Ok(Survey { folder: self.folder(&library)?, commands: survey.commands, programs: survey.programs })
    }

    /// Trusts a folder: from now on its runbooks can be run.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn library_trust(&self, argument: IdArgument) -> Result<LibraryFolder, ApiError> {
        let library = self.store.trust_library(LibraryId(argument.id), &self.engine.clock.now())?;
        self.folder(&library)
    }

    /// Looks at every folder again. A folder that cannot be read keeps its rows and says why.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn library_rescan(&self, _: Nothing) -> Result<Vec<LibraryFolder>, ApiError> {
        let libraries = self.store.libraries()?;
        for library in &libraries {
            match self.scan(library) {
                Err(error) if !matches!(error.code, ErrorCode::File | ErrorCode::NotFound) => return Err(error),
                Err(error) => tracing::warn!(folder = %library.path.display(), %error, "not read"),
                Ok(()) => {}
            }
        }
        libraries.iter().map(|library| self.folder(library)).collect()
    }

    /// Puts the shipped examples into a folder of the data folder and adds it, trusted: the person asked for them.
    /// Files that were edited there stay as they are.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn examples_add(&self, _: Nothing) -> Result<LibraryFolder, ApiError> {
        let folder = self.examples_folder();
        examples::write(&folder).map_err(|error| {
            let folder = folder.display();
            ApiError::new(ErrorCode::File, format!("The examples could not be written to {folder}: {error}."))
        })?;
        let added = self.library_add(PathArgument { path: folder.display().to_string() })?;
        self.library_trust(IdArgument { id: added.id })
    }

    pub(crate) fn examples_folder(&self) -> PathBuf {
        let folder = self.data.join("examples");
        fs::canonicalize(&folder).unwrap_or(folder)
    }

    /// The runbooks of the library; with words, those that hold them, best first, at most a hundred.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runbooks(&self, argument: WordsArgument) -> Result<Vec<RunbookRow>, ApiError> {
        let trusted: HashMap<LibraryId, bool> =
            self.store.libraries()?.into_iter().map(|library| (library.id, library.is_trusted())).collect();
        let row = |listed: Listed, snippet: Option<String>| -> Result<RunbookRow, ApiError> {
            let entry = listed.entry;
            let path = listed.file.display().to_string();
            Ok(RunbookRow {
                last_runs: self.marks(&listed.last_runs)?,
                path,
                relative: entry.seen.path,
                library: listed.library.0,
                title: entry.title,
                kind: entry.kind.map(views::kind),
                severity: entry.severity,
                owner: entry.owner,
                tags: entry.tags,
                steps: entry.steps,
                trusted: trusted.get(&listed.library).copied().unwrap_or_default(),
                errors: entry.problems.errors,
                warnings: entry.problems.warnings,
                review_due: None,
                review_days: None,
                pinned: false,
                draft: false,
                no_rollback: false,
                cadence: None,
                git: None,
                problem: entry.problem,
                snippet,
            })
        };
        if argument.words.trim().is_empty() {
            return self.store.list_runbooks(None)?.into_iter().map(|listed| row(listed, None)).collect();
        }
        let found = self.store.search(&argument.words, HITS)?;
        found
            .into_iter()
            .map(|found| {
                let snippet = found
                    .snippet
                    .iter()
                    .map(|part| if part.matched { format!("\u{2}{}\u{3}", part.text) } else { part.text.clone() });
                let snippet: String = snippet.collect();
                row(found.runbook, Some(snippet))
            })
            .collect()
    }

    /// A runbook to read.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn runbook(&self, argument: PathArgument) -> Result<RunbookView, ApiError> {
        let (_, mut view) = self.open_runbook(Path::new(&argument.path))?;
        view.last_runs = self.marks(&self.store.last_runs(&view.path, 4)?)?;
        let of_this =
            store::RunFilter { path: Some(view.path.clone()), limit: Some(0), ..store::RunFilter::default() };
        view.runs = self.store.runs(&of_this)?.1;
        Ok(view)
    }

    /// Reads a file and what depends on where it is.
    pub(crate) fn open_runbook(&self, path: &Path) -> Result<(Opened, RunbookView), ApiError> {
        let opened = read(path)?;
        let view = self.page(&opened.runbook, &opened.bytes, &opened.path)?;
        Ok((opened, view))
    }

    /// A revision as a page, as it stands at that path.
    pub(crate) fn page(&self, runbook: &Runbook, bytes: &[u8], path: &Path) -> Result<RunbookView, ApiError> {
        let library = self.store.library_of(path)?;
        let relative = library.as_ref().and_then(|library| path.strip_prefix(&library.path).ok());
        let name = path.file_name().map(Path::new);
        let place = Place {
            path: path.display().to_string(),
            relative: relative.or(name).unwrap_or(path).display().to_string(),
            library: library.as_ref().map(|library| library.id.0),
            trusted: library.is_some_and(|library| library.is_trusted()),
        };
        let set = |name: &str| self.engine.settings.environment.keys().any(|key| key == name);
        let schemes = self.settings_read(Nothing {}).and_then(|settings| schemes(&settings)).unwrap_or_default();
        Ok(views::runbook(runbook, format::page(runbook, bytes), place, &set, &schemes))
    }

    fn marks(&self, marks: &[RunMark]) -> Result<Vec<RunSummary>, ApiError> {
        marks.iter().map(|mark| self.summary(&self.store.run(&mark.id)?)).collect()
    }

    fn folder(&self, library: &Library) -> Result<LibraryFolder, ApiError> {
        Ok(LibraryFolder {
            id: library.id.0,
            path: library.path.display().to_string(),
            name: library.name.clone(),
            trusted: library.is_trusted(),
            runbooks: self.store.seen(library.id)?.len() as u64,
            problem: fs::read_dir(&library.path).err().map(|error| unreadable(&library.path, &error).message),
        })
    }

    /// Brings the index of a folder up to date: only files that look different are read.
    fn scan(&self, library: &Library) -> Result<(), ApiError> {
        let found = markdown_files(&library.path).map_err(|error| unreadable(&library.path, &error))?;
        let mut known: HashMap<String, Seen> =
            self.store.seen(library.id)?.into_iter().map(|seen| (seen.path.clone(), seen)).collect();
        let changed: Vec<Found> = found
            .into_iter()
            .filter(|file| known.remove(&file.seen.path).is_none_or(|seen| seen != file.seen))
            .collect();
        for batch in changed.chunks(BATCH) {
            let entries: Vec<(IndexEntry, IndexText)> = batch
                .iter()
                .map(|file| {
                    let (bytes, problem) = match fs::read(&file.file) {
                        Ok(bytes) => (bytes, None),
                        Err(error) => (Vec::new(), Some(unreadable(&file.file, &error).message)),
                    };
                    entry(file.seen.clone(), &format::parse(&file.seen.path, &bytes), &bytes, problem)
                })
                .collect();
            self.store.index(library.id, &entries)?;
        }
        let gone: Vec<String> = known.into_keys().collect();
        self.store.unindex(library.id, &gone)?;
        Ok(())
    }
}

/// A runbook and the bytes that it was read from.
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) runbook: Runbook,
}

/// Reads a runbook's file.
pub(crate) fn read(path: &Path) -> Result<Opened, ApiError> {
    let path = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
    let size = fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
    let name = path.display();
    if size.is_dir() {
        return Err(ApiError::new(
            ErrorCode::BadInput,
            format!("{name} is a folder: name one Markdown file in it, or add the folder to the library."),
        ));
    }
    if !size.is_file() {
        return Err(ApiError::new(ErrorCode::BadInput, format!("{name} is no file: a runbook is a Markdown file.")));
    }
    if size.len() > LARGEST {
        let megabytes = size.len() / 1024 / 1024;
        return Err(ApiError::new(
            ErrorCode::BadInput,
            format!("{name} has {megabytes} MiB: a runbook has 16 MiB at most. Split it into several files."),
        ));
    }
    let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
    if bytes.iter().take(8192).any(|byte| *byte == 0) {
        return Err(ApiError::new(
            ErrorCode::BadInput,
            format!("{name} holds binary data: a runbook is a Markdown file."),
        ));
    }
    let runbook = format::parse(&path.display().to_string(), &bytes);
    Ok(Opened { path, bytes, runbook })
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> ApiError {
    let name = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            ApiError::new(ErrorCode::NotFound, format!("There is no {name}: check the path, or mount what it is on."))
        }
        io::ErrorKind::PermissionDenied => ApiError::new(
            ErrorCode::File,
            format!("{name} cannot be read: you have no permission. Ask its owner, or change its mode."),
        ),
        _ => ApiError::new(ErrorCode::File, format!("{name} cannot be read: {error}.")),
    }
}

/// Every Markdown file under a folder, without hidden folders, `node_modules`, and what symbolic links lead to.
pub(crate) fn markdown_files(folder: &Path) -> io::Result<Vec<Found>> {
    fs::read_dir(folder)?;
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.') || name == "node_modules";
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    let entries = walk.filter_entry(|entry| entry.depth() == 0 || !hidden(entry.file_name()));
    let files = entries.filter_map(|entry| {
        let entry = entry.inspect_err(|error| tracing::warn!(%error, "not read")).ok()?;
        let extension = entry.path().extension()?.to_ascii_lowercase();
        if !entry.file_type().is_file() || (extension != "md" && extension != "markdown") {
            return None;
        }
        let metadata = entry.metadata().ok().filter(|metadata| metadata.len() <= LARGEST)?;
        let modified = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let relative = entry.path().strip_prefix(folder).ok()?;
        Some(Found {
            seen: Seen {
                path: relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"),
                modified_ns: i64::try_from(modified.as_nanos()).unwrap_or(i64::MAX),
                size: metadata.len(),
            },
            file: entry.into_path(),
        })
    });
    Ok(files.collect())
}

fn entry(seen: Seen, runbook: &Runbook, bytes: &[u8], problem: Option<String>) -> (IndexEntry, IndexText) {
    let text = format::plain_text(runbook, bytes);
    let count = |severity| runbook.problems.iter().filter(|problem| problem.severity == severity).count() as u64;
    let mut codes: Vec<(String, u64)> = Vec::new();
    for problem in &runbook.problems {
        let code = problem.code.to_string();
        match codes.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => codes.push((code, 1)),
        }
    }
    let entry = IndexEntry {
        seen,
        revision: runbook.revision.clone(),
        title: runbook.title.clone(),
        kind: runbook.kind,
        severity: views::front_text(runbook, "severity"),
        owner: views::front_text(runbook, "owner"),
        tags: views::tags(runbook),
        reviewed: views::front_text(runbook, "reviewed").or_else(|| views::front_text(runbook, "last_reviewed_on")),
        review_every: views::front_text(runbook, "review_every").or_else(|| views::front_text(runbook, "review_in")),
        steps: runbook
            .phases
            .iter()
            .filter(|section| section.phase.on_path())
            .map(|section| section.steps.len() as u64)
            .sum(),
        items: runbook.items().count() as u64,
        commands: runbook.items().filter(|(_, _, item)| item.kind == format::ItemKind::Command).count() as u64,
        problems: ProblemCounts {
            errors: count(format::Severity::Error),
            warnings: count(format::Severity::Warning),
            hints: count(format::Severity::Hint),
        },
        due: None,
        codes,
        links: Vec::new(),
        problem,
    };
    (entry, IndexText { headings: text.headings, commands: text.commands, body: text.body })
}
