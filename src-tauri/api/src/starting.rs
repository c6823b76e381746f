//! How a run begins to be driven by this process: one that is new, and one that is taken up.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use engine::{RunId, RunSpec, event::Parent, run::OnFailure};

use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    library::Opened,
    library_file,
    linked::{Kin, LinkedBook},
    live::{Hub, Live, RunObserver, refused},
    runs::{RunFile, TERMINAL, vars},
    views,
    wire::{Mode, RunbookView},
};

/// How a run begins, beside what is asked for.
pub(crate) struct Beginning {
    pub(crate) id: RunId,
    /// The run that it is a part of, and the check there.
    pub(crate) parent: Option<Parent>,
    /// The files of the runs that it is a part of, from the first.
    pub(crate) above: Vec<PathBuf>,
    /// The folder of the file that a person named on the command line.
    pub(crate) named: Option<PathBuf>,
    /// It only tries something.
    pub(crate) scratch: bool,
    /// The schedule that starts it, by its name.
    pub(crate) schedule: Option<String>,
    /// That schedule tells of it: the window calls nobody.
    pub(crate) told_by_schedule: bool,
}

impl Beginning {
    /// Of a run of its own.
    pub(crate) fn new() -> Self {
        Self {
            id: RunId::new(),
            parent: None,
            above: Vec::new(),
            named: None,
            scratch: false,
            schedule: None,
            told_by_schedule: false,
        }
    }
}

/// How a run is driven, however it began.
pub(crate) struct Manner {
    pub(crate) attended: bool,
    pub(crate) yes: bool,
    /// In a rehearsal probes run.
    pub(crate) probes: bool,
    pub(crate) on_failure: OnFailure,
    pub(crate) size: (u16, u16),
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) environment_typed: Option<String>,
}

impl Manner {
    /// What the engine is given.
    pub(crate) fn spec(
        self,
        runbook: Arc<format::Runbook>,
        path: &Path,
        chosen: Option<&format::Environment>,
        kin: &Kin,
        (id, mode, step, parent): (RunId, engine::event::Mode, Option<String>, Option<Parent>),
    ) -> RunSpec {
        RunSpec {
            id,
            runbook,
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            mode,
            attended: self.attended,
            yes: self.yes,
            probes: self.probes,
            step,
            values: self.values,
            size: self.size,
            environment: chosen.map(views::engine_environment),
            environment_typed: self.environment_typed,
            on_failure: self.on_failure,
            commit: None,
            parent,
            schedule: None,
            linked: kin.linked(),
            access: None,
        }
    }
}

/// The parts that a run under way is made of.
pub(crate) struct Driving {
    pub(crate) opened: Opened,
    pub(crate) page: RunbookView,
    pub(crate) chosen: Option<format::Environment>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) handle: engine::RunHandle,
    pub(crate) held: store::RunLock,
    pub(crate) kin: Kin,
}

