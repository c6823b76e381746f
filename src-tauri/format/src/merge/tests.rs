use proptest::prelude::*;

use super::*;

/// What the sides hold in a conflict, as text.
fn shown(base: &str, ours: &str, theirs: &str) -> (String, Vec<(String, String, String)>) {
    let merged = merge(base, ours, theirs);
    let conflicts = merged
        .conflicts
        .iter()
        .map(|conflict| {
            assert_eq!(slice(&merged.text, conflict.merged), slice(ours, conflict.ours));
            let of = |text: &str, span| slice(text, span).to_owned();
            (of(base, conflict.base), of(ours, conflict.ours), of(theirs, conflict.theirs))
        })
        .collect();
    (merged.text, conflicts)
}

#[test]
fn changes_that_do_not_touch_are_joined() {
    for (base, ours, theirs, expected) in [
        ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"),
        ("a\nb\nc\n", "a\nb\n", "0\na\nb\nc\n", "0\na\nb\n"),
        ("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n", "a\nB\nc\n"),
        ("a\r\nb\r\nc", "a\r\nb\r\nC", "A\r\nb\r\nc", "A\r\nb\r\nC"),
        ("\u{feff}a\nb\nc\n", "\u{feff}a\nb\nc\nd", "\u{feff}A\nb\nc\n", "\u{feff}A\nb\nc\nd"),
        ("", "a\n", "", "a\n"),
        ("a\nb\nc", "a\nb\nc\n", "x\nb\nc", "x\nb\nc\n"),
        ("a\nb\nc\nd\ne\n", "a\ne\n", "a\nb\nc\nd\ne\nf\n", "a\ne\nf\n"),
    ] {
        assert_eq!(shown(base, ours, theirs), (expected.to_owned(), vec![]), "{base:?} {ours:?} {theirs:?}");
        assert_eq!(shown(base, theirs, ours), (expected.to_owned(), vec![]), "{base:?} {theirs:?} {ours:?}");
    }
}

#[test]
fn changes_that_touch_are_left_to_a_person_and_nothing_is_written_between() {
    for (base, ours, theirs, text, conflict) in [
        ("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n", "a\nX\nc\n", ("b\n", "X\n", "Y\n")),
        ("a\nb\nc\n", "A\nb\nc\n", "a\nB\nc\n", "A\nb\nc\n", ("a\nb\n", "A\nb\n", "a\nB\n")),
        ("a\n", "a\nx\n", "a\ny\n", "a\nx\n", ("", "x\n", "y\n")),
        ("a\nb\nc\n", "a\nc\n", "a\nY\nc\n", "a\nc\n", ("b\n", "", "Y\n")),
        ("a\nb\n", "a\nb", "a\nB\n", "a\nb", ("b\n", "b", "B\n")),
        (
            "a\nb\nc\nd\n",
            "A\nb\nc\nD\n",
            "X\nX\nX\nX\n",
            "A\nb\nc\nD\n",
            ("a\nb\nc\nd\n", "A\nb\nc\nD\n", "X\nX\nX\nX\n"),
        ),
    ] {
        let (base_part, our_part, their_part) = conflict;
        let conflict = (base_part.to_owned(), our_part.to_owned(), their_part.to_owned());
        assert_eq!(shown(base, ours, theirs), (text.to_owned(), vec![conflict]), "{base:?} {ours:?} {theirs:?}");
    }
}

#[test]
fn what_does_not_touch_is_joined_beside_a_conflict() {
    let (text, conflicts) = shown("a\nb\nc\nd\ne\n", "A\nb\nc\nd\nX\n", "a\nb\nC\nd\nY\n");
    assert_eq!(text, "A\nb\nC\nd\nX\n");
    assert_eq!(conflicts, [("e\n".to_owned(), "X\n".to_owned(), "Y\n".to_owned())]);
}

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![Just("a\n"), Just("b\n"), Just("c\r\n"), Just("\n"), Just("d\n"), Just("e")];
    prop::collection::vec(line, 0..14).prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_side_that_changed_nothing_yields_to_the_other(base in text(), other in text()) {
        let expected = Merge { text: other.clone(), conflicts: vec![] };
        prop_assert_eq!(&merge(&base, &other, &base), &expected);
        prop_assert_eq!(&merge(&base, &base, &other), &expected);
        prop_assert_eq!(&merge(&base, &other, &other), &expected);
    }

    #[test]
    fn it_does_not_matter_who_is_who(base in text(), ours in text(), theirs in text()) {
        let (one, other) = (merge(&base, &ours, &theirs), merge(&base, &theirs, &ours));
        let spans = |merged: &Merge, swap: bool| merged.conflicts.iter().map(|conflict| {
            if swap { (conflict.base, conflict.theirs, conflict.ours) } else { (conflict.base, conflict.ours, conflict.theirs) }
        }).collect::<Vec<_>>();
        prop_assert_eq!(spans(&one, false), spans(&other, true));
        if one.conflicts.is_empty() {
            prop_assert_eq!(one.text, other.text);
        }
    }

    #[test]
    fn nothing_of_either_side_is_lost(base in text(), ours in text(), theirs in text()) {
        let merged = merge(&base, &ours, &theirs);
        // Every line that a side brought is in the text, or in a conflict.
        for side in [&ours, &theirs] {
            let ours_or_theirs = |conflict: &Conflict| {
                if side == &ours { slice(&ours, conflict.ours) } else { slice(&theirs, conflict.theirs) }
            };
            let held: Vec<&str> =
                std::iter::once(merged.text.as_str()).chain(merged.conflicts.iter().map(ours_or_theirs)).collect();
            let count = |text: &str, line: &str| lines(text).iter().filter(|one| **one == line).count();
            for line in lines(side) {
                let kept: usize = held.iter().map(|text| count(text, line)).sum();
                prop_assert!(kept > 0 || count(&base, line) > 0, "{line:?} of {side:?} is lost in {merged:?}");
            }
        }
        for conflict in &merged.conflicts {
            prop_assert_eq!(slice(&merged.text, conflict.merged), slice(&ours, conflict.ours));
        }
    }

    #[test]
    fn edits_of_different_lines_are_both_in_the_text(
        base in prop::collection::vec("[a-z]{6}", 3..12),
        first in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
        crlf in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let (first, second) = (first.index(base.len()), second.index(base.len()));
        prop_assume!(first.abs_diff(second) > 1);
        let with = |changes: &[(usize, &str)]| -> String {
            base.iter().enumerate().map(|(index, line)| {
                let line = changes.iter().find(|(at, _)| *at == index).map_or(line.as_str(), |(_, new)| new);
                format!("{line}{end}")
            }).collect()
        };
        let merged = merge(&with(&[]), &with(&[(first, "OURS")]), &with(&[(second, "THEIRS")]));
        prop_assert_eq!(merged, Merge { text: with(&[(first, "OURS"), (second, "THEIRS")]), conflicts: vec![] });
    }
}
