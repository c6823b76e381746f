//! A store that has been used for years: 10,000 runs and ten million events. What a person waits for in it, beside the
//! same in a tenth of it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use api::{
    ApiError, App, Config,
    commands::RunArgument,
    places::Places,
    wire::{CompareRuns, RunFilter, RunStatus},
};
use engine::{
    Event, Fact, RunId,
    event::Mode,
    event::{FIRST_PREVIOUS, Tail, seal},
};
use serde::{Deserialize, Serialize};
use store::{NewRun, Store, revision_of};

use crate::{
    Outcome, machine, measure,
    report::{Part, Row, megabytes, milliseconds, ratio, seconds},
};

/// Events of one run, about: ten million in 10,000 runs.
const EVENTS: usize = 1000;
/// Commands of its runbook: each is started, prints and ends.
const COMMANDS: usize = EVENTS / 3;
/// The smaller store, whose times are the floor.
const SMALLER: usize = 10;
/// A row of the history that the window asks for.
const PAGE: u64 = 100;

/// Medians in a store of one size.
#[derive(Debug, Serialize, Deserialize)]
struct Figures {
    runs: usize,
    events: u64,
    bytes: u64,
    open: Duration,
    first_page: Duration,
    last_page: Duration,
    failures: Duration,
    words: Duration,
    view: Duration,
    record: Duration,
    compare: Duration,
    verify: Duration,
}

/// Measures, in a process with homes of its own.
pub(crate) fn measure(allgood: &Path, runs: usize, rounds: usize) -> Outcome<Part> {
    eprintln!("{runs} runs …");
    let folder = tempfile::tempdir()?;
    let homes = machine::homes(folder.path())?;
    let (book, facts) = template(allgood, folder.path())?;
    let mut sizes = Vec::new();
    for size in [runs / SMALLER, runs] {
        let answer = Command::new(std::env::current_exe()?)
            .args(["--rounds", &rounds.to_string(), "runs", &size.to_string()])
            .args([&book, &facts])
            .envs(homes.iter().cloned())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        if !answer.status.success() {
            return Err(format!("it ended with {}", answer.status).into());
        }
        let figures: Figures = serde_json::from_slice(&answer.stdout)?;
        let mut run = measure::program(allgood, folder.path(), &["run"]);
        run.arguments.extend([short(folder.path())?.into(), "--auto".into(), "--yes".into(), "--json".into()]);
        run.environment.clone_from(&homes);
        let samples = measure::in_turn(&[run], rounds)?;
        let started = samples.first().ok_or("no run was measured")?;
        sizes.push((figures, measure::wall(started)?, measure::peak(started)));
    }
    let [(small, few_started, _), (large, started, peak)] = sizes.as_slice() else {
        return Err("not measured".into());
    };
    let row = |what: &str, pick: fn(&Figures) -> Duration| {
        Row::new(what, milliseconds(pick(small)), milliseconds(pick(large)), ratio(pick(large), pick(small)))
    };
    Ok(Part {
        title: "Runs".into(),
        text: format!(
            "A store with {} runs and {} events ({}), each run of about {EVENTS} events, made of a real one under new names and \
             sealed anew. The floor is the same store when it had a tenth of that ({} runs, {} events, {}): 10 is linear. A \
             run of one command by `allgood run` held {} MB there.",
            large.runs,
            large.events,
            megabytes(large.bytes),
            small.runs,
            small.events,
            megabytes(small.bytes),
            peak / 1_000_000
        ),
        rows: vec![
            row("open the store and all behind the window", |figures| figures.open),
            row("history: the newest 100", |figures| figures.first_page),
            row("history: the oldest 100", |figures| figures.last_page),
            row("history: those in which something failed", |figures| figures.failures),
            row("history: by words", |figures| figures.words),
            row("open a run", |figures| figures.view),
            row("its report", |figures| figures.record),
            row("compare two runs", |figures| figures.compare),
            row("verify a run", |figures| figures.verify),
            Row::new(
                "`allgood run` of one command, wall",
                seconds(*few_started),
                seconds(*started),
                ratio(*started, *few_started),
            ),
        ],
    })
}

/// A runbook of one command.
fn short(folder: &Path) -> Outcome<std::path::PathBuf> {
    let file = folder.join("short.md");
    fs::write(&file, "# One command\n\n## Steps\n\n```sh {name=one}\necho one\n```\n")?;
    Ok(file)
}

/// Runs a runbook for real; its file, and a file with its events.
fn template(allgood: &Path, folder: &Path) -> Outcome<(std::path::PathBuf, std::path::PathBuf)> {
    let program = crate::steps::runbook(allgood, folder, COMMANDS)?;
    let book = folder.join(format!("{}.md", COMMANDS));
    let answer = Command::new(&program.file)
        .args(&program.arguments)
        .envs(program.environment.iter().cloned())
        .current_dir(&program.folder)
        .stdin(Stdio::null())
        .output()?;
    if !answer.status.success() {
        return Err(String::from_utf8_lossy(&answer.stderr).into_owned().into());
    }
    let facts = folder.join("events.jsonl");
    fs::write(&facts, &answer.stdout)?;
    Ok((fs::canonicalize(book)?, facts))
}

