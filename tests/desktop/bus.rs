//! A session bus of the test's own; on it a keychain, and a stand-in for the desktop's notifications.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write as _},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
};

use zbus::{
    blocking::{Connection, connection::Builder},
    interface,
    object_server::SignalEmitter,
    zvariant::{ObjectPath, OwnedValue},
};

use crate::page::until;

const PATH: &str = "/org/freedesktop/Notifications";

/// A session bus. Ends when dropped.
pub(crate) struct Bus {
    daemon: Child,
    pub(crate) address: String,
}

impl Bus {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut daemon = command
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned() }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

/// gnome-keyring on a bus. Ends when dropped.
pub(crate) struct Keychain {
    daemon: Child,
    address: String,
}

impl Keychain {
    /// Open and empty.
    pub(crate) fn start(bus: &Bus, mut command: Command) -> Self {
        let mut daemon = command
            .args(["--unlock", "--components=secrets", "--foreground"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring is installed (`.ci/setup test` installs it)");
        daemon.stdin.take().unwrap().write_all(b"of the login").unwrap();
        Self { daemon, address: bus.address.clone() }
    }

    /// Locks it, as a screen saver does.
    pub(crate) fn lock(&self) {
        let connection = Builder::address(self.address.as_str()).and_then(Builder::build).unwrap();
        let collection = ObjectPath::try_from("/org/freedesktop/secrets/collection/login").unwrap();
        let (service, path) = (Some("org.freedesktop.secrets"), "/org/freedesktop/secrets");
        let interface = Some("org.freedesktop.Secret.Service");
        connection.call_method(service, path, interface, "Lock", &(vec![collection],)).unwrap();
    }
}

impl Drop for Keychain {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

/// A notification as the desktop was asked to show it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: u32,
    pub(crate) program: String,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) actions: Vec<String>,
    pub(crate) urgency: u8,
}

#[derive(Default)]
struct Kept {
    shown: Vec<Shown>,
    closed: Vec<u32>,
}

/// The desktop's notifications: notes what it is asked to show.
pub(crate) struct Notifications {
    connection: Connection,
    kept: Arc<Mutex<Kept>>,
    /// While it is there, nothing is answered.
    hanging: Option<mpsc::Sender<()>>,
}

struct Service {
    kept: Arc<Mutex<Kept>>,
    /// Ends when the other end is dropped.
    hang: Option<Mutex<mpsc::Receiver<()>>>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    fn get_capabilities(&self) -> Vec<String> {
        if let Some(hang) = &self.hang {
            let _ = hang.lock().unwrap().recv();
        }
        ["body", "body-markup", "actions"].map(str::to_owned).to_vec()
    }

    #[allow(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        program: String,
        replaces: u32,
        _icon: String,
        title: String,
        text: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut kept = self.kept.lock().unwrap();
        let newest = kept.shown.iter().map(|one| one.id).max().unwrap_or_default();
        let id = if replaces == 0 { newest + 1 } else { replaces };
        let urgency = hints.get("urgency").and_then(|level| u8::try_from(level).ok()).unwrap_or_default();
        kept.shown.push(Shown { id, program, title, text, actions, urgency });
        id
    }

    fn close_notification(&self, id: u32) {
        self.kept.lock().unwrap().closed.push(id);
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}

impl Notifications {
    pub(crate) fn serve(bus: &Bus, hangs: bool) -> Self {
        let kept = Arc::default();
        let (hanging, hang) = mpsc::channel();
        let service = Service { kept: Arc::clone(&kept), hang: hangs.then(|| Mutex::new(hang)) };
        let connection = Builder::address(bus.address.as_str())
            .and_then(|builder| builder.serve_at(PATH, service))
            .and_then(|builder| builder.name("org.freedesktop.Notifications"))
            .and_then(Builder::build)
            .unwrap();
        Self { connection, kept, hanging: hangs.then_some(hanging) }
    }

    /// Answers from now on.
    pub(crate) fn come_round(&mut self) {
        self.hanging.take();
    }

    /// Everything that it was asked to show so far.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        self.kept.lock().unwrap().shown.clone()
    }

    /// The one of that number from 0, once it is there.
    pub(crate) async fn nth(&self, number: usize) -> Shown {
        until(&format!("{} notifications are shown", number + 1), async || self.shown().len() > number).await;
        self.shown()[number].clone()
    }

    pub(crate) async fn is_taken_back(&self, id: u32) {
        until("the notification is taken back", async || self.kept.lock().unwrap().closed.contains(&id)).await;
    }

    /// Somebody clicks on it.
    pub(crate) fn click(&self, id: u32) {
        let service = self.connection.object_server().interface::<_, Service>(PATH).unwrap();
        zbus::block_on(Service::action_invoked(service.signal_emitter(), id, "default")).unwrap();
    }
}
