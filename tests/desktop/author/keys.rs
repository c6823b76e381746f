//! The author screen by the keyboard alone: nothing on it needs a mouse.

use std::fs;

use serde_json::{Value, json};

use super::{
    ALT, CONTROL, DOWN, END, ENTER, ESCAPE, F8, FREE, HOME, SHIFT, TAB, UNFINISHED, control, edit, focused, kept,
    save, shown,
};
use crate::{
    page::{Page, id, until},
    run::library,
    world::in_a_world,
};

/// Types a word of the menu of `/` and takes the first entry that it offers.
async fn piece(page: &Page, word: &str) {
    page.keys(&format!("/{word}")).await;
    let first = "[...document.querySelectorAll('.cm-tooltip-autocomplete [aria-selected=true]')]
        .map((one) => one.textContent).join('')";
    until(&format!("/{word} is offered"), async || {
        let offered = page.script(&format!("return {first}")).await;
        offered.as_str().is_some_and(|offered| offered.contains(&format!("/{word}")))
    })
    .await;
    // What was offered a moment ago is not taken by a key that was meant for the text.
    page.painted().await;
    page.painted().await;
    page.keys(ENTER).await;
    page.wait_gone(".cm-tooltip-autocomplete").await;
    let text = shown(page).await;
    assert!(!text.contains(&format!("/{word}")), "/{word} was taken by the key: {text}");
}

#[test]
fn a_slash_inserts_each_piece_with_the_line_ends_of_the_file() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        let before = "\u{feff}# Warm the cache\r\n\r\n## Steps\r\n\r\n- [ ] It is warm\r\n";
        library(world, &page, "warm.md", before).await;
        let file = world.path("runbooks/warm.md");
        edit(&page, &file).await;
        for (word, holds) in [
            ("step", "### Do this\r\n\r\n- [ ] what is then true"),
            ("check", "- [ ] what holds"),
            ("probe", "probe every=5s within=1m"),
            ("undo", "```sh {undo}\r\n<command>\r\n```"),
            ("message", "```message {to=\"whom\"}\r\ntext\r\n```"),
        ] {
            page.keys(&format!("{}{ENTER}", control(END))).await;
            piece(&page, word).await;
            page.keys(ESCAPE).await;
            save(&page).await;
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.contains(holds), "/{word} is in the file: {text:?}");
        }
        let after = fs::read_to_string(&file).unwrap();
        assert!(after.starts_with(before), "what stood there stands: {after:?}");
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
        assert_eq!(after.matches('\r').count(), after.matches("\r\n").count(), "{after:?}");
        assert_eq!(after.matches('\u{feff}').count(), 1);
    });
}

#[test]
fn words_are_found_counted_and_replaced_by_keys() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        let before = "# Pods\r\n\r\npod one\r\npod two\r\nPod three, pods\r\n";
        library(world, &page, "pods.md", before).await;
        let file = world.path("runbooks/pods.md");
        edit(&page, &file).await;
        let says = async |words: &str| {
            until(&format!("it says {words:?}"), async || page.text_of(&id("find-count")).await == words).await;
        };
        page.keys(&format!("{}{DOWN}{DOWN}{}", control(HOME), control("f"))).await;
        page.keys("pod").await;
        says("2 of 5").await;
        page.keys(&format!("{ENTER}{ENTER}{SHIFT}{ENTER}{FREE}")).await;
        says("3 of 5").await;
        page.keys(&format!("{ALT}w{FREE}")).await;
        says("2 of 3").await;
        page.keys(&format!("{ALT}c{FREE}")).await;
        says("2 of 2").await;
        for (size, light) in [((1440, 900), "light"), ((1024, 700), "dark")] {
            page.resize(size).await;
            page.light(light).await;
            world.picture(size, &format!("author-find-{light}-{}x{}", size.0, size.1));
            let barriers = page.barriers().await;
            assert!(barriers.is_empty(), "{barriers:#?}");
        }
        page.script("document.querySelector('.cm-search [name=search]').focus()").await;
        page.keys(&format!("{}node{ENTER}", control("h"))).await;
        until("one is replaced", async || shown(&page).await.contains("node two")).await;
        says("1 of 1").await;
        page.keys(&format!("{CONTROL}{ALT}{ENTER}{FREE}")).await;
        says("no match").await;
        page.keys(ESCAPE).await;
        focused(&page).await;
        save(&page).await;
        let expected = before.replace("pod one", "node one").replace("pod two", "node two");
        assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    });
}

