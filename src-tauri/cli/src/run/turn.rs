//! A person's turn: the item in hand, what can be done with it, and what is asked before it is done.

use std::collections::BTreeMap;

use api::{
    ErrorCode,
    error::{Needs, Question},
    wire::{Edited, ItemKind, ItemStatus, ItemView, ParamView, RunAction, RunStatus, RunView},
};

use super::{
    broken,
    checklist::Checklist,
    choices::{Choice, Place, choices, help, hints, is_stuck, opens_run},
    into,
    prompt::{self, Key},
    taking::MOVED_ON,
    teller::{conditions, label},
    ways_out,
};
use crate::{
    look::{BOLD, DIM, FAIL, one_line, styled, visible},
    status::Failure,
};

impl Checklist<'_> {
    /// Shows the item in hand and does what the person decides.
    pub(crate) fn person(&mut self) -> Result<(), Failure> {
        let view = self.live.view();
        if view.run.state != RunStatus::Waiting {
            return Ok(());
        }
        let wanted = self.focus.as_deref().or(view.hand.as_deref());
        let Some(item) = wanted.and_then(|wanted| self.page.item(wanted)).cloned() else { return Ok(()) };
        let status = state_of(&view, &item.id);
        if !self.moved_on && self.live.has_moved_on() {
            self.moved_on = true;
            let lines = self.out.look.wrapped(MOVED_ON, 2);
            self.say(&lines);
        }
        self.way_to(&item.id);
        let again = std::mem::take(&mut self.asked_again);
        if self.told.as_ref() != Some(&item.id) {
            prompt::discard_typed_ahead();
            let mut lines = if self.is_in_focus(&item.id) { self.page.heading_of(&item.id) } else { Vec::new() };
            lines.extend(self.block(&item));
            lines.extend(self.how_it_stands(&view, &item.id, status));
            self.say(&lines);
            let gives_way = matches!(item.kind, ItemKind::Check | ItemKind::Message) && !self.is_in_focus(&item.id);
            let height = if gives_way { self.height(&lines) } else { 0 };
            self.shown = Some((item.id.clone(), height));
            self.told = Some(item.id.clone());
        } else if again {
            // What stands above is no more than a reminder away.
            let reminder: Vec<String> = self.block(&item).into_iter().skip(1).take(1).collect();
            self.say(&reminder);
            self.shown = Some((item.id.clone(), 0));
        }
        let place = Place {
            mode: self.mode,
            probes: self.probes,
            by_hand: ways_out::is_by_hand(&view, &item.id),
            rolling: view.rollback.at.is_some(),
            out_of_turn: self.focus.is_some(),
            branches: !ways_out::branches(&self.page, &item.id).is_empty(),
            links: self.page.links().count(),
            shortened: self.page.is_shortened(),
            under_way: into::is_under_way(&view, &item.id),
            its_run: ways_out::its_run(&view, &item.id).is_some(),
        };
        let choices = choices(&item, status, place);
        let key = self.ask(&choices, is_stuck(status))?;
        match key {
            None => Ok(()),
            Some(Key::Enter) if place.its_run => self.roll_back_its_run(&view, &item.id),
            Some(Key::Enter | Key::Sign('t')) if place.by_hand => {
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
        if status == ItemStatus::Failed && view.rollback.at.is_none() {
            lines.extend(self.teller.why_it_failed(view, item, &self.page));
        }
        if self.is_in_focus(item) {
            let said = match status {
                ItemStatus::Passed => "It has passed already. ",
                ItemStatus::Skipped => "It was left out. ",
                ItemStatus::Overridden => "It was taken as done. ",
                ItemStatus::Failed => "It has failed. ",
                ItemStatus::Running => "It runs in the background. ",
                _ => "",
            };
            let text = format!("{said}It is not its turn: Esc goes back.");
            lines.extend(look.wrapped(&text, 4).into_iter().map(|line| styled(DIM, line)));
        }
        let entries = view.rollback.at.iter().flat_map(|_| &view.rollback.entries);
        if let Some(entry) = entries.into_iter().find(|entry| entry.item == item) {
            lines.push(styled(DIM, format!("    {}", one_line(&entry.title))));
            if ways_out::is_by_hand(view, item) {
                let text = match &entry.run {
                    Some(run) => format!("Run {run} was opened for it: that is rolled back."),
                    None => "Nothing undoes it by itself: undo it by hand, then say so.".to_owned(),
                };
                lines.extend(look.wrapped(&text, 4));
            }
        }
        lines
    }

    /// The item as it is read before it is done.
    pub(crate) fn block(&self, item: &ItemView) -> Vec<String> {
        let look = self.out.look;
        let place = styled(DIM, self.place(&item.id));
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
                let text = self.message(item);
                lines.extend(look.script(&text));
            }
            ItemKind::Command | ItemKind::Probe | ItemKind::Undo => {
                lines.push(look.row(&format!("  {mark} {}", styled(BOLD, one_line(&item.id))), &place));
                lines.extend(look.script(&item.script));
                lines.extend(self.usual(&item.id).into_iter().map(|line| styled(DIM, line)));
                lines.extend(conditions(item, look).into_iter().map(|line| styled(DIM, line)));
                for line in &item.session_input {
                    lines.push(styled(DIM, format!("    in the session: {}", one_line(line))));
                }
            }
        }
        if let Some(linked) = &item.linked {
            let step =
                linked.step.as_ref().map(|step| format!(", only step \"{}\"", one_line(step))).unwrap_or_default();
            let text = match &linked.refused {
                None => format!("stands for a run of {}{step}", one_line(&linked.title)),
                Some(refused) => refused.clone(),
            };
            lines.extend(look.wrapped(&visible(&text), 4).into_iter().map(|line| styled(DIM, line)));
        }
        if let Some(refused) = &item.refused {
            lines.extend(look.wrapped(&visible(refused), 4).into_iter().map(|line| styled(FAIL, line)));
        }
        lines
    }

    /// Which one of how many an item is, of the path or of the rollback.
    fn place(&self, item: &str) -> String {
        if self.page.stands_still() {
            let entries = self.live.view().rollback.entries;
            if let Some(place) = entries.iter().position(|entry| entry.item == item) {
                return format!("rollback, {} of {}", place + 1, entries.len());
            }
        }
        self.page.place()
    }

    /// What past runs say of an item.
    fn usual(&self, item: &str) -> Option<String> {
        let view = self.live.view();
        let usual = view.usual.as_ref().or(self.page.runbook.usual.as_ref())?;
        let known = usual.items.get(item)?;
        let median = super::aside::usual_time(known);
        let failed = (known.failed > 0).then(|| format!("failed in {} of {} runs", known.failed, known.runs));
        let said: Vec<String> = median.into_iter().chain(failed).collect();
        (!said.is_empty()).then(|| format!("    {}", said.join(", ")))
    }

    /// Prints the keys, waits for one of them. `None` when a signal came first.
    fn ask(&mut self, choices: &[Choice], all: bool) -> Result<Option<Key>, Failure> {
        loop {
            let lines = hints(self.out.look, choices, all);
            prompt::discard_typed_ahead();
            self.out.text(&lines.join("\n"));
            self.out.flush();
            let signals = self.signals.clone();
            let wait = self.until_due();
            let Some(pressed) = signals.asking(|| prompt::key_within(wait)) else { return Ok(None) };
            let pressed = pressed.map_err(|error| broken("The terminal is gone", &error))?;
            let erased = match self.height(&lines) {
                0 => "\n".to_owned(),
                1 => "\r\x1b[J".to_owned(),
                lines => format!("\r\x1b[{}A\x1b[J", lines - 1),
            };
            self.out.raw(if pressed == Some(Key::Resized) { b"\n" } else { erased.as_bytes() });
            self.out.flush();
            let Some(pressed) = pressed else {
                self.remind();
                continue;
            };
            match pressed {
                Key::Resized => self.resized(),
                Key::Sign('?') => {
                    let lines = help(self.out.look, choices);
                    self.say(&lines);
                }
                Key::Stop | Key::Sign('q') => return Ok(Some(Key::Sign('p'))),
                Key::Sign('1'..='9') => return Ok(Some(pressed)),
                pressed if choices.iter().any(|choice| choice.key == pressed) => return Ok(Some(pressed)),
                _ => {}
            }
        }
    }

    fn decided(&mut self, key: Key, item: &ItemView, status: ItemStatus, view: &RunView) -> Result<(), Failure> {
        let id = item.id.clone();
        match key {
            Key::Sign(' ') if status == ItemStatus::Passed && item.kind == ItemKind::Check => {
                self.act(RunAction::Untick { item: id });
            }
            Key::Enter if item.kind == ItemKind::Check && opens_run(item) => return self.open_run(item),
            Key::Sign('t') => match self.answer(|| prompt::reason("Why is it ticked without its run?")) {
                Some(note) => drop(self.act(RunAction::Tick { item: id, note: Some(note) })),
                None => self.again(),
            },
            Key::Enter | Key::Sign(' ') => self.go(item, status),
            Key::Back => {
                self.focus = None;
                self.told = None;
                self.again();
            }
            Key::Sign('x') => drop(self.act(RunAction::Stop { item: id })),
            Key::Sign('s') => match self.answer(|| prompt::reason("Why is it skipped?")) {
                Some(reason) => drop(self.act(RunAction::Skip { item: id, reason })),
                None => self.again(),
            },
            Key::Sign('m') => match self.answer(|| prompt::reason("Why is it taken as done?")) {
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
            Key::Sign('e') if item.kind == ItemKind::Message => {
                self.told = None;
                return self.edit_message(item);
            }
            Key::Sign('e') => return self.edit(item, view),
            Key::Sign('c') => {
                let text = if item.kind == ItemKind::Message { self.message(item) } else { item.script.clone() };
                self.copy(&text);
            }
            Key::Sign('r') => self.roll_back(view),
            Key::Sign('g') => self.go_to(&id, view),
            Key::Sign('i') => self.mark(),
            Key::Sign('u') => return self.write_update(),
            Key::Sign('h') => return self.hand_over(),
            Key::Sign('v') => {
                self.told = None;
                self.overview(view);
            }
            Key::Sign('l') => self.choose_link(&id),
            Key::Sign(digit @ '1'..='9') => {
                self.open_link(&id, digit.to_digit(10).map_or(0, |digit| digit as usize - 1));
            }
            Key::Sign('+') => {
                let lines = self.page.read_on();
                self.say(&lines);
                self.told = None;
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
                let text = self.message(item);
                if self.was_sent_so(&text) {
                    self.act(RunAction::MessageSent { item: id, text });
                } else {
                    self.again();
                }
            }
            ItemKind::Command | ItemKind::Probe | ItemKind::Undo => {
                if status == ItemStatus::Failed {
                    self.shown = Some((id, 0));
                }
                self.start(item, None);
            }
        }
    }

    /// A text in which a place is still to be filled in was sent so only when a person says it.
    fn was_sent_so(&mut self, text: &str) -> bool {
        let Some(open) = api::unfilled(text) else { return true };
        let (look, question) = (self.out.look, format!("{open} Was it sent so?"));
        self.answer(|| prompt::confirm(look, &question).ok()) == Some(true)
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
                (ErrorCode::NeedsValues, Some(needs)) => *needs,
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
        Some(entry) if entry.failed => match Checklist::status(view, item) {
            ItemStatus::Interrupted => ItemStatus::Interrupted,
            _ => ItemStatus::Failed,
        },
        Some(_) => ItemStatus::Ready,
        None => Checklist::status(view, item),
    }
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
            let start = param.choices.iter().position(|choice| choice == default).unwrap_or_default();
            let chosen = prompt::choose_from(question, &param.choices, start)?;
            param.choices.get(chosen)?.clone()
        };
        if !value.is_empty() || param.required {
            values.insert(param.name.clone(), value);
        }
    }
    Some(values)
}
