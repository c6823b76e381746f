//! The author screen in the window: a text is edited by keys, and nothing of it is ever lost.

mod keys;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    page::{Page, id, until},
    run::library,
    world::in_a_world,
};

/// Names of keys as WebDriver has them.
const FREE: &str = "\u{e000}";
const CONTROL: &str = "\u{e009}";
const ALT: &str = "\u{e00a}";
const SHIFT: &str = "\u{e008}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const END: &str = "\u{e010}";
const HOME: &str = "\u{e011}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const F8: &str = "\u{e038}";
const TAB: &str = "\u{e004}";

/// A key with Control held.
fn control(key: &str) -> String {
    format!("{CONTROL}{key}{FREE}")
}

/// The text as the editor shows it: small enough to be shown whole.
async fn shown(page: &Page) -> String {
    let script = "return [...document.querySelectorAll('.ed .source .cm-content > .cm-line')]
        .map((line) => line.textContent).join('\\n')";
    page.script(script).await.as_str().unwrap_or_default().to_owned()
}

/// Opens a file in the editor and waits until it can be typed into.
async fn edit(page: &Page, file: &Path) {
    page.go(&format!("#/edit/{}", file.display().to_string().replace('/', "%2F"))).await;
    focused(page).await;
}

async fn focused(page: &Page) {
    until("the text has the focus", async || {
        page.script("return document.activeElement?.dataset.testid ?? ''").await == "source"
    })
    .await;
}

/// Presses Ctrl+S and waits until nothing waits to be saved.
async fn save(page: &Page) {
    page.keys(&control("s")).await;
    page.wait_for(&format!("{}[data-dirty='false']", id("author-state"))).await;
}

/// Every text that the history of a file holds, the newest first.
async fn kept(page: &Page, file: &Path) -> Vec<String> {
    let rows = page.ask("history", json!({"path": file, "offset": 0, "limit": 100})).await.unwrap();
    let mut texts = Vec::new();
    for row in rows["rows"].as_array().unwrap() {
        let against = json!({"path": file, "from": row["revision"], "to": null, "text": ""});
        let compared = page.ask("compare", against).await.unwrap();
        let edits = compared["restore"].as_array().unwrap();
        texts.push(edits.iter().map(|edit| edit["text"].as_str().unwrap()).collect());
    }
    texts
}

const ODD: &str = "\u{feff}---\r\nkind: routine\r\nowner:   web team\r\ntags: [ cache,web ]\r\n---\r\n\r\n\
    # Warm\tthe cache  \r\n\r\n\r\n## Steps\r\n\r\n-\t[ ]  It is   warm\r\n* odd\tspacing\t\r\n\r\n\
    ```sh\r\nmake  warm\t\r\n```\r\n\u{a0}\r\n  the last line";

#[test]
fn a_file_of_odd_bytes_is_edited_by_keys_alone_and_keeps_all_others() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "warm.md", ODD).await;
        let file = world.path("runbooks/warm.md");
        page.wait_for("[role='listbox']").await.send_keys("e").await.unwrap();
        focused(&page).await;
        page.keys(&format!("{}{}{END}!", control(HOME), DOWN.repeat(11))).await;
        page.keys(&format!("{}{UP}{END}{ENTER}one more line", control(END))).await;
        page.wait_for(&format!("{}[data-dirty='true']", id("author-state"))).await;
        save(&page).await;
        let expected =
            ODD.replace("It is   warm\r\n", "It is   warm!\r\n").replace("\u{a0}\r\n", "\u{a0}\r\none more line\r\n");
        assert_eq!(fs::read_to_string(&file).unwrap(), expected, "what was not typed stands as it stood");
    });
}

const UNFINISHED: &str = "---\nkind: incident\nowner: web team\n---\n\n# The cache is cold\n\n## Steps\n\n\
    1. Warm it\n\n   ```sh {name=warm}\n   echo \"it is warm\"\n   ```\n\n2. See [the other](missing.md)\n";

#[test]
fn problems_are_reached_and_mended_by_keys() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "cold.md", UNFINISHED).await;
        let file = world.path("runbooks/cold.md");
        edit(&page, &file).await;
        page.wait_for(&id("problem")).await;
        let count = page.count(&id("problem")).await;
        let fixable = "return [...document.querySelectorAll('[data-testid=problem]')]
            .findIndex((one) => one.querySelector('[data-testid=fix]')) + 1";
        let first = page.script(fixable).await.as_u64().unwrap();
        assert!(first > 0, "one of these can be mended: {}", page.text_of(&id("problems")).await);
        let chosen = "return [...document.querySelectorAll('[data-testid=problem]')]
            .findIndex((one) => one.classList.contains('is-selected')
                && one.querySelector('[data-testid=fix].btn--solid')) + 1";
        page.keys(&control(HOME)).await;
        until("a problem that can be mended is chosen", async || {
            page.keys(F8).await;
            page.script(chosen).await.as_u64() > Some(0)
        })
        .await;
        page.keys(&control(".")).await;
        until("one problem less", async || page.count(&id("problem")).await < count).await;
        page.keys(&control("z")).await;
        until("undo brings it back", async || page.count(&id("problem")).await == count).await;
        assert_eq!(fs::read_to_string(&file).unwrap(), UNFINISHED, "nothing is written that is not saved");
    });
}

