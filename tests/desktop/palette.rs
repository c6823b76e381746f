//! The palette in the real window: it opens wherever the focus is, finds and does by keys alone, and gives the focus back.

use serde_json::json;

use crate::{
    display::SCREEN,
    page::{Page, id, until},
    run,
    world::{World, in_a_world},
};

const NARROW: (u32, u32) = (1024, 700);
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const ESC: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
pub(crate) const CTRL_K: &str = "\u{e009}k\u{e000}";
const CTRL_SHIFT_K: &str = "\u{e009}\u{e008}k\u{e000}";

const BOOK: &str = "---\nkind: incident\nseverity: SEV1\ntags: [database]\n---\n# Fail over the orders database\n\n## Steps\n\n\
    ### Promote the standby of orders\n\n```sh {name=ask timeout=10m}\nread -r answer\n```\n\n### Tell the team\n\n- [ ] Told\n";

const LINKS: [(&str, &str, &str); 4] = [
    ("Orders overview, eu-west-1", "https://grafana.internal/d/orders", "Grafana"),
    ("Order by number", "https://admin.internal/orders/{{order}}", "Billing"),
    ("Dunning queue", "https://billing.internal/dunning", "Billing"),
    ("Alerts firing now", "https://alerts.internal/", "On call"),
];

/// In both sizes and both lights, where a dialog stands before the switch of the light.
pub(crate) async fn pictures(world: &World, page: &Page, name: &str) {
    for size in [SCREEN, NARROW] {
        page.resize(size).await;
        for light in ["light", "dark"] {
            page.script(&format!("document.documentElement.dataset.theme = '{light}'")).await;
            page.painted().await;
            world.picture(size, &format!("{name}-{light}-{}x{}", size.0, size.1));
        }
    }
    page.script("document.documentElement.dataset.theme = 'light'").await;
    page.resize(SCREEN).await;
}

/// Opens it where the focus is, and types.
pub(crate) async fn find(page: &Page, chord: &str, text: &str) {
    page.keys(chord).await;
    page.wait_for_focus(&id("palette-text")).await;
    page.keys(text).await;
    shows(page, text).await;
}

/// Waits until what is shown was found for that text.
async fn shows(page: &Page, text: &str) {
    let script = "return document.querySelector(\"[data-testid='palette']\")?.dataset.found ?? null";
    until(&format!("hits for {text:?}"), async || page.script(script).await == text).await;
}

/// Closes it; the focus is there again.
async fn leave(page: &Page, focus: &str) {
    page.keys(ESC).await;
    page.wait_gone(&id("palette")).await;
    page.wait_for_focus(focus).await;
}

async fn stocked(world: &mut World) -> Page {
    let page = world.open().await;
    page.resize(SCREEN).await;
    for (title, address, group) in LINKS {
        let link = json!({"title": title, "address": address, "group": group, "tags": ["orders"], "pinned": false});
        page.ask("link_add", link).await.unwrap();
    }
    for (name, kind, address) in [("orders-ro", "database", "orders-ro:5432"), ("orders-db-02", "ssh", "db-02")] {
        let (added, said) = world.allgood(&["access", "add", name, "--kind", kind, "--address", address]);
        assert!(added, "{said}");
    }
    run::library(world, &page, "failover.md", BOOK).await;
    page
}

#[test]
fn the_palette_opens_wherever_the_focus_is_and_two_letters_open_a_link() {
    in_a_world(async |world| {
        let page = stocked(world).await;
        page.go("#/library").await;
        page.wait_for(&id("runbook-row")).await;
        page.script("document.querySelector(\"[data-testid='search']\").focus()").await;
        page.wait_for_focus(&id("search")).await;
        find(&page, CTRL_K, "ord").await;
        page.wait_for_text("Promote the standby of orders").await;
        assert_eq!(page.barriers().await, [""; 0]);
        pictures(world, &page, "palette-found").await;
        leave(&page, &id("search")).await;

        // Ctrl K, two letters, Enter: four presses open a link.
        let query = json!({"words": "Dunning", "pinned": false, "values": {}, "of_runbook": false});
        let found = page.ask("link_list", query).await.unwrap();
        let letters = found["links"][0]["keys"].as_str().unwrap().to_owned();
        assert_eq!(letters.chars().count(), 2);
        find(&page, CTRL_K, &letters).await;
        page.keys(ENTER).await;
        until("the link is open", async || world.opened_links() == ["https://billing.internal/dunning"]).await;
        page.wait_gone(&id("palette")).await;
        page.wait_for_focus(&id("search")).await;

        // What was chosen stands there before anything is typed.
        page.keys(CTRL_K).await;
        page.wait_for_focus(&id("palette-text")).await;
        page.wait_for_count(&id("palette-hit"), 1).await;
        pictures(world, &page, "palette-recent").await;

        // The other actions on a hit, and back.
        page.keys("orders-ro").await;
        shows(&page, "orders-ro").await;
        page.keys(TAB).await;
        page.wait_for_count(&id("palette-act"), 2).await;
        assert_eq!(page.barriers().await, [""; 0]);
        pictures(world, &page, "palette-acts").await;
        page.keys(TAB).await;
        page.wait_gone(&id("palette-act")).await;
        leave(&page, &id("search")).await;

        // A link that needs a value asks for it; one that nobody has offers a new runbook.
        find(&page, CTRL_K, "order by").await;
        page.keys(ENTER).await;
        page.wait_for_focus(&id("palette-value")).await;
        pictures(world, &page, "palette-value").await;
        page.type_into(&id("palette-value"), "4711").await;
        page.keys(ENTER).await;
        until("the link is open", async || {
            world.opened_links().last().is_some_and(|last| last == "https://admin.internal/orders/4711")
        })
        .await;
        page.wait_gone(&id("palette")).await;
        page.wait_for_focus(&id("search")).await;
        find(&page, CTRL_K, "zebra crossing").await;
        pictures(world, &page, "palette-none").await;
        page.keys(ENTER).await;
        page.wait_gone(&id("palette")).await;
        page.wait_for(&id("new-title")).await;
        let title = "return document.querySelector(\"[data-testid='new-title']\").value";
        until("the new runbook has that title", async || page.script(title).await == "zebra crossing").await;
    });
}

