//! What of an answer is as expected.

use std::time::Duration;

use format::{
    Comparison, Measured, MeasuredVerdict,
    measure::{HeaderTest, JsonTest, Relation, TimeTest, milliseconds},
};
use regex::Regex;
use serde_json::Value;
use serde_json_path::JsonPath;

use crate::answer::Answer;

/// Values of one path that are quoted.
const QUOTED: usize = 5;

/// One verdict for each expectation; for the status always.
pub(crate) fn verdicts(answer: &Answer, measured: &Measured) -> Vec<MeasuredVerdict> {
    let mut verdicts = vec![status(answer, measured)];
    verdicts.extend(measured.headers.iter().map(|test| header(answer, test)));
    if !measured.json.is_empty() {
        let value = answer.json();
        verdicts.extend(measured.json.iter().map(|test| match &value {
            Ok(value) => json(value, test),
            Err(why) => verdict(&test.written, why.clone(), false),
        }));
    }
    verdicts.extend(measured.time.map(|test| time(answer.all, answer.cut, test)));
    verdicts
}

pub(crate) fn verdict(expected: &str, observed: String, holds: bool) -> MeasuredVerdict {
    MeasuredVerdict { expected: expected.to_owned(), observed, holds }
}

fn status(answer: &Answer, measured: &Measured) -> MeasuredVerdict {
    let holds = match measured.status.is_empty() {
        true => answer.status < 400,
        false => measured.status.iter().any(|range| (range.from..=range.to).contains(&answer.status)),
    };
    verdict(&measured.status_in_words(), answer.status_line(), holds)
}

fn header(answer: &Answer, test: &HeaderTest) -> MeasuredVerdict {
    let expected = test.in_words();
    let values: Vec<&str> =
        answer.headers.iter().filter(|(name, _)| *name == test.name).map(|(_, value)| value.as_str()).collect();
    if values.is_empty() {
        return verdict(&expected, "no such header".to_owned(), false);
    }
    let holds = match (&test.contains, &test.matches) {
        (Some(text), _) => values.iter().any(|value| value.contains(text.as_str())),
        (None, Some(expression)) => {
            Regex::new(expression).is_ok_and(|expression| values.iter().any(|value| expression.is_match(value)))
        }
        (None, None) => true,
    };
    verdict(&expected, values.join(", "), holds)
}

/// Every value that the path finds has to hold, and there has to be one.
fn json(value: &Value, test: &JsonTest) -> MeasuredVerdict {
    let Ok(path) = JsonPath::parse(&test.path) else {
        return verdict(&test.written, "the path cannot be read".to_owned(), false);
    };
    let found = path.query(value).all();
    if found.is_empty() {
        return verdict(&test.written, "nothing is there".to_owned(), false);
    }
    let Some((relation, wanted)) = &test.relation else {
        return verdict(&test.written, quoted(&found), true);
    };
    let broken: Vec<&Value> = found.iter().copied().filter(|one| !stands(one, *relation, wanted)).collect();
    match (broken.is_empty(), found.len()) {
        (true, _) => verdict(&test.written, quoted(&found), true),
        (false, 1) => verdict(&test.written, quoted(&broken), false),
        (false, all) => {
            verdict(&test.written, format!("{} of {all} do not hold: {}", broken.len(), quoted(&broken)), false)
        }
    }
}

fn quoted(values: &[&Value]) -> String {
    let mut words: Vec<String> = values.iter().take(QUOTED).map(ToString::to_string).collect();
    if values.len() > QUOTED {
        words.push(format!("and {} more", values.len() - QUOTED));
    }
    words.join(", ")
}

#[expect(clippy::float_cmp, reason = "`==` means what was written: 3 is 3.0, and 0.1 is 0.1")]
fn stands(value: &Value, relation: Relation, wanted: &Value) -> bool {
    let numbers = value.as_f64().zip(wanted.as_f64());
    match relation {
        Relation::Equal => value == wanted || numbers.is_some_and(|(one, other)| one == other),
        Relation::Unequal => !stands(value, Relation::Equal, wanted),
        Relation::Less => numbers.is_some_and(|(one, other)| one < other),
        Relation::AtMost => numbers.is_some_and(|(one, other)| one <= other),
        Relation::More => numbers.is_some_and(|(one, other)| one > other),
        Relation::AtLeast => numbers.is_some_and(|(one, other)| one >= other),
        Relation::Matches => {
            wanted.as_str().and_then(|expression| Regex::new(expression).ok()).is_some_and(|expression| match value {
                Value::String(text) => expression.is_match(text),
                other => expression.is_match(&other.to_string()),
            })
        }
    }
}

