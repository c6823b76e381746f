//! A run that this process drives: its state folded from its events, and whoever watches it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
};

use engine::{
    Command, Event, Fact, ItemStatus, Keeping, Observer, RunHandle, RunId, RunState, RunStatus,
    incident::{Incident, Intervals},
};
use format::{ItemKind, LibraryFile, Runbook};

use crate::{
    ApiError, ErrorCode,
    app::lock,
    desktop::{Desktop, Running, running},
    error::{Needs, Question},
    incident::UpdateDue,
    learning, library_file,
    linked::Kin,
    runs::LiveRun,
    views,
    watch::Watch,
    wire::{
        EnvironmentView, ItemProgress, RollbackView, RunSummary, RunUpdate, RunView, RunbookView, TimelineEntry,
        Usual,
    },
};

/// Who wants every event and every byte in this process: the command line.
pub trait RunObserver: Send + Sync {
    /// An event is on disk.
    fn event(&self, event: &Event);
    /// Masked output, in order.
    fn output(&self, item: &str, attempt: u64, offset: u64, bytes: &[u8]);
    /// Facts cannot be kept any more, or can be kept again.
    fn keeping(&self, keeping: &Keeping);
    /// Who hears of a run that is opened for a check of this one.
    fn child(self: Arc<Self>) -> Arc<dyn RunObserver>;
    /// Such a run was opened, or goes on, and is driven here; `child` hears of it.
    fn opened(&self, run: LiveRun);
}

/// Takes events in, hands them on.
pub(crate) struct Hub {
    known: Mutex<Known>,
    watching: Mutex<Watching>,
    observer: Option<Arc<dyn RunObserver>>,
    /// None for a run that only tries something.
    desktop: Option<Arc<Desktop>>,
    /// What happens in it calls a person who looks elsewhere.
    calls: bool,
    /// The run that this one was opened for hears of it, where both are driven here.
    above: Mutex<Option<Above>>,
    runbook: Arc<Runbook>,
    /// The variables that its page may show.
    names: BTreeSet<String>,
}

/// Tells the run that another one was opened for how that stands.
type Above = Arc<dyn Fn() + Send + Sync>;

/// How far the output of an attempt is.
#[derive(Clone, Copy)]
struct Stands {
    offset: u64,
    /// So many of its first bytes are kept as they come.
    kept: u64,
}

/// Who watches.
#[derive(Default)]
struct Watching {
    watches: Vec<Weak<Watch>>,
    /// The length of the output of what runs, by item and attempt: what a watch that begins now is not told.
    stands: BTreeMap<(String, u64), Stands>,
}

impl Watching {
    fn all(&mut self) -> Vec<Arc<Watch>> {
        self.watches.retain(|watch| watch.strong_count() > 0);
        self.watches.iter().filter_map(Weak::upgrade).collect()
    }

    /// From here on it is told of all output.
    fn begin(&mut self, watch: &Arc<Watch>) {
        for ((item, attempt), Stands { offset, kept }) in &self.stands {
            watch.joins(item, *attempt, *offset, *kept);
        }
        self.watches.push(Arc::downgrade(watch));
    }
}

/// What is known of a run: the fold of its events.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) state: RunState,
    pub(crate) timeline: Vec<TimelineEntry>,
    pub(crate) parameters: BTreeMap<String, String>,
    /// The event that last changed a value which the page may show.
    named: u64,
    /// The run; none before its first event.
    run: Option<RunId>,
    /// The event that last changed each item.
    changed: BTreeMap<String, u64>,
    started_at: String,
    ended_at: Option<String>,
    actor: String,
    schedule: Option<String>,
}

impl Known {
    /// Folds one more event in.
    pub(crate) fn take(&mut self, event: &Event) {
        self.state = std::mem::take(&mut self.state).apply(event);
        self.timeline.extend(views::timeline(event));
        if let Some(item) = event.fact.item() {
            self.changed.insert(item.to_owned(), event.seq);
        }
        match &event.fact {
            Fact::RunStarted { schedule, .. } => {
                self.schedule.clone_from(schedule);
                self.run = Some(event.run.clone());
                self.started_at.clone_from(&event.at);
                self.actor.clone_from(&event.actor);
            }
            Fact::RunFinished { .. } => self.ended_at = Some(event.at.clone()),
            // It goes on, and ends at another time.
            Fact::Resumed { .. } => self.ended_at = None,
            Fact::ParameterSet { name, value, .. } => {
                self.parameters.insert(name.clone(), value.clone().unwrap_or_else(|| "•••".to_owned()));
            }
            _ => {}
        }
    }

