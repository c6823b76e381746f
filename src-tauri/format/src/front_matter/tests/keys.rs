//! Each key of the table, in each of the three notations.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::{Param, Runbook, ScheduleProposal, UpdateEvery, parse};

/// A key in YAML, TOML and JSON, and what must come of it.
struct Case(&'static str, &'static str, &'static str, fn(&Runbook) -> bool);

fn texts(runbook: &Runbook, key: &str) -> Value {
    runbook.front_matter[key].clone()
}

const CASES: &[Case] = &[
    Case("title: Drain", "title = \"Drain\"", "\"title\": \"Drain\"", |found| found.title == "Drain"),
    Case("kind: Incident", "kind = \"incident\"", "\"kind\": \"incident\"", |found| {
        found.kind == Some(Kind::Incident)
    }),
    Case("summary: s", "summary = \"s\"", "\"summary\": \"s\"", |found| found.about.summary.as_deref() == Some("s")),
    Case("outcome: o", "outcome = \"o\"", "\"outcome\": \"o\"", |found| found.about.outcome.as_deref() == Some("o")),
    Case("severity: 2", "severity = 2", "\"severity\": 2", |found| found.about.severity.as_deref() == Some("2")),
    Case("owner: [a, b]", "owner = [\"a\", \"b\"]", "\"owner\": [\"a\", \"b\"]", |found| {
        found.about.owner.as_deref() == Some("a, b")
    }),
    Case("schedule: '30 3 * * 1-5'", "schedule = \"30 3 * * 1-5\"", "\"schedule\": \"30 3 * * 1-5\"", |found| {
        found.about.schedule.as_ref().is_some_and(|found| found.cron == "30 3 * * 1-5" && found.zone.is_none())
    }),
    Case(
        "schedule: {cron: '@daily', zone: Europe/Berlin, on_failure: rollback, missed: once}",
        "schedule = { cron = \"@daily\", zone = \"Europe/Berlin\", on_failure = \"rollback\", missed = \"once\" }",
        "\"schedule\": {\"cron\": \"@daily\", \"zone\": \"Europe/Berlin\", \"on_failure\": \"rollback\", \"missed\": \"once\"}",
        |found| {
            let some = |text: &str| Some(text.to_owned());
            found.about.schedule
                == Some(ScheduleProposal {
                    cron: "@daily".to_owned(),
                    zone: some("Europe/Berlin"),
                    environment: None,
                    on_failure: some("rollback"),
                    missed: some("once"),
                })
        },
    ),
    Case(
        "responders: [{role: lead, who: Ann, contact: \"+49 1\"}, Ben]",
        "responders = [{ role = \"lead\", who = \"Ann\", contact = \"+49 1\" }, \"Ben\"]",
        "\"responders\": [{\"role\": \"lead\", \"who\": \"Ann\", \"contact\": \"+49 1\"}, \"Ben\"]",
        |found| {
            let some = |text: &str| Some(text.to_owned());
            found.about.responders
                == [
                    Responder { role: some("lead"), who: some("Ann"), contact: some("+49 1") },
                    Responder { who: some("Ben"), ..Responder::default() },
                ]
        },
    ),
    Case("tags: [a, b, a]", "tags = [\"a\", \"b\"]", "\"tags\": [\"a\", \"b\"]", |found| {
        found.about.tags == ["a", "b"]
    }),
    Case("tags: a, b", "tags = \"a, b\"", "\"tags\": \"a, b\"", |found| found.about.tags == ["a", "b"]),
    Case(
        "reviewed: 2026-08-31\nreview_every: 6 months",
        "reviewed = 2026-08-31\nreview_every = \"6 months\"",
        "\"reviewed\": \"2026-08-31\", \"review_every\": \"6 months\"",
        |found| {
            found.about.reviewed.as_deref() == Some("2026-08-31")
                && found.about.review_every.as_deref() == Some("6 months")
                && found.about.due.as_deref() == Some("2027-02-28")
        },
    ),
    Case(
        "last_reviewed_on: 2026-11-22\nreview_in: 90d",
        "last_reviewed_on = \"2026-11-22\"\nreview_in = \"90d\"",
        "\"last_reviewed_on\": \"2026-11-22\", \"review_in\": \"90d\"",
        |found| found.about.due.as_deref() == Some("2027-02-20"),
    ),
    Case(
        "params: {A: {prompt: p, default: b, choices: [b, c], pattern: '[bc]', required: true, secret: true}, D: e}",
        "params = { A = { prompt = \"p\", default = \"b\", choices = [\"b\", \"c\"], pattern = \"[bc]\", required = true, secret = true }, D = \"e\" }",
        "\"params\": {\"A\": {\"prompt\": \"p\", \"default\": \"b\", \"choices\": [\"b\", \"c\"], \"pattern\": \"[bc]\", \"required\": true, \"secret\": true}, \"D\": \"e\"}",
        |found| {
            found.settings.params
                == [
                    Param {
                        name: "A".to_owned(),
                        prompt: Some("p".to_owned()),
                        default: Some("b".to_owned()),
                        choices: vec!["b".to_owned(), "c".to_owned()],
                        pattern: Some("[bc]".to_owned()),
                        required: true,
                        secret: true,
                    },
                    Param { name: "D".to_owned(), default: Some("e".to_owned()), ..Param::default() },
                ]
        },
    ),
    Case("env: {B: x, A: 1}", "[env]\nB = \"x\"\nA = 1", "\"env\": {\"B\": \"x\", \"A\": 1}", |found| {
        found.settings.env == [("B".to_owned(), "x".to_owned()), ("A".to_owned(), "1".to_owned())]
    }),
    Case(
        "access: {DB: keychain://db/password}",
        "[access]\nDB = \"keychain://db/password\"",
        "\"access\": {\"DB\": \"keychain://db/password\"}",
        |found| found.settings.access == [("DB".to_owned(), "keychain://db/password".to_owned())],
    ),
    Case(
        "links: [{title: Board, url: \"https://a.example\"}, \"https://b.example\"]",
        "links = [{ title = \"Board\", url = \"https://a.example\" }, \"https://b.example\"]",
        "\"links\": [{\"title\": \"Board\", \"url\": \"https://a.example\"}, \"https://b.example\"]",
        |found| {
            let links: Vec<_> =
                found.about.links.iter().map(|link| (link.title.as_str(), link.url.as_str())).collect();
            links == [("Board", "https://a.example"), ("https://b.example", "https://b.example")]
        },
    ),
    Case("update_every: 30m", "update_every = \"30m\"", "\"update_every\": \"30m\"", |found| {
        found.about.update_every == [UpdateEvery { severity: None, every: Some(Duration::from_secs(1800)) }]
    }),
    Case(
        "update_every: {SEV1: 15m, sev3: never}",
        "update_every = { SEV1 = \"15m\", sev3 = \"never\" }",
        "\"update_every\": {\"SEV1\": \"15m\", \"sev3\": \"never\"}",
        |found| {
            let every: Vec<_> =
                found.about.update_every.iter().map(|one| (one.severity.as_deref(), one.every)).collect();
            every == [(Some("SEV1"), Some(Duration::from_secs(900))), (Some("sev3"), None)]
        },
    ),
    Case("shell: zsh", "shell = \"zsh\"", "\"shell\": \"zsh\"", |found| {
        found.settings.shell.as_deref() == Some("zsh")
    }),
    Case("cwd: ../x", "cwd = \"../x\"", "\"cwd\": \"../x\"", |found| found.settings.cwd.as_deref() == Some("../x")),
    Case("timeout: 90", "timeout = 90", "\"timeout\": 90", |found| {
        found.settings.timeout == Some(Duration::from_secs(90))
    }),
    Case("on_failure: stop", "on_failure = \"stop\"", "\"on_failure\": \"stop\"", |found| {
        found.settings.refused.is_none()
    }),
    Case(
        "runme: {id: x, version: v3}",
        "[runme]\nid = \"x\"\nversion = \"v3\"",
        "\"runme\": {\"id\": \"x\", \"version\": \"v3\"}",
        |found| texts(found, "runme") == json!({"id": "x", "version": "v3"}),
    ),
    Case("skipPrompts: true", "skipPrompts = true", "\"skipPrompts\": true", |found| found.settings.skip_prompts),
    Case("category: a, b", "category = \"a, b\"", "\"category\": \"a, b\"", |found| {
        found.about.categories == ["a", "b"]
    }),
    Case("terminalRows: 20", "terminalRows = 20", "\"terminalRows\": 20", |found| {
        found.settings.terminal_rows == Some(20)
    }),
    Case(
        "sidebar: {weight: [1, two]}",
        "[sidebar]\nweight = [1, \"two\"]",
        "\"sidebar\": {\"weight\": [1, \"two\"]}",
        |found| texts(found, "sidebar") == json!({"weight": [1, "two"]}),
    ),
];

#[test]
fn every_key_means_the_same_in_yaml_toml_and_json() {
    for Case(yaml, toml, json, holds) in CASES {
        for text in [format!("---\n{yaml}\n---\n"), format!("+++\n{toml}\n+++\n"), format!("{{\n{json}\n}}\n")] {
            let runbook = parse("x.md", text.as_bytes());
            let wrong: Vec<_> = runbook.problems.iter().filter(|problem| problem.code == "front-matter").collect();
            assert!(wrong.is_empty(), "{text}: {wrong:?}");
            assert!(holds(&runbook), "{text}: {:?} {:?}", runbook.about, runbook.settings);
        }
    }
}

#[test]
fn a_wrong_value_is_said_with_its_line_in_every_notation() {
    for (yaml, toml, json) in [
        ("kind: x", "kind = \"x\"", "\"kind\": \"x\""),
        ("responders: [{}]", "responders = [{}]", "\"responders\": [{}]"),
        ("responders: Ann", "responders = \"Ann\"", "\"responders\": \"Ann\""),
        ("links: [{title: x}]", "links = [{ title = \"x\" }]", "\"links\": [{\"title\": \"x\"}]"),
        ("reviewed: 2026-02-30", "reviewed = \"2026-02-30\"", "\"reviewed\": \"2026-02-30\""),
        ("review_every: 90", "review_every = 90", "\"review_every\": 90"),
        ("update_every: often", "update_every = \"often\"", "\"update_every\": \"often\""),
        ("update_every: 15", "update_every = 15", "\"update_every\": 15"),
        ("update_every: {SEV1: x}", "update_every = { SEV1 = \"x\" }", "\"update_every\": {\"SEV1\": \"x\"}"),
        ("update_every: [15m]", "update_every = [\"15m\"]", "\"update_every\": [\"15m\"]"),
        ("timeout: soon", "timeout = \"soon\"", "\"timeout\": \"soon\""),
        ("skipPrompts: maybe", "skipPrompts = \"maybe\"", "\"skipPrompts\": \"maybe\""),
        ("terminalRows: many", "terminalRows = \"many\"", "\"terminalRows\": \"many\""),
        ("category: {a: 1}", "category = { a = 1 }", "\"category\": {\"a\": 1}"),
        ("title: [a", "title = [a", "\"title\": [a"),
    ] {
        for text in [
            format!("---\n# c\n{yaml}\n---\n"),
            format!("+++\n# c\n{toml}\n+++\n"),
            format!("{{\n\"x\": 1,\n{json}\n}}\n"),
        ] {
            let runbook = parse("x.md", text.as_bytes());
            let found: Vec<_> = runbook
                .problems
                .iter()
                .filter(|problem| problem.code == "front-matter")
                .map(|problem| problem.line)
                .collect();
            assert_eq!(found.len(), 1, "{text}: {:?}", runbook.problems);
            assert!(found[0] == 3 || (text.contains("[a") && found[0] == 4), "{text}: {found:?}");
        }
    }
}
