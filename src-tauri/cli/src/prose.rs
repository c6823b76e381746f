//! The author's prose for a terminal: sanitised HTML in, wrapped lines out.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use html2text::render::{RichAnnotation, TaggedLineElement};

use crate::look::{BOLD, DIM, Look, visible};

const CODE: Style = AnsiColor::Cyan.on_default();
const EMPHASIS: Style = Style::new().italic();
const LINK: Style = Style::new().underline();

/// Prose, and where it points.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Prose {
    /// Lines, wrapped and indented; no blank ones at either end.
    pub(crate) lines: Vec<String>,
    /// Addresses of its links, each once, in order.
    pub(crate) links: Vec<String>,
}

/// Renders sanitised HTML, indented by that many columns.
pub(crate) fn prose(look: Look, html: &str, indent: usize) -> Prose {
    let room = look.width.saturating_sub(indent).max(20);
    let Ok(rendered) = html2text::config::rich().allow_width_overflow().lines_from_read(html.as_bytes(), room) else {
        return Prose { lines: look.wrapped(&visible(html), indent), links: Vec::new() };
    };
    let mut prose = Prose::default();
    for line in rendered {
        let mut text = String::new();
        for element in line.iter() {
            if let TaggedLineElement::Str(piece) = element {
                for link in piece.tag.iter().filter_map(address) {
                    if !prose.links.iter().any(|known| known == link) {
                        prose.links.push(link.to_owned());
                    }
                }
                let style = piece.tag.iter().fold(Style::new(), with);
                let shown = visible(&piece.s);
                let shown = if look.unicode { shown } else { ascii(&shown) };
                let _ = write!(text, "{style}{shown}{style:#}");
            }
        }
        if !text.trim().is_empty() {
            prose.lines.push(format!("{}{}", " ".repeat(indent), text.trim_end()));
        } else if prose.lines.last().is_some_and(|last| !last.is_empty()) {
            prose.lines.push(String::new());
        }
    }
    while prose.lines.last().is_some_and(String::is_empty) {
        prose.lines.pop();
    }
    prose
}

fn address(tag: &RichAnnotation) -> Option<&str> {
    match tag {
        RichAnnotation::Link(url) => Some(url),
        _ => None,
    }
}

fn with(style: Style, tag: &RichAnnotation) -> Style {
    let more = match tag {
        RichAnnotation::Strong => BOLD,
        RichAnnotation::Emphasis => EMPHASIS,
        RichAnnotation::Code | RichAnnotation::Preformat(_) => CODE,
        RichAnnotation::Link(_) => LINK,
        RichAnnotation::Image(_) | RichAnnotation::Strikeout => DIM,
        _ => return style,
    };
    let style = style.effects(style.get_effects() | more.get_effects());
    if more.get_fg_color().is_some() { style.fg_color(more.get_fg_color()) } else { style }
}

/// Lines of tables, which the renderer draws in Unicode, in ASCII; the author's own letters stay.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '─' => '-',
            '│' => '|',
            '┬' | '┴' | '┼' | '├' | '┤' => '+',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(html: &str, width: usize) -> Vec<String> {
        let look = Look { unicode: true, width };
        prose(look, html, 2).lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn prose_is_wrapped_and_indented() {
        let html = "<p>Stop the job, then wait until the queue is <strong>empty</strong>.</p><p>Done.</p>";
        assert_eq!(plain(html, 30), ["  Stop the job, then wait", "  until the queue is empty.", "", "  Done."]);
    }

    #[test]
    fn lists_and_code_keep_their_shape() {
        let html = "<ul><li>one</li><li>two <code>x</code></li></ul><pre><code>a  b\nc\n</code></pre>";
        let lines = plain(html, 40);
        assert!(lines.contains(&"  * one".to_owned()), "{lines:?}");
        assert!(lines.contains(&"  a  b".to_owned()), "{lines:?}");
    }

    #[test]
    fn links_are_collected_once_and_their_text_stays() {
        let html = "<p>See <a href=\"https://a.example\">the board</a> or <a href=\"https://a.example\">it</a>.</p>";
        let found = prose(Look { unicode: true, width: 60 }, html, 0);
        assert_eq!(found.links, ["https://a.example"]);
        assert!(anstream::adapter::strip_str(&found.lines[0]).to_string().contains("the board"));
    }

    #[test]
    fn control_characters_in_prose_do_not_reach_the_terminal() {
        let shown = plain("<p>a\u{1b}[2Jb\u{202e}c</p>", 40).concat();
        assert!(!shown.contains('\u{1b}') && shown.contains("\\u{202e}"), "{shown:?}");
    }
}
