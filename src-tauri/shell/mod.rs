//! The window around the interface: its frame, its permissions, and adapters of a few lines from Tauri's commands to
//! the handlers of `api`. Decides nothing about runbooks or runs.

pub(crate) mod rendering;
mod window;

use std::process::ExitCode;

/// Opens the window and stays until it is closed. Gives 0, or 5 when the window could not be opened.
pub(crate) fn run() -> ExitCode {
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _cwd| window::to_front(app)))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_window_state::Builder::new().with_state_flags(window::remembered()).build())
        .setup(|app| {
            window::open(app.handle(), None)?;
            Ok(())
        })
        .build(tauri::tauri_build_context!());
    match built {
        Ok(app) => {
            app.run(|_app, _event| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("allgood-desktop: the window could not be opened: {error}. Is there a display?");
            ExitCode::from(5)
        }
    }
}
