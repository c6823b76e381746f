//! Handing on what was committed. What the other side has and this one has not is never written over.

use std::ffi::OsStr;

use super::{changes::between, pulling::follows, repository::Repository};
use crate::{
    ApiError, App, ErrorCode,
    author::git,
    commands::IdArgument,
    library::remote::{self, Talk},
    wire::TeamPushed,
};

impl App {
    /// Pushes the branch to what it follows; where it follows nothing, to a branch of its name at the only remote, which it
    /// follows from then on. The hooks of the repository run: it is trusted, and a push is a person's own act.
    ///
    /// # Errors
    /// When the other side has commits that are not here, it does not answer, or it refuses. Nothing was changed there then.
    pub fn team_push(&self, argument: IdArgument) -> Result<TeamPushed, ApiError> {
        let repository = self.repository(argument.id)?;
        let _alone = self.alone_in(&repository)?;
        let branch = repository.branch()?;
        let upstream = branch.as_deref().map(|branch| repository.upstream(branch)).transpose()?.flatten();
        let (branch, remote, there, known, name) = match (branch, upstream) {
            (Some(branch), Some(upstream)) => {
                let known = repository.commit(&upstream.here)?;
                (branch, upstream.remote, upstream.there, known, upstream.name)
            }
            (Some(branch), None) => {
                let remote = only_remote(&repository)?;
                let name = format!("{remote}/{branch}");
                (branch.clone(), remote, format!("refs/heads/{branch}"), None, name)
            }
            // Says that the head is on no branch.
            (None, _) => return Err(follows(&repository).err().unwrap_or_else(|| nothing_committed(&repository))),
        };
        let mine = repository.commit("HEAD")?.ok_or_else(|| nothing_committed(&repository))?;
        let (ahead, behind) = between(&repository, Some(&mine), known.as_deref())?;
        if known.is_some() && ahead == 0 {
            return Ok(TeamPushed { commits: 0, upstream: name });
        }
        if behind > 0 {
            return Err(behind_there(&name));
        }
        let own_ssh = repository.own_ssh()?;
        let address = repository.address(&remote).unwrap_or_else(|| remote.clone());
        let what = format!("refs/heads/{branch}:{there}");
        let words = ["push", "--progress", "--no-recurse-submodules", "--set-upstream", "--", &remote, &what];
        let mut work = self.news.work("Pushing");
        let talk = Talk {
            failed: "took nothing",
            folder: Some(&repository.root),
            settings: &["push.followTags=false", "push.gpgSign=false"],
            own_ssh,
            arguments: words.iter().map(OsStr::new).collect(),
            ..remote::cloning(&address, &repository.root, &[], &self.engine.settings.environment)
        };
        let done = remote::speak(&talk, &self.team, &mut |done, total| {
            work.progress(done, total);
        });
        done.map_err(|error| {
            let refused = ["[rejected]", "fetch first", "non-fast-forward"];
            if refused.iter().any(|word| error.message.contains(word)) {
                behind_there(&name)
            } else {
                told_how(error)
            }
        })?;
        // Git itself notes it only where its configuration says that a fetch would bring it.
        let here = there.strip_prefix("refs/heads/").map(|short| format!("refs/remotes/{remote}/{short}"));
        let known = |here: &String| repository.commit(here).ok().flatten();
        if let Some(here) = here.filter(|here| remote != "." && known(here).as_ref() != Some(&mine))
            && let Err(error) = repository.bytes(&["update-ref", "-m", "allgood: push", &here, &mine], &[])
        {
            tracing::warn!(message = %error.message, "what was pushed is not noted here");
        }
        repository.was_fetched();
        self.look_at_git(repository.library.id);
        self.tell_folder(repository.library.id);
        Ok(TeamPushed { commits: ahead, upstream: name })
    }
}

fn behind_there(name: &str) -> ApiError {
    let sentence = format!("{name} has commits that are not here, so that nothing was pushed: pull first.");
    ApiError::new(ErrorCode::State, sentence)
}

fn nothing_committed(repository: &Repository<'_>) -> ApiError {
    let root = repository.root.display();
    ApiError::new(ErrorCode::State, format!("Nothing is committed in {root}: commit first."))
}

/// The remote of a repository that has one.
pub(super) fn only_remote(repository: &Repository<'_>) -> Result<String, ApiError> {
    let settings = git::configured(&repository.git, &repository.root);
    let named = settings.iter().filter_map(|one| one.name.strip_prefix("remote.")?.strip_suffix(".url"));
    let mut remotes: Vec<&str> = named.filter(|name| !name.starts_with('-')).collect();
    remotes.dedup();
    match remotes.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => {
            let root = repository.root.display();
            let sentence = format!("{root} has no remote: name one with `git -C {root} remote add origin ADDRESS`.");
            Err(ApiError::new(ErrorCode::State, sentence))
        }
        many if many.contains(&"origin") => Ok("origin".to_owned()),
        _ => {
            let root = repository.root.display();
            let sentence = format!(
                "{root} has several remotes: say which one with `git -C {root} push --set-upstream REMOTE BRANCH`."
            );
            Err(ApiError::new(ErrorCode::State, sentence))
        }
    }
}

/// The same error, with what helps where git wanted to ask something.
pub(super) fn told_how(mut error: ApiError) -> ApiError {
    let wanted =
        ["terminal prompts disabled", "Permission denied (", "Authentication failed", "could not read Username"];
    if wanted.iter().any(|words| error.message.contains(words)) {
        error.message.push_str(
            " It needs to know who you are, and nobody is asked here: set up git's credential helper, or load your key into \
             the ssh agent.",
        );
    }
    if error.message.contains("Host key verification failed") {
        error.message.push_str(" Its key is not known here: connect to it once with ssh and compare the key.");
    }
    error
}
