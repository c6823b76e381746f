//! What past runs of a runbook teach about the next one (RUNS.md, "What a run teaches").

use std::{collections::BTreeMap, path::Path};

use engine::{ItemStatus, RunId, RunState, RunStatus, event::Mode};
use format::Runbook;
use jiff::Timestamp;
use store::{Lessons, TaughtItem, TaughtRun};

use crate::{
    ApiError, App,
    wire::{Outcomes, TimeLeft, Usual, UsualItem},
};

/// On fewer past runs nothing is estimated.
const FEWEST: u64 = 2;

impl App {
    /// What the last runs of a file teach.
    pub(crate) fn usual(&self, file: &Path) -> Result<Usual, ApiError> {
        Ok(usual(&self.store.lessons(&file.display().to_string(), None)?))
    }

    /// What the other runs of its runbook teach about a run, wherever the file is now. That nothing can be learnt keeps
    /// nobody from running.
    pub(crate) fn usual_for(&self, run: &RunId) -> Usual {
        let lessons = self.store.file_of_run(run).and_then(|file| {
            file.map_or_else(|| Ok(Lessons::default()), |file| self.store.lessons(&file, Some(run)))
        });
        match lessons {
            Ok(lessons) => usual(&lessons),
            Err(error) => {
                tracing::warn!(%run, %error, "nothing is known of past runs");
                Usual::default()
            }
        }
    }
}

/// What lessons come to.
fn usual(lessons: &Lessons) -> Usual {
    let passed: Vec<&TaughtRun> = lessons.runs.iter().filter(|run| run.state == RunStatus::Passed).collect();
    let mut times: Vec<u64> =
        passed.iter().filter_map(|run| duration(&run.started_at, run.ended_at.as_deref()?)).collect();
    times.sort_unstable();
    let mut items: BTreeMap<String, Vec<&TaughtItem>> = BTreeMap::new();
    for item in &lessons.items {
        items.entry(item.item.clone()).or_default().push(item);
    }
    Usual {
        runs: lessons.runs.len() as u64,
        passed: passed.len() as u64,
        median_ms: median(&times),
        last_passed_at: lessons.last_passed_at.clone(),
        items: items.into_iter().map(|(id, rows)| (id, item(&rows))).collect(),
    }
}

fn item(rows: &[&TaughtItem]) -> UsualItem {
    let count = |holds: &dyn Fn(&TaughtItem) -> bool| rows.iter().filter(|row| holds(row)).count() as u64;
    let passed = rows.iter().filter(|row| row.state == ItemStatus::Passed);
    let mut times: Vec<u64> = passed.filter_map(|row| row.duration_ms).collect();
    times.sort_unstable();
    UsualItem {
        runs: rows.len() as u64,
        passed: count(&|row| row.state == ItemStatus::Passed),
        failed: count(&|row| row.failed),
        skipped: count(&|row| row.state == ItemStatus::Skipped),
        overridden: count(&|row| row.state == ItemStatus::Overridden),
        timed: times.len() as u64,
        median_ms: median(&times),
        low_ms: percentile(&times, 10),
        high_ms: percentile(&times, 90),
    }
}

/// How long what is left of a run under way usually takes; none where fewer than two past runs tell.
pub(crate) fn left(usual: &Usual, runbook: &Runbook, state: &RunState) -> Option<TimeLeft> {
    if state.mode == Some(Mode::Rehearse) || usual.items.is_empty() {
        return None;
    }
    let mut left = TimeLeft { ms: 0, runs: u64::MAX, unknown: 0 };
    for item in engine::run::remaining(runbook, state) {
        let known = usual.items.get(&item.id).filter(|known| known.timed >= FEWEST);
        match known.and_then(|known| Some((known.median_ms?, known.timed))) {
            Some((ms, timed)) => {
                left.ms = left.ms.saturating_add(ms);
                left.runs = left.runs.min(timed);
            }
            None => left.unknown += 1,
        }
    }
    (left.runs < u64::MAX).then_some(left)
}

/// How runs of a runbook ended, for its row; none where none finished.
pub(crate) fn outcomes(found: store::Outcomes) -> Option<Outcomes> {
    let store::Outcomes { runs, passed, last_passed_at } = found;
    (runs > 0).then_some(Outcomes { runs, passed, last_passed_at })
}

/// Milliseconds between two times; none when the clock was set back.
pub(crate) fn duration(from: &str, to: &str) -> Option<u64> {
    let (from, to): (Timestamp, Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    u64::try_from(to.duration_since(from).as_millis()).ok()
}

/// The middle of sorted numbers; of an even count the mean of the two in the middle.
fn median(sorted: &[u64]) -> Option<u64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    match sorted.len() % 2 {
        1 => Some(upper),
        _ => Some(sorted.get(middle.checked_sub(1)?)?.midpoint(upper)),
    }
}

