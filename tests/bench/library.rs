//! A library of 100,000 runbooks: reading it in, one change of it, and finding something in it as one types.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::{IndexEntry, IndexText, ListQuery, ProblemCounts, Seen, Sort, Store};

use crate::{
    Outcome,
    generated::{self, Vocabulary},
    measure,
    report::{Part, Row, milliseconds, ratio, seconds},
};

/// How many hits a search shows, and takes.
const HITS: usize = 50;
/// How many files go into the index at a time, as in the app.
const BATCH: usize = 200;
/// How many things are typed.
const TYPED: usize = 60;
/// How many of them `rg` or `grep` looks for.
const GREPPED: usize = 5;
const AT: &str = "2026-11-22T12:00:00Z";
const TODAY: &str = "2026-11-22";
const WEIGHTS: &str = "12.0, 5.0, 8.0, 3.0, 1.0";

/// A piece of the work, in a process of its own so that its memory is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Stage {
    /// Fills a store
    Index,
    /// Fills a bare table
    BareIndex,
    /// Types into the store
    Search,
    /// Types into the bare table
    BareSearch,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Filled {
    all: Duration,
    one: Duration,
    again: Duration,
    peak: u64,
    size: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Searched {
    open: Duration,
    page: Duration,
    facets: Duration,
    facets_again: Duration,
    times: Vec<Duration>,
    peak: u64,
}

/// Measures.
pub(crate) fn measure(runbooks: usize) -> Outcome<Part> {
    eprintln!("library: writing {runbooks} runbooks …");
    let scratch = tempfile::tempdir()?;
    let vocabulary = Vocabulary::new();
    let books = scratch.path().join("books");
    generated::write(&vocabulary, &books, runbooks)?;
    let grep = grep(&vocabulary, &books, runbooks)?;
    let ours: Filled = stage(Stage::Index, scratch.path(), runbooks)?;
    let bare: Filled = stage(Stage::BareIndex, scratch.path(), runbooks)?;
    let found: Searched = stage(Stage::Search, scratch.path(), runbooks)?;
    let floor: Searched = stage(Stage::BareSearch, scratch.path(), runbooks)?;
    Ok(part(runbooks, &ours, &bare, &found, &floor, &grep))
}

fn part(
    runbooks: usize,
    ours: &Filled,
    bare: &Filled,
    found: &Searched,
    floor: &Searched,
    (program, grepped): &(String, Duration),
) -> Part {
    let times = |what: &str, floor: Duration, ours: Duration, show: fn(Duration) -> String| {
        Row::new(what, show(floor), show(ours), ratio(ours, floor))
    };
    let only = |what: &str, ours: String| Row::new(what, String::new(), ours, String::new());
    let megabytes = |bytes: u64| format!("{} MB", bytes / 1_000_000);
    let rows = vec![
        times("first index", bare.all, ours.all, seconds),
        times("one file changed: it is in the index", bare.one, ours.one, milliseconds),
        only("every file looked at again, one changed", milliseconds(ours.again)),
        Row::new("size on disk", megabytes(bare.size), megabytes(ours.size), share(ours.size, bare.size)),
        Row::new("peak memory, first index", megabytes(bare.peak), megabytes(ours.peak), share(ours.peak, bare.peak)),
        times("search as one types, p50", at(&floor.times, 50), at(&found.times, 50), milliseconds),
        times("search as one types, p99", at(&floor.times, 99), at(&found.times, 99), milliseconds),
        times("search as one types, longest", at(&floor.times, 100), at(&found.times, 100), milliseconds),
        times(&format!("one whole query, floor: {program}"), *grepped, at(&found.times, 50), milliseconds),
        Row::new("peak memory, search", megabytes(floor.peak), megabytes(found.peak), share(found.peak, floor.peak)),
        only("open the store", milliseconds(found.open)),
        only("the first page of 200 by title", milliseconds(found.page)),
        only("all facets, counted", milliseconds(found.facets)),
        only("all facets, again", milliseconds(found.facets_again)),
    ];
    Part {
        title: "Library".to_owned(),
        text: format!(
            "{runbooks} generated runbooks of 4 KB (the same every time; 40,000 words as often as Zipf's law says). The floor is \
             bare SQLite through the same library: the same texts in one FTS5 table (title, headings, tags, commands, body; \
             `prefix='1 2 3'`), read and split by nothing but a look for headings, and for each letter that is typed `ORDER BY \
             bm25(…) LIMIT {HITS}` with `snippet()`. Allgood parses each file, checks it, and gives whole rows of the list with hits in \
             context. {} searches: {TYPED} things typed letter by letter, a tenth of them with a typing error. {program} looks for \
             {GREPPED} of them, whole, over the same files (`-i -l -F`), median. One run, each stage in a process of its own.",
            found.times.len()
        ),
        rows,
    }
}

fn share(ours: u64, floor: u64) -> String {
    format!("{:.2}", ours as f64 / floor.max(1) as f64)
}

/// The time that so many of a hundred stay below.
fn at(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

/// `rg` where it is, else `grep`: its name and the median of a query.
fn grep(vocabulary: &Vocabulary, books: &Path, runbooks: usize) -> Outcome<(String, Duration)> {
    let there =
        Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    let (program, arguments): (&str, &[&str]) =
        if there { ("rg", &["-i", "-l", "-F"]) } else { ("grep", &["-r", "-i", "-l", "-F"]) };
    let mut times = Vec::new();
    for number in 0..=GREPPED {
        let title = vocabulary.title(number * runbooks / (GREPPED + 1));
        let word = title.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
        let begin = Instant::now();
        Command::new(program).args(arguments).arg(word).arg(books).stdout(Stdio::null()).status()?;
        if number > 0 {
            times.push(begin.elapsed());
        }
    }
    let name = if there { "`rg`" } else { "`grep -r` (`rg` is not installed)" };
    Ok((name.to_owned(), measure::median(&times)?))
}

fn stage<T: DeserializeOwned>(stage: Stage, folder: &Path, runbooks: usize) -> Outcome<T> {
    eprintln!("library: {stage:?} …");
    let name = clap::ValueEnum::to_possible_value(&stage).ok_or("a stage without a name")?;
    let answer = Command::new(std::env::current_exe()?)
        .args(["library", name.get_name(), &runbooks.to_string()])
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()?;
    if !answer.status.success() {
        return Err(format!("the stage {stage:?} ended with {}", answer.status).into());
    }
    Ok(serde_json::from_slice(&answer.stdout)?)
}

/// The other side of [`stage`].
pub(crate) fn inside(stage: Stage, runbooks: usize, folder: &Path) -> Outcome<()> {
    let text = match stage {
        Stage::Index => serde_json::to_string(&index(folder)?)?,
        Stage::BareIndex => serde_json::to_string(&bare_index(folder)?)?,
        Stage::Search => serde_json::to_string(&search(folder, runbooks)?)?,
        Stage::BareSearch => serde_json::to_string(&bare_search(folder, runbooks)?)?,
    };
    println!("{text}");
    Ok(())
}

fn index(folder: &Path) -> Outcome<Filled> {
    let books = folder.join("books");
    let begin = Instant::now();
    let store = Store::open(&folder.join("store"))?;
    let library = store.add_library(&books, "books", AT)?.id;
    bring_up_to_date(&store, library, &books)?;
    let all = begin.elapsed();
    let mut filled = Filled { all, ..Filled::default() };
    let changed = files(&books)?.swap_remove(0);
    let mut times = Vec::new();
    for round in 0..5 {
        fs::write(&changed.1, format!("# Changed {round}\n\n{}", fs::read_to_string(&changed.1)?))?;
        let begin = Instant::now();
        store.index(library, &[entry(seen(&books, &changed.1)?, &fs::read(&changed.1)?)])?;
        times.push(begin.elapsed());
    }
    filled.one = measure::median(&times)?;
    fs::write(&changed.1, format!("# Changed again\n\n{}", fs::read_to_string(&changed.1)?))?;
    let begin = Instant::now();
    bring_up_to_date(&store, library, &books)?;
    filled.again = begin.elapsed();
    filled.peak = peak()?;
    drop(store);
    filled.size = fs::metadata(folder.join("store/allgood.db"))?.len();
    Ok(filled)
}

/// As the app does it: looks at every file, reads those that look different, a batch at a time.
fn bring_up_to_date(store: &Store, library: store::LibraryId, books: &Path) -> Outcome<()> {
    let mut known: std::collections::HashMap<String, Seen> =
        store.seen(library)?.into_iter().map(|seen| (seen.path.clone(), seen)).collect();
    let many = known.is_empty();
    let mut changed = files(books)?;
    changed.retain(|(seen, _)| known.remove(&seen.path).is_none_or(|known| known != *seen));
    for batch in changed.chunks(BATCH) {
        let mut entries = Vec::with_capacity(batch.len());
        for (seen, file) in batch {
            entries.push(entry(seen.clone(), &fs::read(file)?));
        }
        store.index(library, &entries)?;
    }
    if many {
        store.tidy_index()?;
    }
    Ok(())
}

fn entry(seen: Seen, bytes: &[u8]) -> (IndexEntry, IndexText) {
    let runbook = format::parse(&seen.path, bytes);
    let text = format::plain_text(&runbook, bytes);
    let number: usize = seen
        .path
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |sum, digit| (sum * 10 + usize::from(digit - b'0')) % 1_000_000);
    let count = |severity| runbook.problems.iter().filter(|problem| problem.severity == severity).count() as u64;
    let mut codes: Vec<(String, u64)> = Vec::new();
    for problem in &runbook.problems {
        match codes.iter_mut().find(|(code, _)| *code == problem.code) {
            Some((_, count)) => *count += 1,
            None => codes.push((problem.code.to_string(), 1)),
        }
    }
    let entry = IndexEntry {
        seen,
        revision: runbook.revision.clone(),
        title: runbook.title.clone(),
        kind: runbook.kind,
        severity: Some((1 + number % 4).to_string()),
        owner: Some(format!("team-{}", number % 60)),
        tags: vec![format!("tag-{}", number % 150), format!("tag-{}", number / 7 % 150)],
        reviewed: None,
        review_every: None,
        due: Some(format!("2027-{:02}-{:02}", 1 + number % 12, 1 + number / 12 % 28)),
        steps: 5,
        items: runbook.items().count() as u64,
        commands: runbook.items().filter(|(_, _, item)| item.kind == format::ItemKind::Command).count() as u64,
        problems: ProblemCounts {
            errors: count(format::Severity::Error),
            warnings: count(format::Severity::Warning),
            hints: count(format::Severity::Hint),
        },
        codes,
        links: Vec::new(),
        problem: None,
    };
    (entry, IndexText { headings: text.headings, commands: text.commands, body: text.body })
}

fn files(books: &Path) -> Outcome<Vec<(Seen, PathBuf)>> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(books).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            found.push((seen(books, entry.path())?, entry.into_path()));
        }
    }
    Ok(found)
}

