//! MySQL and MariaDB.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use format::{Order, measure::Database};
use mysql::{Conn, Error, Opts, OptsBuilder, Params, SslOpts, Value, prelude::Queryable as _};
use mysql_common::proto::codec::error::PacketCodecError;

use super::Statement;
use crate::{
    said, secret,
    stop::Ending,
    table::{Cell, Rows},
    trust,
};

/// How long a server may take to take a connection.
const CONNECTING: Duration = Duration::from_secs(20);

/// The longest time that its settings take: 24 days.
const LONGEST: Duration = Duration::from_secs(24 * 24 * 60 * 60);

pub(super) fn ask(at: &Database, statement: &Statement<'_>, order: &Order, ending: &Ending) -> Result<Rows, String> {
    let why = |error: Error| why(&error, at);
    let opts = opts(at, order)?;
    let mut connection = Conn::new(opts.clone()).map_err(why)?;
    let kill = format!("KILL QUERY {}", connection.connection_id());
    ending.by(move || {
        let _ = Conn::new(opts.clone()).and_then(|mut other| other.query_drop(&kill));
    });
    limit(&mut connection, Duration::from_millis(order.server_limit_ms));
    if !statement.write {
        for wall in [
            "SET SESSION TRANSACTION READ ONLY".to_owned(),
            format!("SET SESSION sql_select_limit = {}", format::measure::MOST_ROWS + 1),
            "START TRANSACTION READ ONLY".to_owned(),
        ] {
            connection.query_drop(wall).map_err(why)?;
        }
    }
    let values: Vec<Value> = statement.values.iter().map(|value| Value::Bytes(value.clone().into_bytes())).collect();
    let params = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    // A prepared statement is one: the server takes no other with it.
    let prepared = connection.prep(statement.query.with_signs(|_| "?".to_owned())).map_err(why)?;
    let mut result = connection.exec_iter(&prepared, params).map_err(why)?;
    let changed = result.affected_rows();
    let names = result.columns().as_ref().iter().map(|column| column.name_str().into_owned()).collect();
    let mut found = Rows { columns: names, ..Rows::default() };
    for row in result.by_ref() {
        let cells = row.map_err(why)?.unwrap().into_iter().map(cell).collect();
        found.push(cells);
    }
    if statement.write {
        found.changed = Some(changed);
    }
    Ok(found)
}

/// Bounds what the server does for a program that is gone, of which it hears nothing before it answers, where it has no shorter
/// limit of its own. MariaDB knows the one setting, MySQL the other, which bounds only what reads.
fn limit(connection: &mut Conn, limit: Duration) {
    let limit = limit.min(LONGEST);
    let set =
        |name: &str, most: String| format!("SET SESSION {name} = IF(@@{name} > 0, LEAST(@@{name}, {most}), {most})");
    let of_maria = set("max_statement_time", limit.as_secs_f64().to_string());
    let of_mysql = set("max_execution_time", limit.as_millis().to_string());
    let _ = connection.query_drop(of_maria).or_else(|_| connection.query_drop(of_mysql));
}

fn opts(at: &Database, order: &Order) -> Result<Opts, String> {
    let tls = match (at.tls, &order.measured.ca) {
        (false, _) => None,
        (true, Some(file)) => {
            let file = Path::new(&order.folder).join(file);
            trust::certificates(&file)?;
            Some(SslOpts::default().with_root_cert_path(Some(file)))
        }
        // What this machine trusts, the authority of a company among it.
        (true, None) => {
            let bundle =
                ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
            let chosen = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
            let there = chosen.into_iter().chain(bundle.map(PathBuf::from)).find(|file| file.is_file());
            Some(SslOpts::default().with_root_cert_path(there))
        }
    };
    let builder = OptsBuilder::new()
        .ip_or_hostname(Some(at.host.as_str()))
        .tcp_port(at.port)
        .user(Some(at.user.as_str()))
        .pass(secret().map(|secret| secret.to_string_lossy().into_owned()))
        .db_name(at.database.as_deref())
        .prefer_socket(false)
        .tcp_connect_timeout(Some(CONNECTING))
        .ssl_opts(tls);
    Ok(builder.into())
}

/// One sentence about a server that did not answer, or said no.
fn why(error: &Error, at: &Database) -> String {
    let host = format!("{}:{}", at.host, at.port);
    let broken: Option<&(dyn std::error::Error + 'static)> = match error {
        Error::IoError(error) | Error::CodecError(PacketCodecError::Io(error)) => Some(error),
        Error::TlsError(error) => Some(error),
        _ => None,
    };
    if let Some(wrong) = broken.and_then(said::tls_of) {
        return said::certificate(wrong, &host);
    }
    match error {
        Error::MySqlError(said) if [1044, 1045, 1698].contains(&said.code) => {
            format!(
                "{host} does not let {} in: {}: look at the user and the password of the entry",
                at.user, said.message
            )
        }
        Error::MySqlError(said) if said.code == 1792 => {
            format!("{host}: {}: write `write` into the braces if it is to change something", said.message)
        }
        Error::MySqlError(said) => format!("{host}: {}", said.message),
        Error::DriverError(mysql::DriverError::TlsNotSupported) => said::no_tls(&host),
        Error::DriverError(mysql::DriverError::CouldNotConnect(_) | mysql::DriverError::ConnectTimeout) => {
            said::no_connection(&host)
        }
        Error::IoError(said) | Error::CodecError(PacketCodecError::Io(said)) => {
            format!("{host} broke the connection off: {said}")
        }
        other => format!("{host} gave no answer that can be read: {other}"),
    }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => {
            let length = bytes.len();
            Some(String::from_utf8(bytes).unwrap_or_else(|_| format!("({length} bytes)")))
        }
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Double(number) => Some(number.to_string()),
        time @ (Value::Date(..) | Value::Time(..)) => Some(time.as_sql(true).trim_matches('\'').to_owned()),
    }
}
