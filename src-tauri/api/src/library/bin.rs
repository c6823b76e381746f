//! Taking files away, always by the way of the system's bin, and making folders.

use std::{
    fs,
    path::{Path, PathBuf},
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
