//! The window around the interface: its frame, its permissions, and adapters of a few lines from Tauri's commands to
//! the handlers of `api`. Decides nothing about runbooks or runs.

mod closing;
mod commands;
mod desktop;
mod icon;
mod notifications;
pub(crate) mod rendering;
mod shortcut;
mod tray;
mod window;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    process::ExitCode,
    sync::Arc,
    thread::JoinHandle,
};

use api::{ApiError, App, Config, ErrorCode, commands::Nothing, logs, places::Places};
use tauri::{Manager, RunEvent, WindowEvent};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};

/// Allgood itself failed: the exit status of RUNS.md, "The command line".
const FAILED: u8 = 5;

/// Opens the window and stays until it is closed. Gives 0, or 5 when Allgood could not be opened.
pub(crate) fn run() -> ExitCode {
    let places = match Places::from_environment() {
        Ok(places) => places,
        Err(error) => return fail(&error.message),
    };
    // The store opens while the toolkit starts.
    let opening = {
        let places = places.clone();
        std::thread::spawn(move || open(&places))
    };
    match build(&places, opening) {
        Ok(app) => {
            app.run(|handle, event| {
                if let (RunEvent::Exit, Some(app)) = (event, handle.try_state::<Arc<App>>()) {
                    app.close();
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("The window could not be opened: {error}. Is there a display?")),
    }
}

fn fail(sentence: &str) -> ExitCode {
    eprintln!("allgood-desktop: {sentence}");
    ExitCode::from(FAILED)
}

/// Starts the log and opens the program behind the window.
fn open(places: &Places) -> Result<Arc<App>, ApiError> {
    let log = logs::start(&places.state)?;
    std::panic::set_hook(Box::new(|fault| tracing::error!("Allgood itself failed: {fault}")));
    let mut config = Config::from_environment(places)?;
    rendering::take_back(&mut config.environment);
    let app = App::open(config)?;
    let masking = Arc::clone(&app);
    log.mask_with(move |line| masking.mask(line));
    app.follow()?;
    app.schedule_drive();
    app.team_follow();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), data = %places.data.display(), "the window opens");
    Ok(app)
}

fn build(places: &Places, opening: JoinHandle<Result<Arc<App>, ApiError>>) -> tauri::Result<tauri::App> {
    let single = tauri_plugin_single_instance::Builder::new().dbus_id(bus_name(&places.data)).callback(
        |handle, arguments, _folder| {
            window::to_front(handle, None);
            if let Some(app) = handle.try_state::<Arc<App>>() {
                heed(&app, arguments);
            }
        },
    );
    let remembered = tauri_plugin_window_state::Builder::new()
        .with_state_flags(window::remembered())
        .with_filename(places.state.join("window.json").to_string_lossy());
    let webview = places.data.join("webview");
    tauri::Builder::default()
        .plugin(single.build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(remembered.build())
        .setup(move |tauri| {
            let opened = opening.join().unwrap_or_else(|_| {
                Err(ApiError::new(ErrorCode::Internal, "Allgood itself failed while it opened its store."))
            });
            match opened {
                Ok(app) => {
                    tauri.manage(Arc::clone(&app));
                    let theme = app.settings_read(Nothing {}).map(|settings| settings.theme).unwrap_or_default();
                    window::open(tauri.handle(), window::native(theme), webview)?;
                    heed(&app, std::env::args_os().skip(1).filter_map(|one| one.into_string().ok()).collect());
                    shortcut::follow(tauri.handle(), &app);
                    closing::on_signals(tauri.handle(), &app)?;
                    desktop::follow(tauri.handle(), &app)?;
                }
                Err(error) => say_and_leave(tauri.handle(), &error.message),
            }
            Ok(())
        })
        .invoke_handler(commands::handler()?)
        .on_window_event(|window, event| {
            if let Some(app) = window.try_state::<Arc<App>>() {
                if let WindowEvent::Focused(in_front) = event {
                    app.in_front(*in_front);
                }
                closing::on_event(window, event, &app);
            }
        })
        .build(context())
}

/// The embedded interface, the permissions and the content policy, as `build.rs` made them of `tauri.conf.json`.
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "Tauri generated it")]
fn context() -> tauri::Context {
    tauri::tauri_build_context!()
}

/// Without its store there is nothing to show but why.
fn say_and_leave(handle: &tauri::AppHandle, sentence: &str) {
    eprintln!("allgood-desktop: {sentence}");
    let leave = handle.clone();
    handle
        .dialog()
        .message(sentence)
        .title("Allgood cannot open its store")
        .kind(MessageDialogKind::Error)
        .show(move |_| leave.exit(i32::from(FAILED)));
}

/// Does what the arguments of a start ask of the window, whether it is open already or opens by it.
fn heed(app: &App, arguments: Vec<String>) {
    if arguments.iter().any(|argument| argument == shortcut::FIND) {
        app.find();
    }
    if let Some(address) = from_outside(arguments) {
        app.outside_arrived(&address);
    }
}

/// The address among the arguments of a start, by which the desktop passes on one of Allgood's own. What it may ask is decided in
/// `api`.
fn from_outside(arguments: impl IntoIterator<Item = String>) -> Option<String> {
    let scheme = format!("{}:", api::OUTSIDE_SCHEME);
    arguments.into_iter().find(|one| one.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(&scheme)))
}

/// One window for each store: a second start with the same one brings it to the front. An element of a bus name
/// starts with a letter (D-Bus specification, "Valid Names").
fn bus_name(data: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    format!("allgood.store{:016x}", hasher.finish())
}
