use proptest::prelude::*;

use super::*;
use crate::apply_text;

fn check_difference(old: &str, new: &str) -> Vec<Edit> {
    let edits = difference(old, new);
    assert_eq!(apply_text(old, &edits).as_deref(), Ok(new), "{old:?} {edits:?}");
    for pair in edits.windows(2) {
        assert!(pair[0].span.end < pair[1].span.start, "{edits:?} touch");
    }
    edits
}

/// Both texts from the lines of a comparison.
fn sides(lines: &[DiffLine]) -> (String, String) {
    let side = |without: DiffKind| {
        lines
            .iter()
            .filter(|line| line.kind != without)
            .flat_map(|line| line.parts.iter().map(|part| part.text.as_str()).chain([line.end.as_str()]))
            .collect()
    };
    (side(DiffKind::Added), side(DiffKind::Removed))
}

/// A comparison as text: `-2 a[b]c`.
fn shown(lines: &[DiffLine]) -> Vec<String> {
    lines
        .iter()
        .map(|line| {
            let sign = match line.kind {
                DiffKind::Same => ' ',
                DiffKind::Added => '+',
                DiffKind::Removed => '-',
                DiffKind::Gap => '@',
            };
            let number = line.old_line.or(line.new_line).unwrap_or_default();
            let text: String = line
                .parts
                .iter()
                .map(|part| if part.changed { format!("[{}]", part.text) } else { part.text.clone() })
                .collect();
            format!("{sign}{number} {text}")
        })
        .collect()
}

#[test]
fn a_difference_touches_only_the_words_that_differ() {
    for (old, new, expected) in [
        ("same\n", "same\n", vec![]),
        ("", "a\n", vec![(0, 0, "a\n")]),
        ("a\n", "", vec![(0, 2, "")]),
        ("one two three\n", "one 2 three\n", vec![(4, 7, "2")]),
        ("a b c\nd e f\ng\n", "a X c\nd e f\nG\n", vec![(2, 3, "X"), (12, 13, "G")]),
        ("systemctl restart web1\n", "systemctl restart web12\n", vec![(22, 22, "2")]),
        ("a\r\nb\r\n", "a\nb\n", vec![(1, 2, ""), (4, 5, "")]),
        ("a", "a\n", vec![(1, 1, "\n")]),
        ("\u{feff}a é b\n", "\u{feff}a è b\n", vec![(5, 7, "è")]),
    ] {
        let edits = check_difference(old, new);
        let found: Vec<_> = edits.iter().map(|edit| (edit.span.start, edit.span.end, edit.text.as_str())).collect();
        assert_eq!(found, expected, "{old:?} {new:?}");
    }
}

#[test]
fn changed_lines_show_which_words_changed() {
    let old = "# Title\n\nrestart the service\nkeep\ngone\n";
    let new = "# Title\n\nrestart the new service\nkeep\n";
    assert_eq!(
        shown(&word_diff(old, new)),
        [" 1 # Title", " 2 ", "-3 restart the service", "+3 restart the [new ]service", " 4 keep", "-5 [gone]"]
    );
}

#[test]
fn lines_with_little_in_common_are_marked_as_a_whole() {
    let lines = word_diff("kubectl get pods, all\n", "systemctl restart nginx, now\n");
    assert_eq!(shown(&lines), ["-1 [kubectl get pods, all]", "+1 [systemctl restart nginx, now]"]);
}

#[test]
fn a_line_end_that_changed_is_kept_with_its_line() {
    let lines = word_diff("a\r\nb\r\nc", "a\r\nb\nc\n");
    let ends: Vec<_> = lines.iter().map(|line| (line.kind, line.end.as_str())).collect();
    assert_eq!(
        ends,
        [
            (DiffKind::Same, "\r\n"),
            (DiffKind::Removed, "\r\n"),
            (DiffKind::Removed, ""),
            (DiffKind::Added, "\n"),
            (DiffKind::Added, "\n"),
        ]
    );
}

#[test]
fn lines_far_from_a_change_are_left_out() {
    let old: String = (1..=20).map(|number| format!("line {number}\n")).collect();
    let new = old.replace("line 10\n", "line ten\n");
    let lines = around_changes(word_diff(&old, &new), 2);
    assert_eq!(
        shown(&lines),
        ["@1 ", " 8 line 8", " 9 line 9", "-10 line [10]", "+10 line [ten]", " 11 line 11", " 12 line 12", "@13 "]
    );
    assert!(around_changes(word_diff(&old, &old), 3).iter().all(|line| line.kind == DiffKind::Gap));
}

#[test]
fn texts_of_a_megabyte_are_compared_whatever_they_hold() {
    let mut state = 1_u64;
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 40
    };
    let ordinary: String =
        (0..20_000).map(|line| format!("{line} restart the service {}\n", number() % 50)).collect();
    let other: String = (0..20_000).map(|line| format!("{line} stop the services {}\n", number() % 50)).collect();
    let one_line = ordinary.replace('\n', " ");
    let other_line = other.replace('\n', " ");
    let blank = "\n".repeat(1_000_000);
    let shuffled: String = (0..200_000).map(|_| ["a\n", "b\n", "c\n", "\n"][(number() % 4) as usize]).collect();
    for (old, new) in
        [(&ordinary, &other), (&one_line, &other_line), (&blank, &ordinary), (&shuffled, &blank), (&ordinary, &blank)]
    {
        check_difference(old, new);
        assert_eq!(sides(&word_diff(old, new)), (old.clone(), new.clone()));
    }
}

/// Texts in which much is alike.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a b\n"),
        Just("a c\n"),
        Just("a\n"),
        Just("\n"),
        Just("a b\r\n"),
        Just("\r"),
        Just("é"),
        Just("x-y "),
        Just("\u{feff}"),
        Just("~~~\n"),
        Just("\tb"),
        Just("- [ ] c\n"),
    ];
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_difference_turns_any_text_into_any_other(old in text(), new in text()) {
        check_difference(&old, &new);
        check_difference(&old, &old);
    }

    #[test]
    fn a_comparison_holds_both_texts_whole(old in text(), new in text()) {
        prop_assert_eq!(sides(&word_diff(&old, &new)), (old, new));
    }
}