fn seen(books: &Path, file: &Path) -> Outcome<Seen> {
    let metadata = fs::metadata(file)?;
    let modified = metadata.modified()?.duration_since(std::time::UNIX_EPOCH)?;
    Ok(Seen {
        path: file.strip_prefix(books)?.display().to_string(),
        modified_ns: i64::try_from(modified.as_nanos())?,
        size: metadata.len(),
    })
}

fn bare_index(folder: &Path) -> Outcome<Filled> {
    let file = folder.join("bare.db");
    let mut connection = rusqlite::Connection::open(&file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE VIRTUAL TABLE t USING fts5 (title, headings, tags, commands, body,
            tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');",
    )?;
    let books = folder.join("books");
    let begin = Instant::now();
    let files = files(&books)?;
    for (number, batch) in files.chunks(BATCH).enumerate() {
        let change = connection.transaction()?;
        for (at, (_, file)) in batch.iter().enumerate() {
            bare_insert(&change, number * BATCH + at + 1, &fs::read_to_string(file)?)?;
        }
        change.commit()?;
    }
    connection.execute_batch("INSERT INTO t (t) VALUES ('optimize')")?;
    let mut filled = Filled { all: begin.elapsed(), ..Filled::default() };
    let mut times = Vec::new();
    for _ in 0..5 {
        let begin = Instant::now();
        let change = connection.transaction()?;
        bare_insert(&change, 1, &fs::read_to_string(&files[0].1)?)?;
        change.commit()?;
        times.push(begin.elapsed());
    }
    filled.one = measure::median(&times)?;
    filled.peak = peak()?;
    drop(connection);
    filled.size = fs::metadata(file)?.len();
    Ok(filled)
}

fn bare_insert(change: &rusqlite::Transaction<'_>, id: usize, text: &str) -> Outcome<()> {
    let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default();
    let tags = text.lines().find_map(|line| line.strip_prefix("tags: ")).unwrap_or_default();
    let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut inside = false;
    let (commands, body): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| {
        inside ^= line.starts_with("```");
        inside
    });
    change
        .prepare_cached(
            "INSERT OR REPLACE INTO t (rowid, title, headings, tags, commands, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((i64::try_from(id)?, title, headings.join("\n"), tags, commands.join("\n"), body.join("\n")))?;
    Ok(())
}

fn search(folder: &Path, runbooks: usize) -> Outcome<Searched> {
    let begin = Instant::now();
    let store = Store::open(&folder.join("store"))?;
    store.counts(TODAY)?;
    let mut searched = Searched { open: begin.elapsed(), ..Searched::default() };
    let query = ListQuery { limit: Some(200), today: TODAY.to_owned(), ..ListQuery::default() };
    let begin = Instant::now();
    store.list(&query)?;
    searched.page = begin.elapsed();
    let begin = Instant::now();
    store.facets(&query)?;
    searched.facets = begin.elapsed();
    let begin = Instant::now();
    store.facets(&query)?;
    searched.facets_again = begin.elapsed();
    let typed = generated::typed(&Vocabulary::new(), TYPED, runbooks);
    for round in 0..2 {
        for words in &typed {
            let begin = Instant::now();
            let query =
                ListQuery { words: words.clone(), sort: Sort::Rank, limit: Some(HITS as u64), ..query.clone() };
            store.list(&query)?;
            let time = begin.elapsed();
            if round > 0 {
                searched.times.push(time);
                if std::env::var_os("BENCH_SHOW").is_some() {
                    eprintln!("{:9.3} ms  {words}", time.as_secs_f64() * 1e3);
                }
            }
        }
    }
    searched.peak = peak()?;
    Ok(searched)
}

fn bare_search(folder: &Path, runbooks: usize) -> Outcome<Searched> {
    let connection = rusqlite::Connection::open(folder.join("bare.db"))?;
    let typed = generated::typed(&Vocabulary::new(), TYPED, runbooks);
    let mut statement = connection.prepare(&format!(
        "SELECT rowid, highlight(t, 0, char(2), char(3)), snippet(t, -1, char(2), char(3), '…', 14) FROM t WHERE t MATCH ?1
         ORDER BY bm25(t, {WEIGHTS}) LIMIT {HITS}"
    ))?;
    let mut searched = Searched::default();
    for round in 0..2 {
        for words in &typed {
            let quoted: Vec<String> = words.split_whitespace().map(|word| format!("\"{word}\"")).collect();
            let begin = Instant::now();
            let found = statement.query_map([format!("{} *", quoted.join(" "))], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })?;
            let found: Vec<_> = found.collect::<Result<_, _>>()?;
            let time = begin.elapsed();
            std::hint::black_box(found);
            if round > 0 {
                searched.times.push(time);
                if std::env::var_os("BENCH_SHOW").is_some() {
                    eprintln!("bare {:9.3} ms  {words}", time.as_secs_f64() * 1e3);
                }
            }
        }
    }
    searched.peak = peak()?;
    Ok(searched)
}

/// The most memory that this process held.
fn peak() -> Outcome<u64> {
    use nix::sys::resource::{UsageWho, getrusage};
    Ok(u64::try_from(getrusage(UsageWho::RUSAGE_SELF)?.max_rss())?.saturating_mul(1024))
}
