//! Where the repository of a runbook stands when a run of it starts, for the record. Git is asked in trusted folders alone,
//! and never for long: a run does not wait for its history.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _, path::Path, time::Duration};

use engine::run::Commit;

use crate::{
    App,
    author::git::{Git, blobs_of, root_of},
};

/// How long a start waits for git at most. Without an answer the run has no commit.
const WAITS: Duration = Duration::from_secs(2);

impl App {
    /// The commit that the repository of a file stands at, and whether these bytes are what stands in it; none where the
    /// folder is not trusted, there is no repository, no commit or no git, or git does not answer in time.
    pub(crate) fn commit_of(&self, path: &Path, bytes: &[u8]) -> Option<Commit> {
        let library = self.store.library_of(path).ok().flatten()?;
        if library.is_trusted() { commit(&self.git(), path, bytes, WAITS) } else { None }
    }
}

fn commit(git: &Git<'_>, path: &Path, bytes: &[u8], within: Duration) -> Option<Commit> {
    let root = root_of(path)?;
    let relative = path.strip_prefix(&root).ok()?.as_os_str().as_bytes();
    // A line of the question could not hold it.
    let asked = if relative.contains(&b'\n') { &b""[..] } else { relative };
    let question = [&b"HEAD^{commit}\nHEAD:"[..], asked, b"\n"].concat();
    // One process, and no look at the index or the working tree, which may be large.
    let answer = git.look_within(&root, &["cat-file", "--batch"].map(OsStr::new), &question, within)?;
    let (id, rest) = head(&answer)?;
    let committed = blobs_of(rest).into_iter().next().flatten();
    Some(Commit { id, differs: committed.is_none_or(|committed| !same(committed, bytes)) })
}

/// The name of the commit that an answer of `git cat-file --batch` begins with, and what follows it.
fn head(answer: &[u8]) -> Option<(String, &[u8])> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(answer.get(..end)?).ok()?;
    let (id, size) = line.split_once(" commit ")?;
    let size: usize = size.parse().ok()?;
    Some((id.to_owned(), answer.get(end + 1 + size + 1..)?))
}

/// Whether two texts are the same but for the ends of their lines, which git may change on the way.
fn same(committed: &[u8], bytes: &[u8]) -> bool {
    let lines = |text: &[u8]| -> Vec<u8> {
        let mut rest = text.iter().copied().peekable();
        let mut kept = Vec::with_capacity(text.len());
        while let Some(byte) = rest.next() {
            if !(byte == b'\r' && rest.peek() == Some(&b'\n')) {
                kept.push(byte);
            }
        }
        kept
    };
    committed == bytes || lines(committed) == lines(bytes)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap, ffi::OsString, fs, os::unix::fs::PermissionsExt as _, process::Command, time::Instant,
    };

    use super::*;

    fn run(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments);
        assert!(command.current_dir(folder).status().unwrap().success(), "{arguments:?}");
    }

    fn environment() -> BTreeMap<OsString, OsString> {
        std::env::vars_os().collect()
    }

    #[test]
    fn the_commit_is_named_and_whether_the_bytes_are_those_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let file = top.join("deep/a b.md");
        fs::create_dir(top.join("deep")).unwrap();
        fs::write(&file, "# One\n\n- [ ] x\n").unwrap();
        run(&top, &["init", "--quiet"]);
        let environment = environment();
        let git = Git::new(&environment, None);
        let ask = |path: &Path, bytes: &[u8]| commit(&git, path, bytes, Duration::from_secs(60));
        assert_eq!(ask(&file, b"# One\n\n- [ ] x\n"), None, "there is no commit yet");
        run(&top, &["add", "."]);
        run(&top, &["commit", "--quiet", "--message=one"]);
        let found = ask(&file, b"# One\n\n- [ ] x\n").unwrap();
        assert!(found.id.len() >= 40 && found.id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", found.id);
        for (bytes, differs) in
            [(&b"# One\n\n- [ ] x\n"[..], false), (b"# One\r\n\r\n- [ ] x\r\n", false), (b"# Two\n\n- [ ] x\n", true)]
        {
            assert_eq!(ask(&file, bytes), Some(Commit { id: found.id.clone(), differs }));
        }
        let fresh = ask(&top.join("fresh.md"), b"# Fresh\n").unwrap();
        assert!(fresh.differs, "what is in no commit differs from it");
        assert_eq!(ask(&folder.path().join("../no-repository.md"), b""), None);
    }

    #[test]
    fn a_git_that_does_not_answer_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("git");
        fs::write(&program, "#!/bin/sh\nexec sleep 600\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        let mut environment = environment();
        let mut found = OsString::from(folder.path());
        found.push(":");
        found.push(environment.get(OsStr::new("PATH")).cloned().unwrap_or_default());
        environment.insert("PATH".into(), found);
        let git = Git::new(&environment, None);
        let began = Instant::now();
        assert_eq!(commit(&git, &folder.path().join("a.md"), b"", Duration::from_millis(100)), None);
        assert!(began.elapsed() < Duration::from_secs(300), "it did not wait for git to end by itself");
    }
}
