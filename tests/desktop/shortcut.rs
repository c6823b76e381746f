//! The palette called from elsewhere: by keys of the display, and by another start of the program.

use crate::{
    display::SCREEN,
    frame::{ALT, CONTROL, J, K},
    page::{Page, id, until},
    world::{desktop, in_a_world},
};

const CTRL_ALT: &str = "\u{e009}\u{e00a}";
const RELEASE: &str = "\u{e000}";
const ESC: &str = "\u{e00c}";

/// Chooses keys in the settings, by pressing them.
async fn choose(page: &Page, key: char) {
    page.script("document.querySelector(\"[data-testid='find-shortcut']\").focus()").await;
    page.wait_for_focus(&id("find-shortcut")).await;
    page.keys(&format!("{CTRL_ALT}{key}{RELEASE}")).await;
}

async fn chosen(page: &Page, keys: &str) {
    let value = "return document.querySelector(\"[data-testid='find-shortcut']\").value";
    until(&format!("{keys:?} is chosen"), async || page.script(value).await == keys).await;
}

/// It is open, and what is typed goes there.
async fn called(page: &Page) {
    page.wait_for_focus(&id("palette-text")).await;
    page.keys(ESC).await;
    page.wait_gone(&id("palette")).await;
}

#[test]
fn keys_of_the_display_and_another_start_bring_the_window_to_the_front_with_its_palette() {
    in_a_world(async |world| {
        world.with_bus();
        let page = world.open().await;
        page.resize(SCREEN).await;
        let around = world.desktop();
        let window = around.window("Allgood").await;
        // Another program has one of them already.
        assert!(around.grab(J));

        page.go("#/settings").await;
        page.wait_for(&id("find-shortcut")).await;
        choose(&page, 'j').await;
        page.wait_for_text("Ctrl+Alt+J cannot be had").await;
        chosen(&page, "").await;
        choose(&page, 'k').await;
        page.wait_for(&id("find-shortcut-none")).await;
        chosen(&page, "Ctrl+Alt+K").await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "settings-find").await;

        for screen in ["#/library", "#/links"] {
            page.go(screen).await;
            around.look_elsewhere();
            until("it is not in front any more", async || !around.is_in_front(window)).await;
            around.chord(&[CONTROL, ALT, K]);
            until("the window is in front", async || around.is_in_front(window)).await;
            called(&page).await;
        }

        around.look_elsewhere();
        until("it is not in front any more", async || !around.is_in_front(window)).await;
        let second = world.command(desktop()).arg("--find").status().unwrap();
        assert!(second.success(), "{second}");
        until("the window is in front", async || around.is_in_front(window)).await;
        called(&page).await;

        // Taken off, they are everybody's again.
        page.go("#/settings").await;
        page.wait_for(&id("find-shortcut-none")).await;
        page.click(&id("find-shortcut-none")).await;
        page.wait_gone(&id("find-shortcut-none")).await;
        until("they are free", async || around.grab(K)).await;

        // What was chosen holds from the next start on; that start may be for the palette.
        world.kill_window();
        let page = world.open_with(&["--find"]).await;
        called(&page).await;
    });
}

#[test]
fn keys_that_were_chosen_before_are_held_from_the_start_and_what_is_wrong_with_them_is_said() {
    in_a_world(async |world| {
        let settings = world.path("config/allgood/config.toml");
        std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
        std::fs::write(&settings, "# mine\n[find]\nshortcut = \"Ctrl+Alt+K\"\n").unwrap();
        let page = world.open().await;
        let around = world.desktop();
        let window = around.window("Allgood").await;
        around.look_elsewhere();
        until("it is not in front any more", async || !around.is_in_front(window)).await;
        around.chord(&[CONTROL, ALT, K]);
        called(&page).await;
        world.kill_window();

        std::fs::write(&settings, "[find]\nshortcut = \"K\"\n").unwrap();
        let page = world.open().await;
        page.go("#/settings").await;
        page.wait_for_text("K would be taken from every other program").await;
    });
}