    /// The run in a list.
    pub(crate) fn summary(&self, id: &str, path: &str, runbook: &Runbook, live: bool) -> RunSummary {
        let progress = engine::run::progress(runbook, &self.state);
        RunSummary {
            id: id.to_owned(),
            title: runbook.title.clone(),
            runbook: path.to_owned(),
            revision: runbook.revision.clone(),
            state: views::run_status(self.state.status),
            mode: self.state.mode.map_or(crate::wire::Mode::Hand, views::mode),
            actor: self.actor.clone(),
            started_at: self.started_at.clone(),
            ended_at: self.ended_at.clone(),
            done: progress.done,
            total: progress.total,
            step: progress.step,
            rescued: progress.rescued,
            live,
            failing: live && self.failing(runbook),
            held: false,
            environment: self.state.environment.clone(),
            parent: None,
            shared_by: None,
        }
    }

    /// Whether what is in hand has failed, on the way forward or back.
    fn failing(&self, runbook: &Runbook) -> bool {
        let Some(hand) = engine::run::hand(runbook, &self.state) else { return false };
        match self.state.rolling_back() {
            Some(rollback) => rollback.failed.contains(&hand),
            None => self.state.item(&hand) == ItemStatus::Failed,
        }
    }

    /// Everything that is known.
    pub(crate) fn view(
        &self,
        run: RunSummary,
        runbook: RunbookView,
        hand: Option<String>,
        moved_on: bool,
    ) -> RunView {
        RunView {
            lost: if run.live { Vec::new() } else { self.lost() },
            run,
            runbook,
            moved_on,
            only: self.state.step.clone(),
            schedule: self.schedule.clone(),
            hand,
            parameters: self.parameters.clone(),
            environment: None,
            environment_confirmed: self.state.environment_confirmed,
            messages: BTreeMap::new(),
            session_lines: BTreeMap::new(),
            set: self.set(&[]),
            rollback: RollbackView::default(),
            marks: views::marks(&self.state),
            incident: None,
            progress: self.state.items.iter().map(|(id, state)| views::progress(id, state)).collect(),
            timeline: self.timeline.clone(),
            seq: self.state.last_seq,
            linked: Vec::new(),
            usual: None,
            left: None,
        }
    }

    /// Names of the values that were kept in memory alone: the record does not hold them.
    fn lost(&self) -> Vec<String> {
        let asked = self.state.parameters.iter().filter(|(_, known)| known.value.is_none()).map(|(name, _)| name);
        let names: BTreeSet<&String> = asked.chain(&self.state.carried.in_memory).collect();
        names.into_iter().cloned().collect()
    }

    /// Names of the variables that are set: by commands, or by the environment and the runbook as long as no command took
    /// them away.
    pub(crate) fn set(&self, vars: &[(String, String)]) -> Vec<String> {
        let carried = &self.state.carried;
        let given = vars.iter().map(|(name, _)| name).filter(|name| !carried.unset.contains(*name));
        let made = carried.exported.keys().chain(carried.plain.keys()).chain(&carried.in_memory);
        given.chain(made).cloned().collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// The text of each message, with the values that are known by now; those that are kept in memory alone stay out.
    pub(crate) fn messages(&self, runbook: &Runbook, vars: &[(String, String)]) -> BTreeMap<String, String> {
        let mut messages = runbook.items().filter(|(_, _, item)| item.kind == ItemKind::Message).peekable();
        if messages.peek().is_none() {
            return BTreeMap::new();
        }
        let values = self.values(vars);
        messages.map(|(_, _, item)| (item.id.clone(), format::fill_text(&item.text, &values))).collect()
    }

    /// The lines for the session of each item that has placeholders in them, as they would be typed by now.
    pub(crate) fn session_lines(&self, runbook: &Runbook) -> BTreeMap<String, Vec<String>> {
        let value = |name: &str| self.parameters.get(name).cloned();
        let items = runbook.items().map(|(_, _, item)| item).filter(|item| !item.input_placeholders.is_empty());
        let lines = |item: &format::Item| {
            (0..item.session_input.len()).map(|line| format::show_input(item, line, value)).collect()
        };
        items.map(|item| (item.id.clone(), lines(item))).collect()
    }

    /// The values that are known by now; those that are kept in memory alone stay out.
    pub(crate) fn values(&self, vars: &[(String, String)]) -> format::Values {
        let known =
            self.state.parameters.iter().filter_map(|(name, known)| Some((name.clone(), known.value.clone()?)));
        let carried = self.state.carried.plain.iter().chain(&self.state.carried.exported);
        let mut values: format::Values = vars.iter().cloned().chain(known).collect();
        values.extend(carried.map(|(name, value)| (name.clone(), value.clone())));
        for name in &self.state.carried.in_memory {
            values.remove(name);
        }
        values.extend(crate::links::run_times(&self.started_at, self.ended_at.as_deref()));
        values
    }

    /// What changed after an event.
    fn since(&self, seq: u64) -> (Vec<ItemProgress>, Vec<TimelineEntry>) {
        let items = self.changed.iter().filter(|(_, changed)| **changed > seq);
        let progress = items.filter_map(|(id, _)| Some(views::progress(id, self.state.items.get(id)?))).collect();
        let first = self.timeline.partition_point(|entry| entry.seq <= seq);
        (progress, self.timeline[first..].to_vec())
    }
}

impl Hub {
    pub(crate) fn new(runbook: Arc<Runbook>, observer: Option<Arc<dyn RunObserver>>) -> Self {
        let names = views::names(&runbook);
        Self {
            known: Mutex::default(),
            watching: Mutex::default(),
            observer,
            desktop: None,
            calls: true,
            above: Mutex::default(),
            runbook,
            names,
        }
    }

