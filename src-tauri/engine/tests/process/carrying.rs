//! What one command leaves to the next (RUNS.md, "Carrying"; FORMAT.md, "Variables").

use engine::process::Carried;

use super::*;

fn carried(finished: &Finished) -> &Carried {
    finished.ending.carried.as_ref().unwrap_or_else(|why| panic!("{why}: {}", finished.text()))
}

fn map(table: &[(&str, &str)]) -> BTreeMap<String, String> {
    table.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Every kind of text that quoting could break.
const HARD: &[&str] = &[
    "",
    "plain",
    "two words",
    " leading and trailing ",
    "it's \"quoted\" `and` $HOME $(date) \\ \\n \\",
    "line one\nline two\n\n",
    "NAME=value\nexport X='1'\n)",
    "tab\there\rreturn\u{1b}[31mred\u{7f}\u{1}",
    "* ? [a-z] {a,b} ~ # ! & ; | < > ( )",
    "é 日本 😀 \u{202e}",
    "$'x'",
    "'",
    "''\"\"",
];

#[test]
fn exported_and_plain_variables_and_the_directory_carry() {
    for (program, name) in BOURNE {
        need(name);
        let script = "export NEW=1\nCHANGED=2\nplain=3\nunset GONE\nUSED=$((1))\nmkdir -p sub && cd sub";
        let finished = Case::new(program.clone(), script).env("CHANGED", "1").env("GONE", "1").env("SAME", "1").run();
        let carried = carried(&finished);
        assert_eq!(carried.exported, map(&[("NEW", "1"), ("CHANGED", "2")]), "{name}");
        assert_eq!(carried.plain, map(&[("plain", "3"), ("USED", "1")]), "{name}");
        assert_eq!(carried.unset, ["GONE"], "{name}");
        assert_eq!(carried.left_out, [""; 0], "{name}");
        assert_eq!(carried.cwd.as_deref(), Some(finished.folder.path().join("home/sub").as_path()), "{name}");
    }
}

#[test]
fn sh_carries_whatever_shell_it_is() {
    for (other, name) in [("bash", "bash"), ("dash", "dash"), ("ksh", "ksh")] {
        need(name);
        let bin = tempfile::tempdir().unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let program =
            std::env::split_paths(&path).map(|folder| folder.join(other)).find(|file| file.exists()).unwrap();
        std::os::unix::fs::symlink(program, bin.path().join("sh")).unwrap();
        let script = "f() { :; }\nexport A=\"it's\n\\$x\"\nb='x y'\nunset GONE\ncd /usr";
        let finished = Case::new(Program::Sh, script).env("PATH", bin.path()).env("GONE", "1").run();
        let carried = carried(&finished);
        assert_eq!(
            (&carried.exported, &carried.plain),
            (&map(&[("A", "it's\n$x")]), &map(&[("b", "x y")])),
            "{name}"
        );
        assert_eq!(
            (carried.unset.as_slice(), carried.cwd.as_deref()),
            (&["GONE".to_owned()][..], Some(Path::new("/usr")))
        );
    }
}

#[test]
fn a_command_that_sets_nothing_carries_nothing() {
    for (program, name) in BOURNE.iter().chain([&(Program::Fish, "fish")]) {
        need(name);
        let finished = Case::new(program.clone(), "true | cat\ncd /\ncd - >/dev/null\necho x | tr x y").run();
        let cwd = Some(finished.folder.path().join("home"));
        assert_eq!(*carried(&finished), Carried { cwd, ..Carried::default() }, "{name}");
    }
}

#[test]
fn every_value_survives_exactly_through_every_shell() {
    for (program, name) in BOURNE.iter().chain([&(Program::Fish, "fish")]) {
        need(name);
        let mut case = Case::new(program.clone(), "");
        let (mut exported, mut plain) = (BTreeMap::new(), BTreeMap::new());
        for (number, value) in HARD.iter().enumerate() {
            // It comes in by another name, so that the shell itself assigns it.
            case = case.env(&format!("IN_{number}"), value).variable(&format!("plain_{number}"), value);
            case.launch.script += &if *name == "fish" {
                format!("set -gx OUT_{number} \"$IN_{number}\"\nset copy_{number} \"$plain_{number}\"\n")
            } else {
                format!("export OUT_{number}=\"$IN_{number}\"\ncopy_{number}=\"$plain_{number}\"\n")
            };
            exported.insert(format!("OUT_{number}"), (*value).to_owned());
            plain.insert(format!("plain_{number}"), (*value).to_owned());
            plain.insert(format!("copy_{number}"), (*value).to_owned());
        }
        let finished = case.run();
        let carried = carried(&finished);
        assert_eq!(carried.exported, exported, "{name}");
        assert_eq!(carried.plain, plain, "{name}");
    }
}

#[test]
fn random_values_survive_exactly_through_every_shell() {
    use proptest::{
        collection::vec,
        strategy::{Strategy, ValueTree},
        test_runner::TestRunner,
    };
    let values = vec("[^\0]{0,40}|['\"\\\\$`!\n\t\r ;=()\u{80}-\u{ff}a-c0-3]{0,20}", 60);
    let mut runner = TestRunner::default();
    for (program, name) in BOURNE.iter().chain([&(Program::Fish, "fish")]) {
        need(name);
        for _ in 0..4 {
            let values = values.new_tree(&mut runner).unwrap().current();
            let mut case = Case::new(program.clone(), "");
            let (mut exported, mut plain) = (BTreeMap::new(), BTreeMap::new());
            for (number, value) in values.iter().enumerate() {
                case = case.env(&format!("IN_{number}"), value).variable(&format!("plain_{number}"), value);
                case.launch.script += &if *name == "fish" {
                    format!("set -gx OUT_{number} \"$IN_{number}\"\n")
                } else {
                    format!("export OUT_{number}=\"$IN_{number}\"\n")
                };
                exported.insert(format!("OUT_{number}"), value.clone());
                plain.insert(format!("plain_{number}"), value.clone());
            }
            let finished = case.run();
            let carried = carried(&finished);
            assert_eq!((&carried.exported, &carried.plain), (&exported, &plain), "{name}");
        }
    }
}

#[test]
fn plain_variables_are_there_and_not_exported() {
    for (program, name) in BOURNE {
        need(name);
        let finished =
            Case::new(program.clone(), "echo \"$given\"\nenv | grep -c ^given || :").variable("given", "a  b").run();
        finished.prints("a  b\n0\n");
        let exporting = Case::new(program.clone(), "export given").variable("given", "x").run();
        let carried = carried(&exporting);
        assert_eq!((&carried.exported, &carried.plain), (&map(&[("given", "x")]), &map(&[])), "{name}");
        assert_eq!(carried.unset, ["given"], "{name}");
        let unsetting = Case::new(program.clone(), "unset given").variable("given", "x").run();
        assert_eq!(self::carried(&unsetting).unset, ["given"], "{name}");
    }
}

#[test]
fn what_fails_carries_too_so_that_the_caller_can_decide() {
    for (program, name) in BOURNE {
        need(name);
        for script in ["A=1\nfalse", "A=1\nexit 3", "f() { A=1; false; }; f"] {
            if *name == "zsh" && script.starts_with("f()") {
                // zsh 5.9 leaves its EXIT trap out there: it is said instead.
                let finished = Case::new(program.clone(), script).run();
                assert!(finished.ending.carried.as_ref().unwrap_err().contains("a function of it failed"));
                continue;
            }
            let finished = Case::new(program.clone(), script).run();
            assert_ne!(finished.status(), 0);
            assert_eq!(carried(&finished).plain, map(&[("A", "1")]), "{name}: {script}");
        }
    }
}

#[test]
fn exec_a_kill_and_an_exit_trap_of_its_own_are_said() {
    for (program, name) in BOURNE {
        need(name);
        let trap = Case::new(program.clone(), "A=1\ntrap 'echo mine' EXIT").run();
        trap.prints("mine\n");
        assert!(trap.ending.carried.as_ref().unwrap_err().contains("EXIT trap"), "{name}");
        let exec = Case::new(program.clone(), "A=1\nexec true").run();
        assert!(exec.ending.carried.as_ref().unwrap_err().contains("exec"), "{name}");
        let kill = Case::new(program.clone(), "A=1\nkill -KILL $$").run();
        assert!(kill.ending.carried.as_ref().unwrap_err().contains("a signal ended it"), "{name}");
    }
}

#[test]
fn read_only_ones_arrays_and_the_shell_s_own_do_not_carry() {
    for (program, name) in BOURNE {
        need(name);
        let arrays = if *name == "sh" { "" } else { "list=(1 2 3)\n" };
        let script = format!("readonly FIXED=1\n{arrays}IFS=:\nOPTIND=5\nRANDOM=3\nHELD=1\nOLDPWD=/\nREPLY=x");
        let finished = Case::new(program.clone(), &script).run();
        let carried = carried(&finished);
        let expected: &[&str] = if *name == "sh" { &["FIXED"] } else { &["FIXED", "list"] };
        assert_eq!(carried.plain, map(&[("HELD", "1")]), "{name}");
        assert_eq!(
            (carried.exported.len(), carried.left_out.as_slice()),
            (0, &expected.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]),
            "{name}"
        );
    }
}

