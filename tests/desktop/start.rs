//! Starting a run, and several of them side by side, in the real window; the pictures that go with it.

use std::fs;

use crate::{
    page::{Page, id, until},
    run::{begin, item, library, wait_for_status},
    world::{World, in_a_world},
};

const SIZES: [(u32, u32); 2] = [(1440, 900), (1024, 700)];

const BOOK: &str = "---\nkind: incident\nowner: queue team\nreviewed: 2026-01-10\nreview_every: 90d\nparams:\n  SPARE: {prompt: the host that takes over, pattern: '[a-z]+-\\d+'}\n  LIMIT: {prompt: seconds, pattern: '\\d+', default: '5'}\n  DRAIN: {pattern: 'yes|no', default: 'yes'}\nlinks:\n  - {title: Queue overview, url: https://example.org/queue}\n---\n\n# Move the queue\n\n\
    The spare takes over. Nothing is lost while you wait.\n\n## Preconditions\n\n- [ ] The spare answers from two places\n\n\
    ## Steps\n\n1. Drain the queue\n\n   ```sh {name=drain expect=drained}\n   sleep 0.2; echo drained\n   ```\n\n   ```sh {undo}\n   echo filled\n   ```\n\n\
    2. Switch to the spare\n\n   What is written from now on stays there.\n\n   ```sh {name=switch undo=none timeout=60s}\n   echo \"switched to $SPARE for $OWNER\"\n   ```\n\n   ```sh {name=lag probe every=1s within=30s expect_number=\"< 5\"}\n   n=$(cat lag 2>/dev/null || echo 41); echo $((n / 2)) | tee lag\n   ```\n\n\
    3. Tell them\n\n   ```message {name=tell to=\"#depot\"}\n   The queue is on {{SPARE}} now.\n   ```\n\n\
    ## Validation\n\n```sh {name=look}\nno-such-tool-here --queue <queue name>\n```\n";

const LIBRARY: &str = "[environments.prod]\nkind = \"production\"\nguard = true\nvars = { OWNER = \"ann\" }\n\n[environments.lab]\nkind = \"development\"\n";

/// A library with a runbook that was run twice, and another one.
async fn two_books(world: &World, page: &Page) {
    let folder = world.path("runbooks");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("allgood.toml"), LIBRARY).unwrap();
    fs::write(
        folder.join("other.md"),
        "# Restart the scanners\n\n## Steps\n\n- [ ] They are back\n- [ ] All of them\n",
    )
    .unwrap();
    library(world, page, "queue.md", BOOK).await;
    // What two runs have taught, without what has no answer here.
    for _ in 0..2 {
        let path = folder.join("queue.md").display().to_string();
        let (_, said) = world.allgood(&[
            "run",
            &path,
            "--auto",
            "--yes",
            "--param",
            "SPARE=spare-7",
            "--param",
            "OWNER=ann",
            "--param",
            "queue name=parcels",
        ]);
        assert!(said.contains("spare-7"), "{said}");
        let _ = fs::remove_file(folder.join("lag"));
    }
}

async fn sheet(page: &Page, file: &str) {
    page.go("#/library").await;
    page.click(&format!("[data-testid='runbook-row'][data-path$='/{file}']")).await;
    page.click(&id("start-run")).await;
    page.wait_for(&id("way-back")).await;
}

