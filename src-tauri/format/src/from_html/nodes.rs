//! Questions to the tree of a page.

use std::rc::Rc;

use htmd::{Element, Node};
use markup5ever_rcdom::NodeData;

/// An attribute of the element that is converted.
pub(super) fn attribute(element: &Element<'_>, name: &str) -> Option<String> {
    element.attrs.iter().find(|one| &*one.name.local == name).map(|one| one.value.to_string())
}

/// An attribute of any node.
pub(super) fn attribute_of(node: &Rc<Node>, wanted: &str) -> Option<String> {
    attributes_of(node).into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

/// All attributes of a node.
pub(super) fn attributes_of(node: &Rc<Node>) -> Vec<(String, String)> {
    match &node.data {
        NodeData::Element { attrs, .. } => {
            attrs.borrow().iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect()
        }
        _ => Vec::new(),
    }
}

/// The name of an element; empty for text.
pub(super) fn tag(node: &Rc<Node>) -> &str {
    match &node.data {
        NodeData::Element { name, .. } => &name.local,
        _ => "",
    }
}

/// The element that a node stands in.
pub(super) fn parent(node: &Rc<Node>) -> Option<Rc<Node>> {
    let weak = node.parent.take();
    let above = weak.as_ref().and_then(std::rc::Weak::upgrade);
    node.parent.set(weak);
    above
}

/// Whether a node stands in one of these elements, at any depth.
pub(super) fn stands_in(node: &Rc<Node>, tags: &[&str]) -> bool {
    let mut above = parent(node);
    while let Some(node) = above {
        if tags.contains(&tag(&node)) {
            return true;
        }
        above = parent(&node);
    }
    false
}

/// The elements that stand directly in a node.
pub(super) fn elements(node: &Rc<Node>) -> Vec<Rc<Node>> {
    node.children.borrow().iter().filter(|child| !tag(child).is_empty()).cloned().collect()
}

/// The first element of a name that stands directly in a node.
pub(super) fn child(node: &Rc<Node>, name: &str) -> Option<Rc<Node>> {
    elements(node).into_iter().find(|child| tag(child) == name)
}

/// Whether one of these elements stands in a node, at any depth.
pub(super) fn holds(node: &Rc<Node>, tags: &[&str]) -> bool {
    elements(node).iter().any(|child| tags.contains(&tag(child)) || holds(child, tags))
}

/// The text of a node; a line break is one.
pub(super) fn text_of(node: &Rc<Node>, text: &mut String) {
    match &node.data {
        NodeData::Text { contents } => text.push_str(&contents.borrow()),
        NodeData::Element { name, .. } if &*name.local == "br" => text.push('\n'),
        _ => node.children.borrow().iter().for_each(|child| text_of(child, text)),
    }
}

/// The text of a node, alone.
pub(super) fn text(node: &Rc<Node>) -> String {
    let mut text = String::new();
    text_of(node, &mut text);
    text
}

/// The classes of a node.
pub(super) fn classes(node: &Rc<Node>) -> String {
    attribute_of(node, "class").unwrap_or_default()
}

/// Whether a node is what a wiki puts around a page, not a part of its text: edit links, contents, numbers of lines.
pub(super) fn is_noise(node: &Rc<Node>) -> bool {
    const NOISE: &[&str] = &[
        "aui-icon",
        "catlinks",
        "expand-icon",
        "headerlink",
        "lineno",
        "linenos",
        "linenumber",
        "mw-editsection",
        "mw-jump-link",
        "navbox",
        "noprint",
        "react-syntax-highlighter-line-number",
        "toc",
        "toc-macro",
        "zeroclipboard-container",
    ];
    classes(node).split_whitespace().any(|class| NOISE.contains(&class))
}

/// A line of text as Markdown that says the same.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match letter {
            '\\' | '*' | '_' | '`' | '[' | ']' => escaped.extend(['\\', letter]),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Lines that stand in a list's item.
pub(super) fn indented(text: &str, by: usize) -> String {
    let blanks = " ".repeat(by);
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{blanks}{line}\n") };
    text.lines().map(line).collect()
}
