//! The branch that holds the records of a team, written by git's plumbing: no work tree, no index of the person, no branch
//! of theirs is touched.

use std::{collections::BTreeMap, ffi::OsStr, time::Duration};

use engine::RunId;

use super::{
    joining::{Outcome, Stage, with},
    pushing::told_how,
    repository::{FETCH, Repository},
};
use crate::{
    ApiError, App,
    library::{
        Work,
        remote::{self, Talk},
    },
};

/// What it is called.
pub(super) const NAME: &str = "allgood-records";
/// How its files end.
const ENDING: &str = ".allgood-run";
/// So many first signs of an id name a folder: the runs of seven weeks.
const FOLDER: usize = 4;

/// The branch at a remote.
pub(super) struct Branch<'r, 'a> {
    repository: &'r Repository<'a>,
    pub(super) remote: String,
}

/// A record in the branch.
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) run: RunId,
    pub(super) blob: String,
    /// In bytes.
    pub(super) size: u64,
}

impl<'r, 'a> Branch<'r, 'a> {
    pub(super) fn of(repository: &'r Repository<'a>, remote: String) -> Self {
        Self { repository, remote }
    }

    /// `origin/allgood-records`.
    pub(super) fn named(remote: &str) -> String {
        format!("{remote}/{NAME}")
    }

    /// What is fetched of a remote for it. With a star, so that a remote that has no such branch is no failure.
    pub(super) fn refspec(remote: &str) -> String {
        format!("+refs/heads/{NAME}*:refs/remotes/{remote}/{NAME}*")
    }

    /// What is known of it here.
    fn tip(&self) -> Result<Option<String>, ApiError> {
        self.repository.commit(&self.here())
    }

    fn here(&self) -> String {
        format!("refs/remotes/{}/{NAME}", self.remote)
    }

