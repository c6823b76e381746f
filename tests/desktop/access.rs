//! Access entries in the real window: on a real Secret Service, without any, and in the vault.

use std::time::{Duration, Instant};

use crate::{
    onlooker::Other,
    page::{Page, id, until},
    run::{item, library, wait_for_output, wait_for_status},
    world::in_a_world,
};

const SIZES: [(u32, u32); 2] = [(1440, 900), (1024, 700)];
const SECRET: &str = "hunter22-and-more";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";

/// The key is the screen's: no field has the focus.
async fn key(page: &Page, key: &str) {
    page.script("document.activeElement?.blur()").await;
    page.keys(key).await;
}

async fn no_dialog(page: &Page) {
    page.wait_gone("[role='dialog']").await;
}

async fn says(page: &Page, selector: &str, words: &str) {
    until(&format!("{selector} says {words:?}"), async || page.text_of(selector).await.contains(words)).await;
}

fn row(name: &str) -> String {
    format!("{}[data-name='{name}']", id("entry-row"))
}

/// Adds an entry with a secret, by the form.
async fn add(page: &Page, name: &str, kind: &str, secret: &str) {
    key(page, "c").await;
    page.wait_for_focus(&id("entry-name")).await;
    page.type_into(&id("entry-name"), name).await;
    page.click(&id(&format!("kind-{kind}"))).await;
    page.type_into(&id("entry-address"), "db1.example.com").await;
    page.type_into(&id("entry-user"), "app").await;
    page.type_into(&id("entry-secret"), secret).await;
    page.click(&id("entry-keep")).await;
    no_dialog(page).await;
    page.wait_for(&format!("{}[aria-selected='true']", row(name))).await;
    page.wait_for(&id("secret-row")).await;
}

#[test]
fn an_entry_is_kept_on_the_real_keychain_revealed_and_copied_and_its_secret_is_nowhere_else() {
    in_a_world(async |world| {
        world.with_bus();
        let keychain = world.keychain().await;
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        page.go("#/access").await;
        page.wait_for(&id("no-entries")).await;
        world.pictures(&page, "access-empty").await;
        add(&page, "orders-db", "database", SECRET).await;
        add(&page, "github", "token", "ghp-another-secret").await;
        let added = |arguments: &[&str]| assert!(world.allgood(arguments).0, "{arguments:?}");
        let ssh = ["access", "add", "web1", "--kind", "ssh", "--address", "web1.example.com", "--group", "shop"];
        added(&[&ssh[..], &["--user", "deploy", "--tag", "prod", "--expires", "2020-01-01"]].concat());
        added(&["access", "add", "Customer admin", "--kind", "web", "--address", "https://admin.example.com"]);
        page.go("#/library").await;
        page.go("#/access/orders-db").await;
        page.wait_for(&format!("{}[aria-selected='true']", row("orders-db"))).await;
        page.wait_for_count(&id("entry-row"), 4).await;
        page.wait_for(&id("secret-row")).await;
        assert_eq!(page.barriers().await, [""; 0]);

        key(&page, "v").await;
        says(&page, &id("revealed"), SECRET).await;
        world.pictures(&page, "access").await;
        key(&page, "v").await;
        page.wait_gone(&id("revealed")).await;

        let other = Other::on(world.display());
        let on_clipboard = || other.reads("UTF8_STRING").as_deref() == Some(SECRET);
        key(&page, "y").await;
        until("the secret is on the clipboard", async || on_clipboard()).await;
        assert_eq!(other.reads("x-kde-passwordManagerHint").as_deref(), Some("secret"));
        says(&page, &id("copy-secret"), "clears in").await;
        let text = page.text().await;
        assert!(!text.contains(SECRET), "what is copied does not come to the page: {text}");
        world.picture(SIZES[0], "access-copied");
        // Something else is copied: that is left alone, and the page knows.
        other.takes_it();
        until("the page knows that it is gone", async || {
            other.refuses();
            !page.text_of(&id("copy-secret")).await.contains("clears")
        })
        .await;
        assert_eq!(other.owner(), other.window);

        // Found by words, and opened in the browser by a key.
        key(&page, "/").await;
        page.wait_for_focus(&id("access-search")).await;
        page.type_into(&id("access-search"), "customer").await;
        page.wait_for_count(&id("entry-row"), 1).await;
        page.wait_for(&format!("{}[aria-selected='true']", row("Customer admin"))).await;
        page.wait_for(&id("open-entry")).await;
        key(&page, "o").await;
        until("its address is opened", async || {
            world.opened_links().first().is_some_and(|link| link.starts_with("https://admin.example.com"))
        })
        .await;
        key(&page, ESCAPE).await;
        page.wait_for_count(&id("entry-row"), 4).await;

        // Locked, it says so; names stay.
        keychain.lock();
        page.go("#/library").await;
        page.go("#/access/orders-db").await;
        page.wait_for(&id("keeper-trouble")).await;
        page.wait_for_count(&id("entry-row"), 4).await;
        world.pictures(&page, "access-locked").await;
        for secret in [SECRET, "ghp-another-secret"] {
            assert_eq!(world.files_with(secret.as_bytes()), [""; 0].map(std::path::PathBuf::from));
        }
    });
}

