//! Reports of whole records: as they are read, and whatever stands in them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod attacks;
mod books;
mod golden;
mod journal;
mod promises;
