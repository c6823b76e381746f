//! What only the whole runbook shows: parts that are missing (FORMAT.md, "The completeness check").

use crate::front_matter::FrontMatter;
use crate::model::{Item, ItemKind, Kind, Link, Phase, Section, Span, Step};
use crate::problems::Problems;

const NO_VALIDATION: &str = "this runbook changes something and never says how success looks: add an expectation, a probe \
                             or a section `Validation`";
const NO_ROLLBACK: &str = "this runbook changes something and says no way back: add an undo to its steps or a section \
                           `Rollback`";

/// Reports the parts that are missing.
pub(crate) fn check(phases: &[Section], front_matter: &FrontMatter, links: &[Link], problems: &mut Problems<'_>) {
    let span = Span { start: front_matter.body, end: front_matter.body };
    if items(phases).any(|(section, item)| item.kind == ItemKind::Command && section.phase.changes_something()) {
        if !is_validated(phases) {
            problems.warning("no-validation", span, NO_VALIDATION);
        }
        if !leads_back(phases) {
            problems.warning("no-rollback", span, NO_ROLLBACK);
        }
    }
    let Some(kind) = front_matter.kind else { return };
    let has_phase = |phase| phases.iter().any(|section| section.phase == phase);
    let says = |key: &str| front_matter.values.get(key).is_some_and(|value| !value.is_null());
    let parts: &[(&'static str, bool, &str)] = match kind {
        Kind::Incident => &[
            (
                "no-preconditions",
                has_phase(Phase::Preconditions),
                "what must hold before the first step: add a section `Preconditions`",
            ),
            ("no-owner", says("owner"), "who keeps it: add `owner` to the front matter"),
            ("no-severity", says("severity"), "how bad it is: add `severity` to the front matter"),
            ("no-responders", says("responders"), "who responds: add `responders` to the front matter"),
            ("no-links", says("links") || !links.is_empty(), "where the logs and dashboards are: add links"),
        ],
        Kind::Routine => &[
            (
                "no-preconditions",
                has_phase(Phase::Preconditions),
                "what must hold before the first step: add a section `Preconditions`",
            ),
            ("no-outcome", says("outcome"), "what success looks like: add `outcome` to the front matter"),
            ("no-owner", says("owner"), "who keeps it: add `owner` to the front matter"),
            ("no-links", says("links") || !links.is_empty(), "where to look: add links"),
        ],
    };
    for (code, present, what) in parts {
        if !present {
            problems.hint(code, span, format!("this runbook does not say {what}"));
        }
    }
}

fn items(phases: &[Section]) -> impl Iterator<Item = (&Section, &Item)> {
    phases
        .iter()
        .flat_map(|section| steps(section).flat_map(move |step| step.items.iter().map(move |item| (section, item))))
}

fn steps(section: &Section) -> impl Iterator<Item = &Step> {
    section.steps.iter()
}

/// An expectation, a probe, a validation, or a step that begins with a word for it.
fn is_validated(phases: &[Section]) -> bool {
    let begins = |step: &Step| {
        let first = step.title.split_whitespace().next().unwrap_or_default().to_lowercase();
        ["verify", "confirm", "validate", "check"]
            .contains(&first.trim_matches(|letter: char| !letter.is_alphanumeric()))
    };
    phases.iter().any(|section| section.phase == Phase::Validation || steps(section).any(begins))
        || items(phases).any(|(_, item)| item.kind == ItemKind::Probe || !item.options.expectations.is_empty())
}

/// An undo, the word that there is none, or a rollback.
fn leads_back(phases: &[Section]) -> bool {
    phases.iter().any(|section| section.phase == Phase::Rollback)
        || items(phases).any(|(_, item)| item.kind == ItemKind::Undo || item.options.no_return)
}
