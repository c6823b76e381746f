//! The library in the window: what changes outside is seen, and everything that is done with a file is done by keys.

use std::{fs, path::Path};

use crate::{
    page::{Page, id, until},
    run::library,
    world::{World, in_a_world},
};

/// Names of keys as WebDriver has them.
const DELETE: &str = "\u{e017}";
const ENTER: &str = "\u{e007}";
const F2: &str = "\u{e032}";
const CONTROL_A: &str = "\u{e009}a\u{e000}";

fn row(file: &str) -> String {
    format!("{}[data-path$='/{file}']", id("runbook-row"))
}

/// Presses keys where the focus is: on the list of runbooks.
async fn press(page: &Page, keys: &str) {
    page.wait_for("[role='listbox']").await.send_keys(keys).await.unwrap();
}

/// A runbook with something to find in it.
fn runbook(title: &str, text: &str) -> String {
    format!("---\nkind: routine\ntags: [cache]\nowner: web team\n---\n\n# {title}\n\n## Steps\n\n- [ ] {text}\n")
}

fn write(folder: &Path, file: &str, text: &str) {
    fs::write(folder.join(file), text).unwrap();
}

#[test]
fn what_changes_outside_is_shown_without_a_word() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "warm.md", &runbook("Warm the cache", "It is warm")).await;
        let folder = world.path("runbooks");

        write(&folder, "cold.md", &runbook("Empty the cache", "It is empty"));
        page.wait_for(&row("cold.md")).await;
        write(&folder, "cold.md", &runbook("Empty the cache at once", "It is empty"));
        page.wait_for_text("Empty the cache at once").await;
        fs::rename(folder.join("cold.md"), folder.join("ice.md")).unwrap();
        page.wait_for(&row("ice.md")).await;
        page.wait_gone(&row("cold.md")).await;
        fs::remove_file(folder.join("ice.md")).unwrap();
        page.wait_gone(&row("ice.md")).await;
    });
}

#[test]
fn a_runbook_is_found_renamed_pinned_and_binned_by_keys_alone() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "warm.md", &runbook("Warm the cache", "It is warm")).await;
        let folder = world.path("runbooks");
        let pointing = "# Deploy\n\nAfterwards *warm*  it: [warm the cache](warm.md#steps).\r\n\n- [ ] Deployed\n";
        write(&folder, "deploy.md", pointing);
        page.wait_for(&row("deploy.md")).await;

        // A typing error is forgiven.
        press(&page, "/").await;
        page.type_into(&id("search"), "cahce").await;
        page.wait_for_text("cache").await;
        page.wait_for_count(&row("warm.md"), 1).await;
        page.type_into(&id("search"), ENTER).await;

        press(&page, F2).await;
        page.wait_for(&id("move-to")).await;
        page.keys(CONTROL_A).await;
        page.keys("web/warm-up.md").await;
        page.wait_for_text("deploy.md").await;
        page.painted().await;
        world.picture((1440, 900), "library-rename");
        page.type_into(&id("move-to"), ENTER).await;
        page.wait_for(&row("web/warm-up.md")).await;
        assert!(!folder.join("warm.md").exists() && folder.join("web/warm-up.md").is_file());
        let followed = fs::read_to_string(folder.join("deploy.md")).unwrap();
        assert_eq!(
            followed,
            pointing.replace("(warm.md#steps)", "(web/warm-up.md#steps)"),
            "only the address changed"
        );

        press(&page, "p").await;
        page.wait_for(&id("facet-pinned")).await;

        press(&page, DELETE).await;
        page.wait_for(&id("bin")).await;
        page.painted().await;
        page.click(&id("bin")).await;
        page.wait_gone(&row("web/warm-up.md")).await;
        assert!(!folder.join("web/warm-up.md").exists());
        let bins = walkdir::WalkDir::new(world.path("")).into_iter().flatten();
        let binned = bins.filter(|entry| entry.file_name() == "warm-up.md").count();
        assert_eq!(binned, 1, "the file is in the bin, and nowhere else");
    });
}

#[test]
fn a_library_is_narrowed_and_ordered_and_runbooks_are_brought_in() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "warm.md", &runbook("Warm the cache", "It is warm")).await;
        let other = world.path("other");
        fs::create_dir(&other).unwrap();
        write(&other, "warm.md", "# Another text of that name\n\n- [ ] Done\n");
        write(
            &other,
            "lag.md",
            "---\nkind: incident\nseverity: SEV1\n---\n\n# The replica lags\n\n- [ ] It caught up\n",
        );

        page.click(&id("open-import")).await;
        page.type_into(&id("import-place"), &format!("{}{ENTER}", other.display())).await;
        page.wait_for_text("lag.md").await;
        page.painted().await;
        world.picture((1440, 900), "library-import");
        page.click(&id("import")).await;
        page.wait_for_text("2 files were").await;
        let mine = fs::read_to_string(world.path("runbooks/warm.md")).unwrap();
        assert_eq!(mine, runbook("Warm the cache", "It is warm"), "nothing is overwritten");
        page.click("[role='dialog'] [aria-label='Close']").await;
        page.wait_gone("[role='dialog']").await;

        page.wait_for_count(&id("runbook-row"), 3).await;
        let kinds = "return [...document.querySelectorAll('.seg button')].find(b => /^Incident/.test(b.textContent))";
        page.script(&format!("{kinds}.click()").replacen("return ", "", 1)).await;
        page.wait_for_count(&id("runbook-row"), 1).await;
        page.wait_for(&row("lag.md")).await;
        page.click(&id("clear-filters")).await;
        page.wait_for_count(&id("runbook-row"), 3).await;
        for (size, light) in [((1024, 700), "dark"), ((1440, 900), "light")] {
            page.resize(size).await;
            page.light(light).await;
            until("the list stands still", async || page.count(&id("runbook-row")).await == 3).await;
            world.picture(size, &format!("library-list-{light}-{}x{}", size.0, size.1));
        }
    });
}

