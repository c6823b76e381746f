//! Reading runbooks for the index: what a row holds, on all cores.

use std::{
    collections::BTreeSet,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
};

use format::Runbook;
use store::{IndexEntry, IndexText, ProblemCounts, Seen};

use super::{rules::Rules, scan::Found, unreadable};
use crate::{ApiError, check, views};

/// How many files are indexed in one transaction.
const BATCH: usize = 1_000;
/// How many files a thread reads at a time.
const HANDFUL: usize = 32;

/// What the files of a folder are read with.
pub(super) struct Around<'a> {
    pub(super) root: &'a Path,
    pub(super) rules: &'a Rules,
    /// The anchors of pages that links lead to, each read once.
    pub(super) anchors: check::Anchors,
}

impl<'a> Around<'a> {
    pub(super) fn new(root: &'a Path, rules: &'a Rules) -> Self {
        Self { root, rules, anchors: check::Anchors::default() }
    }
}

/// A row of the index, with the file that it was read from.
pub(super) struct Row {
    pub(super) file: PathBuf,
    pub(super) entry: IndexEntry,
    pub(super) text: IndexText,
}

/// Rows for the index.
pub(super) type Rows = Vec<Row>;

/// Reads files on all cores, and gives them to `write` in batches, in no order.
pub(super) fn read_all(
    files: &[Found],
    around: &Around<'_>,
    write: &mut dyn FnMut(Rows) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let handfuls = files.len().div_ceil(HANDFUL);
    if handfuls <= 1 {
        let rows: Rows = files.iter().map(|found| row(found, around)).collect();
        return if rows.is_empty() { Ok(()) } else { write(rows) };
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(handfuls);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel::<Rows>(threads * 2);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(some) = files.chunks(HANDFUL).nth(next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send(some.iter().map(|found| row(found, around)).collect()).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut batch = Rows::new();
        for rows in receiver {
            batch.extend(rows);
            if batch.len() >= BATCH {
                write(std::mem::take(&mut batch))?;
            }
        }
        if batch.is_empty() { Ok(()) } else { write(batch) }
    })
}

/// Reads a file.
pub(super) fn row(found: &Found, around: &Around<'_>) -> Row {
    let read = || fs::read(&found.file).map_err(|error| unreadable(&found.file, &error).message);
    let (bytes, problem) = match found.problem.clone().map_or_else(read, Err) {
        Ok(bytes) => (bytes, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let rules = around.rules.around(Path::new(&found.seen.path));
    let mut runbook = format::parse_with(&found.seen.path, &bytes, &rules.knowledge);
    let world = check::world(around.root, &rules.file, &runbook, &around.anchors);
    runbook.problems = format::check(&runbook, &bytes, &world);
    let (entry, text) = entry(found.seen.clone(), &runbook, &bytes, problem);
    Row { file: found.file.clone(), entry, text }
}

fn entry(seen: Seen, runbook: &Runbook, bytes: &[u8], problem: Option<String>) -> (IndexEntry, IndexText) {
    let text = format::plain_text(runbook, bytes);
    let count = |severity| runbook.problems.iter().filter(|problem| problem.severity == severity).count() as u64;
    let mut codes: Vec<(String, u64)> = Vec::new();
    for problem in &runbook.problems {
        let code = problem.code.to_string();
        match codes.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => codes.push((code, 1)),
        }
    }
    let entry = IndexEntry {
        seen,
        revision: runbook.revision.clone(),
        title: runbook.title.clone(),
        kind: runbook.kind,
        severity: views::front_text(runbook, "severity"),
        owner: views::front_text(runbook, "owner"),
        tags: views::tags(runbook),
        reviewed: views::front_text(runbook, "reviewed").or_else(|| views::front_text(runbook, "last_reviewed_on")),
        review_every: views::front_text(runbook, "review_every").or_else(|| views::front_text(runbook, "review_in")),
        steps: runbook
            .phases
            .iter()
            .filter(|section| section.phase.on_path())
            .map(|section| section.steps.len() as u64)
            .sum(),
        items: runbook.items().count() as u64,
        commands: runbook.items().filter(|(_, _, item)| item.kind == format::ItemKind::Command).count() as u64,
        problems: ProblemCounts {
            errors: count(format::Severity::Error),
            warnings: count(format::Severity::Warning),
            hints: count(format::Severity::Hint),
        },
        due: runbook.about.due.clone(),
        codes,
        links: links(runbook),
        problem,
    };
    let steps = runbook.phases.iter().flat_map(|section| &section.steps);
    let steps =
        steps.filter(|step| !step.title.is_empty()).map(|step| (step.line as u64, step.title.clone())).collect();
    let schedule = runbook.about.schedule.as_ref().and_then(|proposal| serde_json::to_string(proposal).ok());
    let links = views::outside_links(runbook);
    (entry, IndexText { headings: text.headings, commands: text.commands, body: text.body, steps, links, schedule })
}

/// Where its links and pictures lead within the library, each place once: as the address says it, which may leave off
/// an ending, and for a wiki link by [`named`].
fn links(runbook: &Runbook) -> Vec<String> {
    let links = runbook.links.iter().map(|link| &link.target);
    let targets = links.chain(runbook.images.iter().map(|image| &image.target));
    let places = targets.filter_map(|target| match target {
        format::Target::Inside { path, .. } => Some(path.clone()),
        format::Target::Named(name, _) => Some(named(name)),
        format::Target::Outside | format::Target::Anchor(_) | format::Target::Escapes => None,
    });
    places.collect::<BTreeSet<_>>().into_iter().collect()
}

/// How the index has a wiki link to a page of that name, or to a file of that path: what all ways to write it share.
pub(crate) fn named(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let stem = [".markdown", ".md"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    format!("[[{}", stem.trim().replace([' ', '_'], "-"))
}