    /// Whether it says something of a value that the page may show.
    fn is_shown(&self, fact: &Fact) -> bool {
        match fact {
            Fact::ParameterSet { name, .. } => self.names.contains(name),
            Fact::VariablesSet { values, unset, in_memory, .. } => {
                values.keys().chain(unset).chain(in_memory).any(|name| self.names.contains(name))
            }
            _ => false,
        }
    }

    /// Of a run of which something is known already.
    pub(crate) fn knowing(known: Known, runbook: Arc<Runbook>, observer: Option<Arc<dyn RunObserver>>) -> Self {
        Self { known: Mutex::new(known), ..Self::new(runbook, observer) }
    }

    /// The same, telling the desktop too; whether what happens calls a person.
    pub(crate) fn on(self, desktop: &Arc<Desktop>, calls: bool) -> Self {
        Self { desktop: Some(Arc::clone(desktop)), calls, ..self }
    }

    /// Something that is shown of the run has changed.
    pub(crate) fn changed(&self) {
        let watches = lock(&self.watching).all();
        watches.iter().for_each(|watch| watch.changed());
    }

    pub(crate) fn tell_above(&self, above: Above) {
        *lock(&self.above) = Some(above);
    }
}

impl Observer for Hub {
    fn event(&self, event: &Event) {
        {
            let mut known = lock(&self.known);
            known.take(event);
            if self.is_shown(&event.fact) {
                known.named = event.seq;
            }
            if let Some(desktop) = &self.desktop {
                desktop.happened(event, &known.state, &self.runbook, self.calls);
            }
        }
        match &event.fact {
            Fact::AttemptStarted { item, attempt, host, .. } => {
                let kept = if host.is_some() { engine::KEPT_OF_A_HOST } else { engine::KEPT_AT_ONCE };
                lock(&self.watching).stands.insert((item.clone(), *attempt), Stands { offset: 0, kept });
            }
            // All of its output has been told, and is in the record.
            Fact::AttemptEnded { item, attempt, .. } => {
                lock(&self.watching).stands.remove(&(item.clone(), *attempt));
            }
            _ => {}
        }
        if let Some(observer) = &self.observer {
            observer.event(event);
        }
        self.changed();
        // The bulk of the events changes nothing of how a run stands.
        let bulk = matches!(event.fact, Fact::Output { .. } | Fact::Expectation { .. } | Fact::VariablesSet { .. });
        let above = lock(&self.above).clone().filter(|_| !bulk);
        if let Some(above) = above {
            above();
        }
    }

    fn output(&self, item: &str, attempt: u64, offset: u64, bytes: &[u8]) {
        if let Some(observer) = &self.observer {
            observer.output(item, attempt, offset, bytes);
        }
        let watches = {
            let mut watching = lock(&self.watching);
            if let Some(stands) = watching.stands.get_mut(&(item.to_owned(), attempt)) {
                stands.offset = offset + bytes.len() as u64;
            }
            watching.all()
        };
        for watch in watches {
            watch.output(item, attempt, offset, bytes);
        }
    }

