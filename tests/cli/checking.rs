//! `allgood check` as it is called by a person, by a program and by a code host's job.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::Value;

use crate::support::{Home, text};

/// An error that a machine mends, a hint that it mends, a hint that wants a person, and what has no way back.
const BOOK: &str = "# Book\r\n\r\n## Fix\r\n\r\n```sh timeout=5s\r\nrm -r <folder>\r\n```\r\n\r\n\
    ```bash\r\napiVersion: v1\r\n```\r\n";

fn codes(home: &Home, status: i32, arguments: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["check", "team/book.md", "--json"].iter().chain(arguments).copied().collect();
    let files = home.expect(status, &arguments).json();
    let problems = files[0]["problems"].as_array().unwrap();
    problems.iter().map(|problem| text(problem, "code").to_owned()).collect()
}

#[test]
fn problems_are_chosen_by_code_and_severity_and_strictness_decides_the_status() {
    let home = Home::new();
    home.file("team/book.md", BOOK);
    home.file("team/warned.md", "# W\n\n## Fix\n\n```sh\nrm -r x\n```\n");
    home.file("team/fine.md", "# Fine\n\nText.\n");
    let all = codes(&home, 1, &[]);
    for code in ["attribute-refused", "not-a-command", "placeholder", "no-rollback", "no-validation"] {
        assert!(all.iter().any(|one| one == code), "{code}: {all:?}");
    }
    assert_eq!(codes(&home, 1, &["--severity", "error"]), ["attribute-refused"]);
    assert!(!codes(&home, 1, &["--severity", "warning"]).iter().any(|code| code == "placeholder"));
    assert_eq!(codes(&home, 0, &["--code", "placeholder"]), ["placeholder"]);
    let mut two = codes(&home, 1, &["--code", "placeholder,not-a-command", "--code", "attribute-refused"]);
    two.sort();
    assert_eq!(two, ["attribute-refused", "not-a-command", "placeholder"]);
    for (status, arguments) in [
        (0, &["team/warned.md"][..]),
        (1, &["team/warned.md", "--strict"]),
        (0, &["team/warned.md", "--strict", "--severity", "error"]),
        (0, &["team/warned.md", "--strict", "--code", "dead-link"]),
        (0, &["team/fine.md", "--strict"]),
        (1, &["team", "--strict"]),
    ] {
        let arguments: Vec<&str> = ["check"].iter().chain(arguments).copied().collect();
        home.expect(status, &arguments);
    }
    let said = home.expect(0, &["check", "team/warned.md"]);
    assert!(said.err.contains("0 errors, 2 warnings") && said.out.contains("team/warned.md:3:1"), "{said:?}");
    // Without a path it is the library that is checked.
    home.expect(0, &["library", "add", "team"]);
    assert_eq!(home.expect(1, &["check", "--json"]).json().as_array().unwrap().len(), 3);
}

#[test]
fn json_names_place_severity_and_ways_to_mend() {
    let home = Home::new();
    home.file("team/book.md", BOOK);
    let files = home.expect(1, &["check", "team/book.md", "--json"]).json();
    assert_eq!(files[0]["path"], "team/book.md");
    let problems = files[0]["problems"].as_array().unwrap();
    let refused = problems.iter().find(|one| one["code"] == "attribute-refused").unwrap();
    assert_eq!((&refused["severity"], &refused["line"]), (&Value::from("error"), &Value::from(5)));
    let edit = &refused["fix"]["edits"][0];
    let span = |at: usize| usize::try_from(edit["span"][at].as_u64().unwrap()).unwrap();
    let mended = format!("{}{}{}", &BOOK[..span(0)], text(edit, "text"), &BOOK[span(1)..]);
    assert!(mended.contains("```sh {timeout=5s}\r\n") && refused["fix"]["safe"] == true, "{refused}");
    for problem in problems {
        let message = text(problem, "message");
        assert!(message.len() > 20, "{message}");
    }
}

#[test]
fn sarif_names_files_within_the_folder_of_the_call_and_others_whole() {
    let home = Home::new();
    let book = home.file("team/my book.md", BOOK);
    let log = home.expect(1, &["check", "team", "--sarif"]).json();
    assert_eq!(log["version"], "2.1.0");
    let place = |log: &Value| log["runs"][0]["results"][0]["locations"][0]["physicalLocation"].clone();
    let within = place(&log);
    assert_eq!(within["artifactLocation"]["uri"], "team/my%20book.md");
    assert_eq!(within["artifactLocation"]["uriBaseId"], "%SRCROOT%");
    // Called elsewhere it is named whole.
    fs::create_dir(home.path("elsewhere")).unwrap();
    let mut command = home.command(&["check", book.to_str().unwrap(), "--sarif"]);
    let output = command.current_dir(home.path("elsewhere")).output().unwrap();
    let whole = place(&serde_json::from_slice(&output.stdout).unwrap());
    let uri = whole["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("file:///") && uri.ends_with("/team/my%20book.md"), "{uri}");
    assert!(whole["artifactLocation"].get("uriBaseId").is_none(), "{whole}");
    assert_eq!(whole["region"], within["region"]);
    // What cannot be read is told to the code host too.
    let log = home.expect(2, &["check", "team", "none.md", "--sarif"]).json();
    let told = &log["runs"][0]["invocations"][0];
    assert_eq!(told["executionSuccessful"], false);
    assert!(told["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("none.md"), "{told}");
}

#[test]
fn mending_is_shown_first_changes_only_what_is_safe_and_says_so() {
    let home = Home::new();
    let file = home.file("team/book.md", BOOK);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let plan = home.expect(1, &["check", "team", "--fix", "--dry-run"]);
    assert!(plan.out.contains("-```sh timeout=5s") && plan.out.contains("+```sh {timeout=5s}"), "{plan:?}");
    assert!(plan.err.contains("2 problems would be mended."), "{plan:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), BOOK, "nothing is written");
    let done = home.expect(0, &["check", "team", "--fix"]);
    assert!(
        done.err.contains("team/book.md:5: attribute-refused:") && done.err.contains("2 problems mended."),
        "{done:?}"
    );
    let mended = BOOK.replace("sh timeout=5s", "sh {timeout=5s}").replace("```bash", "```text");
    assert_eq!(fs::read_to_string(&file).unwrap(), mended);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    let again = home.expect(0, &["check", "team", "--fix"]);
    assert!(again.err.contains("0 problems mended."), "{again:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), mended);
    // Of one code alone.
    fs::write(&file, BOOK).unwrap();
    home.expect(0, &["check", "team", "--fix", "--code", "not-a-command"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), BOOK.replace("```bash", "```text"));
}

#[test]
fn a_check_that_makes_no_sense_is_answered_with_a_sentence() {
    let home = Home::new();
    home.file("team/book.md", BOOK);
    fs::write(home.path("team/binary.md"), b"\x7fELF\0\0\0\x01").unwrap();
    for (arguments, words) in [
        (&["check", "team", "--code", "nonsense"][..], "No problem has the code nonsense"),
        (&["check", "team", "--severity", "bad"], "'bad'"),
        (&["check", "team", "--dry-run"], "--fix"),
        (&["check", "team", "--sarif", "--json"], "cannot be used with"),
        (&["check", "team", "--fix", "--json"], "cannot be used with"),
        (&["check", "none"], "none"),
        (&["check", "team/binary.md"], "binary.md"),
    ] {
        home.refused(arguments, words);
    }
    assert_eq!(fs::read_to_string(home.path("team/book.md")).unwrap(), BOOK);
}
