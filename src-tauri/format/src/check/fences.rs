//! The first line of a fence, for changes to it: where its language, its attributes and their values stand.

use std::ops::Range;

use super::context::Context;
use crate::attributes;
use crate::model::{Edit, Span};

/// The first line of a fence.
pub(super) struct Opening<'a> {
    /// The line, from the first fence letter to its end.
    pub(super) span: Span,
    /// Its text.
    text: &'a str,
    /// Number of fence letters.
    fence: usize,
    /// The groups of braces, as ranges of `text`, braces included.
    groups: Vec<Group>,
}

/// A group of braces.
struct Group {
    range: Range<usize>,
    json: bool,
    pairs: Vec<Pair>,
}

/// An attribute as it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    /// Its name.
    pub(super) key: String,
    /// The name's place.
    pub(super) key_span: Span,
    /// The value's place, quotes included; the name's where it has none.
    pub(super) value_span: Span,
    /// All of it.
    pub(super) span: Span,
    /// Whether it stands in a JSON object.
    pub(super) json: bool,
}

impl<'a> Opening<'a> {
    /// The first line of the fence at that span of the text; nothing where it is an indented block.
    pub(super) fn of(context: &Context<'a>, block: Span) -> Option<Self> {
        let text = context.slice(block).split(['\n', '\r']).next()?;
        let letter = text.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
        let fence = text.len() - text.trim_start_matches(letter).len();
        if fence < 3 {
            return None;
        }
        let span = Span { start: block.start, end: block.start + text.len() };
        let mut opening = Self { span, text, fence, groups: Vec::new() };
        opening.read_groups();
        Some(opening)
    }

