//! The completeness check of files: what `format` finds, with what the world around each file adds; and mending by machine
//! what means the same whoever mends it.

mod anchors;
mod mending;
mod sarif;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use format::{Knowledge, LibraryFile, Place, Problem, Runbook, Span, Target, World};
use jiff::tz::TimeZone;

pub(crate) use anchors::Anchors;
pub use mending::Mended;

use crate::{
    ApiError, App,
    library::{markdown_files, unreadable},
    wire::Severity,
};

/// What to check.
#[derive(Clone, Debug, Default)]
pub struct CheckQuery {
    /// Files, and folders whose Markdown files are checked. None: the folders of the library.
    pub paths: Vec<PathBuf>,
    /// Only problems of these codes; none: of all.
    pub codes: Vec<String>,
    /// Only problems at least as bad.
    pub severity: Option<Severity>,
}

/// What was found.
#[derive(Debug)]
pub struct CheckReport {
    /// Each file, in the order of the paths.
    pub files: Vec<Checked>,
    /// What could not be read.
    pub unread: Vec<ApiError>,
}

/// A file that was checked.
#[derive(Debug)]
pub struct Checked {
    /// As it was named.
    pub path: PathBuf,
    /// Its text, lossily where it is no UTF-8.
    pub text: String,
    /// What was found, in line order.
    pub problems: Vec<Problem>,
    /// Its true path and its bytes, for mending.
    file: PathBuf,
    bytes: Vec<u8>,
    /// Where secrets stand, whatever was asked for.
    secrets: Vec<Span>,
}

impl CheckReport {
    /// Errors, warnings and hints.
    #[must_use]
    pub fn counts(&self) -> [u64; 3] {
        let mut counts = [0; 3];
        for problem in self.files.iter().flat_map(|file| &file.problems) {
            match problem.severity {
                format::Severity::Error => counts[0] += 1,
                format::Severity::Warning => counts[1] += 1,
                format::Severity::Hint => counts[2] += 1,
            }
        }
        counts
    }

    /// Whether there are problems of that code.
    #[must_use]
    pub fn knows(code: &str) -> bool {
        sarif::RULES.iter().any(|(known, ..)| *known == code)
    }

    /// As SARIF 2.1.0, for code hosts and editors: files within the folder `called_in`, which is absolute, are named
    /// relative to it.
    #[must_use]
    pub fn sarif(&self, called_in: &Path) -> serde_json::Value {
        sarif::log(self, called_in)
    }
}

