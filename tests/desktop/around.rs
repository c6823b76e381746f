//! The desktop around a run: notifications, the title and the icon, and leaving in order.

use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use serde_json::json;

use crate::{
    display::SCREEN,
    frame::{self, Desktop},
    page::{Page, id, until},
    run::{self, item, library, runs_somewhere, unique, wait_for_status, within},
    world::{World, in_a_world},
};

const TEXT: &str = "# Fail over & back\n\n## Steps\n\n### Drain & wait\n\n```sh {name=drain}\necho a-secret-output; sleep 1.1\n```\n\n\
                    ### Promote\n\n```sh {name=promote}\necho a-secret-output; exit 3\n```\n\n### Tell\n\n- [ ] It is quiet\n";

async fn opened(world: &mut World, text: &str) -> Page {
    let page = world.open().await;
    page.resize(SCREEN).await;
    library(world, &page, "around.md", text).await;
    page
}

/// Chooses whether and from when somebody is called.
async fn choose(page: &Page, notifications: bool, notify_after_s: u32) {
    let chosen = json!({"theme": "light", "link_schemes": [], "notifications": notifications,
        "notify_after_s": notify_after_s});
    page.ask("settings_write", chosen).await.unwrap();
}

#[test]
fn whoever_looks_elsewhere_is_called_and_a_click_leads_to_the_run() {
    in_a_world(async |world| {
        world.with_bus();
        let bell = world.notifications(false);
        let page = opened(world, TEXT).await;
        choose(&page, true, 1).await;
        run::start(&page, "around.md").await;
        let here = page.address().await;
        let desktop = world.desktop();
        let window = desktop.window("◆ Fail over & back · waits for you").await;
        desktop.look_elsewhere();

        page.click(&within("drain", "item-run")).await;
        let passed = bell.nth(0).await;
        assert_eq!((passed.program.as_str(), passed.title.as_str()), ("Allgood", "Fail over & back"));
        assert!(passed.text.starts_with("Drain &amp; wait: the command passed, after 1."), "{}", passed.text);
        assert_eq!((passed.actions[0].as_str(), passed.urgency), ("default", 1));

        wait_for_status(&page, "promote", "ready").await;
        page.click(&within("promote", "item-run")).await;
        let failed = bell.nth(1).await;
        assert!(failed.text.starts_with("Promote: the command failed, exit status 3, after 0."), "{}", failed.text);
        assert_eq!((failed.id, failed.urgency), (passed.id, 2), "a run calls in one place; what failed stays");
        for one in bell.shown() {
            assert!(!format!("{one:?}").contains("a-secret-output"), "{one:?}");
        }

        page.go("#/library").await;
        assert!(!desktop.is_in_front(window));
        bell.click(failed.id);
        page.wait_for(&id("run-page")).await;
        assert_eq!(page.address().await, here);
        until("the window is in front", async || desktop.is_in_front(window)).await;
        bell.is_taken_back(failed.id).await;

        // In front nobody is called: the next one that is shown is of what fails after somebody looked elsewhere.
        page.wait_for(&id("choices")).await;
        // A click at what is still being laid out would miss it.
        page.painted().await;
        page.click("[data-choice='retry']").await;
        page.wait_for(&format!("{} [data-attempt='2']", item("promote"))).await;
        wait_for_status(&page, "promote", "failed").await;
        desktop.look_elsewhere();
        until("it is not in front any more", async || !desktop.is_in_front(window)).await;
        choose(&page, false, 1).await;
        page.click("[data-choice='retry']").await;
        page.wait_for(&format!("{} [data-attempt='3']", item("promote"))).await;
        wait_for_status(&page, "promote", "failed").await;
        choose(&page, true, 1).await;
        page.click("[data-choice='done']").await;
        page.type_into(&id("reason"), "promoted by hand").await;
        page.click(&id("reason-send")).await;
        page.click(&within("it-is-quiet", "item-tick")).await;
        let over = bell.nth(2).await;
        assert_eq!(over.text, "The run has passed.", "nothing was shown in front, nor while they were off");
    });
}

