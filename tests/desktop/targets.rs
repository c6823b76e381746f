//! Blocks that run on a host, in the real window: what the start sheet says of it, where it ran, and a connection that is lost.

use std::{fs, os::unix::fs::PermissionsExt as _};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::Sshd;

use crate::{
    page::{id, until},
    run::{item, library, wait_for_output, wait_for_status, within},
    world::{World, in_a_world},
};

/// Gives this world the server's host as `there`, by the person's own configuration of ssh.
pub(crate) fn knows(world: &World, sshd: &Sshd) {
    runs_ssh_of(world, sshd);
    let (added, said) = world.allgood(&["access", "add", "there", "--kind", "ssh", "--user", &testkit::user()]);
    assert!(added, "{said}");
}

/// `ssh` in this world has the configuration of that server.
pub(crate) fn runs_ssh_of(world: &World, sshd: &Sshd) {
    let ssh = fs::read(sshd.path("bin/ssh")).unwrap();
    fs::write(world.path("bin/ssh"), ssh).unwrap();
    fs::set_permissions(world.path("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// Ends what serves the connections to that server, as a failing network does; the server stays.
fn cut(sshd: &Sshd) {
    let server = sshd.pid().to_string();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let status = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // After the name in brackets: the state, then the parent (proc(5)).
        let parent = status.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)).unwrap_or_default();
        if parent == server {
            let process = entry.file_name().to_string_lossy().parse().unwrap();
            // One that has just ended needs no end.
            let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
        }
    }
}

const BOOK: &str = "# Look at the host\n\n## Steps\n\n### Look\n\n\
    ```sh {name=look on=there expect=up}\nexport SEEN=yes; echo \"it is up\"\n```\n\n\
    ```sh {name=watch on=there}\necho \"seen: $SEEN\"; sleep 300\n```\n\n\
    ### Gone\n\n```sh {name=gone on=nowhere}\ntrue\n```\n";

#[test]
fn a_host_is_named_and_asked_about_before_its_blocks_run_there_and_a_lost_connection_is_said() {
    in_a_world(async |world| {
        let sshd = Sshd::start();
        knows(world, &sshd);
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "host.md", BOOK).await;
        page.click("[data-testid='runbook-row'][data-path$='/host.md']").await;
        page.click(&id("start-run")).await;
        page.wait_for(&id("way-back")).await;
        page.wait_for_count(&id("target"), 2).await;
        let says = page.text_of(&id("start-targets")).await;
        for words in ["there (", "look, watch", "have not used there yet", "there is no access entry \"nowhere\""] {
            assert!(says.contains(words), "{words:?} in {says}");
        }
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "start-targets").await;

        // What is missing is in the way of the whole run.
        page.click(&id("start-go")).await;
        until("it is refused", async || page.text_of(&id("start-refused")).await.contains("nowhere")).await;
        let (added, said) = world.allgood(&["access", "add", "nowhere", "--kind", "ssh", "--address", "127.0.0.1"]);
        assert!(added, "{said}");
        page.go("#/library").await;
        page.click("[data-testid='runbook-row'][data-path$='/host.md']").await;
        page.click(&id("start-run")).await;
        page.wait_for(&id("way-back")).await;
        page.wait_for_count(&id("target"), 2).await;
        page.click(&id("start-go")).await;
        page.wait_for(&id("grant-question")).await;
        page.painted().await;
        world.picture((1440, 900), "start-targets-first-use");
        page.click(&id("gate-yes")).await;
        page.wait_for(&id("run-page")).await;
        page.click(&within("look", "item-run")).await;
        wait_for_status(&page, "look", "passed").await;
        page.click(&within("watch", "item-run")).await;
        wait_for_output(&page, "watch", "seen: yes").await;
        assert_eq!(page.text_of(&within("watch", "block-on")).await, "on there");
        assert_eq!(sshd.connections(), 1, "the blocks share one connection");
        world.pictures(&page, "run-on-target").await;
        cut(&sshd);
        page.wait_for(&format!("{}:not([data-status='running'])", item("watch"))).await;
        until("the loss is said", async || page.text_of(&item("watch")).await.contains("lost")).await;
        world.pictures(&page, "run-target-lost").await;
    });
}