    fn keeping(&self, keeping: &Keeping) {
        if let Some(observer) = &self.observer {
            observer.keeping(keeping);
        }
        if let Some(desktop) = &self.desktop {
            let known = lock(&self.known);
            if let Some(run) = &known.run {
                desktop.keeping(keeping, run, &known.state, &self.runbook);
            }
        }
        self.changed();
    }
}

/// What a watch has told already.
#[derive(Default)]
pub(crate) struct Told {
    /// The last event.
    seq: u64,
    /// Why facts are not kept, where they are not.
    trouble: Option<String>,
    /// How the runs of its checks stood.
    linked: u64,
}

impl Told {
    /// Everything up to that event.
    pub(crate) fn after(seq: u64) -> Self {
        Self { seq, ..Self::default() }
    }
}

/// A run that this process drives.
pub(crate) struct Live {
    /// The environment that it runs in.
    pub(crate) environment: Option<EnvironmentView>,
    /// The environment's variables and the runbook's, for the text of its messages.
    pub(crate) vars: Vec<(String, String)>,
    pub(crate) handle: RunHandle,
    pub(crate) hub: Arc<Hub>,
    /// The runbook's path.
    pub(crate) path: String,
    /// The page as it was when the run started.
    pub(crate) page: RunbookView,
    /// The bytes that the runbook was read from.
    pub(crate) bytes: Vec<u8>,
    /// What its links may begin with.
    pub(crate) schemes: access::Schemes,
    /// Its library file as it was then.
    pub(crate) file: LibraryFile,
    /// Held while this process drives the run; let go when it is over, whoever looks at it still.
    pub(crate) held: Mutex<Option<store::RunLock>>,
    /// What the other runs of its runbook teach.
    pub(crate) usual: Usual,
    /// How often incidents are told about.
    pub(crate) intervals: Arc<RwLock<Intervals>>,
    /// What it hands on to the runs that are opened for its checks.
    pub(crate) kin: Kin,
}

impl Live {
    pub(crate) fn status(&self) -> RunStatus {
        lock(&self.hub.known).state.status
    }

    /// Its commands that are running.
    pub(crate) fn running(&self) -> Vec<Running> {
        running(&lock(&self.hub.known).state, &self.hub.runbook)
    }

    pub(crate) fn summary(&self) -> RunSummary {
        self.summed_up(&lock(&self.hub.known))
    }

    fn summed_up(&self, known: &Known) -> RunSummary {
        let summary = known.summary(&self.handle.id().0, &self.path, &self.hub.runbook, true);
        let held = self.handle.held().or_else(|| self.handle.trouble()).is_some();
        RunSummary { parent: self.kin.part_of.clone(), held, ..summary }
    }

    /// A run that was opened for a check of this one is driven here.
    pub(crate) fn adopt(&self, child: &Arc<Live>) {
        let mut children = lock(&self.kin.children);
        children.retain(|known| known.strong_count() > 0);
        children.push(Arc::downgrade(child));
        drop(children);
        if let Some(observer) = &self.kin.observer {
            observer.opened(LiveRun(child.clone()));
        }
    }

    /// Tells it of a run of one of its checks. What it does not take is over for it.
    pub(crate) fn tell(&self, command: Command) {
        if let Err(refusal) = self.handle.send(command) {
            tracing::info!(run = %self.handle.id(), %refusal, "what was told of a run of a check was not taken");
        }
    }

    pub(crate) fn view(&self, moved_on: bool) -> RunView {
        let known = lock(&self.hub.known);
        let summary = self.summed_up(&known);
        let hand = engine::run::hand(&self.hub.runbook, &known.state);
        RunView {
            environment: self.environment.clone(),
            messages: known.messages(&self.hub.runbook, &self.vars),
            session_lines: known.session_lines(&self.hub.runbook),
            rollback: views::rollback(&self.hub.runbook, &known.state),
            incident: views::incident(&self.hub.runbook, &known.state, &self.intervals()),
            set: known.set(&self.vars),
            usual: Some(self.usual.clone()).filter(|usual| usual.runs > 0),
            left: learning::left(&self.usual, &self.hub.runbook, &known.state),
            ..known.view(summary, self.filled(&known), hand, moved_on)
        }
    }

    /// The values that its page may show by now.
    pub(crate) fn values(&self) -> format::Values {
        let values = lock(&self.hub.known).values(&self.vars);
        library_file::variables(&self.hub.runbook, &self.file, values).values
    }

    /// The page with the values that are known by now in its prose.
    fn filled(&self, known: &Known) -> RunbookView {
        let (runbook, mut page) = (&self.hub.runbook, self.page.clone());
        if !self.hub.names.is_empty() {
            let variables = library_file::variables(runbook, &self.file, known.values(&self.vars));
            views::fill(&mut page, runbook, &self.bytes, &variables, &self.schemes);
        }
        views::only(&mut page, runbook, known.state.step.as_deref());
        page
    }