#[test]
fn a_kill_while_typing_costs_at_most_the_last_second() {
    in_a_world(async |world| {
        let text = "# Warm the cache\n\n- [ ] It is warm\n";
        let page = world.open().await;
        library(world, &page, "warm.md", text).await;
        let file = world.path("runbooks/warm.md");
        edit(&page, &file).await;
        page.keys(&format!("{}{ENTER}", control(END))).await;
        let began = Instant::now();
        let mut typed = Vec::new();
        while began.elapsed() < Duration::from_secs(5) || typed.len() < 12 {
            page.keys(&format!("word{} ", typed.len())).await;
            typed.push(Instant::now());
        }
        let killed = Instant::now();
        world.kill_window();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);

        let page = world.open().await;
        page.resize((1440, 900)).await;
        edit(&page, &file).await;
        page.wait_for(&id("restored")).await;
        let draft = shown(&page).await;
        let due = typed.iter().filter(|at| killed.duration_since(**at) > Duration::from_secs(1)).count();
        assert!(due > 0);
        for number in 0..due {
            assert!(draft.contains(&format!("word{number} ")), "word{number} of {due} is lost: {draft}");
        }
        page.painted().await;
        world.picture((1440, 900), "author-restored");

        page.keys(&control("z")).await;
        until("undo goes back to what is saved", async || shown(&page).await == text).await;
        page.keys(&control("y")).await;
        until("and forth", async || shown(&page).await == draft).await;
        page.click(&id("discard")).await;
        until("it is discarded", async || shown(&page).await == text).await;
        page.wait_gone(&id("restored")).await;
        until("what was discarded is in the history", async || kept(&page, &file).await.contains(&draft)).await;
        page.click(&id("source")).await;
        page.keys(&control("z")).await;
        until("undo brings it back", async || shown(&page).await == draft).await;
    });
}

#[test]
fn of_two_editors_of_one_file_nothing_is_lost() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "warm.md", "# Warm\n\none\n\ntwo\n\nthree\n").await;
        let file = world.path("runbooks/warm.md");
        edit(&page, &file).await;
        let choice = |name: &str| format!("{} [data-choice='{name}']", id("conflict"));
        // What is typed at the end, what is written outside, what is chosen.
        let rounds = [
            ("mine at the end", ("one", "one, theirs"), "merged"),
            (", mine again", ("mine at the end", "theirs at the end"), "mine"),
            (", mine once more", ("again", "again, by them"), "theirs"),
            (", mine at last", ("once", "ONCE"), "edit"),
        ];
        for (typed, (old, new), chosen) in rounds {
            focused(&page).await;
            let before = fs::read_to_string(&file).unwrap();
            page.keys(&format!("{}{typed}", control(END))).await;
            page.wait_for(&format!("{}[data-dirty='true']", id("author-state"))).await;
            let mine = shown(&page).await;
            let theirs = if before.contains(old) { before.replacen(old, new, 1) } else { format!("{before}{new}") };
            assert_ne!(theirs, before);
            fs::write(&file, &theirs).unwrap();
            page.wait_for(&id("outside")).await;
            page.keys(&control("s")).await;
            page.wait_for(&id("conflict")).await;
            assert_eq!(fs::read_to_string(&file).unwrap(), theirs, "nothing is overwritten");
            let both = page.text_of(&id("conflict")).await;
            assert!(both.contains(typed) && both.contains(new), "both are shown: {both}");
            assert_eq!(page.has(&choice("merged")).await, chosen == "merged", "where they do not touch they fit");
            if chosen == "merged" || chosen == "mine" {
                for (size, light) in [((1440, 900), "light"), ((1024, 700), "dark")] {
                    page.resize(size).await;
                    page.light(light).await;
                    world.picture(size, &format!("author-conflict-{chosen}-{light}"));
                }
                page.resize((1440, 900)).await;
            }
            page.click(&choice(chosen)).await;
            page.wait_gone(&id("conflict")).await;
            if chosen != "edit" {
                page.wait_for(&format!("{}[data-dirty='false']", id("author-state"))).await;
            }
            let found = fs::read_to_string(&file).unwrap();
            match chosen {
                "merged" => assert!(found.contains(typed) && found.contains(new), "{found}"),
                "mine" => assert_eq!(found, mine),
                _ => assert_eq!(found, theirs),
            }
            let draft = page.ask("source", json!({"path": file})).await.unwrap();
            let mut texts = kept(&page, &file).await;
            texts.extend(draft["draft"]["text"].as_str().map(str::to_owned));
            texts.push(found);
            if chosen != "merged" {
                assert!(texts.contains(&mine), "mine is to be found: {texts:#?}");
            }
            assert!(texts.contains(&theirs), "theirs is to be found: {texts:#?}");
            page.click(&id("source")).await;
        }
    });
}

