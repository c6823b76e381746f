//! From a failure to each of its ways out, by keys alone: every choice, the way back with its plan shortened, an undo that
//! fails.

use crate::{
    display::SCREEN,
    page::{Page, id},
    run::{self, library, wait_for_status, within},
    states::look,
    world::{World, in_a_world},
};

const ENTER: &str = "\u{e007}";
const CONTROL_ENTER: &str = "\u{e009}\u{e007}\u{e000}";

const TEXT: &str = "# Move the volume\n\n## Steps\n\n\
    ### 1. Attach\n\n```sh {name=attach}\necho attached >> log\n```\n\n```sh {name=detach undo}\necho detached >> log\ntest ! -e stuck || { echo 'the volume is busy'; exit 5; }\n```\n\n\
    ### 2. Copy\n\n```sh {name=copy}\necho copied >> log\ntest -e space || { echo 'no space left'; exit 28; }\n```\n\n```sh {name=uncopy undo}\necho uncopied >> log\n```\n\n\
    ### 3. Check the sum\n\n```sh {name=sum expect=equal}\necho different\n```\n\n\
    ### 4. Mount\n\n```sh {name=mount}\necho mounted >> log\nfalse\n```\n\n```sh {name=unmount undo}\necho unmounted >> log\n```\n\n\
    ### 5. Tune\n\n```sh {name=tune}\nfalse\n```\n\n\
    ### 6. Switch\n\n```sh {name=switch}\necho switched >> log\nexit 7\n```\n\n```sh {name=switch-back undo}\nuntil test -e go; do sleep 0.05; done\necho switched back >> log\n```\n\n\
    ### 7. Look\n\n- [ ] Writes arrive\n";

fn log(world: &World) -> Vec<String> {
    let log = std::fs::read_to_string(world.path("runbooks/log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

async fn in_hand(page: &Page, name: &str, status: &str) {
    page.wait_for(&format!("{}[data-hand='true'][data-status='{status}']", run::item(name))).await;
}

/// Starts what is in hand and sees it fail.
async fn fail(page: &Page, name: &str) {
    in_hand(page, name, "ready").await;
    page.keys(ENTER).await;
    in_hand(page, name, "failed").await;
    page.wait_for(&id("choices")).await;
}

#[test]
fn every_choice_after_a_failure_is_made_by_keys_and_the_way_back_is_shortened_and_goes_on_after_an_undo_that_fails() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "move.md", TEXT).await;
        let file = |name: &str| world.path("runbooks").join(name);
        run::start(&page, "move.md").await;
        in_hand(&page, "attach", "ready").await;
        page.keys(ENTER).await;

        // Retry.
        fail(&page, "copy").await;
        std::fs::write(file("space"), "").unwrap();
        page.keys(ENTER).await;

        // Edit and retry, for this run alone.
        fail(&page, "sum").await;
        page.keys("e").await;
        page.wait_for_focus(&id("edit-text")).await;
        page.keys("\u{e009}a\u{e000}echo equal").await;
        page.type_into(&id("edit-reason"), "the tool of this host prints another word").await;
        page.keys(CONTROL_ENTER).await;

        // Mark done.
        fail(&page, "mount").await;
        page.keys("m").await;
        page.wait_for_focus(&id("reason")).await;
        page.keys(&format!("it is mounted, findmnt shows it{ENTER}")).await;

        // Skip.
        fail(&page, "tune").await;
        page.keys("s").await;
        page.wait_for_focus(&id("reason")).await;
        page.keys(&format!("this host needs none{ENTER}")).await;

        // Roll back, with the plan shortened: what was marked done stays mounted.
        fail(&page, "switch").await;
        assert_eq!(log(world), ["attached", "copied", "copied", "mounted", "switched"]);
        page.keys("r").await;
        page.wait_for(&format!("{}[data-as='choose']", id("rollback-plan"))).await;
        page.wait_for_focus(&id("plan-entry")).await;
        look(world, &page, "rollback-plan").await;
        assert_eq!(log(world).len(), 5, "a plan does nothing");
        page.wait_for(&format!("{}[data-entry='unmount']", id("plan-entry"))).await.send_keys(" ").await.unwrap();
        page.wait_for(&id("took-effect-yes")).await.send_keys(" ").await.unwrap();
        page.wait_for_text("Roll back 3 of 4").await;
        std::fs::write(file("stuck"), "").unwrap();
        page.keys(ENTER).await;
        let entry = |name: &str, status: &str| {
            format!("{}[data-entry='{name}'][data-status='{status}']", id("rollback-entry"))
        };
        page.wait_for(&entry("switch-back", "running")).await;
        look(world, &page, "rolling-back").await;
        std::fs::write(file("go"), "").unwrap();

        // An undo that fails stops it, with the same choices.
        page.wait_for(&entry("detach", "failed")).await;
        page.wait_for(&within("detach", "choices")).await;
        look(world, &page, "undo-failed").await;
        assert_eq!(log(world)[5..], ["switched back", "uncopied", "detached"]);
        page.keys("m").await;
        page.wait_for_focus(&id("reason")).await;
        page.keys("\u{e00c}").await;
        page.wait_gone(&id("reason")).await;
        std::fs::remove_file(file("stuck")).unwrap();
        page.keys(ENTER).await;
        page.wait_for(&format!("{}[data-state='rolled_back']", id("run-verdict"))).await;
        look(world, &page, "rolled-back").await;
        assert_eq!(log(world)[5..], ["switched back", "uncopied", "detached", "detached"]);

        let run = page.address().await.rsplit_once('/').unwrap().1.to_owned();
        let (holds, record) = world.allgood(&["show-run", &run]);
        assert!(holds, "{record}");
        for said in ["the tool of this host", "findmnt shows it", "this host needs none"] {
            assert!(record.contains(said), "{said}: {record}");
        }
        let (holds, verdict) = world.allgood(&["verify", &run]);
        assert!(holds, "{verdict}");
    });
}

#[test]
fn a_run_that_failed_is_given_up_with_a_reason_by_keys() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "move.md", "# Move\n\n## Steps\n\n```sh {name=move}\nexit 4\n```\n\n- [ ] Look\n")
            .await;
        run::start(&page, "move.md").await;
        fail(&page, "move").await;
        page.wait_for("[data-choice='abandon']").await.send_keys(ENTER).await.unwrap();
        page.wait_for_focus(&id("reason")).await;
        page.keys(&format!("somebody else moves it{ENTER}")).await;
        page.wait_for(&format!("{}[data-state='abandoned']", id("run-verdict"))).await;
        page.wait_for_text("somebody else moves it").await;
        wait_for_status(&page, "move", "failed").await;
    });
}
