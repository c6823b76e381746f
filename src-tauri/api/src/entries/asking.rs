//! Servers that blocks ask (`sql {on=orders-db}`): what an access entry says of one, and the secret that opens it.

use std::net::IpAddr;

use access::EntryKind;
use engine::{
    Reached,
    process::{Kept, Reach},
};
use format::{
    Measure,
    measure::{Database, Server},
};
use store::AccessEntry;
use url::Url;

use super::fetching::{RunAccess, ungranted};

/// A server, without its secret.
#[derive(Debug)]
pub(super) struct Asked {
    server: Server,
    /// For the record.
    pub(super) place: String,
}

impl Asked {
    /// The secret fields that open it.
    pub(super) fn fields(&self) -> Vec<&'static str> {
        match self.server {
            Server::Postgres(_) | Server::MySql(_) => vec!["password"],
            Server::Sqlite { .. } => Vec::new(),
            Server::Prometheus { bearer, .. } => vec![if bearer { "token" } else { "password" }],
        }
    }
}

/// How an entry is added that can be asked.
const LIKE: &str = "--kind database --address postgres://HOST/DATABASE --user USER --secret password";

/// The same for metrics.
const LIKE_PROMETHEUS: &str = "--kind web --address https://HOST";

impl RunAccess {
    /// The entry that a block names, and the server that it says.
    ///
    /// # Errors
    /// Why nothing can be asked there, and what to do.
    pub(super) fn asked(&self, written: &str, measure: Measure) -> Result<(AccessEntry, Asked), String> {
        let entry = self.named_entry(written, if measure == Measure::Promql { LIKE_PROMETHEUS } else { LIKE })?;
        let server = match measure {
            Measure::Sql => database(&entry)?,
            Measure::Promql => prometheus(&entry)?,
            Measure::Http => return Err("a request is sent to its address, and no entry says it".to_owned()),
        };
        let place = format!("{} ({})", entry.name, server.place());
        Ok((entry, Asked { server, place }))
    }

    /// How a server is reached, for one start.
    pub(super) fn reached_server(&self, written: &str, measure: Measure) -> Result<Reached, String> {
        let told = |why: String| format!("{written} cannot be asked: {why}");
        let (entry, asked) = self.asked(written, measure).map_err(told)?;
        if !self.is_granted(&entry) {
            return Err(told(ungranted(&entry.name, &self.scope)));
        }
        let (mut found, warnings) = self.secrets_of(&entry, &asked.fields()).map_err(told)?;
        let password = found.pop_first().map(|(_, secret)| secret);
        if let Err(error) = self.store.access_used(&entry.id, &(self.now)()) {
            tracing::warn!(%error, "the use of an access entry is not remembered");
        }
        let kept = Kept { password, ..Kept::default() };
        Ok(Reached { reach: Reach::Server { server: asked.server, kept }, place: asked.place, warnings })
    }
}

/// The systems that an address may name, and their usual ports.
const SYSTEMS: &[(&str, u16)] =
    &[("postgres", 5432), ("postgresql", 5432), ("mysql", 3306), ("mariadb", 3306), ("sqlite", 0)];

/// What a command that an entry connects by speaks to.
const CLIENTS: &[(&str, &str)] =
    &[("psql", "postgres"), ("mysql", "mysql"), ("mariadb", "mysql"), ("sqlite3", "sqlite")];

