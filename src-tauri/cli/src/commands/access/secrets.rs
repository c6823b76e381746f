//! Secrets on their way in and out: typed unseen or read, copied, revealed, as codes.

use std::{
    io::{self, IsTerminal as _, Read as _, Write as _},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use api::{App, CLEARED_AFTER, Gone, Secret, wire::AccessField, without_line_end};
use crossterm::{
    cursor::Show,
    event::{self, Event, KeyEventKind},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::unlocked;
use crate::{
    arguments::{AccessSecret, AccessShow},
    look::{one_line, visible},
    out::{Out, message},
    run,
    status::{Failure, Status},
};

/// How long a secret is shown in a terminal.
const SHOWN: Duration = Duration::from_secs(15);
/// The largest secret that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The secrets that were asked for: each typed unseen, or one from standard input.
pub(super) fn asked_for(entry: &str, fields: &[String]) -> Result<Vec<(String, Secret)>, Failure> {
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    if io::stdin().is_terminal() {
        let typed = fields.iter().map(|field| Ok((field.clone(), hidden(&format!("{field} of {entry}"))?)));
        return typed.collect();
    }
    let [field] = fields else {
        let sentence = "Only one secret can come on standard input: give one --secret at a time, or type them in a \
                        terminal. Nothing was changed.";
        return Err(Failure::new(Status::Input, sentence));
    };
    let mut bytes = Vec::new();
    io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::new(Status::Input, format!("The secret cannot be read from standard input: {error}."))
    })?;
    if bytes.len() as u64 > LARGEST {
        let sentence = "What came on standard input is larger than 1 MiB, which no secret is: nothing was changed.";
        return Err(Failure::new(Status::Input, sentence));
    }
    Ok(vec![(field.clone(), Secret::new(without_line_end(bytes)))])
}

/// Asks for a text that is not shown.
pub(super) fn hidden(question: &str) -> Result<Secret, Failure> {
    match run::hidden_alone(question)? {
        Some(typed) => Ok(Secret::new(typed.into_bytes())),
        None => Err(Failure::new(Status::Stopped, "Nothing was changed.")),
    }
}

fn field(arguments: &AccessSecret) -> AccessField {
    AccessField { entry: arguments.name.clone(), field: arguments.field.clone() }
}

/// Puts a secret on the clipboard, and stays until it is off again.
pub(super) fn copy(app: &App, out: &mut Out, arguments: &AccessSecret) -> Result<Status, Failure> {
    let deaf = |error: io::Error| Failure::new(Status::Broken, format!("Signals cannot be heard: {error}."));
    // Heard before anything is on the clipboard, so that it is taken off in any case.
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(deaf)?;
    let (stop, stopped) = mpsc::channel();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if signals.forever().next().is_some() {
                // Nobody waits any more where this is not heard.
                let _ = stop.send(());
            }
        })
        .map_err(deaf)?;
    let copied = unlocked(app, || app.access_copy(&field(arguments)))?;
    let seconds = CLEARED_AFTER.as_secs();
    let name = one_line(&arguments.name);
    out.line(&format!("The secret of {name} is on the clipboard for {seconds} seconds. Ctrl-C takes it off now."));
    out.flush();
    match copied.wait(CLEARED_AFTER, &stopped) {
        Gone::Cleared => out.line("It was taken off the clipboard."),
        Gone::Replaced => out.line("Something else was copied meanwhile, and is left there."),
    }
    Ok(Status::Good)
}

/// Shows a secret.
pub(super) fn reveal(app: &App, out: &mut Out, arguments: &AccessSecret) -> Result<Status, Failure> {
    let secret = unlocked(app, || app.access_reveal(&field(arguments)))?;
    if !(io::stdout().is_terminal() && io::stdin().is_terminal()) {
        out.raw(secret.expose());
        if !secret.expose().ends_with(b"\n") {
            out.raw(b"\n");
        }
        return Ok(Status::Good);
    }
    let unusable = |error: io::Error| Failure::new(Status::Broken, format!("The terminal cannot be used: {error}."));
    let title = match &arguments.field {
        Some(field) => format!("{field} of {}", arguments.name),
        None => arguments.name.clone(),
    };
    show_for_a_while(&one_line(&title), &String::from_utf8_lossy(secret.expose())).map_err(unusable)?;
    message("Hidden again.");
    Ok(Status::Good)
}

/// The terminal as it was, also where something fails.
struct Page;

impl Page {
    fn open() -> io::Result<Self> {
        enable_raw_mode()?;
        // From here on it is given back.
        let page = Self;
        execute!(io::stdout(), EnterAlternateScreen)?;
        Ok(page)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing given back.
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// On a page of its own, which leaves nothing behind in what can be scrolled back to.
fn show_for_a_while(title: &str, secret: &str) -> io::Result<()> {
    let _page = Page::open()?;
    let mut stdout = io::stdout();
    write!(stdout, "{title}\r\n\r\n")?;
    for line in visible(secret).lines() {
        write!(stdout, "{line}\r\n")?;
    }
    write!(stdout, "\r\nIt is hidden again after {} seconds. Any key hides it now.", SHOWN.as_secs())?;
    stdout.flush()?;
    let until = Instant::now() + SHOWN;
    while event::poll(until.saturating_duration_since(Instant::now()))? {
        if matches!(event::read()?, Event::Key(key) if key.kind != KeyEventKind::Release) {
            break;
        }
    }
    Ok(())
}

/// Prints a one-time code.
pub(super) fn code(app: &App, out: &mut Out, arguments: &AccessShow) -> Result<Status, Failure> {
    let argument = api::wire::AccessArgument { entry: arguments.name.clone() };
    let now = unlocked(app, || app.access_code(&argument))?;
    let (digits, left) = (now.code.digits.as_str(), now.code.seconds_left);
    if arguments.json {
        out.json(&serde_json::json!({ "code": digits, "seconds_left": left, "period": now.code.period }))?;
    } else {
        out.line(digits);
        if io::stdout().is_terminal() {
            message(&format!("It holds for {left} seconds more."));
        }
    }
    Ok(Status::Good)
}
