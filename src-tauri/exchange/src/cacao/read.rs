//! A playbook becomes a runbook.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{KEPT, KEY, flow::Flow, json, targets::Targets, variables::Names};
use crate::{Brought, Difference, markdown};

/// Whether a file is a CACAO playbook, of whatever version.
#[must_use]
pub fn is_playbook(bytes: &[u8]) -> bool {
    // Most files of JSON are none, and are not read as a whole for it.
    if !contains(bytes, b"\"playbook\"") || !contains(bytes, b"\"workflow\"") {
        return false;
    }
    parse(bytes).is_some_and(|playbook| playbook["type"] == "playbook" && playbook.get("spec_version").is_some())
}

/// The `id` of a playbook, by which others refer to it.
#[must_use]
pub fn id(bytes: &[u8]) -> Option<String> {
    json::text(&parse(bytes)?, "id").map(str::to_owned)
}

/// The runbook that says what a playbook says. `known` are the files of playbooks that come along, by their `id`.
///
/// # Errors
/// One sentence, when it is no playbook of version 2.0 or leads nowhere.
pub fn read(bytes: &[u8], known: &BTreeMap<String, String>) -> Result<Brought, String> {
    let playbook: Value = serde_json::from_slice(strip(bytes)).map_err(|error| {
        format!("it is no JSON that can be read: {error}. Export it again from the program that it comes from.")
    })?;
    if playbook["type"] != "playbook" {
        return Err("it is no CACAO playbook: its `type` is not `playbook`.".to_owned());
    }
    match json::text(&playbook, "spec_version") {
        Some("cacao-2.0") => {}
        Some(other) => {
            return Err(format!(
                "it is a CACAO playbook of version `{other}`: only `cacao-2.0` is read. Convert it in the program that it \
                 comes from."
            ));
        }
        None => return Err("it is no CACAO playbook: it has no `spec_version`.".to_owned()),
    }
    if json::members(&playbook, "workflow").next().is_none() {
        return Err("its workflow has no steps: there is nothing to run in it.".to_owned());
    }
    Ok(Reader::new(&playbook, known).runbook())
}

fn parse(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(strip(bytes)).ok()
}

/// Without the byte order mark that some programs write.
fn strip(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

struct Reader<'a> {
    playbook: &'a Value,
    known: &'a BTreeMap<String, String>,
    names: Names,
    differences: Vec<Difference>,
}

impl<'a> Reader<'a> {
    fn new(playbook: &'a Value, known: &'a BTreeMap<String, String>) -> Self {
        Self { playbook, known, names: Names::default(), differences: Vec::new() }
    }

    fn runbook(mut self) -> Brought {
        let title = json::text(self.playbook, "name").unwrap_or("Playbook without a name");
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let front_matter = self.front_matter(&title);
        let overview = self.overview();
        let targets = Targets::of(self.playbook, &mut self.differences);
        let mut flow = Flow::new(self.playbook, &self.names, &targets, self.known);
        let path = flow.path();
        self.differences.append(&mut flow.differences);
        self.differences.extend(targets.used(&flow.entries));
        self.whole();
        let mut text = format!("---\n{front_matter}---\n\n# {}\n", markdown::inline(&title));
        if !overview.is_empty() {
            let _ = write!(text, "\n## Overview\n\n{overview}");
        }
        let _ = write!(text, "\n## Steps\n{path}");
        if !self.differences.is_empty() {
            text.push_str(
                "\n## Notes on the playbook\n\nIt was made of a CACAO playbook. What is otherwise here:\n\n",
            );
            for difference in &self.differences {
                let sentence = as_text(&difference.sentence);
                let _ = match difference.place.as_str() {
                    "" => writeln!(text, "- {sentence}"),
                    place => writeln!(text, "- **{}**: {sentence}", markdown::inline(place)),
                };
            }
        }
        Brought { title, text, differences: self.differences }
    }

    /// The front matter. Each value is written as JSON, which is YAML too.
    fn front_matter(&mut self, title: &str) -> String {
        let playbook = self.playbook;
        let mut out = String::new();
        let mut line = |key: &str, value: &Value| {
            let _ = writeln!(out, "{key}: {value}");
        };
        line("title", &json!(title));
        let types = json::texts(playbook, "playbook_types");
        let answers = ["investigation", "mitigation", "remediation", "detection", "notification"];
        if types.iter().any(|one| answers.contains(one)) {
            line("kind", &json!("incident"));
        }
        if let Some(severity) = playbook["severity"].as_u64().filter(|severity| *severity > 0) {
            line("severity", &json!(severity.to_string()));
        }
        let tags: Vec<&str> = json::texts(playbook, "labels").into_iter().chain(types).collect();
        if !tags.is_empty() {
            line("tags", &json!(tags));
        }
        let references = playbook.get("external_references").and_then(Value::as_array).into_iter().flatten();
        let links: Vec<Value> = references
            .filter_map(|one| {
                let url = json::text(one, "url")?;
                Some(json!({ "title": json::text(one, "name").unwrap_or(url), "url": url }))
            })
            .collect();
        if !links.is_empty() {
            line("links", &json!(links));
        }
        let (params, env) = self.variables();
        if !params.is_empty() {
            line("params", &Value::Object(params));
        }
        if !env.is_empty() {
            line("env", &Value::Object(env));
        }
        let kept: Map<String, Value> =
            KEPT.iter().filter_map(|key| Some(((*key).to_owned(), playbook.get(*key)?.clone()))).collect();
        line(KEY, &Value::Object(kept));
        out
    }

