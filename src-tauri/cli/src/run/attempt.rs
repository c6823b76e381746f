//! `allgood try`: one item of a runbook in a scratch run, to see whether it does what it should.

use std::{collections::BTreeMap, sync::Arc};

use api::{
    ApiError, App, ErrorCode, Event, Fact, Keeping, LiveRun, RunFile, RunObserver,
    commands::PathArgument,
    wire::{ItemKind, ItemView, Mode, PrepareRun, RunAction, RunbookView},
};

use super::{
    access, broken,
    feed::{Feed, Told},
    page::{self, Page},
    plain::{hear, tell_keeping},
    prompt,
    signals::Watch,
    teller::Teller,
    terminal::Terminal,
    turn,
};
use crate::{
    arguments::TryArguments,
    look::{DIM, Look, one_line, styled, visible, word},
    out::{Out, message, person_is_there},
    status::{Failure, Status},
};

/// Hands everything on: of one item, also what runs in the background is in front.
struct Whole(Arc<Feed>);

impl RunObserver for Whole {
    fn event(&self, event: &Event) {
        self.0.tell(Told::Event(Box::new(event.clone())));
    }

    fn output(&self, _: &str, _: u64, _: u64, bytes: &[u8]) {
        self.0.tell_output(bytes);
    }

    fn keeping(&self, keeping: &Keeping) {
        RunObserver::keeping(&*self.0, keeping);
    }
    fn child(self: Arc<Self>) -> Arc<dyn RunObserver> {
        self
    }

    fn opened(&self, _: LiveRun) {}
}

/// Runs one item, prints what comes out, and says how it ended.
pub(crate) fn attempt(app: &Arc<App>, out: &mut Out, arguments: &TryArguments) -> Result<Status, Failure> {
    let runbook = app.runbook(PathArgument { path: arguments.file.display().to_string() })?;
    let item = wanted(&runbook, &arguments.item)?.clone();
    let feed = Arc::new(Feed::new(true).map_err(|error| broken("The command could not be followed", &error))?);
    let signals = Watch::listen(feed.clone()).map_err(|error| broken("Signals cannot be heard", &error))?;
    let person = Person { there: person_is_there(), look: out.look, signals: signals.clone() };
    let mut values: BTreeMap<String, String> = arguments.parameters.iter().cloned().collect();
    let declared = |name: &String| runbook.params.iter().any(|param| param.name == *name);
    let of_item: BTreeMap<String, String> = values
        .iter()
        .filter(|(name, _)| !declared(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    values.retain(|name, _| declared(name));
    let missing = page::missing(&runbook, &values);
    if person.there && !missing.is_empty() {
        let Some(given) = person.asks(|| turn::ask_parameters(&missing))? else { return Ok(nothing()) };
        values.extend(given);
    }
    let environment =
        runbook.environments.iter().find(|one| arguments.environment.as_deref() == Some(one.name.as_str()));
    let mut environment_typed = None;
    if let Some(guarded) = environment.filter(|one| one.guard && person.there) {
        let question = format!("Type {}, the name of the environment, to try it there", guarded.name);
        environment_typed = person.asks(|| prompt::reason(&question))?;
        if environment_typed.is_none() {
            return Ok(nothing());
        }
    }
    let path = arguments.file.display().to_string();
    let check = |typed: &BTreeMap<String, String>| {
        let values = values.iter().chain(typed).map(|(name, value)| (name.clone(), value.clone())).collect();
        app.run_access_ready(
            &PrepareRun { path: path.clone(), environment: arguments.environment.clone(), values, step: None },
            person.there,
        )
    };
    match signals.asking(|| access::ready(app, out.look, (&path, person.there), check)).transpose()?.flatten() {
        Some(typed) => values.extend(typed),
        None => return Ok(nothing()),
    }
    let request = RunFile {
        path: arguments.file.clone(),
        mode: Mode::Hand,
        attended: true,
        yes: false,
        probes: false,
        step: None,
        values,
        size: crossterm::terminal::size().ok().filter(|_| person.there),
        environment: arguments.environment.clone(),
        environment_typed,
        on_failure: api::OnFailure::Stop,
    };
    let live = app.try_file(request, Arc::new(Whole(feed.clone())))?;
    signals.guard(live.clone());
    match start(&live, &item, of_item, &person) {
        Ok(true) => {}
        left => {
            put_away(&live);
            signals.ended();
            return left.map(|_| nothing());
        }
    }
    let ended = follow(out, &live, &item, &feed, Page::new(runbook, out.look, None));
    put_away(&live);
    signals.ended();
    let passed = ended?;
    if let Some(trouble) = live.trouble() {
        message(&visible(&trouble));
        return Ok(Status::Broken);
    }
    Ok(match (signals.signal(), passed) {
        (Some(_), _) => Status::Stopped,
        (None, true) => Status::Good,
        (None, false) => Status::Bad,
    })
}

/// Whoever may sit in front of it.
struct Person {
    there: bool,
    look: Look,
    signals: Arc<Watch>,
}

impl Person {
    /// An answer; none when the person thought better of it, or a signal came.
    fn asks<T>(&self, ask: impl FnOnce() -> Option<T>) -> Result<Option<T>, Failure> {
        let _terminal = Terminal::take().map_err(|error| broken("The terminal cannot be used", &error))?;
        prompt::discard_typed_ahead();
        Ok(self.signals.asking(ask).flatten())
    }
}

/// The item of that id, if it is one that can be tried.
fn wanted<'a>(runbook: &'a RunbookView, id: &str) -> Result<&'a ItemView, Failure> {
    let title = one_line(&runbook.title);
    let Some(item) = runbook.items.get(id) else {
        let known: Vec<String> =
            runbook.items.values().filter(|item| runs(item.kind)).map(|item| one_line(&item.id)).collect();
        let known = if known.is_empty() {
            "it has none that runs".to_owned()
        } else {
            format!("choose one of {}", known.join(", "))
        };
        let sentence = format!("{title} has no item \"{}\": {known}.", one_line(id));
        return Err(Failure::new(Status::Input, sentence));
    };
    if !runs(item.kind) {
        let sentence =
            format!("\"{}\" of {title} is a {}: only what runs can be tried.", one_line(id), word(item.kind));
        return Err(Failure::new(Status::Input, sentence));
    }
    Ok(item)
}

