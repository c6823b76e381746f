//! PostgreSQL.
//!
//! What is asked goes as one prepared statement, of which the server takes no other with it; the answer comes as the texts that
//! the server itself makes of its values, whatever types it has.

use std::{error::Error as _, path::Path, sync::Arc, time::Duration};

use bytes::BytesMut;
use format::{
    Order,
    measure::{Database, MOST_ROWS},
};
use postgres::{
    Client, Config, Error, NoTls, SimpleQueryMessage,
    config::SslMode,
    error::SqlState,
    types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Statement;
use crate::{said, secret, stop::Ending, table::Rows, trust};

/// How long a server may take to take a connection.
const CONNECTING: Duration = Duration::from_secs(20);

/// The longest time that its settings take, in milliseconds.
const LONGEST: u64 = 2_147_483_647;

/// Statements that a cursor can be opened for, so that no more rows are made than are taken.
const WITH_CURSOR: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];

/// Statements that can be prepared by name, which those that take values are.
const PREPARED: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "WITH", "VALUES", "TABLE"];

pub(super) fn ask(at: &Database, statement: &Statement<'_>, order: &Order, ending: &Ending) -> Result<Rows, String> {
    let why = |error: Error| why(&error, at);
    let mut client = connected(at, order, ending)?;
    let text = statement.query.with_signs(|number| format!("${number}"));
    if statement.write {
        return write(&mut client, &text, statement, order.server_limit_ms).map_err(|error| match error {
            Failure::Said(sentence) => sentence,
            Failure::Server(error) => why(error),
        });
    }
    let found = read(&mut client, &text, statement, order.server_limit_ms);
    rolled_back(&mut client, "");
    found.map_err(why)
}

fn read(client: &mut Client, text: &str, statement: &Statement<'_>, limit: u64) -> Result<Rows, Error> {
    begin(client, "READ ONLY", limit)?;
    let values: Vec<AsText<'_>> = statement.values.iter().map(|value| AsText(value)).collect();
    // The server finds out of which type each is.
    let values: Vec<(&(dyn ToSql + Sync), Type)> = values.iter().map(|value| (value as _, Type::UNKNOWN)).collect();
    if WITH_CURSOR.contains(&statement.query.first_word()) {
        client.query_typed(&format!("DECLARE allgood NO SCROLL CURSOR FOR {text}"), &values)?;
        let messages = client.simple_query(&format!("FETCH {} FROM allgood", MOST_ROWS + 1))?;
        return Ok(rows(&messages));
    }
    let mut found = Rows::default();
    for row in &client.query_typed(text, &values)? {
        if found.columns.is_empty() {
            found.columns = row.columns().iter().map(|column| column.name().to_owned()).collect();
        }
        let cells = (0..row.len()).map(|at| row.try_get::<_, Option<Text>>(at).map(|cell| cell.map(|text| text.0)));
        found.push(cells.collect::<Result<Vec<_>, Error>>()?);
    }
    Ok(found)
}

/// Begins a transaction, with what bounds its statements at the server where that has no shorter limit of its own. All of it goes
/// with the transaction: behind a pool the connection is somebody else's next, and may be another one already.
fn begin(client: &mut Client, mode: &str, limit: u64) -> Result<(), Error> {
    // The server looks whether anybody waits for its answer, where it knows how to: from 14 on, and not on every system.
    let looking = "SET LOCAL client_connection_check_interval = '5s'";
    let looks = client.batch_execute(&format!("BEGIN; {looking}; ROLLBACK")).is_ok();
    if !looks {
        rolled_back(client, "");
    }
    // What has asked something can no longer be made one that writes.
    let asked = client.simple_query(&format!(
        "BEGIN TRANSACTION {mode}; \
         SELECT trunc(date_part('epoch', current_setting('statement_timeout')::interval) * 1000)"
    ))?;
    let own = asked.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok().filter(|own| *own > 0),
        _ => None,
    });
    let limit = limit.min(own.unwrap_or(LONGEST));
    let looking = if looks { looking } else { "" };
    client.batch_execute(&format!("SET LOCAL statement_timeout = {limit}; {looking}"))
}

/// Leaves nothing of a transaction, nor of what a pool would keep with the connection; a server that is gone has rolled it back.
fn rolled_back(client: &mut Client, and: &str) {
    let _ = client.batch_execute(&format!("ROLLBACK{and}"));
}

