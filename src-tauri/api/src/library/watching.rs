//! Following the folders of the library: a change outside is in the index, and told, within a second.
//!
//! One thread does it all. The system tells which paths changed; they are gathered for a moment, because editors and git
//! change many at once, and then looked at like any others. Where the system cannot watch so many folders, and where a
//! folder went away, they are looked at every few seconds instead.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use store::{Library, LibraryId};

use super::{news::Work, repositories::Repositories, scan::Onlooker};
use crate::{ApiError, App, ErrorCode, app::lock};

/// How long nothing more must have changed.
const QUIET: Duration = Duration::from_millis(80);
/// How long changes are gathered at most.
const LONGEST: Duration = Duration::from_millis(400);
/// When more paths than this have changed, the whole folder is looked at.
const MOST_PATHS: usize = 2_000;
/// How often it is looked whether the folders are still there, and how often at least those that cannot be watched.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// A look at a folder that cannot be watched may take this part of the time.
const SHARE: u32 = 20;
/// How soon after one lost track of changes the next is honoured: our own look must not cause the next for ever.
const OVERFLOW: Duration = Duration::from_secs(10);

/// Follows the folders of the library, once it is started.
#[derive(Default)]
pub(crate) struct Follower {
    state: Mutex<State>,
    wake: Condvar,
    /// Where the folders stand in git.
    pub(super) repositories: Repositories,
}

#[derive(Default)]
struct State {
    on: bool,
    closed: bool,
    /// At most so many folders are watched by the system; none says as many as it allows.
    most: Option<usize>,
    folders: HashMap<LibraryId, Folder>,
}

/// What is known of a followed folder.
struct Folder {
    root: PathBuf,
    /// Which folder of the disk it is; none while it is away.
    identity: Option<Identity>,
    pending: Pending,
    /// It is being read as a whole.
    reading: bool,
    /// How many readings of the whole have begun.
    begun: u64,
    watcher: Option<RecommendedWatcher>,
    /// Where git keeps what it knows of the repositories.
    git: HashSet<PathBuf>,
    watched: usize,
    /// Why the system does not watch it.
    unwatched: Option<String>,
    poll: Option<Instant>,
    overflow: Option<Instant>,
}

/// Device and number of a folder on it.
type Identity = (u64, u64);

/// What is to be looked at.
#[derive(Default)]
struct Pending {
    whole: bool,
    paths: BTreeSet<PathBuf>,
    since: Option<(Instant, Instant)>,
    /// Somebody waits for it: nothing more is gathered.
    now: bool,
}

impl Pending {
    fn touch(&mut self, now: Instant) {
        self.since = Some((self.since.map_or(now, |(first, _)| first), now));
    }

    fn due(&self) -> Option<Instant> {
        let (first, last) = self.since?;
        Some(if self.now { first } else { (last + QUIET).min(first + LONGEST) })
    }
}

/// What the thread does next.
enum Next {
    Over,
    Idle,
    Heartbeat,
    Whole(LibraryId),
    Paths(LibraryId, Vec<PathBuf>),
}

fn identity(folder: &Path) -> Option<Identity> {
    fs::metadata(folder).ok().filter(fs::Metadata::is_dir).map(|metadata| (metadata.dev(), metadata.ino()))
}

impl Follower {
    /// Whether folders are followed.
    pub(crate) fn is_on(&self) -> bool {
        lock(&self.state).on
    }

