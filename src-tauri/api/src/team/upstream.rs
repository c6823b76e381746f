//! What others pushed, as far as it was fetched: of one runbook before it is run, and as a text before it is taken in.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use super::repository::Repository;
use crate::{
    ApiError, App, ErrorCode,
    author::{git::root_of, history::comparison, text::text_of},
    wire::{Comparison, TeamCompare, UpstreamChange},
};

/// A larger file is not held beside another, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// The file that says by its time when the remote was fetched: git's own is written where nothing was, too.
const FETCHED: &str = "allgood-fetched";
/// Within so many bytes a NUL makes a file binary.
const BINARY: usize = 8000;

impl App {
    /// What was fetched and not taken in of a runbook's file; none where nothing was, or its folder is not trusted. Nothing is
    /// asked of a remote.
    #[must_use]
    pub fn team_newer(&self, path: &Path) -> Option<UpstreamChange> {
        let path = fs::canonicalize(path).ok()?;
        let library = self.store.library_of(&path).ok()?.filter(store::Library::is_trusted)?;
        // The repository of the file, and not one around it.
        if root_of(&path) != root_of(&library.path.join("a file")) {
            return None;
        }
        let repository = self.repository(library.id.0).ok()?;
        let branch = repository.branch().ok()??;
        let upstream = repository.upstream(&branch).ok()??;
        let theirs = repository.commit(&upstream.here).ok()??;
        let within = path.strip_prefix(&repository.root).ok()?.to_str()?;
        let range = format!("HEAD..{theirs}");
        let commits =
            repository.line(&["rev-list", "--count", "--end-of-options", &range, "--", within], &[]).ok()?;
        let commits = commits.parse::<u64>().ok().filter(|commits| *commits > 0)?;
        // Both may have come to the same text.
        let same = repository.maybe(&["rev-parse", "--verify", "--quiet", &format!("{theirs}:{within}")]).ok()?;
        let mine = repository.maybe(&["rev-parse", "--verify", "--quiet", &format!("HEAD:{within}")]).ok()?;
        (same != mine).then(|| UpstreamChange {
            library: library.id.0,
            commits,
            upstream: upstream.name,
            fetched_at: repository.fetched_at(),
        })
    }

    /// What a file's change is: what is not committed of it, or what would come by a pull.
    ///
    /// # Errors
    /// When the folder is not trusted or in no repository, or the file is no text.
    pub fn team_compare(&self, argument: TeamCompare) -> Result<Comparison, ApiError> {
        let repository = self.repository(argument.library)?;
        let refuse = |why: &str| ApiError::new(ErrorCode::BadInput, format!("{} {why}.", argument.path));
        let inside = Path::new(&argument.path);
        if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(refuse("is no file of this folder"));
        }
        let file = repository.library.path.join(inside);
        let within = file.strip_prefix(&repository.root).ok().and_then(Path::to_str);
        let within = within.ok_or_else(|| refuse("is no file of this repository"))?;
        // A folder on the way to it may be a link that leads out.
        let above = file.parent().and_then(|above| fs::canonicalize(above).ok());
        if above.is_some_and(|above| !above.starts_with(&repository.library.path)) {
            return Err(refuse("is no file of this folder"));
        }
        let (old, new) = if argument.incoming {
            let branch = repository.branch()?;
            let upstream = branch.as_deref().map(|branch| repository.upstream(branch)).transpose()?.flatten();
            let upstream = upstream.ok_or_else(|| refuse("is compared to nothing: the branch follows none"))?;
            let theirs = repository.commit(&upstream.here)?.unwrap_or_default();
            let base = repository.maybe(&["merge-base", "HEAD", &theirs])?.unwrap_or_else(|| "HEAD".to_owned());
            (repository.file_in(&base, within)?, repository.file_in(&theirs, within)?)
        } else {
            // What a link leads to may lie anywhere, and is no part of the repository.
            let now = match fs::symlink_metadata(&file) {
                Ok(found) if found.is_symlink() => {
                    fs::read_link(&file).map(|to| to.to_string_lossy().into_owned().into())
                }
                Ok(found) if found.len() > LARGEST as u64 => return Err(refuse("is too large to be shown here")),
                Ok(_) => fs::read(&file),
                Err(error) => Err(error),
            };
            let now = match now {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                now => now.map_err(|error| crate::library::unreadable(&file, &error))?,
            };
            (repository.file_in("HEAD", within)?, now)
        };
        for side in [&old, &new] {
            if side.len() > LARGEST {
                return Err(refuse("is too large to be shown here"));
            }
            if side.iter().take(BINARY).any(|byte| *byte == 0) {
                return Err(refuse("is no text"));
            }
        }
        Ok(comparison(&text_of(&old), &text_of(&new)))
    }
}

/// Notes in a new repository that its remote answered just now.
pub(super) fn cloned(repository: &Path) {
    note_fetched(&repository.join(".git").join(FETCHED));
}

fn note_fetched(file: &Path) {
    if let Err(error) = fs::write(file, "When this was written, the remote had just answered Allgood.\n") {
        tracing::info!(%error, file = %file.display(), "when it was fetched is not kept");
    }
}

impl Repository<'_> {
    /// A file as it is in a commit; nothing where it is not in it.
    fn file_in(&self, commit: &str, within: &str) -> Result<Vec<u8>, ApiError> {
        let name = format!("{commit}:{within}");
        match self.maybe(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])? {
            Some(blob) => self.bytes(&["cat-file", "blob", blob.lines().last().unwrap_or_default()], &[]),
            None => Ok(Vec::new()),
        }
    }

    /// When the remote was last asked and answered, by this program or by git itself. UTC, RFC 3339.
    pub(super) fn fetched_at(&self) -> Option<String> {
        let at = |name: &str| {
            let file = fs::metadata(self.of_git(name)?).ok()?;
            // A fetch that fails leaves its file empty.
            file.modified().ok().filter(|_| file.len() > 0)
        };
        let at = at("FETCH_HEAD").max(at(FETCHED))?;
        Some(format!("{:.3}", jiff::Timestamp::try_from(at).ok()?))
    }

    /// Notes that the remote answered just now.
    pub(super) fn was_fetched(&self) {
        if let Some(file) = self.of_git(FETCHED) {
            note_fetched(&file);
        }
    }

    /// A file among those of git's own.
    fn of_git(&self, name: &str) -> Option<PathBuf> {
        let file = self.maybe(&["rev-parse", "--git-path", name]).ok()??;
        Some(self.root.join(file))
    }
}