const GUIDED: &str = "---\ntitle: Warm the cache\nkind: routine\nowner:\n# guidance: Who keeps this true.\n---\n\n\
    # Warm the cache\n\n## Steps\n\n<!-- guidance: One heading a step. -->\n\n- [ ] It is warm\n\n\
    ## Rollback\n\n<!-- guidance: The way back. -->\n";

#[test]
fn guidance_leaves_the_view_once_it_is_answered_and_is_removed_as_one_change() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "warm.md", GUIDED).await;
        let file = world.path("runbooks/warm.md");
        edit(&page, &file).await;
        until("what is answered is out of view", async || !shown(&page).await.contains("One heading a step")).await;
        let text = shown(&page).await;
        assert!(text.contains("The way back") && text.contains("Who keeps this"), "what waits is there: {text}");
        page.wait_for(&format!("{} [data-testid='run-item']", id("preview"))).await;
        let preview = page.text_of(&id("preview")).await;
        assert!(!preview.contains("guidance") && !preview.contains("The way back"), "no page shows it: {preview}");
        for (size, light) in [((1440, 900), "light"), ((1024, 700), "dark")] {
            page.resize(size).await;
            page.light(light).await;
            world.picture(size, &format!("author-guidance-{light}-{}x{}", size.0, size.1));
            let barriers = page.barriers().await;
            assert!(barriers.is_empty(), "{barriers:#?}");
        }
        page.script("document.querySelector('[data-testid=source]').focus()").await;

        page.keys(&format!("{CONTROL}{SHIFT}o{FREE}")).await;
        page.wait_for(&id("outline")).await;
        let outline = page.text_of(&id("outline")).await;
        assert!(outline.contains("Rollback") && !outline.contains("uidance"), "{outline}");
        page.keys(&format!("rollb{ENTER}")).await;
        focused(&page).await;
        page.keys(&format!("{END}{ENTER}{ENTER}Stop the warming.")).await;
        until("the way back is answered, and stays while its part is written", async || {
            page.text_of(&id("remove-guidance")).await.contains("2 of 3")
        })
        .await;
        assert!(shown(&page).await.contains("The way back"));
        page.keys(&control(HOME)).await;
        until("it goes when the caret has gone", async || !shown(&page).await.contains("The way back")).await;

        page.keys(&format!("{}{ENTER}", control(END))).await;
        piece(&page, "guidance").await;
        let gone = GUIDED
            .replace("# guidance: Who keeps this true.\n", "")
            .replace("<!-- guidance: One heading a step. -->\n\n", "")
            .replace("\n\n<!-- guidance: The way back. -->\n", "\n\nStop the warming.\n\n\n");
        until("all of it is removed", async || !shown(&page).await.contains("guidance")).await;
        page.keys(&control("z")).await;
        until("one undo brings it back", async || {
            let text = shown(&page).await;
            text.contains("Who keeps this") && text.contains("/guidance")
        })
        .await;
        page.keys(&control("y")).await;
        until("and redo takes it out", async || !shown(&page).await.contains("guidance")).await;
        save(&page).await;
        let found = fs::read_to_string(&file).unwrap();
        assert_eq!(found.trim_end(), gone.trim_end(), "nothing else is gone");
        page.wait_gone(&id("remove-guidance")).await;
    });
}

