//! `unknown-variable`: `{{name}}` in prose, links and messages that is defined nowhere.

use std::collections::BTreeSet;

use super::context::{Context, nearest, offer};
use super::keys;
use crate::model::{Severity, Span, VariablePlace};
use crate::problems::Problems;

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    if context.runbook.variables.is_empty() {
        return;
    }
    let known = known(context);
    let settings = &context.runbook.settings;
    let declares = !settings.params.is_empty() || !settings.env.is_empty();
    let mut seen = BTreeSet::new();
    for found in &context.runbook.variables {
        // Code within a line may well be an example.
        if found.place == VariablePlace::Code || known.contains(&found.name) {
            continue;
        }
        let name = found.name.as_str();
        let span = context.span(found.span);
        let written = context.slice(span).find(name).filter(|_| context.slice(span).starts_with("{{"));
        let name_span = written.map(|at| Span { start: span.start + at, end: span.start + at + name.len() });
        // In a file that declares nothing the braces may be meant for something else: once is enough.
        if !declares && !seen.insert(name) {
            continue;
        }
        let mut fixes = Vec::new();
        if declares
            && let Some(name_span) = name_span
            && let Some(near) = nearest(name, known.iter().map(String::as_str))
        {
            fixes.push(offer(&format!("Write {near}"), vec![context.replace(name_span, near)]));
        }
        if let Some(edits) = keys::add_parameter(context, name, &name.replace('_', " "), false) {
            fixes.push(offer("Declare a parameter", edits));
        }
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
