//! What a command of a person leads to, and what comes next by itself. Pure: the plan, the state and the question in,
//! effects or a refusal out (RUNS.md, "Going forward" and "When something fails").
//!
//! Chosen here, where RUNS.md leaves it open:
//! - One item of a run runs at a time; a second start is refused with a sentence that names the first.
//! - A failed item keeps a run with a person open (`waiting`) until the person tries again, takes it as done, skips it or
//!   gives the run up, which finishes it as `abandoned`. Without a person it finishes as `failed`.
//! - What runs in the background leaves the path free; it has passed when it is stopped, or exits as it should. It ends
//!   before the run does, also when that is put aside.
//! - `--yes` answers a `confirm` that asks for a yes, never one that asks for a text, and never a guard.
//! - A message is passed once somebody said that it was sent; a check by ticking it; neither can be started.
//! - In a rehearsal nothing is executed, probes neither unless that was asked for: whoever may not run a runbook may rehearse
//!   it. Starting an item ticks it, and the note says what would have run. Without a person all of the path is ticked
//!   through.

use std::collections::{BTreeMap, BTreeSet};

use format::{Confirm, Item, ItemKind};

use super::{
    Command, Edited, OnFailure, Refusal, RunSpec, Settings, branch,
    confirming::{confirm, confirm_environment, guarded},
    into_session::{session_for, type_there},
    linked::{self, LinkedAsk},
    plan::{Plan, label},
    prepare::{Prepared, prepare, rehearsed, session_line, terminal_rows, would_run},
    rollback,
    values::{Memory, check_names},
};
use crate::{
    event::{Fact, FinishState, Mode, RunId},
    incident,
    state::{ItemStatus, RunState, RunStatus},
};

/// Everything a decision rests on.
pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) spec: &'a RunSpec,
    pub(crate) settings: &'a Settings,
    pub(crate) state: &'a RunState,
    pub(crate) memory: &'a Memory,
    /// The run is being brought to an end: nothing new begins.
    pub(crate) ending: bool,
    /// What was asked of who opens runs for checks, and is not answered yet.
    pub(crate) asked: &'a BTreeSet<(String, LinkedAsk)>,
}

/// What a run becomes once nothing of it runs any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndAs {
    Paused(Option<String>),
    Abandoned(Option<String>),
    Finished(FinishState),
}

/// What is to be done, in order.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Keep a fact.
    Keep(Fact),
    /// Keep a value that a person gave.
    Remember {
        name: String,
        value: String,
    },
    /// Start the first, or another, attempt of an item.
    Launch(Box<Prepared>),
    Type(String, Vec<u8>),
    Resize(String, u16, u16),
    /// Stop what runs of an item.
    Stop(String),
    /// What a failed attempt left behind carries after all.
    Carry(String),
    /// Ask for something to be done for a check that stands for a run.
    Ask(String, LinkedAsk),
    /// A run was opened for a check: how it goes will be told.
    Asked(String, RunId),
    /// What was asked for an item is answered.
    Forget(String),
    /// End what runs in the background, then the run, or put it aside; later if something runs in the foreground.
    End(EndAs),
}

