//! `allgood export` and `take`: a run that goes on elsewhere, and one that comes from there.

use std::path::Path;

use api::{
    App,
    wire::{HandOverRun, KnownHere, RunStatus, SaveRunbook, TakeRun},
};

use crate::{
    arguments::{ExportArguments, TakeArguments},
    look::{DIM, counted, one_line, styled, word},
    out::{Out, message},
    status::{Failure, Status},
};

/// Writes a run as one file.
pub(crate) fn export(app: &App, out: &mut Out, arguments: &ExportArguments) -> Result<Status, Failure> {
    let path = super::files::whole(&arguments.output)?.display().to_string();
    let run = app.run_hand_over(HandOverRun {
        run: arguments.run.clone(),
        path: path.clone(),
        to: arguments.hand_over.clone(),
        note: arguments.note.clone(),
    })?;
    let file = one_line(&path);
    out.line(&match &arguments.hand_over {
        Some(to) => format!("Run {} is handed over to {}, in {file}.", run.id, one_line(to)),
        None => format!("Run {} is in {file}.", run.id),
    });
    let over = matches!(run.state, RunStatus::Passed | RunStatus::RolledBack | RunStatus::Abandoned);
    let resume = if over { String::new() } else { format!(", then allgood resume {}", run.id) };
    out.line(&styled(DIM, format!("  there: allgood take {file}{resume}")));
    Ok(Status::Good)
}

/// Takes a run in, and says what it is.
pub(crate) fn take(app: &App, out: &mut Out, arguments: &TakeArguments) -> Result<Status, Failure> {
    if arguments.look {
        return look(app, out, arguments);
    }
    if let Some(to) = &arguments.save_runbook {
        return save_runbook(app, out, &arguments.file, to);
    }
    let taken = app.take_file(&arguments.file, arguments.runbook.as_deref())?;
    let run = &taken.run;
    let events = counted(taken.events, "event", "events");
    out.line(&match (taken.known, taken.events) {
        (false, _) => format!("Run {} of {} is taken in: {events}, all of which hold.", run.id, one_line(&run.title)),
        (true, 0) => format!("Run {} is known here, and nothing of it is new.", run.id),
        (true, _) => format!("Run {} came back: {events} are new, and all hold.", run.id),
    });
    let state =
        format!("  begun by {}, {}, {} of {} done", one_line(&run.actor), word(run.state), run.done, run.total);
    out.line(&styled(DIM, state));
    if let Some(missing) = &taken.missing {
        message(&format!(
            "Its runbook was in {}, which is not on this machine. Say where it is here before it goes on: allgood take {} \
             --runbook FILE",
            one_line(missing),
            one_line(&arguments.file.display().to_string())
        ));
    }
    if taken.differs {
        message("The runbook's file on this machine is another text: the run goes on with its own revision.");
    }
    if !matches!(run.state, RunStatus::Passed | RunStatus::RolledBack | RunStatus::Abandoned) {
        out.line(&styled(DIM, format!("  it goes on with: allgood resume {}", run.id)));
    }
    Ok(Status::Good)
}

/// Writes the runbook of a file. Nothing is taken in.
fn save_runbook(app: &App, out: &mut Out, file: &Path, to: &Path) -> Result<Status, Failure> {
    let (path, to) = (super::files::whole(file)?.display().to_string(), super::files::whole(to)?);
    let to = to.display().to_string();
    app.run_take_runbook(SaveRunbook { path: path.clone(), to: to.clone() })?;
    let (file, to) = (one_line(&path), one_line(&to));
    out.line(&format!("{to} holds the runbook of this run."));
    out.line(&styled(DIM, format!("  read it, then: allgood take {file} --runbook {to}")));
    Ok(Status::Good)
}

/// Says what a file holds. Nothing is taken in.
fn look(app: &App, out: &mut Out, arguments: &TakeArguments) -> Result<Status, Failure> {
    let path = super::files::whole(&arguments.file)?.display().to_string();
    let runbook = arguments.runbook.as_deref().map(super::files::whole).transpose()?;
    let view = app.run_take_look(TakeRun { path, runbook: runbook.map(|path| path.display().to_string()) })?;
    let events = counted(view.events, "event", "events");
    out.line(&format!("Run {} of {}: {events}, all of which hold.", view.run, one_line(&view.title)));
    let mut say = |text: String| out.line(&styled(DIM, format!("  {text}")));
    say(format!("begun by {}, {}", one_line(&view.started_by), view.started_at));
    say(format!("last by {}, {}", one_line(&view.last_by), view.last_at));
    if let Some(to) = &view.to {
        say(format!("handed over to {}", one_line(to)));
    }
    if let Some(note) = &view.note {
        say(format!("note: {}", one_line(note)));
    }
    say(format!("{}, {} of {} done", word(view.state), view.done, view.total));
    if !view.left.is_empty() {
        let left: Vec<String> = view.left.iter().map(|title| one_line(title)).collect();
        say(format!("left: {}", left.join("; ")));
    }
    for place in &view.files {
        let says = if place.same { "the very text" } else { "another text" };
        let trusted = if place.trusted { "trusted" } else { "not trusted" };
        say(format!("here: {}, {says}, {trusted}", one_line(&place.path)));
    }
    match view.known {
        KnownHere::New => {}
        KnownHere::Longer => {
            say(format!("known here: {} are new", counted(view.new_events, "event", "events")));
        }
        KnownHere::Known => say("known here: nothing of it is new".to_owned()),
        KnownHere::Parted => {
            message(&view.refused.unwrap_or_default());
            return Ok(Status::Input);
        }
    }
    Ok(Status::Good)
}
