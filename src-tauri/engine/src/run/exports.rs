//! Runme's `promptEnv`: which of the variables that a block exports itself are asked for before it starts, and the block
//! with the values that were given. Pure.

use std::{collections::BTreeMap, ffi::OsString};

use format::{Item, PlaceholderSpan, PromptEnv, Quoting, Runbook};

use super::values::Surroundings;

/// What a block exports, as far as somebody is asked for it.
#[derive(Default)]
pub(crate) struct Exports {
    /// Nobody is asked for any variable.
    pub(crate) never: bool,
    /// Those that still want an answer.
    pub(crate) missing: Vec<String>,
    /// Where a value other than the block's own goes: `$NAME`, so that it is the name of no placeholder.
    replaced: Vec<PlaceholderSpan>,
    values: BTreeMap<String, String>,
}

/// Looks at what an item exports. `value` gives what is known or was given for a name; an empty answer leaves the
/// block's own value.
pub(crate) fn exports<'a>(
    runbook: &Runbook,
    item: &Item,
    around: &Surroundings,
    value: &dyn Fn(&str) -> Option<&'a str>,
) -> Exports {
    let mode = prompts(runbook, item);
    let mut exports = Exports { never: mode == PromptEnv::Never, ..Exports::default() };
    if !matches!(mode, PromptEnv::Exported | PromptEnv::Always) {
        return exports;
    }
    for export in format::exports(item) {
        let inherited = || {
            let set = around.environment.get(&OsString::from(&export.name));
            let set = set.and_then(|value| value.to_str());
            set.or_else(|| around.shell_variables.get(&export.name).map(String::as_str))
        };
        let known = value(&export.name).map(str::to_owned);
        let known = known.or_else(|| inherited().filter(|_| mode == PromptEnv::Exported).map(str::to_owned));
        match known {
            None => exports.missing.push(export.name),
            Some(value) if value.is_empty() || value == export.value => {}
            Some(value) => {
                let name = format!("${}", export.name);
                exports.values.insert(name.clone(), value);
                exports.replaced.push(PlaceholderSpan { name, span: export.span, quoting: Quoting::Bare });
            }
        }
    }
    exports
}

/// Which variables are asked for, as the block has it, or `skipPrompts` of the front matter.
pub(crate) fn prompts(runbook: &Runbook, item: &Item) -> PromptEnv {
    let skip = runbook.front_matter.get("skipPrompts").is_some_and(|skip| {
        skip.as_bool() == Some(true) || skip.as_str().is_some_and(|skip| skip.eq_ignore_ascii_case("true"))
    });
    if skip { PromptEnv::Never } else { item.options.prompt_env }
}

impl Exports {
    /// The exact text that will run, with these values and those of its placeholders.
    pub(crate) fn fill(&self, item: &Item, values: &format::Values) -> Result<String, format::FillError> {
        if self.replaced.is_empty() {
            return format::fill(item, values);
        }
        let mut item = item.clone();
        item.placeholder_spans.extend(self.replaced.iter().cloned());
        let mut values = values.clone();
        values.extend(self.values.clone());
        format::fill(&item, &values)
    }
}

/// The variables that somebody may be asked for before an item starts, beside its placeholders and doubts.
#[must_use]
pub fn asked(runbook: &Runbook, item: &Item) -> Vec<String> {
    let mode = prompts(runbook, item);
    if mode == PromptEnv::Never {
        return Vec::new();
    }
    let mut names = item.variables.clone();
    if mode != PromptEnv::Unset {
        names.extend(format::exports(item).into_iter().map(|export| export.name));
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}
