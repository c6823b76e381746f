//! The file of a run: a zip archive of four entries, written, and read without believing any of it.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Read, Write as _},
    path::{Path, PathBuf},
};

use engine::{
    Event, Fact, RunId,
    event::{Mode, Parent, Tail, verify_records},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::RemovedOutput;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{ApiError, App, ErrorCode};

/// What the first entry says that the file is.
const FORMAT: &str = "allgood-run";
/// Of the file. A change that an older Allgood would read wrongly makes it larger.
const VERSION: u64 = 2;
/// Of a file in which all output is: an older Allgood takes it in as well.
const WHOLE: u64 = 1;
/// The entries, in their order.
const ENTRIES: [&str; 4] = [ABOUT, REVISION, JOURNAL, OUTPUT];
const ABOUT: &str = "allgood-run.json";
const REVISION: &str = "revision.md";
const JOURNAL: &str = "journal.jsonl";
const OUTPUT: &str = "output.bin";

/// The most that is read of each, in bytes, whatever the archive says.
const LARGEST_ABOUT: u64 = 64 * 1024;
const LARGEST_REVISION: u64 = 64 * 1024 * 1024;
const LARGEST_JOURNAL: u64 = 1024 * 1024 * 1024;
const LARGEST_OUTPUT: u64 = 2 * 1024 * 1024 * 1024;
/// Of one event.
const LARGEST_LINE: u64 = 32 * 1024 * 1024;
/// Of one piece of output.
const LARGEST_PIECE: u64 = 32 * 1024 * 1024;
/// How much output is read from the store at once.
const AT_ONCE: u64 = 1024 * 1024;

/// What the file says of itself.
#[derive(Serialize, Deserialize)]
struct About {
    format: String,
    version: u64,
    run: String,
    title: String,
    revision: String,
    events: u64,
    last_hash: String,
    allgood: String,
    written_at: String,
    written_by: String,
    /// Attempts whose output was removed where it was written: their events are there, with length and hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removed: Vec<Gone>,
    /// Of a run that is shared: where the runbook was within its repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<String>,
}

/// An attempt whose output is not in the file.
#[derive(Serialize, Deserialize)]
struct Gone {
    item: String,
    attempt: u64,
    at: String,
}

/// A file that cannot be taken in, and why.
pub(super) fn refuse(path: &Path, why: &str) -> ApiError {
    ApiError::new(ErrorCode::BadInput, format!("{} is not taken in: {why}.", path.display()))
}

/// Writes a run that is at rest.
pub(super) fn write(app: &App, id: &RunId, within: Option<String>, file: &mut File) -> Result<(), ApiError> {
    let store = &app.store;
    if let store::Verdict::Broken(flaw) = store.verify(id)? {
        let sentence = format!("The record of run {id} does not hold, and is not handed on: {}", flaw.sentence);
        return Err(ApiError::new(ErrorCode::Store, sentence));
    }
    let row = store.run(id)?;
    let revision = store.revision(&row.start.revision)?;
    let removed = store.removed_output(id)?;
    let about = About {
        format: FORMAT.to_owned(),
        version: if removed.is_empty() { WHOLE } else { VERSION },
        run: id.0.clone(),
        title: row.start.title.clone(),
        revision: row.start.revision.clone(),
        events: row.events,
        last_hash: row.last_hash.clone(),
        allgood: app.engine.settings.version.clone(),
        written_at: app.engine.clock.now(),
        written_by: app.mask(&app.engine.settings.actor),
        removed: removed
            .iter()
            .map(|gone| Gone { item: gone.item.clone(), attempt: gone.attempt, at: gone.at.clone() })
            .collect(),
        within,
    };
    let about = serde_json::to_string_pretty(&about)
        .map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?;
    let mut archive = ZipWriter::new(BufWriter::new(file));
    entry(&mut archive, ABOUT)?;
    put(&mut archive, about.as_bytes())?;
    entry(&mut archive, REVISION)?;
    put(&mut archive, &revision)?;
    entry(&mut archive, JOURNAL)?;
    for line in store.journal_lines(id)? {
        put(&mut archive, line?.as_bytes())?;
        put(&mut archive, b"\n")?;
    }
    entry(&mut archive, OUTPUT)?;
    for event in store.events(id)? {
        let Fact::Output { item, attempt, offset, length, .. } = event?.fact else { continue };
        if removed.iter().any(|gone| gone.item == item && gone.attempt == attempt) {
            continue;
        }
        let (mut at, end) = (offset, offset.saturating_add(length));
        while at < end {
            let limit = usize::try_from((end - at).min(AT_ONCE)).unwrap_or(usize::MAX);
            let piece = store.output(id, &item, attempt, at, limit)?;
            if piece.offset != at || piece.bytes.is_empty() {
                let sentence =
                    format!("Output of \"{item}\" is not kept any more: run {id} cannot be written whole.");
                return Err(ApiError::new(ErrorCode::State, sentence));
            }
            at += piece.bytes.len() as u64;
            put(&mut archive, &piece.bytes)?;
        }
    }
    let written = archive.finish().map_err(unwritten)?.into_inner();
    written.map_err(|error| unwritten(error.into_error()))?.sync_all().map_err(unwritten)
}

fn entry(archive: &mut ZipWriter<BufWriter<&mut File>>, name: &str) -> Result<(), ApiError> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    archive.start_file(name, options.unix_permissions(0o600)).map_err(unwritten)
}

