//! Links that a person keeps: what both faces can ask of them (ACCESS.md, "Links").

mod bringing;
mod filling;
mod letters;
mod opening;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use access::{LONGEST_GROUP, LONGEST_TITLE, check_address, check_text};
use store::{Link, LinkTally};
use uuid::Uuid;

use self::filling::Filling;
pub(crate) use self::filling::{at_opening, run_times};
pub(crate) use self::opening::not_opened;
use crate::{
    ApiError, App, ErrorCode,
    entries::{nearest, taken},
    library::today,
    library_file, views,
    wire::{EditLink, LinkParameter, LinkView, LinksList, LinksQuery, NewLink, SavedLink, SavedLinkArgument},
};

/// How many days the counts are of.
const DAYS: i64 = 30;
/// For how long a removed link can be put back.
const KEPT_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

impl App {
    /// The links that were asked for.
    ///
    /// # Errors
    /// When the run is none, or the store cannot be read.
    pub fn link_list(&self, query: LinksQuery) -> Result<LinksList, ApiError> {
        let filling = self.filling(&query.values, query.run.as_deref())?;
        let tags = match (&query.run, query.of_runbook) {
            (Some(run), true) => Some(self.tags_of_run(run)?),
            _ => None,
        };
        let all = self.tallies()?;
        let mut rows = rows(&all, &filling);
        let list = LinksList {
            all: all.len() as u64,
            groups: all
                .iter()
                .filter_map(|one| one.link.group.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            tags: all.iter().flat_map(|one| one.link.tags.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
            parameters: self.parameters(&rows)?,
            links: Vec::new(),
        };
        let words: Vec<String> = query.words.split_whitespace().map(str::to_lowercase).collect();
        let letters: String = words.concat();
        rows.retain(|row| {
            let text = searched(row);
            (row.keys.as_ref() == Some(&letters) || words.iter().all(|word| text.contains(word)))
                && query.group.as_deref().is_none_or(|group| row.group.as_deref().unwrap_or_default() == group)
                && query.tag.as_ref().is_none_or(|tag| row.tags.contains(tag))
                && tags.as_ref().is_none_or(|tags| row.tags.iter().any(|tag| tags.contains(&tag.to_lowercase())))
                && (!query.pinned || row.pin.is_some())
        });
        // What is meant by its two letters comes first.
        rows.sort_by_key(|row| row.keys.as_ref() != Some(&letters));
        Ok(LinksList { links: rows, ..list })
    }

    /// One link.
    ///
    /// # Errors
    /// When there is none of that name, or the store cannot be read.
    pub fn link_show(&self, argument: &SavedLinkArgument) -> Result<SavedLink, ApiError> {
        let link = self.link(&argument.link)?;
        self.shown(&link.id)
    }

    /// Adds a link.
    ///
    /// # Errors
    /// When something of it cannot be so, or there is one of that title.
    pub fn link_add(&self, new: NewLink) -> Result<SavedLink, ApiError> {
        let now = self.engine.clock.now();
        let mut link =
            Link { id: Uuid::now_v7().to_string(), added_at: now.clone(), changed_at: now, ..Link::default() };
        let NewLink { title, address, group, tags, pinned } = new;
        self.change(
            &mut link,
            EditLink { title: Some(title), address: Some(address), group, tags: Some(tags), ..EditLink::default() },
        )?;
        self.store.put_links(std::slice::from_ref(&link)).map_err(taken)?;
        if pinned {
            self.store.pin_link(&link.id, true)?;
        }
        self.shown(&link.id)
    }

    /// Changes what was named of a link.
    ///
    /// # Errors
    /// As for [`App::link_add`], and when there is none of that name.
    pub fn link_edit(&self, edit: EditLink) -> Result<SavedLink, ApiError> {
        let mut link = self.link(&edit.link)?;
        let pinned = edit.pinned;
        self.change(&mut link, edit)?;
        link.changed_at = self.engine.clock.now();
        self.store.put_links(std::slice::from_ref(&link)).map_err(taken)?;
        if let Some(pinned) = pinned {
            self.store.pin_link(&link.id, pinned)?;
        }
        self.shown(&link.id)
    }

    /// Removes a link; it can be put back for a day.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn link_remove(&self, argument: SavedLinkArgument) -> Result<(), ApiError> {
        let link = self.link(&argument.link)?;
        let forget = jiff::Timestamp::now() - KEPT_FOR;
        Ok(self.store.remove_link(&link.id, &self.engine.clock.now(), &format!("{forget:.3}"))?)
    }

    /// Puts a removed link back.
    ///
    /// # Errors
    /// When none was removed within the last day that is called so, or another one has its title by now.
    pub fn link_restore(&self, argument: SavedLinkArgument) -> Result<SavedLink, ApiError> {
        let name = argument.link.trim();
        let restored = self.store.restore_link(name).map_err(taken)?;
        let id = restored.ok_or_else(|| {
            let sentence =
                format!("No link \"{name}\" was removed within the last day: there is nothing to put back.");
            ApiError::new(ErrorCode::NotFound, sentence)
        })?;
        self.shown(&id)
    }

    /// The link of that id or title, or of those two letters.
    pub(crate) fn link(&self, name: &str) -> Result<Link, ApiError> {
        let name = name.trim();
        if let Some(found) = self.store.link(name)? {
            return Ok(found);
        }
        let known = self.store.links("")?;
        let by_letters = letters::letters(known.iter().map(|one| &one.link));
        let meant = known.iter().find(|one| by_letters.get(&one.link.id).is_some_and(|letters| letters == name));
        meant.map(|one| one.link.clone()).ok_or_else(|| {
            let near = nearest(name, known.iter().map(|one| one.link.title.as_str()));
            let near = near.map_or_else(
                || "`allgood link list` shows those there are".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            ApiError::new(ErrorCode::NotFound, format!("There is no link \"{name}\": {near}"))
        })
    }

    /// The links of a runbook that can be opened, filled with values that were given and those of a run of it, else with what
    /// it says itself.
    ///
    /// # Errors
    /// When it cannot be read, or there is no such run.
    pub fn runbook_links(
        &self,
        path: &Path,
        given: &BTreeMap<String, String>,
        run: Option<&str>,
    ) -> Result<Vec<LinkView>, ApiError> {
        let opened = self.opened(path)?;
        let file = self.library_file_of(&opened.path)?;
        let mut variables = library_file::at_rest(&opened.runbook, &file);
        variables.values.extend(self.filling(given, run)?.values);
        Ok(views::links(&opened.runbook, &self.link_schemes(), &variables))
    }

    fn tallies(&self) -> Result<Vec<LinkTally>, ApiError> {
        let since = today().saturating_sub(jiff::Span::new().days(DAYS - 1));
        Ok(self.store.links(&since.to_string())?)
    }

    fn shown(&self, id: &str) -> Result<SavedLink, ApiError> {
        let filling = self.filling(&BTreeMap::new(), None)?;
        let found = rows(&self.tallies()?, &filling).into_iter().find(|row| row.id == id);
        found.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "The link is there no longer."))
    }

