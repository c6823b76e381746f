//! Which runs are under way, and what the window's title and icon say of them.

use engine::{ItemStatus, RunState, RunStatus};
use format::Runbook;

/// The state of all runs that this window drives, by what needs a person most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lamp {
    /// None is under way.
    #[default]
    Calm,
    /// A command or a probe runs.
    Running,
    /// A person is needed.
    Waiting,
    /// Something failed, and somebody has to say how it goes on.
    Failed,
}

/// What the window's frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The window's title.
    pub title: String,
    /// The icon's lamp.
    pub lamp: Lamp,
    /// How far the run is that the title names, in percent; none when no run is under way.
    pub percent: Option<u8>,
}

impl Default for Frame {
    fn default() -> Self {
        Self { title: "Allgood".to_owned(), lamp: Lamp::Calm, percent: None }
    }
}

/// A run that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnderWay {
    pub(crate) title: String,
    lamp: Lamp,
    rolling_back: bool,
    /// Its facts cannot be kept for now.
    held: bool,
    percent: u8,
}

impl UnderWay {
    /// None of a run that is over or was put aside.
    pub(super) fn of(state: &RunState, runbook: &Runbook) -> Option<Self> {
        let lamp = match state.status {
            RunStatus::Running => Lamp::Running,
            RunStatus::Waiting if has_failed(state, runbook) => Lamp::Failed,
            RunStatus::Waiting => Lamp::Waiting,
            _ => return None,
        };
        let (rolling_back, percent) = match state.rolling_back() {
            Some(rollback) => (true, percent(rollback.settled.len() as u64, rollback.plan.len() as u64)),
            None => {
                let progress = engine::run::progress(runbook, state);
                (false, percent(progress.done, progress.total))
            }
        };
        Some(Self { title: runbook.title.clone(), lamp, rolling_back, held: false, percent })
    }

    /// The same, while its facts cannot be kept, or as soon as they can be.
    pub(super) fn held(self, held: bool) -> Self {
        Self { held, ..self }
    }

    /// What stands still by itself needs a person more than anything else.
    fn lamp(&self) -> Lamp {
        if self.held { Lamp::Failed } else { self.lamp }
    }

    fn words(&self) -> &'static str {
        match (self.lamp, self.rolling_back) {
            _ if self.held => "its record cannot be kept",
            (Lamp::Calm, _) => "",
            (Lamp::Running, false) => "running",
            (Lamp::Running, true) => "rolling back",
            (Lamp::Waiting, _) => "waits for you",
            (Lamp::Failed, false) => "failed",
            (Lamp::Failed, true) => "rollback failed",
        }
    }
}

/// Whether what is in hand has failed, or nobody knows how it ended.
fn has_failed(state: &RunState, runbook: &Runbook) -> bool {
    let Some(hand) = engine::run::hand(runbook, state) else { return false };
    match state.rolling_back() {
        Some(rollback) => rollback.failed.contains(&hand),
        None => matches!(state.item(&hand), ItemStatus::Failed | ItemStatus::Interrupted),
    }
}

fn percent(done: u64, total: u64) -> u8 {
    u8::try_from((done * 100).checked_div(total).unwrap_or(100)).unwrap_or(100)
}

/// What the frame says of all of them: of the one that needs a person most, and how many there are beside it.
pub(super) fn frame<'a>(runs: impl Iterator<Item = &'a UnderWay> + Clone) -> Frame {
    let mut first: Option<&UnderWay> = None;
    for run in runs.clone() {
        if first.is_none_or(|first| run.lamp() > first.lamp()) {
            first = Some(run);
        }
    }
    let Some(first) = first else { return Frame::default() };
    let shape = match first.lamp() {
        Lamp::Calm => "",
        Lamp::Running => "●",
        Lamp::Waiting => "◆",
        Lamp::Failed => "■",
    };
    let more = match runs.count() {
        0 | 1 => String::new(),
        count => format!(" · and {} more", count - 1),
    };
    let title = format!("{shape} {} · {}{more}", first.title, first.words());
    Frame { title, lamp: first.lamp(), percent: Some(first.percent) }
}
