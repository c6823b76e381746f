//! The settings: what others wrote into the file stays, and the keys of the desktop are those that it says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    fs,
    sync::{Arc, Mutex},
};

use api::{
    App, ErrorCode,
    commands::*,
    wire::{Settings, Stay, Theme},
};
use tempfile::TempDir;

fn machine() -> (Arc<App>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (App::open(desk::config(folder.path(), "mk@box")).unwrap(), folder)
}

#[test]
fn settings_keep_what_others_wrote_into_the_file_and_refuse_dangerous_schemes() {
    let (app, folder) = machine();
    let file = folder.path().join("config/config.toml");
    assert_eq!(app.settings_read(Nothing {}).unwrap(), Settings::default());
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "# mine\nfuture = 1 # kept\n").unwrap();
    let chosen = Settings { theme: Theme::Dark, link_schemes: vec!["slack".to_owned()], ..Settings::default() };
    assert_eq!(app.settings_write(chosen.clone()).unwrap(), chosen);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# mine\nfuture = 1 # kept\n"), "{text}");
    let never = Settings { link_schemes: vec!["javascript".to_owned()], ..chosen.clone() };
    assert_eq!(app.settings_write(never).unwrap_err().code, ErrorCode::Scheme);
    assert_eq!(app.settings_read(Nothing {}).unwrap(), chosen);
    for (written, named) in [("enabled = 1", "notifications.enabled"), ("after_s = 0", "notifications.after_s")] {
        fs::write(&file, format!("[notifications]\n{written}\n")).unwrap();
        let error = app.settings_read(Nothing {}).unwrap_err();
        assert!(error.message.contains(named), "{}", error.message);
    }
    fs::write(&file, "[notifications]\nenabled = false\nafter_s = 90 # mine\n").unwrap();
    let read = app.settings_read(Nothing {}).unwrap();
    assert_eq!((read.notifications, read.notify_after_s), (false, 90));
    for seconds in [0, 86_401] {
        let refused = app.settings_write(Settings { notify_after_s: seconds, ..Settings::default() });
        assert_eq!(refused.unwrap_err().code, ErrorCode::BadInput, "{seconds}");
    }
    fs::write(&file, "theme = \"dark").unwrap();
    let error = app.settings_write(chosen).unwrap_err();
    assert!(error.message.contains("config.toml"), "{}", error.message);
    assert_eq!(fs::read_to_string(&file).unwrap(), "theme = \"dark", "a file that cannot be read is not overwritten");
}

/// Holds whatever it is asked to, and tells what it holds.
struct Held(Arc<Mutex<Option<String>>>);

impl api::ShortcutSink for Held {
    fn hold(&mut self, keys: Option<&str>) -> Result<(), String> {
        *self.0.lock().unwrap() = keys.map(str::to_owned);
        Ok(())
    }
}

#[test]
fn keys_of_the_desktop_are_those_that_the_file_says_also_where_it_cannot_be_written() {
    let (app, folder) = machine();
    let held = Arc::new(Mutex::new(None));
    app.hold_shortcut(Ok(Box::new(Held(Arc::clone(&held)))));
    let keys = |keys: Option<&str>| Settings { find_shortcut: keys.map(str::to_owned), ..Settings::default() };
    let holds = || held.lock().unwrap().clone();
    app.settings_write(keys(Some("Ctrl+Alt+J"))).unwrap();
    assert_eq!(holds().as_deref(), Some("Ctrl+Alt+J"));
    // Nothing can be written where its folder would be.
    let folder = folder.path().join("config");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    for other in [Some("Ctrl+Alt+K"), None] {
        let error = app.settings_write(keys(other)).unwrap_err();
        assert_eq!(error.code, ErrorCode::File);
        assert_eq!(holds().as_deref(), Some("Ctrl+Alt+J"), "what was held before");
    }
}

#[test]
fn whether_it_stays_in_the_tray_is_kept_and_a_word_that_says_nothing_is_refused() {
    let (app, folder) = machine();
    assert!(!app.stays(), "there is no schedule");
    let kept = app.settings_write(Settings { stay: Stay::Always, ..Settings::default() }).unwrap();
    assert_eq!(kept.stay, Stay::Always);
    assert!(app.stays());
    app.settings_write(Settings { stay: Stay::Never, ..Settings::default() }).unwrap();
    assert!(!app.stays());

    fs::write(folder.path().join("config/config.toml"), "[window]\nstay = \"sometimes\"\n").unwrap();
    let said = app.settings_read(Nothing {}).unwrap_err().message;
    assert!(said.contains("window.stay is \"sometimes\", and has to be schedules, always or never"), "{said}");
    assert!(!app.stays(), "what cannot be read keeps nothing open");
}