/// What has the focus: its test id, or its name; and whether the focus can be seen.
async fn focus(page: &Page) -> (String, bool) {
    let script = "const one = document.activeElement;
        const style = getComputedStyle(one);
        const seen = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'
            || one.dataset.testid === 'source';
        return [one.dataset.testid ?? one.getAttribute('aria-label') ?? one.textContent.trim(), seen];";
    let found = page.script(script).await;
    (found[0].as_str().unwrap_or_default().to_owned(), found[1] == Value::Bool(true))
}

#[test]
fn the_whole_screen_is_worked_without_a_mouse() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "cold.md", UNFINISHED).await;
        let file = world.path("runbooks/cold.md");
        page.go("#/runs").await;
        page.go("#/library").await;
        page.wait_for(&id("runbook-row")).await;
        until("the list of runbooks has the focus", async || {
            page.keys(TAB).await;
            page.script("return document.activeElement?.closest('[role=listbox]') !== null").await == true
        })
        .await;
        page.keys("e").await;
        focused(&page).await;

        // Edits, goes to what can be mended, and mends it.
        page.keys(&format!("{}{ENTER}It stays warm.", control(END))).await;
        until("the problems are known", async || page.has(&id("problem")).await).await;
        let problems = page.count(&id("problem")).await;
        page.keys(&control(HOME)).await;
        until("a problem that can be mended is in hand", async || {
            page.keys(F8).await;
            page.has(".prob.is-selected [data-testid='fix']").await
        })
        .await;
        page.keys(&control(".")).await;
        until("it is mended", async || page.count(&id("problem")).await < problems).await;
        save(&page).await;
        let written = fs::read_to_string(&file).unwrap();
        assert!(written.contains("It stays warm.") && written != UNFINISHED);

        // What stands at the caret is told by a key.
        page.keys(&format!("{}{DOWN}{HOME}{}", control(HOME), control("i"))).await;
        until("the key of the front matter is explained", async || {
            page.text_of(&id("hint")).await.contains("incident")
        })
        .await;
        page.keys(ESCAPE).await;
        page.wait_gone(&id("hint")).await;

        // The history: an older revision is looked at and put back.
        page.keys(&format!("{CONTROL}{SHIFT}h{FREE}")).await;
        page.wait_for_count(&id("revision"), 2).await;
        page.keys(&format!("{DOWN}{DOWN}")).await;
        page.wait_for(&id("diff")).await;
        until("restoring it is reached", async || {
            page.keys(TAB).await;
            focus(&page).await.0 == "restore"
        })
        .await;
        page.keys(ENTER).await;
        page.wait_gone(&id("history")).await;
        focused(&page).await;
        until("the first revision stands there", async || shown(&page).await == UNFINISHED).await;
        save(&page).await;
        assert_eq!(fs::read_to_string(&file).unwrap(), UNFINISHED);
        assert_eq!(kept(&page, &file).await.len(), 3);

        // The page beside the text is that of the restored one: nothing in it is drawn anew under the focus.
        page.wait_for_count(&id("problem"), problems).await;
        page.painted().await;

        // Every control is reached by Tab, and the focus is seen on each.
        page.keys(&format!("{ESCAPE}{TAB}")).await;
        let mut reached = Vec::new();
        for _ in 0..120 {
            let (name, seen) = focus(&page).await;
            assert!(seen, "the focus cannot be seen on {name}; before it on {reached:?}");
            if reached.len() > 10 && reached.first() == Some(&name) {
                break;
            }
            reached.push(name);
            page.keys(if reached.last().is_some_and(|last| last == "source") { ESCAPE } else { "" }).await;
            page.keys(TAB).await;
        }
        let position = |name: &str| reached.iter().position(|one| one == name);
        for name in [
            "source",
            "outline-toggle",
            "history-toggle",
            "preview-toggle",
            "rehearse",
            "problems-toggle",
            "fix",
            "wrap",
        ] {
            assert!(position(name).is_some(), "{name} is not reached: {reached:?}");
        }
        assert!(position("problems-toggle") < position("wrap"), "in the order of the screen: {reached:?}");
        let sources = page.ask("source", json!({"path": file})).await.unwrap();
        assert_eq!(sources["draft"], Value::Null, "looking around has changed nothing");
    });
}
