//! Checks that stand for a run of another runbook: the runs that are opened for them, and what is told of how they end
//! (RUNS.md, "Sub-runbooks" in `docs/runs.md`). The engine decides when; here is how.

mod finding;
mod shown;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, Weak},
    thread,
    time::Duration,
};

use engine::{
    Command, RunId, RunState, RunStatus,
    event::{FinishState, LinkedState, Parent},
    run::{Linked, LinkedAsk, LinkedRuns, OnFailure, TakeUp},
};

pub(crate) use self::finding::LinkedBook;
use self::{finding::DEEPEST, shown::Shown};
use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    error::Needs,
    live::{Live, RunObserver, refused},
    runs::{LiveRun, RunFile},
    starting::{Beginning, Manner},
    taking::TakeUpRun,
    views,
    wire::{OpenLinked, PartOf, RunView},
};

/// How long a run that has just begun is waited for before something is opened for it.
const REGISTERED: Duration = Duration::from_secs(30);

/// What a run hands on to the runs that are opened for its checks.
pub(crate) struct Kin {
    /// The files of the runs that this one is a part of, from the first, and its own last.
    pub(crate) chain: Vec<PathBuf>,
    /// The folder of the file that a person named on the command line: what lies in it may be run with it.
    pub(crate) named: Option<PathBuf>,
    /// A person can be asked.
    pub(crate) attended: bool,
    /// `--yes`.
    pub(crate) yes: bool,
    /// In a rehearsal probes run.
    pub(crate) probes: bool,
    /// What a failure leads to where nobody can be asked.
    pub(crate) on_failure: OnFailure,
    /// Columns and rows of the person's terminal.
    pub(crate) size: (u16, u16),
    /// The runbooks that its checks stand for, by item.
    pub(crate) books: BTreeMap<String, LinkedBook>,
    /// Who wants to hear of every event.
    pub(crate) observer: Option<Arc<dyn RunObserver>>,
    /// The run that it is a part of.
    pub(crate) part_of: Option<PartOf>,
    /// The runs that were opened for its checks and are driven here.
    pub(crate) children: Mutex<Vec<Weak<Live>>>,
    /// How those runs stand, for whoever watches this one.
    pub(crate) shown: Mutex<Shown>,
    pub(crate) opener: Arc<Opener>,
}

impl Kin {
    /// What the engine is told: which checks open runs, and who opens them.
    pub(crate) fn linked(&self) -> Option<Linked> {
        let open = self.books.iter().filter(|(_, book)| book.refused.is_none());
        let items: std::collections::BTreeSet<String> = open.map(|(item, _)| item.clone()).collect();
        (!items.is_empty()).then(|| Linked { items, runs: self.opener.clone() })
    }
}

/// Opens runs for the checks of one run, on threads of their own.
#[derive(Default)]
pub(crate) struct Opener {
    app: Weak<App>,
    live: Mutex<Option<Weak<Live>>>,
    came: Condvar,
}

impl Opener {
    pub(crate) fn new(app: &Arc<App>) -> Arc<Self> {
        Arc::new(Self { app: Arc::downgrade(app), ..Self::default() })
    }

    /// The run is driven from now on.
    pub(crate) fn is_for(&self, live: &Arc<Live>) {
        *lock(&self.live) = Some(Arc::downgrade(live));
        self.came.notify_all();
    }

    fn live(&self) -> Option<Arc<Live>> {
        let waited = self.came.wait_timeout_while(lock(&self.live), REGISTERED, |live| live.is_none());
        let (live, _) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
        live.as_ref().and_then(Weak::upgrade)
    }
}

/// The way from a run's own thread to what opens runs for it.
struct Asked {
    opener: Arc<Opener>,
    item: String,
    what: LinkedAsk,
}

impl Asked {
    fn answer(self) {
        let (Some(app), Some(live)) = (self.opener.app.upgrade(), self.opener.live()) else { return };
        let done = match &self.what {
            LinkedAsk::Open => app.open_for(&live, &self.item, BTreeMap::new(), None).map(drop),
            LinkedAsk::GoOn(run) => app.go_on_for(&live, &self.item, run).map(drop),
            LinkedAsk::RollBack(run) => app.roll_back_for(&live, &self.item, run),
        };
        if let Err(error) = done {
            live.tell(Command::LinkedWaits { item: self.item, note: error.message });
        }
    }
}

