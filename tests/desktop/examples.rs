//! The first hour: the examples are offered, found, run to the end and verified; the record can be looked at later.

use std::path::Path;

use crate::{
    page::{Page, id, until},
    run::{self, here},
    world::{World, in_a_world},
};

/// Pictures of what is shown, in both lights and both sizes.
async fn pictures(world: &World, page: &Page, name: &str) {
    for size in [(1024, 700), (1440, 900)] {
        page.resize(size).await;
        for light in ["dark", "light"] {
            page.light(light).await;
            world.picture(size, &format!("{name}-{light}-{}x{}", size.0, size.1));
        }
    }
}

#[test]
fn a_newcomer_runs_the_examples_to_passed_and_their_records_verify() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        page.wait_for_text("No runbooks yet").await;
        pictures(world, &page, "first-start").await;

        page.click(&id("add-examples")).await;
        page.wait_for_count(&id("runbook-row"), 4).await;
        page.type_into(&id("search"), "handshake").await;
        page.wait_for_count(&id("runbook-row"), 1).await;
        page.wait_for_text("Renew a TLS certificate").await;
        pictures(world, &page, "search").await;
        page.type_into(&id("search"), &"\u{e003}".repeat("handshake".len())).await;
        page.wait_for_count(&id("runbook-row"), 4).await;

        for example in ["renew-certificate.md", "disk-almost-full.md", "backup-verified.md", "backup-sqlite.md"] {
            run::start(&page, example).await;
            if example == "renew-certificate.md" {
                until("the first thing is in hand", async || here(&page).await != here_of_nothing()).await;
                pictures(world, &page, "run").await;
            }
            assert_eq!(run::to_the_end(&page).await, "passed", "{example}");
            page.click(&id("verify")).await;
            let verdict = page.wait_for(&id("record-verdict")).await.attr("data-holds").await.unwrap();
            assert_eq!(verdict.as_deref(), Some("true"), "the record of {example}");
        }
        pictures(world, &page, "run-passed").await;

        page.go("#/runs").await;
        page.wait_for_count(&format!("{}[data-state='passed']", id("run-row")), 4).await;
        pictures(world, &page, "runs").await;
        page.click(&format!("{} a", id("run-row"))).await;
        page.wait_for(&id("run-verdict")).await;
        run::unfold(&page).await;
        run::wait_for_output(&page, "choose", "backs up").await;

        let (good, listed) = world.allgood(&["runs", "--json"]);
        assert!(good, "{listed}");
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let states: Vec<_> = listed.as_array().unwrap().iter().map(|run| &run["state"]).collect();
        assert_eq!(states, ["passed"; 4], "the command line sees the same runs");

        page.go("#/library").await;
        until("the library shows how the runs ended", async || page.text().await.matches("passed").count() >= 4)
            .await;
        pictures(world, &page, "library").await;
        page.go("#/settings").await;
        pictures(world, &page, "settings").await;
    });
}

fn here_of_nothing() -> run::Here {
    serde_json::from_value(
        serde_json::json!({"verdict": null, "item": null, "kind": null, "status": null, "tries": 0}),
    )
    .unwrap()
}

#[test]
fn a_library_of_real_files_is_found_read_and_searched() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    assert!(corpus.is_dir(), "{} is missing: it stands beside the project", corpus.display());
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize((1440, 900)).await;
        let corpus = std::fs::canonicalize(&corpus).unwrap();
        page.ask("library_add", serde_json::json!({"path": corpus})).await.unwrap();
        let files = walkdir::WalkDir::new(&corpus).into_iter().flatten();
        let files = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "md")).count();
        // They are read in the background; the list fills meanwhile.
        until("every file of the corpus is in the library", async || {
            page.ask("library_folders", serde_json::json!({})).await.unwrap()[0]["runbooks"] == files
        })
        .await;
        page.reload().await;
        page.wait_for(&id("runbook-row")).await;
        pictures(world, &page, "corpus").await;
        page.type_into(&id("search"), "etcd").await;
        until("something is found", async || page.text().await.to_lowercase().contains("etcd")).await;
        page.click(&id("runbook-row")).await;
        page.painted().await;
        pictures(world, &page, "corpus-search").await;
    });
}