#[test]
fn the_palette_opens_while_one_writes_and_from_a_terminal_and_gives_the_focus_back() {
    in_a_world(async |world| {
        let page = stocked(world).await;
        let file = world.path("runbooks/failover.md").display().to_string();
        page.go(&format!("#/edit/{}", file.replace('/', "%2F"))).await;
        page.wait_for(&id("source")).await;
        page.script("document.querySelector(\"[data-testid='source']\").focus()").await;
        page.wait_for_focus(&id("source")).await;
        find(&page, CTRL_K, "tell the").await;
        leave(&page, &id("source")).await;

        // In a terminal Ctrl K is the shell's.
        run::start(&page, "failover.md").await;
        page.wait_for(&run::item("ask")).await;
        page.keys(ENTER).await;
        page.wait_for(&run::within("ask", "terminal")).await;
        let terminal = format!("{} textarea", run::within("ask", "terminal"));
        page.wait_for(&terminal).await;
        page.script(&format!("document.querySelector({}).focus()", json!(terminal))).await;
        page.wait_for_focus(&terminal).await;
        page.keys(CTRL_K).await;
        page.painted().await;
        assert!(!page.has(&id("palette")).await, "Ctrl K belongs to the shell");
        find(&page, CTRL_SHIFT_K, "fail over").await;
        page.wait_for_text("Return to run").await;
        page.painted().await;
        world.picture(SCREEN, "palette-over-a-run");
        page.keys(DOWN).await;
        leave(&page, &terminal).await;
    });
}

#[test]
fn one_step_alone_is_started_from_the_palette_and_nothing_before_it_runs() {
    in_a_world(async |world| {
        let page = stocked(world).await;
        page.go("#/library").await;
        page.wait_for(&id("runbook-row")).await;
        find(&page, CTRL_K, "tell the").await;
        page.keys(TAB).await;
        page.wait_for(&format!("{}[data-act='alone']", id("palette-act"))).await;
        page.click(&format!("{}[data-act='alone']", id("palette-act"))).await;
        page.wait_for(&id("way-back")).await;
        assert!(page.text_of(&id("start-step")).await.contains("Only one step is run: Tell the team."));
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "start-step-alone").await;
        run::begin(&page).await;
        page.wait_for(&run::item("told")).await;
        assert!(!page.has(&run::item("ask")).await, "the step before it is no part of the run");
        assert_eq!(page.text_of(&id("one-step")).await, "One step");
        assert!(page.text().await.contains("0 of 1 done"));
        world.pictures(&page, "run-step-alone").await;
        assert_eq!(run::to_the_end(&page).await, "passed");
        let (listed, said) = world.allgood(&["runs", "--json"]);
        let runs: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert!(listed && runs[0]["state"] == "passed", "{said}");
        let told = runs[0]["id"].as_str().unwrap();
        let (shown, said) = world.allgood(&["show-run", told]);
        assert!(shown && said.contains("Tell the team") && !said.contains("Promote"), "{said}");
        let (listed, said) = world.allgood(&["runs"]);
        assert!(listed && said.contains("1 of 1"), "{said}");
        // Read from the record it is the same.
        page.reload().await;
        page.wait_for(&id("one-step")).await;
        run::unfold(&page).await;
        page.wait_for(&run::item("told")).await;
        assert!(!page.has(&run::item("ask")).await);
    });
}
