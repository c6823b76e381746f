//! What a command needs and the machine has not: shells, interpreters, folders, a home, a path; and the runbook itself.

use std::{fs, os::unix::fs::PermissionsExt as _};

use nix::sys::signal::Signal;

use super::{Going, apart, book, mount};
use crate::support::{Home, text, until};

/// What is said of a block that cannot be started; the words of the sentence, its line ends taken out.
fn not_started(home: &Home, info: &str) -> String {
    home.file("book.md", &book(&[(info, "echo ran > ran"), ("sh {name=next}", "echo next > next")]));
    let done = home.expect(1, &["run", "book.md", "--auto"]);
    assert!(!home.path("ran").exists() && !home.path("next").exists(), "{done:?}");
    let newest = text(&home.runs()[0], "id").to_owned();
    home.expect(0, &["verify", &newest]);
    done.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_not_installed_not_executable_or_no_program_is_named() {
    let home = Home::new();
    let plain = home.file("plain", "text");
    let folder = home.path("");
    for (info, says) in [
        ("pwsh {name=a}".to_owned(), "the program `pwsh` is not installed: it is in no folder of PATH".to_owned()),
        ("sh {name=a interpreter=nonesuch}".to_owned(), "the program `nonesuch` is not installed".to_owned()),
        (
            format!("sh {{name=a interpreter={}}}", plain.display()),
            format!("the program `{}` may not be executed: make it executable (chmod +x)", plain.display()),
        ),
        (format!("sh {{name=a interpreter={}}}", folder.display()), "is a folder and no program".to_owned()),
        (
            "sh {name=a interpreter=/nonesuch/python}".to_owned(),
            "there is no program `/nonesuch/python`: install it, or name another".to_owned(),
        ),
    ] {
        let told = not_started(&home, &info);
        assert!(told.contains(&says), "{info}: {told}");
    }
}

#[test]
fn a_folder_that_is_missing_or_none_is_named_before_and_when_it_vanished_on_the_way() {
    let home = Home::new();
    let told = not_started(&home, "sh {name=a cwd=/nonesuch/folder}");
    assert!(told.contains("/nonesuch/folder: there is no such folder; make it, or change `cwd`"), "{told}");
    let file = home.file("file", "");
    let told = not_started(&home, &format!("sh {{name=a cwd={}}}", file.display()));
    assert!(told.contains("it is not a folder"), "{told}");

    // The folder that a command went into, and that is gone when the next one starts there.
    let leaves = "mkdir there; cd there; rmdir ../there";
    home.file("leave.md", &book(&[("sh {name=leave}", leaves), ("sh {name=next}", "echo next > ../next")]));
    let done = home.expect(1, &["run", "leave.md", "--auto"]);
    let told = done.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("there: there is no such folder") && !home.path("next").exists(), "{done:?}");
}

#[test]
fn without_a_home_a_path_or_a_folder_for_temporary_files_what_can_run_runs() {
    let home = Home::new();
    home.file("ok.md", &book(&[("sh {name=ok}", "echo ran")]));
    for (name, value) in [
        ("HOME", None),
        ("TMPDIR", Some("/nonesuch")),
        ("XDG_RUNTIME_DIR", Some("/nonesuch")),
        ("XDG_RUNTIME_DIR", Some("/etc/passwd")),
        ("PATH", None),
    ] {
        let mut command = home.command(&["run", "ok.md", "--auto"]);
        command.env_remove(name);
        command.envs(value.map(|value| (name, value)));
        let done = command.output().unwrap();
        assert!(done.status.success(), "{name}={value:?}: {done:?}");
    }
    let mut command = home.command(&["run", "ok.md", "--auto"]);
    let done = command.env("PATH", "").output().unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(1), "{out}");
    assert!(out.contains("PATH is empty: set it"), "{out}");
}

