//! The walls of the house, held by tests: what may depend on what, where SQL and Tauri may stand, what the window is
//! permitted, and that no file is forgotten.

mod documents;
mod files;
mod permissions;
mod rooms;
mod sources;