#[test]
fn ordinary_names_that_some_shell_keeps_for_itself_carry_in_the_others() {
    let script = "status=1\nversion=2\nhostname=h\nENV=prod\npath=/x\nhistory=y";
    let finished = Case::bash(script).run();
    assert_eq!(carried(&finished).plain.len(), 6, "{:?}", finished.ending);
    // And do no harm where they are taken.
    let mut case = Case::new(Program::Zsh, "echo $status $+commands[ls] $version");
    case.launch.shell_variables.clone_from(&carried(&finished).plain);
    case.run().prints("0 1 2\n");
    let mut case = Case::new(Program::Fish, "echo $ENV");
    case.launch.shell_variables.clone_from(&carried(&finished).plain);
    case.run().prints("prod\n");
}

#[test]
fn values_over_one_hundred_kibibytes_are_left_out_by_name() {
    for (program, name) in BOURNE {
        need(name);
        let script = "ten=xxxxxxxxxx\nhundred=$ten$ten$ten$ten$ten$ten$ten$ten$ten$ten\nk=$hundred$hundred$hundred$hundred$hundred$hundred$hundred$hundred$hundred$hundred\n\
                      i=0; BIG=; while [ $i -lt 103 ]; do BIG=$BIG$k; i=$((i + 1)); done\nexport BIG; SMALL=s";
        let finished = Case::new(program.clone(), script).run();
        let carried = carried(&finished);
        assert_eq!(carried.left_out, ["BIG"], "{name}");
        assert_eq!(carried.plain.get("SMALL").map(String::as_str), Some("s"), "{name}");
        assert!(!carried.exported.contains_key("BIG"), "{name}");
    }
}

