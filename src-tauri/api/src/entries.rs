//! Access entries: what both faces can ask of them (ACCESS.md, "Access entries"). What they hold beside their secrets is in the
//! store; their secrets are in a keychain, and pass through here only to where a person wants them.

mod asked;
mod asking;
mod bringing;
mod connecting;
mod copying;
mod fetching;
mod keeping;
mod reaching;
mod terminals;
mod used_by;
mod using;

use std::collections::{BTreeMap, BTreeSet};

use access::{EntryKind, Secret, check_entry_name};
use store::AccessEntry;
use uuid::Uuid;

pub(crate) use self::{bringing::read as read_bounded, copying::Copying, keeping::Keepers, terminals::Terminals};
pub use self::{
    connecting::Connecting,
    keeping::{PASSPHRASE_FILE, without_line_end},
    terminals::TerminalSink,
    using::{CodeNow, SecretSet},
};
use crate::{
    ApiError, App, ErrorCode,
    library::today,
    wire::{
        AccessArgument, AccessDetails, AccessField, AccessGrant, AccessList, AccessQuery, AccessRow, AccessView,
        EditAccess, FacetValue, NewAccess, SecretFieldView,
    },
};

/// The most characters of one text of an entry.
const LONGEST: usize = 10_000;

impl App {
    /// The entries that were asked for.
    ///
    /// # Errors
    /// When a kind is none, or the store cannot be read.
    pub fn access_list(&self, query: AccessQuery) -> Result<AccessList, ApiError> {
        query.kind.as_deref().map(kind_named).transpose()?;
        let all = self.store.access_entries()?;
        let groups = counted(all.iter().filter_map(|entry| entry.group.as_deref()));
        let tags = counted(all.iter().flat_map(|entry| &entry.tags).map(String::as_str));
        let kinds = EntryKind::ALL.map(EntryKind::name).map(|kind| FacetValue {
            value: kind.to_owned(),
            count: all.iter().filter(|entry| entry.kind == kind).count() as u64,
        });
        let count = all.len() as u64;
        let words: Vec<String> = query.words.split_whitespace().map(str::to_lowercase).collect();
        let rows = all.into_iter().filter(|entry| {
            let text = searched(entry);
            words.iter().all(|word| text.contains(word))
                && query.group.as_deref().is_none_or(|group| entry.group.as_deref().unwrap_or_default() == group)
                && query.tag.as_ref().is_none_or(|tag| entry.tags.contains(tag))
                && query.kind.as_ref().is_none_or(|kind| entry.kind == *kind)
        });
        let rows = rows.map(|entry| row(&entry)).filter(|row| {
            let within = |days: u32| row.expires_days.is_some_and(|left| left < i64::from(days));
            query.expires_within.is_none_or(within)
        });
        Ok(AccessList { entries: rows.collect(), all: count, kinds: kinds.to_vec(), groups, tags })
    }

    /// One entry, with the runbooks that refer to it.
    ///
    /// # Errors
    /// When there is none of that name, or the store cannot be read.
    pub fn access_view(&self, argument: AccessArgument) -> Result<AccessView, ApiError> {
        let entry = self.entry(&argument.entry)?;
        let grants =
            entry.grants.iter().map(|(scope, at)| AccessGrant { scope: scope.clone(), granted_at: at.clone() });
        Ok(AccessView {
            used_by: self.used_by(&entry.name)?,
            grants: grants.collect(),
            added_at: entry.added_at.clone(),
            changed_at: entry.changed_at.clone(),
            entry: row(&entry),
        })
    }

    /// Adds an entry, without any secret yet.
    ///
    /// # Errors
    /// When something of it cannot be so, or there is one of that name.
    pub fn access_add(&self, new: NewAccess) -> Result<AccessView, ApiError> {
        let entry = self.made(new)?;
        self.put_entry(&entry)?;
        self.access_view(AccessArgument { entry: entry.name })
    }

