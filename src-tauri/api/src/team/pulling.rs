//! Taking in what others pushed: whole, or not at all. Everything that can fail for a reason is found out before the first
//! file changes: the two sides are put together as a tree first, and what is not committed is never written over.

use std::{fs, path::PathBuf};

use super::{
    branch::Branch,
    changes::{NAMED, between, differing, status},
    joining::{Merged, merge},
    pushing::told_how,
    repository::{FETCH, Repository, Upstream},
};
use crate::{
    ApiError, App, ErrorCode,
    author::{replacing::replace, text::text_of},
    commands::IdArgument,
    library::remote::{self, Fetching, Talk},
    wire::{TeamChange, TeamPull, TeamPullDone, TeamPulled, TeamState},
};

/// So many files are named in a sentence.
const SAID: usize = 5;

/// What git leaves behind while something of its own is under way.
const UNDER_WAY: [(&str, &str); 5] = [
    ("MERGE_HEAD", "A merge"),
    ("rebase-merge", "A rebase"),
    ("rebase-apply", "A rebase"),
    ("CHERRY_PICK_HEAD", "A cherry-pick"),
    ("REVERT_HEAD", "A revert"),
];

/// Somebody removed or renamed the branch that is followed: what is known of it here is old, and stays so.
fn gone_there(repository: &Repository<'_>, upstream: &Upstream) -> ApiError {
    let (root, name) = (repository.root.display(), &upstream.name);
    let sentence = format!(
        "{name} is not there any more: it was removed or renamed, and nothing was changed here. Fetch with git, and say which \
         branch is followed: `git -C {root} branch --set-upstream-to REMOTE/BRANCH`."
    );
    ApiError::new(ErrorCode::State, sentence)
}

impl App {
    /// Asks the remote what is new. No file of the folder changes.
    ///
    /// # Errors
    /// When the folder follows no branch of a remote, or the remote does not answer.
    pub fn team_fetch(&self, argument: IdArgument) -> Result<TeamState, ApiError> {
        let repository = self.repository(argument.id)?;
        let alone = self.alone_in(&repository)?;
        let (_, upstream) = follows(&repository)?;
        self.fetch_upstream(&repository, &upstream, &self.team)?;
        self.look_at_git(repository.library.id);
        drop(alone);
        self.team_state(argument)
    }

    /// Takes in what others pushed: as it is, or joined with the commits that are here alone. Where both changed the same
    /// place, that is answered and nothing is changed until it is decided. What is not committed stays as it is, and is
    /// never written over. No hook is run.
    ///
    /// # Errors
    /// When the folder follows no branch of a remote, the remote does not answer, or what is not committed stands in the way.
    /// Nothing was changed then.
    pub fn team_pull(&self, pull: TeamPull) -> Result<TeamPullDone, ApiError> {
        let repository = self.repository(pull.library)?;
        let _alone = self.alone_in(&repository)?;
        let fetches = pull.between.is_none();
        let files = self.take_in(&repository, &pull)?;
        let records = fetches.then(|| self.records_pulled(&repository)).flatten();
        Ok(TeamPullDone { files, records })
    }

    fn take_in(&self, repository: &Repository<'_>, pull: &TeamPull) -> Result<TeamPulled, ApiError> {
        let (_, upstream) = follows(repository)?;
        settled(repository)?;
        if pull.between.is_none() {
            self.fetch_upstream(repository, &upstream, &self.team)?;
        }
        let Some(theirs) = repository.commit(&upstream.here)? else {
            let sentence = format!("There is no {} yet: push, and it will be.", upstream.name);
            return Err(ApiError::new(ErrorCode::State, sentence));
        };
        let Some(mine) = repository.commit("HEAD")? else { return self.begin(repository, &theirs) };
        let (ahead, commits) = between(repository, Some(&mine), Some(&theirs))?;
        if commits == 0 {
            return Ok(TeamPulled::Current);
        }
        let now = format!("{mine}:{theirs}");
        if pull.between.as_ref().is_some_and(|before| *before != now) {
            let sentence = format!("{} or what is here changed meanwhile: pull again.", upstream.name);
            return Err(ApiError::new(ErrorCode::Stale, sentence));
        }
        let (target, both) = if ahead == 0 {
            (theirs.clone(), Vec::new())
        } else {
            let Some(base) = repository.maybe(&["merge-base", &mine, &theirs])? else {
                let sentence =
                    format!("What is here and {} have nothing in common: put them together with git.", upstream.name);
                return Err(ApiError::new(ErrorCode::State, sentence));
            };
            // Before a person is asked anything.
            let coming = differing(repository, &base, &theirs)?.into_keys().collect();
            self.nothing_in_the_way(repository, coming, &theirs)?;
            match merge(repository, &mine, &theirs, &pull.decisions)? {
                Merged::Conflicts(files) => return Ok(TeamPulled::Conflicts { between: now, files }),
                Merged::Tree { tree, both } => (joined(repository, &upstream, &tree, &[&mine, &theirs])?, both),
            }
        };
        let changed = differing(repository, &mine, &target)?;
        let paths: Vec<PathBuf> = changed.keys().map(|path| repository.root.join(path)).collect();
        self.nothing_in_the_way(repository, changed.into_keys().collect(), &target)?;
        let mut files = self.files_between(repository, &mine, &target)?;
        files.truncate(NAMED);
        put_in_place(repository, &mine, &target)?;
        self.files_came(&paths)?;
        Ok(TeamPulled::Taken { commits, files, joined: ahead > 0, both })
    }

