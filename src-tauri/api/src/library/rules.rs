//! Which files of a folder are runbooks.
//!
//! Every Markdown file is one, but for hidden files and folders, `node_modules`, what `[library] ignore` of the nearest
//! `allgood.toml` names, files over 16 MiB, and what symbolic links lead to. A `.gitignore` is not asked: it says what is
//! not shared, and a runbook that is kept to oneself is still one to be found.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex},
};

use format::{Knowledge, LibraryFile};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::{app::lock, library_file};

/// A file larger than this is no runbook, in bytes.
pub(crate) const LARGEST: u64 = 16 * 1024 * 1024;
/// The library's own file.
pub(crate) const LIBRARY_FILE: &str = library_file::NAME;

/// What the library files of a folder say about what is in it. For each runbook the nearest one upwards holds, and it
/// alone (FORMAT.md, "The library file"). Each is read once, when somebody first asks for what lies below it.
pub(crate) struct Rules {
    root: PathBuf,
    /// By folder within the root.
    known: Mutex<HashMap<PathBuf, Arc<Ruling>>>,
}

/// What holds in a folder.
pub(crate) struct Ruling {
    /// The folder, within the root, that the file stands in; its paths count from there.
    base: PathBuf,
    ignored: GlobSet,
    pub(crate) knowledge: Knowledge,
    /// The file.
    pub(crate) file: LibraryFile,
    /// Whether there is one.
    there: bool,
}

impl Rules {
    /// The rules of that folder and of those in it. A file that cannot be read rules nothing; the check says so.
    pub(crate) fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), known: Mutex::default() }
    }

    /// What holds in this folder within the root.
    pub(crate) fn within(&self, folder: &Path) -> Arc<Ruling> {
        if let Some(known) = lock(&self.known).get(folder) {
            return Arc::clone(known);
        }
        let ruling = match (library_file::in_folder(&self.root.join(folder)), folder.parent()) {
            (Some(file), _) => Arc::new(Ruling::new(folder, Some(file))),
            (None, Some(above)) => self.within(above),
            (None, None) => Arc::new(Ruling::new(folder, None)),
        };
        lock(&self.known).insert(folder.to_owned(), Arc::clone(&ruling));
        ruling
    }

    /// What holds for the file at this path within the root.
    pub(crate) fn around(&self, relative: &Path) -> Arc<Ruling> {
        self.within(relative.parent().unwrap_or(Path::new("")))
    }

    /// Whether what is at this path within the root is left out: it, or a folder that it is in. What a folder leaves out
    /// is not asked for rules of its own.
    pub(crate) fn leave_out(&self, relative: &Path) -> bool {
        let mut above: Vec<&Path> = relative.ancestors().filter(|path| *path != Path::new("")).collect();
        above.reverse();
        above.into_iter().any(|path| hidden(path) || self.around(path).ignores(path))
    }

    /// The folders looked into so far that have a file of their own, with what of it the index depends on.
    pub(crate) fn grounds(&self) -> BTreeMap<String, String> {
        let known = lock(&self.known);
        let own = known.iter().filter(|(folder, ruling)| ruling.there && **folder == ruling.base);
        own.map(|(folder, ruling)| (super::scan::slashed(folder), ruling.ground())).collect()
    }
}

impl Ruling {
    fn new(base: &Path, file: Option<LibraryFile>) -> Self {
        let there = file.is_some();
        let file = file.unwrap_or_default();
        let mut globs = GlobSetBuilder::new();
        for pattern in &file.ignore {
            for pattern in spread(pattern) {
                match GlobBuilder::new(&pattern).literal_separator(true).build() {
                    Ok(glob) => drop(globs.add(glob)),
                    Err(error) => {
                        tracing::warn!(folder = %base.display(), %error, "an ignored path cannot be read")
                    }
                }
            }
        }
        Self {
            base: base.to_owned(),
            ignored: globs.build().unwrap_or_else(|_| GlobSet::empty()),
            knowledge: Knowledge::from(&file),
            file,
            there,
        }
    }

    /// Whether it names this path within the root. The folders that it is in are not asked about.
    pub(crate) fn ignores(&self, relative: &Path) -> bool {
        let inside = relative.strip_prefix(&self.base);
        inside.is_ok_and(|inside| inside != Path::new("") && self.ignored.is_match(inside))
    }

