//! How bad an incident is: as the runbook says, until somebody raises or lowers it.

use std::cmp::Ordering;

use format::About;

use super::last;
use crate::state::Mark;

/// How bad it is, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Severity {
    /// As it was written: `SEV2`, `critical`.
    pub value: String,
    /// When, by whom and why it was set in this run; none where the runbook says it.
    pub set: Option<Set>,
}

/// That a severity was set in the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// When.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
    /// What it was before.
    pub before: Option<String>,
}

impl Severity {
    pub(super) fn of(about: &About, marks: &[Mark]) -> Option<Self> {
        let written = about.severity.clone();
        let Some(mark) = last(marks, "severity") else { return written.map(|value| Self { value, set: None }) };
        let value = mark.value.clone()?;
        let others = marks.iter().filter(|other| other.what == "severity" && other.seq < mark.seq);
        let before = others.filter_map(|other| other.value.clone()).next_back().or(written);
        let (at, actor, reason) = (mark.at.clone(), mark.actor.clone(), mark.reason.clone());
        Some(Self { value, set: Some(Set { at, actor, reason, before }) })
    }

    /// `raised` or `lowered`, where both severities have a level; none where they are not comparable, or the same.
    #[must_use]
    pub fn moved(before: &str, now: &str) -> Option<&'static str> {
        match level(now)?.cmp(&level(before)?) {
            Ordering::Less => Some("raised"),
            Ordering::Greater => Some("lowered"),
            Ordering::Equal => None,
        }
    }
}

/// The level of a severity from 1, the worst, to 4: by its number (`SEV2`, `P1`; 0 is 1, beyond 4 is 4) or its word.
#[must_use]
pub fn level(severity: &str) -> Option<u8> {
    let digits: String =
        severity.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    if !digits.is_empty() {
        return Some(digits.parse::<u8>().unwrap_or(u8::MAX).clamp(1, 4));
    }
    let words: Vec<String> = severity.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    match () {
        () if has(&["critical", "blocker", "emergency", "disaster"]) => Some(1),
        () if has(&["high", "major", "urgent", "severe", "error"]) => Some(2),
        () if has(&["medium", "moderate", "normal", "warning"]) => Some(3),
        () if has(&["low", "minor", "info", "informational", "trivial"]) => Some(4),
        () => None,
    }
}

/// The severities to choose from, worst first, in the manner of one that is known: `SEV1` to `SEV4` beside `SEV2`.
#[must_use]
pub fn ladder(known: Option<&str>) -> Vec<String> {
    let known = known.unwrap_or_default().trim();
    let words = ["critical", "high", "medium", "low"];
    if words.iter().any(|word| known.eq_ignore_ascii_case(word)) {
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        };
        let like = |word: &&str| match known {
            _ if known.chars().all(char::is_uppercase) => word.to_uppercase(),
            _ if known.starts_with(char::is_uppercase) => capital(word),
            _ => (*word).to_owned(),
        };
        return words.iter().map(like).collect();
    }
    let before = known.trim_end_matches(|c: char| c.is_ascii_digit());
    let plain = before.len() < known.len() && before.len() <= 12 && !before.contains(|c: char| c.is_ascii_digit());
    let before = if plain { before } else { "SEV" };
    (1..=4).map(|number| format!("{before}{number}")).collect()
}
