//! A record folded into a report.

mod frame;
mod items;
mod output;
mod seen;
mod timeline;
mod verdict;

use std::collections::BTreeSet;

use engine::{
    RunState, RunStatus,
    run::{Undoing, rollback_plan},
};
use format::{ItemKind, Runbook};

use self::seen::Seen;
use crate::{
    model::{Checked, Evidence, Item, Left, Part, Report, Rollback, Section, Shape, Step, Undo},
    record::Record,
    text::{Door, cut},
    times::stamp,
};

/// What the parts of the fold share.
pub(crate) struct Fold<'a> {
    pub(crate) record: &'a Record,
    pub(crate) door: Door,
    pub(crate) state: RunState,
    pub(crate) seen: Seen,
}

impl Report {
    /// The report of a run, finished or not. Pure, and total: events that do not fit the runbook are told all the same.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let fold = Fold {
            record,
            door: Door::hiding(&record.hide),
            state: record.events.iter().fold(RunState::default(), RunState::apply),
            seen: Seen::of(&record.events),
        };
        let sections = fold.sections();
        let left = fold.left(&sections);
        // Of a run that nobody goes on with, nothing reads as an order.
        let gone = matches!(fold.state.status, RunStatus::RolledBack | RunStatus::Abandoned);
        Self {
            run: record.run.0.clone(),
            title: fold.title(),
            verdict: fold.verdict(&sections),
            incident: fold.incident(),
            facts: fold.facts(),
            parameters: fold.parameters(),
            secrets: fold.secrets(),
            rollback: fold.rollback(),
            timeline: timeline::moments(&fold),
            evidence: fold.evidence(&sections),
            left,
            left_heading: if gone { "Not done" } else { "Left to do" },
            verification: Checked {
                holds: record.verification.holds,
                sentence: fold.door.line(&record.verification.sentence),
                last_hash: record.verification.last_hash.as_deref().map(|hash| fold.door.line(hash)),
            },
            events: record.events.len() as u64,
            sections,
        }
    }
}

