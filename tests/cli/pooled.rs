//! A PostgreSQL behind a pool that gives its connection to another with each transaction.

use testkit::{Pool, Postgres};

use crate::{
    querying::{Person, no_answer},
    support::verdicts,
};

/// What stays with a connection for whoever has it next.
const STAYS: &str = "SELECT (SELECT count(*) FROM pg_prepared_statements) || ' ' \
    || current_setting('default_transaction_read_only') || ' ' || current_setting('client_connection_check_interval') || ' ' \
    || current_setting('statement_timeout') || ' ' || count(*) FROM pg_cursors";

#[test]
fn nothing_of_a_query_stays_in_a_pool_for_whoever_has_the_connection_next() {
    let person = Person::new();
    let postgres = Postgres::plain();
    let pool = Pool::before(&postgres);
    person.keeps("pg", &pool.address());
    postgres.ask("CREATE TYPE mood AS ENUM ('good', 'bad'); ALTER TABLE orders ADD mood mood DEFAULT 'good'");
    // As another program uses it at the same time.
    let connection = pool.ask("SELECT pg_backend_pid()");
    let read = "SELECT mood, state FROM orders WHERE id = {{ID}} AND mood = {{MOOD}}";
    let change = "UPDATE orders SET mood = {{MOOD}} WHERE id = {{ID}} RETURNING mood";
    let values = ["--param", "ID=2", "--param", "MOOD=good"];
    for (attributes, query, value) in [
        ("on=pg", read, "good"),
        ("on=pg", "SHOW server_encoding", "UTF8"),
        ("on=pg", "EXPLAIN SELECT 1", "/Result/"),
        ("on=pg write", change, "good"),
        ("on=pg write", "CREATE TABLE made AS SELECT 1 AS one", ""),
        ("on=pg write", "VACUUM orders", ""),
    ] {
        for _ in 0..2 {
            let attributes = match value {
                "" => attributes.to_owned(),
                value => format!(
                    "{attributes} expect_value=\"{}{value}\"",
                    if value.starts_with('/') { "=~ " } else { "" }
                ),
            };
            let with: &[&str] = if query.contains("{{") { &values } else { &[] };
            let done = person.run_of("sql", &[(&attributes, query)], with);
            assert_eq!(done.status, Some(0), "{query}: {done:?}");
            assert_eq!(pool.ask(STAYS), "0 off 0 0 0", "{query}");
            postgres.ask("DROP TABLE IF EXISTS made");
        }
    }
    // What fails leaves as little, and says why in the server's words.
    postgres.ask("ALTER TABLE orders ADD CHECK (mood = 'good')");
    postgres.ask("ALTER TABLE orders ADD UNIQUE (state) DEFERRABLE INITIALLY DEFERRED");
    for (attributes, query, with, says) in [
        ("on=pg", "SELECT 1 / (id - 1) FROM orders", &[][..], "division by zero"),
        ("on=pg", read, &["--param", "ID=2", "--param", "MOOD=odd"], "invalid input value for enum mood"),
        ("on=pg write", change, &["--param", "ID=2", "--param", "MOOD=bad"], "violates check constraint"),
        ("on=pg write", "UPDATE orders SET state = 'paid'", &[], "duplicate key value"),
        ("on=pg write", "UPDATE nothing SET id = 1", &[], "relation \"nothing\" does not exist"),
        ("on=pg write", "CREATE TABLE orders (id int)", &[], "already exists"),
    ] {
        for _ in 0..2 {
            let done = person.run_of("sql", &[(attributes, query)], with);
            assert!(no_answer(&done).contains(says), "{query}: {done:?}");
            assert_eq!(pool.ask(STAYS), "0 off 0 0 0", "{query}");
        }
    }
    let states = "SELECT string_agg(state || ' ' || mood, ', ' ORDER BY id) FROM orders";
    assert_eq!(pool.ask(states), "paid good, open good", "what failed has changed nothing");
    let done = person.run_of("sql", &[("on=pg write", "UPDATE orders SET state = upper(state)")], &[]);
    assert_eq!(verdicts(&done)[0].1, "2 rows changed", "{done:?}");
    assert_eq!(pool.ask("SELECT pg_backend_pid()"), connection, "no connection of the pool was lost");
}
