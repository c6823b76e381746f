//! Writing runbooks: the text and its drafts, what it means while it is written, saving it, and its history.

mod drafts;
mod look;
mod place;
pub(crate) mod replacing;
mod saving;
mod text;
