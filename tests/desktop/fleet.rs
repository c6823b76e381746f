//! A command on many hosts in the real window: what failed stands first and is tried again alone, and two hundred of them
//! stay a part of the page.

use std::fs;

use testkit::Sshd;

use crate::{
    page::{Page, id, until},
    run::{item, library, wait_for_status, within},
    targets::runs_ssh_of,
    world::{World, in_a_world},
};

/// Hosts that are all that server, each with a variable `HOST` that says which it is, as entries of this world.
fn hosts(world: &World, sshd: &Sshd, names: &[String], unreachable: &str) {
    let known = |name: &String| {
        let port = if name == unreachable { "  Port 1\n" } else { "" };
        // What is said first counts.
        let host = sshd.host(name).replacen('\n', &format!("\n{port}  SetEnv HOST={name}\n"), 1);
        host.replace("  IdentitiesOnly", "  ConnectTimeout 20\n  IdentitiesOnly")
    };
    sshd.configure(&names.iter().map(known).collect::<String>());
    runs_ssh_of(world, sshd);
    let imported: String = names.iter().map(|name| format!("Host {name}\n  User {}\n", testkit::user())).collect();
    fs::write(world.path("hosts.conf"), imported).unwrap();
    let file = world.path("hosts.conf").display().to_string();
    let (added, said) = world.allgood(&["access", "import", "--ssh", &file, "--yes"]);
    assert!(added, "{said}");
}

/// Opens what is known of a runbook before it is started.
async fn prepare(page: &Page, file: &str) {
    page.click(&format!("[data-testid='runbook-row'][data-path$='/{file}']")).await;
    page.click(&id("start-run")).await;
    page.wait_for(&id("way-back")).await;
}

/// Starts it, and allows its library what it asks for.
async fn start(page: &Page) {
    page.click(&id("start-go")).await;
    page.wait_for(&id("grant-question")).await;
    page.click(&id("gate-yes")).await;
    page.wait_for(&id("run-page")).await;
}

async fn rows(page: &Page, name: &str) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll(\"{} [data-testid='host-row']\")].map((row) => \
         `${{row.dataset.host}} ${{row.dataset.status}}`)",
        item(name)
    );
    let found = page.script(&script).await;
    found.as_array().unwrap().iter().map(|row| row.as_str().unwrap().to_owned()).collect()
}

fn named(word: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("{word}-{number:03}")).collect()
}

fn group(world: &World, name: &str, hosts: &[String]) {
    let members = hosts.iter().map(|host| format!("\"{host}\"")).collect::<Vec<_>>().join(", ");
    fs::create_dir_all(world.path("runbooks")).unwrap();
    fs::write(world.path("runbooks/allgood.toml"), format!("[groups]\n{name} = [{members}]\n")).unwrap();
}

