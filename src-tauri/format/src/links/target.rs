//! Where an address leads, and which file of a library that is.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use super::slugs::heading_slug;

/// Where a link leads, as far as its address says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Out of the library: an address with a scheme or a host, or one that only its variables make known.
    #[default]
    Outside,
    /// A file or a folder of the library.
    Inside {
        /// From the library's root, with `/` between, without `.` and `..`; empty for the root. An ending `.md` may be
        /// left off: [`resolve`] finds the file.
        path: String,
        /// The part of the page, decoded, without `#`.
        anchor: Option<String>,
    },
    /// A part of the same page, decoded, without `#`; empty for its beginning.
    Anchor(String),
    /// A wiki link: the name, and the heading's slug. [`resolve_named`] finds the file.
    Named(String, Option<String>),
    /// A path that leads out of the library.
    Escapes,
}

/// A path as an address writes it: how many folders above the library's root it begins, and the folders and the file
/// below.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) above: usize,
    pub(super) parts: Vec<Cow<'a, str>>,
}

/// Where an address in the file `from` leads. `from` is the file's path from the library's root.
#[must_use]
pub fn target(from: &str, url: &str) -> Target {
    let (path, anchor) = split(url);
    let anchor = anchor.map(|anchor| decoded(anchor).into_owned());
    if crate::variables::scheme(url).is_some() || url.starts_with("//") || is_template(path) {
        return Target::Outside;
    }
    if path.is_empty() {
        // A query alone leads to the same page.
        return Target::Anchor(anchor.unwrap_or_default());
    }
    let place = locate(from, path);
    if place.above > 0 || place.parts.iter().any(|part| part.contains('\0')) {
        return Target::Escapes;
    }
    let rooted = from.starts_with('/') && !path.starts_with('/');
    let path = format!("{}{}", if rooted { "/" } else { "" }, place.parts.join("/"));
    Target::Inside { path, anchor }
}

/// What an address writes with another program's marks, or with a variable, is known only when they are filled in.
fn is_template(path: &str) -> bool {
    ["{{", "{%", "<%", "${"].iter().any(|mark| path.contains(mark))
}

/// The path of an address, without its query, and its anchor.
pub(super) fn split(url: &str) -> (&str, Option<&str>) {
    let (before, anchor) = match url.split_once('#') {
        Some((before, anchor)) => (before, Some(anchor)),
        None => (url, None),
    };
    (before.split_once('?').map_or(before, |(path, _)| path), anchor)
}

/// Follows a path from the folder of a file.
pub(super) fn locate<'a>(from: &'a str, path: &'a str) -> Place<'a> {
    let mut place = Place { above: 0, parts: Vec::new() };
    if !path.starts_with('/') {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        for part in folder.split('/') {
            place.enter(Cow::Borrowed(part));
        }
    }
    match decoded(path) {
        Cow::Borrowed(path) => path.split('/').for_each(|part| place.enter(Cow::Borrowed(part))),
        Cow::Owned(path) => path.split('/').for_each(|part| place.enter(Cow::Owned(part.to_owned()))),
    }
    place
}

impl<'a> Place<'a> {
    fn enter(&mut self, part: Cow<'a, str>) {
        match part.as_ref() {
            "" | "." => {}
            ".." => {
                if self.parts.pop().is_none() {
                    self.above += 1;
                }
            }
            _ => self.parts.push(part),
        }
    }
}

/// Percent-encoding taken off; what is no UTF-8 then stays as it is written.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        let half = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (byte, half(index + 1), half(index + 2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push(u8::try_from(high * 16 + low).unwrap_or_default());
                index += 3;
            }
            _ => {
                plain.push(*byte);
                index += 1;
            }
        }
    }
    String::from_utf8(plain).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// What may be left off at a page's end.
pub(super) const EXTENSIONS: &[&str] = &[".md", ".markdown"];

/// What stands for a folder.
const INDEXES: &[&str] = &["readme.md", "index.md"];

/// The file that a target is, among the files of the library: the path itself, a folder's `README.md` or `index.md` (the
/// folder, where it has neither), or the path with `.md` behind it. `None` where there is nothing, and for what is
/// outside.
#[must_use]
pub fn resolve(target: &Target, from: &str, files: &BTreeSet<String>) -> Option<String> {
    match target {
        Target::Outside | Target::Escapes => None,
        Target::Anchor(_) => Some(from.to_owned()),
        Target::Named(name, _) => resolve_named(name, from, files),
        Target::Inside { path, .. } => resolve_path(path, files),
    }
}

