//! Starting a run, driving it, looking at it, finding it again.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{Command, RunId, RunStatus, run::OnFailure};
use store::RunRow;

use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    commands::{Acknowledge, LinkArgument, Nothing, OutputArgument, RunArgument, RunDo, WatchArgument, WatchRun},
    incident, learning,
    library::Opened,
    library_file, links,
    live::{Known, Live, RunObserver, Told},
    settings::schemes,
    starting::Beginning,
    views,
    watch::{Watch, WatchSink, message},
    wire::{Mode, OutputHeader, PartOf, RunAction, RunFilter, RunPage, RunSummary, RunView, StartRun},
};

/// The most output that is read at once.
const OUTPUT: u64 = 4 * 1024 * 1024;
/// How many runs a page of the history holds where nothing else is asked for.
const PAGE: u64 = 100;
/// Columns and rows of a terminal that is not shown yet (RUNS.md, "Processes").
pub(crate) const TERMINAL: (u16, u16) = (120, 30);

/// Starts a run from the command line. Naming a file is the person's own act and needs no further trust.
pub struct RunFile {
    /// The file.
    pub path: PathBuf,
    /// How.
    pub mode: Mode,
    /// A person can be asked.
    pub attended: bool,
    /// `--yes`.
    pub yes: bool,
    /// `--probes`: in a rehearsal probes run. Only where the person named the file, or its folder is trusted.
    pub probes: bool,
    /// Only this step, by id or title.
    pub step: Option<String>,
    /// Values by name.
    pub values: BTreeMap<String, String>,
    /// Columns and rows of the person's terminal.
    pub size: Option<(u16, u16)>,
    /// An environment of the library's file, by name.
    pub environment: Option<String>,
    /// What was typed to answer the guard of that environment.
    pub environment_typed: Option<String>,
    /// What a failure leads to where nobody can be asked.
    pub on_failure: OnFailure,
}

/// A run that was started here, to act in and to wait for.
#[derive(Clone)]
pub struct LiveRun(pub(crate) Arc<Live>);

impl LiveRun {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.handle.id().0
    }

    /// Does something in it.
    ///
    /// # Errors
    /// When it is refused; nothing happened then.
    pub fn act(&self, action: RunAction) -> Result<(), ApiError> {
        self.0.send(command(action)?)
    }

    /// The one step that is run, by id or title, where it is not the whole path.
    #[must_use]
    pub fn step(&self) -> Option<String> {
        self.0.handle.state().step
    }

    /// How it stands.
    #[must_use]
    pub fn view(&self) -> RunView {
        self.0.view(false)
    }

    /// Whether its file is another by now than the one that it runs.
    #[must_use]
    pub fn has_moved_on(&self) -> bool {
        let run = self.0.summary();
        has_moved_on(&run.runbook, &run.revision)
    }

    /// When its next status update is due, and how long that is from now; no time at all where it is due already. None
    /// where none is due.
    #[must_use]
    pub fn update_due(&self) -> Option<(String, std::time::Duration)> {
        let due = self.0.update_due()?.due;
        let gone = due.parse::<jiff::Timestamp>().ok()?.duration_since(jiff::Timestamp::now());
        Some((due, std::time::Duration::try_from(gone).unwrap_or_default()))
    }

    /// Waits until it is finished or put aside and nothing of it runs any more; gives how it stands then.
    #[must_use]
    pub fn wait(&self) -> RunSummary {
        self.0.wait();
        self.0.summary()
    }

    /// Returns once everything that goes by itself by now has begun: the run runs, waits for somebody, or is over.
    pub fn caught_up(&self) {
        // What is asked of a run is answered after that. This asks for nothing, and is refused.
        let nothing = Command::Resize { item: String::new(), columns: 0, rows: 0 };
        if let Err(refusal) = self.0.handle.send(nothing) {
            tracing::trace!(%refusal, "asked for nothing");
        }
    }

    /// Why its facts could not be kept, if they could not: it goes no further then.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.0.handle.trouble()
    }
}

/// Whether a file is there and holds something else than a revision.
fn has_moved_on(path: &str, revision: &str) -> bool {
    fs::read(path).is_ok_and(|now| store::revision_of(&now) != revision)
}

