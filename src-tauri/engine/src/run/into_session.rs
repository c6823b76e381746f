//! A command that is started while a session is open in its section: it is typed there, after asking, and never run on
//! this machine (FORMAT.md, "Another shell"). Pure.
//!
//! Nobody here sees how it ends there, so it is recorded as taken as done by the person who answered. What its block asks
//! of its outcome cannot be kept in a session, so a block that asks for anything is refused.

use std::collections::BTreeMap;

use format::{Item, ItemKind, Quoting};

use super::{
    Refusal,
    confirming::confirm,
    decide::{Effect, World, type_into},
    plan::label,
    prepare::{Prepared, prepare},
};
use crate::{event::Fact, state::ItemStatus};

/// Attributes that hold wherever a command is typed.
const HOLD: &[&str] = &["name", "id", "confirm", "undo", "excludeFromRunAll", "tag", "category", "optional"];

/// The item whose session is open in the section of another, if that other one could be typed there.
pub(crate) fn session_for<'a>(world: &World<'a>, item: &Item) -> Option<&'a Item> {
    let (running, _) = world.state.running()?;
    let (of_session, _, session) = world.plan.place(running)?;
    let (section, ..) = world.plan.place(&item.id)?;
    let same_place = std::ptr::eq(section, of_session) && session.opens_session;
    let is_command = item.kind == ItemKind::Command && item.program.is_shell();
    (same_place && is_command && world.state.item(&session.id) == ItemStatus::Running).then_some(session)
}

/// Types a command into an open session.
///
/// # Errors
/// The question before it, what it still needs, or why it cannot be typed there.
pub(crate) fn type_there(
    world: &World<'_>,
    session: &Item,
    item: &Item,
    values: &BTreeMap<String, String>,
    answer: Option<&str>,
) -> Result<Vec<Effect>, Refusal> {
    let (name, place) = (label(item), label(session));
    let written = item.attributes.keys().map(String::as_str).find(|key| !HOLD.contains(key));
    // That of the front matter ends what it is kept for, too.
    if let Some(key) = written.or(item.options.timeout.map(|_| "timeout")) {
        let sentence =
            format!("`{key}` of {name} cannot be kept within the session of {place}: leave that session first");
        return Err(Refusal::Guard(sentence));
    }
    let prepared = prepare(world, &uncertain(item), values)?;
    let says = question(item, &name, &place);
    let confirmed = match confirm(world, item, answer) {
        Err(Refusal::Confirm { sentence, typed, environment: false }) => {
            let sentence = format!("{says}; {sentence}");
            return Err(Refusal::Confirm { sentence, typed, environment: false });
        }
        confirmed => confirmed?,
    };
    if confirmed.is_none() && answer.is_none() {
        return Err(Refusal::Confirm { sentence: says, typed: None, environment: false });
    }
    let remembered = values.iter().map(|(name, value)| Effect::Remember { name: name.clone(), value: value.clone() });
    let mut effects: Vec<Effect> = remembered.collect();
    effects.extend(confirmed);
    effects.extend(type_into(world, session, typed(&prepared).as_bytes())?);
    let reason = format!("typed into the session of {place}: nobody but the person saw how it ended");
    effects.push(Effect::Keep(Fact::Overridden { item: item.id.clone(), reason }));
    Ok(effects)
}

/// What is asked. A variable may have another value there, or none.
fn question(item: &Item, name: &str, place: &str) -> String {
    let mut says =
        format!("{name} is typed into the session of {place}, not run on this machine, and counts as done");
    if !item.variables.is_empty() {
        let names: Vec<String> = item.variables.iter().map(|name| format!("${name}")).collect();
        says.push_str(&format!("; {} is what it is in that session, not in this run", names.join(", ")));
    }
    says
}

/// Nobody knows what reads the text there: only plain values are taken, as in the lines for a session.
fn uncertain(item: &Item) -> Item {
    let mut item = item.clone();
    for place in item.placeholder_spans.iter_mut().chain(&mut item.doubt_spans) {
        place.quoting = Quoting::Uncertain;
    }
    item
}

/// The script as a person would type it, each line ended.
fn typed(prepared: &Prepared) -> String {
    let lines = prepared.script.lines().chain(prepared.session_lines.iter().map(String::as_str));
    lines.map(|line| format!("{line}\r")).collect()
}
