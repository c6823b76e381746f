//! Where a run is in its runbook: headings, prose and items in the document's order, each shown once.

use std::collections::{BTreeMap, BTreeSet};

use api::wire::{ItemKind, ItemStatus, ItemView, LinkView, Part, Phase, RunView, RunbookView, StepView};

use crate::{
    look::{BOLD, DIM, Look, one_line, styled, word},
    prose::{Prose, prose},
};

/// How many lines of a reference section are shown before the rest waits for a key.
const REFERENCE_LINES: usize = 8;

/// A piece of the document.
enum Block {
    Section { phase: Phase, heading: String, level: u8 },
    Step { title: String, number: Option<String>, no_return: bool },
    Html { html: String, reference: bool },
    Item(String),
}

/// What is shown on the way to an item.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Way {
    /// Lines to print.
    pub(crate) lines: Vec<String>,
}

/// A runbook and how far it has been shown.
pub(crate) struct Page {
    /// As it is read.
    pub(crate) runbook: RunbookView,
    look: Look,
    blocks: Vec<Block>,
    next: usize,
    phase: Option<Phase>,
    /// Prose that was shortened, whole.
    shortened: Vec<String>,
    settled: BTreeSet<String>,
    /// What was done before its turn came, so that the path names it when it comes by.
    ahead: BTreeSet<String>,
    total: u64,
    /// A rollback goes through the document backwards: nothing of it is shown on the way.
    stands_still: bool,
}

impl Page {
    /// From the beginning, or from the step of that id or title.
    pub(crate) fn new(runbook: RunbookView, look: Look, step: Option<&str>) -> Self {
        let mut blocks = Vec::new();
        let mut start = 0;
        let mut total = 0;
        let only = step.and_then(|step| find_step(&runbook, step)).map(|step| step.id.clone());
        for section in &runbook.sections {
            let reference = section.phase == Phase::Reference;
            let html = |part: &Part| match part {
                Part::Html(html) => Block::Html { html: html.clone(), reference },
                Part::Item(id) => Block::Item(id.clone()),
            };
            let (phase, level) = (section.phase, section.level);
            blocks.push(Block::Section { phase, heading: plain(look, &section.heading), level });
            blocks.extend(section.intro.iter().map(html));
            for one in &section.steps {
                let wanted = only.as_ref() == Some(&one.id);
                if wanted && start == 0 {
                    start = blocks.len();
                }
                if wanted || only.is_none() {
                    let items = one.items.iter().filter_map(|id| runbook.items.get(id));
                    total +=
                        items.filter(|item| item.on_path || wanted && item.kind != ItemKind::Undo).count() as u64;
                }
                let (title, number, no_return) = (one_line(&one.title), one.number.clone(), one.no_return);
                blocks.push(Block::Step { title, number, no_return });
                // The advice for a failure is told when it fails: beside what has passed it would only alarm.
                let advice = one.if_it_fails.as_deref().map(str::trim).filter(|advice| !advice.is_empty());
                let body = one.body.iter().enumerate().filter(|(at, part)| {
                    let before = at.checked_sub(1).and_then(|before| one.body.get(before));
                    !before.is_some_and(|before| repeats(look, &runbook, before, part))
                });
                blocks.extend(body.map(|(_, part)| html(part)).map(|block| match (block, advice) {
                    (Block::Html { html, reference }, Some(advice)) => {
                        Block::Html { html: html.replacen(advice, "", 1), reference }
                    }
                    (block, _) => block,
                }));
                let placed: BTreeSet<&String> = one
                    .body
                    .iter()
                    .filter_map(|part| if let Part::Item(id) = part { Some(id) } else { None })
                    .collect();
                // An item that is the step itself has no place of its own in the body.
                blocks.extend(one.items.iter().filter(|id| !placed.contains(id)).cloned().map(Block::Item));
            }
            blocks.extend(section.outro.iter().map(html));
        }
        Self {
            runbook,
            look,
            blocks,
            next: start,
            phase: None,
            shortened: Vec::new(),
            settled: BTreeSet::new(),
            ahead: BTreeSet::new(),
            total,
            stands_still: false,
        }
    }

    /// How it looks.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// From now on it looks like this: the terminal has another size.
    pub(crate) fn look_like(&mut self, look: Look) {
        self.look = look;
    }

    /// The links that can be opened; their places are their numbers.
    pub(crate) fn links(&self) -> impl Iterator<Item = &LinkView> {
        self.runbook.links.iter().filter(|link| link.opens)
    }

    /// Whether something was shortened that can be read in full.
    pub(crate) fn is_shortened(&self) -> bool {
        !self.shortened.is_empty()
    }

    /// An item was done before its turn.
    pub(crate) fn was_done_ahead(&mut self, item: &str) {
        self.ahead.insert(item.to_owned());
    }

    /// Whether an item was done before its turn.
    pub(crate) fn was_ahead(&self, item: &str) -> bool {
        self.ahead.contains(item)
    }

