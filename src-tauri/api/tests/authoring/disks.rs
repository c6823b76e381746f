//! Saving where the system does not let one: read-only and full disks, mounts, folders that went, names that are no text.
//!
//! Whatever stands in the way is said in a sentence, what was typed is a draft, the file keeps its bytes, and nothing is
//! left beside it.

use std::{
    env,
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::symlink},
    path::Path,
    process::{Command, Output},
};

use api::{
    commands::*,
    wire::{ListQuery, Saved},
};

use crate::house::House;

/// Set for the process of a test that has mounts of its own.
const APART: &str = "ALLGOOD_TEST_MOUNTS";

/// Whether this is the process with mounts of its own. Else starts the test of that name again as one, and waits for it.
fn apart(test: &str) -> bool {
    if env::var_os(APART).is_some() {
        return true;
    }
    let program = env::current_exe().unwrap();
    let again = |prefix: &[&str]| -> Output {
        let (first, rest) = prefix.split_first().unwrap();
        let mut command = Command::new(first);
        command.args(rest).arg(&program).args(["--exact", test, "--nocapture"]).env(APART, "1").output().unwrap()
    };
    // As anybody, in a namespace of users; where the system allows none, as root.
    let mut answer = again(&["unshare", "--map-root-user", "--mount"]);
    if String::from_utf8_lossy(&answer.stderr).contains("unshare: ") {
        let keep = format!("--preserve-env={APART}");
        answer = again(&["sudo", "-n", &keep, "unshare", "--mount"]);
    }
    let told = format!("{}{}", String::from_utf8_lossy(&answer.stdout), String::from_utf8_lossy(&answer.stderr));
    assert!(answer.status.success() && told.contains("1 passed"), "a test with mounts of its own: {told}");
    false
}

fn mount(arguments: &[&OsStr]) {
    let answer = Command::new("mount").args(arguments).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
}

/// A disk in memory of so many KiB.
fn disk(place: &Path, size: u32) {
    let size = format!("size={size}k,mode=755");
    mount(&["-t".as_ref(), "tmpfs".as_ref(), "-o".as_ref(), size.as_ref(), "tmpfs".as_ref(), place.as_os_str()]);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().display().to_string()).collect();
    names.sort();
    names
}

/// A save that is refused with these words, and loses nothing.
fn refused(house: &House, file: &Path, base: Option<&str>, typed: &str, says: &str) {
    let folder = file.parent().unwrap();
    let before = (fs::read(file).ok(), folder.is_dir().then(|| names(folder)));
    let error = house.save(file, base, typed).unwrap_err();
    assert!(error.message.contains(says), "{says}: {error}");
    assert!(error.message.contains("What was typed is kept as a draft."), "{error}");
    let drafts = house.app.drafts(Nothing {}).unwrap();
    assert_eq!(drafts.len(), 1, "{error}");
    let draft = house.app.source(PathArgument { path: drafts[0].path.clone() }).unwrap().draft.unwrap();
    assert_eq!((draft.text.as_str(), draft.base.as_deref()), (typed, base), "{error}");
    let after = (fs::read(file).ok(), folder.is_dir().then(|| names(folder)));
    assert_eq!(after, before, "{error}");
    house.app.draft_drop(PathArgument { path: drafts[0].path.clone() }).unwrap();
}

fn saved(outcome: &Saved) {
    assert!(matches!(outcome, Saved::Saved { notice: None, .. }), "{outcome:?}");
}

#[test]
fn on_a_disk_that_is_read_only_nothing_is_saved_and_nothing_lost() {
    if !apart("disks::on_a_disk_that_is_read_only_nothing_is_saved_and_nothing_lost") {
        return;
    }
    let house = House::new();
    disk(&house.library, 64);
    let file = house.put("a.md", "# A\n");
    let base = house.source(&file).revision;
    mount(&["-o".as_ref(), "remount,ro".as_ref(), house.library.as_os_str()]);
    assert!(house.source(&file).read_only.unwrap().contains("read-only"));
    refused(&house, &file, base.as_deref(), "# B\n", "a.md is read-only");
    refused(&house, &house.library.join("new.md"), None, "# New\n", "is read-only");
    mount(&["-o".as_ref(), "remount,rw".as_ref(), house.library.as_os_str()]);
    saved(&house.save(&file, base.as_deref(), "# B\n").unwrap());
}

#[test]
fn on_a_full_disk_nothing_is_saved_and_nothing_lost() {
    if !apart("disks::on_a_full_disk_nothing_is_saved_and_nothing_lost") {
        return;
    }
    let house = House::new();
    disk(&house.library, 256);
    let file = house.put("a.md", "old\n".repeat(8_000));
    let base = house.source(&file).revision;
    let typed = "typed\n".repeat(20_000);
    fs::write(house.library.join("filler"), vec![0; 192 * 1024]).unwrap();
    refused(&house, &file, base.as_deref(), &typed, "there is no space left");
    refused(&house, &house.library.join("new.md"), None, &typed, "there is no space left");
    fs::remove_file(house.library.join("filler")).unwrap();
    saved(&house.save(&file, base.as_deref(), &typed).unwrap());
    assert_eq!(names(&house.library), ["a.md"]);
}

