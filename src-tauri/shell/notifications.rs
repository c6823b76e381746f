//! Notifications of the desktop, by the Desktop Notifications Specification (freedesktop.org), 1.2.
//!
//! Asked of the bus itself: Tauri's own plugin does not hear of a click on Linux, and cannot take a notification back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api::Notice;
use zbus::{
    blocking::{Connection, MessageIterator, connection::Builder},
    proxy,
    zvariant::Value,
};

/// A service that hangs is given up after so long.
const PATIENCE: Duration = Duration::from_secs(5);
/// The specification's name for a click on the notification itself.
const CLICKED: &str = "default";
/// Stays until somebody has seen it.
const CRITICAL: u8 = 2;
const NORMAL: u8 = 1;

/// Which run a click leads to, and the desktop's permission to come to the front, where it gives one.
pub(super) type Answered = Box<dyn Fn(&str, Option<String>) + Send>;

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

/// A connection to the desktop's notifications, which hears of clicks as long as it lives.
pub(super) struct Notifications {
    service: ServiceProxy<'static>,
    connection: Connection,
    /// Whether texts are read as markup, so that `<` has to be escaped.
    markup: bool,
    shown: Shown,
}

/// The run of each notification that was shown.
type Shown = Arc<Mutex<HashMap<u32, String>>>;

impl Notifications {
    /// Connects to the session's bus. `answered` is called from a thread of its own.
    ///
    /// # Errors
    /// When there is no bus, or nobody on it shows notifications.
    pub(super) fn connect(answered: Answered) -> zbus::Result<Self> {
        let connection = Builder::session()?.method_timeout(PATIENCE).build()?;
        let service = ServiceProxy::new(&connection)?;
        let markup = service.get_capabilities()?.iter().any(|can| can == "body-markup");
        let shown = Shown::default();
        let rule = zbus::MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface("org.freedesktop.Notifications")?
            .path("/org/freedesktop/Notifications")?
            .build();
        let signals = MessageIterator::for_match_rule(rule, &connection, None)?;
        let runs = Arc::clone(&shown);
        std::thread::Builder::new()
            .name("notifications".to_owned())
            .spawn(move || hear(signals, &runs, &answered))
            .map_err(|error| zbus::Error::InputOutput(Arc::new(error)))?;
        Ok(Self { service, connection, markup, shown })
    }

    /// Shows it in place of the one of that number, 0 for none; its own number.
    ///
    /// # Errors
    /// When the desktop does not take it.
    pub(super) fn show(&self, notice: &Notice, before: u32) -> zbus::Result<u32> {
        let urgency = if notice.urgent { CRITICAL } else { NORMAL };
        let hints = HashMap::from([("urgency", Value::U8(urgency)), ("desktop-entry", Value::from("Allgood"))]);
        let body = if self.markup { escaped(&notice.text) } else { notice.text.clone() };
        let actions = [CLICKED, "Open the run"];
        let id =
            self.service.notify("Allgood", before, "allgood-desktop", &notice.title, &body, &actions, hints, -1)?;
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.insert(id, notice.run.clone());
        Ok(id)
    }

    /// Takes one back.
    ///
    /// # Errors
    /// When it is gone already, or the desktop does not answer.
    pub(super) fn take_back(&self, number: u32) -> zbus::Result<()> {
        self.service.close_notification(number)
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        // Ends the thread that hears of clicks.
        if let Err(error) = self.connection.clone().close() {
            tracing::debug!(%error, "the bus was gone already");
        }
    }
}

/// Hears of clicks until the connection ends.
fn hear(signals: MessageIterator, shown: &Shown, answered: &Answered) {
    let mut tokens: HashMap<u32, String> = HashMap::new();
    for message in signals.flatten() {
        let header = message.header();
        let body = message.body();
        match header.member().map(|member| member.as_str()) {
            // Comes before the click, where the desktop guards who may come to the front.
            Some("ActivationToken") => {
                if let Ok((id, token)) = body.deserialize::<(u32, String)>() {
                    tokens.insert(id, token);
                }
            }
            Some("ActionInvoked") => {
                let Ok((id, action)) = body.deserialize::<(u32, String)>() else { continue };
                let run = shown.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
                if let Some(run) = run.filter(|_| action == CLICKED) {
                    answered(&run, tokens.remove(&id));
                }
            }
            Some("NotificationClosed") => {
                if let Ok((id, _reason)) = body.deserialize::<(u32, u32)>() {
                    shown.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                    tokens.remove(&id);
                }
            }
            _ => {}
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
