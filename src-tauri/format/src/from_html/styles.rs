//! What word processors say by styles: bold, italic and monospaced type, paragraphs that are code, that are items of a
//! list by their margin.

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, Node};
use std::rc::Rc;

use super::code::{fenced, inline, is_monospaced, is_monospaced_style, plain_code};
use super::lists::{LISTED, level_of_margin, listed};
use super::nodes::{attribute, classes, is_noise, parent, stands_in, tag, text};

/// The language of fences that paragraphs in a monospaced type become, until they are joined.
pub(super) const MONOSPACED: &str = "x-monospaced";

/// Where type says nothing of its own.
const TITLES: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6", "th", "summary"];

/// `b` and `strong`, `i` and `em`: what a style takes back is none, and none goes around blocks.
pub(super) fn emphasis(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let style = attribute(&element, "style").unwrap_or_default().replace(' ', "").to_lowercase();
    let taken_back = match element.tag {
        "b" | "strong" => style.contains("font-weight:normal") || style.contains("font-weight:400"),
        _ => style.contains("font-style:normal"),
    };
    let content = handlers.walk_children(element.node).content;
    let around_blocks = content.trim().contains("\n\n") || content.contains("```");
    if taken_back || around_blocks || is_a_title(element.node, element.tag) {
        return Some(content.into());
    }
    handlers.fallback(element)
}

fn is_a_title(node: &Rc<Node>, tag: &str) -> bool {
    matches!(tag, "b" | "strong" | "span" | "font") && stands_in(node, TITLES)
}

/// What a style says.
pub(super) fn span(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let is_reference =
        element.tag == "sup" && classes(element.node).split_whitespace().any(|class| class == "reference");
    if is_noise(element.node) || is_reference {
        return Some("".into());
    }
    let style = attribute(&element, "style").unwrap_or_default().replace(' ', "").to_lowercase();
    let content = handlers.walk_children(element.node).content;
    let is_block = content.trim().contains('\n');
    if style.is_empty() || is_block || stands_in(element.node, &["pre", "code"]) {
        return Some(content.into());
    }
    // The marker of a list's item, which the paragraph writes.
    if style.contains("mso-list:ignore") {
        return Some("".into());
    }
    if is_monospaced_style(&style) {
        return Some(around(&text(element.node), inline).into());
    }
    let bold = ["font-weight:bold", "font-weight:600", "font-weight:700", "font-weight:800", "font-weight:900"];
    let bold = bold.iter().any(|one| style.contains(one)) && !is_a_title(element.node, element.tag);
    let struck = style.contains("line-through");
    let content =
        if style.contains("font-style:italic") { around(&content, |text| format!("*{text}*")) } else { content };
    let content = if bold { around(&content, |text| format!("**{text}**")) } else { content };
    Some(if struck { around(&content, |text| format!("~~{text}~~")) } else { content }.into())
}

/// Marks around a text, not around its blanks.
fn around(text: &str, marked: impl Fn(&str) -> String) -> String {
    let inner = text.trim();
    if inner.is_empty() {
        return text.to_owned();
    }
    let before = if text.starts_with(char::is_whitespace) { " " } else { "" };
    let after = if text.ends_with(char::is_whitespace) { " " } else { "" };
    format!("{before}{}{after}", marked(inner))
}

/// A paragraph: code where all of it is in a monospaced type, an item of a list where it begins with a bullet.
pub(super) fn paragraph(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let node = element.node;
    let in_an_item = stands_in(node, &["li"]);
    if is_monospaced(node) && !in_an_item {
        return Some(fenced(plain_code(&text(node)).trim_end(), MONOSPACED).into());
    }
    if in_an_item {
        return handlers.fallback(element);
    }
    let style = attribute(&element, "style").unwrap_or_default().replace(' ', "").to_lowercase();
    let class = classes(node);
    // Google's published pages have their title so.
    if class.split_whitespace().any(|class| class == "title")
        && parent(node).is_some_and(|above| tag(&above) == "body")
    {
        return Some(format!("\n\n# {}\n\n", handlers.walk_children(node).content.trim()).into());
    }
    let word = class.starts_with("MsoList") || style.contains("mso-list:");
    let said = text(node);
    let Some((marker, _)) = marker(said.trim_start(), word) else { return handlers.fallback(element) };
    let level = style.split_once("level").and_then(|(_, rest)| rest.chars().next()?.to_digit(10));
    let level = level.map_or_else(|| level_of_margin(&style), |level| level.saturating_sub(1));
    let content = handlers.walk_children(node).content;
    // What the walk wrote of the marker, where no style names it.
    let content = content.trim_start();
    let content = self::marker(content, word).map_or(content, |(_, rest)| rest);
    Some(listed(&marker, content.trim(), level).into())
}

/// The marker of a list's item that a text begins with, as Markdown writes it, and what follows it.
fn marker(text: &str, word: bool) -> Option<(String, &str)> {
    let first = text.chars().next()?;
    let rest = text.get(first.len_utf8()..)?;
    let blank = |rest: &str| rest.starts_with(|letter: char| letter.is_whitespace());
    if "•●○■▪·‣◦".contains(first) && blank(rest) || (word && "o§-".contains(first) && blank(rest)) {
        return Some(("-".to_owned(), rest));
    }
    if !word {
        return None;
    }
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    // The walk may have escaped it.
    let rest = text.get(digits..)?.trim_start_matches('\\');
    let rest = rest.strip_prefix(['.', ')'])?;
    ((1..10).contains(&digits) && blank(rest)).then(|| (format!("{}.", text.get(..digits).unwrap_or("1")), rest))
}

/// Paragraphs of code that follow each other are one block, items of a list one list.
pub(super) fn joined(markdown: &str) -> String {
    let markdown = markdown.replace(&format!("\n```\n\n```{MONOSPACED}\n"), "\n").replace(MONOSPACED, "");
    if !markdown.contains(LISTED) {
        return markdown;
    }
    let mut lines: Vec<&str> = Vec::new();
    let mut after_item = false;
    for line in markdown.lines() {
        let is_item = line.contains(LISTED);
        if is_item && after_item {
            while lines.last().is_some_and(|line| line.trim().is_empty()) {
                lines.pop();
            }
        }
        after_item = is_item || (after_item && line.trim().is_empty());
        lines.push(line);
    }
    lines.join("\n").replace(LISTED, "")
}
