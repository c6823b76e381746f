//! Runs that nobody drives, taken up: they go on, or are rolled back (RUNS.md, "After a crash" and "When something fails").

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    RunId, RunSpec,
    run::{OnFailure, TakeUp},
};

use crate::{
    ApiError, App, ErrorCode,
    library::Opened,
    live::{Hub, RunObserver, refused},
    runs::{LiveRun, TERMINAL},
    starting::{Driving, Manner},
    views,
    wire::{Mode, ResumeRun, RollbackRun, RunView},
};

/// How long a finished run may take to be let go of by who drove it.
const LETTING_GO: Duration = Duration::from_secs(2);

/// Takes up a run from the command line. Naming it is the person's own act.
pub struct TakeUpRun {
    /// Its id, or the beginning of one that no other run has.
    pub run: String,
    /// What for.
    pub how: TakeUp,
    /// How it goes on; as before where none is given.
    pub mode: Option<Mode>,
    /// A person can be asked.
    pub attended: bool,
    /// `--yes`.
    pub yes: bool,
    /// Values by name, those that were kept in memory alone among them.
    pub values: BTreeMap<String, String>,
    /// Columns and rows of the person's terminal.
    pub size: Option<(u16, u16)>,
    /// What was typed to answer the guard of its environment.
    pub environment_typed: Option<String>,
    /// What a failure leads to where nobody can be asked.
    pub on_failure: OnFailure,
    /// A person named it on the command line: what lies below the folder of its file may be run with it.
    pub by_name: bool,
}

impl App {
    /// Goes on with a run that was paused, interrupted, failed, or handed over to here.
    ///
    /// # Errors
    /// When another process drives it, its folder is not trusted, it cannot be resumed, or the store does not keep it.
    pub fn run_resume(self: &Arc<Self>, request: ResumeRun) -> Result<RunView, ApiError> {
        self.may_be_taken_up(&request.run)?;
        let taken = self.take_up(
            TakeUpRun {
                run: request.run,
                how: TakeUp::Resume,
                mode: request.mode,
                values: request.values,
                environment_typed: request.environment_typed,
                ..TakeUpRun::attended()
            },
            None,
        )?;
        Ok(taken.view())
    }

    /// Rolls back a run that nobody drives: one that passed, failed, was paused or interrupted.
    ///
    /// # Errors
    /// As for [`App::run_resume`], and when there is nothing to undo.
    pub fn run_rollback(self: &Arc<Self>, request: RollbackRun) -> Result<RunView, ApiError> {
        self.may_be_taken_up(&request.run)?;
        let how = TakeUp::Rollback { leave_out: request.leave_out, took_effect: request.took_effect };
        let (run, environment_typed) = (request.run, request.environment_typed);
        let taken = self.take_up(TakeUpRun { run, how, environment_typed, ..TakeUpRun::attended() }, None)?;
        Ok(taken.view())
    }

    /// What a window takes up has to stand in a trusted folder, as what it starts.
    fn may_be_taken_up(&self, run: &str) -> Result<(), ApiError> {
        let row = self.row(run)?;
        let mode = self.store.run_state(&row.start.id)?.mode.unwrap_or(row.start.mode);
        self.trusted(Path::new(&row.start.path), mode)
    }

    /// Takes up a run.
    ///
    /// # Errors
    /// When there is no such run, another process drives it, it cannot be taken up in its state, or the store does not
    /// keep it. Nothing has happened then.
    pub fn take_up(
        self: &Arc<Self>,
        request: TakeUpRun,
        observer: Option<Arc<dyn RunObserver>>,
    ) -> Result<LiveRun, ApiError> {
        let row = self.row(&request.run)?;
        let id = row.start.id.clone();
        self.is_own(&row)?;
        let driven = |where_: &str| ApiError::new(ErrorCode::State, format!("Run {id} is driven {where_} already."));
        let Some(held) = self.free(&id)? else {
            return Err(driven(if self.live_run(&id).is_some() { "here" } else { "by another process" }));
        };
        self.store.interrupt(&id, &self.engine.clock.now(), &self.engine.settings.actor)?;
        let known = self.known(&id)?;
        let path = Path::new(&row.start.path);
        let bytes = self.store.revision(&row.start.revision)?;
        let runbook = self.parse(&row.start.path, &bytes, path);
        let chosen = known.state.environment.as_deref().map(|name| self.environment(path, name)).transpose()?;
        let mode = request.mode.map(views::engine_mode).or(known.state.mode).unwrap_or(row.start.mode);
        let opened = Opened { path: path.to_path_buf(), bytes, runbook };
        if mode != engine::event::Mode::Rehearse {
            let given = (&request.values, request.attended, known.state.step.as_deref());
            self.access_ready(&opened.runbook, path, chosen.as_ref(), given)?;
        }
        let access = Arc::new(self.run_access(path, chosen.as_ref())?);
        let page = self.page(&opened.runbook, &opened.bytes, path)?;
        let state = known.state.clone();
        let runbook = Arc::new(opened.runbook.clone());
        let hub = Arc::new(Hub::knowing(known, Arc::clone(&runbook), observer.clone()).on(&self.desktop, true));
        let manner = Manner {
            attended: request.attended,
            yes: request.yes,
            probes: false,
            on_failure: request.on_failure,
            size: request.size.unwrap_or(TERMINAL),
            values: request.values,
            environment_typed: request.environment_typed,
        };
        let above = self.above(state.parent.as_ref());
        let first = above.first().unwrap_or(&opened.path);
        let named = first.parent().filter(|_| request.by_name).map(Path::to_path_buf);
        let books = self.linked_books(&opened.runbook, path, &above);
        let kin = self.kin((path, above, named), &manner, books, observer, state.parent.as_ref());
        let start = (id, mode, state.step.clone(), state.parent.clone());
        let spec = RunSpec { access: Some(access), ..manner.spec(runbook, path, chosen.as_ref(), &kin, start) };
        let handle = self.engine.take_up(spec, state, &request.how, hub.clone()).map_err(refused)?;
        let live = self.drive(Driving { opened, page, chosen, hub, handle, held, kin })?;
        self.settle_all(&live);
        Ok(LiveRun(live))
    }

    /// Refuses a run that somebody else shared: what were written to it here would part its record from theirs.
    pub(crate) fn is_own(&self, row: &store::RunRow) -> Result<(), ApiError> {
        let Some(who) = &row.shared_by else { return Ok(()) };
        let sentence = format!(
            "Run {} was shared by {who}: its record is theirs, and nothing is added to it here. To go on with it here, have \
             it handed over as a file.",
            row.start.id
        );
        Err(ApiError::new(ErrorCode::State, sentence))
    }

    /// The lock of a run that nobody drives. Whoever drove one that is finished lets go of it a moment later: that is
    /// waited for.
    pub(crate) fn free(&self, id: &RunId) -> Result<Option<store::RunLock>, ApiError> {
        let began = Instant::now();
        loop {
            let driven = self.live_run(id).is_some();
            let held = if driven { None } else { self.store.lock_run(id)? };
            let over = || self.store.run_state(id).is_ok_and(|state| state.is_finished());
            if held.is_some() || began.elapsed() > LETTING_GO || !over() {
                return Ok(held);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl TakeUpRun {
    /// By a person who can be asked, with nothing else said.
    fn attended() -> Self {
        Self {
            run: String::new(),
            how: TakeUp::Resume,
            mode: None,
            attended: true,
            yes: false,
            values: BTreeMap::new(),
            size: None,
            environment_typed: None,
            on_failure: OnFailure::Stop,
            by_name: false,
        }
    }
}