const INCIDENT: &str = "---\nkind: incident\nseverity: SEV2\nupdate_every: 30m\n---\n\n# Orders are lost\n\n## Steps\n\n- [ ] Found\n- [ ] Mended\n";

#[test]
fn a_status_update_that_is_due_calls_whoever_looks_elsewhere_once() {
    in_a_world(async |world| {
        world.with_bus();
        let bell = world.notifications(false);
        let page = opened(world, INCIDENT).await;
        run::start(&page, "around.md").await;
        let desktop = world.desktop();
        let window = desktop.window("◆ Orders are lost · waits for you").await;
        desktop.look_elsewhere();
        until("it is not in front any more", async || !desktop.is_in_front(window)).await;
        let run = page.address().await.rsplit_once('/').unwrap().1.to_owned();
        let put_off = async |until: &str| {
            let mark = json!({"what": "snoozed", "when": until, "reason": "the call goes on"});
            page.ask("run_mark", json!({"run": run, "mark": mark})).await.unwrap();
        };
        put_off("1s").await;
        let first = bell.nth(0).await;
        assert_eq!((first.title.as_str(), first.text.as_str()), ("Orders are lost", "A status update is due, SEV2."));
        assert_eq!(first.urgency, 1);
        // Another one that becomes due calls again: what was called once is not called in between.
        put_off("1s").await;
        bell.nth(1).await;
        assert_eq!(bell.shown().len(), 2);
        bell.click(first.id);
        until("the window is in front", async || desktop.is_in_front(window)).await;
        bell.is_taken_back(first.id).await;
        page.wait_for(&id("incident")).await;
    });
}

#[test]
fn without_anybody_who_shows_notifications_and_with_one_who_hangs_the_run_goes_on() {
    in_a_world(async |world| {
        world.with_bus();
        let page = opened(world, TEXT).await;
        run::start(&page, "around.md").await;
        let desktop = world.desktop();
        desktop.window("◆ Fail over & back · waits for you").await;
        desktop.look_elsewhere();
        let fail = async |attempt: u32| {
            page.wait_for(&format!("{} [data-attempt='{attempt}']", item("promote"))).await;
            wait_for_status(&page, "promote", "failed").await;
        };
        page.click(&within("drain", "item-run")).await;
        wait_for_status(&page, "promote", "ready").await;
        page.click(&within("promote", "item-run")).await;
        fail(1).await;
        until("the log says so", async || world.logs().contains("no notification was shown")).await;

        let mut bell = world.notifications(true);
        page.click("[data-choice='retry']").await;
        fail(2).await;
        page.click("[data-choice='retry']").await;
        fail(3).await;
        bell.come_round();
        page.click("[data-choice='retry']").await;
        fail(4).await;
        let called = bell.nth(0).await;
        assert!(called.text.contains("failed"), "{}", called.text);
    });
}

#[test]
fn the_title_and_the_icon_say_that_a_run_is_under_way_and_are_plain_again_when_it_is_over() {
    in_a_world(async |world| {
        let word = unique("6");
        let text = format!(
            "# Fail over\n\n## Steps\n\n### Wait\n\n```sh {{name=wait}}\nsleep {word}\n```\n\n### Tell\n\n- [ ] Quiet\n"
        );
        let page = opened(world, &text).await;
        let desktop = world.desktop();
        let window = desktop.window("Allgood").await;
        let plain = desktop.icon(window);
        assert!(!plain.is_empty(), "the window has an icon");
        run::start(&page, "around.md").await;
        let mut icons = vec![plain];
        let mut called = async |title: &str| {
            assert_eq!(desktop.window(title).await, window);
            until(&format!("the icon is another one: {title}"), async || !icons.contains(&desktop.icon(window)))
                .await;
            icons.push(desktop.icon(window));
        };
        called("◆ Fail over · waits for you").await;
        page.click(&within("wait", "item-run")).await;
        called("● Fail over · running").await;
        until("the command runs", async || runs_somewhere(&word)).await;
        page.click(&within("wait", "item-stop")).await;
        called("■ Fail over · failed").await;
        page.click("[data-choice='skip']").await;
        page.type_into(&id("reason"), "it waits for nothing").await;
        page.click(&id("reason-send")).await;
        desktop.window("◆ Fail over · waits for you").await;
        page.click(&within("quiet", "item-tick")).await;
        assert_eq!(desktop.window("Allgood").await, window);
        until("the icon is plain", async || desktop.icon(window) == icons[0]).await;
    });
}

