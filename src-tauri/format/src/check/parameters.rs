//! `placeholder`: a value that every run of a command asks for becomes a parameter, asked for once.

use super::context::{Context, offer};
use super::keys;
use crate::model::{Edit, Item, PlaceholderSpan, Program, Quoting, Severity, Span};
use crate::problems::Problems;

/// One problem for each name, where it first stands: one parameter answers all of them.
pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let mut names: Vec<&str> = Vec::new();
    for (_, _, item) in context.runbook.items() {
        for name in &item.placeholders {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    for name in names {
        let holders: Vec<&Item> = context
            .runbook
            .items()
            .map(|(_, _, item)| item)
            .filter(|item| item.placeholders.iter().any(|one| one == name))
            .collect();
        let Some(first) = holders.first() else { continue };
        let block = context.span(first.span);
        let written = format!("<{name}>");
        let place = context
            .slice(block)
            .find(&written)
            .map_or(block, |at| Span { start: block.start + at, end: block.start + at + written.len() });
        let times = match holders.len() {
            1 => "each time it runs".to_owned(),
            count => format!("in each of {count} commands"),
        };
        let message = format!(
            "`{written}` is asked for {times}: a parameter (`params` in the front matter) would ask once, at the start"
        );
        // A command that cannot be changed keeps its placeholder; the first one must be among those that can.
        let fix = edits(context, &holders, name).map(|edits| offer("Make it a parameter", edits));
        problems.add("placeholder", Severity::Hint, place, message, fix.into_iter().collect());
    }
}

/// Each placeholder of that name becomes the variable of its parameter, quoted for the place where it stands.
fn edits(context: &Context<'_>, holders: &[&Item], name: &str) -> Option<Vec<Edit>> {
    let variable = variable(name);
    let mut changes = replacements(context, holders.first()?, name, &variable)?;
    for item in holders.get(1..).unwrap_or_default() {
        changes.extend(replacements(context, item, name, &variable).unwrap_or_default());
    }
    if !context.runbook.settings.params.iter().any(|param| param.name == variable) {
        changes.extend(keys::add_parameter(context, &variable, name, false)?);
    }
    changes.sort_by_key(|edit| edit.span.start);
    Some(changes)
}

fn replacements(context: &Context<'_>, item: &Item, name: &str, variable: &str) -> Option<Vec<Edit>> {
    if matches!(item.program, Program::PowerShell | Program::Interpreter(_)) {
        return None;
    }
    let span = context.span(item.span);
    let written = format!("<{name}>");
    let inside: Vec<&PlaceholderSpan> = item.placeholder_spans.iter().filter(|one| one.name == *name).collect();
    // Sample output and what is typed into a session may hold the same words: then nobody knows which of them run.
    let found: Vec<usize> = context.slice(span).match_indices(&written).map(|(at, _)| span.start + at).collect();
    if found.len() != inside.len() {
        return None;
    }
    let place = |at: usize| Span { start: at, end: at + written.len() };
    found
        .into_iter()
        .zip(inside)
        .map(|(at, placeholder)| Some(context.replace(place(at), &reference(variable, placeholder.quoting)?)))
        .collect()
}

/// `pod name` as the name of a variable: `POD_NAME`.
pub(super) fn variable(name: &str) -> String {
    let mut variable = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            variable.push(letter.to_ascii_uppercase());
        } else if !variable.is_empty() && !variable.ends_with('_') {
            variable.push('_');
        }
    }
    let variable = variable.trim_end_matches('_');
    match variable.chars().next() {
        None => "VALUE".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("VALUE_{variable}"),
        // Names that every shell already gives a meaning would be lost.
        Some(_) if matches!(variable, "PATH" | "HOME" | "USER" | "PWD" | "SHELL" | "HOSTNAME" | "UID" | "LANG") => {
            format!("THE_{variable}")
        }
        Some(_) => variable.to_owned(),
    }
}

/// A variable, quoted for its place.
pub(super) fn reference(variable: &str, quoting: Quoting) -> Option<String> {
    match quoting {
        Quoting::Bare => Some(format!("\"${{{variable}}}\"")),
        Quoting::Double | Quoting::HereDocument => Some(format!("${{{variable}}}")),
        Quoting::Single => Some(format!("'\"${{{variable}}}\"'")),
        Quoting::Uncertain => None,
    }
}
