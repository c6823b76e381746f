//! A report written down: for people as Markdown and HTML, for machines as JUnit XML.

mod html;
mod junit;
mod markdown;

pub use html::html;
pub use junit::junit;
pub use markdown::markdown;

/// Why a report could not be written: a fault of Allgood's own.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The page of HTML could not be filled in.
    #[error("the report could not be written as HTML: {0}")]
    Html(#[from] minijinja::Error),
    /// The XML could not be written.
    #[error("the report could not be written as JUnit XML: {0}")]
    Junit(#[from] quick_junit::SerializeError),
}