impl Fold<'_> {
    pub(crate) fn runbook(&self) -> &Runbook {
        &self.record.runbook
    }

    pub(crate) fn title(&self) -> String {
        self.door.line(self.seen.title.as_deref().unwrap_or(&self.runbook().title))
    }

    /// What an item is called: a check by its text, everything else by its name.
    pub(crate) fn label(&self, id: &str) -> String {
        match self.runbook().item(id) {
            Some((_, _, item)) if item.kind == ItemKind::Check && !item.text.trim().is_empty() => {
                cut(&self.door.line(&self.filled(&item.text)), 120)
            }
            _ => self.door.line(id),
        }
    }

    /// A text of the runbook with the values that the run had in the end; a secret one is in no record.
    pub(crate) fn filled(&self, text: &str) -> String {
        format::fill_text(text, &self.seen.values)
    }

    /// The sections with what belongs to this run: what stands on its path, and whatever something happened to.
    fn sections(&self) -> Vec<Section> {
        let path = self.path();
        let mut sections: Vec<Section> = Vec::new();
        let mut number = 0;
        for section in &self.runbook().phases {
            let mut steps: Vec<Step> = Vec::new();
            for step in &section.steps {
                let mut items: Vec<Item> = Vec::new();
                for item in &step.items {
                    number += 1;
                    let on_path = path.contains(item.id.as_str());
                    if on_path || self.state.items.contains_key(&item.id) || self.seen.items.contains_key(&item.id) {
                        items.push(self.item(item, number));
                    }
                }
                if !items.is_empty() {
                    steps.push(self.step(&section.heading, step, items));
                }
            }
            if !steps.is_empty() {
                let phase = phase(section.phase);
                let heading = self.door.line(&self.filled(&section.heading));
                let heading = (!heading.is_empty() && !heading.eq_ignore_ascii_case(phase)).then_some(heading);
                sections.push(Section { phase: phase.to_owned(), heading, steps });
            }
        }
        sections.extend(self.strangers(number));
        sections
    }

    /// Items that the journal speaks of and the revision does not know: told all the same.
    fn strangers(&self, number: usize) -> Option<Section> {
        let unknown = self.state.items.keys().filter(|id| self.runbook().item(id).is_none());
        let items: Vec<Item> = unknown
            .zip(number + 1..)
            .map(|(id, number)| {
                let item = format::Item { id: id.clone(), kind: ItemKind::Command, ..format::Item::default() };
                self.item(&item, number)
            })
            .collect();
        let step = format::Step {
            id: String::new(),
            title: "Not in the revision".to_owned(),
            line: 0,
            can_undo: false,
            no_return: false,
            number: None,
            span: format::Span::default(),
            if_it_fails: None,
            items: Vec::new(),
        };
        let phase = "Not in the revision".to_owned();
        (!items.is_empty()).then(|| Section {
            phase,
            heading: None,
            steps: vec![self.step(&step.title, &step, items)],
        })
    }

    fn rollback(&self) -> Option<Rollback> {
        let begun = self.seen.rollback.as_ref()?;
        let plan = rollback_plan(self.runbook(), &self.seen.before_rollback);
        let chosen = self.state.rollback.as_ref().map(|rollback| rollback.plan.as_slice()).unwrap_or_default();
        let entries = begun.plan.iter().map(|id| {
            let entry = plan.entries.iter().find(|entry| entry.item == *id);
            let how = match entry.map(|entry| entry.how) {
                Some(Undoing::Undo) => "by its undo block",
                Some(Undoing::ByHand) => "by hand",
                Some(Undoing::Phase) => "rollback phase",
                Some(Undoing::Run) => "by rolling back its run",
                None => "as the journal says",
            };
            let rollback = self.state.rollback.as_ref();
            let has = |of: Option<&std::collections::BTreeSet<String>>| of.is_some_and(|set| set.contains(id));
            let shape = Shape::from(self.state.item(id));
            let (shape, state) = if !chosen.contains(id) {
                (Shape::Skipped, "left out of the plan".to_owned())
            } else if has(rollback.map(|rollback| &rollback.failed)) {
                (Shape::Failed, "failed".to_owned())
            } else if has(rollback.map(|rollback| &rollback.settled)) {
                (shape, if shape == Shape::Passed { "done".to_owned() } else { shape.word().to_owned() })
            } else {
                (Shape::Pending, "not done".to_owned())
            };
            let step = self.runbook().item(id).map(|(_, step, _)| self.door.line(&self.filled(&step.title)));
            Undo { label: self.label(id), step: step.unwrap_or_default(), how, shape, state }
        });
        let steps = self.runbook().phases.iter().flat_map(|section| &section.steps);
        let without = steps.filter(|step| plan.without.contains(&step.id));
        Some(Rollback {
            at: stamp(&begun.at),
            by: self.door.line(&begun.actor),
            entries: entries.collect(),
            without: without.map(|step| self.door.line(&self.filled(&step.title))).collect(),
        })
    }

    fn evidence(&self, sections: &[Section]) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        let items = sections.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items);
        for item in items {
            let printed: Vec<_> = item.attempts.iter().filter(|attempt| attempt.output.is_some()).collect();
            for attempt in &printed {
                let Some(output) = &attempt.output else { continue };
                let name = match printed.len() {
                    1 => format!("{}.log", item.id),
                    _ => format!("{}.{}.log", item.id, attempt.number),
                };
                let lines = match output.parts.as_slice() {
                    [Part::Text(text)] => Some(text.lines().count() as u64),
                    _ => None,
                };
                let sha256 = self.seen.hash(&item.id, attempt.number).map(str::to_owned);
                evidence.push(Evidence {
                    name,
                    item: item.id.clone(),
                    anchor: item.anchor.clone(),
                    attempt: attempt.number,
                    bytes: output.bytes,
                    lines,
                    sha256,
                });
            }
        }
        evidence
    }

    fn left(&self, sections: &[Section]) -> Vec<Left> {
        let path = self.path();
        let steps = sections.iter().flat_map(|section| &section.steps);
        let items = steps.flat_map(|step| step.items.iter().map(move |item| (step, item)));
        items
            .filter(|(_, item)| path.contains(item.id.as_str()))
            .filter(|(_, item)| item.shape == Shape::Skipped || !item.shape.is_done())
            .map(|(step, item)| Left {
                label: item.label.clone(),
                step: step.title.clone(),
                shape: item.shape,
                state: item.state,
                reason: item.remark.clone().filter(|_| item.shape == Shape::Skipped),
            })
            .collect()
    }

    /// The items that the run went through, or was to: of the path, or of the one step that is run.
    fn path(&self) -> BTreeSet<&str> {
        let items = engine::run::run_items(self.runbook(), self.state.step.as_deref()).unwrap_or_default();
        items.into_iter().map(|(_, _, item)| item.id.as_str()).collect()
    }
}

fn phase(phase: format::Phase) -> &'static str {
    match phase {
        format::Phase::Reference => "Reference",
        format::Phase::Preconditions => "Preconditions",
        format::Phase::Diagnosis => "Diagnosis",
        format::Phase::Steps => "Steps",
        format::Phase::Validation => "Validation",
        format::Phase::Rollback => "Rollback",
    }
}
