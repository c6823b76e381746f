//! What a new runbook begins with: a template with the parts of its kind and guidance under them.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};
use serde_json::Value;

use crate::model::{Edit, Kind, Runbook, Span};
use crate::slug::slug;
use crate::{apply_text, front_matter_set, parse};

/// A text to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Names it: `version-update`.
    pub name: &'static str,
    /// As a person reads it.
    pub title: String,
    /// What it is for.
    pub summary: &'static str,
    /// What kind of runbook it makes, if any.
    pub kind: Option<Kind>,
    /// The text, a runbook itself.
    pub text: &'static str,
}

/// Name, what it is for, and text.
const TEMPLATES: &[(&str, &str, &str)] = &[
    (
        "blank",
        "The parts that every runbook has, and nothing in them",
        include_str!("../../../runbooks/templates/blank.md"),
    ),
    (
        "incident",
        "Something is broken: see, say, stop the harm, prove that it is over",
        include_str!("../../../runbooks/templates/incident.md"),
    ),
    (
        "version-update",
        "Put a new version in place of an old one, with the way back",
        include_str!("../../../runbooks/templates/version-update.md"),
    ),
    (
        "backup",
        "Make a copy, and prove that it can be restored",
        include_str!("../../../runbooks/templates/backup.md"),
    ),
    (
        "routine",
        "Work that comes again: what, why, steps, points to verify",
        include_str!("../../../runbooks/templates/routine.md"),
    ),
    (
        "deployment",
        "Roll out a release, watch it, take it back if need be",
        include_str!("../../../runbooks/templates/deployment.md"),
    ),
    (
        "handover",
        "Give the watch to the next person, with all that is open",
        include_str!("../../../runbooks/templates/handover.md"),
    ),
    (
        "onboarding",
        "The first week of a new colleague: access, rehearsals, a first real run",
        include_str!("../../../runbooks/templates/onboarding.md"),
    ),
    (
        "access",
        "Where a team's systems are, how to get in, whom to ask",
        include_str!("../../../runbooks/templates/access.md"),
    ),
];

/// All templates, in the order in which they are offered.
#[must_use]
pub fn templates() -> Vec<Template> {
    TEMPLATES
        .iter()
        .map(|(name, summary, text)| {
            let runbook = parse(name, text.as_bytes());
            Template { name, title: runbook.title, summary, kind: runbook.kind, text }
        })
        .collect()
}

/// The text of a new runbook: the template with this title, owner and day of review (`2026-11-22`). What is empty
/// leaves what the template says. `None` when there is no such template.
#[must_use]
pub fn new_runbook(template: &str, title: &str, owner: &str, today: &str) -> Option<String> {
    let (_, _, text) = TEMPLATES.iter().find(|(name, _, _)| *name == template)?;
    Some(with(text, title, owner, today))
}

/// A text with this title, in its front matter and its first level-1 heading, and this owner; what is empty stays.
/// Guidance that the owner answers goes.
#[must_use]
pub fn with_title(text: &str, title: &str, owner: &str) -> String {
    with(text, title, owner, "")
}

fn with(text: &str, title: &str, owner: &str, today: &str) -> String {
    let mut text = text.to_owned();
    for (key, value) in [("title", title), ("owner", owner), ("reviewed", today)] {
        let value = one_line(value);
        if value.is_empty() {
            continue;
        }
        if let Some(edits) = front_matter_set(text.as_bytes(), key, Some(&Value::String(value)))
            && let Ok(changed) = apply_text(&text, &edits)
        {
            text = changed;
        }
    }
    if !one_line(owner).is_empty() {
        // What has just been answered would otherwise be the first thing that the check complains of.
        let runbook = parse("", text.as_bytes());
        let front = body(&text);
        let answered: Vec<Edit> = guidance(&runbook, text.as_bytes())
            .into_iter()
            .filter(|one| one.answered && one.span.end <= front)
            .map(|one| one.remove)
            .collect();
        text = apply_text(&text, &answered).unwrap_or(text);
    }
    let title = one_line(title);
    if !title.is_empty()
        && let Some(heading) = first_heading(&text)
    {
        text.replace_range(heading, &format!("# {}", in_heading(&title)));
    }
    text
}

/// The first level-1 heading behind the front matter, whose comments begin with `# ` as well, without its line's end.
fn first_heading(text: &str) -> Option<std::ops::Range<usize>> {
    let body = body(text);
    let rest = text.get(body..)?;
    let (_, range) = Parser::new(rest)
        .into_offset_iter()
        .find(|(event, _)| matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. })))?;
    let written = rest.get(range.clone())?.trim_end();
    Some(body + range.start..body + range.start + written.len())
}

/// A file name that fits a title: `disk-almost-full.md`.
#[must_use]
pub fn file_name(title: &str) -> String {
    format!("{}.md", slug(title, "runbook"))
}

pub(crate) fn one_line(text: &str) -> String {
    let printable: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    crate::document::collapse(&printable)
}

/// Plain text where Markdown is read: what would mean something is escaped.
pub(crate) fn in_heading(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#' | '&' | '~') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// Advice of a template about the part under which it stands. No page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guidance {
    /// The comment, in bytes of the file.
    pub span: Span,
    /// What it says.
    pub text: String,
    /// Whether the part holds something that the template did not.
    pub answered: bool,
    /// Takes it out, with its line.
    pub remove: Edit,
}

