//! The palette: what is found by a few letters, in which order, and what it learns.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{fs, path::PathBuf, sync::Arc};

use api::{App, ErrorCode, commands::*, wire::*};
use proptest::prelude::*;
use tempfile::TempDir;

struct Desk {
    app: Arc<App>,
    library: PathBuf,
    _folder: TempDir,
}

const FAILOVER: &str = "---\nkind: incident\ntags: [database]\n---\n# Fail over the orders database\n\n## Steps\n\n\
    ### Promote the standby\n\n- [ ] Look\n\n### Tell the orders team\n\n- [ ] Write\n";
const DISK: &str = "# Disk almost full\n\n## Steps\n\n### Find what grows\n\n- [ ] Look\n";

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        fs::create_dir_all(library.join("databases/orders")).unwrap();
        let library = fs::canonicalize(library).unwrap();
        let app = App::open(desk::config(folder.path(), "mk@box")).unwrap();
        Self { app, library, _folder: folder }
    }

    fn stocked() -> Self {
        let desk = Self::new();
        for (name, text) in [("databases/orders/failover.md", FAILOVER), ("disk.md", DISK)] {
            fs::write(desk.library.join(name), text).unwrap();
        }
        desk.app.library_add(PathArgument { path: desk.library.display().to_string() }).unwrap();
        for (title, address, tag) in [
            ("Orders overview", "https://g.example/d/orders?region={{region}}&from={{run.start_ms}}", "dashboard"),
            ("Alerts firing now", "https://alerts.example/", "night"),
        ] {
            desk.link(title, address, tag);
        }
        let details = AccessDetails {
            address: Some("db.example".to_owned()),
            user: Some("ro".to_owned()),
            ..Default::default()
        };
        let (name, kind) = ("orders-ro".to_owned(), "database".to_owned());
        desk.app.access_add(NewAccess { name, kind, details }).unwrap();
        desk
    }

    fn link(&self, title: &str, address: &str, tag: &str) -> SavedLink {
        let (title, address, tags) = (title.to_owned(), address.to_owned(), vec![tag.to_owned()]);
        self.app.link_add(NewLink { title, address, group: None, tags, pinned: false }).unwrap()
    }

    fn find(&self, text: &str) -> Vec<PaletteHit> {
        let action = |id: &str, title: &str| PaletteAction {
            id: id.to_owned(),
            title: title.to_owned(),
            beside: String::new(),
            words: "preferences".to_owned(),
        };
        let actions = vec![action("settings", "Settings"), action("order", "Order the list by review")];
        self.app.palette_search(PaletteQuery { text: text.to_owned(), limit: 0, actions }).unwrap().hits
    }

    fn titles(&self, text: &str) -> Vec<(PaletteKind, String)> {
        self.find(text).into_iter().map(|hit| (hit.kind, plain(&hit.title))).collect()
    }

    fn choose(&self, text: &str, hit: &PaletteHit) {
        let PaletteHit { kind, id, part, .. } = hit.clone();
        self.app.palette_chosen(PaletteChoice { text: text.to_owned(), kind, id, part }).unwrap();
    }
}

fn plain(marked: &str) -> String {
    marked.replace(['\u{2}', '\u{3}'], "")
}

#[test]
fn a_few_letters_find_runbooks_steps_links_entries_and_actions() {
    let desk = Desk::stocked();
    let mut found = desk.titles("ord");
    assert!(found[..3].iter().all(|(_, title)| title.to_lowercase().starts_with("ord")), "{found:?}");
    found.sort();
    let of = |kind, title: &str| (kind, title.to_owned());
    assert_eq!(
        found,
        [
            of(PaletteKind::Runbook, "Fail over the orders database"),
            of(PaletteKind::Link, "Orders overview"),
            of(PaletteKind::Access, "orders-ro"),
            of(PaletteKind::Step, "Tell the orders team"),
            of(PaletteKind::Action, "Order the list by review"),
        ]
    );
    let hits = desk.find("ord");
    let of_kind = |kind| hits.iter().find(|hit| hit.kind == kind).unwrap();
    assert_eq!(of_kind(PaletteKind::Runbook).title, "Fail over the \u{2}ord\u{3}ers database");
    assert_eq!(of_kind(PaletteKind::Runbook).beside, "databases/orders/failover.md");
    let step = of_kind(PaletteKind::Step);
    assert_eq!((step.line, &*step.part), (Some(13), "Tell the orders team"));
    assert_eq!(plain(&step.beside), "Fail over the orders database");
    let link = of_kind(PaletteKind::Link);
    assert_eq!((&link.asks, &*link.beside), (&vec!["region".to_owned()], "asks for {{region}}"));
    let entry = of_kind(PaletteKind::Access);
    assert_eq!((entry.entry_kind.as_deref(), &*entry.beside), (Some("database"), "database, ro@db.example"));
    assert_eq!(desk.titles("failover orders")[0].1, "Fail over the orders database", "its path is found too");
    assert_eq!(desk.find("zzqx"), []);
}

