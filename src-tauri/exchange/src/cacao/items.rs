//! The commands that an item becomes.

use std::collections::{BTreeMap, BTreeSet};

use format::{Item, ItemKind, Measure, On, Program, measure::http};
use serde_json::{Map, Value, json};

use super::{json as text, variables};
use crate::Difference;

/// Who does it, and on what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A person.
    Person,
    /// This machine.
    Here,
    /// Hosts, by the names of their entries.
    Hosts(Vec<String>),
    /// A server of HTTP: what its addresses begin with.
    Web(String),
}

/// An item as a command.
pub(super) struct Made {
    pub(super) place: Place,
    pub(super) command: Value,
    /// Milliseconds.
    pub(super) timeout: Option<u64>,
    /// Its failure is none of the run.
    pub(super) optional: bool,
    /// The variable that its output becomes.
    pub(super) gives: Option<String>,
    /// The variables that it uses, by their names here.
    pub(super) uses: Vec<String>,
}

/// Attributes that have a place in a playbook, or say nothing that would be missed.
const CARRIED: &[&str] = &[
    "name",
    "id",
    "timeout",
    "capture",
    "on",
    "optional",
    "undo",
    "probe",
    "category",
    "tag",
    "mimeType",
    "transform",
    "terminalRows",
    "closeTerminalOnSuccess",
    "openTerminalOnError",
    "interactive",
    "promptEnv",
    "ignore",
];

/// Attributes that a playbook has no word for, as `key` and value.
pub(super) fn lost(item: &Item) -> Vec<(&str, String)> {
    let all = item.attributes.iter().filter(|(key, _)| !CARRIED.contains(&key.as_str()));
    all.map(|(key, value)| {
        let value = match value {
            Value::String(value) => value.clone(),
            Value::Bool(true) => String::new(),
            value => value.to_string(),
        };
        (key.as_str(), value)
    })
    .collect()
}

/// The variable that a block asks a person for and does nothing else with, as an import writes it.
pub(super) fn asks_for(item: &Item) -> Option<&str> {
    let name = item.options.capture.as_deref()?;
    (item.script.trim_end() == asking(name)).then_some(name)
}

/// A script whose variable is asked for before it starts, and is what it prints.
pub(super) fn asking(name: &str) -> String {
    format!("printf '%s\\n' \"${{{name}}}\"")
}

