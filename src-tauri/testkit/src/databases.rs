//! Real servers of databases, with a user `ann` and one table.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use crate::{
    served::{Served, done, folder, hand_over, program},
    web::{Certificate, issue},
};

/// The password of `ann`.
pub const PASSWORD: &str = "Qx7+sesame/9=open";

/// What is in each database: two orders, one of them with nothing in `note`.
const ORDERS: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY, state VARCHAR(40), note VARCHAR(40));
INSERT INTO orders VALUES (1, 'paid', NULL), (2, 'open', 'NULL');";

/// Where Debian keeps the programs of each version.
fn of_postgres(name: &str) -> String {
    let versions =
        fs::read_dir("/usr/lib/postgresql").expect("postgresql is installed (`.ci/setup test` installs it)");
    let mut found: Vec<PathBuf> = versions.map(|version| version.unwrap().path().join("bin").join(name)).collect();
    found.sort();
    found.last().expect("a version of PostgreSQL").display().to_string()
}

/// A real PostgreSQL on the loopback. Ends when dropped.
pub struct Postgres(Served);

impl Postgres {
    /// One without TLS.
    #[must_use]
    pub fn plain() -> Self {
        Self::start(None)
    }

    /// One that offers TLS with such a certificate.
    #[must_use]
    pub fn secure(certificate: Certificate) -> Self {
        Self::start(Some(certificate))
    }

    fn start(certificate: Option<Certificate>) -> Self {
        let folder = folder();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("password"), PASSWORD).unwrap();
        done(program(&of_postgres("initdb")).args([
            "--pgdata",
            &at("data"),
            "--username=ann",
            "--auth=scram-sha-256",
            &format!("--pwfile={}", at("password")),
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ]));
        let mut more = vec!["fsync=off".to_owned(), "listen_addresses=127.0.0.1".to_owned()];
        more.push(format!("unix_socket_directories={}", at("")));
        if let Some(certificate) = certificate {
            drop(issue(folder.path(), certificate));
            fs::set_permissions(at("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
            hand_over(&folder.path().join("key.pem"));
            more.extend(["ssl=on".to_owned(), format!("ssl_cert_file={}", at("cert.pem"))]);
            more.push(format!("ssl_key_file={}", at("key.pem")));
        }
        let data = at("data");
        let server = Served::start(folder, "ready to accept connections", |port| {
            let mut command = program(&of_postgres("postgres"));
            command.args(["-D", &data, "-p", &port.to_string()]);
            for setting in &more {
                command.args(["-c", setting]);
            }
            command
        });
        let server = Self(server);
        server.ask(ORDERS);
        server
    }

    /// What its own client says to a statement, values alone.
    pub fn ask(&self, sql: &str) -> String {
        psql(self.0.port, sql)
    }

    /// How many statements of a run are busy there.
    #[must_use]
    pub fn busy(&self) -> String {
        self.ask("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = 'allgood'")
    }

    /// Its address, with what follows.
    #[must_use]
    pub fn address(&self, more: &str) -> String {
        format!("postgres://127.0.0.1:{}/postgres{more}", self.0.port)
    }

    /// The certificate of the authority.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.0.path("ca.pem")
    }
}

/// A real PgBouncer before a PostgreSQL: one connection, which whoever has a transaction shares with all others. Ends when dropped.
pub struct Pool(Served);

