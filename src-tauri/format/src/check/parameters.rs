//! `placeholder`: values that every run of a command asks for become parameters, asked for once.

use super::context::{Context, offer};
use super::keys;
use crate::model::{Edit, Item, PlaceholderSpan, Program, Quoting, Severity, Span};
use crate::problems::Problems;

/// Names that the sentence of a problem holds.
const MOST_NAMED: usize = 3;
/// Ways to mend that are offered at once.
const MOST_OFFERED: usize = 5;

/// One problem for the whole file, where the first of them stands: a collection that was written for another program has
/// dozens of them in one file, all mended in the same way. The names that most commands ask for come first.
pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let mut names: Vec<(&str, Vec<&Item>)> = Vec::new();
    for (_, _, item) in context.runbook.items() {
        for name in &item.placeholders {
            match names.iter_mut().find(|(known, _)| *known == name.as_str()) {
                Some((_, holders)) => holders.push(item),
                None => names.push((name, vec![item])),
            }
        }
    }
    let Some(place) = names.first().map(|(name, holders)| first_place(context, name, holders)) else { return };
    names.sort_by_key(|(_, holders)| std::cmp::Reverse(holders.len()));
    // A command that cannot be changed keeps its placeholder; the first one must be among those that can.
    let mended = names.iter().filter_map(|(name, holders)| {
        let title =
            if names.len() == 1 { "Make it a parameter".to_owned() } else { format!("Make <{name}> a parameter") };
        Some(offer(&title, edits(context, holders, name)?))
    });
    let fixes = mended.take(MOST_OFFERED).collect();
    problems.add("placeholder", Severity::Hint, place, sentence(&names), fixes);
}

fn first_place(context: &Context<'_>, name: &str, holders: &[&Item]) -> Span {
    let Some(first) = holders.first() else { return context.line_at(context.source.start) };
    let block = context.span(first.span);
    let written = format!("<{name}>");
    let at = context.slice(block).find(&written);
    at.map_or(block, |at| Span { start: block.start + at, end: block.start + at + written.len() })
}

/// `` `<pod>`, `<node>` and 4 more are asked for … ``
fn sentence(names: &[(&str, Vec<&Item>)]) -> String {
    let written = |(name, _): &(&str, Vec<&Item>)| format!("`<{name}>`");
    if let [one] = names {
        let times = match one.1.len() {
            1 => "each time it runs".to_owned(),
            count => format!("in each of {count} commands"),
        };
        return format!(
            "{} is asked for {times}: a parameter (`params` in the front matter) would ask once, at the start",
            written(one)
        );
    }
    let named: Vec<String> = names.iter().take(MOST_NAMED).map(written).collect();
    let list = match (names.len() - named.len(), named.split_last()) {
        (0, Some((last, before))) => format!("{} and {last}", before.join(", ")),
        (more, _) => format!("{} and {more} more", named.join(", ")),
    };
    format!(
        "{list} are asked for at the commands that need them: parameters (`params` in the front matter) would ask once, at the start"
    )
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
    if item.program == Program::PowerShell || !item.program.is_shell() {
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
pub(crate) fn variable(name: &str) -> String {
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
