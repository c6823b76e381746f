//! Bringing the index of a folder up to date: only files that look different are read, on all cores.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs, io,
    num::NonZero,
    os::unix::fs::MetadataExt,
    path::{MAIN_SEPARATOR, Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
};

use format::Runbook;
use serde::{Deserialize, Serialize};
use store::{IndexEntry, IndexText, Library, LibraryId, ProblemCounts, Seen};

use super::{
    rules::{LARGEST, Rules, is_markdown},
    unreadable,
};
use crate::{ApiError, App, ErrorCode, check, views};

/// How many files are indexed in one transaction.
const BATCH: usize = 500;
/// How many files a thread reads at a time.
const HANDFUL: usize = 32;
/// Changes whenever what the index holds of a file does: every file is read again then.
const FORM: u32 = 4;

/// A Markdown file of a folder.
pub(crate) struct Found {
    pub(crate) seen: Seen,
    pub(crate) file: PathBuf,
    /// Why it cannot be read, if that is clear already.
    problem: Option<String>,
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
    commands: Vec<String>,
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
        let reading =
            Reading { form: FORM, commands: rules.knowledge.commands.clone(), mounted: mounted(&library.path) };
        let before = self.reading(library.id)?;
        let walk = walk(&library.path, &library.path, &rules, onlooker)
            .map_err(|error| unreadable(&library.path, &error))?;
        let mut known: HashMap<String, Seen> =
            self.store.seen(library.id)?.into_iter().map(|seen| (seen.path.clone(), seen)).collect();
        let first = known.is_empty();
        let again = (before.form, &before.commands) != (reading.form, &reading.commands);
        let differs = |found: &Found, seen: Option<Seen>| again || seen.is_none_or(|seen| seen != found.seen);
        // The few whose history is known: a first scan of many files notes nothing of them.
        let followed = self.store.history_paths(&library.path)?;
        let mut changed = walk.files;
        changed.retain(|found| {
            let seen = known.remove(&found.seen.path);
            differs(found, seen)
        });
        let total = changed.len();
        let around = Around { root: &library.path, rules: &rules };
        let mut done = 0;
        let mut newer = HashSet::new();
        onlooker.progress(0, total);
        read_all(&changed, &around, &mut |mut batch| {
            newer.extend(onlooker.newer());
            done += batch.len();
            batch.retain(|(entry, _)| !newer.contains(&entry.seen.path));
            self.store.index(library.id, &batch)?;
            let written = batch.iter().map(|(entry, _)| library.path.join(&entry.seen.path));
            written.filter(|path| followed.contains(path)).for_each(|path| self.note_seen(&path));
            onlooker.progress(done, total);
            Ok(())
        })?;
        newer.extend(onlooker.newer());
        let unread = |path: &str| walk.unread.iter().any(|folder| below(path, folder));
        let gone: Vec<String> = known.into_keys().filter(|path| !newer.contains(path) && !unread(path)).collect();
        self.store.unindex(library.id, &gone)?;
        // Much was written at once: searches are faster when it is put in order.
        if first && total > 0 {
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
                }
                _ => {}
            }
        }
        found.sort_by(|one, other| one.seen.path.cmp(&other.seen.path));
        found.dedup_by(|one, other| one.seen.path == other.seen.path);
        found.retain(|found| known.remove(&found.seen.path).is_none_or(|seen| seen != found.seen));
        let gone: Vec<String> = known.into_keys().collect();
        let around = Around { root: &library.path, rules: &rules };
        read_all(&found, &around, &mut |batch| Ok(self.store.index(library.id, &batch)?))?;
        self.store.unindex(library.id, &gone)?;
        Ok(found.into_iter().map(|found| found.seen.path).chain(gone).collect())
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
            if !wanted || rules.leave_out(relative) {
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

/// What the files of a folder are read with.
struct Around<'a> {
    root: &'a Path,
    rules: &'a Rules,
}

/// Rows for the index.
type Rows = Vec<(IndexEntry, IndexText)>;

