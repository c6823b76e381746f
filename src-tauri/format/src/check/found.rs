//! What reading found: its exact place, and the ways to mend it.

use super::context::{Context, nearest, offer, safe};
use super::fences::{Opening, written};
use super::keys;
use crate::attributes;
use crate::languages::Language;
use crate::model::{Fix, Item, Problem, Span};
use crate::options;
use crate::problems::Problems;
use crate::prompts;

/// Takes over the problems of reading.
pub(super) fn refine(context: &Context<'_>, problems: &mut Problems<'_>) {
    for problem in &context.runbook.problems {
        let span = context.span(problem.span);
        let in_text = span.start >= context.body();
        let (place, fixes) = match problem.code {
            "attributes" if in_text => attributes(context, span),
            "attribute-refused" | "unknown-attribute" | "bad-expression" if in_text => {
                attribute(context, problem, span)
            }
            "unknown-attribute" => key(context, problem, span),
            "front-matter" => front_matter(context, problem, span),
            "duplicate-name" => duplicate_name(context, problem, span),
            "guessed" => guessed(context, span),
            "other-prompt" => other_prompt(context, span),
            "not-a-command" => not_a_command(context, span),
            "mixed-prompt" => (mixed_prompt(context, problem, span), Vec::new()),
            _ => (span, text_edits(context, problem)),
        };
        problems.add(problem.code, problem.severity, place, problem.message.clone(), fixes);
    }
}

/// The fixes that reading made itself, with spans of the text.
fn text_edits(context: &Context<'_>, problem: &Problem) -> Vec<Fix> {
    let mut fixes = problem.fixes.clone();
    for edit in fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
        edit.span = context.span(edit.span);
    }
    fixes
}

/// The first name in backticks: what a sentence about an attribute or key is about.
fn named(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or_default()
}

fn attributes(context: &Context<'_>, span: Span) -> (Span, Vec<Fix>) {
    let Some(opening) = Opening::of(context, span) else { return (span, Vec::new()) };
    let text = context.slice(opening.span);
    let Some(brace) = text.find('{') else { return (span, Vec::new()) };
    let place = Span { start: opening.span.start + brace, end: opening.span.start + text.trim_end().len() };
    let closed = format!("{}}}", context.slice(place));
    let info = text.get(opening.fence().len()..brace).unwrap_or_default();
    let reads = attributes::read(&format!("{info}{closed}")).error.is_none();
    let fix = offer("Close the braces", vec![context.insert(place.end, "}")]);
    (place, if reads { vec![fix] } else { Vec::new() })
}

fn attribute(context: &Context<'_>, problem: &Problem, span: Span) -> (Span, Vec<Fix>) {
    let Some(opening) = Opening::of(context, span) else { return (span, Vec::new()) };
    let name = named(&problem.message);
    let word = name.split('=').next().unwrap_or_default();
    if problem.message.contains("stands outside braces")
        && let Some(place) = opening.outside(name)
    {
        return (place, outside(context, &opening, place, name));
    }
    let Some(pair) = opening.pair(word) else { return (opening.span, Vec::new()) };
    let place = match problem.code {
        "bad-expression" => pair.value_span,
        _ if name.contains('=') => pair.span,
        _ => pair.key_span,
    };
    let quote = |text: &str| if pair.json { keys::quoted(text) } else { text.to_owned() };
    let mut fixes = Vec::new();
    match problem.code {
        "bad-expression" => {
            if let Some(escaped) = literal(context.slice(pair.value_span)) {
                fixes.push(offer("Take it as it is written", vec![context.replace(pair.value_span, &escaped)]));
            }
        }
        "unknown-attribute" => {
            fixes.push(offer("Remove it", vec![context.replace(with_blank(context, pair.span), "")]))
        }
        _ if problem.message.contains("stands twice") => {
            fixes.push(offer("Remove the second", vec![context.replace(with_blank(context, pair.span), "")]));
        }
        _ => {
            let taken = |meant: &str| opening.pair(meant).is_some();
            if let Some(meant) = options::meant(word).filter(|meant| !taken(meant)) {
                // Other letters than the name's own are a guess; case and hyphens are none.
                let same = word.to_lowercase().replace(['-', '_'], "") == meant.to_lowercase().replace('_', "");
                let edits = vec![context.replace(pair.key_span, &quote(meant))];
                fixes.push(Fix { title: format!("Write {meant}"), edits, safe: same });
            } else if word == "undo" && opening.pair("probe").is_some() {
                fixes.push(offer("Remove undo", vec![context.replace(with_blank(context, pair.span), "")]));
            }
        }
    }
    if pair.json {
        // A member that goes would leave its comma.
        fixes.retain(|fix| !fix.title.starts_with("Remove"));
    }
    (place, fixes)
}

/// A guard outside of the braces goes into them.
fn outside(context: &Context<'_>, opening: &Opening<'_>, place: Span, word: &str) -> Vec<Fix> {
    let Some((key, value)) = word.split_once('=') else { return Vec::new() };
    let value = value.trim_matches(['"', '\'']);
    if value.is_empty() || opening.pair(key).is_some() {
        return Vec::new();
    }
    let taken = with_blank(context, place);
    let edits = if opening.pairs().next().is_some() {
        let mut edits = opening.add(key, Some(value));
        edits.push(context.replace(taken, ""));
        edits.sort_by_key(|edit| edit.span.start);
        edits
    } else {
        vec![context.replace(place, &format!("{{{key}={}}}", written(value)))]
    };
    vec![safe("Put it in braces", edits)]
}

