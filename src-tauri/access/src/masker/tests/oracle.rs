//! What ACCESS.md says of masking, as simple as that: every form is tried at every place of the whole text. Shares the list
//! of forms with the masker, and nothing else; sequences of a terminal are found by regular expressions.

use regex::bytes::Regex;

use crate::{Secret, forms::Forms, scan::WIDEST_GAP, stream::MARK};

/// Sequences of a terminal, each up to its end, or to where another one breaks it off.
fn sequences(text: &[u8]) -> Vec<(usize, usize)> {
    // What stays between an escape character and what follows it.
    let junk = r"[^\x18\x1A\x1B\x20-\x7E]*";
    let kinds = [
        format!(r"(?:\x1B{junk}\[|\xC2\x9B)[^\x18\x1A\x1B\x40-\x7E]*[\x18\x1A\x40-\x7E]?"),
        format!(r"(?:\x1B{junk}\]|\xC2\x9D)[^\x07\x18\x1A\x1B]*[\x07\x18\x1A]?"),
        format!(r"(?:\x1B{junk}P|\xC2\x90)[^\x18\x1A\x1B\x9C]*[\x18\x1A\x9C]?"),
        format!(r"(?:\x1B{junk}[X^_]|\xC2[\x98\x9E\x9F])[^\x18\x1A\x1B]*[\x18\x1A]?"),
        format!(r"\x1B{junk}[\x20-\x2F][^\x18\x1A\x1B\x30-\x7E]*[\x18\x1A\x30-\x7E]?"),
        format!(r"\x1B{junk}[\x18\x1A\x30-\x7E]?"),
    ];
    let any = Regex::new(&format!("(?s-u){}", kinds.join("|"))).unwrap();
    any.find_iter(text).map(|found| (found.start(), found.end())).collect()
}

/// Where the bytes stand that are no control characters.
fn without_controls(text: &[u8]) -> Vec<usize> {
    let control = Regex::new(r"(?s-u)\xC2[\x80-\x9F]|[\x00-\x08\x0B-\x1F\x7F]").unwrap();
    let gone: Vec<_> = control.find_iter(text).collect();
    (0..text.len()).filter(|at| !gone.iter().any(|control| control.range().contains(at))).collect()
}

/// Where forms stand among the bytes at these places.
fn places(text: &[u8], places: &[usize], forms: &[crate::forms::Form]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for from in 0..places.len() {
        for form in forms {
            let Some(places) = places.get(from..from + form.len()) else { continue };
            let same = places.iter().zip(form.iter()).all(|(at, byte)| text[*at] == *byte);
            let near = places.windows(2).all(|pair| pair[1] - pair[0] <= WIDEST_GAP + 1);
            if same && near {
                found.push((places[0], places[form.len() - 1] + 1));
            }
        }
    }
    found
}

/// The text masked.
pub(super) fn masked(secrets: &[Vec<u8>], text: &[u8]) -> Vec<u8> {
    let sequences = sequences(text);
    let raw = without_controls(text);
    let mut shown = raw.clone();
    shown.retain(|at| !sequences.iter().any(|(from, to)| (*from..*to).contains(at)));
    let (mut all, mut touching) = (Vec::new(), Vec::new());
    for secret in secrets.iter().filter(|secret| Secret::new(secret.to_vec()).maskable().is_ok()) {
        let forms = Forms::of(secret);
        for (reading, is_raw) in [(&raw, true), (&shown, false)] {
            let no_space: Vec<usize> = reading.iter().copied().filter(|at| !b" \t\n".contains(&text[*at])).collect();
            let mut found = places(text, reading, &forms.written);
            found.extend(places(text, &no_space, &forms.coded));
            all.extend(found.iter().copied());
            if is_raw {
                touching.extend(found);
            }
        }
    }
    all.sort_unstable();
    let mut out = Vec::new();
    let mut at = 0;
    let mut all = all.into_iter().peekable();
    while let Some((from, mut to)) = all.next() {
        while let Some((_, more)) = all.next_if(|(next, _)| *next < to) {
            to = to.max(more);
        }
        out.extend_from_slice(&text[at..from]);
        out.extend_from_slice(MARK.as_bytes());
        for (begin, end) in sequences.iter().copied() {
            let touched = touching.iter().any(|(from, to)| *from < end && begin < *to);
            if from < begin && end < to && !touched {
                out.extend_from_slice(&text[begin..end]);
            }
        }
        at = to;
    }
    out.extend_from_slice(&text[at..]);
    out
}
