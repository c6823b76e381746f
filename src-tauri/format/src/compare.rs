//! What differs between two texts: as edits that turn one into the other, and as lines for a person to read.

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::model::{Edit, Span};

/// Words are compared within changes of up to so many words on both sides; larger ones are changed as a whole. It
/// keeps the time for any two texts of a megabyte well below a second.
const MOST_WORDS: usize = 60_000;

/// From so many lines on, texts that repeat the same few lines over and over are compared as a whole: no way to align
/// them is better than another, and looking for one takes minutes.
const MANY_LINES: usize = 50_000;

/// Changes times lines up to which changes of lines are put where a person would put them.
const MOST_SLIDES: usize = 20_000_000;

/// A line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// What became of it.
    pub kind: DiffKind,
    /// Line in the older text, from 1.
    pub old_line: Option<usize>,
    /// Line in the newer text, from 1.
    pub new_line: Option<usize>,
    /// The line in pieces, without its end.
    pub parts: Vec<DiffPart>,
    /// How it ends: `\n`, `\r\n`, or nothing at the end of the text.
    pub end: String,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffKind {
    /// It is in both.
    Same,
    /// It came.
    Added,
    /// It went.
    Removed,
    /// Lines that are in both, left out here.
    Gap,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffPart {
    /// The text.
    pub text: String,
    /// Whether these words differ from the other text: in an added line they came, in a removed one they went.
    pub changed: bool,
}

/// A range of tokens that differs.
pub(crate) type Hunk = (std::ops::Range<usize>, std::ops::Range<usize>);

/// The edits that turn the older text into the newer one: few, short, in order, not touching each other. A caret
/// outside them keeps its place.
#[must_use]
pub fn difference(old: &str, new: &str) -> Vec<Edit> {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let (old_at, new_at) = (offsets(&old_lines), offsets(&new_lines));
    let mut edits = Vec::new();
    for (before, after) in line_hunks(&old_lines, &new_lines) {
        let removed = old_at.slice(old, &before);
        let added = new_at.slice(new, &after);
        let start = old_at.0.get(before.start).copied().unwrap_or(old.len());
        push_words(&mut edits, start, removed, added);
    }
    edits
}

/// The edits within one change of lines.
fn push_words(edits: &mut Vec<Edit>, start: usize, removed: &str, added: &str) {
    let (old_words, new_words) = (words(removed), words(added));
    let hunks = match word_hunks(&old_words, &new_words) {
        Some(hunks) => hunks,
        None => vec![(0..old_words.len(), 0..new_words.len())],
    };
    let (old_at, new_at) = (offsets(&old_words), offsets(&new_words));
    for (before, after) in hunks {
        let (gone, come) = (old_at.slice(removed, &before), new_at.slice(added, &after));
        let head: usize = gone.chars().zip(come.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let (gone, come) = (gone.get(head..).unwrap_or_default(), come.get(head..).unwrap_or_default());
        let tail: usize =
            gone.chars().rev().zip(come.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let from = start + old_at.0.get(before.start).copied().unwrap_or(removed.len()) + head;
        let text = come.get(..come.len() - tail).unwrap_or_default();
        let span = Span { start: from, end: from + gone.len() - tail };
        if span.start < span.end || !text.is_empty() {
            edits.push(Edit { span, text: text.to_owned() });
        }
    }
}

/// Compares two texts line by line; within changed lines, word by word.
#[must_use]
pub fn word_diff(old: &str, new: &str) -> Vec<DiffLine> {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let mut found = Vec::new();
    let (mut old_next, mut new_next) = (0, 0);
    let same = |found: &mut Vec<DiffLine>, from: &mut usize, to: usize, new_from: &mut usize| {
        while *from < to {
            let (text, end) = split_end(old_lines.get(*from).copied().unwrap_or_default());
            found.push(DiffLine {
                kind: DiffKind::Same,
                old_line: Some(*from + 1),
                new_line: Some(*new_from + 1),
                parts: plain(text, false),
                end: end.to_owned(),
            });
            *from += 1;
            *new_from += 1;
        }
    };
    for (before, after) in line_hunks(&old_lines, &new_lines) {
        same(&mut found, &mut old_next, before.start, &mut new_next);
        let removed = old_lines.get(before.clone()).unwrap_or_default();
        let added = new_lines.get(after.clone()).unwrap_or_default();
        let (removed_parts, added_parts) = parts(removed, added);
        for (index, (line, parts)) in removed.iter().zip(removed_parts).enumerate() {
            found.push(DiffLine {
                kind: DiffKind::Removed,
                old_line: Some(before.start + index + 1),
                new_line: None,
                parts,
                end: split_end(line).1.to_owned(),
            });
        }
        for (index, (line, parts)) in added.iter().zip(added_parts).enumerate() {
            found.push(DiffLine {
                kind: DiffKind::Added,
                old_line: None,
                new_line: Some(after.start + index + 1),
                parts,
                end: split_end(line).1.to_owned(),
            });
        }
        (old_next, new_next) = (before.end, after.end);
    }
    same(&mut found, &mut old_next, old_lines.len(), &mut new_next);
    found
}

/// Leaves out lines that are in both, but for `context` of them around each change; a gap stands for the others, with
/// the numbers of the first that it leaves out.
#[must_use]
pub fn around_changes(lines: Vec<DiffLine>, context: usize) -> Vec<DiffLine> {
    let mut near = vec![false; lines.len()];
    for (index, line) in lines.iter().enumerate() {
        if line.kind != DiffKind::Same {
            let end = (index + context + 1).min(near.len());
            for slot in near.get_mut(index.saturating_sub(context)..end).unwrap_or_default() {
                *slot = true;
            }
        }
    }
    let mut kept: Vec<DiffLine> = Vec::new();
    for (line, near) in lines.into_iter().zip(near) {
        if near {
            kept.push(line);
        } else if kept.last().is_none_or(|last| last.kind != DiffKind::Gap) {
            kept.push(DiffLine { kind: DiffKind::Gap, parts: Vec::new(), end: String::new(), ..line });
        }
    }
    kept
}

/// The words of changed lines, marked where they differ. Lines that have little in common are marked as a whole:
/// islands of a comma and an `a` help nobody.
fn parts(removed: &[&str], added: &[&str]) -> (Vec<Vec<DiffPart>>, Vec<Vec<DiffPart>>) {
    let whole = |lines: &[&str]| lines.iter().map(|line| plain(split_end(line).0, true)).collect::<Vec<_>>();
    if removed.is_empty() || added.is_empty() {
        return (whole(removed), whole(added));
    }
    let (old, new) = (removed.concat(), added.concat());
    let (old_words, new_words) = (words(&old), words(&new));
    let Some(hunks) = word_hunks(&old_words, &new_words) else { return (whole(removed), whole(added)) };
    let mut old_changed = vec![false; old_words.len()];
    let mut new_changed = vec![false; new_words.len()];
    for (before, after) in hunks {
        old_changed.get_mut(before).unwrap_or_default().fill(true);
        new_changed.get_mut(after).unwrap_or_default().fill(true);
    }
    let letters = |words: &[&str], changed: Option<&[bool]>| -> usize {
        words
            .iter()
            .enumerate()
            .filter(|(index, _)| changed.is_none_or(|changed| !changed.get(*index).copied().unwrap_or(true)))
            .map(|(_, word)| word.chars().filter(|letter| letter.is_alphanumeric()).count())
            .sum()
    };
    let all = letters(&old_words, None).max(letters(&new_words, None));
    if letters(&old_words, Some(&old_changed)) * 3 < all {
        return (whole(removed), whole(added));
    }
    (by_line(&old_words, &old_changed, removed.len()), by_line(&new_words, &new_changed, added.len()))
}

/// Words as pieces, one list for each line.
fn by_line(words: &[&str], changed: &[bool], count: usize) -> Vec<Vec<DiffPart>> {
    let mut lines: Vec<Vec<DiffPart>> = Vec::with_capacity(count);
    let mut line: Vec<DiffPart> = Vec::new();
    for (word, changed) in words.iter().zip(changed) {
        if word.ends_with('\n') {
            lines.push(std::mem::take(&mut line));
            continue;
        }
        match line.last_mut().filter(|last| last.changed == *changed) {
            Some(last) => last.text.push_str(word),
            None => line.push(DiffPart { text: (*word).to_owned(), changed: *changed }),
        }
    }
    if lines.len() < count {
        lines.push(line);
    }
    lines
}

fn plain(text: &str, changed: bool) -> Vec<DiffPart> {
    if text.is_empty() { Vec::new() } else { vec![DiffPart { text: text.to_owned(), changed }] }
}

/// Lines with their ends.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn split_end(line: &str) -> (&str, &str) {
    let text = line.strip_suffix('\n').map_or(line, |text| text.strip_suffix('\r').unwrap_or(text));
    line.split_at(text.len())
}

/// Words, runs of blanks, line ends, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let is_blank = |letter: char| letter.is_whitespace() && letter != '\n' && letter != '\r';
        let length = if is_word(first) {
            rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
        } else if is_blank(first) {
            rest.find(|letter| !is_blank(letter)).unwrap_or(rest.len())
        } else if rest.starts_with("\r\n") {
            2
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        words.push(word);
        rest = after;
    }
    words
}

/// Where each token begins, and the end of the text.
struct Offsets(Vec<usize>);

impl Offsets {
    fn slice<'t>(&self, text: &'t str, range: &std::ops::Range<usize>) -> &'t str {
        let at = |index: usize| self.0.get(index).copied().unwrap_or(text.len());
        text.get(at(range.start)..at(range.end)).unwrap_or_default()
    }
}

