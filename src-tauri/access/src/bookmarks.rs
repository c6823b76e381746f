//! Links that a person keeps: what one may be, its parameters, and the files that links come in and go out by
//! (ACCESS.md, "Links").

mod html;
mod table;

use std::collections::BTreeSet;

use format::{LinkError, Values, fill_link};

use crate::{LinkRefusal, Schemes};

use html::read_html;
use table::read_links_table;

pub use html::write_html;
pub use table::write_links_table;

/// The most characters of a title.
pub const LONGEST_TITLE: usize = 200;
/// The most characters of a group, and of a tag.
pub const LONGEST_GROUP: usize = 100;
/// The most links that are read from one file.
pub const MOST_LINKS: usize = 10_000;
/// How many folders within each other are told apart; what lies deeper is listed in the last of them.
const DEEPEST: usize = 8;
/// What stands between a folder and one in it, in the name of a group.
const WITHIN: &str = " / ";

/// A link as it comes in or goes out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bookmark {
    /// What it is called.
    pub title: String,
    /// Where it leads; may hold parameters `{{name}}`.
    pub address: String,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// Sorted, each once.
    pub tags: Vec<String>,
    /// Whether it is found first.
    pub pinned: bool,
}

/// Why a link cannot be kept or opened. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookmarkRefusal {
    /// Its address may not be opened.
    #[error(transparent)]
    Address(#[from] LinkRefusal),
    /// The address holds a character that cannot be seen, or that turns the direction of writing.
    #[error("the address holds the invisible character U+{0:04X}, which hides where it leads: take it out")]
    Hidden(u32),
    /// A parameter stands where the address has to say by itself where it leads.
    #[error(
        "the address begins with a parameter: write its beginning in full, as in https://example.org/{{{{{0}}}}}"
    )]
    BeginsOpen(String),
    /// It has no title, or one that is too long or not one line.
    #[error("{0}")]
    Text(String),
    /// These parameters have no value.
    #[error("the link needs a value for {}: give it one", .0.join(", "))]
    Missing(Vec<String>),
    /// A value cannot stand where it would.
    #[error("{0}")]
    Value(String),
}

/// Why a file of links cannot be read. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LinksNotReadable(pub(crate) String);

/// The names of the parameters of an address, each once, in order.
#[must_use]
pub fn parameters(address: &str) -> Vec<String> {
    match fill_link(address, &Values::default()) {
        Err(LinkError::Missing(names)) => names,
        _ => Vec::new(),
    }
}

/// The address with its parameters filled in, as it would be given to the system.
///
/// # Errors
/// When a value is missing, or what comes of it may not be opened.
pub fn filled(address: &str, values: &Values, schemes: &Schemes) -> Result<String, BookmarkRefusal> {
    begins_closed(address)?;
    let address = fill_link(address, values).map_err(|error| match error {
        LinkError::Missing(names) => BookmarkRefusal::Missing(names),
        other => BookmarkRefusal::Value(other.to_string()),
    })?;
    Ok(schemes.check(&address)?)
}

/// Whether an address can be kept: what comes of it with harmless values may be opened. Gives it without blanks around it.
///
/// # Errors
/// When it may not be opened, or hides where it leads.
pub fn check_address(address: &str, schemes: &Schemes) -> Result<String, BookmarkRefusal> {
    let address = address.trim();
    if let Some(hidden) = address.chars().find(|character| is_hidden(*character)) {
        return Err(BookmarkRefusal::Hidden(hidden.into()));
    }
    let values = parameters(address).into_iter().map(|name| (name, "x".to_owned())).collect();
    filled(address, &values, schemes)?;
    Ok(address.to_owned())
}

/// A title, a group or a tag: one line, without what cannot be seen, not too long; none where it is empty.
///
/// # Errors
/// When it is not so.
pub fn check_text(name: &str, text: &str, longest: usize) -> Result<Option<String>, BookmarkRefusal> {
    let text = text.trim();
    if text.chars().any(|character| character.is_control() || is_hidden(character)) {
        let sentence =
            format!("the {name} holds a line break or an invisible character: write it in one line, without those");
        return Err(BookmarkRefusal::Text(sentence));
    }
    if text.chars().count() > longest {
        let sentence = format!("the {name} has more than {longest} characters: shorten it");
        return Err(BookmarkRefusal::Text(sentence));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Reads a file of links: the browsers' bookmarks (Netscape HTML) or a table (CSV), by what is in it.
///
/// # Errors
/// When it is neither, or holds more than [`MOST_LINKS`].
pub fn read_links(bytes: &[u8]) -> Result<Vec<Bookmark>, LinksNotReadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii_start().first() == Some(&b'<') { read_html(bytes) } else { read_links_table(bytes) }
}

/// Whether a value could decide where the address leads: then nobody who looks at the link knows.
fn begins_closed(address: &str) -> Result<(), BookmarkRefusal> {
    let before = address.split("{{").next().unwrap_or_default();
    match parameters(address).into_iter().next() {
        Some(name) if !before.contains(':') => Err(BookmarkRefusal::BeginsOpen(name)),
        _ => Ok(()),
    }
}

/// What a text from elsewhere becomes: one line, without what cannot be seen, cut to so many characters.
fn tidied(text: &str, longest: usize) -> String {
    let plain: String = text
        .chars()
        .filter(|character| !is_hidden(*character))
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").chars().take(longest).collect::<String>().trim_end().to_owned()
}

/// What a link from elsewhere is made of; none without an address.
fn taken(title: &str, address: &str, group: Option<String>, tags: &[&str], pinned: bool) -> Option<Bookmark> {
    let address = address.trim().to_owned();
    if address.is_empty() {
        return None;
    }
    let title = tidied(title, LONGEST_TITLE);
    let tags: BTreeSet<String> =
        tags.iter().map(|tag| tidied(tag, LONGEST_GROUP)).filter(|tag| !tag.is_empty()).collect();
    Some(Bookmark {
        title: if title.is_empty() { tidied(&address, LONGEST_TITLE) } else { title },
        address,
        group: group.map(|group| tidied(&group, LONGEST_GROUP)).filter(|group| !group.is_empty()),
        tags: tags.into_iter().collect(),
        pinned,
    })
}

fn too_many() -> LinksNotReadable {
    LinksNotReadable(format!("it holds more than {MOST_LINKS} links: bring in a part of it at a time"))
}

/// Characters that are not seen, or turn the direction of writing: what is read would not be what is there.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests;
