//! One folder a case in `tests/journeys`: `case.sh` is typed into a shell in an empty home that holds the folder's
//! files, and must print `case.out`. What differs from run to run is replaced by its name.

use std::{
    fmt::Write as _,
    fs,
    process::{Command, Stdio},
};

use regex::Regex;

use crate::support::{Home, root};

#[test]
fn every_case_prints_what_its_folder_expects() {
    let mut folders: Vec<_> =
        fs::read_dir(root().join("tests/journeys")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut failures = String::new();
    let mut cases = 0;
    for folder in folders.iter().filter(|folder| folder.join("case.sh").is_file()) {
        cases += 1;
        let home = Home::new();
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "case.out" {
                fs::copy(entry.path(), home.path(entry.file_name().to_str().unwrap())).unwrap();
            }
        }
        let mut shell = Command::new("bash");
        home.dress(&mut shell);
        let output = shell.arg("case.sh").stdin(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.is_empty(), "{}: a case sends its errors to its output: {errors}", folder.display());
        let found = named(&String::from_utf8(output.stdout).unwrap(), &home);
        let expected = folder.join("case.out");
        if std::env::var_os("ALLGOOD_WRITE_CASES").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        if found != expected {
            let _ = write!(failures, "\n--- {}: expected\n{expected}\n--- found\n{found}", folder.display());
        }
    }
    assert!(cases > 0, "there are no cases");
    assert!(
        failures.is_empty(),
        "{failures}\n\nALLGOOD_WRITE_CASES=1 writes what was found; read it before you keep it"
    );
}

/// Replaces what no two runs have in common.
fn named(text: &str, home: &Home) -> String {
    let mut text =
        text.replace(home.path("").to_str().unwrap(), "HOME/").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    for (pattern, name) in [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "RUN"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}\b", "RUN"),
        (r"\b[0-9a-f]{64}\b", "HASH"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{3}Z)?", "TIME"),
        (r"\b\d{4}-\d\d-\d\d\b", "DAY"),
        (r"\b\d\d:\d\d:\d\d\b", "CLOCK"),
        (r"\b\d+\.\d s\b", "TOOK"),
        (r#""duration_ms":\d+"#, r#""duration_ms":TOOK"#),
        (r#""actor":"[^"]*""#, r#""actor":"ACTOR""#),
        (r"(?m)^(  by +).*$", "${1}ACTOR"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}
