//! The text of a file, its draft, and saving it.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
};

use api::{
    ErrorCode,
    commands::*,
    wire::{CompareTexts, HistoryQuery, KeepDraft, ListQuery, ListSort, Saved},
};

use crate::house::{House, argument};

fn saved(outcome: Saved) -> (String, u64) {
    match outcome {
        Saved::Saved { revision, number, notice, .. } => {
            assert_eq!(notice, None);
            (revision, number)
        }
        changed @ Saved::Changed { .. } => panic!("{changed:?}"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().display().to_string()).collect();
    names.sort();
    names
}

#[test]
fn a_text_that_was_not_touched_is_saved_byte_for_byte() {
    let house = House::new();
    for (name, bytes) in [
        ("crlf.md", &b"\xef\xbb\xbf# A\r\n\r\nb\n\rc"[..]),
        ("latin.md", b"# Caf\xe9 \xff\xfe\xc3\n"),
        ("empty.md", b""),
        ("odd.md", "~~~\n\u{2028}\u{feff} 😀\u{85}".as_bytes()),
    ] {
        let file = house.put(name, bytes);
        let source = house.source(&file);
        let text = format!("{}!", source.text);
        saved(house.save(&file, source.revision.as_deref(), &text).unwrap());
        assert_eq!(fs::read(&file).unwrap(), [bytes, b"!"].concat(), "{name}");
    }
    assert_eq!(house.source(&house.library.join("crlf.md")).line_end, "\r\n");
}

#[test]
fn a_file_that_cannot_be_told_from_its_text_is_not_saved() {
    let house = House::new();
    let file = house.put("private.md", "a \u{10ff85} b");
    let source = house.source(&file);
    assert!(source.read_only.unwrap().contains("U+10FF80"));
    let error = house.save(&file, source.revision.as_deref(), "a").unwrap_err();
    assert!(error.message.contains("edit it in another program"), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "a \u{10ff85} b");
}

#[test]
fn saving_keeps_the_mode_notes_the_revision_and_refreshes_the_list() {
    let house = House::new();
    let file = house.put("a.md", "# One\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    house.app.library_rescan(Nothing {}).unwrap();
    let source = house.source(&file);
    assert_eq!((source.relative.as_str(), source.trusted, source.revisions), ("a.md", true, 1));
    let keep = KeepDraft { path: source.path.clone(), base: source.revision.clone(), text: "# Tw".to_owned() };
    house.app.draft_keep(keep).unwrap();
    let (revision, number) = saved(house.save(&file, source.revision.as_deref(), "# Two\n").unwrap());
    assert_eq!(number, 2, "what was there before is kept too");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(
        house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows[0].title,
        "Two"
    );
    let source = house.source(&file);
    assert_eq!((source.revision, source.revisions), (Some(revision), 2));
    assert!(source.draft.is_none(), "the draft was saved");
    assert_eq!(names(&house.library), ["a.md"], "nothing is left beside it");
}

#[test]
fn a_new_file_gets_the_mode_that_other_programs_would_give_it() {
    let house = House::new();
    let like = house.put("like.md", "");
    let file = house.library.join("new.md");
    assert_eq!(saved(house.save(&file, None, "# New\n").unwrap()).1, 1);
    assert_eq!(fs::metadata(&file).unwrap().mode(), fs::metadata(&like).unwrap().mode());
    assert!(
        house
            .app
            .library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() })
            .unwrap()
            .rows
            .iter()
            .any(|row| row.title == "New")
    );
}

#[test]
fn saving_again_what_is_there_is_no_change() {
    let house = House::new();
    let file = house.put("a.md", "a");
    let base = house.source(&file).revision;
    let first = saved(house.save(&file, base.as_deref(), "b").unwrap());
    let inode = fs::metadata(&file).unwrap().ino();
    assert_eq!(saved(house.save(&file, base.as_deref(), "b").unwrap()), first, "the answer to the first was lost");
    assert_eq!(fs::metadata(&file).unwrap().ino(), inode);
}

