//! A query of a database: one statement, its variables handed over as values beside it and never as part of its text.

use crate::variables::uses_in_request as uses;

/// A statement, cut at its variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pieces: Vec<Piece>,
    /// Its words outside quotes and comments, in upper case: the first one, and whether `INTO` is among them.
    first: String,
    into: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

/// How a statement begins that only reads. The server is told to allow no other all the same.
const READING: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN", "DESCRIBE", "DESC", "PRAGMA"];

impl Query {
    /// The names of its variables, in order, each as often as it stands there.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with a sign for each variable, which is given the variable's number, from 1.
    #[must_use]
    pub fn with_signs(&self, sign: impl Fn(usize) -> String) -> String {
        let mut number = 0;
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(_) => {
                number += 1;
                sign(number)
            }
        });
        pieces.collect()
    }

    /// The word that it begins with, in upper case; empty where it begins with none.
    #[must_use]
    pub fn first_word(&self) -> &str {
        &self.first
    }

    /// Why it is not known to only read: one sentence.
    pub(crate) fn changes(&self) -> Option<String> {
        let first = &self.first;
        if !READING.contains(&first.as_str()) {
            return Some(format!(
                "`{first}` is not known to only read: write `write` into the braces if it is to change something"
            ));
        }
        self.into.then(|| {
            "what it finds is written somewhere by `INTO`: write `write` into the braces if that is meant".to_owned()
        })
    }
}

/// Where a place in a statement is.
enum Within {
    Nothing,
    /// Up to this text, in which nothing is looked for.
    Quote(String),
    Line,
    Comment,
}

/// Reads a statement.
///
/// # Errors
/// One sentence: there is none, there are several, or a variable stands where no value can.
pub fn read(text: &str) -> Result<Query, String> {
    let mut query = Query::default();
    let mut variables = uses(text).peekable();
    let (mut within, mut at, mut from, mut over) = (Within::Nothing, 0, 0, false);
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let variable = variables.next_if(|(range, _)| range.start == at);
        match (&within, variable) {
            (Within::Nothing, Some((range, name))) => {
                one_alone(over)?;
                query.pieces.push(Piece::Text(text.get(from..at).unwrap_or_default().to_owned()));
                query.pieces.push(Piece::Variable(name.to_owned()));
                (at, from) = (range.end, range.end);
                continue;
            }
            (Within::Quote(_), Some((_, name))) => {
                return Err(format!(
                    "{{{{{name}}}}} stands within quotes: take the quotes off, its value is handed over as a value"
                ));
            }
            _ => {}
        }
        let mut step = letter.len_utf8();
        match &within {
            Within::Nothing if rest.starts_with("--") => within = Within::Line,
            Within::Nothing if ["/*!", "/*M!"].iter().any(|begin| rest.starts_with(begin)) => {
                return Err(
                    "a comment that begins with `/*!` is part of the statement to some servers: write it out"
                        .to_owned(),
                );
            }
            Within::Nothing if rest.starts_with("/*") => {
                step = 2;
                within = Within::Comment;
            }
            Within::Nothing if letter.is_whitespace() => {}
            Within::Nothing if letter == ';' => over = true,
            Within::Nothing => {
                one_alone(over)?;
                if let Some(tag) = quote(rest) {
                    step = tag.len();
                    within = Within::Quote(tag);
                } else if is_of_word(letter) {
                    let end = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
                    let word = rest.get(..end).unwrap_or_default().to_uppercase();
                    step = end;
                    query.into |= word == "INTO";
                    if query.first.is_empty() {
                        query.first = word;
                    }
                }
            }
            Within::Quote(end) if rest.starts_with(end.as_str()) => {
                step = end.len();
                within = Within::Nothing;
            }
            Within::Line if letter == '\n' => within = Within::Nothing,
            Within::Comment if rest.starts_with("*/") => {
                step = 2;
                within = Within::Nothing;
            }
            Within::Quote(_) | Within::Line | Within::Comment => {}
        }
        at += step;
    }
    query.pieces.push(Piece::Text(text.get(from..).unwrap_or_default().to_owned()));
    if query.first.is_empty() {
        return Err("it holds no statement: write one such as `SELECT count(*) FROM orders`".to_owned());
    }
    Ok(query)
}

fn one_alone(over: bool) -> Result<(), String> {
    match over {
        true => Err("it holds more than one statement: write each into a block of its own".to_owned()),
        false => Ok(()),
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// What ends the quote that begins here: a text, a name, or what PostgreSQL puts between `$tag$`.
fn quote(rest: &str) -> Option<String> {
    let first = rest.chars().next()?;
    if matches!(first, '\'' | '"' | '`') {
        return Some(first.to_string());
    }
    let behind = rest.strip_prefix('$')?;
    let tag = behind.get(..behind.find('$')?)?;
    let is_tag = tag.chars().all(is_of_word) && !tag.starts_with(|first: char| first.is_ascii_digit());
    is_tag.then(|| format!("${tag}$"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn variables_are_handed_over_beside_the_statement() {
        let query =
            read("select * from o -- {{NOT}}\n where id = {{ID}} and n > {{ N }} and id <> {{ID}};\n").unwrap();
        assert_eq!(query.variables().collect::<Vec<_>>(), ["ID", "N", "ID"]);
        assert_eq!(
            query.with_signs(|number| format!("${number}")),
            "select * from o -- {{NOT}}\n where id = $1 and n > $2 and id <> $3;\n"
        );
        assert_eq!((query.first_word(), query.changes()), ("SELECT", None));
        let error = read("SELECT * FROM o WHERE id = '{{ID}}'").unwrap_err();
        assert!(error.contains("within quotes"), "{error}");
    }

    #[test]
    fn one_statement_is_taken_and_no_more() {
        for one in ["SELECT 1", "SELECT 1; -- done\n", "SELECT ';'", "SELECT $a$;$a$", "SELECT \";\" /* ; x */;;\n"] {
            assert!(read(one).is_ok(), "{one}");
        }
        for more in ["SELECT 1; SELECT 2", "COMMIT; DELETE FROM o", "SELECT ';'; {{X}}"] {
            assert!(read(more).unwrap_err().contains("more than one statement"), "{more}");
        }
        for none in ["", "-- only words", ";"] {
            assert!(read(none).unwrap_err().contains("no statement"), "{none}");
        }
    }

    #[test]
    fn what_is_not_known_to_only_read_says_so() {
        for reading in ["select 1", "(SELECT 1)", "WITH a AS (SELECT 1) TABLE a", "show tables", "SELECT 'into'"] {
            assert_eq!(read(reading).unwrap().changes(), None, "{reading}");
        }
        for changing in
            ["UPDATE o SET a = 1", "COMMIT", "COPY o TO PROGRAM 'x'", "CALL p()", "SELECT 1 INTO OUTFILE '/x'"]
        {
            assert!(read(changing).unwrap().changes().is_some_and(|why| why.contains("`write`")), "{changing}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_statement_is_read_and_nothing_of_it_is_lost(text in "(.|\n|\\{\\{A\\}\\}|--|'|;){0,60}") {
            if let Ok(query) = read(&text) {
                prop_assert_eq!(query.with_signs(|_| "{{A}}".to_owned()).replace(' ', ""), text.replace(' ', ""));
            }
        }
    }
}
