//! `allgood resume` and `allgood rollback`: runs that nobody drives, taken up.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use api::{
    App, Choice, OnFailure, Open, Standing, TakeUp, TakeUpRun,
    wire::{ItemStatus, Mode, RunStatus},
};

use super::{
    access, attend, broken, can_follow,
    checklist::Checklist,
    feed::Feed,
    outcome,
    page::Page,
    plain,
    plan::{self, LeftOut},
    prompt,
    signals::Watch,
    teller::label,
    terminal::Terminal,
    ways_out,
};
use crate::{
    arguments::{ResumeArguments, RollbackArguments},
    look::{DIM, Look, cut, local_clock, local_time, one_line, styled, word},
    out::{Out, message, person_is_there},
    status::{Failure, Status},
};

/// How long the processes of a run that was killed may take to end: as long as the ladder that ends them takes.
const ENDING: Duration = Duration::from_secs(12);

/// What is said of a run whose file is another by now.
pub(super) const MOVED_ON: &str = "The file has changed since: this run goes on with its own revision of it.";

/// How many items of a run that is taken up are shown.
const MOST: usize = 20;

/// Goes on with a run.
pub(crate) fn resume(app: &Arc<App>, out: &mut Out, arguments: &ResumeArguments) -> Result<Status, Failure> {
    let attended = person_is_there() && !arguments.json;
    let standing = app.standing(&arguments.run)?;
    let run = standing.view.run.id.clone();
    let over = matches!(standing.view.run.state, RunStatus::Passed | RunStatus::RolledBack | RunStatus::Abandoned);
    let how = match (&standing.open, choice(arguments)) {
        // The engine says why not.
        _ if over => TakeUp::Resume,
        (Some(open), Some(choice)) => TakeUp::Decided { item: open.item().to_owned(), choice },
        (Some(open), None) if !attended => return Err(Failure::new(Status::Person, undecided(&standing, open))),
        (None, Some(_)) => {
            let sentence = format!(
                "Nothing of run {run} has failed or was interrupted: go on with it without --again, --done or --skip."
            );
            return Err(Failure::new(Status::Input, sentence));
        }
        _ => TakeUp::Resume,
    };
    let mode = match (arguments.auto, arguments.hand) {
        (true, _) => Some(Mode::Auto),
        (_, true) => Some(Mode::Hand),
        _ => None,
    };
    let request = TakeUpRun {
        run,
        how,
        mode,
        attended,
        yes: arguments.yes,
        values: arguments.parameters.iter().cloned().collect(),
        size: None,
        environment_typed: None,
        on_failure: arguments.on_failure.into(),
        by_name: true,
    };
    go_on(app, out, &standing, request, arguments.json)
}

fn choice(arguments: &ResumeArguments) -> Option<Choice> {
    match arguments {
        ResumeArguments { again: true, .. } => Some(Choice::Again),
        ResumeArguments { done: Some(reason), .. } => Some(Choice::Done(reason.clone())),
        ResumeArguments { skip: Some(reason), .. } => Some(Choice::Skip(reason.clone())),
        _ => None,
    }
}

/// What has to be decided, and how that is said.
fn undecided(standing: &Standing, open: &Open) -> String {
    let (run, item) = (&standing.view.run.id, one_line(open.item()));
    match open {
        Open::Interrupted(_) => {
            let cut_off = standing.view.progress.iter().filter(|progress| progress.status == ItemStatus::Interrupted);
            let cut_off: Vec<String> = cut_off.map(|progress| format!("\"{}\"", one_line(&progress.item))).collect();
            let (named, them, it) = match cut_off.as_slice() {
                [] | [_] => (format!("\"{item}\" was"), "it", "it"),
                several => (format!("{} were", several.join(" and ")), "them", "any of them"),
            };
            format!(
                "{named} interrupted, and nobody knows how {it} ended. Say what is to become of {them}: \
                 `allgood resume {run} --again`, `--done REASON` or `--skip REASON`; or `allgood rollback {run}`."
            )
        }
        Open::Failed(_) => format!(
            "\"{item}\" has failed. Say what is to become of it: `allgood resume {run} --again`, `--done REASON` or \
             `--skip REASON`; or `allgood rollback {run}`."
        ),
        Open::ByHand(_) => format!(
            "Nothing undoes \"{item}\" by itself. Undo it by hand, then say how: `allgood resume {run} --done REASON`."
        ),
    }
}

