//! A change outside is in the index and told, whatever makes it.

use std::{fs, path::Path};

use api::{
    commands::*,
    wire::{LibraryFolder, ListQuery, ListSort, News},
};

use super::house::{House, path};

/// A house whose library is followed, with one runbook that has been read.
fn followed() -> (House, super::house::Listening) {
    let house = House::new();
    house.write("first.md", "# First\n");
    let listening = house.listen();
    house.app.follow().unwrap();
    house.add();
    listening.until("the first file is read", || house.titles() == ["First"]);
    (house, listening)
}

#[test]
fn a_file_that_is_written_changed_or_removed_outside_is_followed() {
    let (house, listening) = followed();
    let file = house.write("second.md", "# Second\n");
    listening.until("a new file appears", || house.titles() == ["First", "Second"]);
    fs::write(&file, "# Another title\n").unwrap();
    listening.until("a change appears", || house.titles() == ["First", "Another title"]);
    fs::remove_file(&file).unwrap();
    listening.until("a removed file goes", || house.titles() == ["First"]);
}

#[test]
fn a_file_saved_by_an_editor_beside_it_and_renamed_over_it_is_followed() {
    let (house, listening) = followed();
    let temporary = house.library.join(".first.md.swp");
    fs::write(&temporary, "# Saved by an editor\n").unwrap();
    fs::rename(&temporary, house.library.join("first.md")).unwrap();
    listening.until("the new text appears", || house.titles() == ["Saved by an editor"]);
}

#[test]
fn folders_that_come_move_and_go_are_followed_with_all_that_is_in_them() {
    let (house, listening) = followed();
    let elsewhere = house.folder.path().join("elsewhere");
    fs::create_dir_all(elsewhere.join("deep/deeper")).unwrap();
    fs::write(elsewhere.join("deep/deeper/moved.md"), "# Moved in\n").unwrap();
    fs::rename(elsewhere.join("deep"), house.library.join("deep")).unwrap();
    listening.until("a folder that was moved in appears", || house.titles() == ["Moved in", "First"]);

    // The new folder is watched itself.
    fs::write(house.library.join("deep/deeper/later.md"), "# Written later\n").unwrap();
    listening.until("a file in it appears", || house.titles().contains(&"Written later".to_owned()));

    fs::rename(house.library.join("deep"), house.library.join("other")).unwrap();
    listening.until("the new name appears", || {
        let rows = house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows;
        let paths: Vec<&str> = rows.iter().map(|row| row.relative.as_str()).collect();
        paths == ["first.md", "other/deeper/later.md", "other/deeper/moved.md"]
    });
    fs::write(house.library.join("other/deeper/later.md"), "# Written again\n").unwrap();
    listening.until("a file under its new name is followed", || house.titles().contains(&"Written again".to_owned()));

    fs::remove_dir_all(house.library.join("other")).unwrap();
    listening.until("what was in it goes", || house.titles() == ["First"]);
}

#[test]
fn the_end_of_a_reading_is_told_when_everything_is_counted() {
    let (house, listening) = followed();
    let ends = |wanted: &LibraryFolder| {
        let is = |news: &News| match news {
            News::Read { library, reading } => *library == wanted.id && *reading >= wanted.reading,
            _ => false,
        };
        while wanted.reading.is_some() && !is(&listening.next()) {}
    };
    for number in 0..400 {
        house.write(&format!("many/{number}.md"), format!("# Number {number}\n"));
    }
    let early = house.app.library_rescan(Nothing {}).unwrap().remove(0);
    ends(&early);
    let folder = house.app.library_folders(Nothing {}).unwrap().remove(0);
    assert_eq!(folder.runbooks, 401, "first answer: {early:?}");

    // Nothing is different now, and the end is told all the same.
    ends(&house.app.library_rescan(Nothing {}).unwrap().remove(0));

    // Nobody waits for a folder that was taken off.
    house.app.library_rescan(Nothing {}).unwrap();
    house.app.library_remove(IdArgument { id: early.id }).unwrap();
    while !matches!(listening.next(), News::Read { reading: None, .. }) {}
}

#[test]
fn a_checkout_of_thousands_of_files_is_followed() {
    let (house, listening) = followed();
    for number in 0..3_000 {
        house.write(&format!("many/{}/{number}.md", number % 30), format!("# Number {number}\n"));
    }
    listening.until("all are there", || house.app.app_state(Nothing {}).unwrap().runbooks == 3_001);
    fs::remove_dir_all(house.library.join("many")).unwrap();
    listening.until("all are gone", || house.app.app_state(Nothing {}).unwrap().runbooks == 1);
}

#[test]
fn a_folder_that_goes_away_keeps_its_rows_with_a_reason_and_is_read_again_when_it_is_back() {
    let (house, listening) = followed();
    let away = house.folder.path().join("away");
    let problem = || house.app.library_folders(Nothing {}).unwrap()[0].problem.clone();
    fs::rename(&house.library, &away).unwrap();
    listening.until("it says that it is away", || problem().is_some_and(|why| why.contains("mount what it is on")));
    assert_eq!(house.titles(), ["First"]);

    fs::write(away.join("second.md"), "# Second\n").unwrap();
    fs::rename(&away, &house.library).unwrap();
    listening.until("it is read again", || house.titles() == ["First", "Second"]);
    assert_eq!(problem(), None);
    house.write("third.md", "# Third\n");
    listening.until("it is followed again", || house.titles() == ["First", "Second", "Third"]);
}

