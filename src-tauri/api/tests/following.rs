//! Remotes are asked by themselves while the program is open: when it is time, without a word, and nothing is started by it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use api::{App, NewsSink, commands::*, wire::*};
use tempfile::TempDir;
use testkit::{Certificate, Web};

const PATIENCE: Duration = Duration::from_secs(60);
const MINUTE: Duration = Duration::from_mins(1);
/// As the settings have it where nobody says otherwise.
const INTERVAL: Duration = Duration::from_mins(15);

/// Somebody's trusted clone of a repository that others push to.
struct Team {
    app: Arc<App>,
    library: PathBuf,
    folder: TempDir,
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments).current_dir(folder);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// A program that leaves a file behind when it is started.
fn program(path: &Path, marker: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\ntouch '{}'\n", marker.display())).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

impl Team {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(folder.path()).unwrap();
        git(&top, &["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"]);
        git(&top, &["clone", "--quiet", "remote.git", "theirs"]);
        fs::write(top.join("theirs/disk.md"), "# Disk full\n\n- [ ] Look\n").unwrap();
        git(&top.join("theirs"), &["add", "."]);
        git(&top.join("theirs"), &["commit", "--quiet", "--message=Seed"]);
        git(&top.join("theirs"), &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        git(&top, &["clone", "--quiet", "remote.git", "library"]);
        let mut config = desk::config(&top, "ada@tower");
        config.environment.insert("PATH".into(), std::env::var_os("PATH").unwrap());
        config.environment.insert("HOME".into(), top.join("home").into());
        // As a desktop sets them for whoever is to be asked by a window.
        for name in ["GIT_ASKPASS", "SSH_ASKPASS"] {
            config.environment.insert(name.into(), top.join("bin/askpass").into());
        }
        config.environment.insert("DISPLAY".into(), ":0".into());
        program(&top.join("bin/askpass"), &top.join("started"));
        let app = App::open(config).unwrap();
        let library = top.join("library");
        let added = app.library_add(PathArgument { path: library.display().to_string() }).unwrap();
        app.library_trust(IdArgument { id: added.id }).unwrap();
        Self { app, library, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    /// Somebody else changes the runbook.
    fn pushes(&self, words: &str) {
        let theirs = self.path("theirs");
        fs::write(theirs.join("disk.md"), format!("# Disk full\n\n- [ ] {words}\n")).unwrap();
        git(&theirs, &["commit", "--quiet", "--all", "--message=More"]);
        git(&theirs, &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    }

    /// Whether what was pushed last is known here.
    fn knows(&self) -> bool {
        let here = git(&self.library, &["rev-parse", "refs/remotes/origin/main"]);
        here == git(&self.path("theirs"), &["rev-parse", "HEAD"])
    }

    fn every(&self, minutes: u32) {
        self.app.settings_write(Settings { fetch_minutes: minutes, ..Settings::default() }).unwrap();
    }

    /// What is told while something is done.
    fn told(&self, what: impl FnOnce()) -> Vec<News> {
        let (page, told) = mpsc::channel();
        let watch = self.app.news_watch(Box::new(Page(Mutex::new(page)))).unwrap();
        what();
        // What is told is told in order: behind this nothing of it is left.
        self.app.outside_arrived("");
        let mut before = Vec::new();
        loop {
            match told.recv_timeout(PATIENCE).unwrap() {
                News::Outside => break,
                news => before.push(news),
            }
        }
        self.app.news_unwatch(WatchArgument { watch }).unwrap();
        before
    }
}

struct Page(Mutex<mpsc::Sender<News>>);

impl NewsSink for Page {
    fn news(&self, news: &News) {
        drop(self.0.lock().unwrap().send(news.clone()));
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let ending = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < ending, "this never came: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_remote_is_asked_each_time_the_interval_of_the_settings_is_over_and_with_zero_never() {
    let team = Team::new();
    let (start, mut asked) = (Instant::now(), HashMap::new());
    let mut look = |after: Duration| team.app.team_fetch_due(start + after, &mut asked);
    team.pushes("one");
    look(Duration::ZERO);
    assert!(team.knows(), "at once when the program opens");
    team.pushes("two");
    look(INTERVAL - Duration::from_secs(1));
    assert!(!team.knows(), "not before its time");
    look(INTERVAL);
    assert!(team.knows());
    team.every(3);
    team.pushes("three");
    look(INTERVAL + 2 * MINUTE);
    assert!(!team.knows());
    look(INTERVAL + 3 * MINUTE);
    assert!(team.knows(), "as often as a person wants it");
    team.every(0);
    team.pushes("four");
    look(1000 * INTERVAL);
    assert!(!team.knows(), "0 asks nobody");
    team.every(1);
    look(1000 * INTERVAL);
    assert!(team.knows());
    assert_eq!(fs::read_to_string(team.library.join("disk.md")).unwrap(), "# Disk full\n\n- [ ] Look\n");
    assert_eq!(git(&team.library, &["status", "--porcelain"]), "", "no file changes by it");
}

#[test]
fn it_goes_on_while_the_program_is_open_and_ends_with_it() {
    let team = Team::new();
    team.pushes("one");
    team.app.team_follow();
    until("it is fetched", || team.knows());
    let left = Arc::downgrade(&team.app);
    team.app.close();
    team.pushes("two");
    team.app.team_fetch_due(Instant::now() + 2 * INTERVAL, &mut HashMap::new());
    assert!(!team.knows(), "what is closed asks nobody any more");
    drop(team);
    until("nothing of it goes on", || left.strong_count() == 0);
}

#[test]
fn nothing_is_asked_of_a_folder_that_is_not_trusted() {
    let team = Team::new();
    let library = team.app.library_folders(Nothing {}).unwrap().remove(0);
    team.app.library_remove(IdArgument { id: library.id }).unwrap();
    team.app.library_add(PathArgument { path: library.path }).unwrap();
    team.pushes("one");
    team.app.team_fetch_due(Instant::now(), &mut HashMap::new());
    assert!(!team.knows());
}

#[test]
fn a_remote_that_is_away_is_no_news_and_is_asked_again_an_interval_later() {
    let team = Team::new();
    let (start, mut asked) = (Instant::now(), HashMap::new());
    let mut look = |after: Duration| team.app.team_fetch_due(start + after, &mut asked);
    team.pushes("one");
    fs::rename(team.path("remote.git"), team.path("away.git")).unwrap();
    let told = team.told(|| {
        look(Duration::ZERO);
        look(INTERVAL);
    });
    assert!(told.is_empty(), "{told:?}");
    let library = team.app.library_folders(Nothing {}).unwrap().remove(0);
    assert_eq!(team.app.team_state(IdArgument { id: library.id }).unwrap().behind, 0, "all else is as it was");
    fs::rename(team.path("away.git"), team.path("remote.git")).unwrap();
    look(INTERVAL + MINUTE);
    assert!(!team.knows(), "it is not asked more often for that");
    look(2 * INTERVAL);
    assert!(team.knows());
    assert_eq!(team.app.team_state(IdArgument { id: library.id }).unwrap().behind, 1);
}

#[test]
fn nothing_that_a_repository_names_is_started_by_it() {
    let team = Team::new();
    let marker = team.path("started");
    let touch = format!("touch '{}'", marker.display());
    for hook in ["reference-transaction", "post-checkout", "post-merge", "post-index-change", "pre-auto-gc"] {
        program(&team.library.join(".git/hooks").join(hook), &marker);
    }
    fs::write(team.library.join(".git/info/attributes"), "*.md filter=ev=il diff=ev=il merge=ev=il\n").unwrap();
    for name in ["core.fsmonitor", "core.pager", "diff.external", "filter.ev=il.clean", "filter.ev=il.smudge"] {
        git(&team.library, &["config", name, &touch]);
    }
    git(&team.library, &["config", "hook.evil.event", "reference-transaction"]);
    git(&team.library, &["config", "hook.evil.command", &touch]);
    team.pushes("one");
    team.app.team_fetch_due(Instant::now(), &mut HashMap::new());
    assert!(team.knows());
    assert!(!marker.exists());
    // What speaks with a remote is the person's own, or it is not spoken with.
    for name in ["core.sshCommand", "core.askPass", "credential.helper", "remote.origin.uploadpack"] {
        git(&team.library, &["config", name, &touch]);
        team.pushes(name);
        let told = team.told(|| team.app.team_fetch_due(Instant::now(), &mut HashMap::new()));
        assert!(!team.knows() && !marker.exists() && told.is_empty(), "{name}: {told:?}");
        git(&team.library, &["config", "--unset-all", name]);
    }
    team.app.team_fetch_due(Instant::now(), &mut HashMap::new());
    assert!(team.knows() && !marker.exists());
}

#[test]
fn a_remote_that_wants_a_password_gets_none_and_nobody_is_asked() {
    let team = Team::new();
    let web = Web::secure(Certificate::Right);
    let askpass = team.path("bin/askpass").display().to_string();
    let trusted = web.ca().display().to_string();
    fs::create_dir_all(team.path("home")).unwrap();
    fs::write(
        team.path("home/.gitconfig"),
        format!("[core]\n\taskPass = {askpass}\n[http]\n\tsslCAInfo = {trusted}\n"),
    )
    .unwrap();
    git(&team.library, &["remote", "set-url", "origin", &format!("{}/private/runbooks.git", web.address())]);
    let told = team.told(|| team.app.team_fetch_due(Instant::now(), &mut HashMap::new()));
    assert!(web.asked().iter().any(|asked| asked.contains("/private/runbooks.git")), "{:?}", web.asked());
    assert!(!web.asked().iter().any(|asked| asked.to_lowercase().contains("authorization")), "{:?}", web.asked());
    assert!(!team.path("started").exists(), "the person's own window for passwords stays closed");
    assert!(told.is_empty(), "{told:?}");
}
