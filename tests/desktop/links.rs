//! The links that a person keeps, in the real window: added, found and opened by keys alone, and from a run.

use serde_json::json;

use crate::{
    page::{Page, id, until},
    run,
    world::{World, in_a_world},
};

const SIZES: [(u32, u32); 2] = [(1440, 900), (1024, 700)];
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

const BOOK: &str = "---\ntags: [database]\nparams: {region: eu-west-1}\nlinks:\n  \
    - {title: Orders board, url: 'https://board.internal/{{region}}?from={{run.start_ms}}'}\n  \
    - {title: Call, url: 'https://meet.internal/bridge'}\n---\n# Fail over the orders database\n\n## Steps\n\n- [ ] Look\n- [ ] Look again\n";

/// What somebody keeps after a while: title, address, group, pinned.
const STOCK: [(&str, &str, &str, bool); 22] = [
    (
        "Orders overview",
        "https://grafana.internal/d/orders?var-region={{region}}&from={{run.start_ms}}",
        "Dashboards",
        true,
    ),
    ("Log search", "https://logs.internal/?host={{host}}&from={{run.start_ms}}&to={{run.end_ms}}", "Hosts", true),
    ("Open incidents", "https://tracker.internal/incidents", "On call", true),
    ("Order by number", "https://admin.internal/orders/{{order}}", "Billing", true),
    ("Alerts firing now", "https://alerts.internal/", "On call", false),
    ("Status page, post an update", "https://status.internal/new", "On call", false),
    ("Bridge call", "https://meet.internal/bridge", "On call", false),
    ("Write the review", "https://tracker.internal/reviews/new", "On call", false),
    ("Replication", "https://grafana.internal/d/pg?var-region={{region}}&from=now-1h", "Databases", false),
    ("Slow queries", "https://grafana.internal/d/slow?var-env={{env}}", "Databases", false),
    ("Pooler saturation", "https://grafana.internal/d/pooler?var-region={{region}}", "Databases", false),
    ("Backups, last 14 nights", "https://backups.internal/", "Databases", false),
    ("Certificates by expiry", "https://certificates.internal/", "Edge and network", false),
    ("DNS zones", "https://dns.internal/", "Edge and network", false),
    ("Firewall rules", "https://firewall.internal/{{env}}", "Edge and network", false),
    ("Disk use", "https://grafana.internal/d/disk?var-host={{host}}", "Hosts", false),
    ("Processes", "https://grafana.internal/d/processes?var-host={{host}}", "Hosts", false),
    ("Inventory", "https://inventory.internal/", "Hosts", false),
    ("Invoice by number", "https://billing.internal/invoices/{{invoice}}", "Billing", false),
    ("Dunning queue", "https://billing.internal/dunning", "Billing", false),
    ("Rota and holidays", "https://rota.internal/", "My own", false),
    ("Shift notes", "https://notes.internal/", "My own", false),
];

async fn stock(page: &Page) {
    for (title, address, group, pinned) in STOCK {
        let tags = if group == "Databases" { json!(["database"]) } else { json!([]) };
        let link = json!({"title": title, "address": address, "group": group, "tags": tags, "pinned": pinned});
        page.ask("link_add", link).await.unwrap();
    }
    for (title, times) in [("Alerts firing now", 3), ("Replication", 2), ("Disk use", 1)] {
        let values = json!({"region": "eu-west-1", "host": "log-02", "env": "prod"});
        for _ in 0..times {
            page.ask("links_open", json!({"links": [title], "values": values})).await.unwrap();
        }
    }
    page.ask("links_open", json!({"links": ["Slow queries"], "values": {"env": "prod"}})).await.unwrap();
}

async fn opened(world: &World, count: usize) -> Vec<String> {
    until(&format!("{count} links are open"), async || world.opened_links().len() >= count).await;
    world.opened_links()
}

#[test]
fn links_are_added_found_opened_removed_and_put_back_by_keys_alone() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        page.go("#/links").await;
        page.wait_for(&id("links-empty")).await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "links-empty").await;

        // Adding: one key opens the form, Tab goes through it, Enter keeps it. Four keys beside what is typed.
        page.keys("c").await;
        page.wait_for_focus(&id("link-title")).await;
        page.type_into(&id("link-title"), "Runway lights").await;
        page.keys(TAB).await;
        page.wait_for_focus(&id("link-url")).await;
        page.type_into(&id("link-url"), "javascript:alert(1)").await;
        page.keys(ENTER).await;
        page.wait_for_text("never opened").await;
        page.painted().await;
        world.picture(SIZES[0], "links-refused");
        page.script("document.querySelector(\"[data-testid='link-url']\").select()").await;
        page.type_into(&id("link-url"), "https://lights.internal/").await;
        page.keys(ENTER).await;
        page.wait_gone("[role='dialog']").await;
        page.wait_for_count(&id("link-row"), 1).await;
        page.wait_for_text("https://lights.internal/").await;

        // It is the one in hand: one key opens it.
        page.wait_for_focus("section.board").await;
        page.keys(ENTER).await;
        assert_eq!(opened(world, 1).await, ["https://lights.internal/"]);

        // Removing and putting back: a key each.
        page.keys("\u{e017}").await;
        page.wait_for(&id("links-empty")).await;
        page.keys("\u{e009}z\u{e000}").await;
        page.wait_for_count(&id("link-row"), 1).await;
    });
}