#[test]
fn a_runbook_that_is_changed_deleted_or_made_unreadable_under_its_run_changes_nothing_of_it() {
    let change = |home: &Home, how: &str| match how {
        "changed" => drop(home.file("wait.md", "# Another\n")),
        "deleted" => fs::remove_file(home.path("wait.md")).unwrap(),
        "unreadable" => {
            fs::set_permissions(home.path("wait.md"), fs::Permissions::from_mode(0o000)).unwrap();
        }
        _ => {
            fs::remove_file(home.path("wait.md")).unwrap();
            fs::create_dir(home.path("wait.md")).unwrap();
        }
    };
    for how in ["changed", "deleted", "unreadable", "a folder"] {
        let home = Home::new();
        let script = "touch begun\nwhile [ ! -e go ]; do sleep 0.02; done";
        let text_of = book(&[("sh {name=wait}", script), ("sh {name=next}", "echo next >> log; test ! -e fail")]);
        home.file("wait.md", &text_of);
        home.file("fail", "");
        let going = Going::start(home.command(&["run", "wait.md", "--auto"]));
        until("it has begun", || home.path("begun").exists());
        change(&home, how);
        home.file("go", "");
        let (status, _, said) = going.ends();
        assert_eq!(status, Some(1), "{how}: {said}");
        fs::remove_file(home.path("fail")).unwrap();
        let run = home.id();
        home.expect(0, &["show-run", &run]);
        home.expect(0, &["report", &run, "--format", "html"]);
        home.expect(0, &["resume", &run, "--again"]);
        assert_eq!(home.log(), ["next", "next"], "{how}: its own revision goes on");
        home.expect(0, &["verify", &run]);
    }
}

#[test]
fn a_library_that_is_taken_away_under_its_run_fails_what_needs_it_and_keeps_the_record() {
    if !apart("missing::a_library_that_is_taken_away_under_its_run_fails_what_needs_it_and_keeps_the_record") {
        return;
    }
    let home = Home::new();
    home.disk("books", 256);
    let here = home.path("");
    let script = format!("touch {0}/begun\nwhile [ ! -e {0}/go ]; do sleep 0.02; done", here.display());
    let blocks = [
        (format!("sh {{name=wait cwd={}}}", here.display()), script),
        ("sh {name=next}".to_owned(), "pwd".to_owned()),
    ];
    let blocks: Vec<(&str, &str)> = blocks.iter().map(|(info, script)| (info.as_str(), script.as_str())).collect();
    home.file("books/wait.md", &book(&blocks));
    let going = Going::start(home.command(&["run", "books/wait.md", "--auto"]));
    until("it has begun", || home.path("begun").exists());
    let unmounted = std::process::Command::new("umount").arg("--lazy").arg(home.path("books")).status().unwrap();
    assert!(unmounted.success());
    fs::remove_dir(home.path("books")).unwrap();
    home.file("go", "");
    let (status, out, said) = going.ends();
    assert_eq!(status, Some(1), "{out}{said}");
    let told = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("books: there is no such folder"), "{told}");
    let run = home.id();
    home.expect(0, &["verify", &run]);
    home.disk("books", 256);
    home.expect(0, &["resume", &run, "--again"]);
    mount(&["-o", "remount,ro", home.path("books").to_str().unwrap()]);
    assert_eq!(text(&home.only_run(), "state"), "passed");
}

#[test]
fn a_command_whose_supervisor_was_killed_has_failed_says_so_and_leaves_nothing() {
    let home = Home::new();
    let script = "(setsid sh -c 'echo $$ > far; exec sleep 1000' &)\nwhile [ ! -s far ]; do sleep 0.02; done\n\
        until grep -qx sleep /proc/$(cat far)/comm; do sleep 0.02; done\n\
        echo $PPID > boss\nsleep 1000";
    // Any exit is accepted: nobody saw one.
    home.file("book.md", &book(&[("sh {name=a expect_exit=any}", script), ("sh {name=next}", "echo next >> log")]));
    let going = Going::start(home.command(&["run", "book.md", "--auto"]));
    until("its supervisor is known", || fs::read_to_string(home.path("boss")).is_ok_and(|boss| boss.ends_with('\n')));
    let boss: i32 = fs::read_to_string(home.path("boss")).unwrap().trim().parse().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(boss), Signal::SIGKILL).unwrap();
    let (status, out, said) = going.ends();
    assert_eq!(status, Some(1), "{out}{said}");
    let told = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("its supervisor was ended by SIGKILL from outside, and nobody knows"), "{told}");
    let far = fs::read_to_string(home.path("far")).unwrap();
    assert!(told.contains(&format!("sleep ({})", far.trim())), "what left its session is named: {told}");
    let run = home.id();
    until("nothing is left", || crate::support::processes_of(&run).is_empty());
    assert!(home.log().is_empty());
    home.expect(0, &["verify", &run]);
}
