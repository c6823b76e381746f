//! `guidance`: advice of a template that was followed and may go.

use super::context::{Context, safe};
use crate::model::{Edit, Severity};
use crate::problems::Problems;

/// Advice that still waits for an answer is no problem: it is there to be read.
pub(super) fn check(context: &Context<'_>, bytes: &[u8], problems: &mut Problems<'_>) {
    for one in crate::guidance(context.runbook, bytes).into_iter().filter(|one| one.answered) {
        let remove = Edit { span: context.span(one.remove.span), text: one.remove.text };
        let message = "this part is written now: take its guidance out, which no page shows".to_owned();
        let fix = safe("Remove the guidance", vec![remove]);
        problems.add("guidance", Severity::Hint, context.span(one.span), message, vec![fix]);
    }
}
