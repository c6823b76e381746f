//! Whatever edit the program makes of any Markdown, all bytes outside of its spans stay: nested lists and quotes, fences of
//! all kinds, HTML, tabs, every line end, byte order marks, NUL and bytes that are no text. `edits.rs` does the same over
//! the corpus. `PROPTEST_CASES` says how many texts are tried.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::fixing::{edited, problems, world};
use super::support::check_spans;
use crate::snippets::tests::unfilled;
use crate::{Edit, Merge, Span, Target, difference, front_matter_set, guidance, merge, parse, relink, snippets};

/// As many as are asked for, else what takes a few seconds.
fn cases() -> u32 {
    std::env::var_os("PROPTEST_CASES").map_or(64, |_| ProptestConfig::default().cases)
}

/// What a line may stand in, from the left.
fn containers() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        4 => Just(""),
        1 => Just("  "),
        1 => Just("   "),
        1 => Just("    "),
        1 => Just("\t"),
        1 => Just(" \t"),
        2 => Just("- "),
        1 => Just("* "),
        1 => Just("-\t"),
        2 => Just("1. "),
        1 => Just("12) "),
        1 => Just("> "),
        1 => Just(">"),
        1 => Just("- [ ] "),
    ];
    prop::collection::vec(one, 0..4).prop_map(|parts| parts.concat())
}

/// What a line says.
fn words() -> impl Strategy<Value = &'static [u8]> {
    const WORDS: &[&[u8]] = &[
        b"",
        b"text",
        b"# Title",
        b"## Steps",
        b"## Rollback",
        b"### 2. Go",
        b"Setext\n===",
        b"Setext\n---",
        b"---",
        b"+++",
        b"{\"title\": \"a\"}",
        b"title: a",
        b"title: \"a\" # why",
        b"tags: [a, b]",
        b"params: {HOST: {prompt: Which}}",
        b"owner:",
        b"# guidance: Who keeps it.",
        b"<!-- guidance: say it -->",
        b"<!-- guidance: say",
        b"-->",
        b"reviewed: 2020-01-01",
        b"title = \"a\"",
        b"[params.HOST]",
        b"```sh",
        b"```",
        b"````bash {name=a timeout=5s}",
        b"````",
        b"~~~",
        b"~~~ {name=a}",
        b"~~~console",
        b"```sh {confrim=yes expect=/[/}",
        b"```message {to=ops}",
        b"```sh {\"name\": \"a\"}",
        b"$ ls <a b>",
        b"echo '$X' \"[NAME]\" <node>",
        b"cat <<EOF",
        b"EOF",
        b"ssh web1",
        b"export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzR4n5K8TgQpZ",
        b"password: hunter2-Xk29!qLmZ",
        b"[l](other.md#a-heading) and ![i](img/a.png \"t\")",
        b"[l](<other page.md>) [r][d] [d] <https://e.example/x>",
        b"[d]: other.md 'title'",
        b"[w](../other.md) [[other]] [[other#a|b]] ![[img/a.png]]",
        b"<a href=\"other.md\">x</a> <img src='img/a.png'>",
        b"<details><summary>s</summary>",
        b"</details>",
        b"<div>",
        b"<script>alert(1)</script>",
        b"<!-- c -->",
        b"| a | b |",
        b"|---|---|",
        b"{{name}} {{ x.y }} {% if %}",
        b"**If it fails** do",
        b"[^1] and",
        b"[^1]: note",
        b"\\",
        b"line  ",
        "é… 😀 \u{2028}".as_bytes(),
        b"\xef\xbb\xbf",
        b"nul \0 here",
        b"bad \xff\xfe bytes \xe2\x82 cut",
        b"\x80",
        b"\x0c",
        b"a\tb",
    ];
    prop::sample::select(WORDS)
}

