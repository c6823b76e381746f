//! How well a text is what was typed, and which of its letters are.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{Atom, AtomKind, CaseMatching, Normalization},
};

/// What is typed has no more words, and each costs.
const MOST_WORDS: usize = 8;
/// A word whose letters are strewn over a text, and begin no words of it, is not what was meant.
const LEAST: f32 = 0.57;
/// Beside a title a word must begin with what was typed: one whose score is smaller has it in its middle.
const BEGUN: f32 = 0.8;
/// What stands beside a title counts for less than the title.
const BESIDE: f32 = 0.6;
/// How much it counts that not much else stands in a title.
const WHOLE: f32 = 0.05;
/// How much it counts that nothing else does.
const EXACT: f32 = 0.2;
/// How much it counts that a title begins with what was typed.
const BEGINS: f32 = 0.1;
/// How much more it counts that it begins with several words just as they were typed.
const PHRASE: f32 = 0.15;

/// How well something is what was typed.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Found {
    /// From 0 to 1.5.
    pub(super) score: f32,
    /// Whether one of the words stands in the title.
    pub(super) in_title: bool,
}

/// The words that were typed, ready to be looked for.
pub(super) struct Needle {
    words: Vec<Word>,
    letters: usize,
    matcher: Matcher,
    buffer: Vec<char>,
}

struct Word {
    text: String,
    /// In a title its letters may have others between them.
    strewn: Atom,
    /// Beside a title they must stand together.
    together: Atom,
    /// The best that there is.
    best: f32,
}

impl Word {
    /// Whether a title begins with it, in whatever case.
    fn begins(&self, title: &str) -> bool {
        let mut letters = title.chars();
        self.text.chars().all(|one| letters.next().is_some_and(|other| one.to_lowercase().eq(other.to_lowercase())))
    }
}

impl Needle {
    pub(super) fn new(typed: &str) -> Self {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let words: Vec<&str> = typed.split_whitespace().take(MOST_WORDS).collect();
        let letters = words.iter().map(|word| word.chars().count()).sum();
        let words = words.into_iter().map(|word| {
            let atom = |kind| Atom::new(word, CaseMatching::Ignore, Normalization::Smart, kind, false);
            let strewn = atom(AtomKind::Fuzzy);
            let best = strewn.score(Utf32Str::new(word, &mut buffer), &mut matcher).unwrap_or(1);
            let text = word.to_owned();
            Word { text, strewn, together: atom(AtomKind::Substring), best: f32::from(best.max(1)) }
        });
        let words = words.collect();
        Self { words, letters, matcher, buffer }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How well a title, and what stands beside it, is what was typed; none where a word is missing.
    pub(super) fn score<'a>(&mut self, title: &str, beside: impl Fn() -> Vec<&'a str>) -> Option<Found> {
        let Self { words, letters, matcher, buffer } = self;
        let mut others = None;
        let mut sum = 0.0;
        let (mut in_title, mut begins) = (false, false);
        for word in words.iter() {
            let found = word.strewn.score(Utf32Str::new(title, buffer), matcher);
            if let Some(good) = found.map(|score| f32::from(score) / word.best).filter(|good| *good >= LEAST) {
                in_title = true;
                begins |= word.begins(title);
                sum += good.min(1.0);
                continue;
            }
            let others = others.get_or_insert_with(&beside);
            let found = others.iter().filter_map(|text| word.together.score(Utf32Str::new(text, buffer), matcher));
            let good = f32::from(found.max()?) / word.best;
            if good < BEGUN {
                return None;
            }
            sum += good.min(1.0) * BESIDE;
        }
        let good = sum / words.len().max(1) as f32;
        let all = title.chars().filter(|character| !character.is_whitespace()).count().max(1);
        let whole = if in_title { (*letters as f32 / all as f32).min(1.0) } else { 0.0 };
        let exact = if in_title && *letters >= all && others.is_none() { EXACT } else { 0.0 };
        let phrase = words.len() > 1 && begins_with(title, words.iter().map(|word| word.text.as_str()));
        let begins = if begins { BEGINS } else { 0.0 } + if phrase { PHRASE } else { 0.0 };
        Some(Found { score: good + WHOLE * whole + exact + begins, in_title })
    }

