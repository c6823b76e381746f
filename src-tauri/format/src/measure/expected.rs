//! The attributes that only blocks which measure have.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::{
    Measure, Measured,
    valued::{self, ValueTest},
};
use crate::{durations, expectations, model::Comparison};

/// What only blocks that measure take, and which of them.
pub(crate) const ATTRIBUTES: &[(&str, &[Measure])] = &[
    ("expect_status", &[Measure::Http]),
    ("expect_header", &[Measure::Http]),
    ("expect_json", &[Measure::Http]),
    ("expect_value", &[Measure::Sql]),
    ("expect_rows", &[Measure::Sql, Measure::Promql]),
    ("write", &[Measure::Sql]),
    ("range", &[Measure::Promql]),
    ("step", &[Measure::Promql]),
    ("expect_time", &[Measure::Http, Measure::Sql, Measure::Promql]),
    ("ca", &[Measure::Http, Measure::Sql, Measure::Promql]),
];

/// Those that another program may have attributes of the same name for: without a block that measures they mean nothing.
pub(crate) const COMMON_WORDS: &[&str] = &["write", "range", "step"];

/// Statuses of HTTP, both ends among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

/// A condition on a header of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderTest {
    /// As written.
    pub written: String,
    /// Its name, in lower case.
    pub name: String,
    /// Text that its value contains; none where a `/expression/` decides, or nothing but its presence is asked for.
    pub contains: Option<String>,
    /// An expression that its value matches; it compiles.
    pub matches: Option<String>,
}

/// A condition on every value that a path finds in the answer, of which there must be one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JsonTest {
    /// As written.
    pub written: String,
    /// A JSONPath (RFC 9535); it can be read.
    pub path: String,
    /// How the value is to stand to the one beside it; none: it is enough that there is one.
    pub relation: Option<(Relation, Value)>,
}

/// How a value stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `=~ /expression/`: the other value holds the expression.
    Matches,
}

/// A condition on how long something took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeTest {
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, in milliseconds.
    pub limit_ms: u64,
}

impl StatusRange {
    /// `200`, `2xx`, `any`.
    #[must_use]
    pub fn in_words(self) -> String {
        match (self.from, self.to) {
            (from, to) if from == to => from.to_string(),
            (100, 999) => "any".to_owned(),
            (from, _) => format!("{}xx", from / 100),
        }
    }
}

impl TimeTest {
    /// `complete < 500 ms`.
    #[must_use]
    pub fn in_words(self) -> String {
        format!("complete {} {}", self.comparison.sign(), milliseconds(Duration::from_millis(self.limit_ms)))
    }
}

impl Measured {
    /// The status that is expected: `status 200 or 3xx`.
    #[must_use]
    pub fn status_in_words(&self) -> String {
        if self.status.is_empty() {
            return "a status below 400".to_owned();
        }
        let words: Vec<String> = self.status.iter().map(|range| range.in_words()).collect();
        format!("status {}", words.join(" or "))
    }

    /// Every expectation, in the words of its verdict.
    #[must_use]
    pub fn in_words(&self, measure: Measure) -> Vec<String> {
        let status = (measure == Measure::Http).then(|| self.status_in_words());
        let headers = self.headers.iter().map(HeaderTest::in_words);
        let json = self.json.iter().map(|test| test.written.clone());
        let value = self.value.as_ref().map(ValueTest::in_words);
        let rows = self.rows.map(|rows| format!("rows {}", rows.in_words()));
        let numbers = self.numbers.iter().map(|number| format!("number {}", number.in_words()));
        let all = numbers.chain(status).chain(headers).chain(json).chain(value).chain(rows);
        all.chain(self.time.map(TimeTest::in_words)).collect()
    }
}

impl HeaderTest {
    /// `header etag`.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("header {}", self.written)
    }
}

/// `12 ms`, `13.40 s`.
#[must_use]
pub fn milliseconds(duration: Duration) -> String {
    match duration.as_millis() {
        whole @ 0..=9_999 => format!("{whole} ms"),
        _ => format!("{:.2} s", duration.as_secs_f64()),
    }
}

