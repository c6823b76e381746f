//! `allgood run`: a checklist where a person is, a log or events where none is.

mod access;
mod ahead;
mod aside;
mod attempt;
mod checklist;
mod choices;
mod feed;
mod fleet;
mod incident;
mod into;
mod page;
mod plain;
mod plan;
mod prompt;
mod scheduled;
mod signals;
mod taking;
mod teller;
mod terminal;
mod turn;
mod ways_out;

pub(crate) use attempt::attempt;
pub(crate) use scheduled::scheduled;
pub(crate) use signals::is_ignored;
pub(crate) use taking::{resume, rollback};

use std::{collections::BTreeMap, fmt::Display, sync::Arc, thread};

use api::{
    App, LiveRun, RunFile,
    commands::PathArgument,
    wire::{
        ItemView, Mode, PrepareRun, ReportFormat, RunPreparation, RunStatus, RunbookView, UpstreamChange, WriteReport,
    },
};

use self::{
    checklist::Checklist,
    feed::{Feed, Told},
    page::Page,
    plain::Ended,
    signals::Watch,
    terminal::Terminal,
};
use crate::{
    arguments::RunArguments,
    look::{counted, one_line},
    out::{Out, message, person_is_there},
    status::{Failure, Status},
};

/// Runs a runbook to its end, or until somebody is needed who is not there; then writes the report that was asked for.
pub(crate) fn run(app: &Arc<App>, out: &mut Out, arguments: RunArguments) -> Result<Status, Failure> {
    if arguments.plan {
        return show_plan(app, out, &arguments);
    }
    let Some(junit) = arguments.junit.clone() else { return Ok(drive(app, out, arguments)?.1) };
    // Nothing is run of which the result could not be told.
    if junit.symlink_metadata().is_ok() {
        let sentence = format!(
            "{} is there already, and nothing is written over it: choose another name for --junit.",
            junit.display()
        );
        return Err(Failure::new(Status::Input, sentence));
    }
    let (run, status) = drive(app, out, arguments)?;
    if let Some(run) = run {
        let path = Some(junit.display().to_string());
        let written = app.run_report(WriteReport { run, format: ReportFormat::Junit, path });
        written.map_err(|error| Failure::new(Status::Broken, error.message))?;
    }
    Ok(status)
}

/// Says what a run would need, and starts nothing.
fn show_plan(app: &App, out: &mut Out, arguments: &RunArguments) -> Result<Status, Failure> {
    let book = app.runbook(PathArgument { path: arguments.file.display().to_string() })?;
    let plan = prepare(app, arguments)?;
    if arguments.json {
        out.json(&plan)?;
    } else {
        let step = arguments.step.as_deref().and_then(|wanted| page::find_step(&book, wanted));
        ahead::whole(out.look, &book, step, &plan, mode_of(arguments)).iter().for_each(|line| out.line(line));
    }
    Ok(Status::Good)
}

fn prepare(app: &App, arguments: &RunArguments) -> Result<RunPreparation, Failure> {
    Ok(app.run_prepare(PrepareRun {
        path: arguments.file.display().to_string(),
        environment: arguments.environment.clone(),
        step: arguments.step.clone(),
        values: arguments.parameters.iter().cloned().collect(),
    })?)
}

fn mode_of(arguments: &RunArguments) -> Mode {
    if arguments.rehearse {
        Mode::Rehearse
    } else if arguments.auto {
        Mode::Auto
    } else {
        Mode::Hand
    }
}

