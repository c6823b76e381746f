//! One command on a target: reaches it, starts the command there, passes on what it prints and what is typed, and ends it.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    Links, Reach, Target,
    bootstrap::{self, BOOTSTRAP},
    container,
    conversation::{Conversation, Heard},
    ending::{End, Stopping, ender},
    ssh::{self, Host, Tell},
};
use crate::process::{
    Attempt, Ending, Exit, Happening, Launch, LaunchError, THERE, attempt::check_variables, carry::Style, dump,
    launch, shell::elsewhere, wire::Runner,
};

/// How often a connection that is being made is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long the terminal here may take to become raw.
const RAW: Duration = Duration::from_secs(10);

/// The most that is typed before the command can read it, in bytes.
const TYPED_AHEAD: usize = 1 << 20;

/// How much is remembered of what the program that leads there says.
const REMEMBERED: usize = 16 * 1024;

/// The file for variables (FORMAT.md, "Variables"); there it is another one.
const ENV_FILE: &str = "ALLGOOD_ENV";

/// A command on a target. Dropping it ends it.
#[derive(Debug)]
pub struct Session {
    hands: Arc<Mutex<Hands>>,
    to: Sender<Message>,
}

/// What others lay hands on.
#[derive(Debug)]
struct Hands {
    /// The program that leads there, while there is one.
    attempt: Option<Arc<Attempt>>,
    /// What is typed while the command is being started waits here.
    held: Option<Vec<u8>>,
    size: (u16, u16),
    /// How to end what belongs to the command there, as soon as it has a folder.
    ender: Option<ender::Ender>,
}

pub(super) enum Message {
    /// Of the program that leads there.
    Client(Happening),
    /// Of the connection while it is made.
    Beside(Vec<u8>),
    Stop,
    /// What was to end the command there has done so, or not.
    Ended(bool),
    Dropped,
}

type Sink = Box<dyn FnMut(Happening) + Send>;

impl Links {
    /// Starts a command whose [`Launch`] has a target, and returns at once. `sink` is called as by [`launch`].
    ///
    /// # Errors
    /// When a variable cannot be passed, or the system has no thread for it. That a target cannot be reached is an
    /// [`Exit::NotStarted`].
    pub fn start(
        self: &Arc<Self>,
        launch: Launch,
        sink: impl FnMut(Happening) + Send + 'static,
    ) -> Result<Session, LaunchError> {
        check_variables(&launch)?;
        let (to, from) = mpsc::channel();
        let hands = Hands { attempt: None, held: Some(Vec::new()), size: launch.size, ender: None };
        let hands = Arc::new(Mutex::new(hands));
        let worker = Worker {
            links: Arc::clone(self),
            hands: Arc::clone(&hands),
            from,
            to: to.clone(),
            sink: Some(Box::new(sink)),
            began: Instant::now(),
            stopping: Stopping::new(launch.patience, launch.timeout),
            launch,
        };
        thread::Builder::new()
            .name("target".to_owned())
            .spawn(move || worker.run())
            .map_err(LaunchError::Terminal)?;
        Ok(Session { hands, to })
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// Types bytes into its terminal. What is typed while the command is being started reaches the command.
    pub fn input(&self, bytes: &[u8]) {
        let mut hands = lock(&self.hands);
        if let Some(held) = &mut hands.held {
            if held.len() + bytes.len() <= TYPED_AHEAD {
                held.extend_from_slice(bytes);
            }
            return;
        }
        if let Some(attempt) = &hands.attempt {
            // An interrupt goes ahead of what waits to be typed.
            let sent = if bytes == [3] { attempt.interrupt() } else { attempt.input(bytes) };
            if let Err(error) = sent {
                tracing::warn!("{error}");
            }
        }
    }

    /// Gives its terminal another size; what runs there is told.
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut hands = lock(&self.hands);
        hands.size = (columns, rows);
        if let Some(Err(error)) = hands.attempt.as_ref().map(|attempt| attempt.resize(columns, rows)) {
            tracing::warn!("the terminal keeps its size: {error}");
        }
    }

    /// Ends the command there by the ladder of RUNS.md, and returns at once.
    pub fn stop(&self) {
        // When nobody listens it has ended.
        let _ = self.to.send(Message::Stop);
    }

