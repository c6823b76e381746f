//! A library of 100,000 runbooks: adding it, one change of it, finding something in it as one types, and the window with
//! it.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use api::{App, Config, commands::Nothing, places::Places, wire};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::{ListQuery, Sort, Store};

use crate::{
    Outcome,
    generated::{self, Vocabulary},
    machine,
    measure::{self, Sample},
    report::{Part, Row, megabytes, milliseconds, ratio, seconds, share},
    window::{Desk, Start},
};

/// How many hits a search shows, and takes.
const HITS: usize = 50;
/// How many rows the window asks for at once.
const ROWS: u64 = 200;
/// How many files go into the bare table at a time, as in the app.
const BATCH: usize = 500;
/// How many things are typed.
const TYPED: usize = 60;
/// How many of them `rg` or `grep` looks for.
const GREPPED: usize = 5;
const TODAY: &str = "2026-11-22";
const WEIGHTS: &str = "12.0, 5.0, 8.0, 3.0, 1.0";

/// A piece of the work, in a process of its own so that its memory is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Stage {
    /// Fills a bare table
    BareIndex,
    /// Asks the library that was added
    Search,
    /// Types into the bare table
    BareSearch,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Filled {
    all: Duration,
    one: Duration,
    peak: u64,
    size: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Searched {
    open: Duration,
    page: Duration,
    facets: Duration,
    /// Hits alone, as the bare table gives them.
    times: Vec<Duration>,
    /// All that the window is given.
    whole: Vec<Duration>,
    peak: u64,
    one: Duration,
    again: Duration,
}

/// What all of it gave.
struct Figures {
    runbooks: usize,
    grep: (String, Duration),
    added: Sample,
    size: u64,
    bare: Filled,
    ours: Searched,
    floor: Searched,
    /// The window with an empty library, and with this one.
    windows: (Start, Start),
}

/// Measures.
pub(crate) fn measure(allgood: &Path, desktop: &Path, runbooks: usize, rounds: usize) -> Outcome<Part> {
    eprintln!("library: writing {runbooks} runbooks …");
    let scratch = tempfile::tempdir()?;
    let vocabulary = Vocabulary::new();
    let books = scratch.path().join("books");
    generated::write(&vocabulary, &books, runbooks)?;
    let grep = grep(&vocabulary, &books, runbooks)?;
    let homes = machine::homes(scratch.path())?;
    eprintln!("library: allgood library add …");
    let mut add = measure::program(allgood, scratch.path(), &["library", "add"]);
    add.arguments.push(books.clone().into());
    add.environment.clone_from(&homes);
    let added = add.sample()?;
    let size = fs::metadata(scratch.path().join("homes/store/allgood.db"))?.len();
    let bare: Filled = stage(Stage::BareIndex, scratch.path(), runbooks, &homes)?;
    let ours: Searched = stage(Stage::Search, scratch.path(), runbooks, &homes)?;
    let floor: Searched = stage(Stage::BareSearch, scratch.path(), runbooks, &homes)?;
    eprintln!("library: the window …");
    let windows = windows(scratch.path(), desktop, &homes, rounds)?;
    Ok(part(&Figures { runbooks, grep, added, size, bare, ours, floor, windows }))
}

/// The window with an empty library and with this one, in turn.
fn windows(folder: &Path, desktop: &Path, homes: &[(OsString, OsString)], rounds: usize) -> Outcome<(Start, Start)> {
    let desk = Desk::start(folder)?;
    let empty = folder.join("empty");
    let (empty, full) = (desk.environment(&machine::homes(&empty)?), desk.environment(homes));
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let starts = (desk.screen.start_of(desktop, &empty)?, desk.screen.start_of(desktop, &full)?);
        if round > 0 {
            without.push(starts.0);
            with.push(starts.1);
        }
    }
    Ok((Start::median(&without)?, Start::median(&with)?))
}

