//! Variables on a page and in a runbook: a value is text, never markup.

use proptest::prelude::*;

use super::support::corpus;
use crate::{LibraryFile, Page, Part, VariablePlace, Variables, declared, page, page_with, parse};

fn variables(declared: &[&str], values: &[(&str, &str)]) -> Variables {
    Variables {
        declared: declared.iter().map(|name| (*name).to_owned()).collect(),
        values: values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

fn html(page: &Page) -> String {
    let parts = |parts: &[Part]| -> String {
        parts
            .iter()
            .map(|part| match part {
                Part::Html(html) => html.as_str(),
                Part::Item(_) => "",
            })
            .collect()
    };
    page.sections
        .iter()
        .map(|section| {
            let steps: String = section.steps.iter().map(|step| parts(&step.body)).collect();
            format!("{}{}{steps}{}", section.heading, parts(&section.intro), parts(&section.outro))
        })
        .collect()
}

fn shown(text: &str, variables: &Variables) -> String {
    html(&page_with(&parse("x.md", text.as_bytes()), text.as_bytes(), variables)).trim().to_owned()
}

#[test]
fn variables_are_shown_with_their_values_and_what_is_none_stays() {
    let known = variables(
        &["host", "open", "base", "bad"],
        &[("host", "db-1 <b>"), ("base", "https://g.example"), ("bad", "javascript:x")],
    );
    const HOST: &str = "<span class=\"var\" data-name=\"host\">db-1 &lt;b&gt;</span>";
    const OPEN: &str = "<span class=\"var unset\" data-name=\"open\">{{open}}</span>";
    for (text, expected) in [
        ("On {{host}} now", format!("<p>On {HOST} now</p>")),
        ("*{{host}}* {{open}}", format!("<p><em>{HOST}</em> {OPEN}</p>")),
        ("`ping {{host}}`", format!("<p><code>ping {HOST}</code></p>")),
        ("{{other}} {{ site.x }} \\{{host}} {\\{host}} {{{host}}}", "<p>{{other}} {{ site.x }} {{host}} {{host}} {{{host}}}</p>".to_owned()),
        ("[{{host}}](https://a.example/{{host}})", format!("<p><a href=\"https://a.example/db-1%20%3Cb%3E\" rel=\"noopener noreferrer\">{HOST}</a></p>")),
        ("[x]({{base}}/d)", "<p><a href=\"https://g.example/d\" rel=\"noopener noreferrer\">x</a></p>".to_owned()),
        ("[x]({{bad}})", "<p><a class=\"var unset\" data-name=\"bad\" rel=\"noopener noreferrer\">x</a></p>".to_owned()),
        ("[x](a/{{open}})", "<p><a class=\"var unset\" data-name=\"open\" rel=\"noopener noreferrer\">x</a></p>".to_owned()),
        ("[x]({{other}}/{{host}})", "<p><a href=\"%7B%7Bother%7D%7D/%7B%7Bhost%7D%7D\" rel=\"noopener noreferrer\">x</a></p>".to_owned()),
        ("![p]({{base}}/p.png)", "<p><img data-src=\"https://g.example/p.png\" alt=\"p\"></p>".to_owned()),
        ("https://a.example/{{host}}/x", "<p><a href=\"https://a.example/db-1%20%3Cb%3E/x\" rel=\"noopener noreferrer\">https://a.example/db-1%20%3Cb%3E/x</a></p>".to_owned()),
        ("<p title=\"> {{host}}\">{{host}}</p>", format!("<p title=\"&gt; {{{{host}}}}\">{HOST}</p>")),
        ("[[Drain it#Part|{{x}}]]", "<p><a class=\"wiki\" data-wiki=\"Drain it#Part\" rel=\"noopener noreferrer\">{{x}}</a></p>".to_owned()),
        ("## The {{host}}", HOST.replacen("<span", "The <span", 1)),
    ] {
        assert_eq!(shown(text, &known), expected, "{text}");
    }
}

#[test]
fn a_step_says_its_title_once_with_its_values_too() {
    let text = b"## Steps\n\n1. Drain {{host}}\n\n   ```sh\n   true\n   ```\n";
    let runbook = parse("x.md", text);
    for known in [variables(&["host"], &[("host", "a&b")]), variables(&["host"], &[])] {
        assert_eq!(page_with(&runbook, text, &known).sections[0].steps[0].body.len(), 1);
    }
}

#[test]
fn every_use_of_a_variable_is_found_with_its_place() {
    let text = "---\ntitle: On {{a}}\nenv: {x: \"{{no}}\"}\n---\n## Of {{b}}\n\n{{c}} *{{ d }}* `{{e}}` [{{f}}](https://x.example/{{g}}) \\{{no}} [r]\n\n\
                <p>{{h}}</p>\n\n```message\nTo {{i}}\n```\n\n```sh\necho {{no}}\n```\n\nhttps://y.example/{{j}}\n\n[r]: z/{{k}}\n";
    let runbook = parse("x.md", text.as_bytes());
    let found: Vec<_> = runbook.variables.iter().map(|found| (found.name.as_str(), found.place)).collect();
    use VariablePlace::{Code, Heading, Link, Message, Prose};
    assert_eq!(
        found,
        [
            ("a", Heading),
            ("b", Heading),
            ("c", Prose),
            ("d", Prose),
            ("e", Code),
            ("f", Prose),
            ("g", Link),
            ("h", Prose),
            ("i", Message),
            ("j", Link),
            ("k", Link)
        ]
    );
    for found in &runbook.variables {
        let written = &text[found.span.start..found.span.end];
        assert_eq!(written.replace(' ', ""), format!("{{{{{}}}}}", found.name));
    }
}

#[test]
fn a_page_without_variables_is_the_same_over_the_corpus() {
    for (path, bytes) in corpus() {
        let runbook = parse(&path, &bytes);
        let known = Variables { declared: declared(&runbook, &LibraryFile::default()), ..Variables::default() };
        if known.declared.is_empty() {
            assert_eq!(page_with(&runbook, &bytes, &known), page(&runbook, &bytes), "{path}");
        }
    }
}

/// The tags of HTML, and its text.
fn taken_apart(html: &str) -> (Vec<String>, String) {
    let mut tags = Vec::new();
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let end = rest[open..].find('>').map_or(rest.len(), |end| open + end + 1);
        tags.push(rest[open..end].to_owned());
        rest = &rest[end..];
    }
    text.push_str(rest);
    (
        tags,
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&nbsp;", "\u{a0}")
            .replace("&amp;", "&"),
    )
}

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<script>alert(1)</script>"),
        Just("<img src=x onerror=alert(1)>"),
        Just("\""),
        Just("'"),
        Just(">"),
        Just("<"),
        Just("&"),
        Just("&lt;"),
        Just("</span>"),
        Just("</code></a></p>"),
        Just("[x](javascript:y)"),
        Just("`"),
        Just("*b*"),
        Just("\n\n# H\n"),
        Just("<!--"),
        Just("-->"),
        Just("{{host}}"),
        Just("]]>"),
        Just("é"),
        Just("\u{202e}"),
        Just(" onclick=x "),
        Just("\\"),
        Just("a"),
        Just("https://a.example"),
        Just("[[w]]"),
        Just("|"),
        Just("<style>"),
        Just("<textarea>"),
        Just("<!DOCTYPE x>"),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_is_text_wherever_it_stands(value in nasty()) {
        for text in [
            "a {{host}} b", "*{{host}}*", "`{{host}}`", "| {{host}} |\n|---|\n", "> - {{host}}", "[{{host}}](x.md)", "## {{host}}\n", "<p>{{host}}</p>\n",
            "<details><summary>{{host}}</summary>x</details>\n", "<p title=\"> {{host}}\">x</p>\n", "a <b>{{host}}</b>", "- [ ] x\n\n  {{host}}",
        ] {
            let plain = taken_apart(&shown(text, &variables(&["host"], &[("host", "VALUE")])));
            let filled = taken_apart(&shown(text, &variables(&["host"], &[("host", &value)])));
            assert_eq!(filled.0, plain.0, "{text} with {value:?}: the tags are the same");
            assert_eq!(filled.1, plain.1.replace("VALUE", &value), "{text}: the value is its text");
        }
    }

    #[test]
    fn a_value_in_an_address_stays_in_its_place(value in nasty()) {
        for text in ["[x](https://a.example/{{host}}?y#z)", "<https://a.example/{{host}}?y#z>", "![x](https://a.example/{{host}}?y#z)", "https://a.example/{{host}}?y#z"] {
            let (tags, _) = taken_apart(&shown(text, &variables(&["host"], &[("host", &value)])));
            let with_address: Vec<_> = tags.iter().filter(|tag| tag.contains("https://a.example/")).collect();
            assert_eq!(with_address.len(), 1, "{tags:?}");
            let (_, rest) = with_address[0].split_once("https://a.example/").expect("is there");
            let (inside, _) = rest.split_once("?y#z\"").expect("its end");
            assert!(inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{inside}");
        }
        let (tags, _) = taken_apart(&shown("[x]({{host}})", &variables(&["host"], &[("host", &value)])));
        for tag in tags {
            assert!(!tag.to_lowercase().contains("\"javascript:"), "{tag}");
        }
    }
}