#[test]
fn of_a_dozen_hosts_those_that_failed_stand_first_and_are_tried_again_alone() {
    in_a_world(async |world| {
        let sshd = Sshd::start();
        let names = named("gate", 12);
        hosts(world, &sshd, &names, "gate-009");
        let full = world.path("is-full").display().to_string();
        fs::write(&full, "").unwrap();
        let book = format!(
            "# Restart the gates\n\n## Steps\n\n```sh {{name=restart on=ssh:gates expect=/scanning$/}}\n\
             host=$(printenv HOST)\necho \"$host: restarting\"\nif [ \"$host\" = gate-004 ] && [ -e '{full}' ]; then\n  \
             echo 'cannot write /var/lib/gate: No space left on device'; exit 1\nfi\necho \"$host: scanning\"\n```\n"
        );
        let page = world.open().await;
        page.resize((1440, 900)).await;
        group(world, "gates", &names);
        library(world, &page, "gates.md", &book).await;
        prepare(&page, "gates.md").await;
        start(&page).await;
        page.click(&within("restart", "item-run")).await;
        wait_for_status(&page, "restart", "failed").await;
        page.wait_for_count(&format!("{} [data-testid='host-row']", item("restart")), 12).await;
        assert_eq!(rows(&page, "restart").await[..3], ["gate-004 failed", "gate-009 failed", "gate-001 passed"]);
        let says = page.text_of(&within("restart", "hosts-count")).await;
        assert_eq!(says, "passed on 10 of 12, 2 failed");
        assert!(page.text_of(&item("restart")).await.contains("the host cannot be reached"));
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "run-hosts-failed").await;
        // Of one its output.
        page.click(&format!("{} [data-host='gate-004'] button", item("restart"))).await;
        page.wait_for(&format!("{} [data-host='gate-004'] .xterm", item("restart"))).await;
        page.painted().await;
        world.pictures(&page, "run-hosts-output").await;
        page.click(&within("restart", "hosts-filter")).await;
        assert_eq!(rows(&page, "restart").await, ["gate-004 failed", "gate-009 failed"]);
        // Again, on those two alone: one of them is mended by now.
        fs::remove_file(&full).unwrap();
        let before = sshd.connections();
        page.wait_for_text("Try again on the 2 that failed").await;
        page.click("[data-choice='retry']").await;
        until("one of the two has passed", async || {
            page.text_of(&within("restart", "hosts-count")).await == "passed on 11 of 12, 1 failed"
        })
        .await;
        assert_eq!(sshd.connections(), before, "the others are left alone");
    });
}

#[test]
fn two_hundred_hosts_stay_a_part_of_the_page() {
    in_a_world(async |world| {
        let sshd = Sshd::start();
        let names = named("scanner", 200);
        hosts(world, &sshd, &names, "scanner-118");
        let book = "# Look at every scanner\n\n## Steps\n\n```sh {name=look on=ssh:scanners at_once=20}\n\
                    host=$(printenv HOST)\ncase $host in *5[01]) echo \"$host has 4.1.9\"; exit 3;; esac\necho \"$host has 4.2.1\"\n```\n";
        let page = world.open().await;
        page.resize((1440, 900)).await;
        group(world, "scanners", &names);
        library(world, &page, "scanners.md", book).await;
        prepare(&page, "scanners.md").await;
        // Each is one of many; what they are asked for together is said once.
        page.wait_for_count(&id("target"), 200).await;
        let rest = page.text_of(&format!("{} summary", id("targets-rest"))).await;
        assert_eq!(rest, "194 more");
        assert!(page.text_of(&id("start-targets")).await.contains("have not used these entries yet"));
        assert_eq!(page.barriers().await, [""; 0]);
        world.pictures(&page, "start-targets-200").await;
        start(&page).await;
        page.click(&within("look", "item-run")).await;
        until("some have ended", async || {
            let rows = rows(&page, "look").await;
            rows.len() == 200 && rows.iter().filter(|row| row.ends_with(" passed")).count() >= 20
        })
        .await;
        page.painted().await;
        world.picture((1440, 900), "run-hosts-200-running");
        // Each may take a while on a busy machine; all of them do.
        let ended = async || {
            rows(&page, "look")
                .await
                .iter()
                .filter(|row| row.ends_with(" passed") || row.ends_with(" failed"))
                .count()
        };
        let mut before = 0;
        while before < 200 {
            until("another host has ended", async || ended().await > before).await;
            before = ended().await;
        }
        wait_for_status(&page, "look", "failed").await;
        assert_eq!(page.text_of(&within("look", "hosts-count")).await, "passed on 195 of 200, 5 failed");
        world.pictures(&page, "run-hosts-200").await;
        // The rows scroll within their own place: what stands below is not pushed away.
        let height = format!("return document.querySelector(\"{} .list\").clientHeight", item("look"));
        assert!(page.script(&height).await.as_f64().unwrap() < 500.0);
        page.click(&within("look", "hosts-filter")).await;
        assert_eq!(rows(&page, "look").await.len(), 5);
        page.painted().await;
        world.pictures(&page, "run-hosts-200-failed").await;
    });
}