/// Drives it; gives its id, where it was started, and how it came out.
fn drive(app: &Arc<App>, out: &mut Out, arguments: RunArguments) -> Result<(Option<String>, Status), Failure> {
    let attended = person_is_there() && !arguments.json;
    let runbook = app.runbook(PathArgument { path: arguments.file.display().to_string() })?;
    let mut values: BTreeMap<String, String> = arguments.parameters.iter().cloned().collect();
    unasked(&runbook, values.keys()).iter().for_each(|sentence| message(sentence));
    if let Some(newer) = app.team_newer(&arguments.file) {
        message(&newer_upstream(&newer));
    }
    let mode = mode_of(&arguments);
    let feed = if attended { Feed::nested() } else { Feed::new(!arguments.json) };
    let feed = Arc::new(feed.map_err(|error| can_follow(&error))?);
    let signals = Watch::listen(feed.clone()).map_err(|error| broken("Signals cannot be heard", &error))?;
    let page = |look| Page::new(runbook.clone(), look, arguments.step.as_deref());
    if mode != Mode::Rehearse {
        let request = |typed: &BTreeMap<String, String>| PrepareRun {
            path: arguments.file.display().to_string(),
            environment: arguments.environment.clone(),
            step: arguments.step.clone(),
            values: values.iter().chain(typed).map(|(name, value)| (name.clone(), value.clone())).collect(),
        };
        let check = |typed: &BTreeMap<String, String>| app.run_access_ready(&request(typed), attended);
        let path = arguments.file.display().to_string();
        match signals.asking(|| access::ready(app, out.look, (&path, attended), check)) {
            Some(ready) => match ready? {
                Some(typed) => values.extend(typed),
                None => return Ok(not_started()),
            },
            None => return Ok(not_started()),
        }
    }
    if !attended {
        let live = start(app, &arguments, mode, None, (values, None), &feed, &signals)?;
        let ended = if arguments.json {
            plain::json(out, &live, &feed)?
        } else {
            let mut page = page(out.look);
            plain::log(app, out, &live, &feed, &mut page, &signals)?
        };
        signals.ended();
        return Ok((Some(ended.run.id.clone()), outcome(&ended, &signals, false, true)));
    }
    // What is asked first is asked about something that is named, and that is known as far as it can be. Nobody is kept from
    // running because something cannot: a start says what is in its way.
    let page = page(out.look);
    let known = match prepare(app, &arguments) {
        Ok(plan) => ahead::brief(out.look, &plan),
        // What was named and is not there is said before anything else is.
        Err(error) if arguments.environment.is_some() || arguments.step.is_some() => return Err(error),
        Err(_) => Vec::new(),
    };
    for line in teller::Teller::new(out.look).header(&page, true).iter().chain(&known) {
        out.line(line);
    }
    out.flush();
    let terminal = Terminal::take().map_err(|error| broken("The terminal cannot be used", &error))?;
    let missing = page::missing(&runbook, &values);
    match signals.asking(|| turn::ask_parameters(&missing)) {
        Some(Some(given)) => values.extend(given),
        _ => {
            drop(terminal);
            message("Nothing was started.");
            return Ok((None, Status::Stopped));
        }
    }
    let guarded = runbook.environments.iter().find(|one| arguments.environment.as_deref() == Some(one.name.as_str()));
    let typed = match guarded.filter(|one| one.guard && mode != Mode::Rehearse) {
        Some(environment) => {
            let question = format!("Type {}, the name of the environment, to run in it", environment.name);
            let Some(Some(typed)) = signals.asking(|| prompt::reason(&question)) else {
                drop(terminal);
                message("Nothing was started.");
                return Ok((None, Status::Stopped));
            };
            Some(typed)
        }
        None => None,
    };
    let size = crossterm::terminal::size().ok();
    let live = start(app, &arguments, mode, size, (values, typed), &feed, &signals)?;
    let mut checklist = Checklist::new(app, live, (feed, signals.clone()), (&terminal, out), page, mode);
    checklist.probes = arguments.probes;
    let ended = checklist.run();
    let left = checklist.left;
    drop(checklist);
    drop(terminal);
    let ended = ended?;
    signals.ended();
    Ok((Some(ended.run.id.clone()), outcome(&ended, &signals, left, false)))
}

/// What others pushed of a runbook that is about to be run, as far as it was fetched.
pub(crate) fn newer_upstream(newer: &UpstreamChange) -> String {
    let commits = counted(newer.commits, "commit", "commits");
    let asked =
        newer.fetched_at.as_deref().map_or_else(String::new, |at| format!(" (the remote answered last {at})"));
    format!(
        "{} has {commits} that {} this runbook{asked}: allgood library pull takes them in.",
        one_line(&newer.upstream),
        if newer.commits == 1 { "changes" } else { "change" }
    )
}

/// A sentence for each value that nothing in a runbook asks for: a name that is misspelt leaves out the one that was meant.
fn unasked<'a>(runbook: &RunbookView, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let asks = |name: &str| {
        let holds = |names: &[String]| names.iter().any(|one| one == name);
        let used = |item: &ItemView| {
            let lines = item.session_input.iter().chain([&item.script, &item.text]);
            let asked = holds(&item.placeholders) || holds(&item.doubts) || holds(&item.variables);
            // With a default (`${name:-x}`) nobody is asked for it, and it counts all the same.
            asked || lines.into_iter().any(|text| text.contains(name))
        };
        runbook.params.iter().any(|param| param.name == name) || runbook.items.values().any(used)
    };
    let names = names.filter(|name| !asks(name)).map(|name| one_line(name));
    names
        .map(|name| format!("Nothing in this runbook asks for \"{name}\": its commands get it as a variable."))
        .collect()
}

/// The person thought better of it before anything began.
fn not_started() -> (Option<String>, Status) {
    message("Nothing was started.");
    (None, Status::Stopped)
}

