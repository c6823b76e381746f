//! Which files of a folder are runbooks.
//!
//! Every Markdown file is one, but for hidden files and folders, `node_modules`, what `[library] ignore` of the folder's
//! `allgood.toml` names, files over 16 MiB, and what symbolic links lead to. A `.gitignore` is not asked: it says what is
//! not shared, and a runbook that is kept to oneself is still one to be found.

use std::{
    fs,
    path::{Component, Path},
};

use format::{Knowledge, LibraryFile};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A file larger than this is no runbook, in bytes.
pub(crate) const LARGEST: u64 = 16 * 1024 * 1024;
/// The library's own file.
pub(crate) const LIBRARY_FILE: &str = "allgood.toml";

/// What a folder's own file says about what is in it.
pub(crate) struct Rules {
    ignored: GlobSet,
    pub(crate) knowledge: Knowledge,
    /// The folder's own file.
    pub(crate) file: LibraryFile,
}

impl Rules {
    /// The rules of that folder. A file that cannot be read rules nothing; the check says so.
    pub(crate) fn of(folder: &Path) -> Self {
        let file = library_file(folder);
        let mut globs = GlobSetBuilder::new();
        for pattern in &file.ignore {
            for pattern in spread(pattern) {
                match GlobBuilder::new(&pattern).literal_separator(true).build() {
                    Ok(glob) => drop(globs.add(glob)),
                    Err(error) => {
                        tracing::warn!(folder = %folder.display(), %error, "an ignored path cannot be read")
                    }
                }
            }
        }
        Self {
            ignored: globs.build().unwrap_or_else(|_| GlobSet::empty()),
            knowledge: Knowledge { commands: file.commands.clone() },
            file,
        }
    }

    /// Whether what is at this path within the folder is left out: it, or a folder that it is in.
    pub(crate) fn leave_out(&self, relative: &Path) -> bool {
        let hidden = relative.components().any(|part| match part {
            Component::Normal(name) => name == "node_modules" || name.as_encoded_bytes().starts_with(b"."),
            _ => false,
        });
        hidden || relative.ancestors().any(|path| path != Path::new("") && self.ignored.is_match(path))
    }
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

/// The folder's `allgood.toml`; the empty one where there is none.
pub(crate) fn library_file(folder: &Path) -> LibraryFile {
    fs::read(folder.join(LIBRARY_FILE))
        .map(|bytes| format::parse_library_file(&String::from_utf8_lossy(&bytes)).0)
        .unwrap_or_default()
}

/// Whether a file of that name is Markdown.
pub(crate) fn is_markdown(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("md") || ending.eq_ignore_ascii_case("markdown"))
}

#[cfg(test)]
mod tests {
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
}
