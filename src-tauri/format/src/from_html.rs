//! From a wiki page: HTML that was copied becomes plain Markdown.
//!
//! `ammonia` takes out what runs or hides, `htmd` writes the Markdown; here stands what the wikis do in ways of their
//! own: Confluence (its storage format and its pages), Google Docs, MediaWiki, Notion, GitHub, Word.

mod code;
mod confluence;
mod links;
mod lists;
mod nodes;
mod panels;
mod styles;
mod tables;

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::options::{BrStyle, BulletListMarker, HrStyle, Options};
use htmd::{Element, HtmlToMarkdown};
use pulldown_cmark::{Event, Parser, Tag};

/// Nesting that is followed; a page that nests deeper gives its text alone.
const DEEPEST: usize = 200;

/// Markdown for HTML that was copied from a page: headings, lists, checklists, tables, code, links, pictures and panels.
/// Nothing that runs is left. Any text is taken; what is no HTML comes out as text.
#[must_use]
pub fn from_html(html: &str) -> String {
    let html = confluence::readable(fragment(html));
    // Counted before anything is built from it: parsing takes the square of the depth.
    if depth(&html) > DEEPEST * 10 {
        return text_alone(&html);
    }
    let clean = clean(&html);
    if depth(&clean) > DEEPEST {
        return text_alone(&clean);
    }
    let clean = lists::joined(&clean);
    let converter = HtmlToMarkdown::builder()
        .options(Options {
            hr_style: HrStyle::Dashes,
            br_style: BrStyle::Backslash,
            bullet_list_marker: BulletListMarker::Dash,
            ul_bullet_spacing: 1,
            ol_number_spacing: 1,
            ..Options::default()
        })
        .add_handler(vec!["pre"], code::pre)
        .add_handler(vec!["code"], code::code)
        .add_handler(vec!["tt", "kbd", "samp"], confluence::teletype)
        .add_handler(vec!["input"], checkbox)
        .add_handler(vec!["p"], styles::paragraph)
        .add_handler(vec!["span", "sup"], styles::span)
        .add_handler(vec!["b", "strong", "i", "em"], styles::emphasis)
        .add_handler(vec!["ul", "ol"], lists::list)
        .add_handler(vec!["li"], lists::item)
        .add_handler(vec!["table"], tables::table)
        .add_handler(vec!["div", "aside", "section", "nav"], panels::part)
        .add_handler(vec!["figure"], panels::figure)
        .add_handler(vec!["summary", "dt"], panels::summary)
        .add_handler(vec!["time"], panels::time)
        .add_handler(vec!["a"], links::link)
        .add_handler(vec!["img"], links::image)
        .add_handler(confluence::TAGS.to_vec(), confluence::element)
        .build();
    let markdown = converter.convert(&clean).unwrap_or_else(|_| text_alone(&clean));
    let markdown = links::anchored(&headings(&tidy(&styles::joined(&tidy(&markdown)))));
    if markdown.is_empty() { markdown } else { format!("{markdown}\n") }
}

/// What was copied, without the rest of the page that the clipboard of Windows puts around it.
fn fragment(html: &str) -> &str {
    let Some((_, rest)) = html.split_once("<!--StartFragment-->") else { return html };
    rest.split_once("<!--EndFragment-->").map_or(rest, |(fragment, _)| fragment)
}

/// Without scripts, styles, comments, forms and addresses that run something.
fn clean(html: &str) -> String {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .add_tags(["input", "section", "main"])
        .add_tags(confluence::TAGS)
        .add_clean_content_tags(["title", "button", "select", "textarea", "template", "noscript", "clipboard-copy"])
        .add_generic_attributes(["class", "style", "role", "aria-checked"])
        .add_generic_attributes(["data-language", "data-syntaxhighlighter-params"])
        .add_generic_attributes(confluence::ATTRIBUTES)
        .add_tag_attributes("input", ["type", "checked"])
        .add_tag_attributes("img", ["data-emoji-fallback"])
        .add_tag_attributes("time", ["datetime"])
        .strip_comments(true)
        .link_rel(None);
    cleaner.clean(html).to_string()
}

