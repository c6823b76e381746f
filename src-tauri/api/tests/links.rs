//! Links that a person keeps: found, filled, opened, counted, brought in; from a run they are recorded there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use api::{App, ErrorCode, LiveRun, OnFailure, RunFile, commands::*, wire::*};
use tempfile::TempDir;

type Opened = Arc<Mutex<Vec<String>>>;

struct Recorder(Opened);

impl access::Opener for Recorder {
    fn open(&self, address: &str) -> io::Result<()> {
        self.0.lock().unwrap().push(address.to_owned());
        Ok(())
    }
}

struct Desk {
    app: Arc<App>,
    opened: Opened,
    folder: TempDir,
}

const BOOK: &str = "---\ntags: [Orders, database]\nparams: {region: eu-1}\nlinks:\n  \
    - {title: Board, url: 'https://board.example/?r={{region}}&from={{run.start_ms}}&to={{run.end_ms}}'}\n---\n\
    # Move\n\n## Steps\n\n- [ ] Look\n";

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let opened = Opened::default();
        let config =
            api::Config { opener: Box::new(Recorder(opened.clone())), ..desk::config(folder.path(), "mk@box") };
        Self { app: App::open(config).unwrap(), opened, folder }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn add(&self, title: &str, address: &str, group: Option<&str>, tags: &[&str]) -> SavedLink {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let (title, address) = (title.to_owned(), address.to_owned());
        self.app.link_add(NewLink { title, address, group: group.map(str::to_owned), tags, pinned: false }).unwrap()
    }

    fn stocked() -> Self {
        let desk = Self::new();
        desk.add(
            "Orders overview",
            "https://g.example/d/orders?region={{region}}&from={{run.start_ms}}",
            Some("Orders"),
            &["orders"],
        );
        desk.add("Alerts", "https://alerts.example/", Some("On call"), &["oncall"]);
        desk.add("Disk use", "https://g.example/d/disk?host={{host}}", None, &["database"]);
        desk
    }

    fn titles(&self, query: LinksQuery) -> Vec<String> {
        self.app.link_list(query).unwrap().links.into_iter().map(|link| link.title).collect()
    }

    fn open(&self, links: &[&str], values: &[(&str, &str)]) -> Result<Vec<OpenedLink>, api::ApiError> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let links = links.iter().map(|link| (*link).to_owned()).collect();
        self.app.links_open(OpenLinks { links, values, run: None, item: None })
    }

    fn start(&self) -> LiveRun {
        let request = RunFile {
            path: self.file("move.md", BOOK),
            mode: Mode::Hand,
            attended: true,
            yes: false,
            probes: false,
            step: None,
            values: BTreeMap::new(),
            size: None,
            environment: None,
            environment_typed: None,
            on_failure: OnFailure::Stop,
        };
        self.app.run_file(request, None).unwrap()
    }

    fn seen(&self) -> Vec<String> {
        self.opened.lock().unwrap().clone()
    }
}

#[test]
fn links_are_found_by_words_group_tag_and_their_two_letters() {
    let desk = Desk::stocked();
    let words = |words: &str| LinksQuery { words: words.to_owned(), ..LinksQuery::default() };
    assert_eq!(desk.titles(words("")), ["Alerts", "Orders overview", "Disk use"], "by group, those without one last");
    assert_eq!(desk.titles(words("g.example DISK")), ["Disk use"]);
    let keys = desk.app.link_show(&SavedLinkArgument { link: "Alerts".to_owned() }).unwrap().keys.unwrap();
    assert_eq!(desk.titles(words(&keys))[0], "Alerts");
    assert_eq!(desk.app.link_show(&SavedLinkArgument { link: keys }).unwrap().title, "Alerts");
    let group = |group: &str| LinksQuery { group: Some(group.to_owned()), ..LinksQuery::default() };
    assert_eq!(desk.titles(group("On call")), ["Alerts"]);
    assert_eq!(desk.titles(group("")), ["Disk use"]);
    let tagged = LinksQuery { tag: Some("orders".to_owned()), ..LinksQuery::default() };
    assert_eq!(desk.titles(tagged), ["Orders overview"]);
    let near = desk.app.link_show(&SavedLinkArgument { link: "alert".to_owned() }).unwrap_err();
    assert_eq!((near.code, near.message.contains("did you mean Alerts?")), (ErrorCode::NotFound, true));
}

