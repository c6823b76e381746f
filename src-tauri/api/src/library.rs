//! The folders of the library: what is in them, whether they are trusted, and finding things in them.
//!
//! The files are the truth; the index in the store is brought up to date by looking at them.

mod bin;
mod follow;
mod import;
mod list;
mod moving;
mod news;
mod reading;
mod repositories;
mod rules;
mod scan;
mod watching;

pub(crate) use import::{Importing, git as remote};
pub(crate) use list::today;
pub use news::NewsSink;
pub(crate) use news::{Newsroom, Work};
pub(crate) use rules::{LARGEST, Rules, is_markdown};
pub(crate) use scan::{Nobody, markdown_files};
pub(crate) use watching::Follower;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use format::Runbook;
use store::{Library, LibraryId};

use crate::{
    ApiError, App, ErrorCode,
    commands::{IdArgument, Nothing, PathArgument},
    examples, library_file,
    settings::schemes,
    views::{self, Place},
    wire::{LibraryFolder, LinkedBookView, RunbookView, Survey},
};

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
        self.bring_up_to_date(&library)?;
        self.folder(&library)
    }

    /// Takes a folder off the library. Its files and the records of its runs stay.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn library_remove(&self, argument: IdArgument) -> Result<(), ApiError> {
        let id = LibraryId(argument.id);
        self.follower.forget(id);
        self.store.remove_library(id)?;
        self.tell_read(id, None);
        Ok(())
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
            Some(self.parse(&file.seen.path, &bytes, &file.file))
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
        self.follower.repositories.whole(library.id);
        self.folder(&library)
    }

    /// Looks at every folder again. A folder that cannot be read keeps its rows and says why. Where nothing can be written
    /// the rows are those that were kept.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn library_rescan(&self, _: Nothing) -> Result<Vec<LibraryFolder>, ApiError> {
        let libraries = self.store.libraries()?;
        for library in libraries.iter().filter(|_| !self.store.only_reads()) {
            match self.bring_up_to_date(library) {
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

    /// A runbook to read.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn runbook(&self, argument: PathArgument) -> Result<RunbookView, ApiError> {
        let mut opened = self.opened(Path::new(&argument.path))?;
        opened.runbook.problems = self.problems(&opened.runbook, &opened.bytes, &opened.path);
        let mut view = self.whole_page(&opened.runbook, &opened.bytes, &opened.path)?;
        view.usual = Some(self.usual(&opened.path)?).filter(|usual| usual.runs > 0);
        Ok(view)
    }

    /// A text as a page, as it would be at that path, with the runs of that file.
    pub(crate) fn whole_page(&self, runbook: &Runbook, bytes: &[u8], path: &Path) -> Result<RunbookView, ApiError> {
        let mut view = self.page(runbook, bytes, path)?;
        view.last_runs = self.marks(&self.store.last_runs(&view.path, 4)?)?;
        let of_this =
            store::RunFilter { path: Some(view.path.clone()), limit: Some(0), ..store::RunFilter::default() };
        view.runs = self.store.runs(&of_this)?.1;
        Ok(view)
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
        let file = self.library_file_of(path)?;
        let variables = library_file::at_rest(runbook, &file);
        let page = format::page_with(runbook, bytes, &variables);
        let mut view = views::runbook(runbook, page, place, &set, &self.link_schemes(), &variables);
        for (id, book) in self.linked_books(runbook, path, &[]) {
            let step = book.step_title;
            if let Some(item) = view.items.get_mut(&id) {
                let path = book.path.display().to_string();
                item.linked = Some(LinkedBookView { path, title: book.title, step, refused: book.refused });
            }
        }
        Ok(RunbookView { environments: file.environments.iter().map(library_file::view).collect(), ..view })
    }

    /// What a link may begin with; of settings that cannot be read, what is allowed everywhere.
    pub(crate) fn link_schemes(&self) -> access::Schemes {
        self.settings_read(Nothing {}).and_then(|settings| schemes(&settings)).unwrap_or_default()
    }

    fn folder(&self, library: &Library) -> Result<LibraryFolder, ApiError> {
        // Asked before the count: what is over by now is in it.
        let reading = self.follower.reading(library.id);
        Ok(LibraryFolder {
            id: library.id.0,
            path: library.path.display().to_string(),
            name: library.name.clone(),
            trusted: library.is_trusted(),
            runbooks: self.store.seen(library.id)?.len() as u64,
            problem: self.absent(library).map(|problem| problem.message),
            reading,
            late: self.follower.unwatched(library.id),
            git: library.is_trusted().then(|| self.follower.repositories.head(library)).flatten(),
        })
    }

    /// Looks at a folder again: beside whatever is being done where the folders are followed, else now.
    fn bring_up_to_date(&self, library: &Library) -> Result<(), ApiError> {
        if self.follower.is_on() {
            self.follower.whole(library);
            return Ok(());
        }
        self.scan(library, &mut scan::Nobody).map(drop)
    }
}

/// A runbook and the bytes that it was read from.
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) runbook: Runbook,
}

/// Reads the bytes of a runbook's file; gives its whole path, too.
pub(crate) fn read(path: &Path) -> Result<(PathBuf, Vec<u8>), ApiError> {
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
    if size.len() > rules::LARGEST {
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
    Ok((path, bytes))
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
