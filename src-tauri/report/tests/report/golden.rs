//! Whole reports as people read them, kept beside this file: a change of a report shows in a review.

use std::{fmt::Write as _, fs, path::Path};

use report::{Report, html, junit, markdown};

use crate::{attacks, books};

#[test]
fn reports_read_as_they_are_kept() {
    let cases = [
        ("passed", books::passed()),
        ("rolled-back", books::rolled_back()),
        ("interrupted", books::interrupted()),
        ("attack", attacks::run()),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/golden");
    let mut failures = String::new();
    for (name, journal) in cases {
        let report: Report = journal.report();
        for (ending, found) in
            [("md", markdown(&report)), ("html", html(&report).unwrap()), ("xml", junit(&report).unwrap())]
        {
            let path = folder.join(format!("{name}.{ending}"));
            if std::env::var_os("ALLGOOD_WRITE_CASES").is_some() {
                fs::write(&path, &found).unwrap();
            }
            if fs::read_to_string(&path).unwrap_or_default() != found {
                let _ = write!(failures, "\n{}: found\n{found}\n", path.display());
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}\nALLGOOD_WRITE_CASES=1 writes what was found; read it before you keep it"
    );
}
