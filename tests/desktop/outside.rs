//! Addresses from outside: `allgood://open/…` shows a runbook with its fields filled in, and nothing starts by it.

use crate::{
    display::SCREEN,
    page::{Page, id, until},
    world::{World, desktop, in_a_world},
};

const NARROW: (u32, u32) = (1024, 700);
const BOOK: &str = "---\ntitle: Fail over the database\nparams:\n  REGION: {prompt: Which region, choices: [eu-1, us-1]}\n  \
    NODE: {prompt: Which node}\n  TOKEN: {secret: true}\n---\n\n# Fail over the database\n\n## Steps\n\n```sh {name=do}\ntouch ran\n```\n";

async fn pictures(world: &World, page: &Page, name: &str) {
    for (size, wide) in [(SCREEN, "wide"), (NARROW, "narrow")] {
        page.resize(size).await;
        for theme in ["light", "dark"] {
            page.script(&format!("document.documentElement.dataset.theme = '{theme}'")).await;
            page.painted().await;
            world.picture(size, &format!("outside-{name}-{wide}-{theme}"));
        }
    }
    page.resize(SCREEN).await;
}

/// Waits for the sheet with that value from outside.
async fn shows(page: &Page, value: &str) {
    page.wait_for(&id("start-outside")).await;
    let script = "return [...document.querySelectorAll('[data-testid=start-sheet] input')].map((one) => one.value)";
    until(&format!("{value} stands in a field"), async || page.script(script).await.to_string().contains(value))
        .await;
}

#[test]
fn an_address_from_outside_shows_its_runbook_with_what_it_fills_in_and_starts_nothing() {
    in_a_world(async |world| {
        world.with_bus();
        let books = world.path("runbooks");
        std::fs::create_dir(&books).unwrap();
        std::fs::write(books.join("failover.md"), BOOK).unwrap();
        let (added, said) = world.allgood(&["library", "add", books.to_str().unwrap()]);
        assert!(added, "{said}");

        // The window was not open: it is opened by the address.
        let page =
            world.open_with(&["allgood://open/failover?REGION=eu-1&NODE=db-1&alert=DiskFull&TOKEN=hunter2"]).await;
        shows(&page, "db-1").await;
        let note = page.text_of(&id("start-outside")).await;
        assert!(note.contains("alert is left out: the runbook has no such parameter."), "{note}");
        assert!(note.contains("TOKEN is left out: it is a secret, which no address may carry."), "{note}");
        assert!(page.barriers().await.is_empty(), "{:?}", page.barriers().await);
        pictures(world, &page, "filled-in").await;

        // It is open: the second start passes its address on, and ends.
        let second = world.command(desktop()).arg("allgood://open/failover.md?NODE=db-2").status().unwrap();
        assert!(second.success(), "{second}");
        shows(&page, "db-2").await;
        page.click(&id("outside-drop")).await;
        page.wait_gone(&id("start-outside")).await;

        // What asks for anything else is refused with a sentence.
        assert!(world.command(desktop()).arg("allgood://run/failover.md").status().unwrap().success());
        page.wait_for_text("can only open a runbook").await;
        pictures(world, &page, "refused").await;

        assert!(!books.join("ran").exists());
        let (_, runs) = world.allgood(&["runs", "--json"]);
        assert_eq!(runs.trim(), "[]");
    });
}
