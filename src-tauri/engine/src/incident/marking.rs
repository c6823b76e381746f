//! What a person marks, as the record takes it.

use format::Runbook;
use jiff::Timestamp;

use super::{Incident, MOMENTS, WORDS};
use crate::{
    event::{Fact, FinishState},
    run::Refusal,
    state::RunState,
};

/// A mark as it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marking {
    /// One of [`WORDS`].
    pub what: String,
    /// Which severity, who, which incident, what was said; beside a moment what is known of it.
    pub value: Option<String>,
    /// The moment that is meant, where that is not now; of `snoozed`, when the next update is due. A time of RFC 3339.
    pub when: Option<String>,
    /// In which role, of a responder.
    pub role: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// It does not hold after all; of a responder: they leave, or, with a role, hand that back.
    pub withdrawn: bool,
}

/// The fact that a mark becomes.
///
/// # Errors
/// When it says nothing, contradicts what stands, or lacks the reason that it has to have.
pub fn mark(runbook: &Runbook, state: &RunState, marking: &Marking) -> Result<Fact, Refusal> {
    let said =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let what = marking.what.trim().to_lowercase();
    let (value, role, reason) = (said(&marking.value), said(&marking.role), said(&marking.reason));
    if what.is_empty() {
        return refuse("say what is marked".to_owned());
    }
    if !WORDS.contains(&what.as_str()) {
        return refuse(format!("\"{what}\" cannot be marked: say one of {}", WORDS.join(", ")));
    }
    if state.finished == Some(FinishState::HandedOver) {
        return refuse("the run was handed over: it is marked where it goes on".to_owned());
    }
    let when = match said(&marking.when) {
        Some(text) => match text.parse::<Timestamp>() {
            Ok(when) => Some(format!("{when:.3}")),
            Err(_) => return refuse(format!("\"{text}\" is no time")),
        },
        None => None,
    };
    let now = Incident::of(runbook, state).unwrap_or_default();
    let refused = match what.as_str() {
        moment if MOMENTS.contains(&moment) => {
            (marking.withdrawn && now.moment(moment).is_none()).then(|| format!("{moment} is not marked"))
        }
        "severity" => severity(&now, value.as_deref(), reason.is_some(), marking.withdrawn),
        "responder" => responder(&now, value.as_deref(), role.as_deref(), marking.withdrawn),
        "snoozed" if marking.withdrawn => {
            now.updates.snoozed.is_none().then(|| "the next update is not put off".to_owned())
        }
        "snoozed" if when.is_none() => Some("say until when the next update is put off".to_owned()),
        "snoozed" if reason.is_none() => Some("say why the next update is put off".to_owned()),
        "update" if value.is_none() => Some("say what was told".to_owned()),
        "incident" if value.is_none() && !marking.withdrawn => Some("say which incident it is".to_owned()),
        _ => None,
    };
    match refused {
        Some(sentence) => refuse(sentence),
        None => Ok(Fact::Marked { what, value, when, role, reason, withdrawn: marking.withdrawn }),
    }
}

fn severity(now: &Incident, value: Option<&str>, has_reason: bool, withdrawn: bool) -> Option<String> {
    if withdrawn {
        return Some("a severity is not taken back: mark the one that holds, and say why".to_owned());
    }
    let Some(value) = value else { return Some("say which severity it is".to_owned()) };
    let before = now.severity.as_ref().map(|severity| severity.value.as_str())?;
    if before.eq_ignore_ascii_case(value) {
        return Some(format!("the severity is {before} already"));
    }
    (!has_reason).then(|| format!("say why the severity changes from {before} to {value}"))
}

fn responder(now: &Incident, who: Option<&str>, role: Option<&str>, withdrawn: bool) -> Option<String> {
    let Some(who) = who else { return Some("say who responds".to_owned()) };
    let has = |role: &str| {
        let mut of_them = now.responders.iter().filter(|one| one.is(who));
        of_them.any(|one| one.role.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(role)))
    };
    let takes_part = now.responders.iter().any(|one| one.is(who));
    match (withdrawn, role) {
        (true, _) if !takes_part => Some(format!("{who} does not take part")),
        (true, Some(role)) if !has(role) => Some(format!("{who} is not {role}")),
        (false, None) if takes_part => Some(format!("{who} takes part already")),
        (false, Some(role)) if has(role) => Some(format!("{who} is {role} already")),
        _ => None,
    }
}

fn refuse<T>(sentence: String) -> Result<T, Refusal> {
    Err(Refusal::State(sentence))
}