    pub(super) fn fetch_upstream(
        &self,
        repository: &Repository<'_>,
        upstream: &Upstream,
        by: &Fetching,
    ) -> Result<(), ApiError> {
        if upstream.remote == "." {
            return Ok(());
        }
        let own_ssh = repository.own_ssh()?;
        let name = repository.address(&upstream.remote).unwrap_or_else(|| upstream.remote.clone());
        let mut words = [&FETCH[..], &["--", &upstream.remote]].concat();
        let specs = [format!("+{}:{}", upstream.there, upstream.here), Branch::refspec(&upstream.remote)];
        let records = self.wants_records(&repository.library);
        let wanted = usize::from(records || !upstream.is_fetched) + usize::from(records);
        words.extend(specs.iter().map(String::as_str).take(wanted));
        let mut work = self.news.work("Fetching");
        let talk = Talk {
            failed: "was not reached, and nothing was changed",
            folder: Some(&repository.root),
            settings: &["core.hooksPath=/dev/null"],
            off: repository.switched_off(),
            own_ssh,
            arguments: words.iter().map(std::ffi::OsStr::new).collect(),
            ..remote::cloning(&name, &repository.root, &[], &self.engine.settings.environment)
        };
        let done = remote::speak(&talk, by, &mut |done, total| {
            work.progress(done, total);
        });
        match done {
            Err(error) if error.message.contains("couldn't find remote ref") => {
                if repository.commit(&upstream.here)?.is_some() {
                    return Err(gone_there(repository, upstream));
                }
                // It answered: nobody has pushed the branch yet. What goes with it is asked for by itself.
                if records {
                    Branch::of(repository, upstream.remote.clone()).fetch(self, remote::SILENCE, &mut work)?;
                }
            }
            done => done.map_err(told_how)?,
        }
        repository.was_fetched();
        Ok(())
    }

    /// The first commits of a repository that has none.
    fn begin(&self, repository: &Repository<'_>, theirs: &str) -> Result<TeamPulled, ApiError> {
        let nothing = repository.line(&["mktree"], &[])?;
        let coming = differing(repository, &nothing, theirs)?;
        let paths: Vec<PathBuf> = coming.keys().map(|path| repository.root.join(path)).collect();
        self.nothing_in_the_way(repository, coming.into_keys().collect(), theirs)?;
        let mut files = self.files_between(repository, &nothing, theirs)?;
        files.truncate(NAMED);
        repository.bytes(&["read-tree", "-m", "-u", &nothing, theirs], &[])?;
        let none = "0".repeat(theirs.len());
        repository.bytes(&["update-ref", "-m", "allgood: pull", "HEAD", theirs, &none], &[])?;
        self.files_came(&paths)?;
        let (_, commits) = between(repository, None, Some(theirs))?;
        Ok(TeamPulled::Taken { commits, files, joined: false, both: Vec::new() })
    }

    /// Whether something that is not committed is changed by what comes, too. What already is as it will be is not: a pull
    /// that was cut off had got that far.
    fn nothing_in_the_way(
        &self,
        repository: &Repository<'_>,
        coming: Vec<PathBuf>,
        target: &str,
    ) -> Result<(), ApiError> {
        let states = status(repository, &repository.root)?;
        let mut standing = Vec::new();
        for path in coming {
            let file = repository.root.join(&path);
            // What is ignored is told by its folder.
            if !states.iter().any(|(one, _)| path.starts_with(one)) {
                continue;
            }
            let shown = path.display().to_string();
            let blob = |commit: &str| repository.bytes(&["cat-file", "blob", &format!("{commit}:{shown}")], &[]).ok();
            let wanted = blob(target);
            let now = match fs::symlink_metadata(&file) {
                Ok(found) if found.is_file() => fs::read(&file).ok(),
                Ok(_) => {
                    standing.push(shown);
                    continue;
                }
                Err(_) => None,
            };
            let same = match (&now, &wanted) {
                (Some(now), Some(wanted)) if now == wanted => true,
                // git writes a file piece by piece: a true beginning of it was left by one that was killed.
                (Some(now), Some(wanted)) if wanted.starts_with(now) && blob("HEAD").as_ref() != Some(now) => {
                    replace(&file, Some(now), wanted)
                        .is_ok_and(|done| matches!(done, crate::author::replacing::Replaced::Done))
                }
                (None, None) => true,
                _ => false,
            };
            if same {
                as_it_will_be(repository, target, &shown)?;
            } else {
                standing.push(shown);
            }
        }
        if standing.is_empty() {
            return Ok(());
        }
        let (them, are) = if standing.len() == 1 { ("it", "is") } else { ("them", "are") };
        let more = standing.len().saturating_sub(SAID);
        let named = standing.iter().take(SAID).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let sentence = format!(
            "{named}{more} {are} changed here and not committed, and changed by what would come. Commit {them} first, \
             then pull again: both are joined. Nothing was changed."
        );
        Err(ApiError::new(ErrorCode::State, sentence))
    }
}