fn offsets(tokens: &[&str]) -> Offsets {
    let mut at = 0;
    let mut starts = vec![0];
    for token in tokens {
        at += token.len();
        starts.push(at);
    }
    Offsets(starts)
}

/// Where two lists of lines differ, in order.
pub(crate) fn line_hunks(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let input = interned(old, new);
    let count = old.len() + new.len();
    if count > MANY_LINES && usize::try_from(input.interner.num_tokens()).unwrap_or(usize::MAX) < count / 8 {
        return if old == new { Vec::new() } else { vec![outer(old, new)] };
    }
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    // Sliding a change along equal lines to where a person would put it takes, at worst, all lines for each change.
    if diff.hunks().count().saturating_mul(old.len() + new.len()) < MOST_SLIDES {
        diff.postprocess_lines(&input);
    }
    hunks(&diff)
}

/// All between the first line that differs and the last.
fn outer(old: &[&str], new: &[&str]) -> Hunk {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(one, other)| one == other).count();
    (head..old.len() - tail, head..new.len() - tail)
}

/// Where two lists of words differ, in order; `None` where there are too many of them.
fn word_hunks(old: &[&str], new: &[&str]) -> Option<Vec<Hunk>> {
    if old.len() + new.len() > MOST_WORDS {
        return None;
    }
    let input = interned(old, new);
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_no_heuristic(&input);
    Some(hunks(&diff))
}

fn interned<'t>(old: &[&'t str], new: &[&'t str]) -> InternedInput<&'t str> {
    let mut input = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    input
}

fn hunks(diff: &Diff) -> Vec<Hunk> {
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    diff.hunks()
        .map(|hunk| {
            (index(hunk.before.start)..index(hunk.before.end), index(hunk.after.start)..index(hunk.after.end))
        })
        .collect()
}

#[cfg(test)]
mod tests;
