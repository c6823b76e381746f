//! Files of the library on the command line: brought in from a folder, an archive and a repository, moved with the links
//! to them, taken away into the system's bin.

use std::{fs, io::Write as _, path::Path, process::Command};

use zip::write::SimpleFileOptions;

use crate::support::{Home, text};

/// A library of two folders with links between its files.
fn linked() -> Home {
    let home = Home::new();
    home.file("team/start.md", "# Start\r\n\r\n[d](disk.md#steps) ![p](pics/p.png) [[disk]] [o](db/other.md)\r\n");
    home.file("team/disk.md", "# Disk\n\n## Steps\n\n- [ ] See [start](start.md)\n");
    home.file("team/db/other.md", "# Other\n\n[d](../disk.md) <a href=\"../disk.md\">d</a>\n");
    home.file("team/pics/p.png", "a picture");
    home.expect(0, &["library", "add", "team"]);
    home
}

fn titles(home: &Home) -> Vec<String> {
    let rows = home.expect(0, &["list", "--json", "--sort", "title"]).json();
    rows.as_array().unwrap().iter().map(|row| text(row, "title").to_owned()).collect()
}

fn archive(path: &Path, files: &[(&str, &[u8])]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let plain = SimpleFileOptions::default();
    for (name, bytes) in files {
        archive.start_file(*name, plain).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.add_symlink("link.md", "/etc/passwd", plain).unwrap();
    archive.finish().unwrap();
}

#[test]
fn an_archive_brings_what_is_within_it_and_says_what_it_left() {
    let home = linked();
    archive(
        &home.path("export.zip"),
        &[
            ("wiki/cache.md", b"# Cache\r\n\r\n![p](p.png)\r\n"),
            ("wiki/p.png", b"\x89PNG"),
            ("../escape.md", b"# Escape\n"),
            ("/absolute.md", b"# Absolute\n"),
            ("a/../../escape.md", b"# Escape\n"),
            ("allgood.toml", b"[environments.prod]\n"),
        ],
    );
    let plan = home.expect(0, &["import", "export.zip", "--plan"]);
    assert!(
        plan.out.contains("1 runbook and 1 file that they show would come.") && plan.out.contains("wiki/cache.md"),
        "{plan:?}"
    );
    let left = [
        "../escape.md was not taken",
        "/absolute.md was not taken",
        "a/../../escape.md was not taken",
        "link.md was not taken: it is a symbolic",
        "allgood.toml was not taken",
    ];
    for said in left {
        assert!(plan.err.contains(said), "{said}: {plan:?}");
    }
    assert!(!home.path("team/wiki").exists(), "a plan writes nothing");
    let done = home.expect(0, &["import", "export.zip"]);
    assert_eq!(done.out.lines().collect::<Vec<_>>(), ["wiki/cache.md", "wiki/p.png"]);
    assert!(left.iter().all(|said| done.err.contains(said)) && done.err.contains("2 files were written"), "{done:?}");
    assert_eq!(fs::read(home.path("team/wiki/cache.md")).unwrap(), b"# Cache\r\n\r\n![p](p.png)\r\n");
    assert!(titles(&home).contains(&"Cache".to_owned()));
    for escaped in ["escape.md", "team/escape.md", "data/escape.md", "data/imports/escape.md"] {
        assert!(!home.path(escaped).exists(), "{escaped}");
    }
    assert!(!Path::new("/absolute.md").exists());
    let again = home.expect(0, &["import", "export.zip", "--plan"]);
    assert!(again.out.contains("0 runbooks") && again.out.contains("wiki/cache.md is there already"), "{again:?}");
}

#[test]
fn a_repository_is_planned_and_brought_in_and_nothing_of_it_is_run() {
    let home = linked();
    let work = home.path("work");
    let git = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new("git");
        home.dress(&mut command);
        command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments);
        let done = command.current_dir(folder).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    };
    home.file("work/disk.md", "# Disk of theirs\n");
    home.file("work/queue.md", "# Queue\n\n[d](disk.md)\n");
    git(&work, &["init", "--quiet", "--initial-branch=main"]);
    git(&work, &["add", "."]);
    git(&work, &["commit", "--quiet", "--message=one"]);
    git(&home.path(""), &["clone", "--quiet", "--bare", "work", "runbooks.git"]);
    let ran = home.path("ran");
    let hook = home.file("runbooks.git/hooks/post-checkout", &format!("#!/bin/sh\ntouch {}\n", ran.display()));
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let url = format!("file://{}", home.path("runbooks.git").display());
    let plan = home.expect(0, &["import", &url, "--plan"]);
    assert!(plan.out.contains("2 runbooks and 0 files that they show would come."), "{plan:?}");
    assert!(plan.out.contains("disk.md is there and different: it comes as disk-2.md"), "{plan:?}");
    assert!(!home.path("team/queue.md").exists());
    home.expect(0, &["import", &url]);
    assert!(fs::read_to_string(home.path("team/disk.md")).unwrap().starts_with("# Disk\n"), "nothing is overwritten");
    assert_eq!(fs::read_to_string(home.path("team/disk-2.md")).unwrap(), "# Disk of theirs\n");
    assert_eq!(fs::read_to_string(home.path("team/queue.md")).unwrap(), "# Queue\n\n[d](disk-2.md)\n");
    home.expect(0, &["import", &url, "--into", "team/theirs/all"]);
    assert!(home.path("team/theirs/all/disk.md").is_file());
    assert!(!ran.exists() && !home.path("team/.git").exists());
}