pub(super) fn resolve_path(path: &str, files: &BTreeSet<String>) -> Option<String> {
    if files.contains(path) {
        return Some(path.to_owned());
    }
    if is_folder(path, files) {
        let within = |file: &&String| {
            let name = if path.is_empty() { Some(file.as_str()) } else { behind(file, path) };
            name.is_some_and(|name| INDEXES.contains(&name.to_lowercase().as_str()))
        };
        // Names sort behind their folder; those in sub-folders hold a slash.
        let start = if path.is_empty() { String::new() } else { format!("{path}/") };
        let index = files.range(start.clone()..).take_while(|file| file.starts_with(&start)).find(within);
        return Some(index.cloned().unwrap_or_else(|| path.to_owned()));
    }
    EXTENSIONS.iter().map(|extension| format!("{path}{extension}")).find(|path| files.contains(path))
}

/// What stands behind a folder in a path.
pub(super) fn behind<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// Whether a file stands below the path.
pub(super) fn is_folder(path: &str, files: &BTreeSet<String>) -> bool {
    let start = if path.is_empty() { String::new() } else { format!("{path}/") };
    files.range(start.clone()..).next().is_some_and(|file| file.starts_with(&start))
}

/// The file that a wiki link names: a page's name without its `.md`, or any file's whole name, without regard to case;
/// blanks, `-` and `_` count as the same where nothing else fits. Of several the one in the nearest folder is meant, of
/// those as near the one that is written in the same case, then the first in the alphabet. A name with folders must fit
/// the path's end, or the whole path, which goes first.
#[must_use]
pub fn resolve_named(name: &str, from: &str, files: &BTreeSet<String>) -> Option<String> {
    let rooted = name.starts_with('/');
    let wanted = name.trim().trim_start_matches('/').to_lowercase();
    if wanted.is_empty() {
        return None;
    }
    let whole = rooted || wanted.contains('/');
    let best = |same: &dyn Fn(&str) -> String| {
        let wanted = same(&wanted);
        files
            .iter()
            .filter_map(|file| {
                let path = same(&file.to_lowercase());
                // Pictures and other files are named with their extension, pages with it or without.
                let exact = |path: &str| path == wanted;
                let ends = |path: &str| {
                    exact(path) || (!rooted && path.strip_suffix(&wanted).is_some_and(|before| before.ends_with('/')))
                };
                let page = without_extension(&path);
                let fits = ends(&path) || ends(page);
                let exact = whole && (exact(&path) || exact(page));
                // Where two names differ in case alone, the one that is written goes first.
                let written = name.trim_start_matches('/');
                let other_case = !file.ends_with(written) && !without_extension(file).ends_with(written);
                fits.then(|| (!exact, exact && other_case, distance(from, file), other_case, file))
            })
            .min()
            .map(|(.., file)| file.clone())
    };
    best(&str::to_owned).or_else(|| best(&|text| text.replace(['-', '_'], " ")))
}

/// A page's path without its extension; other files keep theirs.
pub(super) fn without_extension(path: &str) -> &str {
    EXTENSIONS.iter().find_map(|extension| path.strip_suffix(extension)).unwrap_or(path)
}

/// How many folders up and down lie between two files.
fn distance(from: &str, to: &str) -> usize {
    let folders = |path: &str| -> Vec<String> {
        let mut folders: Vec<String> = path.split('/').map(str::to_owned).collect();
        folders.pop();
        folders
    };
    let (from, to) = (folders(from), folders(to));
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    from.len() + to.len() - 2 * shared
}

