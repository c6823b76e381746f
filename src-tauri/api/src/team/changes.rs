//! How a folder stands: what is not committed, what is ahead, and what was fetched and not taken in yet.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use format::Knowledge;

use super::repository::Repository;
use crate::{
    ApiError, App, ErrorCode,
    author::{git, place::is_markdown},
    commands::IdArgument,
    wire::{TeamChange, TeamFile, TeamState},
};

/// How long git may look at a whole folder.
const LOOK: Duration = Duration::from_secs(60);
/// So many files are named of what comes.
pub(super) const NAMED: usize = 1_000;
/// So many runbooks that come are read for their titles.
const TITLED: usize = 100;

/// What one commit has of a file that another has not.
pub(super) struct Differs {
    /// Of the file after it, as in `100644`.
    pub(super) mode: String,
    /// Blobs before and after.
    pub(super) before: String,
    pub(super) after: String,
    pub(super) change: TeamChange,
}

impl App {
    /// How a folder of the library stands in git. Nothing is fetched, and nothing that the repository names is started.
    ///
    /// # Errors
    /// When the folder is not trusted or in no repository, or git does not answer.
    pub fn team_state(&self, argument: IdArgument) -> Result<TeamState, ApiError> {
        let repository = self.repository(argument.id)?;
        let changes = self.uncommitted(&repository)?;
        let branch = repository.branch()?;
        let upstream = branch.as_deref().map(|branch| repository.upstream(branch)).transpose()?.flatten();
        let mine = repository.commit("HEAD")?;
        let theirs = upstream.as_ref().map(|upstream| repository.commit(&upstream.here)).transpose()?.flatten();
        let (ahead, behind) = between(&repository, mine.as_deref(), theirs.as_deref())?;
        let mut incoming = Vec::new();
        if let (1.., Some(mine), Some(theirs)) = (behind, &mine, &theirs) {
            let base = repository.maybe(&["merge-base", mine, theirs])?;
            incoming = self.files_between(&repository, base.as_deref().unwrap_or(mine), theirs)?;
        }
        let used = incoming.iter().filter(|file| file.used).count() as u64;
        incoming.truncate(NAMED);
        let remote = upstream.as_ref().map(|upstream| upstream.remote.as_str()).unwrap_or("origin");
        Ok(TeamState {
            library: repository.library.id.0,
            path: repository.library.path.display().to_string(),
            root: repository.root.display().to_string(),
            remote: repository.address(remote),
            branch,
            upstream: upstream.map(|upstream| upstream.name),
            ahead,
            behind,
            fetched_at: repository.fetched_at(),
            changes,
            incoming,
            used,
            records: self.records_of(&repository)?,
        })
    }

    /// What is not committed of the folder, by path.
    pub(super) fn uncommitted(&self, repository: &Repository<'_>) -> Result<Vec<TeamFile>, ApiError> {
        let Repository { root, library, .. } = repository;
        let pins = self.store.pins()?;
        let mut files = Vec::new();
        for (path, state) in status(repository, &library.path)? {
            let file = root.join(&path);
            let change = match state {
                "ignored" => continue,
                "conflict" => TeamChange::Conflict,
                _ if fs::symlink_metadata(&file).is_err() => TeamChange::Removed,
                "untracked" => TeamChange::Added,
                _ => TeamChange::Changed,
            };
            let bytes = is_markdown(&file).then(|| fs::read(&file).ok()).flatten();
            files.extend(self.named(repository, &path, change, bytes.as_deref(), &pins));
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// What one commit changes of the folder since another, by path.
    pub(super) fn files_between(
        &self,
        repository: &Repository<'_>,
        before: &str,
        after: &str,
    ) -> Result<Vec<TeamFile>, ApiError> {
        let pins = self.store.pins()?;
        let mut files = Vec::new();
        let mut read = 0;
        for (path, differs) in differing(repository, before, after)? {
            let title = is_markdown(&path) && repository.inside(&path).is_some() && read < TITLED;
            let blob = if differs.change == TeamChange::Removed { &differs.before } else { &differs.after };
            let bytes = title.then(|| repository.bytes(&["cat-file", "blob", blob], &[]).ok()).flatten();
            read += usize::from(title);
            files.extend(self.named(repository, &path, differs.change, bytes.as_deref(), &pins));
        }
        Ok(files)
    }

    fn named(
        &self,
        repository: &Repository<'_>,
        path: &Path,
        change: TeamChange,
        bytes: Option<&[u8]>,
        pins: &[PathBuf],
    ) -> Option<TeamFile> {
        let inside = repository.inside(path)?;
        let file = repository.root.join(path);
        let shown = inside.display().to_string();
        Some(TeamFile {
            title: bytes.map(|bytes| format::parse_with(&shown, bytes, &Knowledge::default()).title),
            used: is_markdown(&file) && self.uses(&file, pins),
            path: shown,
            file: file.display().to_string(),
            change,
        })
    }
}

/// What git says of what is below a path, within the repository.
pub(super) fn status(repository: &Repository<'_>, below: &Path) -> Result<Vec<(PathBuf, &'static str)>, ApiError> {
    let status = git::status(&repository.git, &repository.root, below, LOOK).ok_or_else(|| {
        let root = repository.root.display();
        ApiError::new(
            ErrorCode::State,
            format!("git does not say how {root} stands: see what `git status` says there."),
        )
    })?;
    Ok(status.files)
}

/// How many commits `mine` has that `theirs` has not, and the other way round.
pub(super) fn between(
    repository: &Repository<'_>,
    mine: Option<&str>,
    theirs: Option<&str>,
) -> Result<(u64, u64), ApiError> {
    let count = |range: &str| -> Result<u64, ApiError> {
        Ok(repository.line(&["rev-list", "--count", range, "--"], &[])?.parse().unwrap_or_default())
    };
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => {
            Ok((count(&format!("{theirs}..{mine}"))?, count(&format!("{mine}..{theirs}"))?))
        }
        // What some branch of a remote has was pushed already.
        (Some(mine), None) => {
            let words = ["rev-list", "--count", mine, "--not", "--remotes", "--"];
            Ok((repository.line(&words, &[])?.parse().unwrap_or_default(), 0))
        }
        (None, Some(theirs)) => Ok((0, count(theirs)?)),
        (None, None) => Ok((0, 0)),
    }
}

/// What two commits or trees differ in, by path within the repository.
pub(super) fn differing(
    repository: &Repository<'_>,
    before: &str,
    after: &str,
) -> Result<BTreeMap<PathBuf, Differs>, ApiError> {
    let arguments =
        ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", before, after, "--"];
    let listed = repository.bytes(&arguments, &[])?;
    let mut parts = listed.split(|byte| *byte == 0);
    let mut found = BTreeMap::new();
    while let (Some(what), Some(path)) = (parts.next().filter(|what| !what.is_empty()), parts.next()) {
        let what = String::from_utf8_lossy(what).into_owned();
        let mut words = what.trim_start_matches(':').split(' ');
        let (Some(_), Some(mode), Some(before), Some(after), Some(kind)) =
            (words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let change = match kind {
            "A" => TeamChange::Added,
            "D" => TeamChange::Removed,
            _ => TeamChange::Changed,
        };
        let (mode, before, after) = (mode.to_owned(), before.to_owned(), after.to_owned());
        found.insert(PathBuf::from(OsStr::from_bytes(path)), Differs { mode, before, after, change });
    }
    Ok(found)
}
