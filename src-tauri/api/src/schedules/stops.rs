//! What a scheduled run would wait for a person at, as far as that is known before it runs.

use std::collections::BTreeSet;

use engine::run::{AskedKind, asked_ahead, run_items};
use store::Schedule;

use crate::{App, library::Opened, preparing::needs_person};

/// What every session of a person has.
const ANYWHERE: &[&str] =
    &["HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "TERM", "TMPDIR", "PWD", "XDG_RUNTIME_DIR"];

/// So many names stand in one phrase before the rest is counted.
const NAMED: usize = 5;

impl App {
    /// What a run of it would stop at where nobody is there, each as a phrase: its items that a person does, values that nobody has
    /// given, the guard of its environment. None where it goes through by itself unless something fails.
    pub(super) fn stops(&self, opened: &Opened, schedule: &Schedule) -> Vec<String> {
        let runbook = &opened.runbook;
        let items = run_items(runbook, None).unwrap_or_default();
        let by_person = items.iter().filter(|(_, _, item)| needs_person(item)).map(|(_, _, item)| item.id.clone());
        let chosen = schedule.environment.as_deref().and_then(|name| self.environment(&opened.path, name).ok());
        let vars = crate::runs::vars(runbook, chosen.as_ref());
        // Whoever drives it has no other variable of the session that this is asked in.
        let set = |name: &str| ANYWHERE.contains(&name) || vars.iter().any(|(variable, _)| variable == name);
        // Where one that is required has no value, nothing is kept at all.
        let declared: BTreeSet<&str> = runbook.settings.params.iter().map(|param| param.name.as_str()).collect();
        let given = |name: &str| schedule.values.contains_key(name);
        let asked = asked_ahead(runbook, &items, &|name| declared.contains(name), &set);
        let asked = asked.into_iter().filter(|one| !given(&one.name)).filter_map(|one| match one.kind {
            AskedKind::Placeholder => Some(format!("<{}>", one.name)),
            AskedKind::Variable => Some(format!("${}", one.name)),
            // Its item waits for a person anyway.
            AskedKind::Doubt => None,
        });
        [
            phrase("items that a person does", by_person.collect()),
            phrase("values that nobody has given", asked.collect()),
            chosen.filter(|chosen| chosen.guard).map(|chosen| format!("the guard of {}", chosen.name)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn phrase(what: &str, names: Vec<String>) -> Option<String> {
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let shown = names.get(..NAMED).unwrap_or(&names).join(", ");
    (!names.is_empty()).then(|| format!("{what} ({shown}{more})"))
}
