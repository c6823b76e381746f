//! The documents, tried: what they print is what the program prints, and what they promise works.

use std::{fs, process::Command};

use regex::Regex;

use crate::support::{Done, Home, root};

/// The last line of `docs/cli.md` that is written by hand.
const GENERATED_FROM_HERE: &str = "What follows is what `--help` prints; a test keeps it so.\n";

#[test]
fn the_page_of_the_command_line_is_what_help_prints() {
    let path = root().join("docs/cli.md");
    let page = fs::read_to_string(&path).unwrap();
    let (intro, _) =
        page.split_once(GENERATED_FROM_HERE).expect("docs/cli.md has lost the line before its generated part");
    let mut expected = format!("{intro}{GENERATED_FROM_HERE}");
    append_help(&Home::new(), &[], &mut expected);
    if std::env::var_os("ALLGOOD_WRITE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(page == expected, "docs/cli.md is stale: run `make docs`");
}

/// The help of a command and, after it, of every command below it.
fn append_help(home: &Home, words: &[&str], page: &mut String) {
    let mut command = home.command(words);
    let done = Done::from(command.arg("--help").env("COLUMNS", "100").env("NO_COLOR", "1").output().unwrap());
    assert_eq!(done.status, Some(0), "{words:?}: {done:?}");
    page.push_str(&format!(
        "\n## `{}`\n\n```text\n{}\n```\n",
        [&["allgood"], words].concat().join(" "),
        done.out.trim_end()
    ));
    let commands = done.out.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in commands.take_while(|line| !line.trim().is_empty()) {
        let name = line.trim_start();
        // A line that is indented further goes on with the description before it.
        if line.len() - name.len() != 2 || name.starts_with("help ") {
            continue;
        }
        let name = name.split_whitespace().next().unwrap();
        append_help(home, &[words, &[name]].concat(), page);
    }
}

#[test]
fn an_exported_journal_is_checked_by_the_dozen_lines_of_the_documentation() {
    let page = fs::read_to_string(root().join("docs/journal.md")).unwrap();
    let lines = Regex::new("(?s)```python\n(.*?)```").unwrap().captures(&page).unwrap()[1].to_owned();
    let home = Home::new();
    let program = home.file("verify.py", &lines);
    home.file(
        "p.md",
        "# Prüfung „ü“\n\n## Steps\n\n```sh {name=say expect=\"é\"}\nprintf 'é \\033[1mbold\\033[0m \\t\\001 😀\\n'\nX='a \"b\" \\ é'\n```\n\n- [ ] seen\n",
    );
    home.expect(0, &["run", "p.md", "--auto", "--yes"]);
    let run = home.only_run()["id"].as_str().unwrap().to_owned();
    home.expect(0, &["report", &run, "--format", "jsonl", "-o", "run.jsonl"]);
    let python = |file: &str| -> Done {
        let mut command = Command::new("python3");
        home.dress(&mut command);
        command.arg(&program).arg(file).output().expect("python3 is needed to try docs/journal.md: install it").into()
    };
    let held = python("run.jsonl");
    assert_eq!(held.status, Some(0), "{held:?}");
    let journal = fs::read_to_string(home.path("run.jsonl")).unwrap();
    let count = journal.lines().count();
    assert!(held.out.starts_with(&format!("{count} events hold")), "{held:?}");

    home.file("changed.jsonl", &journal.replacen("Prüfung", "Pruefung", 1));
    let changed = python("changed.jsonl");
    assert_eq!(changed.status, Some(1), "{changed:?}");
    assert!(changed.err.contains("event 1 (run_started)"), "{changed:?}");

    let without: String =
        journal.split_inclusive('\n').enumerate().filter(|(at, _)| *at != 2).map(|(_, line)| line).collect();
    home.file("shorter.jsonl", &without);
    assert_eq!(python("shorter.jsonl").status, Some(1));
}

#[test]
fn every_command_that_the_readme_shows_is_one() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shown = Regex::new(r"(?m)^allgood ([a-z-]+(?: (?:add|list|remove|trust)\b)?)").unwrap();
    let home = Home::new();
    let mut count = 0;
    for words in shown.captures_iter(&readme).map(|one| one[1].to_owned()) {
        let words: Vec<&str> = words.split(' ').chain(["--help"]).collect();
        home.expect(0, &words);
        count += 1;
    }
    assert!(count >= 8, "the README shows {count} commands");
}

#[test]
fn the_runbooks_that_come_with_it_have_no_error_and_no_warning() {
    let home = Home::new();
    let done = home.expect(0, &["check", root().join("runbooks").to_str().unwrap(), "--strict"]);
    assert!(!done.out.contains("review-overdue"), "{done:?}");
}