    /// Ends the thread.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        (state.on, state.closed) = (false, true);
        state.folders.clear();
        self.wake.notify_all();
        drop(state);
        self.repositories.close();
    }

    /// Looks at a folder as a whole soon.
    pub(crate) fn whole(&self, library: &Library) {
        let mut state = lock(&self.state);
        let folder = state.folders.entry(library.id).or_insert_with(|| Folder {
            root: library.path.clone(),
            identity: None,
            pending: Pending::default(),
            reading: false,
            begun: 0,
            watcher: None,
            git: HashSet::new(),
            watched: 0,
            unwatched: None,
            poll: None,
            overflow: None,
        });
        folder.pending.whole = true;
        folder.pending.now = true;
        folder.pending.touch(Instant::now());
        self.wake.notify_all();
    }

    /// Follows a folder no more.
    pub(crate) fn forget(&self, library: LibraryId) {
        let gone = lock(&self.state).folders.remove(&library);
        // Dropped without the lock: its thread may be waiting to tell something.
        drop(gone);
        self.repositories.forget(library);
    }

    /// The number of the reading of a whole folder that is under way or comes next, if there is one.
    pub(crate) fn reading(&self, library: LibraryId) -> Option<u64> {
        let state = lock(&self.state);
        let folder = state.folders.get(&library)?;
        match (folder.pending.whole, folder.reading) {
            (true, _) => Some(folder.begun + 1),
            (false, true) => Some(folder.begun),
            (false, false) => None,
        }
    }

    /// A folder has been read as a whole; gives the number of the reading, none if it is not followed any more.
    fn has_read(&self, library: LibraryId) -> Option<u64> {
        let mut state = lock(&self.state);
        let folder = state.folders.get_mut(&library)?;
        folder.reading = false;
        Some(folder.begun)
    }

    /// Why changes of a folder are seen late, if they are.
    pub(crate) fn unwatched(&self, library: LibraryId) -> Option<String> {
        lock(&self.state).folders.get(&library)?.unwatched.clone()
    }

    /// What the system says changed.
    fn changed(&self, library: LibraryId, event: notify::Result<Event>) {
        let mut state = lock(&self.state);
        let Some(folder) = state.folders.get_mut(&library) else { return };
        let now = Instant::now();
        match event {
            Ok(event) if event.need_rescan() => {
                if folder.overflow.is_some_and(|last| last.elapsed() < OVERFLOW) {
                    folder.poll = Some(now + OVERFLOW);
                    return;
                }
                folder.overflow = Some(now);
                folder.pending.whole = true;
            }
            // Somebody reads: we do so ourselves.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
            Ok(event) => {
                if event.paths.iter().any(|path| folder.says_git(path)) {
                    self.repositories.changed(library, Vec::new());
                }
                let wanted = event.paths.into_iter().filter(|path| worth(&folder.root, path));
                let before = folder.pending.paths.len();
                folder.pending.paths.extend(wanted);
                if folder.pending.paths.len() == before && before == 0 {
                    return;
                }
                if folder.pending.paths.len() > MOST_PATHS {
                    folder.pending.paths.clear();
                    folder.pending.whole = true;
                }
            }
            Err(error) => {
                tracing::warn!(folder = %folder.root.display(), %error, "a change may have been missed");
                folder.pending.whole = true;
            }
        }
        folder.pending.touch(now);
        self.wake.notify_all();
    }

    /// Waits for something to do.
    fn next(&self, heartbeat: &mut Instant) -> Next {
        let mut state = lock(&self.state);
        if state.closed {
            return Next::Over;
        }
        let now = Instant::now();
        if let Some(next) = state.take(now, true) {
            return next;
        }
        if heartbeat.elapsed() >= HEARTBEAT {
            *heartbeat = now;
            return Next::Heartbeat;
        }
        let due = state.folders.values().filter_map(|folder| folder.pending.due()).min();
        let wait = due.map_or(HEARTBEAT, |due| due.saturating_duration_since(now)).min(HEARTBEAT);
        drop(
            self.wake.wait_timeout(state, wait.max(Duration::from_millis(1))).unwrap_or_else(PoisonError::into_inner),
        );
        Next::Idle
    }

    /// A folder is about to be read: watches it. Where the system cannot, it says why and is not asked again.
    fn watch(&self, library: LibraryId, path: &Path) {
        let mut state = lock(&self.state);
        let most = state.most.unwrap_or(usize::MAX);
        let Some(folder) = state.folders.get_mut(&library) else { return };
        // Elsewhere the system watches a whole tree at once.
        if folder.unwatched.is_some() || (!cfg!(target_os = "linux") && path != folder.root) {
            return;
        }
        let Some(mut watcher) = folder.watcher.take() else { return };
        let within_limit = folder.watched < most;
        folder.watched += 1;
        // Without the lock: the watcher's thread may be waiting for it to tell something.
        drop(state);
        let mode = if cfg!(target_os = "linux") { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        let watched =
            if within_limit { watcher.watch(path, mode) } else { Err(notify::Error::new(ErrorKind::MaxFilesWatch)) };
        let mut state = lock(&self.state);
        let Some(folder) = state.folders.get_mut(&library) else { return };
        match watched {
            // It may be gone already; then its own folder says so.
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                folder.give_up("the system watches no more folders for one person (fs.inotify.max_user_watches)");
                drop(state);
                drop(watcher);
            }
            _ => folder.watcher = Some(watcher),
        }
    }

    /// Watches where git keeps what it knows of a repository in, or around, a folder.
    pub(super) fn watch_git(&self, library: LibraryId, place: PathBuf) {
        if let Some(folder) = lock(&self.state).folders.get_mut(&library) {
            folder.git.insert(place.clone());
        }
        self.watch(library, &place);
    }

    /// Begins to watch a folder anew, before it is read as a whole.
    fn begin(self: &Arc<Self>, library: &Library) {
        let weak = Arc::downgrade(self);
        let id = library.id;
        let made = notify::recommended_watcher(move |event| {
            if let Some(follower) = weak.upgrade() {
                follower.changed(id, event);
            }
        });
        let mut state = lock(&self.state);
        let Some(folder) = state.folders.get_mut(&id) else { return };
        folder.identity = identity(&library.path);
        (folder.watched, folder.unwatched) = (0, None);
        folder.git.clear();
        let old = match made {
            Ok(watcher) => folder.watcher.replace(watcher),
            Err(error) => {
                tracing::warn!(%error, "no watcher");
                folder.give_up("the system gives no more watchers to one person (fs.inotify.max_user_instances)");
                None
            }
        };
        drop(state);
        drop(old);
    }

    /// A look at the whole of a folder took so long.
    fn looked(&self, library: LibraryId, took: Duration) {
        if let Some(folder) = lock(&self.state).folders.get_mut(&library)
            && folder.unwatched.is_some()
        {
            folder.poll = Some(Instant::now() + (took * SHARE).max(HEARTBEAT * 2));
        }
    }

    /// Looks for folders that went or came back, which it gives, and for those whose time has come.
    fn heartbeat(&self) -> Vec<LibraryId> {
        let mut state = lock(&self.state);
        let now = Instant::now();
        let mut other = Vec::new();
        for (id, folder) in &mut state.folders {
            let is = identity(&folder.root);
            let due = folder.poll.is_some_and(|due| due <= now);
            if is != folder.identity {
                folder.identity = is;
                other.push(*id);
            } else if !due {
                continue;
            }
            folder.poll = None;
            folder.pending.whole = true;
            folder.pending.touch(now);
        }
        other
    }
}

