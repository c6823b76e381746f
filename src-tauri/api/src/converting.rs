//! A file in another format: a runbook as a CACAO playbook, a playbook as a runbook.

use std::{fs, io::Read as _, io::Write as _, path::Path};

use exchange::{Difference, cacao};

use crate::{
    ApiError, App, ErrorCode,
    library::{LARGEST, is_markdown},
    places,
    runs::new_file,
    wire::{ConvertArgument, ConvertTo, Converted, FormatDifference},
};

/// What a playbook's format is called.
pub(crate) const CACAO: &str = "CACAO 2.0";

impl App {
    /// A file in another format, and what does not fit. Where a file is named it is written there, never over another.
    /// Nothing is run.
    ///
    /// # Errors
    /// When the file cannot be read, is none of these formats or is one already, or cannot be written.
    pub fn convert(&self, argument: ConvertArgument) -> Result<Converted, ApiError> {
        let path = Path::new(&argument.path);
        let bytes = read(path)?;
        let to = argument.to.unwrap_or(if is_markdown(path) { ConvertTo::Cacao } else { ConvertTo::Runbook });
        let converted = match to {
            ConvertTo::Cacao if is_markdown(path) => self.to_cacao(path, &bytes),
            ConvertTo::Cacao => {
                return Err(bad(format!("{} is no runbook: its name does not end in .md.", path.display())));
            }
            ConvertTo::Runbook => self.to_runbook(path, &bytes)?,
        };
        if let Some(file) = &argument.file {
            let file = Path::new(file);
            if to == ConvertTo::Runbook && !is_markdown(file) {
                return Err(bad(format!("{} is no name of a runbook: it ends in .md.", file.display())));
            }
            let mut made = new_file(file)?;
            if let Err(error) = made.write_all(converted.text.as_bytes()).and_then(|()| made.sync_all()) {
                // It was made here a moment ago: half a file is worse than none.
                drop(fs::remove_file(file));
                return Err(ApiError::new(
                    ErrorCode::File,
                    format!("{} cannot be written: {error}.", file.display()),
                ));
            }
        }
        Ok(converted)
    }

    fn to_cacao(&self, path: &Path, bytes: &[u8]) -> Converted {
        let runbook = self.parse(&path.display().to_string(), bytes, path);
        let text = String::from_utf8_lossy(bytes);
        let now = self.engine.clock.now();
        let facts = cacao::Facts { now: milliseconds(&now), by: places::actor() };
        let given = cacao::write(&runbook, &text, &facts);
        let stem = format::file_name(&runbook.title);
        Converted {
            format: exchange::dialect(&runbook, &text).map_or("runbook", |(dialect, _)| dialect.name()).to_owned(),
            to: ConvertTo::Cacao,
            file_name: format!("{}.json", stem.trim_end_matches(".md")),
            text: given.text,
            differences: differences(&given.differences),
        }
    }

    fn to_runbook(&self, path: &Path, bytes: &[u8]) -> Result<Converted, ApiError> {
        let name = path.display().to_string();
        if is_markdown(path) {
            let runbook = self.parse(&name, bytes, path);
            let text = String::from_utf8_lossy(bytes).into_owned();
            let (format, found) = match exchange::dialect(&runbook, &text) {
                Some((dialect, found)) => (dialect.name(), found),
                None => ("runbook", Vec::new()),
            };
            return Ok(Converted {
                format: format.to_owned(),
                to: ConvertTo::Runbook,
                file_name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                text,
                differences: differences(&found),
            });
        }
        let brought = cacao::read(bytes, &|_| None).map_err(|why| bad(format!("{name} is not taken: {why}")))?;
        Ok(Converted {
            format: CACAO.to_owned(),
            to: ConvertTo::Runbook,
            file_name: format::file_name(&brought.title),
            text: brought.text,
            differences: differences(&brought.differences),
        })
    }
}

/// Differences as they are told.
pub(crate) fn differences(found: &[Difference]) -> Vec<FormatDifference> {
    let told = found.iter();
    told.map(|one| FormatDifference { place: one.place.clone(), sentence: one.sentence.clone() }).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, ApiError> {
    let wrong = |error: std::io::Error| {
        ApiError::new(ErrorCode::File, format!("{} cannot be read: {error}.", path.display()))
    };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(wrong)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() as u64 > LARGEST {
        return Err(bad(format!("{} is larger than 16 MiB.", path.display())));
    }
    Ok(bytes)
}

/// A time as the specification writes it: exactly three digits after the second.
fn milliseconds(now: &str) -> String {
    let parsed: Result<jiff::Timestamp, _> = now.parse();
    parsed.map_or_else(|_| now.to_owned(), |at| format!("{at:.3}"))
}

fn bad(sentence: String) -> ApiError {
    ApiError::new(ErrorCode::BadInput, sentence)
}
