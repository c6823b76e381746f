//! Telling whoever shows the library what happens in it outside a run. A listener that is slow hears of everything, but
//! gathered.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use store::{Library, LibraryId};

use crate::{ApiError, App, ErrorCode, app::lock, commands::WatchArgument, wire::News};

/// More files than this are not named: the whole list is asked for again anyway.
const MOST_NAMED: usize = 200;
/// How often progress is told at most.
const PACE: Duration = Duration::from_millis(100);

/// Where news goes: a channel to the page. Called from a thread of its own; may block.
pub trait NewsSink: Send + Sync {
    /// Something happened.
    fn news(&self, news: &News);
}

/// Who listens, and what is under way.
#[derive(Default)]
pub(crate) struct Newsroom {
    listeners: Mutex<HashMap<u64, Arc<Listener>>>,
    last: AtomicU64,
    /// Work under way, for those who come to listen later.
    works: Mutex<BTreeMap<u64, News>>,
}

#[derive(Default)]
struct Listener {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    news: Vec<News>,
    closed: bool,
}

impl Newsroom {
    /// Tells everybody.
    pub(crate) fn tell(&self, news: &News) {
        if let News::Work { id, over, .. } = news {
            let mut works = lock(&self.works);
            if *over {
                works.remove(id);
            } else {
                works.insert(*id, news.clone());
            }
        }
        for listener in lock(&self.listeners).values() {
            gather(&mut lock(&listener.waiting).news, news);
            listener.wake.notify_all();
        }
    }

    /// Long work begins.
    pub(crate) fn work(&self, title: impl Into<String>) -> Work<'_> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        Work { room: self, id, title: title.into(), done: 0, total: 0, told: None }
    }

    fn listen(&self, sink: Box<dyn NewsSink>) -> std::io::Result<u64> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let news = lock(&self.works).values().cloned().collect();
        let listener =
            Arc::new(Listener { waiting: Mutex::new(Waiting { news, closed: false }), wake: Condvar::new() });
        let feed = Arc::clone(&listener);
        std::thread::Builder::new().name("news".to_owned()).spawn(move || {
            while let Some(news) = feed.next() {
                news.iter().for_each(|news| sink.news(news));
            }
        })?;
        lock(&self.listeners).insert(id, listener);
        Ok(id)
    }

    fn close(&self, id: u64) -> bool {
        let Some(listener) = lock(&self.listeners).remove(&id) else { return false };
        listener.close();
        true
    }
}

impl Drop for Newsroom {
    fn drop(&mut self) {
        lock(&self.listeners).values().for_each(|listener| listener.close());
    }
}

impl Listener {
    fn close(&self) {
        lock(&self.waiting).closed = true;
        self.wake.notify_all();
    }

