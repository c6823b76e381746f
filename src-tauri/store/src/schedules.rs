//! Schedules that a person accepted, and what became of each of their times. When they are due is the caller's to know.

use std::collections::BTreeMap;

use engine::RunId;
use rusqlite::{OptionalExtension, Row, Transaction};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError, places, runs::enum_of, search::IndexText};

/// Proposals were not indexed before: each file looks changed, so that the next look at the folders reads it again.
pub(crate) const MIGRATION: &str = "
CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    path TEXT NOT NULL,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    environment TEXT,
    on_failure TEXT NOT NULL,
    missed TEXT NOT NULL,
    paused INTEGER NOT NULL,
    revision TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    added_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    after TEXT NOT NULL,
    driven INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE schedule_values (
    schedule TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (schedule, name)
) STRICT;
CREATE TABLE firings (
    schedule TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    due TEXT NOT NULL,
    times INTEGER NOT NULL,
    at TEXT NOT NULL,
    by_hand INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    run TEXT,
    why TEXT,
    told INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (schedule, due)
) STRICT;
CREATE INDEX firings_not_told ON firings (due) WHERE told = 0;
CREATE INDEX firings_by_run ON firings (run);
CREATE TABLE runbook_schedules (
    runbook INTEGER PRIMARY KEY REFERENCES runbooks (id) ON DELETE CASCADE,
    schedule TEXT NOT NULL
) STRICT;
UPDATE runbooks SET modified_ns = -1;
";

/// How many firings of a schedule are kept: the last ones.
const KEPT: u32 = 2_000;

/// A runbook that runs by itself at certain times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Never changes; later ones sort behind earlier ones.
    pub id: String,
    /// What it is called; no two are called the same, whatever the case of their letters.
    pub name: String,
    /// The runbook's file. Followed when that is moved within its library.
    pub path: String,
    /// When, as a cron expression.
    pub cron: String,
    /// In which time zone: a name of the IANA database.
    pub zone: String,
    /// In which environment of the library's file.
    pub environment: Option<String>,
    /// Values by name. Never a secret.
    pub values: BTreeMap<String, String>,
    /// What a failure leads to, in the caller's word.
    pub on_failure: String,
    /// What becomes of a missed time, in the caller's word.
    pub missed: String,
    /// None of its times counts.
    pub paused: bool,
    /// The bytes of the runbook that a person accepted: no others are run.
    pub revision: String,
    /// When that was. UTC, RFC 3339.
    pub accepted_at: String,
    /// UTC, RFC 3339.
    pub added_at: String,
    /// UTC, RFC 3339.
    pub changed_at: String,
    /// The time up to which everything is settled: only later ones are due. UTC, RFC 3339.
    pub after: String,
    /// Somebody drives a run of it. Where nobody holds its lock, they are gone.
    pub driven: bool,
}

/// What became of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A run was begun: how it stands is in its record.
    Begun,
    /// Nothing was run.
    #[default]
    Missed,
    /// It was due, and could not be started.
    Refused,
}

/// A time of a schedule that has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Firing {
    /// Which schedule, by its id.
    pub schedule: String,
    /// When it was due; of several that were missed the last. UTC, RFC 3339.
    pub due: String,
    /// How many times it stands for: those before it were missed.
    pub times: u64,
    /// When that was settled. UTC, RFC 3339.
    pub at: String,
    /// A person started it.
    pub by_hand: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// The run that was begun.
    pub run: Option<RunId>,
    /// Why there is none, or why it is late: one sentence.
    pub why: Option<String>,
}

/// A time that is to be settled: by one alone, whoever else tries.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// What the caller knew of the schedule: [`Schedule::after`]. Where it is another by now, somebody else was faster.
    pub known: &'a str,
    /// Up to when everything is settled by this. UTC, RFC 3339.
    pub after: &'a str,
    /// What becomes of it.
    pub firing: &'a Firing,
}

/// What a runbook of the library proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The runbook's file.
    pub path: String,
    /// Its title.
    pub title: String,
    /// As it was written down when the file was read.
    pub schedule: String,
}

