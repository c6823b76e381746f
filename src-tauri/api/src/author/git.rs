//! The system's git, asked about files of trusted folders. Nothing that the repository's configuration names is started
//! where git only looks; a commit is the person's own act, with their hooks and their identity.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    io::{self, Read as _, Write as _},
    os::unix::{ffi::OsStrExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    ApiError, App, ErrorCode,
    commands::PathArgument,
    wire::{GitCommit, GitState},
};

/// How long git may look.
const LOOK: Duration = Duration::from_secs(5);
/// How long a commit may take, hooks and signing with it.
pub(crate) const COMMIT: Duration = Duration::from_mins(2);
/// How many commits of a file are shown.
const COMMITS: &str = "200";
/// A repository within the repository is asked nothing: its configuration is its own, and may name programs.
const NOT_INSIDE: &str = "--ignore-submodules=all";
/// What git may say at most, in bytes.
const MOST: u64 = 64 * 1024 * 1024;

/// How git is called here.
pub(crate) struct Git<'a> {
    pub(crate) environment: &'a BTreeMap<OsString, OsString>,
    /// The index that it works on in place of the repository's own.
    pub(crate) index: Option<PathBuf>,
    /// What it is set to in the folder that was asked about last, for one look.
    settings: RefCell<Option<(PathBuf, Rc<Vec<Configured>>)>>,
}

impl<'a> Git<'a> {
    pub(crate) fn new(environment: &'a BTreeMap<OsString, OsString>, index: Option<PathBuf>) -> Self {
        Self { environment, index, settings: RefCell::default() }
    }
}

/// What git answered.
pub(crate) struct Answer {
    pub(crate) success: bool,
    /// None where a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) error: Vec<u8>,
}

/// Whose change it is, where the configuration does not say it.
const IDENTITY: [&str; 4] = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];

/// A commit of a file.
pub(crate) struct Commit {
    /// UTC, RFC 3339.
    pub(crate) at: String,
    pub(crate) author: String,
    pub(crate) subject: String,
    /// The file as it is in that commit.
    pub(crate) bytes: Vec<u8>,
}

impl App {
    pub(crate) fn git(&self) -> Git<'_> {
        Git::new(&self.engine.settings.environment, None)
    }

    /// Where a file stands in its git repository; none where there is none, or no git, or the folder is not trusted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn git_state(&self, argument: PathArgument) -> Result<Option<GitState>, ApiError> {
        let spot = self.spot(Path::new(&argument.path))?;
        let trusted = spot.library.as_ref().is_some_and(store::Library::is_trusted);
        Ok(if trusted { state(&self.git(), &spot.path) } else { None })
    }

    /// Commits files of one repository, and nothing else that is staged.
    ///
    /// # Errors
    /// When a file is in no trusted folder, the message is empty, or git refuses.
    pub fn git_commit(&self, commit: GitCommit) -> Result<GitState, ApiError> {
        let refused = |sentence: &str| ApiError::new(ErrorCode::BadInput, sentence);
        if commit.message.trim().is_empty() {
            return Err(refused("A commit needs a message: say what changed."));
        }
        let mut paths = Vec::new();
        for path in &commit.paths {
            let spot = self.spot(Path::new(path))?;
            if !spot.library.as_ref().is_some_and(store::Library::is_trusted) {
                let sentence =
                    format!("{path} is in no trusted folder, so git is not asked about it: trust its folder first.");
                return Err(ApiError::new(ErrorCode::NotTrusted, sentence));
            }
            paths.push(spot.path);
        }
        let Some(first) = paths.first() else { return Err(refused("A commit needs files: name at least one.")) };
        let root =
            root_of(first).ok_or_else(|| refused("This file is in no git repository: make one with `git init`."))?;
        if let Some(other) = paths.iter().find(|path| root_of(path).as_deref() != Some(&root)) {
            return Err(refused(&format!("{} is in another repository: commit it by itself.", other.display())));
        }
        let git = self.git();
        for step in [&["add"][..], &["commit", "--quiet", "--only", "--message", commit.message.trim()]] {
            let mut arguments: Vec<&OsStr> = step.iter().map(OsStr::new).collect();
            arguments.push(OsStr::new("--"));
            arguments.extend(paths.iter().map(|path| path.as_os_str()));
            let answer = git.run(&root, &arguments, &[], COMMIT).map_err(|error| {
                ApiError::new(
                    ErrorCode::Internal,
                    format!("git could not be started: {error}. Install it, or mend PATH."),
                )
            })?;
            if !answer.success {
                let sentence = format!("git did not commit: {}.", complaint(&answer));
                return Err(ApiError::new(ErrorCode::State, self.mask(&sentence)));
            }
        }
        state(&git, first)
            .ok_or_else(|| ApiError::new(ErrorCode::Internal, "It is committed, but git does not say how it stands."))
    }
}

