//! An answer, and how it is shown.

use std::{fmt::Write as _, time::Duration};

use format::measure::milliseconds;

/// The most of a body that is taken, in bytes.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// `GET https://…`, and where it was led from there.
    pub(crate) asked: Vec<String>,
    pub(crate) version: String,
    pub(crate) status: u16,
    pub(crate) reason: String,
    /// In order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// At most [`LARGEST`] bytes.
    pub(crate) body: Vec<u8>,
    /// There was more of it.
    pub(crate) cut: bool,
    /// Until the head was there, redirects among it.
    pub(crate) first: Duration,
    /// Until the end of the body, or of what was taken of it.
    pub(crate) all: Duration,
}

impl Answer {
    /// `200 OK`.
    pub(crate) fn status_line(&self) -> String {
        format!("{} {}", self.status, self.reason).trim_end().to_owned()
    }

    /// Everything before the body, an empty line at its end.
    pub(crate) fn head(&self) -> String {
        let mut text = String::new();
        for line in &self.asked {
            let _ = writeln!(text, "{line}");
        }
        let size = match self.cut {
            true => format!("more than {LARGEST} bytes, of which so many were taken"),
            false => format!("{} bytes", self.body.len()),
        };
        let (first, all) = (milliseconds(self.first), milliseconds(self.all));
        let _ = writeln!(text, "{} {}", self.version, self.status_line());
        for (name, value) in &self.headers {
            let _ = writeln!(text, "{name}: {value}");
        }
        let _ = writeln!(text, "answered after {first}, complete after {all}, {size}\n");
        text
    }

    /// The body as text: JSON with one value on a line, other text as it came.
    pub(crate) fn shown(&self) -> String {
        if self.body.is_empty() {
            return String::new();
        }
        if let Some(pretty) = self.json().ok().and_then(|value| serde_json::to_string_pretty(&value).ok()) {
            return pretty;
        }
        match std::str::from_utf8(&self.body) {
            Ok(text) => text.trim_end_matches('\n').to_owned(),
            // Cut within a letter.
            Err(error) if self.cut && error.valid_up_to() + 4 > self.body.len() => {
                String::from_utf8_lossy(&self.body).into_owned()
            }
            Err(_) => format!("(no text: {} bytes)", self.body.len()),
        }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn json(&self) -> Result<serde_json::Value, String> {
        if self.cut {
            return Err(format!("the body is larger than {LARGEST} bytes and was not read to its end"));
        }
        serde_json::from_slice(&self.body).map_err(|error| match self.body.is_empty() {
            true => "the body is empty".to_owned(),
            false => format!("the body is no JSON: {error}"),
        })
    }
}