/// A span with the blank before it.
fn with_blank(context: &Context<'_>, span: Span) -> Span {
    let before = context.source.text.get(..span.start).unwrap_or_default();
    Span { start: span.start - (before.len() - before.trim_end_matches([' ', '\t']).len()), end: span.end }
}

/// An expression that matches its own text.
fn literal(written: &str) -> Option<String> {
    let inner = written.strip_prefix('/')?.strip_suffix('/')?;
    let escaped = regex::escape(&inner.replace("\\/", "/")).replace('/', "\\/");
    Some(format!("/{escaped}/"))
}

fn key(context: &Context<'_>, problem: &Problem, span: Span) -> (Span, Vec<Fix>) {
    let key = named(&problem.message);
    let Some(meant) = problem.message.split('`').nth(3) else { return (span, Vec::new()) };
    let Some(at) = context.slice(span).find(key).map(|at| span.start + at) else { return (span, Vec::new()) };
    let place = Span { start: at, end: at + key.len() };
    let taken = context.runbook.front_matter.contains_key(meant);
    let fix = offer(&format!("Write {meant}"), vec![context.replace(place, meant)]);
    (place, if taken { Vec::new() } else { vec![fix] })
}

fn front_matter(context: &Context<'_>, problem: &Problem, span: Span) -> (Span, Vec<Fix>) {
    let Some((key, value)) = named(&problem.message).split_once(": ") else { return (span, Vec::new()) };
    let words: &[&str] = match key {
        "kind" => &["incident", "routine"],
        "on_failure" => &["stop", "rollback"],
        _ => &[],
    };
    let Some(place) = context
        .slice(span)
        .rfind(value)
        .map(|at| Span { start: span.start + at, end: span.start + at + value.len() })
    else {
        return (span, Vec::new());
    };
    let fix = nearest(value, words.iter().copied())
        .map(|word| offer(&format!("Write {word}"), vec![context.replace(place, word)]));
    (place, fix.into_iter().collect())
}

fn duplicate_name(context: &Context<'_>, problem: &Problem, span: Span) -> (Span, Vec<Fix>) {
    let Some(opening) = Opening::of(context, span) else { return (span, Vec::new()) };
    let Some(pair) = opening.pair("name").or_else(|| opening.pair("id")) else { return (opening.span, Vec::new()) };
    let name = named(&problem.message);
    let taken = |name: &str| {
        let others = context.runbook.items().filter(|(_, _, item)| context.span(item.span) != span);
        others.map(|(_, _, item)| item).any(|item| item.id == name || item.options.name.as_deref() == Some(name))
    };
    let free = (2..).map(|number| format!("{name}-{number}")).find(|name| !taken(name));
    let fix = free.map(|free| {
        let value = if pair.json { keys::quoted(&free) } else { written(&free) };
        safe(&format!("Name it {free}"), vec![context.replace(pair.value_span, &value)])
    });
    (pair.value_span, fix.into_iter().collect())
}

fn item<'a>(context: &Context<'a>, span: Span) -> Option<&'a Item> {
    context.runbook.items().map(|(_, _, item)| item).find(|item| context.span(item.span) == span)
}

fn guessed(context: &Context<'_>, span: Span) -> (Span, Vec<Fix>) {
    let Some(opening) = Opening::of(context, span) else { return (context.line_at(span.start), Vec::new()) };
    let language = opening.language();
    let relabel = |word: &str| vec![context.replace(language, word)];
    (opening.span, vec![offer("Mark it as sh", relabel("sh")), offer("Mark it as text", relabel("text"))])
}

fn other_prompt(context: &Context<'_>, span: Span) -> (Span, Vec<Fix>) {
    let text = context.slice(span);
    let mut at = span.start;
    let mut place = None;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim();
        if index > 0 && !bare.is_empty() && (prompts::is_other_prompt(bare) || bare.starts_with("# ")) {
            let start = at + (line.len() - line.trim_start().len());
            place = Some(Span { start, end: at + line.trim_end().len() });
            break;
        }
        at += line.len();
    }
    let place = place.unwrap_or(span);
    (place, as_text(context, span, "text").into_iter().collect())
}

fn not_a_command(context: &Context<'_>, span: Span) -> (Span, Vec<Fix>) {
    let Some(opening) = Opening::of(context, span) else { return (span, Vec::new()) };
    (opening.language(), as_text(context, span, "text").into_iter().collect())
}

/// Gives a block that does not run a language that says so.
fn as_text(context: &Context<'_>, span: Span, word: &str) -> Option<Fix> {
    let opening = Opening::of(context, span)?;
    let language = opening.language();
    // A language within braces, `{.bash}`, is left to a person.
    (Language::of(context.slice(language)).is_runnable() && language.start < language.end)
        .then(|| safe(&format!("Mark it as {word}"), vec![context.replace(language, word)]))
}

/// The first line of sample output.
fn mixed_prompt(context: &Context<'_>, _: &Problem, span: Span) -> Span {
    let first = item(context, span).and_then(|item| item.sample.as_deref()?.lines().next().map(str::trim));
    let Some(first) = first.filter(|first| !first.is_empty()) else { return span };
    let text = context.slice(span);
    let opening = text.find('\n').unwrap_or(0);
    match text.get(opening..).and_then(|rest| rest.find(first)) {
        Some(at) => Span { start: span.start + opening + at, end: span.start + opening + at + first.len() },
        None => span,
    }
}
