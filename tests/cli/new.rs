//! New runbooks on the command line: from a template, from a session, from a page, never over another file.

use std::{fs, io::Write as _, process::Stdio};

use crate::support::{Done, Home};

/// Runs it with something on standard input.
fn fed(home: &Home, arguments: &[&str], input: &str) -> Done {
    let mut child = home.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn every_template_that_is_listed_makes_a_runbook_that_passes_the_check() {
    let home = Home::new();
    let listed = home.expect(0, &["new", "--list"]).out;
    let names: Vec<&str> = listed.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 9 && names.contains(&"incident"), "{listed}");
    for name in names {
        let file = format!("{name}.md");
        let done = home.expect(0, &["new", name, &file, "--title", "Disk: full", "--owner", "web team"]);
        assert_eq!(done.out, format!("{} was made.\n", home.path(&file).display()));
        let text = fs::read_to_string(home.path(&file)).unwrap();
        assert!(text.contains("\n# Disk: full\n") && text.contains("owner: web team\n"), "{text}");
        home.expect(0, &["check", &file, "--strict"]);
    }
}

#[test]
fn a_new_runbook_is_called_after_its_title_and_never_takes_the_place_of_another() {
    let home = Home::new();
    home.expect(0, &["new", "routine", "--title", "Rotate the logs"]);
    let made = fs::read(home.path("rotate-the-logs.md")).unwrap();
    let again = home.expect(2, &["new", "incident", "--title", "Rotate the logs"]);
    assert!(again.err.contains("rotate-the-logs.md already"), "{again:?}");
    assert_eq!(fs::read(home.path("rotate-the-logs.md")).unwrap(), made);
    // A link that leads nowhere is something, too.
    std::os::unix::fs::symlink("elsewhere.md", home.path("link.md")).unwrap();
    home.expect(2, &["new", "blank", "link.md"]);
    assert!(!home.path("elsewhere.md").exists());
    // A folder takes it in, one word that is a path is the file.
    home.expect(0, &["new", "blank", "notes/", "--title", "A b"]);
    home.expect(0, &["new", "notes/c.md"]);
    assert!(home.path("notes/a-b.md").is_file() && home.path("notes/c.md").is_file());

    for (arguments, words) in [
        (&["new", "nonsense"][..], "There is no template \"nonsense\": choose one of blank, incident"),
        (&["new", "blank", "x.txt"], "ends in .md or .markdown"),
        (&["new", "blank", "x.md", "--print"], "--print writes no file"),
        (&["new", "--from-session", "none.txt"], "none.txt cannot be read"),
        (&["new", "x.md", "y.md", "--from-html", "-"], "Name one file"),
        (&["new", "--from-html", "-", "--from-session", "-"], "cannot be used with"),
    ] {
        let done = home.expect(2, arguments);
        assert!(done.err.contains(words), "{arguments:?}: {done:?}");
    }
    assert!(!home.path("x.md").exists() && !home.path("x.txt").exists());
}

#[test]
fn a_new_runbook_in_the_library_is_listed_and_begins_its_history() {
    let home = Home::new();
    home.file("team/a.md", "# A\n");
    home.expect(0, &["library", "add", "team"]);
    home.expect(0, &["new", "backup", "team/db/backup.md", "--title", "Back up the orders"]);
    assert!(home.expect(0, &["list"]).out.contains("Back up the orders"));
    let again = home.expect(2, &["new", "backup", "team/db/backup.md"]);
    assert!(again.err.contains("already: choose another name"), "{again:?}");
    assert!(home.expect(2, &["new", "backup", "team/.hidden.md"]).err.contains("no place within"));
}

#[test]
fn a_session_and_a_page_become_drafts_that_nothing_was_run_of() {
    let home = Home::new();
    let session = home.file("session.txt", "$ df -h /\nFilesystem Size\n/dev/sda1 40G\n$ touch was-run\n");
    let done = home.expect(0, &["new", "--from-session", session.to_str().unwrap(), "draft.md", "--title", "Look"]);
    assert!(done.out.ends_with("draft.md was made.\n"), "{done:?}");
    let draft = fs::read_to_string(home.path("draft.md")).unwrap();
    assert!(draft.contains("\n# Look\n") && draft.contains("df -h /") && draft.contains("/dev/sda1 40G"), "{draft}");
    let piped =
        fed(&home, &["new", "--from-session", "-", "--print", "--title", "Look"], "$ df -h /\n$ touch was-run\n");
    assert!(piped.status == Some(0) && piped.out.contains("df -h /"), "{piped:?}");
    let page = fed(
        &home,
        &["new", "--from-html", "-", "wiki/fail over.md"],
        "<h1>Fail over</h1><p>Read <b>all</b>.</p><pre>touch was-run</pre>",
    );
    assert_eq!(page.status, Some(0), "{page:?}");
    let text = fs::read_to_string(home.path("wiki/fail over.md")).unwrap();
    assert!(text.contains("# Fail over\n") && text.contains("touch was-run"), "{text}");
    assert!(!home.path("was-run").exists());
}
