//! The links, pictures and fences of a document, in order.

mod address;
mod html;
mod relink;
mod slugs;
mod target;

use pulldown_cmark::{Event, LinkType, Tag};

use crate::document::{Document, Node};
use crate::model::{Block, Image, Link, Span};
use crate::source::Source;

pub use relink::relink;
pub use slugs::{anchors, has_anchor};
pub(crate) use target::decoded as percent_decoded;
pub use target::{Target, resolve, resolve_named, target};

crate::fixed::expression!(ADDRESS, r"(?:https?://|www\.)[^\s<]+");
crate::fixed::expression!(
    WIKI,
    r"(!?)\[\[((?:[^\[\]|#\s\\](?:[^\[\]|#\n\\]*[^\[\]|#\s\\])?)?(?:#([^\[\]|\n\\]+))?)(?:\\?\|([^\[\]\n]*))?\]\]"
);

/// Every fence, whatever its language.
pub(crate) fn blocks(document: &Document<'_>, source: &Source) -> Vec<Block> {
    (0..document.len())
        .filter_map(|node| {
            let info = document.fence_info(node)?;
            let span = document.span(node);
            let end = info.find(|letter: char| letter == '{' || letter.is_whitespace()).unwrap_or(info.len());
            Some(Block {
                line: source.line(span.start),
                language: info.get(..end).unwrap_or_default().to_owned(),
                info: info.to_owned(),
                text: document.code(node),
                span,
            })
        })
        .collect()
}

/// Every link and every picture: inline, by reference, in angle brackets, in HTML, between double brackets as wikis
/// write them and, as GFM takes them, bare addresses.
pub(crate) fn links(document: &Document<'_>, source: &Source, path: &str) -> (Vec<Link>, Vec<Image>) {
    let mut finder =
        Finder { document, source, path, links: Vec::new(), images: Vec::new(), inside: 0, anchor: None };
    finder.walk();
    let Finder { mut links, mut images, .. } = finder;
    links.sort_by_key(|link| link.span.start);
    images.sort_by_key(|image| image.span.start);
    (links, images)
}

struct Finder<'a, 'd> {
    document: &'d Document<'a>,
    source: &'d Source,
    path: &'d str,
    links: Vec<Link>,
    images: Vec<Image>,
    /// Number of links that are open.
    inside: usize,
    /// The HTML link that is open, as an index.
    anchor: Option<usize>,
}

impl Finder<'_, '_> {
    fn walk(&mut self) {
        let mut node = 0;
        let mut skip_until = 0;
        while node < self.document.len() {
            match self.document.event(node) {
                Some(Event::Start(Tag::Link { link_type, dest_url, id, .. })) => {
                    let url = if *link_type == LinkType::Email {
                        format!("mailto:{dest_url}")
                    } else {
                        dest_url.to_string()
                    };
                    let text = self.document.plain(self.document.inside(node));
                    // GFM's footnote `[^1]: word` is a definition to CommonMark; its word is no address.
                    let footnote = id.starts_with('^') && target(self.path, &url) != Target::Outside;
                    if !footnote {
                        let url_span = address::of(self.document, self.source, node);
                        self.link(text, url, self.document.span(node), url_span);
                    }
                    self.inside += 1;
                }
                Some(Event::End(pulldown_cmark::TagEnd::Link)) => self.inside = self.inside.saturating_sub(1),
                Some(Event::Start(Tag::Image { dest_url, .. })) => {
                    let alt = self.alt(node);
                    let url_span = address::of(self.document, self.source, node);
                    self.image(alt, dest_url.to_string(), self.document.span(node), url_span);
                    node = self.document.next(node);
                    continue;
                }
                Some(Event::Start(Tag::HtmlBlock)) => {
                    self.html(self.document.span(node));
                    self.anchor = None;
                    node = self.document.next(node);
                    continue;
                }
                Some(Event::Start(Tag::CodeBlock(_))) => {
                    node = self.document.next(node);
                    continue;
                }
                Some(Event::InlineHtml(_)) => self.html(self.document.span(node)),
                Some(Event::Text(_)) if self.inside == 0 && node >= skip_until => {
                    // A bare address may be cut into several texts, at `_` or `&`.
                    skip_until = text_end(self.document, node);
                    let span =
                        Span { start: self.document.span(node).start, end: self.document.span(skip_until - 1).end };
                    if let Some(link) = self.anchor.and_then(|link| self.links.get_mut(link)) {
                        link.text.push_str(self.source.slice(span));
                    } else {
                        self.bare(span);
                    }
                    self.wiki(span);
                }
                Some(Event::End(end)) if crate::document::is_block_end(end) => self.anchor = None,
                _ => {}
            }
            node += 1;
        }
    }

