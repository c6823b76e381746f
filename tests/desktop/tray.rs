//! The tray: the program stays there for its schedules when its window is closed, says what runs and waits, and leads back.

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;
use zbus::{
    blocking::{Connection, Proxy, connection::Builder},
    interface,
    zvariant::{OwnedValue, Value},
};

use crate::{
    bus::Bus,
    display::SCREEN,
    frame::{self, Desktop},
    page::{Page, id, until},
    run::{self, library, runs_somewhere, unique, within},
    schedules,
    world::{World, in_a_world},
};

const MENU: &str = "com.canonical.dbusmenu";
/// Depth, properties, and the items below: those of one level of `GetLayout`.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// Whoever shows trays: takes icons in.
pub(crate) struct Tray {
    connection: Connection,
    items: Arc<Mutex<Vec<String>>>,
}

struct Watcher(Arc<Mutex<Vec<String>>>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, item: String) {
        self.0.lock().unwrap().push(item);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

impl Tray {
    pub(crate) fn serve(bus: &Bus) -> Self {
        let items = Arc::default();
        let connection = Builder::address(bus.address.as_str())
            .and_then(|builder| builder.serve_at("/StatusNotifierWatcher", Watcher(Arc::clone(&items))))
            .and_then(|builder| builder.name("org.kde.StatusNotifierWatcher"))
            .and_then(|builder| builder.method_timeout(Duration::from_secs(30)).build())
            .unwrap();
        Self { connection, items }
    }

    /// The icon, once it is there.
    async fn item(&self) -> String {
        until("there is an icon in the tray", async || !self.items.lock().unwrap().is_empty()).await;
        self.items.lock().unwrap().last().unwrap().clone()
    }

    fn menu(&self, item: &str) -> Proxy<'static> {
        Proxy::new(&self.connection, item.to_owned(), "/MenuBar", MENU).unwrap()
    }

    /// The lines of its menu with their numbers; separators are empty.
    fn lines(&self, item: &str) -> Vec<(i32, String)> {
        let none: &[&str] = &[];
        let (_, (_, _, below)): (u32, Layout) = self.menu(item).call("GetLayout", &(0, -1, none)).unwrap();
        let lines = below.into_iter().map(|one| {
            let (id, mut properties, _): Layout = one.try_into().unwrap();
            let label = properties.remove("label").and_then(|label| String::try_from(label).ok());
            (id, label.unwrap_or_default())
        });
        lines.collect()
    }

    /// Chooses the line that begins so, once it is there.
    async fn choose(&self, item: &str, line: &str) {
        let mut found = None;
        until(&format!("the tray's menu has {line:?}"), async || {
            found = self.lines(item).into_iter().find(|(_, label)| label.starts_with(line)).map(|(id, _)| id);
            found.is_some()
        })
        .await;
        let _: () = self.menu(item).call("Event", &(found.unwrap(), "clicked", Value::from(0), 0_u32)).unwrap();
    }

    /// The tray goes, as it does when its program ends.
    fn end(self) {
        self.connection.close().unwrap();
    }
}

const TEXT: &str = "# Fail over\n\n## Steps\n\n### Wait\n\n```sh {name=wait}\necho begun\nsleep WORD\n```\n\n### Tell\n\n- [ ] Quiet\n";

async fn with_a_schedule(world: &mut World, word: &str) -> Page {
    let page = world.open().await;
    page.resize(SCREEN).await;
    library(world, &page, "around.md", &TEXT.replace("WORD", word)).await;
    let path = fs::canonicalize(world.path("runbooks/around.md")).unwrap();
    let new = json!({"runbook": path, "name": "Monthly_exercise", "cron": "0 4 1 * *", "values": {}});
    page.ask("schedule_add", new).await.unwrap();
    page
}

async fn is_closed(desktop: &Desktop) {
    until("no window is shown", async || {
        !desktop.titles().iter().any(|(_, title)| title.contains("Fail over") || title == "Allgood")
    })
    .await;
}