/// What git said against it, without an end.
pub(crate) fn complaint(answer: &Answer) -> String {
    let text = [&answer.error[..], b"\n", &answer.out].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:"));
    let said = lines.map(|line| line.trim_start_matches("fatal: ").trim_start_matches("error: ")).collect::<Vec<_>>();
    // git's own last word comes last; what a hook printed before it is the reason.
    let said = said.iter().take(6).copied().collect::<Vec<_>>().join("; ");
    let said = if said.is_empty() { "it gives no reason".to_owned() } else { said };
    said.trim_end_matches('.').to_owned()
}

/// The folder of the repository that a file lies in.
pub(crate) fn root_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_path_buf)
}

/// What `git status` says.
pub(crate) struct Status {
    /// Of what was asked about: `clean` where nothing is said of it.
    pub(crate) head: GitState,
    /// What is not clean, below the repository's folder; of folders that are ignored as a whole, the folder.
    pub(crate) files: Vec<(PathBuf, &'static str)>,
}

/// Where a file stands.
fn state(git: &Git<'_>, path: &Path) -> Option<GitState> {
    let Status { head, files } = status(git, &root_of(path)?, path, LOOK)?;
    let state = files.last().map_or(head.state, |(_, state)| (*state).to_owned());
    Some(GitState { state, ..head })
}

/// Where everything at and below a path of a repository stands.
pub(crate) fn status(git: &Git<'_>, root: &Path, path: &Path, within: Duration) -> Option<Status> {
    let arguments = [
        "status",
        "--porcelain=v2",
        "-z",
        "--branch",
        "--untracked-files=all",
        "--ignored=matching",
        NOT_INSIDE,
        "--",
    ];
    let mut arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    arguments.push(path.as_os_str());
    Some(said(root, &git.look_within(root, &arguments, &[], within)?))
}

/// What `git status --porcelain=v2 -z --branch` said.
fn said(root: &Path, answer: &[u8]) -> Status {
    let mut head = GitState {
        root: root.display().to_string(),
        branch: String::new(),
        state: "clean".to_owned(),
        ahead: None,
        behind: None,
    };
    let (mut commit, mut files) = (String::new(), Vec::new());
    let mut lines = answer.split(|byte| *byte == 0);
    while let Some(line) = lines.next() {
        let text = String::from_utf8_lossy(line);
        let mut words = text.split(' ');
        // How many words stand before the path, and what they say.
        let (before, state) = match (words.next(), words.next()) {
            (Some("#"), Some(what)) => {
                match what {
                    "branch.oid" => commit = words.next().unwrap_or_default().chars().take(7).collect(),
                    "branch.head" => head.branch = words.collect::<Vec<_>>().join(" "),
                    "branch.ab" => {
                        let mut number = || words.next()?.get(1..)?.parse().ok();
                        (head.ahead, head.behind) = (number(), number());
                    }
                    _ => {}
                }
                continue;
            }
            (Some(kind @ ("1" | "2")), Some(both)) => {
                if kind == "2" {
                    // What it was called before stands in a line of its own.
                    lines.next();
                }
                let state = if both.ends_with('.') { "staged" } else { "modified" };
                (if kind == "2" { 9 } else { 8 }, state)
            }
            (Some("u"), _) => (10, "conflict"),
            (Some("?"), _) => (1, "untracked"),
            (Some("!"), _) => (1, "ignored"),
            _ => continue,
        };
        if let Some(path) = line.splitn(before + 1, |byte| *byte == b' ').nth(before) {
            let path = path.strip_suffix(b"/").unwrap_or(path);
            files.push((PathBuf::from(OsStr::from_bytes(path)), state));
        }
    }
    if head.branch == "(detached)" {
        head.branch = commit;
    }
    Status { head, files }
}

/// The commits of a file, newest first, also from before it was renamed.
pub(crate) fn commits(git: &Git<'_>, path: &Path) -> Vec<Commit> {
    let found = || -> Option<Vec<Commit>> {
        let root = root_of(path)?;
        let arguments = [
            "log",
            "--follow",
            "--no-show-signature",
            "--no-ext-diff",
            "--no-textconv",
            "--diff-filter=d",
            "-n",
            COMMITS,
            "-z",
            "--name-only",
            "--format=format:%x01%H%x1f%cI%x1f%an%x1f%s%x1f",
            "--",
        ];
        let mut arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        arguments.push(path.as_os_str());
        let log = git.look(&root, &arguments, &[])?;
        let mut entries = Vec::new();
        let mut names = Vec::new();
        for entry in log.split(|byte| *byte == 1).skip(1) {
            let fields: Vec<&[u8]> = entry.splitn(5, |byte| *byte == 0x1f).collect();
            let [hash, at, author, subject, name] = fields.as_slice() else { continue };
            let name = name.trim_ascii_start();
            let name = name.split(|byte| *byte == 0).find(|part| !part.is_empty()).unwrap_or_default();
            if name.is_empty() || name.contains(&b'\n') {
                continue;
            }
            names.extend_from_slice(&[hash, &b":"[..], name, b"\n"].concat());
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let at: jiff::Timestamp = text(at).parse().ok()?;
            entries.push((format!("{at:.3}"), text(author), text(subject)));
        }
        let blobs = git.look(&root, &["cat-file", "--batch"].map(OsStr::new), &names)?;
        Some(
            entries
                .into_iter()
                .zip(blobs_of(&blobs))
                .filter_map(|((at, author, subject), bytes)| {
                    Some(Commit { at, author, subject, bytes: bytes?.to_vec() })
                })
                .collect(),
        )
    };
    found().unwrap_or_default()
}

/// What `git cat-file --batch` gave for each name.
pub(crate) fn blobs_of(mut rest: &[u8]) -> Vec<Option<&[u8]>> {
    let mut blobs = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (head, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        let head = String::from_utf8_lossy(head);
        let size = head.rsplit_once(" blob ").and_then(|(_, size)| size.parse::<usize>().ok());
        blobs.push(size.and_then(|size| rest.get(..size)));
        if let Some(size) = size {
            rest = rest.get(size + 1..).unwrap_or_default();
        }
    }
    blobs
}

/// One setting of git.
pub(crate) struct Configured {
    /// `system`, `global`, `local`, `worktree` or `command`.
    scope: String,
    /// Its section and its last part in lower case.
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Configured {
    /// It stands in the repository, not with the person.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.scope.as_str(), "local" | "worktree")
    }
}

/// All that git is set to in a repository; nothing where it does not answer. Reading it starts nothing.
pub(crate) fn configured(git: &Git<'_>, root: &Path) -> Rc<Vec<Configured>> {
    if let Some((known, settings)) = git.settings.borrow().as_ref()
        && known == root
    {
        return Rc::clone(settings);
    }
    let arguments = ["-c", "safe.bareRepository=explicit", "config", "--list", "--show-scope", "-z"].map(OsStr::new);
    let Some(answer) = git.run(root, &arguments, &[], LOOK).ok().filter(|answer| answer.success) else {
        return Rc::default();
    };
    let mut parts = answer.out.split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part).into_owned());
    let mut found = Vec::new();
    while let (Some(scope), Some(setting)) = (parts.next(), parts.next()) {
        let (name, value) = setting.split_once('\n').unwrap_or((&setting, ""));
        found.push(Configured { scope, name: name.to_owned(), value: value.to_owned() });
    }
    let found = Rc::new(found);
    *git.settings.borrow_mut() = Some((root.to_path_buf(), Rc::clone(&found)));
    found
}

