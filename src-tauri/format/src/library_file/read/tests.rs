use proptest::prelude::*;

use super::*;
use crate::model::Severity;

const WHOLE: &str = r#"
[environments.staging]
kind = "staging"                   # how the window marks it
vars = { CLUSTER = "stg-1", GRAFANA = "https://grafana.stg.example" }

[environments.prod]
kind = "production"
guard = true
vars = { CLUSTER = "prd-1", VERSION = 1.10, REPLICAS = 0o17, DAY = 2026-11-22, ON = true }
access = { db = "orders-prod-db" }

[library]
ignore = ["drafts/**", "CHANGELOG.md"]
commands = ["acmectl"]
"#;

fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn the_library_file_is_read_in_its_order_with_values_as_written() {
    for text in [WHOLE.to_owned(), WHOLE.replace('\n', "\r\n"), format!("\u{feff}{WHOLE}")] {
        let (file, problems) = parse_library_file(&text);
        assert_eq!(problems, [], "{text}");
        let names: Vec<_> = file.environments.iter().map(|environment| environment.name.as_str()).collect();
        assert_eq!(names, ["staging", "prod"]);
        let staging = file.environment("staging").expect("is there");
        assert_eq!((staging.kind, staging.guard), (Some(EnvironmentKind::Staging), false));
        assert_eq!(pairs(&staging.vars), [("CLUSTER", "stg-1"), ("GRAFANA", "https://grafana.stg.example")]);
        let prod = file.environment("prod").expect("is there");
        assert_eq!((prod.kind, prod.guard), (Some(EnvironmentKind::Production), true));
        assert_eq!(
            pairs(&prod.vars),
            [("CLUSTER", "prd-1"), ("VERSION", "1.10"), ("REPLICAS", "0o17"), ("DAY", "2026-11-22"), ("ON", "true")]
        );
        assert_eq!(pairs(&prod.access), [("db", "orders-prod-db")]);
        assert_eq!(file.ignore, ["drafts/**", "CHANGELOG.md"]);
        assert_eq!(file.commands, ["acmectl"]);
        assert_eq!((file.refusal("prod"), file.refusal("staging")), (None, None));
    }
}

#[test]
fn an_environment_that_cannot_be_read_is_refused_with_line_and_sentence_and_the_others_stay() {
    for (text, line) in [
        ("[environments.a]\nkind = \"prd\"\n", 2),
        ("[environments.a]\nkind = 1\n", 2),
        ("[environments.a]\nguard = \"yes\"\n", 2),
        ("[environments.a]\ngaurd = true\n", 2),
        ("[environments.a]\nguards = true\n", 2),
        ("[environments.a]\nvar = { A = \"1\" }\n", 2),
        ("[environments.a]\nvars = [\"A\"]\n", 2),
        ("[environments.a]\nvars = { A = \"1\", B = [1] }\n", 2),
        ("[environments.a.vars]\nA = \"1\"\n\"B=C\" = \"1\"\n", 3),
        ("[environments.a.vars]\nA = \"\\u0000\"\n", 2),
        ("[environments.a]\naccess = \"db\"\n", 2),
        ("[environments.a]\naccess = { db = 1 }\n", 2),
        ("[environments]\na = 1\n", 2),
    ] {
        let (file, problems) = parse_library_file(&format!("{text}\n[environments.b]\nkind = \"staging\"\n"));
        let found: Vec<_> = problems.iter().map(|problem| (problem.severity, problem.line)).collect();
        assert_eq!(found, [(Severity::Error, line)], "{text}: {problems:?}");
        assert_eq!(file.refusal("a"), Some(problems[0].message.as_str()), "{text}");
        assert_eq!(file.refusal("b"), None, "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_refuses_every_environment() {
    for (text, line) in [
        ("[environments.a]\nkind = \n", 2),
        ("[environments.a]\n[environments.a]\n", 2),
        ("a = 1\na = 2\n", 2),
        ("environments = 1\n", 1),
        ("[enviroments.a]\nguard = true\n", 1),
        ("x", 1),
    ] {
        let (file, problems) = parse_library_file(text);
        let found: Vec<_> = problems.iter().map(|problem| (problem.severity, problem.line)).collect();
        assert_eq!(found, [(Severity::Error, line)], "{text}: {problems:?}");
        assert!(!problems[0].message.contains('\n'));
        assert!(file.refusal("a").is_some(), "{text}");
    }
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse_library_file(&deep).0.refused.is_some());
}

#[test]
fn what_guards_nothing_is_a_hint_or_an_error_and_refuses_nothing() {
    for (text, severity, line) in [
        ("[other]\n", Severity::Hint, 1),
        ("[library]\nignored = [\"a\"]\n", Severity::Hint, 2),
        ("[environments.a]\ncolour = \"red\"\n", Severity::Hint, 2),
        ("library = 1\n", Severity::Error, 1),
        ("[library]\nignore = \"a\"\n", Severity::Error, 2),
        ("[library]\ncommands = [\"a\", 1]\n", Severity::Error, 2),
    ] {
        let (file, problems) = parse_library_file(text);
        let found: Vec<_> = problems.iter().map(|problem| (problem.severity, problem.line)).collect();
        assert_eq!(found, [(severity, line)], "{text}: {problems:?}");
        assert_eq!(file.refusal("a"), None, "{text}");
    }
    assert_eq!(parse_library_file(""), (LibraryFile::default(), Vec::new()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in ".{0,300}") {
        check(&text);
    }

    #[test]
    fn any_toml_is_read(pieces in prop::collection::vec(prop_oneof![
        Just("[environments.a]\n"), Just("[environments]\n"), Just("[[environments.a]]\n"), Just("[library]\n"),
        Just("kind = \"staging\"\n"), Just("guard = true\n"), Just("guard = 1\n"), Just("vars = { A = \"1\" }\n"),
        Just("vars.B = 2\n"), Just("access = { db = \"x\" }\n"), Just("ignore = [\"a\", 1]\n"), Just("[\n"), Just("\""),
        Just("'''"), Just("é = 1\n"), Just("= "), Just("\r\n"), Just("\u{feff}"), Just("\0"), Just("# c\n"), Just("{"),
    ], 0..20)) {
        check(&pieces.concat());
    }
}

/// Spans lie within the text; a file with an error that could hide a guard refuses something.
fn check(text: &str) {
    let (_, problems) = parse_library_file(text);
    for problem in problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len(), "{problem:?}");
        assert!(text.is_char_boundary(problem.span.start) && text.is_char_boundary(problem.span.end));
        assert!(!problem.message.contains('\n'));
    }
}
