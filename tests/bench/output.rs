//! What output costs: a command that prints much, beside the same under `script`, and how much memory it takes.

use std::{
    io::{BufWriter, Write as _},
    path::Path,
};

use crate::{
    Outcome,
    measure::{self, Program},
    report::{Part, Row, ratio, seconds},
};

/// How much the compared command prints, in bytes.
const BYTES: u64 = 100_000_000;
/// One line, with its end: as wide as a terminal.
const LINE: &[u8] = b"2026-11-22T15:04:05.123Z INFO request answered in 12 ms with status 200 /orders\n";
/// The bound on memory at 1 GB (the promise), in bytes.
const BOUND: u64 = 150_000_000;

/// Measures.
pub(crate) fn measure(allgood: &Path, rounds: usize) -> Outcome<Part> {
    eprintln!("100 MB and 1 GB of output …");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("lines.txt");
    lines(&file)?;
    let once = runbook(allgood, folder.path(), "once", "cat lines.txt")?;
    let ten = runbook(allgood, folder.path(), "ten", "for i in 1 2 3 4 5 6 7 8 9 10; do cat lines.txt; done")?;
    let ten_by_script = measure::program(
        "script",
        folder.path(),
        &["-qec", "for i in 1 2 3 4 5 6 7 8 9 10; do cat lines.txt; done", "typescript"],
    );
    let script = measure::program("script", folder.path(), &["-qec", "cat lines.txt", "typescript"]);
    let samples = measure::in_turn(&[script, once], rounds)?;
    let [script, once] = samples.as_slice() else { return Err("a run was not measured".into()) };
    let (floor, wall) = (measure::wall(script)?, measure::wall(once)?);
    let (gigabyte, gigabyte_floor) = (ten.sample()?, ten_by_script.sample()?);
    let speed = |seconds: f64| format!("{:.0} MB/s", 100.0 / seconds);
    let megabytes = |bytes: u64| format!("{} MB", bytes / 1_000_000);
    let verdict = if gigabyte.peak < BOUND { "kept" } else { "**not kept**" };
    Ok(Part {
        title: "Output".into(),
        text: format!(
            "A command that prints 100 MB in lines of 80 bytes: `cat` in a block of a runbook, beside `script -qec cat \
             typescript`, which passes a pseudo-terminal too and writes all of it to a file. Allgood reads, masks, hashes, \
             and keeps the first and the last 8 MiB. Memory is that of the largest process of the tree.\n\nThe promise is \
             under {} while a command prints 1 GB: {verdict} ({}, {:.1} s).",
            megabytes(BOUND),
            megabytes(gigabyte.peak),
            gigabyte.wall.as_secs_f64()
        ),
        rows: vec![
            Row::new("100 MB, wall", seconds(floor), seconds(wall), ratio(wall, floor)),
            Row::new("speed", speed(floor.as_secs_f64()), speed(wall.as_secs_f64()), String::new()),
            Row::new(
                "100 MB, peak memory",
                megabytes(measure::peak(script)),
                megabytes(measure::peak(once)),
                String::new(),
            ),
            Row::new(
                "1 GB, wall",
                seconds(gigabyte_floor.wall),
                seconds(gigabyte.wall),
                ratio(gigabyte.wall, gigabyte_floor.wall),
            ),
            Row::new("1 GB, peak memory", megabytes(gigabyte_floor.peak), megabytes(gigabyte.peak), String::new()),
        ],
    })
}

fn lines(file: &Path) -> Outcome<()> {
    let mut writer = BufWriter::new(std::fs::File::create(file)?);
    for _ in 0..BYTES / u64::try_from(LINE.len())? {
        writer.write_all(LINE)?;
    }
    writer.flush()?;
    Ok(())
}

fn runbook(allgood: &Path, folder: &Path, name: &str, script: &str) -> Outcome<Program> {
    let file = folder.join(format!("{name}.md"));
    std::fs::write(&file, format!("# Much output\n\n## Steps\n\n```bash {{name=print}}\n{script}\n```\n"))?;
    let mut program = measure::program(allgood, folder, &["run"]);
    program.arguments.push(file.into());
    program.arguments.extend(["--auto", "--yes", "--json"].map(Into::into));
    program.environment = crate::machine::homes(folder)?;
    Ok(program)
}
