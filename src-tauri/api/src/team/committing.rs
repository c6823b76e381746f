//! Committing what a person chose: their act, with the hooks and the signing of their configuration.

use std::{
    ffi::{OsStr, OsString},
    fs,
};

use super::{
    pulling::{settled, verb},
    repository::{Repository, no_git},
};
use crate::{
    ApiError, App, ErrorCode,
    author::git::{COMMIT, complaint},
    wire::{TeamAuthor, TeamCommit, TeamCommitted, TeamFile, TeamFiles, TeamSuggestion},
};

/// A message names so many runbooks.
const NAMED: usize = 3;

impl App {
    /// What a commit of these files would say, and as whom.
    ///
    /// # Errors
    /// When the folder is not trusted or in no repository, or one of the files did not change.
    pub fn team_suggest(&self, argument: TeamFiles) -> Result<TeamSuggestion, ApiError> {
        let repository = self.repository(argument.library)?;
        let files = self.chosen(&repository, &argument.files)?;
        Ok(TeamSuggestion { message: suggested(&files), author: repository.identity()? })
    }

    /// Commits files of a folder, and nothing else that is staged. The hooks of the repository run: it is trusted, and a
    /// commit is a person's own act.
    ///
    /// # Errors
    /// When a file did not change, git does not know who commits, a hook refuses, or git does.
    pub fn team_commit(&self, commit: TeamCommit) -> Result<TeamCommitted, ApiError> {
        let repository = self.repository(commit.library)?;
        let _alone = self.alone_in(&repository)?;
        settled(&repository)?;
        let files = self.chosen(&repository, &commit.files)?;
        let message = commit.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
        let message = message.map_or_else(|| suggested(&files), str::to_owned);
        if repository.identity()?.is_none() {
            let Some(author) = &commit.author else {
                let sentence = "git does not know who you are: say it with `git config --global user.name NAME` and `git \
                                config --global user.email ADDRESS`. Nothing was committed.";
                return Err(ApiError::new(ErrorCode::NeedsValues, sentence));
            };
            let (name, email) = (plain("name", &author.name)?, plain("address", &author.email)?);
            repository.bytes(&["config", "--local", "user.name", &name], &[])?;
            repository.bytes(&["config", "--local", "user.email", &email], &[])?;
        }
        let paths: Vec<OsString> = files.iter().map(|file| OsString::from(&file.file)).collect();
        // What was a file and is a folder now goes with what is in it: git does not commit a folder by its name.
        let is_folder = |path: &OsString| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
        let named: Vec<OsString> = paths.iter().filter(|path| !is_folder(path)).cloned().collect();
        if named.is_empty() {
            let sentence = "A folder took the place of a file: commit what is in it as well. Nothing was committed.";
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        let add = ["add", "--all"].map(OsString::from);
        let words = ["commit", "--quiet", "--only", "--cleanup=verbatim", "--message", &message].map(OsString::from);
        for (step, paths) in [(&add[..], &paths), (&words, &named)] {
            let arguments: Vec<&OsStr> = step
                .iter()
                .map(OsString::as_os_str)
                .chain([OsStr::new("--")])
                .chain(paths.iter().map(OsString::as_os_str))
                .collect();
            let answer =
                repository.git.run(&repository.root, &arguments, &[], COMMIT).map_err(|error| no_git(&error))?;
            if !answer.success {
                let sentence = format!("git did not commit: {}.", complaint(&answer));
                return Err(ApiError::new(ErrorCode::State, self.mask(&sentence)));
            }
        }
        let short = repository.line(&["rev-parse", "--short", "HEAD"], &[])?;
        self.look_at_git(repository.library.id);
        self.tell_folder(repository.library.id);
        Ok(TeamCommitted { commit: short, message, files: files.len() as u64 })
    }

    /// The changes that are meant by paths within the folder.
    fn chosen(&self, repository: &Repository<'_>, paths: &[String]) -> Result<Vec<TeamFile>, ApiError> {
        if paths.is_empty() {
            return Err(ApiError::new(ErrorCode::BadInput, "A commit needs files: name at least one."));
        }
        let changes = self.uncommitted(repository)?;
        paths
            .iter()
            .map(|path| {
                let found = changes.iter().find(|change| change.path == *path);
                found.cloned().ok_or_else(|| {
                    let sentence = format!("{path} has nothing to commit: it is as it was committed, or ignored.");
                    ApiError::new(ErrorCode::BadInput, sentence)
                })
            })
            .collect()
    }
}

impl Repository<'_> {
    /// Who commits, where git was told.
    pub(super) fn identity(&self) -> Result<Option<TeamAuthor>, ApiError> {
        let set =
            |name: &str| self.git.environment.get(OsStr::new(name)).map(|set| set.to_string_lossy().into_owned());
        let name = set("GIT_AUTHOR_NAME")
            .map_or_else(|| self.maybe(&["config", "--get", "user.name"]), |name| Ok(Some(name)))?;
        let email = set("GIT_AUTHOR_EMAIL")
            .map_or_else(|| self.maybe(&["config", "--get", "user.email"]), |email| Ok(Some(email)))?;
        Ok(name.zip(email).map(|(name, email)| TeamAuthor { name, email }))
    }
}

/// A name or an address as git takes it.
fn plain(what: &str, text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('-') || text.chars().any(|sign| sign.is_control() || "<>".contains(sign)) {
        return Err(ApiError::new(
            ErrorCode::BadInput,
            format!("\"{text}\" is no {what} that git takes: write it plainly."),
        ));
    }
    Ok(text.to_owned())
}

/// What a commit of these files says.
fn suggested(files: &[TeamFile]) -> String {
    let name = |file: &TeamFile| {
        let title = file.title.as_deref().unwrap_or(&file.path);
        title.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(60).collect::<String>()
    };
    let first = files.first().map(|file| verb(file.change)).unwrap_or("Change");
    let verb = if files.iter().all(|file| verb(file.change) == first) { first } else { "Change" };
    let named: Vec<String> = files.iter().take(NAMED).map(name).collect();
    match files.len() - named.len() {
        0 => format!("{verb} {}", named.join(", ")),
        more => format!("{verb} {} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::TeamChange;

    #[test]
    fn a_message_is_suggested_from_what_changed() {
        let file = |path: &str, title: Option<&str>, change| TeamFile {
            path: path.to_owned(),
            file: format!("/l/{path}"),
            change,
            title: title.map(str::to_owned),
            used: false,
        };
        let disk = file("disk.md", Some("Disk\nfull"), TeamChange::Changed);
        let new = file("new.md", Some("New"), TeamChange::Added);
        let gone = file("old.md", None, TeamChange::Removed);
        for (files, expected) in [
            (vec![disk.clone()], "Change Disk full"),
            (vec![new.clone(), new.clone()], "Add New, New"),
            (vec![gone.clone()], "Remove old.md"),
            (vec![disk.clone(), new.clone(), gone.clone(), new], "Change Disk full, New, old.md and 1 more"),
        ] {
            assert_eq!(suggested(&files), expected);
        }
    }
}