    /// A new entry, which is not kept yet.
    fn made(&self, new: NewAccess) -> Result<AccessEntry, ApiError> {
        let name = new.name.trim().to_owned();
        check_entry_name(&name).map_err(bad)?;
        let now = self.engine.clock.now();
        let mut entry = AccessEntry {
            id: Uuid::now_v7().to_string(),
            name,
            kind: kind_named(&new.kind)?.name().to_owned(),
            added_at: now.clone(),
            changed_at: now,
            ..AccessEntry::default()
        };
        change(&mut entry, new.details)?;
        Ok(entry)
    }

    /// Adds an entry with its secrets: all of it or nothing.
    ///
    /// # Errors
    /// As for [`App::access_add`] and [`App::access_set`].
    pub fn access_create(
        &self,
        new: NewAccess,
        secrets: &[(String, Secret)],
    ) -> Result<(AccessView, Vec<SecretSet>), ApiError> {
        let added = self.access_add(new)?;
        let entry = added.entry.name;
        let mut set = Vec::new();
        for (field, secret) in secrets {
            match self.access_set(&AccessField { entry: entry.clone(), field: Some(field.clone()) }, secret) {
                Ok(kept) => set.push(kept),
                Err(error) => {
                    // Half an entry would look like a whole one in a list.
                    if let Err(left) = self.access_remove(AccessArgument { entry }) {
                        tracing::warn!(message = %left.message, "an entry stays without its secret");
                    }
                    return Err(error);
                }
            }
        }
        Ok((self.access_view(AccessArgument { entry })?, set))
    }

    /// Changes what was named of an entry, its name too. Its secrets stay where they are.
    ///
    /// # Errors
    /// As for [`App::access_add`], and when there is none of that name.
    pub fn access_edit(&self, edit: EditAccess) -> Result<AccessView, ApiError> {
        let mut entry = self.entry(&edit.entry)?;
        if let Some(name) = edit.name {
            check_entry_name(name.trim()).map_err(bad)?;
            entry.name = name.trim().to_owned();
        }
        if let Some(kind) = edit.kind {
            entry.kind = kind_named(&kind)?.name().to_owned();
        }
        change(&mut entry, edit.details)?;
        entry.changed_at = self.engine.clock.now();
        self.put_entry(&entry)?;
        self.access_view(AccessArgument { entry: entry.name })
    }

    /// Removes an entry and its secrets. Where a secret cannot be removed the entry stays.
    ///
    /// # Errors
    /// When there is none of that name, or what keeps its secrets cannot be reached.
    pub fn access_remove(&self, argument: AccessArgument) -> Result<(), ApiError> {
        let entry = self.entry(&argument.entry)?;
        for (field, kept) in &entry.fields {
            self.keepers.of(&kept.place).remove(&access::Account::new(&entry.id, field)).map_err(|error| {
                let sentence = format!(
                    "The secret \"{field}\" of {} could not be removed, so the entry stays: {error}.",
                    entry.name
                );
                keeping::refused(&error, sentence)
            })?;
            self.store.set_access_field(&entry.id, field, None, &self.engine.clock.now())?;
        }
        Ok(self.store.remove_access_entry(&entry.id)?)
    }

    /// The entry of that name.
    pub(crate) fn entry(&self, name: &str) -> Result<AccessEntry, ApiError> {
        let found = self.store.access_entry(name.trim())?;
        found.ok_or_else(|| {
            let known = self.store.access_entries().unwrap_or_default();
            let near = nearest(name.trim(), known.iter().map(|entry| entry.name.as_str()));
            let near = near.map_or_else(
                || "`allgood access list` shows those there are".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            ApiError::new(ErrorCode::NotFound, format!("There is no access entry \"{}\": {near}", name.trim()))
        })
    }

    fn put_entry(&self, entry: &AccessEntry) -> Result<(), ApiError> {
        self.store.put_access_entry(entry).map_err(taken)
    }
}

/// The name that was probably meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|one| (strsim::damerau_levenshtein(&one.to_lowercase(), &name.to_lowercase()), one));
    near.filter(|(far, _)| *far <= 2).min_by_key(|(far, _)| *far).map(|(_, one)| one)
}

/// A name that is taken is bad input, not a failure of the store.
pub(crate) fn taken(error: store::StoreError) -> ApiError {
    match error.kind() {
        store::ErrorKind::Refused => ApiError::new(ErrorCode::BadInput, error.to_string()),
        _ => error.into(),
    }
}