fn part(figures: &Figures) -> Part {
    let Figures { runbooks, grep: (program, grepped), added, size, bare, ours, floor, windows: (empty, full) } =
        figures;
    let times = |what: &str, floor: Duration, ours: Duration, show: fn(Duration) -> String| {
        Row::new(what, show(floor), show(ours), ratio(ours, floor))
    };
    let sizes =
        |what: &str, floor: u64, ours: u64| Row::new(what, megabytes(floor), megabytes(ours), share(ours, floor));
    let only = |what: &str, ours: String| Row::new(what, String::new(), ours, String::new());
    let rows = vec![
        times("first index (`allgood library add`)", bare.all, added.wall, seconds),
        sizes("first index, peak memory", bare.peak, added.peak),
        sizes("size on disk", bare.size, *size),
        times("one file changed: it is in the index", bare.one, ours.one, milliseconds),
        only("every file looked at again, one changed", milliseconds(ours.again)),
        times("search as one types, p50", at(&floor.times, 50), at(&ours.times, 50), milliseconds),
        times("search as one types, p99", at(&floor.times, 99), at(&ours.times, 99), milliseconds),
        times("search as one types, longest", at(&floor.times, 100), at(&ours.times, 100), milliseconds),
        times("all that the window asks at a letter, p50", at(&floor.times, 50), at(&ours.whole, 50), milliseconds),
        times("all that the window asks at a letter, p99", at(&floor.times, 99), at(&ours.whole, 99), milliseconds),
        times(&format!("one whole query, floor: {program}"), *grepped, at(&ours.whole, 50), milliseconds),
        sizes("search, peak memory", floor.peak, ours.peak),
        only("open the store", milliseconds(ours.open)),
        only("the first page of the list", milliseconds(ours.page)),
        only("all facets, counted for the first time", milliseconds(ours.facets)),
        times("the window, floor: with an empty library: something shows", empty.first, full.first, seconds),
        times("the window, floor: with an empty library: the list is there", empty.last, full.last, seconds),
        sizes("the window, floor: with an empty library: memory", empty.memory, full.memory),
    ];
    Part {
        title: "Library".to_owned(),
        text: format!(
            "{runbooks} generated runbooks of 4 KB (the same every time; 40,000 words as often as Zipf's law says). The floor is \
             bare SQLite through the same library: the same texts in one FTS5 table (title, headings, tags, commands, body; \
             `prefix='1 2 3'`), read and split by nothing but a look for headings, and for each letter that is typed `ORDER BY \
             bm25(…) LIMIT {HITS}` with `snippet()`. Allgood parses each file and checks it. Its search gives {HITS} whole rows \
             with hits in context; the window asks for {ROWS}, the number of all, and what else they could be narrowed down to. {} \
             searches: {TYPED} things typed letter by letter, a tenth of them with a typing error. {program} looks for {GREPPED} of \
             them, whole, over the same files (`-i -l -F`), median. One run, each stage in a process of its own. The window starts \
             as in the part Window.",
            ours.times.len()
        ),
        rows,
    }
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

fn stage<T: DeserializeOwned>(
    stage: Stage,
    folder: &Path,
    runbooks: usize,
    homes: &[(OsString, OsString)],
) -> Outcome<T> {
    eprintln!("library: {stage:?} …");
    let name = clap::ValueEnum::to_possible_value(&stage).ok_or("a stage without a name")?;
    let answer = Command::new(std::env::current_exe()?)
        .args(["library", name.get_name(), &runbooks.to_string()])
        .arg(folder)
        .envs(homes.iter().cloned())
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
        Stage::BareIndex => serde_json::to_string(&bare_index(folder)?)?,
        Stage::Search => serde_json::to_string(&search(folder, runbooks)?)?,
        Stage::BareSearch => serde_json::to_string(&bare_search(folder, runbooks)?)?,
    };
    println!("{text}");
    Ok(())
}