/// The slug of the heading that a wiki link names.
pub(super) fn named_anchor(heading: &str) -> String {
    heading_slug(heading.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(path: &str, anchor: Option<&str>) -> Target {
        Target::Inside { path: path.to_owned(), anchor: anchor.map(str::to_owned) }
    }

    #[test]
    fn an_address_leads_where_a_reader_of_the_file_would_go() {
        for (url, expected) in [
            ("c.md", inside("a/b/c.md", None)),
            ("./c.md#x", inside("a/b/c.md", Some("x"))),
            ("../c.md?plain=1#L10", inside("a/c.md", Some("L10"))),
            ("../../c.md", inside("c.md", None)),
            ("../..", inside("", None)),
            ("../../../c.md", Target::Escapes),
            ("../../../../a/b/c.md", Target::Escapes),
            ("%2e%2e/%2E%2E/%2e%2e/c.md", Target::Escapes),
            ("x/../../..%2f..%2fetc", Target::Escapes),
            ("/top.md", inside("top.md", None)),
            ("/", inside("", None)),
            ("/../x", Target::Escapes),
            ("my%20page.md", inside("a/b/my page.md", None)),
            ("100%.md", inside("a/b/100%.md", None)),
            ("%ff.md", inside("a/b/%ff.md", None)),
            ("%00", Target::Escapes),
            ("folder/", inside("a/b/folder", None)),
            ("page", inside("a/b/page", None)),
            ("x//y/./z", inside("a/b/x/y/z", None)),
            ("#part%20two", Target::Anchor("part two".to_owned())),
            ("", Target::Anchor(String::new())),
            ("?raw=1", Target::Anchor(String::new())),
            ("https://a.example/x", Target::Outside),
            ("//a.example/x", Target::Outside),
            ("mailto:a@b.example", Target::Outside),
            ("JAVASCRIPT:x", Target::Outside),
            ("a/b:c", inside("a/b/a/b:c", None)),
            ("{{ site.baseurl }}/map", Target::Outside),
            ("{{base}}/x", Target::Outside),
            ("x.md#{{part}}", inside("a/b/x.md", Some("{{part}}"))),
        ] {
            assert_eq!(target("a/b/from.md", url), expected, "{url}");
        }
        assert_eq!(target("/home/ann/x.md", "../y.md"), inside("/home/y.md", None));
    }

    fn files(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_path_is_a_file_a_folder_or_a_page_without_its_extension() {
        let files =
            files(&["a.md", "a/x.md", "b/README.md", "b/c/index.md", "b/d/e.md", "f.markdown", "g.png", "README.md"]);
        for (path, expected) in [
            ("a.md", Some("a.md")),
            ("a", Some("a")),
            ("b", Some("b/README.md")),
            ("b/c", Some("b/c/index.md")),
            ("b/d", Some("b/d")),
            ("f", Some("f.markdown")),
            ("g.png", Some("g.png")),
            ("g", None),
            ("", Some("README.md")),
            ("no", None),
        ] {
            assert_eq!(resolve(&inside(path, None), "x.md", &files).as_deref(), expected, "{path}");
        }
        assert_eq!(resolve(&Target::Escapes, "x.md", &files), None);
        assert_eq!(resolve(&Target::Anchor(String::new()), "x.md", &files).as_deref(), Some("x.md"));
    }

    #[test]
    fn a_wiki_link_leads_to_the_nearest_file_of_that_name() {
        let files = files(&[
            "Drain.md",
            "web/Drain.md",
            "web/nodes/Other.md",
            "db/drain.md",
            "db/Fail-over.md",
            "a/x/Page.md",
            "b/x/page.md",
            "pic.png",
        ]);
        for (name, from, expected) in [
            ("drain", "x.md", Some("Drain.md")),
            ("DRAIN", "web/x.md", Some("web/Drain.md")),
            ("drain", "web/nodes/x.md", Some("web/Drain.md")),
            ("drain", "db/x.md", Some("db/drain.md")),
            ("Drain.md", "db/x.md", Some("db/drain.md")),
            ("/drain", "db/x.md", Some("Drain.md")),
            ("web/drain", "db/x.md", Some("web/Drain.md")),
            ("nodes/other", "db/x.md", Some("web/nodes/Other.md")),
            ("fail over", "x.md", Some("db/Fail-over.md")),
            ("page", "x.md", Some("b/x/page.md")),
            ("PAGE", "x.md", Some("a/x/Page.md")),
            ("pic.png", "a/x.md", Some("pic.png")),
            ("pic", "a/x.md", None),
            ("rain", "x.md", None),
            ("", "x.md", None),
        ] {
            assert_eq!(resolve_named(name, from, &files).as_deref(), expected, "{name} from {from}");
        }
    }
}
