//! The names of all runbooks, and of a small library's steps, kept in memory: one letter is looked for in 100,000 of them.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use store::{OwnLink, RunbookName, StepTitle, Store};

use crate::{ApiError, app::lock};

/// With no more runbooks than this, every step and every link of theirs is matched; of more, the steps of those that the index
/// finds.
const STEPS_OF: usize = 2_000;
/// The most runbooks whose steps are matched then.
const FOUND: u32 = 300;
/// A library that takes so long to be read is not read anew at each change.
const LONG: Duration = Duration::from_millis(50);
/// For so long it may be behind then.
const BEHIND: Duration = Duration::from_secs(3);

/// What runbooks and steps are found by.
pub(super) struct Names {
    pub(super) runbooks: Vec<RunbookName>,
    steps: Option<Vec<StepTitle>>,
    /// The links that runbooks name; none of a large library.
    pub(super) links: Vec<OwnLink>,
}

/// The names as they were read last.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<Read>>);

struct Read {
    generation: i64,
    at: Instant,
    took: Duration,
    names: Arc<Names>,
}

impl Cache {
    /// The names; read anew where the index has changed.
    pub(super) fn names(&self, store: &Store) -> Result<Arc<Names>, ApiError> {
        let generation = store.index_generation()?;
        let mut cache = lock(&self.0);
        if let Some(read) = &*cache {
            let fresh = read.generation == generation || (read.took > LONG && read.at.elapsed() < BEHIND);
            if fresh {
                return Ok(Arc::clone(&read.names));
            }
        }
        let begun = Instant::now();
        let runbooks = store.runbook_names()?;
        let steps = if runbooks.len() <= STEPS_OF { Some(store.step_titles(None, 0)?) } else { None };
        let links = if steps.is_some() { store.own_links()? } else { Vec::new() };
        let names = Arc::new(Names { runbooks, steps, links });
        *cache = Some(Read { generation, at: Instant::now(), took: begun.elapsed(), names: Arc::clone(&names) });
        Ok(names)
    }
}

impl Names {
    /// Looks at each step that may be what was typed.
    pub(super) fn each_step(
        &self,
        store: &Store,
        typed: &str,
        see: &mut dyn FnMut(&StepTitle),
    ) -> Result<(), ApiError> {
        match &self.steps {
            Some(steps) => steps.iter().for_each(see),
            None => store.step_titles(Some(typed), FOUND)?.iter().for_each(see),
        }
        Ok(())
    }

    /// The step of that runbook with that title.
    pub(super) fn step(&self, file: &str, title: &str) -> Option<&StepTitle> {
        self.steps.as_ref()?.iter().find(|step| &*step.file == file && &*step.title == title)
    }
}