impl State {
    /// What is due; whole folders only if they are wanted.
    fn take(&mut self, now: Instant, whole: bool) -> Option<Next> {
        let due = |folder: &Folder| folder.pending.due().is_some_and(|due| due <= now);
        let found = self.folders.iter().find(|(_, folder)| due(folder) && (whole || !folder.pending.whole));
        let id = *found?.0;
        let folder = self.folders.get_mut(&id)?;
        let pending = std::mem::take(&mut folder.pending);
        if pending.whole {
            folder.reading = true;
            folder.begun += 1;
        }
        Some(if pending.whole { Next::Whole(id) } else { Next::Paths(id, pending.paths.into_iter().collect()) })
    }
}

impl Folder {
    /// Whether a change at that path says that something was staged or committed, or that another branch is looked at.
    fn says_git(&self, path: &Path) -> bool {
        let marks = path.file_name().is_some_and(|name| name == "index" || name == "HEAD");
        marks && path.parent().is_some_and(|place| self.git.contains(place))
    }

    fn give_up(&mut self, why: &str) {
        self.unwatched = Some(format!("Changes outside are seen after some seconds only: {why}."));
        self.poll = Some(Instant::now() + HEARTBEAT * 2);
    }
}

/// Whether a change at that path can change the library: hidden files cannot.
fn worth(root: &Path, path: &Path) -> bool {
    let Ok(relative) = path.strip_prefix(root) else { return false };
    !relative.components().any(|part| {
        let name = part.as_os_str().as_encoded_bytes();
        name.starts_with(b".") || name == b"node_modules"
    })
}

impl App {
    /// Follows the folders of the library from now on: those there are are looked at beside whatever is being done.
    ///
    /// # Errors
    /// When no thread can be started, or the store cannot be read.
    pub fn follow(self: &Arc<Self>) -> Result<(), ApiError> {
        self.follow_with(None)
    }

