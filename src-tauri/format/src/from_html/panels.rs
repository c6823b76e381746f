//! Panels, callouts and parts that fold: what a page sets apart.

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, Node};
use std::rc::Rc;

use super::nodes::{attribute_of, child, classes, elements, escaped, is_noise, tag, text};
use super::tidy;

/// A quotation that begins with what it is, in bold.
pub(super) fn quoted(label: &str, content: &str) -> String {
    let content = tidy(content);
    let said = content.strip_prefix(label).map_or(content.as_str(), str::trim_start);
    let text = match (label, said) {
        ("", said) => said.to_owned(),
        (label, "") => format!("**{label}**"),
        (label, said) => format!("**{label}**\n\n{said}"),
    };
    let quoted: String = text.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
    format!("\n\n{quoted}\n\n")
}

/// A part that folds, unfolded: its title in bold, and what it holds.
pub(super) fn unfolded(title: &str, content: &str) -> String {
    let title = escaped(title);
    let title = if title.is_empty() { title } else { format!("**{title}**\n\n") };
    format!("\n\n{title}{}\n\n", content.trim_matches('\n'))
}

/// A part of a page: a panel becomes a quotation.
pub(super) fn part(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let node = element.node;
    let all = classes(node).to_lowercase();
    let has = |wanted: &str| all.split_whitespace().any(|class| class == wanted);
    if is_noise(node) || has("checkbox") || has("expand-control-icon") {
        return Some("".into());
    }
    if has("expand-control") {
        return Some(unfolded(&text(node), "").into());
    }
    if has("codeheader") {
        return Some(unfolded(&text(node), "").into());
    }
    if let Some(content) = confluence_panel(handlers, node) {
        return Some(content.into());
    }
    let Some(word) = word(&all) else { return handlers.fallback(element) };
    let mut title = String::new();
    let mut content = String::new();
    for inner in node.children.borrow().iter() {
        if tag(inner) == "p" && (is_titled(inner)) {
            title = escaped(&text(inner));
        } else if let Some(result) = handlers.handle(inner) {
            content.push_str(&result.content);
        }
    }
    let label = if title.is_empty() || title == word { word.to_owned() } else { format!("{word}: {title}") };
    Some(quoted(&label, &content).into())
}

fn is_titled(node: &Rc<Node>) -> bool {
    classes(node)
        .split_whitespace()
        .any(|class| matches!(class, "title" | "admonition-title" | "markdown-alert-title"))
}

/// Confluence's panel with a head of its own.
fn confluence_panel(handlers: &dyn Handlers, node: &Rc<Node>) -> Option<String> {
    if !classes(node).split_whitespace().any(|class| class == "panel") {
        return None;
    }
    let part = |name: &str| {
        elements(node).into_iter().find(|inner| classes(inner).split_whitespace().any(|class| class == name))
    };
    // Code stands in one too, without a quotation around it.
    let content = part("panelContent").filter(|content| child(content, "pre").is_none())?;
    let label = part("panelHeader").map(|head| escaped(&text(&head))).unwrap_or_default();
    Some(quoted(&label, &handlers.walk_children(&content).content))
}

/// What a panel is, by its classes in lower case.
fn word(classes: &str) -> Option<&'static str> {
    const FAMILIES: &[&str] =
        &["admonition", "confluence-information-macro", "markdown-alert", "panel-", "callout", "alert"];
    let is_body = ["confluence-information-macro-body", "markdown-alert-title", "admonition-title"]
        .iter()
        .any(|body| classes.contains(body));
    if is_body || !FAMILIES.iter().any(|family| classes.contains(family)) {
        return None;
    }
    let kinds = classes.replace("confluence-information-macro ", "").replace("information-macro-", "");
    [
        ("caution", "Caution"),
        ("danger", "Danger"),
        ("warning", "Warning"),
        ("important", "Important"),
        ("note", "Note"),
        ("tip", "Tip"),
        ("info", "Info"),
    ]
    .into_iter()
    .find(|(class, _)| kinds.contains(class))
    .map(|(_, word)| word)
}

/// Notion's callout, which begins with an emoji; another figure is its picture.
pub(super) fn figure(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    if !classes(element.node).split_whitespace().any(|class| class == "callout") {
        return handlers.fallback(element);
    }
    let content = tidy(&handlers.walk_children(element.node).content);
    // The emoji stands in a part of its own.
    let joined = content
        .split_once("\n\n")
        .map(|(icon, said)| if icon.chars().count() <= 3 { format!("{icon} {said}") } else { content.clone() });
    Some(quoted("", &joined.unwrap_or(content)).into())
}

/// The title of what folds, and a term that is explained.
#[expect(clippy::unnecessary_wraps, reason = "htmd wants it")]
pub(super) fn summary(_: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    Some(unfolded(&text(element.node), "").into())
}

/// A time without words is its date.
pub(super) fn time(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let said = handlers.walk_children(element.node).content;
    if said.trim().is_empty() {
        return attribute_of(element.node, "datetime").map(|date| escaped(&date).into());
    }
    Some(said.into())
}