fn put(archive: &mut ZipWriter<BufWriter<&mut File>>, bytes: &[u8]) -> Result<(), ApiError> {
    archive.write_all(bytes).map_err(unwritten)
}

fn unwritten(error: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::File, format!("The run could not be written: {error}."))
}

/// Whether a file is the file of a run, whatever is wrong with it.
pub(super) fn is_run(path: &Path) -> bool {
    archive(path).is_ok_and(|archive| archive.index_for_name(ABOUT).is_some())
}

fn archive(path: &Path) -> Result<ZipArchive<BufReader<File>>, ApiError> {
    let file = File::open(path).map_err(|error| crate::library::unreadable(path, &error))?;
    ZipArchive::new(BufReader::new(file))
        .map_err(|error| refuse(path, &format!("it is no run that was written by `allgood export` ({error})")))
}

/// A file whose every event and every byte of output was found to be what they say. What is read later is checked by the
/// store once more.
pub(super) struct Arrived {
    file: PathBuf,
    pub(super) run: RunId,
    pub(super) tail: Tail,
    /// The runbook's bytes.
    pub(super) revision: Vec<u8>,
    /// Their name.
    pub(super) hash: String,
    /// Where the runbook was: on the machine that it was run on first.
    pub(super) path: String,
    pub(super) title: String,
    pub(super) mode: Mode,
    pub(super) environment: Option<String>,
    pub(super) actor: String,
    pub(super) started_at: String,
    /// The run that it is a part of, and the check there.
    pub(super) parent: Option<Parent>,
    /// The one step that is run, where it is not all of the path.
    pub(super) step: Option<String>,
    /// Attempts whose output was removed where it was written.
    pub(super) removed: Vec<RemovedOutput>,
    /// Where it says that the runbook was within its repository.
    pub(super) within: Option<String>,
    most: Most,
}

/// How much is read of a file, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Most {
    pub(super) journal: u64,
    pub(super) output: u64,
}

impl Default for Most {
    fn default() -> Self {
        Self { journal: LARGEST_JOURNAL, output: LARGEST_OUTPUT }
    }
}

impl Arrived {
    /// Reads all of a file.
    ///
    /// # Errors
    /// When it is no run, or does not hold.
    pub(super) fn verified(path: &Path) -> Result<Self, ApiError> {
        Self::verified_within(path, Most::default())
    }

