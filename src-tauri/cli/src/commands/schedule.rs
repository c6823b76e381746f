//! `allgood schedule`: runbooks that run by themselves at certain times.

mod due;
mod install;

use std::sync::Arc;

use api::{
    App,
    commands::Nothing,
    wire::{
        EditSchedule, FiringState, FiringView, NewSchedule, ScheduleArgument, ScheduleFailure, ScheduleMissed,
        ScheduleProposalView, ScheduleView,
    },
};

use super::outside::quoted;
use crate::{
    arguments::{
        MissedArgument, OnFailureArgument, ScheduleAdd, ScheduleChanges, ScheduleCommand, ScheduleEdit,
        ScheduleListArguments, ScheduleShow,
    },
    commands::{lines, table},
    look::{BOLD, DIM, FAIL, NEED, counted, one_line, span, styled, word},
    out::{Out, message, person_is_there},
    run,
    status::{Failure, Status},
};

/// Does what was asked of schedules.
pub(crate) fn schedule(app: &Arc<App>, out: &mut Out, command: &ScheduleCommand) -> Result<Status, Failure> {
    match command {
        ScheduleCommand::Add(arguments) => add(app, out, arguments),
        ScheduleCommand::List(arguments) => list(app, out, arguments),
        ScheduleCommand::Show(arguments) => show(app, out, arguments),
        ScheduleCommand::Edit(arguments) => edit(app, out, arguments),
        ScheduleCommand::Pause(names) => pause(app, out, &names.schedules, true),
        ScheduleCommand::Resume(names) => pause(app, out, &names.schedules, false),
        ScheduleCommand::Remove(names) => {
            for name in &names.schedules {
                let view = app.schedule_show(ScheduleArgument { schedule: name.clone() })?;
                app.schedule_remove(ScheduleArgument { schedule: view.id })?;
                out.line(&format!("{} was removed. The records of its runs stay.", one_line(&view.name)));
            }
            Ok(Status::Good)
        }
        ScheduleCommand::Run(arguments) => run::scheduled(app, out, &arguments.schedule, arguments.json),
        ScheduleCommand::RunDue(arguments) => due::run_due(app, out, arguments.json),
        ScheduleCommand::Install(arguments) => install::install(out, arguments.print),
        ScheduleCommand::Uninstall => install::uninstall(out),
    }
}

fn add(app: &App, out: &mut Out, arguments: &ScheduleAdd) -> Result<Status, Failure> {
    let ScheduleChanges { cron, zone, name, environment, parameters, on_failure, missed } = &arguments.changes;
    let mut new = NewSchedule {
        runbook: arguments.runbook.display().to_string(),
        name: name.clone(),
        cron: cron.clone(),
        zone: zone.clone(),
        environment: environment.clone(),
        values: parameters.iter().cloned().collect(),
        on_failure: on_failure.map(failure),
        missed: missed.map(missing),
        revision: None,
    };
    let plan = app.schedule_plan(new.clone())?;
    if arguments.plan && arguments.json {
        out.json(&plan)?;
        return Ok(Status::Good);
    }
    if !arguments.json {
        about(out, &plan);
    }
    if arguments.plan {
        return Ok(Status::Good);
    }
    if !arguments.yes {
        if !person_is_there() || arguments.json {
            message("Nothing was kept: add --yes to keep it without being asked.");
            return Ok(Status::Person);
        }
        if !run::confirm_alone(out.look, "Keep this schedule, and accept the runbook as it is now?")? {
            message("Nothing was kept.");
            return Ok(Status::Stopped);
        }
    }
    // What was shown is what is accepted.
    new.revision = Some(plan.revision);
    let view = app.schedule_add(new)?;
    if arguments.json {
        out.json(&view)?;
        return Ok(Status::Good);
    }
    out.line(&format!("{} was added.", one_line(&view.name)));
    if !install::is_installed() {
        message(
            "It runs while the window is open, or when `allgood schedule run-due` is called. To have that done each minute: allgood schedule install",
        );
    }
    Ok(Status::Good)
}

