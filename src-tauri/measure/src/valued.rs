//! What of a database's answer is as expected.

use format::{
    Measured, MeasuredVerdict,
    measure::{MOST_ROWS, NumberTest, Relation, ValueTest},
};
use regex::Regex;
use serde_json::Value;

use crate::{
    judge::{time, verdict},
    table::{Cell, Rows, shown},
};

/// One verdict for each expectation, and one for the answer always.
pub(crate) fn verdicts(rows: &Rows, measured: &Measured) -> Vec<MeasuredVerdict> {
    let mut verdicts = vec![verdict("an answer", rows.in_words(), true)];
    verdicts.extend(measured.value.as_ref().map(|test| value(rows, test)));
    verdicts.extend(measured.rows.map(|test| number_of(rows, test)));
    verdicts.extend(measured.time.map(|test| time(rows.took, false, test)));
    verdicts
}

fn value(rows: &Rows, test: &ValueTest) -> MeasuredVerdict {
    match rows.first() {
        None => verdict(&test.in_words(), "no rows".to_owned(), false),
        Some(cell) => verdict(&test.in_words(), shown(cell), stands(cell, test)),
    }
}

fn stands(cell: &Cell, test: &ValueTest) -> bool {
    let Some(text) = cell else {
        return match test.relation {
            Relation::Equal => test.wanted.is_null(),
            Relation::Unequal => !test.wanted.is_null(),
            _ => false,
        };
    };
    let numbers = text.trim().parse::<f64>().ok().zip(test.wanted.as_f64());
    let compared = |holds: fn(&f64, &f64) -> bool| numbers.is_some_and(|(one, other)| holds(&one, &other));
    let equal = || match &test.wanted {
        Value::String(wanted) => text == wanted,
        // As PostgreSQL, MySQL and people write it.
        Value::Bool(wanted) => match text.to_lowercase().as_str() {
            "t" | "true" | "1" => *wanted,
            "f" | "false" | "0" => !*wanted,
            _ => false,
        },
        Value::Number(wanted) => *text == wanted.to_string() || compared(f64::eq),
        _ => false,
    };
    match test.relation {
        Relation::Equal => equal(),
        Relation::Unequal => !equal(),
        Relation::Less => compared(f64::lt),
        Relation::AtMost => compared(f64::le),
        Relation::More => compared(f64::gt),
        Relation::AtLeast => compared(f64::ge),
        Relation::Matches => {
            let expression = test.wanted.as_str().and_then(|expression| Regex::new(expression).ok());
            expression.is_some_and(|expression| expression.is_match(text))
        }
    }
}

fn number_of(rows: &Rows, test: NumberTest) -> MeasuredVerdict {
    use format::Comparison::{AtLeast, More};
    let number = u32::try_from(rows.rows.len()).unwrap_or(u32::MAX);
    let holds = match rows.more {
        // The test names no number beyond those that are taken.
        true => matches!(test.comparison, More | AtLeast),
        false => test.holds(number.into()),
    };
    let observed = if rows.more { format!("more than {MOST_ROWS} rows") } else { rows.counted() };
    verdict(&format!("rows {}", test.in_words()), observed, holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(attributes: &str, rows: &Rows) -> Vec<(String, String, bool)> {
        let text = format!("```sql {{on=db {attributes}}}\nSELECT 1\n```\n");
        let runbook = format::parse("x.md", text.as_bytes());
        let (_, _, item) = runbook.items().next().unwrap();
        assert_eq!(item.refused, None, "{attributes}");
        let verdicts = verdicts(rows, &item.options.measured).into_iter().skip(1);
        verdicts.map(|one| (one.expected, one.observed, one.holds)).collect()
    }

    fn rows(values: &[Option<&str>]) -> Rows {
        let row = |value: &Option<&str>| vec![value.map(str::to_owned), Some("other".to_owned())];
        Rows { columns: vec!["a".into(), "b".into()], rows: values.iter().map(row).collect(), ..Rows::default() }
    }

    #[test]
    fn each_expectation_says_what_was_expected_and_what_came() {
        let none: &[Option<&str>] = &[];
        for (attributes, values, observed, holds) in [
            ("expect_value=\"> 0\"", &[Some("3")][..], "3", true),
            ("expect_value=\"> 3\"", &[Some("3")], "3", false),
            ("expect_value=\"< 0.5\"", &[Some("0.25")], "0.25", true),
            ("expect_value=\"> 0\"", &[Some("many")], "many", false),
            ("expect_value=\"> 0\"", &[None], "NULL", false),
            ("expect_value=\"> 0\"", none, "no rows", false),
            ("expect_value=\"== null\"", &[None], "NULL", true),
            ("expect_value=\"== null\"", none, "no rows", false),
            ("expect_value=\"!= null\"", &[Some("NULL")], "\"NULL\"", true),
            ("expect_value=\"== 9007199254740993\"", &[Some("9007199254740993")], "9007199254740993", true),
            ("expect_value=ready", &[Some("ready")], "ready", true),
            ("expect_value=ready", &[Some("not ready")], "not ready", false),
            ("expect_value=\"!= failed\"", &[Some("ready")], "ready", true),
            ("expect_value=/^r/", &[Some("ready")], "ready", true),
            ("expect_value=\"== true\"", &[Some("t")], "t", true),
            ("expect_value=\"== true\"", &[Some("0")], "0", false),
            ("expect_rows=2", &[Some("1"), Some("2")], "2 rows", true),
            ("expect_rows=0", none, "no rows", true),
            ("expect_rows=\"> 0\"", none, "no rows", false),
        ] {
            let found = of(attributes, &rows(values));
            let [(_, came, whether)] = &found[..] else { panic!("one: {found:?}") };
            assert_eq!((came.as_str(), *whether), (observed, holds), "{attributes} {values:?}");
        }
    }

    #[test]
    fn of_more_rows_than_are_taken_only_that_is_known() {
        let many = Rows { more: true, rows: vec![vec![None]; MOST_ROWS], ..rows(&[]) };
        for (attributes, holds) in
            [("expect_rows=\"> 0\"", true), ("expect_rows=1000", false), ("expect_rows=\"<= 1000\"", false)]
        {
            assert_eq!(of(attributes, &many)[0].2, holds, "{attributes}");
        }
    }
}
