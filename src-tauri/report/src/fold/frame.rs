//! What stands around a run: which runbook, who, where, with which values; and the frame of an incident.

use std::collections::BTreeSet;

use engine::{event::Mode, state::Mark};
use format::Kind;

use super::Fold;

use crate::{
    model::{Incident, Named, Parameter, Timing},
    text::listed,
    times::{between, stamp, took},
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
        add("Started", seen.started_at.as_deref().map(|at| format!("{} UTC", stamp(at))), false);
        let ended = seen.last_at.as_deref().filter(|_| self.state.is_finished());
        add("Ended", ended.map(|at| format!("{} UTC", stamp(at))), false);
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

    /// The frame of an incident: of a runbook that is for one, or of a run in which one was marked.
    pub(crate) fn incident(&self) -> Option<Incident> {
        if self.state.marks.is_empty() && self.runbook().kind != Some(Kind::Incident) {
            return None;
        }
        let about = &self.runbook().about;
        let marks = |what: &'static str| self.state.marks.iter().filter(move |mark| mark.what == what);
        let last = |what: &'static str| marks(what).filter_map(|mark| mark.value.as_deref()).next_back();
        let severity = last("severity").or(about.severity.as_deref());
        let mut responders: Vec<String> = Vec::new();
        let written = about.responders.iter().map(|responder| {
            let parts = [&responder.role, &responder.who, &responder.contact];
            parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
        });
        let marked = marks("responder").filter_map(|mark| mark.value.clone());
        for name in marked.chain(written).map(|name| self.door.line(&name)) {
            if !name.is_empty() && !responders.contains(&name) {
                responders.push(name);
            }
        }
        // It is detected once; what was said to be mitigated or verified can turn out not to be.
        let detected = marks("detected").next();
        let (mitigated, verified) = (marks("mitigated").next_back(), marks("verified").next_back());
        let began = self.seen.started_at.as_deref();
        Some(Incident {
            name: last("incident").map(|name| self.door.line(name)),
            severity: severity.map(|severity| self.door.line(severity)),
            responders,
            times: vec![
                self.timing("Time to detect", detected, None, began),
                self.timing("Time to mitigate", mitigated, detected, began),
                self.timing("Time to verify", verified, detected, began),
            ],
        })
    }

    fn timing(&self, name: &str, mark: Option<&Mark>, detected: Option<&Mark>, began: Option<&str>) -> Timing {
        let Some(mark) = mark else {
            let text = "not marked".to_owned();
            return Timing { name: name.to_owned(), took_ms: None, text, at: None, by: None };
        };
        let (since, what) = match detected {
            Some(detected) => (Some(detected.at.as_str()), "after it was detected"),
            None => (began, "after the run began"),
        };
        let took_ms = since.and_then(|since| between(since, &mark.at));
        let text =
            took_ms.map_or_else(|| "unknown: a clock was set back".to_owned(), |ms| format!("{} {what}", took(ms)));
        Timing {
            name: name.to_owned(),
            took_ms,
            text,
            at: Some(stamp(&mark.at)),
            by: Some(self.door.line(&mark.actor)),
        }
    }
}

/// How a run was driven.
pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Hand => "by hand",
        Mode::Auto => "by itself, until a person was needed",
        Mode::Rehearse => "rehearsed: nothing was executed",
    }
}