/// Decides what a command leads to.
pub(crate) fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Effect>, Refusal> {
    check_open(world, command)?;
    match command {
        Command::Start { item, hash, values, confirmed, edited } => {
            start(world, item, hash, values, confirmed.as_deref(), edited.as_deref())
        }
        Command::ConfirmEnvironment { typed } => confirm_environment(world, typed),
        Command::Tick { item, note } => tick(world, world.plan.item(item)?, note),
        Command::Untick { item } => {
            let item = world.plan.item(item)?;
            let ticked = item.kind == ItemKind::Check || world.spec.mode == Mode::Rehearse;
            if !ticked || world.state.item(&item.id) != ItemStatus::Passed {
                return refuse(format!("{} is not ticked", label(item)));
            }
            keep(Fact::CheckUnticked { item: item.id.clone(), note: None })
        }
        Command::Fail { item, note } => {
            let item = world.plan.item(item)?;
            if item.kind != ItemKind::Check {
                return refuse(format!(
                    "{} is not judged by a person: start it, skip it or override it",
                    label(item)
                ));
            }
            keep(Fact::CheckFailed { item: item.id.clone(), note: said(note.as_deref()) })
        }
        Command::Skip { item, reason } => {
            let (item, reason) = (rests(world, item)?, given(reason, "skip", world, item)?);
            keep(Fact::Skipped { item, reason })
        }
        Command::Override { item, reason } => {
            let (item, reason) = (rests(world, item)?, given(reason, "override", world, item)?);
            let carry = Effect::Carry(item.clone());
            Ok(vec![Effect::Keep(Fact::Overridden { item, reason }), carry])
        }
        Command::Note { item, text } => {
            let item = item.as_deref().map(|item| world.plan.item(item)).transpose()?;
            let Some(text) = said(Some(text)) else { return refuse("the note is empty".to_owned()) };
            keep(Fact::Note { text, item: item.map(|item| item.id.clone()) })
        }
        Command::LinkOpened { item, url } => {
            let item = item.as_deref().map(|item| world.plan.item(item)).transpose()?;
            keep(Fact::LinkOpened { url: url.clone(), item: item.map(|item| item.id.clone()) })
        }
        Command::MessageSent { item, text } => {
            let item = world.plan.item(item)?;
            if item.kind != ItemKind::Message {
                return refuse(format!("{} is no message", label(item)));
            }
            keep(Fact::MessageSent { item: item.id.clone(), text: text.clone() })
        }
        Command::Mark(marking) => keep(incident::mark(world.plan.runbook(), world.state, marking)?),
        Command::Follow { to } => branch::follow(world, to),
        Command::Rollback { leave_out, took_effect } => rollback::begin(world, leave_out, *took_effect),
        Command::UndoneByHand { item, note } => {
            rollback::undone_by_hand(world, world.plan.item(item)?, said(note.as_deref()))
        }
        Command::OpenLinked { item, run } => linked::open(world, world.plan.item(item)?, run),
        Command::LinkedEnded { item, run, state, note } => {
            linked::ended(world, world.plan.item(item)?, run, *state, note)
        }
        Command::LinkedWaits { item, note } => Ok(linked::waits(world, world.plan.item(item)?, note)),
        Command::HandOver { to } => match said(Some(to)) {
            Some(to) if world.state.running().is_none() => keep(Fact::HandedOver { to }),
            Some(_) => {
                refuse("something is running: wait for it, or stop it, before the run is handed over".to_owned())
            }
            None => refuse("say to whom the run is handed over".to_owned()),
        },
        Command::Input { item, bytes } => type_into(world, world.plan.item(item)?, bytes),
        Command::SendLine { item, line } => {
            let item = world.plan.item(item)?;
            running(world, item)?;
            let text = session_line(world, item, *line)?;
            type_into(world, item, format!("{text}\r").as_bytes())
        }
        Command::Resize { item, columns, rows } => {
            let item = world.plan.item(item)?;
            running(world, item)?;
            let rows = terminal_rows(world.plan.runbook(), item).unwrap_or(*rows);
            Ok(vec![Effect::Resize(item.id.clone(), *columns, rows)])
        }
        Command::Stop { item } => stop(world, world.plan.item(item)?),
        Command::StopRun { reason } => {
            let reason = said(reason.as_deref());
            let mut effects = stop_all(world, reason.clone());
            effects.push(Effect::End(EndAs::Paused(reason)));
            Ok(effects)
        }
        Command::Pause => pause(world),
        Command::Resume => match world.state.status {
            RunStatus::Paused => keep(Fact::Resumed { mode: None, lost: Vec::new(), taken_up: false }),
            _ => refuse("the run is not paused".to_owned()),
        },
        Command::Abandon { reason } => {
            let reason = said(reason.as_deref());
            let running = world.state.running().is_some();
            let mut effects = if running { stop_all(world, reason.clone()) } else { Vec::new() };
            effects.push(Effect::End(EndAs::Abandoned(reason)));
            Ok(effects)
        }
    }
}