/// How long it took, to its end or only to where it was cut.
pub(crate) fn time(all: Duration, cut: bool, test: TimeTest) -> MeasuredVerdict {
    let took = u64::try_from(all.as_millis()).unwrap_or(u64::MAX);
    let holds = match test.comparison {
        Comparison::Less => took < test.limit_ms,
        Comparison::AtMost => took <= test.limit_ms,
        Comparison::More => took > test.limit_ms,
        Comparison::AtLeast => took >= test.limit_ms,
        Comparison::Equal => took == test.limit_ms,
    };
    // A body that was not taken whole took longer than was measured.
    let holds = holds && !(cut && matches!(test.comparison, Comparison::Less | Comparison::AtMost));
    verdict(&test.in_words(), milliseconds(all), holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an attribute comes to, read as the format reads it.
    fn of(attributes: &str, body: &str) -> Vec<(String, String, bool)> {
        let text = format!("```http {{{attributes}}}\nGET http://127.0.0.1/\n```\n");
        let runbook = format::parse("x.md", text.as_bytes());
        let (_, _, item) = runbook.items().next().unwrap();
        assert_eq!(item.refused, None, "{attributes}");
        let answer = Answer {
            status: 200,
            reason: "OK".to_owned(),
            headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
            body: body.as_bytes().to_vec(),
            all: Duration::from_millis(40),
            ..Answer::default()
        };
        let verdicts = verdicts(&answer, &item.options.measured).into_iter();
        verdicts.map(|one| (one.expected, one.observed, one.holds)).collect()
    }

    #[test]
    fn each_expectation_says_what_was_expected_and_what_came() {
        let body = r#"{"status": "ok", "n": 3, "list": [{"v": 1}, {"v": 7}], "none": null}"#;
        for (attributes, expected, observed, holds) in [
            ("expect_status=200", "status 200", "200 OK", true),
            ("expect_status=\"201,3xx\"", "status 201 or 3xx", "200 OK", false),
            (
                "expect_header=\"Content-Type: json\"",
                "header Content-Type: json",
                "application/json; charset=utf-8",
                true,
            ),
            (
                "expect_header=\"content-type: /^text/\"",
                "header content-type: /^text/",
                "application/json; charset=utf-8",
                false,
            ),
            ("expect_header=etag", "header etag", "no such header", false),
            (r#"expect_json='$.status == "ok"'"#, r#"$.status == "ok""#, "\"ok\"", true),
            ("expect_json='$.n == 3.0'", "$.n == 3.0", "3", true),
            ("expect_json='$.n > 3'", "$.n > 3", "3", false),
            ("expect_json='$.none == null'", "$.none == null", "null", true),
            ("expect_json='$.nothing == null'", "$.nothing == null", "nothing is there", false),
            ("expect_json='$.list[*].v < 5'", "$.list[*].v < 5", "1 of 2 do not hold: 7", false),
            ("expect_json='$.list[*].v >= 1'", "$.list[*].v >= 1", "1, 7", true),
            ("expect_json='$.status =~ /^o/'", "$.status =~ /^o/", "\"ok\"", true),
            ("expect_json='$.status < 5'", "$.status < 5", "\"ok\"", false),
            ("expect_time=\"< 50ms\"", "complete < 50 ms", "40 ms", true),
            ("expect_time=\"> 50ms\"", "complete > 50 ms", "40 ms", false),
        ] {
            let found = of(attributes, body);
            let last = found.last().unwrap();
            assert_eq!((last.0.as_str(), last.1.as_str(), last.2), (expected, observed, holds), "{attributes}");
        }
        let found = of("expect_json='$.a == 1'", "<html>");
        assert!(!found[1].2 && found[1].1.starts_with("the body is no JSON"), "{found:?}");
    }

    #[test]
    fn without_an_expectation_a_status_of_400_and_more_fails() {
        for (status, holds) in [(200, true), (304, true), (399, true), (400, false), (503, false)] {
            let answer = Answer { status, ..Answer::default() };
            assert_eq!(verdicts(&answer, &Measured::default())[0].holds, holds, "{status}");
        }
    }
}
