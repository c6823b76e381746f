//! JUnit XML, for machines that collect results: a suite for each step, a case for each item.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Suites, TestCase, TestCaseStatus, TestRerun, TestSuite};

use crate::{
    WriteError,
    model::{Attempt, HostRow, Item, Kind, Part, Report, Section, Shape, Step},
};

/// The report as JUnit XML: well-formed whatever was printed.
///
/// An item that was left out, or never begun, is a case that was skipped; one that nobody knows the end of is an error.
/// One that was taken as done passed, with its failed attempts as flaky ones and the reason as a property.
///
/// # Errors
/// When the XML cannot be written, which no report is known to bring about.
pub fn junit(report: &Report) -> Result<String, WriteError> {
    let mut suites = Suites::new(text(&report.title));
    if let Some(took) = report.verdict.took_ms {
        suites.set_time(Duration::from_millis(took));
    }
    for (number, (section, step)) in steps(report).enumerate() {
        let mut suite = suite(section, step);
        if number == 0 {
            about(report, &mut suite);
        }
        suites.add_test_suite(suite);
    }
    if suites.test_suites.is_empty() {
        let mut suite = TestSuite::new(text(&report.title));
        about(report, &mut suite);
        suites.add_test_suite(suite);
    }
    Ok(suites.to_string()?)
}

fn steps(report: &Report) -> impl Iterator<Item = (&Section, &Step)> {
    report.sections.iter().flat_map(|section| section.steps.iter().map(move |step| (section, step)))
}

/// What is true of all of it stands as properties of the first suite: the format has no other place for it.
fn about(report: &Report, suite: &mut TestSuite) {
    let verdict = &report.verdict;
    suite.add_property(("verdict", text(&verdict.heading).as_str()));
    suite.add_property(("summary", text(&verdict.sentence).as_str()));
    if let Some(partial) = &verdict.partial {
        suite.add_property(("partial", text(partial).as_str()));
    }
    for fact in &report.facts {
        suite.add_property((text(&fact.name.to_lowercase()).as_str(), text(&fact.value).as_str()));
    }
    for parameter in &report.parameters {
        let value = parameter.value.as_deref().unwrap_or("kept out of every record");
        suite.add_property((text(&format!("parameter {}", parameter.name)).as_str(), text(value).as_str()));
    }
    suite.add_property(("record", text(&report.verification.sentence).as_str()));
}

fn suite(section: &Section, step: &Step) -> TestSuite {
    let number = step.number.as_ref().map(|number| format!("{number}. ")).unwrap_or_default();
    let title = if step.titled { format!(": {number}{}", step.title) } else { String::new() };
    let name = format!("{}{title}", section.phase);
    let mut suite = TestSuite::new(text(&name));
    if let Some(started) = step.items.iter().find_map(|item| item.started.as_ref()) {
        suite.extra.insert("timestamp".into(), timestamp(started).into());
    }
    if let Some(took) = step.took_ms {
        suite.set_time(Duration::from_millis(took));
    }
    for item in &step.items {
        suite.add_test_case(case(&name, item));
        for host in &item.hosts {
            suite.add_test_case(on_host(&name, item, host));
        }
    }
    suite
}

fn case(class: &str, item: &Item) -> TestCase {
    let mut case = TestCase::new(text(&item.label), status(item));
    case.set_classname(text(class));
    if let Some(started) = &item.started {
        case.extra.insert("timestamp".into(), timestamp(started).into());
    }
    if let Some(took) = item.took_ms {
        case.set_time(Duration::from_millis(took));
    }
    case.add_property(("state", item.state));
    if !item.who.is_empty() {
        case.add_property(("by", text(&item.who.join(", ")).as_str()));
    }
    if let Some(remark) = &item.remark {
        case.add_property(("remark", text(remark).as_str()));
    }
    for edit in &item.edits {
        case.add_property(("edited", text(&edit.text).as_str()));
    }
    // Of several hosts each has a case of its own.
    let own = item.attempts.iter().filter(|_| item.hosts.is_empty());
    let said: Vec<String> = own.map(attempt).collect();
    if !said.is_empty() {
        case.set_system_out(text(&said.join("\n")));
    }
    case
}