fn list(app: &App, out: &mut Out, arguments: &ScheduleListArguments) -> Result<Status, Failure> {
    app.library_rescan(Nothing {})?;
    let list = app.schedule_list(Nothing {})?;
    if arguments.json {
        out.json(&list)?;
        return Ok(Status::Good);
    }
    if list.schedules.is_empty() && list.proposals.is_empty() {
        message("There is no schedule. Add one: allgood schedule add RUNBOOK --cron '30 3 * * *'");
        return Ok(Status::Good);
    }
    if !list.schedules.is_empty() {
        let mut shown = table(out.look, &["name", "when", "next", "last", ""]);
        for one in &list.schedules {
            shown.add_row([
                one_line(&one.name),
                format!("{} {}", one.cron, one.zone),
                next_of(one),
                one.firings.first().map(|firing| short(firing, &one.zone)).unwrap_or_else(|| "never".to_owned()),
                match &one.problem {
                    Some(_) => styled(FAIL, "not run"),
                    None if !one.stops.is_empty() => styled(NEED, "waits for a person"),
                    None => String::new(),
                },
            ]);
        }
        lines(&shown).iter().for_each(|line| out.line(line));
    }
    for one in list.schedules.iter().filter(|one| one.problem.is_some()) {
        let why = one.problem.as_deref().map(one_line).unwrap_or_default();
        out.line(&format!("  {}: {why}", one_line(&one.name)));
    }
    if !list.proposals.is_empty() {
        out.line(&styled(BOLD, "Proposed by runbooks, and not accepted"));
        list.proposals.iter().for_each(|one| proposal(out, one));
    }
    Ok(Status::Good)
}

fn proposal(out: &mut Out, one: &ScheduleProposalView) {
    out.line(&format!("  {}  {}", one_line(&one.title), when(&one.cron, &one.zone, &one.words)));
    match &one.problem {
        Some(problem) => out.line(&styled(DIM, format!("    {}", one_line(problem)))),
        None => out.line(&styled(DIM, format!("    allgood schedule add {}", quoted(&one.runbook)))),
    }
}

/// When it is due, in words too where it can be read.
fn when(cron: &str, zone: &str, words: &str) -> String {
    let words = if words.is_empty() { String::new() } else { format!(" ({words})") };
    format!("{} {}{words}", one_line(cron), one_line(zone))
}

fn show(app: &App, out: &mut Out, arguments: &ScheduleShow) -> Result<Status, Failure> {
    let view = app.schedule_show(ScheduleArgument { schedule: arguments.schedule.clone() })?;
    if arguments.json {
        out.json(&view)?;
        return Ok(Status::Good);
    }
    about(out, &view);
    if view.firings.is_empty() {
        return Ok(Status::Good);
    }
    out.line("");
    let mut shown = table(out.look, &["due", "", "run", ""]);
    for firing in &view.firings {
        let times = match (firing.times, &firing.run) {
            (0 | 1, _) => String::new(),
            (times, Some(_)) => format!(" ({} missed before it)", times - 1),
            (times, None) => format!(" ({})", counted(times, "time", "times")),
        };
        let hand = if firing.by_hand { " by hand" } else { "" };
        shown.add_row([
            local(&firing.due, &view.zone),
            format!("{}{times}{hand}", state(firing.state)),
            firing.run.clone().unwrap_or_default(),
            firing.why.as_deref().map(one_line).unwrap_or_default(),
        ]);
    }
    lines(&shown).iter().for_each(|line| out.line(line));
    Ok(Status::Good)
}

