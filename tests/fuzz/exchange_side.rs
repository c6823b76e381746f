//! Files of other formats: a playbook becomes a runbook with the same meaning, and what another runner does otherwise is said.

use exchange::cacao::{self, Facts};
use format::{Runbook, World};
use serde_json::Value;

use crate::{LONGEST, text};

pub(crate) const PLAYBOOKS: &[&[u8]] = &[
    br#"{"type":"playbook","spec_version":"cacao-2.0","id":"playbook--61a6c41e-6efc-4516-a242-dfbc5c89d562","name":"A","created_by":"identity--61a6c41e-6efc-4516-a242-dfbc5c89d563","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","playbook_variables":{"__ip__":{"type":"ipv4-addr","external":true},"__v__":{"type":"string","value":"x"}},"workflow_start":"start--1","workflow":{"start--1":{"type":"start","on_completion":"action--1"},"action--1":{"type":"action","name":"One","delay":5,"timeout":1000,"agent":"linux--1","targets":["ssh--1"],"commands":[{"type":"bash","command":"echo '__ip__:value' __v__:value"},{"type":"ssh","command_b64":"bHM="},{"type":"manual","command":"Look at __ip__:value"}],"out_args":["__v__"],"on_success":"if-condition--1","on_failure":"action--2"},"if-condition--1":{"type":"if-condition","condition":"__v__:value = 'x'","on_true":"action--2","on_false":"parallel--1","on_completion":"while-condition--1"},"action--2":{"type":"action","name":"Rollback","commands":[{"type":"http-api","command":"POST /a HTTP/1.1","headers":{"A":["b"]},"content":"{}"}],"targets":["http-api--1"],"on_completion":"end--1"},"parallel--1":{"type":"parallel","next_steps":["action--2","switch-condition--1"]},"switch-condition--1":{"type":"switch-condition","switch":"__v__:value","cases":{"1":"action--2","default":"playbook-action--1"}},"playbook-action--1":{"type":"playbook-action","playbook_id":"playbook--2"},"while-condition--1":{"type":"while-condition","condition":"x","on_true":"action--1","on_completion":"end--1"},"end--1":{"type":"end"}},"agent_definitions":{"linux--1":{"type":"linux","name":"L","address":{"dname":["localhost"]}}},"target_definitions":{"ssh--1":{"type":"ssh","name":"S","address":{"ipv4":["10.0.0.1"]},"port":"2222"},"http-api--1":{"type":"http-api","name":"H","address":{"url":["https://h.example/"]}}}}"#,
    br#"{"type":"playbook","spec_version":"cacao-2.0","name":"\u0001{{x}} `` ##","workflow":{"action--1":{"type":"action","name":"Notes","on_completion":"action--1","commands":[{"type":"bash","command":"a\u0002\n```\n# ]\nb"},{"type":"yara","command":"rule"}]}}}"#,
    br#"{"type":"playbook","spec_version":"cacao-2.0","workflow":{"a--1":{"cases":{"":["a--1"]},"on_true":[" a--1 "],"type":"while-condition"}},"priority":[[[[[]]]]],"valid_from":"2026-01-01T00:00:00Z"}"#,
    br#"{"type":"playbook","spec_version":"cacao-2.0","playbook_variables":{"__v__":{"type":"string"}},"workflow":{"action--1":{"type":"action","targets":["ssh--1","ssh--2","ssh--1","gone--1"],"commands":[{"type":"ssh","command":"id"}],"out_args":["__v__"]}},"target_definitions":{"ssh--1":{"type":"ssh","name":"a"},"ssh--2":{"type":"ssh","name":"b"}}}"#,
    br#"{"type":"playbook","spec_version":"cacao-2.0","name":"N\u0000","workflow":{"action--1":{"type":"action","commands":[{"command":"a\u0000b"},{"type":"http-api","command":"GET /","headers":{"A\u0000":"b"}}]}}}"#,
    br#"{"type":"playbook","spec_version":"1.1","workflow":{"x":{}}}"#,
];

