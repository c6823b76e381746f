//! Agents and targets: an entry of the access that a person makes, or the beginning of an address.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json;
use crate::Difference;

/// What a step is done on or by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// This machine.
    Here,
    /// A host that is reached by ssh: the entry that it is to be.
    Entry(String),
    /// What an address of HTTP begins with.
    Web(String),
    /// People, places, organizations and agents of other programs: their name.
    Named(String),
}

/// All that a playbook defines.
pub(super) struct Targets {
    by_id: BTreeMap<String, Target>,
    /// By the name of the entry: where the host is.
    hosts: BTreeMap<String, String>,
    signs_in: BTreeMap<String, String>,
}

impl Targets {
    pub(super) fn of(playbook: &Value, differences: &mut Vec<Difference>) -> Self {
        let mut targets = Self { by_id: BTreeMap::new(), hosts: BTreeMap::new(), signs_in: BTreeMap::new() };
        let agents = json::members(playbook, "agent_definitions");
        for (id, defined) in agents.chain(json::members(playbook, "target_definitions")) {
            let target = targets.target(defined, differences);
            if let Some(how) = json::text(defined, "authentication_info") {
                let kind = how.split("--").next().unwrap_or(how);
                targets.signs_in.insert(id.clone(), kind.to_owned());
            }
            targets.by_id.insert(id.clone(), target);
        }
        targets
    }

    pub(super) fn get(&self, id: &str) -> Option<&Target> {
        self.by_id.get(id)
    }

    /// How one signs in there, as the playbook names it (`http-basic`), where it says so.
    pub(super) fn signs_in(&self, id: &str) -> Option<&str> {
        self.signs_in.get(id).map(String::as_str)
    }

    /// A sentence for each entry that has to be made before the runbook runs.
    pub(super) fn used(&self, entries: &BTreeSet<String>) -> Vec<Difference> {
        let named = entries.iter().filter_map(|entry| Some((entry, self.hosts.get(entry)?)));
        named
            .map(|(entry, place)| {
                let made = format!("`on={entry}` needs an access entry of that name that leads by ssh to {place}.");
                Difference::new("", made)
            })
            .collect()
    }

    fn target(&mut self, defined: &Value, differences: &mut Vec<Difference>) -> Target {
        let kind = json::text(defined, "type").unwrap_or_default();
        let name = json::text(defined, "name").unwrap_or(kind);
        let place = address(defined);
        match kind {
            "ssh" | "linux" => match place {
                Some(place) if is_here(&place) => Target::Here,
                None if kind == "linux" => Target::Here,
                place => {
                    let place = place.unwrap_or_else(|| name.to_owned());
                    let port = port(defined).filter(|port| port != "22").map(|port| format!(", port {port}"));
                    let entry = self.free(&slug(name, &place));
                    self.hosts.insert(entry.clone(), format!("`{place}`{}", port.unwrap_or_default()));
                    Target::Entry(entry)
                }
            },
            "http-api" | "net-address" => match base(defined) {
                Some((base, guessed)) => {
                    if guessed {
                        differences.push(Difference::new(
                            name,
                            format!("the playbook does not say whether it is `http` or `https`: `{base}` was taken."),
                        ));
                    }
                    Target::Web(base)
                }
                None => Target::Named(name.to_owned()),
            },
            _ => Target::Named(name.to_owned()),
        }
    }

    fn free(&self, entry: &str) -> String {
        let mut free = entry.to_owned();
        let mut number = 2;
        while self.hosts.contains_key(&free) {
            free = format!("{entry}-{number}");
            number += 1;
        }
        free
    }
}

/// The first address that it has: a name before a number.
fn address(defined: &Value) -> Option<String> {
    let place = defined.get("address")?;
    let kinds = ["dname", "ipv4", "ipv6", "url"];
    kinds.iter().find_map(|kind| json::texts(place, kind).first().map(|first| (*first).to_owned()))
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
fn base(defined: &Value) -> Option<(String, bool)> {
    let place = defined.get("address")?;
    if let Some(url) = json::texts(place, "url").first() {
        return Some((url.trim_end_matches('/').to_owned(), false));
    }
    let host = address(defined)?;
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host };
    Some(match port(defined).as_deref() {
        Some("443") => (format!("https://{host}"), false),
        Some("80") => (format!("http://{host}"), false),
        Some(port) => (format!("https://{host}:{port}"), true),
        None => (format!("https://{host}"), true),
    })
}

/// A name that can stand after `on=` and in a list of hosts.
fn slug(name: &str, place: &str) -> String {
    let slug = |text: &str| {
        let mut out = String::new();
        for letter in text.chars() {
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