    /// The same, as if the system watched so many folders at most.
    fn follow_with(self: &Arc<Self>, most: Option<usize>) -> Result<(), ApiError> {
        {
            let mut state = lock(&self.follower.state);
            if std::mem::replace(&mut state.on, true) {
                return Ok(());
            }
            state.most = most;
        }
        self.follow_repositories()?;
        for library in self.store.libraries()? {
            self.follower.whole(&library);
        }
        let (app, follower) = (Arc::downgrade(self), Arc::clone(&self.follower));
        let thread = std::thread::Builder::new().name("library".to_owned());
        thread
            .spawn(move || work(&app, &follower))
            .map(drop)
            .map_err(|error| ApiError::new(ErrorCode::Internal, format!("The library cannot be followed: {error}.")))
    }

    /// Reads a folder as a whole, telling how far it is.
    fn read_whole(&self, id: LibraryId) {
        let Ok(library) = self.store.library(id) else {
            self.follower.forget(id);
            return;
        };
        let begun = Instant::now();
        self.follower.begin(&library);
        let work = self.news.work(format!("Reading {}", library.name));
        let mut reader = Reader { app: self, library: &library, work, newer: HashSet::new(), quietly: true };
        let changed = self.scan(&library, &mut reader);
        drop(reader);
        self.follower.looked(id, begun.elapsed());
        self.follower.repositories.whole(id);
        match changed {
            Ok(false) => {}
            Ok(true) => self.tell_folder(id),
            Err(error) => {
                tracing::warn!(folder = %library.path.display(), %error, "not read");
                self.tell_folder(id);
            }
        }
        if let Some(reading) = self.follower.has_read(id) {
            self.tell_read(id, Some(reading));
        }
    }

    /// Brings paths up to date that the system said changed; gives those that were different, within their folder.
    fn read_paths(&self, id: LibraryId, paths: &[PathBuf]) -> Vec<String> {
        let Ok(library) = self.store.library(id) else { return Vec::new() };
        let rules = |path: &PathBuf| path.file_name().is_some_and(|name| name == super::rules::LIBRARY_FILE);
        if paths.iter().any(rules) || self.absent(&library).is_some() {
            self.follower.whole(&library);
            return Vec::new();
        }
        let changed = self.look_again(&library, paths, &mut Watching { app: self, library: id });
        let changed = changed.unwrap_or_else(|error| {
            tracing::warn!(folder = %library.path.display(), %error, "not read");
            Vec::new()
        });
        changed.iter().for_each(|path| self.note_seen(&library.path.join(path)));
        self.tell_changed(&library, &changed);
        changed
    }
}

/// Whoever reads some paths: new folders among them are watched.
struct Watching<'a> {
    app: &'a App,
    library: LibraryId,
}

impl Onlooker for Watching<'_> {
    fn enter(&mut self, folder: &Path) {
        self.app.follower.watch(self.library, folder);
    }
}

/// Whoever reads a whole folder. Changes that come meanwhile go first.
struct Reader<'a> {
    app: &'a App,
    library: &'a Library,
    work: Work<'a>,
    newer: HashSet<String>,
    /// So little is to be read that nobody needs to hear of it.
    quietly: bool,
}

/// Reading so few files is over before anybody could see how far it is.
const FEW: usize = 200;

impl Onlooker for Reader<'_> {
    fn enter(&mut self, folder: &Path) {
        self.app.follower.watch(self.library.id, folder);
    }

    fn progress(&mut self, done: usize, total: usize) {
        self.quietly &= total <= FEW;
        if !self.quietly && self.work.progress(done as u64, total as u64) {
            self.app.tell_folder(self.library.id);
        }
    }

    fn newer(&mut self) -> HashSet<String> {
        loop {
            let next = lock(&self.app.follower.state).take(Instant::now(), false);
            let Some(Next::Paths(id, paths)) = next else { break };
            let changed = self.app.read_paths(id, &paths);
            if id == self.library.id {
                self.newer.extend(changed);
            }
        }
        std::mem::take(&mut self.newer)
    }
}

fn work(app: &Weak<App>, follower: &Arc<Follower>) {
    let mut heartbeat = Instant::now();
    loop {
        let next = follower.next(&mut heartbeat);
        let Some(app) = app.upgrade() else { return };
        match next {
            Next::Over => return,
            Next::Idle => {}
            Next::Heartbeat => follower.heartbeat().into_iter().for_each(|id| app.tell_folder(id)),
            Next::Whole(id) => app.read_whole(id),
            Next::Paths(id, paths) => drop(app.read_paths(id, &paths)),
        }
    }
}

#[cfg(test)]
mod tests;
