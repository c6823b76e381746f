//! The record in the window: the report, two runs compared, what a run suggests, and a run that goes from one machine to
//! another.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    display::SCREEN,
    page::{Page, id, until},
    run::{self, library},
    world::{World, in_a_world},
};

/// The first command fails as it stands, and passes as it is edited for the run.
const BOOK: &str = "---\nkind: routine\n---\n# Move the broker\n\n## Preconditions\n\n- [ ] The change is announced\n- [ ] Nobody deploys\n\n## Steps\n\n### 1. Promote broker-b\n\n```sh {name=promote}\nseq 1 900\necho \"promoted broker-b\"\n```\n\n### 2. Repoint the poolers\n\n```sh {name=repoint expect=repointed}\necho \"3 of 4 lines\"\n```\n\n### 3. Restart scheduled jobs\n\n- [ ] Jobs are restarted\n\n## Validation\n\n```sh {name=lag probe within=20s every=1s}\necho 'lag 0.4 s'\n```\n";

/// Pictures of what is shown, in both lights and both sizes, and what axe finds in each.
async fn pictures(world: &World, page: &Page, name: &str) {
    for size in [(1024, 700), SCREEN] {
        page.resize(size).await;
        for light in ["dark", "light"] {
            page.light(light).await;
            world.picture(size, &format!("{name}-{light}-{}x{}", size.0, size.1));
            assert_eq!(page.barriers().await, Vec::<String>::new(), "{name}, {light}, {size:?}");
        }
    }
}

/// Opens the file of a run with `T` in each light, and takes pictures of what is said about it; it stays open.
async fn taking(world: &World, page: &Page, name: &str, says: &str) {
    for light in ["dark", "light"] {
        if page.has(&id("take-view")).await {
            page.keys("\u{e00c}").await;
            page.wait_gone(&id("take-view")).await;
        }
        page.light(light).await;
        page.keys("t").await;
        page.wait_for(&id("take-view")).await;
        page.wait_for_text(says).await;
        for size in [(1024, 700), SCREEN] {
            page.resize(size).await;
            world.picture(size, &format!("{name}-{light}-{}x{}", size.0, size.1));
        }
        assert_eq!(page.barriers().await, Vec::<String>::new(), "{name}, {light}");
    }
}

/// Answers the system's next dialogs of that kind (`save`, `open`) with a path, as if it had been chosen there: they are no part
/// of the page.
async fn choose(page: &Page, dialog: &str, path: &Path) {
    let script = format!(
        "const [dialog, path] = {};
        const fetched = window.fetch;
        window.fetch = (to, how) => String(to).includes('plugin%3Adialog%7C' + dialog)
            ? Promise.resolve(new Response(JSON.stringify(path), {{headers: {{
                'Content-Type': 'application/json', 'Tauri-Response': 'ok'}}}}))
            : fetched(to, how);",
        json!([dialog, path])
    );
    page.script(&script).await;
}

/// Does something in a run as the page does.
async fn act(page: &Page, run: &str, action: Value) {
    page.ask("run_do", json!({"run": run, "action": action})).await.unwrap();
}

async fn view(page: &Page, run: &str) -> Value {
    page.ask("run_view", json!({"run": run})).await.unwrap()
}

/// The run that the address names.
async fn shown_run(page: &Page) -> String {
    let address = page.address().await;
    address.rsplit('/').next().unwrap().to_owned()
}

/// Starts an item, with another text for this run if there is one, and waits until it is settled.
async fn start(page: &Page, run: &str, item: &str, edited: Option<&str>) {
    let found = view(page, run).await;
    let hash = &found["runbook"]["items"][item]["hash"];
    let mut action = json!({"do": "start", "item": item, "hash": hash, "values": {}});
    if let Some(text) = edited {
        action["edited"] = json!({"text": text, "reason": "the console hung, all four lines were missing"});
    }
    let before = tries(&found, item);
    act(page, run, action).await;
    until(&format!("{item} has ended"), async || {
        let now = view(page, run).await;
        let status = status(&now, item);
        tries(&now, item) > before && (status == "passed" || status == "failed")
    })
    .await;
}

