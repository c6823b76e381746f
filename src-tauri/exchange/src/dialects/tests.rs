//! Files of other runners, and what is said of them.

use format::Runbook;

use super::*;

fn said(path: &str, text: &str) -> (Option<Dialect>, Runbook, Vec<String>) {
    let runbook = format::parse(path, text.as_bytes());
    let found = dialect(&runbook, text);
    let sentences = found.iter().flat_map(|(_, all)| all);
    let sentences = sentences.map(|one| format!("{}: {}", one.place, one.sentence)).collect();
    (found.map(|(dialect, _)| dialect), runbook, sentences)
}

#[track_caller]
fn says(sentences: &[String], part: &str) {
    assert!(sentences.iter().any(|sentence| sentence.contains(part)), "{part}: {sentences:#?}");
}

const XC: &str = r#"# Project

## Tasks

### test

```
go test ./...
```

### deploy

Requires: test, lint
Env: STAGE=prod
Directory: ./deploy
RunDeps: async

```sh
./deploy.sh "$1" '$2'
```

### lint

Hidden: true

```sh
golint
```

## After

Requires: nothing
"#;

#[test]
fn a_file_of_xc_runs_as_it_is_and_what_xc_does_otherwise_is_said() {
    let (dialect, runbook, sentences) = said("README.md", XC);
    assert_eq!(dialect, Some(Dialect::Xc));
    let scripts: Vec<&str> = commands(&runbook).map(|item| item.script.trim_end()).collect();
    assert_eq!(scripts, ["go test ./...", "./deploy.sh \"$1\" '$2'", "golint"]);
    says(&sentences, "line 7: this block has no language and was taken for a command");
    says(&sentences, "line 13: xc runs `lint` before `deploy`; here they stand after it");
    says(&sentences, "line 14: xc sets `STAGE=prod` for this task");
    says(&sentences, "line 15: xc runs it in `./deploy`; here write `cwd=./deploy`");
    says(&sentences, "line 16: xc runs what it requires at the same time");
    says(&sentences, "line 18: it uses the arguments of `xc deploy` (`$1`)");
    says(&sentences, "line 24: xc hides it in its list");
    assert_eq!(sentences.len(), 9, "{sentences:#?}");
}

#[test]
fn a_heading_tasks_alone_makes_no_file_of_xc() {
    let text = "# Runbook\n\n## Tasks\n\n### One\n\n```sh\ntrue\n```\n\nNote: look first.\n";
    assert_eq!(said("a.md", text).0, None);
}

const MASK: &str = r#"# Tasks

## serve (folder)

> Serve it

**OPTIONS**
* port
    * flags: -p --port
    * type: number
    * desc: Which port

```sh
cd "$folder"; echo ${port:-80} "$verbose"
```

## services

### services stop (name) [signal]

~~~bash
kill $signal $(cat $MASKFILE_DIR/$name.pid)
$MASK serve x
~~~

## count (what)

```py
print(1)
```
"#;

#[test]
fn a_maskfile_runs_as_it_is_and_what_mask_does_otherwise_is_said() {
    let (dialect, runbook, sentences) = said("tools/maskfile.md", MASK);
    assert_eq!(dialect, Some(Dialect::Mask));
    let programs: Vec<&Program> = commands(&runbook).map(|item| &item.program).collect();
    let python = Program::Interpreter(vec!["python3".to_owned()]);
    assert_eq!(programs, [&Program::Sh, &Program::Bash, &python]);
    let asked: Vec<Vec<String>> = commands(&runbook).map(|item| item.variables.clone()).collect();
    assert_eq!(asked[0], ["folder", "verbose"]);
    says(&sentences, "line 8: the flag `port` is given by `--param port=…`");
    says(&sentences, "line 8: mask tests that `port` is a number");
    says(&sentences, "line 13: `$verbose` is a flag of each command");
    says(&sentences, "line 19: `signal` may be left out there");
    says(&sentences, "line 21: `$MASKFILE_DIR` is not set here");
    says(&sentences, "line 21: it calls other commands of the file through mask");
    says(&sentences, "line 26: `what` is not asked for, because its block is no shell script");
    says(&sentences, "line 3: `mask serve` is `--step serve` here");
    says(&sentences, "line 19: `mask services stop` is `--step services-stop` here");
    for (typed, id) in [("serve", "serve-folder"), ("services-stop", "services-stop-name-signal")] {
        assert_eq!(runbook.step_meant(typed).map(|step| step.id.as_str()), Some(id));
    }
}

