//! Links follow a file or a folder that is renamed or moved: edits of addresses alone, written as their author writes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::target::{
    EXTENSIONS, Place, behind, is_folder, locate, resolve, resolve_named, resolve_path, split, without_extension,
};
use crate::edit::apply;
use crate::model::{Edit, Runbook, Span};
use crate::{Target, variables};

/// The edits that make the links of one file lead where they led, once `old` (a file or a folder of the library) has
/// become `new`. It is asked for each file that links to what moves, and for each file that moves.
///
/// `bytes` are those that the runbook was read from; `from` is the file's path before the move; `files` are the library's
/// files before it. All paths count from the library's root. Anchors and queries stay, and so do relative or rooted
/// paths, `./`, percent-encoding, `<…>` and left-off extensions. A wiki link cannot name
/// every file (`#`, `|`, brackets): one that could not is left, and so is a link that cannot be told apart in the text.
/// Where a backtick of an address kept a line from opening a fence, those at the line's beginning are escaped.
#[must_use]
pub fn relink(
    runbook: &Runbook,
    bytes: &[u8],
    from: &str,
    old: &str,
    new: &str,
    files: &BTreeSet<String>,
) -> Vec<Edit> {
    if old == new || old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let mut after = None;
    let mut edits: BTreeMap<usize, Edit> = BTreeMap::new();
    let links = runbook.links.iter().map(|link| (&link.target, &link.url, link.url_span));
    let images = runbook.images.iter().map(|image| (&image.target, &image.url, image.url_span));
    for (target, url, span) in links.chain(images) {
        let Some(span) = span else { continue };
        let Some(raw) = bytes.get(span.start..span.end).and_then(|raw| std::str::from_utf8(raw).ok()) else {
            continue;
        };
        let angled = bytes.get(span.start.wrapping_sub(1)) == Some(&b'<');
        let move_ = Move { from, old, new, files };
        let edit = match target {
            Target::Inside { .. } | Target::Escapes => move_.path(url, raw, span, angled),
            Target::Named(name, _) => {
                let after = after.get_or_insert_with(|| move_.files_after());
                move_.name(name, target, raw, span, after)
            }
            Target::Outside | Target::Anchor(_) => None,
        };
        // Several links may share one definition.
        edits.extend(edit.map(|edit| (edit.span.start, edit)));
    }
    let edits: Vec<Edit> = edits.into_values().collect();
    let mut all = not_to_fence(bytes, from, &edits);
    all.extend(edits);
    all.sort_by_key(|edit| edit.span.start);
    all
}

/// A line that begins with three backticks opens no fence as long as another backtick stands behind them (CommonMark
/// 0.31, 4.5). Where that was one of an address, and it goes, those at the beginning are escaped: they were text, and
/// stay it.
fn not_to_fence(bytes: &[u8], from: &str, edits: &[Edit]) -> Vec<Edit> {
    let mut escapes: BTreeMap<usize, Edit> = BTreeMap::new();
    for edit in edits {
        let loses = bytes.get(edit.span.start..edit.span.end).is_some_and(|raw| raw.contains(&b'`'));
        let before = bytes.get(..edit.span.start).unwrap_or_default();
        let line = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
        let marks = before.get(line..).unwrap_or_default();
        // Of quotes and lists that the line stands in.
        let at = marks.iter().take_while(|byte| b" \t>-+*.)0123456789[]xX".contains(byte)).count();
        let ticks = marks.get(at..).unwrap_or_default().iter().take_while(|byte| **byte == b'`').count();
        if loses && ticks >= 3 {
            let span = Span { start: line + at, end: line + at + ticks };
            escapes.insert(line, Edit { span, text: "\\`".repeat(ticks) });
        }
    }
    if escapes.is_empty() {
        return Vec::new();
    }
    let Ok(after) = apply(bytes, edits) else { return Vec::new() };
    let blocks = crate::parse(from, &after).blocks;
    escapes.retain(|line, escape| {
        let earlier = edits.iter().take_while(|edit| edit.span.start < *line);
        let moved =
            earlier.fold(escape.span.start, |at, edit| at + edit.text.len() + edit.span.start - edit.span.end);
        let line = moved - (escape.span.start - line);
        blocks.iter().any(|block| (line..=moved).contains(&block.span.start))
    });
    escapes.into_values().collect()
}

struct Move<'a> {
    from: &'a str,
    old: &'a str,
    new: &'a str,
    files: &'a BTreeSet<String>,
}

