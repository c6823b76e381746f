//! The attributes of a block that asks a database or Prometheus: what its values are to be, and how many rows there are to be.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Measured, Relation,
    expected::{RELATIONS, operand},
};
use crate::{durations, expectations, model::Comparison};

/// The most rows of an answer that are taken.
pub const MOST_ROWS: usize = 1000;

/// A condition on the first column of the first row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueTest {
    /// As written.
    pub written: String,
    /// How it is to stand to the one beside it.
    pub relation: Relation,
    /// A text, a number, `true`, `false` or `null`; for `=~` an expression that compiles.
    pub wanted: Value,
}

/// A condition on a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumberTest {
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub number: f64,
}

impl ValueTest {
    /// `value > 0`.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("value {}", self.written)
    }
}

impl NumberTest {
    /// `< 5`.
    #[must_use]
    pub fn in_words(self) -> String {
        format!("{} {}", self.comparison.sign(), self.number)
    }

    /// Whether a number is so.
    #[must_use]
    pub fn holds(self, number: f64) -> bool {
        self.comparison.holds(number, self.number)
    }
}

/// Reads `expect_value`, `expect_rows`, `write`, `range` and `step`.
///
/// # Errors
/// One sentence: what cannot be read, and how it is written.
pub(super) fn read(measured: &mut Measured, key: &str, written: &str) -> Result<(), String> {
    let wrong = |how: &str| format!("`{key}={written}` cannot be read: {how}");
    match key {
        "expect_value" => measured.value = Some(value(written).map_err(|why| wrong(&why))?),
        "expect_rows" => {
            let test =
                rows(written).ok_or_else(|| wrong("write a number of rows, or a comparison like `\"> 0\"`"))?;
            if test.number > f64::from(u16::try_from(MOST_ROWS).unwrap_or(u16::MAX)) {
                return Err(wrong(&format!(
                    "of an answer {MOST_ROWS} rows are taken: ask for their number with `SELECT count(*)`, and write `expect_value`"
                )));
            }
            measured.rows = Some(test);
        }
        "range" | "step" => {
            let length = durations::read(written).and_then(|length| u64::try_from(length.as_millis()).ok());
            let length =
                length.filter(|length| *length > 0).ok_or_else(|| wrong("write a length of time, like `1h`"))?;
            *(if key == "range" { &mut measured.range_ms } else { &mut measured.step_ms }) = Some(length);
        }
        _ => {
            measured.write = match written {
                "true" => true,
                "false" => false,
                _ => return Err(wrong("write `write` alone, or `write=false`")),
            }
        }
    }
    Ok(())
}

fn value(written: &str) -> Result<ValueTest, String> {
    let test = |relation, wanted| Ok(ValueTest { written: written.to_owned(), relation, wanted });
    if let Some((sign, relation)) = RELATIONS.iter().find(|(sign, _)| written.starts_with(sign)) {
        let rest = written[sign.len()..].trim();
        return match operand(*relation, rest) {
            Ok(wanted) => test(*relation, wanted),
            // `== ready` is plain enough without quotes.
            Err(_) if matches!(relation, Relation::Equal | Relation::Unequal) && !rest.is_empty() => {
                test(*relation, rest.into())
            }
            Err(why) => Err(why),
        };
    }
    match expectations::pattern(written) {
        Ok(crate::Pattern::Text(text)) => test(Relation::Equal, text.into()),
        Ok(crate::Pattern::Expression(expression)) => test(Relation::Matches, expression.into()),
        Err(error) => Err(format!("the expression is not valid ({error})")),
    }
}

fn rows(written: &str) -> Option<NumberTest> {
    let (comparison, rest) = match written.parse::<f64>() {
        Ok(_) => (Comparison::Equal, written),
        Err(_) => {
            let written = written.trim();
            Comparison::ALL.iter().find_map(|one| Some((*one, written.strip_prefix(one.sign())?)))?
        }
    };
    let number: u32 = rest.trim().parse().ok()?;
    Some(NumberTest { comparison, number: number.into() })
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
    fn what_a_value_and_a_number_of_rows_are_to_be_is_read_as_it_is_documented() {
        for (written, relation, wanted) in [
            ("> 0", Relation::More, json!(0)),
            ("== 0", Relation::Equal, json!(0)),
            ("!= null", Relation::Unequal, json!(null)),
            ("== \"ready\"", Relation::Equal, json!("ready")),
            ("== ready", Relation::Equal, json!("ready")),
            ("ready", Relation::Equal, json!("ready")),
            ("/^r/", Relation::Matches, json!("^r")),
            ("=~ /^r/", Relation::Matches, json!("^r")),
        ] {
            let test = of("expect_value", written).unwrap().value.unwrap();
            assert_eq!((test.relation, test.wanted), (relation, wanted), "{written}");
        }
        for (written, comparison, number) in [
            ("3", Comparison::Equal, 3.0),
            ("> 0", Comparison::More, 0.0),
            ("<= 10", Comparison::AtMost, 10.0),
            ("== 1", Comparison::Equal, 1.0),
        ] {
            let test = of("expect_rows", written).unwrap().rows.unwrap();
            assert_eq!((test.comparison, test.number), (comparison, number), "{written}");
        }
        assert!(of("write", "true").unwrap().write);
        assert_eq!(of("range", "1h").unwrap().range_ms, Some(3_600_000));
        assert_eq!(of("range", "1h").unwrap().step().as_secs(), 60);
        assert_eq!(of("range", "10s").unwrap().step().as_secs(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_a_sentence_that_names_it() {
        for (key, written) in [
            ("expect_value", "> many"),
            ("expect_value", "/(/"),
            ("expect_value", "=~ a"),
            ("expect_rows", "many"),
            ("expect_rows", "> -1"),
            ("expect_rows", "> 1001"),
            ("write", "maybe"),
            ("range", "long"),
            ("step", "0s"),
        ] {
            let error = of(key, written).unwrap_err();
            assert!(error.starts_with(&format!("`{key}={written}`")), "{error}");
        }
    }
}
