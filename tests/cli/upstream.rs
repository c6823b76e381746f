//! What others pushed, before it is taken in and while it is: said before a run, cut off, and of repositories that mean harm.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    process::Command,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    support::{Home, until},
    teams::{Team, edit, git, hands_on},
};

#[test]
fn a_run_says_in_one_line_what_changed_upstream_as_far_as_it_was_fetched() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    hands_on(&ada);
    let run = |name: &str| bob.allgood(&["run", name, "--auto", "--yes"]).err;
    assert!(!run("team/disk.md").contains("origin/main"), "it never asks the remote");
    bob.expect(0, &["library", "status", "team", "--fetch"]);
    // What is not reachable holds nothing up.
    fs::rename(team.path("runbooks.git"), team.path("away.git")).unwrap();
    let said = run("team/disk.md");
    assert!(said.contains("origin/main has 1 commit that changes this runbook"), "{said}");
    assert!(!run("team/notes.md").contains("origin/main"), "another runbook did not change");
    let plan = bob.expect(0, &["run", "team/disk.md", "--plan", "--json"]).json();
    assert_eq!(plan["upstream"]["commits"], 1);
    fs::rename(team.path("away.git"), team.path("runbooks.git")).unwrap();
    bob.expect(0, &["library", "pull", "team"]);
    assert!(!run("team/disk.md").contains("origin/main"));
}

/// In the place of git, which stops where these words are asked for, done already, until it is killed.
fn stands_still_at(home: &Home, words: &str) -> Command {
    let real = String::from_utf8(Command::new("which").arg("git").output().unwrap().stdout).unwrap();
    let real = real.trim();
    let reached = home.path("reached");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *\" {words} \"*)\n'{real}' \"$@\"; touch '{}'; exec sleep 600;;\nesac\nexec '{real}' \"$@\"\n",
        reached.display()
    );
    let stand_in = home.file("stand-in/git", &script);
    fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = home.command(&["library", "pull", "team"]);
    let path = format!("{}:{}", home.path("stand-in").display(), std::env::var("PATH").unwrap());
    command.env("PATH", path);
    command
}

#[test]
fn a_pull_that_is_killed_between_the_files_and_the_branch_loses_nothing() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    hands_on(&ada);
    edit(&bob, "notes.md", "A word", "Two words");
    bob.expect(0, &["library", "commit", "team"]);
    fs::write(bob.path("team/draft.md"), "# Not committed\n").unwrap();
    let mut child = stands_still_at(&bob, "read-tree -m -u").spawn().unwrap();
    until("the files are there", || bob.path("reached").exists());
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    bob.expect(0, &["library", "pull", "team"]);
    let folder = bob.path("team");
    assert!(fs::read_to_string(folder.join("disk.md")).unwrap().contains("with df"));
    assert!(fs::read_to_string(folder.join("notes.md")).unwrap().contains("Two words"));
    assert_eq!(fs::read_to_string(folder.join("draft.md")).unwrap(), "# Not committed\n");
    assert_eq!(git(&folder, &["status", "--porcelain"]), "?? draft.md");
    bob.expect(0, &["library", "push", "team"]);
    ada.expect(0, &["library", "pull", "team"]);
    assert!(fs::read_to_string(ada.path("team/notes.md")).unwrap().contains("Two words"));
}

#[test]
fn links_that_lead_out_and_repositories_within_are_taken_as_they_are_and_followed_by_nothing() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    for home in [&ada, &bob] {
        home.file("outside.md", "# Outside\n");
        home.file("outside/kept.md", "# Kept\n");
    }
    let marker = bob.path("started");
    symlink("../outside.md", ada.path("team/link.md")).unwrap();
    symlink("../outside", ada.path("team/folder")).unwrap();
    hands_on(&ada);
    let modules = format!("[submodule \"x\"]\n\tpath = x\n\turl = ext::touch {}\n", marker.display());
    fs::write(ada.path("team/.gitmodules"), modules).unwrap();
    let head = git(&ada.path("team"), &["rev-parse", "HEAD"]);
    git(&ada.path("team"), &["add", ".gitmodules"]);
    git(&ada.path("team"), &["update-index", "--add", "--cacheinfo", &format!("160000,{head},x")]);
    git(&ada.path("team"), &["commit", "--quiet", "--message=Within"]);
    ada.expect(0, &["library", "push", "team"]);
    bob.expect(0, &["library", "pull", "team"]);
    assert!(fs::symlink_metadata(bob.path("team/link.md")).unwrap().is_symlink());
    bob.expect(0, &["library", "status", "team"]);

    // What takes the place of a link takes its place, and not that of what it leads to.
    fs::remove_file(ada.path("team/link.md")).unwrap();
    fs::remove_file(ada.path("team/folder")).unwrap();
    ada.file("team/link.md", "# No link\n");
    ada.file("team/folder/kept.md", "# Another\n");
    hands_on(&ada);
    bob.expect(0, &["library", "pull", "team"]);
    assert_eq!(fs::read_to_string(bob.path("outside.md")).unwrap(), "# Outside\n");
    assert_eq!(fs::read_to_string(bob.path("outside/kept.md")).unwrap(), "# Kept\n");
    assert_eq!(fs::read_to_string(bob.path("team/folder/kept.md")).unwrap(), "# Another\n");
    assert!(!fs::symlink_metadata(bob.path("team/folder")).unwrap().is_symlink());

    // A folder that became a link here, and is changed there: what the link leads to is not touched.
    fs::remove_dir_all(bob.path("team/folder")).unwrap();
    symlink("../outside", bob.path("team/folder")).unwrap();
    fs::write(ada.path("team/folder/kept.md"), "# Changed there\n").unwrap();
    hands_on(&ada);
    let refused = bob.expect(2, &["library", "pull", "team"]);
    assert!(refused.err.contains("folder"), "{refused:?}");
    assert_eq!(fs::read_to_string(bob.path("outside/kept.md")).unwrap(), "# Kept\n");
    assert!(!marker.exists());
}