#[test]
fn a_sign_before_it_looks_for_one_kind_alone() {
    let desk = Desk::stocked();
    let titles = |text: &str| desk.titles(text).into_iter().map(|(_, title)| title).collect::<Vec<_>>();
    assert_eq!(titles(">set"), ["Settings"]);
    assert_eq!(titles("> pref").len(), 2, "other words for it are found too");
    assert_eq!(titles(">"), ["Settings", "Order the list by review"], "all there are, as they come");
    assert_eq!(titles("@"), ["orders-ro"]);
    assert_eq!(titles("@zz"), [""; 0]);
    assert_eq!(titles("#data"), ["Fail over the orders database"]);
    assert_eq!(titles("#night firing"), ["Alerts firing now"]);
    assert_eq!(titles("#night disk"), [""; 0]);
}

#[test]
fn the_two_letters_of_a_link_mean_it_first() {
    let desk = Desk::stocked();
    let links = desk.app.link_list(LinksQuery::default()).unwrap().links;
    for link in links {
        let keys = link.keys.unwrap();
        assert_eq!(desk.titles(&keys)[0], (PaletteKind::Link, link.title), "{keys}");
    }
}

#[test]
fn before_anything_is_typed_the_last_five_choices_stand_there_each_once_while_they_are_there() {
    let desk = Desk::stocked();
    assert_eq!(desk.find(""), []);
    for text in ["disk", "alerts", "orders-ro", "> settings", "find what", "orders over", "alerts"] {
        desk.choose(text, &desk.find(text)[0]);
    }
    let now: Vec<String> = desk.titles("").into_iter().map(|(_, title)| title).collect();
    assert_eq!(now, ["Alerts firing now", "Orders overview", "Find what grows", "Settings", "orders-ro"]);
    let removed = desk.find("alerts")[0].id.clone();
    desk.app.link_remove(SavedLinkArgument { link: removed }).unwrap();
    let now: Vec<String> = desk.titles("").into_iter().map(|(_, title)| title).collect();
    assert_eq!(now, ["Orders overview", "Find what grows", "Settings", "orders-ro", "Disk almost full"]);
    desk.app.palette_forget(Nothing {}).unwrap();
    assert_eq!(desk.find(""), []);
}

#[test]
fn a_choice_without_a_thing_is_refused_and_one_that_cannot_be_learnt_is_still_done() {
    let desk = Desk::stocked();
    let choice = |text: &str, id: &str| PaletteChoice {
        text: text.to_owned(),
        kind: PaletteKind::Link,
        id: id.to_owned(),
        part: String::new(),
    };
    assert_eq!(desk.app.palette_chosen(choice("x", " ")).unwrap_err().code, ErrorCode::BadInput);
    desk.app.palette_chosen(choice(&"x".repeat(10_000), "gone")).unwrap();
    assert_eq!(desk.find(""), [], "what is not there is not shown");
}

#[test]
fn a_runbook_that_is_new_is_found_and_one_that_is_gone_is_not() {
    let desk = Desk::stocked();
    assert_eq!(desk.find("certif"), []);
    let path = desk.library.join("tls.md");
    fs::write(&path, "# Certificate expired\n").unwrap();
    desk.app.library_rescan(Nothing {}).unwrap();
    assert_eq!(desk.titles("certif")[0].1, "Certificate expired");
    fs::remove_file(path).unwrap();
    desk.app.library_rescan(Nothing {}).unwrap();
    assert_eq!(desk.find("certif"), []);
}

#[test]
fn of_many_runbooks_that_match_alike_the_other_kinds_are_not_crowded_out_and_the_order_stays() {
    let desk = Desk::stocked();
    for number in 0..60 {
        fs::write(desk.library.join(format!("{number}.md")), format!("# Orders {number:02}\n")).unwrap();
    }
    desk.app.library_rescan(Nothing {}).unwrap();
    let found = desk.titles("orders");
    assert_eq!(found.len(), 20);
    for kind in [PaletteKind::Link, PaletteKind::Access, PaletteKind::Step, PaletteKind::Runbook] {
        assert!(found.iter().any(|(one, _)| *one == kind), "{kind:?} in {found:?}");
    }
    assert_eq!(desk.titles("orders"), found);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Whatever else is there and was chosen now and then.
    #[test]
    fn what_was_chosen_ten_times_for_two_letters_comes_first_for_them_and_for_what_goes_on_from_them(
        titles in prop::collection::btree_set("[a-e]{2,6}( [a-e]{1,5})?", 2..12),
        word in prop::sample::select(vec!["ab", "ac", "de", "ba"]),
        at in any::<prop::sample::Index>(),
        others in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let desk = Desk::new();
        for title in &titles {
            desk.link(title, &format!("https://x.example/{}", title.replace(' ', "-")), "t");
        }
        let hits = desk.find(word);
        prop_assume!(!hits.is_empty());
        let chosen = at.get(&hits).clone();
        for _ in 0..10 {
            desk.choose(word, &chosen);
        }
        for other in &others {
            desk.choose(word, other.get(&hits));
        }
        let first = |text: &str| desk.find(text).into_iter().map(|hit| hit.id).next();
        prop_assert_eq!(first(word), Some(chosen.id.clone()));
        // Another letter of it.
        for longer in ["a", "b", "c", "d", "e"].map(|letter| format!("{word}{letter}")) {
            let there = desk.find(&longer).iter().any(|hit| hit.id == chosen.id);
            prop_assert!(!there || first(&longer) == Some(chosen.id.clone()), "{}", longer);
        }
    }
}
