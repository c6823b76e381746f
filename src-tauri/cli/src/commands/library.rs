//! `allgood library`: which folders are shown, and which are trusted.

use std::path::Path;

use api::{
    App,
    commands::{IdArgument, Nothing, PathArgument},
    wire::{LibraryFolder, Survey},
};

use super::{lines, sharing, table, team};
use crate::{
    arguments::LibraryCommand,
    look::{DIM, FAIL, counted, one_line, styled},
    out::{Out, message, person_is_there},
    run,
    status::{Failure, Status},
};

/// Does what was asked of the library.
pub(crate) fn library(app: &App, out: &mut Out, command: &LibraryCommand) -> Result<Status, Failure> {
    match command {
        LibraryCommand::Add(arguments) => {
            let folder = app.library_add(PathArgument { path: arguments.path.display().to_string() })?;
            out.line(&format!("{} was added: {}.", one_line(&folder.path), runbooks(&folder)));
            if !folder.trusted {
                let path = one_line(&folder.path);
                message(&format!(
                    "Its runbooks can be read. To run them in the window: allgood library trust {path}"
                ));
            }
            Ok(Status::Good)
        }
        LibraryCommand::List(arguments) => {
            let folders = app.library_rescan(Nothing {})?;
            if arguments.json {
                out.json(&folders)?;
                return Ok(Status::Good);
            }
            if folders.is_empty() {
                message("The library is empty. Add a folder of Markdown files: allgood library add PATH");
                return Ok(Status::Good);
            }
            let mut table = table(out.look, &["folder", "runbooks", "trusted"]);
            for folder in &folders {
                let trusted = match &folder.problem {
                    Some(problem) => styled(FAIL, one_line(problem)),
                    None if folder.trusted => "yes".to_owned(),
                    None => "no".to_owned(),
                };
                table.add_row([one_line(&folder.path), folder.runbooks.to_string(), trusted]);
            }
            lines(&table).iter().for_each(|line| out.line(line));
            Ok(Status::Good)
        }
        LibraryCommand::Remove(arguments) => {
            let folder = find(app, &arguments.path)?;
            app.library_remove(IdArgument { id: folder.id })?;
            out.line(&format!("{} was taken off the library. Its files are untouched.", one_line(&folder.path)));
            Ok(Status::Good)
        }
        LibraryCommand::Examples => {
            let folder = app.examples_add(Nothing {})?;
            out.line(&format!("{} was added: {}.", one_line(&folder.path), runbooks(&folder)));
            Ok(Status::Good)
        }
        LibraryCommand::Trust(arguments) => trust(app, out, &arguments.path),
        LibraryCommand::Clone(arguments) => team::clone(app, out, arguments),
        LibraryCommand::Status(arguments) => team::status(app, out, arguments),
        LibraryCommand::Pull(arguments) => team::pull(app, out, arguments),
        LibraryCommand::Commit(arguments) => team::commit(app, out, arguments),
        LibraryCommand::Push(arguments) => team::push(app, out, arguments),
        LibraryCommand::Records(arguments) => sharing::records(app, out, arguments),
    }
}

/// Shows what is in a folder, then asks: an answer that only a person can give.
fn trust(app: &App, out: &mut Out, path: &Path) -> Result<Status, Failure> {
    let folder = find(app, path)?;
    if folder.trusted {
        out.line(&format!("{} is trusted already.", one_line(&folder.path)));
        return Ok(Status::Good);
    }
    let survey = app.library_survey(IdArgument { id: folder.id })?;
    show(out, &survey);
    out.flush();
    if !person_is_there() {
        return Err(Failure::new(
            Status::Person,
            "Whether a folder is trusted is for a person to say: run this in a terminal. Nothing was changed.",
        ));
    }
    let question = format!("Trust {}? Its runbooks can then be run.", folder.path);
    if !run::confirm_alone(out.look, &question)? {
        message("Nothing was changed.");
        return Ok(Status::Stopped);
    }
    let folder = app.library_trust(IdArgument { id: folder.id })?;
    out.line(&format!("{} is trusted.", one_line(&folder.path)));
    Ok(Status::Good)
}

fn show(out: &mut Out, survey: &Survey) {
    let folder = &survey.folder;
    let commands = counted(survey.commands, "command", "commands");
    out.line(&format!("{}: {}, {commands}.", one_line(&folder.path), runbooks(folder)));
    if survey.programs.is_empty() {
        return;
    }
    let programs: Vec<String> =
        survey.programs.iter().map(|(program, times)| format!("{} {times}", one_line(program))).collect();
    out.line(&styled(DIM, "What its commands begin with, and how often:"));
    out.look.wrapped(&programs.join(", "), 2).iter().for_each(|line| out.line(line));
}

/// The folder of the library that was meant by a path, as it was added or as it is resolved.
pub(super) fn find(app: &App, path: &Path) -> Result<LibraryFolder, Failure> {
    let resolved = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folders = app.library_folders(Nothing {})?;
    let found =
        folders.into_iter().find(|folder| Path::new(&folder.path) == resolved || Path::new(&folder.path) == path);
    found.ok_or_else(|| {
        let path = path.display();
        Failure::new(
            Status::Input,
            format!("{path} is no folder of the library: `allgood library list` shows those that are."),
        )
    })
}

pub(super) fn runbooks(folder: &LibraryFolder) -> String {
    counted(folder.runbooks, "runbook", "runbooks")
}
