//! A run with a person in front of it: shows what happens, passes keys to a running command, gives the person a turn.

use std::{
    io,
    ops::Range,
    os::fd::AsFd,
    sync::Arc,
    time::{Duration, Instant},
};

use api::{
    App, Event, Fact, LiveRun,
    wire::{ItemStatus, ItemView, Mode, RunAction, RunStatus},
};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    unistd,
};

use super::{
    broken,
    feed::{Feed, Told},
    fleet::{Fleet, TICK, terminal_size},
    page::Page,
    plain::{Ended, keeping_sentence, reason},
    signals::Watch,
    teller::Teller,
    terminal::{Screen, Terminal, whole},
};
use crate::{
    look::{DIM, one_line, styled, visible, width},
    out::Out,
    status::Failure,
};

/// Two Ctrl-C within this stop the run (RUNS.md, "The command line").
const TWICE: Duration = Duration::from_secs(1);
const CTRL_C: u8 = 0x03;
/// Ctrl-], which sends the next line of a session's input.
const NEXT_LINE: u8 = 0x1d;

/// What a checklist works with.
pub(crate) struct Checklist<'a> {
    pub(crate) app: &'a Arc<App>,
    pub(crate) live: LiveRun,
    pub(crate) feed: Arc<Feed>,
    pub(crate) signals: Arc<Watch>,
    pub(crate) terminal: &'a Terminal,
    pub(crate) out: &'a mut Out,
    pub(crate) page: Page,
    pub(crate) mode: Mode,
    /// Probes run, if it is a rehearsal.
    pub(crate) probes: bool,
    pub(crate) teller: Teller,
    /// The person put the run aside.
    pub(crate) left: bool,
    /// The item that the person went to, out of turn.
    pub(crate) focus: Option<String>,
    /// The item that was shown whole last: it is not shown again after a note or a link.
    pub(crate) told: Option<String>,
    /// The person did something beside the item in hand: a reminder of it is due.
    pub(crate) asked_again: bool,
    /// A message that the person changed before it is sent, by item.
    pub(crate) message: Option<(String, String)>,
    /// The item shown last, and how many lines below it end the page: they give way to its result.
    pub(crate) shown: Option<(String, usize)>,
    /// What is known of the run, to be shown first.
    known: Option<Vec<String>>,
    /// The next start has another text: it is shown.
    pub(crate) edited: bool,
    /// The person was told that the file has changed since the run began.
    pub(crate) moved_on: bool,
    /// The time of the status update that the person was reminded of.
    pub(crate) reminded: Option<String>,
    running: Option<Running>,
    /// The hosts of what runs, where it runs on several.
    fleet: Fleet,
    turn: bool,
    /// Something happened after which the run itself says whose turn it is.
    pub(crate) look_again: bool,
    /// The runs that were opened here for checks, with their feeds.
    pub(crate) children: Vec<(LiveRun, Arc<Feed>)>,
    why: Option<String>,
}

/// The command that runs, seen from the keyboard.
struct Running {
    item: String,
    screen: Screen,
    interrupted: Option<Instant>,
    /// It runs on several hosts, and nobody types into it.
    many: bool,
    /// Bytes of a character that has not arrived whole.
    partial: Vec<u8>,
    /// Which of the lines for the session that it opens are still to be typed.
    session: Range<u64>,
    said_something: bool,
}

impl<'a> Checklist<'a> {
    /// Everything that has been opened for it; `page` shows nothing yet.
    pub(crate) fn new(
        app: &'a Arc<App>,
        live: LiveRun,
        (feed, signals): (Arc<Feed>, Arc<Watch>),
        (terminal, out): (&'a Terminal, &'a mut Out),
        page: Page,
        mode: Mode,
    ) -> Self {
        let teller = Teller::new(out.look);
        Self {
            app,
            live,
            feed,
            signals,
            terminal,
            out,
            page,
            mode,
            probes: false,
            teller,
            left: false,
            focus: None,
            told: None,
            asked_again: false,
            message: None,
            shown: None,
            known: None,
            edited: false,
            moved_on: false,
            reminded: None,
            running: None,
            fleet: Fleet::default(),
            turn: false,
            look_again: false,
            children: Vec::new(),
            why: None,
        }
    }

