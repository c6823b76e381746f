//! Bringing runbooks in from a folder, a zip archive or a git address: the Markdown files, and the pictures and files that
//! they show. Nothing of them is run, nothing that is there is overwritten, and every file keeps its bytes; only links to
//! a file that had to take another name follow it.

mod foreign;
pub(crate) mod git;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Mutex,
};

use format::Knowledge;
use store::Library;

use super::{
    moving::{check_name, inside},
    rules::{LARGEST, LIBRARY_FILE, Rules, is_markdown},
    scan::Nobody,
};
use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    author::replacing::{Replaced, replace},
    commands::Nothing,
    wire::{FormatReport, ImportArgument, ImportFrom, ImportPlan, Imported},
};
use source::Source;

/// So many files are named in a plan.
const NAMED: usize = 1_000;
/// More files than this are not brought in at once.
const MOST_FILES: usize = 50_000;
/// More bytes than this are not brought in at once.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// What was fetched last, so that what was planned is what is brought in.
#[derive(Default)]
pub(crate) struct Importing {
    last: Mutex<Option<(ImportFrom, Source)>>,
    fetching: git::Fetching,
}

impl Importing {
    /// Ends what is being fetched now; whether anything was.
    pub(crate) fn stop(&self) -> bool {
        self.fetching.stop()
    }

    /// Ends what is being fetched, and fetches nothing more.
    pub(crate) fn close(&self) {
        self.fetching.close();
    }
}

/// A file that is to be brought in.
struct Coming {
    /// Within the source, with `/`.
    path: String,
    bytes: Vec<u8>,
}

/// What an import does.
#[derive(Default)]
struct Plan {
    /// By their paths within the source; what is written, and the path within the library.
    coming: Vec<(Coming, String)>,
    runbooks: u64,
    others: u64,
    same: Vec<String>,
    renamed: Vec<(String, String)>,
    refused: Vec<String>,
    formats: Vec<FormatReport>,
}

impl App {
    /// What an import would bring. Nothing is written into the library.
    ///
    /// # Errors
    /// When the source cannot be read or fetched.
    pub fn import_plan(&self, argument: ImportArgument) -> Result<ImportPlan, ApiError> {
        let library = self.store.library(store::LibraryId(argument.library))?;
        let plan = self.plan_import(&library, &argument)?;
        let files = plan.coming.iter().filter(|(file, _)| is_markdown(Path::new(&file.path)));
        Ok(ImportPlan {
            files: files.map(|(file, _)| file.path.clone()).take(NAMED).collect(),
            runbooks: plan.runbooks,
            others: plan.others,
            same: plan.same,
            renamed: plan.renamed,
            refused: plan.refused,
            formats: plan.formats,
        })
    }

    /// Brings runbooks in. What is there and the same is left; what is there and different stays, and the file that comes
    /// is put beside it.
    ///
    /// # Errors
    /// When the source cannot be read or fetched, or nothing can be written.
    pub fn import(&self, argument: ImportArgument) -> Result<Imported, ApiError> {
        let library = self.store.library(store::LibraryId(argument.library))?;
        let plan = self.plan_import(&library, &argument)?;
        let total = plan.coming.len() as u64;
        let mut work = self.news.work("Bringing runbooks in");
        let (mut written, mut refused) = (Vec::new(), plan.refused);
        for (number, (file, to)) in plan.coming.iter().enumerate() {
            work.progress(number as u64, total);
            match bring(&library, to, &file.bytes) {
                Ok(()) => written.push(to.clone()),
                Err(why) => refused.push(why),
            }
        }
        drop(work);
        *lock(&self.importing.last) = None;
        let paths: Vec<_> = written.iter().map(|path| library.path.join(path)).collect();
        let changed = self.look_again(&library, &paths, &mut Nobody)?;
        self.tell_changed(&library, &changed);
        Ok(Imported { written, refused, formats: plan.formats })
    }

    /// Stops what is being fetched for an import: it answers that it was stopped. Where nothing is, nothing happens.
    ///
    /// # Errors
    /// None today.
    pub fn import_stop(&self, _: Nothing) -> Result<(), ApiError> {
        self.importing.stop();
        Ok(())
    }

    fn plan_import(&self, library: &Library, argument: &ImportArgument) -> Result<Plan, ApiError> {
        let rules = Rules::of(&library.path);
        let folder = argument.folder.trim_matches('/');
        if !folder.is_empty() {
            let refuse = |why: String| ApiError::new(ErrorCode::BadInput, why);
            check_name(&rules, folder).map_err(refuse)?;
            inside(library, &library.path.join(folder).join("file")).map_err(refuse)?;
        }
        let mut last = lock(&self.importing.last);
        let fetched = last.take_if(|(from, _)| *from == argument.source).map(|(_, source)| source);
        let source = match fetched {
            Some(source) => source,
            None => self.fetch(library, &argument.source)?,
        };
        let plan = plan(library, &rules, folder, &source);
        *last = Some((argument.source.clone(), source));
        plan
    }

    fn fetch(&self, library: &Library, from: &ImportFrom) -> Result<Source, ApiError> {
        let place = self.data.join("imports");
        match from {
            ImportFrom::Folder { path } => Source::folder(Path::new(path), &library.path),
            ImportFrom::File { path } => Source::file(Path::new(path), &library.path),
            ImportFrom::Zip { path } => {
                let mut work = self.news.work("Unpacking");
                let told = &mut |done, total| {
                    work.progress(done, total);
                };
                Source::zip(Path::new(path), &place, told)
            }
            ImportFrom::Git { url } => {
                let mut work = self.news.work("Fetching");
                let environment = &self.engine.settings.environment;
                let told = &mut |done, total| {
                    work.progress(done, total);
                };
                Source::git(url, &place, environment, &self.importing.fetching, told)
            }
        }
    }
}

