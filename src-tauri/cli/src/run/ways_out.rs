//! What a person does beside going on: another text, rolling back, a branch (RUNS.md, "When something fails").

use std::{
    io::{self, Write as _},
    process::Command,
};

use api::wire::{Edited, ItemView, Part, Phase, RollbackView, RunAction, RunView, Undoing};

use super::{
    broken,
    checklist::Checklist,
    page::Page,
    plan::{self, LeftOut},
    prompt,
};
use crate::{
    look::{one_line, visible},
    status::Failure,
};

impl Checklist<'_> {
    /// Edits a command in the person's editor and starts it so, for this run alone.
    pub(crate) fn edit(&mut self, item: &ItemView, view: &RunView) -> Result<(), Failure> {
        let last = view.progress.iter().find(|progress| progress.item == item.id);
        let before = last.and_then(|progress| progress.edited.as_ref()).map_or(&item.script, |edited| &edited.text);
        let text = match self.in_editor(before, ".sh")? {
            None => return Ok(()),
            Some(Ok(text)) => text,
            Some(Err(sentence)) => {
                self.say(&[format!("    {sentence}")]);
                self.again();
                return Ok(());
            }
        };
        if text.trim_end() == before.trim_end() {
            self.say(&["    Nothing was changed.".to_owned()]);
            self.again();
            return Ok(());
        }
        match self.answer(|| prompt::reason("Why is it changed for this run?")) {
            Some(reason) => self.start(item, Some(Edited { text, reason })),
            None => self.again(),
        }
        Ok(())
    }

    /// A text as the person's editor left it, or a sentence; none when a signal came first.
    pub(crate) fn in_editor(&mut self, text: &str, suffix: &str) -> Result<Option<Result<String, String>>, Failure> {
        self.out.flush();
        self.shown = None;
        let signals = self.signals.clone();
        self.terminal.cooked().map_err(|error| broken("The terminal is gone", &error))?;
        let edited = signals.asking(|| edit(text, suffix));
        self.terminal.keys().map_err(|error| broken("The terminal is gone", &error))?;
        Ok(edited)
    }

    /// Shows what a rollback would do, lets it be shortened, and begins it.
    pub(crate) fn roll_back(&mut self, view: &RunView) {
        if view.rollback.at.is_some() {
            let lines = plan::lines(self.out.look, &view.rollback, &LeftOut::new());
            self.say(&lines);
            return self.again();
        }
        let lines = plan::lines(self.out.look, &view.rollback, &LeftOut::new());
        self.say(&lines);
        if view.rollback.entries.is_empty() {
            return self.again();
        }
        match self.answer(|| ask_plan(&view.rollback, &LeftOut::new(), None)) {
            Some((leave_out, took_effect)) => {
                self.act(RunAction::Rollback { leave_out, took_effect });
            }
            None => self.again(),
        }
    }

    /// A person says that what nothing undoes by itself is undone.
    pub(crate) fn undone_by_hand(&mut self, item: String) {
        let help = "how it was undone; may be left empty, Esc goes back";
        match self.answer(|| prompt::text("What was done?", help, "")) {
            Some(note) => {
                let note = Some(note).filter(|note| !note.trim().is_empty());
                self.act(RunAction::UndoneByHand { item, note });
            }
            None => self.again(),
        }
    }
}

/// Whether an item is part of a rollback under way and done by a person.
pub(crate) fn is_by_hand(view: &RunView, item: &str) -> bool {
    let entries = view.rollback.at.iter().flat_map(|_| &view.rollback.entries);
    entries
        .into_iter()
        .any(|entry| entry.item == item && matches!(entry.how, Undoing::ByHand | Undoing::Run) && !entry.settled)
}

/// The run that is to be rolled back for an item of a rollback under way, if that is how it is undone.
pub(crate) fn its_run(view: &RunView, item: &str) -> Option<String> {
    let mut entries = view.rollback.at.iter().flat_map(|_| &view.rollback.entries);
    entries.find(|entry| entry.item == item && !entry.settled)?.run.clone()
}