/// Rolls a run back, after showing the plan.
pub(crate) fn rollback(app: &Arc<App>, out: &mut Out, arguments: &RollbackArguments) -> Result<Status, Failure> {
    let attended = person_is_there() && !arguments.json;
    let standing = app.standing(&arguments.run)?;
    let run = standing.view.run.id.clone();
    let shown = &standing.plan;
    if shown.at.is_some() && !arguments.plan {
        let sentence = format!("Run {run} is being rolled back already: `allgood resume {run}` goes on with that.");
        return Err(Failure::new(Status::Input, sentence));
    }
    let mut took_effect = arguments.took_effect.map(Into::into);
    let mut leave_out = arguments.leave_out.clone();
    let begun = shown.at.is_some();
    let left_out = match plan::shorten(shown, &leave_out, took_effect) {
        _ if begun => LeftOut::new(),
        Ok(left_out) => left_out,
        Err(unknown) => {
            let known: Vec<String> = shown.entries.iter().map(|entry| one_line(&entry.item)).collect();
            let known = if known.is_empty() { "there is nothing in it".to_owned() } else { known.join(", ") };
            let sentence =
                format!("\"{}\" is not in the plan and cannot be left out of it: {known}.", one_line(&unknown));
            return Err(Failure::new(Status::Input, sentence));
        }
    };
    if arguments.plan && arguments.json {
        out.json(&plan::data(&run, shown, &left_out))?;
        return Ok(Status::Good);
    }
    if !arguments.json {
        plan::lines(out.look, shown, &left_out).iter().for_each(|line| out.line(line));
        out.flush();
    }
    if arguments.plan {
        return Ok(Status::Good);
    }
    let nothing = shown.entries.iter().all(|entry| left_out.contains(&entry.item));
    if attended && !arguments.yes && !nothing {
        let gone = |error: std::io::Error| broken("The terminal cannot be used", &error);
        let terminal = Terminal::take().map_err(gone)?;
        prompt::discard_typed_ahead();
        let answer = ways_out::ask_plan(shown, &left_out, took_effect);
        drop(terminal);
        let Some((left, said)) = answer else {
            message("Nothing was rolled back.");
            return Ok(Status::Stopped);
        };
        leave_out.extend(left);
        took_effect = said;
    }
    if attended && took_effect.is_none() {
        // With --yes nobody is asked; what may have taken effect is undone, as where nobody is there.
        took_effect = Some(true);
    }
    let request = TakeUpRun {
        run,
        how: TakeUp::Rollback { leave_out, took_effect },
        mode: None,
        attended,
        yes: arguments.yes,
        values: arguments.parameters.iter().cloned().collect(),
        size: None,
        environment_typed: None,
        on_failure: OnFailure::Stop,
        by_name: true,
    };
    go_on(app, out, &standing, request, arguments.json)
}

/// Takes a run up and follows it to its end.
fn go_on(
    app: &Arc<App>,
    out: &mut Out,
    standing: &Standing,
    mut request: TakeUpRun,
    json: bool,
) -> Result<Status, Failure> {
    let feed = if request.attended { Feed::nested() } else { Feed::new(!json) };
    let feed = Arc::new(feed.map_err(|error| can_follow(&error))?);
    let signals = Watch::listen(feed.clone()).map_err(|error| broken("Signals cannot be heard", &error))?;
    wait_for_what_ends(app, &request.run);
    let view = &standing.view;
    if view.moved_on {
        message(MOVED_ON);
    }
    let lost: Vec<&String> = standing.lost.iter().filter(|name| !request.values.contains_key(*name)).collect();
    let rolls_back = matches!(request.how, TakeUp::Rollback { .. });
    let mut page = Page::new(view.runbook.clone(), out.look, standing.step.as_deref());
    let hand = standing.open.as_ref().map(Open::item).or(view.hand.as_deref());
    page.take_up(view, if rolls_back || standing.plan.at.is_some() { None } else { hand });
    let given = request.values.clone();
    let check = |typed: &BTreeMap<String, String>| {
        let values = given.iter().chain(typed).map(|(name, value)| (name.clone(), value.clone())).collect();
        app.taken_up_access_ready(&request.run, &values, request.attended)
    };
    let ready = signals.asking(|| access::ready(app, out.look, (&view.run.runbook, request.attended), check));
    match ready.transpose()?.flatten() {
        Some(typed) => request.values.extend(typed),
        None => {
            message("Nothing was started.");
            return Ok(Status::Stopped);
        }
    }
    if !request.attended {
        if !lost.is_empty() {
            let names: Vec<&str> = lost.iter().map(|name| name.as_str()).collect();
            message(&format!(
                "Kept in memory alone, and lost with it: {}. Give them with --param NAME=VALUE.",
                names.join(", ")
            ));
        }
        let live = app.take_up(request, Some(feed.clone()))?;
        attend(&live, &feed, &signals)?;
        let ended = if json {
            plain::json(out, &live, &feed)?
        } else {
            plain::log(app, out, &live, &feed, &mut page, &signals)?
        };
        signals.ended();
        return Ok(outcome(&ended, &signals, false, true));
    }
    let terminal = Terminal::take().map_err(|error| broken("The terminal cannot be used", &error))?;
    if !rolls_back && let Some(given) = signals.asking(|| ask_lost(&lost)) {
        request.values.extend(given);
    }
    request.size = crossterm::terminal::size().ok();
    let mode = request.mode.unwrap_or(view.run.mode);
    let live = match app.take_up(request, Some(feed.clone())) {
        Ok(live) => live,
        Err(error) => {
            drop(terminal);
            return Err(error.into());
        }
    };
    attend(&live, &feed, &signals)?;
    for line in super::teller::Teller::new(out.look).header(&page, true) {
        out.line(&line);
    }
    let known = known(standing, out.look, &page);
    let mut checklist = Checklist::new(app, live, (feed, signals.clone()), (&terminal, out), page, mode);
    checklist.moved_on = view.moved_on;
    checklist.open_with(known);
    let ended = checklist.run();
    let left = checklist.left;
    drop(checklist);
    drop(terminal);
    let ended = ended?;
    signals.ended();
    Ok(outcome(&ended, &signals, left, false))
}

