//! The bin and new folders.

use std::fs;

use api::{ErrorCode, wire::*};

use super::house::{House, path};

#[test]
fn a_runbook_that_is_taken_away_goes_to_the_bin_and_leaves_the_list() {
    let house = House::new();
    let file = house.write("deep/gone for now.md", "# Gone\n");
    house.write("stays.md", "# Stays\n");
    house.add();
    // Where this machine has a bin for that place it is found there, and nowhere else is anything removed.
    match house.app.runbook_bin(path(&file)) {
        Ok(()) => {
            assert!(!file.exists());
            assert_eq!(house.titles(), ["Stays"]);
            let binned = trash::os_limited::list().unwrap().into_iter();
            let own: Vec<_> = binned.filter(|item| item.original_path() == file).collect();
            assert_eq!(own.len(), 1, "it is in the bin");
            fs::write(&file, "# Another\n").unwrap();
            let taken = house.app.runbook_unbin(path(&file)).unwrap_err();
            assert!(taken.message.contains("stays in the bin"), "{taken}");
            fs::remove_file(&file).unwrap();
            house.app.runbook_unbin(path(&file)).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), "# Gone\n");
            assert_eq!(house.titles(), ["Gone", "Stays"], "it is in the list again");
            fs::remove_file(&file).unwrap();
            let empty = house.app.runbook_unbin(path(&file)).unwrap_err();
            assert_eq!(empty.code, ErrorCode::NotFound, "{empty}");
        }
        Err(error) => {
            assert!(error.message.contains("It is still there"), "{error}");
            assert!(file.exists());
        }
    }
}

#[test]
fn only_what_lies_in_the_library_goes_to_the_bin() {
    let house = House::new();
    house.write("a.md", "# A\n");
    house.add();
    let outside = house.folder.path().join("outside.md");
    fs::write(&outside, "# Outside\n").unwrap();
    for (place, code) in [
        (&outside, ErrorCode::BadInput),
        (&house.library, ErrorCode::BadInput),
        (&house.library.join("no.md"), ErrorCode::NotFound),
    ] {
        assert_eq!(house.app.runbook_bin(path(place)).unwrap_err().code, code, "{}", place.display());
    }
    assert!(outside.exists());
}

#[test]
fn a_folder_is_made_within_the_library_only() {
    let house = House::new();
    let library = house.add();
    let make = |relative: &str| house.app.folder_create(FolderArgument { library, relative: relative.to_owned() });
    make("guides/backup").unwrap();
    assert!(house.library.join("guides/backup").is_dir());
    for relative in ["guides/backup", "../out", "/tmp/out", ".hidden", "a/../b", ""] {
        assert_eq!(make(relative).unwrap_err().code, ErrorCode::BadInput, "{relative}");
    }
}