fn runs(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::Command | ItemKind::Probe | ItemKind::Undo)
}

/// Starts it; asks for what it needs where somebody can be asked. False when the person thought better of it.
fn start(
    live: &LiveRun,
    item: &ItemView,
    mut values: BTreeMap<String, String>,
    person: &Person,
) -> Result<bool, Failure> {
    let mut confirmed = None;
    loop {
        let action = RunAction::Start {
            item: item.id.clone(),
            hash: item.hash.clone(),
            values: values.clone(),
            confirmed: confirmed.clone(),
            edited: None,
        };
        let Err(error) = live.act(action) else { return Ok(true) };
        if !person.there {
            return Err(error.into());
        }
        match error {
            ApiError { code: ErrorCode::NeedsValues, needs: Some(needs), .. } => {
                let Some(given) = person.asks(|| turn::ask_values(&needs))? else { return Ok(false) };
                values.extend(given);
            }
            ApiError { code: ErrorCode::NeedsConfirmation, confirm: Some(question), message: sentence, .. } => {
                let answer = match &question.typed {
                    Some(text) => {
                        message(&visible(&sentence));
                        person.asks(|| prompt::text(&format!("Type {text}"), "Enter answers, Esc goes back", ""))?
                    }
                    None => person.asks(|| {
                        prompt::confirm(person.look, &sentence).is_ok_and(|yes| yes).then(|| "yes".to_owned())
                    })?,
                };
                match answer {
                    Some(typed) if question.environment => live.act(RunAction::ConfirmEnvironment { typed })?,
                    Some(answer) => confirmed = Some(answer),
                    None => return Ok(false),
                }
            }
            error => return Err(error.into()),
        }
    }
}

/// Prints what comes until the item has ended for good; whether it passed.
fn follow(out: &mut Out, live: &LiveRun, item: &ItemView, feed: &Arc<Feed>, mut page: Page) -> Result<bool, Failure> {
    let (waited, told) = (live.clone(), feed.clone());
    std::thread::Builder::new()
        .name("run-over".to_owned())
        .spawn(move || {
            let _ = waited.wait();
            told.tell(Told::Over);
        })
        .map_err(|error| broken("The command could not be followed", &error))?;
    let mut teller = Teller::new(out.look);
    let mut last = b'\n';
    loop {
        out.flush();
        hear(feed)?;
        for told in feed.take() {
            match told {
                Told::Event(event) => {
                    let mut lines = Vec::new();
                    if let Fact::AttemptStarted { item: of, attempt: 1, command, .. } = &event.fact
                        && *of == item.id
                    {
                        let bar = out.look.or("│", "|");
                        lines.extend(visible(command).lines().map(|line| styled(DIM, format!("  {bar} {line}"))));
                    }
                    lines.extend(teller.tell(&event, &mut page));
                    if !lines.is_empty() && std::mem::replace(&mut last, b'\n') != b'\n' {
                        out.line("");
                    }
                    lines.iter().for_each(|line| out.line(line));
                    if let Fact::AttemptEnded { item: of, state, again: false, host: None, .. }
                    | Fact::HostsEnded { item: of, state, again: false, .. } = &event.fact
                        && *of == item.id
                    {
                        return Ok(word(state) == "passed");
                    }
                }
                Told::Output(mut bytes) => {
                    // Line ends here are the terminal's own; carriage returns before them are the pseudo-terminal's.
                    last = bytes.last().copied().unwrap_or(last);
                    bytes.retain(|byte| *byte != b'\r');
                    out.bytes(&bytes);
                }
                Told::LeftOut(bytes) => out.line(&teller.left_out(bytes)),
                Told::Keeping(keeping) => {
                    out.flush();
                    tell_keeping(&keeping);
                }
                Told::Resized | Told::Child => {}
                Told::Over => return Ok(false),
            }
        }
    }
}

/// Ends the scratch run: nothing of it runs when this returns.
fn put_away(live: &LiveRun) {
    let reason = Some("it was only tried".to_owned());
    if let Err(error) = live.act(RunAction::StopRun { reason }) {
        tracing::debug!(%error, "there was nothing to stop");
    }
    let _ = live.wait();
}

fn nothing() -> Status {
    message("Nothing was started.");
    Status::Stopped
}
