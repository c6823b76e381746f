use super::*;

fn done(exit: Exit, stopped: bool) -> Ending {
    Ending { stopped, ..ending(exit, Duration::ZERO, None) }
}

#[test]
fn the_hosts_of_a_pattern_and_of_all_plays_are_read_each_once() {
    let adhoc = "  hosts (2):\n    web2\n    web1\n";
    assert_eq!(listed(adhoc, false), ["web2", "web1"]);
    let plays = "\nplaybook: p.yml\n\n  play #1 (web): hosts (9):\tTAGS: []\n    pattern: ['web']\n    hosts (2):\n      web2\n      \
                 web1\n\n  play #2 (all): all\tTAGS: []\n    hosts (2):\n      web1\n      db1\n";
    assert_eq!(listed(plays, true), ["db1", "web1", "web2"]);
    assert!(listed("  hosts (0):\n", false).is_empty());
}

#[test]
fn each_host_has_what_it_printed_and_its_own_end_and_the_last_ends_with_ansible() {
    let mut reader = Reader::new(["a", "b", "c"].map(str::to_owned));
    let mut heard = reader.hear(b"{\"host\": \"a\", \"text\": \"one\\ntwo\\n\"}\n{\"host\": \"a\", \"end\":");
    heard.extend(reader.hear(b" \"failed\", \"rc\": 3, \"why\": \"non-zero\"}\n"));
    heard.extend(reader.hear(
        b"{\"host\": \"b\", \"end\": \"unreachable\", \"rc\": null, \"why\": \"Failed: no route\"}\n\
          {\"host\": \"c\", \"end\": \"ok\", \"rc\": 0, \"why\": null}\n",
    ));
    let lost = "b: Ansible does not reach it (Failed: no route)".to_owned();
    assert_eq!(
        heard,
        [
            ("a".to_owned(), Heard::Output(b"one\r\ntwo\r\n".to_vec())),
            ("a".to_owned(), Heard::Ended(Exit::Status(3))),
            ("b".to_owned(), Heard::Ended(Exit::NotStarted(lost))),
        ]
    );
    assert_eq!(reader.finish(&done(Exit::Status(2), false)), [("c".to_owned(), Exit::Status(0), false)]);
}

#[test]
fn hosts_that_ansible_did_not_come_to_have_not_passed() {
    let all = || Reader::new(["a".to_owned(), "b".to_owned()]);
    let mut broken = all();
    broken.beside(b"ERROR! the role 'x' was not found.\nThe error appears to be in ...\n");
    let ends = broken.finish(&done(Exit::Status(1), false));
    let Exit::NotStarted(why) = &ends[0].1 else { panic!("{ends:?}") };
    assert_eq!(why, "a: Ansible ended before it came to it (ERROR! the role 'x' was not found)");
    let killed = Exit::Signal("SIGTERM".to_owned());
    assert_eq!(all().finish(&done(killed.clone(), true))[1], ("b".to_owned(), killed, true));
    // What nothing was to be done on has nothing wrong.
    assert_eq!(all().finish(&done(Exit::Status(0), false))[0].1, Exit::Status(0));
}

#[test]
fn what_is_in_the_way_is_said() {
    let missing = explain(&done(Exit::Status(127), false), "setsid: failed to execute ansible: No such file\n", None);
    assert!(missing.contains("ansible-playbook") && missing.contains("ansible-core"), "{missing}");
    let none =
        explain(&done(Exit::Status(0), false), "[WARNING]: Could not match supplied host pattern: x\n", Some("x"));
    assert!(none.contains("no host of the inventory matches `x` ([WARNING]: Could not match"), "{none}");
}

fn launch_of(program: format::Program, script: &str) -> Launch {
    Launch {
        supervisor: super::super::Supervisor { program: PathBuf::new(), arguments: Vec::new() },
        scratch: std::env::temp_dir(),
        program,
        script: script.to_owned(),
        client: None,
        target: None,
        environment: BTreeMap::from([("GREETING".into(), "it's $me".into())]),
        shell_variables: BTreeMap::new(),
        cwd: PathBuf::from("/"),
        timeout: None,
        interactive: false,
        captured: true,
        size: super::super::HIDDEN_SIZE,
        patience: super::super::Patience::default(),
    }
}

#[test]
fn a_script_runs_anywhere_from_one_file_several_times_at_once_and_leaves_nothing() {
    for program in [format::Program::Sh, format::Program::Bash, format::Program::Interpreter(vec!["cat".to_owned()])]
    {
        let lines = "cat <<'AG'\n$GREETING\nAG\necho \"$GREETING $PWD\"\nfalse\necho not here";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("script");
        let text = script(&launch_of(program.clone(), lines));
        fs::write(&file, &text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let name = text.split("/tmp/").nth(1).and_then(|rest| rest.get(..40)).unwrap().to_owned();
        let start =
            || std::process::Command::new("sh").arg(&file).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let both = [start(), start()].map(|child| child.wait_with_output().unwrap());
        for done in both {
            let said = String::from_utf8(done.stdout).unwrap();
            match &program {
                format::Program::Interpreter(_) => assert_eq!(said.trim_end(), lines),
                _ => assert_eq!(
                    (said.as_str(), done.status.code()),
                    ("$GREETING\nit's $me /\n", Some(1)),
                    "{program:?}"
                ),
            }
        }
        let left =
            fs::read_dir("/tmp").unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        assert!(!left.into_iter().any(|left| left.starts_with(&name)), "{name}");
    }
}
