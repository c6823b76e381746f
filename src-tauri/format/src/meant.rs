//! Which step a person means by what they type.

use crate::model::{Runbook, Step};
use crate::slug::slug;

impl Runbook {
    /// The step that is meant by this ([`meant_step`]).
    #[must_use]
    pub fn step_meant(&self, wanted: &str) -> Option<&Step> {
        let steps = || self.phases.iter().flat_map(|section| &section.steps);
        let at = meant_step(steps().map(|step| (step.id.as_str(), step.title.as_str())), wanted)?;
        steps().nth(at)
    }
}

/// Which of these steps, each an id and a title, is meant: the one of that id; else the first of that title, in whatever case;
/// else the only one that is so called but for arguments in brackets: `build` is `build (target) [flags]`.
#[must_use]
pub fn meant_step<'s>(steps: impl Iterator<Item = (&'s str, &'s str)>, wanted: &str) -> Option<usize> {
    let steps: Vec<(&str, &str)> = steps.collect();
    let is = |title: &str| title.trim().to_lowercase() == wanted.trim().to_lowercase();
    let by_name = || {
        let called =
            |title: &str| command_name(title).is_some_and(|name| is(name) || slug(name, "") == wanted.trim());
        let mut found = steps.iter().enumerate().filter(|(_, (_, title))| called(title));
        found.next().filter(|_| found.next().is_none()).map(|(at, _)| at)
    };
    let by_id = steps.iter().position(|(id, _)| *id == wanted);
    by_id.or_else(|| steps.iter().position(|(_, title)| is(title))).or_else(by_name)
}

/// What stands before the arguments in brackets at the end of a title; `None` where there are none.
#[must_use]
pub fn command_name(title: &str) -> Option<&str> {
    let title = title.trim();
    let name = title.get(..title.find(['(', '['])?)?.trim();
    (title.ends_with([')', ']']) && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_by_its_id_its_title_and_its_name_without_arguments_where_that_is_one_alone() {
        let steps = [
            ("build-target-opt", "build (target) [opt]"),
            ("services-stop-name", "services stop (name)"),
            ("drain", "Drain"),
            ("drain-host", "drain (host)"),
            ("copy-one", "copy (one)"),
            ("copy-two", "copy (two)"),
            ("wait-10-s-and-go", "Wait (10 s) and go"),
        ];
        for (wanted, id) in [
            ("build-target-opt", Some("build-target-opt")),
            ("Build (Target) [opt]", Some("build-target-opt")),
            ("build", Some("build-target-opt")),
            ("BUILD ", Some("build-target-opt")),
            ("services stop", Some("services-stop-name")),
            ("services-stop", Some("services-stop-name")),
            ("drain", Some("drain")),
            ("Drain", Some("drain")),
            ("copy", None),
            ("wait", None),
            ("", None),
        ] {
            let found = meant_step(steps.into_iter(), wanted).map(|at| steps[at].0);
            assert_eq!(found, id, "{wanted}");
        }
    }
}
