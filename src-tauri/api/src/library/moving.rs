//! Renaming and moving: the file, and the links of all the others that lead to it.
//!
//! Links are edited first, each file as a whole and only if nobody else changed it; then the file gets its new name; then
//! the store is told. A record of it is on disk before anything begins, so that a move that was cut off is undone at the
//! next start, or completed where the file has its new name already. It stays afterwards: moving back gives the edited
//! files the very bytes that they had.

mod record;

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Component, Path, PathBuf},
};

use store::{Library, NewRevision, Origin};

use super::{
    reading::named,
    rules::{Rules, is_markdown},
    scan::{Nobody, below, slashed},
};
use crate::{
    ApiError, App, ErrorCode,
    author::replacing::{Replaced, replace},
    wire::{FacetValue, MoveArgument, MovePlan},
};
use record::{Edited, Record, Records};

/// A name of more bytes than this fits on no file system.
const LONGEST_NAME: usize = 255;

/// What a move would do.
struct Plan {
    library: Library,
    /// Within the library, with `/`.
    from: String,
    to: String,
    edits: Vec<FileEdit>,
}

/// A file whose links follow.
struct FileEdit {
    /// Within the library before the move, with `/`.
    path: String,
    links: u64,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Plan {
    /// Where a file is after the move.
    fn moved(&self, path: &str) -> String {
        moved(path, &self.from, &self.to)
    }

    fn told(&self) -> MovePlan {
        let links = self.edits.iter().map(|edit| FacetValue { value: edit.path.clone(), count: edit.links });
        MovePlan { path: whole(&self.library, &self.to), links: links.collect(), refused: None }
    }
}

fn moved(path: &str, from: &str, to: &str) -> String {
    if below(path, from) { format!("{to}{}", path.get(from.len()..).unwrap_or_default()) } else { path.to_owned() }
}

fn whole(library: &Library, relative: &str) -> String {
    library.path.join(relative).display().to_string()
}

impl App {
    /// What renaming or moving a file or folder would change.
    ///
    /// # Errors
    /// When there is no such file or folder in the library, or the store cannot be read.
    pub fn runbook_move_plan(&self, argument: MoveArgument) -> Result<MovePlan, ApiError> {
        let (library, from) = self.movable(Path::new(&argument.path))?;
        match self.plan(&library, &from, &argument.to)? {
            Ok(plan) => Ok(plan.told()),
            Err(refused) => {
                let path = whole(&library, argument.to.trim_matches('/'));
                Ok(MovePlan { path, links: Vec::new(), refused: Some(refused) })
            }
        }
    }

    /// Renames or moves a file or folder within its library. Links to it, and its own, follow; its history, drafts, pins
    /// and runs go along. All of it is done or nothing.
    ///
    /// # Errors
    /// When it cannot be done, with the reason: nothing was changed then.
    pub fn runbook_move(&self, argument: MoveArgument) -> Result<MovePlan, ApiError> {
        let (library, from) = self.movable(Path::new(&argument.path))?;
        let plan = self
            .plan(&library, &from, &argument.to)?
            .map_err(|refused| ApiError::new(ErrorCode::BadInput, refused))?;
        self.carry_out(&plan)?;
        Ok(plan.told())
    }

    /// Completes or undoes what was cut off when the program ended in the middle of a move.
    pub(crate) fn settle_moves(&self) {
        for (mut record, held) in Records::of(&self.data).cut_off() {
            let Ok(library) = self.store.library(store::LibraryId(record.library)) else {
                held.forget();
                continue;
            };
            let (from, to) = (library.path.join(&record.from), library.path.join(&record.to));
            let renamed = !there(&from) && there(&to);
            let settled = if renamed {
                self.store.moved(library.id, &record.from, &record.to).map_err(ApiError::from)
            } else {
                self.take_back(&library, &mut record)
            };
            match settled {
                Ok(()) if renamed => held.done(),
                Ok(()) => held.forget(),
                Err(error) => {
                    tracing::error!(from = %from.display(), %error, "a move that was cut off is not settled")
                }
            }
        }
    }

