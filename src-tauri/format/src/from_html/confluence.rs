//! Confluence's storage format ("Confluence Storage Format" in Atlassian's documentation): the XHTML that its exports and
//! its interface give, in which macros, tasks and links to pages have elements of their own.

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, Node};
use std::borrow::Cow;
use std::rc::Rc;

use super::code::{fenced, inline, language};
use super::links::{address, picture};
use super::nodes::{attribute, attribute_of, child, elements, escaped, indented, tag, text};
use super::panels::{quoted, unfolded};
use super::tidy;

/// The elements that mean something.
pub(super) const TAGS: &[&str] = &[
    "ac:adf-attribute",
    "ac:adf-content",
    "ac:adf-extension",
    "ac:adf-fallback",
    "ac:adf-node",
    "ac:emoticon",
    "ac:image",
    "ac:layout",
    "ac:layout-cell",
    "ac:layout-section",
    "ac:link",
    "ac:link-body",
    "ac:macro",
    "ac:parameter",
    "ac:placeholder",
    "ac:plain-text-body",
    "ac:plain-text-link-body",
    "ac:rich-text-body",
    "ac:structured-macro",
    "ac:task",
    "ac:task-body",
    "ac:task-id",
    "ac:task-list",
    "ac:task-status",
    "ac:task-uuid",
    "ri:attachment",
    "ri:page",
    "ri:url",
    "ri:user",
];

/// Their attributes that mean something.
pub(super) const ATTRIBUTES: &[&str] = &[
    "ac:alt",
    "ac:anchor",
    "ac:emoji-fallback",
    "ac:name",
    "key",
    "ri:content-title",
    "ri:filename",
    "ri:value",
    "type",
];

crate::fixed::expression!(CDATA, r"(?s)<!\[CDATA\[(.*?)\]\]>");
crate::fixed::expression!(EMPTY, r#"<((?:ac|ri|at):[a-z-]+|time)((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*/>"#);

/// The storage format as HTML can be read: text that is marked as such is escaped, empty elements are closed.
pub(super) fn readable(html: &str) -> Cow<'_, str> {
    if !["<ac:", "<ri:"].iter().any(|mark| html.contains(mark)) {
        return Cow::Borrowed(html);
    }
    let (Some(cdata), Some(empty)) = (CDATA.get(), EMPTY.get()) else { return Cow::Borrowed(html) };
    let escape = |found: &regex::Captures<'_>| {
        let text = found.get(1).map_or("", |text| text.as_str());
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let html = cdata.replace_all(html, escape);
    Cow::Owned(empty.replace_all(&html, "<$1$2></$1>").into_owned())
}

/// An element of the storage format.
pub(super) fn element(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let node = element.node;
    let inner = || handlers.walk_children(node).content;
    let said = match element.tag {
        "ac:structured-macro" | "ac:macro" => macro_of(handlers, &element),
        "ac:task-list" => format!("\n\n{}\n", tasks(handlers, node)),
        "ac:link" => link(handlers, &element),
        "ac:image" => image(&element),
        "ac:emoticon" => emoticon(&element),
        "ac:adf-node" => adf(handlers, node),
        "ac:plain-text-body" => fenced(text(node).trim_matches('\n'), ""),
        "ac:rich-text-body" | "ac:layout" | "ac:layout-section" | "ac:layout-cell" | "ac:adf-content" => {
            format!("\n\n{}\n\n", inner().trim_matches('\n'))
        }
        "ac:adf-extension" | "ac:link-body" | "ac:task-body" => inner(),
        "ac:plain-text-link-body" => escaped(&text(node)),
        // Numbers, settings and advice to the author.
        _ => String::new(),
    };
    Some(said.into())
}