/// What switches off the programs that are named for what goes on in a repository: the filters of its own configuration, where
/// those of the person stay, and every hook that stands in a configuration (git 2.54) rather than in a folder.
pub(crate) fn switched_off(settings: &[Configured]) -> Vec<(String, &'static str)> {
    let part = |one: &Configured, section: &str| Some(one.name.strip_prefix(section)?.rsplit_once('.')?.0.to_owned());
    let filters: BTreeSet<String> =
        settings.iter().filter(|one| one.is_own()).filter_map(|one| part(one, "filter.")).collect();
    let hooks: BTreeSet<String> = settings.iter().filter_map(|one| part(one, "hook.")).collect();
    let filters = filters.into_iter().flat_map(|name| {
        [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")]
            .map(|(what, value)| (format!("filter.{name}.{what}"), value))
    });
    filters.chain(hooks.into_iter().map(|name| (format!("hook.{name}.enabled"), "false"))).collect()
}

/// The variables by which git takes settings that stand above those of its files, whatever their names are.
pub(crate) fn in_environment(settings: &[(String, &str)]) -> Vec<(String, String)> {
    let pairs = settings.iter().enumerate().flat_map(|(at, (name, value))| {
        [(format!("GIT_CONFIG_KEY_{at}"), name.clone()), (format!("GIT_CONFIG_VALUE_{at}"), (*value).to_owned())]
    });
    [("GIT_CONFIG_COUNT".to_owned(), settings.len().to_string())].into_iter().chain(pairs).collect()
}

/// Nothing that a repository names is started by these.
pub(crate) const STILL: [&str; 8] = [
    "--no-optional-locks",
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "safe.bareRepository=explicit",
];

impl Git<'_> {
    /// Asks git something that changes nothing; none when there is no answer.
    fn look(&self, root: &Path, arguments: &[&OsStr], input: &[u8]) -> Option<Vec<u8>> {
        self.look_within(root, arguments, input, LOOK)
    }

    /// The same, with another patience.
    pub(crate) fn look_within(
        &self,
        root: &Path,
        arguments: &[&OsStr],
        input: &[u8],
        within: Duration,
    ) -> Option<Vec<u8>> {
        let answer =
            self.still(root, arguments, input, within).inspect_err(|error| tracing::info!(%error, "no git")).ok()?;
        if !answer.success {
            let error = String::from_utf8_lossy(&answer.error).into_owned();
            tracing::info!(root = %root.display(), error, "git does not answer");
        }
        answer.success.then_some(answer.out)
    }

    /// Runs git with nothing beside it that the repository could name: hooks, a monitor, a pager, a filter.
    pub(crate) fn still(
        &self,
        root: &Path,
        arguments: &[&OsStr],
        input: &[u8],
        within: Duration,
    ) -> io::Result<Answer> {
        let off = switched_off(&configured(self, root));
        // For a git before 2.31, which reads none of its environment. After `-c` a name ends at the first `=`.
        let said: Vec<String> = off
            .iter()
            .filter(|(name, _)| !name.contains('='))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let said = said.iter().flat_map(|setting| [OsStr::new("-c"), OsStr::new(setting)]);
        let arguments: Vec<&OsStr> =
            STILL.iter().map(OsStr::new).chain(said).chain(arguments.iter().copied()).collect();
        self.started(root, &arguments, input, within, in_environment(&off))
    }

    pub(crate) fn run(
        &self,
        root: &Path,
        arguments: &[&OsStr],
        input: &[u8],
        within: Duration,
    ) -> io::Result<Answer> {
        self.started(root, arguments, input, within, Vec::new())
    }

    fn started(
        &self,
        root: &Path,
        arguments: &[&OsStr],
        input: &[u8],
        within: Duration,
        settings: Vec<(String, String)>,
    ) -> io::Result<Answer> {
        // Variables such as GIT_DIR would lead it to another repository.
        let environment = self.environment.iter().filter(|(name, _)| {
            !name.as_bytes().starts_with(b"GIT_") || IDENTITY.iter().any(|kept| OsStr::new(kept) == name.as_os_str())
        });
        let mut child = Command::new("git")
            .env_clear()
            .envs(environment)
            .envs([
                ("GIT_OPTIONAL_LOCKS", "0"),
                ("GIT_TERMINAL_PROMPT", "0"),
                ("GIT_LITERAL_PATHSPECS", "1"),
                ("GIT_NO_LAZY_FETCH", "1"),
                ("GIT_EDITOR", "true"),
                ("LC_ALL", "C.UTF-8"),
            ])
            .envs(settings)
            .envs(self.index.iter().map(|index| ("GIT_INDEX_FILE", index)))
            .current_dir(root)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            let out = scope.spawn(move || read(stdout));
            let error = scope.spawn(move || read(stderr));
            scope.spawn(move || {
                // Git may end without having read it all.
                stdin.map(|mut stdin| stdin.write_all(input))
            });
            let status = wait(&mut child, within)?;
            let (out, error) = (out.join().unwrap_or_default(), error.join().unwrap_or_default());
            Ok(Answer { success: status.success(), status: status.code(), out, error })
        })
    }
}

