//! `no-timeout`: a probe that does not say how long it is tried, and a command on another machine that nothing ends.

use super::context::{Context, offer, safe};
use super::fences::Opening;
use crate::model::{Item, ItemKind, Severity};
use crate::problems::Problems;

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    for (_, _, item) in context.runbook.items() {
        let says = |key: &str| item.attributes.contains_key(key);
        let block = context.span(item.span);
        let opening = Opening::of(context, block);
        let add = |key: &str, value: &str| opening.as_ref().map(|opening| opening.add(key, Some(value)));
        let (message, fix) = match item.kind {
            ItemKind::Probe if !says("within") && item.options.timeout.is_none() => (
                "this probe does not say how long to try, and gives up after one minute: write `within`",
                // What it says is what holds without it.
                add("within", "1m").map(|edits| safe("Say within=1m", edits)),
            ),
            ItemKind::Command | ItemKind::Undo if is_remote(item) && item.options.timeout.is_none() => (
                "this command runs on another machine, and waits without end if that does not answer: write `timeout`",
                add("timeout", "5m").map(|edits| offer("Add timeout=5m", edits)),
            ),
            _ => continue,
        };
        let place = opening.map_or(context.line_at(block.start), |opening| opening.span);
        problems.add("no-timeout", Severity::Hint, place, message.to_owned(), fix.into_iter().collect());
    }
}

/// `on` names a target that is not this machine.
fn is_remote(item: &Item) -> bool {
    item.attributes.get("on").and_then(serde_json::Value::as_str).is_some_and(|target| !target.is_empty())
}
