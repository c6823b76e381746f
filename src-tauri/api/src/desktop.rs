//! What the desktop around the window is told of runs: when a person who looks elsewhere is called, what the window's
//! title and icon say, and what closing the window would stop. What is decided here is pure; a face only shows it.

mod closing;
mod occasions;
mod reminding;
mod tray;
mod under_way;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use engine::{Event, Fact, Keeping, RunId, RunState};
use format::Runbook;

use self::{occasions::Occasion, reminding::Reminders, under_way::UnderWay};
use crate::{
    ApiError, App, ErrorCode,
    app::lock,
    commands::Nothing,
    schedules::{Notifier, SessionNotifier, Telling},
    wire::{News, Settings, Stay},
};

pub(crate) use closing::{Connected, Running, running};
pub use tray::{Tray, TrayRun};
pub use under_way::{Frame, Lamp};

/// What happens within so long is one thing to a person: a command ends, and the next one waits for somebody.
const GATHER: Duration = Duration::from_millis(150);
/// What never comes to rest is shown all the same.
const AT_MOST: Duration = Duration::from_millis(600);

/// Calls a person who looks elsewhere to a run. Holds the runbook's title, a step and its state; never output, never a
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The run. A later notice of the same run takes the place of an earlier one.
    pub run: String,
    /// The runbook's title.
    pub title: String,
    /// One sentence. Plain text.
    pub text: String,
    /// Something failed: it stays until somebody has seen it.
    pub urgent: bool,
}

/// A question before the window closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosingQuestion {
    /// The question.
    pub title: String,
    /// What runs, since when, and what closing does.
    pub text: String,
}

/// The desktop, as a face reaches it. Called from one thread of its own; may block.
pub trait DesktopSink: Send {
    /// Calls a person.
    fn notice(&mut self, notice: &Notice);
    /// The window is in front: what called to it has done its work.
    fn seen(&mut self);
    /// The window's title and icon from now on.
    fn frame(&mut self, frame: &Frame);
    /// Tells a person something that is to be seen though the window is in front, or closed.
    fn tell(&mut self, telling: &Telling);
    /// What the tray shows from now on.
    fn tray(&mut self, tray: &Tray);
}

/// What happens in runs, on its way to the desktop.
#[derive(Default)]
pub(crate) struct Desktop {
    /// A person is looking at the window.
    in_front: AtomicBool,
    runs: Mutex<BTreeMap<RunId, UnderWay>>,
    told: Mutex<Option<mpsc::Sender<Told>>>,
    /// It was said that closing the window does not end the program.
    said_to_stay: AtomicBool,
}

enum Told {
    Occasion(Occasion),
    Frame,
    InFront,
    Telling(Telling),
}

impl Desktop {
    /// An event was kept; `state` is the run's after it. Called from the run's own thread. With `calls` it may call a person.
    pub(crate) fn happened(&self, event: &Event, state: &RunState, runbook: &Runbook, calls: bool) {
        // What changes neither: the bulk of the events of a run.
        if matches!(event.fact, Fact::Output { .. } | Fact::Expectation { .. } | Fact::VariablesSet { .. }) {
            return;
        }
        let told = lock(&self.told);
        let Some(told) = told.as_ref() else { return };
        let occasion =
            occasions::of(event, state, runbook).filter(|_| calls && !self.in_front.load(Ordering::Relaxed));
        let changed = self.keep(&event.run, UnderWay::of(state, runbook));
        // The other end is gone when the program ends.
        if let Some(occasion) = occasion {
            drop(told.send(Told::Occasion(occasion)));
        }
        if changed {
            drop(told.send(Told::Frame));
        }
    }

