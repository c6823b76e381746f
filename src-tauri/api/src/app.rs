//! The program behind both faces: opened once, asked from any thread.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc},
};

use engine::{Clock, Engine, RunId, RunStatus, Secrets as _, process::Supervisor};
use store::Store;

use crate::{
    ApiError, ErrorCode,
    desktop::Desktop,
    entries::{Copying, Keepers, Terminals},
    library::{Follower, Importing, Newsroom, today},
    live::Live,
    places::{self, Places},
    retention,
    settings::SettingsFile,
    watch::Watch,
    wire::{AppState, RunSummary},
};

/// What a face tells the program about the machine. The rooms below read neither the environment nor the home.
pub struct Config {
    /// Folder of the store.
    pub data: PathBuf,
    /// The person's settings, `config.toml`.
    pub settings: PathBuf,
    /// A private folder for scripts under way, in memory where there is one.
    pub scratch: PathBuf,
    /// What is started for each attempt.
    pub supervisor: Supervisor,
    /// The environment that commands inherit.
    pub environment: BTreeMap<OsString, OsString>,
    /// `user@host`.
    pub actor: String,
    /// Opens an address that has passed the scheme rules.
    pub opener: Box<dyn access::Opener>,
}

impl Config {
    /// What this process's environment says, with the system's own way to open links.
    ///
    /// # Errors
    /// When there is no private folder for scripts, or the system does not tell where this program is.
    pub fn from_environment(places: &Places) -> Result<Self, ApiError> {
        Ok(Self {
            data: places.data.clone(),
            settings: places.settings.clone(),
            scratch: places::scratch()?,
            supervisor: places::supervisor()?,
            environment: std::env::vars_os().collect(),
            actor: places::actor(),
            opener: Box::new(access::SystemOpener),
        })
    }
}

/// How many open runs the frame shows.
const OPEN: u64 = 20;

/// The program.
pub struct App {
    pub(crate) store: Arc<Store>,
    pub(crate) engine: Engine,
    pub(crate) secrets: Arc<access::KnownSecrets>,
    pub(crate) keepers: Arc<Keepers>,
    pub(crate) data: PathBuf,
    pub(crate) settings: RwLock<SettingsFile>,
    /// How often incidents are told about, as the settings said when they were last read.
    pub(crate) intervals: Arc<RwLock<engine::incident::Intervals>>,
    pub(crate) opener: Box<dyn access::Opener>,
    pub(crate) live: Mutex<HashMap<RunId, Arc<Live>>>,
    pub(crate) watches: Mutex<Watches>,
    pub(crate) news: Newsroom,
    /// The address from outside that came last, until the page has asked for it.
    pub(crate) outside: Mutex<Option<String>>,
    pub(crate) desktop: Arc<Desktop>,
    pub(crate) follower: Arc<Follower>,
    pub(crate) importing: Importing,
    /// The git that speaks for the team.
    pub(crate) team: crate::library::remote::Fetching,
    /// The same, where nobody asked for it.
    pub(crate) quiet: crate::library::remote::Fetching,
    pub(crate) palette: crate::palette::Cache,
    pub(crate) shortcut: crate::shortcut::Shortcut,
    /// The palette was called, and the page has not opened it yet.
    pub(crate) finding: std::sync::atomic::AtomicBool,
    /// What stands on the clipboard until its time is over.
    pub(crate) copying: Copying,
    /// The window's connections to access entries.
    pub(crate) terminals: Terminals,
    /// Held by whoever writes rows of the index.
    pub(crate) indexing: Mutex<()>,
    /// Its other end drives the schedules until this is dropped.
    pub(crate) schedules: Mutex<Option<mpsc::Sender<()>>>,
    /// Its other end fetches what others pushed until this is dropped.
    pub(crate) following: Mutex<Option<mpsc::Sender<()>>>,
    /// Its other end ends with the program.
    retention: Mutex<Option<mpsc::Sender<()>>>,
    notice: Option<String>,
}

/// The eyes on runs, by number.
#[derive(Default)]
pub(crate) struct Watches {
    pub(crate) last: u64,
    pub(crate) open: HashMap<u64, Arc<Watch>>,
}