impl App {
    /// Starts a run from the window: of a runbook in a trusted folder, and only of the revision that was on screen.
    ///
    /// # Errors
    /// When the folder is not trusted, the file has changed, a parameter does not fit, or the store does not keep it.
    pub fn run_start(self: &Arc<Self>, request: StartRun) -> Result<RunView, ApiError> {
        let opened = self.opened(Path::new(&request.path))?;
        self.trusted(&opened.path, views::engine_mode(request.mode))?;
        let name = opened.path.display();
        if opened.runbook.revision != request.revision {
            return Err(ApiError::new(
                ErrorCode::Stale,
                format!("{name} has changed since it was shown: look at it again before you start it."),
            ));
        }
        let spec = RunFile {
            path: opened.path.clone(),
            mode: request.mode,
            attended: true,
            yes: false,
            probes: false,
            step: request.step,
            values: request.values,
            size: None,
            environment: request.environment,
            environment_typed: request.environment_typed,
            on_failure: OnFailure::Stop,
        };
        let path = opened.path.clone();
        let live = self.start_as(opened, spec, None, Beginning::new())?;
        // The run is there, whether that is remembered or not.
        if let Err(error) = self.store.opened(&path, &self.engine.clock.now()) {
            tracing::warn!(path = %path.display(), %error, "not remembered as opened");
        }
        Ok(live.view(false))
    }

    /// Refuses what stands in no folder of the library, or in one that is not trusted: nothing of it is run from a window.
    pub(crate) fn trusted(&self, path: &Path, mode: engine::event::Mode) -> Result<(), ApiError> {
        let library = self.store.library_of(path)?.ok_or_else(|| {
            let sentence = format!("{} is in no folder of the library: add its folder first.", path.display());
            ApiError::new(ErrorCode::NotTrusted, sentence)
        })?;
        let origin = access::Origin::Library { folder: &library.path, trusted: library.is_trusted() };
        access::may_run(origin, mode).map_err(|error| ApiError::new(ErrorCode::NotTrusted, error.to_string()))
    }

    /// Starts a scratch run of a text in which nothing runs yet.
    pub(crate) fn start_scratch(self: &Arc<Self>, opened: Opened, request: RunFile) -> Result<Arc<Live>, ApiError> {
        self.start_as(opened, request, None, Beginning { scratch: true, ..Beginning::new() })
    }

    /// Starts a run from the command line.
    ///
    /// # Errors
    /// When the file cannot be read, a parameter does not fit, or the store does not keep it.
    pub fn run_file(
        self: &Arc<Self>,
        request: RunFile,
        observer: Option<Arc<dyn RunObserver>>,
    ) -> Result<LiveRun, ApiError> {
        let opened = self.opened(&request.path)?;
        let named = opened.path.parent().map(Path::to_path_buf);
        Ok(LiveRun(self.start_as(opened, request, observer, Beginning { named, ..Beginning::new() })?))
    }

    /// Begins a scratch run of a file from the command line, in which nothing runs yet. Naming the file is the person's
    /// own act, as for [`App::run_file`].
    ///
    /// # Errors
    /// As [`App::run_file`].
    pub fn try_file(self: &Arc<Self>, request: RunFile, observer: Arc<dyn RunObserver>) -> Result<LiveRun, ApiError> {
        let opened = self.opened(&request.path)?;
        let beginning = Beginning { scratch: true, ..Beginning::new() };
        Ok(LiveRun(self.start_as(opened, request, Some(observer), beginning)?))
    }

