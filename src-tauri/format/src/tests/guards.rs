//! A guard never fails open.

use crate::{Runbook, parse};

fn read(markdown: &str) -> Runbook {
    parse("guard.md", markdown.as_bytes())
}

#[test]
fn a_block_whose_guard_cannot_be_kept_is_refused_with_a_problem() {
    for (info, code) in [
        ("sh {on=lxc:web1}", "attribute-refused"),
        ("sh {confirm=\"\"}", "attribute-refused"),
        ("sh {retry=often}", "attribute-refused"),
        ("sh {confrim=\"orders-prod\"}", "attribute-refused"),
        ("sh {\"tiemout\": \"5s\"}", "attribute-refused"),
        ("sh {timeout=soon}", "attribute-refused"),
        ("sh timeout=5s", "attribute-refused"),
        ("sh {name=a", "attributes"),
        ("sh {expect=/[/}", "bad-expression"),
        ("python {on=k8s:web}", "attribute-refused"),
        ("{on=docker:}", "attribute-refused"),
    ] {
        let runbook = read(&format!("## Steps\n\n```{info}\nls\n```\n"));
        assert!(runbook.items().all(|(_, _, item)| item.refused.is_some()), "{info}");
        assert_eq!(runbook.items().count(), 1, "{info}");
        assert!(
            runbook.problems.iter().any(|problem| problem.code == code && problem.line == 3),
            "{info}: {:?}",
            runbook.problems
        );
    }
}

#[test]
fn a_front_matter_whose_settings_cannot_be_kept_refuses_every_block() {
    for front_matter in ["access: {A: keychain://b}", "timeout: soon", "on_failure: rollback", "title: a: b"] {
        let runbook = read(&format!("---\n{front_matter}\n---\n## Steps\n\n```sh\nls\n```\n"));
        assert!(runbook.items().all(|(_, _, item)| item.refused.is_some()), "{front_matter}");
        assert!(runbook.problems.iter().any(|problem| problem.severity == crate::Severity::Error), "{front_matter}");
    }
}

#[test]
fn a_block_whose_end_or_text_is_not_certain_is_refused() {
    let runbook = read("## Steps\n\n```sh\nls\n\nAnd then some prose.\n");
    assert!(runbook.items().all(|(_, _, item)| item.refused.is_some()));
    let problem = runbook.problems.iter().find(|problem| problem.code == "unclosed-fence").expect("the problem");
    let fix = &problem.fixes.first().expect("a fix").edits[0];
    assert_eq!((fix.span.start, fix.text.as_str()), (41, "```\n"));
    let runbook = parse("guard.md", b"## Steps\n\n```sh\necho \xff\n```\n");
    assert!(runbook.items().all(|(_, _, item)| item.refused.is_some()));
    assert!(runbook.problems.iter().any(|problem| problem.code == "encoding" && problem.line == 4));
}

#[test]
fn a_fence_that_its_list_or_quote_ends_is_not_unclosed() {
    for markdown in [
        "> ```sh\n> ls\n\nText\n",
        "- ```sh\n  ls\n\nText\n",
        "```sh\nls\n```",
        "> ```sh\n> ls\n> ```",
        "~~~~sh\nls\n~~~~~\n",
    ] {
        assert!(read(markdown).problems.iter().all(|problem| problem.code != "unclosed-fence"), "{markdown}");
    }
    for markdown in ["```sh\nls\n", "```sh", "````sh\nls\n```\n", "~~~sh\nls\n```\n", "- ```sh\n  ls\n"] {
        assert!(read(markdown).problems.iter().any(|problem| problem.code == "unclosed-fence"), "{markdown}");
    }
}

#[test]
fn the_fix_of_an_unclosed_fence_closes_it() {
    for markdown in ["```sh\nls\n", "- ```sh\n  ls", "1. a\n   ~~~sh\n   ls\n"] {
        let runbook = read(markdown);
        let fix = runbook.problems.iter().find_map(|problem| problem.fixes.first()).expect("a fix").edits[0].clone();
        let mended = format!("{}{}{}", &markdown[..fix.span.start], fix.text, &markdown[fix.span.end..]);
        assert!(read(&mended).problems.iter().all(|problem| problem.code != "unclosed-fence"), "{mended}");
    }
}

#[test]
fn two_blocks_of_one_name_are_a_problem_and_the_second_does_not_run() {
    let runbook = read("## Steps\n\n```sh {name=a}\nls\n```\n\n```sh {name=a}\npwd\n```\n");
    let items: Vec<_> = runbook.items().map(|(_, _, item)| (item.id.as_str(), item.refused.is_some())).collect();
    assert_eq!(items, [("a", false), ("a-2", true)]);
    assert!(runbook.problems.iter().any(|problem| problem.code == "duplicate-name" && problem.line == 7));
}

#[test]
fn the_hash_changes_with_everything_that_decides_what_runs() {
    let of = |markdown: &str| read(markdown).items().next().map(|(_, _, item)| item.hash.clone());
    let base = of("## Steps\n\n```sh\nls\n```\n");
    assert_eq!(base, of("# Title\n\nText.\n\n## Other\n\n```sh\nls\n```\n"), "where it stands does not matter");
    for markdown in [
        "## Steps\n\n```sh\nls -l\n```\n",
        "## Steps\n\n```bash\nls\n```\n",
        "## Steps\n\n```sh {timeout=5s}\nls\n```\n",
        "## Steps\n\n```sh {undo}\nls\n```\n",
        "## Steps\n\n```sh {on=a}\nls\n```\n",
        "## Steps\n\n```\nls\n```\n",
        "---\ncwd: /x\n---\n## Steps\n\n```sh\nls\n```\n",
        "---\nenv: {A: b}\n---\n## Steps\n\n```sh\nls\n```\n",
        "---\ntimeout: 5s\n---\n## Steps\n\n```sh\nls\n```\n",
        "---\nparams: {A: {default: b}}\n---\n## Steps\n\n```sh\nls\n```\n",
    ] {
        assert_ne!(of(markdown), base, "{markdown}");
    }
}
