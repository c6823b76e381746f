//! `dead-link`: a relative link or anchor that leads nowhere.

use std::collections::BTreeSet;

use super::context::{Context, nearest, offer, safe};
use crate::links::{Target, has_anchor, resolve_named};
use crate::model::{Link, Runbook, Severity, Span};
use crate::problems::Problems;
use crate::world::Place;

/// Ends that a link may leave off, as site generators and wikis do.
const ENDS: &[&str] = &["", ".md", ".markdown", "/index.md", "/README.md", "/_index.md", "/readme.md"];

/// The places that a runbook's links name, as paths within its library with `/` between: what
/// [`World::places`](crate::World::places) should say something about. The path that it was parsed with decides what they
/// are relative to.
#[must_use]
pub fn asks(runbook: &Runbook) -> BTreeSet<String> {
    let mut asks = BTreeSet::new();
    for link in &runbook.links {
        if let Target::Inside { path, .. } = &link.target {
            asks.extend(candidates(path));
        }
    }
    asks
}

/// The files that a path may mean. A page of a site may be named as the site will call it.
fn candidates(path: &str) -> impl Iterator<Item = String> + '_ {
    let bare = path.trim_end_matches('/');
    let html = bare.strip_suffix(".html").map(|stem| format!("{stem}.md"));
    ENDS.iter().map(move |end| format!("{bare}{end}")).chain(html).filter(|path| !path.is_empty())
}

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let own = std::cell::OnceCell::new();
    for link in &context.runbook.links {
        match &link.target {
            Target::Outside | Target::Escapes => {}
            Target::Anchor(anchor) => {
                let anchors = own.get_or_init(|| crate::links::anchors(context.source.text.as_bytes()));
                dead_anchor(context, problems, link, anchor, anchors, "this file");
            }
            Target::Named(name, _) => {
                // Only who knows of every page can say that one is missing.
                let missing = |pages| resolve_named(name, &context.runbook.path, pages).is_none();
                if context.world.pages.as_ref().is_some_and(missing) {
                    dead_file(context, problems, link, name, None);
                }
            }
            Target::Inside { path, anchor } if !path.is_empty() => {
                inside(context, problems, link, path, anchor.as_deref())
            }
            Target::Inside { .. } => {}
        }
    }
}

/// The places at which something stands.
fn here(context: &Context<'_>) -> BTreeSet<String> {
    let places = context.world.places.iter().filter(|(_, place)| **place != Place::Nothing).map(|(path, _)| path);
    places.chain(context.world.pages.iter().flatten()).cloned().collect()
}

fn inside(context: &Context<'_>, problems: &mut Problems<'_>, link: &Link, path: &str, anchor: Option<&str>) {
    let places = &context.world.places;
    let found: Vec<Option<&Place>> = candidates(path).map(|path| places.get(&path)).collect();
    match found.iter().flatten().find(|place| ***place != Place::Nothing) {
        Some(Place::Page(anchors)) => {
            if let Some(anchor) = anchor {
                let page = link.url.split('#').next().unwrap_or(path);
                dead_anchor(context, problems, link, anchor, anchors, &format!("`{page}`"));
            }
        }
        Some(_) => {}
        // Nobody looked, or not everywhere.
        None if found.iter().any(Option::is_none) => {}
        // A site's own addresses may be served from another place than the library's top folder.
        None if link.url.starts_with('/') && !is_top(context, path) => {}
        None => dead_file(context, problems, link, path, anchor),
    }
}

