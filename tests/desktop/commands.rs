//! One command in the window: typing into it, its output, stopping it, its failure.

use crate::{
    display::SCREEN,
    page::{Page, id, until},
    run::{self, item, library, runs_somewhere, terminal, unique, wait_for_output, wait_for_status, within},
    world::{World, in_a_world},
};

async fn opened(world: &mut World, text: &str) -> Page {
    let page = world.open().await;
    page.resize(SCREEN).await;
    library(world, &page, "commands.md", text).await;
    run::start(&page, "commands.md").await;
    page
}

#[test]
fn a_person_types_into_a_running_command_and_stops_another() {
    in_a_world(async |world| {
        let word = unique("4");
        let text = format!(
            "# Commands\n\n## Steps\n\n### 1. Ask\n\n```sh {{name=ask}}\nprintf 'Your name? '\nread -r name\n\
             echo \"Welcome, $name.\"\nread -r end\n```\n\n### 2. Wait\n\n```sh {{name=wait}}\necho started\nsleep {word} &\nsleep \
             {word}\n```\n"
        );
        let page = opened(world, &text).await;
        page.click(&within("ask", "item-run")).await;
        wait_for_output(&page, "ask", "Your name?").await;
        page.type_into(&format!("{} textarea", within("ask", "terminal")), "Ada\n").await;
        wait_for_output(&page, "ask", "Welcome, Ada.").await;
        page.type_into(&format!("{} textarea", within("ask", "terminal")), "\n").await;
        page.wait_for_count(&format!("{}[data-status='passed']", id("run-step")), 1).await;

        page.click(&within("wait", "item-run")).await;
        wait_for_output(&page, "wait", "started").await;
        until("the command runs", async || runs_somewhere(&word)).await;
        world.picture(SCREEN, "running");
        page.click(&within("wait", "item-stop")).await;
        page.wait_for(&format!("{}:not([data-status='running'])", item("wait"))).await;
        run::wait_until_gone(&word).await;
    });
}

#[test]
fn a_failure_shows_what_was_expected_beside_what_came_and_goes_on_with_a_reason() {
    in_a_world(async |world| {
        let text = "# Promote\n\n## Steps\n\n### 1. Promote the spare\n\n```sh {name=promote expect=/is promoted/}\necho \
                    'node web2 is lagging'\n```\n\n### 2. Done\n\n- [ ] It is quiet\n";
        let page = opened(world, text).await;
        page.click(&within("promote", "item-run")).await;
        wait_for_status(&page, "promote", "failed").await;
        page.wait_for(&id("choices")).await;
        let shown = page.text_of(&item("promote")).await;
        assert!(shown.contains("is promoted"), "what was expected: {shown}");
        assert!(shown.contains("node web2 is lagging"), "what came: {shown}");
        page.painted().await;
        for (light, name) in [("dark", "failed-dark"), ("light", "failed-light")] {
            page.light(light).await;
            world.picture(SCREEN, name);
        }
        page.click("[data-choice='done']").await;
        page.type_into(&id("reason"), "it was promoted by hand").await;
        page.click(&id("reason-send")).await;
        page.wait_for_count(&format!("{}[data-status='overridden']", id("run-step")), 1).await;
        assert_eq!(run::to_the_end(&page).await, "passed");
        page.wait_for_text("it was promoted by hand").await;
    });
}

#[test]
fn endless_output_leaves_the_window_answering_and_its_memory_bounded() {
    in_a_world(async |world| {
        let word = unique("flood");
        let text =
            format!("# Flood\n\n## Steps\n\n### 1. Flood\n\n```sh {{name=flood}}\nyes {word}\n```\n\n- [ ] Quiet\n");
        let page = opened(world, &text).await;
        page.click(&within("flood", "item-run")).await;
        wait_for_output(&page, "flood", &word).await;
        // What the view says that it left out tells how much was printed.
        let after = async |megabytes: u64| {
            until(&format!("{megabytes} MB are printed"), async || {
                let text = page.text().await;
                let skipped = text.split_once("Skipped ").and_then(|(_, rest)| rest.split_once(" MB"));
                skipped.is_some_and(|(number, _)| {
                    number.trim().parse::<f64>().is_ok_and(|number| number > megabytes as f64)
                })
            })
            .await;
            world.memory()
        };
        let early = after(30).await;
        // The page answers and obeys while it floods.
        page.light("dark").await;
        page.light("light").await;
        page.type_into(&id("note"), "still here").await;
        let late = after(150).await;
        assert!(late < early + (64 << 20), "120 MB of output took the window from {early} to {late} bytes");
        world.picture(SCREEN, "flood");

        page.click(&within("flood", "item-stop")).await;
        page.wait_for(&format!("{}:not([data-status='running'])", item("flood"))).await;
        run::wait_until_gone(&word).await;
        assert!(terminal(&page, "flood").await.contains(&word), "the end of the output can still be read");
    });
}
