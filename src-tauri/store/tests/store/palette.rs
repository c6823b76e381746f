//! What the palette finds and learns from.

use store::{AccessEntry, Choice, IndexText, Store};

use crate::{
    fixture::Home,
    library::{entry, library},
};

fn choice(text: &str, kind: &str, target: &str, chosen_at: &str) -> Choice {
    let (text, kind) = (text.to_owned(), kind.to_owned());
    Choice { text, kind, target: target.to_owned(), part: String::new(), count: 0, chosen_at: chosen_at.to_owned() }
}

fn chosen(store: &Store) -> Vec<(String, String, u32)> {
    store.choices().unwrap().into_iter().map(|one| (one.text, one.target, one.count)).collect()
}

fn at(second: u32) -> String {
    format!("2026-11-22T{:02}:{:02}:{:02}.000Z", second / 3600, second / 60 % 60, second % 60)
}

#[test]
fn choices_are_counted_up_to_a_bound_and_old_ones_are_forgotten() {
    let home = Home::new();
    let store = &home.store;
    for second in 0..30 {
        store.chosen(&choice("or", "link", "1", &at(second)), "2026-01-01").unwrap();
    }
    store.chosen(&choice("or", "link", "2", &at(40)), "2026-01-01").unwrap();
    let of = |text: &str, target: &str, count| (text.to_owned(), target.to_owned(), count);
    assert_eq!(chosen(store), [of("or", "2", 1), of("or", "1", 20)], "the latest first");
    store.chosen(&choice("di", "link", "3", &at(50)), &at(35)).unwrap();
    assert_eq!(chosen(store), [of("di", "3", 1), of("or", "2", 1)]);
    for number in 0..2_100 {
        store.chosen(&choice("x", "link", &number.to_string(), &at(100 + number)), "2026-01-01").unwrap();
    }
    let kept = store.choices().unwrap();
    assert_eq!((kept.len(), &*kept[0].target, &*kept[1_999].target), (2_000, "2099", "100"));
    store.forget_choices().unwrap();
    assert_eq!(store.choices().unwrap(), []);
}

#[test]
fn what_was_chosen_of_a_file_goes_along_when_it_is_moved() {
    let home = Home::new();
    let id = library(&home, "books");
    let folder = home.store.library(id).unwrap().path;
    let file = |name: &str| folder.join(name).display().to_string();
    home.store.index(id, &[(entry("a/one.md", "One"), IndexText::default())]).unwrap();
    for (kind, target) in [("runbook", file("a/one.md")), ("step", file("a/one.md")), ("link", file("a/one.md"))] {
        home.store.chosen(&choice("on", kind, &target, &at(1)), "2026-01-01").unwrap();
    }
    let own = Choice { part: "https://x.example/".to_owned(), ..choice("on", "link", &file("a/one.md"), &at(2)) };
    home.store.chosen(&own, "2026-01-01").unwrap();
    home.store.moved(id, "a", "b").unwrap();
    let mut kept: Vec<(String, String)> =
        home.store.choices().unwrap().into_iter().map(|one| (one.kind, one.target)).collect();
    kept.sort();
    let of = |kind: &str, target: String| (kind.to_owned(), target);
    assert_eq!(
        kept,
        [
            of("link", file("a/one.md")),
            of("link", file("b/one.md")),
            of("runbook", file("b/one.md")),
            of("step", file("b/one.md"))
        ],
        "a link that a person keeps is no file"
    );
}

#[test]
fn what_was_chosen_of_an_access_entry_goes_along_when_it_is_renamed() {
    let home = Home::new();
    let entry = |id: &str, name: &str| AccessEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: "ssh".to_owned(),
        ..AccessEntry::default()
    };
    for (id, name) in [("1", "web1"), ("2", "web2")] {
        home.store.put_access_entry(&entry(id, name)).unwrap();
        home.store.chosen(&choice("we", "access", name, &at(1)), "2026-01-01").unwrap();
        home.store.chosen(&choice("we", "link", name, &at(2)), "2026-01-01").unwrap();
    }
    home.store.put_access_entry(&entry("1", "www")).unwrap();
    let mut kept: Vec<(String, String)> =
        home.store.choices().unwrap().into_iter().map(|one| (one.kind, one.target)).collect();
    kept.sort();
    let of = |kind: &str, target: &str| (kind.to_owned(), target.to_owned());
    assert_eq!(kept, [of("access", "web2"), of("access", "www"), of("link", "web1"), of("link", "web2")]);
}

