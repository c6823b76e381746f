//! What is asked before an item starts, or before anything is changed in an environment, and what the answers are. Pure.

use format::{Confirm, Item, ItemKind, Program};

use super::{
    Refusal,
    decide::{Effect, World},
    fleet::{hosts, on_hosts},
    plan::label,
};
use crate::event::Fact;

/// The answer to what is asked before an item starts, as it is recorded.
pub(crate) fn confirm(world: &World<'_>, item: &Item, answer: Option<&str>) -> Result<Option<Effect>, Refusal> {
    let place = hosts(world, item)?.map(|hosts| on_hosts(&hosts)).unwrap_or_default();
    if let Some(name) = guarded(world, item) {
        let sentence =
            format!("type \"{name}\", the name of the environment, before {} is started{place}", label(item));
        return Err(Refusal::Confirm { sentence, typed: Some(name.to_owned()), environment: true });
    }
    let (sentence, text) = match &item.options.confirm {
        None => return Ok(None),
        Some(Confirm::Ask) => (format!("{} asks to be confirmed before it is started{place}", label(item)), None),
        Some(Confirm::Type(text)) => {
            (format!("{} asks to type \"{text}\" before it is started{place}", label(item)), Some(text.clone()))
        }
    };
    let Some(answer) = answer else {
        return Err(Refusal::Confirm { sentence, typed: text, environment: false });
    };
    let what = match text {
        None => "yes, start it".to_owned(),
        Some(text) => {
            is_typed(&text, answer)?;
            format!("typed \"{text}\"")
        }
    };
    Ok(Some(Effect::Keep(Fact::Confirmed { item: Some(item.id.clone()), what })))
}

/// Whether what was typed is what had to be, to the letter.
pub(crate) fn is_typed(wanted: &str, typed: &str) -> Result<(), Refusal> {
    if typed == wanted {
        return Ok(());
    }
    Err(Refusal::Value(format!("what was typed is not \"{wanted}\": type that, to the letter, or leave it")))
}

/// The name of the run's environment, if its guard is to be answered before this item starts.
pub(crate) fn guarded<'a>(world: &World<'a>, item: &Item) -> Option<&'a str> {
    let environment = world.spec.environment.as_ref().filter(|environment| environment.guard)?;
    let changes = world.plan.place(&item.id).is_some_and(|(section, _, item)| {
        // What is measured with a request that only reads changes nothing, wherever it stands.
        let measures = matches!(item.program, Program::Measure(_)) && format::only_looks(item);
        section.phase.changes_something() && matches!(item.kind, ItemKind::Command | ItemKind::Undo) && !measures
    });
    (changes && !world.state.environment_confirmed).then_some(environment.name.as_str())
}

pub(crate) fn confirm_environment(world: &World<'_>, typed: &str) -> Result<Vec<Effect>, Refusal> {
    let Some(environment) = world.spec.environment.as_ref().filter(|environment| environment.guard) else {
        return Err(Refusal::State("no guard of an environment asks anything in this run".to_owned()));
    };
    is_typed(&environment.name, typed)?;
    Ok(vec![Effect::Keep(environment_confirmed(&environment.name))])
}

/// The guard of an environment was answered.
pub(crate) fn environment_confirmed(name: &str) -> Fact {
    Fact::Confirmed { item: None, what: format!("typed \"{name}\", the name of the environment") }
}
