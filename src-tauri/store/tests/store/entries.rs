//! Access entries: everything but their secrets.

use std::{fs, path::Path};

use store::{AccessEntry, ErrorKind, SecretField, Store};

use crate::fixture::{AT, Home};

fn entry(id: &str, name: &str) -> AccessEntry {
    AccessEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: "ssh".to_owned(),
        group: Some("web".to_owned()),
        tags: vec!["eu".to_owned(), "prod".to_owned()],
        address: Some("web1.example.com".to_owned()),
        port: Some(2222),
        user: Some("deploy".to_owned()),
        command: Some("psql".to_owned()),
        note: Some("two\nlines".to_owned()),
        expires: Some("2027-02-20".to_owned()),
        added_at: AT.to_owned(),
        changed_at: AT.to_owned(),
        ..AccessEntry::default()
    }
}

#[test]
fn an_entry_comes_back_as_it_was_kept_with_what_stands_beside_it() {
    let home = Home::new();
    let store = &home.store;
    let mut kept = entry("1", "web1");
    store.put_access_entry(&kept).unwrap();
    store.put_access_entry(&entry("2", "Alpha")).unwrap();
    store.set_access_field("1", "password", Some("keychain"), AT).unwrap();
    store.grant_access("1", "/books", Some(AT)).unwrap();
    store.access_used("1", AT).unwrap();
    kept.fields.insert("password".to_owned(), SecretField { place: "keychain".to_owned(), set_at: AT.to_owned() });
    kept.grants.insert("/books".to_owned(), AT.to_owned());
    (kept.used_at, kept.uses) = (Some(AT.to_owned()), 1);
    assert_eq!(store.access_entry("WEB1").unwrap(), Some(kept.clone()), "whatever the case of its letters");
    assert_eq!(store.access_entries().unwrap(), [entry("2", "Alpha"), kept.clone()]);
    // What is changed of it leaves the rest.
    kept.tags = vec!["us".to_owned()];
    kept.name = "web2".to_owned();
    store.put_access_entry(&kept).unwrap();
    assert_eq!(store.access_entry("web2").unwrap(), Some(kept));
    store.set_access_field("1", "password", None, AT).unwrap();
    store.grant_access("1", "/books", None).unwrap();
    let bare = store.access_entry("web2").unwrap().unwrap();
    assert!(bare.fields.is_empty() && bare.grants.is_empty());
    store.remove_access_entry("1").unwrap();
    assert_eq!(store.access_entry("web2").unwrap(), None);
}

#[test]
fn two_entries_of_one_name_are_refused_and_of_several_none_is_kept_then() {
    let home = Home::new();
    let store = &home.store;
    store.put_access_entry(&entry("1", "web1")).unwrap();
    let error = store.put_access_entries(&[entry("2", "other"), entry("3", "Web1")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("\"web1\" already"), "{error}");
    assert_eq!(store.access_entries().unwrap().len(), 1);
}

#[test]
fn entries_of_a_damaged_store_are_recovered_and_who_may_use_them_is_asked_anew() {
    let home = Home::new();
    home.store.put_access_entry(&entry("1", "web1")).unwrap();
    home.store.set_access_field("1", "key", Some("vault"), AT).unwrap();
    home.store.grant_access("1", "/books", Some(AT)).unwrap();
    let text = |number: usize| format!("# Draft {number}\n{}", "line\n".repeat(300)).into_bytes();
    for number in 100..140 {
        let path = format!("/books/{number}.md");
        home.store.draft_keep(Path::new(&path), None, &text(number), AT).unwrap();
    }
    let data = home.data();
    let Home { folder: _keep, store } = home;
    drop(store);
    // A hole amid the drafts, as a failing disk makes one.
    let file = data.join("allgood.db");
    let mut bytes = fs::read(&file).unwrap();
    let wanted = b"# Draft 120\nline\nline\nline\n";
    let at = bytes.windows(wanted.len()).position(|window| window == wanted).unwrap() / 4096 * 4096;
    bytes[at..at + 4096].fill(0xff);
    fs::write(&file, &bytes).unwrap();
    let store = Store::open(&data).unwrap();
    let [notice] = store.notices() else { panic!("{:?}", store.notices()) };
    assert!(notice.contains("1 access entry"), "{notice}");
    let found = store.access_entry("web1").unwrap().unwrap();
    assert_eq!((found.fields.len(), found.grants.len()), (1, 0));
}
