//! Agents and targets: this machine, an entry of the access that a person makes, or the beginning of an address.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{flow, json, variables::Names};
use crate::Difference;

/// What a step is done on or by.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) kind: String,
    /// It is this machine.
    pub(super) here: bool,
    /// The entry by which it would be reached by ssh, where it has an address or is a host.
    pub(super) entry: Option<String>,
    /// What an address of HTTP begins with there, and whether its scheme was guessed.
    pub(super) base: Option<(String, bool)>,
    /// How one signs in there, as the playbook names it (`http-basic`), where it says so.
    pub(super) signs_in: Option<String>,
}

impl Target {
    /// Whether it is one that commands run on: a host, as against people and agents of other programs.
    pub(super) fn is_host(&self) -> bool {
        matches!(self.kind.as_str(), "ssh" | "linux")
    }

    /// Whether it is one or several people.
    pub(super) fn is_people(&self) -> bool {
        matches!(self.kind.as_str(), "individual" | "group" | "organization" | "sector" | "location")
    }
}

/// All that a playbook defines.
#[derive(Debug, Default)]
pub(super) struct Targets {
    by_id: BTreeMap<String, Target>,
    /// By the name of the entry: where the host is, as far as it is said.
    hosts: BTreeMap<String, Option<String>>,
    taken: format::Taken,
}

impl Targets {
    pub(super) fn of(playbook: &Value, names: &Names) -> Self {
        let mut targets = Self::default();
        let agents = json::members(playbook, "agent_definitions");
        for (id, defined) in agents.chain(json::members(playbook, "target_definitions")) {
            // A host that is an agent and a target is one.
            if !targets.by_id.contains_key(id) {
                let kind = json::text(defined, "type").unwrap_or_else(|| id.split("--").next().unwrap_or(id));
                let target = targets.target(kind, defined, names);
                targets.by_id.insert(id.clone(), target);
            }
        }
        targets
    }

    pub(super) fn get(&self, id: &str) -> Option<&Target> {
        self.by_id.get(id)
    }

    /// This name of an entry, or one like it that leads to no host of the playbook.
    pub(super) fn elsewhere(&self, entry: String) -> String {
        let other = (2..).map(|number| format!("{entry}-{number}"));
        let free = other.take(self.hosts.len()).find(|name| !self.hosts.contains_key(name));
        if self.hosts.contains_key(&entry) { free.unwrap_or(entry) } else { entry }
    }

    /// A sentence for each entry that has to be made before the runbook runs.
    pub(super) fn used(&self, entries: &BTreeSet<String>) -> Vec<Difference> {
        let sentences = entries.iter().map(|entry| {
            let made = match self.hosts.get(entry) {
                Some(Some(place)) => {
                    format!("`on={entry}` needs an access entry of that name that leads by ssh to {place}.")
                }
                _ => {
                    format!("`on={entry}` needs an access entry of that name: the playbook does not say where it is.")
                }
            };
            Difference::new("", made)
        });
        sentences.collect()
    }

    fn target(&mut self, kind: &str, defined: &Value, names: &Names) -> Target {
        let name = json::text(defined, "name").unwrap_or(kind).to_owned();
        let place = address(defined);
        let port = port(defined).filter(|port| port != "22");
        let host = matches!(kind, "ssh" | "linux");
        let here = match &place {
            // Behind another port there is another machine, or a container.
            Some((_, place)) => host && port.is_none() && is_here(place),
            None => false,
        };
        let entry = (!here && (host || place.is_some())).then(|| {
            let at = place.as_ref().map(|(_, place)| place.as_str());
            let entry = self.taken.take_numbered(&slug(&name, at.unwrap_or(kind)));
            let led = at.map(|at| {
                let port = port.as_ref().map(|port| format!(", port {}", names.in_request(port)));
                format!("`{}`{}", names.in_request(at), port.unwrap_or_default())
            });
            self.hosts.insert(entry.clone(), led);
            entry
        });
        let signs_in =
            json::text(defined, "authentication_info").map(|id| flow::short(id.split("--").next().unwrap_or(id)));
        // What every command may say of it is short.
        Target { base: base(defined, &name), name: flow::short(&name), kind: kind.to_owned(), here, entry, signs_in }
    }
}

/// The first address that it has, with its kind: a name before a number.
fn address(defined: &Value) -> Option<(&'static str, String)> {
    let place = defined.get("address")?;
    let kinds = ["dname", "ipv4", "ipv6", "url"];
    kinds.iter().find_map(|kind| {
        let first = json::texts(place, kind).into_iter().map(str::trim).find(|text| !text.is_empty())?;
        Some((*kind, first.to_owned()))
    })
}

fn port(defined: &Value) -> Option<String> {
    match defined.get("port")? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_here(place: &str) -> bool {
    matches!(place, "localhost" | "127.0.0.1" | "::1")
}

/// What an address of HTTP begins with, without a `/` at its end, and whether its scheme was guessed.
fn base(defined: &Value, name: &str) -> Option<(String, bool)> {
    let place = defined.get("address")?;
    if let Some(url) = json::texts(place, "url").into_iter().map(str::trim).find(|url| !url.is_empty()) {
        let url = url.trim_end_matches('/');
        // One that a variable begins holds its scheme.
        let whole = url.contains("://") || url.starts_with("__");
        return Some(if whole { (url.to_owned(), false) } else { (format!("https://{url}"), true) });
    }
    let (kind, host) = address(defined)?;
    let host =
        if kind == "ipv6" && !host.starts_with('[') && !host.starts_with("__") { format!("[{host}]") } else { host };
    let port = port(defined);
    Some(match port.as_deref() {
        Some("443") => (format!("https://{host}"), false),
        Some("80") => (format!("http://{host}"), false),
        port => {
            let authority = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
            // An export calls a server by its whole address.
            match ["http", "https"].into_iter().find(|scheme| name == format!("{scheme}://{authority}")) {
                Some(scheme) => (format!("{scheme}://{authority}"), false),
                None => (format!("https://{authority}"), true),
            }
        }
    })
}

/// A name that can stand after `on=` and in a list of hosts.
pub(super) fn slug(name: &str, place: &str) -> String {
    let slug = |text: &str| {
        let mut out = String::new();
        for letter in text.chars().take(100) {
            match letter {
                letter if letter.is_ascii_alphanumeric() => out.push(letter.to_ascii_lowercase()),
                '.' | '_' if !out.is_empty() => out.push(letter),
                _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
                _ => {}
            }
        }
        out.trim_end_matches(['-', '.', '_']).to_owned()
    };
    let candidates = [slug(name), slug(place), "host".to_owned()];
    candidates.into_iter().find(|one| !one.is_empty()).unwrap_or_default()
}