impl Store {
    /// Every schedule, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn schedules(&self) -> Result<Vec<Schedule>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!("SELECT {COLUMNS} FROM schedules ORDER BY name, id"))?;
            let mut found: Vec<Schedule> = statement.query_map([], schedule)?.collect::<Result<_, _>>()?;
            found.iter_mut().try_for_each(|one| with_values(view, one))?;
            Ok(found)
        })
    }

    /// How many schedules there are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn schedule_count(&self) -> Result<u64, StoreError> {
        self.connections.read(|view| Ok(view.query_row("SELECT count(*) FROM schedules", [], |row| row.get(0))?))
    }

    /// The schedule of that id or name, whatever the case of its letters.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn schedule(&self, name: &str) -> Result<Option<Schedule>, StoreError> {
        self.connections.read(|view| {
            let sql = format!("SELECT {COLUMNS} FROM schedules WHERE id = ?1 OR name = ?1");
            let Some(mut found) = view.query_row(&sql, [name], schedule).optional()? else { return Ok(None) };
            with_values(view, &mut found)?;
            Ok(Some(found))
        })
    }

    /// Whether a schedule may be called as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when another one has its name.
    pub fn may_be_called(&self, schedule: &Schedule) -> Result<(), StoreError> {
        self.connections.read(|view| free(view, schedule))
    }

    /// Keeps a new schedule, or what was changed of one that is there. Whether somebody drives it stays; so does up to when its
    /// times are settled, unless `anew`.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when another one has its name.
    pub fn put_schedule(&self, schedule: &Schedule, anew: bool) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            free(change, schedule)?;
            let Schedule { id, name, path, cron, zone, environment, values, on_failure, .. } = schedule;
            let Schedule { missed, paused, revision, accepted_at, added_at, changed_at, after, .. } = schedule;
            change.execute(
                "INSERT INTO schedules (id, name, path, cron, zone, environment, on_failure, missed, paused, revision,
                     accepted_at, added_at, changed_at, after)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, path = excluded.path, cron = excluded.cron,
                     zone = excluded.zone, environment = excluded.environment, on_failure = excluded.on_failure,
                     missed = excluded.missed, paused = excluded.paused, revision = excluded.revision,
                     accepted_at = excluded.accepted_at, changed_at = excluded.changed_at,
                     after = CASE WHEN ?15 THEN excluded.after ELSE after END",
                rusqlite::params![
                    id, name, path, cron, zone, environment, on_failure, missed, paused, revision, accepted_at,
                    added_at, changed_at, after, anew
                ],
            )?;
            change.execute("DELETE FROM schedule_values WHERE schedule = ?1", [id])?;
            for (name, value) in values {
                change.execute(
                    "INSERT INTO schedule_values (schedule, name, value) VALUES (?1, ?2, ?3)",
                    (id, name, value),
                )?;
            }
            Ok(())
        })
    }

    /// Removes a schedule and its firings. The records of its runs stay.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_schedule(&self, id: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            change.execute("DELETE FROM firings WHERE schedule = ?1", [id])?;
            change.execute("DELETE FROM schedule_values WHERE schedule = ?1", [id])?;
            change.execute("DELETE FROM schedules WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Settles a time, all of it or nothing: `false` when somebody else did so meanwhile, the schedule is paused or gone, or
    /// that time was settled before. One that begins a run says of the schedule that somebody drives it.
    ///
    /// Times that are missed for the same reason as those just before them are put together with them.
    ///
    /// # Errors
    /// When the store cannot be written: nothing was settled then.
    pub fn settle_time(&self, claim: Claim<'_>) -> Result<bool, StoreError> {
        self.connections.write(Durability::Synced, |change| {
            let Firing { schedule, due, times, at, by_hand, outcome, run, why } = claim.firing;
            let begun = *outcome == Outcome::Begun;
            let claimed = change.execute(
                "UPDATE schedules SET after = ?3, driven = driven OR ?4
                 WHERE id = ?1 AND after = ?2 AND (NOT paused OR ?5) AND NOT (driven AND ?4)",
                (schedule, claim.known, claim.after, begun, by_hand),
            )?;
            if claimed == 0 {
                return Ok(false);
            }
            if *outcome == Outcome::Missed && together(change, claim.firing)? {
                return Ok(true);
            }
            let kept = change.execute(
                "INSERT INTO firings (schedule, due, times, at, by_hand, outcome, run, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                (schedule, due, times, at, by_hand, word(*outcome), run.as_ref().map(|run| &run.0), why),
            )?;
            if kept == 0 && begun {
                // It was run before: a clock was set back. Whoever claimed it does not drive it.
                change.execute("UPDATE schedules SET driven = 0 WHERE id = ?1", [schedule])?;
                return Ok(false);
            }
            change.execute(
                "DELETE FROM firings WHERE schedule = ?1 AND due NOT IN
                 (SELECT due FROM firings WHERE schedule = ?1 ORDER BY due DESC LIMIT ?2)",
                (schedule, KEPT),
            )?;
            Ok(true)
        })
    }

    /// What was begun could not be: says so, and that nobody drives the schedule.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn refuse_firing(&self, schedule: &str, due: &str, why: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            change.execute(
                "UPDATE firings SET outcome = 'refused', run = NULL, why = ?3 WHERE schedule = ?1 AND due = ?2",
                (schedule, due, why),
            )?;
            change.execute("UPDATE schedules SET driven = 0 WHERE id = ?1", [schedule])?;
            Ok(())
        })
    }

    /// Nobody drives a schedule any more. To be said by who holds its lock.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn let_go_of_schedule(&self, id: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            change.execute("UPDATE schedules SET driven = 0 WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// The last firings of a schedule, the latest first, `limit` at most.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn firings(&self, schedule: &str, limit: u64) -> Result<Vec<Firing>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!(
                "SELECT {FIRING} FROM firings WHERE schedule = ?1 ORDER BY due DESC LIMIT ?2"
            ))?;
            Ok(statement.query_map((schedule, limit), firing)?.collect::<Result<_, _>>()?)
        })
    }

    /// The last run that a schedule began.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_begun(&self, schedule: &str) -> Result<Option<Firing>, StoreError> {
        self.connections.read(|view| {
            let sql = format!(
                "SELECT {FIRING} FROM firings WHERE schedule = ?1 AND outcome = 'begun' ORDER BY at DESC, due DESC LIMIT 1"
            );
            Ok(view.query_row(&sql, [schedule], firing).optional()?)
        })
    }

    /// The firings of which nobody was told yet, the earliest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn firings_not_told(&self) -> Result<Vec<Firing>, StoreError> {
        self.connections.read(|view| {
            let sql = format!("SELECT {FIRING} FROM firings WHERE told = 0 ORDER BY due, schedule");
            let mut statement = view.prepare_cached(&sql)?;
            Ok(statement.query_map([], firing)?.collect::<Result<_, _>>()?)
        })
    }

    /// Whoever calls this tells of a firing, and nobody else does: `false` where somebody did already.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn tell_of_firing(&self, schedule: &str, due: &str) -> Result<bool, StoreError> {
        self.connections.write(Durability::Synced, |change| {
            let sql = "UPDATE firings SET told = 1 WHERE schedule = ?1 AND due = ?2 AND told = 0";
            Ok(change.execute(sql, (schedule, due))? > 0)
        })
    }

    /// What the runbooks of the library propose, by title.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn proposed_schedules(&self) -> Result<Vec<Proposed>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT r.file, r.title, s.schedule FROM runbook_schedules s JOIN runbooks r ON r.id = s.runbook
                 ORDER BY r.title_key, r.id",
            )?;
            let rows = statement
                .query_map([], |row| Ok(Proposed { path: row.get(0)?, title: row.get(1)?, schedule: row.get(2)? }))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

