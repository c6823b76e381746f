//! From a wiki page: HTML that was copied becomes plain Markdown.
//!
//! `ammonia` takes out what runs or hides, `htmd` writes the Markdown; here stands what the wikis do in ways of their
//! own: Confluence, Notion, Google Docs, GitHub, MediaWiki, Word.

use std::rc::Rc;

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::options::{BrStyle, BulletListMarker, HrStyle, Options};
use htmd::{Element, HtmlToMarkdown, Node};
use markup5ever_rcdom::NodeData;
use pulldown_cmark::{Event, Parser, Tag};

/// Nesting that is followed; a page that nests deeper gives its text alone.
const DEEPEST: usize = 200;

/// The language of fences that Word's paragraphs in a monospaced type become, until they are joined.
const MONOSPACED: &str = "x-monospaced";

/// Markdown for HTML that was copied from a page: headings, lists, tables, code, links, pictures and panels. Nothing
/// that runs is left. Any text is taken; what is no HTML comes out as text.
#[must_use]
pub fn from_html(html: &str) -> String {
    // Counted before anything is built from it: parsing takes the square of the depth.
    if depth(html) > DEEPEST * 10 {
        return text_alone(html);
    }
    let clean = clean(html);
    if depth(&clean) > DEEPEST {
        return text_alone(&clean);
    }
    let converter = HtmlToMarkdown::builder()
        .options(Options {
            hr_style: HrStyle::Dashes,
            br_style: BrStyle::Backslash,
            bullet_list_marker: BulletListMarker::Dash,
            ul_bullet_spacing: 1,
            ol_number_spacing: 1,
            ..Options::default()
        })
        .add_handler(vec!["pre"], pre)
        .add_handler(vec!["code"], code)
        .add_handler(vec!["input"], checkbox)
        .add_handler(vec!["p"], paragraph)
        .add_handler(vec!["div", "aside", "section"], panel)
        .add_handler(vec!["img"], image)
        .build();
    let markdown = converter.convert(&clean).unwrap_or_else(|_| text_alone(&clean));
    let markdown = markdown.replace(&format!("\n```\n\n```{MONOSPACED}\n"), "\n").replace(MONOSPACED, "");
    let markdown = headings(&tidy(&markdown));
    if markdown.is_empty() { markdown } else { format!("{markdown}\n") }
}

/// Without scripts, styles, comments, forms and addresses that run something.
fn clean(html: &str) -> String {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .add_tags(["input", "section", "main"])
        .add_generic_attributes(["class", "style", "data-language", "data-syntaxhighlighter-params"])
        .add_tag_attributes("input", ["type", "checked"])
        .add_tag_attributes("img", ["data-emoji-fallback"])
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
        } else if !["br", "img", "hr", "input", "col", "wbr", "area"]
            .iter()
            .any(|void| tag.strip_prefix(void).is_some_and(|rest| rest.starts_with([' ', '>', '/'])))
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

fn attribute(element: &Element<'_>, name: &str) -> Option<String> {
    element.attrs.iter().find(|one| &*one.name.local == name).map(|one| one.value.to_string())
}

/// A block of code, with the language that any of the wikis wrote.
#[expect(clippy::unnecessary_wraps, reason = "htmd wants it")]
fn pre(_: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let mut text = String::new();
    text_of(element.node, &mut text);
    let text = plain_code(&text);
    let text = text.trim_end().trim_start_matches('\n');
    let mut language = language(&attributes_of(element.node));
    let mut inner = element.node.children.borrow().first().cloned();
    while let (None, Some(node)) = (&language, inner) {
        language = self::language(&attributes_of(&node));
        inner = node.children.borrow().first().cloned();
    }
    let above = || element.node.parent.take().inspect(|parent| element.node.parent.set(Some(parent.clone())));
    let language = language
        .or_else(|| above().and_then(|weak| weak.upgrade()).and_then(|up| self::language(&attributes_of(&up))));
    Some(fenced(text, &language.unwrap_or_default()).into())
}

fn fenced(text: &str, language: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("\n\n{fence}{language}\n{text}\n{fence}\n\n")
}

