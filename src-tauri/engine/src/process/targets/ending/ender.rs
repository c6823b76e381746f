//! Ends what belongs to a command there, by a second way in: terminate, after 5 s kill, and a look at what is left.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::process::targets::Target;

/// What is to be done next to end a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Type an interrupt.
    Interrupt,
    /// Run the ender.
    End,
    /// End the program that leads there.
    LetGo,
}

/// The ladder there, and some for the way.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How to end a command there.
#[derive(Clone, Debug)]
pub(crate) struct Ender {
    words: Vec<OsString>,
    around: BTreeMap<OsString, OsString>,
    here: PathBuf,
    /// The command's folder there.
    folder: String,
}

impl Ender {
    pub(crate) fn new(target: &Target, words: Vec<OsString>, folder: &str) -> Self {
        let (around, here) = (target.around.clone(), target.folder.clone());
        Self { words, around, here, folder: folder.to_owned() }
    }

    /// Ends it. Whether nothing of it is left, as far as that can be known.
    pub(crate) fn run(&self) -> bool {
        let Some((program, arguments)) = self.words.split_first() else { return false };
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(&self.around).current_dir(&self.here);
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(mut child) = spawned else { return false };
        if let Some(mut input) = child.stdin.take() {
            let _ = input.write_all(format!("{}\n", self.folder).as_bytes());
        }
        let until = Instant::now() + PATIENCE;
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) if Instant::now() < until => std::thread::sleep(LOOK),
                _ => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return false;
                }
            }
        }
    }
}
