//! Hits in context: which parts of a text are what was searched for, and a few words around the best of them.
//!
//! Splits and folds a text as the index does (`unicode61 remove_diacritics 2`), so that what FTS5 found is found again
//! here, without asking it about each row anew.

use std::{iter::Peekable, str::CharIndices};

use unicode_normalization::UnicodeNormalization;

/// Words around a match.
const SNIPPET_WORDS: usize = 14;
/// Words of them before the match.
const BEFORE: usize = 4;
/// Matches that are looked at to find the best place; more say nothing new.
const MOST_MATCHES: usize = 48;

/// A piece of text, matching or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// Whether it is what was searched for.
    pub matched: bool,
}

/// Words that follow each other, as the index has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) tokens: Vec<String>,
    /// The last one may be the beginning of a word.
    pub(crate) prefix: bool,
}

/// A word of a text.
struct Token {
    start: usize,
    end: usize,
    folded: String,
}

struct Match {
    phrase: usize,
    /// Of the first token and behind the last one.
    first: usize,
    after: usize,
}

/// The words of a text, without case and accents.
pub(crate) fn words(text: &str) -> Vec<String> {
    tokens(text).map(|token| token.folded).collect()
}

/// Gives each word of a text, without case and accents.
pub(crate) fn each_word<E>(text: &str, take: &mut dyn FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let (mut rest, mut folded) = (text.char_indices().peekable(), String::new());
    while next_word(&mut rest, &mut folded).is_some() {
        take(&folded)?;
        folded.clear();
    }
    Ok(())
}

/// The whole text, with what matches in it.
pub(crate) fn highlight(text: &str, phrases: &[Phrase]) -> Vec<SnippetPart> {
    let (tokens, matches) = look(text, phrases, usize::MAX);
    marked(text, &tokens, &matches, (0, text.len()))
}

/// A few words of the first of these texts with the most different matches; of the first text at all when nothing
/// matches in any.
pub(crate) fn snippet(texts: &[&str], phrases: &[Phrase]) -> Vec<SnippetPart> {
    let mut best = (0, None);
    for text in texts {
        let (tokens, matches) = look(text, phrases, MOST_MATCHES);
        let mut here = None;
        for found in &matches {
            let window = window(found.first, tokens.len());
            let inside = matches.iter().filter(|one| one.first >= window.0 && one.after <= window.1);
            let mut met = vec![false; phrases.len()];
            inside.for_each(|one| met[one.phrase] = true);
            let score = met.iter().filter(|met| **met).count();
            if score > best.0 {
                best.0 = score;
                here = Some(window);
            }
        }
        if let Some(window) = here {
            best.1 = Some((*text, window, tokens, matches));
        }
        if best.0 == phrases.len() {
            break;
        }
    }
    let (text, window, tokens, matches) = match best.1 {
        Some(found) => found,
        None => match texts.iter().find(|text| !text.trim().is_empty()) {
            Some(text) => {
                let tokens: Vec<Token> = tokens(text).take(SNIPPET_WORDS + 1).collect();
                (*text, (0, SNIPPET_WORDS), tokens, Vec::new())
            }
            None => return Vec::new(),
        },
    };
    let start = if window.0 == 0 { 0 } else { tokens.get(window.0).map_or(0, |token| token.start) };
    let whole = window.1 >= tokens.len();
    let end = match window.1.checked_sub(1).and_then(|last| tokens.get(last)) {
        Some(token) if !whole => token.end,
        _ => text.len(),
    };
    let mut parts = marked(text, &tokens, &matches, (start, end));
    if start > 0 {
        parts.insert(0, SnippetPart { text: "…".to_owned(), matched: false });
    }
    if end < text.len() {
        parts.push(SnippetPart { text: "…".to_owned(), matched: false });
    }
    joined(parts)
}

fn window(first: usize, all: usize) -> (usize, usize) {
    let start = first.saturating_sub(BEFORE).min(all.saturating_sub(SNIPPET_WORDS));
    (start, (start + SNIPPET_WORDS).min(all))
}

/// The words of a text, as far as they are needed, and where phrases match.
fn look(text: &str, phrases: &[Phrase], most: usize) -> (Vec<Token>, Vec<Match>) {
    let mut seen: Vec<Token> = Vec::new();
    let mut matches: Vec<Match> = Vec::new();
    let mut enough = usize::MAX;
    for token in tokens(text) {
        seen.push(token);
        let after = seen.len();
        // The longest phrase that ends here; one within another that was marked already says nothing new.
        let found = phrases
            .iter()
            .enumerate()
            .filter(|(_, phrase)| ends_here(&seen, phrase))
            .max_by_key(|(_, phrase)| phrase.tokens.len());
        if let Some((phrase, of)) = found {
            matches.push(Match { phrase, first: after - of.tokens.len(), after });
            if matches.len() == most {
                enough = after + SNIPPET_WORDS;
            }
        }
        if after >= enough {
            break;
        }
    }
    (seen, matches)
}

