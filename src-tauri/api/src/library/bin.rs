//! Taking files away, always by the way of the system's bin, and making folders.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::{
    moving::{check_name, inside},
    rules::Rules,
    scan::slashed,
    unreadable,
};
use crate::{ApiError, App, ErrorCode, commands::PathArgument, wire::FolderArgument};

impl App {
    /// Moves a runbook or a folder of the library to the system's bin, from which it can be put back. Its history and
    /// the records of its runs stay.
    ///
    /// # Errors
    /// When it lies in no folder of the library, or the system has no bin for it: nothing was changed then.
    pub fn runbook_bin(&self, argument: PathArgument) -> Result<(), ApiError> {
        let (library, relative) = self.movable(Path::new(&argument.path))?;
        let path = library.path.join(&relative);
        trash::delete(&path).map_err(|error| {
            let name = path.display();
            ApiError::new(
                ErrorCode::File,
                format!(
                    "{name} was not moved to the bin: {}. It is still there; remove it outside Allgood.",
                    why(&error)
                ),
            )
        })?;
        let changed = self.look_again(&library, &[path], &mut super::scan::Nobody)?;
        self.tell_changed(&library, &changed);
        Ok(())
    }

    /// Puts a runbook or a folder of the library that was moved to the system's bin back to where it was: of several that
    /// were there, the one that went last.
    ///
    /// # Errors
    /// When it is not in the bin any more, or something else is in its place: nothing was changed then.
    pub fn runbook_unbin(&self, argument: PathArgument) -> Result<(), ApiError> {
        let path = PathBuf::from(&argument.path);
        let name = path.display();
        let refuse = |code, why: String| Err(ApiError::new(code, why));
        if path.components().any(|part| matches!(part, Component::ParentDir | Component::CurDir)) {
            return refuse(
                ErrorCode::BadInput,
                format!("{name} is not a whole path: give it as it was in the list."),
            );
        }
        let Some(library) = self.store.library_of(&path)? else {
            return refuse(
                ErrorCode::BadInput,
                format!("{name} is in no folder of the library: put it back with the system's file manager."),
            );
        };
        if fs::symlink_metadata(&path).is_ok() {
            return refuse(
                ErrorCode::BadInput,
                format!("There is a new {name}, so the old one stays in the bin: rename the new one first."),
            );
        }
        put_back(&path)?;
        let changed = self.look_again(&library, &[path], &mut super::scan::Nobody)?;
        self.tell_changed(&library, &changed);
        Ok(())
    }

    /// Makes a folder in the library.
    ///
    /// # Errors
    /// When its name is none for a folder of runbooks, or it cannot be made.
    pub fn folder_create(&self, argument: FolderArgument) -> Result<(), ApiError> {
        let library = self.store.library(store::LibraryId(argument.library))?;
        let refuse = |why: String| ApiError::new(ErrorCode::BadInput, why);
        let relative = check_name(&Rules::of(&library.path), &argument.relative).map_err(refuse)?;
        let path: PathBuf = library.path.join(&relative);
        inside(&library, &path).map_err(refuse)?;
        if fs::symlink_metadata(&path).is_ok() {
            return Err(refuse(format!("There is a {relative} already: choose another name.")));
        }
        fs::create_dir_all(&path).map_err(|error| {
            ApiError::new(ErrorCode::File, format!("The folder {} was not made: {error}.", path.display()))
        })?;
        let real = fs::canonicalize(&path).map_err(|error| unreadable(&path, &error))?;
        self.tell_changed(&library, &real.strip_prefix(&library.path).map(slashed).into_iter().collect::<Vec<_>>());
        Ok(())
    }
}

/// Takes what was at a path, and went last, out of the system's bin.
#[cfg(not(target_os = "macos"))]
fn put_back(path: &Path) -> Result<(), ApiError> {
    let name = path.display();
    let failed = |error: &trash::Error| {
        ApiError::new(
            ErrorCode::File,
            format!("{name} was not put back: {}. It is still in the system's bin.", why(error)),
        )
    };
    let binned = trash::os_limited::list().map_err(|error| failed(&error))?;
    let own = binned.into_iter().filter(|item| item.original_path() == path);
    let Some(last) = own.max_by_key(|item| item.time_deleted) else {
        return Err(ApiError::new(ErrorCode::NotFound, format!("{name} is not in the system's bin any more.")));
    };
    trash::os_limited::restore_all([last]).map_err(|error| failed(&error))
}

/// This system gives nothing back to a program.
#[cfg(target_os = "macos")]
fn put_back(path: &Path) -> Result<(), ApiError> {
    let why = format!("{} is in the Bin: put it back there, with the Finder.", path.display());
    Err(ApiError::new(ErrorCode::File, why))
}

/// Why the system has no bin for a file.
fn why(error: &trash::Error) -> String {
    match error {
        trash::Error::FileSystem { path, source } => {
            format!("the bin at {} cannot be used ({source})", path.display())
        }
        trash::Error::Unknown { description } | trash::Error::Os { description, .. } => {
            format!("the system has no bin for it ({})", description.trim_end_matches('.'))
        }
        other => format!("the system has no bin for it ({other})"),
    }
}
