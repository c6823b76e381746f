//! The walls of the house, held by tests: what may depend on what, where SQL and Tauri may stand, what the window is
//! permitted, and that no file is forgotten.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod documents;
mod files;
mod permissions;
mod rooms;
mod sources;