fn bad(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::BadInput, error.to_string())
}

pub(crate) fn kind_named(name: &str) -> Result<EntryKind, ApiError> {
    EntryKind::named(name).ok_or_else(|| {
        let kinds: Vec<&str> = EntryKind::ALL.into_iter().map(EntryKind::name).collect();
        bad(format!("\"{name}\" is no kind of access entry: take one of {}", kinds.join(", ")))
    })
}

/// Puts what was named in place of what is there.
pub(crate) fn change(entry: &mut AccessEntry, details: AccessDetails) -> Result<(), ApiError> {
    let AccessDetails { group, tags, address, port, user, command, note, expires } = details;
    for (name, there, given) in [
        ("group", &mut entry.group, group),
        ("address", &mut entry.address, address),
        ("user", &mut entry.user, user),
        ("command", &mut entry.command, command),
    ] {
        if let Some(text) = given {
            *there = line(name, &text)?;
        }
    }
    if let Some(text) = note {
        if text.chars().count() > LONGEST {
            return Err(bad(format!("the note has more than {LONGEST} characters: shorten it")));
        }
        entry.note = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    if let Some(port) = port {
        entry.port = Some(port).filter(|port| *port != 0);
    }
    if let Some(tags) = tags {
        let tags = tags.iter().map(|tag| line("tag", tag)).collect::<Result<BTreeSet<_>, _>>()?;
        entry.tags = tags.into_iter().flatten().collect();
    }
    if let Some(day) = expires.as_deref().map(str::trim) {
        entry.expires = match day {
            "" => None,
            day => Some(day.parse::<jiff::civil::Date>().map_err(|_| {
                bad(format!("\"{day}\" is no day on which secrets can expire: write it as 2027-02-20"))
            })?)
            .map(|day| day.to_string()),
        };
    }
    Ok(())
}

/// One line of text; none where it is empty.
fn line(name: &str, text: &str) -> Result<Option<String>, ApiError> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(bad(format!("the {name} holds a line break or another control character: write it in one line")));
    }
    if text.chars().count() > LONGEST {
        return Err(bad(format!("the {name} has more than {LONGEST} characters: shorten it")));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Each text once, and how often it came.
fn counted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<FacetValue> {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for text in texts {
        *found.entry(text).or_default() += 1;
    }
    found.into_iter().map(|(value, count)| FacetValue { value: value.to_owned(), count }).collect()
}

/// What words are looked for in.
fn searched(entry: &AccessEntry) -> String {
    let parts = [&entry.group, &entry.address, &entry.user, &entry.note].into_iter().flatten();
    let parts = parts.chain([&entry.name, &entry.kind]).chain(&entry.tags);
    parts.map(|part| part.to_lowercase()).collect::<Vec<_>>().join("\n")
}

/// Days until the last day on which the secrets of an entry hold; negative when it is over.
pub(crate) fn days_left(entry: &AccessEntry) -> Option<i64> {
    let day = entry.expires.as_deref()?.parse::<jiff::civil::Date>().ok()?;
    Some(i64::from(today().until(day).ok()?.get_days()))
}

/// An entry as it stands in a list.
pub(crate) fn row(entry: &AccessEntry) -> AccessRow {
    let secrets = entry.fields.iter().map(|(name, kept)| SecretFieldView {
        name: name.clone(),
        place: kept.place.clone(),
        set_at: kept.set_at.clone(),
    });
    AccessRow {
        id: entry.id.clone(),
        name: entry.name.clone(),
        kind: entry.kind.clone(),
        group: entry.group.clone(),
        tags: entry.tags.clone(),
        address: entry.address.clone(),
        port: entry.port,
        user: entry.user.clone(),
        command: entry.command.clone(),
        note: entry.note.clone(),
        expires: entry.expires.clone(),
        expires_days: days_left(entry),
        connects: connecting::shown(entry).ok(),
        secrets: secrets.collect(),
        used_at: entry.used_at.clone(),
        uses: entry.uses,
    }
}
