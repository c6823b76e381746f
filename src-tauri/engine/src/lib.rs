//! Plans and drives a run as a state machine: commands in, events out.
//!
//! This room owns runs, attempts and processes. It knows no window, no SQL and no keychain; what it needs of the
//! world comes through the traits of [`journal`]. It reads neither the environment nor the home: both come in
//! with [`Settings`]. A failing step is an event, not an error.

pub mod event;
mod expect;
pub mod incident;
pub mod journal;
mod output;
pub mod process;
pub mod run;
pub mod state;
mod text;

pub use event::{Event, Fact, RunId};
pub use journal::{Access, Clock, Fetched, Journal, JournalError, Keeping, Mask, Observer, Reached, Secrets};
pub use output::{KEPT_AT_ONCE, KEPT_OF_A_HOST};
pub use run::{Command, Engine, Refusal, RunHandle, RunSpec, Settings, THIS_MACHINE};
pub use state::{ItemStatus, RunState, RunStatus};
pub use text::plain_text;