    fn link(&mut self, text: String, url: String, span: Span, url_span: Option<Span>) {
        let target = target(self.path, &url);
        self.links.push(Link { text, url, target, line: self.source.line(span.start), span, url_span });
    }

    fn image(&mut self, alt: String, url: String, span: Span, url_span: Option<Span>) {
        let target = target(self.path, &url);
        self.images.push(Image { alt, url, target, line: self.source.line(span.start), span, url_span });
    }

    fn alt(&self, node: Node) -> String {
        self.document.plain(self.document.inside(node))
    }

    /// Links and pictures of HTML.
    fn html(&mut self, span: Span) {
        let text = self.source.slice(span);
        if text.starts_with("</a") || text.starts_with("</A") {
            self.anchor = None;
        }
        for tag in html::tags(text) {
            let value = match tag.name.as_str() {
                "a" => html::attribute(text, &tag, "href"),
                "img" => html::attribute(text, &tag, "src"),
                _ => None,
            };
            let Some(value) = value else { continue };
            let url = html::decoded(text.get(value.clone()).unwrap_or_default()).into_owned();
            let in_file = |range: &std::ops::Range<usize>| Span {
                start: span.start + range.start,
                end: span.start + range.end,
            };
            if tag.name == "img" {
                let alt = html::attribute(text, &tag, "alt").and_then(|alt| text.get(alt));
                let alt = html::decoded(alt.unwrap_or_default()).into_owned();
                self.image(alt, url, in_file(&tag.span), Some(in_file(&value)));
            } else {
                // A block holds the text too; of inline HTML it follows.
                let behind = text.get(tag.span.end..).unwrap_or_default();
                let end = behind.find("</a").or_else(|| behind.find("</A")).unwrap_or(0);
                let shown = crate::document::collapse(&html::text(behind.get(..end).unwrap_or_default()));
                self.anchor = Some(self.links.len());
                self.link(shown, url, in_file(&tag.span), Some(in_file(&value)));
            }
        }
    }

    fn bare(&mut self, span: Span) {
        for found in addresses(self.source.slice(span)) {
            let text = self.source.slice(span).get(found.clone()).unwrap_or_default().to_owned();
            let url = if text.starts_with("www.") { format!("http://{text}") } else { text.clone() };
            let found = Span { start: span.start + found.start, end: span.start + found.end };
            let url_span = (url == text).then_some(found);
            self.link(text, url, found, url_span);
        }
    }

    fn wiki(&mut self, span: Span) {
        for found in wiki_links(self.source.slice(span)) {
            let WikiLink { range, address, name, heading, text, is_picture } = found;
            let in_file = |range: &std::ops::Range<usize>| Span {
                start: span.start + range.start,
                end: span.start + range.end,
            };
            let whole = in_file(&range);
            let url_span = Some(in_file(&address));
            let line = self.source.line(whole.start);
            let url = self.source.slice(in_file(&address)).to_owned();
            let anchor = heading.as_deref().map(target::named_anchor);
            let target = match (name, anchor) {
                (name, anchor) if name.is_empty() => Target::Anchor(anchor.unwrap_or_default()),
                (name, anchor) => Target::Named(name, anchor),
            };
            if is_picture {
                self.images.push(Image { alt: text, url, target, line, span: whole, url_span });
            } else {
                self.links.push(Link { text, url, target, line, span: whole, url_span });
            }
        }
    }
}

