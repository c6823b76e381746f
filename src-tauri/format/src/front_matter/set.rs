//! Setting one key of the front matter as a change of one span: order, comments and quoting stay.

use serde_json::{Deserializer, Map, Value};

use super::{Layout, Notation, find, parse};
use crate::apply_text;
use crate::model::{Edit, Span};
use crate::problems::Problems;
use crate::source::Source;

/// The edits that set a top-level key of the front matter, or remove it where there is no value. A file without front
/// matter gets one, in YAML, after a byte order mark, with the file's line ends.
///
/// `None` where it cannot be done by a change of that key alone: a front matter that cannot be read, or one so unusual
/// that another key would change with it. The result was read again and holds exactly the value.
#[must_use]
pub fn front_matter_set(bytes: &[u8], key: &str, value: Option<&Value>) -> Option<Vec<Edit>> {
    let source = Source::new(bytes);
    let mut problems = Problems::new(&source);
    let line_end = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
    let edits = match find(&source, &mut problems) {
        None if !problems.finish().is_empty() => return None,
        None => match value {
            None => Vec::new(),
            Some(value) => {
                let line = format!("{}: {}", yaml_key(key), yaml(value, None));
                let text = ["---", &line, "---", "", ""].join(line_end);
                vec![Edit { span: Span { start: source.start, end: source.start }, text }]
            }
        },
        Some(found) => within(&source, &found, key, value, line_end)?,
    };
    let edits: Vec<Edit> =
        edits.into_iter().map(|edit| Edit { span: source.file_span(edit.span), text: edit.text }).collect();
    Some(edits)
}

/// The edits within a front matter, proved by reading it again.
fn within(source: &Source, found: &Layout, key: &str, value: Option<&Value>, line_end: &str) -> Option<Vec<Edit>> {
    let text = source.slice(found.content);
    let mut expected = match parse(found.notation, text) {
        Ok(Value::Object(values)) => values,
        Ok(Value::Null) => Map::new(),
        _ => return None,
    };
    match value {
        Some(value) if expected.get(key) == Some(value) => return Some(Vec::new()),
        Some(value) => {
            expected.insert(key.to_owned(), value.clone());
        }
        None => {
            if expected.shift_remove(key).is_none() {
                return Some(Vec::new());
            }
        }
    }
    let edit = match found.notation {
        Notation::Yaml => in_yaml(text, key, value, line_end),
        Notation::Toml => in_toml(text, key, value, line_end),
        Notation::Json => in_json(text, key, value, line_end),
    }?;
    let after = apply_text(text, std::slice::from_ref(&edit)).ok()?;
    match parse(found.notation, &after) {
        Ok(Value::Object(values)) if values == expected => {}
        Ok(Value::Null) if expected.is_empty() => {}
        _ => return None,
    }
    let start = found.content.start;
    Some(vec![Edit { span: Span { start: edit.span.start + start, end: edit.span.end + start }, ..edit }])
}

fn in_yaml(text: &str, key: &str, value: Option<&Value>, line_end: &str) -> Option<Edit> {
    let Some((block, rest)) = yaml_block(text, key) else {
        let value = value?;
        let at = text.len();
        let before = if text.is_empty() || text.ends_with('\n') { "" } else { line_end };
        let text = format!("{before}{}: {}{line_end}", yaml_key(key), yaml(value, None));
        return Some(Edit { span: Span { start: at, end: at }, text });
    };
    let Some(value) = value else { return Some(Edit { span: block, text: String::new() }) };
    let old = text.get(rest..block.end)?;
    let line = old.split_inclusive('\n').next().unwrap_or_default();
    let bare = line.trim_end();
    let single = old.len() == line.len();
    // A comment behind a value on one line stays.
    let (written, quote) = match bare.trim_start().chars().next() {
        Some(quote @ ('"' | '\'')) if single => {
            let open = bare.find(quote)?;
            let close = bare.get(open + 1..)?.rfind(quote)? + open + 1;
            (bare.get(..=close)?, Some(quote))
        }
        _ if single => (bare.find(" #").map_or(bare, |at| bare.get(..at).unwrap_or(bare)).trim_end(), None),
        _ => (old.trim_end(), None),
    };
    let lead = written.len() - written.trim_start_matches([' ', '\t']).len();
    let span = Span { start: rest + lead, end: rest + written.len() };
    let blank = if lead == 0 { " " } else { "" };
    Some(Edit { span, text: format!("{blank}{}", yaml(value, quote)) })
}