    /// The library and the path in it of something that can be moved.
    pub(super) fn movable(&self, path: &Path) -> Result<(Library, String), ApiError> {
        let refuse = |code, message: String| Err(ApiError::new(code, message));
        let name = path.display();
        if !there(path) {
            return refuse(ErrorCode::NotFound, format!("There is no {name}: check the path."));
        }
        let real = match (path.parent().map(fs::canonicalize), path.file_name()) {
            (Some(Ok(folder)), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        };
        match self.store.library_of(&real)? {
            Some(library) if library.path == real => refuse(
                ErrorCode::BadInput,
                format!("{name} is a folder of the library itself: it is moved outside Allgood."),
            ),
            Some(library) => {
                let relative = real.strip_prefix(&library.path).map(slashed).unwrap_or_default();
                Ok((library, relative))
            }
            None => refuse(
                ErrorCode::BadInput,
                format!("{name} is in no folder of the library: move it as any other file."),
            ),
        }
    }

    /// What moving would change; a sentence where it cannot be done.
    fn plan(&self, library: &Library, from: &str, to: &str) -> Result<Result<Plan, String>, ApiError> {
        let rules = Rules::of(&library.path);
        let to = match destination(library, &rules, from, to) {
            Ok(to) => to,
            Err(refused) => return Ok(Err(refused)),
        };
        if !self.follower.is_on() {
            self.scan(library, &mut Nobody)?;
        }
        let files = every_file(&library.path);
        let moving = self.store.seen_below(library.id, from)?.into_iter().map(|seen| seen.path);
        let mut sources: BTreeSet<String> = moving.collect();
        sources.extend(self.linking_to_any(library, from, &to, &files)?);
        let back = Records::of(&self.data).back(library.id.0, from, &to);
        let mut edits = Vec::new();
        for path in sources {
            let file = library.path.join(&path);
            // One that went away meanwhile has no links.
            let Ok(bytes) = fs::read(&file) else { continue };
            let runbook = format::parse_with(&path, &bytes, &rules.around(Path::new(&path)).knowledge);
            let changes = format::relink(&runbook, &bytes, &path, from, &to, &files);
            let as_it_was = self.as_it_was(back.as_ref(), &path, &bytes);
            if changes.is_empty() && as_it_was.is_none() {
                continue;
            }
            let links = changes.len().max(1) as u64;
            let after = match as_it_was {
                Some(bytes) => bytes,
                None => format::apply(&bytes, &changes)
                    .map_err(|error| ApiError::new(ErrorCode::Internal, format!("{}: {error}", file.display())))?,
            };
            edits.push(FileEdit { path, links, before: bytes, after });
        }
        Ok(Ok(Plan { library: library.clone(), from: from.to_owned(), to, edits }))
    }

    /// The bytes that a file had before the move that this one takes back, if nobody changed it since.
    fn as_it_was(&self, back: Option<&Record>, path: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let back = back?;
        let edited = back.edited.iter().find(|edited| moved(&edited.path, &back.from, &back.to) == path)?;
        (edited.after == store::revision_of(bytes)).then(|| self.store.revision(&edited.before).ok()).flatten()
    }

    /// Files that may have links to what moves, and those whose wiki links may come to mean it.
    fn linking_to_any(
        &self,
        library: &Library,
        from: &str,
        to: &str,
        files: &BTreeSet<String>,
    ) -> Result<Vec<String>, ApiError> {
        let moving: Vec<&String> = files.iter().filter(|file| below(file, from)).collect();
        let mut places = BTreeSet::from([from.to_owned(), named(to)]);
        for file in moving {
            places.insert(named(file));
            for ending in [".md", ".markdown"] {
                places.extend(file.strip_suffix(ending).map(str::to_owned));
            }
            // A link to a folder shows its page.
            places.extend(file.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
        }
        let mut found = Vec::new();
        for places in places.into_iter().collect::<Vec<_>>().chunks(500) {
            found.extend(self.store.linking(library.id, places, false)?);
        }
        found.extend(self.store.linking(library.id, &[from.to_owned()], true)?);
        Ok(found)
    }

    fn carry_out(&self, plan: &Plan) -> Result<(), ApiError> {
        let library = &plan.library;
        let mut record = Record {
            library: library.id.0,
            from: plan.from.clone(),
            to: plan.to.clone(),
            folders: Vec::new(),
            edited: Vec::new(),
        };
        for edit in &plan.edits {
            record.edited.push(Edited {
                path: edit.path.clone(),
                before: self.store.put_revision(&edit.before)?,
                after: self.store.put_revision(&edit.after)?,
            });
        }
        let (from, to) = (library.path.join(&plan.from), library.path.join(&plan.to));
        record.folders = missing_folders(library, &plan.to);
        let held = Records::of(&self.data).begin(&record).map_err(|error| not_moved(&from, &error.to_string()))?;
        if let Err(error) = self.perform(plan, &from, &to) {
            match self.take_back(library, &mut record) {
                Ok(()) => held.forget(),
                Err(second) => tracing::error!(%second, "a move that failed could not be taken back yet"),
            }
            return Err(error);
        }
        self.store.moved(library.id, &plan.from, &plan.to)?;
        held.done();
        self.note(plan)?;
        let edited = plan.edits.iter().map(|edit| library.path.join(plan.moved(&edit.path)));
        let paths: Vec<PathBuf> = edited.chain([from, to]).collect();
        self.look_again(library, &paths, &mut Nobody)?;
        self.tell_folder(library.id);
        Ok(())
    }

    /// Edits the links, then gives the file its name.
    fn perform(&self, plan: &Plan, from: &Path, to: &Path) -> Result<(), ApiError> {
        for edit in &plan.edits {
            let file = plan.library.path.join(&edit.path);
            match replace(&file, Some(&edit.before), &edit.after) {
                Ok(Replaced::Done) => {}
                Ok(Replaced::Changed(_)) => {
                    let file = file.display();
                    let why = format!("{file}, which links to it, is being changed by something else");
                    return Err(not_moved(from, &why));
                }
                Err(error) => {
                    let why = format!("its links in {} cannot be changed: {error}", file.display());
                    return Err(not_moved(from, &why));
                }
            }
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(|error| not_moved(from, &error.to_string()))?;
        }
        rename(from, to).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => not_moved(from, &format!("there is {} by now", to.display())),
            _ => not_moved(from, &error.to_string()),
        })?;
        for folder in [from.parent(), to.parent()].into_iter().flatten() {
            // Some file systems sync no folders; the file has its name all the same.
            if let Err(error) = fs::File::open(folder).and_then(|folder| folder.sync_all()) {
                tracing::warn!(folder = %folder.display(), %error, "not synced");
            }
        }
        Ok(())
    }