impl LinkedRuns for Opener {
    fn ask(self: Arc<Self>, item: &str, what: LinkedAsk) {
        let asked = Asked { opener: self, item: item.to_owned(), what };
        if let Err(error) = thread::Builder::new().name("linked".to_owned()).spawn(move || asked.answer()) {
            tracing::error!(%error, "nothing is opened for a check");
        }
    }
}

impl App {
    /// Opens a run for a check of a run that this process drives, or goes on with the one that was opened for it.
    ///
    /// # Errors
    /// When there is no such run here, the check stands for no runbook, the runbook is not trusted or leads back to itself,
    /// or a value or an answer is missing. Nothing has happened then.
    pub fn run_open_linked(self: &Arc<Self>, request: OpenLinked) -> Result<RunView, ApiError> {
        let parent = self.driven(&request.run)?;
        let opened = self.open_linked(&LiveRun(parent), &request.item, request.values, request.environment_typed)?;
        Ok(opened.view())
    }

    /// As [`App::run_open_linked`], from the command line.
    ///
    /// # Errors
    /// As [`App::run_open_linked`].
    pub fn open_linked(
        self: &Arc<Self>,
        parent: &LiveRun,
        item: &str,
        values: BTreeMap<String, String>,
        typed: Option<String>,
    ) -> Result<LiveRun, ApiError> {
        let known = parent.0.handle.state().items.get(item).and_then(|item| item.linked.clone());
        if let Some(known) = known.filter(|known| known.state == LinkedState::Opened) {
            if let Some(live) = self.live_run(&known.run) {
                return Ok(LiveRun(live));
            }
            if let Some(live) = self.go_on_for(&parent.0, item, &known.run)? {
                return Ok(LiveRun(live));
            }
            let sentence = format!("Run {} of this check is over: look at how it ended.", known.run);
            return Err(ApiError::new(ErrorCode::State, sentence));
        }
        self.open_for(&parent.0, item, values, typed).map(LiveRun)
    }

    /// Tells a run how the run of one of its checks has ended, where it has: whoever comes back from that is told at once.
    pub fn came_back(&self, parent: &LiveRun, child: &LiveRun) {
        let state = child.0.handle.state();
        let run = child.0.handle.id().clone();
        if let (Some(of), Some((state, note))) = (state.parent.clone(), ended(&run, &state)) {
            parent.0.tell(Command::LinkedEnded { item: of.item, run, state, note });
        }
    }

    /// Rolls back, with a person, the run that was opened for a check of a run that is being rolled back itself; a rollback that
    /// was begun goes on. Once it is rolled back, its entry of the other plan is done.
    ///
    /// # Errors
    /// When no run was opened for it, another process drives that, or there is nothing to undo in it. Nothing has happened then.
    pub fn roll_back_linked(
        self: &Arc<Self>,
        parent: &LiveRun,
        item: &str,
        leave_out: Vec<String>,
        took_effect: Option<bool>,
    ) -> Result<LiveRun, ApiError> {
        let parent = &parent.0;
        let state = parent.handle.state();
        let Some(linked) = state.items.get(item).and_then(|item| item.linked.as_ref()) else {
            let sentence = format!("No run was opened for \"{item}\": undo it by hand.");
            return Err(ApiError::new(ErrorCode::State, sentence));
        };
        let run = &linked.run;
        if let Some(live) = self.live_run(run) {
            if live.handle.state().rolling_back().is_none() {
                live.send(Command::Rollback { leave_out, took_effect })?;
            }
            return Ok(LiveRun(live));
        }
        let path = PathBuf::from(self.store.run(run)?.start.path);
        self.may_follow(&path, parent.kin.named.as_deref(), state.mode.unwrap_or(engine::event::Mode::Hand))?;
        let environment_typed = self.answered(parent, &state, &path)?;
        let begun = self.store.run_state(run)?.rolling_back().is_some();
        let how = if begun { TakeUp::Resume } else { TakeUp::Rollback { leave_out, took_effect } };
        self.take_up_for(parent, run, how, environment_typed).map(LiveRun)
    }

