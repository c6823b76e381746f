//! A runbook becomes a playbook: its path, step after step, each with what is done in it.

use std::collections::{BTreeMap, BTreeSet};

use format::{Kind, Phase, Runbook, Section, Step};
use serde_json::{Map, Value, json};

use super::{
    NOTES, ids,
    items::{self, Made, Place},
    kept, servers, variables,
};
use crate::{Difference, Given, markdown};

/// What a runbook does not say of itself.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Now, as `2026-11-29T10:00:00.000Z`.
    pub now: String,
    /// Who makes it, where the runbook names no owner.
    pub by: String,
}

/// The playbook that says what a runbook says, as JSON. `source` is the runbook's text.
#[must_use]
pub fn write(runbook: &Runbook, source: &str, facts: &Facts) -> Given {
    let mut writer = Writer {
        runbook,
        source,
        id: String::new(),
        workflow: Map::new(),
        agents: Map::new(),
        targets: Map::new(),
        declared: format::declared(runbook, &format::LibraryFile::default()),
        taken: format::Taken::default(),
        uses: BTreeSet::new(),
        gives: BTreeSet::new(),
        differences: Vec::new(),
    };
    let playbook = writer.playbook(facts);
    let mut text = serde_json::to_string_pretty(&playbook).unwrap_or_default();
    text.push('\n');
    Given { text, differences: writer.differences }
}

struct Writer<'a> {
    runbook: &'a Runbook,
    source: &'a str,
    id: String,
    workflow: Map<String, Value>,
    agents: Map<String, Value>,
    targets: Map<String, Value>,
    /// What the runbook declares, of which text may name the value.
    declared: BTreeSet<String>,
    /// What steps are called.
    taken: format::Taken,
    uses: BTreeSet<String>,
    gives: BTreeSet<String>,
    differences: Vec<Difference>,
}