/// A macro, by its name. What it sets apart becomes a quotation, what folds is unfolded, code is code; of others the text stays.
fn macro_of(handlers: &dyn Handlers, element: &Element<'_>) -> String {
    let node = element.node;
    let name = attribute(element, "ac:name").unwrap_or_default().to_lowercase();
    let parameter = |wanted: &str| {
        let parts = elements(node).into_iter().filter(|part| tag(part) == "ac:parameter");
        parts.into_iter().find(|part| attribute_of(part, "ac:name").as_deref() == Some(wanted))
    };
    let said = |wanted: &str| parameter(wanted).map(|part| text(&part).trim().to_owned()).unwrap_or_default();
    let title = said("title");
    let rich = || {
        let body = child(node, "ac:rich-text-body");
        body.map(|body| tidy(&handlers.walk_children(&body).content)).unwrap_or_default()
    };
    if let Some(plain) = child(node, "ac:plain-text-body") {
        let language = language(&[("data-language".to_owned(), said("language"))]).unwrap_or_default();
        // What wikis draw from text (diagrams, Markdown) keeps its name.
        let language = if matches!(name.as_str(), "code" | "noformat") { language } else { name };
        let head = if title.is_empty() { String::new() } else { unfolded(&title, "") };
        return format!("{head}{}", fenced(text(&plain).trim_end().trim_start_matches('\n'), &language));
    }
    let kind = match name.as_str() {
        "info" => "Info",
        "note" => "Note",
        "tip" => "Tip",
        "warning" => "Warning",
        "panel" => return quoted(&escaped(&title), &rich()),
        "expand" => return unfolded(&title, &rich()),
        "status" => return escaped(&title),
        "jira" => return escaped(&said("key")),
        "include" | "excerpt-include" => {
            let place = elements(node).iter().find_map(page_in);
            return place.map(|page| format!("\n\n{}\n\n", to_page(&page, "", ""))).unwrap_or_default();
        }
        _ => return format!("\n\n{}\n\n", rich()),
    };
    let label = if title.is_empty() { kind.to_owned() } else { format!("{kind}: {}", escaped(&title)) };
    quoted(&label, &rich())
}

/// A panel of the newer editor.
fn adf(handlers: &dyn Handlers, node: &Rc<Node>) -> String {
    let content = child(node, "ac:adf-content").map(|body| handlers.walk_children(&body).content).unwrap_or_default();
    if attribute_of(node, "type").as_deref() != Some("panel") {
        return format!("\n\n{content}\n\n");
    }
    let kind = elements(node).into_iter().find(|part| attribute_of(part, "key").as_deref() == Some("panel-type"));
    let label = match kind.map(|kind| text(&kind)).as_deref().map(str::trim) {
        Some("note") => "Note",
        Some("warning") => "Warning",
        Some("error") => "Caution",
        Some("success") => "Tip",
        _ => "Info",
    };
    quoted(label, &content)
}

/// A list of tasks, also one within another.
fn tasks(handlers: &dyn Handlers, list: &Rc<Node>) -> String {
    let mut text = String::new();
    for part in elements(list) {
        match tag(&part) {
            "ac:task" => {
                let done =
                    child(&part, "ac:task-status").is_some_and(|status| self::text(&status).trim() == "complete");
                let body = child(&part, "ac:task-body").map(|body| tidy(&handlers.walk_children(&body).content));
                let body = indented(&body.unwrap_or_default(), 2);
                let mark = if done { "[x]" } else { "[ ]" };
                text.push_str(&format!("- {mark} {}\n", body.trim()));
            }
            "ac:task-list" => text.push_str(&indented(&tasks(handlers, &part), 2)),
            _ => {}
        }
    }
    text
}

/// The title of the page that stands in a node.
fn page_in(node: &Rc<Node>) -> Option<String> {
    if tag(node) == "ri:page" {
        return attribute_of(node, "ri:content-title").filter(|title| !title.trim().is_empty());
    }
    elements(node).iter().find_map(page_in)
}

