//! A person's turn: the item in hand, what can be done with it, and what is asked before it is done.

use std::collections::BTreeMap;

use api::{
    ErrorCode,
    commands::LinkArgument,
    error::{Needs, Question},
    wire::{Edited, ItemKind, ItemStatus, ItemView, Mode, ParamView, RunAction, RunStatus, RunView},
};

use super::{
    broken,
    checklist::Checklist,
    prompt::{self, Key},
    teller::{conditions, label},
    ways_out,
};
use crate::{
    look::{BOLD, DIM, FAIL, one_line, styled, visible},
    status::Failure,
};

/// What a key does.
struct Choice {
    key: Key,
    sign: &'static str,
    does: &'static str,
    /// For the help.
    says: &'static str,
}

impl Checklist<'_> {
    /// Shows the item in hand and does what the person decides.
    pub(crate) fn person(&mut self) -> Result<(), Failure> {
        let view = self.live.view();
        if view.run.state != RunStatus::Waiting {
            return Ok(());
        }
        let Some(item) = view.hand.as_deref().and_then(|hand| self.page.item(hand)).cloned() else { return Ok(()) };
        let status = state_of(&view, &item.id);
        self.way_to(&item.id);
        if status != ItemStatus::Failed {
            prompt::discard_typed_ahead();
            let mut lines = self.block(&item);
            lines.extend(self.how_it_stands(&view, &item.id, status));
            self.say(&lines);
            let gives_way = matches!(item.kind, ItemKind::Check | ItemKind::Message);
            let height = if gives_way { self.height(&lines) } else { 0 };
            self.shown = Some((item.id.clone(), height));
        }
        let place = Place {
            mode: self.mode,
            by_hand: ways_out::is_by_hand(&view, &item.id),
            rolling: view.rollback.at.is_some(),
            branches: !ways_out::branches(&self.page, &item.id).is_empty(),
        };
        let choices = choices(&item, status, place);
        let key = self.ask(&choices)?;
        match key {
            None => Ok(()),
            Some(Key::Enter) if place.by_hand => {
                self.undone_by_hand(item.id);
                Ok(())
            }
            Some(key) => self.decided(key, &item, status, &view),
        }
    }

    /// What has to be known of an item before it is decided about: that it was cut off, how far the rollback is.
    fn how_it_stands(&self, view: &RunView, item: &str, status: ItemStatus) -> Vec<String> {
        let look = self.out.look;
        let mut lines = Vec::new();
        if status == ItemStatus::Interrupted {
            let text =
                "It was running when the run was cut off: nobody knows how it ended. Look before you run it again.";
            lines.extend(look.wrapped(text, 4).into_iter().map(|line| styled(FAIL, line)));
        }
        let entries = view.rollback.at.iter().flat_map(|_| &view.rollback.entries).enumerate();
        if let Some((place, entry)) = entries.into_iter().find(|(_, entry)| entry.item == item) {
            let of = view.rollback.entries.len();
            let text = format!("rollback, {} of {of}: {}", place + 1, one_line(&entry.title));
            lines.push(styled(DIM, format!("    {text}")));
            if ways_out::is_by_hand(view, item) {
                let text = "Nothing undoes it by itself: undo it by hand, then say so.";
                lines.extend(look.wrapped(text, 4));
            }
        }
        lines
    }

    /// The item as it is read before it is done.
    pub(crate) fn block(&self, item: &ItemView) -> Vec<String> {
        let look = self.out.look;
        let place = styled(DIM, self.page.place());
        let mark = look.kind(item.kind);
        let mut lines = vec![String::new()];
        match item.kind {
            ItemKind::Check => {
                let mut text = look.wrapped(&visible(&item.text), 4);
                if let Some(first) = text.first_mut() {
                    let room = look.width.saturating_sub(16);
                    let whole = format!("  {mark} {}", first.trim_start());
                    *first = if crate::look::width(&whole) <= room { look.row(&whole, &place) } else { whole };
                }
                lines.extend(text);
            }
            ItemKind::Message => {
                lines.push(look.row(&format!("  {mark} {}", styled(BOLD, label(&item.id, &self.page))), &place));
                let filled = self.live.view().messages.remove(&item.id).unwrap_or_else(|| item.text.clone());
                lines.extend(visible(&filled).lines().map(|line| format!("    {} {line}", look.or("│", "|"))));
            }
            ItemKind::Command | ItemKind::Probe | ItemKind::Undo => {
                lines.push(look.row(&format!("  {mark} {}", styled(BOLD, one_line(&item.id))), &place));
                lines.extend(visible(&item.script).lines().map(|line| format!("    {} {line}", look.or("│", "|"))));
                lines.extend(conditions(item, look).into_iter().map(|line| styled(DIM, line)));
                for line in &item.session_input {
                    lines.push(styled(DIM, format!("    in the session: {}", one_line(line))));
                }
            }
        }
        if let Some(refused) = &item.refused {
            lines.extend(look.wrapped(&visible(refused), 4).into_iter().map(|line| styled(FAIL, line)));
        }
        lines
    }

    /// Prints the keys, waits for one of them. `None` when a signal came first.
    fn ask(&mut self, choices: &[Choice]) -> Result<Option<Key>, Failure> {
        loop {
            let hinted = choices.iter().filter(|choice| !choice.does.is_empty());
            let hints: Vec<String> =
                hinted.map(|choice| format!("{} {}", styled(BOLD, choice.sign), choice.does)).collect();
            let line = format!("    {}", hints.join(self.out.look.or(" · ", "  ")));
            prompt::discard_typed_ahead();
            self.out.text(&line);
            self.out.flush();
            let signals = self.signals.clone();
            let Some(pressed) = signals.asking(prompt::key) else { return Ok(None) };
            let pressed = pressed.map_err(|error| broken("The terminal is gone", &error))?;
            let erase = self.height(&[line]) > 0;
            self.out.raw(if erase { b"\r\x1b[2K" } else { b"\n" });
            self.out.flush();
            match pressed {
                Key::Sign('?') => {
                    let lines: Vec<String> =
                        choices.iter().map(|choice| format!("    {:<7}{}", choice.sign, choice.says)).collect();
                    self.say(&lines);
                }
                Key::Stop => return Ok(Some(Key::Sign('q'))),
                pressed if choices.iter().any(|choice| choice.key == pressed) => return Ok(Some(pressed)),
                _ => {}
            }
        }
    }

    fn decided(&mut self, key: Key, item: &ItemView, status: ItemStatus, view: &RunView) -> Result<(), Failure> {
        let id = item.id.clone();
        match key {
            Key::Enter => self.go(item, status),
            Key::Sign('s') => match self.answer(|| prompt::reason("Why is it skipped?")) {
                Some(reason) => drop(self.act(RunAction::Skip { item: id, reason })),
                None => self.again(),
            },
            Key::Sign('o') => match self.answer(|| prompt::reason("Why is it taken as done?")) {
                Some(reason) => drop(self.act(RunAction::Override { item: id, reason })),
                None => self.again(),
            },
            Key::Sign('f') => match self.answer(|| prompt::reason("What is wrong?")) {
                Some(note) => drop(self.act(RunAction::Fail { item: id, note: Some(note) })),
                None => self.again(),
            },
            Key::Sign('n') => {
                if let Some(text) = self.answer(|| prompt::reason("Note")) {
                    self.act(RunAction::Note { item: Some(id), text });
                }
                self.again();
            }
            Key::Sign('e') => return self.edit(item, view),
            Key::Sign('u') => self.roll_back(view),
            Key::Sign('g') => self.branch(&id),
            Key::Sign('m') => self.mark(),
            Key::Sign('l') => {
                self.open_link(&id);
                self.again();
            }
            Key::Sign('r') => {
                let lines = self.page.read_on();
                self.say(&lines);
                self.again();
            }
            Key::Sign('a') => {
                let reason = self.answer(|| prompt::reason("Why is the run given up?"));
                match reason {
                    Some(reason) => drop(self.act(RunAction::Abandon { reason: Some(reason) })),
                    None => self.again(),
                }
            }
            _ => {
                let look = self.out.look;
                let question = "Put this run aside? What was done stays recorded, the run stays paused.";
                let signals = self.signals.clone();
                match signals.asking(|| prompt::confirm(look, question)) {
                    Some(Ok(true)) => {
                        self.left = self.act(RunAction::Pause);
                    }
                    Some(Ok(false)) => {
                        self.shown = None;
                        self.again();
                    }
                    Some(Err(error)) => return Err(broken("The terminal is gone", &error)),
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// Enter: ticks, sends or runs.
    fn go(&mut self, item: &ItemView, status: ItemStatus) {
        let id = item.id.clone();
        match item.kind {
            ItemKind::Check => drop(self.act(RunAction::Tick { item: id, note: None })),
            ItemKind::Message => {
                let text = self.live.view().messages.remove(&id).unwrap_or_else(|| item.text.clone());
                self.act(RunAction::MessageSent { item: id, text });
            }
            ItemKind::Command | ItemKind::Probe | ItemKind::Undo => {
                if status == ItemStatus::Failed {
                    self.shown = Some((id, 0));
                }
                self.start(item, None);
            }
        }
    }

    /// Starts a command; asks for whatever it needs first.
    pub(crate) fn start(&mut self, item: &ItemView, edited: Option<Edited>) {
        let mut values = BTreeMap::new();
        let mut confirmed = None;
        loop {
            let action = RunAction::Start {
                item: item.id.clone(),
                hash: item.hash.clone(),
                values: values.clone(),
                confirmed: confirmed.clone(),
                edited: edited.clone(),
            };
            self.edited = edited.is_some();
            let error = match self.live.act(action) {
                Ok(()) => return,
                Err(error) => error,
            };
            if let (ErrorCode::NeedsConfirmation, Some(question)) = (error.code, &error.confirm) {
                self.shown = Some((item.id.clone(), 0));
                match self.confirm(&error.message, question) {
                    Some(answer) if question.environment => {
                        if !self.act(RunAction::ConfirmEnvironment { typed: answer }) {
                            return;
                        }
                    }
                    Some(answer) => confirmed = Some(answer),
                    None => return self.again(),
                }
                continue;
            }
            if confirmed.is_some() && error.code == ErrorCode::BadInput {
                let lines = self.out.look.wrapped(&visible(&error.message), 4);
                self.say(&lines);
                return self.again();
            }
            let needs = match (error.code, error.needs) {
                (ErrorCode::NeedsValues, Some(needs)) => needs,
                (ErrorCode::BadInput, _) if !values.is_empty() => {
                    let lines = self.out.look.wrapped(&visible(&error.message), 4);
                    self.say(&lines);
                    let placeholders = values.keys().cloned().collect();
                    Needs { placeholders, ..Needs::default() }
                }
                _ => {
                    let lines = self.out.look.wrapped(&visible(&error.message), 4);
                    self.say(&lines);
                    return self.again();
                }
            };
            self.shown = Some((item.id.clone(), 0));
            match self.answer(|| ask_values(&needs)) {
                Some(given) => values.extend(given),
                None => return self.again(),
            }
        }
    }

    /// Asks what has to be answered before a command starts; `None` when the person thought better of it.
    fn confirm(&mut self, sentence: &str, question: &Question) -> Option<String> {
        let look = self.out.look;
        match &question.typed {
            Some(text) => {
                let lines = look.wrapped(&visible(sentence), 4);
                self.say(&lines);
                self.answer(|| prompt::text(&format!("Type {text}"), "Enter answers, Esc goes back", ""))
            }
            None => self.answer(|| match prompt::confirm(look, sentence) {
                Ok(true) => Some("yes".to_owned()),
                Ok(false) | Err(_) => None,
            }),
        }
    }

    fn open_link(&mut self, item: &str) {
        let mut urls = self.links.clone();
        urls.extend(self.page.runbook.links.iter().filter(|link| link.opens).map(|link| link.url.clone()));
        let mut seen = std::collections::BTreeSet::new();
        urls.retain(|url| seen.insert(url.clone()));
        if urls.is_empty() {
            return self.say(&["    This runbook has no links.".to_owned()]);
        }
        let Some(chosen) = self.answer(|| prompt::choose("Open which link?", &urls)) else { return };
        let link = LinkArgument {
            run: Some(self.live.id().to_owned()),
            item: Some(item.to_owned()),
            url: urls.swap_remove(chosen),
        };
        if let Err(error) = self.app.link_open(link) {
            let lines = self.out.look.wrapped(&visible(&error.message), 4);
            self.say(&lines);
        }
    }

    /// Asks something, unless a signal comes first.
    pub(crate) fn answer<T>(&mut self, ask: impl FnOnce() -> Option<T>) -> Option<T> {
        self.out.flush();
        self.shown = None;
        let signals = self.signals.clone();
        signals.asking(ask).flatten()
    }
}

/// The state of an item as a person decides about it. In a rollback, what failed on the way forward says nothing.
fn state_of(view: &RunView, item: &str) -> ItemStatus {
    let entries = view.rollback.at.iter().flat_map(|_| &view.rollback.entries);
    match entries.into_iter().find(|entry| entry.item == item) {
        Some(entry) if entry.failed => ItemStatus::Failed,
        Some(_) => ItemStatus::Ready,
        None => Checklist::status(view, item),
    }
}

/// What a choice depends on beside the item and its state.
#[derive(Clone, Copy)]
struct Place {
    mode: Mode,
    /// The run is being rolled back.
    rolling: bool,
    /// A person undoes it.
    by_hand: bool,
    /// Its step links to others.
    branches: bool,
}

/// What can be done with an item in that state.
fn choices(item: &ItemView, status: ItemStatus, place: Place) -> Vec<Choice> {
    let choice = |sign: &'static str, does: &'static str, says: &'static str| {
        let key = match sign {
            "Enter" => Key::Enter,
            sign => Key::Sign(sign.chars().next().unwrap_or('?')),
        };
        Choice { key, sign, does, says }
    };
    let failed = status == ItemStatus::Failed;
    let stuck = failed || status == ItemStatus::Interrupted;
    let rehearsed = place.mode == Mode::Rehearse;
    let runs = !matches!(item.kind, ItemKind::Check | ItemKind::Message);
    let mut choices = Vec::new();
    match item.kind {
        _ if place.by_hand => choices.push(choice("Enter", "it is undone", "you have undone it by hand")),
        ItemKind::Check if failed => choices.push(choice("Enter", "done after all", "it holds now: tick it")),
        ItemKind::Check => choices.push(choice("Enter", "done", "it holds: tick it")),
        ItemKind::Message => choices.push(choice("Enter", "sent", "you have sent it")),
        _ if item.refused.is_some() => {}
        _ if failed => choices.push(choice("Enter", "try again", "run it once more")),
        _ if stuck => choices.push(choice("Enter", "run again", "run it once more, whatever came of it before")),
        _ if rehearsed => choices.push(choice("Enter", "go on", "see what would run; nothing is executed")),
        ItemKind::Probe => choices.push(choice("Enter", "look", "try it until it holds or its time is over")),
        _ => choices.push(choice("Enter", "run", "run the command as it is shown")),
    }
    if runs && stuck && !rehearsed && item.refused.is_none() && !place.by_hand {
        choices.push(choice("e", "edit and try again", "change the command for this run, with a reason"));
    }
    if !place.by_hand {
        choices.push(choice("s", "skip", "leave it out, with a reason"));
        match item.kind {
            ItemKind::Check if !failed => choices.push(choice("f", "fail", "it does not hold: say what is wrong")),
            ItemKind::Check | ItemKind::Message => {}
            _ => choices.push(choice("o", "take as done", "in spite of the machine, with a reason")),
        }
    }
    let quiet = |sign: &'static str, says: &'static str| choice(sign, "", says);
    if !place.rolling {
        let says = "undo what was done, latest first; the plan is shown before anything runs";
        choices.push(choice("u", if stuck { "roll back" } else { "" }, says));
    }
    if place.branches && !place.rolling {
        choices.push(choice("g", "go to", "go on at another part that this step links to"));
    }
    choices.push(choice("n", "note", "write something into the record"));
    choices.push(quiet("m", "mark a moment or a fact: detected, mitigated, verified, severity, ..."));
    choices.push(choice("l", "links", "open a link of the runbook"));
    if stuck {
        choices.push(choice("a", "abandon", "give the run up, with a reason"));
    }
    choices.push(choice("q", "put aside", "stop here; the run stays paused"));
    choices.push(quiet("r", "read what was shortened above"));
    choices.push(choice(
        "?",
        "help",
        "these lines; while a command runs, all keys are its own, Ctrl-C twice stops the run",
    ));
    choices
}

/// Asks for each value that a command needs; `None` when the person thought better of it.
pub(crate) fn ask_values(needs: &Needs) -> Option<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for name in &needs.placeholders {
        values.insert(
            name.clone(),
            prompt::text(&format!("<{name}>"), "it is quoted for the place where it stands", "")?,
        );
    }
    for doubt in &needs.doubts {
        let help = "this may be meant to be replaced; Enter keeps what stands there";
        values.insert(doubt.clone(), prompt::text(doubt, help, doubt)?);
    }
    for name in &needs.variables {
        let help = "nothing has set this variable; it may be left empty on purpose";
        values.insert(name.clone(), prompt::text(&format!("${name}"), help, "")?);
    }
    Some(values)
}

/// Asks for the parameters of a runbook; `None` when the person thought better of it.
pub(crate) fn ask_parameters(params: &[ParamView]) -> Option<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for param in params {
        let question = param.prompt.as_deref().unwrap_or(&param.name);
        let default = param.default.as_deref().unwrap_or_default();
        let value = if param.secret {
            prompt::hidden(question)?
        } else if param.choices.is_empty() {
            let help = if param.required { "needed" } else { "may be left empty" };
            prompt::text(question, help, default)?
        } else {
            let chosen = prompt::choose(question, &param.choices)?;
            param.choices.get(chosen)?.clone()
        };
        if !value.is_empty() || param.required {
            values.insert(param.name.clone(), value);
        }
    }
    Some(values)
}
