//! A run that nobody sits in front of: its events as JSON Lines, or a log that can be read.

use std::collections::BTreeMap;

use api::{
    App, Event, Fact, Keeping, LiveRun,
    commands::RunArgument,
    wire::{RunStatus, RunSummary},
};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};

use super::{
    feed::{Feed, Told},
    page::Page,
    signals::Watch,
    teller::Teller,
};
use crate::{
    look::{DIM, styled, visible},
    out::{Out, message},
    status::Failure,
};

/// How a run came to its end.
pub(crate) struct Ended {
    /// As it stands then.
    pub(crate) run: RunSummary,
    /// What its last event says about why.
    pub(crate) reason: Option<String>,
    /// The facts could not be kept.
    pub(crate) trouble: Option<String>,
}

impl Ended {
    /// Asks a run that is over.
    pub(crate) fn of(live: &LiveRun, reason: Option<String>) -> Self {
        let (mut run, trouble) = (live.wait(), live.trouble());
        if trouble.is_some() && matches!(run.state, RunStatus::Running | RunStatus::Waiting) {
            // As everybody will see it from now on: its record does not say how it went on.
            run.state = RunStatus::Interrupted;
        }
        Self { run, reason, trouble }
    }
}

/// Waits until something was told.
pub(crate) fn hear(feed: &Feed) -> Result<(), Failure> {
    let mut ears = [PollFd::new(feed.ear(), PollFlags::POLLIN)];
    match poll(&mut ears, PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(super::broken("The run could not be followed", &error)),
    }
}

/// Why a run ended, if the event says it.
pub(crate) fn reason(event: &Event) -> Option<&str> {
    match &event.fact {
        Fact::Paused { reason } | Fact::RunFinished { reason, .. } => reason.as_deref(),
        _ => None,
    }
}

/// Prints each event as a line, in the exact form of the journal; output travels in the journal alone.
///
/// When the reader goes away, the run goes on to its end: half a procedure on a machine is worse than lines that
/// nobody reads, and the store has them all.
pub(crate) fn json(out: &mut Out, live: &LiveRun, feed: &Feed) -> Result<Ended, Failure> {
    let mut why = None;
    loop {
        hear(feed)?;
        for told in feed.take() {
            match told {
                Told::Event(event) => {
                    if let Some(reason) = reason(&event).filter(|_| event.run.0 == live.id()) {
                        why = Some(reason.to_owned());
                    }
                    let there = !out.is_gone();
                    let mut line = serde_json::to_string(&*event)?;
                    line.push('\n');
                    out.raw(line.as_bytes());
                    if there && out.is_gone() {
                        reader_gone(live);
                    }
                }
                Told::Over => return Ok(Ended::of(live, why)),
                Told::Keeping(keeping) => tell_keeping(&keeping),
                Told::Output(_) | Told::LeftOut(_) | Told::Resized | Told::Child => {}
            }
        }
    }
}

/// Prints what happens as a log, that of runs which are opened for checks among it.
pub(crate) fn log(
    app: &App,
    out: &mut Out,
    live: &LiveRun,
    feed: &Feed,
    page: &mut Page,
    signals: &Watch,
) -> Result<Ended, Failure> {
    let mut teller = Teller::new(out.look);
    let mut why = None;
    let mut last = b'\n';
    let mut children: BTreeMap<String, Page> = BTreeMap::new();
    for line in teller.header(page, false) {
        out.line(&line);
    }
    loop {
        out.flush();
        hear(feed)?;
        for told in feed.take() {
            let there = !out.is_gone();
            match told {
                Told::Event(event) => {
                    let own = event.run.0 == live.id();
                    if let Some(reason) = reason(&event).filter(|_| own) {
                        why = Some(reason.to_owned());
                    }
                    let mut lines = Vec::new();
                    let page = if own {
                        &mut *page
                    } else {
                        if !children.contains_key(&event.run.0)
                            && let Some(page) = page_of(app, out, &event)
                        {
                            children.insert(event.run.0.clone(), page);
                        }
                        let Some(page) = children.get_mut(&event.run.0) else { continue };
                        lines.extend(turn(&event, page));
                        page
                    };
                    if let Fact::AttemptStarted { item, attempt: 1, command, .. } = &event.fact {
                        lines.extend(page.way_to(item, false).lines);
                        let bar = out.look.or("│", "|");
                        lines.extend(visible(command).lines().map(|line| styled(DIM, format!("  {bar} {line}"))));
                    } else if let Some(item) = event.fact.item() {
                        lines.extend(page.way_to(item, false).lines);
                    }
                    lines.extend(teller.tell(&event, page));
                    if !lines.is_empty() && std::mem::replace(&mut last, b'\n') != b'\n' {
                        out.line("");
                    }
                    lines.iter().for_each(|line| out.line(line));
                }
                Told::Output(bytes) => {
                    // A log has line ends of its own; carriage returns before them are the pseudo-terminal's.
                    let mut bytes = bytes;
                    last = bytes.last().copied().unwrap_or(last);
                    bytes.retain(|byte| *byte != b'\r');
                    out.bytes(&bytes);
                }
                Told::LeftOut(bytes) => out.line(&teller.left_out(bytes)),
                Told::Keeping(keeping) => {
                    out.flush();
                    tell_keeping(&keeping);
                }
                Told::Resized | Told::Child => {}
                Told::Over => {
                    let ended = Ended::of(live, why);
                    let reason =
                        signals.signal().map(|signal| format!("stopped by {signal}")).or(ended.reason.clone());
                    for line in teller.verdict(&ended.run, reason.as_deref(), page) {
                        out.line(&line);
                    }
                    out.flush();
                    return Ok(ended);
                }
            }
            if there && out.is_gone() {
                reader_gone(live);
            }
        }
    }
}

/// Says that the record cannot be kept at present, and when it can again. That it was given up is said at the end.
pub(super) fn tell_keeping(keeping: &Keeping) {
    if let Some(sentence) = keeping_sentence(keeping) {
        message(&visible(&sentence));
    }
}

/// See [`tell_keeping`].
pub(super) fn keeping_sentence(keeping: &Keeping) -> Option<String> {
    match keeping {
        Keeping::Waits(sentence) => Some(sentence.clone()),
        Keeping::Kept => Some("The record can be kept again: the run goes on.".to_owned()),
        Keeping::GivenUp(_) => None,
    }
}

/// The page of a run that was opened for a check.
fn page_of(app: &App, out: &Out, event: &Event) -> Option<Page> {
    let view = app.run_view(RunArgument { run: event.run.0.clone() }).ok()?;
    let mut page = Page::new(view.runbook.clone(), out.look, None);
    if view.run.done > 0 {
        page.take_up(&view, view.hand.as_deref());
    }
    Some(page)
}

/// What stands where the log goes into a run that was opened for a check, and out of it.
fn turn(event: &Event, page: &Page) -> Vec<String> {
    let title = page.runbook.title.clone();
    let said = match &event.fact {
        Fact::RunStarted { .. } | Fact::Resumed { .. } => format!("RUN {} OF {title}", event.run),
        Fact::RunFinished { .. } => format!("END OF RUN {}", event.run),
        Fact::Paused { reason } => {
            let why = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("RUN {} IS PUT ASIDE{why}", event.run)
        }
        _ => return Vec::new(),
    };
    vec![String::new(), styled(DIM, visible(&said))]
}

fn reader_gone(live: &LiveRun) {
    message(&format!("Nobody reads the output any more: run {} goes on, its record is kept.", live.id()));
}
