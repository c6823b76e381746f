//! Processes that follow a script of a test's own.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use engine::{
    process::{Carried, Ending, Exit, Happening, Launch, Leftover},
    run::{Process, Processes, Sink},
};

/// What a scripted process does next.
#[derive(Clone, Debug)]
pub enum Act {
    /// Prints.
    Print(Vec<u8>),
    /// Waits until something is typed, and prints it.
    Echo,
    /// Runs until it is stopped.
    UntilStopped,
    /// Leaves this to carry.
    Carry(Box<Carried>),
    /// Says that it could not carry.
    NoCarry(String),
    /// Leaves a process running.
    Leave(Leftover),
    /// Writes to the file that a variable of its environment names.
    WriteTo(String, String),
    /// Says that its time ran out, and ends.
    TimeOut,
    /// Exits.
    Exit(i32),
    /// Is ended by a signal.
    Signal(String),
    /// Cannot be started.
    NotStarted(String),
}

type Script = dyn Fn(&Launch) -> Vec<Act> + Send + Sync;

/// Starts scripted processes, and remembers what it was asked to start.
pub struct Scripted {
    script: Box<Script>,
    launches: Mutex<Vec<Launch>>,
    /// Orders given to processes, by name.
    orders: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Each process does what `script` says.
    pub fn new(script: impl Fn(&Launch) -> Vec<Act> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { script: Box::new(script), launches: Mutex::default(), orders: Arc::default() })
    }

    /// Processes that read their own script, a line an act: `print TEXT`, `exit N`, `wait`, `echo`, `export NAME=VALUE`,
    /// `set NAME=VALUE`, `cd FOLDER`, `leave NAME`, `timeout`, `signal NAME`, `missing WHY`, `allgood NAME=VALUE`.
    #[must_use]
    pub fn by_script() -> Arc<Self> {
        Self::new(|launch| read(&launch.script))
    }

    /// What was started.
    #[must_use]
    pub fn launches(&self) -> Vec<Launch> {
        self.launches.lock().unwrap().clone()
    }

    /// The orders that processes were given, in order.
    #[must_use]
    pub fn orders(&self) -> Vec<String> {
        self.orders.lock().unwrap().clone()
    }
}

fn read(script: &str) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut carried = Carried::default();
    for line in script.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut set = |exported: bool| {
            let (name, value) = rest.split_once('=').unwrap();
            let kept = if exported { &mut carried.exported } else { &mut carried.plain };
            kept.insert(name.to_owned(), value.to_owned());
        };
        match word {
            "print" => acts.push(Act::Print(format!("{rest}\r\n").into_bytes())),
            "echo" => acts.push(Act::Echo),
            "wait" => acts.push(Act::UntilStopped),
            "export" => set(true),
            "set" => set(false),
            "unset" => carried.unset.push(rest.to_owned()),
            "cd" => carried.cwd = Some(rest.into()),
            "leave" => acts.push(Act::Leave(Leftover { pid: 77, name: rest.to_owned() })),
            "timeout" => acts.push(Act::TimeOut),
            "signal" => acts.push(Act::Signal(rest.to_owned())),
            "missing" => acts.push(Act::NotStarted(rest.to_owned())),
            "nocarry" => acts.push(Act::NoCarry(rest.to_owned())),
            "allgood" => acts.push(Act::WriteTo("ALLGOOD_ENV".to_owned(), format!("{rest}\n"))),
            "exit" => acts.push(Act::Exit(rest.parse().unwrap())),
            other => panic!("a scripted process knows no {other:?}"),
        }
    }
    acts.insert(0, Act::Carry(Box::new(carried)));
    acts
}

#[derive(Default)]
struct Orders {
    typed: VecDeque<Vec<u8>>,
    stopped: bool,
}

struct Actor {
    orders: Arc<(Mutex<Orders>, Condvar)>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Actor {
    fn order(&self, log: String, change: impl FnOnce(&mut Orders)) {
        self.log.lock().unwrap().push(log);
        change(&mut self.orders.0.lock().unwrap());
        self.orders.1.notify_all();
    }
}

impl Process for Actor {
    fn input(&mut self, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        self.order(format!("input {}", String::from_utf8_lossy(&bytes)), |orders| orders.typed.push_back(bytes));
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.order(format!("resize {columns} {rows}"), |_| {});
    }

    fn stop(&mut self) {
        self.order("stop".to_owned(), |orders| orders.stopped = true);
    }

    fn end_leftovers(&mut self) {
        self.order("end leftovers".to_owned(), |_| {});
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.order("drop".to_owned(), |orders| orders.stopped = true);
    }
}

impl Processes for Scripted {
    fn start(&self, launch: Launch, sink: Sink) -> Result<Box<dyn Process>, String> {
        let acts = (self.script)(&launch);
        self.launches.lock().unwrap().push(launch.clone());
        let orders = Arc::new((Mutex::new(Orders::default()), Condvar::new()));
        let theirs = Arc::clone(&orders);
        thread::spawn(move || play(acts, &launch, &theirs, sink));
        Ok(Box::new(Actor { orders, log: Arc::clone(&self.orders) }))
    }
}

fn play(acts: Vec<Act>, launch: &Launch, orders: &(Mutex<Orders>, Condvar), mut sink: Sink) {
    let mut ending = Ending {
        exit: Exit::Status(0),
        timed_out: false,
        stopped: false,
        duration: Duration::from_millis(7),
        carried: Ok(Carried::default()),
        left_running: Vec::new(),
    };
    for act in acts {
        match act {
            Act::Print(bytes) if launch.captured => sink(Happening::Captured(bytes)),
            Act::Print(bytes) => sink(Happening::Output(bytes)),
            Act::Carry(carried) => ending.carried = Ok(*carried),
            Act::NoCarry(why) => ending.carried = Err(why),
            Act::Leave(leftover) => ending.left_running.push(leftover),
            Act::WriteTo(variable, text) => {
                let path = launch.environment.get(std::ffi::OsStr::new(&variable)).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Act::Echo => {
                let mut now = orders.0.lock().unwrap();
                while now.typed.is_empty() && !now.stopped {
                    now = orders.1.wait(now).unwrap();
                }
                let typed = now.typed.pop_front();
                drop(now);
                match typed {
                    Some(bytes) => sink(Happening::Output(bytes)),
                    None => {
                        (ending.stopped, ending.exit) = (true, Exit::Signal("SIGTERM".to_owned()));
                        break;
                    }
                }
            }
            Act::UntilStopped => {
                let now = orders.0.lock().unwrap();
                drop(orders.1.wait_while(now, |now| !now.stopped).unwrap());
                (ending.stopped, ending.exit) = (true, Exit::Signal("SIGTERM".to_owned()));
                break;
            }
            Act::TimeOut => {
                (ending.timed_out, ending.exit) = (true, Exit::Signal("SIGKILL".to_owned()));
                break;
            }
            Act::Exit(code) => {
                ending.exit = Exit::Status(code);
                break;
            }
            Act::Signal(name) => {
                ending.exit = Exit::Signal(name);
                break;
            }
            Act::NotStarted(why) => {
                ending.exit = Exit::NotStarted(why);
                break;
            }
        }
    }
    sink(Happening::Ended(ending));
}
