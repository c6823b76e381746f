//! What a run suggests to change in its runbook: commands that were edited for it and passed, and what was taken as done
//! in spite of the machine (RUNS.md, "What a run teaches").

use std::{collections::BTreeMap, path::Path};

use engine::{
    Fact, ItemStatus,
    event::AttemptState,
    state::{Attempt, RunState},
};
use format::{Edit, Item, Knowledge, Runbook};

use crate::{
    ApiError, App, ErrorCode,
    author::{
        comparison,
        saving::Writing,
        text::{Units, text_of},
    },
    commands::RunArgument,
    library::Opened,
    views,
    wire::{Proposal, ProposalKind, RunProposals, Saved, TextEdit},
};

/// What stands where a secret was hidden.
const HIDDEN: &str = "•••";

/// An edit of a command in a run.
struct Change {
    text: String,
    reason: String,
    at: String,
    actor: String,
    /// The attempt under way runs the edited text.
    runs: bool,
    passed: bool,
}

/// Suggestions, with what they were made from.
struct Proposed {
    told: RunProposals,
    file: Option<Opened>,
    edits: Vec<Edit>,
}

impl App {
    /// What a run suggests to change in its runbook, and how the file as it is now would be changed by it.
    ///
    /// # Errors
    /// When there is no such run, or its record cannot be read. That the file cannot be read or changed is said at each
    /// suggestion.
    pub fn run_proposals(&self, argument: RunArgument) -> Result<RunProposals, ApiError> {
        Ok(self.proposed(&argument.run)?.told)
    }

    /// Puts every edit that a run suggests into the runbook's file, as one save; none where it suggests none.
    ///
    /// # Errors
    /// As for [`App::run_proposals`], and when nothing may be written there, or the system does not write it.
    pub fn apply_proposals(&self, run: &str) -> Result<Option<Saved>, ApiError> {
        let Proposed { told, file, edits } = self.proposed(run)?;
        let Some(file) = file.filter(|_| !edits.is_empty()) else { return Ok(None) };
        let bytes = applied(&file.bytes, &edits)?;
        let message = format!("as edited in run {}", told.run);
        let spot = self.spot(&file.path)?;
        let writing = Writing { base: Some(&file.runbook.revision), bytes: &bytes, message: Some(&message) };
        self.write_file(&spot, &writing).map(Some)
    }

    fn proposed(&self, run: &str) -> Result<Proposed, ApiError> {
        let row = self.row(run)?;
        let id = &row.start.id;
        let path = self.store.file_of_run(id)?.unwrap_or_else(|| row.start.path.clone());
        let ran = self.parse(&row.start.path, &self.store.revision(&row.start.revision)?, Path::new(&row.start.path));
        let (state, mut changes) = self.changes(id, &ran)?;
        let opened = self.opened(Path::new(&path));
        let knowledge = Knowledge::from(&self.library_file_of(Path::new(&path))?);
        let mut told = RunProposals {
            run: id.0.clone(),
            revision: opened.as_ref().ok().map(|file| file.runbook.revision.clone()),
            path,
            proposals: Vec::new(),
        };
        let mut edits = Vec::new();
        for (_, step, item) in ran.items() {
            let status = state.item(&item.id);
            let change = changes.remove(&item.id).filter(|change| change.passed && status == ItemStatus::Passed);
            let mut proposal = match (&change, state.items.get(&item.id)) {
                (Some(change), _) => edited(item, change),
                (None, Some(known)) if status == ItemStatus::Overridden => overridden(item, known),
                _ => continue,
            };
            proposal.title.clone_from(&step.title);
            match (&opened, &change) {
                (Err(error), _) => proposal.refused = Some(error.message.clone()),
                (Ok(file), change) => {
                    let found = file.runbook.item(&item.id).map(|(_, _, found)| found);
                    proposal.line = found.map(|found| found.line as u64);
                    proposal.now = found.map(|found| found.script.clone());
                    if let Some(change) = change {
                        match edits_for(file, &knowledge, item, &change.text) {
                            Ok(found) => {
                                show(&mut proposal, file, &found)?;
                                edits.extend(found);
                            }
                            Err(sentence) => proposal.refused = Some(sentence),
                        }
                    }
                }
            }
            told.proposals.push(proposal);
        }
        Ok(Proposed { told, file: opened.ok(), edits })
    }

    /// The state of a run, and the last edit of each item of it.
    fn changes(&self, run: &engine::RunId, ran: &Runbook) -> Result<(RunState, BTreeMap<String, Change>), ApiError> {
        let mut state = RunState::default();
        let mut changes: BTreeMap<String, Change> = BTreeMap::new();
        for event in self.store.events(run)? {
            let event = event?;
            match &event.fact {
                Fact::Deviation { item, reason, text } => {
                    let change = Change {
                        text: text.clone(),
                        reason: reason.clone(),
                        at: event.at.clone(),
                        actor: event.actor.clone(),
                        runs: false,
                        passed: false,
                    };
                    changes.insert(item.clone(), change);
                }
                Fact::AttemptStarted { item, command, .. } => {
                    if let (Some(change), Some((_, _, original))) = (changes.get_mut(item), ran.item(item)) {
                        change.runs = is_edited(original, &change.text, command);
                    }
                }
                Fact::AttemptEnded { item, state, .. } => {
                    if let Some(change) = changes.get_mut(item) {
                        change.passed = change.runs && *state == AttemptState::Passed;
                    }
                }
                _ => {}
            }
            state = state.apply(&event);
        }
        Ok((state, changes))
    }
}

