//! Checks that stand for another runbook: their text is one link to a Markdown file of the library (FORMAT.md, "Items").

use serde::Serialize;

use crate::links::Target;
use crate::model::{Item, ItemKind, Link, Runbook, Span, Step};
use crate::source::Source;

// What stands before the text of an entry or a heading.
crate::fixed::expression!(
    BEFORE,
    r"^[\s>]*(?:[-*+]|\d+[.)]|#{1,6})?\s*(?:\[[ xX]\])?[\s*_~]*(?:\d+[.)]\s*)?[\s*_~]*$"
);

/// The runbook that a check stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LinkedRunbook {
    /// Its address, as written.
    pub url: String,
    /// The one step of it that is meant, as the address says it: the anchor of its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// Where it leads.
    #[serde(skip)]
    pub target: Target,
}

/// The runbook that a check stands for, if it does.
pub(crate) fn of(item: &Item, links: &[Link], source: &Source) -> Option<LinkedRunbook> {
    if item.kind != ItemKind::Check {
        return None;
    }
    // Links stand in the order of the text.
    let first = links.partition_point(|link| link.span.start < item.span.start);
    let link = links.get(first).filter(|link| link.span.end <= item.span.end)?;
    let (path, anchor) = match &link.target {
        Target::Inside { path, anchor } => (path, anchor),
        Target::Named(name, anchor) => (name, anchor),
        Target::Outside | Target::Anchor(_) | Target::Escapes => return None,
    };
    let before = source.slice(Span { start: item.span.start, end: link.span.start });
    let plain = |text: &str| text.trim().trim_end_matches(['.', ':', ';', ',', '!']).trim_end().to_owned();
    // Between double brackets CommonMark sees text.
    let written = source.slice(link.span);
    let whole = plain(&item.text) == plain(&link.text) || plain(&item.text) == plain(written);
    if !whole || !BEFORE.is_match(before) || !may_be_page(path) {
        return None;
    }
    let anchor = anchor.clone().filter(|anchor| !anchor.is_empty());
    Some(LinkedRunbook { url: link.url.clone(), anchor, target: link.target.clone() })
}

/// Whether a path can be that of a Markdown file, whose ending may be left off, or of a folder.
fn may_be_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    match name.rsplit_once('.') {
        Some((_, ending)) => {
            matches!(ending, "md" | "markdown") || ending.chars().any(|letter| !letter.is_ascii_alphanumeric())
        }
        None => !path.is_empty(),
    }
}

/// The part of a runbook that a link means.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkedPart<'a> {
    /// All of it: there is no anchor, or it names the title or a line.
    Whole,
    /// One step.
    Step(&'a Step),
    /// A section of several steps.
    Several,
    /// No heading of that name, or one that holds nothing to do.
    Nothing,
}

/// The part of a runbook that an anchor names: the step whose heading it is, or the only step of the section.
#[must_use]
pub fn linked_part<'a>(runbook: &'a Runbook, anchor: Option<&str>) -> LinkedPart<'a> {
    let Some(anchor) = anchor.map(letters).filter(|anchor| !anchor.is_empty()) else { return LinkedPart::Whole };
    let is_line = anchor.strip_prefix('l').is_some_and(|line| line.bytes().all(|byte| byte.is_ascii_digit()));
    if anchor == "top" || is_line || anchor == letters(&runbook.title) {
        return LinkedPart::Whole;
    }
    let does = |step: &&Step| step.items.iter().any(|item| item.kind != ItemKind::Undo);
    let named = |step: &&Step| {
        let number = step.number.as_deref().unwrap_or_default();
        letters(&step.id) == anchor
            || letters(&step.title) == anchor
            || letters(&format!("{number}{}", step.title)) == anchor
            || letters(&format!("step{number}{}", step.title)) == anchor
    };
    let steps = || runbook.phases.iter().flat_map(|section| &section.steps).filter(does);
    if let Some(step) = steps().find(named) {
        return LinkedPart::Step(step);
    }
    let section = runbook.phases.iter().find(|section| letters(&section.heading) == anchor);
    let mut steps = section.into_iter().flat_map(|section| &section.steps).filter(does);
    match (steps.next(), steps.next()) {
        (None, _) => LinkedPart::Nothing,
        (Some(step), None) => LinkedPart::Step(step),
        (Some(_), Some(_)) => LinkedPart::Several,
    }
}

