//! What a runbook of a megabyte means, as the editor asks while somebody writes it: its parts beside the Markdown parser
//! below them.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use api::{
    App, Config,
    places::Places,
    wire::{LookAt, Looked},
};
use serde::{Deserialize, Serialize};

use crate::{
    Outcome, generated, machine, measure,
    parsing::bare,
    report::{Part, Row, milliseconds, ratio},
};

/// Bytes of the runbook.
pub(crate) const SIZE: usize = 1_000_000;
/// What is looked at again at a quarter of the size shows how the cost grows.
const SMALLER: usize = 4;

/// Medians, for one text.
#[derive(Debug, Serialize, Deserialize)]
struct Looks {
    bare: Duration,
    parse: Duration,
    headings: Duration,
    page_alone: Duration,
    look: Duration,
    with_page: Duration,
    written: Duration,
    bytes: usize,
    bytes_with_page: usize,
    problems: usize,
    headings_found: usize,
}

/// Measures, in a process with homes of its own.
pub(crate) fn measure(rounds: usize) -> Outcome<Part> {
    eprintln!("a look at a megabyte …");
    let folder = tempfile::tempdir()?;
    let answer = Command::new(std::env::current_exe()?)
        .args(["--rounds", &rounds.to_string(), "look"])
        .arg(folder.path())
        .envs(machine::homes(folder.path())?)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !answer.status.success() {
        return Err(format!("it ended with {}", answer.status).into());
    }
    let (small, large): (Looks, Looks) = serde_json::from_slice(&answer.stdout)?;
    let row = |what: &str, time: Duration| {
        Row::new(what, milliseconds(large.bare), milliseconds(time), ratio(time, large.bare))
    };
    let growth = |what: &str, pick: fn(&Looks) -> Duration| {
        Row::new(what, milliseconds(pick(&small)), milliseconds(pick(&large)), ratio(pick(&large), pick(&small)))
    };
    Ok(Part {
        title: "Look".into(),
        text: format!(
            "What `look` gives the editor for a text of 1 MB ({} headings, {} problems), in one process, beside pulldown-cmark \
             over the same text. Without the page it is asked when the typing rests; the page is asked for while the preview is \
             open. The answers have {} and {} KB.",
            large.headings_found,
            large.problems,
            large.bytes / 1000,
            large.bytes_with_page / 1000
        ),
        rows: vec![
            row("look: problems, outline, items, variables", large.look),
            row("of it: `format::parse`", large.parse),
            row("of it: headings", large.headings),
            row("look with the page", large.with_page),
            row("of it: `format::page`", large.page_alone),
            row("the answer with the page, written as JSON", large.written),
            growth("look, floor: of a quarter (4 is linear)", |looks| looks.look),
            growth("look with the page, floor: of a quarter", |looks| looks.with_page),
        ],
    })
}

/// The other side of [`measure`].
pub(crate) fn inside(rounds: usize, folder: &std::path::Path) -> Outcome<()> {
    let said = |error: api::ApiError| error.message;
    let places = Places::from_environment().map_err(said)?;
    let app = App::open(Config::from_environment(&places).map_err(said)?).map_err(said)?;
    let mut looks = Vec::new();
    for size in [SIZE / SMALLER, SIZE] {
        let path = folder.join(format!("{size}.md"));
        let text = generated::large(size);
        fs::write(&path, &text)?;
        looks.push(look(&app, &path.display().to_string(), &text, rounds)?);
    }
    println!("{}", serde_json::to_string(&looks)?);
    Ok(())
}

fn look(app: &App, path: &str, text: &str, rounds: usize) -> Outcome<Looks> {
    let times = |work: &mut dyn FnMut() -> Outcome<()>| -> Outcome<Duration> {
        let mut times = Vec::new();
        for round in 0..=rounds {
            let begin = Instant::now();
            work()?;
            if round > 0 {
                times.push(begin.elapsed());
            }
        }
        measure::median(&times)
    };
    let ask = |page: bool, around: Option<u64>| -> Outcome<Looked> {
        let asked = LookAt { path: path.to_owned(), text: text.to_owned(), environment: None, page, around };
        Ok(app.look(asked).map_err(|error| error.message)?)
    };
    let bytes = text.as_bytes();
    let file = vec![(path.to_owned(), bytes.to_vec())];
    let runbook = format::parse(path, bytes);
    let (alone, whole) = (ask(false, None)?, ask(true, Some(1))?);
    Ok(Looks {
        bare: times(&mut || {
            std::hint::black_box(bare(&file));
            Ok(())
        })?,
        parse: times(&mut || {
            std::hint::black_box(format::parse(path, bytes));
            Ok(())
        })?,
        headings: times(&mut || {
            std::hint::black_box(format::headings(bytes));
            Ok(())
        })?,
        page_alone: times(&mut || {
            std::hint::black_box(format::page(&runbook, bytes));
            Ok(())
        })?,
        look: times(&mut || {
            std::hint::black_box(ask(false, None)?);
            Ok(())
        })?,
        with_page: times(&mut || {
            std::hint::black_box(ask(true, Some(1))?);
            Ok(())
        })?,
        written: times(&mut || {
            std::hint::black_box(serde_json::to_string(&whole)?);
            Ok(())
        })?,
        bytes: serde_json::to_string(&alone)?.len(),
        bytes_with_page: serde_json::to_string(&whole)?.len(),
        problems: alone.problems.len(),
        headings_found: alone.outline.len(),
    })
}
