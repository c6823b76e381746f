//! Queries of databases as blocks of a runbook: a real PostgreSQL, a real MariaDB, a file of SQLite.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::{Certificate, MariaDb, PASSWORD, Postgres, nobody};

use crate::{
    access::Session,
    support::{Done, processes_of, text, until, verdicts},
};

/// A person who keeps secrets in a vault, and whose runbook `look.md` may use every entry.
pub(crate) struct Person {
    pub(crate) session: Session,
    passphrase: PathBuf,
    secret: PathBuf,
}

impl Person {
    pub(crate) fn new() -> Self {
        let session = Session::without_keychain();
        let passphrase = session.home.file("passphrase", "correct horse");
        fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        let secret = session.home.file("secret", PASSWORD);
        session.home.file("look.md", "# Look\n");
        let person = Self { session, passphrase, secret };
        person.expect(0, &["access", "vault", "create"]);
        person
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.session.command(arguments);
        command.env("ALLGOOD_VAULT_PASSPHRASE_FILE", &self.passphrase).stdin(fs::File::open(&self.secret).unwrap());
        command
    }

    pub(crate) fn expect(&self, status: i32, arguments: &[&str]) -> Done {
        let done: Done = self.command(arguments).output().unwrap().into();
        assert_eq!(done.status, Some(status), "allgood {arguments:?}: {done:?}");
        done
    }

    /// Keeps a database under that name, with the password of `ann`, and lets the runbook use it.
    pub(crate) fn keeps(&self, name: &str, address: &str) {
        let add = ["access", "add", name, "--kind", "database", "--address", address, "--user", "ann"];
        self.expect(0, &[&add[..], &["--secret", "password"]].concat());
        self.expect(0, &["access", "allow", name, "look.md"]);
    }

    /// A file of SQLite with the table of the servers.
    pub(crate) fn file(&self) -> String {
        let file = self.session.home.path("orders.db");
        sqlite(
            &file,
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, state TEXT, note TEXT);
             INSERT INTO orders VALUES (1, 'paid', NULL), (2, 'open', 'NULL');",
        );
        format!("sqlite:{}", file.display())
    }

    fn run(&self, blocks: &[(&str, &str)], arguments: &[&str]) -> Done {
        self.run_of("sql", blocks, arguments)
    }

    /// Runs blocks of that language.
    pub(crate) fn run_of(&self, language: &str, blocks: &[(&str, &str)], arguments: &[&str]) -> Done {
        self.run_command(language, blocks, arguments).output().unwrap().into()
    }

    /// The same, not started yet.
    pub(crate) fn run_command(&self, language: &str, blocks: &[(&str, &str)], arguments: &[&str]) -> Command {
        let blocks = blocks.iter();
        let blocks = blocks.map(|(attributes, query)| format!("```{language} {{{attributes}}}\n{query}\n```\n\n"));
        self.session.home.file("look.md", &format!("# Look\n\n## Steps\n\n{}", blocks.collect::<String>()));
        self.command(&[&["run", "look.md", "--auto", "--yes", "--json"], arguments].concat())
    }

    /// All that the last run printed, as it is kept.
    pub(crate) fn printed(&self) -> String {
        let runs = self.session.home.runs();
        self.expect(0, &["report", text(&runs[0], "id"), "--format", "md"]).out
    }
}