/// Asks what of a plan is done, and whether what failed took effect in part; none when the person thought better of it.
/// Gives what is left out beside what was already.
pub(crate) fn ask_plan(
    plan: &RollbackView,
    left_out: &LeftOut,
    took_effect: Option<bool>,
) -> Option<(Vec<String>, Option<bool>)> {
    let open = || plan.entries.iter().filter(|entry| !left_out.contains(&entry.item));
    let mut took_effect = took_effect;
    if took_effect.is_none()
        && let Some(entry) = open().find(|entry| entry.in_part)
    {
        let question = format!("Did \"{}\", which failed, take effect in part?", one_line(&entry.title));
        let answers = ["Yes, or nobody knows: undo it as well", "No, it changed nothing: leave it as it is"];
        took_effect = Some(prompt::choose(&question, &answers.map(str::to_owned))? == 0);
    }
    let ways = ["Begin: undo this", "Leave some of it out", "Go back"];
    match prompt::choose("Roll back?", &ways.map(str::to_owned))? {
        0 => Some((Vec::new(), took_effect)),
        1 => {
            let open: Vec<_> = open().collect();
            let shown: Vec<String> =
                open.iter().map(|entry| format!("{}: {}", one_line(&entry.title), one_line(&entry.item))).collect();
            let kept = prompt::choose_some("What is undone?", &shown)?;
            let left = open.iter().enumerate().filter(|(place, _)| !kept.contains(place));
            Some((left.map(|(_, entry)| entry.item.clone()).collect(), took_effect))
        }
        _ => None,
    }
}

/// The text as the person's editor left it.
///
/// # Errors
/// One sentence.
fn edit(text: &str, suffix: &str) -> Result<String, String> {
    let wrong = |error: io::Error| format!("The text could not be handed to an editor: {error}.");
    let folder = api::places::scratch().map_err(|error| error.message)?;
    // Only its owner can read it: a temporary file has mode 0600.
    let mut file = tempfile::Builder::new().prefix("edit-").suffix(suffix).tempfile_in(folder).map_err(wrong)?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(wrong)?;
    file.flush().map_err(wrong)?;
    let named = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| std::env::var(name).ok());
    let editor = named.into_iter().find(|editor| !editor.trim().is_empty()).unwrap_or_else(|| "vi".to_owned());
    // As others do it: the variable may hold arguments.
    let ended = Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(file.path())
        .status()
        .map_err(wrong)?;
    if !ended.success() {
        return Err(format!("{editor} ended with {ended}: nothing was changed. Set EDITOR to choose another."));
    }
    // An editor may have put another file in its place.
    let bytes = std::fs::read(file.path()).map_err(wrong)?;
    String::from_utf8(bytes).map_err(|_| "What the editor left is no UTF-8: nothing was changed.".to_owned())
}

/// Links of an item's step to other parts of the path: their titles, and the step each leads to.
pub(crate) fn branches(page: &Page, item: &str) -> Vec<(String, String)> {
    let Some(step) = page.step_of(item) else { return Vec::new() };
    let prose = step.body.iter().filter_map(|part| if let Part::Html(html) = part { Some(html) } else { None });
    let mut found: Vec<(String, String)> = Vec::new();
    for html in prose.chain(&step.if_it_fails) {
        for address in crate::prose::prose(page.look(), html, 0).links {
            let Some(anchor) = address.strip_prefix('#') else { continue };
            if let Some((title, to)) = part_of(page, anchor)
                && to != step.id
                && !found.iter().any(|(_, known)| *known == to)
            {
                found.push((title, to));
            }
        }
    }
    found
}

/// The step of the path that an anchor leads to: itself, or the first of its section.
fn part_of(page: &Page, anchor: &str) -> Option<(String, String)> {
    let wanted = anchor.to_lowercase();
    let on_path = |phase: Phase| !matches!(phase, Phase::Reference | Phase::Rollback);
    let sections = || page.runbook.sections.iter().filter(|section| on_path(section.phase));
    let steps = || sections().flat_map(|section| &section.steps);
    let step = steps().find(|step| step.id == wanted || slug(&step.title) == wanted).or_else(|| {
        let section = sections().find(|section| slug(&page.plain(&section.heading)) == wanted)?;
        section.steps.iter().find(|step| !step.items.is_empty())
    })?;
    Some((visible(&step.title), step.id.clone()))
}

/// A heading as its address, as code hosts write it.
fn slug(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_has_the_address_that_links_to_it_use() {
        for (heading, address) in [
            ("Free some space", "free-some-space"),
            (" What if: it *fails*? ", "what-if-it-fails"),
            ("Über_uns", "über_uns"),
        ] {
            assert_eq!(slug(heading), address);
        }
    }
}