fn progress<'a>(view: &'a Value, item: &str) -> Option<&'a Value> {
    view["progress"].as_array().unwrap().iter().find(|one| one["item"] == item)
}

fn status(view: &Value, item: &str) -> String {
    progress(view, item).map_or_else(String::new, |one| one["status"].as_str().unwrap().to_owned())
}

fn tries(view: &Value, item: &str) -> usize {
    progress(view, item).map_or(0, |one| one["attempts"].as_array().unwrap().len())
}

/// Ticks the check in hand.
async fn tick(page: &Page, run: &str) {
    let hand = view(page, run).await["hand"].clone();
    act(page, run, json!({"do": "tick", "item": hand, "note": null})).await;
}

/// A run of the book that fails once, is edited, has a skip, and passes.
async fn eventful(page: &Page) -> String {
    run::start(page, "move.md").await;
    let run = shown_run(page).await;
    tick(page, &run).await;
    tick(page, &run).await;
    start(page, &run, "promote", None).await;
    start(page, &run, "repoint", None).await;
    act(
        page,
        &run,
        json!({"do": "note", "item": "repoint", "text": "pooler-c's console hung, restarted it by hand"}),
    )
    .await;
    start(page, &run, "repoint", Some("echo \"4 of 4 lines, repointed\"")).await;
    let hand = view(page, &run).await["hand"].clone();
    act(page, &run, json!({"do": "skip", "item": hand, "reason": "none due before 06:00"})).await;
    start(page, &run, "lag", None).await;
    page.wait_for(&id("run-verdict")).await;
    run
}

#[test]
fn a_run_is_reported_compared_and_what_it_suggests_goes_into_the_editor() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "move.md", BOOK).await;
        let first = eventful(&page).await;
        let second = eventful(&page).await;
        until("what it suggests is told", async || page.has(&id("verdict-suggestions")).await).await;
        world.picture(SCREEN, "run-verdict-report");

        page.keys("v").await;
        page.wait_for(&format!("{}[data-holds='true']", id("report-verified"))).await;
        page.wait_for_text("All good").await;
        let rows = page.text_of(&id("report-table")).await;
        for told in ["Promote broker-b", "none due before 06:00", "second try", "The change is announced"] {
            assert!(rows.contains(told), "{told:?} in {rows}");
        }
        let timeline = page.text_of(&id("report-timeline")).await;
        assert!(timeline.contains("restarted it by hand"), "{timeline}");
        pictures(world, &page, "report").await;

        page.click(&format!("{}[data-name='promote.log']", id("report-evidence"))).await;
        page.wait_for(&id("output-unfold")).await;
        page.type_into(&id("output-find"), "promoted").await;
        until("the line is found in what is folded", async || {
            page.text_of(&id("output-hits")).await.contains("1 line of 901")
        })
        .await;
        world.picture(SCREEN, "report-output");
        page.keys("\u{e00c}").await;
        page.wait_gone(&id("output-text")).await;

        let kept = world.path("report.html");
        choose(&page, "save", &kept).await;
        page.click(&format!("{}[data-format='html']", id("report-export"))).await;
        until("the report is written", async || kept.is_file()).await;
        assert!(std::fs::read_to_string(&kept).unwrap().contains("restarted it by hand"));

        page.go("#/runs").await;
        page.wait_for_count(&id("run-row"), 2).await;
        pictures(world, &page, "history").await;
        page.keys("c").await;
        page.wait_for(&id("compare-first")).await;
        world.picture(SCREEN, "history-compare");
        page.keys("jc").await;
        page.wait_for(&id("compare-summary")).await;
        let address = page.address().await;
        assert!(address.ends_with(&format!("{first}/{second}")), "the older at the left: {address}");
        page.keys("t").await;
        page.wait_for_count(&id("compare-item"), 6).await;
        pictures(world, &page, "compare").await;

        page.go(&format!("#/suggestions/{second}")).await;
        page.wait_for(&format!("{}[data-applies='true']", id("suggestion"))).await;
        pictures(world, &page, "suggestions").await;
        page.click(&id("apply")).await;
        until("the edit stands in the editor", async || {
            page.text_of(".cm-content").await.contains("4 of 4 lines, repointed")
        })
        .await;
        world.picture(SCREEN, "suggestion-in-the-editor");
        let file = world.path("runbooks/move.md");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), BOOK, "nothing is saved behind anybody's back");
        page.keys("\u{e009}z\u{e000}").await;
        until("it is taken back", async || !page.text_of(".cm-content").await.contains("4 of 4 lines, repointed"))
            .await;

        page.go("#/settings").await;
        page.click(&id("retention-days")).await;
        page.wait_for(&id("output-due")).await;
        pictures(world, &page, "retention").await;
    });
}