impl Checked {
    /// The text with each byte of a value that looks like a secret replaced, so that showing it tells nobody.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut bytes = self.bytes.clone();
        for secret in &self.secrets {
            for byte in bytes.get_mut(secret.start..secret.end).unwrap_or_default() {
                if !matches!(byte, b'\n' | b'\r') {
                    *byte = b'*';
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The values that look like secrets, line by line.
    fn secret_values(&self) -> Vec<String> {
        let texts = self.secrets.iter().filter_map(|span| self.bytes.get(span.start..span.end));
        let lines =
            texts.flat_map(|bytes| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter(|line| line.len() > 3).collect()
    }
}

impl App {
    /// The completeness check.
    ///
    /// # Errors
    /// When no path is given and the store cannot be read. What cannot be read of the paths is in the report.
    pub fn check(&self, query: &CheckQuery) -> Result<CheckReport, ApiError> {
        let mut report = CheckReport { files: Vec::new(), unread: Vec::new() };
        let paths = match query.paths.as_slice() {
            [] => self.store.libraries()?.into_iter().map(|library| library.path).collect(),
            paths => paths.to_vec(),
        };
        for path in paths {
            match self.files_below(&path) {
                Ok(files) => {
                    for file in files {
                        match self.checked(&file, query) {
                            Ok(checked) => report.files.push(checked),
                            Err(error) => report.unread.push(error),
                        }
                    }
                }
                Err(error) => report.unread.push(error),
            }
        }
        Ok(report)
    }

    /// The file itself, or every Markdown file under a folder, as the library would find them: what the `allgood.toml` of
    /// the folder, or of the library that it is in, ignores is left out.
    fn files_below(&self, path: &Path) -> Result<Vec<PathBuf>, ApiError> {
        if !path.is_dir() {
            return Ok(vec![path.to_path_buf()]);
        }
        let found = markdown_files(path).map_err(|error| unreadable(path, &error))?;
        let whole = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
        let root = self.root_of(&whole.join("x"));
        let rules = crate::library::Rules::of(&root);
        let kept = found.into_iter().map(|found| found.file).filter(|file| {
            let inside = file.strip_prefix(path).map(|inside| whole.join(inside)).unwrap_or_default();
            !inside.strip_prefix(&root).is_ok_and(|inside| rules.leave_out(inside))
        });
        Ok(kept.collect())
    }

    fn checked(&self, path: &Path, query: &CheckQuery) -> Result<Checked, ApiError> {
        let opened = self.opened(path)?;
        let mut problems = self.problems(&opened.runbook, &opened.bytes, &opened.path);
        let secrets = problems.iter().filter(|problem| problem.code == "secret-in-text");
        let secrets = secrets.map(|problem| problem.span).collect();
        problems.retain(|problem| {
            (query.codes.is_empty() || query.codes.iter().any(|code| code == problem.code))
                && query.severity.is_none_or(|least| rank(crate::views::severity(problem.severity)) >= rank(least))
        });
        let text = String::from_utf8_lossy(&opened.bytes).into_owned();
        Ok(Checked { path: path.to_owned(), text, problems, file: opened.path, bytes: opened.bytes, secrets })
    }

    /// Every problem of a runbook that was read from these bytes, with what is known around its file. One function for
    /// every face.
    pub(crate) fn problems(&self, runbook: &Runbook, bytes: &[u8], path: &Path) -> Vec<Problem> {
        let library = self.library_file_of(path).unwrap_or_default();
        let root = self.root_of(path);
        // What the library's own commands are decides which blocks are commands.
        let again = (!library.commands.is_empty())
            .then(|| format::parse_with(&runbook.path, bytes, &Knowledge::from(&library)));
        let runbook = again.as_ref().unwrap_or(runbook);
        let mut world = world(&root, &library, runbook, &Anchors::default());
        world.today = self.engine.clock.now().get(..10).map(str::to_owned);
        // Where nobody keeps entries (a build machine) a name says nothing about whether somebody has it.
        let entries = self.store.access_entries().unwrap_or_default().into_iter().map(|entry| entry.name);
        world.access = Some(entries.collect::<BTreeSet<_>>()).filter(|names| !names.is_empty());
        let dead = || world.places.values().any(|place| *place == Place::Nothing);
        if runbook.links.iter().any(|link| matches!(link.target, Target::Named(..))) || dead() {
            world.pages = self.pages(&root, path, &runbook.path);
        }
        format::check(runbook, bytes, &world)
    }

    /// The Markdown files around a file, named as the runbook names itself: those of its library as the index has them, so
    /// that a large one is not walked through at every key.
    pub(crate) fn pages(&self, root: &Path, path: &Path, own: &str) -> Option<BTreeSet<String>> {
        let found: Vec<String> = match self.store.library_of(path).ok()? {
            Some(library) => self.store.seen(library.id).ok()?.into_iter().map(|seen| seen.path).collect(),
            None => markdown_files(root).ok()?.into_iter().map(|found| found.seen.path).collect(),
        };
        let whole = own.starts_with('/');
        let name = |path: String| if whole { root.join(path).display().to_string() } else { path };
        Some(found.into_iter().map(name).collect())
    }

    /// How far links of a file may lead: its library, else its git repository, else its own folder.
    pub(crate) fn root_of(&self, path: &Path) -> PathBuf {
        let own = path.parent().unwrap_or(path);
        let library = self.store.library_of(path).ok().flatten().map(|library| library.path);
        let marked = || own.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_path_buf);
        library.or_else(marked).unwrap_or_else(|| own.to_path_buf())
    }
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Hint => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
    }
}

/// What is known around a runbook of a folder, but for the date: the places that its links name, and time zones. Nothing outside
/// of the folder is looked at, nor what a symbolic link leads to there.
pub(crate) fn world(root: &Path, library: &LibraryFile, runbook: &Runbook, anchors: &Anchors) -> World {
    let wanted: BTreeSet<&str> = runbook
        .links
        .iter()
        .filter_map(|link| match &link.target {
            Target::Inside { path, anchor: Some(_) } => Some(path.as_str()),
            _ => None,
        })
        .collect();
    let mut places = BTreeMap::new();
    for asked in format::asks(runbook) {
        let path = if asked.starts_with('/') { PathBuf::from(&asked) } else { root.join(&asked) };
        let known = wanted.iter().any(|path| asked.starts_with(path.trim_end_matches(".html")));
        // An address from the root is looked at where the library has its first folder.
        let top = asked.split('/').next().filter(|top| !top.is_empty()).map(str::to_owned);
        if let Some(top) = top.filter(|top| root.join(top).is_dir()) {
            places.insert(top, Place::Here);
        }
        if let Some(place) = place(root, &path, known.then_some(anchors)) {
            places.insert(asked, place);
        }
    }
    World { places, zones: zones(runbook), library: library.clone(), ..World::default() }
}

/// The zone that a runbook proposes, where it is one, else all that there are. `None` where nobody asks, or none are known here.
fn zones(runbook: &Runbook) -> Option<BTreeSet<String>> {
    let zone = runbook.about.schedule.as_ref()?.zone.clone()?;
    if TimeZone::get(&zone).is_ok() {
        return Some(BTreeSet::from([zone]));
    }
    let all: BTreeSet<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    Some(all).filter(|all| !all.is_empty())
}

/// What stands at a path, with its anchors where somebody asks for them; `None` where nobody may look.
fn place(root: &Path, path: &Path, anchors: Option<&Anchors>) -> Option<Place> {
    if !path.starts_with(root) {
        return None;
    }
    match fs::canonicalize(path) {
        Ok(found) if !found.starts_with(root) => None,
        Ok(found) if found.is_file() && crate::library::is_markdown(&found) => {
            Some(anchors.and_then(|anchors| anchors.of(&found)).map_or(Place::Here, Place::Page))
        }
        Ok(_) => Some(Place::Here),
        Err(error) => match error.kind() {
            // Behind a symbolic link that leads out nobody looks, also not for what is missing there.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                let above = path.ancestors().skip(1).find_map(|above| fs::canonicalize(above).ok())?;
                above.starts_with(root).then_some(Place::Nothing)
            }
            _ => None,
        },
    }
}
