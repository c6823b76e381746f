//! Bringing runbooks in: what is taken, what is not and why, and that nothing is overwritten or run.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use api::{ErrorCode, wire::*};
use zip::write::SimpleFileOptions;

use super::house::House;

/// A folder of runbooks outside the library.
fn source(house: &House) -> PathBuf {
    let source = house.folder.path().join("source");
    for (path, bytes) in [
        ("disk.md", &b"# Disk\r\n\r\n![p](img/p.png) [s](run.sh) [o](deep/other.md) \xff\xfe\r\n"[..]),
        ("deep/other.md", b"\xef\xbb\xbf# Other\n\n[d](../disk.md)\n"),
        ("img/p.png", b"\x89PNG"),
        ("img/not shown.png", b"\x89PNG"),
        ("run.sh", b"echo hello\n"),
        ("allgood.toml", b"[environments.prod]\n"),
        (".hidden.md", b"# Hidden\n"),
        (".git/config", b"[core]\n"),
        ("data.csv", b"a,b\n"),
    ] {
        let path = source.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", source.join("passwd.md")).unwrap();
    source
}

fn ask(library: i64, from: ImportFrom, folder: &str) -> ImportArgument {
    ImportArgument { source: from, library, folder: folder.to_owned() }
}

fn folder(path: &Path) -> ImportFrom {
    ImportFrom::Folder { path: path.display().to_string() }
}

fn zipped(path: &Path) -> ImportFrom {
    ImportFrom::Zip { path: path.display().to_string() }
}

#[test]
fn a_folder_brings_its_markdown_files_and_what_they_show_byte_for_byte() {
    let house = House::new();
    let library = house.add();
    let source = source(&house);
    let plan = house.app.import_plan(ask(library, folder(&source), "wiki")).unwrap();
    assert_eq!(plan.files, ["deep/other.md", "disk.md"]);
    assert_eq!((plan.runbooks, plan.others), (2, 2));
    assert_eq!(fs::read_dir(&house.library).unwrap().count(), 0, "a plan writes nothing");
    for said in ["passwd.md was not taken: it is a symbolic link", "allgood.toml was not taken"] {
        assert!(plan.refused.iter().any(|why| why.contains(said)), "{:?}", plan.refused);
    }
    let done = house.app.import(ask(library, folder(&source), "wiki")).unwrap();
    assert_eq!(done.written, ["wiki/deep/other.md", "wiki/disk.md", "wiki/img/p.png", "wiki/run.sh"]);
    for path in ["deep/other.md", "disk.md", "img/p.png", "run.sh"] {
        let (came, was) =
            (fs::read(house.library.join("wiki").join(path)).unwrap(), fs::read(source.join(path)).unwrap());
        assert_eq!(came, was, "{path}");
    }
    assert_eq!(house.titles().len(), 2);
    let again = house.app.import_plan(ask(library, folder(&source), "wiki")).unwrap();
    assert_eq!((again.same.len(), again.renamed.len()), (4, 0), "{again:?}");
    assert_eq!((again.runbooks, again.others), (0, 0), "what is there does not come");
    assert!(house.app.import(ask(library, folder(&source), "wiki")).unwrap().written.is_empty());
}

#[test]
fn what_is_there_and_different_stays_and_links_lead_to_what_came_beside_it() {
    let house = House::new();
    house.write("disk.md", "# Mine\n");
    let library = house.add();
    let source = source(&house);
    let plan = house.app.import_plan(ask(library, folder(&source), "")).unwrap();
    assert_eq!(plan.renamed, [("disk.md".to_owned(), "disk-2.md".to_owned())]);
    house.app.import(ask(library, folder(&source), "")).unwrap();
    assert_eq!(fs::read_to_string(house.library.join("disk.md")).unwrap(), "# Mine\n");
    assert_eq!(fs::read(house.library.join("disk-2.md")).unwrap(), fs::read(source.join("disk.md")).unwrap());
    let other = fs::read(house.library.join("deep/other.md")).unwrap();
    assert_eq!(other, b"\xef\xbb\xbf# Other\n\n[d](../disk-2.md)\n");
}

#[test]
fn a_zip_that_means_harm_brings_only_what_is_harmless() {
    let house = House::new();
    let library = house.add();
    let path = house.folder.path().join("evil.zip");
    let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
    let plain = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in [
        ("good/a.md", b"# Good\n".to_vec()),
        ("../escape.md", b"# Escape\n".to_vec()),
        ("/absolute.md", b"# Absolute\n".to_vec()),
        ("a/../../escape.md", b"# Escape\n".to_vec()),
        ("bomb.md", vec![b' '; 17 * 1024 * 1024]),
        ("allgood.toml", b"[environments.prod]\n".to_vec()),
    ] {
        archive.start_file(name, plain).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.add_symlink("link.md", "/etc/passwd", plain).unwrap();
    archive.finish().unwrap();
    let done = house.app.import(ask(library, zipped(&path), "from zip")).unwrap();
    assert_eq!(done.written, ["from zip/good/a.md"]);
    for said in [
        "../escape.md was not taken",
        "/absolute.md was not taken",
        "bomb.md was not taken: it is larger",
        "link.md was not taken: it is a symbolic",
        "allgood.toml was not taken",
    ] {
        assert!(done.refused.iter().any(|why| why.contains(said)), "{said}: {:?}", done.refused);
    }
    assert!(!house.folder.path().join("escape.md").exists() && !Path::new("/absolute.md").exists());
    let broken = house.folder.path().join("broken.zip");
    fs::write(&broken, "no archive").unwrap();
    let error = house.app.import_plan(ask(library, zipped(&broken), "")).unwrap_err();
    assert!(error.message.contains("is no zip archive"), "{error}");
}

#[test]
fn a_repository_is_fetched_with_git_and_nothing_of_it_is_run() {
    let house = House::new();
    let library = house.add();
    let repository = house.folder.path().join("repository");
    let ran = house.folder.path().join("ran");
    fs::create_dir(&repository).unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments);
        assert!(command.current_dir(&repository).status().unwrap().success(), "{arguments:?}");
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    fs::write(repository.join("a.md"), "# From git\r\n").unwrap();
    fs::write(repository.join(".gitattributes"), "*.md filter=evil\n").unwrap();
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=one"]);
    let hook = repository.join(".git/hooks/post-checkout");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\ntouch {}\n", ran.display())).unwrap();
    let url = format!("file://{}", repository.display());
    let from = ImportFrom::Git { url };
    let plan = house.app.import_plan(ask(library, from.clone(), "")).unwrap();
    assert_eq!((plan.files, plan.runbooks), (vec!["a.md".to_owned()], 1));
    let done = house.app.import(ask(library, from, "")).unwrap();
    assert_eq!(done.written, ["a.md"]);
    assert_eq!(fs::read(house.library.join("a.md")).unwrap(), b"# From git\r\n");
    assert!(!ran.exists());
    let nowhere = ImportFrom::Git { url: format!("file://{}/nowhere", house.folder.path().display()) };
    let error = house.app.import_plan(ask(library, nowhere, "")).unwrap_err();
    assert!(error.message.contains("git says"), "{error}");
    let refused = ImportFrom::Git { url: "ext::sh -c evil".to_owned() };
    assert_eq!(house.app.import_plan(ask(library, refused, "")).unwrap_err().code, ErrorCode::BadInput);
}

#[test]
fn a_place_or_source_that_makes_no_sense_is_refused() {
    let house = House::new();
    house.write("a.md", "# A\n");
    let library = house.add();
    let source = source(&house);
    for (from, into, says) in [
        (folder(&house.library), "", "lie in each other"),
        (folder(house.folder.path()), "", "lie in each other"),
        (folder(&source.join("disk.md")), "", "is a file"),
        (folder(&source), "../out", "no path within"),
        (folder(&source), ".hidden", "would not be shown"),
        (zipped(&house.folder.path().join("nowhere.zip")), "", "There is no"),
    ] {
        let error = house.app.import_plan(ask(library, from.clone(), into)).unwrap_err();
        assert!(error.message.contains(says), "{from:?} {into}: {error}");
    }
    let empty = house.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let plan = house.app.import_plan(ask(library, folder(&empty), "")).unwrap();
    assert!(plan.refused[0].contains("no Markdown file"), "{plan:?}");
}

#[test]
fn a_fetch_that_takes_too_long_can_be_stopped() {
    let house = House::new();
    let library = house.add();
    // A remote that takes the call and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}/runbooks", silent.local_addr().unwrap());
    let error = std::thread::scope(|scope| {
        let plan = scope.spawn(|| house.app.import_plan(ask(library, ImportFrom::Git { url }, "")).unwrap_err());
        let called = silent.accept().unwrap();
        house.app.import_stop(api::commands::Nothing {}).unwrap();
        let error = plan.join().unwrap();
        drop(called);
        error
    });
    assert_eq!(error.code, ErrorCode::State);
    assert!(error.message.ends_with("it was stopped."), "{error}");
}