/// Refuses what a run that is finished, put aside or about to end does not take.
fn check_open(world: &World<'_>, command: &Command) -> Result<(), Refusal> {
    if matches!(command, Command::Note { .. } | Command::LinkOpened { .. } | Command::Mark(_)) {
        return Ok(());
    }
    let told = matches!(command, Command::LinkedEnded { .. } | Command::LinkedWaits { .. });
    if told && !world.state.is_finished() && world.state.status != RunStatus::Interrupted {
        return Ok(());
    }
    let rolls_back = matches!(command, Command::Rollback { .. });
    match world.state.finished {
        Some(FinishState::Passed | FinishState::Failed) if rolls_back => return Ok(()),
        Some(FinishState::HandedOver) => {
            return Err(Refusal::State("the run was handed over: it goes on elsewhere".to_owned()));
        }
        Some(_) => return Err(Refusal::State("the run is finished: start another one".to_owned())),
        None => {}
    }
    let to_what_runs = matches!(
        command,
        Command::Input { .. }
            | Command::SendLine { .. }
            | Command::Resize { .. }
            | Command::Stop { .. }
            | Command::StopRun { .. }
            | Command::Abandon { .. }
    );
    if world.ending && !to_what_runs {
        return Err(Refusal::State("the run is being put aside: wait until what runs has ended".to_owned()));
    }
    match (world.state.status, command) {
        (RunStatus::Interrupted | RunStatus::Paused, Command::Rollback { .. }) => Ok(()),
        (RunStatus::Interrupted, _) => {
            Err(Refusal::State("the run was interrupted: it has to be resumed first".to_owned()))
        }
        (RunStatus::Paused, Command::Resume | Command::Abandon { .. } | Command::HandOver { .. }) => Ok(()),
        // An incident is told about also while nothing runs.
        (RunStatus::Paused, Command::MessageSent { .. }) => Ok(()),
        (RunStatus::Paused, _) => Err(Refusal::State("the run is paused: resume it first".to_owned())),
        _ => Ok(()),
    }
}

fn start(
    world: &World<'_>,
    item: &str,
    hash: &str,
    values: &BTreeMap<String, String>,
    confirmed: Option<&str>,
    edited: Option<&Edited>,
) -> Result<Vec<Effect>, Refusal> {
    let item = world.plan.item(item)?;
    check_guards(world, item)?;
    if item.hash != hash {
        return Err(Refusal::Stale(item.id.clone()));
    }
    check_way(world, item)?;
    match item.kind {
        ItemKind::Check => return refuse(format!("{} is ticked, not started", label(item))),
        ItemKind::Message => return refuse(format!("{} is sent by a person, not started", label(item))),
        ItemKind::Command | ItemKind::Undo | ItemKind::Probe => {}
    }
    if world.state.item(&item.id) == ItemStatus::Running {
        return refuse(format!("{} is running already: stop it before it is started again", label(item)));
    }
    let (changed, deviation) = match edited {
        None => (None, None),
        Some(edited) => {
            let (item, fact) = deviate(world, item, edited)?;
            (Some(item), fact)
        }
    };
    let item = changed.as_ref().unwrap_or(item);
    check_names(world.plan.runbook(), Some(item), values)?;
    if let Some((running, _)) = world.state.running().filter(|_| !item.options.background) {
        if let Some(session) = session_for(world, item) {
            let mut effects = type_there(world, session, item, values, confirmed)?;
            effects.splice(0..0, deviation.map(Effect::Keep));
            return Ok(effects);
        }
        let running = world.plan.item(running)?;
        let way_out = if running.opens_session { "leave its session, or stop it" } else { "wait for it, or stop it" };
        return refuse(format!("{} is running: {way_out} before anything else is started", label(running)));
    }
    let prepared = prepare(world, item, values)?;
    let only_shown = is_only_shown(world, item);
    let confirmed = if only_shown { None } else { confirm(world, item, confirmed)? };
    let given = values.iter().map(|(name, value)| Effect::Remember { name: name.clone(), value: value.clone() });
    let mut effects: Vec<Effect> = given.collect();
    effects.extend(confirmed);
    effects.extend(deviation.map(Effect::Keep));
    effects.push(if only_shown {
        let note = Some(rehearsed(&prepared));
        Effect::Keep(Fact::CheckTicked { item: item.id.clone(), note })
    } else {
        Effect::Launch(Box::new(prepared))
    });
    Ok(effects)
}