/// Reads one of [`ATTRIBUTES`].
///
/// # Errors
/// One sentence: what cannot be read, and how it is written.
pub(crate) fn read(measured: &mut Measured, key: &str, written: &str) -> Result<(), String> {
    let wrong = |how: &str| Err(format!("`{key}={written}` cannot be read: {how}"));
    match key {
        "expect_status" => match statuses(written) {
            Some(ranges) => measured.status = ranges,
            None => return wrong("write `200`, `2xx`, `200,204` or `any`"),
        },
        "expect_header" => {
            for part in parts(written) {
                measured
                    .headers
                    .push(header(&part).map_err(|why| format!("`{key}={written}` cannot be read: {why}"))?);
            }
        }
        "expect_json" => {
            for part in parts(written) {
                measured.json.push(json(&part).map_err(|why| format!("`{key}={written}` cannot be read: {why}"))?);
            }
        }
        "expect_time" => match time(written) {
            Some(test) => measured.time = Some(test),
            None => return wrong("write a comparison with a length of time, like `\"< 500ms\"`"),
        },
        "expect_value" | "expect_rows" | "write" | "range" | "step" => valued::read(measured, key, written)?,
        _ => measured.ca = Some(written.to_owned()),
    }
    Ok(())
}

fn statuses(written: &str) -> Option<Vec<StatusRange>> {
    if written == "any" {
        return Some(vec![StatusRange { from: 100, to: 999 }]);
    }
    let one = |word: &str| {
        let word = word.trim();
        let range = match word.strip_suffix("xx") {
            Some(hundreds) => {
                let hundreds: u16 = hundreds.parse().ok().filter(|digit| (1..=5).contains(digit))?;
                StatusRange { from: hundreds * 100, to: hundreds * 100 + 99 }
            }
            None => {
                let status: u16 = word.parse().ok().filter(|status| (100..=599).contains(status))?;
                StatusRange { from: status, to: status }
            }
        };
        Some(range)
    };
    written.split(',').map(one).collect()
}

fn header(written: &str) -> Result<HeaderTest, String> {
    let (name, value) = written.split_once(':').unwrap_or((written, ""));
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err("write `name: text`, `name: /expression/`, or the name alone".to_owned());
    }
    let (contains, matches) = match expectations::pattern(value) {
        _ if value.is_empty() => (None, None),
        Ok(crate::Pattern::Text(text)) => (Some(text), None),
        Ok(crate::Pattern::Expression(expression)) => (None, Some(expression)),
        Err(error) => return Err(format!("the expression is not valid ({error})")),
    };
    Ok(HeaderTest { written: written.trim().to_owned(), name: name.to_ascii_lowercase(), contains, matches })
}

fn json(written: &str) -> Result<JsonTest, String> {
    let written = written.trim();
    let at = outside(written, |rest| RELATIONS.iter().any(|(sign, _)| rest.starts_with(sign))).next();
    let (path, rest) = written.split_at(at.unwrap_or(written.len()));
    let path = path.trim();
    JsonPath::parse(path).map_err(|error| format!("`{path}` is no JSONPath ({error}): it begins with `$`"))?;
    let relation = match RELATIONS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        None => None,
        Some((sign, relation)) => Some((*relation, operand(*relation, rest[sign.len()..].trim())?)),
    };
    Ok(JsonTest { written: written.to_owned(), path: path.to_owned(), relation })
}

pub(super) fn operand(relation: Relation, written: &str) -> Result<Value, String> {
    if relation == Relation::Matches {
        return match expectations::pattern(written) {
            Ok(crate::Pattern::Expression(expression)) => Ok(expression.into()),
            Ok(crate::Pattern::Text(_)) => Err("behind `=~` stands an expression: write `/…/`".to_owned()),
            Err(error) => Err(format!("the expression is not valid ({error})")),
        };
    }
    let value: Value = serde_json::from_str(written).map_err(|_| {
        format!("`{written}` is no value: write a text in double quotes, a number, true, false or null")
    })?;
    if matches!(relation, Relation::Less | Relation::AtMost | Relation::More | Relation::AtLeast)
        && !value.is_number()
    {
        return Err(format!("`{written}` is no number, and only numbers are less or more"));
    }
    Ok(value)
}

/// The longer ones first.
pub(super) const RELATIONS: &[(&str, Relation)] = &[
    ("==", Relation::Equal),
    ("!=", Relation::Unequal),
    ("=~", Relation::Matches),
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("<", Relation::Less),
    (">", Relation::More),
];

