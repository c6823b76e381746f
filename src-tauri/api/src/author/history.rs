//! The history of a file: its kept revisions and the commits of it, what changed in each, and two texts side by side.

use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    path::Path,
};

use format::Runbook;
use store::{HistoryRow, Origin};

use super::{
    git,
    place::Spot,
    saving::Writing,
    text::{Units, bytes_of, text_of},
};
use crate::{
    ApiError, App, ErrorCode, library,
    wire::{
        CompareTexts, Comparison, DiffKind, DiffLine, DiffPart, HistoryPage, HistoryQuery, RevisionRow, Saved,
        TextEdit,
    },
};

/// The most rows of a page.
const PAGE: u64 = 200;
/// The fewest signs of a hash that name a revision.
const SHORTEST: usize = 4;
/// Lines of context around a change.
const CONTEXT: usize = 3;
/// A larger text is compared by lines alone, so that a page of its history is there at once.
const LARGE: usize = 128 * 1024;

impl App {
    /// The history of a file, newest first: what was saved here, what other programs wrote, and, in a trusted folder,
    /// what was committed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(&self, query: HistoryQuery) -> Result<HistoryPage, ApiError> {
        let spot = self.spot(Path::new(&query.path))?;
        // One that is gone has a history all the same.
        drop(self.read_noting(&spot));
        let rows = self.revisions(&spot)?;
        let total = rows.len() as u64;
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit.clamp(1, PAGE)).unwrap_or_default();
        let mut page: Vec<RevisionRow> = rows.into_iter().skip(offset).take(limit + 1).collect();
        let texts: Vec<Vec<u8>> = page
            .iter()
            .map(|row| self.store.revision_text(&row.revision).map(|text| text.bytes).unwrap_or_default())
            .collect();
        for (index, row) in page.iter_mut().enumerate() {
            row.summary = match (texts.get(index), texts.get(index + 1)) {
                (Some(new), Some(old)) => summary(old, new),
                _ => "the first that is kept".to_owned(),
            };
        }
        page.truncate(limit);
        Ok(HistoryPage { rows: page, total })
    }

    /// Every revision of a file, newest first, without summaries.
    fn revisions(&self, spot: &Spot) -> Result<Vec<RevisionRow>, ApiError> {
        let mut rows: Vec<RevisionRow> =
            self.store.history(&spot.path, u64::MAX, 0)?.0.into_iter().map(row).collect();
        let trusted = spot.library.as_ref().is_some_and(store::Library::is_trusted);
        let commits = if trusted { git::commits(&self.git(), &spot.path) } else { Vec::new() };
        let mut seen = HashSet::new();
        for commit in commits {
            let revision = store::revision_of(&commit.bytes);
            if !seen.insert(revision.clone()) {
                continue;
            }
            if let Some(known) = rows.iter_mut().find(|row| row.revision == revision) {
                known.message.get_or_insert(commit.subject);
                if known.origin == Origin::Outside.name() {
                    known.origin = Origin::Git.name().to_owned();
                    known.actor = Some(commit.author);
                }
                continue;
            }
            rows.push(RevisionRow {
                revision: self.store.put_revision(&commit.bytes)?,
                number: 0,
                at: commit.at,
                origin: Origin::Git.name().to_owned(),
                actor: Some(commit.author),
                message: Some(commit.subject),
                summary: String::new(),
                size: commit.bytes.len() as u64,
                runs: 0,
                failed: 0,
            });
        }
        // Stable: what was kept at one time stays in its order.
        rows.sort_by(|one, other| other.at.cmp(&one.at));
        Ok(rows)
    }

    /// The revision of a file that a person names: by its number in the history, or by the beginning of its hash.
    ///
    /// # Errors
    /// When there is none of that name, or more than one.
    pub fn revision_named(&self, path: &str, name: &str) -> Result<RevisionRow, ApiError> {
        let rows = self.revisions(&self.spot(Path::new(path))?)?;
        let name = name.trim();
        let number = name.parse::<u64>().ok().filter(|number| *number > 0);
        if let Some(row) = number.and_then(|number| rows.iter().find(|row| row.number == number)) {
            return Ok(row.clone());
        }
        let wanted = name.to_ascii_lowercase();
        // A revision that came back later is one, however often it stands there: the newest names it.
        let mut found: Vec<&RevisionRow> = Vec::new();
        for row in rows.iter().filter(|row| wanted.len() >= SHORTEST && row.revision.starts_with(&wanted)) {
            if found.iter().all(|known| known.revision != row.revision) {
                found.push(row);
            }
        }
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] if rows.is_empty() => Err(ApiError::new(
                ErrorCode::NotFound,
                format!("No revision of {path} is kept: its history begins when it is first opened or saved here."),
            )),
            [] => Err(ApiError::new(
                ErrorCode::NotFound,
                format!(
                    "{path} has no revision \"{name}\": name it by its number or by at least {SHORTEST} signs of its \
                     hash, as `allgood history` prints them."
                ),
            )),
            _ => Err(ApiError::new(
                ErrorCode::BadInput,
                format!("More than one revision of {path} begins with \"{name}\": write more of it."),
            )),
        }
    }

    /// Puts a kept revision back into its file, by the rules of any saving: not over what was written meanwhile, and as a
    /// revision of its own in the history. What was typed and not saved stays as a draft.
    ///
    /// # Errors
    /// When a secret was taken out of what is kept, nothing may be written there, or the system does not write it.
    pub fn restore_revision(&self, path: &str, row: &RevisionRow) -> Result<Saved, ApiError> {
        let spot = self.spot(Path::new(path))?;
        let kept = self.store.revision_text(&row.revision)?;
        if kept.redacted.is_some() {
            let sentence = format!(
                "A secret was taken out of what is kept of this revision of {path}: copy what you need of it by hand."
            );
            return Err(ApiError::new(ErrorCode::State, sentence));
        }
        let base = match fs::read(&spot.path) {
            Ok(bytes) => Some(store::revision_of(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(library::unreadable(&spot.path, &error)),
        };
        let name = if row.number > 0 { row.number.to_string() } else { row.revision.chars().take(8).collect() };
        let message = format!("restored revision {name}");
        let writing = Writing { base: base.as_deref(), bytes: &kept.bytes, message: Some(&message) };
        self.write_file(&spot, &writing)
    }

    /// Two revisions, or a revision and the text being written, held beside each other.
    ///
    /// # Errors
    /// When a revision was never kept.
    pub fn compare(&self, texts: CompareTexts) -> Result<Comparison, ApiError> {
        let kept = |hash: &str| Ok::<_, ApiError>(text_of(&self.store.revision_text(hash)?.bytes));
        let old = kept(&texts.from)?;
        let new = match (texts.to, texts.text) {
            (Some(to), _) => kept(&to)?,
            (None, Some(text)) => text,
            (None, None) => {
                return Err(ApiError::new(ErrorCode::BadInput, "Name the newer revision, or give the text."));
            }
        };
        Ok(comparison(&old, &new))
    }

    /// What it would change to put a kept revision in the place of a text.
    ///
    /// # Errors
    /// When the revision was never kept.
    pub fn compare_with(&self, text: &str, revision: &str) -> Result<Comparison, ApiError> {
        Ok(comparison(text, &text_of(&self.store.revision_text(revision)?.bytes)))
    }
}

/// What differs between two texts.
pub(crate) fn comparison(old: &str, new: &str) -> Comparison {
    let lines = format::word_diff(old, new);
    let count = |kind| lines.iter().filter(|line| line.kind == kind).count() as u64;
    let (added, removed) = (count(format::DiffKind::Added), count(format::DiffKind::Removed));
    let units = Units::new(new);
    let restore = format::difference(new, old).into_iter().map(|edit| TextEdit {
        from: units.of_text(edit.span.start),
        to: units.of_text(edit.span.end),
        text: edit.text,
    });
    Comparison {
        added,
        removed,
        restore: restore.collect(),
        lines: format::around_changes(lines, CONTEXT).into_iter().map(line).collect(),
    }
}

fn line(line: format::DiffLine) -> DiffLine {
    DiffLine {
        kind: match line.kind {
            format::DiffKind::Same => DiffKind::Same,
            format::DiffKind::Added => DiffKind::Added,
            format::DiffKind::Removed => DiffKind::Removed,
            format::DiffKind::Gap => DiffKind::Gap,
        },
        old: line.old_line.map(|line| line as u64),
        new: line.new_line.map(|line| line as u64),
        parts: line.parts.into_iter().map(|part| DiffPart { text: part.text, changed: part.changed }).collect(),
    }
}

fn row(row: HistoryRow) -> RevisionRow {
    RevisionRow {
        revision: row.hash,
        number: row.number,
        at: row.at,
        origin: row.origin.name().to_owned(),
        actor: row.actor,
        message: row.message,
        summary: String::new(),
        size: row.size,
        runs: row.runs,
        failed: row.failed,
    }
}

/// What changed, in a few words.
fn summary(old: &[u8], new: &[u8]) -> String {
    if old == new {
        return "nothing changed".to_owned();
    }
    let mut words = Vec::new();
    if old.len().max(new.len()) <= LARGE {
        let (before, after) = (format::parse("", old), format::parse("", new));
        let (old_steps, new_steps) = (steps(&before, old), steps(&after, new));
        let changed =
            new_steps.iter().filter(|(id, text)| old_steps.get(*id).is_some_and(|old| old != *text)).count();
        let added = new_steps.keys().filter(|id| !old_steps.contains_key(*id)).count();
        let removed = old_steps.keys().filter(|id| !new_steps.contains_key(*id)).count();
        // A step is named by its title: one that was retitled went and came.
        let retitled = added.min(removed);
        let (changed, added, removed) = (changed + retitled, added - retitled, removed - retitled);
        for (count, what) in [(changed, "changed"), (added, "added"), (removed, "removed")] {
            if count > 0 {
                words.push(counted(count, "step", what));
            }
        }
        if before.front_matter != after.front_matter {
            words.push("front matter changed".to_owned());
        }
    }
    if words.is_empty() {
        let (old, new) = (text_of(old), text_of(new));
        let lines = format::word_diff(&old, &new);
        let count = |kind| lines.iter().filter(|line| line.kind == kind).count();
        words.push(counted(count(format::DiffKind::Added).max(count(format::DiffKind::Removed)), "line", "changed"));
    }
    words.join(", ")
}

fn counted(count: usize, thing: &str, what: &str) -> String {
    format!("{count} {thing}{} {what}", if count == 1 { "" } else { "s" })
}

/// The text of each step by its id.
fn steps<'a>(runbook: &'a Runbook, bytes: &'a [u8]) -> BTreeMap<&'a str, &'a [u8]> {
    let steps = runbook.phases.iter().flat_map(|section| &section.steps);
    steps
        .map(|step| {
            let text = bytes.get(step.span.start..step.span.end).unwrap_or_default();
            (step.id.as_str(), text.trim_ascii())
        })
        .collect()
}

/// The bytes that edits in UTF-16 units make of a text: what a face does with [`Comparison::restore`].
///
/// # Errors
/// When an edit leaves the text.
pub fn restored(text: &str, edits: &[TextEdit]) -> Result<Vec<u8>, ApiError> {
    let wrong = || ApiError::new(ErrorCode::BadInput, "An edit leaves the text: compare the two again.");
    let units: Vec<u16> = text.encode_utf16().collect();
    let cut = |from: u64, to: u64| {
        let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
        String::from_utf16(units.get(from..to)?).ok()
    };
    let mut whole = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        whole.push_str(&cut(at, edit.from).ok_or_else(wrong)?);
        whole.push_str(&edit.text);
        at = edit.to;
    }
    whole.push_str(&cut(at, units.len() as u64).ok_or_else(wrong)?);
    Ok(bytes_of(&whole))
}