/// Whether a rehearsal shows what an item would do instead of doing it.
fn is_only_shown(world: &World<'_>, item: &Item) -> bool {
    world.spec.mode == Mode::Rehearse && !(world.spec.probes && format::rehearses(item))
}

/// During a rollback nothing of the way forward changes anything any more.
pub(crate) fn check_way(world: &World<'_>, item: &Item) -> Result<(), Refusal> {
    let Some(rollback) = world.state.rolling_back() else { return Ok(()) };
    if item.kind == ItemKind::Command && !rollback.plan.contains(&item.id) || rollback::by_hand(world, item) {
        return refuse(format!("the run is being rolled back: {} is of the way forward", label(item)));
    }
    Ok(())
}

/// An item with another text, for this run alone, and the fact that says so, unless it was said already.
fn deviate(world: &World<'_>, item: &Item, edited: &Edited) -> Result<(Item, Option<Fact>), Refusal> {
    let changed = format::edited(item, &edited.text).map_err(|sentence| Refusal::Value(sentence.to_owned()))?;
    let reason = said(Some(&edited.reason)).unwrap_or_else(|| "edited for this run".to_owned());
    let last = world.state.items.get(&item.id).and_then(|item| item.deviation.as_ref());
    let known = last.is_some_and(|last| last.text == edited.text && last.reason == reason);
    let fact = Fact::Deviation { item: item.id.clone(), reason, text: edited.text.clone() };
    Ok((changed, (!known).then_some(fact)))
}

/// Guards never fail open: what cannot be honoured here does not run (FORMAT.md, "Fence attributes").
pub(crate) fn check_guards(world: &World<'_>, item: &Item) -> Result<(), Refusal> {
    let refused = world.plan.runbook().settings.refused.as_ref().or(item.refused.as_ref());
    refused.map_or(Ok(()), |sentence| Err(Refusal::Guard(sentence.clone())))
}

fn tick(world: &World<'_>, item: &Item, note: &Option<String>) -> Result<Vec<Effect>, Refusal> {
    if item.kind != ItemKind::Check && world.spec.mode != Mode::Rehearse {
        return refuse(format!("{} is no check: it cannot be ticked", label(item)));
    }
    // Of a rollback it is asked for anew, also where somebody had ticked it before that began.
    let anew = world.state.rolling_back().is_some_and(|rollback| rollback.awaits(&item.id));
    if world.state.item(&item.id) == ItemStatus::Passed && !anew {
        return refuse(format!("{} is ticked already", label(item)));
    }
    let note = said(note.as_deref());
    if note.is_none() && world.spec.mode != Mode::Rehearse && linked::opens(world, item) {
        let url = item.linked.as_ref().map_or("", |linked| linked.url.as_str());
        return refuse(format!(
            "{} stands for a run of {url}: open that, or say why it is ticked without it",
            label(item)
        ));
    }
    keep(Fact::CheckTicked { item: item.id.clone(), note })
}