/// What an item becomes. A playbook has no word for much of it: what is lost is said.
/// `said` is what a check or a message says, `declared` the variables of the runbook, which that may name.
pub(super) fn made(
    item: &Item,
    said: &str,
    place: &str,
    declared: &BTreeSet<String>,
    differences: &mut Vec<Difference>,
) -> Made {
    let mut says = |sentence: String| differences.push(Difference::new(place, sentence));
    let lost: Vec<String> = lost(item)
        .into_iter()
        .map(|(key, value)| match value.as_str() {
            "" => format!("`{key}`"),
            value => format!("`{key}={}`", value.replace('`', "'")),
        })
        .collect();
    if !lost.is_empty() {
        says(format!("{} has no place in a playbook; it stands in the step's description.", lost.join(", ")));
    }
    if item.kind == ItemKind::Probe {
        says("a playbook has no probes: its command is run once, and not tried until it holds.".to_owned());
    }
    let timeout = item.options.timeout.and_then(|timeout| u64::try_from(timeout.as_millis()).ok());
    let mut made = Made {
        place: Place::Person,
        command: Value::Null,
        timeout,
        optional: item.options.optional,
        gives: item.options.capture.clone(),
        uses: Vec::new(),
    };
    match item.kind {
        ItemKind::Check => {
            let said = if said.trim().is_empty() { place } else { said };
            made.command = manual(&put_declared(said, declared, &mut made.uses));
            if item.linked.is_some() {
                says("it stands for another runbook: in the playbook a person runs that one.".to_owned());
            }
            return made;
        }
        ItemKind::Message => {
            let to = item.attributes.get("to").and_then(Value::as_str).unwrap_or("those concerned");
            let said = put_declared(said, declared, &mut made.uses);
            made.command = manual(&format!("Send to {to}: {said}"));
            return made;
        }
        ItemKind::Probe | ItemKind::Command | ItemKind::Undo => {}
    }
    if item.script.trim().is_empty() {
        made.command = manual(place);
        return made;
    }
    let hosts = match &item.options.on {
        None => None,
        Some(On::Entry(name)) => Some(vec![name.clone()]),
        Some(On::Hosts(names)) => Some(names.clone()),
        Some(other) => {
            says(format!("`on={other}` has no place in a playbook: a person runs its command there."));
            made.command = manual(&format!("Run on {other}:\n{}", item.script));
            return made;
        }
    };
    // Nothing that a person decides about is started by a playbook.
    if item.options.by_hand || item.guessed {
        let place = hosts.map_or_else(String::new, |hosts| format!(" on {}", hosts.join(", ")));
        says("a person starts it, if it is needed: in the playbook too.".to_owned());
        made.command = manual(&format!("Run{place}, if it is needed:\n{}", item.script));
        return made;
    }
    if !item.session_input.is_empty() {
        says("it opens a session and types into it: in the playbook a person does.".to_owned());
        made.command = manual(&format!("Run, and then type: {}\n{}", item.session_input.join("\n"), item.script));
        return made;
    }
    match &item.program {
        Program::Measure(Measure::Http) => match request(&item.script) {
            Ok((base, command, uses)) => {
                made.place = Place::Web(base);
                made.command = command;
                made.uses = uses;
            }
            Err(why) => {
                says(format!("its request was given as text, for a person to send: {why}."));
                made.command = manual(&item.script);
            }
        },
        Program::PowerShell => {
            made.uses.clone_from(&item.variables);
            made.uses.extend(hosts.iter().flatten().filter(|name| !is_host(name)).map(|name| address_of(name)));
            made.place = hosts.map_or(Place::Here, Place::Hosts);
            let mut script = String::new();
            for name in &item.variables {
                script.push_str(&format!("$env:{name} = \"{}\"\n", reference(name)));
            }
            made.command = command("powershell", &(script + &item.script));
        }
        Program::Sh | Program::Bash | Program::AnyShell | Program::Ksh => {
            let kind = if hosts.is_some() { "ssh" } else { "bash" };
            let (script, mut uses) = shell(item);
            uses.extend(hosts.iter().flatten().filter(|name| !is_host(name)).map(|name| address_of(name)));
            made.uses = uses;
            made.place = hosts.map_or(Place::Here, Place::Hosts);
            made.command = command(kind, &script);
        }
        other => {
            let by = match other {
                Program::Zsh => "zsh",
                Program::Fish => "fish",
                Program::Interpreter(words) => words.first().map_or("its program", String::as_str),
                _ => item.language.as_str(),
            };
            says(format!("what `{by}` runs has no place in a playbook: a person runs it."));
            made.command = manual(&format!("Run with {by}:\n{}", item.script));
        }
    }
    made
}

/// A script with its variables: those that it takes from the run are set first, placeholders are put in where they stand.
fn shell(item: &Item) -> (String, Vec<String>) {
    let mut uses = item.variables.clone();
    let mut script = item.script.clone();
    let mut spans: Vec<_> = item.placeholder_spans.iter().collect();
    spans.sort_by_key(|one| std::cmp::Reverse(one.span.start));
    for one in spans {
        let name = placeholder(&one.name);
        if script.get(one.span.start..one.span.end).is_some() {
            script.replace_range(one.span.start..one.span.end, &reference(&name));
        }
        if !uses.contains(&name) {
            uses.push(name);
        }
    }
    let set: String = item.variables.iter().map(|name| format!("export {name}=\"{}\"\n", reference(name))).collect();
    (set + &script, uses)
}

