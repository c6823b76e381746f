//! An incident in the terminal: marks, and the next status update (RUNS.md).

use std::time::Duration;

use api::wire::{IncidentView, Marking, RunAction, RunView};

use super::{checklist::Checklist, prompt};
use crate::{
    look::{BOLD, DIM, NEED, local_clock, one_line, styled, visible},
    status::Failure,
};

/// What can be marked, in the order in which it is offered.
const MARKS: [(&str, &str); 9] = [
    ("detected", "detected"),
    ("mitigated", "mitigated"),
    ("verified", "verified"),
    ("began", "began: the harm began before it was detected"),
    ("severity", "severity: raise or lower it"),
    ("responder", "responder: somebody joins, or takes a role"),
    ("left", "responder: somebody leaves, or hands a role back"),
    ("snoozed", "next update: put it off"),
    ("incident", "incident: which one it is"),
];

impl Checklist<'_> {
    /// Marks a moment or a fact of an incident.
    pub(crate) fn mark(&mut self) {
        let incident = self.live.view().incident;
        let held = incident.iter().flat_map(|incident| &incident.moments);
        let held: Vec<String> = held.map(|moment| moment.what.clone()).collect();
        let mut names: Vec<String> = MARKS.iter().map(|(_, says)| (*says).to_owned()).collect();
        names.extend(held.iter().map(|what| format!("{what}: take it back")));
        if let Some(chosen) = self.answer(|| prompt::choose("Mark what?", &names)) {
            let marking = match MARKS.get(chosen) {
                Some((what, _)) => self.answer(|| ask(what, incident.as_ref())),
                None => held.get(chosen - MARKS.len()).map(|what| Marking {
                    what: what.clone(),
                    withdrawn: true,
                    ..Marking::default()
                }),
            };
            if let Some(marking) = marking {
                self.act(RunAction::Mark(marking));
            }
        }
        self.again();
    }

    /// Writes a status update: from a message of the runbook, or a text of one's own.
    pub(crate) fn write_update(&mut self) -> Result<(), Failure> {
        let view = self.live.view();
        let Some(incident) = &view.incident else {
            self.say(&["    This run is no incident: mark something with i first.".to_owned()]);
            self.again();
            return Ok(());
        };
        let templates = &incident.updates.templates;
        let mut names: Vec<String> = templates
            .iter()
            .map(|one| match &one.to {
                Some(to) => format!("{}, to {to}", one.item),
                None => one.item.clone(),
            })
            .collect();
        names.push("a text of your own".to_owned());
        let Some(chosen) = self.answer(|| prompt::choose("Which update?", &names)) else {
            self.again();
            return Ok(());
        };
        let item = templates.get(chosen).map(|one| one.item.clone());
        let before = item.as_ref().and_then(|item| view.messages.get(item)).cloned().unwrap_or_default();
        let text = match self.in_editor(&before, ".txt")? {
            Some(Ok(text)) if !text.trim().is_empty() => text.trim_end().to_owned(),
            Some(Err(sentence)) => {
                self.say(&[format!("    {sentence}")]);
                self.again();
                return Ok(());
            }
            _ => {
                self.again();
                return Ok(());
            }
        };
        let bar = self.out.look.or("│", "|");
        let lines: Vec<String> = visible(&text).lines().map(|line| format!("    {bar} {line}")).collect();
        self.say(&lines);
        let look = self.out.look;
        let question = match api::unfilled(&text) {
            Some(open) => format!("{open} Is it sent so?"),
            None => "Send it now, then say so. Is it sent?".to_owned(),
        };
        let sent = self.answer(|| prompt::confirm(look, &question).ok());
        if sent == Some(true) {
            let action = match item {
                Some(item) => RunAction::MessageSent { item, text },
                None => {
                    RunAction::Mark(Marking { what: "update".to_owned(), value: Some(text), ..Marking::default() })
                }
            };
            self.act(action);
        }
        self.again();
        Ok(())
    }

    /// How long it is until the next update is due; none where none is, or where it was said already that it is.
    pub(crate) fn until_due(&self) -> Option<Duration> {
        let (due, wait) = self.live.update_due()?;
        (self.reminded.as_deref() != Some(due.as_str())).then_some(wait)
    }

    /// Says that an update is due.
    pub(crate) fn remind(&mut self) {
        let Some((due, _)) = self.live.update_due() else { return };
        let mark = self.out.look.or("◆", "!");
        let line =
            format!("    {mark} A status update is due since {}: u writes it, i puts it off.", local_clock(&due));
        self.say(&[styled(NEED, line)]);
        self.reminded = Some(due);
    }

    /// What stands below the title of a run that is one of an incident.
    pub(crate) fn frame(&self, view: &RunView) -> Vec<String> {
        let Some(incident) = &view.incident else { return Vec::new() };
        let mut lines = vec![String::new()];
        lines.extend(crate::commands::incident_lines(self.out.look, incident).iter().map(|line| format!("  {line}")));
        let keys = format!("  {} marks, {} writes an update", styled(BOLD, "i"), styled(BOLD, "u"));
        lines.push(styled(DIM, keys));
        lines
    }
}

