//! Access: secrets and the masker that hides them, opening of links, and trust of library folders.
//!
//! This room owns what may leave and what may run. It must not know the store or any window, and a secret leaves it
//! only as a child's environment variable, or by copy or reveal at a person's request (ACCESS.md).

mod automaton;
mod forms;
mod glance;
mod links;
mod masker;
mod patterns;
mod scan;
mod secret;
mod sequences;
mod stream;
mod trust;

pub use links::{LinkRefusal, Links, Opener, Schemes, SystemOpener};
pub use masker::KnownSecrets;
pub use secret::{Secret, Unmaskable};
pub use trust::{NotTrusted, Origin, Survey, may_run, survey};