impl Pool {
    /// One before that server.
    #[must_use]
    pub fn before(server: &Postgres) -> Self {
        let folder = folder();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("users"), format!("\"ann\" \"{PASSWORD}\"\n")).unwrap();
        let (there, settings) = (server.0.port, at("settings"));
        let users = at("users");
        let server = Served::start(folder, "process up", |port| {
            let lines = [
                "[databases]".to_owned(),
                format!("postgres = host=127.0.0.1 port={there}"),
                "[pgbouncer]".to_owned(),
                "listen_addr = 127.0.0.1".to_owned(),
                format!("listen_port = {port}"),
                "unix_socket_dir =".to_owned(),
                "auth_type = scram-sha-256".to_owned(),
                format!("auth_file = {users}"),
                "pool_mode = transaction".to_owned(),
                "default_pool_size = 1".to_owned(),
            ];
            fs::write(&settings, lines.join("\n")).unwrap();
            let mut command = program("pgbouncer");
            command.arg(&settings);
            command
        });
        Self(server)
    }

    /// What another program is told that comes after, on the same connection.
    pub fn ask(&self, sql: &str) -> String {
        psql(self.0.port, sql)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("postgres://127.0.0.1:{}/postgres", self.0.port)
    }
}

/// What PostgreSQL's own client is told of a statement, values alone.
fn psql(port: u16, sql: &str) -> String {
    let address = format!("postgres://ann@127.0.0.1:{port}/postgres");
    let mut psql = Command::new(of_postgres("psql"));
    psql.env("PGPASSWORD", PASSWORD);
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &address, "-c", sql]);
    done(&mut psql).trim().to_owned()
}

/// A real MariaDB on the loopback. Ends when dropped.
pub struct MariaDb(Served);

impl MariaDb {
    /// One that offers TLS with such a certificate.
    #[must_use]
    pub fn start(certificate: Certificate) -> Self {
        let folder = folder();
        let at = |name: &str| folder.path().join(name).display().to_string();
        drop(issue(folder.path(), certificate));
        hand_over(&folder.path().join("key.pem"));
        let data = format!("--datadir={}", at("data"));
        // A server that starts removes temporary tables, whosever they are.
        fs::create_dir(at("temporary")).unwrap();
        hand_over(&folder.path().join("temporary"));
        done(program("mariadb-install-db").env("TMPDIR", at("temporary")).args([
            "--no-defaults",
            &data,
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ]));
        let files = ["ssl-cert=cert.pem", "ssl-key=key.pem", "ssl-ca=ca.pem", "socket=socket", "pid-file=pid"];
        let files: Vec<String> = files
            .iter()
            .filter_map(|file| file.split_once('='))
            .map(|(option, name)| format!("--{option}={}", at(name)))
            .collect();
        let temporary = at("temporary");
        let server = Served::start(folder, "ready for connections", |port| {
            let mut command = program("mariadbd");
            command.env("TMPDIR", &temporary).args([
                "--no-defaults",
                &data,
                "--bind-address=127.0.0.1",
                "--innodb-flush-log-at-trx-commit=0",
            ]);
            command.args(&files).arg(format!("--port={port}"));
            command
        });
        let server = Self(server);
        server.ask(&format!(
            "CREATE DATABASE shop; USE shop; {ORDERS} CREATE USER ann@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; \
             GRANT ALL ON shop.* TO ann@'127.0.0.1';"
        ));
        server
    }

    /// What its own client says to a statement, values alone.
    pub fn ask(&self, sql: &str) -> String {
        let socket = format!("--socket={}", self.0.path("socket").display());
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", &socket, "--user=root", "--batch", "--skip-column-names", "-e", sql]);
        done(&mut client).trim().to_owned()
    }

    /// How many statements of a run are busy there.
    #[must_use]
    pub fn busy(&self) -> String {
        self.ask(
            "SELECT count(*) FROM information_schema.processlist \
             WHERE user = 'ann' AND (info LIKE '%SLEEP%' OR info LIKE '%seq_1_to%')",
        )
    }

    /// From now on it hangs: it takes connections, and never says a word.
    pub fn hang(&self) {
        self.0.halt();
    }

    /// Its address, with what follows.
    #[must_use]
    pub fn address(&self, more: &str) -> String {
        format!("mariadb://127.0.0.1:{}/shop{more}", self.0.port)
    }

    /// The certificate of the authority.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.0.path("ca.pem")
    }
}