const LONG: &str = "# Fail over\n\n## Steps\n\n### Wait\n\n```sh {name=wait}\necho begun\nsleep WORD\n```\n\n### Tell\n\n- [ ] Quiet\n";

/// Clicks on the cross until the question stands there: one that has just gone takes a moment to be over.
async fn asked(desktop: &Desktop, window: u32) -> u32 {
    let title = "A command is running. Close Allgood?";
    until("it is asked", async || {
        desktop.click_on_the_cross(window);
        desktop.titles().iter().any(|(_, one)| one == title)
    })
    .await;
    desktop.window(title).await
}

#[test]
fn closing_over_a_running_command_asks_and_without_one_asks_nothing() {
    in_a_world(async |world| {
        let word = unique("7");
        let page = opened(world, &LONG.replace("WORD", &word)).await;
        run::start(&page, "around.md").await;
        page.click(&within("wait", "item-run")).await;
        until("the command runs", async || runs_somewhere(&word)).await;
        let desktop = world.desktop();
        let window = desktop.window("● Fail over · running").await;
        asked(&desktop, window).await;
        desktop.click_on_the_cross(window);
        page.painted().await;
        world.picture(SCREEN, "closing-question");
        let questions = desktop.titles().into_iter().filter(|(_, title)| title.ends_with("Close Allgood?")).count();
        assert_eq!(questions, 1, "it is asked once");
        for key in [frame::ESCAPE, frame::ENTER] {
            let question = asked(&desktop, window).await;
            desktop.bring_to_front(question);
            desktop.press(key);
            until("the question is gone", async || !desktop.titles().iter().any(|(one, _)| *one == question)).await;
            assert!(runs_somewhere(&word), "it was let run");
            wait_for_status(&page, "wait", "running").await;
        }

        let process = world.process();
        let question = asked(&desktop, window).await;
        desktop.bring_to_front(question);
        desktop.press(frame::LEFT);
        desktop.press(frame::ENTER);
        world.is_gone(process).await;
        run::wait_until_gone(&word).await;
        let (_, runs) = world.allgood(&["runs", "--json"]);
        assert!(runs.contains("\"state\": \"paused\"") || runs.contains("\"state\":\"paused\""), "{runs}");

        let page = world.open().await;
        page.wait_for("nav").await;
        let (process, window) = (world.process(), desktop.window("Allgood").await);
        desktop.click_on_the_cross(window);
        world.is_gone(process).await;
    });
}

#[test]
fn told_to_end_it_leaves_its_runs_in_order() {
    for told in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        in_a_world(async |world| {
            let word = unique("8");
            let page = opened(world, &LONG.replace("WORD", &word)).await;
            run::start(&page, "around.md").await;
            page.click(&within("wait", "item-run")).await;
            run::wait_for_output(&page, "wait", "begun").await;
            until("the command runs", async || runs_somewhere(&word)).await;
            let process = world.process();
            signal::kill(Pid::from_raw(process), told).unwrap();
            world.is_gone(process).await;
            run::wait_until_gone(&word).await;
            let (_, runs) = world.allgood(&["runs"]);
            assert!(runs.contains("paused"), "{told}: {runs}");
            let run = runs
                .lines()
                .find_map(|line| line.split_whitespace().find(|word| word.len() >= 8 && word.starts_with("01")));
            let (holds, verdict) = world.allgood(&["verify", run.unwrap_or_else(|| panic!("{runs}"))]);
            assert!(holds, "{told}: {verdict}");
        });
    }
}
