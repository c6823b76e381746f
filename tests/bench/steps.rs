//! What a step costs: many short commands of one runbook, beside the same commands by plain `bash -c`.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    measure::{self, Program},
    report::{Part, Row, milliseconds, ratio, seconds},
};

/// How many commands the comparison runs.
const COMMANDS: usize = 1000;
/// A tenth, which shows how the cost grows.
const FEW: usize = COMMANDS / 10;

/// Measures.
pub(crate) fn measure(allgood: &Path, rounds: usize) -> Outcome<Part> {
    eprintln!("{COMMANDS} commands of one runbook …");
    let folder = tempfile::tempdir()?;
    let [many, few] = [runbook(allgood, folder.path(), COMMANDS)?, runbook(allgood, folder.path(), FEW)?];
    let journal = journal(&many)?;
    let (mut bash, mut synced, mut many_samples, mut few_samples) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let samples = (plain(COMMANDS)?, commits(&journal, folder.path())?, many.sample()?, few.sample()?);
        if round > 0 {
            bash.push(samples.0);
            synced.push(samples.1);
            many_samples.push(samples.2);
            few_samples.push(samples.3);
        }
    }
    let (bash, synced) = (measure::median(&bash)?, measure::median(&synced)?);
    let (many, few) = (measure::wall(&many_samples)?, measure::wall(&few_samples)?);
    let count = u32::try_from(COMMANDS)?;
    Ok(Part {
        title: "Commands".into(),
        text: format!(
            "One runbook of {COMMANDS} steps, each a command that prints a line, by `allgood run --auto --yes --json`; \
             beside it the same commands, one after the other, each by a new `bash -c`. Allgood starts each under a \
             supervisor in a pseudo-terminal of its own, carries variables and directory, and has each decision synced \
             to the disk before it goes on. The journal's floor is the same events written to a table of bare SQLite (WAL, \
             `synchronous=FULL`) in two transactions a step: the start of its attempt, and what came of it ({} in all).\n\n\
             The largest process held {} MB.",
            journal.len(),
            measure::peak(&many_samples) / 1_000_000
        ),
        rows: vec![
            Row::new(
                &format!("{COMMANDS} commands, wall; floor: bash"),
                seconds(bash),
                seconds(many),
                ratio(many, bash),
            ),
            Row::new(
                "the same; floor: the journal's commits alone",
                seconds(synced),
                seconds(many),
                ratio(many, synced),
            ),
            Row::new(
                "the same; floor: bash and the commits",
                seconds(bash + synced),
                seconds(many),
                ratio(many, bash + synced),
            ),
            Row::new(
                "one step; floor: bash",
                milliseconds(bash / count),
                milliseconds(many / count),
                ratio(many, bash),
            ),
            Row::new(
                &format!("{COMMANDS} commands beside {FEW} (10 is linear, at most 12)"),
                seconds(few),
                seconds(many),
                ratio(many, few),
            ),
        ],
    })
}

/// The events of such a run as JSON, in the transactions that the rules ask for at least: the start of an attempt is on
/// disk before its process exists, and what came of it before anybody is told.
fn journal(program: &Program) -> Outcome<Vec<Vec<String>>> {
    let answer = Command::new(&program.file)
        .args(&program.arguments)
        .envs(program.environment.iter().cloned())
        .current_dir(&program.folder)
        .stdin(Stdio::null())
        .output()?;
    if !answer.status.success() {
        return Err(String::from_utf8_lossy(&answer.stderr).into_owned().into());
    }
    let mut transactions: Vec<Vec<String>> = vec![Vec::new()];
    for line in String::from_utf8(answer.stdout)?.lines() {
        let starts = line.contains(r#""kind":"attempt_started""#);
        let fresh =
            starts || transactions.last().is_some_and(|last| last.len() == 1 && last[0].contains("attempt_started"));
        if fresh && transactions.last().is_some_and(|last| !last.is_empty()) {
            transactions.push(Vec::new());
        }
        if let Some(last) = transactions.last_mut() {
            last.push(line.to_owned());
        }
    }
    Ok(transactions)
}

fn commits(journal: &[Vec<String>], folder: &Path) -> Outcome<Duration> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut database = rusqlite::Connection::open(folder.path().join("floor.db"))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch("CREATE TABLE events (seq INTEGER PRIMARY KEY, fields TEXT NOT NULL) STRICT")?;
    let begin = Instant::now();
    for transaction in journal {
        let change = database.transaction()?;
        for line in transaction {
            change.prepare_cached("INSERT INTO events (fields) VALUES (?1)")?.execute([line])?;
        }
        change.commit()?;
    }
    Ok(begin.elapsed())
}

fn line(number: usize) -> String {
    format!("printf 'line %s of many\\n' {number}")
}

/// A runbook of so many commands, each of which prints a line, and the program that runs it.
pub(crate) fn runbook(allgood: &Path, folder: &Path, count: usize) -> Outcome<Program> {
    let mut text = format!("# {count} commands\n\n## Steps\n");
    for number in 1..=count {
        write!(
            text,
            "\n### {number}. Print line {number}\n\n```bash {{name=line-{number}}}\n{}\n```\n",
            line(number)
        )?;
    }
    let file = folder.join(format!("{count}.md"));
    std::fs::write(&file, text)?;
    let mut program = measure::program(allgood, folder, &["run"]);
    program.arguments.push(file.into());
    program.arguments.extend(["--auto", "--yes", "--json"].map(Into::into));
    program.environment = crate::machine::homes(folder)?;
    Ok(program)
}

fn plain(count: usize) -> Outcome<Duration> {
    let begin = Instant::now();
    for number in 1..=count {
        let answer = Command::new("bash").args(["-c", &line(number)]).stdin(Stdio::null()).output()?;
        if !answer.status.success() {
            return Err(format!("bash ended with {}", answer.status).into());
        }
    }
    Ok(begin.elapsed())
}
