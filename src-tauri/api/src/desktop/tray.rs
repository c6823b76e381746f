//! What the tray says of the program: what runs, what waits, what comes next.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::Lamp;
use crate::{
    ApiError, App,
    wire::{NextUp, RunStatus, RunSummary},
};

/// More runs than this are counted, not named.
const NAMED: usize = 8;

/// What the tray says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tray {
    /// What needs a person most.
    pub lamp: Lamp,
    /// In one line.
    pub tip: String,
    /// Runs under way, the newest first; eight at most.
    pub runs: Vec<TrayRun>,
    /// How many there are beside those.
    pub more: usize,
    /// The schedule whose time comes next, and when; none where none will.
    pub next: Option<String>,
}

/// A run under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayRun {
    /// Which.
    pub run: String,
    /// Its title and how it stands. Plain text.
    pub text: String,
}

impl App {
    /// What the tray says now.
    pub(super) fn tray(&self) -> Result<Tray, ApiError> {
        let tray = tray(&self.open_runs()?, self.next_up()?, self.clock_now(), &TimeZone::system());
        let runs = tray.runs.into_iter().map(|one| TrayRun { text: self.mask(&one.text), ..one }).collect();
        Ok(Tray { runs, ..tray })
    }
}

fn tray(open: &[RunSummary], next: Option<NextUp>, now: Timestamp, zone: &TimeZone) -> Tray {
    let runs = open.iter().take(NAMED);
    let runs =
        runs.map(|run| TrayRun { run: run.id.clone(), text: format!("{}: {}", run.title, words(run)) }).collect();
    let (running, waiting) = (count(open, Lamp::Running), open.len() - count(open, Lamp::Running));
    let tip = match (running, waiting) {
        (0, 0) => "Nothing runs".to_owned(),
        (running, 0) => format!("{running} running"),
        (0, waiting) => format!("{waiting} waiting for you"),
        (running, waiting) => format!("{running} running, {waiting} waiting for you"),
    };
    Tray {
        lamp: open.iter().map(lamp).max().unwrap_or_default(),
        tip,
        runs,
        more: open.len().saturating_sub(NAMED),
        next: next.map(|next| comes(&next, now, zone)),
    }
}

fn count(open: &[RunSummary], of: Lamp) -> usize {
    open.iter().filter(|run| lamp(run) == of).count()
}

fn lamp(run: &RunSummary) -> Lamp {
    match run.state {
        _ if run.failing || run.held => Lamp::Failed,
        RunStatus::Running => Lamp::Running,
        _ => Lamp::Waiting,
    }
}

fn words(run: &RunSummary) -> String {
    let state = match run.state {
        _ if run.held => "its record cannot be kept",
        _ if run.failing => "failed, waits for you",
        RunStatus::Running => "running",
        RunStatus::Paused => "put aside",
        RunStatus::Interrupted => "cut off",
        _ => "waits for you",
    };
    format!("{state}, {} of {} done", run.done, run.total)
}

/// `Nightly backup, 03:30`; with the day where that is not within a day.
fn comes(next: &NextUp, now: Timestamp, zone: &TimeZone) -> String {
    let Ok(at) = next.at.parse::<Timestamp>() else { return next.name.clone() };
    let near = at.duration_since(now) < SignedDuration::from_hours(24);
    let format = if near { "%H:%M" } else { "%a %-d %b, %H:%M" };
    format!("{}, {}", next.name, at.to_zoned(zone.clone()).strftime(format))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Mode;

    fn run(id: &str, state: RunStatus) -> RunSummary {
        RunSummary {
            id: id.to_owned(),
            title: format!("Run {id}"),
            runbook: String::new(),
            revision: String::new(),
            state,
            mode: Mode::Auto,
            actor: String::new(),
            started_at: String::new(),
            ended_at: None,
            done: 2,
            total: 7,
            step: None,
            rescued: false,
            live: true,
            failing: false,
            held: false,
            environment: None,
            parent: None,
            shared_by: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_tray_says_what_runs_what_waits_and_what_comes_next() {
        let now = at("2026-11-29T20:00:00Z");
        let nothing = tray(&[], None, now, &TimeZone::UTC);
        assert_eq!((nothing.lamp, nothing.tip.as_str(), nothing.next), (Lamp::Calm, "Nothing runs", None));

        let failing = RunSummary { failing: true, ..run("c", RunStatus::Waiting) };
        let open = [run("a", RunStatus::Running), run("b", RunStatus::Interrupted), failing];
        let next = |at: &str| Some(NextUp { schedule: "s".into(), name: "Nightly backup".into(), at: at.into() });
        let shown = tray(&open, next("2026-11-30T03:30:00.000Z"), now, &TimeZone::UTC);
        assert_eq!((shown.lamp, shown.tip.as_str()), (Lamp::Failed, "1 running, 2 waiting for you"));
        let lines: Vec<&str> = shown.runs.iter().map(|one| one.text.as_str()).collect();
        let expected = [
            "Run a: running, 2 of 7 done",
            "Run b: cut off, 2 of 7 done",
            "Run c: failed, waits for you, 2 of 7 done",
        ];
        assert_eq!((lines.as_slice(), shown.more), (expected.as_slice(), 0));
        assert_eq!(shown.next.as_deref(), Some("Nightly backup, 03:30"));
        let later = tray(&open, next("2026-12-02T03:30:00.000Z"), now, &TimeZone::UTC);
        assert_eq!(later.next.as_deref(), Some("Nightly backup, Wed 2 Dec, 03:30"));
    }

    #[test]
    fn of_many_runs_some_are_named_and_the_others_counted() {
        let open: Vec<RunSummary> = (0..11).map(|id| run(&id.to_string(), RunStatus::Paused)).collect();
        let shown = tray(&open, None, at("2026-11-29T20:00:00Z"), &TimeZone::UTC);
        assert_eq!((shown.runs.len(), shown.more, shown.lamp), (8, 3, Lamp::Waiting));
    }
}
