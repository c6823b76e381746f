use proptest::prelude::*;

use super::*;
use crate::parse;

#[test]
fn pages_of_all_wikis_become_clean_markdown() {
    let mut wrong = Vec::new();
    for (html, expected) in [
        ("<h2>One</h2><h4>Two</h4><p>x</p>", "# One\n\n## Two\n\nx\n"),
        ("<h1>A</h1><h1>B</h1><h3>C</h3>", "## A\n\n## B\n\n### C\n"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b\n"),
        (
            "<table><thead><tr><th>Host</th><th>Role</th></tr></thead><tbody><tr><td>db1</td><td>standby</td></tr></tbody></table>",
            "| Host | Role    |\n| ---- | ------- |\n| db1  | standby |\n",
        ),
        // GitHub
        ("<div class=\"highlight highlight-source-shell\"><pre>ls -l\n</pre></div>", "```shell\nls -l\n```\n"),
        (
            "<ul><li class=\"task-list-item\"><input type=\"checkbox\" checked disabled> done</li><li><input type=\"checkbox\"> open</li></ul>",
            "- [x] done\n- [ ] open\n",
        ),
        // Confluence
        (
            "<pre class=\"syntaxhighlighter-pre\" data-syntaxhighlighter-params=\"brush: bash; gutter: false\">kubectl get pods</pre>",
            "```bash\nkubectl get pods\n```\n",
        ),
        (
            "<div class=\"confluence-information-macro confluence-information-macro-warning\"><div class=\"confluence-information-macro-body\"><p>Drain first.</p></div></div>",
            "> **Warning**\n>\n> Drain first.\n",
        ),
        ("<p>ok <img class=\"emoticon\" alt=\"✅\" src=\"https://w.example/e.png\"></p>", "ok ✅\n"),
        // Notion, docs pages
        ("<pre><code class=\"language-sh\">echo “a”&nbsp;‘b’\n</code></pre>", "```sh\necho \"a\" 'b'\n```\n"),
        ("<pre data-language=\"python\"><code>x<br>y</code></pre>", "```python\nx\ny\n```\n"),
        // MediaWiki
        ("<div class=\"mw-highlight mw-highlight-lang-bash\"><pre><span></span>ls</pre></div>", "```bash\nls\n```\n"),
        // Word
        (
            "<p><span style=\"font-family:Consolas\">cd /srv</span></p><p><span style=\"font-family:Consolas\">ls</span></p><p>then</p>",
            "```\ncd /srv\nls\n```\n\nthen\n",
        ),
        ("<p>a<o:p></o:p>&nbsp;b</p><!-- x -->", "a b\n"),
        (
            "<p>see <a href=\"https://a.example/x?utm_source=y\">it</a></p>",
            "see [it](https://a.example/x?utm_source=y)\n",
        ),
        ("<p><img src=\"https://a.example/x.png\" alt=\"graph\"></p>", "![graph](https://a.example/x.png)\n"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````\n"),
        ("just text", "just text\n"),
        ("", ""),
    ] {
        let found = from_html(html);
        if found != expected {
            wrong.push(format!("{html}\n{found:?} and not\n{expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Pages in the shape that each wiki gives, and the Markdown of them. `BLESS=1` writes that anew, to be read before it is kept.
#[test]
fn whole_pages_become_the_markdown_that_stands_beside_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/from_html/pages");
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    pages.sort();
    assert_eq!(pages.len(), 7, "{pages:?}");
    let mut wrong = Vec::new();
    for page in pages {
        let markdown = from_html(&std::fs::read_to_string(&page).unwrap());
        let kept = page.with_extension("md");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&kept, &markdown).unwrap();
        }
        if std::fs::read_to_string(&kept).ok().as_deref() != Some(&markdown) {
            wrong.push(format!("{}:\n{markdown}", page.display()));
        }
        // What a style leaves behind.
        for noise in ["style=", "<span", "<div", "font-", "&nbsp;", "****", "\u{f8fe}", "x-monospaced"] {
            assert!(!markdown.contains(noise), "{noise} in {}:\n{markdown}", page.display());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What the parts of a page mean once it is read as a runbook.
#[test]
fn a_page_of_confluence_is_a_runbook_with_its_steps_checks_and_links() {
    let markdown = from_html(include_str!("pages/confluence-storage.html"));
    let runbook = parse("failover.md", markdown.as_bytes());
    let phases: Vec<_> = runbook.phases.iter().map(|section| format!("{:?}", section.phase)).collect();
    assert!(
        phases.iter().any(|phase| phase == "Preconditions") && phases.iter().any(|phase| phase == "Steps"),
        "{phases:?}"
    );
    let items: Vec<_> =
        runbook.phases.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items).collect();
    let scripts: Vec<_> = items.iter().map(|item| item.script.as_str()).collect();
    assert!(scripts.iter().any(|script| script.contains("a && b\nEOF")), "{scripts:?}");
    let urls: Vec<_> = runbook.links.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "Orders architecture",
            "On-call#Contacts",
            "https://grafana.example.org/d/orders",
            "#before-you-begin",
            "plan.pdf"
        ]
    );
}

#[test]
fn tables_keep_every_cell() {
    let mut wrong = Vec::new();
    for (html, expected) in [
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>",
            "| a   | b   |\n| --- | --- |\n| 1   | 2   |\n",
        ),
        (
            "<table><tr><th>a</th><td>1</td></tr><tr><th>b</th><td>2</td></tr></table>",
            "|       |     |\n| ----- | --- |\n| **a** | 1   |\n| **b** | 2   |\n",
        ),
        (
            "<table><tr><th>a</th><th>b</th><th>c</th></tr><tr><td rowspan=2>1</td><td colspan=2>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
            "| a   | b   | c   |\n| --- | --- | --- |\n| 1   | 2   |     |\n|     | 3   | 4   |\n",
        ),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td rowspan=2>2</td></tr><tr><td>3</td></tr></table>",
            "| a   | b   |\n| --- | --- |\n| 1   | 2   |\n| 3   |     |\n",
        ),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td><pre>x | y\nz</pre></td><td><ul><li>p</li><li>q</li></ul></td></tr></table>",
            "| a               | b          |\n| --------------- | ---------- |\n| `x \\| y`<br>`z` | - p<br>- q |\n",
        ),
        ("<table><tr><td><h2>T</h2><pre>ls</pre></td></tr></table>", "# T\n\n```\nls\n```\n"),
        ("<table><tr><td colspan=99999999 rowspan=99999999>a</td><td>b</td></tr></table>", ""),
        ("<table></table>x", "x\n"),
    ] {
        let found = from_html(html);
        // Of the one that wants too much only that it ends.
        if found != expected && !expected.is_empty() {
            wrong.push(format!("{html}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_that_runs_survives() {
    for html in [
        "<script>alert(1)</script><p onclick=\"alert(1)\">x</p>",
        "<style>p { color: red }</style><p style=\"x:expression(alert(1))\">x</p>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<svg onload=alert(1)>x</svg><iframe src=\"javascript:alert(1)\"></iframe>x",
        "<img src=x onerror=alert(1)>x",
        "<ac:link><ri:url ri:value=\"javascript:alert(1)\" /><ac:link-body>x</ac:link-body></ac:link>",
        "<ac:image><ri:url ri:value=\"javascript:alert(1)\" /></ac:image>x",
    ] {
        let text = from_html(html);
        assert!(text.contains('x') && !text.contains("alert") && !text.contains("color"), "{html}: {text}");
    }
}

#[test]
fn a_page_that_nests_too_deep_gives_its_text() {
    let html = format!("{}deep{}", "<div><b>".repeat(20_000), "</b></div>".repeat(20_000));
    assert!(from_html(&html).contains("deep"));
}

fn html() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<h1>",
        "</h1>",
        "<h3>a</h3>",
        "<p>",
        "</p>",
        "<ul>",
        "<li>",
        "</ul>",
        "<ol start=3>",
        "<pre class=language-sh>",
        "</pre>",
        "<code>",
        "</code>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<script>alert(1)</script>",
        "<!--",
        "-->",
        "&nbsp;",
        "&lt;script&gt;",
        "``",
        "#",
        "*",
        "|",
        "\n",
        " ",
        "é",
        "<br>",
        "<img src=x>",
        "<a href=y>",
        "</a>",
        "<input type=checkbox>",
        "<div class=\"panel-note\">",
        "</div>",
        "<blockquote>",
        "text",
        "<![CDATA[",
        "<ac:structured-macro ac:name=\"code\">",
        "<ac:structured-macro ac:name=\"info\">",
        "</ac:structured-macro>",
        "<ac:parameter ac:name=\"title\">",
        "</ac:parameter>",
        "<ac:plain-text-body>",
        "</ac:plain-text-body>",
        "<ac:rich-text-body>",
        "<ac:task-list>",
        "<ac:task>",
        "<ac:task-body>",
        "<ri:page ri:content-title=\"A\" />",
        "<ac:link>",
        "<span style=\"font-weight:700\">",
        "<span style=\"font-family:Consolas\">",
        "</span>",
        "<p style=\"margin-left:72pt\">● ",
        "<ul class=\"lst-kix_a-2\">",
        "<th rowspan=3>",
        "<b style=\"font-weight:normal\">",
        "]]>",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_html_becomes_a_runbook(html in html()) {
        let text = from_html(&html);
        let runbook = parse("t.md", text.as_bytes());
        let page = format!("{:?}", crate::page(&runbook, text.as_bytes()));
        prop_assert!(!page.contains("<script"), "{page}");
    }

    #[test]
    fn any_text_becomes_a_runbook(text in ".{0,200}") {
        let _ = from_html(&text);
    }
}
