//! The author screen by the keyboard alone: nothing on it needs a mouse.

use std::fs;

use serde_json::{Value, json};

use super::{
    CONTROL, DOWN, END, ENTER, ESCAPE, F8, FREE, HOME, SHIFT, TAB, UNFINISHED, control, edit, focused, kept, save,
    shown,
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
            page.keys(&control("s")).await;
            until(&format!("/{word} is in the file"), async || fs::read_to_string(&file).unwrap().contains(holds))
                .await;
        }
        let after = fs::read_to_string(&file).unwrap();
        assert!(after.starts_with(before), "what stood there stands: {after:?}");
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
        assert_eq!(after.matches('\r').count(), after.matches("\r\n").count(), "{after:?}");
        assert_eq!(after.matches('\u{feff}').count(), 1);
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

        // Every control is reached by Tab, and the focus is seen on each.
        page.keys(&format!("{ESCAPE}{TAB}")).await;
        let mut reached = Vec::new();
        for _ in 0..120 {
            let (name, seen) = focus(&page).await;
            assert!(seen, "the focus cannot be seen on {name}");
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
