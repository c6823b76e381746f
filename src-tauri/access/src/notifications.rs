//! Notifications of the desktop, by the Desktop Notifications Specification (freedesktop.org), 1.2.
//!
//! Asked of the bus itself: Tauri's own plugin does not hear of a click on Linux, and cannot take a notification back; and a
//! program without a window shows them too.

use std::{collections::HashMap, time::Duration};

use zbus::{
    blocking::{Connection, MessageIterator, connection::Builder},
    proxy,
    zvariant::Value,
};

/// A service that hangs is given up after so long.
const PATIENCE: Duration = Duration::from_secs(5);
const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Stays until somebody has seen it.
const CRITICAL: u8 = 2;
const NORMAL: u8 = 1;

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_async = false
)]
trait Service {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;
}

/// A notification. Plain text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notification<'a> {
    /// Its first line.
    pub title: &'a str,
    /// What it says.
    pub text: &'a str,
    /// It stays until somebody has seen it.
    pub urgent: bool,
    /// What can be done with it, as pairs of a name and its words; `default` is a click on it.
    pub actions: &'a [&'a str],
    /// The number of the one in whose place it stands; 0 for none.
    pub before: u32,
}

/// A connection to whoever shows notifications on the session's bus.
pub struct Notifications {
    service: ServiceProxy<'static>,
    connection: Connection,
    /// Whether texts are read as markup, so that `<` has to be escaped.
    markup: bool,
}

impl Notifications {
    /// Connects to the session's bus.
    ///
    /// # Errors
    /// When there is no bus, or nobody on it shows notifications.
    pub fn connect() -> zbus::Result<Self> {
        let connection = Builder::session()?.method_timeout(PATIENCE).build()?;
        let service = ServiceProxy::new(&connection)?;
        let markup = service.get_capabilities()?.iter().any(|can| can == "body-markup");
        Ok(Self { service, connection, markup })
    }

    /// What comes of them: clicks, and that they were closed. Ends when this is dropped.
    ///
    /// # Errors
    /// When the bus does not take the question.
    pub fn signals(&self) -> zbus::Result<MessageIterator> {
        let rule =
            zbus::MatchRule::builder().msg_type(zbus::message::Type::Signal).interface(SERVICE)?.path(PATH)?.build();
        MessageIterator::for_match_rule(rule, &self.connection, None)
    }

    /// Shows one; gives its number.
    ///
    /// # Errors
    /// When the desktop does not take it.
    pub fn show(&self, what: Notification<'_>) -> zbus::Result<u32> {
        let Notification { title, text, urgent, actions, before } = what;
        let urgency = if urgent { CRITICAL } else { NORMAL };
        let hints = HashMap::from([("urgency", Value::U8(urgency)), ("desktop-entry", Value::from("Allgood"))]);
        let body = if self.markup { escaped(text) } else { text.to_owned() };
        self.service.notify("Allgood", before, "allgood-desktop", title, &body, actions, hints, -1)
    }

    /// Takes one back.
    ///
    /// # Errors
    /// When it is gone already, or the desktop does not answer.
    pub fn take_back(&self, number: u32) -> zbus::Result<()> {
        self.service.close_notification(number)
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        // Ends what listens to its signals.
        if let Err(error) = self.connection.clone().close() {
            tracing::debug!(%error, "the bus was gone already");
        }
    }
}

/// A text that markup shows as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_title_with_markup_in_it_is_shown_as_it_is() {
        assert_eq!(escaped("<b>A & B</b>: passed"), "&lt;b&gt;A &amp; B&lt;/b&gt;: passed");
    }
}
