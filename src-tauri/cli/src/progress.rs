//! One line on standard error while git speaks with a remote; nothing where nobody looks at it.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::{App, NewsSink, commands::WatchArgument, wire::News};

/// Tells until it is dropped.
pub(crate) struct Progress<'a> {
    app: &'a App,
    watch: Option<u64>,
    line: Line,
}

impl<'a> Progress<'a> {
    /// Begins to tell of long work.
    pub(crate) fn follow(app: &'a App) -> Self {
        let looks = std::io::stderr().is_terminal();
        let line = Line::default();
        // Without it the work goes on as well.
        let watch = looks.then(|| app.news_watch(Box::new(line.clone())).ok()).flatten();
        Self { app, watch, line }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        let Some(watch) = self.watch else { return };
        if let Err(error) = self.app.news_unwatch(WatchArgument { watch }) {
            tracing::debug!(message = %error.message, "nobody listened any more");
        }
        let mut over = self.line.is_over();
        *over = true;
        say("");
    }
}

/// Where it is told; nothing is any more once that is over, whoever was about to.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<bool>>);

impl Line {
    fn is_over(&self) -> MutexGuard<'_, bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NewsSink for Line {
    fn news(&self, news: &News) {
        let News::Work { title, done, total, over, .. } = news else { return };
        let is_over = self.is_over();
        if !*is_over {
            say(&line(title, *done, *total, *over));
        }
    }
}

fn line(title: &str, done: u64, total: u64, over: bool) -> String {
    match total {
        _ if over => String::new(),
        0 => title.to_owned(),
        total => format!("{title}: {done} of {total} ({} %)", done.saturating_mul(100) / total),
    }
}

/// Puts a text into the place of the one before.
fn say(text: &str) {
    let mut stderr = std::io::stderr().lock();
    // Whoever does not read it misses nothing.
    let _ = write!(stderr, "\r\x1b[K{text}").and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_goes_when_it_is_over() {
        assert_eq!(line("Cloning", 12, 48, false), "Cloning: 12 of 48 (25 %)");
        assert_eq!(line("Cloning", 0, 0, false), "Cloning");
        assert_eq!(line("Cloning", 48, 48, true), "");
    }
}