const COLUMNS: &str = "id, name, path, cron, zone, environment, on_failure, missed, paused, revision, accepted_at, \
    added_at, changed_at, after, driven";

fn schedule(row: &Row<'_>) -> rusqlite::Result<Schedule> {
    Ok(Schedule {
        id: row.get(0)?,
        name: row.get(1)?,
        path: row.get(2)?,
        cron: row.get(3)?,
        zone: row.get(4)?,
        environment: row.get(5)?,
        values: BTreeMap::new(),
        on_failure: row.get(6)?,
        missed: row.get(7)?,
        paused: row.get(8)?,
        revision: row.get(9)?,
        accepted_at: row.get(10)?,
        added_at: row.get(11)?,
        changed_at: row.get(12)?,
        after: row.get(13)?,
        driven: row.get(14)?,
    })
}

fn with_values(view: &Transaction<'_>, schedule: &mut Schedule) -> Result<(), StoreError> {
    let mut statement = view.prepare_cached("SELECT name, value FROM schedule_values WHERE schedule = ?1")?;
    let rows = statement.query_map([&schedule.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    schedule.values = rows.collect::<Result<_, _>>()?;
    Ok(())
}

const FIRING: &str = "schedule, due, times, at, by_hand, outcome, run, why";

fn firing(row: &Row<'_>) -> rusqlite::Result<Firing> {
    Ok(Firing {
        schedule: row.get(0)?,
        due: row.get(1)?,
        times: row.get(2)?,
        at: row.get(3)?,
        by_hand: row.get(4)?,
        outcome: enum_of(row, 5)?,
        run: row.get::<_, Option<String>>(6)?.map(RunId),
        why: row.get(7)?,
    })
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Begun => "begun",
        Outcome::Missed => "missed",
        Outcome::Refused => "refused",
    }
}

/// Adds missed times to those just before them, where those were missed for the same reason.
fn together(change: &Transaction<'_>, firing: &Firing) -> Result<bool, StoreError> {
    let last: Option<String> = change
        .query_row(
            "SELECT due FROM (SELECT due, outcome, why FROM firings WHERE schedule = ?1 ORDER BY due DESC LIMIT 1)
             WHERE outcome = 'missed' AND why IS ?2 AND due < ?3",
            (&firing.schedule, &firing.why, &firing.due),
            |row| row.get(0),
        )
        .optional()?;
    let Some(last) = last else { return Ok(false) };
    change.execute(
        "UPDATE firings SET due = ?3, times = times + ?4, at = ?5 WHERE schedule = ?1 AND due = ?2",
        (&firing.schedule, last, &firing.due, firing.times, &firing.at),
    )?;
    Ok(true)
}

fn free(change: &Transaction<'_>, schedule: &Schedule) -> Result<(), StoreError> {
    let sql = "SELECT name FROM schedules WHERE name = ?1 AND id <> ?2";
    let taken: Option<String> = change.query_row(sql, (&schedule.name, &schedule.id), |row| row.get(0)).optional()?;
    match taken {
        None => Ok(()),
        Some(taken) => Err(StoreError::new(
            ErrorKind::Refused,
            format!("There is a schedule \"{taken}\" already: choose another name (--name), or change that one."),
        )),
    }
}

/// Gives schedules of files at and below `from` their place at and below `to`.
pub(crate) fn relocate(change: &Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let (moved, within) = (places::moved("path"), places::within("path"));
    change.prepare_cached(&format!("UPDATE schedules SET path = {moved} WHERE {within}"))?.execute((from, to))?;
    Ok(())
}

/// Keeps what a runbook proposes.
pub(crate) fn keep_proposal(change: &Transaction<'_>, runbook: i64, text: &IndexText) -> Result<(), StoreError> {
    match &text.schedule {
        None => change.prepare_cached("DELETE FROM runbook_schedules WHERE runbook = ?1")?.execute([runbook])?,
        Some(schedule) => change
            .prepare_cached(
                "INSERT INTO runbook_schedules (runbook, schedule) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET schedule = excluded.schedule",
            )?
            .execute((runbook, schedule))?,
    };
    Ok(())
}

/// Puts `replacement` in the place of a value in what schedules were given and say.
pub(crate) fn forget(change: &Transaction<'_>, value: &str, replacement: &str) -> Result<(), StoreError> {
    for (table, column) in
        [("schedule_values", "value"), ("schedules", "name"), ("firings", "why"), ("runbook_schedules", "schedule")]
    {
        change.execute(
            &format!("UPDATE {table} SET {column} = replace({column}, ?1, ?2) WHERE instr({column}, ?1) > 0"),
            (value, replacement),
        )?;
    }
    Ok(())
}