    /// A run to look at.
    ///
    /// # Errors
    /// When there is none of that id, or its record cannot be read.
    pub fn run_view(&self, argument: RunArgument) -> Result<RunView, ApiError> {
        let row = self.row(&argument.run)?;
        let start = &row.start;
        let moved_on = has_moved_on(&start.path, &start.revision);
        if let Some(live) = self.live_run(&start.id) {
            self.settle_all(&live);
            let view = live.view(moved_on);
            return Ok(RunView { linked: self.linked_runs(&live.handle.state())?, ..view });
        }
        let bytes = self.store.revision(&start.revision)?;
        let runbook = self.parse(&start.path, &bytes, Path::new(&start.path));
        let known = self.known(&start.id)?;
        let mut page = self.page(&runbook, &bytes, Path::new(&start.path))?;
        let summary = known.summary(&start.id.0, &start.path, &runbook, false);
        let parent = self.part_of(start.parent.as_ref());
        let summary = RunSummary { parent, shared_by: row.shared_by.clone(), ..summary };
        let hand = engine::run::hand(&runbook, &known.state);
        // What its environment was for is known as long as the library's file says it; its name stands in the record.
        let chosen = match &known.state.environment {
            Some(name) => {
                let file = self.library_file_of(Path::new(&start.path))?;
                let found = file.environment(name).cloned();
                Some(found.unwrap_or_else(|| format::Environment { name: name.clone(), ..Default::default() }))
            }
            None => None,
        };
        let vars = vars(&runbook, chosen.as_ref());
        if !views::names(&runbook).is_empty() {
            let file = self.library_file_of(Path::new(&start.path))?;
            let variables = library_file::variables(&runbook, &file, known.values(&vars));
            views::fill(&mut page, &runbook, &bytes, &variables, &self.link_schemes());
        }
        views::only(&mut page, &runbook, known.state.step.as_deref());
        let usual = self.usual_for(&start.id);
        Ok(RunView {
            environment: chosen.as_ref().map(library_file::view),
            messages: known.messages(&runbook, &vars),
            session_lines: known.session_lines(&runbook),
            set: known.set(&vars),
            rollback: views::rollback(&runbook, &known.state),
            incident: views::incident(&runbook, &known.state, &self.intervals()),
            left: learning::left(&usual, &runbook, &known.state),
            usual: Some(usual).filter(|usual| usual.runs > 0),
            linked: self.linked_runs(&known.state)?,
            ..known.view(summary, page, hand, moved_on)
        })
    }

    /// The runs that were opened for the checks of a run, the last of each, as they stand now.
    fn linked_runs(&self, state: &engine::RunState) -> Result<Vec<RunSummary>, ApiError> {
        let opened = state.items.values().filter_map(|item| Some(item.linked.as_ref()?.run.clone()));
        let rows = self.store.runs_named(&opened.collect::<Vec<_>>())?;
        rows.iter().map(|row| self.summary(row)).collect()
    }

    /// Does something in a run that this process drives.
    ///
    /// # Errors
    /// When there is no such run here, or it refuses; nothing happened then.
    pub fn run_do(&self, argument: RunDo) -> Result<(), ApiError> {
        let laid_out = matches!(argument.action, RunAction::Resize { .. });
        let done = self.driven(&argument.run).and_then(|live| live.send(command(argument.action)?));
        match done {
            // A terminal was laid out just as its command ended: nobody asked for anything.
            Err(error) if laid_out && error.code == ErrorCode::State => Ok(()),
            done => done,
        }
    }

    /// Starts to watch a run. A run that is over has nothing to watch: the view says all.
    ///
    /// # Errors
    /// When this process does not drive it.
    pub fn run_watch(&self, argument: WatchRun, sink: Box<dyn WatchSink>) -> Result<u64, ApiError> {
        let live = self.driven(&argument.run)?;
        let mut told = Told::after(argument.after);
        let watched = live.clone();
        let watch = Watch::start(sink, Box::new(move || watched.update(&mut told)))
            .map_err(|error| ApiError::new(ErrorCode::Internal, format!("The run cannot be watched: {error}.")))?;
        live.watch(&watch);
        let mut watches = lock(&self.watches);
        watches.last += 1;
        let number = watches.last;
        watches.open.insert(number, watch);
        Ok(number)
    }

    /// Ends a watch.
    ///
    /// # Errors
    /// None; a watch that is not there has ended.
    pub fn run_unwatch(&self, argument: WatchArgument) -> Result<(), ApiError> {
        if let Some(watch) = lock(&self.watches).open.remove(&argument.watch) {
            watch.close();
        }
        Ok(())
    }

    /// A watch has taken in output.
    ///
    /// # Errors
    /// None; a watch that is not there has ended.
    pub fn run_acknowledge(&self, argument: Acknowledge) -> Result<(), ApiError> {
        if let Some(watch) = lock(&self.watches).open.get(&argument.watch) {
            watch.acknowledge(argument.bytes);
        }
        Ok(())
    }

    /// Output that was kept, as it came, in the form of a watch's messages: the header says where the bytes begin and
    /// how many before them were left out.
    ///
    /// # Errors
    /// When there is no such run, or the store cannot be read.
    pub fn output_read(&self, argument: OutputArgument) -> Result<Vec<u8>, ApiError> {
        let row = self.row(&argument.run)?;
        let limit = usize::try_from(argument.limit.min(OUTPUT)).unwrap_or(usize::MAX);
        let piece = self.store.output(&row.start.id, &argument.item, argument.attempt, argument.offset, limit)?;
        let header = OutputHeader {
            item: argument.item,
            attempt: argument.attempt,
            offset: piece.offset,
            skipped: piece.offset.saturating_sub(argument.offset),
            removed: piece.removed,
            joins: None,
        };
        message(&header, piece.bytes.len(), piece.bytes)
            .ok_or_else(|| ApiError::new(ErrorCode::Internal, "The output could not be packed."))
    }

