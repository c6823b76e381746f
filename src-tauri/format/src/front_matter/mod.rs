//! The front matter: where it ends, its keys as written, and what of it is typed (FORMAT.md, "Front matter").

mod about;
pub(crate) mod periods;
mod schedule;
mod set;
mod settings;

pub use about::{About, AboutLink, Responder, UpdateEvery};
pub use schedule::{ScheduleProposal, read_cron, unreadable_schedule};
pub use set::front_matter_set;

use serde_json::{Map, Value};

use crate::model::{Kind, Settings, Span};
use crate::problems::Problems;
use crate::source::Source;

/// What stands before the text of a runbook.
#[derive(Default)]
pub(crate) struct FrontMatter {
    /// Every key.
    pub(crate) values: Map<String, Value>,
    /// What the engine needs.
    pub(crate) settings: Settings,
    /// What lists and searches need.
    pub(crate) about: About,
    /// `title`.
    pub(crate) title: Option<String>,
    /// `kind`.
    pub(crate) kind: Option<Kind>,
    /// Where the text behind it begins.
    pub(crate) body: usize,
}

/// How a front matter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    Yaml,
    Toml,
    Json,
}

/// A front matter as it stands in the text.
pub(crate) struct Layout {
    pub(crate) notation: Notation,
    /// What stands between the lines that begin and end it; the whole object of JSON.
    pub(crate) content: Span,
    /// Where the text behind it begins.
    pub(crate) body: usize,
}

/// Where the front matter stands, if the file has one.
pub(crate) fn layout(source: &Source) -> Option<Layout> {
    find(source, &mut Problems::new(source))
}

/// Why a front matter cannot be read, and where.
struct Unreadable {
    offset: usize,
    reason: String,
}

/// Depth of nesting that is read; deeper is refused rather than followed.
const DEEPEST: usize = 64;

impl FrontMatter {
    /// Whether the file is one of Runme's, whose programs all run.
    pub(crate) fn is_runme(&self) -> bool {
        self.values.contains_key("runme")
    }

    /// Reads it. What cannot be read is a problem, and keeps everything from running: a guard may have stood there.
    pub(crate) fn read(source: &Source, problems: &mut Problems<'_>) -> Self {
        let mut result = Self { body: source.start, ..Self::default() };
        let Some(found) = find(source, problems) else { return result };
        result.body = found.body;
        let text = source.slice(found.content);
        match parse(found.notation, text) {
            Ok(Value::Object(values)) => result.values = values,
            Ok(Value::Null) => {}
            Ok(_) => {
                result.refuse(
                    problems,
                    found.content,
                    "the front matter is not a list of keys: write `key: value` lines, or remove it".to_owned(),
                );
                return result;
            }
            Err(error) => {
                let start = (found.content.start + error.offset).min(found.content.end);
                let end = source
                    .slice(Span { start, end: found.content.end })
                    .find('\n')
                    .map_or(found.content.end, |at| start + at);
                let message = format!("the front matter cannot be read: {}; mend this line", error.reason);
                result.refuse(problems, Span { start, end }, message);
                return result;
            }
        }
        let mut reader = settings::Reader {
            source,
            content: found.content,
            yaml: found.notation == Notation::Yaml,
            problems,
            settings: Settings::default(),
            values: &result.values,
        };
        let (title, kind) = reader.read();
        result.settings = reader.settings;
        result.title = title;
        result.kind = kind;
        result.about = About::read(&result.values);
        result
    }

    fn refuse(&mut self, problems: &mut Problems<'_>, span: Span, message: String) {
        self.settings.refused =
            Some("the front matter cannot be read, and may hold settings that its commands need: mend it".to_owned());
        problems.error("front-matter", span, message);
    }
}

