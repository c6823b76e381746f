//! Bringing the index of a folder up to date: only files that look different are read, on all cores.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{MAIN_SEPARATOR, Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use store::{IndexEntry, IndexText, Library, LibraryId, Seen};

use super::{
    reading::{Around, Rows, read_all, row},
    rules::{LARGEST, Rules, hidden, is_markdown},
    unreadable,
};
use crate::{ApiError, App, ErrorCode, app::lock};

/// Changes whenever what the index holds of a file does: every file is read again then.
const FORM: u32 = 5;

/// From so many files on what is indexed is put in order in the end, and not as it comes.
const MUCH: usize = 2_000;

/// A Markdown file of a folder.
pub(crate) struct Found {
    pub(crate) seen: Seen,
    pub(crate) file: PathBuf,
    /// Why it cannot be read, if that is clear already.
    pub(super) problem: Option<String>,
}

/// What there is in a folder.
#[derive(Default)]
pub(crate) struct Walk {
    /// Its runbooks, by path.
    pub(crate) files: Vec<Found>,
    /// Folders in it that cannot be read, relative: nobody knows what is in them.
    pub(crate) unread: Vec<String>,
}

/// Somebody who follows a scan while it goes on.
pub(crate) trait Onlooker {
    /// A folder is about to be read.
    fn enter(&mut self, _folder: &Path) {}
    /// So many of so many files that look different were indexed.
    fn progress(&mut self, _done: usize, _total: usize) {}
    /// Before rows are written: paths that were brought up to date by another way since the scan began.
    fn newer(&mut self) -> HashSet<String> {
        HashSet::new()
    }
}

/// Nobody does.
pub(crate) struct Nobody;

impl Onlooker for Nobody {}

/// How the files of a folder were read last.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Reading {
    form: u32,
    /// The library files below it, by their folder, each as it was: what is below one that is another now is read again.
    grounds: BTreeMap<String, String>,
    /// Something was mounted at the folder itself.
    mounted: bool,
}

impl App {
    /// Brings the index of a folder up to date; says whether anything was different.
    pub(crate) fn scan(&self, library: &Library, onlooker: &mut dyn Onlooker) -> Result<bool, ApiError> {
        if let Some(problem) = self.absent(library) {
            return Err(problem);
        }
        let rules = Rules::of(&library.path);
        let before = self.reading(library.id)?;
        let walk = walk(&library.path, &library.path, &rules, onlooker)
            .map_err(|error| unreadable(&library.path, &error))?;
        let reading = Reading { form: FORM, grounds: rules.grounds(), mounted: mounted(&library.path) };
        let mut known: HashMap<String, Seen> =
            self.store.seen(library.id)?.into_iter().map(|seen| (seen.path.clone(), seen)).collect();
        let first = known.is_empty();
        let again = reading.differs(&before);
        let differs = |found: &Found, seen: Option<Seen>| {
            seen.is_none_or(|seen| seen != found.seen) || again.iter().any(|folder| below(&found.seen.path, folder))
        };
        // The few whose history is known: a first scan of many files notes nothing of them.
        let followed = self.store.history_paths(&library.path)?;
        let mut changed = walk.files;
        changed.retain(|found| {
            let seen = known.remove(&found.seen.path);
            differs(found, seen)
        });
        let total = changed.len();
        let around = Around::new(&library.path, &rules);
        let mut done = 0;
        let mut newer = HashSet::new();
        onlooker.progress(0, total);
        if total > MUCH {
            self.store.begin_filling()?;
        }
        read_all(&changed, &around, &mut |mut batch| {
            newer.extend(onlooker.newer());
            done += batch.len();
            batch.retain(|row| !newer.contains(&row.entry.seen.path));
            let written = self.put(library, &around, batch)?;
            let written = written.iter().map(|path| library.path.join(path));
            written.filter(|path| followed.contains(path)).for_each(|path| self.note_seen(&path));
            onlooker.progress(done, total);
            Ok(())
        })?;
        newer.extend(onlooker.newer());
        let unread = |path: &str| walk.unread.iter().any(|folder| below(path, folder));
        let gone: Vec<String> = known.into_keys().filter(|path| !newer.contains(path) && !unread(path)).collect();
        self.take_out(library, &around, &gone)?;
        // Much was written at once: searches are faster when it is put in order.
        if first && total > 0 || total > MUCH || self.store.is_filling()? {
            self.store.tidy_index()?;
        }
        if reading != before {
            self.store.set_setting(&reading_of(library.id), &reading)?;
        }
        Ok(total > 0 || !gone.is_empty())
    }