/// What two ways to write an anchor share: letters and digits.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linked(text: &str) -> Vec<Option<(String, Option<String>)>> {
        let book = crate::parse("db/book.md", format!("# Book\n\n## Steps\n\n{text}\n").as_bytes());
        let found = book.items().map(|(_, _, item)| item.linked.clone());
        found.map(|linked| linked.map(|linked| (linked.url, linked.anchor))).collect()
    }

    #[test]
    fn a_check_whose_text_is_one_link_to_a_page_stands_for_it() {
        assert!(BEFORE.get().is_some());
        let whole = |url: &str| vec![Some((url.to_owned(), None))];
        let part = |url: &str, anchor: &str| vec![Some((url.to_owned(), Some(anchor.to_owned())))];
        for (text, expected) in [
            ("- [ ] [Restore](restore.md)", whole("restore.md")),
            ("- [x] **[Restore](restore.md)**.", whole("restore.md")),
            ("1. [Restore](../restore)", whole("../restore")),
            ("- [ ] [[Restore]]", whole("Restore")),
            ("- [ ] [[Restore#Check it|the restore]]", part("Restore#Check it", "check-it")),
            ("- [ ] [`Restore`](restore.md#check)", part("restore.md#check", "check")),
            ("- [ ] [Restore][r]\n\n[r]: <a b.md> \"title\"", whole("a b.md")),
            ("- [ ] <a href=\"restore.md\">Restore</a>", whole("restore.md")),
            ("### 2. [Restore](restore.md)\n\nSome words.", whole("restore.md")),
            ("- [ ] [Restore](restore.md)\n  See [the notes](notes.md).", vec![None]),
            ("- [ ] See [Restore](restore.md)", vec![None]),
            ("- [ ] [One](one.md) and [two](two.md)", vec![None]),
            ("- [ ] [Down](#down)", vec![None]),
            ("- [ ] [Out](https://example.org/a.md)", vec![None]),
            ("- [ ] [Escapes](../../up.md)", vec![None]),
            ("- [ ] [A picture](a.png)", vec![None]),
            ("- [ ] [A script](run.sh)", vec![None]),
            ("- [ ] [{{x}}]({{x}}.md)", vec![None]),
            ("- [ ] Restore\n\n  [Restore](restore.md)", vec![None]),
        ] {
            assert_eq!(linked(text), expected, "{text}");
        }
    }

    #[test]
    fn what_it_stands_for_is_part_of_what_was_on_screen() {
        let hash = |url: &str| {
            let book = crate::parse("book.md", format!("## Steps\n\n- [ ] [Restore]({url})\n").as_bytes());
            book.items().next().map(|(_, _, item)| item.hash.clone())
        };
        assert_ne!(hash("one.md"), hash("two.md"));
    }

    #[test]
    fn an_anchor_means_a_step_the_only_step_of_a_section_or_all_of_it() {
        let text = "# Restore\n\n## Prepare\n\n- [ ] look\n\n## Steps\n\n1. Stop it\n2. Copy it\n\n## Notes\n\nWords.\n\n\
                    ## Verify\n\n### Step 1: Count rows\n\n- [ ] x\n";
        let book = crate::parse("restore.md", text.as_bytes());
        let part = |anchor: Option<&str>| match linked_part(&book, anchor) {
            LinkedPart::Whole => "whole".to_owned(),
            LinkedPart::Step(step) => step.title.clone(),
            LinkedPart::Several => "several".to_owned(),
            LinkedPart::Nothing => "nothing".to_owned(),
        };
        for (anchor, expected) in [
            (None, "whole"),
            (Some("restore"), "whole"),
            (Some("L12"), "whole"),
            (Some("prepare"), "Prepare"),
            (Some("copy-it"), "Copy it"),
            (Some("steps"), "several"),
            (Some("step-1-count-rows"), "Count rows"),
            (Some("verify"), "Count rows"),
            (Some("notes"), "nothing"),
            (Some("no-such"), "nothing"),
        ] {
            assert_eq!(part(anchor), expected, "{anchor:?}");
        }
    }
}