    /// The same, of no more than so much.
    ///
    /// # Errors
    /// As [`Arrived::verified`].
    pub(super) fn verified_within(path: &Path, most: Most) -> Result<Self, ApiError> {
        let mut zip = archive(path)?;
        let names: Vec<Option<String>> =
            (0..zip.len()).map(|at| Some(zip.name_for_index(at)?.ok()?.into_owned())).collect();
        if !names.iter().map(Option::as_deref).eq(ENTRIES.map(Some)) {
            let what =
                "it is no run that was written by `allgood export`: its entries are others than those of a run";
            return Err(refuse(path, what));
        }
        let about = whole(path, &mut zip, ABOUT, LARGEST_ABOUT)?;
        let about = about_of(path, &about)?;
        let revision = whole(path, &mut zip, REVISION, LARGEST_REVISION)?;
        let hash = store::revision_of(&revision);
        drop(zip);
        let removed = removed(path, about.removed)?;
        let (run, tail) = (RunId(about.run), Tail { count: about.events, last_hash: about.last_hash });
        let mut first = None;
        pieces(path, (&removed, most), |pieces| {
            let (mut wrong, mut seq) = (None, 0);
            let mut next = || -> Result<Option<Value>, String> {
                let Some((value, event, _)) = pieces.next()? else { return Ok(None) };
                seq += 1;
                check(&event, seq)?;
                first.get_or_insert(event);
                Ok(Some(value))
            };
            let records = std::iter::from_fn(|| {
                next().unwrap_or_else(|why| {
                    wrong = Some(why);
                    None
                })
            });
            let held = verify_records(&run, records, Some(&tail));
            match (wrong, held) {
                (Some(why), _) => Err(why),
                (None, Err(error)) => Err(error.sentence),
                (None, Ok(_)) => Ok(()),
            }
        })?
        .map_err(|why| refuse(path, &why))?;
        let Some(Event {
            at,
            actor,
            fact: Fact::RunStarted { path: was, title, revision: ran, mode, environment, parent, step, .. },
            ..
        }) = first
        else {
            return Err(refuse(path, "its journal does not begin with the start of a run"));
        };
        if ran != hash || about.revision != hash {
            return Err(refuse(path, "the runbook in it is not the one that was run"));
        }
        Ok(Self {
            file: path.to_path_buf(),
            run,
            tail,
            revision,
            hash,
            path: was,
            title,
            mode,
            environment,
            actor,
            started_at: at,
            parent,
            step,
            removed,
            within: about.within,
            most,
        })
    }

    /// Hands its events on, from the first.
    ///
    /// # Errors
    /// When the file cannot be opened any more.
    pub(super) fn read<T>(&self, take: impl FnOnce(&mut store::Arriving<'_>) -> T) -> Result<T, ApiError> {
        pieces(&self.file, (&self.removed, self.most), |pieces| {
            take(&mut || Ok(pieces.next()?.map(|(_, event, bytes)| (event, bytes))))
        })
    }
}

fn about_of(path: &Path, bytes: &[u8]) -> Result<About, ApiError> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| refuse(path, &format!("what it says about itself cannot be read ({error})")))?;
    let version = value.get("version").and_then(Value::as_u64);
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(refuse(path, "it does not say that it is a run of Allgood"));
    }
    if version.is_some_and(|version| version > VERSION) {
        return Err(refuse(path, "a newer version of Allgood wrote it: take it in with that"));
    }
    let about: About = serde_json::from_value(value)
        .map_err(|error| refuse(path, &format!("what it says about itself cannot be read ({error})")))?;
    let plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    if about.run.len() != 36 || !about.run.bytes().all(plain) {
        return Err(refuse(path, "it names its run by what is no id of a run"));
    }
    if about.events == 0 {
        return Err(refuse(path, "its journal is empty"));
    }
    Ok(about)
}

/// The attempts whose output is said to have been removed. Their events keep length and hash, so that nothing else can be
/// put in its place.
fn removed(path: &Path, gone: Vec<Gone>) -> Result<Vec<RemovedOutput>, ApiError> {
    if !gone.iter().all(|gone| is_time(&gone.at)) {
        return Err(refuse(path, "it does not say when output was removed from it"));
    }
    Ok(gone.into_iter().map(|Gone { item, attempt, at }| RemovedOutput { item, attempt, at }).collect())
}

