//! Queries of Prometheus as blocks of a runbook: a real Prometheus.

use std::{fs, net::TcpListener};

use testkit::{Certificate, PASSWORD, Prometheus, Web, nobody};

use crate::{
    querying::{Person, no_answer},
    support::{text, verdicts},
};

/// Keeps an address, and lets the runbook ask there.
pub(crate) fn keeps(person: &Person, name: &str, address: &str, more: &[&str]) {
    let add = ["access", "add", name, "--kind", "web", "--address", address];
    person.expect(0, &[&add[..], more].concat());
    person.expect(0, &["access", "allow", name, "look.md"]);
}

#[test]
fn a_metric_is_asked_each_of_its_values_is_tested_and_its_course_is_drawn_with_the_limit() {
    let (person, prometheus) = (Person::new(), Prometheus::start());
    keeps(&person, "metrics", &prometheus.address(), &[]);
    let two = "label_replace(vector(0.5), \"job\", \"{{JOB}}\", \"\", \"\") or label_replace(vector(7), \"job\", \"b\", \"\", \"\")";
    let done = person.run_of(
        "promql",
        &[
            (
                "name=one on=metrics expect_number=\"< 5\" expect_rows=1 expect_time=\"< 60s\"",
                "# a number\nvector(4.25)",
            ),
            ("name=two on=metrics expect_number=\"< 10\"", two),
            ("name=none on=metrics expect_rows=0", "absent(vector(1))"),
            ("name=taken on=metrics capture=TAKEN", "vector({{N}})"),
            ("name=used on=metrics expect_number=\"== 12\"", "vector({{TAKEN}})"),
            ("name=hour on=metrics range=1h expect_number=\"< 5\"", "vector(3)"),
        ],
        &["--param", "JOB=a\"}, x", "--param", "N=12"],
    );
    assert_eq!(done.status, Some(0), "{done:?}");
    let came = verdicts(&done);
    let has = |expected: &str, observed: &str| {
        let found = came.iter().any(|(one, what, holds)| one == expected && what == observed && *holds);
        assert!(found, "{expected}: {observed}: {came:?}");
    };
    has("number < 5", "4.25");
    has("number < 10", "0.5 to 7");
    has("rows == 0", "no series");
    has("number == 12", "12");
    has("number < 5", "3");
    let report = person.printed();
    person.session.home.tells_no_exit_status(text(&done.events()[0], "run"));
    // The limit is above the course.
    for said in ["{job=\"a\\\"}, x\"}", "╌╌╌", " < 5", "┤", "last 3"] {
        assert!(report.contains(said), "{said}: {report}");
    }
    for (attributes, query, expected, observed) in [
        ("expect_number=\"< 1\"", two, "number < 1", "7 of {job=\"b\"}, 1 of 2 series do not hold"),
        ("expect_number=\"> 0\"", "absent(vector(1))", "number > 0", "no data"),
        ("range=10m step=10s expect_number=\"< 5\"", "vector(6)", "number < 5", "6 at "),
    ] {
        let done = person.run_of("promql", &[(&format!("on=metrics {attributes}"), query)], &["--param", "JOB=a"]);
        assert_eq!(done.status, Some(1), "{attributes}: {done:?}");
        let came = verdicts(&done);
        let found = came.iter().any(|(one, what, holds)| one == expected && what.starts_with(observed) && !holds);
        assert!(found, "{attributes}: {came:?}");
    }
}