/// Asks for what belongs to a mark.
fn ask(what: &str, incident: Option<&IncidentView>) -> Option<Marking> {
    let plain = |what: &str| Marking { what: what.to_owned(), ..Marking::default() };
    match what {
        "severity" => {
            let mut known = incident.map(|incident| incident.severities.clone()).unwrap_or_default();
            known.push("another".to_owned());
            let chosen = prompt::choose("Which severity?", &known)?;
            let value = match known.get(chosen) {
                Some(value) if chosen + 1 < known.len() => value.clone(),
                _ => prompt::reason("Which severity?")?,
            };
            let reason = match incident.and_then(|incident| incident.severity.as_ref()) {
                Some(_) => Some(prompt::reason("Why?")?),
                None => None,
            };
            Some(Marking { value: Some(value), reason, ..plain("severity") })
        }
        "responder" => {
            let who = prompt::reason("Who?")?;
            let roles = roles(incident);
            let mut shown = vec!["no role of their own".to_owned()];
            shown.extend(roles.iter().cloned());
            shown.push("another".to_owned());
            let chosen = prompt::choose("In which role?", &shown)?;
            let role = match chosen {
                0 => None,
                place => Some(match roles.get(place - 1) {
                    Some(role) => role.clone(),
                    None => prompt::reason("Which role?")?,
                }),
            };
            Some(Marking { value: Some(who), role, ..plain("responder") })
        }
        "left" => {
            let here = incident.iter().flat_map(|incident| &incident.responders);
            let here: Vec<_> = here.filter_map(|one| Some((one.who.clone()?, one.role.clone()))).collect();
            let mut ways: Vec<(String, String, Option<String>)> = Vec::new();
            for (who, role) in here {
                if !ways.iter().any(|(_, known, role)| *known == who && role.is_none()) {
                    ways.push((format!("{who} leaves"), who.clone(), None));
                }
                if let Some(role) = role {
                    ways.push((format!("{who} is no longer {role}"), who, Some(role)));
                }
            }
            let shown: Vec<String> = ways.iter().map(|(shown, ..)| shown.clone()).collect();
            if shown.is_empty() {
                return None;
            }
            let (_, who, role) = ways.into_iter().nth(prompt::choose("Who?", &shown)?)?;
            Some(Marking { value: Some(who), role, withdrawn: true, ..plain("responder") })
        }
        "snoozed" => {
            let when = prompt::text("Until when?", "04:00, or for how long: 10m", "10m")?;
            let reason = prompt::reason("Why?")?;
            Some(Marking { when: Some(when), reason: Some(reason), ..plain("snoozed") })
        }
        "incident" => Some(Marking { value: Some(prompt::reason("Which incident?")?), ..plain("incident") }),
        moment => {
            let when = prompt::text("When?", "Enter means now; else 02:47, or how long ago: 15m", "")?;
            Some(Marking { when: Some(when).filter(|when| !when.trim().is_empty()), ..plain(moment) })
        }
    }
}

fn roles(incident: Option<&IncidentView>) -> Vec<String> {
    let roles = incident.iter().flat_map(|incident| &incident.responders).filter_map(|one| one.role.as_deref());
    roles.map(one_line).collect()
}