/// The lines of a key, and where its value begins: behind the colon.
fn yaml_block(text: &str, key: &str) -> Option<(Span, usize)> {
    let mut at = 0;
    let mut found: Option<(Span, usize)> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim_end();
        if let Some((block, _)) = &mut found {
            let inside = line.starts_with([' ', '\t']) || bare == "-" || line.starts_with("- ");
            if inside && !bare.is_empty() {
                block.end = at;
            } else if !bare.is_empty() && !bare.starts_with('#') {
                break;
            }
            continue;
        }
        let name = [key.to_owned(), format!("\"{key}\""), format!("'{key}'")]
            .into_iter()
            .find(|name| bare.strip_prefix(name.as_str()).is_some_and(|rest| rest.trim_start().starts_with(':')));
        if let Some(name) = name {
            let colon = bare.get(name.len()..)?.find(':')?;
            found = Some((Span { start, end: at }, start + name.len() + colon + 1));
        }
    }
    found
}

fn yaml_key(key: &str) -> String {
    yaml(&Value::String(key.to_owned()), None)
}

crate::fixed::expression!(PLAIN, r"^(?:[A-Za-z][A-Za-z0-9_./() -]*[A-Za-z0-9_./)-]|[A-Za-z]|\d{4}-\d\d-\d\d)$");

/// JSON is YAML; plain text and quotes where they are enough.
fn yaml(value: &Value, quote: Option<char>) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let word = text.to_lowercase();
    let special = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&word.as_str());
    match quote {
        Some('\'') if !text.contains(|letter: char| letter.is_control()) => format!("'{}'", text.replace('\'', "''")),
        None if PLAIN.is_match(text) && !special => text.clone(),
        _ => value.to_string(),
    }
}

fn in_toml(text: &str, key: &str, value: Option<&Value>, line_end: &str) -> Option<Edit> {
    let document = toml_edit::Document::parse(text).ok()?;
    let table = document.as_table();
    let written = value.map(toml_value);
    if let Some((name, item)) = table.get_key_value(key) {
        let (start, span) = (name.span()?.start, item.span()?);
        if let Some(written) = written {
            return Some(Edit { span: Span { start: span.start, end: span.end }, text: written? });
        }
        let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let end = text.get(span.end..)?.find('\n').map_or(text.len(), |at| span.end + at + 1);
        return Some(Edit { span: Span { start: line, end }, text: String::new() });
    }
    let last =
        table.iter().filter(|(_, item)| item.is_value()).filter_map(|(_, item)| item.span()).map(|one| one.end);
    let at = match last.max() {
        Some(end) => text.get(end..)?.find('\n').map_or(text.len(), |line| end + line + 1),
        None => 0,
    };
    let name = if key.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter)) {
        key.to_owned()
    } else {
        Value::String(key.to_owned()).to_string()
    };
    Some(Edit { span: Span { start: at, end: at }, text: format!("{name} = {}{line_end}", written??) })
}

