//! Parts that a runbook should have and does not: the way to see success, the way back, and what its kind asks for.

use super::context::{Context, offer};
use super::fences::Opening;
use super::keys::{self, Value};
use crate::model::{Edit, Item, ItemKind, Kind, Phase, Program, Section, Severity, Span, Step};
use crate::problems::Problems;

/// Words that begin a step which looks at the result.
const LOOKS: &[&str] = &["verify", "confirm", "validate", "check"];

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    if context.changing().next().is_some() {
        if !is_validated(context) {
            no_validation(context, problems);
        }
        if !leads_back(context) {
            no_rollback(context, problems);
        }
    }
    let Some(kind) = context.runbook.kind else { return };
    let sections = &context.runbook.phases;
    let says = |key: &str| context.runbook.front_matter.get(key).is_some_and(|value| !value.is_null());
    if !sections.iter().any(|section| section.phase == Phase::Preconditions) {
        let message = "this runbook does not say what must hold before the first step: add a section `Preconditions`";
        let fix = preconditions(context).map(|edit| offer("Add preconditions", vec![edit]));
        problems.add("no-preconditions", Severity::Hint, top(context), message.to_owned(), fix.into_iter().collect());
    }
    let missing = |code: &'static str, key: &str, what: &str, value: Value<'_>, problems: &mut Problems<'_>| {
        if says(key) {
            return;
        }
        let fix = keys::add(context, key, &value).map(|edit| offer(&format!("Add {key}"), vec![edit]));
        let message = format!("this runbook does not say {what}: add `{key}` to the front matter");
        problems.add(code, Severity::Hint, top(context), message, fix.into_iter().collect());
    };
    if kind == Kind::Routine {
        let value = Value::Text("What is true when it is done");
        missing("no-outcome", "outcome", "what success looks like", value, problems);
    }
    missing("no-owner", "owner", "who keeps it", Value::Text("The team that keeps this runbook"), problems);
    if kind == Kind::Incident {
        missing("no-severity", "severity", "how bad it is", Value::Text("SEV2"), problems);
        let people = [("role", "incident lead"), ("who", "Who is on call"), ("contact", "How to reach them")];
        missing("no-responders", "responders", "who responds", Value::Entry(&people), problems);
    }
    if context.runbook.links.is_empty() {
        let link = [("title", "Dashboard"), ("url", "https://example.org/")];
        let what = if kind == Kind::Incident { "where the logs and dashboards are" } else { "where to look" };
        missing("no-links", "links", what, Value::Entry(&link), problems);
    }
}

/// Where something stands that the whole file lacks: its front matter's first line, else its first.
fn top(context: &Context<'_>) -> Span {
    context.line_at(context.source.start)
}

fn begins_with_a_look(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    LOOKS.contains(&first.trim_matches(|letter: char| !letter.is_alphanumeric()))
}

/// An expectation, a probe, a validation, or a step or check that begins with a word for it.
fn is_validated(context: &Context<'_>) -> bool {
    let steps = |section: &Section| section.steps.iter().any(|step| begins_with_a_look(&step.title));
    context.runbook.phases.iter().any(|section| section.phase == Phase::Validation || steps(section))
        || context.runbook.items().any(|(_, _, item)| {
            item.kind == ItemKind::Probe
                || !item.options.expectations.is_empty()
                || matches!(item.program, Program::Measure(_))
                || (item.kind == ItemKind::Check && begins_with_a_look(&item.text))
        })
}

/// An undo, the word that there is none, or a rollback.
fn leads_back(context: &Context<'_>) -> bool {
    context.runbook.phases.iter().any(|section| section.phase == Phase::Rollback)
        || context.runbook.items().any(|(_, _, item)| item.kind == ItemKind::Undo || item.options.no_return)
}

/// The first step that changes something: where both problems are shown.
fn first_step<'a>(context: &Context<'a>) -> Option<(&'a Section, &'a Step)> {
    let on_path = context.changing().find(|(section, _, _)| section.phase.on_path());
    on_path.or_else(|| context.changing().next()).map(|(section, step, _)| (section, step))
}

/// `Step 4`, or the step's title.
fn called(step: &Step) -> String {
    match &step.number {
        Some(number) => format!("step {number}"),
        None => format!("“{}”", shortened(&step.title)),
    }
}

fn shortened(title: &str) -> String {
    match title.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", title.get(..at).unwrap_or_default().trim_end()),
        None => title.to_owned(),
    }
}

fn line_of(context: &Context<'_>, step: &Step) -> Span {
    let start = context.span(step.span).start;
    let line = context.line_at(start);
    Span { start, end: line.end.max(start) }
}