#[test]
fn a_block_is_tried_in_place_and_an_old_revision_comes_back() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "cold.md", UNFINISHED).await;
        let file = world.path("runbooks/cold.md");
        edit(&page, &file).await;
        page.keys(&format!("{}{}", control(HOME), DOWN.repeat(11))).await;
        page.keys(&control(ENTER)).await;
        let output = format!("{} .xterm-rows", id("try"));
        until("the block has printed", async || {
            page.text_of(&output).await.replace('\u{a0}', " ").contains("it is warm")
        })
        .await;
        page.painted().await;
        world.picture((1440, 900), "author-try");
        let runs = page.ask("runs", json!({"state": null, "words": null, "offset": 0, "limit": 10})).await;
        if let Ok(runs) = runs {
            assert_eq!(runs["total"].as_u64().unwrap_or(0), 0, "a scratch run is in no list: {runs}");
        }
        page.keys(ESCAPE).await;
        page.wait_gone(&id("try")).await;
        focused(&page).await;

        page.keys(&format!("{}Afterwards.", control(END))).await;
        save(&page).await;
        page.keys(&format!("{CONTROL}{SHIFT}h{FREE}")).await;
        page.wait_for_count(&id("revision"), 2).await;
        page.click(&format!("{}[data-number='1']", id("revision"))).await;
        page.wait_for(&id("diff")).await;
        for (size, light) in [((1440, 900), "light"), ((1024, 700), "dark")] {
            page.resize(size).await;
            page.light(light).await;
            world.picture(size, &format!("author-history-{light}-{}x{}", size.0, size.1));
        }
        page.click(&id("restore")).await;
        page.wait_gone(&id("history")).await;
        until("the first revision stands there", async || shown(&page).await == UNFINISHED).await;
        page.click(&id("source")).await;
        save(&page).await;
        assert_eq!(fs::read_to_string(&file).unwrap(), UNFINISHED);
        assert_eq!(kept(&page, &file).await.len(), 3);
    });
}

#[test]
fn a_new_runbook_comes_from_a_template_and_takes_a_picture() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "warm.md", "# Warm\n\n- [ ] Warm\n").await;
        page.go("#/new").await;
        page.click(&format!("label:has({})", id("source-incident"))).await;
        page.type_into(&id("new-title"), "The queue is stuck").await;
        until("the file is named after it", async || {
            let name = page.wait_for(&id("new-name")).await.prop("value").await.unwrap();
            name.as_deref() == Some("the-queue-is-stuck.md")
        })
        .await;
        page.painted().await;
        world.picture((1440, 900), "new-template");
        page.keys(&control(ENTER)).await;
        focused(&page).await;
        let file = world.path("runbooks/the-queue-is-stuck.md");
        assert!(fs::read_to_string(&file).unwrap().contains("The queue is stuck"));
        page.wait_for(&id("preview")).await;

        page.keys(&format!("{}{ENTER}", control(END))).await;
        let paste = "const bytes = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (c) => c.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], 'queue depth.png', {type: 'image/png'}));
            const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
            return document.querySelector('[data-testid=source]').dispatchEvent(event);";
        assert_eq!(page.script(paste).await, false, "the picture is taken");
        until("the picture is in the text", async || shown(&page).await.contains("![](")).await;
        save(&page).await;
        let pictures = walkdir::WalkDir::new(world.path("runbooks")).into_iter().flatten();
        let pictures: Vec<_> =
            pictures.filter(|entry| entry.path().extension().is_some_and(|e| e == "png")).collect();
        assert_eq!(pictures.len(), 1, "the picture is kept beside the file");
    });
}

#[test]
fn nothing_serious_stands_in_the_way_of_anybody_in_either_light() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "cold.md", UNFINISHED).await;
        let file = world.path("runbooks/cold.md");
        let mut found = Vec::new();
        for light in ["light", "dark"] {
            page.go("#/library").await;
            page.wait_for(&id("runbook-row")).await;
            page.light(light).await;
            found.extend(page.barriers().await.into_iter().map(|one| format!("library, {light}: {one}")));
            page.go("#/new").await;
            page.wait_for(&id("new-text")).await;
            page.painted().await;
            found.extend(page.barriers().await.into_iter().map(|one| format!("new, {light}: {one}")));
            edit(&page, &file).await;
            page.wait_for(&id("problem")).await;
            page.wait_for(&format!("{} [data-testid='run-item']", id("preview"))).await;
            for size in [(1024, 700), (1440, 900)] {
                page.resize(size).await;
                world.picture(size, &format!("author-{light}-{}x{}", size.0, size.1));
            }
            found.extend(page.barriers().await.into_iter().map(|one| format!("author, {light}: {one}")));
            page.keys(&format!("{CONTROL}{SHIFT}h{FREE}")).await;
            page.wait_for(&id("revision")).await;
            page.painted().await;
            found.extend(page.barriers().await.into_iter().map(|one| format!("history, {light}: {one}")));
            page.keys(ESCAPE).await;
            page.wait_gone(&id("history")).await;
        }
        assert!(found.is_empty(), "{found:#?}");
    });
}
