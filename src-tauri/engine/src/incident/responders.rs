//! Who takes part in an incident, and in which role.

use format::Responder;

use crate::state::Mark;

/// Somebody who takes part, or a role that waits for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Responding {
    /// The role; none of somebody who just takes part.
    pub role: Option<String>,
    /// Who has it in this run; none where nobody has taken it.
    pub who: Option<String>,
    /// Whom the runbook names for it.
    pub written: Option<String>,
    /// How the runbook says that they are reached.
    pub contact: Option<String>,
    /// Since when they take part, or have the role; of those who left, until when.
    pub at: Option<String>,
}

/// Who takes part now, and who left.
pub(super) fn fold(written: &[Responder], marks: &[Mark]) -> (Vec<Responding>, Vec<Responding>) {
    let mut here: Vec<Responding> = written
        .iter()
        .map(|one| Responding {
            role: one.role.clone(),
            written: one.who.clone(),
            contact: one.contact.clone(),
            ..Responding::default()
        })
        .collect();
    let mut gone: Vec<Responding> = Vec::new();
    for mark in marks.iter().filter(|mark| mark.what == "responder") {
        let Some(who) = &mark.value else { continue };
        if mark.withdrawn {
            leave(&mut here, written.len(), &mut gone, who, mark);
        } else {
            gone.retain(|one| !one.is(who));
            join(&mut here, who, mark);
        }
    }
    (here, gone)
}

impl Responding {
    /// Whether it is this person.
    #[must_use]
    pub fn is(&self, who: &str) -> bool {
        self.who.as_deref().is_some_and(|name| same(name, who))
    }

    fn has(&self, role: &str) -> bool {
        self.role.as_deref().is_some_and(|own| same(own, role))
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn join(here: &mut Vec<Responding>, who: &str, mark: &Mark) {
    let (who, at) = (Some(who.to_owned()), Some(mark.at.clone()));
    match &mark.role {
        Some(role) => {
            // Who just took part has a place now.
            here.retain(|one| {
                one.role.is_some() || one.written.is_some() || !who.as_deref().is_some_and(|who| one.is(who))
            });
            match here.iter_mut().find(|one| one.has(role)) {
                Some(place) => (place.who, place.at) = (who, at),
                None => here.push(Responding { role: Some(role.clone()), who, at, ..Responding::default() }),
            }
        }
        None => {
            let known = |name: &Option<String>| {
                name.as_deref().zip(who.as_deref()).is_some_and(|(name, who)| same(name, who))
            };
            // Somebody whom the runbook names is there by that name.
            if let Some(place) = here.iter_mut().find(|one| one.who.is_none() && known(&one.written)) {
                (place.who, place.at) = (who, at);
            } else if !here.iter().any(|one| known(&one.who)) {
                here.push(Responding { who, at, ..Responding::default() });
            }
        }
    }
}

fn leave(here: &mut Vec<Responding>, written: usize, gone: &mut Vec<Responding>, who: &str, mark: &Mark) {
    let mut roles = Vec::new();
    for one in here.iter_mut().filter(|one| one.is(who)) {
        if mark.role.as_deref().is_some_and(|role| !one.has(role)) {
            continue;
        }
        roles.push(one.role.clone());
        (one.who, one.at) = (None, None);
    }
    // A role that the runbook does not have goes with who had it. Those that it has stand first.
    let mut place = 0;
    here.retain(|one| {
        place += 1;
        place <= written || one.who.is_some()
    });
    if roles.is_empty() {
        return;
    }
    let still = here.iter().any(|one| one.is(who));
    if mark.role.is_some() && !still {
        // Only the role was handed back.
        here.push(Responding { who: Some(who.to_owned()), at: Some(mark.at.clone()), ..Responding::default() });
    } else if !still {
        gone.push(Responding {
            role: roles.into_iter().flatten().next(),
            who: Some(who.to_owned()),
            at: Some(mark.at.clone()),
            ..Responding::default()
        });
    }
}
