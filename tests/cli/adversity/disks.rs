//! Disks that are full or can only be read, in the midst of a run.

use std::fs;

use nix::sys::signal::Signal;

use super::{Going, apart, book};
use crate::{
    schedule::{
        Shop,
        routine::{Routine, shipped},
    },
    support::{Done, Home, processes_of, text, until},
};

/// Prints more than the disk takes; says in a file that it came to its end.
const LOUD: &str = "head -c 6000000 /dev/zero | tr '\\0' x | fold -w 99\necho came to its end > end";

/// A store on a disk of 4 MiB of which little is left.
fn small() -> Home {
    let home = Home::new();
    home.disk("data", 4096);
    home.file("loud.md", &book(&[("sh {name=loud}", LOUD), ("sh {name=next}", "echo next")]));
    home.expect(0, &["runs"]);
    home
}

#[test]
fn on_a_full_disk_the_run_waits_says_so_and_goes_on_when_there_is_space() {
    if !apart("disks::on_a_full_disk_the_run_waits_says_so_and_goes_on_when_there_is_space") {
        return;
    }
    let home = small();
    let going = Going::start(home.command(&["run", "loud.md", "--auto"]));
    going.says("the disk is full");
    going.says("The run waits, and goes on by itself");
    let run = text(&home.only_run(), "id").to_owned();
    assert!(!processes_of(&run).is_empty(), "the command is not ended");
    assert!(!home.path("end").exists(), "it is held up");
    home.remount("data", "size=60m");
    let (status, _, said) = going.ends();
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("The record can be kept again"), "{said}");
    assert!(home.path("end").exists());
    home.expect(0, &["verify", &run]);
    let journal = home.journal(&run).join("\n");
    assert!(!journal.contains("left_out"), "no byte was lost");
    assert_eq!(journal.matches("attempt_started").count(), 2, "nothing was started twice");
}

#[test]
fn a_run_that_is_stopped_on_a_full_disk_ends_its_command_claims_nothing_and_is_taken_up_later() {
    if !apart("disks::a_run_that_is_stopped_on_a_full_disk_ends_its_command_claims_nothing_and_is_taken_up_later") {
        return;
    }
    let home = small();
    let going = Going::start(home.command(&["run", "loud.md", "--auto"]));
    going.says("the disk is full");
    let run = text(&home.only_run(), "id").to_owned();
    going.signal(Signal::SIGTERM);
    let (status, out, said) = going.ends();
    assert_eq!(status, Some(5), "{said}");
    assert!(said.contains(&format!("allgood resume {run}")), "it says how to go on: {said}");
    assert!(out.contains("interrupted") && !out.contains("◉ running"), "{out}");
    home.is_left(&run);
    home.remount("data", "size=60m");
    assert_eq!(text(&home.only_run(), "state"), "interrupted");
    home.expect(0, &["verify", &run]);
    let undecided = home.expect(4, &["resume", &run]);
    assert!(undecided.err.contains("nobody knows how it ended"), "{undecided:?}");
    home.expect(0, &["resume", &run, "--again"]);
    assert!(home.path("end").exists());
    home.expect(0, &["verify", &run]);
}

#[test]
fn a_run_does_not_begin_on_a_full_disk_and_that_is_said() {
    if !apart("disks::a_run_does_not_begin_on_a_full_disk_and_that_is_said") {
        return;
    }
    let home = small();
    let _ = fs::write(home.path("data/ballast"), vec![0; 8 << 20]);
    let done = home.expect(5, &["run", "loud.md", "--auto"]);
    assert!(done.err.contains("the disk is full") && done.err.contains("free some space"), "{done:?}");
    assert!(!home.path("end").exists());
    fs::remove_file(home.path("data/ballast")).unwrap();
    assert_eq!(home.runs().len(), 0, "nothing of it is left");
}

