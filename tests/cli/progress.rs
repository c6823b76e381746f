//! How far long work of git is: one line in a terminal while it goes on, and nothing of it afterwards or where nobody looks.

use std::{fmt::Write as _, fs, os::unix::fs::PermissionsExt as _};

use crate::{
    support::{Home, until},
    teams::{Team, git},
    terminal::Person,
};

/// What puts one text into the place of another.
const ANEW: &str = "\r\u{1b}[K";

/// A team with many runbooks whose repository is handed out in two parts: the second one when there is a file `go` in the home.
fn slow(home: &Home) -> Team {
    let team = Team::new();
    let seed = team.path("seed");
    for at in 0..400_u64 {
        // Words that no compression makes shorter.
        let words = (0..200_u64).fold(String::new(), |mut words, word| {
            write!(words, "{:x} ", (at * 1000 + word).wrapping_mul(0x9e37_79b9_7f4a_7c15)).unwrap();
            words
        });
        fs::write(seed.join(format!("book-{at}.md")), format!("# Book {at}\n\n{words}\n")).unwrap();
    }
    git(&seed, &["add", "."]);
    git(&seed, &["commit", "--quiet", "--message=Many"]);
    git(&seed, &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    let go = home.path("go");
    let pack = home.file(
        "bin/pack",
        &format!("#!/bin/sh\n\"$@\" | (head -c 400000; until [ -e '{}' ]; do sleep 0.05; done; cat)\n", go.display()),
    );
    fs::set_permissions(&pack, fs::Permissions::from_mode(0o755)).unwrap();
    home.file(".gitconfig", &format!("[uploadpack]\n\tpackObjectsHook = {}\n", pack.display()));
    team
}

#[test]
fn while_a_repository_is_cloned_a_line_says_how_far_it_is_and_is_gone_afterwards() {
    let home = Home::new();
    let team = slow(&home);
    let mut person = Person::types(&home, &format!("library clone {} team", team.address()));
    let before = person.reads_up_to("Cloning: ");
    assert!(before.ends_with(ANEW), "{before:?}");
    // It is under way: the rest of it is held back.
    let far = person.reads_up_to(" %)");
    assert!(far.contains(" of ") && far.contains('(') && !far.ends_with("(100"), "{far:?}");
    assert!(!home.path("team").exists());
    home.file("go", "");
    let rest = person.reads_up_to("was cloned and added: 402 runbooks");
    let (told, last) = rest.rsplit_once(ANEW).unwrap();
    assert!(last.ends_with("/team ") && !last.contains("Cloning"), "what is said stands alone: {last:?}");
    assert!(told.split(ANEW).skip(1).all(|line| line.is_empty() || line.starts_with("Cloning: ")), "{told:?}");
    assert!(!told.contains('\n'), "it is one line: {told:?}");
    person.sees("library trust");
    person.leaves(0);
}

#[test]
fn where_nobody_looks_nothing_is_said_of_how_far_it_is() {
    let home = Home::new();
    let team = slow(&home);
    home.file("go", "");
    let done = home.expect(0, &["library", "clone", &team.address(), "team"]);
    home.trust("team");
    for done in [
        done,
        home.expect(0, &["library", "status", "team", "--fetch"]),
        home.expect(0, &["library", "pull", "team"]),
    ] {
        for said in [&done.out, &done.err] {
            assert!(!said.contains('\r') && !said.contains('\u{1b}') && !said.contains(" %"), "{done:?}");
            assert!(!said.contains("Cloning") && !said.contains("Fetching"), "{done:?}");
        }
    }
    // A terminal that sees what comes of it, and not how far it is: that goes into a file.
    let mut person = Person::types(&home, &format!("library clone {} again 2>said", team.address()));
    let before = person.reads_up_to("was cloned and added: 402 runbooks");
    assert!(!before.contains("Cloning"), "{before:?}");
    person.leaves(0);
    let said = fs::read_to_string(home.path("said")).unwrap();
    assert!(!said.contains("Cloning") && said.contains("library trust"), "{said:?}");
}

#[test]
fn a_clone_that_is_stopped_says_so_where_the_line_stood_and_leaves_nothing() {
    let home = Home::new();
    let team = slow(&home);
    let before = names(&home);
    let mut person = Person::types(&home, &format!("library clone {} team", team.address()));
    person.sees(" %)");
    person.presses("\u{3}");
    let said = person.reads_up_to("it was stopped.");
    let (_, last) = said.rsplit_once(ANEW).unwrap();
    assert!(last.starts_with("allgood: ") && !last.contains("Cloning"), "{last:?}");
    person.leaves(130);
    assert_eq!(names(&home), before, "neither the folder nor a part of it");
    // What git had started does not go on by itself.
    until("git is over", || !is_under_way(&home));
}

/// What is in a home, but for the store.
fn names(home: &Home) -> Vec<String> {
    let inside = fs::read_dir(home.path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = inside.filter(|name| name != "data" && name != ".local").collect();
    names.sort();
    names
}

/// Whether a git of this home runs.
fn is_under_way(home: &Home) -> bool {
    let mine = format!("HOME={}", home.path("").display());
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    processes.filter(|process| process.parse::<u32>().is_ok()).any(|process| {
        let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        name.starts_with("git") && environment.split(|byte| *byte == 0).any(|one| one == mine.as_bytes())
    })
}
