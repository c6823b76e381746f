//! Real runbooks.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::support::{check_page, check_spans, corpus};
use crate::{parse, plain_text, show_json};

/// Fences as a bare walk of the parser gives them: language, info and text.
fn reference(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some((info.to_string(), String::new()))
            }
            Event::Text(part) => {
                if let Some((_, text)) = &mut open {
                    text.push_str(&part);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

#[test]
fn all_files_list_the_blocks_that_the_parser_finds_with_the_same_text() {
    let mut count = 0;
    for (path, bytes) in corpus() {
        let text = String::from_utf8(bytes.clone()).expect("the corpus is UTF-8");
        let runbook = parse(&path, &bytes);
        let found: Vec<_> = runbook.blocks.iter().map(|block| (block.info.clone(), block.text.clone())).collect();
        assert_eq!(found, reference(&text), "{path}");
        let shown = show_json(&runbook);
        assert_eq!(shown["blocks"].as_array().map(Vec::len), Some(found.len()), "{path}");
        for block in &runbook.blocks {
            assert!(
                text.lines().nth(block.line - 1).is_some_and(|line| line.contains("```") || line.contains("~~~")),
                "{path}: {}",
                block.line
            );
        }
        count += found.len();
    }
    assert!(count > 1000, "{count}");
}

#[test]
fn all_files_have_true_spans_and_whole_pages() {
    for (path, bytes) in corpus() {
        let runbook = parse(&path, &bytes);
        check_spans(&runbook, &bytes);
        check_page(&runbook, &bytes);
        let text = plain_text(&runbook, &bytes);
        assert!(!text.title.is_empty(), "{path}");
    }
}

#[test]
fn no_code_block_that_is_an_item_is_lost_between_the_sections() {
    for (path, bytes) in corpus() {
        let runbook = parse(&path, &bytes);
        let items = runbook.items().filter(|(_, _, item)| !item.script.is_empty()).count();
        let shells = runbook
            .blocks
            .iter()
            .filter(|block| ["sh", "bash", "shell", "console"].contains(&block.language.as_str()))
            .count();
        let texts = runbook
            .problems
            .iter()
            .filter(|problem| ["not-a-command", "other-prompt"].contains(&problem.code))
            .count();
        assert!(items + texts >= shells, "{path}: {items} items and {texts} texts of {shells} blocks");
    }
}
