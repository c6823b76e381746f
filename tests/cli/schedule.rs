//! `allgood schedule`: runbooks that run by themselves, once each, whoever looks and whatever happens to the machine.

mod driving;
mod keeping;
pub(crate) mod routine;
mod session;
mod units;

use std::{fs, time::Duration};

use jiff::{Timestamp, ToSpan as _, Unit};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::{Done, Home, text};

/// A person with a trusted library in which one runbook is.
pub(crate) struct Shop {
    pub(crate) home: Home,
}

pub(crate) const SAVE: &str = "echo saved >> \"$HOME/saved\"";

/// A runbook of one command.
pub(crate) fn book(script: &str) -> String {
    format!("# Back up\n\n## Steps\n\n### Save\n\n```sh {{name=save}}\n{script}\n```\n")
}

impl Shop {
    pub(crate) fn new(runbook: &str) -> Self {
        Self::at(Home::new(), runbook)
    }

    /// The same in a home that is there.
    pub(crate) fn at(home: Home, runbook: &str) -> Self {
        home.file("books/backup.md", runbook);
        home.expect(0, &["library", "add", "books"]);
        home.trust("books");
        Self { home }
    }

    /// With a schedule "Nightly" whose only time of the day was so many minutes ago, and which nothing has looked at for so many
    /// days.
    pub(crate) fn nightly(runbook: &str, minutes: i64, days: i64, more: &[&str]) -> Self {
        let shop = Self::new(runbook);
        shop.scheduled(minutes, days, more);
        shop
    }

    /// Adds such a schedule.
    pub(crate) fn scheduled(&self, minutes: i64, days: i64, more: &[&str]) {
        let add = ["schedule", "add", "books/backup.md", "--name", "Nightly", "--yes", "--zone", "UTC"];
        self.home.expect(0, &[&add[..], &["--cron", &daily(minutes)], more].concat());
        self.settled(days * 24 * 60 + 30);
    }

    fn sql(&self, statement: &str, parameters: &[&dyn rusqlite::ToSql]) {
        let file = Connection::open(self.home.path("data/allgood.db")).unwrap();
        file.busy_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(file.execute(statement, parameters).unwrap(), 1, "{statement}");
    }

    /// As if everything were settled up to so many minutes before now, and nothing since: the machine slept, or the clock was
    /// moved. Negative: it is settled up to a time that has not come.
    pub(crate) fn settled(&self, minutes: i64) {
        let then = Timestamp::now().checked_sub(minutes.minutes()).unwrap();
        self.sql("UPDATE schedules SET after = ?1", &[&format!("{then:.3}")]);
    }

    /// Gives it another time of the day, and leaves what is settled.
    pub(crate) fn now_at(&self, minutes: i64) {
        self.sql("UPDATE schedules SET cron = ?1", &[&daily(minutes)]);
    }

    pub(crate) fn run_due(&self, status: i32) -> Done {
        self.home.expect(status, &["schedule", "run-due"])
    }

    pub(crate) fn show(&self) -> Value {
        self.home.expect(0, &["schedule", "show", "Nightly", "--json"]).json()
    }

    /// State and number of times of each firing, the latest first.
    pub(crate) fn firings(&self) -> Vec<(String, u64)> {
        let shown = self.show();
        let firings = shown["firings"].as_array().unwrap();
        firings.iter().map(|one| (text(one, "state").to_owned(), one["times"].as_u64().unwrap())).collect()
    }

    /// How often its command has run.
    pub(crate) fn saved(&self) -> usize {
        fs::read_to_string(self.home.path("saved")).unwrap_or_default().lines().count()
    }
}

/// A cron expression for one time of the day: so many minutes ago, in UTC.
pub(crate) fn daily(minutes: i64) -> String {
    let then = Timestamp::now().checked_sub(minutes.minutes()).unwrap().round(Unit::Second).unwrap();
    let then = then.to_zoned(jiff::tz::TimeZone::UTC);
    format!("{} {} * * *", then.minute(), then.hour())
}
