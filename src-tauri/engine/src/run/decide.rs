//! What a command of a person leads to, and what comes next by itself. Pure: the plan, the state and the question in,
//! effects or a refusal out (RUNS.md, "Going forward" and "When something fails").
//!
//! Chosen here, where RUNS.md leaves it open:
//! - One item of a run runs at a time; a second start is refused with a sentence that names the first.
//! - A failed item keeps a run with a person open (`waiting`) until the person tries again, takes it as done, skips it or
//!   gives the run up, which finishes it as `abandoned`. Without a person it finishes as `failed`.
//! - A message is passed once somebody said that it was sent; a check by ticking it; neither can be started.
//! - In a rehearsal nothing at all is executed, probes neither: whoever may not run a runbook may rehearse it. Starting an
//!   item ticks it, and the note says what would have run. Without a person all of the path is ticked through.

use std::collections::BTreeMap;

use format::{Item, ItemKind};

use super::{
    Command, Refusal, RunSpec, Settings,
    plan::{Plan, label},
    prepare::{Prepared, prepare, would_run},
    values::{Memory, check_names},
};
use crate::{
    event::{Fact, FinishState, Mode},
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
}

/// What a run becomes once nothing of it runs any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndAs {
    Paused(Option<String>),
    Abandoned(Option<String>),
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
    Type(Vec<u8>),
    Resize(u16, u16),
    /// Stop what runs.
    Stop,
    /// What a failed attempt left behind carries after all.
    Carry(String),
    /// End what runs in the background, then the run, or put it aside; later if something runs in the foreground.
    End(EndAs),
}