    /// Brings what is at these paths of a folder up to date, and what is below them: gives the files that are different
    /// now.
    pub(crate) fn look_again(
        &self,
        library: &Library,
        paths: &[PathBuf],
        onlooker: &mut dyn Onlooker,
    ) -> Result<Vec<String>, ApiError> {
        let rules = Rules::of(&library.path);
        let mut found = Vec::new();
        let mut known: HashMap<String, Seen> = HashMap::new();
        let mut named = HashSet::new();
        for path in paths {
            let Ok(relative) = path.strip_prefix(&library.path) else { continue };
            let here = slashed(relative);
            for seen in self.store.seen_below(library.id, &here)? {
                known.insert(seen.path.clone(), seen);
            }
            if rules.leave_out(relative) {
                continue;
            }
            match fs::symlink_metadata(path) {
                Ok(metadata) if metadata.is_dir() => {
                    if let Ok(walk) = walk(&library.path, path, &rules, onlooker) {
                        let unread = |path: &str| walk.unread.iter().any(|folder| below(path, folder));
                        known.retain(|path, _| !unread(path));
                        found.extend(walk.files);
                    }
                }
                Ok(metadata) if metadata.is_file() && is_markdown(path) => {
                    found.extend(found_at(path, relative, &metadata));
                    named.insert(here);
                }
                _ => {}
            }
        }
        found.sort_by(|one, other| one.seen.path.cmp(&other.seen.path));
        found.dedup_by(|one, other| one.seen.path == other.seen.path);
        found.retain(|found| {
            let same = known.remove(&found.seen.path).is_some_and(|seen| seen == found.seen);
            // Two writes of one size within a tick of the clock look the same: what is said to have changed is read.
            !same || named.contains(&found.seen.path) && !self.holds_its_row(library, found)
        });
        let gone: Vec<String> = known.into_keys().collect();
        let around = Around::new(&library.path, &rules);
        read_all(&found, &around, &mut |batch| self.put(library, &around, batch).map(drop))?;
        self.take_out(library, &around, &gone)?;
        Ok(found.into_iter().map(|found| found.seen.path).chain(gone).collect())
    }

    /// Writes rows, each of its file as it is now; gives their paths. Whoever reads a file late must not put what it read
    /// over what another has read since: so one at a time looks a last time, and writes.
    fn put(&self, library: &Library, around: &Around<'_>, mut rows: Rows) -> Result<Vec<String>, ApiError> {
        let _alone = lock(&self.indexing);
        let mut gone = Vec::new();
        rows.retain_mut(|one| match look_at(around, &one.file) {
            Some(now) if now.seen == one.entry.seen => true,
            Some(now) => {
                *one = row(&now, around);
                true
            }
            None => {
                gone.push(one.entry.seen.path.clone());
                false
            }
        });
        let paths = rows.iter().map(|row| row.entry.seen.path.clone()).collect();
        let rows: Vec<(IndexEntry, IndexText)> = rows.into_iter().map(|row| (row.entry, row.text)).collect();
        self.store.index(library.id, &rows)?;
        self.store.unindex(library.id, &gone)?;
        Ok(paths)
    }

    /// Takes out rows whose files are gone. One that is there again by now stays.
    fn take_out(&self, library: &Library, around: &Around<'_>, gone: &[String]) -> Result<(), ApiError> {
        if gone.is_empty() {
            return Ok(());
        }
        let _alone = lock(&self.indexing);
        let (there, gone): (Vec<&String>, Vec<&String>) =
            gone.iter().partition(|path| look_at(around, &library.path.join(path)).is_some());
        let back = there.into_iter().filter_map(|path| look_at(around, &library.path.join(path)));
        let rows: Vec<(IndexEntry, IndexText)> =
            back.map(|found| row(&found, around)).map(|row| (row.entry, row.text)).collect();
        if !rows.is_empty() {
            self.store.index(library.id, &rows)?;
        }
        Ok(self.store.unindex(library.id, &gone.into_iter().cloned().collect::<Vec<_>>())?)
    }

    /// Whether a file still holds what its row was made from.
    fn holds_its_row(&self, library: &Library, found: &Found) -> bool {
        let known = self.store.revision_in_index(library.id, &found.seen.path).ok().flatten();
        let is = || fs::read(&found.file).ok().map(|bytes| store::revision_of(&bytes));
        known.is_some_and(|known| found.problem.is_some() || is().is_some_and(|is| is == known))
    }

