//! Into a run that was opened for a check, and back: a checklist within the checklist.

use std::{collections::BTreeMap, sync::Arc};

use api::{
    ErrorCode, LiveRun,
    commands::PathArgument,
    wire::{ItemView, LinkedState, ParamView, PrepareRun, RunAction, RunPreparation, RunStatus, RunView},
};

use super::{
    checklist::Checklist,
    feed::Feed,
    hear_end,
    page::Page,
    plan::{self, LeftOut},
    turn::ask_parameters,
    ways_out::{self, ask_plan},
};
use crate::{
    look::{one_line, visible},
    status::Failure,
};

impl Checklist<'_> {
    /// Opens a run for a check, or goes on with the one that was opened for it; asks for what it needs first.
    pub(crate) fn open_run(&mut self, item: &ItemView) -> Result<(), Failure> {
        let mut values = BTreeMap::new();
        loop {
            let error = match self.app.open_linked(&self.live, &item.id, values.clone(), None) {
                Ok(live) => return self.go_on_in(&live),
                Err(error) => error,
            };
            // What is missing, and what was given just now and does not fit.
            let asked = match (&error.needs, error.code) {
                (Some(needs), ErrorCode::NeedsValues) => self.parameters(item, &needs.variables),
                (_, ErrorCode::BadInput) => self.unfit(item, &mut values),
                _ => Vec::new(),
            };
            if asked.is_empty() || error.code == ErrorCode::BadInput {
                let lines = self.out.look.wrapped(&visible(&error.message), 4);
                self.say(&lines);
            }
            if asked.is_empty() {
                self.again();
                return Ok(());
            }
            match self.answer(|| ask_parameters(&asked)) {
                Some(given) => values.extend(given),
                None => {
                    self.again();
                    return Ok(());
                }
            }
        }
    }

    /// What is known of a run of the runbook that a check stands for, given these values.
    fn prepared(&self, item: &ItemView, values: BTreeMap<String, String>) -> Option<RunPreparation> {
        let linked = item.linked.as_ref()?;
        let (path, step) = (linked.path.clone(), linked.step.clone());
        let environment = self.live.view().environment.map(|environment| environment.name);
        self.app.run_prepare(PrepareRun { path, environment, step, values }).ok()
    }

    /// The parameters of the runbook that a check stands for, of these names; what its last run was given stands there to be
    /// changed.
    fn parameters(&self, item: &ItemView, names: &[String]) -> Vec<ParamView> {
        let Some(linked) = &item.linked else { return Vec::new() };
        let book = self.app.runbook(PathArgument { path: linked.path.clone() });
        let remembered = self.prepared(item, BTreeMap::new()).and_then(|known| known.remembered);
        let params = book.map(|book| book.params).unwrap_or_default();
        params
            .into_iter()
            .filter(|param| names.contains(&param.name))
            .map(|param| {
                let before = remembered.as_ref().and_then(|before| before.values.get(&param.name)).cloned();
                ParamView { default: before.or_else(|| param.default.clone()), ..param }
            })
            .collect()
    }

    /// The parameters whose values do not fit; those are given anew.
    fn unfit(&self, item: &ItemView, values: &mut BTreeMap<String, String>) -> Vec<ParamView> {
        let known = self.prepared(item, values.clone());
        let names: Vec<String> = known.map(|known| known.unfit.into_keys().collect()).unwrap_or_default();
        values.retain(|name, _| !names.contains(name));
        self.parameters(item, &names)
    }

    /// A run that was looked at before, and put aside, goes on; one that is new tells of itself.
    fn go_on_in(&mut self, live: &LiveRun) -> Result<(), Failure> {
        let known = self.children.iter().find(|(known, _)| known.id() == live.id()).cloned();
        let Some((live, feed)) = known else { return Ok(()) };
        if live.view().run.state == RunStatus::Paused
            && let Err(error) = live.act(RunAction::Resume)
        {
            let lines = self.out.look.wrapped(&visible(&error.message), 4);
            self.say(&lines);
            self.again();
            return Ok(());
        }
        self.go_into(live, feed)
    }

    /// Goes into the run that was opened last.
    pub(crate) fn go_into_the_next(&mut self) -> Result<(), Failure> {
        let Some((live, feed)) = self.feed.take_child() else { return Ok(()) };
        self.children.retain(|(known, _)| known.id() != live.id());
        self.children.push((live.clone(), feed.clone()));
        self.go_into(live, feed)
    }

    /// Shows the plan of the run that was opened for an item, and rolls that back; the item is undone with it.
    pub(crate) fn roll_back_its_run(&mut self, view: &RunView, item: &str) -> Result<(), Failure> {
        let Some(run) = ways_out::its_run(view, item) else { return Ok(()) };
        // One that is driven here does not stand still, and says itself how it stands.
        let known = self.children.iter().find(|(known, _)| known.id() == run).cloned();
        let known = known.map(|(live, _)| live.view()).filter(|view| view.run.live);
        let stands = match known {
            Some(view) => Ok((view.run.state, view.rollback)),
            None => self.app.standing(&run).map(|standing| (standing.view.run.state, standing.plan)),
        };
        let (state, shown) = match stands {
            Ok(stands) => stands,
            Err(error) => return self.stays(&error.message),
        };
        if state == RunStatus::RolledBack {
            let note = Some(format!("run {run} was rolled back"));
            self.act(RunAction::UndoneByHand { item: item.to_owned(), note });
            return Ok(());
        }
        let none = LeftOut::new();
        let lines = plan::lines(self.out.look, &shown, &none);
        self.say(&lines);
        let (leave_out, took_effect) = if shown.at.is_some() {
            // It was begun, and goes on.
            (Vec::new(), None)
        } else if shown.entries.is_empty() {
            return self.stays("Say so with t, if nothing of it is to be undone.");
        } else {
            match self.answer(|| ask_plan(&shown, &none, None)) {
                Some(answer) => answer,
                None => {
                    self.again();
                    return Ok(());
                }
            }
        };
        match self.app.roll_back_linked(&self.live, item, leave_out, took_effect) {
            Ok(live) => self.go_on_in(&live),
            Err(error) => self.stays(&error.message),
        }
    }

    /// Says why nothing happened; the person has another turn.
    fn stays(&mut self, sentence: &str) -> Result<(), Failure> {
        let lines = self.out.look.wrapped(&visible(sentence), 4);
        self.say(&lines);
        self.again();
        Ok(())
    }

    fn go_into(&mut self, live: LiveRun, feed: Arc<Feed>) -> Result<(), Failure> {
        hear_end(&live, &feed)?;
        let view = live.view();
        let look = self.out.look;
        let mut page = Page::new(view.runbook.clone(), look, live.step().as_deref());
        if view.run.done > 0 || !view.progress.is_empty() {
            page.take_up(&view, view.hand.as_deref().filter(|_| view.rollback.at.is_none()));
        }
        let mut lines = vec![String::new(), look.rule("ITS RUN")];
        lines.extend(self.teller.header(&page, true));
        self.say(&lines);
        let (signals, mode) = (self.signals.clone(), self.mode);
        let child = live.clone();
        let mut inner = Checklist::new(self.app, live, (feed, signals), (self.terminal, self.out), page, mode);
        inner.look_again = true;
        let ended = inner.run();
        drop(inner);
        ended?;
        self.app.came_back(&self.live, &child);
        let title = one_line(&self.page.runbook.title);
        let lines = [String::new(), look.rule(&format!("BACK IN {}", title.to_uppercase()))];
        self.say(&lines);
        self.told = None;
        self.look_again = true;
        Ok(())
    }
}

/// Whether the run of a check is under way, as far as the run knows that opened it.
pub(crate) fn is_under_way(view: &RunView, item: &str) -> bool {
    let found = view.progress.iter().find(|progress| progress.item == item);
    let linked = found.and_then(|progress| progress.linked.as_ref());
    linked.is_some_and(|linked| linked.state == LinkedState::Opened)
}
