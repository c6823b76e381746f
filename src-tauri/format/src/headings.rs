//! What a heading says: the phase that it names, and its number (FORMAT.md, "Phases and steps").

use crate::fixed::expression;
use crate::model::Phase;

/// Words that name a phase when a heading is one of them or begins with one.
const NAMES: &[(Phase, &[&str])] = &[
    (
        Phase::Reference,
        &[
            "overview",
            "meaning",
            "impact",
            "symptoms",
            "description",
            "links",
            "references",
            "contacts",
            "escalation",
            "notes",
            "see also",
            "introduction",
            "purpose",
            "scope",
            "architecture",
            "how it works",
            "what is",
            "what are",
            "why",
            "who",
            "further",
            "additional",
            "related",
            "useful",
            "resources",
            "more information",
            "glossary",
            "faq",
            "contents",
            "known issues",
            "limitations",
        ],
    ),
    (
        Phase::Preconditions,
        &[
            "preconditions",
            "prerequisites",
            "prerequisite",
            "before you",
            "requirements",
            "preparation",
            "pre checks",
        ],
    ),
    (
        Phase::Diagnosis,
        &[
            "diagnosis",
            "diagnose",
            "diagnostics",
            "investigation",
            "investigate",
            "triage",
            "debugging",
            "troubleshooting",
            "troubleshoot",
            "identify",
            "possible checks",
            "what to check",
            "steps to check",
        ],
    ),
    (
        Phase::Steps,
        &[
            "steps",
            "procedure",
            "mitigation",
            "resolution",
            "remediation",
            "remediate",
            "instructions",
            "execution",
            "how to",
            "recommended actions",
            "immediate actions",
            "fix",
            "recovery steps",
            "recover",
            "contain",
            "eradicate",
            "workaround",
            "solution",
            "process",
            "checklist",
        ],
    ),
    (
        Phase::Validation,
        &[
            "validation",
            "validate",
            "validating",
            "verification",
            "verify",
            "verifying",
            "confirm",
            "post checks",
            "success criteria",
        ],
    ),
    (
        Phase::Rollback,
        &[
            "rollback",
            "roll back",
            "rolling back",
            "revert",
            "reverting",
            "back out",
            "backout",
            "undo",
            "contingency",
            "fallback",
            "if it fails",
        ],
    ),
];

/// Words that name a phase only as the whole heading.
const WHOLE: &[(Phase, &[&str])] = &[
    (Phase::Reference, &["about", "background", "summary", "context", "access", "communication"]),
    (Phase::Steps, &["actions"]),
    (Phase::Validation, &["testing"]),
];

/// A heading that ends in one of these, and begins with no name, is of the steps.
const ENDINGS: &[&str] = &["steps", "procedure", "process", "actions", "instructions"];

expression!(
    NUMBERED,
    r"^(?i:(?:step|phase)\s+(\d+(?:\.\d+)*[a-z]?)\s*(?:[.):–—-]|$)|(\d+(?:\.\d+)+[a-z]?)[.)]?(?:\s|$)|(\d+[a-z]?)[.)])\s*"
);

/// What a heading says.
#[derive(Debug, PartialEq)]
pub(crate) struct Heading<'a> {
    /// The phase that it names.
    pub(crate) phase: Option<Phase>,
    /// Its number as written.
    pub(crate) number: Option<&'a str>,
    /// Its text without the number.
    pub(crate) text: &'a str,
}

/// Reads a heading's plain text.
pub(crate) fn read(heading: &str) -> Heading<'_> {
    let (number, text) = number(heading);
    let phase = if number.is_some() { exact(text) } else { named(text) };
    Heading { phase, number, text }
}

/// The phase that a heading with a number names by the rest of its text, such as `4. Rollback`: whoever writes headings from
/// names of others looks before.
#[must_use]
pub fn phase_of_numbered(text: &str) -> Option<Phase> {
    exact(text)
}

fn number(heading: &str) -> (Option<&str>, &str) {
    let Some(found) = NUMBERED.get().and_then(|regex| regex.captures(heading)) else { return (None, heading) };
    let number = (1..=3).find_map(|group| found.get(group)).map(|group| group.as_str());
    let text = found.get(0).and_then(|whole| heading.get(whole.end()..)).unwrap_or_default();
    // `1.29` is a version.
    let goes_on =
        found.get(3).is_some() && text.starts_with(|letter: char| letter.is_ascii_digit()) && !heading.contains(". ");
    if goes_on { (None, heading) } else { (number, text.trim()) }
}

/// Both ways to take hyphens away: `pre-checks` is `prechecks` and `pre checks`.
fn variants(text: &str) -> [String; 2] {
    let text = text.to_lowercase();
    let hyphen = |letter: char| matches!(letter, '-' | '‐' | '‑');
    let end = |text: String| {
        crate::document::collapse(&text).trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned()
    };
    [end(text.replace(hyphen, "")), end(text.replace(hyphen, " "))]
}

