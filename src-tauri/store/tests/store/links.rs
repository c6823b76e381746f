//! Links that a person keeps.

use std::collections::BTreeMap;

use store::{ErrorKind, Link, Store};

use crate::fixture::{AT, Home};

fn link(id: &str, title: &str) -> Link {
    Link {
        id: id.to_owned(),
        title: title.to_owned(),
        address: "https://grafana.example/d?region={{region}}".to_owned(),
        group: Some("On call".to_owned()),
        tags: vec!["eu".to_owned(), "prod".to_owned()],
        added_at: AT.to_owned(),
        changed_at: AT.to_owned(),
        ..Link::default()
    }
}

fn titles(store: &Store) -> Vec<String> {
    store.links("2026-01-01").unwrap().into_iter().map(|one| one.link.title).collect()
}

#[test]
fn a_link_comes_back_as_it_was_kept_and_what_is_changed_of_it_leaves_how_often_it_was_opened() {
    let home = Home::new();
    let store = &home.store;
    store.put_links(&[link("1", "Orders"), link("2", "alerts")]).unwrap();
    let days = ["2026-10-01", "2026-11-01", "2026-11-22", "2026-11-22"];
    for day in days {
        store.links_opened(&["1"], &BTreeMap::new(), day, AT, "2026-10-15").unwrap();
    }
    let mut kept = Link { opened_at: Some(AT.to_owned()), ..link("1", "Orders") };
    assert_eq!(store.link("ORDERS").unwrap(), Some(kept.clone()), "whatever the case of its letters");
    assert_eq!(store.link("1").unwrap(), Some(kept.clone()));
    kept.title = "Orders overview".to_owned();
    kept.tags = vec!["us".to_owned()];
    store.put_links(&[kept.clone()]).unwrap();
    let all = store.links("2026-11-10").unwrap();
    assert_eq!((all[1].link.clone(), all[1].opens, all[0].opens), (kept, 2, 0));
    assert_eq!(store.links("2026-01-01").unwrap()[1].opens, 3, "what was before the day to forget is forgotten");
    assert_eq!(titles(store), ["alerts", "Orders overview"]);
}

#[test]
fn two_links_of_one_title_are_refused_and_of_several_none_is_kept_then() {
    let home = Home::new();
    home.store.put_links(&[link("1", "Orders")]).unwrap();
    let error = home.store.put_links(&[link("2", "other"), link("3", "orders")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("\"Orders\" already"), "{error}");
    assert_eq!(titles(&home.store), ["Orders"]);
}

#[test]
fn a_removed_link_can_be_put_back_whole_until_it_is_forgotten() {
    let home = Home::new();
    let store = &home.store;
    store.put_links(&[link("1", "Orders"), link("2", "Alerts"), link("3", "Logs")]).unwrap();
    store.links_opened(&["1"], &BTreeMap::new(), "2026-11-22", AT, "2026-01-01").unwrap();
    store.remove_link("1", "2026-11-22T10:00:00.000Z", "2026-11-21T10:00:00.000Z").unwrap();
    assert_eq!((titles(store), store.link("Orders").unwrap()), (vec!["Alerts".to_owned(), "Logs".to_owned()], None));
    assert_eq!(store.link_count().unwrap(), 2);
    assert_eq!(store.restore_link("orders").unwrap().as_deref(), Some("1"));
    let orders = store.links("2026-01-01").unwrap().pop().unwrap();
    assert_eq!((orders.link.tags.len(), orders.opens), (2, 1));
    // Its title is taken by another one meanwhile.
    store.remove_link("1", "2026-11-22T10:00:00.000Z", "2026-11-21T10:00:00.000Z").unwrap();
    store.put_links(&[link("4", "ORDERS")]).unwrap();
    assert_eq!(store.restore_link("1").unwrap_err().kind(), ErrorKind::Refused);
    // A day later it is forgotten with the next one that goes.
    store.remove_link("2", "2026-11-24T10:00:00.000Z", "2026-11-23T10:00:00.000Z").unwrap();
    assert_eq!(store.restore_link("1").unwrap(), None);
    assert_eq!(store.restore_link("2").unwrap().as_deref(), Some("2"));
}

#[test]
fn pinned_links_keep_the_order_in_which_they_were_pinned() {
    let home = Home::new();
    let store = &home.store;
    store.put_links(&[link("1", "A"), link("2", "B"), link("3", "C")]).unwrap();
    for id in ["3", "1", "3"] {
        store.pin_link(id, true).unwrap();
    }
    let pins = || -> Vec<(String, Option<i64>)> {
        store.links("2026-01-01").unwrap().into_iter().map(|one| (one.link.id, one.link.pin)).collect()
    };
    assert_eq!(pins(), [("1".to_owned(), Some(2)), ("2".to_owned(), None), ("3".to_owned(), Some(1))]);
    store.pin_link("3", false).unwrap();
    store.pin_link("2", true).unwrap();
    assert_eq!(pins(), [("1".to_owned(), Some(2)), ("2".to_owned(), Some(3)), ("3".to_owned(), None)]);
}

#[test]
fn of_the_values_of_a_name_the_last_eight_are_remembered_the_newest_first() {
    let home = Home::new();
    for number in 10..22 {
        let values = [("region".to_owned(), format!("r{number}"))].into();
        let at = format!("2026-11-22T10:00:{number}.000Z");
        home.store.links_opened(&[], &values, "2026-11-22", &at, "2026-01-01").unwrap();
    }
    let expected: Vec<String> = (14..22).rev().map(|number| format!("r{number}")).collect();
    assert_eq!(home.store.link_values().unwrap(), [("region".to_owned(), expected)].into());
}