/// Starts it, and sees to it that its end is heard.
fn start(
    app: &Arc<App>,
    arguments: &RunArguments,
    mode: Mode,
    size: Option<(u16, u16)>,
    (values, environment_typed): (BTreeMap<String, String>, Option<String>),
    feed: &Arc<Feed>,
    signals: &Watch,
) -> Result<LiveRun, Failure> {
    let request = RunFile {
        path: arguments.file.clone(),
        mode,
        attended: size.is_some(),
        yes: arguments.yes,
        probes: arguments.probes,
        step: arguments.step.clone(),
        values,
        size,
        environment: arguments.environment.clone(),
        environment_typed,
        on_failure: arguments.on_failure.into(),
    };
    let live = app.run_file(request, Some(feed.clone()))?;
    attend(&live, feed, signals)?;
    Ok(live)
}

/// Sees to it that a run is stopped by a signal, and that its end is heard.
fn attend(live: &LiveRun, feed: &Arc<Feed>, signals: &Watch) -> Result<(), Failure> {
    signals.guard(live.clone());
    hear_end(live, feed)
}

/// Sees to it that the end of a run is heard, or that it was put aside.
fn hear_end(live: &LiveRun, feed: &Arc<Feed>) -> Result<(), Failure> {
    let (waited, told) = (live.clone(), feed.clone());
    thread::Builder::new()
        .name("run-over".to_owned())
        .spawn(move || {
            let _ = waited.wait();
            told.tell(Told::Over);
        })
        .map_err(|error| can_follow(&error))?;
    Ok(())
}

/// The exit status of a run (RUNS.md, "The command line"), and on standard error why it did not pass.
fn outcome(ended: &Ended, signals: &Watch, left: bool, explain: bool) -> Status {
    if let Some(trouble) = &ended.trouble {
        message(&crate::look::visible(&stranded(&ended.run.id, trouble)));
        return Status::Broken;
    }
    let status = match ended.run.state {
        RunStatus::Passed => Status::Good,
        RunStatus::Failed | RunStatus::Abandoned => Status::Bad,
        RunStatus::RolledBack => Status::RolledBack,
        RunStatus::Paused if left || signals.signal().is_some() => Status::Stopped,
        // Handed over, it waits for the person who goes on with it elsewhere.
        RunStatus::Paused | RunStatus::Waiting | RunStatus::HandedOver => Status::Person,
        RunStatus::Running | RunStatus::Interrupted => Status::Broken,
    };
    if explain && status != Status::Good {
        let run = &ended.run;
        let place = format!("Run {} of {}", run.id, run.title);
        let reason = signals.signal().map(|signal| format!("stopped by {signal}")).or_else(|| ended.reason.clone());
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let what = match status {
            Status::Bad if run.state == RunStatus::Abandoned => "was given up",
            Status::Bad => "failed",
            Status::RolledBack => "was rolled back",
            Status::Person => "needs a person and is paused",
            Status::Stopped => "is paused",
            _ => "ended",
        };
        message(&crate::look::visible(&format!("{place} {what}{reason}")));
    }
    status
}

/// Why a run went no further, and what becomes of it.
fn stranded(run: &str, trouble: &str) -> String {
    format!(
        "{trouble}. Run {run} goes no further: its record holds what was kept until then, and not how what was running \
         ended. When the record can be kept again: allgood resume {run}"
    )
}

fn can_follow(error: &dyn Display) -> Failure {
    broken("The run could not be followed", error)
}

fn broken(what: &str, error: &dyn Display) -> Failure {
    Failure::new(Status::Broken, format!("{what}: {error}."))
}

/// Asks for a text that is not shown, outside a run; `None` when the person thought better of it.
pub(crate) fn hidden_alone(question: &str) -> Result<Option<String>, Failure> {
    let _terminal = Terminal::take().map_err(|error| broken("The terminal cannot be used", &error))?;
    prompt::discard_typed_ahead();
    Ok(prompt::hidden(question))
}

/// Asks for a line of text outside a run, with what it may be; `None` when the person thought better of it.
pub(crate) fn text_alone(question: &str, help: &str, start: &str) -> Result<Option<String>, Failure> {
    let _terminal = Terminal::take().map_err(|error| broken("The terminal cannot be used", &error))?;
    prompt::discard_typed_ahead();
    Ok(prompt::text(question, help, start))
}

/// Asks for one of several outside a run; gives its place.
pub(crate) fn choose_alone(question: &str, choices: &[String]) -> Result<Option<usize>, Failure> {
    let _terminal = Terminal::take().map_err(|error| broken("The terminal cannot be used", &error))?;
    prompt::discard_typed_ahead();
    Ok(prompt::choose(question, choices))
}

/// Asks yes or no outside a run.
pub(crate) fn confirm_alone(look: crate::look::Look, question: &str) -> Result<bool, Failure> {
    let gone = |error: std::io::Error| broken("The terminal cannot be used", &error);
    let _terminal = Terminal::take().map_err(gone)?;
    prompt::discard_typed_ahead();
    prompt::confirm(look, question).map_err(gone)
}
