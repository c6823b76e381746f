//! Each shell as RUNS.md says: no start-up files, `set -e`, `pipefail`, and a script that is only ever a file.

use super::*;

#[test]
fn set_e_is_on_and_pipefail_where_the_shell_has_it() {
    for (program, name) in BOURNE {
        need(name);
        let errexit = Case::new(program.clone(), "echo one\nfalse\necho two").run();
        assert_eq!((errexit.text().as_str(), errexit.status()), ("one\n", 1), "{name}");
        let has = std::process::Command::new(name).args(["-c", "set -o pipefail"]).output().unwrap().status.success();
        let pipe = Case::new(program.clone(), "false | true\necho on").run();
        assert_eq!(pipe.status(), i32::from(has), "{name}: {}", pipe.text());
        assert_eq!(pipe.text(), if has { "" } else { "on\n" }, "{name}");
    }
}

#[test]
fn a_script_is_what_it_would_be_in_a_file() {
    for (program, name) in BOURNE {
        need(name);
        // No arguments, a name, `return` and `exit` with a status, and lines that count from 1.
        Case::new(program.clone(), "echo $#").run().prints("0\n");
        let zero = Case::new(program.clone(), "case $0 in */script) echo file;; *) echo \"$0\";; esac").run();
        zero.prints("file\n");
        assert_eq!(Case::new(program.clone(), "return 4; echo no").run().status(), 4, "{name}");
        assert_eq!(Case::new(program.clone(), "f() { exit 5; }; f; echo no").run().status(), 5, "{name}");
        let line = Case::new(program.clone(), "\n\nset +e\nno-such-command").run();
        assert!(line.text().contains('4'), "{name}: {}", line.text());
    }
}

#[test]
fn a_syntax_error_fails_with_the_shell_s_own_message() {
    for (program, name) in BOURNE {
        need(name);
        let finished = Case::new(program.clone(), "echo one\nif\n)\n").run();
        assert_ne!(finished.status(), 0, "{name}");
        let text = finished.text();
        assert!(text.contains('3') && (text.contains("rror") || text.contains("unexpected")), "{name}: {text}");
    }
}

#[test]
fn no_start_up_file_is_read_and_the_variables_that_name_one_are_kept() {
    for (program, name) in BOURNE {
        need(name);
        let case = Case::new(program.clone(), "echo $BASH_ENV $ENV | tr '\\n' ' '");
        let home = case.launch.cwd.clone();
        for file in [".bashrc", ".profile", ".bash_profile", ".zshrc", ".zshenv", ".kshrc", "start"] {
            fs::write(home.join(file), "echo start-up file read\n").unwrap();
        }
        let start = home.join("start");
        let shown = start.display().to_string();
        case.env("BASH_ENV", &start).env("ENV", &start).run().prints(&format!("{shown} {shown} "));
    }
}

#[test]
fn a_script_of_one_mebibyte_runs() {
    let mut script = String::from("sum=0\n");
    while script.len() < 1 << 20 {
        script.push_str("sum=$((sum + 1)) # some words that make this line longer than it has to be\n");
    }
    let lines = script.lines().count() - 1;
    script.push_str("echo $sum\n");
    Case::new(Program::Sh, &script).run().prints(&format!("{lines}\n"));
}

#[test]
fn the_script_is_no_argument_and_the_folder_is_its_owner_s_alone() {
    let script =
        "tr '\\0' ' ' </proc/$$/cmdline; echo\nstat -c '%a' \"${0%/*}\" \"${0%/*}\"/*\n# a-word-of-the-script";
    let finished = Case::bash(script).run();
    let text = finished.text();
    let mut lines = text.lines();
    assert!(!lines.next().unwrap().contains("a-word-of-the-script"));
    assert_eq!(lines.next(), Some("700"));
    let modes: Vec<&str> = lines.collect();
    assert!(modes.len() >= 3 && modes.iter().all(|mode| *mode == "600"), "{modes:?}");
}

#[test]
fn an_interpreter_gets_the_script_as_its_last_argument() {
    let awk = Program::Interpreter(vec!["awk".into(), "-v".into(), "x=2".into(), "-f".into()]);
    let finished = Case::new(awk, "BEGIN { print x + 3; exit 6 }").run();
    assert_eq!((finished.text().as_str(), finished.status()), ("5\n", 6));
    assert_eq!(finished.ending.carried.as_ref().unwrap().exported.len(), 0);
}

#[test]
fn fish_runs_without_its_configuration() {
    need("fish");
    let case = Case::new(Program::Fish, "for i in 1 2\n  echo $i $argv\nend\nexit 4");
    let config = case.launch.cwd.join(".config/fish");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.fish"), "echo start-up file read\n").unwrap();
    let finished = case.run();
    assert_eq!((finished.text().as_str(), finished.status()), ("1\n2\n", 4));
}

#[test]
fn tracing_shows_the_script_and_not_what_is_around_it() {
    for (program, name) in BOURNE.iter().filter(|(_, name)| *name != "ksh") {
        let finished = Case::new(program.clone(), "set -x\necho one").run();
        let text = finished.text();
        assert!(
            text.contains("echo one") && !text.contains("script.end") && !text.contains("export"),
            "{name}: {text}"
        );
        assert_eq!(text.lines().count(), 2, "{name}: {text}");
    }
}

#[test]
fn traps_of_the_script_see_the_script_alone() {
    Case::bash("trap 'echo err' ERR\ntrue").run().prints("");
    let failing = Case::bash("trap 'echo failed in line $LINENO' ERR\ntrue\nfalse").run();
    assert_eq!((failing.text().as_str(), failing.status()), ("failed in line 3\n", 1));
    Case::bash("[[ ${BASH_SOURCE[0]} == \"$0\" ]] && echo main").run().prints("main\n");
    for (program, name) in BOURNE {
        let finished = Case::new(program.clone(), "trap 'echo bye $?' EXIT\nexit 6").run();
        assert_eq!((finished.text().as_str(), finished.status()), ("bye 6\n", 6), "{name}");
    }
}
