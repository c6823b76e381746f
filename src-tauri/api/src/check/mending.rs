//! Mending by machine: every fix that means the same whoever applies it, until none is left.

use std::path::PathBuf;

use format::{DiffKind, Edit};

use super::Checked;
use crate::{
    ApiError, App,
    author::{Replaced, not_written, replace},
};

/// How often a file is looked at again after its fixes; each time something must have been mended.
const ROUNDS: usize = 20;

/// A file with its safe fixes applied, not written yet.
#[derive(Debug)]
pub struct Mended {
    /// As it was named.
    pub path: PathBuf,
    /// What was mended: the line as it was then, the code, what the fix says.
    pub fixes: Vec<(usize, &'static str, String)>,
    file: PathBuf,
    before: Vec<u8>,
    after: Vec<u8>,
    /// Values that no diff may show.
    secrets: Vec<String>,
}

impl Mended {
    /// The changes as a unified diff.
    #[must_use]
    pub fn diff(&self) -> String {
        let (old, new) = (String::from_utf8_lossy(&self.before), String::from_utf8_lossy(&self.after));
        let name = self.path.display();
        let mut diff = format!("--- {name}\n+++ {name}\n");
        let lines = format::around_changes(format::word_diff(&old, &new), 3);
        for hunk in lines.split(|line| line.kind == DiffKind::Gap).filter(|hunk| !hunk.is_empty()) {
            let count = |kind: DiffKind| hunk.iter().filter(|line| line.kind != kind).count();
            let old = hunk.iter().find_map(|line| line.old_line).unwrap_or_default();
            let new = hunk.iter().find_map(|line| line.new_line).unwrap_or_default();
            let (olds, news) = (count(DiffKind::Added), count(DiffKind::Removed));
            diff.push_str(&format!("@@ -{old},{olds} +{new},{news} @@\n"));
            for line in hunk {
                diff.push(match line.kind {
                    DiffKind::Added => '+',
                    DiffKind::Removed => '-',
                    DiffKind::Same | DiffKind::Gap => ' ',
                });
                line.parts.iter().for_each(|part| diff.push_str(&part.text));
                diff.push('\n');
            }
        }
        self.secrets.iter().fold(diff, |diff, secret| diff.replace(secret, &"*".repeat(secret.len())))
    }
}

impl App {
    /// The file with every safe fix of the problems that were asked for; `None` where there is nothing to mend. Nothing is
    /// written.
    #[must_use]
    pub fn mended(&self, checked: &Checked) -> Option<Mended> {
        let codes: Vec<&str> = checked.problems.iter().map(|problem| problem.code).collect();
        let mut bytes = checked.bytes.clone();
        let mut problems = checked.problems.clone();
        let mut fixes = Vec::new();
        for _ in 0..ROUNDS {
            let mut edits: Vec<Edit> = Vec::new();
            for problem in &problems {
                let Some(fix) = problem.fixes.iter().find(|fix| fix.safe) else { continue };
                let touches = |one: &Edit| {
                    edits.iter().any(|other| one.span.start <= other.span.end && other.span.start <= one.span.end)
                };
                if !fix.edits.iter().any(touches) {
                    edits.extend(fix.edits.iter().cloned());
                    fixes.push((problem.line, problem.code, fix.title.clone()));
                }
            }
            if edits.is_empty() {
                break;
            }
            bytes = format::apply(&bytes, &edits).ok()?;
            let runbook = self.parse(&checked.file.display().to_string(), &bytes, &checked.file);
            problems = self.problems(&runbook, &bytes, &checked.file);
            problems.retain(|problem| codes.contains(&problem.code));
        }
        (bytes != checked.bytes).then(|| Mended {
            path: checked.path.clone(),
            fixes,
            file: checked.file.clone(),
            before: checked.bytes.clone(),
            after: bytes,
            secrets: checked.secret_values(),
        })
    }

    /// Writes a mended file, as a whole, keeping its mode. `false` where the file has changed since it was read: it stays
    /// as it is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_mended(&self, mended: &Mended) -> Result<bool, ApiError> {
        match replace(&mended.file, Some(&mended.before), &mended.after) {
            Ok(Replaced::Done) => Ok(true),
            Ok(Replaced::Changed(_)) => Ok(false),
            Err(error) => Err(not_written(&mended.file, &error)),
        }
    }
}