/// The id of an item that neither runs nor has passed.
fn rests(world: &World<'_>, item: &str) -> Result<String, Refusal> {
    let item = world.plan.item(item)?;
    match world.state.item(&item.id) {
        ItemStatus::Running => refuse(format!("{} is running: stop it first", label(item))),
        ItemStatus::Passed => refuse(format!("{} has passed already", label(item))),
        _ => Ok(item.id.clone()),
    }
}

/// The reason, which must not be empty.
fn given(reason: &str, what: &str, world: &World<'_>, item: &str) -> Result<String, Refusal> {
    match said(Some(reason)) {
        Some(reason) => Ok(reason),
        None => refuse(format!("say why, to {what} {}", label(world.plan.item(item)?))),
    }
}

pub(crate) fn type_into(world: &World<'_>, item: &Item, bytes: &[u8]) -> Result<Vec<Effect>, Refusal> {
    let attempt = running(world, item)?;
    if !world.spec.attended {
        return refuse("nobody can type in this run: it was started without a person".to_owned());
    }
    if matches!(item.options.on, Some(format::On::Hosts(_))) || format::ansible(item).is_some() {
        return refuse(format!("nobody can type into {}: it runs on several hosts at once", label(item)));
    }
    if item.options.no_input {
        return refuse(format!("nobody can type into {}: its block says interactive=false", label(item)));
    }
    let typed = world.state.items.get(&item.id).and_then(|state| state.attempts.last());
    if typed.is_some_and(|attempt| attempt.state.is_some()) {
        return refuse(format!("{} waits for its next try: nothing runs that takes what is typed", label(item)));
    }
    // Recorded are the first bytes and each end of a line, an interrupt or an end of input: that, and never what, was
    // typed (RUNS.md), without an event for each key.
    let notable = bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 3 | 4));
    let mut effects = Vec::new();
    if notable || typed.is_none_or(|attempt| !attempt.typed) {
        effects.push(Effect::Keep(Fact::InputSent { item: item.id.clone(), attempt }));
    }
    effects.push(Effect::Type(item.id.clone(), bytes.to_vec()));
    Ok(effects)
}

fn running(world: &World<'_>, item: &Item) -> Result<u64, Refusal> {
    match world.state.items.get(&item.id) {
        Some(state) if state.status == ItemStatus::Running => {
            Ok(state.attempts.last().map_or(0, |attempt| attempt.number))
        }
        _ => refuse(format!("{} is not running", label(item))),
    }
}

fn stop(world: &World<'_>, item: &Item) -> Result<Vec<Effect>, Refusal> {
    let number = running(world, item)?;
    Ok(stop_item(world, &item.id, number))
}

/// Stops what runs of an item. Between two tries there is no attempt whose end would say it.
fn stop_item(world: &World<'_>, item: &str, number: u64) -> Vec<Effect> {
    let attempts = world.state.items.get(item).map_or(&[][..], |state| &state.attempts);
    let of_hosts = world.state.items.get(item).map_or(0, |state| state.hosts_count().running);
    let trying = of_hosts > 0 || attempts.iter().any(|attempt| attempt.number == number && attempt.state.is_none());
    let between = Effect::Keep(Fact::Stopped { item: Some(item.to_owned()), reason: None });
    let stop = Effect::Stop(item.to_owned());
    if trying { vec![stop] } else { vec![between, stop] }
}

/// Says that the run is stopped, and stops what runs.
fn stop_all(world: &World<'_>, reason: Option<String>) -> Vec<Effect> {
    let mut effects = vec![Effect::Keep(Fact::Stopped { item: None, reason })];
    if let Some((item, number)) = world.state.running() {
        effects.extend(stop_item(world, item, number));
    }
    effects
}

