use proptest::prelude::*;

use super::*;
use crate::{Severity, parse};

fn check(text: &str) -> String {
    let draft = from_session(text);
    let runbook = parse("t.md", draft.as_bytes());
    let bad: Vec<_> = runbook.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert!(bad.is_empty(), "{bad:?}\n{draft}");
    draft
}

#[test]
fn a_session_becomes_steps_with_samples_and_a_section_for_each_host() {
    let draft = check(
        "ann@laptop:~$ cd /srv/app\nann@laptop:~$ git pull\nAlready up to date.\nann@laptop:~$ ssh db1\n\
         ann@db1:~$ systemctl status orders\nactive\nann@db1:~$ exit\nann@laptop:~$ make test\n",
    );
    for part in [
        "### 1. Run git pull\n\n```sh\ncd /srv/app\ngit pull\n```\n\nIt printed:\n\n```text\nAlready up to date.\n```\n",
        "### On host ann@db1\n\n#### 2. Run systemctl status\n",
        "### Back on this machine\n\n### 3. Run make test\n",
        "ssh db1: it opens a session",
    ] {
        assert!(draft.contains(part), "{part}\n--\n{draft}");
    }
}

#[test]
fn long_output_is_kept_short() {
    let output: String = (0..50).map(|line| format!("line {line}\n")).collect();
    let draft = check(&format!("$ journalctl -u x\n{output}"));
    assert!(draft.contains("line 11\n```\n\n38 more lines of output are left out.\n"), "{draft}");
}

#[test]
fn a_session_without_a_command_is_a_draft_too() {
    check("");
    check("$ \n");
}

#[test]
fn values_that_come_back_are_parameters_of_the_draft() {
    let draft = check("ping db1.example.org\nssh-keyscan db1.example.org > keys\nls /srv/app/x; du /srv/app/x\n");
    assert!(
        draft.contains("params:\n  HOST: {prompt: \"host\", default: \"db1.example.org\", required: true}\n---\n"),
        "{draft}"
    );
    assert!(
        draft.contains("```sh\nping \"${HOST}\"\n```") && draft.contains("ssh-keyscan \"${HOST}\" > keys"),
        "{draft}"
    );
    assert!(draft.contains("ls /srv/app/x; du /srv/app/x"), "in one command alone: {draft}");
    let read = parse("t.md", draft.as_bytes());
    let [param] = read.settings.params.as_slice() else { panic!("{:?}", read.settings.params) };
    assert_eq!((param.name.as_str(), param.default.as_deref()), ("HOST", Some("db1.example.org")));
}

#[test]
fn no_secret_is_in_a_draft_and_none_becomes_a_parameter() {
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    let key = format!("AKIA{}", "Q3EGRIKZ7XWPL2MN");
    let slack = format!("xoxb-{}", "123456789012-abcdefABCDEF1234");
    for secret in [token, key, slack] {
        let draft =
            check(&format!("$ deploy --id {secret}\n$ status --id {secret}\nfor {secret}\n$ X={secret} run\n"));
        assert!(!draft.contains(&secret) && !draft.contains("params:"), "{draft}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_becomes_a_runbook(text in "[ -~\n]{0,200}") {
        let draft = from_session(&text);
        let _ = parse("t.md", draft.as_bytes());
    }
}