/// How deep the tags of cleaned HTML nest.
fn depth(html: &str) -> usize {
    let mut depth: usize = 0;
    let mut deepest = 0;
    for tag in html.split('<').skip(1) {
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !["!", "br", "img", "hr", "input", "col", "wbr", "area"]
            .iter()
            .any(|void| tag.strip_prefix(void).is_some_and(|rest| *void == "!" || rest.starts_with([' ', '>', '/'])))
        {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

/// What stands between the tags, without scripts and styles.
fn text_alone(html: &str) -> String {
    let mut text = String::new();
    let mut skipped = false;
    for part in html.split_inclusive('>') {
        let (said, tag) = part.split_once('<').unwrap_or((part, ""));
        if !skipped {
            text.push_str(said);
        }
        let tag = tag.to_lowercase();
        if ["script", "style", "!--"].iter().any(|name| tag.starts_with(name)) {
            skipped = true;
        } else if ["/script", "/style"].iter().any(|name| tag.starts_with(name)) || tag.ends_with("-->") {
            skipped = false;
        }
    }
    let text = text.replace(['<', '>'], " ");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned() + "\n"
}

#[expect(clippy::unnecessary_wraps, reason = "htmd wants it")]
fn checkbox(_: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    if nodes::attribute(&element, "type").as_deref() != Some("checkbox") {
        return Some("".into());
    }
    Some(if nodes::attribute(&element, "checked").is_some() { "[x] " } else { "[ ] " }.into())
}

/// No blanks at the ends of lines, no two blank lines, no blanks that are none; code stays.
fn tidy(markdown: &str) -> String {
    let mut tidy = String::with_capacity(markdown.len());
    let mut fence: Option<usize> = None;
    let mut blank = true;
    for line in markdown.lines() {
        let ticks = line.trim_start_matches([' ', '>']).bytes().take_while(|byte| *byte == b'`').count();
        let closes = fence.is_some_and(|open| ticks >= open && line.trim_end().ends_with('`'));
        let inside = fence.is_some() && !closes;
        if fence.is_none() && ticks >= 3 {
            fence = Some(ticks);
        } else if closes {
            fence = None;
        }
        let line = if inside { line.to_owned() } else { line.replace('\u{a0}', " ") };
        let line = if inside { line.as_str() } else { line.trim_end() };
        // A break between blocks is none; a rule is written as people write it.
        let line = match line {
            "\\" if !inside => "",
            "- - -" if !inside => "---",
            line => line,
        };
        if line.is_empty() && !inside && std::mem::replace(&mut blank, true) {
            continue;
        }
        blank = line.is_empty();
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy.trim_matches('\n').to_owned()
}

/// Levels of headings without gaps: one title, if there is one, then level 2.
fn headings(markdown: &str) -> String {
    let found: Vec<(usize, usize)> = Parser::new(markdown)
        .into_offset_iter()
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::Heading { level, .. }) if markdown.get(range.start..)?.starts_with('#') => {
                Some((range.start, level as usize))
            }
            _ => None,
        })
        .collect();
    let mut levels: Vec<usize> = found.iter().map(|(_, level)| *level).collect();
    levels.sort_unstable();
    let titled = levels.first() != levels.get(1) && found.first().map(|(_, level)| level) == levels.first();
    levels.dedup();
    let mut result = markdown.to_owned();
    for (start, level) in found.into_iter().rev() {
        let place = levels.iter().position(|one| *one == level).unwrap_or_default() + if titled { 1 } else { 2 };
        result.replace_range(start..start + level, &"#".repeat(place.min(6)));
    }
    result
}

#[cfg(test)]
mod tests;
