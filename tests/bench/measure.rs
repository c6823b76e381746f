//! One measurement of a program from outside: wall time, and the memory of the largest process of its tree.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// What one run of a program took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// From before its start until it was gone.
    pub(crate) wall: Duration,
    /// The most memory that one process of its tree held, in bytes (`ru_maxrss`).
    pub(crate) peak: u64,
}

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Its file.
    pub(crate) file: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
    /// Added to the environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// Where it starts.
    pub(crate) folder: PathBuf,
}

impl Program {
    /// Runs it once with its output thrown away.
    ///
    /// It runs under a copy of this program, because the kernel counts the memory of whoever starts a process towards
    /// that process: a small starter keeps the figure honest.
    pub(crate) fn sample(&self) -> Outcome<Sample> {
        let answer = Command::new(std::env::current_exe()?)
            .args(["measure", "--"])
            .arg(&self.file)
            .args(&self.arguments)
            .envs(self.environment.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()?;
        if !answer.status.success() {
            let message = String::from_utf8_lossy(&answer.stderr).into_owned();
            return Err(format!("{} did not pass: {message}", self.file.display()).into());
        }
        Ok(serde_json::from_slice(&answer.stdout)?)
    }
}

/// The other side of [`Program::sample`].
pub(crate) fn inside(command: &[OsString]) -> Outcome<()> {
    let (file, arguments) = command.split_first().ok_or("nothing to measure")?;
    let begin = Instant::now();
    let status = Command::new(file).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    let wall = begin.elapsed();
    if !status.success() {
        return Err(format!("it ended with {status}").into());
    }
    // `ru_maxrss` is in KiB on Linux.
    let peak = u64::try_from(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss())?.saturating_mul(1024);
    println!("{}", serde_json::to_string(&Sample { wall, peak })?);
    Ok(())
}

/// A program with its arguments as text.
pub(crate) fn program(file: impl AsRef<Path>, folder: &Path, arguments: &[&str]) -> Program {
    Program {
        file: file.as_ref().to_owned(),
        arguments: arguments.iter().map(OsString::from).collect(),
        environment: Vec::new(),
        folder: folder.to_owned(),
    }
}

/// The middle of several values; of an even number, the lower one.
pub(crate) fn median<T: Copy + PartialOrd>(values: &[T]) -> Outcome<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().ok_or_else(|| "nothing was measured".into())
}

/// Runs several programs in turn, `rounds` times, so that a change of the machine's pace meets them all. One round
/// before it fills the caches.
pub(crate) fn in_turn(programs: &[Program], rounds: usize) -> Outcome<Vec<Vec<Sample>>> {
    let mut samples = vec![Vec::new(); programs.len()];
    for round in 0..=rounds {
        for (program, samples) in programs.iter().zip(&mut samples) {
            let sample = program.sample()?;
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    Ok(samples)
}

/// The median wall time.
pub(crate) fn wall(samples: &[Sample]) -> Outcome<Duration> {
    median(&samples.iter().map(|sample| sample.wall).collect::<Vec<_>>())
}

/// The largest peak.
pub(crate) fn peak(samples: &[Sample]) -> u64 {
    samples.iter().map(|sample| sample.peak).max().unwrap_or_default()
}