    /// The run was taken up: what is known of it is shown first.
    pub(crate) fn open_with(&mut self, known: Vec<String>) {
        self.known = Some(known);
        self.look_again = true;
    }

    /// Goes through the run until it is over.
    pub(crate) fn run(&mut self) -> Result<Ended, Failure> {
        let frame = self.frame(&self.live.view());
        self.say(&frame);
        if let Some(known) = self.known.take() {
            self.say(&known);
        }
        loop {
            self.draw_hosts();
            self.out.flush();
            if !self.is_turn() && !self.look_again {
                self.hear()?;
            }
            let (mut over, mut back) = (false, false);
            for told in self.feed.take() {
                match told {
                    Told::Event(event) => self.event(&event)?,
                    Told::Output(bytes) => self.output(&bytes),
                    Told::LeftOut(bytes) => {
                        let line = self.teller.left_out(bytes);
                        self.output(format!("\r\n{line}\r\n").as_bytes());
                    }
                    Told::Keeping(keeping) => {
                        if let Some(sentence) = keeping_sentence(&keeping) {
                            let lines = self.out.look.wrapped(&sentence, 2);
                            self.say(&lines);
                        }
                    }
                    Told::Resized => self.resized(),
                    Told::Child => {
                        self.go_into_the_next()?;
                        back = true;
                    }
                    Told::Over => over = true,
                }
            }
            if over {
                self.clear_hosts();
                let ended = Ended::of(&self.live, self.why.take());
                let reason = self.signals.signal().map(|signal| format!("stopped by {signal}"));
                let reason = reason.or_else(|| ended.trouble.clone()).or_else(|| ended.reason.clone());
                let lines = self.teller.verdict(&ended.run, reason.as_deref(), &self.page);
                lines.iter().for_each(|line| self.out.line(line));
                self.out.flush();
                return Ok(ended);
            }
            if back {
                // What came of that run is told before anything is asked.
                continue;
            }
            self.ask_whose_turn_it_is();
            if self.is_turn() {
                self.turn = false;
                self.person()?;
            }
        }
    }

    /// Whether the person is to be asked. Nobody is asked any more in a run that is about to be put aside.
    fn is_turn(&self) -> bool {
        self.turn && self.running.is_none() && !self.left && self.signals.signal().is_none()
    }

    /// After what does not say whose turn it is: the person has it where nothing goes by itself.
    fn ask_whose_turn_it_is(&mut self) {
        if !std::mem::take(&mut self.look_again) || self.running.is_some() {
            return;
        }
        self.live.caught_up();
        let view = self.live.view();
        self.turn = view.run.state == RunStatus::Waiting && view.hand.is_some();
    }

