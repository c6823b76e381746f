//! Runme's attributes and front matter, one test each: docs/runme.md names them.

use engine::{Command, Fact, RunStatus, event::FinishState, state::ItemStatus};
use testkit::Scripted;

use crate::{Ran, Rig, read};

fn book(front: &str, blocks: &str) -> Rig {
    let front = if front.is_empty() { String::new() } else { format!("---\n{front}\n---\n\n") };
    Rig::read(read(&format!("{front}# A book\n\n## Steps\n\n{blocks}\n"))).real()
}

fn run(front: &str, blocks: &str) -> Ran {
    book(front, blocks).by_itself().start()
}

/// Runs one block with and without these attributes; both must do and print the same.
fn changes_nothing(attributes: &[&str]) {
    let plain = run("", "```sh {name=x}\necho out; echo err >&2\n```");
    assert_eq!(plain.finished(), Some(FinishState::Passed));
    for attribute in attributes {
        let with = run("", &format!("```sh {{name=x {attribute}}}\necho out; echo err >&2\n```"));
        assert_eq!(with.finished(), Some(FinishState::Passed), "{attribute}");
        assert_eq!(with.journal.output_text(), plain.journal.output_text(), "{attribute}");
        let (_, _, item) = with.book.item("x").unwrap();
        let key = attribute.split('=').next().unwrap();
        assert!(item.attributes.contains_key(key), "{attribute} is kept");
        assert!(!with.book.problems.iter().any(|problem| problem.code == "unknown-attribute"), "{attribute}");
    }
}