    /// A title and what stands beside it, with `\u{2}` before and `\u{3}` after each piece that was typed.
    pub(super) fn marked(&mut self, title: &str, beside: &str) -> (String, String) {
        let Self { words, matcher, buffer, .. } = self;
        let (mut of_title, mut of_beside) = (Vec::new(), Vec::new());
        for word in words.iter() {
            let mut found = Vec::new();
            let score = word.strewn.indices(Utf32Str::new(title, buffer), matcher, &mut found);
            if score.is_some_and(|score| f32::from(score) / word.best >= LEAST) {
                of_title.append(&mut found);
            } else {
                word.together.indices(Utf32Str::new(beside, buffer), matcher, &mut of_beside);
            }
        }
        (marked(title, of_title), marked(beside, of_beside))
    }
}

/// Whether a title begins with these words, one after the other; of the last with its beginning.
fn begins_with<'a>(title: &str, words: impl Iterator<Item = &'a str>) -> bool {
    let mut there = title.split_whitespace().map(str::to_lowercase);
    let mut words = words.map(str::to_lowercase).peekable();
    while let (Some(word), Some(other)) = (words.next(), there.next()) {
        if words.peek().is_none() {
            return other.starts_with(&word);
        }
        if other != word {
            return false;
        }
    }
    false
}

/// A text with marks around the characters of these places.
fn marked(text: &str, mut places: Vec<u32>) -> String {
    places.sort_unstable();
    places.dedup();
    let mut places = places.into_iter().peekable();
    let (mut shown, mut inside) = (String::new(), false);
    for (at, character) in text.chars().enumerate() {
        let hit = places.next_if(|place| *place as usize == at).is_some();
        if hit != inside {
            shown.push(if hit { '\u{2}' } else { '\u{3}' });
            inside = hit;
        }
        // The characters of the marks mean nothing else.
        shown.push(if matches!(character, '\u{2}' | '\u{3}') { ' ' } else { character });
    }
    if inside {
        shown.push('\u{3}');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(typed: &str, title: &str) -> Option<f32> {
        Needle::new(typed).score(title, Vec::new).map(|found| found.score)
    }

    #[test]
    fn the_better_a_title_is_what_was_typed_the_higher_it_stands() {
        for (typed, better, worse) in [
            ("ord", "Orders overview", "Record a note"),
            ("ord", "Orders", "Orders of the day, all of them"),
            ("ord", "Orders of the day, all of them", "All orders"),
            ("fo", "Fail over the database", "Perform a check"),
            ("disk full", "Disk almost full", "Full disks and other disasters on hosts"),
            ("orders over", "Orders overview", "Over all orders"),
            ("orders", "Orders", "Orders of today"),
        ] {
            assert!(score(typed, better) > score(typed, worse), "{typed}: {better} before {worse}");
            assert!(score(typed, better).is_some());
        }
    }

    #[test]
    fn a_word_that_is_not_there_is_no_hit_and_letters_strewn_about_are_none_either() {
        for (typed, title) in [("zz", "Orders"), ("ord zz", "Orders"), ("ord", "Board"), ("r", "Order")] {
            assert_eq!(score(typed, title), None, "{typed} in {title}");
        }
    }

    #[test]
    fn what_stands_beside_a_title_is_found_too_and_counts_for_less() {
        let beside = || vec!["databases/orders/failover.md"];
        let mut needle = Needle::new("orders replica");
        let there = needle.score("Move a replica", beside).unwrap();
        assert!(there < needle.score("Move an orders replica", beside).unwrap());
        for typed in ["odb", "ders"] {
            assert_eq!(
                Needle::new(typed).score("Move a replica", beside),
                None,
                "a word must begin with {typed} there"
            );
        }
    }

    #[test]
    fn hits_are_marked_where_they_stand_whatever_the_letters_are() {
        let marked = |typed: &str, title: &str, beside: &str| Needle::new(typed).marked(title, beside);
        assert_eq!(marked("ord", "Fail over the orders", "").0, "Fail over the \u{2}ord\u{3}ers");
        assert_eq!(marked("über", "Größe, Überblick", "").0, "Größe, \u{2}Über\u{3}blick");
        let (title, beside) = marked("move ord", "Move a replica", "databases/orders");
        assert_eq!((&*title, &*beside), ("\u{2}Move\u{3} a replica", "databases/\u{2}ord\u{3}ers"));
        assert_eq!(marked("x", "a\u{2}b\u{3}", "").0, "a b ");
    }
}
