//! What the window asks before it closes over running commands and open connections.

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

/// A connection to an access entry that is open in a terminal of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connected {
    /// The entry's name.
    pub(crate) name: String,
    /// When it was begun: UTC, RFC 3339.
    pub(crate) since: String,
}

/// The question; none when nothing runs and nothing is connected. The longest running stands first.
pub(super) fn question(
    mut running: Vec<Running>,
    mut connected: Vec<Connected>,
    now: Timestamp,
) -> Option<ClosingQuestion> {
    running.sort_by(|one, other| one.since.cmp(&other.since));
    connected.sort_by(|one, other| one.since.cmp(&other.since));
    let commands = running.iter().map(|one| line(one, now));
    let connections = connected.iter().map(|one| with_time(format!("Connected to {}", one.name), &one.since, now));
    let all: Vec<String> = commands.chain(connections).collect();
    let mut lines: Vec<String> = all.iter().take(NAMED).cloned().collect();
    if all.len() > NAMED {
        lines.push(format!("and {} more", all.len() - NAMED));
    }
    let it = match all.len() {
        0 => return None,
        1 => "it",
        _ => "them",
    };
    let runs = match running.len() {
        0 => "",
        1 => " The run is",
        _ => " Their runs are",
    };
    let mut does = format!("Closing stops {it}: an interrupt, after 5 s terminate, after another 5 s kill.{runs}");
    if !running.is_empty() {
        does += " put aside as paused, with everything recorded so far, and can be resumed.";
    }
    let title = match (running.len(), connected.len()) {
        (0, 1) => "A connection is open. Close Allgood?".to_owned(),
        (0, count) => format!("{count} connections are open. Close Allgood?"),
        (1, 0) => "A command is running. Close Allgood?".to_owned(),
        (count, 0) => format!("{count} commands are running. Close Allgood?"),
        (commands, connections) => {
            let commands = if commands == 1 { "A command is".to_owned() } else { format!("{commands} commands are") };
            let connections = if connections == 1 {
                "a connection is".to_owned()
            } else {
                format!("{connections} connections are")
            };
            format!("{commands} running, {connections} open. Close Allgood?")
        }
    };
    Some(ClosingQuestion { title, text: format!("{}\n\n{does}", lines.join("\n")) })
}

/// `Fail over: "Promote the standby", since 15:04:05 (2 min 3 s)`.
fn line(running: &Running, now: Timestamp) -> String {
    let Running { title, step, since } = running;
    with_time(format!("{title}: \"{step}\""), since, now)
}

fn with_time(what: String, since: &str, now: Timestamp) -> String {
    let Ok(since) = since.parse::<Timestamp>() else { return what };
    let clock = since.to_zoned(TimeZone::system()).strftime("%H:%M:%S");
    // A clock that was set back says nothing of how long it was.
    match u64::try_from(now.as_millisecond() - since.as_millisecond()) {
        Ok(milliseconds) => format!("{what}, since {clock} ({})", report::spoken(milliseconds)),
        Err(_) => format!("{what}, since {clock}"),
    }
}
