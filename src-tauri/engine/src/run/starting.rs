//! Starting a run, and taking up one that nobody drives: what is refused before anything is kept, and its thread.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    thread,
};

use format::Runbook;

use super::{
    Engine, Line, Processes, Refusal, RunHandle, RunSpec, TakeUp, confirming, decide,
    driver::Driver,
    inbox::Inbox,
    plan::Plan,
    processes,
    shared::Shared,
    taking,
    values::{self, Chosen, Memory},
};
use crate::{journal::Observer, state::RunState};

impl Engine {
    /// What `start` would refuse, asked before a row for the run is made: front matter that cannot be honoured,
    /// parameters that do not fit, a step that does not exist.
    ///
    /// # Errors
    /// The same refusals as `start`.
    pub fn check(
        &self,
        runbook: &Runbook,
        values: &BTreeMap<String, String>,
        step: Option<&str>,
    ) -> Result<(), Refusal> {
        match self.prepare(&Arc::new(runbook.clone()), values, step)? {
            (_, _, Some(missing)) => Err(missing),
            _ => Ok(()),
        }
    }

    fn prepare(
        &self,
        runbook: &Arc<Runbook>,
        values: &BTreeMap<String, String>,
        step: Option<&str>,
    ) -> Result<(Plan, Vec<Chosen>, Option<Refusal>), Refusal> {
        if let Some(sentence) = &runbook.settings.refused {
            return Err(Refusal::Guard(sentence.clone()));
        }
        let plan = Plan::new(Arc::clone(runbook), step)?;
        let (chosen, missing) = values::at_start(runbook, values)?;
        self.check_names(runbook, &chosen)?;
        Ok((plan, chosen, missing))
    }

    /// Names hold a journal together and are written as they are: none may hold a secret.
    fn check_names(&self, runbook: &Runbook, chosen: &[Chosen]) -> Result<(), Refusal> {
        let ids = runbook.items().flat_map(|(_, step, item)| [&step.id, &item.id]);
        let asked = runbook.items().flat_map(|(_, _, item)| item.placeholders.iter().chain(&item.doubts));
        let variables = runbook.items().flat_map(|(_, _, item)| &item.variables);
        let params = runbook.settings.params.iter().map(|param| &param.name);
        let given = chosen.iter().map(|chosen| &chosen.name);
        let all: Vec<&str> =
            ids.chain(asked).chain(variables).chain(params).chain(given).map(String::as_str).collect();
        let joined = all.join("\n");
        if self.secrets.mask_text(&joined) == joined {
            return Ok(());
        }
        let sentence = "a name in this runbook (of a block, a step, a placeholder or a variable) holds a secret that is in \
            use: take it out of the file";
        Err(Refusal::Guard(sentence.to_owned()))
    }

    fn check_environment(&self, spec: &RunSpec) -> Result<(), Refusal> {
        let Some(environment) = &spec.environment else { return Ok(()) };
        let named = [&environment.name].into_iter().chain(environment.vars.iter().map(|(name, _)| name));
        let names: Vec<&str> = named.map(String::as_str).collect();
        let joined = names.join("\n");
        if self.secrets.mask_text(&joined) != joined {
            let sentence = "the environment, or a variable of it, has a name that holds a secret: mend allgood.toml";
            return Err(Refusal::Guard(sentence.to_owned()));
        }
        if let Some((name, _)) = environment.vars.iter().find(|(name, _)| !values::is_identifier(name)) {
            return Err(Refusal::Guard(format!("\"{name}\" can be no variable: mend allgood.toml")));
        }
        match &spec.environment_typed {
            Some(typed) => confirming::is_typed(&environment.name, typed),
            None => Ok(()),
        }
    }

    /// Starts a run: `run_started` is on disk when this returns.
    ///
    /// # Errors
    /// When the runbook refuses to be run, a parameter does not fit, or the journal does not keep the start.
    pub fn start(&self, spec: RunSpec, observer: Arc<dyn Observer>) -> Result<RunHandle, Refusal> {
        self.start_with(spec, observer, processes::real())
    }

