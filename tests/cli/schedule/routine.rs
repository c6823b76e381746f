//! A routine of the shipped runbooks on a schedule: a backup that is proved by a restore, with nobody there, whatever comes in
//! between.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
};

use rusqlite::Connection;

use super::{Shop, session::Desktop};
use crate::{
    access::Session,
    support::{Done, Home, root, text, until},
};

/// A database of this many orders, the library with the shipped runbook, and its schedule.
pub(crate) struct Routine {
    pub(crate) shop: Shop,
}

const ORDERS: u32 = 500;
/// A backup of an earlier night.
const EARLIER: &str = "orders-20260101T033000Z.db.gz";

/// The runbook.
pub(crate) fn shipped() -> String {
    fs::read_to_string(root().join("runbooks/backup-verified.md")).unwrap()
}

impl Routine {
    /// Its only time of the day was so many minutes ago, and nothing has looked for so many days.
    pub(crate) fn new(minutes: i64, days: i64, more: &[&str]) -> Self {
        let routine = Self { shop: Shop::new(&shipped()) };
        routine.begins(minutes, days, more);
        routine
    }

    /// The same in a shop that is there.
    pub(crate) fn begins(&self, minutes: i64, days: i64, more: &[&str]) {
        let home = &self.shop.home;
        fs::create_dir_all(home.path("tmp")).unwrap();
        home.file(&format!("backups/{EARLIER}"), "of an earlier night");
        let source = Connection::open(home.path("orders.db")).unwrap();
        source
            .execute_batch(&format!(
                "CREATE TABLE \"the orders\" (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {ORDERS})
                 INSERT INTO \"the orders\" SELECT i, i * 7919 % 1000 FROM n;"
            ))
            .unwrap();
        let parameter = |name: &str, path: &str| format!("{name}={}", home.path(path).display());
        let (database, backups) = (parameter("DATABASE", "orders.db"), parameter("BACKUPS", "backups"));
        self.shop.scheduled(
            minutes,
            days,
            &[&["--param", &database, "--param", &backups, "--param", "ROWS=100"][..], more].concat(),
        );
    }

    /// Whoever looks, with nobody there and the window closed.
    pub(crate) fn looks(&self) -> Command {
        let mut command = self.shop.home.command(&["schedule", "run-due"]);
        command.env("TMPDIR", self.shop.home.path("tmp"));
        command
    }

    pub(crate) fn run_due(&self, status: i32) -> Done {
        let done: Done = self.looks().output().unwrap().into();
        assert_eq!(done.status, Some(status), "{done:?}");
        done
    }

    /// Nobody gets into the database until this is dropped.
    pub(crate) fn locked(&self) -> Connection {
        let source = Connection::open(self.shop.home.path("orders.db")).unwrap();
        source.execute_batch("BEGIN EXCLUSIVE").unwrap();
        source
    }

    /// Begins while the database is locked, and waits until it is to be copied.
    pub(crate) fn is_held_at_the_copy(&self) -> Child {
        let child = self.looks().spawn().unwrap();
        let copies = |run: &serde_json::Value| {
            let journal = self.shop.home.journal(text(run, "id"));
            journal.iter().any(|line| line.contains("attempt_started") && line.contains("\"item\":\"copy\""))
        };
        until("it copies", || self.shop.home.runs().first().is_some_and(copies));
        child
    }

    /// The files of the backup folder, but for the one of an earlier night.
    pub(crate) fn kept(&self) -> Vec<String> {
        let folder = fs::read_dir(self.shop.home.path("backups")).unwrap();
        let mut names: Vec<String> = folder
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != EARLIER)
            .collect();
        names.sort();
        names
    }

    pub(crate) fn has_the_earlier_one(&self) -> bool {
        self.shop.home.path("backups").join(EARLIER).is_file()
    }

    /// There is one backup, with its checksum, and the database comes out of it again; nothing else was left anywhere.
    pub(crate) fn is_kept_once(&self) {
        let kept = self.kept();
        let [backup, sum] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!(*sum, format!("{backup}.sha256"));
        assert!(backup.starts_with("orders-") && backup.ends_with(".db.gz"), "{backup}");
        let folder = self.shop.home.path("backups");
        let sum = Command::new("sha256sum").args(["-c", sum]).current_dir(&folder).output().unwrap();
        assert!(sum.status.success(), "{sum:?}");
        let unpacked = Command::new("gzip").arg("-dc").arg(folder.join(backup)).output().unwrap();
        let elsewhere = self.shop.home.path("restored.db");
        fs::write(&elsewhere, unpacked.stdout).unwrap();
        assert_eq!(orders(&elsewhere), orders(&self.shop.home.path("orders.db")));
        self.left_nothing();
    }

    pub(crate) fn left_nothing(&self) {
        let left: Vec<_> = fs::read_dir(self.shop.home.path("tmp")).unwrap().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    pub(crate) fn firings(&self) -> Vec<(String, u64)> {
        self.shop.firings()
    }

    /// The only run, which is whole; gives its id.
    pub(crate) fn recorded(&self) -> String {
        let run = text(&self.shop.home.only_run(), "id").to_owned();
        self.shop.home.expect(0, &["verify", &run]);
        run
    }
}

