//! The repository that a folder of the library lies in, and git asked about it.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use nix::fcntl::{Flock, FlockArg};
use store::{Library, LibraryId};

use crate::{
    ApiError, App, ErrorCode,
    author::git::{self, Answer, Configured, Git, complaint, root_of},
};

/// How long git may take for one thing that it does on this machine.
pub(super) const LOCAL: Duration = Duration::from_mins(2);

/// How long somebody who holds a repository is waited for.
const GIVING_WAY: Duration = Duration::from_secs(3);

/// What a repository's own configuration may not name where a remote is spoken with: each of these is a program.
const PROGRAMS: [&str; 4] = ["core.sshcommand", "core.gitproxy", "core.askpass", "core.alternaterefscommand"];

/// How git is asked to fetch: what this program asks for itself leaves what a person fetched as it is.
pub(super) const FETCH: [&str; 7] = [
    "fetch",
    "--progress",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--no-write-commit-graph",
    "--no-write-fetch-head",
];

/// The repository of a folder of the library, which is trusted.
pub(super) struct Repository<'a> {
    pub(super) git: Git<'a>,
    pub(super) library: Library,
    pub(super) root: PathBuf,
}

/// What a branch follows.
pub(super) struct Upstream {
    /// `origin`; `.` where it is a branch of this repository.
    pub(super) remote: String,
    /// `refs/heads/main`, there.
    pub(super) there: String,
    /// `refs/remotes/origin/main`, here.
    pub(super) here: String,
    /// `origin/main`.
    pub(super) name: String,
    /// The configuration says what a fetch brings. A clone of what was empty may say nothing.
    pub(super) is_fetched: bool,
}

impl App {
    /// The repository of a folder of the library. Where the folder is not trusted git is not asked at all.
    pub(super) fn repository(&self, library: i64) -> Result<Repository<'_>, ApiError> {
        let library = self.store.library(LibraryId(library))?;
        let path = library.path.display();
        if !library.is_trusted() {
            let sentence = format!("{path} is not trusted, so git is not asked about it: trust it first.");
            return Err(ApiError::new(ErrorCode::NotTrusted, sentence));
        }
        let root = root_of(&library.path.join("a file")).ok_or_else(|| {
            let sentence = format!("{path} is in no git repository: clone one, or make one with `git init`.");
            ApiError::new(ErrorCode::BadInput, sentence)
        })?;
        Ok(Repository { git: self.git(), library, root })
    }

    /// Nobody else who uses this store changes this repository while it is held. What is done unasked gives way, and what
    /// is about to end is waited for.
    pub(super) fn alone_in(&self, repository: &Repository<'_>) -> Result<Flock<fs::File>, ApiError> {
        let began = Instant::now();
        loop {
            match self.alone_at_once(repository) {
                Err(error) if error.code == ErrorCode::Locked && began.elapsed() < GIVING_WAY => {
                    self.quiet.stop();
                    thread::sleep(Duration::from_millis(20));
                }
                held => return held,
            }
        }
    }

    /// The same, without waiting.
    pub(super) fn alone_at_once(&self, repository: &Repository<'_>) -> Result<Flock<fs::File>, ApiError> {
        let root = repository.root.display();
        let trouble = |error: std::io::Error| {
            ApiError::new(ErrorCode::Store, format!("The repository {root} could not be locked: {error}."))
        };
        let folder = self.data.join("repositories");
        fs::create_dir_all(&folder).map_err(trouble)?;
        let name = store::revision_of(repository.root.as_os_str().as_encoded_bytes());
        let name = name.get(..16).unwrap_or(&name).to_owned();
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(name));
        Flock::lock(file.map_err(trouble)?, FlockArg::LockExclusiveNonblock).map_err(|_| {
            let sentence = format!("{root} is being pulled, committed or pushed by another window or terminal.");
            ApiError::new(ErrorCode::Locked, format!("{sentence} Wait for it, then try again."))
        })
    }

    /// Brings the index up to date with files that git wrote, and tells of them.
    pub(super) fn files_came(&self, files: &[PathBuf]) -> Result<(), ApiError> {
        for library in self.store.libraries()? {
            let inside: Vec<_> = files.iter().filter(|file| file.starts_with(&library.path)).cloned().collect();
            if !inside.is_empty() {
                let changed = self.look_again(&library, &inside, &mut crate::library::Nobody)?;
                self.tell_changed(&library, &changed);
            }
        }
        Ok(())
    }

    /// Whether a runbook was run from here, or is pinned.
    pub(super) fn uses(&self, file: &Path, pins: &[PathBuf]) -> bool {
        let runs = store::RunFilter {
            path: Some(file.display().to_string()),
            own: true,
            limit: Some(0),
            ..store::RunFilter::default()
        };
        pins.iter().any(|pin| pin == file) || self.store.runs(&runs).is_ok_and(|(_, count)| count > 0)
    }
}