fn line_end() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![
        6 => Just(&b"\n"[..]),
        2 => Just(&b"\r\n"[..]),
        1 => Just(&b"\r"[..]),
        1 => Just(&b"\n\n"[..]),
        1 => Just(&b"\r\n\r\n"[..]),
        1 => Just(&b""[..]),
    ]
}

/// A file in which anything may stand: mostly lines of Markdown, sometimes behind a front matter, sometimes mere bytes.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let line =
        (containers(), words(), line_end()).prop_map(|(before, words, end)| [before.as_bytes(), words, end].concat());
    let lines = prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat());
    let front = prop_oneof![
        6 => Just(&b""[..]),
        2 => Just(&b"---\ntitle: a # b\nowner:\n# guidance: Who.\ntags:\n- x\n---\n"[..]),
        1 => Just(&b"---\r\ntitle: 'it''s'\r\nreviewed: 2020-01-01\r\n---\r\n"[..]),
        1 => Just(&b"\xef\xbb\xbf---\nkind: incident\n...\n"[..]),
        1 => Just(&b"+++\ntitle = \"a\" # b\n[params.HOST]\nprompt = \"x\"\n+++\n"[..]),
        1 => Just(&b"{\n  \"title\": \"a\",\n  \"tags\": [\"x\"]\n}\n\n"[..]),
        1 => Just(&b"---\rtitle: a\r---\r"[..]),
        1 => Just(&b"---\ntitle: a\n"[..]),
    ];
    let noise = prop::collection::vec((any::<Index>(), any::<u8>()), 0..3);
    (front, lines, noise).prop_map(|(front, lines, noise)| {
        let mut bytes = [front, &lines].concat();
        for (at, byte) in noise {
            bytes.insert(at.index(bytes.len() + 1), byte);
        }
        bytes
    })
}

/// The text as an editor holds it.
fn as_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn insertion(at: usize, text: String) -> Edit {
    Edit { span: Span { start: at, end: at }, text }
}

/// A text after a few replacements.
fn changed(text: &str, changes: &[(Index, usize, String)]) -> String {
    let boundary = |text: &str, mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let mut other = text.to_owned();
    for (at, gone, come) in changes {
        let start = boundary(&other, at.index(other.len() + 1));
        let end = boundary(&other, (start + gone).min(other.len())).max(start);
        other.replace_range(start..end, come);
    }
    other
}