/// Whether a command is the edited text rather than the original, which may have been started again after an edit.
fn is_edited(original: &Item, text: &str, command: &str) -> bool {
    let edited = format::edited(original, text);
    edited.is_ok_and(|edited| is_of(&edited, command)) || !is_of(original, command)
}

/// Whether a command is an item's script with something in the place of its placeholders and doubts.
fn is_of(item: &Item, command: &str) -> bool {
    let mut spans: Vec<_> = item.placeholder_spans.iter().chain(&item.doubt_spans).map(|place| place.span).collect();
    spans.sort_by_key(|span| span.start);
    let mut pieces = Vec::new();
    let mut from = 0;
    for span in spans {
        pieces.push(item.script.get(from..span.start).unwrap_or_default());
        from = span.end;
    }
    let last = item.script.get(from..).unwrap_or_default();
    let Some((first, middle)) = pieces.split_first() else { return command.trim_end() == last.trim_end() };
    let Some(mut rest) = command.strip_prefix(first) else { return false };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.trim_end().ends_with(last.trim_end())
}

/// The edits of the file as it is now, or why there are none.
fn edits_for(file: &Opened, knowledge: &Knowledge, ran: &Item, text: &str) -> Result<Vec<Edit>, String> {
    if text.contains(HIDDEN) {
        return Err("A secret is hidden in what is kept of the edited command: change the file by hand.".to_owned());
    }
    if let Some((_, _, now)) = file.runbook.item(&ran.id)
        && now.script != ran.script
    {
        let already = format::edited(now, text).is_ok_and(|edited| edited.script == now.script);
        return Err(if already {
            "The file says so already.".to_owned()
        } else {
            "This command was changed in the file since the run: compare the two, and change it by hand.".to_owned()
        });
    }
    let found = format::rewritten(&file.runbook, &file.bytes, knowledge, &ran.id, text);
    found.map_err(|sentence| format!("It cannot be put into the file: {sentence}."))
}

fn applied(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, ApiError> {
    format::apply(bytes, edits).map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))
}

/// What edits would change, as a face shows and applies it.
fn show(proposal: &mut Proposal, file: &Opened, edits: &[Edit]) -> Result<(), ApiError> {
    let text = text_of(&file.bytes);
    let units = Units::new(&text);
    let mut told: Vec<TextEdit> = edits
        .iter()
        .map(|edit| TextEdit {
            from: units.of_file(edit.span.start),
            to: units.of_file(edit.span.end),
            text: edit.text.clone(),
        })
        .collect();
    told.sort_by_key(|edit| (edit.from, edit.to));
    proposal.edits = told;
    proposal.comparison = Some(comparison(&text, &text_of(&applied(&file.bytes, edits)?)));
    Ok(())
}

fn edited(item: &Item, change: &Change) -> Proposal {
    Proposal {
        ran: Some(change.text.clone()),
        ..proposal(item, ProposalKind::Edited, &change.reason, &change.at, &change.actor)
    }
}

fn overridden(item: &Item, known: &engine::state::ItemState) -> Proposal {
    let reason = known.remark.as_deref().unwrap_or_default();
    let last: Option<&Attempt> = known.telling();
    Proposal {
        ran: last.map(|attempt| attempt.command.clone()),
        expectations: last.map(views::expectations).unwrap_or_default(),
        ..proposal(item, ProposalKind::Overridden, reason, &known.at, &known.actor)
    }
}

fn proposal(item: &Item, kind: ProposalKind, reason: &str, at: &str, actor: &str) -> Proposal {
    Proposal {
        item: item.id.clone(),
        title: String::new(),
        kind,
        reason: reason.to_owned(),
        at: at.to_owned(),
        actor: actor.to_owned(),
        line: None,
        was: item.script.clone(),
        now: None,
        ran: None,
        expectations: Vec::new(),
        edits: Vec::new(),
        comparison: None,
        refused: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_was_started_again_as_it_stands_is_not_the_edited_one() {
        let text = "```sh {name=x}\ncp <from> /tmp\n```\n";
        let runbook = format::parse("a.md", text.as_bytes());
        let (_, _, item) = runbook.item("x").unwrap();
        for (edited, command, expected) in [
            ("cp -a <from> /tmp", "cp -a '/etc/a b' /tmp", true),
            ("cp -a <from> /tmp", "cp /etc /tmp", false),
            ("true", "true", true),
            ("true", "cp x /tmp", false),
            // Hidden: it can be told from neither, and the edit came last.
            ("curl -u me:secret x", "curl -u ••• x", true),
        ] {
            assert_eq!(is_edited(item, edited, command), expected, "{edited} {command}");
        }
    }
}
