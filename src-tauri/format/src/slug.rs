//! Names that stay the same while the text does: slugs, each once.

use std::collections::{HashMap, HashSet};

/// Longest slug, in characters.
const LONGEST: usize = 60;

/// Lower-case letters and digits, joined by hyphens; `otherwise` where nothing is left.
#[must_use]
pub fn slug(text: &str, otherwise: &str) -> String {
    let mut slug = String::new();
    let mut letters = 0;
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letters >= LONGEST {
            break;
        }
        if letter.is_alphanumeric() {
            slug.push(letter);
            letters += 1;
        } else if matches!(letter, '\'' | '’') {
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
            letters += 1;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { otherwise.to_owned() } else { slug.to_owned() }
}

/// Names that are taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    names: HashSet<String>,
    next: HashMap<String, usize>,
}

impl Taken {
    /// Takes the name as it is; `false` where another has it.
    pub fn take(&mut self, name: &str) -> bool {
        self.names.insert(name.to_owned())
    }

    /// Takes the name, or the first free one of `name-2`, `name-3`, …
    pub fn take_numbered(&mut self, name: &str) -> String {
        if self.take(name) {
            return name.to_owned();
        }
        // Counting on from the last number keeps ten thousand blocks of one command from being quadratic.
        let mut number = self.next.get(name).copied().unwrap_or(2);
        loop {
            let numbered = format!("{name}-{number}");
            number += 1;
            if self.take(&numbered) {
                self.next.insert(name.to_owned(), number);
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_hold_letters_digits_and_hyphens() {
        for (text, expected) in [
            ("Promote the standby", "promote-the-standby"),
            ("  Don't *panic*!  ", "dont-panic"),
            ("Größe ändern", "größe-ändern"),
            ("!!!", "x"),
        ] {
            assert_eq!(slug(text, "x"), expected);
        }
    }

    #[test]
    fn a_name_that_is_taken_is_numbered() {
        let mut taken = Taken::default();
        assert!(taken.take("echo-hello-3"));
        let names: Vec<_> = (0..4).map(|_| taken.take_numbered("echo-hello")).collect();
        assert_eq!(names, ["echo-hello", "echo-hello-2", "echo-hello-4", "echo-hello-5"]);
    }
}