/// A JSON value as TOML writes it; TOML has no null.
fn toml_value(value: &Value) -> Option<String> {
    toml::Value::try_from(value).ok().map(|value| match value {
        toml::Value::Table(table) => {
            let parts: Vec<String> = table.iter().map(|(key, value)| format!("{key:?} = {value}")).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        other => other.to_string(),
    })
}

fn in_json(text: &str, key: &str, value: Option<&Value>, line_end: &str) -> Option<Edit> {
    let members = json_members(text)?;
    let at = members.iter().position(|member| member.key == key);
    let Some(at) = at else {
        let member = format!("{}: {}", Value::String(key.to_owned()), value?);
        return Some(match members.last() {
            Some(last) => {
                let line = text.get(..last.start)?.rfind('\n').map(|line| text.get(line + 1..last.start));
                let lead = match line.flatten() {
                    Some(indent) if indent.trim().is_empty() => format!(",{line_end}{indent}"),
                    _ => ", ".to_owned(),
                };
                Edit { span: Span { start: last.end, end: last.end }, text: format!("{lead}{member}") }
            }
            None => {
                let at = text.find('{')? + 1;
                Edit { span: Span { start: at, end: at }, text: member }
            }
        });
    };
    let member = members.get(at)?;
    if let Some(value) = value {
        return Some(Edit { span: Span { start: member.value, end: member.end }, text: value.to_string() });
    }
    // Its comma goes with it: the one behind, or for the last the one before.
    let span = match (members.get(at + 1), at.checked_sub(1).and_then(|before| members.get(before))) {
        (Some(next), _) => Span { start: member.start, end: next.start },
        (None, Some(before)) => Span { start: before.end, end: member.end },
        (None, None) => Span { start: member.start, end: member.end },
    };
    Some(Edit { span, text: String::new() })
}

struct Member {
    key: String,
    start: usize,
    value: usize,
    end: usize,
}

/// The members of the outermost object.
fn json_members(text: &str) -> Option<Vec<Member>> {
    let blanks = |from: usize| -> Option<usize> {
        let rest = text.get(from..)?;
        Some(from + rest.len() - rest.trim_start().len())
    };
    let read = |from: usize| -> Option<(Value, usize)> {
        let mut stream = Deserializer::from_str(text.get(from..)?).into_iter::<Value>();
        let value = stream.next()?.ok()?;
        Some((value, from + stream.byte_offset()))
    };
    let mut members = Vec::new();
    let mut at = blanks(text.find('{')? + 1)?;
    while text.get(at..)?.starts_with('"') {
        let (Value::String(key), end) = read(at)? else { return None };
        let value = blanks(blanks(end)? + 1)?;
        let (_, end) = read(value)?;
        members.push(Member { key, start: at, value, end });
        at = blanks(end)?;
        if text.get(at..)?.starts_with(',') {
            at = blanks(at + 1)?;
        }
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::apply;

    fn check(text: &str, key: &str, value: Option<Value>, expected: &str) {
        let edits = front_matter_set(text.as_bytes(), key, value.as_ref()).expect("can be set");
        let after = apply(text.as_bytes(), &edits).expect("fits");
        assert_eq!(String::from_utf8(after).expect("text"), expected, "{text:?} {key} {value:?}");
    }

    #[test]
    fn one_key_is_set_and_all_else_stays() {
        for (text, key, value, expected) in [
            ("# A\n", "owner", "web team", "---\nowner: web team\n---\n\n# A\n"),
            ("\u{feff}# A\r\n", "owner", "x: y", "\u{feff}---\r\nowner: \"x: y\"\r\n---\r\n\r\n# A\r\n"),
            ("---\ntitle: a # why\nkind: routine\n---\n", "title", "b", "---\ntitle: b # why\nkind: routine\n---\n"),
            ("---\ntitle:   'it''s'\n---\n", "title", "he's", "---\ntitle:   'he''s'\n---\n"),
            ("---\ntitle: \"a # b\" # c\n---\n", "title", "d", "---\ntitle: \"d\" # c\n---\n"),
            ("---\r\ntitle:\r\nx: 1\r\n---\r\n", "title", "a", "---\r\ntitle: a\r\nx: 1\r\n---\r\n"),
            ("---\nsummary: >-\n  a\n\n  b\n# c\nx: 1\n---\n", "summary", "s", "---\nsummary: s\n# c\nx: 1\n---\n"),
            ("---\ntags:\n- a\n- b\nx: 1\n---\n", "tags", "c", "---\ntags: c\nx: 1\n---\n"),
            ("---\na: 1\n---\n", "reviewed", "2026-11-22", "---\na: 1\nreviewed: 2026-11-22\n---\n"),
            ("---\n---\n", "owner", "no", "---\nowner: \"no\"\n---\n"),
            ("+++\na = 1 # x\n[b]\nc = 2\n+++\n", "owner", "o", "+++\na = 1 # x\nowner = \"o\"\n[b]\nc = 2\n+++\n"),
            ("+++\r\ntitle = 'a'  # x\r\n+++\r\n", "title", "b", "+++\r\ntitle = \"b\"  # x\r\n+++\r\n"),
            ("{\n  \"a\": [1],\n  \"b\": \"c\"\n}\n# T\n", "a", "x", "{\n  \"a\": \"x\",\n  \"b\": \"c\"\n}\n# T\n"),
            ("{\n  \"a\": 1\n}\n", "b", "x", "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n"),
        ] {
            check(text, key, Some(json!(value)), expected);
        }
    }

    #[test]
    fn one_key_is_removed_and_all_else_stays() {
        for (text, key, expected) in [
            ("# A\n", "x", "# A\n"),
            ("---\na: 1\nb:\n  - c\n\n# d\ne: 2\n---\n", "b", "---\na: 1\n\n# d\ne: 2\n---\n"),
            ("+++\na = 1\nb = 2\n+++\n", "a", "+++\nb = 2\n+++\n"),
            ("{\"a\": 1, \"b\": 2}\n", "a", "{\"b\": 2}\n"),
            ("{\"a\": 1, \"b\": 2}\n", "b", "{\"a\": 1}\n"),
        ] {
            check(text, key, None, expected);
        }
    }

    #[test]
    fn a_front_matter_that_cannot_be_changed_alone_is_left() {
        for text in ["---\na: [\n---\n", "---\na: 1\nno end\n", "---\n- a\n---\n", "---\na: &x 1\nb: *x\n---\n"] {
            assert_eq!(front_matter_set(text.as_bytes(), "a", Some(&json!("z"))), None, "{text:?}");
        }
        assert_eq!(front_matter_set(b"---\na: 1\n---\n", "a", Some(&json!(1))), Some(vec![]));
    }

    #[test]
    fn the_expression_is_valid() {
        assert!(PLAIN.get().is_some());
    }
}
