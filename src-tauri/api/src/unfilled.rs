//! Places of a message that nobody has filled in yet: asked about before it is said to be sent.

/// What of a text is still to be filled in, in one sentence; none where nothing is. A place is `<what it is for>`: no address, no
/// comparison, no markup with attributes.
#[must_use]
pub fn unfilled(text: &str) -> Option<String> {
    let mut places = places(text);
    let first = places.next()?;
    Some(match places.count() {
        0 => format!("{first} is still to be filled in."),
        1 => format!("{first} and 1 more place are still to be filled in."),
        more => format!("{first} and {more} more places are still to be filled in."),
    })
}

fn places(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('<').filter_map(|(at, _)| {
        let inside = &text[at + 1..];
        let end = inside.find(['<', '>', '=', '@', '\n'])?;
        let begins = inside.starts_with(|first: char| first.is_alphabetic() || "\"'".contains(first));
        (begins && inside[end..].starts_with('>')).then(|| &text[at..at + end + 2])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_nobody_filled_in_is_named_and_addresses_and_comparisons_are_none() {
        for (text, expected) in [
            ("It is over.", None),
            ("a < b, <a@b.example>, < x >, <a href=x>, <3", None),
            ("Over since <time>.", Some("<time> is still to be filled in.")),
            ("<who> since <time>.", Some("<who> and 1 more place are still to be filled in.")),
            ("<who is it?> <time>, <\"why\">", Some("<who is it?> and 2 more places are still to be filled in.")),
        ] {
            assert_eq!(unfilled(text).as_deref(), expected, "{text}");
        }
    }
}
