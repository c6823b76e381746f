//! A piece of Markdown as sanitised HTML.

use std::borrow::Cow;

use pulldown_cmark::{Event, Options, Parser, Tag, html};

use crate::Variables;
use crate::render::{sanitise, variables, writer::attribute};

/// Renders Markdown that stands for itself, such as a step's advice. No scripts, no styles, no remote content.
#[must_use]
pub fn html(markdown: &str) -> String {
    html_with(markdown, &Variables::default())
}

/// As [`html`], with the variables of its text and its links as [`page_with`](crate::page_with) shows them.
#[must_use]
pub fn html_with(markdown: &str, values: &Variables) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut rendered = String::new();
    html::push_html(&mut rendered, events.map(|event| link(event, values)));
    ammonia::Builder::default()
        .rm_tags(["img"])
        .add_tag_attributes("span", ["data-name"])
        .add_tag_attributes("a", ["data-name"])
        .add_generic_attributes(["class"])
        .attribute_filter(|_, attribute, value| {
            (attribute != "class" || sanitise::is_own_class(value)).then_some(Cow::Borrowed(value))
        })
        .clean(&variables::html(&rendered, values))
        .to_string()
}

/// A link whose address needs a value that is not known has none.
fn link<'a>(event: Event<'a>, values: &Variables) -> Event<'a> {
    let Event::Start(Tag::Link { link_type, dest_url, title, id }) = event else { return event };
    match variables::address(&dest_url, values) {
        Ok(address) => {
            let dest_url = address.into_owned().into();
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Err(name) => Event::InlineHtml(format!("<a class=\"var unset\" data-name=\"{}\">", attribute(&name)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_rendered_without_anything_active() {
        let found = html("**If it fails** [look](javascript:x) <script>x</script> ![a](https://example.org/a.png)");
        assert_eq!(found, "<p><strong>If it fails</strong> <a rel=\"noopener noreferrer\">look</a>  </p>\n");
    }

    #[test]
    fn advice_shows_its_variables_as_text_and_in_its_links() {
        let values = [("who", "<b>Ann</b>"), ("board", "https://b.example")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let known = Variables { declared: ["late".to_owned()].into(), values };
        for (text, shown) in [
            ("call {{who}}", "<p>call <span class=\"var\" data-name=\"who\">&lt;b&gt;Ann&lt;/b&gt;</span></p>\n"),
            ("{{late}}", "<p><span class=\"var unset\" data-name=\"late\">{{late}}</span></p>\n"),
            ("{{other}}", "<p>{{other}}</p>\n"),
            (
                "[x]({{board}}/?q={{who}})",
                "<p><a href=\"https://b.example/?q=%3Cb%3EAnn%3C%2Fb%3E\" rel=\"noopener noreferrer\">x</a></p>\n",
            ),
            (
                "[x](https://b.example/{{late}})",
                "<p><a class=\"var unset\" data-name=\"late\" rel=\"noopener noreferrer\">x</a></p>\n",
            ),
        ] {
            assert_eq!(html_with(text, &known), shown, "{text}");
        }
    }
}