fn read(stream: Option<impl io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream
        && let Err(error) = stream.take(MOST).read_to_end(&mut bytes)
    {
        tracing::warn!(%error, "git's answer was not read to its end");
    }
    bytes
}

/// Waits for the end of a process, and ends it when it takes too long.
fn wait(child: &mut Child, within: Duration) -> io::Result<ExitStatus> {
    let until = Instant::now() + within;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > until {
            // With what it started: a hook would keep its output open.
            let group = i32::try_from(child.id()).map_err(io::Error::other)?;
            nix::sys::signal::killpg(nix::unistd::Pid::from_raw(group), nix::sys::signal::Signal::SIGKILL)?;
            child.wait()?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "git takes too long"));
        }
        thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(scope: &str, name: &str) -> Configured {
        Configured { scope: scope.to_owned(), name: name.to_owned(), value: "touch it".to_owned() }
    }

    #[test]
    fn filters_of_a_repository_and_hooks_of_any_configuration_are_switched_off() {
        let settings = [
            set("global", "filter.lfs.clean"),
            set("local", "filter.a=b.clean"),
            set("worktree", "filter.a=b.smudge"),
            set("local", "hook.linter.command"),
            set("global", "hook.own.x.event"),
            set("local", "hook.linter.event"),
        ];
        let off = switched_off(&settings);
        let names: Vec<String> = off.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let expected = [
            "filter.a=b.clean ",
            "filter.a=b.smudge ",
            "filter.a=b.process ",
            "filter.a=b.required false",
            "hook.linter.enabled false",
            "hook.own.x.enabled false",
        ];
        assert_eq!(names, expected);
        let environment = in_environment(&off);
        assert_eq!(environment[0], ("GIT_CONFIG_COUNT".to_owned(), "6".to_owned()));
        assert_eq!(environment[1], ("GIT_CONFIG_KEY_0".to_owned(), "filter.a=b.clean".to_owned()));
        assert_eq!(environment[12], ("GIT_CONFIG_VALUE_5".to_owned(), "false".to_owned()));
    }
}
