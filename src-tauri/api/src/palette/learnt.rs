//! What was chosen before counts: much for the text that it was chosen for and for those that begin it or go on from it, a little
//! for every other, and less as time goes by.

use std::collections::HashMap;

use jiff::Timestamp;
use store::Choice;

/// After so many days a choice counts half.
const HALF_LIFE: f32 = 30.0;
/// How much of a choice counts for a text that goes on from its own, or begins it.
const NEAR: f32 = 0.5;
/// The most that choices for a text count for, where a perfect match counts 1.2: ten choices count 2.2, four 1.3.
const MOST: f32 = 4.0;
const HALF_OF_MOST: f32 = 8.0;
/// How much it counts that something was chosen just now, whatever for; half after a week.
const RECENT: f32 = 0.15;
const RECENT_HALF_LIFE: f32 = 7.0;

/// The form of a text in which choices for it are kept.
pub(super) fn form(typed: &str) -> String {
    typed.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// What a text has taught.
pub(super) struct Learnt<'a> {
    counts: HashMap<(&'a str, &'a str, &'a str), f32>,
}

impl<'a> Learnt<'a> {
    pub(super) fn new(choices: &'a [Choice], typed: &str, now: Timestamp) -> Self {
        let text = form(typed);
        let mut gathered: HashMap<(&str, &str, &str), (f32, f32)> = HashMap::new();
        for choice in choices {
            let days = choice
                .chosen_at
                .parse::<Timestamp>()
                .map_or(f32::MAX, |at| (now.duration_since(at).as_secs_f32() / 86_400.0).max(0.0));
            let of = gathered.entry((&choice.kind, &choice.target, &choice.part)).or_default();
            of.1 = of.1.max(RECENT * 0.5_f32.powf(days / RECENT_HALF_LIFE));
            let near = match choice.text.as_str() {
                same if same == text => 1.0,
                "" => 0.0,
                other if text.starts_with(other) || other.starts_with(&text) => NEAR,
                _ => 0.0,
            };
            of.0 += near * choice.count as f32 * 0.5_f32.powf(days / HALF_LIFE);
        }
        let counts =
            gathered.into_iter().map(|(key, (times, recent))| (key, MOST * times / (times + HALF_OF_MOST) + recent));
        Self { counts: counts.collect() }
    }

    /// What past choices add to how well it matches.
    pub(super) fn of(&self, kind: &str, target: &str, part: &str) -> f32 {
        if self.counts.is_empty() {
            return 0.0;
        }
        self.counts.get(&(kind, target, part)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(text: &str, target: &str, count: u32, chosen_at: &str) -> Choice {
        let (text, target, chosen_at) = (text.to_owned(), target.to_owned(), chosen_at.to_owned());
        Choice { text, kind: "link".to_owned(), target, part: String::new(), count, chosen_at }
    }

    const NOW: &str = "2026-11-22T15:00:00Z";

    fn of(choices: &[Choice], typed: &str, target: &str) -> f32 {
        Learnt::new(choices, typed, NOW.parse().unwrap()).of("link", target, "")
    }

    #[test]
    fn ten_choices_for_a_text_count_for_more_than_any_match_also_where_it_goes_on_or_begins() {
        let choices = [choice("or", "1", 10, NOW)];
        for typed in ["or", "OR ", "ord", "orders over", "o"] {
            assert!(of(&choices, typed, "1") > 1.3, "{typed}");
        }
        assert!(of(&choices, "di", "1") <= RECENT, "for another text it was only chosen lately");
        assert_eq!(of(&choices, "or", "2"), 0.0);
    }

    #[test]
    fn old_choices_fade_and_what_is_chosen_now_takes_their_place() {
        let choices = [choice("or", "old", 20, "2026-06-01T00:00:00Z"), choice("or", "new", 3, NOW)];
        assert!(of(&choices, "or", "new") > of(&choices, "or", "old"));
        let unreadable = [choice("or", "1", 10, "yesterday")];
        assert_eq!(of(&unreadable, "or", "1"), 0.0);
    }
}