/// Whether the library has the top folder of a path.
fn is_top(context: &Context<'_>, path: &str) -> bool {
    let top = path.split('/').next().unwrap_or_default();
    here(context)
        .iter()
        .any(|path| path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Where the address stands, else the link.
fn place(context: &Context<'_>, link: &Link) -> Span {
    context.span(link.url_span.unwrap_or(link.span))
}

fn dead_file(context: &Context<'_>, problems: &mut Problems<'_>, link: &Link, path: &str, anchor: Option<&str>) {
    let files = here(context);
    let place = place(context, link);
    let near = near_file(path, &files).filter(|_| link.url_span.is_some() && context.slice(place) == link.url);
    let fix = near.map(|file| {
        let text = if matches!(link.target, Target::Named(..)) {
            let name = file.rsplit('/').next().unwrap_or(file);
            name.trim_end_matches(".md").to_owned()
        } else {
            let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
            encoded(&format!("{}{anchor}", relative(&context.runbook.path, file)))
        };
        let shown = relative(&context.runbook.path, file);
        offer(&format!("Link to {shown}"), vec![context.replace(place, &text)])
    });
    // As it is written: that is what a person looks for.
    let written = link.url.split(['#', '?']).next().filter(|written| !written.is_empty()).unwrap_or(path);
    let message = format!("the link leads nowhere: there is no `{written}`; mend the address, or remove the link");
    problems.add("dead-link", Severity::Warning, place, message, fix.into_iter().collect());
}

fn dead_anchor(
    context: &Context<'_>,
    problems: &mut Problems<'_>,
    link: &Link,
    anchor: &str,
    anchors: &BTreeSet<String>,
    page: &str,
) {
    // Other site generators write the same heading with other hyphens.
    if has_anchor(anchors, anchor) || anchors.iter().any(|one| letters(one) == letters(anchor)) {
        return;
    }
    let place = place(context, link);
    let hash = link.url_span.and_then(|_| context.slice(place).find('#'));
    let fix = hash.and_then(|hash| {
        let near = near_anchor(anchor, anchors)?;
        let span = Span { start: place.start + hash + 1, end: place.end };
        let edits = vec![context.replace(span, &encoded(near))];
        let title = format!("Link to #{near}");
        Some(if near.eq_ignore_ascii_case(anchor) { safe(&title, edits) } else { offer(&title, edits) })
    });
    let message = format!("the link leads nowhere: {page} has no heading `#{anchor}`; mend the address");
    problems.add("dead-link", Severity::Warning, place, message, fix.into_iter().collect());
}

/// What two anchors share that two site generators would write differently: letters and digits.
fn letters(anchor: &str) -> String {
    anchor.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn near_anchor<'a>(anchor: &str, anchors: &'a BTreeSet<String>) -> Option<&'a str> {
    let words = letters(anchor);
    let longer = |one: &&String| {
        let letters = letters(one);
        words.len() >= 4 && letters.len() >= 4 && (letters.contains(&words) || words.contains(&letters))
    };
    nearest(anchor, anchors.iter().map(String::as_str)).or_else(|| anchors.iter().find(longer).map(String::as_str))
}

/// The file that was most likely meant: the same name elsewhere, else nearly the same name in the same folder.
fn near_file<'p>(path: &str, files: &'p BTreeSet<String>) -> Option<&'p str> {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let stem = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase()
    };
    let bare = path.trim_end_matches('/');
    let same = files.iter().filter(|file| stem(file) == stem(bare));
    let same = same.min_by_key(|file| crate::options::edits(file, bare));
    let beside = files.iter().filter(|file| folder(file) == folder(bare)).map(String::as_str);
    same.map(String::as_str).or_else(|| nearest(bare, beside))
}

/// The way from a runbook to a file of its library.
fn relative(runbook: &str, file: &str) -> String {
    let from: Vec<&str> = runbook.split('/').collect();
    let from = from.get(..from.len().saturating_sub(1)).unwrap_or_default();
    let to: Vec<&str> = file.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    up.chain(to.get(shared..).unwrap_or_default().iter().copied()).collect::<Vec<_>>().join("/")
}

/// An address that holds nothing which would end it.
fn encoded(address: &str) -> String {
    address.replace('%', "%25").replace(' ', "%20").replace('(', "%28").replace(')', "%29")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_file_goes_up_as_far_as_needed() {
        assert_eq!(relative("a/b/c.md", "a/d/e.md"), "../d/e.md");
        assert_eq!(relative("c.md", "d.md"), "d.md");
    }

    #[test]
    fn a_page_may_be_named_without_its_end() {
        let found: Vec<String> = candidates("a/b.html").collect();
        assert!(found.contains(&"a/b.md".to_owned()) && found.contains(&"a/b.html/index.md".to_owned()));
    }
}
