//! `allgood import`, `move`, `remove` and `pin`: what is done with the files of the library.

use std::path::{Component, Path, PathBuf};

use api::{
    App,
    commands::{Nothing, PathArgument},
    wire::{ImportArgument, ImportFrom, LibraryFolder, MoveArgument, PinArgument},
};

use crate::{
    arguments::{ImportArguments, MoveArguments, PinArguments, RemoveArguments, TakeArguments},
    look::{DIM, counted, one_line, styled},
    out::{Out, message},
    status::{Failure, Status},
};

/// Brings runbooks in, or says what would come. The file of a run is taken in as one.
pub(crate) fn import(app: &App, out: &mut Out, arguments: &ImportArguments) -> Result<Status, Failure> {
    let file = Path::new(&arguments.source);
    if !arguments.plan && arguments.into.is_none() && app.is_run_file(file) {
        return super::take(
            app,
            out,
            &TakeArguments { file: file.to_path_buf(), runbook: None, look: false, save_runbook: None },
        );
    }
    let (folder, within) = match &arguments.into {
        Some(into) => place(app, &std::fs::canonicalize(into).map_or_else(|_| whole(into), Ok)?)?,
        None => (only_folder(app)?, String::new()),
    };
    let argument = ImportArgument { source: source(&arguments.source)?, library: folder.id, folder: within };
    if arguments.plan {
        let plan = app.import_plan(argument)?;
        let (runbooks, others) = (
            counted(plan.runbooks, "runbook", "runbooks"),
            counted(plan.others, "file that they show", "files that they show"),
        );
        out.line(&format!("{runbooks} and {others} would come."));
        plan.files.iter().for_each(|file| out.line(&format!("  {}", one_line(file))));
        plan.same.iter().for_each(|file| out.line(&styled(DIM, format!("  {} is there already", one_line(file)))));
        for (there, beside) in &plan.renamed {
            out.line(&format!("  {} is there and different: it comes as {}", one_line(there), one_line(beside)));
        }
        plan.refused.iter().for_each(|why| message(&one_line(why)));
        super::convert::formats(&plan.formats);
        return Ok(Status::Good);
    }
    let done = app.import(argument)?;
    done.written.iter().for_each(|file| out.line(&one_line(file)));
    done.refused.iter().for_each(|why| message(&one_line(why)));
    super::convert::formats(&done.formats);
    let files = counted(done.written.len() as u64, "file was", "files were");
    message(&format!("{files} written into {}.", one_line(&folder.path)));
    Ok(Status::Good)
}

/// Renames or moves, or says what that would change.
pub(crate) fn relocate(app: &App, out: &mut Out, arguments: &MoveArguments) -> Result<Status, Failure> {
    let from = whole(&arguments.from)?;
    let mut to = whole(&arguments.to)?;
    // As `mv` does it.
    if to.is_dir()
        && to != from
        && let Some(name) = from.file_name()
    {
        to.push(name);
    }
    let (folder, within) = place(app, &to)?;
    let (own, _) = place(app, &from)?;
    if own.id != folder.id {
        return Err(Failure::new(
            Status::Input,
            format!("{} lies in another folder of the library: only within one do links follow.", to.display()),
        ));
    }
    let argument = MoveArgument { path: from.display().to_string(), to: within };
    let plan = if arguments.plan { app.runbook_move_plan(argument)? } else { app.runbook_move(argument)? };
    if let Some(refused) = plan.refused {
        return Err(Failure::new(Status::Input, refused));
    }
    let verb = if arguments.plan { "would be" } else { "is now" };
    out.line(&format!("{} {verb} {}", one_line(&from.display().to_string()), one_line(&plan.path)));
    for file in &plan.links {
        let links = counted(file.count, "link", "links");
        out.line(&styled(DIM, format!("  {links} in {}", one_line(&file.value))));
    }
    Ok(Status::Good)
}

/// Moves something to the bin.
pub(crate) fn remove(app: &App, out: &mut Out, arguments: &RemoveArguments) -> Result<Status, Failure> {
    let path = whole(&arguments.path)?.display().to_string();
    app.runbook_bin(PathArgument { path: path.clone() })?;
    out.line(&format!("{} is in the bin.", one_line(&path)));
    Ok(Status::Good)
}

/// Pins a runbook, or takes the pin away.
pub(crate) fn pin(app: &App, out: &mut Out, arguments: &PinArguments) -> Result<Status, Failure> {
    let path = whole(&arguments.file)?.display().to_string();
    app.pin(PinArgument { path: path.clone(), pinned: !arguments.off })?;
    let said = if arguments.off { "is pinned no more" } else { "is pinned" };
    out.line(&format!("{} {said}.", one_line(&path)));
    Ok(Status::Good)
}

/// What was meant by a source: a folder, a file or an archive that is there, else an address.
fn source(text: &str) -> Result<ImportFrom, Failure> {
    let path = Path::new(text);
    if path.is_dir() {
        return Ok(ImportFrom::Folder { path: whole(path)?.display().to_string() });
    }
    let one = ["md", "markdown", "json"];
    let ends = |ending: &std::ffi::OsStr| one.iter().any(|known| ending.eq_ignore_ascii_case(known));
    if path.is_file() && path.extension().is_some_and(ends) {
        return Ok(ImportFrom::File { path: whole(path)?.display().to_string() });
    }
    if path.is_file() || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip")) {
        return Ok(ImportFrom::Zip { path: whole(path)?.display().to_string() });
    }
    Ok(ImportFrom::Git { url: text.to_owned() })
}

/// The folder of the library that a path lies in, and the path within it, with `/`.
fn place(app: &App, path: &Path) -> Result<(LibraryFolder, String), Failure> {
    let around = app.library_folders(Nothing {})?.into_iter().filter(|folder| path.starts_with(&folder.path));
    let Some(folder) = around.max_by_key(|folder| folder.path.len()) else {
        let path = path.display();
        return Err(Failure::new(
            Status::Input,
            format!("{path} is in no folder of the library: `allgood library list` shows those there are."),
        ));
    };
    let within = path.strip_prefix(&folder.path).unwrap_or(path).display().to_string();
    Ok((folder, within))
}

fn only_folder(app: &App) -> Result<LibraryFolder, Failure> {
    let mut folders = app.library_folders(Nothing {})?;
    match (folders.pop(), folders.is_empty()) {
        (Some(folder), true) => Ok(folder),
        (None, _) => Err(Failure::new(
            Status::Input,
            "The library is empty. Add a folder that they go into: allgood library add PATH",
        )),
        (Some(_), false) => {
            Err(Failure::new(Status::Input, "The library has several folders: say which one with --into FOLDER."))
        }
    }
}

/// A path from the root, without `.`, `..` and symbolic links, also where its end is not there yet.
pub(super) fn whole(path: &Path) -> Result<PathBuf, Failure> {
    let wrong = |error: std::io::Error| Failure::new(Status::Input, format!("{}: {error}", path.display()));
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).map_err(wrong)?.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    let (Some(folder), Some(name)) = (plain.parent(), plain.file_name()) else { return Ok(plain) };
    for above in folder.ancestors() {
        if let (Ok(real), Ok(rest)) = (std::fs::canonicalize(above), folder.strip_prefix(above)) {
            return Ok(real.join(rest).join(name));
        }
    }
    Ok(plain)
}
