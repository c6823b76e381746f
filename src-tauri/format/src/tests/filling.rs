//! A value reaches the command as that text, and nothing else runs: shown with real shells.

use std::process::Command;

use proptest::prelude::*;

use crate::{FillError, Item, Values, fill, parse};

fn item(language: &str, script: &str) -> Item {
    let runbook = parse("fill.md", format!("## Steps\n\n````{language} {{name=x}}\n{script}\n````\n").as_bytes());
    runbook.item("x").expect("the item").2.clone()
}

fn run(shell: &str, script: &str) -> String {
    let folder =
        std::env::temp_dir().join(format!("allgood-fill-{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let output = Command::new(shell)
        .arg("-c")
        .arg(script)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir(&folder)
        .output()
        .expect("a shell");
    let made = std::fs::read_dir(&folder).expect("the folder").count();
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    assert_eq!(made, 0, "something else ran: {script}");
    String::from_utf8(output.stdout).expect("text")
}

/// Scripts that print their value between brackets, one for each place where it may stand.
const PLACES: &[&str] = &[
    "printf '[%s]' <a>",
    "printf '[%s]' \"<a>\"",
    "printf '[%s]' '<a>'",
    "printf \"[%s]\" \"\"<a>''",
    "X=<a>; printf '[%s]' \"$X\"",
    "export X=\"<a>\"; printf '[%s]' \"$X\"",
    "if true; then printf '[%s]' <a>; fi",
    "for x in <a>; do printf '[%s]' \"$x\"; done",
    "(printf '[%s]' <a>)",
    "printf '[%s]' <a> | cat",
    "printf '[%s]' <a>>/dev/stdout",
    "f() { printf '[%s]' \"$1\"; }\nf <a>",
    "case <a> in *) printf '[%s]' <a>;; esac",
    "case x in <a>) printf no;; *) printf '[%s]' <a>;; esac",
    "case x in\n  y|<a>)\n    printf no;;\n  *)\n    printf '[%s]' <a>;;\nesac",
    "printf '[%s]' \\\n  <a>",
    "printf '[%s]' \\\n\"<a>\" # <a>",
    "# first <a>\nprintf '[%s]' <a> # then <a>",
    "printf '[%s]' \"\\\n<a>\"",
    "{ printf '[%s]' <a>; }",
    "true && printf '[%s]' <a> || printf no",
    "while :; do printf '[%s]' <a>; break; done",
    "X=\"$(printf x)\"; printf '[%s]' <a>",
    "X=`printf x`; printf '[%s]' '<a>'",
    "printf \"[%s]\" \"$(printf '%s' \"x\")\"\"<a>\" | sed 's/^\\[x/[/'",
    "cat <<E >/dev/null\nx <a>\nE\nprintf '[%s]' <a>",
];

/// The same for shells with arrays.
const ARRAYS: &[&str] = &["A=(<a> b); printf '[%s]' \"${A[@]:0:1}\"", "A=(\n  \"<a>\"\n); printf '[%s]' \"${A[@]}\""];

/// The same for fish.
const FISH: &[&str] = &[
    "printf '[%s]' <a>",
    "printf '[%s]' \"<a>\"",
    "printf '[%s]' '<a>'",
    "set X <a>; printf '[%s]' $X",
    "if true; printf '[%s]' <a>; end",
    "for x in <a>; printf '[%s]' $x; end",
    "begin; printf '[%s]' <a>; end",
    "switch <a>; case '*'; printf '[%s]' <a>; end",
    "# <a>\nprintf '[%s]' \\\n  <a> # <a>",
    "printf '[%s]' \"\"<a>''",
];

/// Places where only plain values are taken.
const UNCERTAIN: &[&str] = &[
    "printf '[%s]' $(printf '%s' <a>)",
    "printf '[%s]' `printf '%s' <a>`",
    "printf '[%s]' \"$(printf '%s' \"<a>\")\"",
    "printf '[%s]' \"${X:-<a>}\"",
    "sh -c 'printf \"[%s]\" <a>'",
    "sh -c \"printf '[%s]' '<a>'\"",
    "eval printf '[%s]' <a>",
    "eval \"printf '[%s]' '<a>'\"",
    "sh <<E\nprintf '[%s]' <a>\nE",
    "cat <<E | sh\nprintf '[%s]' <a>\nE",
    "X=1; printf '[%s]' \"\\<a>\" | tr -d '\\\\'",
    "cat <<E\n$(cat <<F\n[<a>]\nF\n)\nE",
    "X=$(cat <<E\n[<a>]\nE\n); printf '%s' \"$X\"",
    "cat <<'E'\n[<a>]\nE",
    "trap \"printf '[%s]' <a>\" EXIT",
];

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'"),
        Just("\""),
        Just("`touch x`"),
        Just("$(touch x)"),
        Just("${X}"),
        Just("$X"),
        Just("\\"),
        Just("\n"),
        Just(" "),
        Just(";touch x;"),
        Just("&& touch x"),
        Just("| touch x"),
        Just("> x"),
        Just("#"),
        Just("*"),
        Just("~"),
        Just("!!"),
        Just("é"),
        Just("E"),
        Just("a"),
        Just("-n"),
        Just("{a,b}"),
        Just("\t"),
        Just("((a[$(touch x)]))"),
        Just("<(touch x)"),
        Just("\r"),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// The script as a terminal shows it, with output that is a sample.
fn prompted(prompt: &str, script: &str) -> Item {
    let mut text = String::new();
    let mut command = String::new();
    for line in script.split_inclusive('\n') {
        let mut scanner = crate::shell::Scanner::default();
        command.split_inclusive('\n').for_each(|line| scanner.line(line));
        let reads_on = scanner.is_open() || crate::shell::reads_on(&command);
        if !reads_on {
            command.clear();
        }
        command.push_str(line);
        text.push_str(if reads_on { "> " } else { prompt });
        text.push_str(line);
    }
    text.push_str("\nSAMPLE <b>");
    let item = item("console", &text);
    assert_eq!((item.script.as_str(), item.sample.as_deref()), (script, Some("SAMPLE <b>")), "{text}");
    item
}

fn values(value: &str) -> Values {
    [("a".to_owned(), value.to_owned())].into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_reaches_the_command_as_that_text(value in nasty()) {
        for shell in ["sh", "bash", "zsh", "ksh"] {
            let arrays = if shell == "sh" { &[][..] } else { ARRAYS };
            for script in PLACES.iter().chain(arrays) {
                let filled = fill(&item(shell, script), &values(&value)).expect("a place that can be quoted");
                assert_eq!(run(shell, &filled), format!("[{value}]"), "{shell}: {filled}");
            }
        }
    }

    #[test]
    fn any_value_reaches_a_command_behind_a_prompt_as_that_text(value in nasty()) {
        for prompt in ["$ ", "% ", "$> "] {
            for script in PLACES {
                let item = prompted(prompt, script);
                assert_eq!(item.placeholders, ["a"], "sample output asks for nothing: {}", item.script);
                let filled = fill(&item, &values(&value)).expect("a place that can be quoted");
                assert_eq!(run("bash", &filled), format!("[{value}]"), "{filled}");
            }
            let item = prompted(prompt, "cat <<E\n[<a>]\nE");
            match fill(&item, &values(&value)) {
                Ok(filled) => assert_eq!(run("bash", &filled), format!("[{value}]\n"), "{filled}"),
                Err(FillError::EndsDocument { .. }) => assert!(value.contains("\nE"), "{value:?}"),
                Err(FillError::Damaged { .. }) => assert!(value.contains("\nEé"), "{value:?}"),
                Err(error) => panic!("{value:?}: {error}"),
            }
        }
    }

    #[test]
    fn behind_a_prompt_too_only_plain_values_are_taken_where_quoting_is_uncertain(value in nasty()) {
        for script in UNCERTAIN {
            match fill(&prompted("$ ", script), &values(&value)) {
                Ok(filled) => assert_eq!(run("bash", &filled).trim_end_matches('\n'), format!("[{value}]"), "{filled}"),
                Err(error) => assert_eq!(error, FillError::NotPlain { name: "a".to_owned() }),
            }
        }
    }

    #[test]
    fn any_value_reaches_a_command_of_fish_as_that_text(value in nasty()) {
        for script in FISH {
            let filled = fill(&item("fish", script), &values(&value)).expect("a place that can be quoted");
            assert_eq!(run("fish", &filled), format!("[{value}]"), "{filled}");
        }
    }

    #[test]
    fn any_value_reaches_a_here_document_as_that_text(value in nasty()) {
        for shell in ["sh", "bash"] {
            match fill(&item(shell, "cat <<E\n[<a>]\nE"), &values(&value)) {
                Ok(filled) => assert_eq!(run(shell, &filled), format!("[{value}]\n"), "{shell}: {filled}"),
                Err(FillError::EndsDocument { .. }) => assert!(value.contains("\nE"), "{value:?}"),
                Err(FillError::Damaged { .. }) => assert!(value.contains("\nEé"), "{value:?}"),
                Err(error) => panic!("{value:?}: {error}"),
            }
        }
    }

    #[test]
    fn where_quoting_is_uncertain_only_plain_values_are_taken(value in nasty()) {
        for script in UNCERTAIN {
            match fill(&item("bash", script), &values(&value)) {
                Ok(filled) => assert_eq!(run("bash", &filled).trim_end_matches('\n'), format!("[{value}]"), "{filled}"),
                Err(error) => assert_eq!(error, FillError::NotPlain { name: "a".to_owned() }),
            }
        }
    }
}

#[test]
fn plain_values_are_taken_everywhere() {
    for script in UNCERTAIN.iter().chain(PLACES) {
        for value in ["web-1", "2", "a=b", "if", "node/n1", "ns:x@y+z,1%"] {
            let filled = fill(&item("bash", script), &values(value)).expect("a plain value");
            assert_eq!(run("bash", &filled).trim_end_matches('\n'), format!("[{value}]"), "{filled}");
        }
    }
}

#[test]
fn what_a_shell_would_calculate_or_misread_takes_only_plain_values() {
    for (shell, script) in [
        ("bash", "A[<a>]=1"),
        ("bash", "A[\"<a>\"]=1; echo x"),
        ("bash", "echo $(( <a> + 1 ))"),
        ("bash", "declare -i N\nN=<a>"),
        ("bash", "f() { local -a X=<a>; }; f"),
        ("bash", "[[ x == <a> ]]"),
        ("bash", "minikube ssh 'run <a>'"),
        ("bash", "flock /tmp/x -c 'run <a>'"),
        ("bash", "ansible all -m shell -a 'run <a>'"),
        ("zsh", "[ <a> -eq 1 ]"),
        ("zsh", "printf '%d' <a>"),
        ("zsh", "exit <a>"),
        ("ksh", "test <a> -eq 1"),
        ("ksh", "printf %d <a>"),
        ("ksh", "integer N; N=<a>"),
        ("fish", "echo 'it\\'s <a>'"),
        ("fish", "echo $x[<a>]"),
    ] {
        let error = fill(&item(shell, script), &values("a[$(touch x)]")).expect_err(script);
        assert_eq!(error, FillError::NotPlain { name: "a".to_owned() }, "{shell}: {script}");
        assert!(fill(&item(shell, script), &values("1")).is_ok(), "{script}");
    }
    for (shell, script) in
        [("bash", "[ <a> -eq 1 ]"), ("zsh", "printf '%s\\n' <a>"), ("bash", "X=<a>"), ("ksh", "echo <a>")]
    {
        assert!(fill(&item(shell, script), &values("a b")).is_ok(), "{shell}: {script}");
    }
}

#[test]
fn a_plain_value_stays_one_word_within_braces() {
    for (script, value) in [("printf '[%s]' {<a>,y}", "x,z"), ("printf '[%s]' {<a>}", "1..3")] {
        let filled = fill(&item("bash", script), &values(value)).expect("a plain value");
        assert!(run("bash", &filled).contains(value), "{filled}");
    }
}

#[test]
fn lines_for_a_session_wait_for_their_placeholders_and_take_only_plain_values() {
    let item = item("sh", "ssh <host>\nkubectl delete pod <pod name> -n <ns>\nexit");
    assert_eq!(item.placeholders, ["host"]);
    assert_eq!(item.input_placeholders, ["pod name", "ns"]);
    let mut values: Values = [("pod name".to_owned(), "web-1".to_owned())].into_iter().collect();
    assert_eq!(crate::fill_input(&item, 0, &values), Some(Err(FillError::Missing(vec!["ns".to_owned()]))));
    values.insert("ns".to_owned(), "shop".to_owned());
    assert_eq!(crate::fill_input(&item, 0, &values), Some(Ok("kubectl delete pod web-1 -n shop".to_owned())));
    assert_eq!(crate::fill_input(&item, 1, &values), Some(Ok("exit".to_owned())));
    assert_eq!(crate::fill_input(&item, 2, &values), None);
    for value in ["a; b", "a\nb", "$(b)", "'", ""] {
        values.insert("ns".to_owned(), value.to_owned());
        assert_eq!(
            crate::fill_input(&item, 0, &values),
            Some(Err(FillError::NotPlain { name: "ns".to_owned() })),
            "{value:?}"
        );
    }
}

#[test]
fn what_an_item_asks_for_names_each_placeholder_of_its_script_and_its_session_once() {
    let item = item("console", "$ ssh <host>\n$ systemctl restart <unit> --on <host>\n$ exit");
    assert_eq!(item.asked_placeholders().collect::<Vec<_>>(), ["host", "unit"]);
    let known = |name: &str| (name == "unit").then(|| "web".to_owned());
    assert_eq!(crate::show_input(&item, 0, known), "systemctl restart web --on <host>");
    assert_eq!(crate::show_input(&item, 1, known), "exit");
    assert_eq!(crate::show_input(&item, 2, known), "");
}

#[test]
fn a_value_that_would_end_a_here_document_is_refused() {
    for (script, value) in [
        ("cat <<E\n<a>\nE", "E"),
        ("cat <<E\n<a>\nE", "x\nE\ntouch x"),
        ("cat <<END\n<a>D\nEND", "EN"),
        ("cat <<-E\n\t<a>\n\tE", "\tE"),
        ("cat <<'E'\n<a>\nE", "E"),
    ] {
        let error = fill(&item("sh", script), &values(value)).expect_err("refused");
        assert!(matches!(error, FillError::EndsDocument { .. } | FillError::NotPlain { .. }), "{script}: {error}");
    }
}

#[test]
fn a_value_that_a_shell_would_damage_in_a_here_document_is_refused() {
    for (script, value) in
        [("cat <<E\n<a>\nE", "Eé"), ("cat <<END\n<a>\nEND", "EN…"), ("cat <<-END\n\t<a>\nEND", "x\n\tENDé")]
    {
        let error = fill(&item("sh", script), &values(value)).expect_err("refused");
        assert!(matches!(error, FillError::Damaged { .. }), "{script}: {error}");
    }
    for (script, value) in [("cat <<E\n<a>\nE", "xEé"), ("cat <<END\n<a>\nEND", "E é"), ("cat <<E\n<a>\nE", "é")] {
        let filled = fill(&item("sh", script), &values(value)).expect("a value that arrives");
        assert_eq!(run("sh", &filled), format!("{value}\n"));
    }
}

#[test]
fn every_name_needs_a_value_and_a_doubt_may_stay_as_it_stands() {
    let item = item("sh", "echo <pod name> [NAMESPACE] <pod name>");
    assert_eq!(
        fill(&item, &Values::new()),
        Err(FillError::Missing(vec!["pod name".to_owned(), "[NAMESPACE]".to_owned()]))
    );
    let mut values: Values =
        [("pod name".to_owned(), "web 1".to_owned()), ("[NAMESPACE]".to_owned(), "[NAMESPACE]".to_owned())]
            .into_iter()
            .collect();
    assert_eq!(fill(&item, &values).as_deref(), Ok("echo 'web 1' [NAMESPACE] 'web 1'"));
    values.insert("[NAMESPACE]".to_owned(), "a b".to_owned());
    assert_eq!(fill(&item, &values).as_deref(), Ok("echo 'web 1' 'a b' 'web 1'"));
}

#[test]
fn a_doubtful_ellipsis_is_replaced_behind_its_equals_sign() {
    let values: Values = [("=...".to_owned(), "a b".to_owned())].into_iter().collect();
    assert_eq!(fill(&item("sh", "x --token=..."), &values).as_deref(), Ok("x --token='a b'"));
}

#[test]
fn what_another_shell_reads_again_takes_only_plain_values() {
    for script in [
        "ssh web1 systemctl restart <a>",
        "ssh -p 22 web1 'systemctl restart <a>'",
        "su - app -c \"run <a>\"",
        "kubectl exec -it web-0 -- sh -c 'run <a>'",
        "sudo bash -c \"run <a>\"",
        "watch run <a>",
        "alias x='run <a>'",
        "awk '/<a>/ {print}' file",
        "python3 -c 'print(\"<a>\")'",
        "gcloud compute ssh web1 --command=\"run <a>\"",
        "[[ <a> -eq 1 ]]",
        "(( x = <a> ))",
        "ssh web1 <<E\nrun <a>\nE",
        "xargs -I{} sh -c 'run <a>'",
        "vagrant ssh -c \"run <a>\"",
        "ssh -o ProxyCommand=\"nc <a> 22\" web1",
        "make deploy TO=<a>",
        "env -S 'run <a>'",
        "scp file web1:<a>",
    ] {
        let error = fill(&item("bash", script), &values("a; b")).expect_err(script);
        assert_eq!(error, FillError::NotPlain { name: "a".to_owned() }, "{script}");
        assert!(fill(&item("bash", script), &values("web-1")).is_ok(), "{script}");
    }
    for script in
        ["ssh <a>", "curl -S <a>", "sed -n 1p <a>", "python3 tool.py <a>", "bash run.sh <a>", "kubectl get pod <a>"]
    {
        assert!(fill(&item("bash", script), &values("web 1")).is_ok(), "{script}");
    }
}

#[test]
fn fish_has_its_own_quotes() {
    for (script, expected) in [
        ("echo <a>", "echo 'it\\'s $x \\\\'"),
        ("echo \"<a>\"", "echo \"it's \\$x \\\\\""),
        ("echo '<a>'", "echo 'it\\'s $x \\\\'"),
    ] {
        assert_eq!(fill(&item("fish", script), &values("it's $x \\")).as_deref(), Ok(expected));
    }
}

#[test]
fn a_nul_byte_is_refused() {
    assert_eq!(fill(&item("sh", "echo <a>"), &values("\0")), Err(FillError::Nul { name: "a".to_owned() }));
}