#[test]
fn a_schedule_on_a_full_disk_says_so_begins_nothing_and_runs_once_when_there_is_space() {
    if !apart("disks::a_schedule_on_a_full_disk_says_so_begins_nothing_and_runs_once_when_there_is_space") {
        return;
    }
    let home = Home::new();
    home.disk("data", 4096);
    let shop = Shop::at(home, &shipped());
    let routine = Routine { shop };
    routine.begins(1, 4, &[]);
    let ballast = routine.shop.home.path("data/ballast");
    let _ = fs::write(&ballast, vec![0; 8 << 20]);
    let done: Done = routine.looks().output().unwrap().into();
    assert!(matches!(done.status, Some(1 | 5)), "{done:?}");
    assert!(format!("{}{}", done.out, done.err).contains("the disk is full"), "{done:?}");
    assert!(routine.kept().is_empty());
    fs::remove_file(ballast).unwrap();
    routine.run_due(0);
    routine.run_due(0);
    routine.is_kept_once();
    routine.recorded();
}

#[test]
fn a_backup_on_a_schedule_is_withdrawn_where_its_disk_fills_and_taken_once_when_there_is_space() {
    if !apart("disks::a_backup_on_a_schedule_is_withdrawn_where_its_disk_fills_and_taken_once_when_there_is_space") {
        return;
    }
    let shop = Shop::new(&shipped());
    shop.home.disk("backups", 4096);
    let routine = Routine { shop };
    routine.begins(3, 0, &[]);
    // The disk fills after there was room.
    let lock = routine.locked();
    let child = routine.is_held_at_the_copy();
    let ballast = routine.shop.home.path("backups/ballast");
    let _ = fs::write(&ballast, vec![0; 8 << 20]);
    drop(lock);
    let done: Done = child.wait_with_output().unwrap().into();
    assert_eq!(done.status, Some(1), "{done:?}");
    assert!(done.out.contains("failed and was rolled back"), "{done:?}");
    assert_eq!(routine.kept(), ["ballast"], "no half of a backup is left");
    assert!(routine.has_the_earlier_one());
    routine.left_nothing();
    let run = routine.recorded();
    let shown = routine.shop.home.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains("No space left on device"), "{shown}");
    // The next time nothing is begun that would find no room.
    routine.shop.now_at(2);
    let done = routine.run_due(1);
    assert!(done.out.contains("failed and was rolled back"), "{done:?}");
    let run = text(&routine.shop.home.runs()[0], "id").to_owned();
    let shown = routine.shop.home.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains(" needed") && !shown.contains("No space left"), "{shown}");
    fs::remove_file(ballast).unwrap();
    routine.shop.now_at(1);
    routine.run_due(0);
    assert_eq!(routine.run_due(0).out, "");
    routine.is_kept_once();
    let states: Vec<String> = routine.firings().into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, ["passed", "rolled_back", "rolled_back"]);
}

#[test]
fn a_store_on_a_disk_that_can_only_be_read_is_read_and_every_change_is_refused_in_words() {
    if !apart("disks::a_store_on_a_disk_that_can_only_be_read_is_read_and_every_change_is_refused_in_words") {
        return;
    }
    let home = small();
    home.file("ok.md", &book(&[("sh {name=ok}", "echo ok")]));
    for _ in 0..2 {
        home.expect(0, &["run", "ok.md", "--auto"]);
    }
    let ids: Vec<String> = home.runs().iter().map(|run| text(run, "id").to_owned()).collect();
    home.expect(0, &["library", "add", "."]);
    let journal = home.journal(&ids[0]);
    home.remount("data", "ro");
    for arguments in [
        &["runs"][..],
        &["show-run", &ids[0]],
        &["show-run", &ids[0], "--output"],
        &["verify", &ids[0]],
        &["report", &ids[0]],
        &["report", &ids[0], "--format", "html", "-o", "report.html"],
        &["report", &ids[0], "--format", "junit"],
        &["compare", &ids[0], &ids[1]],
        &["propose", &ids[0]],
        &["export", &ids[0], "-o", "copy.allgood-run"],
        &["library", "list"],
        &["list"],
        &["search", "ok"],
        &["show", "ok.md"],
        &["run", "ok.md", "--plan"],
        &["space"],
        &["rollback", &ids[0], "--plan"],
    ] {
        let done = home.expect(0, arguments);
        assert!(
            done.err.contains("cannot be written") && done.err.contains("as it was left"),
            "{arguments:?}: {done:?}"
        );
    }
    assert_eq!(home.journal(&ids[0]), journal);
    for arguments in [
        &["run", "loud.md", "--auto"][..],
        &["pin", "ok.md"],
        &["library", "remove", "."],
        &["mark", &ids[0], "detected"],
        &["export", &ids[0], "-o", "x.allgood-run", "--hand-over", "bob@ops"],
    ] {
        let done = home.allgood(arguments);
        assert!(matches!(done.status, Some(2 | 5)), "{arguments:?}: {done:?}");
        let refused = done.err.lines().last().unwrap();
        assert!(refused.contains("data") && refused.contains("make the folder and its files writable"), "{done:?}");
    }
    assert!(!home.path("end").exists());
    home.remount("data", "rw");
    home.expect(0, &["runs"]);
    assert_eq!(home.runs().len(), 2, "nothing was begun");
}

