//! The palette: what is found by a few letters, in which order, and what it learns.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use api::{App, ErrorCode, OnFailure, RunFile, commands::*, wire::*};
use proptest::prelude::*;
use tempfile::TempDir;

struct Recorder(Arc<Mutex<Vec<String>>>);

impl access::Opener for Recorder {
    fn open(&self, address: &str) -> io::Result<()> {
        self.0.lock().unwrap().push(address.to_owned());
        Ok(())
    }
}

struct Desk {
    app: Arc<App>,
    opened: Arc<Mutex<Vec<String>>>,
    library: PathBuf,
    _folder: TempDir,
}

const FAILOVER: &str = "---\nkind: incident\ntags: [database]\nparams: {region: eu-1}\nlinks:\n  \
    - {title: Replication of orders, url: 'https://g.example/pg?r={{region}}&from={{run.start_ms}}'}\n  \
    - {title: Lag of one host, url: 'https://g.example/lag?h={{host}}'}\n---\n# Fail over the orders database\n\n## Steps\n\n\
    ### Promote the standby\n\n- [ ] Look\n\n### Tell the orders team\n\n- [ ] Write\n";
const DISK: &str = "# Disk almost full\n\n## Steps\n\n### Find what grows\n\n- [ ] Look\n";

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        fs::create_dir_all(library.join("databases/orders")).unwrap();
        let library = fs::canonicalize(library).unwrap();
        let opened = Arc::new(Mutex::new(Vec::new()));
        let opener = Box::new(Recorder(Arc::clone(&opened)));
        let app = App::open(api::Config { opener, ..desk::config(folder.path(), "mk@box") }).unwrap();
        Self { app, opened, library, _folder: folder }
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

trait Unmarked {
    /// Without the marks of what was typed.
    fn unmarked(self) -> Self;
}

impl Unmarked for PaletteHit {
    fn unmarked(self) -> Self {
        Self { title: plain(&self.title), beside: plain(&self.beside), ..self }
    }
}

fn plain(marked: &str) -> String {
    marked.replace(['\u{2}', '\u{3}'], "")
}

#[test]
fn a_few_letters_find_runbooks_steps_links_entries_and_actions() {
    let desk = Desk::stocked();
    let mut found = desk.titles("ord");
    let ranks = |title: &str| found.iter().position(|(_, one)| one == title).unwrap();
    assert_eq!(ranks("Fail over the orders database"), 0, "the runbook first: {found:?}");
    assert!(ranks("orders-ro") < ranks("Tell the orders team"), "what begins so before what has it: {found:?}");
    found.sort();
    let of = |kind, title: &str| (kind, title.to_owned());
    assert_eq!(
        found,
        [
            of(PaletteKind::Runbook, "Fail over the orders database"),
            of(PaletteKind::Link, "Orders overview"),
            of(PaletteKind::Link, "Replication of orders"),
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
    assert_eq!((step.line, &*step.part), (Some(17), "Tell the orders team"));
    assert_eq!(plain(&step.beside), "Fail over the orders database");
    let link = of_kind(PaletteKind::Link);
    assert_eq!((&link.asks, &*link.beside), (&vec!["region".to_owned()], "asks for {{region}}"));
    let entry = of_kind(PaletteKind::Access);
    assert_eq!((entry.entry_kind.as_deref(), &*entry.beside), (Some("database"), "database, ro@db.example"));
    assert_eq!(desk.titles("failover orders")[0].1, "Fail over the orders database", "its path is found too");
    assert_eq!(desk.find("zzqx"), []);
}

#[test]
fn a_run_under_way_comes_first_then_what_is_called_just_so_then_runbooks_then_what_begins_so() {
    let desk = Desk::stocked();
    let details = AccessDetails::default();
    let orders = NewAccess { name: "Orders".to_owned(), kind: "note".to_owned(), details };
    desk.app.access_add(orders).unwrap();
    let path = desk.library.join("databases/orders/failover.md");
    let request = RunFile {
        path: path.clone(),
        mode: Mode::Rehearse,
        attended: true,
        yes: false,
        probes: false,
        step: None,
        values: BTreeMap::from([("host".to_owned(), "db1".to_owned())]),
        size: None,
        environment: None,
        environment_typed: None,
        on_failure: OnFailure::Stop,
    };
    let run = desk.app.run_file(request, None).unwrap();
    let kinds: Vec<PaletteKind> = desk.find("orders").into_iter().take(4).map(|hit| hit.kind).collect();
    assert_eq!(kinds, [PaletteKind::Run, PaletteKind::Access, PaletteKind::Runbook, PaletteKind::Access]);
    let titles: Vec<String> = desk.titles("orders").into_iter().map(|(_, title)| title).collect();
    let book = "Fail over the orders database";
    assert_eq!(titles[..4], [book, "Orders", book, "orders-ro"]);
    drop(run);
}

#[test]
fn a_link_that_a_runbook_names_is_found_filled_from_it_opened_and_learnt() {
    let desk = Desk::stocked();
    let hit = desk.find("replication")[0].clone();
    assert_eq!(
        (hit.kind, plain(&hit.title), plain(&hit.beside)),
        (PaletteKind::Link, "Replication of orders".to_owned(), "Fail over the orders database".to_owned())
    );
    assert_eq!(
        desk.titles("lag fail"),
        [(PaletteKind::Link, "Lag of one host".to_owned())],
        "by its runbook's name too"
    );
    let open = |address: &str, values: BTreeMap<String, String>| {
        let (path, address) = (hit.id.clone(), address.to_owned());
        desk.app.runbook_link_open(OpenRunbookLink { path, address, values, run: None })
    };
    let opened = open(&hit.part, BTreeMap::new()).unwrap();
    assert!(opened.address.starts_with("https://g.example/pg?r=eu-1&from=1"), "{}", opened.address);
    assert_eq!((opened.recorded, desk.opened.lock().unwrap().clone()), (false, vec![opened.address.clone()]));
    assert_eq!(open("https://elsewhere.example/", BTreeMap::new()).unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(desk.opened.lock().unwrap().len(), 1, "only what it names is opened");
    desk.choose("pg", &hit);
    assert_eq!(desk.find("")[0], desk.find("replication")[0].clone().unmarked());
    // It goes along with its runbook, and is gone with it.
    let to = desk.library.join("failover.md");
    fs::rename(desk.library.join("databases/orders/failover.md"), &to).unwrap();
    desk.app.library_rescan(Nothing {}).unwrap();
    assert_eq!(desk.find("replication")[0].id, to.display().to_string());
    fs::remove_file(to).unwrap();
    desk.app.library_rescan(Nothing {}).unwrap();
    assert_eq!(desk.find("replication"), []);
}

#[test]
fn an_access_entry_that_is_renamed_keeps_what_was_learnt_of_it() {
    let desk = Desk::stocked();
    let hit = desk.find("@ord")[0].clone();
    desk.choose("zz", &hit);
    let edit = EditAccess { entry: hit.id, name: Some("replica".to_owned()), ..EditAccess::default() };
    desk.app.access_edit(edit).unwrap();
    assert_eq!(desk.titles(""), [(PaletteKind::Access, "replica".to_owned())]);
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
