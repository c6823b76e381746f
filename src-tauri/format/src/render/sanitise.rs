//! What of HTML may stand on a page: no scripts, no forms, no frames, no style, nothing loaded from elsewhere.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .rm_tags(["map", "area"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .rm_tag_attributes("img", ["src", "srcset"])
        .add_tag_attributes("img", ["data-src"])
        .add_tag_attributes("span", ["data-name"])
        .add_tag_attributes("a", ["data-name", "data-wiki"])
        .add_generic_attributes(["class"])
        .strip_comments(true)
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            (_, "class") => is_own_class(value).then_some(Cow::Borrowed(value)),
            ("img", "data-src") => is_loadable(value).then_some(Cow::Borrowed(value)),
            (_, "cite") => None,
            _ => Some(Cow::Borrowed(value)),
        });
    builder
});

/// Most elements of a document's own that are open at a time.
const DEEPEST: usize = 100;

/// Elements whose content is not HTML: unclosed, they would swallow what follows.
const RAW: &[&str] = &[
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "template",
    "svg",
    "math",
];

/// Makes HTML harmless.
pub(super) fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

/// Classes that the writer itself sets.
pub(crate) fn is_own_class(class: &str) -> bool {
    class == "continued"
        || class == "item-links"
        || matches!(class, "var" | "var unset" | "wiki")
        || class.starts_with("markdown-alert-")
        || (class.starts_with("language-") && !class.contains(' '))
}

/// An address that a picture may be fetched from once a person asks for it.
fn is_loadable(address: &str) -> bool {
    let scheme = address
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .split_once(':')
        .map(|(scheme, _)| scheme.to_lowercase());
    scheme.is_none_or(|scheme| scheme == "http" || scheme == "https")
}

/// Raw HTML of a document: tags that no page may hold are shown as text (`<pod name>` is a word of the runbook), and
/// pictures are held back.
///
/// `open_elements` is the number of elements that are open around it; too many are shown as text, since each further
/// one costs the reader of HTML a walk through all of them.
pub(super) fn raw(html: &str, open_elements: &mut usize) -> String {
    let mut shown = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (text, tag) = rest.split_at(open);
        shown.push_str(text);
        if tag.starts_with("<!") || tag.starts_with("<?") {
            // A comment or a declaration says nothing to a reader.
            let end = if tag.starts_with("<!--") {
                tag.find("-->").map(|at| at + 3)
            } else {
                tag.find('>').map(|at| at + 1)
            };
            rest = end.and_then(|end| tag.get(end..)).unwrap_or_default();
            continue;
        }
        let end = tag.find('>').map_or(tag.len(), |at| at + 1);
        let (tag, after) = tag.split_at(end);
        rest = after;
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
            .flat_map(char::to_lowercase)
            .collect();
        if tag.starts_with("</") {
            *open_elements = open_elements.saturating_sub(1);
        } else if !matches!(name.as_str(), "img" | "br" | "hr" | "wbr" | "col") {
            *open_elements += 1;
        }
        if name == "img" {
            shown.push_str(&held_back(tag));
        } else if is_allowed(&name) && *open_elements <= DEEPEST {
            shown.push_str(tag);
        } else {
            shown.push_str("&lt;");
            shown.push_str(tag.get(1..).unwrap_or_default());
        }
    }
    shown.push_str(rest);
    shown
}

/// A block of HTML. One that holds an element whose content is not HTML is cleaned by itself.
pub(super) fn raw_block(html: &str, open_elements: &mut usize) -> String {
    let lower = html.to_ascii_lowercase();
    let alone = RAW.iter().any(|name| lower.contains(&format!("<{name}"))) && html.matches('<').count() <= DEEPEST;
    if alone { clean(html) } else { raw(html, open_elements) }
}

fn is_allowed(name: &str) -> bool {
    static TAGS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| CLEANER.clone_tags());
    TAGS.contains(name)
}

fn held_back(tag: &str) -> String {
    let lower = tag.to_ascii_lowercase();
    for name in [" src=", "\nsrc=", "\tsrc="] {
        if let Some(at) = lower.find(name) {
            let (before, after) = tag.split_at(at + 1);
            return format!("{before}data-{after}");
        }
    }
    tag.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_is_taken_out() {
        for html in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<a href=\"file:///etc/passwd\">x</a>",
            "<form action=x><input name=y><button>z</button></form>",
            "<iframe src=x></iframe>",
            "<style>body{display:none}</style>",
            "<p style=\"position:fixed\" id=\"app\" name=\"x\" class=\"modal\" onclick=\"x\">y</p>",
            "<svg onload=alert(1)></svg>",
            "<math><mi xlink:href=\"javascript:x\"></mi></math>",
            "<img srcset=\"https://x.example/a 2x\">",
            "<img data-src=\"javascript:x\">",
            "<meta http-equiv=refresh content=0><base href=x><link rel=stylesheet href=x>",
            "<object data=x></object><embed src=x>",
            "<video src=x></video>",
        ] {
            for cleaned in [clean(html), clean(&raw(html, &mut 0)), clean(&raw_block(html, &mut 0))] {
                let tags: String = cleaned
                    .split('<')
                    .skip(1)
                    .filter_map(|tag| tag.split('>').next())
                    .collect::<Vec<_>>()
                    .join(" ")
                    .to_lowercase();
                for bad in [
                    "script",
                    "onerror",
                    "onclick",
                    "onload",
                    "javascript",
                    "data:",
                    "file:",
                    "form",
                    "input",
                    "button",
                    "iframe",
                    "style",
                    " id=",
                    " name=",
                    "modal",
                    "svg",
                    "srcset",
                    " src",
                    "meta",
                    "object",
                    "embed",
                    "video",
                ] {
                    assert!(!tags.contains(bad), "{html} became {cleaned}");
                }
            }
        }
    }

    #[test]
    fn what_is_for_reading_stays() {
        for (html, expected) in [
            (
                "<a href=\"https://a.example\">x</a>",
                "<a href=\"https://a.example\" rel=\"noopener noreferrer\">x</a>",
            ),
            ("<a href=\"../b.md#c\">x</a>", "<a href=\"../b.md#c\" rel=\"noopener noreferrer\">x</a>"),
            ("<a href=\"#c\">x</a>", "<a href=\"#c\" rel=\"noopener noreferrer\">x</a>"),
            (
                "<a href=\"mailto:a@b.example\">x</a>",
                "<a href=\"mailto:a@b.example\" rel=\"noopener noreferrer\">x</a>",
            ),
            ("<code class=\"language-yaml\">x</code>", "<code class=\"language-yaml\">x</code>"),
            (
                "<img src=\"https://a.example/b.png\" alt=\"c\">",
                "<img data-src=\"https://a.example/b.png\" alt=\"c\">",
            ),
            ("run on <node name>", "run on &lt;node name&gt;"),
            ("<details><summary>x</summary>y</details>", "<details><summary>x</summary>y</details>"),
        ] {
            assert_eq!(clean(&raw(html, &mut 0)), expected, "{html}");
        }
    }
}
