//! Writing runbooks: the text and its drafts, what it means while it is written, saving it, and its history.

mod drafts;
pub(crate) mod git;
pub(crate) mod history;
mod images;
mod look;
mod making;
mod part;
pub(crate) mod place;
pub(crate) mod replacing;
pub(crate) mod saving;
mod scratch;
pub(crate) mod text;
mod vocabulary;

pub use history::restored;

pub(crate) use history::comparison;
pub(crate) use replacing::{Replaced, replace};
pub(crate) use saving::not_written;