    /// Ends what it left running, and returns when that is gone, or cannot be ended within this time.
    pub fn end_leftovers(&self, patience: Duration) -> bool {
        let (attempt, ender) = {
            let hands = lock(&self.hands);
            (hands.attempt.clone(), hands.ender.clone())
        };
        let ended = ender.is_none_or(|ender| ender.run());
        let Some(attempt) = attempt else { return ended };
        if !attempt.wait_until_gone(Duration::from_secs(3)) {
            attempt.stop();
        }
        attempt.wait_until_gone(patience) && ended
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.to.send(Message::Dropped);
    }
}

/// Drives one command.
struct Worker {
    links: Arc<Links>,
    hands: Arc<Mutex<Hands>>,
    from: Receiver<Message>,
    to: Sender<Message>,
    /// `None` after the end.
    sink: Option<Sink>,
    began: Instant,
    stopping: Stopping,
    launch: Launch,
}

/// The way to a target that can be reached.
struct Way {
    words: Vec<OsString>,
    ender: Vec<OsString>,
    /// What the connection says, where there is one.
    tell: Option<Arc<Tell>>,
}

impl Worker {
    fn run(mut self) {
        let Some(target) = self.launch.target.take() else { return };
        let ending = match self.reach(&target) {
            Ok(way) => self.talk(&target, &way),
            Err(sentence) => self.never(sentence),
        };
        if let Some(ending) = ending {
            self.tell(Happening::Ended(ending));
        }
        lock(&self.hands).attempt = None;
    }

    fn tell(&mut self, happening: Happening) {
        let is_end = matches!(happening, Happening::Ended(_));
        if let Some(sink) = &mut self.sink {
            sink(happening);
        }
        if is_end {
            self.sink = None;
        }
    }

    /// The ending of what never began.
    fn never(&self, sentence: String) -> Option<Ending> {
        Some(self.ending(Exit::NotStarted(sentence), self.began.elapsed()))
    }

    fn ending(&self, exit: Exit, duration: Duration) -> Ending {
        Ending {
            exit,
            timed_out: self.stopping.timed_out,
            stopped: self.stopping.stopped,
            duration,
            carried: Err("its variables and directory could not be read".to_owned()),
            left_running: Vec::new(),
        }
    }

    /// Finds the way there; makes the connection where none is there yet.
    fn reach(&mut self, target: &Target) -> Result<Way, String> {
        let Some(host) = Host::of(&target.reach) else {
            let words = |command, terminal| container::words(&target.reach, command, terminal).unwrap_or_default();
            return Ok(Way { words: words(BOOTSTRAP, true), ender: words(bootstrap::ENDER, false), tell: None });
        };
        let key = ssh::key(host.destination, host.user, host.port);
        let connection = self.links.connection(&key);
        let mut connection = loop {
            // Another command of the run may be making it.
            match connection.try_lock() {
                Ok(connection) => break connection,
                Err(std::sync::TryLockError::Poisoned(error)) => break error.into_inner(),
                Err(std::sync::TryLockError::WouldBlock) => self.wait(target)?,
            }
        };
        let there = connection.as_ref().filter(|connection| connection.is_there());
        let (socket, tell) = match there {
            Some(there) => (there.socket(), there.tell()),
            None => {
                // What is left of one that was lost goes first.
                *connection = None;
                let made = self.connect(target)?;
                let made = connection.insert(made);
                (made.socket(), made.tell())
            }
        };
        let words = |command, terminal| host.words(&socket, command, terminal);
        Ok(Way { words: words(BOOTSTRAP, true), ender: words(bootstrap::ENDER, false), tell: Some(tell) })
    }

