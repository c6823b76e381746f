//! Keys for the front matter, written in the notation that it has.

use super::context::Context;
use crate::front_matter::Notation;
use crate::model::{Edit, Span};

/// A value to write.
pub(super) enum Value<'v> {
    /// Text.
    Text(&'v str),
    /// A list of one map of texts.
    Entry(&'v [(&'v str, &'v str)]),
}

/// Puts a key into the front matter, which is made where there is none. Nothing where it cannot be read, or is written in a
/// way that an insertion could break.
pub(super) fn add(context: &Context<'_>, key: &str, value: &Value<'_>) -> Option<Edit> {
    let present = context.runbook.front_matter.get(key);
    let Some(layout) = &context.layout else {
        let text = format!("---\n{}---\n\n", yaml(key, value));
        return Some(context.insert(context.source.start, &text));
    };
    if !is_readable(context) {
        return None;
    }
    let content = context.slice(layout.content);
    match layout.notation {
        Notation::Yaml if is_flow(content) => None,
        Notation::Yaml if present.is_some() => fill_yaml(context, key, value),
        Notation::Yaml => Some(context.insert(layout.content.end, &yaml(key, value))),
        _ if present.is_some() => None,
        Notation::Toml => Some(context.insert(layout.content.start, &toml(key, value))),
        Notation::Json => json(context, layout.content, &format!("{}: {}", quoted(key), json_value(value))),
    }
}

/// Declares a parameter.
pub(super) fn add_parameter(context: &Context<'_>, name: &str, prompt: &str, secret: bool) -> Option<Vec<Edit>> {
    let prompt = quoted(prompt);
    let secret_yaml = if secret { ", secret: true" } else { "" };
    let line = format!("{name}: {{prompt: {prompt}, required: true{secret_yaml}}}\n");
    let Some(layout) = &context.layout else {
        return Some(vec![context.insert(context.source.start, &format!("---\nparams:\n  {line}---\n\n"))]);
    };
    if !is_readable(context) {
        return None;
    }
    let content = context.slice(layout.content);
    let present = context.runbook.front_matter.get("params");
    let edit = match (layout.notation, present) {
        (Notation::Yaml, _) if is_flow(content) => return None,
        (Notation::Yaml, None) => context.insert(layout.content.end, &format!("params:\n  {line}")),
        (Notation::Yaml, Some(params)) => {
            // A block of `name: …` lines: one more of them, first, as deep as they are.
            params.as_object().filter(|params| !params.is_empty())?;
            let key = line_of(context, layout.content, "params")?;
            context.slice(key).strip_prefix("params:").filter(|rest| rest.trim().is_empty())?;
            let next = next_line(context, key)?;
            let below = context.slice(context.line_at(next));
            let indent = below.get(..below.len() - below.trim_start_matches(' ').len())?;
            if indent.is_empty() || below.trim().is_empty() || below.trim_start().starts_with('#') {
                return None;
            }
            context.insert(next, &format!("{indent}{line}"))
        }
        (Notation::Toml, params) => {
            // A table of its own may follow any other, but not an inline one of the same name.
            if params.is_some() && line_of(context, layout.content, "params").is_some() {
                return None;
            }
            let secret = if secret { "secret = true\n" } else { "" };
            context
                .insert(layout.content.end, &format!("[params.{name}]\nprompt = {prompt}\nrequired = true\n{secret}"))
        }
        (Notation::Json, None) => {
            let secret = if secret { ", \"secret\": true" } else { "" };
            let value = format!("{{ \"prompt\": {prompt}, \"required\": true{secret} }}");
            json(context, layout.content, &format!("\"params\": {{ {}: {value} }}", quoted(name)))?
        }
        (Notation::Json, Some(_)) => return None,
    };
    Some(vec![edit])
}

/// Where a key's line stands among the lines of the front matter that are not indented.
pub(super) fn line_of(context: &Context<'_>, content: Span, key: &str) -> Option<Span> {
    let mut at = content.start;
    for line in context.slice(content).split_inclusive('\n') {
        let rest = line.strip_prefix(key);
        if rest.is_some_and(|rest| rest.trim_start().starts_with([':', '='])) {
            return Some(Span { start: at, end: at + line.trim_end().len() });
        }
        at += line.len();
    }
    None
}

/// The value on a key's line: `2026-01-02` of `reviewed: 2026-01-02  # by Ann`, without the blanks around it.
pub(super) fn value_of(context: &Context<'_>, line: Span) -> Option<Span> {
    let text = context.slice(line);
    let separator = text.find([':', '='])? + 1;
    let rest = text.get(separator..)?;
    let start = line.start + separator + (rest.len() - rest.trim_start().len());
    let value = rest.trim_start();
    let length = value.find(" #").map_or(value.len(), |at| value.get(..at).map_or(0, |value| value.trim_end().len()));
    Some(Span { start, end: start + length })
}

/// Whether what is written can be trusted to be understood: a broken front matter is mended by a person first.
fn is_readable(context: &Context<'_>) -> bool {
    let Some(layout) = &context.layout else { return false };
    !context.runbook.front_matter.is_empty()
        || context.slice(layout.content).lines().all(|line| line.trim().is_empty() || line.starts_with('#'))
}

fn is_flow(content: &str) -> bool {
    let first = content.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    first.starts_with(['{', '[', ' ', '\t', '%', '-', '!', '&'])
}

fn next_line(context: &Context<'_>, line: Span) -> Option<usize> {
    let layout = context.layout.as_ref()?;
    let rest = context.slice(Span { start: line.end, end: layout.content.end });
    let feed = rest.find('\n')? + 1;
    Some(line.end + feed)
}

/// Gives a value to a key that stands there without one.
fn fill_yaml(context: &Context<'_>, key: &str, value: &Value<'_>) -> Option<Edit> {
    let layout = context.layout.as_ref()?;
    let line = line_of(context, layout.content, key)?;
    let text = context.slice(line);
    let rest = text.strip_prefix(key)?.trim_start().strip_prefix(':')?;
    let bare = rest.split(" #").next().unwrap_or_default().trim();
    if !matches!(bare, "" | "~" | "null")
        || !context.runbook.front_matter.get(key).is_some_and(serde_json::Value::is_null)
    {
        return None;
    }
    let Value::Text(value) = value else { return None };
    let colon = line.start + text.find(':')? + 1;
    let end = if bare.is_empty() { colon } else { colon + rest.find(bare)? + bare.len() };
    Some(context.replace(Span { start: colon, end }, &format!(" {}", quoted(value))))
}

fn yaml(key: &str, value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("{key}: {}\n", quoted(text)),
        Value::Entry(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, text)| format!("{name}: {}", quoted(text))).collect();
            format!("{key}:\n  - {{{}}}\n", fields.join(", "))
        }
    }
}

fn toml(key: &str, value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("{key} = {}\n", quoted(text)),
        Value::Entry(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, text)| format!("{name} = {}", quoted(text))).collect();
            format!("{key} = [{{ {} }}]\n", fields.join(", "))
        }
    }
}

fn json_value(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Entry(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, text)| format!("{}: {}", quoted(name), quoted(text))).collect();
            format!("[{{ {} }}]", fields.join(", "))
        }
    }
}

/// The first member of a JSON front matter, in the manner of those that follow.
fn json(context: &Context<'_>, content: Span, member: &str) -> Option<Edit> {
    let text = context.slice(content);
    let brace = text.find('{')? + 1;
    let inside = text.get(brace..)?;
    let first = inside.trim_start();
    let blanks = inside.get(..inside.len() - first.len())?.replace('\r', "");
    let comma = if first.starts_with('}') { "" } else { "," };
    Some(context.insert(content.start + brace, &format!("{blanks}{member}{comma}")))
}

/// Text in double quotes, as YAML, TOML and JSON all read it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
