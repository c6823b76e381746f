//! Filling in what a script waits for: the exact text that will run.

use std::fmt;

use crate::model::{Item, PlaceholderSpan, Program, Quoting, Values};
use crate::shell;

/// Why a script cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FillError {
    /// These names have no value: placeholders by their name, doubts by their text.
    Missing(Vec<String>),
    /// The value cannot be quoted with certainty where the name stands: only letters, digits and `_./:@%+,=-` can.
    NotPlain {
        /// Whose value it is.
        name: String,
    },
    /// The value would end the here-document in which it stands.
    EndsDocument {
        /// Whose value it is.
        name: String,
        /// The line that ends the document.
        delimiter: String,
    },
    /// A line that the value makes begins like the here-document's last line and goes on with a letter outside ASCII:
    /// dash (seen in 0.5.12) loses a byte of that letter, so the command would be given another text.
    Damaged {
        /// Whose value it is.
        name: String,
        /// The line that ends the document.
        delimiter: String,
    },
    /// The value holds a NUL byte, which no command can be given.
    Nul {
        /// Whose value it is.
        name: String,
    },
}

impl fmt::Display for FillError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(names) => {
                write!(formatter, "the command needs a value for {}: give it one", names.join(", "))
            }
            Self::NotPlain { name } => write!(
                formatter,
                "the value of `{name}` cannot be quoted with certainty where it stands: use only letters, digits and _ . / : @ % + , = -"
            ),
            Self::EndsDocument { name, delimiter } => write!(
                formatter,
                "the value of `{name}` would end the here-document at its line `{delimiter}`: choose another value"
            ),
            Self::Damaged { name, delimiter } => write!(
                formatter,
                "the value of `{name}` makes a line that begins like the here-document's last line `{delimiter}` and goes on with a letter outside ASCII, which some shells damage: choose another value, or give the here-document another last line"
            ),
            Self::Nul { name } => write!(
                formatter,
                "the value of `{name}` holds a NUL byte, which no command can be given: take it out"
            ),
        }
    }
}

impl std::error::Error for FillError {}

/// The script of an item with every placeholder, by its name, and every doubt, by its text, replaced. A doubt whose
/// value is its own text stays as it stands. Each value is quoted for the place where it stands (FORMAT.md,
/// "Placeholders").
///
/// # Errors
/// A value is missing, or cannot stand where it would.
pub fn fill(item: &Item, values: &Values) -> Result<String, FillError> {
    let mut places: Vec<(&PlaceholderSpan, bool)> = item
        .placeholder_spans
        .iter()
        .map(|place| (place, false))
        .chain(item.doubt_spans.iter().map(|place| (place, true)))
        .collect();
    places.sort_by_key(|(place, _)| place.span.start);
    let mut missing: Vec<String> = Vec::new();
    for (place, _) in &places {
        if !values.contains_key(&place.name) && !missing.contains(&place.name) {
            missing.push(place.name.clone());
        }
    }
    if !missing.is_empty() {
        return Err(FillError::Missing(missing));
    }
    let mut script = String::with_capacity(item.script.len());
    let mut filled = Vec::new();
    let mut from = 0;
    for (place, is_doubt) in places {
        let Some(value) = values.get(&place.name) else { continue };
        script.push_str(item.script.get(from..place.span.start).unwrap_or_default());
        from = place.span.end;
        let start = script.len();
        if is_doubt && *value == place.name {
            script.push_str(value);
        } else {
            if is_doubt && place.name.starts_with('=') {
                script.push('=');
            }
            let after = item.script.get(place.span.end..).unwrap_or_default();
            let quoted = quoted(value, place, &item.program, after)?;
            script.push_str(&quoted);
        }
        filled.push((place, start..script.len()));
    }
    script.push_str(item.script.get(from..).unwrap_or_default());
    documents_still_end(item, &script, &filled)?;
    Ok(script)
}

/// A line of an item's session input with every placeholder replaced, to be sent to the session. Nobody here knows what
/// reads it there, so only plain values are taken. `None` where there is no such line.
///
/// # Errors
/// A value is missing, or is not plain.
pub fn fill_input(item: &Item, line: usize, values: &Values) -> Option<Result<String, FillError>> {
    let text = item.session_input.get(line)?;
    let places = item.input_spans.get(line).map_or(&[][..], Vec::as_slice);
    let mut missing: Vec<String> = Vec::new();
    for place in places {
        if !values.contains_key(&place.name) && !missing.contains(&place.name) {
            missing.push(place.name.clone());
        }
    }
    if !missing.is_empty() {
        return Some(Err(FillError::Missing(missing)));
    }
    let mut filled = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        let Some(value) = values.get(&place.name) else { continue };
        filled.push_str(text.get(from..place.span.start).unwrap_or_default());
        from = place.span.end;
        let after = text.get(from..).unwrap_or_default();
        match quoted(value, place, &item.program, after) {
            Ok(value) => filled.push_str(&value),
            Err(error) => return Some(Err(error)),
        }
    }
    filled.push_str(text.get(from..).unwrap_or_default());
    Some(Ok(filled))
}