    /// Everything that a watch has not told yet; it has by then.
    pub(crate) fn update(&self, told: &mut Told) -> Option<RunUpdate> {
        let known = lock(&self.hub.known);
        let trouble = self.handle.trouble().or_else(|| self.handle.held());
        let linked = lock(&self.kin.shown).since(&mut told.linked);
        let same = known.state.last_seq <= told.seq && told.trouble == trouble;
        if same && linked.is_empty() {
            return None;
        }
        let (progress, timeline) = known.since(told.seq);
        let runbook = (known.named > told.seq).then(|| self.filled(&known));
        told.seq = known.state.last_seq;
        told.trouble.clone_from(&trouble);
        Some(RunUpdate {
            run: self.summed_up(&known),
            hand: engine::run::hand(&self.hub.runbook, &known.state),
            environment_confirmed: known.state.environment_confirmed,
            messages: known.messages(&self.hub.runbook, &self.vars),
            session_lines: known.session_lines(&self.hub.runbook),
            runbook,
            set: known.set(&self.vars),
            rollback: views::rollback(&self.hub.runbook, &known.state),
            marks: views::marks(&known.state),
            incident: views::incident(&self.hub.runbook, &known.state, &self.intervals()),
            progress,
            timeline,
            seq: known.state.last_seq,
            linked,
            trouble,
            left: learning::left(&self.usual, &self.hub.runbook, &known.state),
        })
    }

    fn intervals(&self) -> Intervals {
        *self.intervals.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// When its next status update is due, where one is.
    pub(crate) fn update_due(&self) -> Option<UpdateDue> {
        let known = lock(&self.hub.known);
        let incident = Incident::of(&self.hub.runbook, &known.state)?;
        let due = incident.due(&self.hub.runbook, &self.intervals())?;
        let severity = incident.severity.map(|severity| severity.value);
        Some(UpdateDue { run: self.handle.id().0.clone(), title: self.hub.runbook.title.clone(), severity, due })
    }

    pub(crate) fn watch(&self, watch: &Arc<Watch>) {
        lock(&self.hub.watching).begin(watch);
    }

    /// Asks for something. What stops a run, puts it aside or gives it up is done in the runs of its checks first.
    pub(crate) fn send(&self, command: Command) -> Result<(), ApiError> {
        if matches!(command, Command::StopRun { .. } | Command::Pause | Command::Abandon { .. }) {
            let children: Vec<Arc<Live>> = lock(&self.kin.children).iter().filter_map(Weak::upgrade).collect();
            for child in children {
                let ending = match &command {
                    // It can be gone on with, whatever becomes of the run that it is a part of.
                    Command::Abandon { .. } => {
                        Command::StopRun { reason: Some("what it is a part of was given up".into()) }
                    }
                    command => command.clone(),
                };
                let waits = matches!(command, Command::StopRun { .. });
                if child.send(ending).is_ok() && waits {
                    child.wait();
                }
            }
        }
        self.handle.send(command).map_err(refused)
    }

    /// Asks it to stop what runs and to be put aside; a run that is over has nothing to stop.
    pub(crate) fn stop(&self, reason: &str) {
        if let Err(error) = self.handle.send(Command::StopRun { reason: Some(reason.to_owned()) }) {
            tracing::info!(run = %self.handle.id(), %error, "nothing to stop");
        }
    }

    pub(crate) fn wait(&self) {
        self.handle.wait();
    }
}

/// An engine's refusal as a face sees it.
pub(crate) fn refused(refusal: engine::Refusal) -> ApiError {
    use engine::Refusal;
    let message = refusal.to_string();
    match refusal {
        Refusal::UnknownItem(_) => ApiError::new(ErrorCode::NotFound, message),
        Refusal::Stale(_) => ApiError::new(ErrorCode::Stale, message),
        Refusal::Guard(_) => ApiError::new(ErrorCode::Guard, message),
        Refusal::State(_) => ApiError::new(ErrorCode::State, message),
        Refusal::NothingToUndo => ApiError::new(ErrorCode::NothingToUndo, message),
        Refusal::Value(_) => ApiError::new(ErrorCode::BadInput, message),
        Refusal::Journal(_) => ApiError::new(ErrorCode::Store, message),
        Refusal::Confirm { typed, environment, .. } => ApiError {
            confirm: Some(Box::new(Question { typed, environment })),
            ..ApiError::new(ErrorCode::NeedsConfirmation, message)
        },
        Refusal::Needs { placeholders, doubts, variables, .. } => ApiError {
            needs: Some(Box::new(Needs { placeholders, doubts, variables })),
            ..ApiError::new(ErrorCode::NeedsValues, message)
        },
    }
}
