//! Where the files of followed folders stand in git. A thread of its own asks git about trusted folders when something
//! changed; lists show what it found last and wait for nothing.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use store::{Library, LibraryId};

use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    author::git::{self, Status},
    wire::{GitState, News},
};

/// How long git may look at a whole folder.
const LOOK: Duration = Duration::from_secs(60);
/// The part of the time that looking may take where much changes.
const SHARE: u32 = 4;

/// What git said of the folders of the library.
#[derive(Default)]
pub(super) struct Repositories {
    asked: Mutex<Asked>,
    wake: Condvar,
    known: Mutex<HashMap<LibraryId, Arc<Vec<Repository>>>>,
}

#[derive(Default)]
struct Asked {
    on: bool,
    closed: bool,
    folders: HashMap<LibraryId, Ask>,
}

/// What is to be looked at of a folder.
#[derive(Default)]
struct Ask {
    /// Repositories may be anywhere in it.
    whole: bool,
    /// Files that changed: a repository may have come with them.
    paths: Vec<PathBuf>,
}

/// One repository, as far as it lies in a folder of the library.
#[derive(Debug, PartialEq, Eq)]
struct Repository {
    root: PathBuf,
    head: GitState,
    /// What is not clean: files, and folders that are ignored as a whole.
    files: HashMap<PathBuf, &'static str>,
}

impl Repository {
    fn new(root: PathBuf, status: Status) -> Self {
        let files: HashMap<_, _> = status.files.into_iter().map(|(path, state)| (root.join(path), state)).collect();
        // What a person would look at first.
        let worst = ["conflict", "modified", "staged", "untracked"];
        let state = worst.into_iter().find(|state| files.values().any(|one| one == state));
        let head = GitState { state: state.unwrap_or("clean").to_owned(), ..status.head };
        Self { root, head, files }
    }

    fn mark(&self, file: &Path) -> Option<&'static str> {
        file.ancestors().take_while(|path| *path != self.root).find_map(|path| self.files.get(path).copied())
    }
}

impl Repositories {
    fn begin(&self) {
        lock(&self.asked).on = true;
    }

    pub(super) fn close(&self) {
        let mut asked = lock(&self.asked);
        (asked.on, asked.closed) = (false, true);
        self.wake.notify_all();
    }

    /// Looks at a folder as a whole soon.
    pub(super) fn whole(&self, library: LibraryId) {
        self.ask(library, |ask| ask.whole = true);
    }

    /// Looks at what is known of a folder, and at these files, soon.
    pub(super) fn changed(&self, library: LibraryId, paths: Vec<PathBuf>) {
        self.ask(library, |ask| ask.paths.extend(paths));
    }

    fn ask(&self, library: LibraryId, what: impl FnOnce(&mut Ask)) {
        let mut asked = lock(&self.asked);
        if asked.on {
            what(asked.folders.entry(library).or_default());
            self.wake.notify_all();
        }
    }

    pub(super) fn forget(&self, library: LibraryId) {
        lock(&self.asked).folders.remove(&library);
        lock(&self.known).remove(&library);
    }

