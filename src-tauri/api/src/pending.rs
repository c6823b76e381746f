//! Handlers that are being built.

use crate::{ApiError, App, ErrorCode, commands::*, wire::*};

fn pending<T>(what: &str) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::State, format!("`{what}` is not built yet.")))
}

impl App {
    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn history(&self, _: HistoryQuery) -> Result<HistoryPage, ApiError> {
        pending("history")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn compare(&self, _: CompareTexts) -> Result<Comparison, ApiError> {
        pending("compare")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn git_state(&self, _: PathArgument) -> Result<Option<GitState>, ApiError> {
        pending("git_state")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn git_commit(&self, _: GitCommit) -> Result<GitState, ApiError> {
        pending("git_commit")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn try_block(&self, _: TryBlock) -> Result<RunView, ApiError> {
        pending("try_block")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn image_keep(&self, _: KeepImage) -> Result<KeptImage, ApiError> {
        pending("image_keep")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn image_read(&self, _: ReadImage) -> Result<ImageData, ApiError> {
        pending("image_read")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn vocabulary(&self, _: PathArgument) -> Result<Vocabulary, ApiError> {
        pending("vocabulary")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn templates(&self, _: Nothing) -> Result<Vec<TemplateView>, ApiError> {
        pending("templates")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn make_text(&self, _: MakeText) -> Result<MadeText, ApiError> {
        pending("make_text")
    }

    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn runbook_new(&self, _: NewRunbook) -> Result<String, ApiError> {
        pending("runbook_new")
    }
}
