//! `allgood share` and `allgood library records`: records of runs that a team shares by a branch of its repository.

use api::{
    App, ErrorCode,
    commands::{IdArgument, RunArgument},
    wire::{ChooseRecords, RecordsMode, RecordsTaken, RunsShared, ShareRuns, TeamRecords},
};

use super::team::one;
use crate::{
    arguments::{LibraryRecords, ShareArguments, ShareWhat},
    look::{DIM, FAIL, counted, one_line, styled},
    out::{Out, message, person_is_there},
    progress::Progress,
    run,
    status::{Failure, Status},
};

/// Shares runs. What nobody allowed for their folder is asked first.
pub(crate) fn share(app: &App, out: &mut Out, arguments: &ShareArguments) -> Result<Status, Failure> {
    let share = || {
        let _progress = Progress::follow(app);
        app.team_share(ShareRuns { runs: arguments.runs.clone() })
    };
    let done = match share() {
        Err(error) if error.code == ErrorCode::NotTrusted && person_is_there() => {
            let Some(library) = arguments.runs.first().and_then(|run| folder_of(app, run)) else {
                return Err(error.into());
            };
            let records = app.team_records(IdArgument { id: library })?;
            if !allowed(out, &records, RecordsMode::Named)? {
                message("Nothing was shared.");
                return Ok(Status::Stopped);
            }
            app.team_records_choose(ChooseRecords { library, mode: RecordsMode::Named })?;
            share()?
        }
        Err(error) if error.code == ErrorCode::NotTrusted => {
            let how = "In a terminal: allgood library records FOLDER --share named";
            return Err(Failure::new(Status::Person, format!("{} {how}", error.message)));
        }
        done => done?,
    };
    out.line(&said(&done));
    Ok(Status::Good)
}

/// The folder of the library that a run is of.
fn folder_of(app: &App, run: &str) -> Option<i64> {
    app.run_view(RunArgument { run: run.to_owned() }).ok()?.runbook.library
}

fn said(done: &RunsShared) -> String {
    let upstream = one_line(&done.upstream);
    match done.runs.len() as u64 {
        0 => format!("{upstream} has that already."),
        runs => format!("{} shared in {upstream}.", counted(runs, "run", "runs")),
    }
}

/// Shares what finished where a person chose that. Whatever comes of it, the run came out as it did.
pub(crate) fn share_finished(app: &App) {
    for done in app.team_share_finished() {
        match done {
            Ok(done) => message(&said(&done)),
            Err(error) => message(&format!(
                "The record is not shared yet, which the next run or pull tries again: {}",
                crate::look::visible(&error.message)
            )),
        }
    }
}

/// Shows or chooses how records are shared.
pub(super) fn records(app: &App, out: &mut Out, arguments: &LibraryRecords) -> Result<Status, Failure> {
    let folder = one(app, arguments.path.as_deref())?;
    let now = app.team_records(IdArgument { id: folder.id })?;
    let Some(share) = arguments.share else {
        if arguments.json {
            out.json(&now)?;
        } else {
            say(out, &one_line(&folder.path), &now);
        }
        return Ok(Status::Good);
    };
    let mode = match share {
        ShareWhat::Off => RecordsMode::Off,
        ShareWhat::Named => RecordsMode::Named,
        ShareWhat::Finished => RecordsMode::Finished,
    };
    if mode != RecordsMode::Off && !allowed(out, &now, mode)? {
        message("Nothing was changed.");
        return Ok(Status::Stopped);
    }
    let now = app.team_records_choose(ChooseRecords { library: folder.id, mode })?;
    say(out, &one_line(&folder.path), &now);
    Ok(Status::Good)
}

/// Says what would be published and where, then asks: an answer that only a person can give.
fn allowed(out: &mut Out, records: &TeamRecords, mode: RecordsMode) -> Result<bool, Failure> {
    let upstream = records.upstream.as_deref().unwrap_or("a remote, which is not there yet");
    let address = records.address.as_deref().map_or_else(String::new, |address| format!(" ({})", one_line(address)));
    let which = if mode == RecordsMode::Finished { "Each run that finishes" } else { "Runs that you name" };
    let text = format!(
        "{which} would go to {}{address}: who ran what, when, on which machine, and what the commands printed. Whoever can read \
         the repository can read it, for ever. Secrets that Allgood knows of, access entries and links do not go along.",
        one_line(upstream)
    );
    out.look.wrapped(&text, 0).iter().for_each(|line| out.line(line));
    out.flush();
    if !person_is_there() {
        return Err(Failure::new(
            Status::Person,
            "Whether records are shared is for a person to say: run this in a terminal. Nothing was changed.",
        ));
    }
    run::confirm_alone(out.look, "Share them?")
}

fn say(out: &mut Out, path: &str, records: &TeamRecords) {
    let upstream =
        records.upstream.as_deref().map_or_else(String::new, |upstream| format!(" {}", one_line(upstream)));
    out.line(&match records.mode {
        RecordsMode::Off => format!("{path} shares no records of runs."),
        RecordsMode::Named => format!("{path} shares the runs that you name, in{upstream}."),
        RecordsMode::Finished => format!("{path} shares each run that finishes, in{upstream}."),
    });
    if let Some(address) = &records.address {
        out.line(&styled(DIM, format!("  {}", one_line(address))));
    }
    let count = |runs: u64| counted(runs, "run", "runs");
    if records.shared + records.taken > 0 {
        out.line(&format!("  {} shared from here, {} of others here", count(records.shared), count(records.taken)));
    }
    if records.due > 0 {
        out.line(&format!("  {} to share", count(records.due)));
    }
    for refused in &records.refused {
        let who = refused.who.as_deref().map_or_else(String::new, |who| format!(" Put there by {}.", one_line(who)));
        out.line(&styled(FAIL, format!("  {}{who}", one_line(&refused.why))));
    }
}

/// What a pull brought of the records of others.
pub(super) fn taken(out: &mut Out, taken: &RecordsTaken) {
    if taken.new > 0 {
        out.line(&format!("{} of others taken in, all of which hold.", counted(taken.new, "run", "runs")));
    }
    if taken.longer > 0 {
        out.line(&format!("{} of others went on.", counted(taken.longer, "run", "runs")));
    }
    for refused in &taken.refused {
        let who =
            refused.who.as_deref().map_or_else(String::new, |who| format!(" It was put there by {}.", one_line(who)));
        message(&format!("{}{who}", crate::look::visible(&refused.why)));
    }
    if let Some(problem) = &taken.problem {
        message(&format!("Records of runs: {}", crate::look::visible(problem)));
    }
}
