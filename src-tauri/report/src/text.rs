//! The one door through which text comes into a report.
//!
//! Sequences of a terminal are taken off, control characters and those that change the direction of writing are spelt
//! out, so that what is read is what is there; what is to be hidden is hidden. What the text is written in (HTML, Markdown,
//! XML) escapes it once more.

use engine::plain_text;

/// Stands where something is hidden.
pub(crate) const HIDDEN: &str = "•••";
/// Fewest characters of a text that is hidden.
const FEWEST: usize = 4;

/// Cleans texts, and hides what must not be shown.
#[derive(Debug, Default)]
pub(crate) struct Door {
    /// The longest first, so that no part of one is left standing.
    hide: Vec<String>,
}

impl Door {
    /// Hides these, and each of their lines.
    pub(crate) fn hiding(texts: &[String]) -> Self {
        let each = texts.iter().flat_map(|text| std::iter::once(text.trim()).chain(text.lines().map(str::trim)));
        let mut hide: Vec<String> = each.filter(|text| text.chars().count() >= FEWEST).map(str::to_owned).collect();
        hide.sort_by_key(|text| std::cmp::Reverse(text.len()));
        hide.dedup();
        Self { hide }
    }

    /// A text with its lines.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.replace("\r\n", "\n");
        for hidden in &self.hide {
            if text.contains(hidden.as_str()) {
                text = text.replace(hidden.as_str(), HIDDEN);
            }
        }
        visible(&text)
    }

    /// A text on one line.
    pub(crate) fn line(&self, text: &str) -> String {
        self.text(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// What a command printed.
    pub(crate) fn output(&self, bytes: &[u8]) -> String {
        self.text(&plain_text(bytes))
    }
}

/// The text with every character that could act spelt out. Line feeds and tabs stay.
fn visible(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => safe.push(character),
            _ if character.is_control() || acts(character) => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
    }
    safe
}

/// Whether it changes how others are read, or is no character at all (XML 1.0 allows neither U+FFFE nor U+FFFF).
fn acts(character: char) -> bool {
    matches!(character,
        // Direction of writing (Unicode Standard Annex 9).
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Seen by nobody, or ends a line for some programs alone.
        | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}'
        // A text within the text, shown by no font.
        | '\u{e0000}'..='\u{e007f}'
    ) || (u32::from(character) & 0xfffe) == 0xfffe
}

/// `count` of something: `1 line`, `2 lines`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Words in a row: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first letter as a capital.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The text up to so many characters, with a mark where it was cut.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_act_is_spelt_out() {
        let door = Door::default();
        for (text, expected) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("user\u{202e}gpj.exe", "user\\u{202e}gpj.exe"),
            ("a\u{0}b\u{85}c\u{feff}d\u{ffff}e", "a\\u{0}b\\u{85}c\\u{feff}d\\u{ffff}e"),
            ("été 日本 👩\u{200d}💻", "été 日本 👩\u{200d}💻"),
        ] {
            assert_eq!(door.text(text), expected);
        }
        assert_eq!(door.line(" two\r\n lines\t "), "two lines");
        assert_eq!(door.output(b"\x1b]0;t\x07\x1b[1mok\x1b[0m\r\n"), "ok\n");
    }

    #[test]
    fn what_is_to_be_hidden_is_hidden_also_line_by_line_and_behind_colours() {
        let door = Door::hiding(&["hunter22".to_owned(), "-----BEGIN\nabcdef\n".to_owned(), "no".to_owned()]);
        assert_eq!(door.text("p=hunter22, no, abcdef"), "p=•••, no, •••");
        assert_eq!(door.output(b"hun\x1b[1mter22\n"), "•••\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_control_character_comes_through(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = Door::default().output(&bytes);
            prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || acts(c)), "{text:?}");
        }
    }
}