/// The guidance that stands in a text: `<!-- guidance: … -->` under a heading, `# guidance: …` under a key of the front
/// matter. Empty for a file that is not UTF-8.
///
/// A part is answered when it holds something, and not only what the template with the same guidance holds there.
#[must_use]
pub fn guidance(runbook: &Runbook, bytes: &[u8]) -> Vec<Guidance> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    if !text.contains(MARK) {
        return Vec::new();
    }
    let found = marks(text, runbook);
    // The draft of a session brings guidance of its own.
    let session = crate::from_session("");
    let known: Vec<Mark> = TEMPLATES
        .iter()
        .filter(|(_, _, template)| found.iter().any(|mark| template.contains(mark.text.as_str())))
        .flat_map(|(name, _, template)| marks(template, &parse(name, template.as_bytes())))
        .chain(marks(&session, &parse("", session.as_bytes())))
        .collect();
    found
        .into_iter()
        .map(|mark| Guidance {
            answered: !mark.part.is_empty()
                && !known.iter().any(|known| known.text == mark.text && known.part == mark.part),
            remove: Edit { span: with_line(text, mark.span), text: String::new() },
            span: mark.span,
            text: mark.text,
        })
        .collect()
}

const MARK: &str = "guidance:";

/// Guidance with what stands in its part, blanks collapsed.
struct Mark {
    span: Span,
    text: String,
    part: String,
}

fn marks(text: &str, runbook: &Runbook) -> Vec<Mark> {
    let body = body(text);
    let mut marks = in_front_matter(text, body, runbook);
    let mut headings: Vec<(usize, usize, usize)> = Vec::new();
    let mut comments: Vec<(Span, String)> = Vec::new();
    for (event, range) in Parser::new(text.get(body..).unwrap_or_default()).into_offset_iter() {
        let (start, end) = (range.start + body, range.end + body);
        match event {
            Event::Start(Tag::Heading { level, .. }) => headings.push((level as usize, start, end)),
            Event::Start(Tag::HtmlBlock) => comments.extend(comment(text, start, end)),
            _ => {}
        }
    }
    for (span, advice) in comments.clone() {
        let above = headings.iter().rev().find(|(_, start, _)| *start < span.start);
        let from = above.map_or(body, |(_, _, end)| *end);
        let to = headings
            .iter()
            .find(|(level, start, _)| *start > span.start && above.is_none_or(|(own, _, _)| level <= own))
            .map_or(text.len(), |(_, start, _)| *start);
        let mut part = String::new();
        let mut at = from;
        for (inner, _) in comments.iter().filter(|(inner, _)| inner.start >= from && inner.end <= to) {
            part.push_str(text.get(at..inner.start).unwrap_or_default());
            at = inner.end;
        }
        part.push_str(text.get(at..to).unwrap_or_default());
        marks.push(Mark { span, text: advice, part: crate::document::collapse(&part) });
    }
    marks
}

/// Where the text behind the front matter begins.
fn body(text: &str) -> usize {
    let source = crate::source::Source::new(text.as_bytes());
    crate::front_matter::FrontMatter::read(&source, &mut crate::problems::Problems::new(&source)).body
}

fn comment(text: &str, start: usize, end: usize) -> Option<(Span, String)> {
    let block = text.get(start..end)?;
    let open = block.find("<!--")?;
    let close = block.get(open..)?.find("-->")? + open;
    let advice = block.get(open + 4..close)?.trim().strip_prefix(MARK)?;
    Some((Span { start: start + open, end: start + close + 3 }, crate::document::collapse(advice)))
}

fn in_front_matter(text: &str, body: usize, runbook: &Runbook) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut key = None;
    let mut at = 0;
    for line in text.get(..body).unwrap_or_default().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim_end();
        if let Some(advice) = bare.strip_prefix('#').map(str::trim_start).and_then(|rest| rest.strip_prefix(MARK)) {
            let value = key.as_deref().and_then(|key: &str| runbook.front_matter.get(key));
            marks.push(Mark {
                span: Span { start, end: start + bare.len() },
                text: crate::document::collapse(advice),
                part: value.map(says).unwrap_or_default(),
            });
        } else if !line.starts_with([' ', '\t', '#', '-', '+'])
            && let Some((name, _)) = bare.split_once([':', '='])
        {
            key = Some(name.trim().trim_matches(['"', '\'']).to_owned());
        }
    }
    marks
}

/// A value as text; empty where it says nothing.
fn says(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(values) if values.is_empty() => String::new(),
        Value::Object(values) if values.is_empty() => String::new(),
        other => other.to_string(),
    }
}

/// The span with the rest of its line, and the blank line behind it where there is one before it too.
fn with_line(text: &str, span: Span) -> Span {
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(span.end..).unwrap_or_default();
    let Some(end) = rest.find('\n').map(|at| at + 1) else { return span };
    let alone = text.get(line..span.start).unwrap_or_default().trim().is_empty()
        && rest.get(..end).unwrap_or_default().trim().is_empty();
    if !alone {
        return span;
    }
    let above = text.get(..line).unwrap_or_default();
    let blank_above = above.is_empty() || above.ends_with("\n\n") || above.ends_with("\n\r\n");
    let next = rest.get(end..).unwrap_or_default().split_inclusive('\n').next().unwrap_or_default();
    let blank_below = blank_above && next.ends_with('\n') && next.trim().is_empty();
    Span { start: line, end: span.end + end + if blank_below { next.len() } else { 0 } }
}

#[cfg(test)]
mod tests;