#[test]
fn a_link_is_opened_filled_and_counted_and_nothing_is_opened_while_a_value_is_missing() {
    let desk = Desk::stocked();
    let missing = desk.open(&["Alerts", "Disk use", "Orders overview"], &[]).unwrap_err();
    assert_eq!(missing.code, ErrorCode::NeedsValues);
    assert_eq!(missing.needs.unwrap().placeholders, ["host", "region"]);
    assert!(desk.seen().is_empty());
    let opened = desk.open(&["Disk use", "Alerts"], &[("host", "web 1/../x")]).unwrap();
    assert_eq!(opened.iter().map(|one| one.recorded).collect::<Vec<_>>(), [false, false]);
    assert_eq!(desk.seen(), ["https://g.example/d/disk?host=web%201%2F..%2Fx", "https://alerts.example/"]);
    let list = desk.app.link_list(LinksQuery::default()).unwrap();
    let counts: Vec<u64> = list.links.iter().map(|link| link.count).collect();
    assert_eq!(counts, [1, 0, 1]);
    let used = |name: &str| list.parameters.iter().find(|one| one.name == name).unwrap().used.clone();
    assert_eq!((used("host"), used("region")), (vec!["web 1/../x".to_owned()], Vec::new()));
}

#[test]
fn a_value_whose_name_says_that_it_is_secret_is_not_remembered() {
    let desk = Desk::new();
    desk.add("Door", "https://a.example/?k={{API_TOKEN}}", None, &[]);
    desk.open(&["Door"], &[("API_TOKEN", "hunter22")]).unwrap();
    assert!(desk.app.link_list(LinksQuery::default()).unwrap().parameters[0].used.is_empty());
}

#[test]
fn what_may_not_be_opened_is_neither_kept_nor_opened() {
    let desk = Desk::stocked();
    let add = |address: &str| {
        let new = NewLink { title: "x".to_owned(), address: address.to_owned(), ..NewLink::default() };
        desk.app.link_add(new).map_err(|error| error.code)
    };
    for address in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ssh://web1"] {
        assert_eq!(add(address).unwrap_err(), ErrorCode::Scheme, "{address}");
    }
    assert_eq!(add("https://a.example/\u{202e}x").unwrap_err(), ErrorCode::BadInput);
    // A scheme that was added, used, and taken away again.
    let settings = |schemes: &[&str]| {
        let link_schemes = schemes.iter().map(|scheme| (*scheme).to_owned()).collect();
        desk.app.settings_write(Settings { link_schemes, ..Settings::default() }).unwrap();
    };
    settings(&["ssh"]);
    add("ssh://web1").unwrap();
    settings(&[]);
    let refused = desk.open(&["Alerts", "x"], &[]).unwrap_err();
    assert!(refused.code == ErrorCode::Scheme && refused.message.contains("x cannot be opened"), "{refused:?}");
    assert!(desk.seen().is_empty(), "of a set, none is opened then");
}

#[test]
fn a_removed_link_comes_back_whole_with_its_place_and_its_count() {
    let desk = Desk::stocked();
    desk.open(&["Alerts"], &[]).unwrap();
    let pinned =
        desk.app.link_edit(EditLink { link: "Alerts".to_owned(), pinned: Some(true), ..EditLink::default() });
    assert_eq!(pinned.as_ref().unwrap().pin, Some(1));
    let id = pinned.unwrap().id;
    desk.app.link_remove(SavedLinkArgument { link: id.clone() }).unwrap();
    assert_eq!(desk.app.link_list(LinksQuery::default()).unwrap().all, 2);
    let back = desk.app.link_restore(SavedLinkArgument { link: id }).unwrap();
    assert_eq!((back.pin, back.count, back.group.as_deref()), (Some(1), 1, Some("On call")));
    let nothing = desk.app.link_restore(SavedLinkArgument { link: "Alerts".to_owned() }).unwrap_err();
    assert_eq!(nothing.code, ErrorCode::NotFound);
}

#[test]
fn from_a_run_links_are_filled_with_what_it_knows_and_recorded_in_it() {
    let desk = Desk::stocked();
    let live = desk.start();
    let run = live.id().to_owned();
    let of_run = LinksQuery { run: Some(run.clone()), of_runbook: true, ..LinksQuery::default() };
    let links = desk.app.link_list(of_run).unwrap().links;
    let titles: Vec<&str> = links.iter().map(|link| link.title.as_str()).collect();
    assert_eq!(titles, ["Orders overview", "Disk use"], "those that share a tag with the runbook");
    assert_eq!(links[0].filled["region"], "eu-1");
    assert_eq!(links[1].missing, ["host"]);
    let request = OpenLinks { links: vec![links[0].id.clone()], run: Some(run.clone()), ..OpenLinks::default() };
    let opened = desk.app.links_open(request).unwrap();
    assert!(opened[0].recorded && opened[0].address.contains("region=eu-1&from=1"), "{opened:?}");
    // The runbook's own link is filled with the times of the run; its end is known when it is opened.
    let view = desk.app.run_view(RunArgument { run: run.clone() }).unwrap();
    let board = &view.runbook.links[0];
    let started = view.run.started_at.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert!(board.opens && board.url.contains(&format!("r=eu-1&from={started}&to=")), "{board:?}");
    desk.app.link_open(LinkArgument { run: Some(run.clone()), item: None, url: board.url.clone() }).unwrap();
    let last = desk.seen().pop().unwrap();
    let end: i64 = last.rsplit_once("to=").unwrap().1.parse().unwrap();
    assert!(end >= started, "{last}");
    let told = desk.app.run_view(RunArgument { run }).unwrap().timeline;
    assert_eq!(told.iter().filter(|entry| entry.kind == "link_opened").count(), 2);
    // Outside a run such a link does not open.
    let page =
        desk.app.runbook(PathArgument { path: desk.folder.path().join("move.md").display().to_string() }).unwrap();
    assert!(!page.links[0].opens, "{:?}", page.links[0]);
    desk.app.close();
}

