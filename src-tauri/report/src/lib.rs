//! The report of a run: its record in, something to be read out (RUNS.md, "The report").
//!
//! [`Report::of`] folds a [`Record`] into what a stranger has to be told; [`markdown`], [`html`] and [`junit`] write that
//! down. This room is pure: it reads no store, no file, no clock and no environment, and knows of `engine` and `format`
//! alone. What stands in a report has passed one door, [`text`]: nothing of it can act, and what is to be kept out of it
//! stays out.
//!
//! The fourth form of a report, JSON Lines, is the journal itself and is not made here.

mod excerpt;
mod fold;
mod model;
mod record;
mod text;
mod times;
mod write;

pub use excerpt::{Excerpt, excerpts};
pub use model::*;
pub use record::{Fragment, Record, Verification};
pub use times::{spoken, took};
pub use write::{WriteError, html, junit, markdown};
