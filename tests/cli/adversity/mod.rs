//! What the machine and other people do to a run: full and read-only disks, locks, lost files, strange children, clocks
//! (docs/adversity.md). Each time: a sentence for the person, nothing half done, no kept fact lost.

mod children;
mod clocks;
mod disks;
mod given;
mod missing;
mod stores;

use std::{
    env, fs,
    io::{BufReader, Read as _},
    process::{Child, ChildStderr, Command, Output},
    thread,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{Home, until};

/// Set for the process of a test that has mounts of its own.
const APART: &str = "ALLGOOD_TEST_MOUNTS";

/// Whether this is the process with mounts of its own. Else starts the test of that name again as one, and waits for it.
fn apart(test: &str) -> bool {
    if env::var_os(APART).is_some() {
        return true;
    }
    let test = format!("adversity::{test}");
    let program = env::current_exe().unwrap();
    let again = |prefix: &[&str]| -> Output {
        let (first, rest) = prefix.split_first().unwrap();
        let mut command = Command::new(first);
        command.args(rest).arg(&program).args(["--exact", &test, "--nocapture"]).env(APART, "1").output().unwrap()
    };
    // As anybody, in a namespace of users; where the system allows none, as root.
    let mut answer = again(&["unshare", "--map-root-user", "--mount"]);
    if String::from_utf8_lossy(&answer.stderr).contains("unshare: ") {
        let keep = format!("--preserve-env={APART}");
        answer = again(&["sudo", "-n", &keep, "unshare", "--mount"]);
    }
    let told = format!("{}{}", String::from_utf8_lossy(&answer.stdout), String::from_utf8_lossy(&answer.stderr));
    assert!(answer.status.success() && told.contains("1 passed"), "a test with mounts of its own: {told}");
    false
}

fn mount(arguments: &[&str]) {
    let answer = Command::new("mount").args(arguments).output().unwrap();
    assert!(answer.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&answer.stderr));
}

impl Home {
    /// A folder that is a disk in memory of so many KiB.
    fn disk(&self, name: &str, size: u32) {
        let place = self.path(name);
        fs::create_dir_all(&place).unwrap();
        mount(&["-t", "tmpfs", "-o", &format!("size={size}k,mode=700"), "tmpfs", place.to_str().unwrap()]);
    }

    /// Gives such a disk another size, or makes it one that can only be read.
    fn remount(&self, name: &str, option: &str) {
        mount(&["-o", &format!("remount,{option}"), self.path(name).to_str().unwrap()]);
    }
}

/// A run under way whose messages are read.
struct Going {
    child: Child,
    said: std::sync::Arc<std::sync::Mutex<String>>,
    reader: thread::JoinHandle<()>,
    out: thread::JoinHandle<String>,
}

impl Going {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let said = std::sync::Arc::<std::sync::Mutex<String>>::default();
        let err: ChildStderr = child.stderr.take().unwrap();
        let into = said.clone();
        let reader = thread::spawn(move || {
            for byte in BufReader::new(err).bytes() {
                into.lock().unwrap().push(char::from(byte.unwrap()));
            }
        });
        let mut stdout = child.stdout.take().unwrap();
        let out = thread::spawn(move || {
            let mut text = Vec::new();
            stdout.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        Self { child, said, reader, out }
    }

    /// Waits until it has said this on standard error.
    fn says(&self, words: &str) {
        until(&format!("it says {words}"), || self.said.lock().unwrap().contains(words));
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for its end: exit status, standard output, standard error.
    fn ends(mut self) -> (Option<i32>, String, String) {
        let status = self.child.wait().unwrap().code();
        self.reader.join().unwrap();
        let said = self.said.lock().unwrap().clone();
        (status, self.out.join().unwrap(), said)
    }
}

/// A runbook of these blocks, each a language with attributes and a script.
fn book(blocks: &[(&str, &str)]) -> String {
    let blocks: Vec<String> = blocks.iter().map(|(info, script)| format!("```{info}\n{script}\n```\n")).collect();
    format!("# Trouble\n\n## Steps\n\n{}", blocks.join("\n"))
}
