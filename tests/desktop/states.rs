//! How each state of a run looks, in both lights and both sizes, and that nobody is kept out of it.

use serde_json::json;

use crate::{
    display::SCREEN,
    page::{Page, id, until},
    run::{self, library, wait_for_status, within},
    world::{World, in_a_world},
};

/// The smaller of the two sizes that the interface is drawn for.
const SMALL: (u32, u32) = (1024, 700);

/// Looks at what stands there: pictures in both lights and both sizes, and no barrier that is serious. The page is at the
/// larger size afterwards, and the focus where it was: the light is chosen by a button.
pub(crate) async fn look(world: &World, page: &Page, name: &str) {
    page.script("window.had = document.activeElement").await;
    for (size, words) in [(SMALL, "small"), (SCREEN, "large")] {
        page.resize(size).await;
        for light in ["dark", "light"] {
            page.light(light).await;
            // What is nearer to each other is the same page; a light has its own contrasts.
            if size == SCREEN {
                let barriers = page.barriers().await;
                assert!(barriers.is_empty(), "{name}, {light}: {barriers:#?}");
            }
            world.picture(size, &format!("state-{name}-{light}-{words}"));
        }
    }
    page.script(
        "document.activeElement.blur(); if (window.had.isConnected) window.had.focus({preventScroll: true});",
    )
    .await;
}

const TEXT: &str = "---\ntitle: Fail over the primary\n---\n\n# Fail over the primary\n\nMoves the writes to the standby.\n\n## Steps\n\n\
    ### 1. Drain the old primary\n\nNew connections go to the standby from here on.\n\n```sh {name=drain expect=drained}\n\
    echo 'node db-1 cordoned'\nuntil test -e go; do sleep 0.05; done\necho 'node db-1 drained'\n```\n\n\
    ```sh {name=undrain undo}\necho 'node db-1 uncordoned'\n```\n\n\
    ### 2. Promote the standby\n\n```sh {name=promote expect=/promoted/}\necho 'db-2 is lagging by 14 s'\n```\n\n\
    ```sh {name=demote undo}\necho demoted\n```\n\n\
    ### 3. Tell the others\n\n- [ ] The dashboard shows writes on db-2\n";

async fn opened(world: &mut World) -> Page {
    let page = world.open().await;
    page.resize(SCREEN).await;
    library(world, &page, "fail-over.md", TEXT).await;
    page
}

fn touch(world: &World, name: &str) {
    std::fs::write(world.path("runbooks").join(name), "").unwrap();
}

#[test]
fn a_run_that_waits_runs_fails_and_is_put_aside_looks_so_and_is_taken_up_again() {
    in_a_world(async |world| {
        let page = opened(world).await;
        run::start(&page, "fail-over.md").await;
        wait_for_status(&page, "drain", "ready").await;
        look(world, &page, "waiting").await;
        page.keys("\u{e007}").await;
        run::wait_for_output(&page, "drain", "cordoned").await;
        look(world, &page, "running").await;
        touch(world, "go");
        wait_for_status(&page, "promote", "ready").await;
        page.keys("p").await;
        page.wait_for_text("Nothing runs until it is resumed").await;
        look(world, &page, "paused").await;
        page.keys("p").await;
        page.wait_for(&format!("{}:not([disabled])", within("promote", "item-run"))).await;
        page.keys("\u{e007}").await;
        wait_for_status(&page, "promote", "failed").await;
        page.wait_for(&id("choices")).await;
        look(world, &page, "failed").await;
        page.keys("s").await;
        page.type_into(&id("reason"), "db-2 was promoted by its operator\u{e007}").await;
        page.wait_for("[data-kind='check'][data-hand='true']").await;
        look(world, &page, "skipped").await;
        page.keys(" ").await;
        page.wait_for(&format!("{}[data-state='passed']", id("run-verdict"))).await;
        look(world, &page, "passed-with-a-skip").await;
    });
}

#[test]
fn what_was_taken_as_done_and_a_run_that_was_given_up_or_handed_over_look_so() {
    in_a_world(async |world| {
        let page = opened(world).await;
        touch(world, "go");
        for over in ["abandoned", "handed_over"] {
            run::start(&page, "fail-over.md").await;
            wait_for_status(&page, "drain", "ready").await;
            page.keys("\u{e007}").await;
            wait_for_status(&page, "promote", "ready").await;
            page.keys("\u{e007}").await;
            wait_for_status(&page, "promote", "failed").await;
            page.keys("m").await;
            page.type_into(&id("reason"), "pg_is_in_recovery says f on db-2\u{e007}").await;
            page.wait_for("[data-kind='check'][data-hand='true']").await;
            if over == "abandoned" {
                look(world, &page, "overridden").await;
                page.wait_for(&id("run-abandon")).await.send_keys("\u{e007}").await.unwrap();
                page.type_into(&id("reason"), "the change window is over\u{e007}").await;
            } else {
                let run = page.address().await.rsplit_once('/').unwrap().1.to_owned();
                let file = world.path("handed.allgood-run");
                let to = json!({"run": run, "path": file, "to": "grace"});
                page.ask("run_hand_over", to).await.unwrap();
            }
            page.wait_for(&format!("{}[data-state='{over}']", id("run-verdict"))).await;
            look(world, &page, over).await;
        }
        page.go("#/runs").await;
        page.wait_for_count(&id("run-row"), 2).await;
        look(world, &page, "list").await;
    });
}

#[test]
fn a_run_that_passed_looks_so_and_so_do_the_settings() {
    in_a_world(async |world| {
        let page = opened(world).await;
        touch(world, "go");
        let text = TEXT.replace("db-2 is lagging by 14 s", "db-2 is promoted");
        std::fs::write(world.path("runbooks/fail-over.md"), text).unwrap();
        until("the new text is read", async || {
            page.ask("runbook", json!({"path": world.path("runbooks/fail-over.md")}))
                .await
                .is_ok_and(|book| book.to_string().contains("db-2 is promoted"))
        })
        .await;
        run::start(&page, "fail-over.md").await;
        assert_eq!(run::to_the_end(&page).await, "passed");
        look(world, &page, "passed").await;
        assert!(page.has(&id("verdict-rollback")).await, "it can still be undone");
        page.go("#/settings").await;
        page.wait_for(&id("notifications")).await;
        page.type_into("#notify-after", "\u{e003}x\u{e007}").await;
        page.wait_for_text("is no number of seconds").await;
        look(world, &page, "settings").await;
        page.click(&format!("{} button:last-child", id("notifications"))).await;
        page.wait_for("#notify-after[disabled]").await;
        let settings = page.ask("settings_read", json!({})).await.unwrap();
        assert_eq!((&settings["notifications"], &settings["notify_after_s"]), (&json!(false), &json!(30)));
        let config = std::fs::read_to_string(world.path("config/allgood/config.toml")).unwrap();
        assert!(config.contains("[notifications]\nenabled = false"), "{config}");
    });
}