impl Writer<'_> {
    fn playbook(&mut self, facts: &Facts) -> Value {
        let runbook = self.runbook;
        let (kept, wrong) = match runbook.front_matter.get(kept::KEY).and_then(Value::as_object) {
            Some(properties) => kept::kept(properties),
            None => Default::default(),
        };
        for key in wrong {
            let sentence =
                format!("`{key}` under `{}` is not what a playbook can have there: it was left out.", kept::KEY);
            self.differences.push(Difference::new("", sentence));
        }
        let types: Vec<String> = match kept.get("playbook_types").and_then(Value::as_array) {
            Some(types) => types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None if runbook.kind == Some(Kind::Incident) => vec!["remediation".to_owned()],
            None => Vec::new(),
        };
        self.id = kept.get("id").and_then(Value::as_str).map_or_else(|| ids::playbook(&runbook.title), str::to_owned);
        let owner = runbook.about.owner.clone().unwrap_or_else(|| facts.by.clone());
        let mut playbook = Map::new();
        let mut set = |key: &str, value: Value| playbook.insert(key.to_owned(), value);
        set("type", json!("playbook"));
        set("spec_version", json!("cacao-2.0"));
        set("id", json!(self.id));
        set("name", json!(runbook.title));
        set("description", json!(self.description(&kept)));
        if !types.is_empty() {
            set("playbook_types", json!(types));
            set("playbook_activities", json!(["step-sequence"]));
        }
        // Whose it is: the same name is the same identity in every export.
        set("created_by", json!(ids::part("", "identity", &owner)));
        set("created", json!(facts.now));
        set("modified", json!(facts.now));
        if let Some(severity) = runbook.about.severity.as_deref() {
            match severity.parse::<u64>().ok().filter(|severity| *severity <= 100) {
                Some(severity) => drop(set("severity", json!(severity))),
                None => self.differences.push(Difference::new(
                    "",
                    format!("`severity: {severity}` has no place: a playbook's severity is a number from 1 to 100."),
                )),
            }
        }
        let tags: Vec<&String> = runbook.about.tags.iter().filter(|tag| !types.contains(tag)).collect();
        if !tags.is_empty() {
            set("labels", json!(tags));
        }
        let links = runbook.about.links.iter().map(|link| json!({ "name": link.title, "url": link.url }));
        let links: Vec<Value> = links.collect();
        if !links.is_empty() {
            set("external_references", json!(links));
        }
        // A version is no older than the first.
        if let Some(created) = kept.get("created").filter(|created| created.as_str() > Some(facts.now.as_str())) {
            set("modified", created.clone());
        }
        for (key, value) in
            kept.into_iter().filter(|(key, _)| !matches!(key.as_str(), "id" | "modified" | "playbook_types"))
        {
            set(&key, value);
        }
        let start = self.workflow(&owner);
        let variables = self.variables();
        if !variables.is_empty() {
            playbook.insert("playbook_variables".to_owned(), Value::Object(variables));
        }
        playbook.insert("workflow_start".to_owned(), json!(start));
        playbook.insert("workflow".to_owned(), Value::Object(std::mem::take(&mut self.workflow)));
        for (key, defined) in [("agent_definitions", &mut self.agents), ("target_definitions", &mut self.targets)] {
            if !defined.is_empty() {
                playbook.insert(key.to_owned(), Value::Object(std::mem::take(defined)));
            }
        }
        self.whole();
        Value::Object(playbook)
    }

    /// What it is for, and what stands beside the path. What the properties that are kept say is said by them.
    fn description(&mut self, kept: &Map<String, Value>) -> String {
        let about = &self.runbook.about;
        let mut parts: Vec<String> = about.summary.iter().cloned().collect();
        parts.extend(about.outcome.iter().map(|outcome| format!("When it is done: {outcome}")));
        let told = kept::told(kept);
        let sections = self.runbook.phases.iter().filter(|section| section.phase == Phase::Reference);
        for section in sections.filter(|section| section.heading != NOTES) {
            let written = self.source.get(section.span.start..section.span.end).unwrap_or_default().trim();
            // The title is the name already, and the overview is what a description is.
            let written = if section.level == 1 || section.level > 0 && section.heading == "Overview" {
                written.split_once('\n').map_or("", |(_, rest)| rest)
            } else {
                written
            };
            let written = self.plain(written.trim());
            let paragraphs = written.split("\n\n").filter(|part| !told.iter().any(|told| told == part.trim()));
            parts.push(paragraphs.collect::<Vec<_>>().join("\n\n"));
        }
        parts.retain(|part| !part.trim().is_empty());
        parts.join("\n\n")
    }

    /// The steps; gives the identifier of the first.
    fn workflow(&mut self, owner: &str) -> String {
        let start = ids::part(&self.id, "start", "");
        let end = ids::part(&self.id, "end", "");
        let mut actions: Vec<(String, Map<String, Value>, bool)> = Vec::new();
        let runbook = self.runbook;
        for section in runbook.phases.iter().filter(|section| section.phase.on_path()) {
            let mut before = self.before(section);
            for step in &section.steps {
                self.step(step, before.take(), owner, &mut actions);
            }
        }
        if actions.is_empty() {
            actions.push(self.nothing_to_do(owner));
        }
        let next: Vec<String> = actions.iter().skip(1).map(|(id, ..)| id.clone()).chain([end.clone()]).collect();
        let first = actions.first().map_or_else(|| end.clone(), |(id, ..)| id.clone());
        self.workflow.insert(start.clone(), json!({ "type": "start", "on_completion": first }));
        for ((id, mut action, optional), next) in actions.into_iter().zip(next) {
            if optional {
                action.insert("on_success".to_owned(), json!(next));
                action.insert("on_failure".to_owned(), json!(next));
            } else {
                action.insert("on_completion".to_owned(), json!(next));
            }
            self.workflow.insert(id, Value::Object(action));
        }
        self.workflow.insert(end, json!({ "type": "end" }));
        start
    }

    /// A playbook has one action at least (section 3.1).
    fn nothing_to_do(&mut self, owner: &str) -> (String, Map<String, Value>, bool) {
        let (agent, _) = self.place(&Place::Person, owner);
        let action = json!({
            "type": "action",
            "name": "Read it",
            "agent": agent,
            "commands": [{ "type": "manual", "command": "Read what the playbook says: it has no steps." }],
        });
        self.differences
            .push(Difference::new("", "there is nothing to do in it: the playbook has one step, to read it."));
        (ids::part(&self.id, "action", ""), action.as_object().cloned().unwrap_or_default(), false)
    }

    /// A step: one action for what is done by one on one, in its order.
    fn step(
        &mut self,
        step: &Step,
        before: Option<String>,
        owner: &str,
        actions: &mut Vec<(String, Map<String, Value>, bool)>,
    ) {
        let prose = self.prose(step);
        let undo: Vec<&str> = step
            .items
            .iter()
            .filter(|item| item.kind == format::ItemKind::Undo)
            .map(|item| item.script.as_str())
            .collect();
        if !undo.is_empty() {
            self.differences.push(Difference::new(
                &step.title,
                "a playbook has no way back: its undo stands in the step's description.",
            ));
        }
        let forward = step.items.iter().filter(|item| item.kind != format::ItemKind::Undo);
        let mut groups: Vec<(Vec<String>, Vec<Made>)> = Vec::new();
        for item in forward {
            // What a person is asked for is what the check before it gives back.
            let asked = items::asks_for(item).zip(groups.last_mut().and_then(|(_, group)| group.last_mut()));
            if let Some((name, before)) = asked
                && before.place == Place::Person
                && before.gives.is_none()
            {
                before.gives = Some(name.to_owned());
                self.gives.insert(name.to_owned());
                continue;
            }
            let made = items::made(item, &self.text(item), &step.title, &self.declared, &mut self.differences);
            self.uses.extend(made.uses.iter().cloned());
            self.gives.extend(made.gives.iter().cloned());
            let said = said(item);
            let alone = made.timeout.is_some() || made.optional || made.gives.is_some();
            match groups.last_mut() {
                Some((says, group))
                    if !alone
                        && group.iter().all(|one| {
                            one.place == made.place && one.timeout.is_none() && !one.optional && one.gives.is_none()
                        }) =>
                {
                    says.extend(said);
                    group.push(made);
                }
                _ => groups.push((said.into_iter().collect(), vec![made])),
            }
        }
        let several = groups.len() > 1;
        for (number, (says, group)) in groups.into_iter().enumerate() {
            let mut action = Map::new();
            action.insert("type".to_owned(), json!("action"));
            let title = if several { format!("{} ({})", step.title, number + 1) } else { step.title.clone() };
            // By what it is called, and not by what is in it: brought in and given back it is the same step.
            let id = ids::part(&self.id, "action", &self.taken.take_numbered(&title));
            action.insert("name".to_owned(), json!(title));
            let mut description = says;
            if number == 0 {
                description.splice(0..0, before.iter().cloned().chain(prose.iter().cloned()));
                description.extend(undo.iter().map(|script| format!("Undo:\n{script}")));
            }
            if !description.is_empty() {
                action.insert("description".to_owned(), json!(description.join("\n\n")));
            }
            let optional = group.iter().any(|made| made.optional);
            if let Some(timeout) = group.iter().find_map(|made| made.timeout) {
                action.insert("timeout".to_owned(), json!(timeout));
            }
            let uses: BTreeSet<&String> = group.iter().flat_map(|made| &made.uses).collect();
            if !uses.is_empty() {
                let keys: Vec<String> = uses.iter().map(|name| variables::key(name)).collect();
                action.insert("in_args".to_owned(), json!(keys));
            }
            if let Some(gives) = group.iter().find_map(|made| made.gives.as_deref()) {
                action.insert("out_args".to_owned(), json!([variables::key(gives)]));
            }
            if let Some(place) = group.first().map(|made| made.place.clone()) {
                let (agent, targets) = self.place(&place, owner);
                action.insert("agent".to_owned(), json!(agent));
                if !targets.is_empty() {
                    action.insert("targets".to_owned(), json!(targets));
                }
            }
            let commands: Vec<Value> = group.into_iter().map(|made| made.command).collect();
            action.insert("commands".to_owned(), json!(commands));
            actions.push((id, action, optional));
        }
    }

    /// What an item says: all that a check does, as far as nothing else to do stands in it.
    fn text(&self, item: &format::Item) -> String {
        let written = self.source.get(item.span.start..item.span.end).unwrap_or_default().trim();
        let whole = written.split_once("] ").filter(|_| item.kind == format::ItemKind::Check);
        let Some((_, whole)) = whole.filter(|(_, whole)| whole.contains('\n')) else { return item.text.clone() };
        let begins = |line: &str, marks: &[&str]| marks.iter().any(|mark| line.starts_with(mark));
        let lines = whole
            .lines()
            .map(str::trim)
            .take_while(|line| !begins(line, &["```", "~~~", "- ", "* ", "+ ", "#", "<", "|"]));
        let lines: Vec<&str> = lines.collect();
        markdown::unescaped(lines.join("\n").trim())
    }

    /// What a section says before its first step.
    fn before(&mut self, section: &Section) -> Option<String> {
        let first = section.steps.first()?.span.start;
        without_heading(self.source.get(section.span.start..first)?).map(|text| self.plain(&text))
    }

    /// What a step says around what is done in it.
    fn prose(&mut self, step: &Step) -> Option<String> {
        let mut spans: Vec<_> = step.items.iter().map(|item| item.span).collect();
        spans.sort_by_key(|span| span.start);
        let (mut said, mut at) = (String::new(), step.span.start);
        for span in spans {
            said.push_str(self.source.get(at..span.start).unwrap_or_default());
            at = at.max(span.end);
        }
        said.push_str(self.source.get(at..step.span.end).unwrap_or_default());
        without_heading(&said).filter(|said| !is_title(said, step)).map(|text| self.plain(&text))
    }

    /// Prose of the runbook as a playbook says it: its variables are those of the playbook, and nothing has to be escaped.
    fn plain(&mut self, text: &str) -> String {
        let mut uses = Vec::new();
        let text = items::put_declared(text, &self.declared, &mut uses);
        self.uses.extend(uses);
        markdown::unescaped(&text)
    }

    /// Who does it and on what, defined where it is not yet.
    fn place(&mut self, place: &Place, owner: &str) -> (String, Vec<String>) {
        let here = json!({ "type": "linux", "name": "The machine that runs the playbook", "address": { "dname": ["localhost"] } });
        match place {
            Place::Person => {
                let name = if owner.is_empty() { "Whoever is on call" } else { owner };
                let id = ids::part(&self.id, "group", name);
                self.agents.insert(id.clone(), json!({ "type": "group", "name": name }));
                (id, Vec::new())
            }
            Place::Here => {
                let id = ids::part(&self.id, "linux", "");
                self.agents.insert(id.clone(), here);
                (id, Vec::new())
            }
            Place::Hosts(names) => {
                let agent = ids::part(&self.id, "linux", "");
                self.agents.insert(agent.clone(), here);
                let targets = names.iter().map(|name| {
                    let id = ids::part(&self.id, "ssh", name);
                    // Where the entry leads is a person's own: the name is what the runbook says.
                    let host = items::host(name);
                    let target = json!({ "type": "ssh", "name": name, "address": { "dname": [host] } });
                    self.targets.insert(id.clone(), target);
                    id
                });
                (agent, targets.collect())
            }
            Place::Web(base) => {
                let agent = ids::part(&self.id, "linux", "");
                self.agents.insert(agent.clone(), here);
                let id = ids::part(&self.id, "http-api", base);
                if !servers::says_scheme(base) && !self.targets.contains_key(&id) {
                    let sentence =
                        format!("that `{base}` is asked by this scheme is said in the name of its target alone.");
                    self.differences.push(Difference::new("", sentence));
                }
                self.targets.insert(id.clone(), Value::Object(servers::target(base)));
                (agent, vec![id])
            }
        }
    }

    fn variables(&mut self) -> Map<String, Value> {
        let settings = &self.runbook.settings;
        let mut all: BTreeMap<String, Value> = BTreeMap::new();
        for (name, value) in &settings.env {
            all.insert(
                variables::key(name),
                json!({ "type": "string", "value": value, "constant": false, "external": false }),
            );
        }
        for name in &self.gives {
            all.entry(variables::key(name)).or_insert_with(
                || json!({ "type": "string", "value": Value::Null, "constant": false, "external": false }),
            );
        }
        for param in &settings.params {
            let mut description = param.prompt.clone().unwrap_or_else(|| param.name.clone());
            if !param.choices.is_empty() {
                description.push_str(&format!(" (one of {})", param.choices.join(", ")));
            }
            if let Some(pattern) = &param.pattern {
                description.push_str(&format!(" (matches /{pattern}/)"));
            }
            if !param.choices.is_empty() || param.pattern.is_some() {
                self.differences.push(Difference::new(
                    "",
                    format!(
                        "which values `{}` takes is said in its description: nothing in a playbook tests them.",
                        param.name
                    ),
                ));
            }
            let value = param.default.clone().filter(|_| !param.secret);
            all.insert(
                variables::key(&param.name),
                json!({ "type": "string", "description": description, "value": value, "external": true }),
            );
        }
        let secrets: Vec<&String> = settings.access.iter().map(|(name, _)| name).collect();
        for name in &secrets {
            all.insert(
                variables::key(name),
                json!({ "type": "string", "description": "A secret: given by whoever runs it.", "value": Value::Null, "external": true }),
            );
        }
        if !secrets.is_empty() {
            self.differences.push(Difference::new(
                "",
                format!(
                    "where the secrets {} are kept was not given away: whoever runs the playbook gives them.",
                    secrets.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                ),
            ));
        }
        for name in &self.uses {
            all.entry(variables::key(name)).or_insert_with(
                || json!({ "type": "string", "description": name, "value": Value::Null, "external": true }),
            );
        }
        if !self.uses.is_empty() {
            self.differences.push(Difference::new(
                "",
                "a playbook pastes the values of variables into its commands as they are: one with quotes, `$` or line ends \
                 changes the command there.",
            ));
        }
        all.into_iter().collect()
    }

    /// What of the runbook as a whole has no place.
    fn whole(&mut self) {
        let rollback: Vec<&str> = self
            .runbook
            .phases
            .iter()
            .filter(|section| section.phase == Phase::Rollback)
            .map(|section| section.heading.as_str())
            .collect();
        if !rollback.is_empty() {
            self.differences.push(Difference::new(
                "",
                format!("{} is a way back, which a playbook does not have: it was left out.", rollback.join(", ")),
            ));
        }
        for (section, _, item) in self.runbook.items() {
            if section.phase == Phase::Reference && section.heading != NOTES && !item.script.is_empty() {
                let kind = match item.kind {
                    format::ItemKind::Probe => "probe",
                    format::ItemKind::Undo => "undo",
                    _ => "command",
                };
                let under = if section.heading.is_empty() {
                    String::new()
                } else {
                    format!(" under \"{}\"", section.heading)
                };
                self.differences.push(Difference::new(
                    format!("line {}", item.line),
                    format!(
                        "the {kind} `{}`{under} is beside the path: it stands in the description alone, and no step of the playbook \
                         runs it.",
                        item.id
                    ),
                ));
            }
        }
        let lost =
            ["shell", "cwd", "on_failure", "schedule", "responders", "update_every", "reviewed", "review_every"];
        let lost: Vec<String> = lost
            .iter()
            .filter(|key| self.runbook.front_matter.contains_key(**key))
            .map(|key| format!("`{key}`"))
            .collect();
        if !lost.is_empty() {
            let sentence = format!("{} of the front matter has no place in a playbook.", lost.join(", "));
            self.differences.push(Difference::new("", sentence));
        }
    }
}

/// Attributes of a block that a playbook has no word for, in words.
fn said(item: &format::Item) -> Option<String> {
    let lost = items::lost(item).into_iter();
    let written: Vec<String> =
        lost.map(|(key, value)| if value.is_empty() { key.to_owned() } else { format!("{key}: {value}") }).collect();
    (!written.is_empty()).then(|| written.join("; "))
}

/// Text without the heading that begins it; `None` where nothing is left.
fn without_heading(text: &str) -> Option<String> {
    let text = text.trim();
    let text = if text.starts_with('#') { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
    let lines = text.lines().filter(|line| !matches!(line.trim(), "-" | "*" | "+"));
    let text = lines.collect::<Vec<_>>().join("\n");
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Whether a text is the number and the title of a step of a list, and nothing else.
fn is_title(said: &str, step: &Step) -> bool {
    let plain = said.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(['.', ')']).trim();
    plain == step.title || plain.is_empty()
}