    /// Brings the row of one file up to date and tells of it, if it lies in a folder of the library: what was written
    /// here need not be noticed by watching.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn reindex(&self, path: &Path) -> Result<(), ApiError> {
        if let Some(library) = self.store.library_of(path)? {
            let changed = self.look_again(&library, &[path.to_owned()], &mut Nobody)?;
            self.tell_changed(&library, &changed);
        }
        Ok(())
    }

    /// Why a folder cannot be read, if it cannot: then its rows stay as they are.
    pub(crate) fn absent(&self, library: &Library) -> Option<ApiError> {
        if let Err(error) = fs::read_dir(&library.path) {
            return Some(unreadable(&library.path, &error));
        }
        let reading = self.reading(library.id).ok()?;
        (reading.mounted && !mounted(&library.path)).then(|| {
            let path = library.path.display();
            ApiError::new(
                ErrorCode::NotFound,
                format!("Nothing is mounted at {path} any more, where the runbooks were: mount it again."),
            )
        })
    }

    fn reading(&self, library: LibraryId) -> Result<Reading, ApiError> {
        Ok(self.store.setting(&reading_of(library))?.unwrap_or_default())
    }
}

impl Reading {
    /// The folders below which everything is read again, because it was read otherwise before.
    fn differs(&self, before: &Self) -> Vec<String> {
        if self.form != before.form {
            return vec![String::new()];
        }
        let folders = self.grounds.keys().chain(before.grounds.keys());
        folders.filter(|folder| self.grounds.get(*folder) != before.grounds.get(*folder)).cloned().collect()
    }
}

fn reading_of(library: LibraryId) -> String {
    format!("library.{}.reading", library.0)
}

/// Whether something is mounted at this very folder.
fn mounted(folder: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    folder.parent().is_some_and(|parent| device(parent) != device(folder))
}

/// Whether a path is that folder or lies in it, both relative, with `/`.
pub(crate) fn below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A relative path as the index has it, with `/`.
pub(crate) fn slashed(relative: &Path) -> String {
    relative.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}

/// Every Markdown file under a folder, by the rules of its own library file.
pub(crate) fn markdown_files(folder: &Path) -> io::Result<Vec<Found>> {
    Ok(walk(folder, folder, &Rules::of(folder), &mut Nobody)?.files)
}

/// What there is in `start`, a folder at or below `root`.
fn walk(root: &Path, start: &Path, rules: &Rules, onlooker: &mut dyn Onlooker) -> io::Result<Walk> {
    let mut found = Walk::default();
    let mut folders = vec![start.to_owned()];
    while let Some(folder) = folders.pop() {
        onlooker.enter(&folder);
        let ruling = rules.within(folder.strip_prefix(root).unwrap_or(Path::new("")));
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if folder == start => return Err(error),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "not read");
                found.unread.extend(folder.strip_prefix(root).ok().map(slashed));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let (Ok(kind), Ok(relative)) = (entry.file_type(), path.strip_prefix(root)) else { continue };
            let wanted = kind.is_dir() || kind.is_file() && is_markdown(&path);
            if !wanted || hidden(Path::new(&entry.file_name())) || ruling.ignores(relative) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if let Ok(metadata) = entry.metadata() {
                found.files.extend(found_at(&path, relative, &metadata));
            }
        }
    }
    found.files.sort_by(|one, other| one.seen.path.cmp(&other.seen.path));
    Ok(found)
}

/// The runbook at this path, if there is one now.
fn look_at(around: &Around<'_>, path: &Path) -> Option<Found> {
    let relative = path.strip_prefix(around.root).ok()?;
    let metadata = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    (is_markdown(path) && !around.rules.leave_out(relative)).then(|| found_at(path, relative, &metadata)).flatten()
}

fn found_at(path: &Path, relative: &Path, metadata: &fs::Metadata) -> Option<Found> {
    if metadata.len() > LARGEST {
        return None;
    }
    let modified = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let problem = relative.to_str().is_none().then(|| {
        let name = relative.display();
        format!("The name {name} is not UTF-8: rename the file, or the folder it is in, so that it can be opened.")
    });
    Some(Found {
        seen: Seen {
            path: slashed(relative),
            modified_ns: i64::try_from(modified.as_nanos()).unwrap_or(i64::MAX),
            size: metadata.len(),
        },
        file: path.to_owned(),
        problem,
    })
}