#[test]
fn steps_and_links_are_read_back_and_go_with_their_runbook() {
    let home = Home::new();
    let id = library(&home, "books");
    let text = |headings: &str, steps: &[(u64, &str)]| IndexText {
        headings: headings.to_owned(),
        steps: steps.iter().map(|(line, title)| (*line, (*title).to_owned())).collect(),
        links: vec![("https://x.example/{{a}}".to_owned(), format!("Board\tof {headings}"))],
        ..IndexText::default()
    };
    let first = text("Promote the standby", &[(7, "Promote the standby"), (12, "Tell\tthem\nall")]);
    home.store
        .index(id, &[(entry("a.md", "Fail over"), first), (entry("b.md", "Other"), text("Look", &[(3, "Look")]))])
        .unwrap();
    let titles = |words: Option<&str>| -> Vec<(String, u64)> {
        let found = home.store.step_titles(words, 10).unwrap();
        found.into_iter().map(|step| (format!("{}: {}", step.runbook, step.title), step.line)).collect()
    };
    let all = [("Fail over: Promote the standby", 7), ("Fail over: Tell them all", 12), ("Other: Look", 3)];
    assert_eq!(titles(None), all.map(|(title, line)| (title.to_owned(), line)));
    assert_eq!(titles(Some("promote stand")).len(), 2, "the steps of the runbooks that hold the words");
    assert_eq!(titles(Some("\"* OR")), [], "whatever was typed is words");
    let links = || -> Vec<(String, String)> {
        let found = home.store.own_links().unwrap();
        found.into_iter().map(|link| (format!("{}: {}", link.runbook, link.title), link.address.into())).collect()
    };
    let of = |title: &str| (title.to_owned(), "https://x.example/{{a}}".to_owned());
    assert_eq!(links(), [of("Fail over: Board of Promote the standby"), of("Other: Board of Look")]);
    home.store.index(id, &[(entry("b.md", "Other"), IndexText::default())]).unwrap();
    home.store.unindex(id, &["a.md".to_owned()]).unwrap();
    assert_eq!((titles(None), links()), (vec![], vec![]));
}

#[test]
fn a_forgotten_value_is_in_no_choice_any_more() {
    let home = Home::new();
    home.store.chosen(&choice("tok hunter22x", "link", "1", &at(1)), "2026-01-01").unwrap();
    home.store.chosen(&choice("or", "link", "1", &at(1)), "2026-01-01").unwrap();
    home.store.forget_text("Hunter22x", "(removed)", &at(2)).unwrap();
    assert_eq!(chosen(&home.store), [("or".to_owned(), "1".to_owned(), 1)]);
}

#[test]
fn a_store_that_knew_no_steps_or_no_links_reads_each_file_again() {
    let steps = "DROP TABLE runbook_schedules; DROP TABLE firings; DROP TABLE schedule_values; DROP TABLE schedules;
         DROP TABLE choices; DROP TABLE runbook_steps;";
    for (drop, version) in [(steps, 22), ("", 24)] {
        let later = "DROP TABLE shared_runs; DROP TABLE runbook_addresses;";
        reads_each_file_again(&format!("{later} {drop} PRAGMA user_version = {version}"));
    }
}

fn reads_each_file_again(back: &str) {
    let home = Home::new();
    let id = library(&home, "books");
    home.store.index(id, &[(entry("a.md", "A"), IndexText::default())]).unwrap();
    let data = home.data();
    let Home { folder, store } = home;
    drop(store);
    let file = rusqlite::Connection::open(data.join("allgood.db")).unwrap();
    file.execute_batch(back).unwrap();
    drop(file);
    let store = Store::open(&data).unwrap();
    assert_eq!(store.seen(id).unwrap()[0].modified_ns, -1, "which no file ever has");
    drop(folder);
}
