//! The frame of the one window: its size and place, its colour before the first paint, and that it shows nothing but
//! the embedded interface.

use std::{path::PathBuf, sync::Arc};

use api::App;
use gtk::prelude::GtkWindowExt as _;
use tauri::{
    AppHandle, LogicalSize, Manager, Runtime, Theme, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    webview::{Color, NewWindowResponse, PageLoadEvent},
};
use tauri_plugin_window_state::StateFlags;

/// The window's name in capabilities.
pub(super) const LABEL: &str = "main";
/// Width and height of the first start, in logical pixels.
const SIZE: (f64, f64) = (1440.0, 900.0);
/// The interface is laid out down to this.
const SMALLEST: (f64, f64) = (800.0, 600.0);
/// `--bg-page` of the interface's two themes.
const PAPER: Color = Color(0xF7, 0xF6, 0xF3, 0xFF);
const NIGHT: Color = Color(0x14, 0x18, 0x1B, 0xFF);

/// What is remembered from one start to the next.
pub(crate) fn remembered() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN
}

/// Opens the window. `theme` is the person's choice; none follows the system.
/// `webview` is the folder where WebKit keeps what it keeps.
pub(crate) fn open<R: Runtime>(
    app: &AppHandle<R>,
    theme: Option<Theme>,
    webview: PathBuf,
) -> tauri::Result<WebviewWindow<R>> {
    let (width, height) = fitting(app);
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Allgood")
        .inner_size(width, height)
        .min_inner_size(SMALLEST.0.min(width), SMALLEST.1.min(height))
        .center()
        .theme(theme)
        .data_directory(webview)
        .background_color(if theme == Some(Theme::Dark) { NIGHT } else { PAPER })
        .devtools(cfg!(debug_assertions))
        .on_navigation(|url| is_the_interface(url.as_str()))
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        .on_page_load(|window, load| {
            // A page that begins anew has no terminals: those of the one before would run on unseen.
            if let (PageLoadEvent::Started, Some(app)) = (load.event(), window.try_state::<Arc<App>>()) {
                app.terminals_end();
            }
        })
        .build()?;
    if theme.is_none() && window.theme()? == Theme::Dark {
        window.set_background_color(Some(NIGHT))?;
    }
    Ok(window)
}

/// The toolkit's word for the person's choice; none follows the system.
pub(crate) fn native(theme: api::wire::Theme) -> Option<Theme> {
    match theme {
        api::wire::Theme::System => None,
        api::wire::Theme::Light => Some(Theme::Light),
        api::wire::Theme::Dark => Some(Theme::Dark),
    }
}

/// Brings the window before the others: somebody started Allgood a second time, or answered a notification. `token` is
/// the desktop's permission to do so, where it gave one.
pub(crate) fn to_front<R: Runtime>(app: &AppHandle<R>, token: Option<String>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Some(token) = token {
        let front = window.clone();
        let permitted = window.run_on_main_thread(move || match front.gtk_window() {
            Ok(window) => window.set_startup_id(&token),
            Err(error) => tracing::warn!(%error, "the desktop's permission was not used"),
        });
        if let Err(error) = permitted {
            tracing::warn!(%error, "the desktop's permission was not used");
        }
    }
    for done in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = done {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}

/// Shows the window again where it is closed and the program stayed.
pub(super) fn back_if_hidden<R: Runtime>(app: &AppHandle<R>) {
    let hidden = |window: &WebviewWindow<R>| window.is_visible().is_ok_and(|visible| !visible);
    if let Some(window) = app.get_webview_window(LABEL).filter(hidden)
        && let Err(error) = window.show()
    {
        tracing::warn!(%error, "the window could not be shown again");
    }
}

/// The size of the first start, no larger than the screen.
fn fitting<R: Runtime>(app: &AppHandle<R>) -> (f64, f64) {
    match app.primary_monitor() {
        Ok(Some(monitor)) => {
            let room: LogicalSize<f64> = monitor.work_area().size.to_logical(monitor.scale_factor());
            (SIZE.0.min(room.width), SIZE.1.min(room.height))
        }
        _ => SIZE,
    }
}

/// Whether an address is the embedded interface: everything else is refused, also when a page asks for it.
fn is_the_interface(address: &str) -> bool {
    ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"].iter().any(|origin| {
        address.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    })
}

#[cfg(test)]
mod tests {
    use super::is_the_interface;

    #[test]
    fn the_window_goes_nowhere_but_to_the_interface() {
        for (address, allowed) in [
            ("tauri://localhost", true),
            ("tauri://localhost/index.html#/runs", true),
            ("http://tauri.localhost/", true),
            ("https://example.org/", false),
            ("http://localhost/", false),
            ("tauri://localhost.example.org/", false),
            ("http://tauri.localhost.example.org/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hello", false),
            ("javascript:alert(1)", false),
            ("about:blank", false),
        ] {
            assert_eq!(is_the_interface(address), allowed, "{address}");
        }
    }
}