/// A link as wikis write it.
pub(crate) struct WikiLink {
    /// All of it.
    pub(crate) range: std::ops::Range<usize>,
    /// Name and heading.
    pub(crate) address: std::ops::Range<usize>,
    /// The page's name; empty for the same page.
    pub(crate) name: String,
    /// The heading, as written.
    pub(crate) heading: Option<String>,
    /// What is shown.
    pub(crate) text: String,
    /// `![[…]]`.
    pub(crate) is_picture: bool,
}

/// The wiki links of a text in which CommonMark sees nothing: `[[name]]`, `[[name#heading]]`, `[[name|text]]`.
/// `[[ -f x ]]` is a shell's, `[[1]](x)` and `[[1]][x]` are CommonMark's.
pub(crate) fn wiki_links(text: &str) -> Vec<WikiLink> {
    let Some(regex) = WIKI.get().filter(|_| text.contains("[[")) else { return Vec::new() };
    regex
        .captures_iter(text)
        .filter_map(|found| {
            let (whole, address) = (found.get(0)?, found.get(2)?);
            let before = text.get(..whole.start()).unwrap_or_default();
            let after = text.get(whole.end()..).unwrap_or_default();
            if address.is_empty() || before.ends_with(['[', '\\', '$']) || after.starts_with(['(', '[', ']', ':']) {
                return None;
            }
            let heading = found.get(3).map(|heading| heading.as_str().to_owned());
            let name = address.as_str().split('#').next().unwrap_or_default().to_owned();
            let shown = found.get(4).map(|text| text.as_str().trim()).filter(|text| !text.is_empty());
            Some(WikiLink {
                range: whole.range(),
                address: address.range(),
                text: shown.unwrap_or(address.as_str().trim_start_matches('#')).to_owned(),
                name,
                heading,
                is_picture: found.get(1).is_some_and(|mark| !mark.is_empty()),
            })
        })
        .collect()
}

/// The node behind a run of texts.
pub(crate) fn text_end(document: &Document<'_>, node: Node) -> Node {
    let mut end = node + 1;
    while matches!(document.event(end), Some(Event::Text(_))) {
        end += 1;
    }
    end
}

/// Bare addresses in a text, without the punctuation behind them (GFM 0.29, "Autolinks (extension)").
pub(crate) fn addresses(text: &str) -> Vec<std::ops::Range<usize>> {
    let Some(regex) = ADDRESS.get() else { return Vec::new() };
    regex
        .find_iter(text)
        .filter(|found| {
            let before = text.get(..found.start()).and_then(|before| before.chars().next_back());
            before.is_none_or(|letter| {
                letter.is_whitespace() || matches!(letter, '*' | '_' | '~' | '(' | '"' | '\'' | ':' | '|' | '[')
            })
        })
        .filter_map(|found| {
            let mut address = found.as_str();
            let open = address.matches('(').count();
            let mut closed = address.matches(')').count();
            loop {
                let shorter = address.trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', '"', ']', ';']);
                let shorter = match shorter.strip_suffix(')') {
                    Some(before) if closed > open => {
                        closed -= 1;
                        before
                    }
                    _ => shorter,
                };
                if shorter.len() == address.len() {
                    break;
                }
                address = shorter;
            }
            let rest = address.split_once("//").map_or(address, |(_, rest)| rest);
            (rest.len() > 1).then(|| found.start()..found.start() + address.len())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_addresses_are_links() {
        assert!(ADDRESS.get().is_some() && WIKI.get().is_some());
        for (text, expected) in [
            ("see https://a.example/x_y?z=1&w=2.", vec!["https://a.example/x_y?z=1&w=2"]),
            ("(https://a.example/x)", vec!["https://a.example/x"]),
            ("https://a.example/x_(y)", vec!["https://a.example/x_(y)"]),
            ("www.example.org, then", vec!["www.example.org"]),
            ("xhttps://a", vec![]),
            ("https://", vec![]),
        ] {
            let found: Vec<_> = addresses(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
