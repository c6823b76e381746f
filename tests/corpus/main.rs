//! Conformance over real files: the runbooks of `../shared/corpus`, seen by Allgood and by a CommonMark reference that
//! shares no code with it (comrak).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use comrak::{Arena, Options, nodes::NodeValue, parse_document};
use serde_json::Value;

/// How many files the collection holds.
const FILES: usize = 465;

fn corpus() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    assert!(
        folder.is_dir(),
        "the collection of real runbooks is not there: {} (a checkout has it beside the project's folder)",
        folder.display()
    );
    fs::canonicalize(folder).unwrap()
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let files = walk.into_iter().map(|entry| entry.unwrap().into_path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("SOURCES.md"))
        .collect()
}

/// Every fenced block that the reference finds: its line, info string and text.
fn reference(text: &str) -> Vec<(u64, String, String)> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    let mut blocks = Vec::new();
    for node in root.descendants() {
        let data = node.data.borrow();
        if let NodeValue::CodeBlock(block) = &data.value
            && block.fenced
        {
            blocks.push((data.sourcepos.start.line as u64, block.info.clone(), block.literal.clone()));
        }
    }
    blocks
}

fn allgood() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "cli", "--bins"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .unwrap();
    assert!(built.success(), "the binary could not be built");
    std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().join("allgood")
}

#[test]
fn show_lists_the_blocks_that_a_commonmark_reference_finds_with_the_same_text() {
    let allgood = allgood();
    let files = markdown(&corpus());
    assert_eq!(files.len(), FILES);
    let data = tempfile::tempdir().unwrap();
    let (mut blocks, mut differences) = (0, Vec::new());
    for file in &files {
        let output = Command::new(&allgood)
            .env("ALLGOOD_DATA", data.path().join("data"))
            .env("HOME", data.path())
            .args(["show", "--json"])
            .arg(file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found: Vec<(u64, String, String)> = shown["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|block| {
                let text = |field: &str| block[field].as_str().unwrap().to_owned();
                (block["line"].as_u64().unwrap(), text("info"), text("text"))
            })
            .collect();
        let expected = reference(&String::from_utf8_lossy(&fs::read(file).unwrap()));
        blocks += expected.len();
        if found != expected {
            let at = found.iter().zip(&expected).position(|(one, other)| one != other);
            let at = at.unwrap_or(found.len().min(expected.len()));
            differences.push(format!(
                "{}: block {at}: found {:?}, expected {:?}",
                file.display(),
                found.get(at),
                expected.get(at)
            ));
        }
    }
    assert!(blocks > 500, "the collection holds {blocks} blocks");
    assert!(differences.is_empty(), "{} files differ:\n{}", differences.len(), differences.join("\n"));
}
