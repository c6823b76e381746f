//! Whatever edit the program makes, all bytes outside of its spans stay. Files are drawn from the corpus by the seed of each
//! case, with either line end and with a byte order mark or without. The fixes of the check go over the whole corpus, in
//! `fixing.rs`; so does the following of links, in `links.rs`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::fixing::edited;
use super::support::corpus;
use crate::snippets::tests::unfilled;
use crate::{Edit, Span, Target, difference, front_matter_set, guidance, parse, relink, snippets};

static CORPUS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(corpus);

/// A file of the corpus as somebody else might have saved it.
fn file() -> impl Strategy<Value = (String, String)> {
    (any::<Index>(), any::<bool>(), any::<bool>()).prop_map(|(file, returns, mark)| {
        let (path, bytes) = file.get(&CORPUS);
        let mut text = String::from_utf8(bytes.clone()).expect("the corpus is UTF-8");
        if returns {
            text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        if mark && !text.starts_with('\u{feff}') {
            text.insert(0, '\u{feff}');
        }
        let (_, path) = path.rsplit_once("shared/corpus/").expect("the corpus");
        (path.to_owned(), text)
    })
}

/// The nearest place at or before an offset that cuts no letter.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn insertion(at: usize, text: &str) -> Edit {
    Edit { span: Span { start: at, end: at }, text: text.to_owned() }
}

/// Keys set and removed one after the other; each holds what was set.
fn set_keys(path: &str, text: &str) {
    let mut bytes = text.as_bytes().to_vec();
    for (key, value) in [
        ("title", Some(json!("Disk: 100 % \"full\""))),
        ("owner", Some(json!("web team"))),
        ("tags", Some(json!(["a", "b c"]))),
        ("reviewed", Some(json!("2026-11-22"))),
        ("params", Some(json!({"HOST": {"prompt": "Which host"}}))),
        ("owner", Some(json!("größer"))),
        ("tags", None),
        ("title", None),
    ] {
        let value: Option<Value> = value;
        let Some(edits) = front_matter_set(&bytes, key, value.as_ref()) else { continue };
        bytes = edited(&format!("{path}: set {key}"), &bytes, &edits);
        assert_eq!(parse(path, &bytes).front_matter.get(key), value.as_ref(), "{path}: {key}");
    }
}

/// Guidance behind each step is found, and each goes with its own line.
fn remove_guidance(path: &str, text: &str) {
    let ends: BTreeSet<usize> = steps(path, text).into_iter().collect();
    let edits: Vec<Edit> =
        ends.into_iter().map(|end| insertion(end, "\n\n<!-- guidance: say it -->\n\nSaid.\n\n")).collect();
    let with = edited(&format!("{path}: add guidance"), text.as_bytes(), &edits);
    for one in guidance(&parse(path, &with), &with) {
        let what = format!("{path}: remove guidance at {}", one.span.start);
        assert!(one.remove.text.is_empty() && one.remove.span.start <= one.span.start, "{what}");
        let gone = &with[one.remove.span.start..one.remove.span.end];
        assert_eq!(String::from_utf8_lossy(gone).trim(), "<!-- guidance: say it -->", "{what}");
        edited(&what, &with, std::slice::from_ref(&one.remove));
    }
}

/// Where steps end.
fn steps(path: &str, text: &str) -> Vec<usize> {
    let runbook = parse(path, text.as_bytes());
    runbook.phases.iter().flat_map(|section| &section.steps).map(|step| step.span.end).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_edit_leaves_all_bytes_outside_of_its_spans(
        (path, text) in file(),
        changes in prop::collection::vec((any::<Index>(), 0_usize..60, "[a-z\né]{0,12}"), 0..6),
        new in "[a-z]{1,8}(/[a-z ]{1,8}x)?\\.md",
    ) {
        set_keys(&path, &text);
        remove_guidance(&path, &text);

        let mut other = text.clone();
        for (at, gone, come) in &changes {
            let start = boundary(&other, at.index(other.len() + 1));
            let end = boundary(&other, (start + gone).min(other.len())).max(start);
            other.replace_range(start..end, come);
        }
        let edits = difference(&text, &other);
        assert!(edited(&format!("{path}: difference"), text.as_bytes(), &edits) == other.as_bytes(), "{path}");

        let runbook = parse(&path, text.as_bytes());
        let mut files: BTreeSet<String> = runbook
            .links
            .iter()
            .filter_map(|link| match &link.target {
                Target::Inside { path, .. } if path.ends_with(".md") => Some(path.clone()),
                _ => None,
            })
            .collect();
        files.insert(path.clone());
        for old in &files {
            let edits = relink(&runbook, text.as_bytes(), &path, old, &new, &files);
            edited(&format!("{path}: {old} becomes {new}"), text.as_bytes(), &edits);
        }

        for end in steps(&path, &text) {
            for snippet in snippets() {
                let edit = insertion(end, &format!("\n{}", unfilled(snippet)));
                let what = format!("{path}: {} at {end}", snippet.name);
                edited(&what, text.as_bytes(), std::slice::from_ref(&edit));
            }
        }
    }
}