impl Move<'_> {
    /// Where a path is after the move.
    fn moved<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if path == self.old {
            return Cow::Owned(self.new.to_owned());
        }
        match behind(path, self.old) {
            Some(rest) => Cow::Owned(format!("{}/{rest}", self.new)),
            None => Cow::Borrowed(path),
        }
    }

    fn files_after(&self) -> BTreeSet<String> {
        self.files.iter().map(|file| self.moved(file).into_owned()).collect()
    }

    /// Where the path that a link writes is after the move, and whether that is a file. The extension may have been left
    /// off, and a folder may stand for its `README.md`.
    fn moved_link(&self, path: &str) -> (String, bool) {
        if self.files.contains(path) {
            return (self.moved(path).into_owned(), true);
        }
        if is_folder(path, self.files) {
            let folder = self.moved(path).into_owned();
            return match resolve_path(path, self.files) {
                // Its page goes elsewhere, or takes another name.
                Some(page) if page != path && self.moved(&page) != page && folder == path => {
                    (self.moved(&page).into_owned(), true)
                }
                _ => (folder, false),
            };
        }
        for extension in EXTENSIONS {
            let whole = format!("{path}{extension}");
            if self.files.contains(&whole) {
                let moved = self.moved(&whole).into_owned();
                let short = moved.strip_suffix(extension).filter(|short| !short.is_empty() && !self.is_taken(short));
                return (short.map(str::to_owned).unwrap_or(moved), true);
            }
        }
        (self.moved(path).into_owned(), false)
    }

    /// Whether something stands, or will stand, at a path, so that an extension cannot be left off.
    fn is_taken(&self, path: &str) -> bool {
        self.files.contains(path)
            || is_folder(path, self.files)
            || self.new == path
            || behind(self.new, path).is_some()
    }

    fn path(&self, url: &str, raw: &str, span: Span, angled: bool) -> Option<Edit> {
        let (path, _) = split(url);
        let from = self.moved(self.from);
        let place = locate(self.from, path);
        let (parts, is_file) = if place.above == 0 {
            let (moved, is_file) = self.moved_link(&place.parts.join("/"));
            (moved.split('/').map(|part| Cow::Owned(part.to_owned())).collect(), is_file)
        } else {
            (place.parts, false)
        };
        let wanted = Place { above: place.above, parts: without_empty(parts) };
        if locate(&from, path) == wanted {
            return None;
        }
        let mut written = if path.starts_with('/') && wanted.above == 0 {
            format!("/{}", wanted.parts.join("/"))
        } else {
            relative(&from, &wanted, path.starts_with("./"))
        };
        if path.ends_with('/') && !written.ends_with('/') && !is_file {
            written.push('/');
        }
        let escaped = raw.contains(['\\', '&']);
        // Where the address is written with marks of its own, all of it is written anew; else the path alone.
        let raw_path = if escaped { raw } else { split(raw).0 };
        let ascii = raw_path.contains('%') && raw_path.is_ascii();
        let blanks = angled && !raw_path.contains('%');
        let mut text = encode(&written, ascii, blanks, raw.contains('+'));
        if variables::scheme(&text).is_some() {
            text.insert_str(0, "./");
        }
        if escaped {
            text.push_str(&suffix(url.get(path.len()..).unwrap_or_default(), angled));
        }
        Some(Edit { span: Span { start: span.start, end: span.start + raw_path.len() }, text })
    }

    /// A wiki link keeps its name as long as that leads to the same file.
    fn name(&self, name: &str, target: &Target, raw: &str, span: Span, after: &BTreeSet<String>) -> Option<Edit> {
        let file = resolve(target, self.from, self.files)?;
        let (moved, from) = (self.moved(&file), self.moved(self.from));
        let leads = |name: &str| resolve_named(name, &from, after).as_deref() == Some(moved.as_ref());
        if leads(name) {
            return None;
        }
        let has_extension = without_extension(name) != name;
        let whole: &str = if has_extension { moved.as_ref() } else { without_extension(&moved) };
        let short = whole.rsplit('/').next().unwrap_or(whole);
        let rooted = format!("/{whole}");
        let text = [short, whole, rooted.as_str()].into_iter().find(|text| {
            leads(text) && !text.contains(['[', ']', '|', '#', '\\', '`', '<', '*', '\n']) && text.trim() == *text
        })?;
        raw.starts_with(name)
            .then(|| Edit { span: Span { start: span.start, end: span.start + name.len() }, text: text.to_owned() })
    }
}

fn without_empty(parts: Vec<Cow<'_, str>>) -> Vec<Cow<'_, str>> {
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// The path from a file's folder to a place.
fn relative(from: &str, to: &Place<'_>, dotted: bool) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folders: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let shared = if to.above > 0 {
        0
    } else {
        // The last part is the file, which is no folder to stay in.
        let last = to.parts.len().saturating_sub(1);
        folders.iter().zip(to.parts.iter().take(last)).take_while(|(one, other)| **one == other.as_ref()).count()
    };
    let mut path = "../".repeat(folders.len() - shared + to.above);
    let rest = to.parts.get(shared..).unwrap_or_default().join("/");
    if rest.is_empty() {
        path.pop();
        if path.is_empty() {
            path.push('.');
        }
        return path;
    }
    if dotted && path.is_empty() {
        path.push_str("./");
    }
    path.push_str(&rest);
    path
}

/// A path as an address writes it. Everything that could mean something in Markdown, HTML, a table or an address is
/// percent-encoded; letters outside ASCII where the author encodes them, blanks where no `<…>` holds them.
fn encode(path: &str, ascii: bool, blanks: bool, plus: bool) -> String {
    let mut text = String::with_capacity(path.len());
    for letter in path.chars() {
        let plain = match letter {
            ' ' => blanks,
            '+' => plus,
            letter if letter.is_ascii() => letter.is_ascii_alphanumeric() || "-._~/!$,;=:@".contains(letter),
            letter => !ascii && !letter.is_whitespace() && !letter.is_control(),
        };
        if plain {
            text.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                variables::push_encoded(&mut text, byte, |_| false);
            }
        }
    }
    text
}

/// A query and an anchor that were written with backslashes or character references, written without.
fn suffix(suffix: &str, angled: bool) -> String {
    let mut text = String::with_capacity(suffix.len());
    for letter in suffix.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '\\' | '<' | '>' | '(' | ')' | '"' | '\'' | '`' | '|' => {
                variables::push_encoded(&mut text, u8::try_from(u32::from(letter)).unwrap_or(b'?'), |_| false);
            }
            ' ' if !angled => text.push_str("%20"),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests;