#[test]
fn the_board_of_links_is_read_filtered_and_filled_and_a_set_is_shown_before_it_opens() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        stock(&page).await;
        let before = opened(world, 7).await.len();
        page.go("#/links").await;
        page.wait_for_count(&id("link-pin"), 4).await;
        page.wait_for_text("22").await;
        until("what was given last stands there", async || {
            page.script("return document.querySelector(\"[data-parameter='region']\")?.value").await == "eu-west-1"
        })
        .await;
        page.wait_for_text("Replication").await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "links").await;

        // A pinned one by its number; it is filled with what stands above.
        page.keys("1").await;
        let address = opened(world, before + 1).await.pop().unwrap();
        assert!(address.starts_with("https://grafana.internal/d/orders?var-region=eu-west-1&from=1"), "{address}");

        // Any other: the filter, its two letters, Enter.
        let letters =
            page.ask("link_list", json!({"words": "Dunning", "pinned": false, "values": {}, "of_runbook": false}));
        let letters = letters.await.unwrap()["links"][0]["keys"].as_str().unwrap().to_owned();
        page.keys("/").await;
        page.wait_for_focus(&id("links-filter")).await;
        page.keys(&letters).await;
        page.keys(ENTER).await;
        assert_eq!(opened(world, before + 2).await.pop().unwrap(), "https://billing.internal/dunning");
        page.keys("\u{e00c}").await;
        page.wait_for_count(&id("link-row"), 18).await;

        // One that needs a value asks for it where everybody sees it.
        page.keys("4").await;
        page.wait_for_focus("[data-parameter='order']").await;
        page.wait_for_text("Order by number needs order").await;
        world.picture(SIZES[0], "links-needs-a-value");
        page.type_into("[data-parameter='order']", "4711/a").await;
        page.keys(ENTER).await;
        assert_eq!(opened(world, before + 3).await.pop().unwrap(), "https://admin.internal/orders/4711%2Fa");

        // A set.
        page.wait_for_focus("section.board").await;
        page.keys("/").await;
        page.wait_for_focus(&id("links-filter")).await;
        page.type_into(&id("links-filter"), "internal/ on call").await;
        page.wait_for_text("5 of 22").await;
        page.script("document.querySelector('section.board').focus()").await;
        page.keys("a").await;
        page.wait_for_focus(&id("set-open")).await;
        page.wait_for_text("https://status.internal/new").await;
        world.picture(SIZES[0], "links-set");
        assert_eq!(world.opened_links().len(), before + 3, "nothing is opened before it was seen");
        page.keys(ENTER).await;
        opened(world, before + 8).await;
    });
}

#[test]
fn a_run_shows_the_links_that_share_its_tag_filled_with_its_values_and_records_what_is_opened() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        stock(&page).await;
        let before = opened(world, 7).await.len();
        run::library(world, &page, "failover.md", BOOK).await;
        run::start(&page, "failover.md").await;
        page.wait_for_count(&id("kept-link"), 4).await;
        page.wait_for_text("Replication").await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "links-run").await;
        page.script("[...document.querySelectorAll(\"[data-testid='kept-link']\")].find(b => b.textContent.includes('Replication')).click()").await;
        let address = opened(world, before + 1).await.pop().unwrap();
        assert_eq!(address, "https://grafana.internal/d/pg?var-region=eu-west-1&from=now-1h");
        page.wait_for_text("https://grafana.internal/d/pg").await;
        // All of the runbook's own, after they were shown.
        page.click(&id("open-all")).await;
        page.wait_for_focus(&id("set-open")).await;
        page.keys(ENTER).await;
        let all = opened(world, before + 3).await;
        assert!(all.iter().any(|address| address.starts_with("https://board.internal/eu-west-1?from=1")), "{all:?}");
        let run = page.address().await.rsplit_once('/').unwrap().1.to_owned();
        until("the run has all three", async || {
            let view = page.ask("run_view", json!({"run": run})).await.unwrap();
            let told = view["timeline"].as_array().unwrap();
            told.iter().filter(|entry| entry["kind"] == "link_opened").count() == 3
        })
        .await;
    });
}