    /// The facts of a run can not be kept for now, or can be kept again; `state` is what was kept last.
    pub(crate) fn keeping(&self, keeping: &Keeping, run: &RunId, state: &RunState, runbook: &Runbook) {
        let held = match keeping {
            Keeping::Waits(_) => true,
            Keeping::Kept => false,
            // That it goes no further is told when it is let go of.
            Keeping::GivenUp(_) => return,
        };
        let told = lock(&self.told);
        let Some(told) = told.as_ref() else { return };
        if !self.in_front.load(Ordering::Relaxed) {
            drop(told.send(Told::Occasion(occasions::keeping(run, held, runbook))));
        }
        if self.keep(run, UnderWay::of(state, runbook).map(|now| now.held(held))) {
            drop(told.send(Told::Frame));
        }
    }

    /// Whether any run is under way.
    fn is_busy(&self) -> bool {
        !lock(&self.runs).is_empty()
    }

    /// Nobody drives a run any more. With `trouble` it could not go on, and no event says so.
    pub(crate) fn let_go(&self, run: &RunId, trouble: bool) {
        let told = lock(&self.told);
        let before = lock(&self.runs).remove(run);
        let (Some(told), Some(before)) = (told.as_ref(), before) else { return };
        if trouble && !self.in_front.load(Ordering::Relaxed) {
            drop(told.send(Told::Occasion(occasions::trouble(run, &before))));
        }
        drop(told.send(Told::Frame));
    }

    fn set_in_front(&self, in_front: bool) {
        if !self.in_front.swap(in_front, Ordering::Relaxed)
            && in_front
            && let Some(told) = lock(&self.told).as_ref()
        {
            drop(told.send(Told::InFront));
        }
    }

    /// Whether anything is different now.
    fn keep(&self, run: &RunId, now: Option<UnderWay>) -> bool {
        let mut runs = lock(&self.runs);
        let before = match now.clone() {
            Some(now) => runs.insert(run.clone(), now),
            None => runs.remove(run),
        };
        before != now
    }

    /// Looks again at what is shown.
    pub(crate) fn look(&self) {
        if let Some(told) = lock(&self.told).as_ref() {
            drop(told.send(Told::Frame));
        }
    }

    fn frame(&self) -> Frame {
        under_way::frame(lock(&self.runs).values())
    }

    fn close(&self) {
        lock(&self.told).take();
    }
}

impl Notifier for Desktop {
    /// By the window, so that a click leads there; without one by the session alone.
    fn show(&self, telling: &Telling) -> Result<(), String> {
        let shown = lock(&self.told).as_ref().map(|told| told.send(Told::Telling(telling.clone())));
        match shown {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => SessionNotifier.show(telling),
        }
    }
}

/// Waits for what comes; while a run is under way no longer than until it is looked again what is due.
fn wait(told: &mpsc::Receiver<Told>, busy: bool) -> Result<Told, RecvTimeoutError> {
    if busy { told.recv_timeout(reminding::LOOK) } else { told.recv().map_err(|_| RecvTimeoutError::Disconnected) }
}

/// Shows what comes until the program ends.
fn show(app: &Weak<App>, told: &mpsc::Receiver<Told>, sink: &mut dyn DesktopSink) {
    let mut shown = Frame::default();
    let mut reminders = Reminders::default();
    let mut busy = false;
    let mut tray = None;
    if let Some(app) = app.upgrade() {
        show_tray(&app, &mut tray, sink);
    }
    loop {
        let mut next = match wait(told, busy) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut gathered = Vec::new();
        let began = Instant::now();
        while let Some(one) = next.take() {
            match one {
                Told::Occasion(occasion) => gathered.push(occasion),
                Told::InFront => {
                    gathered.clear();
                    sink.seen();
                }
                Told::Telling(telling) => sink.tell(&telling),
                Told::Frame => {}
            }
            let patience = GATHER.min(AT_MOST.saturating_sub(began.elapsed()));
            // Nothing came in time, or nothing ever will.
            next = told.recv_timeout(patience).ok();
        }
        let Some(app) = app.upgrade() else { return };
        busy = app.desktop.is_busy();
        let in_front = app.desktop.in_front.load(Ordering::Relaxed);
        // What happened just now says more than that something is due.
        gathered.splice(..0, reminders.due(app.updates_due(), jiff::Timestamp::now(), in_front));
        let now = app.desktop.frame();
        let now = Frame { title: app.mask(&now.title), ..now };
        if now != shown {
            sink.frame(&now);
            shown = now;
        }
        show_tray(&app, &mut tray, sink);
        if !gathered.is_empty() {
            let settings = app.settings_read(Nothing {}).unwrap_or_else(|error| {
                tracing::warn!(%error, "notifications are shown as if nothing were chosen");
                Settings::default()
            });
            let wanted = gathered.into_iter().filter(|occasion| occasion.is_wanted(&settings));
            // Of one run the last word counts.
            let last: HashMap<String, Notice> =
                wanted.map(|occasion| (occasion.notice.run.clone(), occasion.notice)).collect();
            for Notice { run, title, text, urgent } in last.into_values() {
                sink.notice(&Notice { run, title: app.mask(&title), text: app.mask(&text), urgent });
            }
        }
    }
}

