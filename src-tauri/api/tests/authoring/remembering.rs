//! The history of a file, and its git repository.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use api::{
    ErrorCode,
    commands::*,
    restored,
    wire::{CompareTexts, DiffKind, GitCommit, HistoryQuery, RevisionRow},
};

use crate::house::{House, argument};

const STEPS: &str = "---\nowner: a\n---\n# A\n\n## Steps\n\n1. One\n2. Two\n3. Three\n";

fn history(house: &House, file: &Path) -> Vec<RevisionRow> {
    let path = file.display().to_string();
    house.app.history(HistoryQuery { path, offset: 0, limit: 200 }).unwrap().rows
}

fn edit(house: &House, file: &Path, from: &str, to: &str) {
    let source = house.source(file);
    house.save(file, source.revision.as_deref(), &source.text.replace(from, to)).unwrap();
}

#[test]
fn a_scan_notes_what_was_written_outside_to_files_whose_history_is_known_alone() {
    let house = House::new();
    let (opened, other) = (house.put("a.md", STEPS), house.put("b.md", STEPS));
    house.app.library_rescan(Nothing {}).unwrap();
    house.source(&opened);
    for text in ["# One\n", "# Two of it\n"] {
        house.put("a.md", text);
        house.put("b.md", text);
        house.app.library_rescan(Nothing {}).unwrap();
    }
    let told: Vec<(u64, String)> = history(&house, &opened).into_iter().map(|row| (row.number, row.origin)).collect();
    let outside = |number| (number, "outside".to_owned());
    assert_eq!(told, [outside(3), outside(2), outside(1)]);
    assert_eq!(history(&house, &other).len(), 1, "only what is seen by asking for it");
}

#[test]
fn every_revision_is_kept_with_what_made_it_and_what_changed() {
    let house = House::new();
    let file = house.put("a.md", STEPS);
    edit(&house, &file, "Two", "Two and a half");
    edit(&house, &file, "3. Three\n", "3. Three\n4. Four\n");
    edit(&house, &file, "owner: a", "owner: b");
    fs::write(&file, format!("{}\nThe end.\n", fs::read_to_string(&file).unwrap())).unwrap();
    let rows = history(&house, &file);
    let told: Vec<(u64, &str, &str)> =
        rows.iter().map(|row| (row.number, row.origin.as_str(), row.summary.as_str())).collect();
    assert_eq!(
        told,
        [
            (5, "outside", "2 lines changed"),
            (4, "here", "front matter changed"),
            (3, "here", "1 step added"),
            (2, "here", "1 step changed"),
            (1, "outside", "the first that is kept"),
        ]
    );
    assert_eq!(rows[1].actor.as_deref(), Some("ada@tower"));
    let path = file.display().to_string();
    let page = house.app.history(HistoryQuery { path, offset: 1, limit: 2 }).unwrap();
    assert_eq!((page.total, page.rows.len(), page.rows[1].summary.as_str()), (5, 2, "1 step added"));
}

#[test]
fn a_comparison_marks_words_and_its_edits_restore_the_older_text_byte_for_byte() {
    let house = House::new();
    let old = "# 😀 A\r\n\r\nOne two three.\r\n\r\n- [ ] caf\u{e9}\r\n";
    let file = house.put("a.md", [old.as_bytes(), b"\xff\xfe tail\n"].concat());
    let first = house.source(&file);
    edit(&house, &file, "One two three", "One 😀 2 three");
    edit(&house, &file, "- [ ] café\r\n", "");
    let now = house.source(&file);
    let texts = |to: Option<String>, text: Option<String>| CompareTexts {
        path: file.display().to_string(),
        from: first.revision.clone().unwrap(),
        to,
        text,
    };
    let compared = house.app.compare(texts(now.revision.clone(), None)).unwrap();
    assert_eq!((compared.added, compared.removed), (1, 2));
    let line = compared.lines.iter().find(|line| line.kind == DiffKind::Added).unwrap();
    let changed: Vec<&str> = line.parts.iter().filter(|part| part.changed).map(|part| part.text.as_str()).collect();
    assert_eq!(changed.concat(), "😀 2");
    assert_eq!(restored(&now.text, &compared.restore).unwrap(), [old.as_bytes(), b"\xff\xfe tail\n"].concat());
    let typed = format!("{}typed", now.text);
    let compared = house.app.compare(texts(None, Some(typed.clone()))).unwrap();
    assert_eq!(restored(&typed, &compared.restore).unwrap(), [old.as_bytes(), b"\xff\xfe tail\n"].concat());
    let unknown = CompareTexts { from: "0".repeat(64), ..texts(None, Some(String::new())) };
    assert!(house.app.compare(unknown).is_err());
}

