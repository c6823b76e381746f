//! The attribute grammar: what stands in braces after a fence's language (FORMAT.md, "Fence attributes").
//!
//! This file reads the text; what an attribute means is decided in `options.rs`.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// Longest info string that is read, in bytes: an unclosed value is looked for to its end, once for each attribute.
const LONGEST: usize = 8192;

/// What an info string says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Info {
    /// The language as written.
    pub(crate) language: String,
    /// Every attribute in order. A name can stand twice; that is for the reader to judge.
    pub(crate) attributes: Vec<(String, Value)>,
    /// Words outside the braces, after the language.
    pub(crate) outside: Vec<String>,
    /// Why a group of braces cannot be read: one sentence.
    pub(crate) error: Option<String>,
}

/// Reads an info string as it stands in the file, before CommonMark takes off backslashes and entities.
pub(crate) fn read(info: &str) -> Info {
    let mut result = Info::default();
    let info = info.trim();
    if info.len() > LONGEST {
        result.error = Some("the fence's first line is too long to be read: shorten it".to_owned());
        return result;
    }
    let end = info.find(|letter: char| letter == '{' || letter.is_whitespace()).unwrap_or(info.len());
    let (language, mut rest) = info.split_at(end);
    result.language = language.to_owned();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        if !rest.starts_with('{') {
            let end = outside_word(rest);
            result.outside.push(rest.get(..end).unwrap_or_default().to_owned());
            rest = rest.get(end..).unwrap_or_default();
            continue;
        }
        let read = if is_json(rest) { read_json(rest) } else { read_pairs(rest) };
        match read {
            Ok((attributes, used)) => {
                result.attributes.extend(attributes);
                rest = rest.get(used..).unwrap_or_default();
            }
            Err(reason) => {
                result.error = Some(reason);
                break;
            }
        }
    }
    // Pandoc and R Markdown write the language inside: `{.bash}`, `{python}`.
    if result.language.is_empty()
        && let Some((first, Value::Bool(true))) = result.attributes.first()
        && let Some(language) = language_inside(first)
    {
        result.language = language.to_owned();
        result.attributes.remove(0);
    }
    result
}

fn language_inside(key: &str) -> Option<&str> {
    key.strip_prefix('.').or_else(|| crate::languages::Language::of(key).is_runnable().then_some(key))
}

/// A word outside braces may hold a quoted part with blanks: `title="my file"`.
fn outside_word(text: &str) -> usize {
    let mut quote = None;
    for (index, letter) in text.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'') && text.get(..index).is_some_and(|before| before.ends_with('=')) => {
                quote = Some(letter);
            }
            None if letter.is_whitespace() || letter == '{' => return index,
            None => {}
        }
    }
    text.len()
}

type Read = Result<(Vec<(String, Value)>, usize), String>;

fn is_json(text: &str) -> bool {
    let inside = text.get(1..).unwrap_or_default().trim_start();
    inside.starts_with('"')
}

fn read_json(text: &str) -> Read {
    let mut deserializer = serde_json::Deserializer::from_str(text).into_iter::<PairsValue>();
    match deserializer.next() {
        Some(Ok(PairsValue(pairs))) => Ok((pairs, deserializer.byte_offset())),
        Some(Err(error)) => Err(format!(
            "the attributes are not valid JSON ({error}): mend them, or write pairs like `{{name=drain timeout=5m}}`"
        )),
        None => Err("the attributes are empty JSON: mend or remove them".to_owned()),
    }
}

/// A JSON object with its keys in order and doubles kept.
struct PairsValue(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for PairsValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = PairsValue;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PairsValue, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(PairsValue(pairs))
            }
        }
        impl<'de> DeserializeSeed<'de> for Pairs {
            type Value = PairsValue;
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<PairsValue, D::Error> {
                deserializer.deserialize_map(self)
            }
        }
        Pairs.deserialize(deserializer)
    }
}

/// Pairs between braces. `text` begins with the opening one.
fn read_pairs(text: &str) -> Read {
    let mut pairs = Vec::new();
    let mut at = 1;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',').len();
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with('}') {
            return Ok((pairs, at + 1));
        }
        if rest.is_empty() {
            return Err("the attributes have no closing brace: add `}`".to_owned());
        }
        let end = rest
            .find(|letter: char| letter.is_whitespace() || matches!(letter, '=' | '}' | '"' | '\'' | '{'))
            .unwrap_or(rest.len());
        let key = rest.get(..end).unwrap_or_default();
        if key.is_empty() {
            return Err(format!(
                "the attributes cannot be read at `{}`: write pairs like `name=drain` or `expect=\"two words\"`",
                short(rest)
            ));
        }
        at += end;
        let rest = text.get(at..).unwrap_or_default();
        let Some(value) = rest.strip_prefix('=') else {
            if rest.starts_with(['"', '\'', '{']) {
                return Err(format!("attribute `{key}` is followed by `{}`: write `{key}=\"value\"`", short(rest)));
            }
            pairs.push((key.to_owned(), Value::Bool(true)));
            continue;
        };
        let (value, used) = read_value(key, value)?;
        pairs.push((key.to_owned(), Value::String(value)));
        at += 1 + used;
    }
}

