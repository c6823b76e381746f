//! How it ended, in a word and a sentence.

use engine::{RunStatus, event::Mode};

use super::{Fold, items::attempt_number};
use crate::{
    model::{Item, Kind, Section, Shape, Step, Verdict},
    text::{counted, listed, sentence},
    times::{between, took},
};

/// Steps that are named in the sentence; of more than that, their number is.
const NAMED: usize = 4;

impl From<RunStatus> for Shape {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Waiting => Self::Waiting,
            RunStatus::Running => Self::Running,
            RunStatus::Paused => Self::Paused,
            RunStatus::Passed => Self::Passed,
            RunStatus::Failed => Self::Failed,
            RunStatus::RolledBack => Self::Undone,
            RunStatus::Abandoned => Self::Abandoned,
            RunStatus::HandedOver => Self::HandedOver,
            RunStatus::Interrupted => Self::Interrupted,
        }
    }
}

impl Fold<'_> {
    pub(crate) fn verdict(&self, sections: &[Section]) -> Verdict {
        let status = self.state.status;
        let finished = self.state.is_finished();
        let rehearsed = self.state.mode == Some(Mode::Rehearse);
        let heading = match status {
            RunStatus::Passed if rehearsed => "Rehearsed",
            // Whoever reads the heading alone must not take a person's word for what the machine saw.
            RunStatus::Passed if is_excepted(sections) => "Passed, with exceptions",
            RunStatus::Passed => "All good",
            RunStatus::Failed => "Failed",
            RunStatus::RolledBack => "Rolled back",
            RunStatus::Abandoned => "Given up",
            RunStatus::HandedOver => "Handed over",
            RunStatus::Paused => "Not finished: put aside",
            RunStatus::Interrupted => "Not finished: interrupted",
            RunStatus::Waiting | RunStatus::Running => "Not finished",
        };
        let seen = &self.seen;
        let took_ms =
            seen.started_at.as_deref().zip(seen.last_at.as_deref()).and_then(|(from, to)| between(from, to));
        let took_ms = took_ms.filter(|_| finished);
        Verdict {
            shape: Shape::from(status),
            heading: heading.to_owned(),
            sentence: self.sentences(sections, took_ms).join(" "),
            partial: (!finished).then(|| self.partial()),
            took_ms,
            took: took_ms.map(took),
        }
    }

    fn partial(&self) -> String {
        let hand = engine::run::hand(self.runbook(), &self.state);
        let place = hand.map_or_else(String::new, |hand| match self.runbook().item(&hand) {
            Some((_, step, _)) => format!(" at step \"{}\"", self.door.line(&self.filled(&step.title))),
            None => String::new(),
        });
        let how = match self.state.status {
            RunStatus::Paused => "is put aside",
            RunStatus::Interrupted => "was interrupted: the process that drove it is gone",
            RunStatus::Running => "is running",
            _ => "waits for a person",
        };
        let reason = self.seen.reason.as_deref().filter(|reason| !reason.trim().is_empty());
        let reason = reason.map_or_else(String::new, |reason| format!(" ({})", self.door.line(reason)));
        format!("This report is partial: the run {how}{place}{reason}. What comes later is not in it.")
    }

    fn sentences(&self, sections: &[Section], took_ms: Option<u64>) -> Vec<String> {
        let progress = engine::run::progress(self.runbook(), &self.state);
        let title = self.title();
        let within = took_ms.map_or_else(String::new, |ms| format!(" in {}", took(ms)));
        let so_far = format!("{} of {} done", progress.done, counted(progress.total, "item", "items"));
        let steps: Vec<&Step> = sections.iter().flat_map(|section| &section.steps).collect();
        let mut said = Vec::new();
        said.push(match self.state.status {
            RunStatus::Passed if self.state.mode == Some(Mode::Rehearse) => {
                format!("{title}: nothing was executed; this shows what would be.")
            }
            RunStatus::Passed => format!("{title}: done{within}."),
            RunStatus::Failed => match failed(&steps) {
                Some((step, item)) => format!("{title}: failed{within} at {}: {}.", place(step), why(item)),
                None => format!("{title}: failed{within}."),
            },
            RunStatus::RolledBack => {
                let because =
                    failed(&steps).map(|(step, item)| format!(" after {} failed: {}", place(step), why(item)));
                format!("{title}: what had been done was undone{}.", because.unwrap_or(within))
            }
            RunStatus::Abandoned => format!("{title}: given up{within}, {so_far}."),
            RunStatus::HandedOver => format!("{title}: goes on elsewhere, {so_far} here."),
            _ => format!("{title}: {so_far}."),
        });
        if self.state.is_finished()
            && let Some(reason) = self.seen.reason.as_deref().filter(|reason| !reason.trim().is_empty())
        {
            said.push(format!("{}.", sentence(self.door.line(reason).trim_end_matches('.'))));
        }
        said.extend(validation(sections));
        said.extend(remarkable(&steps));
        if let Some(rollback) = &self.state.rollback
            && !rollback.failed.is_empty()
        {
            let count = rollback.failed.len() as u64;
            said.push(format!("{} of the rollback failed.", counted(count, "entry", "entries")));
        }
        if !self.record.verification.holds {
            said.push("The record does not hold: see the end of this report.".to_owned());
        }
        said
    }
}

