//! What the faces of Allgood can ask, in one place: the wire types, stable error codes, and one handler for each
//! thing. The window and the command line both call [`App`]; neither decides what the other would have to repeat.
//!
//! This room presents nothing and knows no Tauri.

pub mod commands;
pub mod error;
pub mod logs;
pub mod places;
mod typescript;
pub mod watch;
pub mod wire;

pub use error::{ApiError, ErrorCode};
