//! What understanding costs: `format::parse` over real files, beside a bare pass of the Markdown parser below it.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    Outcome, measure,
    report::{Part, Row, milliseconds, ratio},
};

/// Measures.
pub(crate) fn measure(corpus: &Path, rounds: usize) -> Outcome<Part> {
    eprintln!("parsing …");
    let (whose, folder) = if corpus.is_dir() {
        ("public runbooks of three collections", corpus.to_owned())
    } else {
        ("the Markdown files of this project", PathBuf::from("."))
    };
    let files = read(&folder)?;
    if files.is_empty() {
        return Err(format!("{} holds no Markdown file: name a folder by --corpus", folder.display()).into());
    }
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let (mut floor, mut ours) = (Vec::new(), Vec::new());
    // A pass takes milliseconds: many of them cost nothing and steady the median.
    for round in 0..=rounds * 4 {
        let bare = bare(&files);
        let whole = whole(&files);
        if round > 0 {
            floor.push(bare);
            ours.push(whole);
        }
    }
    let (floor, ours) = (measure::median(&floor)?, measure::median(&ours)?);
    let speed = |time: Duration| format!("{:.0} MB/s", bytes as f64 / 1e6 / time.as_secs_f64());
    let count = u32::try_from(files.len())?;
    Ok(Part {
        title: "Parsing".into(),
        text: format!(
            "{} files, {:.1} MB ({whose}), in one process: `format::parse`, which finds front matter, phases, steps, items, \
             links and problems and names the revision by its hash, beside pulldown-cmark with the same extensions and \
             byte offsets, its events counted and dropped.",
            files.len(),
            bytes as f64 / 1e6
        ),
        rows: vec![
            Row::new("all files", milliseconds(floor), milliseconds(ours), ratio(ours, floor)),
            Row::new("speed", speed(floor), speed(ours), String::new()),
            Row::new("one file", milliseconds(floor / count), milliseconds(ours / count), ratio(ours, floor)),
        ],
    })
}

/// Paths and what stands in them.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

fn read(folder: &Path) -> Outcome<Files> {
    let mut files = Vec::new();
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name.starts_with('.') || name == "node_modules" || name == "target")
    });
    for entry in walk {
        let entry = entry?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|extension| extension == "md") {
            files.push((entry.path().display().to_string(), std::fs::read(entry.path())?));
        }
    }
    Ok(files)
}

fn whole(files: &Files) -> Duration {
    let begin = Instant::now();
    for (path, bytes) in files {
        black_box(format::parse(path, bytes));
    }
    begin.elapsed()
}

/// The Markdown parser alone.
pub(crate) fn bare(files: &Files) -> Duration {
    use pulldown_cmark::{Options, Parser};
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let begin = Instant::now();
    for (_, bytes) in files {
        let text = String::from_utf8_lossy(bytes);
        black_box(Parser::new_ext(&text, options).into_offset_iter().count());
    }
    begin.elapsed()
}