    fn connect(&mut self, target: &Target) -> Result<ssh::Connection, String> {
        let links = Arc::clone(&self.links);
        let folder = links
            .folder(&self.launch.scratch)
            .map_err(|error| format!("{}: no folder can be made for the connection: {error}", target.name))?;
        let Some(host) = Host::of(&target.reach) else { return Err(format!("{} is no host", target.name)) };
        let to = self.to.clone();
        let teller = Box::new(move |bytes: &[u8]| drop(to.send(Message::Beside(bytes.to_vec()))));
        let launch = Launch { size: lock(&self.hands).size, ..self.launch.clone() };
        let making = ssh::Making { target, host, launch: &launch, folder, teller };
        // Until there is a connection what is typed answers ssh; what was typed before is for the command.
        let mut before = None;
        let made = ssh::connect(making, |attempt| {
            let mut hands = lock(&self.hands);
            if hands.attempt.is_none() {
                hands.attempt = Some(Arc::clone(attempt));
                before = hands.held.take();
            }
            drop(hands);
            self.wait(target)
        });
        {
            let mut hands = lock(&self.hands);
            let held = before.or(hands.held.take()).unwrap_or_default();
            (hands.attempt, hands.held) = (None, Some(held));
        }
        // Its last words come before the sentence about it.
        while let Ok(message) = self.from.try_recv() {
            match message {
                Message::Beside(bytes) => self.tell(Happening::Beside(bytes)),
                Message::Stop | Message::Dropped => self.stopping.stopped = true,
                Message::Client(_) | Message::Ended(_) => {}
            }
        }
        match made {
            Ok(_) if self.stopping.stopped => Err(format!("{}: stopped before the command began", target.name)),
            made => made,
        }
    }

    /// Waits a moment for a connection.
    fn wait(&mut self, target: &Target) -> Result<(), String> {
        match self.from.recv_timeout(LOOK) {
            Ok(Message::Beside(bytes)) => self.tell(Happening::Beside(bytes)),
            Ok(Message::Stop | Message::Dropped) => {
                self.stopping.stopped = true;
                return Err(format!("{}: stopped before the command began", target.name));
            }
            Ok(Message::Client(_) | Message::Ended(_)) | Err(_) => {}
        }
        if let Some(timeout) = self.stopping.overdue(Instant::now()) {
            self.stopping.timed_out = true;
            return Err(format!("{}: not reached within the timeout of {timeout:?}", target.name));
        }
        Ok(())
    }