/// What SQLite's own client says.
pub(crate) fn sqlite(file: &std::path::Path, sql: &str) -> String {
    let done = Command::new("sqlite3").arg(file).arg(sql).output().expect("sqlite3 is installed (`.ci/setup`)");
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Why the last block had no answer.
pub(crate) fn no_answer(done: &Done) -> String {
    assert_eq!(done.status, Some(1), "{done:?}");
    let verdicts = verdicts(done);
    let found = verdicts.iter().find(|(expected, ..)| expected == "an answer");
    let (_, observed, holds) = found.unwrap_or_else(|| panic!("{done:?}"));
    assert!(!holds, "{done:?}");
    observed.clone()
}

#[test]
fn a_query_is_asked_and_its_rows_and_first_value_are_tested_and_kept() {
    let person = Person::new();
    let (postgres, maria) = (Postgres::plain(), MariaDb::start(Certificate::Right));
    for (name, address) in [("pg", postgres.address("")), ("my", maria.address("")), ("lite", person.file())] {
        person.keeps(name, &address);
        let all = format!("name=all on={name} expect_rows=2 expect_value=\"== 1\" expect_time=\"< 60s\"");
        let open = format!("name=open on={name} expect_value=open");
        // `it` is a value wherever it comes from, and no part of the statement.
        let none = format!("name=none on={name} expect_rows=0");
        let done = person.run(
            &[
                (&all, "-- what there is; all of it\nSELECT * FROM orders ORDER BY id;"),
                (&open, "SELECT state FROM orders WHERE id = {{ID}} AND state <> {{IT}}"),
                (&none, "SELECT * FROM orders WHERE state = {{IT}}"),
            ],
            &["--param", "ID=2", "--param", "IT=x' OR '1'='1"],
        );
        assert_eq!(done.status, Some(0), "{name}: {done:?}");
        let expected: Vec<(String, bool)> =
            verdicts(&done).into_iter().map(|(expected, _, holds)| (expected, holds)).collect();
        let all = ["an answer", "value == 1", "rows == 2", "complete < 60.00 s", "an answer", "value open"];
        assert_eq!(expected[..6], all.map(|expected| (expected.to_owned(), true)), "{name}");
        let started = done.events().into_iter().find(|event| event["kind"] == "attempt_started").unwrap();
        assert!(text(&started, "target").starts_with(&format!("{name} (")), "{started}");
        let report = person.printed();
        for said in ["2 rows", "│ id", "NULL", "\"NULL\"", "paid"] {
            assert!(report.contains(said), "{name}: {said}: {report}");
        }
        assert!(!report.contains(PASSWORD));
        person.session.home.tells_no_exit_status(text(&started, "run"));
        let wrong = format!("on={name} expect_value=\"> 5\" expect_rows=\"> 1\"");
        let done = person.run(&[(&wrong, "SELECT count(*) FROM orders")], &[]);
        assert_eq!(done.status, Some(1), "{name}: {done:?}");
        let came = verdicts(&done);
        assert_eq!(came[1..], [("value > 5".into(), "2".into(), false), ("rows > 1".into(), "1 row".into(), false)]);
        let captured = format!("on={name} capture=STATE");
        let used = format!("on={name} expect_value=1");
        let done = person.run(
            &[
                (&captured, "SELECT state, id FROM orders WHERE id = 1"),
                (&used, "SELECT id FROM orders WHERE state = {{STATE}}"),
            ],
            &[],
        );
        assert_eq!(done.status, Some(0), "{name}: {done:?}");
    }
}

#[test]
fn nothing_is_changed_unless_the_block_says_write_whatever_the_statement_tries() {
    let person = Person::new();
    let (postgres, maria) = (Postgres::plain(), MariaDb::start(Certificate::Right));
    let file = person.session.home.path("orders.db");
    for (name, address) in [("pg", postgres.address("")), ("my", maria.address("")), ("lite", person.file())] {
        person.keeps(name, &address);
    }
    postgres.ask(
        "CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'DELETE FROM orders RETURNING id'; CREATE SEQUENCE numbers;",
    );
    for query in [
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
        "SELECT sly()",
        "SELECT nextval('numbers')",
        "SELECT set_config('transaction_read_only', 'off', false), sly()",
        "SELECT * INTO copied FROM orders",
        "EXPLAIN ANALYZE DELETE FROM orders",
        "SELECT 1; COMMIT; DELETE FROM orders",
        "COMMIT",
        "DELETE FROM orders",
    ] {
        let done = person.run(&[("on=pg", query)], &[]);
        assert_ne!(done.status, Some(0), "{query}: {done:?}");
    }
    for query in ["WITH a AS (SELECT 1) DELETE FROM orders", "SELECT 1; DELETE FROM orders", "DROP TABLE orders"] {
        for on in ["on=my", "on=lite"] {
            let done = person.run(&[(on, query)], &[]);
            assert_ne!(done.status, Some(0), "{query}: {done:?}");
        }
    }
    let done = person.run(&[("on=my", "SELECT 'x' /*!50000 INTO OUTFILE '/tmp/x' */")], &[]);
    assert_ne!(done.status, Some(0), "{done:?}");
    let count = "SELECT count(*) FROM orders";
    assert_eq!((postgres.ask(count), maria.ask("SELECT count(*) FROM shop.orders")), ("2".into(), "2".into()));
    assert_eq!((sqlite(&file, count), postgres.ask("SELECT last_value FROM numbers")), ("2".into(), "1".into()));
    // A server that is asked to write says how that is allowed.
    for query in ["SELECT sly()", "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone"] {
        let done = person.run(&[("on=pg", query)], &[]);
        assert!(no_answer(&done).contains("write `write` into the braces"), "{query}: {done:?}");
    }
    for name in ["pg", "my", "lite"] {
        let on = format!("on={name} write");
        let done = person.run(
            &[(&on, "UPDATE orders SET state = {{STATE}} WHERE id = {{ID}}")],
            &["--param", "STATE=it's \\ done", "--param", "ID=2"],
        );
        assert_eq!(done.status, Some(0), "{name}: {done:?}");
        assert_eq!(verdicts(&done)[0].1, "1 row changed", "{name}");
    }
    let state = "SELECT state FROM orders WHERE id = 2";
    assert_eq!((postgres.ask(state), sqlite(&file, state)), ("it's \\ done".into(), "it's \\ done".into()));
    assert_eq!(maria.ask("SELECT hex(state) FROM shop.orders WHERE id = 2"), "69742773205C20646F6E65");
    let done =
        person.run(&[("on=pg write expect_value=3", "INSERT INTO orders VALUES (3, 'new') RETURNING id")], &[]);
    assert_eq!(done.status, Some(0), "{done:?}");
}

#[test]
fn what_changes_something_is_asked_about_by_a_guard_and_what_reads_is_not() {
    let person = Person::new();
    person.session.home.file("allgood.toml", "[environments.prod]\nkind = \"production\"\nguard = true\n");
    person.expect(0, &["library", "add", "."]);
    person.session.home.trust("");
    person.keeps("lite", &person.file());
    person.expect(0, &["access", "allow", "lite", "."]);
    let read = person.run(&[("on=lite", "SELECT 1")], &["--environment", "prod"]);
    assert_eq!(read.status, Some(0), "{read:?}");
    let changed = person.run(&[("on=lite write", "DELETE FROM orders")], &["--environment", "prod"]);
    assert_eq!(changed.status, Some(4), "{changed:?}");
    assert_eq!(sqlite(&person.session.home.path("orders.db"), "SELECT count(*) FROM orders"), "2");
}

#[test]
fn a_server_that_cannot_be_asked_is_named_with_the_reason_and_no_secret() {
    let person = Person::new();
    let postgres = Postgres::plain();
    let nowhere = nobody().replace("http", "postgres");
    person.keeps("nowhere", &nowhere);
    person.keeps("no-maria", &nobody().replace("http", "mariadb"));
    person.keeps("no-host", "postgres://no-such-host.invalid/x?sslmode=disable");
    person.keeps("no-tls", &postgres.address("?sslmode=verify-full"));
    person.keeps("missing", "sqlite:/nowhere/orders.db");
    person.keeps("pg", &postgres.address(""));
    for (on, query, says) in [
        ("nowhere", "SELECT 1", "takes no connection"),
        ("no-maria", "SELECT 1", "takes no connection"),
        ("no-host", "SELECT 1", "no-such-host.invalid is not known"),
        ("no-tls", "SELECT 1", "offers no TLS"),
        ("missing", "SELECT 1", "there is no file /nowhere/orders.db"),
        ("pg", "SELECT * FROM nothing", "relation \"nothing\" does not exist"),
        ("pg", "SELEKT", "not known to only read"),
    ] {
        let done = person.run(&[(&format!("on={on}"), query)], &[]);
        if query == "SELEKT" {
            assert_ne!(done.status, Some(0), "{done:?}");
            continue;
        }
        let said = no_answer(&done);
        assert!(said.contains(says), "{on}: {said}");
    }
    fs::write(&person.secret, "wrong-password").unwrap();
    person.expect(0, &["access", "edit", "pg", "--secret", "password"]);
    let done = person.run(&[("on=pg", "SELECT 1")], &[]);
    let said = no_answer(&done);
    assert!(said.contains("does not let ann in") && !said.contains("wrong-password"), "{said}");
    let refused = person.run(&[("on=unknown", "SELECT 1")], &[]);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.err.contains("--kind database"), "{refused:?}");
}