    /// Opens a run for a check.
    fn open_for(
        self: &Arc<Self>,
        parent: &Arc<Live>,
        item: &str,
        values: BTreeMap<String, String>,
        typed: Option<String>,
    ) -> Result<Arc<Live>, ApiError> {
        let kin = &parent.kin;
        let Some(book) = kin.books.get(item) else {
            let sentence = format!("\"{item}\" stands for no runbook: tick it, when it holds.");
            return Err(ApiError::new(ErrorCode::State, sentence));
        };
        if let Some(refused) = &book.refused {
            return Err(ApiError::new(ErrorCode::State, refused.clone()));
        }
        let opened = self.opened(&book.path)?;
        let state = parent.handle.state();
        let mode = state.mode.unwrap_or(engine::event::Mode::Hand);
        self.may_follow(&opened.path, kin.named.as_deref(), mode)?;
        let mut given = parent.handle.given();
        given.retain(|name, _| opened.runbook.settings.params.iter().any(|param| param.name == *name));
        given.extend(values.clone());
        let unfit = unfit(&opened.runbook, &mut given, &values);
        let checked = self.engine.check(&opened.runbook, &given, book.step.as_deref()).map_err(refused);
        asked_anew(&opened.runbook, unfit, checked)?;
        let environment_typed = typed.or(self.answered(parent, &state, &opened.path)?);
        let request = RunFile {
            path: opened.path.clone(),
            mode: views::mode(mode),
            attended: kin.attended,
            yes: kin.yes,
            probes: kin.probes,
            step: book.step.clone(),
            values: given,
            size: Some(kin.size),
            environment: state.environment.clone(),
            environment_typed,
            on_failure: kin.on_failure,
        };
        let run = RunId::new();
        let beginning = Beginning {
            id: run.clone(),
            parent: Some(Parent { run: parent.handle.id().clone(), item: item.to_owned() }),
            above: kin.chain.clone(),
            named: kin.named.clone(),
            ..Beginning::new()
        };
        // That it was opened is on disk before it begins.
        parent.send(Command::OpenLinked { item: item.to_owned(), run: run.clone() })?;
        let observer = kin.observer.as_ref().map(|observer| Arc::clone(observer).child());
        match self.start_as(opened, request, observer, beginning) {
            Ok(live) => {
                parent.adopt(&live);
                Ok(live)
            }
            Err(error) => {
                let (item, note) = (item.to_owned(), format!("run {run} did not begin: {}", error.message));
                parent.tell(Command::LinkedEnded { item, run, state: LinkedState::Failed, note });
                Err(error)
            }
        }
    }

    /// Goes on with the run that was opened for a check; none when it is over, which is told.
    fn go_on_for(
        self: &Arc<Self>,
        parent: &Arc<Live>,
        item: &str,
        run: &RunId,
    ) -> Result<Option<Arc<Live>>, ApiError> {
        if let Some(live) = self.live_run(run) {
            return Ok(Some(live));
        }
        if self.settle(parent, item, run)? {
            return Ok(None);
        }
        let state = parent.handle.state();
        let path = PathBuf::from(self.store.run(run)?.start.path);
        self.may_follow(&path, parent.kin.named.as_deref(), state.mode.unwrap_or(engine::event::Mode::Hand))?;
        let environment_typed = self.answered(parent, &state, &path)?;
        self.take_up_for(parent, run, TakeUp::Resume, environment_typed).map(Some)
    }