/// A line of an item's session input as it is shown: with the values that `value` knows, the other placeholders as they
/// stand. Empty where there is no such line.
pub fn show_input(item: &Item, line: usize, value: impl Fn(&str) -> Option<String>) -> String {
    let text = item.session_input.get(line).map_or("", String::as_str);
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for place in item.input_spans.get(line).map_or(&[][..], Vec::as_slice) {
        let Some(value) = value(&place.name) else { continue };
        shown.push_str(text.get(from..place.span.start).unwrap_or_default());
        shown.push_str(&value);
        from = place.span.end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    shown
}

fn quoted(value: &str, place: &PlaceholderSpan, program: &Program, after: &str) -> Result<String, FillError> {
    if value.contains('\0') {
        return Err(FillError::Nul { name: place.name.clone() });
    }
    Ok(match place.quoting {
        Quoting::Bare if *program == Program::Fish => fish(value),
        Quoting::Bare => bare(value, after),
        Quoting::Double if *program == Program::Fish => escaped(value, &['\\', '"', '$']),
        Quoting::Double => escaped(value, &['\\', '"', '$', '`']),
        Quoting::Single if *program == Program::Fish => escaped(value, &['\\', '\'']),
        Quoting::Single => value.replace('\'', "'\\''"),
        Quoting::HereDocument => escaped(value, &['\\', '$', '`']),
        // A digit before `>` would become part of the redirection.
        Quoting::Uncertain if is_plain(value) && !after.starts_with(['<', '>']) => value.to_owned(),
        Quoting::Uncertain => return Err(FillError::NotPlain { name: place.name.clone() }),
    })
}

/// A value that means the same wherever it stands.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|letter| letter.is_ascii_alphanumeric() || "_./:@%+,=-".contains(letter))
}

/// In quotes, unless the value reads the same without. A digit before `<` or `>` would become part of the redirection,
/// a word with `=` an assignment, `a,b` and `a..b` several words within braces, and `if` a keyword.
fn bare(value: &str, after: &str) -> String {
    let safe = is_plain(value)
        && !value.contains(['=', ','])
        && !value.contains("..")
        && !after.starts_with(['<', '>', '(', '='])
        && !is_keyword(value);
    if safe { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

fn fish(value: &str) -> String {
    format!("'{}'", escaped(value, &['\\', '\'']))
}

fn is_keyword(value: &str) -> bool {
    matches!(
        value,
        "if" | "then"
            | "else"
            | "elif"
            | "fi"
            | "do"
            | "done"
            | "case"
            | "esac"
            | "while"
            | "until"
            | "for"
            | "in"
            | "select"
            | "function"
            | "time"
            | "coproc"
            | "repeat"
            | "foreach"
            | "end"
            | "nocorrect"
            | "noglob"
            | "namespace"
            | "exec"
            | "command"
            | "builtin"
            | "eval"
    )
}

fn escaped(value: &str, letters: &[char]) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        if letters.contains(&letter) {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// A value must not become a here-document's last line, alone or with what stands beside it.
fn documents_still_end(
    item: &Item,
    script: &str,
    filled: &[(&PlaceholderSpan, std::ops::Range<usize>)],
) -> Result<(), FillError> {
    let original = shell::scan(&item.script);
    if original.documents.is_empty() {
        return Ok(());
    }
    let mut looked_at = 0;
    for (place, range) in filled.iter() {
        if range.end <= looked_at {
            continue;
        }
        let Some(document) = original.document(place.span) else { continue };
        let start = script.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let end =
            script.get(range.end..).and_then(|after| after.find('\n')).map_or(script.len(), |at| range.end + at);
        looked_at = end;
        for line in script.get(start..end).unwrap_or_default().split('\n') {
            let line = if document.strip_tabs { line.trim_start_matches('\t') } else { line };
            if line.trim_end_matches('\r') == document.delimiter {
                return Err(FillError::EndsDocument {
                    name: place.name.clone(),
                    delimiter: document.delimiter.clone(),
                });
            }
            if begins_like_the_end(line, &document.delimiter) {
                return Err(FillError::Damaged { name: place.name.clone(), delimiter: document.delimiter.clone() });
            }
        }
    }
    Ok(())
}

/// Whether dash would damage the line: it looks for the delimiter byte by byte, and loses the first byte that differs
/// where that byte is not ASCII.
fn begins_like_the_end(line: &str, delimiter: &str) -> bool {
    let same = line.bytes().zip(delimiter.bytes()).take_while(|(one, other)| one == other).count();
    same > 0 && line.as_bytes().get(same).is_some_and(|byte| !byte.is_ascii())
}
