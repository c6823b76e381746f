//! A session with a keychain of the test's own: a bus, and gnome-keyring on it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::DirBuilderExt as _,
    process::{Child, Command, Stdio},
};

use zbus::{blocking::connection::Builder, zvariant::ObjectPath};

use crate::support::{Done, Home, until};

const SERVICE: &str = "org.freedesktop.secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// A person's session. Ends when dropped.
pub(crate) struct Session {
    pub(crate) home: Home,
    bus: Child,
    address: String,
    keychain: Option<Child>,
}

impl Session {
    /// With an unlocked keychain.
    pub(crate) fn new() -> Self {
        let mut session = Self::without_keychain();
        let mut command = Command::new("gnome-keyring-daemon");
        session.dress(&mut command);
        let mut keychain = command
            .args(["--unlock", "--components=secrets", "--foreground"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring is installed (`.ci/setup test` installs it)");
        keychain.stdin.take().unwrap().write_all(b"of the login").unwrap();
        session.keychain = Some(keychain);
        until("the keychain is there", || {
            session.expect(0, &["access", "vault", "status", "--json"]).json()["keychain_problem"].is_null()
        });
        session
    }

    /// With a bus on which nobody keeps secrets.
    pub(crate) fn without_keychain() -> Self {
        let home = Home::new();
        fs::DirBuilder::new().mode(0o700).create(home.path("run")).unwrap();
        let mut command = Command::new("dbus-daemon");
        home.dress(&mut command);
        // No service is started by being asked for: what is on the bus is what the test puts there.
        let config = home.file(
            "bus.conf",
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\"><busconfig><type>session</type>\
             <listen>unix:tmpdir=/tmp</listen><policy context=\"default\"><allow send_destination=\"*\"/>\
             <allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
        );
        let mut bus = command
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed (`.ci/setup test` installs it)");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        assert!(!address.is_empty(), "the bus did not start");
        Self { home, bus, address, keychain: None }
    }

    /// Where its bus is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The environment of a program in this session.
    pub(crate) fn dress(&self, command: &mut Command) {
        self.home.dress(command);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("XDG_RUNTIME_DIR", self.home.path("run"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("GNOME_KEYRING_CONTROL");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.command(arguments);
        self.dress(&mut command);
        command
    }

    pub(crate) fn expect(&self, status: i32, arguments: &[&str]) -> Done {
        let done: Done = self.command(arguments).output().unwrap().into();
        assert_eq!(done.status, Some(status), "allgood {arguments:?}: {done:?}");
        done
    }

    /// The same, with this on standard input.
    pub(crate) fn given(&self, status: i32, input: &str, arguments: &[&str]) -> Done {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // It may end without reading all of it.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let done: Done = child.wait_with_output().unwrap().into();
        assert_eq!(done.status, Some(status), "allgood {arguments:?}: {done:?}");
        done
    }

    /// Locks the keychain, as a screen saver does.
    pub(crate) fn lock(&self) {
        let connection = Builder::address(self.address.as_str()).unwrap().build().unwrap();
        let collection = ObjectPath::try_from(COLLECTION).unwrap();
        let interface = Some("org.freedesktop.Secret.Service");
        connection
            .call_method(Some(SERVICE), "/org/freedesktop/secrets", interface, "Lock", &(vec![collection],))
            .unwrap();
    }

    /// Every file below the home that holds these bytes.
    pub(crate) fn files_with(&self, bytes: &[u8]) -> Vec<String> {
        let files = walkdir::WalkDir::new(self.home.path("")).into_iter().filter_map(Result::ok);
        let files = files.filter(|entry| entry.file_type().is_file());
        let held = files.filter(|entry| {
            let found = fs::read(entry.path()).unwrap_or_default();
            found.windows(bytes.len()).any(|part| part == bytes)
        });
        held.map(|entry| entry.path().display().to_string()).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.keychain.iter_mut().chain([&mut self.bus]) {
            drop(child.kill());
            drop(child.wait());
        }
    }
}
