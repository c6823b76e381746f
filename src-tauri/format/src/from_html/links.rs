//! Links and pictures: addresses without what a wiki put around them, anchors that lead to the headings as they are now.

use std::collections::BTreeSet;

use htmd::Element;
use htmd::element_handler::{HandlerResult, Handlers};
use pulldown_cmark::{Event, Parser, Tag};

use super::nodes::attribute;

/// A link, without the title that repeats its text. One without words leads nowhere.
pub(super) fn link(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    let Some(href) = attribute(&element, "href").filter(|href| !href.trim().is_empty()) else {
        return Some(content.into());
    };
    let said = content.trim();
    if said.is_empty() {
        return Some("".into());
    }
    // A link around blocks is none in Markdown.
    if said.contains("\n\n") || said.contains("```") {
        return Some(content.into());
    }
    let href = target(&href);
    // A picture that leads to itself.
    if said.starts_with("![") && said.ends_with(&format!("]({})", address(&href))) {
        return Some(content.into());
    }
    let written = if said == href && href.starts_with("http") && !href.contains(['<', '>']) {
        format!("<{href}>")
    } else {
        format!("[{}]({})", said.replace('\n', " "), address(&href))
    };
    let before = if content.starts_with(char::is_whitespace) { " " } else { "" };
    let after = if content.ends_with(char::is_whitespace) { " " } else { "" };
    Some(format!("{before}{written}{after}").into())
}

/// Where a link leads that Google puts its own page before.
fn target(href: &str) -> String {
    let query =
        ["https://www.google.com/url?", "http://www.google.com/url?"].iter().find_map(|page| href.strip_prefix(page));
    let asked = query.and_then(|query| query.split('&').find_map(|part| part.strip_prefix("q=")));
    asked.map_or_else(|| href.trim().to_owned(), |asked| crate::links::percent_decoded(asked).into_owned())
}

/// An address as Markdown takes it.
pub(super) fn address(href: &str) -> String {
    let mut address = String::with_capacity(href.len());
    for letter in href.trim().chars() {
        match letter {
            '(' | ')' | '<' | '>' | '\\' | '`' | ' ' | '|' | '\n' | '\t' => {
                crate::variables::push_encoded(&mut address, u8::try_from(u32::from(letter)).unwrap_or(b'_'), |_| {
                    false
                });
            }
            letter => address.push(letter),
        }
    }
    address
}

/// Anchors lead to the headings by the names that those have now: `#Roll_back`, `#FailOver-Rollback` become `#roll-back`
/// and `#rollback`.
pub(super) fn anchored(markdown: &str) -> String {
    let mut changes: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut anchors: Option<BTreeSet<String>> = None;
    for (event, range) in Parser::new(markdown).into_offset_iter() {
        let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
        let Some(named) = dest_url.strip_prefix('#') else { continue };
        let there = anchors.get_or_insert_with(|| crate::anchors(markdown.as_bytes()));
        if there.contains(named) {
            continue;
        }
        let plain = plain(named);
        // Confluence puts the title of the page before.
        let found = there.iter().find(|anchor| self::plain(anchor) == plain).or_else(|| {
            let behind = named.split_once('-').map(|(_, rest)| self::plain(rest))?;
            there.iter().find(|anchor| self::plain(anchor) == behind)
        });
        let written = format!("](#{named})");
        let at = markdown.get(range.clone()).and_then(|text| text.rfind(&written));
        if let (Some(found), Some(at)) = (found, at) {
            let start = range.start + at + 3;
            changes.push((start..start + named.len(), found.clone()));
        }
    }
    let mut text = markdown.to_owned();
    for (range, anchor) in changes.into_iter().rev() {
        text.replace_range(range, &anchor);
    }
    text
}

/// An anchor without what wikis write differently.
fn plain(anchor: &str) -> String {
    let anchor = crate::links::percent_decoded(anchor);
    anchor.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Emoji are pictures on most wikis: their letters are kept. A picture without an address is none.
pub(super) fn image(_: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let classes = attribute(&element, "class").unwrap_or_default();
    let alt = attribute(&element, "alt").unwrap_or_default();
    if classes.contains("emoji") || classes.contains("emoticon") {
        return Some(attribute(&element, "data-emoji-fallback").unwrap_or(alt).into());
    }
    let source = attribute(&element, "src").filter(|source| !source.trim().is_empty());
    let source = source.map(|source| picture(&alt, &source)).unwrap_or_default();
    Some(source.into())
}

/// A picture in Markdown.
pub(super) fn picture(alt: &str, source: &str) -> String {
    format!("![{}]({})", super::nodes::escaped(alt), address(source))
}
