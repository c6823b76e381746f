//! Handlers that are being built.

use crate::{ApiError, App, ErrorCode, wire::*};

impl App {
    /// Being built.
    ///
    /// # Errors
    /// Always.
    pub fn try_block(&self, _: TryBlock) -> Result<RunView, ApiError> {
        Err(ApiError::new(ErrorCode::State, "`try_block` is not built yet."))
    }
}