/// What came of an item on one of its hosts.
fn on_host(class: &str, item: &Item, host: &HostRow) -> TestCase {
    let attempts: Vec<&Attempt> =
        item.attempts.iter().filter(|attempt| attempt.host.as_ref() == Some(&host.name)).collect();
    let status = match host.shape {
        Shape::Passed => TestCaseStatus::success(),
        Shape::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(text(&why(item, attempts.last().copied())));
            status.set_type(host.state);
            status
        }
        Shape::Interrupted | Shape::Running => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(text(&format!("{}: nobody knows how it ended", host.state)));
            status.set_type(host.state);
            status
        }
        _ => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(host.state);
            status
        }
    };
    let mut case = TestCase::new(text(&format!("{} on {}", item.label, host.name)), status);
    case.set_classname(text(class));
    let said: Vec<String> = attempts.into_iter().map(attempt).collect();
    if !said.is_empty() {
        case.set_system_out(text(&said.join("\n")));
    }
    case
}

fn status(item: &Item) -> TestCaseStatus {
    let flaky = |status: &mut TestCaseStatus| {
        for attempt in item.attempts.iter().filter(|attempt| attempt.shape == Shape::Failed) {
            let mut rerun = TestRerun::new(NonSuccessKind::Failure);
            rerun.set_message(text(&why(item, Some(attempt))));
            rerun.set_description(text(&self::attempt(attempt)));
            status.add_rerun(rerun);
        }
    };
    match item.shape {
        Shape::Passed | Shape::Overridden => {
            let mut status = TestCaseStatus::success();
            // Tries of a probe before the one that held are how it works, and no failures.
            if item.kind != Kind::Probe || item.shape == Shape::Overridden {
                flaky(&mut status);
            }
            status
        }
        Shape::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(text(&why(item, item.telling())));
            status.set_type("failed");
            status
        }
        Shape::Interrupted | Shape::Running => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(text(&format!("{}: nobody knows how it ended", item.state)));
            status.set_type(item.state);
            status
        }
        _ => {
            let mut status = TestCaseStatus::skipped();
            let reason = item.remark.as_deref().map(|remark| format!(": {remark}")).unwrap_or_default();
            status.set_message(text(&format!("{}{reason}", item.state)));
            status
        }
    }
}

fn why(item: &Item, attempt: Option<&Attempt>) -> String {
    let Some(attempt) = attempt else {
        return item.remark.clone().unwrap_or_else(|| "does not hold".to_owned());
    };
    let broken = attempt.expectations.iter().filter(|one| !one.holds);
    let broken: Vec<String> =
        broken.map(|one| format!("expected {}, observed {}", one.expected, one.observed)).collect();
    match (broken.is_empty(), &attempt.note) {
        (true, Some(note)) => note.clone(),
        (true, None) => attempt.exit.clone(),
        (false, _) => broken.join("; "),
    }
}

/// An attempt in full: the command, where, how it ended, what it printed.
fn attempt(attempt: &Attempt) -> String {
    let mut said = format!("try {} on {} in {}\n", attempt.number, attempt.target, attempt.cwd);
    for line in attempt.command.trim_end().lines() {
        said.push_str("$ ");
        said.push_str(line);
        said.push('\n');
    }
    for one in &attempt.expectations {
        said.push_str(&format!("expected {}, observed {}\n", one.expected, one.observed));
    }
    for part in attempt.output.iter().flat_map(|output| &output.parts) {
        match part {
            Part::Text(text) => said.push_str(text),
            Part::LeftOut(why) => said.push_str(&format!("[{why}]\n")),
        }
    }
    let exit = if attempt.exit.is_empty() { String::new() } else { format!(", {}", attempt.exit) };
    said.push_str(&format!("{}{exit}\n", attempt.state));
    said
}

/// What the writer takes as it is: it takes tabs out with the control characters, so they become blanks before.
fn text(text: &str) -> String {
    text.replace('\t', "    ")
}

/// `2026-11-22 15:04:05` as ISO 8601 has it; times of a record are UTC.
fn timestamp(stamp: &str) -> String {
    format!("{}Z", stamp.replacen(' ', "T", 1))
}
