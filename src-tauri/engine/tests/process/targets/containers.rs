//! Containers and pods: stand-ins for `docker`, `podman` and `kubectl` that insist on what they are asked and then are the
//! container.

use std::{collections::BTreeMap, fs, path::Path};

use engine::process::{Exit, Reach};

use super::{There, bash, hurried, program};
use crate::{runs, wait_for};

/// A program that writes down its arguments and what it is, and then is the container. The word after `-c` is the command.
const STAND_IN: &str = "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\n' \"$word\"; done >>\"$(dirname \"$0\")/asked\"\n\
                        while [ \"$1\" != -c ]; do shift; done\nexec sh -c \"$2\"\n";

fn there(folder: &Path, name: &str, reach: Reach, text: &str) -> There {
    program(&folder.join(name), text);
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let around = BTreeMap::from([("PATH".into(), path.into())]);
    There::to(reach, around)
}

fn cases() -> [(&'static str, Reach, &'static [&'static str]); 3] {
    [
        ("docker", Reach::Docker("web".to_owned()), &["exec", "-it", "web", "sh", "-c"]),
        ("podman", Reach::Podman("web".to_owned()), &["exec", "-it", "web", "sh", "-c"]),
        (
            "kubectl",
            Reach::Pod { namespace: "shop".to_owned(), pod: "web-0".to_owned() },
            &["exec", "-it", "-n", "shop", "web-0", "--", "sh", "-c"],
        ),
    ]
}

#[test]
fn each_program_is_asked_the_same_whatever_is_run_and_is_told_the_rest_on_its_input() {
    for (name, reach, asked) in cases() {
        let folder = tempfile::tempdir().unwrap();
        let there = there(folder.path(), name, reach, STAND_IN);
        let mut said = Vec::new();
        for script in ["echo \"hello $NAME\"; export MADE=1", "echo \"bye $NAME\""] {
            let mut running = there.start_with(bash(script), |launch| {
                launch.environment.insert("NAME".into(), "canary".into());
            });
            running.end();
            assert!(running.text().contains("canary") && running.status() == 0, "{}", running.all());
            let words = fs::read_to_string(folder.path().join("asked")).unwrap();
            fs::remove_file(folder.path().join("asked")).unwrap();
            assert!(words.starts_with(&format!("{}\n", asked.join("\n"))), "{words}");
            assert!(!words.contains("canary") && !words.contains("echo \"hello"), "{words}");
            said.push(words);
        }
        assert_eq!(said[0], said[1], "the command is the same for everything");
    }
}

#[test]
fn stop_goes_in_by_a_second_way() {
    for (name, reach, _) in cases() {
        let folder = tempfile::tempdir().unwrap();
        let there = there(folder.path(), name, reach, STAND_IN);
        let script = "trap '' INT TERM HUP; echo \"pid=$$\"; while :; do sleep 0.1; done";
        let mut running = there.start_with(bash(script), hurried);
        running.until("pid=").until("\n");
        let pid = running.text().trim().trim_start_matches("pid=").parse().unwrap();
        running.session.stop();
        running.end();
        assert!(running.ending.as_ref().unwrap().stopped, "{}", running.all());
        assert!(!matches!(running.ending.as_ref().unwrap().exit, Exit::Lost(_)), "{}", running.all());
        wait_for("it is ended", || !runs(pid));
        let words = fs::read_to_string(folder.path().join("asked")).unwrap();
        assert!(words.contains("\n-i\n"), "the second way has no terminal: {words}");
    }
}

#[test]
fn a_program_that_is_missing_or_refuses_is_told_by_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    for (name, reach, _) in cases() {
        let around = BTreeMap::from([("PATH".into(), folder.path().into())]);
        let missing = There::to(reach.clone(), around).run(bash("echo never"));
        let expected = format!("the program `{name}` is not installed");
        assert!(missing.sentence().contains(&expected), "{}", missing.sentence());
        let refuses = "#!/bin/sh\necho 'Error response from daemon: No such container: web' >&2\nexit 1\n";
        let refused = there(folder.path(), name, reach, refuses).run(bash("echo never"));
        assert!(refused.sentence().contains("there is no such "), "{}", refused.sentence());
        fs::remove_file(folder.path().join(name)).unwrap();
    }
}

#[test]
fn a_place_without_stty_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bare = tempfile::tempdir().unwrap();
    for tool in ["sh", "mkdir", "head", "grep"] {
        let found = Path::new("/bin").join(tool);
        let found = if found.exists() { found } else { Path::new("/usr/bin").join(tool) };
        std::os::unix::fs::symlink(found, bare.path().join(tool)).unwrap();
    }
    let text = format!(
        "#!/bin/sh\nwhile [ \"$1\" != -c ]; do shift; done\nPATH='{}' exec sh -c \"$2\"\n",
        bare.path().display()
    );
    let there = there(folder.path(), "docker", Reach::Docker("web".to_owned()), &text);
    let running = there.run(bash("echo never"));
    assert!(running.sentence().contains("has no `stty`"), "{}", running.sentence());
}
