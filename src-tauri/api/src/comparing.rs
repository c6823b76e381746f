//! Two runs of a runbook, item by item.

use std::{collections::BTreeSet, path::Path};

use engine::state::ItemState;
use format::{Item, Runbook, Step};

use crate::{
    ApiError, App, ErrorCode,
    author::comparison,
    learning::duration,
    live::Known,
    views,
    wire::{CompareRuns, ItemComparison, ItemSide, ItemStatus, ParameterDifference, RunComparison, RunSummary},
};

/// A run to be held beside another.
struct Side {
    summary: RunSummary,
    file: Option<String>,
    known: Known,
    runbook: Runbook,
}

/// Where an item stands in a side.
type Standing<'a> = Option<(&'a Step, &'a Item)>;

impl App {
    /// Two runs of a runbook side by side: how each item went, what differs, and what ran, word by word.
    ///
    /// # Errors
    /// When one of them is not there, they are not of one runbook, or a record cannot be read.
    pub fn run_compare(&self, runs: CompareRuns) -> Result<RunComparison, ApiError> {
        let sides = [self.side(&runs.one)?, self.side(&runs.other)?];
        let [one, other] = &sides;
        let same_file = one.file.is_some() && one.file == other.file;
        let shares = one.runbook.items().any(|(_, _, item)| other.runbook.item(&item.id).is_some());
        let of_one_runbook = same_file || shares && one.runbook.title == other.runbook.title;
        if !of_one_runbook {
            let sentence = format!(
                "These are runs of two runbooks, \"{}\" and \"{}\": two runs of one can be compared.",
                one.summary.title, other.summary.title
            );
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        let both = |value: &dyn Fn(&Side) -> Option<String>| [value(one), value(other)];
        let took = |side: &Side| duration(&side.summary.started_at, side.summary.ended_at.as_deref()?);
        let paths = [engine::run::path(&one.runbook), engine::run::path(&other.runbook)];
        let path: BTreeSet<&str> = paths.into_iter().flatten().collect();
        let order = order(&one.runbook, &other.runbook);
        Ok(RunComparison {
            duration_ms: [took(one), took(other)],
            environment: both(&|side| side.known.state.environment.clone()),
            same_revision: one.summary.revision == other.summary.revision,
            parameters: parameters(one, other),
            items: order.into_iter().filter_map(|id| item(&sides, id, path.contains(id))).collect(),
            one: one.summary.clone(),
            other: other.summary.clone(),
        })
    }

    fn side(&self, run: &str) -> Result<Side, ApiError> {
        let row = self.row(run)?;
        let start = &row.start;
        Ok(Side {
            summary: self.summary(&row)?,
            file: self.store.file_of_run(&start.id)?,
            known: self.known(&start.id)?,
            runbook: self.parse(&start.path, &self.store.revision(&start.revision)?, Path::new(&start.path)),
        })
    }
}

fn parameters(one: &Side, other: &Side) -> Vec<ParameterDifference> {
    let names: BTreeSet<&String> = one.known.parameters.keys().chain(other.known.parameters.keys()).collect();
    let differences = names.into_iter().map(|name| ParameterDifference {
        name: name.clone(),
        values: [one, other].map(|side| side.known.parameters.get(name).cloned()),
    });
    differences.filter(|difference| difference.values[0] != difference.values[1]).collect()
}

/// The items of both: as the other has them, and what only the one has behind what stood before it there.
fn order<'a>(one: &'a Runbook, other: &'a Runbook) -> Vec<&'a str> {
    let mut order: Vec<&str> = other.items().map(|(_, _, item)| item.id.as_str()).collect();
    let mut before: Option<&str> = None;
    for (_, _, item) in one.items() {
        let id = item.id.as_str();
        if other.item(id).is_none() {
            let at = before.and_then(|before| order.iter().position(|known| *known == before)).map_or(0, |at| at + 1);
            order.insert(at, id);
        }
        before = Some(id);
    }
    order
}

fn item(sides: &[Side; 2], id: &str, on_path: bool) -> Option<ItemComparison> {
    let found: [Standing<'_>; 2] =
        [&sides[0], &sides[1]].map(|side| side.runbook.item(id).map(|(_, step, item)| (step, item)));
    let states = [&sides[0], &sides[1]].map(|side| side.known.state.items.get(id));
    let (step, item) = found[1].or(found[0])?;
    // What neither of them came to, off the path, is of no interest.
    let begun = states.iter().any(Option::is_some);
    if !begun && !on_path {
        return None;
    }
    let both = [0, 1].map(|index| found[index].is_some().then(|| side(states[index])));
    let commands = [0, 1].map(|index| ran(found[index], states[index]));
    let mut differs = Vec::new();
    let mut differ = |what: &str, holds: bool| {
        if holds {
            differs.push(what.to_owned());
        }
    };
    match &both {
        [Some(one), Some(other)] => {
            differ("status", one.status != other.status);
            differ("exit", one.exit != other.exit || one.signal != other.signal || one.state != other.state);
            differ("attempts", one.attempts != other.attempts);
            differ("observed", !same_observed(one, other));
        }
        _ => differ("presence", true),
    }
    let command = match &commands {
        [Some(one), Some(other)] if one != other => Some(comparison(one, other)),
        _ => None,
    };
    differ("command", command.is_some());
    Some(ItemComparison {
        item: id.to_owned(),
        title: step.title.clone(),
        text: item.text.clone(),
        sides: both,
        differs,
        command,
    })
}

fn same_observed(one: &ItemSide, other: &ItemSide) -> bool {
    let told = |side: &ItemSide| -> Vec<(String, String, bool)> {
        let all = side.expectations.iter();
        all.map(|expected| (expected.expected.clone(), expected.observed.clone(), expected.holds)).collect()
    };
    told(one) == told(other)
}

/// What ran last, or would have; none of what runs nothing.
fn ran(found: Standing<'_>, state: Option<&ItemState>) -> Option<String> {
    let (_, item) = found?;
    let attempt = state.and_then(|state| state.attempts.last());
    let script = attempt.map_or(&item.script, |attempt| &attempt.command);
    (!script.is_empty()).then(|| format!("{}\n", script.trim_end()))
}

fn side(state: Option<&ItemState>) -> ItemSide {
    let last = state.and_then(ItemState::telling);
    ItemSide {
        status: state.map_or(ItemStatus::Pending, |state| views::item_status(state.status)),
        attempts: state.map_or(0, |state| state.tries() as u64),
        state: last.and_then(|attempt| attempt.state).map(views::attempt_state),
        exit: last.and_then(|attempt| attempt.exit),
        signal: last.and_then(|attempt| attempt.signal.clone()),
        duration_ms: state
            .and_then(|state| state.hosts_took)
            .or_else(|| last.and_then(|attempt| attempt.duration_ms)),
        expectations: last.map(views::expectations).unwrap_or_default(),
        remark: state.and_then(|state| state.remark.clone()),
    }
}
