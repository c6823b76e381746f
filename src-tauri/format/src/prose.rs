//! A piece of Markdown as sanitised HTML.

use pulldown_cmark::{Options, Parser, html};

/// Renders Markdown that stands for itself, such as a step's advice. No scripts, no styles, no remote content.
#[must_use]
pub fn html(markdown: &str) -> String {
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH));
    ammonia::Builder::default().rm_tags(["img"]).clean(&rendered).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn advice_is_rendered_without_anything_active() {
        let found =
            super::html("**If it fails** [look](javascript:x) <script>x</script> ![a](https://example.org/a.png)");
        assert_eq!(found, "<p><strong>If it fails</strong> <a rel=\"noopener noreferrer\">look</a>  </p>\n");
    }
}