fn no_validation(context: &Context<'_>, problems: &mut Problems<'_>) {
    let Some((_, step)) = first_step(context) else { return };
    let message = format!(
        "{} changes something and nothing here says how success looks, so a wrong result would pass: add an expectation, a probe or a section `Validation`",
        called(step)
    );
    let mut fixes = Vec::new();
    let last = |fence: bool| {
        let items = context.changing().filter(|(section, _, _)| section.phase.on_path());
        items.map(|(_, _, item)| item).filter(|item| !fence || opening(context, item).is_some()).last()
    };
    if let Some((item, opening)) = last(true).and_then(|item| Some((item, opening(context, item)?))) {
        let expected = item
            .sample
            .as_deref()
            .and_then(|sample| sample.lines().rev().map(str::trim).find(|line| !line.is_empty()));
        let expected = expected.filter(|line| !line.contains('`')).unwrap_or("what the output says when it worked");
        fixes.push(offer("Add expect", opening.add("expect", Some(expected))));
    }
    fixes.extend(last(false).or_else(|| last(true)).map(|item| {
        let check = "- [ ] Verify that it worked: say here where to look, and what is right\n";
        offer("Verify by hand", vec![behind(context, item, check)])
    }));
    problems.add("no-validation", Severity::Warning, line_of(context, step), capital(&message), fixes);
}

fn no_rollback(context: &Context<'_>, problems: &mut Problems<'_>) {
    let Some((section, step)) = first_step(context) else { return };
    let message = format!(
        "{} changes something and has no undo, so the rollback plan would stop there: add an undo to it, or a section `Rollback`",
        called(step)
    );
    let mut fixes = Vec::new();
    let changes = |item: &&Item| {
        item.kind == ItemKind::Command && section.phase.changes_something() && !super::looking::only_looks(item)
    };
    if let Some(item) = step.items.iter().rfind(changes) {
        // What has no answer yet cannot start: an undo that does nothing must not count as one.
        let undo = "```sh {undo}\n<the command that takes this step back>\n```\n";
        fixes.push(offer("Add undo block", vec![behind(context, item, undo)]));
        if let Some(opening) = opening(context, item) {
            fixes.push(offer("Say undo=none", opening.add("undo", Some("none"))));
        }
    }
    problems.add("no-rollback", Severity::Warning, line_of(context, step), capital(&message), fixes);
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn opening<'a>(context: &Context<'a>, item: &Item) -> Option<Opening<'a>> {
    Opening::of(context, context.span(item.span)).filter(|_| !item.attributes.contains_key("undo"))
}

/// Puts lines behind a block, as deep in lists and quotes as it stands.
fn behind(context: &Context<'_>, item: &Item, lines: &str) -> Edit {
    let block = context.span(item.span);
    let text = context.slice(block);
    let end = block.start + text.trim_end().len();
    let line = context.line_at(end);
    let first = context.line_at(block.start);
    let indented = !text.starts_with(['`', '~']);
    let prefix: String = context
        .slice(Span { start: first.start, end: block.start.max(first.start) })
        .chars()
        .map(|letter| if matches!(letter, '>' | '\t') { letter } else { ' ' })
        .collect();
    // An indented block's own four columns are not its container's.
    let prefix =
        if indented { prefix.get(..prefix.len().saturating_sub(4)).unwrap_or_default().to_owned() } else { prefix };
    let body: String = lines.split_inclusive('\n').map(|line| format!("{prefix}{line}")).collect();
    let at_end = line.end >= context.source.text.len();
    let rest = context.source.text.get(line.end..).unwrap_or_default();
    let next = rest.trim_start_matches('\r').strip_prefix('\n').unwrap_or(rest).lines().next().unwrap_or_default();
    let blank = |line: &str| line.trim_matches([' ', '\t', '>']).is_empty();
    let quote = prefix.trim_end();
    let mut text = format!("\n{quote}\n{}", body.trim_end_matches('\n'));
    if at_end {
        text.push('\n');
    } else if !blank(next) {
        text.push_str(&format!("\n{quote}"));
    }
    context.insert(line.end, &text)
}

/// A section before the first one of the path.
fn preconditions(context: &Context<'_>) -> Option<Edit> {
    let asks = "- [ ] Say here what must be true before the first step\n";
    let path = context.runbook.phases.iter().find(|section| section.phase.on_path() && !section.steps.is_empty());
    let Some(section) = path else {
        return Some(context.append(&format!("## Preconditions\n\n{asks}")));
    };
    let start = context.span(section.span).start;
    let heading = context.line_at(start);
    let is_written = context.slice(heading).starts_with('#');
    if section.level >= 2 && is_written {
        let marks = "#".repeat(usize::from(section.level));
        return Some(context.insert(heading.start, &format!("{marks} Preconditions\n\n{asks}\n")));
    }
    if section.level > 0 {
        // Under the title, or a heading that is underlined: what follows it becomes the steps.
        let mut at = next_line(context, heading)?;
        let below = context.line_at(at);
        let underline = context.slice(below).trim();
        if !is_written && !underline.is_empty() && underline.chars().all(|letter| matches!(letter, '=' | '-')) {
            at = next_line(context, below)?;
        }
        return Some(context.insert(at, &format!("\n## Preconditions\n\n{asks}\n## Steps\n\n")));
    }
    Some(context.insert(context.body(), &format!("## Preconditions\n\n{asks}\n## Steps\n\n")))
}

fn next_line(context: &Context<'_>, line: Span) -> Option<usize> {
    let rest = context.source.text.get(line.end..)?;
    let feed = rest.find('\n')? + 1;
    Some(line.end + feed)
}
