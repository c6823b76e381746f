//! Whatever was printed, typed or written in a runbook: nothing of it can act in a report.

use engine::{
    Fact,
    event::{AttemptState, FinishState, Mode},
};
use report::{html, junit, markdown};

use crate::journal::Journal;

const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J</pre></code><script>alert(1)</script><img src=x onerror=alert(2)>\r\n\
    ```\r\n# Not a heading\r\n[click](javascript:alert(3)) ![x](https://evil.example/x.png) <https://evil.example>\r\n\
    ]]></system-out></testcase><testcase name=\"forged\"/>&lt;&#x0; \u{0}\u{1}\u{8}\u{b}\u{fffe}\u{202e}txt.exe\r\n\
    {{ report.run }}{% include '/etc/passwd' %} www.evil.example me@evil.example $(reboot) `reboot`\r\n";

const BOOK: &str = "# A <b>title</b> [x](javascript:alert(4)) {{ 7 * 7 }}\n\n## Steps\n\n\
    ### 1. Step \"quoted\" <script>alert(5)</script> & `code`\n\n\
    ```sh {name=act}\necho </pre><script>alert(6)</script>\n```\n\n- [ ] Check <svg onload=alert(7)> ![x](https://evil.example)\n";

pub(crate) fn run() -> Journal {
    let book = format::parse("x.md", BOOK.as_bytes());
    let check = book.items().find(|(_, _, item)| item.id != "act").unwrap().2.id.clone();
    Journal::started(BOOK, Mode::Hand, Some("<script>alert(8)</script>"))
        .by("\"><script>alert(9)</script>@host")
        .fact(Fact::ParameterSet { name: "a\"b".into(), value: Some(HOSTILE.into()), from: "<i>nobody</i>".into() })
        .begin("act", 1, HOSTILE)
        .print("act", 1, HOSTILE.as_bytes())
        .expect("act", 1, HOSTILE, HOSTILE, false)
        .end("act", 1, AttemptState::Failed, 1, 5)
        .note(HOSTILE)
        .mark("severity", Some(HOSTILE))
        .mark("responder", Some("<img src=x onerror=alert(10)>"))
        .fact(Fact::Overridden { item: "act".into(), reason: HOSTILE.into() })
        .fact(Fact::LinkOpened { url: "javascript:alert(11)".into(), item: None })
        .fact(Fact::CheckFailed { item: check, note: Some(HOSTILE.into()) })
        .fact(Fact::RunFinished { state: FinishState::Failed, reason: Some(HOSTILE.into()) })
}

#[test]
fn nothing_in_a_page_of_html_can_act() {
    let page = html(&run().report()).unwrap();
    let lower = page.to_lowercase();
    for tag in
        ["<script", "<img", "<svg onload", "<iframe", "<object", "<embed", "<link", "<base", "<form", "<i>", "<b>"]
    {
        assert!(!lower.contains(tag), "{tag}");
    }
    // What could be fetched or followed leads to a place within the page.
    for tag in tags(&lower) {
        for attribute in ["href=", "src=", "srcset=", "action=", "xlink:", "style="] {
            let found = tag.split(char::is_whitespace).find(|word| word.starts_with(attribute));
            assert!(found.is_none_or(|word| word.starts_with("href=\"#item-")), "<{tag}>");
        }
        let handler =
            tag.split(char::is_whitespace).skip(1).find(|word| word.starts_with("on") && word.contains('='));
        assert!(handler.is_none(), "<{tag}>");
    }
    assert!(!lower.split("</style>").next().unwrap().contains("url("), "the style fetches nothing");
    assert!(page.contains("default-src 'none'"), "a policy that allows nothing");
    assert!(page.contains("{{ report.run }}"), "what looks like a template is text");
}

/// What stands between `<` and `>`: whatever was printed has neither left.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
}

#[test]
fn nothing_in_markdown_means_more_than_its_text() {
    let text = markdown(&run().report());
    let read = format::parse("report.md", text.as_bytes());
    assert!(read.links.is_empty(), "{:?}", read.links);
    assert!(read.images.is_empty(), "{:?}", read.images);
    let headings: Vec<String> = format::headings(text.as_bytes()).into_iter().map(|heading| heading.title).collect();
    assert!(!headings.iter().any(|heading| heading.contains("Not a heading")), "{headings:?}");
    assert!(!text.contains("<script>alert(5)"), "HTML of a title is escaped");
    let page = format::html(&text);
    for tag in ["<img", "<script", "href="] {
        assert!(!page.contains(tag), "{tag} in {page}");
    }
    // What was printed stands in one block, whatever fences it has.
    let printed = read.blocks.iter().filter(|block| block.text.contains("# Not a heading")).count();
    assert_eq!(printed, 2, "the command and its output");
}

#[test]
fn the_xml_is_well_formed_and_holds_what_the_report_holds() {
    let xml = junit(&run().report()).unwrap();
    let read = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let cases: Vec<_> = read.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
    assert_eq!(cases.len(), 2, "no case is forged");
    let allowed = |c: char| matches!(c, '\n' | '\t') || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    assert!(xml.chars().all(allowed), "XML 1.0 has no such character");
}

#[test]
fn no_sequence_of_a_terminal_is_left_in_any_report() {
    let report = run().report();
    for text in [markdown(&report), html(&report).unwrap(), junit(&report).unwrap()] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{0}', '\r']));
    }
}
