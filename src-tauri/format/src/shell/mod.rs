//! Reading shell text closely enough to know how each place of it is quoted, and no closer.

mod called;
mod commands;
mod places;
mod sessions;
mod values;

pub(crate) use called::called;
pub(crate) use commands::{Command, Word, commands, reads_on};
pub(crate) use places::{Place, Quote, Scan, Scanner, scan};
pub(crate) use sessions::opens_session;
pub(crate) use values::{Mark, assigned, doubts, placeholders, variables};
