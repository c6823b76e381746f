//! Regular expressions that are written into the program. Each file that holds one has a test that they are valid.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// An expression that is compiled when it is first used.
pub(crate) struct Fixed(LazyLock<Option<Regex>>);

/// Declares an expression.
macro_rules! expression {
    ($name:ident, $text:literal) => {
        static $name: $crate::fixed::Fixed =
            $crate::fixed::Fixed::new(std::sync::LazyLock::new(|| regex::Regex::new($text).ok()));
    };
}
pub(crate) use expression;

impl Fixed {
    pub(crate) const fn new(regex: LazyLock<Option<Regex>>) -> Self {
        Self(regex)
    }

    /// The expression. It is there: a wrong one fails the tests of the file that holds it.
    pub(crate) fn get(&self) -> Option<&Regex> {
        self.0.as_ref()
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|regex| regex.is_match(text))
    }
}

/// A set of expressions; a wrong one makes the set empty, which the tests of the file that holds it show.
pub(crate) fn set(expressions: &[&str]) -> RegexSet {
    RegexSet::new(expressions).unwrap_or_default()
}