#[test]
fn what_the_librarys_file_leaves_out_goes_at_once() {
    let (house, listening) = followed();
    house.write("archive/old.md", "# Old\n");
    listening.until("it is there first", || house.titles() == ["Old", "First"]);
    house.write("allgood.toml", "[library]\nignore = [\"archive/\"]\n");
    listening.until("it is left out", || house.titles() == ["First"]);
    fs::remove_file(house.library.join("allgood.toml")).unwrap();
    listening.until("it is back", || house.titles() == ["Old", "First"]);
}

#[test]
fn a_large_folder_tells_how_far_it_is_read_and_that_it_is_over() {
    let house = House::new();
    for number in 0..1_500 {
        house.write(&format!("{number}.md"), format!("# Number {number}\n"));
    }
    house.app.follow().unwrap();
    let listening = house.listen();
    house.add();
    let (mut told, mut over) = (Vec::new(), false);
    while !over {
        if let News::Work { done, total, over: ended, title, .. } = listening.next() {
            assert_eq!(title, "Reading library");
            assert!(done <= total, "{done} of {total}");
            told.push(done);
            over = ended;
        }
    }
    assert_eq!(told.last(), Some(&1_500));
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(house.app.app_state(Nothing {}).unwrap().runbooks, 1_500);
}

#[test]
fn who_listens_no_more_is_told_no_more() {
    let (house, listening) = followed();
    house.app.news_unwatch(WatchArgument { watch: listening.watch }).unwrap();
    let again = house.app.news_unwatch(WatchArgument { watch: listening.watch }).unwrap_err();
    assert!(again.message.contains("Nobody listens"), "{again}");
    let other = house.listen();
    house.write("second.md", "# Second\n");
    other.until("another listener is told", || house.titles() == ["First", "Second"]);
    let told = listening.rest();
    let second = |news: &News| matches!(news, News::Library { paths, .. } if paths.iter().any(|path| path.ends_with("second.md")));
    assert!(!told.iter().any(second), "{told:?}");
}

#[test]
fn a_start_with_a_library_shows_what_the_index_has_before_anything_is_read() {
    let house = House::new();
    house.write("first.md", "# First\n");
    house.add();
    let house = house.reopen();
    house.write("second.md", "# Second\n");
    assert_eq!(house.titles(), ["First"], "the index, as it was");
    let listening = house.listen();
    house.app.follow().unwrap();
    listening.until("what changed meanwhile", || house.titles() == ["First", "Second"]);
}

#[test]
fn a_folder_that_is_taken_off_the_library_is_followed_no_more() {
    let (house, listening) = followed();
    let id = house.app.library_folders(Nothing {}).unwrap()[0].id;
    house.app.library_remove(IdArgument { id }).unwrap();
    let other = house.folder.path().join("other");
    fs::create_dir(&other).unwrap();
    house.app.library_add(path(&other)).unwrap();
    house.write("second.md", "# Second\n");
    fs::write(other.join("third.md"), "# Third\n").unwrap();
    listening.until("the other folder is followed", || house.titles() == ["Third"]);
    assert!(Path::new(&house.library).join("second.md").exists());
}

#[test]
fn the_nearest_library_file_holds_for_what_is_below_it_as_it_comes_changes_and_goes() {
    let (house, listening) = followed();
    let text = "---\nparams:\n  who: { default: nobody }\n---\n# Greet\n\n## Steps\n\n### Say\n\nTo {{CLUSTER}}\n";
    for name in ["team/deep/inner.md", "other/outer.md"] {
        house.write(name, text);
    }
    let errors = || {
        let rows = house.app.library_list(ListQuery::default()).unwrap().rows;
        let of = |name: &str| rows.iter().find(|row| row.relative.ends_with(name)).map(|row| row.errors);
        (of("inner.md"), of("outer.md"))
    };
    listening.until("nobody defines it", || errors() == (Some(1), Some(1)));
    let knows = "[environments.prod]\nvars = { CLUSTER = \"prd-1\" }\n";
    house.write("team/allgood.toml", knows);
    listening.until("the team's file comes", || errors() == (Some(0), Some(1)));
    house.write("allgood.toml", knows);
    listening.until("the library's file comes", || errors() == (Some(0), Some(0)));
    house.write("team/allgood.toml", "[environments.prod]\nvars = { REGION = \"eu\" }\n");
    listening.until("the nearest one holds alone", || errors() == (Some(1), Some(0)));
    house.write("team/allgood.toml", "[library]\nignore = [\"/deep\"]\n");
    listening.until("it leaves out what is below it", || errors() == (None, Some(0)));
    fs::remove_file(house.library.join("team/allgood.toml")).unwrap();
    listening.until("the library's file holds again", || errors() == (Some(0), Some(0)));
    fs::remove_file(house.library.join("allgood.toml")).unwrap();
    listening.until("nobody defines it any more", || errors() == (Some(1), Some(1)));
}