/// Shows what the tray says, where that is something else than before.
fn show_tray(app: &App, shown: &mut Option<Tray>, sink: &mut dyn DesktopSink) {
    match app.tray() {
        Ok(now) if shown.as_ref() != Some(&now) => {
            sink.tray(&now);
            *shown = Some(now);
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(message = %error.message, "the tray shows what was last known"),
    }
}

impl App {
    /// Tells the desktop of runs from now on: the window's host calls it once.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn show_on_desktop(self: &Arc<Self>, mut sink: Box<dyn DesktopSink>) -> Result<(), ApiError> {
        let (sender, told) = mpsc::channel();
        let app = Arc::downgrade(self);
        std::thread::Builder::new()
            .name("desktop".to_owned())
            .spawn(move || show(&app, &told, sink.as_mut()))
            .map_err(|error| ApiError::new(ErrorCode::Internal, format!("No thread could be started: {error}.")))?;
        *lock(&self.desktop.told) = Some(sender);
        Ok(())
    }

    /// Whether a person is looking at the window: nobody is called then, and what called is taken back.
    pub fn in_front(&self, in_front: bool) {
        self.desktop.set_in_front(in_front);
    }

    /// Has the page go to a run: somebody answered a notice of it.
    pub fn show_run(&self, run: &str) {
        self.news.tell(&News::Show { run: run.to_owned() });
    }

    /// Has the page go to the schedules: somebody answered what was told of them.
    pub fn show_schedules(&self) {
        self.news.tell(&News::Schedules);
    }

    /// Whether the program stays in the tray when its window is closed: as the person chose, and never where nothing can be
    /// done without a window.
    #[must_use]
    pub fn stays(&self) -> bool {
        let stay = self.settings_read(Nothing {}).map(|settings| settings.stay).unwrap_or(Stay::Never);
        match stay {
            Stay::Never => false,
            Stay::Always => true,
            Stay::Schedules => !self.store.only_reads() && self.next_up().is_ok_and(|next| next.is_some()),
        }
    }

    /// Says, once, that the program is still there without its window.
    pub fn say_that_it_stays(&self) {
        if self.desktop.said_to_stay.swap(true, Ordering::Relaxed) {
            return;
        }
        if !self.settings_read(Nothing {}).is_ok_and(|settings| settings.notifications) {
            return;
        }
        let telling = Telling {
            title: "Allgood stays in the tray".to_owned(),
            text: "Runs and schedules go on. Quit in its menu there; Settings has whether it stays.".to_owned(),
            ..Telling::default()
        };
        if let Err(why) = self.desktop.show(&telling) {
            tracing::warn!(%why, "nobody shows notifications");
        }
    }

    /// What is to be asked before the window closes; none when nothing runs.
    #[must_use]
    pub fn closing_question(&self) -> Option<ClosingQuestion> {
        let live: Vec<_> = lock(&self.live).values().cloned().collect();
        let running = live.iter().flat_map(|live| live.running()).collect();
        closing::question(running, self.terminals.open(), jiff::Timestamp::now())
    }

    pub(crate) fn leave_desktop(&self) {
        self.desktop.close();
    }
}

#[cfg(test)]
mod tests;
