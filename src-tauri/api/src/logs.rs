//! The log of both faces: one line an event, in a file that only its owner can read, masked like everything else that
//! leaves memory (ACCESS.md, "Masking").

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
    sync::{Arc, OnceLock},
};

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{ApiError, ErrorCode};

/// A log file a day, so many kept.
const DAYS: usize = 7;
/// What is logged, as `tracing_subscriber::EnvFilter` reads it; `info` where the variable is not set.
const VARIABLE: &str = "ALLGOOD_LOG";

/// Turns a line into what may be written of it.
type Mask = Box<dyn Fn(&str) -> String + Send + Sync>;

/// The log under way.
#[derive(Clone)]
pub struct Log {
    mask: Arc<OnceLock<Mask>>,
}

impl Log {
    /// From now on every line passes `mask`. Before, no secret can be known yet. Only the first call counts.
    pub fn mask_with(&self, mask: impl Fn(&str) -> String + Send + Sync + 'static) {
        drop(self.mask.set(Box::new(mask)));
    }
}

/// Starts to log to files `allgood.DAY.log` in `folder`, which is made if need be. Seven days are kept.
///
/// # Errors
/// [`ErrorCode::File`] when the folder cannot be written, [`ErrorCode::State`] when this process logs already.
pub fn start(folder: &Path) -> Result<Log, ApiError> {
    let trouble = |error: &dyn std::fmt::Display| {
        let message = format!("The log in {} cannot be written: {error}.", folder.display());
        ApiError::new(ErrorCode::File, message)
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| trouble(&error))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(|error| trouble(&error))?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("allgood")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder)
        .map_err(|error| trouble(&error))?;
    let mask = Arc::new(OnceLock::new());
    let writer = Masked { file: Arc::new(file), mask: Arc::clone(&mask) };
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .try_init()
        .map_err(|error| ApiError::new(ErrorCode::State, format!("The log was started twice: {error}.")))?;
    Ok(Log { mask })
}

/// Masks each line on its way to the file. `tracing_subscriber` writes a whole line at once.
struct Masked<W> {
    file: Arc<W>,
    mask: Arc<OnceLock<Mask>>,
}

/// One line under way.
struct Line<'a, W: MakeWriter<'a>> {
    file: W::Writer,
    mask: &'a OnceLock<Mask>,
}

impl<'a, W: MakeWriter<'a> + 'a> MakeWriter<'a> for Masked<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { file: self.file.make_writer(), mask: &self.mask }
    }
}

impl<'a, W: MakeWriter<'a>> Write for Line<'a, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.mask.get() {
            Some(mask) => self.file.write_all(mask(&String::from_utf8_lossy(line)).as_bytes())?,
            None => self.file.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_secret_reaches_no_line_of_the_log() {
        let mask: Arc<OnceLock<Mask>> = Arc::default();
        drop(mask.set(Box::new(|line: &str| line.replace("hunter2", "•••"))));
        let file = Arc::new(Mutex::new(Vec::new()));
        let writer = Masked { file: Arc::clone(&file), mask };
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(command = "login --password hunter2", "started with hunter2");
        });
        let text = String::from_utf8(file.lock().unwrap().clone()).unwrap();
        assert!(text.contains("started with •••") && text.contains("login --password •••"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn the_log_is_its_owners_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("state/allgood");
        start(&folder).unwrap();
        tracing::info!("here");
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        assert!(fs::read_to_string(&files[0]).unwrap().contains("here"));
    }
}
