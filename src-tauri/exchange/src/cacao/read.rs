//! A playbook becomes a runbook.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Known, LARGEST, MOST_VARIABLES, NOTES, flow::Flow, json, kept, targets::Targets, variables::Names};
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

/// The runbook that says what a playbook says. `known` gives the files of playbooks that come along.
///
/// # Errors
/// One sentence, when it is no playbook of version 2.0 or leads nowhere.
pub fn read(bytes: &[u8], known: Known<'_>) -> Result<Brought, String> {
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
    let of_steps = json::members(&playbook, "workflow").flat_map(|(_, step)| json::members(step, "step_variables"));
    if json::members(&playbook, "playbook_variables").chain(of_steps).nth(MOST_VARIABLES).is_some() {
        return Err(format!("it has more than {MOST_VARIABLES} variables, which no front matter holds."));
    }
    let brought = Reader::new(&playbook, known).runbook();
    if brought.text.len() > LARGEST {
        return Err("the runbook would be larger than 16 MiB: take the playbook apart into several.".to_owned());
    }
    Ok(brought)
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
    known: Known<'a>,
    names: Names,
    differences: Vec<Difference>,
}

impl<'a> Reader<'a> {
    fn new(playbook: &'a Value, known: Known<'a>) -> Self {
        Self { playbook, known, names: Names::default(), differences: Vec::new() }
    }

    fn runbook(mut self) -> Brought {
        let title = json::text(self.playbook, "name").unwrap_or("Playbook without a name");
        let blank = |letter: char| letter.is_whitespace() || letter.is_control();
        let title = title.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let front_matter = self.front_matter(&title);
        let overview = self.overview();
        let targets = Targets::of(self.playbook, &self.names);
        let mut flow = Flow::new(self.playbook, &self.names, &targets, self.known);
        let path = flow.path();
        self.differences.append(&mut flow.differences);
        self.differences.extend(targets.used(&flow.entries));
        self.whole();
        let mut said = BTreeSet::new();
        self.differences.retain(|one| said.insert((one.place.clone(), one.sentence.clone())));
        let mut text = format!("---\n{front_matter}---\n\n# {}\n", markdown::inline(&title));
        if !overview.is_empty() {
            let _ = write!(text, "\n## Overview\n\n{overview}");
        }
        let _ = write!(text, "\n## Steps\n{path}");
        if !self.differences.is_empty() {
            let _ = write!(text, "\n## {NOTES}\n");
            text.push_str("\nIt was made of a CACAO playbook. What is otherwise here:\n\n");
            for difference in &self.differences {
                let sentence = as_text(&difference.sentence);
                let _ = match difference.place.as_str() {
                    "" => writeln!(text, "- {sentence}"),
                    place => writeln!(text, "- **{}**: {sentence}", markdown::inline(place)),
                };
            }
        }
        // In an address or a header: no file of text holds one.
        let text = if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text };
        Brought { title, text, differences: self.differences }
    }

    /// The front matter. Each value is written as JSON, which is YAML too.
    fn front_matter(&mut self, title: &str) -> String {
        let playbook = self.playbook;
        let mut out = String::new();
        let mut line = |key: &str, value: &Value| {
            let _ = writeln!(out, "{key}: {}", in_yaml(value));
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
        let (kept, wrong) = kept::kept(playbook.as_object().unwrap_or(&Map::new()));
        line(kept::KEY, &Value::Object(kept));
        for key in wrong {
            let sentence =
                format!("its `{key}` was not taken over: it is not what the specification says that it is.");
            self.differences.push(Difference::new("", sentence));
        }
        out
    }

    /// What is asked for at the start, and what has its value.
    fn variables(&mut self) -> (Map<String, Value>, Map<String, Value>) {
        let (mut params, mut env) = (Map::new(), Map::new());
        let playbook = self.playbook;
        let made: BTreeSet<&str> =
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
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Null) | None => None,
                Some(other) => Some(other.to_string()),
            };
            let external = variable["external"].as_bool().unwrap_or(false);
            if made.contains(key.as_str()) && !external {
                // A step gives it its value; where it has one before, that holds until then.
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    env.insert(name, json!(value));
                }
                continue;
            }
            // No text is a value, but a constant without a text is one that somebody has yet to write.
            let known = value.filter(|value| !value.is_empty() || variable["constant"] != true);
            if let Some(value) = known.as_ref().filter(|_| !external) {
                env.insert(name, json!(value));
                continue;
            }
            let value = known.unwrap_or_default();
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
        let (kept, _) = kept::kept(playbook.as_object().unwrap_or(&Map::new()));
        if kept.contains_key("revoked") {
            self.differences
                .push(Difference::new("", "the playbook is revoked: its makers hold it for no longer valid."));
        }
        if let Some(description) = json::text(playbook, "description") {
            parts.push(markdown::paragraphs(&self.names.in_prose(description)));
        }
        parts.extend(kept::told(&kept).iter().map(|told| markdown::inline(told)));
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

/// A value as JSON that YAML reads too: JSON leaves some characters as they are that YAML does not take.
fn in_yaml(value: &Value) -> String {
    let json = value.to_string();
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        let taken = matches!(letter, '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..);
        if taken {
            out.push(letter);
        } else {
            let _ = write!(out, "\\u{:04x}", u32::from(letter));
        }
    }
    out
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
