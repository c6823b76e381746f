use super::*;

fn text(text: &str) -> Pattern {
    Pattern::Text(text.to_owned())
}

fn expression(text: &str) -> Pattern {
    Pattern::Expression(text.to_owned())
}

fn check(expectation: Expectation, output: &str) -> Verdict {
    let mut tester = Tester::new(&[expectation]).unwrap();
    // A pseudo-terminal gives CRLF, and reads cut anywhere.
    let bytes = output.replace('\n', "\r\n").into_bytes();
    for byte in &bytes {
        tester.push_raw(&[*byte]);
        tester.push_masked(&[*byte]);
    }
    tester.finish().remove(0)
}

#[test]
fn each_kind_says_what_it_expected_what_it_saw_and_whether_it_holds() {
    use Comparison::*;
    use Expectation::*;
    let table = [
        (Contains(text("drained")), "a\nb\n\u{1b}[32mdrained\u{1b}[0m ok\n", "drained", "found, line 3", true),
        (
            Contains(text("drained")),
            "node/web1 cordoned\n\n",
            "drained",
            "not found; the output ended with \"node/web1 cordoned\"",
            false,
        ),
        (Contains(text("x")), "", "x", "not found; no output", false),
        (Contains(text("b\nc")), "a\nb\nc\n", "b\nc", "found, line 3", true),
        (Contains(text("b\r\nc\n")), "a\nb\nc\n", "b\nc", "found, line 3", true),
        (Contains(text("a c")), "a\nc\n", "a c", "not found; the output ended with \"c\"", false),
        (Contains(expression("^pods? [0-9]+$")), "x\npod 12", "/^pods? [0-9]+$/", "found, line 2", true),
        (Contains(text("tab\there")), "tab\there\n", "tab\there", "found, line 1", true),
        (Contains(text("10%")), "10%\r20%\n", "10%", "found, line 1", true),
        (Absent(text("error")), "fine\n", "not: error", "not found", true),
        (Absent(text("error")), "", "not: error", "not found", true),
        (Absent(expression("(?i)error")), "fine\nERROR 7\n", "not: /(?i)error/", "found, line 2: \"ERROR 7\"", false),
        (Each(text("ok")), "a ok\n\nb ok\nok\n ok", "each line: ok", "4 of 4 lines", true),
        (
            Each(expression("reloaded$")),
            "a reloaded\nb\nc reloaded\n",
            "each line: /reloaded$/",
            "2 of 3 lines; not line 2: \"b\"",
            false,
        ),
        (Each(text("ok")), "\n \n", "each line: ok", "0 of 0 lines; no output", false),
        (Number(Less, 5.0), "lag 4.5 s\n", "number < 5", "4.5 s", true),
        (Number(Less, 5.0), "lag 3 s\nlag 1,234 s\n", "number < 5", "1,234 s", false),
        (Number(AtMost, 10.0), "Use%\n10%\ndone on web1\n", "number <= 10", "10%", true),
        (Number(More, -3.0), "-2", "number > -3", "-2", true),
        (Number(AtLeast, 5.0), "10-5", "number >= 5", "5", true),
        (Number(Equal, 0.5), "a .5", "number == 0.5", ".5", true),
        (Number(Equal, 0.001), "1e-3", "number == 0.001", "1e-3", true),
        (Number(Less, 5.0), "load 3MB/s.\n", "number < 5", "3MB/s", true),
        (Number(Less, 5.0), "(4 ms)", "number < 5", "4 ms", true),
        (Number(Less, 5.0), "4 of them", "number < 5", "4", true),
        (Number(Less, 5.0), "4 means on web4", "number < 5", "4", true),
        (Number(Less, 5.0), "none\n", "number < 5", "no number; the output ended with \"none\"", false),
    ];
    for (expectation, output, expected, observed, holds) in table {
        let name = format!("{expectation:?} on {output:?}");
        let (expected, observed) = (expected.to_owned(), observed.to_owned());
        assert_eq!(check(expectation, output), Verdict { expected, observed, holds }, "{name}");
    }
}

#[test]
fn what_is_quoted_comes_from_the_masked_output_alone() {
    let expectations = [
        Expectation::Contains(text("absent")),
        Expectation::Absent(text("key")),
        Expectation::Each(text("fine")),
        Expectation::Number(Comparison::Less, 5.0),
    ];
    let mut tester = Tester::new(&expectations).unwrap();
    tester.push_raw(b"fine\r\nkey hunter-77\r\n");
    tester.push_masked("fine\r\nkey \u{2022}\u{2022}\u{2022}\r\n".as_bytes());
    let all = format!("{:?}", tester.finish());
    assert!(!all.contains("hunter") && !all.contains("77"), "{all}");
    assert!(all.contains("key \u{2022}\u{2022}\u{2022}"), "{all}");
}

#[test]
fn a_long_line_is_quoted_in_part() {
    let verdict = check(Expectation::Contains(text("no")), &format!("{}end", "x".repeat(500)));
    assert!(verdict.observed.ends_with("xend\""), "{}", verdict.observed);
    assert!(verdict.observed.chars().count() < 170, "{}", verdict.observed);
    let verdict = check(Expectation::Absent(text("start")), &format!("start{}", "x".repeat(500)));
    assert!(verdict.observed.starts_with("found, line 1: \"startx"), "{}", verdict.observed);
    assert!(verdict.observed.chars().count() < 170, "{}", verdict.observed);
}

#[test]
fn a_text_at_the_far_end_of_a_line_without_an_end_is_found() {
    let mut tester =
        Tester::new(&[Expectation::Contains(text("needle")), Expectation::Each(text("needle"))]).unwrap();
    for _ in 0..40 {
        tester.push_raw(&[b'x'; 8190]);
    }
    tester.push_raw(b"needle");
    for _ in 0..40 {
        tester.push_raw(&[b'x'; 8190]);
    }
    let verdicts = tester.finish();
    assert!(verdicts.iter().all(|verdict| verdict.holds), "{verdicts:?}");
}

#[test]
fn an_expression_that_cannot_be_used_is_refused() {
    assert!(Tester::new(&[Expectation::Absent(expression("("))]).is_err());
}

#[test]
fn an_exit_status_is_accepted_or_not() {
    let table = [
        (Some(vec![0]), Exit::Status(0), "exit 0", "exit 0", true),
        (Some(vec![0]), Exit::Status(3), "exit 0", "exit 3", false),
        (Some(vec![0, 1]), Exit::Status(1), "exit 0 or 1", "exit 1", true),
        (None, Exit::Status(3), "any exit", "exit 3", true),
        (Some(vec![0]), Exit::Signal("SIGKILL".to_owned()), "exit 0", "ended by SIGKILL", false),
        (None, Exit::Signal("SIGKILL".to_owned()), "any exit", "ended by SIGKILL", true),
        (None, Exit::Lost("its supervisor was killed".to_owned()), "any exit", "not known", false),
        (None, Exit::NotStarted("no zsh".to_owned()), "any exit", "not started: no zsh", false),
    ];
    for (accepted, exit, expected, observed, holds) in table {
        let (expected, observed) = (expected.to_owned(), observed.to_owned());
        assert_eq!(exit_verdict(accepted.as_deref(), &exit), Verdict { expected, observed, holds });
    }
}