/// One key, or some held together; then the focus is there.
async fn press(page: &Page, presses: &mut u32, keys: &str, focus: &str) {
    *presses += 1;
    page.keys(keys).await;
    page.wait_for_focus(focus).await;
}

#[test]
fn an_entry_is_added_with_its_secret_by_eight_keys_and_that_is_copied_from_any_screen_by_three() {
    in_a_world(async |world| {
        world.with_bus();
        let _keychain = world.keychain().await;
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        page.wait_for(&id("go-access")).await;
        // Each screen by its number.
        key(&page, "\u{e009}3\u{e000}").await;
        page.wait_for(&id("no-entries")).await;
        page.script("document.activeElement?.blur()").await;
        let presses = &mut 0;
        press(&page, presses, "c", &id("entry-name")).await;
        page.type_into(&id("entry-name"), "orders-db").await;
        press(&page, presses, TAB, &id("kind-ssh")).await;
        press(&page, presses, RIGHT, &id("kind-database")).await;
        press(&page, presses, TAB, &id("entry-address")).await;
        page.type_into(&id("entry-address"), "db1.example.com").await;
        press(&page, presses, TAB, &id("entry-port")).await;
        press(&page, presses, TAB, &id("entry-user")).await;
        page.type_into(&id("entry-user"), "app").await;
        press(&page, presses, TAB, &id("entry-secret")).await;
        page.type_into(&id("entry-secret"), SECRET).await;
        assert_eq!(page.barriers().await, [""; 0]);
        crate::palette::pictures(world, &page, "access-new").await;
        *presses += 1;
        page.keys(ENTER).await;
        no_dialog(&page).await;
        page.wait_for(&id("secret-row")).await;
        assert_eq!(*presses, 8);

        page.go("#/links").await;
        page.wait_for(&id("links-empty")).await;
        *presses = 1;
        crate::palette::find(&page, crate::palette::CTRL_K, "orders-db").await;
        page.wait_for_text("database, app@db1.example.com").await;
        *presses += 1;
        page.keys(TAB).await;
        page.wait_for(&format!("{}[data-act='copy password'][aria-selected='true']", id("palette-act"))).await;
        assert_eq!(page.barriers().await, [""; 0]);
        crate::palette::pictures(world, &page, "palette-access").await;
        let other = Other::on(world.display());
        *presses += 1;
        page.keys(ENTER).await;
        until("the secret is on the clipboard", async || other.reads("UTF8_STRING").as_deref() == Some(SECRET)).await;
        assert_eq!(*presses, 3);
        page.wait_gone(&id("palette")).await;
        let text = page.text().await;
        assert!(!text.contains(SECRET), "what is copied does not come to the page: {text}");
    });
}

