//! `unknown-access`: a reference to an access entry that does not exist.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, nearest, offer};
use super::fences::Opening;
use crate::model::{Item, Severity, Span};
use crate::problems::Problems;

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(entries) = &context.world.access else { return };
    let library = &context.world.library;
    // What a name means may differ by environment; it is known where one of them says so.
    let aliases = library.environments.iter().flat_map(|one| &one.access).map(|(name, _)| name.as_str());
    let known: BTreeSet<&str> = entries.iter().map(String::as_str).chain(aliases).collect();
    if let Some(layout) = &context.layout {
        let text = context.slice(layout.content);
        for (name, reference) in &context.runbook.settings.access {
            let Some(entry) = reference.strip_prefix("keychain://").and_then(|rest| rest.split('/').next()) else {
                continue;
            };
            if known.contains(entry) {
                continue;
            }
            let line = text.match_indices(reference.as_str()).map(|(at, _)| layout.content.start + at);
            let place =
                line.min_by_key(|at| usize::from(!context.slice(context.line_at(*at)).contains(name.as_str())));
            let span = place.map_or(layout.content, |at| {
                let start = at + "keychain://".len();
                Span { start, end: start + entry.len() }
            });
            report(context, problems, &known, entry, span);
        }
    }
    for (_, _, item) in context.runbook.items() {
        let Some(target) = item.attributes.get("on").and_then(serde_json::Value::as_str) else { continue };
        if let Some(crate::On::Hosts(names)) = &item.options.on {
            hosts(context, problems, &known, item, names);
            continue;
        }
        if known.contains(target)
            || ["docker:", "podman:", "k8s:", "ansible:"].iter().any(|kind| target.starts_with(kind))
        {
            continue;
        }
        report(context, problems, &known, target, written(context, item, target));
    }
}

/// Where a name stands in the `on` of an item; else its block.
fn written(context: &Context<'_>, item: &Item, name: &str) -> Span {
    let block = context.span(item.span);
    let value = Opening::of(context, block).and_then(|opening| {
        let value = opening.pair("on")?.value_span;
        let at = context.slice(value).find(name)? + value.start;
        Some(Span { start: at, end: at + name.len() })
    });
    value.unwrap_or(block)
}

/// The names of `on=ssh:…`: each is a group or an entry, and none is both.
fn hosts(
    context: &Context<'_>,
    problems: &mut Problems<'_>,
    entries: &BTreeSet<&str>,
    item: &Item,
    names: &[String],
) {
    let library = &context.world.library;
    let groups = library.groups.iter().chain(library.environments.iter().flat_map(|one| &one.groups));
    let groups: BTreeMap<&str, &Vec<String>> = groups.map(|(name, hosts)| (name.as_str(), hosts)).collect();
    let known: BTreeSet<&str> = entries.iter().copied().chain(groups.keys().copied()).collect();
    for name in names {
        let span = written(context, item, name);
        match groups.get(name.as_str()) {
            Some(_) if entries.contains(name.as_str()) => {
                let message = format!(
                    "`{name}` is both a group of `allgood.toml` and an access entry, so nobody can tell which is meant: rename \
                     one of the two"
                );
                problems.add("unknown-access", Severity::Error, span, message, Vec::new());
            }
            Some(hosts) => {
                for host in hosts.iter().filter(|host| !entries.contains(host.as_str())) {
                    let message = format!(
                        "the group `{name}` names `{host}`, and there is no such access entry: add it, or mend the group"
                    );
                    problems.add("unknown-access", Severity::Error, span, message, Vec::new());
                }
            }
            None if !entries.contains(name.as_str()) => report(context, problems, &known, name, span),
            None => {}
        }
    }
}

fn report(context: &Context<'_>, problems: &mut Problems<'_>, known: &BTreeSet<&str>, entry: &str, span: Span) {
    let written = context.slice(span) == entry;
    let fix = nearest(entry, known.iter().copied())
        .filter(|_| written)
        .map(|near| offer(&format!("Write {near}"), vec![context.replace(span, near)]));
    let message = format!("there is no access entry `{entry}`: add it, or write the name of one that there is");
    problems.add("unknown-access", Severity::Error, span, message, fix.into_iter().collect());
}
