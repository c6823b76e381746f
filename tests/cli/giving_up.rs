//! Statements that are given up, and those that nobody waits for any longer: what stands on a real server afterwards.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use format::{MeasuredVerdict, Order, measure::SECRET};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::{Certificate, MariaDb, PASSWORD, Postgres, Web};

use crate::{
    asking::Running,
    metrics,
    querying::{Person, no_answer},
    support::{Done, binary, processes_of, text, until},
};

/// What goes on for as long as it is let.
const ENDLESS: [(&str, &str); 3] = [
    (
        "pg",
        "SELECT count(*) FROM generate_series(1, 99999) a, generate_series(1, 99999) b, generate_series(1, 99999) c",
    ),
    ("my", "SELECT count(*) FROM seq_1_to_99999 a, seq_1_to_99999 b, seq_1_to_99999 c"),
    ("lite", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"),
];

/// Two servers and a file, of which a runbook may ask each.
struct Asked {
    person: Person,
    postgres: Postgres,
    maria: MariaDb,
}

impl Asked {
    fn new() -> Self {
        let person = Person::new();
        let (postgres, maria) = (Postgres::plain(), MariaDb::start(Certificate::Right));
        for (name, address) in [("pg", postgres.address("")), ("my", maria.address("")), ("lite", person.file())] {
            person.keeps(name, &address);
        }
        Self { person, postgres, maria }
    }

    /// How many statements of a run are busy on a server.
    fn busy(&self, name: &str) -> String {
        match name {
            "pg" => self.postgres.busy(),
            "my" => self.maria.busy(),
            // It runs in no server.
            _ => "0".to_owned(),
        }
    }

    /// A run that waits for the answer to a statement, and the process that asks.
    fn busy_run(&self, name: &str, attributes: &str, query: &str) -> (Running, String, Pid) {
        let block = format!("name=endless on={name} {attributes}");
        let mut run = Running::start(self.person.run_command("sql", &[(&block, query)], &[]));
        run.until("it is asked", |event| event["kind"] == "attempt_started");
        let id = text(&self.person.session.home.runs()[0], "id").to_owned();
        until("it runs", || asking(&id).is_some() && (name == "lite" || self.busy(name) != "0"));
        let pid = asking(&id).unwrap();
        (run, id, pid)
    }
}

/// The process of a run that asks.
fn asking(run: &str) -> Option<Pid> {
    let name = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let pid = processes_of(run).into_iter().find(|pid| name(pid).trim() == "allgood-measure")?;
    Some(Pid::from_raw(pid.try_into().unwrap()))
}

/// What a process that asks was told to do.
fn order_of(asking: Pid) -> Order {
    let arguments = fs::read_to_string(format!("/proc/{asking}/cmdline")).unwrap();
    let file = arguments.split('\0').nth(1).unwrap();
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// A process of its own that is to do what an order says, and the file that it hands over by.
fn measuring(person: &Person, order: Order) -> (Command, PathBuf) {
    let handed = person.session.home.file("verdicts", "");
    let order = Order { verdicts: handed.display().to_string(), ..order };
    let file = person.session.home.file("order", &serde_json::to_string(&order).unwrap());
    let mut command = Command::new(binary().with_file_name("allgood-measure"));
    command.arg(file).env(SECRET, PASSWORD).stdout(Stdio::piped()).stderr(Stdio::piped());
    (command, handed)
}

fn handed_over(file: &Path) -> MeasuredVerdict {
    let text = fs::read_to_string(file).unwrap();
    let verdicts: Vec<MeasuredVerdict> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let [verdict] = &verdicts[..] else { panic!("{verdicts:?}") };
    assert_eq!((verdict.expected.as_str(), verdict.holds), ("an answer", false));
    verdict.clone()
}

/// Why an order had no answer.
fn why_not(person: &Person, order: Order) -> String {
    let (mut command, handed) = measuring(person, order);
    let done: Done = command.output().unwrap().into();
    let why = handed_over(&handed).observed;
    assert_eq!((done.status, done.err.trim()), (Some(1), why.as_str()));
    why
}

#[test]
fn a_statement_without_a_timeout_has_a_limit_at_which_it_is_ended_on_its_server_and_the_run_gets_a_sentence() {
    let asked = Asked::new();
    for (name, query) in ENDLESS {
        let (run, id, pid) = asked.busy_run(name, "", query);
        let order = order_of(pid);
        assert_eq!((order.limit_ms, order.server_limit_ms), (Some(30_000), 35_000), "{name}");
        kill(pid, Signal::SIGINT).unwrap();
        let ended = run.end();
        assert_eq!(ended.status, Some(1), "{name}: {ended:?}");
        asked.person.session.home.is_left(&id);
        until("it has ended on the server", || asked.busy(name) == "0");
        // Thirty seconds are long for a test. The same order with a limit of one comes to its end by itself.
        let place = order.server.as_ref().unwrap().place();
        let why = why_not(&asked.person, Order { limit_ms: Some(1_000), ..order });
        let limit = "did not answer within 1 second: look what it is busy with, or allow more by `timeout`";
        assert_eq!(why, format!("{place} {limit}"));
        until("it has ended on the server", || asked.busy(name) == "0");
    }
    // With a time of its own it is ended by whoever started it.
    let (run, _, pid) = asked.busy_run("pg", "timeout=2h", ENDLESS[0].1);
    let order = order_of(pid);
    assert_eq!((order.limit_ms, order.server_limit_ms), (None, 7_205_000));
    drop(run);
    until("it has ended on the server", || asked.busy("pg") == "0");
}

#[test]
fn a_request_and_a_query_of_metrics_without_a_timeout_have_that_limit_too() {
    let (person, web) = (Person::new(), Web::plain());
    // It takes connections, and never says a word.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap().to_string();
    metrics::keeps(&person, "silent", &format!("http://{silent}"), &[]);
    let host = web.address().trim_start_matches("http://");
    for (language, attributes, query, host) in [
        ("http", "name=endless", format!("GET {}/never", web.address()), host),
        ("http", "name=endless", format!("GET {}/begins", web.address()), host),
        ("promql", "name=endless on=silent", "up".to_owned(), silent.as_str()),
    ] {
        let mut run = Running::start(person.run_command(language, &[(attributes, &query)], &[]));
        run.until("it is asked", |event| event["kind"] == "attempt_started");
        let id = text(&person.session.home.runs()[0], "id").to_owned();
        until("it runs", || asking(&id).is_some());
        let order = order_of(asking(&id).unwrap());
        assert_eq!(order.limit_ms, Some(30_000), "{query}");
        drop(run);
        let why = why_not(&person, Order { limit_ms: Some(1_000), ..order });
        let limit = "did not answer within 1 second: look whether it runs, or allow more by `timeout`";
        assert_eq!(why, format!("{host} {limit}"));
    }
}

#[test]
fn a_server_that_hangs_is_given_up_in_its_time_though_it_does_not_end_the_statement() {
    let asked = Asked::new();
    let (run, _, pid) = asked.busy_run("my", "", ENDLESS[1].1);
    let order = order_of(pid);
    drop(run);
    until("it has ended on the server", || asked.busy("my") == "0");
    let (mut command, handed) = measuring(&asked.person, Order { limit_ms: Some(5_000), ..order });
    let mut child = command.spawn().unwrap();
    until("it runs", || asked.busy("my") != "0");
    asked.maria.hang();
    // It answers nobody who would have it end the statement, either.
    until("it is given up", || child.try_wait().unwrap().is_some());
    let why = handed_over(&handed).observed;
    assert!(why.contains("did not answer within 5 seconds"), "{why}");
}

#[test]
fn a_statement_whose_run_or_whose_program_is_killed_ends_on_its_server() {
    let asked = Asked::new();
    for (name, query) in &ENDLESS[..2] {
        // The run alone: what it started is ended in an orderly way, and ends the statement.
        let (run, id, _) = asked.busy_run(name, "", query);
        drop(run);
        asked.person.session.home.is_left(&id);
        until("it has ended on the server", || asked.busy(name) == "0");
        assert_eq!(text(&asked.person.session.home.runs()[0], "state"), "interrupted", "{name}");
        let last = asked.person.session.home.journal(&id).pop().unwrap();
        assert!(last.contains("\"kind\":\"interrupted\"") && last.contains("endless"), "{name}: {last}");
        // The program that asks: the server sees by itself that nobody waits, or that the time is over.
        let (run, _, pid) = asked.busy_run(name, "timeout=4s", query);
        kill(pid, Signal::SIGKILL).unwrap();
        let done = run.end();
        assert_eq!(done.status, Some(1), "{name}: {done:?}");
        let ended = done.events().into_iter().find(|event| event["kind"] == "attempt_ended").unwrap();
        assert_eq!((text(&ended, "state"), text(&ended, "signal")), ("failed", "SIGKILL"), "{ended}");
        until("it has ended on the server", || asked.busy(name) == "0");
    }
}

#[test]
fn what_a_killed_statement_was_about_to_change_is_as_it_was() {
    let asked = Asked::new();
    for (name, query) in [
        ("pg", "UPDATE orders SET state = 'gone' WHERE pg_sleep(3000) IS NOT NULL"),
        (
            "my",
            "UPDATE orders SET state = 'gone' WHERE id < (SELECT count(*) FROM seq_1_to_99999 a, seq_1_to_99999 b, seq_1_to_99999 c)",
        ),
    ] {
        let (run, _, pid) = asked.busy_run(name, "write timeout=4s", query);
        kill(pid, Signal::SIGKILL).unwrap();
        assert_eq!(run.end().status, Some(1), "{name}");
        until("it has ended on the server", || asked.busy(name) == "0");
        let count = "SELECT count(*) FROM orders WHERE state = 'gone'";
        let gone =
            if name == "pg" { asked.postgres.ask(count) } else { asked.maria.ask(&format!("USE shop; {count}")) };
        assert_eq!(gone, "0", "{name}");
    }
}

#[test]
fn a_server_ends_a_statement_by_itself_when_its_time_is_over_or_that_of_its_own_settings() {
    let asked = Asked::new();
    let words = |name: &str| if name == "pg" { "statement timeout" } else { "max_statement_time exceeded" };
    for (name, query) in &ENDLESS[..2] {
        for write in [false, true] {
            let (run, _, pid) = asked.busy_run(name, if write { "write" } else { "" }, query);
            let order = order_of(pid);
            drop(run);
            let why = why_not(&asked.person, Order { limit_ms: None, server_limit_ms: 1_000, ..order });
            assert!(why.contains(words(name)), "{name}, write {write}: {why}");
        }
    }
    asked.postgres.ask("ALTER ROLE ann SET statement_timeout = '700ms'");
    asked.maria.ask("SET GLOBAL max_statement_time = 0.7");
    for (name, query) in &ENDLESS[..2] {
        let done = asked.person.run_of("sql", &[(&format!("on={name}"), query)], &[]);
        assert!(no_answer(&done).contains(words(name)), "a shorter limit of the server stays: {name}: {done:?}");
    }
}
