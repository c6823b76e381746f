//! A library in git in the real window: cloned, seen, committed, taken in, decided, pushed; records of runs shared.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    page::{id, until},
    world::{World, in_a_world},
};

const SIZES: [(u32, u32); 2] = [(1440, 900), (1024, 700)];
const CONTROL_ENTER: &str = "\u{e009}\u{e007}\u{e000}";
const DISK: &str = "# Disk almost full\n\n## Steps\n\n### Look\n\n- [ ] Look at the disk\n\nSome words between.\n\n### Free\n\n\
    - [ ] Free some space\n";

fn git(world: &World, folder: &Path, arguments: &[&str]) -> String {
    let mut command = world.command("git");
    command.args(["-c", "user.name=Bob", "-c", "user.email=bob@example.org", "-C"]).arg(folder).args(arguments);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Somebody else pushes a change of a file.
fn pushes(world: &World, name: &str, text: &str) {
    let theirs = world.path("theirs");
    fs::write(theirs.join(name), text).unwrap();
    git(world, &theirs, &["add", "."]);
    git(world, &theirs, &["commit", "--quiet", "--message", &format!("Change {name}")]);
    git(world, &theirs, &["pull", "--quiet", "--no-edit"]);
    git(world, &theirs, &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
}

#[test]
fn a_library_of_a_team_is_cloned_committed_taken_in_decided_and_pushed() {
    in_a_world(async |world| {
        git(world, &world.path(""), &["init", "--quiet", "--bare", "--initial-branch=main", "team.git"]);
        git(world, &world.path(""), &["clone", "--quiet", "team.git", "theirs"]);
        git(world, &world.path("theirs"), &["switch", "--quiet", "--create", "main"]);
        fs::write(world.path("theirs/notes.md"), "# Notes of the shift\n\n- [ ] A word\n").unwrap();
        fs::write(world.path("theirs/disk.md"), DISK).unwrap();
        git(world, &world.path("theirs"), &["add", "."]);
        git(world, &world.path("theirs"), &["commit", "--quiet", "--message=Begin"]);
        git(world, &world.path("theirs"), &["push", "--quiet", "--set-upstream", "origin", "main"]);

        let page = world.open().await;
        page.resize(SIZES[0]).await;
        page.click(&id("first-clone")).await;
        page.wait_for_focus(&id("clone-url")).await;
        page.type_into(&id("clone-url"), &world.path("team.git").display().to_string()).await;
        page.type_into(&id("clone-above"), &world.path("home").display().to_string()).await;
        page.wait_for_text("Nothing in it is run before you trust it").await;
        page.painted().await;
        world.picture(SIZES[0], "team-clone");
        page.click(&id("clone")).await;
        page.wait_for_text("Trust this folder?").await;
        let folder = world.path("home/team");
        let added = page.ask("library_folders", json!({})).await.unwrap();
        assert_eq!(added[0]["path"], folder.display().to_string());
        let library = added[0]["id"].clone();
        page.ask("library_trust", json!({"id": library})).await.unwrap();
        page.reload().await;

        // Both sides change the same line, and each something else.
        pushes(
            world,
            "disk.md",
            &DISK.replace("Look at the disk", "Look with df").replace("some space", "space in /var"),
        );
        pushes(world, "region.md", "# Open a region\n\n- [ ] Ask for addresses\n");
        page.ask("team_fetch", json!({"id": library})).await.unwrap();
        page.wait_for(&id("upstream")).await;
        page.wait_for_text("pushed by others").await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "team-upstream").await;
        page.go(&format!("#/start/{}", folder.join("disk.md").display().to_string().replace('/', "%2F"))).await;
        page.wait_for(&id("start-upstream")).await;
        world.pictures(&page, "team-start").await;

        fs::write(folder.join("disk.md"), DISK.replace("Look at the disk", "Look with du")).unwrap();
        fs::write(folder.join("notes.md"), "# Notes of the shift\n\n- [ ] Two words\n").unwrap();
        page.go(&format!("#/changes/{library}")).await;
        page.wait_for_count(&id("incoming"), 2).await;
        page.wait_for_count(&id("change"), 2).await;
        page.wait_for(&id("diff")).await;
        page.wait_for(&id("team-name")).await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "team-changes").await;

        // Who commits is asked once, as git does not know it in this home.
        page.type_into(&id("team-name"), "Ada").await;
        page.type_into(&id("team-email"), "ada@example.org").await;
        page.click(&id("team-message")).await;
        page.wait_for_focus(&id("team-message")).await;
        page.keys(CONTROL_ENTER).await;
        page.wait_for_text("2 files committed").await;
        page.wait_for_count(&id("change"), 0).await;
        assert_eq!(git(world, &folder, &["log", "-1", "--format=%an <%ae>"]), "Ada <ada@example.org>");

        page.click(&id("team-pull")).await;
        page.wait_for_count(&id("team-place"), 1).await;
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "team-conflict").await;
        assert!(
            fs::read_to_string(folder.join("disk.md")).unwrap().contains("with du"),
            "nothing is changed until then"
        );
        page.click(&format!("{} [data-choice='both']", id("team-place"))).await;
        page.wait_for(&format!("{}:not(:disabled)", id("team-decided"))).await;
        page.click(&id("team-decided")).await;
        page.wait_for_text("taken in").await;
        page.wait_gone(&id("team-conflicts")).await;
        let joined = fs::read_to_string(folder.join("disk.md")).unwrap();
        assert_eq!(
            joined,
            DISK.replace("Look at the disk", "Look with du\n- [ ] Look with df")
                .replace("some space", "space in /var")
        );

        page.wait_for(&format!("{}:not(:disabled)", id("team-push"))).await;
        page.click(&id("team-push")).await;
        page.wait_for_text("pushed to origin/main").await;
        let head = git(world, &folder, &["rev-parse", "HEAD"]);
        assert_eq!(git(world, &world.path("team.git"), &["rev-parse", "main"]), head);

        // Records are shared once a person allowed it, each run when it finishes.
        page.click(&id("records-choose")).await;
        page.wait_for(&id("records-finished")).await;
        page.click(&id("records-finished")).await;
        page.wait_for(&format!("{}:not(:disabled)", id("records-set"))).await;
        page.painted().await;
        world.picture(SIZES[0], "team-records");
        page.click(&id("records-set")).await;
        page.wait_for_text("Shared: each that finishes").await;
        page.wait_for_text("Nothing to commit, to push or to take in").await;
        world.pictures(&page, "team-settled").await;
        let (ran, said) = world.allgood(&["run", &folder.join("notes.md").display().to_string(), "--auto", "--yes"]);
        assert!(ran, "{said}");
        until("the record is there", async || {
            !git(world, &world.path("team.git"), &["branch", "--list", "allgood-records"]).is_empty()
        })
        .await;
    });
}