/// The system's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> String {
        format!("{:.3}", jiff::Timestamp::now())
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Once a day, beside whatever is being done: nobody waits for it, and one that is cut off leaves nothing behind that
/// would be taken for a backup.
fn back_up(store: &Arc<Store>) {
    let store = Arc::clone(store);
    let make = move || {
        if let Err(error) = store.daily_backup(jiff::Timestamp::now()) {
            tracing::error!(%error, "the backup of the day was not made");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("backup".to_owned()).spawn(make) {
        tracing::error!(%error, "the backup of the day was not made");
    }
}

/// What was only tried is gone after a day.
fn drop_scratch_runs(store: &Store) {
    let day = jiff::SignedDuration::from_hours(24);
    let dropped =
        jiff::Timestamp::now().checked_sub(day).map(|before| store.drop_scratch_runs(&format!("{before:.3}")));
    if let Ok(Err(error)) = dropped {
        tracing::warn!(%error, "old scratch runs stay");
    }
}

impl App {
    /// Opens the store, and marks runs whose process is gone as interrupted.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn open(config: Config) -> Result<Arc<Self>, ApiError> {
        Self::open_with(config, Box::new(access::SystemKeychain::new()))
    }

    /// The same, with another keychain than the system's.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn open_with(config: Config, keychain: Box<dyn access::Keychain>) -> Result<Arc<Self>, ApiError> {
        let store = Arc::new(Store::open(&config.data)?);
        let secrets = Arc::new(access::KnownSecrets::new());
        let engine = Engine {
            settings: engine::Settings {
                supervisor: config.supervisor,
                scratch: config.scratch,
                environment: config.environment,
                actor: config.actor,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                holds_for: engine::Settings::HOLDS_FOR,
            },
            journal: store.clone(),
            secrets: secrets.clone(),
            clock: Arc::new(SystemClock),
        };
        if !store.only_reads() {
            let interrupted = store.mark_interrupted(&engine.clock.now(), &engine.settings.actor)?;
            if !interrupted.is_empty() {
                tracing::warn!(runs = interrupted.len(), "runs were interrupted");
            }
            drop_scratch_runs(&store);
            back_up(&store);
        }
        let notices = store.notices().join(" ");
        let app = Arc::new(Self {
            store,
            engine,
            secrets,
            keepers: Arc::new(Keepers::new(keychain, &config.data)),
            data: config.data,
            settings: RwLock::new(SettingsFile::at(config.settings)),
            intervals: Arc::default(),
            opener: config.opener,
            live: Mutex::default(),
            watches: Mutex::default(),
            news: Newsroom::default(),
            outside: Mutex::default(),
            desktop: Arc::default(),
            follower: Arc::default(),
            importing: Importing::default(),
            team: crate::library::remote::Fetching::default(),
            quiet: crate::library::remote::Fetching::default(),
            palette: crate::palette::Cache::default(),
            shortcut: crate::shortcut::Shortcut::default(),
            finding: std::sync::atomic::AtomicBool::default(),
            copying: Copying::default(),
            terminals: Terminals::default(),
            indexing: Mutex::default(),
            schedules: Mutex::default(),
            following: Mutex::default(),
            retention: Mutex::default(),
            notice: (!notices.is_empty()).then_some(notices),
        });
        if !app.store.only_reads() {
            app.settle_moves();
        }
        // Settings that cannot be read are said where they are used.
        if let Err(error) = app.settings_read(crate::commands::Nothing {}) {
            tracing::warn!(message = %error.message, "the settings cannot be read");
        }
        if !app.store.only_reads() {
            *lock(&app.retention) = Some(retention::keep_doing(&app));
        }
        Ok(app)
    }

    /// The state of the whole program.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn app_state(&self, _: crate::commands::Nothing) -> Result<AppState, ApiError> {
        let folders = self.store.libraries()?;
        let open_runs = self.open_runs()?;
        let counts = self.store.counts(&today().to_string())?;
        Ok(AppState {
            version: self.engine.settings.version.clone(),
            data: self.data.display().to_string(),
            actor: self.engine.settings.actor.clone(),
            first_start: folders.is_empty() && counts.runs == 0,
            examples_offered: !folders.iter().any(|folder| folder.path == self.examples_folder()),
            runbooks: counts.runbooks,
            runs: counts.runs,
            entries: counts.entries,
            links: self.store.link_count()?,
            schedules: self.store.schedule_count()?,
            next_up: self.next_up()?,
            open_runs,
            notice: self.notice.clone(),
        })
    }

    /// The runs under way, newest first.
    pub(crate) fn open_runs(&self) -> Result<Vec<RunSummary>, ApiError> {
        let open = [RunStatus::Waiting, RunStatus::Running, RunStatus::Paused, RunStatus::Interrupted];
        let open = store::RunFilter { states: open.to_vec(), limit: Some(OPEN), ..store::RunFilter::default() };
        self.store.runs(&open)?.0.iter().map(|row| self.summary(row)).collect()
    }

    /// Something the person should know about the store at this start (a damaged store set aside, for example).
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// A text with every secret in use hidden: what a log may hold of it.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.secrets.mask_text(text)
    }

    /// Stops every run of this process in order: what runs is stopped, the run is left paused. Returns when nothing
    /// runs any more.
    pub fn close(&self) {
        drop(lock(&self.schedules).take());
        drop(lock(&self.following).take());
        self.follower.close();
        self.importing.close();
        self.team.close();
        self.quiet.close();
        self.copying.take_off();
        self.terminals.end();
        let live: Vec<Arc<Live>> = lock(&self.live).drain().map(|(_, live)| live).collect();
        for run in &live {
            run.stop("Allgood was closed");
        }
        for run in &live {
            run.wait();
        }
        self.leave_desktop();
    }
}

impl From<store::StoreError> for ApiError {
    fn from(error: store::StoreError) -> Self {
        Self::new(ErrorCode::Store, error.to_string())
    }
}
