//! `unknown-variable`: `{{name}}` in prose, links and messages that is defined nowhere.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Tag};

use super::context::{Context, nearest, offer};
use super::keys;
use crate::model::{ItemKind, Severity, Span};
use crate::problems::Problems;
use crate::variables;

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let text = context.source.text.as_str();
    if !text.contains("{{") {
        return;
    }
    let known = known(context);
    let settings = &context.runbook.settings;
    let declares = !settings.params.is_empty() || !settings.env.is_empty();
    let code = code(context);
    let body = context.body();
    let mut seen = BTreeSet::new();
    for (all, name) in variables::uses(text) {
        let at = text.get(all.clone()).and_then(|all| all.find(name)).unwrap_or_default() + all.start;
        let name_span = Span { start: at, end: at + name.len() };
        if all.start < body || known.contains(name) {
            continue;
        }
        let next = code.partition_point(|span| span.end <= all.start);
        if code.get(next).is_some_and(|span| span.start <= all.start) {
            continue;
        }
        // In a file that declares nothing the braces may be meant for something else: once is enough.
        if !declares && !seen.insert(name) {
            continue;
        }
        let mut fixes = Vec::new();
        if declares && let Some(near) = nearest(name, known.iter().map(String::as_str)) {
            fixes.push(offer(&format!("Write {near}"), vec![context.replace(name_span, near)]));
        }
        if let Some(edits) = keys::add_parameter(context, name, &name.replace('_', " "), false) {
            fixes.push(offer("Declare a parameter", edits));
        }
        let span = Span { start: all.start, end: all.end };
        let (severity, message) = if declares {
            let message = format!("`{name}` is defined nowhere: declare it in `params` or `env`, or mend the name");
            (Severity::Error, message)
        } else {
            let message = format!(
                "`{{{{{name}}}}}` stays as it is, for this runbook declares no variables: declare `{name}` in `params` if it should be filled in"
            );
            (Severity::Hint, message)
        };
        problems.add("unknown-variable", severity, span, message, fixes);
    }
}

/// Every name that has a value somewhere.
fn known(context: &Context<'_>) -> BTreeSet<String> {
    let settings = &context.runbook.settings;
    let mut known: BTreeSet<String> =
        ["ALLGOOD_RUN", "ALLGOOD_STEP", "ALLGOOD_RUNBOOK"].into_iter().map(str::to_owned).collect();
    known.extend(settings.params.iter().map(|param| param.name.clone()));
    known.extend(settings.env.iter().map(|(name, _)| name.clone()));
    known.extend(context.world.library.environments.iter().flat_map(|one| &one.vars).map(|(name, _)| name.clone()));
    for (_, _, item) in context.runbook.items() {
        known.extend(item.sets.iter().cloned());
        known.extend(item.attributes.get("capture").and_then(serde_json::Value::as_str).map(str::to_owned));
        known.extend(item.options.name.clone());
    }
    known
}

/// Where code stands, messages left out: nothing is filled in there.
fn code(context: &Context<'_>) -> Vec<Span> {
    let document = context.document;
    let messages: BTreeSet<usize> = context
        .runbook
        .items()
        .filter(|(_, _, item)| item.kind == ItemKind::Message)
        .map(|(_, _, item)| context.span(item.span).start)
        .collect();
    let mut spans = Vec::new();
    for node in 0..document.len() {
        let is_code = matches!(document.event(node), Some(Event::Code(_) | Event::Start(Tag::CodeBlock(_))));
        if is_code && !messages.contains(&document.span(node).start) {
            spans.push(document.span(node));
        }
    }
    spans
}