    /// Waits for something to look at; none when it is over.
    fn next(&self) -> Option<(LibraryId, Ask)> {
        let mut asked = lock(&self.asked);
        loop {
            if asked.closed {
                return None;
            }
            let first = asked.folders.keys().next().copied();
            if let Some(found) = first.and_then(|id| asked.folders.remove_entry(&id)) {
                return Some(found);
            }
            asked = self.wake.wait(asked).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits a while, in which what changes gathers.
    fn rest(&self, time: Duration) {
        let asked = lock(&self.asked);
        drop(self.wake.wait_timeout_while(asked, time, |asked| !asked.closed));
    }

    fn of(&self, library: LibraryId) -> Option<Arc<Vec<Repository>>> {
        lock(&self.known).get(&library).cloned()
    }

    /// Where the folder itself stands, as far as is known by now.
    pub(super) fn head(&self, library: &Library) -> Option<GitState> {
        let known = self.of(library.id)?;
        known.iter().find(|one| library.path.starts_with(&one.root)).map(|one| one.head.clone())
    }

    /// Where a file of the folder stands, as far as is known by now; none where it is clean.
    pub(super) fn mark(&self, library: LibraryId, file: &Path) -> Option<&'static str> {
        let known = self.of(library)?;
        known.iter().rev().find(|one| file.starts_with(&one.root))?.mark(file)
    }
}

/// Where git keeps what it knows of a repository.
fn git_folder(root: &Path) -> PathBuf {
    let marked = root.join(".git");
    // Of a second working tree it is a file that names the place.
    let named = fs::read_to_string(&marked).ok();
    let named = named.as_deref().and_then(|text| text.strip_prefix("gitdir:")).map(|place| root.join(place.trim()));
    named.and_then(|folder| fs::canonicalize(folder).ok()).unwrap_or(marked)
}

impl App {
    /// Begins to look at repositories where something is asked.
    pub(super) fn follow_repositories(self: &Arc<Self>) -> Result<(), ApiError> {
        self.follower.repositories.begin();
        let (app, follower) = (Arc::downgrade(self), Arc::clone(&self.follower));
        let work = move || {
            while let Some((library, ask)) = follower.repositories.next() {
                let begun = Instant::now();
                let Some(app) = Weak::upgrade(&app) else { return };
                app.look_at_repositories(library, ask);
                drop(app);
                follower.repositories.rest(begun.elapsed() * SHARE);
            }
        };
        std::thread::Builder::new()
            .name("git".to_owned())
            .spawn(work)
            .map(drop)
            .map_err(|error| ApiError::new(ErrorCode::Internal, format!("Git cannot be followed: {error}.")))
    }

    /// Looks again soon where a folder stands: something was fetched, committed or pushed.
    pub(crate) fn look_at_git(&self, library: LibraryId) {
        self.follower.repositories.changed(library, Vec::new());
    }

    fn look_at_repositories(&self, id: LibraryId, ask: Ask) {
        let repositories = &self.follower.repositories;
        let Some(library) = self.store.library(id).ok().filter(Library::is_trusted) else {
            repositories.forget(id);
            return;
        };
        let before = repositories.of(id).unwrap_or_default();
        let mut roots: BTreeSet<PathBuf> = before.iter().map(|one| one.root.clone()).collect();
        let mut folders: BTreeSet<PathBuf> =
            ask.paths.iter().filter_map(|path| path.parent().map(Path::to_path_buf)).collect();
        if ask.whole {
            roots.clear();
            folders.insert(library.path.clone());
            let seen = self.store.seen(id).unwrap_or_default();
            folders
                .extend(seen.iter().filter_map(|seen| library.path.join(&seen.path).parent().map(Path::to_path_buf)));
        }
        // Once for each folder, not again for all those above it.
        let mut looked: BTreeSet<&Path> = BTreeSet::new();
        for folder in &folders {
            for above in folder.ancestors().take_while(|above| looked.insert(*above)) {
                if above.join(".git").exists() {
                    roots.insert(above.to_owned());
                }
            }
        }
        // Only the innermost of those around the folder counts.
        let around = roots.iter().rev().find(|root| library.path.starts_with(root)).cloned();
        roots.retain(|root| root.starts_with(&library.path) || Some(root) == around.as_ref());
        let git = self.git();
        let mut found = Vec::new();
        for root in roots {
            if ask.whole || !before.iter().any(|one| one.root == root) {
                self.follower.watch_git(id, git_folder(&root));
            }
            let part = if library.path.starts_with(&root) { &library.path } else { &root };
            if let Some(status) = git::status(&git, &root, part, LOOK) {
                found.push(Repository::new(root, status));
            }
        }
        if found == *before {
            return;
        }
        lock(&repositories.known).insert(id, Arc::new(found));
        // It may have been taken off the library meanwhile.
        if self.store.library(id).is_err() {
            repositories.forget(id);
        }
        self.news.tell(&News::Library { library: id.0, paths: Vec::new() });
    }
}
