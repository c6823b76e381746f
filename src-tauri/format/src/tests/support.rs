//! What several tests use.

use std::path::{Path, PathBuf};

use crate::{Runbook, Span};

/// Every Markdown file of the corpus, which lies beside the project. The tests that need it fail without it.
pub(super) fn corpus() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("the corpus is needed at {}: {error}", folder.display()));
        for entry in entries {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md")
                && path.file_name() != Some("SOURCES.md".as_ref())
            {
                files.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
            }
        }
    }
    files.sort();
    assert_eq!(files.len(), 465, "the corpus is not whole");
    files
}

/// Spans lie within the file, within each other, and lines agree with them.
pub(super) fn check_spans(runbook: &Runbook, bytes: &[u8]) {
    let inside = |outer: Span, inner: Span, what: &str| {
        assert!(
            outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end,
            "{what}: {inner:?} is not within {outer:?}"
        );
    };
    let file = Span { start: 0, end: bytes.len() };
    let text = std::str::from_utf8(bytes);
    let check = |span: Span, what: &str| {
        inside(file, span, what);
        if let Ok(text) = text {
            assert!(
                text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
                "{what}: {span:?} cuts a letter"
            );
        }
    };
    let mut last = 0;
    for section in &runbook.phases {
        check(section.span, "section");
        assert!(section.span.start >= last, "sections stand in order");
        last = section.span.start;
        let mut before = section.span.start;
        for step in &section.steps {
            inside(section.span, step.span, "step");
            assert!(step.span.start >= before, "steps stand in order");
            before = step.span.end;
            let mut begun = step.span.start;
            for item in &step.items {
                inside(step.span, item.span, "item");
                assert!(item.span.start >= begun, "items stand in order");
                begun = item.span.start;
                for place in item.placeholder_spans.iter().chain(&item.doubt_spans) {
                    assert!(
                        item.script
                            .get(place.span.start..place.span.end)
                            .is_some_and(|text| text.contains(&place.name))
                    );
                }
            }
        }
    }
    for block in &runbook.blocks {
        check(block.span, "block");
    }
    for link in &runbook.links {
        check(link.span, "link");
        if let Some(address) = link.url_span {
            check(address, "address");
        }
    }
    for image in &runbook.images {
        check(image.span, "picture");
        if let Some(address) = image.url_span {
            check(address, "address");
        }
    }
    let mut line = 0;
    for problem in &runbook.problems {
        check(problem.span, "problem");
        assert!(problem.line >= line, "problems stand in line order");
        line = problem.line;
        for edit in problem.fixes.iter().flat_map(|fix| &fix.edits) {
            check(edit.span, "fix");
        }
        assert!(!problem.message.contains('\n'), "one sentence: {}", problem.message);
    }
    let mut ids = std::collections::HashSet::new();
    for (_, _, item) in runbook.items() {
        assert!(!item.id.is_empty() && ids.insert(item.id.clone()), "{} stands twice", item.id);
        assert_eq!(item.hash.len(), 64);
    }
    let mut ids = std::collections::HashSet::new();
    for step in runbook.phases.iter().flat_map(|section| &section.steps) {
        assert!(!step.id.is_empty() && ids.insert(step.id.clone()), "step {} stands twice", step.id);
        assert!(!step.items.is_empty(), "a step without anything to do: {}", step.title);
    }
}

/// Each item stands exactly once on the page, in its own step, and nothing of the prose is lost or out of order.
pub(super) fn check_page(runbook: &Runbook, bytes: &[u8]) {
    let page = crate::page(runbook, bytes);
    assert_eq!(page.sections.len(), runbook.phases.len());
    let mut stream = String::new();
    for (shown, section) in page.sections.iter().zip(&runbook.phases) {
        stream.push_str(&letters(&plain_of(&shown.heading)));
        let steps: Vec<&str> = shown.steps.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(steps, section.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>());
        let outside = |stream: &mut String, parts: &[crate::Part]| {
            for part in parts {
                match part {
                    crate::Part::Html(html) => stream.push_str(&letters(&plain_of(html))),
                    crate::Part::Item(id) => panic!("item {id} stands outside of its step"),
                }
            }
        };
        outside(&mut stream, &shown.intro);
        for (shown, step) in shown.steps.iter().zip(&section.steps) {
            stream.push_str(&letters(&step.title));
            let mut ids: Vec<&str> = Vec::new();
            for part in &shown.body {
                match part {
                    crate::Part::Html(html) => stream.push_str(&letters(&plain_of(html))),
                    crate::Part::Item(id) => {
                        ids.push(id);
                        stream.push_str(&letters(
                            &step.items.iter().find(|item| item.id == *id).expect("an item of the step").text,
                        ));
                    }
                }
            }
            let mut expected: Vec<&str> = step.items.iter().map(|item| item.id.as_str()).collect();
            ids.sort_unstable();
            expected.sort_unstable();
            assert_eq!(ids, expected, "step {}", step.title);
        }
        outside(&mut stream, &shown.outro);
    }
    let mut at = 0;
    for block in prose(bytes) {
        let wanted = letters(&block);
        match stream[at..].find(&wanted) {
            Some(found) => at += found + wanted.len(),
            None => panic!("{}: {block:?} is lost", runbook.path),
        }
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// HTML's text.
fn plain_of(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// The text of a document's paragraphs, cells and headings, as a walk of its own finds it: without code blocks, HTML,
/// pictures and the title.
fn prose(bytes: &[u8]) -> Vec<String> {
    use pulldown_cmark::{Event, HeadingLevel::H1, Parser, Tag, TagEnd};
    let source = crate::source::Source::new(bytes);
    let mut problems = crate::problems::Problems::new(&source);
    let body = crate::front_matter::FrontMatter::read(&source, &mut problems).body;
    let mut blocks = vec![String::new()];
    let mut skip = 0;
    for event in Parser::new_ext(&source.text[body..], crate::document::options()) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Image { .. } | Tag::Heading { level: H1, .. }) => skip += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Image | TagEnd::Heading(H1)) => skip -= 1,
            Event::Text(part) | Event::Code(part) if skip == 0 => blocks.last_mut().expect("one").push_str(&part),
            Event::InlineHtml(_) => blocks.push(String::new()),
            Event::Start(tag) if crate::document::is_block(&tag) => blocks.push(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                // A step that a numbered heading makes has its number beside its title.
                let heading = crate::document::collapse(&blocks.pop().unwrap_or_default());
                blocks.extend([crate::headings::read(&heading).text.to_owned(), String::new()]);
            }
            Event::End(tag) if crate::document::is_block_end(&tag) => blocks.push(String::new()),
            _ => {}
        }
    }
    blocks
}