#[test]
fn a_prometheus_that_cannot_be_asked_is_named_with_the_reason() {
    let person = Person::new();
    let (prometheus, web) = (Prometheus::start(), Web::plain());
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    keeps(&person, "metrics", &prometheus.address(), &[]);
    keeps(&person, "nowhere", &nobody(), &[]);
    keeps(&person, "other", web.address(), &[]);
    for (on, query, says) in [
        ("metrics", "up{", "parse error"),
        ("nowhere", "up", "takes no connection"),
        ("other", "up", "404 Not Found: look whether a Prometheus is there"),
    ] {
        let done = person.run_of("promql", &[(&format!("on={on}"), query)], &[]);
        let said = no_answer(&done);
        assert!(said.contains(says), "{on}: {said}");
    }
    keeps(&person, "silent", &format!("http://{}", silent.local_addr().unwrap()), &[]);
    let done = person.run_of("promql", &[("on=silent timeout=1s", "up")], &[]);
    assert_eq!(done.status, Some(1), "{done:?}");
    for (certificate, says) in [
        (Certificate::Right, ""),
        (Certificate::SelfSigned, "nobody whom this machine trusts"),
        (Certificate::Expired, "has expired"),
        (Certificate::WrongName, "is for another name"),
    ] {
        let prometheus = Prometheus::secure(certificate);
        let name = format!("secure-{certificate:?}");
        keeps(&person, &name, &prometheus.address(), &[]);
        fs::copy(prometheus.ca(), person.session.home.path("ca.pem")).unwrap();
        let done = person.run_of("promql", &[(&format!("on={name} ca=ca.pem expect_number=1"), "vector(1)")], &[]);
        match certificate {
            Certificate::Right => assert_eq!(done.status, Some(0), "{done:?}"),
            _ => assert!(no_answer(&done).contains(says), "{certificate:?}: {done:?}"),
        }
    }
}

#[test]
fn the_secret_of_a_prometheus_reaches_it_and_is_masked_in_what_it_says() {
    let (person, web) = (Person::new(), Web::plain());
    keeps(&person, "user", web.address(), &["--user", "ann", "--secret", "password"]);
    keeps(&person, "token", web.address(), &["--secret", "token"]);
    for on in ["on=user", "on=token"] {
        assert_eq!(person.run_of("promql", &[(on, "up")], &[]).status, Some(1));
    }
    let asked = web.asked();
    let basic = "Basic YW5uOlF4NytzZXNhbWUvOT1vcGVu";
    for (asked, header) in asked.iter().zip([basic.to_owned(), format!("Bearer {PASSWORD}")]) {
        assert!(asked.contains(&header) && asked.ends_with("query=up"), "{asked}");
    }
    assert_eq!(asked.len(), 2);
    let prometheus = Prometheus::start();
    keeps(&person, "metrics", &prometheus.address(), &["--secret", "token"]);
    let query = format!("label_replace(vector(1), \"x\", \"{PASSWORD}\", \"\", \"\")");
    let done = person.run_of("promql", &[("on=metrics expect_number=2", &query)], &[]);
    assert!(verdicts(&done).iter().any(|(_, observed, holds)| observed.contains("•••") && !holds), "{done:?}");
    let store = fs::read(person.session.home.path("data/allgood.db")).unwrap();
    for text in [person.printed(), String::from_utf8_lossy(&store).into_owned()] {
        assert!(!text.contains(PASSWORD) && !text.contains("YW5uOlF4Nytz"), "{text}");
    }
}

#[test]
fn a_query_of_metrics_that_cannot_be_asked_as_it_is_written_is_an_error_of_the_check() {
    let person = Person::new();
    let home = &person.session.home;
    for (attributes, query, says) in [
        ("on=metrics", "# nothing", "no query"),
        ("expect_number=1", "up", "says not whom to ask"),
        ("on=ssh:a,b", "up", "names nothing that can be asked"),
        ("on=metrics range=long", "up", "range=long"),
        ("on=metrics step=5s", "up", "`step` is for a range"),
        ("on=metrics range=30d step=1s", "up", "more than 1000 values"),
        ("on=metrics expect_status=200", "up", "for `http` blocks alone"),
        ("on=metrics expect_value=1", "up", "for `sql` blocks alone"),
    ] {
        home.file("look.md", &format!("# Look\n\n## Steps\n\n```promql {{{attributes}}}\n{query}\n```\n"));
        let checked = person.expect(1, &["check", "look.md", "--json"]);
        assert!(checked.out.contains(says), "{attributes}: {checked:?}");
    }
    home.file(
        "look.md",
        "# Look\n\n## Steps\n\n```promql\nup == 0\n```\n\n```sh {range=5 step=2 write}\ntrue\n```\n",
    );
    let shown = person.expect(0, &["show", "look.md", "--json"]);
    assert_eq!(shown.out.matches("\"command\"").count(), 1, "what others write is shown: {shown:?}");
}