fn is_time(at: &str) -> bool {
    at.len() == 24 && at.ends_with('Z') && at.parse::<jiff::Timestamp>().is_ok()
}

/// What a chain of hashes does not see: an event that nobody could have written.
fn check(event: &Event, seq: u64) -> Result<(), String> {
    if !is_time(&event.at) {
        return Err(format!("event {seq} has no time"));
    }
    if matches!(event.fact, Fact::RunStarted { .. }) && seq != 1 {
        return Err(format!("event {seq} starts the run once more"));
    }
    Ok(())
}

fn whole(path: &Path, zip: &mut ZipArchive<BufReader<File>>, name: &str, most: u64) -> Result<Vec<u8>, ApiError> {
    let entry = zip.by_name(name).map_err(|error| refuse(path, &format!("{name} cannot be read ({error})")))?;
    let mut bytes = Vec::new();
    entry
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(path, &format!("{name} cannot be read ({error})")))?;
    if bytes.len() as u64 > most {
        return Err(refuse(path, &format!("{name} is larger than {} KiB", most / 1024)));
    }
    Ok(bytes)
}

/// Opens the journal and the output beside each other.
fn pieces<T>(
    path: &Path,
    (removed, most): (&[RemovedOutput], Most),
    work: impl FnOnce(&mut dyn Next) -> T,
) -> Result<T, ApiError> {
    let (mut one, mut other) = (archive(path)?, archive(path)?);
    let broken = |error: zip::result::ZipError| refuse(path, &format!("it cannot be read ({error})"));
    let journal = one.by_name(JOURNAL).map_err(broken)?;
    let output = other.by_name(OUTPUT).map_err(broken)?;
    let journal = BufReader::new(journal.take(most.journal));
    Ok(work(&mut Pieces { journal, output: output.take(most.output), seq: 0, removed }))
}

/// One event after the other, as it was written and as the engine knows it, with the bytes of its output.
trait Next {
    fn next(&mut self) -> Result<Option<(Value, Event, Vec<u8>)>, String>;
}

struct Pieces<'a, J, O> {
    journal: J,
    output: O,
    seq: u64,
    removed: &'a [RemovedOutput],
}

impl<J: BufRead, O: Read> Next for Pieces<'_, J, O> {
    fn next(&mut self) -> Result<Option<(Value, Event, Vec<u8>)>, String> {
        let unreadable = |error: io::Error| format!("it cannot be read ({error})");
        let mut line = Vec::new();
        (&mut self.journal).take(LARGEST_LINE).read_until(b'\n', &mut line).map_err(unreadable)?;
        if line.is_empty() {
            let more = self.output.read(&mut [0]).map_err(unreadable)?;
            return if more == 0 { Ok(None) } else { Err("it holds output that no event speaks of".to_owned()) };
        }
        self.seq += 1;
        let seq = self.seq;
        if line.last() != Some(&b'\n') {
            return Err(format!("event {seq} is cut off, or longer than any event"));
        }
        let value: Value =
            serde_json::from_slice(&line).map_err(|error| format!("event {seq} is no event ({error})"))?;
        let unknown =
            || format!("event {seq} is none that this version of Allgood knows: take it in with a newer one");
        let event = Event::deserialize(&value).map_err(|_| unknown())?;
        if serde_json::to_value(&event).ok().as_ref() != Some(&value) {
            return Err(unknown());
        }
        let mut bytes = Vec::new();
        if let Fact::Output { item, attempt, length, sha256, .. } = &event.fact
            && !self.removed.iter().any(|gone| gone.item == *item && gone.attempt == *attempt)
        {
            if *length > LARGEST_PIECE {
                return Err(format!("event {seq} speaks of more output than any event does"));
            }
            (&mut self.output).take(*length).read_to_end(&mut bytes).map_err(unreadable)?;
            if bytes.len() as u64 != *length || store::revision_of(&bytes) != *sha256 {
                return Err(format!("the output of event {seq} is not what was printed"));
            }
        }
        Ok(Some((value, event, bytes)))
    }
}