/// `pod name` as the name of a variable.
pub(super) fn placeholder(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let plain = plain.trim_matches('_').to_owned();
    if plain.is_empty() {
        return "value".to_owned();
    }
    if plain.starts_with(|first: char| first.is_ascii_alphabetic()) { plain } else { format!("value_{plain}") }
}

/// Whether the name of an entry could be that of a host.
fn is_host(name: &str) -> bool {
    let part = |part: &str| {
        let letters = part.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'));
        letters && !part.is_empty() && part.len() < 64 && !part.starts_with('-') && !part.ends_with('-')
    };
    name.len() < 254 && name.split('.').all(part)
}

/// The variable that holds where a host is whose entry has a name that no host has.
fn address_of(name: &str) -> String {
    format!("address of {name}")
}

/// Where the host of an entry is, as far as its name says it: else whoever runs the playbook does.
pub(super) fn host(name: &str) -> String {
    if is_host(name) { name.to_owned() } else { reference(&address_of(name)) }
}

/// The use of a variable in a playbook.
pub(super) fn reference(name: &str) -> String {
    format!("{}:value", variables::key(name))
}

fn manual(text: &str) -> Value {
    command("manual", text)
}

/// A command with its text; in base64 where quotes or line ends in it mean something.
fn command(kind: &str, script: &str) -> Value {
    let script = script.trim_end();
    if script.contains(['\n', '"', '\'', '\\', '\t']) && kind != "manual" || script.contains('\n') {
        json!({ "type": kind, "command_b64": text::base64(script) })
    } else {
        json!({ "type": kind, "command": script })
    }
}

fn request(script: &str) -> Result<(String, Value, Vec<String>), String> {
    let request = http::read(script)?;
    let mut uses = Vec::new();
    let mut put = |written: &str| put_variables(written, &mut uses);
    let address = put(&request.address);
    let (base, path) = match address.split_once("://") {
        Some((scheme, rest)) => match rest.find(['/', '?', '#']) {
            Some(at) => (format!("{scheme}://{}", &rest[..at]), rest[at..].to_owned()),
            None => (format!("{scheme}://{rest}"), "/".to_owned()),
        },
        // A variable begins it.
        None => match address.find(['/', '?', '#']) {
            Some(at) => (address[..at].to_owned(), address[at..].to_owned()),
            None => (address, "/".to_owned()),
        },
    };
    // What follows `#` is the asker's own, and sent nowhere.
    let path = path.split('#').next().unwrap_or_default();
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let mut command = Map::new();
    command.insert("type".to_owned(), json!("http-api"));
    command.insert("command".to_owned(), json!(format!("{} {path} HTTP/1.1", request.method)));
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &request.headers {
        headers.entry(name.clone()).or_default().push(put(value));
    }
    if !headers.is_empty() {
        command.insert("headers".to_owned(), json!(headers));
    }
    if let Some(body) = &request.body {
        command.insert("content".to_owned(), json!(put(body)));
    }
    Ok((base, Value::Object(command), uses))
}

/// `{{name}}` as a playbook says it.
fn put_variables(written: &str, uses: &mut Vec<String>) -> String {
    put(written, |_| true, uses)
}

/// The same in prose, where only what the runbook declares is a variable.
pub(super) fn put_declared(written: &str, declared: &BTreeSet<String>, uses: &mut Vec<String>) -> String {
    put(written, |name| declared.contains(name), uses)
}

fn put(written: &str, is_variable: impl Fn(&str) -> bool, uses: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, end)) = after.split_once("}}") else { break };
        out.push_str(before);
        let plain = name.trim();
        let named = plain.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if named && is_variable(plain) {
            out.push_str(&reference(plain));
            if !uses.iter().any(|known| known == plain) {
                uses.push(plain.to_owned());
            }
            rest = end;
        } else {
            out.push_str("{{");
            rest = after;
        }
    }
    out.push_str(rest);
    out
}
