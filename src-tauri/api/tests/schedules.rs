//! Schedules: what is told of them, and when.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    fs,
    sync::{Arc, Mutex},
};

use api::{App, Notifier, Teller, Telling, commands::*, wire::*};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use tempfile::TempDir;

/// Keeps what it is to show: title, text, whether it is urgent.
#[derive(Default)]
struct Shown(Mutex<Vec<(String, String, bool)>>);

impl Notifier for Shown {
    fn show(&self, telling: &Telling) -> Result<(), String> {
        let Telling { title, text, urgent, .. } = telling.clone();
        self.0.lock().unwrap().push((title, text, urgent));
        Ok(())
    }
}

struct Desk {
    app: Arc<App>,
    library: std::path::PathBuf,
    shown: Shown,
    _folder: TempDir,
}

impl Desk {
    fn new(quiet: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("library")).unwrap();
        let library = fs::canonicalize(folder.path().join("library")).unwrap();
        let app = App::open(desk::config(folder.path(), "mk@box")).unwrap();
        for name in ["a", "b"] {
            fs::write(
                library.join(format!("{name}.md")),
                format!("# Book {name}\n\n## Steps\n\n### One\n\n- [ ] Look\n"),
            )
            .unwrap();
        }
        let added = app.library_add(PathArgument { path: library.display().to_string() }).unwrap();
        app.library_trust(IdArgument { id: added.id }).unwrap();
        app.settings_write(Settings { quiet: quiet.map(str::to_owned), ..Settings::default() }).unwrap();
        Self { app, library, shown: Shown::default(), _folder: folder }
    }

    fn add(&self, name: &str) -> ScheduleView {
        let new = NewSchedule {
            runbook: self.library.join(format!("{name}.md")).display().to_string(),
            cron: Some("0 3 * * *".to_owned()),
            zone: Some("UTC".to_owned()),
            ..NewSchedule::default()
        };
        self.app.schedule_add(new).unwrap()
    }

    /// Looks as if so many days had gone by, in the middle of a day.
    fn days_later(&self, days: i64) -> (Timestamp, Vec<FiringTold>) {
        let now = Timestamp::now().to_zoned(TimeZone::UTC).start_of_day().unwrap();
        let now = now.checked_add(days.days().hours(12)).unwrap().timestamp();
        let told: Arc<Mutex<Vec<FiringTold>>> = Arc::default();
        let keep = Arc::clone(&told);
        let teller: Teller = Arc::new(move |one: &FiringTold| keep.lock().unwrap().push(one.clone()));
        let begun = self.app.schedule_run_due(now, &teller).unwrap();
        assert!(begun.is_empty());
        let told = told.lock().unwrap().clone();
        (now, told)
    }

    fn tell(&self, now: Timestamp) -> Vec<(String, String, bool)> {
        self.app.schedule_tell_at(now, &TimeZone::UTC, &self.shown).unwrap();
        std::mem::take(&mut *self.shown.0.lock().unwrap())
    }
}

#[test]
fn what_was_missed_is_told_once_however_often_and_by_whomever_it_is_asked() {
    let desk = Desk::new(None);
    desk.add("a");
    let (now, told) = desk.days_later(3);
    assert_eq!((told.len(), told[0].state), (1, FiringState::Missed), "{told:?}");
    let shown = desk.tell(now);
    assert_eq!((shown.len(), shown[0].0.as_str(), shown[0].2), (1, "Book a", false), "{shown:?}");
    assert!(shown[0].1.contains("was missed 3 times") || shown[0].1.contains("was missed 4 times"), "{shown:?}");
    assert_eq!(desk.tell(now), []);
    assert_eq!(desk.days_later(3).1, []);
}

#[test]
fn in_quiet_hours_nothing_is_shown_and_afterwards_one_notification_says_all_of_it() {
    let desk = Desk::new(Some("11:00-13:00"));
    desk.add("a");
    desk.add("b");
    let (now, told) = desk.days_later(3);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(desk.tell(now), [], "at twelve");
    let later = now.checked_add(1.hours()).unwrap();
    let shown = desk.tell(later);
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].0.contains("2 were missed"), "{shown:?}");
    assert!(shown[0].1.contains("Book a") && shown[0].1.contains("Book b"), "{shown:?}");
    assert_eq!(desk.tell(later), []);
}

#[test]
fn who_wants_no_notifications_gets_none() {
    let desk = Desk::new(None);
    desk.app.settings_write(Settings { notifications: false, ..Settings::default() }).unwrap();
    desk.add("a");
    let (now, _) = desk.days_later(3);
    assert_eq!(desk.tell(now), []);
    let view = desk.app.schedule_show(ScheduleArgument { schedule: "book A".to_owned() }).unwrap();
    assert_eq!(view.firings[0].state, FiringState::Missed, "it is said where schedules are shown");
}

#[test]
fn hours_that_are_none_are_refused_with_how_they_are_written() {
    let desk = Desk::new(None);
    let wrong = Settings { quiet: Some("at night".to_owned()), ..Settings::default() };
    let error = desk.app.settings_write(wrong).unwrap_err();
    assert!(error.message.contains("22:00-07:00"), "{}", error.message);
}