    /// Puts what was named in place of what is there.
    fn change(&self, link: &mut Link, edit: EditLink) -> Result<(), ApiError> {
        let EditLink { link: _, title, address, group, tags, pinned: _ } = edit;
        if let Some(title) = title {
            link.title = check_text("title", &title, LONGEST_TITLE)
                .map_err(bad)?
                .ok_or_else(|| bad("a link needs a title: give it one"))?;
        }
        if let Some(address) = address {
            link.address = check_address(&address, &self.link_schemes()).map_err(refused)?;
        }
        if let Some(group) = group {
            link.group = check_text("group", &group, LONGEST_GROUP).map_err(bad)?;
        }
        if let Some(tags) = tags {
            let tags = tags.iter().map(|tag| check_text("tag", tag, LONGEST_GROUP));
            let tags: BTreeSet<String> =
                tags.collect::<Result<Vec<_>, _>>().map_err(bad)?.into_iter().flatten().collect();
            link.tags = tags.into_iter().collect();
        }
        Ok(())
    }

    /// The parameters that a person can give, with how many links have each.
    fn parameters(&self, rows: &[SavedLink]) -> Result<Vec<LinkParameter>, ApiError> {
        let mut used = self.store.link_values()?;
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for name in rows.iter().flat_map(|row| &row.parameters).filter(|name| !format::is_run_time(name)) {
            *counts.entry(name).or_default() += 1;
        }
        let mut found: Vec<LinkParameter> = counts
            .into_iter()
            .map(|(name, links)| LinkParameter {
                name: name.to_owned(),
                links,
                used: used.remove(name).unwrap_or_default(),
            })
            .collect();
        // What most links wait for first.
        found.sort_by(|one, other| other.links.cmp(&one.links).then_with(|| one.name.cmp(&other.name)));
        Ok(found)
    }
}

/// The two letters of each link, by its id.
pub(crate) fn two_letters(links: &[Link]) -> HashMap<String, String> {
    letters::letters(links.iter())
}

/// All links as they are shown, by group.
fn rows(all: &[LinkTally], filling: &Filling) -> Vec<SavedLink> {
    let mut letters = letters::letters(all.iter().map(|one| &one.link));
    let mut pins: Vec<(i64, &str)> =
        all.iter().filter_map(|one| Some((one.link.pin?, one.link.id.as_str()))).collect();
    pins.sort_unstable();
    let mut rows: Vec<SavedLink> = all
        .iter()
        .map(|one| {
            let pin = pins.iter().position(|(_, id)| *id == one.link.id).map(|at| at as u64 + 1);
            filling.row(one, pin, letters.remove(&one.link.id))
        })
        .collect();
    rows.sort_by(|one, other| {
        let group = |row: &SavedLink| (row.group.is_none(), row.group.as_deref().unwrap_or_default().to_lowercase());
        group(one).cmp(&group(other)).then_with(|| other.count.cmp(&one.count))
    });
    rows
}

/// What words are looked for in.
fn searched(row: &SavedLink) -> String {
    let parts = [&row.title, &row.address].into_iter().chain(&row.group).chain(&row.tags);
    parts.map(|part| part.to_lowercase()).collect::<Vec<_>>().join("\n")
}

pub(crate) fn bad(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::BadInput, error.to_string())
}

/// An address that may not be kept or opened.
pub(crate) fn refused(error: access::BookmarkRefusal) -> ApiError {
    let code = match &error {
        access::BookmarkRefusal::Address(access::LinkRefusal::System(..)) => ErrorCode::Internal,
        access::BookmarkRefusal::Address(_) => ErrorCode::Scheme,
        _ => ErrorCode::BadInput,
    };
    ApiError::new(code, error.to_string())
}
