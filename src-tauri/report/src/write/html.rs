//! One page of HTML that needs nothing beside it: no script, no picture from elsewhere, no font file. It prints.

use minijinja::{AutoEscape, Environment, value::Serde};
use serde::Serialize;

use crate::{WriteError, model::Report, text::counted};

/// The page's text; what is filled in is escaped, all of it.
const PAGE: &str = include_str!("report.html");
/// How it looks: the design's tokens, by the reader's own preference light or dark, and black on white on paper.
const STYLE: &str = include_str!("report.css");

/// What the page is filled in with.
#[derive(Serialize)]
struct Filling<'a> {
    report: &'a Report,
    style: &'static str,
}

/// The report as a page of HTML. Nothing in it can act: its policy forbids every script, frame, form and request.
///
/// # Errors
/// When the page cannot be filled in, which is a fault of Allgood's own.
pub fn html(report: &Report) -> Result<String, WriteError> {
    let mut pages = Environment::new();
    // Whatever a page is called: nothing goes in as it is.
    pages.set_auto_escape_callback(|_| AutoEscape::Html);
    pages.add_filter("counted", |count: u64, one: String, many: String| counted(count, &one, &many));
    pages.add_template("report.html", PAGE)?;
    let filling = Filling { report, style: STYLE };
    Ok(pages.get_template("report.html")?.render(Serde(filling))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_uses_the_design_s_tokens_with_their_values() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/styles/tokens.css");
        let tokens = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let (light, dark) = tokens.split_once("[data-theme=\"dark\"] {").unwrap_or_else(|| panic!("no dark tokens"));
        let (paper, night) =
            STYLE.split_once("prefers-color-scheme: dark").unwrap_or_else(|| panic!("no dark style"));
        let night = night.split_once("}\n}").unwrap_or_else(|| panic!("the dark tokens do not end")).0;
        let mut count = 0;
        for (style, tokens) in [(paper, light), (night, dark)] {
            for line in style.lines().map(str::trim).filter(|line| line.starts_with("--")) {
                for token in line.split(';').map(str::trim).filter(|token| token.contains(": #")) {
                    count += 1;
                    assert!(tokens.contains(&format!("{token};")), "{token} is not in ui/src/styles/tokens.css");
                }
            }
        }
        assert!(count > 20, "{count} tokens");
    }
}