fn find(source: &Source, problems: &mut Problems<'_>) -> Option<Layout> {
    let text = source.text.get(source.start..)?;
    let first = text.split_inclusive('\n').next()?;
    let line = first.trim_end();
    let (notation, closings): (_, &[&str]) = match line {
        "---" => (Notation::Yaml, &["---", "..."]),
        "+++" => (Notation::Toml, &["+++"]),
        _ if line.starts_with('{') => return find_json(source, text, line),
        _ => return None,
    };
    let start = source.start + first.len();
    let mut at = start;
    for line in source.text.get(start..)?.split_inclusive('\n') {
        if closings.contains(&line.trim_end()) {
            return Some(Layout { notation, content: Span { start, end: at }, body: at + line.len() }).filter(
                |found| {
                    // A rule, a blank line, text and another rule are no front matter.
                    let content = source.slice(found.content);
                    notation == Notation::Toml
                        || content.is_empty()
                        || !content.lines().next().unwrap_or_default().trim().is_empty()
                },
            );
        }
        at += line.len();
    }
    let next = source.text.get(start..)?.lines().next().unwrap_or_default();
    if next.split_once(':').is_some_and(|(key, _)| {
        !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    }) {
        let span = Span { start: source.start, end: source.start + line.len() };
        problems.error(
            "front-matter",
            span,
            format!("the front matter is never closed: put a line `{line}` after it"),
        );
    }
    None
}

/// JSON at the very beginning, up to the closing brace; templates such as `{% include %}` are text.
fn find_json(source: &Source, text: &str, line: &str) -> Option<Layout> {
    let inside = line.get(1..)?.trim_start();
    if !(inside.is_empty() || inside.starts_with('"') || inside == "}") {
        return None;
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let read = stream.next()?.is_ok();
    let end = if read {
        stream.byte_offset()
    } else {
        // Broken: up to the first line that is a closing brace alone.
        let mut at = 0;
        text.split_inclusive('\n').find_map(|line| {
            at += line.len();
            (line.trim_end() == "}").then_some(at)
        })?
    };
    let after = text.get(end..)?;
    let rest = after.split_inclusive('\n').next().unwrap_or_default();
    if !rest.trim().is_empty() && read {
        return None;
    }
    let body = if rest.trim().is_empty() { end + rest.len() } else { end };
    Some(Layout {
        notation: Notation::Json,
        content: Span { start: source.start, end: source.start + end },
        body: source.start + body,
    })
}

/// Options of the YAML reader: YAML 1.2's booleans, numbers with zeros or underscores as text, and little patience for
/// aliases that multiply.
fn yaml_options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_events: 200_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
        },
    }
}

fn parse(notation: Notation, text: &str) -> Result<Value, Unreadable> {
    match notation {
        Notation::Yaml => {
            if text.trim().is_empty() {
                return Ok(Value::Null);
            }
            serde_saphyr::from_str_with_options(text, yaml_options()).map_err(|error| yaml_error(text, &error))
        }
        Notation::Toml => match toml::from_str::<toml::Table>(text) {
            Ok(table) => Ok(from_toml(toml::Value::Table(table))),
            Err(error) => Err(Unreadable {
                offset: error.span().map_or(0, |span| span.start),
                reason: one_line(error.message()),
            }),
        },
        Notation::Json => serde_json::from_str(text).map_err(|error| Unreadable {
            offset: line_offset(text, error.line()),
            reason: one_line(&error.to_string()),
        }),
    }
}

fn yaml_error(text: &str, error: &serde_saphyr::Error) -> Unreadable {
    let line = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
    Unreadable { offset: line_offset(text, line), reason: one_line(&error.without_snippet().to_string()) }
}

fn line_offset(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

fn one_line(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or_default().trim().trim_end_matches(['.', ':']);
    line.to_owned()
}

/// TOML's dates become text, as YAML's are.
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(values) => values.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, from_toml(value))).collect(),
    }
}

/// A list, or a comma list, of the front matter.
pub(crate) fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(scalar).collect(),
        Some(value) => scalar(value)
            .map(|text| text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default(),
        None => Vec::new(),
    }
}

/// Text, a number or a truth, as text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