    /// What has gathered; waits for something. None when nobody listens any more.
    fn next(&self) -> Option<Vec<News>> {
        let mut waiting = lock(&self.waiting);
        loop {
            if waiting.closed {
                return None;
            }
            if !waiting.news.is_empty() {
                return Some(std::mem::take(&mut waiting.news));
            }
            waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Puts news to what waits: of one piece of work the last word counts, and files of one folder are told together.
fn gather(waiting: &mut Vec<News>, news: &News) {
    let same = waiting.iter_mut().find(|one| match (&**one, news) {
        (News::Work { id, .. }, News::Work { id: other, .. }) => id == other,
        (News::Library { library, .. }, News::Library { library: other, .. })
        | (News::Read { library, .. }, News::Read { library: other, .. }) => library == other,
        // The page goes to one place.
        (News::Show { .. } | News::Schedules, News::Show { .. } | News::Schedules) => true,
        _ => false,
    });
    match (same, news) {
        (Some(News::Library { paths, .. }), News::Library { paths: more, .. }) => {
            if paths.is_empty() || more.is_empty() || paths.len() + more.len() > MOST_NAMED {
                paths.clear();
            } else {
                paths.extend(more.iter().filter(|path| !paths.contains(path)).cloned().collect::<Vec<_>>());
            }
        }
        (Some(one), news) => *one = news.clone(),
        (None, news) => waiting.push(news.clone()),
    }
}

/// Long work, told until it is dropped.
pub(crate) struct Work<'a> {
    room: &'a Newsroom,
    id: u64,
    title: String,
    done: u64,
    total: u64,
    told: Option<Instant>,
}

impl Work<'_> {
    /// So much of it is done; says whether that was told, which is not more often than a page can show.
    pub(crate) fn progress(&mut self, done: u64, total: u64) -> bool {
        (self.done, self.total) = (done, total);
        if self.told.is_some_and(|told| told.elapsed() < PACE) {
            return false;
        }
        self.told = Some(Instant::now());
        self.tell(false);
        true
    }

    fn tell(&self, over: bool) {
        let (title, done, total) = (self.title.clone(), self.done, self.total);
        self.room.tell(&News::Work { id: self.id, title, done, total, over });
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if self.told.is_some() {
            self.tell(true);
        }
    }
}

impl App {
    /// Tells of what happens in the library from now on, until [`App::news_unwatch`] is called with the number that this
    /// gives.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn news_watch(&self, sink: Box<dyn NewsSink>) -> Result<u64, ApiError> {
        self.news.listen(sink).map_err(|error| {
            ApiError::new(ErrorCode::Internal, format!("Changes of the library cannot be followed: {error}."))
        })
    }

    /// Tells no more.
    ///
    /// # Errors
    /// When there is no such watch.
    pub fn news_unwatch(&self, argument: WatchArgument) -> Result<(), ApiError> {
        if self.news.close(argument.watch) {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::NotFound, "Nobody listens to the library under this number."))
    }

    /// Tells which files of a folder, as paths within it, came, went or changed; nothing when there are none.
    pub(crate) fn tell_changed(&self, library: &Library, changed: &[String]) {
        if changed.is_empty() {
            return;
        }
        let files = changed.iter().map(|path| library.path.join(path)).collect();
        self.follower.repositories.changed(library.id, files);
        let named = if changed.len() > MOST_NAMED { &[] } else { changed };
        let paths = named.iter().map(|path| library.path.join(path).display().to_string()).collect();
        self.news.tell(&News::Library { library: library.id.0, paths });
    }

    /// Tells that a folder has been read as a whole, or never will be.
    pub(crate) fn tell_read(&self, library: LibraryId, reading: Option<u64>) {
        self.news.tell(&News::Read { library: library.0, reading });
    }

    /// Tells that a folder is not what it was, whatever is in it.
    pub(crate) fn tell_folder(&self, library: LibraryId) {
        self.news.tell(&News::Library { library: library.0, paths: Vec::new() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(library: i64, paths: &[&str]) -> News {
        News::Library { library, paths: paths.iter().map(|&path| path.to_owned()).collect() }
    }

    #[test]
    fn what_a_slow_listener_missed_is_told_together() {
        let mut waiting = Vec::new();
        let work = |done, over| News::Work { id: 7, title: "Reading runbooks".to_owned(), done, total: 9, over };
        for news in [
            files(1, &["/a.md"]),
            work(1, false),
            files(2, &["/b.md"]),
            files(1, &["/c.md", "/a.md"]),
            work(9, true),
            files(2, &[]),
            files(2, &["/d.md"]),
        ] {
            gather(&mut waiting, &news);
        }
        let told = serde_json::to_value(&waiting).unwrap();
        let expected = serde_json::to_value([files(1, &["/a.md", "/c.md"]), work(9, true), files(2, &[])]).unwrap();
        assert_eq!(told, expected);
    }

    #[test]
    fn too_many_files_to_name_are_not_named() {
        let mut waiting = Vec::new();
        for number in 0..=MOST_NAMED {
            gather(&mut waiting, &files(1, &[&format!("/{number}.md")]));
        }
        let [News::Library { paths, .. }] = waiting.as_slice() else { panic!("{waiting:?}") };
        assert!(paths.is_empty());
    }
}
