//! Terminals that are connected to access entries, in the real window: on a real sshd, and by a command that prints its secret.

use std::fs;

use testkit::Sshd;

use crate::{
    display::SCREEN,
    frame,
    onlooker::Other,
    page::{Page, id, until},
    palette::{CTRL_K, find},
    targets,
    world::{World, in_a_world},
};

const SECRET: &str = "canary-of-the-terminal";
/// Control, shift and what is pressed with them, as WebDriver names them.
const LEAVE: &str = "\u{e009}\u{e008}\u{e00c}\u{e000}";
const PASTE: &str = "\u{e009}\u{e008}V\u{e000}";
const ENTER: &str = "\u{e007}";
const KEYS: &str = "[data-testid='terminal-place'] .xterm-helper-textarea";

const COPY: &str = "\u{e009}\u{e008}C\u{e000}";
const NEXT: &str = "\u{e009}\u{e008}\u{e00f}\u{e000}";
const BEFORE: &str = "\u{e009}\u{e008}\u{e00e}\u{e000}";
const SHIFT_ENTER: &str = "\u{e008}\u{e007}\u{e000}";
const TAB: &str = "\u{e004}";

/// What the terminal that is seen shows.
async fn shown(page: &Page) -> String {
    let script = "return document.querySelector(\"[data-testid='terminal-place'] .xterm-rows\")?.innerText ?? ''";
    page.script(script).await.as_str().unwrap_or_default().replace('\u{a0}', " ")
}

async fn shows(page: &Page, words: &str) {
    until(&format!("the terminal shows {words:?}"), async || shown(page).await.contains(words)).await;
}

/// How many terminals are open, and how many are over.
async fn terminals(page: &Page, open: usize, over: usize) {
    page.wait_for_count(&format!("{}[data-state='open']", id("terminal-tab")), open).await;
    page.wait_for_count(&format!("{}[data-state='over']", id("terminal-tab")), over).await;
}

/// How many columns the other side has been told of. What is typed does not look like what it prints.
async fn columns(page: &Page) -> u32 {
    page.type_into(KEYS, "clear; echo \"$(stty size | cut -d' ' -f2) col\"\"umns\"\n").await;
    let mut found = None;
    until("the other side says how many columns it has", async || {
        let text = shown(page).await;
        found = text.lines().find_map(|line| line.trim_end().strip_suffix(" columns")?.trim().parse().ok());
        found.is_some()
    })
    .await;
    found.unwrap_or_default()
}

async fn look(page: &Page, name: &str) {
    page.go(&format!("#/access/{name}")).await;
    page.wait_for(&format!("{}[data-name='{name}'][aria-selected='true']", id("entry-row"))).await;
    page.wait_for_text(name).await;
    until("the detail is the entry's", async || page.text_of(&format!("{} h2", id("entry"))).await == name).await;
}

/// The processes of that name in this world.
fn processes(world: &World, name: &str) -> usize {
    let home = world.path("").display().to_string();
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is = |path: &std::path::PathBuf| {
        fs::read_to_string(path.join("comm")).unwrap_or_default().trim() == name
            && fs::read(path.join("environ"))
                .unwrap_or_default()
                .windows(home.len())
                .any(|part| part == home.as_bytes())
    };
    processes.filter(is).count()
}

