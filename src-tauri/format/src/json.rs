//! What `allgood show FILE --json` prints (FORMAT.md).

use serde_json::{Value, json};

use crate::Runbook;

/// The runbook as one JSON object; lines count from 1, spans are byte offsets into the file.
#[must_use]
pub fn show_json(runbook: &Runbook) -> Value {
    // Serialising plain data with text keys cannot fail.
    let mut shown = serde_json::to_value(runbook).unwrap_or_else(|_| json!({}));
    if let Some(refused) = &runbook.settings.refused
        && let Some(object) = shown.as_object_mut()
    {
        object.insert("refused".to_owned(), Value::String(refused.clone()));
    }
    shown
}
