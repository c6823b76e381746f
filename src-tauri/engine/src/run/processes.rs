//! What starts processes: the real thing, or a script in a test.

use std::{path::Path, sync::Arc, time::Duration};

use super::{RunSpec, Settings, prepare::Prepared};
use crate::process::{self, HIDDEN_SIZE, Happening, Launch, Links};

/// Takes what happens to a process. Blocks it when the run cannot follow.
pub type Sink = Box<dyn FnMut(Happening) + Send + 'static>;

/// Starts processes.
pub trait Processes: Send + Sync {
    /// Starts one; what happens to it goes to `sink`, [`Happening::Ended`] last.
    ///
    /// # Errors
    /// One sentence, when not even the supervisor could be started; `sink` is not called then.
    fn start(&self, launch: Launch, sink: Sink) -> Result<Box<dyn Process>, String>;

    /// The run is over or put aside: connections that its commands shared are closed.
    fn run_over(&self) {}
}

/// A process that was started. Dropping it ends whatever it left running. None of these wait for the process.
pub trait Process: Send {
    /// Types into its terminal.
    fn input(&mut self, bytes: &[u8]);

    /// Columns and rows of its terminal.
    fn resize(&mut self, columns: u16, rows: u16);

    /// Interrupts it, then terminates it, then kills it, with all its processes.
    fn stop(&mut self);

    /// Ends what it left running; returns when that is gone.
    fn end_leftovers(&mut self);
}

/// Real processes, each under a supervisor.
pub(crate) fn real() -> Arc<dyn Processes> {
    Arc::new(Real { links: Arc::default() })
}

struct Real {
    /// The connections to targets that the run's commands share.
    links: Arc<Links>,
}

/// How long what was left running may take to end: the ladder of RUNS.md, and some.
const LADDER: Duration = Duration::from_secs(15);

impl Processes for Real {
    fn start(&self, launch: Launch, sink: Sink) -> Result<Box<dyn Process>, String> {
        if launch.target.is_some() {
            return Ok(Box::new(self.links.start(launch, sink).map_err(|error| error.to_string())?));
        }
        let attempt = process::launch(launch, sink).map_err(|error| error.to_string())?;
        Ok(Box::new(attempt))
    }

    fn run_over(&self) {
        self.links.close();
    }
}

impl Process for process::Session {
    fn input(&mut self, bytes: &[u8]) {
        process::Session::input(self, bytes);
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        process::Session::resize(self, columns, rows);
    }

    fn stop(&mut self) {
        process::Session::stop(self);
    }

    fn end_leftovers(&mut self) {
        if !process::Session::end_leftovers(self, LADDER) {
            tracing::warn!("something that a command left running on its target could not be ended");
        }
    }
}

impl Process for process::Attempt {
    fn input(&mut self, bytes: &[u8]) {
        // An interrupt goes ahead of what waits to be typed.
        let sent = if bytes == [3] { self.interrupt() } else { process::Attempt::input(self, bytes) };
        if let Err(error) = sent {
            tracing::warn!("{error}");
        }
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        if let Err(error) = process::Attempt::resize(self, columns, rows) {
            tracing::warn!("the terminal keeps its size: {error}");
        }
    }

    fn stop(&mut self) {
        process::Attempt::stop(self);
    }

    fn end_leftovers(&mut self) {
        process::Attempt::end_leftovers(self);
        if !self.wait_until_gone(LADDER) {
            tracing::warn!("something that a command left running could not be ended");
        }
    }
}

impl Settings {
    /// What is handed to the supervisor.
    pub(super) fn launch(&self, spec: &RunSpec, prepared: &Prepared, env_file: &Path) -> Launch {
        let mut environment = prepared.environment.clone();
        environment.insert("ALLGOOD_ENV".into(), env_file.into());
        let (columns, rows) = if spec.attended { spec.size } else { HIDDEN_SIZE };
        Launch {
            supervisor: self.supervisor.clone(),
            scratch: self.scratch.clone(),
            program: prepared.program.clone(),
            script: prepared.script.clone(),
            client: None,
            target: None,
            environment,
            shell_variables: prepared.shell_variables.clone(),
            cwd: prepared.cwd.clone(),
            timeout: prepared.timeout,
            interactive: prepared.interactive,
            captured: prepared.piped,
            size: (columns, prepared.terminal_rows.unwrap_or(rows)),
            patience: crate::process::Patience::default(),
        }
    }
}