/// The branch and what it follows.
pub(super) fn follows(repository: &Repository<'_>) -> Result<(String, Upstream), ApiError> {
    let root = repository.root.display();
    let state = |sentence: String| ApiError::new(ErrorCode::State, sentence);
    let branch = repository.branch()?.ok_or_else(|| {
        state(format!("{root} is on no branch (its head is detached): go to one with `git -C {root} switch BRANCH`."))
    })?;
    let upstream = repository.upstream(&branch)?.ok_or_else(|| {
        state(format!(
            "The branch {branch} of {root} follows no branch of a remote: push it, which makes one, or say which \
             with `git -C {root} branch --set-upstream-to`."
        ))
    })?;
    Ok((branch, upstream))
}

/// Nothing of git's own is under way.
pub(super) fn settled(repository: &Repository<'_>) -> Result<(), ApiError> {
    let folder = repository.maybe(&["rev-parse", "--absolute-git-dir"])?.unwrap_or_default();
    let folder = PathBuf::from(folder);
    match UNDER_WAY.iter().find(|(file, _)| fs::symlink_metadata(folder.join(file)).is_ok()) {
        None => Ok(()),
        Some((_, what)) => {
            let root = repository.root.display();
            let sentence =
                format!("{what} is under way in {root}: end it with git, or give it up there, then try again.");
            Err(ApiError::new(ErrorCode::State, sentence))
        }
    }
}

/// The commit that joins both sides, signed where the person's configuration says so.
fn joined(
    repository: &Repository<'_>,
    upstream: &Upstream,
    tree: &str,
    parents: &[&str],
) -> Result<String, ApiError> {
    repository.commit_tree(tree, parents, &format!("Take in {}\n", upstream.name))
}

impl Repository<'_> {
    /// A commit of a tree, signed where the person's configuration says so. No branch has it yet.
    pub(super) fn commit_tree(&self, tree: &str, parents: &[&str], message: &str) -> Result<String, ApiError> {
        self.identity()?.ok_or_else(|| {
            let sentence = "A commit is made for this, and git does not know who you are: say it with `git config --global \
                            user.name NAME` and `git config --global user.email ADDRESS`. Nothing was changed.";
            ApiError::new(ErrorCode::State, sentence)
        })?;
        let mut arguments = vec!["commit-tree", tree];
        parents.iter().for_each(|parent| arguments.extend(["-p", *parent]));
        if self.maybe(&["config", "--type=bool", "--get", "commit.gpgSign"])?.as_deref() == Some("true") {
            self.own_ssh()?;
            arguments.push("-S");
        }
        self.line(&arguments, message.as_bytes())
    }
}

/// Tells git's index that a file is as it will be, so that it is not taken for a change of this side.
fn as_it_will_be(repository: &Repository<'_>, target: &str, path: &str) -> Result<(), ApiError> {
    let entry = repository.bytes(&["ls-tree", "-z", "--full-tree", target, "--", path], &[])?;
    let entry = text_of(&entry);
    let mut words = entry.split(['\0', '\t']).next().unwrap_or_default().split(' ');
    let line = match (words.next().filter(|mode| !mode.is_empty()), words.next(), words.next()) {
        (Some(mode), Some("blob"), Some(blob)) => format!("{mode} {blob}\t{path}\0"),
        _ => format!("0 {}\t{path}\0", "0".repeat(target.len())),
    };
    repository.bytes(&["update-index", "-z", "--index-info"], line.as_bytes()).map(drop)
}

/// Brings the files from one commit to another, then the branch: cut off between the two, the folder has what others pushed
/// as a change, which the next pull knows. The branch moves only from where it was.
fn put_in_place(repository: &Repository<'_>, from: &str, to: &str) -> Result<(), ApiError> {
    // What only looks different by its times is not; what is different is no failure.
    repository.answer(&["update-index", "-q", "--refresh"].map(std::ffi::OsStr::new), &[])?;
    repository.bytes(&["read-tree", "-m", "-u", "--no-recurse-submodules", from, to], &[])?;
    repository.bytes(&["update-ref", "-m", "allgood: pull", "HEAD", to, from], &[]).map(drop)
}

/// What a change is called in a sentence.
pub(super) fn verb(change: TeamChange) -> &'static str {
    match change {
        TeamChange::Added => "Add",
        TeamChange::Removed => "Remove",
        TeamChange::Changed | TeamChange::Conflict => "Change",
    }
}
