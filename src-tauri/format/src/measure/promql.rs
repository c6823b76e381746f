//! A query of Prometheus. A variable is the text of a label's value, or a plain word such as a number or a length of time.

use crate::{model::Values, variables::uses_in_request as uses};

/// The most points of a series that are asked for.
pub const MOST_POINTS: u64 = 1000;

/// Why a query cannot be asked: one sentence.
pub(crate) fn wrong(text: &str) -> Option<String> {
    let words = text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'));
    (!words).then(|| "it holds no query: write one such as `up{job=\"api\"}`".to_owned())
}

/// The query with the values of its variables. Between quotes a value is escaped; elsewhere it has to be a plain word, so that
/// nothing of it becomes part of the query.
///
/// # Errors
/// One sentence that names the variable and never its value.
pub fn fill(text: &str, values: &Values) -> Result<String, String> {
    let (mut filled, mut from, mut quote) = (String::with_capacity(text.len()), 0, None);
    for (range, name) in uses(text) {
        let before = text.get(from..range.start).unwrap_or_default();
        filled.push_str(before);
        quote = within(before, quote);
        let value = values.get(name).ok_or_else(|| format!("the query needs a value for {name}: give it one"))?;
        match quote {
            // Nothing is escaped there.
            Some('`') if value.contains('`') => {
                return Err(format!(
                    "{{{{{name}}}}} stands between backticks, and its value holds one: put it into \"quotes\""
                ));
            }
            Some('`') => filled.push_str(value),
            Some(_) => {
                for letter in value.chars() {
                    match letter {
                        '\\' | '"' | '\'' => filled.extend(['\\', letter]),
                        '\n' => filled.push_str("\\n"),
                        letter => filled.push(letter),
                    }
                }
            }
            None => {
                let plain = |letter: char| letter.is_ascii_alphanumeric() || "_:.".contains(letter);
                if value.is_empty() || !value.chars().all(plain) {
                    return Err(format!(
                        "{{{{{name}}}}} stands outside quotes, and its value is no plain word: put quotes around it, or give a number, a name or a length of time"
                    ));
                }
                filled.push_str(value);
            }
        }
        from = range.end;
    }
    filled.push_str(text.get(from..).unwrap_or_default());
    Ok(filled)
}

/// The quote that a piece of a query ends in, if it began in that one.
fn within(piece: &str, mut quote: Option<char>) -> Option<char> {
    let (mut escaped, mut comment) = (false, false);
    for letter in piece.chars() {
        match (letter, quote) {
            ('\n', None) => comment = false,
            _ if comment => {}
            _ if escaped => escaped = false,
            ('\\', Some('"' | '\'')) => escaped = true,
            (letter, Some(open)) if letter == open => quote = None,
            ('#', None) => comment = true,
            ('"' | '\'' | '`', None) => quote = Some(letter),
            _ => {}
        }
    }
    quote
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_value_is_the_text_of_a_label_or_a_plain_word_and_nothing_else() {
        let known = values(&[("JOB", "a\"} or up{x=\"\\"), ("TIME", "5m"), ("TICK", "`")]);
        assert_eq!(
            fill("# it's {{TIME}}\nrate(x{job=\"{{JOB}}\"}[{{TIME}}])", &known).unwrap(),
            "# it's 5m\nrate(x{job=\"a\\\"} or up{x=\\\"\\\\\"}[5m])"
        );
        for (query, says) in [
            ("up{job={{JOB}}}", "outside quotes"),
            ("up{job=`{{TICK}}`}", "between backticks"),
            ("up{job=\"{{NONE}}\"}", "NONE"),
        ] {
            let error = fill(query, &known).unwrap_err();
            assert!(error.contains(says) && !error.contains("or up"), "{error}");
        }
        assert_eq!(wrong("# only words\n").is_some(), wrong("up").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_value_ends_the_quotes_that_it_stands_in(value in "(.|\n|\"|\\\\){0,30}") {
            let filled = fill("up{a=\"{{X}}\"}", &values(&[("X", &value)])).expect("filled");
            let inner = filled.strip_prefix("up{a=\"").and_then(|rest| rest.strip_suffix("\"}")).expect("its frame");
            prop_assert_eq!(within(&format!("\"{inner}"), None), Some('"'));
        }
    }
}
