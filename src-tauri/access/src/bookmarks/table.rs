//! Links as a table (CSV, RFC 4180): its columns are found by their names.

use super::{Bookmark, LinksNotReadable, MOST_LINKS, taken, too_many};

/// What a column may be called, in lower case.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("title", &["title", "name", "label"]),
    ("address", &["address", "url", "link", "href", "uri"]),
    ("group", &["group", "folder", "category", "collection"]),
    ("tags", &["tags", "tag", "labels"]),
    ("pinned", &["pinned", "pin", "favorite"]),
];

/// Reads the links of a table with a line of headings. Columns that are not known are left out; lines without an address are
/// passed over.
///
/// # Errors
/// When it is no table, is not UTF-8, has no column of addresses, or holds more than [`MOST_LINKS`].
pub(super) fn read_links_table(bytes: &[u8]) -> Result<Vec<Bookmark>, LinksNotReadable> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::Headers).from_reader(bytes);
    let unreadable = |error: csv::Error| LinksNotReadable(format!("the table cannot be read: {error}"));
    let heads = reader.headers().map_err(unreadable)?.clone();
    let place = |wanted: &str| {
        let names = COLUMNS.iter().find(|(column, _)| *column == wanted).map_or(&[][..], |(_, names)| names);
        names.iter().find_map(|name| heads.iter().position(|head| head.to_lowercase() == **name))
    };
    let [title, address, group, tags, pinned] = COLUMNS.map(|(column, _)| place(column));
    if address.is_none() {
        return Err(LinksNotReadable(
            "it is neither a browser's file of bookmarks nor a table with a column called address or url: the first line \
             of a table has to say what its columns are, as in title,address,group,tags"
                .to_owned(),
        ));
    }
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let tags: Vec<&str> = cell(tags).split([',', ';']).collect();
        let pinned = matches!(cell(pinned).trim().to_lowercase().as_str(), "yes" | "true" | "1");
        found.extend(taken(cell(title), cell(address), Some(cell(group).to_owned()), &tags, pinned));
        if found.len() > MOST_LINKS {
            return Err(too_many());
        }
    }
    Ok(found)
}

/// Writes links as such a table.
///
/// # Errors
/// When memory does not take it.
pub fn write_links_table(links: &[Bookmark]) -> Result<String, LinksNotReadable> {
    let failed = |error: &dyn std::fmt::Display| LinksNotReadable(format!("the table cannot be written: {error}"));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(column, _)| column)).map_err(|error| failed(&error))?;
    for link in links {
        let (group, tags) = (link.group.as_deref().unwrap_or_default(), link.tags.join(","));
        let pinned = if link.pinned { "yes" } else { "" };
        writer.write_record([&link.title, &link.address, group, &tags, pinned]).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}
