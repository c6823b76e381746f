//! The page of a runbook.

use super::support::check_page;
use crate::{Part, page, parse};

/// The page as one text: items in square brackets.
fn shown(markdown: &str) -> String {
    let runbook = parse("page.md", markdown.as_bytes());
    check_page(&runbook, markdown.as_bytes());
    let mut text = String::new();
    let put = |text: &mut String, parts: &[Part]| {
        for part in parts {
            match part {
                Part::Html(html) => text.push_str(&html.replace('\n', "")),
                Part::Item(id) => text.push_str(&format!("[{id}]")),
            }
        }
    };
    for section in &page(&runbook, markdown.as_bytes()).sections {
        text.push_str(&format!("#{}", section.heading));
        put(&mut text, &section.intro);
        for step in &section.steps {
            text.push_str(&format!("<<{}>>", step.id));
            put(&mut text, &step.body);
        }
        if !section.outro.is_empty() {
            text.push('~');
            put(&mut text, &section.outro);
        }
    }
    text
}

#[test]
fn items_stand_in_their_places() {
    for (markdown, expected) in [
        ("## Fix\n\nMove *it*.\n", "#Fix<<fix>><p>Move <em>it</em>.</p>[fix]"),
        ("## Fix\n\nBefore:\n\n```sh\nls -l\n```\n\nAfter.\n", "#Fix<<fix>><p>Before:</p>[ls-l]<p>After.</p>"),
        (
            "## Steps\n\nIntro.\n\n1. Stop **it**\n   ```sh\n   a\n   ```\n2. Wait\n\n   Long.\n\nOutro.\n",
            "#Steps<p>Intro.</p><<stop-it>>[a]<<wait>>[wait]<p>Long.</p>~<p>Outro.</p>",
        ),
        (
            "## Steps\n\n- a\n- b\n\n  ```sh\n  x\n  ```\n\n  c\n- [ ] d\n- e\n",
            "#Steps<<steps>><ul><li><p>a</p></li><li><p>b</p></li></ul>[x]<ul class=\"continued\"><li class=\"continued\"><p>c</p></li></ul>[d]<ul class=\"continued\"><li><p>e</p></li></ul>",
        ),
        (
            "## Steps\n\n1. Open the [board](https://a.example)\n",
            "#Steps<<open-the-board>>[open-the-board]<p class=\"item-links\"><a href=\"https://a.example\" rel=\"noopener noreferrer\">board</a> </p>",
        ),
        ("## Steps\n\n### Drain `x`\n\n```sh\na\n```\n", "#Steps<<drain-x>>[a]"),
        (
            "## Overview\n\n```yaml\na: 1\n```\n\n1. x\n2. y\n",
            "#Overview<pre><code class=\"language-yaml\">a: 1</code></pre><ol><li>x</li><li>y</li></ol>",
        ),
        (
            "## Notes\n\nSee https://a.example/x_y. Run on <node>. ![p](https://a.example/p.png)\n",
            "#Notes<p>See <a href=\"https://a.example/x_y\" rel=\"noopener noreferrer\">https://a.example/x_y</a>. Run on &lt;node&gt;. <img data-src=\"https://a.example/p.png\" alt=\"p\"></p>",
        ),
        (
            "## Notes\n\n> [!NOTE]\n> Careful with {{name}}.\n",
            "#Notes<blockquote class=\"markdown-alert-note\"><p>Careful with {{name}}.</p></blockquote>",
        ),
    ] {
        assert_eq!(shown(markdown), expected, "{markdown}");
    }
}

#[test]
fn nothing_on_a_page_can_act() {
    let markdown = "## Notes\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b onclick=x>y</b> <iframe src=x>\n\n<style>*{}</style>\n\nEnd\n";
    let text = shown(markdown);
    for bad in ["<script", "javascript:", "onclick", "<iframe", "<style"] {
        assert!(!text.contains(bad), "{bad} in {text}");
    }
    assert!(text.contains("End"));
}

#[test]
fn a_steps_title_is_not_said_again_in_its_text() {
    for (entry, expected) in [
        ("**Stop** the `job` & wait\n\n   It takes a minute.", "<<stop-the-job-wait>><p>It takes a minute.</p>[ls]"),
        ("See [the guide](g.md)", "<<see-the-guide>><p>See <a href=\"g.md\""),
    ] {
        let text = shown(&format!("## Steps\n\n1. {entry}\n\n   ```sh\n   ls\n   ```\n"));
        assert!(text.contains(expected), "{text}");
    }
}