/// The smallest of sorted numbers that so many of a hundred do not exceed (the nearest rank).
fn percentile(sorted: &[u64], hundredths: usize) -> Option<u64> {
    let rank = (sorted.len() * hundredths).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_edges_are_those_of_the_nearest_rank() {
        let hundred: Vec<u64> = (1..=100).collect();
        for (sorted, middle, low, high) in [
            (&[][..], None, None, None),
            (&[7][..], Some(7), Some(7), Some(7)),
            (&[1, 3][..], Some(2), Some(1), Some(3)),
            (&[1, 2, 30][..], Some(2), Some(1), Some(30)),
            (&hundred[..10], Some(5), Some(1), Some(9)),
            (&hundred[..], Some(50), Some(10), Some(90)),
        ] {
            assert_eq!(
                (median(sorted), percentile(sorted, 10), percentile(sorted, 90)),
                (middle, low, high),
                "{sorted:?}"
            );
        }
    }

    fn taught(item: &str, state: ItemStatus, duration_ms: Option<u64>, failed: bool) -> TaughtItem {
        TaughtItem { item: item.to_owned(), state, duration_ms, attempts: 1, failed, rescued: false }
    }

    fn run(state: RunStatus, minutes: u64) -> TaughtRun {
        TaughtRun {
            id: RunId::new(),
            state,
            started_at: "2026-11-22T15:00:00.000Z".to_owned(),
            ended_at: (minutes > 0).then(|| format!("2026-11-22T15:{minutes:02}:00.000Z")),
        }
    }

    #[test]
    fn only_what_passed_is_timed_and_every_failure_counts() {
        let lessons = Lessons {
            runs: vec![
                run(RunStatus::Passed, 20),
                run(RunStatus::Paused, 0),
                run(RunStatus::Failed, 1),
                run(RunStatus::Passed, 22),
                run(RunStatus::Passed, 50),
            ],
            items: vec![
                taught("drain", ItemStatus::Passed, Some(1_000), false),
                taught("drain", ItemStatus::Passed, Some(3_000), true),
                taught("drain", ItemStatus::Failed, Some(90_000), true),
                taught("drain", ItemStatus::Overridden, Some(80_000), true),
                taught("drain", ItemStatus::Skipped, None, false),
            ],
            last_passed_at: Some("x".to_owned()),
        };
        let found = usual(&lessons);
        assert_eq!((found.runs, found.passed, found.median_ms), (5, 3, Some(22 * 60_000)));
        let drain = &found.items["drain"];
        assert_eq!((drain.runs, drain.passed, drain.failed, drain.skipped, drain.overridden), (5, 2, 3, 1, 1));
        assert_eq!(
            (drain.timed, drain.median_ms, drain.low_ms, drain.high_ms),
            (2, Some(2_000), Some(1_000), Some(3_000))
        );
    }

    #[test]
    fn what_is_left_is_summed_over_what_two_runs_or_more_have_timed() {
        let text = "# A\n\n## Steps\n\n```sh {name=a}\ntrue\n```\n\n```sh {name=b}\ntrue\n```\n\n```sh {name=c}\ntrue\n```\n";
        let runbook = format::parse("a.md", text.as_bytes());
        let timed = |times: &[(&str, u64)]| {
            let items = times.iter().map(|(id, ms)| taught(id, ItemStatus::Passed, Some(*ms), false)).collect();
            usual(&Lessons { items, ..Lessons::default() })
        };
        let state = RunState::default();
        assert_eq!(left(&timed(&[("a", 5), ("b", 5), ("c", 5)]), &runbook, &state), None, "one run tells nothing");
        let known = timed(&[("a", 5), ("a", 5), ("a", 5), ("b", 100), ("b", 100), ("c", 1)]);
        assert_eq!(left(&known, &runbook, &state), Some(TimeLeft { ms: 105, runs: 2, unknown: 1 }));
        let mut done = RunState::default();
        done.items.entry("b".to_owned()).or_default().status = ItemStatus::Skipped;
        assert_eq!(left(&known, &runbook, &done), Some(TimeLeft { ms: 5, runs: 3, unknown: 1 }));
        let rehearsed = RunState { mode: Some(Mode::Rehearse), ..RunState::default() };
        assert_eq!(left(&known, &runbook, &rehearsed), None);
    }
}
