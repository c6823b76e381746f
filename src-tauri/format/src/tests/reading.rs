//! The rules of FORMAT.md that no row of the cases shows.

use super::support::check_spans;
use crate::{ItemKind, Runbook, parse, plain_text, show_json};

fn read(markdown: &str) -> Runbook {
    let runbook = parse("folder/reading.md", markdown.as_bytes());
    check_spans(&runbook, markdown.as_bytes());
    runbook
}

fn steps(runbook: &Runbook) -> Vec<(&str, Vec<ItemKind>)> {
    runbook
        .phases
        .iter()
        .flat_map(|section| &section.steps)
        .map(|step| (step.title.as_str(), step.items.iter().map(|item| item.kind).collect()))
        .collect()
}

#[test]
fn the_title_is_the_front_matter_s_else_the_first_heading_else_the_file_s_name() {
    assert_eq!(read("---\ntitle: A\n---\n# B\n").title, "A");
    assert_eq!(read("# B *c*\n\n# D\n").title, "B c");
    assert_eq!(read("text\n").title, "reading");
}

#[test]
fn what_stands_between_two_lists_belongs_to_the_item_before_it_if_the_numbering_goes_on() {
    use ItemKind::{Check, Command};
    let goes_on = read("## Steps\n\n1. A\n2. B\n\nThen:\n\n```sh\nx\n```\n\n3. C\n");
    assert_eq!(steps(&goes_on), [("A", vec![Check]), ("B", vec![Command]), ("C", vec![Check])]);
    let begins_again = read("## Steps\n\n1. A\n2. B\n\nThen:\n\n```sh\nx\n```\n\n1. C\n");
    assert_eq!(
        steps(&begins_again),
        [("A", vec![Check]), ("B", vec![Check]), ("Then:", vec![Command]), ("C", vec![Check])]
    );
}

#[test]
fn nested_entries_are_checks_and_their_parent_is_none() {
    use ItemKind::{Check, Command};
    let runbook = read("## Steps\n\n1. A\n   1. a\n   2. b\n2. B\n   - [ ] c\n   ```sh\n   x\n   ```\n");
    assert_eq!(steps(&runbook), [("A", vec![Check, Check]), ("B", vec![Check, Command])]);
}

#[test]
fn attributes_make_probes_undos_and_messages() {
    let runbook = read(
        "## Steps\n\n```sh {probe}\na\n```\n```sh {every=5s}\nb\n```\n```sh {undo}\nc\n```\n```message {to=ops}\nDown.\n```\n```sh {undo=none}\nd\n```\n",
    );
    use ItemKind::{Command, Message, Probe, Undo};
    assert_eq!(steps(&runbook), [("Steps", vec![Probe, Probe, Undo, Message, Command])]);
    let step = &runbook.phases[0].steps[0];
    assert!(step.can_undo && step.no_return);
    assert_eq!(step.items[3].text, "Down.");
    assert_eq!(step.items[1].options.within, Some(std::time::Duration::from_secs(60)));
}

#[test]
fn advice_for_when_it_fails_is_found() {
    let runbook = read("## Steps\n\n1. A\n\n   ```sh\n   x\n   ```\n\n   **If it fails**, call\n   the owner.\n");
    assert_eq!(runbook.phases[0].steps[0].if_it_fails.as_deref(), Some("**If it fails**, call\nthe owner."));
}

#[test]
fn programs_run_where_the_file_is_one_of_runme_s() {
    assert_eq!(
        read("## Steps\n\n```python\nprint(1)\n```\n")
            .items()
            .filter(|(_, _, item)| item.kind == ItemKind::Command)
            .count(),
        0
    );
    for markdown in [
        "---\nrunme:\n  id: x\n---\n\n```python\nprint(1)\n```\n",
        "```python\n#!/usr/bin/env python3\nprint(1)\n```\n",
        "```rust {interpreter=\"rust-script\"}\nx\n```\n",
    ] {
        assert_eq!(read(markdown).items().count(), 1, "{markdown}");
    }
}

#[test]
fn names_are_slugs_of_three_words_and_numbered_when_taken() {
    let runbook = read(
        "## Steps\n\n```sh\necho hello\n```\n```sh\necho hello\n```\n```sh {name=mine}\nx\n```\n```sh\nkubectl get pods -n web\n```\n",
    );
    let ids: Vec<_> = runbook.items().map(|(_, _, item)| item.id.as_str()).collect();
    assert_eq!(ids, ["echo-hello", "echo-hello-2", "mine", "kubectl-get-pods"]);
    let runbook = read("## Steps\n\n```sh\necho hello\n```\n```sh {name=echo-hello}\nx\n```\n");
    let ids: Vec<_> = runbook.items().map(|(_, _, item)| item.id.as_str()).collect();
    assert_eq!(ids, ["echo-hello-2", "echo-hello"], "a written name comes first");
}

#[test]
fn line_ends_do_not_change_what_is_read() {
    let text = "---\ntitle: A\n---\n## Steps\n\n1. B\n\n   ```sh {name=x}\n   a \\\n     b\n   ```\n\n2. C\n";
    let plain = read(text);
    for other in [text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
        let runbook = read(&other);
        assert_eq!(steps(&runbook), steps(&plain));
        assert_eq!(runbook.title, "A");
        let item = runbook.item("x").expect("the item").2;
        assert_eq!(item.script, "a \\\n  b");
        assert_eq!(item.line, 8);
        assert!(other[item.span.start..].starts_with("```sh"));
        assert_eq!(runbook.blocks[0].text, "a \\\n  b\n");
    }
}

