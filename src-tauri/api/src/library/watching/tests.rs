//! Where the system watches no more folders.

use std::{collections::BTreeMap, io, sync::mpsc};

use super::*;
use crate::{
    Config, NewsSink, Supervisor,
    commands::{Nothing, PathArgument},
    wire::News,
};

struct NoOpener;

impl access::Opener for NoOpener {
    fn open(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

struct Page(Mutex<mpsc::Sender<()>>);

impl NewsSink for Page {
    fn news(&self, _: &News) {
        // Nobody may be waiting any more.
        let _ = lock(&self.0).send(());
    }
}

#[test]
fn a_folder_that_cannot_be_watched_says_so_and_is_looked_at_every_few_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library");
    fs::create_dir_all(library.join("deep")).unwrap();
    fs::write(library.join("deep/first.md"), "# First\n").unwrap();
    let app = App::open(Config {
        data: folder.path().join("data"),
        settings: folder.path().join("config.toml"),
        scratch: folder.path().join("scratch"),
        supervisor: Supervisor { program: folder.path().join("none"), arguments: Vec::new() },
        environment: BTreeMap::new(),
        actor: "ada@tower".to_owned(),
        opener: Box::new(NoOpener),
    })
    .unwrap();
    let (sender, news) = mpsc::channel();
    app.news_watch(Box::new(Page(Mutex::new(sender)))).unwrap();
    // One folder is watched, the one in it no more.
    app.follow_with(Some(1)).unwrap();
    app.library_add(PathArgument { path: library.display().to_string() }).unwrap();
    let until = |runbooks: u64| {
        while app.app_state(Nothing {}).unwrap().runbooks != runbooks {
            news.recv_timeout(Duration::from_secs(60)).unwrap();
        }
    };
    until(1);
    let problem = app.library_folders(Nothing {}).unwrap()[0].late.clone().unwrap();
    assert!(problem.contains("max_user_watches"), "{problem}");
    fs::write(library.join("deep/second.md"), "# Second\n").unwrap();
    until(2);
}
