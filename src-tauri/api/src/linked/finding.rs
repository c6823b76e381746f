//! Which runbooks the checks of a runbook stand for, and which of them cannot be opened: a runbook is no part of itself.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use format::{Item, LinkedPart, Runbook, Target};

use crate::{
    App,
    library::{is_markdown, read},
};

/// How many runs stand within each other at most, the first counted.
pub(super) const DEEPEST: usize = 8;
/// How many linked runbooks are looked at for one run at most.
const MOST: usize = 500;
/// How a folder is named by its page.
const PAGES: [&str; 6] = ["", ".md", ".markdown", "/README.md", "/index.md", "/readme.md"];

/// The runbook that a check stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkedBook {
    /// Its file, every symbolic link followed.
    pub(crate) path: PathBuf,
    /// Its title.
    pub(crate) title: String,
    /// The one step of it that is meant, by id.
    pub(crate) step: Option<String>,
    /// The title of that step.
    pub(crate) step_title: Option<String>,
    /// Why no run of it is opened, if none is: one sentence.
    pub(crate) refused: Option<String>,
}

/// One look at what links to what.
struct Walk<'a> {
    app: &'a App,
    left: usize,
    read: HashMap<PathBuf, Option<Rc<Runbook>>>,
}

impl App {
    /// The runbooks that the checks of a runbook stand for, by item: those whose link leads to a Markdown file of its library
    /// in which there is something to do. `above` are the files of the runs that it would be a part of.
    pub(crate) fn linked_books(
        &self,
        runbook: &Runbook,
        path: &Path,
        above: &[PathBuf],
    ) -> BTreeMap<String, LinkedBook> {
        if runbook.items().all(|(_, _, item)| item.linked.is_none()) {
            return BTreeMap::new();
        }
        let mut walk = Walk { app: self, left: MOST, read: HashMap::new() };
        let mut chain: Vec<PathBuf> = above.iter().cloned().chain([path.to_path_buf()]).collect();
        walk.books(runbook, path, None, &mut chain)
    }

    /// The file that a check leads to, within the library of the one that it stands in.
    fn linked_file(&self, runbook: &Runbook, path: &Path, item: &Item) -> Option<PathBuf> {
        let root = fs::canonicalize(self.root_of(path)).ok()?;
        let found = match &item.linked.as_ref()?.target {
            Target::Inside { path, .. } => {
                let named = if path.starts_with('/') { PathBuf::from(path) } else { root.join(path) };
                let named = named.to_str()?.to_owned();
                PAGES.iter().map(|end| PathBuf::from(format!("{named}{end}"))).find(|path| path.is_file())?
            }
            Target::Named(name, _) => {
                let pages = self.pages(&root, path, &runbook.path)?;
                root.join(format::resolve_named(name, &runbook.path, &pages)?)
            }
            _ => return None,
        };
        let real = fs::canonicalize(found).ok()?;
        (real.starts_with(&root) && is_markdown(&real)).then_some(real)
    }
}

impl Walk<'_> {
    /// Those of a runbook, or of one step of it, whose files from the first run on are `chain`.
    fn books(
        &mut self,
        runbook: &Runbook,
        path: &Path,
        step: Option<&str>,
        chain: &mut Vec<PathBuf>,
    ) -> BTreeMap<String, LinkedBook> {
        let mut books = BTreeMap::new();
        let within = |id: &str| step.is_none_or(|step| step == id);
        for (_, _, item) in runbook.items().filter(|(_, step, _)| within(&step.id)) {
            let Some(linked) = &item.linked else { continue };
            let Some(file) = self.app.linked_file(runbook, path, item) else { continue };
            let Some(book) = self.read(&file) else { continue };
            let (step, step_title, several) = match format::linked_part(&book, linked.anchor.as_deref()) {
                LinkedPart::Whole if engine::run::path(&book).is_empty() => continue,
                LinkedPart::Whole => (None, None, false),
                LinkedPart::Step(step) => (Some(step.id.clone()), Some(step.title.clone()), false),
                LinkedPart::Several => (None, None, true),
                // A link to reading matter is for reading.
                LinkedPart::Nothing => continue,
            };
            let refused = if several {
                Some(format!(
                    "{} names a section of several steps: link to one of them, or leave the anchor off for all of {}.",
                    linked.url, book.title
                ))
            } else {
                self.refused(&book, &file, step.as_deref(), &linked.url, chain)
            };
            let book = LinkedBook { path: file, title: book.title.clone(), step, step_title, refused };
            books.insert(item.id.clone(), book);
        }
        books
    }

    /// Why no run of a linked runbook is opened within these.
    fn refused(
        &mut self,
        book: &Runbook,
        file: &Path,
        step: Option<&str>,
        url: &str,
        chain: &mut Vec<PathBuf>,
    ) -> Option<String> {
        let name = file.display();
        if chain.iter().any(|above| above == file) {
            return Some(format!(
                "{url} leads back to {name}, which the run is of already: a runbook cannot be a part of itself. Take the \
                 link out of one of them, or tick the check by hand."
            ));
        }
        if chain.len() >= DEEPEST {
            return Some(format!(
                "{url} would be run number {} within each other, and {DEEPEST} are the most: start {name} by itself.",
                chain.len() + 1
            ));
        }
        if self.left == 0 {
            return Some(format!(
                "{url} and what it leads to are more than {MOST} runbooks: start {name} by itself."
            ));
        }
        self.left -= 1;
        chain.push(file.to_path_buf());
        let below = self.books(book, file, step, chain);
        chain.pop();
        let (item, why) = below.into_iter().find_map(|(item, book)| Some((item, book.refused?)))?;
        Some(format!("{url} cannot be opened because of its check \"{item}\": {why}"))
    }

    fn read(&mut self, file: &Path) -> Option<Rc<Runbook>> {
        if let Some(known) = self.read.get(file) {
            return known.clone();
        }
        let book =
            read(file).ok().map(|(path, bytes)| Rc::new(self.app.parse(&path.display().to_string(), &bytes, &path)));
        self.read.insert(file.to_path_buf(), book.clone());
        book
    }
}
