//! Schedules in the real window: proposed, accepted, run by the window itself when they are due, seen and told.

use std::{fs, time::Duration};

use serde_json::json;

use crate::{
    page::{id, until},
    world::{World, in_a_world},
};

const SIZES: [(u32, u32); 2] = [(1440, 900), (1024, 700)];
const ENTER: &str = "\u{e007}";

fn book(title: &str, front: &str, script: &str) -> String {
    format!(
        "---\nkind: routine\n{front}---\n# {title}\n\n## Steps\n\n### Save\n\n```sh {{name=save}}\n{script}\n```\n"
    )
}

/// A trusted library with three runbooks, of which one proposes a schedule.
async fn library(world: &World, page: &crate::page::Page) {
    let folder = world.path("books");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in [
        ("backup.md", book("Nightly backup", "", "echo saved >> \"$HOME/saved\"")),
        ("renew.md", book("Renew the certificates", "", "echo renewed")),
        ("rotate.md", book("Rotate the logs", "schedule: '0 5 * * 1'\n", "echo rotated")),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let added = page.ask("library_add", json!({"path": folder})).await.unwrap();
    page.ask("library_trust", json!({"id": added["id"]})).await.unwrap();
}

/// As if a schedule had last been looked at so many minutes ago, and its time of the day were a minute ago.
pub(crate) fn is_due(world: &World, name: &str) {
    let file = rusqlite::Connection::open(world.path("store/allgood.db")).unwrap();
    file.busy_timeout(Duration::from_secs(60)).unwrap();
    let then = jiff::Timestamp::now().checked_sub(jiff::Span::new().minutes(1)).unwrap();
    let at = then.to_zoned(jiff::tz::TimeZone::UTC);
    let cron = format!("{} {} * * *", at.minute(), at.hour());
    let after = then.checked_sub(jiff::Span::new().minutes(30)).unwrap();
    let sql = "UPDATE schedules SET cron = ?1, zone = 'UTC', after = ?2 WHERE name = ?3";
    assert_eq!(file.execute(sql, (cron, format!("{after:.3}"), name)).unwrap(), 1);
}

#[test]
fn a_schedule_is_added_by_keys_run_by_the_window_when_it_is_due_and_shown() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        library(world, &page).await;
        page.go("#/schedules").await;
        page.wait_for(&id("schedules-empty")).await;
        page.wait_for(&id("schedule-proposal")).await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "schedules-empty").await;

        page.keys("c").await;
        page.wait_for_focus(&id("schedule-book")).await;
        page.type_into(&id("schedule-book"), &world.path("books/backup.md").display().to_string()).await;
        page.type_into(&id("schedule-cron"), "30 3 * * MON-FRI").await;
        page.wait_for_text("What it holds now is accepted").await;
        page.wait_for_text("At 03:30").await;
        page.painted().await;
        world.picture(SIZES[0], "schedules-form");
        page.keys(ENTER).await;
        page.wait_gone("[role='dialog']").await;
        page.wait_for_count(&id("schedule-row"), 1).await;

        let renew = world.path("books/renew.md");
        let revision = page.ask("runbook", json!({"path": renew})).await.unwrap()["revision"].clone();
        let new = json!({"runbook": renew, "cron": "0 4 * * *", "revision": revision, "values": {}});
        page.ask("schedule_add", new).await.unwrap();
        fs::write(&renew, book("Renew the certificates", "", "echo otherwise")).unwrap();

        // The window looks by itself.
        is_due(world, "Nightly backup");
        is_due(world, "Renew the certificates");
        until("the window has run it", async || world.path("saved").exists()).await;
        until("it is shown as passed, and the changed one as not started", async || {
            let list = page.ask("schedule_list", json!({})).await.unwrap();
            let state = |at: usize| list["schedules"][at]["firings"][0]["state"].as_str().map(str::to_owned);
            state(0).as_deref() == Some("passed") && state(1).as_deref() == Some("refused")
        })
        .await;
        page.wait_for_count(&id("schedule-row"), 2).await;
        page.wait_for(&format!("{} .st-passed", id("schedule-row"))).await;
        page.wait_for(&format!("{} .st-problem", id("schedule-row"))).await;
        page.keys("j").await;
        page.wait_for(&id("schedule-problem")).await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "schedules").await;
        assert_eq!(fs::read_to_string(world.path("saved")).unwrap(), "saved\n", "once");

        // Where somebody has to be there it is said before it is kept, and afterwards.
        let drill = book("Fire drill", "", "echo drilled").replace("```sh", "- [ ] Everybody is out\n\n```sh");
        fs::write(world.path("books/drill.md"), drill).unwrap();
        page.keys("c").await;
        page.wait_for_focus(&id("schedule-book")).await;
        page.type_into(&id("schedule-book"), &world.path("books/drill.md").display().to_string()).await;
        page.type_into(&id("schedule-cron"), "@weekly").await;
        page.wait_for(&id("schedule-persons")).await;
        page.wait_for_text("At 00:00, on Sunday").await;
        page.painted().await;
        world.picture(SIZES[0], "schedules-form-person");
        page.keys(ENTER).await;
        page.wait_gone("[role='dialog']").await;
        page.wait_for_count(&id("schedule-row"), 3).await;
        page.wait_for(&id("schedule-stops")).await;
        assert!(page.text_of(&id("schedule-stops")).await.contains("everybody-is-out"));
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "schedules-waits").await;
    });
}