#[test]
fn the_sheet_says_what_a_run_needs_remembers_what_was_given_and_a_run_shows_what_is_usual() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        two_books(world, &page).await;
        sheet(&page, "queue.md").await;
        for words in ["no-such-tool-here", "by hand", "of the last 2", "days over"] {
            page.wait_for_text(words).await;
        }
        until("the value of the last run stands there", async || {
            page.script("return document.querySelector(\"[data-param='SPARE']\")?.value").await == "spare-7"
        })
        .await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "start-sheet").await;
        page.click(&id("environment-prod")).await;
        page.wait_for(".tape").await;
        until("nothing was given in this environment", async || {
            page.script("return document.querySelector(\"[data-param='SPARE']\")?.value").await == ""
        })
        .await;
        page.type_into("[data-param='SPARE']", "SPARE").await;
        page.wait_for_text("must match").await;
        world.pictures(&page, "start-sheet-prod").await;
        page.script("const field = document.querySelector(\"[data-param='SPARE']\"); field.value = ''; field.dispatchEvent(new Event('input', {bubbles: true}));").await;
        page.type_into("[data-param='SPARE']", "spare-9").await;
        begin(&page).await;
        page.wait_for(&id("time-left")).await;
        page.click(&format!("{} {}", item("the-spare-answers-from-two-places"), id("item-tick"))).await;
        page.click(&format!("{} {}", item("drain"), id("item-run"))).await;
        page.type_into(&format!("{} {}", item("drain"), id("confirm-text")), "prod\u{e007}").await;
        // A step that is done shrinks to a line: the next one is in hand.
        page.wait_for(&format!("{}[data-hand='true']", item("switch"))).await;
        assert!(!page.has(&format!("{} {}", item("switch"), id("item-value"))).await, "its environment sets $OWNER");
        page.click(&format!("{} {}", item("switch"), id("item-run"))).await;
        wait_for_status(&page, "switch", "passed").await;
        page.click(&format!("{} {}", item("lag"), id("item-run"))).await;
        page.wait_for(&id("next-try")).await;
        page.wait_for(&id("course")).await;
        world.picture(SIZES[0], "run-probe-under-way");
        page.wait_for(&id("message-text")).await;
        world.pictures(&page, "run-usual").await;
        // What a probe saw is there again when the run is read again.
        page.reload().await;
        page.wait_for(&id("run-page")).await;
        page.click(&format!("button{}[data-step='switch-to-the-spare']", id("run-step"))).await;
        page.wait_for(&id("course")).await;
        page.click(&format!("{} {}", item("lag"), id("probe-open"))).await;
        page.wait_for(&id("tries")).await;
        page.type_into(&id("message-text"), " Thank you.").await;
        page.click(&id("item-sent")).await;
        page.wait_for(&format!("{}[data-hand='true']", item("look"))).await;
        page.click(&format!("button{}[data-step='tell-them']", id("run-step"))).await;
        wait_for_status(&page, "tell", "passed").await;
        page.wait_for_text("Thank you.").await;
    });
}

#[test]
fn several_runs_are_under_way_and_each_is_found_as_it_was_left() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        two_books(world, &page).await;
        sheet(&page, "other.md").await;
        begin(&page).await;
        page.type_into(&id("note"), "half a note").await;
        let first = page.address().await;
        sheet(&page, "queue.md").await;
        begin(&page).await;
        let second = page.address().await;
        assert_ne!(first, second);
        page.script("document.activeElement.blur()").await;
        page.keys("w").await;
        page.wait_for(&id("switcher")).await;
        // Those that wait for somebody here, and the two that were put aside before.
        page.wait_for_count(&id("switch-to"), 4).await;
        assert_eq!(page.barriers().await, [""; 0]);
        page.keys("2").await;
        until("the first run is shown", async || page.address().await == first).await;
        until("what was written is there", async || {
            page.script("return document.getElementById('note')?.value").await == "half a note"
        })
        .await;
        page.script("document.activeElement.blur()").await;
        // The newest stands first: it is the one before.
        page.keys("[").await;
        until("the other run is shown", async || page.address().await == second).await;
        for (size, light) in [(SIZES[0], "light"), (SIZES[0], "dark"), (SIZES[1], "dark")] {
            page.resize(size).await;
            page.light(light).await;
            page.script("document.activeElement.blur()").await;
            page.keys("w").await;
            page.wait_for(&id("switcher")).await;
            page.painted().await;
            world.picture(size, &format!("switcher-{light}-{}x{}", size.0, size.1));
            page.keys("\u{e00c}").await;
            page.wait_gone(&id("switcher")).await;
        }
    });
}
