//! What the sources may say where, and that every file of them is built.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use cargo_metadata::MetadataCommand;
use regex::Regex;

use crate::files::{root, texts};

fn offending(files: &[(String, String)], pattern: &str, may: impl Fn(&str) -> bool) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !may(path)) {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| pattern.is_match(line)) {
            found.push(format!("{path}:{}: {}", number + 1, line.trim()));
        }
    }
    found
}

#[test]
fn sql_stands_in_the_store_alone() {
    let pattern = r"\b(SELECT\s.*\bFROM\b|INSERT\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|(CREATE|DROP|ALTER)\s+(VIRTUAL\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b|PRAGMA\s+\w)";
    // What reads the statements that people write has some for its tests, and so have the servers that tests start: none of them
    // is the program's own.
    let of_people = ["src-tauri/format/src/measure/sql.rs", "src-tauri/testkit/src/databases.rs"];
    let may = |path: &str| path.starts_with("src-tauri/store/") || of_people.contains(&path);
    let found = offending(&texts("src-tauri", &["rs", "sql"]), pattern, may);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_interface_reaches_tauri_through_its_host_alone() {
    let sources = texts("ui/src", &["ts", "js", "svelte"]);
    let pattern = r"@tauri-apps/|__TAURI";
    assert_eq!(offending(&sources, pattern, |path| path.starts_with("ui/src/host/")), Vec::<String>::new());
}

/// What has no counterpart in the window, so that a terminal is named there too.
const OF_A_TERMINAL: [&str; 6] = [
    "allgood access reveal",
    "allgood export`",
    "allgood history`",
    "allgood take",
    "allgood check --code",
    "allgood schedule",
];

#[test]
fn no_sentence_that_can_reach_the_window_names_a_command_that_the_window_has_a_way_for() {
    let table = std::fs::read_to_string(root().join("ui/src/lib/remedies.ts")).unwrap();
    let rule = Regex::new(r#"(?m)^  \[/(.*)/g, "([^"]*)"\],$"#).unwrap();
    let ways: Vec<(Regex, String)> =
        rule.captures_iter(&table).map(|found| (Regex::new(&found[1]).unwrap(), found[2].to_owned())).collect();
    assert!(ways.len() > 8, "the table of `remedies.ts` is read");
    let broken = Regex::new(r"\\\n\s*").unwrap();
    let (mut seen, mut left) = (0, Vec::new());
    for part in ["api", "access", "engine"] {
        for (path, text) in texts(&format!("src-tauri/{part}/src"), &["rs"]) {
            let text = broken.replace_all(&text, "");
            let lines = text.lines().filter(|line| !line.trim().starts_with("//") && line.contains("`allgood "));
            for line in lines.filter(|_| !path.ends_with("tests.rs")) {
                seen += 1;
                let said = ways.iter().fold(line.trim().to_owned(), |said, (command, way)| {
                    command.replace_all(&said, regex::NoExpand(way)).into_owned()
                });
                if said.contains("`allgood ") && !OF_A_TERMINAL.iter().any(|command| said.contains(command)) {
                    left.push(format!("{path}: {said}"));
                }
            }
        }
    }
    assert!(seen > 15, "the sentences are found: {seen}");
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_screen_does_not_import_the_insides_of_another() {
    let import = Regex::new(r#"(?:from|import)\s*\(?\s*["']([^"']*)["']"#).unwrap();
    let mut found = Vec::new();
    for (path, text) in texts("ui/src", &["ts", "svelte"]) {
        let Some(rest) = path.strip_prefix("ui/src/features/") else { continue };
        let own = rest.split('/').next().unwrap();
        for capture in import.captures_iter(&text) {
            let target = resolved(Path::new(&path), &capture[1]);
            let Some(inside) = target.strip_prefix("ui/src/features/") else { continue };
            let (screen, insides) = inside.split_once('/').unwrap_or((inside, ""));
            if screen != own && !["", "index", "index.ts"].contains(&insides) {
                found.push(format!("{path} imports {}", &capture[1]));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Where an import of a file of the interface leads, from the top level; the aliases are those of its `vite.config.ts`.
fn resolved(from: &Path, import: &str) -> String {
    if !import.starts_with('.') {
        return import.replacen("$lib/", "ui/src/lib/", 1).replacen("$features/", "ui/src/features/", 1);
    }
    let mut path = from.parent().unwrap().to_path_buf();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.to_string_lossy().into_owned()
}

#[test]
fn every_program_wipes_what_it_frees() {
    let programs = [
        "src-tauri/main.rs",
        "src-tauri/cli/src/main.rs",
        "src-tauri/engine/src/bin/allgood-supervisor.rs",
        "src-tauri/measure/src/bin/allgood-measure.rs",
    ];
    for program in programs {
        let text = std::fs::read_to_string(root().join(program)).unwrap();
        let wiping = "#[global_allocator]\nstatic MEMORY: ZeroAlloc<System> = ZeroAlloc(System);\n";
        assert!(text.contains(wiping), "{program}");
    }
}

#[test]
fn every_rust_file_is_built() {
    let mut reached = BTreeSet::new();
    // The window of `make bench` that has nothing in it is a workspace of its own.
    for manifest in ["Cargo.toml", "tests/bench/bare-window/Cargo.toml"] {
        let metadata = MetadataCommand::new()
            .manifest_path(root().join(manifest))
            .no_deps()
            .other_options(["--offline".to_owned()])
            .exec()
            .unwrap();
        for target in metadata.packages.iter().flat_map(|package| &package.targets) {
            reach(target.src_path.as_std_path(), true, &mut reached);
        }
    }
    for folder in ["src-tauri", "tests"] {
        for (path, _) in texts(folder, &["rs"]) {
            assert!(
                reached.contains(&root().join(&path)),
                "{path} is part of no crate: no `mod` and no target names it"
            );
        }
    }
}

/// Adds `file` and every file that its `mod` lines name.
fn reach(file: &Path, is_root: bool, reached: &mut BTreeSet<PathBuf>) {
    let Ok(text) = std::fs::read_to_string(file) else { return };
    if !reached.insert(file.to_path_buf()) {
        return;
    }
    let folder = file.parent().unwrap();
    let inside = if is_root || file.ends_with("mod.rs") {
        folder.to_path_buf()
    } else {
        folder.join(file.file_stem().unwrap())
    };
    let line =
        Regex::new(r#"(?m)^\s*(?:#\[path = "([^"]+)"\]\s*)?(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;"#).unwrap();
    for capture in line.captures_iter(&text) {
        match capture.get(1) {
            Some(path) => reach(&folder.join(path.as_str()), true, reached),
            None => {
                reach(&inside.join(format!("{}.rs", &capture[2])), false, reached);
                reach(&inside.join(&capture[2]).join("mod.rs"), false, reached);
            }
        }
    }
}

#[test]
fn a_file_is_one_idea() {
    let sources = ["src-tauri", "tests", "ui/src"].map(|folder| texts(folder, &["rs", "ts", "svelte"])).concat();
    let long: Vec<_> = sources
        .iter()
        .filter(|(path, _)| !path.starts_with("ui/src/bindings/"))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .collect();
    assert!(long.is_empty(), "past 600 lines a file is two ideas: {long:?}");
}

#[test]
fn nothing_is_left_open_or_skipped() {
    let sources = ["src-tauri", "tests", "ui/src"].map(|folder| texts(folder, &["rs", "ts", "svelte"])).concat();
    let pattern = r"\btodo!\(|\bunimplemented!\(|#\[ignore|\b(it|test|describe)\.(skip|only|todo)\(|\b(TODO|FIXME)\b";
    assert_eq!(offending(&sources, pattern, |path| path == "tests/architecture/sources.rs"), Vec::<String>::new());
}