#[test]
fn an_import_that_makes_no_sense_is_answered_with_a_sentence() {
    let home = linked();
    home.file("broken.zip", "no archive");
    home.file("single.txt", "# Single\n");
    let nowhere = format!("file://{}", home.path("nowhere.git").display());
    for (arguments, words) in [
        (&["import", "broken.zip"][..], "is no zip archive that can be read"),
        (&["import", "none.zip"], "none.zip"),
        (&["import", "single.txt"], "is no zip archive that can be read"),
        (&["import", &nowhere], "was not fetched: git says"),
        (&["import", "ext::sh -c evil"], "is not fetched"),
        (&["import", "http://example.org/x.git"], "only https, ssh, git and file"),
        (&["import", "--", "--upload-pack=evil"], "is not fetched"),
        (&["import", "team"], "lie in each other"),
        (&["import", "broken.zip", "--into", "elsewhere"], "is in no folder of the library"),
        (&["import"], "SOURCE"),
    ] {
        home.refused(arguments, words);
    }
    home.expect(0, &["library", "remove", "team"]);
    home.refused(&["import", "broken.zip"], "The library is empty");
    fs::create_dir(home.path("second")).unwrap();
    home.expect(0, &["library", "add", "team"]);
    home.expect(0, &["library", "add", "second"]);
    home.refused(&["import", "broken.zip"], "several folders: say which one with --into");
}

#[test]
fn links_of_all_kinds_follow_a_file_and_a_folder_and_come_back() {
    let home = linked();
    let read = |name: &str| fs::read_to_string(home.path(name)).unwrap();
    let before = [read("team/start.md"), read("team/db/other.md"), read("team/disk.md")];
    let plan = home.expect(0, &["move", "team/disk.md", "team/storage/full disk.md", "--plan"]);
    assert!(
        plan.out.contains("would be")
            && plan.out.contains("2 links in start.md")
            && plan.out.contains("2 links in db/other.md"),
        "{plan:?}"
    );
    assert_eq!(read("team/start.md"), before[0]);
    home.expect(0, &["move", "team/disk.md", "team/storage/full disk.md"]);
    assert_eq!(
        read("team/start.md"),
        "# Start\r\n\r\n[d](storage/full%20disk.md#steps) ![p](pics/p.png) [[full disk]] [o](db/other.md)\r\n"
    );
    assert_eq!(
        read("team/db/other.md"),
        "# Other\n\n[d](../storage/full%20disk.md) <a href=\"../storage/full%20disk.md\">d</a>\n"
    );
    assert!(read("team/storage/full disk.md").contains("[start](../start.md)"));
    home.expect(0, &["check", "team", "--code", "dead-link", "--strict"]);
    home.expect(0, &["move", "team/storage/full disk.md", "team/disk.md"]);
    assert_eq!([read("team/start.md"), read("team/db/other.md"), read("team/disk.md")], before);
    // A folder, with the pictures in it.
    home.expect(0, &["move", "team/pics", "team/img"]);
    assert!(read("team/start.md").contains("![p](img/p.png)"));
    home.expect(0, &["check", "team", "--code", "dead-link", "--strict"]);
}

#[test]
fn a_move_or_removal_that_makes_no_sense_is_answered_with_a_sentence_and_changes_nothing() {
    let home = linked();
    home.file("second/b.md", "# B\n");
    home.file("apart.md", "# Apart\n");
    home.expect(0, &["library", "add", "second"]);
    for (arguments, words) in [
        (&["move", "team/disk.md", "team/start.md"][..], "Nothing is overwritten"),
        (&["move", "team/none.md", "team/x.md"], "none.md"),
        (&["move", "team/disk.md", "second/disk.md"], "in another folder of the library"),
        (&["move", "team/disk.md", "apart/disk.md"], "in no folder of the library"),
        (&["move", "apart.md", "team/apart.md"], "in no folder of the library"),
        (&["move", "team/db", "team/db/inner"], "db"),
        (&["move", "team/disk.md", "team/.disk.md"], "not be shown"),
        (&["move", "team/disk.md"], "TO"),
        (&["remove", "team/none.md"], "none.md"),
        (&["remove", "apart.md"], "in no folder of the library"),
        (&["remove", "team"], "team"),
        (&["remove"], "PATH"),
    ] {
        home.refused(arguments, words);
    }
    for file in ["team/disk.md", "team/start.md", "team/db/other.md", "second/b.md", "apart.md"] {
        assert!(home.path(file).is_file(), "{file}");
    }
}

#[test]
fn what_is_removed_is_in_the_systems_bin_with_all_that_it_held() {
    let home = linked();
    let bin = home.path(".local/share/Trash");
    let shown = home.expect(0, &["remove", "team/disk.md"]);
    assert!(shown.out.ends_with("disk.md is in the bin.\n"), "{shown:?}");
    assert!(!home.path("team/disk.md").exists());
    assert_eq!(
        fs::read_to_string(bin.join("files/disk.md")).unwrap(),
        "# Disk\n\n## Steps\n\n- [ ] See [start](start.md)\n"
    );
    let note = fs::read_to_string(bin.join("info/disk.md.trashinfo")).unwrap();
    assert!(note.contains("/team/disk.md"), "it can be put back: {note}");
    home.expect(0, &["remove", "team/db"]);
    assert!(bin.join("files/db/other.md").is_file() && !home.path("team/db").exists());
    assert_eq!(titles(&home), ["Start"]);
    // A second one of the same name keeps the first.
    home.file("team/disk.md", "# Second\n");
    home.expect(0, &["remove", "team/disk.md"]);
    assert_eq!(fs::read_dir(bin.join("files")).unwrap().count(), 3);
}
