//! Promises of the store, on real files in temporary folders.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]

mod crash;
mod disk;
mod drafts;
mod entries;
mod filling;
mod fixture;
mod forget;
mod journal;
mod learning;
mod library;
mod links;
mod list;
mod opening;
mod palette;
mod record;
mod retention;
mod runs;
mod schedules;
mod scratch;
mod sharing;