pub(crate) const RUNNERS: &[&[u8]] = &[
    b"# Project\n\n## Tasks\n\n### build\n\nRequires: lint, test\nInputs: WHAT\nEnv: A=b\nDirectory: ./x\nRunDeps: async\n\n```sh\necho \"built $WHAT\" $1\n```\n",
    b"# Tasks\n\n## greet (name) [more]\n\n**OPTIONS**\n* loud\n    * flags: -l --loud\n    * type: string\n\n```py\nprint(1)\n```\n\n~~~\n$ ls\n~~~\n",
    b"# T\r\r## Tasks\r\r### a (b)\r\r```\rls $1\r```\n",
    b"---\nrunme:\n  id: 01\n  version: v3\nshell: bash\n---\n\n```sh {id=\"a\" background=true interpreter=python mimeType=x}\nexport A=[b]\n```\n",
];

/// A playbook is read or refused. What comes is a runbook: its title is the playbook's, the check finds no error in it, every
/// script stands in it as it was, and it goes back to a playbook.
pub(crate) fn playbook(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let (known, read) = (cacao::is_playbook(bytes), cacao::read(bytes, &|_| None));
    assert!(known || read.is_err(), "what is read is known to be a playbook");
    let Ok(brought) = read else { return };
    let playbook: Value = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).unwrap();
    let runbook = format::parse("fuzz.md", brought.text.as_bytes());
    assert_eq!(runbook.title, brought.title, "{}", brought.text);
    let problems = format::check(&runbook, brought.text.as_bytes(), &World::default());
    for code in [
        "front-matter",
        "unclosed-fence",
        "attributes",
        "attribute-refused",
        "duplicate-name",
        "bad-request",
        "encoding",
    ] {
        let found = problems.iter().find(|problem| problem.code == code);
        assert_eq!(found, None, "{}", brought.text);
    }
    assert_eq!(runbook.settings.refused, None, "{}", brought.text);
    holds_scripts(&playbook, &runbook, &brought.text);
    let given = cacao::write(
        &runbook,
        &brought.text,
        &Facts { now: "2026-11-29T10:00:00.000Z".to_owned(), by: "ada".to_owned() },
    );
    let back = cacao::read(given.text.as_bytes(), &|_| None);
    assert!(back.is_ok(), "{back:?}\n{}", given.text);
}

/// Every script that names no variable is one of the runbook's, as it was, or shown there.
fn holds_scripts(playbook: &Value, runbook: &Runbook, text: &str) {
    let steps = playbook["workflow"].as_object().into_iter().flatten();
    let actions = steps.filter(|(_, step)| step["type"] == "action");
    let commands = actions.flat_map(|(_, step)| step["commands"].as_array().into_iter().flatten());
    for command in commands.filter(|command| command["type"] == "bash" && command.get("command_b64").is_none()) {
        let script = command["command"].as_str().unwrap_or_default();
        // Markdown knows one kind of line end and no NUL.
        let plain = !script.contains("__") && !script.contains(['\r', '\0']) && !script.trim().is_empty();

        if !plain {
            continue;
        }
        let mut items = runbook.phases.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items);
        // What would be another command here is shown, for a person to run.
        let found = items.any(|item| item.script.trim_end() == script.trim_end()) || text.contains(script.trim_end());
        assert!(found, "{script:?}\n{text}");
    }
}

/// Any runbook becomes a playbook that can be read, and whose file it is and what its runner does otherwise is said of lines that
/// there are.
pub(crate) fn exchanged(bytes: &[u8]) {
    let written = text(bytes);
    // A carriage return ends a line too.
    let lines = written.matches(['\n', '\r']).count() + 1;
    for name in ["fuzz.md", "maskfile.md"] {
        let runbook = format::parse(name, written.as_bytes());
        for difference in exchange::dialect(&runbook, &written).into_iter().flat_map(|(_, found)| found) {
            if let Some(line) = difference.place.strip_prefix("line ") {
                assert!((1..=lines).contains(&line.parse().unwrap()), "{difference:?}");
            }
        }
        let facts = Facts { now: "2026-11-29T10:00:00.000Z".to_owned(), by: "ada".to_owned() };
        let given = cacao::write(&runbook, &written, &facts);
        let back = cacao::read(given.text.as_bytes(), &|_| None);
        assert!(back.is_ok(), "{back:?}\n{}", given.text);
    }
}
