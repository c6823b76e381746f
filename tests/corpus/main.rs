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
use serde_sarif::sarif::Sarif;

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
    if std::env::var_os("ALLGOOD_BUILT").is_none() {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "cli", "--bins"])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .status()
            .unwrap();
        assert!(built.success(), "the binary could not be built");
    }
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

/// What comes back out of types that are made from the OASIS schema of SARIF 2.1.0 is what went in: no field is unknown to it,
/// and none of another type.
fn is_sarif(log: &Value) -> bool {
    let read: Result<Sarif, _> = serde_json::from_value(log.clone());
    read.is_ok_and(|read| serde_json::to_value(read).unwrap() == *log)
}

/// The schema's types, and what GitHub asks for beyond it: a rule, a place within the checkout, a region.
#[test]
fn the_check_of_all_files_is_valid_sarif_that_a_code_host_can_place() {
    let corpus = corpus();
    let data = tempfile::tempdir().unwrap();
    let output = Command::new(allgood())
        .env("ALLGOOD_DATA", data.path().join("data"))
        .env("HOME", data.path())
        .current_dir(&corpus)
        .args(["check", ".", "--sarif"])
        .output()
        .unwrap();
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(is_sarif(&log), "the check of the collection is no SARIF");
    for (place, value) in
        [("/runs/0/results/0/level", "bad"), ("/runs/0/results/0/locations", "here"), ("/runs/0/tool", "x")]
    {
        let mut broken = log.clone();
        *broken.pointer_mut(place).unwrap() = value.into();
        assert!(!is_sarif(&broken), "{place} is {value}");
    }
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["rule-id"] = "misspelt".into();
    assert!(!is_sarif(&broken), "a field that the schema does not know");

    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let said = |field: &str| rule[field]["text"].as_str().is_some_and(|text| !text.is_empty());
        assert!(said("shortDescription") && said("fullDescription") && said("help"), "{rule}");
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 100, "{} results", results.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        let text = fs::read_to_string(corpus.join(uri.replace("%20", " "))).unwrap();
        let lines: Vec<&str> = text.split('\n').collect();
        let number = |field: &str| usize::try_from(place["region"][field].as_u64().unwrap()).unwrap();
        let offset = |line: usize, column: usize| {
            let before: usize = lines[..line - 1].iter().map(|line| line.len() + 1).sum();
            before + lines[line - 1].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
        };
        let start = offset(number("startLine"), number("startColumn"));
        let end = offset(number("endLine"), number("endColumn"));
        assert_eq!((start, end - start), (number("byteOffset"), number("byteLength")), "{result}");
    }
}