const PLAYBOOK: &str = r#"{
  "type": "playbook", "spec_version": "cacao-2.0", "id": "playbook--11111111-1111-4111-8111-111111111111",
  "name": "Isolate a host", "description": "Takes a host off the network.", "playbook_types": ["mitigation"],
  "created_by": "identity--11111111-1111-4111-8111-111111111112",
  "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-02T00:00:00.000Z",
  "workflow_start": "start--1",
  "workflow": {
    "start--1": {"type": "start", "on_completion": "action--1"},
    "action--1": {"type": "action", "name": "Block it", "agent": "linux--1", "timeout": 5000,
      "targets": ["ssh--1"], "commands": [{"type": "ssh", "command": "nft add element block"}],
      "on_completion": "if-condition--1"},
    "if-condition--1": {"type": "if-condition", "name": "Was it bad", "condition": "verdict = 'bad'",
      "on_true": "action--2", "on_completion": "end--1"},
    "action--2": {"type": "action", "name": "Scan it", "agent": "linux--1",
      "commands": [{"type": "yara", "command": "rule bad { condition: true }"}], "on_completion": "end--2"},
    "end--1": {"type": "end"}, "end--2": {"type": "end"}
  },
  "agent_definitions": {"linux--1": {"type": "linux", "name": "Here", "address": {"dname": ["localhost"]}}},
  "target_definitions": {"ssh--1": {"type": "ssh", "name": "Firewall", "address": {"ipv4": ["10.0.0.4"]}}},
  "signatures": [{"type": "jss"}]
}"#;

#[test]
fn a_playbook_becomes_a_runbook_and_a_runbook_is_given_as_one_and_what_differs_is_said_before() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        let warm = runbook("Warm the cache", "It is warm");
        let warm =
            format!("{warm}\n```sh {{confirm expect=warm}}\necho warm\n```\n\n```sh {{undo}}\necho cold\n```\n");
        library(world, &page, "warm.md", &warm).await;
        write(&world.path(""), "isolate.json", PLAYBOOK);

        let file = world.path("isolate.json").display().to_string();
        for light in ["dark", "light"] {
            page.light(light).await;
            page.click(&id("open-import")).await;
            page.wait_for(&id("import-place")).await;
            let one =
                "[...document.querySelectorAll('[role=dialog] .seg button')].find(b => b.textContent === 'File')";
            page.script(&format!("{one}.click()")).await;
            page.type_into(&id("import-place"), &format!("{file}{ENTER}")).await;
            page.wait_for_text("a playbook of CACAO 2.0 and becomes a runbook").await;
            page.click("[role='dialog'] summary").await;
            page.wait_for_text("is not run here").await;
            in_both_sizes(world, &page, &format!("formats-import-{light}")).await;
            if light == "light" {
                page.click(&id("import")).await;
                page.wait_for_text("1 file was").await;
            }
            page.click("[role='dialog'] [aria-label='Close']").await;
            page.wait_gone("[role='dialog']").await;
        }

        page.wait_for(&row("isolate.md")).await;
        page.click(&row("warm.md")).await;
        page.wait_for_text("web team").await;
        for light in ["dark", "light"] {
            page.light(light).await;
            page.click(&id("more")).await;
            page.wait_for(&id("convert")).await;
            page.painted().await;
            page.click(&id("convert")).await;
            page.wait_for_text("otherwise in the playbook").await;
            in_both_sizes(world, &page, &format!("formats-export-{light}")).await;
            page.click("[role='dialog'] [aria-label='Close']").await;
            page.wait_gone("[role='dialog']").await;
        }
    });
}

/// Pictures of a dialog: over one the theme cannot be changed.
async fn in_both_sizes(world: &World, page: &Page, name: &str) {
    for size in [(1024, 700), (1440, 900)] {
        page.resize(size).await;
        page.painted().await;
        world.picture(size, &format!("{name}-{}x{}", size.0, size.1));
    }
}

#[test]
fn a_link_to_another_runbook_is_followed_in_the_window() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        fs::create_dir(world.path("runbooks")).unwrap();
        write(&world.path("runbooks"), "fail-over.md", "# Fail over the broker\n\n- [ ] It answers\n");
        let text = "# Drain\n\nThen [fail over](fail-over.md), or [[fail-over]].\n\n## Steps\n\n- [ ] Drained\n";
        library(world, &page, "drain.md", text).await;
        for link in ["a[href='fail-over.md']", "a[data-wiki='fail-over']"] {
            page.go("#/library").await;
            page.click(&row("drain.md")).await;
            page.click(&id("rehearse-run")).await;
            crate::run::begin(&page).await;
            page.click(&format!("{} {link}", id("run-page"))).await;
            page.wait_for(&format!("{}[aria-selected='true']", row("fail-over.md"))).await;
        }
    });
}