/// A link to a page, by its title, as wikis write it.
fn to_page(title: &str, anchor: &str, words: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let marks = ['[', ']', '|', '#', '\\', '`', '<', '*', '_'];
    if title.contains(marks) || anchor.contains(marks) {
        return if words.is_empty() { escaped(&title) } else { words.to_owned() };
    }
    let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
    if words.is_empty() || words == title || words.contains(['[', ']', '|', '\n']) {
        return format!("[[{title}{anchor}]]");
    }
    format!("[[{title}{anchor}|{words}]]")
}

fn link(handlers: &dyn Handlers, element: &Element<'_>) -> String {
    let node = element.node;
    let anchor = attribute(element, "ac:anchor").unwrap_or_default();
    let body =
        elements(node).into_iter().find(|part| matches!(tag(part), "ac:plain-text-link-body" | "ac:link-body"));
    let words = body.and_then(|body| handlers.handle(&body)).map(|said| tidy(&said.content)).unwrap_or_default();
    let target = |name: &str, value: &str| child(node, name).and_then(|part| attribute_of(&part, value));
    if let Some(title) = page_in(node) {
        return to_page(&title, &anchor, &words);
    }
    let href = target("ri:attachment", "ri:filename").or_else(|| target("ri:url", "ri:value"));
    let href = href.or_else(|| (!anchor.is_empty()).then(|| format!("#{anchor}")));
    match href {
        Some(href) if is_harmless(&href) => {
            let words = if words.is_empty() { escaped(href.trim_start_matches('#')) } else { words };
            format!("[{words}]({})", address(&href))
        }
        _ => words,
    }
}

fn image(element: &Element<'_>) -> String {
    let node = element.node;
    let source = child(node, "ri:attachment").and_then(|part| attribute_of(&part, "ri:filename"));
    let source = source.or_else(|| child(node, "ri:url").and_then(|part| attribute_of(&part, "ri:value")));
    let alt = attribute(element, "ac:alt").unwrap_or_default();
    source.filter(|source| is_harmless(source)).map(|source| picture(&alt, &source)).unwrap_or_default()
}

/// These addresses are none that the sanitiser sees.
fn is_harmless(address: &str) -> bool {
    crate::variables::scheme(address.trim()).is_none_or(|scheme| {
        ["http", "https", "mailto", "ftp", "ssh", "tel"].iter().any(|one| scheme.eq_ignore_ascii_case(one))
    })
}

fn emoticon(element: &Element<'_>) -> String {
    if let Some(letters) = attribute(element, "ac:emoji-fallback").filter(|letters| !letters.starts_with(':')) {
        return letters;
    }
    let name = attribute(element, "ac:name").unwrap_or_default();
    let letters = match name.as_str() {
        "tick" => "✅",
        "cross" => "❌",
        "warning" => "⚠️",
        "information" => "ℹ️",
        "question" => "❓",
        "light-on" | "light-off" => "💡",
        "plus" => "➕",
        "minus" => "➖",
        _ => "",
    };
    letters.to_owned()
}

/// Code within a line that a page writes as text (`{{…}}` of the old editor).
#[expect(clippy::unnecessary_wraps, reason = "htmd wants it")]
pub(super) fn teletype(_: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    Some(inline(&text(element.node)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_are_valid() {
        assert!(CDATA.get().is_some() && EMPTY.get().is_some());
    }

    #[test]
    fn text_is_escaped_and_empty_elements_are_closed() {
        for (html, expected) in [
            ("<p>a</p><br />", "<p>a</p><br />"),
            ("<ac:x><![CDATA[a <b> && c]]></ac:x>", "<ac:x>a &lt;b&gt; &amp;&amp; c</ac:x>"),
            ("<ac:x><![CDATA[a]]]]><![CDATA[>b]]></ac:x>", "<ac:x>a]]&gt;b</ac:x>"),
            ("<ri:page ri:content-title=\"a > b\" />c", "<ri:page ri:content-title=\"a > b\"></ri:page>c"),
            ("<ac:x/><time datetime='2026-01-01' />", "<ac:x></ac:x><time datetime='2026-01-01'></time>"),
        ] {
            assert_eq!(readable(html), expected);
        }
    }
}
