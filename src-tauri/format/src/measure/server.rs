//! Whom a block asks: what an access entry says of a server, less its secret.

use serde::{Deserialize, Serialize};

/// A server, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Server {
    /// PostgreSQL, or what speaks as it does.
    Postgres(Database),
    /// MySQL or MariaDB.
    MySql(Database),
    /// A file of SQLite.
    Sqlite {
        /// Its whole path.
        file: String,
    },
    /// Prometheus, or what answers as it does.
    Prometheus {
        /// `https://metrics.example`, with the path before `/api`.
        address: String,
        /// Who signs in, where somebody has to.
        user: Option<String>,
        /// Whether its secret is a token, and no password.
        bearer: bool,
    },
}

/// A server of databases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// A name or an address.
    pub host: String,
    /// 1 to 65,535.
    pub port: u16,
    /// The database, where one is named.
    pub database: Option<String>,
    /// Who signs in.
    pub user: String,
    /// Whether the connection is by TLS, and then with a certificate that is right.
    pub tls: bool,
}

impl Server {
    /// Where it is, for sentences and the record: `ann@db1:5432/orders`, `/srv/orders.db`.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Postgres(one) | Self::MySql(one) => {
                let host = if one.host.contains(':') { format!("[{}]", one.host) } else { one.host.clone() };
                let database = one.database.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
                format!("{}@{host}:{}{database}", one.user, one.port)
            }
            Self::Sqlite { file } => file.clone(),
            Self::Prometheus { address, .. } => address.clone(),
        }
    }
}