#[test]
fn closed_over_a_run_and_a_schedule_it_stays_in_the_tray_which_leads_back_and_asks_before_it_quits() {
    in_a_world(async |world| {
        let word = unique("9");
        world.with_bus();
        let bell = world.notifications(false);
        let tray = world.tray();
        let page = with_a_schedule(world, &word).await;
        page.wait_for(&id("next-up")).await;
        let item = tray.item().await;
        let desktop = world.desktop();
        run::start(&page, "around.md").await;
        page.click(&within("wait", "item-run")).await;
        until("the command runs", async || runs_somewhere(&word)).await;
        let window = desktop.window("● Fail over · running").await;
        let process = world.process();

        desktop.click_on_the_cross(window);
        is_closed(&desktop).await;
        let told = bell.nth(0).await;
        assert_eq!(told.title, "Allgood stays in the tray");
        assert!(runs_somewhere(&word), "the run goes on");
        until("the menu says what runs and what comes next", async || {
            let lines: Vec<String> = tray.lines(&item).into_iter().map(|(_, line)| line).collect();
            lines.contains(&"Fail over: running, 0 of 2 done".to_owned())
                && lines.iter().any(|line| line.starts_with("Next: Monthly__exercise, "))
                && lines.last().is_some_and(|line| line == "Quit Allgood")
        })
        .await;

        tray.choose(&item, "Next: ").await;
        desktop.window("● Fail over · running").await;
        page.wait_for(&id("schedule-row")).await;
        world.pictures(&page, "next-up").await;
        tray.choose(&item, "Fail over: ").await;
        page.wait_for(&within("wait", "item-stop")).await;

        desktop.click_on_the_cross(window);
        is_closed(&desktop).await;
        tray.choose(&item, "Quit Allgood").await;
        let question = desktop.window("A command is running. Close Allgood?").await;
        desktop.bring_to_front(question);
        desktop.press(frame::ESCAPE);
        until("the question is gone", async || !desktop.titles().iter().any(|(one, _)| *one == question)).await;
        assert!(runs_somewhere(&word), "it was let run");
        tray.choose(&item, "Quit Allgood").await;
        let question = desktop.window("A command is running. Close Allgood?").await;
        desktop.bring_to_front(question);
        desktop.press(frame::LEFT);
        desktop.press(frame::ENTER);
        world.is_gone(process).await;
        run::wait_until_gone(&word).await;
        let (_, runs) = world.allgood(&["runs"]);
        assert!(runs.contains("paused"), "{runs}");
        assert_eq!(bell.shown().iter().filter(|one| one.title == told.title).count(), 1, "it is said once");
    });
}

#[test]
fn without_a_tray_closing_ends_it_and_one_that_goes_gives_the_window_back() {
    in_a_world(async |world| {
        world.with_bus();
        let tray = world.tray();
        let page = with_a_schedule(world, "1").await;
        tray.item().await;
        let desktop = world.desktop();
        let window = desktop.window("Allgood").await;
        desktop.click_on_the_cross(window);
        is_closed(&desktop).await;
        tray.end();
        let window = desktop.window("Allgood").await;
        page.wait_for("nav").await;

        let process = world.process();
        desktop.click_on_the_cross(window);
        world.is_gone(process).await;
    });
}

#[test]
fn a_click_on_what_is_told_of_a_schedule_leads_to_its_run() {
    in_a_world(async |world| {
        world.with_bus();
        let bell = world.notifications(false);
        let page = with_a_schedule(world, "0").await;
        schedules::is_due(world, "Monthly_exercise");
        let mut found = None;
        until("it is told", async || {
            found = bell.shown().into_iter().find(|one| one.title == "Monthly_exercise");
            found.is_some()
        })
        .await;
        let told = found.unwrap();
        assert!(told.text.starts_with("The scheduled run waits for a person"), "{told:?}");
        assert!(told.actions.contains(&"Open the run".to_owned()), "{told:?}");
        bell.click(told.id);
        page.wait_for(&id("by-schedule")).await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "run-by-schedule").await;
    });
}