#[test]
fn what_changed_on_disk_is_never_overwritten() {
    let house = House::new();
    let file = house.put("a.md", "a\n");
    let base = house.source(&file).revision;
    for (base, theirs) in [(base.as_deref(), Some("theirs\n")), (None, Some("theirs\n")), (base.as_deref(), None)] {
        match theirs {
            Some(theirs) => fs::write(&file, theirs).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let outcome = house.save(&file, base, "mine\n").unwrap();
        let Saved::Changed { revision, theirs: told, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(told, theirs.unwrap_or_default());
        assert_eq!(revision.is_some(), theirs.is_some());
        assert_eq!(fs::read_to_string(&file).ok().as_deref(), theirs);
        let draft = house.app.drafts(Nothing {}).unwrap();
        assert_eq!(draft.len(), 1, "what was typed is kept");
        house.app.draft_drop(argument(&file)).unwrap();
    }
}

#[test]
fn what_is_set_aside_stays_in_the_history_under_what_the_file_holds() {
    let house = House::new();
    let file = house.put("a.md", "a\n");
    let base = house.source(&file).revision;
    fs::write(&file, "theirs\n").unwrap();
    house.save(&file, base.as_deref(), "mine\n").unwrap();
    let path = file.display().to_string();
    house.app.set_aside(KeepDraft { path: path.clone(), base, text: "mine\n".to_owned() }).unwrap();
    assert!(house.source(&file).draft.is_none());
    let rows = house.app.history(HistoryQuery { path: path.clone(), offset: 0, limit: 9 }).unwrap().rows;
    let texts: Vec<String> = rows
        .iter()
        .map(|row| {
            let against =
                CompareTexts { path: path.clone(), from: row.revision.clone(), to: None, text: Some(String::new()) };
            house.app.compare(against).unwrap().removed.to_string() + " " + &row.message.clone().unwrap_or_default()
        })
        .collect();
    assert_eq!(rows.first().map(|row| row.revision.clone()), house.source(&file).revision, "{texts:?}");
    assert!(texts.contains(&"1 Set aside, never saved".to_owned()), "{texts:?}");
}

#[test]
fn changes_that_do_not_touch_are_given_in_one_text() {
    let house = House::new();
    let file = house.put("a.md", "one\r\ntwo\r\nthree\r\n");
    let base = house.source(&file).revision;
    for (theirs, mine, expected, places) in [
        ("ONE\r\ntwo\r\nthree\r\n", "one\r\ntwo\r\nTHREE\r\n", Some("ONE\r\ntwo\r\nTHREE\r\n"), 0),
        ("ONE\r\ntwo\r\nthree\r\n", "1\r\ntwo\r\nthree\r\n", None, 1),
    ] {
        fs::write(&file, theirs).unwrap();
        let outcome = house.save(&file, base.as_deref(), mine).unwrap();
        let Saved::Changed { revision, merged, conflicts, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((merged.as_deref(), conflicts), (expected, places));
        if let Some(merged) = merged {
            saved(house.save(&file, revision.as_deref(), &merged).unwrap());
        }
    }
}

#[test]
fn a_draft_survives_the_program_and_its_file() {
    let house = House::new();
    let file = house.put("a.md", "# A\n");
    let base = house.source(&file).revision;
    let path = file.display().to_string();
    let keep = |text: &str| KeepDraft { path: path.clone(), base: base.clone(), text: text.to_owned() };
    house.app.draft_keep(keep("# Ab\n")).unwrap();
    house.app.draft_keep(keep("# Abc\r\n\u{10ffff}")).unwrap();
    let house = house.again();
    let draft = house.source(&file).draft.unwrap();
    assert_eq!((draft.text.as_str(), draft.file_changed), ("# Abc\r\n\u{10ffff}", false));
    fs::write(&file, "# Other\n").unwrap();
    assert!(house.source(&file).draft.unwrap().file_changed);
    fs::remove_file(&file).unwrap();
    let source = house.source(&file);
    assert_eq!((source.revision.as_deref(), source.text.as_str(), source.line_end.as_str()), (None, "", "\r\n"));
    let rows = house.app.drafts(Nothing {}).unwrap();
    assert_eq!((rows[0].path.as_str(), rows[0].title.as_str()), (source.path.as_str(), "Abc"));
    saved(house.save(&file, None, &source.draft.unwrap().text).unwrap());
    assert_eq!(fs::read(&file).unwrap(), b"# Abc\r\n\xff");
    assert!(house.app.drafts(Nothing {}).unwrap().is_empty());
}

#[test]
fn a_link_inside_the_library_is_followed_and_one_that_leads_out_is_refused() {
    let house = House::new();
    let file = house.put("deep/a.md", "a");
    symlink("deep/a.md", house.library.join("link.md")).unwrap();
    let source = house.source(&house.library.join("link.md"));
    assert_eq!(source.path, file.display().to_string());
    saved(house.save(&house.library.join("link.md"), source.revision.as_deref(), "b").unwrap());
    assert!(fs::symlink_metadata(house.library.join("link.md")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), "b");

    let outside = house.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("o.md"), "o").unwrap();
    symlink(outside.join("o.md"), house.library.join("out.md")).unwrap();
    symlink(&outside, house.library.join("elsewhere")).unwrap();
    symlink(outside.join("none.md"), house.library.join("dangling.md")).unwrap();
    for (name, base) in
        [("out.md", true), ("elsewhere/o.md", true), ("elsewhere/new.md", false), ("dangling.md", false)]
    {
        let link = house.library.join(name);
        let base = base.then(|| {
            let source = house.source(&link);
            assert!(source.read_only.unwrap().contains("leads out"), "{name}");
            source.revision.unwrap()
        });
        let error = house.save(&link, base.as_deref(), "x").unwrap_err();
        assert_eq!(error.code, ErrorCode::File, "{name}: {error}");
        assert!(error.message.contains("lead"), "{name}: {error}");
    }
    assert_eq!(names(&outside), ["o.md"]);
    assert_eq!(fs::read_to_string(outside.join("o.md")).unwrap(), "o");
}

#[test]
fn only_markdown_files_of_the_library_are_written() {
    let house = House::new();
    let outside = house.folder.path().join("outside.md");
    fs::write(&outside, "o").unwrap();
    assert!(house.source(&outside).read_only.unwrap().contains("add its folder"));
    for (file, says) in [
        (outside, "is in no folder of the library"),
        (house.library.join("run.sh"), "is no Markdown file"),
        (house.library.join("gone/a.md"), "is gone"),
        (house.library.join("../outside.md"), "leads out of the folder"),
    ] {
        let error = house.save(&file, None, "x").unwrap_err();
        assert!(error.message.contains(says), "{error}");
        assert!(error.message.contains("kept as a draft"), "{error}");
    }
    assert_eq!(house.save(Path::new("a.md"), None, "x").unwrap_err().code, ErrorCode::BadInput);
}

#[test]
fn what_no_runbook_holds_is_refused() {
    let house = House::new();
    let file = house.library.join("a.md");
    for (text, says) in [("a\0b".to_owned(), "NUL"), ("a".repeat(16 * 1024 * 1024 + 1), "16 MiB")] {
        assert!(house.save(&file, None, &text).unwrap_err().message.contains(says));
    }
    assert!(!file.exists());
}
