//! How a run stands that nobody drives: what has to be known and asked before it is taken up (RUNS.md, "After a crash").

use std::{collections::BTreeSet, fs, path::Path};

use engine::{ItemStatus, RunId, event::FinishState};

use crate::{
    ApiError, App, ErrorCode,
    commands::RunArgument,
    views,
    wire::{RollbackView, RunStatus, RunView, Undoing},
};

/// How a run stands.
pub struct Standing {
    /// Everything that its journal says.
    pub view: RunView,
    /// What somebody has to decide about before it goes on, if anything.
    pub open: Option<Open>,
    /// Names whose values were kept in memory alone, in a process that is gone.
    pub lost: Vec<String>,
    /// What a rollback would do now, or does.
    pub plan: RollbackView,
    /// The one step that is run, by id or title, where it is not the whole path.
    pub step: Option<String>,
}

/// The item in hand that does not go on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// It was running when the process that drove it went: nobody knows how it ended.
    Interrupted(String),
    /// It has failed.
    Failed(String),
    /// Nothing undoes it by itself: a person does.
    ByHand(String),
}

impl Open {
    /// Which item.
    #[must_use]
    pub fn item(&self) -> &str {
        match self {
            Self::Interrupted(item) | Self::Failed(item) | Self::ByHand(item) => item,
        }
    }
}

/// A process of a run that outlived who started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlived {
    /// Its number.
    pub process: u32,
    /// Its name, as the system has it.
    pub name: String,
}

impl App {
    /// How a run stands that nobody drives.
    ///
    /// # Errors
    /// When there is no such run, somebody drives it, it was shared by somebody else, or its record cannot be read.
    pub fn standing(&self, run: &str) -> Result<Standing, ApiError> {
        let view = self.run_view(RunArgument { run: run.to_owned() })?;
        let id = RunId(view.run.id.clone());
        if matches!(view.run.state, RunStatus::Running | RunStatus::Waiting) {
            let sentence = format!("Run {id} is driven by another process already: put it aside there first.");
            return Err(ApiError::new(ErrorCode::State, sentence));
        }
        let row = self.row(&id.0)?;
        self.is_own(&row)?;
        let bytes = self.store.revision(&row.start.revision)?;
        let runbook = self.parse(&row.start.path, &bytes, Path::new(&row.start.path));
        let mut state = self.store.run_state(&id)?;
        let plan = views::rollback_now(&runbook, &state);
        let kept_elsewhere = state.parameters.iter().filter(|(_, known)| known.value.is_none()).map(|(name, _)| name);
        let lost: BTreeSet<String> = kept_elsewhere.chain(&state.carried.in_memory).cloned().collect();
        // What is taken up again stands as if it had not finished.
        let resumable = matches!(state.finished, None | Some(FinishState::Failed | FinishState::HandedOver));
        state.finished = None;
        let hand = engine::run::hand(&runbook, &state).filter(|_| resumable);
        let open = hand.and_then(|item| match state.rolling_back() {
            Some(rollback) if rollback.failed.contains(&item) => match state.item(&item) {
                ItemStatus::Interrupted => Some(Open::Interrupted(item)),
                _ => Some(Open::Failed(item)),
            },
            Some(_) => {
                let by_hand = plan.entries.iter().any(|entry| {
                    entry.item == item && matches!(entry.how, Undoing::ByHand | Undoing::Run) && !entry.settled
                });
                by_hand.then_some(Open::ByHand(item))
            }
            None => match state.item(&item) {
                ItemStatus::Interrupted => Some(Open::Interrupted(item)),
                ItemStatus::Failed => Some(Open::Failed(item)),
                _ => None,
            },
        });
        Ok(Standing { view, open, lost: lost.into_iter().collect(), plan, step: state.step })
    }

    /// Processes of a run that are still there although nobody drives it, as far as the system tells. Those of a process
    /// that was killed end by themselves, within seconds, unless something holds them.
    #[must_use]
    pub fn outlived(&self, run: &str) -> Vec<Outlived> {
        let mark = format!("ALLGOOD_RUN={run}");
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let marked = processes.filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            let own = environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
            let name = || fs::read_to_string(entry.path().join("comm")).unwrap_or_default().trim().to_owned();
            own.then(|| Outlived { process, name: name() })
        });
        marked.filter(|found| found.process != std::process::id()).collect()
    }
}