#[test]
fn a_run_that_was_cut_off_before_its_disk_could_only_be_read_is_read_up_to_there() {
    let name = "disks::a_run_that_was_cut_off_before_its_disk_could_only_be_read_is_read_up_to_there";
    if !apart(name) {
        return;
    }
    let home = Home::new();
    home.disk("data", 8192);
    home.file("wait.md", &book(&[("sh {name=wait}", "echo begun; touch begun; exec sleep 1000")]));
    let mut child = home.command(&["run", "wait.md", "--auto"]).spawn().unwrap();
    until("it has begun", || home.path("begun").exists());
    // It is gone without closing the store: what it kept last is in the log alone.
    child.kill().unwrap();
    child.wait().unwrap();
    home.remount("data", "ro");
    let runs = home.expect(0, &["runs", "--json"]).json();
    let run = text(&runs[0], "id").to_owned();
    assert!(home.journal(&run).iter().any(|line| line.contains("attempt_started")));
    home.expect(0, &["verify", &run]);
    home.is_left(&run);
    home.remount("data", "rw");
    assert_eq!(text(&home.only_run(), "state"), "interrupted");
}

#[test]
fn scripts_go_where_there_is_room_when_the_folder_for_them_is_full_or_can_only_be_read() {
    if !apart("disks::scripts_go_where_there_is_room_when_the_folder_for_them_is_full_or_can_only_be_read") {
        return;
    }
    let home = Home::new();
    home.file("ok.md", &book(&[("sh {name=ok}", "echo ok")]));
    home.disk("runtime", 256);
    home.file("runtime/allgood/.keep", "");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(home.path("runtime/allgood"), private).unwrap();
    let run = || {
        let mut command = home.command(&["run", "ok.md", "--auto"]);
        let done = command.env("XDG_RUNTIME_DIR", home.path("runtime")).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    let _ = fs::write(home.path("runtime/ballast"), vec![0; 1 << 20]);
    run();
    fs::remove_file(home.path("runtime/ballast")).unwrap();
    home.remount("runtime", "ro");
    run();
}

#[test]
fn variables_that_found_no_room_are_said_to_be_lost() {
    if !apart("disks::variables_that_found_no_room_are_said_to_be_lost") {
        return;
    }
    let home = Home::new();
    home.disk("runtime", 256);
    home.file(
        "fill.md",
        &book(&[("bash {name=fill}", "head -c 1000000 /dev/zero > \"$XDG_RUNTIME_DIR/ballast\" || true\nKEPT=1")]),
    );
    let mut command = home.command(&["run", "fill.md", "--auto"]);
    let done = command.env("XDG_RUNTIME_DIR", home.path("runtime")).output().unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    let told: Vec<&str> = out.split_whitespace().collect();
    assert!(told.join(" ").contains("could not be read: there is no space left in"), "{out}");
}
