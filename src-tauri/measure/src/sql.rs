//! Asks a database one statement, which only reads unless its block says otherwise.

mod mysql;
mod postgres;
mod sqlite;

use std::{collections::BTreeMap, time::Instant};

use format::{
    Order,
    measure::{Server, sql::Query},
};

use crate::{stop::Ending, table::Rows};

/// A statement with the values of its variables, and whether it may change something.
pub(crate) struct Statement<'a> {
    pub(crate) query: &'a Query,
    pub(crate) values: Vec<String>,
    pub(crate) write: bool,
}

/// Asks, and takes the answer.
///
/// # Errors
/// One sentence: why there is none.
pub(crate) fn ask(order: &Order, values: &BTreeMap<String, String>, ending: &Ending) -> Result<Rows, String> {
    let query = format::measure::sql::read(&order.text)?;
    let value = |name: &str| {
        values.get(name).cloned().ok_or_else(|| format!("the statement needs a value for {name}: give it one"))
    };
    let handed = query.variables().map(value).collect::<Result<Vec<String>, String>>()?;
    let statement = Statement { query: &query, values: handed, write: order.measured.write };
    let server = order.server.as_ref().ok_or("the order names no database")?;
    let began = Instant::now();
    let mut rows = match server {
        Server::Postgres(database) => postgres::ask(database, &statement, order, ending)?,
        Server::MySql(database) => mysql::ask(database, &statement, order, ending)?,
        Server::Sqlite { file } => sqlite::ask(file, &statement, ending)?,
        Server::Prometheus { .. } => return Err("the order names no database".to_owned()),
    };
    rows.took = began.elapsed();
    Ok(rows)
}