/// Decides what a command leads to.
pub(crate) fn decide(world: &World<'_>, command: &Command) -> Result<Vec<Effect>, Refusal> {
    check_open(world, command)?;
    match command {
        Command::Start { item, hash, values } => start(world, item, hash, values),
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
        Command::Input { item, bytes } => type_into(world, world.plan.item(item)?, bytes),
        Command::Resize { item, columns, rows } => {
            running(world, world.plan.item(item)?)?;
            Ok(vec![Effect::Resize(*columns, *rows)])
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
            RunStatus::Paused => keep(Fact::Resumed {}),
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
    if matches!(command, Command::Note { .. } | Command::LinkOpened { .. }) {
        return Ok(());
    }
    if world.state.is_finished() {
        return Err(Refusal::State("the run is finished: start another one".to_owned()));
    }
    let to_what_runs = matches!(
        command,
        Command::Input { .. }
            | Command::Resize { .. }
            | Command::Stop { .. }
            | Command::StopRun { .. }
            | Command::Abandon { .. }
    );
    if world.ending && !to_what_runs {
        return Err(Refusal::State("the run is being put aside: wait until what runs has ended".to_owned()));
    }
    match (world.state.status, command) {
        (RunStatus::Interrupted, _) => {
            Err(Refusal::State("the run was interrupted: it has to be resumed first".to_owned()))
        }
        (RunStatus::Paused, Command::Resume | Command::Abandon { .. }) => Ok(()),
        (RunStatus::Paused, _) => Err(Refusal::State("the run is paused: resume it first".to_owned())),
        _ => Ok(()),
    }
}

fn start(
    world: &World<'_>,
    item: &str,
    hash: &str,
    values: &BTreeMap<String, String>,
) -> Result<Vec<Effect>, Refusal> {
    let item = world.plan.item(item)?;
    check_guards(world, item)?;
    if item.hash != hash {
        return Err(Refusal::Stale(item.id.clone()));
    }
    match item.kind {
        ItemKind::Check => return refuse(format!("{} is ticked, not started", label(item))),
        ItemKind::Message => return refuse(format!("{} is sent by a person, not started", label(item))),
        ItemKind::Command | ItemKind::Undo | ItemKind::Probe => {}
    }
    if let Some((running, _)) = world.state.running() {
        let running = world.plan.item(running)?;
        let way_out = if running.opens_session { "leave its session, or stop it" } else { "wait for it, or stop it" };
        return refuse(format!("{} is running: {way_out} before anything else is started", label(running)));
    }
    check_names(world.plan.runbook(), values)?;
    let prepared = prepare(world, item, values)?;
    let given = values.iter().map(|(name, value)| Effect::Remember { name: name.clone(), value: value.clone() });
    let mut effects: Vec<Effect> = given.collect();
    effects.push(if world.spec.mode == Mode::Rehearse {
        let note = Some(format!("rehearsed, not run; it would run:\n{}", prepared.script));
        Effect::Keep(Fact::CheckTicked { item: item.id.clone(), note })
    } else {
        Effect::Launch(Box::new(prepared))
    });
    Ok(effects)
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
    if world.state.item(&item.id) == ItemStatus::Passed {
        return refuse(format!("{} is ticked already", label(item)));
    }
    keep(Fact::CheckTicked { item: item.id.clone(), note: said(note.as_deref()) })
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

fn type_into(world: &World<'_>, item: &Item, bytes: &[u8]) -> Result<Vec<Effect>, Refusal> {
    let attempt = running(world, item)?;
    if !world.spec.attended {
        return refuse("nobody can type in this run: it was started without a person".to_owned());
    }
    let typed = world.state.items.get(&item.id).and_then(|state| state.attempts.last());
    // Recorded are the first bytes and each end of a line, an interrupt or an end of input: that, and never what, was
    // typed (RUNS.md), without an event for each key.
    let notable = bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 3 | 4));
    let mut effects = Vec::new();
    if notable || typed.is_none_or(|attempt| !attempt.typed) {
        effects.push(Effect::Keep(Fact::InputSent { item: item.id.clone(), attempt }));
    }
    effects.push(Effect::Type(bytes.to_vec()));
    Ok(effects)
}

fn running(world: &World<'_>, item: &Item) -> Result<u64, Refusal> {
    match world.state.running() {
        Some((running, attempt)) if running == item.id => Ok(attempt),
        _ => refuse(format!("{} is not running", label(item))),
    }
}

fn stop(world: &World<'_>, item: &Item) -> Result<Vec<Effect>, Refusal> {
    running(world, item)?;
    Ok(stop_item(world))
}

/// Stops what runs. Between two tries of a probe there is no attempt whose end would say it.
fn stop_item(world: &World<'_>) -> Vec<Effect> {
    let Some((item, number)) = world.state.running() else { return Vec::new() };
    let attempts = world.state.items.get(item).map_or(&[][..], |state| &state.attempts);
    let trying = attempts.iter().any(|attempt| attempt.number == number && attempt.state.is_none());
    let between = Effect::Keep(Fact::Stopped { item: Some(item.to_owned()), reason: None });
    if trying { vec![Effect::Stop] } else { vec![between, Effect::Stop] }
}

/// Says that the run is stopped, and stops what runs.
fn stop_all(world: &World<'_>, reason: Option<String>) -> Vec<Effect> {
    let mut effects = vec![Effect::Keep(Fact::Stopped { item: None, reason })];
    effects.extend(stop_item(world));
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

/// What happens by itself, now that nothing runs: the next command, a tick by `--yes`, a question, the end.
pub(crate) fn next(world: &World<'_>) -> Vec<Effect> {
    let idle = world.state.status == RunStatus::Waiting && world.state.running().is_none() && !world.ending;
    if !idle {
        return Vec::new();
    }
    let Some(item) = world.plan.in_hand(world.state) else {
        return finish(FinishState::Passed);
    };
    match world.state.item(&item.id) {
        ItemStatus::Failed if !world.spec.attended => return finish(FinishState::Failed),
        ItemStatus::Failed | ItemStatus::Interrupted => return Vec::new(),
        _ => {}
    }
    let id = item.id.clone();
    if world.spec.mode == Mode::Rehearse && !world.spec.attended {
        return vec![Effect::Keep(match check_guards(world, item) {
            Ok(()) => Fact::CheckTicked { item: id, note: Some(would_run(world, item)) },
            Err(refusal) => Fact::Skipped { item: id, reason: refusal.to_string() },
        })];
    }
    match by_itself(world, item) {
        Ok(effects) => effects,
        Err(needs) if world.spec.attended => match world.state.item(&id) {
            ItemStatus::Pending => vec![Effect::Keep(Fact::ItemReady { item: id, needs })],
            _ => Vec::new(),
        },
        Err(needs) => {
            let reason = needs.unwrap_or_else(|| format!("{} is started by a person", label(item)));
            vec![Effect::End(EndAs::Paused(Some(reason)))]
        }
    }
}

/// What the item in hand leads to without a person; else what a person is needed for (`None`: just to start it).
fn by_itself(world: &World<'_>, item: &Item) -> Result<Vec<Effect>, Option<String>> {
    let name = label(item);
    match item.kind {
        ItemKind::Check if world.spec.yes => {
            let note = Some("attested by --yes".to_owned());
            return Ok(vec![Effect::Keep(Fact::CheckTicked { item: item.id.clone(), note })]);
        }
        ItemKind::Check => return Err(Some(format!("{name} is attested by a person"))),
        ItemKind::Message => return Err(Some(format!("{name} is sent by a person"))),
        ItemKind::Command | ItemKind::Undo | ItemKind::Probe => {}
    }
    check_guards(world, item).map_err(|refusal| Some(format!("{name} cannot be run: {refusal}")))?;
    if world.spec.mode != Mode::Auto {
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
    match prepare(world, item, &BTreeMap::new()) {
        Ok(prepared) => Ok(vec![Effect::Launch(Box::new(prepared))]),
        Err(refusal) => Err(Some(refusal.to_string())),
    }
}

fn finish(state: FinishState) -> Vec<Effect> {
    vec![Effect::Keep(Fact::RunFinished { state, reason: None })]
}