#[test]
fn links_are_resolved() {
    let runbook = read(
        "[a](b \"t\") [c][d] <https://e.example> https://f.example/g_h. ![i](j) `https://k.example`\n\n[d]: ../x.md#y\n",
    );
    let links: Vec<_> = runbook.links.iter().map(|link| (link.text.as_str(), link.url.as_str(), link.line)).collect();
    assert_eq!(
        links,
        [
            ("a", "b", 1),
            ("c", "../x.md#y", 1),
            ("https://e.example", "https://e.example", 1),
            ("https://f.example/g_h", "https://f.example/g_h", 1)
        ]
    );
}

#[test]
fn json_has_the_fields_of_the_format() {
    let shown = show_json(&read(
        "---\nkind: incident\n---\n# T\n\n## Procedure\n\n1. Promote\n\n   ```sh {name=promote expect=promoted}\n   $ go <pod name>\n   promoted\n   ```\n\n[x](y)\n",
    ));
    let keys: Vec<&str> = shown.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["path", "revision", "title", "kind", "front_matter", "phases", "blocks", "links", "problems"]);
    let section = &shown["phases"][0];
    assert_eq!(
        (&section["phase"], &section["heading"], &section["line"]),
        (&"steps".into(), &"Procedure".into(), &6.into())
    );
    let step = &section["steps"][0];
    assert_eq!(
        (&step["id"], &step["title"], &step["line"], &step["can_undo"]),
        (&"promote".into(), &"Promote".into(), &8.into(), &false.into())
    );
    let item = &step["items"][0];
    assert_eq!(item["id"], "promote");
    assert_eq!(item["kind"], "command");
    assert_eq!(item["line"], 10);
    assert_eq!(item["language"], "sh");
    assert_eq!(item["script"], "go <pod name>");
    assert_eq!(item["attributes"], serde_json::json!({"name": "promote", "expect": "promoted"}));
    assert_eq!(item["placeholders"], serde_json::json!(["pod name"]));
    assert_eq!(item["expect"], "promoted");
    assert_eq!(item["span"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        shown["blocks"][0],
        serde_json::json!({"line": 10, "language": "sh", "info": "sh {name=promote expect=promoted}", "text": "$ go <pod name>\npromoted\n"})
    );
    assert_eq!(shown["links"][0], serde_json::json!({"text": "x", "url": "y", "line": 15}));
    let problem = &shown["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["severity"], &problem["fix"]),
        (&"mixed-prompt".into(), &"hint".into(), &serde_json::Value::Null)
    );
}

/// The codes of the whole check, with nothing known about the world.
fn checked(markdown: &str) -> Vec<&'static str> {
    let problems = crate::check(&read(markdown), markdown.as_bytes(), &crate::World::default());
    problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn a_runbook_that_changes_something_says_how_success_looks_and_what_the_way_back_is() {
    let codes =
        |markdown: &str| checked(markdown).into_iter().filter(|code| code.starts_with("no-")).collect::<Vec<_>>();
    assert_eq!(codes("## Fix\n\n```sh\nx\n```\n"), ["no-validation", "no-rollback"]);
    assert_eq!(codes("## Diagnosis\n\n```sh\nx\n```\n"), Vec::<&str>::new());
    assert_eq!(codes("## Fix\n\n```sh {expect=ok}\nx\n```\n```sh {undo}\ny\n```\n"), Vec::<&str>::new());
    assert_eq!(
        codes("## Fix\n\n1. Do\n   ```sh\n   x\n   ```\n2. Verify that it runs\n\n## Rollback\n\nBack.\n"),
        Vec::<&str>::new()
    );
}

#[test]
fn the_parts_that_a_kind_should_have_are_hints() {
    let codes = checked;
    assert_eq!(
        codes("---\nkind: incident\n---\nText\n"),
        ["no-preconditions", "no-owner", "no-severity", "no-responders", "no-links"]
    );
    assert_eq!(codes("---\nkind: routine\n---\nText\n"), ["no-preconditions", "no-outcome", "no-owner", "no-links"]);
    assert_eq!(
        codes("---\nkind: routine\nowner: a\noutcome: b\n---\n## Prerequisites\n\n[a](b)\n"),
        Vec::<&str>::new()
    );
}

#[test]
fn a_title_that_only_repeats_the_front_matter_s_is_no_section() {
    let runbook = read("---\ntitle: Info Inhibitor\n---\n# InfoInhibitor\n\n## Meaning\n\nText.\n");
    assert_eq!(runbook.phases.iter().map(|section| section.heading.as_str()).collect::<Vec<_>>(), ["Meaning"]);
}

#[test]
fn the_search_index_gets_plain_text() {
    let markdown = "---\ntags: a, b\nsummary: Sum\n---\n# T\n\nSome *text* with [a link](x).\n\n## H\n\n- one\n- two\n\n```sh\nls -l\n```\n";
    let text = plain_text(&read(markdown), markdown.as_bytes());
    assert_eq!(text.title, "T");
    assert_eq!(text.headings, "T\nH");
    assert_eq!(text.body, "Sum\nSome text with a link.\none\ntwo");
    assert_eq!(text.commands, "ls -l");
    assert_eq!(text.tags, ["a", "b"]);
}
