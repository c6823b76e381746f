//! What the faces of Allgood can ask, in one place: the wire types, stable error codes, and one handler for each
//! thing. The window and the command line both call [`App`]; neither decides what the other would have to repeat.
//!
//! This room presents nothing and knows no Tauri.

mod app;
mod author;
mod check;
pub mod commands;
mod commit;
mod comparing;
mod converting;
mod desktop;
mod entries;
pub mod error;
mod examples;
mod handing;
mod incident;
mod learning;
mod library;
mod library_file;
mod linked;
mod links;
mod live;
pub mod logs;
mod outside;
mod palette;
mod past;
pub mod places;
mod preparing;
mod proposing;
mod record;
mod reports;
mod retention;
mod runs;
mod schedules;
mod settings;
mod shell_word;
mod shortcut;
mod standing;
mod starting;
mod taking;
mod team;
mod typescript;
mod unfilled;
mod views;
pub mod watch;
pub mod wire;

pub use access::{CLEARED_AFTER, Copied, Gone, Keychain, Notification, Notifications, OUTSIDE_SCHEME, Secret};
pub use app::{App, Config};
pub use author::restored;
pub use check::{CheckQuery, CheckReport, Checked, Mended};
pub use desktop::{ClosingQuestion, DesktopSink, Frame, Lamp, Notice, Tray, TrayRun};
pub use engine::incident::{WORDS as MARKS, words as mark_words};
pub use engine::process::{SUPERVISOR_ARGUMENT, Supervisor, is_askpass, supervisor_main};
pub use engine::{
    Event, Fact, Keeping,
    event::AttemptState,
    run::{Choice, OnFailure, TakeUp},
};
pub use entries::{CodeNow, Connecting, PASSPHRASE_FILE, SecretSet, TerminalSink, without_line_end};
pub use error::{ApiError, ErrorCode};
pub use format::meant_step;
pub use incident::UpdateDue;
pub use library::NewsSink;
pub use live::RunObserver;
pub use places::Places;
pub use runs::{LiveRun, RunFile};
pub use schedules::{Notifier, Scheduled, SessionNotifier, Teller, Telling};
pub use shell_word::shell_word;
pub use shortcut::ShortcutSink;
pub use standing::{Open, Outlived, Standing};
pub use taking::TakeUpRun;
pub use unfilled::unfilled;
pub use watch::WatchSink;