#[test]
fn a_record_that_was_changed_is_reported_as_such_and_can_be_exported() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "move.md", BOOK).await;
        let run = eventful(&page).await;
        let store = rusqlite::Connection::open(world.path("store/allgood.db")).unwrap();
        let change = "UPDATE events SET fields = replace(fields, 'none due', 'one due') WHERE run = ?1";
        assert!(store.execute(change, [&run]).unwrap() > 0);
        drop(store);
        page.go(&format!("#/report/{run}")).await;
        page.wait_for(&format!("{}[data-holds='false']", id("report-verified"))).await;
        page.wait_for_text("Record does not verify at event").await;
        pictures(world, &page, "report-broken").await;
        let kept = world.path("report.md");
        choose(&page, "save", &kept).await;
        page.click(&format!("{}[data-format='md']", id("report-export"))).await;
        until("the report is written", async || kept.is_file()).await;
        until("it says so itself", async || std::fs::read_to_string(&kept).unwrap().contains("does not hold")).await;
    });
}

#[test]
fn a_run_is_handed_over_in_one_window_and_goes_on_in_another() {
    let between = tempfile::tempdir().unwrap();
    let file = between.path().join("move.allgood-run");
    let mut run = String::new();
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "move.md", BOOK).await;
        run::start(&page, "move.md").await;
        run = shown_run(&page).await;
        tick(&page, &run).await;
        page.keys("h").await;
        page.type_into(&id("hand-over-to"), "jonas@lisbon").await;
        page.type_into(&id("hand-over-note"), "the announcement is out; my shift is over").await;
        pictures(world, &page, "hand-over").await;
        choose(&page, "save", &file).await;
        page.click(&id("hand-over-go")).await;
        until("it says where its file is", async || {
            let told = page.text_of(&id("handed-over")).await;
            told.contains("jonas@lisbon") && told.contains("move.allgood-run")
        })
        .await;
        world.picture(SCREEN, "handed-over");
        assert_eq!(view(&page, &run).await["run"]["state"], "handed_over");
    });
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        // Another text, then the very one: what is missing is said, and how to come by it.
        library(world, &page, "move.md", "# Something else\n").await;
        page.go("#/runs").await;
        choose(&page, "open", &file).await;
        taking(world, &page, "take-without-its-runbook", "is in no folder here").await;
        page.wait_for_text("my shift is over").await;
        choose(&page, "save", &world.path("runbooks/brought.md")).await;
        page.click(&id("take-runbook")).await;
        page.wait_for(&id("take-go")).await;
        world.picture(SCREEN, "take-with-its-runbook");
        page.keys("\u{e00c}").await;
        page.wait_gone(&id("take-view")).await;
        // From now on the library knows it by itself, once it has read it.
        page.go("#/library").await;
        page.wait_for_count(&id("runbook-row"), 2).await;
        page.go("#/runs").await;
        taking(world, &page, "take", "Take it in").await;
        page.click(&id("take-go")).await;
        page.wait_for(&id("take-up")).await;
        page.wait_for_text("handed it over").await;
        world.picture(SCREEN, "taken");
        page.click(&id("take-up-go")).await;
        until("it goes on here", async || view(&page, &run).await["run"]["state"] == "waiting").await;
        tick(&page, &run).await;
        page.go("#/runs").await;
        choose(&page, "open", &file).await;
        page.keys("t").await;
        page.wait_for_text("nothing of the file is new").await;
    });
}