/// What is known of a run, in lines: what happened to each item, the last ones where there are many.
fn known(standing: &Standing, look: Look, page: &Page) -> Vec<String> {
    let view = &standing.view;
    let run = &view.run;
    let steps = view.runbook.sections.iter().flat_map(|section| &section.steps);
    let items = steps.flat_map(|step| &step.items);
    let happened = items.filter_map(|item| view.progress.iter().find(|progress| progress.item == *item));
    let told = |status: ItemStatus| !matches!(status, ItemStatus::Pending | ItemStatus::Ready | ItemStatus::Waiting);
    let happened: Vec<_> = happened.filter(|progress| told(progress.status)).collect();
    let hidden = happened.len().saturating_sub(MOST);
    let mut lines = vec![String::new(), look.rule("SO FAR")];
    let (begun, actor) = (local_time(&run.started_at), one_line(&run.actor));
    lines.push(styled(DIM, format!("  run {}, begun {begun} by {actor}", run.id)));
    if hidden > 0 {
        lines.push(styled(DIM, format!("  {hidden} more before: allgood show-run {}", run.id)));
    }
    for progress in happened.into_iter().skip(hidden) {
        let (shape, style) = look.item(progress.status);
        let answer = format!("{} {}", word(progress.status), local_clock(&progress.at));
        let label = cut(look, &label(&progress.item, page), look.width.saturating_sub(answer.len() + 10));
        lines.push(look.row(&format!("  {} {label}", styled(style, shape)), &answer));
    }
    if let Some(Open::Interrupted(item)) = &standing.open {
        let text = format!("\"{}\" was running when the run was cut off: nobody knows how it ended.", one_line(item));
        lines.extend(look.wrapped(&text, 2));
    }
    lines
}

/// Waits for what is still being ended of a run whose process was killed, so that nothing of it runs twice at a time. What
/// does not end is named.
fn wait_for_what_ends(app: &App, run: &str) {
    let began = Instant::now();
    let mut said = false;
    loop {
        let left = app.outlived(run);
        if left.is_empty() {
            return;
        }
        let named: Vec<String> =
            left.iter().map(|found| format!("{} ({})", one_line(&found.name), found.process)).collect();
        let named = named.join(", ");
        if began.elapsed() > ENDING {
            return message(&format!("Outlived the run, and still there: {named}."));
        }
        if !std::mem::replace(&mut said, true) {
            message(&format!("Outlived the run, and being ended: {named}."));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Asks for values that were kept in memory alone; each may be left for later.
fn ask_lost(names: &[&String]) -> BTreeMap<String, String> {
    let mut given = BTreeMap::new();
    for name in names {
        let question = format!("{name} was kept in memory alone: give it again (Esc: later)");
        if let Some(value) = prompt::hidden(&question).filter(|value| !value.is_empty()) {
            given.insert((*name).clone(), value);
        }
    }
    given
}
