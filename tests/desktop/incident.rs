//! An incident in the window: its marks, who responds, its updates, by keys; in both lights and both sizes.

use serde_json::Value;

use crate::{
    display::SCREEN,
    page::{Page, id, until},
    run::{library, start},
    world::{World, in_a_world},
};

const NARROW: (u32, u32) = (1024, 700);

const BOOK: &str = "---\ntitle: Fail over the orders database\nkind: incident\nseverity: SEV2\nupdate_every: {SEV1: 1m, SEV2: 30m}\n\
    params: {CLUSTER: orders-eu-1}\nresponders:\n  - {role: incident lead, who: first on call, contact: pager}\n  \
    - {role: communication, who: second on call, contact: pager}\n---\n\n# Fail over the orders database\n\n\
    ## Communication\n\n```message {name=tell-engineers to=\"engineers\"}\nWe look at {{CLUSTER}} since <time>. Please deploy nothing.\n```\n\n\
    ## Steps\n\n### 1. Fence it\n\n- [ ] Writes are paused\n\n### 2. Promote the standby\n\n- [ ] It answers\n";

async fn pictures(world: &World, page: &Page, name: &str) {
    for (size, wide) in [(SCREEN, "wide"), (NARROW, "narrow")] {
        page.resize(size).await;
        for theme in ["light", "dark"] {
            // Not by the window's switch: a sheet that hangs at a button closes when something else is pressed.
            page.script(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
            page.painted().await;
            world.picture(size, &format!("incident-{name}-{wide}-{theme}"));
        }
    }
    page.resize(SCREEN).await;
}

#[test]
fn an_incident_is_marked_and_told_about_by_keys() {
    in_a_world(async |world| {
        let page = world.open().await;
        library(world, &page, "failover.md", BOOK).await;
        start(&page, "failover.md").await;
        page.wait_for(&id("incident")).await;
        page.wait_for_text("Update in").await;
        pictures(world, &page, "begun").await;

        page.keys("i").await;
        page.type_into(&id("mark-when"), "20m").await;
        pictures(world, &page, "mark").await;
        page.keys("\u{e007}").await;
        page.wait_for_text("since detected").await;
        page.wait_gone(&id("mark-send")).await;
        page.click(&id("responders")).await;
        page.click(&id("take-incident lead")).await;
        page.wait_for_text("leads").await;
        pictures(world, &page, "responders").await;
        page.keys("\u{e00c}").await;

        page.click(&id("severity")).await;
        page.click(&id("severity-SEV1")).await;
        page.type_into(&id("severity-why"), "orders are lost").await;
        pictures(world, &page, "severity").await;
        page.keys("\u{e007}").await;
        page.wait_for_text("SEV1").await;
        // Two minutes go by for the page: at this severity an update is due every minute.
        page.script("const real = Date.now.bind(Date); Date.now = () => real() + 120000").await;
        until("an update is due", async || page.text_of(&id("next-update")).await.contains("Update due")).await;
        assert!(page.barriers().await.is_empty(), "{:?}", page.barriers().await);
        pictures(world, &page, "due").await;

        page.keys("u").await;
        page.wait_for(&id("update-text")).await;
        pictures(world, &page, "update").await;
        assert!(page.barriers().await.is_empty(), "{:?}", page.barriers().await);
        // A place is still to be filled in: it was sent so, and that has to be said.
        page.click(&id("update-sent")).await;
        page.click(&id("update-as-is")).await;
        page.wait_for_text("tell-engineers marked as sent").await;
        // The record tells it before the sheet has its answer and goes; until then the keys are the sheet's.
        page.wait_gone(&id("update-text")).await;
        for moment in ["mitigated", "verified"] {
            page.keys("i").await;
            page.wait_for_text(&format!("Mark {moment}")).await;
            page.wait_for_focus(&id("mark-when")).await;
            page.keys("\u{e007}").await;
            page.wait_gone(&id("mark-send")).await;
        }
        pictures(world, &page, "verified").await;

        let (_, said) = world.allgood(&["runs", "--json"]);
        let runs: Value = serde_json::from_str(&said).unwrap();
        let (_, said) = world.allgood(&["report", runs[0]["id"].as_str().unwrap()]);
        for told in ["SEV1, raised from SEV2", "orders are lost", "incident lead", "Updates: 1 sent"] {
            assert!(said.contains(told), "{told}: {said}");
        }
    });
}
