//! A house with a library folder that changes.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use api::{
    App, Config, NewsSink, Supervisor,
    commands::*,
    wire::{ListQuery, ListSort, News},
};
use tempfile::TempDir;

/// How long anything is waited for: longer than a busy machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct House {
    pub(crate) app: Arc<App>,
    pub(crate) folder: TempDir,
    pub(crate) library: PathBuf,
}

struct NoOpener;

impl access::Opener for NoOpener {
    fn open(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

impl House {
    /// A house with an empty library folder that is not added yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        fs::create_dir(&library).unwrap();
        let library = fs::canonicalize(library).unwrap();
        Self { app: open(folder.path()), folder, library }
    }

    /// The program is closed and opened again.
    pub(crate) fn reopen(self) -> Self {
        let Self { app, folder, library } = self;
        app.close();
        let ending = Instant::now() + PATIENCE;
        while Arc::strong_count(&app) > 1 && Instant::now() < ending {
            std::thread::yield_now();
        }
        drop(app);
        Self { app: open(folder.path()), folder, library }
    }

    pub(crate) fn write(&self, relative: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.library.join(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Adds the library folder.
    pub(crate) fn add(&self) -> i64 {
        self.app.library_add(path(&self.library)).unwrap().id
    }

    pub(crate) fn titles(&self) -> Vec<String> {
        self.app
            .library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() })
            .unwrap()
            .rows
            .into_iter()
            .map(|row| row.title)
            .collect()
    }

    pub(crate) fn listen(&self) -> Listening {
        let (sender, news) = mpsc::channel();
        let watch = self.app.news_watch(Box::new(Page(Mutex::new(sender)))).unwrap();
        Listening { watch, news }
    }
}

fn open(folder: &Path) -> Arc<App> {
    App::open(Config {
        data: folder.join("data"),
        settings: folder.join("config/config.toml"),
        scratch: folder.join("scratch"),
        supervisor: Supervisor { program: folder.join("no-supervisor"), arguments: Vec::new() },
        environment: std::env::vars_os().filter(|(name, _)| name == "PATH").collect::<BTreeMap<_, _>>(),
        actor: "ada@tower".to_owned(),
        opener: Box::new(NoOpener),
    })
    .unwrap()
}

pub(crate) fn path(path: &Path) -> PathArgument {
    PathArgument { path: path.display().to_string() }
}

struct Page(Mutex<mpsc::Sender<News>>);

impl NewsSink for Page {
    fn news(&self, news: &News) {
        drop(self.0.lock().unwrap().send(news.clone()));
    }
}

pub(crate) struct Listening {
    pub(crate) watch: u64,
    news: mpsc::Receiver<News>,
}

impl Listening {
    /// The next news.
    pub(crate) fn next(&self) -> News {
        self.news.recv_timeout(PATIENCE).unwrap()
    }

    /// Waits until what is asked is so, looking again at each news.
    pub(crate) fn until(&self, what: &str, mut is: impl FnMut() -> bool) {
        let ending = Instant::now() + PATIENCE;
        while !is() {
            let left = ending.saturating_duration_since(Instant::now());
            assert!(self.news.recv_timeout(left).is_ok(), "no news made it so: {what}");
        }
    }

    /// Everything until nobody tells any more.
    pub(crate) fn rest(self) -> Vec<News> {
        self.news.into_iter().collect()
    }
}
