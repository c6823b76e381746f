//! The anchors of pages that links lead to, remembered while many files are read: the page that everybody links to is read
//! once.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    time::SystemTime,
};

use crate::{app::lock, library::LARGEST};

/// How many pages are remembered at most.
const MOST: usize = 10_000;

/// The anchors of pages, by their true path. What is remembered of a page is forgotten when the page looks different.
#[derive(Default)]
pub(crate) struct Anchors {
    known: Mutex<HashMap<PathBuf, Known>>,
    #[cfg(test)]
    reads: std::sync::atomic::AtomicUsize,
}

struct Known {
    modified: Option<SystemTime>,
    size: u64,
    anchors: BTreeSet<String>,
}

impl Anchors {
    /// The anchors of the page at this path; `None` when it cannot be read.
    pub(crate) fn of(&self, page: &Path) -> Option<BTreeSet<String>> {
        let found = fs::metadata(page).ok().filter(|found| found.len() <= LARGEST)?;
        let (modified, size) = (found.modified().ok(), found.len());
        if let Some(known) = lock(&self.known).get(page)
            && (known.modified, known.size) == (modified, size)
        {
            return Some(known.anchors.clone());
        }
        #[cfg(test)]
        self.reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let anchors = format::anchors(&fs::read(page).ok()?);
        let mut known = lock(&self.known);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(page.to_owned(), Known { modified, size, anchors: anchors.clone() });
        Some(anchors)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use format::{LibraryFile, Place};

    use super::*;

    #[test]
    fn a_page_that_many_link_to_is_read_once_and_again_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let page = root.join("page.md");
        fs::write(&page, "# Page\n\n## First\n").unwrap();
        let anchors = Anchors::default();
        let look = |number: usize| {
            let name = format!("file-{number}.md");
            let runbook = format::parse(&name, b"# File\n\n[there](page.md#second)\n");
            let world = super::super::world(&root, &LibraryFile::default(), &runbook, &anchors);
            match world.places.get("page.md") {
                Some(Place::Page(anchors)) => anchors.contains("second"),
                other => panic!("{other:?}"),
            }
        };
        assert!((0..1_000).all(|number| !look(number)));
        assert_eq!(anchors.reads.load(Ordering::Relaxed), 1, "a thousand files link to it");
        fs::write(&page, "# Page\n\n## First\n\n## Second\n").unwrap();
        assert!((0..1_000).all(look));
        assert_eq!(anchors.reads.load(Ordering::Relaxed), 2);
    }
}
