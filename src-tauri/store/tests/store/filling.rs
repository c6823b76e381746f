//! Much that is indexed at once.

use crate::{
    fixture::{AT, Home},
    library::{entry, text},
};

#[test]
fn more_runbooks_are_indexed_at_once_than_a_search_table_has_room_for_pieces() {
    let home = Home::new();
    let folder = home.folder.path().join("books");
    std::fs::create_dir(&folder).unwrap();
    let id = home.store.add_library(&folder, "books", AT).unwrap().id;
    home.store.begin_filling().unwrap();
    assert!(home.store.is_filling().unwrap());
    let all: Vec<_> = (0..2_300)
        .map(|number| {
            let mut entry = entry(&format!("{number}.md"), &format!("Runbook {number}"));
            // As the check finds them: kept by statements that may be taken back.
            entry.codes = vec![("no-rollback".to_owned(), 1), ("placeholder".to_owned(), 2)];
            (entry, text(&format!("apples and pears {number}")))
        })
        .collect();
    for some in all.chunks(1_000) {
        home.store.index(id, some).unwrap();
    }
    // Once more: every one is replaced.
    for some in all.chunks(1_000) {
        home.store.index(id, some).unwrap();
    }
    home.store.tidy_index().unwrap();
    assert!(!home.store.is_filling().unwrap());
    assert_eq!(home.store.search("2299", 9).unwrap().len(), 1);
    assert_eq!(home.store.search("apples", 5_000).unwrap().len(), 2_300);
}
