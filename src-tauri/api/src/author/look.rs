//! What a text means while it is written: the page, its problems and where its parts stand.

use std::{collections::BTreeMap, path::Path};

use format::{Edit, Guidance, Phase, Problem, Runbook, Step, Values, Variables};

use super::{
    part,
    text::{Units, bytes_of},
};
use crate::{
    ApiError, App, views,
    wire::{FixView, GuidanceMark, ItemMark, LookAt, Looked, OutlineEntry, TextEdit, TextProblem, VariableMark},
};

impl App {
    /// Reads a text as the file at its path would be read. Nothing is written.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn look(&self, asked: LookAt) -> Result<Looked, ApiError> {
        let path = Path::new(&asked.path);
        let bytes = bytes_of(&asked.text);
        let mut runbook = self.parse(&asked.path, &bytes, path);
        runbook.problems = self.problems(&runbook, &bytes, path);
        let units = Units::new(&asked.text);
        let variables = self.known_variables(&runbook, path, asked.environment.as_deref())?;
        let mut view = asked.page.then(|| self.whole_page(&runbook, &bytes, path)).transpose()?;
        if let Some(view) = view.as_mut().filter(|_| !views::names(&runbook).is_empty()) {
            views::fill(view, &runbook, &bytes, &variables, &self.link_schemes());
        }
        let shown = match (view.as_mut(), asked.around) {
            (Some(view), Some(line)) => part::keep(view, &runbook, &bytes, line),
            _ => None,
        };
        Ok(Looked {
            revision: runbook.revision.clone(),
            title: runbook.title.clone(),
            view,
            shown,
            items: items(&runbook, &units),
            problems: runbook.problems.iter().map(|found| problem(found, &units)).collect(),
            outline: outline(&runbook, &bytes, &units),
            variables: marks(&runbook, &variables, &units),
            guidance: format::guidance(&runbook, &bytes).iter().map(|found| guidance(found, &units)).collect(),
            environments: self.environments_of(path)?,
        })
    }
}

impl App {
    /// The variables of a text, with the values that they have before anything was asked for or run; never those of
    /// secret parameters.
    fn known_variables(
        &self,
        runbook: &Runbook,
        path: &Path,
        environment: Option<&str>,
    ) -> Result<Variables, ApiError> {
        if views::names(runbook).is_empty() {
            return Ok(Variables::default());
        }
        let file = self.library_file_of(path)?;
        let chosen = environment.and_then(|name| file.environment(name));
        let vars = chosen.map_or(&[][..], |chosen| &chosen.vars).iter().chain(&runbook.settings.env);
        let mut values: Values = vars.cloned().collect();
        for param in &runbook.settings.params {
            match &param.default {
                Some(value) if !param.secret => values.insert(param.name.clone(), value.clone()),
                _ => values.remove(&param.name),
            };
        }
        Ok(Variables { declared: format::declared(runbook, &file), values })
    }
}

/// Where variables stand.
fn marks(runbook: &Runbook, variables: &Variables, units: &Units<'_>) -> Vec<VariableMark> {
    let declared = runbook.variables.iter().filter(|used| variables.declared.contains(&used.name));
    declared
        .map(|used| VariableMark {
            name: used.name.clone(),
            value: variables.values.get(&used.name).cloned(),
            from: units.of_file(used.span.start),
            to: units.of_file(used.span.end),
        })
        .collect()
}

fn guidance(found: &Guidance, units: &Units<'_>) -> GuidanceMark {
    GuidanceMark {
        text: found.text.clone(),
        answered: found.answered,
        remove: edit(&found.remove, units),
        from: units.of_file(found.span.start),
        to: units.of_file(found.span.end),
    }
}

fn edit(edit: &Edit, units: &Units<'_>) -> TextEdit {
    TextEdit { from: units.of_file(edit.span.start), to: units.of_file(edit.span.end), text: edit.text.clone() }
}

fn items(runbook: &Runbook, units: &Units<'_>) -> Vec<ItemMark> {
    let items = runbook.items().map(|(_, _, item)| ItemMark {
        id: item.id.clone(),
        kind: views::item_kind(item.kind),
        hash: item.hash.clone(),
        refused: item.refused.clone(),
        line: item.line as u64,
        from: units.of_file(item.span.start),
        to: units.of_file(item.span.end),
    });
    items.collect()
}

fn problem(problem: &Problem, units: &Units<'_>) -> TextProblem {
    TextProblem {
        code: problem.code.to_owned(),
        severity: views::severity(problem.severity),
        message: problem.message.clone(),
        line: problem.line as u64,
        from: units.of_file(problem.span.start),
        to: units.of_file(problem.span.end),
        fixes: problem
            .fixes
            .iter()
            .map(|fix| FixView {
                title: fix.title.clone(),
                edits: fix.edits.iter().map(|found| edit(found, units)).collect(),
            })
            .collect(),
    }
}

/// Headings, with the steps that they open, and steps that no heading opens, in order.
fn outline(runbook: &Runbook, bytes: &[u8], units: &Units<'_>) -> Vec<OutlineEntry> {
    let steps = runbook.phases.iter().flat_map(|section| section.steps.iter().map(move |step| (section.phase, step)));
    let mut steps: BTreeMap<usize, (Phase, &Step)> = steps.map(|place| (place.1.line, place)).collect();
    let phase_at = |line: usize| {
        let section = runbook.phases.iter().rev().find(|section| section.line <= line);
        section.map_or(Phase::Reference, |section| section.phase)
    };
    let mut entries: Vec<OutlineEntry> = Vec::new();
    for heading in format::headings(bytes) {
        let opened = steps.remove(&heading.line);
        entries.push(OutlineEntry {
            title: opened.map_or(heading.title, |(_, step)| step.title.clone()),
            number: opened.and_then(|(_, step)| step.number.clone()),
            phase: views::phase(opened.map_or_else(|| phase_at(heading.line), |(phase, _)| phase)),
            level: heading.level,
            step: opened.map(|(_, step)| step.id.clone()),
            line: heading.line as u64,
            from: units.of_file(heading.span.start),
            to: units.of_file(heading.span.end),
        });
    }
    entries.extend(steps.into_values().map(|(phase, step)| OutlineEntry {
        title: step.title.clone(),
        number: step.number.clone(),
        phase: views::phase(phase),
        level: 0,
        step: Some(step.id.clone()),
        line: step.line as u64,
        from: units.of_file(step.span.start),
        to: units.of_file(step.span.end),
    }));
    entries.sort_by_key(|entry| entry.line);
    entries
}
