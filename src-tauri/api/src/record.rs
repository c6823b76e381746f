//! The record of a run: its journal as JSON Lines, and whether it holds. And what a file says, for the command line.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use crate::{
    ApiError, App, ErrorCode,
    commands::{ExportArgument, RunArgument},
    runs::new_file,
    wire::Verdict,
};

impl App {
    /// Whether the record of a run holds: every event, its output, and that nothing is missing.
    ///
    /// # Errors
    /// When there is no such run, or the store cannot be read.
    pub fn run_verify(&self, argument: RunArgument) -> Result<Verdict, ApiError> {
        let row = self.row(&argument.run)?;
        let run = row.start.id.0.clone();
        Ok(match self.store.verify(&row.start.id)? {
            store::Verdict::Holds { events, remark, last_hash } => Verdict {
                sentence: format!(
                    "The record of run {run} holds: {events} events, none changed, none missing{}.",
                    remark.as_ref().map(|remark| format!("; {remark}")).unwrap_or_default()
                ),
                remark,
                run,
                holds: true,
                events,
                seq: None,
                last_hash: Some(last_hash),
            },
            store::Verdict::Broken(flaw) => Verdict {
                sentence: format!("The record of run {run} does not hold at event {}: {}", flaw.seq, flaw.sentence),
                run,
                holds: false,
                events: row.events,
                seq: Some(flaw.seq),
                last_hash: None,
                remark: None,
            },
        })
    }

    /// Writes the journal of a run to a new file.
    ///
    /// # Errors
    /// When there is no such run, or the file is there already or cannot be written.
    pub fn run_export(&self, argument: ExportArgument) -> Result<(), ApiError> {
        let row = self.row(&argument.run)?;
        let path = Path::new(&argument.path);
        let mut file = BufWriter::new(new_file(path)?);
        self.journal_lines(&row.start.id.0, &mut file)?;
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
        file.and_then(|file| file.sync_all()).map_err(|error| unwritten(&error))
    }

    /// Writes the journal of a run, an event a line, as `--json` printed it.
    ///
    /// # Errors
    /// When there is no such run, or `out` does not take it.
    pub fn journal_lines(&self, run: &str, out: &mut dyn Write) -> Result<(), ApiError> {
        let row = self.row(run)?;
        for line in self.store.journal_lines(&row.start.id)? {
            writeln!(out, "{}", line?).map_err(|error| unwritten(&error))?;
        }
        out.flush().map_err(|error| unwritten(&error))
    }

    /// What Allgood understands of a file (FORMAT.md, "What `allgood show FILE --json` prints").
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn show(&self, path: &Path) -> Result<serde_json::Value, ApiError> {
        let mut opened = self.opened(path)?;
        opened.runbook.problems = self.problems(&opened.runbook, &opened.bytes, &opened.path);
        opened.runbook.path = path.display().to_string();
        Ok(format::show_json(&opened.runbook))
    }
}

fn unwritten(error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::File, format!("The journal could not be written: {error}."))
}