#[test]
fn terminals_are_connected_to_a_host_and_by_a_command_whose_secret_is_masked_and_end_with_the_page() {
    in_a_world(async |world| {
        let sshd = Sshd::start();
        targets::knows(world, &sshd);
        world.with_bus();
        let _keychain = world.keychain().await;
        let page = world.open().await;
        page.resize((1440, 900)).await;
        let command = "printf '%s' \"$PGPASSWORD\" | wc -c; echo \"as $PGPASSWORD\"; read -r line; exit 3";
        let added = |arguments: &[&str]| {
            let (done, said) = world.allgood(arguments);
            assert!(done, "{arguments:?}: {said}");
        };
        added(&["access", "add", "orders-db", "--kind", "database", "--user", "app", "--command", command]);
        let set = page.ask(
            "access_secret_set",
            serde_json::json!({"entry": "orders-db", "field": "PGPASSWORD", "value": SECRET}),
        );
        set.await.unwrap();

        look(&page, "there").await;
        page.wait_for(&id("connect")).await;
        page.script("document.activeElement?.blur()").await;
        page.keys(ENTER).await;
        terminals(&page, 1, 0).await;
        page.wait_for_focus(KEYS).await;
        until("its use is said", async || page.text_of(&id("last-used")).await.contains("once in all")).await;
        // Its size follows the window's.
        let wide = columns(&page).await;
        page.resize((1024, 700)).await;
        until("the other side has fewer columns", async || columns(&page).await < wide).await;
        page.resize((1440, 900)).await;
        until("the other side has as many columns again", async || columns(&page).await == wide).await;
        page.type_into(KEYS, "PS1='mara@there:~$ '; clear; uptime\n").await;
        shows(&page, "load average").await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "access-connected").await;
        // Left before the list is read, it would have the search.
        page.wait_for(&id("entries")).await;
        page.keys(LEAVE).await;
        page.wait_for_focus(&id("entries")).await;
        look(&page, "orders-db").await;
        page.click(&id("connect")).await;
        terminals(&page, 2, 0).await;
        shows(&page, &SECRET.len().to_string()).await;
        shows(&page, "as •••").await;
        assert!(!shown(&page).await.contains(SECRET));
        assert_eq!(world.files_with(SECRET.as_bytes()), Vec::<std::path::PathBuf>::new());
        page.wait_for_focus(KEYS).await;
        page.type_into(KEYS, "\n").await;
        page.wait_for(&id("terminal-over")).await;
        until("its end is said", async || page.text_of(&id("terminal-over")).await.contains("ended with status 3"))
            .await;
        page.wait_for_focus(&id("connect-again")).await;
        page.keys(ENTER).await;
        terminals(&page, 2, 0).await;
        // What was shown stays above.
        until("it is shown twice", async || shown(&page).await.matches("as •••").count() == 2).await;
        page.wait_for_focus(KEYS).await;
        page.type_into(KEYS, "\n").await;
        page.wait_for_focus(&id("connect-again")).await;
        world.pictures(&page, "access-connection-over").await;
        page.click(&id("connect-again")).await;
        terminals(&page, 2, 0).await;

        // Closing one that runs is asked about.
        page.click(&id("terminal-close")).await;
        page.wait_for(&id("disconnect")).await;
        page.painted().await;
        world.picture((1440, 900), "access-disconnect");
        page.click(&id("disconnect")).await;
        terminals(&page, 1, 0).await;
        shows(&page, "load average").await;

        // What is pasted by its keys arrives, and what comes back of a secret is masked here too.
        let field = serde_json::json!({"entry": "orders-db", "field": "PGPASSWORD"});
        page.ask("access_secret_copy", field).await.unwrap();
        page.type_into(KEYS, "clear; printf %s '").await;
        page.keys(PASTE).await;
        shows(&page, "'•••").await;
        page.type_into(KEYS, "' | wc -c\n").await;
        let length = SECRET.len().to_string();
        until("all of it arrived", async || shown(&page).await.lines().any(|line| line.trim() == length)).await;

        // The server goes: that is said.
        page.type_into(KEYS, "kill -9 $PPID\n").await;
        until("the loss is said", async || {
            page.text_of(&id("terminal-over")).await.contains("the connection was lost")
        })
        .await;
        world.pictures(&page, "access-connection-lost").await;
        page.click(&id("connect-again")).await;
        terminals(&page, 1, 0).await;
        until("ssh runs", async || processes(world, "ssh") == 1).await;
        // Closing the window over it is asked about.
        let (desktop, title) = (world.desktop(), "A connection is open. Close Allgood?");
        let window = desktop.window("Allgood").await;
        until("it is asked", async || {
            desktop.click_on_the_cross(window);
            desktop.titles().iter().any(|(_, one)| one == title)
        })
        .await;
        page.painted().await;
        world.picture(SCREEN, "closing-connection");
        let question = desktop.window(title).await;
        desktop.bring_to_front(question);
        desktop.press(frame::ESCAPE);
        until("the question is gone", async || !desktop.titles().iter().any(|(one, _)| *one == question)).await;
        terminals(&page, 1, 0).await;
        // A page that begins anew leaves nothing connected behind.
        page.reload().await;
        until("nothing is connected any more", async || processes(world, "ssh") == 0).await;
    });
}

