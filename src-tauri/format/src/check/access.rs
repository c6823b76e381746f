//! `unknown-access`: a reference to an access entry that does not exist.

use std::collections::BTreeSet;

use super::context::{Context, nearest, offer};
use super::fences::Opening;
use crate::model::{Severity, Span};
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
        if known.contains(target) || ["docker:", "podman:", "k8s:"].iter().any(|kind| target.starts_with(kind)) {
            continue;
        }
        let block = context.span(item.span);
        let value = Opening::of(context, block).and_then(|opening| {
            let value = opening.pair("on")?.value_span;
            let at = context.slice(value).find(target)? + value.start;
            Some(Span { start: at, end: at + target.len() })
        });
        report(context, problems, &known, target, value.unwrap_or(block));
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
