//! How the runs of a run's checks stand, for whoever watches that run: they follow each other while both are driven here.

use std::{collections::BTreeMap, sync::Arc};

use engine::event::Parent;

use crate::{App, app::lock, live::Live, wire::RunSummary};

/// How the runs of a run's checks stand, and when that last changed.
#[derive(Default)]
pub(crate) struct Shown {
    turn: u64,
    runs: BTreeMap<String, (u64, RunSummary)>,
}

impl Shown {
    /// A run stands so now.
    pub(crate) fn put(&mut self, run: RunSummary) {
        self.turn += 1;
        self.runs.insert(run.id.clone(), (self.turn, run));
    }

    /// Those that stand otherwise than at that turn; moves it on.
    pub(crate) fn since(&self, turn: &mut u64) -> Vec<RunSummary> {
        let changed = self.runs.values().filter(|(at, _)| at > turn).map(|(_, run)| run.clone()).collect();
        *turn = self.turn;
        changed
    }
}

impl App {
    /// From now on a run hears how the runs of its checks stand, those that are driven here.
    pub(crate) fn relate(&self, live: &Arc<Live>) {
        let state = live.handle.state();
        if let Some(parent) = state.parent.and_then(|Parent { run, .. }| self.live_run(&run)) {
            follow(&parent, live);
        }
        for child in state.items.into_values().filter_map(|item| self.live_run(&item.linked?.run)) {
            follow(live, &child);
        }
    }
}

fn follow(parent: &Arc<Live>, child: &Arc<Live>) {
    let (above, below) = (Arc::downgrade(parent), Arc::downgrade(child));
    child.hub.tell_above(Arc::new(move || {
        if let (Some(parent), Some(child)) = (above.upgrade(), below.upgrade()) {
            parent.child_stands(child.summary());
        }
    }));
    parent.child_stands(child.summary());
}

impl Live {
    fn child_stands(&self, run: RunSummary) {
        lock(&self.kin.shown).put(run);
        self.hub.changed();
    }
}