    /// The heading of an item's step and what it says, for whoever comes to it out of turn.
    pub(crate) fn heading_of(&self, item: &str) -> Vec<String> {
        let Some(start) = self.step_block(item) else { return Vec::new() };
        let mut lines = Vec::new();
        for block in &self.blocks[start..] {
            match block {
                Block::Step { title, number, no_return } => {
                    lines.push(String::new());
                    lines.push(self.step_line(title, number.as_deref(), *no_return));
                }
                Block::Html { html, .. } => {
                    lines.push(String::new());
                    lines.extend(self.prose(html).lines);
                }
                Block::Item(one) if one == item => break,
                Block::Item(_) => {}
                Block::Section { .. } => break,
            }
        }
        lines
    }

    fn step_line(&self, title: &str, number: Option<&str>, no_return: bool) -> String {
        let number = number.map(|number| format!("{}. ", one_line(number))).unwrap_or_default();
        let mark = if no_return { "no way back from here" } else { "" };
        self.look.row(&styled(BOLD, format!("{number}{title}")), mark)
    }

    /// Prose with the numbers of its links.
    fn prose(&self, html: &str) -> Prose {
        let numbers: BTreeMap<&str, usize> =
            self.links().enumerate().map(|(at, link)| (link.url.as_str(), at + 1)).collect();
        prose(self.look, &numbered(html, &numbers), 2)
    }

    /// A heading as one line.
    pub(crate) fn plain(&self, html: &str) -> String {
        plain(self.look, html)
    }

    /// From now on nothing is shown on the way to an item.
    pub(crate) fn stand_still(&mut self) {
        self.stands_still = true;
    }

    /// Whether nothing is shown on the way: the run is rolled back.
    pub(crate) fn stands_still(&self) -> bool {
        self.stands_still
    }

    /// The path goes on at a step.
    pub(crate) fn go_to(&mut self, step: &str) {
        let steps = self.runbook.sections.iter().flat_map(|section| &section.steps);
        let found = steps.into_iter().find(|one| one.id == step || one.items.iter().any(|item| item == step));
        let Some(first) = found.and_then(|step| step.items.first()).cloned() else { return };
        self.next = self.step_block(&first).unwrap_or(self.next);
    }

    /// The heading of the step that an item stands in.
    fn step_block(&self, item: &str) -> Option<usize> {
        let at = self.blocks.iter().position(|block| matches!(block, Block::Item(one) if one == item))?;
        self.blocks.iter().take(at).rposition(|block| matches!(block, Block::Step { .. }))
    }

    /// A run that is taken up: what is settled in it counts, and the page goes on at the step of the item in hand. Without
    /// one it stands still.
    pub(crate) fn take_up(&mut self, view: &RunView, hand: Option<&str>) {
        for progress in &view.progress {
            let settled = matches!(
                progress.status,
                ItemStatus::Passed | ItemStatus::Skipped | ItemStatus::Overridden | ItemStatus::Undone
            );
            if settled && self.item(&progress.item).is_some_and(|item| item.on_path) {
                self.settled.insert(progress.item.clone());
            }
        }
        let Some(hand) = hand else { return self.stand_still() };
        let step = self.step_block(hand);
        self.next = self.next.max(step.unwrap_or(0));
    }

    /// The item of that id.
    pub(crate) fn item(&self, id: &str) -> Option<&ItemView> {
        self.runbook.items.get(id)
    }

    /// The step that an item stands in.
    pub(crate) fn step_of(&self, id: &str) -> Option<&StepView> {
        self.runbook
            .sections
            .iter()
            .flat_map(|section| &section.steps)
            .find(|step| step.items.iter().any(|one| one == id))
    }

    /// An item was settled, or is open again.
    pub(crate) fn settle(&mut self, id: &str, settled: bool) {
        if settled {
            self.settled.insert(id.to_owned());
        } else {
            self.settled.remove(id);
        }
    }

    /// `6 of 13`: how many items of the path are settled.
    pub(crate) fn done(&self) -> String {
        let settled = self.settled.iter().filter(|id| self.item(id).is_some()).count() as u64;
        format!("{} of {}", settled.min(self.total), self.total)
    }

    /// `7 of 13`: which of them is in hand.
    pub(crate) fn place(&self) -> String {
        let settled = self.settled.len() as u64;
        format!("{} of {}", (settled + 1).min(self.total), self.total)
    }