fn pause(world: &World<'_>) -> Result<Vec<Effect>, Refusal> {
    let mut effects = Vec::new();
    if let Some((running, _)) = world.state.running() {
        let text = format!("pauses when {} has ended", label(world.plan.item(running)?));
        effects.push(Effect::Keep(Fact::Note { text, item: Some(running.to_owned()) }));
    }
    effects.push(Effect::End(EndAs::Paused(None)));
    Ok(effects)
}

fn keep(fact: Fact) -> Result<Vec<Effect>, Refusal> {
    Ok(vec![Effect::Keep(fact)])
}

fn refuse<T>(sentence: String) -> Result<T, Refusal> {
    Err(Refusal::State(sentence))
}

/// A text that says something, trimmed.
fn said(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The note of a check that nobody looked at: `--yes` ticked it.
pub const ATTESTED_BY_YES: &str = "attested by --yes";

/// What happens by itself, now that nothing runs: the next command, a tick by `--yes`, a question, the end.
pub(crate) fn next(world: &World<'_>) -> Vec<Effect> {
    let idle = world.state.status == RunStatus::Waiting && world.state.running().is_none() && !world.ending;
    if !idle {
        return Vec::new();
    }
    let undone = rollback::undone(world);
    if !undone.is_empty() {
        return undone;
    }
    let rolling_back = world.state.rolling_back();
    let Some(item) = world.plan.in_hand(world.state) else {
        return finish(if rolling_back.is_some() { FinishState::RolledBack } else { FinishState::Passed });
    };
    if linked::is_asked(world, item) {
        return Vec::new();
    }
    if let Some(effects) = linked::roll_back(world, item).or_else(|| linked::under_way(world, item)) {
        return effects;
    }
    let status = match rolling_back {
        // What was cut off during the rollback nobody knows the end of, as on the way forward.
        Some(rollback) if rollback.failed.contains(&item.id) => match world.state.item(&item.id) {
            ItemStatus::Interrupted => ItemStatus::Interrupted,
            _ => ItemStatus::Failed,
        },
        Some(_) if rollback::by_hand(world, item) => return undo_by_hand(world, item),
        // How it ended before the rollback began says nothing of its undoing, which was chosen since.
        Some(_) => match world.state.item(&item.id) {
            waits @ (ItemStatus::Running | ItemStatus::Ready | ItemStatus::Waiting) => waits,
            _ => ItemStatus::Pending,
        },
        None => world.state.item(&item.id),
    };
    match status {
        ItemStatus::Failed if !world.spec.attended => return give_up(world),
        ItemStatus::Interrupted if !world.spec.attended => {
            let reason = format!("{} was interrupted: a person says whether it is run again", label(item));
            return vec![Effect::End(EndAs::Paused(Some(reason)))];
        }
        ItemStatus::Failed | ItemStatus::Interrupted => return Vec::new(),
        _ => {}
    }
    let id = item.id.clone();
    if world.spec.mode == Mode::Rehearse && !world.spec.attended && !linked::opens(world, item) {
        // A probe that lacks a value is shown like everything else.
        if !is_only_shown(world, item)
            && check_guards(world, item).is_ok()
            && let Ok(effects) = unasked(world, item)
        {
            return effects;
        }
        return vec![Effect::Keep(match check_guards(world, item) {
            Ok(()) => Fact::CheckTicked { item: id, note: Some(would_run(world, item)) },
            Err(refusal) => Fact::Skipped { item: id, reason: refusal.to_string() },
        })];
    }
    match by_itself(world, item) {
        Ok(effects) => effects,
        Err(needs) if world.spec.attended => match status {
            ItemStatus::Pending => vec![Effect::Keep(Fact::ItemReady { item: id, needs })],
            _ => Vec::new(),
        },
        Err(needs) => {
            let reason = needs.unwrap_or_else(|| format!("{} is started by a person", label(item)));
            vec![Effect::End(EndAs::Paused(Some(with_what_is_missing(world, item, reason))))]
        }
    }
}

/// Why the run is put aside, and which values the item would ask for: whoever starts it again can give them.
fn with_what_is_missing(world: &World<'_>, item: &Item, reason: String) -> String {
    if matches!(item.kind, ItemKind::Check | ItemKind::Message) {
        return reason;
    }
    match prepare(world, item, &BTreeMap::new()) {
        Err(refusal @ Refusal::Needs { .. }) if refusal.to_string() != reason => format!("{reason}; {refusal}"),
        _ => reason,
    }
}

/// A failure without a person: the run ends, or is rolled back first, where that was asked for.
fn give_up(world: &World<'_>) -> Vec<Effect> {
    if world.spec.on_failure == OnFailure::Rollback && world.state.rollback.is_none() {
        return match rollback::begin(world, &[], None) {
            Ok(effects) => effects,
            Err(Refusal::NothingToUndo) => finish(FinishState::Failed),
            Err(refusal) => {
                tracing::error!(run = %world.spec.id, %refusal, "what failed is not rolled back");
                finish(FinishState::Failed)
            }
        };
    }
    finish(FinishState::Failed)
}

/// What nothing undoes by itself is waited for.
fn undo_by_hand(world: &World<'_>, item: &Item) -> Vec<Effect> {
    let needs = format!("{} says undo=none: a person undoes it", label(item));
    if !world.spec.attended {
        return vec![Effect::End(EndAs::Paused(Some(needs)))];
    }
    Vec::new()
}

/// What the item in hand leads to without a person; else what a person is needed for (`None`: just to start it).
fn by_itself(world: &World<'_>, item: &Item) -> Result<Vec<Effect>, Option<String>> {
    let name = label(item);
    match item.kind {
        ItemKind::Check if linked::opens(world, item) => return linked::by_itself(world, item),
        ItemKind::Check if world.spec.yes => {
            let note = Some(ATTESTED_BY_YES.to_owned());
            return Ok(vec![Effect::Keep(Fact::CheckTicked { item: item.id.clone(), note })]);
        }
        ItemKind::Check => return Err(Some(format!("{name} is attested by a person"))),
        ItemKind::Message => return Err(Some(format!("{name} is sent by a person"))),
        ItemKind::Command | ItemKind::Undo | ItemKind::Probe => {}
    }
    check_guards(world, item).map_err(|refusal| Some(format!("{name} cannot be run: {refusal}")))?;
    // The plan of a rollback was chosen as a whole.
    if world.spec.mode == Mode::Rehearse || world.spec.mode == Mode::Hand && world.state.rolling_back().is_none() {
        return Err(None);
    }
    if item.guessed {
        return Err(Some(format!(
            "{name} is taken for a command, but its block does not say so: a person starts it"
        )));
    }
    if item.opens_session {
        return Err(Some(format!("{name} opens a session on another machine or program: a person starts it")));
    }
    if item.options.by_hand {
        return Err(Some(format!("{name} is excluded from runs of everything: a person starts it")));
    }
    unasked(world, item).map_err(|refusal| Some(refusal.to_string()))
}

/// Starts an item with what is known: nobody is asked, but `--yes` answers a yes.
pub(crate) fn unasked(world: &World<'_>, item: &Item) -> Result<Vec<Effect>, Refusal> {
    let prepared = prepare(world, item, &BTreeMap::new())?;
    let by_yes = world.spec.yes && item.options.confirm == Some(Confirm::Ask) && guarded(world, item).is_none();
    let confirmed = if by_yes {
        let what = "confirmed by --yes".to_owned();
        Some(Effect::Keep(Fact::Confirmed { item: Some(item.id.clone()), what }))
    } else {
        confirm(world, item, None)?
    };
    Ok(confirmed.into_iter().chain([Effect::Launch(Box::new(prepared))]).collect())
}

fn finish(state: FinishState) -> Vec<Effect> {
    vec![Effect::End(EndAs::Finished(state))]
}