#[test]
fn what_is_not_text_is_left_out_by_name() {
    for (program, name) in BOURNE {
        need(name);
        let finished = Case::new(program.clone(), "ODD=$(printf 'a\\377b')\nexport ODD\nGOOD=é").run();
        let carried = carried(&finished);
        assert_eq!(
            (carried.left_out.as_slice(), carried.plain.clone()),
            (&["ODD".to_owned()][..], map(&[("GOOD", "é")])),
            "{name}"
        );
    }
}

#[test]
fn options_of_the_script_do_not_disturb_the_reading() {
    for (program, name) in BOURNE {
        need(name);
        let script = "A='x y'\nset -Cfu\nset -x\nIFS=A\nexec >/dev/null 2>&1\nB=2\numask 777\nf() { return 0; }";
        let finished = Case::new(program.clone(), script).run();
        assert_eq!(carried(&finished).plain, map(&[("A", "x y"), ("B", "2")]), "{name}");
    }
}

#[test]
fn a_function_s_own_variables_do_not_carry() {
    for (program, name) in [(Program::Bash, "bash"), (Program::Zsh, "zsh")] {
        need(name);
        let script = "outer=1\nf() { local inner=2 outer=3; exit 0; }\nf";
        let finished = Case::new(program, script).run();
        let carried = carried(&finished);
        assert!(
            !carried.plain.contains_key("inner") && carried.plain.get("outer").is_none_or(|value| value == "1"),
            "{name}: {carried:?}"
        );
    }
}

#[test]
fn functions_do_not_carry_nor_stand_in_the_way() {
    let script = "f() {\n  A='not\nthis'\n}\nexport -f f\nB=2";
    assert_eq!(carried(&Case::bash(script).run()).plain, map(&[("B", "2")]));
}

#[test]
fn a_directory_is_kept_by_the_name_it_was_entered_by() {
    for (program, name) in BOURNE {
        need(name);
        let case = Case::new(program.clone(), "cd link");
        let link = case.launch.cwd.join("link");
        std::os::unix::fs::symlink("/usr", &link).unwrap();
        let finished = case.run();
        assert_eq!(carried(&finished).cwd.as_deref(), Some(link.as_path()), "{name}");
        let mut next = Case::new(program.clone(), "pwd");
        next.launch.cwd = link.clone();
        next.run().prints(&format!("{}\n", link.display()));
    }
}

#[test]
fn fish_carries_exports_single_values_and_its_directory() {
    need("fish");
    let script = "set -gx NEW 1\nset plain 'a b'\nset list 1 2 3\nset -e GONE\nset -gx PATH /opt/x $PATH\ncd /usr";
    let finished = Case::new(Program::Fish, script).env("GONE", "1").run();
    let carried = carried(&finished);
    let path = format!("/opt/x:{}", std::env::var("PATH").unwrap());
    assert_eq!(carried.exported, map(&[("NEW", "1"), ("PATH", &path)]));
    assert_eq!(carried.plain, map(&[("plain", "a b")]));
    assert_eq!(
        (carried.unset.as_slice(), carried.left_out.as_slice()),
        (&["GONE".to_owned()][..], &["list".to_owned()][..])
    );
    assert_eq!(carried.cwd.as_deref(), Some(Path::new("/usr")));
}