fn ends_here(seen: &[Token], phrase: &Phrase) -> bool {
    let Some(from) = seen.len().checked_sub(phrase.tokens.len()) else { return false };
    let last = phrase.tokens.len().saturating_sub(1);
    !phrase.tokens.is_empty()
        && seen[from..].iter().zip(&phrase.tokens).enumerate().all(|(at, (token, wanted))| {
            if at == last && phrase.prefix { token.folded.starts_with(wanted) } else { token.folded == *wanted }
        })
}

fn marked(text: &str, tokens: &[Token], matches: &[Match], (start, end): (usize, usize)) -> Vec<SnippetPart> {
    let mut parts = Vec::new();
    let mut at = start;
    let mut push = |from: usize, to: usize, matched: bool| {
        if let Some(text) = text.get(from..to).filter(|text| !text.is_empty()) {
            parts.push(SnippetPart { text: text.to_owned(), matched });
        }
    };
    for found in matches {
        let (Some(first), Some(last)) = (tokens.get(found.first), tokens.get(found.after - 1)) else { continue };
        if first.start < at || last.end > end {
            continue;
        }
        push(at, first.start, false);
        push(first.start, last.end, true);
        at = last.end;
    }
    push(at, end, false);
    parts
}

/// Neighbours of one sort become one.
fn joined(parts: Vec<SnippetPart>) -> Vec<SnippetPart> {
    let mut joined: Vec<SnippetPart> = Vec::with_capacity(parts.len());
    for part in parts {
        match joined.last_mut() {
            Some(last) if last.matched == part.matched && !part.matched => last.text.push_str(&part.text),
            _ => joined.push(part),
        }
    }
    joined
}

fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let mut folded = String::with_capacity(12);
        let (start, end) = next_word(&mut rest, &mut folded)?;
        Some(Token { start, end, folded })
    })
}

/// Puts the next word into `folded`, which is empty, and says where it stands.
fn next_word(rest: &mut Peekable<CharIndices<'_>>, folded: &mut String) -> Option<(usize, usize)> {
    let start = loop {
        let (at, character) = *rest.peek()?;
        if character.is_alphanumeric() {
            break at;
        }
        rest.next();
    };
    let mut end = start;
    while let Some((at, character)) = rest.peek().copied() {
        if character.is_ascii_alphanumeric() {
            folded.push(character.to_ascii_lowercase());
        } else if is_mark(character) {
            // An accent of its own belongs to the letter before it, and is left out.
        } else if character.is_alphanumeric() {
            let plain = character.nfd().filter(|part| !is_mark(*part)).flat_map(char::to_lowercase);
            folded.extend(plain.filter(|part| !is_mark(*part)));
        } else {
            break;
        }
        end = at + character.len_utf8();
        rest.next();
    }
    Some((start, end))
}

/// Combining accents.
fn is_mark(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str, prefix: bool) -> Phrase {
        Phrase { tokens: words(text), prefix }
    }

    fn shown(parts: &[SnippetPart]) -> String {
        parts.iter().map(|part| if part.matched { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn words_are_split_and_folded_as_the_index_does() {
        for (text, expected) in [
            ("Disk FULL", vec!["disk", "full"]),
            ("/var/lib/pg_dump-2", vec!["var", "lib", "pg", "dump", "2"]),
            ("Überblick u\u{308}ber", vec!["uberblick", "uber"]),
            ("", vec![]),
            ("…—", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_matches_is_marked_where_it_stands() {
        for (text, phrases, expected) in [
            ("Free some space", vec![phrase("spac", true)], "Free some [space]"),
            ("Free some space", vec![phrase("spac", false)], "Free some space"),
            ("see /var/lib/postgres now", vec![phrase("/var/lib/post", true)], "see /[var/lib/postgres] now"),
            ("lib of /var/lib", vec![phrase("var/lib", false)], "lib of /[var/lib]"),
            ("Über das Über", vec![phrase("uber", false)], "[Über] das [Über]"),
        ] {
            assert_eq!(shown(&highlight(text, &phrases)), expected);
        }
    }

    #[test]
    fn a_snippet_is_where_most_of_the_words_stand_together() {
        let filler =
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen";
        let text = format!("disk {filler} {filler} then the disk is full again {filler}");
        let shown = shown(&snippet(&["", &text], &[phrase("disk", false), phrase("full", true)]));
        assert_eq!(shown, "…fifteen sixteen then the [disk] is [full] again one two three four five six…");
    }

    #[test]
    fn without_a_match_a_snippet_is_how_the_text_begins() {
        assert_eq!(shown(&snippet(&["", "A short text."], &[phrase("disk", false)])), "A short text.");
        assert!(snippet(&["", " "], &[phrase("disk", false)]).is_empty());
    }
}