    /// The records in it, by path. What is no record is left out.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, ApiError> {
        let Some(tip) = self.tip()? else { return Ok(Vec::new()) };
        let listed =
            self.repository.bytes(&["ls-tree", "-r", "-z", "-l", "--full-tree", &tip, "--", "runs/"], &[])?;
        let listed = listed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        Ok(listed.filter_map(|line| entry(&line)).collect())
    }

    /// Who put each of its files there last, as git names them.
    pub(super) fn authors(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let Some(tip) = self.tip()? else { return Ok(BTreeMap::new()) };
        let words = [
            "log",
            "--first-parent",
            "--no-show-signature",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--name-only",
            "-z",
            "--format=format:%x01%an%x1f%ae%x1f",
            &tip,
            "--",
            "runs/",
        ];
        let log = self.repository.bytes(&words, &[])?;
        let mut found = BTreeMap::new();
        for commit in log.split(|byte| *byte == 1).skip(1) {
            let mut parts = commit.splitn(3, |byte| *byte == 0x1f).map(String::from_utf8_lossy);
            let (Some(name), Some(email), Some(files)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let plain = |text: &str| text.chars().filter(|sign| !sign.is_control()).take(80).collect::<String>();
            let who = format!("{} <{}>", plain(&name), plain(&email));
            for file in files.split(['\0', '\n']).filter(|file| !file.is_empty()) {
                // The newest comes first.
                found.entry(file.to_owned()).or_insert_with(|| who.clone());
            }
        }
        Ok(found)
    }

    /// Keeps the bytes of a file; gives their name.
    pub(super) fn keep(&self, bytes: &[u8]) -> Result<String, ApiError> {
        self.repository.line(&["hash-object", "-w", "--stdin"], bytes)
    }

    /// A commit on top of what is known, with these files.
    pub(super) fn commit(&self, entries: Vec<(RunId, String)>, message: &str) -> Result<String, ApiError> {
        let tip = self.tip()?;
        let tree = match &tip {
            Some(tip) => format!("{tip}^{{tree}}"),
            None => self.repository.line(&["mktree"], &[])?,
        };
        let tree = self.repository.line(&["rev-parse", "--verify", "--end-of-options", &tree], &[])?;
        let tree = tree.lines().last().unwrap_or_default().to_owned();
        let outcomes = entries.into_iter().map(|(run, blob)| {
            (path_of(&run).into_bytes(), Outcome::Keep(Stage { mode: "100644".to_owned(), blob }))
        });
        let tree = with(self.repository, &tree, outcomes.collect())?;
        let parents: Vec<&str> = tip.as_deref().into_iter().collect();
        self.repository.commit_tree(&tree, &parents, message)
    }

    /// Asks the remote for it.
    pub(super) fn fetch(&self, app: &App, silence: Duration, work: &mut Work<'_>) -> Result<(), ApiError> {
        let spec = Self::refspec(&self.remote);
        let words = [&FETCH[..], &["--", &self.remote, &spec]].concat();
        self.speak(app, "was not reached, and nothing was shared", &words, silence, work)
    }

    /// Pushes a commit to it; whether nobody else was faster. No hook is run: it holds nothing that a person wrote, and may be
    /// pushed while nobody looks.
    pub(super) fn push(
        &self,
        app: &App,
        commit: &str,
        silence: Duration,
        work: &mut Work<'_>,
    ) -> Result<bool, ApiError> {
        let what = format!("{commit}:refs/heads/{NAME}");
        let words = ["push", "--progress", "--no-recurse-submodules", "--", &self.remote, &what];
        match self.speak(app, "took no record", &words, silence, work) {
            Ok(()) => {
                self.repository.bytes(&["update-ref", "-m", "allgood: share", &self.here(), commit], &[])?;
                Ok(true)
            }
            Err(error) => {
                let faster =
                    ["[rejected]", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref"];
                if faster.iter().any(|words| error.message.contains(words)) { Ok(false) } else { Err(error) }
            }
        }
    }

    fn speak(
        &self,
        app: &App,
        failed: &str,
        words: &[&str],
        silence: Duration,
        work: &mut Work<'_>,
    ) -> Result<(), ApiError> {
        let own_ssh = self.repository.own_ssh()?;
        let name = self.repository.address(&self.remote).unwrap_or_else(|| self.remote.clone());
        let talk = Talk {
            failed,
            folder: Some(&self.repository.root),
            settings: &["core.hooksPath=/dev/null", "push.followTags=false", "push.gpgSign=false"],
            off: self.repository.switched_off(),
            own_ssh,
            arguments: words.iter().map(OsStr::new).collect(),
            silence,
            ..remote::cloning(&name, &self.repository.root, &[], &app.engine.settings.environment)
        };
        // After a run nobody asked for it, and whoever asks for something goes first.
        let by = if silence < remote::SILENCE { &app.quiet } else { &app.team };
        remote::speak(&talk, by, &mut |done, total| {
            work.progress(done, total);
        })
        .map_err(told_how)
    }
}

/// Where the file of a run lies.
fn path_of(run: &RunId) -> String {
    format!("runs/{}/{run}{ENDING}", run.0.get(..FOLDER).unwrap_or_default())
}

/// `100644 blob 0123…    1234\truns/019a/019a….allgood-run`.
fn entry(line: &str) -> Option<Entry> {
    let (head, path) = line.split_once('\t')?;
    let mut words = head.split_whitespace();
    let (mode, kind, blob, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let name = path.rsplit('/').next()?.strip_suffix(ENDING)?;
    let plain = name.len() == 36 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    let run = RunId(name.to_owned());
    (mode == "100644" && kind == "blob" && plain && path == path_of(&run))
        .then(|| Some(Entry { path: path.to_owned(), run, blob: blob.to_owned(), size: size.parse().ok()? }))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_file_with_the_name_and_place_of_a_run_is_a_record() {
        let run = "0199c2e4-7a10-7000-8000-00000000000a";
        let line = |mode: &str, kind: &str, path: &str| format!("{mode} {kind} 0123abcd      42\t{path}");
        let there = format!("runs/0199/{run}.allgood-run");
        let found = entry(&line("100644", "blob", &there)).unwrap();
        assert_eq!((found.run.0.as_str(), found.blob.as_str(), found.size), (run, "0123abcd", 42));
        for (mode, kind, path) in [
            ("120000", "blob", there.as_str()),
            ("160000", "commit", &there),
            ("100644", "blob", &format!("runs/{run}.allgood-run")),
            ("100644", "blob", &format!("runs/0199/x/{run}.allgood-run")),
            ("100644", "blob", "runs/0199/0199.allgood-run"),
            ("100644", "blob", &format!("runs/0199/{run}.md")),
            ("100644", "blob", &format!("runs/0199/{}.allgood-run", run.to_uppercase())),
        ] {
            assert!(entry(&line(mode, kind, path)).is_none(), "{mode} {kind} {path}");
        }
    }
}