    /// The fence itself.
    pub(super) fn fence(&self) -> &'a str {
        self.text.get(..self.fence).unwrap_or_default()
    }

    /// Where the language stands; empty, right behind the fence, where there is none.
    pub(super) fn language(&self) -> Span {
        let info = self.text.get(self.fence..).unwrap_or_default();
        let word = info.trim_start();
        let start = self.fence + (info.len() - word.len());
        let length = word.find(|letter: char| letter == '{' || letter.is_whitespace()).unwrap_or(word.len());
        if length == 0 { self.place(self.fence..self.fence) } else { self.place(start..start + length) }
    }

    /// All attributes in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.groups.iter().flat_map(|group| &group.pairs)
    }

    /// The last attribute of that name: a name that stands twice is at fault where it stands again.
    pub(super) fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs().filter(|pair| pair.key == key).last()
    }

    /// A word outside the braces, such as `timeout=5s`.
    pub(super) fn outside(&self, word: &str) -> Option<Span> {
        let at = self.text.get(self.fence..)?.find(word)? + self.fence;
        let inside = self.groups.iter().any(|group| group.range.contains(&at));
        (!inside).then(|| self.place(at..at + word.len()))
    }

    /// Puts one more attribute into the line. `value` is text; none for a name alone.
    pub(super) fn add(&self, key: &str, value: Option<&str>) -> Vec<Edit> {
        let pair = match value {
            None => key.to_owned(),
            Some(value) => format!("{key}={}", written(value)),
        };
        let insert = |at: usize, text: String| Edit { span: self.place(at..at), text };
        match self.groups.first() {
            Some(group) if group.json => {
                let value = value.map_or(serde_json::Value::Bool(true), Into::into);
                vec![insert(group.range.start + 1, format!("{}: {value}, ", serde_json::Value::from(key)))]
            }
            Some(group) => {
                let inside = self.text.get(group.range.start + 1..group.range.end - 1).unwrap_or_default();
                let at = group.range.start + 1 + inside.trim_end().len();
                let blank = if inside.trim().is_empty() { "" } else { " " };
                vec![insert(at, format!("{blank}{pair}"))]
            }
            None => {
                let at = self.text.trim_end().len();
                let language = if self.language().start == self.language().end { "sh" } else { "" };
                vec![insert(at, format!("{language} {{{pair}}}"))]
            }
        }
    }

    fn place(&self, range: Range<usize>) -> Span {
        Span { start: self.span.start + range.start, end: self.span.start + range.end }
    }

    fn read_groups(&mut self) {
        let mut at = self.fence;
        while let Some(start) = self.text.get(at..).and_then(|rest| rest.find('{')).map(|found| at + found) {
            let inside = self.text.get(start + 1..).unwrap_or_default();
            let json = inside.trim_start().starts_with('"');
            let group = if json { self.json_group(start) } else { self.pair_group(start) };
            let Some(group) = group else { return };
            at = group.range.end;
            self.groups.push(group);
        }
    }

    fn pair_group(&self, start: usize) -> Option<Group> {
        let mut pairs = Vec::new();
        let mut at = start + 1;
        loop {
            let rest = self.text.get(at..)?;
            at += rest.len() - rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',').len();
            let rest = self.text.get(at..)?;
            if rest.starts_with('}') {
                return Some(Group { range: start..at + 1, json: false, pairs });
            }
            let end = rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '=' | '}'))?;
            let key = rest.get(..end)?;
            let value_start = at + end + 1;
            let value = rest.get(end..)?.strip_prefix('=').and_then(|value| {
                let length = value_length(key, value)?;
                Some(value_start..value_start + length)
            });
            let stop = value.as_ref().map_or(at + end, |value| value.end);
            if stop == at {
                return None;
            }
            pairs.push(Pair {
                key: key.to_owned(),
                key_span: self.place(at..at + end),
                value_span: self.place(value.unwrap_or(at..at + end)),
                span: self.place(at..stop),
                json: false,
            });
            at = stop;
        }
    }

    fn json_group(&self, start: usize) -> Option<Group> {
        let text = self.text.get(start..)?;
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
        stream.next()?.ok()?;
        let end = start + stream.byte_offset();
        let mut pairs = Vec::new();
        let mut at = start + 1;
        loop {
            let rest = self.text.get(at..end)?;
            at += rest.len() - rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',').len();
            if self.text.get(at..)?.starts_with('}') {
                return Some(Group { range: start..end, json: true, pairs });
            }
            let mut key = serde_json::Deserializer::from_str(self.text.get(at..end)?).into_iter::<String>();
            let name = key.next()?.ok()?;
            let key_end = at + key.byte_offset();
            let colon = key_end + self.text.get(key_end..end)?.find(':')? + 1;
            let blanks = self.text.get(colon..end)?;
            let value_start = colon + (blanks.len() - blanks.trim_start().len());
            let mut value =
                serde_json::Deserializer::from_str(self.text.get(value_start..end)?).into_iter::<serde_json::Value>();
            value.next()?.ok()?;
            let value_end = value_start + value.byte_offset();
            pairs.push(Pair {
                key: name,
                key_span: self.place(at..key_end),
                value_span: self.place(value_start..value_end),
                span: self.place(at..value_end),
                json: true,
            });
            at = value_end;
        }
    }
}

/// Bytes of a value after `=`, as `attributes.rs` reads it.
fn value_length(key: &str, text: &str) -> Option<usize> {
    // The one reader of values decides where each ends: a group of this pair and what follows.
    let wrapped = |length: usize| {
        text.get(..length).is_some_and(|value| {
            let info = attributes::read(&format!("sh {{{key}={value}}}"));
            info.error.is_none() && info.attributes.len() == 1 && info.outside.is_empty()
        })
    };
    let quoted = text.starts_with(['"', '\'', '/']);
    let ends = text.char_indices().filter(|(_, letter)| letter.is_whitespace() || matches!(letter, '}' | ','));
    let mut candidates = ends.map(|(index, _)| index).chain([text.len()]);
    if quoted { candidates.find(|length| *length > 0 && wrapped(*length)) } else { text.find(['}', ' ', '\t']) }
}

/// A value as it can stand behind `=`.
pub(super) fn written(value: &str) -> String {
    let bare = !value.is_empty()
        && value.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':'));
    if bare { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}