#[test]
fn the_first_use_of_a_database_is_asked_about() {
    let person = Person::new();
    let add = ["access", "add", "lite", "--kind", "database", "--address", &person.file(), "--user", "ann"];
    person.expect(0, &add);
    let done = person.run(&[("on=lite", "SELECT 1")], &[]);
    assert_eq!(done.status, Some(4), "{done:?}");
    assert!(done.err.contains("allgood access allow lite"), "{done:?}");
    let plan = person.expect(0, &["run", "look.md", "--plan"]);
    assert!(plan.out.contains("lite"), "{plan:?}");
}

#[test]
fn a_certificate_of_a_database_that_is_not_right_is_named_and_nothing_is_asked() {
    let person = Person::new();
    let home = &person.session.home;
    for (certificate, says) in [
        (Certificate::Right, ""),
        (Certificate::SelfSigned, "comes from nobody whom this machine trusts"),
        (Certificate::Expired, "has expired"),
        (Certificate::WrongName, "is for another name"),
    ] {
        let (postgres, maria) = (Postgres::secure(certificate), MariaDb::start(certificate));
        let (pg, my) = (format!("pg-{certificate:?}"), format!("my-{certificate:?}"));
        person.keeps(&pg, &postgres.address("?sslmode=verify-full"));
        person.keeps(&my, &maria.address("?sslmode=verify-full"));
        let cipher =
            "SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'ssl_cipher'";
        for (name, file, query, value) in [
            (&pg, postgres.ca(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", "t"),
            (&my, maria.ca(), cipher, "1"),
        ] {
            fs::copy(file, home.path("ca.pem")).unwrap();
            if certificate == Certificate::Right {
                let done = person.run(&[(&format!("on={name} ca=ca.pem expect_value={value}"), query)], &[]);
                assert_eq!(done.status, Some(0), "{name}: {done:?}");
                let alone = person.run(&[(&format!("on={name}"), query)], &[]);
                assert!(no_answer(&alone).contains("nobody whom this machine trusts"), "{name}: {alone:?}");
                continue;
            }
            let done = person.run(&[(&format!("on={name} ca=ca.pem write"), "DELETE FROM orders")], &[]);
            assert!(no_answer(&done).contains(says), "{name}: {done:?}");
        }
        let count = (postgres.ask("SELECT count(*) FROM orders"), maria.ask("SELECT count(*) FROM shop.orders"));
        assert_eq!(count, ("2".into(), "2".into()), "nothing is asked: {certificate:?}");
    }
}

#[test]
fn a_statement_ends_on_its_server_when_the_run_is_stopped_and_when_its_time_is_over() {
    let person = Person::new();
    let (postgres, maria) = (Postgres::plain(), MariaDb::start(Certificate::Right));
    person.keeps("pg", &postgres.address(""));
    person.keeps("my", &maria.address(""));
    person.keeps("lite", &person.file());
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let slow = [("pg", "SELECT pg_sleep(3000)"), ("my", "SELECT SLEEP(3000)"), ("lite", endless)];
    let running = |name: &str| match name {
        "pg" => postgres.busy(),
        "my" => maria.busy(),
        // It runs in no server.
        _ => "0".to_owned(),
    };
    for (name, query) in slow {
        let done = person.run(&[(&format!("on={name} timeout=1s"), query)], &[]);
        assert_eq!(done.status, Some(1), "{name}: {done:?}");
        until("it has ended on the server", || running(name) == "0");
    }
    for (name, query) in slow {
        person.session.home.file("look.md", &format!("# Look\n\n## Steps\n\n```sql {{on={name}}}\n{query}\n```\n"));
        let child = person.command(&["run", "look.md", "--auto"]).spawn().unwrap();
        let run = || -> Option<String> {
            let runs = person.session.home.runs();
            runs.first().map(|run| text(run, "id").to_owned())
        };
        match name {
            "lite" => until("it runs", || run().is_some_and(|run| !processes_of(&run).is_empty())),
            _ => until("it runs", || running(name) != "0"),
        }
        kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let done: Done = child.wait_with_output().unwrap().into();
        assert_eq!(done.status, Some(130), "{name}: {done:?}");
        until("it has ended on the server", || running(name) == "0");
        assert_eq!(processes_of(&run().unwrap()), Vec::<u32>::new(), "{name}");
    }
}

#[test]
fn a_secret_in_an_answer_is_masked_wherever_it_stands() {
    let person = Person::new();
    let postgres = Postgres::plain();
    postgres.ask(&format!("UPDATE orders SET note = '{PASSWORD}'"));
    person.keeps("pg", &postgres.address(""));
    let done = person.run(&[("on=pg expect_value=other", "SELECT note FROM orders")], &[]);
    assert_eq!(done.status, Some(1), "{done:?}");
    let report = person.printed();
    let store = fs::read(person.session.home.path("data/allgood.db")).unwrap();
    for text in [&done.out, &done.err, &report, &String::from_utf8_lossy(&store).into_owned()] {
        assert!(!text.contains(PASSWORD) && !text.contains("sesame"), "{text}");
    }
    assert!(report.contains("•••"), "{report}");
}

#[test]
fn a_query_that_cannot_be_asked_as_it_is_written_is_an_error_of_the_check_and_others_queries_are_text() {
    let person = Person::new();
    let home = &person.session.home;
    for (attributes, query, code, says) in [
        ("on=db", "DELETE FROM orders", "bad-request", "write `write` into the braces"),
        ("on=db", "SELECT 1; SELECT 2", "bad-request", "more than one statement"),
        ("on=db", "SELECT '{{X}}'", "bad-request", "within quotes"),
        ("expect_value=1", "SELECT 1", "attribute-refused", "says not whom to ask"),
        ("on=docker:db", "SELECT 1", "attribute-refused", "names nothing that can be asked"),
        ("on=db expect_value=\"> x\"", "SELECT 1", "attribute-refused", "expect_value=> x"),
        ("on=db expect_valeu=1", "SELECT 1", "attribute-refused", "expect_value"),
        ("on=db expect_status=200", "SELECT 1", "attribute-refused", "for `http` blocks alone"),
        ("on=db expect_exit=1", "SELECT 1", "attribute-refused", "expect_rows"),
        ("on=db write=maybe", "SELECT 1", "attribute-refused", "write=maybe"),
    ] {
        home.file("look.md", &format!("# Look\n\n## Steps\n\n```sql {{{attributes}}}\n{query}\n```\n"));
        let checked = person.expect(1, &["check", "look.md", "--json"]);
        assert!(checked.out.contains(code) && checked.out.contains(says), "{attributes}: {checked:?}");
        let done: Done = person.command(&["run", "look.md", "--auto", "--yes"]).output().unwrap().into();
        assert_ne!(done.status, Some(0), "{attributes}: {done:?}");
    }
    home.file("look.md", "# Look\n\n## Steps\n\n```sql\nDROP TABLE orders;\n```\n\n```sql {name=x}\nSELECT 1\n```\n");
    let shown = person.expect(0, &["show", "look.md", "--json"]);
    assert!(!shown.out.contains("\"command\""), "what others write is shown: {shown:?}");
}
