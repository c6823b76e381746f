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
const COMMANDS: usize = 200;
/// The two sizes whose times show how the cost grows.
const GROWTH: (usize, usize) = (30, 300);

/// Measures.
pub(crate) fn measure(allgood: &Path, rounds: usize) -> Outcome<Part> {
    eprintln!("{COMMANDS} commands of one runbook …");
    let folder = tempfile::tempdir()?;
    let runs = [COMMANDS, GROWTH.0, GROWTH.1]
        .into_iter()
        .map(|count| runbook(allgood, folder.path(), count))
        .collect::<Outcome<Vec<_>>>()?;
    let mut floor = Vec::new();
    let mut samples = vec![Vec::new(); runs.len()];
    for round in 0..=rounds {
        let plain = plain(COMMANDS)?;
        for (run, samples) in runs.iter().zip(&mut samples) {
            let sample = run.sample()?;
            if round > 0 {
                samples.push(sample);
            }
        }
        if round > 0 {
            floor.push(plain);
        }
    }
    let floor = measure::median(&floor)?;
    let mut walls = Vec::new();
    for samples in &samples {
        walls.push(measure::wall(samples)?);
    }
    let [many, few_grown, grown] = walls.as_slice() else { return Err("a run was not measured".into()) };
    let count = u32::try_from(COMMANDS)?;
    let peak = samples.first().map(|samples| measure::peak(samples)).unwrap_or_default();
    Ok(Part {
        title: "Commands".into(),
        text: format!(
            "One runbook of {COMMANDS} steps, each a command that prints a line, by `allgood run --auto --yes --json`; \
             beside it the same commands, one after the other, each by a new `bash -c`. Allgood starts each under a \
             supervisor in a pseudo-terminal of its own, carries variables and directory, and has each decision synced \
             to the disk before it goes on.\n\nThe largest process held {} MB.",
            peak / 1_000_000
        ),
        rows: vec![
            Row::new(&format!("{COMMANDS} commands, wall"), seconds(floor), seconds(*many), ratio(*many, floor)),
            Row::new("one step", milliseconds(floor / count), milliseconds(*many / count), ratio(*many, floor)),
            Row::new(
                &format!("{} commands beside {} (at most 12 times)", GROWTH.1, GROWTH.0),
                seconds(*few_grown),
                seconds(*grown),
                ratio(*grown, *few_grown),
            ),
        ],
    })
}

fn line(number: usize) -> String {
    format!("printf 'line %s of many\\n' {number}")
}

fn runbook(allgood: &Path, folder: &Path, count: usize) -> Outcome<Program> {
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