enum Failure {
    Said(String),
    Server(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

/// A statement that may change something. One that can be prepared has a transaction, and a limit with it. Others are by
/// themselves, for some of them can be in none: those have no limit at the server either, which would have to be that of the
/// session, and outlive it behind a pool of connections.
fn write(client: &mut Client, text: &str, statement: &Statement<'_>, limit: u64) -> Result<Rows, Failure> {
    let first = statement.query.first_word();
    let messages = if PREPARED.contains(&first) {
        let mut literals = Vec::new();
        for value in &statement.values {
            // How a value is written is the server's business.
            let asked = client.query_typed("SELECT quote_literal($1)", &[(&value.as_str(), Type::TEXT)])?;
            literals.extend(asked.iter().map(|row| row.try_get::<_, String>(0)).collect::<Result<Vec<_>, _>>()?);
        }
        let values = if literals.is_empty() { String::new() } else { format!("({})", literals.join(", ")) };
        // What is asked by itself is one statement, or the server refuses it.
        begin(client, "", limit)
            .and_then(|()| client.query_typed(&format!("PREPARE allgood AS {text}"), &[]))
            .and_then(|_| client.simple_query(&format!("EXECUTE allgood {values}; DEALLOCATE allgood; COMMIT")))
            .inspect_err(|_| rolled_back(client, "; DEALLOCATE allgood"))?
    } else if statement.values.is_empty() {
        // The server says whether it is one statement; only then does it go to where several could. A pool knows nothing of what
        // is prepared outside a transaction.
        client.batch_execute("BEGIN TRANSACTION READ ONLY")?;
        let one = client.prepare(text).map(drop);
        rolled_back(client, "");
        one?;
        client.simple_query(text)?
    } else {
        return Err(Failure::Said(format!("`{first}` takes no values: write them out, or leave the variables away")));
    };
    let mut found = rows(&messages);
    // The first that is told is the statement's.
    found.changed = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::CommandComplete(number) => Some(*number),
        _ => None,
    });
    Ok(found)
}

fn rows(messages: &[SimpleQueryMessage]) -> Rows {
    let mut found = Rows::default();
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                found.columns = columns.iter().map(|column| column.name().to_owned()).collect();
            }
            SimpleQueryMessage::Row(row) => {
                found.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
            }
            _ => {}
        }
    }
    found
}

fn connected(at: &Database, order: &Order, ending: &Ending) -> Result<Client, String> {
    let mut config = Config::new();
    config.host(&at.host).port(at.port).user(&at.user).application_name("allgood").connect_timeout(CONNECTING);
    config.ssl_mode(if at.tls { SslMode::Require } else { SslMode::Disable });
    if let Some(database) = &at.database {
        config.dbname(database);
    }
    if let Some(secret) = secret() {
        config.password(secret.into_encoded_bytes());
    }
    let why = |error: Error| why(&error, at);
    if !at.tls {
        let client = config.connect(NoTls).map_err(why)?;
        let cancel = client.cancel_token();
        ending.by(move || drop(cancel.cancel_query(NoTls)));
        return Ok(client);
    }
    let tls = MakeRustlsConnect::new(trusting(order)?);
    let client = config.connect(tls.clone()).map_err(why)?;
    let cancel = client.cancel_token();
    ending.by(move || drop(cancel.cancel_query(tls.clone())));
    Ok(client)
}

/// TLS with those that are trusted: a file's alone, or what this machine trusts.
fn trusting(order: &Order) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match &order.measured.ca {
        Some(file) => {
            for certificate in trust::certificates(&Path::new(&order.folder).join(file))? {
                roots.add(certificate).map_err(|error| format!("a certificate of `ca` is not accepted: {error}"))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let building = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(building.with_root_certificates(roots).with_no_client_auth())
}

/// One sentence about a server that did not answer, or said no.
fn why(error: &Error, at: &Database) -> String {
    let host = format!("{}:{}", at.host, at.port);
    if let Some(said) = error.as_db_error() {
        let beside: Vec<&str> = [said.detail(), said.hint()].into_iter().flatten().collect();
        let beside = if beside.is_empty() { String::new() } else { format!(" ({})", beside.join("; ")) };
        let told = format!("{}{beside}", said.message());
        return match said.code() {
            code if [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(code) => {
                format!("{host} does not let {} in: {told}: look at the user and the password of the entry", at.user)
            }
            code if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
                format!("{host}: {told}: write `write` into the braces if it is to change something")
            }
            code if *code == SqlState::FEATURE_NOT_SUPPORTED && told.starts_with("DECLARE CURSOR") => format!(
                "{host}: a part of it (`WITH … AS (DELETE …)`) changes something: write `write` into the braces if it is to"
            ),
            _ => format!("{host}: {told}"),
        };
    }
    if let Some(wrong) = said::tls_of(error) {
        return said::certificate(wrong, &host);
    }
    let chain: Vec<String> =
        std::iter::successors(error.source(), |inner| (*inner).source()).map(ToString::to_string).collect();
    let last = chain.last().cloned().unwrap_or_else(|| error.to_string());
    match () {
        () if last.contains("does not support TLS") => said::no_tls(&host),
        () if last.contains("password missing") => {
            format!("{host} asks for a password, and the entry has none: keep it there as its secret `password`")
        }
        () if last.contains("failed to lookup address") => said::unknown(&at.host),
        () if error.to_string().contains("connecting to server") => said::no_connection(&host),
        () => format!("{host} gave no answer that can be read: {last}"),
    }
}

/// A value as a text, which the server reads as whatever stands there.
#[derive(Debug)]
struct AsText<'a>(&'a str);

impl ToSql for AsText<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// A value of a type that is text however it comes: what `SHOW` and `EXPLAIN` answer.
struct Text(String);

impl<'a> FromSql<'a> for Text {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(String::from_utf8_lossy(raw).into_owned()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
