mod keys;

use std::time::Duration;

use serde_json::json;

use super::*;

fn read(text: &str) -> (FrontMatter, Vec<crate::Problem>) {
    let source = Source::new(text.as_bytes());
    let mut problems = Problems::new(&source);
    let front_matter = FrontMatter::read(&source, &mut problems);
    (front_matter, problems.finish())
}

#[test]
fn yaml_toml_and_json_say_the_same() {
    for text in [
        "---\ntitle: Drain\ntags: [a, b]\ntimeout: 5m\nreviewed: 2026-01-02\n---\nText",
        "---\r\ntitle: Drain\r\ntags: [a, b]\r\ntimeout: 5m\r\nreviewed: 2026-01-02\r\n---\r\nText",
        "\u{feff}---\ntitle: Drain\ntags: [a, b]\ntimeout: 5m\nreviewed: 2026-01-02\n...\nText",
        "+++\ntitle = \"Drain\"\ntags = [\"a\", \"b\"]\ntimeout = \"5m\"\nreviewed = 2026-01-02\n+++\nText",
        "{\n  \"title\": \"Drain\", \"tags\": [\"a\", \"b\"],\n  \"timeout\": \"5m\", \"reviewed\": \"2026-01-02\"\n}\nText",
    ] {
        let (found, problems) = read(text);
        assert_eq!(problems, [], "{text}");
        assert_eq!(found.title.as_deref(), Some("Drain"), "{text}");
        assert_eq!(
            Value::Object(found.values),
            json!({"title": "Drain", "tags": ["a", "b"], "timeout": "5m", "reviewed": "2026-01-02"})
        );
        assert_eq!(found.settings.timeout, Some(Duration::from_secs(300)));
        assert_eq!(&Source::new(text.as_bytes()).text[found.body..], "Text");
    }
}

#[test]
fn what_is_no_front_matter_is_text() {
    for text in ["---\n\nA rule above\n\n---\n", "# Title\n", "{% include x %}\n", "{{< x >}}\n", "---\n", "", "---"]
    {
        let (found, problems) = read(text);
        assert_eq!((found.body, problems), (0, vec![]), "{text}");
        assert_eq!(found.settings.refused, None);
    }
}

#[test]
fn a_broken_front_matter_is_a_problem_with_its_line_and_nothing_runs() {
    for (text, line) in [
        ("---\ntitle: a\nb: [1,\n---\nText", 3),
        ("---\ntitle: a: b\n---\nText", 2),
        ("---\na: 1\na: 2\n---\nText", 3),
        ("+++\ntitle = \n+++\nText", 2),
        ("{\n\"a\": \n}\nText", 3),
        ("---\n- a\n---\nText", 2),
        ("---\ntimeout: soon\n---\n", 2),
        ("---\ntitle: x\ncwd: [a]\n---\n", 3),
        ("---\non_failure: hope\n---\n", 2),
        ("---\nenv: [a]\n---\n", 2),
        ("---\nenv:\n  A: {b: 1}\n---\n", 2),
        ("---\nparams: x\n---\n", 2),
        ("---\nparams:\n  a: {pattern: '['}\n---\n", 2),
        ("---\nparams:\n  a: {secrt: true}\n---\n", 2),
        ("---\nparams:\n  a-b: {}\n---\n", 2),
        ("---\nparams:\n  a: {default: c, choices: [a, b]}\n---\n", 2),
        ("---\naccess: x\n---\n", 2),
    ] {
        let (found, problems) = read(text);
        assert_eq!(
            problems.iter().map(|problem| (problem.code, problem.line)).collect::<Vec<_>>(),
            [("front-matter", line)],
            "{text}: {problems:?}"
        );
        assert!(!problems[0].message.contains('\n'));
        assert!(found.settings.refused.is_some(), "{text}");
    }
}

#[test]
fn a_key_for_reading_alone_keeps_nothing_from_running() {
    for text in [
        "---\nkind: chore\n---\n",
        "---\ntitle: [a]\n---\n",
        "---\nreviewed: soon\n---\n",
        "---\nreview_every: often\n---\n",
        "---\nupdate_every: often\n---\n",
        "---\ntags: {a: 1}\n---\n",
    ] {
        let (found, problems) = read(text);
        assert_eq!(problems.len(), 1, "{text}");
        assert_eq!(found.settings.refused, None, "{text}");
    }
}

#[test]
fn an_unclosed_front_matter_is_said() {
    let (found, problems) = read("---\ntitle: a\n\n# B\n");
    assert_eq!(found.body, 0);
    assert_eq!(problems[0].code, "front-matter");
}

#[test]
fn values_are_kept_as_they_are_written() {
    let (found, problems) = read(
        "---\nenv:\n  VERSION: 1.10\n  FLAG: yes\n  MODE: 0755\n  ON: true\n  NONE:\nparams:\n  region: {default: 1.20, choices: [1.20, b], required: true}\n  token: {secret: yes}\n  plain:\n---\n",
    );
    assert_eq!(problems, []);
    let env: Vec<_> = found.settings.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(env, [("VERSION", "1.10"), ("FLAG", "yes"), ("MODE", "0755"), ("ON", "true"), ("NONE", "")]);
    let region = &found.settings.params[0];
    assert_eq!((region.default.as_deref(), region.required, region.secret), (Some("1.20"), true, false));
    assert_eq!(region.choices, ["1.20", "b"]);
    assert!(found.settings.params[1].secret);
    assert_eq!(found.settings.params[2].name, "plain");
}

#[test]
fn a_guard_of_the_front_matter_that_is_not_honoured_yet_keeps_everything_from_running() {
    for text in [
        "---\naccess:\n  PGPASSWORD: keychain://db\n---\n",
        "---\naccess: {A: hunter2}\n---\n",
        "---\non_failure: rollback\n---\n",
    ] {
        assert!(read(text).0.settings.refused.is_some(), "{text}");
    }
    for text in [
        "---\non_failure: stop\n---\n",
        "---\naccess: {A: keychain://db/password, B: op://v/i/f}\n---\n",
        "---\nweight: 5\nlayout: page\n---\n",
    ] {
        assert_eq!(read(text).0.settings.refused, None, "{text}");
    }
}

#[test]
fn a_bomb_of_aliases_and_a_deep_nest_are_refused() {
    let mut bomb = String::from("---\na: &a [x, x, x, x, x, x, x, x, x]\n");
    for (from, to) in ('a'..'j').zip('b'..'k') {
        bomb.push_str(&format!(
            "{to}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]\n"
        ));
    }
    bomb.push_str("---\n");
    let deep = format!("---\na: {}{}\n---\n", "[".repeat(10_000), "]".repeat(10_000));
    let deep_toml = format!("+++\na = {}{}\n+++\n", "[".repeat(10_000), "]".repeat(10_000));
    let deep_json = format!("{{\n\"a\": {}{}\n}}\n", "[".repeat(10_000), "]".repeat(10_000));
    for text in [bomb, deep, deep_toml, deep_json] {
        assert_eq!(read(&text).1.len(), 1);
    }
}

#[test]
fn a_key_that_is_nearly_one_of_ours_is_a_hint() {
    let (found, problems) = read("---\ntimout: 5m\nweight: 1\nauthor: a\ndescription: b\n---\n");
    assert_eq!(
        problems.iter().map(|problem| (problem.code, problem.line)).collect::<Vec<_>>(),
        [("unknown-attribute", 2)]
    );
    assert_eq!(found.settings.refused, None);
}