    /// What of it changes how a runbook is read and checked: when this is another, the files below are read again.
    fn ground(&self) -> String {
        let environments: Vec<String> = self
            .file
            .environments
            .iter()
            .map(|one| {
                let vars: Vec<&str> = one.vars.iter().map(|(name, _)| name.as_str()).collect();
                format!("{:?} {vars:?} {:?}", one.name, one.access)
            })
            .collect();
        store::revision_of(format!("{:?} {environments:?} {:?}", self.file.commands, self.file.refused).as_bytes())
    }
}

/// Whether nobody looks at what has that name.
pub(crate) fn hidden(path: &Path) -> bool {
    path.components().any(|part| match part {
        Component::Normal(name) => name == "node_modules" || name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    })
}

/// A pattern as `.gitignore` has taught people to write it: one with no `/` but at its end means that name at any depth,
/// and a folder means all that is in it.
fn spread(pattern: &str) -> Vec<String> {
    let folder = pattern.trim_end_matches('/');
    let rooted = folder.trim_start_matches('/');
    if rooted.is_empty() {
        return Vec::new();
    }
    if folder.contains('/') { vec![rooted.to_owned()] } else { vec![rooted.to_owned(), format!("**/{rooted}")] }
}

/// Whether a file of that name is Markdown.
pub(crate) fn is_markdown(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("md") || ending.eq_ignore_ascii_case("markdown"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_hidden_or_named_by_the_librarys_file_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join(LIBRARY_FILE),
            "[library]\nignore = [\"archive/\", \"/notes\", \"drafts/*.md\", \"**/old-*.md\", \"CHANGELOG.md\"]\n",
        )
        .unwrap();
        let rules = Rules::of(folder.path());
        for (path, left_out) in [
            ("a.md", false),
            (".a.md", true),
            ("b/.git/a.md", true),
            ("b/node_modules/c/a.md", true),
            ("archive/a.md", true),
            ("b/archive/c/a.md", true),
            ("archives/a.md", false),
            ("notes/a.md", true),
            ("b/notes/a.md", false),
            ("drafts/a.md", true),
            ("drafts/b/a.md", false),
            ("b/drafts/a.md", false),
            ("b/c/old-a.md", true),
            ("CHANGELOG.md", true),
            ("b/CHANGELOG.md", true),
        ] {
            assert_eq!(rules.leave_out(Path::new(path)), left_out, "{path}");
        }
    }

    #[test]
    fn a_library_file_that_cannot_be_read_leaves_nothing_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LIBRARY_FILE), b"[library\nignore = [\"a.md\"]\xff").unwrap();
        assert!(!Rules::of(folder.path()).leave_out(Path::new("a.md")));
    }

    #[test]
    fn the_nearest_library_file_holds_alone_and_its_paths_count_from_where_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "allgood.toml",
            "[library]\nignore = [\"old.md\", \"/team/notes\", \"shut\"]\ncommands = [\"rootctl\"]\n",
        );
        write("team/allgood.toml", "[library]\nignore = [\"/drafts\"]\ncommands = [\"teamctl\"]\n");
        write("shut/allgood.toml", "");
        let rules = Rules::of(folder.path());
        for (path, left_out) in [
            ("old.md", true),
            ("other/old.md", true),
            ("team/old.md", false),
            ("team/deep/old.md", false),
            ("team/drafts/a.md", true),
            ("team/deep/drafts/a.md", false),
            ("drafts/a.md", false),
            ("team/notes/a.md", false),
            ("shut/a.md", true),
        ] {
            assert_eq!(rules.leave_out(Path::new(path)), left_out, "{path}");
        }
        for (path, command) in [("a.md", "rootctl"), ("other/a.md", "rootctl"), ("team/deep/a.md", "teamctl")] {
            assert_eq!(rules.around(Path::new(path)).knowledge.commands, [command], "{path}");
        }
        let grounds = rules.grounds();
        assert_eq!(grounds.keys().collect::<Vec<_>>(), ["", "team"], "what is left out is not looked into");
    }
}
