//! A person is notified of what came of schedules, once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use zbus::{
    blocking::{Connection, connection::Builder},
    interface,
    zvariant::OwnedValue,
};

use super::{Shop, book};
use crate::{access::Session, support::Done};

type Shown = Arc<Mutex<Vec<(String, String)>>>;

/// Keeps what is shown: title and text.
struct Desk {
    shown: Shown,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Desk {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "body-markup".to_owned()]
    }

    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _app_name: String,
        _replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        self.shown.lock().unwrap().push((summary, body));
        1
    }
}

/// The desktop of a session, where what is notified is shown until this is dropped.
pub(super) struct Desktop {
    shown: Shown,
    _connection: Connection,
}

impl Desktop {
    pub(super) fn of(session: &Session) -> Self {
        let shown = Shown::default();
        let desk = Desk { shown: Arc::clone(&shown) };
        let connection = Builder::address(session.address())
            .and_then(|builder| builder.serve_at("/org/freedesktop/Notifications", desk))
            .and_then(|builder| builder.name("org.freedesktop.Notifications"))
            .and_then(Builder::build)
            .unwrap();
        Self { shown, _connection: connection }
    }

    /// What was shown since the last time: title and text.
    pub(super) fn told(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.shown.lock().unwrap())
    }
}

#[test]
fn a_failure_and_a_run_that_waits_are_notified_once_and_what_passed_is_not() {
    let session = Session::without_keychain();
    let desktop = Desktop::of(&session);
    for (script, status, says) in [("exit 3", 1, Some("The scheduled run failed.")), ("echo good", 0, None)] {
        let shop = Shop::nightly(&book(script), 1, 0, &[]);
        for status in [status, 0] {
            let mut command = shop.home.command(&["schedule", "run-due"]);
            let done: Done = command.env("DBUS_SESSION_BUS_ADDRESS", session.address()).output().unwrap().into();
            assert_eq!(done.status, Some(status), "{done:?}");
        }
        let expected: Vec<(String, String)> =
            says.iter().map(|says| ("Nightly".to_owned(), (*says).to_owned())).collect();
        assert_eq!(desktop.told(), expected, "{script}");
    }
}
