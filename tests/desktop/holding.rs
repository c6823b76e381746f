//! A record that cannot be kept for a while: what the window says of it, whom it calls, and that the run goes on by itself.

use rusqlite::Connection;

use crate::{
    display::SCREEN,
    page::{Page, id},
    run::{self, item, library, wait_for_status},
    states::look,
    world::{World, in_a_world},
};

const TEXT: &str = "# Fail over\n\n## Steps\n\n### Drain\n\n\
    ```sh {name=drain}\necho begun\nuntil test -e go; do sleep 0.05; done\necho drained\n```\n\n\
    ### Promote\n\n- [ ] It is quiet\n";

/// Another process that keeps the store locked for as long as it is there.
fn locked(world: &World) -> Connection {
    let other = Connection::open(world.path("store/allgood.db")).unwrap();
    other.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

async fn drains(world: &mut World) -> Page {
    let page = world.open().await;
    page.resize(SCREEN).await;
    library(world, &page, "fail-over.md", TEXT).await;
    run::start(&page, "fail-over.md").await;
    wait_for_status(&page, "drain", "ready").await;
    page.keys("\u{e007}").await;
    run::wait_for_output(&page, "drain", "begun").await;
    page
}

#[test]
fn a_run_whose_record_cannot_be_kept_says_so_calls_a_person_and_goes_on_when_it_can() {
    in_a_world(async |world| {
        world.with_bus();
        let bell = world.notifications(false);
        let page = drains(world).await;
        let desktop = world.desktop();
        let window = desktop.window("● Fail over · running").await;
        desktop.look_elsewhere();
        crate::page::until("it is not in front any more", async || !desktop.is_in_front(window)).await;

        let other = locked(world);
        std::fs::write(world.path("runbooks/go"), "").unwrap();
        page.wait_for(&id("trouble")).await;
        page.wait_for_text("goes on by itself when its record can be kept again").await;
        let called = bell.nth(0).await;
        assert_eq!(called.text, "The run waits: its record cannot be kept, and nothing more is started.");
        assert_eq!((called.title.as_str(), called.urgency), ("Fail over", 2));
        desktop.window("■ Fail over · its record cannot be kept").await;
        assert!(page.has(&format!("{}[data-status='running']", item("drain"))).await, "nothing is claimed");
        look(world, &page, "held").await;

        other.execute_batch("ROLLBACK").unwrap();
        page.wait_gone(&id("trouble")).await;
        page.wait_for(&format!("{}[data-hand='true']", item("it-is-quiet"))).await;
        run::unfold(&page).await;
        run::wait_for_output(&page, "drain", "drained").await;
        crate::page::until("it is called again", async || {
            bell.shown().iter().any(|one| one.text == "The record is kept again, and the run goes on.")
        })
        .await;
        desktop.window("◆ Fail over · waits for you").await;
        let run = page.address().await.rsplit_once('/').unwrap().1.to_owned();
        let (holds, verdict) = world.allgood(&["verify", &run]);
        assert!(holds, "{verdict}");
    });
}
