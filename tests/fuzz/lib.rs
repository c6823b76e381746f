//! What reads bytes that somebody else wrote, one target a parser, with what has to hold whatever the bytes are.
//!
//! A target panics when it does not hold. `make fuzz` runs them under libFuzzer; the tests of this crate for a moment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a target fails by panicking")]

mod access_side;
mod exchange_side;
mod record_side;
mod runbook_side;

/// A parser, and what has to hold of what it makes of any bytes.
pub struct Target {
    /// What it is called on the command line and in the report.
    pub name: &'static str,
    /// Takes any bytes; panics when a promise is broken.
    pub run: fn(&[u8]),
    /// Inputs to begin with: valid ones, and what an attacker would begin with.
    pub seeds: &'static [&'static [u8]],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "runbook", run: runbook_side::runbook, seeds: runbook_side::RUNBOOKS },
    Target { name: "page", run: runbook_side::page, seeds: runbook_side::RUNBOOKS },
    Target { name: "fill", run: runbook_side::fill, seeds: runbook_side::RUNBOOKS },
    Target { name: "html-import", run: runbook_side::html_import, seeds: runbook_side::PAGES },
    Target { name: "session-import", run: runbook_side::session_import, seeds: runbook_side::SESSIONS },
    Target { name: "library-file", run: runbook_side::library_file, seeds: runbook_side::LIBRARY_FILES },
    Target { name: "merge", run: runbook_side::merge, seeds: runbook_side::MERGES },
    Target { name: "playbook", run: exchange_side::playbook, seeds: exchange_side::PLAYBOOKS },
    Target { name: "exchanged", run: exchange_side::exchanged, seeds: exchange_side::RUNNERS },
    Target { name: "link", run: access_side::link, seeds: access_side::LINKS },
    Target { name: "invitation", run: access_side::invitation, seeds: access_side::INVITATIONS },
    Target { name: "ssh-config", run: access_side::ssh_config, seeds: access_side::SSH_CONFIGS },
    Target { name: "bookmarks", run: access_side::bookmarks, seeds: access_side::BOOKMARKS },
    Target { name: "csv", run: access_side::csv, seeds: access_side::TABLES },
    Target { name: "reference", run: access_side::reference, seeds: access_side::REFERENCES },
    Target { name: "one-time-code", run: access_side::one_time_code, seeds: access_side::SEEDS },
    Target { name: "masker", run: access_side::masker, seeds: access_side::PRINTED },
    Target { name: "terminal", run: record_side::terminal, seeds: record_side::PRINTED },
    Target { name: "journal", run: record_side::journal, seeds: record_side::JOURNALS },
    Target { name: "run-file", run: record_side::run_file, seeds: record_side::RUN_FILES },
];

/// The longest input that is taken: beyond it nothing new comes, only time is spent.
pub const LONGEST: usize = 64 * 1024;

/// The bytes as text, as far as they are text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]).into_owned()
}
