//! The window dies in the middle of a run.

use crate::{
    display::SCREEN,
    page::{id, until},
    run::{self, library, runs_somewhere, unique, wait_for_output, wait_for_status, within},
    world::in_a_world,
};

#[test]
fn after_a_kill_the_run_is_interrupted_nothing_runs_on_and_what_was_shown_is_kept() {
    in_a_world(async |world| {
        let word = unique("5");
        let text = format!(
            "# Crash\n\n## Steps\n\n- [ ] It is announced\n\n```sh {{name=long}}\necho 'this was shown'\nsleep {word}\n```\n"
        );
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "crash.md", &text).await;
        run::start(&page, "crash.md").await;
        page.click(&format!("[data-hand='true'] {}", id("item-tick"))).await;
        page.click(&within("long", "item-run")).await;
        wait_for_output(&page, "long", "this was shown").await;
        until("the command runs", async || runs_somewhere(&word)).await;

        world.kill_window();
        run::wait_until_gone(&word).await;

        let page = world.open().await;
        page.resize(SCREEN).await;
        page.wait_for_text("interrupted").await;
        world.picture(SCREEN, "after-a-crash");
        page.go("#/runs").await;
        page.wait_for_count(&format!("{}[data-state='interrupted']", id("run-row")), 1).await;
        page.click(&format!("{} a", id("run-row"))).await;
        wait_for_status(&page, "long", "interrupted").await;
        wait_for_output(&page, "long", "this was shown").await;
        assert_eq!(page.count("[data-kind='check'][data-status='passed']").await, 1, "the tick was kept");
        world.picture(SCREEN, "interrupted-run");
    });
}