/// git as the person would call it, with the home that the program has.
fn git(house: &House, arguments: &[&str]) -> String {
    let done = Command::new("git")
        .args(arguments)
        .current_dir(&house.library)
        .env_clear()
        .envs(house.environment())
        .output()
        .unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn repository(house: &House) {
    git(house, &["init", "--quiet", "--initial-branch=main"]);
    git(house, &["config", "user.name", "Grace"]);
    git(house, &["config", "user.email", "grace@example.org"]);
}

fn state(house: &House, file: &Path) -> Option<(String, String)> {
    house.app.git_state(argument(file)).unwrap().map(|state| (state.branch, state.state))
}

fn commit(house: &House, files: &[&PathBuf], message: &str) -> Result<String, api::ApiError> {
    let paths = files.iter().map(|file| file.display().to_string()).collect();
    house.app.git_commit(GitCommit { paths, message: message.to_owned() }).map(|state| state.state)
}

#[test]
fn where_a_file_stands_in_git_is_told() {
    let house = House::new();
    let file = house.put("deep/a b.md", STEPS);
    assert_eq!(state(&house, &file), None, "no repository");
    repository(&house);
    let told = |house: &House| state(house, &file).unwrap();
    let on_main = |state: &str| ("main".to_owned(), state.to_owned());
    assert_eq!(told(&house), on_main("untracked"));
    fs::write(house.library.join(".gitignore"), "deep/\n").unwrap();
    assert_eq!(told(&house), on_main("ignored"));
    fs::remove_file(house.library.join(".gitignore")).unwrap();
    git(&house, &["add", "."]);
    assert_eq!(told(&house), on_main("staged"));
    git(&house, &["commit", "--quiet", "-m", "one"]);
    assert_eq!(told(&house), on_main("clean"));
    fs::write(&file, "# B\n").unwrap();
    assert_eq!(told(&house), on_main("modified"));
    git(&house, &["checkout", "--quiet", "--detach"]);
    assert_eq!(told(&house).0, git(&house, &["rev-parse", "HEAD"])[..7]);
}

#[test]
fn a_commit_takes_its_files_and_nothing_else_that_is_staged() {
    let house = House::new();
    let (file, other) = (house.put("a.md", STEPS), house.put("other.md", "o"));
    repository(&house);
    git(&house, &["add", "other.md"]);
    assert_eq!(commit(&house, &[&file], "Add it\n\nBecause.").unwrap(), "clean");
    assert_eq!(
        git(&house, &["show", "--name-only", "--format=%an: %B", "HEAD"]).trim(),
        "Grace: Add it\n\nBecause.\n\n\na.md"
    );
    assert_eq!(state(&house, &other).unwrap().1, "staged");
    let error = commit(&house, &[&file], "Again").unwrap_err();
    assert!(error.message.starts_with("git did not commit: "), "{error}");
    assert!(commit(&house, &[&file], " ").unwrap_err().message.contains("needs a message"));
    let hook = house.library.join(".git/hooks/pre-commit");
    fs::write(&hook, "#!/bin/sh\necho 'a runbook needs an owner' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&file, "# B\n").unwrap();
    let error = commit(&house, &[&file], "B").unwrap_err();
    assert_eq!((error.code, error.message.contains("a runbook needs an owner")), (ErrorCode::State, true), "{error}");
}

#[test]
fn commits_of_a_file_are_part_of_its_history() {
    let house = House::new();
    repository(&house);
    let old = house.put("old.md", STEPS);
    commit(&house, &[&old], "First").unwrap();
    git(&house, &["mv", "old.md", "a.md"]);
    git(&house, &["commit", "--quiet", "-m", "Rename"]);
    let file = house.put("a.md", STEPS.replace("Two", "2"));
    commit(&house, &[&file], "Second").unwrap();
    edit(&house, &file, "Three", "3");
    let rows = history(&house, &file);
    let told: Vec<(&str, Option<&str>, Option<&str>)> =
        rows.iter().map(|row| (row.origin.as_str(), row.actor.as_deref(), row.message.as_deref())).collect();
    assert_eq!(told[0], ("here", Some("ada@tower"), None),);
    assert!(told.contains(&("git", Some("Grace"), Some("Second"))), "{told:?}");
    assert_eq!(rows.len(), 3, "one row for each text: {told:?}");
    let first = rows.iter().find(|row| row.message.as_deref().is_some_and(|message| message != "Second")).unwrap();
    let compared = house.app.compare(CompareTexts {
        path: file.display().to_string(),
        from: first.revision.clone(),
        to: rows[0].revision.clone().into(),
        text: None,
    });
    assert_eq!(compared.unwrap().added, 2);
}

#[test]
fn looking_starts_nothing_that_the_repository_names() {
    let house = House::new();
    let file = house.put("a.md", STEPS);
    repository(&house);
    git(&house, &["add", "."]);
    git(&house, &["commit", "--quiet", "-m", "one"]);
    let started = house.folder.path().join("started");
    let program = house.folder.path().join("program");
    fs::write(&program, format!("#!/bin/sh\ntouch {}\ncat\n", started.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.display().to_string();
    for key in ["core.fsmonitor", "diff.external", "diff.x.textconv", "gpg.program", "core.pager", "core.sshCommand"]
    {
        git(&house, &["config", key, &program]);
    }
    git(&house, &["config", "log.showSignature", "true"]);
    git(&house, &["config", "core.hooksPath", &house.folder.path().display().to_string()]);
    fs::write(house.library.join(".git/info/attributes"), "*.md diff=x\n").unwrap();
    fs::write(&file, "# B\n").unwrap();
    drop(fs::remove_file(&started));
    assert_eq!(state(&house, &file).unwrap().1, "modified");
    assert_eq!(history(&house, &file).len(), 2);
    assert!(!started.exists(), "a program of the repository was started");
}

#[test]
fn git_is_not_asked_about_a_folder_that_is_not_trusted() {
    let house = House::new();
    let file = house.put("a.md", STEPS);
    repository(&house);
    house.app.library_remove(IdArgument { id: house.id }).unwrap();
    house.app.library_add(argument(&house.library)).unwrap();
    assert_eq!(state(&house, &file), None);
    assert_eq!(commit(&house, &[&file], "x").unwrap_err().code, ErrorCode::NotTrusted);
}
