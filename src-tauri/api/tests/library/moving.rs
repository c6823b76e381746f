//! Renaming and moving: links follow, nothing is overwritten, all of it or nothing, and the way back restores every byte.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use api::{ErrorCode, wire::*};

use super::house::House;

fn argument(house: &House, from: &str, to: &str) -> MoveArgument {
    MoveArgument { path: house.library.join(from).display().to_string(), to: to.to_owned() }
}

fn text(house: &House, path: &str) -> String {
    String::from_utf8_lossy(&fs::read(house.library.join(path)).unwrap()).into_owned()
}

/// All files of a folder with their bytes.
fn bytes_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    files
}

fn linked() -> House {
    let house = House::new();
    house.write("guide/backup.md", "# Backup\r\n\r\nSee [disk](../disk.md#full \"t\") and ![p](img/p.png).\r\n");
    house.write("guide/img/p.png", [0x89, b'P', b'N', b'G']);
    house.write(
        "disk.md",
        b"# Disk\n\n<a href='guide/backup.md'>x</a> [b](./guide/backup.md#steps) [[backup]] \xff\n",
    );
    house.write("other.md", "# Other\n\n[r][1] `guide/backup.md`\n\n[1]: guide/backup.md\n");
    house.add();
    house
}

#[test]
fn links_to_a_renamed_file_follow_and_all_other_bytes_stay() {
    let house = linked();
    let before = bytes_of(&house.library);
    let plan = house.app.runbook_move_plan(argument(&house, "guide/backup.md", "ops/save.md")).unwrap();
    assert_eq!(plan.refused, None);
    let links: Vec<(&str, u64)> = plan.links.iter().map(|link| (link.value.as_str(), link.count)).collect();
    assert_eq!(links, [("disk.md", 3), ("guide/backup.md", 1), ("other.md", 1)]);
    assert_eq!(bytes_of(&house.library), before, "a plan changes nothing");

    let moved = house.app.runbook_move(argument(&house, "guide/backup.md", "ops/save.md")).unwrap();
    assert_eq!(moved.path, house.library.join("ops/save.md").display().to_string());
    assert_eq!(
        text(&house, "ops/save.md"),
        "# Backup\r\n\r\nSee [disk](../disk.md#full \"t\") and ![p](../guide/img/p.png).\r\n"
    );
    assert_eq!(
        fs::read(house.library.join("disk.md")).unwrap(),
        b"# Disk\n\n<a href='ops/save.md'>x</a> [b](./ops/save.md#steps) [[save]] \xff\n"
    );
    assert_eq!(text(&house, "other.md"), "# Other\n\n[r][1] `guide/backup.md`\n\n[1]: ops/save.md\n");
    let page = house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap();
    let paths: Vec<&str> = page.rows.iter().map(|row| row.relative.as_str()).collect();
    assert_eq!(paths, ["disk.md", "ops/save.md", "other.md"]);

    house.app.runbook_move(argument(&house, "ops/save.md", "guide/backup.md")).unwrap();
    assert_eq!(bytes_of(&house.library), before, "moving back restores every byte");
}

#[test]
fn a_folder_moves_with_all_that_is_in_it_and_pins_go_along() {
    let house = linked();
    let before = bytes_of(&house.library);
    let pinned = house.library.join("guide/backup.md").display().to_string();
    house.app.pin(PinArgument { path: pinned, pinned: true }).unwrap();
    house.app.runbook_move(argument(&house, "guide", "manual/old guide")).unwrap();
    assert!(house.library.join("manual/old guide/img/p.png").exists() && !house.library.join("guide").exists());
    assert!(
        text(&house, "disk.md").contains("[b](./manual/old%20guide/backup.md#steps) [[backup]]"),
        "{}",
        text(&house, "disk.md")
    );
    assert!(text(&house, "manual/old guide/backup.md").contains("(../../disk.md#full \"t\") and ![p](img/p.png)"));
    let page = house.app.library_list(ListQuery { pinned: true, ..ListQuery::default() }).unwrap();
    assert_eq!(page.rows[0].relative, "manual/old guide/backup.md");
    house.app.runbook_move(argument(&house, "manual/old guide", "guide")).unwrap();
    fs::remove_dir(house.library.join("manual")).unwrap();
    assert_eq!(bytes_of(&house.library), before);
}

#[test]
fn the_way_back_keeps_what_was_written_since() {
    let house = linked();
    house.app.runbook_move(argument(&house, "guide/backup.md", "save.md")).unwrap();
    let changed = format!("{}Added since.\n", text(&house, "other.md"));
    house.write("other.md", &changed);
    house.app.runbook_move(argument(&house, "save.md", "guide/backup.md")).unwrap();
    assert!(
        text(&house, "other.md").ends_with("[1]: guide/backup.md\nAdded since.\n"),
        "{}",
        text(&house, "other.md")
    );
}