fn files(books: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(books).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            found.push(entry.into_path());
        }
    }
    Ok(found)
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
    let first = files.first().ok_or("no files")?;
    for (number, batch) in files.chunks(BATCH).enumerate() {
        let change = connection.transaction()?;
        for (at, file) in batch.iter().enumerate() {
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
        bare_insert(&change, 1, &fs::read_to_string(first)?)?;
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
    let places = Places::from_environment().map_err(said)?;
    let app = App::open(Config::from_environment(&places).map_err(said)?).map_err(said)?;
    app.app_state(Nothing {}).map_err(said)?;
    let mut searched = Searched { open: begin.elapsed(), ..Searched::default() };
    let store = Store::open(&places.data)?;
    let bare =
        ListQuery { today: TODAY.to_owned(), limit: Some(HITS as u64), sort: Sort::Rank, ..ListQuery::default() };
    let begin = Instant::now();
    store.list(&ListQuery { limit: Some(ROWS), sort: Sort::LastRun, ..bare.clone() })?;
    searched.page = begin.elapsed();
    let begin = Instant::now();
    store.facets(&bare)?;
    searched.facets = begin.elapsed();
    let whole = wire::ListQuery { limit: ROWS, ..wire::ListQuery::default() };
    let typed = generated::typed(&Vocabulary::new(), TYPED, runbooks);
    for words in warming(&typed) {
        store.list(&ListQuery { words: words.clone(), ..bare.clone() })?;
        app.library_list(wire::ListQuery { words: words.clone(), ..whole.clone() }).map_err(said)?;
    }
    for words in &typed {
        let begin = Instant::now();
        store.list(&ListQuery { words: words.clone(), ..bare.clone() })?;
        let alone = begin.elapsed();
        searched.times.push(alone);
        show("", alone, words);
    }
    for words in &typed {
        let begin = Instant::now();
        app.library_list(wire::ListQuery { words: words.clone(), ..whole.clone() }).map_err(said)?;
        let time = begin.elapsed();
        searched.whole.push(time);
        show("whole", time, words);
    }
    searched.peak = peak()?;
    let changed = files(&folder.join("books"))?.swap_remove(0);
    let change = |round: usize| -> Outcome<()> {
        Ok(fs::write(&changed, format!("# Changed {round}\n\n{}", fs::read_to_string(&changed)?))?)
    };
    let mut times = Vec::new();
    for round in 0..5 {
        change(round)?;
        let begin = Instant::now();
        app.reindex(&fs::canonicalize(&changed)?).map_err(said)?;
        times.push(begin.elapsed());
    }
    searched.one = measure::median(&times)?;
    change(5)?;
    let begin = Instant::now();
    app.library_rescan(Nothing {}).map_err(said)?;
    searched.again = begin.elapsed();
    app.close();
    Ok(searched)
}

/// What fills the caches before anything is measured: of each thing that is typed, the whole.
fn warming(typed: &[String]) -> impl Iterator<Item = &String> {
    let next = typed.iter().skip(1).map(Some).chain([None]);
    typed
        .iter()
        .zip(next)
        .filter(|(words, next)| next.is_none_or(|next| !next.starts_with(words.as_str())))
        .map(|it| it.0)
}

/// Prints each search where `BENCH_SHOW` is set: which are slow?
fn show(what: &str, time: Duration, words: &str) {
    if std::env::var_os("BENCH_SHOW").is_some() {
        eprintln!("{what:5} {:9.3} ms  {words}", time.as_secs_f64() * 1e3);
    }
}

/// The sentence of an error.
fn said(error: api::ApiError) -> String {
    error.message
}

fn bare_search(folder: &Path, runbooks: usize) -> Outcome<Searched> {
    let connection = rusqlite::Connection::open(folder.join("bare.db"))?;
    let typed = generated::typed(&Vocabulary::new(), TYPED, runbooks);
    let mut statement = connection.prepare(&format!(
        "SELECT rowid, highlight(t, 0, char(2), char(3)), snippet(t, -1, char(2), char(3), '…', 14) FROM t WHERE t MATCH ?1
         ORDER BY bm25(t, {WEIGHTS}) LIMIT {HITS}"
    ))?;
    let mut searched = Searched::default();
    let mut find = |words: &str| -> Outcome<usize> {
        let quoted: Vec<String> = words.split_whitespace().map(|word| format!("\"{word}\"")).collect();
        let found = statement.query_map([format!("{} *", quoted.join(" "))], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        Ok(std::hint::black_box(found.collect::<Result<Vec<_>, _>>()?).len())
    };
    for words in warming(&typed) {
        find(words)?;
    }
    for words in &typed {
        let begin = Instant::now();
        find(words)?;
        let time = begin.elapsed();
        searched.times.push(time);
        show("bare", time, words);
    }
    searched.peak = peak()?;
    Ok(searched)
}

/// The most memory that this process held.
fn peak() -> Outcome<u64> {
    use nix::sys::resource::{UsageWho, getrusage};
    Ok(u64::try_from(getrusage(UsageWho::RUSAGE_SELF)?.max_rss())?.saturating_mul(1024))
}