/// Reads files on all cores, and gives them to `write` in batches, in no order.
fn read_all(
    files: &[Found],
    around: &Around<'_>,
    write: &mut dyn FnMut(Rows) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let handfuls = files.len().div_ceil(HANDFUL);
    if handfuls <= 1 {
        let rows: Rows = files.iter().map(|found| row(found, around)).collect();
        return if rows.is_empty() { Ok(()) } else { write(rows) };
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(handfuls);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel::<Rows>(threads * 2);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(some) = files.chunks(HANDFUL).nth(next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send(some.iter().map(|found| row(found, around)).collect()).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut batch = Rows::new();
        for rows in receiver {
            batch.extend(rows);
            if batch.len() >= BATCH {
                write(std::mem::take(&mut batch))?;
            }
        }
        if batch.is_empty() { Ok(()) } else { write(batch) }
    })
}

fn row(found: &Found, around: &Around<'_>) -> (IndexEntry, IndexText) {
    let read = || fs::read(&found.file).map_err(|error| unreadable(&found.file, &error).message);
    let (bytes, problem) = match found.problem.clone().map_or_else(read, Err) {
        Ok(bytes) => (bytes, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let mut runbook = format::parse_with(&found.seen.path, &bytes, &around.rules.knowledge);
    let world = check::world(around.root, &around.rules.file, &runbook);
    runbook.problems = format::check(&runbook, &bytes, &world);
    entry(found.seen.clone(), &runbook, &bytes, problem)
}

fn entry(seen: Seen, runbook: &Runbook, bytes: &[u8], problem: Option<String>) -> (IndexEntry, IndexText) {
    let text = format::plain_text(runbook, bytes);
    let count = |severity| runbook.problems.iter().filter(|problem| problem.severity == severity).count() as u64;
    let mut codes: Vec<(String, u64)> = Vec::new();
    for problem in &runbook.problems {
        let code = problem.code.to_string();
        match codes.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => codes.push((code, 1)),
        }
    }
    let entry = IndexEntry {
        seen,
        revision: runbook.revision.clone(),
        title: runbook.title.clone(),
        kind: runbook.kind,
        severity: views::front_text(runbook, "severity"),
        owner: views::front_text(runbook, "owner"),
        tags: views::tags(runbook),
        reviewed: views::front_text(runbook, "reviewed").or_else(|| views::front_text(runbook, "last_reviewed_on")),
        review_every: views::front_text(runbook, "review_every").or_else(|| views::front_text(runbook, "review_in")),
        steps: runbook
            .phases
            .iter()
            .filter(|section| section.phase.on_path())
            .map(|section| section.steps.len() as u64)
            .sum(),
        items: runbook.items().count() as u64,
        commands: runbook.items().filter(|(_, _, item)| item.kind == format::ItemKind::Command).count() as u64,
        problems: ProblemCounts {
            errors: count(format::Severity::Error),
            warnings: count(format::Severity::Warning),
            hints: count(format::Severity::Hint),
        },
        due: runbook.about.due.clone(),
        codes,
        links: links(runbook),
        problem,
    };
    (entry, IndexText { headings: text.headings, commands: text.commands, body: text.body })
}

/// Where its links and pictures lead within the library, each place once: as the address says it, which may leave off
/// an ending, and for a wiki link by [`named`].
fn links(runbook: &Runbook) -> Vec<String> {
    let links = runbook.links.iter().map(|link| &link.target);
    let targets = links.chain(runbook.images.iter().map(|image| &image.target));
    let places = targets.filter_map(|target| match target {
        format::Target::Inside { path, .. } => Some(path.clone()),
        format::Target::Named(name, _) => Some(named(name)),
        format::Target::Outside | format::Target::Anchor(_) | format::Target::Escapes => None,
    });
    places.collect::<BTreeSet<_>>().into_iter().collect()
}

/// How the index has a wiki link to a page of that name, or to a file of that path: what all ways to write it share.
pub(crate) fn named(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let stem = [".markdown", ".md"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    format!("[[{}", stem.trim().replace([' ', '_'], "-"))
}