    /// Prints lines below what is there; what was shown before stays.
    pub(crate) fn say(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            self.shown = None;
            self.clear_hosts();
        }
        lines.iter().for_each(|line| self.out.line(line));
    }

    /// Does something in the run; what it refuses is said, and the person has another turn.
    pub(crate) fn act(&mut self, action: RunAction) -> bool {
        match self.live.act(action) {
            Ok(()) => true,
            Err(error) => {
                let lines = self.out.look.wrapped(&visible(&error.message), 4);
                self.say(&lines);
                self.turn = true;
                false
            }
        }
    }

    /// The person has another turn with the same item.
    pub(crate) fn again(&mut self) {
        self.turn = true;
        self.asked_again = true;
    }

    /// Whether the person went to this item, out of turn.
    pub(crate) fn is_in_focus(&self, item: &str) -> bool {
        self.focus.as_deref() == Some(item)
    }

    fn hear(&mut self) -> Result<(), Failure> {
        let stdin = io::stdin();
        let mut ears = vec![PollFd::new(self.feed.ear(), PollFlags::POLLIN)];
        if self.running.is_some() {
            ears.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
        }
        let patience = if self.fleet.runs() {
            PollTimeout::try_from(TICK).unwrap_or(PollTimeout::MAX)
        } else {
            PollTimeout::NONE
        };
        match poll(&mut ears, patience) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(broken("The run could not be followed", &error)),
        }
        let typed = ears.get(1).and_then(PollFd::revents).is_some_and(|events| !events.is_empty());
        drop(ears);
        if typed {
            self.typed();
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), Failure> {
        if let Some(reason) = reason(event) {
            self.why = Some(reason.to_owned());
        }
        self.fleet.note(&event.fact, Instant::now());
        self.look_again |= match &event.fact {
            Fact::Resumed { .. } | Fact::PlanChosen { .. } | Fact::Undone { .. } | Fact::Branched { .. } => true,
            Fact::AttemptEnded { host: Some(_), .. } => false,
            Fact::AttemptEnded { again, .. } | Fact::HostsEnded { again, .. } => !again && self.page.stands_still(),
            Fact::CheckTicked { .. } | Fact::Skipped { .. } | Fact::Overridden { .. } => self.page.stands_still(),
            _ => false,
        };
        self.remember_what_was_told(event);
        match &event.fact {
            Fact::ItemReady { needs, .. } => self.turn = needs.is_some() || self.mode != Mode::Auto,
            Fact::AttemptStarted { item, background: true, .. } => {
                self.way_to(item);
                self.turn = false;
            }
            // The others run on.
            Fact::AttemptEnded { host: Some(_), .. } => {}
            Fact::AttemptStarted { item, host: Some(_), .. }
                if self.running.as_ref().is_some_and(|running| running.item == *item) => {}
            Fact::AttemptEnded { item, .. } if self.runs_beside(item) => self.turn = self.is_stuck(),
            Fact::AttemptStarted { item, attempt, command, .. } => {
                self.turn = false;
                self.started(item, *attempt, command)?;
            }
            Fact::AttemptEnded { item, state, again: false, .. }
            | Fact::HostsEnded { item, state, again: false, .. } => {
                self.ended()?;
                // The way goes on by itself after an optional failure.
                let optional = self.page.item(item).is_some_and(|item| item.optional);
                self.turn = (!optional && !matches!(state, api::AttemptState::Passed)) || self.is_stuck();
            }
            // Its own run is in front from now on.
            Fact::LinkedRun { .. } => {
                self.told = None;
                self.turn = false;
            }
            Fact::CheckFailed { .. } | Fact::Stopped { item: Some(_), .. } => {
                self.ended()?;
                self.turn = true;
            }
            Fact::Paused { .. } | Fact::RunFinished { .. } => {
                self.ended()?;
                self.turn = false;
            }
            _ => {}
        }
        let lines = self.teller.tell(event, &mut self.page);
        if lines.is_empty() {
            return Ok(());
        }
        if let Some(item) = event.fact.item() {
            self.way_to(item);
            self.give_way_to(item);
        }
        if self.running.is_some() {
            self.clear_hosts();
            // A try that ended while the next one is to come: the terminal is the command's.
            lines.iter().for_each(|line| self.out.text(&format!("{line}\r\n")));
        } else {
            self.say(&lines);
        }
        Ok(())
    }

    /// What a failure said stands above; what was done out of turn is done, and the item whose turn it is comes again.
    fn remember_what_was_told(&mut self, event: &Event) {
        let (settles, fails) = match &event.fact {
            Fact::AttemptEnded { host: Some(_), .. } => return,
            Fact::AttemptEnded { again: false, state, .. } | Fact::HostsEnded { again: false, state, .. } => {
                (true, !matches!(state, api::AttemptState::Passed))
            }
            Fact::CheckFailed { .. } | Fact::Stopped { item: Some(_), .. } => (true, true),
            Fact::CheckTicked { .. }
            | Fact::CheckUnticked { .. }
            | Fact::MessageSent { .. }
            | Fact::Skipped { .. }
            | Fact::Overridden { .. } => (true, false),
            Fact::Branched { .. } | Fact::RollbackStarted { .. } | Fact::Resumed { .. } => {
                self.told = None;
                return;
            }
            _ => return,
        };
        let Some(item) = event.fact.item().filter(|_| settles) else { return };
        self.told = fails.then(|| item.to_owned());
        if self.is_in_focus(item) {
            self.look_again = true;
            if !fails {
                self.page.was_done_ahead(item);
                self.focus = None;
            }
        }
    }

    /// Whether something else than the command in front has this item.
    fn runs_beside(&self, item: &str) -> bool {
        self.page.item(item).is_some_and(|item| item.background)
            && self.running.as_ref().is_none_or(|running| running.item != item)
    }

    /// Whether the item in hand has failed: nothing goes on by itself then. One in the background may have.
    fn is_stuck(&self) -> bool {
        if !self.page.runbook.items.values().any(|item| item.background) {
            return false;
        }
        let view = self.live.view();
        view.hand.as_deref().is_some_and(|hand| Self::status(&view, hand) == ItemStatus::Failed)
    }

    /// Shows what stands between the last item and this one.
    pub(crate) fn way_to(&mut self, item: &str) {
        // Out of turn nothing is passed on the way.
        if self.is_in_focus(item) || self.page.was_ahead(item) {
            return;
        }
        let lines = self.page.way_to(item, true).lines;
        self.say(&lines);
    }

    /// Removes the question about an item, so that its result stands in the same place.
    fn give_way_to(&mut self, item: &str) {
        if let Some((shown, lines)) = self.shown.take()
            && shown == item
            && lines > 0
        {
            self.put_away(&format!("\x1b[{lines}A\x1b[J"));
        }
    }

    fn started(&mut self, item: &str, attempt: u64, command: &str) -> Result<(), Failure> {
        self.way_to(item);
        let known = self.page.item(item).cloned();
        let asked = self.shown.take().is_some_and(|(shown, _)| shown == item);
        let same = known.as_ref().is_some_and(|item| item.script.trim_end() == command.trim_end());
        if attempt == 1 && !asked {
            let lines = known.as_ref().map(|item| self.block(item)).unwrap_or_default();
            self.say(&lines);
        }
        if (std::mem::take(&mut self.edited) || attempt == 1) && !same {
            let mut lines = vec![styled(DIM, "    runs as:")];
            lines.extend(self.out.look.script(command));
            self.say(&lines);
        }
        let session = known.as_ref().map_or(0, |item| item.session_input.len());
        if session > 0 {
            let filled = self.live.view().session_lines.remove(item).unwrap_or_default();
            let filled = filled.iter().map(|line| styled(DIM, format!("    in the session: {}", one_line(line))));
            let mut lines: Vec<String> = if attempt == 1 { filled.collect() } else { Vec::new() };
            lines.push(styled(DIM, format!("    Ctrl-] types the next of {session} lines into the session")));
            self.say(&lines);
        }
        self.out.flush();
        if self.running.as_ref().is_none_or(|running| running.item != item) {
            self.terminal.raw().map_err(|error| broken("The terminal is gone", &error))?;
            self.running = Some(Running {
                item: item.to_owned(),
                screen: Screen::default(),
                interrupted: None,
                many: known.as_ref().is_some_and(many),
                partial: Vec::new(),
                session: 0..session as u64,
                said_something: false,
            });
            self.resized();
        }
        Ok(())
    }

    /// The hosts of what runs, at the foot of the terminal.
    fn draw_hosts(&mut self) {
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        if self.running.as_ref().is_none_or(|running| !running.many) || is_dumb {
            return;
        }
        let feed = &self.feed;
        let says = |item: &str, attempt| feed.last_line(item, attempt);
        let drawn = self.fleet.draw(self.out.look, terminal_size(), Instant::now(), says);
        let Some((away, lines)) = drawn else { return };
        self.put_away(&away);
        self.out.text(&lines);
    }

    fn clear_hosts(&mut self) {
        let away = self.fleet.clear(|| terminal_size().0);
        self.put_away(&away);
    }

    /// Takes lines away, also where colours would be taken off.
    fn put_away(&mut self, away: &str) {
        if !away.is_empty() {
            self.out.flush();
            self.out.raw(away.as_bytes());
        }
    }

    fn ended(&mut self) -> Result<(), Failure> {
        self.clear_hosts();
        if let Some(mut running) = self.running.take() {
            if running.said_something {
                self.out.raw(&running.screen.tidy());
            }
            self.out.flush();
            self.terminal.keys().map_err(|error| broken("The terminal is gone", &error))?;
        }
        Ok(())
    }

    fn output(&mut self, bytes: &[u8]) {
        self.shown = None;
        self.clear_hosts();
        if let Some(running) = &mut self.running {
            running.screen.shown(bytes);
            running.said_something = true;
        }
        self.out.raw(bytes);
    }

    /// The terminal has another size: what comes fits it, and so does that of the command that runs.
    pub(crate) fn resized(&mut self) {
        self.clear_hosts();
        self.out.look = crate::look::Look::of_this_terminal();
        self.page.look_like(self.out.look);
        self.teller.look_like(self.out.look);
        // What was shown stands in other lines now.
        self.shown = None;
        let (Some(running), Ok((columns, rows))) = (&self.running, crossterm::terminal::size()) else { return };
        let action = RunAction::Resize { item: running.item.clone(), columns, rows };
        if let Err(error) = self.live.act(action) {
            tracing::debug!(%error, "the command had ended before its terminal changed its size");
        }
    }

    /// Keys while a command runs are the command's.
    fn typed(&mut self) {
        let Some(running) = &mut self.running else { return };
        let mut bytes = [0_u8; 4096];
        let count = match unistd::read(io::stdin().as_fd(), &mut bytes) {
            Ok(count) if count > 0 => count,
            Err(Errno::EINTR | Errno::EAGAIN) => return,
            _ => {
                self.stop_run("the terminal is gone");
                return;
            }
        };
        for byte in &bytes[..count] {
            match *byte {
                CTRL_C => {
                    if running.interrupted.is_some_and(|before| before.elapsed() <= TWICE) {
                        self.stop_run("stopped by Ctrl-C twice");
                        return;
                    }
                    running.interrupted = Some(Instant::now());
                    if running.many {
                        // There is no one command for it to go to: it ends on all of them, as one that heeds it does.
                        stop(&self.live, &running.item);
                        continue;
                    }
                    running.partial.push(CTRL_C);
                }
                NEXT_LINE if !running.session.is_empty() => {
                    type_into(&self.live, running);
                    if let Some(line) = running.session.next() {
                        let action = RunAction::SendLine { item: running.item.clone(), line };
                        if let Err(error) = self.live.act(action) {
                            self.out.text(&format!("\r\n{}\r\n", visible(&error.message)));
                        }
                    }
                }
                byte => running.partial.push(byte),
            }
        }
        type_into(&self.live, running);
    }

    /// Stops what runs and puts the run aside.
    fn stop_run(&mut self, reason: &str) {
        match self.live.act(RunAction::StopRun { reason: Some(reason.to_owned()) }) {
            Ok(()) => self.left = true,
            Err(error) => tracing::info!(%error, "there was nothing to stop"),
        }
    }

    /// How many lines of the terminal these take; none where they cannot be taken back.
    pub(crate) fn height(&self, lines: &[String]) -> usize {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let columns = crossterm::terminal::size().map_or(0, |(columns, _)| usize::from(columns));
        if dumb || lines.iter().any(|line| width(line) >= columns) { 0 } else { lines.len() }
    }

    /// The state of an item as the run has it.
    pub(crate) fn status(view: &api::wire::RunView, item: &str) -> ItemStatus {
        let found = view.progress.iter().find(|progress| progress.item == item);
        found.map_or(ItemStatus::Pending, |progress| progress.status)
    }
}

/// Whether an item runs on several hosts.
fn many(item: &ItemView) -> bool {
    let on = item.on.as_deref().unwrap_or_default();
    on.starts_with("ssh:") || on.starts_with("ansible:") || item.language == "ansible-playbook"
}

fn stop(live: &LiveRun, item: &str) {
    if let Err(error) = live.act(RunAction::Stop { item: item.to_owned() }) {
        tracing::debug!(%error, "it had ended before it could be stopped");
    }
}

/// Passes on what was typed so far.
fn type_into(live: &LiveRun, running: &mut Running) {
    let text = whole(&mut running.partial);
    if text.is_empty() {
        return;
    }
    if let Err(error) = live.act(RunAction::Input { item: running.item.clone(), text }) {
        tracing::debug!(%error, "the command had ended before what was typed reached it");
    }
}
