//! Closing the window: a command that runs is not cut off without a question, and runs are left in order, also when
//! the session ends.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use api::{App, ClosingQuestion};
use gtk::prelude::{DialogExt as _, GtkWindowExt as _, MessageDialogExt as _, WidgetExt as _, WidgetExtManual as _};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use tauri::{AppHandle, Manager, Runtime, Window, WindowEvent};

use super::{tray, window};

/// The question stands on screen: a second click on the cross does not ask it twice.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Closes the window to the tray where the program stays there; else asks before it closes over a running command.
pub(super) fn on_event<R: Runtime>(window: &Window<R>, event: &WindowEvent, app: &Arc<App>) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    if tray::is_shown() && app.stays() {
        match window.hide() {
            Ok(()) => {
                api.prevent_close();
                app.in_front(false);
                app.say_that_it_stays();
                return;
            }
            Err(error) => tracing::warn!(%error, "the window could not be closed to the tray"),
        }
    }
    let Some(question) = app.closing_question() else { return };
    api.prevent_close();
    ask_and_close(window.app_handle(), app, &question);
}

/// Ends the program: somebody chose that in the tray. Asks before that stops a running command, with the window in front.
pub(super) fn quit<R: Runtime>(handle: &AppHandle<R>, app: &Arc<App>) {
    let (handle, app) = (handle.clone(), Arc::clone(app));
    let main = handle.clone();
    let asked = main.run_on_main_thread(move || match app.closing_question() {
        Some(question) => {
            window::to_front(&handle, None);
            ask_and_close(&handle, &app, &question);
        }
        None => {
            drop(tauri::async_runtime::spawn_blocking(move || {
                app.close();
                handle.exit(0);
            }));
        }
    });
    if let Err(error) = asked {
        tracing::error!(%error, "nobody could be asked before the program ends: it goes on");
    }
}

fn ask_and_close<R: Runtime>(handle: &AppHandle<R>, app: &Arc<App>, question: &ClosingQuestion) {
    let Some(window) = handle.get_webview_window(window::LABEL) else { return };
    if ASKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let (handle, app) = (handle.clone(), Arc::clone(app));
    let answered = move |close| {
        ASKED.store(false, Ordering::SeqCst);
        if close {
            let (handle, app) = (handle.clone(), Arc::clone(&app));
            drop(tauri::async_runtime::spawn_blocking(move || stop_and_close(&handle, &app)));
        }
    };
    match window.gtk_window() {
        Ok(parent) => ask(&parent, question, answered),
        Err(error) => {
            ASKED.store(false, Ordering::SeqCst);
            tracing::error!(%error, "nobody could be asked before closing: the command is let run");
        }
    }
}

/// Asks, with the answer that stops nothing as the default: a hand that presses Enter, Escape or the cross once more lets
/// the command run. Tauri's own dialog has no default, and takes Escape for its second button.
fn ask(parent: &gtk::ApplicationWindow, question: &ClosingQuestion, answered: impl Fn(bool) + 'static) {
    let (modal, kind, none) = (gtk::DialogFlags::MODAL, gtk::MessageType::Warning, gtk::ButtonsType::None);
    let dialog = gtk::MessageDialog::new(Some(parent), modal, kind, none, &question.title);
    dialog.set_title(&question.title);
    dialog.set_secondary_text(Some(&question.text));
    dialog.add_button("Stop and close", gtk::ResponseType::Accept);
    dialog.add_button("Let it run", gtk::ResponseType::Cancel);
    dialog.set_default_response(gtk::ResponseType::Cancel);
    dialog.connect_response(move |dialog, answer| {
        // SAFETY: nothing holds the dialog but this signal of it, and nothing here uses it afterwards.
        #[expect(unsafe_code, reason = "a window of the toolkit lives until it is destroyed")]
        unsafe {
            dialog.destroy();
        }
        answered(answer == gtk::ResponseType::Accept);
    });
    dialog.show_all();
}

fn stop_and_close<R: Runtime>(handle: &AppHandle<R>, app: &App) {
    app.close();
    let Some(window) = handle.get_webview_window(window::LABEL) else { return };
    if let Err(error) = window.destroy() {
        tracing::error!(%error, "the window could not be closed");
        handle.exit(0);
    }
}

/// The signals that whoever started this program had it ignore, as `nohup` does: bit 0 is signal 1 (proc(5), `SigIgn`).
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// Leaves in order when the session ends or somebody ends the program: there is nobody to be asked then. What runs is
/// stopped as by the question's "Stop and close". A second signal does not cut that short.
///
/// # Errors
/// When the signals cannot be heard.
pub(super) fn on_signals<R: Runtime>(handle: &AppHandle<R>, app: &Arc<App>) -> std::io::Result<()> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = ignored(&status);
    let heard = [SIGTERM, SIGINT, SIGHUP].into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
    let mut signals = Signals::new(heard)?;
    let (handle, app) = (handle.clone(), Arc::clone(app));
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            tracing::info!(signal, "told to end");
            app.close();
            handle.exit(0);
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nohup_had_ignored_stays_ignored() {
        assert_eq!(ignored("Name:\tallgood\nSigIgn:\t0000000000001001\n") & (1 << (SIGHUP - 1)), 1);
        assert_eq!(ignored("SigIgn:\t0000000000001000\n") & (1 << (SIGHUP - 1)), 0);
        assert_eq!(ignored(""), 0);
    }
}
