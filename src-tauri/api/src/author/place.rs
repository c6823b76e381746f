//! Where a text that is written here may be: a Markdown file in a folder of the library, reached without leaving it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use store::Library;

use crate::{ApiError, App, ErrorCode, library::unreadable};

/// Where a file is or will be, and whether it may be written.
pub(crate) struct Spot {
    /// Absolute. Of a file that is there, the one that symbolic links lead to; of another, in the real folder.
    pub(crate) path: PathBuf,
    /// The folder of the library that it lies in.
    pub(crate) library: Option<Library>,
    /// Why nothing is to be written there, if so: a sentence.
    pub(crate) closed: Option<String>,
}

impl Spot {
    /// Path within its library folder, or the file's name.
    pub(crate) fn relative(&self) -> String {
        let inside = self.library.as_ref().and_then(|library| self.path.strip_prefix(&library.path).ok());
        let name = self.path.file_name().map(Path::new);
        inside.or(name).unwrap_or(&self.path).display().to_string()
    }

    /// The path, where something may be written to it.
    ///
    /// # Errors
    /// With the sentence why not.
    pub(crate) fn open(&self) -> Result<&Path, ApiError> {
        match &self.closed {
            Some(why) => Err(ApiError::new(ErrorCode::File, why.clone())),
            None => Ok(&self.path),
        }
    }
}

impl App {
    /// Finds the place of a file that is there or not. Nothing is read of it.
    ///
    /// # Errors
    /// When the path is not absolute, or the store cannot be read.
    pub(crate) fn spot(&self, path: &Path) -> Result<Spot, ApiError> {
        if !path.is_absolute() || path.file_name().is_none() {
            let path = path.display();
            return Err(ApiError::new(ErrorCode::BadInput, format!("{path} names no file: give its whole path.")));
        }
        let name = path.display();
        let (real, missing) = match fs::canonicalize(path) {
            Ok(real) => (real, None),
            Err(error) => (in_real_folder(path), Some(error)),
        };
        let named = self.store.library_of(path)?;
        let library = self.store.library_of(&real)?;
        // A path that leads elsewhere is kept as it is named, so that its way is looked at again each time.
        if let Some(from) = named.filter(|named| !real.starts_with(&named.path)) {
            let closed = format!("{name} leads out of the folder {}: nothing is written there.", from.path.display());
            return Ok(Spot { path: path.to_owned(), library: Some(from), closed: Some(closed) });
        }
        let closed = match &library {
            None => Some(format!("{name} is in no folder of the library: add its folder first.")),
            Some(_) if !is_markdown(&real) => {
                Some(format!("{name} is no Markdown file: a runbook's name ends in .md or .markdown."))
            }
            Some(_) => closed_by_system(&real, missing.as_ref()),
        };
        Ok(Spot { path: real, library, closed })
    }
}

/// Why the system would not let this file be replaced, if it is known.
fn closed_by_system(path: &Path, missing: Option<&io::Error>) -> Option<String> {
    use nix::unistd::{AccessFlags, access};
    let name = path.display();
    match missing {
        None if access(path, AccessFlags::W_OK).is_err() => {
            return Some(format!("{name} is read-only: change its mode, or save a copy elsewhere."));
        }
        None => {}
        Some(_) if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) => {
            return Some(format!("{name} is a symbolic link that leads nowhere: remove it, or put its target back."));
        }
        Some(_) if misnamed(path) => {
            return Some(format!("{name} is no UTF-8 on the disk: rename the file, or the folder it is in."));
        }
        Some(error) if error.kind() == io::ErrorKind::NotFound => {}
        Some(error) => return Some(unreadable(path, error).message),
    }
    let folder = path.parent()?;
    if folder.is_dir() && access(folder, AccessFlags::W_OK).is_err() {
        let folder = folder.display();
        return Some(format!("The folder {folder} is read-only: change its mode, or save a copy elsewhere."));
    }
    None
}

/// Whether a path that is not there is how one that is no UTF-8 is shown.
fn misnamed(path: &Path) -> bool {
    let Some(folder) = path.ancestors().skip(1).find(|folder| folder.is_dir()) else { return false };
    let next = path.strip_prefix(folder).ok().and_then(|rest| rest.iter().next()).and_then(|name| name.to_str());
    let Some(shown) = next.filter(|name| name.contains(char::REPLACEMENT_CHARACTER)) else { return false };
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.to_str().is_none() && name.to_string_lossy() == shown)
}

/// The same name in the folder that symbolic links lead to, as far up as there is one.
fn in_real_folder(path: &Path) -> PathBuf {
    let mut rest = PathBuf::new();
    for folder in path.ancestors().skip(1) {
        if let Ok(inside) = path.strip_prefix(folder) {
            rest = inside.to_owned();
        }
        if let Ok(real) = fs::canonicalize(folder) {
            return real.join(rest);
        }
    }
    path.to_owned()
}

/// Whether a file of this name is a runbook.
pub(crate) fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        let extension = extension.to_ascii_lowercase();
        extension == "md" || extension == "markdown"
    })
}
