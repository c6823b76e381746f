//! What the window asks before it closes over running commands.

use engine::{ItemStatus, RunState};
use format::Runbook;
use jiff::{Timestamp, tz::TimeZone};

use super::ClosingQuestion;

/// More commands than this are counted, not named.
const NAMED: usize = 4;

/// A command that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    /// The runbook's title.
    pub(crate) title: String,
    /// The step's.
    pub(crate) step: String,
    /// When the attempt started: UTC, RFC 3339.
    pub(crate) since: String,
}

/// The commands of a run that are running, those in the background too.
pub(crate) fn running(state: &RunState, runbook: &Runbook) -> Vec<Running> {
    let runs = |id: &str| state.items.get(id).filter(|item| item.status == ItemStatus::Running);
    let items = runbook.items().filter_map(|(_, step, item)| Some((step, runs(&item.id)?)));
    let running = items.map(|(step, item)| Running {
        title: runbook.title.clone(),
        step: step.title.clone(),
        since: item.attempts.last().map_or_else(|| item.at.clone(), |attempt| attempt.started_at.clone()),
    });
    running.collect()
}

/// The question; none when nothing runs. The longest running stands first.
pub(super) fn question(mut running: Vec<Running>, now: Timestamp) -> Option<ClosingQuestion> {
    running.sort_by(|one, other| one.since.cmp(&other.since));
    let (what, it, runs) = match running.as_slice() {
        [] => return None,
        [one] => (line(one, now), "it", "The run is"),
        several => {
            let mut lines: Vec<String> = several.iter().take(NAMED).map(|one| line(one, now)).collect();
            if several.len() > NAMED {
                lines.push(format!("and {} more", several.len() - NAMED));
            }
            (lines.join("\n"), "them", "Their runs are")
        }
    };
    let does = format!(
        "Closing stops {it}: an interrupt, after 5 s terminate, after another 5 s kill. {runs} put aside as paused, with \
         everything recorded so far, and can be resumed."
    );
    let title = match running.len() {
        1 => "A command is running. Close Allgood?".to_owned(),
        count => format!("{count} commands are running. Close Allgood?"),
    };
    Some(ClosingQuestion { title, text: format!("{what}\n\n{does}") })
}

/// `Fail over: "Promote the standby", since 15:04:05 (2 min 3 s)`.
fn line(running: &Running, now: Timestamp) -> String {
    let Running { title, step, since } = running;
    let what = format!("{title}: \"{step}\"");
    let Ok(since) = since.parse::<Timestamp>() else { return what };
    let clock = since.to_zoned(TimeZone::system()).strftime("%H:%M:%S");
    // A clock that was set back says nothing of how long it was.
    match u64::try_from(now.as_millisecond() - since.as_millisecond()) {
        Ok(milliseconds) => format!("{what}, since {clock} ({})", report::spoken(milliseconds)),
        Err(_) => format!("{what}, since {clock}"),
    }
}