/// A value after `=`, with the number of bytes that it takes.
fn read_value(key: &str, text: &str) -> Result<(String, usize), String> {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, used) = read_quoted(text, quote)
                .ok_or_else(|| format!("the value of `{key}` has no closing {quote}: add it"))?;
            if text.get(used..).is_some_and(|rest| !ends_value(rest)) {
                return Err(format!("something follows the closing quote of `{key}`: put a blank after it"));
            }
            Ok((value, used))
        }
        Some('/') if takes_expression(key) => match read_expression(text) {
            Some(read) => Ok(read),
            None => Ok(read_bare(text)),
        },
        _ => {
            let (value, used) = read_bare(text);
            if value.is_empty() {
                return Err(format!("attribute `{key}` has no value after `=`: write one, or quote an empty one"));
            }
            Ok((value, used))
        }
    }
}

/// Expressions may hold blanks, so only keys that take one are read so; `cwd=/srv/app` is a path.
fn takes_expression(key: &str) -> bool {
    key.to_lowercase().starts_with("exp")
}

fn ends_value(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(|letter: char| letter.is_whitespace() || matches!(letter, '}' | ','))
}

fn read_bare(text: &str) -> (String, usize) {
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '}').unwrap_or(text.len());
    (text.get(..end).unwrap_or_default().to_owned(), end)
}

/// `"…"` and `'…'`: a backslash before the quote or another backslash takes its meaning away.
fn read_quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((index, letter)) = letters.next() {
        if letter == quote {
            return Some((value, index + 1));
        }
        if letter == '\\'
            && let Some((_, next)) = letters.next_if(|(_, next)| *next == quote || *next == '\\')
        {
            value.push(next);
        } else {
            value.push(letter);
        }
    }
    None
}

/// `/…/`, slashes kept; `\/` is a slash inside. It ends at the first slash that a blank, a brace or the end follows.
fn read_expression(text: &str) -> Option<(String, usize)> {
    let mut value = String::from("/");
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '/' if text.get(index + 1..).is_some_and(ends_value) => {
                value.push('/');
                return Some((value, index + 1));
            }
            '\\' => match letters.next() {
                Some((_, '/')) => value.push('/'),
                Some((_, next)) => value.extend(['\\', next]),
                None => return None,
            },
            _ => value.push(letter),
        }
    }
    None
}

fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attributes(info: &str) -> Value {
        let read = read(info);
        assert_eq!(read.error, None, "{info}");
        Value::Object(read.attributes.into_iter().collect())
    }

    #[test]
    fn pairs_and_json_are_read() {
        for (info, language, expected) in [
            ("sh", "sh", json!({})),
            ("sh {}", "sh", json!({})),
            ("sh{name=a}", "sh", json!({"name": "a"})),
            ("sh { name=a  probe }", "sh", json!({"name": "a", "probe": true})),
            ("sh {expect=\"two words = {braces}\"}", "sh", json!({"expect": "two words = {braces}"})),
            ("sh {expect='it is \"so\"'}", "sh", json!({"expect": "it is \"so\""})),
            ("sh {expect=\"a \\\"b\\\" \\\\ \\d\"}", "sh", json!({"expect": "a \"b\" \\ \\d"})),
            ("sh {expect=/^a b\\/c{2} =/ every=5s}", "sh", json!({"expect": "/^a b/c{2} =/", "every": "5s"})),
            ("sh {expect=/a\\.b/}", "sh", json!({"expect": "/a\\.b/"})),
            ("sh {expect=/a}b/}", "sh", json!({"expect": "/a}b/"})),
            ("sh {cwd=/srv/app expect=/x/}", "sh", json!({"cwd": "/srv/app", "expect": "/x/"})),
            ("sh {expect=/var/log}", "sh", json!({"expect": "/var/log"})),
            ("sh {expect_exit=0,1 optional}", "sh", json!({"expect_exit": "0,1", "optional": true})),
            ("sh {\"name\": \"a\", \"retry\": 2}", "sh", json!({"name": "a", "retry": 2})),
            ("sh {\"expect\": \"a } b\"} more", "sh", json!({"expect": "a } b"})),
            ("js {1,3} {name=x}", "js", json!({"1,3": true, "name": "x"})),
            ("sh title=\"my file\" {name=x} tail", "sh", json!({"name": "x"})),
            ("{.bash name=x}", "bash", json!({"name": "x"})),
            ("{python}", "python", json!({})),
            ("{name=x}", "", json!({"name": "x"})),
        ] {
            assert_eq!(attributes(info), expected, "{info}");
            assert_eq!(read(info).language, language, "{info}");
        }
    }

    #[test]
    fn what_stands_outside_the_braces_is_kept() {
        assert_eq!(read("sh title=\"my file\" {name=x} tail").outside, ["title=\"my file\"", "tail"]);
    }

    #[test]
    fn a_name_that_stands_twice_is_kept_twice() {
        assert_eq!(read("sh {\"on\": \"a\", \"on\": \"b\"}").attributes.len(), 2);
        assert_eq!(read("sh {on=a on=b}").attributes.len(), 2);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for info in [
            "sh {name=a",
            "sh {name=\"a}",
            "sh {=a}",
            "sh {name=}",
            "sh {\"name\": }",
            "sh {name=\"a\"b}",
            "sh {name\"a\"}",
            "sh {{x}}",
        ] {
            assert!(read(info).error.is_some(), "{info}");
        }
    }
}