#[test]
fn from_any_screen_a_host_is_connected_to_by_three_keys_and_its_terminals_are_gone_through_and_copied_from() {
    in_a_world(async |world| {
        let sshd = Sshd::start();
        targets::knows(world, &sshd);
        let page = world.open().await;
        page.resize((1440, 900)).await;
        page.go("#/links").await;
        page.wait_for(&id("links-empty")).await;
        // Ctrl K, the name, Tab, Enter.
        find(&page, CTRL_K, "there").await;
        page.keys(TAB).await;
        page.wait_for(&format!("{}[data-act='connect'][aria-selected='true']", id("palette-act"))).await;
        page.keys(ENTER).await;
        page.wait_gone(&id("palette")).await;
        terminals(&page, 1, 0).await;
        page.wait_for_focus(KEYS).await;
        page.type_into(KEYS, "PS1='one$ '; clear\n").await;
        shows(&page, "one$").await;
        until("it is counted", async || page.text_of(&id("go-access")).await.contains("1 open")).await;

        // Its own terminal by the same keys, from another screen.
        // Left before the list is read, it would have the search.
        page.wait_for(&id("entries")).await;
        page.keys(LEAVE).await;
        page.wait_for_focus(&id("entries")).await;
        page.go("#/links").await;
        page.wait_gone(&id("terminals")).await;
        find(&page, CTRL_K, "there").await;
        page.keys(TAB).await;
        page.wait_for_text("Go to its terminal").await;
        page.painted().await;
        world.picture(SCREEN, "palette-connected");
        page.keys(ENTER).await;
        page.wait_gone(&id("palette")).await;
        page.wait_for_focus(KEYS).await;
        shows(&page, "one$").await;

        // Another one, and through both: the focus stays in the one that is seen.
        // Left before the list is read, it would have the search.
        page.wait_for(&id("entries")).await;
        page.keys(LEAVE).await;
        page.wait_for_focus(&id("entries")).await;
        page.keys(SHIFT_ENTER).await;
        terminals(&page, 2, 0).await;
        page.wait_for_focus(KEYS).await;
        page.type_into(KEYS, "PS1='two$ '; clear\n").await;
        shows(&page, "two$").await;
        let selected = |at: usize| format!("{}:nth-child({at})[aria-selected='true']", id("terminal-tab"));
        for (chord, at, prompt) in [(NEXT, 1, "one$"), (BEFORE, 2, "two$"), (BEFORE, 1, "one$")] {
            page.keys(chord).await;
            page.wait_for(&selected(at)).await;
            shows(&page, prompt).await;
            page.wait_for_focus(KEYS).await;
        }

        // What is selected is copied; nothing is where nothing is selected.
        page.type_into(KEYS, "clear; echo copyable\n").await;
        until("it stands in the first line", async || shown(&page).await.trim_start().starts_with("copyable")).await;
        let word = "const box = document.querySelector(\"[data-testid='terminal-place'] .xterm-screen\");\
            const at = box.getBoundingClientRect();\
            const where = { bubbles: true, cancelable: true, button: 0, clientX: at.left + 12, clientY: at.top + 6 };\
            for (const detail of [1, 2]) {\
              box.dispatchEvent(new MouseEvent('mousedown', { ...where, buttons: 1, detail }));\
              box.dispatchEvent(new MouseEvent('mouseup', { ...where, detail }));\
            }";
        let other = Other::on(world.display());
        page.script(word).await;
        page.wait_for_focus(KEYS).await;
        page.keys(COPY).await;
        until("the word is on the clipboard", async || other.reads("UTF8_STRING").as_deref() == Some("copyable"))
            .await;
        world.pictures(&page, "access-two-terminals").await;
    });
}
