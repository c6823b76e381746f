//! Lists on a page: checklists of all wikis, lists within lists, lists that margins make.

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, Node};
use std::rc::Rc;

use super::nodes::{attribute, attribute_of, classes, elements, indented, is_noise, parent, tag};

/// Ends an item of a list that was made of a paragraph, until its neighbours are known: of Unicode's private use.
pub(super) const LISTED: char = '\u{f8fe}';

crate::fixed::expression!(NEXT_LIST, r"</(ul|ol)>\s*<(ul|ol)( [^<>]*)>");

/// Notion makes a list of each item.
pub(super) fn joined(html: &str) -> String {
    let Some(next) = NEXT_LIST.get() else { return html.to_owned() };
    let join = |found: &regex::Captures<'_>| {
        let [whole, closed, opened, attributes] =
            [0, 1, 2, 3].map(|one| found.get(one).map_or("", |one| one.as_str()));
        let goes_on = match opened {
            "ol" => attributes.contains("numbered-list") && !attributes.contains("start=\"1\""),
            _ => attributes.contains("to-do-list") || attributes.contains("bulleted-list"),
        };
        if closed == opened && goes_on { String::new() } else { whole.to_owned() }
    };
    next.replace_all(html, join).into_owned()
}

/// A list; one that stands directly in another belongs to the item before it.
pub(super) fn list(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    if is_noise(element.node) {
        return Some("".into());
    }
    let above = parent(element.node);
    if let Some(level) = level_of_class(&classes(element.node)) {
        return Some(of_level(handlers, &element, level).into());
    }
    let within = above.is_some_and(|above| matches!(tag(&above), "ul" | "ol"));
    let result = handlers.fallback(element)?;
    if !within {
        return Some(result);
    }
    Some(format!("\n{}", indented(result.content.trim_matches('\n'), 3)).into())
}

/// An item, with its box where it is one of a checklist.
pub(super) fn item(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let ticked = ticked(element.node);
    let in_order = parent(element.node).is_some_and(|above| tag(&above) == "ol");
    let content = handlers.fallback(element)?.content;
    let content = content.trim_end();
    let Some(ticked) = ticked else {
        return Some(if in_order { format!("{content}\n") } else { content.to_owned() }.into());
    };
    let mark = if ticked { "[x] " } else { "[ ] " };
    Some(
        match content.strip_prefix("\n- ") {
            Some(said) => format!("\n- {mark}{said}"),
            None => format!("\n{mark}{}\n", content.trim_start_matches('\n')),
        }
        .into(),
    )
}

/// Whether an item is one of a checklist, and ticked: Confluence, Google Docs, Notion.
fn ticked(node: &Rc<Node>) -> Option<bool> {
    if attribute_of(node, "role").as_deref() == Some("checkbox") {
        return Some(attribute_of(node, "aria-checked").as_deref() == Some("true"));
    }
    if parent(node).is_some_and(|above| classes(&above).contains("inline-task-list")) {
        return Some(classes(node).split_whitespace().any(|class| class == "checked"));
    }
    elements(node).iter().map(classes).find_map(|classes| {
        let has = |wanted: &str| classes.split_whitespace().any(|class| class == wanted);
        has("checkbox").then(|| has("checkbox-on"))
    })
}

/// The level of a list of Google's published pages: the number at the end of `lst-kix_abc-1`.
fn level_of_class(classes: &str) -> Option<u32> {
    let class = classes.split_whitespace().find(|class| class.starts_with("lst-kix_"))?;
    class.rsplit('-').next()?.parse().ok()
}

/// The level that a margin says: half an inch for each.
pub(super) fn level_of_margin(style: &str) -> u32 {
    let Some((_, rest)) = style.split_once("margin-left:") else { return 0 };
    let length = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.').len();
    let (number, unit) = rest.split_at(length);
    let number: f64 = number.parse().unwrap_or_default();
    let points = if unit.starts_with("in") {
        number * 72.0
    } else if unit.starts_with("cm") {
        number * 28.35
    } else if unit.starts_with("px") {
        number * 0.75
    } else {
        number
    };
    // From 0 for the first level, which has a margin too.
    (1..8).take_while(|level| points + 6.0 >= f64::from(level + 1) * 36.0).last().unwrap_or_default()
}

/// A list whose level its class says; it follows the one that it stands in.
fn of_level(handlers: &dyn Handlers, element: &Element<'_>, level: u32) -> String {
    let start: usize = attribute(element, "start").and_then(|start| start.parse().ok()).unwrap_or(1);
    let items = elements(element.node).into_iter().filter(|node| tag(node) == "li").enumerate();
    items
        .map(|(number, node)| {
            let marker =
                if element.tag == "ol" { format!("{}.", start.saturating_add(number)) } else { "-".to_owned() };
            let content = handlers.walk_children(&node).content;
            listed(&marker, content.trim(), level)
        })
        .collect()
}

/// An item of a list that margins make.
pub(super) fn listed(marker: &str, content: &str, level: u32) -> String {
    let by = level.min(8) as usize * 3;
    let text = indented(content, by + marker.len() + 1);
    format!("\n\n{}{marker} {}{LISTED}\n\n", " ".repeat(by), text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_is_valid() {
        assert!(NEXT_LIST.get().is_some());
    }

    #[test]
    fn a_margin_says_the_level() {
        for (style, level) in [
            ("", 0),
            ("margin-left:36pt", 0),
            ("margin-left:.5in", 0),
            ("margin-left:1.0in", 1),
            ("margin-left:72pt;text-indent:-18pt", 1),
            ("margin-left:108pt", 2),
            ("margin-left:96px", 1),
            ("margin-left:9e9pt", 0),
        ] {
            assert_eq!(level_of_margin(style), level, "{style}");
        }
    }
}