    /// Starts the program that leads there, and talks to it until it has ended. `None` where the end was told before.
    fn talk(&mut self, target: &Target, way: &Way) -> Option<Ending> {
        let (acknowledge, acknowledged) = mpsc::channel::<()>();
        let to = self.to.clone();
        let environment = match &target.reach {
            Reach::Ssh { .. } => little(&target.around),
            _ => target.around.clone(),
        };
        let start = ssh::client(&self.launch, target, way.words.clone(), environment);
        let start = Launch { size: lock(&self.hands).size, ..start };
        // While a piece is looked at nothing more is read: what floods waits, as it does here.
        let started = launch(start, move |happening| {
            if to.send(Message::Client(happening)).is_ok() {
                let _ = acknowledged.recv();
            }
        });
        let attempt = match started {
            Ok(attempt) => Arc::new(attempt),
            Err(error) => return self.never(error.to_string()),
        };
        lock(&self.hands).attempt = Some(Arc::clone(&attempt));
        let nonce = uuid::Uuid::new_v4().simple().to_string();
        let conversation = Conversation::new(&nonce);
        let mut talk = Talk {
            target,
            way,
            attempt,
            nonce,
            conversation,
            said: Vec::new(),
            payload: Vec::new(),
            style: None,
            failure: None,
            begun: None,
            end: None,
            told: false,
        };
        loop {
            let message = match self.stopping.due() {
                None => self.from.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => self.from.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match message {
                Ok(Message::Client(Happening::Ended(ending))) => {
                    let rest = talk.conversation.finish();
                    self.take(&mut talk, rest);
                    return self.concluded(&talk, ending);
                }
                Ok(Message::Client(Happening::Output(bytes))) => {
                    let heard = talk.conversation.hear(&bytes);
                    self.take(&mut talk, heard);
                    let _ = acknowledge.send(());
                }
                Ok(Message::Client(happening)) => {
                    if matches!(happening, Happening::Halted(_)) {
                        self.tell(happening);
                    }
                    let _ = acknowledge.send(());
                }
                Ok(Message::Beside(bytes)) => self.tell(Happening::Beside(bytes)),
                Ok(Message::Stop | Message::Dropped) => self.stopping.stop(),
                Ok(Message::Ended(done)) => self.stopping.ender_done(done),
                Err(_) => {}
            }
            self.go_on_stopping(&talk);
        }
    }

    /// Does what is due of an end.
    fn go_on_stopping(&mut self, talk: &Talk<'_>) {
        let running = talk.conversation.has_begun() && talk.failure.is_none();
        match self.stopping.next(Instant::now(), running) {
            None => {}
            Some(ender::Step::Interrupt) => drop(talk.attempt.interrupt()),
            Some(ender::Step::End) => {
                let to = self.to.clone();
                let ender = lock(&self.hands).ender.clone();
                let spawned = thread::Builder::new().name("ender".to_owned()).spawn(move || {
                    let done = ender.is_some_and(|ender| ender.run());
                    let _ = to.send(Message::Ended(done));
                });
                if spawned.is_err() {
                    self.stopping.ender_done(false);
                }
            }
            Some(ender::Step::LetGo) => talk.attempt.stop(),
        }
    }

    fn take(&mut self, talk: &mut Talk<'_>, heard: Vec<Heard>) {
        for heard in heard {
            match heard {
                Heard::Beside(bytes) => {
                    talk.said.extend_from_slice(&bytes);
                    let over = talk.said.len().saturating_sub(REMEMBERED);
                    talk.said.drain(..over);
                    self.tell(Happening::Beside(bytes));
                }
                Heard::Output(bytes) => self.tell(Happening::Output(bytes)),
                Heard::Ready => self.greet(talk),
                Heard::At { shells, folder } => self.prepare(talk, &shells, &folder),
                Heard::Go => talk.attempt.hand_over(&std::mem::take(&mut talk.payload)),
                Heard::Begin => {
                    talk.begun = Some(Instant::now());
                    let held = lock(&self.hands).held.take().unwrap_or_default();
                    if self.launch.interactive {
                        talk.attempt.hand_over(&held);
                    }
                }
                Heard::Nowhere => {
                    let cwd = self.launch.cwd.display();
                    talk.fail(format!("there is no directory {cwd} there that the command could start in"));
                }
                Heard::NoTerminal => {
                    talk.fail("it has no `stty`, so nothing can be sent to it unseen: install it there".to_owned());
                }
                Heard::NoFolder => {
                    talk.fail(
                        "there is no folder there that the command's files could go to: /tmp is not writable"
                            .to_owned(),
                    );
                }
                Heard::Echoed => {
                    talk.fail("its terminal shows what is sent to it, so nothing was sent".to_owned());
                    talk.attempt.stop();
                }
                Heard::End(status) => talk.end = Some(End::new(status, talk.begun)),
                Heard::Back(files) => self.came_back(talk, files),
            }
        }
    }

    /// Sends the nonce, when nothing here echoes it.
    fn greet(&mut self, talk: &mut Talk<'_>) {
        let until = Instant::now() + RAW;
        while !talk.attempt.is_raw() {
            if Instant::now() >= until {
                talk.fail("the terminal that leads there does not become raw, so nothing was sent".to_owned());
                talk.attempt.stop();
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        talk.attempt.hand_over(format!("{} {id}\n", talk.nonce).as_bytes());
    }

    /// Puts together what is to be started, now that its folder and shells are known.
    fn prepare(&mut self, talk: &mut Talk<'_>, shells: &[String], folder: &str) {
        let runner = Runner::from(self.launch.program.clone());
        let mut environment = self.launch.environment.clone();
        environment.remove(OsStr::new(ENV_FILE));
        let place = (shells, Path::new(folder));
        let script = (&runner, self.launch.script.as_str());
        let variables = &self.launch.shell_variables;
        let made = match elsewhere(script, &mut environment, variables, self.launch.interactive, place) {
            Ok(made) => made,
            Err(why) => {
                talk.failure = Some(format!("{} {why}", talk.target.name));
                // It takes its folder away and goes.
                talk.payload = b"rmdir \"$ag_d\"; exit 97\n".to_vec();
                talk.attempt.hand_over(format!("{}\n", talk.payload.len()).as_bytes());
                return;
            }
        };
        talk.style = made.carries;
        let exported = environment.iter().filter_map(|(name, value)| {
            let name = name.to_str().filter(|name| dump::is_name(name.as_bytes()))?;
            Some((name, value.as_bytes().to_vec()))
        });
        let cwd = Some(self.launch.cwd.as_os_str()).filter(|cwd| *cwd != OsStr::new(THERE));
        talk.payload = bootstrap::payload(&bootstrap::Order {
            nonce: &talk.nonce,
            files: &made.files,
            exported: exported.collect(),
            words: made.words.iter().map(|word| word.as_bytes().to_vec()).collect(),
            cwd: cwd.map(OsStr::as_bytes),
            interactive: self.launch.interactive,
            captured: self.launch.captured,
        });
        lock(&self.hands).ender = Some(ender::Ender::new(talk.target, talk.way.ender.clone(), folder));
        talk.attempt.hand_over(format!("{}\n", talk.payload.len()).as_bytes());
    }

    /// The command has ended, and what it left behind has come.
    fn came_back(&mut self, talk: &mut Talk<'_>, files: Option<BTreeMap<String, Vec<u8>>>) {
        let Some(end) = &mut talk.end else { return };
        let scratch = self.launch.scratch.clone();
        if let Some(files) = files {
            if let Some(written) = files.get("env")
                && let Some(file) = self.launch.environment.get(OsStr::new(ENV_FILE)).map(PathBuf::from)
                && let Err(error) = fs::write(&file, written)
            {
                tracing::warn!(%error, "what a command wrote to its file for variables is lost");
            }
            end.read(&files, talk.style, &scratch, &self.launch.shell_variables);
            if let Some(captured) = files.get("captured") {
                self.tell(Happening::Collected(captured.clone()));
            }
        }
        if talk.failure.is_none()
            && let Some(end) = talk.end.as_ref().filter(|end| !end.left_running.is_empty())
        {
            // The rest of it stays until the run ends.
            let ending = end.ending(&self.stopping);
            talk.told = true;
            self.tell(Happening::Ended(ending));
        }
    }

    /// The program that leads there has ended.
    fn concluded(&self, talk: &Talk<'_>, client: Ending) -> Option<Ending> {
        if talk.told {
            return None;
        }
        let name = &talk.target.name;
        if let Some(failure) = &talk.failure {
            return self.never(failure.clone());
        }
        if let Some(end) = &talk.end {
            return Some(end.ending(&self.stopping));
        }
        let Some(begun) = talk.begun else {
            if let Exit::NotStarted(sentence) = client.exit {
                return self.never(format!("{name}: {sentence}"));
            }
            if self.stopping.stopped {
                return self.never(format!("{name}: stopped before the command began"));
            }
            let said = String::from_utf8_lossy(&talk.said);
            let sentence = match &talk.way.tell {
                Some(tell) => {
                    let last = super::last_line(&said).or_else(|| tell.last());
                    let last = last.map(|line| format!(" ({line})")).unwrap_or_default();
                    format!("{name}: the connection was lost before the command began{last}: try again")
                }
                None => container::explain(name, &talk.target.reach, &said),
            };
            return self.never(sentence);
        };
        let last = talk.way.tell.as_ref().and_then(|tell| tell.last()).map(|line| format!(" ({line})"));
        let sentence = self.stopping.lost(name, &last.unwrap_or_default());
        let exit = match sentence {
            Some(sentence) => Exit::Lost(sentence),
            None => Exit::Signal("SIGKILL".to_owned()),
        };
        Some(self.ending(exit, begun.elapsed()))
    }
}

/// What is known of a command while it is talked to.
struct Talk<'a> {
    target: &'a Target,
    way: &'a Way,
    attempt: Arc<Attempt>,
    nonce: String,
    conversation: Conversation,
    /// What the program that leads there said.
    said: Vec<u8>,
    payload: Vec<u8>,
    style: Option<Style>,
    /// Why it could not be started.
    failure: Option<String>,
    begun: Option<Instant>,
    end: Option<End>,
    /// Its end has been told, though something of it is left.
    told: bool,
}

impl Talk<'_> {
    fn fail(&mut self, why: String) {
        self.failure.get_or_insert_with(|| format!("{}: {why}", self.target.name));
    }
}

/// What ssh needs of an environment to talk over a connection that is there: of the rest it might send something.
fn little(around: &BTreeMap<OsString, OsString>) -> BTreeMap<OsString, OsString> {
    let needed = ["PATH", "HOME", "USER", "LOGNAME", "TERM", "XDG_RUNTIME_DIR"];
    let needed = around.iter().filter(|(name, _)| needed.iter().any(|one| *name == OsStr::new(one)));
    needed.map(|(name, value)| (name.clone(), value.clone())).collect()
}
