//! What stands around a run: which runbook, who, where, with which values; and the frame of an incident.

use std::collections::BTreeSet;

use engine::{
    event::{LinkedState, Mode},
    incident::{Moment, Responding, Severity, Since, Took},
};

use super::Fold;

use crate::{
    model::{Incident, Named, Parameter, Timing},
    text::listed,
    times::{stamp, took, until},
};

impl Fold<'_> {
    pub(crate) fn facts(&self) -> Vec<Named> {
        let seen = &self.seen;
        let lines = |names: &[String]| -> Vec<String> { names.iter().map(|name| self.door.line(name)).collect() };
        let mut facts = Vec::new();
        let mut add = |name: &str, value: Option<String>, literal: bool| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                facts.push(Named { name: name.to_owned(), value, literal });
            }
        };
        let line = |text: Option<&String>| text.map(|text| self.door.line(text));
        add("Runbook", Some(self.title()), false);
        add("File", line(seen.path.as_ref()), true);
        add("Revision", line(seen.revision.as_ref().or(Some(&self.runbook().revision))), true);
        add("Git commit", line(seen.commit.as_ref()), true);
        let same = if seen.differs { "not as in that commit" } else { "as in that commit" };
        add("The file that was run", seen.commit.as_ref().map(|_| same.to_owned()), false);
        add("By", Some(listed(&lines(&seen.actors))), false);
        add("Environment", line(self.state.environment.as_ref()), false);
        // Whoever reads it elsewhere has to be told which machine "this machine" was.
        let hosts: BTreeSet<&str> = seen.actors.iter().filter_map(|actor| Some(actor.split_once('@')?.1)).collect();
        let hosts: Vec<&str> = hosts.into_iter().collect();
        let place = |target: &String| {
            let here = target == engine::THIS_MACHINE && !hosts.is_empty();
            if here { format!("{target} ({})", hosts.join(", ")) } else { target.clone() }
        };
        let places: Vec<String> = seen.targets.iter().map(place).collect();
        add("Where", Some(listed(&lines(&places))), false);
        add("Mode", self.state.mode.map(|mode| self::mode(mode).to_owned()), false);
        add("Only step", line(self.state.step.as_ref()), false);
        let part = seen.parent.as_ref().map(|parent| format!("{} (check {})", parent.run, parent.item));
        add("Part of run", part.map(|part| self.door.line(&part)), true);
        let linked = self.state.items.iter().filter_map(|(item, known)| {
            let linked = known.linked.as_ref()?;
            let state = match linked.state {
                LinkedState::Opened => "under way",
                LinkedState::Passed => "passed",
                LinkedState::Failed => "failed",
                LinkedState::Abandoned => "given up",
                LinkedState::RolledBack => "rolled back",
            };
            Some(self.door.line(&format!("{} (check {item}): {state}", linked.run)))
        });
        let linked: Vec<String> = linked.collect();
        add("Runs of its checks", Some(linked.join("; ")), true);
        add("Started", seen.started_at.as_deref().map(|at| format!("{} UTC", stamp(at))), false);
        let ended = seen.last_at.as_deref().filter(|_| self.state.is_finished());
        let began = seen.started_at.as_deref().unwrap_or_default();
        add("Ended", ended.map(|at| format!("{} UTC", until(began, at))), false);
        add("Run", Some(self.record.run.0.clone()), true);
        add("Written by", line(seen.version.as_ref()).map(|version| format!("Allgood {version}")), false);
        facts
    }

    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let known = |name: &&String| self.state.parameters.get_key_value(name.as_str());
        let given = self.seen.parameters.iter().filter_map(|name| known(&name));
        let secret =
            |name: &str| self.runbook().settings.params.iter().any(|param| param.name == name && param.secret);
        given
            .map(|(name, parameter)| Parameter {
                name: self.door.line(name),
                value: parameter.value.as_deref().filter(|_| !secret(name)).map(|value| self.door.text(value)),
                from: self.door.line(&parameter.from),
            })
            .collect()
    }

    /// Names of what was secret: entries that the runbook names, secret parameters, values that were kept in memory alone.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let settings = &self.runbook().settings;
        let entries = settings.access.iter().map(|(name, entry)| format!("{name} ({entry})"));
        let params = settings.params.iter().filter(|param| param.secret).map(|param| param.name.clone());
        let mut names: Vec<String> = Vec::new();
        for name in entries.chain(params).chain(self.seen.kept_back.iter().cloned()) {
            let name = self.door.line(&name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The frame of an incident, where it is one.
    pub(crate) fn incident(&self) -> Option<Incident> {
        let found = engine::incident::Incident::of(self.runbook(), &self.state)?;
        let changed = found.severity.as_ref().and_then(|severity| self.changed(severity));
        let left = found.left.iter().map(|one| {
            let until = one.at.as_deref().map(|at| format!(", until {} UTC", stamp(at))).unwrap_or_default();
            format!("{}{until}", person(one))
        });
        let responders = found.responders.iter().map(person).chain(left);
        let updates = found.updates.last.as_ref().map(|(at, by)| {
            let sent = found.updates.sent;
            let last = if sent == 1 { "" } else { "the last " };
            format!("{sent} sent, {last}at {} UTC by {}", stamp(at), self.door.line(by))
        });
        Some(Incident {
            name: found.name.as_deref().map(|name| self.door.line(name)),
            severity: found.severity.as_ref().map(|severity| self.door.line(&severity.value)),
            changed,
            responders: responders.filter(|name| !name.is_empty()).map(|name| self.door.line(&name)).collect(),
            times: vec![
                self.timing("Time to detect", found.moment("detected")),
                self.timing("Time to mitigate", found.moment("mitigated")),
                self.timing("Time to verify", found.moment("verified")),
            ],
            updates,
        })
    }

    /// That a severity was raised or lowered, when, by whom and why.
    fn changed(&self, severity: &Severity) -> Option<String> {
        let set = severity.set.as_ref()?;
        let how = match &set.before {
            Some(before) => {
                format!("{} from {before}", Severity::moved(before, &severity.value).unwrap_or("changed"))
            }
            None => "said".to_owned(),
        };
        let reason = set.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        Some(self.door.line(&format!("{how} at {} UTC by {}{reason}", stamp(&set.at), set.actor)))
    }

    fn timing(&self, name: &str, moment: Option<&Moment>) -> Timing {
        let Some(moment) = moment else {
            let text = "not marked".to_owned();
            return Timing { name: name.to_owned(), took_ms: None, text, at: None, by: None, remark: None };
        };
        let of = |since| match since {
            Since::Detected => "it was detected",
            Since::Began => "it began",
            Since::Run => "the run began",
        };
        let (took_ms, text) = match moment.took {
            Took::After(ms, since) => (Some(ms), format!("{} after {}", took(ms), of(since))),
            Took::Before(ms, since) => (None, format!("{} before {}", took(ms), of(since))),
            Took::Nothing | Took::Unknown => (None, "unknown".to_owned()),
        };
        // What was corrected, or marked for another time, says so: the record has every mark.
        let later = (moment.when != moment.at).then(|| format!("said at {} UTC", stamp(&moment.at)));
        let corrected = (moment.corrected > 0).then(|| "corrected".to_owned());
        let remarks: Vec<String> = later.into_iter().chain(corrected).collect();
        let remark = (!remarks.is_empty()).then(|| remarks.join(", "));
        let (at, by) = (Some(stamp(&moment.when)), Some(self.door.line(&moment.actor)));
        Timing { name: name.to_owned(), took_ms, text, at, by, remark }
    }
}

/// Who takes part, in which role; a role that nobody has taken with whom the runbook names.
fn person(one: &Responding) -> String {
    let parts = match &one.who {
        Some(who) => vec![Some(who), one.role.as_ref()],
        None => vec![one.role.as_ref(), one.written.as_ref(), one.contact.as_ref()],
    };
    parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
}

/// How a run was driven.
pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Hand => "by hand",
        Mode::Auto => "by itself, until a person was needed",
        Mode::Rehearse => "rehearsed: nothing was executed",
    }
}