fn plan(library: &Library, rules: &Rules, folder: &str, source: &Source) -> Result<Plan, ApiError> {
    let mut plan = Plan { refused: source.refused.clone(), ..Plan::default() };
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut size = 0;
    let mut there: BTreeSet<String> = source.files.iter().cloned().collect();
    let mut shown = BTreeSet::new();
    for path in source.files.iter().filter(|path| is_markdown(Path::new(path))) {
        let Some(bytes) = take(source, path, &mut size, &mut plan.refused)? else { continue };
        let runbook = format::parse_with(path, &bytes, &Knowledge::default());
        let links = runbook.links.iter().map(|link| &link.target);
        for target in links.chain(runbook.images.iter().map(|image| &image.target)) {
            shown.extend(format::resolve(target, path, &there).filter(|file| !is_markdown(Path::new(file))));
        }
        plan.formats.extend(foreign::dialect(&runbook, &bytes));
        files.insert(path.clone(), bytes);
    }
    let taken: BTreeSet<&String> = files.keys().collect();
    let made = foreign::playbooks(source, &taken, &mut size, &mut plan.refused, &mut plan.formats)?;
    plan.formats.truncate(NAMED);
    there.extend(made.iter().map(|(path, _)| path.clone()));
    files.extend(made);
    for path in shown.iter().filter(|path| there.contains(*path) && path.rsplit('/').next() != Some(LIBRARY_FILE)) {
        if let Some(bytes) = take(source, path, &mut size, &mut plan.refused)? {
            files.insert(path.clone(), bytes);
        }
    }
    if files.is_empty() && plan.refused.is_empty() {
        plan.refused.push(format!("There is no Markdown file and no CACAO playbook in {}.", source.name));
    }
    let mut renames: Vec<(String, String)> = Vec::new();
    let mut taken = BTreeSet::new();
    for (path, bytes) in files {
        let to = if folder.is_empty() { path.clone() } else { format!("{folder}/{path}") };
        if let Err(why) = check_name(rules, &to).and_then(|_| inside(library, &library.path.join(&to))) {
            plan.refused.push(why);
            continue;
        }
        if fs::read(library.path.join(&to)).is_ok_and(|present| present == bytes) {
            plan.same.push(to);
            continue;
        }
        let free =
            beside(&to, |name| !taken.contains(name) && fs::symlink_metadata(library.path.join(name)).is_err());
        if free != to {
            plan.renamed.push((to.clone(), free.clone()));
            renames.push((path.clone(), within(&free, folder)));
        }
        taken.insert(free.clone());
        if is_markdown(Path::new(&path)) {
            plan.runbooks += 1;
        } else {
            plan.others += 1;
        }
        plan.coming.push((Coming { path, bytes }, free));
    }
    if !renames.is_empty() {
        follow(&mut plan.coming, &renames, &there);
    }
    Ok(plan)
}

/// A path of the library as it counts from the folder that is brought into.
fn within(path: &str, folder: &str) -> String {
    path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/').to_owned()
}

/// The bytes of a file, if it is to be taken.
fn take(source: &Source, path: &str, size: &mut u64, refused: &mut Vec<String>) -> Result<Option<Vec<u8>>, ApiError> {
    let file = source.root.join(path);
    let length = fs::symlink_metadata(&file).map(|found| found.len()).unwrap_or_default();
    if length > LARGEST {
        refused.push(format!("{path} was not taken: it has {} MiB, 16 MiB are the most.", length / 1024 / 1024));
        return Ok(None);
    }
    *size += length;
    if *size > MOST_BYTES {
        return Err(ApiError::new(
            ErrorCode::BadInput,
            format!("{} holds more than 512 MiB of runbooks: bring it in in parts.", source.name),
        ));
    }
    match fs::read(&file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => {
            refused.push(format!("{path} was not taken: {error}."));
            Ok(None)
        }
    }
}

/// A name that is free: `disk.md`, else `disk-2.md`.
fn beside(path: &str, free: impl Fn(&str) -> bool) -> String {
    if free(path) {
        return path.to_owned();
    }
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let (stem, ending) = name.rsplit_once('.').map_or((name, String::new()), |(stem, end)| (stem, format!(".{end}")));
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut number = 2_u64;
    loop {
        let name = format!("{folder}{stem}-{number}{ending}");
        if free(&name) {
            return name;
        }
        number += 1;
    }
}

/// Links among the files that come follow those that take another name.
fn follow(coming: &mut [(Coming, String)], renames: &[(String, String)], there: &BTreeSet<String>) {
    for (file, _) in coming.iter_mut().filter(|(file, _)| is_markdown(Path::new(&file.path))) {
        for (old, new) in renames.iter().filter(|(old, _)| *old != file.path) {
            let runbook = format::parse_with(&file.path, &file.bytes, &Knowledge::default());
            let edits = format::relink(&runbook, &file.bytes, &file.path, old, new, there);
            if let Ok(bytes) = format::apply(&file.bytes, &edits) {
                file.bytes = bytes;
            }
        }
    }
}

/// Writes a new file; a sentence where that cannot be done.
fn bring(library: &Library, to: &str, bytes: &[u8]) -> Result<(), String> {
    let path = library.path.join(to);
    let wrong = |error: std::io::Error| format!("{to} was not written: {error}.");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    inside(library, &path)?;
    match replace(&path, None, bytes).map_err(wrong)? {
        Replaced::Done => Ok(()),
        Replaced::Changed(_) => Err(format!("{to} was not written: there is one by now.")),
    }
}