/// The database of an entry.
///
/// # Errors
/// One sentence: what its address lacks, or cannot say.
fn database(entry: &AccessEntry) -> Result<Server, String> {
    let name = &entry.name;
    if EntryKind::named(&entry.kind) != Some(EntryKind::Database) {
        return Err(format!(
            "{name} is an access entry of the kind {}, and a query needs one of the kind database",
            entry.kind
        ));
    }
    let written = entry.address.as_deref().unwrap_or_default().trim();
    let mend = |what: &str| {
        Err(format!(
            "the address of {name} {what}: set it with `allgood access edit {name} --address ADDRESS`, like postgres://HOST/DATABASE, mysql://HOST/DATABASE or sqlite:/WHOLE/PATH"
        ))
    };
    if written.is_empty() {
        return mend("is empty");
    }
    let scheme = written.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let named = scheme.filter(|scheme| SYSTEMS.iter().any(|(system, _)| system == scheme));
    let (system, rest) = match named {
        Some(system) => {
            let rest = written.get(system.len() + 1..).unwrap_or_default();
            (system, rest.strip_prefix("//").unwrap_or(rest).to_owned())
        }
        None if written.contains("://") => return mend("names no database that can be asked"),
        // An entry as it is for a person says it by its port, or by what connects to it.
        None => {
            let by_port = SYSTEMS.iter().find(|(_, port)| entry.port == Some(*port) && *port != 0);
            let first = entry.command.as_deref().and_then(|command| command.split_whitespace().next());
            let by_command = CLIENTS.iter().find(|(client, _)| first == Some(client));
            match (by_port, by_command) {
                (_, Some((_, system))) => ((*system).to_owned(), written.to_owned()),
                (Some((system, _)), None) => ((*system).to_owned(), written.to_owned()),
                (None, None) => return mend("does not say which database it is"),
            }
        }
    };
    if system == "sqlite" {
        let file = rest.split('?').next().unwrap_or_default();
        return match file.starts_with('/') {
            true => Ok(Server::Sqlite { file: file.to_owned() }),
            false => mend("names no whole path"),
        };
    }
    let usual = SYSTEMS.iter().find(|(known, _)| *known == system).map_or(0, |(_, port)| *port);
    let Ok(url) = Url::parse(&format!("{system}://{rest}")) else { return mend("cannot be read") };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "the address of {name} holds a user or a password: keep them with `allgood access edit {name} --user USER --secret password`"
        ));
    }
    let host = url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned());
    let Some(host) = host.filter(|host| !host.is_empty()) else { return mend("names no host") };
    let Some(user) = entry.user.clone() else {
        return Err(format!(
            "{name} has no user to sign in as: set one with `allgood access edit {name} --user USER`"
        ));
    };
    if url.port().is_some_and(|port| entry.port.is_some_and(|other| other != port)) {
        return Err(format!("{name} says two ports, in its address and beside it: remove one"));
    }
    let port = url.port().or(entry.port).unwrap_or(usual);
    let database = percent_decoded(url.path().trim_start_matches('/'));
    let database = Some(database).filter(|database| !database.is_empty());
    let tls = match url.query_pairs().next() {
        None => !is_this_machine(&host),
        Some((key, value)) if key == "sslmode" && url.query_pairs().count() == 1 => match &*value {
            "disable" => false,
            "require" | "verify-ca" | "verify-full" => true,
            other => {
                return Err(format!(
                    "`sslmode={other}` in the address of {name} is not known: write `sslmode=verify-full`, or `sslmode=disable` for no TLS"
                ));
            }
        },
        Some((key, _)) => {
            return Err(format!("`{key}` in the address of {name} is not known: only `sslmode` may stand there"));
        }
    };
    let database = Database { host, port, database, user, tls };
    Ok(if system.starts_with("postgres") { Server::Postgres(database) } else { Server::MySql(database) })
}

/// The Prometheus of an entry: a page that one signs in to, or a service with a token.
///
/// # Errors
/// One sentence: what its address lacks, or cannot say.
fn prometheus(entry: &AccessEntry) -> Result<Server, String> {
    let name = &entry.name;
    if !matches!(EntryKind::named(&entry.kind), Some(EntryKind::Web | EntryKind::Token)) {
        return Err(format!(
            "{name} is an access entry of the kind {}, and a query of Prometheus needs one of the kind web or token",
            entry.kind
        ));
    }
    let mend = |what: &str| {
        Err(format!("the address of {name} {what}: set it with `allgood access edit {name} --address https://HOST`"))
    };
    let written = entry.address.as_deref().unwrap_or_default().trim();
    if written.is_empty() {
        return mend("is empty");
    }
    let whole = if written.contains("://") { written.to_owned() } else { format!("https://{written}") };
    let Ok(mut url) = Url::parse(&whole) else { return mend("cannot be read") };
    if !["http", "https"].contains(&url.scheme()) {
        return mend("is no address of the web");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "the address of {name} holds a user or a password: keep them with `allgood access edit {name} --user USER --secret password`"
        ));
    }
    if let Some(port) = entry.port.filter(|_| url.port().is_none()) {
        let _ = url.set_port(Some(port));
    }
    // The address of a page of it leads to it too.
    for page in ["/graph", "/query", "/api/v1", "/api/v1/query"] {
        if let Some(before) = url.path().trim_end_matches('/').strip_suffix(page).map(str::to_owned) {
            url.set_path(&before);
        }
    }
    url.set_query(None);
    url.set_fragment(None);
    let address = url.as_str().trim_end_matches('/').to_owned();
    Ok(Server::Prometheus { address, user: entry.user.clone(), bearer: entry.fields.contains_key("token") })
}

