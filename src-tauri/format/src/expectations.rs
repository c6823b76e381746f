//! Expectations as they are written in attributes.

use serde_json::Value;

use crate::model::{Comparison, Expectation, Pattern};

impl Comparison {
    /// All of them, longer signs first.
    pub const ALL: [Self; 5] = [Self::AtMost, Self::AtLeast, Self::Equal, Self::Less, Self::More];

    /// As it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
        }
    }

    /// Whether a number stands so to another.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "`==` means what was written: 3 is 3.0, and 0.1 is 0.1")]
    pub fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::Less => number < limit,
            Self::AtMost => number <= limit,
            Self::More => number > limit,
            Self::AtLeast => number >= limit,
            Self::Equal => number == limit,
        }
    }
}

/// Text, or between slashes an expression, which must compile and not be empty.
pub(crate) fn pattern(written: &str) -> Result<Pattern, String> {
    let inner = written.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    match inner {
        Some("") => Err("it is empty".to_owned()),
        Some(expression) => match regex::Regex::new(expression) {
            Ok(_) => Ok(Pattern::Expression(expression.to_owned())),
            Err(error) => Err(last_line(&error.to_string())),
        },
        None => Ok(Pattern::Text(written.to_owned())),
    }
}

/// `regex` draws its errors over several lines; the last one says what is wrong.
fn last_line(error: &str) -> String {
    error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// `< 5`, `<=5`, `== 0.5`; a number alone must be met exactly.
pub(crate) fn number(written: &str) -> Option<Expectation> {
    let written = written.trim();
    let (comparison, number) = Comparison::ALL
        .iter()
        .find_map(|comparison| written.strip_prefix(comparison.sign()).map(|rest| (*comparison, rest)))
        .unwrap_or((Comparison::Equal, written));
    let number = number.trim();
    // `inf` and `nan` are numbers to Rust, and comparisons with them hold always or never.
    if !number.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        return None;
    }
    let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite())?;
    Some(Expectation::Number(comparison, number))
}

/// `0`, `0,1`, `any`, or in JSON a number or a list of them. The outer `None`: cannot be read; the inner: any.
pub(crate) fn exit(value: &Value) -> Option<Option<Vec<i32>>> {
    let statuses: Vec<i32> = match value {
        Value::String(word) if word.trim() == "any" => return Some(None),
        Value::String(words) => words.split(',').map(|word| word.trim().parse().ok()).collect::<Option<_>>()?,
        Value::Number(number) => vec![i32::try_from(number.as_i64()?).ok()?],
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_i64().and_then(|number| i32::try_from(number).ok()))
            .collect::<Option<_>>()?,
        _ => return None,
    };
    let valid = !statuses.is_empty() && statuses.iter().all(|status| (0..=255).contains(status));
    valid.then_some(Some(statuses))
}