#[test]
fn a_save_stays_on_the_disk_that_the_file_is_on() {
    if !apart("disks::a_save_stays_on_the_disk_that_the_file_is_on") {
        return;
    }
    let house = House::new();
    let inner = house.library.join("inner");
    fs::create_dir(&inner).unwrap();
    disk(&inner, 64);
    let file = house.put("inner/a.md", "# A\n");
    let link = house.library.join("link.md");
    symlink("inner/a.md", &link).unwrap();
    for (path, text) in [(&file, "# B\n"), (&link, "# C\n")] {
        let base = house.source(path).revision;
        saved(&house.save(path, base.as_deref(), text).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    saved(&house.save(&inner.join("new.md"), None, "# New\n").unwrap());
    assert_eq!(names(&inner), ["a.md", "new.md"]);
    assert_eq!(names(&house.library), ["inner", "link.md"]);
}

#[test]
fn a_file_that_is_mounted_by_itself_is_not_replaced() {
    if !apart("disks::a_file_that_is_mounted_by_itself_is_not_replaced") {
        return;
    }
    let house = House::new();
    let file = house.put("a.md", "below\n");
    let other = house.folder.path().join("other.md");
    fs::write(&other, "mounted\n").unwrap();
    mount(&["--bind".as_ref(), other.as_os_str(), file.as_os_str()]);
    let base = house.source(&file).revision;
    refused(&house, &file, base.as_deref(), "typed\n", "mounted at this very file");
    assert_eq!(fs::read_to_string(&other).unwrap(), "mounted\n");
}

#[test]
fn where_the_folder_went_nothing_is_saved_and_nothing_lost() {
    let house = House::new();
    let file = house.put("team/a.md", "# A\n");
    let base = house.source(&file).revision;
    fs::rename(house.library.join("team"), house.library.join("away")).unwrap();
    let outcome = house.save(&file, base.as_deref(), "# B\n").unwrap();
    assert!(matches!(outcome, Saved::Changed { revision: None, .. }), "{outcome:?}");
    assert_eq!(house.app.drafts(Nothing {}).unwrap().len(), 1);
    house.app.draft_drop(PathArgument { path: file.display().to_string() }).unwrap();
    refused(&house, &file, None, "# B\n", "is gone");
    assert!(!house.library.join("team").exists(), "no folder comes back");
    assert_eq!(fs::read_to_string(house.library.join("away/a.md")).unwrap(), "# A\n");
    // The whole library, as when its disk is taken away.
    let away = house.folder.path().join("away");
    fs::rename(&house.library, &away).unwrap();
    refused(&house, &house.library.join("b.md"), None, "# B\n", "is gone");
    fs::rename(&away, &house.library).unwrap();
}

#[test]
fn a_name_that_is_no_utf_8_is_said_to_be_so_and_nothing_is_written_beside_it() {
    let house = House::new();
    let names_of = [&b"caf\xe9.md"[..], b"caf\xe9/a.md"];
    for name in names_of {
        let file = house.library.join(OsStr::from_bytes(name));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "# Caf\n").unwrap();
        house.app.library_rescan(Nothing {}).unwrap();
        let rows = house.app.library_list(ListQuery::default()).unwrap().rows;
        assert!(rows[0].problem.as_deref().unwrap().contains("not UTF-8"), "{rows:?}");
        let shown = Path::new(&rows[0].path);
        let error = house.app.source(PathArgument { path: rows[0].path.clone() }).unwrap_err();
        assert!(error.message.contains("no UTF-8"), "{error}");
        for base in [None, Some("0".repeat(64))] {
            refused(&house, shown, base.as_deref(), "# Mine\n", "no UTF-8");
        }
        assert_eq!(fs::read(&file).unwrap(), b"# Caf\n");
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_link_that_cannot_be_followed_is_not_saved_through() {
    let house = House::new();
    let outside = house.folder.path().join("outside.md");
    fs::write(&outside, "outside\n").unwrap();
    symlink(&outside, house.library.join("out.md")).unwrap();
    symlink("round.md", house.library.join("round.md")).unwrap();
    symlink("none.md", house.library.join("nowhere.md")).unwrap();
    for (name, says) in [("out.md", "leads out"), ("round.md", "symbolic link"), ("nowhere.md", "leads nowhere")] {
        refused(&house, &house.library.join(name), None, "typed\n", says);
        assert!(fs::symlink_metadata(house.library.join(name)).unwrap().is_symlink(), "{name}");
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "outside\n");
}