    /// [`Engine::start`] with something else that starts processes.
    ///
    /// # Errors
    /// As for `start`.
    pub fn start_with(
        &self,
        spec: RunSpec,
        observer: Arc<dyn Observer>,
        processes: Arc<dyn Processes>,
    ) -> Result<RunHandle, Refusal> {
        let (plan, chosen, missing) = self.prepare(&spec.runbook, &spec.values, spec.step.as_deref())?;
        self.check_environment(&spec)?;
        // With a person there the value is asked for first; without one the run is kept, paused (RUNS.md, exit status 4).
        let end_as = match missing {
            Some(missing) if spec.attended => return Err(missing),
            missing => missing.map(|missing| decide::EndAs::Paused(Some(missing.to_string()))),
        };
        let mut driver = self.driver(spec, plan, observer, processes, RunState::default());
        driver.end_as = end_as;
        driver.begin(chosen).map_err(|error| Refusal::Journal(error.to_string()))?;
        drive(driver)
    }

    /// Takes up a run that nobody drives, from the state that its journal replays to: `resumed`, or `rollback_started`,
    /// is on disk when this returns. Its mode is that of `spec`; values of `spec` are remembered, others are known from
    /// the journal, and those that were kept in memory alone are asked for again.
    ///
    /// # Errors
    /// When it cannot be taken up in that state, there is nothing to undo, or the journal does not keep it.
    pub fn take_up(
        &self,
        spec: RunSpec,
        state: RunState,
        how: &TakeUp,
        observer: Arc<dyn Observer>,
    ) -> Result<RunHandle, Refusal> {
        self.take_up_with(spec, state, how, observer, processes::real())
    }

    /// [`Engine::take_up`] with something else that starts processes.
    ///
    /// # Errors
    /// As for `take_up`.
    pub fn take_up_with(
        &self,
        mut spec: RunSpec,
        state: RunState,
        how: &TakeUp,
        observer: Arc<dyn Observer>,
        processes: Arc<dyn Processes>,
    ) -> Result<RunHandle, Refusal> {
        if let Some(sentence) = &spec.runbook.settings.refused {
            return Err(Refusal::Guard(sentence.clone()));
        }
        taking::check(&state, how)?;
        spec.step.clone_from(&state.step);
        let plan = Plan::new(Arc::clone(&spec.runbook), spec.step.as_deref())?;
        values::check_given(&spec.runbook, &spec.values)?;
        self.check_environment(&spec)?;
        let mut driver = self.driver(spec, plan, observer, processes, state);
        driver.take_up(how)?;
        drive(driver)
    }

    fn driver(
        &self,
        spec: RunSpec,
        plan: Plan,
        observer: Arc<dyn Observer>,
        processes: Arc<dyn Processes>,
        state: RunState,
    ) -> Driver {
        Driver {
            engine: self.clone(),
            spec,
            plan,
            observer,
            processes,
            shared: Arc::new(Shared::new(state.clone())),
            inbox: Arc::new(Inbox::default()),
            memory: Memory::default(),
            state,
            pending: VecDeque::new(),
            lives: BTreeMap::new(),
            end_as: None,
            leftovers: Vec::new(),
            left_by_failed: BTreeMap::new(),
            started: 0,
            acts: 0,
            kept: 0,
            held: None,
            asked: BTreeSet::new(),
            trouble: None,
        }
    }
}

/// Says that a run's thread is gone, however it went.
struct Going {
    shared: Arc<Shared>,
    inbox: Arc<Inbox>,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.inbox.deafen();
        self.shared.set_gone();
    }
}

/// Gives a run its thread.
fn drive(driver: Driver) -> Result<RunHandle, Refusal> {
    let (shared, inbox, id) = (Arc::clone(&driver.shared), Arc::clone(&driver.inbox), driver.spec.id.clone());
    let going = Going { shared: Arc::clone(&shared), inbox: Arc::clone(&inbox) };
    thread::Builder::new()
        .name("run".to_owned())
        .spawn(move || {
            let _going = going;
            driver.run();
        })
        .map_err(|error| Refusal::State(format!("the run cannot be driven: no thread for it: {error}")))?;
    Ok(RunHandle { id, shared, line: Arc::new(Line(inbox)) })
}