/// The phase of a heading that is exactly one of the names. `Rollback procedure` is one too: with a number it would
/// otherwise be run on the way forward.
fn exact(text: &str) -> Option<Phase> {
    variants(text).iter().find_map(|text| {
        let whole =
            |text: &str| NAMES.iter().chain(WHOLE).find(|(_, names)| names.contains(&text)).map(|(phase, _)| *phase);
        whole(text).or_else(|| {
            let (before, last) = text.rsplit_once(' ')?;
            let ends = ENDINGS.contains(&last) || last == "plan";
            whole(before).filter(|phase| ends && *phase == Phase::Rollback)
        })
    })
}

/// The phase of a heading that is, or begins with, a name: the longest. Else one that its end names.
fn named(text: &str) -> Option<Phase> {
    let variants = variants(text);
    let begins = variants.iter().flat_map(|text| {
        NAMES.iter().flat_map(move |(phase, names)| {
            names.iter().filter(move |name| begins_with(text, name)).map(move |name| (name.len(), *phase))
        })
    });
    let whole = variants.iter().flat_map(|text| {
        WHOLE.iter().flat_map(move |(phase, names)| {
            names.iter().filter(move |name| text == **name).map(move |name| (name.len(), *phase))
        })
    });
    // Of equally long names the first wins, as they stand in the table.
    let mut best: Option<(usize, Phase)> = None;
    for (length, phase) in begins.chain(whole) {
        if best.is_none_or(|(longest, _)| length > longest) {
            best = Some((length, phase));
        }
    }
    best.map(|(_, phase)| phase).or_else(|| {
        let ends = variants.iter().any(|text| {
            text.rsplit(|letter: char| !letter.is_alphanumeric()).next().is_some_and(|last| ENDINGS.contains(&last))
        });
        ends.then_some(Phase::Steps)
    })
}

fn begins_with(text: &str, name: &str) -> bool {
    text.strip_prefix(name)
        .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_phases() {
        use Phase::{Diagnosis, Preconditions, Reference, Rollback, Steps, Validation};
        for (heading, expected) in [
            ("Overview", Some(Reference)),
            ("MEANING", Some(Reference)),
            ("About", Some(Reference)),
            ("About the cache", None),
            ("Access the console", None),
            ("Access", Some(Reference)),
            ("What is this?", Some(Reference)),
            ("Whyever", None),
            ("Pre-requisites", Some(Preconditions)),
            ("Prerequisites:", Some(Preconditions)),
            ("Pre-checks", Some(Preconditions)),
            ("Before you begin", Some(Preconditions)),
            ("Troubleshooting", Some(Diagnosis)),
            ("Steps to check the queue", Some(Diagnosis)),
            ("Steps", Some(Steps)),
            ("Actions", Some(Steps)),
            ("Actions taken", None),
            ("Recovery steps", Some(Steps)),
            ("How to drain", Some(Steps)),
            ("How it works", Some(Reference)),
            ("Restart procedure", Some(Steps)),
            ("Rollback procedure", Some(Rollback)),
            ("Verification steps", Some(Validation)),
            ("Roll-back", Some(Rollback)),
            ("Rolling back", Some(Rollback)),
            ("Post-checks", Some(Validation)),
            ("Testing", Some(Validation)),
            ("Testing the cache", None),
            ("Fixtures", None),
            ("Frobnicate", None),
            ("", None),
            ("1. Overview", Some(Reference)),
            ("2. Verify the pods", None),
            ("Step 1: Diagnosis", Some(Diagnosis)),
            ("4. Rollback procedure", Some(Rollback)),
            ("3. References", Some(Reference)),
        ] {
            assert_eq!(read(heading).phase, expected, "{heading}");
        }
    }

    #[test]
    fn numbers_are_taken_off() {
        for (heading, number, text) in [
            ("2. Verify the pods", Some("2"), "Verify the pods"),
            ("2) Verify", Some("2"), "Verify"),
            ("Step 2: Verify", Some("2"), "Verify"),
            ("Step 2", Some("2"), ""),
            ("Phase 2 – Move", Some("2"), "Move"),
            ("STEP 2a - Move", Some("2a"), "Move"),
            ("2.1 Move", Some("2.1"), "Move"),
            ("2.1. Move", Some("2.1"), "Move"),
            ("3 things to know", None, "3 things to know"),
            ("2026-01-02 incident", None, "2026-01-02 incident"),
            ("1.29", Some("1.29"), ""),
            ("1.Move", Some("1"), "Move"),
            ("Stepwise", None, "Stepwise"),
            ("Steps 2", None, "Steps 2"),
        ] {
            let read = read(heading);
            assert_eq!((read.number, read.text), (number, text), "{heading}");
        }
    }
}