fn time(written: &str) -> Option<TimeTest> {
    let signs =
        [("<=", Comparison::AtMost), (">=", Comparison::AtLeast), ("<", Comparison::Less), (">", Comparison::More)];
    let (comparison, rest) = signs
        .iter()
        .find_map(|(sign, comparison)| written.trim().strip_prefix(sign).map(|rest| (*comparison, rest)))?;
    let limit: Duration = durations::read(rest)?;
    Some(TimeTest { comparison, limit_ms: u64::try_from(limit.as_millis()).ok()? })
}

/// What ` && ` holds together.
fn parts(written: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut from = 0;
    for at in outside(written, |rest| rest.starts_with("&&")) {
        found.push(written.get(from..at).unwrap_or_default().trim().to_owned());
        from = at + 2;
    }
    found.push(written.get(from..).unwrap_or_default().trim().to_owned());
    found
}

/// Where something begins outside quotes, brackets and expressions between slashes.
fn outside<'t>(text: &'t str, begins: impl Fn(&str) -> bool + 't) -> impl Iterator<Item = usize> + 't {
    let (mut quote, mut depth, mut escaped, mut before) = (None, 0_usize, false, ' ');
    text.char_indices().filter_map(move |(at, letter)| {
        let bare = quote.is_none() && depth == 0;
        let found = bare && begins(text.get(at..).unwrap_or_default());
        match letter {
            _ if escaped => escaped = false,
            '\\' if quote.is_some() => escaped = true,
            _ if quote == Some(letter) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' => quote = Some(letter),
            '/' if before == ' ' => quote = Some('/'),
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = letter;
        found.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(key: &str, written: &str) -> Result<Measured, String> {
        let mut measured = Measured::default();
        read(&mut measured, key, written).map(|()| measured)
    }

    #[test]
    fn each_attribute_is_read_as_it_is_documented() {
        let range = |from, to| StatusRange { from, to };
        for (written, expected) in [
            ("200", vec![range(200, 200)]),
            ("2xx", vec![range(200, 299)]),
            ("200,204", vec![range(200, 200), range(204, 204)]),
            ("any", vec![range(100, 999)]),
        ] {
            assert_eq!(of("expect_status", written).unwrap().status, expected, "{written}");
        }
        let json = |written: &str| of("expect_json", written).unwrap().json;
        let [one] = &json(r#"$.status == "ok""#)[..] else { panic!("one") };
        assert_eq!((one.path.as_str(), one.relation.clone()), ("$.status", Some((Relation::Equal, json!("ok")))));
        let two = json(r#"$.items[?@.n >= 3].name =~ /^a && b/ && $.left < 5"#);
        assert_eq!(two.len(), 2, "{two:?}");
        assert_eq!(two[0].path, "$.items[?@.n >= 3].name");
        assert_eq!(two[0].relation, Some((Relation::Matches, json!("^a && b"))));
        assert_eq!(two[1].relation, Some((Relation::Less, json!(5))));
        assert_eq!(json("$.id")[0].relation, None);
        let headers =
            of("expect_header", "Content-Type: application/json && etag && x-id: /^[0-9]+$/").unwrap().headers;
        let names: Vec<&str> = headers.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["content-type", "etag", "x-id"]);
        assert_eq!(headers[2].matches.as_deref(), Some("^[0-9]+$"));
        let time = of("expect_time", "< 500ms").unwrap().time.unwrap();
        assert_eq!((time.comparison, time.limit_ms), (Comparison::Less, 500));
    }

    #[test]
    fn what_cannot_be_read_is_a_sentence_that_names_it() {
        for (key, written) in [
            ("expect_status", "ok"),
            ("expect_status", "99"),
            ("expect_status", "9xx"),
            ("expect_header", ": x"),
            ("expect_header", "x: /(/"),
            ("expect_json", "status == 1"),
            ("expect_json", "$.status == ok"),
            ("expect_json", "$.n < \"5\""),
            ("expect_json", "$.n =~ abc"),
            ("expect_json", "$.a == 1 &&"),
            ("expect_time", "500ms"),
            ("expect_time", "< fast"),
        ] {
            let error = of(key, written).unwrap_err();
            assert!(error.starts_with(&format!("`{key}={written}`")), "{error}");
        }
    }
}
