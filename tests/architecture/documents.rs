//! The documents: what they name is there.

use std::{collections::BTreeSet, fs, path::PathBuf};

use regex::Regex;

use crate::files::{root, texts};

/// The pages for people: at the top level and in `docs/`.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages = Vec::new();
    for folder in [root(), root().join("docs")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "md") {
                let text = fs::read_to_string(&path).unwrap();
                pages.push((path, text));
            }
        }
    }
    assert!(pages.len() > 5, "the pages are looked for in the wrong place");
    pages
}

#[test]
fn every_test_that_the_architecture_names_is_there() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let table = text.split("## Invariants").nth(1).unwrap().split("\n## ").next().unwrap();
    assert_tests_are_there("ARCHITECTURE.md", table, 20);
}

#[test]
fn every_attribute_of_runme_on_its_page_has_a_test_that_is_there() {
    let page = fs::read_to_string(root().join("docs/runme.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 2);
    let without: Vec<_> = rows.filter(|row| !row.trim_end().ends_with("` |")).collect();
    assert!(without.is_empty(), "rows without a test: {without:?}");
    assert_tests_are_there("docs/runme.md", &page, 20);
}

#[test]
fn every_rule_of_runs_has_a_test_that_is_there() {
    let page = fs::read_to_string(root().join("docs/run-rules.md")).unwrap();
    let rows =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rule ") && !line.contains("---"));
    let without: Vec<_> = rows.filter(|row| !row.trim_end().ends_with("` |")).collect();
    assert!(without.is_empty(), "rules without a test: {without:?}");
    assert_tests_are_there("docs/run-rules.md", &page, 80);
}

#[test]
fn every_line_of_adversity_has_a_test_that_is_there() {
    let page = fs::read_to_string(root().join("docs/adversity.md")).unwrap();
    let rows =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what ") && !line.contains("---"));
    let without: Vec<_> = rows.filter(|row| !row.trim_end().ends_with("` |")).collect();
    assert!(without.is_empty(), "lines without a test: {without:?}");
    assert_tests_are_there("docs/adversity.md", &page, 25);
}

#[test]
fn every_promise_of_security_and_every_attack_has_a_test_that_is_there() {
    for (page, heading) in [("SECURITY.md", "| promise "), ("docs/attacks.md", "| tried ")] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let table = text.lines().skip_while(|line| !line.starts_with(heading)).skip(2);
        let rows: Vec<&str> = table.take_while(|line| line.starts_with("| ")).collect();
        let without: Vec<_> = rows.iter().filter(|row| !row.trim_end().ends_with("` |")).collect();
        assert!(without.is_empty(), "{page}: rows without a test: {without:?}");
        assert_tests_are_there(page, &text, 15);
    }
}

/// Every test that a text names in backticks, of four words or more, is one; there are more than so many.
fn assert_tests_are_there(page: &str, text: &str, least: usize) {
    let name = Regex::new("`([a-z0-9]+(?:_[a-z0-9]+){3,})`").unwrap();
    let named: BTreeSet<&str> = name.captures_iter(text).map(|one| one.get(1).unwrap().as_str()).collect();
    assert!(named.len() > least, "{page} names only {} tests: was its table found?", named.len());
    let sources = ["src-tauri", "tests"].map(|folder| texts(folder, &["rs"])).concat();
    let function =
        Regex::new(r"(?m)#\[test\](?:\s*#\[[^\n]*\])*\s*fn\s+(\w+)|^\s*fn\s+(\w+)\s*\(\s*\w+ in ").unwrap();
    let tests: BTreeSet<&str> = sources
        .iter()
        .flat_map(|(_, text)| function.captures_iter(text))
        .filter_map(|one| one.get(1).or(one.get(2)))
        .map(|name| name.as_str())
        .collect();
    // Those of the interface are sentences.
    let interface = texts("ui/src", &["ts"]);
    let sentence = Regex::new(r#"(?m)^\s*test\("([^"]+)""#).unwrap();
    let snake = |text: &str| Regex::new("[^a-z0-9]+").unwrap().replace_all(&text.to_lowercase(), "_").into_owned();
    let sentences: Vec<String> = interface
        .iter()
        .flat_map(|(_, text)| sentence.captures_iter(text))
        .map(|one| snake(one.get(1).unwrap().as_str()))
        .collect();
    let tests: BTreeSet<&str> = tests.into_iter().chain(sentences.iter().map(String::as_str)).collect();
    let missing: Vec<_> = named.difference(&tests).collect();
    assert!(missing.is_empty(), "{page} names tests that are not there: {missing:?}");
}

#[test]
fn a_link_between_the_documents_leads_somewhere() {
    let link = Regex::new(r"(?:^|[^!])\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)").unwrap();
    // What stands in a fenced block is an example, not a link.
    let fenced = Regex::new(r"(?ms)^ *```.*?^ *```[ \t]*$").unwrap();
    for (page, text) in pages() {
        let text = fenced.replace_all(&text, "");
        for target in link.captures_iter(&text).map(|one| one.get(1).unwrap().as_str()) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{} links to {target}, which is not there", page.display());
        }
    }
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let all = pages();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for (page, _) in &all {
        let path = page.strip_prefix(root()).unwrap().display().to_string();
        assert!(path == "README.md" || readme.contains(&format!("({path})")), "README.md does not lead to {path}");
    }
}

#[test]
fn the_page_of_the_journal_names_every_kind_of_event_and_every_field() {
    let page = fs::read_to_string(root().join("docs/journal.md")).unwrap();
    let source = fs::read_to_string(root().join("src-tauri/engine/src/event.rs")).unwrap();
    let facts = source.split("pub enum Fact {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let name = Regex::new(r"(?m)^    ([A-Z]\w+) \{|^        ([a-z_0-9]+):").unwrap();
    let mut count = 0;
    for one in name.captures_iter(facts) {
        let name = match (one.get(1), one.get(2)) {
            (Some(kind), _) => snake_case(kind.as_str()),
            (_, field) => field.unwrap().as_str().to_owned(),
        };
        assert!(page.contains(&format!("`{name}`")), "docs/journal.md does not name `{name}`");
        count += 1;
    }
    assert!(count > 60, "the kinds of events were not found");
}

fn snake_case(name: &str) -> String {
    let word = Regex::new("[A-Z][a-z]*").unwrap();
    word.find_iter(name).map(|word| word.as_str().to_lowercase()).collect::<Vec<_>>().join("_")
}