impl App {
    /// Starts a run.
    ///
    /// # Errors
    /// When a parameter does not fit, a check that a run by itself would come to stands for a runbook that cannot be opened,
    /// or the store does not keep it. Nothing was started then.
    pub(crate) fn start_as(
        self: &Arc<Self>,
        opened: Opened,
        request: RunFile,
        observer: Option<Arc<dyn RunObserver>>,
        beginning: Beginning,
    ) -> Result<Arc<Live>, ApiError> {
        let Beginning { id, parent, above, named, scratch, schedule, told_by_schedule } = beginning;
        let page = self.page(&opened.runbook, &opened.bytes, &opened.path)?;
        let path = opened.path.display().to_string();
        let chosen = request.environment.as_deref().map(|name| self.environment(&opened.path, name)).transpose()?;
        if let Err(error) =
            self.engine.check(&opened.runbook, &request.values, request.step.as_deref()).map_err(refused)
            && (request.attended || error.code != ErrorCode::NeedsValues)
        {
            return Err(error);
        }
        let mode = views::engine_mode(request.mode);
        if request.mode != Mode::Rehearse {
            let given = (&request.values, request.attended, request.step.as_deref());
            self.access_ready(&opened.runbook, &opened.path, chosen.as_ref(), given)?;
        }
        let access = Arc::new(self.run_access(&opened.path, chosen.as_ref())?);
        let within = request.step.as_deref();
        let books = if scratch { BTreeMap::new() } else { self.linked_books(&opened.runbook, &opened.path, &above) };
        let by_itself = !request.attended || request.mode == Mode::Auto;
        if let Some(book) = books.iter().find_map(|(item, book)| self.stands_in_the_way(&opened, within, item, book))
            && by_itself
        {
            return Err(ApiError::new(ErrorCode::State, book));
        }
        self.store.put_revision(&opened.bytes)?;
        let commit = self.commit_of(&opened.path, &opened.bytes);
        let new = store::NewRun {
            id: id.clone(),
            path: path.clone(),
            library: self.store.library_of(&opened.path)?.map(|library| library.id),
            title: opened.runbook.title.clone(),
            revision: opened.runbook.revision.clone(),
            mode,
            environment: chosen.as_ref().map(|chosen| chosen.name.clone()),
            actor: self.engine.settings.actor.clone(),
            items: views::items(&opened.runbook, request.step.clone()),
            started_at: self.engine.clock.now(),
            parent: parent.clone(),
        };
        let held = if scratch { self.store.begin_scratch_run(&new)? } else { self.store.begin_run(&new)? };
        let runbook = Arc::new(opened.runbook.clone());
        let hub = Hub::new(runbook.clone(), observer.clone());
        let hub = Arc::new(if scratch { hub } else { hub.on(&self.desktop, !told_by_schedule) });
        let manner = Manner {
            attended: request.attended,
            yes: request.yes,
            probes: request.probes,
            on_failure: request.on_failure,
            size: request.size.unwrap_or(TERMINAL),
            values: request.values,
            environment_typed: request.environment_typed,
        };
        let kin = self.kin((&opened.path, above, named), &manner, books, observer, parent.as_ref());
        let start = (id, mode, request.step, parent);
        let spec = RunSpec {
            commit,
            schedule,
            access: Some(access),
            ..manner.spec(runbook, &opened.path, chosen.as_ref(), &kin, start)
        };
        let handle = self.engine.start(spec, hub.clone()).map_err(refused)?;
        self.drive(Driving { opened, page, chosen, hub, handle, held, kin })
    }

    /// Why a run that goes by itself cannot come past a check of it: its run could never be opened.
    fn stands_in_the_way(
        &self,
        opened: &Opened,
        step: Option<&str>,
        item: &str,
        book: &LinkedBook,
    ) -> Option<String> {
        let (section, own, found) = opened.runbook.item(item)?;
        let on_way = step.map_or(section.phase.on_path(), |step| {
            own.id == step || own.title.trim().eq_ignore_ascii_case(step.trim())
        });
        let why = book.refused.as_ref().filter(|_| on_way)?;
        Some(format!("Nothing was started: check \"{}\" (line {}): {why}", found.id, found.line))
    }

    /// Keeps a run that this process drives from now on.
    pub(crate) fn drive(self: &Arc<Self>, driving: Driving) -> Result<Arc<Live>, ApiError> {
        let Driving { opened, page, chosen, hub, handle, held, kin } = driving;
        let file = self.library_file_of(&opened.path)?;
        let id = handle.id().clone();
        let usual = self.usual_for(&id);
        let live = Arc::new(Live {
            usual,
            intervals: Arc::clone(&self.intervals),
            environment: chosen.as_ref().map(library_file::view),
            vars: vars(&opened.runbook, chosen.as_ref()),
            handle,
            hub,
            path: opened.path.display().to_string(),
            page,
            bytes: opened.bytes,
            schemes: self.link_schemes(),
            file,
            held: Mutex::new(Some(held)),
            kin,
        });
        lock(&self.live).insert(id.clone(), live.clone());
        live.kin.opener.is_for(&live);
        self.relate(&live);
        self.forget_when_over(&id, &live);
        if let Some(parent) = live.handle.state().parent {
            self.tell_when_over(&live, parent);
        }
        Ok(live)
    }

    /// A run that is over is driven by nobody: its lock goes, and what is asked of it is read from the store.
    fn forget_when_over(self: &Arc<Self>, id: &RunId, live: &Arc<Live>) {
        let (app, live, id) = (Arc::downgrade(self), live.clone(), id.clone());
        let spawned = std::thread::Builder::new().name("run-end".to_owned()).spawn(move || {
            live.handle.wait_finished();
            if let Some(app) = app.upgrade() {
                lock(&app.live).remove(&id);
                app.desktop.let_go(&id, live.handle.trouble().is_some());
            }
            drop(lock(&live.held).take());
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "a finished run stays in memory");
        }
    }
}