    /// The history, newest first.
    ///
    /// # Errors
    /// When a time cannot be read, or the store cannot.
    pub fn runs(&self, filter: RunFilter) -> Result<RunPage, ApiError> {
        let limit = if filter.limit == 0 { PAGE } else { filter.limit };
        let (rows, total) = self.store.runs(&store::RunFilter {
            path: filter.runbook,
            library: None,
            states: filter.state.into_iter().chain(filter.states).map(views::engine_status).collect(),
            words: filter.words.filter(|words| !words.trim().is_empty()),
            environment: filter.environment,
            mode: filter.mode.map(views::engine_mode),
            actor: filter.actor.filter(|actor| !actor.trim().is_empty()),
            since: filter.since.as_deref().map(moment).transpose()?,
            until: filter.until.as_deref().map(moment).transpose()?,
            failures: filter.failures,
            own: false,
            offset: filter.offset,
            limit: Some(limit),
        })?;
        let runs = rows.iter().map(|row| self.summary(row)).collect::<Result<_, _>>()?;
        Ok(RunPage { runs, total })
    }

    /// Opens a link with the system's own handler, if its scheme is allowed; from a run, that is recorded there.
    ///
    /// # Errors
    /// When the scheme is not allowed, or nothing could be started.
    pub fn link_open(&self, argument: LinkArgument) -> Result<(), ApiError> {
        let links = access::Links::new(schemes(&self.settings_read(Nothing {})?)?, &*self.opener);
        let LinkArgument { run, item, url } = argument;
        let url = if run.is_some() { links::at_opening(&url) } else { url };
        links.open(&url).map_err(|refusal| links::not_opened(&refusal))?;
        if let Some(run) = run {
            self.record_opening(&run, item, &url)?;
        }
        Ok(())
    }

    /// A run in a list, from its row; where it stands is looked up only for one that is open or failed.
    pub(crate) fn summary(&self, row: &RunRow) -> Result<RunSummary, ApiError> {
        let start = &row.start;
        if let Some(live) = self.live_run(&start.id) {
            return Ok(live.summary());
        }
        let step = match (&row.summary.item, row.state) {
            (Some(item), state) if state != RunStatus::Passed => {
                let bytes = self.store.revision(&start.revision)?;
                let runbook = self.parse(&start.path, &bytes, Path::new(&start.path));
                runbook.item(item).map(|(_, step, _)| step.title.clone())
            }
            _ => None,
        };
        let settled = &row.summary;
        Ok(RunSummary {
            id: start.id.0.clone(),
            title: start.title.clone(),
            runbook: start.path.clone(),
            revision: start.revision.clone(),
            state: views::run_status(row.state),
            mode: views::mode(start.mode),
            actor: start.actor.clone(),
            started_at: start.started_at.clone(),
            ended_at: row.ended_at.clone(),
            done: match row.state {
                // An optional item that failed is settled, too.
                RunStatus::Passed => start.items,
                _ => (settled.passed + settled.skipped + settled.overridden).min(start.items),
            },
            total: start.items,
            step,
            rescued: settled.rescued,
            live: false,
            failing: false,
            held: false,
            environment: start.environment.clone(),
            parent: self.part_of(start.parent.as_ref()),
            shared_by: row.shared_by.clone(),
        })
    }

    /// The run that one is a part of, with its title where it is known here.
    pub(crate) fn part_of(&self, parent: Option<&engine::event::Parent>) -> Option<PartOf> {
        let engine::event::Parent { run, item } = parent?;
        let title = self.store.run(run).map(|row| row.start.title).ok();
        Some(PartOf { run: run.0.clone(), item: item.clone(), title })
    }

    /// The fold of a run's journal.
    pub(crate) fn known(&self, id: &RunId) -> Result<Known, ApiError> {
        let mut known = Known::default();
        for event in self.store.events(id)? {
            known.take(&event?);
        }
        Ok(known)
    }