    /// What is asked for at the start, and what has its value.
    fn variables(&mut self) -> (Map<String, Value>, Map<String, Value>) {
        let (mut params, mut env) = (Map::new(), Map::new());
        let playbook = self.playbook;
        let made: Vec<&str> =
            json::members(playbook, "workflow").flat_map(|(_, step)| json::texts(step, "out_args")).collect();
        let own = json::members(playbook, "workflow").flat_map(|(_, step)| {
            let place = json::text(step, "name").unwrap_or("a step").to_owned();
            json::members(step, "step_variables").map(move |(key, variable)| (key, variable, Some(place.clone())))
        });
        let all = json::members(playbook, "playbook_variables").map(|(key, variable)| (key, variable, None));
        for (key, variable, place) in all.chain(own) {
            let name = self.names.of(key);
            if let Some(place) = place {
                self.differences.push(Difference::new(
                    place,
                    format!("the variable `{name}` belongs to this step in the playbook; here it is set for the whole run."),
                ));
            }
            let kind = json::text(variable, "type").unwrap_or("string");
            let value = match variable.get("value") {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Null) | None => String::new(),
                Some(other) => other.to_string(),
            };
            let external = variable["external"].as_bool().unwrap_or(false);
            if made.contains(&key.as_str()) && !external {
                // A step gives it its value; where it has one before, that holds until then.
                if !value.is_empty() {
                    env.insert(name, json!(value));
                }
                continue;
            }
            if !external && !value.is_empty() {
                env.insert(name, json!(value));
                continue;
            }
            let mut param = Map::new();
            param.insert("prompt".to_owned(), json!(json::text(variable, "description").unwrap_or(&name)));
            if !value.is_empty() {
                param.insert("default".to_owned(), json!(value));
            }
            match kind {
                "bool" => {
                    param.insert("choices".to_owned(), json!(["true", "false"]));
                }
                "integer" | "long" => {
                    param.insert("pattern".to_owned(), json!("-?[0-9]+"));
                }
                _ => {}
            }
            params.insert(name, Value::Object(param));
        }
        (params, env)
    }

    fn overview(&mut self) -> String {
        let playbook = self.playbook;
        let mut parts = Vec::new();
        if playbook["revoked"] == true {
            parts.push("**This playbook was revoked by whoever made it.**".to_owned());
            self.differences
                .push(Difference::new("", "the playbook is revoked: its makers hold it for no longer valid."));
        }
        if let Some(description) = json::text(playbook, "description") {
            parts.push(markdown::paragraphs(&self.names.in_prose(description)));
        }
        for (key, said) in [("valid_from", "It holds from"), ("valid_until", "It holds until")] {
            if let Some(when) = json::text(playbook, key) {
                parts.push(format!("{said} {}.", markdown::inline(when)));
            }
        }
        for (_, marking) in json::members(playbook, "data_marking_definitions") {
            let said = ["tlpv2_level", "tlp_level", "statement", "description", "name"];
            if let Some(said) = said.iter().find_map(|key| json::text(marking, key)) {
                parts.push(format!("Marked: {}.", markdown::inline(said)));
            }
        }
        parts.iter().fold(String::new(), |out, part| {
            let between = if out.is_empty() { "" } else { "\n" };
            format!("{out}{between}{part}\n")
        })
    }

    /// What of the playbook as a whole has no place.
    fn whole(&mut self) {
        let playbook = self.playbook;
        let there = |key: &str| match playbook.get(key) {
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Object(members)) => !members.is_empty(),
            _ => false,
        };
        if there("authentication_info_definitions") {
            self.differences.push(Difference::new(
                "",
                "how its agents and targets sign in was not taken over, so that no secret comes into a file: keep it in \
                 access entries.",
            ));
        }
        if there("playbook_extensions") || there("extension_definitions") {
            self.differences
                .push(Difference::new("", "its extensions were not taken over: what they add is not in the steps."));
        }
        if there("signatures") {
            self.differences.push(Difference::new(
                "",
                "its signatures were not taken over, and not tested: they hold for the playbook, not for this text.",
            ));
        }
    }
}

/// A sentence in which what stands between backticks stays so, and the rest marks nothing up.
fn as_text(sentence: &str) -> String {
    let parts = sentence.split('`').enumerate();
    parts.map(|(number, part)| if number % 2 == 1 { markdown::code(part) } else { outside(part) }).collect()
}

fn outside(part: &str) -> String {
    let (start, end) = (part.starts_with(' '), part.ends_with(' '));
    let inner = markdown::inline(part);
    match (start, end, inner.is_empty()) {
        (true, _, true) | (_, true, true) => " ".to_owned(),
        _ => format!("{}{inner}{}", if start { " " } else { "" }, if end { " " } else { "" }),
    }
}
