//! Notifications of the desktop, by the Desktop Notifications Specification (freedesktop.org), 1.2, from a program without a window:
//! shown, and not heard of again.

use std::{collections::HashMap, time::Duration};

use zbus::{
    blocking::{Proxy, connection::Builder},
    zvariant::Value,
};

/// A service that hangs is given up after so long.
const PATIENCE: Duration = Duration::from_secs(5);
const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Stays until somebody has seen it.
const CRITICAL: u8 = 2;
const NORMAL: u8 = 1;

/// Shows a notification on the session's bus. Plain text.
///
/// # Errors
/// One sentence: there is no bus, or nobody on it shows notifications.
pub fn notify(title: &str, text: &str, urgent: bool) -> Result<(), String> {
    shown(title, text, urgent).map_err(|error| format!("The notification could not be shown: {error}."))
}

fn shown(title: &str, text: &str, urgent: bool) -> zbus::Result<()> {
    let connection = Builder::session()?.method_timeout(PATIENCE).build()?;
    let service = Proxy::new(&connection, SERVICE, PATH, SERVICE)?;
    let capabilities: Vec<String> = service.call("GetCapabilities", &())?;
    let markup = capabilities.iter().any(|can| can == "body-markup");
    let text = if markup { escaped(text) } else { text.to_owned() };
    let urgency = if urgent { CRITICAL } else { NORMAL };
    let hints = HashMap::from([("urgency", Value::U8(urgency)), ("desktop-entry", Value::from("Allgood"))]);
    let none: [&str; 0] = [];
    let _id: u32 = service.call(
        "Notify",
        &("Allgood", 0_u32, "allgood-desktop", title, text.as_str(), none.as_slice(), hints, -1_i32),
    )?;
    Ok(())
}

/// A text that markup shows as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