/// The other side of [`measure`]: fills the store up to so many runs, and asks.
pub(crate) fn inside(rounds: usize, runs: usize, book: &Path, facts: &Path) -> Outcome<()> {
    let places = Places::from_environment().map_err(said)?;
    let filled = fill(&places, runs, book, facts)?;
    let open = || -> Outcome<std::sync::Arc<App>> {
        Ok(App::open(Config::from_environment(&places).map_err(said)?).map_err(said)?)
    };
    let opened = times(rounds, || {
        open()?.close();
        Ok(())
    })?;
    let app = open()?;
    let page = |filter: RunFilter| {
        times(rounds, || Ok(app.runs(RunFilter { limit: PAGE, ..filter.clone() }).map_err(said)?))
    };
    let known = app.runs(RunFilter { limit: 2, ..RunFilter::default() }).map_err(said)?;
    let [one, other] = known.runs.as_slice() else { return Err("there are no two runs".into()) };
    let run = || RunArgument { run: one.id.clone() };
    let figures = Figures {
        runs: usize::try_from(known.total)?,
        events: filled,
        bytes: size(&places.data)?,
        open: opened,
        first_page: page(RunFilter::default())?,
        last_page: page(RunFilter { offset: known.total.saturating_sub(PAGE), ..RunFilter::default() })?,
        failures: page(RunFilter { failures: true, states: vec![RunStatus::Passed], ..RunFilter::default() })?,
        words: page(RunFilter { words: Some("commands".to_owned()), ..RunFilter::default() })?,
        view: times(rounds, || Ok(app.run_view(run()).map_err(said)?))?,
        record: times(rounds, || Ok(app.run_record(run()).map_err(said)?))?,
        compare: times(rounds, || {
            let runs = CompareRuns { one: other.id.clone(), other: one.id.clone() };
            Ok(app.run_compare(runs).map_err(said)?)
        })?,
        verify: times(rounds, || Ok(app.run_verify(run()).map_err(said)?))?,
    };
    println!("{}", serde_json::to_string(&figures)?);
    app.close();
    Ok(())
}

fn said(error: ApiError) -> String {
    error.message
}

/// The median time of some work, whose result is thrown away.
fn times<T>(rounds: usize, mut work: impl FnMut() -> Outcome<T>) -> Outcome<Duration> {
    let mut times = Vec::new();
    for round in 0..=rounds {
        let begin = Instant::now();
        std::hint::black_box(work()?);
        if round > 0 {
            times.push(begin.elapsed());
        }
    }
    measure::median(&times)
}

/// Copies of a run, under names of their own and a minute after each other; gives how many events there are.
fn fill(places: &Places, runs: usize, book: &Path, facts: &Path) -> Outcome<u64> {
    let store = Store::open(&places.data)?;
    let bytes = fs::read(book)?;
    let template: Vec<Event> =
        fs::read_to_string(facts)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let first = template.first().ok_or("the template has no events")?;
    let items =
        u64::try_from(template.iter().filter(|event| matches!(event.fact, Fact::AttemptStarted { .. })).count())?;
    let there = store.run_counts()?.all;
    for number in usize::try_from(there)?..runs {
        let id = RunId::new();
        let later = jiff::SignedDuration::from_mins(i64::try_from(number)?);
        let moved = |at: &str| -> Outcome<String> {
            let at: jiff::Timestamp = at.parse()?;
            Ok(format!("{:.3}", at.checked_add(later)?))
        };
        let start = NewRun {
            id: id.clone(),
            path: book.display().to_string(),
            library: None,
            title: format!("{} commands", COMMANDS),
            revision: revision_of(&bytes),
            mode: Mode::Auto,
            environment: None,
            actor: first.actor.clone(),
            items,
            started_at: moved(&first.at)?,
            parent: None,
        };
        let mut previous = FIRST_PREVIOUS.to_owned();
        let mut events = Vec::with_capacity(template.len());
        for event in &template {
            let mut event = Event { run: id.clone(), at: moved(&event.at)?, ..event.clone() };
            event.hash = seal(&previous, &event)?;
            previous.clone_from(&event.hash);
            let printed = match &event.fact {
                Fact::Output { item, .. } => {
                    format!("line {} of many\r\n", item.trim_start_matches("line-")).into_bytes()
                }
                _ => Vec::new(),
            };
            events.push((event, printed));
        }
        let tail = Tail { count: u64::try_from(events.len())?, last_hash: previous };
        let lock = store.lock_run(&id)?.ok_or("a new run is locked")?;
        let mut events = events.into_iter();
        store.take_in(&lock, &start, (&tail, true), &bytes, &[], &mut || Ok(events.next()))?;
    }
    Ok(store.run_counts()?.all * u64::try_from(template.len())?)
}

/// Bytes of a store, its journal and index of writes included.
fn size(folder: &Path) -> Outcome<u64> {
    let mut bytes = 0;
    for name in ["allgood.db", "allgood.db-wal"] {
        bytes += fs::metadata(folder.join(name)).map(|file| file.len()).unwrap_or_default();
    }
    Ok(bytes)
}