fn orders(database: &Path) -> (u32, u32) {
    let file = Connection::open(database).unwrap();
    file.query_row("SELECT count(*), sum(cents) FROM \"the orders\"", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
}

fn fired(state: &str, times: u64) -> (String, u64) {
    (state.to_owned(), times)
}

#[test]
fn a_backup_is_taken_restored_elsewhere_compared_and_kept_with_nobody_there() {
    let routine = Routine::new(1, 0, &[]);
    let shown = routine.shop.show();
    assert_eq!((text(&shown, "on_failure"), text(&shown, "missed")), ("rollback", "once"), "as the runbook proposes");
    let done = routine.run_due(0);
    assert!(done.out.contains("Nightly: run ") && done.out.contains(" passed"), "{done:?}");
    assert_eq!(routine.run_due(0).out, "", "it is not due a second time");
    routine.is_kept_once();
    assert!(routine.has_the_earlier_one(), "seven are kept");
    assert_eq!(routine.firings(), [fired("passed", 1)]);
    let run = routine.recorded();
    let report = routine.shop.home.expect(0, &["report", &run]).out;
    for said in ["by schedule", "the restored database equals the copy", "500 rows in all tables together"] {
        assert!(report.contains(said), "{said}: {report}");
    }
    // There is a way back, and what must not be undone unseen is for a person.
    let plan = routine.shop.home.expect(0, &["rollback", &run, "--plan"]).out;
    assert!(plan.contains("withdraw-the-backup"), "{plan}");
    // What is no longer wanted goes last.
    routine.shop.home.expect(0, &["schedule", "remove", "Nightly"]);
    fs::remove_file(routine.shop.home.path("orders.db")).unwrap();
    routine.begins(1, 0, &["--param", "KEEP=1"]);
    until("another second has begun", || {
        let now = format!("orders-{}.db.gz", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ"));
        !routine.kept().contains(&now)
    });
    routine.run_due(0);
    assert!(!routine.has_the_earlier_one());
    routine.is_kept_once();
}

#[test]
fn it_practises_as_it_stands_and_leaves_nothing_behind() {
    let shop = Shop::new(&shipped());
    fs::create_dir_all(shop.home.path("tmp")).unwrap();
    let mut command = shop.home.command(&["run", "books/backup.md", "--auto"]);
    let done: Done = command.env("TMPDIR", shop.home.path("tmp")).output().unwrap().into();
    assert_eq!(done.status, Some(0), "{done:?}");
    assert_eq!(fs::read_dir(shop.home.path("tmp")).unwrap().count(), 0);
}

#[test]
fn no_backup_is_removed_but_the_oldest_of_that_database_in_that_folder_and_practice_removes_no_real_one() {
    for book in ["backup-verified.md", "backup-sqlite.md"] {
        let home = Home::new();
        let file = home.file("book.md", &fs::read_to_string(root().join("runbooks").join(book)).unwrap());
        Connection::open(home.path("shop.db"))
            .unwrap()
            .execute_batch("CREATE TABLE a (b); INSERT INTO a VALUES (1);")
            .unwrap();
        let older = home.file("backups/shop-20260101T033000Z.db.gz", "of an earlier night");
        let apart = home.file("backups/zold/shop-20200101T000000Z.db.gz", "put aside");
        let other = home.file("backups/orders-20200101T000000Z.db.gz", "of another database");
        let run = |database: &str| {
            let (database, backups) =
                (format!("DATABASE={database}"), format!("BACKUPS={}", home.path("backups").display()));
            let with = ["--param", &database, "--param", &backups, "--param", "KEEP=1"];
            home.expect(0, &[&["run", file.to_str().unwrap(), "--auto", "--yes"][..], &with].concat());
        };
        let kept = |stem: &str| {
            let names = fs::read_dir(home.path("backups")).unwrap().map(|entry| entry.unwrap().file_name());
            let names = names.map(|name| name.into_string().unwrap());
            names.filter(|name| name.starts_with(stem) && name.ends_with(".db.gz")).collect::<Vec<_>>()
        };
        run(home.path("shop.db").to_str().unwrap());
        let newest = kept("shop-");
        assert_eq!(newest.len(), 1, "{book}: the new one alone: {newest:?}");
        assert!(!older.exists() && apart.exists() && other.exists(), "{book}");
        run("practice");
        assert_eq!(kept("shop-"), newest, "{book}");
        assert_eq!(kept("practice-").len(), 1, "{book}");
    }
}

#[test]
fn where_the_machine_slept_over_its_nights_it_is_made_up_for_once() {
    let routine = Routine::new(120, 4, &[]);
    routine.shop.settled(4 * 24 * 60 + 180);
    let done = routine.run_due(0);
    assert!(done.out.contains("5 times"), "{done:?}");
    assert_eq!(routine.run_due(0).out, "", "all of it is settled");
    routine.is_kept_once();
    assert_eq!(routine.firings(), [fired("passed", 5)]);
    routine.recorded();
}

#[test]
fn killed_while_it_copies_it_is_told_as_cut_off_and_gone_on_with_to_one_backup() {
    let routine = Routine::new(3, 0, &[]);
    let lock = routine.locked();
    let mut child = routine.is_held_at_the_copy();
    child.kill().unwrap();
    child.wait().unwrap();
    let run = text(&routine.shop.home.only_run(), "id").to_owned();
    routine.shop.home.is_left(&run);
    drop(lock);
    until("it is said", || routine.firings() == [fired("interrupted", 1)]);
    assert!(routine.kept().is_empty());
    routine.shop.now_at(1);
    let next = routine.run_due(1);
    assert!(next.out.contains("missed") && next.out.contains(&format!("allgood resume {run}")), "{next:?}");
    routine.shop.home.expect(0, &["resume", &run, "--again", "--auto"]);
    routine.is_kept_once();
    assert_eq!(routine.firings(), [fired("missed", 1), fired("passed", 1)]);
    assert_eq!(routine.recorded(), run);
}

#[test]
fn what_does_not_prove_itself_is_withdrawn_told_once_and_the_old_backups_stay() {
    let session = Session::without_keychain();
    let desktop = Desktop::of(&session);
    let routine = Routine::new(1, 0, &["--param", "KEEP=1"]);
    let source = Connection::open(routine.shop.home.path("orders.db")).unwrap();
    source.execute_batch("DELETE FROM \"the orders\" WHERE id > 99").unwrap();
    drop(source);
    let look = |status: i32| {
        let mut command = routine.looks();
        let done: Done = command.env("DBUS_SESSION_BUS_ADDRESS", session.address()).output().unwrap().into();
        assert_eq!(done.status, Some(status), "{done:?}");
    };
    look(1);
    look(0);
    assert_eq!(desktop.told(), [("Nightly".to_owned(), "The scheduled run failed and was rolled back.".to_owned())]);
    assert_eq!(routine.firings(), [fired("rolled_back", 1)]);
    assert!(routine.kept().is_empty() && routine.has_the_earlier_one());
    routine.left_nothing();
    let run = routine.recorded();
    let shown = routine.shop.home.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains("99 rows in all tables together, at least 100 expected"), "{shown}");
    // A damaged one is no better.
    let mut damaged = fs::read(routine.shop.home.path("orders.db")).unwrap();
    damaged.iter_mut().skip(4096).take(4096).for_each(|byte| *byte = 0xa5);
    fs::write(routine.shop.home.path("orders.db"), damaged).unwrap();
    routine.shop.settled(30);
    routine.shop.now_at(0);
    routine.run_due(1);
    assert!(routine.kept().is_empty() && routine.has_the_earlier_one());
    routine.left_nothing();
}
