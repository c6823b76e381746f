//! What tests of several rooms share: a journal in memory, a clock and processes that follow a script, a masker of words,
//! and runbooks made by hand. Nothing here is part of the product.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "everything here is a test's")]

mod book;
mod databases;
mod journal;
mod prometheus;
mod scripted;
mod secrets;
mod served;
mod sshd;
mod web;

pub use book::{Book, check, command, message, probe, undo};
pub use databases::{MariaDb, PASSWORD, Pool, Postgres};
pub use journal::{Kept, MemoryJournal, StepClock, Watcher};
pub use prometheus::Prometheus;
pub use scripted::{Act, Scripted};
pub use secrets::Words;
pub use sshd::{Sshd, user};
pub use web::{Certificate, Web, nobody};
