//! Results to standard output, messages to standard error; a reader that went away is not an error.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use serde::Serialize;

use crate::look::Look;

/// Where results and messages go.
///
/// When the reader of standard output has gone (`| head`), the rest is dropped and the command goes on: its exit
/// status still says what was found or how the run ended.
pub(crate) struct Out {
    /// How things look there.
    pub(crate) look: Look,
    results: AutoStream<io::Stdout>,
    gone: bool,
}

impl Out {
    /// The process's own streams.
    pub(crate) fn new() -> Self {
        Self { look: Look::of_this_terminal(), results: AutoStream::auto(io::stdout()), gone: false }
    }

    /// A piece of the result, as it is.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A line of the result.
    pub(crate) fn line(&mut self, line: &str) {
        self.bytes(line.as_bytes());
        self.bytes(b"\n");
    }

    /// A piece of the result; colours are taken off where nobody wants them.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if !self.gone && self.results.write_all(bytes).is_err() {
            self.gone = true;
        }
    }

    /// Hands on what was gathered.
    pub(crate) fn flush(&mut self) {
        if !self.gone && self.results.flush().is_err() {
            self.gone = true;
        }
    }

    /// Whether colours arrive there.
    pub(crate) fn has_colours(&self) -> bool {
        self.results.current_choice() != anstream::ColorChoice::Never
    }

    /// Whether the reader has gone.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone
    }

    /// A whole result as JSON, indented.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        // Past the stripping of colours: JSON has none, and its bytes are a contract.
        self.raw(text.as_bytes());
        Ok(())
    }

    /// Bytes that must arrive exactly as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        if self.gone {
            return;
        }
        let mut stdout = io::stdout().lock();
        if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
            self.gone = true;
        }
    }
}

/// Says something to the person, beside the results.
pub(crate) fn message(text: &str) {
    let mut stream = AutoStream::auto(io::stderr());
    // Nobody is left to be told that this could not be said.
    let _ = writeln!(stream, "{text}").and_then(|()| stream.flush());
}

/// Whether a person sits in front of it: both ends are a terminal.
pub(crate) fn person_is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