    /// Gives the files that were edited their bytes back, where nobody changed them since.
    fn take_back(&self, library: &Library, record: &mut Record) -> Result<(), ApiError> {
        for edited in &record.edited {
            let file = library.path.join(&edited.path);
            if !fs::read(&file).is_ok_and(|bytes| store::revision_of(&bytes) == edited.after) {
                continue;
            }
            let (before, after) = (self.store.revision(&edited.before)?, self.store.revision(&edited.after)?);
            replace(&file, Some(&after), &before).map_err(|error| not_moved(&file, &error.to_string()))?;
        }
        for folder in record.folders.iter().rev() {
            // Only one that is empty goes.
            drop(fs::remove_dir(library.path.join(folder)));
        }
        Ok(())
    }

    /// The history says why these files changed.
    fn note(&self, plan: &Plan) -> Result<(), ApiError> {
        let at = self.engine.clock.now();
        for edit in &plan.edits {
            let path = plan.library.path.join(plan.moved(&edit.path));
            let before = store::revision_of(&edit.before);
            let note = |hash: String, origin, message, parent| NewRevision {
                path: path.clone(),
                hash,
                at: at.clone(),
                origin,
                actor: (origin == Origin::Here).then(|| self.engine.settings.actor.clone()),
                message,
                parent,
            };
            let (_, kept) = self.store.history(&path, 1, 0)?;
            if kept == 0 {
                self.store.note_revision(&note(before.clone(), Origin::Outside, None, None), &edit.before)?;
            }
            let message = Some(format!("Links follow {} to {}", plan.from, plan.to));
            let after = note(store::revision_of(&edit.after), Origin::Here, message, Some(before));
            self.store.note_revision(&after, &edit.after)?;
        }
        Ok(())
    }
}

fn not_moved(what: &Path, why: &str) -> ApiError {
    ApiError::new(ErrorCode::File, format!("{} was not moved: {why}. Nothing was changed.", what.display()))
}

fn there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Where it goes, within the library, with `/`; a sentence where that is no place for it.
fn destination(library: &Library, rules: &Rules, from: &str, to: &str) -> Result<String, String> {
    let to = check_name(rules, to)?;
    let (source, target) = (library.path.join(from), library.path.join(&to));
    if to == from {
        return Err(format!("{from} has that name already."));
    }
    let folder = source.is_dir();
    if folder && below(&to, from) {
        return Err(format!("{from} cannot go into itself: choose another folder."));
    }
    if !folder && is_markdown(&source) && !is_markdown(&target) {
        return Err(format!("{to} would be no runbook any more: let the name end in .md."));
    }
    for above in target.ancestors().skip(1).take_while(|above| above.starts_with(&library.path)) {
        match fs::symlink_metadata(above) {
            Ok(found) if found.is_dir() => break,
            Ok(_) => return Err(format!("{} is no folder: choose another.", above.display())),
            Err(_) => {}
        }
    }
    inside(library, &target)?;
    if there(&target) && !same(&source, &target) {
        return Err(format!("There is a {to} already: choose another name. Nothing is overwritten."));
    }
    Ok(to)
}

/// A path for something new within a library, with `/`.
pub(crate) fn check_name(rules: &Rules, to: &str) -> Result<String, String> {
    let to = to.trim_end_matches('/');
    if to.is_empty() || to.starts_with('/') {
        return Err(format!("\"{to}\" is no path within the folder: write it like guide/backup.md."));
    }
    for part in to.split('/') {
        if part.is_empty() || part == "." || part == ".." {
            return Err(format!("\"{to}\" is no path within the folder: it may not hold empty parts, `.` or `..`."));
        }
        if part.chars().any(char::is_control) {
            return Err("A name may not hold control characters: leave them out.".to_owned());
        }
        if part.len() > LONGEST_NAME {
            return Err(format!("The name {part} is too long: {LONGEST_NAME} bytes are the most."));
        }
        if part.trim() != part {
            return Err(format!("The name \"{part}\" begins or ends with a blank: leave it out."));
        }
    }
    let path = Path::new(to);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(format!("\"{to}\" is no path within the folder."));
    }
    if rules.leave_out(path) {
        return Err(format!(
            "{to} would not be shown: hidden names, node_modules and what allgood.toml leaves out are no runbooks."
        ));
    }
    Ok(to.to_owned())
}

