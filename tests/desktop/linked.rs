//! A check that stands for a run of another runbook: there and back, forward and rolled back, and refused where it leads back
//! to itself.

use serde_json::json;

use crate::{
    display::SCREEN,
    page::{Page, id},
    run::{self, library, wait_for_status, within},
    states::look,
    world::{World, in_a_world},
};

const ENTER: &str = "\u{e007}";

const PARENT: &str = "---\nparams: {REGION: {default: mars}}\n---\n\n# Fail over the orders database\n\n## Steps\n\n\
    ### 1. Drain\n\n```sh {name=drain}\necho drained >> log\n```\n\n```sh {name=undrain undo}\necho undrained >> log\n```\n\n\
    ### 2. Restore\n\n- [ ] [Restore the database](restore.md)\n\n### 3. Look\n\n- [ ] Writes arrive\n\
    - [ ] [Once more from the start](failover.md)\n";

const CHILD: &str = "---\nparams:\n  REGION: {prompt: Where it stands, choices: [eu-1, us-1], required: true}\n  \
    TOKEN: {prompt: Token of the storage, secret: true, required: true}\n---\n\n# Restore the database\n\n## Steps\n\n\
    - [ ] The snapshot is complete\n\n### Copy\n\n```sh {name=copy}\necho \"restored in $REGION, ${#TOKEN}\" >> log\n```\n\n\
    ```sh {name=uncopy undo}\necho put back >> log\n```\n";

fn log(world: &World) -> Vec<String> {
    let log = std::fs::read_to_string(world.path("runbooks/log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

fn in_hand(name: &str) -> String {
    format!("{}[data-hand='true']", run::item(name))
}

async fn run_here(page: &Page) -> String {
    page.address().await.rsplit_once('/').unwrap().1.to_owned()
}

async fn another_run(page: &Page, than: &str) -> String {
    crate::page::until("another run is on the page", async || {
        run_here(page).await != than && page.has(&id("part-of")).await
    })
    .await;
    run_here(page).await
}

async fn back(page: &Page, parent: &str) {
    page.click(&id("part-of")).await;
    crate::page::until("its check's run is on the page", async || run_here(page).await == parent).await;
    page.wait_for(&id("run-page")).await;
}

#[test]
fn a_linked_run_is_opened_followed_and_rolled_back_from_the_check_that_stands_for_it() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        std::fs::create_dir_all(world.path("runbooks")).unwrap();
        std::fs::write(world.path("runbooks/restore.md"), CHILD).unwrap();
        library(world, &page, "failover.md", PARENT).await;
        run::start(&page, "failover.md").await;
        let parent = run_here(&page).await;
        wait_for_status(&page, "drain", "ready").await;
        page.keys(ENTER).await;
        page.wait_for(&in_hand("restore-the-database")).await;
        page.wait_for(&within("restore-the-database", "item-open-run")).await;
        look(world, &page, "linked-ready").await;

        // What it asks for is asked in the fields of a start: a value of the same name that does not fit there, and a secret.
        page.keys(ENTER).await;
        let form = id("linked-values");
        page.wait_for(&format!("{form} [data-param='REGION'] [role='radio']:focus")).await;
        look(world, &page, "linked-values").await;
        page.click(&format!("{form} [data-param='REGION'] [role='radio']:nth-child(2)")).await;
        page.type_into(&format!("{form} [type='password'][data-param='TOKEN']"), &format!("abcdefg{ENTER}")).await;
        let child = another_run(&page, &parent).await;
        page.wait_for(&in_hand("the-snapshot-is-complete")).await;
        look(world, &page, "linked-child").await;
        let given = page.ask("run_view", json!({"run": child})).await.unwrap();
        assert_eq!(given["parameters"], json!({"REGION": "us-1", "TOKEN": "•••"}));

        // The check follows its run while nobody looks at that.
        back(&page, &parent).await;
        page.wait_for_text("waits for you, 0 of 2").await;
        let tick = json!({"run": child, "action": {"do": "tick", "item": "the-snapshot-is-complete", "note": null}});
        page.ask("run_do", tick).await.unwrap();
        page.wait_for_text("waits for you, 1 of 2").await;
        look(world, &page, "linked-under-way").await;
        page.keys(ENTER).await;
        another_run(&page, &parent).await;
        wait_for_status(&page, "copy", "ready").await;
        page.keys(ENTER).await;
        page.wait_for(&format!("{}[data-state='passed']", id("run-verdict"))).await;
        look(world, &page, "linked-child-passed").await;
        assert_eq!(log(world), ["drained", "restored in us-1, 7"]);
        back(&page, &parent).await;
        page.wait_for_text(&format!("passed by run {}", &child[..8])).await;
        page.wait_for(&in_hand("writes-arrive")).await;
        page.wait_for_text("a runbook cannot be a part of itself").await;
        assert!(!page.has(&within("once-more-from-the-start", "item-open-run")).await, "it cannot be opened");
        look(world, &page, "linked-passed-and-refused").await;
        page.keys(" ").await;
        page.wait_for(&in_hand("once-more-from-the-start")).await;
        page.keys(" ").await;
        page.wait_for(&format!("{}[data-state='passed']", id("run-verdict"))).await;

        // Back over both: the check waits for its run to be rolled back, then the rest goes by itself.
        page.keys("r").await;
        page.wait_for(&format!("{}[data-as='choose']", id("rollback-plan"))).await;
        look(world, &page, "linked-rollback-plan").await;
        page.keys(ENTER).await;
        page.wait_for(&id("by-hand-run")).await;
        look(world, &page, "linked-rolling-back").await;
        page.keys(ENTER).await;
        another_run(&page, &parent).await;
        page.wait_for(&id("verdict-rollback")).await;
        page.keys("r").await;
        page.wait_for(&format!("{}[data-as='choose']", id("rollback-plan"))).await;
        page.wait_for_focus(&id("plan-entry")).await;
        page.keys(ENTER).await;
        page.wait_for(&format!("{}[data-state='rolled_back']", id("run-verdict"))).await;
        back(&page, &parent).await;
        page.wait_for(&format!("{}[data-state='rolled_back']", id("run-verdict"))).await;
        look(world, &page, "linked-rolled-back").await;
        assert_eq!(log(world)[2..], ["put back", "undrained"]);
        for run in [&parent, &child] {
            let (holds, verdict) = world.allgood(&["verify", run]);
            assert!(holds, "{verdict}");
        }
    });
}
