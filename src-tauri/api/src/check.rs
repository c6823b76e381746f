//! The completeness check of files: what `format` finds, with what the world around a file adds.

use format::{Problem, Runbook, World};

/// Every problem of a runbook that was read from these bytes.
pub(crate) fn problems(runbook: &Runbook, bytes: &[u8]) -> Vec<Problem> {
    format::check(runbook, bytes, &World::default())
}