fn attributes_of(node: &Rc<Node>) -> Vec<(String, String)> {
    match &node.data {
        NodeData::Element { attrs, .. } => {
            attrs.borrow().iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect()
        }
        _ => Vec::new(),
    }
}

/// `language-sh`, `lang-sh`, `brush: sh; gutter: true`, `highlight-source-sh`, `mw-highlight-lang-sh`, `data-language`.
fn language(attributes: &[(String, String)]) -> Option<String> {
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
            _ => return Some(word),
        }
    }
    None
}

/// The text of a node; a line break is one.
fn text_of(node: &Rc<Node>, text: &mut String) {
    match &node.data {
        NodeData::Text { contents } => text.push_str(&contents.borrow()),
        NodeData::Element { name, .. } if &*name.local == "br" => text.push('\n'),
        _ => node.children.borrow().iter().for_each(|child| text_of(child, text)),
    }
}

/// What word processors put in the place of what was typed: quotes, dashes before options, blanks.
fn plain_code(text: &str) -> String {
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

fn code(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    handlers.fallback(element).map(|result| plain_code(&result.content).into())
}

#[expect(clippy::unnecessary_wraps, reason = "htmd wants it")]
fn checkbox(_: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    if attribute(&element, "type").as_deref() != Some("checkbox") {
        return Some("".into());
    }
    Some(if attribute(&element, "checked").is_some() { "[x] " } else { "[ ] " }.into())
}

/// Word writes code as paragraphs in a monospaced type.
fn paragraph(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    if is_monospaced(element.node) {
        let mut text = String::new();
        text_of(element.node, &mut text);
        let text = plain_code(&text);
        return Some(fenced(text.trim_end(), MONOSPACED).into());
    }
    handlers.fallback(element)
}

/// Whether all text of a paragraph is in a monospaced type.
fn is_monospaced(node: &Rc<Node>) -> bool {
    let own = attributes_of(node).iter().any(|(name, value)| {
        let value = value.to_lowercase();
        name == "style"
            && value.contains("font-family")
            && ["consolas", "courier", "monospace", "menlo", "lucida console"].iter().any(|font| value.contains(font))
    });
    if own {
        return true;
    }
    let children = node.children.borrow();
    let mut said = children.iter().filter(|child| match &child.data {
        NodeData::Text { contents } => !contents.borrow().trim().is_empty(),
        _ => true,
    });
    matches!((said.next(), said.next()), (Some(one), None) if matches!(one.data, NodeData::Element { .. }) && is_monospaced(one))
}

/// A panel becomes a quotation that begins with its kind in bold.
fn panel(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let classes = attribute(&element, "class").unwrap_or_default().to_lowercase();
    let word = if classes.contains("confluence-information-macro-body") {
        None
    } else if ["admonition", "confluence-information-macro", "markdown-alert", "panel-", "callout", "alert"]
        .iter()
        .any(|family| classes.contains(family))
        && !classes.contains("markdown-alert-title")
    {
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
        .find(|(class, _)| {
            classes.replace("confluence-information-macro ", "").replace("information-macro-", "").contains(class)
        })
        .map(|(_, word)| word)
    } else {
        None
    };
    let Some(word) = word else { return handlers.fallback(element) };
    let content = handlers.walk_children(element.node).content;
    let content = tidy(&content);
    let said = content.strip_prefix(word).map_or(content.as_str(), str::trim_start);
    let quoted: String = format!("**{word}**\n\n{said}")
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned() + "\n")
        .collect();
    Some(format!("\n\n{quoted}\n\n").into())
}

/// Emoji are pictures on most wikis: their letters are kept. A picture without an address is none.
fn image(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let classes = attribute(&element, "class").unwrap_or_default();
    if classes.contains("emoji") || classes.contains("emoticon") {
        let text = attribute(&element, "data-emoji-fallback").or_else(|| attribute(&element, "alt"));
        return Some(text.unwrap_or_default().into());
    }
    if attribute(&element, "src").is_none_or(|source| source.is_empty()) {
        return Some("".into());
    }
    handlers.fallback(element)
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