/// Whether something was taken as done in spite of the machine, or not all of the validation holds.
fn is_excepted(sections: &[Section]) -> bool {
    let excepted = |section: &Section, item: &Item| {
        let validates = section.phase == "Validation" && item.kind != Kind::Undo;
        // What was left out after it had failed is no less an exception than what was taken as done.
        let failed = item.telling().is_some_and(|last| last.shape == Shape::Failed);
        let let_go = item.shape == Shape::Skipped && failed;
        item.shape == Shape::Overridden || let_go || validates && item.shape != Shape::Passed
    };
    let items =
        |section: &Section| section.steps.iter().flat_map(|step| &step.items).any(|item| excepted(section, item));
    sections.iter().any(items)
}

/// `Validation 3 of 3.`
fn validation(sections: &[Section]) -> Option<String> {
    let sections = sections.iter().filter(|section| section.phase == "Validation");
    let items: Vec<&Item> = sections.flat_map(|section| &section.steps).flat_map(|step| &step.items).collect();
    let passed = items.iter().filter(|item| item.shape == Shape::Passed).count();
    let begun = items.iter().any(|item| !matches!(item.shape, Shape::Pending | Shape::Ready));
    begun.then(|| format!("Validation {passed} of {}.", items.len()))
}

/// What did not go by itself: further tries, what was left out, taken as done or changed.
fn remarkable(steps: &[&Step]) -> Option<String> {
    let mut parts = Vec::new();
    let mut tell = |told: Vec<String>, what: &str, many: &str| match told.len() {
        0 => {}
        1 => parts.push(format!("{} {what}", listed(&told))),
        2..=NAMED => parts.push(format!("{} {many}", listed(&told))),
        count => parts.push(format!("{count} steps {many}")),
    };
    let places = |of: &dyn Fn(&Item) -> bool| -> Vec<String> {
        let found = steps.iter().filter(|step| step.items.iter().any(of));
        found.map(|step| place(step)).collect()
    };
    let again = |item: &Item| item.kind == Kind::Command && item.shape == Shape::Passed && item.tries() > 1;
    let tries = steps.iter().flat_map(|step| &step.items).filter(|item| again(item));
    let most = tries.map(|item| item.tries() as u64).max().unwrap_or(2);
    let needed = format!("needed a {}", attempt_number(most));
    tell(places(&again), &needed, "needed more than one try");
    let skipped = |item: &Item| item.shape == Shape::Skipped;
    let left_out = steps.iter().filter(|step| step.shape == Shape::Skipped).map(|step| place(step)).collect();
    tell(left_out, "was skipped", "were skipped");
    let in_part = steps.iter().filter(|step| step.shape != Shape::Skipped && step.items.iter().any(skipped));
    tell(in_part.map(|step| place(step)).collect(), "was skipped in part", "were skipped in part");
    let taken = || steps.iter().flat_map(|step| &step.items).filter(|item| item.shape == Shape::Overridden);
    let failed = |item: &&Item| item.telling().is_some_and(|last| last.shape == Shape::Failed);
    let named = |item: &Item| format!("\"{}\"", item.label);
    let rescued = taken().filter(failed).map(named).collect();
    tell(rescued, "had failed and was taken as done", "had failed and were taken as done");
    let attested = taken().filter(|item| !failed(item)).map(named).collect();
    tell(attested, "was taken as done", "were taken as done");
    tell(places(&|item| !item.edits.is_empty()), "ran with an edited command", "ran with edited commands");
    let unseen = steps.iter().flat_map(|step| &step.items).filter(|item| by_yes(item)).count() as u64;
    match unseen {
        0 => {}
        1 => parts.push("1 check was ticked by --yes: nobody looked".to_owned()),
        _ => parts.push(format!("{unseen} checks were ticked by --yes: nobody looked")),
    }
    let text = parts.join("; ");
    (!text.is_empty()).then(|| format!("{}.", sentence(&text)))
}

fn failed<'a>(steps: &[&'a Step]) -> Option<(&'a Step, &'a Item)> {
    let items = || steps.iter().flat_map(|step| step.items.iter().map(move |item| (*step, item)));
    // What was undone had failed before.
    let before =
        |item: &Item| item.shape == Shape::Undone && item.telling().is_some_and(|last| last.shape == Shape::Failed);
    items().find(|(_, item)| item.shape == Shape::Failed).or_else(|| items().find(|(_, item)| before(item)))
}

/// Whether a check was ticked without anybody who looked.
fn by_yes(item: &Item) -> bool {
    item.shape == Shape::Passed && item.remark.as_deref() == Some(engine::run::ATTESTED_BY_YES)
}

/// `step 4`, else `"Repoint the poolers"`.
fn place(step: &Step) -> String {
    match &step.number {
        Some(number) => format!("step {number}"),
        None => format!("\"{}\"", step.title),
    }
}

/// What was expected and what came of an item that failed.
fn why(item: &Item) -> String {
    let last = item.telling();
    let broken = last.and_then(|last| last.expectations.iter().find(|one| !one.holds));
    match (broken, last) {
        (Some(one), _) => format!("expected {}, observed: {}", one.expected, one.observed.trim_end_matches('.')),
        (None, Some(last)) => {
            last.note.as_ref().map_or_else(|| last.exit.clone(), |note| note.trim_end_matches('.').to_owned())
        }
        (None, None) => item.remark.clone().unwrap_or_else(|| "a person said so".to_owned()),
    }
}