    /// Everything between what was shown last and an item; only headings where no prose is wanted.
    pub(crate) fn way_to(&mut self, id: &str, with_prose: bool) -> Way {
        if self.stands_still {
            return Way::default();
        }
        let found =
            self.blocks.iter().skip(self.next).position(|block| matches!(block, Block::Item(one) if one == id));
        let Some(found) = found else { return Way::default() };
        let end = self.next + found;
        let mut way = Way::default();
        let mut lines_of_reference = 0;
        for at in self.next..end {
            match &self.blocks[at] {
                Block::Section { phase, heading, level } => {
                    lines_of_reference = 0;
                    if self.phase != Some(*phase) && (with_prose || *phase != Phase::Reference) {
                        self.phase = Some(*phase);
                        way.lines.push(String::new());
                        way.lines.push(self.look.rule(&word(phase).to_uppercase()));
                    }
                    // The title stands above everything; a heading that is its only step is said once, as the step.
                    let is_step =
                        matches!(self.blocks.get(at + 1), Some(Block::Step { title, .. }) if title == heading);
                    let is_phase = heading.to_lowercase() == word(phase);
                    if *level > 1 && !heading.is_empty() && !is_step && !is_phase && with_prose {
                        way.lines.push(String::new());
                        way.lines.push(styled(BOLD, heading));
                    }
                }
                Block::Step { title, number, no_return } => {
                    // A section that is its own step has its heading in the rule above.
                    let is_phase = self.phase.is_some_and(|phase| title.to_lowercase() == word(phase));
                    if !is_phase || number.is_some() || *no_return {
                        way.lines.push(String::new());
                        way.lines.push(self.step_line(title, number.as_deref(), *no_return));
                    }
                }
                Block::Html { html, reference } if with_prose => {
                    let mut found = self.prose(html);
                    if found.lines.is_empty() {
                        continue;
                    }
                    if *reference {
                        let room = REFERENCE_LINES.saturating_sub(lines_of_reference);
                        lines_of_reference += found.lines.len();
                        if found.lines.len() > room {
                            self.shortened.push(html.clone());
                            found.lines.truncate(room);
                            if room > 0 {
                                let mark = self.look.or("…", "...");
                                found.lines.push(styled(DIM, format!("  {mark} more: press +")));
                            }
                        }
                        if found.lines.is_empty() {
                            continue;
                        }
                    }
                    way.lines.push(String::new());
                    way.lines.append(&mut found.lines);
                }
                Block::Item(item) if self.ahead.contains(item) && self.settled.contains(item) => {
                    let label = self.item(item).map_or(item.as_str(), |item| match item.kind {
                        ItemKind::Check => &item.text,
                        _ => &item.id,
                    });
                    let line = format!("  {} {}", self.look.or("✔", "+"), one_line(label));
                    way.lines.push(styled(DIM, self.look.row(&line, "done before its turn")));
                }
                Block::Html { .. } | Block::Item(_) => {}
            }
        }
        self.next = end + 1;
        way
    }

    /// What was shortened, in full; the next call gives only what was shortened after it.
    pub(crate) fn read_on(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for html in std::mem::take(&mut self.shortened) {
            lines.extend(self.prose(&html).lines);
            lines.push(String::new());
        }
        lines
    }
}

/// Whether a piece of prose is no more than the link of the check before it: what that leads to stands there already.
fn repeats(look: Look, runbook: &RunbookView, before: &Part, part: &Part) -> bool {
    let (Part::Item(id), Part::Html(html)) = (before, part) else { return false };
    let Some(item) = runbook.items.get(id).filter(|item| item.linked.is_some()) else { return false };
    plain(look, html).trim_start_matches(['*', '-', ' ']) == one_line(&item.text)
}

/// Sanitised HTML with the number of each link behind its text.
fn numbered(html: &str, numbers: &BTreeMap<&str, usize>) -> String {
    let mut shown = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<a ") {
        let (before, link) = rest.split_at(at);
        let Some((link, after)) = link.split_once("</a>") else { break };
        shown.push_str(before);
        shown.push_str(link);
        shown.push_str("</a>");
        let address = link.split_once("href=\"").and_then(|(_, address)| address.split_once('"'));
        let number = address.and_then(|(address, _)| numbers.get(address.replace("&amp;", "&").as_str()).copied());
        if let Some(number) = number {
            shown.push_str(&format!("\u{a0}[{number}]"));
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// A heading as one line.
fn plain(look: Look, html: &str) -> String {
    let wide = Look { width: 10_000, ..look };
    let text = prose(wide, html, 0).lines.join(" ");
    anstream::adapter::strip_str(&text).to_string()
}

/// The step of that id or title, as a run finds it.
pub(crate) fn find_step<'a>(runbook: &'a RunbookView, wanted: &str) -> Option<&'a StepView> {
    let steps = || runbook.sections.iter().flat_map(|section| &section.steps);
    let at = api::meant_step(steps().map(|step| (step.id.as_str(), step.title.as_str())), wanted)?;
    steps().nth(at)
}

/// Values of parameters that a person still has to be asked for, and their defaults.
pub(crate) fn missing(runbook: &RunbookView, given: &BTreeMap<String, String>) -> Vec<api::wire::ParamView> {
    runbook.params.iter().filter(|param| !given.contains_key(&param.name)).cloned().collect()
}