#[test]
fn from_no_run_the_times_are_the_last_hour() {
    let desk = Desk::new();
    desk.add("Errors", "https://logs.example/?from={{run.start_ms}}&to={{run.end_ms}}", None, &[]);
    desk.open(&["Errors"], &[]).unwrap();
    let address = desk.seen().pop().unwrap();
    let (from, to) = address.strip_prefix("https://logs.example/?from=").unwrap().split_once("&to=").unwrap();
    assert_eq!(to.parse::<i64>().unwrap() - from.parse::<i64>().unwrap(), 3_600_000);
}

#[test]
fn a_file_is_shown_before_it_is_kept_and_kept_only_as_it_was_shown() {
    let desk = Desk::stocked();
    let path = desk.file(
        "marks.html",
        "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><p><DT><H3>Team</H3><DL><p>\
         <DT><A HREF=\"https://new.example/\">Alerts</A><DT><A HREF=\"https://alerts.example/\">Same</A>\
         <DT><A HREF=\"https://new.example/\">Twice</A><DT><A HREF=\"javascript:alert(1)\">Bad</A></DL></DL>",
    );
    let request = |seen: Option<String>| ImportLinks { path: path.display().to_string(), seen };
    let plan = desk.app.links_import_plan(request(None)).unwrap();
    let rows: Vec<(&str, Option<&str>)> =
        plan.rows.iter().map(|row| (row.title.as_str(), row.left.as_deref())).collect();
    assert_eq!((rows[0], rows[1].0), (("Alerts (2)", None), "Same"));
    assert!(rows[1].1.unwrap().contains("\"Alerts\"") && rows[2].1.unwrap().contains("\"Alerts (2)\""), "{rows:?}");
    assert!(rows[3].1.unwrap().contains("javascript"), "{rows:?}");
    assert_eq!(desk.app.link_list(LinksQuery::default()).unwrap().all, 3, "nothing is kept by looking");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("new.example", "evil.example")).unwrap();
    let stale = desk.app.links_import(request(Some(plan.seen.clone()))).unwrap_err();
    assert_eq!(stale.code, ErrorCode::Stale);
    fs::write(&path, text).unwrap();
    assert_eq!(desk.app.links_import(request(Some(plan.seen))).unwrap(), 1);
    assert_eq!(
        desk.app.link_show(&SavedLinkArgument { link: "Alerts (2)".to_owned() }).unwrap().group.unwrap(),
        "Team"
    );
}

#[test]
fn what_is_written_out_comes_in_elsewhere_as_it_was() {
    let desk = Desk::stocked();
    desk.app.link_edit(EditLink { link: "Disk use".to_owned(), pinned: Some(true), ..EditLink::default() }).unwrap();
    for name in ["all.csv", "all.html"] {
        let path = desk.folder.path().join(name).display().to_string();
        assert_eq!(desk.app.links_export(ExportLinks { path: path.clone(), table: false }).unwrap(), 3);
        let again = desk.app.links_export(ExportLinks { path: path.clone(), table: false }).unwrap_err();
        assert_eq!(again.code, ErrorCode::File, "nothing is overwritten");
        let other = Desk::new();
        assert_eq!(other.app.links_import(ImportLinks { path, seen: None }).unwrap(), 3);
        let of = |desk: &Desk| -> Vec<_> {
            let links = desk.app.link_list(LinksQuery::default()).unwrap().links;
            links.into_iter().map(|link| (link.title, link.address, link.group, link.tags)).collect()
        };
        assert_eq!(of(&other), of(&desk), "{name}");
    }
}

#[test]
fn a_store_that_was_written_by_a_newer_rule_still_lists_what_it_no_longer_opens() {
    let desk = Desk::new();
    desk.app.settings_write(Settings { link_schemes: vec!["vscode".to_owned()], ..Settings::default() }).unwrap();
    desk.add("Code", "vscode://file/x", None, &[]);
    desk.app.settings_write(Settings::default()).unwrap();
    let link = desk.app.link_show(&SavedLinkArgument { link: "Code".to_owned() }).unwrap();
    assert!(link.opens.is_none() && link.refused.unwrap().contains("vscode"));
}
