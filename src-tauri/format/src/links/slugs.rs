//! The anchors of a page: what stands behind `#` in a link to one of its parts.

use std::collections::{BTreeSet, HashMap};

use pulldown_cmark::{Event, Tag};

use super::html;
use crate::document::{Document, Node};
use crate::front_matter::FrontMatter;
use crate::problems::Problems;
use crate::source::Source;

// What GitHub takes out of a heading (html-pipeline, TableOfContentsFilter): all but letters, marks, digits, connecting
// punctuation, hyphens and blanks.
crate::fixed::expression!(TAKEN_OUT, r"[^\p{L}\p{M}\p{Nd}\p{Pc}\- ]");
crate::fixed::expression!(OWN_ID, r"[ \t]*\{:?[ \t]*#([^\s{}#]+)[^{}]*\}[ \t]*#*[ \t]*$");
crate::fixed::expression!(HTML_HEADING, r"(?is)<h[1-6](?:\s[^>]*)?>(.*?)</h[1-6]\s*>");
crate::fixed::expression!(LINES, r"^L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?$");

/// Every anchor of a page, from its bytes: each heading's as GitHub makes it (a second one of the same text gets `-1`),
/// ids that a heading names itself (`## Title {#id}`), and `id` and `name` of HTML.
#[must_use]
pub fn anchors(bytes: &[u8]) -> BTreeSet<String> {
    let source = Source::new(bytes);
    let mut problems = Problems::new(&source);
    let body = FrontMatter::read(&source, &mut problems).body;
    let document = Document::new(&source.text, body);
    let mut anchors = BTreeSet::new();
    let mut used: HashMap<String, usize> = HashMap::new();
    let mut add = |anchors: &mut BTreeSet<String>, text: &str| {
        let slug = heading_slug(text);
        let mut anchor = slug.clone();
        while used.contains_key(&anchor) {
            let count = used.entry(slug.clone()).or_default();
            *count += 1;
            anchor = format!("{slug}-{count}");
        }
        used.insert(anchor.clone(), 0);
        anchors.insert(anchor);
    };
    let mut node = 0;
    while node < document.len() {
        match document.event(node) {
            Some(Event::Start(Tag::Heading { .. })) => {
                let text = heading_text(&document, node);
                if let Some(found) = OWN_ID.get().and_then(|regex| regex.captures(&text)) {
                    let rest = found.get(0).and_then(|whole| text.get(..whole.start())).unwrap_or_default();
                    anchors.extend(found.get(1).map(|id| id.as_str().to_owned()));
                    anchors.insert(heading_slug(rest));
                }
                add(&mut anchors, &text);
            }
            Some(Event::Start(Tag::CodeBlock(_))) => {
                node = document.next(node);
                continue;
            }
            Some(Event::Start(Tag::HtmlBlock)) => {
                let text = source.slice(document.span(node));
                if let Some(regex) = HTML_HEADING.get() {
                    for found in regex.captures_iter(text).filter_map(|found| found.get(1)) {
                        add(&mut anchors, html::text(found.as_str()).trim());
                    }
                }
                ids(text, &mut anchors);
                node = document.next(node);
                continue;
            }
            Some(Event::InlineHtml(tag)) => ids(tag, &mut anchors),
            _ => {}
        }
        node += 1;
    }
    anchors
}

/// Whether a link to that part of a page with these anchors finds it: an anchor, without regard to case, a line of the
/// file (`L10`, `L10-L20`), or the page's beginning.
#[must_use]
pub fn has_anchor(anchors: &BTreeSet<String>, anchor: &str) -> bool {
    let anchor = anchor.strip_prefix("user-content-").unwrap_or(anchor);
    anchor.is_empty()
        || anchor.eq_ignore_ascii_case("top")
        || anchor.starts_with(":~:")
        || anchors.contains(anchor)
        || LINES.is_match(anchor)
        || anchors.iter().any(|known| known.to_lowercase() == anchor.to_lowercase())
}

fn ids(text: &str, anchors: &mut BTreeSet<String>) {
    for tag in html::tags(text) {
        for (name, value) in html::attributes(text, &tag) {
            let names = name.eq_ignore_ascii_case("id") || (tag.name == "a" && name.eq_ignore_ascii_case("name"));
            let value = html::decoded(text.get(value).unwrap_or_default());
            if names && !value.is_empty() {
                anchors.insert(value.into_owned());
            }
        }
    }
}

/// A heading's text as a browser would give it: code's too, without pictures.
fn heading_text(document: &Document<'_>, heading: Node) -> String {
    let inside = document.inside(heading);
    let mut text = String::new();
    let mut node = inside.start;
    while node < inside.end {
        match document.event(node) {
            Some(Event::Text(part) | Event::Code(part)) => text.push_str(part),
            Some(Event::SoftBreak | Event::HardBreak) => text.push('\n'),
            Some(Event::Start(Tag::Image { .. })) => {
                node = document.next(node);
                continue;
            }
            _ => {}
        }
        node += 1;
    }
    text.trim().to_owned()
}

/// The anchor that GitHub gives to a heading of that text, before it is numbered.
pub(super) fn heading_slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let Some(regex) = TAKEN_OUT.get() else { return lower };
    regex.replace_all(&lower, "").replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_are_valid() {
        assert!(TAKEN_OUT.get().is_some() && OWN_ID.get().is_some());
        assert!(HTML_HEADING.get().is_some() && LINES.get().is_some());
    }

    #[test]
    fn headings_have_the_anchors_that_github_gives_them() {
        for (text, expected) in [
            ("# Drain a node", vec!["drain-a-node"]),
            ("# What's up? (v1.2)", vec!["whats-up-v12"]),
            ("# `kubectl get` & *more*", vec!["kubectl-get--more"]),
            ("# A - b_c", vec!["a---b_c"]),
            ("# Größe 東京 Ⅷ", vec!["größe-東京-"]),
            ("# 🚀 Go", vec!["-go"]),
            ("# :rocket: Go", vec!["rocket-go"]),
            ("# ⚙\u{fe0f} Set up", vec!["\u{fe0f}-set-up"]),
            ("# [Linked](x.md) ![pic](y.png) end", vec!["linked--end"]),
            ("Two\nlines\n===", vec!["twolines"]),
            ("# A\n## A\n### A", vec!["a", "a-1", "a-2"]),
            ("# A\n# A-1\n# A", vec!["a", "a-1", "a-2"]),
            ("> # Quoted\n\n- # Listed", vec!["listed", "quoted"]),
            ("# Setup {#install .wide}", vec!["install", "setup", "setup-install-wide"]),
            ("<a name=\"old\"></a>\n\ntext <a id='new'>x</a> <span id=s>", vec!["new", "old", "s"]),
            ("<h2 id=\"q\">The <b>Q</b></h2>\n", vec!["q", "the-q"]),
            ("```\n# no\n```\n<!-- <a id=\"no\"> -->\n", vec![]),
            ("---\ntitle: x\n---\n# Real", vec!["real"]),
        ] {
            let found = anchors(text.as_bytes());
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn a_link_finds_anchors_lines_and_the_beginning() {
        let known = anchors(b"# Drain a node");
        for (anchor, found) in [
            ("drain-a-node", true),
            ("Drain-A-Node", true),
            ("user-content-drain-a-node", true),
            ("", true),
            ("L10", true),
            ("L10-L20", true),
            ("L10C2-L20C3", true),
            ("top", true),
            (":~:text=x", true),
            ("drain", false),
            ("L", false),
        ] {
            assert_eq!(has_anchor(&known, anchor), found, "{anchor}");
        }
    }
}