/// Outside of its conflicts a joined text is made of the lines of the three; inside it holds ours.
fn check_merge(base: &str, ours: &str, theirs: &str) {
    let Merge { text, conflicts } = merge(base, ours, theirs);
    let mut at = 0;
    for conflict in &conflicts {
        assert!(at <= conflict.merged.start, "conflicts stand in order");
        assert_eq!(
            &text[conflict.merged.start..conflict.merged.end],
            &ours[conflict.ours.start..conflict.ours.end],
            "a conflict holds ours"
        );
        assert!(base.get(conflict.base.start..conflict.base.end).is_some());
        assert!(theirs.get(conflict.theirs.start..conflict.theirs.end).is_some());
        at = conflict.merged.end;
    }
    let known: BTreeSet<&str> =
        [base, ours, theirs].into_iter().flat_map(|text| text.split_inclusive('\n')).collect();
    for line in text.split_inclusive('\n') {
        // The last line of a text may have had no end.
        assert!(
            known.contains(line) || known.iter().any(|known| line.starts_with(known) || known.starts_with(line)),
            "{line:?} comes from nowhere"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_fix_and_every_key_set_leaves_all_other_bytes(bytes in any_file()) {
        let path = "any.md";
        let world = world(path, &bytes);
        for problem in problems(path, &bytes, &world) {
            for fix in &problem.fixes {
                let mended = edited(&format!("{}: {}", problem.code, fix.title), &bytes, &fix.edits);
                check_spans(&parse(path, &mended), &mended);
            }
        }
        for (key, value) in [
            ("title", Some(json!("Disk: 100 % \"full\""))),
            ("owner", Some(json!("größer"))),
            ("tags", Some(json!(["a", "b c"]))),
            ("new key", Some(json!({"a": {"b": null}}))),
            ("tags", None),
            ("title", None),
        ] {
            let Some(edits) = front_matter_set(&bytes, key, value.as_ref()) else { continue };
            let with = edited(&format!("set {key}"), &bytes, &edits);
            let read = parse(path, &with);
            prop_assert_eq!(read.front_matter.get(key), value.as_ref(), "{}", key);
        }
    }

    #[test]
    fn every_link_that_follows_leaves_all_other_bytes(
        bytes in any_file(),
        new in "[a-z]{1,8}(/[a-z ()é]{1,8}x)?\\.md",
    ) {
        let path = "folder/any.md";
        let runbook = parse(path, &bytes);
        let inside = |target: &Target| match target {
            Target::Inside { path, .. } => Some(path.clone()),
            _ => None,
        };
        let links = runbook.links.iter().map(|link| &link.target).chain(runbook.images.iter().map(|one| &one.target));
        let mut files: BTreeSet<String> = links.filter_map(inside).collect();
        files.extend(["folder/other.md".to_owned(), path.to_owned()]);
        for old in &files {
            let edits = relink(&runbook, &bytes, path, old, &new, &files);
            let after = edited(&format!("{old} becomes {new}"), &bytes, &edits);
            let again = parse(path, &after);
            prop_assert_eq!(again.links.len() + again.images.len(), runbook.links.len() + runbook.images.len());
            prop_assert_eq!(again.blocks.len(), runbook.blocks.len());
        }
    }

    #[test]
    fn every_insertion_and_guidance_that_goes_leaves_all_other_bytes(bytes in any_file()) {
        let path = "any.md";
        let runbook = parse(path, &bytes);
        let mut places: BTreeSet<usize> =
            runbook.phases.iter().flat_map(|section| &section.steps).map(|step| step.span.end).collect();
        places.extend([0, bytes.len()]);
        for at in places {
            for snippet in snippets() {
                let edit = insertion(at, format!("\n{}", unfilled(snippet)));
                edited(&format!("{} at {at}", snippet.name), &bytes, std::slice::from_ref(&edit));
            }
        }
        for one in guidance(&runbook, &bytes) {
            let Span { start, end } = one.remove.span;
            prop_assert!(one.remove.text.is_empty() && start <= one.span.start && one.span.end <= end);
            let gone = String::from_utf8_lossy(&bytes[start..end]).into_owned();
            prop_assert!(gone.trim_start().starts_with("<!--") || gone.trim_start().starts_with('#'), "{:?}", gone);
            prop_assert!(gone.contains("guidance:"), "{:?}", gone);
            edited("guidance goes", &bytes, std::slice::from_ref(&one.remove));
        }
    }

    #[test]
    fn every_restore_and_every_joining_leaves_all_other_bytes(
        bytes in any_file(),
        ours in prop::collection::vec((any::<Index>(), 0_usize..60, "[a-z\r\né]{0,12}"), 0..5),
        theirs in prop::collection::vec((any::<Index>(), 0_usize..60, "[a-z\r\né]{0,12}"), 0..5),
    ) {
        let base = as_text(&bytes);
        let (ours, theirs) = (changed(&base, &ours), changed(&base, &theirs));
        for (old, new) in [(&base, &ours), (&ours, &theirs), (&theirs, &base)] {
            let edits = difference(old, new);
            prop_assert_eq!(&as_text(&edited("difference", old.as_bytes(), &edits)), new);
        }
        check_merge(&base, &ours, &theirs);
        prop_assert_eq!(merge(&base, &ours, &base).text, ours.as_str());
        prop_assert_eq!(merge(&base, &base, &theirs).text, theirs.as_str());
        prop_assert_eq!(merge(&base, &ours, &ours), Merge { text: ours.clone(), conflicts: Vec::new() });
    }
}
