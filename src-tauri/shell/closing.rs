//! Closing the window: a command that runs is not cut off without a question, and runs are left in order.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use api::App;
use tauri::{AppHandle, Manager, Runtime, Window, WindowEvent};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};

/// The question stands on screen: a second click on the cross does not ask it twice.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Asks before the window closes over a running command.
pub(super) fn on_event<R: Runtime>(window: &Window<R>, event: &WindowEvent, app: &Arc<App>) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    if !app.busy() {
        return;
    }
    api.prevent_close();
    if ASKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let (handle, label, app) = (window.app_handle().clone(), window.label().to_owned(), Arc::clone(app));
    window
        .dialog()
        .message("A command is still running. Closing stops it; the run is kept and can be looked at.")
        .title("Close Allgood?")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::OkCancelCustom("Stop it and close".to_owned(), "Let it run".to_owned()))
        .parent(window)
        .show(move |close| {
            ASKED.store(false, Ordering::SeqCst);
            if close {
                drop(tauri::async_runtime::spawn_blocking(move || stop_and_close(&handle, &label, &app)));
            }
        });
}

fn stop_and_close<R: Runtime>(handle: &AppHandle<R>, label: &str, app: &App) {
    app.close();
    let Some(window) = handle.get_webview_window(label) else { return };
    if let Err(error) = window.destroy() {
        tracing::error!(%error, "the window could not be closed");
        handle.exit(0);
    }
}