/// Nothing that goes to this machine passes a network.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(address: &str, user: Option<&str>, port: Option<u16>, command: Option<&str>) -> AccessEntry {
        AccessEntry {
            name: "db".to_owned(),
            kind: "database".to_owned(),
            address: Some(address.to_owned()),
            user: user.map(str::to_owned),
            port,
            command: command.map(str::to_owned),
            ..AccessEntry::default()
        }
    }

    #[test]
    fn a_database_is_what_its_entry_says() {
        let ann = Some("ann");
        for (address, port, command, system, place, tls) in [
            ("postgres://db1.example/orders", None, None, "postgres", "ann@db1.example:5432/orders", true),
            ("postgresql://db1.example:6432/", None, None, "postgres", "ann@db1.example:6432", true),
            ("postgres://127.0.0.1/a%20b", Some(5433), None, "postgres", "ann@127.0.0.1:5433/a b", false),
            ("mysql://localhost/shop?sslmode=verify-full", None, None, "mysql", "ann@localhost:3306/shop", true),
            ("mariadb://db2.example/shop?sslmode=disable", None, None, "mysql", "ann@db2.example:3306/shop", false),
            ("postgres://[::1]/o", None, None, "postgres", "ann@[::1]:5432/o", false),
            ("db1.example", Some(5432), None, "postgres", "ann@db1.example:5432", true),
            ("db1.example", Some(7000), Some("mysql --host db1.example"), "mysql", "ann@db1.example:7000", true),
            ("sqlite:/srv/orders.db", None, None, "sqlite", "/srv/orders.db", false),
            ("sqlite:///srv/orders.db", None, None, "sqlite", "/srv/orders.db", false),
            ("/srv/orders.db", None, Some("sqlite3 /srv/orders.db"), "sqlite", "/srv/orders.db", false),
        ] {
            let server = database(&entry(address, ann, port, command)).unwrap();
            assert_eq!(server.place(), place, "{address}");
            let (found, secure) = match server {
                Server::Postgres(one) => ("postgres", one.tls),
                Server::MySql(one) => ("mysql", one.tls),
                _ => ("sqlite", false),
            };
            assert_eq!((found, secure), (system, tls), "{address}");
        }
    }

    #[test]
    fn a_prometheus_is_where_its_page_is() {
        for (address, port, place) in [
            ("http://127.0.0.1:9090", None, "http://127.0.0.1:9090"),
            ("metrics.example", None, "https://metrics.example"),
            ("http://metrics.example/", Some(9090), "http://metrics.example:9090"),
            ("https://metrics.example/prom/graph?g0.expr=up", None, "https://metrics.example/prom"),
        ] {
            let one = AccessEntry { kind: "web".to_owned(), ..entry(address, Some("ann"), port, None) };
            assert_eq!(prometheus(&one).unwrap().place(), place, "{address}");
        }
        for (kind, address, says) in [
            ("database", "http://metrics.example", "of the kind web or token"),
            ("web", "", "is empty"),
            ("web", "postgres://metrics.example", "no address of the web"),
            ("token", "https://ann:pw@metrics.example", "a user or a password"),
        ] {
            let one = AccessEntry { kind: kind.to_owned(), ..entry(address, None, None, None) };
            assert!(prometheus(&one).unwrap_err().contains(says), "{address}");
        }
    }

    #[test]
    fn what_an_entry_does_not_say_is_named_with_how_to_say_it() {
        for (address, user, port, says) in [
            ("", Some("ann"), None, "is empty"),
            ("db1.example", Some("ann"), None, "does not say which database"),
            ("https://db1.example", Some("ann"), None, "no database that can be asked"),
            ("postgres://db1/orders", None, None, "--user USER"),
            ("postgres://ann:pw@db1/orders", None, None, "a user or a password"),
            ("postgres:///orders", Some("ann"), None, "names no host"),
            ("postgres://db1:5433/orders", Some("ann"), Some(5432), "two ports"),
            ("postgres://db1/orders?sslmode=prefer", Some("ann"), None, "sslmode=prefer"),
            ("postgres://db1/orders?password=x", Some("ann"), None, "`password`"),
            ("sqlite:orders.db", Some("ann"), None, "whole path"),
        ] {
            let sentence = database(&entry(address, user, port, None)).unwrap_err();
            assert!(sentence.contains(says), "{address}: {sentence}");
            assert!(!sentence.contains("pw"), "{sentence}");
        }
        let host = AccessEntry { kind: "ssh".to_owned(), ..entry("web1", Some("ann"), None, None) };
        assert!(database(&host).unwrap_err().contains("of the kind database"));
    }
}