    /// Rolls back the run that was opened for a check, where nobody is there to do it.
    fn roll_back_for(self: &Arc<Self>, parent: &Arc<Live>, item: &str, run: &RunId) -> Result<(), ApiError> {
        let row = self.store.run(run)?;
        if row.state == RunStatus::RolledBack {
            return self.settle(parent, item, run).map(drop);
        }
        let environment_typed = self.answered(parent, &parent.handle.state(), Path::new(&row.start.path))?;
        let how = TakeUp::Rollback { leave_out: Vec::new(), took_effect: None };
        match self.take_up_for(parent, run, how, environment_typed) {
            Ok(_) => Ok(()),
            Err(error) if error.code == ErrorCode::NothingToUndo => {
                let note = Some(format!("run {run}: {}", error.message));
                parent.tell(Command::UndoneByHand { item: item.to_owned(), note });
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn take_up_for(
        self: &Arc<Self>,
        parent: &Arc<Live>,
        run: &RunId,
        how: TakeUp,
        environment_typed: Option<String>,
    ) -> Result<Arc<Live>, ApiError> {
        let kin = &parent.kin;
        let request = TakeUpRun {
            run: run.0.clone(),
            how,
            mode: parent.handle.state().mode.map(views::mode),
            attended: kin.attended,
            yes: kin.yes,
            values: BTreeMap::new(),
            size: Some(kin.size),
            environment_typed,
            on_failure: kin.on_failure,
            by_name: kin.named.is_some(),
        };
        let observer = kin.observer.as_ref().map(|observer| Arc::clone(observer).child());
        let LiveRun(live) = self.take_up(request, observer)?;
        parent.adopt(&live);
        Ok(live)
    }

    /// What a run hands on to those that are opened for its checks.
    pub(crate) fn kin(
        self: &Arc<Self>,
        (path, above, named): (&Path, Vec<PathBuf>, Option<PathBuf>),
        manner: &Manner,
        books: BTreeMap<String, LinkedBook>,
        observer: Option<Arc<dyn RunObserver>>,
        parent: Option<&Parent>,
    ) -> Kin {
        let mut chain = above;
        chain.push(path.to_path_buf());
        Kin {
            chain,
            named,
            attended: manner.attended,
            yes: manner.yes,
            probes: manner.probes,
            on_failure: manner.on_failure,
            size: manner.size,
            books,
            observer,
            part_of: self.part_of(parent),
            children: Mutex::default(),
            shown: Mutex::default(),
            opener: Opener::new(self),
        }
    }

    /// The files of the runs that a run is a part of, from the first.
    pub(crate) fn above(&self, parent: Option<&Parent>) -> Vec<PathBuf> {
        let mut above = Vec::new();
        let mut next = parent.map(|parent| parent.run.clone());
        // A record that was made up may name itself.
        while let Some(row) = next.take().filter(|_| above.len() < DEEPEST).and_then(|run| self.store.run(&run).ok())
        {
            above.push(PathBuf::from(row.start.path));
            next = row.start.parent.map(|parent| parent.run);
        }
        above.reverse();
        above
    }

    /// The answer to the guard of the environment that was given for the run that opens another one in it.
    fn answered(&self, parent: &Live, state: &RunState, child: &Path) -> Result<Option<String>, ApiError> {
        let Some(name) = state.environment.as_deref().filter(|_| state.environment_confirmed) else {
            return Ok(None);
        };
        let here = self.environment(Path::new(&parent.path), name)?;
        let there = self.environment(child, name)?;
        // Another library file may mean another place by the same name.
        Ok((here == there).then(|| name.to_owned()))
    }

    /// Whether a linked runbook may be run: as any other, or because it lies below the folder of the file that a person
    /// named (ACCESS.md, "Trust").
    pub(crate) fn may_follow(
        &self,
        path: &Path,
        named: Option<&Path>,
        mode: engine::event::Mode,
    ) -> Result<(), ApiError> {
        let library = self.store.library_of(path)?;
        let origin = match &library {
            Some(library) => access::Origin::Library { folder: &library.path, trusted: library.is_trusted() },
            None => access::Origin::Linked { file: path, named },
        };
        access::may_run(origin, mode).map_err(|error| ApiError::new(ErrorCode::NotTrusted, error.to_string()))
    }

    /// Tells a run how the runs of its checks have ended in the meantime, driven by others.
    pub(crate) fn settle_all(&self, parent: &Arc<Live>) {
        for (item, state) in parent.handle.state().items {
            let Some(linked) = state.linked else { continue };
            if self.live_run(&linked.run).is_none()
                && let Err(error) = self.settle(parent, &item, &linked.run)
            {
                tracing::warn!(run = %linked.run, %error, "how a run of a check stands is not known");
            }
        }
    }

    /// Tells a run how the run of one of its checks has ended; false when it has not.
    fn settle(&self, parent: &Arc<Live>, item: &str, run: &RunId) -> Result<bool, ApiError> {
        let ended = match self.store.run(run) {
            Ok(_) => ended(run, &self.store.run_state(run)?),
            Err(error) if error.kind() == store::ErrorKind::Missing => {
                Some((LinkedState::Failed, format!("run {run} never began")))
            }
            Err(error) => return Err(error.into()),
        };
        let Some((state, note)) = ended else { return Ok(false) };
        parent.tell(Command::LinkedEnded { item: item.to_owned(), run: run.clone(), state, note });
        Ok(true)
    }

    /// Sees to it that a run hears how a run ends that was opened for one of its checks.
    pub(crate) fn tell_when_over(self: &Arc<Self>, child: &Arc<Live>, parent: Parent) {
        let (app, child) = (Arc::downgrade(self), child.clone());
        let tell = move || {
            // First when it rests, be it for a person; then when it is over.
            for over in [false, true] {
                let state = if over { child.handle.wait_finished() } else { child.handle.wait() };
                let parent_here = app.upgrade().and_then(|app| app.live_run(&parent.run));
                let (run, item) = (child.handle.id().clone(), parent.item.clone());
                if let Some(live) = parent_here {
                    live.tell(match ended(&run, &state) {
                        Some((state, note)) => Command::LinkedEnded { item, run, state, note },
                        None => {
                            let why = child.handle.trouble().or_else(|| state.reason.clone());
                            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                            let note = format!("run {run} of this check waits for a person{why}");
                            Command::LinkedWaits { item, note }
                        }
                    });
                }
                if state.is_finished() {
                    return;
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("linked-end".to_owned()).spawn(tell) {
            tracing::warn!(%error, "how a run of a check ends is not told by itself");
        }
    }
}

/// Takes out of what is given those values of this run that mean something else in the linked runbook: they do not fit there.
/// What was asked for it stays. Gives why, by name.
fn unfit(
    runbook: &format::Runbook,
    given: &mut BTreeMap<String, String>,
    asked: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut unfit = engine::run::unfit(runbook, given);
    unfit.retain(|name, _| !asked.contains_key(name));
    given.retain(|name, _| !unfit.contains_key(name));
    unfit
}

/// What did not fit is asked for with what is missing.
fn asked_anew(
    runbook: &format::Runbook,
    unfit: BTreeMap<String, String>,
    checked: Result<(), ApiError>,
) -> Result<(), ApiError> {
    let Some(why) = unfit.values().next() else { return checked };
    let message = format!("{}: {why}. It is asked for anew.", runbook.title);
    let missing = match checked {
        Ok(()) => Vec::new(),
        Err(ApiError { needs: Some(needs), .. }) => needs.variables,
        Err(error) => return Err(error),
    };
    let variables = unfit.into_keys().chain(missing).collect::<std::collections::BTreeSet<_>>();
    let needs = Needs { variables: variables.into_iter().collect(), ..Needs::default() };
    Err(ApiError { needs: Some(Box::new(needs)), ..ApiError::new(ErrorCode::NeedsValues, message) })
}

/// How a run that was opened for a check has ended, and what the check says of it; none while it has not.
fn ended(run: &RunId, state: &RunState) -> Option<(LinkedState, String)> {
    let failed = || state.items.iter().find(|(_, item)| item.status == engine::ItemStatus::Failed);
    let at = failed().map(|(item, _)| format!(" at \"{item}\"")).unwrap_or_default();
    let why = state.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    Some(match state.finished? {
        FinishState::Passed => (LinkedState::Passed, format!("passed by run {run}")),
        FinishState::Failed => (LinkedState::Failed, format!("run {run} failed{at}{why}")),
        FinishState::Abandoned => (LinkedState::Abandoned, format!("run {run} was given up{at}{why}")),
        FinishState::RolledBack => (LinkedState::RolledBack, format!("run {run} was rolled back")),
        FinishState::HandedOver => return None,
    })
}
