//! Code on a page: blocks with the language that any of the wikis wrote, code within a line.

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, Node};
use std::rc::Rc;

use super::nodes::{attributes_of, is_noise, parent, stands_in, tag, text_of};
use markup5ever_rcdom::NodeData;

/// A block of code.
#[expect(clippy::unnecessary_wraps, reason = "htmd wants it")]
pub(super) fn pre(_: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    Some(block(element.node).into())
}

/// The block of code that a node holds.
fn block(node: &Rc<Node>) -> String {
    let mut text = String::new();
    code_of(node, &mut text);
    let text = plain_code(&text);
    let text = text.trim_end().trim_start_matches('\n');
    let mut found = language(&attributes_of(node));
    let mut inner = node.children.borrow().first().cloned();
    while let (None, Some(node)) = (&found, inner) {
        found = language(&attributes_of(&node));
        inner = node.children.borrow().first().cloned();
    }
    let found = found.or_else(|| parent(node).and_then(|above| language(&attributes_of(&above))));
    fenced(text, &found.unwrap_or_default())
}

/// The text of a block, without the numbers of its lines.
fn code_of(node: &Rc<Node>, text: &mut String) {
    match &node.data {
        NodeData::Element { .. } if is_noise(node) => {}
        NodeData::Element { name, .. } if &*name.local != "br" => {
            node.children.borrow().iter().for_each(|child| code_of(child, text));
        }
        _ => text_of(node, text),
    }
}

/// A fence that its text does not end.
pub(super) fn fenced(text: &str, language: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("\n\n{fence}{language}\n{text}\n{fence}\n\n")
}

/// Code within a line.
pub(super) fn inline(text: &str) -> String {
    let text = plain_code(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return text;
    }
    let mut marks = "`".to_owned();
    while text.contains(&marks) {
        marks.push('`');
    }
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{marks}{pad}{text}{pad}{marks}")
}

/// `language-sh`, `lang-sh`, `brush: sh; gutter: true`, `highlight-source-sh`, `mw-highlight-lang-sh`, `data-language`.
pub(super) fn language(attributes: &[(String, String)]) -> Option<String> {
    for (name, value) in attributes {
        let found = match name.as_str() {
            "data-language" => Some(value.as_str()),
            "class" | "data-syntaxhighlighter-params" => match value.split_once("brush:") {
                Some((_, brush)) => brush.trim_start().split([';', ' ']).next(),
                None => value.split_whitespace().find_map(|class| {
                    ["language-", "lang-", "highlight-source-", "mw-highlight-lang-"]
                        .iter()
                        .find_map(|prefix| class.strip_prefix(prefix))
                }),
            },
            _ => None,
        };
        let word: String = found
            .unwrap_or_default()
            .to_lowercase()
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || "+-#".contains(*letter))
            .collect();
        match word.as_str() {
            "" => {}
            "none" | "text" | "plain" | "plaintext" | "plain-text" => return Some("text".to_owned()),
            "shell-session" | "shellsession" => return Some("console".to_owned()),
            "py" => return Some("python".to_owned()),
            "yml" => return Some("yaml".to_owned()),
            _ => return Some(word),
        }
    }
    None
}

/// What word processors put in the place of what was typed: quotes, dashes before options, blanks.
pub(super) fn plain_code(text: &str) -> String {
    text.chars()
        .filter(|letter| !matches!(letter, '\u{200b}' | '\u{feff}' | '\r'))
        .map(|letter| match letter {
            '\u{a0}' | '\u{202f}' | '\u{2007}' => ' ',
            '“' | '”' | '„' => '"',
            '‘' | '’' | '‚' => '\'',
            other => other,
        })
        .collect()
}

/// Code within a line, or a block where a page writes one without `pre`.
pub(super) fn code(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let mut text = String::new();
    code_of(element.node, &mut text);
    if text.trim().contains('\n') && !stands_in(element.node, &["pre", "code"]) {
        return Some(block(element.node).into());
    }
    handlers.fallback(element).map(|result| plain_code(&result.content).into())
}

/// Whether a style is that of a monospaced type.
pub(super) fn is_monospaced_style(style: &str) -> bool {
    let style = style.to_lowercase();
    style.contains("font-family")
        && ["consolas", "courier", "mono", "menlo", "lucida console", "inconsolata", "fira code", "source code"]
            .iter()
            .any(|font| style.contains(font))
}

/// Whether all text of a node is in a monospaced type.
pub(super) fn is_monospaced(node: &Rc<Node>) -> bool {
    if attributes_of(node).iter().any(|(name, value)| name == "style" && is_monospaced_style(value)) {
        return true;
    }
    let children = node.children.borrow();
    let mut said = children.iter().filter(|child| match &child.data {
        NodeData::Text { contents } => !contents.borrow().trim().is_empty(),
        _ => tag(child) != "br",
    });
    let mut any = false;
    let all = said.all(|one| {
        any = true;
        matches!(one.data, NodeData::Element { .. }) && is_monospaced(one)
    });
    any && all
}
