//! The plan of a rollback, in lines and as data.

use std::collections::BTreeSet;

use api::wire::{RollbackEntry, RollbackView, Undoing};
use serde_json::{Value, json};

use crate::look::{DIM, FAIL, GOOD, Look, PLAIN, cut, one_line, styled, width};

/// The items of a plan that were left out of it.
pub(crate) type LeftOut = BTreeSet<String>;

/// A plan in lines: what is done in which order, how far that is, what is left out, and for what nothing is done.
pub(crate) fn lines(look: Look, plan: &RollbackView, left_out: &LeftOut) -> Vec<String> {
    let mut lines = vec![String::new(), look.rule(if plan.at.is_some() { "ROLLING BACK" } else { "ROLLBACK PLAN" })];
    if plan.entries.is_empty() {
        lines.push("  There is nothing to undo.".to_owned());
    }
    for (place, entry) in plan.entries.iter().enumerate() {
        let left_out = left_out.contains(&entry.item);
        let (shape, style) = match entry {
            _ if left_out => (look.or("⊖", "-"), DIM),
            RollbackEntry { failed: true, .. } => (look.or("☒", "X"), FAIL),
            RollbackEntry { settled: true, .. } => (look.or("✔", "+"), GOOD),
            _ => (look.or("↺", "<"), PLAIN),
        };
        let mut how = match entry.how {
            Undoing::Undo => "undo".to_owned(),
            Undoing::ByHand => "by hand".to_owned(),
            Undoing::Phase => "rollback phase".to_owned(),
            Undoing::Run => "its run is rolled back".to_owned(),
        };
        if left_out {
            how.push_str(", left out");
        }
        let room = look.width.saturating_sub(width(&how) + 14);
        let title = cut(look, &one_line(&entry.title), room);
        lines.push(look.row(&format!("  {} {}. {title}", styled(style, shape), place + 1), &how));
        let what = format!("{}: {}", one_line(&entry.item), one_line(&entry.text));
        lines.push(styled(DIM, format!("       {}", cut(look, &what, look.width.saturating_sub(7)))));
        if let Some(run) = &entry.run {
            lines.push(styled(DIM, format!("       allgood rollback {run}")));
        }
        if entry.in_part {
            lines.push("       it failed, or nobody knows how it ended: it may have taken effect in part".to_owned());
        }
    }
    if !plan.without.is_empty() {
        lines.push("  Stays as it is, as no undo is written there:".to_owned());
        for title in &plan.without {
            let title = cut(look, one_line(title).trim_end_matches(':'), look.width.saturating_sub(4));
            lines.push(format!("  {} {title}", styled(DIM, look.or("◌", "."))));
        }
    }
    lines
}

/// A plan for programs.
pub(crate) fn data(run: &str, plan: &RollbackView, left_out: &LeftOut) -> Value {
    let entry = |entry: &RollbackEntry| {
        json!({
            "item": entry.item, "step": entry.step, "title": entry.title, "text": entry.text, "how": entry.how,
            "in_part": entry.in_part, "chosen": !left_out.contains(&entry.item), "settled": entry.settled, "failed": entry.failed,
            "run": entry.run,
        })
    };
    json!({
        "run": run,
        "begun_at": plan.at,
        "entries": plan.entries.iter().map(entry).collect::<Vec<_>>(),
        "without": plan.without,
    })
}

/// What is left out of a plan: what was named, and what took no effect.
///
/// # Errors
/// The item that is not in the plan.
pub(crate) fn shorten(
    plan: &RollbackView,
    leave_out: &[String],
    took_effect: Option<bool>,
) -> Result<LeftOut, String> {
    if let Some(unknown) = leave_out.iter().find(|item| !plan.entries.iter().any(|entry| entry.item == **item)) {
        return Err(unknown.clone());
    }
    let no_effect = plan.entries.iter().filter(|entry| entry.in_part && took_effect == Some(false));
    Ok(leave_out.iter().cloned().chain(no_effect.map(|entry| entry.item.clone())).collect())
}