impl Repository<'_> {
    /// What git answers, whatever it is; nothing that the repository names is started.
    pub(super) fn answer(&self, arguments: &[&OsStr], input: &[u8]) -> Result<Answer, ApiError> {
        self.git.still(&self.root, arguments, input, LOCAL).map_err(|error| no_git(&error))
    }

    /// Why git did not do something.
    pub(super) fn failed(&self, what: &str, answer: &Answer) -> ApiError {
        ApiError::new(ErrorCode::State, format!("{what} in {}: {}.", self.root.display(), complaint(answer)))
    }

    /// What git answers where it has to succeed.
    pub(super) fn bytes(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, ApiError> {
        let words: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let answer = self.answer(&words, input)?;
        if answer.success {
            return Ok(answer.out);
        }
        let what = arguments.first().copied().unwrap_or_default();
        Err(self.failed(&format!("git {what} failed"), &answer))
    }

    /// The same, as one line.
    pub(super) fn line(&self, arguments: &[&str], input: &[u8]) -> Result<String, ApiError> {
        Ok(String::from_utf8_lossy(&self.bytes(arguments, input)?).trim().to_owned())
    }

    /// One line; none where git says no, or nothing.
    pub(super) fn maybe(&self, arguments: &[&str]) -> Result<Option<String>, ApiError> {
        let words: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let answer = self.answer(&words, &[])?;
        let line = String::from_utf8_lossy(&answer.out).trim().to_owned();
        Ok(Some(line).filter(|line| answer.success && !line.is_empty()))
    }

    /// The commit that a name means; none where there is none.
    pub(super) fn commit(&self, name: &str) -> Result<Option<String>, ApiError> {
        self.maybe(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])
    }

    /// The branch of the head; none where it is on none.
    pub(super) fn branch(&self) -> Result<Option<String>, ApiError> {
        let branch = self.maybe(&["symbolic-ref", "--quiet", "HEAD"])?;
        Ok(branch.and_then(|branch| branch.strip_prefix("refs/heads/").map(str::to_owned)))
    }

    /// What a branch follows.
    pub(super) fn upstream(&self, branch: &str) -> Result<Option<Upstream>, ApiError> {
        let settings = git::configured(&self.git, &self.root);
        let of = |what: &str| {
            let name = format!("branch.{branch}.{what}");
            settings.iter().rev().find(|one| one.name == name).map(|one| one.value.clone())
        };
        let (Some(remote), Some(there)) = (of("remote"), of("merge")) else { return Ok(None) };
        // Set by hand it may be an address, or begin like an option: of those nothing is known here.
        let plain = |text: &str| !text.starts_with('-') && !text.contains(':') && !text.chars().any(char::is_control);
        let Some(short) = there.strip_prefix("refs/heads/").filter(|short| plain(short) && plain(&remote)) else {
            return Ok(None);
        };
        let (here, name) = if remote == "." {
            (there.clone(), short.to_owned())
        } else {
            (format!("refs/remotes/{remote}/{short}"), format!("{remote}/{short}"))
        };
        let is_fetched = settings.iter().any(|one| one.is_own() && one.name == format!("remote.{remote}.fetch"));
        Ok(Some(Upstream { remote, here, name, there, is_fetched }))
    }

    /// The address of a remote, without a password.
    pub(super) fn address(&self, remote: &str) -> Option<String> {
        let settings = git::configured(&self.git, &self.root);
        let name = format!("remote.{remote}.url");
        settings.iter().find(|one| one.name == name).map(|one| shown(&one.value))
    }

    /// What speaks with a remote is the person's own: refused where the repository's configuration names a program. Answers
    /// whether the person's names one in the place of ssh.
    pub(super) fn own_ssh(&self) -> Result<bool, ApiError> {
        let settings = git::configured(&self.git, &self.root);
        if let Some(one) = settings.iter().find(|one| one.is_own() && names_a_program(one)) {
            let (root, name) = (self.root.display(), &one.name);
            let sentence = format!(
                "{name} in the repository's own configuration names a program that git would start. Take it out with \
                 `git -C {root} config --unset-all {name}`, or use git itself."
            );
            return Err(ApiError::new(ErrorCode::State, sentence));
        }
        Ok(settings.iter().any(|one| one.name == "core.sshcommand"))
    }

    /// What is switched off of its settings where nobody asked for it.
    pub(super) fn switched_off(&self) -> Vec<(String, &'static str)> {
        git::switched_off(&git::configured(&self.git, &self.root))
    }

    /// A path within the repository, as a path within the folder of the library; none outside.
    pub(super) fn inside(&self, path: &Path) -> Option<PathBuf> {
        self.root.join(path).strip_prefix(&self.library.path).ok().map(Path::to_path_buf)
    }
}

fn names_a_program(one: &Configured) -> bool {
    let ends = |ends: &[&str]| ends.iter().any(|end| one.name.rsplit('.').next() == Some(*end));
    !one.value.is_empty()
        && (PROGRAMS.contains(&one.name.as_str())
            || one.name.starts_with("credential.") && ends(&["helper"])
            || one.name.starts_with("remote.") && ends(&["uploadpack", "receivepack", "vcs"])
            || one.name.starts_with("gpg.") && ends(&["program"]))
}

pub(super) fn no_git(error: &std::io::Error) -> ApiError {
    let sentence = format!("git could not be started, or did not answer: {error}. Install it, or mend PATH.");
    ApiError::new(ErrorCode::Internal, sentence)
}

/// An address without the password that somebody wrote into it.
pub(super) fn shown(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    match host.rsplit_once('@') {
        Some((user, host)) if user.contains(':') => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}{path}")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (address, expected) in [
            ("https://ada:hunter2@example.org/a.git", "https://ada@example.org/a.git"),
            ("https://ada@example.org/a.git", "https://ada@example.org/a.git"),
            ("https://example.org/a:b@c", "https://example.org/a:b@c"),
            ("git@example.org:team/a.git", "git@example.org:team/a.git"),
        ] {
            assert_eq!(shown(address), expected);
        }
    }
}