/// Whether a place that need not be there yet is inside the library, whatever symbolic links lead to.
pub(crate) fn inside(library: &Library, target: &Path) -> Result<(), String> {
    let real = target.ancestors().skip(1).find_map(|above| fs::canonicalize(above).ok());
    if real.is_some_and(|real| real.starts_with(&library.path)) {
        return Ok(());
    }
    Err(format!("{} leads out of the folder {}: choose another place.", target.display(), library.path.display()))
}

/// Whether two names are those of one file: where the file system does not tell capital letters from small ones.
fn same(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::symlink_metadata(path).map(|found| (found.dev(), found.ino())).ok();
    identity(one).is_some_and(|found| Some(found) == identity(other))
}

/// Never over something else.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if there(to) && same(from, to) {
        return fs::rename(from, to);
    }
    #[cfg(target_os = "linux")]
    {
        use nix::{
            errno::Errno,
            fcntl::{AT_FDCWD, RenameFlags, renameat2},
        };
        match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
            Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => {}
            done => return done.map_err(io::Error::from),
        }
    }
    if there(to) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// The folders above a place that are not there yet, the uppermost first, within the library.
fn missing_folders(library: &Library, to: &str) -> Vec<String> {
    let above = Path::new(to).ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
    let mut missing: Vec<String> = above.filter(|above| !there(&library.path.join(above))).map(slashed).collect();
    missing.reverse();
    missing
}

/// Every file that a link can lead to, within the library, with `/`; hidden ones and what symbolic links lead to are none.
fn every_file(root: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() => files.extend(path.strip_prefix(root).ok().map(slashed)),
                _ => {}
            }
        }
    }
    files
}

#[cfg(test)]
mod tests;