#[test]
fn a_copied_secret_is_taken_off_though_the_page_has_crashed() {
    in_a_world(async |world| {
        world.with_bus();
        let _keychain = world.keychain().await;
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        page.go("#/access").await;
        page.wait_for(&id("no-entries")).await;
        add(&page, "db", "database", SECRET).await;
        let other = Other::on(world.display());
        // From before it is copied: however late it is noticed, the thirty seconds are within.
        let copied = Instant::now();
        key(&page, "y").await;
        until("the secret is on the clipboard", async || other.reads("UTF8_STRING").as_deref() == Some(SECRET)).await;
        world.kill_page();
        assert_eq!(other.reads("UTF8_STRING").as_deref(), Some(SECRET), "the page takes no part in it");
        // Thirty seconds, and the patience of a slow machine.
        while other.reads("UTF8_STRING").is_some() {
            assert!(copied.elapsed() < Duration::from_secs(120), "it is still there");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!(copied.elapsed() >= Duration::from_secs(30), "{:?}", copied.elapsed());
    });
}

#[test]
fn without_a_keychain_the_window_offers_the_vault_which_locks_and_opens() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        page.go("#/access").await;
        page.wait_for(&id("keeper-trouble")).await;
        world.pictures(&page, "access-absent").await;
        page.click(&id("keeper-mend")).await;
        page.wait_for_focus(&id("vault-one")).await;
        page.type_into(&id("vault-one"), "correct horse").await;
        page.type_into(&id("vault-two"), "correct horse").await;
        world.picture(SIZES[0], "vault-choose");
        page.click(&id("vault-go")).await;
        page.wait_for(&id("lock")).await;
        no_dialog(&page).await;
        page.wait_gone(&id("keeper-trouble")).await;
        add(&page, "db", "database", SECRET).await;
        page.click(&id("lock")).await;
        page.wait_for(&id("keeper-trouble")).await;
        page.click(&id("reveal")).await;
        page.wait_for_focus(&id("vault-passphrase")).await;
        page.type_into(&id("vault-passphrase"), "not this one").await;
        page.click(&id("vault-open")).await;
        page.wait_for_text("not the passphrase").await;
        page.wait_for_focus(&id("vault-passphrase")).await;
        world.picture(SIZES[0], "vault-unlock");
        page.type_into(&id("vault-passphrase"), "correct horse").await;
        page.click(&id("vault-open")).await;
        no_dialog(&page).await;
        says(&page, &id("revealed"), SECRET).await;
        assert_eq!(world.files_with(SECRET.as_bytes()), [""; 0].map(std::path::PathBuf::from));
        assert_eq!(world.files_with(b"correct horse"), [""; 0].map(std::path::PathBuf::from));
    });
}

#[test]
fn a_library_s_first_use_of_an_entry_is_asked_in_the_window_and_the_secret_reaches_the_command_masked() {
    in_a_world(async |world| {
        world.with_bus();
        let _keychain = world.keychain().await;
        let page = world.open().await;
        page.resize(SIZES[0]).await;
        page.go("#/access").await;
        page.wait_for(&id("no-entries")).await;
        add(&page, "orders-db", "database", SECRET).await;
        let book = "---\naccess: {PW: 'keychain://orders-db/password', TOKEN: 'keychain://github/token'}\n---\n# Use it\n\n## Steps\n\n```sh {name=use}\necho \
                    \"it is $PW\"\nprintf '%s' \"$PW\" | wc -c\n```\n\n- [ ] It is quiet\n";
        page.go("#/library").await;
        library(world, &page, "use.md", book).await;
        page.click("[data-testid='runbook-row'][data-path$='/use.md']").await;
        page.click(&id("start-run")).await;
        page.wait_for(&id("way-back")).await;
        // What is missing is named before anything starts, and can be typed for this run.
        says(&page, &id("access-problem"), "there is no access entry").await;
        page.wait_for(&id("access-asks")).await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "start-access").await;
        page.click(&id("start-go")).await;
        says(&page, &id("start-refused"), "TOKEN").await;
        page.type_into(&id("access-value"), "typed-for-this-run").await;
        page.click(&id("start-go")).await;
        page.wait_for(&id("grant-question")).await;
        page.painted().await;
        world.picture(SIZES[0], "start-first-use");
        page.click(&id("gate-no")).await;
        no_dialog(&page).await;
        says(&page, &id("start-refused"), "Nothing was started").await;
        page.click(&id("start-go")).await;
        page.click(&id("gate-yes")).await;
        page.wait_for(&id("run-page")).await;
        page.click(&format!("{} {}", item("use"), id("item-run"))).await;
        wait_for_status(&page, "use", "passed").await;
        wait_for_output(&page, "use", "it is •••").await;
        wait_for_output(&page, "use", &SECRET.len().to_string()).await;
        // It is said at the entry, and taken back there.
        page.go("#/access/orders-db").await;
        page.wait_for(&id("forbid")).await;
        page.wait_for_text("Use it").await;
        page.click(&id("forbid")).await;
        page.wait_gone(&id("forbid")).await;
        let (_, shown) = world.allgood(&["access", "show", "orders-db"]);
        assert!(!shown.contains("MAY USE IT"), "{shown}");
    });
}