/// What a schedule is, and its next times.
fn about(out: &mut Out, view: &ScheduleView) {
    out.line(&styled(BOLD, one_line(&view.name)));
    let mut put = |name: &str, text: Option<String>| {
        if let Some(text) = text {
            out.line(&out.look.row(&format!("  {name}"), &text));
        }
    };
    put("runbook", Some(one_line(&view.runbook)));
    put("when", Some(when(&view.cron, &view.zone, &view.words)));
    put("environment", view.environment.as_deref().map(one_line));
    let values: Vec<String> = view.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    put("values", (!values.is_empty()).then(|| one_line(&values.join(", "))));
    put(
        "on failure",
        Some(
            match view.on_failure {
                ScheduleFailure::Stop => "the run ends as failed",
                ScheduleFailure::Rollback => "what was done is rolled back",
            }
            .to_owned(),
        ),
    );
    put(
        "if missed",
        Some(
            match view.missed {
                ScheduleMissed::Skip => "said, and not made up for",
                ScheduleMissed::Once => "made up for once",
            }
            .to_owned(),
        ),
    );
    put("usually", view.usual_ms.map(span));
    put("next", Some(next_of(view)).filter(|_| view.paused || view.next.is_empty()));
    for (place, at) in view.next.iter().enumerate() {
        put(if place == 0 { "next" } else { "then" }, Some(local(at, &view.zone)));
    }
    if let Some(problem) = &view.problem {
        out.line(&styled(FAIL, format!("  Not run: {}", one_line(problem))));
    }
    if !view.stops.is_empty() {
        let says = format!("Its runs wait for a person: {}.", one_line(&view.stops.join(", ")));
        out.look.wrapped(&says, 2).iter().for_each(|line| out.line(&styled(NEED, line)));
    }
}

fn next_of(view: &ScheduleView) -> String {
    match view.next.first() {
        _ if view.paused => "paused".to_owned(),
        Some(next) => local(next, &view.zone),
        None => "never".to_owned(),
    }
}

fn edit(app: &App, out: &mut Out, arguments: &ScheduleEdit) -> Result<Status, Failure> {
    let ScheduleChanges { cron, zone, name, environment, parameters, on_failure, missed } = &arguments.changes;
    let edit = EditSchedule {
        schedule: arguments.schedule.clone(),
        name: name.clone(),
        cron: cron.clone(),
        zone: zone.clone(),
        environment: environment.clone(),
        values: (!parameters.is_empty()).then(|| parameters.iter().cloned().collect()),
        on_failure: on_failure.map(failure),
        missed: missed.map(missing),
        paused: None,
        accept: arguments.accept.then(String::new),
    };
    let nothing = cron.is_none() && zone.is_none() && name.is_none() && environment.is_none();
    if nothing && parameters.is_empty() && on_failure.is_none() && missed.is_none() && !arguments.accept {
        let sentence = "Nothing was named that is to be changed: `allgood schedule edit --help` shows what can be.";
        return Err(Failure::new(Status::Input, sentence));
    }
    let view = app.schedule_edit(edit)?;
    about(out, &view);
    out.line(&format!("{} was changed.", one_line(&view.name)));
    Ok(Status::Good)
}

fn pause(app: &App, out: &mut Out, names: &[String], paused: bool) -> Result<Status, Failure> {
    for name in names {
        let edit = EditSchedule { schedule: name.clone(), paused: Some(paused), ..EditSchedule::default() };
        let view = app.schedule_edit(edit)?;
        let name = one_line(&view.name);
        out.line(&if paused {
            format!("{name} is paused.")
        } else {
            format!("{name} runs next at {}.", next_of(&view))
        });
    }
    Ok(Status::Good)
}

/// What became of a time, in a list.
fn short(firing: &FiringView, zone: &str) -> String {
    format!("{}, {}", state(firing.state), local(&firing.due, zone))
}

fn state(state: FiringState) -> String {
    match state {
        FiringState::Refused => "not started".to_owned(),
        FiringState::Waits => "waits for a person".to_owned(),
        FiringState::Abandoned => "given up".to_owned(),
        state => word(state),
    }
}

/// A time as it is in the zone of the schedule, to the minute, with the day of the week.
fn local(at: &str, zone: &str) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    match at.parse::<jiff::Timestamp>() {
        Ok(at) => at.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => at.to_owned(),
    }
}

fn failure(what: OnFailureArgument) -> ScheduleFailure {
    match what {
        OnFailureArgument::Stop => ScheduleFailure::Stop,
        OnFailureArgument::Rollback => ScheduleFailure::Rollback,
    }
}

fn missing(what: MissedArgument) -> ScheduleMissed {
    match what {
        MissedArgument::Skip => ScheduleMissed::Skip,
        MissedArgument::Once => ScheduleMissed::Once,
    }
}