#[test]
fn two_commands_of_mask_with_one_name_are_told_apart_by_what_is_to_be_typed() {
    let text = "# T\n\n## copy (from)\n\n```sh\ncp \"$from\" a\n```\n\n## copy (to)\n\n```sh\ncp a \"$to\"\n```\n";
    let (_, _, sentences) = said("maskfile.md", text);
    says(&sentences, "line 3: `mask copy` is `--step copy-from` here");
    says(&sentences, "line 9: `mask copy` is `--step copy-to` here");
}

#[test]
fn of_the_blocks_of_a_command_of_mask_that_of_another_system_is_shown_and_said() {
    let text = "# T\n\n## build\n\n```bash\nmake\n```\n\n```powershell\nInvoke-Build\n```\n\n## test\n\n```cmd\ndir /s\n```\n\n~~~sh\n\
                make test\n~~~\n\n```batch\nnmake test\n```\n\n## clean\n\n```powershell\nRemove-Item out\n```\n\n## look\n\n\
                ```PowerShell\nGet-Item out\n```\n\n```py\nprint(1)\n```\n\n## win\n\n```cmd\ndir\n```\n\n## both\n\n```sh\nls out\n```\n\n```pwsh\nGet-Item .\n```\n\n## told\n\n```cmd\ndir\n```\n\n```text\nA list.\n```\n";
    let (_, runbook, sentences) = said("maskfile.md", text);
    let scripts: Vec<&str> = commands(&runbook).map(|item| item.script.trim_end()).collect();
    assert_eq!(scripts, ["make", "make test", "Remove-Item out", "print(1)", "ls out"]);
    let other = "the other block of the command is run here, and this one is shown";
    for (line, language) in [(9, "powershell"), (15, "cmd"), (23, "batch"), (35, "PowerShell")] {
        says(&sentences, &format!("line {line}: mask runs a block of `{language}` on Windows alone; {other}"));
    }
    says(
        &sentences,
        "line 29: mask runs a block of `powershell` on Windows alone; it is run by PowerShell (`pwsh`) here too",
    );
    says(&sentences, "line 45: mask runs a block of `cmd` on Windows alone; it is shown here and not run");
    says(&sentences, "line 61: mask runs a block of `cmd` on Windows alone; it is shown here and not run");
    says(&sentences, "line 51: mask runs the last block of a command and none before it; here this one is run");
    says(&sentences, "line 55: PowerShell beside another block of its command is shown here and not run");
    let elsewhere = said("a.md", text).1;
    let scripts: Vec<&str> = commands(&elsewhere).map(|item| item.script.trim_end()).collect();
    assert!(scripts.contains(&"Invoke-Build"), "only mask has one for each system: {scripts:?}");
}

#[test]
fn the_same_text_under_another_name_is_no_maskfile() {
    let (dialect, runbook, _) = said("tools/tasks.md", MASK);
    assert_eq!(dialect, None);
    assert_eq!(commands(&runbook).count(), 2, "its python is shown");
}

#[test]
fn a_file_of_runme_says_what_it_would_ask_and_what_changes_nothing() {
    let text = "---\nrunme:\n  version: v3\ncategory: tools\n---\n\n# Tools\n\n```sh {\"name\":\"a\",\"mimeType\":\"image/png\"}\n\
                export REGION=\"your region\"\necho $REGION\n```\n\n```sh {promptEnv=no}\nexport X=\"y\"\n```\n";
    let (dialect, _, sentences) = said("a.md", text);
    assert_eq!(dialect, Some(Dialect::Runme));
    says(&sentences, "line 9: `mimeType` is kept and changes nothing");
    says(&sentences, "line 9: Runme asks for `REGION` before it starts");
    says(&sentences, "`category` of the front matter is kept");
    assert_eq!(sentences.len(), 4, "{sentences:#?}");
}

#[test]
fn a_runbook_that_was_made_of_a_playbook_is_no_file_of_runme() {
    let text = "---\ncacao:\n  id: playbook--1\n---\n\n# A\n\n```sh {name=a excludeFromRunAll=true}\ntrue\n```\n";
    assert_eq!(said("a.md", text).0, None);
    assert_eq!(said("a.md", &text.replace("cacao:\n  id: playbook--1", "owner: ann")).0, Some(Dialect::Runme));
    assert_eq!(said("a.md", &text.replace("cacao:", "runme:\n  version: v3\ncacao:")).0, Some(Dialect::Runme));
}

#[test]
fn a_runbook_of_nobody_in_particular_has_no_dialect() {
    assert_eq!(said("a.md", "# A\n\n```sh {name=a timeout=5s}\ntrue\n```\n").0, None);
}
