//! Blocks that measure, in each form that an item has: plain, as a probe, as an undo. The servers are real ones.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Command},
};

use serde_json::Value;
use testkit::{Certificate, MariaDb, Postgres, Prometheus, Web};

use crate::{
    metrics,
    querying::{Person, sqlite},
    support::{Done, text, verdicts},
};

/// A run that goes on while the test does something else.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    printed: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out, printed: String::new() }
    }

    /// Its events up to the first that is so.
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&Value) -> bool) {
        loop {
            let mut line = String::new();
            let some = self.out.read_line(&mut line).unwrap() > 0;
            self.printed.push_str(&line);
            assert!(some, "this never came: {what}: {}", self.printed);
            if is_so(&serde_json::from_str(&line).unwrap()) {
                return;
            }
        }
    }

    /// What it left.
    pub(crate) fn end(mut self) -> Done {
        self.out.read_to_string(&mut self.printed).unwrap();
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = self.child.wait().unwrap().code();
        Done { status, out: std::mem::take(&mut self.printed), err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Whether a try of that item has not held, and another follows.
fn failed_try(event: &Value, item: &str) -> bool {
    event["kind"] == "attempt_ended" && event["item"] == item && event["state"] == "failed" && event["again"] == true
}

/// The tries of an item: its state, whether another followed, and what was seen of what is expected, in order.
fn tries(done: &Done, item: &str, expected: &str) -> Vec<(String, bool, Option<String>)> {
    let events = done.events();
    let of = |event: &&Value, kind: &str| event["kind"] == kind && event["item"] == item;
    let ended = events.iter().filter(|event| of(event, "attempt_ended"));
    ended
        .enumerate()
        .map(|(at, ended)| {
            assert_eq!(ended["attempt"], at + 1, "each try is in the record, once: {done:?}");
            let of_this = |event: &&Value| event["attempt"] == at + 1 && event["expected"] == expected;
            let seen = events.iter().filter(|event| of(event, "expectation")).find(of_this);
            let seen = seen.map(|event| text(event, "observed").to_owned());
            (text(ended, "state").to_owned(), ended["again"] == true, seen)
        })
        .collect()
}

/// The item was tried until it held: each try before the last saw one of these, and the last what it held with.
fn held_at_last(done: &Done, item: &str, expected: &str, before: &[&str], at_last: &str) {
    assert_eq!(done.status, Some(0), "{done:?}");
    let mut tries = tries(done, item, expected);
    assert_eq!(tries.pop().unwrap(), ("passed".to_owned(), false, Some(at_last.to_owned())), "{done:?}");
    assert!(tries.iter().any(|(.., seen)| seen.as_deref() == before.last().copied()), "{tries:?}");
    for (state, again, seen) in tries {
        assert!(state == "failed" && again && before.contains(&seen.as_deref().unwrap()), "{done:?}");
    }
    let went_on = |event: &Value| event["kind"] == "attempt_ended" && event["item"] == "after";
    assert!(done.events().iter().any(went_on), "the run goes on: {done:?}");
}

/// The item never held: it was tried until its patience was over, and what it saw last is the last that the record has of it.
fn given_up(person: &Person, done: &Done, item: &str, expected: &str) {
    assert_eq!(done.status, Some(1), "{done:?}");
    let tries = tries(done, item, expected);
    assert!(tries.len() > 1, "{done:?}");
    let seen: Vec<f64> = tries.iter().filter_map(|(.., seen)| seen.as_ref()?.parse().ok()).collect();
    assert!(seen.is_sorted() && seen.first() < seen.last(), "what changes is looked at anew: {done:?}");
    let (state, again, _) = tries.last().unwrap();
    assert_eq!((state.as_str(), *again), ("failed", false));
    let events = done.events();
    let ended = events.iter().rfind(|event| event["kind"] == "attempt_ended").unwrap();
    // The last try may still have been waiting for its answer then.
    let why = ["did not hold within 4s: given up after", "still running when 4s had passed"];
    assert!(why.iter().any(|why| text(ended, "note").contains(why)), "{ended}");
    let last = tries.iter().rev().find_map(|(.., seen)| seen.as_ref()).unwrap();
    let shown = person.expect(0, &["show-run", text(ended, "run")]).out;
    assert!(shown.contains(last), "{last}: {shown}");
    assert!(!events.iter().any(|event| event["item"] == "after"), "nothing comes after it: {done:?}");
}

#[test]
fn a_probe_asks_a_database_again_until_another_session_has_written_the_row_and_the_run_goes_on() {
    let person = Person::new();
    let (postgres, maria) = (Postgres::plain(), MariaDb::start(Certificate::Right));
    let file = person.session.home.path("orders.db");
    let insert = |name: &str| match name {
        "pg" => postgres.ask("INSERT INTO orders VALUES (3, 'new')"),
        "my" => maria.ask("INSERT INTO shop.orders (id, state) VALUES (3, 'new')"),
        _ => sqlite(&file, "INSERT INTO orders VALUES (3, 'new', NULL)"),
    };
    for (name, address) in [("pg", postgres.address("")), ("my", maria.address("")), ("lite", person.file())] {
        person.keeps(name, &address);
        let probe = format!("name=stuck on={name} probe every=100ms within=80s expect_value=\"== 3\"");
        let after = format!("name=after on={name} expect_rows=1");
        let blocks = [
            (probe.as_str(), "SELECT count(*) FROM orders"),
            (after.as_str(), "SELECT id FROM orders WHERE state = 'new'"),
        ];
        let mut run = Running::start(person.run_command("sql", &blocks, &[]));
        for _ in 0..2 {
            run.until("a try that does not hold", |event| failed_try(event, "stuck"));
        }
        insert(name);
        held_at_last(&run.end(), "stuck", "value == 3", &["2"], "3");
    }
}

#[test]
fn a_probe_of_a_database_that_never_holds_is_given_up_with_what_it_saw_last() {
    let person = Person::new();
    let (postgres, maria) = (Postgres::plain(), MariaDb::start(Certificate::Right));
    for (name, address, now) in [
        ("pg", postgres.address(""), "SELECT extract(epoch FROM clock_timestamp())"),
        ("my", maria.address(""), "SELECT unix_timestamp(sysdate(6))"),
        ("lite", person.file(), "SELECT (julianday('now') - 2440587.5) * 86400.0"),
    ] {
        person.keeps(name, &address);
        let probe = format!("name=late on={name} probe every=100ms within=4s expect_value=\"< 0\"");
        let after = format!("name=after on={name}");
        let done = person.run_of("sql", &[(&probe, now), (&after, "SELECT 1")], &[]);
        given_up(&person, &done, "late", "value < 0");
    }
}

#[test]
fn a_probe_asks_prometheus_again_until_the_metric_has_changed_and_the_run_goes_on() {
    let (person, web) = (Person::new(), Web::plain());
    web.says("/metrics", "queue_length 7\n");
    let prometheus = Prometheus::scraping(&web);
    metrics::keeps(&person, "metrics", &prometheus.address(), &[]);
    let blocks = [
        ("name=long on=metrics probe every=100ms within=80s expect_number=\"< 5\"", "max(queue_length)"),
        ("name=after on=metrics expect_number=\"== 3\"", "max(queue_length)"),
    ];
    let mut run = Running::start(person.run_command("promql", &blocks, &[]));
    run.until("the length of the queue", |event| event["kind"] == "expectation" && event["observed"] == "7");
    web.says("/metrics", "queue_length 3\n");
    // It may be asked before it has looked for the first time.
    held_at_last(&run.end(), "long", "number < 5", &["no data", "7"], "3");
}

#[test]
fn a_probe_of_prometheus_that_never_holds_is_given_up_with_what_it_saw_last() {
    let (person, prometheus) = (Person::new(), Prometheus::start());
    metrics::keeps(&person, "metrics", &prometheus.address(), &[]);
    let blocks = [
        ("name=late on=metrics probe every=100ms within=4s expect_number=\"< 0\"", "vector(time())"),
        ("name=after on=metrics", "vector(1)"),
    ];
    let done = person.run_of("promql", &blocks, &[]);
    given_up(&person, &done, "late", "number < 0");
}

#[test]
fn a_probe_sends_its_request_again_until_the_answer_has_changed_and_the_run_goes_on() {
    let (person, web) = (Person::new(), Web::plain());
    web.says("/queue", "7 wait\n");
    let request = format!("GET {}/queue", web.address());
    let blocks = [
        ("name=long probe every=100ms within=80s expect_number=\"< 5\"", request.as_str()),
        ("name=after", request.as_str()),
    ];
    let mut run = Running::start(person.run_command("http", &blocks, &[]));
    for _ in 0..2 {
        run.until("a try that does not hold", |event| failed_try(event, "long"));
    }
    web.says("/queue", "3 wait\n");
    held_at_last(&run.end(), "long", "number < 5", &["7"], "3");
}

#[test]
fn a_block_of_each_kind_stands_as_a_plain_item_without_any_expectation() {
    let (person, web) = (Person::new(), Web::plain());
    let (postgres, maria, prometheus) = (Postgres::plain(), MariaDb::start(Certificate::Right), Prometheus::start());
    for (name, address) in [("pg", postgres.address("")), ("my", maria.address("")), ("lite", person.file())] {
        person.keeps(name, &address);
    }
    metrics::keeps(&person, "metrics", &prometheus.address(), &[]);
    let book = format!(
        "# Look\n\n## Steps\n\n1. Ask the shop:\n\n   ```http {{name=shop}}\n   GET {}/health\n   ```\n\n\
         2. Ask the databases:\n\n   ```sql {{on=pg}}\n   SELECT 1\n   ```\n\n   ```sql {{on=my}}\n   SELECT 2\n   ```\n\n   \
         ```sql {{on=lite}}\n   SELECT 3\n   ```\n\n### Ask for the metric\n\n```promql {{on=metrics}}\nvector(4)\n```\n",
        web.address()
    );
    person.session.home.file("look.md", &book);
    let shown = person.expect(0, &["show", "look.md", "--json"]).out;
    assert_eq!(
        shown.matches("\"kind\":\"command\"").count() + shown.matches("\"kind\": \"command\"").count(),
        5,
        "{shown}"
    );
    let done: Done = person.command(&["run", "look.md", "--auto", "--json"]).output().unwrap().into();
    assert_eq!(done.status, Some(0), "nobody is needed: {done:?}");
    let events = done.events();
    let passed = events.iter().filter(|event| event["kind"] == "attempt_ended" && event["state"] == "passed").count();
    assert_eq!(passed, 5, "{done:?}");
    let came: Vec<(String, bool)> =
        verdicts(&done).into_iter().map(|(expected, _, holds)| (expected, holds)).collect();
    let expected = ["a status below 400", "an answer", "an answer", "an answer", "an answer"];
    assert_eq!(came, expected.map(|expected| (expected.to_owned(), true)));
    person.session.home.tells_no_exit_status(text(&events[0], "run"));
    assert!(web.asked()[0].starts_with("GET /health "), "{:?}", web.asked());
}

#[test]
fn a_request_and_a_statement_undo_a_step() {
    let (person, web, postgres) = (Person::new(), Web::plain(), Postgres::plain());
    person.keeps("pg", &postgres.address(""));
    let book = format!(
        "# Change\n\n## Steps\n\n### Open\n\n```sql {{on=pg write}}\nUPDATE orders SET state = 'held' WHERE id = 1\n```\n\n\
         ```sql {{on=pg write undo}}\nUPDATE orders SET state = 'paid' WHERE id = 1\n```\n\n### Tell\n\n\
         ```http {{name=tell}}\nPOST {shop}/health\n```\n\n```http {{undo}}\nDELETE {shop}/health\n```\n\n\
         ### Fail\n\n```sql {{on=pg expect_value=paid}}\nSELECT state FROM orders WHERE id = 1\n```\n",
        shop = web.address()
    );
    person.session.home.file("look.md", &book);
    let run = ["run", "look.md", "--auto", "--yes", "--json", "--on-failure", "rollback"];
    let done: Done = person.command(&run).output().unwrap().into();
    assert_eq!(done.status, Some(3), "{done:?}");
    assert!(verdicts(&done).contains(&("value paid".to_owned(), "held".to_owned(), false)), "{done:?}");
    assert_eq!(postgres.ask("SELECT state FROM orders WHERE id = 1"), "paid");
    let asked: Vec<String> = web.asked().iter().map(|asked| asked.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(asked, ["POST", "DELETE"]);
}