    /// The row of a run, by its id or the beginning of one that no other has.
    pub(crate) fn row(&self, id: &str) -> Result<RunRow, ApiError> {
        let found = if id.is_empty() { Vec::new() } else { self.store.runs_beginning(id)? };
        match found.as_slice() {
            [one] => Ok(self.store.run(one)?),
            [] => Err(ApiError::new(
                ErrorCode::NotFound,
                format!("There is no run \"{id}\": `allgood runs` lists those that are recorded."),
            )),
            _ => Err(ApiError::new(
                ErrorCode::BadInput,
                format!("More than one run begins with \"{id}\": write more of it."),
            )),
        }
    }

    pub(crate) fn live_run(&self, id: &RunId) -> Option<Arc<Live>> {
        lock(&self.live).get(id).cloned()
    }

    pub(crate) fn driven(&self, id: &str) -> Result<Arc<Live>, ApiError> {
        let row = self.row(id)?;
        self.live_run(&row.start.id).ok_or_else(|| {
            let id = &row.start.id;
            ApiError::new(
                ErrorCode::State,
                format!("Run {id} is not driven here: it is over, was interrupted, or runs in another process."),
            )
        })
    }
}

/// The variables of an environment and of a runbook, later wins.
pub(crate) fn vars(runbook: &format::Runbook, chosen: Option<&format::Environment>) -> Vec<(String, String)> {
    chosen.map_or(&[][..], |chosen| &chosen.vars).iter().chain(&runbook.settings.env).cloned().collect()
}

/// A time as a person says it: of RFC 3339, a day, or so long ago; as the store compares it.
fn moment(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let now = jiff::Zoned::now();
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(now.time_zone().clone()).ok();
    let ago = || now.checked_sub(text.parse::<jiff::Span>().ok()?).ok();
    let at = text.parse::<jiff::Timestamp>().ok().or_else(|| Some(day().or_else(ago)?.timestamp()));
    at.map(|at| format!("{at:.3}")).ok_or_else(|| {
        ApiError::new(
            ErrorCode::BadInput,
            format!("\"{text}\" is no time: write a day (2026-11-22), a time (2026-11-22T15:00:00Z), or how long ago (7d, 12h)."),
        )
    })
}

/// What a face asks for, as the engine takes it.
fn command(action: RunAction) -> Result<Command, ApiError> {
    Ok(match action {
        RunAction::Start { item, hash, values, confirmed, edited } => {
            let edited =
                edited.map(|edited| Box::new(engine::run::Edited { text: edited.text, reason: edited.reason }));
            Command::Start { item, hash, values, confirmed, edited }
        }
        RunAction::Mark(mark) => Command::Mark(Box::new(incident::marking(mark, &jiff::Zoned::now())?)),
        RunAction::Follow { to } => Command::Follow { to },
        RunAction::Rollback { leave_out, took_effect } => Command::Rollback { leave_out, took_effect },
        RunAction::UndoneByHand { item, note } => Command::UndoneByHand { item, note },
        RunAction::ConfirmEnvironment { typed } => Command::ConfirmEnvironment { typed },
        RunAction::Tick { item, note } => Command::Tick { item, note },
        RunAction::Untick { item } => Command::Untick { item },
        RunAction::Fail { item, note } => Command::Fail { item, note },
        RunAction::Skip { item, reason } => Command::Skip { item, reason },
        RunAction::Override { item, reason } => Command::Override { item, reason },
        RunAction::Note { item, text } => Command::Note { item, text },
        RunAction::MessageSent { item, text } => Command::MessageSent { item, text },
        RunAction::Input { item, text } => Command::Input { item, bytes: text.into_bytes() },
        RunAction::SendLine { item, line } => {
            // A line beyond the last is refused as one that is not there.
            Command::SendLine { item, line: usize::try_from(line).unwrap_or(usize::MAX) }
        }
        RunAction::Resize { item, columns, rows } => Command::Resize { item, columns, rows },
        RunAction::Stop { item } => Command::Stop { item },
        RunAction::StopRun { reason } => Command::StopRun { reason },
        RunAction::Pause => Command::Pause,
        RunAction::Resume => Command::Resume,
        RunAction::Abandon { reason } => Command::Abandon { reason },
    })
}

/// Where the journal of a run is written to: a new file, so that nothing is lost by it.
pub(crate) fn new_file(path: &Path) -> Result<fs::File, ApiError> {
    crate::reports::must_be_new(path)?;
    fs::File::create_new(path).map_err(|error| {
        let path = path.display();
        ApiError::new(ErrorCode::File, format!("{path} cannot be written: {error}. Choose another name."))
    })
}