#[test]
fn what_is_no_place_for_a_file_is_refused_with_a_reason_and_nothing_is_overwritten() {
    let house = linked();
    std::os::unix::fs::symlink(house.folder.path(), house.library.join("out")).unwrap();
    let before = bytes_of(&house.library.join("guide"));
    for (from, to, says) in [
        ("guide/backup.md", "disk.md", "Nothing is overwritten"),
        ("guide/backup.md", "guide/backup.md", "has that name already"),
        ("guide/backup.md", "../escape.md", "empty parts, `.` or `..`"),
        ("guide/backup.md", "/etc/escape.md", "no path within the folder"),
        ("guide/backup.md", "", "no path within the folder"),
        ("guide/backup.md", "a//b.md", "empty parts"),
        ("guide/backup.md", ".hidden.md", "would not be shown"),
        ("guide/backup.md", "backup.txt", "no runbook any more"),
        ("guide/backup.md", "disk.md/backup.md", "is no folder"),
        ("guide/backup.md", "out/backup.md", "is no folder"),
        ("guide/backup.md", "a\nb.md", "control characters"),
        ("guide", "guide/deeper", "cannot go into itself"),
        ("guide/backup.md", &format!("{}.md", "x".repeat(300)), "too long"),
    ] {
        let plan = house.app.runbook_move_plan(argument(&house, from, to)).unwrap();
        let refused = plan.refused.unwrap();
        assert!(refused.contains(says), "{from} to {to}: {refused}");
        let error = house.app.runbook_move(argument(&house, from, to)).unwrap_err();
        assert_eq!((error.code, error.message), (ErrorCode::BadInput, refused));
    }
    assert_eq!(bytes_of(&house.library.join("guide")), before);
    let gone = house.app.runbook_move(argument(&house, "nowhere.md", "a.md")).unwrap_err();
    assert_eq!(gone.code, ErrorCode::NotFound);
    let whole = house.app.runbook_move(argument(&house, "", "a")).unwrap_err();
    assert!(whole.message.contains("is a folder of the library itself"), "{whole}");
}

#[test]
fn where_the_file_cannot_get_its_name_the_links_are_taken_back() {
    let house = linked();
    let before = bytes_of(&house.library);
    // Each name fits, all of them together fit into no path: the system says so after the links were edited.
    let deep = format!("{}save.md", format!("{}/", "x".repeat(250)).repeat(17));
    let error = house.app.runbook_move(argument(&house, "guide/backup.md", &deep)).unwrap_err();
    assert!(error.message.contains("Nothing was changed"), "{error}");
    assert_eq!(bytes_of(&house.library), before);
    assert_eq!(fs::read_dir(house.folder.path().join("data/moves")).unwrap().count(), 0, "its record is gone too");
}

#[test]
fn over_other_peoples_runbooks_moving_there_and_back_restores_every_byte() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/openshift");
    assert!(corpus.is_dir(), "{} is missing: the runbooks of other people that this is tried on", corpus.display());
    let house = House::new();
    for (path, bytes) in bytes_of(&corpus) {
        house.write(path.strip_prefix(&corpus).unwrap().to_str().unwrap(), bytes);
    }
    house.add();
    let before = bytes_of(&house.library);
    let page =
        house.app.library_list(ListQuery { limit: 500, sort: ListSort::Path, ..ListQuery::default() }).unwrap();
    let files: Vec<String> = page.rows.into_iter().map(|row| row.relative).collect();
    let folders: std::collections::BTreeSet<&str> =
        files.iter().filter_map(|file| file.rsplit_once('/')).map(|(folder, _)| folder).collect();
    let mut followed = 0;
    let moves = folders.iter().map(|folder| ((*folder).to_owned(), format!("moved/to a {}", folder.len())));
    let single = files.iter().step_by(5).map(|file| (file.clone(), format!("moved/{}.md", file.len())));
    for (from, to) in moves.chain(single) {
        let there = house.app.runbook_move(argument(&house, &from, &to)).unwrap();
        followed += there.links.len();
        house.app.runbook_move(argument(&house, &to, &from)).unwrap();
        fs::remove_dir(house.library.join("moved")).unwrap();
    }
    assert!(followed > 20, "only {followed} files had links that follow");
    let after = bytes_of(&house.library);
    let changed: Vec<_> = before.iter().filter(|(path, bytes)| after.get(*path) != Some(*bytes)).collect();
    assert!(
        changed.is_empty() && after.len() == before.len(),
        "{:?}",
        changed.iter().map(|(path, _)| path).collect::<Vec<_>>()
    );
}