#[test]
fn runme_name_names_the_item() {
    let ran = run("", "```sh {name=deploy-it}\ntrue\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed));
    assert_eq!(ran.handle.state().item("deploy-it"), ItemStatus::Passed);
}

#[test]
fn runme_id_names_the_item() {
    let ran = run("", "```sh {\"id\":\"01HFPW3ES2Y7TXV064BKC5WS41\"}\ntrue\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed));
    assert!(ran.book.items().any(|(_, _, item)| item.options.name.as_deref() == Some("01HFPW3ES2Y7TXV064BKC5WS41")));
}

#[test]
fn runme_upper_case_name_exports_its_output() {
    let ran = run("", "```sh {name=POD_NAME}\necho web-1\n```\n\n```sh {name=use}\ntest \"$POD_NAME\" = web-1\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed), "{:#?}", ran.story());
}

#[test]
fn runme_two_underscores_are_the_output_before() {
    let ran = run("", "```sh {name=one}\necho first\n```\n\n```sh {name=two}\ntest \"$__\" = first\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed), "{:#?}", ran.story());
}

#[test]
fn runme_cwd_of_a_block_is_relative_to_that_of_the_front_matter() {
    let ran = run("cwd: ..", "```sh {name=x cwd=home}\npwd -P\n```\n\n```sh {name=abs cwd=/}\npwd -P\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed), "{:#?}", ran.story());
    let output = ran.journal.output_text();
    let home = ran.folder.path().join("home").canonicalize().unwrap();
    assert_eq!(output, format!("{}\r\n/\r\n", home.display()));
}

#[test]
fn runme_cwd_of_the_front_matter_is_where_its_commands_start() {
    let ran = run("cwd: ..", "```sh {name=x}\npwd -P\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed), "{:#?}", ran.story());
    let folder = ran.folder.path().canonicalize().unwrap();
    assert_eq!(ran.journal.output_text(), format!("{}\r\n", folder.display()));
}

#[test]
fn runme_shell_of_the_front_matter_runs_its_commands() {
    let ran = run("shell: bash", "```shell {name=x}\ntest -n \"$BASH_VERSION\"\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed), "{:#?}", ran.story());
}

#[test]
fn runme_interpreter_runs_the_script() {
    let ran = run("", "```text {name=x interpreter=\"sed -n 1p\"}\nprinted by sed\nnot this\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed), "{:#?}", ran.story());
    assert_eq!(ran.journal.output_text(), "printed by sed\r\n");
}

#[test]
fn runme_exclude_from_run_all_is_started_by_a_person() {
    let ran = run("", "```sh {name=x excludeFromRunAll=true}\ntrue\n```");
    let state = ran.handle.wait();
    assert_eq!((state.status, state.item("x")), (RunStatus::Paused, ItemStatus::Pending));
    let ran = run("", "```sh {name=x excludeFromRunAll=false}\ntrue\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed));
}

#[test]
fn runme_ignore_is_shown_and_never_run() {
    let ran = run("", "```sh {name=x ignore=true}\nexit 1\n```\n\n```sh {name=y}\ntrue\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed), "{:#?}", ran.story());
    assert!(ran.book.item("x").is_none() && ran.book.blocks.iter().any(|block| block.text.contains("exit 1")));
}

#[test]
fn runme_category_is_kept_and_changes_nothing() {
    changes_nothing(&["category=build", "category=build,deployment"]);
}

#[test]
fn runme_tag_is_kept_and_changes_nothing() {
    changes_nothing(&["tag=build"]);
}

#[test]
fn runme_mime_type_is_kept_and_changes_nothing() {
    changes_nothing(&["mimeType=text/x-json", "mimeType=image/png"]);
}

#[test]
fn runme_transform_is_kept_and_changes_nothing() {
    changes_nothing(&["transform=false"]);
}

#[test]
fn runme_close_terminal_on_success_is_kept_and_changes_nothing() {
    changes_nothing(&["closeTerminalOnSuccess=false", "closeTerminalOnSuccess=true"]);
}

#[test]
fn runme_open_terminal_on_error_is_kept_and_changes_nothing() {
    changes_nothing(&["openTerminalOnError=false", "openTerminalOnError=true"]);
}

#[test]
fn runme_terminal_rows_of_the_front_matter_hold_for_every_block_that_names_none() {
    let book =
        || book("terminalRows: 9", "```sh {name=x}\nstty size\n```\n\n```sh {name=y terminalRows=7}\nstty size\n```");
    let ran = book().start();
    ran.run("x").run("y");
    assert_eq!(ran.journal.output_text(), "9 80\r\n7 80\r\n");
    // Whoever draws it may be wider, but not higher.
    let processes = Scripted::by_script();
    let ran = Rig::read(read("---\nterminalRows: 9\n---\n\n# x\n\n## Steps\n\n```sh {name=x}\nwait\n```\n"))
        .processes(processes.clone())
        .start();
    ran.start("x").unwrap();
    ran.watcher.until(|fact| matches!(fact, Fact::AttemptStarted { .. }));
    ran.handle.send(Command::Resize { item: "x".to_owned(), columns: 100, rows: 50 }).unwrap();
    assert!(processes.orders().contains(&"resize 100 9".to_owned()), "{:?}", processes.orders());
}

#[test]
fn runme_front_matter_is_kept_and_its_program_languages_run() {
    let front = "runme:\n  id: 01HFPW3ES358GNC1Z633JB8JYR\n  version: v3\ncategory: build\ntag: a";
    let ran = run(front, "```sh {name=x}\ntrue\n```");
    assert_eq!(ran.finished(), Some(FinishState::Passed));
    for key in ["runme", "category", "tag"] {
        assert!(ran.book.front_matter.contains_key(key), "{key}");
    }
    // In a file of Runme's a program runs without attributes of its own.
    let text = |front: &str| format!("{front}# x\n\n## Steps\n\n```python\nprint(1)\n```\n");
    assert_eq!(
        read(&text(&format!("---\n{front}\n---\n\n"))).items().filter(|(_, _, item)| !item.script.is_empty()).count(),
        1
    );
    assert_eq!(read(&text("")).items().filter(|(_, _, item)| !item.script.is_empty()).count(), 0);
}
