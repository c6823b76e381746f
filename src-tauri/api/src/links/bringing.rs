//! Links that come from elsewhere, each shown before it is kept, and links on their way out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::Path,
};

use access::{Bookmark, LONGEST_TITLE, check_address};
use store::Link;
use uuid::Uuid;

use super::bad;
use crate::{
    ApiError, App, ErrorCode,
    entries::{read_bounded, taken},
    wire::{ExportLinks, ImportLinks, LinkImportRow, LinksPlan, LinksQuery},
};

impl App {
    /// What would come of a file of links: nothing is kept yet.
    ///
    /// # Errors
    /// When the file cannot be read, or is none of links.
    pub fn links_import_plan(&self, request: ImportLinks) -> Result<LinksPlan, ApiError> {
        let path = Path::new(&request.path);
        let bytes = read_bounded(path)?;
        let found = access::read_links(&bytes).map_err(|error| bad(format!("{}: {error}", path.display())))?;
        let schemes = self.link_schemes();
        let known = self.store.links("")?;
        let mut titles: BTreeSet<String> = known.iter().map(|one| one.link.title.to_lowercase()).collect();
        let mut addresses: BTreeMap<String, String> =
            known.into_iter().map(|one| (one.link.address, one.link.title)).collect();
        let rows = found.into_iter().map(|link| {
            let Bookmark { title, address, group, tags, pinned } = link;
            let mut row = LinkImportRow { title, address, group, tags, pinned, left: None };
            match check_address(&row.address, &schemes) {
                Err(error) => row.left = Some(error.to_string()),
                Ok(address) => {
                    if let Some(there) = addresses.get(&address) {
                        row.left = Some(format!("its address is there already, as \"{there}\""));
                    } else {
                        row.title = free(&row.title, &mut titles);
                        addresses.insert(address.clone(), row.title.clone());
                        row.address = address;
                    }
                }
            }
            row
        });
        Ok(LinksPlan { rows: rows.collect(), seen: store::revision_of(&bytes) })
    }

    /// Keeps what the plan says would come: all of it, or nothing. Gives how many.
    ///
    /// # Errors
    /// [`ErrorCode::Stale`] when the file is not the one that was shown; else as [`App::links_import_plan`].
    pub fn links_import(&self, request: ImportLinks) -> Result<u64, ApiError> {
        let seen = request.seen.clone();
        let path = request.path.clone();
        let plan = self.links_import_plan(request)?;
        if seen.is_some_and(|seen| seen != plan.seen) {
            let sentence = format!("{path} has changed since it was shown: nothing was kept. Look at it again.");
            return Err(ApiError::new(ErrorCode::Stale, sentence));
        }
        let now = self.engine.clock.now();
        let mut pin = self.store.links("")?.iter().filter_map(|one| one.link.pin).max().unwrap_or_default();
        let links: Vec<Link> = plan
            .rows
            .into_iter()
            .filter(|row| row.left.is_none())
            .map(|row| {
                let LinkImportRow { title, address, group, tags, pinned, left: _ } = row;
                pin += i64::from(pinned);
                Link {
                    id: Uuid::now_v7().to_string(),
                    title,
                    address,
                    group,
                    tags,
                    pin: pinned.then_some(pin),
                    added_at: now.clone(),
                    changed_at: now.clone(),
                    opened_at: None,
                }
            })
            .collect();
        self.store.put_links(&links).map_err(taken)?;
        Ok(links.len() as u64)
    }

    /// All links as a text: a table (CSV, RFC 4180), else the browsers' file of bookmarks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn links_text(&self, table: bool) -> Result<String, ApiError> {
        let mut links = self.link_list(LinksQuery::default())?.links;
        // Pinned ones in their order, so that whoever takes them in has the same.
        links.sort_by_key(|link| link.pin.unwrap_or(u64::MAX));
        let links: Vec<Bookmark> = links
            .into_iter()
            .map(|link| Bookmark {
                title: link.title,
                address: link.address,
                group: link.group,
                tags: link.tags,
                pinned: link.pin.is_some(),
            })
            .collect();
        if table { access::write_links_table(&links).map_err(bad) } else { Ok(access::write_html(&links)) }
    }

    /// Writes all links to a new file; gives how many.
    ///
    /// # Errors
    /// When there is something of that name, or it cannot be written.
    pub fn links_export(&self, request: ExportLinks) -> Result<u64, ApiError> {
        let path = Path::new(&request.path);
        let table = request.table || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let text = self.links_text(table)?;
        let written = fs::File::create_new(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| {
            let sentence = format!("{} cannot be written: {error}. Nothing is overwritten.", path.display());
            ApiError::new(ErrorCode::File, sentence)
        })?;
        Ok(self.store.links("")?.len() as u64)
    }
}

/// The title, or one with a number behind it, that nobody has.
fn free(title: &str, titles: &mut BTreeSet<String>) -> String {
    let mut found = title.to_owned();
    let mut number = 2;
    while !titles.insert(found.to_lowercase()) {
        let short: String = title.chars().take(LONGEST_TITLE - 8).collect();
        found = format!("{} ({number})", short.trim_end());
        number += 1;
    }
    found
}
