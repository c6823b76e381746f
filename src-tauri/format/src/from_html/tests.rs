use proptest::prelude::*;

use super::*;
use crate::parse;

#[test]
fn pages_of_all_wikis_become_clean_markdown() {
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
        assert_eq!(from_html(html), expected, "{html}");
    }
}

#[test]
fn nothing_that_runs_survives() {
    for html in [
        "<script>alert(1)</script><p onclick=\"alert(1)\">x</p>",
        "<style>p { color: red }</style><p style=\"x:expression(alert(1))\">x</p>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<svg onload=alert(1)>x</svg><iframe src=\"javascript:alert(1)\"></iframe>x",
        "<img src=x onerror=alert(1)>x",
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
