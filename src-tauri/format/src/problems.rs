//! Problems as they are found, and the words for those that several files report.

use crate::model::{Fix, Problem, Severity, Span};
use crate::source::Source;

/// Collects problems; spans are those of the text until [`Problems::finish`].
pub(crate) struct Problems<'a> {
    source: &'a Source,
    found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { source, found: Vec::new() }
    }

    /// Something that must be mended.
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.add(code, Severity::Error, span, message.into(), Vec::new());
    }

    /// Something to consider.
    pub(crate) fn hint(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.add(code, Severity::Hint, span, message.into(), Vec::new());
    }

    /// Any of them, with the ways to mend it.
    pub(crate) fn add(
        &mut self,
        code: &'static str,
        severity: Severity,
        span: Span,
        message: String,
        fixes: Vec<Fix>,
    ) {
        let line = self.source.line(span.start);
        self.found.push(Problem { code, severity, line, span, message, fixes });
    }

    /// In line order, with spans of the file.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| (problem.line, problem.span.start));
        for problem in &mut self.found {
            problem.span = self.source.file_span(problem.span);
            for edit in problem.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
                edit.span = self.source.file_span(edit.span);
            }
        }
        self.found
    }
}
